//! What walking a path tells.

use super::{Identity, Kind};
use crate::native::path::NativePath;

/// As many links as Linux follows in one path.
pub(crate) const MAX_LINKS: usize = 40;

/// The paths of all places that one observation asks about, together, in bytes. A tree that someone made to be deep has
/// a path for each of its directories, and behind forty links, each of four kilobytes, these came to 6 GiB.
pub(crate) const MAX_WALKED_BYTES: usize = 128 * 1024 * 1024;

/// Why a place cannot be observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Why {
    /// The file system gave no answer.
    NoAnswer,
    /// It is on a host that the executor does not allow; it was not touched.
    Host,
    /// It shows other places under another name, or another one to every process; it was not touched.
    Mirror,
    /// The path belongs to another OS than the view; nothing was touched.
    Foreign,
    /// A link whose text cannot be read.
    LinkUnread,
    /// A link whose text is not UTF-8.
    LinkNotUtf8,
    /// A link whose text leads to no place that a native path can name.
    LinkText,
    /// The paths of what was asked about before are [`MAX_WALKED_BYTES`] already.
    TooMuch,
}

impl Why {
    /// Every reason.
    pub(crate) const ALL: [Self; 8] = [
        Self::NoAnswer,
        Self::Host,
        Self::Mirror,
        Self::Foreign,
        Self::LinkUnread,
        Self::LinkNotUtf8,
        Self::LinkText,
        Self::TooMuch,
    ];

    /// The word used in recordings, audits and policies.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::NoAnswer => "no_answer",
            Self::Host => "host_not_allowed",
            Self::Mirror => "mirror",
            Self::Foreign => "foreign",
            Self::LinkUnread => "link_unread",
            Self::LinkNotUtf8 => "link_not_utf8",
            Self::LinkText => "link_text",
            Self::TooMuch => "too_much",
        }
    }

    /// The end of a sentence that begins with the place.
    pub(crate) const fn sentence(self) -> &'static str {
        match self {
            Self::NoAnswer => "cannot be looked at",
            Self::Host => "is on a host that the executor does not allow",
            Self::Mirror => "shows other places under another name",
            Self::Foreign => "is a path of another operating system",
            Self::LinkUnread => "is a link whose target cannot be read",
            Self::LinkNotUtf8 => "is a link whose target is not UTF-8",
            Self::LinkText => "is a link whose target no path can name",
            Self::TooMuch => "is more than one observation asks about",
        }
    }
}

/// What a walk found at the end of a path (O-2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Something is there; never a link.
    Exists {
        /// What it is.
        kind: Kind,
        /// Which object it is, if the view tells.
        identity: Option<Identity>,
        /// How many names it has, if the view tells.
        links: Option<u64>,
    },
    /// Nothing is there, and no link says that there should be.
    Missing {
        /// The deepest directory on the way that exists; the Windows namespace if there is no such drive or share.
        nearest: NativePath,
        /// Which object `nearest` is, if the view tells: whoever replaces it decides what may appear in it.
        identity: Option<Identity>,
    },
    /// A link leads to a place where nothing is.
    Dangling {
        /// The link, the last one if several lead there.
        link: NativePath,
        /// The place that its target names.
        target: NativePath,
    },
    /// More than [`MAX_LINKS`] links, usually the same ones again and again.
    Loop {
        /// The link that was one too many.
        link: NativePath,
    },
    /// What is there cannot be known.
    Unreadable {
        /// Where the walk ended.
        at: NativePath,
        /// Why.
        why: Why,
    },
    /// The path leads through something that is no directory.
    NotADirectory {
        /// What is none.
        at: NativePath,
    },
}

/// A link that was crossed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    /// Where the link itself really is.
    pub(crate) at: NativePath,
    /// Where it really leads, or would, through all links behind it.
    pub(crate) to: NativePath,
    /// Its text, as stored.
    pub(crate) text: Box<str>,
    /// Which kind of link.
    pub(crate) kind: Kind,
}

/// A name that may have been short and turned out to be this one (N-5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LongName {
    /// The place as it was named.
    pub(crate) at: NativePath,
    /// The place by its real name, which can be the same.
    pub(crate) to: NativePath,
}

/// One path and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Walked {
    /// The path as written.
    pub(crate) written: NativePath,
    /// Where it really is, or would be: no link is on this path, so far as anything of it exists. After a
    /// [`State::Loop`] or [`State::Unreadable`] it is only what is known of that place.
    pub(crate) real: NativePath,
    /// Every link that was crossed, in that order, those inside the targets of others behind them.
    pub(crate) links: Vec<Link>,
    /// Every place on the way at which another volume is mounted, in order; a root is none.
    pub(crate) mounts: Vec<NativePath>,
    /// What became of names that may be short ones. One that is not listed was not confirmed.
    pub(crate) long_names: Vec<LongName>,
    /// How it ended.
    pub(crate) state: State,
}

impl Walked {
    /// The object at the end, if there is one and the view tells.
    pub(crate) const fn identity(&self) -> Option<&Identity> {
        match &self.state {
            State::Exists { identity, .. } => identity.as_ref(),
            State::Missing { .. }
            | State::Dangling { .. }
            | State::Loop { .. }
            | State::Unreadable { .. }
            | State::NotADirectory { .. } => None,
        }
    }

    /// What kind of object is at the end, if there is one.
    pub(crate) const fn kind(&self) -> Option<Kind> {
        match &self.state {
            State::Exists { kind, .. } => Some(*kind),
            State::Missing { .. }
            | State::Dangling { .. }
            | State::Loop { .. }
            | State::Unreadable { .. }
            | State::NotADirectory { .. } => None,
        }
    }

    /// Is this a directory, itself in the place at which it was written: no link on the way?
    pub(crate) fn is_plain_directory(&self) -> bool {
        self.links.is_empty() && self.kind().is_some_and(Kind::is_directory)
    }
}

/// Are these one object under two names? `None` if that cannot be told.
///
/// Canonical text does not answer this: on a volume that ignores case, two spellings stay two texts.
#[cfg(test)]
pub(crate) fn same_object(a: &Walked, b: &Walked) -> Option<bool> {
    let both_exist = a.kind().is_some() && b.kind().is_some();
    if both_exist && a.real == b.real {
        return Some(true);
    }
    a.identity().zip(b.identity()).map(|(a, b)| a == b)
}
