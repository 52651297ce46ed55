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
/// normalizes what follows, without being asked twice (dependencies on the prefix differ from reader to reader).
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
    match label {
        [b'0'..=b'9'] | [b'1'..=b'9', b'0'..=b'9'] | [b'1', b'0'..=b'9', b'0'..=b'9'] => true,
        [b'2', b'0'..=b'4', b'0'..=b'9'] | [b'2', b'5', b'0'..=b'5'] => true,
        _ => false,
    }
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

/// May this be the short (8.3) name of another file: a `~` directly followed by a digit, anywhere (N-5)?
pub(crate) fn is_short_name_form(segment: &[u8]) -> bool {
    segment.windows(2).any(|pair| matches!(pair, [b'~', b'0'..=b'9']))
}
