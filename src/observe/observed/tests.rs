//! Observations are kept in one form, and nothing else is read back.

use super::*;
use crate::error::Input;
use crate::json;
use crate::observe::RecordedFs;
use CaseRule::{Insensitive, Sensitive, Unknown};

fn path(text: &str) -> NativePath {
    NativePath::parse(Os::Linux, text).unwrap()
}

/// A tree in which every state, a volume and two repositories are found.
fn tree() -> RecordedFs {
    RecordedFs::builder(Os::Linux)
        .complete()
        .dir("/")
        .identity("/", "8:1", "2")
        .dir("/ws")
        .identity("/ws", "8:1", "10")
        .links("/ws", 7)
        .file("/ws/f")
        .identity("/ws/f", "8:1", "11")
        .links("/ws/f", 2)
        .link("/ws/out", "/srv/x\u{1}")
        .link("/ws/in", "sub")
        .mount("/ws/sub")
        .link("/ws/loop", "loop")
        .unreadable("/ws/closed")
        .pointer("/ws/.git", "gitdir: /repos/ws\n")
        .dir("/repos/ws/objects")
        .dir("/repos/ws/refs")
        .pointer("/repos/ws/config", "[core]\n\tworktree = /ws\n")
        .dir("/plain/.git")
        .volume("/", CaseRule::Sensitive, NormRule::Preserving, "8:1")
        .volume("/ws/sub", CaseRule::Unknown, NormRule::Unknown, "9:1")
        .build()
        .unwrap()
}

fn observed() -> Observed {
    let places =
        ["/ws", "/ws/f", "/ws/out/y", "/ws/in/deep", "/ws/loop", "/ws/closed/z", "/ws/f/g", "/none/a"];
    let fs = tree();
    let none = BTreeSet::new();
    let mut walker = Walker::new(&fs, &none);
    let places: BTreeSet<_> = places.into_iter().map(path).collect();
    let roots = [path("/ws"), path("/plain"), path("/none")].into();
    Observed::look(&mut walker, &places, &roots, &[path("/ws"), path("/tmp")])
}

fn read(text: &str) -> Result<Observed, Vec<String>> {
    let tree = json::parse(text.as_bytes(), Input::Policy).unwrap();
    let mut refusals = Vec::new();
    let read = Observed::from_tree(&At::root(&tree, Input::Policy), Os::Linux, &mut refusals);
    let shown = |refusal: &Refusal| format!("{} {}", refusal.code(), refusal.pointer());
    assert_eq!(read.is_none(), !refusals.is_empty(), "{refusals:?}");
    read.ok_or_else(|| refusals.iter().map(shown).collect())
}

#[test]
fn what_was_observed_is_kept_and_read_back() {
    let observed = observed();
    let states: BTreeSet<&str> = observed.walks.iter().map(|walk| word_of(&walk.state)).collect();
    assert_eq!(states.len(), 6, "every state occurs: {states:?}");
    assert_eq!(observed.walk(&path("/ws/in/deep")).unwrap().mounts, [path("/ws/sub")]);
    assert!(observed.walk(&path("/ws/in")).is_none());
    let State::Exists { links, .. } = observed.walk(&path("/ws")).unwrap().state else { panic!() };
    assert_eq!(links, None, "the count of a directory changes with what is in it");
    let State::Exists { links, .. } = observed.walk(&path("/ws/f")).unwrap().state else { panic!() };
    assert_eq!(links, Some(2));
    assert_eq!(observed.writable, [path("/tmp"), path("/ws")]);
    let verified: Vec<_> = observed
        .git
        .iter()
        .map(|git| (git.root.as_str(), git.facts.as_ref().map(|facts| (facts.verified, facts.parts().len()))))
        .collect();
    assert_eq!(verified[0], ("/none", None));
    assert!(verified[1..].iter().all(|(_, facts)| facts.is_some_and(|(yes, parts)| yes && parts > 10)));
    assert_eq!(observed.volumes.len(), 2);
    let text = json::canonical(&observed);
    let again = read(&text).unwrap();
    assert_eq!(again, observed);
    assert_eq!(json::canonical(&again), text);
    let mut pretty = String::new();
    Out::new(&mut pretty, Some(json::INDENT), 0).value(&observed);
    assert_eq!(read(&pretty).unwrap(), observed);
}

#[test]
fn a_pointer_alone_makes_it_matter_where_can_be_written() {
    let fs = tree();
    let none = BTreeSet::new();
    let mut walker = Walker::new(&fs, &none);
    let observed = Observed::look(&mut walker, &BTreeSet::new(), &[path("/plain")].into(), &[path("/tmp")]);
    assert!(observed.writable.is_empty());
    let refused = read(r#"{"git":[],"hosts":[],"volumes":[],"walks":[],"writable":["/tmp"]}"#);
    assert_eq!(refused.unwrap_err(), ["policy_inconsistent "]);
}

#[test]
fn of_one_volume_what_anybody_told_holds_unless_it_contradicts() {
    let fact = |case, id: &str| VolumeFact {
        root: path("/"),
        case,
        normalization: NormRule::Unknown,
        id: id.to_owned(),
    };
    let case = |list: Vec<VolumeFact>| {
        let mut told = Told::new();
        for fact in list {
            tell(&mut told, fact);
        }
        let merged = merged(&told);
        assert_eq!(merged.len(), 1);
        merged[0].case
    };
    assert_eq!(case(vec![fact(Unknown, "1"), fact(Sensitive, "1")]), Sensitive);
    assert_eq!(case(vec![fact(Insensitive, "1"), fact(Unknown, "1")]), Insensitive);
    assert_eq!(case(vec![fact(Insensitive, "1"), fact(Sensitive, "1")]), Unknown);
    assert_eq!(case(vec![fact(Sensitive, "1"), fact(Sensitive, "2")]), Unknown);
    assert_eq!(case(vec![fact(Sensitive, "1"), fact(Insensitive, "1"), fact(Sensitive, "1")]), Unknown);
}

/// The observations with one text replaced by another.
fn changed(from: &str, to: &str) -> Vec<String> {
    let text = json::canonical(&observed());
    assert!(text.contains(from), "{from} in {text}");
    read(&text.replacen(from, to, 1)).unwrap_err()
}

#[test]
fn what_is_not_canonical_is_refused() {
    for (from, to, want) in [
        (r#""path":"/ws/f","#, r#""path":"/ws/f/","#, "path_not_normal /walks/3/path"),
        (r#""path":"/ws/f","#, r#""path":"/zz","#, "policy_inconsistent /walks/4"),
        (r#""path":"/ws/f","#, r#""path":"f","#, "path_relative /walks/3/path"),
        (r#""path":"/ws/f","#, r#""path":"/ws/f","real":"/ws/f","#, "policy_inconsistent /walks/3/real"),
        (r#""path":"/ws/f","#, r#""path":"/ws/f","links":[],"#, "policy_inconsistent /walks/3/links"),
        (r#""path":"/ws/f","#, r#""path":"/ws/f","colour":1,"#, "unknown_field /walks/3/colour"),
        (r#""path":"/ws/f","#, r#""path":"/ws/f","Links":1,"#, "misspelled_field /walks/3/Links"),
        (r#""state":"loop""#, r#""state":"round""#, "unknown_word /walks/6/state"),
        (r#""kind":"symlink""#, r#""kind":"file""#, "policy_inconsistent /walks/5/links/0"),
        (r#""why":"no_answer""#, r#""why":"shy""#, "unknown_word /walks/2/why"),
        (r#""names":2"#, r#""names":-2"#, "number_out_of_range /walks/3/names"),
        (r#""identity":["8:1","11"]"#, r#""identity":["8:1"]"#, "policy_inconsistent /walks/3/identity"),
        (r#""git_dir":"/plain/.git""#, r#""git_dir":null"#, "policy_inconsistent /git/1/facts"),
        (r#""why":"inside""#, r#""why":"because""#, "unknown_word /git/1/facts/why"),
        (r#""shape":"separate""#, r#""shape":"round""#, "unknown_word /git/2/facts/shape"),
        (r#""case":"sensitive""#, r#""case":"maybe""#, "unknown_word /volumes/0/case"),
        (r#""hosts":[]"#, r#""hosts":["b","a"]"#, "policy_inconsistent /hosts/1"),
        (r#""hosts":[]"#, r#""hosts":["NAS"]"#, "policy_inconsistent /hosts/0"),
        (r#""hosts":[],"#, "", "missing_field "),
        (r#""writable":["/tmp","/ws"]"#, r#""writable":["/ws","/tmp"]"#, "policy_inconsistent /writable/1"),
    ] {
        assert_eq!(changed(from, to), [want], "{to}");
    }
    let kept = changed(r#""kind":"directory""#, r#""kind":"directory","names":3"#);
    assert_eq!(kept, ["policy_inconsistent /walks/1/names"]);
}
