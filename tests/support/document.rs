//! Documents of a fixture: executor facts with some fields replaced, and edits.

use crate::support::{Failure, Outcome, fail, fixtures, parse, read};
use serde::Deserialize;
use serde_json::Value;
use std::path::Path;

/// A change to a document before it is used.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Edit {
    /// `intent`, `executor` or `policy`.
    #[serde(rename = "in")]
    pub(crate) document: String,
    /// Where: an RFC 6901 pointer.
    pub(crate) at: String,
    pub(crate) set: Option<Value>,
    pub(crate) remove: Option<bool>,
    pub(crate) append: Option<Value>,
    pub(crate) times: Option<usize>,
    pub(crate) fill: Option<Fill>,
}

/// A long text: `before`, `text` as often as `times` says, `after`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fill {
    pub(crate) before: String,
    pub(crate) text: String,
    pub(crate) times: usize,
    pub(crate) after: String,
}

pub(crate) fn file(name: &str) -> Outcome<Vec<u8>> {
    read(Path::new(&format!("{}/{name}", fixtures().display())))
}

/// Executor facts: inline or from a file, with some of their top-level fields replaced (`null` takes one out).
pub(crate) fn executor(
    inline: Option<Value>,
    from: Option<&str>,
    with: Option<Value>,
    text: Option<String>,
    edits: &[Edit],
) -> Outcome<Vec<u8>> {
    let document = match (from, inline) {
        (Some(name), None) => Some(parse::<Value>(&file(name)?, name)?),
        (None, inline) => inline,
        (Some(_), Some(_)) => return fail("a case gives an executor in exactly one way"),
    };
    if let Some(text) = text {
        return if document.is_some() || with.is_some() {
            fail("executor_text stands alone")
        } else {
            Ok(text.into_bytes())
        };
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
pub(crate) fn apply(document: &mut Value, edits: &[Edit], which: &str) -> Outcome {
    for edit in edits.iter().filter(|edit| edit.document == which) {
        apply_one(document, edit)
            .ok_or_else(|| Failure(format!("the edit at `{}` does not fit the document", edit.at)))?;
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
        (Some(value), None, None, None) => {
            if let Some(place) = document.pointer_mut(&edit.at) {
                *place = value.clone();
            } else {
                let (parent, key) = edit.at.rsplit_once('/')?;
                document.pointer_mut(parent)?.as_object_mut()?.insert(key.to_owned(), value.clone());
            }
        }
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
        Value::Object(pairs) => {
            Value::Object(pairs.iter().map(|(key, value)| (key.clone(), numbered(value, n))).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => item.clone(),
    }
}
