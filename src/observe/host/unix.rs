//! What Linux and macOS have in common.

use super::probe::{flipped, judge};
use crate::native::key::CaseRule;
use crate::observe::{Identity, Kind, MAX_POINTER, Observation};
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat, fstat, openat, statat};
use rustix::io::Errno;
use std::io::Read as _;

/// How many names of a directory are tried to find out how it compares them, and how many are read for it.
const PROBES: usize = 8;
const NAMES: usize = 256;

pub(super) fn kind(file_type: FileType) -> Kind {
    match file_type {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Directory,
        FileType::Symlink => Kind::Symlink,
        FileType::Fifo
        | FileType::Socket
        | FileType::CharacterDevice
        | FileType::BlockDevice
        | FileType::Unknown => Kind::Other,
    }
}

pub(super) fn identity(stat: &Stat) -> Identity {
    let (major, minor) = (rustix::fs::major(stat.st_dev), rustix::fs::minor(stat.st_dev));
    Identity { volume: device(major, minor), object: stat.st_ino.to_string() }
}

/// A device as text.
pub(super) fn device(major: u32, minor: u32) -> String {
    format!("{major}:{minor}")
}

/// A number, which every system gives in another width.
pub(super) fn wide(count: impl Into<u64>) -> u64 {
    count.into()
}

pub(super) fn failed(error: Errno) -> Observation {
    if error == Errno::NOENT { Observation::Missing } else { Observation::Unreadable }
}

/// What is in a small regular file. Anything else is not opened: opening can be an act.
pub(super) fn read_pointer(directory: impl AsFd, name: &str) -> Option<Vec<u8>> {
    let directory = directory.as_fd();
    let is_file = |stat: &Stat| kind(FileType::from_raw_mode(stat.st_mode)) == Kind::File;
    statat(directory, name, AtFlags::SYMLINK_NOFOLLOW).ok().filter(is_file)?;
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = openat(directory, name, flags, Mode::empty()).ok()?;
    fstat(&file).ok().filter(is_file)?;
    let mut content = Vec::new();
    let limit = u64::try_from(MAX_POINTER).unwrap_or_default() + 1;
    std::fs::File::from(file).take(limit).read_to_end(&mut content).ok()?;
    (content.len() <= MAX_POINTER).then_some(content)
}

/// Opens a directory so that its names can be read.
pub(super) fn open_to_list(directory: impl AsFd, name: &str) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(directory, name, flags, Mode::empty())
}

/// Does this directory ignore the case of ASCII letters? Found by looking up names that exist in the other case.
pub(super) fn probe(directory: &OwnedFd) -> Option<CaseRule> {
    let look = |name: &str| {
        let stat = statat(directory, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        let single = stat.st_nlink == 1 || FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
        Some((identity(&stat), single))
    };
    let entries = Dir::read_from(directory).ok()?.take(NAMES).filter_map(Result::ok);
    let names = entries.filter_map(|entry| entry.file_name().to_str().ok().map(str::to_owned));
    let mut probes = names.filter_map(|name| flipped(&name).map(|other| (name, other))).take(PROBES);
    probes.find_map(|(name, other)| {
        let (first, other, again) = (look(&name), look(&other), look(&name));
        judge(first.as_ref(), other.as_ref(), again.as_ref())
    })
}
