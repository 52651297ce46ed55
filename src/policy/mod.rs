//! The bound policy: inert data in canonical form, and the index that answers from it.

pub(crate) mod digest;
pub(crate) mod index;
mod read;
pub(crate) mod rules;
pub(crate) mod view;

use crate::audit::{Record, Target};
use crate::error::Refusals;
use crate::executor::{Executor, ProtectedNames, aliases_to_json, volumes_to_json};
use crate::intent::{EntryAccess, Intent, Network, Note};
use crate::json::{self, Json, Out, Parts as JsonParts, ToJson, part};
use crate::native::Os;
use crate::native::alias::Aliases;
use crate::native::key::{CaseRule, NormRule, Volume, Volumes};
use crate::native::path::{NativePath, RootKind};
use crate::observe::Identity;
use crate::observe::observed::Observed;
use crate::observe::walked::State;
use index::Index;
use rules::{BoundRule, DenyPattern, Place};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use view::{PlanStep, View, WritableRoot};

/// The schema of a bound policy that this version reads and writes.
pub const POLICY_SCHEMA: &str = "bindery.policy/1";
/// The version of the meaning: it changes when the same input binds to something else (architecture rule 12).
pub const SEMANTICS_VERSION: &str = "1";
/// The engine that bound a policy. Not part of the digest.
pub(crate) const ENGINE: &str = concat!("bindery ", env!("CARGO_PKG_VERSION"));

/// What binding hands over: rules and patterns in canonical order, and the audit.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) rules: Vec<BoundRule>,
    pub(crate) patterns: Vec<DenyPattern>,
    pub(crate) minimal: Option<EntryAccess>,
    pub(crate) audit: Vec<Record>,
}

/// The digests of what a policy was bound from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inputs {
    pub(crate) intent: String,
    pub(crate) executor: String,
    pub(crate) observations: Option<String>,
}

/// Something that a bound policy cannot promise, said out loud (O-8).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Risk {
    pub(crate) code: &'static str,
    pub(crate) text: &'static str,
    pub(crate) places: Box<[NativePath]>,
}

impl Risk {
    /// A stable word, listed in `docs/reference.md`.
    pub const fn code(&self) -> &'static str {
        self.code
    }
    /// One sentence.
    pub const fn text(&self) -> &'static str {
        self.text
    }
    /// The places that it concerns; empty if all of them.
    pub fn places(&self) -> &[NativePath] {
        &self.places
    }
}

impl ToJson for Risk {
    fn put(&self, out: &mut Out<'_>) {
        out.object(|fields| {
            fields.put("code", self.code);
            fields.put("places", &*self.places);
            fields.put("text", self.text);
        });
    }
}

impl ToJson for Note {
    fn put(&self, out: &mut Out<'_>) {
        out.object(|fields| {
            fields.put("pointer", self.pointer());
            fields.put("text", self.text());
        });
    }
}

/// The codes of every residual risk, with their sentence.
pub const RISKS: [(&str, &str); 8] = [
    ("not_observed", "Only text was read: links, mounts, hard links and short names on the way are unknown."),
    (
        "volume_rules_unknown",
        "Whether the volume keeps case and normalization apart is unknown: denials here match widely, which a plan of literal paths cannot say.",
    ),
    (
        "patterns_are_live",
        "A decision matches files that are made later; a builder that expands patterns covers only what it found.",
    ),
    (
        "platform_defaults_unknown",
        "The platform's own readable places are denied or granted by flag only; their paths are not known here.",
    ),
    (
        "later_changes",
        "Links, mounts and files that are made after binding are not known: verify just before the sandbox is built.",
    ),
    (
        "unobserved_subtrees",
        "What lies below the bound places was not looked at: a link, mount or hard link there leads where it leads.",
    ),
    ("hard_links", "The file has more names than this one; what holds for this name holds for no other."),
    ("not_seen", "The place could not be looked at: only its name is judged."),
];

/// Everything that a policy is, except its index.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) os: Os,
    pub(crate) executor: String,
    pub(crate) network: Network,
    /// What was seen; `None` if only text was read.
    pub(crate) observations: Option<Observed>,
    pub(crate) minimal: Option<EntryAccess>,
    pub(crate) minimal_known: bool,
    pub(crate) rules: Vec<BoundRule>,
    pub(crate) patterns: Vec<DenyPattern>,
    pub(crate) protected: ProtectedNames,
    pub(crate) volumes: Vec<Volume>,
    pub(crate) aliases: Vec<(NativePath, NativePath)>,
    pub(crate) temp_dirs: Option<Vec<NativePath>>,
    pub(crate) carried: Json,
    pub(crate) inputs: Inputs,
    pub(crate) audit: Vec<Record>,
    pub(crate) notes: Vec<Note>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) facts: Facts,
    pub(crate) index: Index,
    pub(crate) view: View,
    pub(crate) risks: Vec<Risk>,
    pub(crate) digest: String,
    /// The audit record that names each rule, for explanations.
    pub(crate) record_of_rule: Box<[Option<u32>]>,
    pub(crate) record_of_pattern: Box<[Option<u32>]>,
    /// Where each object that was seen really is; several places are several names of it.
    pub(crate) objects: BTreeMap<Identity, BTreeSet<NativePath>>,
}

/// What may be read and written on one machine, as absolute native paths: inert, canonical, checked.
///
/// A policy comes out of [`Binder::bind`](crate::Binder::bind) or is read back by
/// [`from_json`](Self::from_json), and cannot hold a symbol, a relative or a foreign path. Cloning shares it.
#[derive(Clone, Debug)]
pub struct BoundPolicy(pub(crate) Arc<Inner>);

impl BoundPolicy {
    /// A policy from its parts. `given` are the executor's facts as they were given, `executor` with what was seen.
    pub(crate) fn bound(
        given: &Executor,
        executor: &Executor,
        intent: &Intent,
        network: Network,
        parts: Parts,
        notes: Vec<Note>,
        observations: Option<Observed>,
    ) -> Self {
        let temp_dirs = executor.temp_dirs.as_ref().map(|dirs| {
            let sorted: BTreeSet<NativePath> = dirs.iter().cloned().collect();
            sorted.into_iter().collect()
        });
        let mut volumes = executor.volume_list.clone();
        volumes.sort_by(|a, b| a.path.cmp(&b.path));
        let mut aliases = executor.alias_list.clone();
        aliases.sort();
        aliases.dedup();
        let facts = Facts {
            os: executor.os,
            executor: executor.id.clone(),
            network,
            minimal: parts.minimal,
            minimal_known: executor.platform_defaults.is_some(),
            rules: parts.rules,
            patterns: parts.patterns,
            protected: executor.protected.clone(),
            volumes,
            aliases,
            temp_dirs,
            carried: intent.carried().to_json(),
            inputs: Inputs {
                intent: digest::of(&intent.meaning()),
                executor: given.digest.get_or_make(|| digest::of(&given.to_tree().to_canonical())),
                observations: observations.as_ref().map(digest::of_value),
            },
            observations,
            audit: parts.audit,
            notes,
        };
        // Made from the same lists, in whatever order.
        let mut policy = Self::assemble(facts, executor.volumes.clone(), executor.aliases.clone());
        policy.digest = digest::of_parts(policy.meaning());
        policy.relate();
        Self(Arc::new(policy))
    }

    /// A policy that has no digest yet. `volumes` and `aliases` are those of the facts, ready to be used.
    fn assemble(mut facts: Facts, volumes: Volumes, aliases: Aliases) -> Inner {
        facts.rules.shrink_to_fit();
        facts.patterns.shrink_to_fit();
        facts.audit.shrink_to_fit();
        let mut index =
            Index::new(facts.os, volumes, aliases, &facts.rules, &facts.patterns, &facts.protected);
        let minimal = view::Minimal {
            denied: facts.minimal == Some(EntryAccess::Deny),
            unknown: facts.minimal == Some(EntryAccess::Read) && !facts.minimal_known,
        };
        let view = view::derive(&index, &facts.rules, &facts.patterns, minimal);
        index.set_full_write(view.full_write);
        let risks = risks(&facts, &index);
        let mut record_of_rule: Box<[Option<u32>]> = vec![None; facts.rules.len()].into();
        let mut record_of_pattern: Box<[Option<u32>]> = vec![None; facts.patterns.len()].into();
        for (at, record) in (0_u32..).zip(&facts.audit) {
            let slot = match record.target {
                Target::Rule(rule) => record_of_rule.get_mut(rule),
                Target::Pattern(pattern) => record_of_pattern.get_mut(pattern),
                Target::Flag | Target::None => None,
            };
            if let Some(slot) = slot {
                // Of several entries that say the same, the one whose words sort first is named, in any order.
                let better = slot
                    .and_then(|old| facts.audit.get(old as usize))
                    .is_none_or(|old: &Record| (&record.said, &record.root) < (&old.said, &old.root));
                if better {
                    *slot = Some(at);
                }
            }
        }
        let mut objects: BTreeMap<Identity, BTreeSet<NativePath>> = BTreeMap::new();
        for walked in facts.observations.iter().flat_map(|seen| &seen.walks) {
            if let Some(identity) = walked.identity() {
                objects.entry(identity.clone()).or_default().insert(walked.real.clone());
            }
        }
        Inner { facts, index, view, risks, digest: String::new(), record_of_rule, record_of_pattern, objects }
    }

    /// Reads a policy back: the document that `bindery bind` printed, or the policy in it.
    ///
    /// # Errors
    /// Every refusal at once: a document that is not a policy of this schema and semantics, a path that is not
    /// absolute and normal, lists that do not follow from the rules, a digest that does not fit.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Refusals> {
        read::policy(bytes).map(|inner| Self(Arc::new(inner)))
    }

    /// The policy as JSON, indented, with sorted keys.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, 0);
        out
    }

    /// Appends the policy as JSON, indented from `level` on.
    pub(crate) fn write(&self, out: &mut String, level: usize) {
        let inner = &*self.0;
        let mut parts = inner.meaning();
        parts.push(("engine", part(ENGINE)));
        parts.push(("digest", part(&inner.digest)));
        parts.push(("notes", part(&inner.facts.notes)));
        parts.push(("audit", part(&inner.facts.audit)));
        json::write_parts(parts, &mut Out::new(out, Some(json::INDENT), level));
    }

    /// The OS that the policy is for.
    pub fn os(&self) -> Os {
        self.0.facts.os
    }
    /// The executor that it is for.
    pub fn executor(&self) -> &str {
        &self.0.facts.executor
    }
    /// The network word of the intent, passed through.
    pub fn network(&self) -> Network {
        self.0.facts.network
    }
    /// What else the intent said for whoever builds the sandbox, as JSON with Codex's own field names.
    pub fn carried(&self) -> String {
        self.0.facts.carried.to_canonical()
    }
    /// Was the file system looked at?
    pub fn is_observed(&self) -> bool {
        self.0.facts.observations.is_some()
    }
    /// Can everything be read (D-8)?
    pub fn full_read(&self) -> bool {
        self.0.view.full_read
    }
    /// Can everything be written (D-8)?
    pub fn full_write(&self) -> bool {
        self.0.view.full_write
    }
    /// Should the builder add the platform's own readable places (S-2)?
    pub fn platform_defaults(&self) -> bool {
        self.0.facts.minimal == Some(EntryAccess::Read)
    }
    /// The rules, in canonical order.
    pub fn rules(&self) -> &[BoundRule] {
        &self.0.facts.rules
    }
    /// The deny patterns, in canonical order.
    pub fn deny_patterns(&self) -> &[DenyPattern] {
        &self.0.facts.patterns
    }
    /// Places from which reading starts to be allowed.
    pub fn readable_roots(&self) -> &[Place] {
        &self.0.view.readable
    }
    /// Places that may be written, with what is carved out of each.
    pub fn writable_roots(&self) -> &[WritableRoot] {
        &self.0.view.writable
    }
    /// Places that are denied.
    pub fn denied(&self) -> &[Place] {
        &self.0.view.denied
    }
    /// The names that write grants do not include.
    pub fn protected_names(&self) -> &ProtectedNames {
        &self.0.facts.protected
    }
    /// The executor's temporary directories; `None` if not known.
    pub fn temp_dirs(&self) -> Option<&[NativePath]> {
        self.0.facts.temp_dirs.as_deref()
    }
    /// What a builder of mounts or rules does, in this order (B-4).
    pub fn plan(&self) -> &[PlanStep] {
        &self.0.view.plan
    }
    /// What the policy cannot promise.
    pub fn residual_risks(&self) -> &[Risk] {
        &self.0.risks
    }
    /// What became of every entry.
    pub fn audit(&self) -> &[Record] {
        &self.0.facts.audit
    }
    /// What reading and weighing the request met besides its entries.
    pub fn notes(&self) -> &[Note] {
        &self.0.facts.notes
    }
    /// `sha256:` and 64 hex digits over intent, executor facts, observations, semantics version and result (B-5).
    pub fn digest(&self) -> &str {
        &self.0.digest
    }
}

impl Inner {
    /// What the digest covers: everything but positions, and the engine's own version.
    pub(crate) fn meaning(&self) -> JsonParts<'_> {
        let Facts {
            os,
            executor,
            network,
            observations,
            minimal,
            minimal_known,
            rules,
            patterns,
            protected,
            volumes,
            aliases,
            temp_dirs,
            carried,
            inputs,
            audit: _,
            notes: _,
        } = &self.facts;
        let view = &self.view;
        vec![
            ("schema", part(POLICY_SCHEMA)),
            ("semantics", part(SEMANTICS_VERSION)),
            ("os", part(os.as_str())),
            ("executor", part(executor)),
            ("mode", part("restricted")),
            ("network", part(network.as_str())),
            ("observed", part(observations.is_some())),
            ("observations", part(observations.as_ref())),
            (
                "flags",
                part(json::object([
                    ("full_read", view.full_read.into()),
                    ("full_write", view.full_write.into()),
                    ("platform_defaults", (*minimal == Some(EntryAccess::Read)).into()),
                ])),
            ),
            ("minimal", part(minimal.map(EntryAccess::as_str))),
            ("minimal_known", part(minimal_known)),
            ("rules", part(rules)),
            ("readable_roots", part(&view.readable)),
            ("writable_roots", part(&view.writable)),
            ("denied", part(&view.denied)),
            ("deny_patterns", part(patterns)),
            ("protected_names", part(protected.to_json())),
            ("temp_dirs", part(temp_dirs.as_ref())),
            ("volumes", part(volumes_to_json(volumes))),
            ("aliases", part(aliases_to_json(aliases))),
            ("plan", part(&view.plan)),
            ("residual_risks", part(&self.risks)),
            ("carried", part(carried)),
            (
                "inputs",
                part(json::object([
                    ("intent", inputs.intent.as_str().into()),
                    ("executor", inputs.executor.as_str().into()),
                    ("observations", inputs.observations.as_deref().into()),
                ])),
            ),
        ]
    }

    /// Says in each record what its rule wins over and loses to: at its place, and at the nearest place above.
    fn relate(&mut self) {
        let rules = &self.facts.rules;
        let mut order: Vec<usize> = (0..rules.len()).collect();
        order.sort_by(|a, b| {
            self.index.exact_of(*a).cmp(self.index.exact_of(*b)).then_with(|| {
                rules.get(*b).map(|rule| rule.access).cmp(&rules.get(*a).map(|rule| rule.access))
            })
        });
        // Who wins over whom.
        let mut wins: Vec<(usize, usize)> = Vec::with_capacity(rules.len());
        let access = |rule: usize| rules.get(rule).map(|rule| rule.access);
        let mut stack: Vec<usize> = Vec::new();
        for rule in order {
            let key = self.index.exact_of(rule);
            while let Some(above) = stack.last() {
                let outer = self.index.exact_of(*above);
                if key.starts_with(outer) {
                    break;
                }
                stack.pop();
            }
            match stack.last() {
                Some(winner) if self.index.exact_of(*winner) == key => {
                    if access(*winner) != access(rule) {
                        wins.push((*winner, rule));
                    }
                    continue;
                }
                Some(above) if access(*above) != access(rule) => wins.push((rule, *above)),
                Some(_) | None => {}
            }
            stack.push(rule);
        }
        let mut losses: Vec<(usize, usize)> = wins.iter().map(|(winner, loser)| (*loser, *winner)).collect();
        wins.sort_unstable();
        losses.sort_unstable();
        let of = |pairs: &[(usize, usize)], rule: usize| -> Box<[Arc<str>]> {
            let from = pairs.get(pairs.partition_point(|(one, _)| *one < rule)..).unwrap_or_default();
            let pairs = from.get(..from.partition_point(|(one, _)| *one == rule)).unwrap_or_default();
            let mut places: Vec<Arc<str>> = Vec::with_capacity(pairs.len());
            let others = pairs.iter().filter_map(|(_, other)| rules.get(*other));
            places.extend(others.map(|other| other.place.path().shared()));
            places.sort_unstable();
            places.dedup();
            places.into()
        };
        for record in &mut self.facts.audit {
            if let Target::Rule(rule) = record.target {
                record.shadows = of(&wins, rule);
                record.shadowed_by = of(&losses, rule);
            }
        }
    }
}

fn risks(facts: &Facts, index: &Index) -> Vec<Risk> {
    let mut unknown: Vec<&NativePath> = Vec::new();
    let places =
        facts.rules.iter().map(|rule| &rule.place).chain(facts.patterns.iter().map(|pattern| &pattern.base));
    for place in places.filter(|place| place.resolved().kind() != RootKind::Namespace) {
        let (case, normalization) = index.volumes.rule_at(place.resolved());
        if case == CaseRule::Unknown || normalization == NormRule::Unknown {
            unknown.push(place.path());
        }
    }
    unknown.sort_unstable_by_key(|path| path.as_str());
    unknown.dedup();
    let [observed, volumes, patterns, minimal, later, subtrees, hard_links, not_seen] = RISKS;
    let mut risks = Vec::new();
    let mut add = |(code, text): (&'static str, &'static str), holds: bool, places: Vec<NativePath>| {
        if holds {
            risks.push(Risk { code, text, places: places.into() });
        }
    };
    let seen = facts.observations.as_ref();
    add(observed, seen.is_none(), Vec::new());
    add(volumes, !unknown.is_empty(), unknown.into_iter().cloned().collect());
    add(patterns, !facts.patterns.is_empty(), Vec::new());
    add(minimal, facts.minimal.is_some() && !facts.minimal_known, Vec::new());
    add(later, seen.is_some(), Vec::new());
    add(subtrees, seen.is_some(), Vec::new());
    let (mut several, mut unseen) = (Vec::new(), Vec::new());
    let walks = seen.map_or(&[][..], |seen| &seen.walks);
    let mut bound: BTreeSet<&NativePath> = BTreeSet::new();
    if !walks.is_empty() {
        bound.extend(facts.rules.iter().map(|rule| rule.place.path()));
        bound.extend(facts.patterns.iter().map(|pattern| pattern.base.path()));
    }
    for walked in walks.iter().filter(|walked| bound.contains(&walked.written)) {
        let name = || walked.written.clone();
        match &walked.state {
            State::Exists { kind, links: Some(2..), .. } if !kind.is_directory() => several.push(name()),
            State::Unreadable { .. } | State::Loop { .. } | State::NotADirectory { .. } => {
                unseen.push(name());
            }
            State::Exists { .. } | State::Missing { .. } | State::Dangling { .. } => {}
        }
    }
    add(hard_links, !several.is_empty(), several);
    add(not_seen, !unseen.is_empty(), unseen);
    risks
}
