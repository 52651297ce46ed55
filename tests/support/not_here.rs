//! For a test that finds out by itself that it cannot run on this machine.

use std::io::Write as _;

/// Says so, past the capture of output: `.ci/run` prints these lines and counts them as skipped. The test then ends.
#[cfg(test)]
pub(crate) fn not_run_here(reason: &str) {
    let thread = std::thread::current();
    let line = format!("test not run here: {}: {reason}\n", thread.name().unwrap_or("a test"));
    // In one piece, so that lines of other threads do not come in between.
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}
