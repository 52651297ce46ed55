//! Tables that others published, retold as data in `fixtures/differential/`: what Wine, Go, Python and Rust say of
//! Windows paths, and what git, globset, Python and Go say of patterns.
//!
//! Each row agrees with bindery, or says what bindery answers instead and why. A row that begins to agree, or whose
//! answer changes, fails as one that ceases to agree does.

#[path = "differential/patterns.rs"]
mod patterns;
#[path = "differential/windows.rs"]
mod windows;

mod support;

#[cfg(test)]
mod differential {
    use super::{patterns, windows};
    use crate::support::{Outcome, fail, fixtures, parse, read};
    use serde::Deserialize;
    use std::collections::{BTreeMap, BTreeSet};
    use std::fmt::Write as _;
    use std::path::Path;

    /// A file of tables.
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        schema: String,
        about: String,
        sources: BTreeMap<String, Source>,
        reasons: BTreeMap<String, Reason>,
        tables: Vec<Table>,
    }

    /// Where rows come from: a project and a file in it, which anyone can look up.
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Source {
        project: String,
        file: String,
    }

    /// Why an answer differs on purpose.
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Reason {
        rule: String,
        adr: Option<String>,
        why: String,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Table {
        source: String,
        function: String,
        claim: String,
        about: String,
        rows: Vec<Row>,
    }

    /// One row: what is asked, what the source answers, and what bindery answers if that is something else.
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Row {
        #[serde(rename = "in")]
        input: String,
        pattern: Option<String>,
        says: String,
        ours: Option<String>,
        because: Option<String>,
    }

    /// A file below `fixtures/`.
    fn bytes(name: &str) -> Outcome<Vec<u8>> {
        read(Path::new(&format!("{}/{name}", fixtures().display())))
    }

    fn file(name: &str) -> Outcome<File> {
        let file: File = parse(&bytes(&format!("differential/{name}"))?, name)?;
        if file.schema == "bindery.differential/1" && !file.about.is_empty() {
            Ok(file)
        } else {
            fail(format!("{name}: not a bindery.differential/1"))
        }
    }

    /// Checks each row: `answers` gives what the source says in our terms, and what bindery says.
    fn check(file: &File, answers: impl Fn(&str, &Row) -> Option<(String, String)>) -> Outcome {
        let (mut faults, mut used, mut differing) = (String::new(), BTreeSet::new(), 0);
        for (number, table) in file.tables.iter().enumerate() {
            assert!(!table.function.is_empty() && !table.about.is_empty(), "{}", table.source);
            if !file.sources.contains_key(&table.source) {
                let _ = writeln!(faults, "{}: no such source", table.source);
            }
            for (at, row) in table.rows.iter().enumerate() {
                let Some((says, ours)) = answers(&table.claim, row) else {
                    let _ = writeln!(faults, "{}: no such claim", table.claim);
                    continue;
                };
                // That something is none of what is asked for is told by a code here, which says why.
                let none = ["invalid", "refused", "elsewhere"].contains(&says.as_str());
                let agrees = says == ours || none && bindery::Code::from_word(&ours).is_some();
                let fits = match (&row.ours, &row.because) {
                    (None, None) => agrees,
                    (Some(known), Some(because)) => {
                        used.insert(because.clone());
                        differing += 1;
                        *known == ours && !agrees && file.reasons.contains_key(because)
                    }
                    (Some(_), None) | (None, Some(_)) => false,
                };
                if !fits {
                    let row = (row.input.as_str(), row.pattern.as_deref());
                    let _ = writeln!(
                        faults,
                        "{number}\t{at}\t{} {} {row:?}: {says:?} is said, found\t{ours}",
                        table.source, table.function
                    );
                }
            }
        }
        for (name, reason) in &file.reasons {
            if !used.contains(name) || bindery::Rule::from_id(&reason.rule).is_none() || reason.why.is_empty()
            {
                let _ = writeln!(faults, "reason {name}: not used, or of no rule");
            }
            if reason.adr.as_deref().is_some_and(|adr| bytes(&format!("../docs/adr/{adr}")).is_err()) {
                let _ = writeln!(faults, "reason {name}: no such record");
            }
        }
        let rows: usize = file.tables.iter().map(|table| table.rows.len()).sum();
        println!("{rows} rows, {differing} of them differ on purpose");
        if faults.is_empty() { Ok(()) } else { fail(faults) }
    }

    #[test]
    fn windows_paths_are_read_as_others_read_them_or_differ_for_a_reason() -> Outcome {
        check(&file("windows-paths.json")?, |claim, row| windows::answers(claim, &row.input, &row.says))
    }

    /// Whatever a text opens according to others: if that is denied, asking for the text is denied.
    #[test]
    fn a_denial_of_what_a_text_opens_denies_the_text() -> Outcome {
        let (mut asked, mut faults) = (0, String::new());
        for table in file("windows-paths.json")?.tables {
            for row in table.rows.iter().filter(|_| ["opens", "join"].contains(&table.claim.as_str())) {
                let Some(held) = windows::denied_under_its_full_path(&row.input, &row.says) else { continue };
                asked += 1;
                if !held {
                    let _ = writeln!(faults, "{} {:?}", table.function, row.input);
                }
            }
        }
        assert!(asked > 80, "{asked}");
        if faults.is_empty() { Ok(()) } else { fail(faults) }
    }

    #[test]
    fn patterns_match_as_others_match_or_differ_for_a_reason() -> Outcome {
        check(&file("patterns.json")?, |claim, row| {
            patterns::answers(claim, row.pattern.as_deref()?, &row.input, &row.says)
        })
    }

    /// The tables are whole: what fixtures/README.md says of each source, and docs/testing.md of all, is what is there.
    #[test]
    fn every_source_has_rows_and_the_counts_are_stated() -> Outcome {
        let page = String::from_utf8_lossy(&bytes("README.md")?).into_owned();
        let testing = String::from_utf8_lossy(&bytes("../docs/testing.md")?).into_owned();
        let mut faults = String::new();
        for (name, what) in [("windows-paths.json", "Windows paths"), ("patterns.json", "patterns")] {
            let file = file(name)?;
            let rows: usize = file.tables.iter().map(|table| table.rows.len()).sum();
            if !testing.contains(&format!(" {rows} {what} of ")) {
                let _ = writeln!(faults, "docs/testing.md does not name {rows} {what}");
            }
            for (id, source) in &file.sources {
                let rows: usize = file
                    .tables
                    .iter()
                    .filter(|table| table.source == *id)
                    .map(|table| table.rows.len())
                    .sum();
                let line = format!("| `{name}` | {} `{}` | {rows} |", source.project, source.file);
                if rows == 0 || !page.contains(&line) {
                    let _ = writeln!(faults, "fixtures/README.md lacks\n{line}");
                }
            }
        }
        if faults.is_empty() { Ok(()) } else { fail(faults) }
    }
}
