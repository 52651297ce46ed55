//! The model reads the cases of `fixtures/` as the engine does: what a case says must follow from the rules alone.
//!
//! Cases about the shape of documents, about limits, and about a wider Unicode than the model knows are left to the
//! engine; they are told by their error codes, and a few by name.

#[path = "support/document.rs"]
mod document;
mod model;
#[path = "model/observed.rs"]
mod observed;
mod support;

use document::{executor, file};
use model::bind::{Bound, bind};
use model::{Answer, Question, World};
use observed::bind_observed;
use serde_json::Value;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use support::{Outcome, fail, parse, read};

/// Refusals that the model gives; a case that expects another one is not for it.
const KNOWN: &[&str] = &[
    "crosses_writable_link",
    "cwd_not_known",
    "cwd_not_offered",
    "foreign_path",
    "grant_dangling",
    "grant_loop",
    "grant_unreadable",
    "home_not_known",
    "home_not_offered",
    "magic_path",
    "minimal_write",
    "pattern_anchor",
    "pattern_class_range",
    "pattern_empty",
    "pattern_in_grant",
    "pattern_partial_globstar",
    "path_not_portable",
    "root_forbidden",
    "root_is_drive_root",
    "root_is_file_system_root",
    "root_is_home",
    "root_is_home_ancestor",
    "root_is_system_directory",
    "root_not_offered",
    "roots_not_known",
    "segment_device_name",
    "segment_reserved_character",
    "segment_trailing",
    "short_name_in_grant",
    "subpath_absolute",
    "subpath_dot_segment",
    "subpath_drive",
    "subpath_empty_segment",
    "subpath_home",
    "subpath_not_allowed",
    "temp_dir_not_offered",
    "temp_dirs_not_known",
    "unc_host_not_allowed",
    "unknown_access",
    "unknown_symbol",
    "uri_dot_segment",
    "uri_empty_segment",
    "uri_encoded_slash",
    "uri_scheme",
];

/// Cases beyond the model, with the reason.
const BEYOND: &[(&str, &str)] = &[
    ("absolute-below-a-bracketed-root", "the second reading of a text that is also a place (ADR 0019)"),
    (
        "absolute-below-a-bracketed-temporary-directory",
        "the second reading of a text that is also a place (ADR 0019)",
    ),
    ("absolute-below-bracketed-places", "the second reading of a text that is also a place (ADR 0019)"),
    ("absolute-below-an-unclosed-bracket", "the second reading of a text that is also a place (ADR 0019)"),
    ("system-directory-by-an-alias", "a hazard is looked for under one name of a place only"),
    ("everything-by-another-name", "a hazard is looked for under one name of a place only"),
    ("home_mounted_twice", "a hazard is looked for under one name of a place only"),
    ("volume-behind-an-alias", "a volume is known by one of its names only"),
    ("volume-of-a-mapped-drive", "a volume is known by one of its names only"),
    ("volume-of-tmp-on-macos", "a volume is known by one of its names only"),
    (
        "twins_of_patterns_and_protected_names",
        "of what a directory's other name says the model knows rules only",
    ),
    ("denial_through_a_link_in_a_twin", "of what a directory's other name says the model knows rules only"),
    (
        "link_in_a_twin_of_a_writable_place",
        "of what a directory's other name says the model knows rules only",
    ),
    (
        "protected_name_that_leads_into_a_twin",
        "of what a directory's other name says the model knows rules only",
    ),
    ("windows-hosts-that-may-be-this-one", "the model knows plain hosts only"),
    ("windows-hosts-with-a-dot", "the model knows plain hosts only"),
    (
        "folds-that-few-volumes-know",
        "the model folds for grants as for denials beyond the letters of most tests",
    ),
    ("windows-short-names-through-aliases", "the model does not expand short names"),
    ("windows-depths-behind-short-names", "the model does not expand short names"),
    ("windows-trees-under-short-names", "the model does not expand short names"),
    ("marks-beside-wildcards", "the model does not move marks of a literal to a wildcard's side"),
    (
        "dialect-macos",
        "a negated class of letters where case is not kept apart: the model denies every spelling",
    ),
    (
        "dialect-windows",
        "a negated class of letters where case is not kept apart: the model denies every spelling",
    ),
];

fn json(name: &str) -> Outcome<Value> {
    parse(&file(name)?, name)
}

fn list<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = &'v Value> {
    value[field].as_array().into_iter().flatten()
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_default()
}

#[rstest::rstest]
fn the_rules_alone_give_what_the_case_says(#[files("fixtures/cases/**/*.json")] path: PathBuf) -> Outcome {
    judge(&path).map(|_| ())
}

/// What is left to the engine is the smaller part.
#[test]
fn most_cases_are_judged() -> Outcome {
    let (mut all, mut judged) = (0, 0);
    let mut folders = vec![PathBuf::from(format!("{}/cases", support::fixtures().display()))];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                all += 1;
                judged += usize::from(judge(&path)? > 0);
            } else {
                folders.push(path);
            }
        }
    }
    println!("{judged} of {all} cases");
    if judged * 3 < all * 2 { fail(format!("only {judged} of {all} cases are judged")) } else { Ok(()) }
}

/// Compares a case, and says for how many targets.
fn judge(path: &Path) -> Outcome<usize> {
    let case: Value = parse(&read(path)?, &path.display().to_string())?;
    let beyond = BEYOND.iter().any(|(name, _)| *name == text(&case, "name"));
    if beyond || case.get("edits").is_some() || path.components().any(|part| part.as_os_str() == "limits") {
        return Ok(0);
    }
    let intent = match (case.get("intent"), case.get("intent_file").and_then(Value::as_str)) {
        (Some(intent), None) => intent.clone(),
        (None, Some(name)) => json(name)?,
        _ => return Ok(0),
    };
    let mut judged = 0;
    let one = [case.clone()];
    let targets = case.get("targets").and_then(Value::as_array).map_or(one.as_slice(), Vec::as_slice);
    let mut faults = String::new();
    for target in targets {
        let Ok(facts) = executor(
            target.get("executor").cloned(),
            target.get("executor_file").and_then(Value::as_str),
            target.get("executor_with").cloned(),
            target.get("executor_text").and_then(Value::as_str).map(str::to_owned),
            &[],
        ) else {
            // What a real executor reported is read by the engine alone.
            continue;
        };
        let recording = match (target.get("recording"), target.get("recording_file").and_then(Value::as_str))
        {
            (Some(recording), _) => Some(recording.clone()),
            (None, Some(name)) => Some(json(name)?),
            (None, None) => None,
        };
        let Ok(facts) = serde_json::from_slice::<Value>(&facts) else { continue };
        // Some recordings are beyond the model: it does not expand the short names of Windows.
        if recording.as_ref().is_some_and(|recording| bind_observed(&intent, &facts, recording).is_none()) {
            if text(&facts, "os") == "windows" {
                continue;
            }
            faults.push_str("the model does not read the recording\n");
        }
        let known =
            |error: &Value| KNOWN.contains(&text(error, "code")) && text(error, "input") != "executor";
        if list(&target["expect"], "errors").all(known) {
            judged += 1;
            compare(&intent, &facts, recording.as_ref(), target, &mut faults);
        }
    }
    if faults.is_empty() { Ok(judged) } else { fail(faults) }
}

fn compare(intent: &Value, facts: &Value, recording: Option<&Value>, target: &Value, faults: &mut String) {
    let expect = &target["expect"];
    let outcome = text(expect, "outcome");
    let bound = match recording {
        Some(recording) => bind_observed(intent, facts, recording),
        None => bind(intent, facts),
    };
    match bound {
        None => faults.push_str("the model does not read it\n"),
        Some(Bound::Other(found)) if found == outcome => {}
        Some(Bound::Other(found)) => {
            let _ = writeln!(faults, "the model says {found}, the case {outcome}");
        }
        Some(Bound::Refused(found)) => {
            let errors: Vec<(&str, &str)> =
                list(expect, "errors").map(|error| (text(error, "code"), text(error, "pointer"))).collect();
            for fault in model::bind::about_refusals(&found, &errors) {
                let _ = writeln!(faults, "{fault}");
            }
        }
        Some(Bound::Restricted(_)) if outcome != "restricted" => {
            let _ = writeln!(faults, "the model binds, the case says {outcome} {}", expect["errors"]);
        }
        Some(Bound::Restricted(world)) => compare_world(&world, expect, target, faults),
    }
}

fn compare_world(world: &World, expect: &Value, target: &Value, faults: &mut String) {
    if expect.get("inert").is_some() {
        // What a repository's pointer grants is nothing either way; that the audit says so is not asked here.
        let mut wanted: Vec<(String, String)> = list(expect, "inert")
            .filter(|inert| text(inert, "reason") != "unverified_git_pointer")
            .map(|inert| (text(inert, "pointer").to_owned(), text(inert, "reason").to_owned()))
            .collect();
        let mut found: Vec<(String, String)> = world
            .inert
            .iter()
            .enumerate()
            .filter_map(|(n, why)| why.map(|why| (format!("{}/{n}", world.pointer), why.to_owned())))
            .collect();
        wanted.sort();
        found.sort();
        if wanted != found {
            let _ = writeln!(faults, "inert: the model says {found:?}, the case {wanted:?}");
        }
    }
    for (flag, wanted) in expect["flags"].as_object().into_iter().flatten() {
        let found = match flag.as_str() {
            "full_read" => world.full_read(),
            "full_write" => world.full_write(),
            _ => world.platform_defaults,
        };
        if *wanted != found {
            let _ = writeln!(faults, "{flag}: the model says {found}");
        }
    }
    // Where a query leads is asked of the file system, which the model does not do.
    for query in list(target, "queries").filter(|query| query["observe"] != true) {
        let Some(path) = query["path"].as_str() else { continue };
        let question = match text(query, "access") {
            "read" => Question::Read,
            "write" => Question::Write,
            "read_tree" => Question::ReadTree,
            _ => Question::WriteTree,
        };
        let verdict = world.decide(path, question);
        let answer = match verdict.answer {
            Answer::Allow => "allow",
            Answer::Deny => "deny",
            Answer::Partial => "partial",
        };
        let reason = &query["reason"];
        let any = |field: &str, holds: &dyn Fn(&(usize, model::path::Path), &str) -> bool| {
            reason[field].as_str().is_none_or(|wanted| verdict.by.iter().any(|by| holds(by, wanted)))
        };
        let fits = answer == text(query, "decision")
            && reason["rule"].as_str().is_none_or(|rule| rule == verdict.rule)
            && any("entry", &|(entry, _), wanted| format!("{}/{entry}", world.pointer) == wanted)
            && (verdict.rule == "D-3"
                || any("place", &|(_, place), wanted| world.names.show(place) == wanted));
        if !fits {
            let _ = writeln!(faults, "{query}\n  the model says {verdict:?}");
        }
    }
}

/// The patterns that others published (`fixtures/differential/patterns.json`): what is written there as bindery's answer
/// is what the model's matcher says, which writes out every alternative and tries every length.
#[test]
fn the_model_says_of_published_patterns_what_is_written_there() -> Outcome {
    let (mut compared, mut faults) = (0, String::new());
    for table in list(&json("differential/patterns.json")?, "tables") {
        let ignored = text(table, "claim") == "case_ignored";
        for row in list(table, "rows") {
            let (pattern, path) = (text(row, "pattern"), text(row, "in"));
            let wanted = row["ours"].as_str().unwrap_or(text(row, "says"));
            // Ten asterisks take it years; and it takes a name that ignores case for every spelling of it, so that a
            // class that excludes a letter excludes nothing. It does not know every text that is refused.
            let negated = pattern.contains("[!") || pattern.contains("[^");
            let slow = pattern.matches('*').count() > 8;
            if slow || negated && ignored || !["match", "no_match"].contains(&wanted) {
                continue;
            }
            let (intent, facts) = hung(pattern, ignored);
            let found = match bind(&intent, &facts) {
                Some(Bound::Restricted(world)) => {
                    match world.decide(&format!("/w/{path}"), Question::Read).answer {
                        Answer::Allow => "no_match",
                        Answer::Deny | Answer::Partial => "match",
                    }
                }
                Some(Bound::Other(_) | Bound::Refused(_)) | None => "refused",
            };
            compared += 1;
            if found != wanted {
                let _ = writeln!(faults, "{row}: the model says {found}");
            }
        }
    }
    if compared < 400 {
        let _ = writeln!(faults, "only {compared} are compared");
    }
    if faults.is_empty() { Ok(()) } else { fail(faults) }
}

/// A pattern on a workspace root, where everything else may be read.
fn hung(pattern: &str, case_ignored: bool) -> (Value, Value) {
    let case = if case_ignored { "insensitive" } else { "sensitive" };
    let facts = serde_json::json!({"id": "x", "os": "linux", "workspace_roots": [{"id": "w", "path": "/w"}],
        "volumes": [{"path": "/", "case": case, "normalization": "preserving"}]});
    let intent = serde_json::json!({"permissions": {"type": "managed", "network": "restricted", "file_system":
        {"type": "restricted", "entries": [{"path": ":root", "access": "read"},
        {"path": {"glob": format!(":workspace_roots/{pattern}")}, "access": "deny"}]}}});
    (intent, facts)
}
