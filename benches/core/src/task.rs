//! Everything that is measured, once for time and for instructions.

use crate::disk::Disk;
use crate::world::{World, restricted};
use bindery::{Access, Answer, Binder, BoundPolicy, Executor, HostFs, Intent, Os};
use std::hint::black_box;

/// One run of a task. Its result keeps the work from being optimized away.
pub type Run = Box<dyn FnMut() -> usize>;

/// Something to measure, by the name `group/case/size`.
pub struct Task {
    pub group: &'static str,
    pub case: String,
    pub size: String,
    /// Are its instructions counted too?
    pub counted: bool,
    make: Box<dyn Fn() -> Run>,
}

impl Task {
    fn new(
        group: &'static str,
        case: impl Into<String>,
        size: usize,
        make: impl Fn() -> Run + 'static,
    ) -> Self {
        Self { group, case: case.into(), size: size.to_string(), counted: false, make: Box::new(make) }
    }

    fn counted(mut self, counted: bool) -> Self {
        // Under valgrind the largest take minutes, and say nothing that the others do not.
        self.counted = counted && self.size.parse().is_ok_and(|size: usize| size <= 2_000);
        self
    }

    /// The name in reports and baselines.
    pub fn id(&self) -> String {
        format!("{}/{}/{}", self.group, self.case, self.size)
    }

    /// Makes what is measured ready.
    pub fn prepare(&self) -> Run {
        (self.make)()
    }
}

pub const SIZES: [usize; 4] = [20, 200, 2_000, 20_000];
pub const ROOTS: [usize; 3] = [1, 3, 20];
pub const PATTERNS: [usize; 4] = [0, 10, 100, 1_000];

/// Every task.
pub fn tasks() -> Vec<Task> {
    let mut out = Vec::new();
    binding(&mut out);
    observing(&mut out);
    deciding(&mut out);
    documents(&mut out);
    out
}

/// The task of this name.
pub fn task(id: &str) -> Option<Task> {
    tasks().into_iter().find(|task| task.id() == id)
}

fn bind(world: World) -> Run {
    let (executor, intent) = (world.executor(), world.intent());
    Box::new(move || {
        let binding = Binder::new(black_box(&executor)).bind(black_box(&intent)).expect("it binds");
        binding.policy().map_or(0, |policy| policy.rules().len())
    })
}

fn binding(out: &mut Vec<Task>) {
    for os in Os::ALL {
        for roots in ROOTS {
            for entries in SIZES {
                let world = World::new(os, entries, roots);
                let task =
                    Task::new("bind_lexical", format!("{os}_{roots}_roots"), entries, move || bind(world));
                out.push(task.counted(roots == 3));
            }
        }
    }
    for (entries, roots) in [(20, 1), (20, 3), (20, 20), (200, 3), (2_000, 3), (2_000, 20)] {
        let world = World { symbolic: true, ..World::new(Os::Linux, entries, roots) };
        let task = Task::new("bind_symbolic", format!("linux_{roots}_roots"), entries, move || bind(world));
        out.push(task.counted(entries == 20));
    }
    for patterns in [10, 100, 1_000] {
        let world = World { patterns, ..World::new(Os::Linux, 20, 1) };
        out.push(
            Task::new("bind_patterns", "linux_1_root", patterns, move || bind(world))
                .counted(patterns == 100),
        );
    }
}

/// Binding with a look at a real tree of this machine, and looking again. Only where there is a Linux to look at.
fn observing(out: &mut Vec<Task>) {
    if !cfg!(target_os = "linux") {
        return;
    }
    for (roots, sizes) in [(1, [20, 2_000].as_slice()), (3, SIZES.as_slice())] {
        for entries in sizes.iter().copied() {
            let make = move || -> Run {
                let disk = Disk::new(World::new(Os::Linux, entries, roots));
                let (executor, intent) = (disk.world.executor(), disk.world.intent());
                Box::new(move || {
                    let _ = &disk;
                    let binder = Binder::new(black_box(&executor)).observe(&HostFs);
                    binder
                        .bind(black_box(&intent))
                        .expect("it binds")
                        .policy()
                        .map_or(0, |policy| policy.rules().len())
                })
            };
            let task = Task::new("bind_observed", format!("linux_{roots}_roots"), entries, make);
            out.push(task.counted(roots == 3 && entries <= 2_000));
        }
    }
    for (case, entries) in [("linux_50_rules", fifty_rules().entries), ("linux_3_roots", 2_000)] {
        let make = move || -> Run {
            let disk = Disk::new(World::new(Os::Linux, entries, 3));
            let policy = observed(&disk);
            Box::new(move || {
                let _ = &disk;
                usize::from(black_box(&policy).verify(&HostFs).is_ok())
            })
        };
        out.push(Task::new("verify", case, entries, make).counted(true));
    }
}

/// The policy of a tree of this machine, bound with a look at it.
pub fn observed(disk: &Disk) -> BoundPolicy {
    let binding = Binder::new(&disk.world.executor()).observe(&HostFs).bind(&disk.world.intent());
    restricted(binding.expect("it binds"))
}

/// A question with the answer that it must get.
pub struct Question {
    pub name: &'static str,
    pub path: String,
    pub access: Access,
    pub answer: Answer,
}

/// The questions that a world is asked.
pub fn questions(world: World) -> Vec<Question> {
    let at = |name, path, access, answer| Question { name, path, access, answer };
    let (allow, deny) = (Answer::Allow, Answer::Deny);
    let (root, denied) = world.literal(world.roots);
    let deep = format!("crates/c1/{}x.rs", "deep/".repeat(58));
    let outside = match world.os {
        Os::Windows => "D:\\opt\\tools\\a\\b\\c\\d\\e\\f",
        Os::Linux | Os::Macos => "/opt/tools/a/b/c/d/e/f",
    };
    let hit = world.below(0, "crates/c1/src/m1/new.rs");
    let mut out = vec![
        at("hit", hit.clone(), Access::Write, allow),
        at("read", hit.clone(), Access::Read, allow),
        at("miss", outside.to_owned(), Access::Write, deny),
        at("denied", world.below(root, &denied), Access::Read, deny),
        at("protected", world.below(0, ".git/hooks/a/b/c"), Access::Write, deny),
        at("deep", world.below(0, &deep), Access::Write, allow),
        at("tree", world.below(0, "crates/c39/src"), Access::ReadTree, allow),
        at("tree_partial", world.below(0, ""), Access::ReadTree, Answer::Partial),
        at("not_ascii", world.below(0, "crates/c1/src/m1/größe.rs"), Access::Write, allow),
    ];
    // Found by the wide key: a carve-out under another spelling of its name.
    match world.os {
        Os::Linux => {}
        Os::Macos | Os::Windows => {
            let upper = world.below(root, &denied.to_ascii_uppercase());
            out.push(at("wide", upper, Access::Read, deny));
            out.push(at("wide_hit", hit.to_ascii_uppercase(), Access::Write, allow));
        }
    }
    out
}

fn decide(policy: BoundPolicy, path: String, access: Access) -> Run {
    Box::new(move || usize::from(black_box(&policy).decide(black_box(path.as_str()), access).is_allowed()))
}

fn deciding(out: &mut Vec<Task>) {
    for os in Os::ALL {
        let world = World::new(os, 200, 3);
        for question in questions(world) {
            let Question { name, path, access, answer } = question;
            let make = move || {
                let policy = world.policy();
                assert_eq!(policy.decide(path.as_str(), access).answer(), answer, "{path}");
                decide(policy, path.clone(), access)
            };
            out.push(Task::new("decide", format!("{os}_{name}"), 200, make).counted(true));
        }
    }
    for entries in SIZES {
        for name in ["hit", "miss"] {
            let world = World::new(Os::Linux, entries, 3);
            let make = move || {
                let question = questions(world).into_iter().find(|question| question.name == name);
                let question = question.expect("the question is asked");
                decide(world.policy(), question.path, question.access)
            };
            out.push(Task::new("decide_flat", format!("linux_{name}"), entries, make).counted(true));
        }
    }
    for patterns in PATTERNS {
        let world = World { patterns, ..World::new(Os::Linux, 200, 1) };
        for (name, rest, allowed) in [
            ("hit", "crates/c1/src/m1/new.rs", true),
            ("near", "config/a/token1.json", true),
            ("match", "crates/c1/src/m1/a.key0", false),
        ] {
            if patterns == 0 && name == "match" {
                continue;
            }
            let make = move || {
                let policy = world.policy();
                let path = world.below(0, rest);
                assert_eq!(policy.decide(path.as_str(), Access::Read).is_allowed(), allowed, "{path}");
                decide(policy, path, Access::Read)
            };
            out.push(
                Task::new("decide_patterns", format!("linux_{name}"), patterns, make).counted(name != "near"),
            );
        }
    }
    let explained = World::new(Os::Linux, 200, 3);
    for (case, rest, access) in
        [("allow", "crates/c1/src/m1/new.rs", Access::Write), ("deny", ".git/config", Access::Write)]
    {
        let explain = move || -> Run {
            let (policy, path) = (explained.policy(), explained.below(0, rest));
            Box::new(move || black_box(&policy).decide(black_box(path.as_str()), access).explain().len())
        };
        out.push(Task::new("explain", format!("linux_{case}"), 200, explain).counted(true));
        let to_json = move || -> Run {
            let (policy, path) = (explained.policy(), explained.below(0, rest));
            Box::new(move || black_box(&policy).decide(black_box(path.as_str()), access).to_json().len())
        };
        out.push(Task::new("decision_to_json", format!("linux_{case}"), 200, to_json).counted(true));
    }
}

fn documents(out: &mut Vec<Task>) {
    for entries in SIZES {
        let world = World::new(Os::Linux, entries, 3);
        let counted = entries <= 2_000;
        let read_intent = move || -> Run {
            let text = world.intent_json();
            Box::new(move || Intent::from_json(black_box(&text)).expect("it reads").entries().len())
        };
        out.push(Task::new("read_intent", "linux_3_roots", entries, read_intent).counted(counted));
        let write_intent = move || -> Run {
            let intent = world.intent();
            Box::new(move || black_box(&intent).to_json().len())
        };
        out.push(Task::new("write_intent", "linux_3_roots", entries, write_intent).counted(counted));
        let write_policy = move || -> Run {
            let policy = world.policy();
            Box::new(move || black_box(&policy).to_json().len())
        };
        out.push(Task::new("write_policy", "linux_3_roots", entries, write_policy).counted(counted));
        out.push(
            Task::new("read_policy", "linux_3_roots", entries, move || read_policy(world)).counted(counted),
        );
    }
    // Fifty rules, the size that a target names.
    let fifty = fifty_rules();
    out.push(
        Task::new("read_policy", "linux_50_rules", fifty.entries, move || read_policy(fifty)).counted(true),
    );
    let read_executor = || -> Run {
        let text = World::new(Os::Linux, 20, 20).executor_json();
        Box::new(move || {
            let executor = Executor::from_json(black_box(text.as_bytes())).expect("it reads");
            executor.workspace_roots().map_or(0, <[_]>::len)
        })
    };
    out.push(Task::new("read_executor", "linux_20_roots", 20, read_executor).counted(true));
}

fn read_policy(world: World) -> Run {
    let text = world.policy().to_json();
    Box::new(move || BoundPolicy::from_json(black_box(text.as_bytes())).expect("it reads back").rules().len())
}

/// A world whose policy has fifty rules.
pub fn fifty_rules() -> World {
    (20..60)
        .map(|entries| World::new(Os::Linux, entries, 3))
        .find(|world| world.policy().rules().len() == 50)
        .expect("some number of entries gives fifty rules")
}

#[cfg(test)]
mod tests {
    use super::tasks;
    use std::collections::BTreeSet;

    #[test]
    fn every_task_has_its_own_name() {
        let names: BTreeSet<String> = tasks().iter().map(super::Task::id).collect();
        assert_eq!(names.len(), tasks().len());
    }

    #[test]
    fn every_task_runs_and_gets_the_answer_that_it_measures() {
        for task in tasks().iter().filter(|task| task.size.parse::<usize>().is_ok_and(|size| size <= 200)) {
            let mut run = task.prepare();
            assert_eq!(run(), run(), "{}", task.id());
        }
    }
}
