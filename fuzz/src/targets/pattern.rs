//! The front end of patterns, and matching against the naive matcher. The first byte chooses the system; the first
//! line is the tail, and every other line a path below the root that the pattern hangs on.

use super::check;
use super::naive::Naive;
use bindery::{Access, Answer, Binder, Binding, BoundPolicy, Executor, Input, Os};
use serde_json::json;
use std::sync::LazyLock;

struct Machine {
    os: Os,
    root: &'static str,
    separator: &'static str,
    /// Where every spelling is a name of its own.
    known: Executor,
    /// Where nothing is known of that.
    unknown: Executor,
}

static MACHINES: LazyLock<[Machine; 3]> = LazyLock::new(|| {
    Os::ALL.map(|os| {
        let (top, root, separator) =
            if os == Os::Windows { ("C:\\", "C:\\w", "\\") } else { ("/", "/w", "/") };
        let facts = |volumes| {
            check::executor(&json!({
                "schema": "bindery.executor/1", "id": "fuzz", "os": os.as_str(),
                "workspace_roots": [{"id": "w", "path": root}], "volumes": volumes,
            }))
        };
        let known = facts(json!([{"path": top, "case": "sensitive", "normalization": "preserving"}]));
        Machine { os, root, separator, known, unknown: facts(json!([])) }
    })
});

/// The longest matching that the naive matcher is asked to do: it is exponential.
const MAX_TAIL: usize = 64;
const MAX_PATH: usize = 64;

pub(crate) fn pattern(data: &[u8]) {
    let Some((first, text)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let Some(machine) = MACHINES.get(usize::from(first % 3)) else { return };
    let mut lines = text.split('\n');
    let tail = lines.next().unwrap_or_default();
    let glob = json!({"glob": format!(":workspace_roots/{tail}")});
    let intent = check::intent(&[(json!(":root"), "read"), (glob.clone(), "deny")]);
    let known = read(&machine.known, &intent);
    let unknown = read(&machine.unknown, &intent);
    assert_eq!(known.is_some(), unknown.is_some(), "what a volume keeps apart makes no pattern of {tail:?}");
    // In a grant, what is accepted is a place, never a pattern.
    if let Some(policy) = read(&machine.known, &check::intent(&[(glob, "read")])) {
        assert!(policy.deny_patterns().is_empty() && policy.rules().len() == 1, "{tail:?}");
    }
    let (Some(known), Some(unknown)) = (known, unknown) else { return };
    assert!(!known.deny_patterns().is_empty(), "{tail:?} is bound to nothing");
    let naive = (tail.len() <= MAX_TAIL).then(|| Naive::read(tail, machine.os == Os::Windows));
    for path in lines.filter(|path| path.len() <= MAX_PATH).take(8) {
        ask(machine, tail, path, naive.as_ref(), [&known, &unknown]);
    }
}

fn read(executor: &Executor, intent: &[u8]) -> Option<BoundPolicy> {
    match Binder::new(executor).bind_json(intent) {
        Ok(Binding::Restricted(policy)) => {
            check::policy(&policy);
            Some(policy)
        }
        Ok(other) => panic!("a restricted profile is {}", other.outcome()),
        Err(refusals) => {
            check::refused(&refusals, &[Input::Intent]);
            None
        }
    }
}

fn ask(
    machine: &Machine,
    tail: &str,
    path: &str,
    naive: Option<&Option<Naive>>,
    policies: [&BoundPolicy; 2],
) {
    let windows = machine.os == Os::Windows;
    let separators: &[char] = if windows { &['/', '\\'] } else { &['/'] };
    let names: Vec<&str> = path.split(separators).filter(|name| !name.is_empty()).collect();
    let asked = std::iter::once(machine.root).chain(names.iter().copied()).collect::<Vec<_>>();
    let asked = asked.join(machine.separator);
    let [known, unknown] = policies.map(|policy| check::answers(policy, asked.as_bytes()));
    let [read, _, tree, _] = known;
    let [doubted, _, doubted_tree, _] = unknown;
    assert!(
        read == Answer::Allow || doubted == Answer::Deny,
        "{tail:?}: less is denied of {asked:?} on doubt"
    );
    assert!(tree == Answer::Allow || doubted_tree != Answer::Allow, "{tail:?}: the tree {asked:?} on doubt");
    let [policy, _] = policies;
    let decision = policy.decide(&asked, Access::Read);
    // What Windows reads otherwise than it is written, and what names no file, is for other targets.
    let plain = |name: &&str| !name.contains(['~', ':', '\0']) && !name.ends_with(['.', ' ']);
    if decision.query_fault().is_some() || (windows && !names.iter().chain([&tail]).all(plain)) {
        return;
    }
    let Some(naive) = naive else { return };
    let Some(naive) = naive else { return };
    let denied = naive.denies(&names);
    assert_eq!(read == Answer::Deny, denied, "{tail:?} and {names:?}: {}", decision.to_json());
    if denied {
        assert_eq!(decision.rule().id(), "D-3");
        // Whoever holds the tree of a directory above it is told.
        let above = policy.decide(machine.root, Access::ReadTree);
        assert_ne!(above.answer(), Answer::Allow, "{tail:?} and {names:?}");
    }
}
