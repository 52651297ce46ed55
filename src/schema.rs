//! JSON Schemas (draft 2020-12) of the documents that go in and come out, as text. `bindery schema` prints them.
//!
//! They are written by hand and say as much as a schema can. What they accept may still be refused: whether a path
//! is normal, an id repeats or a digest fits is said by the library only. What the library accepts or writes, they
//! accept; continuous integration validates every fixture against them.

/// What an orchestrator sends: a `process/start` message, its params, or a sandbox context alone. Unknown fields
/// are allowed, as the reader ignores and records them.
pub const INTENT: &str = include_str!("../schemas/intent.schema.json");

/// Executor facts, [`EXECUTOR_SCHEMA`](crate::EXECUTOR_SCHEMA).
pub const EXECUTOR: &str = include_str!("../schemas/executor.schema.json");

/// What `bindery bind` prints, and the bound policy in it, [`POLICY_SCHEMA`](crate::POLICY_SCHEMA). Closed: it holds
/// only what was bound.
pub const POLICY: &str = include_str!("../schemas/policy.schema.json");

/// A line that `bindery decide` prints: a decision, or the error of a line that was no query.
pub const DECISION: &str = include_str!("../schemas/decision.schema.json");
