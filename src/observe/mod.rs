//! What the file system says, through one trait. Without a view, binding reads text only and the policy says
//! `observed: false`.
//!
//! A [`FsView`] answers small questions about one name each; [`HostFs`] asks the machine that this
//! runs on, [`RecordedFs`] answers from data. Everything that follows from the answers is
//! made once, in [`walk`] and [`git`], from values: so a recording binds to the same bytes on every host.

pub(crate) mod git;
pub(crate) mod host;
pub(crate) mod observed;
pub(crate) mod recorded;
mod recording;
mod target;
pub(crate) mod walk;
pub(crate) mod walked;

#[cfg(test)]
mod tests;

pub use host::{Handle, HostFs};
pub use recorded::{RecordedFs, RecordedFsBuilder, Recorder};

use crate::native::Os;
use crate::native::key::{CaseRule, NormRule};
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

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $word:literal)*) => {
        /// What kind of object stands at a path.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$doc])* $name,)*
        }
        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
            /// The word used in recordings and policies.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

kinds! {
    /// A regular file.
    File "file"
    /// A directory.
    Directory "directory"
    /// A symbolic link.
    Symlink "symlink"
    /// A directory that redirects to an absolute path (Windows). The standard library does not tell a junction
    /// from a symbolic link to a directory whose target is absolute; both lead to the same place.
    Junction "junction"
    /// A directory on which another volume without a name of its own is mounted (Windows).
    MountPoint "mount_point"
    /// A directory with a reparse point that does not redirect by name, such as one kept in a cloud (Windows).
    ReparseDirectory "reparse_directory"
    /// Anything else with a reparse point that does not redirect by name (Windows).
    Reparse "reparse"
    /// A device, socket or pipe.
    Other "other"
}

impl Kind {
    /// The kind of a word, or `None`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }

    /// Can names be looked up in it as it stands?
    pub const fn is_directory(self) -> bool {
        match self {
            Self::Directory | Self::MountPoint | Self::ReparseDirectory => true,
            Self::File | Self::Symlink | Self::Junction | Self::Reparse | Self::Other => false,
        }
    }

    /// Does it lead to another path?
    pub const fn is_link(self) -> bool {
        match self {
            Self::Symlink | Self::Junction => true,
            Self::File
            | Self::Directory
            | Self::MountPoint
            | Self::ReparseDirectory
            | Self::Reparse
            | Self::Other => false,
        }
    }
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
        /// Is it known that something is mounted here? Where it is not told, a device that differs from the
        /// parent's says so.
        mount: bool,
    },
    /// Nothing is there.
    Missing,
    /// It cannot be asked: no permission, not a directory on the way, an I/O error.
    Unreadable,
}

/// How the names in one directory, and in those below it on the same volume, are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeFact {
    /// From where on this holds: the mount point, or the topmost directory with a rule of its own.
    pub root: NativePath,
    /// Case.
    pub case: CaseRule,
    /// Normalization.
    pub normalization: NormRule,
    /// Which volume it is, in the words of [`Identity::volume`].
    pub id: String,
}

/// A view during one observation.
#[derive(Debug)]
pub(crate) enum Begun<'v> {
    /// The view itself.
    Given(&'v dyn FsView),
    /// One that it gave for this observation.
    Fresh(Box<dyn FsView + 'v>),
}

impl<'v> Begun<'v> {
    /// Begins an observation.
    pub(crate) fn new(view: &'v dyn FsView) -> Self {
        view.begin().map_or(Self::Given(view), Self::Fresh)
    }

    /// Who answers.
    pub(crate) fn view(&self) -> &(dyn FsView + 'v) {
        match self {
            Self::Given(view) => *view,
            Self::Fresh(view) => &**view,
        }
    }
}

/// The most bytes that [`FsView::read_pointer`] gives.
pub const MAX_POINTER: usize = 4096;

/// The file system of one machine, or a recording of it.
///
/// Answers name a path's last component and never follow a link; nothing is created, deleted or opened for
/// writing (G-8). Every question is about a path whose parent is a directory that the asker has already resolved
/// to, never a link; an implementation that finds something else there answers
/// [`Unreadable`](Observation::Unreadable) or `None`. Which paths may be asked about at all (a share on a host that
/// the executor does not allow may not) is the asker's business.
pub trait FsView: std::fmt::Debug + Sync {
    /// The OS whose file system this is.
    fn os(&self) -> Os;

    /// A view for one observation, if this one keeps nothing from answer to answer and another that does (handles,
    /// a list of mounts) answers better. `None`: this one answers itself. Whoever observes asks once before
    /// everything else, and drops the view at the end: what it keeps grows old.
    fn begin(&self) -> Option<Box<dyn FsView + '_>> {
        None
    }

    /// What stands at `path`, the last component not followed.
    fn look(&self, path: &NativePath) -> Observation;

    /// The same, if names in `path` will be asked about next: a view that must open a directory for that can do both at
    /// once. The answer is that of [`look`](Self::look), which is what a view gives that has nothing to gain.
    fn look_into(&self, path: &NativePath) -> Observation {
        self.look(path)
    }

    /// What stands at `path`, the last component not followed, and with it that everything on the way to it from `above`,
    /// a directory that the asker has already resolved to, is a directory: no link, on the volume of `above` without
    /// anything mounted, compared by the same rule, and without a second name on that mount. `into`: names in `path` will
    /// be asked about next. `None` if that cannot be told in one question; then it is asked name by name, which a view
    /// without an answer here leaves it at.
    fn look_through(&self, above: &NativePath, path: &NativePath, into: bool) -> Option<Observation> {
        let _ = (above, path, into);
        None
    }

    /// The text of the link at `path`, as stored; `None` if there is no link or it cannot be read. On Windows it is
    /// UTF-8, with an unpaired surrogate in a form that no UTF-8 has.
    fn read_link(&self, path: &NativePath) -> Option<Vec<u8>>;

    /// What is in the regular file at `path`, which holds at most [`MAX_POINTER`] bytes; `None` for anything else.
    fn read_pointer(&self, path: &NativePath) -> Option<Vec<u8>>;

    /// How the names in the directory `path` are compared, found without writing; `None` if nothing is known.
    fn volume(&self, path: &NativePath) -> Option<VolumeFact>;

    /// Windows: the real name of the last component of `path`, if that may be a short (8.3) name; `None` elsewhere
    /// and if it is not known.
    fn long_name(&self, path: &NativePath) -> Option<String>;
}
