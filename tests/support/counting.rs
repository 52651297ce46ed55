//! A view that counts the questions of each kind for each path.

use bindery::{FsView, NativePath, Observation, Os, VolumeFact};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

type Asked = BTreeMap<(&'static str, NativePath), usize>;

/// Hands every question on to one observation of another view.
#[derive(Debug)]
pub(crate) struct Counting<'v> {
    view: &'v dyn FsView,
    begun: Option<Box<dyn FsView + 'v>>,
    asked: Mutex<Asked>,
}

impl<'v> Counting<'v> {
    pub(crate) fn new(view: &'v dyn FsView) -> Self {
        Self { view, begun: view.begin(), asked: Mutex::new(BTreeMap::new()) }
    }

    pub(crate) fn asked(self) -> Asked {
        self.asked.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, what: &'static str, path: &NativePath) -> &dyn FsView {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        *asked.entry((what, path.clone())).or_default() += 1;
        self.begun.as_deref().unwrap_or(self.view)
    }
}

impl FsView for Counting<'_> {
    fn os(&self) -> Os {
        self.view.os()
    }
    fn look(&self, path: &NativePath) -> Observation {
        self.count("look", path).look(path)
    }
    fn look_into(&self, path: &NativePath) -> Observation {
        self.count("look", path).look_into(path)
    }
    fn look_through(&self, above: &NativePath, path: &NativePath, into: bool) -> Option<Observation> {
        // One that cannot be answered at once asks nothing of any component.
        let view = self.begun.as_deref().unwrap_or(self.view);
        let answer = view.look_through(above, path, into)?;
        self.count("look", path);
        Some(answer)
    }
    fn read_link(&self, path: &NativePath) -> Option<Vec<u8>> {
        self.count("read_link", path).read_link(path)
    }
    fn read_pointer(&self, path: &NativePath) -> Option<Vec<u8>> {
        self.count("read_pointer", path).read_pointer(path)
    }
    fn volume(&self, path: &NativePath) -> Option<VolumeFact> {
        self.count("volume", path).volume(path)
    }
    fn long_name(&self, path: &NativePath) -> Option<String> {
        self.count("long_name", path).long_name(path)
    }
}
