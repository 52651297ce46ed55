//! Counts instructions, and compares them with what is checked in.
//!
//! `instructions run ID` runs one task (under callgrind); `instructions count [WORD]` counts every task whose name
//! holds the word and prints JSON; `instructions check FILE` and `instructions bless FILE` compare the guarded tasks
//! with a baseline and write one.

use bindery_bench::task::{task, tasks};
use bindery_bench::valgrind::{instructions, measured_region};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::{Command, ExitCode};

/// What a change must not make slower unseen.
const GUARDED: [&str; 5] = [
    "bind_lexical/linux_3_roots/20",
    "bind_lexical/linux_3_roots/2000",
    "decide/linux_hit/200",
    "decide_patterns/linux_hit/100",
    "read_policy/linux_3_roots/200",
];

/// By how much a count may differ from its baseline, in percent: the allocator and `memcpy` of another machine move it
/// by less.
const TOLERANCE: f64 = 3.0;
/// The same with another compiler than the baseline was taken with.
const TOLERANCE_OF_ANOTHER_COMPILER: f64 = 15.0;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["run", id] => run(id),
        ["count"] => count(""),
        ["count", word] => count(word),
        ["check", file] => check(file),
        ["bless", file] => bless(file),
        _ => Err("instructions run ID | count [WORD] | check FILE | bless FILE".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}

fn run(id: &str) -> Result<(), String> {
    let mut run = task(id).ok_or_else(|| format!("there is no task {id}"))?.prepare();
    // Once to warm up, and once to be counted.
    std::hint::black_box(run());
    std::hint::black_box(measured_region(&mut *run));
    Ok(())
}

fn counted(id: &str) -> Result<u64, String> {
    let program = std::env::current_exe().map_err(|fault| fault.to_string())?;
    match instructions(&program, &["run", id], "measured_region")? {
        0 => Err(format!("{id}: the measured region was not found by its name")),
        count => Ok(count),
    }
}

fn count(word: &str) -> Result<(), String> {
    let mut out = BTreeMap::new();
    for task in tasks().into_iter().filter(|task| task.counted && task.id().contains(word)) {
        let id = task.id();
        eprintln!("counting {id}");
        out.insert(id.clone(), counted(&id)?);
    }
    println!("{}", serde_json::to_string_pretty(&out).map_err(|fault| fault.to_string())?);
    Ok(())
}

fn compiler() -> Result<String, String> {
    let output =
        Command::new("rustc").arg("--version").output().map_err(|fault| format!("rustc: {fault}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn bless(file: &str) -> Result<(), String> {
    let mut text = format!(
        "# Instructions of the guarded tasks, compared by scripts/check-instructions; `scripts/check-instructions --bless` writes this.\n\
         compiler {}\n",
        compiler()?
    );
    for id in GUARDED {
        let count = counted(id)?;
        println!("{id}: {count}");
        let _ = writeln!(text, "{id} {count}");
    }
    std::fs::write(file, text).map_err(|fault| format!("{file}: {fault}"))
}

fn check(file: &str) -> Result<(), String> {
    let text = std::fs::read_to_string(file).map_err(|fault| format!("{file}: {fault}"))?;
    let (mut baseline, mut taken_with) = (BTreeMap::new(), "");
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        match line.split_once(' ') {
            Some(("compiler", name)) => taken_with = name,
            Some((id, count)) => {
                let count: u64 = count.parse().map_err(|_| format!("{file}: `{line}` has no count"))?;
                baseline.insert(id, count);
            }
            None => return Err(format!("{file}: `{line}` is no baseline")),
        }
    }
    let compiler = compiler()?;
    let tolerance = if compiler == taken_with { TOLERANCE } else { TOLERANCE_OF_ANOTHER_COMPILER };
    if compiler != taken_with {
        println!("the baseline was taken with {taken_with}, this is {compiler}: {tolerance} % are tolerated");
    }
    let (mut worse, mut better) = (Vec::new(), false);
    for id in GUARDED {
        let old = baseline.remove(id).ok_or_else(|| format!("{file} has no baseline for {id}"))?;
        let new = counted(id)?;
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let change = (new as f64 / old as f64 - 1.0) * 100.0;
        println!("{id:40} {old:>12} {new:>12} {change:>+8.2} %");
        if change > tolerance {
            worse.push(format!(
                "{id} takes {change:.1} % more instructions than its baseline ({tolerance} % are tolerated)"
            ));
        }
        better |= change < -tolerance;
    }
    if let Some(id) = baseline.keys().next() {
        return Err(format!("{file} has a baseline for {id}, which is not guarded"));
    }
    if !worse.is_empty() {
        return Err(format!(
            "{}\nIf that is wanted: scripts/check-instructions --bless, and say why in the commit",
            worse.join("\n")
        ));
    }
    if better {
        println!("faster than the baseline: keep it with scripts/check-instructions --bless");
    }
    Ok(())
}
