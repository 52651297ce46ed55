//! Prefixes that name the same place: macOS's own, and those that the executor reports or a view observed.
//!
//! Every path has one canonical spelling, in which the deepest alias is replaced until none applies. Rules and
//! queries are compared in that spelling, so depth means the same on both sides (N-6).

use super::Os;
use super::few::Few;
use super::key::{END, Keys, Volumes, root_component};
use super::path::{NativePath, RootRef};
use std::collections::BTreeMap;

/// How many replacements are made at most: as many as a kernel follows links.
const MAX_HOPS: usize = 40;

#[derive(Clone, Debug)]
struct Alias {
    from: NativePath,
    to: NativePath,
    keys: Keys,
}

/// The alias table of one executor or policy.
#[derive(Clone, Debug, Default)]
pub(crate) struct Aliases {
    /// Deepest first.
    list: Vec<Alias>,
    /// The first alias with each exact key.
    exact: BTreeMap<Box<[u8]>, usize>,
    /// The first alias with each wide key.
    wide: BTreeMap<Box<[u8]>, usize>,
    /// The number of components, a drive or share included, of the deepest.
    deepest: usize,
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
        let (mut exact, mut wide) = (BTreeMap::new(), BTreeMap::new());
        for (at, alias) in list.iter().enumerate() {
            exact.entry(alias.keys.exact.as_bytes().into()).or_insert(at);
            for key in alias.keys.wides() {
                wide.entry(key.as_bytes().into()).or_insert(at);
            }
        }
        let deepest = list.iter().map(|alias| alias.keys.exact.depth()).max().unwrap_or(0);
        Self { list, exact, wide, deepest }
    }

    /// The deepest alias that holds for a path with these keys: surely, or possibly. The time grows with the depth
    /// of the path and not with the number of aliases, of which an observed tree can have many.
    fn find(&self, keys: &Keys, wide: bool) -> Option<&Alias> {
        let at = if wide {
            keys.wides().flat_map(|key| key.outwards().filter_map(|key| self.wide.get(key))).min()
        } else {
            keys.exact.outwards().find_map(|key| self.exact.get(key))
        };
        at.and_then(|at| self.list.get(*at))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
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
        if self.list.is_empty() {
            return out;
        }
        loop {
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

    /// Every spelling on the way to the canonical one, the path itself first, the canonical one last.
    pub(crate) fn spellings(&self, volumes: &Volumes, path: &NativePath, wide: bool) -> Vec<NativePath> {
        let mut spellings = vec![path.clone()];
        for _ in 0..MAX_HOPS {
            let Some(last) = spellings.last() else { break };
            let keys = volumes.keys(last);
            let Some(next) = self.hop(last, &keys, wide) else { break };
            spellings.push(next.0);
        }
        spellings
    }

    /// The aliases, with the place that each leads to and the keys of its own.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&NativePath, &NativePath, &Keys)> {
        self.list.iter().map(|alias| (&alias.from, &alias.to, &alias.keys))
    }

    /// Could any alias lead from this query to another spelling? Costs no allocation for a usual path. What is not
    /// on the way by the wide key is not by the exact one.
    pub(crate) fn may_hold<'q>(
        &self,
        volumes: &Volumes,
        root: RootRef<'q>,
        components: impl Iterator<Item = &'q [u8]>,
    ) -> bool {
        if self.list.is_empty() {
            return false;
        }
        let mut exact = Few::<u8, 128>::new();
        let mut wide = Few::<u8, 128>::new();
        let mut cursor = volumes.cursor(root);
        if root_component(root, &mut exact, &mut wide) {
            wide.push(END);
        }
        let holds = |key: &[u8]| self.wide.contains_key(key);
        if holds(wide.as_slice()) {
            return true;
        }
        for component in components.take(self.deepest) {
            exact.clear();
            cursor.step(component, &mut exact, &mut wide);
            wide.push(END);
            // A second wide key is only made where there are several volumes; then it is looked at in full.
            if cursor.is_contested() || holds(wide.as_slice()) {
                return true;
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
        if self.list.is_empty() {
            return None;
        }
        let keys = volumes.query_keys(root, components.clone());
        let alias = self.find(&keys, wide)?;
        let mut text = alias.to.as_str().as_bytes().to_vec();
        let separator = if os == Os::Windows { b'\\' } else { b'/' };
        for component in components.skip(alias.from.depth()) {
            if text.last() != Some(&separator) {
                text.push(separator);
            }
            text.extend_from_slice(component);
        }
        Some(Rewritten { text, alias: alias.from.clone() })
    }
}
