//! A lenient reading of any bytes as a path, for decisions (D-6).
//!
//! A policy's own paths are [`NativePath`](super::NativePath)s and must be written in one way. A question comes
//! from whoever wants to open a file, in whatever way that one spells it, and an answer is owed for every
//! spelling that opens something. So this reading accepts what the OS would accept (streams, trailing dots,
//! short names, bytes that are not UTF-8), leaves the judgement to the wide key, and refuses only what cannot be
//! judged by its segments. It never allocates.

use super::path::{RootFault, RootRef, SegmentFault};
use super::{Os, posix, windows};

/// A text that begins at a root, and the components below it as they were written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueryPath<'a> {
    root: RootRef<'a>,
    rest: &'a [u8],
    separators: Separators,
}

/// Which bytes separate components in one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Separators {
    /// POSIX.
    Slash,
    /// Windows after `\\?\`.
    Backslash,
    /// Windows otherwise.
    Both,
}

impl<'a> QueryPath<'a> {
    /// The root; a UNC host is in the case in which it was asked.
    pub(crate) const fn root(&self) -> RootRef<'a> {
        self.root
    }

    /// The components below the root, outermost first, none of them empty.
    pub(crate) const fn components(&self) -> Components<'a> {
        Components { rest: self.rest, separators: self.separators }
    }
}

/// The components of a [`QueryPath`].
#[derive(Clone, Debug)]
pub(crate) struct Components<'a> {
    rest: &'a [u8],
    separators: Separators,
}

impl<'a> Iterator for Components<'a> {
    type Item = &'a [u8];

    #[expect(clippy::inline_always, reason = "called once a level, and half of its cost is the call")]
    #[inline(always)]
    fn next(&mut self) -> Option<&'a [u8]> {
        match self.separators {
            Separators::Slash => self.next_by(|byte| byte == b'/', |word| zeros(word ^ SLASHES)),
            Separators::Backslash => self.next_by(|byte| byte == b'\\', |word| zeros(word ^ BACKSLASHES)),
            Separators::Both => {
                self.next_by(windows::is_separator, |word| zeros(word ^ SLASHES) | zeros(word ^ BACKSLASHES))
            }
        }
    }
}

const ONES: u64 = 0x0101_0101_0101_0101;
const SLASHES: u64 = ONES * b'/' as u64;
const BACKSLASHES: u64 = ONES * b'\\' as u64;

/// The highest bit of every byte that is zero; above such a byte perhaps of others, too.
#[inline]
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & (ONES << 7)
}

impl<'a> Components<'a> {
    /// `separators` gives the highest bit of the first byte of a word that is a separator, and perhaps others above.
    #[inline]
    fn next_by(
        &mut self,
        is_separator: impl Fn(u8) -> bool,
        separators: impl Fn(u64) -> u64,
    ) -> Option<&'a [u8]> {
        let mut rest = self.rest;
        while let Some((_, after)) = rest.split_first().filter(|(first, _)| is_separator(**first)) {
            rest = after;
        }
        if rest.is_empty() {
            self.rest = rest;
            return None;
        }
        let mut end = 0;
        let mut far = rest;
        while let Some((word, after)) = far.split_first_chunk::<8>() {
            let found = separators(u64::from_le_bytes(*word));
            if found != 0 {
                end += found.trailing_zeros() as usize / 8;
                far = &[];
                break;
            }
            end += 8;
            far = after;
        }
        end += far.iter().position(|byte| is_separator(*byte)).unwrap_or(far.len());
        let (component, rest) = rest.split_at_checked(end)?;
        self.rest = rest;
        Some(component)
    }
}

/// The longest path that is judged, in bytes: the longest that any of the systems opens in one call (Windows,
/// 32,767 characters of up to three bytes).
pub(crate) const MAX_QUERY_BYTES: usize = 96 * 1024;

/// Reads `text` as an absolute path of `os`. Repeated and trailing separators are folded.
///
/// Everything that [`NativePath::parse`](super::NativePath::parse) accepts is accepted, with the same segments.
///
/// # Errors
/// A text that names no place by itself, names it in a way that segments do not tell, or names no file.
pub(crate) fn parse_query(os: Os, text: &[u8]) -> Result<QueryPath<'_>, QueryError> {
    if text.is_empty() {
        return Err(QueryError::Empty);
    }
    if text.len() > MAX_QUERY_BYTES {
        return Err(QueryError::TooLong);
    }
    let doubtful = is_doubtful(text);
    if doubtful && text.contains(&0) {
        return Err(QueryError::Nul);
    }
    let query = match os {
        Os::Linux | Os::Macos => {
            QueryPath { root: RootRef::Posix, rest: posix::split(text)?, separators: Separators::Slash }
        }
        Os::Windows => {
            let windows::Split { root, rest, verbatim } = windows::split(text)?;
            QueryPath {
                root,
                rest,
                separators: if verbatim { Separators::Backslash } else { Separators::Both },
            }
        }
    };
    match os {
        Os::Linux | Os::Macos => {
            if doubtful && query.components().any(|name| matches!(name, b"." | b"..")) {
                return Err(QueryError::Dotted);
            }
        }
        Os::Windows => query.components().try_for_each(check_windows)?,
    }
    Ok(query)
}

/// Is there a NUL, or a dot after a slash? Hardly ever, and then no byte needs to be looked at on its own. May say yes
/// where there is neither.
fn is_doubtful(text: &[u8]) -> bool {
    let mut after_slash = 0;
    let mut look = |bytes: &[u8; 8]| {
        let word = u64::from_le_bytes(*bytes);
        let slashes = zeros(word ^ SLASHES);
        let dots = zeros(word ^ (ONES * u64::from(b'.')));
        let found = zeros(word) | (dots & (slashes << 8 | after_slash));
        after_slash = slashes >> 56;
        found != 0
    };
    let mut rest = text;
    while let Some((bytes, after)) = rest.split_first_chunk::<8>() {
        if look(bytes) {
            return true;
        }
        rest = after;
    }
    let mut last = *b"xxxxxxxx";
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    look(&last)
}

/// Does Windows open a file for this component? Trailing dots and blanks and streams are let through, but the
/// name that is left without them must be one: a component of dots and blanks only is a step (`.. `) or nothing
/// at all, and then the path names another place than its segments say.
fn check_windows(component: &[u8]) -> Result<(), QueryError> {
    if component.iter().any(|byte| *byte != b':' && windows::is_reserved(*byte))
        || windows::is_device_name(component)
    {
        return Err(QueryError::NotAFileName);
    }
    let name = component.split(|byte| *byte == b':').next().unwrap_or_default();
    if name.iter().all(|byte| matches!(byte, b'.' | b' ')) {
        return Err(if name.contains(&b'.') { QueryError::Dotted } else { QueryError::NotAFileName });
    }
    Ok(())
}

/// Why a query names no place that can be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum QueryError {
    /// No text.
    #[error("the path is empty")]
    Empty,
    /// Longer than any system opens.
    #[error("the path is longer than any system opens")]
    TooLong,
    /// A path of another OS.
    #[error("the path belongs to another operating system")]
    Foreign,
    /// No root.
    #[error("the path is relative")]
    Relative,
    /// `C:x` or `C:`.
    #[error("the path is relative to a drive's current directory")]
    DriveRelative,
    /// `\x`.
    #[error("the path is relative to the current drive")]
    RootRelative,
    /// `.`, `..`, or what Windows makes of them.
    #[error("the path holds a `.` or `..` segment")]
    Dotted,
    /// A NUL byte.
    #[error("the path holds a NUL byte")]
    Nul,
    /// A device or NT namespace.
    #[error("the path names a device or an NT namespace")]
    Namespace,
    /// A share on this machine, or on one that may be this machine.
    #[error("the path names this machine, or may name it, as a network host")]
    Loopback,
    /// A share that ends in `$`.
    #[error("the path names an administrative share")]
    AdminShare,
    /// No plain host and share.
    #[error("the path names no share of a plain host")]
    UncMalformed,
    /// A segment that is no file's name: a reserved character or a device.
    #[error("a segment of the path is not a file name")]
    NotAFileName,
}

impl QueryError {
    /// The stable word of the reason.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too_long",
            Self::Foreign => "foreign",
            Self::Relative => "relative",
            Self::DriveRelative => "drive_relative",
            Self::RootRelative => "root_relative",
            Self::Dotted => "dotted",
            Self::Nul => "nul",
            Self::Namespace => "namespace",
            Self::Loopback => "loopback",
            Self::AdminShare => "admin_share",
            Self::UncMalformed => "unc_malformed",
            Self::NotAFileName => "not_a_file_name",
        }
    }
}

impl From<RootFault<'_>> for QueryError {
    fn from(fault: RootFault<'_>) -> Self {
        match fault {
            RootFault::Relative => Self::Relative,
            RootFault::Foreign => Self::Foreign,
            RootFault::Namespace => Self::Namespace,
            RootFault::DriveRelative => Self::DriveRelative,
            RootFault::RootRelative => Self::RootRelative,
            RootFault::Loopback => Self::Loopback,
            RootFault::AdminShare => Self::AdminShare,
            RootFault::UncMalformed => Self::UncMalformed,
            RootFault::Share(fault, _) => match fault {
                SegmentFault::Dot => Self::Dotted,
                SegmentFault::Nul => Self::Nul,
                SegmentFault::Empty
                | SegmentFault::Separator
                | SegmentFault::Reserved(_)
                | SegmentFault::Trailing
                | SegmentFault::Device => Self::NotAFileName,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    fn read(os: Os, text: &[u8]) -> Result<String, &'static str> {
        let query = parse_query(os, text).map_err(QueryError::word)?;
        let mut out = match query.root() {
            RootRef::Posix => "/".to_owned(),
            RootRef::Namespace => "all".to_owned(),
            RootRef::Drive(letter) => char::from(letter).to_string(),
            RootRef::Unc { host, share } => {
                format!("{}+{}", String::from_utf8_lossy(host), String::from_utf8_lossy(share))
            }
        };
        for component in query.components() {
            write!(out, "[{}]", component.escape_ascii()).unwrap();
        }
        Ok(out)
    }

    #[test]
    fn a_posix_query_is_any_bytes_below_the_root() {
        for os in [Os::Linux, Os::Macos] {
            let cases: &[(&[u8], Result<&str, &str>)] = &[
                (b"/", Ok("/")),
                (b"//", Ok("/")),
                (b"/a", Ok("/[a]")),
                (b"//srv//a///b//", Ok("/[srv][a][b]")),
                (b"/a\\b", Ok("/[a\\\\b]")),
                (b"/\xFF\xFE/x", Ok("/[\\xff\\xfe][x]")),
                (b"/...", Ok("/[...]")),
                (b"/ ", Ok("/[ ]")),
                (b"/C:/x", Ok("/[C:][x]")),
                (b"/.", Err("dotted")),
                (b"/./.", Err("dotted")),
                (b"/a/./b", Err("dotted")),
                (b"/a/..", Err("dotted")),
                (b"/a\0b", Err("nul")),
                (b"", Err("empty")),
                (b"a/b", Err("relative")),
                (b"~/x", Err("relative")),
                (b"\\x", Err("relative")),
                (b"C:x", Err("relative")),
                (b"C:\\x", Err("foreign")),
                (b"c:/x", Err("foreign")),
                (b"\\\\h\\s", Err("foreign")),
            ];
            for (text, want) in cases {
                assert_eq!(read(os, text).as_deref(), want.as_deref(), "{os} {}", text.escape_ascii());
            }
        }
    }

    #[test]
    fn a_windows_query_lets_through_what_windows_would_open() {
        let cases: &[(&[u8], Result<&str, &str>)] = &[
            (b"c:\\", Ok("C")),
            (b"c:/w//a\\b/", Ok("C[w][a][b]")),
            (b"C:\\w\\.env::$DATA", Ok("C[w][.env::$DATA]")),
            (b"C:\\w\\d:$I30:$INDEX_ALLOCATION\\f", Ok("C[w][d:$I30:$INDEX_ALLOCATION][f]")),
            (b"C:\\w\\.git. . \\config", Ok("C[w][.git. . ][config]")),
            (b"C:\\w\\GIT~1\\hooks", Ok("C[w][GIT~1][hooks]")),
            (b"C:\\w\\\xED\xA0\x80", Ok("C[w][\\xed\\xa0\\x80]")),
            (b"\\\\?\\c:\\w\\\\a\\", Ok("C[w][a]")),
            (b"\\\\?\\UNC\\NAS\\S\\x", Ok("NAS+S[x]")),
            (b"\\\\NAS\\Share\\x", Ok("NAS+Share[x]")),
            (b"//nas/s/", Ok("nas+s")),
            (b"\\\\wsl$\\Ubuntu\\home", Ok("wsl$+Ubuntu[home]")),
            (b"\\\\?\\", Ok("all")),
            (b"C:\\w\\..\\x", Err("dotted")),
            (b"C:\\w\\.. \\x", Err("dotted")),
            (b"C:\\w\\...", Err("dotted")),
            (b"C:\\w\\. .\\x", Err("dotted")),
            (b"C:\\w\\..::$INDEX_ALLOCATION\\x", Err("dotted")),
            (b"\\\\?\\C:\\w\\..\\x", Err("dotted")),
            (b"\\\\?\\C:\\w/x", Err("not_a_file_name")),
            (b"C:\\w\\ \\x", Err("not_a_file_name")),
            (b"C:\\w\\:x", Err("not_a_file_name")),
            (b"C:\\w\\*.txt", Err("not_a_file_name")),
            (b"C:\\w\\a?", Err("not_a_file_name")),
            (b"C:\\w\\a\x01", Err("not_a_file_name")),
            (b"C:\\w\\nul", Err("not_a_file_name")),
            (b"C:\\NUL .txt\\a", Err("not_a_file_name")),
            (b"C:\\w\\aux:x", Err("not_a_file_name")),
            (b"C:\\w\\com\xC2\xB9.log", Err("not_a_file_name")),
            (b"C:", Err("drive_relative")),
            (b"C:x", Err("drive_relative")),
            (b"\\x", Err("root_relative")),
            (b"/x", Err("foreign")),
            (b"x\\y", Err("relative")),
            (b"a??", Err("relative")),
            (b"\\??x", Err("root_relative")),
            (b"/??x", Err("foreign")),
            (b"\\a.", Err("root_relative")),
            (b"a\\.", Err("relative")),
            (b"\\\\.x\\s", Err("unc_malformed")),
            (b"\\\\?\\1:\\x", Err("namespace")),
            (b"a??\\x", Err("relative")),
            (b"", Err("empty")),
            (b"C:\\a\0", Err("nul")),
            (b"\\\\.\\C:\\x", Err("namespace")),
            (b"\\\\.\\pipe\\x", Err("namespace")),
            (b"\\??\\C:\\x", Err("namespace")),
            (b"//?/C:/x", Err("namespace")),
            (b"\\\\?\\GLOBALROOT\\Device\\X", Err("namespace")),
            (b"\\\\h\\pipe\\x", Err("namespace")),
            (b"\\\\LocalHost\\s\\x", Err("loopback")),
            (b"\\\\127.0.0.1\\s\\x", Err("loopback")),
            (b"\\\\h\\C$\\x", Err("admin_share")),
            (b"\\\\h", Err("unc_malformed")),
            (b"\\\\h\\..\\x", Err("dotted")),
            (b"\\\\h\\s. \\x", Err("not_a_file_name")),
        ];
        for (text, want) in cases {
            assert_eq!(read(Os::Windows, text).as_deref(), want.as_deref(), "{}", text.escape_ascii());
        }
    }

    #[test]
    fn a_nul_or_a_dotted_segment_is_found_wherever_it_stands() {
        for length in 1..40 {
            let plain = vec![b'a'; length];
            assert!(!is_doubtful(&plain));
            for at in 1..length {
                let mut text = plain.clone();
                text[0] = b'/';
                text[at] = 0;
                assert!(is_doubtful(&text), "{length} {at}");
                if at + 1 < length {
                    text[at] = b'/';
                    text[at + 1] = b'.';
                    assert!(is_doubtful(&text), "{length} {at}");
                }
                assert_eq!(parse_query(Os::Linux, &text).is_ok(), at + 2 < length, "{length} {at}");
            }
        }
    }

    #[test]
    fn a_query_is_read_up_to_the_limit() {
        let of = |length: usize| {
            let mut text = vec![b'a'; length];
            text[0] = b'/';
            parse_query(Os::Linux, &text).err().map(QueryError::word)
        };
        assert_eq!(of(MAX_QUERY_BYTES), None);
        assert_eq!(of(MAX_QUERY_BYTES + 1), Some("too_long"));
    }

    #[test]
    fn words_differ_and_each_reason_is_one_sentence() {
        let all = [
            QueryError::Empty,
            QueryError::TooLong,
            QueryError::Foreign,
            QueryError::Relative,
            QueryError::DriveRelative,
            QueryError::RootRelative,
            QueryError::Dotted,
            QueryError::Nul,
            QueryError::Namespace,
            QueryError::Loopback,
            QueryError::AdminShare,
            QueryError::UncMalformed,
            QueryError::NotAFileName,
        ];
        let words: std::collections::BTreeSet<_> = all.iter().map(|error| error.word()).collect();
        assert_eq!(words.len(), all.len());
        assert!(
            all.iter().all(|error| error.to_string().contains("path") && !error.to_string().ends_with('.'))
        );
    }
}
