//! Replays what the fuzzers found, on every host: each input of `fuzz/corpus` and `fuzz/regressions`, in the very
//! bodies that the fuzz targets run.

#[cfg(test)]
#[path = "model/compare.rs"]
mod compare;
#[cfg(test)]
mod model;
#[path = "support/source.rs"]
#[cfg_attr(test, expect(dead_code, reason = "inputs are no Rust source, which other tests read with it"))]
mod source;
#[cfg(test)]
#[path = "../fuzz/src/targets/mod.rs"]
mod targets;

#[cfg(test)]
mod replay {
    use crate::source::{Failure, Outcome, files, none, text};
    use crate::targets;
    use std::collections::BTreeSet;
    use std::panic::catch_unwind;

    /// The folders of inputs: what reaches far, and what once failed.
    const FOLDERS: [&str; 2] = ["fuzz/corpus", "fuzz/regressions"];
    /// An input is small, so that reading it says something; and all of them are no burden to a checkout.
    const MAX_INPUT: u64 = 16 * 1024;
    const MAX_ALL: u64 = 2 * 1024 * 1024;

    /// Every stored input with its target, as paths from the project's folder.
    fn inputs() -> Outcome<Vec<(String, String)>> {
        let mut all = Vec::new();
        for folder in FOLDERS {
            for path in files(folder, "")? {
                let inside = path.get(folder.len() + 1..).unwrap_or_default();
                let (target, _) = inside.split_once('/').unwrap_or((inside, ""));
                all.push((target.to_owned(), path));
            }
        }
        Ok(all)
    }

    fn bytes(path: &str) -> Outcome<Vec<u8>> {
        std::fs::read(format!("{}/{path}", env!("CARGO_MANIFEST_DIR")))
            .map_err(|error| Failure(format!("{path}: {error}")))
    }

    fn replay(target: &str) -> Outcome {
        let Some((_, body)) = targets::ALL.iter().find(|(name, _)| *name == target) else {
            return Err(Failure(format!("there is no target {target}")));
        };
        let mut faults = Vec::new();
        let mut count = 0;
        for (_, path) in inputs()?.iter().filter(|(name, _)| name == target) {
            let data = bytes(path)?;
            count += 1;
            if catch_unwind(|| body(&data)).is_err() {
                faults.push(format!("{path} does not hold any more"));
            }
        }
        if count < 10 {
            faults.push(format!("{target} has only {count} inputs"));
        }
        none(&faults)
    }

    #[rstest::rstest]
    #[case::bind("bind")]
    #[case::decide("decide")]
    #[case::executor("executor")]
    #[case::intent("intent")]
    #[case::path_macos("path_macos")]
    #[case::path_posix("path_posix")]
    #[case::path_windows("path_windows")]
    #[case::pattern("pattern")]
    #[case::policy("policy")]
    #[case::uri("uri")]
    fn every_stored_input_holds(#[case] target: &str) -> Outcome {
        replay(target)
    }

    /// No target without a replay above, without inputs, or without a program to fuzz it with.
    #[test]
    fn the_targets_the_programs_and_the_corpora_are_the_same() -> Outcome {
        let bodies: BTreeSet<String> = targets::ALL.iter().map(|(name, _)| (*name).to_owned()).collect();
        let replayed: BTreeSet<String> = text("tests/fuzz_corpus.rs")?
            .lines()
            .filter_map(|line| Some(line.trim().strip_prefix("#[case::")?.split_once('(')?.0.to_owned()))
            .collect();
        let manifest = text("fuzz/Cargo.toml")?;
        let programs: BTreeSet<String> = manifest
            .split("[[bin]]")
            .skip(1)
            .filter_map(|bin| Some(bin.split('"').nth(1)?.to_owned()))
            .filter(|name| name != "several")
            .collect();
        let stored: BTreeSet<String> = inputs()?.into_iter().map(|(target, _)| target).collect();
        let mut faults = Vec::new();
        for (what, names) in [("replayed", &replayed), ("a program", &programs), ("stored", &stored)] {
            faults.extend(
                bodies.symmetric_difference(names).map(|name| format!("{name}: body or {what}, not both")),
            );
        }
        for name in &programs {
            let program = text(&format!("fuzz/fuzz_targets/{name}.rs"))?;
            if !program.contains(&format!("bindery_fuzz::run(\"{name}\", data)")) {
                faults.push(format!("the program {name} runs another target"));
            }
        }
        none(&faults)
    }

    #[test]
    fn the_corpus_is_small() -> Outcome {
        let (mut all, mut faults) = (0, Vec::new());
        for (_, path) in inputs()? {
            let length = bytes(&path)?.len() as u64;
            all += length;
            if length > MAX_INPUT {
                faults.push(format!("{path} has {length} bytes"));
            }
        }
        if all > MAX_ALL {
            faults.push(format!("the corpus has {all} bytes"));
        }
        none(&faults)
    }
}
