//! What a real volume does with names, what [`HostFs`] finds out about it without writing, and whether keys follow.
//!
//! The volume is that of the temporary directory, or the one that `scripts/test-casefold` and
//! `scripts/test-volumes-qemu` name in `BINDERY_VOLUME`; `BINDERY_VOLUME_RULES` then says what it must turn out to be.

use bindery::{
    Access, Binder, Binding, BoundPolicy, CaseRule, Executor, FsView as _, HostFs, Identity, Keys, Kind,
    NativePath, NormRule, Observation, Volume, VolumeFact, Volumes,
};
use std::fs;
use std::path::PathBuf;

/// Names in two spellings that some volume or other takes for one.
const PAIRS: [(&str, &str); 20] = [
    ("Name.txt", "nAME.TXT"),
    ("caf\u{e9}", "caf\u{c9}"),
    ("caf\u{e9}", "cafe\u{301}"),
    ("caf\u{c9}", "cafe\u{301}"),
    ("stra\u{df}e", "strasse"),
    ("stra\u{df}e", "stra\u{1e9e}e"),
    ("\u{17f}ecret", "secret"),
    ("\u{212a}elvin", "kelvin"),
    ("\u{212b}ngstrom", "\u{e5}ngstrom"),
    ("\u{fb01}le", "file"),
    ("i\u{307}stanbul", "\u{130}stanbul"),
    ("d\u{131}r", "dir"),
    ("odo\u{3c2}", "odo\u{3c3}"),
    ("\u{1c5}ep", "\u{1c6}ep"),
    ("\u{3b1}\u{345}", "\u{3b1}\u{3b9}"),
    ("\u{1fb3}", "\u{3b1}\u{3b9}"),
    ("\u{13a0}", "\u{ab70}"),
    ("\u{10400}", "\u{10428}"),
    ("\u{10d0}", "\u{1c90}"),
    ("a\u{323}\u{307}", "a\u{307}\u{323}"),
];

/// An empty directory on the volume.
struct Place {
    held: tempfile::TempDir,
    host: HostFs,
}

#[cfg(test)]
impl Place {
    fn new() -> Self {
        let held = match given("BINDERY_VOLUME") {
            Some(volume) => tempfile::tempdir_in(volume),
            None => tempfile::tempdir(),
        };
        Self { held: held.unwrap(), host: HostFs }
    }

    /// Where it really is: a temporary directory can be named through a link, or by a short name.
    #[expect(clippy::disallowed_methods, reason = "the system's own answer, where the test only begins")]
    fn base(&self) -> NativePath {
        let real = fs::canonicalize(self.held.path()).unwrap();
        NativePath::parse(self.host.os(), real.to_str().unwrap()).unwrap()
    }

    fn path(&self, name: &str) -> NativePath {
        self.base().join_segment(name).unwrap()
    }

    fn host_path(&self, name: &str) -> PathBuf {
        PathBuf::from(self.path(name).as_str())
    }

    fn fact(&self) -> VolumeFact {
        self.host.volume(&self.base()).unwrap()
    }

    fn look(&self, name: &str) -> Observation {
        self.host.look(&self.path(name))
    }

    fn is_there(&self, name: &str) -> bool {
        matches!(self.look(name), Observation::Exists { .. })
    }

    /// The object behind a name, if there is one and the system tells.
    fn object(&self, name: &str) -> Option<Identity> {
        match self.look(name) {
            Observation::Exists { identity, .. } => identity,
            Observation::Missing | Observation::Unreadable => None,
        }
    }

    /// Makes a file of one name, if the volume takes the name, and says whether another one leads to it.
    fn is_one(&self, a: &str, b: &str) -> Option<bool> {
        let at = self.host_path(a);
        fs::write(&at, "").ok()?;
        // A name that nobody made is another name of the only file of this kind.
        let one = self.is_there(b);
        // Linux makes files on HFS+ that it does not find again; such a name says nothing.
        if let Err(error) = fs::remove_file(at) {
            assert!(rule("loses-names").is_some(), "{a}: {error}");
            return None;
        }
        Some(one)
    }
}

#[expect(clippy::disallowed_methods, reason = "how the scripts say on which volume to run")]
#[cfg(test)]
fn given(variable: &str) -> Option<String> {
    std::env::var(variable).ok()
}

/// A word that the script says of the volume.
#[cfg(test)]
fn rule(name: &str) -> Option<String> {
    let rules = given("BINDERY_VOLUME_RULES")?;
    let mut words = rules.split(' ').map(|word| word.split_once('=').unwrap_or((word, "")));
    words.find(|(word, _)| *word == name).map(|(_, value)| value.to_owned())
}

#[test]
fn the_volume_is_what_the_script_says() {
    let place = Place::new();
    let word = |one| if one { "insensitive" } else { "sensitive" };
    if let Some(wanted) = rule("real-case") {
        assert_eq!(word(place.is_one("Name", "nAME").unwrap()), wanted);
    }
    if let Some(wanted) = rule("real-normalization") {
        let one = place.is_one("caf\u{e9}", "cafe\u{301}").unwrap();
        assert_eq!(if one { "insensitive" } else { "preserving" }, wanted);
    }
    if let Some(wanted) = rule("told-case") {
        fs::write(place.host_path("Name"), "").unwrap();
        assert_eq!(place.fact().case.as_str(), wanted);
    }
}

#[test]
fn the_rule_of_a_volume_is_found_without_writing_and_is_true() {
    let place = Place::new();
    fs::write(place.host_path("Name"), "x").unwrap();
    fs::create_dir(place.host_path("Folder")).unwrap();
    let state = || {
        let mut names: Vec<_> = fs::read_dir(place.base().as_str())
            .unwrap()
            .map(|entry| {
                entry.map(|entry| (entry.file_name(), entry.metadata().unwrap().modified().unwrap()))
            })
            .collect::<Result<_, _>>()
            .unwrap();
        names.sort();
        (names, fs::symlink_metadata(place.base().as_str()).unwrap().modified().unwrap())
    };
    let before = state();
    let fact = place.fact();
    assert_eq!(before, state());
    assert!(place.base().segments().zip(fact.root.segments()).all(|(own, root)| own == root));
    let case = place.is_there("nAME");
    match fact.case {
        CaseRule::Sensitive => assert!(!case, "{fact:?}"),
        CaseRule::Insensitive => assert!(case, "{fact:?}"),
        CaseRule::Unknown => {}
    }
    let normalization = place.is_one("caf\u{e9}", "cafe\u{301}");
    match fact.normalization {
        NormRule::Preserving => assert_ne!(normalization, Some(true), "{fact:?}"),
        NormRule::Insensitive => assert_ne!(normalization, Some(false), "{fact:?}"),
        NormRule::Unknown => {}
    }
    if let Some(identity) = place.object("Folder") {
        assert_eq!(identity.volume, fact.id);
    }
}

#[test]
fn identity_says_that_two_spellings_are_one_file_where_text_does_not() {
    let place = Place::new();
    fs::write(place.host_path("Name"), "x").unwrap();
    fs::write(place.host_path("Other"), "x").unwrap();
    let (name, flipped) = (place.path("Name"), place.path("nAME"));
    assert_ne!(name.as_str(), flipped.as_str());
    let found = place.host.look(&name);
    if !place.is_there("nAME") {
        assert_eq!(place.look("nAME"), Observation::Missing, "two names on this volume");
    } else if rule("identity").as_deref() == Some("of-names") {
        // Seen with exfat-fuse, whose volumes are not told to ignore case: numbers are given to names, not to files.
        assert_ne!(place.object("Name"), place.object("nAME"));
        assert_eq!(place.fact().case, CaseRule::Unknown);
    } else {
        assert_eq!(found, place.host.look(&flipped));
        #[cfg(unix)]
        assert!(matches!(found, Observation::Exists { identity: Some(_), links: Some(1), .. }), "{found:?}");
    }
    if matches!(found, Observation::Exists { identity: Some(_), .. }) {
        assert_ne!(place.object("Name"), place.object("Other"));
    }
}

#[test]
fn keys_of_a_volume_equate_no_two_files_and_part_no_file_from_itself() {
    let place = Place::new();
    fs::write(place.host_path("Probe"), "x").unwrap();
    let fact = place.fact();
    let volume = Volume { path: fact.root.clone(), case: fact.case, normalization: fact.normalization };
    let volumes = Volumes::new(place.host.os(), vec![volume]);
    let keys = |name| -> Keys { volumes.keys(&place.path(name)) };
    let mut faults = Vec::new();
    for (a, b) in PAIRS.into_iter().flat_map(|(a, b)| [(a, b), (b, a)]) {
        let Some(one) = place.is_one(a, b) else { continue };
        let (left, right) = (keys(a), keys(b));
        if left.exact == right.exact && !one {
            faults.push(format!("{a} and {b} are two files, and a grant takes them for one"));
        }
        if one && !left.may_be(&right) {
            faults.push(format!("{a} and {b} are one file, and a denial takes them for two"));
        }
    }
    assert!(faults.is_empty(), "{fact:?}\n{}", faults.join("\n"));
}

#[test]
fn a_directory_is_found_by_every_spelling_that_the_volume_takes() {
    let place = Place::new();
    fs::create_dir(place.host_path("Folder")).unwrap();
    fs::write(place.path("Folder").join_segment("File").unwrap().as_str(), "x").unwrap();
    let kind = |path: &NativePath| match place.host.look(path) {
        Observation::Exists { kind, .. } => Some(kind),
        Observation::Missing | Observation::Unreadable => None,
    };
    let other = place.path("fOLDER");
    assert_eq!(kind(&place.path("Folder")), Some(Kind::Directory));
    let file = other.join_segment("fILE").unwrap();
    let found = kind(&other);
    assert_eq!(kind(&file).is_some(), found.is_some());
    assert_eq!(place.host.read_pointer(&file).is_some(), found.is_some());
}

/// The policy of one entry, bound with a look at the volume.
#[cfg(test)]
fn bound(place: &Place, entries: &serde_json::Value) -> BoundPolicy {
    let executor =
        Executor::builder(place.host.os(), "here").workspace_root("ws", place.base().as_str()).unwrap();
    let file_system = serde_json::json!({"type": "restricted", "entries": entries});
    let intent = serde_json::json!(
        {"permissions": {"type": "managed", "network": "restricted", "file_system": file_system}}
    );
    let executor = executor.build().unwrap();
    let binder = Binder::new(&executor).observe(&place.host);
    match binder.bind_json(intent.to_string().as_bytes()).unwrap() {
        Binding::Restricted(policy) => policy,
        other @ (Binding::Unrestricted { .. }
        | Binding::External { .. }
        | Binding::Disabled
        | Binding::Unsandboxed) => panic!("{other:?}"),
    }
}

#[test]
fn a_policy_denies_every_spelling_of_a_file_and_grants_those_that_are_known() {
    let place = Place::new();
    fs::create_dir(place.host_path("Folder")).unwrap();
    fs::write(place.path("Folder").join_segment("File").unwrap().as_str(), "x").unwrap();
    let case = place.fact().case;
    let other = place.path("fOLDER").join_segment("fILE").unwrap();
    let one = matches!(place.host.look(&other), Observation::Exists { .. });
    let entry = |path, access| serde_json::json!({"path": path, "access": access});

    let denying = bound(
        &place,
        &serde_json::json!([entry(":workspace_roots", "read"), entry(":workspace_roots/Folder", "deny")]),
    );
    let denied = !denying.decide(other.as_str(), Access::Read).is_allowed();
    assert!(denied || !one, "{case:?}: one file, and denied under one of its names only");
    assert_eq!(denied, case != CaseRule::Sensitive, "where nothing is known, both are denied");

    let granting = bound(&place, &serde_json::json!([entry(":workspace_roots/Folder", "write")]));
    let granted = granting.decide(other.as_str(), Access::Write).is_allowed();
    assert!(one || !granted, "{case:?}: two files, and one granted for the other");
    assert_eq!(
        granted,
        case == CaseRule::Insensitive,
        "where nothing is known, neither is granted for the other"
    );
}
