//! What changed since a policy was bound.

use crate::json::{self, Json};
use crate::native::path::NativePath;

macro_rules! kinds {
    ($($name:ident $word:literal $sentence:literal)*) => {
        /// How a place changed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum ChangeKind {
            $(#[doc = concat!("`", $word, "`. ", $sentence)] $name,)*
        }
        impl ChangeKind {
            /// Every kind, in the order of `docs/reference.md`.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
            /// The stable word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
            /// What it means, in one sentence.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }
        }
    };
}

kinds! {
    BecameLink "became_link" "A component of the path is now a link."
    LinkMoved "link_moved" "A link on the way names another target."
    LinkRemoved "link_removed" "A component of the path is no link any more."
    LeadsElsewhere "leads_elsewhere" "The path leads to another place."
    ObjectReplaced "object_replaced" "Another object stands at the place."
    KindChanged "kind_changed" "Another kind of object stands at the place."
    Appeared "appeared" "Where nothing was there is something now."
    Disappeared "disappeared" "Where something was there is nothing now."
    BecameUnreadable "became_unreadable" "The place cannot be observed any more."
    BecameReadable "became_readable" "The place could not be observed and now can be."
    MountMoved "mount_moved" "Another volume is mounted at the place, or none any more."
    LinksAdded "links_added" "The file has more names than before."
    LongNameChanged "long_name_changed" "A short name stands for another long one."
    VolumeRuleChanged "volume_rule_changed" "The names of a volume are compared in another way, or it is not known any more how."
    GitChanged "git_changed" "A working directory belongs to its repository in another way."
    NotObserved "not_observed" "The policy was bound by text alone, or for another system than the view shows: nothing can be compared."
    NotPinned "not_pinned" "No handle of the place can be held."
}

impl std::fmt::Display for ChangeKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One difference between what a policy observed and what is there now.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    place: NativePath,
    kind: ChangeKind,
    before: String,
    after: String,
}

impl Change {
    pub(super) fn new(
        place: &NativePath,
        kind: ChangeKind,
        before: impl Into<String>,
        after: impl Into<String>,
    ) -> Self {
        Self { place: place.clone(), kind, before: before.into(), after: after.into() }
    }

    /// Where: the component that changed, which can stand above the place of a rule.
    pub const fn place(&self) -> &NativePath {
        &self.place
    }
    /// How.
    pub const fn kind(&self) -> ChangeKind {
        self.kind
    }
    /// What was observed when the policy was bound, for people.
    pub fn before(&self) -> &str {
        &self.before
    }
    /// What is there now, for people.
    pub fn after(&self) -> &str {
        &self.after
    }

    fn to_tree(&self) -> Json {
        json::object([
            ("place", self.place.as_str().into()),
            ("kind", self.kind.as_str().into()),
            ("before", self.before.as_str().into()),
            ("after", self.after.as_str().into()),
        ])
    }
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { place, kind, before, after } = self;
        write!(f, "{kind} at {place}: before: {before}; now: {after}")
    }
}

/// Everything that changed, at once: never empty, sorted by place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes(Vec<Change>);

impl Changes {
    /// `None` if nothing changed.
    pub(super) fn from_vec(mut changes: Vec<Change>) -> Option<Self> {
        changes.sort();
        changes.dedup();
        (!changes.is_empty()).then_some(Self(changes))
    }

    /// The changes, in order.
    pub fn as_slice(&self) -> &[Change] {
        &self.0
    }

    /// The changes, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Change> {
        self.0.iter()
    }

    /// `{"verified":"changed","changes":[…]}`, in one line.
    pub fn to_json(&self) -> String {
        let changes = self.0.iter().map(Change::to_tree).collect();
        json::object([("verified", "changed".into()), ("changes", Json::Array(changes))]).to_canonical()
    }
}

impl From<Change> for Changes {
    fn from(change: Change) -> Self {
        Self(vec![change])
    }
}

impl<'a> IntoIterator for &'a Changes {
    type Item = &'a Change;
    type IntoIter = std::slice::Iter<'a, Change>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl std::fmt::Display for Changes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, change) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{change}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Changes {}

/// Everything that a policy observed is still so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unchanged {}

impl Unchanged {
    pub(super) const fn new() -> Self {
        Self {}
    }

    /// `{"verified":"unchanged"}`.
    pub fn to_json(self) -> String {
        json::object([("verified", "unchanged".into())]).to_canonical()
    }
}
