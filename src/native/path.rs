//! An absolute path as a value: a root and segments, in one text that is always the canonical spelling.
//!
//! A text is read once ([`NativePath::parse`]) and grows by one checked segment at a time
//! ([`NativePath::join_segment`]). Nothing is ever rebuilt by pushing text and reading it again: that is how
//! `a:stream` or `D:` in the middle of a path turns into another path.

use super::{Os, posix, windows};
use serde::{Serialize, Serializer};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// What kind of root a [`NativePath`] hangs from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RootKind {
    /// `/` on Linux and macOS.
    Posix,
    /// The whole Windows namespace, every drive and every share, spelled `\\?\`. It has no children of its own.
    Namespace,
    /// A Windows drive such as `C:\`.
    Drive,
    /// A Windows share such as `\\host\share`.
    Unc,
}

/// A root without its text: what a path and a query have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RootRef<'a> {
    /// `/`.
    Posix,
    /// Every drive and every share.
    Namespace,
    /// The drive's letter, upper case.
    Drive(u8),
    /// A share. In a query the host may be in any ASCII case; in a [`NativePath`] it is lower case.
    Unc {
        /// The host, without separators.
        host: &'a [u8],
        /// The share, in the case in which it was written.
        share: &'a [u8],
    },
}

/// An absolute, normal path of one OS, on whatever host it is handled.
///
/// The text is the target's canonical spelling (N-1, N-2): `/`, `/a/b`, `C:\`, `C:\a`, `\\host\share`,
/// `\\host\share\a`, or `\\?\` for the whole Windows namespace. Only a root may end in a separator.
///
/// `==`, order and hash compare that spelling, not what a volume holds to be the same name: whether `A` and `a`
/// are one file is asked of the keys (N-8). The order is by segments, so that a path comes directly before
/// everything below it.
///
/// Cloning shares the text.
#[derive(Clone, Eq)]
pub struct NativePath {
    os: Os,
    kind: RootKind,
    text: Arc<str>,
}

impl NativePath {
    /// Reads the native text of an absolute path of `os`.
    ///
    /// Repeated and trailing separators are folded. On Windows both separators count, the drive letter becomes
    /// upper case, the host lower case, and an exact `\\?\C:\` or `\\?\UNC\host\share` is simplified (N-2).
    ///
    /// # Errors
    /// Everything that N-1 to N-4 refuse, each with its own variant; nothing is repaired.
    pub fn parse(os: Os, text: &str) -> Result<Self, PathError> {
        if text.is_empty() {
            return Err(PathError::Empty);
        }
        if text.contains('\0') {
            return Err(PathError::Nul { text: text.into() });
        }
        match os {
            Os::Linux | Os::Macos => {
                let rest = posix::split(text.as_bytes()).map_err(|fault| PathError::root(fault, os, text))?;
                if normal(os, text)? {
                    return Ok(Self { os, kind: RootKind::Posix, text: text.into() });
                }
                Self::root(os).extended(text, rest.len(), |c| c == '/')
            }
            Os::Windows => {
                let split =
                    windows::split(text.as_bytes()).map_err(|fault| PathError::root(fault, os, text))?;
                let root = match split.root {
                    RootRef::Posix | RootRef::Namespace => Self::root(os),
                    RootRef::Drive(letter) => Self::from_drive(letter),
                    RootRef::Unc { host, share } => Self::from_unc(host, share),
                };
                if split.verbatim {
                    // `/` is no separator here, and the segment check refuses it as a character.
                    root.extended(text, split.rest.len(), |c| c == '\\')
                } else {
                    root.extended(text, split.rest.len(), |c| c == '\\' || c == '/')
                }
            }
        }
    }

    /// The path that holds everything on `os`: `/`, or `\\?\` for every drive and share.
    pub fn root(os: Os) -> Self {
        match os {
            Os::Linux | Os::Macos => Self { os, kind: RootKind::Posix, text: "/".into() },
            Os::Windows => Self::from_root(RootKind::Namespace, r"\\?\".to_owned()),
        }
    }

    /// The root of a Windows drive, or `None` if `letter` is none of `A` to `Z` in either case.
    pub fn drive(letter: char) -> Option<Self> {
        u8::try_from(letter).ok().filter(u8::is_ascii_alphabetic).map(Self::from_drive)
    }

    /// The root of a Windows share.
    ///
    /// # Errors
    /// A host that is not plain or names this machine, and a share that is administrative or no name (N-3, N-4).
    pub fn unc(host: &str, share: &str) -> Result<Self, PathError> {
        windows::check_unc(host.as_bytes(), share.as_bytes())
            .map_err(|fault| PathError::root(fault, Os::Windows, &format!(r"\\{host}\{share}")))?;
        Ok(Self::from_unc(host.as_bytes(), share.as_bytes()))
    }

    /// The path one segment below this one. The segment is checked by the rules of the path's OS (N-1, N-4) and
    /// never read as anything but one name.
    ///
    /// # Errors
    /// A segment that is no name on this OS; any segment below the Windows namespace, which only holds roots.
    pub fn join_segment(&self, segment: &str) -> Result<Self, PathError> {
        check_segment(self.os, segment)?;
        if self.kind == RootKind::Namespace {
            return Err(PathError::NamespaceChild { segment: segment.into() });
        }
        let mut text = String::with_capacity(self.text.len() + 1 + segment.len());
        text.push_str(&self.text);
        push_segment(&mut text, self.os, segment);
        Ok(Self { os: self.os, kind: self.kind, text: text.into() })
    }

    /// The path of these segments below `/`, each checked as in [`join_segment`](Self::join_segment).
    ///
    /// # Errors
    /// The first segment that cannot be joined.
    pub(crate) fn posix<'s>(
        os: Os,
        segments: impl Iterator<Item = &'s str> + Clone,
    ) -> Result<Self, PathError> {
        let length: usize = segments.clone().map(|segment| segment.len() + 1).sum();
        let mut text = String::with_capacity(length.max(1));
        for segment in segments {
            check_segment(os, segment)?;
            text.push('/');
            text.push_str(segment);
        }
        if text.is_empty() {
            text.push('/');
        }
        Ok(Self { os, kind: RootKind::Posix, text: text.into() })
    }

    /// The path of these segments below this one, each checked as in [`join_segment`](Self::join_segment).
    ///
    /// # Errors
    /// The first segment that cannot be joined.
    pub(crate) fn join_segments<'s>(
        &self,
        segments: impl IntoIterator<Item = &'s str>,
    ) -> Result<Self, PathError> {
        let mut text = String::with_capacity(2 * self.text.len() + 64);
        text.push_str(&self.text);
        for segment in segments {
            check_segment(self.os, segment)?;
            if self.kind == RootKind::Namespace {
                return Err(PathError::NamespaceChild { segment: segment.into() });
            }
            push_segment(&mut text, self.os, segment);
        }
        Ok(Self { os: self.os, kind: self.kind, text: text.into() })
    }

    /// The OS that the path belongs to.
    pub const fn os(&self) -> Os {
        self.os
    }

    /// The kind of its root.
    pub const fn kind(&self) -> RootKind {
        self.kind
    }

    /// The canonical spelling.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The canonical spelling, shared with the path.
    pub(crate) fn shared(&self) -> Arc<str> {
        self.text.clone()
    }

    /// The root's spelling: `/`, `C:\`, `\\host\share` or `\\?\`.
    pub fn root_text(&self) -> &str {
        self.in_order().root_text()
    }

    fn root_len(&self) -> usize {
        self.in_order().root_len()
    }

    /// The root as a value.
    pub(crate) fn root_ref(&self) -> RootRef<'_> {
        let root = self.root_text().as_bytes();
        match self.kind {
            RootKind::Posix => RootRef::Posix,
            RootKind::Namespace => RootRef::Namespace,
            RootKind::Drive => RootRef::Drive(root.first().copied().unwrap_or_default()),
            RootKind::Unc => {
                let mut parts = root.splitn(4, |byte| *byte == b'\\').skip(2);
                let host = parts.next().unwrap_or_default();
                RootRef::Unc { host, share: parts.next().unwrap_or_default() }
            }
        }
    }

    /// The host of a share, lower case; `None` for every other kind of path.
    pub fn unc_host(&self) -> Option<&str> {
        match self.kind {
            RootKind::Unc => self.root_text().split('\\').nth(2),
            RootKind::Posix | RootKind::Namespace | RootKind::Drive => None,
        }
    }

    /// The segments below the root, outermost first.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &str> + Clone {
        let separator = if self.os == Os::Windows { b'\\' } else { b'/' };
        Segments { rest: self.text.get(self.root_len()..).unwrap_or_default(), separator }
    }

    /// The number of segments; a root has none.
    pub fn depth(&self) -> usize {
        self.segments().count()
    }

    /// Is this `/`, a drive, a share or the whole namespace?
    pub fn is_root(&self) -> bool {
        self.text.len() == self.root_len()
    }

    /// The last segment, or `None` for a root.
    pub fn file_name(&self) -> Option<&str> {
        self.segments().next_back()
    }

    /// Is `other` this path or below it, by the spelling alone? What one volume takes for the same is asked of the
    /// keys (N-8).
    pub(crate) fn contains(&self, other: &Self) -> bool {
        if self.kind == RootKind::Namespace {
            return other.os == self.os;
        }
        self.root_text() == other.root_text() && {
            let mut segments = other.segments();
            self.segments().all(|segment| segments.next() == Some(segment))
        }
    }

    /// The path one segment up, or `None` for a root.
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        let end = self.text.rfind(self.os.separator())?.max(self.root_len());
        let text = self.text.get(..end)?;
        Some(Self { os: self.os, kind: self.kind, text: text.into() })
    }

    /// Where a segment of this path ends, if the one before it, or the root, ends at `before`.
    pub(crate) fn end_after(&self, before: usize, segment: &str) -> usize {
        let separated = self.text.get(before..).is_some_and(|rest| rest.starts_with(self.os.separator()));
        before + usize::from(separated) + segment.len()
    }

    /// The names between two ends of segments.
    pub(crate) fn names_between(&self, from: usize, to: usize) -> impl Iterator<Item = &str> + Clone {
        let separator = if self.os == Os::Windows { b'\\' } else { b'/' };
        Segments { rest: self.text.get(from..to).unwrap_or_default(), separator }
    }

    /// Where the last segment ends up to which this path and another one are spelled alike.
    pub(crate) fn common(&self, other: &Self) -> usize {
        let (own, others) = (self.text.as_bytes(), other.text.as_bytes());
        let alike = own.iter().zip(others).take_while(|(own, other)| own == other).count();
        let separator = self.os.separator();
        let ends =
            |text: &str| text.get(alike..).is_some_and(|rest| rest.is_empty() || rest.starts_with(separator));
        if ends(&self.text) && ends(&other.text) {
            return alike;
        }
        self.text.get(..alike).and_then(|alike| alike.rfind(separator)).unwrap_or_default()
    }

    /// The path as far as `end`, which is where its root or a segment ends.
    pub(crate) fn cut(&self, end: usize) -> Self {
        match self.text.get(..end) {
            Some(text) if end < self.text.len() => Self { os: self.os, kind: self.kind, text: text.into() },
            Some(_) | None => self.clone(),
        }
    }

    /// A drive root. `letter` is an ASCII letter.
    fn from_drive(letter: u8) -> Self {
        Self::from_root(RootKind::Drive, format!(r"{}:\", char::from(letter.to_ascii_uppercase())))
    }

    /// A share root from parts that [`windows::check_unc`] has passed; the host is ASCII.
    fn from_unc(host: &[u8], share: &[u8]) -> Self {
        let mut text = String::with_capacity(3 + host.len() + share.len());
        text.push_str(r"\\");
        text.extend(host.iter().map(|byte| char::from(byte.to_ascii_lowercase())));
        text.push('\\');
        text.push_str(&String::from_utf8_lossy(share));
        Self::from_root(RootKind::Unc, text)
    }

    fn from_root(kind: RootKind, text: String) -> Self {
        Self { os: Os::Windows, kind, text: text.into() }
    }

    /// This root with the segments of the last `rest` bytes of `whole`, each checked.
    fn extended(self, whole: &str, rest: usize, is_separator: fn(char) -> bool) -> Result<Self, PathError> {
        let rest = whole.get(whole.len().saturating_sub(rest)..).unwrap_or_default();
        let mut text = String::with_capacity(self.text.len() + 1 + rest.len());
        text.push_str(&self.text);
        for segment in rest.split(is_separator).filter(|segment| !segment.is_empty()) {
            check_segment(self.os, segment)?;
            push_segment(&mut text, self.os, segment);
        }
        Ok(Self { text: text.into(), ..self })
    }
}

/// The segments of a text, empty ones left out. Segments are short, so bytes are looked at one by one.
#[derive(Clone, Debug)]
struct Segments<'a> {
    rest: &'a str,
    separator: u8,
}

impl<'a> Iterator for Segments<'a> {
    type Item = &'a str;

    #[inline]
    fn next(&mut self) -> Option<&'a str> {
        while !self.rest.is_empty() {
            let end = self.rest.bytes().position(|byte| byte == self.separator).unwrap_or(self.rest.len());
            let (segment, rest) = self.rest.split_at_checked(end)?;
            self.rest = rest.get(1..).unwrap_or_default();
            if !segment.is_empty() {
                return Some(segment);
            }
        }
        None
    }
}

impl<'a> DoubleEndedIterator for Segments<'a> {
    fn next_back(&mut self) -> Option<&'a str> {
        while !self.rest.is_empty() {
            let before = self.rest.bytes().rposition(|byte| byte == self.separator);
            let (rest, segment) = self.rest.split_at_checked(before.map_or(0, |at| at + 1))?;
            self.rest = rest.get(..before.unwrap_or_default()).unwrap_or_default();
            if !segment.is_empty() {
                return Some(segment);
            }
        }
        None
    }
}

/// Is a POSIX path that begins with `/` in its one spelling: single separators, each with a segment behind it?
///
/// # Errors
/// A segment that is none, before any repeated separator.
fn normal(os: Os, text: &str) -> Result<bool, PathError> {
    for segment in text.split('/').skip(1) {
        if segment.is_empty() {
            return Ok(false);
        }
        check_segment(os, segment)?;
    }
    Ok(true)
}

/// Appends a checked segment; a root that already ends in a separator gets no second one.
fn push_segment(text: &mut String, os: Os, segment: &str) {
    if !text.ends_with(os.separator()) {
        text.push(os.separator());
    }
    text.push_str(segment);
}

/// Is `segment` one name on `os` (N-1, N-4)?
///
/// # Errors
/// Empty, `.`, `..`, a separator or NUL anywhere; on Windows also reserved characters, trailing dots and blanks,
/// and device names.
pub(crate) fn check_segment(os: Os, segment: &str) -> Result<(), PathError> {
    segment_fault(os, segment.as_bytes()).map_err(|fault| PathError::segment(fault, segment))
}

/// [`check_segment`] for any bytes, without building an error.
pub(crate) fn segment_fault(os: Os, segment: &[u8]) -> Result<(), SegmentFault> {
    match os {
        Os::Linux | Os::Macos => posix::check_segment(segment),
        Os::Windows => windows::check_segment(segment),
    }
}

impl PartialOrd for NativePath {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for NativePath {
    fn eq(&self, other: &Self) -> bool {
        let same = || Arc::ptr_eq(&self.text, &other.text) || self.text == other.text;
        (self.os, self.kind) == (other.os, other.kind) && same()
    }
}

impl Hash for NativePath {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.os, self.kind, &self.text).hash(state);
    }
}

impl Ord for NativePath {
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.text, &other.text) {
            return (self.os, self.kind).cmp(&(other.os, other.kind));
        }
        self.in_order().cmp(&other.in_order())
    }
}

impl NativePath {
    /// The path as it is compared, to sort many.
    pub(crate) fn in_order(&self) -> InOrder<'_> {
        InOrder { os: self.os, kind: self.kind, text: &self.text }
    }
}

/// A path with its text at hand: in a sort of thousands, each look behind a pointer is one into far memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InOrder<'a> {
    os: Os,
    kind: RootKind,
    text: &'a str,
}

impl PartialOrd for InOrder<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for InOrder<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        // By segments, because in raw text `/a-b` would come between `/a` and `/a/b`: a separator counts as less
        // than every byte that a name can hold. In one pass over the bytes, since sorting does little else.
        let roots = (self.os, self.kind).cmp(&(other.os, other.kind));
        if roots.is_ne() {
            return roots;
        }
        let roots = match self.kind {
            RootKind::Posix | RootKind::Namespace => Ordering::Equal,
            RootKind::Drive | RootKind::Unc => self.root_text().cmp(other.root_text()),
        };
        roots.then_with(|| {
            let separator = if self.os == Os::Windows { b'\\' } else { b'/' };
            let (mut a, mut b) = (self.below_root(), other.below_root());
            // Paths that are compared often begin alike.
            while let (Some((x, after_a)), Some((y, after_b))) =
                (a.split_first_chunk::<8>(), b.split_first_chunk::<8>())
            {
                let differ = u64::from_le_bytes(*x) ^ u64::from_le_bytes(*y);
                if differ != 0 {
                    // The lowest bit that differs is one of the first byte that does.
                    let at = (differ.trailing_zeros() / 8) as usize;
                    (a, b) = (a.get(at..).unwrap_or_default(), b.get(at..).unwrap_or_default());
                    break;
                }
                (a, b) = (after_a, after_b);
            }
            match a.iter().zip(b).find(|(a, b)| a != b) {
                None => a.len().cmp(&b.len()),
                Some((a, b)) => (*a != separator, a).cmp(&(*b != separator, b)),
            }
        })
    }
}

impl<'a> InOrder<'a> {
    fn root_len(&self) -> usize {
        match self.kind {
            RootKind::Posix => 1,
            RootKind::Drive => 3,
            RootKind::Namespace => self.text.len(),
            RootKind::Unc => {
                let separators = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\\');
                separators.map(|(at, _)| at).nth(3).unwrap_or(self.text.len())
            }
        }
    }

    fn root_text(&self) -> &'a str {
        self.text.get(..self.root_len()).unwrap_or_default()
    }

    /// The bytes of the segments, without a separator in front.
    fn below_root(&self) -> &'a [u8] {
        let rest = self.text.as_bytes().get(self.root_len()..).unwrap_or_default();
        rest.strip_prefix(b"\\").filter(|_| self.kind == RootKind::Unc).unwrap_or(rest)
    }
}

impl fmt::Display for NativePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for NativePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.os, self.text)
    }
}

/// As its canonical spelling. There is no `Deserialize`: a text alone does not say which OS it belongs to.
impl Serialize for NativePath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

/// What is wrong with the beginning of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RootFault<'a> {
    /// No root at all.
    Relative,
    /// The root of another OS.
    Foreign,
    /// A device or NT namespace.
    Namespace,
    /// A drive without a separator after it.
    DriveRelative,
    /// A separator without a drive before it.
    RootRelative,
    /// A host that is, or may be, this machine.
    Loopback,
    /// A share whose name ends in `$`.
    AdminShare,
    /// No plain host and share.
    UncMalformed,
    /// A share that is no name.
    Share(SegmentFault, &'a [u8]),
}

/// What is wrong with one segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SegmentFault {
    /// Nothing in it.
    Empty,
    /// `.` or `..`.
    Dot,
    /// A NUL byte.
    Nul,
    /// A separator where one name is expected.
    Separator,
    /// A character that Windows reserves, always ASCII.
    Reserved(u8),
    /// A dot or blank at the end, on Windows.
    Trailing,
    /// A Windows device.
    Device,
}

/// Why a text or a segment is no native path (N-1 to N-4), with the offending text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// The text is empty.
    #[error("the path is empty")]
    Empty,
    /// The text does not begin at a root.
    #[error("`{}` is not an absolute path", Shown(.text))]
    Relative {
        /// The whole text.
        text: Box<str>,
    },
    /// The text is an absolute path of another OS.
    #[error("`{}` is a path of another operating system, not of {os}", Shown(.text))]
    Foreign {
        /// The OS that it was read for.
        os: Os,
        /// The whole text.
        text: Box<str>,
    },
    /// There is a NUL byte in the text.
    #[error("`{}` holds a NUL byte", Shown(.text))]
    Nul {
        /// The whole text or segment.
        text: Box<str>,
    },
    /// A device or NT namespace, a volume GUID, or another prefix that is neither a drive nor a share.
    #[error("`{}` names a device or an NT namespace, not a place on a drive or a share", Shown(.text))]
    Namespace {
        /// The whole text.
        text: Box<str>,
    },
    /// A name directly below the Windows namespace, which holds only drives and shares.
    #[error("`{}` cannot be joined to the whole namespace, which only holds drives and shares", Shown(.segment))]
    NamespaceChild {
        /// The segment.
        segment: Box<str>,
    },
    /// `C:x` or `C:`, which depend on a current directory.
    #[error("`{}` is relative to a drive's current directory", Shown(.text))]
    DriveRelative {
        /// The whole text.
        text: Box<str>,
    },
    /// `\x`, which depends on the current drive.
    #[error("`{}` is relative to the current drive", Shown(.text))]
    RootRelative {
        /// The whole text.
        text: Box<str>,
    },
    /// A share on this machine, or on a host that may be this machine.
    #[error("`{}` names this machine, or may name it, as a network host", Shown(.text))]
    Loopback {
        /// The whole text.
        text: Box<str>,
    },
    /// An administrative or hidden share.
    #[error("`{}` names an administrative share, which shows places under another name", Shown(.text))]
    AdminShare {
        /// The whole text.
        text: Box<str>,
    },
    /// Not a plain host followed by a share.
    #[error("`{}` is not a share of a plain host", Shown(.text))]
    UncMalformed {
        /// The whole text.
        text: Box<str>,
    },
    /// A segment that is `.` or `..`.
    #[error("the segment `{}` is not a name but a step to another directory", Shown(.segment))]
    DotSegment {
        /// The segment.
        segment: Box<str>,
    },
    /// A segment without any character.
    #[error("the segment is empty")]
    EmptySegment,
    /// Several names where one is expected.
    #[error("the segment `{}` holds a separator", Shown(.segment))]
    Separator {
        /// The segment.
        segment: Box<str>,
    },
    /// A character that Windows reserves, in a segment.
    #[error("the segment `{}` holds `{}`, which no Windows name may hold", Shown(.segment), Shown(character.encode_utf8(&mut [0; 4])))]
    ReservedCharacter {
        /// The segment.
        segment: Box<str>,
        /// The first such character.
        character: char,
    },
    /// A segment that Windows would shorten.
    #[error("the segment `{}` ends in a dot or a blank, which Windows drops", Shown(.segment))]
    Trailing {
        /// The segment.
        segment: Box<str>,
    },
    /// A segment that opens a device.
    #[error("the segment `{}` names a Windows device", Shown(.segment))]
    DeviceName {
        /// The segment.
        segment: Box<str>,
    },
}

impl PathError {
    /// The error of a fault in the root of `text`, read for `os`.
    fn root(fault: RootFault<'_>, os: Os, text: &str) -> Self {
        let text = text.into();
        match fault {
            RootFault::Relative => Self::Relative { text },
            RootFault::Foreign => Self::Foreign { os, text },
            RootFault::Namespace => Self::Namespace { text },
            RootFault::DriveRelative => Self::DriveRelative { text },
            RootFault::RootRelative => Self::RootRelative { text },
            RootFault::Loopback => Self::Loopback { text },
            RootFault::AdminShare => Self::AdminShare { text },
            RootFault::UncMalformed => Self::UncMalformed { text },
            RootFault::Share(fault, share) => Self::segment(fault, &String::from_utf8_lossy(share)),
        }
    }

    /// The error of a fault in one segment.
    fn segment(fault: SegmentFault, segment: &str) -> Self {
        let segment = segment.into();
        match fault {
            SegmentFault::Empty => Self::EmptySegment,
            SegmentFault::Dot => Self::DotSegment { segment },
            SegmentFault::Nul => Self::Nul { text: segment },
            SegmentFault::Separator => Self::Separator { segment },
            SegmentFault::Reserved(byte) => Self::ReservedCharacter { segment, character: char::from(byte) },
            SegmentFault::Trailing => Self::Trailing { segment },
            SegmentFault::Device => Self::DeviceName { segment },
        }
    }

    /// The offending text or segment; empty where nothing was given.
    pub fn value(&self) -> &str {
        match self {
            Self::Empty | Self::EmptySegment => "",
            Self::Relative { text }
            | Self::Foreign { os: _, text }
            | Self::Nul { text }
            | Self::Namespace { text }
            | Self::DriveRelative { text }
            | Self::RootRelative { text }
            | Self::Loopback { text }
            | Self::AdminShare { text }
            | Self::UncMalformed { text } => text,
            Self::NamespaceChild { segment }
            | Self::DotSegment { segment }
            | Self::Separator { segment }
            | Self::ReservedCharacter { segment, character: _ }
            | Self::Trailing { segment }
            | Self::DeviceName { segment } => segment,
        }
    }
}

/// A text inside a message: control characters are escaped and a long text is cut, so that a message can be
/// printed whatever it speaks of.
struct Shown<'a>(&'a str);

/// The most characters of an offending text that a message repeats.
const SHOWN_LIMIT: usize = 200;

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (count, c) in self.0.chars().enumerate() {
            if count == SHOWN_LIMIT {
                return f.write_str("…");
            }
            if c.is_control() { write!(f, "{}", c.escape_unicode())? } else { write!(f, "{c}")? }
        }
        Ok(())
    }
}
