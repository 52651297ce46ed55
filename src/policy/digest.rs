//! The digest of a canonical document (B-5).

use crate::json::Json;
use sha2::{Digest as _, Sha256};

/// `sha256:` and 64 lower-case hex digits over the canonical text.
pub(crate) fn of(tree: &Json) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(71);
    out.push_str("sha256:");
    for byte in Sha256::digest(tree.to_canonical().as_bytes()) {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}
