//! Every policy of up to three entries over a small universe, asked about every path to depth three: the engine
//! and the reference model give the same answer by the same rule, without an exception.
//!
//! An ordinary run takes all policies of one entry and a fixed sample of the larger ones and of the paths. With
//! `BINDERY_LONG=all` every world is built and every path asked; with `BINDERY_LONG=SECONDS` as many worlds as that
//! time allows each system, with every path. docs/testing.md says how, and how many worlds there are.

#[path = "model/compare.rs"]
mod compare;
mod model;

use bindery::{Binder, Executor};
use model::bind::bind;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// How much of the universe a run takes.
#[derive(Clone, Copy)]
struct Share {
    /// How many of the policies of two and three entries, for each executor.
    policies: usize,
    /// Every n-th path.
    paths: usize,
    /// How long it may take.
    time: Option<Duration>,
}

#[expect(clippy::disallowed_methods, reason = "only says when to stop; no answer depends on it")]
fn now() -> Instant {
    Instant::now()
}

fn share() -> Share {
    match std::env::vars().find(|(name, _)| name == "BINDERY_LONG") {
        None => Share { policies: 25, paths: 13, time: None },
        Some((_, value)) => {
            Share { policies: usize::MAX, paths: 1, time: value.parse().ok().map(Duration::from_secs) }
        }
    }
}

/// Every choice of up to three of `count` entries. The small ones first, then the larger ones in an order that mixes
/// them, so that any beginning is a sample of all.
fn choices(count: usize) -> (Vec<Vec<usize>>, Vec<Vec<usize>>) {
    let mut small = vec![Vec::new()];
    let mut large = Vec::new();
    for i in 0..count {
        small.push(vec![i]);
        for j in i + 1..count {
            large.push(vec![i, j]);
            large.extend((j + 1..count).map(|k| vec![i, j, k]));
        }
    }
    // Steps of a prime that does not divide the number visit each choice once.
    let mixed = (0..large.len()).filter_map(|n| large.get(n * 1_000_003 % large.len()).cloned()).collect();
    (small, mixed)
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
    let (entries, paths, executors) = (system.entries(), system.paths(), system.executors());
    let (small, large) = choices(entries.len());
    let all = (small.len() + large.len()) * executors.len();
    let mut bound = Vec::new();
    for facts in executors {
        let executor = Executor::from_json(facts.to_string().as_bytes());
        bound.push((executor.map_err(|refusals| refusals.to_string())?, facts));
    }
    let mut count = Count::default();
    let began = now();
    let policies = small.iter().chain(large.iter().take(share.policies));
    for (number, chosen) in policies.enumerate() {
        let chosen: Vec<&Value> = chosen.iter().filter_map(|at| entries.get(*at)).collect();
        let some: Vec<&String> = paths.iter().skip(number % share.paths).step_by(share.paths).collect();
        for (executor, facts) in &bound {
            compare(facts, executor, &chosen, &some, &mut count);
        }
        if count.faults.len() > 1000 || share.time.is_some_and(|time| began.elapsed() > time) {
            break;
        }
    }
    if count.faults.is_empty() {
        return Ok(format!(
            "{}: {} of {all} worlds, {} decisions, no difference",
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

/// What the documentation says of the size of the universe.
#[test]
fn every_choice_of_up_to_three_entries_is_a_world() {
    for system in [&LINUX, &MACOS, &WINDOWS] {
        let (small, large) = choices(system.entries().len());
        let mut all: Vec<&Vec<usize>> = small.iter().chain(&large).collect();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 1 + 32 + 32 * 31 / 2 + 32 * 31 * 30 / 6);
        assert_eq!(all.len() * system.executors().len(), 32_934);
        assert_eq!(system.paths().len(), 286);
    }
}
