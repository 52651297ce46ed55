//! A walk along one path: which rules, patterns and protected names it meets, by both keys (D-1 to D-4).

use super::{Index, Spelling, TOP};
use crate::executor::ProtectedScope;
use crate::intent::EntryAccess;
use crate::native::Os;
use crate::native::fold::WideForm;
use crate::native::key;
use crate::native::path::RootRef;
use crate::pattern::{self, Reading, WideComponent};
use crate::policy::rules::Scope;

/// What one level of a walk says by one key: how deep, and which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) depth: u32,
    pub(crate) access: EntryAccess,
    pub(crate) rule: u32,
}

/// A protected name on the way of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cap {
    /// The depth of the protected name.
    pub(crate) depth: u32,
    /// The rule of the writable place that the name belongs to, if one was met.
    pub(crate) rule: Option<u32>,
}

/// What a walk found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The deepest rule by the exact key.
    pub(crate) exact: Option<Hit>,
    /// The deepest rule where denials and narrowings match by the wide key.
    pub(crate) wide: Option<Hit>,
    /// The deepest write rule by the exact key.
    write: Option<Hit>,
    pub(crate) cap: Option<Cap>,
    /// The pattern that matches, by its index in the policy.
    pub(crate) pattern: Option<usize>,
    /// Every rule that contains the path, when asked for, with whether it does so by the exact key.
    pub(crate) all: Vec<(u32, bool)>,
    /// The nodes at the end of the path: what is below them is below the path.
    pub(crate) end: Vec<u32>,
    /// The end's depth: components, one more for a drive or share.
    pub(crate) depth: u32,
    /// Patterns whose base is above the path and which could still match below it.
    pub(crate) pending: Vec<usize>,
}

/// What a walk should collect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Collect {
    /// The answer only.
    Answer,
    /// Also every rule on the way.
    Rules,
    /// Also what lies below.
    Tree,
}

impl Index {
    /// Walks a path: the components of `raw` below `root`, which are canonical by the alias table already.
    pub(crate) fn walk<'q>(
        &self,
        root: RootRef<'q>,
        raw: impl Iterator<Item = &'q [u8]> + Clone,
        collect: Collect,
    ) -> Found {
        self.walk_both(root, raw, collect, true)
    }

    /// Walks a path that the asked one may only possibly be: no rule matches by the exact key.
    pub(crate) fn walk_widely<'q>(
        &self,
        root: RootRef<'q>,
        raw: impl Iterator<Item = &'q [u8]> + Clone,
        collect: Collect,
    ) -> Found {
        self.walk_both(root, raw, collect, false)
    }

    fn walk_both<'q>(
        &self,
        root: RootRef<'q>,
        raw: impl Iterator<Item = &'q [u8]> + Clone,
        collect: Collect,
        exactly: bool,
    ) -> Found {
        let cursor = self.volumes.cursor(root);
        let (mut found, contested) = self.walk_by(cursor, root, raw.clone(), collect, exactly);
        if contested {
            // The path may lead into a volume under another spelling: whatever matches then, matches (key.rs).
            let (other, _) = self.walk_by(self.volumes.alias_cursor(root), root, raw, collect, exactly);
            found.widen(other);
        }
        found
    }

    fn walk_by<'q>(
        &self,
        mut cursor: key::Cursor<'_>,
        root: RootRef<'q>,
        raw: impl Iterator<Item = &'q [u8]>,
        collect: Collect,
        exactly: bool,
    ) -> (Found, bool) {
        let mut walk = Walk {
            index: self,
            exactly,
            found: Found::default(),
            collect,
            frontier: Frontier::One(TOP),
            key: Vec::with_capacity(128),
            pending: Vec::new(),
            raw: Vec::new(),
            readings: Vec::new(),
            wide_keys: Vec::new(),
        };
        let mut wide = Vec::with_capacity(64);
        let mut components = raw.peekable();
        let has_root = matches!(root, RootRef::Drive(_) | RootRef::Unc { .. });
        walk.enter(!has_root && components.peek().is_none());
        if key::root_component(root, &mut walk.key, &mut wide) {
            walk.descend(&wide, None);
            walk.enter(components.peek().is_none());
        }
        while let Some(component) = components.next() {
            wide.clear();
            let rule = cursor.step(component, &mut walk.key, &mut wide);
            walk.descend(&wide, Some((component, rule)));
            walk.enter(components.peek().is_none());
            if walk.is_over() {
                break;
            }
        }
        (walk.finish(), cursor.is_contested())
    }
}

/// The nodes that a walk stands on: nearly always one or none, several where a Windows short name is met.
#[derive(Debug)]
enum Frontier {
    None,
    One(u32),
    Many(Vec<u32>),
}

impl Frontier {
    fn as_slice(&self) -> &[u32] {
        match self {
            Self::None => &[],
            Self::One(node) => std::slice::from_ref(node),
            Self::Many(nodes) => nodes,
        }
    }
}

struct Walk<'i, 'q> {
    index: &'i Index,
    found: Found,
    /// May rules match by the exact key?
    exactly: bool,
    collect: Collect,
    frontier: Frontier,
    /// The exact key so far.
    key: Vec<u8>,
    /// Pattern sets met, with the number of components above their tails.
    pending: Vec<(u32, usize)>,
    /// The components as written, how their wide keys were made, and where those end in `wide_keys`. Kept only
    /// if the policy has patterns.
    raw: Vec<&'q [u8]>,
    readings: Vec<(Reading, bool, usize)>,
    wide_keys: Vec<u8>,
}

impl Found {
    /// Takes over what another reading of the path adds: it can only make the answer stricter.
    pub(crate) fn widen(&mut self, other: Self) {
        // Grants are what the exact key found, whichever reading is right; they have a place in both.
        let deeper = |a: Hit, b: Hit| if (a.depth, a.access) < (b.depth, b.access) { b } else { a };
        let second = match (other.wide, self.write) {
            (Some(a), Some(b)) => Some(deeper(a, b)),
            (a, b) => a.or(b),
        };
        self.wide = match (self.wide, second) {
            (Some(a), Some(b)) if weight(b.access) < weight(a.access) => Some(b),
            (None, Some(b)) if b.access == EntryAccess::Deny => Some(b),
            (first, _) => first,
        };
        if self.cap.is_none_or(|cap| other.cap.is_some_and(|more| more.depth > cap.depth)) {
            self.cap = other.cap.or(self.cap);
        }
        self.pattern = self.pattern.or(other.pattern);
        self.all.extend(other.all);
        self.all.sort_unstable();
        self.all.dedup();
        self.end.extend(other.end);
        self.pending.extend(other.pending);
    }
}

/// How much an access allows.
pub(super) const fn weight(access: EntryAccess) -> u8 {
    match access {
        EntryAccess::Deny => 0,
        EntryAccess::Read => 1,
        EntryAccess::Write => 2,
    }
}

impl<'q> Walk<'_, 'q> {
    /// Takes the rules at the current depth; `last` says that the path ends here.
    fn enter(&mut self, last: bool) {
        let depth = self.found.depth;
        let mut exact: Option<Hit> = None;
        let mut wide: Option<Hit> = None;
        for node in self.frontier.as_slice() {
            let Some(node) = self.index.nodes.get(*node as usize) else { continue };
            for &spelling in &node.rules {
                let Some(Spelling { rule, exact: own }) = self.index.spellings.get(spelling as usize) else {
                    continue;
                };
                let (rule, at) = (*rule, *rule as usize);
                let (Some(&access), Some(&scope)) = (self.index.access.get(at), self.index.scope.get(at))
                else {
                    continue;
                };
                if scope == Scope::File && !last {
                    continue;
                }
                let is_exact = self.exactly && **own == *self.key;
                if is_exact && access == EntryAccess::Write {
                    self.found.write = Some(Hit { depth, access, rule });
                }
                if is_exact && exact.is_none_or(|hit| hit.access < access) {
                    exact = Some(Hit { depth, access, rule });
                }
                if is_exact || access != EntryAccess::Write {
                    if wide.is_none_or(|hit| hit.access < access) {
                        wide = Some(Hit { depth, access, rule });
                    }
                    if self.collect != Collect::Answer {
                        self.found.all.push((rule, is_exact));
                    }
                }
            }
            if self.collect != Collect::Answer {
                let losers = node.lost.iter().filter_map(|id| self.index.spellings.get(*id as usize));
                let losers = losers.map(|s| (s.rule, self.exactly && *s.exact == *self.key));
                self.found.all.extend(losers);
            }
            if let Some(set) = node.patterns {
                self.pending.push((set, self.raw.len()));
            }
            self.found.pattern = self.found.pattern.or(node.sealed);
        }
        self.found.exact = exact.or(self.found.exact);
        self.found.wide = wide.or(self.found.wide);
    }

    /// Goes one component down. `component` is `None` for a drive or share, which is no file's name.
    /// Its exact key is at the end of `key` already, and is closed here.
    fn descend(&mut self, wide: &[u8], component: Option<(&'q [u8], key::StepRule)>) {
        let index = self.index;
        let depth = self.found.depth + 1;
        if let Some((raw, rule)) = component {
            if self.may_protect(depth) && index.is_protected(raw, wide, rule) {
                self.protect(depth);
            }
        }
        let short = component.is_some_and(|(raw, _)| key::may_be_short_name(index.os, raw));
        let mut next = Frontier::None;
        for &node in self.frontier.as_slice() {
            let any_short = index.nodes.get(node as usize).is_some_and(|node| node.short_children);
            if short || any_short {
                let matching = index.children(node).filter(|child| {
                    let name =
                        index.nodes.get(*child as usize).and_then(|node| index.names.get(node.name.clone()));
                    short || name.is_some_and(|name| name == wide || key::may_be_short_name(index.os, name))
                });
                let mut nodes = match std::mem::replace(&mut next, Frontier::None) {
                    Frontier::None => Vec::new(),
                    Frontier::One(node) => vec![node],
                    Frontier::Many(nodes) => nodes,
                };
                nodes.extend(matching);
                next = Frontier::Many(nodes);
            } else if let Some(child) = index.child(node, wide) {
                next = match next {
                    Frontier::None => Frontier::One(child),
                    Frontier::One(first) => Frontier::Many(vec![first, child]),
                    Frontier::Many(mut nodes) => {
                        nodes.push(child);
                        Frontier::Many(nodes)
                    }
                };
            }
        }
        self.frontier = next;
        self.found.depth = depth;
        self.key.push(0);
        let Some((raw, rule)) = component.filter(|_| !index.sets.is_empty()) else { return };
        let reading = match rule.wide.wide_form() {
            _ if short => Reading::Any,
            WideForm::Raw => Reading::Exact,
            WideForm::Decomposed => Reading::Decomposed,
            WideForm::Folded => Reading::Folded,
        };
        let loose = reading == Reading::Folded && pattern::folds(index.os).expand(raw);
        self.raw.push(raw);
        self.wide_keys.extend_from_slice(wide);
        self.readings.push((reading, loose, self.wide_keys.len()));
    }

    /// Would a protected name at `depth` matter? Asked first, because comparing names costs more.
    fn may_protect(&self, depth: u32) -> bool {
        let index = self.index;
        match index.protected.scope {
            ProtectedScope::AnyDepth => true,
            ProtectedScope::Root => {
                (depth == 2 && index.os == Os::Windows)
                    || self.frontier.as_slice().iter().any(|node| {
                        index.nodes.get(*node as usize).is_some_and(|node| node.writable.is_some())
                    })
            }
        }
    }

    /// A protected name was met at `depth`: does it belong to a writable place? (D-4)
    fn protect(&mut self, depth: u32) {
        let index = self.index;
        match index.protected.scope {
            ProtectedScope::AnyDepth => {
                let rule = self.found.wide.filter(|hit| hit.access == EntryAccess::Write).map(|hit| hit.rule);
                self.found.cap = Some(Cap { depth, rule });
            }
            ProtectedScope::Root => {
                let mut places =
                    self.frontier.as_slice().iter().filter_map(|node| index.nodes.get(*node as usize));
                let mut rule = places.find_map(|node| node.writable);
                if rule.is_none() && depth == 2 && index.os == Os::Windows {
                    // `:root` on Windows is every drive and share, so its protected names stand below those.
                    rule = index.nodes.first().and_then(|top| top.writable);
                }
                if let Some(rule) = rule {
                    self.found.cap = Some(Cap { depth, rule: Some(rule) });
                }
            }
        }
    }

    /// Can nothing on the rest of the path change the answer?
    fn is_over(&self) -> bool {
        matches!(self.frontier, Frontier::None)
            && self.pending.is_empty()
            && self.index.protected.scope == ProtectedScope::Root
            && (self.index.os != Os::Windows || self.found.depth >= 2)
            && self.collect == Collect::Answer
    }

    fn finish(mut self) -> Found {
        let pending = std::mem::take(&mut self.pending);
        if !pending.is_empty() {
            let mut start = 0;
            let wide: Vec<WideComponent<'_>> = self
                .readings
                .iter()
                .map(|&(reading, loose, end)| {
                    let bytes = self.wide_keys.get(start..end).unwrap_or_default();
                    start = end;
                    WideComponent { bytes, reading, loose }
                })
                .collect();
            for (set, above) in pending {
                let Some(set) = self.index.sets.get(set as usize) else { continue };
                let (raw, wide) =
                    (self.raw.get(above..).unwrap_or_default(), wide.get(above..).unwrap_or_default());
                if let Some(id) = set.tails.matches(raw, wide).and_then(|tail| set.ids.get(tail)) {
                    self.found.pattern = Some(self.found.pattern.map_or(*id, |other| other.min(*id)));
                }
                if self.collect == Collect::Tree && !raw.is_empty() {
                    let below = set.tails.could_match_below(raw, wide);
                    self.found
                        .pending
                        .extend(below.into_iter().filter_map(|tail| set.ids.get(tail).copied()));
                }
            }
        }
        self.found.end = match self.frontier {
            Frontier::One(_) | Frontier::Many(_) if self.collect != Collect::Tree => Vec::new(),
            Frontier::None => Vec::new(),
            Frontier::One(node) => vec![node],
            Frontier::Many(nodes) => nodes,
        };
        self.found
    }
}
