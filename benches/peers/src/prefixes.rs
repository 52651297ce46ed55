//! What people write in an afternoon: a list of prefixes, the longest one that holds decides, and a `GlobSet` of denials.

use crate::{Peer, Policy, Rule};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use std::path::{Path, PathBuf};

pub struct Prefixes {
    /// Longest first.
    places: Vec<(PathBuf, Rule)>,
    denied: GlobSet,
}

impl Prefixes {
    pub fn new(policy: &Policy) -> Self {
        let mut places: Vec<(PathBuf, Rule)> =
            policy.places.iter().map(|(place, rule)| (PathBuf::from(place), *rule)).collect();
        places.sort_by(|(a, x), (b, y)| b.as_os_str().len().cmp(&a.as_os_str().len()).then(y.cmp(x)));
        let mut denied = GlobSetBuilder::new();
        for (base, tail) in &policy.patterns {
            let text = format!("{base}/{tail}");
            denied
                .add(GlobBuilder::new(&text).literal_separator(true).build().expect("the pattern compiles"));
        }
        Self { places, denied: denied.build().expect("the patterns compile") }
    }
}

impl Peer for Prefixes {
    fn allows(&self, path: &str, write: bool) -> bool {
        let path = Path::new(path);
        if self.denied.is_match(path) {
            return false;
        }
        match self.places.iter().find(|(place, _)| path.starts_with(place)) {
            Some((_, Rule::Write)) => true,
            Some((_, Rule::Read)) => !write,
            Some((_, Rule::Deny)) | None => false,
        }
    }
}
