//! May this path be read or written, and why (D-1 to D-7).

mod explain;
mod names;
mod seen;
mod tree;

use crate::audit::Record;
use crate::error::{Code, Input, Refusal, Refusals};
use crate::intent::EntryAccess;
use crate::json::{self, At, Json};
use crate::native::query::{QueryError, parse_query};
use crate::policy::index::{Collect, Found, Hit};
use crate::policy::{BoundPolicy, Inner};
use crate::rule::Rule;
use names::Name;
use seen::Unseen;
use std::borrow::Cow;
use std::sync::Arc;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// Reading this path.
    Read,
    /// Writing, making or removing this path.
    Write,
    /// Reading this path and everything below it.
    ReadTree,
    /// Writing this path and everything below it.
    WriteTree,
}

impl Access {
    /// Every access, in the order used for tables.
    pub const ALL: [Self; 4] = [Self::Read, Self::Write, Self::ReadTree, Self::WriteTree];

    /// The word used in queries and decisions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::ReadTree => "read_tree",
            Self::WriteTree => "write_tree",
        }
    }

    /// The access of a word, or `None`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|access| access.as_str() == word)
    }

    const fn is_write(self) -> bool {
        matches!(self, Self::Write | Self::WriteTree)
    }

    const fn is_tree(self) -> bool {
        matches!(self, Self::ReadTree | Self::WriteTree)
    }

    /// Is a place with this winning entry enough?
    const fn is_met_by(self, access: EntryAccess) -> bool {
        match access {
            EntryAccess::Deny => false,
            EntryAccess::Read => !self.is_write(),
            EntryAccess::Write => true,
        }
    }
}

/// The answer to a query. Ordered by strictness: deny, then partial, then allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// No.
    Deny,
    /// The path itself, but not everything below it (tree questions only).
    Partial,
    /// Yes.
    Allow,
}

impl Answer {
    /// The word used in decisions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Partial => "partial",
            Self::Allow => "allow",
        }
    }
}

/// How the rule that decided came to match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Via {
    /// By the exact key.
    Exact,
    /// By the wide key only.
    Wide,
    /// Through another name of the same place.
    Alias,
    /// A deny pattern.
    Pattern,
    /// A protected name in a writable place.
    Protected,
    /// Nothing matched.
    None,
}

impl Via {
    /// Every way, in the order of `docs/reference.md`.
    pub const ALL: [Self; 6] =
        [Self::Exact, Self::Wide, Self::Alias, Self::Pattern, Self::Protected, Self::None];

    /// The word used in decisions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Wide => "wide",
            Self::Alias => "alias",
            Self::Pattern => "pattern",
            Self::Protected => "protected",
            Self::None => "none",
        }
    }
}

/// What decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    /// A rule, by its index.
    Rule(u32),
    /// A deny pattern, by its index.
    Pattern(usize),
    /// A protected name; the rule that makes its place writable.
    Protected(u32),
    /// No rule contains the path.
    Nothing,
    /// The query cannot be judged by its segments.
    Query(QueryError),
    /// The path leads through a directory that shows other places, which depend on who asks.
    Mirror,
    /// The file system was asked where the path leads, and that is not known.
    Unseen(Unseen),
}

#[derive(Clone, Debug)]
struct Verdict {
    answer: Answer,
    cause: Cause,
    via: Via,
    /// The alias that led to the place, if one did.
    alias: Option<String>,
    /// For a partial answer: what is not allowed below.
    under: Vec<String>,
    /// The other name under which the path was judged, where that is what decided.
    name: Option<Vec<u8>>,
}

impl Verdict {
    const fn new(answer: Answer, cause: Cause, via: Via) -> Self {
        Self { answer, cause, via, alias: None, under: Vec::new(), name: None }
    }

    /// The stricter of two; the first of two that are as strict, with what either leaves out.
    fn stricter(mut self, mut other: Self) -> Self {
        if other.answer < self.answer {
            std::mem::swap(&mut self, &mut other);
        }
        if self.answer == Answer::Partial {
            self.under.append(&mut other.under);
            self.under.sort();
            self.under.dedup();
        }
        self
    }
}

/// The answer to one query, with its reason. Borrows the policy and the path; [`to_json`](Self::to_json) is the
/// form that lasts.
#[derive(Clone, Debug)]
#[must_use]
pub struct Decision<'a> {
    policy: &'a Inner,
    path: Cow<'a, [u8]>,
    access: Access,
    verdict: Verdict,
}

impl BoundPolicy {
    /// Decides on a path in the target's spelling. Any bytes can be asked about.
    ///
    /// ```
    /// # use bindery::{Access, Binder, Binding, Executor, Intent, Os};
    /// let executor = Executor::builder(Os::Linux, "build-7").workspace_root("app", "/srv/ws")?.build()?;
    /// let intent = Intent::from_json(br#"{"permissions": {"type": "managed", "network": "restricted",
    ///     "file_system": {"type": "restricted", "entries": [{"path": ":workspace_roots", "access": "write"}]}}}"#)?;
    /// let Binding::Restricted(policy) = Binder::new(&executor).bind(&intent)? else { unreachable!() };
    /// assert!(policy.decide("/srv/ws/src/main.rs", Access::Write).is_allowed());
    /// let d = policy.decide("/srv/ws/.git/config", Access::Write);
    /// assert!(!d.is_allowed());
    /// assert_eq!(d.rule().id(), "D-4");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn decide<'a>(&'a self, path: &'a (impl AsRef<[u8]> + ?Sized), access: Access) -> Decision<'a> {
        let path = path.as_ref();
        Decision { policy: &self.0, path: Cow::Borrowed(path), access, verdict: self.0.decide(path, access) }
    }

    /// Decides on a path as the host's standard library holds it. The bytes are the host's own encoding, so the
    /// policy should be for this host's OS.
    pub fn decide_os<'a>(&'a self, path: &'a std::ffi::OsStr, access: Access) -> Decision<'a> {
        self.decide(path.as_encoded_bytes(), access)
    }

    /// Answers one query as JSON, `{"path": ..., "access": ...}`. A path that is not UTF-8 is given as
    /// `path_hex`, two hex digits a byte.
    ///
    /// # Errors
    /// A document that is no query.
    pub fn decide_json(&self, bytes: &[u8]) -> Result<Decision<'_>, Refusals> {
        let tree = json::parse(bytes, Input::Query)?;
        let (path, access) = read_query(&At::root(&tree, Input::Query), false)?;
        let verdict = self.0.decide(&path, access);
        Ok(Decision { policy: &self.0, path: Cow::Owned(path), access, verdict })
    }

    /// Reads a decision back: it must be what this policy decides.
    ///
    /// # Errors
    /// A document that is no decision, or not this policy's.
    pub fn check_decision(&self, bytes: &[u8]) -> Result<Decision<'_>, Refusals> {
        let tree = json::parse(bytes, Input::Query)?;
        let (path, access) = read_query(&At::root(&tree, Input::Query), true)?;
        let verdict = self.0.decide(&path, access);
        let decision = Decision { policy: &self.0, path: Cow::Owned(path), access, verdict };
        if decision.to_tree().to_canonical() != tree.to_canonical() {
            let message = "the decision is not what the policy decides";
            return Err(Refusal::new(
                Input::Query,
                Code::PolicyInconsistent,
                "",
                decision.path_text(),
                message,
            )
            .into());
        }
        Ok(decision)
    }

    /// Do both share the same policy, not only an equal one?
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

fn read_query(at: &At<'_>, with_answer: bool) -> Result<(Vec<u8>, Access), Refusals> {
    let mut refusals = Vec::new();
    let mut fields = at.object()?;
    let path = match fields.value("path_hex") {
        Some(at) => at.string().and_then(|text| {
            unhex(text).ok_or_else(|| {
                at.refuse(Code::WrongType, text, "`path_hex` is not an even number of hex digits")
            })
        }),
        None => fields.required("path").and_then(|at| at.string().map(|text| text.as_bytes().to_vec())),
    };
    fields.value("path");
    let access = fields.required("access").and_then(|at| {
        let word = at.string()?;
        Access::from_word(word).ok_or_else(|| {
            at.refuse(
                Code::UnknownWord,
                word,
                format!("`{}` is not read, write, read_tree or write_tree", crate::error::clip(word)),
            )
        })
    });
    if with_answer {
        for name in ["decision", "reason", "overruled", "under"] {
            fields.value(name);
        }
    }
    fields.unknown(&mut refusals);
    match (path, access) {
        (Ok(path), Ok(access)) if refusals.is_empty() => Ok((path, access)),
        (path, access) => {
            refusals.extend(path.err());
            refusals.extend(access.err());
            Err(Refusals::from_vec(refusals)
                .unwrap_or_else(|| at.refuse(Code::MissingField, "path", "the query has no path").into()))
        }
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    text.as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(high)? * 16 + digit(low)?),
            _ => None,
        })
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

impl Inner {
    /// Judges one name. `asked` is the name as it was asked, where this one is another; `possibly` is another that
    /// the same place may have, where nothing is granted and everything is denied that is denied there, with how many
    /// components at the end of both are the same.
    fn judge(
        &self,
        name: &Name<'_>,
        access: Access,
        asked: Option<&Name<'_>>,
        possibly: Option<(Name<'_>, usize)>,
    ) -> Verdict {
        let collect = if access.is_tree() { Collect::Tree } else { Collect::Answer };
        let found = match possibly {
            None => self.index.walk(name.root, &name.components, collect),
            Some((other, kept)) => {
                let other = (other.root, &other.components);
                self.index.walk_two((name.root, &name.components), other, kept, collect)
            }
        };
        let mut verdict = Self::answer(&found, access);
        match verdict.cause {
            Cause::Rule(rule) if verdict.via == Via::Exact => {
                if !self.is_as_written(rule, name, asked) {
                    verdict.via = Via::Alias;
                    verdict.alias = self
                        .facts
                        .rules
                        .get(rule as usize)
                        .and_then(|rule| rule.place.links().first())
                        .map(|link| link.as_str().to_owned());
                }
            }
            Cause::Rule(_)
            | Cause::Pattern(_)
            | Cause::Protected(_)
            | Cause::Nothing
            | Cause::Query(_)
            | Cause::Mirror
            | Cause::Unseen(_) => {}
        }
        if access.is_tree() && verdict.answer == Answer::Allow {
            verdict.under = tree::under(self, &found, access);
            if !verdict.under.is_empty() {
                verdict.answer = Answer::Partial;
            }
        }
        verdict
    }

    /// Does the rule contain the path in the spelling in which both were written?
    fn is_as_written(&self, rule: u32, name: &Name<'_>, asked: Option<&Name<'_>>) -> bool {
        let Some(rule) = self.facts.rules.get(rule as usize) else { return true };
        if asked.is_none() && rule.place.path() == rule.place.resolved() {
            return true;
        }
        let name = asked.unwrap_or(name);
        let volumes = &self.index.volumes;
        let keys = volumes.query_keys(name.root, name.components.clone());
        volumes.keys(rule.place.path()).exact.contains(&keys.exact)
    }

    /// The answer from what a walk found.
    fn answer(found: &Found, access: Access) -> Verdict {
        let level = |hit: Option<Hit>| {
            hit.map_or(0, |hit| match hit.access {
                EntryAccess::Deny => 0,
                EntryAccess::Read => 1,
                EntryAccess::Write => 2,
            })
        };
        let is_deny = |hit: Option<Hit>| hit.is_some_and(|hit| hit.access == EntryAccess::Deny);
        // The stricter of both keys; of two that say the same, the exact one, unless only the wide one has a rule.
        let by_wide = level(found.wide) < level(found.exact)
            || (is_deny(found.wide) && !is_deny(found.exact) && level(found.exact) == 0);
        let (hit, via) = if by_wide { (found.wide, Via::Wide) } else { (found.exact, Via::Exact) };
        if let Some(hit) = hit.filter(|hit| hit.access == EntryAccess::Deny) {
            return Verdict::new(Answer::Deny, Cause::Rule(hit.rule), via);
        }
        if let Some(pattern) = found.pattern {
            return Verdict::new(Answer::Deny, Cause::Pattern(pattern), Via::Pattern);
        }
        let Some(hit) = hit else { return Verdict::new(Answer::Deny, Cause::Nothing, Via::None) };
        if !access.is_met_by(hit.access) {
            return Verdict::new(Answer::Deny, Cause::Rule(hit.rule), via);
        }
        if access.is_write() {
            // The write rule that holds by both keys, or the shallower of two: what a protected name must be above.
            let depth = found.exact.map_or(0, |hit| hit.depth).min(found.wide.map_or(0, |hit| hit.depth));
            if let Some(cap) = found.cap.filter(|cap| cap.depth > depth) {
                return Verdict::new(
                    Answer::Deny,
                    Cause::Protected(cap.rule.unwrap_or(hit.rule)),
                    Via::Protected,
                );
            }
        }
        Verdict::new(Answer::Allow, Cause::Rule(hit.rule), via)
    }

    fn record_of_rule(&self, rule: u32) -> Option<&Record> {
        self.record_of_rule
            .get(rule as usize)
            .copied()
            .flatten()
            .and_then(|at| self.facts.audit.get(at as usize))
    }

    fn record_of_pattern(&self, pattern: usize) -> Option<&Record> {
        self.record_of_pattern
            .get(pattern)
            .copied()
            .flatten()
            .and_then(|at| self.facts.audit.get(at as usize))
    }
}

/// A rule that contained the path and did not decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overruled<'a> {
    entry: Option<&'a str>,
    place: &'a str,
    access: EntryAccess,
    via: Via,
}

impl<'a> Overruled<'a> {
    /// The JSON Pointer of its entry.
    pub const fn entry(&self) -> Option<&'a str> {
        self.entry
    }
    /// Its place.
    pub const fn place(&self) -> &'a str {
        self.place
    }
    /// What it says.
    pub const fn access(&self) -> EntryAccess {
        self.access
    }
    /// How it matched: by the exact key, or by the wide key only.
    pub const fn via(&self) -> Via {
        self.via
    }
}

impl<'a> Decision<'a> {
    /// Is everything that was asked for allowed? A partial answer is not.
    pub fn is_allowed(&self) -> bool {
        self.verdict.answer == Answer::Allow
    }
    /// The answer.
    pub const fn answer(&self) -> Answer {
        self.verdict.answer
    }
    /// What was asked for.
    pub const fn access(&self) -> Access {
        self.access
    }
    /// The path that was asked about, as bytes.
    pub fn path(&self) -> &[u8] {
        &self.path
    }
    /// How the deciding rule matched.
    pub const fn via(&self) -> Via {
        self.verdict.via
    }
    /// For a partial answer: the places and patterns below the path that are not allowed, sorted.
    pub fn under(&self) -> &[String] {
        &self.verdict.under
    }

    /// The rule of the semantics that decided.
    pub const fn rule(&self) -> Rule {
        match self.verdict.cause {
            Cause::Rule(_) => match self.verdict.answer {
                Answer::Partial => Rule::D7,
                Answer::Allow | Answer::Deny => Rule::D2,
            },
            Cause::Pattern(_) => Rule::D3,
            Cause::Protected(_) => Rule::D4,
            Cause::Nothing => Rule::D5,
            Cause::Query(_) | Cause::Mirror => Rule::D6,
            Cause::Unseen(_) => Rule::O2,
        }
    }

    fn record(&self) -> Option<&'a Record> {
        match self.verdict.cause {
            Cause::Rule(rule) | Cause::Protected(rule) => self.policy.record_of_rule(rule),
            Cause::Pattern(pattern) => self.policy.record_of_pattern(pattern),
            Cause::Nothing | Cause::Query(_) | Cause::Mirror | Cause::Unseen(_) => None,
        }
    }

    /// The JSON Pointer of the entry that decided.
    pub fn entry(&self) -> Option<&'a str> {
        self.record().map(Record::pointer)
    }

    /// The id of the root that the deciding entry was expanded with.
    pub fn root(&self) -> Option<&'a str> {
        self.record().and_then(Record::root)
    }

    /// The place of the rule that decided: its path as written, a pattern's base, or the writable place of a
    /// protected name.
    pub fn place(&self) -> Option<&'a str> {
        match self.verdict.cause {
            Cause::Rule(rule) | Cause::Protected(rule) => {
                self.policy.facts.rules.get(rule as usize).map(|rule| rule.place.path().as_str())
            }
            Cause::Pattern(pattern) => {
                self.policy.facts.patterns.get(pattern).map(|pattern| pattern.base.path().as_str())
            }
            Cause::Nothing | Cause::Query(_) | Cause::Mirror | Cause::Unseen(_) => None,
        }
    }

    /// The pattern that decided, as the intent wrote it.
    pub fn pattern(&self) -> Option<&'a str> {
        match self.verdict.cause {
            Cause::Pattern(pattern) => {
                self.policy.facts.patterns.get(pattern).map(|pattern| pattern.source.as_str())
            }
            Cause::Rule(_)
            | Cause::Protected(_)
            | Cause::Nothing
            | Cause::Query(_)
            | Cause::Mirror
            | Cause::Unseen(_) => None,
        }
    }

    /// The alias that led to the place, if one did.
    pub fn alias(&self) -> Option<&str> {
        self.verdict.alias.as_deref()
    }

    /// Why a query was denied without being judged, as a stable word.
    pub const fn query_fault(&self) -> Option<&'static str> {
        match self.verdict.cause {
            Cause::Query(error) => Some(error.word()),
            Cause::Mirror => Some("mirror"),
            Cause::Unseen(unseen) => Some(unseen.word()),
            Cause::Rule(_) | Cause::Pattern(_) | Cause::Protected(_) | Cause::Nothing => None,
        }
    }

    /// The rules that contained the path and lost, deepest first.
    pub fn overruled(&self) -> Vec<Overruled<'a>> {
        let policy = self.policy;
        let text = self.verdict.name.as_deref().unwrap_or(&self.path);
        let Ok(query) = parse_query(policy.facts.os, text) else { return Vec::new() };
        if matches!(self.verdict.cause, Cause::Query(_) | Cause::Mirror | Cause::Unseen(_)) {
            return Vec::new();
        }
        let found = policy.index.walk(query.root(), &query.components(), Collect::Rules);
        let decider = match self.verdict.cause {
            Cause::Rule(rule) | Cause::Protected(rule) => Some(rule),
            Cause::Pattern(_) | Cause::Nothing | Cause::Query(_) | Cause::Mirror | Cause::Unseen(_) => None,
        };
        let losers = found.all.iter().rev().filter(|(rule, _)| Some(*rule) != decider);
        losers
            .filter_map(|&(id, exact)| {
                let rule = policy.facts.rules.get(id as usize)?;
                Some(Overruled {
                    entry: policy.record_of_rule(id).map(Record::pointer),
                    place: rule.place.path().as_str(),
                    access: rule.access,
                    via: if exact { Via::Exact } else { Via::Wide },
                })
            })
            .collect()
    }

    fn path_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.path)
    }

    /// The decision as one line of JSON.
    pub fn to_json(&self) -> String {
        self.to_tree().to_canonical()
    }

    pub(crate) fn to_tree(&self) -> Json {
        let overruled = |lost: &Overruled<'_>| {
            json::object([
                ("entry", lost.entry.into()),
                ("place", lost.place.into()),
                ("access", lost.access.as_str().into()),
                ("via", lost.via.as_str().into()),
            ])
        };
        let reason = json::object([
            ("rule", self.rule().id().into()),
            ("entry", self.entry().into()),
            ("place", self.place().into()),
            ("via", self.via().as_str().into()),
            ("root", self.root().into()),
            ("alias", self.alias().into()),
            ("pattern", self.pattern().into()),
            ("query", self.query_fault().into()),
            ("message", self.reason().into()),
        ]);
        let mut pairs = vec![
            ("path".to_owned(), Json::from(self.path_text().as_ref())),
            ("access".to_owned(), self.access.as_str().into()),
            ("decision".to_owned(), self.answer().as_str().into()),
            ("reason".to_owned(), reason),
            ("overruled".to_owned(), Json::Array(self.overruled().iter().map(overruled).collect())),
        ];
        if std::str::from_utf8(&self.path).is_err() {
            let hex = hex(&self.path);
            pairs.push(("path_hex".to_owned(), hex.into()));
        }
        if self.answer() == Answer::Partial {
            pairs.push(("under".to_owned(), self.under().to_vec().into()));
        }
        Json::Object(pairs)
    }
}

#[cfg(test)]
mod tests;
