//! Binding with a look at a recorded file system (semantics 5, and the decisions 0023 to 0025): where places really are,
//! and what follows from that. The slow way again: every place is walked by itself, every rule held against every other.
//!
//! It does not expand short names, and does not look where a query leads.

use crate::model::bind::{Bound, bind, bind_all};
use crate::model::path::{Keys, Mirror, Names, Path, System, join, may_be_short, mirror, native, within};
use crate::model::{Access, Pattern, Rule, World, at};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a recording says about one path.
struct Node {
    kind: String,
    identity: Option<(String, String)>,
    target: Option<String>,
    pointer: Option<String>,
}

struct Tree {
    system: System,
    complete: bool,
    nodes: BTreeMap<Path, Node>,
    volumes: Vec<(Path, String, String)>,
    hosts: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Exists {
        file: bool,
    },
    Missing,
    Dangling,
    Loop,
    Unreadable,
    /// Not looked at, because what is there is another place, or depends on who asks (N-7).
    Mirror,
}

/// Where a walk ended, and the links that it met: where each is, and where it leads if that is not a circle.
#[derive(Clone, Debug)]
struct Walk {
    real: Path,
    state: State,
    links: Vec<(Path, Option<Path>)>,
}

fn word<'v>(value: &'v Value, field: &str) -> Option<&'v str> {
    value.get(field).and_then(Value::as_str)
}

impl Tree {
    /// `None` for a recording that the model does not read.
    fn read(recording: &Value, facts: &Value) -> Option<Self> {
        let system = System::from_word(word(recording, "os")?)?;
        let mut nodes = BTreeMap::new();
        let mut volumes = Vec::new();
        let mut volume = |value: &Value| -> Option<()> {
            let fact = |field: &str| word(value, field).unwrap_or("unknown").to_owned();
            let root = native(system, word(value, "root")?)?;
            if !volumes.iter().any(|(other, _, _)| *other == root) {
                volumes.push((root, fact("case"), fact("normalization")));
            }
            Some(())
        };
        for value in at(recording, "volumes").as_array().into_iter().flatten() {
            volume(value)?;
        }
        for entry in at(recording, "entries").as_array()? {
            if at(entry, "volume").is_object() {
                volume(at(entry, "volume"))?;
            }
            let identity = at(entry, "identity").as_array();
            let node = Node {
                kind: word(entry, "kind").unwrap_or("unreadable").to_owned(),
                identity: identity.and_then(|pair| {
                    Some((pair.first()?.as_str()?.to_owned(), pair.get(1)?.as_str()?.to_owned()))
                }),
                target: word(entry, "target").map(str::to_owned),
                pointer: word(entry, "pointer").map(str::to_owned),
            };
            nodes.insert(native(system, word(entry, "path")?)?, node);
        }
        let hosts = at(facts, "unc_hosts").as_array().into_iter().flatten();
        let hosts = hosts.filter_map(|host| Some(host.as_str()?.to_ascii_lowercase())).collect();
        Some(Self { system, complete: *at(recording, "complete") == true, nodes, volumes, hosts })
    }

    /// What is at a path of which all but the last name is real.
    fn look(&self, path: &[String]) -> &str {
        let whoever_asks = [["proc", "self"], ["proc", "thread-self"]].iter().any(|own| path == own);
        if self.system == System::Linux && whoever_asks || mirror(self.system, path).is_some() {
            return "mirror";
        }
        match self.nodes.get(path) {
            Some(node) => &node.kind,
            None if self.nodes.keys().any(|listed| within(path, listed)) && self.complete => "directory",
            None if path.is_empty() => "directory",
            None if self.complete => "missing",
            None => "unreadable",
        }
    }

    /// A link's text as the directory that it starts from and the names that follow. `None`: it cannot be followed.
    fn target(&self, text: &str, directory: &[String]) -> Option<(Path, Path)> {
        let windows = self.system == System::Windows;
        let text = match text.strip_prefix(r"\??\") {
            Some(rest) if rest.starts_with(r"UNC\") => format!(r"\\?\{rest}"),
            Some(rest) if rest.get(1..3) == Some(r":\") => rest.to_owned(),
            Some(_) => return None,
            // What is stored is not read by the rules of a program: `/` is no separator there.
            None if windows && text.contains('/') => return None,
            None => text.to_owned(),
        };
        let text = text.as_str();
        if let Some(path) = native(self.system, text) {
            let top = usize::from(windows).min(path.len());
            let (root, rest) = path.split_at(top);
            if let Some(share) = root.first().and_then(|root| root.strip_prefix(r"\\")) {
                let host = share.split('\\').next().unwrap_or_default().to_owned();
                if !self.hosts.contains(&host) {
                    return None;
                }
            }
            return Some((root.to_vec(), rest.to_vec()));
        }
        let drive = text.get(1..2) == Some(":");
        if text.is_empty() || windows && (text.starts_with(['\\', '/']) || drive) {
            return None;
        }
        let separator = |c: char| c == '/' || windows && c == '\\';
        let names = text.split(separator).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        Some((directory.to_vec(), names))
    }

    /// Walks a path name by name; a link is replaced by what it says.
    fn walk(&self, path: &[String]) -> Walk {
        let top = usize::from(self.system == System::Windows).min(path.len());
        let (start, names) = path.split_at(top);
        // The names still to go, the last one first, each with the number of the link that it comes from.
        let mut left: Vec<(String, Option<usize>)> =
            names.iter().rev().map(|name| (name.clone(), None)).collect();
        let mut here = start.to_vec();
        let mut links: Vec<Path> = Vec::new();
        let end = |state: State, here: Path, left: &[(String, Option<usize>)], links: &[Path]| {
            let rest: Path = left.iter().rev().map(|(name, _)| name.clone()).collect();
            // Each link leads where what it says really is.
            let led = |link: &Path| (link.clone(), self.plain_walk(link, 0));
            Walk { real: join(&here, &rest), state, links: links.iter().map(led).collect() }
        };
        while let Some((name, from)) = left.pop() {
            if name == "." {
                continue;
            }
            if name == ".." {
                if here.len() > top {
                    here.pop();
                }
                continue;
            }
            let next = join(&here, std::slice::from_ref(&name));
            match self.look(&next) {
                "symlink" | "junction" => {
                    links.push(next.clone());
                    if links.len() > 40 {
                        links.sort();
                        links.dedup();
                        return end(State::Loop, next, &left, &links);
                    }
                    let text = self.nodes.get(&next).and_then(|node| node.target.as_deref());
                    let Some((directory, names)) = text.and_then(|text| self.target(text, &here)) else {
                        return end(State::Unreadable, next, &left, &links);
                    };
                    here = directory;
                    left.extend(names.into_iter().rev().map(|name| (name, Some(links.len()))));
                }
                "missing" => {
                    let state = if from.is_some() { State::Dangling } else { State::Missing };
                    return end(state, next, &left, &links);
                }
                "directory" | "mount_point" | "reparse_directory" => here = next,
                "unreadable" => return end(State::Unreadable, next, &left, &links),
                "mirror" => return end(State::Mirror, next, &left, &links),
                // A file, or something else that holds nothing.
                _ if left.iter().any(|(name, _)| name != ".") => {
                    return end(State::Unreadable, next, &left, &links);
                }
                kind => return end(State::Exists { file: kind != "reparse" }, next, &left, &links),
            }
        }
        end(State::Exists { file: false }, here, &left, &links)
    }

    /// Walks on where a mirror shows the whole tree again, for what is denied there is denied where it really is (O-4).
    fn walk_on(&self, path: &[String]) -> Walk {
        let mut walk = self.walk(path);
        for _ in 0..40 {
            let shown = mirror(self.system, &walk.real).filter(|_| walk.state == State::Mirror);
            let Some(Mirror::Shows(place)) = shown else { break };
            let before = std::mem::replace(&mut walk, self.walk(&place));
            walk.links.extend(before.links);
        }
        walk.links.sort();
        walk.links.dedup();
        walk
    }

    /// Where a path is, links followed; nowhere if they go in a circle.
    fn plain_walk(&self, path: &[String], depth: usize) -> Option<Path> {
        if depth > 40 {
            return None;
        }
        let top = usize::from(self.system == System::Windows).min(path.len());
        for length in top + 1..=path.len() {
            let (start, rest) = path.split_at(length);
            let (_, directory) = start.split_last()?;
            if self.look(start) == "mirror" {
                break;
            }
            if matches!(self.look(start), "symlink" | "junction") {
                let text = self.nodes.get(start).and_then(|node| node.target.as_deref())?;
                let (from, names) = self.target(text, directory)?;
                let mut to = from;
                for name in names {
                    match name.as_str() {
                        "." => {}
                        ".." => {
                            to = self.plain_walk(&to, depth + 1)?;
                            if to.len() > top {
                                to.pop();
                            }
                        }
                        _ => to.push(name),
                    }
                }
                return self.plain_walk(&join(&to, rest), depth + 1);
            }
        }
        Some(path.to_vec())
    }

    fn identity(&self, real: &[String]) -> Option<&(String, String)> {
        self.nodes.get(real).and_then(|node| node.identity.as_ref())
    }
}

/// The places that the facts and the request name of themselves; a symbol's places count with the entry that has it.
fn named(intent: &Value, facts: &Value, system: System) -> Vec<Path> {
    let mut all: Vec<Path> = Vec::new();
    let texts = |value: &Value| -> Vec<String> {
        match value {
            Value::String(text) => vec![text.clone()],
            Value::Array(list) => list
                .iter()
                .filter_map(|item| item.as_str().or_else(|| word(item, "path")).map(str::to_owned))
                .collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
        }
    };
    for field in ["workspace_roots", "cwd", "home", "temp_dirs"] {
        all.extend(texts(at(facts, field)).iter().filter_map(|text| native(system, text)));
    }
    let context = match intent.get("policyContext") {
        Some(context) if !context.is_null() => context,
        _ => intent,
    };
    let requested = ["workspaceRoots", "cwd"].map(|field| texts(at(context, field)));
    let requested = requested
        .into_iter()
        .chain(["temporaryDirectories", "userHomeDir"].map(|field| texts(at(intent, field))));
    for text in requested.flatten() {
        let entries = json!([{"path": text, "access": "deny"}]);
        all.extend(places(&with_entries(intent, entries), facts, true));
    }
    all
}

fn with_entries(intent: &Value, entries: Value) -> Value {
    let mut intent = intent.clone();
    if let Some(list) = intent.pointer_mut("/permissions/file_system/entries") {
        *list = entries;
    }
    intent
}

/// The places of a bound intent; none if it is refused. Asked for one place alone, without what is requested around it.
fn places(intent: &Value, facts: &Value, alone: bool) -> Vec<Path> {
    let mut intent = intent.clone();
    if alone {
        for field in ["workspaceRoots", "cwd", "policyContext", "temporaryDirectories", "userHomeDir"] {
            if let Some(fields) = intent.as_object_mut() {
                fields.remove(field);
            }
        }
    }
    match bind(&intent, facts) {
        Some(Bound::Restricted(world)) => {
            let rules = world.rules.iter().map(|rule| rule.place.clone());
            rules.chain(world.patterns.iter().map(|pattern| pattern.base.clone())).collect()
        }
        _ => Vec::new(),
    }
}

/// The facts with what was seen: volumes, and every link that was met as another name of where it leads.
fn facts_with(facts: &Value, tree: &Tree, walks: &[Walk]) -> Value {
    let mut facts = facts.clone();
    let names = Names::new(tree.system, Vec::new(), Vec::new());
    let show = |path: &Path| names.show(path);
    let mut aliases: Vec<Value> = at(&facts, "aliases").as_array().cloned().unwrap_or_default();
    // A way that goes in a circle tells nothing.
    let led = walks.iter().filter(|walk| walk.state != State::Loop).flat_map(|walk| &walk.links);
    let mut met: Vec<(&Path, &Path)> = led.filter_map(|(from, to)| Some((from, to.as_ref()?))).collect();
    met.sort();
    met.dedup();
    for (from, to) in met.into_iter().filter(|(from, to)| !within(from, to)) {
        // What was seen counts for more than what was given.
        aliases.retain(|alias| word(alias, "from") != Some(&show(from)));
        aliases.push(json!({"from": show(from), "to": show(to)}));
    }
    let mut volumes: Vec<Value> = at(&facts, "volumes").as_array().cloned().unwrap_or_default();
    for (root, case, normalization) in &tree.volumes {
        let touched = walks.iter().any(|walk| within(root, &walk.real));
        if !touched {
            continue;
        }
        let path = show(root);
        let given = volumes.iter().position(|volume| word(volume, "path") == Some(&path));
        // What differs is not known; what was not seen is as it was given.
        let both = |seen: &str, given: Option<&str>| match given {
            None | Some("unknown") => seen.to_owned(),
            Some(given) if seen == "unknown" || seen == given => given.to_owned(),
            Some(_) => "unknown".to_owned(),
        };
        let old = given.map(|at| volumes.remove(at));
        let of = |field: &str| old.as_ref().and_then(|old| word(old, field)).map(str::to_owned);
        let (case, normalization) =
            (both(case, of("case").as_deref()), both(normalization, of("normalization").as_deref()));
        volumes.push(json!({"path": path, "case": case, "normalization": normalization}));
    }
    if let Some(fields) = facts.as_object_mut() {
        fields.insert("aliases".to_owned(), Value::Array(aliases));
        fields.insert("volumes".to_owned(), Value::Array(volumes));
    }
    facts
}

/// What is said at a place by the deepest rules above it, those of `but` left out.
fn level(world: &World, rules: &[usize], place: &Keys, wide: bool) -> Option<Access> {
    let depth = |rule: &Rule| {
        let exact = rule.keys.first().filter(|keys| within(&keys.exact, &place.exact)).map(Keys::depth);
        if wide {
            let holds = |keys: &&Keys| world.names.wide_within(&keys.wide, &place.wide);
            rule.keys.iter().filter(holds).map(Keys::depth).max().max(exact)
        } else {
            exact
        }
    };
    let strength = |access: Access| match access {
        Access::Deny => 3,
        Access::Write => 2,
        Access::Read => 1,
    };
    let of = |index: &usize| {
        world.rules.get(*index).and_then(|rule| Some((depth(rule)?, strength(rule.access), rule.access)))
    };
    rules
        .iter()
        .filter_map(of)
        .max_by_key(|(depth, strength, _)| (*depth, *strength))
        .map(|(_, _, access)| access)
}

/// Binds with a look at a recording. `None` where the model does not say.
pub(crate) fn bind_observed(intent: &Value, facts: &Value, recording: &Value) -> Option<Bound> {
    let tree = Tree::read(recording, facts)?;
    // Everything that is named is walked; where an alias is given, also what it leads to.
    let mut named = named(intent, facts, tree.system);
    let entries = intent.pointer("/permissions/file_system/entries")?.as_array()?;
    for entry in entries {
        // As a denial nothing is refused for being a hazard; the places are the same.
        let mut denial = entry.clone();
        if let Some(fields) = denial.as_object_mut() {
            fields.insert("access".to_owned(), json!("deny"));
        }
        for one in [entry.clone(), denial] {
            named.extend(places(&with_entries(intent, json!([one])), facts, false));
        }
    }
    if named.iter().flatten().any(|name| tree.system == System::Windows && may_be_short(name)) {
        return None;
    }
    let given = Names::new(tree.system, Vec::new(), aliases_of(facts, tree.system));
    named.extend(named.clone().iter().map(|place| given.follow(place, false)));
    let mut walks: Vec<Walk> = named.iter().map(|place| tree.walk_on(place)).collect();
    // Protected names are looked at, too, and what they lead to is known from then on.
    if let Some(Bound::Restricted(world)) = bind(intent, &facts_with(facts, &tree, &walks)) {
        let writes = world.rules.iter().filter(|rule| rule.access == Access::Write && !world.full_write());
        for root in writes.map(|rule| tree.walk(&rule.place).real) {
            walks.extend(
                world.protected.iter().map(|name| tree.walk_on(&join(&root, std::slice::from_ref(name)))),
            );
        }
    }
    let seen = facts_with(facts, &tree, &walks);
    let mut refused: Vec<(String, Vec<&'static str>)> = Vec::new();
    let mut numbers: Vec<usize> = (0..entries.len()).collect();
    let mut world = match bind_all(intent, &seen)? {
        Bound::Restricted(world) => *world,
        Bound::Other(outcome) => return Some(Bound::Other(outcome)),
        // The other entries are looked at all the same, so that everything is told at once.
        Bound::Refused(known) => {
            let number =
                |pointer: &str| pointer.split("/entries/").nth(1)?.split('/').next()?.parse::<usize>().ok();
            numbers.retain(|at| !known.iter().any(|(pointer, _)| number(pointer) == Some(*at)));
            refused = known;
            let others: Vec<Value> = numbers.iter().filter_map(|at| entries.get(*at)).cloned().collect();
            match bind_all(&with_entries(intent, Value::Array(others)), &seen)? {
                Bound::Restricted(world) => *world,
                // What is wrong is no entry's fault, and nothing more is asked of the others.
                Bound::Refused(_) => return Some(Bound::Refused(refused)),
                Bound::Other(_) => return None,
            }
        }
    };
    let walked: Vec<Walk> = world.rules.iter().map(|rule| walk_of(&tree, rule)).collect();
    // O-3: a link in a place that may be written is followed only if that adds nothing.
    let all: Vec<usize> = (0..world.rules.len()).collect();
    let crosses = |walk: &Walk| {
        walk.links.iter().any(|(link, _)| {
            let Some((_, directory)) = link.split_last() else { return false };
            let keys = as_written(&world.names, directory);
            [true, false].iter().any(|wide| level(&world, &all, &keys, *wide) == Some(Access::Write))
        })
    };
    let denies = |at: &usize| world.rules.get(*at).is_some_and(|rule| rule.access == Access::Deny);
    let plain = |at: &usize| denies(at) || walked.get(*at).is_some_and(|walk| !crosses(walk));
    let plain: Vec<usize> = all.iter().copied().filter(plain).collect();
    for number in numbers {
        let Some(entry) = entries.get(number) else { continue };
        // Each by itself, so that a place of which a stronger word holds is not forgotten.
        let Some(Bound::Restricted(alone)) = bind(&with_entries(intent, json!([entry])), &seen) else {
            continue;
        };
        for rule in alone.rules.iter().filter(|rule| rule.access != Access::Deny) {
            let walk = tree.walk(&rule.place);
            let without = level(&world, &plain, &as_written(&world.names, &walk.real), false);
            let adds = match rule.access {
                Access::Write => without != Some(Access::Write),
                Access::Read | Access::Deny => !matches!(without, Some(Access::Write | Access::Read)),
            };
            let codes = match walk.state {
                State::Dangling => vec!["grant_dangling", "crosses_writable_link"],
                State::Loop => vec!["grant_loop", "crosses_writable_link"],
                State::Unreadable => vec!["grant_unreadable", "crosses_writable_link"],
                // By its name alone it can be granted.
                State::Mirror if !walk.links.is_empty() => vec!["grant_unreadable", "crosses_writable_link"],
                State::Exists { .. } | State::Missing if adds && crosses(&walk) => {
                    vec!["crosses_writable_link"]
                }
                State::Exists { .. } | State::Missing | State::Mirror => continue,
            };
            refused.push((format!("{}/{number}", world.pointer), codes));
        }
    }
    if !refused.is_empty() {
        return Some(Bound::Refused(refused));
    }
    one_object(&mut world, &walked, &tree, facts);
    files(&mut world, &tree);
    world.silence();
    let walked: Vec<Walk> = world.rules.iter().map(|rule| walk_of(&tree, rule)).collect();
    twins(&mut world, &walked, &tree);
    links_of_denials(&mut world, &walked, &tree);
    led_protected(&mut world, &tree);
    files(&mut world, &tree);
    Some(Bound::Restricted(Box::new(world)))
}

fn aliases_of(facts: &Value, system: System) -> Vec<(Path, Path)> {
    let list = at(facts, "aliases").as_array().into_iter().flatten();
    list.filter_map(|alias| {
        Some((native(system, word(alias, "from")?)?, native(system, word(alias, "to")?)?))
    })
    .collect()
}

/// The keys of a path by the way it is spelled, no alias followed.
fn as_written(names: &Names, path: &[String]) -> Keys {
    Keys { written: path.to_vec(), exact: names.exact(path), wide: names.wide(path) }
}

fn walk_of(tree: &Tree, rule: &Rule) -> Walk {
    if rule.access == Access::Deny { tree.walk_on(&rule.place) } else { tree.walk(&rule.place) }
}

/// O-5: of rules on one object under names that are not one place by the facts alone, the strictest holds.
fn one_object(world: &mut World, walked: &[Walk], tree: &Tree, facts: &Value) {
    let given = Names::new(tree.system, Vec::new(), aliases_of(facts, tree.system));
    let object = |at: usize| -> Option<(Option<(String, String)>, Path)> {
        let walk = walked.get(at)?;
        let identity = tree.identity(&walk.real).cloned();
        let place = if identity.is_some() { Path::new() } else { world.names.exact(&walk.real) };
        Some((identity, place))
    };
    let strict = |access: Access| match access {
        Access::Deny => 3,
        Access::Read => 2,
        Access::Write => 1,
    };
    let mut found = Vec::new();
    for (one, rule) in world.rules.iter().enumerate() {
        let others = world.rules.iter().enumerate().filter(|(two, other)| {
            let names =
                [&rule.place, &other.place].map(|place| world.names.exact(&given.follow(place, false)));
            object(one) == object(*two) && names.first() != names.last()
        });
        let strictest = others.map(|(_, other)| other.access).max_by_key(|access| strict(*access));
        found.push(strictest.filter(|access| strict(*access) > strict(rule.access)));
    }
    for (rule, access) in world.rules.iter_mut().zip(found) {
        rule.access = access.unwrap_or(rule.access);
    }
}

/// A directory that has two names shows one tree twice: what is taken away below one name is taken away below the other.
fn twins(world: &mut World, walked: &[Walk], tree: &Tree) {
    let all: Vec<usize> = (0..world.rules.len()).collect();
    let top = usize::from(tree.system == System::Windows);
    let mut directories: Vec<Path> = Vec::new();
    let bases: Vec<Path> = world.patterns.iter().map(|pattern| tree.walk_on(&pattern.base).real).collect();
    for real in walked.iter().map(|walk| &walk.real).chain(&bases) {
        directories
            .extend((top..=real.len()).filter_map(|length| real.get(..length)).map(<[String]>::to_vec));
    }
    let others = |real: &Path| -> Vec<Path> {
        let mut found = Vec::new();
        for length in top..=real.len() {
            let (above, rest) = real.split_at(length);
            let Some(identity) = tree.identity(above) else { continue };
            let same =
                directories.iter().filter(|other| *other != above && tree.identity(other) == Some(identity));
            found.extend(same.map(|other| join(other, rest)));
        }
        found
    };
    let mut added = Vec::new();
    for (rule, walk) in world.rules.iter().zip(walked).filter(|(rule, _)| rule.access != Access::Write) {
        for place in others(&walk.real) {
            let said = level(world, &all, &as_written(&world.names, &place), false);
            let takes = match rule.access {
                Access::Deny => matches!(said, Some(Access::Read | Access::Write)),
                Access::Read | Access::Write => said == Some(Access::Write),
            };
            if takes {
                let keys = world.names.all_keys(&place);
                added.push(Rule { access: rule.access, place, keys, entry: rule.entry, alone: false });
            }
        }
    }
    world.rules.extend(added);
    let mut patterns = Vec::new();
    for (pattern, real) in world.patterns.iter().zip(&bases) {
        for base in others(real) {
            let keys = world.names.all_keys(&base);
            patterns.push(Pattern { base, keys, tail: pattern.tail.clone(), entry: pattern.entry });
        }
    }
    world.patterns.extend(patterns);
}

/// O-4: a link on the way to a denied place cannot be replaced; what else it leads to stays as it is.
fn links_of_denials(world: &mut World, walked: &[Walk], tree: &Tree) {
    let rules = world.rules.iter().zip(walked).filter(|(rule, _)| rule.access == Access::Deny);
    let rules = rules.map(|(rule, walk)| (rule.entry, walk.clone()));
    let patterns = world.patterns.iter().map(|pattern| (pattern.entry, tree.walk_on(&pattern.base)));
    let mut added = Vec::new();
    let all: Vec<usize> = (0..world.rules.len()).collect();
    for (entry, walk) in rules.chain(patterns) {
        for (link, _) in &walk.links {
            let keys = vec![as_written(&world.names, link)];
            if keys.iter().all(|keys| level(world, &all, keys, false) != Some(Access::Write)) {
                continue;
            }
            added.push(Rule { access: Access::Read, place: link.clone(), keys, entry, alone: true });
        }
    }
    world.rules.extend(added);
}

/// D-4 and O-7: what a protected name leads to, and the repository that a `.git` file names, is not writable.
fn led_protected(world: &mut World, tree: &Tree) {
    if world.full_write() {
        return;
    }
    let all: Vec<usize> = (0..world.rules.len()).collect();
    let writes = world.rules.iter().filter(|rule| rule.access == Access::Write);
    let roots: Vec<(Path, usize)> = writes.map(|rule| (tree.walk(&rule.place).real, rule.entry)).collect();
    let mut added = Vec::new();
    for (root, entry) in roots {
        for name in &world.protected {
            let place = join(&root, std::slice::from_ref(name));
            let walk = tree.walk_on(&place);
            // Where it is not known where a link leads, nothing is there to be protected.
            let known = matches!(walk.state, State::Exists { .. } | State::Missing | State::Dangling);
            let mut leads = if walk.real != place && known { vec![walk.real.clone()] } else { Vec::new() };
            // At any depth `.git` is protected wherever the pointer leads, too.
            if name == ".git" && !world.any_depth {
                leads.extend(repository(tree, &root, &walk.real));
            }
            for led in leads {
                let keys = as_written(&world.names, &led);
                let writable = level(world, &all, &keys, true) == Some(Access::Write)
                    || level(world, &all, &keys, false) == Some(Access::Write);
                let own = |rule: &Rule| {
                    rule.access != Access::Deny && rule.keys.iter().any(|own| own.exact == keys.exact)
                };
                let open = writable && world.protectors(&keys).is_empty();
                if open && !within(&led, &root) && !world.rules.iter().any(own) {
                    let keys = world.names.all_keys(&led);
                    added.push(Rule { access: Access::Read, place: led, keys, entry, alone: false });
                }
            }
        }
    }
    world.rules.extend(added);
}

/// The directories that a `.git` file names: the one it points to, and the one that this shares with others.
fn repository(tree: &Tree, root: &[String], file: &[String]) -> Vec<Path> {
    let named = |from: &[String], text: &str| {
        let (start, names) = tree.target(text.trim(), from)?;
        let mut path = start;
        for name in names {
            match name.as_str() {
                "." => {}
                ".." => {
                    path = tree.walk(&path).real;
                    path.pop();
                }
                _ => path.push(name),
            }
        }
        Some(tree.walk_on(&path).real)
    };
    let pointer = |path: &[String]| tree.nodes.get(path).and_then(|node| node.pointer.clone());
    let Some(text) = pointer(file).and_then(|text| Some(text.strip_prefix("gitdir:")?.to_owned())) else {
        return Vec::new();
    };
    let Some(directory) = named(root, &text) else { return Vec::new() };
    let common =
        pointer(&join(&directory, &["commondir".to_owned()])).and_then(|text| named(&directory, &text));
    std::iter::once(directory).chain(common).collect()
}

/// A file that is granted is that file and nothing below its name; what narrows is what takes its place, too.
fn files(world: &mut World, tree: &Tree) {
    let all: Vec<usize> = (0..world.rules.len()).collect();
    let is_file = |rule: &Rule| tree.walk(&rule.place).state == State::Exists { file: true };
    let mut found = Vec::new();
    for (at, rule) in world.rules.iter().enumerate() {
        let around: Vec<usize> = all.iter().copied().filter(|other| *other != at).collect();
        let in_writable =
            rule.keys.first().and_then(|keys| level(world, &around, keys, true)) == Some(Access::Write);
        let narrows = rule.access == Access::Deny || rule.access == Access::Read && in_writable;
        found.push(rule.alone || is_file(rule) && !narrows);
    }
    for (rule, alone) in world.rules.iter_mut().zip(found) {
        rule.alone = alone;
    }
}
