//! Prefixes that name the same place: macOS's own, and those that the executor reports or a view observed.
//!
//! Every path has one canonical spelling, in which the deepest alias is replaced until none applies. Rules and
//! queries are compared in that spelling, so depth means the same on both sides (N-6).

use super::Os;
use super::few::Few;
use super::key::{self, CaseRule, END, Key, Keys, NormRule, Volume, Volumes, root_component};
use super::path::{NativePath, RootRef};
use std::sync::Arc;

/// How many replacements are made at most: as many as a kernel follows links.
pub(crate) const MAX_HOPS: usize = 40;

#[derive(Clone, Debug)]
struct Alias {
    from: NativePath,
    to: NativePath,
    keys: Keys,
}

impl Alias {
    /// The path that this one leads to: of the components, those that are not its own name come behind.
    fn rewrite<'q>(&self, os: Os, components: impl Iterator<Item = &'q [u8]>) -> Rewritten {
        let mut text = self.to.as_str().as_bytes().to_vec();
        let separator = if os == Os::Windows { b'\\' } else { b'/' };
        let mut kept = 0;
        for component in components.skip(self.from.depth()) {
            kept += 1;
            if text.last() != Some(&separator) {
                text.push(separator);
            }
            text.extend_from_slice(component);
        }
        Rewritten { text, alias: self.from.clone(), kept }
    }
}

/// The alias table of one executor or policy. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Aliases(Arc<Table>);

#[derive(Debug, Default)]
struct Table {
    /// Deepest first.
    list: Box<[Alias]>,
    /// The first alias with each exact key, sorted by that key.
    exact: Box<[At]>,
    /// The first alias with each wide key, sorted by that key.
    wide: Box<[At]>,
    /// The number of components, a drive or share included, of the deepest.
    deepest: usize,
    /// Has any a name that may be short for another one?
    has_short: bool,
}

/// An alias in a sorted list of keys.
#[derive(Clone, Copy, Debug)]
struct At {
    /// Its place in the table's list.
    alias: u32,
    kind: Kind,
}

/// Which of an alias's keys.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Exact,
    Wide,
    /// The second wide key.
    Second,
}

impl Table {
    /// The key that an entry of a sorted list stands for.
    fn key(list: &[Alias], at: At) -> &[u8] {
        let keys = list.get(at.alias as usize).map(|alias| &alias.keys);
        let key = keys.and_then(|keys| match at.kind {
            Kind::Exact => Some(&keys.exact),
            Kind::Wide => Some(&keys.wide),
            Kind::Second => keys.alias.as_ref(),
        });
        key.map_or(&[], Key::as_bytes)
    }

    /// A list sorted by key, with the first alias of each.
    fn sorted(list: &[Alias], mut ats: Vec<At>) -> Box<[At]> {
        ats.sort_by(|a, b| (Self::key(list, *a), a.alias).cmp(&(Self::key(list, *b), b.alias)));
        ats.dedup_by(|next, kept| Self::key(list, *next) == Self::key(list, *kept));
        ats.into()
    }

    /// The first entry of a sorted list whose key is not before this one.
    fn find<'t>(&'t self, ats: &[At], key: &[u8]) -> Option<(At, &'t [u8])> {
        let at = ats.partition_point(|at| Self::key(&self.list, *at) < key);
        ats.get(at).map(|at| (*at, Self::key(&self.list, *at)))
    }

    /// The first alias with exactly this key.
    fn at(&self, ats: &[At], key: &[u8]) -> Option<u32> {
        self.find(ats, key).filter(|(_, found)| *found == key).map(|(at, _)| at.alias)
    }
}

/// What is known of an executor's volumes, and its aliases. A fact about a volume that is named through an alias is one
/// about the place where that leads, too: where the two say different things of it, neither is believed.
pub(crate) fn volumes_and_aliases(
    os: Os,
    volumes: &[Volume],
    aliases: &[(NativePath, NativePath)],
) -> (Volumes, Aliases) {
    let build = |list: Vec<Volume>| {
        let known = Volumes::new(os, list);
        let table = Aliases::new(os, aliases, &known);
        (known, table)
    };
    let (known, table) = build(volumes.to_vec());
    let mut all = volumes.to_vec();
    for (volume, surely) in volumes.iter().flat_map(|volume| [(volume, true), (volume, false)]) {
        let real = table.canonical(&known, &volume.path, !surely).path;
        if real == volume.path {
            continue;
        }
        let (here, there) = (known.rule_at(&volume.path), known.rule_at(&real));
        let told = Volume {
            case: agreed(here.0, there.0, CaseRule::Unknown, surely),
            normalization: agreed(here.1, there.1, NormRule::Unknown, surely),
            path: real,
        };
        if (told.case, told.normalization) != there {
            all.push(told);
        }
    }
    if all.len() == volumes.len() { (known, table) } else { build(all) }
}

/// What is known of a place of which one name says `here` and the other `there`.
fn agreed<T: Copy + PartialEq>(here: T, there: T, unknown: T, surely: bool) -> T {
    if here == there || there == unknown && surely { here } else { unknown }
}

/// A path in its canonical spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Canonical {
    pub(crate) path: NativePath,
    /// The aliases that were replaced, in order.
    pub(crate) crossed: Vec<NativePath>,
    /// Replacing did not come to an end.
    pub(crate) looped: bool,
}

/// A query in its canonical spelling: text, because a query need not be a [`NativePath`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rewritten {
    pub(crate) text: Vec<u8>,
    /// The alias that was replaced first.
    pub(crate) alias: NativePath,
    /// How many components at the end are the query's own: those below the alias.
    pub(crate) kept: usize,
}

impl Aliases {
    /// The table for `os`: its own aliases, then `list`.
    pub(crate) fn new(os: Os, list: &[(NativePath, NativePath)], volumes: &Volumes) -> Self {
        let own = super::aliases(os);
        let parse = |text: &str| NativePath::parse(os, text).ok();
        let own = own.iter().filter_map(|(from, to)| parse(from).zip(parse(to)));
        let mut list: Vec<Alias> = own
            .chain(list.iter().cloned())
            .map(|(from, to)| {
                let keys = volumes.keys(&from);
                Alias { from, to, keys }
            })
            .collect();
        list.sort_by(|a, b| {
            b.from.depth().cmp(&a.from.depth()).then_with(|| (&a.from, &a.to).cmp(&(&b.from, &b.to)))
        });
        let (mut exact, mut wide) = (Vec::with_capacity(list.len()), Vec::with_capacity(list.len()));
        for (alias, Alias { keys, .. }) in (0_u32..).zip(&list) {
            exact.push(At { alias, kind: Kind::Exact });
            wide.push(At { alias, kind: Kind::Wide });
            wide.extend(keys.alias.is_some().then_some(At { alias, kind: Kind::Second }));
        }
        let deepest = list.iter().map(|alias| alias.keys.exact.depth()).max().unwrap_or(0);
        let has_short = list
            .iter()
            .any(|alias| alias.from.segments().any(|name| key::may_be_short_name(os, name.as_bytes())));
        let (exact, wide) = (Table::sorted(&list, exact), Table::sorted(&list, wide));
        Self(Arc::new(Table { list: list.into(), exact, wide, deepest, has_short }))
    }

    /// The deepest alias that holds for a path with these keys: surely, or possibly. The time grows with the depth
    /// of the path and hardly with the number of aliases, of which an observed tree can have many.
    fn find(&self, keys: &Keys, wide: bool) -> Option<&Alias> {
        let table = &*self.0;
        let at = if wide {
            keys.wides().flat_map(|key| key.outwards().filter_map(|key| table.at(&table.wide, key))).min()
        } else {
            keys.exact.outwards().find_map(|key| table.at(&table.exact, key))
        };
        at.and_then(|at| table.list.get(at as usize))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.list.is_empty()
    }

    /// The first of `given` that takes part in a circle, by its index.
    pub(crate) fn find_loop(&self, volumes: &Volumes, given: &[(NativePath, NativePath)]) -> Option<usize> {
        given.iter().position(|(from, _)| {
            self.canonical(volumes, from, false).looped || self.canonical(volumes, from, true).looped
        })
    }

    /// The canonical spelling, with aliases found by the exact key, or by the wide key.
    pub(crate) fn canonical(&self, volumes: &Volumes, path: &NativePath, wide: bool) -> Canonical {
        let mut out = Canonical { path: path.clone(), crossed: Vec::new(), looped: false };
        if self.0.list.is_empty() {
            return out;
        }
        loop {
            if !self.may_lead(volumes, &out.path) {
                return out;
            }
            let keys = volumes.keys(&out.path);
            let Some((next, from)) = self.hop(&out.path, &keys, wide) else { return out };
            if out.crossed.len() == MAX_HOPS {
                out.looped = true;
                return out;
            }
            out.crossed.push(from.clone());
            out.path = next;
        }
    }

    /// The path with its deepest alias replaced, and that alias.
    fn hop(&self, path: &NativePath, keys: &Keys, wide: bool) -> Option<(NativePath, &NativePath)> {
        let alias = self.find(keys, wide)?;
        // Segments of a path of this OS are segments below any other of it.
        let next = alias.to.join_segments(path.segments().skip(alias.from.depth())).ok()?;
        (next != *path).then_some((next, &alias.from))
    }

    /// Every spelling on the way to the canonical one, the path itself first. By the wide key also those that it has
    /// if a name is short for another one (N-5).
    pub(crate) fn spellings(&self, volumes: &Volumes, path: &NativePath, wide: bool) -> Vec<NativePath> {
        let mut spellings = vec![path.clone()];
        self.follow(volumes, wide, &mut spellings);
        if wide {
            let names = path.segments().map(str::as_bytes);
            for alias in self.by_short_names(volumes, path.root_ref(), &names) {
                spellings.extend(alias.to.join_segments(path.segments().skip(alias.from.depth())));
                self.follow(volumes, wide, &mut spellings);
            }
        }
        spellings
    }

    /// Adds where the last spelling leads, up to the canonical one.
    fn follow(&self, volumes: &Volumes, wide: bool, spellings: &mut Vec<NativePath>) {
        for _ in 0..MAX_HOPS {
            let Some(last) = spellings.last().filter(|last| self.may_lead(volumes, last)) else { break };
            let keys = volumes.keys(last);
            let Some(next) = self.hop(last, &keys, wide) else { break };
            spellings.push(next.0);
        }
    }

    /// The aliases that hold for a path if a name in it is short for one of theirs, or one of theirs for its own.
    fn by_short_names<'q>(
        &self,
        volumes: &Volumes,
        root: RootRef<'q>,
        components: &(impl Iterator<Item = &'q [u8]> + Clone),
    ) -> Vec<&Alias> {
        let os = volumes.os();
        if !self.0.has_short && !components.clone().any(|name| key::may_be_short_name(os, name)) {
            return Vec::new();
        }
        let keys = volumes.query_keys(root, components.clone());
        let leads = |alias: &&Alias| {
            let names = alias.from.segments().map(str::as_bytes);
            !alias.keys.may_contain(&keys)
                && key::may_contain_by_short_names(os, (&alias.keys, names), (&keys, components.clone()))
        };
        self.0.list.iter().filter(leads).collect()
    }

    /// Where a query leads if a name in it is short for another one, or for one of an alias (N-5).
    pub(crate) fn rewrite_by_short_names<'q>(
        &self,
        volumes: &Volumes,
        root: RootRef<'q>,
        components: &(impl Iterator<Item = &'q [u8]> + Clone),
    ) -> Vec<Rewritten> {
        let found = self.by_short_names(volumes, root, components);
        found.into_iter().map(|alias| alias.rewrite(volumes.os(), components.clone())).collect()
    }

    /// The aliases, with their keys.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&NativePath, &Keys)> {
        self.0.list.iter().map(|alias| (&alias.from, &alias.keys))
    }

    /// Could any alias lead from this path to another spelling?
    fn may_lead(&self, volumes: &Volumes, path: &NativePath) -> bool {
        self.may_hold(volumes, path.root_ref(), path.segments().map(str::as_bytes))
    }

    /// Could any alias lead from this query to another spelling? Costs no allocation for a usual path. What is not
    /// on the way by the wide key is not by the exact one.
    pub(crate) fn may_hold<'q>(
        &self,
        volumes: &Volumes,
        root: RootRef<'q>,
        components: impl Iterator<Item = &'q [u8]>,
    ) -> bool {
        if self.0.list.is_empty() {
            return false;
        }
        if self.0.has_short {
            return true;
        }
        let mut exact = Few::<u8, 128>::new();
        let mut wide = Few::<u8, 128>::new();
        let mut cursor = volumes.cursor(root);
        if root_component(root, &mut exact, &mut wide) {
            wide.push(END);
        }
        let table = &*self.0;
        let mut at = 0;
        // An alias on the way, or further on: its key is, or begins with, that of the path so far.
        let mut ahead = |key: &[u8]| {
            let rest = table.wide.get(at..).unwrap_or_default();
            at += rest.partition_point(|at| Table::key(&table.list, *at) < key);
            let found = table.wide.get(at).map(|at| Table::key(&table.list, *at));
            found.filter(|found| found.starts_with(key)).map(|found| found.len() == key.len())
        };
        match ahead(wide.as_slice()) {
            Some(false) => {}
            Some(true) => return true,
            None => return false,
        }
        for component in components.take(table.deepest) {
            exact.clear();
            cursor.step(component, &mut exact, &mut wide);
            wide.push(END);
            // A second wide key is only made where there are several volumes; then it is looked at in full, as is
            // what may be a short name.
            if cursor.is_contested() || key::may_be_short_name(volumes.os(), component) {
                return true;
            }
            match ahead(wide.as_slice()) {
                Some(true) => return true,
                // No longer path can be one, unless a volume is met that may be another.
                None if !cursor.may_change() => return false,
                Some(false) | None => {}
            }
        }
        false
    }

    /// The canonical spelling of a query, or `None` if it is canonical already.
    pub(crate) fn rewrite<'q>(
        &self,
        os: Os,
        volumes: &Volumes,
        root: RootRef<'q>,
        components: impl Iterator<Item = &'q [u8]> + Clone,
        wide: bool,
    ) -> Option<Rewritten> {
        if self.0.list.is_empty() {
            return None;
        }
        let keys = volumes.query_keys(root, components.clone());
        let alias = self.find(&keys, wide)?;
        Some(alias.rewrite(os, components))
    }
}
