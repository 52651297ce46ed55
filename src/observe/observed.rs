//! Everything that one observation told, in canonical form: what a bound policy keeps, so that it can be asked
//! later whether it is still so.

use super::git::{GitFacts, GitShape, GitWhy, git_facts, parent_repository};
use super::recording::{CASES, NORMS, norm_word};
use super::walk::Walker;
use super::walked::{Link, LongName, State, Walked, Why};
use super::{Identity, Kind, VolumeFact};
use crate::error::{Code, Refusal, clip};
use crate::json::{At, Fields, MAX_INTEGER, Out, ToJson};
use crate::native::key::{CaseRule, NormRule};
use crate::native::path::NativePath;
use crate::native::{Os, check_unc_host};
use std::collections::{BTreeMap, BTreeSet};

/// What was found of the repository of one working directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RootGit {
    /// The working directory, by its real path.
    pub(crate) root: NativePath,
    /// Its own repository; `None` if it has no `.git`.
    pub(crate) facts: Option<GitFacts>,
    /// The nearest directory above with a `.git`; looked for only where there is none of its own.
    pub(crate) parent_repository: Option<NativePath>,
}

/// Everything that one observation told. Made by [`Observed::of`] or [`Observed::look`], which see to it that each list
/// is sorted and says nothing twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Observed {
    /// One walk for each written path, sorted by it. The number of names of a directory, which changes with what is
    /// in it, is left out.
    pub(crate) walks: Vec<Walked>,
    /// Sorted by root.
    pub(crate) volumes: Vec<VolumeFact>,
    /// Sorted by root.
    pub(crate) git: Vec<RootGit>,
    /// The UNC hosts that could be touched, sorted: no later observation touches others.
    pub(crate) hosts: Vec<String>,
    /// Where the same hands can write, besides a repository's own root: what [`git_facts`] was told. Empty unless
    /// a `.git` file was read.
    pub(crate) writable: Vec<NativePath>,
}

impl Observed {
    /// Puts what was told into canonical form.
    pub(crate) fn of(
        walks: Vec<Walked>,
        volumes: &Told,
        git: Vec<RootGit>,
        hosts: &BTreeSet<String>,
        writable: &[NativePath],
    ) -> Self {
        let mut walks: Vec<Walked> = walks.into_iter().map(settled).collect();
        walks.sort_by(|a, b| a.written.cmp(&b.written));
        walks.dedup_by(|a, b| a.written == b.written);
        let mut git = git;
        git.sort_by(|a, b| a.root.cmp(&b.root));
        git.dedup_by(|a, b| a.root == b.root);
        let hosts = hosts.iter().cloned().collect();
        let mut observed = Self { walks, volumes: merged(volumes), git, hosts, writable: Vec::new() };
        if observed.has_pointer() {
            let writable: BTreeSet<&NativePath> = writable.iter().collect();
            observed.writable = writable.into_iter().cloned().collect();
        }
        observed
    }

    /// Was a `.git` file read?
    fn has_pointer(&self) -> bool {
        self.git.iter().any(|git| git.facts.as_ref().is_some_and(|facts| facts.pointer.is_some()))
    }

    /// Observes: walks every place, asks for the volume of each, and for the repository of every root (real paths).
    /// `writable` is where the same hands can write.
    pub(crate) fn look<'p>(
        walker: &mut Walker<'_>,
        places: impl IntoIterator<Item = &'p NativePath>,
        roots: &BTreeSet<NativePath>,
        writable: &[NativePath],
    ) -> Self {
        let mut volumes = Told::new();
        let mut walks = Vec::new();
        let mut places = places.into_iter().peekable();
        while let Some(place) = places.next() {
            let (walk, volume) = walker.walk_with_volume(place, places.peek().copied());
            if let Some(fact) = volume {
                tell(&mut volumes, fact);
            }
            walks.push(walk);
        }
        let mut git = Vec::new();
        for root in roots {
            let facts = git_facts(walker, root, writable);
            let parent_repository = if facts.is_none() { parent_repository(walker, root) } else { None };
            git.push(RootGit { root: root.clone(), facts, parent_repository });
        }
        Self::of(walks, &volumes, git, walker.hosts(), writable)
    }

    /// The walk that began at this path.
    #[cfg(test)]
    pub(crate) fn walk(&self, written: &NativePath) -> Option<&Walked> {
        let at = self.walks.binary_search_by(|walk| walk.written.cmp(written)).ok()?;
        self.walks.get(at)
    }

    /// Reads them back: only what is written of observations.
    pub(crate) fn from_tree(at: &At<'_>, os: Os, refusals: &mut Vec<Refusal>) -> Option<Self> {
        let before = refusals.len();
        let mut reader = Reader { os, refusals };
        let mut fields = reader.take(at.object())?;
        let walks = reader.list(&mut fields, "walks", Reader::walk, |walk| walk.written.as_str());
        let volumes = reader.list(&mut fields, "volumes", Reader::volume, |volume| volume.root.as_str());
        let git = reader.list(&mut fields, "git", Reader::git, |git| git.root.as_str());
        let hosts = reader.list(&mut fields, "hosts", Reader::host, String::as_str);
        let writable = reader.list(&mut fields, "writable", Reader::path, NativePath::as_str);
        reader.close(&fields);
        let read = Self { walks, volumes, git, hosts, writable };
        if refusals.len() != before {
            return None;
        }
        if !read.writable.is_empty() && !read.has_pointer() {
            let message = "where can be written is kept only if a `.git` file was read";
            refusals.push(at.refuse(Code::PolicyInconsistent, "writable", message));
            return None;
        }
        Some(read)
    }
}

/// A walk as it is kept.
fn settled(mut walk: Walked) -> Walked {
    if let State::Exists { kind, links, .. } = &mut walk.state {
        let most = MAX_INTEGER.unsigned_abs();
        *links = links.filter(|_| !kind.is_directory()).map(|count| count.min(most));
    }
    walk
}

/// What was told of each root, nothing twice.
pub(crate) type Told = BTreeMap<NativePath, Vec<VolumeFact>>;

/// Keeps a fact, and says whether it is a new one.
pub(crate) fn tell(told: &mut Told, fact: VolumeFact) -> bool {
    let Some(known) = told.get_mut(&fact.root) else {
        told.insert(fact.root.clone(), vec![fact]);
        return true;
    };
    let new = !known.contains(&fact);
    if new {
        known.push(fact);
    }
    new
}

/// One fact for each root, sorted. What one directory could not tell another one may have told; of two that
/// contradict each other neither holds, in whatever order they were told.
pub(crate) fn merged(told: &Told) -> Vec<VolumeFact> {
    let one = |facts: &Vec<VolumeFact>| {
        // Where another volume came in between nothing holds of both.
        let id = facts.iter().map(|fact| &fact.id).max()?;
        let alone = facts.iter().all(|fact| fact.id == *id);
        let cases = facts.iter().map(|fact| fact.case);
        let normalizations = facts.iter().map(|fact| fact.normalization);
        Some(VolumeFact {
            root: facts.first()?.root.clone(),
            case: if alone { agreed(cases, CaseRule::Unknown) } else { CaseRule::Unknown },
            normalization: if alone { agreed(normalizations, NormRule::Unknown) } else { NormRule::Unknown },
            id: id.clone(),
        })
    };
    told.values().filter_map(one).collect()
}

/// What everybody who knows something says.
fn agreed<T: Copy + PartialEq>(said: impl Iterator<Item = T>, unknown: T) -> T {
    let mut known = said.filter(|said| *said != unknown);
    let first = known.next().unwrap_or(unknown);
    if known.all(|other| other == first) { first } else { unknown }
}

impl ToJson for Observed {
    fn put(&self, out: &mut Out<'_>) {
        out.object(|fields| {
            fields.put("git", &self.git);
            fields.put("hosts", &self.hosts);
            fields.put("volumes", &self.volumes);
            fields.put("walks", &self.walks);
            fields.put("writable", &self.writable);
        });
    }
}

impl ToJson for Identity {
    fn put(&self, out: &mut Out<'_>) {
        out.list([self.volume.as_str(), self.object.as_str()]);
    }
}

impl ToJson for Link {
    fn put(&self, out: &mut Out<'_>) {
        out.object(|fields| {
            fields.put("at", self.at.as_str());
            fields.put("kind", self.kind.as_str());
            fields.put("text", &*self.text);
            fields.put("to", self.to.as_str());
        });
    }
}

impl ToJson for LongName {
    fn put(&self, out: &mut Out<'_>) {
        out.object(|fields| {
            fields.put("at", self.at.as_str());
            fields.put("to", self.to.as_str());
        });
    }
}

impl ToJson for VolumeFact {
    fn put(&self, out: &mut Out<'_>) {
        out.object(|fields| {
            fields.put("case", self.case.as_str());
            fields.put("id", &self.id);
            fields.put("normalization", norm_word(self.normalization));
            fields.put("root", self.root.as_str());
        });
    }
}

/// What is the same as the path as written, empty or not told is left out.
impl ToJson for Walked {
    fn put(&self, out: &mut Out<'_>) {
        let (kind, names) = match &self.state {
            State::Exists { kind, links, .. } => (Some(kind.as_str()), *links),
            State::Missing { .. }
            | State::Dangling { .. }
            | State::Loop { .. }
            | State::Unreadable { .. }
            | State::NotADirectory { .. } => (None, None),
        };
        let identity = match &self.state {
            State::Exists { identity, .. } | State::Missing { identity, .. } => identity.as_ref(),
            State::Dangling { .. }
            | State::Loop { .. }
            | State::Unreadable { .. }
            | State::NotADirectory { .. } => None,
        };
        let link = match &self.state {
            State::Dangling { link, .. } | State::Loop { link } => Some(link),
            State::Exists { .. }
            | State::Missing { .. }
            | State::Unreadable { .. }
            | State::NotADirectory { .. } => None,
        };
        out.object(|fields| {
            if let State::Unreadable { at, .. } | State::NotADirectory { at } = &self.state {
                fields.put("at", at.as_str());
            }
            if let Some(identity) = identity {
                fields.put("identity", identity);
            }
            if let Some(kind) = kind {
                fields.put("kind", kind);
            }
            if let Some(link) = link {
                fields.put("link", link.as_str());
            }
            if !self.links.is_empty() {
                fields.put("links", &self.links);
            }
            if !self.long_names.is_empty() {
                fields.put("long_names", &self.long_names);
            }
            if !self.mounts.is_empty() {
                fields.put("mounts", &self.mounts);
            }
            if let Some(count) = names {
                fields.put("names", &count.min(MAX_INTEGER.unsigned_abs()));
            }
            if let State::Missing { nearest, .. } = &self.state {
                fields.put("nearest", nearest.as_str());
            }
            fields.put("path", self.written.as_str());
            if self.real != self.written {
                fields.put("real", self.real.as_str());
            }
            fields.put("state", word_of(&self.state));
            if let State::Dangling { target, .. } = &self.state {
                fields.put("target", target.as_str());
            }
            if let State::Unreadable { why, .. } = &self.state {
                fields.put("why", why.as_str());
            }
        });
    }
}

/// The word of a state.
pub(crate) const fn word_of(state: &State) -> &'static str {
    match state {
        State::Exists { .. } => "exists",
        State::Missing { .. } => "missing",
        State::Dangling { .. } => "dangling",
        State::Loop { .. } => "loop",
        State::Unreadable { .. } => "unreadable",
        State::NotADirectory { .. } => "not_a_directory",
    }
}

impl ToJson for RootGit {
    fn put(&self, out: &mut Out<'_>) {
        out.object(|fields| {
            fields.put("facts", &self.facts);
            fields.put("parent_repository", &self.parent_repository.as_ref().map(NativePath::as_str));
            fields.put("root", self.root.as_str());
        });
    }
}

/// Whether it is verified follows from why, and the parts follow from the rest.
impl ToJson for GitFacts {
    fn put(&self, out: &mut Out<'_>) {
        out.object(|fields| {
            fields.put("at", self.at.as_str());
            fields.put("common_dir", &self.common_dir.as_ref().map(NativePath::as_str));
            fields.put("git_dir", &self.git_dir.as_ref().map(NativePath::as_str));
            fields.put("pointer", &self.pointer);
            fields.put("shape", self.shape.as_str());
            fields.put("why", self.why.as_str());
        });
    }
}

struct Reader<'r> {
    os: Os,
    refusals: &'r mut Vec<Refusal>,
}

impl Reader<'_> {
    fn take<T>(&mut self, result: Result<T, Refusal>) -> Option<T> {
        result.map_err(|refusal| self.refusals.push(refusal)).ok()
    }

    fn inconsistent(&mut self, at: &At<'_>, value: &str, fault: &str) {
        let message = format!("`{}` {fault}", clip(value));
        self.refusals.push(at.refuse(Code::PolicyInconsistent, value, message));
    }

    /// A closed object: every field is known.
    fn close(&mut self, fields: &Fields<'_>) {
        for pointer in fields.unknown(self.refusals) {
            let name = pointer.rsplit('/').next().unwrap_or_default().to_owned();
            let message = format!("`{}` is not a field of observations", clip(&name));
            self.refusals.push(Refusal::new(fields.at.input, Code::UnknownField, pointer, name, message));
        }
    }

    /// A field with a list that is sorted and says nothing twice.
    fn list<T>(
        &mut self,
        fields: &mut Fields<'_>,
        name: &'static str,
        read: fn(&mut Self, &At<'_>) -> Option<T>,
        shown: fn(&T) -> &str,
    ) -> Vec<T>
    where
        T: Keyed,
    {
        let items = self.take(fields.required(name).and_then(|at| at.array())).unwrap_or_default();
        let mut list: Vec<T> = Vec::with_capacity(items.len());
        for at in &items {
            let Some(item) = read(self, at) else { continue };
            if list.last().is_some_and(|last| last.key() >= item.key()) {
                self.inconsistent(at, shown(&item), "does not stand in its order, or stands twice");
            }
            list.push(item);
        }
        list
    }

    fn required<'a>(&mut self, fields: &mut Fields<'a>, name: &'static str) -> Option<At<'a>> {
        self.take(fields.required(name))
    }

    fn path(&mut self, at: &At<'_>) -> Option<NativePath> {
        let text = self.take(at.string())?;
        let path = NativePath::parse(self.os, text);
        let path = self.take(path.map_err(|error| at.refuse(error.code(), text, error.to_string())))?;
        if path.as_str() != text {
            let message = format!("`{}` is not the normal spelling `{}`", clip(text), clip(path.as_str()));
            self.refusals.push(at.refuse(Code::PathNotNormal, text, message));
            return None;
        }
        Some(path)
    }

    fn path_in(&mut self, fields: &mut Fields<'_>, name: &'static str) -> Option<NativePath> {
        let at = self.required(fields, name)?;
        self.path(&at)
    }

    /// A path or `null`. Of a refused one nothing is left, and then nothing of the observations is.
    fn maybe_path(&mut self, fields: &mut Fields<'_>, name: &'static str) -> Option<NativePath> {
        let at = self.required(fields, name)?.non_null()?;
        self.path(&at)
    }

    fn word<T: Copy>(
        &mut self,
        fields: &mut Fields<'_>,
        name: &'static str,
        all: &[T],
        word: fn(T) -> &'static str,
    ) -> Option<T> {
        let at = self.required(fields, name)?;
        let text = self.take(at.string())?;
        let found = all.iter().copied().find(|value| word(*value) == text);
        if found.is_none() {
            let message = format!("`{}` is no word of this field", clip(text));
            self.refusals.push(at.refuse(Code::UnknownWord, text, message));
        }
        found
    }

    fn text(&mut self, fields: &mut Fields<'_>, name: &'static str) -> Option<String> {
        let at = self.required(fields, name)?;
        self.take(at.string()).map(str::to_owned)
    }

    fn identity(&mut self, fields: &mut Fields<'_>) -> Option<Identity> {
        let at = fields.get("identity")?;
        let items = self.take(at.array())?;
        let [volume, object] = items.as_slice() else {
            self.inconsistent(&at, "identity", "is not a volume and an object");
            return None;
        };
        let volume = self.take(volume.string())?.to_owned();
        Some(Identity { volume, object: self.take(object.string())?.to_owned() })
    }

    /// A list that is left out where it is empty.
    fn optional<T>(
        &mut self,
        fields: &mut Fields<'_>,
        name: &'static str,
        read: fn(&mut Self, &At<'_>) -> Option<T>,
    ) -> Vec<T> {
        let Some(at) = fields.get(name) else { return Vec::new() };
        let items = self.take(at.array()).unwrap_or_default();
        if items.is_empty() {
            self.inconsistent(&at, name, "is left out where it is empty");
        }
        items.iter().filter_map(|at| read(self, at)).collect()
    }

    fn walk(&mut self, at: &At<'_>) -> Option<Walked> {
        let mut fields = self.take(at.object())?;
        let written = self.path_in(&mut fields, "path");
        let real = match fields.get("real") {
            None => written.clone(),
            Some(at) => {
                let real = self.path(&at);
                if real.is_some() && real == written {
                    self.inconsistent(&at, "real", "is left out where it is the path");
                }
                real
            }
        };
        let links = self.optional(&mut fields, "links", Self::link);
        let mounts = self.optional(&mut fields, "mounts", Self::path);
        if !mounts.is_sorted_by(|a, b| a < b) {
            self.inconsistent(at, "mounts", "are not sorted");
        }
        let long_names = self.optional(&mut fields, "long_names", Self::long_name);
        let state = self.state(&mut fields);
        // Which fields there are depends on the state.
        if state.is_some() {
            self.close(&fields);
        }
        Some(Walked { written: written?, real: real?, links, mounts, long_names, state: state? })
    }

    fn link(&mut self, at: &At<'_>) -> Option<Link> {
        let mut fields = self.take(at.object())?;
        let place = self.path_in(&mut fields, "at");
        let to = self.path_in(&mut fields, "to");
        let text = self.text(&mut fields, "text");
        let kind = self.word(&mut fields, "kind", Kind::ALL, Kind::as_str);
        if kind.is_some_and(|kind| !kind.is_link()) {
            self.inconsistent(at, "kind", "is none of a link");
        }
        self.close(&fields);
        Some(Link { at: place?, to: to?, text: text?.into(), kind: kind? })
    }

    fn long_name(&mut self, at: &At<'_>) -> Option<LongName> {
        let mut fields = self.take(at.object())?;
        let (at, to) = (self.path_in(&mut fields, "at"), self.path_in(&mut fields, "to"));
        self.close(&fields);
        Some(LongName { at: at?, to: to? })
    }

    fn state(&mut self, fields: &mut Fields<'_>) -> Option<State> {
        let at = self.required(fields, "state")?;
        Some(match self.take(at.string())? {
            "exists" => {
                let kind = self.word(fields, "kind", Kind::ALL, Kind::as_str)?;
                let names = fields.get("names");
                if let Some(at) = names.as_ref().filter(|_| kind.is_directory()) {
                    self.inconsistent(at, "names", "is not kept of a directory");
                }
                let links = names.and_then(|at| self.take(at.unsigned()));
                State::Exists { kind, identity: self.identity(fields), links }
            }
            "missing" => {
                State::Missing { nearest: self.path_in(fields, "nearest")?, identity: self.identity(fields) }
            }
            "dangling" => {
                let link = self.path_in(fields, "link");
                State::Dangling { target: self.path_in(fields, "target")?, link: link? }
            }
            "loop" => State::Loop { link: self.path_in(fields, "link")? },
            "unreadable" => {
                let at = self.path_in(fields, "at");
                State::Unreadable { why: self.word(fields, "why", &Why::ALL, Why::as_str)?, at: at? }
            }
            "not_a_directory" => State::NotADirectory { at: self.path_in(fields, "at")? },
            other => {
                let message = format!("`{}` is no state", clip(other));
                self.refusals.push(at.refuse(Code::UnknownWord, other, message));
                return None;
            }
        })
    }

    fn volume(&mut self, at: &At<'_>) -> Option<VolumeFact> {
        let mut fields = self.take(at.object())?;
        let root = self.path_in(&mut fields, "root");
        let case = self.word(&mut fields, "case", &CASES, CaseRule::as_str);
        let normalization = self.word(&mut fields, "normalization", &NORMS, norm_word);
        let id = self.text(&mut fields, "id");
        self.close(&fields);
        Some(VolumeFact { root: root?, case: case?, normalization: normalization?, id: id? })
    }

    fn git(&mut self, at: &At<'_>) -> Option<RootGit> {
        let mut fields = self.take(at.object())?;
        let root = self.path_in(&mut fields, "root");
        let parent = self.maybe_path(&mut fields, "parent_repository");
        let facts = self.required(&mut fields, "facts").and_then(At::non_null);
        let facts = facts.and_then(|at| self.git_facts(&at));
        self.close(&fields);
        Some(RootGit { root: root?, facts, parent_repository: parent })
    }

    fn git_facts(&mut self, at: &At<'_>) -> Option<GitFacts> {
        let mut fields = self.take(at.object())?;
        let place = self.path_in(&mut fields, "at");
        let common_dir = self.maybe_path(&mut fields, "common_dir");
        let git_dir = self.maybe_path(&mut fields, "git_dir");
        let pointer = self.required(&mut fields, "pointer").and_then(At::non_null);
        let pointer = pointer.and_then(|at| self.take(at.string())).map(str::to_owned);
        let shape = self.word(&mut fields, "shape", &GitShape::ALL, GitShape::as_str);
        let why = self.word(&mut fields, "why", &GitWhy::ALL, GitWhy::as_str);
        self.close(&fields);
        let why = why?;
        let verified = why.is_verified();
        if verified && (common_dir.is_none() || git_dir.is_none()) {
            self.inconsistent(at, why.as_str(), "is said of a repository without a place");
        }
        let facts = GitFacts { at: place?, shape: shape?, pointer, git_dir, common_dir, verified, why };
        Some(facts)
    }

    fn host(&mut self, at: &At<'_>) -> Option<String> {
        let host = self.take(at.string())?;
        let checked = check_unc_host(host);
        self.take(checked.map_err(|error| at.refuse(error.code(), host, error.to_string())))?;
        if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
            self.inconsistent(at, host, "is not in lower case");
        }
        Some(host.to_owned())
    }
}

/// What a list is sorted by.
trait Keyed {
    type Key: Ord + ?Sized;
    fn key(&self) -> &Self::Key;
}

macro_rules! keyed {
    ($($name:ty, $key:ty, $field:ident;)*) => {
        $(impl Keyed for $name {
            type Key = $key;
            fn key(&self) -> &$key {
                &self.$field
            }
        })*
    };
}

keyed! {
    Walked, NativePath, written;
    VolumeFact, NativePath, root;
    RootGit, NativePath, root;
}

impl Keyed for String {
    type Key = str;
    fn key(&self) -> &str {
        self
    }
}

impl Keyed for NativePath {
    type Key = Self;
    fn key(&self) -> &Self {
        self
    }
}

#[cfg(test)]
mod tests;
