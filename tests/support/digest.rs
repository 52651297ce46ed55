//! The digest of a printed policy, computed without the library.

use serde_json::{Value, json};
use std::fmt::Write as _;

/// The digest that fits a policy: SHA-256 over its canonical text without the parts that it does not cover.
pub(crate) fn digest(policy: &Value) -> String {
    use sha2::Digest as _;
    let mut covered = policy.clone();
    if let Some(fields) = covered.as_object_mut() {
        fields.retain(|name, _| !["audit", "digest", "engine", "notes"].contains(&name.as_str()));
    }
    let mut text = "sha256:".to_owned();
    for byte in sha2::Sha256::digest(canonical(&covered).as_bytes()) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// RFC 8785 for documents with ASCII names and integers: sorted names, no blanks.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let sorted: std::collections::BTreeMap<&String, &Value> = fields.iter().collect();
            let fields: Vec<String> = sorted
                .into_iter()
                .map(|(name, value)| format!("{}:{}", json!(name), canonical(value)))
                .collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}
