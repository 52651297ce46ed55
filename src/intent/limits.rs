//! What an intent may hold at most (I-3), each number with its reason. The limits of the document as a
//! whole (16 MiB, 64 levels) are those of every document and stand with the JSON reader, `crate::json`.

/// Entries of one profile. The largest profile seen in the field has some hundreds; 32768 leaves room for a
/// generated list of every file of a large tree, and bounds what expansion multiplies.
pub(crate) const MAX_ENTRIES: usize = 32 * 1024;

/// Workspace roots that a request names. An editor's workspace holds a few dozen folders; every root
/// multiplies every entry.
pub(crate) const MAX_ROOTS: usize = 256;

/// Temporary directories that a request names. A machine has one to three.
pub(crate) const MAX_TEMP_DIRS: usize = 64;

/// One symbol, subpath or other word, in bytes: the longest path of any target (Windows, 32767 characters).
/// The reader of `file:` URIs has the same limit.
pub(crate) const MAX_TEXT_BYTES: usize = 32 * 1024;

/// One pattern, in bytes: far below what makes the glob engine recurse without end (dependencies F10).
pub(crate) const MAX_PATTERN_BYTES: usize = 4096;

/// Patterns of one profile. Every one of them is asked about every path.
pub(crate) const MAX_PATTERNS: usize = 1024;

/// All patterns of one profile together, in bytes: they become one automaton, whose memory follows this sum.
pub(crate) const MAX_PATTERN_BYTES_IN_SUM: usize = 256 * 1024;

/// Notes about one document, and about one entry: a document of nothing but unknown fields must not become
/// a report larger than itself. What is left out is counted.
pub(crate) const MAX_NOTES: usize = 64;

/// Places that entries become: entries times roots. A policy of that many rules takes about 400 MiB while it is
/// bound, and with its JSON, audit included, a gigabyte more (docs/limits.md).
pub(crate) const MAX_PLACES: usize = 256 * 1024;

/// The text of all places and of the audit's steps, in bytes, with [`NAME_BYTES`] for each name of a place: what really
/// bounds the memory of a policy.
pub(crate) const MAX_PLACE_BYTES: usize = 256 * 1024 * 1024;

/// What a name of a place costs besides its text: keys and an index have something for each. Without it, 30 million
/// names of one letter fitted, and took 1.9 GiB and most of a minute.
pub(crate) const NAME_BYTES: usize = 48;

/// What all patterns that hang on one path and the places above it may cost together, in steps for each character of
/// a queried path. At the limit a path of 4,096 characters takes about 0.3 s, and one of the longest that are judged
/// about 8 s (docs/limits.md); a thousand patterns as people write them are far below it.
pub(crate) const MAX_PATTERN_COST: usize = 128 * 1024;

/// Writable directories of which the repository is looked up, each in up to a hundred questions to the file system.
pub(crate) const MAX_REPOSITORIES: usize = 64;
