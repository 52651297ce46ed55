//! What a bound policy consists of: rules and deny patterns at native places, in one canonical order.

use crate::intent::EntryAccess;
use crate::json::{self, Json};
use crate::native::path::NativePath;
use crate::pattern::Tail;

/// A place: the path as it was written, and where that really is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Where it really is, as far as aliases and observation tell. First, so that places sort by it.
    pub(crate) resolved: NativePath,
    /// The path as written.
    pub(crate) path: NativePath,
    /// The links and aliases that were crossed on the way, in order.
    pub(crate) links: Vec<NativePath>,
}

impl Place {
    /// A place of which only the written path is known.
    pub(crate) fn unsettled(path: NativePath) -> Self {
        Self { resolved: path.clone(), path, links: Vec::new() }
    }

    /// The path as written.
    pub const fn path(&self) -> &NativePath {
        &self.path
    }
    /// Where it really is; the same as [`path`](Self::path) when nothing says otherwise.
    pub const fn resolved(&self) -> &NativePath {
        &self.resolved
    }
    /// The links and aliases between the two, in order. A builder that masks places must mask these too.
    pub fn links(&self) -> &[NativePath] {
        &self.links
    }

    /// A string, or `{path, resolved, links}` where one place has two names.
    pub(crate) fn to_tree(&self) -> Json {
        if self.path == self.resolved && self.links.is_empty() {
            return self.path.as_str().into();
        }
        json::object([
            ("path", self.path.as_str().into()),
            ("resolved", self.resolved.as_str().into()),
            ("links", Json::Array(self.links.iter().map(|link| link.as_str().into()).collect())),
        ])
    }

    /// Both names, without repeating one.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = vec![self.path.as_str().to_owned()];
        if self.path != self.resolved {
            names.push(self.resolved.as_str().to_owned());
        }
        names
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

    pub(crate) fn to_tree(&self) -> Json {
        json::object([
            ("path", self.place.to_tree()),
            ("access", self.access.as_str().into()),
            ("scope", self.scope.as_str().into()),
            ("materialize", self.materialize.into()),
        ])
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

    pub(crate) fn to_tree(&self) -> Json {
        json::object([
            ("base", self.base.to_tree()),
            ("tail", self.tail().into()),
            ("source", self.source.as_str().into()),
            (
                "depth",
                self.depth
                    .map_or(Json::Null, |depth| Json::Int(i64::try_from(depth).unwrap_or(json::MAX_INTEGER))),
            ),
        ])
    }

    /// The canonical order, and what two patterns must share to be one.
    pub(crate) fn sort_key(&self) -> (&Place, &str, &str, Option<u64>) {
        (&self.base, self.tail(), &self.source, self.depth)
    }
}
