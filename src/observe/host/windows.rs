//! The file system of a Windows machine, so far as the standard library tells of it.

use super::probe::{flipped, judge};
use crate::native::key::{CaseRule, NormRule};
use crate::native::path::NativePath;
use crate::observe::{Kind, MAX_POINTER, Observation, VolumeFact};
use std::fs::{FileType, Metadata, OpenOptions};
use std::io::Read as _;
use std::os::windows::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _};

const FILE_ATTRIBUTE_REPARSE_POINT: u32 = 0x400;
const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;

/// How many names of a directory are tried to find out how it compares them, and how many are read for it.
const PROBES: usize = 8;
const NAMES: usize = 256;

#[derive(Debug)]
pub(super) struct System;

#[expect(clippy::unused_self, reason = "another system keeps something")]
impl System {
    pub(super) const fn new() -> Self {
        Self
    }

    pub(super) fn look(&self, path: &NativePath) -> Observation {
        match std::fs::symlink_metadata(path.as_str()) {
            // The standard library tells neither the object nor how many names it has.
            Ok(metadata) => {
                let kind = self.kind(path, &metadata);
                Observation::Exists { kind, identity: None, links: None, mount: kind == Kind::MountPoint }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Observation::Missing,
            Err(_) => Observation::Unreadable,
        }
    }

    pub(super) fn look_into(&self, path: &NativePath) -> Observation {
        self.look(path)
    }

    #[expect(clippy::unused_self, reason = "another system's answer needs it")]
    pub(super) fn look_through(&self, _: &NativePath, _: &NativePath, _: bool) -> Option<Observation> {
        None
    }

    fn kind(&self, path: &NativePath, metadata: &Metadata) -> Kind {
        let file_type: FileType = metadata.file_type();
        if file_type.is_symlink() {
            let text = self.read_link(path).unwrap_or_default();
            return match text.as_slice() {
                text if is_volume(text) => Kind::MountPoint,
                text if is_absolute(text) && file_type.is_symlink_dir() => Kind::Junction,
                _ => Kind::Symlink,
            };
        }
        let reparse = metadata.file_attributes() & FILE_ATTRIBUTE_REPARSE_POINT != 0;
        match (file_type.is_dir(), reparse) {
            (true, false) => Kind::Directory,
            (true, true) => Kind::ReparseDirectory,
            (false, true) => Kind::Reparse,
            (false, false) if file_type.is_file() => Kind::File,
            (false, false) => Kind::Other,
        }
    }

    pub(super) fn read_link(&self, path: &NativePath) -> Option<Vec<u8>> {
        std::fs::read_link(path.as_str()).ok().map(|text| text.into_os_string().into_encoded_bytes())
    }

    pub(super) fn read_pointer(&self, path: &NativePath) -> Option<Vec<u8>> {
        let is_file = |metadata: &Metadata| {
            metadata.is_file() && metadata.file_attributes() & FILE_ATTRIBUTE_REPARSE_POINT == 0
        };
        std::fs::symlink_metadata(path.as_str()).ok().filter(is_file)?;
        let mut options = OpenOptions::new();
        let file = options.read(true).custom_flags(FILE_FLAG_OPEN_REPARSE_POINT).open(path.as_str()).ok()?;
        file.metadata().ok().filter(is_file)?;
        let mut content = Vec::new();
        let limit = u64::try_from(MAX_POINTER).unwrap_or_default() + 1;
        file.take(limit).read_to_end(&mut content).ok()?;
        (content.len() <= MAX_POINTER).then_some(content)
    }

    /// The name that the directory itself has for it.
    pub(super) fn long_name(&self, path: &NativePath) -> Option<String> {
        let metadata = std::fs::symlink_metadata(path.as_str()).ok()?;
        if metadata.file_type().is_symlink() {
            return None;
        }
        on_disk(path)
    }

    /// Each directory can have a rule of its own, so the answer is about this one.
    pub(super) fn volume(&self, path: &NativePath) -> Option<VolumeFact> {
        let names = std::fs::read_dir(path.as_str()).ok()?.take(NAMES).filter_map(Result::ok);
        let names = names.filter_map(|entry| entry.file_name().into_string().ok());
        let mut probes = names.filter_map(|name| flipped(&name).map(|other| (name, other))).take(PROBES);
        let case = probes.find_map(|(name, other)| {
            let look = |name: &str| {
                let path = path.join_segment(name).ok()?;
                let metadata = std::fs::symlink_metadata(path.as_str()).ok()?;
                // Two entries with the same letters have two names on disk.
                (!metadata.file_type().is_symlink()).then(|| on_disk(&path))?.map(|name| (name, true))
            };
            let (first, other, again) = (look(&name), look(&other), look(&name));
            judge(first.as_ref(), other.as_ref(), again.as_ref())
        });
        Some(VolumeFact {
            root: path.clone(),
            case: case.unwrap_or(CaseRule::Unknown),
            normalization: NormRule::Unknown,
            id: path.root_text().to_owned(),
        })
    }
}

/// A path says on which volume it begins; what is mounted below is not told.
pub(super) const fn mounted() -> Vec<(NativePath, CaseRule, NormRule)> {
    Vec::new()
}

/// Is this the whole of a volume that has no drive: `\\?\Volume{...}\`?
fn is_volume(text: &[u8]) -> bool {
    let rest = text.strip_prefix(br"\\?\Volume{");
    let rest = rest.map(|rest| rest.strip_suffix(br"\").unwrap_or(rest));
    rest.and_then(|rest| rest.strip_suffix(b"}")).is_some_and(|guid| !guid.contains(&b'\\'))
}

/// Does a link's text begin at a drive or a share? What is stored as `\??\C:\x` is read as `C:\x`, unless only a
/// verbatim spelling names that place.
const fn is_absolute(text: &[u8]) -> bool {
    matches!(text, [b'\\', b'\\', ..] | [_, b':', b'\\', ..])
}

/// The name on the disk. Nothing if the place is not in the directory that it is looked up in: then something on the
/// way was followed after all.
#[expect(clippy::disallowed_methods, reason = "the standard library's only way to the name on the disk")]
fn on_disk(path: &NativePath) -> Option<String> {
    let real = std::fs::canonicalize(path.as_str()).ok()?;
    let directory = std::fs::canonicalize(path.parent()?.as_str()).ok()?;
    real.parent().filter(|parent| *parent == directory)?;
    real.file_name()?.to_str().map(str::to_owned)
}
