//! What holds for every intent, every executor and every question, as properties with the name of what they say.

#[path = "model/compare.rs"]
mod compare;
mod model;
#[path = "model/observed.rs"]
mod observed;
#[path = "model/readers.rs"]
mod readers;
#[path = "model/recorded.rs"]
mod recorded;
#[path = "model/worlds.rs"]
mod worlds;

use bindery::{
    Access, Answer, Binder, Binding, BoundPolicy, EntryAccess, Executor, Intent, NativePath, Os, Refusals,
};
use model::at;
use model::bind::{Bound, bind};
use model::path::{Keys, Names, System, within};

use compare::QUESTIONS;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngSeed, TestCaseError};
use readers::{by_lists, by_plan};
use serde_json::{Value, json};
use worlds::{Breadth, Case, put};

fn environment(wanted: &str) -> Option<String> {
    std::env::vars().find(|(name, _)| name == wanted).map(|(_, value)| value)
}

/// With `BINDERY_TIMES=N` N times as many cases, and with `BINDERY_SEED=random` other ones in every run.
fn config(cases: u32) -> Config {
    let times = environment("BINDERY_TIMES").map_or(1, |times| times.parse().unwrap_or(1));
    // An ordinary run takes the same cases every time, so that it fails for what was changed and for nothing else.
    let rng_seed = environment("BINDERY_SEED").map_or(RngSeed::Fixed(33), |_| RngSeed::Random);
    Config {
        cases: cases * times,
        rng_seed,
        failure_persistence: None,
        max_shrink_iters: 4000,
        ..Config::default()
    }
}

fn engine(facts: &Value, intent: &Value) -> Result<Binding, Refusals> {
    let executor = Executor::from_json(facts.to_string().as_bytes())?;
    Binder::new(&executor).bind_json(intent.to_string().as_bytes())
}

/// The bound policy, or `None` where the bind is refused.
fn policy(facts: &Value, intent: &Value) -> Option<BoundPolicy> {
    match engine(facts, intent) {
        Ok(Binding::Restricted(policy)) => Some(policy),
        _ => None,
    }
}

fn entries(intent: &Value) -> Vec<Value> {
    intent.pointer("/permissions/file_system/entries").and_then(Value::as_array).cloned().unwrap_or_default()
}

fn with_entries(intent: &Value, entries: Vec<Value>) -> Value {
    let mut intent = intent.clone();
    if let Some(list) = intent.pointer_mut("/permissions/file_system/entries") {
        *list = Value::Array(entries);
    }
    intent
}

/// More is more access.
fn measure(answer: Answer) -> u8 {
    match answer {
        Answer::Deny => 0,
        Answer::Partial => 1,
        Answer::Allow => 2,
    }
}

/// A policy without what only says where things came from.
fn meaning(policy: &BoundPolicy) -> Value {
    let mut tree: Value = serde_json::from_str(&policy.to_json()).unwrap_or_default();
    if let Some(fields) = tree.as_object_mut() {
        fields.remove("audit");
        fields.remove("notes");
    }
    tree
}

/// What a policy says about a path, without who said it.
fn answers(policy: &BoundPolicy, path: &str) -> Vec<(Answer, String, Option<String>)> {
    QUESTIONS
        .iter()
        .map(|(_, access)| {
            let decision = policy.decide(path, *access);
            (decision.answer(), decision.rule().id().to_owned(), decision.place().map(str::to_owned))
        })
        .collect()
}

/// A reordering, from one index for each position.
fn shuffled<T: Clone>(list: &[T], order: &[Index]) -> Vec<T> {
    let mut rest = list.to_vec();
    let mut out = Vec::new();
    for index in order.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        out.push(rest.remove(index.index(rest.len())));
    }
    out
}

fn shuffle(value: &mut Value, pointer: &str, order: &[Index]) {
    if let Some(list) = value.pointer_mut(pointer) {
        if let Some(all) = list.as_array() {
            *list = Value::Array(shuffled(all, order));
        }
    }
}

fn check_against_the_model(case: &Case) -> Result<(), TestCaseError> {
    let (ours, theirs) = (bind(&case.intent, &case.facts), engine(&case.facts, &case.intent));
    let (pair, mut faults) = compare::about_a_bind(ours.as_ref(), &theirs);
    // Where a volume's or an alias's name has near spellings, the engine tells what is below on the safe side.
    let top = worlds::native(case.system, &[]);
    let mounted = at(&case.facts, "volumes").as_array().into_iter().flatten().any(|v| *at(v, "path") != top);
    let aliased = at(&case.facts, "aliases").as_array().is_some_and(|all| !all.is_empty());
    if let Some((world, policy)) = pair {
        for query in &case.queries {
            faults.extend(compare::about_a_path(world, policy, query, mounted || aliased));
        }
    }
    prop_assert!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

proptest! {
    #![proptest_config(config(200))]

    /// G-1, and the other way round.
    #[test]
    fn never_wider_than_the_model_and_never_narrower(case in worlds::case(Breadth::Wide)) {
        check_against_the_model(&case)?;
    }

    #[test]
    fn plain_documents_bind_to_what_the_model_says(case in worlds::case(Breadth::Plain)) {
        check_against_the_model(&case)?;
    }
}

proptest! {
    #![proptest_config(config(60))]

    /// G-2: every entry is in the audit, or the refusals are not empty and every refused one is among them.
    #[test]
    fn nothing_is_silent(case in worlds::case(Breadth::Wide)) {
        let all = entries(&case.intent);
        match engine(&case.facts, &case.intent) {
            Ok(Binding::Restricted(policy)) => {
                for number in 0..all.len() {
                    let pointer = format!("/permissions/file_system/entries/{number}");
                    prop_assert!(policy.audit().iter().any(|record| record.pointer() == pointer), "{}", pointer);
                }
                for record in policy.audit() {
                    prop_assert!(!record.steps().is_empty(), "no steps at {}", record.pointer());
                }
            }
            Ok(_) => prop_assert!(false, "another outcome"),
            Err(refusals) => prop_assert!(!refusals.as_slice().is_empty()),
        }
    }

    /// G-3: the refusals of a whole are those of its parts.
    #[test]
    fn all_or_nothing(case in worlds::case(Breadth::Wide)) {
        let all = entries(&case.intent);
        let mut alone: Vec<(String, String)> = Vec::new();
        if let Err(refusals) = engine(&case.facts, &with_entries(&case.intent, Vec::new())) {
            alone.extend(refusals.iter().map(|r| (r.code().to_string(), r.pointer().to_owned())));
        }
        let of_the_request = alone.clone();
        for (number, entry) in all.iter().enumerate() {
            if let Err(refusals) = engine(&case.facts, &with_entries(&case.intent, vec![entry.clone()])) {
                let own = refusals.iter().map(|r| (r.code().to_string(), r.pointer().to_owned()));
                alone.extend(own.filter(|refusal| !of_the_request.contains(refusal)).map(|(code, pointer)| {
                    (code, pointer.replacen("/entries/0", &format!("/entries/{number}"), 1))
                }));
            }
        }
        alone.sort();
        let mut together: Vec<(String, String)> = match engine(&case.facts, &case.intent) {
            Ok(_) => Vec::new(),
            Err(refusals) => refusals.iter().map(|r| (r.code().to_string(), r.pointer().to_owned())).collect(),
        };
        together.sort();
        prop_assert_eq!(alone, together);
    }

    /// G-5.
    #[test]
    fn order_changes_nothing(case in worlds::case(Breadth::Wide), order in prop::collection::vec(any::<Index>(), 8)) {
        let (mut facts, mut intent) = (case.facts.clone(), case.intent.clone());
        shuffle(&mut intent, "/permissions/file_system/entries", &order);
        shuffle(&mut intent, "/workspaceRoots", &order);
        for list in ["/workspace_roots", "/temp_dirs", "/volumes", "/platform_defaults", "/symbols/:tools",
            "/protected_names/names"] {
            shuffle(&mut facts, list, &order);
        }
        match (engine(&case.facts, &case.intent), engine(&facts, &intent)) {
            (Ok(Binding::Restricted(one)), Ok(Binding::Restricted(two))) => {
                prop_assert_eq!(one.digest(), two.digest());
                prop_assert_eq!(meaning(&one), meaning(&two));
                for query in &case.queries {
                    prop_assert_eq!(answers(&one, query), answers(&two, query));
                }
            }
            (Err(one), Err(two)) => {
                let codes = |refusals: &Refusals| {
                    let mut all: Vec<&str> = refusals.iter().map(|refusal| refusal.code().as_str()).collect();
                    all.sort_unstable();
                    all.join(" ")
                };
                prop_assert_eq!(codes(&one), codes(&two));
            }
            _ => prop_assert!(false, "one order binds, the other does not"),
        }
    }

    #[test]
    fn binding_again_gives_the_same_bytes(case in worlds::case(Breadth::Wide)) {
        let text = |facts: &Value, intent: &Value| match engine(facts, intent) {
            Ok(binding) => binding.to_json(),
            Err(refusals) => json!(refusals).to_string(),
        };
        prop_assert_eq!(text(&case.facts, &case.intent), text(&case.facts, &case.intent));
        if let (Ok(read), Some(one)) = (Intent::from_json(case.intent.to_string()), policy(&case.facts, &case.intent)) {
            let written: Value = serde_json::from_str(&read.to_json()).unwrap_or_default();
            let two = policy(&case.facts, &written);
            prop_assert!(two.is_some(), "the written intent does not bind: {}", written);
            prop_assert_eq!(Some(meaning(&one)), two.as_ref().map(meaning));
        }
    }

    /// D-2: at one place a denial beats every grant.
    #[test]
    fn a_denial_is_never_overruled_by_a_grant_at_its_place(
        (case, entry) in worlds::case(Breadth::Wide).prop_flat_map(|case| {
            let system = case.system;
            (Just(case), worlds::entry(system, Breadth::Wide))
        }),
        grant in prop::sample::select(vec!["read", "write"]),
        first in any::<bool>(),
    ) {
        let mut all = entries(&case.intent);
        let mut denial = entry.clone();
        put(&mut denial, "access", json!("deny"));
        let mut granting = entry;
        put(&mut granting, "access", json!(grant));
        let alone = policy(&case.facts, &with_entries(&case.intent, vec![denial.clone()]));
        let at = if first { 0 } else { all.len() };
        all.insert(at, granting);
        all.push(denial);
        if let (Some(alone), Some(policy)) = (alone, policy(&case.facts, &with_entries(&case.intent, all))) {
            for rule in alone.rules().iter().filter(|rule| rule.access() == EntryAccess::Deny) {
                let decision = policy.decide(rule.place().path().as_str(), Access::Read);
                // The namespace of Windows is no file that could be asked about.
                let asked = decision.query_fault().is_none();
                prop_assert!(!decision.is_allowed(), "{}", decision.to_json());
                // What a mirror shows may be denied before it is asked who denies it.
                let mirror = decision.query_fault() == Some("mirror");
                prop_assert!(!asked || mirror || decision.rule().id() == "D-2", "{}", decision.to_json());
            }
        }
    }

    /// G-1: what is added to deny, denies.
    #[test]
    fn adding_a_denial_never_adds_access(
        (case, entry) in worlds::case(Breadth::Wide).prop_flat_map(|case| {
            let system = case.system;
            (Just(case), worlds::entry(system, Breadth::Wide))
        }),
    ) {
        let mut all = entries(&case.intent);
        let mut denial = entry;
        put(&mut denial, "access", json!("deny"));
        all.push(denial);
        if let (Some(before), Some(after)) =
            (policy(&case.facts, &case.intent), policy(&case.facts, &with_entries(&case.intent, all)))
        {
            prop_assert!(!after.full_read() || before.full_read());
            prop_assert!(!after.full_write() || before.full_write());
            for query in &case.queries {
                for (_, access) in QUESTIONS {
                    let (less, more) = (after.decide(query, access), before.decide(query, access));
                    prop_assert!(
                        measure(less.answer()) <= measure(more.answer()),
                        "before {}\nafter {}", more.to_json(), less.to_json()
                    );
                }
            }
        }
    }

    /// Nothing outside a root changes when the executor gets it, but for the end of full write (ADR 0008).
    #[test]
    fn adding_a_root_never_changes_decisions_outside_it(
        (case, extra) in worlds::case(Breadth::Wide).prop_flat_map(|case| {
            let system = case.system;
            (Just(case), worlds::facts(system, Breadth::Wide))
        }),
    ) {
        let mut facts = case.facts.clone();
        let mut intent = case.intent.clone();
        // Requested roots would hide the one that is added.
        if let Some(fields) = intent.as_object_mut() {
            fields.remove("workspaceRoots");
        }
        put(&mut facts, "root_authority", json!("offered"));
        // An alias below a root leads out of it.
        put(&mut facts, "aliases", json!([]));
        let before = policy(&facts, &intent);
        let root = extra["workspace_roots"][0]["path"].clone();
        if let (Some(roots), true) = (facts["workspace_roots"].as_array_mut(), root.is_string()) {
            roots.push(json!({"id": "added", "path": root}));
        }
        let mut alone = facts.clone();
        put(&mut alone, "workspace_roots", json!([{"id": "added", "path": root}]));
        if let (Some(before), Some(after), Some(root)) = (before, policy(&facts, &intent), root.as_str()) {
            prop_assume!(!before.full_write() && !after.full_write());
            let Some(names) = names(&facts) else { return Ok(()) };
            let Some(root) = model::path::native(case.system, root).map(|root| names.all_keys(&root)) else {
                return Ok(());
            };
            for query in &case.queries {
                let Some(path) = model::path::query(case.system, query) else { continue };
                // What is shown through a mirror lies anywhere.
                if model::path::mirror(case.system, &path).is_some() {
                    continue;
                }
                let readings = names.readings(&path);
                // Outside under every name that either has.
                let outside = root.iter().all(|root| {
                    let apart = |asked: &Keys| {
                        !names.wide_within(&root.wide, &asked.wide) && !within(&root.exact, &asked.exact)
                    };
                    readings.iter().all(apart)
                });
                if outside {
                    let all = |policy: &BoundPolicy| answers(policy, query).into_iter().take(2).collect::<Vec<_>>();
                    prop_assert_eq!(all(&before), all(&after), "{}", query);
                }
            }
        }
    }

    /// N-1, section 8: nothing relative, foreign or symbolic is in a bound policy.
    #[test]
    fn every_bound_path_is_absolute_and_normal(case in worlds::case(Breadth::Wide)) {
        if let Some(policy) = policy(&case.facts, &case.intent) {
            let os = match case.system {
                System::Linux => Os::Linux,
                System::Macos => Os::Macos,
                System::Windows => Os::Windows,
            };
            prop_assert_eq!(policy.os(), os);
            let mut places: Vec<&bindery::Place> = Vec::new();
            places.extend(policy.rules().iter().map(bindery::BoundRule::place));
            places.extend(policy.deny_patterns().iter().map(bindery::DenyPattern::base));
            places.extend(policy.plan().iter().map(bindery::PlanStep::place));
            places.extend(policy.readable_roots().iter().chain(policy.denied()));
            for root in policy.writable_roots() {
                places.push(root.place());
                places.extend(root.read_only().iter().chain(root.denied()));
            }
            let paths = places.iter().flat_map(|place| [place.path(), place.resolved()].into_iter().chain(place.links()));
            for path in paths {
                let again = NativePath::parse(os, path.as_str());
                prop_assert_eq!(again.as_ref(), Ok(path));
            }
        }
    }

    /// G-6: the plan and the decisions say the same.
    #[test]
    fn decisions_are_the_plan_read_as_mounts(case in worlds::case(Breadth::Plain)) {
        if let (Some(policy), Some(names)) = (policy(&case.facts, &case.intent), names(&case.facts)) {
            for query in &case.queries {
                let Some(path) = model::path::query(case.system, query) else { continue };
                let decided = (
                    policy.decide(query, Access::Read).is_allowed(),
                    policy.decide(query, Access::Write).is_allowed(),
                );
                prop_assert_eq!(decided, by_plan(&policy, &names, &path), "{} by the plan {}", query, meaning(&policy)["plan"]);
            }
        }
    }

    /// G-6: the root lists and the decisions say the same.
    #[test]
    fn decisions_are_the_root_lists_read_by_depth(case in worlds::case(Breadth::Plain)) {
        if let (Some(policy), Some(names)) = (policy(&case.facts, &case.intent), names(&case.facts)) {
            for query in &case.queries {
                let Some(path) = model::path::query(case.system, query) else { continue };
                let decided = (
                    policy.decide(query, Access::Read).is_allowed(),
                    policy.decide(query, Access::Write).is_allowed(),
                );
                prop_assert_eq!(decided, by_lists(&policy, &names, &path), "{} by the lists {} {}", query, meaning(&policy)["readable_roots"], meaning(&policy)["writable_roots"]);
            }
        }
    }

    /// D-8.
    #[test]
    fn full_flags_agree_with_decisions(case in worlds::case(Breadth::Wide)) {
        if let Some(policy) = policy(&case.facts, &case.intent) {
            for query in &case.queries {
                for (full, tree, point) in [
                    (policy.full_read(), Access::ReadTree, Access::Read),
                    (policy.full_write(), Access::WriteTree, Access::Write),
                ] {
                    let (tree, point) = (policy.decide(query, tree), policy.decide(query, point));
                    let file = point.query_fault().is_none();
                    prop_assert!(!full || !file || tree.is_allowed() && point.is_allowed(), "{}", point.to_json());
                }
            }
        }
    }

    /// B-5.
    #[test]
    fn reading_back_gives_the_same_policy(case in worlds::case(Breadth::Wide)) {
        if let Some(policy) = policy(&case.facts, &case.intent) {
            let text = policy.to_json();
            match BoundPolicy::from_json(text.as_bytes()) {
                Err(refusals) => prop_assert!(false, "{}", refusals),
                Ok(back) => {
                    prop_assert_eq!(back.digest(), policy.digest());
                    prop_assert_eq!(back.to_json(), text);
                    for query in &case.queries {
                        for (_, access) in QUESTIONS {
                            let (one, two) = (policy.decide(query, access), back.decide(query, access));
                            prop_assert_eq!(one.to_json(), two.to_json());
                        }
                    }
                }
            }
        }
    }

    /// B-5: two policies with one digest are one policy; two policies that differ have two digests.
    #[test]
    fn one_digest_is_one_meaning(
        (case, entry) in worlds::case(Breadth::Wide).prop_flat_map(|case| {
            let system = case.system;
            (Just(case), worlds::entry(system, Breadth::Wide))
        }),
    ) {
        let mut all = entries(&case.intent);
        all.push(entry);
        if let (Some(one), Some(two)) =
            (policy(&case.facts, &case.intent), policy(&case.facts, &with_entries(&case.intent, all)))
        {
            prop_assert_eq!(one.digest() == two.digest(), meaning(&one) == meaning(&two));
            let differ = case.queries.iter().any(|query| answers(&one, query) != answers(&two, query));
            prop_assert!(!differ || one.digest() != two.digest());
        }
    }

    /// I-7, I-9: how an entry is spelled is no part of its meaning.
    #[test]
    fn spelling_is_not_meaning(case in worlds::case(Breadth::Wide)) {
        let respelled = entries(&case.intent).into_iter().map(respell).collect();
        let (one, two) =
            (engine(&case.facts, &case.intent), engine(&case.facts, &with_entries(&case.intent, respelled)));
        match (one, two) {
            (Ok(Binding::Restricted(one)), Ok(Binding::Restricted(two))) => {
                let without_inputs = |policy: &BoundPolicy| {
                    let mut tree = meaning(policy);
                    tree["digest"].take();
                    tree["inputs"].take();
                    tree
                };
                prop_assert_eq!(without_inputs(&one), without_inputs(&two));
                prop_assert_eq!(one.digest(), two.digest());
            }
            (Err(_), Err(_)) => {}
            _ => prop_assert!(false, "one spelling binds, the other does not"),
        }
    }
}

fn put_subpath(entry: &mut Value, subpath: &str) {
    if let Some(value) = entry.pointer_mut("/path/value") {
        put(value, "subpath", json!(subpath));
    }
}

/// The same entry in another accepted form.
fn respell(mut entry: Value) -> Value {
    if at(&entry, "access") == "deny" {
        put(&mut entry, "access", json!("none"));
    } else if at(&entry, "access") == "none" {
        put(&mut entry, "access", json!("deny"));
    }
    let text = at(&entry, "path").as_str().map(str::to_owned);
    if let Some(text) = text {
        let (symbol, subpath) =
            text.split_once('/').map_or((text.as_str(), None), |(s, rest)| (s, Some(rest)));
        let kind = match symbol {
            ":root" => "root",
            ":minimal" => "minimal",
            ":workspace_roots" => "project_roots",
            ":tmpdir" => "tmpdir",
            ":slash_tmp" => "slash_tmp",
            _ if text.starts_with("file:") => {
                let written = text.replacen("file:///", "file://localhost/", 1);
                put(&mut entry, "path", json!({"type": "path", "path": written}));
                return entry;
            }
            _ => {
                put(
                    &mut entry,
                    "path",
                    json!({"type": "special", "value": {"kind": "unknown", "path": symbol}}),
                );
                if let Some(subpath) = subpath {
                    put_subpath(&mut entry, subpath);
                }
                return entry;
            }
        };
        put(&mut entry, "path", json!({"type": "special", "value": {"kind": kind}}));
        if let Some(subpath) = subpath {
            put_subpath(&mut entry, subpath);
        }
    } else if let Some(glob) = at(at(&entry, "path"), "glob").as_str().map(str::to_owned) {
        put(&mut entry, "path", json!({"type": "glob_pattern", "pattern": glob}));
    }
    entry
}

/// The keys of an executor, for laws that have to know what lies in what.
fn names(facts: &Value) -> Option<Names> {
    match bind(&worlds::intent(&[]), facts)? {
        Bound::Restricted(world) => Some(world.names),
        Bound::Refused(_) | Bound::Other(_) => None,
    }
}

/// The same cases on every host and in every run.
fn same_cases(count: usize) -> Vec<Case> {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let case = worlds::case(Breadth::Wide);
    let trees = std::iter::repeat_with(|| case.new_tree(&mut runner)).take(count);
    trees.filter_map(|tree| tree.ok().map(|tree| tree.current())).collect()
}

#[test]
fn the_model_is_asked_in_earnest() {
    let (mut bound, mut refused, mut allowed, mut denied) = (0, 0, 0, 0);
    for case in same_cases(300) {
        match policy(&case.facts, &case.intent) {
            None => refused += 1,
            Some(policy) => {
                bound += 1;
                for query in &case.queries {
                    if policy.decide(query, Access::Read).is_allowed() { allowed += 1 } else { denied += 1 }
                }
            }
        }
    }
    println!("{bound} bound, {refused} refused, {allowed} allowed, {denied} denied");
    assert!(bound > 75 && refused > 15 && allowed > 225 && denied > 225);
}

/// Where another process writes down what it was told, if this is that process.
const TRANSCRIPT: &str = "BINDERY_TRANSCRIPT";

/// Everything that the engine says about the same cases.
fn transcript() -> String {
    let mut text = String::new();
    for case in same_cases(60) {
        match engine(&case.facts, &case.intent) {
            Err(refusals) => text.push_str(&json!(refusals).to_string()),
            Ok(binding) => {
                text.push_str(&binding.to_json());
                if let Binding::Restricted(policy) = binding {
                    for query in &case.queries {
                        for (_, access) in QUESTIONS {
                            text.push_str(&policy.decide(query, access).to_json());
                        }
                    }
                }
            }
        }
        text.push('\n');
    }
    text
}

/// G-4: not a byte comes from the process that asks: not from its directory, its environment or its language. That
/// the operating system of the host changes nothing is what the cases show, which run on all three.
#[test]
fn nothing_of_the_host_shows_in_a_result() -> std::io::Result<()> {
    let mine = transcript();
    if let Some(file) = environment(TRANSCRIPT) {
        return std::fs::write(file, mine);
    }
    let elsewhere = tempfile::tempdir()?;
    let file = format!("{}/transcript", elsewhere.path().display());
    let output = std::process::Command::new(std::env::current_exe()?)
        .args(["--exact", "nothing_of_the_host_shows_in_a_result"])
        .current_dir(elsewhere.path())
        .env(TRANSCRIPT, &file)
        .envs([
            ("HOME", "/ws"),
            ("USERPROFILE", "C:\\ws"),
            ("TMPDIR", "/a"),
            ("TMP", "C:\\a"),
            ("TEMP", "C:\\b"),
        ])
        .envs([("LANG", "tr_TR.UTF-8"), ("LC_ALL", "tr_TR.UTF-8"), ("TZ", "Asia/Kolkata"), ("PWD", "/b")])
        .output()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let theirs = std::fs::read_to_string(&file)?;
    assert!(mine.len() > 10_000);
    assert!(mine == theirs, "another process gets another result");
    Ok(())
}

/// What was found once, in the smallest form: facts and entries, then questions with answer and rule.
#[test]
fn what_was_found_once_holds() {
    let found: Value = serde_json::from_str(include_str!("model/found.json")).unwrap_or_default();
    let mut faults = Vec::new();
    for one in found.as_array().into_iter().flatten() {
        let about = one["about"].as_str().unwrap_or_default();
        let mut facts = one["facts"].clone();
        put(&mut facts, "schema", json!("bindery.executor/1"));
        put(&mut facts, "id", json!("found"));
        let entries: Vec<Value> = one["entries"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|entry| json!({"access": entry[0], "path": entry[1]}))
            .collect();
        let intent = worlds::intent(&entries);
        let bound = policy(&facts, &intent);
        if one["refused"] == true {
            if bound.is_some() {
                faults.push(format!("{about}: bound"));
            }
            continue;
        }
        let Some(bound) = bound else {
            faults.push(format!("{about}: refused"));
            continue;
        };
        for ask in one["ask"].as_array().into_iter().flatten() {
            let [path, access, answer, rule] = [0, 1, 2, 3].map(|at| ask[at].as_str().unwrap_or_default());
            let Some(access) = Access::from_word(access) else { continue };
            let decision = bound.decide(path, access);
            if decision.answer().as_str() != answer || decision.rule().id() != rule {
                faults.push(format!("{about}: {path} is not {answer} by {rule} but {}", decision.to_json()));
            }
            let Some(names) = names(&facts) else { continue };
            let Some(at) = model::path::query(names.system, path) else { continue };
            let decided = decision.answer() == Answer::Allow;
            let (by_plan, by_lists) = (by_plan(&bound, &names, &at), by_lists(&bound, &names, &at));
            let read = |(plan, lists): (bool, bool)| (plan, lists) == (decided, decided);
            let one_answer = match access {
                Access::Read => read((by_plan.0, by_lists.0)),
                Access::Write => read((by_plan.1, by_lists.1)),
                Access::ReadTree | Access::WriteTree => true,
            };
            if one["plan"] == true && !one_answer {
                faults.push(format!(
                    "{about}: {path} plan {by_plan:?} lists {by_lists:?} {}",
                    meaning(&bound)["plan"]
                ));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// B-5: what a policy was bound from is a part of its digest, also where it changes no rule.
#[test]
fn the_digest_covers_what_was_bound_from() {
    let facts = |home: &str| json!({"id": "m", "os": "linux", "home": home, "workspace_roots": [{"id": "w", "path": "/w"}]});
    let intent = |path: &str| {
        json!({"permissions": {"type": "managed", "network": "restricted", "file_system": {"type": "restricted",
            "entries": [{"path": path, "access": "write"}]}}})
    };
    let recording = |more: &[Value]| {
        let entries =
            [json!({"path": "/w", "kind": "directory"}), json!({"path": "/w/l", "kind": "directory"})];
        let entries: Vec<Value> = entries.iter().chain(more).cloned().collect();
        let text =
            json!({"schema": "bindery.recording/1", "os": "linux", "complete": true, "entries": entries});
        bindery::RecordedFs::from_json(text.to_string().as_bytes()).unwrap()
    };
    let bound = |facts: &Value, intent: &Value, view: Option<&bindery::RecordedFs>| {
        let executor = Executor::from_json(facts.to_string().as_bytes()).unwrap();
        let binder = Binder::new(&executor);
        let binder = view.map_or(binder, |view| binder.observe(view));
        let binding = binder.bind_json(intent.to_string().as_bytes()).unwrap();
        binding.policy().unwrap().clone()
    };
    let (root, uri) = (intent(":workspace_roots"), intent("file:///w"));
    let (one, other) = (recording(&[]), recording(&[json!({"path": "/w/.git", "kind": "directory"})]));
    let all = [
        bound(&facts("/a"), &root, None),
        bound(&facts("/a"), &uri, None),
        bound(&facts("/b"), &root, None),
        bound(&facts("/a"), &root, Some(&one)),
        bound(&facts("/a"), &root, Some(&other)),
    ];
    for policy in &all {
        let rules: Vec<_> = policy.rules().iter().map(|rule| rule.place().path().as_str()).collect();
        assert_eq!(rules, ["/w"]);
    }
    let digests: std::collections::BTreeSet<&str> = all.iter().map(BoundPolicy::digest).collect();
    assert_eq!(digests.len(), all.len());
}

/// B-5: a policy names its inputs by digests that differ as soon as one of them does, also where the result does not.
#[test]
fn every_input_has_a_digest_of_its_own() -> Result<(), Box<dyn std::error::Error>> {
    let bound = |id: &str, path: &str, inode: Option<&str>| {
        let facts = json!({"id": id, "os": "linux"});
        let intent = json!({"permissions": {"type": "managed", "network": "restricted", "file_system": {
            "type": "restricted", "entries": [{"path": path, "access": "read"}],
        }}});
        let executor = Executor::from_json(facts.to_string().as_bytes())?;
        let mut binder = Binder::new(&executor);
        let seen;
        if let Some(inode) = inode {
            seen = bindery::RecordedFs::builder(Os::Linux)
                .complete()
                .dir("/w")
                .identity("/w", "1", inode)
                .build()?;
            binder = binder.observe(&seen);
        }
        let binding = binder.bind_json(intent.to_string().as_bytes())?;
        let policy = binding.policy().ok_or("no policy")?;
        let digest = |name: &str| at(&meaning(policy)["inputs"], name).as_str().map(str::to_owned);
        Ok::<_, Box<dyn std::error::Error>>(["intent", "executor", "observations"].map(digest))
    };
    let first = bound("here", "file:///w", Some("7"))?;
    for digest in &first {
        let digits = digest.as_ref().and_then(|text| text.strip_prefix("sha256:")).unwrap_or_default();
        assert!(digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()), "{digest:?}");
    }
    assert_eq!(first, bound("here", "file:///w", Some("7"))?);
    let [intent, executor, observations] = first;
    let other = |digest: &Option<String>, than: &Option<String>| digest.is_some() && digest != than;
    let [a, b, c] = bound("there", "file:///w", Some("7"))?;
    assert!(a == intent && other(&b, &executor) && c == observations);
    let [a, b, c] = bound("here", "file:///w/x", Some("7"))?;
    assert!(other(&a, &intent) && b == executor && other(&c, &observations));
    let [a, b, c] = bound("here", "file:///w", Some("8"))?;
    assert!(a == intent && b == executor && other(&c, &observations));
    let [a, b, c] = bound("here", "file:///w", None)?;
    assert!(a == intent && b == executor && c.is_none());
    Ok(())
}
