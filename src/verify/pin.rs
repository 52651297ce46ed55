//! Handles of everything that a policy names, for builders that bind by handle.

use super::{Change, ChangeKind, Changes, object, said};
use crate::native::path::NativePath;
use crate::observe::host::{Handle, Holder, Reached};
use crate::observe::observed::Observed;
use crate::observe::walked::{State, Walked};
use crate::observe::{HostFs, Identity, Observation};
use crate::policy::BoundPolicy;
use std::collections::{BTreeMap, BTreeSet};

/// Handles of every place of a policy, held until this is dropped.
///
/// Each was reached from the root of the file system component by component, through no link, and is the object
/// that the policy observed. What a name leads to can change later; what a handle holds cannot.
#[derive(Debug)]
pub struct Pinned {
    held: BTreeMap<NativePath, Handle>,
    missing: BTreeMap<NativePath, (NativePath, Handle)>,
    unheld: BTreeSet<NativePath>,
}

impl Pinned {
    /// The handle of a place, by where it really is ([`Place::resolved`](crate::Place::resolved)); `None` if it is
    /// missing, unheld or no place of the policy.
    pub fn get(&self, resolved: &NativePath) -> Option<&Handle> {
        self.held.get(resolved)
    }

    /// Every place that is held, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&NativePath, &Handle)> {
        self.held.iter()
    }

    /// Every place at which nothing is, with the deepest directory above it that exists and its handle.
    pub fn missing(&self) -> impl Iterator<Item = (&NativePath, &NativePath, &Handle)> {
        self.missing.iter().map(|(path, (nearest, handle))| (path, nearest, handle))
    }

    /// Places that could not be observed when the policy was bound, and of which therefore nothing is held. Only
    /// denials have such places.
    pub fn unheld(&self) -> impl Iterator<Item = &NativePath> {
        self.unheld.iter()
    }
}

impl BoundPolicy {
    /// Holds a handle of every place that the policy names, and checks that each is the object that the policy
    /// observed; then [verifies](Self::verify) the rest of what was observed while holding them. Linux only.
    ///
    /// It takes one file descriptor for each place; a process may often hold no more than 1,024.
    ///
    /// # Errors
    /// Every difference at once, as [`verify`](Self::verify) names them; [`ChangeKind::NotPinned`] where no handle
    /// can be held: on every other system, or for want of descriptors.
    pub fn pin(&self) -> Result<Pinned, Changes> {
        let observed = self.comparable(&HostFs)?;
        let Some(mut holder) = Holder::new() else {
            let root = NativePath::root(self.os());
            let change =
                Change::new(&root, ChangeKind::NotPinned, "observed", "handles are held on Linux only");
            return Err(change.into());
        };
        let rules = self.rules().iter().map(|rule| &rule.place);
        let patterns = self.deny_patterns().iter().map(|pattern| &pattern.base);
        let mut pin = Pin::new(observed);
        let mut places: BTreeSet<&NativePath> = BTreeSet::new();
        for place in rules.chain(patterns) {
            // A rule about a link itself (O-4): what the link says is compared below, and no handle is of use.
            if place.links().last() == Some(place.resolved()) {
                pin.pinned.unheld.insert(place.resolved().clone());
            } else {
                places.insert(place.resolved());
            }
        }
        for place in places {
            pin.place(&mut holder, place);
        }
        let mut changes = pin.changes;
        if changes.is_empty() {
            changes = super::compare(observed, &HostFs);
        }
        Changes::from_vec(changes).map_or(Ok(pin.pinned), Err)
    }
}

/// What is pinned so far.
struct Pin<'o> {
    /// What was found at each real place.
    walks: BTreeMap<&'o NativePath, &'o Walked>,
    pinned: Pinned,
    changes: Vec<Change>,
}

impl<'o> Pin<'o> {
    fn new(observed: &'o Observed) -> Self {
        Self {
            walks: observed.walks.iter().map(|walk| (&walk.real, walk)).collect(),
            pinned: Pinned { held: BTreeMap::new(), missing: BTreeMap::new(), unheld: BTreeSet::new() },
            changes: Vec::new(),
        }
    }

    fn add(&mut self, place: &NativePath, kind: ChangeKind, before: String, after: String) {
        self.changes.push(Change::new(place, kind, before, after));
    }

    fn place(&mut self, holder: &mut Holder, place: &NativePath) {
        use ChangeKind as C;
        let Some(walk) = self.walks.get(place).copied() else {
            let before = "no observation of this very place".to_owned();
            return self.add(place, C::NotPinned, before, "nothing to compare a handle with".to_owned());
        };
        match &walk.state {
            State::Unreadable { .. } | State::Loop { .. } | State::NotADirectory { .. } => {
                self.pinned.unheld.insert(place.clone());
                return;
            }
            State::Exists { .. } | State::Missing { .. } | State::Dangling { .. } => {}
        }
        let before = said(walk);
        match (&walk.state, holder.reach(place)) {
            (_, Reached::Failed(at, why)) => self.add(&at, C::NotPinned, before, why),
            (_, Reached::Link(at)) => self.add(&at, C::BecameLink, before, "a link".to_owned()),
            (State::Exists { kind: old_kind, identity: old, .. }, Reached::Place(handle, seen)) => {
                match &seen {
                    Observation::Exists { kind, .. } if kind != old_kind => {
                        self.add(place, C::KindChanged, before, shown(&seen));
                    }
                    Observation::Exists { identity, .. } if same(old.as_ref(), identity.as_ref()) => {
                        self.pinned.held.insert(place.clone(), handle);
                    }
                    Observation::Exists { .. } | Observation::Missing | Observation::Unreadable => {
                        self.add(place, C::ObjectReplaced, before, shown(&seen));
                    }
                }
            }
            (State::Exists { .. }, Reached::Missing(nearest, ..)) => {
                self.add(place, C::Disappeared, before, format!("missing in {nearest}"));
            }
            (_, Reached::Place(_, seen)) => self.add(place, C::Appeared, before, shown(&seen)),
            (State::Missing { nearest: old, identity }, Reached::Missing(nearest, handle, seen)) => {
                let now = match &seen {
                    Observation::Exists { identity, .. } => identity.as_ref(),
                    Observation::Missing | Observation::Unreadable => None,
                };
                if *old != nearest {
                    let kind = if old.contains(&nearest) { C::Appeared } else { C::Disappeared };
                    self.add(&nearest, kind, before, format!("missing in {nearest}"));
                } else if same(identity.as_ref(), now) {
                    self.pinned.missing.insert(place.clone(), (nearest, handle));
                } else {
                    self.add(&nearest, C::ObjectReplaced, before, shown(&seen));
                }
            }
            // Where a dangling link leads nothing was asked about; whether its link is still the same, verifying says.
            (_, Reached::Missing(nearest, handle, _)) => {
                self.pinned.missing.insert(place.clone(), (nearest, handle));
            }
        }
    }
}

/// Is it certain that these are one object?
fn same(before: Option<&Identity>, after: Option<&Identity>) -> bool {
    before.is_some() && before == after
}

fn shown(seen: &Observation) -> String {
    match seen {
        Observation::Exists { kind, identity, .. } => {
            format!("{}{}", kind.as_str(), object(identity.as_ref()))
        }
        Observation::Missing => "missing".to_owned(),
        Observation::Unreadable => "unreadable".to_owned(),
    }
}
