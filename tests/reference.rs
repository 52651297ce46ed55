//! docs/reference.md names everything that the code has, and nothing else; links in every document lead somewhere.
//!
//! `BINDERY_BLESS=1 cargo test --test reference` writes the rule and help of each error code anew.

#[path = "support/source.rs"]
mod source;

use bindery::{Access, Binder, Binding, ChangeKind, Code, Executor, Inert, Intent, RISKS, Rule, Via};
use serde_json::Value;
use source::{Failure, Outcome, code, files, none, text};
use std::collections::BTreeSet;

const REFERENCE: &str = "docs/reference.md";

/// Rules that no case can show yet, with the reason. Shrinks; never grows without an ADR.
const WITHOUT_A_CASE: [(&str, &str); 0] = [];

#[expect(clippy::disallowed_methods, reason = "a test may be told to rewrite what it compares with")]
fn bless() -> bool {
    std::env::var_os("BINDERY_BLESS").is_some_and(|value| value == "1")
}

/// Is there a file or a folder?
fn stands(path: &str) -> bool {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_dir(&path).is_ok() || std::fs::File::open(&path).is_ok()
}

/// Writes a file of the project anew.
fn write(path: &str, text: &str) -> Outcome {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::write(&path, text).map_err(|error| Failure(format!("{path}: {error}")))
}

/// One row of a table: the headings of level two and three above it, and its cells.
struct Row {
    section: String,
    part: String,
    cells: Vec<String>,
}

impl Row {
    fn cell(&self, at: usize) -> &str {
        self.cells.get(at).map_or("", String::as_str)
    }

    /// The first word in backticks of a cell.
    fn word(&self, at: usize) -> &str {
        self.cell(at).split('`').nth(1).unwrap_or_default()
    }
}

/// The cells of a table's line; `\|` is no boundary.
fn cells(line: &str) -> Vec<String> {
    let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
    inner.replace("\\|", "\u{0}").split('|').map(|cell| cell.trim().replace('\u{0}', "|")).collect()
}

/// Every row of every table, without heads.
fn rows(page: &str) -> Vec<Row> {
    let (mut section, mut part) = (String::new(), String::new());
    let mut out: Vec<Row> = Vec::new();
    for line in page.lines() {
        if let Some(name) = line.strip_prefix("## ") {
            name.clone_into(&mut section);
            part.clear();
        } else if let Some(name) = line.strip_prefix("### ") {
            name.clone_into(&mut part);
        } else if line.starts_with("|---") {
            out.pop();
        } else if line.starts_with('|') {
            out.push(Row { section: section.clone(), part: part.clone(), cells: cells(line) });
        }
    }
    out
}

fn section(page: &str, name: &str) -> Vec<Row> {
    rows(page).into_iter().filter(|row| row.section == name).collect()
}

/// Are the first words of a section's rows exactly these, in this order?
fn compare(page: &str, name: &str, wanted: &[&str], faults: &mut Vec<String>) {
    let rows = section(page, name);
    let found: Vec<&str> = rows.iter().map(|row| row.word(0)).collect();
    for word in wanted.iter().filter(|word| !found.contains(word)) {
        faults.push(format!("{name}: `{word}` is missing"));
    }
    for word in found.iter().filter(|word| !wanted.contains(word)) {
        faults.push(format!("{name}: `{word}` does not exist"));
    }
    if faults.is_empty() && found != wanted {
        faults.push(format!("{name}: the order is {found:?}, in the code it is {wanted:?}"));
    }
}

/// The targets of the links in a text.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(target, _)| target))
}

#[test]
fn every_rule_has_a_row_with_its_code_and_a_case() -> Outcome {
    let page = text(REFERENCE)?;
    let mut faults = Vec::new();
    let ids: Vec<&str> = Rule::ALL.iter().map(|rule| rule.id()).collect();
    compare(&page, "Rules", &ids, &mut faults);
    for row in section(&page, "Rules") {
        let id = row.word(0);
        if row.cell(1).len() < 40 {
            faults.push(format!("{id}: the meaning is missing"));
        }
        if !links(row.cell(2)).all(|link| link.starts_with("../src/")) || links(row.cell(2)).count() == 0 {
            faults.push(format!("{id}: the code is not a file of src/"));
        }
        let gap = WITHOUT_A_CASE.iter().any(|(gap, _)| *gap == id);
        match (row.cell(3), gap) {
            ("-", true) => {}
            ("-", false) => faults.push(format!("{id}: a case is missing")),
            (_, true) => faults.push(format!("{id}: has a case; take it off the list of gaps")),
            (cell, false) => {
                if links(cell).count() == 0 {
                    faults.push(format!("{id}: the case is no link"));
                }
                for link in links(cell).filter(|link| link.contains("fixtures/cases/")) {
                    let case = text(link.trim_start_matches("../"))?;
                    if !case.contains(&format!("\"{id}\"")) && !case.contains(&format!("\"{id}-lexical\"")) {
                        faults.push(format!("{id}: {link} does not cover it"));
                    }
                }
            }
        }
    }
    none(&faults)
}

#[test]
fn every_code_has_a_row_with_its_rule_and_help() -> Outcome {
    let page = text(REFERENCE)?;
    let escape = |text: &str| text.replace('|', "\\|");
    let row = |code: Code, meaning: &str| {
        format!("| `{code}` | `{}` | {} | {} |", code.rule(), escape(meaning), escape(code.help()))
    };
    if bless() {
        let meanings: Vec<(String, String)> = section(&page, "Error codes")
            .iter()
            .map(|row| (row.word(0).to_owned(), row.cell(2).to_owned()))
            .collect();
        let meaning = |code: Code| {
            let found = meanings.iter().find(|(word, _)| word == code.as_str());
            found.map_or("?", |(_, meaning)| meaning.as_str())
        };
        let table: Vec<String> = Code::ALL.iter().map(|code| row(*code, meaning(*code))).collect();
        let Some((before, after)) = page.split_once("| code | rule | meaning | help |\n|---|---|---|---|\n")
        else {
            return none(&["Error codes: the table is missing".to_owned()]);
        };
        let after = after.split_once("\n\n").map_or("", |(_, after)| after);
        let page = format!(
            "{before}| code | rule | meaning | help |\n|---|---|---|---|\n{}\n\n{after}",
            table.join("\n")
        );
        return write(REFERENCE, &page);
    }
    let mut faults = Vec::new();
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    compare(&page, "Error codes", &codes, &mut faults);
    for found in section(&page, "Error codes") {
        let Some(code) = Code::from_word(found.word(0)) else { continue };
        if found.cell(2).len() < 10 {
            faults.push(format!("{code}: the meaning is missing"));
        }
        if !page.contains(&row(code, found.cell(2))) {
            faults
                .push(format!("{code}: rule or help are not those of the code; BINDERY_BLESS=1 writes them"));
        }
    }
    none(&faults)
}

/// The words of a `match` that gives a word for each variant, from the source.
fn words_of(path: &str, from: &str) -> Outcome<Vec<String>> {
    let source = code(&text(path)?);
    let Some((_, rest)) = source.split_once(from) else {
        return none(&[format!("{path} has no `{from}`")]).map(|()| Vec::new());
    };
    let body = rest.split_once("\n    }\n").map_or(rest, |(body, _)| body);
    Ok(body
        .lines()
        .filter_map(|line| line.split_once("=> \"")?.1.split_once('"').map(|(word, _)| word.to_owned()))
        .collect())
}

#[test]
fn every_word_of_an_answer_has_a_row() -> Outcome {
    let page = text(REFERENCE)?;
    let mut faults = Vec::new();
    let inert: Vec<&str> = Inert::ALL.iter().map(|reason| reason.as_str()).collect();
    compare(&page, "Inert reasons", &inert, &mut faults);
    for row in section(&page, "Inert reasons") {
        let rule =
            Inert::ALL.iter().find(|reason| reason.as_str() == row.word(0)).map(|reason| reason.rule());
        if rule.is_some_and(|rule| rule.id() != row.word(1)) {
            faults.push(format!("Inert reasons: `{}` has another rule", row.word(0)));
        }
    }
    let risks: Vec<&str> = RISKS.iter().map(|(code, _)| *code).collect();
    compare(&page, "Residual risks", &risks, &mut faults);
    let changes: Vec<&str> = ChangeKind::ALL.iter().map(|kind| kind.as_str()).collect();
    compare(&page, "Changes", &changes, &mut faults);
    let vias: Vec<&str> = Via::ALL.iter().map(|via| via.as_str()).collect();
    compare(&page, "`via` words", &vias, &mut faults);
    let ops = words_of("src/policy/view.rs", "impl PlanOp {")?;
    compare(&page, "Plan operations", &ops.iter().map(String::as_str).collect::<Vec<_>>(), &mut faults);
    let mut query = words_of("src/native/query.rs", "fn word(self) -> &'static str {")?;
    query.push("mirror".to_owned());
    query.extend(words_of("src/decide/seen.rs", "fn word(self) -> &'static str {")?);
    compare(&page, "Query faults", &query.iter().map(String::as_str).collect::<Vec<_>>(), &mut faults);
    none(&faults)
}

/// The value of `16 * 1024`, `1 << 53` or a plain number.
fn number(text: &str) -> Option<u64> {
    let plain = |text: &str| text.trim().replace('_', "").parse::<u64>().ok();
    match text.split_once("<<") {
        Some((base, shift)) => Some(plain(base)? << plain(shift)?),
        None => text.split('*').map(plain).product(),
    }
}

#[test]
fn every_limit_has_a_row_with_its_number() -> Outcome {
    let mut limits: BTreeSet<(String, String, u64)> = BTreeSet::new();
    let mut faults = Vec::new();
    for path in files("src", ".rs")? {
        // The program reads one byte more than the library takes, so that the library can refuse it.
        if path.starts_with("src/cli/") {
            continue;
        }
        for line in code(&text(&path)?).lines() {
            let Some((name, value)) = line.split_once("const ").and_then(|(_, rest)| rest.split_once(": "))
            else {
                continue;
            };
            if !(name.starts_with("MAX_") || name.ends_with("_LIMIT")) {
                continue;
            }
            match value.split_once("= ").and_then(|(_, value)| number(value.trim_end_matches(';'))) {
                Some(value) => {
                    limits.insert((path.clone(), name.to_owned(), value));
                }
                None => faults.push(format!("{path}: the value of {name} cannot be read")),
            }
        }
    }
    let page = text(REFERENCE)?;
    let listed: BTreeSet<(String, String, u64)> = section(&page, "Limits")
        .iter()
        .filter_map(|row| {
            let path = links(row.cell(2)).next()?.trim_start_matches("../").to_owned();
            Some((path, row.word(0).to_owned(), row.cell(1).parse().ok()?))
        })
        .collect();
    for (path, name, value) in limits.difference(&listed) {
        faults.push(format!("{path}: {name} = {value} is not in the table of limits"));
    }
    for (path, name, value) in listed.difference(&limits) {
        faults.push(format!("the table of limits says {name} = {value} in {path}, which is not so"));
    }
    none(&faults)
}

fn bound() -> Outcome<(Executor, Binding)> {
    let fail = |what: &str, error: String| Failure(format!("{what}: {error}"));
    let facts = text("fixtures/executors/linux.json")?;
    let executor = Executor::from_json(facts.as_bytes()).map_err(|e| fail("the executor", e.to_string()))?;
    let intent = text("fixtures/real/workspace_write.json")?;
    let intent = Intent::from_json(&intent).map_err(|e| fail("the intent", e.to_string()))?;
    let binding = Binder::new(&executor).bind(&intent).map_err(|e| fail("binding", e.to_string()))?;
    Ok((executor, binding))
}

fn keys(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                // The names of symbols are not fields.
                if !key.starts_with(':') {
                    into.insert(key.clone());
                }
                keys(value, into);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_field_that_is_written_is_documented() -> Outcome {
    let (executor, binding) = bound()?;
    let Some(policy) = binding.policy() else { return none(&["the fixture is not restricted".to_owned()]) };
    let decision = policy.decide("/srv/agent/ws/.git/config", Access::Write).to_json();
    let record = policy.audit().first().map(bindery::Record::to_json_line).unwrap_or_default();
    let refused = match Binder::new(&executor).bind_json(b"{}") {
        Ok(_) => String::new(),
        Err(refusals) => refusals.to_json(),
    };
    let mut written = BTreeSet::new();
    for document in [executor.to_json(), binding.to_json(), decision, record, refused] {
        let value: Value =
            serde_json::from_str(&document).map_err(|error| Failure(format!("{error}: {document}")))?;
        keys(&value, &mut written);
    }
    let page = text(REFERENCE)?;
    let documents = page.split_once("## Documents").map_or("", |(_, rest)| rest);
    let faults: Vec<String> = written
        .iter()
        .filter(|key| !documents.contains(&format!("`{key}`")) && !documents.contains(&format!("\"{key}\"")))
        .map(|key| format!("the field `{key}` is written and not documented"))
        .collect();
    none(&faults)
}

#[test]
fn a_lexical_policy_says_what_it_cannot_promise() -> Outcome {
    let (_, binding) = bound()?;
    let Some(policy) = binding.policy() else { return none(&["the fixture is not restricted".to_owned()]) };
    let risks: Vec<&str> = policy.residual_risks().iter().map(bindery::Risk::code).collect();
    assert_eq!(risks, ["not_observed"]);
    Ok(())
}

/// Does `real` hold what `shown` shows? Of objects some fields, of lists some items in their order; a text that ends
/// in an ellipsis is a beginning.
fn holds(real: &Value, shown: &Value) -> bool {
    match (real, shown) {
        (Value::Object(real), Value::Object(shown)) => {
            shown.iter().all(|(key, shown)| real.get(key).is_some_and(|real| holds(real, shown)))
        }
        (Value::Array(real), Value::Array(shown)) => {
            let mut rest = real.iter();
            shown.iter().all(|shown| rest.any(|real| holds(real, shown)))
        }
        (Value::String(real), Value::String(shown)) => match shown.strip_suffix('…') {
            Some(start) => real.starts_with(start),
            None => real == shown,
        },
        (real, shown) => real == shown,
    }
}

#[test]
fn the_readme_shows_real_output() -> Outcome {
    let page = text("README.md")?;
    let block = page
        .split_once("```json\n")
        .and_then(|(_, rest)| rest.split_once("```"))
        .map_or("", |(block, _)| block);
    let parse =
        |text: &str| serde_json::from_str::<Value>(text).map_err(|error| Failure(format!("{error}: {text}")));
    let (_, binding) = bound()?;
    if holds(&parse(&binding.to_json())?, &parse(block)?) {
        return Ok(());
    }
    none(&["README.md shows what binding the fixture does not give".to_owned()])
}

/// Every document for people.
fn documents() -> Outcome<Vec<String>> {
    let mut all: Vec<String> =
        ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "src/lib_docs.md"]
            .map(str::to_owned)
            .into();
    all.extend(files("docs", ".md")?);
    all.extend(files("fixtures", ".md")?);
    Ok(all)
}

/// The anchor that a heading gets.
fn anchor(heading: &str) -> String {
    heading
        .to_ascii_lowercase()
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            '-' | '_' => Some(c),
            c if c.is_alphanumeric() => Some(c),
            _ => None,
        })
        .collect()
}

/// `docs/adr/../x.md` as `docs/x.md`.
fn plain(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[test]
fn links_lead_somewhere() -> Outcome {
    let mut faults = Vec::new();
    for page in documents()? {
        let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
        let content = text(&page)?;
        for link in links(&content).filter(|link| !link.contains("://")) {
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let path = if path.is_empty() { page.clone() } else { plain(&format!("{folder}/{path}")) };
            let path = path.trim_start_matches('/');
            if !stands(path) {
                faults.push(format!("{page} links {link}, which does not exist"));
            } else if !heading.is_empty() {
                let target = text(path)?;
                let found = target.lines().any(|line| {
                    line.starts_with('#') && anchor(line.trim_start_matches(['#', ' '])) == heading
                });
                if !found {
                    faults.push(format!("{page} links {link}, and there is no such heading"));
                }
            }
        }
    }
    none(&faults)
}

#[test]
fn rules_that_documents_name_exist() -> Outcome {
    let mut faults = Vec::new();
    for page in documents()? {
        let content = text(&page)?;
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        for word in content.split(|c| !is_word(c)) {
            let Some((letter, number)) = word.split_once('-') else { continue };
            let is_id = letter.len() == 1
                && letter.starts_with(|c: char| c.is_ascii_uppercase())
                && !number.is_empty()
                && number.chars().all(|c| c.is_ascii_digit());
            let guarantee = letter == "G" && matches!(number, "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8");
            if is_id && !guarantee && Rule::from_id(word).is_none() {
                faults.push(format!("{page} names the rule {word}, which does not exist"));
            }
        }
    }
    none(&faults)
}

#[test]
fn words_with_underscores_in_the_reference_are_words_of_the_code() -> Outcome {
    let mut sources = String::new();
    for path in files("src", ".rs")? {
        sources.push_str(&text(&path)?);
    }
    let page = text(REFERENCE)?;
    let mut faults = BTreeSet::new();
    for row in rows(&page) {
        for cell in &row.cells {
            for word in cell.split('`').skip(1).step_by(2) {
                let is_word = word.contains('_') && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
                if is_word && !sources.contains(word) {
                    faults.insert(format!("{} {}: `{word}` is nowhere in the code", row.section, row.part));
                }
            }
        }
    }
    none(&faults.into_iter().collect::<Vec<_>>())
}

#[test]
fn every_decision_has_its_four_parts_and_is_listed() -> Outcome {
    let index = text("docs/adr/README.md")?;
    let mut faults = Vec::new();
    let records = files("docs/adr", ".md")?;
    for (path, number) in records.iter().filter(|path| !path.ends_with("README.md")).zip(1_u32..) {
        let name = path.trim_start_matches("docs/adr/");
        if !name.starts_with(&format!("{number:04}-")) {
            faults.push(format!("{path} should be number {number:04}"));
        }
        if !index.contains(&format!("({name})")) {
            faults.push(format!("docs/adr/README.md does not list {name}"));
        }
        let record = text(path)?;
        let parts: Vec<&str> = record.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        if parts != ["Context", "Decision", "Alternatives", "Consequences"] {
            faults.push(format!("{path} has the parts {parts:?}"));
        }
    }
    none(&faults)
}

/// What several tests share, and the parts of the reference model.
fn is_part(path: &str) -> bool {
    ["tests/support/", "tests/model/", "tests/differential/"].iter().any(|folder| path.starts_with(folder))
}

#[test]
fn every_kind_of_test_is_listed() -> Outcome {
    let page = text("docs/testing.md")?;
    let mut faults = Vec::new();
    for path in files("tests", ".rs")?.iter().filter(|path| !is_part(path)) {
        if !page.contains(&format!("`{path}`")) {
            faults.push(format!("docs/testing.md does not list {path}"));
        }
    }
    none(&faults)
}

/// What a mutant changes stands once in the source: whoever rewrites it gives the mutant the new text.
#[test]
fn what_the_mutants_change_stands_in_the_source() -> Outcome {
    let list = text("tools/mutants/rules.txt")?;
    let solid = |text: &str| -> String { text.split_whitespace().collect() };
    let lines: Vec<&str> = list.lines().collect();
    let mut faults = Vec::new();
    for pair in lines.windows(2) {
        let Some(wanted) = pair[1].strip_prefix("< ") else { continue };
        let count = solid(&text(pair[0])?).matches(&solid(wanted)).count();
        if count != 1 {
            faults.push(format!("found {count} times in {}: {wanted}", pair[0]));
        }
    }
    none(&faults)
}

/// Each rule has a mutant without it, and docs/mutants.md says which test noticed each.
#[test]
fn every_rule_has_a_mutant_that_lacks_it_and_each_is_listed() -> Outcome {
    let (list, page) = (text("tools/mutants/rules.txt")?, text("docs/mutants.md")?);
    let heads = list.split("\n\n").filter_map(|block| block.trim().lines().next());
    let made: Vec<(&str, &str)> =
        heads.filter(|head| !head.starts_with('#')).filter_map(|head| head.split_once(' ')).collect();
    let rows = page.lines().filter_map(|row| row.strip_prefix("| `")?.split_once("` | "));
    let said: Vec<(&str, &str)> =
        rows.filter_map(|(rule, rest)| Some((rule, rest.split_once(" | ")?.0))).collect();
    let mut faults: Vec<String> = Vec::new();
    for rule in Rule::ALL.iter().map(|rule| rule.id()) {
        if !made.iter().any(|(of, _)| *of == rule) {
            faults.push(format!("tools/mutants/rules.txt has no mutant without {rule}"));
        }
    }
    faults.extend(
        made.iter()
            .filter(|one| !said.contains(one))
            .map(|(rule, what)| format!("docs/mutants.md has no row of `{rule}` {what}")),
    );
    faults.extend(
        said.iter()
            .filter(|one| !made.contains(one))
            .map(|(rule, what)| format!("tools/mutants/rules.txt has no `{rule}` {what}")),
    );
    let stated = format!("and {} made by hand", made.len());
    if !page.contains(&stated) {
        faults.push(format!("docs/mutants.md does not say `{stated}`"));
    }
    none(&faults)
}
