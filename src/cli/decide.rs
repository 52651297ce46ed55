//! `bindery decide` and `bindery explain`.

use super::Status;
use super::args::{Decide, Explain};
use super::document::{self, LIMIT, here, open_message};
use super::out::{BAD, Failure, GOOD, MIXED, Out, printable};
use anstyle::Style;
use bindery::{Access, Answer, Binder, Binding, BoundPolicy, Decision, Executor, HostFs, Os, Refusals};
use serde_json::{Map, Value};
use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read as _};

pub(super) fn run(args: &Decide, out: &mut Out) -> Result<Status, Failure> {
    if document::is_stdin(&args.policy) {
        let message = "standard input holds the queries, so the policy must be a file".to_owned();
        return Err(Failure::call(message));
    }
    let binding = document::binding(&args.policy)?;
    if let (Some(policy), true) = (binding.policy(), args.observe) {
        here(policy.os(), "asked with --observe")?;
    }
    let judge = Judge::new(&binding, args.observe)?;
    let mut status = Status::Done;
    let mut reader = BufReader::with_capacity(64 * 1024, io::stdin().lock());
    let mut line = Vec::new();
    while !out.is_closed() && next_line(&mut reader, &mut line)? {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match judge.answer(&line) {
            Ok(decision) => out.line(&decision)?,
            Err(refusals) => {
                status = Status::Unusable;
                out.line(&malformed(&refusals)?)?;
            }
        }
        // Whoever waits for an answer before the next query gets it; a file of queries is answered in blocks.
        if !reader.buffer().contains(&b'\n') {
            out.flush()?;
        }
    }
    Ok(status)
}

/// Reads one line into `line`. Of a line that is too long only as much is kept as shows that it is; the rest is
/// passed over. `false` at the end of the input.
fn next_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> Result<bool, Failure> {
    let failed = |error: io::Error| Failure::call(format!("cannot read standard input: {error}"));
    line.clear();
    let count = reader.by_ref().take(LIMIT).read_until(b'\n', line).map_err(failed)?;
    if count as u64 == LIMIT && line.last() != Some(&b'\n') {
        reader.skip_until(b'\n').map_err(failed)?;
    }
    Ok(count > 0)
}

/// Answers queries: from a policy, or the same for every path.
struct Judge<'b> {
    binding: &'b Binding,
    /// The policy. Where there is none, an empty one that only reads queries, so that what is wrong with a query
    /// is said in the same words.
    reader: BoundPolicy,
    /// Are paths looked at?
    observes: bool,
}

impl<'b> Judge<'b> {
    fn new(binding: &'b Binding, observes: bool) -> Result<Self, Failure> {
        let reader = match binding {
            Binding::Restricted(policy) => Some(policy.clone()),
            Binding::Unsandboxed
            | Binding::Disabled
            | Binding::External { .. }
            | Binding::Unrestricted { .. } => empty_policy(),
        };
        let reader = reader.ok_or_else(|| Failure::call("cannot make a reader of queries".to_owned()))?;
        Ok(Self { binding, reader, observes })
    }

    fn answer(&self, line: &[u8]) -> Result<String, Refusals> {
        Ok(match open_message(self.binding) {
            None if self.observes => self.reader.decide_json_observed(line, &HostFs)?.to_json(),
            None => self.reader.decide_json(line)?.to_json(),
            Some(message) => allow(&self.reader.decide_json(line)?, message),
        })
    }
}

fn empty_policy() -> Option<BoundPolicy> {
    const NOTHING: &str = r#"{"permissions": {"type": "managed", "network": "restricted",
        "file_system": {"type": "restricted", "entries": []}}}"#;
    let executor = Executor::builder(Os::Linux, "queries").build().ok()?;
    Binder::new(&executor).bind_json(NOTHING.as_bytes()).ok()?.policy().cloned()
}

fn object<const N: usize>(pairs: [(&str, Value); N]) -> Value {
    Value::Object(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>())
}

/// The decision of a binding without rules, in the shape of every other.
fn allow(query: &Decision<'_>, message: &str) -> String {
    let reason = object([
        ("alias", Value::Null),
        ("entry", Value::Null),
        ("message", message.into()),
        ("pattern", Value::Null),
        ("place", Value::Null),
        ("query", Value::Null),
        ("root", Value::Null),
        ("rule", "I-6".into()),
        ("via", "none".into()),
    ]);
    let mut decision = object([
        ("access", query.access().as_str().into()),
        ("decision", Answer::Allow.as_str().into()),
        ("overruled", Value::Array(Vec::new())),
        ("path", String::from_utf8_lossy(query.path()).into()),
    ]);
    if let (Value::Object(pairs), Err(_)) = (&mut decision, std::str::from_utf8(query.path())) {
        let hex = query.path().iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        pairs.insert("path_hex".to_owned(), hex.into());
    }
    if let Value::Object(pairs) = &mut decision {
        pairs.insert("reason".to_owned(), reason);
    }
    decision.to_string()
}

/// The answer to a line that is no query: its first error, and the others if there are any.
fn malformed(refusals: &Refusals) -> Result<String, Failure> {
    let mut errors = Vec::new();
    for refusal in refusals {
        errors.push(serde_json::to_value(refusal).map_err(|error| unwritable(&error))?);
    }
    let others = errors.split_off(errors.len().min(1));
    let mut answer = Map::new();
    answer.extend(errors.pop().map(|first| ("error".to_owned(), first)));
    if !others.is_empty() {
        answer.insert("others".to_owned(), Value::Array(others));
    }
    Ok(Value::Object(answer).to_string())
}

fn unwritable(error: &serde_json::Error) -> Failure {
    Failure::call(format!("cannot write JSON: {error}"))
}

/// A value as one line of JSON.
pub(super) fn json(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|error| unwritable(&error))
}

/// `bindery explain`.
pub(super) fn explain(args: &Explain, out: &mut Out) -> Result<Status, Failure> {
    let binding = document::binding(&args.policy)?;
    let asked = args.access.map_or_else(|| vec![Access::Read, Access::Write], |access| vec![access]);
    let mut status = Status::Done;
    for access in asked {
        let text = match &binding {
            Binding::Restricted(policy) => {
                let decision = policy.decide_os(&args.path, access);
                if !decision.is_allowed() {
                    status = Status::No;
                }
                styled(&decision.explain(), decision.answer())
            }
            Binding::Unsandboxed
            | Binding::Disabled
            | Binding::External { .. }
            | Binding::Unrestricted { .. } => {
                let path = String::from_utf8_lossy(args.path.as_encoded_bytes());
                let message = open_message(&binding).unwrap_or_default();
                let verb = verb(access);
                let text = format!(
                    "may {verb} {path}\n  because  {message} (I-6)\n  outcome  {}\n",
                    binding.outcome()
                );
                styled(&text, Answer::Allow)
            }
        };
        out.text(&text)?;
    }
    Ok(status)
}

const fn verb(access: Access) -> &'static str {
    match access {
        Access::Read => "read",
        Access::Write => "write",
        Access::ReadTree => "read everything in",
        Access::WriteTree => "write everything in",
    }
}

/// The first line in the colour of the answer, every line printable.
fn styled(text: &str, answer: Answer) -> String {
    let style = match answer {
        Answer::Allow => GOOD,
        Answer::Partial => MIXED,
        Answer::Deny => BAD,
    };
    let mut out = String::new();
    for (i, line) in text.lines().enumerate() {
        let line = printable(line);
        let style = if i == 0 { style } else { Style::new() };
        let _ = writeln!(out, "{style}{line}{style:#}");
    }
    out
}
