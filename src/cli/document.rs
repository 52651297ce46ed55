//! Documents that a call names: read with a bound, and judged by the library.

use super::out::Failure;
use bindery::{Binding, BoundPolicy, Code, Executor, Network, Os, Refusals};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// One byte more of an intent, of executor facts or of a query than the library accepts, so that it can say that
/// there was more.
pub(super) const LIMIT: u64 = 16 * 1024 * 1024 + 1;
/// The same for a bound policy, in which a short entry becomes a long record.
const POLICY_AT_MOST: u64 = 1024 * 1024 * 1024 + 1;

/// Is this the sign for standard input?
pub(super) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// What messages call a document.
pub(super) fn name(path: &Path) -> String {
    if is_stdin(path) { "standard input".to_owned() } else { path.display().to_string() }
}

/// The bytes of an intent or of executor facts.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    read_up_to(path, LIMIT)
}

/// The bytes of a file or of standard input, up to a limit.
fn read_up_to(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let result = if is_stdin(path) {
        io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes))
    };
    match result {
        Ok(_) => Ok(bytes),
        Err(error) => Err(Failure::call(format!("cannot read {}: {error}", name(path)))),
    }
}

/// Standard input can be one document of a call.
pub(super) fn not_both_stdin(a: &Path, b: &Path) -> Result<(), Failure> {
    if is_stdin(a) && is_stdin(b) {
        return Err(Failure::call("standard input cannot be two documents".to_owned()));
    }
    Ok(())
}

fn refused(path: &Path) -> impl FnOnce(Refusals) -> Failure {
    let document = name(path);
    |refusals| Failure::Refused { document, refusals }
}

/// The facts in a file.
pub(super) fn executor(path: &Path) -> Result<Executor, Failure> {
    Executor::from_json(&read(path)?).map_err(refused(path))
}

/// The facts of the machine that this runs on. Without them there is nothing to bind to: the call needs a file.
pub(super) fn this_machine() -> Result<Executor, Failure> {
    Executor::of_this_machine().map_err(|refusals| Failure::Call {
        message: format!("this machine's facts cannot be used: {refusals}"),
        help: Some("Give the executor's facts in a file: --executor FILE."),
    })
}

/// Is this the system that this runs on?
pub(super) fn is_here(os: Os) -> bool {
    os.as_str() == std::env::consts::OS
}

/// Refuses a call that would look at the file system of another system than the policy's.
pub(super) fn here(os: Os, done: &str) -> Result<(), Failure> {
    if is_here(os) {
        return Ok(());
    }
    Err(Failure::Call {
        message: format!(
            "the policy is for {}, so it cannot be {done} on this machine, which runs {}",
            os.as_str(),
            std::env::consts::OS
        ),
        help: Some("Call this on the machine that the policy is for."),
    })
}

/// What `bindery bind` printed, or the policy in it.
pub(super) fn binding(path: &Path) -> Result<Binding, Failure> {
    let bytes = read_up_to(path, POLICY_AT_MOST)?;
    let refusals = match BoundPolicy::from_json(&bytes) {
        Ok(policy) => return Ok(Binding::Restricted(policy)),
        Err(refusals) => refusals,
    };
    // A binding without a policy is refused by exactly this. The document has then been read strictly.
    let only_lacks_a_policy = match refusals.as_slice() {
        [one] => one.code() == Code::MissingField && one.pointer().is_empty(),
        _ => false,
    };
    if only_lacks_a_policy {
        match serde_json::from_slice(&bytes) {
            Ok(Without::Unsandboxed {}) => return Ok(Binding::Unsandboxed),
            Ok(Without::Disabled {}) => return Ok(Binding::Disabled),
            Ok(Without::External { network }) => return Ok(Binding::External { network }),
            Ok(Without::Unrestricted { network }) => return Ok(Binding::Unrestricted { network }),
            Ok(Without::Refused { .. }) => {
                return Err(Failure::Call {
                    message: format!(
                        "{} says that the intent was refused, so there is no policy",
                        name(path)
                    ),
                    help: Some("Correct the intent or the executor's facts, and bind again."),
                });
            }
            Err(_) => {}
        }
    }
    Err(refused(path)(refusals))
}

/// A binding that holds no policy.
#[derive(serde::Deserialize)]
#[serde(tag = "outcome", rename_all = "lowercase", deny_unknown_fields)]
enum Without {
    Unsandboxed {},
    Disabled {},
    External {
        network: Network,
    },
    Unrestricted {
        network: Network,
    },
    Refused {
        #[serde(rename = "input")]
        _input: serde::de::IgnoredAny,
        #[serde(rename = "errors")]
        _errors: serde::de::IgnoredAny,
    },
}

/// What a binding without a policy says to every query.
pub(super) const fn open_message(binding: &Binding) -> Option<&'static str> {
    match binding {
        Binding::Unsandboxed => Some("the caller asked for no sandbox, so nothing is denied"),
        Binding::Disabled => Some("the profile says that there is no sandbox, so nothing is denied"),
        Binding::External { .. } => {
            Some("someone else isolates the file system; bindery has no rules for it")
        }
        Binding::Unrestricted { .. } => Some("the profile does not restrict the file system"),
        Binding::Restricted(_) => None,
    }
}
