//! The file system of a macOS machine.

use super::unix;
use crate::native::Os;
use crate::native::key::{CaseRule, NormRule};
use crate::native::path::NativePath;
use crate::observe::{Observation, VolumeFact};
use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, CWD, FileType, Stat, statat};

#[derive(Debug)]
pub(super) struct System;

#[expect(clippy::unused_self, reason = "another system keeps something")]
impl System {
    pub(super) const fn new() -> Self {
        Self
    }

    pub(super) fn look(&self, path: &NativePath) -> Observation {
        let found = statat(CWD, path.as_str(), AtFlags::SYMLINK_NOFOLLOW);
        found.map_or_else(unix::failed, |stat| observed(&stat))
    }

    pub(super) fn look_into(&self, path: &NativePath) -> Observation {
        self.look(path)
    }

    pub(super) fn look_through(&self, _: &NativePath, _: &NativePath, _: bool) -> Option<Observation> {
        None
    }

    pub(super) fn read_link(&self, path: &NativePath) -> Option<Vec<u8>> {
        rustix::fs::readlinkat(CWD, path.as_str(), Vec::new()).ok().map(std::ffi::CString::into_bytes)
    }

    pub(super) fn read_pointer(&self, path: &NativePath) -> Option<Vec<u8>> {
        unix::read_pointer(CWD, path.as_str())
    }

    pub(super) fn long_name(&self, _: &NativePath) -> Option<String> {
        None
    }

    pub(super) fn volume(&self, path: &NativePath) -> Option<VolumeFact> {
        let directory = open(path)?;
        let id = unix::identity(&rustix::fs::fstat(&directory).ok()?).volume;
        let system = rustix::fs::fstatfs(&directory).ok()?;
        let name =
            system.f_fstypename.iter().map(|c| u8::from_ne_bytes(c.to_ne_bytes())).take_while(|c| *c != 0);
        let name: Vec<u8> = name.collect();
        // Both ignore normalization, whichever rule of case they were made with.
        if !matches!(name.as_slice(), b"apfs" | b"hfs") {
            let root = path.clone();
            return Some(VolumeFact { root, case: CaseRule::Unknown, normalization: NormRule::Unknown, id });
        }
        // A volume that is grafted into another one (a firmlink) begins where its device begins.
        let mut case = unix::probe(&directory);
        let mut root = path.clone();
        while let Some(parent) = root.parent() {
            let stat = statat(CWD, parent.as_str(), AtFlags::SYMLINK_NOFOLLOW);
            if stat.ok().is_none_or(|stat| unix::identity(&stat).volume != id) {
                break;
            }
            case = case.or_else(|| unix::probe(&open(&parent)?));
            root = parent;
        }
        Some(VolumeFact { root, case: case.unwrap_or_default(), normalization: NormRule::Insensitive, id })
    }
}

/// Where volumes are mounted as a rule; how each compares names is not known without looking into it.
pub(super) fn mounted() -> Vec<(NativePath, CaseRule, NormRule)> {
    let at = NativePath::parse(Os::Macos, "/Volumes").ok();
    at.into_iter().map(|at| (at, CaseRule::Unknown, NormRule::Unknown)).collect()
}

fn observed(stat: &Stat) -> Observation {
    Observation::Exists {
        kind: unix::kind(FileType::from_raw_mode(stat.st_mode)),
        identity: Some(unix::identity(stat)),
        links: Some(unix::wide(stat.st_nlink)),
        mount: false,
    }
}

fn open(path: &NativePath) -> Option<OwnedFd> {
    unix::open_to_list(CWD, path.as_str()).ok()
}
