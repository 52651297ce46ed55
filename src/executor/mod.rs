//! Who an intent is bound to: the facts that only the executor knows, and the only source of native paths for
//! symbols (G-7).
//!
//! Facts come from a builder or from JSON (`bindery.executor/1`), are checked once, and never change.

use crate::error::{Code, Input, Refusal, Refusals};
use crate::json::{self, At, Json};
use crate::native::alias::{Aliases, volumes_and_aliases};
use crate::native::key::{CaseRule, Key, NormRule, Volume, Volumes};
use crate::native::path::NativePath;
use crate::native::{self, Os};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

mod machine;
mod place;
mod read;
#[cfg(test)]
mod tests;

pub(crate) use place::{Fault, native_of};
use read::{list, not_facts, read, read_codex, take, word};
pub(crate) use read::{read_aliases, read_volumes};

/// The schema of executor facts that this version reads and writes.
pub const EXECUTOR_SCHEMA: &str = "bindery.executor/1";
/// The most workspace roots, named symbols, paths of one symbol, aliases or volumes. Each is a short list that a
/// person or an installer wrote; the bound keeps entries times roots finite.
pub(crate) const MAX_FACTS: usize = 256;
/// The longest executor id or root id, in bytes.
const MAX_ID: usize = 256;
/// The names that are protected when the executor says nothing: list version 1.
const DEFAULT_PROTECTED: [&str; 3] = [".git", ".agents", ".codex"];

/// What the roots that an intent names are worth (E-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum RootAuthority {
    /// Each must equal or lie inside a root that the executor offers: a request can only narrow.
    #[default]
    Offered,
    /// They are taken as they are, whether offered or not. For an embedder that trusts its orchestrator.
    AdoptRequested,
    /// They are recorded and not used; symbols bind to the executor's own roots.
    ExecutorOnly,
}

impl RootAuthority {
    /// The word used in executor facts: `offered`, `adopt_requested` or `executor_only`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::AdoptRequested => "adopt_requested",
            Self::ExecutorOnly => "executor_only",
        }
    }
}

/// What becomes of an entry whose symbol nobody knows (S-8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnknownSymbol {
    /// It binds to nothing, and the audit says so.
    Inert,
    /// It refuses the bind.
    Refuse,
}

impl UnknownSymbol {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Inert => "inert",
            Self::Refuse => "refuse",
        }
    }
}

/// How far below a writable place protected names reach (D-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProtectedScope {
    /// Directly under each writable place.
    Root,
    /// At any depth below a writable place.
    AnyDepth,
}

impl ProtectedScope {
    /// The word used in executor facts: `root` or `any_depth`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::AnyDepth => "any_depth",
        }
    }
}

/// The names that a write grant does not include (D-4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtectedNames {
    version: u64,
    names: BTreeSet<String>,
    scope: ProtectedScope,
}

impl ProtectedNames {
    /// The version of the list, chosen by whoever wrote it.
    pub const fn version(&self) -> u64 {
        self.version
    }
    /// The names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }
    /// How far they reach.
    pub const fn scope(&self) -> ProtectedScope {
        self.scope
    }

    pub(crate) fn to_json(&self) -> Json {
        json::object([
            ("version", Json::Int(i64::try_from(self.version).unwrap_or(json::MAX_INTEGER))),
            ("names", Json::from(self.names.iter().cloned().collect::<Vec<_>>())),
            ("scope", self.scope.as_str().into()),
        ])
    }

    pub(crate) fn from_json(
        at: &At<'_>,
        os: Os,
        notes: &mut Vec<String>,
        refusals: &mut Vec<Refusal>,
    ) -> Option<Self> {
        let mut fields = take(at.object(), refusals)?;
        let version = fields.value("version").map_or(Some(1), |at| take(at.unsigned(), refusals))?;
        let scope = match fields.value("scope") {
            None => ProtectedScope::Root,
            Some(at) => word(
                &at,
                &[("root", ProtectedScope::Root), ("any_depth", ProtectedScope::AnyDepth)],
                refusals,
            )?,
        };
        let mut names = BTreeSet::new();
        match fields.value("names") {
            None => names.extend(DEFAULT_PROTECTED.map(str::to_owned)),
            Some(at) => {
                for at in list(&at, refusals)? {
                    let name = take(at.string(), refusals)?;
                    if let Err(error) = native::check_segment(os, name) {
                        refusals.push(at.refuse(
                            Code::ProtectedNameMalformed,
                            name,
                            format!("the protected name is not a file name: {error}"),
                        ));
                    }
                    names.insert(name.to_owned());
                }
            }
        }
        read::note_unknown(&fields, notes, refusals);
        Some(Self { version, names, scope })
    }
}

impl Default for ProtectedNames {
    fn default() -> Self {
        Self { version: 1, names: DEFAULT_PROTECTED.map(str::to_owned).into(), scope: ProtectedScope::Root }
    }
}

/// A workspace root: a place, and the id under which the audit names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkspaceRoot {
    id: String,
    path: NativePath,
}

impl WorkspaceRoot {
    /// The id.
    pub fn id(&self) -> &str {
        &self.id
    }
    /// The place.
    pub const fn path(&self) -> &NativePath {
        &self.path
    }
}

/// The facts of one executor: checked, immutable, and all that binding knows of a machine.
///
/// ```
/// use bindery::{Executor, Os};
/// let executor = Executor::builder(Os::Linux, "build-7")
///     .workspace_root("app", "/srv/agent/ws")?
///     .home("/home/dev")?
///     .build()?;
/// assert_eq!(executor.workspace_roots().map(<[_]>::len), Some(1));
/// assert!(executor.temp_dirs().is_none(), "not known, which is not the same as none");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Executor {
    pub(crate) os: Os,
    pub(crate) id: String,
    pub(crate) cwd: Option<NativePath>,
    pub(crate) roots: Option<Vec<WorkspaceRoot>>,
    pub(crate) authority: RootAuthority,
    pub(crate) home: Option<NativePath>,
    pub(crate) temp_dirs: Option<Vec<NativePath>>,
    pub(crate) slash_tmp: Option<NativePath>,
    pub(crate) symbols: BTreeMap<String, Vec<NativePath>>,
    pub(crate) platform_defaults: Option<Vec<NativePath>>,
    pub(crate) volume_list: Vec<Volume>,
    pub(crate) volumes: Volumes,
    pub(crate) alias_list: Vec<(NativePath, NativePath)>,
    pub(crate) aliases: Aliases,
    pub(crate) unc_hosts: BTreeSet<String>,
    pub(crate) drives: BTreeSet<char>,
    pub(crate) allow_broad_root: bool,
    pub(crate) protected: ProtectedNames,
    pub(crate) unknown_grant: UnknownSymbol,
    pub(crate) unknown_deny: UnknownSymbol,
    pub(crate) notes: Vec<String>,
    pub(crate) digest: Digest,
}

/// The digest of an executor's facts as they were given, made once: one executor binds many intents. A copy has none,
/// for it may be changed.
#[derive(Debug, Default)]
pub(crate) struct Digest(OnceLock<String>);

impl Digest {
    pub(crate) fn get_or_make(&self, make: impl FnOnce() -> String) -> String {
        self.0.get_or_init(make).clone()
    }
}

impl Clone for Digest {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// Collects facts; [`build`](Self::build) checks what only all of them together can show.
#[derive(Clone, Debug)]
pub struct ExecutorBuilder {
    facts: Executor,
    refusals: Vec<Refusal>,
}

impl Executor {
    /// Starts from nothing but the two facts that every executor has. Everything else is *not known* until said.
    pub fn builder(os: Os, id: impl Into<String>) -> ExecutorBuilder {
        let facts = Self {
            os,
            id: id.into(),
            cwd: None,
            roots: None,
            authority: RootAuthority::Offered,
            home: None,
            temp_dirs: None,
            slash_tmp: None,
            symbols: BTreeMap::new(),
            platform_defaults: None,
            volume_list: Vec::new(),
            volumes: Volumes::new(os, Vec::new()),
            alias_list: Vec::new(),
            aliases: Aliases::default(),
            unc_hosts: BTreeSet::new(),
            drives: BTreeSet::new(),
            allow_broad_root: false,
            protected: ProtectedNames::default(),
            unknown_grant: UnknownSymbol::Inert,
            unknown_deny: UnknownSymbol::Refuse,
            notes: Vec::new(),
            digest: Digest::default(),
        };
        ExecutorBuilder { facts, refusals: Vec::new() }
    }

    /// Reads executor facts (`bindery.executor/1`).
    ///
    /// # Errors
    /// Every refusal at once, each with `input: executor` and a pointer into this document.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Refusals> {
        let tree = json::parse(bytes, Input::Executor)?;
        let mut refusals = Vec::new();
        let built = read(&At::root(&tree, Input::Executor), &mut refusals);
        match built {
            Some(builder) => builder.finish(refusals),
            None => Err(Refusals::from_vec(refusals).unwrap_or_else(|| not_facts(""))),
        }
    }

    /// Reads what a Codex executor reports about itself: an `initialize` response, its `result`, or the
    /// `environmentInfo` in it. It says nothing of workspace roots, so they are *not known*; add them with
    /// [`to_builder`](Self::to_builder).
    ///
    /// `temporaryDirectories` becomes the temporary directories (an empty list says that there are none),
    /// `cwd` and `userHomeDir` what they say, and `id` the executor's id.
    ///
    /// # Errors
    /// Every refusal at once: a platform other than `linux`, `macos` or `windows` (exactly so spelled), or a
    /// path that is not one of that platform.
    pub fn from_codex_environment_info(id: impl Into<String>, bytes: &[u8]) -> Result<Self, Refusals> {
        let tree = json::parse(bytes, Input::Executor)?;
        let mut refusals = Vec::new();
        match read_codex(id.into(), At::root(&tree, Input::Executor), &mut refusals) {
            Some(builder) => builder.finish(refusals),
            None => Err(Refusals::from_vec(refusals).unwrap_or_else(|| not_facts(""))),
        }
    }

    /// The same facts, to add to.
    pub fn to_builder(&self) -> ExecutorBuilder {
        ExecutorBuilder { facts: self.clone(), refusals: Vec::new() }
    }

    /// The OS that is bound for.
    pub const fn os(&self) -> Os {
        self.os
    }
    /// The executor's id.
    pub fn id(&self) -> &str {
        &self.id
    }
    /// The working directory, if known.
    pub const fn cwd(&self) -> Option<&NativePath> {
        self.cwd.as_ref()
    }
    /// The workspace roots: `None` if not known, empty if known to be none.
    pub fn workspace_roots(&self) -> Option<&[WorkspaceRoot]> {
        self.roots.as_deref()
    }
    /// What the roots that an intent names are worth.
    pub const fn root_authority(&self) -> RootAuthority {
        self.authority
    }
    /// The home directory, if known.
    pub const fn home(&self) -> Option<&NativePath> {
        self.home.as_ref()
    }
    /// The temporary directories: `None` if not known, empty if known to be none.
    pub fn temp_dirs(&self) -> Option<&[NativePath]> {
        self.temp_dirs.as_deref()
    }
    /// The names that write grants do not include.
    pub const fn protected_names(&self) -> &ProtectedNames {
        &self.protected
    }
    /// What reading met and ignored: fields that this version does not know.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The facts as canonical JSON; [`from_json`](Self::from_json) reads them back to the same facts.
    pub fn to_json(&self) -> String {
        self.to_tree().to_pretty()
    }

    pub(crate) fn to_tree(&self) -> Json {
        let path = |path: &NativePath| Json::from(path.as_str());
        let paths = |list: &[NativePath]| {
            let sorted: BTreeSet<&NativePath> = list.iter().collect();
            Json::Array(sorted.into_iter().map(path).collect())
        };
        let mut pairs = vec![
            ("schema", Json::from(EXECUTOR_SCHEMA)),
            ("id", self.id.as_str().into()),
            ("os", self.os.as_str().into()),
            ("root_authority", self.authority.as_str().into()),
            ("allow_broad_root", self.allow_broad_root.into()),
            ("protected_names", self.protected.to_json()),
            (
                "unknown_symbols",
                json::object([
                    ("grant", self.unknown_grant.as_str().into()),
                    ("deny", self.unknown_deny.as_str().into()),
                ]),
            ),
        ];
        pairs.extend(self.cwd.as_ref().map(|cwd| ("cwd", path(cwd))));
        pairs.extend(self.home.as_ref().map(|home| ("home", path(home))));
        pairs.extend(self.slash_tmp.as_ref().map(|tmp| ("slash_tmp", path(tmp))));
        pairs.extend(self.temp_dirs.as_ref().map(|dirs| ("temp_dirs", paths(dirs))));
        pairs.extend(self.platform_defaults.as_ref().map(|dirs| ("platform_defaults", paths(dirs))));
        pairs.extend(self.roots.as_ref().map(|roots| {
            let sorted: BTreeSet<&WorkspaceRoot> = roots.iter().collect();
            let root = |root: &WorkspaceRoot| {
                json::object([("id", root.id.as_str().into()), ("path", path(&root.path))])
            };
            ("workspace_roots", Json::Array(sorted.into_iter().map(root).collect()))
        }));
        pairs.push((
            "symbols",
            Json::Object(self.symbols.iter().map(|(name, list)| (name.clone(), paths(list))).collect()),
        ));
        pairs.push(("volumes", volumes_to_json(&self.volume_list)));
        pairs.push(("aliases", aliases_to_json(&self.alias_list)));
        pairs.push(("unc_hosts", Json::from(self.unc_hosts.iter().cloned().collect::<Vec<_>>())));
        pairs.push((
            "drives",
            Json::from(self.drives.iter().map(|drive| format!("{drive}:")).collect::<Vec<_>>()),
        ));
        Json::Object(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }
}

pub(crate) fn volumes_to_json(list: &[Volume]) -> Json {
    let sorted: BTreeSet<(&NativePath, &str, &str)> = list
        .iter()
        .map(|volume| (&volume.path, volume.case.as_str(), volume.normalization.as_str()))
        .collect();
    let volume = |(path, case, normalization): (&NativePath, &str, &str)| {
        json::object([
            ("path", path.as_str().into()),
            ("case", case.into()),
            ("normalization", normalization.into()),
        ])
    };
    Json::Array(sorted.into_iter().map(volume).collect())
}

pub(crate) fn aliases_to_json(list: &[(NativePath, NativePath)]) -> Json {
    let sorted: BTreeSet<&(NativePath, NativePath)> = list.iter().collect();
    let alias = |(from, to): &(NativePath, NativePath)| {
        json::object([("from", from.as_str().into()), ("to", to.as_str().into())])
    };
    Json::Array(sorted.into_iter().map(alias).collect())
}

impl ExecutorBuilder {
    fn path(&mut self, pointer: &str, text: &str) -> Result<NativePath, Refusal> {
        let at = |code, message| Refusal::new(Input::Executor, code, pointer, text, message);
        NativePath::parse(self.facts.os, text).map_err(|error| at(error.code(), error.to_string()))
    }

    /// Adds a workspace root with an id of its own. The first call turns *not known* into a list.
    ///
    /// # Errors
    /// The text is not an absolute path of this OS.
    pub fn workspace_root(mut self, id: impl Into<String>, path: &str) -> Result<Self, Refusal> {
        let index = self.facts.roots.as_ref().map_or(0, Vec::len);
        let path = self.path(&format!("/workspace_roots/{index}/path"), path)?;
        self.facts.roots.get_or_insert_default().push(WorkspaceRoot { id: id.into(), path });
        Ok(self)
    }

    /// Says that there are no workspace roots, which is another thing than not knowing.
    #[must_use]
    pub fn no_workspace_roots(mut self) -> Self {
        self.facts.roots = Some(Vec::new());
        self
    }

    /// What the roots that an intent names are worth; [`RootAuthority::Offered`] unless said.
    #[must_use]
    pub fn root_authority(mut self, authority: RootAuthority) -> Self {
        self.facts.authority = authority;
        self
    }

    /// The working directory.
    ///
    /// # Errors
    /// The text is not an absolute path of this OS.
    pub fn cwd(mut self, path: &str) -> Result<Self, Refusal> {
        self.facts.cwd = Some(self.path("/cwd", path)?);
        Ok(self)
    }

    /// The home directory.
    ///
    /// # Errors
    /// The text is not an absolute path of this OS.
    pub fn home(mut self, path: &str) -> Result<Self, Refusal> {
        self.facts.home = Some(self.path("/home", path)?);
        Ok(self)
    }

    /// Adds a temporary directory. The first call turns *not known* into a list.
    ///
    /// # Errors
    /// The text is not an absolute path of this OS.
    pub fn temp_dir(mut self, path: &str) -> Result<Self, Refusal> {
        let index = self.facts.temp_dirs.as_ref().map_or(0, Vec::len);
        let path = self.path(&format!("/temp_dirs/{index}"), path)?;
        self.facts.temp_dirs.get_or_insert_default().push(path);
        Ok(self)
    }

    /// Says that there are no temporary directories, which is another thing than not knowing.
    #[must_use]
    pub fn no_temp_dirs(mut self) -> Self {
        self.facts.temp_dirs = Some(Vec::new());
        self
    }

    /// What `:slash_tmp` is; `/tmp` on POSIX unless said. Not for Windows, where it is undefined.
    ///
    /// # Errors
    /// The text is not an absolute path of this OS.
    pub fn slash_tmp(mut self, path: &str) -> Result<Self, Refusal> {
        self.facts.slash_tmp = Some(self.path("/slash_tmp", path)?);
        Ok(self)
    }

    /// Names a symbol (with its colon) and adds one of its paths.
    ///
    /// # Errors
    /// The text is not an absolute path of this OS.
    pub fn symbol(mut self, name: &str, path: &str) -> Result<Self, Refusal> {
        let path = self.path(&json::child("/symbols", name), path)?;
        self.facts.symbols.entry(name.to_owned()).or_default().push(path);
        Ok(self)
    }

    /// Adds a path that the platform itself needs to be readable (`:minimal`).
    ///
    /// # Errors
    /// The text is not an absolute path of this OS.
    pub fn platform_default(mut self, path: &str) -> Result<Self, Refusal> {
        let path = self.path("/platform_defaults", path)?;
        self.facts.platform_defaults.get_or_insert_default().push(path);
        Ok(self)
    }

    /// Says how a volume, by its mount point, treats case and normalization.
    ///
    /// # Errors
    /// The text is not an absolute path of this OS.
    pub fn volume(mut self, path: &str, case: CaseRule, normalization: NormRule) -> Result<Self, Refusal> {
        let path = self.path("/volumes", path)?;
        self.facts.volume_list.push(Volume { path, case, normalization });
        Ok(self)
    }

    /// Says that `from` is another name of `to`: a link, a mapped drive, a bind mount. macOS's own are built in.
    ///
    /// # Errors
    /// A text is not an absolute path of this OS.
    pub fn alias(mut self, from: &str, to: &str) -> Result<Self, Refusal> {
        let pair = (self.path("/aliases", from)?, self.path("/aliases", to)?);
        self.facts.alias_list.push(pair);
        Ok(self)
    }

    /// Allows a UNC host to be named (Windows).
    #[must_use]
    pub fn unc_host(mut self, host: &str) -> Self {
        self.facts.unc_hosts.insert(host.to_ascii_lowercase());
        self
    }

    /// Names a drive that exists (Windows), by its letter.
    #[must_use]
    pub fn drive(mut self, letter: char) -> Self {
        self.facts.drives.insert(letter.to_ascii_uppercase());
        self
    }

    /// Allows write grants on hazardous roots (S-11). They stay recorded.
    #[must_use]
    pub fn allow_broad_root(mut self, allow: bool) -> Self {
        self.facts.allow_broad_root = allow;
        self
    }

    /// The names that write grants do not include, with the version of the list.
    #[must_use]
    pub fn protected_names<'n>(
        mut self,
        version: u64,
        names: impl IntoIterator<Item = &'n str>,
        scope: ProtectedScope,
    ) -> Self {
        self.facts.protected =
            ProtectedNames { version, names: names.into_iter().map(str::to_owned).collect(), scope };
        self
    }

    /// What becomes of unknown symbols: in a grant, and in a denial. Strict is to refuse both.
    #[must_use]
    pub fn unknown_symbols(mut self, grant: UnknownSymbol, deny: UnknownSymbol) -> Self {
        self.facts.unknown_grant = grant;
        self.facts.unknown_deny = deny;
        self
    }

    /// Checks what only all facts together can show.
    ///
    /// # Errors
    /// Every refusal at once: ids that repeat, roots in magic directories, aliases that run in a circle, UNC
    /// hosts that are not allowed, malformed names, too many facts of a kind.
    pub fn build(self) -> Result<Executor, Refusals> {
        self.finish(Vec::new())
    }

    fn finish(mut self, mut refusals: Vec<Refusal>) -> Result<Executor, Refusals> {
        refusals.append(&mut self.refusals);
        let mut facts = self.facts;
        facts.check(&mut refusals);
        Refusals::check(refusals)?;
        facts.volumes = Volumes::new(facts.os, facts.volume_list.clone());
        Refusals::check(facts.ambiguous_aliases())?;
        (facts.volumes, facts.aliases) = volumes_and_aliases(facts.os, &facts.volume_list, &facts.alias_list);
        if let Some(index) = facts.aliases.find_loop(&facts.volumes, &facts.alias_list) {
            let from = facts.alias_list.get(index).map_or("", |(from, _)| from.as_str());
            let pointer = format!("/aliases/{index}");
            let message = format!("the alias `{from}` leads back to itself");
            return Err(Refusal::new(Input::Executor, Code::AliasLoop, pointer, from, message).into());
        }
        Ok(facts)
    }
}

impl Executor {
    /// Aliases of one place that lead to two: nobody could say under which names a denial holds.
    fn ambiguous_aliases(&self) -> Vec<Refusal> {
        let mut known: BTreeMap<Key, &NativePath> = BTreeMap::new();
        let mut refusals = Vec::new();
        for (index, (from, to)) in self.alias_list.iter().enumerate() {
            let first = *known.entry(self.volumes.keys(from).exact).or_insert(to);
            if first != to {
                let message = format!("the alias `{from}` leads to `{first}` and to `{to}`");
                let pointer = format!("/aliases/{index}");
                refusals.push(Refusal::new(
                    Input::Executor,
                    Code::AliasAmbiguous,
                    pointer,
                    from.as_str(),
                    message,
                ));
            }
        }
        refusals
    }

    fn check(&self, refusals: &mut Vec<Refusal>) {
        let mut refuse = |code, pointer: String, value: &str, message: String| {
            refusals.push(Refusal::new(Input::Executor, code, pointer, value, message));
        };
        if !is_id(&self.id) {
            refuse(
                Code::IdMalformed,
                "/id".into(),
                &self.id,
                "the executor's id is empty, too long or not printable".into(),
            );
        }
        let counts = [
            ("/workspace_roots", self.roots.as_ref().map_or(0, Vec::len)),
            ("/temp_dirs", self.temp_dirs.as_ref().map_or(0, Vec::len)),
            ("/platform_defaults", self.platform_defaults.as_ref().map_or(0, Vec::len)),
            ("/symbols", self.symbols.values().map(Vec::len).sum()),
            ("/volumes", self.volume_list.len()),
            ("/aliases", self.alias_list.len()),
            ("/unc_hosts", self.unc_hosts.len()),
            ("/protected_names/names", self.protected.names.len()),
        ];
        for (pointer, count) in counts {
            if count > MAX_FACTS {
                refuse(
                    Code::TooManyFacts,
                    pointer.into(),
                    &count.to_string(),
                    format!("{count} facts, the limit is {MAX_FACTS}"),
                );
            }
        }
        let mut ids = BTreeSet::new();
        for (index, root) in self.roots.iter().flatten().enumerate() {
            if !is_id(&root.id) {
                let message = "the root's id is empty, too long or not printable".to_owned();
                refuse(Code::IdMalformed, format!("/workspace_roots/{index}/id"), &root.id, message);
            }
            if !ids.insert(root.id.as_str()) {
                let message = format!("the id `{}` names two roots", crate::error::clip(&root.id));
                refuse(Code::DuplicateId, format!("/workspace_roots/{index}/id"), &root.id, message);
            }
            if native::is_mirror(&root.path) {
                let message = format!("`{}` shows other places and can never be a root", root.path);
                refuse(
                    Code::RootForbidden,
                    format!("/workspace_roots/{index}/path"),
                    root.path.as_str(),
                    message,
                );
            }
        }
        if self.os == Os::Windows {
            if let Some(path) = &self.slash_tmp {
                let message = "`:slash_tmp` is undefined on Windows".to_owned();
                refuse(Code::SlashTmpUndefined, "/slash_tmp".into(), path.as_str(), message);
            }
        }
        for (name, list) in &self.symbols {
            let pointer = json::child("/symbols", name);
            if !is_symbol(name) {
                refuse(
                    Code::SymbolMalformed,
                    pointer.clone(),
                    name,
                    format!("`{}` is not a symbol", crate::error::clip(name)),
                );
            } else if crate::intent::is_own_symbol(name) {
                refuse(
                    Code::SymbolReserved,
                    pointer.clone(),
                    name,
                    format!("`{name}` is a symbol of bindery's own"),
                );
            }
            for path in list.iter().filter(|path| native::is_mirror(path)) {
                refuse(
                    Code::MagicPath,
                    pointer.clone(),
                    path.as_str(),
                    format!("`{path}` shows other places under another name"),
                );
            }
        }
        for drive in self.drives.iter().filter(|drive| !drive.is_ascii_uppercase()) {
            refuse(
                Code::DriveMalformed,
                "/drives".into(),
                &drive.to_string(),
                format!("`{drive}` is not a drive letter"),
            );
        }
        for host in &self.unc_hosts {
            if let Err(error) = native::check_unc_host(host) {
                refuse(error.code(), "/unc_hosts".into(), host, error.to_string());
            }
        }
        for (pointer, path) in self.all_paths() {
            if let Some(host) = path.unc_host() {
                if !self.unc_hosts.contains(host) {
                    let message = format!("the host `{host}` of `{path}` is not listed in unc_hosts");
                    refuse(Code::UncHostNotAllowed, pointer, host, message);
                }
            }
        }
    }

    fn all_paths(&self) -> Vec<(String, &NativePath)> {
        let mut all = Vec::new();
        all.extend(self.cwd.iter().map(|path| ("/cwd".to_owned(), path)));
        all.extend(self.home.iter().map(|path| ("/home".to_owned(), path)));
        for (i, root) in self.roots.iter().flatten().enumerate() {
            all.push((format!("/workspace_roots/{i}/path"), &root.path));
        }
        for (i, path) in self.temp_dirs.iter().flatten().enumerate() {
            all.push((format!("/temp_dirs/{i}"), path));
        }
        for (i, path) in self.platform_defaults.iter().flatten().enumerate() {
            all.push((format!("/platform_defaults/{i}"), path));
        }
        for (name, list) in &self.symbols {
            for (i, path) in list.iter().enumerate() {
                all.push((json::child(&json::child("/symbols", name), &i.to_string()), path));
            }
        }
        for (i, (from, to)) in self.alias_list.iter().enumerate() {
            all.push((format!("/aliases/{i}/from"), from));
            all.push((format!("/aliases/{i}/to"), to));
        }
        all
    }
}

fn is_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= MAX_ID && !id.chars().any(char::is_control)
}

fn is_symbol(name: &str) -> bool {
    name.strip_prefix(':').is_some_and(|rest| {
        !rest.is_empty()
            && rest.len() <= MAX_ID
            && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
    })
}
