//! Records what this machine's file system answers about some trees, as data that every host can replay.
//!
//! `cargo run --example record -- /srv/ws > recording.json`; without arguments it records the examples of this crate.

use bindery::{FsView as _, HostFs, NativePath, Observation, RecordedFs, Recorder};
use std::error::Error;
use std::io::Write as _;

/// As many places as one recording holds.
const MAX_PLACES: usize = 2000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut trees: Vec<String> = std::env::args().skip(1).collect();
    if trees.is_empty() {
        trees.push(concat!(env!("CARGO_MANIFEST_DIR"), "/examples").to_owned());
    }
    let host = HostFs;
    let tape = Recorder::new(&host);
    let mut places = Vec::new();
    for tree in &trees {
        let tree = NativePath::parse(host.os(), tree)?;
        let mut way: Vec<NativePath> = std::iter::successors(tree.parent(), NativePath::parent).collect();
        way.reverse();
        // The way down to the tree is asked about; the tree itself with everything in it.
        for place in way.iter().filter(|place| place.kind() != bindery::RootKind::Namespace) {
            ask(&tape, place);
        }
        places.push(tree);
    }
    let mut count = 0;
    while let Some(place) = places.pop() {
        count += 1;
        if count > MAX_PLACES {
            return Err(format!("more than {MAX_PLACES} places").into());
        }
        if ask(&tape, &place) {
            let mut names = Vec::new();
            // A directory that cannot be listed is recorded as what it is, without what is in it.
            for entry in std::fs::read_dir(place.as_str()).into_iter().flatten() {
                names.extend(entry?.file_name().into_string().ok());
            }
            names.sort();
            // What no path can name is left out.
            places.extend(names.iter().filter_map(|name| place.join_segment(name).ok()));
        }
    }
    let recording = tape.finish();
    let text = recording.to_json_pretty();
    // What is printed reads back as it is.
    assert!(RecordedFs::from_json(text.as_bytes())? == recording, "a recording that does not read back");
    writeln!(std::io::stdout(), "{text}")?;
    Ok(())
}

/// Asks everything about one place; says whether it is a directory.
fn ask(tape: &Recorder<'_>, place: &NativePath) -> bool {
    let Observation::Exists { kind, .. } = tape.look(place) else { return false };
    if kind.is_link() {
        tape.read_link(place);
    }
    if place.file_name().is_some_and(|name| name.eq_ignore_ascii_case(".git")) {
        tape.read_pointer(place);
    }
    if kind.is_directory() {
        tape.volume(place);
    }
    if place.file_name().is_some_and(|name| name.contains('~')) {
        tape.long_name(place);
    }
    kind.is_directory()
}
