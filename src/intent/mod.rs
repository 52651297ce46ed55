//! What the orchestrator sent. Portable: nothing in this room holds a native path, and it knows no room but
//! [`error`](crate::error) and the strict JSON reader.

pub(crate) mod entry;
pub(crate) mod uri;
