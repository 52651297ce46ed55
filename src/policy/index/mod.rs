//! The compiled rules: what decisions, root lists and the plan all read (G-6).
//!
//! Places form one tree whose edges are wide keys, so a decision walks the components of the queried path once,
//! whatever the number of rules. Whether a rule also matches by the exact key is one comparison of bytes, made
//! only at nodes that hold rules.

mod table;
mod walk;

pub(crate) use walk::{Collect, Found, Hit};

use super::rules::{BoundRule, DenyPattern, Place, Scope};
use crate::executor::{ProtectedNames, ProtectedScope};
use crate::intent::EntryAccess;
use crate::native::Os;
use crate::native::alias::Aliases;
use crate::native::key::{self, Volumes};
use crate::native::path::NativePath;
use crate::pattern::TailSet;
use std::collections::BTreeSet;
use table::{Table, hash};
use walk::weight;

/// The root of the tree: `/`, or the Windows namespace.
const TOP: u32 = 0;
/// No node.
const NONE: u32 = u32::MAX;

#[derive(Debug)]
struct Node {
    /// The wide key of the edge that leads here, in [`Index::names`].
    name: std::ops::Range<usize>,
    parent: u32,
    depth: u32,
    first_child: u32,
    next_sibling: u32,
    /// Could a child have been written as a Windows short name?
    short_children: bool,
    /// The spellings of rules that stand here.
    rules: Vec<u32>,
    /// Those whose rule loses at its own place, to one that stands there too: they say nothing, but are listed.
    lost: Vec<u32>,
    /// The set of patterns whose base this is.
    patterns: Option<u32>,
    /// A pattern without a tail: nothing at or below the node is allowed, whatever grants say (D-3).
    sealed: Option<usize>,
    /// A rule that makes the node a writable place, if no rule at the node denies it.
    writable: Option<u32>,
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
    /// Every spelling of every rule's place. The first are the canonical ones, in the order of the rules; the
    /// others are as written and through each alias on the way.
    spellings: Vec<Spelling>,
    access: Vec<EntryAccess>,
    scope: Vec<Scope>,
    sets: Vec<PatternSet>,
    protected: Protected,
}

/// One spelling of a rule's place.
#[derive(Debug)]
struct Spelling {
    rule: u32,
    /// Its exact key: every component closed by a NUL.
    exact: Box<[u8]>,
}

/// Protected names, compiled.
#[derive(Debug)]
struct Protected {
    names: Vec<String>,
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
        let top = Node {
            name: 0..0,
            parent: NONE,
            depth: 0,
            first_child: NONE,
            next_sibling: NONE,
            short_children: false,
            rules: Vec::new(),
            lost: Vec::new(),
            patterns: None,
            sealed: None,
            writable: None,
        };
        let mut index = Self {
            os,
            volumes,
            aliases,
            nodes: vec![top],
            names: Vec::new(),
            table: Table::with_capacity(rules.len() * 2 + 16),
            spellings: Vec::with_capacity(rules.len()),
            access: rules.iter().map(|rule| rule.access).collect(),
            scope: rules.iter().map(|rule| rule.scope).collect(),
            sets: Vec::new(),
            protected: Protected {
                names: protected.names().map(str::to_owned).collect(),
                scope: protected.scope(),
                active: true,
            },
        };
        for (id, rule) in (0_u32..).zip(rules) {
            let (node, exact) = index.insert(&rule.place.resolved);
            index.spellings.push(Spelling { rule: id, exact: exact.into_boxed_slice() });
            index.add_rule(node, id);
        }
        let overruled = index.overruled();
        for (id, rule) in (0_u32..).zip(rules) {
            if rule.access != EntryAccess::Write {
                let node = index.insert_alias(&rule.place.resolved);
                index.add_rule(node, id);
            }
            if !index.aliases.is_empty() {
                index.add_spellings(id, rule);
            }
        }
        index.add_patterns(patterns);
        for node in &mut index.nodes {
            node.rules.sort_unstable();
            node.rules.dedup();
            let loses =
                |id: &u32| index.spellings.get(*id as usize).is_some_and(|s| overruled.contains(&s.rule));
            node.lost = node.rules.iter().copied().filter(loses).collect();
            node.rules.retain(|id| !loses(id));
            let has = |access: EntryAccess| {
                let mut rules =
                    node.rules.iter().filter_map(|id| index.spellings.get(*id as usize)).map(|s| s.rule);
                rules.find(|rule| index.access.get(*rule as usize) == Some(&access))
            };
            node.writable = if has(EntryAccess::Deny).is_some() { None } else { has(EntryAccess::Write) };
        }
        index
    }

    /// Under full write nothing narrows, and a protected name would.
    pub(crate) fn set_full_write(&mut self, full: bool) {
        self.protected.active = !full;
    }

    fn add_rule(&mut self, node: u32, id: u32) {
        if let Some(node) = self.nodes.get_mut(node as usize) {
            node.rules.push(id);
        }
    }

    /// The rules that lose to a stronger one at the very same place. At one place the strongest word holds, under
    /// whatever spelling the place is asked about; the losers say nothing anywhere.
    fn overruled(&self) -> BTreeSet<u32> {
        let mut places: Vec<(&[u8], Scope, EntryAccess, u32)> = Vec::with_capacity(self.spellings.len());
        for Spelling { rule, exact } in &self.spellings {
            let at = *rule as usize;
            if let (Some(scope), Some(access)) = (self.scope.get(at), self.access.get(at)) {
                places.push((exact, *scope, *access, *rule));
            }
        }
        places.sort_unstable();
        let mut losers = BTreeSet::new();
        // Of each place the last ones are the strongest.
        let mut strongest = None;
        for (exact, scope, access, rule) in places.into_iter().rev() {
            match strongest {
                Some((at, of, held)) if (at, of) == (exact, scope) => {
                    if access < held {
                        losers.insert(rule);
                    }
                }
                Some(_) | None => strongest = Some((exact, scope, access)),
            }
        }
        losers
    }

    /// Where a pattern's base also stands: under the second wide key, and under its other spellings.
    fn other_nodes(&mut self, place: &Place) -> Vec<u32> {
        let mut nodes = vec![self.insert_alias(&place.resolved)];
        if !self.aliases.is_empty() {
            for (path, _) in self.other_spellings(place) {
                nodes.push(self.insert(&path).0);
                nodes.push(self.insert_alias(&path));
            }
        }
        nodes.sort_unstable();
        nodes.dedup();
        nodes
    }

    /// Adds a rule's other spellings: as written, and through each alias on the way. A denial also where only the
    /// wide key finds an alias in its spelling.
    fn add_spellings(&mut self, id: u32, rule: &BoundRule) {
        for (path, wide) in self.other_spellings(&rule.place) {
            if wide && rule.access == EntryAccess::Write {
                continue;
            }
            let (node, exact) = self.insert(&path);
            // Where an alias is found by the wide key only, the place is not known to be there: nothing is granted.
            let spelling = if wide {
                id
            } else {
                self.spellings.push(Spelling { rule: id, exact: exact.into_boxed_slice() });
                u32::try_from(self.spellings.len() - 1).unwrap_or(NONE)
            };
            self.add_rule(node, spelling);
            if rule.access != EntryAccess::Write {
                let node = self.insert_alias(&path);
                self.add_rule(node, spelling);
            }
        }
    }

    /// Every spelling of a place but the canonical one, and whether only the wide key finds it.
    fn other_spellings(&self, place: &Place) -> Vec<(NativePath, bool)> {
        let mut found: Vec<(NativePath, bool)> = Vec::new();
        if place.links.last() == Some(&place.resolved) {
            // The place is a link itself, not what it leads to.
            return found;
        }
        for wide in [false, true] {
            for path in self.aliases.spellings(&self.volumes, &place.path, wide) {
                if path != place.resolved && !found.iter().any(|(other, _)| *other == path) {
                    found.push((path, wide));
                }
            }
        }
        found
    }

    fn add_patterns(&mut self, patterns: &[DenyPattern]) {
        let mut by_node: std::collections::BTreeMap<u32, Vec<usize>> = std::collections::BTreeMap::new();
        for (id, pattern) in patterns.iter().enumerate() {
            let (node, _) = self.insert(&pattern.base.resolved);
            by_node.entry(node).or_default().push(id);
            for other in self.other_nodes(&pattern.base) {
                if other != node {
                    by_node.entry(other).or_default().push(id);
                }
            }
        }
        for (node, ids) in by_node {
            let has_tail = |id: &usize| patterns.get(*id).is_some_and(|pattern| pattern.tail.is_some());
            let sealed = ids.iter().copied().find(|id| !has_tail(id));
            let ids: Vec<usize> = ids.into_iter().filter(has_tail).collect();
            if let Some(node) = self.nodes.get_mut(node as usize) {
                node.sealed = sealed;
            }
            if ids.is_empty() {
                continue;
            }
            let tails =
                ids.iter().filter_map(|id| patterns.get(*id)).filter_map(|pattern| pattern.tail.clone());
            let set = PatternSet { tails: TailSet::new(tails.collect()), ids: ids.clone() };
            let at = u32::try_from(self.sets.len()).unwrap_or(NONE);
            self.sets.push(set);
            if let Some(node) = self.nodes.get_mut(node as usize) {
                node.patterns = Some(at);
            }
        }
    }

    /// The node of a place, made if needed, and the place's exact key.
    fn insert(&mut self, path: &NativePath) -> (u32, Vec<u8>) {
        let volumes = std::mem::take(&mut self.volumes);
        let (node, key, _) = self.insert_by(volumes.cursor(path.root_ref()), path);
        self.volumes = volumes;
        (node, key)
    }

    /// The node by the second wide key, where there is one (key.rs).
    fn insert_alias(&mut self, path: &NativePath) -> u32 {
        let volumes = std::mem::take(&mut self.volumes);
        let (node, _, contested) = self.insert_by(volumes.cursor(path.root_ref()), path);
        let node =
            if contested { self.insert_by(volumes.alias_cursor(path.root_ref()), path).0 } else { node };
        self.volumes = volumes;
        node
    }

    fn insert_by(&mut self, mut cursor: key::Cursor<'_>, path: &NativePath) -> (u32, Vec<u8>, bool) {
        let mut key = Vec::with_capacity(path.as_str().len() + 8);
        let (mut exact, mut wide) = (Vec::new(), Vec::new());
        let mut node = TOP;
        if key::root_component(path.root_ref(), &mut exact, &mut wide) {
            key.extend_from_slice(&exact);
            key.push(0);
            node = self.child_or_new(node, &wide, false);
        }
        for segment in path.segments() {
            exact.clear();
            wide.clear();
            cursor.step(segment.as_bytes(), &mut exact, &mut wide);
            key.extend_from_slice(&exact);
            key.push(0);
            let short = key::may_be_short_name(self.os, segment.as_bytes());
            node = self.child_or_new(node, &wide, short);
        }
        (node, key, cursor.is_contested())
    }

    fn child_or_new(&mut self, parent: u32, name: &[u8], short: bool) -> u32 {
        if let Some(parent) = self.nodes.get_mut(parent as usize) {
            parent.short_children |= short;
        }
        if let Some(node) = self.child(parent, name) {
            return node;
        }
        let id = u32::try_from(self.nodes.len()).unwrap_or(NONE);
        let start = self.names.len();
        self.names.extend_from_slice(name);
        let (depth, sibling) = match self.nodes.get_mut(parent as usize) {
            Some(node) => (node.depth + 1, std::mem::replace(&mut node.first_child, id)),
            None => (1, NONE),
        };
        self.nodes.push(Node {
            name: start..self.names.len(),
            parent,
            depth,
            first_child: NONE,
            next_sibling: sibling,
            short_children: false,
            rules: Vec::new(),
            lost: Vec::new(),
            patterns: None,
            sealed: None,
            writable: None,
        });
        self.table.insert(hash(parent, name), id);
        id
    }

    fn child(&self, parent: u32, name: &[u8]) -> Option<u32> {
        self.table.find(hash(parent, name), |id| {
            self.nodes
                .get(id as usize)
                .is_some_and(|node| node.parent == parent && self.names.get(node.name.clone()) == Some(name))
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

    /// Is `component` a protected name, or possibly one, in a directory whose names are judged by `rule`?
    fn is_protected(&self, component: &[u8], wide: &[u8], rule: key::StepRule) -> bool {
        if !self.protected.active {
            return false;
        }
        if key::may_be_short_name(self.os, component) {
            return !self.protected.names.is_empty();
        }
        self.protected
            .names
            .iter()
            .any(|name| name.as_bytes() == component || rule.wide_eq(self.os, name.as_bytes(), wide))
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
            let Some(node) = self.nodes.get(id as usize) else { continue };
            let winner = self.winner(node);
            let mut patterns = node
                .patterns
                .and_then(|set| self.sets.get(set as usize))
                .map(|set| set.ids.clone())
                .unwrap_or_default();
            patterns.extend(node.sealed);
            // What the walk's own end says was decided; of what stands below, whoever asks by any spelling may
            // inherit the strongest.
            let tree = if top { None } else { self.inherits(node) };
            let writable = node.writable.filter(|_| self.protected.active);
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
    fn winner(&self, node: &Node) -> Option<(u32, EntryAccess)> {
        let spellings = node.rules.iter().filter_map(|id| self.spellings.get(*id as usize));
        let mut places: Vec<(&[u8], EntryAccess, u32)> = spellings
            .filter_map(|spelling| {
                let access = self.access.get(spelling.rule as usize)?;
                Some((&*spelling.exact, *access, spelling.rule))
            })
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
    fn inherits(&self, node: &Node) -> Option<EntryAccess> {
        let spellings = node.rules.iter().filter_map(|id| self.spellings.get(*id as usize));
        let trees = spellings.filter(|spelling| self.scope.get(spelling.rule as usize) == Some(&Scope::Tree));
        trees.filter_map(|spelling| self.access.get(spelling.rule as usize)).copied().max()
    }

    /// The protected names that an entry makes writable directly below a node.
    fn explicit_names(&self, node: u32) -> Vec<String> {
        let writable = |child: u32| self.nodes.get(child as usize).filter(|child| child.writable.is_some());
        let names: Vec<&[u8]> = self
            .children(node)
            .filter_map(writable)
            .filter_map(|child| self.names.get(child.name.clone()))
            .collect();
        let is_explicit = |name: &&String| names.iter().any(|wide| **wide == *name.as_bytes());
        self.protected.names.iter().filter(is_explicit).cloned().collect()
    }

    pub(crate) const fn protected_scope(&self) -> ProtectedScope {
        self.protected.scope
    }

    pub(crate) fn protected_names(&self) -> &[String] {
        &self.protected.names
    }

    pub(crate) const fn protects(&self) -> bool {
        self.protected.active
    }

    /// The exact key of a rule's place.
    pub(crate) fn exact_of(&self, rule: usize) -> &[u8] {
        self.spellings.get(rule).map_or(&[], |spelling| &spelling.exact)
    }

    /// The exact key of any place, in the form of [`exact_of`](Self::exact_of).
    pub(crate) fn exact_key(&self, path: &NativePath) -> Vec<u8> {
        let mut key = Vec::with_capacity(path.as_str().len() + 8);
        let (mut exact, mut wide) = (Vec::new(), Vec::new());
        if key::root_component(path.root_ref(), &mut exact, &mut wide) {
            key.extend_from_slice(&exact);
            key.push(0);
        }
        let mut cursor = self.volumes.cursor(path.root_ref());
        for segment in path.segments() {
            exact.clear();
            wide.clear();
            cursor.step(segment.as_bytes(), &mut exact, &mut wide);
            key.extend_from_slice(&exact);
            key.push(0);
        }
        key
    }
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
