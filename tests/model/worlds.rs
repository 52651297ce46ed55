//! Random documents for the laws: executors, intents and queries that have something to do with each other.

use crate::model::at;
use crate::model::path::System;
use bindery::Executor;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// Sets a field of an object.
pub(crate) fn put(value: &mut Value, field: &str, new: Value) {
    if let Some(fields) = value.as_object_mut() {
        fields.insert(field.to_owned(), new);
    }
}

/// One thing to bind, and what to ask.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) system: System,
    pub(crate) facts: Value,
    pub(crate) intent: Value,
    pub(crate) queries: Vec<String>,
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\n{}\n{}\n{:?}\n", self.facts, self.intent, self.queries)
    }
}

/// What may occur in a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Breadth {
    /// Everything, also what is refused, what is not ASCII, and volumes of which nothing is known.
    Wide,
    /// Plain ASCII names on volumes that are known, and nothing that is refused.
    Plain,
}

const PLAIN: &[&str] = &["ws", "a", "A", "b", ".git", ".env", "x.key", "tmp", "private"];
const WIDE: &[&str] = &[
    "ws", "WS", "a", "A", "b", ".git", ".GIT", ".env", "x.key", "tmp", "private", "é", "e\u{301}", "É",
    "strasse", "straße", "K", "\u{212a}", "~", "GIT~1", "a b", "[x]", "%41", "..a",
];
/// Names that only a query holds.
const ASKED: &[&str] =
    &["a.", ".git ", "a:s", "a::$DATA", "..", ".", "nul", "", "a*", "SECRET~1", ".git\u{200d}"];

const TAILS: &[&str] = &[
    "**/.env",
    "*.key",
    "a/*",
    "**/b/**",
    "[ab]",
    "{a,b}/x",
    "?",
    "a",
    "**",
    "a/**",
    ".g*",
    "x*[!a-c]",
    "{a,.{git,env}}",
    "**/a/**/b",
    "*",
    "[A-Z]/?",
    "é*",
    "a/b/c/d",
    "**/[.e]*",
];

/// Directories that show other places (N-7), and those around them.
pub(crate) fn mirrors(system: System) -> Vec<&'static [&'static str]> {
    match system {
        System::Linux => vec![
            &["proc", "self", "root"],
            &["proc", "1", "root"],
            &["proc", "self", "root"],
            &["proc", "1", "task", "2", "root"],
            &["proc", "thread-self", "root", "proc", "7", "root"],
            &["proc", "1", "cwd"],
            &["dev", "fd", "3"],
            &["proc", "self", "root", "dev", "stdin"],
            &["proc"],
            &["proc", "1"],
            &["proc", "self"],
            &["PROC", "self", "root"],
            &["dev"],
        ],
        System::Macos => vec![
            &[".vol", "1"],
            &[".Vol", "1", "2"],
            &[".nofollow"],
            &[".resolve", "1"],
            &["dev", "fd"],
            &["dev", "FD", "3"],
            &["Dev", "stdin"],
            &["dev"],
            &["proc", "self", "root"],
        ],
        System::Windows => vec![&["proc", "self", "root"], &["dev", "fd"]],
    }
}

/// Names that lead through such a directory.
pub(crate) fn mirrored(system: System) -> impl Strategy<Value = Vec<&'static str>> {
    (select(mirrors(system)), names(Breadth::Wide, 0..4))
        .prop_map(|(mirror, below)| mirror.iter().copied().chain(below).collect())
}

pub(crate) fn system() -> impl Strategy<Value = System> {
    select(vec![System::Linux, System::Macos, System::Windows])
}

fn names(breadth: Breadth, length: std::ops::Range<usize>) -> impl Strategy<Value = Vec<&'static str>> {
    let pool = if breadth == Breadth::Plain { PLAIN } else { WIDE };
    // The first names are the likely ones, so that places meet.
    let name = prop_oneof![3 => select(pool.get(..4).unwrap_or(pool).to_vec()), 2 => select(pool.to_vec())];
    prop::collection::vec(name, length)
}

fn escape(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    name.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn uri(system: System, names: &[&str]) -> String {
    let drive = if system == System::Windows { "C:/" } else { "" };
    format!("file:///{drive}{}", names.iter().map(|name| escape(name)).collect::<Vec<_>>().join("/"))
}

pub(crate) fn native(system: System, names: &[&str]) -> String {
    if system == System::Windows {
        format!("C:\\{}", names.join("\\"))
    } else {
        format!("/{}", names.join("/"))
    }
}

/// The path of an entry: what it is written as, in one of the accepted forms.
fn entry_path(system: System, breadth: Breadth) -> impl Strategy<Value = Value> {
    let subpath = prop_oneof![
        2 => Just(None),
        3 => names(breadth, 1..4).prop_map(|names| Some(names.join("/"))),
    ];
    let symbols = if breadth == Breadth::Plain {
        vec![":workspace_roots", ":workspace_roots", ":home", ":cwd", ":tools"]
    } else {
        vec![":workspace_roots", ":workspace_roots", ":home", ":cwd", ":tools", ":nobody", ":tmpdir"]
    };
    let symbol = (select(symbols), subpath).prop_map(|(symbol, subpath)| match subpath {
        Some(subpath) => json!(format!("{symbol}/{subpath}")),
        None => json!(symbol),
    });
    let special = names(breadth, 1..3).prop_map(
        |names| json!({"type": "special", "value": {"kind": "project_roots", "subpath": names.join("/")}}),
    );
    let bare = select(vec![":root", ":tmpdir", ":slash_tmp", ":minimal"]).prop_map(|symbol| json!(symbol));
    let literal = names(breadth, 0..5).prop_map(move |names| json!(uri(system, &names)));
    let object =
        names(breadth, 0..4).prop_map(move |names| json!({"type": "path", "path": uri(system, &names)}));
    let mirrored = mirrored(system).prop_map(move |names| json!(uri(system, &names)));
    let some = u32::from(breadth == Breadth::Wide);
    prop_oneof![9 => symbol, 3 => special, 6 => bare, 12 => literal, 3 => object, some => mirrored]
}

fn pattern(system: System) -> impl Strategy<Value = Value> {
    let absolute = if system == System::Windows { "C:\\ws\\" } else { "/ws/" };
    let anchors = vec![":workspace_roots/", "codex-project-roots://", "~/", "", absolute];
    (select(anchors), select(TAILS.to_vec()))
        .prop_map(|(anchor, tail)| json!({"glob": format!("{anchor}{tail}")}))
}

pub(crate) fn entry(system: System, breadth: Breadth) -> impl Strategy<Value = Value> {
    let access = select(vec!["read", "write", "write", "deny", "none"]);
    let place = (entry_path(system, breadth), access).prop_map(move |(path, access)| {
        let read_only = breadth == Breadth::Plain && path == ":minimal" && access == "write";
        json!({"path": path, "access": if read_only { "read" } else { access }})
    });
    let pattern = pattern(system).prop_map(|path| json!({"path": path, "access": "deny"}));
    prop_oneof![6 => place, 1 => pattern]
}

fn volumes(system: System, breadth: Breadth) -> impl Strategy<Value = Value> {
    let case = if breadth == Breadth::Plain {
        vec!["sensitive", "insensitive"]
    } else {
        vec!["sensitive", "insensitive", "unknown"]
    };
    let norm = if breadth == Breadth::Plain {
        vec!["preserving", "insensitive"]
    } else {
        vec!["preserving", "insensitive", "unknown"]
    };
    let volume = (names(breadth, 0..3), select(case), select(norm));
    let least = usize::from(breadth == Breadth::Plain);
    prop::collection::vec(volume, least..3).prop_map(move |all| {
        let mut seen = Vec::new();
        let mut list = Vec::new();
        for (at, (names, case, normalization)) in all.into_iter().enumerate() {
            let names = if at == 0 && breadth == Breadth::Plain { Vec::new() } else { names };
            let path = native(system, &names);
            if !seen.contains(&path.to_ascii_lowercase()) {
                seen.push(path.to_ascii_lowercase());
                list.push(json!({"path": path, "case": case, "normalization": normalization}));
            }
        }
        json!(list)
    })
}

fn places(
    system: System,
    breadth: Breadth,
    count: std::ops::Range<usize>,
) -> impl Strategy<Value = Vec<String>> {
    // No short names: a fact that may be another place is not what these laws are about.
    let usable = |names: &Vec<&str>| !names.iter().any(|name| name.contains('~'));
    let place = names(breadth, 1..4).prop_filter("no short names", usable);
    prop::collection::vec(place.prop_map(move |names| native(system, &names)), count)
}

/// Names that lead elsewhere.
fn aliases(system: System, breadth: Breadth) -> impl Strategy<Value = Value> {
    let some = u32::from(breadth == Breadth::Wide);
    let usable = |names: &Vec<&str>| !names.iter().any(|name| name.contains('~'));
    let to = prop_oneof![3 => names(breadth, 1..4), 1 => mirrored(system)];
    let alias = (names(breadth, 1..4), to);
    let alias = alias.prop_filter("no short names", move |(from, to)| usable(from) && usable(to));
    let alias =
        alias.prop_map(move |(from, to)| json!({"from": native(system, &from), "to": native(system, &to)}));
    // Two aliases of one name contradict each other.
    let apart = |all: &Vec<Value>| match all.as_slice() {
        [one, two] => {
            let depth =
                |alias: &Value| at(alias, "from").as_str().map(|from| from.split(['/', '\\']).count());
            depth(one) != depth(two)
        }
        _ => true,
    };
    let aliases = prop::collection::vec(alias, 1..3).prop_filter("one alias a name", apart);
    prop_oneof![
        4 => Just(json!([])),
        some => aliases.prop_map(|all| json!(all)),
    ]
}

pub(crate) fn facts(system: System, breadth: Breadth) -> impl Strategy<Value = Value> {
    let known = if breadth == Breadth::Plain { 0.9999 } else { 0.9 };
    let lists = (
        prop::option::weighted(known, places(system, breadth, 0..4)),
        prop::option::weighted(known, places(system, breadth, 0..3)),
        prop::option::weighted(
            known,
            names(Breadth::Plain, 1..4).prop_map(move |names| native(system, &names)),
        ),
        prop::option::weighted(
            known,
            names(Breadth::Plain, 1..4).prop_map(move |names| native(system, &names)),
        ),
        places(system, breadth, 0..3),
    );
    let scope = select(vec!["root", "any_depth"]);
    let words =
        (scope, any::<bool>(), select(vec!["offered", "executor_only", "adopt_requested"]), any::<bool>());
    let protected = select(vec![vec![".git", ".agents", ".codex"], vec![".git"], vec![], vec!["a", "é"]]);
    let names = (volumes(system, breadth), aliases(system, breadth));
    let facts =
        (lists, names, words, protected).prop_map(move |(lists, (volumes, aliases), words, protected)| {
            let (roots, temp, home, cwd, tools) = lists;
            let (scope, broad, authority, strict) = words;
            let broad = broad || breadth == Breadth::Plain;
            let word = match system {
                System::Linux => "linux",
                System::Macos => "macos",
                System::Windows => "windows",
            };
            let mut facts = json!({
                "schema": "bindery.executor/1", "id": "law", "os": word, "volumes": volumes,
                "root_authority": authority, "allow_broad_root": broad,
                "symbols": {":tools": tools},
                "platform_defaults": [native(system, &["usr"])],
                "protected_names": {"version": 1, "names": protected, "scope": scope},
            });
            if aliases.as_array().is_some_and(|all| !all.is_empty()) {
                put(&mut facts, "aliases", aliases);
            }
            if breadth == Breadth::Wide && strict {
                put(&mut facts, "unknown_symbols", json!({"grant": "refuse", "deny": "refuse"}));
            }
            if let Some(roots) = roots {
                let roots =
                    roots.iter().enumerate().map(|(n, path)| json!({"id": format!("r{n}"), "path": path}));
                put(&mut facts, "workspace_roots", roots.collect());
            }
            if let Some(temp) = temp {
                put(&mut facts, "temp_dirs", json!(temp));
            }
            if let Some(home) = home {
                put(&mut facts, "home", json!(home));
            }
            if let Some(cwd) = cwd {
                put(&mut facts, "cwd", json!(cwd));
            }
            facts
        });
    // Aliases that lead in a circle, and the like, are refused before anything is bound.
    facts.prop_filter("facts of one machine", |facts| {
        Executor::from_json(facts.to_string().as_bytes()).is_ok()
    })
}

pub(crate) fn intent(entries: &[Value]) -> Value {
    json!({"permissions": {
        "type": "managed",
        "file_system": {"type": "restricted", "entries": entries},
        "network": "restricted",
    }})
}

pub(crate) fn queries(system: System, breadth: Breadth) -> impl Strategy<Value = Vec<String>> {
    let plain = names(breadth, 0..6).prop_map(move |names| native(system, &names));
    let odd = (names(breadth, 0..4), select(ASKED.to_vec()), names(breadth, 0..2));
    let odd = odd.prop_map(move |(before, odd, after)| {
        let all: Vec<&str> = before.into_iter().chain([odd]).chain(after).collect();
        native(system, &all)
    });
    let weight = u32::from(breadth == Breadth::Wide);
    let mirrored = mirrored(system).prop_map(move |names| native(system, &names));
    let query = prop_oneof![6 => plain, weight => odd, weight => mirrored];
    prop::collection::vec(query, 12..24)
}

/// A case with requested roots now and then, and with queries at and below what the facts name.
pub(crate) fn case(breadth: Breadth) -> impl Strategy<Value = Case> {
    system().prop_flat_map(move |system| {
        let entries = prop::collection::vec(entry(system, breadth), 0..7);
        let some = u32::from(breadth == Breadth::Wide);
        let root = prop_oneof![15 => names(breadth, 1..4), some => mirrored(system)];
        let requested = prop::option::weighted(0.3, prop::collection::vec(root, 0..3));
        (facts(system, breadth), entries, requested, queries(system, breadth), names(breadth, 0..3)).prop_map(
            move |(facts, entries, requested, mut queries, below)| {
                let mut intent = intent(&entries);
                let adopts = at(&facts, "root_authority") == "adopt_requested";
                if let Some(requested) = requested.filter(|_| breadth == Breadth::Wide || adopts) {
                    let usable =
                        requested.iter().filter(|names| !names.iter().any(|name| name.contains('~')));
                    put(
                        &mut intent,
                        "workspaceRoots",
                        usable.map(|names| json!(uri(system, names))).collect(),
                    );
                }
                let roots = at(&facts, "workspace_roots").as_array().into_iter().flatten();
                let tops =
                    roots.filter_map(|root| at(root, "path").as_str()).chain(at(&facts, "home").as_str());
                let separator = if system == System::Windows { "\\" } else { "/" };
                for top in tops.collect::<Vec<_>>() {
                    queries.push(top.to_owned());
                    queries.push(format!("{top}{separator}{}", below.join(separator)));
                }
                Case { system, facts, intent, queries }
            },
        )
    })
}
