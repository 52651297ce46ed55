//! Which objects are on the way to places, and which of them have several names (O-5).

use super::{At, Node, Seen, Walker};
use crate::native::path::NativePath;
use crate::observe::Identity;
use std::collections::{BTreeMap, BTreeSet};

impl Walker<'_> {
    /// Each directory or other object from the root down to the real path `real`, as far as they exist, and which
    /// object it is; one without an identity is left out. Of a path that was walked nothing is asked again.
    pub(crate) fn chain(&mut self, real: &NativePath) -> Vec<(NativePath, Identity)> {
        let mut found = Vec::new();
        if real.os() != self.os() || real.unc_host().is_some_and(|host| !self.hosts.contains(host)) {
            return found;
        }
        let mut at = self.root(real.root_text());
        let mut segments = real.segments();
        loop {
            match self.node(at).map(|node| &node.seen) {
                Some(Seen::Object { kind, identity, .. }) => {
                    let is_directory = kind.is_directory();
                    if let Some(identity) = identity.clone() {
                        found.push((self.place(at), identity));
                    }
                    if !is_directory {
                        return found;
                    }
                }
                // It has no second name.
                Some(Seen::Through) => {}
                Some(Seen::Link { .. } | Seen::Missing | Seen::Closed(_)) | None => return found,
            }
            let Some(segment) = segments.next() else { return found };
            at = self.child(at, segment, None, false);
        }
    }

    /// Are any two of all places that were asked about one object? Mostly not, and then nobody needs to know of which
    /// places.
    fn any_shared(&self) -> bool {
        let mut objects: Vec<(&str, &str)> = (0..self.nodes.len())
            .filter_map(|at| self.identity(at).map(|identity| (&*identity.object, &*identity.volume)))
            .collect();
        objects.sort_unstable();
        objects.windows(2).any(|pair| pair.first() == pair.get(1))
    }

    /// Where one volume is mounted at several places, a directory on it may be seen under several names: then those that
    /// were only gone through are asked which ones they are.
    fn tell_apart(&mut self) {
        let tops = self.nodes.iter().filter(|node| node.up.is_none() || node.mount);
        // Where one of these does not say on which volume it is, it may be any.
        let volume = |node: &Node| match &node.seen {
            Seen::Object { kind, identity, .. } if kind.is_directory() => {
                Some(identity.as_ref().map(|identity| identity.volume.clone()))
            }
            Seen::Object { .. } | Seen::Through | Seen::Link { .. } | Seen::Missing | Seen::Closed(_) => None,
        };
        let mut volumes: Vec<Option<String>> = tops.filter_map(volume).collect();
        volumes.sort_unstable();
        let any = volumes.first().is_some_and(Option::is_none);
        let several = |volume: &str| {
            let first = volumes.partition_point(|other| other.as_deref() < Some(volume));
            any || volumes.get(first + 1).is_some_and(|second| second.as_deref() == Some(volume))
        };
        let on_several = |at: &At| {
            self.is_through(*at)
                && self.identity(self.asked_above(*at)).is_none_or(|above| several(&above.volume))
        };
        let ask: Vec<At> = (0..self.nodes.len()).filter(on_several).collect();
        for at in ask {
            self.settle(at);
        }
    }

    /// The places on the way to these real paths, and they themselves, that are one object under several names.
    pub(crate) fn shared<'p>(
        &mut self,
        reals: impl Iterator<Item = &'p NativePath>,
    ) -> BTreeMap<Identity, BTreeSet<NativePath>> {
        self.tell_apart();
        if !self.any_shared() {
            return BTreeMap::new();
        }
        let mut seen = vec![false; self.nodes.len()];
        let mut told: Vec<At> = Vec::new();
        for real in reals {
            if real.os() != self.os() || real.unc_host().is_some_and(|host| !self.hosts.contains(host)) {
                continue;
            }
            let mut at = self.root(real.root_text());
            let mut segments = real.segments();
            loop {
                seen.resize(self.nodes.len(), false);
                let new = seen.get_mut(at).is_some_and(|seen| !std::mem::replace(seen, true));
                if new && self.identity(at).is_some() {
                    told.push(at);
                }
                // Only a directory has names in it.
                let Some(segment) = segments.next().filter(|_| self.directory(at).is_some()) else { break };
                at = self.child(at, segment, None, false);
            }
        }
        told.sort_unstable_by(|a, b| self.identity(*a).cmp(&self.identity(*b)));
        let groups = told.chunk_by(|a, b| self.identity(*a) == self.identity(*b));
        let several = groups.filter(|group| group.len() > 1).filter_map(|group| {
            let identity = self.identity(*group.first()?)?.clone();
            Some((identity, group.iter().map(|at| self.place(*at)).collect()))
        });
        several.collect()
    }
}
