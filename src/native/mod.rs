//! Absolute paths as values, for any OS on any host.
//!
//! Nothing here asks the host anything: the OS is a value ([`Os`]), its rules are data and small functions
//! ([`posix`], [`macos`], [`windows`]), and sameness is defined once ([`key`]). Knows no other room.

pub(crate) mod alias;
pub(crate) mod few;
pub(crate) mod fold;
pub(crate) mod key;
pub(crate) mod macos;
pub(crate) mod path;
pub(crate) mod posix;
pub(crate) mod query;
pub(crate) mod windows;

pub(crate) use path::check_segment;
pub use path::{NativePath, PathError, RootKind};
pub(crate) use posix::Magic;

use serde::{Deserialize, Serialize};

/// The operating system that a path, an executor or a bound policy speaks of. A value, never a `cfg`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Os {
    /// Linux.
    Linux,
    /// macOS.
    Macos,
    /// Windows.
    Windows,
}

impl Os {
    /// Every OS, in the order used for tables and fixtures.
    pub const ALL: [Self; 3] = [Self::Linux, Self::Macos, Self::Windows];

    /// The word used on the wire: `linux`, `macos` or `windows`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Linux => "linux",
            Self::Macos => "macos",
            Self::Windows => "windows",
        }
    }

    /// The OS of a wire word, exactly as spelled (`Windows` and `freebsd` are none of them).
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|os| os.as_str() == word)
    }

    /// The separator that this OS writes: `/`, or `\` on Windows.
    pub const fn separator(self) -> char {
        match self {
            Self::Linux | Self::Macos => '/',
            Self::Windows => '\\',
        }
    }

    /// Is `c` a separator on this OS? `/` everywhere, `\` on Windows too.
    pub const fn is_separator(self, c: char) -> bool {
        match self {
            Self::Linux | Self::Macos => c == '/',
            Self::Windows => c == '/' || c == '\\',
        }
    }
}

impl std::fmt::Display for Os {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Pairs of prefixes that name the same place on every machine of this OS: the other spelling, then the usual
/// one, both absolute and normal (N-6).
pub(crate) const fn aliases(os: Os) -> &'static [(&'static str, &'static str)] {
    match os {
        Os::Macos => macos::ALIASES,
        Os::Linux | Os::Windows => &[],
    }
}

/// The system's own directories (S-11): absolute on Linux and macOS, below any drive on Windows. What lies below
/// them is not meant; a checkout in `/opt/app` or `C:\Users\me\app` is an ordinary place.
pub(crate) const fn system_directories(os: Os) -> &'static [&'static str] {
    match os {
        Os::Linux => posix::SYSTEM_DIRECTORIES,
        Os::Macos => macos::SYSTEM_DIRECTORIES,
        Os::Windows => windows::SYSTEM_DIRECTORIES,
    }
}

/// Is this path one of the [`system_directories`]? On macOS and Windows in any ASCII case, and on Windows only on
/// a drive.
pub(crate) fn is_system_directory(path: &NativePath) -> bool {
    let os = path.os();
    let below = |text: &'static str| text.strip_prefix(os.separator()).unwrap_or(text);
    let same = |listed: &str, text: &str| match os {
        Os::Linux => listed == text,
        Os::Macos | Os::Windows => listed.eq_ignore_ascii_case(text),
    };
    let is_listed = || {
        // Both are normal, so the same segments are the same text.
        let text = path.as_str().get(path.root_text().len()..).unwrap_or_default();
        system_directories(os).iter().any(|directory| same(below(directory), text))
    };
    match path.kind() {
        RootKind::Posix | RootKind::Drive => is_listed(),
        RootKind::Namespace | RootKind::Unc => false,
    }
}

/// Does a path lead through a directory that shows other places under another name (N-7)?
pub(crate) fn magic(path: &NativePath) -> Option<Magic> {
    posix::magic(path.os(), path.segments().map(str::as_bytes))
}

/// The place that a path shows which leads through a mirror of the whole tree, such as `/proc/self/root` (N-7).
pub(crate) fn shown(path: &NativePath) -> Option<NativePath> {
    let Magic::Root { rest_index } = magic(path)? else { return None };
    NativePath::root(path.os()).join_segments(path.segments().skip(rest_index)).ok()
}

/// Can a path that begins like this one lead through a place that shows others? A quick look, before [`magic`].
pub(crate) fn may_be_magic(path: &NativePath) -> bool {
    path.segments().next().is_some_and(|first| posix::may_be_magic(path.os(), first.as_bytes()))
}

/// Can this path never be a root (N-7)?
pub(crate) fn is_mirror(path: &NativePath) -> bool {
    posix::never_a_root(path.os(), path.segments().map(str::as_bytes))
}

/// Checks a host of an allow list by the rules that a UNC path's host has (N-3).
///
/// # Errors
/// The host may be this machine, or is no plain host.
pub(crate) fn check_unc_host(host: &str) -> Result<(), PathError> {
    NativePath::unc(host, "share").map(drop)
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
