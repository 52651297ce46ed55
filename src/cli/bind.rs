//! `bindery bind`.

use super::Status;
use super::args::{Bind, BindFormat};
use super::document::{self, is_here, not_both_stdin, open_message};
use super::out::{self, BAD, BOLD, Failure, GOOD, MIXED, Out};
use super::table::{Cell, columns, labelled};
use anstyle::Style;
use bindery::{
    Binder, Binding, BoundPolicy, EntryAccess, Executor, HostFs, Input, Outcome, Place, Record, Refusals,
    RootAuthority, WritableRoot,
};
use std::fmt::Write as _;

pub(super) fn run(args: &Bind, out: &mut Out) -> Result<Status, Failure> {
    if let Some(path) = &args.executor {
        not_both_stdin(path, &args.intent)?;
    }
    let executor = match executor(args) {
        Ok(executor) => executor,
        Err(Failure::Refused { refusals, .. }) => return refused(args, &refusals, out),
        Err(failure @ Failure::Call { .. }) => return Err(failure),
    };
    let intent = document::read(&args.intent)?;
    out::notes(executor.notes());
    let mut binder = Binder::new(&executor);
    if !args.lexical && is_here(executor.os()) {
        binder = binder.observe(&HostFs);
    }
    match binder.bind_json(&intent) {
        Ok(binding) => {
            match args.format {
                BindFormat::Json => out.line(&binding.to_json())?,
                BindFormat::Table => out.text(&table(&binding, out::width()))?,
                BindFormat::Jsonl => lines(&binding, out)?,
            }
            Ok(Status::Done)
        }
        Err(refusals) => refused(args, &refusals, out),
    }
}

fn executor(args: &Bind) -> Result<Executor, Failure> {
    let executor = match &args.executor {
        Some(path) => document::executor(path)?,
        None => document::this_machine()?,
    };
    if !args.adopt_roots {
        return Ok(executor);
    }
    let adopting = executor.to_builder().root_authority(RootAuthority::AdoptRequested).build();
    adopting.map_err(|refusals| Failure::Refused { document: name(args, Input::Executor), refusals })
}

fn name(args: &Bind, input: Input) -> String {
    match (input, &args.executor) {
        (Input::Executor, Some(path)) => document::name(path),
        (Input::Executor, None) => "the facts of this machine".to_owned(),
        (_, _) => document::name(&args.intent),
    }
}

fn refused(args: &Bind, refusals: &Refusals, out: &mut Out) -> Result<Status, Failure> {
    match args.format {
        BindFormat::Json => out.line(&refusals.to_json())?,
        BindFormat::Table => {}
        BindFormat::Jsonl => {
            for refusal in refusals {
                out.line(&super::decide::json(refusal)?)?;
            }
        }
    }
    out.flush()?;
    out::refused(refusals, |input| name(args, input));
    Ok(Status::No)
}

fn lines(binding: &Binding, out: &mut Out) -> Result<(), Failure> {
    let Some(policy) = binding.policy() else {
        out::note(&format!("the outcome is {}: there are no entries to account for", binding.outcome()));
        return Ok(());
    };
    for record in policy.audit() {
        out.line(&record.to_json_line())?;
    }
    Ok(())
}

/// Where the texts beside the labels start: a digest of 71 characters then ends in column 80.
const LABELS: usize = 9;

fn table(binding: &Binding, width: Option<usize>) -> String {
    let mut text = String::new();
    let mut row = |label: &str, cell: Cell| text.push_str(&labelled(label, LABELS, &cell, width));
    row("outcome", Cell::new(binding.outcome(), BOLD));
    match binding {
        Binding::Unsandboxed | Binding::Disabled => {}
        Binding::External { network } | Binding::Unrestricted { network } => {
            row("network", network.as_str().into());
        }
        Binding::Restricted(policy) => {
            row("os", policy.os().as_str().into());
            row("executor", policy.executor().into());
            row("network", policy.network().as_str().into());
            row("observed", if policy.is_observed() { "yes" } else { "no, only text was read" }.into());
            row("flags", flags(policy).into());
            row("digest", policy.digest().into());
            text.push_str(&details(policy, width));
        }
    }
    if let Some(message) = open_message(binding) {
        text.push_str(&labelled("meaning", LABELS, &message.into(), width));
    }
    text
}

fn flags(policy: &BoundPolicy) -> String {
    let flags = [
        (policy.full_read(), "full_read"),
        (policy.full_write(), "full_write"),
        (policy.platform_defaults(), "platform_defaults"),
    ];
    let set: Vec<&str> = flags.into_iter().filter(|(set, _)| *set).map(|(_, name)| name).collect();
    if set.is_empty() { "none".to_owned() } else { set.join(", ") }
}

/// Everything below the header: a section for each list that is not empty.
fn details(policy: &BoundPolicy, width: Option<usize>) -> String {
    let mut text = format!("\n{}", audit(policy.audit(), width));
    let mut section = |title: &str, body: String| {
        if !body.is_empty() {
            let _ = write!(text, "\n{BOLD}{title}{BOLD:#}\n{body}");
        }
    };
    section("Writable", policy.writable_roots().iter().map(|root| writable(root, width)).collect());
    let places =
        |places: &[Place]| places.iter().map(|place| labelled("", 2, &names(place).into(), width)).collect();
    section("Readable", places(policy.readable_roots()));
    section("Denied", places(policy.denied()));
    let pattern = |base: &Place, tail: &str| {
        let base = names(base);
        labelled("", 2, &format!("{tail} below {base}").into(), width)
    };
    section("Denied patterns", policy.deny_patterns().iter().map(|p| pattern(p.base(), p.tail())).collect());
    let risk = |risk: &bindery::Risk| {
        let places: Vec<&str> = risk.places().iter().map(bindery::NativePath::as_str).collect();
        let places = if places.is_empty() { String::new() } else { format!(" {}", places.join(", ")) };
        labelled("", 2, &format!("{}: {}{places}", risk.code(), risk.text()).into(), width)
    };
    section("Not promised", policy.residual_risks().iter().map(risk).collect());
    let note = |note: &bindery::Note| {
        let at = if note.pointer().is_empty() { String::new() } else { format!("{}: ", note.pointer()) };
        labelled("", 2, &format!("{at}{}", note.text()).into(), width)
    };
    section("Notes", policy.notes().iter().map(note).collect());
    text
}

fn audit(records: &[Record], width: Option<usize>) -> String {
    let rows = records.iter().map(|record| {
        let (became, style) = match record.outcome() {
            Outcome::Inert(reason) => (format!("inert: {}", reason.as_str()), MIXED),
            Outcome::Bound if record.paths().is_empty() => ("flag".to_owned(), Style::new()),
            Outcome::Bound => (record.paths().join(" = "), Style::new()),
        };
        let hazard = record.hazard().map(|code| format!(" ({code})")).unwrap_or_default();
        let position = record.pointer().rsplit('/').next().unwrap_or_default();
        let access = match record.access() {
            EntryAccess::Read => Style::new(),
            EntryAccess::Write => GOOD,
            EntryAccess::Deny => BAD,
        };
        [
            position.into(),
            Cell::new(record.access().as_str(), access),
            record.said().into(),
            Cell::new(&format!("{became}{hazard}"), style),
        ]
    });
    columns(["#", "access", "entry", "became"], rows.collect(), width)
}

/// A place by both its names.
fn names(place: &Place) -> String {
    if place.path() == place.resolved() {
        return place.path().to_string();
    }
    format!("{} = {}", place.path(), place.resolved())
}

fn writable(root: &WritableRoot, width: Option<usize>) -> String {
    let mut text = labelled("", 2, &names(root.place()).into(), width);
    let mut carve = |label: &str, what: &str| {
        text.push_str(&labelled(&format!("    {label}"), CARVES, &what.into(), width));
    };
    for place in root.read_only() {
        carve("read only", &names(place));
    }
    for place in root.denied() {
        carve("denied", &names(place));
    }
    if !root.protected_names().is_empty() {
        carve("protected", &root.protected_names().join(" "));
    }
    text
}

/// Where the carve-outs of a writable root start.
const CARVES: usize = 15;
