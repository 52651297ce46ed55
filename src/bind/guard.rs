//! What a writable place must not include because of what is in it: links that lead to protected or denied places,
//! and repositories. Everything here narrows; nothing grants.

use super::expand::{Became, Draft, step};
use super::settle::{Levels, Twins, resolved};
use super::sight::Sight;
use crate::audit::{Inert, Outcome, Step};
use crate::executor::{Executor, ProtectedScope};
use crate::intent::{EntryAccess, limits};
use crate::native;
use crate::native::path::{NativePath, RootKind};
use crate::observe::git::{self, GitFacts, GitShape, GitWhy};
use crate::observe::observed::RootGit;
use crate::observe::walked::{MAX_LINKS, State, Walked, Why};
use crate::policy::rules::{BoundRule, Place, Scope};
use crate::rule::Rule;
use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A draft that follows from another one: the same entry, at a place of its own.
fn follows(from: &Draft, place: Place, scope: Scope, steps: Vec<Step>) -> Draft {
    let rule = BoundRule { place, access: EntryAccess::Read, scope, materialize: false };
    Draft {
        entry: from.entry,
        root: from.root.clone(),
        steps,
        outcome: Outcome::Bound,
        became: Became::Rule(rule),
        hazard: None,
        screened: false,
    }
}

/// A link on the way to a denied place, in a place that is writable, must not be replaced: the denial covers it
/// (O-4). The link itself becomes read-only, not what it leads to.
pub(super) fn links(
    executor: &Executor,
    drafts: &mut Vec<Draft>,
    walks: &[Option<Rc<Walked>>],
    twins: &Twins,
    sight: &mut Sight<'_>,
    levels: &mut Levels,
    most: usize,
) {
    let mut guards = Vec::new();
    for (draft, walked) in drafts.iter().zip(walks) {
        let (Some((EntryAccess::Deny, place)), Some(walked)) = (draft.place(), walked) else { continue };
        let loops = matches!(walked.state, State::Loop { .. });
        for link in &walked.links {
            // A link that is the denied place itself is denied by its name. One that is a pattern's base is not: it is
            // on the way to all that the pattern denies. Links that run in a circle lead to no place, and to the
            // denied one as soon as one of them is replaced.
            let on_the_way = loops || link.to != walked.real || matches!(draft.became, Became::Pattern(_));
            if !on_the_way {
                continue;
            }
            // Its directory may be writable by another name only.
            let holder = link.at.parent();
            let others = holder.iter().flat_map(|holder| twins.others(holder));
            let others = others.filter_map(|other| other.join_segment(link.at.file_name()?).ok());
            for at in std::iter::once(link.at.clone()).chain(others) {
                if guards.len() > most {
                    break;
                }
                let key = executor.volumes.keys(&at).exact;
                if levels.at(&key) == Some(EntryAccess::Write) && !levels.opens(&key) {
                    // Seen by this name, too.
                    sight.walk(&at);
                    let steps = vec![step(Rule::O4, place.path().as_str(), at.as_str())];
                    let place = Place::new(at.clone(), at.clone(), vec![at]);
                    guards.push(follows(draft, place, Scope::File, steps));
                }
            }
        }
    }
    for guard in &guards {
        levels.add_draft(executor, guard);
    }
    drafts.append(&mut guards);
}

/// Everything may be written and nothing narrows: then protected names do not apply (D-4, docs/adr).
fn is_full_write(drafts: &[Draft]) -> bool {
    let all = |place: &Place| {
        place.resolved().is_root() && matches!(place.resolved().kind(), RootKind::Posix | RootKind::Namespace)
    };
    let mut full = false;
    for draft in drafts {
        match &draft.became {
            Became::Rule(rule) => {
                if rule.access != EntryAccess::Write {
                    return false;
                }
                full |= all(&rule.place);
            }
            Became::Pattern(_) => return false,
            Became::Minimal(access) if *access == EntryAccess::Deny => return false,
            Became::Minimal(_) | Became::Seen(_) | Became::Nothing => {}
        }
    }
    full
}

/// The directories that may be written, each with the drafts that make it so.
fn writable(drafts: &[Draft], sight: &mut Sight<'_>) -> BTreeMap<NativePath, Vec<usize>> {
    let mut places: BTreeMap<NativePath, Vec<usize>> = BTreeMap::new();
    for (at, draft) in drafts.iter().enumerate() {
        let Became::Rule(rule) = &draft.became else { continue };
        if rule.access == EntryAccess::Write && rule.scope == Scope::Tree {
            places.entry(rule.place.resolved().clone()).or_default().push(at);
        }
    }
    places.retain(|place, _| {
        let is_directory = sight.walk(place).kind().is_some_and(crate::observe::Kind::is_directory);
        is_directory && place.kind() != RootKind::Namespace
    });
    places
}

/// A protected name that is a link is protected where it leads, too: whoever writes there writes what is protected
/// (D-4). An entry that grants the place it leads to is believed. `None` if that makes more than `most` places.
pub(super) fn protected_names(
    executor: &Executor,
    drafts: &mut Vec<Draft>,
    sight: &mut Sight<'_>,
    levels: &mut Levels,
    most: usize,
) -> Option<()> {
    // At any depth they hold, whatever may be written (docs/adr/0008).
    if executor.protected.scope() == ProtectedScope::Root && is_full_write(drafts) {
        return Some(());
    }
    let places = writable(drafts, sight);
    let mut guards = Vec::new();
    if executor.protected.scope() == ProtectedScope::Root {
        guards = under_other_names(executor, drafts, sight, levels, &places, most)?;
    }
    let mut linked: Vec<Linked<'_>> = Vec::new();
    for (root, makers) in &places {
        for name in executor.protected.names() {
            let Ok(path) = root.join_segment(name) else { continue };
            let own = executor.volumes.keys(&path).exact;
            if levels.opens(&own) {
                continue;
            }
            let walked = sight.walk(&path);
            let shown = behind_mirrors(sight, Rc::clone(&walked));
            let leads = !walked.links.is_empty()
                && matches!(
                    shown.state,
                    State::Exists { .. } | State::Missing { .. } | State::Dangling { .. }
                );
            if leads {
                linked.push(Linked { root, makers, walked, target: resolved(executor, &shown), path });
            } else if matches!(shown.state, State::Unreadable { why: Why::Mirror, .. }) {
                for maker in makers.iter().filter_map(|maker| drafts.get(*maker)) {
                    let mut steps = vec![step(Rule::D4, root.as_str(), path.as_str())];
                    let told = "not protected where it leads, which depends on who follows it";
                    steps.push(step(Rule::O4, shown.real.as_str(), told));
                    guards.push(seen(maker, steps, Outcome::Bound, &path));
                }
            }
        }
    }
    if !linked.is_empty() {
        let reals = drafts.iter().filter_map(Draft::place).map(|(_, place)| place.resolved());
        let names = sight.shared(reals.chain(linked.iter().map(|linked| &linked.target)));
        for linked in &linked {
            let others = sight.other_names(&names, &linked.target, most + 1);
            if others.len() > most {
                return None;
            }
            guards.append(&mut linked.shut(executor, drafts, others, levels));
            if guards.len() > most {
                return None;
            }
        }
    }
    for guard in &guards {
        levels.add_draft(executor, guard);
    }
    drafts.append(&mut guards);
    Some(())
}

/// A protected name that is a link.
struct Linked<'a> {
    /// The writable place that it stands in, and the drafts that make it one.
    root: &'a NativePath,
    makers: &'a [usize],
    path: NativePath,
    walked: Rc<Walked>,
    /// Where it leads.
    target: NativePath,
}

impl Linked<'_> {
    /// What it leads to is read-only, under each of its names that could be written.
    fn shut(
        &self,
        executor: &Executor,
        drafts: &[Draft],
        others: BTreeSet<NativePath>,
        levels: &Levels,
    ) -> Vec<Draft> {
        let (root, path, target) = (self.root, &self.path, &self.target);
        let open = |place: &NativePath| {
            let key = executor.volumes.keys(place).exact;
            levels.at(&key) == Some(EntryAccess::Write) && !levels.opens(&key)
        };
        let links: Vec<NativePath> = self.walked.links.iter().map(|link| link.at.clone()).collect();
        let by_name = open(target).then(|| Place::new(path.clone(), target.clone(), links));
        let others = others.into_iter().filter(|other| open(other)).map(Place::unsettled);
        let shut: Vec<Place> = by_name.into_iter().chain(others).collect();
        let mut guards = Vec::new();
        for maker in self.makers.iter().filter_map(|maker| drafts.get(*maker)) {
            let mut steps = vec![step(Rule::D4, root.as_str(), path.as_str())];
            steps.push(step(Rule::O4, path.as_str(), target.as_str()));
            for place in &shut {
                guards.push(follows(maker, place.clone(), Scope::Tree, steps.clone()));
            }
            if shut.is_empty() {
                steps.push(step(Rule::D4, target.as_str(), "not in a place that this policy protects"));
                guards.push(seen(maker, steps, Outcome::Bound, path));
            }
        }
        guards
    }
}

/// A writable directory that has another name in a writable place: what is protected directly in it is protected by
/// that name, too (O-5). At any depth the names hold there anyway. `None` if that makes more than `most` places.
fn under_other_names(
    executor: &Executor,
    drafts: &[Draft],
    sight: &mut Sight<'_>,
    levels: &Levels,
    places: &BTreeMap<NativePath, Vec<usize>>,
    most: usize,
) -> Option<Vec<Draft>> {
    let names = sight.shared(drafts.iter().filter_map(Draft::place).map(|(_, place)| place.resolved()));
    let mut guards = Vec::new();
    if names.is_empty() {
        return Some(guards);
    }
    for (root, makers) in places {
        let others = sight.other_names(&names, root, most + 1);
        if others.len() > most {
            return None;
        }
        for twin in others.into_iter().filter(|twin| !places.contains_key(twin)) {
            for name in executor.protected.names() {
                let (Ok(own), Ok(path)) = (root.join_segment(name), twin.join_segment(name)) else {
                    continue;
                };
                if guards.len() > most {
                    return None;
                }
                let key = executor.volumes.keys(&path).exact;
                let opened = levels.opens(&key) || levels.opens(&executor.volumes.keys(&own).exact);
                if opened || levels.at(&key) != Some(EntryAccess::Write) {
                    continue;
                }
                // Seen, so that it can be verified like every other place.
                sight.walk(&path);
                for maker in makers.iter().filter_map(|maker| drafts.get(*maker)) {
                    let mut steps = vec![step(Rule::D4, root.as_str(), own.as_str())];
                    steps.push(step(
                        Rule::O5,
                        own.as_str(),
                        format!("{path}: {root} and {twin} are one object"),
                    ));
                    guards.push(follows(maker, Place::unsettled(path.clone()), Scope::Tree, steps));
                }
            }
        }
    }
    Some(guards)
}

/// Where a walk leads that ended at a mirror which shows the whole tree again, such as `/proc/self/root` (N-7), for whoever
/// goes there: one mirror further. `None` if it ended elsewhere.
pub(super) fn behind_mirror(sight: &mut Sight<'_>, walked: &Walked) -> Option<Rc<Walked>> {
    let State::Unreadable { why: Why::Mirror, .. } = walked.state else { return None };
    Some(sight.walk(&native::shown(&walked.real)?))
}

/// The same through all mirrors, one behind another; the walk itself if it ended elsewhere.
fn behind_mirrors(sight: &mut Sight<'_>, mut walked: Rc<Walked>) -> Rc<Walked> {
    for _ in 0..MAX_LINKS {
        let Some(further) = behind_mirror(sight, &walked) else { break };
        walked = further;
    }
    walked
}

/// A record without a rule.
fn seen(from: &Draft, steps: Vec<Step>, outcome: Outcome, path: &NativePath) -> Draft {
    Draft {
        entry: from.entry,
        root: from.root.clone(),
        steps,
        outcome,
        became: Became::Seen(Box::new([path.shared()])),
        hazard: None,
        screened: false,
    }
}

/// Finds the repository of each writable directory (O-7). What git needs is listed and grants nothing; a repository
/// that lies in a writable place without being under a protected name becomes read-only, believed or not.
pub(super) fn repositories(
    executor: &Executor,
    drafts: &mut Vec<Draft>,
    sight: &mut Sight<'_>,
    levels: &Levels,
) {
    let places = writable(drafts, sight);
    let mut outermost: Vec<NativePath> = Vec::new();
    for place in places.keys() {
        if !outermost.last().is_some_and(|outer| outer.contains(place)) {
            outermost.push(place.clone());
        }
    }
    let protects = !is_full_write(drafts) && executor.protected.names().any(|name| name == ".git");
    let names: LazyCell<BTreeSet<Box<[u8]>>, _> = LazyCell::new(|| {
        let names = |place: &NativePath| -> Vec<NativePath> {
            executor.protected.names().filter_map(|name| place.join_segment(name).ok()).collect()
        };
        let exact = |path| executor.volumes.keys(&path).exact.as_bytes().into();
        places.keys().flat_map(names).map(exact).collect()
    });
    let any_depth = executor.protected.scope() == ProtectedScope::AnyDepth;
    let mut added = Vec::new();
    if places.len() > limits::MAX_REPOSITORIES {
        sight.notes.insert(format!(
            "of {} writable directories the first {} were searched for repositories",
            places.len(),
            limits::MAX_REPOSITORIES
        ));
    }
    for (root, makers) in places.iter().take(limits::MAX_REPOSITORIES) {
        let facts = git::git_facts(&mut sight.walker, root, &outermost);
        // As verifying asks: where there is a repository, one around it is of no interest.
        let parent_repository =
            if facts.is_none() { git::parent_repository(&mut sight.walker, root) } else { None };
        for maker in makers.iter().filter_map(|maker| drafts.get(*maker)) {
            if let Some(facts) = &facts {
                added.push(record(maker, facts));
            } else if let Some(above) = &parent_repository {
                let text =
                    format!("no repository of its own: {above} has one, and making one here would split it");
                let steps = vec![step(Rule::O7, root.as_str(), text)];
                added.push(seen(maker, steps, Outcome::Bound, root));
            }
        }
        let dirs = facts.iter().flat_map(|facts| facts.git_dir.iter().chain(&facts.common_dir));
        let dirs: BTreeSet<&NativePath> = dirs.filter(|_| protects && !any_depth).collect();
        for dir in dirs {
            let walked = sight.walk(dir);
            let walked = behind_mirrors(sight, walked);
            let target = resolved(executor, &walked);
            let key = executor.volumes.keys(&target).exact;
            let holds_root = target.contains(root);
            if holds_root || levels.at(&key) != Some(EntryAccess::Write) || levels.opens(&key) {
                continue;
            }
            if key.outwards().any(|key| names.contains(key)) {
                continue;
            }
            for maker in makers.iter().filter_map(|maker| drafts.get(*maker)) {
                let steps = vec![step(Rule::O7, root.as_str(), dir.as_str())];
                let place = Place::new(dir.clone(), target.clone(), Vec::new());
                added.push(follows(maker, place, Scope::Tree, steps));
            }
        }
        sight.git.push(RootGit { root: root.clone(), facts, parent_repository });
    }
    sight.writable = outermost;
    drafts.append(&mut added);
}

/// What the audit says of a repository.
fn record(maker: &Draft, facts: &GitFacts) -> Draft {
    let shape = format!("{}: {}. {}", facts.shape.as_str(), facts.why.as_str(), facts.why.sentence());
    let mut steps = vec![step(Rule::O7, facts.at.as_str(), shape)];
    if let Some(pointer) = &facts.pointer {
        let place = facts.git_dir.as_ref().map_or("nowhere", NativePath::as_str);
        steps.push(step(Rule::O7, pointer.as_str(), place));
    }
    steps.extend(facts.parts().iter().map(|part| step(Rule::O7, part.path.as_str(), part.need.as_str())));
    let is_pointer = match facts.shape {
        GitShape::Worktree | GitShape::Submodule | GitShape::Separate | GitShape::Malformed => true,
        // A link named `.git` is no pointer; what it leads to is protected with it.
        GitShape::Directory | GitShape::Other => facts.why == GitWhy::CommonElsewhere,
    };
    let outcome = if is_pointer && !facts.verified {
        Outcome::Inert(Inert::UnverifiedGitPointer)
    } else {
        Outcome::Bound
    };
    seen(maker, steps, outcome, &facts.at)
}
