//! Facts as they are written, and the bounds that only the builder can come to.

use super::{Executor, MAX_FACTS, ProtectedScope};
use crate::error::{Code, Refusals};
use crate::native::Os;
use crate::native::key::{CaseRule, NormRule};

/// Facts of which each differs from the first in one thing.
const VARIANTS: [&str; 35] = [
    r#"{"id":"e","os":"windows"}"#,
    r#"{"id":"f","os":"windows"}"#,
    r#"{"id":"e","os":"linux"}"#,
    r#"{"id":"e","os":"macos"}"#,
    r#"{"id":"e","os":"windows","cwd":"C:\\a"}"#,
    r#"{"id":"e","os":"windows","home":"C:\\a"}"#,
    r#"{"id":"e","os":"linux","slash_tmp":"/a"}"#,
    r#"{"id":"e","os":"windows","temp_dirs":[]}"#,
    r#"{"id":"e","os":"windows","temp_dirs":["C:\\a"]}"#,
    r#"{"id":"e","os":"windows","platform_defaults":[]}"#,
    r#"{"id":"e","os":"windows","platform_defaults":["C:\\a"]}"#,
    r#"{"id":"e","os":"windows","workspace_roots":[]}"#,
    r#"{"id":"e","os":"windows","workspace_roots":[{"id":"1","path":"C:\\a"}]}"#,
    r#"{"id":"e","os":"windows","workspace_roots":[{"id":"2","path":"C:\\a"}]}"#,
    r#"{"id":"e","os":"windows","workspace_roots":[{"id":"1","path":"C:\\b"}]}"#,
    r#"{"id":"e","os":"windows","root_authority":"adopt_requested"}"#,
    r#"{"id":"e","os":"windows","root_authority":"executor_only"}"#,
    r#"{"id":"e","os":"windows","allow_broad_root":true}"#,
    r#"{"id":"e","os":"windows","protected_names":{"version":2}}"#,
    r#"{"id":"e","os":"windows","protected_names":{"names":[]}}"#,
    r#"{"id":"e","os":"windows","protected_names":{"names":["x"]}}"#,
    r#"{"id":"e","os":"windows","protected_names":{"scope":"any_depth"}}"#,
    r#"{"id":"e","os":"windows","unknown_symbols":{"grant":"refuse"}}"#,
    r#"{"id":"e","os":"windows","unknown_symbols":{"deny":"inert"}}"#,
    r#"{"id":"e","os":"windows","symbols":{":a":["C:\\a"]}}"#,
    r#"{"id":"e","os":"windows","symbols":{":b":["C:\\a"]}}"#,
    r#"{"id":"e","os":"windows","symbols":{":a":["C:\\b"]}}"#,
    r#"{"id":"e","os":"windows","volumes":[{"path":"C:\\"}]}"#,
    r#"{"id":"e","os":"windows","volumes":[{"path":"C:\\","case":"sensitive"}]}"#,
    r#"{"id":"e","os":"windows","volumes":[{"path":"C:\\","normalization":"preserving"}]}"#,
    r#"{"id":"e","os":"windows","aliases":[{"from":"C:\\a","to":"C:\\b"}]}"#,
    r#"{"id":"e","os":"windows","aliases":[{"from":"C:\\c","to":"C:\\b"}]}"#,
    r#"{"id":"e","os":"windows","aliases":[{"from":"C:\\a","to":"C:\\d"}]}"#,
    r#"{"id":"e","os":"windows","unc_hosts":["nas"]}"#,
    r#"{"id":"e","os":"windows","drives":["C:"]}"#,
];

#[test]
fn every_fact_is_written_and_reaches_the_digest() {
    let read = |text: &str| Executor::from_json(text.as_bytes()).unwrap();
    let mut covered: Vec<String> = VARIANTS.iter().map(|text| read(text).to_tree().to_canonical()).collect();
    covered.sort();
    covered.dedup();
    assert_eq!(covered.len(), VARIANTS.len());
}

#[test]
fn facts_that_are_written_read_back_as_the_same_facts() {
    for text in VARIANTS {
        let executor = Executor::from_json(text.as_bytes()).unwrap();
        let again = Executor::from_json(executor.to_json().as_bytes()).unwrap();
        assert_eq!(again.to_json(), executor.to_json(), "{text}");
    }
}

#[test]
fn facts_of_every_kind_are_counted_however_they_came() {
    let with = |kind: &str, count: usize| {
        let mut builder = Executor::builder(Os::Linux, "e");
        for n in 0..count {
            let path = format!("/{n}");
            builder = match kind {
                "/workspace_roots" => builder.workspace_root(n.to_string(), &path).unwrap(),
                "/temp_dirs" => builder.temp_dir(&path).unwrap(),
                "/platform_defaults" => builder.platform_default(&path).unwrap(),
                "/symbols" => builder.symbol(":x", &path).unwrap(),
                "/volumes" => builder.volume(&path, CaseRule::Unknown, NormRule::Unknown).unwrap(),
                "/aliases" => builder.alias(&path, "/to").unwrap(),
                "/unc_hosts" => builder.unc_host(&format!("h{n}")),
                _ => {
                    let names: Vec<String> = (0..count).map(|n| n.to_string()).collect();
                    builder.protected_names(1, names.iter().map(String::as_str), ProtectedScope::Root)
                }
            };
        }
        let refused = builder.build().err().map(Refusals::into_vec).unwrap_or_default();
        refused.iter().map(|refusal| (refusal.code(), refusal.pointer().to_owned())).collect::<Vec<_>>()
    };
    for kind in [
        "/workspace_roots",
        "/temp_dirs",
        "/platform_defaults",
        "/symbols",
        "/volumes",
        "/aliases",
        "/unc_hosts",
        "/protected_names/names",
    ] {
        assert_eq!(with(kind, MAX_FACTS), [], "{kind}");
        assert_eq!(with(kind, MAX_FACTS + 1), [(Code::TooManyFacts, kind.to_owned())]);
    }
}

#[test]
fn a_drive_is_a_letter_however_it_came() {
    let refused = Executor::builder(Os::Windows, "e").drive('c').drive('1').build().unwrap_err();
    let found: Vec<_> = refused.iter().map(|refusal| (refusal.code(), refusal.value())).collect();
    assert_eq!(found, [(Code::DriveMalformed, "1")]);
}

#[test]
fn what_a_codex_executor_does_not_say_is_not_known() {
    let reported = |text: &str| Executor::from_codex_environment_info("e", text.as_bytes());
    let bare = reported(r#"{"platformOs":"linux"}"#).unwrap();
    assert!(bare.workspace_roots().is_none() && bare.temp_dirs().is_none());
    assert!(bare.cwd().is_none() && bare.home().is_none());
    let all =
        r#"{"platformOs":"linux","cwd":"file:///w","userHomeDir":"file:///h","temporaryDirectories":[]}"#;
    for text in [all.to_owned(), format!(r#"{{"environmentInfo":{all}}}"#)] {
        let all = reported(&text).unwrap();
        assert_eq!(all.temp_dirs().map(<[_]>::len), Some(0), "known to be none");
        assert_eq!(all.cwd().map(ToString::to_string).as_deref(), Some("/w"));
        assert_eq!(all.home().map(ToString::to_string).as_deref(), Some("/h"));
        assert!(all.workspace_roots().is_none(), "a working directory is no root");
    }
    for os in ["Linux", "LINUX", "freebsd", ""] {
        let refused = reported(&format!(r#"{{"platformOs":"{os}"}}"#)).unwrap_err();
        let codes: Vec<Code> = refused.iter().map(crate::error::Refusal::code).collect();
        assert_eq!(codes, [Code::UnknownWord], "{os}");
    }
}
