//! The file system of a Linux machine, asked through held handles.

use super::mounts::{self, Mount, Names, Numbered};
use super::unix;
use crate::native::Os;
use crate::native::key::{CaseRule, NormRule};
use crate::native::path::NativePath;

use crate::observe::{Identity, Observation, VolumeFact};
use rustix::fd::{AsFd as _, BorrowedFd, OwnedFd};
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags, Statx, StatxAttributes, StatxFlags};
use rustix::io::{Errno, Result};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many directories are held open at once.
const MAX_HANDLES: usize = 128;

/// `FS_CASEFOLD_FL`.
const CASEFOLD: u32 = 0x4000_0000;

/// Where ext4 lists what it can do on this kernel, and the number of the file system that such lists are in.
const EXT4_FEATURES: &str = "/sys/fs/ext4/features";
const SYSFS: u64 = 0x6265_6572;

/// The file system during one observation.
#[derive(Debug)]
pub(super) struct System {
    known: Mutex<Known>,
}

impl System {
    pub(super) fn new() -> Self {
        Self { known: Mutex::default() }
    }

    pub(super) fn look(&self, path: &NativePath) -> Observation {
        self.known().look(path.as_str()).unwrap_or_else(unix::failed)
    }

    pub(super) fn look_into(&self, path: &NativePath) -> Observation {
        self.known().look_into(path.as_str()).unwrap_or_else(unix::failed)
    }

    pub(super) fn look_through(
        &self,
        above: &NativePath,
        path: &NativePath,
        into: bool,
    ) -> Option<Observation> {
        self.known().look_through(above.as_str(), path.as_str(), into)
    }

    pub(super) fn read_link(&self, path: &NativePath) -> Option<Vec<u8>> {
        let (directory, name) = self.known().at(path.as_str()).ok()?;
        let text = rustix::fs::readlinkat(&*directory, name, Vec::new());
        text.ok().map(std::ffi::CString::into_bytes)
    }

    pub(super) fn read_pointer(&self, path: &NativePath) -> Option<Vec<u8>> {
        let (directory, name) = self.known().at(path.as_str()).ok()?;
        unix::read_pointer(&*directory, name)
    }

    #[expect(clippy::unused_self, reason = "another system's answer needs it")]
    pub(super) fn long_name(&self, _: &NativePath) -> Option<String> {
        None
    }

    pub(super) fn volume(&self, path: &NativePath) -> Option<VolumeFact> {
        self.known().volume(path)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is kept during one observation.
#[derive(Debug, Default)]
struct Known {
    /// Every directory that was met; the first is the root.
    directories: Vec<Directory>,
    /// The one that was met last: what is asked next is often about it, or near it.
    last: At,
    /// How many are held open.
    held: usize,
    /// What each mount's kind of file system tells of names; `None` if it is not known.
    names: Vec<(On, Option<Names>)>,
    /// The case rules that were found by looking; each holds for a whole volume.
    probed: Vec<(On, CaseRule)>,
    mounts: Option<Vec<Mount>>,
    /// What holds for every directory of a mount, so far as looking into one would tell no more.
    whole: Vec<(On, VolumeFact)>,
    /// The kernel, or a sandbox, does not know how to go through several directories at once.
    one_by_one: bool,
    /// The device that was met last, and its text.
    device: Option<((u32, u32), String)>,
}

/// The number of a [`Directory`].
type At = usize;

/// What is known of one directory.
#[derive(Clone, Debug)]
struct Directory {
    path: Box<str>,
    /// The directory that holds it; `None` for the root.
    up: Option<At>,
    below: BTreeMap<Box<str>, At>,
    open: Option<Open>,
    on: Option<On>,
    flags: Option<Flags>,
    fact: Option<VolumeFact>,
}

/// A held directory.
#[derive(Clone, Debug)]
struct Open {
    handle: Arc<OwnedFd>,
    /// Can its names be read, too? Otherwise it can only be searched.
    readable: bool,
}

/// A mount by its id, where the kernel tells it, and its device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct On {
    mount: Option<u64>,
    device: (u32, u32),
}

/// What a directory's flags say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flags {
    /// It ignores case and normalization.
    Folded,
    /// It does not.
    Plain,
    /// Its file system has no flags, so it has not this one either.
    Without,
    /// They cannot be read.
    Closed,
}

impl Flags {
    const fn folds(self) -> Option<bool> {
        match self {
            Self::Folded => Some(true),
            Self::Plain | Self::Without => Some(false),
            Self::Closed => None,
        }
    }
}

/// What stands at a name.
struct Found {
    kind: FileType,
    device: (u32, u32),
    object: u64,
    links: u64,
    is_mount: bool,
    mount: Option<u64>,
}

/// A path as the directory that holds it and a name in it; the root as itself without a name.
fn split(path: &str) -> (&str, &str) {
    match path.rsplit_once('/') {
        Some(("", name)) => ("/", name),
        Some(parts) => parts,
        None => (path, ""),
    }
}

/// What of a path lies below a directory; `None` if it is another place.
fn beyond<'p>(path: &'p str, directory: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(directory)?;
    (rest.is_empty() || rest.starts_with('/') || directory == "/").then_some(rest)
}

impl Known {
    /// A handle of the directory that holds a path, and the name to ask about in it.
    fn at<'p>(&mut self, path: &'p str) -> Result<(Arc<OwnedFd>, &'p str)> {
        let (holder, name) = split(path);
        let holder = self.number(holder);
        Ok((self.held(holder)?.handle, name))
    }

    fn look(&mut self, path: &str) -> Result<Observation> {
        let (directory, name) = self.at(path)?;
        let found = ask(directory.as_fd(), name)?;
        Ok(self.observed(path, &found))
    }

    /// The same in two questions instead of three, if names in it are asked about next: it is opened at once, and the
    /// handle asked.
    fn look_into(&mut self, path: &str) -> Result<Observation> {
        let (holder, name) = split(path);
        if name.is_empty() {
            return self.look(path);
        }
        let holder = self.number(holder);
        let directory = self.held(holder)?;
        match self.open(&directory.handle, holder, name) {
            Ok(open) => {
                let found = ask(open.handle.as_fd(), "")?;
                let at = self.number(path);
                self.keep(at, open);
                Ok(self.observed(path, &found))
            }
            Err(Errno::NOENT) => Err(Errno::NOENT),
            // A file, a link, or a directory of which no handle can be had.
            Err(_) => self.look(path),
        }
    }

    /// The same through several directories at once, which the kernel passes only if none is a link and all are on one
    /// mount. Only where names are bytes: elsewhere each directory must be asked how it compares them, and which
    /// object it is.
    fn look_through(&mut self, above: &str, path: &str, into: bool) -> Option<Observation> {
        if self.one_by_one {
            return None;
        }
        let base = self.number(above);
        let on = self.on(base)?;
        if on.mount.is_none() || self.names(base, on) != Some(Names::Bytes) {
            return None;
        }
        // What it says of the whole mount is said of everything below it, too.
        self.fact_of(base)?;
        let rest = beyond(path, above)?.trim_start_matches('/');
        let open = self.held(base).ok()?;
        let flags = if into { searched() } else { searched() - OFlags::DIRECTORY };
        let way = ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_XDEV | ResolveFlags::BENEATH;
        let handle = match rustix::fs::openat2(&*open.handle, rest, flags, Mode::empty(), way) {
            Ok(handle) => handle,
            Err(error) => {
                self.one_by_one = matches!(error, Errno::NOSYS | Errno::PERM);
                return None;
            }
        };
        let found = ask(handle.as_fd(), "").ok()?;
        // A volume within a volume has no mount of its own.
        if found.on() != on || found.is_mount {
            return None;
        }
        if into {
            let at = self.number(path);
            self.keep(at, Open { handle: Arc::new(handle), readable: false });
        }
        Some(self.observed(path, &found))
    }

    fn observed(&mut self, path: &str, found: &Found) -> Observation {
        if found.kind == FileType::Directory {
            let at = self.number(path);
            if let Some(directory) = self.directories.get_mut(at) {
                directory.on = Some(found.on());
            }
        }
        Observation::Exists {
            kind: unix::kind(found.kind),
            identity: Some(Identity { volume: self.device(found.device), object: found.object.to_string() }),
            links: Some(found.links),
            mount: found.is_mount,
        }
    }

    /// A device as text.
    fn device(&mut self, device: (u32, u32)) -> String {
        match &self.device {
            Some((known, text)) if *known == device => text.clone(),
            Some(_) | None => {
                let text = unix::device(device.0, device.1);
                self.device = Some((device, text.clone()));
                text
            }
        }
    }

    /// The number of a directory, by its path.
    fn number(&mut self, path: &str) -> At {
        if self.directories.is_empty() {
            self.add(None, "/");
        }
        let mut at = self.last;
        let rest = loop {
            let Some(directory) = self.directories.get(at) else { break "" };
            match (beyond(path, &directory.path), directory.up) {
                (Some(rest), _) => break rest,
                (None, Some(up)) => at = up,
                // Every path is below the root.
                (None, None) => break "",
            }
        };
        let mut end = path.len() - rest.len();
        for name in rest.split('/').filter(|name| !name.is_empty()) {
            end += name.len() + usize::from(path.as_bytes().get(end) == Some(&b'/'));
            let known = self.directories.get(at).and_then(|directory| directory.below.get(name)).copied();
            at = known.unwrap_or_else(|| self.add(Some((at, name)), path.get(..end).unwrap_or(path)));
        }
        self.last = at;
        at
    }

    fn add(&mut self, holder: Option<(At, &str)>, path: &str) -> At {
        let new = self.directories.len();
        let up = holder.map(|(up, _)| up);
        self.directories.push(Directory {
            path: path.into(),
            up,
            below: BTreeMap::new(),
            open: None,
            on: None,
            flags: None,
            fact: None,
        });
        if let Some((up, name)) = holder {
            if let Some(up) = self.directories.get_mut(up) {
                up.below.insert(name.into(), new);
            }
        }
        new
    }

    fn directory(&self, at: At) -> Option<&Directory> {
        self.directories.get(at)
    }

    /// A handle of a directory, reached from the root component by component and through no link.
    fn held(&mut self, at: At) -> Result<Open> {
        let mut below = Vec::new();
        let mut next = at;
        let mut open = loop {
            let Some(directory) = self.directory(next) else { return Err(Errno::NOENT) };
            if let Some(open) = &directory.open {
                break open.clone();
            }
            let Some(up) = directory.up else {
                let handle = rustix::fs::openat(CWD, &*directory.path, searched(), Mode::empty())?;
                break self.keep(next, Open { handle: Arc::new(handle), readable: false });
            };
            below.push((next, up));
            next = up;
        };
        for (at, up) in below.into_iter().rev() {
            let Some(directory) = self.directory(at) else { return Err(Errno::NOENT) };
            let next = self.open(&open.handle, up, split(&directory.path).1)?;
            open = self.keep(at, next);
        }
        Ok(open)
    }

    /// Opens a directory in another one, so that its flags can be read where they will be asked for.
    fn open(&self, directory: &OwnedFd, holder: At, name: &str) -> Result<Open> {
        let on = self.directory(holder).and_then(|directory| directory.on);
        let flagged = on.is_some_and(|on| self.names.contains(&(on, Some(Names::Flagged))));
        let listed = flagged.then(|| unix::open_to_list(directory, name));
        match listed {
            Some(Ok(handle)) => return Ok(Open { handle: Arc::new(handle), readable: true }),
            // What may not be read may still be searched.
            None | Some(Err(Errno::ACCESS | Errno::PERM)) => {}
            Some(Err(error)) => return Err(error),
        }
        let handle = rustix::fs::openat(directory, name, searched(), Mode::empty())?;
        Ok(Open { handle: Arc::new(handle), readable: false })
    }

    /// Holds a directory. Where that is one too many, only those on the way to it stay held.
    fn keep(&mut self, at: At, open: Open) -> Open {
        if self.held >= MAX_HANDLES {
            let mut way = Vec::new();
            let mut next = Some(at);
            while let Some(up) = next.and_then(|at| self.directory(at)?.up) {
                way.push(up);
                next = Some(up);
            }
            // A way that is longer than all that may be held is not held either.
            way.truncate(MAX_HANDLES / 2);
            self.held = 0;
            for (at, directory) in self.directories.iter_mut().enumerate() {
                directory.open = directory.open.take().filter(|_| way.contains(&at));
                self.held += usize::from(directory.open.is_some());
            }
        }
        if let Some(directory) = self.directories.get_mut(at) {
            self.held += usize::from(directory.open.is_none());
            directory.open = Some(open.clone());
        }
        open
    }

    fn listing(&mut self, at: At) -> Option<Arc<OwnedFd>> {
        let open = self.held(at).ok()?;
        if open.readable {
            return Some(open.handle);
        }
        unix::open_to_list(&*open.handle, ".").ok().map(Arc::new)
    }

    fn flags(&mut self, at: At) -> Flags {
        if let Some(flags) = self.directory(at).and_then(|directory| directory.flags) {
            return flags;
        }
        let flags = self.listing(at).map_or(Flags::Closed, |list| match rustix::fs::ioctl_getflags(&*list) {
            Ok(flags) if flags.bits() & CASEFOLD != 0 => Flags::Folded,
            Ok(_) => Flags::Plain,
            Err(Errno::NOTTY | Errno::OPNOTSUPP) => Flags::Without,
            Err(_) => Flags::Closed,
        });
        if let Some(directory) = self.directories.get_mut(at) {
            directory.flags = Some(flags);
        }
        flags
    }

    /// On which mount a directory is.
    fn on(&mut self, at: At) -> Option<On> {
        if let Some(on) = self.directory(at)?.on {
            return Some(on);
        }
        let open = self.held(at).ok()?;
        let on = ask(open.handle.as_fd(), "").ok()?.on();
        if let Some(directory) = self.directories.get_mut(at) {
            directory.on = Some(on);
        }
        Some(on)
    }

    /// The fact of a directory. What lies below another directory on one mount, and is compared like it, shares its
    /// fact: so each directory is asked once about itself, and the one at the top says where the fact begins.
    fn volume(&mut self, path: &NativePath) -> Option<VolumeFact> {
        let at = self.number(path.as_str());
        self.fact_of(at)
    }

    fn fact_of(&mut self, at: At) -> Option<VolumeFact> {
        let mut at = at;
        let on = self.on(at)?;
        if let Some((_, fact)) = self.whole.iter().find(|(known, _)| *known == on) {
            return Some(fact.clone());
        }
        let mut way = Vec::new();
        let mut fact = None;
        loop {
            if let Some(known) = self.directory(at).and_then(|known| known.fact.as_ref()) {
                fact = Some(known.clone());
                break;
            }
            way.push(at);
            match self.directory(at).and_then(|directory| directory.up) {
                Some(up) if self.on(up) == Some(on) => at = up,
                Some(_) | None => break,
            }
        }
        let names = match way.last() {
            Some(top) => self.names(*top, on),
            None => None,
        };
        while let Some(at) = way.pop() {
            let next = self.fact(at, on, names, fact.as_ref());
            if let Some(directory) = self.directories.get_mut(at) {
                directory.fact.clone_from(&next);
            }
            fact = next;
        }
        if names == Some(Names::Bytes) {
            self.whole.extend(fact.iter().map(|fact| (on, fact.clone())));
        }
        fact
    }

    /// The fact of a directory, given that of the one around it if that is on the same mount.
    fn fact(
        &mut self,
        at: At,
        on: On,
        names: Option<Names>,
        around: Option<&VolumeFact>,
    ) -> Option<VolumeFact> {
        let unknown = (CaseRule::Unknown, NormRule::Unknown);
        let bytes = (CaseRule::Sensitive, NormRule::Preserving);
        let (around, (case, normalization)) = match names {
            // Without its mount nothing is known, and so far as is known it is only about this directory.
            None => (None, unknown),
            Some(Names::Unknown) => (around, unknown),
            Some(Names::Bytes) => (around, bytes),
            Some(Names::Flagged) => {
                let rule = match self.flags(at).folds() {
                    Some(true) => Some((CaseRule::Insensitive, NormRule::Insensitive)),
                    Some(false) => Some(bytes),
                    // Some kinds of this number have no such flag.
                    None => (self.listed(on) == Some(Names::Bytes)).then_some(bytes),
                };
                let alike = around.filter(|around| Some((around.case, around.normalization)) == rule);
                (alike, rule.unwrap_or(unknown))
            }
            Some(Names::Probed(normalization)) => (around, (self.case(at, on), normalization)),
        };
        let root = match around {
            Some(around) => around.root.clone(),
            None => NativePath::parse(Os::Linux, &self.directory(at)?.path).ok()?,
        };
        Some(VolumeFact { root, case, normalization, id: self.device(on.device) })
    }

    /// The one case rule of a volume, found by looking into this directory if no other one has told it.
    fn case(&mut self, at: At, on: On) -> CaseRule {
        if let Some((_, case)) = self.probed.iter().find(|(known, _)| *known == on) {
            return *case;
        }
        let case = self.listing(at).and_then(|list| unix::probe(&list));
        self.probed.extend(case.map(|case| (on, case)));
        case.unwrap_or_default()
    }

    /// What is known of the names on a mount; `directory` is on it.
    fn names(&mut self, directory: At, on: On) -> Option<Names> {
        if let Some((_, names)) = self.names.iter().find(|(known, _)| *known == on) {
            return *names;
        }
        let names = match self.numbered(directory, on) {
            Some(names) => Some(names),
            None => self.listed(on),
        };
        self.names.push((on, names));
        names
    }

    /// The same by the number that a file system has for its kind, which costs far less than the list of mounts. A
    /// file system that another machine serves (9p) repeats the number that it is told; none of those has flags.
    fn numbered(&mut self, directory: At, on: On) -> Option<Names> {
        on.mount?;
        let open = self.held(directory).ok()?;
        let numbered = mounts::numbered(number(&open.handle)?)?;
        match self.flags(directory) {
            Flags::Folded | Flags::Plain => {}
            Flags::Without | Flags::Closed => return None,
        }
        Some(match numbered {
            Numbered::Ext if !ext4_folds() => Names::Bytes,
            Numbered::Ext => Names::Flagged,
            Numbered::Of(names) => names,
        })
    }

    /// The same by the list of mounts.
    fn listed(&mut self, on: On) -> Option<Names> {
        let mounts = self
            .mounts
            .get_or_insert_with(|| mounts::read(&std::fs::read("/proc/self/mountinfo").unwrap_or_default()));
        let mount = mounts.iter().find(|mount| Some(mount.id) == on.mount)?;
        Some(mounts::names(&mount.fs_type))
    }
}

/// How a directory is opened that is only searched.
fn searched() -> OFlags {
    OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC
}

/// The number of a directory's kind of file system.
fn number(directory: &OwnedFd) -> Option<u64> {
    u64::try_from(rustix::fs::fstatfs(directory).ok()?.f_type).ok()
}

/// May a directory of ext4 ignore case on this kernel? One that was built without Unicode mounts no such volume, and
/// does not list the feature. Where the list cannot be seen: yes.
fn ext4_folds() -> bool {
    let Ok(list) = rustix::fs::openat(CWD, EXT4_FEATURES, searched(), Mode::empty()) else { return true };
    let listed = rustix::fs::statat(&list, "casefold", AtFlags::SYMLINK_NOFOLLOW);
    number(&list) != Some(SYSFS) || !matches!(listed, Err(Errno::NOENT))
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
    let found = ask(directory, name)?;
    Ok(Observation::Exists {
        kind: unix::kind(found.kind),
        identity: Some(Identity {
            volume: unix::device(found.device.0, found.device.1),
            object: found.object.to_string(),
        }),
        links: Some(found.links),
        mount: found.is_mount,
    })
}

fn ask(directory: BorrowedFd<'_>, name: &str) -> Result<Found> {
    // Not mounting what is mounted on demand: that would be an act.
    let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT | AtFlags::EMPTY_PATH;
    match rustix::fs::statx(directory, name, flags, StatxFlags::BASIC_STATS | StatxFlags::MNT_ID) {
        Ok(found) => Ok(Found::of(&found)),
        // Some sandboxes do not know this call.
        Err(Errno::NOSYS | Errno::PERM) => {
            let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::EMPTY_PATH;
            let stat = rustix::fs::statat(directory, name, flags)?;
            Ok(Found {
                kind: FileType::from_raw_mode(stat.st_mode),
                device: (rustix::fs::major(stat.st_dev), rustix::fs::minor(stat.st_dev)),
                object: unix::wide(stat.st_ino),
                links: unix::wide(stat.st_nlink),
                is_mount: false,
                mount: None,
            })
        }
        Err(error) => Err(error),
    }
}

impl Found {
    fn of(found: &Statx) -> Self {
        let attributes = found.stx_attributes_mask & found.stx_attributes;
        let told = found.stx_mask & StatxFlags::MNT_ID.bits() != 0;
        Self {
            kind: FileType::from_raw_mode(found.stx_mode.into()),
            device: (found.stx_dev_major, found.stx_dev_minor),
            object: found.stx_ino,
            links: found.stx_nlink.into(),
            is_mount: attributes.contains(StatxAttributes::MOUNT_ROOT),
            mount: told.then_some(found.stx_mnt_id),
        }
    }

    const fn on(&self) -> On {
        On { mount: self.mount, device: self.device }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_a_file_system_never_tells_more_than_the_list_of_mounts() {
        let mut told = 0;
        for directory in ["/", "/tmp", "/dev", "/dev/shm", "/proc", "/sys", "/run", "/home"] {
            let mut known = Known::default();
            let at = known.number(directory);
            let Some(on) = known.on(at) else { continue };
            let (numbered, listed) = (known.numbered(at, on), known.listed(on));
            let Some(numbered) = numbered else { continue };
            told += 1;
            // A kernel that folds no case makes a flagged one plain.
            let alike = [Some(Names::Bytes), Some(Names::Flagged)];
            assert!(
                listed == Some(numbered) || alike.contains(&Some(numbered)) && alike.contains(&listed),
                "{directory}: {numbered:?}, {listed:?}"
            );
        }
        let mut known = Known::default();
        let root = known.number("/");
        let root = known.held(root).ok().and_then(|open| number(&open.handle));
        assert!(told > 0 || root.and_then(mounts::numbered).is_none(), "none of them was told");
    }

    #[test]
    fn directories_are_found_again_from_wherever_was_asked_last() {
        let mut known = Known::default();
        let paths = ["/a/b", "/", "/a", "/ab/c/d", "/a/b/c", "/ab", "/a/bc"];
        let numbers = paths.map(|path| known.number(path));
        for (path, number) in paths.into_iter().zip(numbers).rev() {
            assert_eq!(known.number(path), number, "{path}");
            assert_eq!(&*known.directories[number].path, path);
        }
        assert_eq!(known.directories.len(), 8, "`/ab/c` was on the way");
    }

    #[test]
    fn a_path_is_split_into_its_holder_and_its_name() {
        assert_eq!(split("/"), ("/", ""));
        assert_eq!(split("/a"), ("/", "a"));
        assert_eq!(split("/a/b/c"), ("/a/b", "c"));
    }
}
