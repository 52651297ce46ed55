//! What bindery says of a pattern and a path, in the terms of the tables.
//!
//! The pattern hangs on a workspace root; everything may be read but what it matches, so that a refused question is a
//! match. The text is asked below the root.

use bindery::{Access, Binder, Binding, Executor};
use serde_json::{Value, json};

/// What the source says, and what bindery says. `None`: no such claim.
pub(crate) fn answers(claim: &str, pattern: &str, text: &str, says: &str) -> Option<(String, String)> {
    Some((says.to_owned(), ours(&intent(pattern), &facts(claim)?, text)))
}

fn facts(claim: &str) -> Option<Value> {
    let case = match claim {
        "case_kept" => "sensitive",
        "case_ignored" => "insensitive",
        _ => return None,
    };
    Some(json!({"id": "x", "os": "linux", "workspace_roots": [{"id": "w", "path": "/w"}],
        "volumes": [{"path": "/", "case": case, "normalization": "preserving"}]}))
}

fn intent(pattern: &str) -> Value {
    json!({"permissions": {"type": "managed", "network": "restricted", "file_system": {"type": "restricted", "entries": [
        {"path": ":root", "access": "read"},
        {"path": {"glob": format!(":workspace_roots/{pattern}")}, "access": "deny"}
    ]}}})
}

/// `match`, `no_match`, the word of a fault in the question, or the code with which the pattern is refused.
fn ours(intent: &Value, facts: &Value, text: &str) -> String {
    let executor = match Executor::from_json(facts.to_string().as_bytes()) {
        Ok(executor) => executor,
        Err(refusals) => return refusals.to_string(),
    };
    match Binder::new(&executor).bind_json(intent.to_string().as_bytes()) {
        Ok(Binding::Restricted(policy)) => {
            let path = format!("/w/{text}");
            let decision = policy.decide(&path, Access::Read);
            match decision.query_fault() {
                Some(fault) => fault.to_owned(),
                None if decision.is_allowed() => "no_match".to_owned(),
                None => "match".to_owned(),
            }
        }
        Ok(_) => "no policy".to_owned(),
        Err(refusals) => refusals.iter().next().map_or("", |refusal| refusal.code().as_str()).to_owned(),
    }
}
