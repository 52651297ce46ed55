//! The commands. Each reads its documents, asks the library, and prints what the library says; nothing is decided
//! here.

mod args;
mod bind;
mod check;
mod decide;
mod diff;
mod document;
mod out;
mod table;
mod verify;

use args::{Args, Command, SchemaName};
use clap::Parser as _;
use out::{Failure, Out};
use std::process::ExitCode;

/// How a call ended, and its exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    /// 0: done, and the answer is not no.
    Done,
    /// 1: the answer is no: refused, denied, changed, different.
    No,
    /// 2: the call, a file or a line of input could not be used.
    Unusable,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        match status {
            Status::Done => Self::SUCCESS,
            Status::No => Self::from(1),
            Status::Unusable => Self::from(2),
        }
    }
}

/// Runs the call that the process was started with.
pub(crate) fn main() -> ExitCode {
    let args = Args::parse();
    let mut out = Out::new();
    let status = run(&args.command, &mut out).and_then(|status| out.finish().map(|()| status));
    status
        .unwrap_or_else(|failure| {
            let status = failure.status();
            out::report(&failure);
            status
        })
        .into()
}

fn run(command: &Command, out: &mut Out) -> Result<Status, Failure> {
    match command {
        Command::Bind(args) => bind::run(args, out),
        Command::Decide(args) => decide::run(args, out),
        Command::Explain(args) => decide::explain(args, out),
        Command::Verify(args) => verify::run(args, out),
        Command::Diff(args) => diff::run(args, out),
        Command::Check(args) => check::run(args, out),
        Command::Executor => executor(out),
        Command::Schema { name } => {
            out.data(match name {
                SchemaName::Intent => bindery::schema::INTENT,
                SchemaName::Executor => bindery::schema::EXECUTOR,
                SchemaName::Policy => bindery::schema::POLICY,
                SchemaName::Decision => bindery::schema::DECISION,
            })?;
            Ok(Status::Done)
        }
    }
}

fn executor(out: &mut Out) -> Result<Status, Failure> {
    let executor = document::this_machine()?;
    out.line(&executor.to_json())?;
    out::notes(executor.notes());
    Ok(Status::Done)
}
