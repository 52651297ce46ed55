//! What is bound and asked about: machines and requests of any size, made the same way every time.

use bindery::{Binder, Binding, BoundPolicy, Executor, Intent, Os};
use std::fmt::Write as _;

/// Entries that every request begins with: those of a real `workspace_write` request, so that a size counts them.
const PRESET: [(&str, &str); 7] = [
    (":root", "read"),
    (":workspace_roots", "write"),
    (":slash_tmp", "write"),
    (":tmpdir", "write"),
    (":workspace_roots/.git", "read"),
    (":workspace_roots/.agents", "read"),
    (":workspace_roots/.codex", "read"),
];

/// A machine with some roots, and a request with some entries and patterns.
#[derive(Clone, Copy, Debug)]
pub struct World {
    pub os: Os,
    /// Entries in all, patterns not counted.
    pub entries: usize,
    pub roots: usize,
    pub patterns: usize,
    /// Do the entries beyond the preset name every root by a symbol, rather than one file each?
    pub symbolic: bool,
    /// A folder in which the roots really are, on this machine.
    pub folder: Option<&'static str>,
}

impl World {
    pub const fn new(os: Os, entries: usize, roots: usize) -> Self {
        Self { os, entries, roots, patterns: 0, symbolic: false, folder: None }
    }

    /// The segments of a root, below `/` or the drive.
    fn root_segments(self, root: usize) -> Vec<String> {
        if let Some(folder) = self.folder {
            let above = folder.split('/').filter(|name| !name.is_empty()).map(str::to_owned);
            return above.chain([format!("ws{root}")]).collect();
        }
        match self.os {
            Os::Macos => vec!["Users".to_owned(), "dev".to_owned(), format!("ws{root}")],
            Os::Windows => vec!["exec".to_owned(), "agent".to_owned(), format!("ws{root}")],
            Os::Linux => vec!["srv".to_owned(), "agent".to_owned(), format!("ws{root}")],
        }
    }

    /// A path below a root, in the target's spelling.
    pub fn below(self, root: usize, rest: &str) -> String {
        let mut segments = self.root_segments(root);
        segments.extend(rest.split('/').filter(|part| !part.is_empty()).map(str::to_owned));
        self.native(&segments)
    }

    fn native(self, segments: &[String]) -> String {
        match self.os {
            Os::Windows => format!("D:\\{}", segments.join("\\")),
            Os::Linux | Os::Macos => format!("/{}", segments.join("/")),
        }
    }

    fn uri(self, root: usize, rest: &str) -> String {
        let drive = if self.os == Os::Windows { "D:/" } else { "" };
        format!("file:///{drive}{}/{rest}", self.root_segments(root).join("/"))
    }

    /// Where the literal entry `at` points to, below its root: five names, so eight in all.
    pub fn literal(self, at: usize) -> (usize, String) {
        let nth = at / self.roots.max(1);
        (at % self.roots.max(1), format!("crates/c{}/src/m{}/f{at}.rs", nth % 40, nth % 7))
    }

    /// The access of the literal entry `at`, in turn below every root: carve-outs, denials, and grants that say
    /// nothing new.
    pub const fn access(self, at: usize) -> &'static str {
        match (at / if self.roots == 0 { 1 } else { self.roots }) % 3 {
            0 => "read",
            1 => "deny",
            2.. => "write",
        }
    }

    /// How many entries are literal.
    pub const fn literals(self) -> usize {
        self.entries.saturating_sub(PRESET.len())
    }

    /// The entries as path and access. A pattern's path begins with `glob:`.
    pub fn entries(self) -> Vec<(String, &'static str)> {
        let mut out: Vec<(String, &str)> =
            PRESET.iter().take(self.entries).map(|(path, access)| ((*path).to_owned(), *access)).collect();
        for at in 0..self.literals() {
            let path = if self.symbolic {
                format!(":workspace_roots/crates/c{}/f{at}.rs", at % 40)
            } else {
                let (root, rest) = self.literal(at);
                self.uri(root, &rest)
            };
            out.push((path, self.access(at)));
        }
        for at in 0..self.patterns {
            let tail = match at % 4 {
                0 => format!("**/*.key{at}"),
                1 => format!("**/secret-{at}/**"),
                2 => format!("config/*/token{at}.json"),
                _ => format!("**/.env.{at}"),
            };
            out.push((format!("glob::workspace_roots/{tail}"), "deny"));
        }
        out
    }

    /// The request as JSON.
    pub fn intent_json(self) -> String {
        let mut entries = String::new();
        for (path, access) in self.entries() {
            if !entries.is_empty() {
                entries.push(',');
            }
            let path = path
                .strip_prefix("glob:")
                .map_or_else(|| format!("\"{path}\""), |pattern| format!("{{\"glob\":\"{pattern}\"}}"));
            let _ = write!(entries, "{{\"path\":{path},\"access\":\"{access}\"}}");
        }
        format!(
            "{{\"permissions\":{{\"type\":\"managed\",\"network\":\"restricted\",\
             \"file_system\":{{\"type\":\"restricted\",\"entries\":[{entries}]}}}}}}"
        )
    }

    /// The request, read.
    pub fn intent(self) -> Intent {
        Intent::from_json(self.intent_json()).expect("a generated request is valid")
    }

    /// The machine's facts as JSON.
    pub fn executor_json(self) -> String {
        let mut roots: Vec<serde_json::Value> = Vec::new();
        for root in 0..self.roots {
            roots.push(serde_json::json!({"id": format!("r{root}"), "path": self.below(root, "")}));
        }
        let (temp, top, case) = match self.os {
            Os::Windows => ("D:\\temp\\run-1", "D:\\", "insensitive"),
            Os::Macos => ("/var/folders/zz/T", "/", "insensitive"),
            Os::Linux => ("/tmp/run-1", "/", "sensitive"),
        };
        let normalization = if self.os == Os::Macos { "insensitive" } else { "preserving" };
        let mut facts = serde_json::json!({
            "schema": "bindery.executor/1", "id": "bench", "os": self.os.as_str(),
            "workspace_roots": roots, "temp_dirs": [temp],
            "volumes": [{"path": top, "case": case, "normalization": normalization}],
        });
        match self.os {
            Os::Windows => facts["drives"] = serde_json::json!(["D:"]),
            Os::Linux | Os::Macos => facts["slash_tmp"] = serde_json::json!("/tmp"),
        }
        facts.to_string()
    }

    /// The machine.
    pub fn executor(self) -> Executor {
        Executor::from_json(self.executor_json().as_bytes()).expect("generated facts are valid")
    }

    /// The bound policy.
    pub fn policy(self) -> BoundPolicy {
        restricted(Binder::new(&self.executor()).bind(&self.intent()).expect("a generated request binds"))
    }
}

/// The policy of a restricted binding.
pub fn restricted(binding: Binding) -> BoundPolicy {
    match binding {
        Binding::Restricted(policy) => policy,
        other => panic!("bound to {}", other.outcome()),
    }
}
