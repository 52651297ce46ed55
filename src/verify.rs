//! Is what a policy observed still so (O-9)? Asked just before a sandbox is built, because between binding and
//! building everything in the file system can change.
//!
//! The same questions are asked again through the same code, and the two answers are compared as values: whatever
//! differs is named, and nothing that differs is taken for harmless.

mod change;
mod pin;

pub use change::{Change, ChangeKind, Changes, Unchanged};
pub use pin::Pinned;

use crate::native::Os;
use crate::native::key::{CaseRule, NormRule};
use crate::native::path::NativePath;
use crate::observe::git::GitFacts;
use crate::observe::observed::{Observed, RootGit, word_of};
use crate::observe::walk::Walker;
use crate::observe::walked::{Link, State, Walked};
use crate::observe::{FsView, Identity, VolumeFact};
use crate::policy::BoundPolicy;
use std::collections::{BTreeMap, BTreeSet};

impl BoundPolicy {
    /// Observes everything again that was observed when the policy was bound, and compares. To be called just before
    /// the sandbox is built, with the view that the policy was bound with: [`HostFs`](crate::HostFs).
    ///
    /// Nothing is created, changed or opened for writing, and no share is touched on a host that binding could not
    /// touch. Between this call and the building there is still a moment; [`pin`](Self::pin) closes it for builders
    /// that bind by handle. A file that has fewer names than before is unchanged: a way to it less. On Windows the
    /// standard library tells no identities, so that an object that was replaced by another one of its kind is not
    /// noticed there.
    ///
    /// # Errors
    /// Every difference at once. A policy that was bound without looking at a file system, or for another OS than
    /// the view's, gives [`ChangeKind::NotObserved`]: that nothing changed cannot be said of it.
    pub fn verify(&self, view: &dyn FsView) -> Result<Unchanged, Changes> {
        let before = self.comparable(view)?;
        Changes::from_vec(compare(before, view)).map_or_else(|| Ok(Unchanged::new()), Err)
    }

    /// What was observed, if it can be compared with what this view shows.
    fn comparable(&self, view: &dyn FsView) -> Result<&Observed, Changes> {
        let nothing = |before: String, after: String| -> Changes {
            Change::new(&NativePath::root(self.os()), ChangeKind::NotObserved, before, after).into()
        };
        let observed = self.0.facts.observations.as_ref();
        let observed = observed
            .ok_or_else(|| nothing("only text was read".to_owned(), "nothing to compare with".to_owned()))?;
        if view.os() != self.os() {
            let shows = |os: Os| format!("a file system of {}", os.as_str());
            return Err(nothing(shows(self.os()), shows(view.os())));
        }
        Ok(observed)
    }
}

/// Observes again what was observed `before`, and names every difference.
pub(crate) fn compare(before: &Observed, view: &dyn FsView) -> Vec<Change> {
    let hosts: BTreeSet<String> = before.hosts.iter().cloned().collect();
    let places = before.walks.iter().map(|walk| &walk.written);
    let roots = before.git.iter().map(|git| git.root.clone()).collect();
    let mut walker = Walker::new(view, &hosts);
    let after = Observed::look(&mut walker, places, &roots, &before.writable);
    let mut found = Found::default();
    for (before, after) in before.walks.iter().zip(after.walks) {
        let after = fewer_names_tolerated(before, after);
        if *before != after {
            found.walk(before, &after);
        }
    }
    for fact in &before.volumes {
        let same_root = after.volumes.iter().find(|after| after.root == fact.root).cloned();
        found.volume(fact, same_root.or_else(|| walker.volume(&fact.root)).as_ref());
    }
    for fact in &after.volumes {
        let known = before.volumes.binary_search_by(|known| known.root.cmp(&fact.root)).is_ok();
        let around = before.volumes.iter().filter(|around| around.root.contains(&fact.root));
        if let Some(around) = around.max_by_key(|around| around.root.depth()).filter(|_| !known) {
            // A part of a volume that is now told apart from the rest of it.
            found.rules(&fact.root, around, fact);
        }
    }
    for (before, after) in before.git.iter().zip(&after.git) {
        if before != after {
            found.git(before, after);
        }
    }
    found.changes
}

#[derive(Default)]
struct Found {
    changes: Vec<Change>,
}

impl Found {
    fn add(
        &mut self,
        place: &NativePath,
        kind: ChangeKind,
        before: impl Into<String>,
        after: impl Into<String>,
    ) {
        self.changes.push(Change::new(place, kind, before, after));
    }

    /// Two walks of one path that differ: at least one change is named.
    fn walk(&mut self, before: &Walked, after: &Walked) {
        let count = self.changes.len();
        self.links(before, after);
        // What follows from another way is not named a second time.
        if self.changes.len() == count {
            self.state(before, after);
        }
        self.mounts(before, after);
        if self.changes.len() == count && before.long_names != after.long_names {
            let names = |walk: &Walked| {
                let names: Vec<String> =
                    walk.long_names.iter().map(|name| format!("{} is {}", name.at, name.to)).collect();
                if names.is_empty() { "not confirmed".to_owned() } else { names.join(", ") }
            };
            self.add(&before.written, ChangeKind::LongNameChanged, names(before), names(after));
        }
        if self.changes.len() == count {
            self.add(&before.written, ChangeKind::LeadsElsewhere, said(before), said(after));
        }
    }

    fn links(&mut self, before: &Walked, after: &Walked) {
        fn by_place(walk: &Walked) -> BTreeMap<&NativePath, &Link> {
            walk.links.iter().map(|link| (&link.at, link)).collect()
        }
        let (old, new) = (by_place(before), by_place(after));
        let led = |link: &Link| format!("{} to `{}`, which is {}", link.kind.as_str(), link.text, link.to);
        for (at, link) in &old {
            match new.get(at) {
                None => self.add(at, ChangeKind::LinkRemoved, led(link), "no link on this way"),
                Some(now) if (&link.text, link.kind) != (&now.text, now.kind) => {
                    self.add(at, ChangeKind::LinkMoved, led(link), led(now));
                }
                Some(_) => {}
            }
        }
        for (at, link) in &new {
            if !old.contains_key(at) {
                self.add(at, ChangeKind::BecameLink, "no link on this way", led(link));
            }
        }
    }

    fn mounts(&mut self, before: &Walked, after: &Walked) {
        let (old, new): (BTreeSet<_>, BTreeSet<_>) =
            (before.mounts.iter().collect(), after.mounts.iter().collect());
        let word = |mounts: &BTreeSet<&NativePath>, at| {
            if mounts.contains(at) { "a mount point" } else { "no mount point" }
        };
        for at in old.symmetric_difference(&new) {
            self.add(at, ChangeKind::MountMoved, word(&old, at), word(&new, at));
        }
    }

    fn state(&mut self, before: &Walked, after: &Walked) {
        use ChangeKind as C;
        let directory = |identity: &Option<Identity>| format!("directory{}", object(identity.as_ref()));
        let place = &before.written;
        let (was, is) = (said(before), said(after));
        match (&before.state, &after.state) {
            (State::Exists { kind: old_kind, .. }, State::Exists { kind, .. }) if old_kind != kind => {
                self.add(place, C::KindChanged, was, is);
            }
            (
                State::Exists { identity: old, links: old_count, .. },
                State::Exists { identity: new, links: count, .. },
            ) => {
                if old != new {
                    self.add(place, C::ObjectReplaced, was, is);
                } else if old_count != count {
                    self.add(place, C::LinksAdded, names(*old_count), names(*count));
                }
            }
            (State::Missing { nearest: old, .. }, State::Missing { nearest: new, .. }) if old != new => {
                if old.contains(new) {
                    self.add(new, C::Appeared, was, is);
                } else {
                    self.add(old, C::Disappeared, was, is);
                }
            }
            (State::Missing { nearest, identity: old }, State::Missing { identity: new, .. }) => {
                if old != new {
                    self.add(nearest, C::ObjectReplaced, directory(old), directory(new));
                }
            }
            (_, State::Unreadable { at, .. }) if before.state != after.state => {
                self.add(at, C::BecameUnreadable, was, is);
            }
            (State::Unreadable { at, .. }, _) if before.state != after.state => {
                self.add(at, C::BecameReadable, was, is);
            }
            (_, State::NotADirectory { at }) | (State::NotADirectory { at }, _)
                if before.state != after.state =>
            {
                self.add(at, C::KindChanged, was, is);
            }
            (State::Exists { .. }, State::Missing { .. } | State::Dangling { .. }) => {
                self.add(place, C::Disappeared, was, is);
            }
            (State::Missing { .. } | State::Dangling { .. }, State::Exists { .. }) => {
                self.add(place, C::Appeared, was, is);
            }
            (_, _) if before.state != after.state => self.add(place, C::LeadsElsewhere, was, is),
            (_, _) => {}
        }
    }

    /// A fact about a volume, and what is told of the same directory now.
    fn volume(&mut self, before: &VolumeFact, after: Option<&VolumeFact>) {
        match after {
            None => {
                let nothing = VolumeFact {
                    root: before.root.clone(),
                    case: CaseRule::Unknown,
                    normalization: NormRule::Unknown,
                    id: before.id.clone(),
                };
                self.rules(&before.root, before, &nothing);
            }
            Some(after) if after.id != before.id || !after.root.contains(&before.root) => {
                let said = |fact: &VolumeFact| format!("volume {} from {} on", fact.id, fact.root);
                self.add(&before.root, ChangeKind::MountMoved, said(before), said(after));
            }
            Some(after) => self.rules(&before.root, before, after),
        }
    }

    /// Whatever was known must still be known and the same. What was not known binds most strictly, so knowing it now
    /// changes nothing.
    fn rules(&mut self, root: &NativePath, before: &VolumeFact, after: &VolumeFact) {
        let case = before.case != CaseRule::Unknown && before.case != after.case;
        let normalization =
            before.normalization != NormRule::Unknown && before.normalization != after.normalization;
        if case || normalization {
            let said = |fact: &VolumeFact| {
                let normalization = match fact.normalization {
                    NormRule::Preserving => "preserving",
                    NormRule::Insensitive => "insensitive",
                    NormRule::Unknown => "unknown",
                };
                format!("case {}, normalization {normalization}", fact.case.as_str())
            };
            self.add(root, ChangeKind::VolumeRuleChanged, said(before), said(after));
        }
    }

    fn git(&mut self, before: &RootGit, after: &RootGit) {
        let said = |git: &RootGit| {
            let own = git.facts.as_ref().map_or_else(|| "no repository of its own".to_owned(), of_git);
            match &git.parent_repository {
                None => own,
                Some(parent) => format!("{own}, below the repository of {parent}"),
            }
        };
        self.add(&before.root, ChangeKind::GitChanged, said(before), said(after));
    }
}

fn of_git(facts: &GitFacts) -> String {
    let place = |path: &Option<NativePath>| path.as_ref().map_or("nowhere", NativePath::as_str).to_owned();
    format!(
        "{} at {}, common directory {}: {}",
        facts.shape.as_str(),
        place(&facts.git_dir),
        place(&facts.common_dir),
        facts.why.sentence()
    )
}

/// A file with fewer names than before has lost a way to it and got none, which is no change.
fn fewer_names_tolerated(before: &Walked, mut after: Walked) -> Walked {
    if let (State::Exists { links: Some(old), .. }, State::Exists { links: Some(new), .. }) =
        (&before.state, &mut after.state)
    {
        *new = (*new).max(*old);
    }
    after
}

fn names(count: Option<u64>) -> String {
    match count {
        None => "an unknown number of names".to_owned(),
        Some(1) => "1 name".to_owned(),
        Some(count) => format!("{count} names"),
    }
}

fn object(identity: Option<&Identity>) -> String {
    identity.map_or_else(String::new, |identity| format!(" {}/{}", identity.volume, identity.object))
}

/// What a walk found, for people.
fn said(walk: &Walked) -> String {
    let what = match &walk.state {
        State::Exists { kind, identity, .. } => {
            format!("{}{}", kind.as_str(), object(identity.as_ref()))
        }
        State::Missing { nearest, identity } => {
            format!("missing in {nearest}, directory{}", object(identity.as_ref()))
        }
        State::Dangling { link, target } => format!("nothing at {target}, to which the link {link} leads"),
        State::Loop { link } => format!("a loop at {link}"),
        State::Unreadable { at, why } => format!("{at} {}", why.sentence()),
        State::NotADirectory { at } => format!("{} at {at}", word_of(&walk.state)),
    };
    if walk.real == walk.written { what } else { format!("{what}, really at {}", walk.real) }
}

#[cfg(test)]
mod tests;
