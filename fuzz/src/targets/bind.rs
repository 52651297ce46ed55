//! Binding: every entry ends somewhere, the order of what is listed changes nothing, and what is printed says it all.

use super::check;
use super::input::{self, Input, World};
use bindery::{Access, Answer, BoundPolicy, Executor, NativePath};
use serde_json::{Value, json};

/// Bytes that begin like a document are one (`executor`, `intent`, `asked`); any others are choices.
pub(crate) fn bind(data: &[u8]) {
    let world = if data.first() == Some(&b'{') { written(data) } else { Some(input::world(&mut Input(data))) };
    let Some(world) = world else { return };
    let Ok(executor) = Executor::from_json(world.facts.to_string().as_bytes()) else { return };
    let intent = world.intent.to_string();
    let bound = check::bound(&executor, intent.as_bytes());
    let Some(policy) = bound else {
        let again = reversed(&world).and_then(|(facts, intent)| check::bound(&facts, intent.as_bytes()));
        assert!(again.is_none(), "refused, and bound in another order: {intent}");
        return;
    };
    every_entry_is_audited(&world, &policy);
    places_are_what_they_say(&policy);
    if let Some((facts, intent)) = reversed(&world) {
        let Some(again) = check::bound(&facts, intent.as_bytes()) else {
            panic!("bound, and refused in another order: {intent}")
        };
        assert_eq!(again.digest(), policy.digest(), "the order is in the digest: {intent}");
        for path in &world.asked {
            assert_eq!(answers(&policy, path), answers(&again, path), "{path}: the order changes the answer");
        }
    }
}

fn written(data: &[u8]) -> Option<World> {
    let document: Value = serde_json::from_slice(data).ok()?;
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
        // A pattern may deny the root itself; nothing else takes away what is listed.
        let write = policy.decide(path.as_str(), Access::Write);
        let by_pattern = write.rule().id() == "D-3";
        // The namespace of Windows is no place that can be asked to be written.
        assert!(write.is_allowed() || by_pattern, "{path} is a writable root: {}", write.to_json());
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
