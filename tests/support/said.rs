//! What the methods of a policy say must be what it prints: whoever embeds the library reads the one, whoever runs
//! the program reads the other.

use bindery::{BoundPolicy, Outcome, Place, PlanOp, Record};
use serde_json::{Value, json};
use std::sync::Arc;

/// Where the two differ.
pub(crate) fn faults(policy: &BoundPolicy, printed: &Value) -> Vec<String> {
    let mut faults = compare("", &facts(policy), printed);
    let part = |list: &str, n: usize| printed.get(list).and_then(|list| list.get(n)).unwrap_or(&Value::Null);
    let count = |name: &str| printed.get(name).and_then(Value::as_array).map(Vec::len);
    if count("audit") != Some(policy.audit().len()) || count("plan") != Some(policy.plan().len()) {
        faults.push("the audit or the plan is printed in other parts".to_owned());
    }
    for (n, record) in policy.audit().iter().enumerate() {
        let at = format!(" of audit record {n}");
        faults.extend(compare(&at, &said(record), part("audit", n)));
        let line = serde_json::from_str(&record.to_json_line()).unwrap_or_default();
        faults.extend(compare(&format!("{at}, on its line,"), &said(record), &line));
    }
    for (n, step) in policy.plan().iter().enumerate() {
        let step = match step.op() {
            PlanOp::DenyPattern => json!({"tail": step.tail(), "depth": step.depth()}),
            PlanOp::ProtectAnyDepth | PlanOp::ProtectEachDrive => json!({"names": step.names()}),
            PlanOp::ReadOnly | PlanOp::ReadWrite | PlanOp::Mask | PlanOp::Protect | _ => {
                json!({"materialize": step.materialize(), "scope": step.scope().as_str()})
            }
        };
        faults.extend(compare(&format!(" of step {n}"), &step, part("plan", n)));
    }
    faults
}

fn compare(at: &str, said: &Value, printed: &Value) -> Vec<String> {
    let fields = said.as_object().into_iter().flatten().filter(|(name, said)| printed[*name] != **said);
    fields
        .map(|(name, said)| format!("`{name}`{at} is {}, and the method says {said}", printed[name]))
        .collect()
}

fn place(place: &Place) -> Value {
    if place.path() == place.resolved() && place.links().is_empty() {
        return json!(place.path().as_str());
    }
    let links: Vec<&str> = place.links().iter().map(bindery::NativePath::as_str).collect();
    json!({"path": place.path().as_str(), "resolved": place.resolved().as_str(), "links": links})
}

fn facts(policy: &BoundPolicy) -> Value {
    let places = |list: &[Place]| list.iter().map(place).collect::<Vec<Value>>();
    let paths =
        |list: &[bindery::NativePath]| list.iter().map(|path| json!(path.as_str())).collect::<Vec<Value>>();
    let rule = |rule: &bindery::BoundRule| {
        json!({"path": place(rule.place()), "access": rule.access().as_str(), "scope": rule.scope().as_str(),
            "materialize": rule.materialize()})
    };
    let pattern = |pattern: &bindery::DenyPattern| {
        json!({"base": place(pattern.base()), "source": pattern.source(), "tail": pattern.tail(),
            "depth": pattern.depth()})
    };
    let root = |root: &bindery::WritableRoot| {
        json!({"path": place(root.place()), "read_only": places(root.read_only()), "denied": places(root.denied()),
            "protected_names": root.protected_names()})
    };
    let risk = |risk: &bindery::Risk| json!({"code": risk.code(), "text": risk.text(), "places": paths(risk.places())});
    let note = |note: &bindery::Note| json!({"pointer": note.pointer(), "text": note.text()});
    let protected = policy.protected_names();
    json!({
        "os": policy.os().as_str(),
        "executor": policy.executor(),
        "network": policy.network().as_str(),
        "carried": serde_json::from_str::<Value>(&policy.carried()).unwrap_or_default(),
        "observed": policy.is_observed(),
        "flags": {"full_read": policy.full_read(), "full_write": policy.full_write(),
            "platform_defaults": policy.platform_defaults()},
        "rules": policy.rules().iter().map(rule).collect::<Vec<_>>(),
        "deny_patterns": policy.deny_patterns().iter().map(pattern).collect::<Vec<_>>(),
        "readable_roots": places(policy.readable_roots()),
        "writable_roots": policy.writable_roots().iter().map(root).collect::<Vec<_>>(),
        "denied": places(policy.denied()),
        "protected_names": {"version": protected.version(), "scope": protected.scope().as_str(),
            "names": protected.names().collect::<Vec<_>>()},
        "temp_dirs": policy.temp_dirs().map(paths),
        "residual_risks": policy.residual_risks().iter().map(risk).collect::<Vec<_>>(),
        "notes": policy.notes().iter().map(note).collect::<Vec<_>>(),
        "digest": policy.digest(),
    })
}

fn said(record: &Record) -> Value {
    let (outcome, reason) = match record.outcome() {
        Outcome::Bound => ("bound", None),
        Outcome::Inert(reason) => ("inert", Some(reason.as_str())),
    };
    let step = |step: &bindery::Step| json!({"rule": step.rule.id(), "before": &*step.before, "after": &*step.after});
    let texts = |texts: &[Arc<str>]| texts.iter().map(|text| json!(&**text)).collect::<Vec<_>>();
    json!({
        "entry": record.pointer(),
        "said": record.said(),
        "access": record.access().as_str(),
        "root": record.root(),
        "steps": record.steps().iter().map(step).collect::<Vec<_>>(),
        "outcome": outcome,
        "reason": reason,
        "paths": texts(record.paths()),
        "hazard": record.hazard().map(bindery::Code::as_str),
        "shadows": texts(record.shadows()),
        "shadowed_by": texts(record.shadowed_by()),
    })
}
