//! Every file of `fixtures/walks/`: what walking a recording tells, on every host.

use crate::native::path::NativePath;
use crate::observe::RecordedFs;
use crate::observe::git::{git_facts, parent_repository};
use crate::observe::tests::shown;
use crate::observe::walk::Walker;
use crate::observe::walked::same_object;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Display;

fn fixture(path: &str) -> String {
    let path = format!("{}/fixtures/{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn names(folder: &str) -> BTreeSet<String> {
    let folder = format!("{}/fixtures/{folder}", env!("CARGO_MANIFEST_DIR"));
    let entries =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    entries.filter(|name| name.strip_suffix(".json").is_some()).collect()
}

fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).map(|list| list.as_array().unwrap().as_slice()).unwrap_or_default()
}

/// Pairs as `AT -> TO`.
fn pairs<'a, T: Display + 'a>(pairs: impl Iterator<Item = (&'a T, &'a T)>) -> Vec<String> {
    pairs.map(|(at, to)| format!("{at} -> {to}")).collect()
}

fn check(name: &str) {
    let case: Value = serde_json::from_str(&fixture(&format!("walks/{name}"))).unwrap();
    assert_eq!(case["schema"], "bindery.walks/1", "{name}");
    let known = [
        "schema",
        "about",
        "covers",
        "recording",
        "unc_hosts",
        "walks",
        "same_object",
        "volumes",
        "git",
        "parent_repositories",
    ];
    assert!(case.as_object().unwrap().keys().all(|key| known.contains(&key.as_str())), "{name}");
    let fs = RecordedFs::from_json(
        fixture(&format!("recordings/{}", case["recording"].as_str().unwrap())).as_bytes(),
    );
    let fs = fs.unwrap_or_else(|refusals| panic!("{name}: {refusals}"));
    let hosts = list(&case, "unc_hosts").iter().map(|host| host.as_str().unwrap().to_owned()).collect();
    let mut walker = Walker::new(&fs, &hosts);
    let path = |value: &Value| NativePath::parse(fs.os, value.as_str().unwrap()).unwrap();
    for want in list(&case, "walks") {
        let found = walker.walk(&path(&want["path"]));
        let mut told = json!({
            "path": found.written.as_str(),
            "real": found.real.as_str(),
            "state": shown(&found.state),
        });
        let links = pairs(found.links.iter().map(|link| (&link.at, &link.to)));
        let mounts: Vec<String> = found.mounts.iter().map(ToString::to_string).collect();
        let long_names = pairs(found.long_names.iter().map(|name| (&name.at, &name.to)));
        for (field, list) in [("links", links), ("mounts", mounts), ("long_names", long_names)] {
            if !list.is_empty() {
                told[field] = json!(list);
            }
        }
        assert_eq!(&told, want, "{name}");
    }
    for want in list(&case, "same_object") {
        let (a, b) = (walker.walk(&path(&want[0])), walker.walk(&path(&want[1])));
        assert_eq!(json!(same_object(&a, &b)), want[2], "{name}: {want}");
    }
    for want in list(&case, "volumes") {
        let at = path(&want["path"]);
        let told = match walker.volume(&at) {
            None => json!({"path": at.as_str(), "root": null, "case": null, "normalization": null}),
            Some(fact) => json!({
                "path": at.as_str(),
                "root": fact.root.as_str(),
                "case": fact.case,
                "normalization": fact.normalization,
            }),
        };
        assert_eq!(&told, want, "{name}");
    }
    for want in list(&case, "git") {
        let root = path(&want["root"]);
        let told = match git_facts(&mut walker, &root, &[]) {
            None => json!({
                "root": root.as_str(), "shape": null, "verified": false, "why": null, "git_dir": null, "common_dir": null,
            }),
            Some(facts) => json!({
                "root": root.as_str(),
                "shape": facts.shape.as_str(),
                "verified": facts.verified,
                "why": facts.why.as_str(),
                "git_dir": facts.git_dir.map(|path| path.to_string()),
                "common_dir": facts.common_dir.map(|path| path.to_string()),
            }),
        };
        assert_eq!(&told, want, "{name}");
    }
    for want in list(&case, "parent_repositories") {
        let found = parent_repository(&mut walker, &path(&want["root"])).map(|path| path.to_string());
        assert_eq!(json!(found), want["parent"], "{name}: {want}");
    }
}

#[test]
fn every_recording_walks_as_written_down() {
    let all = names("walks");
    assert!(all.len() >= 10, "{all:?}");
    for name in all {
        check(&name);
    }
}

#[test]
fn every_recording_is_used_and_canonical() {
    let used: BTreeSet<String> = names("walks")
        .iter()
        .map(|name| {
            let case: Value = serde_json::from_str(&fixture(&format!("walks/{name}"))).unwrap();
            case["recording"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(names("recordings"), used);
    for name in used {
        let text = fixture(&format!("recordings/{name}"));
        assert_eq!(RecordedFs::from_json(text.as_bytes()).unwrap().to_json_pretty() + "\n", text, "{name}");
    }
}

#[test]
fn every_row_of_the_groups_that_speak_of_file_systems_is_covered() {
    let mut covered = BTreeSet::new();
    for name in names("walks") {
        let case: Value = serde_json::from_str(&fixture(&format!("walks/{name}"))).unwrap();
        covered.extend(list(&case, "covers").iter().map(|id| id.as_str().unwrap().to_owned()));
    }
    let rows = (1..=4).map(|i| format!("fc-D{i}")).chain((1..=10).map(|i| format!("fc-F{i}")));
    // I5 is about heuristics, of which there are none.
    let rows = rows
        .chain((1..=4).map(|i| format!("fc-I{i}")))
        .chain(["fc-E4", "fc-C3", "fc-C6", "fc-C13"].map(String::from));
    for row in rows {
        assert!(covered.contains(&row), "{row}");
    }
}
