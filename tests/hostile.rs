//! Whatever bytes come in, there is an answer or a refusal, never a panic and never a hang.

use bindery::{Access, Binder, BoundPolicy, Executor, Intent, Os, RecordedFs};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngSeed};
use std::sync::LazyLock;

const ACCESSES: [Access; 4] = [Access::Read, Access::Write, Access::ReadTree, Access::WriteTree];

/// Real requests, real facts, and documents that use every form.
const DOCUMENTS: &[&str] = &[
    include_str!("../fixtures/real/workspace_write.json"),
    include_str!("../fixtures/real/workspace_write_extra_root.json"),
    include_str!("../fixtures/real/linux_orchestrator_windows_executor.json"),
    include_str!("../fixtures/real/danger_full_access.json"),
    include_str!("../fixtures/real/read_only.json"),
    include_str!("../fixtures/real/initialize_response_linux.json"),
    include_str!("../fixtures/executors/linux.json"),
    include_str!("../fixtures/executors/macos.json"),
    include_str!("../fixtures/executors/windows.json"),
    include_str!("../fixtures/executors/windows_unknown_volumes.json"),
    r#"{"permissions":{"type":"managed","file_system":{"type":"restricted","entries":[
        {"path":":workspace_roots/.git","access":"write"},{"path":"file:///srv/%5Bx%5D","access":"read"},
        {"path":{"glob":"~/**/{a,[b-d]*}/?.env"},"access":"deny"},
        {"path":{"type":"special","value":{"kind":"project_roots","subpath":"a/b"}},"access":"none"}
        ],"glob_scan_max_depth":3},"network":"enabled"},"cwd":"file:///srv/agent/ws",
        "policyContext":{"cwd":"file:///srv/agent/ws","workspaceRoots":[]}}"#,
];

/// What breaks careless readers, to be put anywhere.
const SPLINTERS: &[&str] = &[
    "",
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "-1",
    "1e999",
    "9007199254740993",
    "\u{0}",
    "%00",
    "%2F",
    "%",
    "..",
    "~",
    "**",
    "{a,{b,{c,{d,{e",
    "[z-a]",
    "\\u0000",
    "\\ud800",
    "\u{feff}",
    "file://",
    "\\\\?\\",
    "\\\\.\\COM1",
    "C:",
    "é",
    "\u{301}",
    ":root",
    ":workspace_roots/",
    "true",
    "[[[[[[[[",
    "{\"a\":{\"a\":{\"a\":",
];

/// As in `tests/laws.rs`.
fn config() -> Config {
    let environment = |wanted| std::env::vars().find(|(name, _)| name == wanted).map(|(_, value)| value);
    let times: u32 = environment("BINDERY_TIMES").map_or(1, |times| times.parse().unwrap_or(1));
    let rng_seed = environment("BINDERY_SEED").map_or(RngSeed::Fixed(33), |_| RngSeed::Random);
    Config { cases: 200 * times, rng_seed, failure_persistence: None, ..Config::default() }
}

static EXECUTORS: LazyLock<Vec<Executor>> =
    LazyLock::new(|| DOCUMENTS.iter().filter_map(|text| Executor::from_json(text.as_bytes()).ok()).collect());

/// Every document bound on every executor, where that comes to a policy.
static POLICIES: LazyLock<Vec<BoundPolicy>> = LazyLock::new(|| {
    let mut policies = Vec::new();
    for executor in EXECUTORS.iter() {
        for document in DOCUMENTS {
            let binding = Binder::new(executor).bind_json(document.as_bytes()).ok();
            policies.extend(binding.and_then(|binding| binding.policy().cloned()));
        }
    }
    policies
});

/// Hands the bytes to every way in.
fn try_everything(bytes: &[u8], executors: &[Executor]) {
    let _ = Intent::from_json(bytes);
    let _ = Intent::from_codex_exec_params(bytes);
    let _ = Executor::from_codex_environment_info("hostile", bytes);
    let _ = BoundPolicy::from_json(bytes);
    let own = Executor::from_json(bytes).ok();
    for executor in executors.iter().chain(&own) {
        match Binder::new(executor).bind_json(bytes) {
            Err(refusals) => assert!(!refusals.as_slice().is_empty() && !refusals.to_string().is_empty()),
            Ok(binding) => {
                let text = binding.to_json();
                if let Some(policy) = binding.policy() {
                    let back = BoundPolicy::from_json(text.as_bytes()).map(|policy| policy.to_json());
                    assert_eq!(back.as_ref(), Ok(&policy.to_json()));
                    ask(policy, bytes);
                }
            }
        }
    }
}

fn ask(policy: &BoundPolicy, path: &[u8]) {
    for access in ACCESSES {
        let decision = policy.decide(path, access);
        assert!(
            !decision.reason().is_empty() && !decision.explain().is_empty() && !decision.to_json().is_empty()
        );
        let _ = policy.decide_json(path);
    }
}

/// A document with pieces cut out, doubled, replaced or put in.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let edit = (any::<Index>(), any::<Index>(), select(SPLINTERS.to_vec()), 0_u8..5);
    (select(DOCUMENTS.to_vec()), prop::collection::vec(edit, 1..6)).prop_map(|(text, edits)| {
        let mut bytes = text.as_bytes().to_vec();
        for (from, length, splinter, how) in edits {
            let from = from.index(bytes.len() + 1);
            let to = (from + length.index(40)).min(bytes.len());
            let cut: Vec<u8> = match how {
                0 => Vec::new(),
                1 => bytes.get(from..to).unwrap_or_default().repeat(2),
                2 => splinter.bytes().collect(),
                3 => bytes.get(from..to).unwrap_or_default().iter().map(|byte| byte ^ 0x20).collect(),
                _ => {
                    splinter.bytes().chain(bytes.get(from..to).unwrap_or_default().iter().copied()).collect()
                }
            };
            bytes.splice(from..to, cut);
        }
        bytes
    })
}

/// A valid document with one string in it replaced, so that what is inside the strings is reached.
fn restrung() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![3 => select(SPLINTERS.to_vec()).prop_map(str::to_owned), 1 => "\\PC{0,8}"];
    let text = prop::collection::vec(piece, 1..5).prop_map(|pieces| pieces.concat());
    let prefix = select(vec![
        "",
        "file:///",
        ":workspace_roots/",
        "/",
        "C:\\",
        "\\\\nas\\s\\",
        "codex-project-roots://",
    ]);
    (select(DOCUMENTS.to_vec()), any::<Index>(), prefix, text).prop_map(|(document, at, prefix, text)| {
        let mut tree: serde_json::Value = serde_json::from_str(document).unwrap_or_default();
        let count = strings(&mut tree, usize::MAX, "");
        strings(&mut tree, at.index(count.max(1)), &format!("{prefix}{text}"));
        tree.to_string().into_bytes()
    })
}

/// Replaces the n-th string; says how many there are.
fn strings(tree: &mut serde_json::Value, number: usize, text: &str) -> usize {
    fn walk(tree: &mut serde_json::Value, seen: &mut usize, number: usize, text: &str) {
        match tree {
            serde_json::Value::String(found) => {
                if *seen == number {
                    text.clone_into(found);
                }
                *seen += 1;
            }
            serde_json::Value::Array(list) => list.iter_mut().for_each(|item| walk(item, seen, number, text)),
            serde_json::Value::Object(fields) => {
                fields.iter_mut().for_each(|(_, item)| walk(item, seen, number, text));
            }
            serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {}
        }
    }
    let mut seen = 0;
    walk(tree, &mut seen, number, text);
    seen
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn arbitrary_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        try_everything(&bytes, &EXECUTORS);
    }

    #[test]
    fn mutated_documents_are_answered(bytes in mutated()) {
        try_everything(&bytes, &EXECUTORS);
    }

    #[test]
    fn documents_with_a_hostile_text_are_answered(bytes in restrung()) {
        try_everything(&bytes, &EXECUTORS);
    }

    #[test]
    fn arbitrary_paths_are_decided(
        pieces in prop::collection::vec(
            prop_oneof![
                select(SPLINTERS.to_vec()).prop_map(|text| text.as_bytes().to_vec()),
                select(vec!["/", "\\", "C:\\", "/srv/agent/ws", "D:\\exec\\ws", "/proc/self/root", "\\\\?\\UNC\\"])
                    .prop_map(|text| text.as_bytes().to_vec()),
                prop::collection::vec(any::<u8>(), 0..12),
            ],
            0..8,
        ),
    ) {
        let path = pieces.concat();
        for policy in POLICIES.iter() {
            ask(policy, &path);
        }
    }

    /// A bound policy with a piece changed is refused or, where the change says nothing, reads as itself.
    #[test]
    fn mutated_policies_are_answered(from in any::<Index>(), splinter in select(SPLINTERS.to_vec()), cut in 0_usize..30) {
        for policy in POLICIES.iter() {
            let mut bytes = policy.to_json().into_bytes();
            let from = from.index(bytes.len());
            let to = (from + cut).min(bytes.len());
            bytes.splice(from..to, splinter.bytes());
            if let Ok(back) = BoundPolicy::from_json(&bytes) {
                prop_assert_eq!(back.digest(), policy.digest());
            }
        }
    }
}

#[test]
fn there_is_something_to_be_hostile_to() {
    assert!(EXECUTORS.len() >= 4, "{} executors", EXECUTORS.len());
    assert!(POLICIES.len() >= 6, "{} policies", POLICIES.len());
}

/// A path through thousands of mirrors, where everything is allowed, takes no stack for each of them.
#[test]
fn a_path_through_thousands_of_mirrors_is_answered() -> Result<(), Box<dyn std::error::Error>> {
    let intent = r#"{"permissions":{"type":"managed","network":"restricted","file_system":{"type":"restricted","entries":[{"path":":root","access":"write"}]}}}"#;
    let executor = Executor::from_json(br#"{"id":"h","os":"linux"}"#)?;
    let binding = Binder::new(&executor).bind_json(intent.as_bytes())?;
    let policy = binding.policy().ok_or("no policy")?;
    let fs = RecordedFs::builder(Os::Linux).complete().dir("/w").dir("/proc/1").build()?;
    for mirrors in [0, 1, 7000] {
        let path = format!("{}/w", "/proc/1/root".repeat(mirrors));
        let decision = policy.decide_observed(path.as_str(), Access::Write, &fs);
        assert_eq!((decision.is_allowed(), decision.query_fault()), (true, None), "{mirrors}");
    }
    Ok(())
}
