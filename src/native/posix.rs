//! The rules of Linux and macOS names, and the directories that show other places under another name.

use super::path::{RootFault, SegmentFault};

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
