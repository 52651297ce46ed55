//! A real tree in a temporary folder.

use std::fs;
use std::os::unix::fs::symlink;

/// A tree and its place. Paths begin with `/` and stand in it.
pub(crate) struct Tree {
    _held: tempfile::TempDir,
    base: String,
}

impl Tree {
    pub(crate) fn new() -> Self {
        let held = tempfile::tempdir().expect("a temporary folder");
        let base = canonical(held.path().to_str().expect("UTF-8"));
        Self { _held: held, base }
    }
    pub(crate) fn base(&self) -> &str {
        &self.base
    }
    pub(crate) fn at(&self, rest: &str) -> String {
        format!("{}{rest}", self.base)
    }
    pub(crate) fn dir(&self, rest: &str) -> &Self {
        fs::create_dir_all(self.at(rest)).expect(rest);
        self
    }
    pub(crate) fn file(&self, rest: &str, content: &str) -> &Self {
        fs::write(self.at(rest), content).expect(rest);
        self
    }
    /// A link; a target that begins with `/` begins at the base.
    pub(crate) fn link(&self, rest: &str, target: &str) -> &Self {
        let target = if target.starts_with('/') { self.at(target) } else { target.to_owned() };
        symlink(target, self.at(rest)).expect(rest);
        self
    }
    pub(crate) fn hard_link(&self, from: &str, to: &str) -> &Self {
        fs::hard_link(self.at(from), self.at(to)).expect(to);
        self
    }
    pub(crate) fn rename(&self, from: &str, to: &str) -> &Self {
        fs::rename(self.at(from), self.at(to)).expect(from);
        self
    }
}

/// Where the temporary folder really is.
#[expect(clippy::disallowed_methods, reason = "a test asks the system itself")]
fn canonical(path: &str) -> String {
    let real = fs::canonicalize(path).expect(path);
    real.to_str().expect("UTF-8").to_owned()
}
