//! What a bound policy consists of: rules and deny patterns at native places, in one canonical order.

use crate::intent::EntryAccess;
use crate::json::{Out, ToJson};
use crate::native::path::NativePath;
use crate::pattern::Tail;
use std::cmp::Ordering;
use std::sync::Arc;

/// A place: the path as it was written, and where that really is. Cloning shares it.
#[derive(Clone, Debug, Eq)]
pub struct Place(Arc<Names>);

/// What a [`Place`] shares.
#[derive(Debug, PartialEq, Eq)]
struct Names {
    /// The path as written.
    path: NativePath,
    /// Where it really is, if that is another path or links were crossed on the way: most places have one name.
    real: Option<Box<Real>>,
}

#[derive(Debug, PartialEq, Eq)]
struct Real {
    /// Where the place really is, as far as aliases and observation tell.
    path: NativePath,
    /// The links and aliases that were crossed on the way, in order.
    links: Box<[NativePath]>,
}

impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By where places really are.
impl Ord for Place {
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) {
            return Ordering::Equal;
        }
        let rest = || (self.path(), self.links()).cmp(&(other.path(), other.links()));
        self.resolved().cmp(other.resolved()).then_with(rest)
    }
}

impl Place {
    pub(crate) fn new(path: NativePath, resolved: NativePath, links: Vec<NativePath>) -> Self {
        let other = path != resolved || !links.is_empty();
        let real = other.then(|| Box::new(Real { path: resolved, links: links.into() }));
        Self(Arc::new(Names { path, real }))
    }

    /// A place of which only the written path is known.
    pub(crate) fn unsettled(path: NativePath) -> Self {
        Self(Arc::new(Names { path, real: None }))
    }

    /// Has the place one name only?
    pub(crate) fn is_plain(&self) -> bool {
        self.0.real.is_none()
    }

    /// The path as written.
    pub fn path(&self) -> &NativePath {
        &self.0.path
    }
    /// Where it really is; the same as [`path`](Self::path) when nothing says otherwise.
    pub fn resolved(&self) -> &NativePath {
        self.0.real.as_ref().map_or(&self.0.path, |real| &real.path)
    }
    /// The links and aliases between the two, in order. A builder that masks places must mask these too.
    pub fn links(&self) -> &[NativePath] {
        self.0.real.as_ref().map_or(&[], |real| &real.links)
    }

    /// Both names, without repeating one.
    pub(crate) fn names(&self) -> Box<[Arc<str>]> {
        if self.path() == self.resolved() {
            Box::new([self.path().shared()])
        } else {
            Box::new([self.path().shared(), self.resolved().shared()])
        }
    }
}

/// A string, or `{path, resolved, links}` where one place has two names.
impl ToJson for Place {
    fn put(&self, out: &mut Out<'_>) {
        if self.0.real.is_none() {
            return out.value(self.path());
        }
        out.object(|fields| {
            fields.put("links", self.links());
            fields.put("path", self.path());
            fields.put("resolved", self.resolved());
        });
    }
}

impl ToJson for NativePath {
    fn put(&self, out: &mut Out<'_>) {
        out.value(self.as_str());
    }
}

/// How much of a place a rule covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The place and everything below it.
    Tree,
    /// The place only: it was observed to be a file (S-12).
    File,
}

impl Scope {
    /// The word used in a policy: `tree` or `file`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tree => "tree",
            Self::File => "file",
        }
    }
}

/// One rule of a bound policy. Rules sort by place (parents first), then by access.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BoundRule {
    pub(crate) place: Place,
    pub(crate) access: EntryAccess,
    pub(crate) scope: Scope,
    pub(crate) materialize: bool,
}

impl BoundRule {
    /// Where it holds.
    pub const fn place(&self) -> &Place {
        &self.place
    }
    /// What it allows there.
    pub const fn access(&self) -> EntryAccess {
        self.access
    }
    /// How much of the place it covers.
    pub const fn scope(&self) -> Scope {
        self.scope
    }
    /// May a builder create the place to hold the rule? `false` for `missing_path_behavior: skip` (O-6).
    pub const fn materialize(&self) -> bool {
        self.materialize
    }
}

impl ToJson for BoundRule {
    fn put(&self, out: &mut Out<'_>) {
        out.object(|fields| {
            fields.put("access", self.access.as_str());
            fields.put("materialize", &self.materialize);
            fields.put("path", &self.place);
            fields.put("scope", self.scope.as_str());
        });
    }
}

/// One deny pattern of a bound policy: a literal base that is never parsed as a pattern, and a tail (P-2).
#[derive(Clone, Debug)]
pub struct DenyPattern {
    pub(crate) base: Place,
    /// `None` for a pattern that leaves nothing to match: the base and everything below it.
    pub(crate) tail: Option<Tail>,
    pub(crate) source: String,
    pub(crate) depth: Option<u64>,
}

impl DenyPattern {
    /// The pattern as the intent wrote it.
    pub fn source(&self) -> &str {
        &self.source
    }
    /// The literal place that the tail hangs on.
    pub const fn base(&self) -> &Place {
        &self.base
    }
    /// The tail, with `/` between components on every OS. Empty for a pattern without pattern characters, or with
    /// nothing but a final `/**`: it denies the base and everything below it, and no grant reopens it (D-3).
    pub fn tail(&self) -> &str {
        self.tail.as_ref().map_or("", Tail::as_str)
    }
    /// How deep an expansion into existing files may look; `None` is without bound. Decisions never look at it.
    pub const fn depth(&self) -> Option<u64> {
        self.depth
    }

    /// The canonical order, and what two patterns must share to be one.
    pub(crate) fn sort_key(&self) -> (&Place, &str, &str, Option<u64>) {
        (&self.base, self.tail(), &self.source, self.depth)
    }
}

impl ToJson for DenyPattern {
    fn put(&self, out: &mut Out<'_>) {
        out.object(|fields| {
            fields.put("base", &self.base);
            fields.put("depth", &self.depth);
            fields.put("source", &self.source);
            fields.put("tail", self.tail());
        });
    }
}
