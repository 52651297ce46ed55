//! The closed set of what an intent can say, as values that mean nothing on any one machine.

use super::uri::FileUri;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What an entry allows at its place. Ordered by what wins at equal depth: read, then write, then deny (D-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntryAccess {
    /// May be read.
    Read,
    /// May be read and written.
    Write,
    /// May be neither read nor written.
    Deny,
}

impl EntryAccess {
    /// The word used on the wire: `read`, `write` or `deny`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Deny => "deny",
        }
    }
}

/// A name for a place that only the executor knows (semantics 4).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Symbol {
    /// `:root`, the whole namespace (S-1).
    Root,
    /// `:minimal`, the platform's own readable places (S-2).
    Minimal,
    /// `:workspace_roots`, each workspace root (S-3).
    WorkspaceRoots,
    /// `:cwd`, the working directory (S-4).
    Cwd,
    /// `:home`, the home directory (S-4).
    Home,
    /// `:tmpdir`, each temporary directory (S-5).
    Tmpdir,
    /// `:slash_tmp`, `/tmp` where it exists (S-6).
    SlashTmp,
    /// Any other token, with its colon: the executor may know it by name (S-7), or nobody does (S-8).
    Other(String),
}

impl Symbol {
    /// The symbols that bindery defines itself, as spelled in string form.
    pub const OWN: [&'static str; 7] =
        [":root", ":minimal", ":workspace_roots", ":cwd", ":home", ":tmpdir", ":slash_tmp"];

    /// The symbol of a token such as `:workspace_roots`. `:project_roots` is its older spelling.
    pub fn from_token(token: &str) -> Self {
        match token {
            ":root" => Self::Root,
            ":minimal" => Self::Minimal,
            ":workspace_roots" | ":project_roots" => Self::WorkspaceRoots,
            ":cwd" => Self::Cwd,
            ":home" => Self::Home,
            ":tmpdir" => Self::Tmpdir,
            ":slash_tmp" => Self::SlashTmp,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The token, with its colon.
    pub fn token(&self) -> &str {
        match self {
            Self::Root => ":root",
            Self::Minimal => ":minimal",
            Self::WorkspaceRoots => ":workspace_roots",
            Self::Cwd => ":cwd",
            Self::Home => ":home",
            Self::Tmpdir => ":tmpdir",
            Self::SlashTmp => ":slash_tmp",
            Self::Other(token) => token,
        }
    }
}

/// Where a pattern's text starts to count (P-4). What `Text` is, the target's grammar decides at bind time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Anchor {
    /// Under each place of a symbol: `codex-project-roots://TAIL`, `:workspace_roots/TAIL`, `:home/TAIL`.
    Symbol(Symbol),
    /// `~/TAIL`: under the home.
    Home,
    /// An absolute native path with a tail, or a tail relative to the policy cwd.
    Text,
}

/// A pattern as the intent wrote it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PatternText {
    /// The whole text.
    pub(crate) source: String,
    /// What it hangs on.
    pub(crate) anchor: Anchor,
    /// What is left when the anchor is taken off; the whole text for [`Anchor::Text`].
    pub(crate) tail: String,
}

impl PatternText {
    /// The whole text, as the intent wrote it.
    pub fn source(&self) -> &str {
        &self.source
    }
    /// What it hangs on.
    pub const fn anchor(&self) -> &Anchor {
        &self.anchor
    }
    /// What is left when the anchor is taken off; the whole text for [`Anchor::Text`].
    pub fn tail(&self) -> &str {
        &self.tail
    }
}

/// What an entry names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryPath {
    /// A symbol, with a subpath below it that only the executor can judge.
    Symbol {
        /// The symbol.
        symbol: Symbol,
        /// The text after it, without the separator between; `None` for the symbol itself.
        subpath: Option<String>,
    },
    /// A literal path, as a checked `file:` URI.
    Literal(FileUri),
    /// A pattern.
    Pattern(PatternText),
}

/// One line of the intent: a path, an access, and where it stands in the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub(crate) pointer: Arc<str>,
    pub(crate) path: EntryPath,
    pub(crate) access: EntryAccess,
    pub(crate) skip_missing: bool,
    /// Older spellings and ignored fields that were met on the way, for the audit.
    pub(crate) notes: Vec<Note>,
}

impl Entry {
    /// The JSON Pointer of the entry in the document that it was read from.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }
    /// What the entry names.
    pub const fn path(&self) -> &EntryPath {
        &self.path
    }
    /// What the entry allows.
    pub const fn access(&self) -> EntryAccess {
        self.access
    }
    /// Did the entry say `missing_path_behavior: skip`?
    pub const fn skip_missing(&self) -> bool {
        self.skip_missing
    }
    /// What reading met in it that does not change its meaning.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
    /// The path in string form: `:workspace_roots/.git`, `file:///srv/data`, or a pattern's text.
    pub fn said(&self) -> String {
        match &self.path {
            EntryPath::Symbol { symbol, subpath: None } => symbol.token().to_owned(),
            EntryPath::Symbol { symbol, subpath: Some(subpath) } => format!("{}/{subpath}", symbol.token()),
            EntryPath::Literal(uri) => uri.to_text(),
            EntryPath::Pattern(pattern) => pattern.source.clone(),
        }
    }
}

/// Something that reading met and that does not change the meaning: an ignored field, an older spelling.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// Where.
    pub(crate) pointer: String,
    /// What, in one sentence.
    pub(crate) text: String,
}

impl Note {
    /// The JSON Pointer of what was met.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }
    /// What was met, in one sentence.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// A path that the request names about the executor (its cwd, a root, ...), and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub(crate) pointer: String,
    pub(crate) uri: FileUri,
}

impl Named {
    /// The JSON Pointer of the path in the document that it was read from.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }
    /// The path.
    pub const fn uri(&self) -> &FileUri {
        &self.uri
    }
}

/// The network word of a profile, carried and never interpreted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Network {
    /// No network, but what managed networking allows.
    Restricted,
    /// The network as it is.
    Enabled,
}

impl Network {
    /// The word used on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Restricted => "restricted",
            Self::Enabled => "enabled",
        }
    }
}

/// What the sandbox part of a request says, the five cases kept apart (I-6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Profile {
    /// `sandbox: null` or absent: the caller asked for none.
    Unsandboxed,
    /// The profile says that there is no sandbox.
    Disabled,
    /// Someone else isolates the file system.
    External {
        /// The network word.
        network: Network,
    },
    /// A sandbox whose file system is not restricted.
    Unrestricted {
        /// The network word.
        network: Network,
    },
    /// A sandbox with entries.
    Restricted {
        /// The entries, in the order of the document.
        entries: Vec<Entry>,
        /// `glob_scan_max_depth`: how deep an expansion of patterns may look. It never bounds a decision.
        scan_depth: Option<u64>,
        /// The network word.
        network: Network,
    },
}
