//! The ids of the rules. Code, fixtures, errors, decisions and audit records all name a rule by its id;
//! `docs/reference.md` says each in full, and a test compares the two lists.

macro_rules! rules {
    ($($name:ident $id:literal $summary:literal)*) => {
        /// A rule of the semantics, by its id.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Rule {
            $(#[doc = concat!("`", $id, "`: ", $summary)] $name,)*
        }
        impl Rule {
            /// Every rule, in the order of `docs/reference.md`.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
            /// The stable id, such as `U-3`.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }
            /// The rule in one sentence.
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$name => $summary,)* }
            }
        }
    };
}

rules! {
    // Reading an intent (semantics 1)
    I1 "I-1" "An intent is a whole `process/start` message, its params, or a sandbox context alone."
    I2 "I-2" "JSON is read strictly: no duplicate keys, no arrays for objects, exact types, nothing after the end."
    I3 "I-3" "Size, depth, entries, roots and places are bounded; an error names the limit and the observed value."
    I4 "I-4" "Access, profile type, path type, network and `missing_path_behavior` are closed sets of words."
    I5 "I-5" "Unknown fields are ignored and recorded; one that is a known field in another spelling is refused."
    I6 "I-6" "Unsandboxed, disabled, external, unrestricted and restricted are five outcomes, never confused."
    I7 "I-7" "Older spellings keep the meaning they had and are recorded."
    I8 "I-8" "The sending side sends plain argv and portable intent; a requested sandbox never depends on a local wrapper."
    I9 "I-9" "A path written as one string is a symbol with an optional subpath, or a `file:` URI, and nothing else."
    // The executor's facts (semantics 1)
    E1 "E-1" "An executor's facts are checked once; an error in them refuses the bind and names its place in them."
    E2 "E-2" "Workspace roots and temporary directories are not known, known to be none, or a list."
    E3 "E-3" "Roots that the intent names are requests; the root authority says what they are worth."
    E4 "E-4" "What else a request says about the executor (cwd, home, temporary directories) follows the root authority."
    E5 "E-5" "Aliases and volumes are facts; nothing about them is guessed."
    // `file:` URIs (semantics 2)
    U1 "U-1" "A URI is `file:///...`, `file://localhost/...`, or names a UNC host that the executor allows."
    U2 "U-2" "Segments are split first, decoded exactly once, then judged; a malformed `%` is refused."
    U3 "U-3" "An encoded NUL or separator (`%00`, `%2F`, on Windows `%5C`) is refused."
    U4 "U-4" "A dot segment, however encoded, is refused and never folded."
    U5 "U-5" "Raw backslashes, control characters, blanks and other characters that parsers disagree on are refused."
    U6 "U-6" "User info, port, query and fragment are refused."
    U7 "U-7" "An empty inner segment is refused; one trailing slash says nothing."
    U8 "U-8" "A URI of the other convention is foreign: a drive on POSIX, neither drive nor host on Windows."
    U9 "U-9" "Codex's opaque form and bytes that are not UTF-8 are refused, each with its own code."
    U10 "U-10" "Writing a URI has one canonical form, and reading it back gives the same path."
    // Native paths (semantics 3)
    N1 "N-1" "A native path is absolute and normal; `.` and `..` are refused, never folded."
    N2 "N-2" "Windows: drive letters are upper case, UNC hosts lower case, exact `\\\\?\\` prefixes are simplified."
    N3 "N-3" "Windows: device and NT namespaces, volume GUIDs, loopback hosts, admin shares, drive-relative and root-relative paths are refused."
    N4 "N-4" "Windows: reserved characters, trailing dots and blanks, and device names are refused in a segment."
    N5 "N-5" "Windows: a short-name form may be another name; in a grant it needs an observation, in a denial it matches widely."
    N6 "N-6" "macOS: `/tmp`, `/var`, `/etc` and the data volume have two spellings, and both are kept."
    N7 "N-7" "Magic directories such as `/proc/self/root` and `/dev/fd` can never be roots or grants."
    N8 "N-8" "Grants match by the exact key, denials, narrowings and protected names by the wide key."
    N9 "N-9" "Containment is by whole segments."
    // Symbols (semantics 4)
    S1 "S-1" "`:root` is the whole namespace: `/`, or every drive and share."
    S2 "S-2" "`:minimal` is a flag and the executor's platform-default paths, readable only."
    S3 "S-3" "`:workspace_roots` is each workspace root: not known refuses, none is inert."
    S4 "S-4" "`:cwd` and `:home` are the executor's facts; without the fact the entry is refused."
    S5 "S-5" "`:tmpdir` is each temporary directory: not known makes a grant inert and refuses a denial; none is inert."
    S6 "S-6" "`:slash_tmp` is `/tmp` on POSIX and undefined on Windows, where it is inert."
    S7 "S-7" "A symbol that the executor names is its paths."
    S8 "S-8" "An unknown symbol grants nothing; a denial of one is refused."
    S9 "S-9" "A subpath is relative, in the root's own grammar, without empty, `.` or `..` segments, drive or stream."
    S10 "S-10" "Expansion is every entry with every root: total, or refused."
    S11 "S-11" "A root that is the file-system root, a drive root, the home or above it, or a system directory is a hazard."
    S12 "S-12" "A place that is a file grants that file only."
    // Observation (semantics 5)
    O1 "O-1" "One walker asks once per distinct path component."
    O2 "O-2" "Missing, dangling, looping and unreadable are different states; doubt drops a grant and keeps a denial."
    O3 "O-3" "A grant covers the path as written and where it really is, and crosses no link in a writable place."
    O4 "O-4" "A denial covers the path as written, where it really is, and every link on the way."
    O5 "O-5" "Two rules on one object take the stricter access for both names."
    O6 "O-6" "`missing_path_behavior: skip` keeps the rule and never creates anything."
    O7 "O-7" "A git pointer is followed only when its back-pointer agrees."
    O8 "O-8" "What observation cannot promise is stated as a residual risk."
    O9 "O-9" "`verify` observes again and answers unchanged, or what changed."
    // Deciding (semantics 6)
    D1 "D-1" "Rules that contain the queried path count: grants by the exact key, the rest by the wide key."
    D2 "D-2" "The deepest rule decides; at equal depth deny beats write beats read; the stricter of both keys holds."
    D3 "D-3" "A deny pattern that matches the path or any ancestor of it denies, whatever grants say."
    D4 "D-4" "A protected name in a writable place is not writable unless an explicit write entry names it or a place below it."
    D5 "D-5" "Without a rule the answer is deny."
    D6 "D-6" "A query that is foreign, relative, dotted or not a file name is denied with that reason."
    D7 "D-7" "A tree is allowed, denied, or partially denied under named places."
    D8 "D-8" "Full-read and full-write flags follow from the rules' meaning."
    // Patterns (semantics 7)
    P1 "P-1" "A pattern denies; a grant may end in `/**` and have no other pattern in it."
    P2 "P-2" "A pattern is a literal base, never parsed as a pattern, and a tail."
    P3 "P-3" "The tail's dialect: `*`, `?`, whole-component `**`, ASCII classes, `{a,b}` to depth 4, backslash escapes on POSIX."
    P4 "P-4" "Relative patterns anchor at the policy cwd, symbolic ones under each root, `~/` at the home."
    P5 "P-5" "What cannot be compiled is refused; nothing matches less than it says."
    P6 "P-6" "Bind keeps patterns as patterns; expanding them is a separate, bounded step."
    P7 "P-7" "Pattern length, brace depth, number and total size are bounded."
    // The bound policy (semantics 0, 8)
    B1 "B-1" "Every entry ends as exactly one of bound, inert or refused."
    B2 "B-2" "If any entry is refused there is no bound policy, and every refusal is listed at once."
    B3 "B-3" "The order of entries and roots changes neither a decision nor the digest."
    B4 "B-4" "The plan is ordered, parents first, and has no step that changes nothing."
    B5 "B-5" "The digest covers intent, facts, observations, semantics version and result; reading back checks it."
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id())
    }
}

impl Rule {
    /// The rule of an id, or `None`.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.id() == id)
    }
}
