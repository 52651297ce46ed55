//! The sending side: a request leaves with its plain command and portable intent, whatever this machine could build.
//!
//! `cargo run --example orchestrator`

use bindery::{
    Binder, Convention, EntryAccess, ExecRequest, Executor, Intent, LocalWrapper, Network, SandboxContext,
};
use std::error::Error;
use std::io::Write as _;

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();

    // Symbols stay symbols: only the executor knows where its workspace and its temporary directories are.
    let sandbox = SandboxContext::restricted(Network::Restricted)
        .entry(":root", EntryAccess::Read)
        .entry(":workspace_roots", EntryAccess::Write)
        .entry(":tmpdir", EntryAccess::Write)
        .entry_if_present(":workspace_roots/.aws", EntryAccess::Read)
        .pattern(":workspace_roots/**/.env", EntryAccess::Deny)
        .cwd("/srv/agent/ws")
        .workspace_roots(["/srv/agent/ws"]);
    let request = ExecRequest::new(Convention::Posix, "p-1", ["/bin/sh", "-c", "make test"], "/srv/agent/ws")
        .env("LC_ALL", "C.UTF-8")
        .sandbox(sandbox)
        .sandbox_requested(true);
    let params = request.to_params()?;
    writeln!(out, "{}\n", params.to_message(1))?;

    // A wrapper of this machine changes nothing of what is sent.
    let wrapped =
        request.clone().local_wrapper(LocalWrapper::new("bubblewrap", ["bwrap", "--ro-bind", "/", "/"]));
    assert_eq!(wrapped.to_params()?, params);

    // Nothing decided, or decided twice: an error, never a run without a sandbox.
    for contradiction in
        [request.clone().sandbox_requested(false), request.clone().approved_unsandboxed(true)]
    {
        if let Err(refusals) = contradiction.to_params() {
            writeln!(out, "{refusals}")?;
        }
    }

    // What was sent is what the executor binds.
    let executor = Executor::from_json(include_bytes!("../fixtures/executors/linux.json"))?;
    let intent = Intent::from_codex_exec_params(params.to_json())?;
    writeln!(out, "\nbinds to: {}", Binder::new(&executor).bind(&intent)?.outcome())?;
    Ok(())
}
