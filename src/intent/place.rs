//! What an orchestrator calls a place, as something that may leave its machine: native absolute paths become
//! `file:` URIs of the executor's convention, patterns take the spelling that every executor reads.
//!
//! A small splitter of its own: this room knows no native paths. It refuses what could be another place on
//! the executor; what is left to refuse there (device names, hosts, magic directories) is refused there.

use super::entry::{Anchor, PatternText, Symbol};
use super::text::{self, Problem};
use super::uri::{FileUri, UriError};
use super::wire;
use crate::error::{Code, clip};

/// Whose paths the native texts of a request are: the executor's, not those of the machine that sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convention {
    /// Linux and macOS: `/srv/app`.
    Posix,
    /// Windows: `C:\app`, `\\host\share\app`.
    Windows,
}

/// A pattern in the spelling that an executor of Codex reads as meant.
pub(super) fn outgoing(convention: Convention, pattern: PatternText) -> Result<PatternText, Problem> {
    let source = match &pattern.anchor {
        Anchor::Symbol(Symbol::WorkspaceRoots) => {
            format!("{}{}", wire::path::PROJECT_ROOTS_SCHEME, pattern.tail)
        }
        Anchor::Home | Anchor::Symbol(Symbol::Home) => format!("~/{}", pattern.tail),
        Anchor::Text if is_foreign(convention, &pattern.source) => {
            let what = "is an absolute pattern of another convention than the executor's";
            return Err(Problem::new(Code::RequestPath, &pattern.source, what));
        }
        Anchor::Text => return Ok(pattern),
        // Codex would read it as a relative pattern that matches nothing: a denial lost without a word.
        Anchor::Symbol(symbol) => {
            let what = "has no spelling as the anchor of a pattern that every executor reads alike";
            return Err(Problem::new(Code::PatternAnchor, symbol.token(), what));
        }
    };
    Ok(PatternText { source, ..pattern })
}

fn is_foreign(convention: Convention, text: &str) -> bool {
    let bytes = text.as_bytes();
    match convention {
        Convention::Posix => {
            text.starts_with(r"\\")
                || matches!(bytes, [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic())
        }
        Convention::Windows => {
            matches!(bytes, [b'/' | b'\\'] | [b'/' | b'\\', _, ..])
                && !matches!(bytes, [b'/', b'/', ..] | [b'\\', b'\\', ..])
        }
    }
}

/// The URI of a place: a `file:` URI as it is, or a native absolute path of the executor's convention.
pub(super) fn place(convention: Convention, text: &str) -> Result<FileUri, Problem> {
    if text.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("file:")) {
        return text::uri(text);
    }
    match convention {
        Convention::Posix => posix(text),
        Convention::Windows => windows(text),
    }
}

fn no_path(text: &str, what: &str) -> Problem {
    Problem::new(Code::RequestPath, text, what)
}

fn no_uri(text: &str, error: &UriError) -> Problem {
    no_path(text, &format!("cannot be sent as a file: URI: {}", error.message()))
}

/// Repeated and trailing separators are folded; `.` and `..` are refused, because they are resolved where
/// the links are.
fn posix(text: &str) -> Result<FileUri, Problem> {
    let rest =
        text.strip_prefix('/').ok_or_else(|| no_path(text, "is no absolute path of a POSIX executor"))?;
    let segments = rest.split('/').filter(|segment| !segment.is_empty());
    FileUri::from_parts(None, None, segments).map_err(|error| no_uri(text, &error))
}

fn windows(text: &str) -> Result<FileUri, Problem> {
    const SEPARATORS: [char; 2] = ['\\', '/'];
    let none = || no_path(text, "is no absolute path of a Windows executor");
    if let Some(rest) = text.strip_prefix(r"\\?\") {
        // Only where the prefix changes nothing: one backslash between names, and no slash.
        if rest.contains('/') || rest.contains(r"\\") {
            return Err(none());
        }
        return match rest.strip_prefix(r"UNC\") {
            Some(rest) => unc(text, rest),
            None => drive(text, rest),
        };
    }
    match text.strip_prefix(SEPARATORS) {
        None => drive(text, text),
        // A single separator at the start leaves the drive open.
        Some(rest) => unc(text, rest.strip_prefix(SEPARATORS).ok_or_else(none)?),
    }
}

/// `X:\...`; a drive without a separator is relative to that drive's own working directory.
fn drive(text: &str, rest: &str) -> Result<FileUri, Problem> {
    let none = || no_path(text, "is no absolute path of a Windows executor");
    let (letter, rest) = rest.split_once(':').ok_or_else(none)?;
    let mut letters = letter.chars();
    let (Some(letter), None) = (letters.next(), letters.next()) else { return Err(none()) };
    let rest = rest.strip_prefix(['\\', '/']).ok_or_else(none)?;
    let segments = windows_segments(text, rest)?;
    FileUri::from_parts(None, Some(letter), segments).map_err(|error| no_uri(text, &error))
}

/// `host\share\...`
fn unc(text: &str, rest: &str) -> Result<FileUri, Problem> {
    let (host, rest) = rest
        .split_once(['\\', '/'])
        .filter(|(host, _)| !host.is_empty())
        .ok_or_else(|| no_path(text, "names no host and share"))?;
    let segments = windows_segments(text, rest)?;
    FileUri::from_parts(Some(host), None, segments).map_err(|error| no_uri(text, &error))
}

/// Names that Windows keeps as they are. Which of them are devices, the executor knows.
fn windows_segments<'t>(text: &str, rest: &'t str) -> Result<Vec<&'t str>, Problem> {
    let kept = |segment: &str| {
        !segment.ends_with(['.', ' ']) && !segment.contains(|c: char| c < ' ' || "<>:\"|?*".contains(c))
    };
    rest.split(['\\', '/'])
        .filter(|segment| !segment.is_empty())
        .map(|segment| {
            if kept(segment) {
                Ok(segment)
            } else {
                let segment = clip(segment);
                Err(no_path(text, &format!("has the segment `{segment}`, which no Windows path can hold")))
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("/", "file:///")]
    #[case("/srv/a b/[x] #1", "file:///srv/a%20b/%5Bx%5D%20%231")]
    #[case("//srv///app/", "file:///srv/app")]
    #[case("/a\\b", "file:///a%5Cb")]
    #[case("/srv/C:/x", "file:///srv/C%3A/x")]
    #[case("/gr\u{fc}n", "file:///gr%C3%BCn")]
    #[case("file:///C:/x", "file:///C:/x")]
    #[case("FILE://localhost/%61", "file:///a")]
    fn a_posix_path_leaves_as_its_uri(#[case] text: &str, #[case] uri: &str) {
        assert_eq!(place(Convention::Posix, text).unwrap().to_string(), uri);
    }

    #[rstest]
    #[case("C:\\", "file:///C:/")]
    #[case("c:/Users\\dev/", "file:///C:/Users/dev")]
    #[case("D:\\\\x", "file:///D:/x")]
    #[case("\\\\Host\\Share\\x", "file://host/Share/x")]
    #[case("//host/share", "file://host/share")]
    #[case("\\\\?\\C:\\x", "file:///C:/x")]
    #[case("\\\\?\\UNC\\host\\share\\x", "file://host/share/x")]
    #[case("file:///srv/x", "file:///srv/x")]
    fn a_windows_path_leaves_as_its_uri(#[case] text: &str, #[case] uri: &str) {
        assert_eq!(place(Convention::Windows, text).unwrap().to_string(), uri);
    }

    #[rstest]
    #[case(Convention::Posix, &["", "srv", "./x", "~/x", "/a/../b", "/a/./b", "/a\0b", "/C:/x", "/c:", "C:\\x", "\\\\h\\s", "http://x/y"])]
    #[case(Convention::Windows, &[
        "", "x", "C:", "C:x", "\\x", "/srv/x", "1:\\x", "CC:\\x", "C:\\a\\..\\b", "C:\\a.", "C:\\a ", "C:\\a:b", "C:\\a?",
        "C:\\a\u{1}", "\\\\host", "\\\\host\\", "\\\\\\host\\share", "\\\\.\\COM1", "\\\\?\\C:", "\\\\?\\C:/x", "\\\\?\\C:\\\\x",
        "//?/C:/x", "\\\\?\\Volume{1}\\x", "\\\\?\\UNC\\host", "\\\\localhost\\share\\x", "\\\\127.0.0.1\\share", "\\\\host\\C:\\x", "\\??\\C:\\x",
    ])]
    fn another_text_does_not_leave(#[case] convention: Convention, #[case] texts: &[&str]) {
        for text in texts {
            assert_eq!(place(convention, text).map_err(|p| p.code), Err(Code::RequestPath), "{text}");
        }
    }

    #[test]
    fn a_uri_keeps_the_code_of_its_reader() {
        assert_eq!(place(Convention::Posix, "file:///a/../b").unwrap_err().code, Code::UriDotSegment);
    }

    #[test]
    fn a_pattern_leaves_in_the_spelling_of_codex() {
        let sent = |convention, text| {
            let (pattern, _) = text::pattern(text).unwrap();
            outgoing(convention, pattern).map(|pattern| pattern.source).map_err(|problem| problem.code)
        };
        let posix = |text| sent(Convention::Posix, text);
        let windows = |text| sent(Convention::Windows, text);
        assert_eq!(posix(":workspace_roots/**/.env"), Ok("codex-project-roots://**/.env".to_owned()));
        assert_eq!(posix(":home/x/*.key"), Ok("~/x/*.key".to_owned()));
        for same in ["codex-project-roots://*", "~/x/*", "**/.env", "/srv/**", "a\\*"] {
            assert_eq!(posix(same), Ok(same.to_owned()));
        }
        for same in ["C:\\x\\**", "C:/x/**", "\\\\h\\s\\*", "//h/s/*", "a\\*"] {
            assert_eq!(windows(same), Ok(same.to_owned()));
        }
        for lost in [":cwd/*", ":tmpdir/*", ":root/**", ":tools/*"] {
            assert_eq!(posix(lost), Err(Code::PatternAnchor));
        }
        for foreign in ["C:\\x\\**", "c:/x/*", "\\\\h\\s\\*"] {
            assert_eq!(posix(foreign), Err(Code::RequestPath));
        }
        for foreign in ["/srv/**", "\\x\\*", "/"] {
            assert_eq!(windows(foreign), Err(Code::RequestPath));
        }
    }
}
