//! The rules of Windows names (N-2 to N-5): roots, reserved characters, devices, hosts and shares.
//!
//! Everything works on bytes, because queries need not be UTF-8; each character with a meaning is ASCII, except
//! the three superscript digits that Windows takes for digits in device names.

use super::path::{RootFault, RootRef, SegmentFault};

/// A text that begins at a Windows root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Split<'a> {
    /// The root.
    pub(crate) root: RootRef<'a>,
    /// What follows it; may begin or end with separators, or repeat them.
    pub(crate) rest: &'a [u8],
    /// Written with `\\?\`, where `/` is no separator.
    pub(crate) verbatim: bool,
}

/// Is this byte a separator in an ordinary Windows path?
pub(crate) const fn is_separator(byte: u8) -> bool {
    matches!(byte, b'\\' | b'/')
}

/// Takes the root off an absolute Windows path (N-2, N-3).
///
/// `\\?\` counts only when it is spelled with exactly these four characters: with other separators Windows
/// takes what follows for a device path and normalizes it, and readers of paths disagree on what it is.
///
/// # Errors
/// Everything that is no drive, no share and not the bare namespace.
pub(crate) fn split(text: &[u8]) -> Result<Split<'_>, RootFault<'_>> {
    let ends_prefix = |rest: &[u8]| rest.first().is_none_or(|byte| is_separator(*byte));
    match text {
        [b'\\', b'\\', b'?', b'\\', rest @ ..] => split_verbatim(rest),
        [a, b'?', b'?', rest @ ..] if is_separator(*a) && ends_prefix(rest) => Err(RootFault::Namespace),
        [a, b, b'?' | b'.', rest @ ..] if is_separator(*a) && is_separator(*b) && ends_prefix(rest) => {
            Err(RootFault::Namespace)
        }
        [a, b, rest @ ..] if is_separator(*a) && is_separator(*b) => split_unc(rest, false),
        [letter, b':', c, rest @ ..] if letter.is_ascii_alphabetic() && is_separator(*c) => {
            Ok(Split { root: RootRef::Drive(letter.to_ascii_uppercase()), rest, verbatim: false })
        }
        [letter, b':', ..] if letter.is_ascii_alphabetic() => Err(RootFault::DriveRelative),
        [b'\\', ..] => Err(RootFault::RootRelative),
        [b'/', ..] => Err(RootFault::Foreign),
        _ => Err(RootFault::Relative),
    }
}

/// What follows an exact `\\?\`: nothing, a drive, or `UNC\`. Everything else there is an NT name.
fn split_verbatim(text: &[u8]) -> Result<Split<'_>, RootFault<'_>> {
    match text {
        [] => Ok(Split { root: RootRef::Namespace, rest: text, verbatim: true }),
        [letter, b':', b'\\', rest @ ..] if letter.is_ascii_alphabetic() => {
            Ok(Split { root: RootRef::Drive(letter.to_ascii_uppercase()), rest, verbatim: true })
        }
        [b'U', b'N', b'C', b'\\', rest @ ..] => split_unc(rest, true),
        _ => Err(RootFault::Namespace),
    }
}

/// What follows `\\` or `\\?\UNC\`: a host, a share and the rest. A repeated separator between host and share is
/// not folded; what it means is not the same everywhere.
fn split_unc(text: &[u8], verbatim: bool) -> Result<Split<'_>, RootFault<'_>> {
    let mut parts = text.splitn(3, |byte| if verbatim { *byte == b'\\' } else { is_separator(*byte) });
    let host = parts.next().unwrap_or_default();
    let share = parts.next().unwrap_or_default();
    check_unc(host, share)?;
    Ok(Split { root: RootRef::Unc { host, share }, rest: parts.next().unwrap_or_default(), verbatim })
}

/// Is this a share on a plain host that is not this machine (N-3)?
///
/// # Errors
/// [`RootFault::Loopback`], [`RootFault::UncMalformed`], [`RootFault::AdminShare`], [`RootFault::Namespace`] for
/// the names that the redirector keeps for pipes, mailslots and `WebDAV`, or the fault of the share's name.
pub(crate) fn check_unc<'a>(host: &[u8], share: &'a [u8]) -> Result<(), RootFault<'a>> {
    if may_be_this_machine(host) {
        return Err(RootFault::Loopback);
    }
    if !is_plain_host(host) || share.is_empty() {
        return Err(RootFault::UncMalformed);
    }
    check_segment(share).map_err(|fault| RootFault::Share(fault, share))?;
    if share.ends_with(b"$") {
        return Err(RootFault::AdminShare);
    }
    if NOT_SHARES.iter().any(|name| share.eq_ignore_ascii_case(name)) {
        return Err(RootFault::Namespace);
    }
    Ok(())
}

/// Names in the place of a share that are none: pipes, mailslots, and the root of a `WebDAV` server, which is a
/// second name for everything on it.
const NOT_SHARES: [&[u8]; 3] = [b"pipe", b"mailslot", b"DavWWWRoot"];

/// Letters, digits, `-`, `_` and single inner dots; or `wsl$`, which is a host of Windows' own. A port or `@SSL`
/// would make the same server another host.
fn is_plain_host(host: &[u8]) -> bool {
    host.eq_ignore_ascii_case(b"wsl$")
        || host.split(|byte| *byte == b'.').all(|label| {
            !label.is_empty()
                && label.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        })
}

/// Does a host name this machine, or may it: `localhost`, loopback addresses in any notation, addresses that are
/// written in a way that readers take differently, and IPv6 literals, which cannot be told apart here.
fn may_be_this_machine(host: &[u8]) -> bool {
    let mut bare = host;
    while let [rest @ .., b'.'] = bare {
        bare = rest;
    }
    if bare.eq_ignore_ascii_case(b"wsl.localhost") {
        return false;
    }
    let ends_with = |suffix: &[u8]| {
        bare.len()
            .checked_sub(suffix.len())
            .and_then(|start| bare.get(start..))
            .is_some_and(|end| end.eq_ignore_ascii_case(suffix))
    };
    LOOPBACK_NAMES.iter().any(|name| bare.eq_ignore_ascii_case(name))
        || ends_with(b".localhost")
        || ends_with(b".ipv6-literal.net")
        || is_risky_number(bare)
}

/// Hosts that are this machine by their name.
const LOOPBACK_NAMES: [&[u8]; 4] = [b"localhost", b"localhost.localdomain", b"::1", b"[::1]"];

/// Is this an address made of numbers that is a loopback one, or is not written as four plain decimals? `127.1`,
/// `0177.0.0.1`, `2130706433` and `0x7f000001` are all `127.0.0.1` to some reader.
fn is_risky_number(host: &[u8]) -> bool {
    let mut labels = host.split(|byte| *byte == b'.');
    if !labels.clone().all(is_number) {
        return false;
    }
    let plain = labels.clone().count() == 4 && labels.clone().all(is_plain_octet);
    !plain || labels.next().is_none_or(|first| matches!(first, b"0" | b"127"))
}

/// Decimal, or hexadecimal after `0x`.
fn is_number(label: &[u8]) -> bool {
    match label {
        [] => false,
        [b'0', b'x' | b'X', digits @ ..] => digits.iter().all(u8::is_ascii_hexdigit),
        digits => digits.iter().all(u8::is_ascii_digit),
    }
}

/// `0` to `255` without leading zeros, which some readers take for octal.
fn is_plain_octet(label: &[u8]) -> bool {
    matches!(
        label,
        [b'0'..=b'9']
            | [b'1'..=b'9', b'0'..=b'9']
            | [b'1', b'0'..=b'9', b'0'..=b'9']
            | [b'2', b'0'..=b'4', b'0'..=b'9']
            | [b'2', b'5', b'0'..=b'5']
    )
}

/// One name (N-4): no reserved character, no dot or blank at the end, no device.
///
/// # Errors
/// The first fault found.
pub(crate) fn check_segment(segment: &[u8]) -> Result<(), SegmentFault> {
    match segment {
        [] => return Err(SegmentFault::Empty),
        b"." | b".." => return Err(SegmentFault::Dot),
        _ => {}
    }
    if let Some(byte) = segment.iter().find(|byte| is_reserved(**byte)) {
        return Err(if *byte == 0 { SegmentFault::Nul } else { SegmentFault::Reserved(*byte) });
    }
    if matches!(segment, [.., b'.' | b' ']) {
        return Err(SegmentFault::Trailing);
    }
    if is_device_name(segment) {
        return Err(SegmentFault::Device);
    }
    Ok(())
}

/// Does no Windows name hold this byte: `< > : " / \ | ? *` and C0?
pub(crate) const fn is_reserved(byte: u8) -> bool {
    matches!(byte, b'<' | b'>' | b':' | b'"' | b'/' | b'\\' | b'|' | b'?' | b'*' | 0..=0x1F)
}

/// Does Windows open a device for this name? What counts is the stem: what stands before the first `.` or `:`,
/// without blanks at its end, in any ASCII case.
pub(crate) fn is_device_name(segment: &[u8]) -> bool {
    let mut stem = segment.split(|byte| matches!(byte, b'.' | b':')).next().unwrap_or_default();
    while let [rest @ .., b' '] = stem {
        stem = rest;
    }
    if DEVICES.iter().any(|name| stem.eq_ignore_ascii_case(name)) {
        return true;
    }
    let [a, b, c, port @ ..] = stem else { return false };
    let bus = [*a, *b, *c];
    (bus.eq_ignore_ascii_case(b"COM") || bus.eq_ignore_ascii_case(b"LPT"))
        // A digit, or U+00B9, U+00B2, U+00B3.
        && matches!(port, [b'0'..=b'9'] | [0xC2, 0xB9 | 0xB2 | 0xB3])
}

/// The devices without a number.
const DEVICES: [&[u8]; 6] = [b"CON", b"PRN", b"AUX", b"NUL", b"CONIN$", b"CONOUT$"];

/// Directories of a Windows system on any drive, none of which is meant to be worked in (S-11).
pub(crate) const SYSTEM_DIRECTORIES: &[&str] = &[
    r"$Recycle.Bin",
    r"Boot",
    r"Documents and Settings",
    r"EFI",
    r"PerfLogs",
    r"Program Files",
    r"Program Files (Arm)",
    r"Program Files (x86)",
    r"Program Files\WindowsApps",
    r"ProgramData",
    r"Recovery",
    r"System Volume Information",
    r"Users",
    r"Users\All Users",
    r"Users\Default",
    r"Users\Public",
    r"Windows",
    r"Windows\SysWOW64",
    r"Windows\System32",
    r"Windows\System32\config",
    r"Windows\System32\drivers",
    r"Windows\WinSxS",
];

/// May this be the short (8.3) name of another file: a `~` directly followed by a digit, anywhere (N-5)?
pub(crate) fn is_short_name_form(segment: &[u8]) -> bool {
    segment.windows(2).any(|pair| matches!(pair, [b'~', b'0'..=b'9']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn device_names_are_told_by_their_stem() {
        let devices = [
            "con",
            "PRN",
            "Aux",
            "nul",
            "CONIN$",
            "conout$",
            "com0",
            "COM1",
            "com9",
            "LPT0",
            "lpt9",
            "COM¹",
            "com²",
            "LPT³",
            "nul.txt",
            "NUL.tar.gz",
            "nul .txt",
            "nul   ",
            "COM1 .log",
            "com¹.x",
            "aux:x",
            "NUL::$DATA",
            "con. .",
            "lpt1:",
            "conin$.x",
        ];
        for name in devices {
            assert!(is_device_name(name.as_bytes()), "{name}");
        }
        let files = [
            "",
            "con1",
            "console",
            "nul0",
            "COM",
            "COM10",
            "COM01",
            "com¼",
            "com⁴",
            "LPT",
            "lptx",
            "CONERR$",
            "conin",
            "clock$",
            "PIPE",
            "x.nul",
            " nul",
            "nul_",
            "a.con",
            "dollar$",
            "nu\u{212A}",
            "\u{200B}nul",
        ];
        for name in files {
            assert!(!is_device_name(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn a_windows_name_has_no_reserved_character_and_no_dot_or_blank_at_its_end() {
        for name in
            ["a", ".git", "a b", " a", "a.b", "é", "~1", "a~1", "$x", "\u{7f}", "\u{a0}", "a\u{2024}", "…"]
        {
            assert_eq!(check_segment(name.as_bytes()), Ok(()), "{name:?}");
        }
        for byte in b"<>:\"/\\|?*".iter().copied().chain(1..=0x1F) {
            assert_eq!(check_segment(&[b'a', byte, b'b']), Err(SegmentFault::Reserved(byte)), "{byte}");
        }
        let cases: &[(&[u8], SegmentFault)] = &[
            (b"", SegmentFault::Empty),
            (b".", SegmentFault::Dot),
            (b"..", SegmentFault::Dot),
            (b"a\0", SegmentFault::Nul),
            (b"a.", SegmentFault::Trailing),
            (b"a ", SegmentFault::Trailing),
            (b"...", SegmentFault::Trailing),
            (b" ", SegmentFault::Trailing),
            (b"nul.", SegmentFault::Trailing),
            (b"nul", SegmentFault::Device),
            (b"a:zone", SegmentFault::Reserved(b':')),
            (b".git::$INDEX_ALLOCATION", SegmentFault::Reserved(b':')),
        ];
        for (name, fault) in cases {
            assert_eq!(check_segment(name), Err(*fault), "{}", name.escape_ascii());
        }
    }

    #[test]
    fn a_short_name_form_is_a_tilde_and_a_digit_anywhere() {
        for name in ["GIT~1", "git~1", "PROGRA~1", "GI7EBA~1.X", "a~10", "x~0y"] {
            assert!(is_short_name_form(name.as_bytes()), "{name}");
        }
        for name in ["", "~", "a~", "~a", "1~", "a~ 1", ".git"] {
            assert!(!is_short_name_form(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn hosts_that_may_be_this_machine_are_loopback() {
        let loopback = [
            "localhost",
            "LOCALHOST",
            "localhost.",
            "a.localhost",
            "localhost.localdomain",
            "127.0.0.1",
            "127.1",
            "127.255.255.254",
            "127.0.0.1.",
            "0.0.0.0",
            "0",
            "0.1.2.3",
            "2130706433",
            "0x7f000001",
            "0X7F.1",
            "0x7f.0.0.1",
            "0177.0.0.1",
            "0300.0250.1.1",
            "1.2.3",
            "1.2.3.4.5",
            "256.1.1.1",
            "0x",
            "::1",
            "[::1]",
            "--1.ipv6-literal.net",
            "fe80--1s4.IPv6-Literal.NET",
        ];
        for host in loopback {
            assert_eq!(check_unc(host.as_bytes(), b"s"), Err(RootFault::Loopback), "{host}");
        }
    }

    #[test]
    fn hosts_are_plain_names() {
        for host in [
            "nas",
            "NAS-1",
            "my_nas",
            "nas.example.com",
            "10.0.0.5",
            "wsl$",
            "WSL$",
            "wsl.localhost",
            "7f",
            "a1",
        ] {
            assert_eq!(check_unc(host.as_bytes(), b"s"), Ok(()), "{host}");
        }
        let malformed = [
            "",
            ".",
            "..",
            "?",
            ".a",
            "a.",
            "a..b",
            "a b",
            "a@80",
            "host@SSL",
            "a:80",
            "b\u{fc}cher",
            "a$",
            "wsl$.",
            "a%41",
            "fe80::2",
            "?foo",
            "~",
            "*",
            "x\u{3002}y",
            "wsl.localhost.",
        ];
        for host in malformed {
            assert_eq!(check_unc(host.as_bytes(), b"s"), Err(RootFault::UncMalformed), "{host}");
        }
    }

    #[test]
    fn shares_are_names_and_neither_administrative_nor_special() {
        for share in ["s", "Share", "a b", "\u{fc}", "$x", "a$b", "pipes"] {
            assert_eq!(check_unc(b"h", share.as_bytes()), Ok(()), "{share}");
        }
        for share in ["C$", "c$", "ADMIN$", "IPC$", "hidden$", "print$"] {
            assert_eq!(check_unc(b"h", share.as_bytes()), Err(RootFault::AdminShare), "{share}");
        }
        for share in ["pipe", "PIPE", "MailSlot", "davwwwroot"] {
            assert_eq!(check_unc(b"h", share.as_bytes()), Err(RootFault::Namespace), "{share}");
        }
        assert_eq!(check_unc(b"h", b""), Err(RootFault::UncMalformed));
        assert_eq!(check_unc(b"h", b".."), Err(RootFault::Share(SegmentFault::Dot, b"..")));
        assert_eq!(check_unc(b"h", b"C$."), Err(RootFault::Share(SegmentFault::Trailing, b"C$.")));
        assert_eq!(check_unc(b"h", b"C:"), Err(RootFault::Share(SegmentFault::Reserved(b':'), b"C:")));
        assert_eq!(check_unc(b"h", b"nul"), Err(RootFault::Share(SegmentFault::Device, b"nul")));
    }
}
