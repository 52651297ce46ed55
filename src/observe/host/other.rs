//! No other system has a file system that is known here: nothing is answered.

use crate::native::key::{CaseRule, NormRule};
use crate::native::path::NativePath;
use crate::observe::{Observation, VolumeFact};

#[derive(Debug)]
pub(super) struct System;

#[expect(clippy::unused_self, reason = "other systems answer")]
impl System {
    pub(super) const fn new() -> Self {
        Self
    }

    pub(super) fn look(&self, _: &NativePath) -> Observation {
        Observation::Unreadable
    }
    pub(super) fn look_into(&self, path: &NativePath) -> Observation {
        self.look(path)
    }
    pub(super) fn look_through(&self, _: &NativePath, _: &NativePath, _: bool) -> Option<Observation> {
        None
    }
    pub(super) fn read_link(&self, _: &NativePath) -> Option<Vec<u8>> {
        None
    }
    pub(super) fn read_pointer(&self, _: &NativePath) -> Option<Vec<u8>> {
        None
    }
    pub(super) fn long_name(&self, _: &NativePath) -> Option<String> {
        None
    }
    pub(super) fn volume(&self, _: &NativePath) -> Option<VolumeFact> {
        None
    }
}

/// A path says on which volume it begins; what is mounted below is not told.
pub(super) const fn mounted() -> Vec<(NativePath, CaseRule, NormRule)> {
    Vec::new()
}
