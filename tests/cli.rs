//! The command line as a person and a program meet it: what is printed where, and every exit status.
//!
//! Helpers are marked as code of tests, which lints do not see in a file of tests by themselves.
#![cfg(feature = "cli")]

use insta::assert_snapshot;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::Stdio;
use tempfile::TempDir;

const BINDERY: &str = env!("CARGO_BIN_EXE_bindery");
/// What would change a message.
const NOISE: [&str; 5] = ["COLUMNS", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM"];

/// A folder to run in, so that messages hold short names.
struct Folder(TempDir);

/// How a call ended.
#[derive(Debug)]
struct Run {
    status: Option<i32>,
    out: String,
    err: String,
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { status, out, err } = self;
        let status = status.map_or_else(|| "none".to_owned(), |status| status.to_string());
        writeln!(f, "status {status}\n--- standard output")?;
        for line in out.lines() {
            writeln!(f, "{}", without_digest(line))?;
        }
        write!(f, "--- standard error\n{err}")
    }
}

/// What a digest is changes with everything that a policy is bound from; that it is there does not.
fn without_digest(line: &str) -> String {
    match line.split_once("sha256:") {
        Some((before, digits)) if digits.len() == 64 => format!("{before}sha256:(64 digits)"),
        _ => line.to_owned(),
    }
}

#[cfg(test)]
impl Folder {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        [self.0.path(), name.as_ref()].iter().collect()
    }

    fn put(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// Copies a fixture here, by its file name.
    fn fixture(&self, from: &str, name: &str) {
        let fixture = format!("{}/fixtures/{from}", env!("CARGO_MANIFEST_DIR"));
        self.put(name, std::fs::read(fixture).unwrap());
    }

    fn command(&self, arguments: &[&str]) -> assert_cmd::Command {
        let mut command = assert_cmd::Command::new(BINDERY);
        command.args(arguments).current_dir(self.0.path());
        for name in NOISE {
            command.env_remove(name);
        }
        command
    }

    fn run(&self, arguments: &[&str]) -> Run {
        Self::ended(&mut self.command(arguments))
    }

    fn run_with(&self, arguments: &[&str], input: impl Into<Vec<u8>>) -> Run {
        Self::ended(self.command(arguments).write_stdin(input))
    }

    fn ended(command: &mut assert_cmd::Command) -> Run {
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Run { status: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Binds a real request, as `policy.json`.
    fn bound(request: &str) -> Self {
        let folder = Self::new();
        folder.fixture("executors/linux.json", "build-7.json");
        folder.fixture(&format!("real/{request}"), "request.json");
        let run = folder.run(&["bind", "--lexical", "--executor", "build-7.json", "request.json"]);
        assert_eq!(run.status, Some(0), "{run}");
        folder.put("policy.json", run.out);
        folder
    }
}

#[cfg(test)]
fn context(entries: &Value) -> String {
    let file_system = json!({"type": "restricted", "entries": entries});
    json!({"permissions": {"type": "managed", "network": "restricted", "file_system": file_system}})
        .to_string()
}

#[cfg(test)]
fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn widest(text: &str) -> usize {
    text.lines().map(|line| line.chars().count()).max().unwrap_or(0)
}

const COMMANDS: [&str; 8] = ["bind", "decide", "explain", "verify", "diff", "check", "executor", "schema"];

#[test]
fn every_help_fits_80_columns_and_has_examples() {
    let folder = Folder::new();
    let calls = COMMANDS.iter().map(|command| vec![*command, "--help"]).chain([vec!["--help"]]);
    for call in calls {
        let run = folder.run(&call);
        assert_eq!((run.status, run.err.as_str()), (Some(0), ""), "{call:?}");
        assert!(run.out.contains("Examples:\n  "), "{call:?}: {}", run.out);
        assert!(widest(&run.out) <= 80, "{call:?}: {}", run.out);
    }
}

#[test]
fn help_says_what_there_is() {
    assert_snapshot!(Folder::new().run(&["--help"]), @r"
    status 0
    --- standard output
    Binds portable sandbox intent to the machine that has to enforce it.

    An orchestrator sends what a command may read and write; the facts of one
    executor say where that is. Bound together they give a policy of native absolute
    paths, answers with their reason, and an audit.

    Usage: bindery <COMMAND>

    Commands:
      bind      Bind an intent to an executor and print the bound policy
      decide    Answer queries, one JSON object a line, with one decision a line
      explain   Say in words what decides on a path, and what lost
      verify    Ask whether everything is still as it was when the policy was bound
      diff      Show what two bound policies allow differently
      check     Read and validate an intent without binding it
      executor  Print this machine's facts, as a start for an executor file
      schema    Print the JSON Schema of a document
      help      Print this message or the help of the given subcommand(s)

    Options:
      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

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
    are never wrapped when piped without it. NO_COLOR turns colours off.
    --- standard error
    ");
}

#[test]
fn help_of_bind_says_what_is_taken_without_an_executor() {
    assert_snapshot!(Folder::new().run(&["bind", "--help"]), @r"
    status 0
    --- standard output
    Bind an intent to an executor and print the bound policy

    Usage: bindery bind [OPTIONS] <INTENT>

    Arguments:
      <INTENT>  A process/start request, its params, or a sandbox context

    Options:
          --executor <FILE>
              The executor's facts (bindery.executor/1). Without it: the facts of
              this machine, with the current directory as its one workspace root
          --adopt-roots
              Take the roots that the intent names as roots, whether the executor
              offers them or not
          --lexical
              Bind by text alone. Without it the file system is looked at, if the
              executor's OS is this machine's
          --format <json|table|jsonl>
              json: the binding; table: for people; jsonl: the audit, one record a
              line [default: json]
      -h, --help
              Print help

    Examples:
      bindery bind --executor build-7.json request.json
      bindery bind --executor build-7.json --format table request.json
      bindery bind --adopt-roots request.json
      orchestrator | bindery bind --executor build-7.json - > policy.json

    Exit status: 0 bound, 1 refused (every reason is listed), 2 a file or the call
    could not be used.
    --- standard error
    ");
}

#[test]
fn a_call_that_makes_no_sense_ends_with_2() {
    let folder = Folder::bound("workspace_write.json");
    let calls: [&[&str]; 10] = [
        &[],
        &["bind"],
        &["fly"],
        &["bind", "--observe", "request.json"],
        &["bind", "--format", "yaml", "request.json"],
        &["bind", "--executor", "-", "-"],
        &["diff", "-", "-"],
        &["decide", "--policy", "-"],
        &["explain", "--policy", "policy.json", "/x", "fly"],
        &["schema", "world"],
    ];
    for call in calls {
        let run = folder.run(call);
        assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{call:?}: {run}");
        assert!(!run.err.is_empty(), "{call:?}");
    }
}

#[test]
fn a_file_that_cannot_be_read_ends_with_2_and_is_named() {
    let folder = Folder::bound("workspace_write.json");
    let calls: [&[&str]; 8] = [
        &["bind", "missing.json"],
        &["bind", "--executor", "missing.json", "request.json"],
        &["check", "missing.json"],
        &["decide", "--policy", "missing.json"],
        &["verify", "--policy", "missing.json"],
        &["explain", "--policy", "missing.json", "/x"],
        &["diff", "policy.json", "missing.json"],
        &["check", "."],
    ];
    for call in calls {
        let run = folder.run(call);
        assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{call:?}: {run}");
        assert!(run.err.starts_with("error: cannot read "), "{call:?}: {run}");
    }
}

#[test]
fn bind_prints_a_policy_that_reads_back() {
    let folder = Folder::bound("workspace_write.json");
    let binding = parse(&std::fs::read_to_string(folder.path("policy.json")).unwrap());
    assert_eq!(binding["outcome"], "restricted");
    assert_eq!(binding["policy"]["writable_roots"][0]["path"], "/srv/agent/ws");
    folder.put("bare.json", binding["policy"].to_string());
    for policy in ["policy.json", "bare.json"] {
        let run = folder.run(&["explain", "--policy", policy, "/srv/agent/ws/a", "write"]);
        assert_eq!(run.status, Some(0), "{run}");
    }
}

#[test]
fn bind_reads_standard_input() {
    let folder = Folder::bound("workspace_write.json");
    let request = std::fs::read(folder.path("request.json")).unwrap();
    let policy = std::fs::read_to_string(folder.path("policy.json")).unwrap();
    let run = folder.run_with(&["bind", "--lexical", "--executor", "build-7.json", "-"], request);
    assert_eq!((run.status, &run.out), (Some(0), &policy));
}

#[test]
fn every_other_outcome_is_printed_as_it_is() {
    let folder = Folder::bound("danger_full_access.json");
    let profiles = [
        r#"{"permissions":{"type":"disabled"}}"#,
        r#"{"permissions":{"type":"external","network":"restricted"}}"#,
        r#"{"permissions":{"type":"managed","network":"enabled","file_system":{"type":"unrestricted"}}}"#,
    ];
    let mut shown = std::fs::read_to_string(folder.path("policy.json")).unwrap();
    for profile in profiles {
        let bind = |format| {
            folder.run_with(
                &["bind", "--lexical", "--executor", "build-7.json", "--format", format, "-"],
                profile,
            )
        };
        for format in ["json", "table", "jsonl"] {
            let run = bind(format);
            assert_eq!(run.status, Some(0), "{run}");
            let _ = write!(shown, "{format}: {}{}", run.out, run.err);
        }
    }
    assert_snapshot!(shown, @r#"
    {
      "outcome": "unsandboxed"
    }
    json: {
      "outcome": "disabled"
    }
    table: outcome  disabled
    meaning  the profile says that there is no sandbox, so nothing is denied
    jsonl: note: the outcome is disabled: there are no entries to account for
    json: {
      "network": "restricted",
      "outcome": "external"
    }
    table: outcome  external
    network  restricted
    meaning  someone else isolates the file system; bindery has no rules for it
    jsonl: note: the outcome is external: there are no entries to account for
    json: {
      "network": "enabled",
      "outcome": "unrestricted"
    }
    table: outcome  unrestricted
    network  enabled
    meaning  the profile does not restrict the file system
    jsonl: note: the outcome is unrestricted: there are no entries to account for
    "#);
}

#[test]
fn a_table_on_a_pipe_keeps_every_row_on_its_line() {
    let folder = Folder::bound("workspace_write.json");
    let run =
        folder.run(&["bind", "--lexical", "--executor", "build-7.json", "--format", "table", "request.json"]);
    assert_snapshot!(run, @r"
    status 0
    --- standard output
    outcome  restricted
    os       linux
    executor build-7
    network  restricted
    observed no, only text was read
    flags    full_read
    digest   sha256:(64 digits)

    #  access  entry                     became
    0  read    :root                     /
    1  write   :workspace_roots          /srv/agent/ws
    2  write   :slash_tmp                /tmp
    3  write   :tmpdir                   /tmp/run-1
    4  read    :workspace_roots/.git     /srv/agent/ws/.git
    5  read    :workspace_roots/.agents  /srv/agent/ws/.agents
    6  read    :workspace_roots/.codex   /srv/agent/ws/.codex
    7  read    :workspace_roots/.aws     /srv/agent/ws/.aws

    Writable
      /srv/agent/ws
        read only  /srv/agent/ws/.agents
        read only  /srv/agent/ws/.aws
        read only  /srv/agent/ws/.codex
        read only  /srv/agent/ws/.git
        protected  .agents .codex .git
      /tmp
        protected  .agents .codex .git
      /tmp/run-1
        protected  .agents .codex .git

    Readable
      /

    Not promised
      not_observed: Only text was read: links, mounts, hard links and short names on the way are unknown.
    --- standard error
    ");
}

#[test]
fn a_table_fits_80_columns_by_wrapping() {
    let folder = Folder::new();
    folder.fixture("executors/macos.json", "mac-3.json");
    let entries = json!([
        {"path": ":workspace_roots", "access": "write"},
        {"path": ":workspace_roots/packages/a-rather-long-name/src/generated", "access": "read"},
        {"path": "file:///var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T/some%20place", "access": "write"},
        {"path": {"glob": ":workspace_roots/**/.env"}, "access": "deny"},
        {"path": ":toolchains/of/nobody", "access": "read"},
    ]);
    folder.put("request.json", context(&entries));
    let call = ["bind", "--lexical", "--executor", "mac-3.json", "--format", "table", "request.json"];
    let run = Folder::ended(folder.command(&call).env("COLUMNS", "80"));
    assert!(widest(&run.out) <= 80, "{run}");
    assert_snapshot!(run, @r"
    status 0
    --- standard output
    outcome  restricted
    os       macos
    executor mac-3
    network  restricted
    observed no, only text was read
    flags    none
    digest   sha256:(64 digits)

    #  access  entry                              became
    0  write   :workspace_roots                   /Users/dev/ws
    0  write   :workspace_roots                   /Users/dev/extra
    1  read    :workspace_roots/packages/         /Users/dev/ws/packages/
               a-rather-long-name/src/generated   a-rather-long-name/src/generated
    1  read    :workspace_roots/packages/         /Users/dev/extra/packages/
               a-rather-long-name/src/generated   a-rather-long-name/src/generated
    2  write   file:///var/folders/zz/            /var/folders/zz/zyxvpxvq6csfxvn_n0
               zyxvpxvq6csfxvn_n0000000000000/T/  000000000000/T/some place = /
               some%20place                       private/var/folders/zz/
                                                  zyxvpxvq6csfxvn_n0000000000000/T/
                                                  some place
    3  deny    :workspace_roots/**/.env           /Users/dev/ws
    3  deny    :workspace_roots/**/.env           /Users/dev/extra
    4  read    :toolchains/of/nobody              /opt/tc/of/nobody

    Writable
      /var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T/some place = /private/var/
      folders/zz/zyxvpxvq6csfxvn_n0000000000000/T/some place
        protected  .agents .codex .git
      /Users/dev/extra
        read only  /Users/dev/extra/packages/a-rather-long-name/src/generated
        protected  .agents .codex .git
      /Users/dev/ws
        read only  /Users/dev/ws/packages/a-rather-long-name/src/generated
        protected  .agents .codex .git

    Readable
      /opt/tc/of/nobody
      /var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T/some place = /private/var/
      folders/zz/zyxvpxvq6csfxvn_n0000000000000/T/some place
      /Users/dev/extra
      /Users/dev/ws

    Denied patterns
      **/.env below /Users/dev/extra
      **/.env below /Users/dev/ws

    Not promised
      not_observed: Only text was read: links, mounts, hard links and short names
      on the way are unknown.
      patterns_are_live: A decision matches files that are made later; a builder
      that expands patterns covers only what it found.
    --- standard error
    ");
}

#[test]
fn a_table_never_moves_the_cursor() {
    let folder = Folder::bound("workspace_write.json");
    let entries = json!([{"path": "file:///srv/a%1B%5B2Jb%0Ac%E2%80%AEd", "access": "read"}]);
    let call = ["bind", "--lexical", "--executor", "build-7.json", "--format", "table", "-"];
    let run = folder.run_with(&call, context(&entries));
    assert!(run.out.contains(r"/srv/a\u{1b}[2Jb\u{a}c\u{202e}d"), "{run}");
    assert!(!run.out.contains(['\u{1b}', '\u{202e}']), "{run}");
}

#[test]
fn jsonl_is_one_audit_record_a_line() {
    let folder = Folder::bound("workspace_write.json");
    let run =
        folder.run(&["bind", "--lexical", "--executor", "build-7.json", "--format", "jsonl", "request.json"]);
    let records: Vec<Value> = run.out.lines().map(parse).collect();
    assert_eq!(records.len(), 8);
    assert!(records.iter().all(|record| record["schema"] == "bindery.audit/1"));
    assert_eq!(records[1]["paths"], json!(["/srv/agent/ws"]));
    assert_eq!((run.status, run.err.as_str()), (Some(0), ""));
}

#[test]
fn a_refusal_lists_every_error_for_programs_and_for_people() {
    let folder = Folder::bound("workspace_write.json");
    let entries = json!([
        {"path": ":workspace_roots/../x", "access": "deny"},
        {"path": "/srv/native", "access": "read"},
        {"path": ":workspace_roots", "access": "write"},
    ]);
    let run = folder.run_with(&["bind", "--lexical", "--executor", "build-7.json", "-"], context(&entries));
    assert_snapshot!(run, @r#"
    status 1
    --- standard output
    {
      "errors": [
        {
          "code": "subpath_dot_segment",
          "help": "Write the subpath without . and .. segments.",
          "input": "intent",
          "message": "the subpath `../x` has the segment `..`",
          "pointer": "/permissions/file_system/entries/0/path",
          "rule": "S-9",
          "value": ".."
        },
        {
          "code": "path_not_portable",
          "help": "Write a symbol such as :workspace_roots/src or a file: URI; a native path means nothing elsewhere.",
          "input": "intent",
          "message": "`/srv/native` is not a file: URI",
          "pointer": "/permissions/file_system/entries/1/path",
          "rule": "I-9",
          "value": "/srv/native"
        }
      ],
      "input": "intent",
      "outcome": "refused"
    }
    --- standard error
    error: the subpath `../x` has the segment `..` [subpath_dot_segment]
      at    /permissions/file_system/entries/0/path in standard input
      rule  S-9
      help  Write the subpath without . and .. segments.

    error: `/srv/native` is not a file: URI [path_not_portable]
      at    /permissions/file_system/entries/1/path in standard input
      rule  I-9
      help  Write a symbol such as :workspace_roots/src or a file: URI; a native path means nothing elsewhere.

    refused: 2 errors
    "#);
}

#[test]
fn a_refusal_in_another_format_keeps_to_that_format() {
    let folder = Folder::bound("workspace_write.json");
    let bind = |format| {
        let call = ["bind", "--lexical", "--executor", "build-7.json", "--format", format, "-"];
        folder.run_with(&call, "[]")
    };
    assert_snapshot!(bind("jsonl"), @r#"
    status 1
    --- standard output
    {"code":"wrong_type","help":"Use the JSON type that docs/reference.md gives for this field.","input":"intent","message":"expected an object, found an array","pointer":"","rule":"I-2","value":"an array"}
    --- standard error
    error: expected an object, found an array [wrong_type]
      at    standard input
      rule  I-2
      help  Use the JSON type that docs/reference.md gives for this field.

    refused: 1 error
    "#);
    assert_eq!(bind("table").out, "");
    assert_eq!(bind("table").err, bind("jsonl").err);
}

#[test]
fn what_a_file_says_wrong_is_a_refusal_and_not_a_failure() {
    let folder = Folder::bound("workspace_write.json");
    folder.put("bad.json", "{");
    for call in [["bind", "bad.json"], ["check", "bad.json"]] {
        let run = folder.run(&call);
        assert_eq!(run.status, Some(1), "{run}");
        assert_eq!(parse(&run.out)["errors"][0]["code"], "not_json");
    }
    let calls: [&[&str]; 3] = [
        &["decide", "--policy", "bad.json"],
        &["explain", "--policy", "bad.json", "/"],
        &["diff", "bad.json", "bad.json"],
    ];
    for call in calls {
        let run = folder.run(call);
        assert_eq!((run.status, run.out.as_str()), (Some(1), ""), "{run}");
        assert!(run.err.contains("[not_json]\n  at    bad.json\n"), "{run}");
    }
}

#[test]
fn bad_facts_refuse_the_bind_and_name_their_file() {
    let folder = Folder::bound("workspace_write.json");
    folder.put("bad.json", r#"{"id":"x","os":"linux","home":"C:\\Users\\me"}"#);
    assert_snapshot!(folder.run(&["bind", "--lexical", "--executor", "bad.json", "request.json"]), @r#"
    status 1
    --- standard output
    {
      "errors": [
        {
          "code": "foreign_path",
          "help": "Send a path of the executor's own convention, or a symbol that it binds to its own places.",
          "input": "executor",
          "message": "`C:\\Users\\me` is a path of another operating system, not of linux",
          "pointer": "/home",
          "rule": "U-8",
          "value": "C:\\Users\\me"
        }
      ],
      "input": "executor",
      "outcome": "refused"
    }
    --- standard error
    error: `C:\Users\me` is a path of another operating system, not of linux [foreign_path]
      at    /home in bad.json
      rule  U-8
      help  Send a path of the executor's own convention, or a symbol that it binds to its own places.

    refused: 1 error
    "#);
}

#[test]
fn what_is_ignored_in_the_facts_is_said_and_recorded() {
    let folder = Folder::bound("workspace_write.json");
    let facts = std::fs::read_to_string(folder.path("build-7.json")).unwrap();
    let mut facts = parse(&facts);
    facts["colour"] = "green".into();
    folder.put("more.json", facts.to_string());
    let run = folder.run(&["bind", "--lexical", "--executor", "more.json", "request.json"]);
    let note = "the executor's facts have an unknown field at /colour, which is ignored";
    assert_eq!(run.err, format!("note: {note}\n"));
    assert_eq!(parse(&run.out)["policy"]["notes"][0]["text"], note);
}

#[test]
fn without_an_executor_the_facts_of_this_machine_count_and_the_policy_says_so() {
    let folder = Folder::new();
    folder.put("request.json", context(&json!([{"path": ":workspace_roots/out", "access": "write"}])));
    let run = folder.run(&["bind", "request.json"]);
    assert_eq!(run.status, Some(0), "{run}");
    let policy = &parse(&run.out)["policy"];
    assert_eq!(policy["os"], std::env::consts::OS);
    let here = folder.0.path().file_name().and_then(|name| name.to_str()).unwrap();
    let root = policy["audit"][0]["steps"][0]["after"].as_str().unwrap();
    assert!(root.ends_with(here), "{root}");
    let note = policy["notes"][0]["text"].as_str().unwrap();
    assert_eq!(
        note,
        format!(
            "the facts of this machine are used, with the current directory `{root}` as the one workspace root"
        )
    );
    assert!(run.err.contains(&format!("note: {note}\n")), "{run}");
}

#[test]
fn requested_roots_are_adopted_only_when_the_call_says_so() {
    let folder = Folder::bound("workspace_write.json");
    folder
        .put("bare.json", r#"{"id":"x","os":"linux","workspace_roots":[{"id":"here","path":"/srv/here"}]}"#);
    let run = folder.run(&["bind", "--lexical", "--executor", "bare.json", "request.json"]);
    assert_eq!(run.status, Some(1), "{run}");
    assert!(run.err.contains("[root_not_offered]") && run.err.contains("--adopt-roots"), "{run}");
    let run = folder.run(&["bind", "--lexical", "--adopt-roots", "--executor", "bare.json", "request.json"]);
    assert_eq!(run.status, Some(0), "{run}");
    assert!(run.out.contains("adopted from the request"), "{run}");
}

#[test]
fn decide_answers_every_line_in_its_place() {
    let folder = Folder::bound("workspace_write.json");
    let queries = [
        r#"{"path":"/srv/agent/ws/src/main.rs","access":"write"}"#,
        "",
        r#"{"path":"/srv/agent/ws/.git/config","access":"write"}"#,
        "   \t",
        r#"{"path":"/srv/agent/ws","access":"write_tree"}"#,
        "{\"path\":\"relative\",\"access\":\"read\"}\r",
        r#"{"path_hex":"2f746d702fff","access":"write"}"#,
    ];
    let run = folder.run_with(&["decide", "--policy", "policy.json"], queries.join("\n"));
    assert_snapshot!(run, @r#"
    status 0
    --- standard output
    {"access":"write","decision":"allow","overruled":[{"access":"read","entry":"/params/sandbox/permissions/file_system/entries/0","place":"/","via":"exact"}],"path":"/srv/agent/ws/src/main.rs","reason":{"alias":null,"entry":"/params/sandbox/permissions/file_system/entries/1","message":"`:workspace_roots` lets everything in `/srv/agent/ws` be written","pattern":null,"place":"/srv/agent/ws","query":null,"root":"app","rule":"D-2","via":"exact"}}
    {"access":"write","decision":"deny","overruled":[{"access":"write","entry":"/params/sandbox/permissions/file_system/entries/1","place":"/srv/agent/ws","via":"exact"},{"access":"read","entry":"/params/sandbox/permissions/file_system/entries/0","place":"/","via":"exact"}],"path":"/srv/agent/ws/.git/config","reason":{"alias":null,"entry":"/params/sandbox/permissions/file_system/entries/4","message":"`:workspace_roots/.git` lets `/srv/agent/ws/.git` be read, not written","pattern":null,"place":"/srv/agent/ws/.git","query":null,"root":"app","rule":"D-2","via":"exact"}}
    {"access":"write_tree","decision":"partial","overruled":[{"access":"read","entry":"/params/sandbox/permissions/file_system/entries/0","place":"/","via":"exact"}],"path":"/srv/agent/ws","reason":{"alias":null,"entry":"/params/sandbox/permissions/file_system/entries/1","message":"`:workspace_roots` lets `/srv/agent/ws` be written, but not everything below the path","pattern":null,"place":"/srv/agent/ws","query":null,"root":"app","rule":"D-7","via":"exact"},"under":["/srv/agent/ws/.agents","/srv/agent/ws/.aws","/srv/agent/ws/.codex","/srv/agent/ws/.git"]}
    {"access":"read","decision":"deny","overruled":[],"path":"relative","reason":{"alias":null,"entry":null,"message":"the path is relative","pattern":null,"place":null,"query":"relative","root":null,"rule":"D-6","via":"none"}}
    {"access":"write","decision":"allow","overruled":[{"access":"read","entry":"/params/sandbox/permissions/file_system/entries/0","place":"/","via":"exact"}],"path":"/tmp/�","path_hex":"2f746d702fff","reason":{"alias":null,"entry":"/params/sandbox/permissions/file_system/entries/2","message":"`:slash_tmp` lets everything in `/tmp` be written","pattern":null,"place":"/tmp","query":null,"root":null,"rule":"D-2","via":"exact"}}
    --- standard error
    "#);
}

#[test]
fn a_line_that_is_no_query_is_answered_in_its_place_and_the_call_ends_with_2() {
    let folder = Folder::bound("workspace_write.json");
    let queries = [
        r#"{"path":"/srv/agent/ws/a","access":"write"}"#,
        "what may I do?",
        r#"{"path":7,"access":"fly"}"#,
        r#"{"path":"/srv/agent/ws/b","access":"write"}"#,
    ];
    let run = folder.run_with(&["decide", "--policy", "policy.json"], queries.join("\n"));
    let decisions: Vec<Value> = run.out.lines().map(parse).collect();
    assert_eq!(decisions.len(), 4);
    assert_eq!(
        (&decisions[0]["path"], &decisions[3]["path"]),
        (&json!("/srv/agent/ws/a"), &json!("/srv/agent/ws/b"))
    );
    let malformed = run.out.lines().skip(1).take(2).collect::<Vec<_>>().join("\n");
    assert_snapshot!(malformed, @r#"
    {"error":{"code":"not_json","help":"Send one complete JSON document and nothing after it.","input":"query","message":"the document is not JSON: expected value at line 1 column 1","pointer":"","rule":"I-2","value":""}}
    {"error":{"code":"unknown_word","help":"Use one of the words that docs/reference.md lists for this field.","input":"query","message":"`fly` is not read, write, read_tree or write_tree","pointer":"/access","rule":"E-1","value":"fly"},"others":[{"code":"wrong_type","help":"Use the JSON type that docs/reference.md gives for this field.","input":"query","message":"expected a string, found a number","pointer":"/path","rule":"I-2","value":"a number"}]}
    "#);
    assert_eq!((run.status, run.err.as_str()), (Some(2), ""));
}

#[test]
fn a_decision_comes_before_the_next_query() {
    let folder = Folder::bound("workspace_write.json");
    let mut child = std::process::Command::new(BINDERY)
        .args(["decide", "--policy", "policy.json"])
        .current_dir(folder.0.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut queries = child.stdin.take().unwrap();
    let mut decisions = BufReader::new(child.stdout.take().unwrap()).lines();
    for (path, answer) in [("/srv/agent/ws/a", "allow"), ("/etc/passwd", "deny"), ("/tmp/x", "allow")] {
        writeln!(queries, "{}", json!({"path": path, "access": "write"})).unwrap();
        let decision = parse(&decisions.next().unwrap().unwrap());
        assert_eq!((&decision["path"], &decision["decision"]), (&json!(path), &json!(answer)));
    }
    drop(queries);
    assert!(decisions.next().is_none());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_binding_without_rules_answers_for_whoever_has_them() {
    let folder = Folder::new();
    let bindings = [
        r#"{"outcome":"unsandboxed"}"#,
        r#"{"outcome":"disabled"}"#,
        r#"{"network":"restricted","outcome":"external"}"#,
        r#"{"network":"enabled","outcome":"unrestricted"}"#,
    ];
    let mut shown = String::new();
    for binding in bindings {
        folder.put("binding.json", binding);
        let query = r#"{"path":"C:\\x","access":"write"}"#;
        let run = folder.run_with(&["decide", "--policy", "binding.json"], query);
        assert_eq!(run.status, Some(0), "{run}");
        shown.push_str(&run.out);
        let run = folder.run_with(&["decide", "--policy", "binding.json"], "{}");
        assert_eq!(run.status, Some(2), "{run}");
        assert_eq!(parse(&run.out)["error"]["code"], "missing_field");
        let run = folder.run(&["explain", "--policy", "binding.json", "/x", "read"]);
        assert_eq!(run.status, Some(0), "{run}");
        shown.push_str(&run.out);
    }
    assert_snapshot!(shown, @r#"
    {"access":"write","decision":"allow","overruled":[],"path":"C:\\x","reason":{"alias":null,"entry":null,"message":"the caller asked for no sandbox, so nothing is denied","pattern":null,"place":null,"query":null,"root":null,"rule":"I-6","via":"none"}}
    may read /x
      because  the caller asked for no sandbox, so nothing is denied (I-6)
      outcome  unsandboxed
    {"access":"write","decision":"allow","overruled":[],"path":"C:\\x","reason":{"alias":null,"entry":null,"message":"the profile says that there is no sandbox, so nothing is denied","pattern":null,"place":null,"query":null,"root":null,"rule":"I-6","via":"none"}}
    may read /x
      because  the profile says that there is no sandbox, so nothing is denied (I-6)
      outcome  disabled
    {"access":"write","decision":"allow","overruled":[],"path":"C:\\x","reason":{"alias":null,"entry":null,"message":"someone else isolates the file system; bindery has no rules for it","pattern":null,"place":null,"query":null,"root":null,"rule":"I-6","via":"none"}}
    may read /x
      because  someone else isolates the file system; bindery has no rules for it (I-6)
      outcome  external
    {"access":"write","decision":"allow","overruled":[],"path":"C:\\x","reason":{"alias":null,"entry":null,"message":"the profile does not restrict the file system","pattern":null,"place":null,"query":null,"root":null,"rule":"I-6","via":"none"}}
    may read /x
      because  the profile does not restrict the file system (I-6)
      outcome  unrestricted
    "#);
}

#[test]
fn a_refused_binding_is_no_policy_and_ends_with_2() {
    let folder = Folder::bound("workspace_write.json");
    let refused = folder.run_with(&["bind", "--lexical", "--executor", "build-7.json", "-"], "{}");
    folder.put("refused.json", &refused.out);
    let calls: [&[&str]; 3] = [
        &["decide", "--policy", "refused.json"],
        &["explain", "--policy", "refused.json", "/x"],
        &["diff", "policy.json", "refused.json"],
    ];
    for call in calls {
        let run = folder.run(call);
        assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{run}");
        assert!(run.err.starts_with("error: refused.json says that the intent was refused"), "{run}");
    }
}

#[test]
fn a_binding_that_bind_never_printed_is_refused() {
    let folder = Folder::new();
    let bindings = [
        r#"{"outcome":"unrestricted"}"#,
        r#"{"outcome":"disabled","network":"enabled"}"#,
        r#"{"outcome":"refused","outcome":"disabled"}"#,
        r#"{"outcome":"everything"}"#,
        r#"{"outcome":"restricted"}"#,
        r#"["disabled"]"#,
        "{}",
    ];
    for binding in bindings {
        folder.put("binding.json", binding);
        let run =
            folder.run_with(&["decide", "--policy", "binding.json"], r#"{"path":"/x","access":"read"}"#);
        assert_eq!((run.status, run.out.as_str()), (Some(1), ""), "{binding}: {run}");
    }
}

#[test]
fn a_policy_that_was_changed_is_refused() {
    let folder = Folder::bound("workspace_write.json");
    let policy = std::fs::read_to_string(folder.path("policy.json")).unwrap();
    folder.put("policy.json", policy.replacen("\"network\": \"restricted\"", "\"network\": \"enabled\"", 1));
    let run = folder.run(&["explain", "--policy", "policy.json", "/srv/agent/ws"]);
    assert_eq!(run.status, Some(1), "{run}");
    assert!(run.err.contains("[digest_mismatch]"), "{run}");
}

#[test]
fn explain_says_what_decided_and_what_lost() {
    let folder = Folder::bound("workspace_write.json");
    assert_snapshot!(folder.run(&["explain", "--policy", "policy.json", "/srv/agent/ws/.git/config"]), @r"
    status 1
    --- standard output
    may read /srv/agent/ws/.git/config
      because  `:workspace_roots/.git` lets everything in `/srv/agent/ws/.git` be read (D-2)
      entry    read :workspace_roots/.git at /params/sandbox/permissions/file_system/entries/4, root app
      place    /srv/agent/ws/.git, matched exactly
      lost     write /srv/agent/ws at /params/sandbox/permissions/file_system/entries/1
      lost     read / at /params/sandbox/permissions/file_system/entries/0
    may not write /srv/agent/ws/.git/config
      because  `:workspace_roots/.git` lets `/srv/agent/ws/.git` be read, not written (D-2)
      entry    read :workspace_roots/.git at /params/sandbox/permissions/file_system/entries/4, root app
      place    /srv/agent/ws/.git, matched exactly
      lost     write /srv/agent/ws at /params/sandbox/permissions/file_system/entries/1
      lost     read / at /params/sandbox/permissions/file_system/entries/0
    --- standard error
    ");
    let tree = folder.run(&["explain", "--policy", "policy.json", "/srv/agent/ws", "write_tree"]);
    assert_snapshot!(tree, @r"
    status 1
    --- standard output
    may write /srv/agent/ws, but not everything in it
      because  `:workspace_roots` lets `/srv/agent/ws` be written, but not everything below the path (D-7)
      entry    write :workspace_roots at /params/sandbox/permissions/file_system/entries/1, root app
      place    /srv/agent/ws, matched exactly
      except   /srv/agent/ws/.agents
      except   /srv/agent/ws/.aws
      except   /srv/agent/ws/.codex
      except   /srv/agent/ws/.git
      lost     read / at /params/sandbox/permissions/file_system/entries/0
    --- standard error
    ");
}

#[test]
fn explain_ends_with_the_answer() {
    let folder = Folder::bound("workspace_write.json");
    let explain = |path, access| folder.run(&["explain", "--policy", "policy.json", path, access]).status;
    assert_eq!(explain("/srv/agent/ws/a", "write"), Some(0));
    assert_eq!(explain("/etc/passwd", "read"), Some(0));
    assert_eq!(explain("/etc/passwd", "write"), Some(1));
    assert_eq!(explain("/srv/agent/ws", "write_tree"), Some(1));
    assert_eq!(explain("relative", "read"), Some(1));
}

#[cfg(unix)]
#[test]
fn explain_takes_a_path_that_is_not_utf8() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = Folder::bound("workspace_write.json");
    let mut command = folder.command(&["explain", "--policy", "policy.json"]);
    command.arg(std::ffi::OsStr::from_bytes(b"/srv/agent/ws/\xff\x1b[2J")).arg("write");
    let run = Folder::ended(&mut command);
    assert_eq!(run.status, Some(0), "{run}");
    assert!(run.out.starts_with("may write /srv/agent/ws/\u{fffd}\\u{1b}[2J\n"), "{run}");
}

#[test]
fn diff_shows_each_difference_with_a_path() {
    let folder = Folder::new();
    folder.fixture("executors/linux.json", "build-7.json");
    let bind = |name: &str, entries: &Value| {
        let run =
            folder.run_with(&["bind", "--lexical", "--executor", "build-7.json", "-"], context(entries));
        assert_eq!(run.status, Some(0), "{run}");
        folder.put(name, run.out);
    };
    bind("a.json", &json!([{"path": "file:///srv/data", "access": "read"}]));
    bind("b.json", &json!([{"path": "file:///srv/data", "access": "write"}]));
    let table = folder.run(&["diff", "a.json", "b.json"]);
    assert_eq!((table.status, table.err.as_str()), (Some(1), ""));
    let mut rows = table.out.lines();
    assert_eq!(rows.next(), Some("access  A     B      path"));
    assert_eq!(rows.next(), Some("write   deny  allow  /srv/data"));
    let lines = folder.run(&["diff", "--format", "json", "a.json", "b.json"]);
    let first = parse(lines.out.lines().next().unwrap());
    assert_eq!(first, json!({"access": "write", "left": "deny", "path": "/srv/data", "right": "allow"}));
    assert_eq!(
        folder.run(&["diff", "a.json", "a.json"]).to_string(),
        "status 0\n--- standard output\n--- standard error\n"
    );
    let stdin = std::fs::read(folder.path("a.json")).unwrap();
    assert_eq!(folder.run_with(&["diff", "a.json", "-"], stdin).status, Some(0));
}

#[test]
fn diff_shows_what_no_path_can() {
    let folder = Folder::bound("workspace_write.json");
    folder.put("open.json", r#"{"outcome":"external","network":"enabled"}"#);
    assert_snapshot!(folder.run(&["diff", "policy.json", "open.json"]), @r"
    status 1
    --- standard output
    what     A           B
    outcome  restricted  external
    network  restricted  enabled
    --- standard error
    ");
    assert_snapshot!(folder.run(&["diff", "--format", "json", "open.json", "policy.json"]), @r#"
    status 1
    --- standard output
    {"left":"external","right":"restricted","what":"outcome"}
    {"left":"enabled","right":"restricted","what":"network"}
    --- standard error
    "#);
    folder.fixture("executors/macos.json", "mac-3.json");
    let mac = folder.run(&["bind", "--lexical", "--adopt-roots", "--executor", "mac-3.json", "request.json"]);
    folder.put("mac.json", mac.out);
    assert_snapshot!(folder.run(&["diff", "policy.json", "mac.json"]), @r"
    status 1
    --- standard output
    what  A      B
    os    linux  macos
    --- standard error
    note: the policies are for two systems, so their paths are not compared
    ");
}

#[test]
fn check_sums_up_an_intent() {
    let folder = Folder::bound("workspace_write_extra_root.json");
    assert_snapshot!(folder.run(&["check", "request.json"]), @r"
    status 0
    --- standard output
    valid     yes
    profile   restricted
    network   enabled
    entries   7: 6 symbols, 1 literal path; 5 read, 2 write, 0 deny
    cwd       file:///srv/agent/ws
    roots     file:///srv/agent/ws file:///srv/agent/extra
    --- standard error
    ");
    let older = context(&json!([
        {"path": {"type": "special", "value": {"kind": "current_working_directory"}}, "access": "none"},
        {"path": {"glob": "~/**/*.pem"}, "access": "deny", "reason": "keys"},
    ]));
    assert_snapshot!(folder.run_with(&["check", "-"], older), @r"
    status 0
    --- standard output
    valid     yes
    profile   restricted
    network   restricted
    entries   2: 1 symbol, 1 pattern; 0 read, 0 write, 2 deny
    note      `current_working_directory` is the older spelling of `project_roots` at /permissions/file_system/entries/0/path/value/kind
    note      `none` is the older spelling of `deny` at /permissions/file_system/entries/0/access
    note      an unknown field was ignored at /permissions/file_system/entries/1/reason
    --- standard error
    ");
    assert_snapshot!(folder.run_with(&["check", "-"], r#"{"argv":["ls"]}"#), @r"
    status 0
    --- standard output
    valid     yes
    profile   unsandboxed
    --- standard error
    ");
}

#[test]
fn check_lists_every_error() {
    let folder = Folder::new();
    let entries = json!([{"path": "x", "access": "all"}, {"path": ":Root", "access": "read"}]);
    let run = folder.run_with(&["check", "-"], context(&entries));
    assert_eq!(run.status, Some(1));
    assert_eq!(parse(&run.out)["errors"].as_array().map(Vec::len), Some(3), "{run}");
    assert!(run.err.ends_with("refused: 3 errors\n"), "{run}");
}

#[test]
fn executor_prints_facts_that_bind_takes() {
    let folder = Folder::bound("workspace_write.json");
    let run = folder.run(&["executor"]);
    assert_eq!(run.status, Some(0), "{run}");
    let facts = parse(&run.out);
    assert_eq!(
        (&facts["schema"], &facts["workspace_roots"][0]["id"]),
        (&json!("bindery.executor/1"), &json!("cwd"))
    );
    folder.put("mine.json", run.out);
    let intent = context(&json!([{"path": ":root", "access": "read"}]));
    let run = folder.run_with(&["bind", "--lexical", "--executor", "mine.json", "-"], intent);
    assert_eq!((run.status, run.err.as_str()), (Some(0), ""));
}

#[test]
fn schema_prints_the_schemas_of_the_library() {
    let folder = Folder::new();
    let schemas = [
        ("intent", bindery::schema::INTENT),
        ("executor", bindery::schema::EXECUTOR),
        ("policy", bindery::schema::POLICY),
        ("decision", bindery::schema::DECISION),
    ];
    for (name, text) in schemas {
        let run = folder.run(&["schema", name]);
        assert_eq!((run.status, run.out.as_str(), run.err.as_str()), (Some(0), text, ""));
    }
}

#[test]
fn a_reader_that_goes_away_ends_a_call_quietly_and_leaves_its_status() {
    let folder = Folder::bound("workspace_write.json");
    folder.put("empty.json", "{}");
    let calls: [(&[&str], i32); 3] = [
        (&["bind", "--lexical", "--executor", "build-7.json", "request.json"], 0),
        (&["bind", "--lexical", "--executor", "build-7.json", "--format", "table", "request.json"], 0),
        (&["bind", "--lexical", "--executor", "build-7.json", "empty.json"], 1),
    ];
    for (call, status) in calls {
        let mut child = std::process::Command::new(BINDERY)
            .args(call)
            .current_dir(folder.0.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(status), "{call:?}: {err}");
        assert!(!err.contains("pipe") && !err.contains("panic"), "{call:?}: {err}");
    }
}

#[test]
fn colours_are_for_terminals() {
    let folder = Folder::bound("workspace_write.json");
    let call = ["bind", "--lexical", "--executor", "build-7.json", "--format", "table", "request.json"];
    let coloured = |variables: &[(&str, &str)]| {
        let mut command = folder.command(&call);
        command.envs(variables.iter().copied());
        Folder::ended(&mut command).out.contains('\u{1b}')
    };
    assert!(!coloured(&[]));
    assert!(coloured(&[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[("NO_COLOR", "1")]));
}

/// Binds an intent to this machine, with the folder as the one root, as `policy.json`.
#[cfg(test)]
fn observed(folder: &Folder, entries: &Value) -> Value {
    let run = folder.run_with(&["bind", "-"], context(entries));
    assert_eq!(run.status, Some(0), "{run}");
    folder.put("policy.json", &run.out);
    parse(&run.out)["policy"].clone()
}

#[test]
fn bind_looks_at_this_machine_unless_it_is_told_not_to() {
    let folder = Folder::new();
    let entries = json!([{"path": ":workspace_roots", "access": "write"}]);
    let policy = observed(&folder, &entries);
    assert_eq!((&policy["observed"], policy["observations"].is_null()), (&json!(true), false));
    let run = folder.run_with(&["bind", "--lexical", "-"], context(&entries));
    let lexical = &parse(&run.out)["policy"];
    assert_eq!((&lexical["observed"], &lexical["observations"]), (&json!(false), &Value::Null));
    for (os, root) in [("linux", "/srv/ws"), ("macos", "/srv/ws"), ("windows", r"C:\ws")] {
        let facts = json!({"id": "x", "os": os, "workspace_roots": [{"id": "ws", "path": root}]});
        folder.put("facts.json", facts.to_string());
        let run = folder.run_with(&["bind", "--executor", "facts.json", "-"], context(&entries));
        let is_here = os == std::env::consts::OS;
        assert_eq!(parse(&run.out)["policy"]["observed"], is_here, "{run}");
    }
}

#[test]
fn verify_says_unchanged_or_what_changed() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("sub")).unwrap();
    observed(
        &folder,
        &json!([{"path": ":workspace_roots", "access": "write"}, {"path": ":workspace_roots/sub", "access": "read"}]),
    );
    let run = folder.run(&["verify", "--policy", "policy.json"]);
    let unchanged = "{\"verified\":\"unchanged\"}\n";
    assert_eq!((run.status, run.out.as_str(), run.err.as_str()), (Some(0), unchanged, ""));
    std::fs::rename(folder.path("sub"), folder.path("gone")).unwrap();
    let run = folder.run(&["verify", "--policy", "policy.json"]);
    assert_eq!(run.status, Some(1), "{run}");
    let answer = parse(&run.out);
    assert_eq!(
        (&answer["verified"], &answer["changes"][0]["kind"]),
        (&json!("changed"), &json!("disappeared"))
    );
    assert!(answer["changes"][0]["place"].as_str().is_some_and(|place| place.ends_with("sub")), "{run}");
    assert!(
        run.err.starts_with("changed: Where something was there is nothing now. [disappeared]\n  at "),
        "{run}"
    );
    assert!(run.err.ends_with("\nchanged: 1 change\n"), "{run}");
}

#[test]
fn verify_needs_a_policy_that_looked_at_this_machine() {
    let folder = Folder::bound("workspace_write.json");
    let run = folder.run(&["verify", "--policy", "policy.json"]);
    assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{run}");
    assert!(run.err.contains("bound by text alone"), "{run}");
    // Where nothing was bound nothing can change.
    let run = folder.run_with(&["bind", "-"], r#"{"permissions":{"type":"disabled"}}"#);
    folder.put("open.json", run.out);
    let run = folder.run(&["verify", "--policy", "open.json"]);
    assert_eq!((run.status, run.out.as_str()), (Some(0), "{\"verified\":\"unchanged\"}\n"), "{run}");
}

#[test]
fn decide_can_look_where_a_path_leads() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("sub")).unwrap();
    let policy = observed(&folder, &json!([{"path": ":workspace_roots", "access": "read"}]));
    let root = policy["rules"][0]["path"].as_str().map(str::to_owned);
    let root = root.or_else(|| policy["rules"][0]["path"]["path"].as_str().map(str::to_owned)).unwrap();
    let path = format!("{root}{}sub", std::path::MAIN_SEPARATOR);
    let query = json!({"path": path, "access": "read"}).to_string();
    for call in
        [&["decide", "--policy", "policy.json"][..], &["decide", "--observe", "--policy", "policy.json"]]
    {
        let run = folder.run_with(call, query.clone());
        assert_eq!((run.status, &parse(&run.out)["decision"]), (Some(0), &json!("allow")), "{run}");
    }
    #[cfg(unix)]
    {
        std::fs::remove_dir(folder.path("sub")).unwrap();
        std::os::unix::fs::symlink("/", folder.path("sub")).unwrap();
        let run = folder.run_with(&["decide", "--policy", "policy.json"], query.clone());
        assert_eq!(parse(&run.out)["decision"], "allow", "{run}");
        let run = folder.run_with(&["decide", "--observe", "--policy", "policy.json"], query);
        assert_eq!(parse(&run.out)["decision"], "deny", "it leads out now: {run}");
    }
    let other = if std::env::consts::OS == "windows" { "linux" } else { "windows" };
    folder.put("facts.json", json!({"id": "x", "os": other, "workspace_roots": []}).to_string());
    let entries = json!([{"path": ":root", "access": "read"}]);
    let run = folder.run_with(&["bind", "--executor", "facts.json", "-"], context(&entries));
    folder.put("foreign.json", run.out);
    let run = folder.run_with(&["decide", "--observe", "--policy", "foreign.json"], "");
    assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{run}");
    assert!(run.err.contains("cannot be asked with --observe on this machine"), "{run}");
}
