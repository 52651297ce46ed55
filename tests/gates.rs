//! The tests that do not run under Wine are those that docs/testing.md lists, each with its reason.

#[path = "support/source.rs"]
mod source;

use source::{Outcome, code, files, none, text};
use std::collections::{BTreeMap, BTreeSet};

/// The words between two others.
fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    text.split_once(before)?.1.split_once(after).map(|found| found.0)
}

/// Every fault of Wine with the sentence that is printed.
fn reasons() -> Outcome<BTreeMap<String, String>> {
    let source = text("tests/support/wine.rs")?;
    let arms = source.lines().filter_map(|line| line.trim().strip_prefix("Self::")?.split_once(" => "));
    Ok(arms
        .filter_map(|(fault, rest)| Some((fault.to_owned(), between(rest, "\"", "\"")?.to_owned())))
        .collect())
}

/// Every gate in the tests, as the row that the document should have.
fn gates() -> Outcome<BTreeSet<String>> {
    let reasons = reasons()?;
    let mut rows = BTreeSet::new();
    for path in files("tests", ".rs")? {
        let file = path.trim_start_matches("tests/").trim_end_matches(".rs").to_owned();
        let mut test = String::new();
        for line in code(&text(&path)?).lines() {
            if let Some(name) = between(line, "fn ", "(") {
                name.clone_into(&mut test);
            }
            if let Some(fault) = between(line, concat!("wine_fails(", "Fault::"), ")") {
                let reason = reasons.get(fault).map_or("no reason", String::as_str);
                rows.insert(format!("| `{file}` | `{test}` | {reason} |"));
            }
        }
    }
    Ok(rows)
}

#[test]
fn what_is_gated_under_wine_is_listed_with_its_reason() -> Outcome {
    let document = text("docs/testing.md")?;
    let listed = between(&document, "### Not under Wine\n", "\n#").unwrap_or_default();
    let listed: BTreeSet<String> =
        listed.lines().filter(|line| line.starts_with("| `")).map(str::to_owned).collect();
    let gates = gates()?;
    let missing = gates.difference(&listed).map(|row| format!("docs/testing.md does not list: {row}"));
    let stale = listed.difference(&gates).map(|row| format!("no test has this gate any more: {row}"));
    let faults: Vec<String> = missing.chain(stale).collect();
    none(&faults)
}

#[test]
fn every_fault_of_wine_gates_a_test() -> Outcome {
    let gates = gates()?;
    let faults: Vec<String> = reasons()?
        .into_iter()
        .filter(|(_, reason)| !gates.iter().any(|row| row.contains(reason)))
        .map(|(fault, _)| format!("`{fault}` in tests/support/wine.rs gates nothing"))
        .collect();
    none(&faults)
}
