//! Bytes as choices: facts, an intent, a recording and questions that have something to do with each other. Every
//! input is one; where the bytes end, every further choice is the first one.

use bindery::Os;
use serde_json::{Map, Value, json};

/// What is left of the bytes.
pub(crate) struct Input<'d>(pub(crate) &'d [u8]);

impl Input<'_> {
    pub(crate) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    pub(crate) fn below(&mut self, limit: u8) -> usize {
        usize::from(self.byte() % limit.max(1))
    }

    pub(crate) fn is(&mut self, one_in: u8) -> bool {
        self.byte() % one_in == one_in - 1
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let at = usize::from(self.byte()) % from.len();
        from[at]
    }
}

/// The names that everything is made of. The first are the likely ones, so that places meet.
const NAMES: &[&str] = &[
    "ws", "a", "WS", "A", "b", ".git", ".GIT", ".env", "x.key", "tmp", "private", "é", "e\u{301}", "É",
    "strasse", "straße", "K", "\u{212a}", "~", "GIT~1", "a b", "[x]", "%41", "..a",
];
/// Names that only a question holds.
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

/// One thing to bind, and what to ask.
pub(crate) struct World {
    pub(crate) os: Os,
    pub(crate) facts: Value,
    pub(crate) intent: Value,
    pub(crate) asked: Vec<String>,
}

impl World {
    /// Is there a volume that does not begin at the top?
    pub(crate) fn has_mounts(&self) -> bool {
        let top = native(self.os, &[]);
        self.facts["volumes"].as_array().into_iter().flatten().any(|volume| volume["path"] != json!(top))
    }
}

fn names(input: &mut Input<'_>, least: usize, most: u8) -> Vec<&'static str> {
    let count = least + input.below(most);
    (0..count).map(|_| if input.is(3) { input.pick(NAMES) } else { input.pick(&NAMES[..4]) }).collect()
}

fn native(os: Os, names: &[&str]) -> String {
    match os {
        Os::Windows => format!("C:\\{}", names.join("\\")),
        Os::Linux | Os::Macos => format!("/{}", names.join("/")),
    }
}

/// A place of the facts: no short names, since a fact that may be another place is not what is asked about here.
fn place(input: &mut Input<'_>, os: Os, least: usize) -> String {
    let mut names = names(input, least, 3);
    names.retain(|name| !name.contains('~'));
    if names.is_empty() {
        names.push("ws");
    }
    native(os, &names)
}

fn uri(os: Os, names: &[&str]) -> String {
    use std::fmt::Write as _;
    let mut out = if os == Os::Windows { "file:///C:".to_owned() } else { "file://".to_owned() };
    for name in names {
        out.push('/');
        for byte in name.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                out.push(char::from(byte));
            } else {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    if names.is_empty() { format!("{out}/") } else { out }
}

fn entry(input: &mut Input<'_>, os: Os) -> Value {
    if input.is(6) {
        let absolute = if os == Os::Windows { "C:\\ws\\" } else { "/ws/" };
        let anchor = input.pick(&[":workspace_roots/", "codex-project-roots://", "~/", "", absolute]);
        return json!({"path": {"glob": format!("{anchor}{}", input.pick(TAILS))}, "access": "deny"});
    }
    let path = match input.below(9) {
        0..4 => json!(uri(os, &names(input, 0, 5))),
        4 => json!({"type": "path", "path": uri(os, &names(input, 0, 4))}),
        5 => json!(input.pick(&[":root", ":tmpdir", ":slash_tmp", ":minimal"])),
        6 => {
            json!({"type": "special", "value": {"kind": "project_roots", "subpath": names(input, 1, 2).join("/")}})
        }
        _ => {
            let symbols =
                [":workspace_roots", ":workspace_roots", ":home", ":cwd", ":tools", ":nobody", ":tmpdir"];
            let symbol = input.pick(&symbols);
            match names(input, 0, 4).as_slice() {
                [] => json!(symbol),
                names => json!(format!("{symbol}/{}", names.join("/"))),
            }
        }
    };
    let mut entry = json!({"path": path, "access": input.pick(&["read", "write", "deny", "write", "none"])});
    if input.is(16) {
        entry["missing_path_behavior"] = json!("skip");
    }
    entry
}

fn volumes(input: &mut Input<'_>, os: Os) -> Value {
    let (mut seen, mut list) = (Vec::new(), Vec::new());
    for at in 0..input.below(3) {
        let path = if at == 0 && !input.is(3) { native(os, &[]) } else { place(input, os, 0) };
        let case = input.pick(&["sensitive", "insensitive", "unknown"]);
        let normalization = input.pick(&["preserving", "insensitive", "unknown"]);
        if !seen.contains(&path.to_ascii_lowercase()) {
            seen.push(path.to_ascii_lowercase());
            list.push(json!({"path": path, "case": case, "normalization": normalization}));
        }
    }
    json!(list)
}

fn facts(input: &mut Input<'_>, os: Os) -> Value {
    let mut facts = Map::new();
    let mut put = |name: &str, value: Value| facts.insert(name.to_owned(), value);
    put("schema", json!("bindery.executor/1"));
    put("id", json!("fuzz"));
    put("os", json!(os.as_str()));
    put("volumes", volumes(input, os));
    put("root_authority", json!(input.pick(&["offered", "executor_only", "adopt_requested"])));
    put("allow_broad_root", json!(!input.is(3)));
    put("symbols", json!({":tools": (0..input.below(3)).map(|_| place(input, os, 1)).collect::<Vec<_>>()}));
    put("platform_defaults", json!([native(os, &["usr"])]));
    let protected: &[&str] = input.pick(&[&[".git", ".agents", ".codex"][..], &[".git"], &[], &["a", "é"]]);
    let scope = input.pick(&["root", "any_depth"]);
    put("protected_names", json!({"version": 1, "names": protected, "scope": scope}));
    if input.is(4) {
        put("unknown_symbols", json!({"grant": "refuse", "deny": "refuse"}));
    }
    if !input.is(8) {
        let roots = (0..input.below(4)).map(|n| json!({"id": format!("r{n}"), "path": place(input, os, 1)}));
        put("workspace_roots", roots.collect());
    }
    if !input.is(8) {
        put("temp_dirs", (0..input.below(3)).map(|_| json!(place(input, os, 1))).collect());
    }
    if !input.is(8) {
        put("home", json!(place(input, os, 1)));
    }
    if !input.is(8) {
        put("cwd", json!(place(input, os, 1)));
    }
    Value::Object(facts)
}

/// The choices of an input. Aliases are not among them: the model of the tests says less of them.
pub(crate) fn world(input: &mut Input<'_>) -> World {
    let os = input.pick(&Os::ALL);
    let facts = facts(input, os);
    let entries: Vec<Value> = (0..input.below(7)).map(|_| entry(input, os)).collect();
    let mut intent = json!({"permissions": {
        "type": "managed",
        "file_system": {"type": "restricted", "entries": entries},
        "network": "restricted",
    }});
    if input.is(4) {
        let roots = (0..input.below(3)).map(|_| {
            let mut names = names(input, 1, 3);
            names.retain(|name| !name.contains('~'));
            json!(uri(os, &names))
        });
        intent["workspaceRoots"] = roots.collect();
    }
    let mut asked = Vec::new();
    for _ in 0..4 + input.below(9) {
        let mut names = names(input, 0, 5);
        if input.is(8) {
            names.push(input.pick(ASKED));
        }
        asked.push(native(os, &names));
    }
    for root in facts["workspace_roots"].as_array().into_iter().flatten() {
        asked.extend(root["path"].as_str().map(str::to_owned));
    }
    World { os, facts, intent, asked }
}

/// A file system in which the places of a world are something.
pub(crate) fn recording(input: &mut Input<'_>, os: Os) -> Value {
    let mut entries: Map<String, Value> = Map::new();
    for _ in 0..input.below(14) {
        let path = place(input, os, 0);
        let mut entry = Map::new();
        let mut put = |name: &str, value: Value| entry.insert(name.to_owned(), value);
        put("path", json!(path));
        let links: &[&str] =
            if os == Os::Windows { &["symlink", "junction", "mount_point"] } else { &["symlink"] };
        let kind = match input.below(12) {
            0..4 => "directory",
            4 | 5 => "file",
            6..9 => input.pick(links),
            9 => "missing",
            10 => "unreadable",
            _ => "other",
        };
        put("kind", json!(kind));
        if !matches!(kind, "missing" | "unreadable") && input.is(2) {
            put("identity", json!([input.pick(&["v1", "v2"]), input.pick(&["1", "2", "3", "4", "5", "6"])]));
        }
        match kind {
            "symlink" | "junction" | "mount_point" => {
                let target = match input.below(5) {
                    0 => names(input, 1, 3).join(if os == Os::Windows { "\\" } else { "/" }),
                    1 => format!("../{}", input.pick(&NAMES[..5])),
                    2 => input
                        .pick(&[
                            "",
                            ".",
                            "..",
                            "../../..",
                            "/",
                            "C:\\",
                            "\\\\nas\\s",
                            "/proc/self/root",
                            "\\??\\C:\\ws",
                        ])
                        .to_owned(),
                    _ => place(input, os, 0),
                };
                put("target", json!(target));
            }
            "directory" if input.is(8) => {
                put("mount", json!(true));
            }
            "file" => {
                if input.is(3) {
                    put("links", json!(1 + input.below(3)));
                }
                if path.rsplit(['/', '\\']).next() == Some(".git") {
                    put("pointer", json!(format!("gitdir: {}\n", place(input, os, 1))));
                }
            }
            _ => {}
        }
        if os == Os::Windows && input.is(6) {
            put("long_name", json!(input.pick(NAMES)));
        }
        entries.insert(path, Value::Object(entry));
    }
    let entries: Vec<Value> = entries.into_iter().map(|(_, entry)| entry).collect();
    json!({
        "schema": "bindery.recording/1", "os": os.as_str(), "complete": !input.is(4), "entries": entries,
        "volumes": if input.is(4) { volumes_of_a_view(input, os) } else { json!([]) },
    })
}

fn volumes_of_a_view(input: &mut Input<'_>, os: Os) -> Value {
    let mut list = volumes(input, os);
    for volume in list.as_array_mut().into_iter().flatten() {
        if let Some(fields) = volume.as_object_mut() {
            if let Some(path) = fields.remove("path") {
                fields.insert("root".to_owned(), path);
            }
            fields.insert("id".to_owned(), json!(input.pick(&["v1", "v2"])));
        }
    }
    list
}
