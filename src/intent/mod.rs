//! What the orchestrator sent. Portable: nothing in this room holds a native path, and it knows no room but
//! [`error`](crate::error) and the strict JSON reader.
//!
//! [`Intent::from_json`] reads a request, a request's params or a sandbox context; [`ExecRequest`]
//! is the way out, from an orchestrator's request to the params that it sends.

pub(crate) mod carry;
pub(crate) mod entry;
pub(crate) mod limits;
mod place;
mod read;
mod text;
pub(crate) mod uri;
mod wire;
mod write;

pub use carry::{ExecParams, ExecRequest, LocalWrapper, SandboxContext};
pub use entry::{Anchor, Entry, EntryAccess, EntryPath, Named, Network, Note, PatternText, Profile, Symbol};
pub use place::Convention;
pub use uri::{FileUri, UriError};

use crate::error::{Refusal, Refusals};
use crate::json::Json;
pub(crate) use text::is_own_symbol;

/// What was asked for, before anyone knows where: a profile, what the request says about its executor, and
/// what is only passed on. Holds no native path and means nothing until it is bound.
#[derive(Clone, Debug, PartialEq)]
pub struct Intent {
    pub(crate) profile: Profile,
    /// The policy cwd: `policyContext.cwd`, else the context's `cwd`, else the process's.
    pub(crate) cwd: Option<Named>,
    /// The roots that the request names; `None` if it names no list.
    pub(crate) roots: Option<Vec<Named>>,
    pub(crate) home: Option<Named>,
    /// The temporary directories that the request names; `None` if it names no list.
    pub(crate) temp_dirs: Option<Vec<Named>>,
    pub(crate) carried: Carried,
    pub(crate) notes: Vec<Note>,
}

impl Intent {
    /// Reads a whole `process/start` message, its params, or a sandbox context alone (I-1).
    ///
    /// # Errors
    /// Every reason why the document is no intent, at once, each with its JSON Pointer. Nothing is repaired,
    /// and a document with one bad entry gives no intent.
    pub fn from_json(bytes: impl AsRef<[u8]>) -> Result<Self, Refusals> {
        whole(Self::read(bytes.as_ref()))
    }

    /// Reads a document as far as it can be read: the intent without what was refused, and every refusal.
    /// Without an intent there is at least one. For the binder, which adds its own refusals before it answers;
    /// nothing may be bound while there is one.
    pub(crate) fn read(bytes: &[u8]) -> (Option<Self>, Vec<Refusal>) {
        read::any(bytes)
    }

    /// Reads the params of a `process/start` message, and nothing else (I-1).
    ///
    /// # Errors
    /// As [`from_json`](Self::from_json); a whole message and a bare context are refused too.
    pub fn from_codex_exec_params(bytes: impl AsRef<[u8]>) -> Result<Self, Refusals> {
        whole(read::exec_params(bytes.as_ref()))
    }

    /// What the request says about the sandbox.
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The entries of a restricted profile, in the order of the document; none for any other profile.
    pub fn entries(&self) -> &[Entry] {
        match &self.profile {
            Profile::Restricted { entries, .. } => entries,
            Profile::Unsandboxed
            | Profile::Disabled
            | Profile::External { .. }
            | Profile::Unrestricted { .. } => &[],
        }
    }

    /// The working directory from which the request's relative patterns count: `policyContext.cwd`, else the
    /// context's `cwd`, else the process's.
    pub const fn cwd(&self) -> Option<&Named> {
        self.cwd.as_ref()
    }

    /// The workspace roots that the request names; `None` if it says nothing about them, which is not the
    /// same as an empty list.
    pub fn roots(&self) -> Option<&[Named]> {
        self.roots.as_deref()
    }

    /// The home directory that the request names.
    pub const fn home(&self) -> Option<&Named> {
        self.home.as_ref()
    }

    /// The temporary directories that the request names; `None` if it says nothing about them, which is not
    /// the same as an empty list.
    pub fn temp_dirs(&self) -> Option<&[Named]> {
        self.temp_dirs.as_deref()
    }

    /// What is passed on to whoever enforces, untouched.
    pub const fn carried(&self) -> &Carried {
        &self.carried
    }

    /// What reading met outside the entries that does not change the meaning. Every entry has notes of its own.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The intent as JSON, in Codex's wire form, canonical: reading it back gives the
    /// [same meaning](Self::same_meaning). An intent that came without a sandbox is written with
    /// `"sandbox": null`.
    pub fn to_json(&self) -> String {
        write::intent(self).to_canonical()
    }

    /// Do both mean the same, whatever their spelling, order, repetitions and ignored fields?
    pub fn same_meaning(&self, other: &Self) -> bool {
        self.meaning() == other.meaning()
    }

    /// Everything that can change a binding, and nothing else: no pointers, no notes, entries and lists
    /// sorted and without repetitions, older spellings as newer ones. What a digest covers, as canonical JSON.
    pub(crate) fn meaning(&self) -> String {
        write::meaning(self)
    }
}

fn whole((intent, refusals): (Option<Intent>, Vec<Refusal>)) -> Result<Intent, Refusals> {
    Refusals::check(refusals)?;
    // `read` refuses whatever it cannot read; the error is for whoever breaks that.
    intent.ok_or_else(|| Refusals::from(read::not_an_intent("")))
}

/// What an intent says that binding neither interprets nor changes: it is handed to whoever builds the sandbox.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Carried {
    pub(crate) enforce_managed_network: bool,
    pub(crate) managed_network: Option<Json>,
    pub(crate) windows_sandbox_level: Option<String>,
    pub(crate) windows_sandbox_private_desktop: Option<bool>,
    pub(crate) windows_sandbox_proxy_settings_mode: Option<String>,
    pub(crate) use_legacy_landlock: Option<bool>,
}

impl Carried {
    /// `enforceManagedNetwork`: managed networking must be enforced. False if the request does not say.
    pub const fn enforce_managed_network(&self) -> bool {
        self.enforce_managed_network
    }
    /// `managedNetwork`, as canonical JSON. `None` with [`enforce_managed_network`](Self::enforce_managed_network)
    /// means that nothing is open.
    pub fn managed_network(&self) -> Option<String> {
        self.managed_network.as_ref().map(Json::to_canonical)
    }
    /// `windowsSandboxLevel`, whatever word it is.
    pub fn windows_sandbox_level(&self) -> Option<&str> {
        self.windows_sandbox_level.as_deref()
    }
    /// `windowsSandboxPrivateDesktop`; false if the request does not say.
    pub fn windows_sandbox_private_desktop(&self) -> bool {
        self.windows_sandbox_private_desktop.unwrap_or(false)
    }
    /// `windowsSandboxProxySettingsMode`, whatever word it is.
    pub fn windows_sandbox_proxy_settings_mode(&self) -> Option<&str> {
        self.windows_sandbox_proxy_settings_mode.as_deref()
    }
    /// `useLegacyLandlock`; false if the request does not say.
    pub fn use_legacy_landlock(&self) -> bool {
        self.use_legacy_landlock.unwrap_or(false)
    }

    /// The same as JSON, for the bound policy and the digest: every field stands, defaults filled in.
    pub(crate) fn to_json(&self) -> Json {
        write::carried(self)
    }
}
