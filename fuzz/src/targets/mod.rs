//! What each fuzz target does with its bytes, and what must hold for any of them. A body panics where it does not.
//!
//! These files are compiled twice: by the fuzz targets, and by `tests/fuzz_corpus.rs`, which replays the corpus.

mod bind;
pub(crate) mod check;
mod decide;
mod documents;
mod input;
mod naive;
mod path;
mod pattern;
mod policy;
mod uri;

/// What a target does with its bytes.
pub(crate) type Body = fn(&[u8]);

/// Every target by the name of its corpus.
pub(crate) const ALL: [(&str, Body); 10] = [
    ("bind", bind::bind),
    ("decide", decide::decide),
    ("executor", documents::executor),
    ("intent", documents::intent),
    ("path_macos", path::macos),
    ("path_posix", path::posix),
    ("path_windows", path::windows),
    ("pattern", pattern::pattern),
    ("policy", policy::policy),
    ("uri", uri::uri),
];
