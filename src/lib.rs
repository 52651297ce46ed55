#![doc = include_str!("lib_docs.md")]

pub(crate) mod audit;
pub(crate) mod bind;
pub(crate) mod decide;
pub(crate) mod diff;
pub(crate) mod error;
pub(crate) mod executor;
pub(crate) mod intent;
pub(crate) mod json;
pub(crate) mod native;
pub(crate) mod observe;
pub(crate) mod pattern;
pub(crate) mod policy;
pub(crate) mod rule;
#[cfg(feature = "schema")]
pub mod schema;
pub(crate) mod verify;

pub use audit::{AUDIT_SCHEMA, Inert, Outcome, Record, Step, table as audit_table};
pub use bind::{Binder, Binding};
pub use decide::{Access, Answer, Decision, Overruled, Via};
pub use diff::{Difference, diff};
pub use error::{Code, Input, Refusal, Refusals};
pub use executor::{
    EXECUTOR_SCHEMA, Executor, ExecutorBuilder, ProtectedNames, ProtectedScope, RootAuthority, UnknownSymbol,
    WorkspaceRoot,
};
pub use intent::{
    Anchor, Carried, Convention, Entry, EntryAccess, EntryPath, ExecParams, ExecRequest, FileUri, Intent,
    LocalWrapper, Named, Network, Note, PatternText, Profile, SandboxContext, Symbol, UriError,
};
pub use native::key::{CaseRule, Key, Keys, NormRule, UNICODE, Volume, Volumes};
pub use native::{NativePath, Os, PathError, RootKind};
pub use observe::{
    FsView, Handle, HostFs, Identity, Kind, MAX_POINTER, Observation, RecordedFs, RecordedFsBuilder,
    Recorder, VolumeFact,
};
pub use policy::rules::{BoundRule, DenyPattern, Place, Scope};
pub use policy::view::{PlanOp, PlanStep, WritableRoot};
pub use policy::{BoundPolicy, POLICY_SCHEMA, RISKS, Risk, SEMANTICS_VERSION};
pub use rule::Rule;
pub use verify::{Change, ChangeKind, Changes, Pinned, Unchanged};

/// The README's examples, compiled and run as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
