//! Compiles the planted tree. What does not compile is taken out, until the rest does.

use crate::list::Mutant;
use crate::plant::{LeftOut, plant};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, io};

/// A tree to plant in and where it is built.
pub struct Site {
    /// A copy of the checkout; its `src` is rewritten.
    pub tree: PathBuf,
    /// `src` as it was.
    pub source: PathBuf,
    pub target: PathBuf,
}

impl Site {
    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("cargo");
        command.args(arguments).current_dir(&self.tree);
        command.env("CARGO_TARGET_DIR", &self.target).env("CARGO_INCREMENTAL", "0");
        // The tree is written by a machine: no lint has anything to say about it.
        command.env("RUSTFLAGS", "--cap-lints=allow").env("CARGO_PROFILE_DEV_DEBUG", "0");
        command.env("CARGO_PROFILE_DEV_OPT_LEVEL", "1");
        command.stderr(Stdio::inherit());
        command
    }

    /// Plants all that compiles; says what does not.
    pub fn plant(&self, mutants: &[Mutant]) -> io::Result<LeftOut> {
        let mut left_out = LeftOut::default();
        loop {
            copy(&self.source, &self.tree.join("src"))?;
            let nowhere = plant(&self.tree, mutants, &left_out)?;
            left_out.mutants.extend(nowhere);
            let before = (left_out.mutants.len(), left_out.functions.len());
            let output = self.cargo(&["check", "--lib", "--message-format=json"]).output()?;
            let mut other = Vec::new();
            for message in errors(&output.stdout) {
                match blame(&self.tree, &message) {
                    Blame::Mutants(ids) => left_out.mutants.extend(ids),
                    Blame::Constant(name) => drop(left_out.functions.insert(name)),
                    Blame::Nobody => other.push(message["message"].as_str().unwrap_or_default().to_owned()),
                }
            }
            if output.status.success() {
                return Ok(left_out);
            }
            eprintln!("{} mutants left out so far", left_out.mutants.len());
            if before == (left_out.mutants.len(), left_out.functions.len()) {
                return Err(io::Error::other(format!(
                    "does not compile, and no mutant is to blame: {other:#?}"
                )));
            }
        }
    }

    /// Builds the tests: the program of each, by its name; `lib` are the unit tests.
    pub fn tests(&self, names: &BTreeSet<&str>) -> io::Result<BTreeMap<String, PathBuf>> {
        let mut arguments = vec!["test", "--no-run", "--message-format=json", "--lib"];
        for name in names.iter().filter(|name| **name != "lib") {
            arguments.extend(["--test", name]);
        }
        let output = self.cargo(&arguments).output()?;
        if !output.status.success() {
            return Err(io::Error::other("the tests do not compile"));
        }
        let mut found = BTreeMap::new();
        for message in lines(&output.stdout) {
            let Some(program) = message["executable"].as_str() else { continue };
            let target = &message["target"];
            let name =
                if target["kind"][0] == "lib" { "lib" } else { target["name"].as_str().unwrap_or_default() };
            if message["profile"]["test"] == true {
                found.insert(name.to_owned(), PathBuf::from(program));
            }
        }
        Ok(found)
    }
}

pub fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

fn lines(output: &[u8]) -> impl Iterator<Item = Value> {
    output.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok())
}

fn errors(output: &[u8]) -> impl Iterator<Item = Value> {
    lines(output)
        .filter(|line| line["reason"] == "compiler-message" && line["message"]["level"] == "error")
        .map(|mut line| line["message"].take())
}

enum Blame {
    Mutants(BTreeSet<u32>),
    Constant(String),
    Nobody,
}

/// Which mutants stand where the compiler points, the narrowest place first.
fn blame(tree: &Path, message: &Value) -> Blame {
    let text = message["message"].as_str().unwrap_or_default();
    let called = text.split('`').nth(1).and_then(|path| path.rsplit("::").next()).unwrap_or_default();
    if text.starts_with("cannot call non-const") && called != "on" {
        return Blame::Constant(called.to_owned());
    }
    let spans = message["spans"].as_array().map(Vec::as_slice).unwrap_or_default();
    let number = |span: &Value, field: &str| usize::try_from(span[field].as_u64().unwrap_or(0)).unwrap_or(0);
    for (before, after) in [(0, 0), (1, 1), (2, 2), (4, 2), (0, 10), (0, 30)] {
        let mut found = BTreeSet::new();
        for span in spans {
            let Ok(text) = fs::read_to_string(tree.join(span["file_name"].as_str().unwrap_or_default()))
            else {
                continue;
            };
            let (first, last) = (number(span, "line_start"), number(span, "line_end"));
            let skipped = first.saturating_sub(1 + before);
            for line in text.lines().skip(skipped).take(last + after - skipped) {
                found.extend(switches(line));
            }
        }
        if !found.is_empty() && found.len() <= 12 {
            return Blame::Mutants(found);
        }
    }
    Blame::Nobody
}

fn switches(line: &str) -> impl Iterator<Item = u32> {
    line.split("mutant::on(").skip(1).filter_map(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    })
}
