//! The digest of a canonical document (B-5).

use crate::json::{self, Json, Parts};
use sha2::{Digest as _, Sha256};

/// How much text is gathered before it is digested, in bytes.
const CHUNK: usize = 32 * 1024;

/// `sha256:` and 64 lower-case hex digits over the canonical text.
pub(crate) fn of(tree: &Json) -> String {
    shown(Sha256::new_with_prefix(tree.to_canonical()))
}

/// The same for a document that is made while it is digested.
pub(crate) fn of_parts(parts: Parts<'_>) -> String {
    let mut digest = Sha256::new();
    let mut text = String::with_capacity(2 * CHUNK);
    json::write_parts(parts, &mut text, None, 0, &mut |text| {
        if text.len() >= CHUNK {
            digest.update(text.as_bytes());
            text.clear();
        }
    });
    digest.update(text.as_bytes());
    shown(digest)
}

fn shown(digest: Sha256) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    let hex = digest.finalize();
    std::iter::once("sha256:".to_owned())
        .chain(hex.iter().map(|byte| [digit(byte >> 4), digit(byte & 15)].iter().collect()))
        .collect()
}
