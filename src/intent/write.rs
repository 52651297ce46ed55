//! [`Intent`] to JSON: the wire form that `read` reads back, and the canonical meaning that a digest covers.

use super::entry::{Anchor, Entry, EntryAccess, EntryPath, Named, PatternText, Profile, Symbol};
use super::wire;
use super::{Carried, Intent};
use crate::json::{Canonical, Json, Out, ToJson, object};

/// The intent in Codex's wire form, as params: only what concerns the sandbox.
pub(super) fn intent(intent: &Intent) -> Json {
    let carried = &intent.carried;
    let mut params = vec![
        pair(wire::params::ENFORCE_MANAGED_NETWORK, carried.enforce_managed_network),
        (wire::params::MANAGED_NETWORK.to_owned(), carried.managed_network.clone().unwrap_or(Json::Null)),
    ];
    let Some(permissions) = profile(&intent.profile) else {
        params.push((wire::params::SANDBOX.to_owned(), Json::Null));
        push(&mut params, wire::params::CWD, intent.cwd.as_ref().map(uri));
        return Json::Object(params);
    };
    let mut context = vec![(wire::context::PERMISSIONS.to_owned(), permissions)];
    push(&mut context, wire::context::CWD, intent.cwd.as_ref().map(uri));
    push(&mut context, wire::context::WORKSPACE_ROOTS, intent.roots.as_deref().map(uris));
    push(&mut context, wire::context::USER_HOME_DIR, intent.home.as_ref().map(uri));
    push(&mut context, wire::context::TEMPORARY_DIRECTORIES, intent.temp_dirs.as_deref().map(uris));
    let level = carried.windows_sandbox_level.as_deref();
    push(&mut context, wire::context::WINDOWS_SANDBOX_LEVEL, level);
    let desktop = carried.windows_sandbox_private_desktop;
    push(&mut context, wire::context::WINDOWS_SANDBOX_PRIVATE_DESKTOP, desktop);
    let mode = carried.windows_sandbox_proxy_settings_mode.as_deref();
    push(&mut context, wire::context::WINDOWS_SANDBOX_PROXY_SETTINGS_MODE, mode);
    push(&mut context, wire::context::USE_LEGACY_LANDLOCK, carried.use_legacy_landlock);
    params.push((wire::params::SANDBOX.to_owned(), Json::Object(context)));
    Json::Object(params)
}

pub(super) fn pair(name: &str, value: impl Into<Json>) -> (String, Json) {
    (name.to_owned(), value.into())
}

/// Adds a field that is left out when there is nothing to say.
pub(super) fn push(object: &mut Vec<(String, Json)>, name: &str, value: Option<impl Into<Json>>) {
    object.extend(value.map(|value| pair(name, value)));
}

fn uri(named: &Named) -> Json {
    Json::String(named.uri.to_string())
}

pub(super) fn uris(list: &[Named]) -> Json {
    Json::Array(list.iter().map(uri).collect())
}

/// The profile in wire form; `None` for no sandbox, which the wire says with `null` in place of the context.
pub(super) fn profile(profile: &Profile) -> Option<Json> {
    use wire::profile as word;
    let managed = |file_system: Json, network: &str| {
        object([
            (word::TYPE, word::MANAGED.into()),
            (word::FILE_SYSTEM, file_system),
            (word::NETWORK, network.into()),
        ])
    };
    Some(match profile {
        Profile::Unsandboxed => return None,
        Profile::Disabled => object([(word::TYPE, word::DISABLED.into())]),
        Profile::External { network } => {
            object([(word::TYPE, word::EXTERNAL.into()), (word::NETWORK, network.as_str().into())])
        }
        Profile::Unrestricted { network } => {
            managed(object([(word::TYPE, word::UNRESTRICTED.into())]), network.as_str())
        }
        Profile::Restricted { entries, scan_depth, network } => {
            let mut file_system = vec![
                pair(word::TYPE, word::RESTRICTED),
                pair(word::ENTRIES, Json::Array(entries.iter().map(entry).collect())),
            ];
            push(&mut file_system, word::GLOB_SCAN_MAX_DEPTH, scan_depth.map(integer));
            managed(Json::Object(file_system), network.as_str())
        }
    })
}

/// A number that was read as at most 2^53.
fn integer(value: u64) -> Json {
    Json::Int(i64::try_from(value).unwrap_or(i64::MAX))
}

fn entry(entry: &Entry) -> Json {
    let mut out =
        vec![pair(wire::entry::PATH, path(&entry.path)), pair(wire::entry::ACCESS, entry.access.as_str())];
    push(&mut out, wire::entry::MISSING_PATH_BEHAVIOR, entry.skip_missing.then_some(wire::entry::SKIP));
    Json::Object(out)
}

fn path(path: &EntryPath) -> Json {
    use wire::path as word;
    match path {
        EntryPath::Symbol { symbol, subpath } => {
            let mut value = special(symbol);
            push(&mut value, word::SUBPATH, subpath.as_deref());
            object([(word::TYPE, word::TYPE_SPECIAL.into()), (word::VALUE, Json::Object(value))])
        }
        EntryPath::Literal(uri) => {
            object([(word::TYPE, word::TYPE_PATH.into()), (word::PATH, uri.to_string().into())])
        }
        EntryPath::Pattern(pattern) => object([
            (word::TYPE, word::TYPE_GLOB_PATTERN.into()),
            (word::PATTERN, pattern.source.as_str().into()),
        ]),
    }
}

fn special(symbol: &Symbol) -> Vec<(String, Json)> {
    use wire::path as word;
    let kind = |kind: &str| vec![pair(word::KIND, kind)];
    match symbol {
        Symbol::Root => kind(word::KIND_ROOT),
        Symbol::Minimal => kind(word::KIND_MINIMAL),
        Symbol::WorkspaceRoots => kind(word::KIND_PROJECT_ROOTS),
        Symbol::Tmpdir => kind(word::KIND_TMPDIR),
        Symbol::SlashTmp => kind(word::KIND_SLASH_TMP),
        Symbol::Cwd | Symbol::Home | Symbol::Other(_) => match unguessed_kind(symbol) {
            Some(name) => kind(name),
            None => vec![pair(word::KIND, word::KIND_UNKNOWN), pair(word::PATH, symbol.token())],
        },
    }
}

/// The kind of an unknown symbol that came as `{"kind":"home"}`: written as a token it would be read back as
/// bindery's own symbol of that name.
fn unguessed_kind(symbol: &Symbol) -> Option<&str> {
    match symbol {
        Symbol::Other(token) if Symbol::from_token(token) != *symbol => token.strip_prefix(':'),
        Symbol::Other(_)
        | Symbol::Root
        | Symbol::Minimal
        | Symbol::WorkspaceRoots
        | Symbol::Cwd
        | Symbol::Home
        | Symbol::Tmpdir
        | Symbol::SlashTmp => None,
    }
}

/// What is carried, with every field in place.
pub(super) fn carried(carried: &Carried) -> Json {
    use wire::{context, params};
    object([
        (params::ENFORCE_MANAGED_NETWORK, carried.enforce_managed_network.into()),
        (params::MANAGED_NETWORK, carried.managed_network.clone().unwrap_or(Json::Null)),
        (context::WINDOWS_SANDBOX_LEVEL, carried.windows_sandbox_level().into()),
        (context::WINDOWS_SANDBOX_PRIVATE_DESKTOP, carried.windows_sandbox_private_desktop().into()),
        (context::WINDOWS_SANDBOX_PROXY_SETTINGS_MODE, carried.windows_sandbox_proxy_settings_mode().into()),
        (context::USE_LEGACY_LANDLOCK, carried.use_legacy_landlock().into()),
    ])
}

/// Everything that can change a binding, in one form and order whatever the spelling was.
pub(super) fn meaning(intent: &Intent) -> String {
    let (outcome, entries, scan_depth, network) = match &intent.profile {
        Profile::Unsandboxed => ("unsandboxed", None, None, None),
        Profile::Disabled => (wire::profile::DISABLED, None, None, None),
        Profile::External { network } => (wire::profile::EXTERNAL, None, None, Some(network)),
        Profile::Unrestricted { network } => (wire::profile::UNRESTRICTED, None, None, Some(network)),
        Profile::Restricted { entries, scan_depth, network } => {
            (wire::profile::RESTRICTED, Some(entries), *scan_depth, Some(network))
        }
    };
    let list = |named: &Option<Vec<Named>>| named.as_ref().map(|list| sorted(list.iter().map(uri)));
    let mut text = String::new();
    Out::new(&mut text, None, 0).object(|fields| {
        fields.put("carried", &carried(&intent.carried));
        fields.put("cwd", &intent.cwd.as_ref().map(uri));
        fields.put("entries", &entries.map(|entries| sorted(entries.iter().map(Meaning))));
        fields.put("home", &intent.home.as_ref().map(uri));
        fields.put("network", &network.map(|network| network.as_str()));
        fields.put("outcome", outcome);
        fields.put("roots", &list(&intent.roots));
        fields.put("scan_depth", &scan_depth);
        fields.put("temp_dirs", &list(&intent.temp_dirs));
    });
    text
}

/// An array without order and repetitions: sorted by the items' canonical text.
struct Sorted {
    text: String,
    /// Where each item stands in the text, in the order of the array.
    items: Vec<std::ops::Range<usize>>,
}

fn sorted(items: impl Iterator<Item = impl ToJson>) -> Sorted {
    let mut text = String::new();
    let mut ranges = Vec::with_capacity(items.size_hint().0);
    for item in items {
        let start = text.len();
        Out::new(&mut text, None, 0).value(&item);
        ranges.push(start..text.len());
    }
    let item = |range: &std::ops::Range<usize>| text.get(range.clone()).unwrap_or_default();
    ranges.sort_by(|a, b| item(a).cmp(item(b)));
    ranges.dedup_by(|a, b| item(a) == item(b));
    Sorted { text, items: ranges }
}

impl ToJson for Sorted {
    fn put(&self, out: &mut Out<'_>) {
        let items = self.items.iter();
        out.list(items.map(|range| Canonical(self.text.get(range.clone()).unwrap_or_default())));
    }
}

/// What an entry means.
struct Meaning<'e>(&'e Entry);

impl ToJson for Meaning<'_> {
    fn put(&self, out: &mut Out<'_>) {
        let access: EntryAccess = self.0.access;
        out.object(|fields| {
            fields.put("access", access.as_str());
            fields.put("path", &MeaningPath(&self.0.path));
            fields.put("skip", &self.0.skip_missing);
        });
    }
}

struct MeaningPath<'e>(&'e EntryPath);

impl ToJson for MeaningPath<'_> {
    fn put(&self, out: &mut Out<'_>) {
        out.object(|fields| match self.0 {
            EntryPath::Symbol { symbol, subpath } => {
                fields.put("subpath", subpath);
                fields.put("symbol", symbol_meaning(symbol));
            }
            EntryPath::Literal(uri) => fields.put("uri", &uri.to_text()),
            EntryPath::Pattern(PatternText { source: _, anchor, tail }) => {
                let anchor = match anchor {
                    Anchor::Symbol(symbol) => Some(symbol_meaning(symbol)),
                    Anchor::Home => Some(symbol_meaning(&Symbol::Home)),
                    Anchor::Text => None,
                };
                fields.put("anchor", &anchor);
                fields.put("tail", tail);
            }
        });
    }
}

/// The token; for a kind that must not be taken for bindery's own symbol of that name, without its colon.
fn symbol_meaning(symbol: &Symbol) -> &str {
    unguessed_kind(symbol).unwrap_or_else(|| symbol.token())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sandbox: &str) -> Intent {
        Intent::from_json(format!(r#"{{"argv":["x"],"sandbox":{sandbox}}}"#)).unwrap()
    }

    fn with_entries(entries: &str) -> Intent {
        read(&format!(
            r#"{{"permissions":{{"type":"managed","network":"restricted","file_system":{{"type":"restricted","entries":[{entries}]}}}}}}"#
        ))
    }

    #[test]
    fn meaning_has_no_order_no_repetition_and_no_older_spelling() {
        let new = with_entries(
            r#"{"path":":home","access":"read"},
               {"path":{"type":"special","value":{"kind":"project_roots","subpath":"x"}},"access":"deny"},
               {"path":{"glob":":workspace_roots/*.a"},"access":"deny"},
               {"path":"file:///a%20b","access":"read"}"#,
        );
        let old = with_entries(
            r#"{"path":{"type":"glob_pattern","pattern":"codex-project-roots://*.a"},"access":"none"},
               {"path":{"type":"path","path":"FILE://localhost/%61%20b"},"access":"read","later":1},
               {"path":":project_roots/x","access":"none"},
               {"path":{"type":"special","value":{"kind":"current_working_directory","subpath":"x"}},"access":"none"},
               {"path":{"type":"special","value":{"kind":"unknown","path":":home"}},"access":"read"}"#,
        );
        assert_eq!(new.meaning(), old.meaning());
        assert!(new.same_meaning(&old) && new != old);
    }

    #[test]
    fn what_can_change_a_binding_changes_the_meaning() {
        let base = r#"{"permissions":{"type":"disabled"}}"#;
        let variants = [
            base,
            "null",
            r#"{"permissions":{"type":"external","network":"enabled"}}"#,
            r#"{"permissions":{"type":"external","network":"restricted"}}"#,
            r#"{"permissions":{"type":"managed","network":"enabled","file_system":{"type":"unrestricted"}}}"#,
            r#"{"permissions":{"type":"managed","network":"enabled","file_system":{"type":"restricted","entries":[]}}}"#,
            r#"{"permissions":{"type":"managed","network":"enabled","file_system":{"type":"restricted","entries":[],"glob_scan_max_depth":2}}}"#,
            r#"{"permissions":{"type":"disabled"},"cwd":"file:///a"}"#,
            r#"{"permissions":{"type":"disabled"},"workspaceRoots":[]}"#,
            r#"{"permissions":{"type":"disabled"},"workspaceRoots":["file:///a"]}"#,
            r#"{"permissions":{"type":"disabled"},"userHomeDir":"file:///a"}"#,
            r#"{"permissions":{"type":"disabled"},"temporaryDirectories":[]}"#,
            r#"{"permissions":{"type":"disabled"},"windowsSandboxLevel":"mxc"}"#,
            r#"{"permissions":{"type":"disabled"},"windowsSandboxProxySettingsMode":"preserve"}"#,
            r#"{"permissions":{"type":"disabled"},"windowsSandboxPrivateDesktop":true}"#,
            r#"{"permissions":{"type":"disabled"},"useLegacyLandlock":true}"#,
        ];
        let mut texts: Vec<String> = variants.iter().map(|v| read(v).meaning()).collect();
        texts.sort();
        texts.dedup();
        assert_eq!(texts.len(), variants.len());
        let same = r#"{"permissions":{"type":"disabled"},"useLegacyLandlock":false,"windowsSandboxPrivateDesktop":null}"#;
        assert!(read(base).same_meaning(&read(same)));
    }

    #[test]
    fn what_is_written_reads_back_with_the_same_meaning() {
        let entries = [
            r#"":root""#,
            r#"":minimal""#,
            r#"":workspace_roots""#,
            r#"":workspace_roots/""#,
            r#"":cwd/a//b""#,
            r#"":home/.ssh""#,
            r#"":tmpdir""#,
            r#"":slash_tmp""#,
            r#"":future/x""#,
            r#"{"type":"special","value":{"kind":"home"}}"#,
            r#"{"type":"special","value":{"kind":"workspace_roots","subpath":"x"}}"#,
            r#"{"type":"special","value":{"kind":"Future Kind"}}"#,
            r#"{"type":"special","value":{"kind":"unknown","path":":Future/kind"}}"#,
            r#""file:///C:/a%20b""#,
            r#""file://host/share/x""#,
            r#"{"glob":"~/x/*.key"}"#,
            r#"{"glob":":tmpdir/*"}"#,
            r#"{"glob":"**/.env"}"#,
        ];
        for path in entries {
            for tail in [r#""access":"deny"}"#, r#""access":"write","missing_path_behavior":"skip"}"#] {
                let intent = with_entries(&format!(r#"{{"path":{path},{tail}"#));
                let again = Intent::from_json(intent.to_json()).unwrap();
                assert!(intent.same_meaning(&again), "{path}");
                assert_eq!(intent.entries()[0].path(), again.entries()[0].path(), "{path}");
                assert_eq!(intent.to_json(), again.to_json(), "{path}");
            }
        }
    }

    #[test]
    fn a_kind_of_the_name_of_a_symbol_is_not_that_symbol() {
        let kind = with_entries(r#"{"path":{"type":"special","value":{"kind":"home"}},"access":"read"}"#);
        assert_eq!(
            kind.entries()[0].path(),
            &EntryPath::Symbol { symbol: Symbol::Other(":home".to_owned()), subpath: None }
        );
        assert!(!kind.same_meaning(&with_entries(r#"{"path":":home","access":"read"}"#)));
    }

    #[test]
    fn what_a_request_without_a_sandbox_says_is_kept() {
        let text = r#"{"argv":[],"cwd":"file:///w","enforceManagedNetwork":true,"managedNetwork":{"b":1,"a":[true]}}"#;
        let intent = Intent::from_json(text).unwrap();
        let wrote = intent.to_json();
        assert_eq!(
            wrote,
            r#"{"cwd":"file:///w","enforceManagedNetwork":true,"managedNetwork":{"a":[true],"b":1},"sandbox":null}"#
        );
        assert!(Intent::from_json(wrote).unwrap().same_meaning(&intent));
    }
}
