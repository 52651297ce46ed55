//! The digest of a canonical document (B-5).

use crate::json::{self, Out, Parts, ToJson};
use sha2::{Digest as _, Sha256};

/// `sha256:` and 64 lower-case hex digits over a canonical text.
pub(crate) fn of(text: &str) -> String {
    shown(Sha256::new_with_prefix(text))
}

/// The same for a document that is digested while it is written.
pub(crate) fn of_parts(parts: Parts<'_>) -> String {
    while_written(|out| json::write_parts(parts, out))
}

/// The same for one value.
pub(crate) fn of_value(value: &impl ToJson) -> String {
    while_written(|out| value.put(out))
}

fn while_written(write: impl FnOnce(&mut Out<'_>)) -> String {
    let mut digest = Sha256::new();
    let mut text = String::new();
    let mut flush = |text: &mut String| {
        digest.update(text.as_bytes());
        text.clear();
    };
    write(&mut Out::flushed(&mut text, &mut flush));
    digest.update(text.as_bytes());
    shown(digest)
}

fn shown(digest: Sha256) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    let mut shown = String::with_capacity(71);
    shown.push_str("sha256:");
    shown.extend(digest.finalize().iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
    shown
}
