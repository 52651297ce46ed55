//! Crates and habits that answer "may this path be read or written", behind one door.
//!
//! Each is built from the same list of absolute places, as far as it can say them, and asked the same questions. What
//! it cannot say is left out of it, which shows in its answers. All of them judge paths of the system they run on.

mod deno;
mod nono_caps;
mod prefixes;
mod scope;

use bindery::{Access, Binder, BoundPolicy, Executor, Intent};
use bindery_bench::world::{World, restricted};

/// What an entry says of its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    Read,
    Write,
    Deny,
}

/// A policy as a list: absolute places, and deny patterns that hang on a place.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    pub places: Vec<(String, Rule)>,
    /// A base and a tail.
    pub patterns: Vec<(String, String)>,
    /// The same for bindery: the request and the facts, as JSON.
    pub intent: String,
    pub executor: String,
}

/// Whoever answers.
pub trait Peer {
    /// May the path be read (written)?
    fn allows(&self, path: &str, write: bool) -> bool;
}

/// A peer's name, and how it is made of a policy.
pub type Maker = (&'static str, fn(&Policy) -> Box<dyn Peer>);

/// Everyone who is asked, bindery first.
pub const PEERS: [Maker; 5] = [
    ("bindery", |policy| Box::new(Bindery::new(policy))),
    ("deno_permissions", |policy| Box::new(deno::Deno::new(policy))),
    ("nono", |policy| Box::new(nono_caps::Nono::new(policy))),
    ("tauri scope (on glob)", |policy| Box::new(scope::Scope::new(policy))),
    ("globset + prefixes", |policy| Box::new(prefixes::Prefixes::new(policy))),
];

struct Bindery(BoundPolicy);

impl Bindery {
    fn new(policy: &Policy) -> Self {
        let executor = Executor::from_json(policy.executor.as_bytes()).expect("the facts are valid");
        let intent = Intent::from_json(&policy.intent).expect("the request is valid");
        Self(restricted(Binder::new(&executor).bind(&intent).expect("it binds")))
    }
}

impl Peer for Bindery {
    fn allows(&self, path: &str, write: bool) -> bool {
        self.0.decide(path, if write { Access::Write } else { Access::Read }).is_allowed()
    }
}

impl Policy {
    /// A world's policy, symbols replaced by their places.
    pub fn of(world: World) -> Self {
        let mut out =
            Self { intent: world.intent_json(), executor: world.executor_json(), ..Self::default() };
        for (path, access) in world.entries() {
            let rule = match access {
                "read" => Rule::Read,
                "write" => Rule::Write,
                _ => Rule::Deny,
            };
            if let Some(pattern) = path.strip_prefix("glob::workspace_roots/") {
                out.patterns.extend((0..world.roots).map(|root| (world.below(root, ""), pattern.to_owned())));
            } else if let Some(rest) = path.strip_prefix(":workspace_roots") {
                out.places.extend((0..world.roots).map(|root| (world.below(root, rest), rule)));
            } else if let Some(place) = path.strip_prefix("file://") {
                out.places.push((place.to_owned(), rule));
            } else {
                let place = match path.as_str() {
                    ":root" => "/",
                    ":slash_tmp" => "/tmp/nothing-is-there",
                    _ => "/tmp/run-1",
                };
                out.places.push((place.to_owned(), rule));
            }
        }
        out
    }
}
