//! What became of every entry: one record per entry and place, in the order of the intent (B-1).
//!
//! The audit is data and part of the policy in release builds. It is the only part of a policy that speaks of
//! positions; nothing else in a policy changes when entries are reordered.

use crate::error::Code;
use crate::intent::EntryAccess;
#[cfg(feature = "tracing")]
use crate::json;
use crate::json::{Out, ToJson};
use crate::rule::Rule;
use std::sync::Arc;

/// The schema of audit records, also on every line of the JSON Lines form.
pub const AUDIT_SCHEMA: &str = "bindery.audit/1";

/// Why an entry binds to nothing although nothing is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Inert {
    /// The workspace roots are known to be none.
    NoRoots,
    /// The temporary directories are known to be none.
    NoTempDirs,
    /// The temporary directories are not known; a grant of them is dropped.
    TempDirsNotKnown,
    /// `:slash_tmp` does not exist on Windows.
    UndefinedOnWindows,
    /// Nobody knows the symbol.
    UnknownSymbol,
    /// The symbol is named by the executor, with no paths.
    NoPaths,
    /// A git pointer whose back-pointer does not agree grants nothing.
    UnverifiedGitPointer,
}

impl Inert {
    /// Every reason, in the order of `docs/reference.md`.
    pub const ALL: [Self; 7] = [
        Self::NoRoots,
        Self::NoTempDirs,
        Self::TempDirsNotKnown,
        Self::UndefinedOnWindows,
        Self::UnknownSymbol,
        Self::NoPaths,
        Self::UnverifiedGitPointer,
    ];

    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoRoots => "no_roots",
            Self::NoTempDirs => "no_temp_dirs",
            Self::TempDirsNotKnown => "temp_dirs_not_known",
            Self::UndefinedOnWindows => "undefined_on_windows",
            Self::UnknownSymbol => "unknown_symbol",
            Self::NoPaths => "no_paths",
            Self::UnverifiedGitPointer => "unverified_git_pointer",
        }
    }

    /// The rule that makes it so.
    pub const fn rule(self) -> Rule {
        match self {
            Self::NoRoots => Rule::S3,
            Self::NoTempDirs | Self::TempDirsNotKnown => Rule::S5,
            Self::UndefinedOnWindows => Rule::S6,
            Self::UnknownSymbol => Rule::S8,
            Self::NoPaths => Rule::S7,
            Self::UnverifiedGitPointer => Rule::O7,
        }
    }
}

/// How an entry ended at one place. Refused entries have no policy and so no record; see
/// [`Refusals`](crate::Refusals).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It became a rule, a pattern or a flag.
    Bound,
    /// It binds to nothing here, for this reason.
    Inert(Inert),
}

/// One step on the way: the rule, and the text before and after. Most texts stand in several steps, and are shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The rule that acted.
    pub rule: Rule,
    /// The text that it acted on.
    pub before: Arc<str>,
    /// What it made of it.
    pub after: Arc<str>,
}

/// What an entry became in the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Target {
    /// The rule of this index.
    Rule(usize),
    /// The deny pattern of this index.
    Pattern(usize),
    /// The platform-default flag.
    Flag,
    /// Nothing.
    None,
}

/// What became of one entry at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub(crate) pointer: Arc<str>,
    pub(crate) said: Arc<str>,
    pub(crate) access: EntryAccess,
    pub(crate) root: Option<Arc<str>>,
    pub(crate) steps: Box<[Step]>,
    pub(crate) outcome: Outcome,
    pub(crate) target: Target,
    pub(crate) paths: Box<[Arc<str>]>,
    pub(crate) hazard: Option<Code>,
    pub(crate) shadows: Box<[Arc<str>]>,
    pub(crate) shadowed_by: Box<[Arc<str>]>,
}

impl Record {
    /// The JSON Pointer of the entry.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }
    /// What the entry said, in string form.
    pub fn said(&self) -> &str {
        &self.said
    }
    /// What the entry allows.
    pub const fn access(&self) -> EntryAccess {
        self.access
    }
    /// The id of the root that it was expanded with, if any.
    pub fn root(&self) -> Option<&str> {
        self.root.as_deref()
    }
    /// The steps that it went through, in order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
    /// How it ended.
    pub const fn outcome(&self) -> Outcome {
        self.outcome
    }
    /// The final paths: as written, and where that really is if it is another one.
    pub fn paths(&self) -> &[Arc<str>] {
        &self.paths
    }
    /// The hazard that was allowed or does not matter here, by its code (S-11).
    pub const fn hazard(&self) -> Option<Code> {
        self.hazard
    }
    /// The places whose rules lose to this one at its place: the same place, or the nearest place above it.
    pub fn shadows(&self) -> &[Arc<str>] {
        &self.shadows
    }
    /// The places whose rules win over this one: the same place, or a place below it.
    pub fn shadowed_by(&self) -> &[Arc<str>] {
        &self.shadowed_by
    }

    /// Writes the record; with a schema, where it stands alone.
    fn put_with(&self, schema: Option<&str>, out: &mut Out<'_>) {
        let (outcome, reason) = match self.outcome {
            Outcome::Bound => ("bound", None),
            Outcome::Inert(reason) => ("inert", Some(reason.as_str())),
        };
        let (kind, index) = match self.target {
            Target::Rule(index) => ("rule", Some(index as u64)),
            Target::Pattern(index) => ("deny_pattern", Some(index as u64)),
            Target::Flag => ("platform_defaults", None),
            Target::None => ("none", None),
        };
        out.object(|fields| {
            fields.put("access", self.access.as_str());
            fields.put("became", kind);
            fields.put("entry", &*self.pointer);
            fields.put("hazard", &self.hazard.map(Code::as_str));
            fields.put("index", &index);
            fields.put("outcome", outcome);
            fields.put("paths", &*self.paths);
            fields.put("reason", &reason);
            fields.put("root", &self.root.as_deref());
            fields.put("said", &*self.said);
            if let Some(schema) = schema {
                fields.put("schema", schema);
            }
            fields.put("shadowed_by", &*self.shadowed_by);
            fields.put("shadows", &*self.shadows);
            fields.put("steps", &*self.steps);
        });
    }

    /// One line of the JSON Lines form: the record with its schema.
    pub fn to_json_line(&self) -> String {
        let mut line = String::new();
        self.put_with(Some(AUDIT_SCHEMA), &mut Out::new(&mut line, None, 0));
        line
    }

    /// Sends the record to the current `tracing` subscriber, as an event with the same content.
    #[cfg(feature = "tracing")]
    pub(crate) fn emit(&self) {
        tracing::info!(
            target: "bindery::audit",
            entry = &*self.pointer,
            said = &*self.said,
            access = self.access.as_str(),
            root = self.root.as_deref(),
            record = json::canonical(self),
            "entry bound"
        );
    }
}

impl ToJson for Record {
    fn put(&self, out: &mut Out<'_>) {
        self.put_with(None, out);
    }
}

impl ToJson for Step {
    fn put(&self, out: &mut Out<'_>) {
        out.object(|fields| {
            fields.put("after", &*self.after);
            fields.put("before", &*self.before);
            fields.put("rule", self.rule.id());
        });
    }
}

/// The audit as a table for people: one line a record, in columns, no wider than it needs to be.
pub fn table(records: &[Record]) -> String {
    let rows: Vec<[String; 4]> = records
        .iter()
        .map(|record| {
            let became = match record.outcome {
                Outcome::Inert(reason) => format!("inert: {}", reason.as_str()),
                Outcome::Bound if record.paths.is_empty() => "flag".to_owned(),
                Outcome::Bound => record.paths.join(" = "),
            };
            let place = record.pointer.rsplit('/').next().unwrap_or_default().to_owned();
            let shown = |text: &str| crate::error::shown(text).into_owned();
            [shown(&place), record.access.as_str().to_owned(), shown(&record.said), shown(&became)]
        })
        .collect();
    let header = ["#", "access", "entry", "became"].map(str::to_owned);
    let width = |column: usize| {
        let cells = std::iter::once(&header).chain(&rows).filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths = [width(0), width(1), width(2)];
    let mut out = String::new();
    for row in std::iter::once(&header).chain(&rows) {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            line.push_str(cell);
            for _ in cell.chars().count()..width + 2 {
                line.push(' ');
            }
        }
        line.push_str(row.last().map_or("", String::as_str));
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}
