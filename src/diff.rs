//! What two bound policies allow differently, each difference with a path that shows it.
//!
//! Answers change only at places that one of the policies names, so asking both about every such place, and about
//! a path below it that nobody names, finds every difference of rules and protected names. A pattern that only
//! one has is a difference by itself; a path that it matches shows it where one can be written down.

use crate::decide::{Access, Answer};
use crate::json;
use crate::policy::BoundPolicy;
use std::collections::BTreeSet;

/// One difference: a path that the two policies answer differently about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    path: String,
    access: Access,
    left: Answer,
    right: Answer,
}

impl Difference {
    /// A path that shows it.
    pub fn path(&self) -> &str {
        &self.path
    }
    /// The access that is answered differently.
    pub const fn access(&self) -> Access {
        self.access
    }
    /// What the first policy answers.
    pub const fn left(&self) -> Answer {
        self.left
    }
    /// What the second policy answers.
    pub const fn right(&self) -> Answer {
        self.right
    }

    /// The difference as one line of JSON.
    pub fn to_json(&self) -> String {
        json::object([
            ("path", self.path.as_str().into()),
            ("access", self.access.as_str().into()),
            ("left", self.left.as_str().into()),
            ("right", self.right.as_str().into()),
        ])
        .to_canonical()
    }
}

/// The differences between two policies, sorted by path.
///
/// ```
/// # use bindery::{Binder, Binding, Executor, Intent, Os, diff};
/// let executor = Executor::builder(Os::Linux, "build-7").workspace_root("app", "/srv/ws")?.build()?;
/// let bind = |access: &str| -> Result<_, Box<dyn std::error::Error>> {
///     let text = format!(r#"{{"permissions": {{"type": "managed", "network": "restricted", "file_system":
///         {{"type": "restricted", "entries": [{{"path": ":workspace_roots", "access": "{access}"}}]}}}}}}"#);
///     match Binder::new(&executor).bind(&Intent::from_json(text)?)? {
///         Binding::Restricted(policy) => Ok(policy),
///         other => Err(other.outcome().into()),
///     }
/// };
/// let found = diff(&bind("read")?, &bind("write")?);
/// assert!(found.iter().any(|d| d.path() == "/srv/ws"));
/// assert!(diff(&bind("read")?, &bind("read")?).is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn diff(left: &BoundPolicy, right: &BoundPolicy) -> Vec<Difference> {
    let mut paths: BTreeSet<String> = BTreeSet::new();
    for policy in [left, right] {
        let separator = policy.os().separator();
        let below = |base: &str, name: &str| {
            if base.ends_with(separator) {
                format!("{base}{name}")
            } else {
                format!("{base}{separator}{name}")
            }
        };
        let names: Vec<&str> = policy.protected_names().names().collect();
        let places = policy
            .rules()
            .iter()
            .map(|rule| &rule.place)
            .chain(policy.deny_patterns().iter().map(|pattern| &pattern.base));
        for place in places {
            for path in [place.path(), place.resolved()] {
                paths.insert(path.as_str().to_owned());
                paths.insert(below(path.as_str(), UNNAMED));
                paths.extend(names.iter().map(|name| below(path.as_str(), name)));
                paths.extend(names.iter().map(|name| below(&below(path.as_str(), UNNAMED), name)));
            }
        }
        for pattern in policy.deny_patterns() {
            if let Some(sample) = pattern.tail.as_ref().and_then(|tail| sample(tail.as_str())) {
                let sample: String = sample.chars().map(|c| if c == '/' { separator } else { c }).collect();
                paths.insert(below(pattern.base.path().as_str(), &sample));
            }
        }
    }
    let mut found = Vec::new();
    for path in paths {
        for access in [Access::Read, Access::Write] {
            let (a, b) = (left.decide(&path, access).answer(), right.decide(&path, access).answer());
            if a != b {
                found.push(Difference { path: path.clone(), access, left: a, right: b });
            }
        }
    }
    // What the place itself shows needs no made-up name below it.
    let shown: BTreeSet<(String, Access, Answer, Answer)> =
        found.iter().map(|d| (d.path.clone(), d.access, d.left, d.right)).collect();
    found.retain(|d| {
        let Some(at) = d.path.find(UNNAMED) else { return true };
        let place = d.path.get(..at).unwrap_or_default();
        let trimmed = place.strip_suffix(left.os().separator()).unwrap_or(place);
        ![place, trimmed]
            .iter()
            .any(|place| shown.contains(&((*place).to_owned(), d.access, d.left, d.right)))
    });
    found
}

/// A name that no policy is likely to hold; if one does, the place itself shows the difference.
const UNNAMED: &str = "bindery-unnamed";

/// A path that a tail matches, for the common shapes: globstars and stars are left out or become a letter, the
/// first alternative is taken. `None` where a class makes a guess necessary.
fn sample(tail: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = tail.chars().peekable();
    let mut depth = 0_u32;
    let mut skipping = 0_u32;
    while let Some(c) = chars.next() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth = depth.checked_sub(1)?;
                skipping = skipping.min(depth);
            }
            ',' if depth > 0 => skipping = if skipping == 0 { depth } else { skipping },
            _ if skipping > 0 => {}
            '*' if chars.peek() == Some(&'*') => {
                chars.next();
                match chars.peek() {
                    Some('/') => {
                        chars.next();
                    }
                    Some(_) | None => out.push('x'),
                }
            }
            '*' | '?' => out.push('x'),
            '[' => return None,
            '\\' => out.push(chars.next()?),
            c => out.push(c),
        }
    }
    (!out.is_empty()).then_some(out)
}
