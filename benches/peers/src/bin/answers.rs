//! Asks everyone the same questions and prints, as JSON, who says what.

use bindery_peers::{PEERS, Peer, Policy, Rule};
use serde_json::{Map, Value, json};

/// Entries, of a machine with one root.
const PLACES: [(&str, Rule); 9] = [
    ("/", Rule::Read),
    ("/srv/agent/ws", Rule::Write),
    ("/srv/agent/ws/docs", Rule::Read),
    ("/srv/agent/ws/docs/drafts", Rule::Write),
    ("/srv/agent/ws/secret", Rule::Deny),
    ("/srv/agent/ws/secret/open", Rule::Read),
    ("/srv/agent/ws/sam[1]", Rule::Read),
    ("/home/dev/.ssh", Rule::Deny),
    ("/etc/shadow", Rule::Deny),
];
const PATTERNS: [(&str, &str); 3] =
    [("/srv/agent/ws", "**/.env"), ("/srv/agent/ws", "**/keys"), ("/srv/agent/ws", "**/*.{pem,key}")];

/// What a question is about, its path, and whether it asks to write.
const QUESTIONS: [(&str, &str, bool); 24] = [
    ("a file in a writable place", "/srv/agent/ws/src/main.rs", true),
    ("the place itself", "/srv/agent/ws", true),
    ("a place whose name only begins alike", "/srv/agent/ws2/x", true),
    ("outside, for writing", "/opt/tool/x", true),
    ("outside, for reading", "/opt/tool/x", false),
    ("a narrowed place, for writing", "/srv/agent/ws/docs/a", true),
    ("a narrowed place, for reading", "/srv/agent/ws/docs/a", false),
    ("widened again below the narrowing", "/srv/agent/ws/docs/drafts/a", true),
    ("a denied place", "/srv/agent/ws/secret/a", false),
    ("opened again below the denial", "/srv/agent/ws/secret/open/a", false),
    ("a denied place elsewhere", "/home/dev/.ssh/id", false),
    ("a pattern's file", "/srv/agent/ws/a/.env", false),
    ("below what a pattern matches", "/srv/agent/ws/a/keys/id", false),
    ("a pattern with braces", "/srv/agent/ws/a/b.pem", false),
    ("a name that is not hidden by a pattern", "/srv/agent/ws/a/.envrc", false),
    ("a dotfile in a writable place", "/srv/agent/ws/.eslintrc", true),
    ("a protected name", "/srv/agent/ws/.git/hooks/pre-commit", true),
    ("a protected name, for reading", "/srv/agent/ws/.git/config", false),
    ("a name with brackets", "/srv/agent/ws/sam[1]/a", true),
    ("the name that the brackets would match", "/srv/agent/ws/sam1/a", true),
    ("`..` into a denied place", "/srv/agent/ws/src/../secret/a", false),
    ("`..` out of a writable place", "/srv/agent/ws/../other/a", true),
    ("doubled separators", "/srv//agent/ws//secret/a", false),
    ("a relative path", "srv/agent/ws/src/main.rs", true),
];

fn policy() -> Policy {
    let word = |rule: Rule| match rule {
        Rule::Read => "read",
        Rule::Write => "write",
        Rule::Deny => "deny",
    };
    let places = PLACES.map(|(place, rule)| {
        let uri = place.replace('[', "%5B").replace(']', "%5D");
        json!({"path": format!("file://{uri}"), "access": word(rule)})
    });
    let patterns =
        PATTERNS.map(|(base, tail)| json!({"path": {"glob": format!("{base}/{tail}")}, "access": "deny"}));
    let entries: Vec<Value> = places.into_iter().chain(patterns).collect();
    let intent = json!({"permissions": {"type": "managed", "network": "restricted",
        "file_system": {"type": "restricted", "entries": entries}}});
    let executor = json!({"schema": "bindery.executor/1", "id": "bench", "os": "linux",
        "volumes": [{"path": "/", "case": "sensitive", "normalization": "preserving"}]});
    Policy {
        places: PLACES.map(|(place, rule)| (place.to_owned(), rule)).to_vec(),
        patterns: PATTERNS.map(|(base, tail)| (base.to_owned(), tail.to_owned())).to_vec(),
        intent: intent.to_string(),
        executor: executor.to_string(),
    }
}

fn main() {
    let policy = policy();
    let peers: Vec<(&str, Box<dyn Peer>)> =
        PEERS.into_iter().map(|(name, make)| (name, make(&policy))).collect();
    let rows: Vec<Value> = QUESTIONS
        .into_iter()
        .map(|(about, path, write)| {
            let answers: Map<String, Value> = peers
                .iter()
                .map(|(name, peer)| {
                    let said = if peer.allows(path, write) { "allow" } else { "deny" };
                    ((*name).to_owned(), json!(said))
                })
                .collect();
            json!({"about": about, "path": path, "access": if write { "write" } else { "read" }, "answers": answers})
        })
        .collect();
    let names: Vec<&str> = PEERS.iter().map(|(name, _)| *name).collect();
    println!("{:#}", json!({"peers": names, "questions": rows}));
}
