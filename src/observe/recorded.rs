//! A file system as data: answers that were recorded, or that a fixture or a test writes down.

use super::{Begun, FsView, Identity, Kind, Observation, VolumeFact, recording};
use crate::error::{Code, Input, Refusal, Refusals};
use crate::native::Os;
use crate::native::key::{CaseRule, NormRule};
use crate::native::path::NativePath;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The answer to one question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Answer<T> {
    /// It was not asked.
    #[default]
    NotAsked,
    /// It was asked, and there was nothing to tell.
    Nothing,
    Told(T),
}

impl<T> Answer<T> {
    pub(super) fn of(answer: Option<T>) -> Self {
        answer.map_or(Self::Nothing, Self::Told)
    }

    fn told(&self) -> Option<&T> {
        match self {
            Self::NotAsked | Self::Nothing => None,
            Self::Told(answer) => Some(answer),
        }
    }
}

/// What is known of one path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Answers {
    pub(super) look: Option<Observation>,
    pub(super) target: Answer<Vec<u8>>,
    pub(super) pointer: Answer<Vec<u8>>,
    pub(super) volume: Answer<VolumeFact>,
    pub(super) long_name: Answer<String>,
}

/// A file system that answers from data, the same on every host.
///
/// A question that the data do not answer is answered with [`Unreadable`](Observation::Unreadable) or `None`, never
/// with [`Missing`](Observation::Missing): what was not seen may well be there. Only in a *complete tree* is what is
/// not listed missing, and a directory above something that is listed a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedFs {
    pub(super) os: Os,
    pub(super) complete: bool,
    pub(super) entries: BTreeMap<NativePath, Answers>,
    /// What answers for a directory without an answer of its own: the deepest one around it.
    pub(super) volumes: Vec<VolumeFact>,
}

impl RecordedFs {
    /// Reads a recording (`bindery.recording/1`).
    ///
    /// # Errors
    /// Everything that is not as `fixtures/recordings/README.md` says, at once.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Refusals> {
        recording::read(bytes)
    }

    /// The recording as JSON, one line, keys and entries sorted.
    pub fn to_json(&self) -> String {
        recording::write(self).to_canonical()
    }

    /// The same JSON with line breaks.
    pub fn to_json_pretty(&self) -> String {
        recording::write(self).to_pretty()
    }

    /// Writes down a file system of `os` by hand. Until [`complete`](RecordedFsBuilder::complete) is said, what is
    /// not listed is unreadable.
    pub const fn builder(os: Os) -> RecordedFsBuilder {
        let recorded = Self { os, complete: false, entries: BTreeMap::new(), volumes: Vec::new() };
        RecordedFsBuilder { recorded, refusals: Vec::new() }
    }

    /// The number of paths of which something is known.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Is nothing known of any path?
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl FsView for RecordedFs {
    fn os(&self) -> Os {
        self.os
    }

    fn look(&self, path: &NativePath) -> Observation {
        if let Some(look) = self.entries.get(path).and_then(|answers| answers.look.as_ref()) {
            return look.clone();
        }
        if !self.complete || path.os() != self.os {
            return Observation::Unreadable;
        }
        // In their order, what is below a path comes directly behind it.
        let holds_something =
            self.entries.range(path..).next().is_some_and(|(below, _)| is_within(below, path));
        if holds_something || *path == NativePath::root(self.os) {
            return Observation::Exists { kind: Kind::Directory, identity: None, links: None, mount: false };
        }
        Observation::Missing
    }

    fn read_link(&self, path: &NativePath) -> Option<Vec<u8>> {
        self.entries.get(path)?.target.told().cloned()
    }

    fn read_pointer(&self, path: &NativePath) -> Option<Vec<u8>> {
        self.entries.get(path)?.pointer.told().cloned()
    }

    fn volume(&self, path: &NativePath) -> Option<VolumeFact> {
        match self.entries.get(path).map(|answers| &answers.volume) {
            Some(Answer::Nothing) => None,
            Some(Answer::Told(volume)) => Some(volume.clone()),
            Some(Answer::NotAsked) | None => {
                let around = self.volumes.iter().filter(|volume| is_within(path, &volume.root));
                around.max_by_key(|volume| volume.root.depth()).cloned()
            }
        }
    }

    fn long_name(&self, path: &NativePath) -> Option<String> {
        self.entries.get(path)?.long_name.told().cloned()
    }
}

/// Is this `outer`, or below it, by the spelling alone?
fn is_within(path: &NativePath, outer: &NativePath) -> bool {
    let mut segments = path.segments();
    path.root_text() == outer.root_text()
        && outer.segments().all(|outer| segments.next().is_some_and(|own| own == outer))
}

/// Asks another view and remembers every question and its answer; one recorder for one observation, because of two
/// answers to one question the later one is kept.
#[derive(Debug)]
pub struct Recorder<'v> {
    view: Begun<'v>,
    entries: Mutex<BTreeMap<NativePath, Answers>>,
}

impl<'v> Recorder<'v> {
    /// A recorder that has been asked nothing yet.
    pub fn new(view: &'v dyn FsView) -> Self {
        Self { view: Begun::new(view), entries: Mutex::new(BTreeMap::new()) }
    }

    /// What was asked, as a file system that gives the same answers.
    pub fn finish(self) -> RecordedFs {
        let os = self.os();
        let entries = self.entries.into_inner().unwrap_or_else(PoisonError::into_inner);
        RecordedFs { os, complete: false, entries, volumes: Vec::new() }
    }

    fn keep(&self, path: &NativePath, keep: impl FnOnce(&mut Answers)) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        keep(entries.entry(path.clone()).or_default());
    }
}

impl FsView for Recorder<'_> {
    fn os(&self) -> Os {
        self.view.view().os()
    }

    fn look(&self, path: &NativePath) -> Observation {
        let answer = self.view.view().look(path);
        self.keep(path, |answers| answers.look = Some(answer.clone()));
        answer
    }

    fn look_into(&self, path: &NativePath) -> Observation {
        let answer = self.view.view().look_into(path);
        self.keep(path, |answers| answers.look = Some(answer.clone()));
        answer
    }

    fn read_link(&self, path: &NativePath) -> Option<Vec<u8>> {
        let answer = self.view.view().read_link(path);
        self.keep(path, |answers| answers.target = Answer::of(answer.clone()));
        answer
    }

    fn read_pointer(&self, path: &NativePath) -> Option<Vec<u8>> {
        let answer = self.view.view().read_pointer(path);
        self.keep(path, |answers| answers.pointer = Answer::of(answer.clone()));
        answer
    }

    fn volume(&self, path: &NativePath) -> Option<VolumeFact> {
        let answer = self.view.view().volume(path);
        self.keep(path, |answers| answers.volume = Answer::of(answer.clone()));
        answer
    }

    fn long_name(&self, path: &NativePath) -> Option<String> {
        let answer = self.view.view().long_name(path);
        self.keep(path, |answers| answers.long_name = Answer::of(answer.clone()));
        answer
    }
}

/// Writes down a [`RecordedFs`] by hand. Every path is a native text of the file system's OS; what is wrong is
/// reported by [`build`](Self::build), all at once.
#[derive(Debug)]
#[must_use]
pub struct RecordedFsBuilder {
    recorded: RecordedFs,
    refusals: Vec<Refusal>,
}

impl RecordedFsBuilder {
    /// What is not listed is missing.
    pub const fn complete(mut self) -> Self {
        self.recorded.complete = true;
        self
    }

    /// A directory.
    pub fn dir(self, path: &str) -> Self {
        self.object(path, Kind::Directory)
    }

    /// A regular file.
    pub fn file(self, path: &str) -> Self {
        self.object(path, Kind::File)
    }

    /// A symbolic link with this text.
    pub fn link(self, path: &str, target: impl AsRef<[u8]>) -> Self {
        let target = target.as_ref().to_vec();
        self.object(path, Kind::Symlink).with(path, |answers| answers.target = Answer::Told(target))
    }

    /// A junction with this text (Windows).
    pub fn junction(self, path: &str, target: &str) -> Self {
        let target = target.as_bytes().to_vec();
        self.object(path, Kind::Junction).with(path, |answers| answers.target = Answer::Told(target))
    }

    /// An object of any kind.
    pub fn object(self, path: &str, kind: Kind) -> Self {
        self.with(path, |answers| {
            answers.look = Some(Observation::Exists { kind, identity: None, links: None, mount: false });
        })
    }

    /// A place that gives no answer.
    pub fn unreadable(self, path: &str) -> Self {
        self.with(path, |answers| answers.look = Some(Observation::Unreadable))
    }

    /// A place at which nothing is.
    pub fn missing(self, path: &str) -> Self {
        self.with(path, |answers| answers.look = Some(Observation::Missing))
    }

    /// Which object an object is.
    pub fn identity(self, path: &str, volume: &str, object: &str) -> Self {
        let own = Identity { volume: volume.to_owned(), object: object.to_owned() };
        self.with(path, |answers| {
            if let Some(Observation::Exists { identity, .. }) = &mut answers.look {
                *identity = Some(own);
            }
        })
    }

    /// How many names an object has.
    pub fn links(self, path: &str, count: u64) -> Self {
        self.with(path, |answers| {
            if let Some(Observation::Exists { links, .. }) = &mut answers.look {
                *links = Some(count);
            }
        })
    }

    /// A directory on which a file system is mounted.
    pub fn mount(self, path: &str) -> Self {
        self.with(path, |answers| {
            answers.look =
                Some(Observation::Exists { kind: Kind::Directory, identity: None, links: None, mount: true });
        })
    }

    /// A small file with this content.
    pub fn pointer(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let content = content.as_ref().to_vec();
        self.file(path).with(path, |answers| answers.pointer = Answer::Told(content))
    }

    /// The long name of a place that was named by a short one (Windows).
    pub fn long_name(self, path: &str, name: &str) -> Self {
        let name = name.to_owned();
        self.with(path, |answers| answers.long_name = Answer::Told(name))
    }

    /// How names are compared from `root` on.
    pub fn volume(mut self, root: &str, case: CaseRule, normalization: NormRule, id: &str) -> Self {
        match NativePath::parse(self.recorded.os, root) {
            Ok(root) => {
                self.recorded.volumes.push(VolumeFact { root, case, normalization, id: id.to_owned() });
                self.recorded.volumes.sort_by(|a, b| (&a.root, &a.id).cmp(&(&b.root, &b.id)));
            }
            Err(error) => {
                self.refusals.push(Refusal::new(
                    Input::Recording,
                    error.code(),
                    "/volumes",
                    root,
                    error.to_string(),
                ));
            }
        }
        self
    }

    /// The file system.
    ///
    /// # Errors
    /// Every path that is none of the OS, and more than one fact about the volume of one place.
    pub fn build(mut self) -> Result<RecordedFs, Refusals> {
        let twice = self.recorded.volumes.windows(2).find_map(|pair| match pair {
            [a, b] if a.root == b.root => Some(a.root.to_string()),
            _ => None,
        });
        self.refusals.extend(twice.map(|root| {
            let message = format!("there are two volumes at `{}`", crate::error::clip(&root));
            Refusal::new(Input::Recording, Code::RecordingMalformed, "/volumes", root, message)
        }));
        Refusals::check(self.refusals)?;
        Ok(self.recorded)
    }

    fn with(mut self, path: &str, change: impl FnOnce(&mut Answers)) -> Self {
        match NativePath::parse(self.recorded.os, path) {
            Ok(path) => change(self.recorded.entries.entry(path).or_default()),
            Err(error) => {
                self.refusals.push(Refusal::new(
                    Input::Recording,
                    error.code(),
                    "/entries",
                    path,
                    error.to_string(),
                ));
            }
        }
        self
    }
}
