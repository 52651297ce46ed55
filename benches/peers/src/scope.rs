//! A scope as Tauri's file system scope judges: sets of `glob` patterns, some allowed and some forbidden, each tried in
//! turn; forbidden wins, at any depth. Written anew on the `glob` crate, because `tauri` itself needs GTK's libraries to
//! be built. One scope for reading and one for writing, as its plugin has one for each command.

use crate::{Peer, Policy, Rule};
use glob::{MatchOptions, Pattern};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

#[derive(Default)]
struct Patterns {
    allowed: HashSet<Pattern>,
    forbidden: HashSet<Pattern>,
}

pub struct Scope {
    read: Patterns,
    write: Patterns,
}

/// A directory and everything below it.
fn tree(place: &str) -> [Pattern; 2] {
    let escaped = Pattern::escape(place);
    let below = if place.ends_with('/') { format!("{escaped}**") } else { format!("{escaped}/**") };
    [escaped, below].map(|text| Pattern::new(&text).expect("an escaped path is a pattern"))
}

impl Scope {
    pub fn new(policy: &Policy) -> Self {
        let mut scope = Self { read: Patterns::default(), write: Patterns::default() };
        for (place, rule) in &policy.places {
            match rule {
                Rule::Read => {
                    scope.read.allowed.extend(tree(place));
                    if place != "/" {
                        scope.write.forbidden.extend(tree(place));
                    }
                }
                Rule::Write => {
                    scope.read.allowed.extend(tree(place));
                    scope.write.allowed.extend(tree(place));
                }
                Rule::Deny => {
                    scope.read.forbidden.extend(tree(place));
                    scope.write.forbidden.extend(tree(place));
                }
            }
        }
        for (base, tail) in &policy.patterns {
            // What its dialect does not know, braces, it takes literally.
            if let Ok(pattern) = Pattern::new(&format!("{}/{tail}", Pattern::escape(base))) {
                scope.read.forbidden.insert(pattern.clone());
                scope.write.forbidden.insert(pattern);
            }
        }
        scope
    }
}

impl Peer for Scope {
    fn allows(&self, path: &str, write: bool) -> bool {
        let options = MatchOptions {
            require_literal_separator: true,
            require_literal_leading_dot: true,
            ..MatchOptions::default()
        };
        let patterns = if write { &self.write } else { &self.read };
        // Where the path really is, if it exists.
        let path = Path::new(path);
        let path =
            if path.is_symlink() { std::fs::read_link(path).unwrap_or_default() } else { path.to_path_buf() };
        let path = if path.exists() { path.canonicalize().unwrap_or(path) } else { path };
        let path: PathBuf = path.components().collect();
        let any =
            |set: &HashSet<Pattern>| set.iter().any(|pattern| pattern.matches_path_with(&path, options));
        !any(&patterns.forbidden) && any(&patterns.allowed)
    }
}
