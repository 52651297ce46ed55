//! Walks on the volume that `scripts/test-casefold` names, or on that of the temporary directory.

use super::*;
use crate::observe::walk::Walker;
use crate::observe::walked::{State, Walked, same_object};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;

/// `/Folder/File`, and whether the volume takes `fOLDER` for it.
struct Tree {
    _held: tempfile::TempDir,
    base: String,
    ignores_case: bool,
}

#[expect(clippy::disallowed_methods, reason = "how the scripts say on which volume to run")]
fn given(variable: &str) -> Option<String> {
    std::env::var(variable).ok()
}

impl Tree {
    #[expect(clippy::disallowed_methods, reason = "where the test only begins")]
    fn new() -> Self {
        let held = given("BINDERY_VOLUME").map_or_else(tempfile::tempdir, tempfile::tempdir_in).unwrap();
        let base = fs::canonicalize(held.path()).unwrap().to_str().unwrap().to_owned();
        fs::create_dir(format!("{base}/Folder")).unwrap();
        fs::write(format!("{base}/Folder/File"), "x").unwrap();
        let ignores_case = fs::symlink_metadata(format!("{base}/fOLDER/fILE")).is_ok();
        Self { _held: held, base, ignores_case }
    }
    fn path(&self, rest: &str) -> NativePath {
        NativePath::parse(HostFs.os(), &format!("{}{rest}", self.base)).unwrap()
    }
    fn walk(&self, rest: &str) -> Walked {
        Walker::new(&HostFs, &BTreeSet::new()).walk(&self.path(rest))
    }
    /// Links, if the volume has any.
    fn link(&self, at: &str, target: &str) -> bool {
        let made = symlink(target, format!("{}{at}", self.base)).is_ok();
        assert!(made || !given("BINDERY_VOLUME_RULES").unwrap_or_default().contains("links"));
        made
    }
    /// Two names of one object, as far as this volume's identities tell it.
    fn assert_one(&self, a: &Walked, b: &Walked) {
        let of_names = given("BINDERY_VOLUME_RULES").unwrap_or_default().contains("identity=of-names");
        if self.ignores_case {
            assert_eq!(same_object(a, b), Some(!of_names), "{a:?}\n{b:?}");
        } else {
            let nearest = self.path("").to_string();
            assert!(
                matches!(&b.state, State::Missing { nearest: at, .. } if at.as_str() == nearest),
                "{b:?}"
            );
        }
    }
}

#[test]
fn a_walk_keeps_the_spelling_that_was_asked_and_identity_tells_that_it_is_one_object() {
    let tree = Tree::new();
    let (as_made, otherwise) = (tree.walk("/Folder/File"), tree.walk("/fOLDER/fILE"));
    assert_ne!(as_made.real, otherwise.real);
    assert_eq!(otherwise.real, tree.path("/fOLDER/fILE"));
    tree.assert_one(&as_made, &otherwise);
}

#[test]
fn a_link_is_crossed_under_every_spelling_of_its_name() {
    let tree = Tree::new();
    if !tree.link("/Link", "Folder") {
        assert_eq!(tree.walk("/Link").kind(), None, "a volume without links");
        return;
    }
    let (straight, through) = (tree.walk("/Folder/File"), tree.walk("/lINK/File"));
    tree.assert_one(&straight, &through);
    if tree.ignores_case {
        assert_eq!(through.real, straight.real);
        assert_eq!(through.links.first().map(|link| link.at.clone()), Some(tree.path("/lINK")));
    }
}

#[test]
fn the_target_of_a_link_may_be_spelled_in_another_case() {
    let tree = Tree::new();
    if !tree.link("/Link", "fOLDER/fILE") {
        assert_eq!(tree.walk("/Link").kind(), None, "a volume without links");
        return;
    }
    let walked = tree.walk("/Link");
    if tree.ignores_case {
        assert_eq!(walked.real, tree.path("/fOLDER/fILE"));
        tree.assert_one(&tree.walk("/Folder/File"), &walked);
    } else {
        let target = tree.path("/fOLDER/fILE");
        assert_eq!(walked.state, State::Dangling { link: tree.path("/Link"), target });
    }
}

#[test]
fn every_directory_of_the_volume_is_told_to_be_in_one_volume() {
    let tree = Tree::new();
    let host = HostFs;
    let none = BTreeSet::new();
    let mut walker = Walker::new(&host, &none);
    let top = walker.volume(&tree.path("/Folder"));
    let below = walker.volume(&tree.path("/Folder/File"));
    assert_eq!(top, below);
    assert!(top.is_some());
}
