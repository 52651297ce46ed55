//! The rules of Linux and macOS names, and the directories that show other places under another name.

use super::path::{RootFault, SegmentFault};
use super::{Os, macos};

/// Takes the root off an absolute path and returns the rest, which may begin with further separators (`//srv`
/// is `/srv`; POSIX leaves exactly two slashes to the system, and neither Linux nor macOS makes use of that).
///
/// # Errors
/// [`RootFault::Foreign`] if the text looks absolute on Windows, [`RootFault::Relative`] otherwise (N-1).
pub(crate) fn split(text: &[u8]) -> Result<&[u8], RootFault<'_>> {
    match text {
        [b'/', rest @ ..] => Ok(rest),
        [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic() => Err(RootFault::Foreign),
        [b'\\', b'\\', ..] => Err(RootFault::Foreign),
        _ => Err(RootFault::Relative),
    }
}

/// One name: not empty, not `.` or `..`, without `/` and NUL. Everything else is a name, also a backslash.
///
/// # Errors
/// The first fault found.
pub(crate) fn check_segment(segment: &[u8]) -> Result<(), SegmentFault> {
    match segment {
        [] => Err(SegmentFault::Empty),
        b"." | b".." => Err(SegmentFault::Dot),
        _ if segment.contains(&b'/') => Err(SegmentFault::Separator),
        _ if segment.contains(&0) => Err(SegmentFault::Nul),
        _ => Ok(()),
    }
}

/// What a magic directory does to the rest of a path (N-7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Magic {
    /// The path names the whole tree again: it is the path of the segments from `rest_index` on, counted from 0.
    Root {
        /// The number of segments to leave out.
        rest_index: usize,
    },
    /// Which place the path names depends on the process that asks.
    Opaque,
}

/// Does a path lead through a magic directory of `os`? `segments` are all of the path's, from the root.
///
/// `/proc/self/root/proc/1/cwd` leads through two: the last one counts.
pub(crate) fn magic<'a>(os: Os, segments: impl Iterator<Item = &'a [u8]>) -> Option<Magic> {
    match os {
        Os::Linux => linux_magic(segments),
        Os::Macos => macos_magic(segments),
        Os::Windows => None,
    }
}

/// Can a path that begins with this component lead through a magic directory? A quick look, before [`magic`].
pub(crate) fn may_be_magic(os: Os, first: &[u8]) -> bool {
    match os {
        Os::Linux => matches!(first, b"proc" | b"dev"),
        Os::Macos => matches!(first, [b'.' | b'd' | b'D', ..]),
        Os::Windows => false,
    }
}

fn linux_magic<'a>(segments: impl Iterator<Item = &'a [u8]>) -> Option<Magic> {
    let mut segments = segments.zip(1..);
    let mut found = None;
    loop {
        match segments.next() {
            Some((b"proc", _)) => {
                if !segments.next().is_some_and(|(process, _)| is_process(process)) {
                    return found;
                }
                let mut entry = segments.next();
                if matches!(entry, Some((b"task", _)))
                    && segments.next().is_some_and(|(task, _)| is_digits(task))
                {
                    entry = segments.next();
                }
                match entry {
                    Some((b"root", rest_index)) => found = Some(Magic::Root { rest_index }),
                    Some((b"cwd" | b"exe" | b"fd" | b"map_files", _)) => return Some(Magic::Opaque),
                    Some(_) | None => return found,
                }
            }
            Some((b"dev", _)) => {
                return if segments.next().is_some_and(|(name, _)| STREAMS.contains(&name)) {
                    Some(Magic::Opaque)
                } else {
                    found
                };
            }
            Some(_) | None => return found,
        }
    }
}

/// What magic directory lies below a path that leads through none, in the words of an answer about its tree. The
/// whole tree holds them, too, and is not told: where it may be read as a whole, so may everything that they show.
pub(crate) fn magic_below<'a>(os: Os, mut segments: impl Iterator<Item = &'a [u8]>) -> Option<&'static str> {
    let names = [segments.next()?, segments.next().unwrap_or_default(), segments.next().unwrap_or_default()];
    let [task, end] = [segments.next().unwrap_or_default(), segments.next().unwrap_or_default()];
    let is_end = task.is_empty() || (is_digits(task) && end.is_empty());
    match (os, names) {
        (Os::Linux, [b"proc", b"", _]) => Some("/proc/*/root"),
        (Os::Linux, [b"proc", process, b"" | b"task"]) if is_process(process) && is_end => {
            Some("/proc/*/root")
        }
        (Os::Linux, [b"dev", b"", _]) => Some("/dev/fd"),
        (Os::Macos, [dev, b"", _]) if dev.eq_ignore_ascii_case(b"dev") => Some("/dev/fd"),
        (Os::Linux | Os::Macos | Os::Windows, _) => None,
    }
}

/// In any ASCII case: the root volume usually ignores case, and doubt here only refuses.
fn macos_magic<'a>(mut segments: impl Iterator<Item = &'a [u8]>) -> Option<Magic> {
    let first = segments.next()?;
    let is_magic = macos::MAGIC_TOP.iter().any(|name| first.eq_ignore_ascii_case(name))
        || first.eq_ignore_ascii_case(b"dev")
            && segments
                .next()
                .is_some_and(|name| STREAMS.iter().any(|stream| name.eq_ignore_ascii_case(stream)));
    is_magic.then_some(Magic::Opaque)
}

/// Names in `/dev` for what a process has open.
const STREAMS: [&[u8]; 4] = [b"fd", b"stdin", b"stdout", b"stderr"];

fn is_process(name: &[u8]) -> bool {
    matches!(name, b"self" | b"thread-self") || is_digits(name)
}

fn is_digits(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(u8::is_ascii_digit)
}

/// Can this path never be a root or a place to write to, whatever the executor says (N-7)? Everything that
/// [`magic`] finds, and on Linux all of `/proc`, which holds such directories for every process.
pub(crate) fn never_a_root<'a>(os: Os, segments: impl Iterator<Item = &'a [u8]> + Clone) -> bool {
    (os == Os::Linux && segments.clone().next() == Some(b"proc")) || magic(os, segments).is_some()
}

/// Directories of a Linux system, none of which is meant to be worked in (S-11). Temporary directories and the
/// places for other volumes (`/mnt`, `/media`, `/srv`) are not among them.
pub(crate) const SYSTEM_DIRECTORIES: &[&str] = &[
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/home",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/lost+found",
    "/nix",
    "/nix/store",
    "/opt",
    "/proc",
    "/root",
    "/run",
    "/sbin",
    "/snap",
    "/sys",
    "/usr",
    "/usr/bin",
    "/usr/include",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/libexec",
    "/usr/local",
    "/usr/local/bin",
    "/usr/local/lib",
    "/usr/local/sbin",
    "/usr/sbin",
    "/usr/share",
    "/usr/src",
    "/var",
    "/var/lib",
    "/var/log",
    "/var/run",
    "/var/spool",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(os: Os, path: &str) -> Option<Magic> {
        magic(os, path.split('/').filter(|segment| !segment.is_empty()).map(str::as_bytes))
    }

    #[test]
    fn the_directories_above_magic_ones_are_known() {
        let below = |os, path: &str| {
            magic_below(os, path.split('/').skip(1).filter(|s| !s.is_empty()).map(str::as_bytes))
        };
        for path in ["/proc", "/proc/1", "/proc/self", "/proc/1/task", "/proc/thread-self/task/22"] {
            assert_eq!(below(Os::Linux, path), Some("/proc/*/root"), "{path}");
            assert_eq!(ask(Os::Linux, path), None, "{path}");
            assert_eq!(below(Os::Macos, path), None, "{path}");
        }
        for path in [
            "/",
            "/proc/sys",
            "/proc/1/status",
            "/proc/1/task/x",
            "/proc/1/task/2/status",
            "/proc/1/net/3",
            "/dev/shm",
            "/x",
        ] {
            assert_eq!(below(Os::Linux, path), None, "{path}");
        }
        assert_eq!((below(Os::Linux, "/dev"), below(Os::Linux, "/DEV")), (Some("/dev/fd"), None));
        assert_eq!((below(Os::Macos, "/Dev"), below(Os::Windows, "/dev")), (Some("/dev/fd"), None));
    }

    #[test]
    fn magic_directories_of_linux_are_found_and_their_rest_is_told() {
        let root = |rest_index| Some(Magic::Root { rest_index });
        let cases = [
            ("/proc/self/root", root(3)),
            ("/proc/self/root/s/k", root(3)),
            ("/proc/thread-self/root/s", root(3)),
            ("/proc/1/root/s", root(3)),
            ("/proc/1/task/77/root/s", root(5)),
            ("/proc/self/root/proc/self/root/s", root(6)),
            ("/proc/self/root/proc/version", root(3)),
            ("/proc/self/root/dev/null", root(3)),
            ("/proc/self/root/proc/1/cwd/s", Some(Magic::Opaque)),
            ("/proc/self/root/dev/fd/3", Some(Magic::Opaque)),
            ("/proc/1/cwd", Some(Magic::Opaque)),
            ("/proc/self/fd/3/x", Some(Magic::Opaque)),
            ("/proc/self/exe", Some(Magic::Opaque)),
            ("/proc/self/map_files/1-2", Some(Magic::Opaque)),
            ("/proc/self/task/9/fd", Some(Magic::Opaque)),
            ("/dev/fd", Some(Magic::Opaque)),
            ("/dev/fd/0", Some(Magic::Opaque)),
            ("/dev/stdin", Some(Magic::Opaque)),
            ("/dev/null", None),
            ("/dev", None),
            ("/", None),
            ("/proc", None),
            ("/proc/self", None),
            ("/proc/self/status", None),
            ("/proc/self/task", None),
            ("/proc/self/task/9", None),
            ("/proc/sys/root", None),
            ("/srv/proc/self/root", None),
            ("/PROC/self/root", None),
            ("/.vol/1/2", None),
        ];
        for (path, want) in cases {
            assert_eq!(ask(Os::Linux, path), want, "{path}");
            let first = path.split('/').nth(1).unwrap_or_default();
            assert!(want.is_none() || may_be_magic(Os::Linux, first.as_bytes()), "{path}");
        }
    }

    #[test]
    fn magic_directories_after_a_second_root_are_not_lost() {
        // A process that does not exist stops the reading, and what was found before still holds.
        assert_eq!(ask(Os::Linux, "/proc/self/root/proc/none/root"), Some(Magic::Root { rest_index: 3 }));
    }

    #[test]
    fn magic_directories_of_macos_are_opaque_in_any_case() {
        for path in
            ["/.vol", "/.vol/1/2", "/.VOL/1", "/.nofollow/etc", "/.resolve/1/etc", "/dev/fd/3", "/DEV/stdin"]
        {
            assert_eq!(ask(Os::Macos, path), Some(Magic::Opaque), "{path}");
            let first = path.split('/').nth(1).unwrap_or_default();
            assert!(may_be_magic(Os::Macos, first.as_bytes()), "{path}");
        }
        for path in ["/", "/vol", "/dev", "/dev/null", "/private/.vol", "/proc/self/root"] {
            assert_eq!(ask(Os::Macos, path), None, "{path}");
        }
    }

    #[test]
    fn windows_has_no_magic_directories_in_its_paths() {
        assert_eq!(ask(Os::Windows, "/proc/self/root"), None);
    }

    #[test]
    fn nothing_in_proc_is_ever_a_root() {
        let never = |os, path: &str| {
            let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).map(str::as_bytes).collect();
            never_a_root(os, parts.into_iter())
        };
        for path in ["/proc", "/proc/1", "/proc/sys", "/proc/self/root/w", "/dev/fd", "/dev/stdout"] {
            assert!(never(Os::Linux, path), "{path}");
        }
        for path in ["/", "/process", "/dev", "/dev/shm", "/srv/proc"] {
            assert!(!never(Os::Linux, path), "{path}");
        }
        assert!(!never(Os::Macos, "/proc"));
        assert!(never(Os::Macos, "/.vol/1"));
        assert!(!never(Os::Windows, "/proc"));
    }

    #[test]
    fn a_posix_name_is_anything_but_a_separator_and_nul() {
        for name in ["a", "a\\b", "C:", "con", "a.", " ", "...", "\u{1}", "\u{7f}", "~1", "*", "é"] {
            assert_eq!(check_segment(name.as_bytes()), Ok(()), "{name:?}");
        }
        assert_eq!(check_segment(b"\xFF"), Ok(()));
        assert_eq!(check_segment(b""), Err(SegmentFault::Empty));
        assert_eq!(check_segment(b"."), Err(SegmentFault::Dot));
        assert_eq!(check_segment(b".."), Err(SegmentFault::Dot));
        assert_eq!(check_segment(b"a/b"), Err(SegmentFault::Separator));
        assert_eq!(check_segment(b"a\0"), Err(SegmentFault::Nul));
    }
}
