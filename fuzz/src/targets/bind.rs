//! Binding: every entry ends somewhere, the order of what is listed changes nothing, and what is printed says it all.

use super::check;
use super::input::{self, Input, World};
use bindery::{
    Access, Answer, Binder, BoundPolicy, Executor, FsView, NativePath, Observation, RecordedFs, Recorder, Via,
};
use serde_json::{Value, json};

/// Bytes that begin like a document are one (`executor`, `intent`, `recording`, `asked`); any others are choices.
pub(crate) fn bind(data: &[u8]) {
    let (world, recording) = if data.first() == Some(&b'{') {
        let Ok(document) = serde_json::from_slice::<Value>(data) else { return };
        let recording = document.get("recording").map(Value::to_string);
        // A file system is read whether or not there is something to bind.
        let view = recording.as_deref().and_then(view);
        match written(&document) {
            Some(world) => (world, view),
            None => return,
        }
    } else {
        let mut input = Input(data);
        let world = input::world(&mut input);
        let recording = input.is(2).then(|| input::recording(&mut input, world.os).to_string());
        (world, recording.as_deref().and_then(view))
    };
    let Ok(executor) = Executor::from_json(world.facts.to_string().as_bytes()) else { return };
    let lexical = in_any_order(&world, &executor, None);
    if let Some(view) = &recording {
        let observed = in_any_order(&world, &executor, Some(view));
        if let Some(policy) = &observed {
            by_sight(&world, &executor, policy, view);
        }
        if is_an_empty_machine(view) {
            // Nothing that is seen changes what the text says.
            assert_eq!(lexical.is_some(), observed.is_some(), "{}", world.intent);
            for (one, two) in lexical.iter().zip(&observed) {
                for path in &world.asked {
                    assert_eq!(answers(one, path), answers(two, path), "{path} on an empty machine");
                }
            }
        }
    }
}

/// Is nothing there, and nothing told of how names are compared?
fn is_an_empty_machine(view: &RecordedFs) -> bool {
    let document: Value = serde_json::from_str(&view.to_json()).unwrap_or_default();
    let no_volumes = document["volumes"].as_array().is_none_or(Vec::is_empty);
    view.is_empty() && no_volumes && view.look(&NativePath::root(view.os())) != Observation::Unreadable
}

fn view(document: &str) -> Option<RecordedFs> {
    match RecordedFs::from_json(document.as_bytes()) {
        Ok(view) => {
            let text = view.to_json();
            match RecordedFs::from_json(text.as_bytes()) {
                Ok(back) => assert_eq!(back, view, "{text}"),
                Err(refusals) => panic!("a written recording does not read back: {refusals}\n{text}"),
            }
            Some(view)
        }
        Err(refusals) => {
            check::refused(&refusals, &[bindery::Input::Recording]);
            None
        }
    }
}

/// Binds, also with everything listed the other way round, and compares.
fn in_any_order(world: &World, executor: &Executor, view: Option<&RecordedFs>) -> Option<BoundPolicy> {
    let view = view.map(|view| -> &dyn FsView { view });
    let intent = world.intent.to_string();
    let bound = check::bound(executor, intent.as_bytes(), view);
    let turned = reversed(world);
    let again = turned.as_ref().map(|(facts, intent)| check::bound(facts, intent.as_bytes(), view));
    let Some(policy) = bound else {
        assert!(again.is_none_or(|again| again.is_none()), "refused, and bound in another order: {intent}");
        return None;
    };
    assert_eq!(policy.is_observed(), view.is_some());
    every_entry_is_audited(world, &policy);
    places_are_what_they_say(&policy);
    if let Some(again) = again {
        let Some(again) = again else { panic!("bound, and refused in another order: {intent}") };
        assert_eq!(again.digest(), policy.digest(), "the order is in the digest: {intent}");
        for path in &world.asked {
            assert_eq!(answers(&policy, path), answers(&again, path), "{path}: the order changes the answer");
        }
    }
    Some(policy)
}

/// What holds of a policy that was bound with a look at a file system.
fn by_sight(world: &World, executor: &Executor, policy: &BoundPolicy, view: &RecordedFs) {
    assert!(policy.verify(view).is_ok(), "changed right after binding: {}", world.intent);
    // What was asked is all that is needed to bind again.
    let recorder = Recorder::new(view);
    let intent = world.intent.to_string();
    let again_by_it = Binder::new(executor).observe(&recorder).bind_json(intent.as_bytes());
    let replay = recorder.finish();
    let replayed = Binder::new(executor).observe(&replay).bind_json(intent.as_bytes());
    for again in [again_by_it, replayed] {
        let text = again.ok().and_then(|binding| binding.policy().map(BoundPolicy::to_json));
        assert_eq!(text.as_ref(), Some(&policy.to_json()), "a replay binds to something else");
    }
    for path in &world.asked {
        for access in Access::ALL {
            let (lexical, seen) = (policy.decide(path, access), policy.decide_observed(path, access, view));
            assert!(
                measure(seen.answer()) <= measure(lexical.answer()),
                "{path}: {}, and by sight {}",
                lexical.to_json(),
                seen.to_json()
            );
        }
    }
}

/// More is more access.
fn measure(answer: Answer) -> u8 {
    match answer {
        Answer::Deny => 0,
        Answer::Partial => 1,
        Answer::Allow => 2,
    }
}

fn written(document: &Value) -> Option<World> {
    let facts = document.get("executor")?.clone();
    let os = bindery::Os::from_word(facts.get("os")?.as_str()?)?;
    let asked = document.get("asked").and_then(Value::as_array).into_iter().flatten();
    let asked = asked.filter_map(Value::as_str).take(16).map(str::to_owned).collect();
    Some(World { os, facts, intent: document.get("intent")?.clone(), asked })
}

fn answers(policy: &BoundPolicy, path: &str) -> [Answer; 4] {
    check::answers(policy, path.as_bytes())
}

fn entries(intent: &mut Value) -> Option<(String, &mut Vec<Value>)> {
    let prefix = ["/params/sandbox", "/sandbox", ""]
        .into_iter()
        .find(|prefix| intent.pointer(&format!("{prefix}/permissions/file_system/entries")).is_some())?;
    let pointer = format!("{prefix}/permissions/file_system/entries");
    let list = intent.pointer_mut(&pointer)?.as_array_mut()?;
    Some((pointer, list))
}

/// G-2: the audit has every entry.
fn every_entry_is_audited(world: &World, policy: &BoundPolicy) {
    let mut intent = world.intent.clone();
    let Some((pointer, list)) = entries(&mut intent) else { return };
    for number in 0..list.len() {
        let entry = format!("{pointer}/{number}");
        assert!(policy.audit().iter().any(|record| record.pointer() == entry), "{entry} is not audited");
    }
    for record in policy.audit() {
        assert!(record.pointer().starts_with(&pointer), "the audit has {}", record.pointer());
        let line: Value = serde_json::from_str(&record.to_json_line()).unwrap_or_default();
        assert_eq!(line["entry"], json!(record.pointer()));
    }
}

/// The entries, and what the executor lists, the other way round.
fn reversed(world: &World) -> Option<(Executor, String)> {
    let (mut facts, mut intent) = (world.facts.clone(), world.intent.clone());
    entries(&mut intent)?.1.reverse();
    for list in ["temp_dirs", "volumes", "platform_defaults", "aliases", "workspace_roots"] {
        if let Some(list) = facts.get_mut(list).and_then(Value::as_array_mut) {
            list.reverse();
        }
    }
    // Facts that contradict each other may be told in another order.
    let executor = Executor::from_json(facts.to_string().as_bytes()).ok()?;
    Some((executor, intent.to_string()))
}

/// What the lists say of places, decisions say, too.
fn places_are_what_they_say(policy: &BoundPolicy) {
    for root in policy.writable_roots() {
        let path = root.place().path();
        let write = policy.decide(path.as_str(), Access::Write);
        // A pattern may deny the root itself; and where it is not known what a volume keeps apart, a decision may be
        // stricter than a list of spellings can say (G-6).
        let taken_away = write.rule().id() == "D-3" || write.via() == Via::Wide;
        assert!(write.is_allowed() || taken_away, "{path} is a writable root: {}", write.to_json());
        for name in root.protected_names() {
            let Ok(protected) = path.join_segment(name) else { continue };
            let write = policy.decide(protected.as_str(), Access::Write);
            assert!(!write.is_allowed(), "{protected} is listed as protected: {}", write.to_json());
        }
        for denied in root.denied() {
            let read = policy.decide(denied.path().as_str(), Access::Read);
            assert!(!read.is_allowed(), "{} is a denied place of {path}: {}", denied.path(), read.to_json());
        }
        for place in root.read_only() {
            let write = policy.decide(place.path().as_str(), Access::Write);
            assert!(!write.is_allowed(), "{} is read-only in {path}: {}", place.path(), write.to_json());
        }
    }
    for rule in policy.rules() {
        let below: Option<NativePath> = rule.place().path().join_segment("below").ok();
        if let Some(below) = below {
            check::answers(policy, below.as_str().as_bytes());
        }
    }
}
