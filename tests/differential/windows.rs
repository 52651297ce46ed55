//! What bindery says of a Windows path, in the terms of each table.

use bindery::{Access, Binder, Binding, BoundPolicy, Executor, NativePath, Os, RootKind};
use serde_json::{Value, json};

/// What the source says, and what bindery says. `None`: no such claim.
pub(crate) fn answers(claim: &str, input: &str, says: &str) -> Option<(String, String)> {
    let said = says.to_owned();
    let word = |holds: bool, yes: &str, no: &str| if holds { yes.to_owned() } else { no.to_owned() };
    Some(match claim {
        // The kind that a text has by its beginning.
        "kind" => (said, kind(input)),
        // What the text opens, or what is opened in place of it.
        "opens" => (plain(says), read(input)),
        // The drive or share.
        "volume" => (if says.is_empty() { "none".to_owned() } else { plain(says) }, volume(input)),
        // Drive, root and tail.
        "split" => (split(says), split_ours(input)),
        "absolute" => {
            let relative =
                ["path_empty", "path_relative", "path_drive_relative", "path_root_relative", "foreign_path"];
            (said, word(relative.contains(&read(input).as_str()), "relative", "absolute"))
        }
        // The text is already what the system would make of it.
        "exact" => (said, word(read(input) == input, "exact", "changed")),
        // The name that a text ends in, when asked.
        "device" => {
            let found = match fault(&below_c(input)) {
                Some("not_a_file_name") => "device",
                Some(fault) => fault,
                None => "file",
            };
            (said, found.to_owned())
        }
        // A name that is written into a policy.
        "reserved" => (said, word(read(&below_c(input)).starts_with("segment_"), "reserved", "free")),
        // An NT name is looked up as it stands, or is none.
        "verbatim" => (
            said,
            NativePath::parse(Os::Windows, input).map_or_else(|_| code(input), |_| "looked_up".to_owned()),
        ),
        // A text below a directory, and where that is.
        "below" => (plain(&format!(r"C:\w\{says}")), below(r"C:\w", input)),
        "local" => {
            let found = below(r"C:\w", input);
            (said, if found.starts_with(r"C:\w\") { "local".to_owned() } else { found })
        }
        "join" => {
            let (base, text) = input.split_once('|')?;
            (plain(says), below(base, text))
        }
        _ => return None,
    })
}

/// Asks for `input` where all may be read but what the source says is opened. `None`: that is no place of a policy.
pub(crate) fn denied_under_its_full_path(input: &str, says: &str) -> Option<bool> {
    let place = NativePath::parse(Os::Windows, &plain(says)).ok().filter(|place| !place.is_root())?;
    let denied = format!(r#"{{"path": {}, "access": "deny"}}"#, json!(uri(&place)));
    let policy = bind(
        &denied,
        &json!({"id": "x", "os": "windows", "unc_hosts": place.unc_host().into_iter().collect::<Vec<_>>()}),
    )?;
    Some(!policy.decide(input, Access::Read).is_allowed())
}

fn uri(path: &NativePath) -> String {
    let encode = |text: &str| -> String {
        let encoded = text.bytes().map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        });
        encoded.collect()
    };
    let root = match path.unc_host() {
        Some(host) => {
            let share = path.root_text().rsplit('\\').next().unwrap_or_default();
            format!("file://{host}/{}", encode(share))
        }
        None => format!("file:///{}", path.root_text().trim_end_matches('\\')),
    };
    path.segments().fold(root, |uri, segment| format!("{uri}/{}", encode(segment)))
}

fn bind(entry: &str, facts: &Value) -> Option<BoundPolicy> {
    let executor = Executor::from_json(facts.to_string().as_bytes()).ok()?;
    let intent = format!(
        r#"{{"permissions":{{"type":"managed","network":"restricted","file_system":{{"type":"restricted","entries":[
            {{"path":":root","access":"read"}},{entry}]}}}}}}"#
    );
    match Binder::new(&executor).bind_json(intent.as_bytes()).ok()? {
        Binding::Restricted(policy) => Some(policy),
        Binding::Unsandboxed
        | Binding::Disabled
        | Binding::External { network: _ }
        | Binding::Unrestricted { network: _ } => None,
    }
}

/// The code with which a text is refused as a fact of an executor.
fn code(text: &str) -> String {
    let facts = json!({"id": "x", "os": "windows", "cwd": text}).to_string();
    match Executor::from_json(facts.as_bytes()) {
        Ok(_) => "accepted".to_owned(),
        Err(refusals) => refusals.iter().map(|refusal| refusal.code().as_str()).collect::<Vec<_>>().join(" "),
    }
}

/// The canonical text, or the code with which it is refused.
fn read(text: &str) -> String {
    NativePath::parse(Os::Windows, text).map_or_else(|_| code(text), |path| path.as_str().to_owned())
}

fn kind(text: &str) -> String {
    let kind = match NativePath::parse(Os::Windows, text).map(|path| path.kind()) {
        Ok(RootKind::Drive) => "drive",
        Ok(RootKind::Unc) => "unc",
        Ok(RootKind::Namespace) => "device",
        Ok(RootKind::Posix) => "posix",
        Err(_) => return relation(code(text)),
    };
    kind.to_owned()
}

/// A refusal in the words of kinds.
fn relation(code: String) -> String {
    let word = match code.as_str() {
        "path_empty" | "path_relative" => "relative",
        "path_drive_relative" => "drive_relative",
        "path_root_relative" => "root_relative",
        "path_namespace" => "device",
        "path_unc_malformed" | "path_loopback" | "path_admin_share" => "unc",
        _ => return code,
    };
    word.to_owned()
}

fn volume(text: &str) -> String {
    match NativePath::parse(Os::Windows, text) {
        Ok(path) => path.root_text().trim_end_matches('\\').to_owned(),
        Err(_) => match code(text).as_str() {
            "path_empty" | "path_relative" => "none".to_owned(),
            code => code.to_owned(),
        },
    }
}

fn split(says: &str) -> String {
    let parts: Vec<&str> = says.split('|').collect();
    match *parts.as_slice() {
        ["", "", _] => "relative".to_owned(),
        ["", _, _] => "root_relative".to_owned(),
        [drive, "", _] if drive.len() == 2 && drive.ends_with(':') => "drive_relative".to_owned(),
        _ => plain(&parts.concat()),
    }
}

fn split_ours(text: &str) -> String {
    match read(text) {
        code if code.starts_with("path_")
            && !code.starts_with("path_unc")
            && !code.starts_with("path_name") =>
        {
            relation(code)
        }
        other => other,
    }
}

/// A text below `C:\`, if it is not absolute by itself.
fn below_c(text: &str) -> String {
    let text = match text.as_bytes() {
        [b'/' | b'\\', b'/' | b'\\' | b'?', ..] | [_, b':', b'/' | b'\\', ..] => return text.to_owned(),
        [letter, b':', ..] if letter.is_ascii_alphabetic() => text.split_at(2).1,
        _ => text,
    };
    format!(r"C:\{text}")
}

/// Why a question about a text is no question about a file.
fn fault(text: &str) -> Option<&'static str> {
    match bind(r#"{"path":":minimal","access":"read"}"#, &json!({"id": "x", "os": "windows"})) {
        Some(policy) => policy.decide(text, Access::Read).query_fault(),
        None => Some("no policy"),
    }
}

/// Where a subpath of a root lies, or the code with which root or subpath is refused.
fn below(base: &str, text: &str) -> String {
    let Ok(root) = NativePath::parse(Os::Windows, base) else { return code(base) };
    let facts = json!({"id": "x", "os": "windows", "workspace_roots": [{"id": "r", "path": root.as_str()}],
        "unc_hosts": root.unc_host().into_iter().collect::<Vec<_>>()});
    let path = json!({"type": "special", "value": {"kind": "project_roots", "subpath": text}});
    let intent = json!({"permissions": {"type": "managed", "network": "restricted", "file_system":
        {"type": "restricted", "entries": [{"path": path, "access": "read"}]}}});
    let executor = match Executor::from_json(facts.to_string().as_bytes()) {
        Ok(executor) => executor,
        Err(refusals) => return first(&refusals),
    };
    match Binder::new(&executor).bind_json(intent.to_string().as_bytes()) {
        Ok(Binding::Restricted(policy)) => {
            policy.readable_roots().first().map_or_else(String::new, |place| place.path().as_str().to_owned())
        }
        Ok(_) => "no policy".to_owned(),
        Err(refusals) => first(&refusals),
    }
}

fn first(refusals: &bindery::Refusals) -> String {
    refusals.iter().next().map_or("", |refusal| refusal.code().as_str()).to_owned()
}

/// What a source says, in one spelling: both separators are one but after `\\?\`, the NT prefix `\??\` is left out,
/// drives are upper case, hosts lower case, and a separator at the end says nothing.
fn plain(says: &str) -> String {
    let text = match says.strip_prefix(r"\??\") {
        Some(rest) if rest.get(1..2) == Some(":") => rest.to_owned(),
        Some(rest) if rest.starts_with(r"UNC\") => format!(r"\\{}", rest.get(4..).unwrap_or_default()),
        Some(rest) => format!(r"\\.\{rest}"),
        None if says.starts_with(r"\\?\") => says.to_owned(),
        None => says.replace('/', r"\"),
    };
    let text = match text.as_bytes() {
        [b'\\', b'\\', b'?', b'\\', _, b':', b'\\', ..] => text.get(4..).unwrap_or_default().to_owned(),
        _ if text.starts_with(r"\\?\UNC\")
            && text.split('\\').nth(5).is_some_and(|share| !share.is_empty()) =>
        {
            format!(r"\\{}", text.get(8..).unwrap_or_default())
        }
        _ => text,
    };
    let end = text.trim_end_matches('\\');
    match end.as_bytes() {
        [] => text,
        [letter, b':'] if text.len() > 2 => format!(r"{}:\", char::from(letter.to_ascii_uppercase())),
        [letter, b':'] if letter.is_ascii_alphabetic() => {
            format!("{}:", char::from(letter.to_ascii_uppercase()))
        }
        [letter, b':', rest @ ..] if letter.is_ascii_alphabetic() => {
            // Separators that are repeated inside say nothing.
            let rest = String::from_utf8_lossy(rest);
            let names: Vec<&str> = rest.split('\\').collect();
            let absolute = names.first().is_some_and(|name| name.is_empty());
            let names: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
            let root = if absolute { r"\" } else { "" };
            format!("{}:{root}{}", char::from(letter.to_ascii_uppercase()), names.join(r"\"))
        }
        [b'\\', b'\\', ..] => {
            let mut parts = end.split('\\').skip(2);
            let host = parts.next().unwrap_or_default().to_ascii_lowercase();
            parts.fold(format!(r"\\{host}"), |path, part| format!(r"{path}\{part}"))
        }
        _ => end.to_owned(),
    }
}
