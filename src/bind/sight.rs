//! What one bind sees of the file system: every walk once, and what follows for volumes and aliases (O-1).

use crate::executor::Executor;
use crate::intent::Note;
use crate::native::alias::volumes_and_aliases;
use crate::native::key::{CaseRule, NormRule, Volume};
use crate::native::path::NativePath;
use crate::observe::observed::{Observed, RootGit, Told, merged, tell};
use crate::observe::walk::Walker;
use crate::observe::walked::{State, Walked};
use crate::observe::{FsView, Identity};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The file system as one bind sees it.
#[derive(Debug)]
pub(super) struct Sight<'v> {
    pub(super) walker: Walker<'v>,
    hosts: &'v BTreeSet<String>,
    /// By the text of the path: the order of paths takes much longer to tell, and here any order does.
    walks: BTreeMap<Box<str>, Rc<Walked>>,
    volumes: Told,
    /// The facts with what was seen, until more is seen that belongs to them.
    told: Option<Rc<Executor>>,
    pub(super) git: Vec<RootGit>,
    /// The outermost writable directories, which repositories were weighed against.
    pub(super) writable: Vec<NativePath>,
    pub(super) notes: BTreeSet<String>,
}

impl<'v> Sight<'v> {
    /// Nothing seen yet. `hosts` are the UNC hosts that may be touched.
    pub(super) fn new(view: &'v dyn FsView, hosts: &'v BTreeSet<String>) -> Self {
        Self {
            walker: Walker::new(view, hosts),
            hosts,
            walks: BTreeMap::new(),
            volumes: Told::new(),
            told: None,
            git: Vec::new(),
            writable: Vec::new(),
            notes: BTreeSet::new(),
        }
    }

    /// Where a path leads.
    pub(super) fn walk(&mut self, path: &NativePath) -> Rc<Walked> {
        self.walk_before(path, None)
    }

    /// The same if it is known which path is walked next.
    fn walk_before(&mut self, path: &NativePath, next: Option<&NativePath>) -> Rc<Walked> {
        if let Some(walked) = self.walks.get(path.as_str()) {
            return Rc::clone(walked);
        }
        let (walked, volume) = self.walker.walk_with_volume(path, next);
        let walked = Rc::new(walked);
        let new_fact = volume.is_some_and(|fact| tell(&mut self.volumes, fact));
        if new_fact || !walked.links.is_empty() || !walked.long_names.is_empty() {
            self.told = None;
        }
        self.walks.insert(path.as_str().into(), Rc::clone(&walked));
        walked
    }

    /// Every existing directory on the way to a real place, with its identity.
    pub(super) fn chain(&mut self, real: &NativePath) -> Vec<(NativePath, Identity)> {
        self.walker.chain(real)
    }

    /// Walks many paths, and gives what was found of each. In their order, so that of one directory everything is asked
    /// while its handle is held.
    pub(super) fn walk_all(&mut self, paths: &[Option<NativePath>]) -> Vec<Option<Rc<Walked>>> {
        let mut order: Vec<(&NativePath, usize)> =
            paths.iter().enumerate().filter_map(|(at, path)| Some((path.as_ref()?, at))).collect();
        order.sort_unstable_by_key(|(path, at)| (path.as_str(), *at));
        let mut found = vec![None; paths.len()];
        let mut places = order.chunk_by(|(a, _), (b, _)| a == b).peekable();
        while let Some(asked) = places.next() {
            let Some((path, _)) = asked.first() else { continue };
            let next = places.peek().and_then(|asked| asked.first()).map(|(next, _)| *next);
            let walked = self.walk_before(path, next);
            for (_, at) in asked {
                if let Some(found) = found.get_mut(*at) {
                    *found = Some(Rc::clone(&walked));
                }
            }
        }
        found
    }

    /// The objects on the way to real places that have several names.
    pub(super) fn shared<'p>(
        &mut self,
        reals: impl Iterator<Item = &'p NativePath>,
    ) -> BTreeMap<Identity, BTreeSet<NativePath>> {
        self.walker.shared(reals)
    }

    /// What a real place is called where a directory on the way to it has other names, up to `most`; `names` are those of
    /// [`shared`](Self::shared).
    pub(super) fn other_names(
        &mut self,
        names: &BTreeMap<Identity, BTreeSet<NativePath>>,
        real: &NativePath,
        most: usize,
    ) -> BTreeSet<NativePath> {
        let mut found = BTreeSet::new();
        if names.is_empty() {
            return found;
        }
        for (above, identity) in self.chain(real) {
            let others = names.get(&identity).into_iter().flatten().filter(|other| **other != above);
            // Names of a path are names below any other place of its system.
            let joined =
                others.filter_map(|other| other.join_segments(real.segments().skip(above.depth())).ok());
            found.extend(joined.take(most.saturating_sub(found.len())));
        }
        found
    }

    /// The executor's facts, with what was seen so far: volumes, and links as aliases. Where a given fact and an
    /// observed one disagree about a volume, neither is believed; a link that stands where an alias is given is
    /// what counts.
    pub(super) fn executor(&mut self, given: &Executor) -> Rc<Executor> {
        if let Some(told) = &self.told {
            return Rc::clone(told);
        }
        let told = Rc::new(self.tell(given));
        self.told = Some(Rc::clone(&told));
        told
    }

    fn tell(&mut self, given: &Executor) -> Executor {
        let mut executor = given.clone();
        let mut volumes: BTreeMap<NativePath, Volume> = BTreeMap::new();
        for volume in &given.volume_list {
            let (case, normalization) = given.volumes.rule_at(&volume.path);
            let volume = Volume { path: volume.path.clone(), case, normalization };
            volumes.insert(volume.path.clone(), volume);
        }
        for fact in merged(&self.volumes) {
            // What the machine cannot tell of a volume, facts given of that very volume may. Those of the volume around
            // it say nothing about it: a denial there must match widely (G-1).
            let own = volumes.get(&fact.root).map(|given| (given.case, given.normalization));
            let (case, normalization) = own.unwrap_or_default();
            let told = Volume {
                path: fact.root.clone(),
                case: if fact.case == CaseRule::Unknown { case } else { fact.case },
                normalization: if fact.normalization == NormRule::Unknown {
                    normalization
                } else {
                    fact.normalization
                },
            };
            match volumes.get_mut(&told.path) {
                Some(volume) if *volume != told => {
                    self.notes.insert(format!(
                        "what is given and what was observed of the volume `{}` differ, so neither is believed",
                        told.path
                    ));
                    if volume.case != told.case {
                        volume.case = CaseRule::Unknown;
                    }
                    if volume.normalization != told.normalization {
                        volume.normalization = NormRule::Unknown;
                    }
                }
                Some(_) => {}
                None => _ = volumes.insert(told.path.clone(), told),
            }
        }
        executor.volume_list = volumes.into_values().collect();
        let links = self.links();
        executor.alias_list.retain(|(from, to)| {
            let kept = links.get(from).is_none_or(|link| link == to);
            if !kept {
                self.notes
                    .insert(format!("the alias `{from}` is given, and a link to another place was observed"));
            }
            kept
        });
        executor.alias_list.extend(links.clone());
        executor.alias_list.sort();
        executor.alias_list.dedup();
        let known = |told: &Executor| volumes_and_aliases(given.os, &told.volume_list, &told.alias_list);
        (executor.volumes, executor.aliases) = known(&executor);
        let links: Vec<(NativePath, NativePath)> = links.into_iter().collect();
        if executor.aliases.find_loop(&executor.volumes, &links).is_some() {
            // Together with given aliases links can go round. Rules keep both their names without them.
            executor.alias_list.clone_from(&given.alias_list);
            (executor.volumes, executor.aliases) = known(&executor);
            self.notes.insert(
                "observed links and given aliases lead round in a circle; links are left out".to_owned(),
            );
        }
        executor
    }

    /// Every link and short name that was crossed, and where it leads.
    fn links(&self) -> BTreeMap<NativePath, NativePath> {
        let mut links = BTreeMap::new();
        for walked in self.walks.values() {
            if matches!(walked.state, State::Loop { .. }) {
                continue;
            }
            links.extend(walked.links.iter().map(|link| (link.at.clone(), link.to.clone())));
            let renamed = walked.long_names.iter().filter(|name| name.at != name.to);
            links.extend(renamed.map(|name| (name.at.clone(), name.to.clone())));
        }
        links
    }

    /// What was seen, as the policy keeps it, and what there is to note.
    pub(super) fn finish(self) -> (Observed, Vec<Note>) {
        let Self { walks, volumes, git, notes, hosts, writable, walker: _, told: _ } = self;
        let walks = walks.into_values().map(Rc::unwrap_or_clone).collect();
        let observed = Observed::of(walks, &volumes, git, hosts, &writable);
        let notes = notes.into_iter().map(|text| Note { pointer: String::new(), text }).collect();
        (observed, notes)
    }
}
