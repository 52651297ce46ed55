//! Every kind of change, made to a recorded tree; real trees stand in `src/observe/host/tests`.

use super::*;
use crate::native::Os;
use crate::observe::{Kind, RecordedFs, RecordedFsBuilder};
use CaseRule::{Insensitive, Sensitive, Unknown};

fn path(text: &str) -> NativePath {
    NativePath::parse(Os::Linux, text).unwrap()
}

/// What later overrides what earlier calls said of a path.
fn tree() -> RecordedFsBuilder {
    RecordedFs::builder(Os::Linux)
        .complete()
        .dir("/")
        .identity("/", "8:1", "2")
        .dir("/ws")
        .identity("/ws", "8:1", "10")
        .links("/ws", 3)
        .dir("/ws/sub")
        .identity("/ws/sub", "8:1", "12")
        .file("/ws/f")
        .identity("/ws/f", "8:1", "11")
        .links("/ws/f", 2)
        .link("/ws/in", "sub")
        .dir("/ws/other")
        .unreadable("/closed")
        .pointer("/ws/.git", "gitdir: /repos/ws\n")
        .dir("/repos/ws/objects")
        .dir("/repos/ws/refs")
        .pointer("/repos/ws/config", "[core]\n\tworktree = /ws\n")
        .volume("/", CaseRule::Sensitive, NormRule::Unknown, "8:1")
}

fn observe(fs: &RecordedFs) -> Observed {
    let places = ["/ws", "/ws/f", "/ws/in/deep", "/ws/sub", "/ws/none/x", "/closed/z"];
    let none = BTreeSet::new();
    let mut walker = Walker::new(fs, &none);
    Observed::look(&mut walker, &places.map(path), &[path("/ws")].into(), &[path("/ws")])
}

/// The changes from [`tree`] to another one, as `kind place`.
fn after(change: impl FnOnce(RecordedFsBuilder) -> RecordedFsBuilder) -> Vec<String> {
    let before = observe(&tree().build().unwrap());
    let changes = compare(&before, &change(tree()).build().unwrap());
    let changes = Changes::from_vec(changes).map(|changes| changes.as_slice().to_vec()).unwrap_or_default();
    changes.iter().map(|change| format!("{} {}", change.kind(), change.place())).collect()
}

#[test]
fn what_is_still_so_is_unchanged() {
    assert_eq!(after(|tree| tree), [""; 0]);
    assert_eq!(after(|tree| tree.links("/ws", 9)), [""; 0], "directories inside come and go");
    assert_eq!(after(|tree| tree.links("/ws/f", 1)), [""; 0], "a way to the file less");
    assert_eq!(after(|tree| tree.file("/ws/new").dir("/elsewhere")), [""; 0]);
    assert_eq!(Unchanged::new().to_json(), r#"{"verified":"unchanged"}"#);
}

#[test]
fn every_change_is_named_at_its_place() {
    assert_eq!(
        after(|tree| tree.link("/ws/sub", "other")),
        ["became_link /ws/sub"],
        "also for the path that leads there through a link"
    );
    assert_eq!(after(|tree| tree.link("/ws/in", "other")), ["link_moved /ws/in"]);
    assert_eq!(after(|tree| tree.dir("/ws/in")), ["link_removed /ws/in"]);
    assert_eq!(
        after(|tree| tree.identity("/ws/sub", "8:1", "99")),
        ["object_replaced /ws/sub"],
        "and so is the directory of the missing place in it, which is said once"
    );
    assert_eq!(after(|tree| tree.object("/ws/f", Kind::Other)), ["kind_changed /ws/f"]);
    assert_eq!(after(|tree| tree.dir("/ws/none")), ["appeared /ws/none"]);
    assert_eq!(after(|tree| tree.dir("/ws/none/x")), ["appeared /ws/none/x"]);
    assert_eq!(after(|tree| tree.missing("/ws/f")), ["disappeared /ws/f"]);
    assert_eq!(after(|tree| tree.unreadable("/ws/f")), ["became_unreadable /ws/f"]);
    assert_eq!(after(|tree| tree.missing("/closed")), ["became_readable /closed"]);
    assert_eq!(after(|tree| tree.links("/ws/f", 3)), ["links_added /ws/f"]);
    assert_eq!(
        after(|tree| tree.mount("/ws/other").identity("/ws/other", "8:1", "1").link("/ws/in", "other")),
        ["link_moved /ws/in", "mount_moved /ws/other"]
    );
    assert_eq!(
        after(|tree| tree.pointer("/repos/ws/config", "[core]\n\tworktree = /x\n")),
        ["git_changed /ws"]
    );
    assert_eq!(after(|tree| tree.dir("/.git")), [""; 0], "a repository around one that has its own");
    assert_eq!(after(|tree| tree.missing("/ws/.git")), ["git_changed /ws"]);
}

#[test]
fn a_missing_place_appears_in_the_directory_that_was_observed_or_the_change_is_named() {
    let fs = tree().build().unwrap();
    let none = BTreeSet::new();
    let mut walker = Walker::new(&fs, &none);
    let before = Observed::look(&mut walker, &[path("/ws/sub/none")], &BTreeSet::new(), &[]);
    let replaced = tree().identity("/ws/sub", "8:1", "99").build().unwrap();
    let changes = compare(&before, &replaced);
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!((changes[0].kind(), changes[0].place()), (ChangeKind::ObjectReplaced, &path("/ws/sub")));
    assert_eq!(changes[0].before(), "directory 8:1/12");
    assert_eq!(changes[0].after(), "directory 8:1/99");
}

#[test]
fn how_a_volume_compares_names_must_stay_known() {
    let volume = |case: CaseRule, normalization: NormRule, id: &str| {
        let before = observe(&tree().build().unwrap());
        let text = tree().build().unwrap().to_json();
        let fs = RecordedFs::from_json(
            text.replace(r#""case":"sensitive""#, &format!(r#""case":"{}""#, case.as_str()))
                .replace(
                    r#""normalization":"unknown""#,
                    match normalization {
                        NormRule::Insensitive => r#""normalization":"insensitive""#,
                        NormRule::Preserving => r#""normalization":"preserving""#,
                        NormRule::Unknown => r#""normalization":"unknown""#,
                    },
                )
                .replace(r#""id":"8:1""#, &format!(r#""id":"{id}""#))
                .as_bytes(),
        )
        .unwrap();
        let changes = compare(&before, &fs);
        changes.iter().map(|change| format!("{} {}", change.kind(), change.place())).collect::<Vec<_>>()
    };
    assert_eq!(volume(Sensitive, NormRule::Insensitive, "8:1"), [""; 0], "it was not known");
    assert_eq!(volume(Insensitive, NormRule::Unknown, "8:1"), ["volume_rule_changed /"]);
    assert_eq!(volume(Unknown, NormRule::Unknown, "8:1"), ["volume_rule_changed /"]);
    assert_eq!(volume(Sensitive, NormRule::Unknown, "8:2"), ["mount_moved /"]);
    assert_eq!(
        after(|tree| tree.volume("/ws", CaseRule::Insensitive, NormRule::Insensitive, "8:1")),
        ["volume_rule_changed /ws"],
        "a directory that began to ignore case"
    );
    assert_eq!(
        after(|tree| tree.volume("/ws", CaseRule::Sensitive, NormRule::Preserving, "8:1")),
        [""; 0],
        "told apart, and the same"
    );
}

#[test]
fn a_volume_that_is_not_told_any_more_is_a_change() {
    let before = observe(&tree().build().unwrap());
    let mut text: serde_json::Value = serde_json::from_str(&tree().build().unwrap().to_json()).unwrap();
    text.as_object_mut().unwrap().remove("volumes");
    let fs = RecordedFs::from_json(text.to_string().as_bytes()).unwrap();
    let changes = compare(&before, &fs);
    let found: Vec<_> = changes.iter().map(|change| (change.kind(), change.place().as_str())).collect();
    assert_eq!(found, [(ChangeKind::VolumeRuleChanged, "/")]);
}

#[test]
fn a_mount_that_is_gone_is_a_change_as_one_that_came_is() {
    let with = || tree().mount("/ws/sub").identity("/ws/sub", "8:1", "12");
    let (with, without) = (with().build().unwrap(), tree().build().unwrap());
    for (before, after) in [(&with, &without), (&without, &with)] {
        let changes = compare(&observe(before), after);
        let found: Vec<_> = changes.iter().map(|change| (change.kind(), change.place().as_str())).collect();
        assert!(found.contains(&(ChangeKind::MountMoved, "/ws/sub")), "{found:?}");
        assert!(found.iter().all(|change| *change == (ChangeKind::MountMoved, "/ws/sub")), "{found:?}");
    }
}

#[test]
fn a_short_name_that_stands_for_another_one_is_named_as_such() {
    let fs = |long: &str| {
        let short = r"C:\A~1";
        let fs = RecordedFs::builder(Os::Windows).complete().dir(short).long_name(short, long);
        fs.dir(r"C:\Ab").dir(r"C:\Ac").build().unwrap()
    };
    let place = NativePath::parse(Os::Windows, r"C:\A~1").unwrap();
    let none = BTreeSet::new();
    let first = fs("Ab");
    let before = Observed::look(&mut Walker::new(&first, &none), [&place], &BTreeSet::new(), &[]);
    let changes = compare(&before, &fs("Ac"));
    let found: Vec<_> = changes.iter().map(|change| (change.kind(), change.place().as_str())).collect();
    assert_eq!(found, [(ChangeKind::LongNameChanged, r"C:\A~1")]);
}

#[test]
fn changes_come_at_once_sorted_and_as_json() {
    let all = after(|tree| {
        tree.link("/ws/sub", "/etc").object("/ws/f", Kind::Other).missing("/closed").dir("/ws/none/x")
    });
    assert_eq!(
        all,
        ["became_readable /closed", "kind_changed /ws/f", "appeared /ws/none/x", "became_link /ws/sub"]
    );
    let before = observe(&tree().build().unwrap());
    let now = tree().link("/ws/sub", "other").build().unwrap();
    let changes = Changes::from_vec(compare(&before, &now)).unwrap();
    assert_eq!(
        changes.to_json(),
        r#"{"changes":[{"after":"symlink to `other`, which is /ws/other","before":"no link on this way","kind":"became_link","place":"/ws/sub"}],"verified":"changed"}"#
    );
    assert_eq!(
        changes.to_string(),
        "became_link at /ws/sub: before: no link on this way; now: symlink to `other`, which is /ws/other"
    );
}

#[test]
fn every_kind_has_its_own_word() {
    let words: BTreeSet<&str> = ChangeKind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(words.len(), ChangeKind::ALL.len());
    assert!(ChangeKind::ALL.iter().all(|kind| kind.sentence().ends_with('.')));
}
