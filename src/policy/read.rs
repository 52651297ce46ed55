//! Reading a bound policy back: only what binding could have made is accepted (B-5).
//!
//! The rules are read, everything else is derived from them again and compared, and the digest is computed anew.

use super::rules::{BoundRule, DenyPattern, Place, Scope};
use super::{BoundPolicy, Facts, Inner, Inputs, POLICY_SCHEMA, SEMANTICS_VERSION, digest};
use crate::audit::{Inert, Outcome, Record, Step, Target};
use crate::error::{Code, Input, Refusal, Refusals};
use crate::executor::{ProtectedNames, read_aliases, read_volumes};
use crate::intent::{EntryAccess, Network, Note};
use crate::json::{self, At, Fields, Out, ToJson, Tree};
use crate::native::Os;
use crate::native::alias::volumes_and_aliases;
use crate::native::path::NativePath;
use crate::observe::observed::Observed;
use crate::pattern::Tail;
use crate::rule::Rule;
use std::sync::Arc;

/// The parts of a policy that its digest does not cover.
const OUTSIDE: [&str; 4] = ["audit", "digest", "engine", "notes"];

pub(super) fn policy(bytes: &[u8]) -> Result<Inner, Refusals> {
    let tree = json::parse(bytes, Input::Policy)?;
    let root = At::root(&tree, Input::Policy);
    let mut fields = root.object()?;
    let at = match fields.value("policy") {
        Some(inner) => {
            let outcome = fields.required("outcome")?;
            if outcome.string()? != "restricted" {
                let message = "only a binding with the outcome `restricted` holds a policy";
                return Err(outcome.refuse(Code::PolicyInconsistent, outcome.string()?, message).into());
            }
            inner
        }
        None if fields.has("outcome") && !fields.has("rules") => {
            let outcome = fields.value("outcome");
            let word = outcome.as_ref().and_then(|at| at.string().ok()).unwrap_or_default();
            let message =
                format!("a binding with the outcome `{}` holds no policy", crate::error::clip(word));
            return Err(root.refuse(Code::MissingField, word, message).into());
        }
        None => root,
    };
    let mut reader = Reader { os: Os::Linux, refusals: Vec::new(), recent: Default::default(), oldest: 0 };
    let facts = reader.facts(&at);
    Refusals::check(reader.refusals)?;
    let facts = facts.ok_or_else(|| at.refuse(Code::MissingField, "", "the document holds no policy"))?;
    let claimed = text_of(at.json, "digest").unwrap_or_default();
    let (volumes, aliases) = volumes_and_aliases(facts.os, &facts.volumes, &facts.aliases);
    let mut inner = BoundPolicy::assemble(facts, volumes, aliases);
    // What binding would have written is what is there: so every list follows from the rules, and the digest of the
    // one is that of the other.
    let mut derived = String::new();
    json::write_parts(inner.meaning(), &mut Out::new(&mut derived, None, 0));
    inner.digest = digest::of(&derived);
    if at.json.strip_from(&derived, &OUTSIDE) == Some("") && claimed == inner.digest {
        return Ok(inner);
    }
    let at_field = |name: &str, code, value: &str, message: String| {
        Refusal::new(Input::Policy, code, at.pointer_of(name), value, message)
    };
    let computed = digest::of(&json::canonical(&Covered(at.json)));
    if computed != claimed {
        let message =
            format!("the digest says `{}`, the content gives `{computed}`", crate::error::clip(claimed));
        return Err(at_field("digest", Code::DigestMismatch, claimed, message).into());
    }
    let mut refusals = Vec::new();
    if let Tree::Object(given) = at.json {
        for (name, value) in inner.meaning() {
            let value = json::part_text(&value);
            let same = given
                .iter()
                .find(|(key, _)| key == name)
                .is_some_and(|(_, given)| given.to_canonical() == value);
            if !same {
                let message = format!("`{name}` does not follow from the policy's rules");
                refusals.push(at_field(name, Code::PolicyInconsistent, name, message));
            }
        }
    }
    Refusals::check(refusals)?;
    Ok(inner)
}

fn text_of<'j>(tree: &'j Tree<'_>, name: &str) -> Option<&'j str> {
    match tree {
        Tree::Object(pairs) => pairs.iter().find(|(key, _)| key == name).and_then(|(_, value)| match value {
            Tree::String(text) => Some(&**text),
            Tree::Null | Tree::Bool(_) | Tree::Int(_) | Tree::Float(_) | Tree::Array(_) | Tree::Object(_) => {
                None
            }
        }),
        Tree::Null | Tree::Bool(_) | Tree::Int(_) | Tree::Float(_) | Tree::Array(_) | Tree::String(_) => None,
    }
}

/// What the digest of a policy that is read covers.
struct Covered<'j>(&'j Tree<'j>);

impl ToJson for Covered<'_> {
    fn put(&self, out: &mut Out<'_>) {
        match self.0 {
            Tree::Object(pairs) => out.pairs(json::covered(pairs, &OUTSIDE).collect()),
            Tree::Null | Tree::Bool(_) | Tree::Int(_) | Tree::Float(_) | Tree::Array(_) | Tree::String(_) => {
                out.value(self.0);
            }
        }
    }
}

struct Reader {
    os: Os,
    refusals: Vec<Refusal>,
    /// Texts of the audit that were met last: many stand in one record after the other.
    recent: [Arc<str>; 4],
    /// The one of them to forget next.
    oldest: usize,
}

impl Reader {
    fn keep<T>(&mut self, result: Result<T, Refusal>) -> Option<T> {
        result.map_err(|refusal| self.refusals.push(refusal)).ok()
    }

    /// A closed object: every field is known.
    fn close(&mut self, fields: &Fields<'_>) {
        for pointer in fields.unknown(&mut self.refusals) {
            let name = pointer.rsplit('/').next().unwrap_or_default().to_owned();
            let message = format!("`{}` is not a field of a bound policy", crate::error::clip(&name));
            self.refusals.push(Refusal::new(Input::Policy, Code::UnknownField, pointer, name, message));
        }
    }

    fn word<T: Copy>(&mut self, at: &At<'_>, words: &[(&str, T)]) -> Option<T> {
        let text = self.keep(at.string())?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let message = format!("`{}` is not one of {}", crate::error::clip(text), known.join(", "));
            self.refusals.push(at.refuse(Code::UnknownWord, text, message));
        }
        found
    }

    fn exactly(&mut self, at: &At<'_>, wanted: &str, code: Code) {
        if let Some(text) = self.keep(at.string()) {
            if text != wanted {
                let message =
                    format!("`{}` is not `{wanted}`, which this version reads", crate::error::clip(text));
                self.refusals.push(at.refuse(code, text, message));
            }
        }
    }

    fn text<'a>(&mut self, fields: &mut Fields<'a>, name: &'static str) -> Option<&'a str> {
        let at = self.keep(fields.required(name))?;
        self.keep(at.string())
    }

    /// A text that is kept once if it is one of these, or was met a short while ago.
    fn shared(&mut self, text: &str, known: &[&Arc<str>]) -> Arc<str> {
        let known = known.iter().copied().chain(&self.recent).find(|known| ***known == *text);
        if let Some(known) = known {
            return known.clone();
        }
        let new: Arc<str> = text.into();
        if let Some(slot) = self.recent.get_mut(self.oldest) {
            *slot = new.clone();
        }
        self.oldest = (self.oldest + 1) % self.recent.len();
        new
    }

    fn list<'a>(&mut self, fields: &mut Fields<'a>, name: &'static str) -> Vec<At<'a>> {
        let at = self.keep(fields.required(name));
        at.and_then(|at| self.keep(at.array())).unwrap_or_default()
    }

    /// A path in its one canonical spelling.
    fn path(&mut self, at: &At<'_>) -> Option<NativePath> {
        let text = self.keep(at.string())?;
        let parsed = NativePath::parse(self.os, text)
            .map_err(|error| at.refuse(error.code(), text, error.to_string()));
        let path = self.keep(parsed)?;
        if path.as_str() != text {
            let message =
                format!("`{}` is not in its normal spelling, which is `{path}`", crate::error::clip(text));
            self.refusals.push(at.refuse(Code::PathNotNormal, text, message));
            return None;
        }
        Some(path)
    }

    fn place(&mut self, at: &At<'_>) -> Option<Place> {
        if matches!(at.json, Tree::String(_)) {
            let path = self.path(at)?;
            return Some(Place::unsettled(path));
        }
        let mut fields = self.keep(at.object())?;
        let path = self.keep(fields.required("path")).and_then(|at| self.path(&at));
        let resolved = self.keep(fields.required("resolved")).and_then(|at| self.path(&at));
        let links = self.list(&mut fields, "links").iter().filter_map(|at| self.path(at)).collect();
        self.close(&fields);
        Some(Place::new(path?, resolved?, links))
    }

    fn unsigned_or_null(&mut self, fields: &mut Fields<'_>, name: &'static str) -> Option<u64> {
        let at = fields.value(name)?;
        self.keep(at.unsigned())
    }

    fn facts(&mut self, at: &At<'_>) -> Option<Facts> {
        let mut fields = self.keep(at.object())?;
        for (name, wanted, code) in [
            ("schema", POLICY_SCHEMA, Code::UnknownSchema),
            ("semantics", SEMANTICS_VERSION, Code::UnknownSemantics),
            ("mode", "restricted", Code::UnknownWord),
        ] {
            if let Some(at) = self.keep(fields.required(name)) {
                self.exactly(&at, wanted, code);
            }
        }
        if !self.refusals.is_empty() {
            return None;
        }
        let os = self
            .keep(fields.required("os"))
            .and_then(|at| self.word(&at, &Os::ALL.map(|os| (os.as_str(), os))))?;
        self.os = os;
        // An unknown field in these is found when they are compared with what binding would have written.
        let mut ignored = Vec::new();
        let executor = self.text(&mut fields, "executor").map(str::to_owned);
        let words = [Network::Restricted, Network::Enabled].map(|network| (network.as_str(), network));
        let network = self.keep(fields.required("network")).and_then(|at| self.word(&at, &words));
        self.keep(fields.required("observed")).and_then(|at| self.keep(at.boolean()));
        self.keep(fields.required("observations"));
        let observations =
            fields.value("observations").and_then(|at| Observed::from_tree(&at, os, &mut self.refusals));
        let access = [EntryAccess::Read, EntryAccess::Write, EntryAccess::Deny]
            .map(|access| (access.as_str(), access));
        let minimal = fields.value("minimal").and_then(|at| self.word(&at, &access));
        let minimal_known =
            self.keep(fields.required("minimal_known")).and_then(|at| self.keep(at.boolean()));
        let list = self.list(&mut fields, "rules");
        let mut rules: Vec<BoundRule> = Vec::with_capacity(list.len());
        rules.extend(list.iter().filter_map(|at| self.rule(at, &access)));
        let patterns: Vec<DenyPattern> =
            self.list(&mut fields, "deny_patterns").iter().filter_map(|at| self.pattern(at)).collect();
        let protected = self
            .keep(fields.required("protected_names"))
            .and_then(|at| ProtectedNames::from_json(&at, os, &mut ignored, &mut self.refusals));
        let temp_dirs = fields
            .value("temp_dirs")
            .and_then(|at| self.keep(at.array()))
            .map(|list| list.iter().filter_map(|at| self.path(at)).collect());
        let volumes = self
            .keep(fields.required("volumes"))
            .map(|at| read_volumes(os, &at, &mut ignored, &mut self.refusals));
        let aliases = self
            .keep(fields.required("aliases"))
            .map(|at| read_aliases(os, &at, &mut ignored, &mut self.refusals));
        let carried = self.keep(fields.required("carried")).map(|at| at.json.to_json());
        let inputs = self.keep(fields.required("inputs")).and_then(|at| self.inputs(&at));
        let list = self.list(&mut fields, "audit");
        let mut audit = Vec::with_capacity(list.len());
        audit.extend(list.iter().filter_map(|at| self.record(at, &rules, &patterns)));
        let mut notes = Vec::new();
        for at in self.list(&mut fields, "notes") {
            let Some(mut fields) = self.keep(at.object()) else { continue };
            let pointer = self.text(&mut fields, "pointer");
            let text = self.text(&mut fields, "text");
            self.close(&fields);
            let note =
                |(pointer, text): (&str, &str)| Note { pointer: pointer.to_owned(), text: text.to_owned() };
            notes.extend(pointer.zip(text).map(note));
        }
        for derived in
            ["flags", "readable_roots", "writable_roots", "denied", "plan", "residual_risks", "digest"]
        {
            self.keep(fields.required(derived));
        }
        // Any engine may have bound it.
        fields.value("engine");
        self.close(&fields);
        Some(Facts {
            os,
            executor: executor?,
            network: network?,
            observations,
            minimal,
            minimal_known: minimal_known?,
            rules,
            patterns,
            protected: protected?,
            volumes: volumes?,
            aliases: aliases?,
            temp_dirs,
            carried: carried?,
            inputs: inputs?,
            audit,
            notes,
        })
    }

    fn inputs(&mut self, at: &At<'_>) -> Option<Inputs> {
        let mut fields = self.keep(at.object())?;
        let intent = self.text(&mut fields, "intent").map(str::to_owned);
        let executor = self.text(&mut fields, "executor").map(str::to_owned);
        let observations =
            fields.value("observations").and_then(|at| self.keep(at.string()).map(str::to_owned));
        self.close(&fields);
        Some(Inputs { intent: intent?, executor: executor?, observations })
    }

    fn rule(&mut self, at: &At<'_>, access: &[(&str, EntryAccess)]) -> Option<BoundRule> {
        let mut fields = self.keep(at.object())?;
        let access = self.keep(fields.required("access")).and_then(|at| self.word(&at, access));
        let materialize = self.keep(fields.required("materialize")).and_then(|at| self.keep(at.boolean()));
        let place = self.keep(fields.required("path")).and_then(|at| self.place(&at));
        let words = [Scope::Tree, Scope::File].map(|scope| (scope.as_str(), scope));
        let scope = self.keep(fields.required("scope")).and_then(|at| self.word(&at, &words));
        self.close(&fields);
        Some(BoundRule { place: place?, access: access?, scope: scope?, materialize: materialize? })
    }

    fn pattern(&mut self, at: &At<'_>) -> Option<DenyPattern> {
        let mut fields = self.keep(at.object())?;
        let base = self.keep(fields.required("base")).and_then(|at| self.place(&at));
        let source = self.text(&mut fields, "source").map(str::to_owned);
        let tail = self.keep(fields.required("tail")).and_then(|at| {
            let text = self.keep(at.string())?;
            if text.is_empty() {
                return Some(None);
            }
            let tail = Tail::parse(self.os, text, crate::pattern::folds(self.os))
                .map_err(|error| at.refuse(error.code(), text, error.to_string()));
            self.keep(tail).map(Some)
        });
        let depth = self.unsigned_or_null(&mut fields, "depth");
        self.close(&fields);
        Some(DenyPattern { base: base?, tail: tail?, source: source?, depth })
    }

    /// A list of texts.
    fn texts(&mut self, fields: &mut Fields<'_>, name: &'static str, known: &[&Arc<str>]) -> Box<[Arc<str>]> {
        let Some(at) = self.keep(fields.required(name)) else { return Box::default() };
        at.strings(|text| self.shared(text, known)).unwrap_or_else(|| {
            let list = self.keep(at.array()).unwrap_or_default();
            list.iter().filter_map(|at| self.keep(at.string()).map(Arc::from)).collect()
        })
    }

    /// A step of a record in which these texts stand, too.
    fn step(&mut self, at: &At<'_>, known: &[&Arc<str>]) -> Option<Step> {
        let mut fields = self.keep(at.object())?;
        let mut text = |fields: &mut Fields<'_>, name| {
            let text = self.text(fields, name)?;
            let known = known.iter().find(|known| known.as_ref() == text);
            Some(known.map_or_else(|| text.into(), |known| Arc::clone(known)))
        };
        let after: Option<Arc<str>> = text(&mut fields, "after");
        let before: Option<Arc<str>> = text(&mut fields, "before");
        let rule = self.keep(fields.required("rule")).and_then(|at| {
            let id = self.keep(at.string())?;
            let unknown = || {
                at.refuse(
                    Code::UnknownWord,
                    id,
                    format!("`{}` is not the id of a rule", crate::error::clip(id)),
                )
            };
            self.keep(Rule::from_id(id).ok_or_else(unknown))
        });
        self.close(&fields);
        Some(Step { rule: rule?, before: before?, after: after? })
    }

    fn record(&mut self, at: &At<'_>, rules: &[BoundRule], patterns: &[DenyPattern]) -> Option<Record> {
        let mut fields = self.keep(at.object())?;
        let words = [EntryAccess::Read, EntryAccess::Write, EntryAccess::Deny]
            .map(|access| (access.as_str(), access));
        let access = self.keep(fields.required("access")).and_then(|at| self.word(&at, &words));
        let kinds = [("rule", 0), ("deny_pattern", 1), ("platform_defaults", 2), ("none", 3)];
        let kind = self.keep(fields.required("became")).and_then(|at| self.word(&at, &kinds));
        let pointer = self.text(&mut fields, "entry");
        let hazard = fields.value("hazard").and_then(|at| {
            let word = self.keep(at.string())?;
            let unknown = || {
                at.refuse(Code::UnknownWord, word, format!("`{}` is not a code", crate::error::clip(word)))
            };
            self.keep(Code::from_word(word).ok_or_else(unknown))
        });
        let index = self.unsigned_or_null(&mut fields, "index").and_then(|index| usize::try_from(index).ok());
        let outcome = self
            .keep(fields.required("outcome"))
            .and_then(|at| self.word(&at, &[("bound", false), ("inert", true)]));
        // The texts are those of the places, and what one step began with is what the entry said.
        let place = match (kind, index) {
            (Some(0), Some(index)) => rules.get(index).map(BoundRule::place),
            (Some(1), Some(index)) => patterns.get(index).map(DenyPattern::base),
            (_, _) => None,
        };
        let names: Option<[Arc<str>; 2]> =
            place.map(|place| [place.path().shared(), place.resolved().shared()]);
        let mut known: Vec<&Arc<str>> = Vec::with_capacity(4);
        known.extend(names.iter().flatten());
        let paths = self.texts(&mut fields, "paths", &known);
        let reason = fields
            .value("reason")
            .and_then(|at| self.word(&at, &Inert::ALL.map(|reason| (reason.as_str(), reason))));
        let root =
            fields.value("root").and_then(|at| self.keep(at.string()).map(|text| self.shared(text, &[])));
        let said: Option<Arc<str>> = self.text(&mut fields, "said").map(Arc::from);
        let shadowed_by = self.texts(&mut fields, "shadowed_by", &[]);
        let shadows = self.texts(&mut fields, "shadows", &[]);
        known.extend(&said);
        let list = self.list(&mut fields, "steps");
        let mut steps = Vec::with_capacity(list.len());
        steps.extend(list.iter().filter_map(|at| self.step(at, &known)));
        let outcome = match (outcome?, reason) {
            (false, None) => Outcome::Bound,
            (true, Some(reason)) => Outcome::Inert(reason),
            (inert, _) => {
                let message =
                    if inert { "an inert record has no reason" } else { "a bound record has a reason" };
                self.refusals.push(at.refuse(Code::PolicyInconsistent, "reason", message));
                return None;
            }
        };
        let target = match (kind?, index) {
            // Rules that were refused are missing from the count; that is said already.
            (0, Some(index)) if index < rules.len() || !self.refusals.is_empty() => Target::Rule(index),
            (1, Some(index)) if index < patterns.len() || !self.refusals.is_empty() => Target::Pattern(index),
            (2, None) => Target::Flag,
            (3, None) => Target::None,
            _ => {
                let message = "the record names a rule that the policy does not have";
                self.refusals.push(at.refuse(Code::PolicyInconsistent, "index", message));
                return None;
            }
        };
        self.close(&fields);
        Some(Record {
            pointer: pointer?.into(),
            said: said?,
            access: access?,
            root,
            steps: steps.into(),
            outcome,
            target,
            paths,
            hazard,
            shadows,
            shadowed_by,
        })
    }
}
