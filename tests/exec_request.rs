//! The sending side: what an orchestrator's request becomes, compared with what a real orchestrator sent, and
//! with what executors read that predate some of the fields.

#[cfg(test)]
mod sending {
    use bindery::{
        Code, Convention, EntryAccess, ExecParams, ExecRequest, Intent, LocalWrapper, Network, Profile,
        Refusals, SandboxContext,
    };
    use rstest::rstest;
    use serde::Deserialize;
    use serde_json::{Value, json};
    use std::collections::BTreeMap;

    const READ: EntryAccess = EntryAccess::Read;
    const WRITE: EntryAccess = EntryAccess::Write;
    const DENY: EntryAccess = EntryAccess::Deny;

    fn real(name: &str) -> Value {
        let text = match name {
            "danger_full_access.json" => include_str!("../fixtures/real/danger_full_access.json"),
            "linux_orchestrator_windows_executor.json" => {
                include_str!("../fixtures/real/linux_orchestrator_windows_executor.json")
            }
            "read_only.json" => include_str!("../fixtures/real/read_only.json"),
            "workspace_write.json" => include_str!("../fixtures/real/workspace_write.json"),
            "workspace_write_extra_root.json" => {
                include_str!("../fixtures/real/workspace_write_extra_root.json")
            }
            other => panic!("no recording is named {other}"),
        };
        serde_json::from_str(text).unwrap()
    }

    /// The request around the sandbox, with the process of a recorded message.
    fn recorded_process(message: &Value, convention: Convention, cwd: &str) -> ExecRequest {
        let params = &message["params"];
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let argv: Vec<String> = params["argv"].as_array().unwrap().iter().map(text).collect();
        let mut request = ExecRequest::new(convention, text(&params["processId"]), argv, cwd)
            .metadata(params["metadata"].to_string())
            .env_policy(params["envPolicy"].to_string())
            .tty(false)
            .pipe_stdin(false);
        for (name, value) in params["env"].as_object().unwrap() {
            request = request.env(name, text(value));
        }
        request
    }

    fn assert_sent(request: &ExecRequest, message: &Value) {
        let params = request.to_params().unwrap();
        let id = message["id"].as_i64().unwrap();
        let sent: Value = serde_json::from_str(&params.to_message(id)).unwrap();
        assert_eq!(&sent, message);
        let sent: Value = serde_json::from_str(&params.to_json()).unwrap();
        assert_eq!(sent, message["params"]);
    }

    fn protected(mut context: SandboxContext) -> SandboxContext {
        for name in [".git", ".agents", ".codex", ".aws"] {
            context = context.entry_if_present(format!(":workspace_roots/{name}"), READ);
        }
        context
    }

    /// What stands beside the permissions in every recorded context.
    fn recorded_context(context: SandboxContext, cwd: &str, roots: &[&str]) -> SandboxContext {
        context
            .cwd(cwd)
            .workspace_roots(roots.iter().copied())
            .windows_sandbox_level("disabled")
            .windows_sandbox_proxy_settings_mode("reconcile")
            .use_legacy_landlock(false)
    }

    fn workspace_write() -> SandboxContext {
        protected(
            SandboxContext::restricted(Network::Restricted)
                .entry(":root", READ)
                .entry(":workspace_roots", WRITE)
                .entry(":slash_tmp", WRITE)
                .entry(":tmpdir", WRITE),
        )
    }

    #[test]
    fn read_only_is_sent_as_the_real_orchestrator_sent_it() {
        let message = real("read_only.json");
        let context = SandboxContext::restricted(Network::Restricted).entry(":root", READ);
        let request = recorded_process(&message, Convention::Posix, "/srv/agent/ws")
            .sandbox(recorded_context(context, "/srv/agent/ws", &["/srv/agent/ws"]))
            .sandbox_requested(true);
        assert_sent(&request, &message);
    }

    #[test]
    fn workspace_write_is_sent_as_the_real_orchestrator_sent_it() {
        let message = real("workspace_write.json");
        let request = recorded_process(&message, Convention::Posix, "/srv/agent/ws")
            .sandbox(recorded_context(workspace_write(), "/srv/agent/ws", &["/srv/agent/ws"]))
            .sandbox_requested(true)
            .local_wrapper(LocalWrapper::new(
                "linuxSeccomp",
                ["/opt/codex/codex-linux-sandbox", "--", "/bin/bash"],
            ));
        assert_sent(&request, &message);
    }

    #[test]
    fn a_native_extra_root_is_sent_as_the_real_orchestrator_sent_it() {
        let message = real("workspace_write_extra_root.json");
        let context = protected(
            SandboxContext::restricted(Network::Enabled)
                .entry(":root", READ)
                .entry(":workspace_roots", WRITE)
                .entry("/srv/agent/extra", WRITE),
        );
        let request = recorded_process(&message, Convention::Posix, "/srv/agent/ws")
            .sandbox(recorded_context(context, "/srv/agent/ws", &["/srv/agent/ws", "/srv/agent/extra"]))
            .sandbox_requested(true);
        assert_sent(&request, &message);
    }

    #[test]
    fn an_approved_run_without_a_sandbox_is_sent_as_the_real_orchestrator_sent_it() {
        let message = real("danger_full_access.json");
        let request =
            recorded_process(&message, Convention::Posix, "/srv/agent/ws").approved_unsandboxed(true);
        assert_sent(&request, &message);
    }

    /// The orchestrator names its own POSIX places as URIs, to an executor whose native paths are Windows ones.
    #[test]
    fn a_request_to_another_os_is_sent_as_the_real_orchestrator_sent_it() {
        let message = real("linux_orchestrator_windows_executor.json");
        let own = "file:///srv/agent/ws";
        let request = recorded_process(&message, Convention::Windows, own)
            .sandbox(recorded_context(workspace_write(), own, &[own]))
            .sandbox_requested(true);
        assert_sent(&request, &message);
        let native = recorded_process(&message, Convention::Windows, "/srv/agent/ws")
            .sandbox(workspace_write())
            .sandbox_requested(true);
        assert_eq!(refused(&native), [(Code::RequestPath, "/cwd".to_owned())]);
    }

    #[rstest]
    fn what_was_read_is_sent_again_as_it_was(
        #[values(
            "read_only.json",
            "workspace_write.json",
            "workspace_write_extra_root.json",
            "danger_full_access.json",
            "linux_orchestrator_windows_executor.json"
        )]
        name: &str,
    ) {
        let message = real(name);
        let intent = Intent::from_json(message.to_string()).unwrap();
        let sandboxed = intent.profile() != &Profile::Unsandboxed;
        let request =
            recorded_process(&message, Convention::Posix, message["params"]["cwd"].as_str().unwrap())
                .intent(&intent)
                .sandbox_requested(sandboxed)
                .approved_unsandboxed(!sandboxed);
        assert_sent(&request, &message);
        let params = request.to_params().unwrap();
        assert_eq!(params.is_sandboxed(), sandboxed);
        assert!(Intent::from_codex_exec_params(params.to_json()).unwrap().same_meaning(&intent));
    }

    fn plain() -> ExecRequest {
        ExecRequest::new(Convention::Posix, "p1", ["/bin/bash", "-lc", "pwd"], "/home/dev/app")
    }

    fn context() -> SandboxContext {
        SandboxContext::restricted(Network::Restricted).entry(":workspace_roots", WRITE)
    }

    fn wrapper() -> LocalWrapper {
        LocalWrapper::new(
            "linuxSeccomp",
            ["/opt/sandbox", "--policy", "/home/dev/app", "--", "/bin/bash", "-lc", "pwd"],
        )
    }

    fn found(refusals: &Refusals) -> Vec<(Code, String)> {
        refusals.iter().map(|refusal| (refusal.code(), refusal.pointer().to_owned())).collect()
    }

    fn refused(request: &ExecRequest) -> Vec<(Code, String)> {
        found(&request.to_params().unwrap_err())
    }

    fn sent(request: &ExecRequest) -> Value {
        serde_json::from_str(&request.to_params().map_err(|e| e.to_string()).unwrap().to_json()).unwrap()
    }

    #[rstest]
    fn a_requested_sandbox_is_sent_whatever_this_machine_could_build(#[values(false, true)] wrapped: bool) {
        let mut request = plain().sandbox(context()).sandbox_requested(true);
        if wrapped {
            request = request.local_wrapper(wrapper());
        }
        let params = request.to_params().unwrap();
        assert!(params.is_sandboxed());
        let text = params.to_json();
        assert!(!text.contains("/opt/sandbox") && !text.contains("linuxSeccomp"));
        let sent: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(sent["argv"], json!(["/bin/bash", "-lc", "pwd"]));
        assert_eq!(
            sent["sandbox"]["permissions"]["file_system"]["entries"][0]["path"],
            json!({"type": "special", "value": {"kind": "project_roots"}})
        );
    }

    #[test]
    fn an_approved_run_sends_no_sandbox_even_if_one_is_known() {
        let sent = sent(&plain().sandbox(context()).approved_unsandboxed(true));
        assert_eq!(sent["sandbox"], Value::Null);
        assert!(sent.as_object().unwrap().contains_key("sandbox"));
    }

    #[rstest]
    #[case(false, false, false)]
    #[case(false, true, true)]
    #[case(true, false, true)]
    #[case(true, false, false)]
    #[case(true, true, true)]
    fn what_contradicts_itself_is_not_sent(
        #[case] wrapped: bool,
        #[case] requested: bool,
        #[case] approved: bool,
    ) {
        let mut request =
            plain().sandbox(context()).sandbox_requested(requested).approved_unsandboxed(approved);
        if wrapped {
            request = request.local_wrapper(wrapper());
        }
        assert_eq!(refused(&request), [(Code::RequestContradicts, "/sandbox".to_owned())]);
    }

    #[test]
    fn the_wrappers_command_line_is_not_sent() {
        let wrapped = wrapper();
        let argv = ["/opt/sandbox", "--policy", "/home/dev/app", "--", "/bin/bash", "-lc", "pwd"];
        let request = ExecRequest::new(Convention::Posix, "p1", argv, "/home/dev/app")
            .sandbox(context())
            .sandbox_requested(true)
            .local_wrapper(wrapped);
        assert_eq!(refused(&request), [(Code::RequestContradicts, "/argv".to_owned())]);
    }

    #[test]
    fn a_requested_sandbox_must_be_given() {
        let request = plain().sandbox_requested(true);
        assert_eq!(refused(&request), [(Code::MissingField, "/sandbox".to_owned())]);
        let unsandboxed = Intent::from_json(r#"{"argv":["x"],"sandbox":null}"#).unwrap();
        let request = plain().intent(&unsandboxed).sandbox_requested(true);
        assert_eq!(refused(&request), [(Code::MissingField, "/sandbox".to_owned())]);
    }

    #[test]
    fn every_reason_not_to_send_comes_at_once() {
        let request = ExecRequest::new(Convention::Windows, "p", Vec::<String>::new(), "C:x")
            .metadata("[]")
            .env_policy(r#"{"a":{"b":1,"b":2}}"#)
            .managed_network(r#"{"a":1.5}"#)
            .sandbox(
                SandboxContext::restricted(Network::Restricted)
                    .entry(":cwd", READ)
                    .entry("/srv/x", READ)
                    .entry(":Cwd", READ)
                    .entry("file:///a/..", READ)
                    .pattern(":tmpdir/*", DENY)
                    .pattern("", DENY)
                    .cwd("x")
                    .workspace_roots(["C:\\ok", "D:rel"])
                    .home("~")
                    .temp_dirs(["C:\\con.", "C:\\t"]),
            )
            .sandbox_requested(true)
            .approved_unsandboxed(true);
        let entries = "/sandbox/permissions/file_system/entries";
        let expected = [
            (Code::ArgvEmpty, "/argv".to_owned()),
            (Code::RequestPath, "/cwd".to_owned()),
            (Code::DuplicateKey, "/envPolicy/a/b".to_owned()),
            (Code::NumberOutOfRange, "/managedNetwork/a".to_owned()),
            (Code::WrongType, "/metadata".to_owned()),
            (Code::RequestContradicts, "/sandbox".to_owned()),
            (Code::RequestPath, "/sandbox/cwd".to_owned()),
            (Code::RequestPath, format!("{entries}/1/path")),
            (Code::SymbolMalformed, format!("{entries}/2/path")),
            (Code::UriDotSegment, format!("{entries}/3/path")),
            (Code::PatternAnchor, format!("{entries}/4/path")),
            (Code::PatternEmpty, format!("{entries}/5/path")),
            (Code::RequestPath, "/sandbox/temporaryDirectories/0".to_owned()),
            (Code::RequestPath, "/sandbox/userHomeDir".to_owned()),
            (Code::RequestPath, "/sandbox/workspaceRoots/1".to_owned()),
        ];
        assert_eq!(refused(&request), expected);
    }

    #[test]
    fn the_limits_of_the_reader_are_those_of_the_sender() {
        let roots: Vec<String> = (0..257).map(|i| format!("/r/{i}")).collect();
        let request = plain().sandbox(context().workspace_roots(roots)).sandbox_requested(true);
        assert_eq!(refused(&request), [(Code::TooManyRoots, "/sandbox/workspaceRoots".to_owned())]);
        let request = plain().sandbox(context().scan_depth(0)).sandbox_requested(true);
        let pointer = "/sandbox/permissions/file_system/glob_scan_max_depth";
        assert_eq!(refused(&request), [(Code::ScanDepthZero, pointer.to_owned())]);
    }

    #[test]
    fn windows_paths_leave_as_uris() {
        let request = ExecRequest::new(Convention::Windows, "p", ["cmd.exe"], "c:\\wk\\app")
            .sandbox(
                context()
                    .entry("\\\\host\\share\\a b", READ)
                    .pattern("C:\\wk\\**\\*.env", DENY)
                    .pattern(":home/x/*", DENY)
                    .cwd("C:/wk/app/")
                    .workspace_roots(["C:\\wk\\app"])
                    .home("C:\\Users\\dev")
                    .temp_dirs(["C:\\Temp"]),
            )
            .sandbox_requested(true);
        let sent = sent(&request);
        assert_eq!(sent["cwd"], "file:///C:/wk/app");
        let sandbox = &sent["sandbox"];
        assert_eq!(sandbox["cwd"], "file:///C:/wk/app");
        assert_eq!(sandbox["workspaceRoots"], json!(["file:///C:/wk/app"]));
        assert_eq!(sandbox["userHomeDir"], "file:///C:/Users/dev");
        assert_eq!(sandbox["temporaryDirectories"], json!(["file:///C:/Temp"]));
        let paths: Vec<&Value> = sandbox["permissions"]["file_system"]["entries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| &e["path"])
            .collect();
        assert_eq!(paths[1], &json!({"type": "path", "path": "file://host/share/a%20b"}));
        assert_eq!(paths[2], &json!({"type": "glob_pattern", "pattern": "C:\\wk\\**\\*.env"}));
        assert_eq!(paths[3], &json!({"type": "glob_pattern", "pattern": "~/x/*"}));
    }

    #[test]
    fn symbols_leave_as_symbols() {
        let entries = |path: &str| {
            let context = SandboxContext::restricted(Network::Restricted).entry(path, READ);
            let sent = sent(&plain().sandbox(context).sandbox_requested(true));
            sent["sandbox"]["permissions"]["file_system"]["entries"][0]["path"]["value"].clone()
        };
        assert_eq!(entries(":project_roots/a/b"), json!({"kind": "project_roots", "subpath": "a/b"}));
        assert_eq!(entries(":minimal"), json!({"kind": "minimal"}));
        assert_eq!(entries(":home/.ssh"), json!({"kind": "unknown", "path": ":home", "subpath": ".ssh"}));
        assert_eq!(entries(":future"), json!({"kind": "unknown", "path": ":future"}));
    }

    #[rstest]
    #[case(SandboxContext::disabled(), json!({"type": "disabled"}))]
    #[case(SandboxContext::external(Network::Enabled), json!({"type": "external", "network": "enabled"}))]
    #[case(SandboxContext::unrestricted(Network::Restricted), json!({"type": "managed", "file_system": {"type": "unrestricted"}, "network": "restricted"}))]
    #[case(SandboxContext::restricted(Network::Enabled).scan_depth(2), json!({"type": "managed", "file_system": {"type": "restricted", "entries": [], "glob_scan_max_depth": 2}, "network": "enabled"}))]
    fn profiles_are_never_confused(#[case] context: SandboxContext, #[case] permissions: Value) {
        let sent = sent(&plain().sandbox(context).sandbox_requested(true));
        assert_eq!(sent["sandbox"]["permissions"], permissions);
    }

    // Executors that predate fields. These types are what an executor of the first version with a sandbox
    // intent declared; like it, they ignore what they do not know.

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct OldParams {
        argv: Vec<String>,
        cwd: String,
        #[serde(default)]
        env_policy: Option<Value>,
        env: BTreeMap<String, String>,
        tty: bool,
        #[serde(default)]
        pipe_stdin: bool,
        arg0: Option<String>,
        #[serde(default)]
        sandbox: Option<OldContext>,
        #[serde(default)]
        enforce_managed_network: bool,
        #[serde(default)]
        managed_network: Option<Value>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct OldContext {
        permissions: OldProfile,
        #[serde(default)]
        cwd: Option<String>,
        #[serde(default)]
        workspace_roots: Vec<String>,
        windows_sandbox_level: String,
        #[serde(default)]
        windows_sandbox_private_desktop: bool,
        #[serde(default)]
        windows_sandbox_proxy_settings_mode: Option<String>,
        #[serde(default)]
        use_legacy_landlock: bool,
    }

    #[derive(Deserialize)]
    #[serde(tag = "type", rename_all = "snake_case")]
    enum OldProfile {
        Managed { file_system: OldFileSystem },
        Disabled,
        External,
    }

    #[derive(Deserialize)]
    #[serde(tag = "type", rename_all = "snake_case")]
    enum OldFileSystem {
        Restricted {
            entries: Vec<Value>,
            #[serde(default)]
            glob_scan_max_depth: Option<u64>,
        },
        Unrestricted,
    }

    fn old(params: &ExecParams) -> OldParams {
        serde_json::from_str(&params.to_json()).unwrap()
    }

    /// An executor from before the sandbox intent: it knows the process only.
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct OldestParams {
        argv: Vec<String>,
        arg0: Option<String>,
    }

    #[test]
    fn an_older_executor_reads_defaults_where_nothing_was_said() {
        let read = old(&plain().sandbox(context()).sandbox_requested(true).to_params().unwrap());
        assert_eq!((read.argv.len(), read.cwd.as_str(), read.env.len()), (3, "file:///home/dev/app", 0));
        assert!(read.env_policy.is_none() && read.arg0.is_none() && read.managed_network.is_none());
        assert!(!read.tty && !read.pipe_stdin && !read.enforce_managed_network);
        let sandbox = read.sandbox.unwrap();
        assert!(sandbox.cwd.is_none() && sandbox.workspace_roots.is_empty());
        assert_eq!(sandbox.windows_sandbox_level, "disabled");
        assert!(!sandbox.windows_sandbox_private_desktop && !sandbox.use_legacy_landlock);
        assert_eq!(sandbox.windows_sandbox_proxy_settings_mode, None);
        match sandbox.permissions {
            OldProfile::Managed {
                file_system: OldFileSystem::Restricted { entries, glob_scan_max_depth },
            } => {
                assert_eq!((entries.len(), glob_scan_max_depth), (1, None));
            }
            OldProfile::Managed { file_system: OldFileSystem::Unrestricted }
            | OldProfile::Disabled
            | OldProfile::External => panic!("another profile"),
        }
        let oldest: OldestParams = serde_json::from_str(
            &plain().arg0("sh").approved_unsandboxed(true).to_params().unwrap().to_json(),
        )
        .unwrap();
        assert_eq!((oldest.argv.len(), oldest.arg0.as_deref()), (3, Some("sh")));
    }

    #[test]
    fn an_older_executor_reads_what_was_said() {
        let request = plain()
            .env("A", "1")
            .env_policy(r#"{"inherit":"all"}"#)
            .arg0("sh")
            .tty(true)
            .pipe_stdin(true)
            .metadata(r#"{"threadId":"t"}"#)
            .enforce_managed_network(true)
            .managed_network(r#"{"loopbackPorts":[43123]}"#)
            .sandbox(
                context()
                    .cwd("/home/dev")
                    .workspace_roots(["/home/dev/app"])
                    .home("/home/dev")
                    .temp_dirs(Vec::<String>::new())
                    .windows_sandbox_level("restricted-token")
                    .windows_sandbox_private_desktop(true)
                    .windows_sandbox_proxy_settings_mode("preserve")
                    .use_legacy_landlock(true),
            )
            .sandbox_requested(true);
        let read = old(&request.to_params().unwrap());
        assert_eq!((read.env["A"].as_str(), read.arg0.as_deref()), ("1", Some("sh")));
        assert!(read.env_policy.is_some() && read.tty && read.pipe_stdin && read.enforce_managed_network);
        assert_eq!(read.managed_network.unwrap()["loopbackPorts"], json!([43123]));
        let sandbox = read.sandbox.unwrap();
        assert_eq!(sandbox.cwd.as_deref(), Some("file:///home/dev"));
        assert_eq!(sandbox.workspace_roots, ["file:///home/dev/app"]);
        assert_eq!(sandbox.windows_sandbox_level, "restricted-token");
        assert_eq!(sandbox.windows_sandbox_proxy_settings_mode.as_deref(), Some("preserve"));
        assert!(sandbox.windows_sandbox_private_desktop && sandbox.use_legacy_landlock);
    }

    #[test]
    fn what_was_not_said_is_not_sent() {
        let keys = |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
        let sent = sent(&plain().sandbox(context()).sandbox_requested(true));
        let mut params = keys(&sent);
        params.sort();
        assert_eq!(
            params,
            [
                "arg0",
                "argv",
                "cwd",
                "enforceManagedNetwork",
                "env",
                "managedNetwork",
                "pipeStdin",
                "processId",
                "sandbox",
                "tty"
            ]
        );
        let mut context = keys(&sent["sandbox"]);
        context.sort();
        assert_eq!(context, ["permissions", "useLegacyLandlock", "windowsSandboxLevel"]);
    }

    /// Left out, an empty list could be read as all roots of the executor; Codex reads both as none.
    #[test]
    fn no_roots_at_all_is_said_only_on_purpose() {
        let sent =
            sent(&plain().sandbox(context().workspace_roots(Vec::<String>::new())).sandbox_requested(true));
        assert_eq!(sent["sandbox"]["workspaceRoots"], json!([]));
        let intent = Intent::from_json(sent.to_string()).unwrap();
        assert_eq!(intent.roots().map(<[_]>::len), Some(0));
    }

    #[test]
    fn requests_are_shared_between_threads() {
        fn is_shared<T: Send + Sync>() {}
        is_shared::<ExecRequest>();
        is_shared::<ExecParams>();
    }
}
