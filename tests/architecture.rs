//! The shape of the code, held against ARCHITECTURE.md: which room knows which, and what stands in one place only.

#[path = "support/source.rs"]
mod source;

use bindery::{NativePath, Os};
use source::{Outcome, code, files, none, text};
use std::collections::BTreeSet;

/// Every room with the rooms that it uses. A room uses only rooms that stand above it, so there is no circle.
const ROOMS: [(&str, &[&str]); 15] = [
    ("native", &[]),
    ("rule", &[]),
    ("schema", &[]),
    ("pattern", &["native"]),
    ("error", &["native", "pattern", "rule"]),
    ("json", &["error"]),
    ("observe", &["error", "json", "native"]),
    ("intent", &["error", "json"]),
    ("executor", &["error", "intent", "json", "native", "observe", "pattern"]),
    ("audit", &["error", "intent", "json", "rule"]),
    ("policy", &["audit", "error", "executor", "intent", "json", "native", "observe", "pattern", "rule"]),
    ("decide", &["audit", "error", "executor", "intent", "json", "native", "observe", "policy", "rule"]),
    ("diff", &["decide", "json", "policy"]),
    ("verify", &["json", "native", "observe", "policy"]),
    (
        "bind",
        &["audit", "error", "executor", "intent", "json", "native", "observe", "pattern", "policy", "rule"],
    ),
];

/// Files of `intent` that may use the words of the wire: whoever reads or writes JSON.
const KNOWS_WIRE: [&str; 5] = ["carry.rs", "place.rs", "read.rs", "text.rs", "write.rs"];

/// Where the host may be asked something: its files, its environment, its operating system.
fn knows_host(path: &str) -> bool {
    path == "src/observe/host.rs" || path.starts_with("src/observe/host/") || path == "src/main.rs"
}

/// The most lines of a source file, tests in it included.
const MAX_LINES: usize = 900;

/// The program and its parts, which stand outside of the library.
fn is_program(path: &str) -> bool {
    path == "src/main.rs" || path.starts_with("src/main/") || path.starts_with("src/cli/")
}

fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.ends_with("/laws.rs") || path.contains("/tests/")
}

fn room(path: &str) -> &str {
    let name = path.trim_start_matches("src/");
    name.split('/').next().unwrap_or(name).trim_end_matches(".rs")
}

/// The library's code: path and text, without tests and comments.
fn library() -> Outcome<Vec<(String, String)>> {
    let mut out = Vec::new();
    for path in files("src", ".rs")? {
        if !is_test(&path) && !is_program(&path) {
            let text = code(&text(&path)?);
            out.push((path, text));
        }
    }
    Ok(out)
}

/// The word behind every `crate::`.
fn crate_words(code: &str) -> impl Iterator<Item = &str> {
    code.split("crate::").skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        rest.get(..end).unwrap_or(rest)
    })
}

#[test]
fn rooms_use_only_the_rooms_that_they_may() -> Outcome {
    let mut faults = Vec::new();
    let mut used: BTreeSet<(String, String)> = BTreeSet::new();
    for (path, code) in library()? {
        if path == "src/lib.rs" {
            continue;
        }
        let Some((name, allowed)) = ROOMS.iter().find(|(name, _)| *name == room(&path)) else {
            faults.push(format!("{path} stands in no room of tests/architecture.rs"));
            continue;
        };
        for other in crate_words(&code).filter(|other| other != name) {
            used.insert(((*name).to_owned(), other.to_owned()));
            if !allowed.contains(&other) {
                faults.push(format!("{path} uses `crate::{other}`, and `{name}` may not"));
            }
        }
        // The root of a room could leave it without naming the crate.
        if !path.trim_start_matches("src/").contains('/') && code.contains("super::") {
            faults.push(format!("{path} reaches out with `super::`; write `crate::`"));
        }
    }
    for (at, (name, allowed)) in ROOMS.iter().enumerate() {
        for other in *allowed {
            if !used.contains(&((*name).to_owned(), (*other).to_owned())) {
                faults.push(format!("`{name}` does not use `{other}` any more; take the arrow away"));
            }
            if !ROOMS.iter().take(at).any(|(above, _)| above == other) {
                faults.push(format!("`{other}` stands below `{name}`, which uses it"));
            }
        }
    }
    none(&faults)
}

#[test]
fn the_map_shows_these_arrows() -> Outcome {
    let map = text("ARCHITECTURE.md")?;
    let mut faults = Vec::new();
    for (name, allowed) in ROOMS {
        let arrows = if allowed.is_empty() { "nobody".to_owned() } else { allowed.join(", ") };
        let found = map.lines().any(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            cells.first() == Some(&format!("`{name}`").as_str()) && cells.last() == Some(&arrows.as_str())
        });
        if !found {
            faults.push(format!("ARCHITECTURE.md has no row for `{name}` that ends in: {arrows}"));
        }
    }
    none(&faults)
}

#[test]
fn every_room_is_declared_once_and_exists() -> Outcome {
    let lib = code(&text("src/lib.rs")?);
    let declared: BTreeSet<&str> =
        lib.lines().filter_map(|line| line.split_once("mod ")?.1.strip_suffix(';')).collect();
    let listed: BTreeSet<&str> = ROOMS.iter().map(|(name, _)| *name).collect();
    let faults: Vec<String> = declared
        .symmetric_difference(&listed)
        .map(|name| format!("the room `{name}` is in src/lib.rs or in tests/architecture.rs, not in both"))
        .collect();
    none(&faults)
}

#[test]
fn the_root_of_the_crate_has_no_logic() -> Outcome {
    let lib = code(&text("src/lib.rs")?);
    let faults: Vec<String> = ["fn ", "impl ", "macro_rules!"]
        .into_iter()
        .filter(|word| lib.contains(word))
        .map(|word| format!("src/lib.rs holds `{word}`"))
        .collect();
    none(&faults)
}

#[test]
fn only_readers_and_writers_of_intents_know_the_wire() -> Outcome {
    let mut faults = Vec::new();
    for (path, code) in library()? {
        let name = path.trim_start_matches("src/intent/");
        let may = path.starts_with("src/intent/") && (KNOWS_WIRE.contains(&name) || name == "wire.rs");
        if !may && code.contains("wire::") {
            faults.push(format!("{path} uses the words of the wire"));
        }
    }
    none(&faults)
}

#[test]
fn only_the_edge_asks_the_host() -> Outcome {
    let words = ["std::path", "std::fs", "std::env", "std::process", "std::time", "std::thread", "cfg!("];
    let mut faults = Vec::new();
    for path in files("src", ".rs")? {
        if knows_host(&path) || is_program(&path) {
            continue;
        }
        let code = code(&text(&path)?);
        for word in words.iter().filter(|word| code.contains(*word)) {
            faults.push(format!("{path} uses `{word}`"));
        }
        for condition in ["cfg(", "cfg_attr("].iter().flat_map(|word| code.split(word).skip(1)) {
            if is_about_the_host(condition) {
                let shown: String = condition.chars().take(30).collect();
                faults.push(format!("{path} has the condition `cfg({shown}`"));
            }
        }
    }
    none(&faults)
}

/// Does a text that follows `cfg(` speak of the host?
fn is_about_the_host(text: &str) -> bool {
    let inside = text.split(']').next().unwrap_or(text);
    ["windows", "unix", "target_", "debug_assertions", "panic"].iter().any(|word| inside.contains(word))
}

#[test]
fn files_stay_readable() -> Outcome {
    let mut faults = Vec::new();
    for path in files("src", ".rs")? {
        let lines = text(&path)?.lines().count();
        if lines > MAX_LINES {
            faults.push(format!("{path} has {lines} lines, the limit is {MAX_LINES}"));
        }
    }
    none(&faults)
}

/// One file whose name Windows reserves, such as `nul.json`, and git checks nothing out there.
#[test]
fn every_file_can_be_checked_out_on_every_system() -> Outcome {
    let folders =
        [".cargo", ".ci", ".github", "docs", "examples", "fixtures", "schemas", "scripts", "src", "tests"];
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for folder in folders {
        for path in files(folder, "")? {
            if let Err(error) = NativePath::parse(Os::Windows, &format!("C:/{path}")) {
                faults.push(format!("{path}: {error}"));
            }
            if !seen.insert(path.to_ascii_lowercase()) {
                faults.push(format!("{path} differs from another file in case only"));
            }
        }
    }
    none(&faults)
}

#[test]
fn nothing_is_waived_for_a_whole_file_and_no_test_is_left_out() -> Outcome {
    // Spelled apart, so that this file does not hold them.
    let words = [concat!("#![", "allow"), concat!("#![", "expect"), concat!("#[", "ignore")];
    let mut faults = Vec::new();
    for folder in ["src", "tests", "examples"] {
        for path in files(folder, ".rs")? {
            let source = text(&path)?;
            faults.extend(
                words
                    .iter()
                    .filter(|word| source.contains(*word))
                    .map(|word| format!("{path} holds `{word}`")),
            );
        }
    }
    none(&faults)
}
