//! The sending side: an orchestrator's [`ExecRequest`] becomes the [`ExecParams`] that it sends (I-8).
//!
//! Three questions that look like one are three fields here: was a sandbox *requested*, was running without
//! one *approved*, and is there a wrapper that could build one *on this machine*. No wrapper never means that
//! no sandbox is wanted, and a wrapper never leaves this machine: what is sent is the plain command and the
//! portable intent.
//!
//! | local wrapper | requested | approved without | sent |
//! |---|---|---|---|
//! | any or none | yes | no | plain argv and the intent |
//! | none | no | yes | plain argv, `sandbox: null` |
//! | some | no | any | `request_contradicts` |
//! | any or none | yes | yes | `request_contradicts` |
//! | none | no | no | `request_contradicts`: nobody has decided |

use super::entry::{Entry, EntryAccess, EntryPath, Named, Network, Profile};
use super::place::{Convention, outgoing, place};
use super::text::{self, Problem};
use super::write::{pair, profile, push, uris};
use super::{Intent, read, wire};
use crate::error::{Code, Input, Refusal, Refusals, clip};
use crate::json::{self, At, Json, child};
use std::collections::BTreeMap;

/// A sandbox that the orchestrator could build on its own machine. It is never sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalWrapper {
    kind: String,
    argv: Vec<String>,
}

impl LocalWrapper {
    /// A wrapper of some kind (`linuxSeccomp`, ...), and the command line that it would run.
    pub fn new(kind: impl Into<String>, argv: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { kind: kind.into(), argv: argv.into_iter().map(Into::into).collect() }
    }
}

/// A JSON value that is passed on: not yet read, or read.
#[derive(Clone, Debug, PartialEq)]
enum Raw {
    Text(String),
    Tree(Json),
}

/// The sandbox that a request asks for, for an orchestrator to fill in.
///
/// A path is a symbol in string form (`:workspace_roots/.git`), a `file:` URI, or a native absolute path of
/// the executor's convention. The three never look alike, so nothing is guessed. Symbols are sent as symbols.
#[derive(Clone, Debug, PartialEq)]
pub struct SandboxContext {
    permissions: Permissions,
    cwd: Option<String>,
    workspace_roots: Option<Vec<String>>,
    home: Option<String>,
    temp_dirs: Option<Vec<String>>,
    windows_sandbox_level: String,
    windows_sandbox_private_desktop: bool,
    windows_sandbox_proxy_settings_mode: Option<String>,
    use_legacy_landlock: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Permissions {
    Disabled,
    External(Network),
    Unrestricted(Network),
    Restricted { entries: Vec<Asked>, scan_depth: Option<u64>, network: Network },
}

/// An entry before its path is known to be portable.
#[derive(Clone, Debug, PartialEq)]
struct Asked {
    path: AskedPath,
    access: EntryAccess,
    skip_missing: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum AskedPath {
    Text(String),
    Pattern(String),
    Read(EntryPath),
}

impl SandboxContext {
    /// A sandbox with entries, none of them yet.
    #[must_use]
    pub const fn restricted(network: Network) -> Self {
        Self::new(Permissions::Restricted { entries: Vec::new(), scan_depth: None, network })
    }

    /// A sandbox whose file system is not restricted.
    #[must_use]
    pub const fn unrestricted(network: Network) -> Self {
        Self::new(Permissions::Unrestricted(network))
    }

    /// A profile that leaves the file system to someone else.
    #[must_use]
    pub const fn external(network: Network) -> Self {
        Self::new(Permissions::External(network))
    }

    /// A profile that says that there is no sandbox. Not the same as a request without one.
    #[must_use]
    pub const fn disabled() -> Self {
        Self::new(Permissions::Disabled)
    }

    const fn new(permissions: Permissions) -> Self {
        Self {
            permissions,
            cwd: None,
            workspace_roots: None,
            home: None,
            temp_dirs: None,
            windows_sandbox_level: String::new(),
            windows_sandbox_private_desktop: false,
            windows_sandbox_proxy_settings_mode: None,
            use_legacy_landlock: false,
        }
    }

    /// The context of an intent that was read, without what stands beside the context on the wire (managed
    /// networking). `None` if the intent asks for no sandbox.
    pub fn from_intent(intent: &Intent) -> Option<Self> {
        let texts = |list: &Vec<Named>| list.iter().map(|named| named.uri.to_string()).collect();
        let text = |named: &Named| named.uri.to_string();
        let permissions = match &intent.profile {
            Profile::Unsandboxed => return None,
            Profile::Disabled => Permissions::Disabled,
            Profile::External { network } => Permissions::External(*network),
            Profile::Unrestricted { network } => Permissions::Unrestricted(*network),
            Profile::Restricted { entries, scan_depth, network } => {
                let asked = |entry: &Entry| Asked {
                    path: match &entry.path {
                        EntryPath::Pattern(pattern) => AskedPath::Pattern(pattern.source.clone()),
                        EntryPath::Symbol { .. } | EntryPath::Literal(_) => {
                            AskedPath::Read(entry.path.clone())
                        }
                    },
                    access: entry.access,
                    skip_missing: entry.skip_missing,
                };
                let entries = entries.iter().map(asked).collect();
                Permissions::Restricted { entries, scan_depth: *scan_depth, network: *network }
            }
        };
        Some(Self {
            cwd: intent.cwd.as_ref().map(text),
            workspace_roots: intent.roots.as_ref().map(texts),
            home: intent.home.as_ref().map(text),
            temp_dirs: intent.temp_dirs.as_ref().map(texts),
            windows_sandbox_level: intent.carried.windows_sandbox_level().unwrap_or_default().to_owned(),
            windows_sandbox_private_desktop: intent.carried.windows_sandbox_private_desktop(),
            windows_sandbox_proxy_settings_mode: intent.carried.windows_sandbox_proxy_settings_mode.clone(),
            use_legacy_landlock: intent.carried.use_legacy_landlock(),
            ..Self::new(permissions)
        })
    }

    /// Adds an entry. A context without entries ([`disabled`](Self::disabled), ...) has no use for it and
    /// stays as it is.
    #[must_use]
    pub fn entry(self, path: impl Into<String>, access: EntryAccess) -> Self {
        self.push(AskedPath::Text(path.into()), access, false)
    }

    /// Adds an entry that an executor may skip where its place does not exist.
    #[must_use]
    pub fn entry_if_present(self, path: impl Into<String>, access: EntryAccess) -> Self {
        self.push(AskedPath::Text(path.into()), access, true)
    }

    /// Adds a pattern: `:workspace_roots/**/.env`, `~/x/*.key`, an absolute one of the executor's convention,
    /// or one that is relative to [`cwd`](Self::cwd).
    #[must_use]
    pub fn pattern(self, pattern: impl Into<String>, access: EntryAccess) -> Self {
        self.push(AskedPath::Pattern(pattern.into()), access, false)
    }

    fn push(mut self, path: AskedPath, access: EntryAccess, skip_missing: bool) -> Self {
        if let Permissions::Restricted { entries, .. } = &mut self.permissions {
            entries.push(Asked { path, access, skip_missing });
        }
        self
    }

    /// How deep an expansion of patterns may look; at least 1.
    #[must_use]
    pub fn scan_depth(mut self, depth: u64) -> Self {
        if let Permissions::Restricted { scan_depth, .. } = &mut self.permissions {
            *scan_depth = Some(depth);
        }
        self
    }

    /// The directory from which relative patterns count. May differ from where the process starts.
    #[must_use]
    pub fn cwd(mut self, path: impl Into<String>) -> Self {
        self.cwd = Some(path.into());
        self
    }

    /// The workspace roots. Without this call nothing is sent about them; an empty list says that there are none.
    #[must_use]
    pub fn workspace_roots(mut self, paths: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.workspace_roots = Some(paths.into_iter().map(Into::into).collect());
        self
    }

    /// The executor's home directory, as the orchestrator knows it.
    #[must_use]
    pub fn home(mut self, path: impl Into<String>) -> Self {
        self.home = Some(path.into());
        self
    }

    /// The executor's temporary directories. Without this call nothing is sent about them; an empty list says
    /// that there are none.
    #[must_use]
    pub fn temp_dirs(mut self, paths: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.temp_dirs = Some(paths.into_iter().map(Into::into).collect());
        self
    }

    /// `windowsSandboxLevel`; `disabled` without this call, because executors require the field.
    #[must_use]
    pub fn windows_sandbox_level(mut self, level: impl Into<String>) -> Self {
        self.windows_sandbox_level = level.into();
        self
    }

    /// `windowsSandboxPrivateDesktop`, which only older executors read; sent if true.
    #[must_use]
    pub const fn windows_sandbox_private_desktop(mut self, value: bool) -> Self {
        self.windows_sandbox_private_desktop = value;
        self
    }

    /// `windowsSandboxProxySettingsMode`.
    #[must_use]
    pub fn windows_sandbox_proxy_settings_mode(mut self, mode: impl Into<String>) -> Self {
        self.windows_sandbox_proxy_settings_mode = Some(mode.into());
        self
    }

    /// `useLegacyLandlock`.
    #[must_use]
    pub const fn use_legacy_landlock(mut self, value: bool) -> Self {
        self.use_legacy_landlock = value;
        self
    }
}

/// A process to start on an executor, as an orchestrator holds it: the plain native command, the sandbox that
/// it should run in, and what was decided about that.
#[derive(Clone, Debug, PartialEq)]
pub struct ExecRequest {
    convention: Convention,
    process_id: String,
    argv: Vec<String>,
    cwd: String,
    env: BTreeMap<String, String>,
    env_policy: Option<Raw>,
    arg0: Option<String>,
    tty: bool,
    pipe_stdin: bool,
    metadata: Option<Raw>,
    context: Option<SandboxContext>,
    enforce_managed_network: bool,
    managed_network: Option<Raw>,
    sandbox_requested: bool,
    approved_unsandboxed: bool,
    local_wrapper: Option<LocalWrapper>,
}

impl ExecRequest {
    /// A request to run `argv` in `cwd` (a native absolute path of the executor's convention, or a `file:`
    /// URI). Nothing is decided yet about a sandbox, and so it cannot be sent yet.
    #[must_use]
    pub fn new(
        convention: Convention,
        process_id: impl Into<String>,
        argv: impl IntoIterator<Item = impl Into<String>>,
        cwd: impl Into<String>,
    ) -> Self {
        Self {
            convention,
            process_id: process_id.into(),
            argv: argv.into_iter().map(Into::into).collect(),
            cwd: cwd.into(),
            env: BTreeMap::new(),
            env_policy: None,
            arg0: None,
            tty: false,
            pipe_stdin: false,
            metadata: None,
            context: None,
            enforce_managed_network: false,
            managed_network: None,
            sandbox_requested: false,
            approved_unsandboxed: false,
            local_wrapper: None,
        }
    }

    /// Adds a variable to the environment.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.insert(name.into(), value.into());
        self
    }

    /// `envPolicy`, a JSON object that is passed on.
    #[must_use]
    pub fn env_policy(mut self, json: impl Into<String>) -> Self {
        self.env_policy = Some(Raw::Text(json.into()));
        self
    }

    /// The name that the process sees as its own.
    #[must_use]
    pub fn arg0(mut self, arg0: impl Into<String>) -> Self {
        self.arg0 = Some(arg0.into());
        self
    }

    /// Should the process have a terminal?
    #[must_use]
    pub const fn tty(mut self, tty: bool) -> Self {
        self.tty = tty;
        self
    }

    /// Should its standard input be a pipe?
    #[must_use]
    pub const fn pipe_stdin(mut self, pipe: bool) -> Self {
        self.pipe_stdin = pipe;
        self
    }

    /// `metadata`, a JSON object that is passed on.
    #[must_use]
    pub fn metadata(mut self, json: impl Into<String>) -> Self {
        self.metadata = Some(Raw::Text(json.into()));
        self
    }

    /// The sandbox to run in, if one is requested.
    #[must_use]
    pub fn sandbox(mut self, context: SandboxContext) -> Self {
        self.context = Some(context);
        self
    }

    /// The sandbox and the managed networking of an intent that was read.
    #[must_use]
    pub fn intent(mut self, intent: &Intent) -> Self {
        self.context = SandboxContext::from_intent(intent);
        self.enforce_managed_network = intent.carried.enforce_managed_network;
        self.managed_network = intent.carried.managed_network.clone().map(Raw::Tree);
        self
    }

    /// `enforceManagedNetwork`: the executor must enforce managed networking.
    #[must_use]
    pub const fn enforce_managed_network(mut self, enforce: bool) -> Self {
        self.enforce_managed_network = enforce;
        self
    }

    /// `managedNetwork`, a JSON object that is passed on.
    #[must_use]
    pub fn managed_network(mut self, json: impl Into<String>) -> Self {
        self.managed_network = Some(Raw::Text(json.into()));
        self
    }

    /// Was a sandbox requested for this run? Independent of what this machine could build.
    #[must_use]
    pub const fn sandbox_requested(mut self, requested: bool) -> Self {
        self.sandbox_requested = requested;
        self
    }

    /// Was this run, or this retry, explicitly approved without a sandbox?
    #[must_use]
    pub const fn approved_unsandboxed(mut self, approved: bool) -> Self {
        self.approved_unsandboxed = approved;
        self
    }

    /// The sandbox that this machine could build. Only compared with what was decided, never sent.
    #[must_use]
    pub fn local_wrapper(mut self, wrapper: LocalWrapper) -> Self {
        self.local_wrapper = Some(wrapper);
        self
    }

    /// The params to send.
    ///
    /// # Errors
    /// Every reason why the request cannot be sent, at once; pointers are those of the params. What was
    /// decided about the sandbox contradicts itself (`request_contradicts`); there is no command
    /// (`argv_empty`); a native path is not absolute, not normal or not of the executor's convention
    /// (`request_path`); a sandbox is requested and none is given (`missing_field`); a pattern hangs on a symbol
    /// that Codex has no pattern for (`pattern_anchor`); or the params would be refused by
    /// [`Intent::from_codex_exec_params`], for example because a list is too long.
    pub fn to_params(&self) -> Result<ExecParams, Refusals> {
        use wire::params as word;
        let mut sender = Sender { convention: self.convention, refusals: Vec::new() };
        sender.decided(self);
        if self.argv.is_empty() {
            sender.refuse(&at(&[word::ARGV]), Problem::new(Code::ArgvEmpty, "", "is an empty command line"));
        }
        let texts = |list: &[String]| Json::Array(list.iter().map(|text| text.as_str().into()).collect());
        let mut out =
            vec![pair(word::PROCESS_ID, self.process_id.as_str()), pair(word::ARGV, texts(&self.argv))];
        push(&mut out, word::METADATA, sender.raw(word::METADATA, self.metadata.as_ref()));
        push(&mut out, word::CWD, sender.uri(&at(&[word::CWD]), &self.cwd));
        push(&mut out, word::ENV_POLICY, sender.raw(word::ENV_POLICY, self.env_policy.as_ref()));
        let env = self.env.iter().map(|(name, value)| pair(name, value.as_str())).collect();
        out.push(pair(word::ENV, Json::Object(env)));
        out.push(pair(word::TTY, self.tty));
        out.push(pair(word::PIPE_STDIN, self.pipe_stdin));
        out.push(pair(word::ARG0, self.arg0.as_deref()));
        out.push(pair(word::ENFORCE_MANAGED_NETWORK, self.enforce_managed_network));
        let managed = sender.raw(word::MANAGED_NETWORK, self.managed_network.as_ref());
        out.push(pair(word::MANAGED_NETWORK, managed));
        // A context that is not requested is not sent, and what is wrong with it does not matter.
        let sandbox = if self.sandbox_requested { sender.context(self.context.as_ref()) } else { None };
        out.push(pair(word::SANDBOX, sandbox));

        Refusals::check(sender.refusals)?;
        let params = ExecParams { json: Json::Object(out), sandboxed: self.sandbox_requested };
        // What is written can be read: also the limits are the reader's.
        Refusals::check(read::exec_params(params.to_json().as_bytes()).1)?;
        Ok(params)
    }
}

/// The params of a `process/start` message, checked and ready to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct ExecParams {
    json: Json,
    sandboxed: bool,
}

impl ExecParams {
    /// Is there a sandbox in it? If not, running without one was explicitly approved.
    pub const fn is_sandboxed(&self) -> bool {
        self.sandboxed
    }

    /// The params as canonical JSON.
    pub fn to_json(&self) -> String {
        self.json.to_canonical()
    }

    /// The whole `process/start` message, with the request id that the reply will name.
    pub fn to_message(&self, id: i64) -> String {
        json::object([
            (wire::message::ID, Json::Int(id)),
            (wire::message::METHOD, wire::message::PROCESS_START.into()),
            (wire::message::PARAMS, self.json.clone()),
        ])
        .to_canonical()
    }
}

/// A pointer of plain words.
fn at(words: &[&str]) -> String {
    words.iter().fold(String::new(), |pointer, word| child(&pointer, word))
}

struct Sender {
    convention: Convention,
    refusals: Vec<Refusal>,
}

impl Sender {
    fn refuse(&mut self, pointer: &str, problem: Problem) {
        self.refusals.push(Refusal::new(
            Input::Intent,
            problem.code,
            pointer,
            problem.value,
            problem.message,
        ));
    }

    fn take<T>(&mut self, pointer: &str, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.refuse(pointer, problem)).ok()
    }

    /// The table at the top of this file.
    fn decided(&mut self, request: &ExecRequest) {
        let wrapper = request.local_wrapper.as_ref();
        let what = match (wrapper, request.sandbox_requested, request.approved_unsandboxed) {
            (_, true, true) => Some("a sandbox is requested, and a run without one is approved".to_owned()),
            (Some(wrapper), false, _) => {
                let kind = clip(&wrapper.kind);
                Some(format!("a local wrapper `{kind}` was built, and no sandbox is requested"))
            }
            (None, false, false) => {
                Some("neither is a sandbox requested nor a run without one approved".to_owned())
            }
            (_, true, false) | (None, false, true) => None,
        };
        if let Some(message) = what {
            let value = wrapper.map_or("", |wrapper| wrapper.kind.as_str());
            self.refuse(
                &at(&[wire::params::SANDBOX]),
                Problem { code: Code::RequestContradicts, value: clip(value), message },
            );
        }
        let is_its_command =
            |wrapper: &LocalWrapper| !wrapper.argv.is_empty() && request.argv.starts_with(&wrapper.argv);
        if wrapper.is_some_and(is_its_command) {
            let first = request.argv.first().map_or("", String::as_str);
            let what = "starts the local wrapper's own command line, which never leaves this machine";
            self.refuse(&at(&[wire::params::ARGV]), Problem::new(Code::RequestContradicts, first, what));
        }
    }

    /// An object that is passed on, if it can be written canonically.
    fn raw(&mut self, name: &str, raw: Option<&Raw>) -> Option<Json> {
        let pointer = at(&[name]);
        let tree = match raw? {
            Raw::Tree(tree) => tree.as_tree(),
            Raw::Text(text) => match json::parse(text.as_bytes(), Input::Intent) {
                Ok(tree) => tree,
                Err(refusals) => {
                    self.refusals.extend(refusals.iter().map(|refusal| {
                        let inner = format!("{pointer}{}", refusal.pointer());
                        Refusal::new(Input::Intent, refusal.code(), inner, refusal.value(), refusal.message())
                    }));
                    return None;
                }
            },
        };
        let at = At::part(&tree, &pointer, Input::Intent);
        if let Err(refusal) = at.object() {
            self.refusals.push(refusal);
            return None;
        }
        read::check_numbers(&at, &mut self.refusals);
        Some(tree.to_json())
    }

    fn context(&mut self, context: Option<&SandboxContext>) -> Option<Json> {
        use wire::context as word;
        let base = at(&[wire::params::SANDBOX]);
        let Some(context) = context else {
            let message = "a sandbox is requested, and the request has none";
            self.refuse(
                &base,
                Problem { code: Code::MissingField, value: String::new(), message: message.into() },
            );
            return None;
        };
        let mut out =
            vec![pair(word::PERMISSIONS, self.permissions(&child(&base, word::PERMISSIONS), context))];
        let cwd = context.cwd.as_ref().and_then(|text| self.uri(&child(&base, word::CWD), text));
        push(&mut out, word::CWD, cwd);
        push(
            &mut out,
            word::WORKSPACE_ROOTS,
            self.uris(&base, word::WORKSPACE_ROOTS, context.workspace_roots.as_deref()),
        );
        let home = context.home.as_ref().and_then(|text| self.uri(&child(&base, word::USER_HOME_DIR), text));
        push(&mut out, word::USER_HOME_DIR, home);
        push(
            &mut out,
            word::TEMPORARY_DIRECTORIES,
            self.uris(&base, word::TEMPORARY_DIRECTORIES, context.temp_dirs.as_deref()),
        );
        let level = context.windows_sandbox_level.as_str();
        out.push(pair(word::WINDOWS_SANDBOX_LEVEL, if level.is_empty() { LEVEL_DISABLED } else { level }));
        let desktop = context.windows_sandbox_private_desktop.then_some(true);
        push(&mut out, word::WINDOWS_SANDBOX_PRIVATE_DESKTOP, desktop);
        let mode = context.windows_sandbox_proxy_settings_mode.as_deref();
        push(&mut out, word::WINDOWS_SANDBOX_PROXY_SETTINGS_MODE, mode);
        out.push(pair(word::USE_LEGACY_LANDLOCK, context.use_legacy_landlock));
        Some(Json::Object(out))
    }

    fn permissions(&mut self, base: &str, context: &SandboxContext) -> Option<Json> {
        let known = match &context.permissions {
            Permissions::Disabled => Profile::Disabled,
            Permissions::External(network) => Profile::External { network: *network },
            Permissions::Unrestricted(network) => Profile::Unrestricted { network: *network },
            Permissions::Restricted { entries, scan_depth, network } => {
                let base = child(&child(base, wire::profile::FILE_SYSTEM), wire::profile::ENTRIES);
                let entries = entries.iter().enumerate().filter_map(|(i, asked)| {
                    let pointer = child(&base, &i.to_string());
                    let path = self.path(&child(&pointer, wire::entry::PATH), &asked.path)?;
                    let (access, skip_missing) = (asked.access, asked.skip_missing);
                    Some(Entry { pointer: pointer.into(), path, access, skip_missing, notes: Vec::new() })
                });
                Profile::Restricted { entries: entries.collect(), scan_depth: *scan_depth, network: *network }
            }
        };
        profile(&known)
    }

    fn path(&mut self, pointer: &str, path: &AskedPath) -> Option<EntryPath> {
        let path = match path {
            AskedPath::Read(path) => Ok(path.clone()),
            AskedPath::Text(text) if text.starts_with(':') => text::string_form(text).map(|(path, _)| path),
            AskedPath::Text(text) => place(self.convention, text).map(EntryPath::Literal),
            AskedPath::Pattern(text) => text::pattern(text)
                .and_then(|(pattern, _)| outgoing(self.convention, pattern))
                .map(EntryPath::Pattern),
        };
        self.take(pointer, path)
    }

    fn uri(&mut self, pointer: &str, text: &str) -> Option<Json> {
        self.take(pointer, place(self.convention, text)).map(|uri| Json::String(uri.to_string()))
    }

    fn uris(&mut self, base: &str, name: &str, list: Option<&[String]>) -> Option<Json> {
        let base = child(base, name);
        let named: Vec<Named> = list?
            .iter()
            .enumerate()
            .filter_map(|(i, text)| {
                let pointer = child(&base, &i.to_string());
                let uri = self.take(&pointer, place(self.convention, text))?;
                Some(Named { pointer, uri })
            })
            .collect();
        Some(uris(&named))
    }
}

/// What executors require, and read as: no sandbox backend of Windows is chosen.
const LEVEL_DISABLED: &str = "disabled";
