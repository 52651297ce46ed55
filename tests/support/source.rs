//! The project's own files as text, for tests that hold documents and code against each other.

use std::path::PathBuf;

/// What a test says when it fails: the text as it is, with its line breaks.
pub(crate) struct Failure(pub(crate) String);

impl std::fmt::Debug for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\n{}", self.0)
    }
}

pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// Fails with every fault, if there are any.
pub(crate) fn none(faults: &[String]) -> Outcome {
    if faults.is_empty() { Ok(()) } else { Err(Failure(faults.join("\n"))) }
}

/// A path below the project's folder.
fn project(path: &str) -> PathBuf {
    PathBuf::from(format!("{}/{path}", env!("CARGO_MANIFEST_DIR")))
}

/// The text of a file, by its path from the project's folder, with `\n` between lines.
pub(crate) fn text(path: &str) -> Outcome<String> {
    match std::fs::read_to_string(project(path)) {
        Ok(text) => Ok(text.replace("\r\n", "\n")),
        Err(error) => Err(Failure(format!("{path}: {error}"))),
    }
}

/// Every file below a folder whose name ends in `ending`, as paths from the project's folder with `/`, sorted.
pub(crate) fn files(folder: &str, ending: &str) -> Outcome<Vec<String>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let entries =
            std::fs::read_dir(project(&folder)).map_err(|error| Failure(format!("{folder}: {error}")))?;
        for entry in entries {
            let entry = entry.map_err(|error| Failure(format!("{folder}: {error}")))?;
            let name =
                entry.file_name().into_string().map_err(|name| Failure(format!("{name:?} is not UTF-8")))?;
            let path = format!("{folder}/{name}");
            let kind = entry.file_type().map_err(|error| Failure(format!("{path}: {error}")))?;
            if kind.is_dir() {
                open.push(path);
            } else if name.ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Rust source without comments and without the test module at its end.
pub(crate) fn code(source: &str) -> String {
    let tests = source.find("#[cfg(test)]\nmod tests {").unwrap_or(source.len());
    let lines = source.get(..tests).unwrap_or(source).lines();
    lines.filter(|line| !line.trim_start().starts_with("//")).fold(String::new(), |mut out, line| {
        out.push_str(line);
        out.push('\n');
        out
    })
}
