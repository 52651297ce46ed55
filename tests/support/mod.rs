//! Reads `bindery.case/1` files, strictly, and turns them into bytes for the public interface.
//!
//! The format is written down in `fixtures/README.md`. Nothing here looks at the library's types for documents:
//! a case is JSON in, JSON out, so that the same files can be run against another implementation.

use serde::Deserialize;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// What a test says when it fails: the text as it is, with its line breaks.
pub struct Failure(pub String);

impl std::fmt::Debug for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\n{}", self.0)
    }
}

impl From<String> for Failure {
    fn from(text: String) -> Self {
        Self(text)
    }
}

pub type Outcome<T = ()> = Result<T, Failure>;

pub fn fail<T>(text: impl Into<String>) -> Outcome<T> {
    Err(Failure(text.into()))
}

/// `fixtures/`, whatever directory the test runs in.
pub fn fixtures() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"))
}

pub fn read(path: &Path) -> Outcome<Vec<u8>> {
    std::fs::read(path).map_err(|error| Failure(format!("{}: {error}", path.display())))
}

pub fn parse<T: serde::de::DeserializeOwned>(bytes: &[u8], what: &str) -> Outcome<T> {
    serde_json::from_slice(bytes).map_err(|error| Failure(format!("{what}: {error}")))
}

/// Every `.json` below a folder of `fixtures/`, sorted.
#[allow(dead_code, reason = "each test binary uses a part of this module")]
pub fn files(folder: &str) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::from(format!("{}/{folder}", fixtures().display()))];
    while let Some(dir) = open.pop() {
        let entries = std::fs::read_dir(&dir).map_err(|error| Failure(format!("{}: {error}", dir.display())))?;
        for entry in entries {
            let path = entry.map_err(|error| Failure(error.to_string()))?.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// One case file, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    schema: String,
    name: String,
    about: String,
    covers: Vec<String>,
    intent: Option<Value>,
    intent_file: Option<String>,
    intent_text: Option<String>,
    intent_hex: Option<String>,
    intent_pieces: Option<Vec<(String, usize)>>,
    #[serde(default)]
    edits: Vec<Edit>,
    executor: Option<Value>,
    executor_file: Option<String>,
    executor_with: Option<Value>,
    executor_text: Option<String>,
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
    executor_with: Option<Value>,
    executor_text: Option<String>,
    expect: Expect,
    #[serde(default)]
    queries: Vec<Query>,
    #[serde(default)]
    tampered: Vec<Tampered>,
}

/// A change to a document before it is used.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// `intent`, `executor` or `policy`.
    #[serde(rename = "in")]
    pub document: String,
    /// Where: an RFC 6901 pointer.
    pub at: String,
    pub set: Option<Value>,
    pub remove: Option<bool>,
    pub append: Option<Value>,
    pub times: Option<usize>,
    pub fill: Option<Fill>,
}

/// A long text: `before`, `text` as often as `times` says, `after`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fill {
    pub before: String,
    pub text: String,
    pub times: usize,
    pub after: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    pub outcome: String,
    pub errors: Option<Vec<ExpectedError>>,
    pub network: Option<String>,
    pub flags: Option<std::collections::BTreeMap<String, bool>>,
    pub writable_roots: Option<Vec<Value>>,
    pub readable_roots: Option<Vec<String>>,
    pub denied: Option<Vec<String>>,
    pub deny_patterns: Option<Vec<std::collections::BTreeMap<String, Value>>>,
    pub plan: Option<Vec<String>>,
    pub inert: Option<Vec<Inert>>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct ExpectedError {
    pub code: String,
    pub pointer: String,
    pub rule: Option<String>,
    pub input: Option<String>,
}

#[derive(Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(deny_unknown_fields)]
pub struct Inert {
    pub pointer: String,
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    pub path: Option<String>,
    pub path_hex: Option<String>,
    pub access: String,
    pub decision: String,
    pub reason: Option<Reason>,
    pub under: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    pub rule: Option<String>,
    pub entry: Option<String>,
    pub place: Option<String>,
    pub via: Option<String>,
}

/// A bound policy that someone changed, and what reading it back must say.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tampered {
    pub edits: Vec<Edit>,
    pub errors: Vec<ExpectedError>,
}

/// One executor to bind a case on, and what must come out.
pub struct Target {
    pub executor: Vec<u8>,
    pub expect: Expect,
    pub queries: Vec<Query>,
    pub tampered: Vec<Tampered>,
}

/// A case, ready to run.
#[allow(dead_code, reason = "each test binary uses a part of this module")]
pub struct Case {
    pub name: String,
    pub covers: Vec<String>,
    pub intent: Vec<u8>,
    pub targets: Vec<Target>,
}

impl Query {
    pub fn bytes(&self) -> Outcome<Vec<u8>> {
        match (&self.path, &self.path_hex) {
            (Some(path), None) => Ok(path.as_bytes().to_vec()),
            (None, Some(hex)) => unhex(hex),
            _ => fail("a query has `path` or `path_hex`"),
        }
    }
}

fn unhex(text: &str) -> Outcome<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    let byte = |pair: &[u8]| std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    digits.map(|pair| byte(pair).ok_or_else(|| Failure(format!("`{text}` is not hexadecimal")))).collect()
}

fn file(name: &str) -> Outcome<Vec<u8>> {
    read(Path::new(&format!("{}/{name}", fixtures().display())))
}

fn one_of<T>(what: &str, options: Vec<Option<T>>) -> Outcome<T> {
    let mut given: Vec<T> = options.into_iter().flatten().collect();
    match (given.pop(), given.is_empty()) {
        (Some(one), true) => Ok(one),
        _ => fail(format!("a case gives {what} in exactly one way")),
    }
}

/// Executor facts: inline or from a file, with some of their top-level fields replaced (`null` takes one out).
pub fn executor(
    inline: Option<Value>,
    from: Option<&str>,
    with: Option<Value>,
    text: Option<String>,
    edits: &[Edit],
) -> Outcome<Vec<u8>> {
    let document = match from {
        Some(name) => Some(parse::<Value>(&file(name)?, name)?),
        None => inline,
    };
    if let Some(text) = text {
        return if document.is_some() || with.is_some() { fail("executor_text stands alone") } else { Ok(text.into_bytes()) };
    }
    let Some(mut document) = document else { return fail("a case gives an executor") };
    if let Some(Value::Object(with)) = with {
        let Some(facts) = document.as_object_mut() else { return fail("executor_with needs an object") };
        for (key, value) in with {
            if value.is_null() {
                facts.remove(&key);
            } else {
                facts.insert(key, value);
            }
        }
    }
    apply(&mut document, edits, "executor")?;
    Ok(document.to_string().into_bytes())
}

/// Applies the edits that are meant for one document.
pub fn apply(document: &mut Value, edits: &[Edit], which: &str) -> Outcome {
    for edit in edits.iter().filter(|edit| edit.document == which) {
        apply_one(document, edit).ok_or_else(|| Failure(format!("the edit at `{}` does not fit the document", edit.at)))?;
    }
    Ok(())
}

fn apply_one(document: &mut Value, edit: &Edit) -> Option<()> {
    match (&edit.set, edit.remove, &edit.append, &edit.fill) {
        (None, None, Some(item), None) => {
            let list = document.pointer_mut(&edit.at)?.as_array_mut()?;
            list.extend((0..edit.times.unwrap_or(1)).map(|n| numbered(item, n)));
        }
        (None, None, None, Some(fill)) => {
            let text = format!("{}{}{}", fill.before, fill.text.repeat(fill.times), fill.after);
            *document.pointer_mut(&edit.at)? = Value::String(text);
        }
        (Some(value), None, None, None) => match document.pointer_mut(&edit.at) {
            Some(place) => *place = value.clone(),
            None => {
                let (parent, key) = edit.at.rsplit_once('/')?;
                document.pointer_mut(parent)?.as_object_mut()?.insert(key.to_owned(), value.clone());
            }
        },
        (None, Some(true), None, None) => {
            let (parent, key) = edit.at.rsplit_once('/')?;
            document.pointer_mut(parent)?.as_object_mut()?.remove(key)?;
        }
        _ => return None,
    }
    Some(())
}

/// `{n}` in every text of an appended item is its number.
fn numbered(item: &Value, n: usize) -> Value {
    match item {
        Value::String(text) => Value::String(text.replace("{n}", &n.to_string())),
        Value::Array(items) => Value::Array(items.iter().map(|item| numbered(item, n)).collect()),
        Value::Object(pairs) => Value::Object(pairs.iter().map(|(key, value)| (key.clone(), numbered(value, n))).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) => item.clone(),
    }
}

impl Case {
    /// Reads a case and checks what every case must have.
    pub fn load(path: &Path) -> Outcome<Self> {
        let shown = path.display().to_string();
        let case: CaseFile = parse(&read(path)?, &shown)?;
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if case.schema != "bindery.case/1" || case.name != stem || !case.about.ends_with('.') || case.covers.is_empty() {
            return fail(format!("{shown}: schema, name, about or covers is not as fixtures/README.md says"));
        }
        if let Some(edit) = case.edits.iter().find(|edit| !["intent", "executor"].contains(&edit.document.as_str())) {
            return fail(format!("{shown}: an edit in `{}`", edit.document));
        }
        let document = match (&case.intent, &case.intent_file) {
            (Some(inline), None) => Some(inline.clone()),
            (None, Some(name)) => Some(parse(&file(name)?, name)?),
            _ => None,
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
        let intent = one_of("an intent", vec![document, case.intent_text.map(String::into_bytes), hex, pieces])?;
        let mut targets = Vec::new();
        if let Some(expect) = case.expect {
            let executor =
                executor(case.executor, case.executor_file.as_deref(), case.executor_with, case.executor_text, &case.edits)?;
            let (queries, tampered) = (case.queries.unwrap_or_default(), case.tampered.unwrap_or_default());
            targets.push(Target { executor, expect, queries, tampered });
        }
        for target in case.targets.into_iter().flatten() {
            let TargetFile { executor: inline, executor_file, executor_with, executor_text, expect, queries, tampered } = target;
            let executor = executor(inline, executor_file.as_deref(), executor_with, executor_text, &case.edits)?;
            targets.push(Target { executor, expect, queries, tampered });
        }
        if targets.is_empty() {
            return fail(format!("{shown}: nothing is expected"));
        }
        Ok(Self { name: case.name, covers: case.covers, intent, targets })
    }
}
