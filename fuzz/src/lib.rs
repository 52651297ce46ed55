//! The bodies of the fuzz targets. `tests/fuzz_corpus.rs` includes the same files and replays the corpus.

#[path = "../../tests/model/compare.rs"]
mod compare;
#[path = "../../tests/model/mod.rs"]
mod model;
mod targets;

/// Runs one target on one input. Panics if something that must hold does not.
///
/// # Panics
/// That is what a fuzzer looks for.
pub fn run(target: &str, data: &[u8]) {
    let found = targets::ALL.iter().find(|(name, _)| *name == target);
    let (_, body) = found.expect("the target is in the list");
    body(data);
}
