//! Where the text of a link leads, by the grammar of its OS. Text that could be read in more than one way leads
//! nowhere.

use crate::native::path::{NativePath, RootRef};
use crate::native::{Os, check_segment, windows};

/// The longest text of a link that is followed, in bytes. Linux stores at most 4095, Windows 32,767 units.
const MAX_TARGET: usize = 32 * 1024;

/// Where a target is counted from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// The directory that holds the link.
    Here,
    /// The root of the drive or share that holds the link (Windows).
    OwnRoot,
    /// A root.
    Root(NativePath),
}

/// One step of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// To a name in the directory.
    Name(Box<str>),
    /// To the directory that really holds this one.
    Up,
    /// Nowhere, but only from a directory: `.`, or a separator at the end.
    Stay,
}

/// A text that leads somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) start: Start,
    pub(super) steps: Vec<Step>,
}

/// Who wrote a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grammar {
    /// The OS follows it: a stored link. On Windows `/` is no separator in one.
    Link,
    /// A program reads it as a path: on Windows both separators count.
    Program,
}

/// Reads a target; `None` if it leads to no place that a [`NativePath`] can name.
pub(super) fn parse(os: Os, text: &str, grammar: Grammar) -> Option<Target> {
    if text.is_empty() || text.len() > MAX_TARGET || text.contains('\0') {
        return None;
    }
    match os {
        Os::Linux | Os::Macos => {
            let (start, rest) = match text.strip_prefix('/') {
                Some(rest) => (Start::Root(NativePath::root(os)), rest),
                None => (Start::Here, text),
            };
            steps(os, rest, |c| c == '/').map(|steps| Target { start, steps })
        }
        Os::Windows => parse_windows(text, grammar),
    }
}

fn parse_windows(text: &str, grammar: Grammar) -> Option<Target> {
    let os = Os::Windows;
    // What a reparse point stores: the NT spelling of `\\?\`.
    let spelled = text.strip_prefix(r"\??\").map(|rest| format!(r"\\?\{rest}"));
    let text = spelled.as_deref().unwrap_or(text);
    let is_separator: fn(char) -> bool = match grammar {
        Grammar::Link => |c| c == '\\',
        Grammar::Program => |c| c == '\\' || c == '/',
    };
    let mut start = text.chars();
    match (start.next(), start.next(), start.next()) {
        (Some(a), Some(b), _) if is_separator(a) && is_separator(b) => absolute(text, is_separator),
        (Some(_), Some(':'), Some(c)) if is_separator(c) => absolute(text, is_separator),
        (Some(a), _, _) if is_separator(a) => {
            // Git and other programs never write such a path, and what it is relative to is not theirs to say.
            let rest = text.get(1..).filter(|_| grammar == Grammar::Link)?;
            Some(Target { start: Start::OwnRoot, steps: steps(os, rest, is_separator)? })
        }
        // `C:x` falls through to here and is refused for its colon.
        _ => Some(Target { start: Start::Here, steps: steps(os, text, is_separator)? }),
    }
}

/// A drive or a share, and steps from there.
fn absolute(text: &str, is_separator: fn(char) -> bool) -> Option<Target> {
    let split = windows::split(text.as_bytes()).ok()?;
    let utf8 = |part| std::str::from_utf8(part).ok();
    let root = match split.root {
        RootRef::Drive(letter) => NativePath::drive(char::from(letter))?,
        RootRef::Unc { host, share } => NativePath::unc(utf8(host)?, utf8(share)?).ok()?,
        RootRef::Posix | RootRef::Namespace => return None,
    };
    let is_separator = if split.verbatim { |c| c == '\\' } else { is_separator };
    // After `\\?\` a dot is a name like any other, and no file has it.
    let dotted = |rest: &str| rest.split('\\').any(|part| matches!(part, "." | ".."));
    let rest = utf8(split.rest).filter(|rest| !split.verbatim || !dotted(rest))?;
    Some(Target { start: Start::Root(root), steps: steps(Os::Windows, rest, is_separator)? })
}

fn steps(os: Os, text: &str, is_separator: fn(char) -> bool) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    for part in text.split(is_separator) {
        match part {
            "" => {}
            "." => steps.push(Step::Stay),
            ".." => steps.push(Step::Up),
            name => {
                check_segment(os, name).ok()?;
                steps.push(Step::Name(name.into()));
            }
        }
    }
    if text.ends_with(is_separator) {
        steps.push(Step::Stay);
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `START step step`, or `-`.
    fn shown(os: Os, text: &str, grammar: Grammar) -> String {
        let Some(target) = parse(os, text, grammar) else { return "-".to_owned() };
        let start = match &target.start {
            Start::Here => "here".to_owned(),
            Start::OwnRoot => "own".to_owned(),
            Start::Root(root) => root.to_string(),
        };
        target.steps.iter().fold(start, |out, step| {
            out + " "
                + match step {
                    Step::Name(name) => name,
                    Step::Up => "..",
                    Step::Stay => ".",
                }
        })
    }

    #[test]
    fn posix_targets_are_split_at_slashes_and_nothing_else() {
        for (text, want) in [
            ("a", "here a"),
            ("../a/./b//c", "here .. a . b c"),
            ("a/", "here a ."),
            ("/", "/ "),
            ("//x/../y", "/ x .. y"),
            (r"C:\x", r"here C:\x"),
            (r"\\host\share", r"here \\host\share"),
            ("", "-"),
        ] {
            assert_eq!(shown(Os::Linux, text, Grammar::Link), want.trim_end(), "{text}");
            assert_eq!(shown(Os::Macos, text, Grammar::Program), want.trim_end(), "{text}");
        }
    }

    #[test]
    fn windows_targets_are_simplified_only_where_exact() {
        for (text, want) in [
            (r"..\a", "here .. a"),
            (r"\a\b", "own a b"),
            (r"c:\a\..\b", r"C:\ a .. b"),
            (r"\??\C:\a\b", r"C:\ a b"),
            (r"\\?\C:\a\", r"C:\ a ."),
            (r"\\?\UNC\Nas\s\x", r"\\nas\s x"),
            (r"\\nas\s\x", r"\\nas\s x"),
            // No separator in a link.
            ("../a", "-"),
            // What no path can name.
            (r"\\?\Volume{0b}\x", "-"),
            (r"\??\GLOBALROOT\Device\x", "-"),
            (r"\\.\C:\x", "-"),
            (r"\\localhost\s\x", "-"),
            (r"\\nas\c$\x", "-"),
            (r"C:x", "-"),
            (r"a:stream", "-"),
            (r"a\NUL", "-"),
            (r"a. \b", "-"),
            (r"\\?\C:\a\..\b", "-"),
            (r"\\?\", "-"),
        ] {
            assert_eq!(shown(Os::Windows, text, Grammar::Link), want, "{text}");
        }
        assert_eq!(shown(Os::Windows, "C:/a/../b", Grammar::Program), r"C:\ a .. b");
        assert_eq!(shown(Os::Windows, "../a", Grammar::Program), "here .. a");
        assert_eq!(shown(Os::Windows, "/a", Grammar::Program), "-");
    }

    #[test]
    fn a_target_longer_than_any_system_stores_is_not_followed() {
        for (bytes, followed) in [(MAX_TARGET - 1, true), (MAX_TARGET, true), (MAX_TARGET + 1, false)] {
            let target = "a/".repeat(bytes / 2) + &"b".repeat(bytes % 2);
            assert_eq!(parse(Os::Linux, &target, Grammar::Link).is_some(), followed, "{bytes}");
        }
    }
}
