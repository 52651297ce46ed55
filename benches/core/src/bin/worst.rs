//! The worst inputs that are accepted, by kind: builds each at its limit, binds and asks it, and prints a table of the time it
//! took and of the most memory that was held at once. `worst` measures all, each in a process of its own; `worst KIND` one.

use bindery::{
    Access, Binder, Binding, BoundPolicy, Executor, FsView, Intent, Kind as Object, NativePath, Observation,
    Os, VolumeFact,
};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::process::{Command, ExitCode};
use std::time::Instant;

/// What one kind of worst input is.
struct Kind {
    name: &'static str,
    about: &'static str,
    make: fn() -> Input,
}

struct Input {
    facts: Value,
    intent: String,
    /// A question that costs most, if deciding is what is bad.
    query: String,
    /// A tree, if it is one that is bad.
    tree: Option<&'static dyn FsView>,
}

const KINDS: [Kind; 10] = [
    Kind { name: "entries", about: "32,768 literal entries, in 16 MiB", make: entries },
    Kind { name: "places", about: "1,024 entries × 256 roots: 262,144 places", make: places },
    Kind { name: "text", about: "4 deep subpaths of 7.5 KiB × 256 roots, 3.8 million names", make: text },
    Kind {
        name: "patterns",
        about: "1,024 patterns below one root, of as many steps a character as may be",
        make: patterns,
    },
    Kind {
        name: "pattern_cost",
        about: "26 long patterns of as many steps a character as may be, asked a path of 96 KiB",
        make: pattern_cost,
    },
    Kind { name: "pattern_places", about: "9 deep patterns of 4 KiB × 256 roots", make: pattern_places },
    Kind {
        name: "deep_question",
        about: "a path of 49,000 components, through an alias",
        make: deep_question,
    },
    Kind {
        name: "mirrors",
        about: "a path through 4 mirrors, behind each an alias to the next, with 250 more aliases",
        make: mirrors,
    },
    Kind {
        name: "links",
        about: "observed: 40 entries, each through 40 links of 4 KiB, 80,000 directories deep",
        make: links,
    },
    Kind { name: "nesting", about: "16 MiB of unknown nested fields", make: nesting },
];

fn main() -> ExitCode {
    let done = match std::env::args().nth(1).as_deref() {
        None => all(),
        Some(name) => one(name),
    };
    match done {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}

fn all() -> Result<String, String> {
    let program = std::env::current_exe().map_err(|fault| fault.to_string())?;
    let mut table =
        "| input | intent | read and bind | written as JSON | read back | worst question | most memory |\n\
                     |---|---|---|---|---|---|---|"
            .to_owned();
    for kind in &KINDS {
        let output = Command::new(&program).arg(kind.name).output().map_err(|fault| fault.to_string())?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        let _ = write!(table, "\n{}", String::from_utf8_lossy(&output.stdout).trim());
    }
    Ok(table)
}

fn one(name: &str) -> Result<String, String> {
    let kind =
        KINDS.iter().find(|kind| kind.name == name).ok_or_else(|| format!("there is no kind {name}"))?;
    let Input { facts, intent, query, tree } = (kind.make)();
    let executor =
        Executor::from_json(facts.to_string().as_bytes()).map_err(|refusals| refusals.to_string())?;
    let (bound, policy) = timed(|| bind(&executor, &intent, tree));
    let policy = policy.map_err(|fault| format!("{name}: {fault}"))?;
    let (asked, _) = timed(|| policy.decide(query.as_str(), Access::Write).is_allowed());
    let bytes = intent.len();
    drop(intent);
    let memory = peak();
    let (written, text) = timed(|| policy.to_json());
    drop(policy);
    let (read, back) = timed(|| BoundPolicy::from_json(text.as_bytes()).map(|policy| policy.rules().len()));
    back.map_err(|refusals| refusals.to_string())?;
    Ok(format!(
        "| {} | {} | {} | {} ({}) | {} | {} | {} bound, {} with its JSON |",
        kind.about,
        size(bytes as u64),
        bound,
        written,
        size(text.len() as u64),
        read,
        asked,
        size(memory),
        size(peak()),
    ))
}

fn bind(executor: &Executor, intent: &str, tree: Option<&dyn FsView>) -> Result<BoundPolicy, String> {
    let intent = Intent::from_json(intent.as_bytes()).map_err(|refusals| refusals.to_string())?;
    let binder = Binder::new(executor);
    let binder = match tree {
        Some(tree) => binder.observe(tree),
        None => binder,
    };
    match binder.bind(&intent) {
        Ok(Binding::Restricted(policy)) => Ok(policy),
        Ok(_) => Err("no policy".to_owned()),
        Err(refusals) => Err(format!("refused: {refusals}")),
    }
}

fn timed<T>(run: impl FnOnce() -> T) -> (String, T) {
    let began = Instant::now();
    let value = run();
    let seconds = began.elapsed().as_secs_f64();
    let text = if seconds < 1e-3 {
        format!("{:.0} µs", seconds * 1e6)
    } else if seconds < 1.0 {
        format!("{:.0} ms", seconds * 1e3)
    } else {
        format!("{seconds:.1} s")
    };
    (text, value)
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_048_576 => format!("{} KiB", bytes / 1024),
        _ => format!("{} MiB", bytes / 1_048_576),
    }
}

/// The most memory that this process has held, as Linux tells it.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kibibytes.unwrap_or_default() * 1024
}

fn executor(roots: usize) -> Value {
    let roots: Vec<Value> =
        (0..roots).map(|n| json!({"id": format!("r{n}"), "path": format!("/w/{n}")})).collect();
    json!({"id": "worst", "os": "linux", "workspace_roots": roots})
}

fn document(entries: &[Value], rest: &str) -> String {
    let entries = serde_json::to_string(entries).expect("it is JSON");
    format!(
        r#"{{"permissions":{{"type":"managed","network":"restricted","file_system":{{"type":"restricted","entries":{entries}}}}}{rest}}}"#
    )
}

fn input(facts: Value, entries: &[Value], query: impl Into<String>) -> Input {
    Input { facts, intent: document(entries, ""), query: query.into(), tree: None }
}

fn access(n: usize) -> &'static str {
    ["write", "deny", "read"][n % 3]
}

fn denied(glob: &str) -> Value {
    json!({"path": {"glob": glob}, "access": "deny"})
}

fn entries() -> Input {
    let path = |n: usize| format!("file:///d/{}/{}{n}", n % 97, "some/longer/name/".repeat(24));
    let all: Vec<Value> = (0..32_768).map(|n| json!({"path": path(n), "access": access(n)})).collect();
    input(executor(1), &all, "/d/1/x")
}

fn places() -> Input {
    let all: Vec<Value> =
        (0..1024).map(|n| json!({"path": format!(":workspace_roots/{n}"), "access": access(n)})).collect();
    input(executor(256), &all, "/w/7/7/x")
}

fn text() -> Input {
    // Each place is kept as written and as bound, and told in steps.
    let path = |n: usize| format!(":workspace_roots/{n}/{}x", "d/".repeat(3750));
    let all: Vec<Value> = (0..4).map(|n| json!({"path": path(n), "access": access(n)})).collect();
    input(executor(256), &all, format!("/w/7/7/{}", "d/".repeat(3750)))
}

/// The largest of these inputs that is accepted, the first of which is.
fn largest(make: impl Fn(usize) -> Input) -> Input {
    let accepted = |input: &Input| {
        let executor = Executor::from_json(input.facts.to_string().as_bytes());
        executor.is_ok_and(|executor| bind(&executor, &input.intent, input.tree).is_ok())
    };
    let mut found = make(0);
    for next in (1..).map(make).take_while(accepted) {
        found = next;
    }
    found
}

fn patterns() -> Input {
    largest(|more| {
        let glob = |n: usize| format!(":workspace_roots/**/{n:04}*{}?", "x".repeat(95 + more));
        let all: Vec<Value> = (0..1024).map(|n| denied(&glob(n))).collect();
        input(executor(1), &all, format!("/w/0/{}", "0001x/".repeat(600)))
    })
}

fn pattern_cost() -> Input {
    let pattern = |pieces: usize, last: char| denied(&format!("/w/?{}{last}", "{?,*a}".repeat(pieces)));
    // The last one fills up what the others leave.
    largest(|more| {
        let all: Vec<Value> =
            ('a'..='y').map(|last| pattern(570, last)).chain([pattern(1 + more, 'z')]).collect();
        input(executor(1), &all, format!("/w/{}", "a".repeat(98_000)))
    })
}

fn pattern_places() -> Input {
    let glob = |n: usize| format!(":workspace_roots/{n}/{}*?", "d/".repeat(2000));
    let all: Vec<Value> = (0..9).map(|n| denied(&glob(n))).collect();
    input(executor(256), &all, format!("/w/7/7/{}", "d/".repeat(2000)))
}

fn deep_question() -> Input {
    let mut facts = executor(1);
    facts["aliases"] = json!([{"from": "/mnt", "to": "/w"}]);
    let all = [
        json!({"path": ":workspace_roots", "access": "write"}),
        json!({"path": "file:///w/0/d/x", "access": "deny"}),
    ];
    input(facts, &all, format!("/mnt/0/{}", "d/".repeat(49_000)))
}

fn mirrors() -> Input {
    let mut facts = executor(1);
    let chain =
        (0..5).map(|n| json!({"from": format!("/a{n}"), "to": format!("/proc/self/root/a{}", n + 1)}));
    let others = (0..250).map(|n| json!({"from": format!("/b{n}"), "to": format!("/a0/{n}")}));
    facts["aliases"] = chain.chain(others).collect();
    let all = [
        json!({"path": ":root", "access": "write"}),
        json!({"path": "file:///a5/x/secret", "access": "deny"}),
        denied("/a5/**/.env"),
    ];
    input(facts, &all, format!("/a1/{}", "x/".repeat(45_000)))
}

/// A tree without an end: every name is a directory, but each `l` is a link to something deep below it.
#[derive(Debug)]
struct Endless;

impl FsView for Endless {
    fn os(&self) -> Os {
        Os::Linux
    }
    fn look(&self, path: &NativePath) -> Observation {
        let kind = if path.as_str().ends_with("/l") { Object::Symlink } else { Object::Directory };
        Observation::Exists { kind, identity: None, links: Some(1), mount: false }
    }
    fn read_link(&self, _: &NativePath) -> Option<Vec<u8>> {
        Some("d/".repeat(2047).into_bytes())
    }
    fn read_pointer(&self, _: &NativePath) -> Option<Vec<u8>> {
        None
    }
    fn volume(&self, _: &NativePath) -> Option<VolumeFact> {
        None
    }
    fn long_name(&self, _: &NativePath) -> Option<String> {
        None
    }
}

fn links() -> Input {
    let path = |n: usize| format!(":workspace_roots/{n}{}", "/l".repeat(40));
    let all: Vec<Value> = (0..40).map(|n| json!({"path": path(n), "access": "deny"})).collect();
    Input { tree: Some(&Endless), ..input(executor(1), &all, format!("/w/0/7{}/x", "/l".repeat(40))) }
}

fn nesting() -> Input {
    let one = format!("{}{},", "[".repeat(50), "]".repeat(50));
    let many = one.repeat(16_000_000 / one.len());
    let all = [json!({"path": ":workspace_roots", "access": "write"})];
    Input {
        facts: executor(1),
        intent: document(&all, &format!(r#","x":[{many}0]"#)),
        query: "/w/0/x".to_owned(),
        tree: None,
    }
}
