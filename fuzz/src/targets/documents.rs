//! Documents as bytes: intents and executor facts.

use super::check;
use bindery::{BoundPolicy, Executor, Input, Intent};
use std::sync::LazyLock;

/// Machines of every system, with and without facts.
pub(crate) static EXECUTORS: LazyLock<Vec<Executor>> = LazyLock::new(|| {
    [
        include_str!("../../../fixtures/executors/linux.json"),
        include_str!("../../../fixtures/executors/linux_bare.json"),
        include_str!("../../../fixtures/executors/macos.json"),
        include_str!("../../../fixtures/executors/windows.json"),
        include_str!("../../../fixtures/executors/windows_unknown_volumes.json"),
    ]
    .into_iter()
    .map(|text| match Executor::from_json(text.as_bytes()) {
        Ok(executor) => executor,
        Err(refusals) => panic!("an executor of the fixtures: {refusals}"),
    })
    .collect()
});

/// Requests of every kind.
pub(crate) const INTENTS: [&str; 6] = [
    include_str!("../../../fixtures/real/workspace_write.json"),
    include_str!("../../../fixtures/real/workspace_write_extra_root.json"),
    include_str!("../../../fixtures/real/linux_orchestrator_windows_executor.json"),
    include_str!("../../../fixtures/real/danger_full_access.json"),
    include_str!("../../../fixtures/real/read_only.json"),
    r#"{"permissions":{"type":"managed","network":"enabled","file_system":{"type":"restricted","entries":[
        {"path":":root","access":"read"},{"path":":tmpdir","access":"write"},{"path":":home/.ssh","access":"deny"},
        {"path":":cwd/out","access":"write","missing_path_behavior":"skip"},{"path":":minimal","access":"read"},
        {"path":{"glob":"~/**/*.pem"},"access":"deny"},{"path":{"glob":":workspace_roots/**/.env"},"access":"deny"}
    ]}}}"#,
];

pub(crate) fn intent(data: &[u8]) {
    let params = Intent::from_codex_exec_params(data);
    match Intent::from_json(data) {
        Ok(intent) => {
            let text = intent.to_json();
            match Intent::from_json(&text) {
                Ok(back) => {
                    assert!(back.same_meaning(&intent), "{text}");
                    assert_eq!(back.to_json(), text);
                }
                Err(refusals) => panic!("a written intent does not read back: {refusals}\n{text}"),
            }
            for executor in EXECUTORS.iter() {
                let bound = check::bound(executor, data, None);
                let written = check::bound(executor, text.as_bytes(), None);
                let digest = |policy: Option<BoundPolicy>| policy.map(|policy| policy.digest().to_owned());
                assert_eq!(digest(bound), digest(written), "{text}");
            }
        }
        Err(refusals) => {
            check::refused(&refusals, &[Input::Intent]);
            assert!(params.is_err(), "the params are read, the same document is not: {refusals}");
            // What is wrong with the text is told together with what is wrong with its meaning.
            for executor in EXECUTORS.iter() {
                assert!(check::bound(executor, data, None).is_none());
            }
        }
    }
    if let Err(refusals) = params {
        check::refused(&refusals, &[Input::Intent]);
    }
}

pub(crate) fn executor(data: &[u8]) {
    for read in [Executor::from_json(data), Executor::from_codex_environment_info("fuzz", data)] {
        match read {
            Err(refusals) => check::refused(&refusals, &[Input::Executor]),
            Ok(executor) => {
                let text = executor.to_json();
                match Executor::from_json(text.as_bytes()) {
                    Ok(back) => assert_eq!(back.to_json(), text),
                    Err(refusals) => panic!("written facts do not read back: {refusals}\n{text}"),
                }
                for root in executor.workspace_roots().into_iter().flatten() {
                    check::normal(executor.os(), root.path());
                }
                for intent in INTENTS {
                    check::bound(&executor, intent.as_bytes(), None);
                }
            }
        }
    }
}
