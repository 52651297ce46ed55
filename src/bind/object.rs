//! One object under two names (O-5): what one name takes away, the other must not give.

use super::expand::{Became, Draft, step};
use super::settle::Levels;
use super::sight::Sight;
use crate::error::{Code, Input, Refusal};
use crate::executor::Executor;
use crate::intent::EntryAccess;
use crate::native::path::NativePath;
use crate::observe::Identity;
use crate::observe::walked::Walked;
use crate::policy::rules::{Place, Scope};
use crate::rule::Rule;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// What tells objects apart: their identity, or, where the file system does not tell, where they really are.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Object {
    Told(Identity),
    At(NativePath),
}

/// How much an access takes away.
const fn strictness(access: EntryAccess) -> u8 {
    match access {
        EntryAccess::Write => 0,
        EntryAccess::Read => 1,
        EntryAccess::Deny => 2,
    }
}

/// Gives every name of an object the strictest access of all its names, and every other name of a directory what is
/// taken away below it.
pub(super) fn reconcile(
    given: &Executor,
    executor: &Executor,
    drafts: &mut Vec<Draft>,
    walks: &[Option<Rc<Walked>>],
    sight: &mut Sight<'_>,
    refusals: &mut Vec<Refusal>,
    most: usize,
) {
    strictest(given, drafts, walks);
    twins(executor, drafts, 0, sight, refusals, most);
}

fn strictest(given: &Executor, drafts: &mut [Draft], walks: &[Option<Rc<Walked>>]) {
    let mut objects: BTreeMap<Object, Vec<usize>> = BTreeMap::new();
    for (at, (draft, walked)) in drafts.iter().zip(walks).enumerate() {
        let (Became::Rule(rule), Some(walked)) = (&draft.became, walked) else { continue };
        if walked.kind().is_none() {
            continue;
        }
        let object = match walked.identity() {
            Some(identity) => Object::Told(identity.clone()),
            None => Object::At(rule.place.resolved().clone()),
        };
        objects.entry(object).or_default().push(at);
    }
    // By the executor's facts alone these are one place, of which the strongest word holds (D-2).
    let name = |path: &NativePath| {
        given.volumes.keys(&given.aliases.canonical(&given.volumes, path, false).path).exact
    };
    for group in objects.into_values().filter(|group| group.len() > 1) {
        let rules: Vec<(EntryAccess, NativePath)> = group
            .iter()
            .filter_map(|at| drafts.get(*at).and_then(Draft::place))
            .map(|(access, place)| (access, place.path().clone()))
            .collect();
        let names: BTreeSet<_> = rules.iter().map(|(_, path)| name(path)).collect();
        let strictest =
            rules.iter().max_by_key(|(access, path)| (strictness(*access), std::cmp::Reverse(path)));
        let Some((access, other)) = strictest.filter(|_| names.len() > 1) else { continue };
        for at in group {
            let Some(draft) = drafts.get_mut(at) else { continue };
            let Became::Rule(rule) = &mut draft.became else { continue };
            if rule.access != *access {
                let before = format!("{} {}", rule.access.as_str(), rule.place.path());
                let after = format!("{}: one object with {other}", access.as_str());
                draft.steps.push(step(Rule::O5, before, after));
                rule.access = *access;
                // What takes away covers what takes the file's place.
                rule.scope = Scope::Tree;
            }
        }
    }
}

/// A directory with two names, such as one that is mounted twice, shows one tree twice. What is taken away below one
/// name is taken away below the other one, where something is granted there. Looks at the drafts from the one at
/// `first` on.
pub(super) fn twins(
    executor: &Executor,
    drafts: &mut Vec<Draft>,
    first: usize,
    sight: &mut Sight<'_>,
    refusals: &mut Vec<Refusal>,
    most: usize,
) {
    let places = drafts.iter().filter_map(Draft::place).map(|(_, place)| place.resolved());
    let names = sight.shared(places.clone());
    if names.is_empty() {
        return;
    }
    let seen: BTreeSet<NativePath> = places.cloned().collect();
    let levels = Levels::of(executor, drafts, &[]);
    let mut added: Vec<Draft> = Vec::new();
    for draft in drafts.iter().skip(first) {
        let Some((access, place)) = draft.place().filter(|(access, _)| *access != EntryAccess::Write) else {
            continue;
        };
        for (above, identity) in sight.chain(place.resolved()) {
            for other in names.get(&identity).into_iter().flatten().filter(|other| **other != above) {
                let rest = place.resolved().segments().skip(above.depth());
                let Ok(twin) = other.join_segments(rest) else { continue };
                let key = executor.volumes.keys(&twin).exact;
                let level = levels.at(&key);
                let takes = match (access, level) {
                    (_, None | Some(EntryAccess::Deny))
                    | (EntryAccess::Read | EntryAccess::Write, Some(EntryAccess::Read)) => false,
                    (EntryAccess::Deny, Some(EntryAccess::Read | EntryAccess::Write))
                    | (EntryAccess::Read | EntryAccess::Write, Some(EntryAccess::Write)) => true,
                };
                // A pattern denies below whatever is granted, so it always has its twin.
                let is_pattern = matches!(draft.became, Became::Pattern(_));
                if !is_pattern && (!takes || seen.contains(&twin)) {
                    continue;
                }
                // Seen, so that it can be verified and held like every other place.
                sight.walk(&twin);
                let before = format!("{} {}", access.as_str(), place.resolved());
                let after = format!("{twin}: {other} and {above} are one object");
                added.push(twin_of(draft, twin, before, after));
                if drafts.len() + added.len() > most {
                    refusals.push(too_many_names(most));
                    return;
                }
            }
        }
    }
    drafts.append(&mut added);
}

/// The refusal of what would be more places under all their names than a policy may have.
pub(super) fn too_many_names(most: usize) -> Refusal {
    let message = format!("one tree under several names makes more than {most} places");
    Refusal::new(Input::Intent, Code::TooManyPlaces, "", "", message)
}

fn twin_of(draft: &Draft, twin: NativePath, before: String, after: String) -> Draft {
    // A link that must not be replaced is meant itself, and not what it leads to.
    let is_link = draft.place().is_some_and(|(_, place)| place.links().contains(place.resolved()));
    let links = if is_link { vec![twin.clone()] } else { Vec::new() };
    let place = Place::new(twin.clone(), twin, links);
    let became = match &draft.became {
        Became::Rule(rule) => {
            Became::Rule(crate::policy::rules::BoundRule { place, materialize: false, ..rule.clone() })
        }
        Became::Pattern(pattern) => Became::Pattern(Box::new(crate::policy::rules::DenyPattern {
            base: place,
            ..(**pattern).clone()
        })),
        Became::Minimal(_) | Became::Seen(_) | Became::Nothing => Became::Nothing,
    };
    Draft {
        entry: draft.entry,
        root: draft.root.clone(),
        steps: vec![step(Rule::O5, before, after)],
        outcome: draft.outcome,
        became,
        hazard: None,
        screened: false,
    }
}
