//! The file system of a Linux machine, asked through held handles.

use super::mounts::{self, Mount, Names};
use super::unix;
use crate::native::key::{CaseRule, NormRule};
use crate::native::path::NativePath;

use crate::observe::{Identity, Observation, VolumeFact};
use rustix::fd::{AsFd as _, BorrowedFd, OwnedFd};
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Statx, StatxAttributes, StatxFlags};
use rustix::io::{Errno, Result};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many directories are held open at once.
const MAX_HANDLES: usize = 128;

/// `FS_CASEFOLD_FL`.
const CASEFOLD: u32 = 0x4000_0000;

/// What is kept during one observation.
#[derive(Debug, Default)]
struct Known {
    open: BTreeMap<NativePath, Arc<OwnedFd>>,
    mounts: Option<Arc<Vec<Mount>>>,
    /// On which mount a directory is.
    on: BTreeMap<NativePath, On>,
    casefold: BTreeMap<NativePath, Option<bool>>,
}

/// A mount by its id, where the kernel tells it, and its device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct On {
    mount: Option<u64>,
    device: (u32, u32),
}

#[derive(Debug)]
pub(super) struct System {
    known: Mutex<Known>,
}

impl System {
    pub(super) fn new() -> Self {
        Self { known: Mutex::default() }
    }

    pub(super) fn look(&self, path: &NativePath) -> Observation {
        let answer = self.at(path, stat);
        answer.unwrap_or_else(unix::failed)
    }

    pub(super) fn read_link(&self, path: &NativePath) -> Option<Vec<u8>> {
        let text = self.at(path, |directory, name| rustix::fs::readlinkat(directory, name, Vec::new()));
        text.ok().map(std::ffi::CString::into_bytes)
    }

    pub(super) fn read_pointer(&self, path: &NativePath) -> Option<Vec<u8>> {
        self.at(path, |directory, name| Ok(unix::read_pointer(directory, name))).ok().flatten()
    }

    #[expect(clippy::unused_self, reason = "another system's answer needs it")]
    pub(super) fn long_name(&self, _: &NativePath) -> Option<String> {
        None
    }

    pub(super) fn volume(&self, path: &NativePath) -> Option<VolumeFact> {
        let on = self.on(path)?;
        let id = format!("{}:{}", on.device.0, on.device.1);
        let mounts = self.mounts();
        let mount = mounts.iter().find(|mount| Some(mount.id) == on.mount);
        let unknown = |root: NativePath| VolumeFact {
            root,
            case: CaseRule::Unknown,
            normalization: NormRule::Unknown,
            id: id.clone(),
        };
        // Without its mount nothing is known, and so far as is known it is only about this directory.
        let Some(mount) = mount else { return Some(unknown(path.clone())) };
        let holds = |case, normalization, root| VolumeFact { root, case, normalization, id: id.clone() };
        Some(match mounts::names(&mount.fs_type) {
            Names::Bytes => holds(CaseRule::Sensitive, NormRule::Preserving, self.top(path, on, |_| true)),
            Names::Unknown => unknown(self.top(path, on, |_| true)),
            Names::Flagged => match self.casefold(path) {
                Some(true) => {
                    let root = self.top(path, on, |path| self.casefold(path) == Some(true));
                    holds(CaseRule::Insensitive, NormRule::Insensitive, root)
                }
                Some(false) => {
                    let root = self.top(path, on, |path| self.casefold(path) == Some(false));
                    holds(CaseRule::Sensitive, NormRule::Preserving, root)
                }
                None => unknown(path.clone()),
            },
            Names::Probed(normalization) => {
                let mut case = None;
                let root = self.top(path, on, |path| {
                    case = case.or_else(|| unix::probe(&self.open_to_list(path)?));
                    true
                });
                let case = case.or_else(|| unix::probe(&self.open_to_list(path)?));
                holds(case.unwrap_or_default(), normalization, root)
            }
        })
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks about a name in the directory that holds it; about the root by an empty name.
    fn at<T>(&self, path: &NativePath, ask: impl FnOnce(BorrowedFd<'_>, &str) -> Result<T>) -> Result<T> {
        let holder = path.parent();
        let directory = self.directory(holder.as_ref().unwrap_or(path))?;
        ask(directory.as_fd(), path.file_name().unwrap_or_default())
    }

    /// A handle of a directory, reached from the root component by component and through no link.
    fn directory(&self, path: &NativePath) -> Result<Arc<OwnedFd>> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut known = self.known();
        let mut below = Vec::new();
        let mut at = path.clone();
        let mut handle = loop {
            if let Some(handle) = known.open.get(&at) {
                break Arc::clone(handle);
            }
            let Some(parent) = at.parent() else {
                let root = Arc::new(rustix::fs::openat(CWD, at.as_str(), flags, Mode::empty())?);
                known.open.insert(at, Arc::clone(&root));
                break root;
            };
            below.push(std::mem::replace(&mut at, parent));
        };
        for path in below.into_iter().rev() {
            let name = path.file_name().unwrap_or_default();
            handle = Arc::new(rustix::fs::openat(&*handle, name, flags, Mode::empty())?);
            if known.open.len() >= MAX_HANDLES {
                known.open.clear();
            }
            known.open.insert(path, Arc::clone(&handle));
        }
        Ok(handle)
    }

    fn open_to_list(&self, path: &NativePath) -> Option<OwnedFd> {
        unix::open_to_list(&*self.directory(path).ok()?, ".").ok()
    }

    /// Does a directory have the flag by which it ignores case and normalization?
    fn casefold(&self, path: &NativePath) -> Option<bool> {
        if let Some(casefold) = self.known().casefold.get(path) {
            return *casefold;
        }
        let casefold = self.open_to_list(path).and_then(|list| match rustix::fs::ioctl_getflags(list) {
            Ok(flags) => Some(flags.bits() & CASEFOLD != 0),
            // A file system without any flags has not this one either.
            Err(Errno::NOTTY | Errno::OPNOTSUPP) => Some(false),
            Err(_) => None,
        });
        self.known().casefold.insert(path.clone(), casefold);
        casefold
    }

    /// On which mount a directory is.
    fn on(&self, path: &NativePath) -> Option<On> {
        if let Some(on) = self.known().on.get(path) {
            return Some(*on);
        }
        let directory = self.directory(path).ok()?;
        let mask = StatxFlags::BASIC_STATS | StatxFlags::MNT_ID;
        let found = rustix::fs::statx(&*directory, "", AtFlags::EMPTY_PATH, mask).ok()?;
        let told = found.stx_mask & StatxFlags::MNT_ID.bits() != 0;
        let on = On {
            mount: told.then_some(found.stx_mnt_id),
            device: (found.stx_dev_major, found.stx_dev_minor),
        };
        self.known().on.insert(path.clone(), on);
        Some(on)
    }

    /// The topmost directory around `path`, on the same mount and without a gap, for which something holds.
    fn top(&self, path: &NativePath, on: On, mut holds: impl FnMut(&NativePath) -> bool) -> NativePath {
        let mut top = path.clone();
        while let Some(parent) = top.parent() {
            if self.on(&parent) != Some(on) || !holds(&parent) {
                break;
            }
            top = parent;
        }
        top
    }

    fn mounts(&self) -> Arc<Vec<Mount>> {
        let mut known = self.known();
        let mounts = known.mounts.get_or_insert_with(|| {
            Arc::new(mounts::read(&std::fs::read("/proc/self/mountinfo").unwrap_or_default()))
        });
        Arc::clone(mounts)
    }
}

/// Every mount, and what its kind of file system tells of names without anybody looking into it.
pub(super) fn mounted() -> Vec<(NativePath, CaseRule, NormRule)> {
    let list = std::fs::read("/proc/self/mountinfo").unwrap_or_default();
    let told = |mount: Mount| match mounts::names(&mount.fs_type) {
        Names::Bytes => (mount.at, CaseRule::Sensitive, NormRule::Preserving),
        Names::Flagged | Names::Probed(_) | Names::Unknown => {
            (mount.at, CaseRule::Unknown, NormRule::Unknown)
        }
    };
    mounts::read(&list).into_iter().map(told).collect()
}

/// What stands at a name in a directory, or at the handle itself if the name is empty.
pub(super) fn stat(directory: BorrowedFd<'_>, name: &str) -> Result<Observation> {
    // Not mounting what is mounted on demand: that would be an act.
    let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT | AtFlags::EMPTY_PATH;
    match rustix::fs::statx(directory, name, flags, StatxFlags::BASIC_STATS) {
        Ok(found) => Ok(observed(&found)),
        // Some sandboxes do not know this call.
        Err(Errno::NOSYS | Errno::PERM) => {
            let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::EMPTY_PATH;
            rustix::fs::statat(directory, name, flags).map(|stat| unix::observed(&stat))
        }
        Err(error) => Err(error),
    }
}

fn observed(found: &Statx) -> Observation {
    let mount = found.stx_attributes_mask & found.stx_attributes;
    Observation::Exists {
        kind: unix::kind(FileType::from_raw_mode(found.stx_mode.into())),
        identity: Some(Identity {
            volume: format!("{}:{}", found.stx_dev_major, found.stx_dev_minor),
            object: found.stx_ino.to_string(),
        }),
        links: Some(found.stx_nlink.into()),
        mount: mount.contains(StatxAttributes::MOUNT_ROOT),
    }
}
