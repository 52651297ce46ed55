//! `nono`: a list of granted places. Nothing is denied or narrowed, and no patterns. Each question asks the file system
//! where the path really is.

use crate::{Peer, Policy, Rule};
use nono::query::{QueryContext, QueryResult};
use nono::{AccessMode, CapabilitySet, CapabilitySource, FsCapability};
use std::path::{Path, PathBuf};

pub struct Nono(QueryContext);

impl Nono {
    pub fn new(policy: &Policy) -> Self {
        let mut set = CapabilitySet::new();
        for (place, rule) in &policy.places {
            let access = match rule {
                Rule::Read => AccessMode::Read,
                Rule::Write => AccessMode::ReadWrite,
                Rule::Deny => continue,
            };
            // As its constructors do, which refuse what does not exist.
            let original = PathBuf::from(place);
            let resolved = original.canonicalize().unwrap_or_else(|_| original.clone());
            let is_file = resolved.is_file();
            set.add_fs(FsCapability { original, resolved, access, is_file, source: CapabilitySource::User });
        }
        Self(QueryContext::new(set))
    }
}

impl Peer for Nono {
    fn allows(&self, path: &str, write: bool) -> bool {
        let access = if write { AccessMode::Write } else { AccessMode::Read };
        matches!(self.0.query_path(Path::new(path), access), QueryResult::Allowed(_))
    }
}
