//! The compiled rules: what decisions, root lists and the plan all read (G-6).
//!
//! Places form one tree whose edges are wide keys, so a decision walks the components of the queried path once,
//! whatever the number of rules. Whether a rule also matches by the exact key is one comparison of bytes, made
//! only at nodes that hold rules.

mod straight;
mod table;
mod walk;

pub(crate) use walk::{Collect, Found, Hit};

use super::rules::{BoundRule, DenyPattern, Place, Scope};
use crate::executor::{ProtectedNames, ProtectedScope};
use crate::intent::EntryAccess;
use crate::native::Os;
use crate::native::alias::Aliases;
use crate::native::few::Few;
use crate::native::fold::{self, WideForm};
use crate::native::key::{self, Volumes};
use crate::native::path::NativePath;
use crate::pattern::TailSet;
use std::ops::Range;
use std::sync::Arc;
use straight::Said;
use table::Table;
use walk::weight;

/// The root of the tree: `/`, or the Windows namespace.
const TOP: u32 = 0;
/// No node.
const NONE: u32 = u32::MAX;

/// A part of one of the index's lists.
type Span = std::ops::Range<u32>;

#[derive(Debug)]
struct Node {
    /// The wide key of the edge that leads here, in [`Index::names`].
    name: Span,
    parent: u32,
    first_child: u32,
    next_sibling: u32,
    /// What stands here, in [`Index::held`]; [`NONE`] at a place that only leads to others.
    held: u32,
    /// Could a child have been written as a Windows short name?
    short_children: bool,
}

/// A number, or none, in the room of a number: a policy has one of these for each of its places.
#[derive(Clone, Copy, Debug)]
struct Maybe(u32);

impl Default for Maybe {
    fn default() -> Self {
        Self(NONE)
    }
}

impl From<Option<u32>> for Maybe {
    fn from(number: Option<u32>) -> Self {
        Self(number.unwrap_or(NONE))
    }
}

impl Maybe {
    #[inline]
    fn get(self) -> Option<u32> {
        (self.0 != NONE).then_some(self.0)
    }
}

/// What stands at a node.
#[derive(Debug, Default)]
struct Held {
    /// The rules that stand here, in [`Index::standing`].
    rules: Span,
    /// Those whose rule loses at its own place, to one that stands there too: they say nothing, but are listed.
    lost: Span,
    /// The set of patterns whose base this is.
    patterns: Maybe,
    /// A pattern without a tail: nothing at or below the node is allowed, whatever grants say (D-3).
    sealed: Maybe,
    /// A rule that makes the node a writable place with protected names, if no rule at the node denies it.
    writable: Maybe,
    /// What the rules say of a usual path.
    said: Option<Said>,
}

/// Patterns that share a base.
#[derive(Debug)]
struct PatternSet {
    tails: TailSet,
    /// The policy's pattern of each tail.
    ids: Vec<usize>,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Index {
    os: Os,
    pub(crate) volumes: Volumes,
    pub(crate) aliases: Aliases,
    nodes: Vec<Node>,
    names: Vec<u8>,
    table: Table,
    held: Vec<Held>,
    standing: Vec<Standing>,
    /// Every spelling of every rule's place. The first are the canonical ones, in the order of the rules; the
    /// others are as written and through each alias on the way.
    spellings: Vec<Spelling>,
    /// Their exact keys: every component closed by a NUL.
    keys: Vec<u8>,
    access: Vec<EntryAccess>,
    scope: Vec<Scope>,
    sets: Vec<PatternSet>,
    protected: Protected,
}

/// One spelling of a rule's place.
#[derive(Debug)]
struct Spelling {
    rule: u32,
    /// Its exact key, in [`Index::keys`].
    exact: Span,
}

/// A rule at a node.
#[derive(Clone, Copy, Debug)]
struct Standing {
    /// By which of its spellings.
    spelling: u32,
    rule: u32,
    access: EntryAccess,
    scope: Scope,
    /// Is the exact key of the spelling the same bytes as the names on the way to the node?
    named: bool,
}

/// Protected names, compiled.
#[derive(Debug)]
struct Protected {
    names: Arc<[String]>,
    /// The wide keys of each: raw, decomposed and folded.
    keys: Vec<[Box<[u8]>; 3]>,
    scope: ProtectedScope,
    /// Not under full write, where nothing narrows (see docs/adr).
    active: bool,
}

impl Index {
    pub(crate) fn new(
        os: Os,
        volumes: Volumes,
        aliases: Aliases,
        rules: &[BoundRule],
        patterns: &[DenyPattern],
        protected: &ProtectedNames,
    ) -> Self {
        let names: Arc<[String]> = protected.names().map(str::to_owned).collect();
        let keys = names.iter().map(|name| {
            [WideForm::Raw, WideForm::Decomposed, WideForm::Folded].map(|form| {
                let mut key = Vec::with_capacity(name.len());
                fold::wide(os, name.as_bytes(), form, &mut key);
                key.into_boxed_slice()
            })
        });
        let keys = keys.collect();
        let mut index = Self {
            os,
            volumes: Volumes::default(),
            aliases,
            nodes: Vec::with_capacity(rules.len() * 2 + 1),
            names: Vec::with_capacity(rules.len() * 16),
            table: Table::with_capacity(rules.len() * 2),
            held: Vec::new(),
            standing: Vec::new(),
            spellings: Vec::with_capacity(rules.len()),
            keys: Vec::with_capacity(rules.len() * 64),
            access: rules.iter().map(|rule| rule.access).collect(),
            scope: rules.iter().map(|rule| rule.scope).collect(),
            sets: Vec::new(),
            protected: Protected { names, keys, scope: protected.scope(), active: true },
        };
        index.nodes.push(Node::new(0..0, NONE));
        let mut placed: Vec<(u32, u32)> = Vec::with_capacity(rules.len() * 2);
        let mut contested: Vec<u32> = Vec::new();
        for (id, rule) in (0_u32..).zip(rules) {
            let place = index.insert(&volumes, rule.place.resolved());
            index.spellings.push(Spelling { rule: id, exact: place.exact });
            placed.push((place.node, id));
            if place.contested {
                contested.push(id);
            }
        }
        let overruled = index.overruled();
        for id in contested {
            let Some(rule) = rules.get(id as usize) else { continue };
            placed.push((index.insert_alias(&volumes, rule.place.resolved()), id));
        }
        if !index.aliases.is_empty() {
            for (id, rule) in (0_u32..).zip(rules) {
                index.add_spellings(&volumes, id, rule, &mut placed);
            }
        }
        index.hold(placed, &overruled);
        index.add_patterns(&volumes, patterns);
        index.volumes = volumes;
        index.nodes.shrink_to_fit();
        index.names.shrink_to_fit();
        index.keys.shrink_to_fit();
        index.held.shrink_to_fit();
        index.spellings.shrink_to_fit();
        index
    }

    /// Gives every node the rules that were placed there.
    fn hold(&mut self, mut placed: Vec<(u32, u32)>, overruled: &[bool]) {
        placed.sort_unstable();
        placed.dedup();
        self.standing.reserve_exact(placed.len());
        let mut lost: Vec<Standing> = Vec::new();
        for group in placed.chunk_by(|a, b| a.0 == b.0) {
            let Some(&(node, _)) = group.first() else { continue };
            let start = self.standing.len();
            for (_, spelling) in group {
                let Some(standing) = self.stand(node, *spelling) else { continue };
                let loses = overruled.get(standing.rule as usize).is_some_and(|loses| *loses);
                if loses { lost.push(standing) } else { self.standing.push(standing) }
            }
            let middle = self.standing.len();
            self.standing.append(&mut lost);
            let (rules, lost) = (span(start, middle), span(middle, self.standing.len()));
            let denied = self.standing(&rules).iter().any(|standing| standing.access == EntryAccess::Deny);
            // A file is no place for names.
            let is_open =
                |standing: &&Standing| standing.access == EntryAccess::Write && standing.scope == Scope::Tree;
            let open = self.standing(&rules).iter().find(is_open).map(|standing| standing.rule);
            let writable = open.filter(|_| !denied).into();
            let said = Said::of(self.standing(&rules));
            if let Some(held) = self.held_at(node) {
                *held = Held { rules, lost, writable, said, ..Held::default() };
            }
        }
    }

    /// A spelling as it stands at a node.
    fn stand(&self, node: u32, spelling: u32) -> Option<Standing> {
        let held = self.spellings.get(spelling as usize)?;
        let at = held.rule as usize;
        let (access, scope) = (*self.access.get(at)?, *self.scope.get(at)?);
        let named = self.is_named(node, slice(&self.keys, &held.exact));
        Some(Standing { spelling, rule: held.rule, access, scope, named })
    }

    /// Are the names on the way to a node, each closed by a NUL, these bytes?
    fn is_named(&self, mut node: u32, mut key: &[u8]) -> bool {
        while let Some(above) = self.node(node).filter(|_| node != TOP) {
            let Some(rest) = key.strip_suffix(&[0]).and_then(|key| key.strip_suffix(self.name(above))) else {
                return false;
            };
            (node, key) = (above.parent, rest);
        }
        key.is_empty()
    }

    /// What stands at a node, to be changed.
    fn held_at(&mut self, node: u32) -> Option<&mut Held> {
        let node = self.nodes.get_mut(node as usize)?;
        if node.held == NONE {
            node.held = number(self.held.len());
            self.held.push(Held::default());
        }
        self.held.get_mut(node.held as usize)
    }

    fn node(&self, node: u32) -> Option<&Node> {
        self.nodes.get(node as usize)
    }

    fn held(&self, node: &Node) -> Option<&Held> {
        self.held.get(node.held as usize)
    }

    fn name(&self, node: &Node) -> &[u8] {
        slice(&self.names, &node.name)
    }

    /// The rules that a part of [`standing`](Self::standing) lists.
    fn standing(&self, part: &Span) -> &[Standing] {
        slice(&self.standing, part)
    }

    /// The exact key of a spelling.
    fn exact(&self, spelling: u32) -> &[u8] {
        self.spellings.get(spelling as usize).map_or(&[], |spelling| slice(&self.keys, &spelling.exact))
    }

    /// Under full write nothing narrows, and a protected name would.
    pub(crate) fn set_full_write(&mut self, full: bool) {
        self.protected.active = !full;
    }

    /// The rules that lose to a stronger one at the very same place. At one place the strongest word holds, under
    /// whatever spelling the place is asked about; the losers say nothing anywhere. So a read that narrows what lies
    /// around a file is gone where the file may be written. A denial of a place alone takes nothing from what is said
    /// of everything below it.
    fn overruled(&self) -> Vec<bool> {
        let mut places: Vec<(&[u8], EntryAccess, Scope, u32)> = Vec::with_capacity(self.spellings.len());
        for spelling in &self.spellings {
            let at = spelling.rule as usize;
            if let (Some(scope), Some(access)) = (self.scope.get(at), self.access.get(at)) {
                places.push((slice(&self.keys, &spelling.exact), *access, *scope, spelling.rule));
            }
        }
        places.sort_unstable();
        let mut losers = vec![false; self.access.len()];
        for place in places.chunk_by(|a, b| a.0 == b.0) {
            let reaches_below =
                |access: EntryAccess, scope: Scope| scope == Scope::Tree || access == EntryAccess::Write;
            let strongest = |below: bool| {
                let said =
                    place.iter().filter(|(_, access, scope, _)| !below || reaches_below(*access, *scope));
                said.map(|(_, access, _, _)| *access).max()
            };
            let (of_the_tree, of_the_place) = (strongest(true), strongest(false));
            for (_, access, scope, rule) in place {
                let held = if *scope == Scope::Tree { of_the_tree } else { of_the_place };
                if let Some(loses) = losers.get_mut(*rule as usize).filter(|_| Some(*access) < held) {
                    *loses = true;
                }
            }
        }
        losers
    }

    /// Where a pattern's base also stands: under the second wide key, and under its other spellings.
    fn other_nodes(&mut self, volumes: &Volumes, place: &Place) -> Vec<u32> {
        let mut nodes = vec![self.insert_alias(volumes, place.resolved())];
        if !self.aliases.is_empty() {
            for (path, _) in self.other_spellings(volumes, place) {
                nodes.push(self.insert(volumes, &path).node);
                nodes.push(self.insert_alias(volumes, &path));
            }
        }
        nodes.sort_unstable();
        nodes.dedup();
        nodes
    }

    /// Adds a rule's other spellings: as written, and through each alias on the way. A denial also where only the
    /// wide key finds an alias in its spelling.
    fn add_spellings(&mut self, volumes: &Volumes, id: u32, rule: &BoundRule, placed: &mut Vec<(u32, u32)>) {
        for (path, wide) in self.other_spellings(volumes, &rule.place) {
            if wide && rule.access == EntryAccess::Write {
                continue;
            }
            let kept = self.keys.len();
            let place = self.insert(volumes, &path);
            // Where an alias is found by the wide key only, the place is not known to be there: nothing is granted.
            let spelling = if wide {
                self.keys.truncate(kept);
                id
            } else {
                self.spellings.push(Spelling { rule: id, exact: place.exact });
                number(self.spellings.len() - 1)
            };
            placed.push((place.node, spelling));
            if place.contested {
                placed.push((self.insert_alias(volumes, &path), spelling));
            }
        }
    }

    /// Every spelling of a place but the canonical one, and whether only the wide key finds it.
    fn other_spellings(&self, volumes: &Volumes, place: &Place) -> Vec<(NativePath, bool)> {
        let mut found: Vec<(NativePath, bool)> = Vec::new();
        if place.links().last() == Some(place.resolved()) {
            // The place is a link itself, not what it leads to.
            return found;
        }
        for wide in [false, true] {
            for path in self.aliases.spellings(volumes, place.path(), wide) {
                if path != *place.resolved() && !found.iter().any(|(other, _)| *other == path) {
                    found.push((path, wide));
                }
            }
        }
        found
    }

    fn add_patterns(&mut self, volumes: &Volumes, patterns: &[DenyPattern]) {
        let mut by_node: std::collections::BTreeMap<u32, Vec<usize>> = std::collections::BTreeMap::new();
        for (id, pattern) in patterns.iter().enumerate() {
            let node = self.insert(volumes, pattern.base.resolved()).node;
            by_node.entry(node).or_default().push(id);
            for other in self.other_nodes(volumes, &pattern.base) {
                if other != node {
                    by_node.entry(other).or_default().push(id);
                }
            }
        }
        for (node, ids) in by_node {
            let has_tail = |id: &usize| patterns.get(*id).is_some_and(|pattern| pattern.tail.is_some());
            let sealed = ids.iter().copied().find(|id| !has_tail(id));
            let ids: Vec<usize> = ids.into_iter().filter(has_tail).collect();
            if let Some(held) = self.held_at(node) {
                held.sealed = sealed.map(number).into();
            }
            if ids.is_empty() {
                continue;
            }
            let tails =
                ids.iter().filter_map(|id| patterns.get(*id)).filter_map(|pattern| pattern.tail.clone());
            let set = PatternSet { tails: TailSet::new(tails.collect()), ids: ids.clone() };
            let at = number(self.sets.len());
            self.sets.push(set);
            if let Some(held) = self.held_at(node) {
                held.patterns = Some(at).into();
            }
        }
    }

    /// The node of a place, made if needed, and the place's exact key.
    fn insert(&mut self, volumes: &Volumes, path: &NativePath) -> Inserted {
        self.insert_by(volumes.cursor(path.root_ref()), path)
    }

    /// The node by the second wide key, where there is one (key.rs).
    fn insert_alias(&mut self, volumes: &Volumes, path: &NativePath) -> u32 {
        let kept = self.keys.len();
        let first = self.insert(volumes, path);
        let node = if first.contested {
            self.insert_by(volumes.alias_cursor(path.root_ref()), path).node
        } else {
            first.node
        };
        self.keys.truncate(kept);
        node
    }

    fn insert_by(&mut self, mut cursor: key::Cursor<'_>, path: &NativePath) -> Inserted {
        let start = self.keys.len();
        let mut wide = Few::<u8, 128>::new();
        let mut node = TOP;
        if key::root_component(path.root_ref(), &mut self.keys, &mut wide) {
            self.keys.push(0);
            node = self.child_or_new(node, wide.as_slice(), false);
        }
        for segment in path.segments() {
            wide.clear();
            cursor.step(segment.as_bytes(), &mut self.keys, &mut wide);
            self.keys.push(0);
            let short = key::may_be_short_name(self.os, segment.as_bytes());
            node = self.child_or_new(node, wide.as_slice(), short);
        }
        Inserted { node, exact: span(start, self.keys.len()), contested: cursor.is_contested() }
    }

    fn child_or_new(&mut self, parent: u32, name: &[u8], short: bool) -> u32 {
        let hash = self.table.hash(parent, name);
        let found = self.find(hash, parent, name);
        let id = number(self.nodes.len());
        let Some(above) = self.nodes.get_mut(parent as usize) else { return NONE };
        above.short_children |= short;
        if let Some(node) = found {
            return node;
        }
        let sibling = std::mem::replace(&mut above.first_child, id);
        let start = self.names.len();
        self.names.extend_from_slice(name);
        let mut node = Node::new(span(start, self.names.len()), parent);
        node.next_sibling = sibling;
        self.nodes.push(node);
        let (nodes, names) = (&self.nodes, &self.names);
        self.table.insert(hash, id, |node| {
            let node = nodes.get(node as usize);
            node.map_or((NONE, &[]), |node| (node.parent, slice(names, &node.name)))
        });
        id
    }

    #[expect(clippy::inline_always, reason = "called once a level, and half of its cost is the call")]
    #[inline(always)]
    fn child(&self, parent: u32, name: &[u8]) -> Option<u32> {
        self.find(self.table.hash(parent, name), parent, name)
    }

    #[inline]
    fn find(&self, hash: u32, parent: u32, name: &[u8]) -> Option<u32> {
        self.table.find(hash, |id| {
            self.node(id).is_some_and(|node| node.parent == parent && is_same(self.name(node), name))
        })
    }

    fn children(&self, node: u32) -> impl Iterator<Item = u32> + '_ {
        let first = self.nodes.get(node as usize).map_or(NONE, |node| node.first_child);
        let next = |id: &u32| {
            let next = self.nodes.get(*id as usize).map_or(NONE, |node| node.next_sibling);
            (next != NONE).then_some(next)
        };
        std::iter::successors((first != NONE).then_some(first), next)
    }

    /// Is `component` a protected name, or possibly one, in a directory whose wide keys are made as `form` says?
    fn is_protected(&self, component: &[u8], wide: &[u8], form: WideForm) -> bool {
        if !self.protected.active {
            return false;
        }
        if key::may_be_short_name(self.os, component) {
            return !self.protected.names.is_empty();
        }
        let mut keys = self.protected.keys.iter().zip(&*self.protected.names);
        keys.any(|([raw, decomposed, folded], name)| {
            let key = match form {
                WideForm::Raw => raw,
                WideForm::Decomposed => decomposed,
                WideForm::Folded => folded,
            };
            is_same(key, wide) || is_same(name.as_bytes(), component)
        })
    }

    /// Is one of a path's components, but for the first `skip`, a protected name or possibly one?
    pub(crate) fn has_protected(&self, path: &NativePath, skip: usize) -> bool {
        let (mut exact, mut wide) = (Vec::new(), Vec::new());
        let mut cursor = self.volumes.cursor(path.root_ref());
        path.segments().enumerate().any(|(at, segment)| {
            exact.clear();
            wide.clear();
            let rule = cursor.step(segment.as_bytes(), &mut exact, &mut wide);
            at >= skip && self.is_protected(segment.as_bytes(), &wide, rule)
        })
    }

    /// Is a path's first component, below its drive or share, a protected name or possibly one?
    pub(crate) fn is_protected_first(&self, path: &NativePath) -> bool {
        let (mut exact, mut wide) = (Vec::new(), Vec::new());
        let mut cursor = self.volumes.cursor(path.root_ref());
        path.segments().next().is_some_and(|segment| {
            let rule = cursor.step(segment.as_bytes(), &mut exact, &mut wide);
            self.is_protected(segment.as_bytes(), &wide, rule)
        })
    }

    /// What lies below `nodes`, and what the nodes themselves hold for names below them.
    pub(crate) fn below(&self, nodes: &[u32]) -> Vec<Below> {
        let mut out = Vec::new();
        let mut stack: Vec<(u32, bool, Option<EntryAccess>)> =
            nodes.iter().map(|node| (*node, true, None)).collect();
        while let Some((id, top, inherited)) = stack.pop() {
            let held = self.node(id).and_then(|node| self.held(node));
            let winner = held.and_then(|held| self.winner(held));
            let mut patterns = held
                .and_then(|held| held.patterns.get())
                .and_then(|set| self.sets.get(set as usize))
                .map(|set| set.ids.clone())
                .unwrap_or_default();
            patterns.extend(held.and_then(|held| held.sealed.get()).map(|id| id as usize));
            // What the walk's own end says was decided; of what stands below, whoever asks by any spelling may
            // inherit the strongest.
            let tree = if top { None } else { held.and_then(|held| self.inherits(held)) };
            let writable = held.and_then(|held| held.writable.get()).filter(|_| self.protected.active);
            if winner.is_some() || !patterns.is_empty() {
                let explicit = if writable.is_some() { self.explicit_names(id) } else { Vec::new() };
                out.push(Below { top, winner, inherited, writable, patterns, explicit });
            }
            stack.extend(self.children(id).map(|child| (child, false, tree.or(inherited))));
        }
        out
    }

    /// The rule that wins at a node. Where places that only the wide key takes for one stand there, the strictest of
    /// what wins at each.
    fn winner(&self, held: &Held) -> Option<(u32, EntryAccess)> {
        let standing = self.standing(&held.rules).iter();
        let mut places: Vec<(&[u8], EntryAccess, u32)> = standing
            .map(|standing| (self.exact(standing.spelling), standing.access, standing.rule))
            .collect();
        places.sort_unstable();
        // Of each place the last one is the strongest.
        let strongest = |pair: &[(&[u8], EntryAccess, u32)]| match pair {
            [a, b] if a.0 == b.0 => None,
            [a, ..] => Some((a.2, a.1)),
            [] => None,
        };
        let last = places.last().map(|(_, access, rule)| (*rule, *access));
        places.windows(2).filter_map(strongest).chain(last).min_by_key(|(_, access)| weight(*access))
    }

    /// What a node passes on to what lies below it, by the spelling that gets the most; a denial holds under all. A
    /// rule about a file says nothing about what is below.
    fn inherits(&self, held: &Held) -> Option<EntryAccess> {
        let trees = self.standing(&held.rules).iter().filter(|standing| standing.scope == Scope::Tree);
        trees.map(|standing| standing.access).max()
    }

    /// The protected names that an entry makes writable directly below a node.
    fn explicit_names(&self, node: u32) -> Vec<String> {
        let is_writable = |child: &&Node| {
            let won = self.held(child).and_then(|held| self.winner(held));
            won.is_some_and(|(_, access)| access == EntryAccess::Write)
        };
        let names: Vec<&[u8]> = self
            .children(node)
            .filter_map(|child| self.node(child))
            .filter(is_writable)
            .map(|child| self.name(child))
            .collect();
        let is_explicit = |name: &&String| names.iter().any(|wide| **wide == *name.as_bytes());
        self.protected.names.iter().filter(is_explicit).cloned().collect()
    }

    pub(crate) const fn protected_scope(&self) -> ProtectedScope {
        self.protected.scope
    }

    pub(crate) const fn protected_names(&self) -> &Arc<[String]> {
        &self.protected.names
    }

    /// The exact key of a rule's place.
    pub(crate) fn exact_of(&self, rule: usize) -> &[u8] {
        self.exact(number(rule))
    }

    /// The exact key of any place, in the form of [`exact_of`](Self::exact_of).
    pub(crate) fn exact_key(&self, path: &NativePath) -> Vec<u8> {
        let mut key = Vec::with_capacity(path.as_str().len() + 8);
        let mut wide = Few::<u8, 128>::new();
        if key::root_component(path.root_ref(), &mut key, &mut wide) {
            key.push(0);
        }
        let mut cursor = self.volumes.cursor(path.root_ref());
        for segment in path.segments() {
            wide.clear();
            cursor.step(segment.as_bytes(), &mut key, &mut wide);
            key.push(0);
        }
        key
    }

    /// Appends the exact key of each protected name directly below the place `path`, whose own is `above`, and gives
    /// name, keys and where among them the name's is.
    pub(crate) fn keys_below<'i>(
        &'i self,
        above: &[u8],
        path: &NativePath,
        keys: &mut Vec<u8>,
        mut each: impl FnMut(&'i str, &[u8], Range<usize>),
    ) {
        let cursor = self.volumes.cursor_at(path);
        keys.reserve(self.protected.names.iter().map(|name| above.len() + name.len() + 1).sum());
        for name in &*self.protected.names {
            let start = keys.len();
            keys.extend_from_slice(above);
            let mut wide = Few::<u8, 128>::new();
            cursor.clone().step(name.as_bytes(), keys, &mut wide);
            keys.push(0);
            each(name, keys, start..keys.len());
        }
    }
}

/// A place that was put into the tree.
struct Inserted {
    node: u32,
    /// Its exact key, at the end of [`Index::keys`].
    exact: Span,
    contested: bool,
}

impl Node {
    const fn new(name: Span, parent: u32) -> Self {
        Self { name, parent, first_child: NONE, next_sibling: NONE, held: NONE, short_children: false }
    }
}

/// A count or an offset. Documents are bounded far below 2^32 bytes; what would not fit is found nowhere.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(NONE)
}

fn span(start: usize, end: usize) -> Span {
    number(start)..number(end)
}

#[inline]
fn slice<'a, T>(list: &'a [T], span: &Span) -> &'a [T] {
    list.get(span.start as usize..span.end as usize).unwrap_or_default()
}

/// Are two names equal? Most are short, and a call to compare them costs more than comparing them.
#[inline]
fn is_same(a: &[u8], b: &[u8]) -> bool {
    let ends = |a: &[u8], b: &[u8]| match (a.first_chunk::<8>(), b.first_chunk::<8>()) {
        (Some(first), Some(other)) => first == other && a.last_chunk::<8>() == b.last_chunk::<8>(),
        _ => match (a.first_chunk::<4>(), b.first_chunk::<4>()) {
            (Some(first), Some(other)) => first == other && a.last_chunk::<4>() == b.last_chunk::<4>(),
            _ => a.iter().eq(b),
        },
    };
    a.len() == b.len() && if a.len() <= 16 { ends(a, b) } else { a == b }
}

/// A node with rules or patterns, at or below the end of a walk.
#[derive(Debug)]
pub(crate) struct Below {
    /// Is it the end of the walk itself?
    pub(crate) top: bool,
    /// The strongest rule at the node.
    pub(crate) winner: Option<(u32, EntryAccess)>,
    /// What it inherits from the nearest node above it that is still below the end of the walk; `None` if what was
    /// asked for still holds there.
    pub(crate) inherited: Option<EntryAccess>,
    /// The rule that makes it a writable place.
    pub(crate) writable: Option<u32>,
    /// The patterns whose base it is.
    pub(crate) patterns: Vec<usize>,
    /// Protected names in it that an entry makes writable.
    pub(crate) explicit: Vec<String>,
}
