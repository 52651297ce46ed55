//! Instructions of one region, counted by callgrind: exact, and the same on a busy machine.

use std::process::Command;

/// The region that is counted. Not generic and never inlined, so that callgrind finds it by its name.
#[inline(never)]
pub fn measured_region(work: &mut dyn FnMut() -> usize) -> usize {
    std::hint::black_box(work())
}

/// Runs `program` with `arguments` under callgrind and gives the instructions spent in functions whose name holds
/// `function`, and in what they call.
pub fn instructions(program: &std::path::Path, arguments: &[&str], function: &str) -> Result<u64, String> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--collect-atstart=no"])
        .arg(format!("--toggle-collect=*{function}*"))
        .arg(program)
        .args(arguments)
        // The environment stands on the stack of the measured program; a small one is the same everywhere.
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .output()
        .map_err(|fault| format!("valgrind cannot be run: {fault}"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("{arguments:?} failed under valgrind: {text}"));
    }
    let count = text.lines().find_map(|line| line.split_once("Collected :"));
    count
        .and_then(|(_, count)| count.trim().parse().ok())
        .ok_or_else(|| format!("valgrind said nothing of what it collected: {text}"))
}
