//! Why something may or may not be done, in words, on three systems from one host.
//!
//! `cargo run --example explain`

use bindery::{Access, Binder, Binding, Executor, Intent};
use std::error::Error;
use std::io::Write as _;

const INTENT: &str = r#"{
  "permissions": {
    "type": "managed",
    "network": "restricted",
    "file_system": {
      "type": "restricted",
      "entries": [
        {"path": ":root", "access": "read"},
        {"path": ":workspace_roots", "access": "write"},
        {"path": ":workspace_roots/vendor", "access": "read"},
        {"path": {"glob": ":workspace_roots/**/.env"}, "access": "deny"}
      ]
    }
  }
}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    let intent = Intent::from_json(INTENT)?;
    let machines = [
        (
            &include_bytes!("../fixtures/executors/linux.json")[..],
            ["/srv/agent/ws/a.rs", "/srv/agent/ws/vendor/b.rs", "/srv/agent/ws/app/.env"],
        ),
        (
            &include_bytes!("../fixtures/executors/macos.json")[..],
            ["/Users/dev/ws/a.rs", "/Users/dev/ws/VENDOR/b.rs", "/Users/dev/ws/app/.ENV"],
        ),
        (
            &include_bytes!("../fixtures/executors/windows.json")[..],
            [r"D:\exec\ws\a.rs", r"d:/exec/WS/vendor. /b.rs", r"D:\exec\ws\app\.env::$DATA"],
        ),
    ];
    for (facts, paths) in machines {
        let executor = Executor::from_json(facts)?;
        let Binding::Restricted(policy) = Binder::new(&executor).bind(&intent)? else {
            return Err("the intent is restricted".into());
        };
        writeln!(out, "# {} ({})\n", executor.id(), executor.os())?;
        write!(out, "{}", bindery::audit_table(policy.audit()))?;
        for path in paths {
            write!(out, "\n{}", policy.decide(path, Access::Write).explain())?;
        }
        writeln!(out)?;
    }
    Ok(())
}
