//! A real tree in a temporary folder.

use std::fs;
use std::io::{Error, Result};
use std::os::unix::fs::symlink;

/// A tree and its place. Paths begin with `/` and stand in it.
pub(crate) struct Tree {
    _held: tempfile::TempDir,
    base: String,
}

impl Tree {
    pub(crate) fn new() -> Result<Self> {
        let held = tempfile::tempdir()?;
        let base = canonical(held.path())?;
        Ok(Self { _held: held, base })
    }
    pub(crate) fn base(&self) -> &str {
        &self.base
    }
    pub(crate) fn at(&self, rest: &str) -> String {
        format!("{}{rest}", self.base)
    }
    pub(crate) fn dir(&self, rest: &str) -> Result<&Self> {
        fs::create_dir_all(self.at(rest)).map(|()| self)
    }
    pub(crate) fn file(&self, rest: &str, content: &str) -> Result<&Self> {
        fs::write(self.at(rest), content).map(|()| self)
    }
    /// A link; a target that begins with `/` begins at the base.
    pub(crate) fn link(&self, rest: &str, target: &str) -> Result<&Self> {
        let target = if target.starts_with('/') { self.at(target) } else { target.to_owned() };
        symlink(target, self.at(rest)).map(|()| self)
    }
    pub(crate) fn hard_link(&self, from: &str, to: &str) -> Result<&Self> {
        fs::hard_link(self.at(from), self.at(to)).map(|()| self)
    }
    pub(crate) fn rename(&self, from: &str, to: &str) -> Result<&Self> {
        fs::rename(self.at(from), self.at(to)).map(|()| self)
    }
}

/// Where the temporary folder really is.
#[expect(clippy::disallowed_methods, reason = "a test asks the system itself")]
fn canonical(path: &std::path::Path) -> Result<String> {
    let real = fs::canonicalize(path)?.into_os_string();
    real.into_string().map_err(|_| Error::other("the temporary folder is not UTF-8"))
}
