//! The words of the wire, Codex's and bindery's own. Names only: what they mean is in `read`.
//!
//! The envelope and the sandbox context are written in camelCase, the profile inside in `snake_case`.

/// The message around the params (upstream 1.1).
pub(super) mod message {
    pub(in crate::intent) const METHOD: &str = "method";
    pub(in crate::intent) const PARAMS: &str = "params";
    pub(in crate::intent) const ID: &str = "id";
    /// What else JSON-RPC puts into a message.
    pub(in crate::intent) const UNINTERPRETED: [&str; 2] = [ID, "jsonrpc"];
    /// The one method that starts a process.
    pub(in crate::intent) const PROCESS_START: &str = "process/start";
}

/// `ExecParams` (upstream 1.1).
pub(super) mod params {
    pub(in crate::intent) const PROCESS_ID: &str = "processId";
    pub(in crate::intent) const ARGV: &str = "argv";
    pub(in crate::intent) const CWD: &str = "cwd";
    pub(in crate::intent) const ENV_POLICY: &str = "envPolicy";
    pub(in crate::intent) const ENV: &str = "env";
    pub(in crate::intent) const TTY: &str = "tty";
    pub(in crate::intent) const PIPE_STDIN: &str = "pipeStdin";
    pub(in crate::intent) const ARG0: &str = "arg0";
    pub(in crate::intent) const METADATA: &str = "metadata";
    pub(in crate::intent) const SANDBOX: &str = "sandbox";
    pub(in crate::intent) const ENFORCE_MANAGED_NETWORK: &str = "enforceManagedNetwork";
    pub(in crate::intent) const MANAGED_NETWORK: &str = "managedNetwork";

    /// Known, and of no concern to the file system: how to start the process.
    pub(in crate::intent) const UNINTERPRETED: [&str; 10] =
        [PROCESS_ID, ARGV, ENV_POLICY, ENV, TTY, PIPE_STDIN, ARG0, METADATA, "networkProxy", "shellSnapshot"];

    /// Fields of params that would be lost in the sandbox.
    pub(in crate::intent) const NOT_IN_SANDBOX: [&str; 2] = [ENFORCE_MANAGED_NETWORK, MANAGED_NETWORK];

    /// Any of these makes an object params, also when there is no sandbox in it.
    pub(in crate::intent) const MARKS: [&str; 3] = [ARGV, PROCESS_ID, SANDBOX];

    /// Fields of params that would be lost beside a bare `permissions`.
    pub(in crate::intent) const NOT_IN_CONTEXT: [&str; 5] =
        [ARGV, PROCESS_ID, SANDBOX, ENFORCE_MANAGED_NETWORK, MANAGED_NETWORK];
}

/// `FileSystemSandboxContext` (upstream 1.2).
pub(super) mod context {
    pub(in crate::intent) const PERMISSIONS: &str = "permissions";
    pub(in crate::intent) const CWD: &str = "cwd";
    pub(in crate::intent) const WORKSPACE_ROOTS: &str = "workspaceRoots";
    pub(in crate::intent) const POLICY_CONTEXT: &str = "policyContext";
    pub(in crate::intent) const USER_HOME_DIR: &str = "userHomeDir";
    pub(in crate::intent) const TEMPORARY_DIRECTORIES: &str = "temporaryDirectories";
    pub(in crate::intent) const WINDOWS_SANDBOX_LEVEL: &str = "windowsSandboxLevel";
    pub(in crate::intent) const WINDOWS_SANDBOX_PRIVATE_DESKTOP: &str = "windowsSandboxPrivateDesktop";
    pub(in crate::intent) const WINDOWS_SANDBOX_PROXY_SETTINGS_MODE: &str = "windowsSandboxProxySettingsMode";
    pub(in crate::intent) const USE_LEGACY_LANDLOCK: &str = "useLegacyLandlock";

    /// Fields of the context that would be lost in the params around it.
    pub(in crate::intent) const NOT_IN_PARAMS: [&str; 4] =
        [WORKSPACE_ROOTS, POLICY_CONTEXT, USER_HOME_DIR, TEMPORARY_DIRECTORIES];

    /// Fields of the context that would be lost in its `policyContext`.
    pub(in crate::intent) const NOT_IN_POLICY: [&str; 3] =
        [PERMISSIONS, USER_HOME_DIR, TEMPORARY_DIRECTORIES];
}

/// `PermissionProfile` and its `file_system` (upstream 1.3).
pub(super) mod profile {
    pub(in crate::intent) const TYPE: &str = "type";
    pub(in crate::intent) const FILE_SYSTEM: &str = "file_system";
    pub(in crate::intent) const NETWORK: &str = "network";
    pub(in crate::intent) const ENTRIES: &str = "entries";
    pub(in crate::intent) const GLOB_SCAN_MAX_DEPTH: &str = "glob_scan_max_depth";

    pub(in crate::intent) const MANAGED: &str = "managed";
    pub(in crate::intent) const DISABLED: &str = "disabled";
    pub(in crate::intent) const EXTERNAL: &str = "external";
    pub(in crate::intent) const RESTRICTED: &str = "restricted";
    pub(in crate::intent) const UNRESTRICTED: &str = "unrestricted";
}

/// An entry of a profile (upstream 1.4).
pub(super) mod entry {
    pub(in crate::intent) const PATH: &str = "path";
    pub(in crate::intent) const ACCESS: &str = "access";
    pub(in crate::intent) const MISSING_PATH_BEHAVIOR: &str = "missing_path_behavior";

    /// Fields of an entry that would be lost in its path.
    pub(in crate::intent) const NOT_IN_PATH: [&str; 2] = [ACCESS, MISSING_PATH_BEHAVIOR];

    pub(in crate::intent) const SKIP: &str = "skip";
    /// The older spelling of `deny`.
    pub(in crate::intent) const NONE: &str = "none";
}

/// The path of an entry (upstream 1.4).
pub(super) mod path {
    pub(in crate::intent) const TYPE: &str = "type";
    pub(in crate::intent) const PATH: &str = "path";
    pub(in crate::intent) const PATTERN: &str = "pattern";
    pub(in crate::intent) const VALUE: &str = "value";
    pub(in crate::intent) const KIND: &str = "kind";
    pub(in crate::intent) const SUBPATH: &str = "subpath";
    /// bindery's own form of a pattern: `{"glob": "…"}`.
    pub(in crate::intent) const GLOB: &str = "glob";

    pub(in crate::intent) const TYPE_PATH: &str = "path";
    pub(in crate::intent) const TYPE_GLOB_PATTERN: &str = "glob_pattern";
    pub(in crate::intent) const TYPE_SPECIAL: &str = "special";

    pub(in crate::intent) const KIND_ROOT: &str = "root";
    pub(in crate::intent) const KIND_MINIMAL: &str = "minimal";
    pub(in crate::intent) const KIND_PROJECT_ROOTS: &str = "project_roots";
    /// The older spelling of `project_roots`.
    pub(in crate::intent) const KIND_CURRENT_WORKING_DIRECTORY: &str = "current_working_directory";
    pub(in crate::intent) const KIND_TMPDIR: &str = "tmpdir";
    pub(in crate::intent) const KIND_SLASH_TMP: &str = "slash_tmp";
    /// Carries any other token in its field `path`.
    pub(in crate::intent) const KIND_UNKNOWN: &str = "unknown";

    /// What Codex puts before a pattern that counts from each workspace root.
    pub(in crate::intent) const PROJECT_ROOTS_SCHEME: &str = "codex-project-roots://";
    /// The older spelling of `:workspace_roots`.
    pub(in crate::intent) const OLD_WORKSPACE_ROOTS: &str = ":project_roots";

    /// Everything that narrows a path and must not stand where nobody reads it.
    pub(in crate::intent) const NARROWING: [&str; 5] = [PATTERN, VALUE, KIND, SUBPATH, GLOB];
}
