//! `bindery verify`.

use super::Status;
use super::args::Verify;
use super::document::{self, here, open_message};
use super::out::{self, Failure, Out};
use bindery::{Binding, HostFs};

pub(super) fn run(args: &Verify, out: &mut Out) -> Result<Status, Failure> {
    let binding = document::binding(&args.policy)?;
    let Binding::Restricted(policy) = &binding else {
        // Nothing was bound, so there is nothing that could have changed.
        out.line(r#"{"verified":"unchanged"}"#)?;
        out::note(open_message(&binding).unwrap_or_default());
        return Ok(Status::Done);
    };
    if !policy.is_observed() {
        return Err(Failure::Call {
            message: format!(
                "{} was bound by text alone, so there is nothing to compare with",
                document::name(&args.policy)
            ),
            help: Some("Bind on the machine that the policy is for, without --lexical."),
        });
    }
    here(policy.os(), "verified")?;
    match policy.verify(&HostFs) {
        Ok(unchanged) => {
            out.line(&unchanged.to_json())?;
            Ok(Status::Done)
        }
        Err(changes) => {
            out.line(&changes.to_json())?;
            out.flush()?;
            out::changed(&changes);
            Ok(Status::No)
        }
    }
}
