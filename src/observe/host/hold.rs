//! Handles of places, reached from the root component by component and through no link.

use super::Reached;
use super::system::stat;
use crate::native::path::NativePath;
use crate::observe::{Kind, Observation};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::{Errno, Result};
use std::sync::Arc;

/// A handle of a place, which stays with the object whatever becomes of its names. On Linux it gives a file
/// descriptor (`AsFd`) that was opened with `O_PATH | O_NOFOLLOW`: it can be bound, searched and asked about, and
/// neither read nor written. Elsewhere there is none.
#[derive(Clone, Debug)]
pub struct Handle(Arc<OwnedFd>);

impl AsFd for Handle {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Opens handles of many places. Of the way to the last one everything is kept, so that places that are asked for in
/// their order share it.
#[derive(Debug, Default)]
pub(crate) struct Holder {
    way: Vec<(NativePath, Handle, Observation)>,
}

impl Holder {
    /// Nothing held yet; `None` where no handles are held.
    #[expect(clippy::unnecessary_wraps, reason = "other systems have none")]
    pub(crate) fn new() -> Option<Self> {
        Some(Self::default())
    }

    /// Goes to a place, never through a link.
    pub(crate) fn reach(&mut self, path: &NativePath) -> Reached {
        while self.way.last().is_some_and(|(at, ..)| !at.contains(path)) {
            self.way.pop();
        }
        if self.way.is_empty() {
            let mut root = path.clone();
            while let Some(parent) = root.parent() {
                root = parent;
            }
            match open(CWD, root.as_str()) {
                Ok((handle, seen)) => self.way.push((root, handle, seen)),
                Err(error) => return Reached::Failed(root, why(error)),
            }
        }
        let known = self.way.last().map_or(0, |(at, ..)| at.depth());
        for name in path.segments().skip(known) {
            let Some((above, directory, seen)) = self.way.last() else { break };
            let Ok(at) = above.join_segment(name) else { break };
            if !matches!(seen, Observation::Exists { kind: Kind::Directory, .. }) {
                return Reached::Failed(above.clone(), "it is no directory".to_owned());
            }
            match open(directory, name) {
                Ok((_, Observation::Exists { kind: Kind::Symlink, .. })) => return Reached::Link(at),
                Ok((handle, seen)) => self.way.push((at, handle, seen)),
                Err(Errno::NOENT) => return Reached::Missing(above.clone(), directory.clone(), seen.clone()),
                Err(error) => return Reached::Failed(at, why(error)),
            }
        }
        match self.way.last() {
            Some((_, handle, seen)) => Reached::Place(handle.clone(), seen.clone()),
            None => Reached::Failed(path.clone(), "it has no root".to_owned()),
        }
    }
}

fn open(directory: impl AsFd, name: &str) -> Result<(Handle, Observation)> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let handle = rustix::fs::openat(directory, name, flags, Mode::empty())?;
    let seen = stat(handle.as_fd(), "")?;
    Ok((Handle(Arc::new(handle)), seen))
}

fn why(error: Errno) -> String {
    match error {
        Errno::MFILE | Errno::NFILE => "no more handles may be open".to_owned(),
        error => error.to_string(),
    }
}
