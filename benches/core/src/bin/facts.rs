//! Measures what is no time: allocations, memory, questions to the file system, and plans. Prints JSON.

use bindery::{Access, Binder, BoundPolicy, Executor, Intent, Os, Place, PlanStep};
use bindery_bench::disk::{CountingFs, Disk};
use bindery_bench::memory::{Counting, allocations, held};
use bindery_bench::task::{SIZES, fifty_rules, questions};
use bindery_bench::world::{World, restricted};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::path::Path;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() {
    let facts = json!({
        "machine": machine(),
        "allocations": decisions(),
        "memory": memory(),
        "asked": [asked(20, 3), asked(200, 3), asked(2_000, 1)],
        "plans": plans(),
    });
    println!("{facts:#}");
}

/// What this was run on.
fn machine() -> Value {
    let said = |program: &str, arguments: &[&str]| {
        let output = std::process::Command::new(program).args(arguments).output().ok();
        output.map_or_else(String::new, |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    json!({
        "cpu": model.map_or("not told", |(_, name)| name),
        "cores": std::thread::available_parallelism().map_or(0, usize::from),
        "system": said("uname", &["-sr"]),
        "load": std::fs::read_to_string("/proc/loadavg").unwrap_or_default().split(' ').next(),
        "rustc": said("rustc", &["--version"]),
        "valgrind": said("valgrind", &["--version"]),
    })
}

/// Allocations of each kind of decision.
fn decisions() -> Vec<Value> {
    let mut out = Vec::new();
    for os in Os::ALL {
        let world = World::new(os, 200, 3);
        let policy = world.policy();
        for question in questions(world) {
            let path = question.path.as_str();
            let _ = policy.decide(path, question.access).is_allowed();
            let (count, _) =
                allocations(|| black_box(&policy).decide(black_box(path), question.access).is_allowed());
            out.push(json!({"os": os.as_str(), "question": question.name, "allocations": count}));
        }
    }
    let world = World { patterns: 100, ..World::new(Os::Linux, 200, 1) };
    let policy = world.policy();
    let path = world.below(0, "crates/c1/src/m1/new.rs");
    let _ = policy.decide(path.as_str(), Access::Write).is_allowed();
    let (count, _) = allocations(|| policy.decide(black_box(path.as_str()), Access::Write).is_allowed());
    out.push(json!({"os": "linux", "question": "hit, 100 patterns", "allocations": count}));
    out
}

/// Bytes that a policy holds, and its audit of these.
fn memory() -> Vec<Value> {
    let worlds = [fifty_rules()].into_iter().chain(SIZES.map(|entries| World::new(Os::Linux, entries, 3)));
    worlds
        .map(|world| {
            let (executor, intent) = (world.executor(), world.intent());
            let (bytes, policy) =
                held(|| restricted(Binder::new(&executor).bind(&intent).expect("it binds")));
            let (audit, copy) = held(|| policy.audit().to_vec());
            drop(copy);
            let audit = audit + texts_of_the_audit(&policy);
            json!({"entries": world.entries, "rules": policy.rules().len(), "bytes": bytes, "audit": audit})
        })
        .collect()
}

/// How many bytes of texts are held by the audit alone: most of its texts are those of places, and held by rules. Those
/// of pointers to entries are the intent's.
fn texts_of_the_audit(policy: &BoundPolicy) -> usize {
    let of = |place: &Place| [place.path().as_str().as_ptr(), place.resolved().as_str().as_ptr()];
    let places: BTreeSet<_> = policy.rules().iter().flat_map(|rule| of(rule.place())).collect();
    let mut texts = BTreeMap::new();
    for record in policy.audit() {
        let steps = record.steps().iter().flat_map(|step| [&*step.before, &*step.after]);
        let lists = [record.paths(), record.shadows(), record.shadowed_by()];
        let all = steps.chain(lists.into_iter().flatten().map(|text| &**text)).chain(record.root());
        texts.extend(all.chain([record.said()]).map(|text| (text.as_ptr(), text)));
    }
    // Two counts stand before each.
    let held = |text: &str| (text.len() + 2 * size_of::<usize>()).next_multiple_of(align_of::<usize>());
    texts.into_values().filter(|text| !places.contains(&text.as_ptr())).map(held).sum()
}

/// What binding with a look at the file system asks of it.
fn asked(entries: usize, roots: usize) -> Value {
    let disk = Disk::new(World::new(Os::Linux, entries, roots));
    let (executor, intent) = (disk.world.executor(), disk.world.intent());
    let view = CountingFs::default();
    let rules =
        restricted(Binder::new(&executor).observe(&view).bind(&intent).expect("it binds")).rules().len();
    let asked = view.asked();
    let looks: usize = asked.looks.values().sum();
    let most = asked.looks.values().max().copied().unwrap_or_default();
    json!({"entries": entries, "roots": roots, "rules": rules, "components": asked.looks.len(), "looks": looks,
        "most_for_one": most, "others": asked.others})
}

/// Entries in, steps out: for the recorded requests and for large ones. A naive builder makes a step of every rule and
/// pattern, and of every protected name of every writable place.
fn plans() -> Vec<Value> {
    let mut out = Vec::new();
    let fixtures = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures"));
    for (request, executor) in [
        ("read_only", "linux"),
        ("workspace_write", "linux"),
        ("workspace_write", "macos"),
        ("workspace_write_extra_root", "linux"),
        ("linux_orchestrator_windows_executor", "windows"),
    ] {
        let read = |path: String| std::fs::read(fixtures.join(path)).expect("the fixture is there");
        let mut facts: Value =
            serde_json::from_slice(&read(format!("executors/{executor}.json"))).expect("it is JSON");
        if executor != "linux" {
            facts["root_authority"] = json!("executor_only");
        }
        let executor_facts = Executor::from_json(facts.to_string().as_bytes()).expect("the facts are valid");
        let intent = Intent::from_json(read(format!("real/{request}.json"))).expect("it reads");
        let policy = restricted(Binder::new(&executor_facts).bind(&intent).expect("it binds"));
        out.push(plan(&format!("{request}, {executor}"), intent.entries().len(), &policy));
    }
    for (roots, entries, patterns) in
        [(3, 200, 0), (3, 200, 100), (3, 2_000, 0), (3, 20_000, 0), (20, 2_000, 0)]
    {
        let world = World { patterns, ..World::new(Os::Linux, entries, roots) };
        let name = format!("generated, {roots} roots, {patterns} patterns");
        out.push(plan(&name, entries + patterns, &world.policy()));
    }
    // Every place written three times, and half of them below one that says the same.
    let mut entries = vec![json!({"path": ":workspace_roots", "access": "write"})];
    for at in 0..200 {
        let path = format!(":workspace_roots/a{}/b{}", at % 20, at % 50);
        entries.push(json!({"path": path, "access": if at % 2 == 0 { "write" } else { "deny" }}));
        entries.push(
            json!({"path": format!("{path}/below"), "access": if at % 2 == 0 { "write" } else { "deny" }}),
        );
        entries.push(json!({"path": {"glob": format!("{path}/**")}, "access": "deny"}));
    }
    let count = entries.len();
    let document = json!({"permissions": {"type": "managed", "network": "restricted",
        "file_system": {"type": "restricted", "entries": entries}}});
    let intent = Intent::from_json(document.to_string()).expect("it reads");
    let executor = World::new(Os::Linux, 20, 3).executor();
    let policy = restricted(Binder::new(&executor).bind(&intent).expect("it binds"));
    out.push(plan("generated, the same said often, 3 roots", count, &policy));
    out
}

fn plan(name: &str, entries: usize, policy: &bindery::BoundPolicy) -> Value {
    let protected = policy.protected_names().names().count();
    let writable = policy.rules().iter().filter(|rule| rule.access() == bindery::EntryAccess::Write).count();
    let naive = policy.rules().len() + policy.deny_patterns().len() + writable * protected;
    let patterns = policy.plan().iter().filter(|step: &&PlanStep| step.tail().is_some()).count();
    json!({"policy": name, "entries": entries, "rules": policy.rules().len(), "naive": naive,
        "steps": policy.plan().len(), "patterns": patterns})
}
