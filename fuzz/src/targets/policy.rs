//! Reading a bound policy back. What is tampered with is refused; with a digest that fits, what is read is a policy
//! like any other.

use super::check;
use super::input::{self, Input};
use bindery::{Binder, BoundPolicy, Executor, Input as Document, Os};
use serde_json::{Value, json};

/// Bytes that begin like a document are one; any others choose a policy and what is changed in it.
pub(crate) fn policy(data: &[u8]) {
    if data.first() == Some(&b'{') {
        read(data);
        if let Ok(mut document) = serde_json::from_slice::<Value>(data) {
            redigest(&mut document);
            read(document.to_string().as_bytes());
        }
        return;
    }
    let mut input = Input(data);
    let world = input::world(&mut input);
    let Ok(executor) = Executor::from_json(world.facts.to_string().as_bytes()) else { return };
    let bound = Binder::new(&executor).bind_json(world.intent.to_string().as_bytes());
    let Some(policy) = bound.ok().and_then(|binding| binding.policy().cloned()) else { return };
    let Ok(original) = serde_json::from_str::<Value>(&policy.to_json()) else {
        panic!("a policy is no JSON: {}", policy.to_json())
    };
    let mut changed = original.clone();
    for _ in 0..=input.below(3) {
        change(&mut input, &mut changed, world.os, &original);
    }
    let covered = |document: &Value| {
        let mut document = document.clone();
        if let Some(fields) = document.as_object_mut() {
            fields.retain(|name, _| !["audit", "engine", "notes"].contains(&name.as_str()));
        }
        document
    };
    if let Some(back) = read(changed.to_string().as_bytes()) {
        assert_eq!(covered(&changed), covered(&original), "a changed policy was read");
        assert_eq!(back.digest(), policy.digest());
    } else {
        assert_ne!(changed, original, "a printed policy was refused");
    }
    redigest(&mut changed);
    if let Some(back) = read(changed.to_string().as_bytes()) {
        assert_eq!(changed["digest"], json!(back.digest()));
        for path in &world.asked {
            check::answers(&back, path.as_bytes());
        }
    }
}

/// A refusal that says why, or a policy that holds what every policy holds.
fn read(document: &[u8]) -> Option<BoundPolicy> {
    match BoundPolicy::from_json(document) {
        Ok(policy) => {
            check::policy(&policy);
            Some(policy)
        }
        Err(refusals) => {
            check::refused(&refusals, &[Document::Policy]);
            None
        }
    }
}

/// Sets the digest that fits: SHA-256 over the canonical text without the parts that it does not cover.
fn redigest(document: &mut Value) {
    use sha2::Digest as _;
    let mut covered = document.get("policy").unwrap_or(document).clone();
    let Some(fields) = covered.as_object_mut() else { return };
    fields.retain(|name, _| !["audit", "digest", "engine", "notes"].contains(&name.as_str()));
    let digest = sha2::Sha256::digest(canonical(&covered).as_bytes()).iter().fold(
        String::new(),
        |mut digits, byte| {
            digits
                .extend([byte >> 4, byte & 15].map(|half| char::from_digit(half.into(), 16).unwrap_or('?')));
            digits
        },
    );
    let policy = if document.get("policy").is_some() { &mut document["policy"] } else { document };
    if policy.is_object() {
        policy["digest"] = json!(format!("sha256:{digest}"));
    }
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

/// Changes one thing somewhere in the document, or nothing if the bytes choose so.
fn change(input: &mut Input<'_>, document: &mut Value, os: Os, original: &Value) {
    let mut at = document;
    for _ in 0..8 {
        if input.is(3) {
            break;
        }
        let count = match &*at {
            Value::Object(fields) => fields.len(),
            Value::Array(items) => items.len(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
        };
        let Ok(count @ 1..) = u8::try_from(count.min(200)) else { break };
        let chosen = input.below(count);
        let next = match at {
            Value::Object(fields) => fields.values_mut().nth(chosen),
            Value::Array(items) => items.get_mut(chosen),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        };
        // There is one: it was counted.
        let Some(next) = next else { return };
        at = next;
    }
    let text = input.pick(&[
        "/",
        "/ws",
        "/ws/a",
        "/x",
        "C:\\",
        "C:\\ws",
        "\\\\?\\",
        "",
        "..",
        ":root",
        "read",
        "write",
        "deny",
        "**",
        "a",
        "tree",
        "file",
        "linux",
        "windows",
        "macos",
        "mask",
        "sensitive",
        "unknown",
        "rule",
        "none",
        "S-1",
    ]);
    match (input.below(8), &mut *at) {
        (0, Value::Array(items)) => {
            items.pop();
        }
        (1, Value::Array(items)) => items.reverse(),
        (2, Value::Array(items)) => {
            if let Some(last) = items.last().cloned() {
                items.push(last);
            }
        }
        (0, Value::Object(fields)) => {
            let names: Vec<String> = fields.keys().cloned().collect();
            if !names.is_empty() {
                fields.remove(input.pick(&names.iter().map(String::as_str).collect::<Vec<_>>()));
            }
        }
        (1, Value::Object(fields)) => {
            fields.insert(text.to_owned(), json!(text));
        }
        (_, Value::Bool(value)) => *value = !*value,
        (0, Value::String(value)) => {
            let separator = os.separator();
            value.push(separator);
        }
        (1, Value::String(value)) => *value = value.to_ascii_uppercase(),
        (2, value) => *value = Value::Null,
        (3, value) => *value = json!(usize::from(input.byte())),
        (4, value) => *value = original["rules"][input.below(4)].clone(),
        (5, value) => *value = json!([]),
        (_, value) => *value = json!(text),
    }
}
