//! Binds portable sandbox intent to the machine that has to enforce it.

pub(crate) mod error;
pub(crate) mod intent;
pub(crate) mod json;
pub(crate) mod native;
pub(crate) mod rule;

pub use error::{Code, Input, Refusal, Refusals};
pub use native::{NativePath, Os, PathError, RootKind};
pub use rule::Rule;
