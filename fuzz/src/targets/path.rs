//! The grammar of paths, strictly (`NativePath`) and leniently (questions to a policy), for each system.

use super::check;
use bindery::{
    Access, Answer, Binder, Binding, BoundPolicy, Code, Executor, FileUri, Input, NativePath, Os, RootKind,
    Volumes,
};
use serde_json::{Value, json};
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization as _;

pub(crate) fn posix(data: &[u8]) {
    path(Os::Linux, data);
}

pub(crate) fn macos(data: &[u8]) {
    path(Os::Macos, data);
}

pub(crate) fn windows(data: &[u8]) {
    path(Os::Windows, data);
}

/// What is asked about every path of one system.
struct Asked {
    os: Os,
    bare: Executor,
    /// Reads everything but what it denies, where nothing is known of the volumes: what is denied stays denied under
    /// every spelling.
    closed: BoundPolicy,
    /// Writable places, denials and reopened places, where something is known.
    rich: BoundPolicy,
    nothing_known: Volumes,
}

static ASKED: LazyLock<[Asked; 3]> = LazyLock::new(|| {
    Os::ALL.map(|os| {
        let (uri, native, separator) =
            if os == Os::Windows { ("file:///C:/", "C:\\", "\\") } else { ("file:///", "/", "/") };
        let place = |text: &str| json!(format!("{uri}{text}"));
        let facts = |more: Value| {
            let mut facts = json!({
                "schema": "bindery.executor/1", "id": "fuzz", "os": os.as_str(),
                "workspace_roots": [{"id": "w", "path": format!("{native}w")}],
            });
            if let (Some(facts), Some(more)) = (facts.as_object_mut(), more.as_object()) {
                facts.extend(more.clone());
            }
            facts
        };
        let closed = check::fixed(
            &facts(json!({})),
            &[
                (json!(":root"), "read"),
                (place("secret"), "deny"),
                (place("w/caf%C3%A9"), "deny"),
                (json!({"glob": ":workspace_roots/**/.env"}), "deny"),
                (json!({"glob": ":workspace_roots/key?/*.pem"}), "deny"),
            ],
        );
        let alias = json!({"from": format!("{native}mnt"), "to": format!("{native}w{separator}data")});
        let volume = |path: &str, case| json!({"path": format!("{native}{path}"), "case": case, "normalization": "unknown"});
        let rich = check::fixed(
            &facts(json!({
                "aliases": [alias],
                "volumes": [volume("", "insensitive"), volume("w", "sensitive")],
                "protected_names": {"version": 1, "names": [".git"], "scope": "any_depth"},
                "unc_hosts": if os == Os::Windows { json!(["nas"]) } else { json!([]) },
            })),
            &[
                (json!(":root"), "read"),
                (json!(":workspace_roots"), "write"),
                (json!(":workspace_roots/.git/hooks"), "write"),
                (json!(":workspace_roots/a"), "deny"),
                (json!(":workspace_roots/a/b"), "write"),
                (json!(":workspace_roots/a/b/c"), "read"),
                (place("mnt/x"), "deny"),
                (json!({"glob": ":workspace_roots/**/{.env,[a-c]*.key}"}), "deny"),
            ],
        );
        let bare = check::executor(&json!({"schema": "bindery.executor/1", "id": "bare", "os": os.as_str()}));
        Asked { os, bare, closed, rich, nothing_known: Volumes::new(os, Vec::new()) }
    })
});

fn path(os: Os, data: &[u8]) {
    let Some(asked) = ASKED.iter().find(|asked| asked.os == os) else { return };
    let answers = [&asked.closed, &asked.rich].map(|policy| check::answers(policy, data));
    respelled(asked, data, answers);
    if let Ok(text) = std::str::from_utf8(data) {
        match NativePath::parse(os, text) {
            Ok(path) => parsed(asked, text, &path, answers),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}

/// Where the directories are that show other places (N-7).
const MIRRORS: [&str; 5] = ["proc", "dev", ".vol", ".nofollow", ".resolve"];

fn parsed(asked: &Asked, text: &str, path: &NativePath, answers: [[Answer; 4]; 2]) {
    let os = asked.os;
    check::normal(os, path);
    assert!(path.as_str().starts_with(path.root_text()));
    assert_eq!(path.depth(), path.segments().count());
    assert_eq!(path.is_root(), path.depth() == 0);
    // It grows from its root by one name at a time, and shrinks the same way.
    let mut up = path.clone();
    for name in path.segments().rev() {
        assert!(!name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\0']));
        assert!(os != Os::Windows || !name.contains(['\\', ':']));
        assert_eq!(up.file_name(), Some(name));
        let parent = up.parent().expect("below a root there is a parent");
        assert_eq!(parent.join_segment(name).as_ref(), Ok(&up));
        assert!(parent < up, "{parent} stands behind {up}");
        let (outer, inner) = (asked.nothing_known.keys(&parent), asked.nothing_known.keys(&up));
        assert!(
            outer.exact.contains(&inner.exact)
                && outer.wide.contains(&inner.wide)
                && outer.may_contain(&inner)
        );
        assert!(!inner.exact.contains(&outer.exact));
        up = parent;
    }
    assert!(up.is_root() && up.parent().is_none() && up.file_name().is_none());
    // A question in these words is about this path.
    for (policy, before) in [&asked.closed, &asked.rich].into_iter().zip(answers) {
        let decision = policy.decide(text, Access::Read);
        match decision.query_fault() {
            None => {}
            // It leads through a directory that shows other places to each process.
            Some("mirror") => {
                let top = path.segments().next().unwrap_or_default();
                assert!(MIRRORS.iter().any(|mirror| mirror.eq_ignore_ascii_case(top)), "{path}");
            }
            Some(fault) => panic!("{text:?} is {path}, and {fault} in a question"),
        }
        assert_eq!(check::answers(policy, path.as_str().as_bytes()), before, "{text:?} and {path}");
    }
    bound(asked, path);
}

/// A grant of the path's URI is a grant of the path.
fn bound(asked: &Asked, path: &NativePath) {
    let Some(uri) = check::uri_of(path) else {
        let none = match path.kind() {
            RootKind::Namespace => true,
            RootKind::Posix => path.segments().next().is_some_and(|first| first.ends_with(':')),
            // A host such as `a.1`, which some readers of URIs take for an address.
            RootKind::Unc => {
                let share = FileUri::from_parts(path.unc_host(), None, ["share"]);
                share.is_err_and(|error| error.code() == Code::UriHost)
            }
            RootKind::Drive => false,
        };
        assert!(none, "{path} has no URI");
        return;
    };
    let with_host;
    let executor = match path.unc_host() {
        Some(host) => match Executor::builder(asked.os, "host").unc_host(host).build() {
            Ok(executor) => {
                with_host = executor;
                &with_host
            }
            Err(refusals) => panic!("the host of {path}: {refusals}"),
        },
        None => &asked.bare,
    };
    let intent = check::intent(&[(json!(uri.to_string()), "read")]);
    match Binder::new(executor).bind_json(&intent) {
        Ok(Binding::Restricted(policy)) => {
            check::policy(&policy);
            let [rule] = policy.rules() else { panic!("{uri} has not one rule") };
            assert_eq!(rule.place().path(), path, "{uri}");
            let decision = policy.decide(path.as_str(), Access::Read);
            assert!(decision.is_allowed(), "{}", decision.to_json());
            let below = path
                .join_segment("below")
                .map(|below| policy.decide(below.as_str(), Access::Read).is_allowed());
            assert_eq!(below, Ok(true), "{path}");
            if let Some(parent) = path.parent() {
                assert!(!policy.decide(parent.as_str(), Access::Read).is_allowed(), "{parent} by {uri}");
            }
        }
        Ok(other) => panic!("a restricted profile is {}", other.outcome()),
        Err(refusals) => check::refused(&refusals, &[Input::Intent]),
    }
}

/// What names the same place in other words has the same answers, and what may name a denied place is denied.
fn respelled(asked: &Asked, data: &[u8], answers: [[Answer; 4]; 2]) {
    let judged = |path: &[u8]| asked.closed.decide(path, Access::Read).query_fault().is_none();
    if !judged(data) {
        return;
    }
    let verbatim = data.starts_with(b"\\\\?\\");
    let same: Vec<Vec<u8>> = match asked.os {
        // The whole namespace has one spelling.
        Os::Windows if data == b"\\\\?\\" => return,
        Os::Windows if verbatim => vec![[data, b"\\"].concat()],
        Os::Windows => {
            let swap = |byte: &u8| match byte {
                b'/' => b'\\',
                b'\\' => b'/',
                other => *other,
            };
            vec![[data, b"\\"].concat(), [data, b"//"].concat(), data.iter().map(swap).collect()]
        }
        Os::Linux | Os::Macos => {
            let doubled = |byte: &u8| vec![*byte; 1 + usize::from(*byte == b'/')];
            vec![[data, b"/"].concat(), data.iter().flat_map(doubled).collect()]
        }
    };
    for spelling in same {
        for (policy, before) in [&asked.closed, &asked.rich].into_iter().zip(answers) {
            let now = check::answers(policy, &spelling);
            assert_eq!(now, before, "{} and {}", spelling.escape_ascii(), data.escape_ascii());
        }
    }
    let [[read, ..], _] = answers;
    if read != Answer::Deny {
        return;
    }
    let mut perhaps = vec![data.to_ascii_uppercase(), data.to_ascii_lowercase()];
    if let Ok(text) = std::str::from_utf8(data) {
        perhaps.push(text.nfc().collect::<String>().into_bytes());
        perhaps.push(text.nfd().collect::<String>().into_bytes());
    }
    if asked.os == Os::Windows && !verbatim && !data.ends_with(b"\\") && !data.ends_with(b"/") {
        for tail in [". .", " ", ":s", "::$DATA"] {
            perhaps.push([data, tail.as_bytes()].concat());
        }
    }
    // What is mounted there keeps case apart, whatever the volume around it does, and shows nothing under another spelling.
    let top = data.split(|byte| *byte == b'/').find(|name| !name.is_empty());
    if asked.os == Os::Linux && matches!(top, Some(b"proc" | b"dev")) {
        perhaps.clear();
    }
    for spelling in perhaps.iter().filter(|spelling| judged(spelling)) {
        let [now, ..] = check::answers(&asked.closed, spelling);
        assert_eq!(now, Answer::Deny, "{} is denied as {}", spelling.escape_ascii(), data.escape_ascii());
    }
    let below = [data, if asked.os == Os::Windows { b"\\x" } else { b"/x" }].concat();
    if judged(&below) {
        let [now, ..] = check::answers(&asked.closed, &below);
        assert_eq!(now, Answer::Deny, "{} is open, its directory is not", below.escape_ascii());
    }
}
