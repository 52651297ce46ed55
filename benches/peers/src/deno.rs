//! `deno_permissions`: sorted lists of granted and denied places, one for reading and one for writing. No patterns.

use crate::{Peer, Policy, Rule};
use deno_permissions::{
    PathDescriptor, PathQueryDescriptor, PermissionState, Permissions, ReadDescriptor, UnaryPermission,
    WriteDescriptor,
};
use std::borrow::Cow;
use std::path::Path;

pub struct Deno {
    read: UnaryPermission<ReadDescriptor>,
    write: UnaryPermission<WriteDescriptor>,
}

impl Deno {
    pub fn new(policy: &Policy) -> Self {
        let all = |wanted: &[Rule]| -> Vec<PathDescriptor> {
            let chosen = policy.places.iter().filter(|(_, rule)| wanted.contains(rule));
            chosen
                .map(|(place, _)| PathDescriptor::new_known_absolute(Cow::Borrowed(Path::new(place))))
                .collect()
        };
        let read = |wanted: &[Rule]| Some(all(wanted).into_iter().map(ReadDescriptor).collect());
        let write = |wanted: &[Rule]| Some(all(wanted).into_iter().map(WriteDescriptor).collect());
        // `/` may be read and is no narrowing of anything.
        let narrow = |mut list: Option<Vec<WriteDescriptor>>| {
            if let Some(list) = &mut list {
                list.retain(|place| place.0.display_name() != "/");
            }
            list
        };
        Self {
            read: Permissions::new_unary(read(&[Rule::Read, Rule::Write]), read(&[Rule::Deny]), false),
            write: Permissions::new_unary(
                write(&[Rule::Write]),
                narrow(write(&[Rule::Read, Rule::Deny])),
                false,
            ),
        }
    }
}

impl Peer for Deno {
    fn allows(&self, path: &str, write: bool) -> bool {
        let query = PathQueryDescriptor::new_known_absolute(Cow::Borrowed(Path::new(path)));
        let state = if write {
            self.write.query(Some(&query.into_write()))
        } else {
            self.read.query(Some(&query.into_read()))
        };
        matches!(state, PermissionState::Granted | PermissionState::GrantedPartial)
    }
}
