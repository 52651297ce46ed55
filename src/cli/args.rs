//! The arguments, and everything that `--help` says.

use bindery::Access;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

/// Binds portable sandbox intent to the machine that has to enforce it.
///
/// An orchestrator sends what a command may read and write; the facts of one executor say where that is. Bound
/// together they give a policy of native absolute paths, answers with their reason, and an audit.
#[derive(Debug, Parser)]
#[command(name = "bindery", bin_name = "bindery", version, max_term_width = 80, after_help = AFTER)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

const AFTER: &str = "\
Examples:
  bindery bind --executor build-7.json request.json > policy.json
  bindery explain --policy policy.json /srv/ws/.git/config write
  bindery bind --format table request.json

Exit status:
  0  done
  1  the answer is no: refused, denied, changed, different
  2  the call, a file or a line of input could not be used

Data goes to standard output, messages to standard error. `-` as a file is
standard input. Tables are as wide as the terminal, or as COLUMNS says; they
are never wrapped when piped without it. NO_COLOR turns colours off.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Bind an intent to an executor and print the bound policy
    #[command(after_help = "\
Examples:
  bindery bind --executor build-7.json request.json
  bindery bind --executor build-7.json --format table request.json
  bindery bind --adopt-roots request.json
  orchestrator | bindery bind --executor build-7.json - > policy.json

Exit status: 0 bound, 1 refused (every reason is listed), 2 a file or the call
could not be used.")]
    Bind(Bind),
    /// Answer queries, one JSON object a line, with one decision a line
    #[command(after_help = "\
Examples:
  echo '{\"path\":\"/srv/ws/a\",\"access\":\"write\"}' |
    bindery decide --policy policy.json
  bindery decide --observe --policy policy.json < queries.jsonl

A query has a path (or path_hex, for names that are not UTF-8) and an access:
read, write, read_tree or write_tree. Answers come in the same order, each as
soon as its query is read. A line that is no query is answered by an object
with an error in its place, and the exit status is 2 at the end.

Exit status: 0 every line is answered, also where the answer is deny; 1 the
policy is refused; 2 a line, a file or the call could not be used.")]
    Decide(Decide),
    /// Say in words what decides on a path, and what lost
    #[command(after_help = "\
Examples:
  bindery explain --policy policy.json /srv/ws/.git/config
  bindery explain --policy policy.json /srv/ws write_tree

Exit status: 0 allowed, 1 denied, also in part, or the policy is refused; 2 a
file or the call could not be used.")]
    Explain(Explain),
    /// Ask whether everything is still as it was when the policy was bound
    #[command(after_help = "\
Examples:
  bindery verify --policy policy.json
  bindery verify --policy policy.json && run-in-sandbox policy.json

Looks again at everything that binding looked at, on this machine, and lists
every difference: links, replaced objects, mounts, names of files, repositories.

Exit status: 0 unchanged, 1 changed, or the policy is refused; 2 a file or the
call could not be used, or the policy was bound by text alone.")]
    Verify(Verify),
    /// Show what two bound policies allow differently
    #[command(after_help = "\
Examples:
  bindery diff yesterday.json today.json
  bindery diff --format json yesterday.json today.json

Exit status: 0 no difference found, 1 different, or a policy is refused; 2 a
file or the call could not be used.")]
    Diff(Diff),
    /// Read and validate an intent without binding it
    #[command(after_help = "\
Examples:
  bindery check request.json
  orchestrator | bindery check -

Exit status: 0 valid, 1 refused (every reason is listed), 2 a file or the call
could not be used.")]
    Check(Check),
    /// Print this machine's facts, as a start for an executor file
    #[command(after_help = "\
Examples:
  bindery executor > this-machine.json

The current directory is the one workspace root. Volumes, links on the way to
these places and drives are looked at. What is left out is not known or is said
on standard error.")]
    Executor,
    /// Print the JSON Schema of a document
    #[command(after_help = "\
Examples:
  bindery schema intent > intent.schema.json")]
    Schema {
        /// The document
        #[arg(value_enum)]
        name: SchemaName,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Bind {
    /// The executor's facts (bindery.executor/1). Without it: the facts of this machine, with the current
    /// directory as its one workspace root
    #[arg(long, value_name = "FILE")]
    pub(super) executor: Option<PathBuf>,
    /// Take the roots that the intent names as roots, whether the executor offers them or not
    #[arg(long)]
    pub(super) adopt_roots: bool,
    /// Bind by text alone. Without it the file system is looked at, if the executor's OS is this machine's
    #[arg(long)]
    pub(super) lexical: bool,
    /// json: the binding; table: for people; jsonl: the audit, one record a line
    #[arg(long, value_enum, default_value_t = BindFormat::Json, hide_possible_values = true, value_name = "json|table|jsonl")]
    pub(super) format: BindFormat,
    /// A process/start request, its params, or a sandbox context
    pub(super) intent: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct Decide {
    /// What `bindery bind` printed, or the policy in it
    #[arg(long, value_name = "FILE")]
    pub(super) policy: PathBuf,
    /// Also look where each path leads on this machine: it must be allowed there, too
    #[arg(long)]
    pub(super) observe: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Verify {
    /// What `bindery bind` printed, or the policy in it
    #[arg(long, value_name = "FILE")]
    pub(super) policy: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    /// What `bindery bind` printed, or the policy in it
    #[arg(long, value_name = "FILE")]
    pub(super) policy: PathBuf,
    /// An absolute path as the policy's OS spells it
    pub(super) path: OsString,
    /// Without it: read and write
    #[arg(value_parser = access())]
    pub(super) access: Option<Access>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Diff {
    /// table: for people; json: one difference a line
    #[arg(long, value_enum, default_value_t = DiffFormat::Table, hide_possible_values = true, value_name = "table|json")]
    pub(super) format: DiffFormat,
    /// What `bindery bind` printed, or the policy in it
    pub(super) a: PathBuf,
    /// What to compare it with
    pub(super) b: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// A process/start request, its params, or a sandbox context
    pub(super) intent: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum BindFormat {
    Json,
    Table,
    Jsonl,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DiffFormat {
    Table,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaName {
    Intent,
    Executor,
    Policy,
    Decision,
}

/// Reads the word of an access.
fn access() -> impl clap::builder::TypedValueParser<Value = Access> {
    PossibleValuesParser::new(Access::ALL.map(Access::as_str))
        .try_map(|word| Access::from_word(&word).ok_or("not an access"))
}
