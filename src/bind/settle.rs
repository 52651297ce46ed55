//! Written places become places of this machine: by aliases alone, or by what a walk found (N-5, N-6, O-2 to O-4).

use super::expand::{Became, Draft, step};
use super::guard;
use super::hazard;
use super::object;
use super::sight::Sight;
use crate::audit::Step;
use crate::error::{Code, Input, Refusal};
use crate::executor::{Executor, Fault};
use crate::intent::{Entry, EntryAccess};
use crate::native::key::{self, CaseRule, Key, Keys, NormRule};
use crate::native::path::{NativePath, RootKind};
use crate::native::{self, Os};
use crate::observe::walked::{MAX_LINKS, State, Walked, Why};
use crate::policy::rules::{Place, Scope};
use crate::rule::Rule;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Settles every draft by the executor's facts alone.
pub(super) fn by_text(
    executor: &Executor,
    entries: &[Entry],
    drafts: &mut [Draft],
    refusals: &mut Vec<Refusal>,
) {
    for draft in drafts {
        let Some((access, place)) = draft.place_mut() else { continue };
        let real = executor.aliases.canonical(&executor.volumes, place.path(), false);
        let crossed = !real.crossed.is_empty();
        let crossing =
            crossed.then(|| step(alias_rule(executor.os), place.path().shared(), real.path.shared()));
        if crossed {
            *place = Place::new(place.path().clone(), real.path.clone(), real.crossed);
        }
        let shown = if access.is_none_or(|access| access == EntryAccess::Deny) {
            shown_by_text(executor, &real.path)
        } else {
            None
        };
        let mirrored = shown.as_ref().map(|shown| step(Rule::N7, real.path.shared(), shown.shared()));
        if let Some(shown) = &shown {
            *place = Place::new(place.path().clone(), shown.clone(), place.links().to_vec());
        }
        let resolved = shown.unwrap_or(real.path);
        draft.steps.extend(crossing);
        draft.steps.extend(mirrored);
        draft.volume_step(executor, &resolved);
        let Some(entry) = entries.get(draft.entry) else { continue };
        if access != Some(EntryAccess::Deny) && draft.is_rule() {
            if let Some(name) = short_name(executor.os, &resolved, &BTreeSet::new()) {
                refuse(refusals, entry, short_name_fault(&name, &resolved));
            }
        }
        draft.materialize_step();
    }
}

/// Where a denied place really is that lies in a mirror of the whole tree, by the executor's facts (N-7).
fn shown_by_text(executor: &Executor, place: &NativePath) -> Option<NativePath> {
    let mut found = None;
    for _ in 0..MAX_LINKS {
        let Some(shown) = native::shown(found.as_ref().unwrap_or(place)) else { break };
        found = Some(executor.aliases.canonical(&executor.volumes, &shown, false).path);
    }
    found
}

const fn alias_rule(os: Os) -> Rule {
    match os {
        Os::Macos => Rule::N6,
        Os::Linux | Os::Windows => Rule::E5,
    }
}

fn refuse(refusals: &mut Vec<Refusal>, entry: &Entry, fault: Fault) {
    let pointer = format!("{}/path", entry.pointer);
    refusals.push(Refusal::new(Input::Intent, fault.code, pointer, fault.value, fault.message));
}

/// The first name of a place that may be short for another one and was not seen to be its real name (N-5).
fn short_name(os: Os, place: &NativePath, confirmed: &BTreeSet<&NativePath>) -> Option<String> {
    if os != Os::Windows {
        return None;
    }
    let mut at = place.clone();
    let mut found = None;
    while let (Some(name), Some(above)) = (at.file_name().map(str::to_owned), at.parent()) {
        if key::may_be_short_name(os, name.as_bytes()) && !confirmed.contains(&at) {
            found = Some(name);
        }
        at = above;
    }
    found
}

fn short_name_fault(name: &str, place: &NativePath) -> Fault {
    let message = format!("`{name}` in `{place}` may be a short name for another one");
    Fault::new(Code::ShortNameInGrant, name, message)
}

impl Draft {
    /// The place that the draft names, and its access; a pattern has none, it denies.
    fn place_mut(&mut self) -> Option<(Option<EntryAccess>, &mut Place)> {
        match &mut self.became {
            Became::Rule(rule) => Some((Some(rule.access), &mut rule.place)),
            Became::Pattern(pattern) => Some((None, &mut pattern.base)),
            Became::Minimal(_) | Became::Seen(_) | Became::Nothing => None,
        }
    }

    /// The place that the draft names, and what it says of it.
    pub(super) const fn place(&self) -> Option<(EntryAccess, &Place)> {
        match &self.became {
            Became::Rule(rule) => Some((rule.access, &rule.place)),
            Became::Pattern(pattern) => Some((EntryAccess::Deny, &pattern.base)),
            Became::Minimal(_) | Became::Seen(_) | Became::Nothing => None,
        }
    }

    /// The exact key of a rule's place.
    fn exact(&self, executor: &Executor) -> Option<Key> {
        match &self.became {
            Became::Rule(rule) => Some(executor.volumes.keys(rule.place.resolved()).exact),
            Became::Pattern(_) | Became::Minimal(_) | Became::Seen(_) | Became::Nothing => None,
        }
    }

    const fn is_rule(&self) -> bool {
        matches!(self.became, Became::Rule(_))
    }

    /// Says what is not known of the volume.
    fn volume_step(&mut self, executor: &Executor, resolved: &NativePath) {
        let volume = executor.volumes.rule_at(resolved);
        if resolved.kind() != RootKind::Namespace
            && (volume.0 == CaseRule::Unknown || volume.1 == NormRule::Unknown)
        {
            let text = format!(
                "case {}, normalization {}: denials here match by the wide key",
                volume.0.as_str(),
                volume.1.as_str()
            );
            self.steps.push(step(Rule::N8, resolved.shared(), text));
        }
    }

    fn materialize_step(&mut self) {
        if matches!(&self.became, Became::Rule(rule) if !rule.materialize) {
            self.steps.push(step(Rule::O6, "missing_path_behavior: skip", "materialize: false"));
        }
    }
}

/// Settles every draft by what the file system says; drafts for what follows from it are added, up to `most`. Gives the
/// facts with what was seen.
///
/// `screened` are the facts by which roots that are too broad were looked for already.
pub(super) fn by_sight(
    given: &Executor,
    screened: &Executor,
    entries: &[Entry],
    drafts: &mut Vec<Draft>,
    sight: &mut Sight<'_>,
    refusals: &mut Vec<Refusal>,
    most: usize,
) -> Rc<Executor> {
    let paths: Vec<Option<NativePath>> =
        drafts.iter().map(|draft| draft.place().map(|(_, place)| place.path().clone())).collect();
    let mut walks = sight.walk_all(&paths);
    let mirrors: Vec<Option<NativePath>> =
        drafts.iter().zip(&mut walks).map(|(draft, walked)| shown(draft, walked, sight)).collect();
    if let Some(home) = &given.home {
        sight.walk(home);
    }
    let executor = sight.executor(given);
    for walked in walks.iter().flatten() {
        // A place that a given alias leads to is seen by its canonical name, too.
        let resolved = resolved(&executor, walked);
        if resolved != walked.real {
            sight.walk(&resolved);
        }
    }
    let same_facts = std::ptr::eq(screened, Rc::as_ptr(&executor));
    let Some(twins) = Twins::of(&executor, &walks, sight, most) else {
        refusals.push(object::too_many_names(most));
        return executor;
    };
    let mut settle = Settle { executor: &executor, same_facts, twins: &twins, entries, refusals };
    for ((draft, walked), mirror) in drafts.iter_mut().zip(&walks).zip(&mirrors) {
        if let Some(walked) = walked {
            settle.place(draft, walked, mirror.as_ref());
        }
    }
    let keys: Vec<Option<Key>> = drafts.iter().map(|draft| draft.exact(&executor)).collect();
    settle.crossings(drafts, &walks, &keys);
    let faulty = !refusals.is_empty();
    if faulty {
        // There will be no policy, and what follows from rules that are none helps nobody.
        return executor;
    }
    object::reconcile(given, &executor, drafts, &walks, sight, refusals, most);
    let mut levels = Levels::of(&executor, drafts, &keys);
    let count = drafts.len();
    guard::links(&executor, drafts, &walks, &twins, sight, &mut levels, most);
    let protected = guard::protected_names(&executor, drafts, sight, &mut levels, most);
    if protected.is_none() || drafts.len() > most {
        refusals.push(object::too_many_names(most));
        return executor;
    }
    guard::repositories(&executor, drafts, sight, &levels);
    object::twins(&executor, drafts, count, sight, refusals, most);
    drafts.sort_by_key(|draft| draft.entry);
    sight.executor(given)
}

/// What is denied in a mirror that shows the whole tree again is denied where it really is, too (N-7, O-4): from there on
/// the walk is that of the place which is shown. Gives its name in the mirror.
fn shown(draft: &Draft, walked: &mut Option<Rc<Walked>>, sight: &mut Sight<'_>) -> Option<NativePath> {
    let ((EntryAccess::Deny, _), Some(found)) = (draft.place()?, walked.as_ref()) else { return None };
    let name = found.real.clone();
    let mut whole: Option<Walked> = None;
    for _ in 0..MAX_LINKS {
        let so_far = whole.as_ref().unwrap_or(found);
        let Some(next) = guard::behind_mirror(sight, so_far) else { break };
        let mut walk = Walked::clone(&next);
        let mut links = so_far.links.clone();
        links.iter_mut().filter(|link| link.to == so_far.real).for_each(|link| link.to = walk.real.clone());
        links.append(&mut walk.links);
        walk.links = links;
        walk.mounts.splice(0..0, so_far.mounts.iter().cloned());
        whole = Some(walk);
    }
    *walked = Some(Rc::new(whole?));
    Some(name)
}

/// Where a walked place really is, in its canonical spelling.
pub(super) fn resolved(executor: &Executor, walked: &Walked) -> NativePath {
    let untouched = walked.links.is_empty() && walked.long_names.is_empty();
    let real = match &walked.state {
        State::Loop { .. } => &walked.written,
        State::Unreadable { .. } if untouched => &walked.written,
        State::Exists { .. }
        | State::Missing { .. }
        | State::Dangling { .. }
        | State::Unreadable { .. }
        | State::NotADirectory { .. } => &walked.real,
    };
    executor.aliases.canonical(&executor.volumes, real, false).path
}

/// Why a grant cannot be bound here (O-2).
fn unusable(walked: &Walked) -> Option<Fault> {
    let written = &walked.written;
    match &walked.state {
        State::Exists { .. } | State::Missing { .. } => None,
        State::Dangling { link, target } => {
            let message =
                format!("`{written}` leads through the link `{link}` to `{target}`, where nothing is");
            Some(Fault::new(Code::GrantDangling, link.as_str(), message))
        }
        State::Loop { link } => {
            let message = format!("`{written}` leads to the link `{link}` and round in a circle");
            Some(Fault::new(Code::GrantLoop, link.as_str(), message))
        }
        // What a process says of itself is not asked about and can be granted by its name.
        State::Unreadable { why: Why::Mirror, .. } if walked.links.is_empty() => None,
        State::Unreadable { at, why } => {
            let message = format!("`{at}`, to which `{written}` leads, {}", why.sentence());
            Some(Fault::new(Code::GrantUnreadable, at.as_str(), message))
        }
        State::NotADirectory { at } => {
            let message = format!("`{written}` leads through `{at}`, which is not a directory");
            Some(Fault::new(Code::GrantUnreadable, at.as_str(), message))
        }
    }
}

/// What a walk found, in words for the audit.
fn words(walked: &Walked) -> String {
    match &walked.state {
        State::Exists { kind, links, .. } => match links {
            Some(count) if *count > 1 && !kind.is_directory() => {
                format!("{} with {count} names", kind.as_str())
            }
            Some(_) | None => kind.as_str().to_owned(),
        },
        State::Missing { nearest, .. } => format!("missing below {nearest}"),
        State::Dangling { target, .. } => format!("dangling: nothing at {target}"),
        State::Loop { link } => format!("loop at {link}"),
        State::Unreadable { at, why } => format!("not observed: {at} {}", why.sentence()),
        State::NotADirectory { at } => format!("not a directory: {at}"),
    }
}

/// The other names of places, where an object on the way to them has several.
#[derive(Debug, Default)]
pub(super) struct Twins(BTreeMap<NativePath, BTreeSet<NativePath>>);

impl Twins {
    /// Of every walked place, and of every directory that holds a link on the way to one. `None` if they are more than
    /// `most` together: whoever makes a file system can let all of it be one object.
    fn of(
        executor: &Executor,
        walks: &[Option<Rc<Walked>>],
        sight: &mut Sight<'_>,
        most: usize,
    ) -> Option<Self> {
        let mut places: BTreeSet<NativePath> = BTreeSet::new();
        for walked in walks.iter().flatten() {
            places.insert(resolved(executor, walked));
            places.extend(walked.links.iter().filter_map(|link| link.at.parent()));
        }
        let home = executor.home.as_ref().map(|home| resolved(executor, &sight.walk(home)));
        let names = sight.shared(places.iter().chain(&home));
        let mut twins = Self::default();
        if names.is_empty() {
            return Some(twins);
        }
        let mut count = 0;
        for place in places {
            let others = sight.other_names(&names, &place, most + 1);
            count += others.len();
            if count > most {
                return None;
            }
            if !others.is_empty() {
                twins.0.insert(place, others);
            }
        }
        Some(twins)
    }

    pub(super) fn others(&self, place: &NativePath) -> impl Iterator<Item = &NativePath> {
        self.0.get(place).into_iter().flatten()
    }
}

struct Settle<'a> {
    executor: &'a Executor,
    /// Are these the facts by which roots that are too broad were looked for already?
    same_facts: bool,
    twins: &'a Twins,
    entries: &'a [Entry],
    refusals: &'a mut Vec<Refusal>,
}

impl Settle<'_> {
    /// `mirror` is the name of the place in the mirror through which the walk led, if it did.
    fn place(&mut self, draft: &mut Draft, walked: &Walked, mirror: Option<&NativePath>) {
        let executor = self.executor;
        let Some((access, place)) = draft.place_mut() else { return };
        let grant = access.is_some_and(|access| access != EntryAccess::Deny);
        let resolved = resolved(executor, walked);
        let mut links: Vec<NativePath> = walked.links.iter().map(|link| link.at.clone()).collect();
        let given = executor.aliases.canonical(&executor.volumes, &walked.real, false).crossed;
        links.extend(given.iter().filter(|alias| !links.contains(alias)).cloned().collect::<Vec<_>>());
        let mut steps: Vec<Step> = Vec::new();
        if !walked.links.is_empty() || !walked.long_names.is_empty() {
            let rule = if grant { Rule::O3 } else { Rule::O4 };
            steps.push(step(rule, place.path().shared(), mirror.unwrap_or(&walked.real).shared()));
        }
        if let Some(mirror) = mirror {
            steps.push(step(Rule::N7, mirror.shared(), walked.real.shared()));
        }
        if resolved != walked.real {
            steps.push(step(alias_rule(executor.os), walked.real.shared(), resolved.shared()));
        }
        steps.push(step(Rule::O2, walked.real.shared(), words(walked)));
        *place = Place::new(place.path().clone(), resolved.clone(), links);
        draft.steps.append(&mut steps);
        draft.volume_step(executor, &resolved);
        draft.materialize_step();
        let Some(entry) = self.entries.get(draft.entry) else { return };
        if !grant {
            return;
        }
        if let Some(fault) = unusable(walked) {
            refuse(self.refusals, entry, fault);
        }
        let confirmed: BTreeSet<&NativePath> = walked.long_names.iter().map(|name| &name.to).collect();
        if let Some(name) = short_name(executor.os, &resolved, &confirmed) {
            refuse(self.refusals, entry, short_name_fault(&name, &resolved));
        }
        let known_harmless =
            self.same_facts && draft.place().is_some_and(|(_, place)| *place.path() == resolved);
        let known_harmless = known_harmless && self.twins.others(&resolved).next().is_none();
        if draft.screened && draft.hazard.is_none() && !known_harmless {
            if let Some(code) = self.hazard(&resolved) {
                draft.steps.push(step(Rule::S11, resolved.shared(), code.as_str()));
                draft.hazard = Some(code);
                if access == Some(EntryAccess::Write) && !executor.allow_broad_root {
                    refuse(self.refusals, entry, hazard::fault(entry, &resolved, code));
                }
            }
        }
    }

    /// What is too broad about a place, by any of its names.
    fn hazard(&self, place: &NativePath) -> Option<Code> {
        let names = std::iter::once(place).chain(self.twins.others(place));
        names.filter_map(|name| hazard::of(self.executor, name)).min()
    }

    /// A grant must not lead through a link that whoever is sandboxed could retarget (O-3), unless it adds nothing
    /// to what is granted without it. Also finds out which grants are of a file only (S-12).
    fn crossings(&mut self, drafts: &mut [Draft], walks: &[Option<Rc<Walked>>], keys: &[Option<Key>]) {
        let executor = self.executor;
        let writable = Writable::of(executor, drafts, walks);
        let crossed: Vec<Option<NativePath>> = drafts
            .iter()
            .zip(walks)
            .map(|(draft, walked)| {
                let (access, _) = draft.place()?;
                let links = &walked.as_ref().filter(|_| access != EntryAccess::Deny)?.links;
                let may_hold = |at: &&NativePath| writable.may_hold_link(executor, self.twins, at);
                links.iter().map(|link| &link.at).find(may_hold).cloned()
            })
            .collect();
        let mut levels = Levels::default();
        let clean = drafts.iter().zip(walks).zip(keys).zip(&crossed).filter(|(_, crossed)| crossed.is_none());
        for (((draft, walked), key), _) in clean {
            if let (Became::Rule(rule), Some(walked), Some(key)) = (&draft.became, walked, key) {
                levels.add(key, rule.access, scope_of(walked));
            }
        }
        for (((draft, walked), key), crossed) in drafts.iter_mut().zip(walks).zip(keys).zip(crossed) {
            let (Some(walked), Some(key)) = (walked, key) else { continue };
            let Became::Rule(rule) = &mut draft.became else { continue };
            if rule.access == EntryAccess::Deny {
                continue;
            }
            if let Some(link) = crossed {
                let granted =
                    levels.at(key).is_some_and(|level| level != EntryAccess::Deny && level >= rule.access);
                if granted {
                    let text = "the link lies in a writable place, and the grant adds nothing";
                    draft.steps.push(step(Rule::O3, link.as_str(), text));
                } else if let Some(entry) = self.entries.get(draft.entry) {
                    let (path, place) = (rule.place.path(), rule.place.resolved());
                    let message =
                        format!("`{path}` leads through `{link}`, a link in a writable place, to `{place}`");
                    refuse(
                        self.refusals,
                        entry,
                        Fault::new(Code::CrossesWritableLink, link.as_str(), message),
                    );
                }
            }
            // In a writable place a file that can only be read stays so whatever takes its place.
            let narrows = rule.access == EntryAccess::Read && levels.around(key) == Some(EntryAccess::Write);
            if scope_of(walked) == Scope::File && !narrows {
                rule.scope = Scope::File;
                draft.steps.push(step(Rule::S12, rule.place.resolved().shared(), "this file only"));
            }
        }
    }
}

/// How much of a place a grant of it covers.
fn scope_of(walked: &Walked) -> Scope {
    match walked.kind() {
        Some(kind) if !kind.is_directory() => Scope::File,
        Some(_) | None => Scope::Tree,
    }
}

/// The places that are granted for writing, to ask what may lie in one.
#[derive(Debug, Default)]
struct Writable(BTreeSet<Box<[u8]>>);

impl Writable {
    fn of(executor: &Executor, drafts: &[Draft], walks: &[Option<Rc<Walked>>]) -> Self {
        let mut places = BTreeSet::new();
        for (draft, walked) in drafts.iter().zip(walks) {
            let tree = walked.as_ref().is_some_and(|walked| scope_of(walked) == Scope::Tree);
            if let Some((EntryAccess::Write, place)) = draft.place().filter(|_| tree) {
                let keys = executor.volumes.keys(place.resolved());
                places.extend(keys.wides().map(|key| key.as_bytes().into()));
            }
        }
        Self(places)
    }

    /// May the directory that holds this link be written?
    fn may_hold_link(&self, executor: &Executor, twins: &Twins, link: &NativePath) -> bool {
        let Some(holder) = link.parent() else { return false };
        std::iter::once(&holder).chain(twins.others(&holder)).any(|holder| {
            let keys: Keys = executor.volumes.keys(holder);
            keys.wides().any(|key| key.outwards().any(|key| self.0.contains(key)))
        })
    }
}

/// What is granted where, by exact keys: the deepest place decides, and at one place the strongest word.
#[derive(Debug, Default)]
pub(super) struct Levels(BTreeMap<Box<[u8]>, Level>);

#[derive(Debug, Default)]
struct Level {
    here: Option<EntryAccess>,
    below: Option<EntryAccess>,
}

impl Levels {
    /// What the drafts say; `keys` are known of the first ones.
    pub(super) fn of(executor: &Executor, drafts: &[Draft], keys: &[Option<Key>]) -> Self {
        let mut levels = Self::default();
        for (at, draft) in drafts.iter().enumerate() {
            match (&draft.became, keys.get(at).and_then(Option::as_ref)) {
                (Became::Rule(rule), Some(key)) => levels.add(key, rule.access, rule.scope),
                (_, _) => levels.add_draft(executor, draft),
            }
        }
        levels
    }

    /// And what one more says.
    pub(super) fn add_draft(&mut self, executor: &Executor, draft: &Draft) {
        if let (Became::Rule(rule), Some(key)) = (&draft.became, draft.exact(executor)) {
            self.add(&key, rule.access, rule.scope);
        }
    }

    fn add(&mut self, key: &Key, access: EntryAccess, scope: Scope) {
        let level = self.0.entry(key.as_bytes().into()).or_default();
        level.here = level.here.max(Some(access));
        if scope == Scope::Tree {
            level.below = level.below.max(Some(access));
        }
    }

    /// What decides at a place.
    pub(super) fn at(&self, key: &Key) -> Option<EntryAccess> {
        let here = self.0.get(key.as_bytes()).and_then(|level| level.here);
        here.or_else(|| self.around(key))
    }

    /// What would decide there without the rules of the place itself.
    pub(super) fn around(&self, key: &Key) -> Option<EntryAccess> {
        key.outwards().skip(1).find_map(|key| self.0.get(key).and_then(|level| level.below))
    }

    /// Is there a rule of exactly this place that makes it writable?
    pub(super) fn opens(&self, key: &Key) -> bool {
        self.0.get(key.as_bytes()).is_some_and(|level| level.here == Some(EntryAccess::Write))
    }
}
