//! From a portable `file:` URI to a native path of one OS: the only bridge between the two.

use crate::error::Code;
use crate::intent::FileUri;
use crate::native::Os;
use crate::native::path::{NativePath, PathError};
use crate::pattern::PatternError;
use std::collections::BTreeSet;

/// A refusal that does not know yet where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) code: Code,
    pub(crate) value: String,
    pub(crate) message: String,
}

impl Fault {
    pub(crate) fn new(code: Code, value: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code, value: value.into(), message: message.into() }
    }
}

impl From<PathError> for Fault {
    fn from(error: PathError) -> Self {
        Self { code: error.code(), value: error.value().to_owned(), message: error.to_string() }
    }
}

/// The native path of a URI on `os`, by rule U-8. `hosts` are the UNC hosts that may be named; `None` is for
/// what an executor reports about itself, which needs nobody's leave.
pub(crate) fn native_of(
    os: Os,
    uri: &FileUri,
    hosts: Option<&BTreeSet<String>>,
) -> Result<NativePath, Fault> {
    let foreign = || Fault::new(Code::ForeignPath, uri.to_string(), format!("`{uri}` is not a path on {os}"));
    let mut segments = uri.segments().iter();
    let root = match (os, uri.host(), uri.drive()) {
        (Os::Linux | Os::Macos, None, None) => {
            return Ok(NativePath::posix(os, segments.map(AsRef::<str>::as_ref))?);
        }
        (Os::Windows, None, Some(drive)) => NativePath::drive(drive).ok_or_else(foreign)?,
        (Os::Windows, Some(host), None) => {
            if hosts.is_some_and(|hosts| !hosts.contains(host)) {
                let message = format!("the host `{host}` is not one that this executor allows");
                return Err(Fault::new(Code::UncHostNotAllowed, host, message));
            }
            let share = segments.next().ok_or_else(foreign)?;
            NativePath::unc(host, share)?
        }
        (Os::Linux | Os::Macos, _, _) | (Os::Windows, None, None) | (Os::Windows, Some(_), Some(_)) => {
            return Err(foreign());
        }
    };
    let segments = segments.map(AsRef::<str>::as_ref);
    let backslash = |segment: &&str| os == Os::Windows && segment.contains('\\');
    let path = root.join_segments(segments.clone().take_while(|segment| !backslash(segment)))?;
    if let Some(segment) = segments.clone().find(backslash) {
        let message = format!("the segment `{segment}` holds an encoded backslash");
        return Err(Fault::new(Code::UriEncodedBackslash, segment, message));
    }
    Ok(path)
}

impl From<PatternError> for Fault {
    fn from(error: PatternError) -> Self {
        Self { code: error.code(), value: error.value().to_owned(), message: error.to_string() }
    }
}
