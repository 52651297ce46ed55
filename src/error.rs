//! Errors as an interface: a stable code, a JSON Pointer, the offending text, one sentence, one line of help.
//!
//! A [`Refusal`] is one of them; [`Refusals`] is all of them at once, never empty, in the order of the
//! document (G-3). The list of [`Code`]s is the only place where a code, its rule and its help are written.

use crate::native::PathError;
use crate::pattern::PatternError;
use crate::rule::Rule;
use serde::Serialize;

macro_rules! codes {
    ($($name:ident $code:literal $rule:ident $help:literal)*) => {
        /// A stable error code. Its text, rule and help never depend on the input.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = concat!("`", $code, "`. ", $help)] $name,)*
        }
        impl Code {
            /// Every code, in the order of `docs/reference.md`.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
            /// The stable text, such as `subpath_dot_segment`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
            /// The rule that the code enforces.
            pub const fn rule(self) -> Rule {
                match self { $(Self::$name => Rule::$rule,)* }
            }
            /// What to do about it, in one line.
            pub const fn help(self) -> &'static str {
                match self { $(Self::$name => $help,)* }
            }
        }
    };
}

codes! {
    // documents
    NotUtf8 "not_utf8" I2 "Send JSON as UTF-8 without a byte order mark."
    NotJson "not_json" I2 "Send one complete JSON document and nothing after it."
    TooLarge "too_large" I3 "Send a smaller document; docs/reference.md lists the limits."
    TooDeep "too_deep" I3 "Nest less; docs/reference.md lists the limits."
    TooLong "too_long" I3 "Shorten the text; docs/reference.md lists the limits."
    DuplicateKey "duplicate_key" I2 "Keep one of the two; readers disagree on which one counts."
    WrongType "wrong_type" I2 "Use the JSON type that docs/reference.md gives for this field."
    NumberOutOfRange "number_out_of_range" I2 "Use an integer in the field's range, at most 2^53 in size."
    MissingField "missing_field" I2 "Add the field; it has no default."
    MisspelledField "misspelled_field" I5 "Write the field exactly as docs/reference.md does; ignoring it could widen the policy."
    NotAnIntent "not_an_intent" I1 "Give a process/start message, its params, or a sandbox context with permissions."
    AmbiguousIntent "ambiguous_intent" I1 "Send one of the two shapes; a document that is both could be read either way."
    UnknownMethod "unknown_method" I1 "Only process/start carries an intent that can be bound."
    UnknownSchema "unknown_schema" E1 "Use the schema that this version reads; `bindery schema` prints it."
    UnknownField "unknown_field" B5 "Remove the field; a bound policy holds only what was bound."
    // words
    UnknownAccess "unknown_access" I4 "Use read, write or deny (none is the older spelling of deny)."
    UnknownProfileType "unknown_profile_type" I4 "Use managed, disabled or external."
    UnknownFileSystemType "unknown_file_system_type" I4 "Use restricted or unrestricted."
    UnknownPathType "unknown_path_type" I4 "Use path, glob_pattern or special, or write the path as one string."
    UnknownMissingPathBehavior "unknown_missing_path_behavior" I4 "Use skip, or leave the field out."
    UnknownNetwork "unknown_network" I4 "Use restricted or enabled."
    UnknownWord "unknown_word" E1 "Use one of the words that docs/reference.md lists for this field."
    ScanDepthZero "scan_depth_zero" I4 "Use a depth of at least 1, or leave the field out for no bound."
    // counts
    TooManyEntries "too_many_entries" I3 "Send fewer entries; docs/reference.md lists the limits."
    TooManyRoots "too_many_roots" I3 "Name fewer roots; docs/reference.md lists the limits."
    TooManyPlaces "too_many_places" I3 "Entries times roots is too large; send fewer of one or the other."
    TooManyFacts "too_many_facts" I3 "List fewer facts of this kind; docs/reference.md lists the limits."
    // paths as text
    PathNotPortable "path_not_portable" I9 "Write a symbol such as :workspace_roots/src or a file: URI; a native path means nothing elsewhere."
    SymbolMalformed "symbol_malformed" I9 "A symbol is a colon, then lower-case letters, digits, `_` or `-`, then an optional /subpath."
    // file: URIs
    UriScheme "uri_scheme" U1 "Use a file: URI."
    UriAuthority "uri_authority" U1 "Write file:/// and an absolute path, with nothing or localhost between the second and third slash."
    UriUserInfo "uri_user_info" U6 "Remove the user information."
    UriPort "uri_port" U6 "Remove the port."
    UriQuery "uri_query" U6 "Percent-encode the question mark as %3F if it is part of a name."
    UriFragment "uri_fragment" U6 "Percent-encode the number sign as %23 if it is part of a name."
    UriPercent "uri_percent" U2 "Write a percent sign in a name as %25."
    UriNul "uri_nul" U3 "No file name holds a NUL byte."
    UriEncodedSlash "uri_encoded_slash" U3 "No file name holds a slash; write a separator as /."
    UriEncodedBackslash "uri_encoded_backslash" U3 "No Windows file name holds a backslash; write a separator as /."
    UriDotSegment "uri_dot_segment" U4 "Write the path without . and .. segments; with links, `..` is another place than it looks."
    UriRawBackslash "uri_raw_backslash" U5 "Write separators as / and a backslash in a name as %5C."
    UriControl "uri_control" U5 "Remove the control character, or percent-encode it if it is part of a name."
    UriBlank "uri_blank" U5 "Remove the blank, or write it as %20 if it is part of a name."
    UriRawCharacter "uri_raw_character" U5 "Percent-encode the character."
    UriDrivePipe "uri_drive_pipe" U5 "Write a drive as C: and a vertical bar in a name as %7C."
    UriEmptySegment "uri_empty_segment" U7 "Remove the repeated slash."
    UriHostAndDrive "uri_host_and_drive" U8 "Give a host and a share, or a drive, not both."
    UriHost "uri_host" U1 "Write the host as a plain name of letters, digits, dots and hyphens."
    UriNoShare "uri_no_share" U8 "Name the share after the host: file://host/share/..."
    UriNotUtf8 "uri_not_utf8" U9 "Only names that are UTF-8 can be bound."
    UriOpaque "uri_opaque" U9 "An opaque path has no portable meaning; send the path itself."
    ForeignPath "foreign_path" U8 "Send a path of the executor's own convention, or a symbol that it binds to its own places."
    UncHostNotAllowed "unc_host_not_allowed" U1 "List the host in the executor's unc_hosts if it may be contacted."
    // native paths
    PathEmpty "path_empty" N1 "Give an absolute path."
    PathRelative "path_relative" N1 "Give an absolute path; nothing is taken from the current directory."
    PathDotSegment "path_dot_segment" N1 "Write the path without . and .. segments; with links, `..` is another place than it looks."
    PathNul "path_nul" N1 "No path holds a NUL byte."
    PathNotNormal "path_not_normal" N1 "Write the path in its normal spelling."
    PathNamespace "path_namespace" N3 "Use a drive path such as C:\\dir or a share such as \\\\host\\share\\dir."
    PathDriveRelative "path_drive_relative" N3 "Write the separator after the drive: C:\\dir."
    PathRootRelative "path_root_relative" N3 "Name the drive: C:\\dir."
    PathLoopback "path_loopback" N3 "Name the local drive instead of a share on this machine."
    PathAdminShare "path_admin_share" N3 "Name the local drive instead of its administrative share."
    PathUncMalformed "path_unc_malformed" N3 "Write \\\\host\\share\\dir with a plain host and share."
    SegmentReservedCharacter "segment_reserved_character" N4 "Windows names hold none of < > : \" / \\ | ? * and no control character."
    SegmentTrailing "segment_trailing" N4 "Windows drops a trailing dot or blank, so the name would be another one; remove it."
    SegmentDeviceName "segment_device_name" N4 "Windows opens a device for this name; use another one."
    ShortNameInGrant "short_name_in_grant" N5 "Write the long name; a short name can be expanded only by observing the file system."
    MagicPath "magic_path" N7 "This directory shows other places under another name; name the place itself."
    // subpaths
    SubpathEmptySegment "subpath_empty_segment" S9 "Remove the leading, trailing or repeated separator."
    SubpathDotSegment "subpath_dot_segment" S9 "Write the subpath without . and .. segments."
    SubpathAbsolute "subpath_absolute" S9 "Write the subpath relative to the symbol, without a leading separator."
    SubpathDrive "subpath_drive" S9 "Write the subpath without a drive or stream; Windows names hold no colon."
    SubpathHome "subpath_home" S9 "A denial of `~` below a root is ambiguous; deny :home or a literal place."
    SubpathSegment "subpath_segment" S9 "Use a name that this executor's file system allows."
    SubpathNotAllowed "subpath_not_allowed" S9 "Only :workspace_roots, :cwd, :home and symbols that the executor names take a subpath."
    // symbols
    RootsNotKnown "roots_not_known" S3 "List workspace_roots in the executor's facts; an empty list says that there are none."
    CwdNotKnown "cwd_not_known" S4 "Give cwd in the executor's facts."
    HomeNotKnown "home_not_known" S4 "Give home in the executor's facts."
    TempDirsNotKnown "temp_dirs_not_known" S5 "List temp_dirs in the executor's facts; an empty list says that there are none."
    UnknownSymbol "unknown_symbol" S8 "Use a symbol that this executor knows, or name it in the executor's symbols."
    MinimalWrite "minimal_write" S2 "The platform-default paths are readable places; name a place to write to."
    RootNotOffered "root_not_offered" E3 "Name a root that the executor offers or one inside it, or bind with adopt_requested (--adopt-roots)."
    CwdNotOffered "cwd_not_offered" E4 "Name a cwd inside a root that the executor offers, or bind with adopt_requested."
    HomeNotOffered "home_not_offered" E4 "Leave userHomeDir out, name the executor's own, or bind with adopt_requested."
    TempDirNotOffered "temp_dir_not_offered" E4 "Name a temporary directory that the executor offers or one inside it, or bind with adopt_requested."
    RootIsFileSystemRoot "root_is_file_system_root" S11 "Use a narrower root, or say allow_broad_root in the executor's facts."
    RootIsDriveRoot "root_is_drive_root" S11 "Use a narrower root, or say allow_broad_root in the executor's facts."
    RootIsHome "root_is_home" S11 "Use a folder inside the home, or say allow_broad_root in the executor's facts."
    RootIsHomeAncestor "root_is_home_ancestor" S11 "Use a narrower root, or say allow_broad_root in the executor's facts."
    RootIsSystemDirectory "root_is_system_directory" S11 "Use a narrower root, or say allow_broad_root in the executor's facts."
    // patterns
    PatternInGrant "pattern_in_grant" P1 "A grant names a place, or a place and /** for all below it; patterns only deny."
    PatternEmpty "pattern_empty" P5 "Write a pattern such as **/.env."
    PatternTooLong "pattern_too_long" P7 "Shorten the pattern to 4096 bytes or fewer."
    PatternTooDeep "pattern_too_deep" P7 "Nest braces at most 4 deep."
    TooManyPatterns "too_many_patterns" P7 "Send fewer or shorter patterns; docs/reference.md lists the limits."
    PatternUnclosedClass "pattern_unclosed_class" P5 "Close the class with ], or escape the bracket."
    PatternEmptyClass "pattern_empty_class" P5 "Put at least one character into the class."
    PatternClassSeparator "pattern_class_separator" P5 "A class never matches a separator; take it out of the class."
    PatternClassRange "pattern_class_range" P5 "Write the range from the smaller to the larger character, both ASCII."
    PatternClassNotAscii "pattern_class_not_ascii" P5 "Use braces for characters outside ASCII: {a,b} instead of a class."
    PatternClassNamed "pattern_class_named" P5 "List the characters or a range of them instead of naming a class."
    PatternUnclosedBrace "pattern_unclosed_brace" P5 "Close the group with }, or escape the brace."
    PatternUnopenedBrace "pattern_unopened_brace" P5 "Open the group with {, or escape the brace."
    PatternPartialGlobstar "pattern_partial_globstar" P5 "Write ** as a whole component, outside braces: dir/**/name."
    PatternDanglingEscape "pattern_dangling_escape" P5 "Write a backslash at the end as two."
    PatternSegment "pattern_segment" P5 "Write the pattern without empty, . and .. components and without names that this OS refuses."
    PatternIsUri "pattern_is_uri" P4 "Anchor the pattern at a symbol, an absolute path, ~/ or the cwd; a URI is a literal place."
    PatternAnchor "pattern_anchor" P4 "Anchor the pattern at :workspace_roots, :cwd, :home, an absolute path or ~/."
    PatternTooComplex "pattern_too_complex" P7 "Write a simpler pattern."
    // executor facts
    DuplicateId "duplicate_id" E1 "Give each root its own id."
    IdMalformed "id_malformed" E1 "Use 1 to 256 printable characters."
    AliasLoop "alias_loop" E5 "Aliases must lead to a place, not round in a circle."
    AliasAmbiguous "alias_ambiguous" E5 "Say of each place once where it leads."
    SlashTmpUndefined "slash_tmp_undefined" S6 "Windows has no /tmp; leave slash_tmp out."
    DriveMalformed "drive_malformed" E1 "Write a drive as a letter and a colon: C:."
    SymbolReserved "symbol_reserved" S7 "Choose a name that is not one of bindery's own symbols."
    ProtectedNameMalformed "protected_name_malformed" E1 "A protected name is one file name without separators."
    RootForbidden "root_forbidden" N7 "Use a real directory; this one only mirrors other places."
    // reading a bound policy back
    DigestMismatch "digest_mismatch" B5 "The policy was changed after it was bound; bind again."
    PolicyInconsistent "policy_inconsistent" B5 "The policy's lists do not follow from its rules; bind again."
    UnknownSemantics "unknown_semantics" B5 "Bind again with this version; the rules have changed since."
    // observation
    ForeignView "foreign_view" O1 "Observe a file system of the executor's own OS, or bind without observing."
    CrossesWritableLink "crosses_writable_link" O3 "Name the link's target, or remove the link from the writable place."
    GrantDangling "grant_dangling" O2 "Create the link's target, or name another place."
    GrantLoop "grant_loop" O2 "Break the loop of links, or name another place."
    GrantUnreadable "grant_unreadable" O2 "Make the place readable to the executor, or name another place."
    RecordingMalformed "recording_malformed" O1 "Record again, or write the recording as fixtures/recordings/README.md says."
    UnverifiedGitPointer "unverified_git_pointer" O7 "Repair the repository so that its pointer and back-pointer agree."
    // sending side
    RequestContradicts "request_contradicts" I8 "Ask for a sandbox, or do not build a local wrapper."
    ArgvEmpty "argv_empty" I8 "Give the command to run."
    RequestPath "request_path" I8 "Give an absolute path of the executor's convention."
}

impl Code {
    /// The code of a stable text, or `None`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == word)
    }
}

impl PatternError {
    /// The code under which a pattern is refused.
    pub(crate) const fn code(&self) -> Code {
        match self {
            Self::Empty => Code::PatternEmpty,
            Self::TooLong { .. } => Code::PatternTooLong,
            Self::TooDeep { .. } => Code::PatternTooDeep,
            Self::TooComplex { .. } => Code::PatternTooComplex,
            Self::UnclosedClass { .. } => Code::PatternUnclosedClass,
            Self::EmptyClass { .. } => Code::PatternEmptyClass,
            Self::ClassSeparator { .. } => Code::PatternClassSeparator,
            Self::ClassRange { .. } => Code::PatternClassRange,
            Self::ClassNotAscii { .. } => Code::PatternClassNotAscii,
            Self::ClassNamed { .. } => Code::PatternClassNamed,
            Self::UnclosedBrace { .. } => Code::PatternUnclosedBrace,
            Self::UnopenedBrace { .. } => Code::PatternUnopenedBrace,
            Self::PartialGlobstar { .. } => Code::PatternPartialGlobstar,
            Self::DanglingEscape { .. } => Code::PatternDanglingEscape,
            Self::EmptyComponent { .. }
            | Self::DotComponent { .. }
            | Self::ForbiddenCharacter { .. }
            | Self::TrailingDotOrBlank { .. } => Code::PatternSegment,
        }
    }

    /// The offending text; empty where the pattern is empty or too long to repeat.
    pub(crate) fn value(&self) -> &str {
        match self {
            Self::Empty | Self::TooLong { .. } => "",
            Self::TooDeep { text }
            | Self::TooComplex { text }
            | Self::UnclosedClass { text }
            | Self::EmptyClass { text }
            | Self::ClassSeparator { text }
            | Self::ClassRange { text }
            | Self::ClassNotAscii { text }
            | Self::ClassNamed { text }
            | Self::UnclosedBrace { text }
            | Self::UnopenedBrace { text }
            | Self::PartialGlobstar { text }
            | Self::DanglingEscape { text }
            | Self::EmptyComponent { text }
            | Self::DotComponent { text }
            | Self::ForbiddenCharacter { text, .. }
            | Self::TrailingDotOrBlank { text } => text,
        }
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which document an error's pointer points into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Input {
    /// The executor's facts.
    Executor,
    /// The intent.
    Intent,
    /// A bound policy that was read back.
    Policy,
    /// A query, or a decision that was read back.
    Query,
    /// A recording of a file system.
    Recording,
}

impl Input {
    /// The word used in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Executor => "executor",
            Self::Intent => "intent",
            Self::Policy => "policy",
            Self::Query => "query",
            Self::Recording => "recording",
        }
    }
}

/// The longest offending text that a refusal repeats, in bytes; longer ones are cut and end in `…`.
const VALUE_LIMIT: usize = 256;

/// One reason why there is no result: code, pointer, offending text, rule, one sentence, one line of help.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    input: Input,
    pointer: String,
    code: Code,
    value: String,
    message: String,
}

impl Refusal {
    /// A refusal. `pointer` is an RFC 6901 JSON Pointer into `input`; `value` is the offending text, cut to
    /// 256 bytes; `message` is one sentence that may repeat it in backticks.
    pub(crate) fn new(
        input: Input,
        code: Code,
        pointer: impl Into<String>,
        value: impl AsRef<str>,
        message: impl Into<String>,
    ) -> Self {
        Self { input, code, pointer: pointer.into(), value: clip(value.as_ref()), message: message.into() }
    }

    /// The document that [`pointer`](Self::pointer) points into.
    pub const fn input(&self) -> Input {
        self.input
    }
    /// The stable code.
    pub const fn code(&self) -> Code {
        self.code
    }
    /// An RFC 6901 JSON Pointer to the offending value.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }
    /// The offending text, cut to 256 bytes.
    pub fn value(&self) -> &str {
        &self.value
    }
    /// The rule that was broken.
    pub const fn rule(&self) -> Rule {
        self.code.rule()
    }
    /// One sentence that says what is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }
    /// One line that says what to do.
    pub const fn help(&self) -> &'static str {
        self.code.help()
    }
}

/// A text with its control characters written out, so that a name cannot forge a line of output.
pub(crate) fn shown(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.chars().any(char::is_control) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if c.is_control() { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    out.into()
}

/// Cuts a text at a character boundary and replaces control characters, so that an error can be printed.
pub(crate) fn clip(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(VALUE_LIMIT));
    for c in text.chars() {
        if out.len() + c.len_utf8() > VALUE_LIMIT {
            out.push('…');
            break;
        }
        if c.is_control() { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    out
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at = if self.pointer.is_empty() { "/" } else { &self.pointer };
        write!(f, "{} at {at}: {} ({})", self.code, self.message, self.rule())
    }
}

impl std::error::Error for Refusal {}

impl Serialize for Refusal {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut out = serializer.serialize_struct("Refusal", 7)?;
        out.serialize_field("code", self.code.as_str())?;
        out.serialize_field("help", self.help())?;
        out.serialize_field("input", &self.input)?;
        out.serialize_field("message", &self.message)?;
        out.serialize_field("pointer", &self.pointer)?;
        out.serialize_field("rule", self.rule().id())?;
        out.serialize_field("value", &self.value)?;
        out.end()
    }
}

impl PathError {
    /// The code under which a path is refused.
    pub(crate) const fn code(&self) -> Code {
        match self {
            Self::Empty => Code::PathEmpty,
            Self::Relative { .. } => Code::PathRelative,
            Self::Foreign { .. } => Code::ForeignPath,
            Self::Nul { .. } => Code::PathNul,
            Self::Namespace { .. } | Self::NamespaceChild { .. } => Code::PathNamespace,
            Self::DriveRelative { .. } => Code::PathDriveRelative,
            Self::RootRelative { .. } => Code::PathRootRelative,
            Self::Loopback { .. } => Code::PathLoopback,
            Self::AdminShare { .. } => Code::PathAdminShare,
            Self::UncMalformed { .. } => Code::PathUncMalformed,
            Self::DotSegment { .. } => Code::PathDotSegment,
            Self::EmptySegment | Self::Separator { .. } => Code::PathNotNormal,
            Self::ReservedCharacter { .. } => Code::SegmentReservedCharacter,
            Self::Trailing { .. } => Code::SegmentTrailing,
            Self::DeviceName { .. } => Code::SegmentDeviceName,
        }
    }
}

/// Every reason why there is no result, at once (G-3): never empty, sorted by document, then pointer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Refusals(Vec<Refusal>);

impl Refusals {
    /// `None` if nothing was refused.
    pub(crate) fn from_vec(mut refusals: Vec<Refusal>) -> Option<Self> {
        refusals.sort_by(|a, b| {
            // The message too: equal refusals must stand side by side to be told once, in whatever order they came.
            (a.input, pointer_order(&a.pointer), a.code, &a.value, &a.message).cmp(&(
                b.input,
                pointer_order(&b.pointer),
                b.code,
                &b.value,
                &b.message,
            ))
        });
        refusals.dedup();
        (!refusals.is_empty()).then_some(Self(refusals))
    }

    /// `Ok(())` if the list is empty, every refusal in it otherwise.
    pub(crate) fn check(refusals: Vec<Refusal>) -> Result<(), Self> {
        Self::from_vec(refusals).map_or(Ok(()), Err)
    }

    /// The refusals, in order.
    pub fn as_slice(&self) -> &[Refusal] {
        &self.0
    }

    /// The refusals, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Refusal> {
        self.0.iter()
    }

    /// The refusals, owned.
    pub fn into_vec(self) -> Vec<Refusal> {
        self.0
    }
}

/// Orders pointers as a reader meets their targets: `/entries/2` before `/entries/10`.
fn pointer_order(pointer: &str) -> Vec<(u64, &str)> {
    pointer.split('/').map(|part| (part.parse().unwrap_or(u64::MAX), part)).collect()
}

impl From<Refusal> for Refusals {
    fn from(refusal: Refusal) -> Self {
        Self(vec![refusal])
    }
}

impl<'a> IntoIterator for &'a Refusals {
    type Item = &'a Refusal;
    type IntoIter = std::slice::Iter<'a, Refusal>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl std::fmt::Display for Refusals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, refusal) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{refusal}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusals {}
