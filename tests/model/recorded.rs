//! Laws of binding with a look at a file system, on recordings of small trees with links.
//!
//! The model looks at the recording by the rules and must agree. Beside that, on a volume that keeps names apart, a link
//! is a name that leads elsewhere, as an alias is: with every link of the tree told to the model as an alias, it says what
//! may be allowed at most.

use crate::model::at;
use crate::model::bind::{Bound, about_refusals, bind};
use crate::model::path::{self, Names, System};
use crate::observed::bind_observed;
use crate::worlds::{self, Breadth, Case, put};
use crate::{config, entries, meaning, shuffle, with_entries};
use bindery::{Access, Binder, Binding, BoundPolicy, Executor, RecordedFs, Refusals};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

const NAMES: &[&str] = &["ws", "ws", "a", "a", "b", ".git", "x.key"];

/// A file system, and where each link in it leads.
#[derive(Clone, Debug)]
struct Tree {
    recording: Value,
    links: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Node {
    Directory,
    File,
    /// A file that has a second name.
    Shared,
    /// A link, to an absolute place or to a neighbour.
    Link {
        absolute: bool,
    },
    /// A link through a directory that shows other places.
    Mirrored,
}

fn tree(system: System) -> impl Strategy<Value = Tree> {
    let nodes = vec![
        Node::Directory,
        Node::File,
        Node::Shared,
        Node::Link { absolute: true },
        Node::Link { absolute: true },
        Node::Link { absolute: false },
        Node::Mirrored,
    ];
    let mirrors = select(worlds::mirrors(system));
    let names = |length| prop::collection::vec(select(NAMES.to_vec()), length);
    let node = (names(1..4_usize), select(nodes), names(1..4_usize), mirrors);
    prop::collection::vec(node, 0..8).prop_map(move |nodes| {
        let mut entries: Vec<Value> = Vec::new();
        let mut links = Vec::new();
        let mut leaves: Vec<Vec<&str>> = Vec::new();
        let mut all: Vec<Vec<&str>> = Vec::new();
        for (number, (path, node, target, mirror)) in nodes.into_iter().enumerate() {
            let occupied = all.iter().any(|other| other.starts_with(&path));
            if occupied || leaves.iter().any(|leaf| path.starts_with(leaf)) {
                continue;
            }
            let written = worlds::native(system, &path);
            let own = json!(["1", format!("{}", number + 10)]);
            all.push(path.clone());
            if node != Node::Directory {
                leaves.push(path.clone());
            }
            entries.push(match node {
                Node::Directory => json!({"path": written, "kind": "directory", "identity": own}),
                Node::File => json!({"path": written, "kind": "file", "identity": own, "links": 1}),
                Node::Shared => json!({"path": written, "kind": "file", "identity": ["1", "1"], "links": 2}),
                Node::Link { absolute } => {
                    let parent = path.split_last().map(|(_, parent)| parent.to_vec()).unwrap_or_default();
                    let neighbour = target.first().copied().unwrap_or_default();
                    let leads_to = if absolute {
                        target.clone()
                    } else {
                        parent.into_iter().chain([neighbour]).collect()
                    };
                    let leads_to = worlds::native(system, &leads_to);
                    links.push((written.clone(), leads_to.clone()));
                    let text = if absolute { leads_to } else { neighbour.to_owned() };
                    json!({"path": written, "kind": "symlink", "target": text})
                }
                Node::Mirrored => {
                    let names: Vec<&str> = mirror.iter().chain(&target).copied().collect();
                    let leads_to = worlds::native(system, &names);
                    links.push((written.clone(), leads_to.clone()));
                    json!({"path": written, "kind": "symlink", "target": leads_to})
                }
            });
        }
        // The way to a mirror is one of directories.
        for process in [["proc", "1"], ["proc", "7"]] {
            entries.push(json!({"path": worlds::native(system, &process), "kind": "directory"}));
        }
        let os = match system {
            System::Linux => "linux",
            System::Macos => "macos",
            System::Windows => "windows",
        };
        let recording =
            json!({"schema": "bindery.recording/1", "os": os, "complete": true, "entries": entries});
        Tree { recording, links }
    })
}

/// A case whose volume keeps names apart, so that the tree has what its names say, and a tree.
fn seen() -> impl Strategy<Value = (Case, Tree)> {
    worlds::case(Breadth::Plain).prop_flat_map(|mut case| {
        let top = worlds::native(case.system, &[]);
        let volume = json!([{"path": top, "case": "sensitive", "normalization": "preserving"}]);
        put(&mut case.facts, "volumes", volume);
        let queries = prop::collection::vec(prop::collection::vec(select(NAMES.to_vec()), 1..5_usize), 8..16);
        let system = case.system;
        let mirrored = prop::collection::vec(worlds::mirrored(system), 0..3);
        (Just(case), tree(system), queries, mirrored).prop_map(move |(mut case, tree, queries, mirrored)| {
            case.queries.extend(queries.iter().chain(&mirrored).map(|names| worlds::native(system, names)));
            (case, tree)
        })
    })
}

fn view(recording: &Value) -> Option<RecordedFs> {
    RecordedFs::from_json(recording.to_string().as_bytes()).ok()
}

fn engine(facts: &Value, intent: &Value, view: &RecordedFs) -> Result<Binding, Refusals> {
    let executor = Executor::from_json(facts.to_string().as_bytes())?;
    Binder::new(&executor).observe(view).bind_json(intent.to_string().as_bytes())
}

fn policy(facts: &Value, intent: &Value, view: &RecordedFs) -> Option<BoundPolicy> {
    match engine(facts, intent, view) {
        Ok(Binding::Restricted(policy)) => Some(policy),
        _ => None,
    }
}

/// What engine and model say differently of a case with a recording.
fn disagreement(case: &Case, recording: &Value) -> Option<String> {
    let told = |what: String| Some(format!("{what}\n{}\n{}\n{recording}", case.facts, case.intent));
    let Some(view) = view(recording) else { return told("the recording is not read".to_owned()) };
    let model = bind_observed(&case.intent, &case.facts, recording)?;
    match (engine(&case.facts, &case.intent, &view), model) {
        (Err(refusals), Bound::Refused(known)) => {
            let found: Vec<(&str, &str)> =
                refusals.iter().map(|r| (r.code().as_str(), r.pointer())).collect();
            let faults = about_refusals(&known, &found);
            if faults.is_empty() { None } else { told(faults.join("\n")) }
        }
        (Ok(Binding::Restricted(policy)), Bound::Restricted(world)) => {
            for query in &case.queries {
                for (question, access) in &crate::QUESTIONS[..2] {
                    let (ours, model) = (policy.decide(query, *access), world.decide(query, *question));
                    if ours.is_allowed() != (model.answer == crate::model::Answer::Allow) {
                        return told(format!("{}\nthe model says {model:?}", ours.to_json()));
                    }
                }
            }
            None
        }
        (Ok(Binding::Restricted(_)), Bound::Refused(known)) => told(format!("the model refuses {known:?}")),
        // The engine takes a place that is written and denied for a writable one (stricter than the text).
        (Err(refusals), Bound::Restricted(world))
            if refusals.iter().all(|refusal| refusal.code().as_str() == "crosses_writable_link")
                && world.rules.iter().any(|rule| rule.access == crate::model::Access::Deny) =>
        {
            None
        }
        (Err(refusals), Bound::Restricted(_)) => told(format!("only the engine refuses: {refusals}")),
        (Ok(binding), Bound::Other(outcome)) if binding.outcome() == outcome => None,
        (found, Bound::Other(outcome)) => told(format!("the model says {outcome}, not {found:?}")),
        (Ok(other), Bound::Restricted(_) | Bound::Refused(_)) => {
            told(format!("only the engine says {other:?}"))
        }
    }
}

proptest! {
    #![proptest_config(config(60))]

    /// O-9.
    #[test]
    fn verify_right_after_bind_is_unchanged((case, tree) in seen()) {
        let Some(view) = view(&tree.recording) else { return Err(TestCaseError::fail("no recording")) };
        if let Some(policy) = policy(&case.facts, &case.intent, &view) {
            prop_assert!(policy.verify(&view).is_ok(), "{:?}", policy.verify(&view));
            let back = BoundPolicy::from_json(policy.to_json().as_bytes());
            prop_assert!(back.is_ok_and(|back| back.verify(&view).is_ok()));
        }
    }

    /// O-9: what a rule names is another object now.
    #[test]
    fn verify_notices_another_object_at_a_bound_place((case, tree) in seen(), which in any::<Index>()) {
        let Some(before) = view(&tree.recording) else { return Err(TestCaseError::fail("no recording")) };
        if let Some(policy) = policy(&case.facts, &case.intent, &before) {
            let mut recording = tree.recording.clone();
            let resolved: Vec<&str> = policy.rules().iter().map(|rule| rule.place().resolved().as_str()).collect();
            let mut there: Vec<&mut Value> = recording["entries"]
                .as_array_mut()
                .into_iter()
                .flatten()
                .filter(|entry| entry.get("identity").is_some())
                .filter(|entry| at(entry, "path").as_str().is_some_and(|path| resolved.contains(&path)))
                .collect();
            if there.is_empty() {
                return Ok(());
            }
            let which = which.index(there.len());
            if let Some(entry) = there.get_mut(which) {
                put(entry, "identity", json!(["1", "99"]));
            }
            let Some(after) = view(&recording) else { return Err(TestCaseError::fail("no recording")) };
            prop_assert!(policy.verify(&after).is_err(), "{}", policy.to_json());
        }
    }

    /// G-4, G-5 with observations.
    #[test]
    fn order_changes_nothing_that_was_seen((case, tree) in seen(), order in prop::collection::vec(any::<Index>(), 8)) {
        let Some(view) = view(&tree.recording) else { return Err(TestCaseError::fail("no recording")) };
        let (mut facts, mut intent) = (case.facts.clone(), case.intent.clone());
        shuffle(&mut intent, "/permissions/file_system/entries", &order);
        for list in ["/workspace_roots", "/temp_dirs", "/platform_defaults", "/symbols/:tools"] {
            shuffle(&mut facts, list, &order);
        }
        match (policy(&case.facts, &case.intent, &view), policy(&facts, &intent, &view)) {
            (Some(one), Some(two)) => prop_assert_eq!(meaning(&one), meaning(&two)),
            (one, two) => prop_assert_eq!(one.is_some(), two.is_some()),
        }
    }

    /// G-1 with observations: asked about where a path really leads, nothing is allowed that the model, with every link
    /// told as an alias, does not allow.
    #[test]
    fn never_wider_than_the_model_with_every_link((case, tree) in seen()) {
        let Some(view) = view(&tree.recording) else { return Err(TestCaseError::fail("no recording")) };
        let Some(policy) = policy(&case.facts, &case.intent, &view) else { return Ok(()) };
        let mut facts = case.facts.clone();
        let aliases = tree.links.iter().map(|(from, to)| json!({"from": from, "to": to}));
        put(&mut facts, "aliases", aliases.collect());
        let Some(Bound::Restricted(world)) = bind(&case.intent, &facts) else { return Ok(()) };
        for query in &case.queries {
            for (question, access) in &crate::QUESTIONS[..2] {
                let decision = policy.decide_observed(query, *access, &view);
                let most = world.decide(query, *question);
                prop_assert!(
                    !decision.is_allowed() || most.answer == crate::model::Answer::Allow,
                    "{} the model says {:?}", decision.to_json(), most
                );
            }
        }
    }

    /// The model looks at the recording, too: it refuses what the engine refuses, and allows what the engine allows.
    #[test]
    fn the_model_looks_as_well_and_agrees((case, tree) in seen()) {
        let fault = disagreement(&case, &tree.recording);
        prop_assert!(fault.is_none(), "{}", fault.unwrap_or_default());
    }

    /// G-1: what is added to deny, denies, also where links lead. A denial may be the first entry to lead through a
    /// link, which is a known name of its target from then on: so what is allowed by a name afterwards was allowed
    /// before by that name, or by the name of the place where it really leads.
    #[test]
    fn adding_a_denial_never_adds_access_through_links(
        ((case, tree), entry) in seen().prop_flat_map(|seen| {
            let system = seen.0.system;
            (Just(seen), worlds::entry(system, Breadth::Plain))
        }),
    ) {
        let Some(view) = view(&tree.recording) else { return Err(TestCaseError::fail("no recording")) };
        let mut all = entries(&case.intent);
        let mut denial = entry;
        put(&mut denial, "access", json!("deny"));
        all.push(denial);
        let after = policy(&case.facts, &with_entries(&case.intent, all), &view);
        if let (Some(before), Some(after)) = (policy(&case.facts, &case.intent, &view), after) {
            let native = |text: &String| path::native(case.system, text);
            let links = tree.links.iter().filter_map(|(from, to)| Some((native(from)?, native(to)?)));
            let names = Names::new(case.system, Vec::new(), links.collect());
            for query in &case.queries {
                let really = native(query).map(|query| names.show(&names.follow(&query, false))).unwrap_or_default();
                for access in [Access::Read, Access::Write] {
                    let (less, more) = (after.decide(query, access), before.decide(query, access));
                    let real = before.decide(&really, access);
                    prop_assert!(
                        !less.is_allowed() || more.is_allowed() || real.is_allowed(),
                        "before {}\nafter {}", more.to_json(), less.to_json()
                    );
                }
            }
        }
    }
}

/// The trees are no empty ones, policies come of them, and the model reads them.
#[test]
fn links_are_met_in_earnest() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut bound, mut linked) = (0, 0);
    let (mut bound_by_model, mut refused_by_model, mut not_read) = (0, 0, 0);
    for _ in 0..150 {
        let Ok(tree) = seen().new_tree(&mut runner) else { continue };
        let (case, tree) = proptest::strategy::ValueTree::current(&tree);
        match bind_observed(&case.intent, &case.facts, &tree.recording) {
            Some(Bound::Restricted(_)) => bound_by_model += 1,
            Some(Bound::Refused(_)) => refused_by_model += 1,
            Some(Bound::Other(_)) | None => not_read += 1,
        }
        let Some(policy) = view(&tree.recording).and_then(|view| policy(&case.facts, &case.intent, &view))
        else {
            continue;
        };
        bound += 1;
        linked += usize::from(policy.rules().iter().any(|rule| !rule.place().links().is_empty()));
    }
    println!("{bound} bound, {linked} of them through links");
    println!("by the model {bound_by_model} bound, {refused_by_model} refused, {not_read} not read");
    assert!(bound > 40 && linked > 5);
    assert!(bound_by_model > 40 && refused_by_model > 5 && not_read < 15);
}
