//! Embedding in one screen: what an executor knows, a request, the policy, a decision, the plan.
//!
//! `cargo run --example embed`

use bindery::{Access, Binder, Binding, Executor, Intent, Os, PlanOp};
use std::error::Error;
use std::io::Write as _;

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();

    // What only this machine knows. Anything left out is "not known", never guessed.
    let executor = Executor::builder(Os::Linux, "build-7")
        .workspace_root("app", "/srv/agent/ws")?
        .home("/home/dev")?
        .temp_dir("/tmp/run-1")?
        .build()?;

    // What an orchestrator sent: no native path of ours in it.
    let request = include_bytes!("../fixtures/real/workspace_write.json");
    let intent = Intent::from_json(request)?;

    // The five outcomes are five variants, so none can be taken for another.
    let policy = match Binder::new(&executor).bind(&intent)? {
        Binding::Restricted(policy) => policy,
        Binding::Unrestricted { network } | Binding::External { network } => {
            writeln!(out, "nothing to build here; the network is {}", network.as_str())?;
            return Ok(());
        }
        Binding::Disabled | Binding::Unsandboxed => {
            writeln!(out, "the caller asked for no sandbox")?;
            return Ok(());
        }
    };

    for path in ["/srv/agent/ws/src/main.rs", "/srv/agent/ws/.git/config", "/etc/shadow"] {
        let decision = policy.decide(path, Access::Write);
        writeln!(
            out,
            "{:5} {path}: {} [{}]",
            decision.answer().as_str(),
            decision.reason(),
            decision.rule()
        )?;
    }

    // What a builder of mounts does, in this order. An operation that it does not know must stop it.
    writeln!(out)?;
    for step in policy.plan() {
        // A place that need not exist must not be made just to hold a mount.
        let maybe = if step.materialize() { "" } else { "-try" };
        let place = step.place().resolved();
        match step.op() {
            PlanOp::ReadOnly | PlanOp::Protect => writeln!(out, "--ro-bind{maybe} {place} {place}")?,
            PlanOp::ReadWrite => writeln!(out, "--bind{maybe} {place} {place}")?,
            PlanOp::Mask => writeln!(out, "--tmpfs {place}")?,
            // Operations may be added; none may be skipped.
            PlanOp::DenyPattern | PlanOp::ProtectAnyDepth | _ => {
                return Err(format!("this builder cannot carry out {}", step.op().as_str()).into());
            }
        }
    }
    writeln!(out, "\n{}", policy.digest())?;
    Ok(())
}
