//! What every test of fixtures needs: files, and failures that can be read.

use std::path::{Path, PathBuf};

/// What a test says when it fails: the text as it is, with its line breaks.
pub(crate) struct Failure(pub(crate) String);

impl std::fmt::Debug for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\n{}", self.0)
    }
}

pub(crate) type Outcome<T = ()> = Result<T, Failure>;

pub(crate) fn fail<T>(text: impl Into<String>) -> Outcome<T> {
    Err(Failure(text.into()))
}

/// `fixtures/`, whatever directory the test runs in.
pub(crate) fn fixtures() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"))
}

pub(crate) fn read(path: &Path) -> Outcome<Vec<u8>> {
    std::fs::read(path).map_err(|error| Failure(format!("{}: {error}", path.display())))
}

pub(crate) fn parse<T: serde::de::DeserializeOwned>(bytes: &[u8], what: &str) -> Outcome<T> {
    serde_json::from_slice(bytes).map_err(|error| Failure(format!("{what}: {error}")))
}
