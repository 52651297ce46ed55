//! Every rule, error code, outcome and way of deciding occurs in a case, but for the gaps that are listed here. A gap
//! that is closed must be taken off its list, so the lists can only shrink.

mod support;

#[cfg(test)]
mod coverage {
    use crate::support::{Failure, Outcome, fail, fixtures, parse, read};
    use bindery::{Code, Rule};
    use serde_json::Value;
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::{Path, PathBuf};

    /// Rules that no case covers, with the reason.
    const RULES_WITHOUT_A_CASE: [(&str, &str); 2] =
        [("I-8", "the sending side writes requests; tests/sending.rs covers it"), ("O-9", "observation")];

    /// Codes that no case expects, with the reason.
    const CODES_WITHOUT_A_CASE: [(&str, &str); 6] = [
        ("unverified_git_pointer", "observation"),
        (
            "recording_malformed",
            "a case holds no recording; the tests of the observation room read broken ones",
        ),
        (
            "pattern_too_complex",
            "no pattern within the length limit reaches it; a test of the pattern room does",
        ),
        ("request_contradicts", "the sending side"),
        ("argv_empty", "the sending side"),
        ("request_path", "the sending side"),
    ];

    /// What all cases say together.
    #[derive(Default)]
    struct Said {
        covers: BTreeSet<String>,
        codes: BTreeSet<String>,
        vias: BTreeSet<String>,
        outcomes: BTreeSet<String>,
        decisions: BTreeSet<String>,
        /// Upstream numbers, each with the files that name it.
        upstream: BTreeMap<u32, Vec<String>>,
        differing: BTreeSet<u32>,
    }

    /// Every `.json` below a folder of `fixtures/`, sorted.
    fn files(folder: &str) -> Outcome<Vec<PathBuf>> {
        let mut found = Vec::new();
        let mut open = vec![PathBuf::from(format!("{}/{folder}", fixtures().display()))];
        while let Some(dir) = open.pop() {
            let entries =
                std::fs::read_dir(&dir).map_err(|error| Failure(format!("{}: {error}", dir.display())))?;
            for entry in entries {
                let path = entry.map_err(|error| Failure(error.to_string()))?.path();
                if path.is_dir() {
                    open.push(path);
                } else if path.extension().is_some_and(|extension| extension == "json") {
                    found.push(path);
                }
            }
        }
        found.sort();
        Ok(found)
    }

    fn words<'a>(list: &'a Value, field: &'a str) -> impl Iterator<Item = String> + 'a {
        list.as_array().into_iter().flatten().filter_map(move |item| item[field].as_str().map(str::to_owned))
    }

    fn said() -> Outcome<Said> {
        let mut said = Said::default();
        for path in files("cases")? {
            let case: Value = parse(&read(&path)?, &path.display().to_string())?;
            let covers: Vec<String> = case["covers"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|id| id.as_str().map(str::to_owned))
                .collect();
            for id in &covers {
                if let Some(number) = id.strip_prefix("up-").and_then(|number| number.parse().ok()) {
                    let name = case["name"].as_str().unwrap_or_default().to_owned();
                    said.upstream.entry(number).or_default().push(name);
                    if covers.iter().any(|id| id == "differs") {
                        said.differing.insert(number);
                    }
                }
            }
            said.covers.extend(covers);
            let single = std::slice::from_ref(&case);
            for target in case["targets"].as_array().map_or(single, Vec::as_slice) {
                said.outcomes.extend(target["expect"]["outcome"].as_str().map(str::to_owned));
                said.codes.extend(words(&target["expect"]["errors"], "code"));
                for query in target["queries"].as_array().into_iter().flatten() {
                    said.vias.extend(query["reason"]["via"].as_str().map(str::to_owned));
                    said.covers.extend(query["reason"]["rule"].as_str().map(str::to_owned));
                    said.decisions.extend(query["decision"].as_str().map(str::to_owned));
                }
                for tampered in target["tampered"].as_array().into_iter().flatten() {
                    said.codes.extend(words(&tampered["errors"], "code"));
                }
            }
        }
        Ok(said)
    }

    /// Everything is said or listed as a gap, and nothing is both.
    fn compare(
        what: &str,
        all: impl Iterator<Item = &'static str>,
        said: &BTreeSet<String>,
        gaps: &[(&str, &str)],
    ) -> Outcome {
        let mut faults = Vec::new();
        let all: BTreeSet<&str> = all.collect();
        for id in &all {
            let gap = gaps.iter().any(|(listed, _)| listed == id);
            match (said.contains(*id), gap) {
                (false, false) => faults.push(format!("{what} {id} occurs in no case")),
                (true, true) => faults.push(format!(
                    "{what} {id} occurs in a case and is listed as a gap; take it off the list"
                )),
                _ => {}
            }
        }
        faults.extend(
            gaps.iter()
                .filter(|(id, _)| !all.contains(id))
                .map(|(id, _)| format!("{what} {id} does not exist")),
        );
        if faults.is_empty() { Ok(()) } else { fail(faults.join("\n")) }
    }

    #[test]
    fn every_rule_has_a_case() -> Outcome {
        compare("rule", Rule::ALL.iter().map(|rule| rule.id()), &said()?.covers, &RULES_WITHOUT_A_CASE)
    }

    #[test]
    fn every_code_has_a_case() -> Outcome {
        compare("code", Code::ALL.iter().map(|code| code.as_str()), &said()?.codes, &CODES_WITHOUT_A_CASE)
    }

    #[test]
    fn every_outcome_and_way_of_deciding_has_a_case() -> Outcome {
        let said = said()?;
        compare(
            "via",
            ["exact", "wide", "alias", "pattern", "protected", "none"].into_iter(),
            &said.vias,
            &[],
        )?;
        compare("decision", ["allow", "deny", "partial"].into_iter(), &said.decisions, &[])?;
        let outcomes = ["restricted", "unrestricted", "external", "disabled", "unsandboxed", "refused"];
        compare("outcome", outcomes.into_iter(), &said.outcomes, &[])
    }

    #[test]
    fn covers_name_what_exists() -> Outcome {
        let known = |id: &String| {
            Rule::from_id(id).is_some()
                || id
                    .strip_prefix("G-")
                    .and_then(|number| number.parse().ok())
                    .is_some_and(|n: u32| (1..=8).contains(&n))
                || id.starts_with("fc-")
                || id.starts_with("outcome-")
                || id == "differs"
                || id
                    .strip_prefix("up-")
                    .and_then(|number| number.parse().ok())
                    .is_some_and(|n: u32| (1..=126).contains(&n))
        };
        match said()?.covers.into_iter().find(|id| !known(id)) {
            Some(id) => fail(format!("a case covers `{id}`, which is nothing")),
            None => Ok(()),
        }
    }

    /// The table in `fixtures/upstream.md`: one row a number, in order; what it calls taken is a file that names the
    /// number, and what it calls not taken is named by none.
    #[test]
    fn every_upstream_case_is_accounted_for() -> Outcome {
        let said = said()?;
        let text = read(Path::new(&format!("{}/upstream.md", fixtures().display())))?;
        let text = String::from_utf8(text).map_err(|error| Failure(error.to_string()))?;
        let rows: Vec<Vec<&str>> = text
            .lines()
            .filter(|line| line.starts_with("| ") && line.as_bytes().get(2).is_some_and(u8::is_ascii_digit))
            .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
            .collect();
        let mut faults = Vec::new();
        for (row, number) in rows.iter().zip(1_u32..) {
            let [first, state, files, ..] = row.as_slice() else {
                faults.push(format!("row {number} has too few columns"));
                continue;
            };
            if first.parse() != Ok(number) {
                faults.push(format!("row {number} is numbered {first}"));
            }
            let named: Vec<&str> =
                files.split_whitespace().map(|name| name.trim_matches(['`', ','])).collect();
            let found = said.upstream.get(&number).cloned().unwrap_or_default();
            let expected = match (found.is_empty(), said.differing.contains(&number)) {
                (true, _) => "not taken",
                (false, true) => "differs",
                (false, false) => "taken",
            };
            if *state != expected {
                faults.push(format!("{number} is called {state} and is {expected}"));
            }
            if !found.is_empty() && named != found {
                faults.push(format!("{number} is in {found:?}, the table says {named:?}"));
            }
        }
        if rows.len() != 126 {
            faults.push(format!("the table has {} rows", rows.len()));
        }
        if faults.is_empty() { Ok(()) } else { fail(faults.join("\n")) }
    }
}
