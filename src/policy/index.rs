//! The compiled rules: what decisions, root lists and the plan all read (G-6).
//!
//! Places form one tree whose edges are wide keys, so a decision walks the components of the queried path once,
//! whatever the number of rules. Whether a rule also matches by the exact key is one comparison of bytes, made
//! only at nodes that hold rules.

use super::rules::{BoundRule, DenyPattern, Place, Scope};
use crate::executor::{ProtectedNames, ProtectedScope};
use crate::intent::EntryAccess;
use crate::native::Os;
use crate::native::alias::Aliases;
use crate::native::fold::WideForm;
use crate::native::key::{self, Volumes};
use crate::native::path::{NativePath, RootRef};
use crate::pattern::{self, Reading, TailSet, WideComponent};

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
    rules: Vec<u32>,
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
    /// The exact key of each rule's place: every component closed by a NUL.
    exact: Vec<Box<[u8]>>,
    access: Vec<EntryAccess>,
    scope: Vec<Scope>,
    sets: Vec<PatternSet>,
    protected: Protected,
}

/// Protected names, compiled.
#[derive(Debug)]
struct Protected {
    names: Vec<String>,
    scope: ProtectedScope,
    /// Not under full write, where nothing narrows (see docs/adr).
    active: bool,
}

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
            exact: Vec::with_capacity(rules.len()),
            access: rules.iter().map(|rule| rule.access).collect(),
            scope: rules.iter().map(|rule| rule.scope).collect(),
            sets: Vec::new(),
            protected: Protected {
                names: protected.names().map(str::to_owned).collect(),
                scope: protected.scope(),
                active: true,
            },
        };
        for (id, rule) in rules.iter().enumerate() {
            let id = u32::try_from(id).unwrap_or(NONE);
            let (node, exact) = index.insert(&rule.place.resolved);
            index.exact.push(exact.into_boxed_slice());
            index.add_rule(node, id);
            if rule.access != EntryAccess::Write {
                for node in index.other_nodes(&rule.place) {
                    index.add_rule(node, id);
                }
            }
        }
        index.add_patterns(patterns);
        for node in &mut index.nodes {
            let has = |access: EntryAccess| {
                node.rules.iter().copied().find(|id| index.access.get(*id as usize) == Some(&access))
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
            if !node.rules.contains(&id) {
                node.rules.push(id);
            }
        }
    }

    /// Where a denial also holds: under the second wide key, and where only the wide key finds an alias in its
    /// spelling.
    fn other_nodes(&mut self, place: &Place) -> Vec<u32> {
        let mut nodes = vec![self.insert_alias(&place.resolved)];
        if !self.aliases.is_empty() {
            let wide = self.aliases.canonical(&self.volumes, &place.path, true).path;
            if wide != place.resolved {
                nodes.push(self.insert(&wide).0);
                nodes.push(self.insert_alias(&wide));
            }
        }
        nodes.dedup();
        nodes
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

    /// Walks a path: the components of `raw` below `root`, which are canonical by the alias table already.
    pub(crate) fn walk<'q>(
        &self,
        root: RootRef<'q>,
        raw: impl Iterator<Item = &'q [u8]> + Clone,
        collect: Collect,
    ) -> Found {
        let (mut found, contested) = self.walk_by(self.volumes.cursor(root), root, raw.clone(), collect);
        if contested {
            // The path may lead into a volume under another spelling: whatever matches then, matches (key.rs).
            let (other, _) = self.walk_by(self.volumes.alias_cursor(root), root, raw, collect);
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
    ) -> (Found, bool) {
        let mut walk = Walk {
            index: self,
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
            let rules = node.rules.iter().copied();
            let winner = rules
                .filter_map(|rule| self.access.get(rule as usize).map(|access| (rule, *access)))
                .max_by_key(|(_, access)| *access);
            let mut patterns = node
                .patterns
                .and_then(|set| self.sets.get(set as usize))
                .map(|set| set.ids.clone())
                .unwrap_or_default();
            patterns.extend(node.sealed);
            // A file rule says nothing about what is below.
            let tree = winner
                .filter(|(rule, _)| self.scope.get(*rule as usize) == Some(&Scope::Tree))
                .map(|(_, access)| access);
            let writable = node.writable.filter(|_| self.protected.active);
            if winner.is_some() || !patterns.is_empty() {
                let explicit = if writable.is_some() { self.explicit_names(id) } else { Vec::new() };
                out.push(Below { top, winner, inherited, writable, patterns, explicit });
            }
            stack.extend(self.children(id).map(|child| (child, false, tree.or(inherited))));
        }
        out
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
        self.exact.get(rule).map_or(&[], |key| key)
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
    /// The strongest rule at the nearest node above it that is still at or below the end of the walk.
    pub(crate) inherited: Option<EntryAccess>,
    /// The rule that makes it a writable place.
    pub(crate) writable: Option<u32>,
    /// The patterns whose base it is.
    pub(crate) patterns: Vec<usize>,
    /// Protected names in it that an entry makes writable.
    pub(crate) explicit: Vec<String>,
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
    /// Takes over what the second reading of a contested path adds: it can only make the answer stricter.
    fn widen(&mut self, other: Self) {
        self.wide = match (self.wide, other.wide) {
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
const fn weight(access: EntryAccess) -> u8 {
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
            for &rule in &node.rules {
                let at = rule as usize;
                let (Some(&access), Some(&scope)) = (self.index.access.get(at), self.index.scope.get(at))
                else {
                    continue;
                };
                if scope == Scope::File && !last {
                    continue;
                }
                let is_exact = self.index.exact.get(at).is_some_and(|key| **key == *self.key);
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

/// A hash of one edge. `SipHash`, so that whoever writes the intent cannot make names that all collide; its
/// value never leaves the table.
fn hash(parent: u32, name: &[u8]) -> u64 {
    use std::hash::Hasher as _;
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write_u32(parent);
    hasher.write(name);
    hasher.finish()
}

/// A hash table of nodes with open addressing. Its order is never looked at, so it cannot leak into results.
#[derive(Debug)]
struct Table {
    slots: Vec<(u64, u32)>,
    used: usize,
}

impl Table {
    fn with_capacity(capacity: usize) -> Self {
        Self { slots: vec![(0, NONE); (capacity * 2).next_power_of_two().max(16)], used: 0 }
    }

    fn mask(&self) -> usize {
        self.slots.len() - 1
    }

    #[expect(clippy::cast_possible_truncation, reason = "only the low bits pick a slot")]
    fn insert(&mut self, hash: u64, node: u32) {
        if (self.used + 1) * 2 > self.slots.len() {
            let old = std::mem::take(&mut self.slots);
            self.slots = vec![(0, NONE); old.len() * 2];
            self.used = 0;
            for (hash, node) in old.into_iter().filter(|(_, node)| *node != NONE) {
                self.insert(hash, node);
            }
        }
        let mask = self.mask();
        let mut at = hash as usize & mask;
        while let Some(slot) = self.slots.get_mut(at) {
            if slot.1 == NONE {
                *slot = (hash, node);
                self.used += 1;
                return;
            }
            at = (at + 1) & mask;
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "only the low bits pick a slot")]
    fn find(&self, hash: u64, is: impl Fn(u32) -> bool) -> Option<u32> {
        let mask = self.mask();
        let mut at = hash as usize & mask;
        loop {
            let &(slot, node) = self.slots.get(at)?;
            if node == NONE {
                return None;
            }
            if slot == hash && is(node) {
                return Some(node);
            }
            at = (at + 1) & mask;
        }
    }
}
