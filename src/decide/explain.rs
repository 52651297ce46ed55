//! A decision in words: one sentence for a log line, several lines for a person.

use super::{Access, Answer, Cause, Decision, Via};
use crate::error::shown;
use crate::intent::EntryAccess;
use std::fmt::Write as _;

impl Decision<'_> {
    /// One sentence that says what decided.
    pub fn reason(&self) -> String {
        let place = shown(self.place().unwrap_or_default());
        let said = shown(self.record().map_or("a rule", |record| &*record.said));
        let verb = match self.access {
            Access::Read | Access::ReadTree => "read",
            Access::Write | Access::WriteTree => "written",
        };
        let how = match self.via() {
            Via::Wide => ", matched widely because the volume may not tell the two spellings apart",
            Via::Alias => ", reached by another name of the same place",
            Via::Exact | Via::Pattern | Via::Protected | Via::None => "",
        };
        match (self.verdict.cause, self.answer()) {
            (Cause::Rule(_), Answer::Allow) => {
                format!("`{said}` lets everything in `{place}` be {verb}{how}")
            }
            (Cause::Rule(_), Answer::Partial) => {
                format!("`{said}` lets `{place}` be {verb}{how}, but not everything below the path")
            }
            (Cause::Rule(rule), Answer::Deny) => {
                match self.policy.facts.rules.get(rule as usize).map(|rule| rule.access) {
                    Some(EntryAccess::Read) => format!("`{said}` lets `{place}` be read, not {verb}{how}"),
                    Some(EntryAccess::Write | EntryAccess::Deny) | None => {
                        format!("`{said}` denies `{place}`{how}")
                    }
                }
            }
            (Cause::Pattern(_), _) => {
                format!(
                    "the pattern `{}` below `{place}` matches the path or a directory above it",
                    shown(self.pattern().unwrap_or_default())
                )
            }
            (Cause::Protected(_), _) => {
                format!(
                    "the path lies in a protected name of the writable place `{place}`, which no entry makes writable"
                )
            }
            (Cause::Nothing, _) => "no entry contains the path".to_owned(),
            (Cause::Query(error), _) => error.to_string(),
            (Cause::Mirror, _) => {
                "the path leads through a directory that shows other places under another name".to_owned()
            }
            (Cause::Unseen(unseen), _) => unseen.sentence().to_owned(),
        }
    }

    /// The decision for a person: the answer, what decided and by which entry, what lost.
    pub fn explain(&self) -> String {
        let mut out = String::new();
        let verb = if self.access.is_write() { "write" } else { "read" };
        let all = if self.access.is_tree() { " everything in" } else { "" };
        let path = self.path_text();
        let path = shown(&path);
        // Writing to a String cannot fail.
        let _ = match self.answer() {
            Answer::Allow => writeln!(out, "may {verb}{all} {path}"),
            Answer::Partial => writeln!(out, "may {verb} {path}, but not everything in it"),
            Answer::Deny => writeln!(out, "may not {verb}{all} {path}"),
        };
        let _ = writeln!(out, "  because  {} ({})", self.reason(), self.rule());
        if let Some(record) = self.record() {
            let root =
                record.root.as_deref().map(|root| format!(", root {}", shown(root))).unwrap_or_default();
            let _ = writeln!(
                out,
                "  entry    {} {} at {}{root}",
                record.access.as_str(),
                record.said,
                record.pointer
            );
        }
        if let Some(place) = self.place().map(shown) {
            let _ = writeln!(
                out,
                "  place    {place}, matched {}",
                match self.via() {
                    Via::Exact => "exactly",
                    Via::Wide => "by the wide key",
                    Via::Alias => "through an alias",
                    Via::Pattern => "by a pattern",
                    Via::Protected => "by a protected name",
                    Via::None => "by nothing",
                }
            );
        }
        if let Some(alias) = self.alias() {
            let _ = writeln!(out, "  alias    {}", shown(alias));
        }
        for under in self.under() {
            let _ = writeln!(out, "  except   {}", shown(under));
        }
        for lost in self.overruled() {
            let _ = writeln!(
                out,
                "  lost     {} {} at {}",
                lost.access().as_str(),
                shown(lost.place()),
                shown(lost.entry().unwrap_or("-"))
            );
        }
        out
    }
}
