//! Reads `bindery.case/1` files, strictly, and turns them into bytes for the public interface.
//!
//! The format is written down in `fixtures/README.md`. Nothing here looks at the library's types for documents:
//! a case is JSON in, JSON out, so that the same files can be run against another implementation.

use crate::document::{Edit, apply, executor, file};
use crate::support::{Failure, Outcome, fail, parse, read};
use serde::Deserialize;
use serde_json::Value;
use std::path::Path;

/// One case file, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    schema: String,
    name: String,
    about: String,
    covers: Vec<String>,
    #[serde(default)]
    classes: Vec<String>,
    #[serde(default)]
    spares: Vec<String>,
    intent: Option<Value>,
    intent_file: Option<String>,
    intent_text: Option<String>,
    intent_hex: Option<String>,
    intent_pieces: Option<Vec<(String, usize)>>,
    #[serde(default)]
    edits: Vec<Edit>,
    executor: Option<Value>,
    executor_file: Option<String>,
    executor_reported: Option<String>,
    executor_with: Option<Value>,
    executor_text: Option<String>,
    recording: Option<Value>,
    recording_file: Option<String>,
    #[serde(default)]
    verify: Vec<VerifyFile>,
    expect: Option<Expect>,
    queries: Option<Vec<Query>>,
    tampered: Option<Vec<Tampered>>,
    targets: Option<Vec<TargetFile>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetFile {
    executor: Option<Value>,
    executor_file: Option<String>,
    executor_reported: Option<String>,
    executor_with: Option<Value>,
    executor_text: Option<String>,
    recording: Option<Value>,
    recording_file: Option<String>,
    #[serde(default)]
    verify: Vec<VerifyFile>,
    expect: Expect,
    #[serde(default)]
    queries: Vec<Query>,
    #[serde(default)]
    tampered: Vec<Tampered>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expect {
    pub(crate) outcome: String,
    pub(crate) errors: Option<Vec<ExpectedError>>,
    pub(crate) network: Option<String>,
    pub(crate) flags: Option<std::collections::BTreeMap<String, bool>>,
    pub(crate) writable_roots: Option<Vec<Value>>,
    pub(crate) readable_roots: Option<Vec<String>>,
    pub(crate) denied: Option<Vec<String>>,
    pub(crate) deny_patterns: Option<Vec<std::collections::BTreeMap<String, Value>>>,
    pub(crate) rules: Option<Vec<std::collections::BTreeMap<String, Value>>>,
    pub(crate) plan: Option<Vec<String>>,
    pub(crate) inert: Option<Vec<Inert>>,
    pub(crate) noted: Option<Vec<String>>,
    pub(crate) risks: Option<Vec<String>>,
    pub(crate) steps: Option<Vec<[String; 3]>>,
    pub(crate) audit: Option<Vec<std::collections::BTreeMap<String, Value>>>,
    pub(crate) policy: Option<std::collections::BTreeMap<String, Value>>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExpectedError {
    pub(crate) code: String,
    pub(crate) pointer: String,
    pub(crate) rule: Option<String>,
    pub(crate) input: Option<String>,
}

#[derive(Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(deny_unknown_fields)]
pub(crate) struct Inert {
    pub(crate) pointer: String,
    pub(crate) reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Query {
    pub(crate) path: Option<String>,
    pub(crate) path_hex: Option<String>,
    pub(crate) access: String,
    pub(crate) decision: String,
    pub(crate) reason: Option<Reason>,
    pub(crate) under: Option<Vec<String>>,
    pub(crate) overruled: Option<Vec<String>>,
    /// Look where the path leads.
    #[serde(default)]
    pub(crate) observe: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reason {
    pub(crate) rule: Option<String>,
    pub(crate) entry: Option<String>,
    pub(crate) place: Option<String>,
    pub(crate) via: Option<String>,
    pub(crate) root: Option<String>,
    pub(crate) alias: Option<String>,
    pub(crate) pattern: Option<String>,
    pub(crate) query: Option<String>,
}

/// A file system that is observed later, and what `verify` must say of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VerifyFile {
    recording: Option<Value>,
    recording_file: Option<String>,
    /// `KIND PLACE` of each change, in order; none if nothing changed.
    changes: Vec<String>,
}

/// A file system that is observed later.
pub(crate) struct Verify {
    pub(crate) recording: bindery::RecordedFs,
    pub(crate) changes: Vec<String>,
}

fn verifications(files: Vec<VerifyFile>) -> Outcome<Vec<Verify>> {
    let verify = |file: VerifyFile| match recorded(file.recording, file.recording_file)? {
        Some(recording) => Ok(Verify { recording, changes: file.changes }),
        None => fail("a verification needs a recording"),
    };
    files.into_iter().map(verify).collect()
}

/// A bound policy that someone changed, and what reading it back must say.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tampered {
    pub(crate) edits: Vec<Edit>,
    /// Give the changed policy a digest that fits it.
    #[serde(default)]
    pub(crate) redigest: bool,
    pub(crate) errors: Vec<ExpectedError>,
}

/// One executor to bind a case on, and what must come out.
pub(crate) struct Target {
    pub(crate) executor: Vec<u8>,
    /// The file system that is observed, if one is.
    pub(crate) recording: Option<bindery::RecordedFs>,
    pub(crate) verify: Vec<Verify>,
    pub(crate) expect: Expect,
    pub(crate) queries: Vec<Query>,
    pub(crate) tampered: Vec<Tampered>,
}

/// A case, ready to run.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) intent: Vec<u8>,
    pub(crate) targets: Vec<Target>,
}

impl Query {
    pub(crate) fn bytes(&self) -> Outcome<Vec<u8>> {
        match (&self.path, &self.path_hex) {
            (Some(path), None) => Ok(path.as_bytes().to_vec()),
            (None, Some(hex)) => unhex(hex),
            _ => fail("a query has `path` or `path_hex`"),
        }
    }
}

fn unhex(text: &str) -> Outcome<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    let byte = |pair: &[u8]| {
        std::str::from_utf8(pair)
            .ok()
            .filter(|pair| pair.len() == 2)
            .and_then(|pair| u8::from_str_radix(pair, 16).ok())
    };
    digits.map(|pair| byte(pair).ok_or_else(|| Failure(format!("`{text}` is not hexadecimal")))).collect()
}

fn one_of<T>(what: &str, options: Vec<Option<T>>) -> Outcome<T> {
    let mut given: Vec<T> = options.into_iter().flatten().collect();
    match (given.pop(), given.is_empty()) {
        (Some(one), true) => Ok(one),
        _ => fail(format!("a case gives {what} in exactly one way")),
    }
}

/// What a Codex executor reported about itself, as executor facts.
fn reported(inline: Option<Value>, name: Option<String>) -> Outcome<Option<Value>> {
    match (inline, name) {
        (inline, None) => Ok(inline),
        (Some(_), Some(_)) => fail("a case gives an executor in exactly one way"),
        (None, Some(name)) => {
            let facts = bindery::Executor::from_codex_environment_info("reported", &file(&name)?)
                .map_err(|refusals| Failure(format!("{name}: {refusals}")))?;
            parse(facts.to_json().as_bytes(), &name).map(Some)
        }
    }
}

/// The file system of a case.
fn recorded(inline: Option<Value>, name: Option<String>) -> Outcome<Option<bindery::RecordedFs>> {
    let bytes = match (inline, name) {
        (None, None) => return Ok(None),
        (Some(inline), None) => inline.to_string().into_bytes(),
        (None, Some(name)) => file(&name)?,
        (Some(_), Some(_)) => return fail("a case gives a recording in at most one way"),
    };
    match bindery::RecordedFs::from_json(&bytes) {
        Ok(recorded) => Ok(Some(recorded)),
        Err(refusals) => fail(format!("the recording is refused: {refusals}")),
    }
}

impl Case {
    /// Reads a case and checks what every case must have.
    pub(crate) fn load(path: &Path) -> Outcome<Self> {
        let shown = path.display().to_string();
        let case: CaseFile = parse(&read(path)?, &shown)?;
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if case.schema != "bindery.case/1"
            || case.name != stem
            || !case.about.ends_with('.')
            || case.covers.is_empty() && case.classes.is_empty()
        {
            return fail(format!("{shown}: schema, name, about or covers is not as fixtures/README.md says"));
        }
        if let Some(edit) =
            case.edits.iter().find(|edit| !["intent", "executor"].contains(&edit.document.as_str()))
        {
            return fail(format!("{shown}: an edit in `{}`", edit.document));
        }
        let document = match (&case.intent, &case.intent_file) {
            (Some(inline), None) => Some(inline.clone()),
            (None, Some(name)) => Some(parse(&file(name)?, name)?),
            (None, None) => None,
            (Some(_), Some(_)) => return fail(format!("{shown}: two intents")),
        };
        let document = match document {
            Some(mut document) => {
                apply(&mut document, &case.edits, "intent")?;
                Some(document.to_string().into_bytes())
            }
            None => None,
        };
        let pieces = case.intent_pieces.map(|pieces| {
            pieces.into_iter().map(|(text, times)| text.repeat(times)).collect::<String>().into_bytes()
        });
        let hex = case.intent_hex.as_deref().map(unhex).transpose()?;
        let intent =
            one_of("an intent", vec![document, case.intent_text.map(String::into_bytes), hex, pieces])?;
        let single = case.expect.is_some() || case.queries.is_some() || case.tampered.is_some();
        if case.targets.is_some() && (single || case.executor_file.is_some() || case.executor_with.is_some())
        {
            return fail(format!(
                "{shown}: targets stand in place of one executor and what is expected on it"
            ));
        }
        let mut targets = Vec::new();
        if let Some(expect) = case.expect {
            let executor = executor(
                reported(case.executor, case.executor_reported)?,
                case.executor_file.as_deref(),
                case.executor_with,
                case.executor_text,
                &case.edits,
            )?;
            let recording = recorded(case.recording, case.recording_file)?;
            let verify = verifications(case.verify)?;
            let (queries, tampered) = (case.queries.unwrap_or_default(), case.tampered.unwrap_or_default());
            targets.push(Target { executor, recording, verify, expect, queries, tampered });
        }
        for target in case.targets.into_iter().flatten() {
            let TargetFile {
                executor: inline,
                executor_file,
                executor_reported,
                executor_with,
                executor_text,
                recording,
                recording_file,
                verify,
                expect,
                queries,
                tampered,
            } = target;
            let inline = reported(inline, executor_reported)?;
            let executor =
                executor(inline, executor_file.as_deref(), executor_with, executor_text, &case.edits)?;
            let recording = recorded(recording, recording_file)?;
            let verify = verifications(verify)?;
            targets.push(Target { executor, recording, verify, expect, queries, tampered });
        }
        if targets.is_empty() {
            return fail(format!("{shown}: nothing is expected"));
        }
        if !case.spares.is_empty() && targets.iter().all(|target| target.expect.outcome == "refused") {
            return fail(format!("{shown}: a case that spares a code binds on one of its targets"));
        }
        Ok(Self { name: case.name, intent, targets })
    }
}
