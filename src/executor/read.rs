//! Executor facts from JSON: ours, and what a Codex executor reports about itself.

use super::place::native_of;
use super::{
    EXECUTOR_SCHEMA, Executor, ExecutorBuilder, MAX_FACTS, ProtectedNames, RootAuthority, UnknownSymbol,
    WorkspaceRoot,
};
use crate::error::{Code, Input, Refusal, Refusals};
use crate::intent::FileUri;
use crate::intent::limits::MAX_NOTES;
use crate::json::{At, Fields, Tree};
use crate::native::Os;
use crate::native::key::{CaseRule, NormRule, Volume};
use crate::native::path::{NativePath, PathError};

pub(super) fn not_facts(value: &str) -> Refusals {
    Refusal::new(Input::Executor, Code::MissingField, "", value, "the document holds no executor facts")
        .into()
}

/// The value, or `None` with the refusal kept.
pub(super) fn take<T>(result: Result<T, Refusal>, refusals: &mut Vec<Refusal>) -> Option<T> {
    result.map_err(|refusal| refusals.push(refusal)).ok()
}

pub(super) fn word<T: Copy>(at: &At<'_>, words: &[(&str, T)], refusals: &mut Vec<Refusal>) -> Option<T> {
    let text = take(at.string(), refusals)?;
    let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    if found.is_none() {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        refusals.push(at.refuse(
            Code::UnknownWord,
            text,
            format!("`{}` is not one of {}", crate::error::clip(text), known.join(", ")),
        ));
    }
    found
}

pub(super) fn list<'a>(at: &At<'a>, refusals: &mut Vec<Refusal>) -> Option<Vec<At<'a>>> {
    let items = take(at.array(), refusals)?;
    if items.len() > MAX_FACTS {
        let count = items.len();
        refusals.push(at.refuse(
            Code::TooManyFacts,
            count.to_string(),
            format!("{count} facts, the limit is {MAX_FACTS}"),
        ));
        return None;
    }
    Some(items)
}

fn native_path(os: Os, at: &At<'_>, refusals: &mut Vec<Refusal>) -> Option<NativePath> {
    let text = take(at.string(), refusals)?;
    let parsed = NativePath::parse(os, text);
    take(parsed.map_err(|error: PathError| at.refuse(error.code(), text, error.to_string())), refusals)
}

fn native_paths(os: Os, at: &At<'_>, refusals: &mut Vec<Refusal>) -> Option<Vec<NativePath>> {
    let items = list(at, refusals)?;
    Some(items.iter().filter_map(|at| native_path(os, at, refusals)).collect())
}

/// Reads `volumes` of executor facts or of a policy.
pub(crate) fn read_volumes(
    os: Os,
    at: &At<'_>,
    notes: &mut Vec<String>,
    refusals: &mut Vec<Refusal>,
) -> Vec<Volume> {
    let mut volumes = Vec::new();
    for at in list(at, refusals).unwrap_or_default() {
        let Some(mut fields) = take(at.object(), refusals) else { continue };
        let path = take(fields.required("path"), refusals).and_then(|at| native_path(os, &at, refusals));
        let case = fields.value("case").map_or(Some(CaseRule::Unknown), |at| {
            word(
                &at,
                &[
                    ("sensitive", CaseRule::Sensitive),
                    ("insensitive", CaseRule::Insensitive),
                    ("unknown", CaseRule::Unknown),
                ],
                refusals,
            )
        });
        let normalization = fields.value("normalization").map_or(Some(NormRule::Unknown), |at| {
            word(
                &at,
                &[
                    ("preserving", NormRule::Preserving),
                    ("insensitive", NormRule::Insensitive),
                    ("unknown", NormRule::Unknown),
                ],
                refusals,
            )
        });
        note_unknown(&fields, notes, refusals);
        if let (Some(path), Some(case), Some(normalization)) = (path, case, normalization) {
            volumes.push(Volume { path, case, normalization });
        }
    }
    volumes
}

/// Reads `aliases` of executor facts or of a policy.
pub(crate) fn read_aliases(
    os: Os,
    at: &At<'_>,
    notes: &mut Vec<String>,
    refusals: &mut Vec<Refusal>,
) -> Vec<(NativePath, NativePath)> {
    let mut aliases = Vec::new();
    for at in list(at, refusals).unwrap_or_default() {
        let Some(mut fields) = take(at.object(), refusals) else { continue };
        let from = take(fields.required("from"), refusals).and_then(|at| native_path(os, &at, refusals));
        let to = take(fields.required("to"), refusals).and_then(|at| native_path(os, &at, refusals));
        note_unknown(&fields, notes, refusals);
        aliases.extend(from.zip(to));
    }
    aliases
}

pub(super) fn read(at: &At<'_>, refusals: &mut Vec<Refusal>) -> Option<ExecutorBuilder> {
    let mut fields = take(at.object(), refusals)?;
    if let Some(at) = fields.value("schema") {
        let schema = take(at.string(), refusals)?;
        if schema != EXECUTOR_SCHEMA {
            let message = format!("`{}` is not {EXECUTOR_SCHEMA}", crate::error::clip(schema));
            refusals.push(at.refuse(Code::UnknownSchema, schema, message));
            return None;
        }
    }
    let os = take(fields.required("os"), refusals)
        .and_then(|at| word(&at, &Os::ALL.map(|os| (os.as_str(), os)), refusals));
    let id = take(fields.required("id"), refusals).and_then(|at| take(at.string(), refusals));
    let (os, id) = (os?, id?);
    let mut builder = Executor::builder(os, id);
    let facts = &mut builder.facts;
    facts.cwd = fields.value("cwd").and_then(|at| native_path(os, &at, refusals));
    facts.home = fields.value("home").and_then(|at| native_path(os, &at, refusals));
    facts.slash_tmp = fields.value("slash_tmp").and_then(|at| native_path(os, &at, refusals));
    facts.temp_dirs = fields.value("temp_dirs").and_then(|at| native_paths(os, &at, refusals));
    facts.platform_defaults =
        fields.value("platform_defaults").and_then(|at| native_paths(os, &at, refusals));
    facts.roots =
        fields.value("workspace_roots").and_then(|at| read_roots(os, &at, &mut facts.notes, refusals));
    if let Some(at) = fields.value("root_authority") {
        let words = [RootAuthority::Offered, RootAuthority::AdoptRequested, RootAuthority::ExecutorOnly]
            .map(|a| (a.as_str(), a));
        facts.authority = word(&at, &words, refusals).unwrap_or_default();
    }
    if let Some(at) = fields.value("symbols") {
        read_symbols(os, &at, facts, refusals);
    }
    if let Some(at) = fields.value("volumes") {
        facts.volume_list = read_volumes(os, &at, &mut facts.notes, refusals);
    }
    if let Some(at) = fields.value("aliases") {
        facts.alias_list = read_aliases(os, &at, &mut facts.notes, refusals);
    }
    for at in fields.value("unc_hosts").and_then(|at| list(&at, refusals)).unwrap_or_default() {
        facts.unc_hosts.extend(take(at.string(), refusals).map(str::to_ascii_lowercase));
    }
    for at in fields.value("drives").and_then(|at| list(&at, refusals)).unwrap_or_default() {
        facts.drives.extend(read_drive(&at, refusals));
    }
    if let Some(at) = fields.value("allow_broad_root") {
        facts.allow_broad_root = take(at.boolean(), refusals).unwrap_or(false);
    }
    if let Some(at) = fields.value("protected_names") {
        facts.protected = ProtectedNames::from_json(&at, os, &mut facts.notes, refusals).unwrap_or_default();
    }
    if let Some(at) = fields.value("unknown_symbols") {
        if let Some(mut fields) = take(at.object(), refusals) {
            let words = [UnknownSymbol::Inert, UnknownSymbol::Refuse].map(|u| (u.as_str(), u));
            let mut side = |name, default| {
                let at = fields.value(name);
                at.and_then(|at| word(&at, &words, refusals)).unwrap_or(default)
            };
            facts.unknown_grant = side("grant", UnknownSymbol::Inert);
            facts.unknown_deny = side("deny", UnknownSymbol::Refuse);
            note_unknown(&fields, &mut facts.notes, refusals);
        }
    }
    note_unknown(&fields, &mut builder.facts.notes, refusals);
    Some(builder)
}

/// Notes the fields that nobody asked for (docs/adr/0015).
pub(super) fn note_unknown(fields: &Fields<'_>, notes: &mut Vec<String>, refusals: &mut Vec<Refusal>) {
    for pointer in fields.unknown(refusals) {
        if notes.len() < MAX_NOTES {
            let pointer = crate::error::clip(&pointer);
            notes.push(format!("the executor's facts have an unknown field at {pointer}, which is ignored"));
        } else if notes.len() == MAX_NOTES {
            notes.push("the executor's facts have more unknown fields, which are ignored".to_owned());
        }
    }
}

fn read_roots(
    os: Os,
    at: &At<'_>,
    notes: &mut Vec<String>,
    refusals: &mut Vec<Refusal>,
) -> Option<Vec<WorkspaceRoot>> {
    let mut roots = Vec::new();
    for at in list(at, refusals)? {
        let Some(mut fields) = take(at.object(), refusals) else { continue };
        let id = take(fields.required("id"), refusals).and_then(|at| take(at.string(), refusals));
        let path = take(fields.required("path"), refusals).and_then(|at| native_path(os, &at, refusals));
        note_unknown(&fields, notes, refusals);
        roots.extend(id.zip(path).map(|(id, path)| WorkspaceRoot { id: id.to_owned(), path }));
    }
    Some(roots)
}

fn read_symbols(os: Os, at: &At<'_>, facts: &mut Executor, refusals: &mut Vec<Refusal>) {
    let Tree::Object(pairs) = at.json else {
        refusals.extend(at.object().err());
        return;
    };
    for ((name, _), at) in pairs.iter().zip(at.parts()) {
        if let Some(paths) = native_paths(os, &at, refusals) {
            facts.symbols.insert(name.clone().into_owned(), paths);
        }
    }
}

fn read_drive(at: &At<'_>, refusals: &mut Vec<Refusal>) -> Option<char> {
    let text = take(at.string(), refusals)?;
    let mut chars = text.chars();
    match (chars.next(), chars.next(), chars.next()) {
        (Some(letter), Some(':'), None) if letter.is_ascii_alphabetic() => Some(letter.to_ascii_uppercase()),
        _ => {
            refusals.push(at.refuse(
                Code::DriveMalformed,
                text,
                format!("`{}` is not a drive", crate::error::clip(text)),
            ));
            None
        }
    }
}

pub(super) fn read_codex(id: String, at: At<'_>, refusals: &mut Vec<Refusal>) -> Option<ExecutorBuilder> {
    let mut at = at;
    for wrapper in ["result", "environmentInfo"] {
        let mut fields = take(at.object(), refusals)?;
        if let Some(inner) = fields.value(wrapper) {
            at = inner;
        }
    }
    let mut fields = take(at.object(), refusals)?;
    let platform = take(fields.required("platformOs"), refusals)?;
    let os = word(&platform, &Os::ALL.map(|os| (os.as_str(), os)), refusals)?;
    let mut builder = Executor::builder(os, id);
    let mut uri = |at: At<'_>| -> Option<NativePath> {
        let text = take(at.string(), refusals)?;
        let uri = take(
            FileUri::parse(text).map_err(|error| at.refuse(error.code(), error.value(), error.message())),
            refusals,
        )?;
        take(
            native_of(os, &uri, None).map_err(|fault| at.refuse(fault.code, fault.value, fault.message)),
            refusals,
        )
    };
    builder.facts.cwd = fields.value("cwd").and_then(&mut uri);
    builder.facts.home = fields.value("userHomeDir").and_then(&mut uri);
    let temp = fields.value("temporaryDirectories");
    if let Some(at) = temp {
        match at.array() {
            Ok(items) => builder.facts.temp_dirs = Some(items.into_iter().filter_map(&mut uri).collect()),
            Err(refusal) => refusals.push(refusal),
        }
    }
    for path in builder
        .facts
        .all_paths()
        .into_iter()
        .filter_map(|(_, path)| path.unc_host().map(str::to_owned))
        .collect::<Vec<_>>()
    {
        builder.facts.unc_hosts.insert(path);
    }
    Some(builder)
}
