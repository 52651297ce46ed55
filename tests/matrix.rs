//! Decision matrices as checked-in text: what every path of a small tree may be used for, on each system. A change
//! that moves a cell is seen in review, not only in a digest.

#[path = "support/document.rs"]
mod document;
mod support;

#[cfg(test)]
mod matrix {
    use crate::document::executor;
    use crate::support::{Failure, Outcome, fail, fixtures, parse, read};
    use bindery::{Access, Binder, Executor};
    use serde::Deserialize;
    use serde_json::Value;
    use std::fmt::Write as _;
    use std::path::{Path, PathBuf};

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Matrix {
        about: String,
        intent: Option<Value>,
        intent_file: Option<String>,
        targets: Vec<Target>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Target {
        executor_file: String,
        executor_with: Option<Value>,
        paths: Vec<String>,
    }

    const COLUMNS: [(&str, Access); 4] = [
        ("read", Access::Read),
        ("write", Access::Write),
        ("read_tree", Access::ReadTree),
        ("write_tree", Access::WriteTree),
    ];

    #[rstest::rstest]
    fn matrix_is_as_checked_in(#[files("fixtures/matrix/*.json")] path: PathBuf) -> Outcome {
        let matrix: Matrix = parse(&read(&path)?, &path.display().to_string())?;
        let intent = match (&matrix.intent, &matrix.intent_file) {
            (Some(intent), None) => intent.to_string().into_bytes(),
            (None, Some(name)) => read(Path::new(&format!("{}/{name}", fixtures().display())))?,
            _ => return fail("a matrix gives its intent in exactly one way"),
        };
        let mut text = format!("{}\n", matrix.about);
        for target in matrix.targets {
            let facts = executor(None, Some(&target.executor_file), target.executor_with.clone(), None, &[])?;
            let title = target.executor_with.as_ref().map_or_else(
                || target.executor_file.clone(),
                |with| format!("{} with {with}", target.executor_file),
            );
            let _ = writeln!(text, "\n## {title}");
            write_block(&mut text, &intent, &facts, &target.paths)?;
        }
        let file = path.with_extension("txt");
        if bless() {
            return std::fs::write(&file, &text)
                .map_err(|error| Failure(format!("{}: {error}", file.display())));
        }
        let checked_in = String::from_utf8(read(&file)?).map_err(|error| Failure(error.to_string()))?;
        compare(&file, &checked_in, &text)
    }

    #[expect(clippy::disallowed_methods, reason = "a test may be told to rewrite what it compares with")]
    fn bless() -> bool {
        std::env::var_os("BINDERY_BLESS").is_some_and(|value| value == "1")
    }

    fn compare(file: &Path, expected: &str, found: &str) -> Outcome {
        if expected == found {
            return Ok(());
        }
        let mut differing = String::new();
        let (mut left, mut right) = (expected.lines(), found.lines());
        loop {
            match (left.next(), right.next()) {
                (None, None) => break,
                (one, two) if one == two => {}
                (one, two) => {
                    let _ = writeln!(differing, "- {}\n+ {}", one.unwrap_or(""), two.unwrap_or(""));
                }
            }
        }
        let name = file.display();
        fail(format!(
            "{name} differs (- checked in, + found):\n{differing}\nIf the change is wanted: BINDERY_BLESS=1 cargo test --test matrix"
        ))
    }

    fn write_block(text: &mut String, intent: &[u8], facts: &[u8], paths: &[String]) -> Outcome {
        let executor = Executor::from_json(facts).map_err(|refusals| Failure(refusals.to_string()))?;
        let binding =
            Binder::new(&executor).bind_json(intent).map_err(|refusals| Failure(refusals.to_string()))?;
        let Some(policy) = binding.policy() else { return fail("a matrix needs a restricted policy") };
        let shown = |path: &String| if path.is_empty() { "(empty)".to_owned() } else { path.clone() };
        let width = paths.iter().map(|path| shown(path).chars().count()).max().unwrap_or(0);
        let mut rows = vec![("path".to_owned(), COLUMNS.map(|(word, _)| word.to_owned()))];
        for path in paths {
            let mut cells = COLUMNS.map(|_| String::new());
            for (cell, (_, access)) in cells.iter_mut().zip(COLUMNS) {
                let decision: Value = parse(policy.decide(path, access).to_json().as_bytes(), "a decision")?;
                let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
                *cell = match decision["decision"].as_str() {
                    Some("partial") => "partial".to_owned(),
                    _ => format!(
                        "{} {} {}",
                        word(&decision["decision"]),
                        word(&decision["reason"]["rule"]),
                        word(&decision["reason"]["via"])
                    ),
                };
            }
            rows.push((shown(path), cells));
        }
        for (path, cells) in rows {
            let mut line = path.clone();
            line.extend(std::iter::repeat_n(' ', width + 2 - path.chars().count()));
            for cell in cells {
                let _ = write!(line, "{cell:<20}");
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        Ok(())
    }
}
