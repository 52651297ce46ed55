//! `bindery diff`.

use super::Status;
use super::args::{Diff, DiffFormat};
use super::document::{self, not_both_stdin};
use super::out::{self, BAD, Failure, GOOD, MIXED, Out};
use super::table::{Cell, columns};
use bindery::{Answer, Binding, Difference};

/// A difference that no path shows.
struct Whole {
    what: &'static str,
    left: &'static str,
    right: &'static str,
}

pub(super) fn run(args: &Diff, out: &mut Out) -> Result<Status, Failure> {
    not_both_stdin(&args.a, &args.b)?;
    let (a, b) = (document::binding(&args.a)?, document::binding(&args.b)?);
    let mut whole = vec![
        Whole { what: "outcome", left: a.outcome(), right: b.outcome() },
        Whole { what: "network", left: network(&a), right: network(&b) },
    ];
    let mut paths = Vec::new();
    if let (Some(a), Some(b)) = (a.policy(), b.policy()) {
        whole.push(Whole { what: "os", left: a.os().as_str(), right: b.os().as_str() });
        if a.os() == b.os() {
            paths = bindery::diff(a, b);
        } else {
            out::note("the policies are for two systems, so their paths are not compared");
        }
        if paths.is_empty() && a.os() == b.os() && a.digest() != b.digest() {
            out::note("no path is answered differently, but the digests differ");
        }
    }
    whole.retain(|difference| difference.left != difference.right);
    match args.format {
        DiffFormat::Table => table(&whole, &paths, out)?,
        DiffFormat::Json => lines(&whole, &paths, out)?,
    }
    Ok(if whole.is_empty() && paths.is_empty() { Status::Done } else { Status::No })
}

fn network(binding: &Binding) -> &'static str {
    match binding {
        Binding::Unsandboxed | Binding::Disabled => "-",
        Binding::External { network } | Binding::Unrestricted { network } => network.as_str(),
        Binding::Restricted(policy) => policy.network().as_str(),
    }
}

fn lines(whole: &[Whole], paths: &[Difference], out: &mut Out) -> Result<(), Failure> {
    for Whole { what, left, right } in whole {
        out.line(&serde_json::json!({"left": left, "right": right, "what": what}).to_string())?;
    }
    for difference in paths {
        out.line(&difference.to_json())?;
    }
    Ok(())
}

fn table(whole: &[Whole], paths: &[Difference], out: &mut Out) -> Result<(), Failure> {
    let width = out::width();
    if !whole.is_empty() {
        let rows = whole.iter().map(|d| [d.what.into(), d.left.into(), d.right.into()]).collect();
        out.text(&columns(["what", "A", "B"], rows, width))?;
    }
    if !whole.is_empty() && !paths.is_empty() {
        out.text("\n")?;
    }
    if !paths.is_empty() {
        let rows = paths.iter().map(|difference| {
            let access = difference.access().as_str().into();
            [access, answer(difference.left()), answer(difference.right()), difference.path().into()]
        });
        out.text(&columns(["access", "A", "B", "path"], rows.collect(), width))?;
    }
    Ok(())
}

fn answer(answer: Answer) -> Cell {
    let style = match answer {
        Answer::Allow => GOOD,
        Answer::Partial => MIXED,
        Answer::Deny => BAD,
    };
    Cell::new(answer.as_str(), style)
}
