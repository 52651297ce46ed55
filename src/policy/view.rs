//! The lists and the plan of a policy, read from its rules by one walk over the places in order.
//!
//! Places are compared by the exact key here: a list of literal paths cannot say more. Where a volume's case rule
//! is not known, a decision may be stricter than the plan (G-6); the policy names those places.

use super::index::Index;
use super::rules::{BoundRule, DenyPattern, Place, Scope};
use crate::executor::ProtectedScope;
use crate::intent::EntryAccess;
use crate::json::{Out, ToJson};
use crate::native::path::{NativePath, RootKind};
use crate::pattern::Tail;
use std::ops::Range;
use std::sync::Arc;

/// A place at which the answer may change: all rules of one place, resolved to the access that wins there.
#[derive(Debug)]
struct Spot<'i> {
    key: &'i [u8],
    access: EntryAccess,
    /// Borrowed: of the places that are looked at here, most go into no list.
    place: &'i Place,
    scope: Scope,
    materialize: bool,
    /// A protected name rather than a rule.
    protected: bool,
    /// The nearest spot above.
    above: Option<usize>,
}

/// Readable, writable, or neither; the default where no rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Denied,
    Readable,
    Writable,
}

impl From<EntryAccess> for Level {
    fn from(access: EntryAccess) -> Self {
        match access {
            EntryAccess::Read => Self::Readable,
            EntryAccess::Write => Self::Writable,
            EntryAccess::Deny => Self::Denied,
        }
    }
}

/// A writable root with what is carved out of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WritableRoot {
    pub(crate) place: Place,
    pub(crate) read_only: Vec<Place>,
    pub(crate) denied: Vec<Place>,
    pub(crate) protected_names: Arc<[String]>,
}

impl WritableRoot {
    /// The place.
    pub const fn place(&self) -> &Place {
        &self.place
    }
    /// Places in it that may only be read.
    pub fn read_only(&self) -> &[Place] {
        &self.read_only
    }
    /// Places in it that may not be read.
    pub fn denied(&self) -> &[Place] {
        &self.denied
    }
    /// Names in it that may not be written, existing or not: directly in it, or at any depth, as the policy's
    /// protected names say.
    pub fn protected_names(&self) -> &[String] {
        &self.protected_names
    }
}

impl ToJson for WritableRoot {
    fn put(&self, out: &mut Out<'_>) {
        out.object(|fields| {
            fields.put("denied", &self.denied);
            fields.put("path", &self.place);
            fields.put("protected_names", &*self.protected_names);
            fields.put("read_only", &self.read_only);
        });
    }
}

/// What a builder does at one step. A later step wins over an earlier one at and below its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PlanOp {
    /// Make the place readable and not writable.
    ReadOnly,
    /// Make the place readable and writable.
    ReadWrite,
    /// Make the place neither readable nor writable.
    Mask,
    /// Make the name not writable, whether it exists or not; it stays as readable as what is around it.
    Protect,
    /// Make the names not writable directly below every drive and share: the place is the Windows namespace.
    ProtectEachDrive,
    /// Make the names not writable at any depth below the place.
    ProtectAnyDepth,
    /// Make what matches the pattern below the place, and all below that, neither readable nor writable.
    DenyPattern,
}

impl PlanOp {
    /// The word used in a policy.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "read_only",
            Self::ReadWrite => "read_write",
            Self::Mask => "mask",
            Self::Protect => "protect",
            Self::ProtectEachDrive => "protect_each_drive",
            Self::ProtectAnyDepth => "protect_any_depth",
            Self::DenyPattern => "deny_pattern",
        }
    }
}

/// One step of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanStep {
    pub(crate) op: PlanOp,
    pub(crate) place: Place,
    pub(crate) scope: Scope,
    pub(crate) materialize: bool,
    pub(crate) names: Option<Box<Arc<[String]>>>,
    /// Of a pattern: its tail, and how deep an expansion may look.
    pub(crate) tail: Option<Box<(Tail, Option<u64>)>>,
}

impl PlanStep {
    /// What to do.
    pub const fn op(&self) -> PlanOp {
        self.op
    }
    /// Where: both names of the place, and the links between.
    pub const fn place(&self) -> &Place {
        &self.place
    }
    /// How much of the place.
    pub const fn scope(&self) -> Scope {
        self.scope
    }
    /// May the builder create the place to hold the step?
    pub const fn materialize(&self) -> bool {
        self.materialize
    }
    /// The names of [`PlanOp::ProtectAnyDepth`] and [`PlanOp::ProtectEachDrive`].
    pub fn names(&self) -> &[String] {
        self.names.as_ref().map_or(&[], |names| names)
    }
    /// The tail of [`PlanOp::DenyPattern`].
    pub fn tail(&self) -> Option<&str> {
        self.tail.as_deref().map(|(tail, _)| tail.as_str())
    }
    /// How deep an expansion of [`PlanOp::DenyPattern`] may look; `None` is without bound.
    pub fn depth(&self) -> Option<u64> {
        self.tail.as_deref().and_then(|(_, depth)| *depth)
    }
}

impl ToJson for PlanStep {
    fn put(&self, out: &mut Out<'_>) {
        out.object(|fields| match self.op {
            PlanOp::ReadOnly | PlanOp::ReadWrite | PlanOp::Mask | PlanOp::Protect => {
                fields.put("materialize", &self.materialize);
                fields.put("op", self.op.as_str());
                fields.put("path", &self.place);
                fields.put("scope", self.scope.as_str());
            }
            PlanOp::ProtectAnyDepth | PlanOp::ProtectEachDrive => {
                fields.put("names", self.names());
                fields.put("op", self.op.as_str());
                fields.put("path", &self.place);
            }
            PlanOp::DenyPattern => {
                fields.put("depth", &self.depth());
                fields.put("op", self.op.as_str());
                fields.put("path", &self.place);
                fields.put("tail", &self.tail());
            }
        });
    }
}

/// Everything that is derived from the rules and never stored apart from them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) full_read: bool,
    pub(crate) full_write: bool,
    pub(crate) readable: Vec<Place>,
    pub(crate) writable: Vec<WritableRoot>,
    pub(crate) denied: Vec<Place>,
    pub(crate) plan: Vec<PlanStep>,
}

impl View {
    /// A policy is kept as long as its sandbox runs.
    fn shrunk(mut self) -> Self {
        self.readable.shrink_to_fit();
        self.denied.shrink_to_fit();
        self.writable.shrink_to_fit();
        self.plan.shrink_to_fit();
        for root in &mut self.writable {
            root.read_only.shrink_to_fit();
            root.denied.shrink_to_fit();
        }
        self
    }
}

/// What is said of the platform's own readable places.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Minimal {
    /// They are denied.
    pub(crate) denied: bool,
    /// The builder adds them, and they are not among the rules, because nobody knows them here.
    pub(crate) unknown: bool,
}

/// Derives the lists and the plan.
pub(crate) fn derive(index: &Index, rules: &[BoundRule], patterns: &[DenyPattern], minimal: Minimal) -> View {
    let mut spots = spots(index, rules);
    link(&mut spots);
    let top =
        spots.first().filter(|spot| spot.key.is_empty()).map_or(Level::Denied, |spot| spot.access.into());
    let lowest = spots.iter().map(|spot| Level::from(spot.access)).min().unwrap_or(Level::Denied);
    let narrowed = !patterns.is_empty() || minimal.denied;
    let full_read = top >= Level::Readable && lowest >= Level::Readable && !narrowed;
    let full_write = top == Level::Writable
        && lowest == Level::Writable
        && !narrowed
        && (index.protected_scope() == ProtectedScope::Root || index.protected_names().is_empty());
    // Under full write nothing narrows, and a protected name would.
    let protects = !full_write;
    let (writable, protected) = writable(index, &spots, protects);
    let level_above = |spot: &Spot<'_>| {
        spot.above.and_then(|above| spots.get(above)).map_or(Level::Denied, |spot| spot.access.into())
    };
    let readable = spots
        .iter()
        .filter(|spot| Level::from(spot.access) >= Level::Readable && level_above(spot) == Level::Denied)
        .map(|spot| spot.place.clone())
        .collect();
    let denied =
        spots.iter().filter(|spot| spot.access == EntryAccess::Deny).map(|spot| spot.place.clone()).collect();
    let places = protected.places();
    let plan = plan(index, spots, (&protected, &places), patterns, minimal.unknown, protects);
    View { full_read, full_write, readable, writable, denied, plan }.shrunk()
}

fn spots<'i>(index: &'i Index, rules: &'i [BoundRule]) -> Vec<Spot<'i>> {
    let mut order: Vec<usize> = (0..rules.len()).collect();
    let scope = |id: usize| rules.get(id).map(|rule| rule.scope);
    order.sort_by(|a, b| {
        let places = index.exact_of(*a).cmp(index.exact_of(*b));
        places.then_with(|| scope(*a).cmp(&scope(*b))).then(a.cmp(b))
    });
    let mut spots: Vec<Spot<'i>> = Vec::with_capacity(rules.len());
    for id in order {
        let Some(rule) = rules.get(id) else { continue };
        let key = index.exact_of(id);
        // At one place stand at most two: what holds of the whole tree, and what holds of the file.
        let mut near = spots.iter_mut().rev().take(2);
        if let Some(spot) = near.find(|spot| spot.key == key && spot.scope == rule.scope) {
            spot.materialize |= rule.materialize;
            if rule.access > spot.access {
                spot.access = rule.access;
                spot.place = &rule.place;
            }
            continue;
        }
        spots.push(Spot {
            key,
            access: rule.access,
            place: &rule.place,
            scope: rule.scope,
            materialize: rule.materialize,
            protected: false,
            above: None,
        });
    }
    let mut told: Vec<Spot<'i>> = Vec::with_capacity(spots.len());
    for spot in spots {
        let same = told.last().is_some_and(|other| other.key == spot.key);
        let Some(other) = (if same { told.pop() } else { None }) else {
            told.push(spot);
            continue;
        };
        let (tree, file) = if spot.scope == Scope::Tree { (spot, other) } else { (other, spot) };
        // What is said of the file says nothing more than a stronger word about the tree, which holds there, too.
        let says_more = file.access > tree.access;
        // Where the file may be written, a read says nothing; only a denial of the file alone leaves the tree as it is.
        let both = says_more && file.access == EntryAccess::Deny;
        if !says_more || both {
            told.push(tree);
        }
        told.extend(says_more.then_some(file));
    }
    told
}

/// Every component of a key is closed, so containment is a prefix.
fn is_inside(outer: &[u8], inner: &[u8]) -> bool {
    inner.starts_with(outer)
}

/// Finds the nearest spot above each. Spots are sorted by key, parents first.
fn link(spots: &mut [Spot<'_>]) {
    let mut stack: Vec<usize> = Vec::new();
    for at in 0..spots.len() {
        let above = {
            let Some(spot) = spots.get(at) else { continue };
            while stack
                .last()
                .and_then(|above| spots.get(*above))
                .is_some_and(|above| !is_inside(above.key, spot.key))
            {
                stack.pop();
            }
            stack.last().copied()
        };
        let Some(spot) = spots.get_mut(at) else { continue };
        spot.above = above;
        if spot.scope == Scope::Tree {
            stack.push(at);
        }
    }
}

/// The places directly under `place` that carry protected names: itself, or every known drive for the Windows
/// namespace, which holds no names of its own.
fn protected_place(place: &Place, name: &str) -> Option<Place> {
    let join = |path: &NativePath| path.join_segment(name).ok();
    (place.resolved().kind() != RootKind::Namespace).then_some(())?;
    let path = join(place.path())?;
    if place.is_plain() {
        return Some(Place::unsettled(path));
    }
    let resolved = if place.path() == place.resolved() { path.clone() } else { join(place.resolved())? };
    Some(Place::new(path, resolved, place.links().to_vec()))
}

/// A name that is protected in a writable place.
#[derive(Debug)]
struct Guarded<'i> {
    place: &'i Place,
    name: &'i str,
    /// The exact key of what it would be, in [`Protected::keys`].
    key: Range<usize>,
    /// Is there a spot of just this place?
    stands: bool,
}

/// The names that are protected in writable places where each is a place of its own.
#[derive(Debug, Default)]
struct Protected<'i> {
    names: Vec<Guarded<'i>>,
    keys: Vec<u8>,
}

/// The writable roots, and the names that are protected in them where each is a place of its own.
fn writable<'i>(index: &'i Index, spots: &[Spot<'i>], protects: bool) -> (Vec<WritableRoot>, Protected<'i>) {
    let mut protected = Protected::default();
    let all = index.protected_names();
    let none: Arc<[String]> = Arc::default();
    let mut roots: Vec<WritableRoot> = Vec::new();
    // Which writable root each spot belongs to, and each spot's index among the roots.
    let mut owner: Vec<Option<usize>> = Vec::with_capacity(spots.len());
    for (at, spot) in spots.iter().enumerate() {
        let above = spot.above.and_then(|above| owner.get(above).copied().flatten());
        if spot.access == EntryAccess::Write {
            owner.push(Some(roots.len()));
            // At any depth a name stays protected elsewhere, whatever is opened directly below.
            let any_depth = index.protected_scope() == ProtectedScope::AnyDepth;
            let protected_names = if spot.scope != Scope::Tree || !protects {
                none.clone()
            } else if any_depth || spot.place.resolved().kind() == RootKind::Namespace {
                all.clone()
            } else {
                // What stands below comes next. Most places have nothing below them, and need no search for each name.
                let is_leaf = spots.get(at + 1).is_none_or(|next| !is_inside(spot.key, next.key));
                let before = protected.names.len();
                let Protected { names, keys } = &mut protected;
                index.keys_below(spot.key, spot.place.resolved(), keys, |name, keys, key| {
                    let key_of = keys.get(key.clone()).unwrap_or_default();
                    let found = if is_leaf {
                        None
                    } else {
                        spots.binary_search_by(|other| other.key.cmp(key_of)).ok()
                    };
                    let found = found.and_then(|at| spots.get(at));
                    if found.is_none_or(|found| found.access != EntryAccess::Write) {
                        names.push(Guarded { place: spot.place, name, key, stands: found.is_some() });
                    }
                });
                let kept = protected.names.get(before..).unwrap_or_default();
                if kept.len() < all.len() {
                    kept.iter().map(|guarded| guarded.name.to_owned()).collect()
                } else {
                    all.clone()
                }
            };
            roots.push(WritableRoot {
                place: spot.place.clone(),
                read_only: Vec::new(),
                denied: Vec::new(),
                protected_names,
            });
            continue;
        }
        // Below a denial nothing is carved out any more, until something is granted again.
        owner.push(if spot.access == EntryAccess::Deny { None } else { above });
        let Some(root) = above.and_then(|above| roots.get_mut(above)) else { continue };
        match spot.access {
            EntryAccess::Read => {
                let parent = spot.above.and_then(|above| spots.get(above));
                if parent.is_some_and(|parent| parent.access == EntryAccess::Write) {
                    root.read_only.push(spot.place.clone());
                }
            }
            EntryAccess::Deny => root.denied.push(spot.place.clone()),
            EntryAccess::Write => {}
        }
    }
    (roots, protected)
}

impl Protected<'_> {
    /// The place of each name that no spot says anything about, with its name's number. Names at any depth are not
    /// among them.
    fn places(&self) -> Vec<(usize, Place)> {
        let silent = self.names.iter().enumerate().filter(|(_, guarded)| !guarded.stands);
        let mut places = Vec::with_capacity(self.names.len());
        places.extend(
            silent.filter_map(|(at, name)| protected_place(name.place, name.name).map(|place| (at, place))),
        );
        places
    }

    /// The exact key of a name.
    fn key(&self, at: usize) -> &[u8] {
        self.names.get(at).and_then(|guarded| self.keys.get(guarded.key.clone())).unwrap_or_default()
    }
}

fn plan<'p>(
    index: &Index,
    mut spots: Vec<Spot<'p>>,
    (protected, places): (&'p Protected<'_>, &'p [(usize, Place)]),
    patterns: &[DenyPattern],
    defaults_unknown: bool,
    protects: bool,
) -> Vec<PlanStep> {
    if !places.is_empty() {
        spots.reserve_exact(places.len());
        spots.extend(places.iter().map(|(at, place)| Spot {
            key: protected.key(*at),
            access: EntryAccess::Read,
            place,
            scope: Scope::Tree,
            materialize: false,
            protected: true,
            above: None,
        }));
        spots.sort_by(|a, b| a.key.cmp(b.key));
        spots.dedup_by(|next, kept| next.protected && kept.protected && next.key == kept.key);
        link(&mut spots);
    }
    let sealed = Sealed::new(index, patterns);
    let patterns = telling(index, &spots, &sealed, patterns, defaults_unknown);
    let names = index.protected_names();
    let mut steps = Vec::with_capacity(spots.len() + patterns.len());
    // Whose step is in force below each spot: its own, or the one of a spot above.
    let mut governor: Vec<Option<usize>> = Vec::with_capacity(spots.len());
    for (at, spot) in spots.iter().enumerate() {
        let above = spot.above.and_then(|above| governor.get(above).copied().flatten());
        let before = match above.and_then(|above| spots.get(above)) {
            Some(above) => Some(in_force(index, above, spot, protects)),
            // What the platform's own readable places are is the builder's knowledge, and a denial must hold in them.
            None => (!defaults_unknown).then_some(Level::Denied),
        };
        let after = Level::from(spot.access);
        if before == Some(after) || sealed.holds(spot.key) {
            governor.push(above);
            continue;
        }
        governor.push(Some(at));
        let op = match (spot.protected, after) {
            (true, _) => PlanOp::Protect,
            (false, Level::Denied) => PlanOp::Mask,
            (false, Level::Readable) => PlanOp::ReadOnly,
            (false, Level::Writable) => PlanOp::ReadWrite,
        };
        steps.push(PlanStep {
            op,
            place: spot.place.clone(),
            scope: spot.scope,
            materialize: spot.materialize,
            names: None,
            tail: None,
        });
        if let Some(op) = names_below(index, spot, protects) {
            steps.push(PlanStep {
                op,
                place: spot.place.clone(),
                scope: Scope::Tree,
                materialize: false,
                names: Some(Box::new(names.clone())),
                tail: None,
            });
        }
    }
    // Last, because no grant reopens them. One without a tail is a place like any other.
    steps.extend(patterns.iter().map(|Telling { pattern, depth, .. }| PlanStep {
        op: if pattern.tail.is_some() { PlanOp::DenyPattern } else { PlanOp::Mask },
        place: pattern.base.clone(),
        scope: Scope::Tree,
        materialize: false,
        names: None,
        tail: pattern.tail.as_ref().map(|tail| Box::new((tail.clone(), *depth))),
    }));
    steps
}

/// The step about protected names that follows a spot's own, if one does: where they are not places of their own.
fn names_below(index: &Index, spot: &Spot<'_>, protects: bool) -> Option<PlanOp> {
    let grants = spot.access == EntryAccess::Write && spot.scope == Scope::Tree && protects;
    if !grants {
        return None;
    }
    match index.protected_scope() {
        ProtectedScope::AnyDepth => (!index.protected_names().is_empty()).then_some(PlanOp::ProtectAnyDepth),
        ProtectedScope::Root => {
            (spot.place.resolved().kind() == RootKind::Namespace).then_some(PlanOp::ProtectEachDrive)
        }
    }
}

/// What holds at `spot` after the steps of `above`, the last that covers it.
fn in_force(index: &Index, above: &Spot<'_>, spot: &Spot<'_>, protects: bool) -> Level {
    let level = Level::from(above.access);
    let path = spot.place.resolved();
    // A grant is said again where a name may be protected; only where one is for certain, it need not be narrowed.
    let grants = spot.access == EntryAccess::Write;
    let skip = above.place.resolved().depth();
    let is_name = |segment: &str| index.protected_names().iter().any(|name| name == segment);
    let protected = match names_below(index, above, protects) {
        Some(PlanOp::ProtectAnyDepth) if grants => index.has_protected(path, skip),
        Some(PlanOp::ProtectAnyDepth) => path.segments().skip(skip).any(is_name),
        Some(_) if grants => index.is_protected_first(path),
        Some(_) => path.segments().next().is_some_and(is_name),
        None => false,
    };
    if protected { level.min(Level::Readable) } else { level }
}

/// A pattern that changes something, as the plan says it.
#[derive(Debug)]
struct Telling<'p> {
    pattern: &'p DenyPattern,
    key: Vec<u8>,
    /// How deep to look, where several patterns became this one.
    depth: Option<u64>,
}

impl Telling<'_> {
    /// Does an expansion from here as deep as this one's find what the other finds? Both have the same tail.
    fn finds(&self, other: &Self) -> bool {
        let levels = |key: &[u8]| key.split(|byte| *byte == 0).count();
        let between = u64::try_from(levels(&other.key).saturating_sub(levels(&self.key))).unwrap_or(u64::MAX);
        match (self.depth, other.depth) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(depth), Some(other)) => depth >= other.saturating_add(between),
        }
    }
}

/// The patterns without those that change nothing: below which nothing is readable, all of whose places another
/// pattern denies, or that differ in how they were written only. In the order in which they came.
fn telling<'p>(
    index: &Index,
    spots: &[Spot<'_>],
    sealed: &Sealed,
    patterns: &'p [DenyPattern],
    defaults_unknown: bool,
) -> Vec<Telling<'p>> {
    // How many of the spots before each are readable, to tell of any range whether one is.
    let mut readable = Vec::with_capacity(spots.len() + 1);
    readable.push(0_usize);
    for spot in spots {
        let before = readable.last().copied().unwrap_or_default();
        readable.push(before + usize::from(spot.access != EntryAccess::Deny));
    }
    // Is anything readable there? In a place that is denied as a whole, only what is above it counts.
    let is_open = |Telling { key, pattern, .. }: &Telling<'_>| {
        let from = spots.partition_point(|spot| spot.key < key.as_slice());
        let rest = spots.get(from..).unwrap_or_default();
        let past = from + rest.partition_point(|spot| is_inside(key, spot.key));
        if pattern.tail.is_some() && readable.get(from) != readable.get(past) {
            return true;
        }
        // The nearest spot above is the one before, or one above that.
        let mut above = from.checked_sub(1);
        while let Some(spot) = above.and_then(|above| spots.get(above)) {
            if is_inside(spot.key, key) && spot.scope == Scope::Tree {
                return spot.access != EntryAccess::Deny;
            }
            above = spot.above;
        }
        false
    };
    let mut found: Vec<(usize, Telling<'p>)> = patterns
        .iter()
        .map(|pattern| Telling {
            pattern,
            key: index.exact_key(pattern.base.resolved()),
            depth: pattern.depth,
        })
        .enumerate()
        .filter(|(_, telling)| telling.pattern.tail.is_none() || !sealed.holds(&telling.key))
        .filter(|(_, telling)| defaults_unknown || is_open(telling))
        .collect();
    // One tail after the other, those without first, and of each tail the outer bases first.
    found.sort_by(|(at, a), (other, b)| {
        (a.pattern.tail(), &a.key, at).cmp(&(b.pattern.tail(), &b.key, other))
    });
    let mut kept: Vec<(usize, Telling<'p>)> = Vec::with_capacity(found.len());
    // The bases that the next one may lie in, outermost first.
    let mut around: Vec<usize> = Vec::new();
    for (at, mut telling) in found {
        let tail = telling.pattern.tail();
        while around
            .last()
            .and_then(|last| kept.get(*last))
            .is_some_and(|(_, last)| last.pattern.tail() != tail || !is_inside(&last.key, &telling.key))
        {
            around.pop();
        }
        if let Some((_, last)) = around.last().and_then(|last| kept.get_mut(*last)) {
            if last.key == telling.key {
                // No bound is the widest.
                last.depth = last.depth.zip(telling.depth).map(|(one, other)| one.max(other));
                continue;
            }
        }
        let covered = (tail.is_empty() || tail.starts_with("**/"))
            && around
                .iter()
                .filter_map(|outer| kept.get(*outer))
                .any(|(_, outer)| tail.is_empty() || outer.finds(&telling));
        if !covered {
            telling.depth = telling.depth.filter(|_| !tail.is_empty());
            around.push(kept.len());
            kept.push((at, telling));
        }
    }
    kept.sort_by_key(|(at, _)| *at);
    kept.into_iter().map(|(_, telling)| telling).collect()
}

/// The places that patterns deny as a whole: whatever the rules say in them, no step says it.
#[derive(Debug)]
struct Sealed(Vec<Vec<u8>>);

impl Sealed {
    fn new(index: &Index, patterns: &[DenyPattern]) -> Self {
        let whole = patterns.iter().filter(|pattern| pattern.tail.is_none());
        let mut keys: Vec<Vec<u8>> = whole.map(|pattern| index.exact_key(pattern.base.resolved())).collect();
        keys.sort();
        // Those in others say nothing more, and would hide the others from a search.
        keys.dedup_by(|inner, outer| is_inside(outer, inner));
        Self(keys)
    }

    /// Is a place one of them, or in one?
    fn holds(&self, key: &[u8]) -> bool {
        let past = self.0.partition_point(|sealed| sealed.as_slice() <= key);
        past.checked_sub(1).and_then(|at| self.0.get(at)).is_some_and(|sealed| is_inside(sealed, key))
    }
}
