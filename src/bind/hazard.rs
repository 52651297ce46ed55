//! Roots that are too broad to be made writable without a word from the executor (S-11).

use crate::error::Code;
use crate::executor::{Executor, Fault};
use crate::intent::Entry;
use crate::native;
use crate::native::path::{NativePath, RootKind};

/// The hazard that a place is, by what matches it widely: `/HOME` on a volume of unknown case is a hazard too.
pub(super) fn of(executor: &Executor, place: &NativePath) -> Option<Code> {
    let wide = |path: &NativePath| {
        let real = executor.aliases.canonical(&executor.volumes, path, true);
        executor.volumes.keys(&real.path)
    };
    let real = executor.aliases.canonical(&executor.volumes, place, true).path;
    for place in [place, &real].into_iter().filter(|place| place.is_root()) {
        match place.kind() {
            RootKind::Posix | RootKind::Namespace => return Some(Code::RootIsFileSystemRoot),
            RootKind::Drive => return Some(Code::RootIsDriveRoot),
            // A whole share is what people mount as a workspace.
            RootKind::Unc => {}
        }
    }
    if let Some(home) = &executor.home {
        let (key, home) = (wide(place), wide(home));
        if home.may_be(&key) {
            return Some(Code::RootIsHome);
        }
        if key.may_contain(&home) {
            return Some(Code::RootIsHomeAncestor);
        }
    }
    let system = native::is_system_directory(place) || (real != *place && native::is_system_directory(&real));
    system.then_some(Code::RootIsSystemDirectory)
}

/// The refusal of a hazard.
pub(super) fn fault(entry: &Entry, place: &NativePath, code: Code) -> Fault {
    let message = format!("`{}` would make `{place}` writable, which is too broad", entry.said());
    Fault::new(code, place.as_str(), message)
}
