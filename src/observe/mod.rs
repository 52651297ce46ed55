//! What the file system says, through one trait. Without a view, binding reads text only and the policy says
//! `observed: false`.
//!
//! This version of the engine binds without observing: the trait and its types are what a view will answer with,
//! so that facts, policies and digests already have their place for it.

pub(crate) mod host;

use crate::native::Os;
use crate::native::path::NativePath;

/// Which object a name leads to: device and inode, or volume and file id, as text (numbers above 2^53 do not
/// survive every JSON reader).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// The device or volume.
    pub volume: String,
    /// The inode or file id.
    pub object: String,
}

/// What kind of object stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A junction or mount point that redirects by name (Windows).
    Junction,
    /// A device, socket, pipe, or a reparse point of another kind.
    Other,
}

/// What one `lstat`-like question answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observation {
    /// Something is there.
    Exists {
        /// What it is.
        kind: Kind,
        /// Which object it is, if the file system tells.
        identity: Option<Identity>,
        /// How many names the object has, if the file system tells.
        links: Option<u64>,
    },
    /// Nothing is there.
    Missing,
    /// It cannot be asked: no permission, not a directory on the way, an I/O error.
    Unreadable,
}

/// The file system of one machine, or a recording of it. Answers name a path's last component and never follow
/// a link; nothing is created, deleted or opened for writing (G-8).
pub trait FsView: std::fmt::Debug + Sync {
    /// The OS whose file system this is.
    fn os(&self) -> Os;
    /// What stands at `path`, the last component not followed.
    fn look(&self, path: &NativePath) -> Observation;
    /// The text of the link at `path`, as stored; `None` if there is no link or it cannot be read.
    fn read_link(&self, path: &NativePath) -> Option<Vec<u8>>;
}
