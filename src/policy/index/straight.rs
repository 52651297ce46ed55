//! The walk of nearly every question: one node at each level, one reading of every name. What it does not answer,
//! the walk of [`walk`](super::walk) does, by the same rules.

use super::walk::{Cap, Collect, Found, Hit, Track};
use super::{Held, Index, NONE, Standing, TOP};
use crate::executor::ProtectedScope;
use crate::intent::EntryAccess;
use crate::native::Os;
use crate::native::few::Few;
use crate::native::fold::WideForm;
use crate::native::key::{self, Passed};
use crate::native::path::RootRef;
use crate::native::query::Components;
use crate::policy::rules::Scope;

/// What the rules of one node say of a path whose exact and wide key are the same bytes: by either key, the access
/// and the rule.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Said {
    exact: Option<(EntryAccess, u32)>,
    wide: Option<(EntryAccess, u32)>,
}

impl Said {
    /// `None` if that depends on whether the path ends here.
    pub(super) fn of(rules: &[Standing]) -> Option<Self> {
        let mut said = Self::default();
        for standing in rules {
            if standing.scope == Scope::File {
                return None;
            }
            said.add(standing, standing.named);
        }
        Some(said)
    }

    /// Takes in one more rule, that matches by the wide key, and by the exact one or not.
    fn add(&mut self, standing: &Standing, is_exact: bool) {
        let said = (standing.access, standing.rule);
        let wins = |other: Option<(EntryAccess, u32)>| other.is_none_or(|(access, _)| access < said.0);
        if is_exact && wins(self.exact) {
            self.exact = Some(said);
        }
        if (is_exact || standing.access != EntryAccess::Write) && wins(self.wide) {
            self.wide = Some(said);
        }
    }
}

/// The exact key of the first components of a path: made where a rule is met and both keys differ.
struct Exact<'i, 'q> {
    key: Few<u8, 256>,
    cursor: key::Cursor<'i>,
    rest: Components<'q>,
    passed: usize,
}

impl<'i, 'q> Exact<'i, 'q> {
    #[cold]
    fn new(index: &'i Index, root: RootRef<'q>, rest: Components<'q>) -> Self {
        let mut key = Few::new();
        if key::root_component(root, &mut key, &mut Few::<u8, 128>::new()) {
            key.push(0);
        }
        Self { key, cursor: index.volumes.cursor(root), rest, passed: 0 }
    }

    /// The key of the first `passed` components.
    fn up_to(&mut self, passed: usize) -> &[u8] {
        let mut wide = Few::<u8, 128>::new();
        while self.passed < passed {
            let Some(component) = self.rest.next() else { break };
            wide.clear();
            self.cursor.step(component, &mut self.key, &mut wide);
            self.key.push(0);
            self.passed += 1;
        }
        self.key.as_slice()
    }
}

impl Index {
    /// Walks a path for its answer. `None` where that takes more: a name that may be short for another one, or a
    /// volume that may be met under another spelling.
    #[inline]
    pub(super) fn walk_straight<'q>(&self, root: RootRef<'q>, all: &Components<'q>) -> Option<Found> {
        let cursor = self.volumes.cursor(root);
        let root_only = self.protected.scope == ProtectedScope::Root;
        if self.os != Os::Windows && root_only && self.sets.is_empty() && cursor.keeps_names() {
            self.walk_line::<true>(root, all, cursor)
        } else {
            self.walk_line::<false>(root, all, cursor)
        }
    }

    /// The same. `PLAIN`: not on Windows, every name is its own key, there are no patterns, and names are protected
    /// directly in writable places only, so that nothing of that has to be asked at each level.
    fn walk_line<'q, const PLAIN: bool>(
        &self,
        root: RootRef<'q>,
        all: &Components<'q>,
        mut cursor: key::Cursor<'_>,
    ) -> Option<Found> {
        let mut track;
        let mut track = if PLAIN || self.sets.is_empty() {
            None
        } else {
            track = Track::new();
            Some(&mut track)
        };
        let windows = !PLAIN && self.os == Os::Windows;
        let any_depth = !PLAIN && self.protected.scope == ProtectedScope::AnyDepth;
        let mut buffer = Few::<u8, 128>::new();
        let mut exact: Option<Exact<'_, 'q>> = None;
        let mut found = Found::default();
        // Are both keys the same bytes so far?
        let mut same = true;
        let mut node = TOP;
        let mut passed: usize = 0;
        let mut components = all.clone();
        let mut next = components.next();
        let mut held = self.node(node).and_then(|node| self.held(node));
        if !PLAIN && matches!(root, RootRef::Drive(_) | RootRef::Unc { .. }) {
            if let Some(held) = held {
                self.take(held, &mut found, track.as_deref_mut(), same, false, |_| same);
            }
            let mut exact = Few::<u8, 128>::new();
            key::root_component(root, &mut exact, &mut buffer);
            same = exact.as_slice() == buffer.as_slice();
            found.depth = 1;
            node = self.child(node, buffer.as_slice()).unwrap_or(NONE);
            held = self.node(node).and_then(|node| self.held(node));
        }
        loop {
            if let Some(held) = held {
                self.take(held, &mut found, track.as_deref_mut(), same, next.is_none(), |standing| {
                    let exact = exact.get_or_insert_with(|| Exact::new(self, root, all.clone()));
                    self.exact(standing.spelling) == exact.up_to(passed)
                });
            }
            let pending = !PLAIN && track.as_ref().is_some_and(|track| !track.pending.as_slice().is_empty());
            let over = node == NONE && !pending && !any_depth && (!windows || found.depth >= 2);
            let Some(component) = next.filter(|_| !over) else { break };
            let Passed { wide, form, same: kept } = if PLAIN {
                Passed { wide: component, form: WideForm::Raw, same: true }
            } else {
                cursor.pass(component, &mut buffer)
            };
            same &= kept;
            passed += 1;
            found.depth += 1;
            let writable = held.and_then(|held| held.writable.get());
            let first = windows && found.depth == 2;
            if (any_depth || first || writable.is_some()) && self.is_protected(component, wide, form) {
                let top = if first { self.writable_at(TOP) } else { None };
                Self::protect(&mut found, writable.or(top), any_depth);
            }
            if windows && (key::may_be_short_name(self.os, component) || self.has_short_children(node)) {
                return None;
            }
            node = self.child(node, wide).unwrap_or(NONE);
            held = self.node(node).and_then(|node| self.held(node));
            if let Some(track) = track.as_deref_mut().filter(|_| pending) {
                track.add(self.os, component, wide, form, false);
            }
            next = components.next();
        }
        if let Some(track) = track.filter(|track| !track.pending.as_slice().is_empty()) {
            self.match_patterns(track, Collect::Answer, &mut found);
        }
        (!cursor.is_contested()).then_some(found)
    }

    /// Takes what stands at a node. `same`: both keys of the path so far are the same bytes. `last`: the path ends
    /// here. `is_exact` compares exact keys.
    #[inline]
    fn take(
        &self,
        held: &Held,
        found: &mut Found,
        track: Option<&mut Track<'_>>,
        same: bool,
        last: bool,
        mut is_exact: impl FnMut(&Standing) -> bool,
    ) {
        let said = match held.said {
            Some(said) if same => said,
            Some(_) | None => {
                let mut said = Said::default();
                let rules = self.standing(&held.rules).iter();
                for standing in rules.filter(|standing| last || standing.scope == Scope::Tree) {
                    // The walk stands where the wide key leads. So if of the two exact keys one is the same bytes as
                    // that, the other one must be so, too.
                    let either = same || standing.named;
                    said.add(standing, if either { same && standing.named } else { is_exact(standing) });
                }
                said
            }
        };
        let hit = |(access, rule)| Hit { depth: found.depth, access, rule };
        found.exact = said.exact.map(hit).or(found.exact);
        found.wide = said.wide.map(hit).or(found.wide);
        found.pattern = found.pattern.or(held.sealed.get().map(|id| id as usize));
        if let (Some(set), Some(track)) = (held.patterns.get(), track) {
            track.pending.push((set, track.raw.as_slice().len()));
        }
    }

    /// A protected name was met: does it belong to a writable place? (D-4)
    fn protect(found: &mut Found, writable: Option<u32>, any_depth: bool) {
        let rule = if any_depth {
            found.wide.filter(|hit| hit.access == EntryAccess::Write).map(|hit| hit.rule)
        } else {
            writable
        };
        if any_depth || rule.is_some() {
            found.cap = Some(Cap { depth: found.depth, rule });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::executor::{Executor, ProtectedNames};
    use crate::native::alias::Aliases;
    use crate::native::key::{CaseRule, NormRule, Volume, Volumes};
    use crate::native::path::NativePath;
    use crate::native::query::parse_query;
    use crate::pattern::{Tail, folds};
    use crate::policy::rules::{BoundRule, DenyPattern, Place};

    const NAMES: [&str; 7] = ["a", "A", "b", ".git", ".GIT", "\u{e9}", "a~1"];

    fn path(os: Os, names: &[&str]) -> NativePath {
        let root = match os {
            Os::Linux | Os::Macos => NativePath::root(os),
            Os::Windows => NativePath::drive('C').unwrap(),
        };
        root.join_segments(names.iter().copied()).unwrap()
    }

    /// Every choice of up to three names, and the root itself.
    fn choices() -> Vec<Vec<&'static str>> {
        let mut all: Vec<Vec<&str>> = vec![Vec::new()];
        let mut last = all.clone();
        for _ in 0..3 {
            last = last.iter().flat_map(|path| NAMES.map(|name| [&path[..], &[name]].concat())).collect();
            all.extend(last.iter().cloned());
        }
        all
    }

    fn volumes(os: Os) -> Vec<Volumes> {
        let at = |names: &[&str], case, normalization| Volume { path: path(os, names), case, normalization };
        let apart = |names: &[&str]| at(names, CaseRule::Sensitive, NormRule::Preserving);
        let folded = |names: &[&str]| at(names, CaseRule::Insensitive, NormRule::Insensitive);
        let half = |names: &[&str]| at(names, CaseRule::Sensitive, NormRule::Insensitive);
        let lists = [
            vec![],
            vec![apart(&[])],
            vec![folded(&[])],
            vec![half(&[])],
            vec![apart(&["a"])],
            vec![folded(&["a", "b"]), apart(&[])],
        ];
        lists.map(|list| Volumes::new(os, list)).into()
    }

    #[test]
    fn the_straight_walk_finds_what_the_general_one_finds() {
        let all = choices();
        let any_depth =
            Executor::builder(Os::Linux, "x").protected_names(1, [".git", "b"], ProtectedScope::AnyDepth);
        let protected = [ProtectedNames::default(), any_depth.build().unwrap().protected];
        let (mut asked, mut straight) = (0, 0);
        for os in Os::ALL {
            for (nth, volumes) in volumes(os).into_iter().enumerate() {
                for round in 0..8 {
                    // Some of the places, others in every round.
                    let places = all.iter().skip(nth + 3 * round).step_by(5 + 8 * (round / 2));
                    let mut rules: Vec<BoundRule> = places
                        .enumerate()
                        .map(|(i, names)| BoundRule {
                            place: Place::unsettled(path(os, names)),
                            access: [EntryAccess::Write, EntryAccess::Read, EntryAccess::Deny]
                                [(i + round) % 3],
                            scope: if i % 5 == 0 { Scope::File } else { Scope::Tree },
                            materialize: true,
                        })
                        .collect();
                    rules.sort();
                    let pattern = |text: Option<&str>, base: &[&str]| DenyPattern {
                        base: Place::unsettled(path(os, base)),
                        tail: text.map(|text| Tail::parse(os, text, folds(os)).unwrap()),
                        source: String::new(),
                        depth: None,
                    };
                    let patterns = [
                        pattern(Some("**/b"), &["a"]),
                        pattern(Some("*"), &["b"]),
                        pattern(None, &["b", "b"]),
                    ];
                    let patterns = &patterns[..if round % 2 == 0 { 0 } else { 3 }];
                    let protected = &protected[usize::from(round % 4 > 1)];
                    let index =
                        Index::new(os, volumes.clone(), Aliases::default(), &rules, patterns, protected);
                    for names in &all {
                        let text = path(os, names);
                        let query = parse_query(os, text.as_str().as_bytes()).unwrap();
                        asked += 1;
                        let Some(found) = index.walk_straight(query.root(), &query.components()) else {
                            continue;
                        };
                        straight += 1;
                        let other = index.walk_both(query.root(), &query.components(), Collect::Answer, true);
                        let said = |found: &Found| (found.exact, found.wide, found.cap, found.pattern);
                        assert_eq!(said(&found), said(&other), "{text:?} {volumes:?} {rules:?}");
                    }
                }
            }
        }
        assert!(straight * 2 > asked && straight < asked, "{straight} of {asked}");
    }

    /// A policy that is read may hold such rules. Below a place that alone is denied, what else is said there still
    /// narrows what lies around it.
    #[test]
    fn a_denial_of_a_place_alone_takes_nothing_from_what_is_said_below_it() {
        let os = Os::Linux;
        let rule = |names: &[&str], access, scope| BoundRule {
            place: Place::unsettled(path(os, names)),
            access,
            scope,
            materialize: true,
        };
        let rules = [
            rule(&["a"], EntryAccess::Write, Scope::Tree),
            rule(&["a", "b"], EntryAccess::Read, Scope::Tree),
            rule(&["a", "b"], EntryAccess::Deny, Scope::File),
        ];
        for volumes in volumes(os) {
            let protected = ProtectedNames::default();
            let index = Index::new(os, volumes, Aliases::default(), &rules, &[], &protected);
            for (text, wanted) in [
                ("/a", EntryAccess::Write),
                ("/a/b", EntryAccess::Deny),
                ("/a/b/c", EntryAccess::Read),
                ("/a/c", EntryAccess::Write),
            ] {
                let query = parse_query(os, text.as_bytes()).unwrap();
                let found = index.walk_both(query.root(), &query.components(), Collect::Answer, true);
                assert_eq!(found.wide.map(|hit| hit.access), Some(wanted), "{text}");
            }
        }
    }
}
