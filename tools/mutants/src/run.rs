//! Runs the tests with one switch on.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Some tests of one program.
pub struct Judge {
    /// What a result calls it.
    pub name: &'static str,
    pub program: &'static str,
    pub arguments: Vec<String>,
    /// Seconds of processor time, many times what it needs.
    pub seconds: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Killed,
    /// Killed by the clock, or by the limit of memory.
    Endless,
    Survived,
}

/// What is written down of one mutant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    pub id: u32,
    pub name: String,
    pub outcome: Outcome,
    /// The judge that failed, and its first test that did.
    pub by: Option<String>,
    pub test: Option<String>,
}

pub struct Bench<'a> {
    pub tree: &'a Path,
    pub programs: &'a BTreeMap<String, PathBuf>,
}

impl Bench<'_> {
    /// `None` where all tests passed; else whether time or memory ended, and the test that failed.
    pub fn judge(&self, judge: &Judge, switch: u32) -> io::Result<Option<(Outcome, Option<String>)>> {
        let program = self.programs.get(judge.program).ok_or_else(|| io::Error::other(judge.program))?;
        let limits =
            format!("ulimit -c 0; ulimit -t {}; ulimit -v 3000000; exec \"$0\" \"$@\"", judge.seconds);
        let mut command = Command::new("sh");
        command.args(["-c", &limits]).arg(program);
        command.args(["-Zunstable-options", "--fail-fast", "--test-threads=1"]).args(&judge.arguments);
        command.current_dir(self.tree).env("CARGO_MANIFEST_DIR", self.tree);
        // The second lets a stable toolchain's tests stop at the first that fails.
        command.env("MUTANT", switch.to_string()).env("RUSTC_BOOTSTRAP", "1").env("INSTA_UPDATE", "no");
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut failed = None;
        if let Some(output) = child.stdout.take() {
            for line in BufReader::new(output).split(b'\n') {
                let line = line?;
                let line = String::from_utf8_lossy(&line);
                if let Some(name) =
                    line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED"))
                {
                    failed.get_or_insert_with(|| name.to_owned());
                }
            }
        }
        let status = child.wait()?;
        // SIGABRT after memory ran out, SIGKILL and SIGXCPU after time did.
        match status.signal() {
            Some(9 | 24) => Ok(Some((Outcome::Endless, failed))),
            None if status.success() => Ok(None),
            None if failed.is_none() => Err(io::Error::other(format!("{} did not run", program.display()))),
            None | Some(_) => Ok(Some((Outcome::Killed, failed))),
        }
    }

    /// How long each judge takes when nothing is changed. None may fail.
    pub fn base(&self, judges: &[Judge]) -> io::Result<()> {
        for judge in judges {
            let from = Instant::now();
            let found = self.judge(judge, 0)?;
            eprintln!("{:<16} {:>6.1} s", judge.name, from.elapsed().as_secs_f64());
            if let Some((_, test)) = found {
                return Err(io::Error::other(format!("{} fails without a mutant: {test:?}", judge.name)));
            }
        }
        Ok(())
    }
}
