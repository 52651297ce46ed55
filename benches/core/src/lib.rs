//! What the measurements share: the worlds that are bound, the tasks that are measured, and the meters.

pub mod disk;
pub mod memory;
pub mod plot;
pub mod task;
pub mod valgrind;
pub mod world;
