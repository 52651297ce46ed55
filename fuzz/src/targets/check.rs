//! What holds for every refusal, every policy and every answer.

use bindery::{
    Access, Answer, Binder, Binding, BoundPolicy, Code, Executor, FileUri, FsView, Input, NativePath, Os,
    PlanOp, Refusals,
};
use serde_json::{Value, json};

/// The longest value that an error repeats, with what is cut off it marked.
const MAX_VALUE: usize = 300;

/// A list of refusals says what is wrong, where, and what to do.
pub(crate) fn refused(refusals: &Refusals, inputs: &[Input]) {
    assert!(!refusals.as_slice().is_empty(), "a refusal without a reason");
    for refusal in refusals {
        assert!(inputs.contains(&refusal.input()), "{refusal} is about another document");
        assert_eq!(Code::from_word(refusal.code().as_str()), Some(refusal.code()));
        assert_eq!(refusal.code().rule(), refusal.rule());
        assert!(!refusal.message().is_empty() && !refusal.help().is_empty(), "{refusal}");
        assert!(refusal.value().len() <= MAX_VALUE, "{refusal} repeats too much");
        assert!(refusal.pointer().is_empty() || refusal.pointer().starts_with('/'), "{refusal}");
    }
    let printed: Value = serde_json::from_str(&refusals.to_json()).expect("refusals print as JSON");
    assert_eq!(printed["outcome"], "refused");
    assert_eq!(printed["errors"].as_array().map(Vec::len), Some(refusals.as_slice().len()));
}

/// A path of a policy is absolute and normal: reading its text gives the path itself.
pub(crate) fn normal(os: Os, path: &NativePath) {
    assert_eq!(path.os(), os);
    assert_eq!(NativePath::parse(os, path.as_str()).as_ref(), Ok(path), "{path} is not normal");
}

/// What every bound policy keeps: its paths are normal, it reads back to itself, and its lists say what its decisions
/// say.
pub(crate) fn policy(policy: &BoundPolicy) {
    let os = policy.os();
    let text = policy.to_json();
    match BoundPolicy::from_json(text.as_bytes()) {
        Ok(back) => {
            assert_eq!(back.digest(), policy.digest());
            assert_eq!(back.to_json(), text);
        }
        Err(refusals) => panic!("a printed policy does not read back: {refusals}\n{text}"),
    }
    for rule in policy.rules() {
        let place = rule.place();
        [place.path(), place.resolved()].into_iter().chain(place.links()).for_each(|path| normal(os, path));
        answers(policy, place.path().as_str().as_bytes());
    }
    for step in policy.plan() {
        normal(os, step.place().path());
        assert_eq!(step.tail().is_some(), step.op() == PlanOp::DenyPattern, "{text}");
    }
    for place in policy.denied() {
        let read = policy.decide(place.path().as_str(), Access::Read);
        assert!(!read.is_allowed(), "{} is listed as denied, {}\n{text}", place.path(), read.to_json());
    }
    if policy.full_write() {
        assert!(policy.full_read(), "{text}");
    }
}

/// The answers to the four questions about one path, which must fit together.
pub(crate) fn answers(policy: &BoundPolicy, path: &[u8]) -> [Answer; 4] {
    let shown = || path.escape_ascii().to_string();
    let all = Access::ALL.map(|access| {
        let decision = policy.decide(path, access);
        assert!(!decision.reason().is_empty() && !decision.explain().is_empty());
        assert_eq!(decision.is_allowed(), decision.answer() == Answer::Allow);
        assert_eq!(decision.under().is_empty(), decision.answer() != Answer::Partial, "{}", shown());
        if decision.query_fault().is_some() {
            assert_eq!((decision.answer(), decision.rule().id()), (Answer::Deny, "D-6"), "{}", shown());
        }
        let said = decision.to_json();
        match policy.check_decision(said.as_bytes()) {
            Ok(again) => assert_eq!(again.to_json(), said),
            Err(refusals) => panic!("{said} does not read back: {refusals}"),
        }
        decision.answer()
    });
    let [read, write, read_tree, write_tree] = all;
    assert!(read != Answer::Partial && write != Answer::Partial, "{}", shown());
    assert!(write == Answer::Deny || read == Answer::Allow, "{} is written, not read", shown());
    assert_eq!(
        read == Answer::Deny,
        read_tree == Answer::Deny,
        "{}: read {read:?}, tree {read_tree:?}",
        shown()
    );
    assert_eq!(
        write == Answer::Deny,
        write_tree == Answer::Deny,
        "{}: write {write:?}, tree {write_tree:?}",
        shown()
    );
    assert!(write_tree != Answer::Allow || read_tree == Answer::Allow, "{}", shown());
    let judged = policy.decide(path, Access::Read).query_fault().is_none();
    assert!(!(policy.full_read() && judged) || read == Answer::Allow, "full_read, not {}", shown());
    assert!(!(policy.full_write() && judged) || write == Answer::Allow, "full_write, not {}", shown());
    all
}

/// Binds a document, by text alone or with a look at a file system, and checks what comes out.
pub(crate) fn bound(executor: &Executor, intent: &[u8], view: Option<&dyn FsView>) -> Option<BoundPolicy> {
    let binder = Binder::new(executor);
    let binder = view.map_or(binder, |view| binder.observe(view));
    match (binder.bind_json(intent), binder.bind_json(intent)) {
        (Ok(one), Ok(two)) => {
            assert_eq!(one.to_json(), two.to_json(), "binding twice gives two results");
            if let Binding::Restricted(policy) = &one {
                self::policy(policy);
            }
            one.policy().cloned()
        }
        (Err(one), Err(two)) => {
            assert_eq!(one, two, "binding twice gives two results");
            refused(&one, &[Input::Intent, Input::Executor]);
            None
        }
        (Ok(_), Err(refusals)) | (Err(refusals), Ok(_)) => panic!("bound once, refused once: {refusals}"),
    }
}

/// An intent with these entries, each a path (or pattern) and an access.
pub(crate) fn intent(entries: &[(Value, &str)]) -> Vec<u8> {
    let entries: Vec<Value> =
        entries.iter().map(|(path, access)| json!({"path": path, "access": access})).collect();
    let document = json!({"permissions": {
        "type": "managed",
        "file_system": {"type": "restricted", "entries": entries},
        "network": "restricted",
    }});
    document.to_string().into_bytes()
}

/// The URI of a native path, if it has one.
pub(crate) fn uri_of(path: &NativePath) -> Option<FileUri> {
    use bindery::RootKind;
    match path.kind() {
        RootKind::Posix => FileUri::from_parts(None, None, path.segments()).ok(),
        RootKind::Drive => FileUri::from_parts(None, path.root_text().chars().next(), path.segments()).ok(),
        RootKind::Unc => {
            let share = path.root_text().split('\\').nth(3)?;
            FileUri::from_parts(path.unc_host(), None, std::iter::once(share).chain(path.segments())).ok()
        }
        RootKind::Namespace => None,
    }
}

/// A document of facts, written by hand where it is used.
pub(crate) fn executor(facts: &Value) -> Executor {
    match Executor::from_json(facts.to_string().as_bytes()) {
        Ok(executor) => executor,
        Err(refusals) => panic!("facts of a fuzz target: {refusals}"),
    }
}

/// A policy that must come out.
pub(crate) fn fixed(facts: &Value, entries: &[(Value, &str)]) -> BoundPolicy {
    let executor = executor(facts);
    match bound(&executor, &intent(entries), None) {
        Some(policy) => policy,
        None => panic!("the fixed policy of a fuzz target is refused on {facts}"),
    }
}
