//! Every policy of up to three entries over a small universe, asked about every path to depth three: the engine
//! and the reference model give the same answer by the same rule, without an exception.
//!
//! An ordinary run takes all policies of one entry and a fixed sample of the larger ones and of the paths. With
//! `BINDERY_LONG=1` every world is built and every path asked; docs/testing.md says how.

#[path = "model/compare.rs"]
mod compare;
mod model;

use bindery::{Binder, Executor};
use model::bind::bind;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// How much of the universe a run takes.
#[derive(Clone, Copy)]
struct Share {
    /// Every n-th policy of two, and of three, entries.
    pairs: usize,
    triples: usize,
    /// Every n-th path.
    paths: usize,
}

fn share() -> Share {
    if std::env::vars().any(|(name, _)| name == "BINDERY_LONG") {
        Share { pairs: 1, triples: 1, paths: 1 }
    } else {
        Share { pairs: 4, triples: 61, paths: 13 }
    }
}

struct Universe {
    word: &'static str,
    /// What stands before the names of a place in a URI, in a path, and in the facts.
    uri: &'static str,
    path: &'static str,
    separator: &'static str,
}

const LINUX: Universe = Universe { word: "linux", uri: "file:///", path: "/", separator: "/" };
const MACOS: Universe = Universe { word: "macos", uri: "file:///", path: "/", separator: "/" };
const WINDOWS: Universe = Universe { word: "windows", uri: "file:///C:/", path: "C:\\", separator: "\\" };

impl Universe {
    fn native(&self, names: &[&str]) -> String {
        format!("{}{}", self.path, names.join(self.separator))
    }

    /// The places of the universe, as they are written in an entry.
    fn places(&self) -> Vec<Value> {
        let literal = |names: &str| json!(format!("{}{names}", self.uri));
        vec![
            json!(":root"),
            literal("ws"),
            literal("ws/a"),
            json!(":workspace_roots/a/b"),
            literal("ws/.git"),
            literal("ws/.git/x"),
            json!(":workspace_roots"),
            literal("ws/A"),
            literal("WS/a"),
            literal("two/.git"),
        ]
    }

    fn patterns() -> Vec<Value> {
        vec![json!({"glob": ":workspace_roots/**/b"}), json!({"type": "glob_pattern", "pattern": "a/?"})]
    }

    fn entries(&self) -> Vec<Value> {
        let mut all = Vec::new();
        for place in self.places() {
            for access in ["read", "write", "deny"] {
                all.push(json!({"path": place, "access": access}));
            }
        }
        for pattern in Self::patterns() {
            all.push(json!({"path": pattern, "access": "deny"}));
        }
        all
    }

    fn executors(&self) -> Vec<Value> {
        let mut all = Vec::new();
        for volumes in [
            json!([{"path": self.path, "case": "sensitive", "normalization": "preserving"}]),
            json!([{"path": self.path, "case": "insensitive", "normalization": "insensitive"}]),
            json!([]),
        ] {
            for scope in ["root", "any_depth"] {
                all.push(json!({
                    "schema": "bindery.executor/1", "id": "small", "os": self.word,
                    "cwd": self.native(&["ws"]),
                    "workspace_roots": [
                        {"id": "one", "path": self.native(&["ws"])},
                        {"id": "two", "path": self.native(&["two"])},
                    ],
                    "volumes": volumes,
                    "protected_names": {"version": 1, "names": [".git"], "scope": scope},
                }));
            }
        }
        all
    }

    /// Every path to depth three over these names.
    fn paths(&self) -> Vec<String> {
        let (first, rest) = (["ws", "WS", "two", "a", ".git"], ["a", "A", "b", "B", ".git", ".GIT", "x"]);
        let mut all = vec![self.native(&[])];
        for one in first {
            all.push(self.native(&[one]));
            for two in rest {
                all.push(self.native(&[one, two]));
                for three in rest {
                    all.push(self.native(&[one, two, three]));
                }
            }
        }
        all
    }
}

fn intent(entries: &[&Value]) -> Value {
    json!({"permissions": {
        "type": "managed",
        "file_system": {"type": "restricted", "entries": entries},
        "network": "restricted",
    }})
}

#[derive(Default)]
struct Count {
    worlds: usize,
    decisions: usize,
    /// What differs, with how many entries it takes.
    faults: Vec<(usize, String)>,
}

/// One world: binds with both, asks both.
fn compare(facts: &Value, executor: &Executor, entries: &[&Value], paths: &[&String], count: &mut Count) {
    let intent = intent(entries);
    count.worlds += 1;
    let ours = bind(&intent, facts);
    let theirs = Binder::new(executor).bind_json(intent.to_string().as_bytes());
    let (pair, mut faults) = compare::about_a_bind(ours.as_ref(), &theirs);
    if let Some((world, policy)) = pair {
        for path in paths {
            count.decisions += compare::QUESTIONS.len();
            faults.extend(compare::about_a_path(world, policy, path, false));
        }
    }
    count
        .faults
        .extend(faults.into_iter().map(|fault| (entries.len(), format!("{facts}\n  {intent}\n  {fault}"))));
}

/// Asks about every world of a system; says how many there were, or what differs.
fn run(system: &Universe) -> Result<String, String> {
    let share = share();
    let entries = system.entries();
    let paths = system.paths();
    let mut count = Count::default();
    for facts in system.executors() {
        let executor =
            Executor::from_json(facts.to_string().as_bytes()).map_err(|refusals| refusals.to_string())?;
        let mut number = 0_usize;
        let mut ask = |chosen: &[&Value], every: usize, count: &mut Count| {
            number += 1;
            if number % every == 0 && count.faults.len() < 1000 {
                let first = number / every % share.paths;
                let some: Vec<&String> = paths.iter().skip(first).step_by(share.paths).collect();
                compare(&facts, &executor, chosen, &some, count);
            }
        };
        ask(&[], 1, &mut count);
        for (i, one) in entries.iter().enumerate() {
            ask(&[one], 1, &mut count);
            for (j, two) in entries.iter().enumerate().skip(i + 1) {
                ask(&[one, two], share.pairs, &mut count);
                for three in entries.iter().skip(j + 1) {
                    ask(&[one, two, three], share.triples, &mut count);
                }
            }
        }
    }
    if count.faults.is_empty() {
        return Ok(format!(
            "{}: {} worlds, {} decisions, no difference",
            system.word, count.worlds, count.decisions
        ));
    }
    count.faults.sort();
    let mut text = format!("{} differences", count.faults.len());
    for (_, fault) in count.faults.iter().take(20) {
        let _ = write!(text, "\n- {fault}");
    }
    Err(text)
}

#[test]
fn engine_and_model_agree_on_every_small_linux_world() {
    match run(&LINUX) {
        Ok(text) => println!("{text}"),
        Err(text) => panic!("{text}"),
    }
}

#[test]
fn engine_and_model_agree_on_every_small_macos_world() {
    match run(&MACOS) {
        Ok(text) => println!("{text}"),
        Err(text) => panic!("{text}"),
    }
}

#[test]
fn engine_and_model_agree_on_every_small_windows_world() {
    match run(&WINDOWS) {
        Ok(text) => println!("{text}"),
        Err(text) => panic!("{text}"),
    }
}
