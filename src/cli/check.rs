//! `bindery check`.

use super::Status;
use super::args::Check;
use super::document;
use super::out::{self, BOLD, Failure, GOOD, Out};
use super::table::{Cell, labelled};
use bindery::{EntryAccess, EntryPath, Intent, Profile};

pub(super) fn run(args: &Check, out: &mut Out) -> Result<Status, Failure> {
    let bytes = document::read(&args.intent)?;
    match Intent::from_json(&bytes) {
        Ok(intent) => {
            out.text(&summary(&intent, out::width()))?;
            Ok(Status::Done)
        }
        Err(refusals) => {
            // For programs. A person reads the list.
            if !out::on_terminal() {
                out.line(&refusals.to_json())?;
                out.flush()?;
            }
            out::refused(&refusals, |_| document::name(&args.intent));
            Ok(Status::No)
        }
    }
}

const LABELS: usize = 10;

fn summary(intent: &Intent, width: Option<usize>) -> String {
    let mut text = String::new();
    let mut row = |label: &str, cell: Cell| text.push_str(&labelled(label, LABELS, &cell, width));
    row("valid", Cell::new("yes", GOOD));
    let (outcome, network) = match intent.profile() {
        Profile::Unsandboxed => ("unsandboxed", None),
        Profile::Disabled => ("disabled", None),
        Profile::External { network } => ("external", Some(network)),
        Profile::Unrestricted { network } => ("unrestricted", Some(network)),
        Profile::Restricted { network, .. } => ("restricted", Some(network)),
    };
    row("profile", Cell::new(outcome, BOLD));
    if let Some(network) = network {
        row("network", network.as_str().into());
    }
    if matches!(intent.profile(), Profile::Restricted { .. }) {
        row("entries", entries(intent).into());
    }
    if let Some(cwd) = intent.cwd() {
        row("cwd", cwd.uri().to_string().into());
    }
    for (label, list) in [("roots", intent.roots()), ("temporary", intent.temp_dirs())] {
        let Some(list) = list else { continue };
        let uris: Vec<String> = list.iter().map(|named| named.uri().to_string()).collect();
        row(label, if uris.is_empty() { "known to be none".to_owned() } else { uris.join(" ") }.into());
    }
    if let Some(home) = intent.home() {
        row("home", home.uri().to_string().into());
    }
    let of_entries = intent.entries().iter().flat_map(bindery::Entry::notes);
    for note in intent.notes().iter().chain(of_entries) {
        row("note", format!("{} at {}", note.text(), note.pointer()).into());
    }
    text
}

/// How many entries of each kind and access.
fn entries(intent: &Intent) -> String {
    let entries = intent.entries();
    let paths = |wanted: fn(&EntryPath) -> bool| entries.iter().filter(|entry| wanted(entry.path())).count();
    let access = |wanted| entries.iter().filter(|entry| entry.access() == wanted).count();
    let counts = [
        (paths(|path| matches!(path, EntryPath::Symbol { .. })), "symbol", "symbols"),
        (paths(|path| matches!(path, EntryPath::Literal(_))), "literal path", "literal paths"),
        (paths(|path| matches!(path, EntryPath::Pattern(_))), "pattern", "patterns"),
    ];
    let kinds: Vec<String> = counts
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many }))
        .collect();
    if kinds.is_empty() {
        return "0".to_owned();
    }
    format!(
        "{}: {}; {} read, {} write, {} deny",
        entries.len(),
        kinds.join(", "),
        access(EntryAccess::Read),
        access(EntryAccess::Write),
        access(EntryAccess::Deny),
    )
}
