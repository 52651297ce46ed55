//! The real file system of Windows, or of Wine: what it opens, what [`HostFs`] says of it, and what a policy answers.
//!
//! Windows itself is the oracle: whatever spelling it takes for a denied file is denied, too.
#![cfg(windows)]

#[path = "support/not_here.rs"]
mod not_here;
#[path = "support/wine.rs"]
mod wine;

use bindery::{
    Access, Binder, Binding, BoundPolicy, CaseRule, Executor, FsView as _, HostFs, Intent, Kind, MAX_POINTER,
    NativePath, Observation, Os,
};
use not_here::not_run_here;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::os::windows::ffi::OsStringExt as _;
use std::process::Command;
use tempfile::TempDir;
use wine::{Fault, wine_fails};

/// An empty directory, by its plain long name.
struct Folder {
    _held: TempDir,
    at: String,
}

#[cfg(test)]
impl Folder {
    #[expect(clippy::disallowed_methods, reason = "the system's own answer, where the test only begins")]
    fn new() -> Self {
        let held = tempfile::tempdir().unwrap();
        let real = fs::canonicalize(held.path()).unwrap().into_os_string().into_string().unwrap();
        let at = real.strip_prefix(r"\\?\").unwrap().to_owned();
        Self { _held: held, at }
    }

    fn at(&self, rest: &str) -> String {
        format!(r"{}\{rest}", self.at)
    }

    fn path(&self, rest: &str) -> NativePath {
        native(&self.at(rest))
    }

    fn file(&self, rest: &str, content: &str) -> &Self {
        fs::write(self.at(rest), content).unwrap();
        self
    }

    fn dir(&self, rest: &str) -> &Self {
        fs::create_dir_all(self.at(rest)).unwrap();
        self
    }

    /// A policy that lets everything in here be read but for one denied place.
    fn denying(&self, place: &str) -> BoundPolicy {
        let executor = Executor::builder(Os::Windows, "here").workspace_root("ws", &self.at).unwrap();
        let entries = serde_json::json!([
            {"path": ":workspace_roots", "access": "read"},
            {"path": uri(&self.at(place)), "access": "deny"},
        ]);
        bound(&executor.build().unwrap(), &entries)
    }
}

#[cfg(test)]
fn bound(executor: &Executor, entries: &serde_json::Value) -> BoundPolicy {
    let file_system = serde_json::json!({"type": "restricted", "entries": entries});
    let intent = serde_json::json!(
        {"permissions": {"type": "managed", "network": "restricted", "file_system": file_system}}
    );
    let intent = Intent::from_json(intent.to_string().as_bytes()).unwrap();
    match Binder::new(executor).bind(&intent).unwrap() {
        Binding::Restricted(policy) => policy,
        other @ (Binding::Unrestricted { .. }
        | Binding::External { .. }
        | Binding::Disabled
        | Binding::Unsandboxed) => panic!("{other:?}"),
    }
}

/// A drive or share path as an intent spells it.
#[cfg(test)]
fn uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    let mut uri = if path.starts_with("//") { "file:".to_owned() } else { "file:///".to_owned() };
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/:-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            write!(uri, "%{byte:02X}").unwrap();
        }
    }
    uri
}

#[cfg(test)]
fn native(text: &str) -> NativePath {
    NativePath::parse(Os::Windows, text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[cfg(test)]
const fn host() -> HostFs {
    HostFs
}

#[cfg(test)]
fn kind(path: &NativePath) -> Option<Kind> {
    match host().look(path) {
        Observation::Exists { kind, .. } => Some(kind),
        Observation::Missing | Observation::Unreadable => None,
    }
}

/// What the script prepared: a tree with links, a share.
#[expect(clippy::disallowed_methods, reason = "how scripts/test-windows-wine says what it prepared")]
#[cfg(test)]
fn prepared(variable: &str) -> Option<String> {
    let value = std::env::var(variable).ok();
    if value.is_none() {
        not_run_here(&format!("nothing is prepared in {variable}"));
    }
    value
}

/// The short names of a file and of the directory that holds it, so far as there are any. (Wine tells only that of the
/// directory.)
#[cfg(test)]
fn short_names(path: &str) -> [Option<String>; 2] {
    let ask = format!("for %I in ({path}) do @echo %~sI");
    let said = Command::new("cmd").args(["/d", "/c", &ask]).output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    let mut names = said.trim().rsplit('\\').map(|name| name.contains('~').then(|| name.to_owned()));
    [names.next().flatten(), names.next().flatten()]
}

/// A drive that does not exist.
#[cfg(test)]
fn free_drive() -> char {
    ('G'..='Y').find(|drive| fs::symlink_metadata(format!(r"{drive}:\")).is_err()).unwrap()
}

#[test]
fn the_roots_of_drives_are_directories() {
    let here = Folder::new();
    let root = native(here.path("x").root_text());
    assert_eq!(kind(&root), Some(Kind::Directory));
    let lower = native(&format!("{}/", root.as_str().replace('C', "c").trim_end_matches('\\')));
    assert_eq!(kind(&lower), Some(Kind::Directory), "{lower}");
    assert_eq!(host().look(&native(&format!(r"{}:\", free_drive()))), Observation::Missing);
    assert_eq!(
        host().look(&NativePath::root(Os::Windows)),
        Observation::Unreadable,
        "the namespace is no object"
    );
}

#[test]
fn a_drive_letter_has_no_case() {
    let here = Folder::new();
    here.file("f", "x");
    let (first, rest) = here.at.split_at(1);
    let [upper, lower] =
        [first.to_ascii_uppercase(), first.to_ascii_lowercase()].map(|first| first + rest + r"\f");
    assert!(fs::read(&upper).is_ok() && fs::read(&lower).is_ok());
    assert_eq!(native(&upper), native(&lower));
    let policy = here.denying("f");
    for spelled in [upper, lower] {
        assert!(!policy.decide(&spelled, Access::Read).is_allowed(), "{spelled}");
    }
}

#[test]
fn a_share_is_looked_at_like_a_drive() {
    let Some(share) = prepared("BINDERY_UNC_SHARE") else { return };
    fs::create_dir_all(format!(r"{share}\Folder")).unwrap();
    fs::write(format!(r"{share}\Folder\File.txt"), "x").unwrap();
    let path = |rest: &str| native(&format!("{share}{rest}"));
    assert_eq!(kind(&path("")), Some(Kind::Directory));
    assert_eq!(kind(&path(r"\folder")), Some(Kind::Directory));
    assert_eq!(kind(&path(r"\FOLDER\file.TXT")), Some(Kind::File));
    assert_eq!(host().look(&path(r"\none")), Observation::Missing);
    assert_eq!(host().read_pointer(&path(r"\Folder\File.txt")).as_deref(), Some(&b"x"[..]));
    let verbatim = native(&share.replacen(r"\\", r"\\?\UNC\", 1));
    assert_eq!(verbatim, path(""));
    assert_eq!(host().volume(&path(r"\Folder")).unwrap().case, CaseRule::Insensitive);
    assert_eq!(kind(&native(&format!("{share}-none"))), None);
}

#[test]
fn a_denial_on_a_share_holds_under_every_spelling_that_opens_it() {
    let Some(share) = prepared("BINDERY_UNC_SHARE") else { return };
    fs::create_dir_all(format!(r"{share}\Folder")).unwrap();
    fs::write(format!(r"{share}\Folder\Secret"), "x").unwrap();
    let host = share.trim_start_matches('\\').split('\\').next().unwrap();
    let executor = Executor::builder(Os::Windows, "here").unc_host(host);
    let executor = executor.workspace_root("ws", &share).unwrap().build().unwrap();
    let secret = format!(r"{share}\Folder\Secret");
    let policy = bound(
        &executor,
        &serde_json::json!([
            {"path": ":workspace_roots", "access": "read"},
            {"path": uri(&secret), "access": "deny"},
        ]),
    );
    let other = format!(r"{share}\Folder\other");
    fs::write(&other, "x").unwrap();
    assert!(policy.decide(&other, Access::Read).is_allowed());
    let spelled = [
        format!(r"{}\folder\SECRET", share.to_ascii_uppercase()),
        share.replace('\\', "/") + "/Folder/Secret",
        share.replacen(r"\\", r"\\?\UNC\", 1) + r"\Folder\Secret",
        format!(r"{share}\\Folder\\Secret"),
    ];
    let opened: Vec<_> = spelled.iter().filter(|spelled| fs::read(spelled).is_ok()).collect();
    assert!(opened.len() >= 3, "{opened:?}");
    for spelled in opened {
        assert!(!policy.decide(spelled, Access::Read).is_allowed(), "{spelled}");
    }
}

#[test]
fn a_verbatim_path_is_the_same_place() {
    let here = Folder::new();
    fs::write(format!(r"\\?\{}", here.at("f")), "x").unwrap();
    assert_eq!(native(&format!(r"\\?\{}", here.at("f"))), here.path("f"));
    assert_eq!(kind(&here.path("f")), Some(Kind::File));
    assert_eq!(host().read_pointer(&here.path("f")).as_deref(), Some(&b"x"[..]));
}

#[test]
fn names_are_found_in_any_case_and_told_as_they_are() {
    let here = Folder::new();
    here.dir("Folder").file(r"Folder\Größe.TXT", "x");
    for (spelled, real) in [("fOLDER", "Folder"), (r"FOLDER\GRÖßE.txt", "Größe.TXT")] {
        assert!(kind(&here.path(spelled)).is_some(), "{spelled}");
        assert_eq!(host().long_name(&here.path(spelled)).as_deref(), Some(real));
    }
    assert_eq!(kind(&here.path(r"Folder\Grösse.TXT")), None, "ß has no other case");
    assert_eq!(kind(&here.path("Gro\u{308}ße.TXT")), None, "normalization is kept");
    assert_eq!(host().long_name(&here.path("none")), None);
}

#[test]
fn a_volume_tells_its_rule_by_the_names_in_it() {
    let here = Folder::new();
    let fact = host().volume(&here.path("")).unwrap();
    assert_eq!(
        (fact.case, fact.id.as_str()),
        (CaseRule::Unknown, here.path("").root_text()),
        "nothing is in it"
    );
    here.file("Name", "x");
    let fact = host().volume(&here.path("")).unwrap();
    assert_eq!((fact.case, fact.root), (CaseRule::Insensitive, here.path("")));
    assert_eq!(host().volume(&here.path("none")), None);
    assert_eq!(host().volume(&here.path("Name")), None, "a file is no directory");
}

#[test]
fn a_directory_can_keep_case_apart_by_itself() {
    if wine_fails(Fault::CaseFlags) {
        return;
    }
    let here = Folder::new();
    here.dir("strict");
    let mut set = Command::new("fsutil");
    let set = set.args(["file", "setCaseSensitiveInfo", &here.at("strict"), "enable"]).output().unwrap();
    if !set.status.success() {
        not_run_here("this Windows has no directories with a case rule of their own");
        return;
    }
    here.file(r"strict\Name", "upper").file("Name", "x");
    assert_eq!(host().volume(&here.path("strict")).unwrap().case, CaseRule::Sensitive);
    assert_eq!(host().volume(&here.path("")).unwrap().case, CaseRule::Insensitive);
}

#[test]
fn every_spelling_that_opens_a_denied_file_is_denied() {
    let here = Folder::new();
    here.dir("Private-Folder").file(r"Private-Folder\Secret-data.text", "secret").file("open.txt", "open");
    let policy = here.denying("Private-Folder");
    assert!(policy.decide(&here.at("open.txt"), Access::Read).is_allowed());
    let mut folders =
        vec!["Private-Folder".to_owned(), "PRIVATE-folder".to_owned(), "Private-Folder.".to_owned()];
    folders
        .extend(["Private-Folder ..", "Private-Folder. ", "open.txt/../Private-Folder"].map(str::to_owned));
    let [short_file, short_folder] = short_names(&here.at(r"Private-Folder\Secret-data.text"));
    // Not as Wine makes them, with a letter behind the `~`.
    let of_windows = |name: &String| name.bytes().last().is_some_and(|byte| byte.is_ascii_digit());
    folders.extend(short_folder.filter(of_windows));
    let mut files = [
        "Secret-data.text",
        "secret-DATA.text",
        "Secret-data.text.",
        "Secret-data.text ",
        "Secret-data.text::$DATA",
    ]
    .map(str::to_owned)
    .to_vec();
    files.extend(short_file.filter(|name| of_windows(&name.replace(".TEX", ""))));
    let mut opened = 0;
    for folder in &folders {
        for file in &files {
            for separator in ['\\', '/'] {
                for prefix in ["", r"\\?\", r"\\.\"] {
                    let spelled = format!("{prefix}{}{separator}{folder}{separator}{file}", here.at);
                    let readable = fs::read_to_string(&spelled).is_ok_and(|text| text == "secret");
                    opened += usize::from(readable);
                    let allowed = policy.decide(&spelled, Access::Read).is_allowed();
                    assert!(!(readable && allowed), "{spelled}");
                }
            }
        }
    }
    assert!(opened >= 40, "only {opened} spellings opened the file");
}

#[test]
fn dots_and_blanks_at_the_end_are_no_other_names() {
    let here = Folder::new();
    here.file("name", "x");
    for ending in [".", "..", " ", " .", ". "] {
        let spelled = here.at("name") + ending;
        assert!(fs::read(&spelled).is_ok(), "{spelled}");
        assert!(NativePath::parse(Os::Windows, &spelled).is_err(), "{spelled}");
    }
}

#[test]
fn a_verbatim_name_can_end_in_a_dot_and_no_path_can_name_it() {
    if wine_fails(Fault::TrailingDots) {
        return;
    }
    let here = Folder::new();
    let dotted = format!(r"\\?\{}", here.at("name."));
    here.file("name", "plain");
    fs::write(&dotted, "dotted").unwrap();
    assert_eq!(fs::read_to_string(here.at("name")).unwrap(), "plain");
    assert!(NativePath::parse(Os::Windows, &dotted).is_err());
    assert!(
        !here.denying("name").decide(&dotted, Access::Read).is_allowed(),
        "what may be the same is denied"
    );
}

#[test]
fn what_opens_a_device_is_no_path() {
    let here = Folder::new();
    let stems = [
        "CON",
        "PRN",
        "AUX",
        "NUL",
        "COM1",
        "COM9",
        "LPT1",
        "LPT9",
        "CONIN$",
        "CONOUT$",
        "COM\u{b9}",
        "LPT\u{b3}",
    ];
    let mut devices = 0;
    for stem in stems {
        for name in [stem.to_owned(), stem.to_ascii_lowercase(), format!("{stem}.txt"), format!("{stem} .x")]
        {
            let is_file = fs::write(here.at(&name), "").is_ok()
                && fs::read_dir(&here.at).unwrap().any(|entry| {
                    entry.unwrap().file_name().to_str().is_some_and(|made| made.eq_ignore_ascii_case(&name))
                });
            if is_file {
                fs::remove_file(here.at(&name)).unwrap();
            } else {
                devices += 1;
                assert!(NativePath::parse(Os::Windows, &here.at(&name)).is_err(), "{name}");
            }
        }
    }
    assert!(devices > 0);
}

#[test]
fn what_no_file_can_be_called_is_no_path() {
    let here = Folder::new();
    for name in ["a<b", "a>b", "a\"b", "a|b", "a?b", "a*b", "a\u{1}b"] {
        assert!(fs::write(here.at(name), "x").is_err(), "{name}");
        assert!(NativePath::parse(Os::Windows, &here.at(name)).is_err(), "{name}");
    }
}

#[test]
fn a_short_name_leads_to_the_long_one() {
    let here = Folder::new();
    here.dir("A-folder-with-a-long-name").file(r"A-folder-with-a-long-name\and-a-long-file.text", "x");
    let [file, folder] = short_names(&here.at(r"A-folder-with-a-long-name\and-a-long-file.text"));
    let Some(folder) = folder else {
        not_run_here("this volume makes no short names");
        return;
    };
    assert_eq!(kind(&here.path(&folder)), Some(Kind::Directory));
    assert_eq!(host().long_name(&here.path(&folder)).as_deref(), Some("A-folder-with-a-long-name"));
    let file = file.as_deref().unwrap_or("and-a-long-file.text");
    let both = here.path(&format!(r"{folder}\{file}"));
    assert_eq!(kind(&both), Some(Kind::File));
    assert_eq!(host().long_name(&both).as_deref(), Some("and-a-long-file.text"));
    if wine_fails(Fault::ShortNames) {
        return;
    }
    let policy = here.denying("A-folder-with-a-long-name");
    assert!(!policy.decide(both.as_str(), Access::Read).is_allowed());
}

#[test]
fn a_short_name_can_be_given() {
    if wine_fails(Fault::ShortNames) {
        return;
    }
    let here = Folder::new();
    here.file("Some long name.text", "x");
    let set = Command::new("fsutil")
        .args(["file", "setshortname", &here.at("Some long name.text"), "GIVEN~1.TXT"])
        .output();
    if !set.unwrap().status.success() {
        not_run_here("short names cannot be set on this volume");
        return;
    }
    assert_eq!(host().long_name(&here.path("given~1.txt")).as_deref(), Some("Some long name.text"));
}

#[test]
fn paths_that_depend_on_a_current_directory_are_refused() {
    let here = Folder::new();
    let drive = &here.at[..2];
    let rooted = &here.at("f")[2..];
    for text in
        [drive.to_owned(), format!("{drive}f"), rooted.to_owned(), rooted.replace('\\', "/"), "f".to_owned()]
    {
        assert!(NativePath::parse(Os::Windows, &text).is_err(), "{text}");
        assert!(!here.denying("none").decide(&text, Access::Read).is_allowed(), "{text}");
    }
}

#[test]
fn a_long_path_is_looked_at() {
    let here = Folder::new();
    let deep = [&"d".repeat(100), &"e".repeat(100), &"f".repeat(100)].map(String::as_str).join("\\");
    fs::create_dir_all(format!(r"\\?\{}", here.at(&deep))).unwrap();
    assert_eq!(kind(&here.path(&deep)), Some(Kind::Directory));
    assert_eq!(kind(&here.path(&(deep.clone() + r"\none"))), None);
    if wine_fails(Fault::LongPaths) {
        return;
    }
    assert_eq!(host().long_name(&here.path(&deep.to_ascii_uppercase())), Some("f".repeat(100)));
}

#[test]
fn names_without_utf8_do_not_disturb_the_others() {
    if wine_fails(Fault::Surrogates) {
        return;
    }
    let here = Folder::new();
    let mut odd = OsString::from(here.at(""));
    odd.push(OsString::from_wide(&[0x61, 0xd800, 0x62]));
    fs::write(&odd, "x").unwrap();
    assert_eq!(host().volume(&here.path("")).unwrap().case, CaseRule::Unknown, "no name that can be tried");
    here.file("Name", "x");
    assert_eq!(host().volume(&here.path("")).unwrap().case, CaseRule::Insensitive);
    assert!(!here.denying("a").decide_os(&odd, Access::Write).is_allowed());
}

#[test]
fn a_stream_belongs_to_its_file() {
    if wine_fails(Fault::Streams) {
        return;
    }
    let here = Folder::new();
    here.file("f", "x").file("f:s", "stream").dir("d").file("d:s", "stream");
    for spelled in ["f:s", "F:s:$DATA", "f::$DATA"] {
        assert!(fs::read(here.at(spelled)).is_ok(), "{spelled}");
        assert!(NativePath::parse(Os::Windows, &here.at(spelled)).is_err(), "{spelled}");
        assert!(!here.denying("f").decide(&here.at(spelled), Access::Read).is_allowed(), "{spelled}");
    }
    assert!(!here.denying("d").decide(&here.at(r"d:s"), Access::Read).is_allowed());
}

#[test]
fn a_pointer_is_a_small_file() {
    let here = Folder::new();
    here.file(".git", "gitdir: x\n").file("full", &"x".repeat(MAX_POINTER)).dir("dir");
    here.file("large", &"x".repeat(MAX_POINTER + 1));
    assert_eq!(host().read_pointer(&here.path(".GIT")).as_deref(), Some(&b"gitdir: x\n"[..]));
    assert_eq!(host().read_pointer(&here.path("full")).map(|text| text.len()), Some(MAX_POINTER));
    for none in ["large", "dir", "none"] {
        assert_eq!(host().read_pointer(&here.path(none)), None, "{none}");
    }
}

/// Wine follows the links of its host and reports none: seen is what a program of Windows sees.
#[test]
fn a_tree_with_links_of_the_host_is_what_the_system_makes_of_it() {
    let Some(tree) = prepared("BINDERY_WINDOWS_TREE") else { return };
    let path = |rest: &str| native(&format!(r"{tree}\{rest}"));
    assert_eq!(kind(&path(r"link\inner\file")), Some(Kind::File));
    assert_eq!(kind(&path("dangling")).is_some(), fs::symlink_metadata(format!(r"{tree}\dangling")).is_ok());
    for name in ["link", r"real\alias"] {
        let reported = fs::symlink_metadata(format!(r"{tree}\{name}")).unwrap().is_symlink();
        assert_eq!(kind(&path(name)) == Some(Kind::Symlink), reported, "{name}");
        assert_eq!(host().read_link(&path(name)).is_some(), reported, "{name}");
    }
    // The name of a link, and not of what it leads to.
    assert_eq!(host().long_name(&path(r"REAL\ALIAS")), None);
    assert_eq!(host().volume(&path("link")).map(|fact| fact.root), Some(path("link")));
}

#[cfg(test)]
fn mklink(option: &str, link: &str, target: &str) -> bool {
    let made = Command::new("cmd").args(["/d", "/c", "mklink", option, link, target]).output().unwrap();
    made.status.success()
}

#[test]
fn links_and_junctions_are_told_and_their_texts_read() {
    if wine_fails(Fault::Links) {
        return;
    }
    let here = Folder::new();
    here.dir(r"real\inner").file(r"real\f", "x");
    assert!(mklink("/J", &here.at("junction"), &here.at("real")), "anyone may make a junction");
    assert_eq!(kind(&here.path("junction")), Some(Kind::Junction));
    let text = |name: &str| String::from_utf8(host().read_link(&here.path(name)).unwrap()).unwrap();
    assert_eq!(native(&text("junction")), here.path("real"));
    assert_eq!(host().read_pointer(&here.path("junction")), None);
    assert_eq!(host().long_name(&here.path("JUNCTION")), None, "a link is not resolved");
    if std::os::windows::fs::symlink_dir("real", here.at("relative")).is_err() {
        not_run_here("links may only be made by an administrator or in developer mode");
        return;
    }
    assert_eq!((kind(&here.path("relative")), text("relative").as_str()), (Some(Kind::Symlink), "real"));
    std::os::windows::fs::symlink_file(r"real\f", here.at("file")).unwrap();
    assert_eq!((kind(&here.path("file")), text("file").as_str()), (Some(Kind::Symlink), r"real\f"));
    assert_eq!(host().read_pointer(&here.path("file")), None);
    std::os::windows::fs::symlink_dir(here.at("real"), here.at("absolute")).unwrap();
    assert_eq!(
        (kind(&here.path("absolute")), native(&text("absolute"))),
        (Some(Kind::Junction), here.path("real"))
    );
    std::os::windows::fs::symlink_dir(&here.at("real")[2..], here.at("rooted")).unwrap();
    assert_eq!(
        (kind(&here.path("rooted")), text("rooted")),
        (Some(Kind::Symlink), here.at("real")[2..].to_owned())
    );
    std::os::windows::fs::symlink_file("nowhere", here.at("dangling")).unwrap();
    assert_eq!(kind(&here.path("dangling")), Some(Kind::Symlink));
}

/// The program itself.
#[cfg(feature = "cli")]
mod program {
    use super::*;
    use serde_json::{Value, json};
    use std::io::Write as _;
    use std::process::Stdio;

    #[cfg(test)]
    fn run(cwd: &str, arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_bindery"))
            .args(arguments)
            .current_dir(cwd)
            .env("TEMP", cwd)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }

    #[cfg(test)]
    fn facts(cwd: &str) -> Value {
        let (status, out, err) = run(cwd, &["executor"], "");
        assert_eq!(status, Some(0), "{err}");
        serde_json::from_str(&out).unwrap()
    }

    #[test]
    fn executor_tells_of_a_windows_machine_in_plain_long_names() {
        let here = Folder::new();
        here.dir("A-folder-with-a-long-name");
        let facts = facts(&here.at("A-folder-with-a-long-name"));
        assert_eq!((&facts["os"], &facts["slash_tmp"]), (&json!("windows"), &Value::Null));
        assert_eq!(facts["cwd"], json!(here.at("A-folder-with-a-long-name")));
        for place in [&facts["home"], &facts["temp_dirs"][0], &facts["platform_defaults"][0]] {
            let place = native(place.as_str().unwrap());
            assert_eq!(kind(&place), Some(Kind::Directory), "{place}");
            assert!(!place.as_str().contains('~'), "{place}");
        }
    }

    #[test]
    fn executor_tells_of_a_current_directory_by_its_long_name() {
        let here = Folder::new();
        here.dir("A-folder-with-a-long-name").file(r"A-folder-with-a-long-name\f", "x");
        let [_, short] = short_names(&here.at(r"A-folder-with-a-long-name\f"));
        let Some(short) = short else {
            not_run_here("this volume makes no short names");
            return;
        };
        assert_eq!(facts(&here.at(&short))["cwd"], json!(here.at("A-folder-with-a-long-name")));
    }

    #[test]
    fn executor_tells_of_a_current_directory_on_a_share() {
        if wine_fails(Fault::CurrentShare) {
            return;
        }
        let Some(share) = prepared("BINDERY_UNC_SHARE") else { return };
        let facts = facts(&share);
        assert_eq!(native(facts["cwd"].as_str().unwrap()), native(&share));
    }

    #[test]
    fn what_bind_prints_decides_and_explains_about_real_files() {
        let here = Folder::new();
        here.dir("src").file(r"src\Main.rs", "x").file("Secret.key", "x");
        let (status, executor, err) = run(&here.at, &["executor"], "");
        assert_eq!(status, Some(0), "{err}");
        here.file("executor.json", &executor);
        let entries = json!([
            {"path": ":workspace_roots", "access": "write"},
            {"path": uri(&here.at("Secret.key")), "access": "deny"},
        ]);
        let file_system = json!({"type": "restricted", "entries": entries});
        let intent =
            json!({"permissions": {"type": "managed", "network": "restricted", "file_system": file_system}});
        let (status, policy, err) =
            run(&here.at, &["bind", "--executor", "executor.json", "-"], &intent.to_string());
        assert_eq!(status, Some(0), "{err}");
        here.file("policy.json", &policy);

        let asked = [
            (here.at(r"src\Main.rs"), "write", "allow"),
            (here.at("src/Main.rs"), "write", "allow"),
            (here.at(r"src\new file"), "write", "allow"),
            (here.at(r".GIT\config"), "write", "deny"),
            (here.at("SECRET.KEY"), "read", "deny"),
            (here.at("Secret.key. "), "read", "deny"),
            (format!(r"\\?\{}", here.at("Secret.key")), "read", "deny"),
            (here.at("Secret.key::$DATA"), "read", "deny"),
            (here.at(r"..\other"), "read", "deny"),
            (r"\Windows".to_owned(), "read", "deny"),
            ("C:Secret.key".to_owned(), "read", "deny"),
        ];
        let lines: Vec<String> = asked
            .iter()
            .map(|(path, access, _)| json!({"path": path, "access": access}).to_string())
            .collect();
        let (status, out, err) = run(&here.at, &["decide", "--policy", "policy.json"], &lines.join("\r\n"));
        assert_eq!(status, Some(0), "{err}");
        let answers: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(answers.len(), asked.len());
        for ((path, access, wanted), answer) in asked.iter().zip(answers) {
            assert_eq!(answer["decision"], *wanted, "{path} {access}: {answer}");
        }
        let (status, out, err) =
            run(&here.at, &["explain", "--policy", "policy.json", &here.at(r"src\MAIN.rs"), "write"], "");
        assert!(status.is_some_and(|status| status < 2), "{err}");
        assert!(out.contains("workspace_roots"), "{out}");
    }
}
