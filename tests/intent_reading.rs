//! Reading an intent through the public API: shapes, older spellings, limits, and every refusal with its
//! exact pointer.

#[cfg(test)]
mod reading {
    use bindery::{Anchor, Code, EntryAccess, EntryPath, Intent, Network, Profile, Refusals, Symbol};
    use rstest::rstest;
    use serde_json::{Value, json};

    type Found = Vec<(Code, String)>;

    fn found(refusals: &Refusals) -> Found {
        refusals.iter().map(|refusal| (refusal.code(), refusal.pointer().to_owned())).collect()
    }

    fn refused(document: &Value) -> Found {
        found(&Intent::from_json(document.to_string()).unwrap_err())
    }

    fn read(document: &Value) -> Intent {
        Intent::from_json(document.to_string()).unwrap_or_else(|refusals| panic!("{document}\n{refusals}"))
    }

    /// The three wraps of one context, and where the context then stands.
    fn wraps(context: &Value) -> [(Value, &'static str); 3] {
        let params = json!({"processId": "p", "argv": ["x"], "cwd": "file:///w", "env": {}, "tty": false, "arg0": null, "sandbox": context});
        [
            (context.clone(), ""),
            (params.clone(), "/sandbox"),
            (json!({"id": 1, "method": "process/start", "params": params}), "/params/sandbox"),
        ]
    }

    fn restricted(entries: &Value) -> Value {
        json!({"permissions": {
            "type": "managed",
            "file_system": {"type": "restricted", "entries": entries},
            "network": "restricted",
        }})
    }

    fn one_path(path: &Value) -> Value {
        restricted(&json!([{"path": path, "access": "deny"}]))
    }

    /// One refusal, in each wrap, at `pointer` below the context.
    #[track_caller]
    fn refused_in_every_wrap(context: &Value, code: Code, pointer: &str) {
        for (document, base) in wraps(context) {
            assert_eq!(refused(&document), [(code, format!("{base}{pointer}"))], "{document}");
        }
    }

    fn real(name: &str) -> &'static str {
        match name {
            "danger_full_access.json" => include_str!("../fixtures/real/danger_full_access.json"),
            "initialize_response_linux.json" => {
                include_str!("../fixtures/real/initialize_response_linux.json")
            }
            "initialize_response_windows.json" => {
                include_str!("../fixtures/real/initialize_response_windows.json")
            }
            "linux_orchestrator_windows_executor.json" => {
                include_str!("../fixtures/real/linux_orchestrator_windows_executor.json")
            }
            "read_only.json" => include_str!("../fixtures/real/read_only.json"),
            "workspace_write.json" => include_str!("../fixtures/real/workspace_write.json"),
            "workspace_write_extra_root.json" => {
                include_str!("../fixtures/real/workspace_write_extra_root.json")
            }
            other => panic!("no recording is named {other}"),
        }
    }

    #[rstest]
    #[case("read_only.json", Some(1), Network::Restricted, 1)]
    #[case("workspace_write.json", Some(8), Network::Restricted, 1)]
    #[case("workspace_write_extra_root.json", Some(7), Network::Enabled, 2)]
    #[case("linux_orchestrator_windows_executor.json", Some(8), Network::Restricted, 1)]
    #[case("danger_full_access.json", None, Network::Enabled, 0)]
    fn real_requests_are_read_as_a_message_and_as_params(
        #[case] name: &str,
        #[case] entries: Option<usize>,
        #[case] network: Network,
        #[case] roots: usize,
    ) {
        let text = real(name);
        let intent = Intent::from_json(text).unwrap();
        match intent.profile() {
            Profile::Unsandboxed => assert_eq!(entries, None),
            Profile::Restricted { network: read, .. } => assert_eq!(*read, network),
            other @ (Profile::Disabled | Profile::External { .. } | Profile::Unrestricted { .. }) => {
                panic!("{other:?}")
            }
        }
        assert_eq!(intent.entries().len(), entries.unwrap_or(0));
        assert_eq!(intent.roots().map_or(0, <[_]>::len), roots);
        assert_eq!(intent.cwd().unwrap().uri().to_string(), "file:///srv/agent/ws");
        assert!(intent.notes().is_empty() && intent.entries().iter().all(|entry| entry.notes().is_empty()));
        if entries.is_some() {
            assert_eq!(intent.carried().windows_sandbox_level(), Some("disabled"));
            assert_eq!(intent.carried().windows_sandbox_proxy_settings_mode(), Some("reconcile"));
        }
        let message: Value = serde_json::from_str(text).unwrap();
        let params = Intent::from_codex_exec_params(message["params"].to_string()).unwrap();
        assert!(params.same_meaning(&intent));
        assert!(Intent::from_json(intent.to_json()).unwrap().same_meaning(&intent));
    }

    #[test]
    fn what_an_executor_says_of_itself_is_no_intent() {
        for name in ["initialize_response_linux.json", "initialize_response_windows.json"] {
            assert_eq!(
                found(&Intent::from_json(real(name)).unwrap_err()),
                [(Code::NotAnIntent, String::new())]
            );
        }
    }

    #[test]
    fn five_outcomes_stay_apart() {
        let outcome = |sandbox: Value| read(&json!({"argv": ["x"], "sandbox": sandbox})).profile().clone();
        let context = |permissions: Value| outcome(json!({"permissions": permissions}));
        assert_eq!(outcome(Value::Null), Profile::Unsandboxed);
        assert_eq!(read(&json!({"argv": ["x"]})).profile(), &Profile::Unsandboxed);
        assert_eq!(context(json!({"type": "disabled"})), Profile::Disabled);
        assert_eq!(
            context(json!({"type": "external", "network": "enabled"})),
            Profile::External { network: Network::Enabled }
        );
        assert_eq!(
            context(
                json!({"type": "managed", "file_system": {"type": "unrestricted"}, "network": "restricted"})
            ),
            Profile::Unrestricted { network: Network::Restricted }
        );
        assert_eq!(
            context(
                json!({"type": "managed", "file_system": {"type": "restricted", "entries": [], "glob_scan_max_depth": 2}, "network": "enabled"})
            ),
            Profile::Restricted { entries: Vec::new(), scan_depth: Some(2), network: Network::Enabled }
        );
    }

    #[test]
    fn bytes_that_are_no_document_are_refused() {
        let code = |bytes: &[u8]| found(&Intent::from_json(bytes).unwrap_err());
        let root = |code| vec![(code, String::new())];
        assert_eq!(code(b""), root(Code::NotJson));
        assert_eq!(code(b"{} {}"), root(Code::NotJson));
        assert_eq!(code(br#"{"argv":["#), root(Code::NotJson));
        assert_eq!(code(b"\xff"), root(Code::NotUtf8));
        assert_eq!(code("[".repeat(65).as_bytes()), root(Code::TooDeep));
        assert_eq!(code(br#"{"argv":[],"argv":[]}"#), [(Code::DuplicateKey, "/argv".to_owned())]);
        assert_eq!(code(&vec![b' '; 16 * 1024 * 1024 + 1]), root(Code::TooLarge));
        let mut padded = br#"{"argv":["x"]}"#.to_vec();
        padded.resize(16 * 1024 * 1024, b' ');
        assert!(Intent::from_json(&padded).is_ok());
    }

    #[rstest]
    #[case(json!([]), Code::WrongType, "")]
    #[case(json!("x"), Code::WrongType, "")]
    #[case(json!(null), Code::WrongType, "")]
    #[case(json!({}), Code::NotAnIntent, "")]
    #[case(json!({"id": 1, "result": {}}), Code::NotAnIntent, "")]
    #[case(json!({"cwd": "file:///w", "enforceManagedNetwork": true}), Code::NotAnIntent, "")]
    #[case(json!({"Permissions": {"type": "disabled"}}), Code::NotAnIntent, "")]
    #[case(json!({"params": {"argv": ["x"]}}), Code::NotAnIntent, "")]
    #[case(json!({"method": 1, "params": {"argv": ["x"]}}), Code::WrongType, "/method")]
    #[case(json!({"method": "fs/readFile", "params": {"sandbox": null}}), Code::UnknownMethod, "/method")]
    #[case(json!({"method": "process/start"}), Code::MissingField, "")]
    #[case(json!({"method": "process/start", "params": null}), Code::WrongType, "/params")]
    #[case(json!({"method": "process/start", "params": []}), Code::WrongType, "/params")]
    #[case(json!({"method": "process/start", "params": {}}), Code::NotAnIntent, "/params")]
    #[case(json!({"method": "process/start", "params": {"permissions": {"type": "disabled"}}}), Code::AmbiguousIntent, "/params/permissions")]
    #[case(json!({"method": "process/start", "params": {"argv": ["x"]}, "sandbox": null}), Code::AmbiguousIntent, "/sandbox")]
    #[case(json!({"method": "process/start", "params": {"argv": ["x"]}, "Id": 1}), Code::MisspelledField, "/Id")]
    #[case(json!({"sandbox": null, "permissions": {"type": "disabled"}}), Code::AmbiguousIntent, "/permissions")]
    #[case(json!({"argv": ["x"], "permissions": {"type": "disabled"}}), Code::AmbiguousIntent, "/permissions")]
    #[case(json!({"permissions": {"type": "disabled"}, "enforceManagedNetwork": true}), Code::AmbiguousIntent, "/enforceManagedNetwork")]
    #[case(json!({"argv": ["x"], "sandBox": {}}), Code::MisspelledField, "/sandBox")]
    #[case(json!({"argv": ["x"], "managed_network": {}}), Code::MisspelledField, "/managed_network")]
    #[case(json!({"argv": ["x"], "workspaceRoots": []}), Code::MisspelledField, "/workspaceRoots")]
    #[case(json!({"argv": ["x"], "sandbox": []}), Code::WrongType, "/sandbox")]
    #[case(json!({"argv": ["x"], "sandbox": false}), Code::WrongType, "/sandbox")]
    #[case(json!({"argv": ["x"], "sandbox": {}}), Code::MissingField, "/sandbox")]
    #[case(json!({"argv": ["x"], "sandbox": {"permissions": null}}), Code::WrongType, "/sandbox/permissions")]
    #[case(json!({"argv": ["x"], "cwd": 1}), Code::WrongType, "/cwd")]
    #[case(json!({"argv": ["x"], "cwd": "/w"}), Code::PathNotPortable, "/cwd")]
    #[case(json!({"argv": ["x"], "enforceManagedNetwork": "yes"}), Code::WrongType, "/enforceManagedNetwork")]
    #[case(json!({"argv": ["x"], "managedNetwork": [43123]}), Code::WrongType, "/managedNetwork")]
    #[case(json!({"argv": ["x"], "managedNetwork": {"a": [9_007_199_254_740_993_u64]}}), Code::NumberOutOfRange, "/managedNetwork/a/0")]
    #[case(json!({"argv": ["x"], "managedNetwork": {"a": 1.5}}), Code::NumberOutOfRange, "/managedNetwork/a")]
    fn a_document_of_another_shape_is_refused(
        #[case] document: Value,
        #[case] code: Code,
        #[case] pointer: &str,
    ) {
        assert_eq!(refused(&document), [(code, pointer.to_owned())]);
    }

    #[test]
    fn params_alone_are_neither_a_message_nor_a_context() {
        let code =
            |document: Value| found(&Intent::from_codex_exec_params(document.to_string()).unwrap_err());
        assert_eq!(
            code(json!({"method": "process/start", "params": {"argv": ["x"]}})),
            [(Code::NotAnIntent, String::new())]
        );
        let both = json!({"method": "process/start", "argv": ["x"], "sandbox": null});
        assert_eq!(code(both), [(Code::NotAnIntent, String::new())]);
        let permissions = json!({"permissions": {"type": "disabled"}});
        assert_eq!(code(permissions), [(Code::AmbiguousIntent, "/permissions".to_owned())]);
        assert_eq!(code(json!({})), [(Code::NotAnIntent, String::new())]);
    }

    #[rstest]
    #[case(json!({"cwd": "C:\\w"}), Code::PathNotPortable, "/cwd")]
    #[case(json!({"cwd": "https://w/"}), Code::UriScheme, "/cwd")]
    #[case(json!({"workspaceRoots": "file:///w"}), Code::WrongType, "/workspaceRoots")]
    #[case(json!({"workspaceRoots": ["file:///w", ":cwd"]}), Code::PathNotPortable, "/workspaceRoots/1")]
    #[case(json!({"workspaceRoots": ["file:///w", null]}), Code::WrongType, "/workspaceRoots/1")]
    #[case(json!({"policyContext": []}), Code::WrongType, "/policyContext")]
    #[case(json!({"policyContext": {"cwd": "w"}}), Code::PathNotPortable, "/policyContext/cwd")]
    #[case(json!({"policyContext": {"workspaceRoots": ["w"]}}), Code::PathNotPortable, "/policyContext/workspaceRoots/0")]
    #[case(json!({"policyContext": {"workspace_roots": []}}), Code::MisspelledField, "/policyContext/workspace_roots")]
    #[case(json!({"userHomeDir": "~"}), Code::PathNotPortable, "/userHomeDir")]
    #[case(json!({"temporaryDirectories": ["file:///t?x"]}), Code::UriQuery, "/temporaryDirectories/0")]
    #[case(json!({"windowsSandboxLevel": 1}), Code::WrongType, "/windowsSandboxLevel")]
    #[case(json!({"windowsSandboxPrivateDesktop": 1}), Code::WrongType, "/windowsSandboxPrivateDesktop")]
    #[case(json!({"windowsSandboxProxySettingsMode": []}), Code::WrongType, "/windowsSandboxProxySettingsMode")]
    #[case(json!({"useLegacyLandlock": "no"}), Code::WrongType, "/useLegacyLandlock")]
    #[case(json!({"WorkspaceRoots": []}), Code::MisspelledField, "/WorkspaceRoots")]
    #[case(json!({"workspace-roots": []}), Code::MisspelledField, "/workspace-roots")]
    fn a_bad_field_of_the_context_is_refused(
        #[case] fields: Value,
        #[case] code: Code,
        #[case] pointer: &str,
    ) {
        let mut context = json!({"permissions": {"type": "disabled"}});
        context.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        refused_in_every_wrap(&context, code, pointer);
    }

    #[rstest]
    #[case(json!({}), Code::MissingField, "")]
    #[case(json!({"type": null}), Code::WrongType, "/type")]
    #[case(json!(["disabled"]), Code::WrongType, "")]
    #[case(json!({"type": "Disabled"}), Code::UnknownProfileType, "/type")]
    #[case(json!({"network": {"enabled": true}, "file_system": {"entries": []}}), Code::MissingField, "")]
    #[case(json!({"type": "disabled", "file_system": {"type": "unrestricted"}}), Code::AmbiguousIntent, "/file_system")]
    #[case(json!({"type": "external"}), Code::MissingField, "")]
    #[case(json!({"type": "external", "network": "off"}), Code::UnknownNetwork, "/network")]
    #[case(json!({"type": "external", "network": {"enabled": true}}), Code::WrongType, "/network")]
    #[case(json!({"type": "external", "network": "enabled", "entries": []}), Code::AmbiguousIntent, "/entries")]
    #[case(json!({"type": "managed", "network": "enabled"}), Code::MissingField, "")]
    #[case(json!({"type": "managed", "network": "enabled", "file_system": {}}), Code::MissingField, "/file_system")]
    #[case(json!({"type": "managed", "network": "enabled", "file_system": "unrestricted"}), Code::WrongType, "/file_system")]
    #[case(json!({"type": "managed", "network": "enabled", "file_system": {"type": "none"}}), Code::UnknownFileSystemType, "/file_system/type")]
    #[case(json!({"type": "managed", "network": "enabled", "file_system": {"type": "unrestricted", "entries": []}}), Code::AmbiguousIntent, "/file_system/entries")]
    #[case(json!({"type": "managed", "network": "enabled", "file_system": {"type": "restricted"}}), Code::MissingField, "/file_system")]
    #[case(json!({"type": "managed", "network": "enabled", "file_system": {"type": "restricted", "entries": {}}}), Code::WrongType, "/file_system/entries")]
    #[case(json!({"type": "managed", "network": "enabled", "file_system": {"type": "restricted", "entries": [], "glob_scan_max_depth": 0}}), Code::ScanDepthZero, "/file_system/glob_scan_max_depth")]
    #[case(json!({"type": "managed", "network": "enabled", "file_system": {"type": "restricted", "entries": [], "glob_scan_max_depth": -1}}), Code::NumberOutOfRange, "/file_system/glob_scan_max_depth")]
    #[case(json!({"type": "managed", "network": "enabled", "file_system": {"type": "restricted", "entries": [], "glob_scan_max_depth": "2"}}), Code::WrongType, "/file_system/glob_scan_max_depth")]
    #[case(json!({"type": "managed", "network": "enabled", "file_system": {"type": "restricted", "entries": [], "globScanMaxDepth": 2}}), Code::MisspelledField, "/file_system/globScanMaxDepth")]
    #[case(json!({"type": "managed", "network": "enabled", "glob_scan_max_depth": 2, "file_system": {"type": "restricted", "entries": []}}), Code::MisspelledField, "/glob_scan_max_depth")]
    fn a_bad_profile_is_refused(#[case] profile: Value, #[case] code: Code, #[case] pointer: &str) {
        refused_in_every_wrap(&json!({"permissions": profile}), code, &format!("/permissions{pointer}"));
    }

    #[rstest]
    #[case(json!(":root"), Code::WrongType, "")]
    #[case(json!([":root", "read"]), Code::WrongType, "")]
    #[case(json!({"access": "read"}), Code::MissingField, "")]
    #[case(json!({"path": ":root"}), Code::MissingField, "")]
    #[case(json!({"path": null, "access": "read"}), Code::WrongType, "/path")]
    #[case(json!({"path": [":root"], "access": "read"}), Code::WrongType, "/path")]
    #[case(json!({"path": ":root", "access": null}), Code::WrongType, "/access")]
    #[case(json!({"path": ":root", "access": "Read"}), Code::UnknownAccess, "/access")]
    #[case(json!({"path": ":root", "access": "read-write"}), Code::UnknownAccess, "/access")]
    #[case(json!({"path": ":root", "access": "read", "missing_path_behavior": "fail"}), Code::UnknownMissingPathBehavior, "/missing_path_behavior")]
    #[case(json!({"path": ":root", "access": "read", "missing_path_behavior": true}), Code::WrongType, "/missing_path_behavior")]
    #[case(json!({"path": ":root", "access": "read", "missingPathBehavior": "skip"}), Code::MisspelledField, "/missingPathBehavior")]
    #[case(json!({"path": ":workspace_roots", "access": "write", "subpath": "docs"}), Code::MisspelledField, "/subpath")]
    #[case(json!({"path": ":workspace_roots", "access": "write", "subPath": "docs"}), Code::MisspelledField, "/subPath")]
    fn a_bad_entry_is_refused(#[case] entry: Value, #[case] code: Code, #[case] pointer: &str) {
        let entries = restricted(&json!([{"path": ":root", "access": "read"}, entry]));
        refused_in_every_wrap(&entries, code, &format!("/permissions/file_system/entries/1{pointer}"));
    }

    #[rstest]
    #[case(json!("/srv/x"), Code::PathNotPortable, "")]
    #[case(json!("**/.env"), Code::PathNotPortable, "")]
    #[case(json!(""), Code::PathNotPortable, "")]
    #[case(json!(":Home"), Code::SymbolMalformed, "")]
    #[case(json!("codex-project-roots://x"), Code::UriScheme, "")]
    #[case(json!("file:///a/../b"), Code::UriDotSegment, "")]
    #[case(json!("file:///a%2Fb"), Code::UriEncodedSlash, "")]
    #[case(json!({}), Code::MissingField, "")]
    #[case(json!({"path": "file:///x"}), Code::MissingField, "")]
    #[case(json!({"type": 1}), Code::WrongType, "/type")]
    #[case(json!({"type": "glob"}), Code::UnknownPathType, "/type")]
    #[case(json!({"type": "path"}), Code::MissingField, "")]
    #[case(json!({"type": "path", "path": "C:\\x"}), Code::PathNotPortable, "/path")]
    #[case(json!({"type": "path", "path": "file:///%00/bad/path/YQ"}), Code::UriOpaque, "/path")]
    #[case(json!({"type": "path", "path": "file:///x", "subpath": "y"}), Code::MisspelledField, "/subpath")]
    #[case(json!({"type": "path", "path": "file:///x", "glob": "y"}), Code::MisspelledField, "/glob")]
    #[case(json!({"type": "glob_pattern"}), Code::MissingField, "")]
    #[case(json!({"type": "glob_pattern", "pattern": ["*"]}), Code::WrongType, "/pattern")]
    #[case(json!({"type": "glob_pattern", "pattern": "*", "glob": "x"}), Code::MisspelledField, "/glob")]
    #[case(json!({"type": "glob_pattern", "pattern": "*", "path": "file:///x"}), Code::MisspelledField, "/path")]
    #[case(json!({"type": "glob_pattern", "pattern": ""}), Code::PatternEmpty, "/pattern")]
    #[case(json!({"glob": 1}), Code::WrongType, "/glob")]
    #[case(json!({"glob": "~"}), Code::PatternEmpty, "/glob")]
    #[case(json!({"glob": "~//x"}), Code::PatternSegment, "/glob")]
    #[case(json!({"glob": ":minimal/*"}), Code::PatternAnchor, "/glob")]
    #[case(json!({"glob": ":Home/*"}), Code::SymbolMalformed, "/glob")]
    #[case(json!({"glob": "file:///srv/*"}), Code::PatternIsUri, "/glob")]
    #[case(json!({"glob": "*", "subpath": "x"}), Code::MisspelledField, "/subpath")]
    #[case(json!({"glob": "*", "Glob": "x"}), Code::MisspelledField, "/Glob")]
    #[case(json!({"type": "special"}), Code::MissingField, "")]
    #[case(json!({"type": "special", "value": "root"}), Code::WrongType, "/value")]
    #[case(json!({"type": "special", "value": {}}), Code::MissingField, "/value")]
    #[case(json!({"type": "special", "value": {"kind": 1}}), Code::WrongType, "/value/kind")]
    #[case(json!({"type": "special", "value": {"kind": ""}}), Code::SymbolMalformed, "/value/kind")]
    #[case(json!({"type": "special", "value": {"kind": "unknown"}}), Code::MissingField, "/value")]
    #[case(json!({"type": "special", "value": {"kind": "unknown", "path": "home"}}), Code::SymbolMalformed, "/value/path")]
    #[case(json!({"type": "special", "value": {"kind": "project_roots", "subpath": 1}}), Code::WrongType, "/value/subpath")]
    #[case(json!({"type": "special", "value": {"kind": "project_roots", "subPath": "x"}}), Code::MisspelledField, "/value/subPath")]
    #[case(json!({"type": "special", "value": {"kind": "project_roots", "path": "x"}}), Code::MisspelledField, "/value/path")]
    #[case(json!({"type": "special", "value": {"kind": "project_roots"}, "subpath": "x"}), Code::MisspelledField, "/subpath")]
    #[case(json!({"type": "special", "value": {"kind": "project_roots"}, "pattern": "x"}), Code::MisspelledField, "/pattern")]
    fn a_bad_path_is_refused(#[case] path: Value, #[case] code: Code, #[case] pointer: &str) {
        let pointer = format!("/permissions/file_system/entries/0/path{pointer}");
        refused_in_every_wrap(&one_path(&path), code, &pointer);
    }

    #[test]
    fn every_error_comes_at_once_in_the_order_of_the_document() {
        let document = json!({"method": "process/start", "params": {
            "argv": ["x"], "cwd": "/w", "sandbox": {
                "permissions": {"type": "managed", "network": "off", "file_system": {"type": "restricted", "glob_scan_max_depth": 0, "entries": [
                    {"path": "/x", "access": "all"},
                    {"path": ":cwd", "access": "read"},
                    {"path": {"type": "special", "value": {"kind": "root", "Subpath": "x"}}, "access": "read"},
                ]}},
                "workspaceRoots": ["w"],
            },
        }});
        let base = "/params/sandbox/permissions";
        let expected = [
            (Code::PathNotPortable, "/params/cwd".to_owned()),
            (Code::UnknownAccess, format!("{base}/file_system/entries/0/access")),
            (Code::PathNotPortable, format!("{base}/file_system/entries/0/path")),
            (Code::MisspelledField, format!("{base}/file_system/entries/2/path/value/Subpath")),
            (Code::ScanDepthZero, format!("{base}/file_system/glob_scan_max_depth")),
            (Code::UnknownNetwork, format!("{base}/network")),
            (Code::PathNotPortable, "/params/sandbox/workspaceRoots/0".to_owned()),
        ];
        assert_eq!(refused(&document), expected);
    }

    #[test]
    fn a_refusal_names_value_and_limits() {
        let roots: Vec<String> = (0..257).map(|i| format!("file:///r/{i}")).collect();
        let refusals = Intent::from_json(
            json!({"permissions": {"type": "disabled"}, "workspaceRoots": roots}).to_string(),
        )
        .unwrap_err();
        let refusal = &refusals.as_slice()[0];
        assert_eq!(
            (refusal.value(), refusal.message()),
            ("257", "there are 257 workspace roots; the limit is 256")
        );
        let refusals = Intent::from_json(one_path(&json!("/srv/x")).to_string()).unwrap_err();
        assert_eq!(refusals.as_slice()[0].value(), "/srv/x");
    }

    fn symbol(symbol: Symbol, subpath: Option<&str>) -> EntryPath {
        EntryPath::Symbol { symbol, subpath: subpath.map(str::to_owned) }
    }

    #[rstest]
    #[case(json!({"kind": "root"}), symbol(Symbol::Root, None))]
    #[case(json!({"kind": "minimal"}), symbol(Symbol::Minimal, None))]
    #[case(json!({"kind": "project_roots"}), symbol(Symbol::WorkspaceRoots, None))]
    #[case(json!({"kind": "project_roots", "subpath": null}), symbol(Symbol::WorkspaceRoots, None))]
    #[case(json!({"kind": "project_roots", "subpath": "../x"}), symbol(Symbol::WorkspaceRoots, Some("../x")))]
    #[case(json!({"kind": "tmpdir"}), symbol(Symbol::Tmpdir, None))]
    #[case(json!({"kind": "tmpdir", "subpath": "x"}), symbol(Symbol::Tmpdir, Some("x")))]
    #[case(json!({"kind": "slash_tmp"}), symbol(Symbol::SlashTmp, None))]
    #[case(json!({"kind": "unknown", "path": ":home"}), symbol(Symbol::Home, None))]
    #[case(json!({"kind": "unknown", "path": ":cwd", "subpath": "x"}), symbol(Symbol::Cwd, Some("x")))]
    #[case(json!({"kind": "unknown", "path": ":future", "subpath": "x"}), symbol(Symbol::Other(":future".to_owned()), Some("x")))]
    fn special_paths_are_symbols(#[case] value: Value, #[case] expected: EntryPath) {
        let intent = read(&one_path(&json!({"type": "special", "value": value})));
        assert_eq!(intent.entries()[0].path(), &expected);
        assert_eq!(intent.entries()[0].notes(), []);
    }

    #[test]
    fn an_unknown_kind_of_symbol_is_carried_and_noted() {
        for kind in ["future", "Root", "home", "a b"] {
            let intent =
                read(&one_path(&json!({"type": "special", "value": {"kind": kind, "subpath": "x"}})));
            let entry = &intent.entries()[0];
            assert_eq!(entry.path(), &symbol(Symbol::Other(format!(":{kind}")), Some("x")));
            assert_eq!(entry.notes()[0].pointer(), "/permissions/file_system/entries/0/path/value/kind");
        }
    }

    #[test]
    fn older_spellings_mean_what_they_meant_and_are_noted() {
        let entry = |path: Value, access: &str| {
            let intent = read(&restricted(&json!([{"path": path, "access": access}])));
            intent.entries()[0].clone()
        };
        let old = entry(json!(":root"), "none");
        assert_eq!(
            (old.access(), old.notes()[0].pointer()),
            (EntryAccess::Deny, "/permissions/file_system/entries/0/access")
        );
        let old = entry(
            json!({"type": "special", "value": {"kind": "current_working_directory", "subpath": ".git"}}),
            "read",
        );
        assert_eq!(old.path(), &symbol(Symbol::WorkspaceRoots, Some(".git")));
        assert_eq!(old.notes()[0].pointer(), "/permissions/file_system/entries/0/path/value/kind");
        let old = entry(json!(":project_roots/.git"), "read");
        assert_eq!(old.path(), &symbol(Symbol::WorkspaceRoots, Some(".git")));
        assert_eq!(old.notes()[0].pointer(), "/permissions/file_system/entries/0/path");
    }

    #[test]
    fn a_pattern_is_always_an_object() {
        let pattern = |path: Value| match read(&one_path(&path)).entries()[0].path() {
            EntryPath::Pattern(pattern) => (pattern.anchor().clone(), pattern.tail().to_owned()),
            other @ (EntryPath::Symbol { .. } | EntryPath::Literal(_)) => panic!("{other:?}"),
        };
        let roots = (Anchor::Symbol(Symbol::WorkspaceRoots), "**/.env".to_owned());
        assert_eq!(pattern(json!({"glob": ":workspace_roots/**/.env"})), roots);
        assert_eq!(
            pattern(json!({"type": "glob_pattern", "pattern": "codex-project-roots://**/.env"})),
            roots
        );
        assert_eq!(pattern(json!({"glob": "**/.env"})), (Anchor::Text, "**/.env".to_owned()));
        assert_eq!(pattern(json!({"glob": "~/x/*.key"})), (Anchor::Home, "x/*.key".to_owned()));
        let literal = read(&one_path(&json!(":workspace_roots/**/.env")));
        assert_eq!(literal.entries()[0].path(), &symbol(Symbol::WorkspaceRoots, Some("**/.env")));
        assert_eq!(literal.entries()[0].notes().len(), 1);
        assert_eq!(literal.entries()[0].said(), ":workspace_roots/**/.env");
    }

    #[test]
    fn a_grant_may_have_a_tail_that_bind_judges() {
        let intent =
            read(&restricted(&json!([{"path": {"glob": ":workspace_roots/docs/**"}, "access": "read"}])));
        assert_eq!(intent.entries()[0].access(), EntryAccess::Read);
        assert!(matches!(intent.entries()[0].path(), EntryPath::Pattern(_)));
    }

    #[test]
    fn unknown_fields_are_ignored_and_noted_where_they_stand() {
        let document = json!({"method": "process/start", "jsonrpc": "2.0", "id": "a", "trace": 1, "params": {
            "argv": ["x"], "networkProxy": {}, "shellSnapshot": {}, "metadata": {}, "priority": 1,
            "sandbox": {
                "permissions": {"type": "managed", "network": "enabled", "label": "x", "file_system": {
                    "type": "restricted", "version": 2, "entries": [
                        {"path": {"type": "path", "path": "file:///x", "hint": 1}, "access": "read", "comment": "x"},
                        {"path": {"type": "special", "value": {"kind": "root", "os": "x"}}, "access": "read"},
                    ],
                }},
                "a/b": 1,
            },
        }});
        let intent = read(&document);
        let pointers = |notes: &[bindery::Note]| -> Vec<String> {
            let mut list: Vec<String> = notes.iter().map(|note| note.pointer().to_owned()).collect();
            list.sort();
            list
        };
        let base = "/params/sandbox/permissions";
        assert_eq!(
            pointers(intent.notes()),
            [
                "/params/priority".to_owned(),
                "/params/sandbox/a~1b".to_owned(),
                format!("{base}/file_system/version"),
                format!("{base}/label"),
                "/trace".to_owned(),
            ]
        );
        let entries = format!("{base}/file_system/entries");
        assert_eq!(intent.entries()[0].pointer(), format!("{entries}/0"));
        assert_eq!(
            pointers(intent.entries()[0].notes()),
            [format!("{entries}/0/comment"), format!("{entries}/0/path/hint")]
        );
        assert_eq!(pointers(intent.entries()[1].notes()), [format!("{entries}/1/path/value/os")]);
    }

    #[test]
    fn notes_are_bounded_and_the_rest_is_counted() {
        let mut document = json!({"argv": ["x"]});
        for i in 0..200 {
            document[format!("later{i:03}")] = json!(1);
        }
        let intent = read(&document);
        assert_eq!(intent.notes().len(), 65);
        assert_eq!(intent.notes()[64].text(), "136 more were met; 64 are listed");
    }

    #[test]
    fn fields_of_other_profiles_are_noted() {
        let intent = read(&json!({"permissions": {"type": "disabled", "network": "restricted"}}));
        assert_eq!(intent.notes()[0].pointer(), "/permissions/network");
        let intent = read(&json!({"permissions": {"type": "managed", "network": "restricted",
        "file_system": {"type": "unrestricted", "glob_scan_max_depth": 2}}}));
        assert_eq!(intent.notes()[0].pointer(), "/permissions/file_system/glob_scan_max_depth");
    }

    #[test]
    fn the_policy_cwd_is_the_innermost_one_that_is_named() {
        let cwd = |sandbox: Value| {
            let intent = read(&json!({"argv": ["x"], "cwd": "file:///process", "sandbox": sandbox}));
            intent.cwd().unwrap().uri().to_string()
        };
        let permissions = json!({"type": "disabled"});
        assert_eq!(cwd(Value::Null), "file:///process");
        assert_eq!(cwd(json!({"permissions": permissions})), "file:///process");
        assert_eq!(cwd(json!({"permissions": permissions, "cwd": null})), "file:///process");
        assert_eq!(cwd(json!({"permissions": permissions, "cwd": "file:///sandbox"})), "file:///sandbox");
        let policy = json!({"cwd": "file:///policy"});
        assert_eq!(
            cwd(json!({"permissions": permissions, "cwd": "file:///sandbox", "policyContext": policy})),
            "file:///policy"
        );
        assert_eq!(
            cwd(json!({"permissions": permissions, "cwd": "file:///sandbox", "policyContext": {}})),
            "file:///sandbox"
        );
    }

    #[test]
    fn policy_context_wins_over_the_older_fields() {
        let roots = |fields: Value| {
            let mut context = json!({"permissions": {"type": "disabled"}});
            context.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            let intent = read(&context);
            let roots: Option<Vec<String>> =
                intent.roots().map(|r| r.iter().map(|named| named.uri().to_string()).collect());
            (roots, intent.notes().len())
        };
        let list = |uri: &str| Some(vec![uri.to_owned()]);
        assert_eq!(roots(json!({})), (None, 0));
        assert_eq!(roots(json!({"workspaceRoots": null})), (None, 0));
        assert_eq!(roots(json!({"workspaceRoots": []})), (Some(vec![]), 0));
        assert_eq!(roots(json!({"workspaceRoots": ["file:///a"]})), (list("file:///a"), 0));
        assert_eq!(roots(json!({"policyContext": {}})), (None, 0));
        assert_eq!(
            roots(json!({"policyContext": null, "workspaceRoots": ["file:///a"]})),
            (list("file:///a"), 0)
        );
        assert_eq!(
            roots(
                json!({"policyContext": {"workspaceRoots": ["file:///b"]}, "workspaceRoots": ["file:///a"]})
            ),
            (list("file:///b"), 1)
        );
        assert_eq!(
            roots(
                json!({"policyContext": {"workspaceRoots": ["file:///a"]}, "workspaceRoots": ["file:///a"]})
            ),
            (list("file:///a"), 0)
        );
        // Codex reads no roots here. As absent it could mean every root of the executor, which is wider than both.
        assert_eq!(roots(json!({"policyContext": {}, "workspaceRoots": ["file:///a"]})), (Some(vec![]), 1));
    }

    #[test]
    fn three_states_of_lists_stay_apart() {
        let temp_dirs = |value: Value| {
            let intent = read(&json!({"permissions": {"type": "disabled"}, "temporaryDirectories": value}));
            intent.temp_dirs().map(<[_]>::len)
        };
        assert_eq!(temp_dirs(Value::Null), None);
        assert_eq!(temp_dirs(json!([])), Some(0));
        assert_eq!(temp_dirs(json!(["file:///t"])), Some(1));
    }

    /// An older client leaves optional fields out, another one sends `null`: both mean the default.
    #[rstest]
    #[case("envPolicy", json!({"inherit": "all"}))]
    #[case("pipeStdin", json!(true))]
    #[case("arg0", json!("x"))]
    #[case("metadata", json!({}))]
    #[case("networkProxy", json!({}))]
    #[case("shellSnapshot", json!({}))]
    #[case("enforceManagedNetwork", json!(false))]
    #[case("managedNetwork", json!({"loopbackPorts": [43123], "allowLocalBinding": false}))]
    #[case("sandbox/cwd", json!("file:///w"))]
    #[case("sandbox/workspaceRoots", json!(["file:///w"]))]
    #[case("sandbox/policyContext", json!({"workspaceRoots": ["file:///w"]}))]
    #[case("sandbox/userHomeDir", json!("file:///h"))]
    #[case("sandbox/temporaryDirectories", json!(["file:///t"]))]
    #[case("sandbox/windowsSandboxLevel", json!("mxc"))]
    #[case("sandbox/windowsSandboxPrivateDesktop", json!(true))]
    #[case("sandbox/windowsSandboxProxySettingsMode", json!("preserve"))]
    #[case("sandbox/useLegacyLandlock", json!(true))]
    #[case("sandbox/permissions/file_system/glob_scan_max_depth", json!(2))]
    #[case("sandbox/permissions/file_system/entries/0/missing_path_behavior", json!("skip"))]
    fn optional_fields_may_be_absent_null_or_present(#[case] place: &str, #[case] value: Value) {
        let document = |value: Option<Value>| {
            let mut document = json!({
                "processId": "p", "argv": ["x"], "env": {}, "tty": false,
                "sandbox": restricted(&json!([{"path": ":root", "access": "read"}])),
            });
            let (object, name) = place.rsplit_once('/').map_or(("", place), |(object, name)| (object, name));
            let pointer = if object.is_empty() { String::new() } else { format!("/{object}") };
            let object = document.pointer_mut(&pointer).unwrap().as_object_mut().unwrap();
            if let Some(value) = value {
                object.insert(name.to_owned(), value);
            }
            read(&document)
        };
        let absent = document(None);
        let null = document(Some(Value::Null));
        let present = document(Some(value));
        assert!(absent.same_meaning(&null));
        assert!(absent.notes().is_empty() && null.notes().is_empty() && present.notes().is_empty());
        let uninterpreted = [
            "envPolicy",
            "pipeStdin",
            "arg0",
            "metadata",
            "networkProxy",
            "shellSnapshot",
            "enforceManagedNetwork",
        ];
        assert_eq!(absent.same_meaning(&present), uninterpreted.contains(&place), "{place}");
        assert!(Intent::from_json(present.to_json()).unwrap().same_meaning(&present));
    }

    #[test]
    fn managed_networking_is_carried_untouched() {
        let network = json!({"loopbackPorts": [43123], "later": {"x": null}});
        let intent = read(&json!({"argv": ["x"], "enforceManagedNetwork": true, "managedNetwork": network}));
        assert!(intent.carried().enforce_managed_network());
        let carried: Value = serde_json::from_str(&intent.carried().managed_network().unwrap()).unwrap();
        assert_eq!(carried, network);
    }

    fn entries_of(count: usize, path: impl Fn(usize) -> Value) -> Value {
        restricted(&Value::Array((0..count).map(|i| json!({"path": path(i), "access": "deny"})).collect()))
    }

    #[test]
    fn entries_are_read_up_to_the_limit() {
        let document = |count| entries_of(count, |_| json!(":root"));
        assert_eq!(read(&document(32_767)).entries().len(), 32_767);
        assert_eq!(read(&document(32_768)).entries().len(), 32_768);
        refused_in_every_wrap(&document(32_769), Code::TooManyEntries, "/permissions/file_system/entries");
    }

    #[test]
    fn roots_and_temporary_directories_are_read_up_to_the_limit() {
        let document = |name: &str, count: usize| {
            let uris: Vec<String> = (0..count).map(|i| format!("file:///r/{i}")).collect();
            let mut context = json!({"permissions": {"type": "disabled"}});
            context[name] = json!(uris);
            context
        };
        assert_eq!(read(&document("workspaceRoots", 256)).roots().unwrap().len(), 256);
        refused_in_every_wrap(&document("workspaceRoots", 257), Code::TooManyRoots, "/workspaceRoots");
        assert_eq!(read(&document("temporaryDirectories", 64)).temp_dirs().unwrap().len(), 64);
        refused_in_every_wrap(
            &document("temporaryDirectories", 65),
            Code::TooManyFacts,
            "/temporaryDirectories",
        );
        let policy = |count| {
            let mut context = json!({"permissions": {"type": "disabled"}, "policyContext": {}});
            context["policyContext"]["workspaceRoots"] =
                document("workspaceRoots", count)["workspaceRoots"].clone();
            context
        };
        assert_eq!(read(&policy(256)).roots().unwrap().len(), 256);
        refused_in_every_wrap(&policy(257), Code::TooManyRoots, "/policyContext/workspaceRoots");
    }

    #[test]
    fn patterns_are_read_up_to_their_limits() {
        let entries = "/permissions/file_system/entries";
        let of_length = |bytes: usize| one_path(&json!({"glob": "x".repeat(bytes)}));
        assert_eq!(read(&of_length(4095)).entries().len(), 1);
        assert_eq!(read(&of_length(4096)).entries().len(), 1);
        refused_in_every_wrap(&of_length(4097), Code::PatternTooLong, &format!("{entries}/0/path/glob"));

        let count = |count| entries_of(count, |i| json!({"glob": format!("x{i}")}));
        assert_eq!(read(&count(1024)).entries().len(), 1024);
        refused_in_every_wrap(&count(1025), Code::TooManyPatterns, entries);

        let sum = |last: usize| {
            entries_of(65, |i| json!({"glob": "x".repeat(match i { 0..63 => 4096, 63 => 4095, _ => last })}))
        };
        assert_eq!(read(&sum(1)).entries().len(), 65);
        refused_in_every_wrap(&sum(2), Code::TooManyPatterns, entries);
    }

    #[test]
    fn texts_are_read_up_to_the_limit() {
        let base = "/permissions/file_system/entries/0/path";
        // `before` is how much of the text stands before the part that grows.
        let check = |path: &dyn Fn(&str) -> Value, before: usize, pointer: &str| {
            let document = |bytes: usize| one_path(&path(&"x".repeat(bytes - before)));
            assert_eq!(read(&document(32_768)).entries().len(), 1);
            refused_in_every_wrap(&document(32_769), Code::TooLong, &format!("{base}{pointer}"));
        };
        let special = |value: Value| json!({"type": "special", "value": value});
        check(&|text| json!(format!(":cwd/{text}")), 5, "");
        check(&|text| special(json!({"kind": "project_roots", "subpath": text})), 0, "/value/subpath");
        check(&|text| special(json!({"kind": text})), 1, "/value/kind");
        check(&|text| special(json!({"kind": "unknown", "path": format!(":{text}")})), 1, "/value/path");

        check(&|text| json!(format!("file:///{text}")), 8, "");
        check(&|text| json!({"type": "path", "path": format!("file:///{text}")}), 8, "/path");
    }

    #[test]
    fn nesting_is_read_up_to_the_limit() {
        let document = |levels: usize| format!(r#"{{"argv":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
        assert!(Intent::from_json(document(63)).is_ok());
        let refusals = Intent::from_json(document(64)).unwrap_err();
        assert_eq!(found(&refusals), [(Code::TooDeep, String::new())]);
    }

    #[test]
    fn a_truncated_request_is_refused_wherever_it_ends() {
        let text = real("read_only.json");
        let text = text.trim_end();
        for end in 0..text.len() {
            let refusals = Intent::from_json(&text[..end]).unwrap_err();
            assert_eq!(found(&refusals), [(Code::NotJson, String::new())], "{end}");
        }
    }

    #[test]
    fn intents_are_shared_between_threads() {
        fn is_shared<T: Send + Sync>() {}
        is_shared::<Intent>();
    }
}
