//! JSON to [`Intent`], or every reason why not, each with its exact JSON Pointer.
//!
//! Strict about everything that could widen the policy if it were misread: types, closed sets of words, known
//! fields in another spelling or in another object. Tolerant about what older and newer peers send: unknown
//! fields and unknown kinds of symbol are carried on and noted.

use super::entry::{Entry, EntryAccess, EntryPath, Named, Network, Note, Profile, Symbol};
use super::limits::{
    MAX_ENTRIES, MAX_NOTES, MAX_PATTERN_BYTES_IN_SUM, MAX_PATTERNS, MAX_ROOTS, MAX_TEMP_DIRS, MAX_TEXT_BYTES,
};
use super::text::{self, Problem, Remark};
use super::wire;
use super::{Carried, Intent};
use crate::error::{Code, Input, Refusal, clip};
use crate::json::{self, At, Fields, Json, MAX_INTEGER, Tree};

/// A whole message, its params, or a context (I-1).
pub(super) fn any(bytes: &[u8]) -> (Option<Intent>, Vec<Refusal>) {
    start(bytes, Reader::document)
}

/// The params of a message only.
pub(super) fn exec_params(bytes: &[u8]) -> (Option<Intent>, Vec<Refusal>) {
    start(bytes, Reader::only_params)
}

fn start(bytes: &[u8], shape: fn(&mut Reader, &At<'_>) -> Option<Intent>) -> (Option<Intent>, Vec<Refusal>) {
    let tree = match json::parse(bytes, Input::Intent) {
        Ok(tree) => tree,
        Err(refusals) => return (None, refusals.into_vec()),
    };
    let mut reader = Reader::default();
    let mut intent = shape(&mut reader, &At::root(&tree, Input::Intent));
    if let Some(intent) = &mut intent {
        intent.notes = reader.notes.finish("");
    }
    (intent, reader.refusals)
}

/// The refusal of a document, or a part of one, that has none of the three shapes.
pub(super) fn not_an_intent(pointer: &str) -> Refusal {
    Refusal::new(
        Input::Intent,
        Code::NotAnIntent,
        pointer,
        "",
        "the object is no process/start message, no params of one, and no sandbox context",
    )
}

/// Refuses every number that not every reader keeps as it is (dependencies F17), so that a value which is
/// only passed on can be written canonically.
pub(super) fn check_numbers(at: &At<'_>, refusals: &mut Vec<Refusal>) {
    match at.json {
        Tree::Int(value) if !(-MAX_INTEGER..=MAX_INTEGER).contains(value) => {
            let value = value.to_string();
            refusals.push(at.refuse(
                Code::NumberOutOfRange,
                &value,
                format!("`{value}` is larger than 2^53"),
            ));
        }
        Tree::Float(value) => {
            let value = value.to_string();
            let message = format!("`{value}` is not an integer up to 2^53");
            refusals.push(at.refuse(Code::NumberOutOfRange, &value, message));
        }
        Tree::Array(_) | Tree::Object(_) => at.parts().for_each(|part| check_numbers(&part, refusals)),
        Tree::Null | Tree::Bool(_) | Tree::Int(_) | Tree::String(_) => {}
    }
}

/// Notes up to their limit; what is past it is counted.
#[derive(Default)]
struct Notes {
    list: Vec<Note>,
    more: usize,
}

impl Notes {
    fn add(&mut self, pointer: &str, text: impl Into<String>) {
        if self.list.len() < MAX_NOTES {
            self.list.push(Note { pointer: pointer.to_owned(), text: text.into() });
        } else {
            self.more += 1;
        }
    }

    fn remark(&mut self, pointer: &str, remark: Remark) {
        if let Some(text) = remark {
            self.add(pointer, text);
        }
    }

    fn finish(mut self, pointer: &str) -> Vec<Note> {
        if self.more > 0 {
            let text = format!("{} more were met; {MAX_NOTES} are listed", self.more);
            self.list.push(Note { pointer: pointer.to_owned(), text });
        }
        self.list
    }
}

/// What `policyContext` says, which then counts instead of the context's own two fields.
struct PolicyContext {
    cwd: Option<Named>,
    roots: Option<Vec<Named>>,
}

#[derive(Default)]
struct Reader {
    refusals: Vec<Refusal>,
    notes: Notes,
}

impl Reader {
    fn take<T>(&mut self, result: Result<T, Refusal>) -> Option<T> {
        result.map_err(|refusal| self.refusals.push(refusal)).ok()
    }

    /// What a text means, or its problem, refused where the text stands.
    fn text<'a, T>(&mut self, at: &At<'a>, read: impl FnOnce(&'a str) -> Result<T, Problem>) -> Option<T> {
        let text = self.take(at.string())?;
        let result = read(text).map_err(|p| at.refuse(p.code, p.value, p.message));
        self.take(result)
    }

    /// Closes an object: a known field in another spelling or of another object is refused, because ignoring
    /// it could widen the policy; any other unknown field is noted and ignored (I-5).
    fn close(&mut self, fields: &mut Fields<'_>, misplaced: &[&'static str], entry: Option<&mut Notes>) {
        for name in misplaced {
            if let Some(at) = fields.value(name) {
                let message =
                    format!("the field `{name}` does not belong into this object and would be ignored");
                self.refusals.push(at.refuse(Code::MisspelledField, name, message));
            }
        }
        let notes = entry.unwrap_or(&mut self.notes);
        for pointer in fields.unknown(&mut self.refusals) {
            notes.add(&pointer, "an unknown field was ignored");
        }
    }

    /// The word that says what the rest of an object means; without it the rest is not read.
    fn tag<'a>(&mut self, fields: &mut Fields<'a>, name: &'static str) -> Option<(At<'a>, &'a str)> {
        let tag = fields.required(name).and_then(|at| Ok((at.string()?, at)));
        if tag.is_err() {
            self.close(fields, &[], None);
        }
        self.take(tag).map(|(word, at)| (at, word))
    }

    fn ambiguous(&mut self, at: &At<'_>, name: &str, message: String) {
        let pointer = at.pointer_of(name);
        self.refusals.push(Refusal::new(Input::Intent, Code::AmbiguousIntent, pointer, name, message));
    }

    // The three shapes.

    fn document(&mut self, at: &At<'_>) -> Option<Intent> {
        let fields = self.take(at.object())?;
        if fields.has(wire::message::METHOD) {
            return self.message(at, fields);
        }
        if wire::params::MARKS.iter().any(|name| fields.has(name)) {
            return self.params(at);
        }
        if fields.has(wire::context::PERMISSIONS) {
            self.no_second_shape(at, &fields, &wire::params::NOT_IN_CONTEXT, "beside `permissions`")?;
            return self.context(at);
        }
        self.refusals.push(not_an_intent(&at.pointer()));
        None
    }

    fn only_params(&mut self, at: &At<'_>) -> Option<Intent> {
        let fields = self.take(at.object())?;
        if fields.has(wire::message::METHOD) {
            let message = "expected the params alone, found a whole message";
            self.refusals.push(at.refuse(Code::NotAnIntent, wire::message::METHOD, message));
            return None;
        }
        self.params(at)
    }

    fn message(&mut self, at: &At<'_>, mut fields: Fields<'_>) -> Option<Intent> {
        let (method_at, method) = self.tag(&mut fields, wire::message::METHOD)?;
        if method != wire::message::PROCESS_START {
            let message = format!("the method `{}` starts no process", clip(method));
            self.refusals.push(method_at.refuse(Code::UnknownMethod, method, message));
            return None;
        }
        for name in wire::message::UNINTERPRETED {
            let _ = fields.get(name);
        }
        let params = fields.required(wire::message::PARAMS);
        let params = self.take(params);
        self.close(&mut fields, &[], None);
        let marks = [wire::params::ARGV, wire::params::SANDBOX, wire::context::PERMISSIONS];
        self.no_second_shape(at, &fields, &marks, "beside `method`")?;
        self.params(&params?)
    }

    /// `None`, with a refusal, if the object also has a field of another shape: it could be read both ways.
    fn no_second_shape(
        &mut self,
        at: &At<'_>,
        fields: &Fields<'_>,
        names: &[&str],
        beside: &str,
    ) -> Option<()> {
        let before = self.refusals.len();
        for name in names.iter().filter(|name| fields.has(name)) {
            self.ambiguous(at, name, format!("`{name}` stands {beside}: two shapes in one object"));
        }
        (self.refusals.len() == before).then_some(())
    }

    fn params(&mut self, at: &At<'_>) -> Option<Intent> {
        let mut fields = self.take(at.object())?;
        let beside = "beside the fields of params";
        self.no_second_shape(at, &fields, &[wire::context::PERMISSIONS], beside)?;
        // An object that says nothing of a process must not pass for a request without a sandbox.
        if !wire::params::MARKS.iter().any(|name| fields.has(name)) {
            self.refusals.push(not_an_intent(&at.pointer()));
            return None;
        }
        for name in wire::params::UNINTERPRETED {
            let _ = fields.get(name);
        }
        let process_cwd = fields.value(wire::params::CWD).and_then(|at| self.named(&at));
        let enforce = fields.value(wire::params::ENFORCE_MANAGED_NETWORK);
        let enforce = enforce.and_then(|at| self.take(at.boolean())).unwrap_or(false);
        let managed = fields.value(wire::params::MANAGED_NETWORK).and_then(|at| self.raw_object(&at));
        let sandbox = fields.value(wire::params::SANDBOX);
        self.close(&mut fields, &wire::context::NOT_IN_PARAMS, None);

        let mut intent = match sandbox {
            Some(at) => self.context(&at)?,
            None => Intent {
                profile: Profile::Unsandboxed,
                cwd: None,
                roots: None,
                home: None,
                temp_dirs: None,
                carried: Carried::default(),
                notes: Vec::new(),
            },
        };
        intent.cwd = intent.cwd.or(process_cwd);
        intent.carried.enforce_managed_network = enforce;
        intent.carried.managed_network = managed;
        Some(intent)
    }

    /// A value that is passed on as it is.
    fn raw_object(&mut self, at: &At<'_>) -> Option<Json> {
        self.take(at.object())?;
        check_numbers(at, &mut self.refusals);
        Some(at.json.to_json())
    }

    // The context.

    fn context(&mut self, at: &At<'_>) -> Option<Intent> {
        use wire::context as word;
        let mut fields = self.take(at.object())?;
        let profile = self.take(fields.required(word::PERMISSIONS)).and_then(|at| self.profile(&at));
        let cwd = fields.value(word::CWD).and_then(|at| self.named(&at));
        let roots = self.roots(fields.value(word::WORKSPACE_ROOTS));
        let policy = fields.value(word::POLICY_CONTEXT);
        let policy = policy.and_then(|at| self.policy_context(&at).map(|read| (at.pointer(), read)));
        let home = fields.value(word::USER_HOME_DIR).and_then(|at| self.named(&at));
        let temp_dirs = fields.value(word::TEMPORARY_DIRECTORIES);
        let temp_dirs =
            self.named_list(temp_dirs, MAX_TEMP_DIRS, Code::TooManyFacts, "temporary directories");
        let mut flag = |reader: &mut Self, name| {
            let at: Option<At<'_>> = fields.value(name);
            at.and_then(|at| reader.take(at.boolean()))
        };
        let windows_sandbox_private_desktop = flag(self, word::WINDOWS_SANDBOX_PRIVATE_DESKTOP);
        let use_legacy_landlock = flag(self, word::USE_LEGACY_LANDLOCK);
        let mut carried_word = |reader: &mut Self, name| {
            let at: Option<At<'_>> = fields.value(name);
            at.and_then(|at| {
                reader.text(&at, |text| {
                    text::within(text, MAX_TEXT_BYTES, Code::TooLong, "a word").map(|()| text.to_owned())
                })
            })
        };
        let windows_sandbox_level = carried_word(self, word::WINDOWS_SANDBOX_LEVEL);
        let windows_sandbox_proxy_settings_mode =
            carried_word(self, word::WINDOWS_SANDBOX_PROXY_SETTINGS_MODE);
        self.close(&mut fields, &wire::params::NOT_IN_SANDBOX, None);

        let (cwd, roots) = match policy {
            None => (cwd, roots),
            Some((pointer, policy)) => self.prefer(&pointer, policy, cwd, roots),
        };
        Some(Intent {
            profile: profile?,
            cwd,
            roots,
            home,
            temp_dirs,
            carried: Carried {
                windows_sandbox_level,
                windows_sandbox_private_desktop,
                windows_sandbox_proxy_settings_mode,
                use_legacy_landlock,
                ..Carried::default()
            },
            notes: Vec::new(),
        })
    }

    fn policy_context(&mut self, at: &At<'_>) -> Option<PolicyContext> {
        let mut fields = self.take(at.object())?;
        let cwd = fields.value(wire::context::CWD).and_then(|at| self.named(&at));
        let roots = self.roots(fields.value(wire::context::WORKSPACE_ROOTS));
        self.close(&mut fields, &wire::context::NOT_IN_POLICY, None);
        Some(PolicyContext { cwd, roots })
    }

    /// `policyContext` counts instead of the two older fields. A list that it leaves out where the older field
    /// has one is an empty one, as in Codex: taken as absent, it could mean all roots of the executor.
    fn prefer(
        &mut self,
        pointer: &str,
        policy: PolicyContext,
        cwd: Option<Named>,
        roots: Option<Vec<Named>>,
    ) -> (Option<Named>, Option<Vec<Named>>) {
        let uris = |list: &Option<Vec<Named>>| -> Option<Vec<String>> {
            list.as_ref().map(|list| list.iter().map(|named| named.uri.to_string()).collect())
        };
        if roots.is_some() && uris(&roots) != uris(&policy.roots) {
            self.notes.add(pointer, "its workspace roots count, and those beside it are set aside");
        }
        let same_cwd = |a: &Named, b: &Named| a.uri == b.uri;
        if let (Some(old), Some(new)) = (&cwd, &policy.cwd) {
            if !same_cwd(old, new) {
                self.notes.add(pointer, "its cwd counts, and the one beside it is set aside");
            }
        }
        let roots = policy.roots.or_else(|| roots.map(|_| Vec::new()));
        (policy.cwd.or(cwd), roots)
    }

    fn roots(&mut self, at: Option<At<'_>>) -> Option<Vec<Named>> {
        self.named_list(at, MAX_ROOTS, Code::TooManyRoots, "workspace roots")
    }

    fn named(&mut self, at: &At<'_>) -> Option<Named> {
        let uri = self.text(at, text::uri)?;
        Some(Named { pointer: at.pointer(), uri })
    }

    fn named_list(&mut self, at: Option<At<'_>>, limit: usize, code: Code, what: &str) -> Option<Vec<Named>> {
        let items = self.bounded(&at?, limit, code, what)?;
        Some(items.into_iter().filter_map(|at| self.named(&at)).collect())
    }

    /// The items of an array that has no more than it may have. Counted before anything is built.
    fn bounded<'a>(&mut self, at: &At<'a>, limit: usize, code: Code, what: &str) -> Option<Vec<At<'a>>> {
        if let Tree::Array(items) = at.json {
            if items.len() > limit {
                let count = items.len();
                let message = format!("there are {count} {what}; the limit is {limit}");
                self.refusals.push(at.refuse(code, count.to_string(), message));
                return None;
            }
        }
        self.take(at.array())
    }

    // The profile.

    fn profile(&mut self, at: &At<'_>) -> Option<Profile> {
        use wire::profile as word;
        let mut fields = self.take(at.object())?;
        let (kind, tag) = self.tag(&mut fields, word::TYPE)?;
        match tag {
            word::MANAGED => {
                let file_system = self.take(fields.required(word::FILE_SYSTEM));
                let network = self.network(&mut fields);
                self.close(&mut fields, &[word::ENTRIES, word::GLOB_SCAN_MAX_DEPTH], None);
                self.file_system(&file_system?, network)
            }
            word::DISABLED => {
                if let Some(at) = fields.value(word::NETWORK) {
                    self.notes.add(&at.pointer(), "a disabled profile has no network word; it was ignored");
                }
                self.no_entries(&mut fields, word::DISABLED);
                self.close(&mut fields, &[], None);
                Some(Profile::Disabled)
            }
            word::EXTERNAL => {
                let network = self.network(&mut fields);
                self.no_entries(&mut fields, word::EXTERNAL);
                self.close(&mut fields, &[], None);
                Some(Profile::External { network })
            }
            other => {
                let message = format!("`{}` is not a type of profile", clip(other));
                self.refusals.push(kind.refuse(Code::UnknownProfileType, other, message));
                None
            }
        }
    }

    /// The network word. A refused one still lets the entries be judged, so that all errors come at once.
    fn network(&mut self, fields: &mut Fields<'_>) -> Network {
        let word = fields.required(wire::profile::NETWORK).and_then(|at| {
            let text = at.string()?;
            [Network::Restricted, Network::Enabled].into_iter().find(|n| n.as_str() == text).ok_or_else(
                || at.refuse(Code::UnknownNetwork, text, format!("`{}` is not a network word", clip(text))),
            )
        });
        self.take(word).unwrap_or(Network::Restricted)
    }

    /// Entries under a profile that has no use for them would be lost without a word (G-2).
    fn no_entries(&mut self, fields: &mut Fields<'_>, kind: &str) {
        for name in [wire::profile::FILE_SYSTEM, wire::profile::ENTRIES] {
            if let Some(at) = fields.value(name) {
                let message = format!("`{name}` stands in a profile of type `{kind}`, which has none");
                self.refusals.push(at.refuse(Code::AmbiguousIntent, name, message));
            }
        }
    }

    fn file_system(&mut self, at: &At<'_>, network: Network) -> Option<Profile> {
        use wire::profile as word;
        let mut fields = self.take(at.object())?;
        let (kind, tag) = self.tag(&mut fields, word::TYPE)?;
        match tag {
            word::RESTRICTED => {
                let entries = self.take(fields.required(word::ENTRIES));
                let scan_depth = fields.value(word::GLOB_SCAN_MAX_DEPTH).and_then(|at| self.scan_depth(&at));
                self.close(&mut fields, &[word::NETWORK], None);
                let entries = self.entries(&entries?)?;
                Some(Profile::Restricted { entries, scan_depth, network })
            }
            word::UNRESTRICTED => {
                self.no_entries(&mut fields, word::UNRESTRICTED);
                if let Some(at) = fields.value(word::GLOB_SCAN_MAX_DEPTH) {
                    self.notes
                        .add(&at.pointer(), "an unrestricted file system has no patterns; it was ignored");
                }
                self.close(&mut fields, &[word::NETWORK], None);
                Some(Profile::Unrestricted { network })
            }
            other => {
                let message = format!("`{}` is not a type of file system", clip(other));
                self.refusals.push(kind.refuse(Code::UnknownFileSystemType, other, message));
                None
            }
        }
    }

    fn scan_depth(&mut self, at: &At<'_>) -> Option<u64> {
        let depth = self.take(at.unsigned())?;
        if depth == 0 {
            self.refusals.push(at.refuse(Code::ScanDepthZero, "0", "a depth of `0` would look nowhere"));
            return None;
        }
        Some(depth)
    }

    fn entries(&mut self, at: &At<'_>) -> Option<Vec<Entry>> {
        let items = self.bounded(at, MAX_ENTRIES, Code::TooManyEntries, "entries")?;
        let entries: Vec<Entry> = items.iter().filter_map(|at| self.entry(at)).collect();
        let patterns = entries.iter().filter_map(|entry| match &entry.path {
            EntryPath::Pattern(pattern) => Some(pattern.source.len()),
            EntryPath::Symbol { .. } | EntryPath::Literal(_) => None,
        });
        let (count, bytes) = patterns.fold((0_usize, 0_usize), |(n, sum), len| (n + 1, sum + len));
        if count > MAX_PATTERNS {
            let message = format!("there are {count} patterns; the limit is {MAX_PATTERNS}");
            self.refusals.push(at.refuse(Code::TooManyPatterns, count.to_string(), message));
        }
        if bytes > MAX_PATTERN_BYTES_IN_SUM {
            let message = format!("all patterns have {bytes} bytes; the limit is {MAX_PATTERN_BYTES_IN_SUM}");
            self.refusals.push(at.refuse(Code::TooManyPatterns, bytes.to_string(), message));
        }
        Some(entries)
    }

    // An entry.

    fn entry(&mut self, at: &At<'_>) -> Option<Entry> {
        use wire::entry as word;
        let mut notes = Notes::default();
        let mut fields = self.take(at.object())?;
        let path = self.take(fields.required(word::PATH)).and_then(|at| self.path(&at, &mut notes));
        let access = self.take(fields.required(word::ACCESS)).and_then(|at| self.access(&at, &mut notes));
        let skip_missing = fields.value(word::MISSING_PATH_BEHAVIOR).is_some_and(|at| {
            let word = at.string().and_then(|text| match text {
                word::SKIP => Ok(true),
                other => Err(at.refuse(
                    Code::UnknownMissingPathBehavior,
                    other,
                    format!("`{}` is not a behaviour for missing paths", clip(other)),
                )),
            });
            self.take(word).unwrap_or(false)
        });
        self.close(&mut fields, &wire::path::NARROWING, Some(&mut notes));
        let notes = notes.finish(&at.pointer());
        Some(Entry { pointer: at.pointer().into(), path: path?, access: access?, skip_missing, notes })
    }

    fn access(&mut self, at: &At<'_>, notes: &mut Notes) -> Option<EntryAccess> {
        let text = self.take(at.string())?;
        if text == wire::entry::NONE {
            notes.add(&at.pointer(), "`none` is the older spelling of `deny`");
            return Some(EntryAccess::Deny);
        }
        let all = [EntryAccess::Read, EntryAccess::Write, EntryAccess::Deny];
        let access = all.into_iter().find(|access| access.as_str() == text);
        if access.is_none() {
            let message = format!("`{}` is not an access", clip(text));
            self.refusals.push(at.refuse(Code::UnknownAccess, text, message));
        }
        access
    }

    fn path(&mut self, at: &At<'_>, notes: &mut Notes) -> Option<EntryPath> {
        match at.json {
            Tree::String(_) => {
                let (path, remark) = self.text(at, text::string_form)?;
                notes.remark(&at.pointer(), remark);
                Some(path)
            }
            Tree::Object(_) => self.path_object(at, notes),
            Tree::Null | Tree::Bool(_) | Tree::Int(_) | Tree::Float(_) | Tree::Array(_) => {
                let kind = at.json.kind();
                let message = format!("expected a string or an object, found {kind}");
                self.refusals.push(at.refuse(Code::WrongType, kind, message));
                None
            }
        }
    }

    fn path_object(&mut self, at: &At<'_>, notes: &mut Notes) -> Option<EntryPath> {
        use wire::path as word;
        let mut fields = self.take(at.object())?;
        // bindery's own form of a pattern has no type.
        if fields.has(word::GLOB) && !fields.has(word::TYPE) {
            return self.pattern(
                fields,
                word::GLOB,
                &[word::PATTERN, word::VALUE, word::KIND, word::SUBPATH],
                notes,
            );
        }
        let (kind, tag) = self.tag(&mut fields, word::TYPE)?;
        match tag {
            word::TYPE_PATH => {
                let uri = self.take(fields.required(word::PATH)).and_then(|at| self.text(&at, text::uri));
                self.close_path(&mut fields, &word::NARROWING, notes);
                Some(EntryPath::Literal(uri?))
            }
            word::TYPE_GLOB_PATTERN => {
                let misplaced = [word::GLOB, word::VALUE, word::KIND, word::SUBPATH];
                self.pattern(fields, word::PATTERN, &misplaced, notes)
            }
            word::TYPE_SPECIAL => {
                let value = self.take(fields.required(word::VALUE));
                let path = value.and_then(|at| self.special(&at, notes));
                let misplaced = [word::GLOB, word::PATTERN, word::KIND, word::SUBPATH, word::PATH];
                self.close_path(&mut fields, &misplaced, notes);
                path
            }
            other => {
                let message = format!("`{}` is not a type of path", clip(other));
                self.refusals.push(kind.refuse(Code::UnknownPathType, other, message));
                None
            }
        }
    }

    fn pattern(
        &mut self,
        mut fields: Fields<'_>,
        name: &'static str,
        misplaced: &[&'static str],
        notes: &mut Notes,
    ) -> Option<EntryPath> {
        let pattern = self.take(fields.required(name)).and_then(|at| {
            let (pattern, remark) = self.text(&at, text::pattern)?;
            notes.remark(&at.pointer(), remark);
            Some(pattern)
        });
        // A literal beside a pattern: one of the two would be lost.
        let misplaced: Vec<&'static str> = misplaced.iter().copied().chain([wire::path::PATH]).collect();
        self.close_path(&mut fields, &misplaced, notes);
        Some(EntryPath::Pattern(pattern?))
    }

    /// Closes the object of a path, in which what its entry says would be lost, too.
    fn close_path(&mut self, fields: &mut Fields<'_>, misplaced: &[&'static str], notes: &mut Notes) {
        let of_the_entry = wire::entry::NOT_IN_PATH;
        let misplaced: Vec<&'static str> = misplaced.iter().copied().chain(of_the_entry).collect();
        self.close(fields, &misplaced, Some(notes));
    }

    fn special(&mut self, at: &At<'_>, notes: &mut Notes) -> Option<EntryPath> {
        use wire::path as word;
        let mut fields = self.take(at.object())?;
        let (kind_at, kind) = self.tag(&mut fields, word::KIND)?;
        let mut misplaced = vec![word::GLOB, word::PATTERN, word::VALUE, word::PATH];
        let symbol = match kind {
            word::KIND_ROOT => Some(Symbol::Root),
            word::KIND_MINIMAL => Some(Symbol::Minimal),
            word::KIND_PROJECT_ROOTS => Some(Symbol::WorkspaceRoots),
            word::KIND_CURRENT_WORKING_DIRECTORY => {
                let text = "`current_working_directory` is the older spelling of `project_roots`";
                notes.add(&kind_at.pointer(), text);
                Some(Symbol::WorkspaceRoots)
            }
            word::KIND_TMPDIR => Some(Symbol::Tmpdir),
            word::KIND_SLASH_TMP => Some(Symbol::SlashTmp),
            word::KIND_UNKNOWN => {
                misplaced.pop();
                self.take(fields.required(word::PATH)).and_then(|at| self.token(&at, str::to_owned, notes))
            }
            // Also `home` and the like: a kind that nobody has defined yet is not guessed to be a token.
            _ => {
                notes.add(&kind_at.pointer(), "an unknown kind of symbol is carried as an unknown symbol");
                self.token(&kind_at, |kind| format!(":{kind}"), notes)
                    .map(|read| Symbol::Other(read.token().to_owned()))
            }
        };
        let subpath = fields.value(word::SUBPATH).map(|at| {
            self.text(&at, |text| {
                text::within(text, MAX_TEXT_BYTES, Code::TooLong, "a subpath").map(|()| text.to_owned())
            })
        });
        self.close(&mut fields, &misplaced, Some(notes));
        Some(EntryPath::Symbol {
            symbol: symbol?,
            subpath: subpath.map_or(Some(None), |read| read.map(Some))?,
        })
    }

    fn token(
        &mut self,
        at: &At<'_>,
        token: impl FnOnce(&str) -> String,
        notes: &mut Notes,
    ) -> Option<Symbol> {
        let (symbol, remark) = self.text(at, |text| {
            let token = token(text);
            text::within(&token, MAX_TEXT_BYTES, Code::TooLong, "a symbol")?;
            text::carried_token(&token)
        })?;
        notes.remark(&at.pointer(), remark);
        Some(symbol)
    }
}
