//! `file:` URIs, read strictly (rules U-1 to U-10). No target is known here: what a drive, a host or a
//! backslash means on the executor is decided when the URI is bound.
//!
//! Parsers of URLs repair what they read, each in its own way, so one text is two paths to two readers, and
//! whoever writes the intent may choose the text. This reader repairs nothing: a text that two readers take
//! for different paths is refused, with a code that says which rule it breaks.
//!
//! One problem is reported per text, the first one in this order, so that an error is stable:
//!
//! 1. the length, so that the rest is bounded: `too_long`
//! 2. what some readers drop before they parse: `uri_control` anywhere, then `uri_blank` at the ends
//! 3. `uri_scheme`
//! 4. what some readers take for the end of the path or for a separator, the leftmost of them:
//!    `uri_raw_backslash`, `uri_query`, `uri_fragment`
//! 5. the authority: `uri_authority`, `uri_user_info`, `uri_port`, `uri_host`, `uri_no_share`
//! 6. Codex's opaque form as a whole: `uri_opaque`
//! 7. the segments from left to right: `uri_empty_segment`, `uri_drive_pipe`; then within the segment from
//!    left to right `uri_raw_character`, `uri_percent`, `uri_nul`, `uri_encoded_slash`; then the segment's
//!    decoded text: `uri_not_utf8`, `uri_dot_segment`; for the first one after a host `uri_host_and_drive`
//! 8. the length of the canonical form: `too_long`

use crate::error::{Code, clip};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

#[cfg(test)]
mod tests;

/// The longest text of a URI in bytes, and also the longest canonical form, so that what was read can be
/// written and read again.
const MAX_BYTES: usize = 32 * 1024;

/// A checked `file:` URI, of no particular target OS.
///
/// Two values are equal if they have the same host, drive and segments, whatever the spelling was. Its
/// [`Display`](fmt::Display) form is the one canonical spelling (U-10), and [`FileUri::parse`] of that
/// gives an equal value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileUri {
    host: Option<Box<str>>,
    drive: Option<char>,
    segments: Vec<Box<str>>,
}

/// Why a text is not a `file:` URI that can be bound: a code, the offending text, and one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct UriError {
    code: Code,
    value: String,
    message: String,
}

impl UriError {
    /// `what` follows the offending text in the sentence.
    fn new(code: Code, value: &str, what: impl fmt::Display) -> Self {
        let value = clip(value);
        Self { code, message: format!("`{value}` {what}"), value }
    }

    fn too_long(text: &str, what: &str, length: usize) -> Self {
        Self::new(Code::TooLong, text, format_args!("is {what} of {length} bytes; the limit is {MAX_BYTES}"))
    }

    /// The stable code.
    pub const fn code(&self) -> Code {
        self.code
    }
    /// The offending segment, host or whole text, cut to 256 bytes.
    pub fn value(&self) -> &str {
        &self.value
    }
    /// One sentence that says what is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl FileUri {
    /// Reads a URI by the rules U-1 to U-9. A trailing slash says nothing and is dropped.
    ///
    /// # Errors
    /// The first problem of the text, in the order that the module's documentation gives.
    pub fn parse(text: &str) -> Result<Self, UriError> {
        if text.len() > MAX_BYTES {
            return Err(UriError::too_long(text, "a URI", text.len()));
        }
        check_dropped(text)?;
        let rest = match text.get(..5) {
            Some(scheme) if scheme.eq_ignore_ascii_case("file:") => text.get(5..).unwrap_or_default(),
            _ => return Err(UriError::new(Code::UriScheme, text, "is not a file: URI")),
        };
        check_delimiters(text)?;
        let Some(rest) = rest.strip_prefix("//") else {
            return Err(UriError::new(Code::UriAuthority, text, "has no `//` after its scheme"));
        };
        // Without a slash after the authority there is no path; what that means differs by parser.
        let (authority, path) = match rest.split_once('/') {
            Some((authority, path)) => (authority, Some(path)),
            None => (rest, None),
        };
        let host = read_authority(authority)?;
        let Some(path) = path else {
            return Err(match host {
                Some(host) => UriError::new(Code::UriNoShare, &host, "is a host without a share"),
                None => UriError::new(Code::UriAuthority, text, "has no slash after its authority"),
            });
        };
        if host.is_none() && is_opaque(path) {
            return Err(UriError::new(Code::UriOpaque, text, "is an opaque path of Codex"));
        }

        let mut drive = None;
        let mut segments = Vec::new();
        // The root has no segment, where `split` would give an empty one.
        let raws = (!path.is_empty()).then(|| path.strip_suffix('/').unwrap_or(path).split('/'));
        for (index, raw) in raws.into_iter().flatten().enumerate() {
            let segment = read_segment(raw, text)?;
            match drive_letter(&segment) {
                Some(letter) if index == 0 => {
                    if let Some(host) = &host {
                        return Err(host_and_drive(host, &segment));
                    }
                    drive = Some(letter);
                }
                Some(_) | None => segments.push(segment.into_owned().into_boxed_str()),
            }
        }
        Self { host, drive, segments }.complete()
    }

    /// A URI from its parts, none of them encoded: what a native path on the executor is made of.
    ///
    /// # Errors
    /// A part that [`parse`](Self::parse) could not have read, or parts that would be read as another path:
    /// a POSIX path whose first name looks like a drive is `foreign_path`.
    pub fn from_parts<'a>(
        host: Option<&str>,
        drive: Option<char>,
        segments: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, UriError> {
        let host = host.map(check_host).transpose()?;
        if let Some(letter) = drive {
            if !letter.is_ascii_alphabetic() {
                return Err(UriError::new(
                    Code::DriveMalformed,
                    &letter.to_string(),
                    "is not a drive letter",
                ));
            }
            if let Some(host) = &host {
                return Err(host_and_drive(host, &format!("{letter}:")));
            }
        }
        let mut checked = Vec::new();
        for segment in segments {
            if segment.is_empty() {
                return Err(UriError::new(Code::UriEmptySegment, segment, "is an empty segment"));
            }
            if segment.contains('\0') {
                return Err(nul(segment));
            }
            if segment.contains('/') {
                return Err(UriError::new(Code::UriEncodedSlash, segment, "is a segment that holds a slash"));
            }
            check_dots(segment, segment)?;
            if checked.is_empty() && drive.is_none() && drive_letter(segment).is_some() {
                return Err(match &host {
                    Some(host) => host_and_drive(host, segment),
                    None => UriError::new(
                        Code::ForeignPath,
                        segment,
                        "would be read as a drive at the start of a URI",
                    ),
                });
            }
            checked.push(Box::from(segment));
        }
        Self { host, drive: drive.map(|letter| letter.to_ascii_uppercase()), segments: checked }.complete()
    }

    /// What only the whole can say: a host needs a share, and the canonical form keeps the limit.
    fn complete(self) -> Result<Self, UriError> {
        if let (Some(host), []) = (&self.host, self.segments.as_slice()) {
            return Err(UriError::new(Code::UriNoShare, host, "is a host without a share"));
        }
        let encoded: usize =
            self.segments.iter().flat_map(|s| s.bytes()).map(|b| if is_unreserved(b) { 1 } else { 3 }).sum();
        let drive = self.drive.map_or(0, |_| "/C:".len());
        let slashes = self.segments.len().max(1);
        let length = "file://".len() + self.host().map_or(0, str::len) + drive + slashes + encoded;
        if length > MAX_BYTES {
            return Err(UriError::too_long(&self.to_string(), "a URI with a canonical form", length));
        }
        Ok(self)
    }

    /// The host in lower case; `None` for an empty one and for `localhost`.
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// The drive's letter in upper case.
    pub const fn drive(&self) -> Option<char> {
        self.drive
    }

    /// The decoded segments, without the drive. After a host the first one is the share. None is empty, `.`
    /// or `..`, or holds a `/` or NUL; a segment may hold a backslash.
    pub fn segments(&self) -> &[Box<str>] {
        &self.segments
    }
}

impl FromStr for FileUri {
    type Err = UriError;

    fn from_str(text: &str) -> Result<Self, UriError> {
        Self::parse(text)
    }
}

/// Writes the canonical form (U-10).
impl fmt::Display for FileUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

impl FileUri {
    /// The canonical form (U-10): upper-case hex, and everything encoded but unreserved characters, the separators and
    /// the drive's colon.
    pub(crate) fn to_text(&self) -> String {
        const HEX: &[u8; 16] = b"0123456789ABCDEF";
        let digit = |value: u8| HEX.get(usize::from(value & 15)).copied().map_or('0', char::from);
        let length: usize = self.segments.iter().map(|segment| segment.len() + 1).sum();
        let mut out = String::with_capacity(length + 16);
        out.push_str("file://");
        out.push_str(self.host().unwrap_or_default());
        if let Some(letter) = self.drive {
            out.extend(['/', letter, ':']);
        }
        for segment in &self.segments {
            out.push('/');
            let mut rest: &str = segment;
            // What needs no encoding is copied in one piece.
            while let Some(at) = rest.bytes().position(|byte| !is_unreserved(byte)) {
                let (plain, after) = rest.split_at_checked(at).unwrap_or_default();
                out.push_str(plain);
                let mut chars = after.chars();
                let mut bytes = [0; 4];
                for byte in chars.next().unwrap_or_default().encode_utf8(&mut bytes).bytes() {
                    out.extend(['%', digit(byte >> 4), digit(byte)]);
                }
                rest = chars.as_str();
            }
            out.push_str(rest);
        }
        // A root ends in a slash, nothing else does.
        if self.segments.is_empty() {
            out.push('/');
        }
        out
    }
}

/// Refuses what some readers strip from a text before they parse it (U-5).
fn check_dropped(text: &str) -> Result<(), UriError> {
    if let Some(c) = text.chars().find(|c| c.is_control()) {
        return Err(UriError::new(
            Code::UriControl,
            text,
            format_args!("holds the control character {}", c.escape_unicode()),
        ));
    }
    if text.starts_with(' ') || text.ends_with(' ') {
        return Err(UriError::new(Code::UriBlank, text, "has a blank at its start or end"));
    }
    Ok(())
}

/// Refuses what ends the path for one reader or is a separator for another (U-5, U-6).
fn check_delimiters(text: &str) -> Result<(), UriError> {
    let (code, what) = match text.bytes().find(|byte| matches!(byte, b'\\' | b'?' | b'#')) {
        Some(b'\\') => (Code::UriRawBackslash, "holds a raw backslash"),
        Some(b'?') => (Code::UriQuery, "has a query"),
        Some(_) => (Code::UriFragment, "has a fragment"),
        None => return Ok(()),
    };
    Err(UriError::new(code, text, what))
}

/// The host that an authority names; `None` for an empty one and for `localhost` (U-1, U-6).
fn read_authority(authority: &str) -> Result<Option<Box<str>>, UriError> {
    if authority.is_empty() || authority.eq_ignore_ascii_case("localhost") {
        return Ok(None);
    }
    if authority.contains('@') {
        return Err(UriError::new(Code::UriUserInfo, authority, "holds user information"));
    }
    if drive_letter(authority).is_some() || is_drive_pipe(authority) {
        // `file://C:/x`: a drive to WHATWG parsers, a host with an empty port to the RFC.
        return Err(UriError::new(
            Code::UriAuthority,
            authority,
            "stands where the host is and looks like a drive",
        ));
    }
    if authority.contains(':') && !authority.starts_with('[') {
        return Err(UriError::new(Code::UriPort, authority, "holds a port"));
    }
    check_host(authority).map(Some)
}

/// A host name in lower case, if every reader takes it for the same other machine (U-1).
fn check_host(host: &str) -> Result<Box<str>, UriError> {
    let refuse = |what: &str| Err(UriError::new(Code::UriHost, host, what));
    let name = host.to_ascii_lowercase();
    // The name under which Windows shares the Linux systems on it; the only one that holds a dollar sign.
    if name == "wsl$" {
        return Ok(name.into_boxed_str());
    }
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')) {
        return refuse("is not a host name of letters, digits, `-`, `.` and `_`");
    }
    let labels = || name.split('.');
    if labels().any(str::is_empty) {
        // Also `.` and `..`, which become device namespaces on Windows, and a trailing dot.
        return refuse("is a host with an empty label");
    }
    if labels().any(|label| label.starts_with("xn--")) {
        return refuse("is an internationalized host, which readers decode differently");
    }
    if name == "localhost" || (name.ends_with(".localhost") && name != "wsl.localhost") {
        return refuse("is this machine");
    }
    if name.ends_with(".ipv6-literal.net") {
        return refuse("is a disguised IPv6 address");
    }
    if labels().next_back().is_some_and(is_number) {
        match dotted_quad(&name) {
            Some([0 | 127, ..]) => return refuse("is this machine"),
            Some(_) => {}
            None => return refuse("is a number that some readers take for an address"),
        }
    }
    Ok(name.into_boxed_str())
}

/// Does this last label make WHATWG parsers read the host as an IPv4 address? Decimal, octal or hex.
fn is_number(label: &str) -> bool {
    match label.strip_prefix("0x") {
        Some(hex) => hex.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => label.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

/// The bytes of an IPv4 address in its one usual spelling.
fn dotted_quad(host: &str) -> Option<[u8; 4]> {
    // The standard library refuses leading zeros, missing parts and everything that is not decimal.
    host.parse::<std::net::Ipv4Addr>().ok().map(|address| address.octets())
}

/// Is this the path of Codex's `file:///%00/bad/path/BASE64`, which stands for a path that has no URI (U-9)?
fn is_opaque(path: &str) -> bool {
    path.strip_prefix("%00/bad/path/").is_some_and(|payload| {
        !payload.is_empty()
            && payload.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    })
}

/// Decodes one raw segment once and judges it (U-2 to U-5, U-7, U-9).
fn read_segment<'a>(raw: &'a str, text: &str) -> Result<Cow<'a, str>, UriError> {
    if raw.is_empty() {
        return Err(UriError::new(Code::UriEmptySegment, text, "has an empty segment"));
    }
    if is_drive_pipe(raw) {
        return Err(UriError::new(Code::UriDrivePipe, raw, "is an old spelling of a drive"));
    }
    if raw.bytes().all(is_raw) {
        check_dots(raw, raw)?;
        return Ok(Cow::Borrowed(raw));
    }
    let mut decoded = Vec::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        match u8::try_from(c) {
            Ok(b'%') => match take_hex(&mut chars) {
                Some(0) => return Err(nul(raw)),
                Some(b'/') => {
                    return Err(UriError::new(
                        Code::UriEncodedSlash,
                        raw,
                        "is a segment that holds an encoded slash",
                    ));
                }
                Some(byte) => decoded.push(byte),
                None => {
                    return Err(UriError::new(Code::UriPercent, raw, "holds a `%` without two hex digits"));
                }
            },
            Ok(byte) if is_raw(byte) => decoded.push(byte),
            Ok(_) | Err(_) => {
                return Err(UriError::new(
                    Code::UriRawCharacter,
                    raw,
                    format_args!("holds the raw character {}", quoted(c)),
                ));
            }
        }
    }
    let Ok(segment) = String::from_utf8(decoded) else {
        return Err(UriError::new(Code::UriNotUtf8, raw, "is not UTF-8 when it is decoded"));
    };
    check_dots(&segment, raw)?;
    Ok(Cow::Owned(segment))
}

/// A character for a sentence: its code point, and itself where it can be seen.
fn quoted(c: char) -> String {
    let code = u32::from(c);
    if c.is_ascii_graphic() { format!("`{c}`") } else { format!("U+{code:04X}") }
}

/// The byte that two hex digits spell; only the first characters of `chars` are taken.
fn take_hex(chars: &mut std::str::Chars<'_>) -> Option<u8> {
    let high = chars.next()?.to_digit(16)?;
    let low = chars.next()?.to_digit(16)?;
    u8::try_from(high << 4 | low).ok()
}

/// Refuses `.` and `..`; `said` is how the segment was spelled (U-4).
fn check_dots(segment: &str, said: &str) -> Result<(), UriError> {
    match segment {
        "." | ".." => Err(UriError::new(Code::UriDotSegment, said, "is a dot segment")),
        _ => Ok(()),
    }
}

fn nul(segment: &str) -> UriError {
    UriError::new(Code::UriNul, segment, "is a segment that holds a NUL byte")
}

fn host_and_drive(host: &str, drive: &str) -> UriError {
    // `url` drops the host of `file://host/C:/x` and is left with a local path.
    UriError::new(Code::UriHostAndDrive, drive, format_args!("is a drive after the host `{}`", clip(host)))
}

/// The letter of `X:` in upper case.
fn drive_letter(segment: &str) -> Option<char> {
    match segment.as_bytes() {
        [letter, b':'] if letter.is_ascii_alphabetic() => Some(char::from(letter.to_ascii_uppercase())),
        _ => None,
    }
}

/// Is this `X|`, which WHATWG parsers turn into `X:`?
const fn is_drive_pipe(segment: &str) -> bool {
    matches!(segment.as_bytes(), [letter, b'|'] if letter.is_ascii_alphabetic())
}

/// RFC 3986's unreserved characters, which the canonical form leaves as they are.
const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// May the byte stand in a segment for itself? RFC 3986's `pchar`, and `[ ] ^ |`, which
/// `url::Url::from_file_path` does not encode and which no reader takes for anything else.
const fn is_raw(byte: u8) -> bool {
    is_unreserved(byte)
        || matches!(
            byte,
            b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' | b':' | b'@'
        )
        || matches!(byte, b'[' | b']' | b'^' | b'|')
}
