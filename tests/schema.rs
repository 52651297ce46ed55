//! The hand-written schemas and the library's own lists of words are the same lists. Whether documents fit the
//! schemas is checked by `scripts/check-schemas`, with a validator that is no dependency here.
//!
//! Helpers are marked as code of tests, which lints do not see in a file of tests by themselves.
#![cfg(feature = "schema")]

use bindery::{
    AUDIT_SCHEMA, Access, Answer, Code, EXECUTOR_SCHEMA, EntryAccess, Inert, Input, Network, Os,
    POLICY_SCHEMA, PlanOp, ProtectedScope, RISKS, RootAuthority, Rule, SEMANTICS_VERSION, Scope, Via, schema,
};
use serde_json::{Value, json};

const SCHEMAS: [(&str, &str); 4] = [
    ("intent", schema::INTENT),
    ("executor", schema::EXECUTOR),
    ("policy", schema::POLICY),
    ("decision", schema::DECISION),
];

#[cfg(test)]
fn load(name: &str) -> Value {
    let (_, text) = SCHEMAS.iter().find(|(other, _)| *other == name).unwrap();
    serde_json::from_str(text).unwrap()
}

/// The words of the enum at a pointer of a schema.
#[cfg(test)]
fn words(schema: &Value, pointer: &str) -> Vec<Option<String>> {
    let list = schema.pointer(&format!("{pointer}/enum")).and_then(Value::as_array);
    let list = list.unwrap_or_else(|| panic!("no enum at {pointer}"));
    list.iter().map(|word| word.as_str().map(str::to_owned)).collect()
}

/// The same words, in any order; `nullable` adds null.
fn same(schema: &Value, pointer: &str, library: &[&str], nullable: bool) {
    let mut expected: Vec<Option<String>> = library.iter().map(|word| Some((*word).to_owned())).collect();
    expected.extend(nullable.then_some(None));
    expected.sort();
    let mut found = words(schema, pointer);
    found.sort();
    assert_eq!(found, expected, "{pointer}");
}

const ENTRY_ACCESS: [&str; 3] =
    [EntryAccess::Read.as_str(), EntryAccess::Write.as_str(), EntryAccess::Deny.as_str()];
const NETWORK: [&str; 2] = [Network::Restricted.as_str(), Network::Enabled.as_str()];
const PROTECTED: [&str; 2] = [ProtectedScope::Root.as_str(), ProtectedScope::AnyDepth.as_str()];

#[test]
fn every_schema_says_what_it_is_and_refers_only_to_itself() {
    for (name, _) in SCHEMAS {
        let schema = load(name);
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(schema["$id"], format!("urn:bindery:schema:{name}"));
        follow(&schema, &schema, name);
    }
}

/// Every reference leads to a definition.
#[cfg(test)]
fn follow(root: &Value, at: &Value, name: &str) {
    match at {
        Value::Object(pairs) => {
            if let Some(reference) = pairs.get("$ref") {
                let pointer = reference.as_str().and_then(|text| text.strip_prefix('#')).unwrap();
                assert!(root.pointer(pointer).is_some(), "{name}: {reference}");
            }
            pairs.values().for_each(|value| follow(root, value, name));
        }
        Value::Array(items) => items.iter().for_each(|value| follow(root, value, name)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_words_of_an_intent_are_the_readers() {
    let schema = load("intent");
    let access: Vec<&str> = ENTRY_ACCESS.into_iter().chain(["none"]).collect();
    same(&schema, "/$defs/entry/properties/access", &access, false);
    same(&schema, "/$defs/network", &NETWORK, false);
}

#[test]
fn the_words_of_executor_facts_are_the_readers() {
    let schema = load("executor");
    same(&schema, "/properties/schema", &[EXECUTOR_SCHEMA], true);
    same(&schema, "/properties/os", &Os::ALL.map(Os::as_str), false);
    let authorities = [RootAuthority::Offered, RootAuthority::AdoptRequested, RootAuthority::ExecutorOnly];
    same(&schema, "/properties/root_authority", &authorities.map(RootAuthority::as_str), true);
    same(&schema, "/properties/protected_names/anyOf/0/properties/scope", &PROTECTED, true);
}

#[test]
fn the_words_of_a_policy_are_the_librarys() {
    let schema = load("policy");
    let policy = "/$defs/policy/properties";
    let constant = |name: &str| schema.pointer(&format!("{policy}/{name}/const"));
    assert_eq!(constant("schema"), Some(&json!(POLICY_SCHEMA)));
    assert_eq!(constant("semantics"), Some(&json!(SEMANTICS_VERSION)));
    assert!(
        schema
            .pointer("/$defs/record/description")
            .is_some_and(|text| text.to_string().contains(AUDIT_SCHEMA))
    );
    same(&schema, &format!("{policy}/os"), &Os::ALL.map(Os::as_str), false);
    same(&schema, &format!("{policy}/network"), &NETWORK, false);
    same(&schema, &format!("{policy}/minimal"), &ENTRY_ACCESS, true);
    same(&schema, &format!("{policy}/protected_names/properties/scope"), &PROTECTED, false);
    same(
        &schema,
        &format!("{policy}/residual_risks/items/properties/code"),
        &RISKS.map(|(code, _)| code),
        false,
    );
    same(&schema, "/$defs/access", &ENTRY_ACCESS, false);
    same(&schema, "/$defs/scope", &[Scope::Tree, Scope::File].map(Scope::as_str), false);
    same(&schema, "/$defs/record/properties/reason", &Inert::ALL.map(Inert::as_str), true);
    let places = [PlanOp::ReadOnly, PlanOp::ReadWrite, PlanOp::Mask, PlanOp::Protect];
    same(&schema, "/$defs/step/oneOf/0/properties/op", &places.map(PlanOp::as_str), false);
    let names = [PlanOp::ProtectEachDrive, PlanOp::ProtectAnyDepth];
    same(&schema, "/$defs/step/oneOf/1/properties/op", &names.map(PlanOp::as_str), false);
    let pattern = schema.pointer("/$defs/step/oneOf/2/properties/op/const");
    assert_eq!(pattern, Some(&json!(PlanOp::DenyPattern.as_str())));
}

#[test]
fn the_words_of_a_decision_are_the_librarys() {
    let schema = load("decision");
    let decision = "/$defs/decision/properties";
    same(&schema, &format!("{decision}/access"), &Access::ALL.map(Access::as_str), false);
    let answers = [Answer::Allow, Answer::Deny, Answer::Partial];
    same(&schema, &format!("{decision}/decision"), &answers.map(Answer::as_str), false);
    same(&schema, &format!("{decision}/reason/properties/via"), &Via::ALL.map(Via::as_str), false);
    let rules = [Rule::D2, Rule::D3, Rule::D4, Rule::D5, Rule::D6, Rule::D7, Rule::O2, Rule::I6];
    same(&schema, &format!("{decision}/reason/properties/rule"), &rules.map(Rule::id), false);
    // The code's own words, as `tests/reference.rs` compares them with the code.
    let page = include_str!("../docs/reference.md");
    let section = page.split("\n## ").find(|section| section.starts_with("Query faults\n")).unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    same(&schema, &format!("{decision}/reason/properties/query"), &rows.collect::<Vec<_>>(), true);
    same(&schema, &format!("{decision}/overruled/items/properties/access"), &ENTRY_ACCESS, false);
}

#[test]
fn every_code_rule_and_input_of_an_error_is_listed() {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let rules: Vec<&str> = Rule::ALL.iter().map(|rule| rule.id()).collect();
    for name in ["policy", "decision"] {
        let schema = load(name);
        same(&schema, "/$defs/code", &codes, false);
        same(&schema, "/$defs/rule", &rules, false);
    }
    let inputs =
        [Input::Executor, Input::Intent, Input::Policy, Input::Query, Input::Recording].map(Input::as_str);
    same(&load("policy"), "/$defs/error/properties/input", &inputs, false);
}
