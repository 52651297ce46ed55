//! `mutants TREE TARGET RESULTS [OPTION...] [ROOM...]`, as scripts/mutants calls it; see docs/mutants.md.
//!
//! `--explained=FILE` has the names of mutants that may survive. `--only=FILE` has the names to run, one a line. `--quick` asks
//! the first tests only. `--base` runs each test once without a mutant, and says how long it took.
//! `--rules` runs the mutants made by hand that `--list=FILE` has; `--rule=ID` those of one rule.

mod build;
mod list;
mod plant;
mod rules;
mod run;

use crate::build::{Site, copy};
use crate::list::Mutant;
use crate::run::{Bench, Judge, Outcome, Record};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::{env, fs, io, thread};

const ROOMS: [&str; 5] = ["native", "pattern", "bind", "policy", "decide"];

fn judge(name: &'static str, program: &'static str, arguments: &[&str]) -> Judge {
    let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
    Judge { name, program, arguments, seconds: if name == "own unit tests" { 5 } else { 30 } }
}

/// The tests that judge a mutant of a room, the quick ones first.
fn judges(room: &str) -> Vec<Judge> {
    let own = format!("{room}::");
    let laws: &[&str] = match room {
        "native" => &["native::laws", "native::key::laws", "native::fold::tests"],
        "pattern" => &["pattern::laws"],
        _ => &[],
    };
    let mut all = vec![
        judge("own unit tests", "lib", &[&own, "--skip", "laws", "--skip", "fold::tests"]),
        judge("cases", "cases", &["--skip", "rules_limits", "--skip", "facts_that_are_well_formed"]),
        judge("messages", "messages", &[]),
        judge("unit tests", "lib", &["--skip", "observe::host", "--skip", "laws", "--skip", "fold::tests"]),
        judge("laws of the room", "lib", laws),
        judge("allocations", "allocations", &[]),
        judge("limits", "limits", &[]),
        judge("matrix", "matrix", &[]),
        judge("hostile", "hostile", &[]),
        judge("observing", "observing", &[]),
        judge("laws", "laws", &[]),
        judge("cases of limits", "cases", &["rules_limits", "facts_that_are_well_formed"]),
        judge("small worlds", "small_worlds", &[]),
    ];
    all.retain(|judge| match judge.name {
        "laws of the room" => !laws.is_empty(),
        "observing" => room == "bind" || room == "decide",
        "laws" | "matrix" | "cases of limits" | "small worlds" => room != "pattern",
        _ => true,
    });
    all
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [tree, target, results, rest @ ..] = arguments.as_slice() else {
        return Err(io::Error::other("mutants TREE TARGET RESULTS [OPTION...] [ROOM...]"));
    };
    let only: Option<HashSet<String>> = rest
        .iter()
        .find_map(|argument| argument.strip_prefix("--only="))
        .map(fs::read_to_string)
        .transpose()?
        .map(|text| text.lines().map(str::to_owned).collect());
    let mut rooms: Vec<&str> =
        rest.iter().map(String::as_str).filter(|room| !room.starts_with("--")).collect();
    if rooms.is_empty() {
        rooms.extend(ROOMS);
    }
    let results = PathBuf::from(results);
    fs::create_dir_all(&results)?;
    let tree = PathBuf::from(tree).canonicalize()?;
    let site = Site { source: results.join("src"), tree, target: PathBuf::from(target) };
    if rest.iter().any(|argument| argument == "--rules") {
        return by_rule(&site, rest);
    }
    let mutants = list::read(&fs::read_to_string(results.join("list.json"))?).map_err(io::Error::other)?;
    let (left_out, programs) = built(&site, &mutants, &results)?;

    let bench = Bench { tree: &site.tree, programs: &programs };
    if rest.iter().any(|argument| argument == "--base") {
        return ROOMS.iter().try_for_each(|room| bench.base(&judges(room)));
    }
    let records = results.join("results.jsonl");
    let done: HashSet<u32> = read_records(&records)?.into_iter().map(|record| record.id).collect();
    let mut wanted: Vec<&Mutant> = mutants
        .iter()
        .filter(|mutant| {
            rooms.contains(&mutant.room()) && !left_out.contains(&mutant.id) && !done.contains(&mutant.id)
        })
        .filter(|mutant| only.as_ref().is_none_or(|only| only.contains(&mutant.name)))
        .collect();
    eprintln!("{} mutants to run", wanted.len());
    wanted.reverse();
    let workers = env::var("WORKERS").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let waiting = Mutex::new(wanted);
    let file = Mutex::new(fs::OpenOptions::new().create(true).append(true).open(&records)?);
    let killers = Killers::default();
    let quick = rest.iter().any(|argument| argument == "--quick");
    thread::scope(|scope| {
        let each = || -> io::Result<()> {
            loop {
                let Some(mutant) = waiting.lock().map_err(|_| io::Error::other("lock"))?.pop() else {
                    return Ok(());
                };
                let record = run_one(&bench, mutant, quick, &killers)?;
                let line = serde_json::to_string(&record)?;
                writeln!(file.lock().map_err(|_| io::Error::other("lock"))?, "{line}")?;
            }
        };
        let running: Vec<_> = (0..workers).map(|_| scope.spawn(each)).collect();
        for worker in running {
            worker.join().map_err(|_| io::Error::other("a worker died"))??;
        }
        Ok::<(), io::Error>(())
    })?;
    let survived = table(&mutants, &left_out, &read_records(&records)?);
    let explained = rest.iter().find_map(|argument| argument.strip_prefix("--explained="));
    let explained = explained.map(fs::read_to_string).transpose()?.unwrap_or_default();
    let open: Vec<&str> =
        survived.into_iter().filter(|name| !explained.contains(&format!("`{}`", nameless(name)))).collect();
    if open.is_empty() {
        return Ok(());
    }
    println!("\nneither killed nor explained:");
    for name in &open {
        println!("- `{name}`");
    }
    Err(io::Error::other(format!("{} mutants survived", open.len())))
}

/// The name without line and column, as docs/mutants.md writes it.
fn nameless(name: &str) -> String {
    let mut parts = name.splitn(4, ':');
    let file = parts.next().unwrap_or_default();
    format!("{file}:{}", parts.nth(2).unwrap_or_default())
}

/// The programs with the mutants in them; an earlier build is taken as it is.
fn built(
    site: &Site,
    mutants: &[Mutant],
    results: &Path,
) -> io::Result<(BTreeSet<u32>, BTreeMap<String, PathBuf>)> {
    let built = results.join("built.json");
    if let Ok(text) = fs::read_to_string(&built) {
        return serde_json::from_str(&text).map_err(io::Error::other);
    }
    if !site.source.exists() {
        copy(&site.tree.join("src"), &site.source)?;
    }
    let left_out = site.plant(mutants)?;
    let programs = ROOMS.iter().flat_map(|room| judges(room)).map(|judge| judge.program).collect();
    let mut programs = site.tests(&programs)?;
    // Another build in the same target folder may write over them.
    let kept = results.join("programs");
    fs::create_dir_all(&kept)?;
    for (name, program) in &mut programs {
        fs::copy(&*program, kept.join(name))?;
        *program = kept.join(name);
    }
    let found = (left_out.mutants, programs);
    fs::write(built, serde_json::to_string(&found)?)?;
    Ok(found)
}

/// The tests that judge a mutant that lacks a rule: those that say what the rules are.
fn judges_of_rules() -> Vec<Judge> {
    vec![
        judge("cases", "cases", &["--skip", "rules_limits", "--skip", "facts_that_are_well_formed"]),
        judge("cases of limits", "cases", &["rules_limits", "facts_that_are_well_formed"]),
        judge("exec requests", "exec_request", &[]),
        judge("limits", "limits", &[]),
        judge("unit tests", "lib", &["--skip", "observe::host", "--skip", "laws", "--skip", "fold::tests"]),
        judge("observing", "observing", &[]),
        judge("reading intents", "intent_reading", &[]),
        judge("URIs", "uri_oracles", &[]),
        judge("laws", "laws", &[]),
        judge("small worlds", "small_worlds", &[]),
    ]
}

/// Mutants that each lack a rule, and the first test that says so.
fn by_rule(site: &Site, rest: &[String]) -> io::Result<()> {
    if !site.source.exists() {
        copy(&site.tree.join("src"), &site.source)?;
    }
    let list = rest.iter().find_map(|argument| argument.strip_prefix("--list=")).unwrap_or("rules.txt");
    let all = rules::read(&fs::read_to_string(list)?)?;
    let judges = judges_of_rules();
    let names = judges.iter().map(|judge| judge.program).collect();
    let mut waiting: Vec<&rules::Lacking> = all.iter().collect();
    if let Some(wanted) = rest.iter().find_map(|argument| argument.strip_prefix("--rule=")) {
        waiting.retain(|lacking| lacking.rule == wanted);
    }
    let mut survived = 0;
    while !waiting.is_empty() {
        copy(&site.source, &site.tree.join("src"))?;
        let later = rules::plant(&site.tree, &waiting)?;
        let programs = site.tests(&names)?;
        let bench = Bench { tree: &site.tree, programs: &programs };
        for lacking in waiting.iter().filter(|lacking| !later.iter().any(|other| other.id == lacking.id)) {
            let mut test = String::new();
            for judge in &judges {
                if let Some((outcome, first)) = bench.judge(judge, lacking.id)? {
                    let first = first.unwrap_or_else(|| format!("{outcome:?}"));
                    test = format!("{}: {first}", judge.program);
                    break;
                }
            }
            survived += usize::from(test.is_empty());
            println!("| `{}` | {} | {test} |", lacking.rule, lacking.what);
        }
        waiting = later;
    }
    if survived > 0 { Err(io::Error::other(format!("{survived} mutants survived"))) } else { Ok(()) }
}

/// The cases that killed mutants of each file, the last one first: they are asked before all the others.
#[derive(Default)]
struct Killers(Mutex<HashMap<String, Vec<String>>>);

impl Killers {
    const KEPT: usize = 16;

    fn judge(&self, file: &str) -> Option<Judge> {
        let all = self.0.lock().ok()?;
        let tests: Vec<&str> = all.get(file)?.iter().map(String::as_str).collect();
        Some(judge("cases", "cases", &[&["--exact"], tests.as_slice()].concat()))
    }

    fn add(&self, file: &str, test: &str) {
        if let Ok(mut all) = self.0.lock() {
            let tests = all.entry(file.to_owned()).or_default();
            tests.retain(|other| other != test);
            tests.insert(0, test.to_owned());
            tests.truncate(Self::KEPT);
        }
    }
}

fn run_one(bench: &Bench<'_>, mutant: &Mutant, quick: bool, killers: &Killers) -> io::Result<Record> {
    let mut record =
        Record { id: mutant.id, name: mutant.name.clone(), outcome: Outcome::Survived, by: None, test: None };
    let mut judges = judges(mutant.room());
    judges.truncate(if quick { 4 } else { usize::MAX });
    judges.splice(1..1, killers.judge(&mutant.file));
    for judge in &judges {
        if let Some((outcome, test)) = bench.judge(judge, mutant.id)? {
            record.outcome = outcome;
            record.by = Some(judge.name.to_owned());
            if let (Some(test), "cases") = (&test, judge.name) {
                killers.add(&mutant.file, test);
            }
            record.test = test;
            break;
        }
    }
    Ok(record)
}

fn read_records(path: &Path) -> io::Result<Vec<Record>> {
    let text = fs::read_to_string(path).or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => Ok(String::new()),
        _ => Err(error),
    })?;
    text.lines().map(|line| serde_json::from_str(line).map_err(io::Error::other)).collect()
}

/// Prints the table of docs/mutants.md, and gives what survived.
fn table<'m>(mutants: &'m [Mutant], left_out: &BTreeSet<u32>, records: &[Record]) -> Vec<&'m str> {
    // A mutant may have been run more than once; the last time counts.
    let last: BTreeMap<u32, Outcome> = records.iter().map(|record| (record.id, record.outcome)).collect();
    println!(
        "| room | mutants | left out | run | killed | endless | survived |\n|---|---|---|---|---|---|---|"
    );
    for room in ROOMS {
        let all: Vec<u32> =
            mutants.iter().filter(|mutant| mutant.room() == room).map(|mutant| mutant.id).collect();
        let out = all.iter().filter(|id| left_out.contains(id)).count();
        let with = |wanted| all.iter().filter(|id| last.get(id) == Some(&wanted)).count();
        let (killed, endless) = (with(Outcome::Killed), with(Outcome::Endless));
        let survived = with(Outcome::Survived);
        let run = killed + endless + survived;
        println!("| {room} | {} | {out} | {run} | {killed} | {endless} | {survived} |", all.len());
    }
    let survived = mutants.iter().filter(|mutant| last.get(&mutant.id) == Some(&Outcome::Survived));
    survived.map(|mutant| mutant.name.as_str()).collect()
}
