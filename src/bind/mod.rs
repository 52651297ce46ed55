//! The verb: an intent and an executor's facts become a binding, or every reason why not.

mod context;
mod expand;
mod guard;
mod hazard;
mod object;
mod patterns;
mod settle;
mod sight;
#[cfg(test)]
mod tests;

use crate::audit::{Record, Step, Target};
use crate::error::{Code, Input, Refusal, Refusals};
use crate::executor::Executor;
use crate::intent::{Entry, EntryAccess, EntryPath, Intent, Network, Note, Profile, Symbol, limits};
use crate::json::{self, Json};
use crate::native::path::{InOrder, NativePath};
use crate::observe::FsView;
use crate::pattern::Tail;
use crate::policy::rules::{BoundRule, DenyPattern, Place};
use crate::policy::{BoundPolicy, Parts};
use crate::rule::Rule;
use context::Context;
use expand::{Became, Draft, Expander};
use sight::Sight;
use std::rc::Rc;
use std::sync::Arc;

/// What an intent means on one executor: the five cases of the wire, never confused (I-6).
#[derive(Clone, Debug)]
#[must_use]
pub enum Binding {
    /// The caller explicitly asked for no sandbox.
    Unsandboxed,
    /// The profile says that there is no sandbox.
    Disabled,
    /// Someone else isolates the file system.
    External {
        /// The network word, passed through.
        network: Network,
    },
    /// A sandbox whose file system is not restricted.
    Unrestricted {
        /// The network word, passed through.
        network: Network,
    },
    /// A sandbox with this policy.
    Restricted(BoundPolicy),
}

impl Binding {
    /// The stable word: `unsandboxed`, `disabled`, `external`, `unrestricted` or `restricted`.
    pub const fn outcome(&self) -> &'static str {
        match self {
            Self::Unsandboxed => "unsandboxed",
            Self::Disabled => "disabled",
            Self::External { .. } => "external",
            Self::Unrestricted { .. } => "unrestricted",
            Self::Restricted(_) => "restricted",
        }
    }

    /// The policy of a restricted binding.
    pub const fn policy(&self) -> Option<&BoundPolicy> {
        match self {
            Self::Restricted(policy) => Some(policy),
            Self::Unsandboxed | Self::Disabled | Self::External { .. } | Self::Unrestricted { .. } => None,
        }
    }

    /// The document that `bindery bind` prints, indented, with sorted keys.
    pub fn to_json(&self) -> String {
        let outcome = ("outcome", Json::from(self.outcome()));
        match self {
            Self::Unsandboxed | Self::Disabled => json::object([outcome]).to_pretty(),
            Self::External { network } | Self::Unrestricted { network } => {
                json::object([outcome, ("network", network.as_str().into())]).to_pretty()
            }
            Self::Restricted(policy) => {
                let mut out = format!("{{\n{0}\"outcome\": \"restricted\",\n{0}\"policy\": ", json::INDENT);
                policy.write(&mut out, 1);
                out.push_str("\n}");
                out
            }
        }
    }
}

impl Refusals {
    /// The document that `bindery bind` prints when it refuses: `{"outcome":"refused","errors":[...]}`.
    pub fn to_json(&self) -> String {
        let error = |refusal: &Refusal| {
            json::object([
                ("code", refusal.code().as_str().into()),
                ("pointer", refusal.pointer().into()),
                ("value", refusal.value().into()),
                ("rule", refusal.rule().id().into()),
                ("message", refusal.message().into()),
                ("help", refusal.help().into()),
                ("input", refusal.input().as_str().into()),
            ])
        };
        let input = self.iter().next().map_or(Input::Intent, Refusal::input);
        json::object([
            ("outcome", "refused".into()),
            ("input", input.as_str().into()),
            ("errors", Json::Array(self.iter().map(error).collect())),
        ])
        .to_pretty()
    }
}

/// Binds intents to one executor: by text alone, or by what a file system says, too ([`observe`](Self::observe)).
#[derive(Clone, Copy, Debug)]
pub struct Binder<'e> {
    executor: &'e Executor,
    view: Option<&'e dyn FsView>,
    bounds: Bounds,
}

/// How much an intent may come to. Values, so that a test can ask what happens at a bound without half a gigabyte.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    places: usize,
    place_bytes: usize,
    pattern_cost: usize,
}

impl Bounds {
    const USUAL: Self = Self {
        places: limits::MAX_PLACES,
        place_bytes: limits::MAX_PLACE_BYTES,
        pattern_cost: limits::MAX_PATTERN_COST,
    };
}

impl<'e> Binder<'e> {
    /// A binder for this executor that reads text only: its policies say `observed: false`.
    pub const fn new(executor: &'e Executor) -> Self {
        Self { executor, view: None, bounds: Bounds::USUAL }
    }

    /// The same binder, looking at this file system: [`HostFs`](crate::HostFs) or a
    /// [`RecordedFs`](crate::RecordedFs). Its OS must be the executor's; otherwise binding refuses.
    ///
    /// Each bind asks anew. Nothing is created, changed or opened for writing (G-8), and no share is asked about
    /// on a host that the executor does not allow.
    #[must_use]
    pub fn observe(self, view: &'e dyn FsView) -> Self {
        Self { view: Some(view), ..self }
    }

    /// Binds an intent.
    ///
    /// # Errors
    /// Every refusal at once; then there is no policy at all (G-3).
    pub fn bind(&self, intent: &Intent) -> Result<Binding, Refusals> {
        self.bind_with(intent, Vec::new())
    }

    /// Reads an intent and binds it, so that what is wrong with its text and what is wrong with its meaning here
    /// are listed together.
    ///
    /// # Errors
    /// Every refusal at once.
    pub fn bind_json(&self, bytes: &[u8]) -> Result<Binding, Refusals> {
        let (intent, refusals) = Intent::read(bytes);
        match intent {
            Some(intent) => self.bind_with(&intent, refusals),
            None => Err(Refusals::from_vec(refusals).unwrap_or_else(|| {
                Refusal::new(Input::Intent, Code::NotAnIntent, "", "", "the document holds no intent").into()
            })),
        }
    }

    fn bind_with(self, intent: &Intent, refusals: Vec<Refusal>) -> Result<Binding, Refusals> {
        let binding = match intent.profile() {
            Profile::Unsandboxed => Binding::Unsandboxed,
            Profile::Disabled => Binding::Disabled,
            Profile::External { network } => Binding::External { network: *network },
            Profile::Unrestricted { network } => Binding::Unrestricted { network: *network },
            Profile::Restricted { entries, scan_depth, network } => {
                return self.restricted(intent, entries, *scan_depth, *network, refusals);
            }
        };
        Refusals::check(refusals)?;
        Ok(binding)
    }

    fn restricted(
        self,
        intent: &Intent,
        entries: &[Entry],
        scan_depth: Option<u64>,
        network: Network,
        mut refusals: Vec<Refusal>,
    ) -> Result<Binding, Refusals> {
        let mut sight = self.view.map(|view| Sight::new(view, &self.executor.unc_hosts));
        let looked = match &mut sight {
            Some(sight) => Some(look_around(self.executor, intent, sight)?),
            None => None,
        };
        let executor = looked.as_deref().unwrap_or(self.executor);
        let context = Context::new(executor, intent, &mut refusals);
        let drafts = Vec::with_capacity(likely_places(entries, &context).min(limits::MAX_PLACES));
        let mut expander = Expander { context: &context, scan_depth, drafts, refusals };
        let mut bytes = 0_usize;
        let mut counted = 0;
        for (index, entry) in entries.iter().enumerate() {
            expander.expand(index, entry);
            bytes += expander.drafts.iter().skip(counted).map(Draft::bytes).sum::<usize>();
            counted = expander.drafts.len();
            let Bounds { places, place_bytes, .. } = self.bounds;
            if counted > places || bytes > place_bytes {
                let message = format!(
                    "the entries and roots make more than {places} places or {place_bytes} bytes of paths"
                );
                let count = entries.len().to_string();
                expander.refusals.push(Refusal::new(
                    Input::Intent,
                    Code::TooManyPlaces,
                    list_of(entries),
                    count,
                    message,
                ));
                break;
            }
        }
        let Expander { mut drafts, mut refusals, .. } = expander;
        let settled = if let Some(sight) = &mut sight {
            Some(settle::by_sight(
                self.executor,
                executor,
                entries,
                &mut drafts,
                sight,
                &mut refusals,
                self.bounds.places,
            ))
        } else {
            settle::by_text(executor, entries, &mut drafts, &mut refusals);
            None
        };
        Refusals::check(refusals)?;
        let parts = assemble(entries, drafts);
        check_cost(entries, &parts.patterns, self.bounds.pattern_cost)?;
        let mut notes: Vec<Note> = intent.notes().to_vec();
        notes.extend(entries.iter().flat_map(|entry| entry.notes.iter().cloned()));
        notes.extend(context.notes.iter().cloned());
        notes.extend(executor.notes().iter().map(|text| Note { pointer: String::new(), text: text.clone() }));
        let (observed, more) = sight.map(Sight::finish).unzip();
        notes.extend(more.into_iter().flatten());
        let bound = settled.as_deref().unwrap_or(self.executor);
        let policy = BoundPolicy::bound(self.executor, bound, intent, network, parts, notes, observed);
        #[cfg(feature = "tracing")]
        policy.audit().iter().for_each(Record::emit);
        Ok(Binding::Restricted(policy))
    }
}

/// Looks at every place that the facts and the request name, and gives the facts with what was seen: so a request
/// that leads out of an offered root through a link is outside it (E-3).
fn look_around(
    executor: &Executor,
    intent: &Intent,
    sight: &mut Sight<'_>,
) -> Result<Rc<Executor>, Refusals> {
    if sight.walker.os() != executor.os {
        let (view, own) = (sight.walker.os(), executor.os);
        let message = format!("the file system is one of {view}, the executor runs {own}");
        return Err(Refusal::new(Input::Executor, Code::ForeignView, "/os", view.as_str(), message).into());
    }
    let places: Vec<_> = context::places(executor, intent).into_iter().map(Some).collect();
    sight.walk_all(&places);
    Ok(sight.executor(executor))
}

/// How many places the entries will have, if every symbol but the roots has one: a list of drafts is costly to move.
fn likely_places(entries: &[Entry], context: &Context<'_>) -> usize {
    let roots = context.roots.as_ref().map_or(1, Vec::len);
    let is_root =
        |entry: &&Entry| matches!(&entry.path, EntryPath::Symbol { symbol: Symbol::WorkspaceRoots, .. });
    entries.len().saturating_add(entries.iter().filter(is_root).count().saturating_mul(roots))
}

/// The pointer of the list that the entries stand in.
fn list_of(entries: &[Entry]) -> &str {
    entries.first().and_then(|entry| entry.pointer().rsplit_once('/')).map_or("", |(list, _)| list)
}

/// Bounds what a decision can cost: the patterns of nested bases are all asked about a path below them (P-7).
fn check_cost(entries: &[Entry], patterns: &[DenyPattern], most: usize) -> Result<(), Refusals> {
    // Patterns are sorted by base, parents first; each level holds the cost of its base and of those above.
    let mut above: Vec<(&NativePath, usize)> = Vec::new();
    for pattern in patterns {
        let base = pattern.base.resolved();
        while above.last().is_some_and(|(outer, _)| !outer.contains(base)) {
            above.pop();
        }
        let cost = above.last().map_or(0, |(_, cost)| *cost) + pattern.tail.as_ref().map_or(1, Tail::cost);
        if cost > most {
            let message = format!("the patterns above `{base}` cost more than {most} steps a character");
            return Err(Refusal::new(
                Input::Intent,
                Code::PatternTooComplex,
                list_of(entries),
                &pattern.source,
                message,
            )
            .into());
        }
        match above.last_mut() {
            Some((outer, sum)) if *outer == base => *sum = cost,
            Some(_) | None => above.push((base, cost)),
        }
    }
    Ok(())
}

/// Merges drafts into sorted rules and patterns, and points every record at what its entry became.
fn assemble(entries: &[Entry], drafts: Vec<Draft>) -> Parts {
    let mut wanted: Vec<(InOrder<'_>, &BoundRule, usize)> = Vec::with_capacity(drafts.len());
    let mut patterns: Vec<DenyPattern> = Vec::new();
    let mut minimal = None;
    for (at, draft) in drafts.iter().enumerate() {
        match &draft.became {
            Became::Rule(rule) => wanted.push((rule.place.resolved().in_order(), rule, at)),
            Became::Pattern(pattern) => patterns.push((**pattern).clone()),
            Became::Minimal(access) => minimal = minimal.max(Some(*access)),
            Became::Seen(_) | Became::Nothing => {}
        }
    }
    // As rules sort, which is by where their places really are first.
    wanted.sort_unstable();
    let mut rules: Vec<BoundRule> = Vec::with_capacity(wanted.len());
    // The rule that each draft became.
    let mut rule_of: Vec<Option<usize>> = vec![None; drafts.len()];
    for (_, rule, at) in wanted {
        match rules.last_mut() {
            // One entry that wants the place made is enough.
            Some(kept)
                if rule.place == kept.place && (rule.access, rule.scope) == (kept.access, kept.scope) =>
            {
                kept.materialize |= rule.materialize;
            }
            Some(_) | None => rules.push(rule.clone()),
        }
        if let Some(slot) = rule_of.get_mut(at) {
            *slot = rules.len().checked_sub(1);
        }
    }
    patterns.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    patterns.dedup_by(|next, kept| next.sort_key() == kept.sort_key());
    let mut audit = Vec::with_capacity(drafts.len());
    audit.extend(drafts.into_iter().zip(rule_of).filter_map(|(draft, rule_of)| {
        let entry = entries.get(draft.entry)?;
        let (target, paths) = match &draft.became {
            Became::Rule(rule) => (Target::Rule(rule_of?), rule.place.names()),
            Became::Pattern(pattern) => {
                let at = patterns.binary_search_by(|other| other.sort_key().cmp(&pattern.sort_key())).ok()?;
                (Target::Pattern(at), pattern.base.names())
            }
            Became::Minimal(_) => (Target::Flag, Box::default()),
            Became::Seen(paths) => (Target::None, paths.clone()),
            Became::Nothing => (Target::None, Box::default()),
        };
        Some(Record {
            pointer: entry.pointer.clone(),
            said: said_of(entry, &draft),
            access: entry.access,
            root: draft.root,
            steps: draft.steps.into(),
            outcome: draft.outcome,
            target,
            paths,
            hazard: draft.hazard,
            shadows: Box::default(),
            shadowed_by: Box::default(),
        })
    }));
    Parts { rules, patterns, minimal, audit }
}

/// What the entry said, which is mostly what one of its steps began with.
fn said_of(entry: &Entry, draft: &Draft) -> Arc<str> {
    let says = |step: &&Step| match &entry.path {
        EntryPath::Symbol { symbol, subpath } => {
            let rest = step.before.strip_prefix(symbol.token());
            match subpath {
                Some(subpath) => rest.and_then(|rest| rest.strip_prefix('/')) == Some(subpath),
                None => rest == Some(""),
            }
        }
        // Only the entry's own URI is read by this rule, and written in its one spelling.
        EntryPath::Literal(_) => step.rule == Rule::U8,
        EntryPath::Pattern(pattern) => *step.before == *pattern.source,
    };
    draft.steps.iter().find(says).map_or_else(|| entry.said().into(), |step| step.before.clone())
}

impl Draft {
    /// What the draft holds in memory, roughly, to bound it.
    fn bytes(&self) -> usize {
        let steps: usize = self.steps.iter().map(|step| step.before.len() + step.after.len()).sum();
        let place = |place: &Place| {
            let texts = place.path().as_str().len() + place.resolved().as_str().len();
            texts + place.path().segments().count() * limits::NAME_BYTES
        };
        let became = match &self.became {
            Became::Rule(rule) => place(&rule.place),
            Became::Pattern(pattern) => place(&pattern.base) + pattern.tail().len(),
            Became::Minimal(_) | Became::Seen(_) | Became::Nothing => 0,
        };
        steps + became
    }
}

/// The order of strength of two sayings about `:minimal`: `EntryAccess` is ordered read < write < deny.
const _: () = assert!((EntryAccess::Read as u8) < (EntryAccess::Deny as u8));
