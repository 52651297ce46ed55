//! Repositories in recorded trees.

use super::*;
use crate::observe::recorded::{RecordedFs, RecordedFsBuilder};
use std::collections::BTreeSet;

fn facts(fs: &RecordedFs, root: &str) -> Option<GitFacts> {
    let none = BTreeSet::new();
    let mut walker = Walker::new(fs, &none);
    git_facts(&mut walker, &NativePath::parse(fs.os, root).unwrap(), &[])
}

/// Shape, verified, why and the two directories, as one line.
fn shown(fs: &RecordedFs, root: &str) -> String {
    let Some(facts) = facts(fs, root) else { return "none".to_owned() };
    assert_eq!(facts.verified, !facts.parts().is_empty(), "what is not verified has no parts");
    let path = |path: &Option<NativePath>| path.as_ref().map_or("-".to_owned(), ToString::to_string);
    let sure = if facts.verified { "" } else { "not " };
    format!(
        "{} {sure}verified {} {} {}",
        facts.shape.as_str(),
        facts.why.as_str(),
        path(&facts.git_dir),
        path(&facts.common_dir)
    )
}

fn linux() -> RecordedFsBuilder {
    RecordedFs::builder(Os::Linux).complete()
}

/// What makes a directory a repository.
fn repository(fs: RecordedFsBuilder, at: &str) -> RecordedFsBuilder {
    fs.dir(&format!("{at}/objects")).dir(&format!("{at}/refs")).file(&format!("{at}/HEAD"))
}

/// A repository `/repo`, a linked working tree `/wt` and what else is added.
fn worktree(back: &str, common: &str) -> RecordedFsBuilder {
    repository(linux(), "/repo/.git")
        .pointer("/wt/.git", "gitdir: /repo/.git/worktrees/wt\n")
        .pointer("/repo/.git/worktrees/wt/gitdir", back)
        .pointer("/repo/.git/worktrees/wt/commondir", common)
}

#[test]
fn a_git_directory_is_the_working_directorys_own() {
    let fs = linux().file("/w/.git/HEAD").build().unwrap();
    assert_eq!(shown(&fs, "/w"), "directory verified inside /w/.git /w/.git");
    assert_eq!(shown(&fs, "/w/.git"), "none");
    assert_eq!(facts(&fs, "/elsewhere"), None);
}

#[test]
fn a_git_directory_that_names_a_common_one_is_not_believed() {
    let fs = linux().pointer("/w/.git/commondir", "/etc\n").dir("/etc").build().unwrap();
    assert_eq!(shown(&fs, "/w"), "directory not verified common_elsewhere /w/.git /etc");
}

#[test]
fn a_linked_working_tree_is_believed_if_its_back_pointer_agrees() {
    let fs = worktree("/wt/.git\n", "../..\n").build().unwrap();
    let want = "worktree verified names_this_directory /repo/.git/worktrees/wt /repo/.git";
    assert_eq!(shown(&fs, "/wt"), want);
    // Relative pointers both ways, as newer git writes them.
    let fs =
        worktree("../../../../wt/.git", "../..").pointer("/wt/.git", "gitdir: ../repo/.git/worktrees/wt");
    assert_eq!(shown(&fs.build().unwrap(), "/wt"), want);
    // The back-pointer leads through a link to this very file.
    let fs = worktree("/alias/.git\n", "../..\n").link("/alias", "/wt").build().unwrap();
    assert_eq!(shown(&fs, "/wt"), want);
}

#[test]
fn a_pointer_to_another_working_tree_is_not_believed() {
    let fs = worktree("/other/.git\n", "../..\n").file("/other/.git").build().unwrap();
    assert!(shown(&fs, "/wt").starts_with("worktree not verified other_back_pointer"));
    let gone = worktree("/gone/.git\n", "../..\n").build().unwrap();
    assert!(shown(&gone, "/wt").starts_with("worktree not verified other_back_pointer"));
    for content in ["", "\n", "/wt/.git\n/x\n", "/wt\0/.git"] {
        let fs = worktree(content, "../..\n").build().unwrap();
        assert!(shown(&fs, "/wt").starts_with("worktree not verified no_back_pointer"), "{content:?}");
    }
    let without =
        linux().pointer("/wt/.git", "gitdir: /repo/.git/worktrees/wt").dir("/repo/.git/worktrees/wt");
    assert!(shown(&without.build().unwrap(), "/wt").starts_with("worktree not verified no_back_pointer"));
}

#[test]
fn a_hard_link_of_another_trees_pointer_is_not_believed() {
    let fs = |links: u64| {
        worktree("/wt/.git\n", "../..\n")
            .identity("/wt/.git", "1", "7")
            .links("/wt/.git", links)
            .pointer("/evil/.git", "gitdir: /repo/.git/worktrees/wt\n")
            .identity("/evil/.git", "1", "7")
            .links("/evil/.git", links)
            .build()
            .unwrap()
    };
    assert!(shown(&fs(2), "/evil").contains("not verified other_back_pointer"));
    // One name only: two spellings of it, as on a volume that ignores case or under a bind mount.
    assert!(shown(&fs(1), "/evil").contains(" verified names_this_directory"));
}

#[test]
fn a_common_directory_must_hold_the_working_trees_one() {
    for common in ["/etc\n", "../../..\n", "/gone\n", "..\n"] {
        let fs = worktree("/wt/.git\n", common).dir("/etc").build().unwrap();
        assert!(shown(&fs, "/wt").starts_with("worktree not verified common_elsewhere"), "{common}");
    }
    // Without one git takes the working tree's own directory for a whole repository, whatever lies in it.
    let alone = repository(linux(), "/repo/.git/worktrees/wt")
        .pointer("/wt/.git", "gitdir: /repo/.git/worktrees/wt\n")
        .pointer("/repo/.git/worktrees/wt/gitdir", "/wt/.git\n");
    assert!(shown(&alone.build().unwrap(), "/wt").starts_with("worktree not verified common_elsewhere"));
    let linked = worktree("/wt/.git\n", "").link("/repo/.git/worktrees/wt/commondir", "/common");
    let linked = linked.pointer("/common", "../..\n").build().unwrap();
    assert!(shown(&linked, "/wt").starts_with("worktree not verified common_elsewhere"));
}

#[test]
fn a_fake_repository_in_the_working_directory_reaches_nothing_outside() {
    let fs = linux()
        .pointer("/w/.git", "gitdir: fake/worktrees/x\n")
        .pointer("/w/fake/worktrees/x/gitdir", "/w/.git\n")
        .pointer("/w/fake/worktrees/x/commondir", "/home/me/.ssh\n")
        .dir("/home/me/.ssh")
        .build()
        .unwrap();
    assert!(shown(&fs, "/w").starts_with("worktree not verified common_elsewhere"));
}

#[test]
fn what_the_same_hands_wrote_vouches_for_nothing() {
    // A working directory in a place named `worktrees` that names itself.
    let itself = || {
        repository(linux(), "/srv")
            .pointer("/srv/worktrees/w/.git", "gitdir: .\n")
            .pointer("/srv/worktrees/w/gitdir", "/srv/worktrees/w/.git\n")
            .pointer("/srv/worktrees/w/commondir", "../..\n")
    };
    let fs = itself().build().unwrap();
    assert!(shown(&fs, "/srv/worktrees/w").starts_with("worktree not verified in_the_same_hands"));
    // Two writable places that name each other.
    let two = || {
        itself()
            .pointer("/w/.git", "gitdir: /srv/worktrees/w\n")
            .pointer("/srv/worktrees/w/gitdir", "/w/.git\n")
    };
    let why = |fs: &RecordedFs, writable: &str| {
        let none = BTreeSet::new();
        let path = |text: &str| NativePath::parse(Os::Linux, text).unwrap();
        git_facts(&mut Walker::new(fs, &none), &path("/w"), &[path(writable)]).unwrap().why
    };
    let fs = two().build().unwrap();
    assert_eq!(why(&fs, "/other"), GitWhy::NamesThisDirectory);
    assert_eq!(why(&fs, "/srv/worktrees"), GitWhy::InTheSameHands);
    assert_eq!(why(&fs, "/SRV/Worktrees/w"), GitWhy::InTheSameHands, "the volume may ignore case");
    let bound = two().dir("/bound").identity("/bound", "1", "5").dir("/srv/worktrees");
    let bound = bound.identity("/srv/worktrees", "1", "5").build().unwrap();
    assert_eq!(why(&bound, "/bound"), GitWhy::InTheSameHands, "one object under two names");
    // A common directory that is none, or half of one.
    let no_repository = || {
        linux()
            .pointer("/w/.git", "gitdir: /srv/worktrees/w\n")
            .pointer("/srv/worktrees/w/gitdir", "/w/.git\n")
            .pointer("/srv/worktrees/w/commondir", "../..\n")
    };
    let without = [no_repository(), no_repository().dir("/srv/objects"), no_repository().dir("/srv/refs")];
    for fs in without {
        assert_eq!(why(&fs.build().unwrap(), "/other"), GitWhy::NotARepository);
    }
    let files = no_repository().file("/srv/objects").file("/srv/refs");
    assert_eq!(why(&files.build().unwrap(), "/other"), GitWhy::NotARepository);
}

#[test]
fn pointers_are_read_as_git_reads_them() {
    for (content, why) in [
        ("gitdir: /etc\n", "separate not verified no_back_pointer /etc /etc"),
        ("gitdir: /none\n", "separate not verified no_directory /none -"),
        ("gitdir:/etc\n", "malformed not verified no_pointer - -"),
        ("gitdir: \n", "malformed not verified no_pointer - -"),
        ("GITDIR: /etc\n", "malformed not verified no_pointer - -"),
        ("gitdir: /etc\n/x\n", "malformed not verified no_pointer - -"),
        ("x\ngitdir: /etc\n", "malformed not verified no_pointer - -"),
        ("", "malformed not verified no_pointer - -"),
    ] {
        let fs = linux().pointer("/w/.git", content).dir("/etc").build().unwrap();
        assert_eq!(shown(&fs, "/w"), why, "{content:?}");
    }
    let bytes = linux().pointer("/w/.git", b"gitdir: /\xff").build().unwrap();
    assert_eq!(shown(&bytes, "/w"), "malformed not verified no_pointer - -");
    let large = linux().file("/w/.git").build().unwrap();
    assert_eq!(shown(&large, "/w"), "malformed not verified no_file - -");
}

#[test]
fn a_link_in_the_place_of_the_repository_is_not_believed() {
    let fs = linux().link("/w/.git", "/meta/p.git").dir("/meta/p.git").build().unwrap();
    assert_eq!(shown(&fs, "/w"), "other not verified link /meta/p.git -");
    let closed = linux().dir("/w").unreadable("/w/.git").build().unwrap();
    assert_eq!(shown(&closed, "/w"), "other not verified no_file - -");
}

fn submodule(config: &str) -> RecordedFsBuilder {
    repository(linux(), "/super/.git/modules/libs/sub")
        .pointer("/super/libs/sub/.git", "gitdir: ../../.git/modules/libs/sub\n")
        .pointer("/super/.git/modules/libs/sub/config", config)
}

#[test]
fn a_submodule_is_believed_if_its_configuration_names_it() {
    let config = "[core]\n\trepositoryformatversion = 0\n\tWorkTree = ../../../../libs/sub\n[remote \"x\"]\n\turl = y\n";
    let fs = submodule(config).build().unwrap();
    let modules = "/super/.git/modules/libs/sub";
    assert_eq!(
        shown(&fs, "/super/libs/sub"),
        format!("submodule verified names_this_directory {modules} {modules}")
    );
    let other =
        submodule("[core]\n worktree = ../../../../libs/other\n").dir("/super/libs/other").build().unwrap();
    assert!(shown(&other, "/super/libs/sub").starts_with("submodule not verified other_back_pointer"));
    for config in [
        "",
        "[core]\nbare = false\n",
        "[other]\nworktree = ../../../../libs/sub\n",
        "[core]\nworktree = \"../../../../libs/sub\"\n",
        "[core]\nworktree = ../../../../libs/sub \\\n",
        "[core] worktree = ../../../../libs/sub\n",
        "[core]\nworktree = ../../../../libs/sub\n[include]\npath = x\n",
        "[core]\nworktree = ../../../../libs/sub\n[includeIf \"gitdir:/\"]\npath = x\n",
        // Git takes the last of two, and this one is not read.
        "[core]\nworktree = ../../../../libs/sub\n[core] worktree = /x\n",
        // To git the second line is a part of the first.
        "[core]\nx = y\\\nworktree = ../../../../libs/sub\n",
    ] {
        let fs = submodule(config).build().unwrap();
        assert!(
            shown(&fs, "/super/libs/sub").starts_with("submodule not verified no_back_pointer"),
            "{config}: {}",
            shown(&fs, "/super/libs/sub")
        );
    }
}

#[test]
fn of_several_configured_working_trees_the_one_counts_that_counts_for_git() {
    let why = |fs: RecordedFsBuilder| {
        facts(&fs.dir("/super/libs/other").build().unwrap(), "/super/libs/sub").unwrap().why
    };
    let (own, other) = ("worktree = ../../../../libs/sub\n", "worktree = ../../../../libs/other\n");
    assert_eq!(why(submodule(&format!("[core]\n{other}{own}"))), GitWhy::NamesThisDirectory);
    assert_eq!(why(submodule(&format!("[core]\n{own}{other}"))), GitWhy::OtherBackPointer);
    let of_the_tree = "/super/.git/modules/libs/sub/config.worktree";
    let with = |config: &str, first: &str| {
        submodule(&format!("[core]\n{config}")).pointer(of_the_tree, format!("[core]\n{first}"))
    };
    assert_eq!(why(with(other, own)), GitWhy::NamesThisDirectory);
    assert_eq!(why(with(own, other)), GitWhy::OtherBackPointer);
    assert_eq!(why(with(own, "bare = false\n")), GitWhy::NamesThisDirectory);
}

#[test]
fn a_submodule_below_a_linked_repository_is_not_believed() {
    let fs = repository(linux(), "/evil/modules/sub")
        .pointer("/super/sub/.git", "gitdir: ../.git/modules/sub\n")
        .link("/super/.git", "/evil")
        .pointer("/evil/modules/sub/config", "[core]\nworktree = /super/sub\n")
        .build()
        .unwrap();
    // Where it really is, is no place below a `.git` above; the configuration there names the directory, and
    // what it grants is that place alone.
    assert_eq!(
        shown(&fs, "/super/sub"),
        "separate verified names_this_directory /evil/modules/sub /evil/modules/sub"
    );
}

#[test]
fn a_separate_repository_is_believed_if_its_configuration_names_the_directory() {
    let fs = |config: &str| {
        repository(linux(), "/srv/p.git")
            .pointer("/w/.git", "gitdir: /srv/p.git\n")
            .pointer("/srv/p.git/config", config)
            .dir("/w/sub")
            .build()
            .unwrap()
    };
    assert!(shown(&fs("[core]\nworktree = /w\n"), "/w").starts_with("separate verified"));
    assert!(shown(&fs("[core]\nworktree = /w/sub\n"), "/w").starts_with("separate not verified other"));
    assert!(shown(&fs("[core]\nbare = false\n"), "/w").starts_with("separate not verified no_back"));
}

#[test]
fn what_git_needs_is_listed_and_what_it_obeys_is_kept() {
    let fs = worktree("/wt/.git\n", "../..\n").build().unwrap();
    let parts = facts(&fs, "/wt").unwrap().parts();
    let need = |path: &str| parts.iter().find(|part| part.path.as_str() == path).map(|part| part.need);
    for (path, want) in [
        ("/wt/.git", GitNeed::Keep),
        ("/repo/.git", GitNeed::Read),
        ("/repo/.git/objects", GitNeed::Write),
        ("/repo/.git/refs", GitNeed::Write),
        ("/repo/.git/hooks", GitNeed::Keep),
        ("/repo/.git/config", GitNeed::Keep),
        ("/repo/.git/worktrees", GitNeed::Keep),
        ("/repo/.git/worktrees/wt", GitNeed::Read),
        ("/repo/.git/worktrees/wt/index.lock", GitNeed::Write),
        ("/repo/.git/worktrees/wt/gitdir", GitNeed::Keep),
    ] {
        assert_eq!(need(path), Some(want), "{path}");
    }
    assert!(parts.windows(2).all(|pair| pair[0].path < pair[1].path), "sorted, each place once");
    let plain = linux().file("/w/.git/HEAD").build().unwrap();
    let parts = facts(&plain, "/w").unwrap().parts();
    assert!(parts.windows(2).all(|pair| pair[0].path < pair[1].path));
}

#[test]
fn every_reason_is_a_word_and_a_sentence() {
    for why in [GitWhy::Inside, GitWhy::Link, GitWhy::NotARepository, GitWhy::InTheSameHands] {
        assert!(why.as_str().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
        assert!(why.sentence().ends_with('.'));
    }
    let needs = [GitNeed::Read, GitNeed::Write, GitNeed::Keep].map(GitNeed::as_str);
    assert_eq!(needs, ["read", "write", "keep"]);
}

#[test]
fn a_repository_above_is_found() {
    let fs = linux().file("/repo/.git/HEAD").dir("/repo/a/b").build().unwrap();
    let none = BTreeSet::new();
    let mut walker = Walker::new(&fs, &none);
    let mut above = |root: &str| {
        parent_repository(&mut walker, &NativePath::parse(Os::Linux, root).unwrap())
            .map(|path| path.to_string())
    };
    assert_eq!(above("/repo/a/b").as_deref(), Some("/repo"));
    assert_eq!(above("/repo"), None);
    let fs = linux().dir("/repo/.git").dir("/repo/a/.git").dir("/repo/a/b/c").build().unwrap();
    let mut walker = Walker::new(&fs, &none);
    let nearest = parent_repository(&mut walker, &NativePath::parse(Os::Linux, "/repo/a/b/c").unwrap());
    assert_eq!(nearest.unwrap().as_str(), "/repo/a");
}

#[test]
fn windows_pointers_are_read_with_both_separators_and_never_reach_a_foreign_host() {
    let fs = RecordedFs::builder(Os::Windows)
        .complete()
        .pointer(r"C:\wt\.git", "gitdir: C:/repo/.git/worktrees/wt\r\n")
        .pointer(r"C:\repo\.git\worktrees\wt\gitdir", "C:/wt/.git\n")
        .pointer(r"C:\repo\.git\worktrees\wt\commondir", "../..\n")
        .dir(r"C:\repo\.git\objects")
        .dir(r"C:\repo\.git\refs")
        .pointer(r"C:\short\.git", "gitdir: C:/REPO~1/.git/worktrees/short\r\n")
        .pointer(r"C:\REPO~1\.git\worktrees\short\gitdir", "C:/short/.git\n")
        .pointer(r"C:\REPO~1\.git\worktrees\short\commondir", "../..\n")
        .dir(r"C:\REPO~1\.git\objects")
        .dir(r"C:\REPO~1\.git\refs")
        .pointer(r"C:\evil\.git", "gitdir: //evil/s/x.git")
        .dir(r"\\evil\s\x.git")
        .build()
        .unwrap();
    assert_eq!(
        shown(&fs, r"C:\wt"),
        r"worktree verified names_this_directory C:\repo\.git\worktrees\wt C:\repo\.git"
    );
    // What a short name stands for may be the working directory itself.
    assert_eq!(
        shown(&fs, r"C:\short"),
        r"worktree not verified in_the_same_hands C:\REPO~1\.git\worktrees\short C:\REPO~1\.git"
    );
    assert_eq!(shown(&fs, r"C:\evil"), "malformed not verified no_pointer - -");
}
