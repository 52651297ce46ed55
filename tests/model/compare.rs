//! The engine's answers beside the model's.

use crate::model::bind::Bound;
use crate::model::{self, Question, World};
use bindery::{Access, Answer, Binding, BoundPolicy, Outcome, Refusals};

pub(crate) const QUESTIONS: [(Question, Access); 4] = [
    (Question::Read, Access::Read),
    (Question::Write, Access::Write),
    (Question::ReadTree, Access::ReadTree),
    (Question::WriteTree, Access::WriteTree),
];

fn in_the_models_words(answer: Answer) -> model::Answer {
    match answer {
        Answer::Allow => model::Answer::Allow,
        Answer::Deny => model::Answer::Deny,
        Answer::Partial => model::Answer::Partial,
    }
}

/// What the engine says otherwise than the model about one path: the answer, its rule, or who is named for it.
/// With `cautious` (a path may or may not lead through a volume of its own, or an alias) the engine may tell a whole tree on the
/// safe side, and may name another one of the several rules that hold.
pub(crate) fn about_a_path(world: &World, policy: &BoundPolicy, path: &str, cautious: bool) -> Vec<String> {
    let mut faults = Vec::new();
    for (question, access) in QUESTIONS {
        let (ours, theirs) = (world.decide(path, question), policy.decide(path, access));
        let answer = in_the_models_words(theirs.answer());
        if cautious && ours.answer == model::Answer::Allow && answer == model::Answer::Partial {
            continue;
        }
        let names_it = |(entry, place): &(usize, model::path::Path)| {
            let same_entry = theirs.entry() == Some(format!("{}/{entry}", world.pointer).as_str());
            // A pattern's place is its base, and how much of it is base is the engine's choice.
            same_entry && (ours.rule == "D-3" || theirs.place() == Some(world.names.show(place).as_str()))
        };
        let named = if ours.by.is_empty() { theirs.entry().is_none() } else { ours.by.iter().any(names_it) };
        let named = named || cautious;
        if answer != ours.answer || theirs.rule().id() != ours.rule || !named {
            let by: Vec<String> = ours
                .by
                .iter()
                .map(|(entry, place)| format!("{entry} at {}", world.names.show(place)))
                .collect();
            faults.push(format!(
                "{path} {}: the model says {:?} by {} {by:?}, the engine {}",
                access.as_str(),
                ours.answer,
                ours.rule,
                theirs.to_json()
            ));
        }
    }
    faults
}

/// What the engine says otherwise about the policy as a whole.
fn about_a_policy(world: &World, policy: &BoundPolicy) -> Vec<String> {
    let mut faults = Vec::new();
    let flags = (world.full_read(), world.full_write(), world.platform_defaults);
    let found = (policy.full_read(), policy.full_write(), policy.platform_defaults());
    if flags != found {
        faults.push(format!("full_read, full_write, platform_defaults: {flags:?} in the model, {found:?}"));
    }
    for (number, why) in world.inert.iter().enumerate() {
        let pointer = format!("{}/{number}", world.pointer);
        let records = || policy.audit().iter().filter(|record| record.pointer() == pointer);
        let fits = |outcome: Outcome| match (outcome, why) {
            (Outcome::Inert(reason), Some(why)) => reason.as_str() == *why,
            (Outcome::Inert(_), None) | (_, Some(_)) => false,
            (_, None) => true,
        };
        if records().count() == 0 || !records().all(|record| fits(record.outcome())) {
            faults.push(format!("the audit has another outcome for entry {number} than {why:?}"));
        }
    }
    faults
}

/// The pair of policies, if both bind, and what the engine says otherwise so far.
pub(crate) fn about_a_bind<'b>(
    ours: Option<&'b Bound>,
    theirs: &'b Result<Binding, Refusals>,
) -> (Option<(&'b World, &'b BoundPolicy)>, Vec<String>) {
    match (ours, theirs) {
        (Some(Bound::Restricted(world)), Ok(Binding::Restricted(policy))) => {
            (Some((world, policy)), about_a_policy(world, policy))
        }
        (Some(Bound::Refused(expected)), Err(found)) => {
            let found: Vec<(&str, &str)> =
                found.iter().map(|refusal| (refusal.code().as_str(), refusal.pointer())).collect();
            (None, model::bind::about_refusals(expected, &found))
        }
        (Some(Bound::Other(outcome)), Ok(binding)) if binding.outcome() == *outcome => (None, Vec::new()),
        (Some(Bound::Refused(expected)), Ok(_)) => {
            (None, vec![format!("bound; the model refuses {expected:?}")])
        }
        (_, Err(found)) => (None, vec![format!("the model binds, the engine refuses {found}")]),
        (_, Ok(binding)) => (None, vec![format!("the engine's outcome is {}", binding.outcome())]),
    }
}
