//! A walk along one path: which rules, patterns and protected names it meets, by both keys (D-1 to D-4).

use super::{Index, NONE, Node, Standing, TOP};
use crate::executor::ProtectedScope;
use crate::intent::EntryAccess;
use crate::native::Os;
use crate::native::few::{Bytes as _, Few};
use crate::native::fold::WideForm;
use crate::native::key;
use crate::native::path::RootRef;
use crate::native::query::Components;
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
    /// The deepest write rule by the exact key, for [`widen`](Self::widen).
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

/// How deep two names of one path are, and how many components at their ends are the same: what lies in that part has
/// a depth of its own in each.
#[derive(Clone, Copy)]
struct Names {
    end: u32,
    other_end: u32,
    kept: u32,
}

impl Names {
    /// One name, read twice.
    const ONE: Self = Self { end: u32::MAX, other_end: u32::MAX, kept: u32::MAX };

    /// How deep a grant by the first name is in the second one. One that lies above what they have in common has no
    /// place there and keeps its depth.
    const fn there(self, depth: u32) -> u32 {
        let rest = self.end.saturating_sub(depth);
        if rest > self.kept { depth } else { self.other_end.saturating_sub(rest) }
    }

    /// How deep a protected name in the second one is in the first: what lies above what they have in common is at
    /// its top, where an entry must be to name it.
    fn back(self, depth: u32) -> u32 {
        self.end.saturating_sub(self.other_end.saturating_sub(depth).min(self.kept))
    }
}

/// How a walk is made.
#[derive(Clone, Copy)]
struct Asked {
    collect: Collect,
    /// May rules match by the exact key?
    exactly: bool,
}

impl Index {
    /// Walks a path: the components of `raw` below `root`, which are canonical by the alias table already.
    pub(crate) fn walk<'q>(&self, root: RootRef<'q>, raw: &Components<'q>, collect: Collect) -> Found {
        if collect == Collect::Answer {
            if let Some(found) = self.walk_straight(root, raw) {
                return found;
            }
        }
        self.walk_both(root, raw, collect, true)
    }

    /// Walks a path that may possibly be another one, too: by that one, no rule matches by the exact key. The last
    /// `kept` components of both are the same.
    pub(crate) fn walk_two<'q>(
        &self,
        (root, raw): (RootRef<'q>, &Components<'q>),
        (other, possibly): (RootRef<'q>, &Components<'q>),
        kept: usize,
        collect: Collect,
    ) -> Found {
        let depth = |root: RootRef<'q>, components: &Components<'q>| {
            let root = usize::from(matches!(root, RootRef::Drive(_) | RootRef::Unc { .. }));
            super::number(root + components.clone().count())
        };
        let names =
            Names { end: depth(root, raw), other_end: depth(other, possibly), kept: super::number(kept) };
        let mut found = self.walk_both(root, raw, collect, true);
        found.widen(self.walk_both(other, possibly, collect, false), names);
        found
    }

    pub(super) fn walk_both<'q>(
        &self,
        root: RootRef<'q>,
        raw: &Components<'q>,
        collect: Collect,
        exactly: bool,
    ) -> Found {
        let asked = Asked { collect, exactly };
        let mut found = Found::default();
        if self.walk_by(self.volumes.cursor(root), root, raw.clone(), asked, &mut found) {
            // The path may lead into a volume under another spelling: whatever matches then, matches (key.rs).
            let mut other = Found::default();
            self.walk_by(self.volumes.alias_cursor(root), root, raw.clone(), asked, &mut other);
            found.widen(other, Names::ONE);
        }
        found
    }

    /// One walk by one wide key. Says whether there is another one.
    fn walk_by<'q>(
        &self,
        mut cursor: key::Cursor<'_>,
        root: RootRef<'q>,
        mut components: Components<'q>,
        Asked { collect, exactly }: Asked,
        found: &mut Found,
    ) -> bool {
        let mut track;
        let track = if self.sets.is_empty() {
            None
        } else {
            track = Track::new();
            Some(&mut track)
        };
        let mut key = Few::new();
        let mut walk =
            Walk { index: self, found, exactly, collect, frontier: Frontier::One(TOP), key: &mut key, track };
        let mut wide = Few::<u8, 128>::new();
        let mut next = components.next();
        let has_root = matches!(root, RootRef::Drive(_) | RootRef::Unc { .. });
        walk.enter(!has_root && next.is_none());
        if key::root_component(root, walk.key, &mut wide) {
            walk.descend(wide.as_slice(), None);
            walk.enter(next.is_none());
        }
        while let Some(component) = next {
            wide.clear();
            let form = cursor.step(component, walk.key, &mut wide);
            walk.descend(wide.as_slice(), Some((component, form)));
            next = components.next();
            walk.enter(next.is_none());
            if walk.is_over() {
                break;
            }
        }
        walk.finish();
        cursor.is_contested()
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

struct Walk<'i, 'w, 'q> {
    index: &'i Index,
    found: &'w mut Found,
    /// May rules match by the exact key?
    exactly: bool,
    collect: Collect,
    frontier: Frontier,
    /// The exact key so far.
    key: &'w mut Few<u8, 256>,
    /// Kept only if the policy has patterns.
    track: Option<&'w mut Track<'q>>,
}

/// What patterns are asked about at the end of a walk.
pub(super) struct Track<'q> {
    /// Pattern sets met, with the number of components above their tails.
    pub(super) pending: Few<(u32, usize), 4>,
    /// The components as written.
    pub(super) raw: Few<&'q [u8], 24>,
    /// How their wide keys were made, and where those end in `wide_keys`.
    readings: Few<(Reading, bool, usize), 24>,
    wide_keys: Few<u8, 256>,
}

impl<'q> Track<'q> {
    #[inline]
    pub(super) fn new() -> Self {
        Self { pending: Few::new(), raw: Few::new(), readings: Few::new(), wide_keys: Few::new() }
    }

    /// One more component. `short`: it may be a short name for another one.
    #[inline]
    pub(super) fn add(&mut self, os: Os, raw: &'q [u8], wide: &[u8], form: WideForm, short: bool) {
        let reading = match form {
            _ if short => Reading::Any,
            WideForm::Raw => Reading::Exact,
            WideForm::Decomposed => Reading::Decomposed,
            WideForm::Folded => Reading::Folded,
        };
        let loose = reading == Reading::Folded && pattern::folds(os).expand(raw);
        self.raw.push(raw);
        self.wide_keys.put(wide);
        self.readings.push((reading, loose, self.wide_keys.as_slice().len()));
    }
}

impl Found {
    /// Takes over what another reading of the path adds: it can only make the answer stricter.
    fn widen(&mut self, other: Self, names: Names) {
        // Grants are what the exact key found, whichever reading is right; they have a place in both.
        let deeper = |a: Hit, b: Hit| if (a.depth, a.access) < (b.depth, b.access) { b } else { a };
        let write = self.write.map(|hit| Hit { depth: names.there(hit.depth), ..hit });
        let second = match (other.wide, write) {
            (Some(a), Some(b)) => Some(deeper(a, b)),
            (a, b) => a.or(b),
        };
        self.wide = match (self.wide, second) {
            (Some(a), Some(b)) if weight(b.access) < weight(a.access) => Some(b),
            (None, Some(b)) if b.access == EntryAccess::Deny => Some(b),
            (first, _) => first,
        };
        let cap = other.cap.map(|cap| Cap { depth: names.back(cap.depth), ..cap });
        if self.cap.is_none_or(|cap_here| cap.is_some_and(|more| more.depth > cap_here.depth)) {
            self.cap = cap.or(self.cap);
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

impl<'q> Walk<'_, '_, 'q> {
    /// Takes the rules at the current depth; `last` says that the path ends here.
    #[inline]
    fn enter(&mut self, last: bool) {
        let index = self.index;
        match self.frontier {
            Frontier::None => return,
            Frontier::One(node) if index.node(node).is_none_or(|node| node.held == NONE) => return,
            Frontier::One(_) | Frontier::Many(_) => {}
        }
        self.take_rules(last);
    }

    fn take_rules(&mut self, last: bool) {
        let index = self.index;
        let depth = self.found.depth;
        let mut exact: Option<Hit> = None;
        let mut wide: Option<Hit> = None;
        for node in self.frontier.as_slice() {
            let Some(held) = index.node(*node).and_then(|node| index.held(node)) else { continue };
            for standing in index.standing(&held.rules) {
                let &Standing { rule, access, scope, .. } = standing;
                if scope == Scope::File && !last {
                    continue;
                }
                let is_exact = self.is_exact(standing);
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
                for standing in index.standing(&held.lost) {
                    let is_exact = self.is_exact(standing);
                    self.found.all.push((standing.rule, is_exact));
                }
            }
            if let (Some(set), Some(track)) = (held.patterns.get(), self.track.as_deref_mut()) {
                track.pending.push((set, track.raw.as_slice().len()));
            }
            self.found.pattern = self.found.pattern.or(held.sealed.get().map(|id| id as usize));
        }
        self.found.exact = exact.or(self.found.exact);
        self.found.wide = wide.or(self.found.wide);
    }

    /// Does the rule stand here by the exact key, too?
    #[inline]
    fn is_exact(&self, standing: &Standing) -> bool {
        self.exactly && self.index.exact(standing.spelling) == self.key.as_slice()
    }

    /// Goes one component down. `component` is `None` for a drive or share, which is no file's name.
    /// Its exact key is at the end of `key` already, and is closed here.
    #[inline]
    fn descend(&mut self, wide: &[u8], component: Option<(&'q [u8], WideForm)>) {
        let index = self.index;
        let depth = self.found.depth + 1;
        if let Some((raw, form)) = component {
            if self.may_protect(depth) && index.is_protected(raw, wide, form) {
                self.protect(depth);
            }
        }
        let short = component.is_some_and(|(raw, _)| key::may_be_short_name(index.os, raw));
        let next = match self.frontier {
            Frontier::None => Frontier::None,
            Frontier::One(node) if !short && !index.has_short_children(node) => {
                index.child(node, wide).map_or(Frontier::None, Frontier::One)
            }
            Frontier::One(_) | Frontier::Many(_) => self.spread(wide, short),
        };
        self.frontier = next;
        self.found.depth = depth;
        self.key.push(0);
        let (Some((raw, form)), Some(track)) = (component, self.track.as_deref_mut()) else { return };
        track.add(index.os, raw, wide, form, short);
    }

    /// The children that a component may lead to, where Windows short names are met or several nodes stood before.
    #[cold]
    fn spread(&self, wide: &[u8], short: bool) -> Frontier {
        let index = self.index;
        let mut nodes: Vec<u32> = Vec::new();
        for &node in self.frontier.as_slice() {
            if short || index.has_short_children(node) {
                nodes.extend(index.children(node).filter(|child| {
                    let name = index.node(*child).map(|node| index.name(node));
                    short || name.is_some_and(|name| name == wide || key::may_be_short_name(index.os, name))
                }));
            } else {
                nodes.extend(index.child(node, wide));
            }
        }
        Frontier::Many(nodes)
    }

    /// Would a protected name at `depth` matter? Asked first, because comparing names costs more.
    fn may_protect(&self, depth: u32) -> bool {
        let index = self.index;
        match index.protected.scope {
            ProtectedScope::AnyDepth => true,
            ProtectedScope::Root => {
                (depth == 2 && index.os == Os::Windows)
                    || self.frontier.as_slice().iter().any(|node| index.writable_at(*node).is_some())
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
                let mut rule = self.frontier.as_slice().iter().find_map(|node| index.writable_at(*node));
                if rule.is_none() && depth == 2 && index.os == Os::Windows {
                    // `:root` on Windows is every drive and share, so its protected names stand below those.
                    rule = index.writable_at(TOP);
                }
                if let Some(rule) = rule {
                    self.found.cap = Some(Cap { depth, rule: Some(rule) });
                }
            }
        }
    }

    /// Can nothing on the rest of the path change the answer?
    fn is_over(&self) -> bool {
        self.frontier.as_slice().is_empty()
            && self.track.as_ref().is_none_or(|track| track.pending.as_slice().is_empty())
            && self.index.protected.scope == ProtectedScope::Root
            && (self.index.os != Os::Windows || self.found.depth >= 2)
            && self.collect == Collect::Answer
    }

    fn finish(mut self) {
        if let Some(track) = self.track.take().filter(|track| !track.pending.as_slice().is_empty()) {
            self.index.match_patterns(track, self.collect, self.found);
        }
        if self.collect == Collect::Tree {
            self.found.end.extend_from_slice(self.frontier.as_slice());
        }
    }
}

impl Index {
    /// Asks the patterns that were met on the way.
    pub(super) fn match_patterns(&self, track: &Track<'_>, collect: Collect, found: &mut Found) {
        let mut start = 0;
        let mut wide: Few<WideComponent<'_>, 24> = Few::new();
        for &(reading, loose, end) in track.readings.as_slice() {
            let bytes = track.wide_keys.as_slice().get(start..end).unwrap_or_default();
            wide.push(WideComponent { bytes, reading, loose });
            start = end;
        }
        for &(set, above) in track.pending.as_slice() {
            let Some(set) = self.sets.get(set as usize) else { continue };
            let raw = track.raw.as_slice().get(above..).unwrap_or_default();
            let wide = wide.as_slice().get(above..).unwrap_or_default();
            if let Some(id) = set.tails.matches(raw, wide).and_then(|tail| set.ids.get(tail)) {
                found.pattern = Some(found.pattern.map_or(*id, |other| other.min(*id)));
            }
            if collect == Collect::Tree && !raw.is_empty() {
                let below = set.tails.could_match_below(raw, wide);
                found.pending.extend(below.into_iter().filter_map(|tail| set.ids.get(tail).copied()));
            }
        }
    }

    pub(super) fn writable_at(&self, node: u32) -> Option<u32> {
        self.node(node).and_then(|node| self.held(node)).and_then(|held| held.writable.get())
    }

    pub(super) fn has_short_children(&self, node: u32) -> bool {
        self.node(node).is_some_and(|node: &Node| node.short_children)
    }
}
