//! Paths as lists of names, and the two keys under which names are compared (semantics 3).
//!
//! A path is a `Vec<String>`. On POSIX `/` is the empty list. On Windows the empty list is the whole namespace
//! (`\\?\`), and the first name of everything else is its drive (`C:\`) or its share (`\\host\share`).

use unicode_normalization::UnicodeNormalization as _;

pub(crate) type Path = Vec<String>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum System {
    Linux,
    Macos,
    Windows,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// Two spellings are two names.
    Apart,
    /// Two spellings are one name.
    Same,
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    case: Known,
    normalization: Known,
}

pub(crate) struct Volume {
    pub(crate) path: Path,
    pub(crate) case: Known,
    pub(crate) normalization: Known,
}

/// What is needed to compare paths: volumes and aliases.
pub(crate) struct Names {
    pub(crate) system: System,
    volumes: Vec<(Path, [Wide; 2], Rule)>,
    aliases: Vec<Alias>,
}

/// One place has two names; the keys are those of the names as they are written.
struct Alias {
    from: Path,
    from_keys: Keys,
    to: Path,
    to_keys: Keys,
}

/// A path under both keys. The alias that leads away from a spelling is already followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Keys {
    /// The spelling.
    pub(crate) written: Path,
    /// Where that really is, as exact names.
    pub(crate) exact: Path,
    /// What the path may be under the wide key: as it is spelled, and with a name that is only spelled a little
    /// unlike a volume taken for that volume. A denial matches by either.
    pub(crate) wide: [Wide; 2],
}

/// One reading under the wide key: the names, and what the directory of each, and of one more below, keeps apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wide {
    pub(crate) names: Path,
    pub(crate) directories: Vec<Rule>,
}

impl Wide {
    /// What the directory of the name at `at` makes of a text.
    pub(crate) fn fold(&self, at: usize, text: &str) -> String {
        self.directories.get(at).map_or_else(|| text.to_owned(), |rule| wide_name(System::Linux, *rule, text))
    }
}

impl Keys {
    pub(crate) fn depth(&self) -> usize {
        {
            let [wide, _] = &self.wide;
            wide.names.len()
        }
    }
}

/// Whether `outer` is `inner` or a directory above it, by whole names.
pub(crate) fn within(outer: &[String], inner: &[String]) -> bool {
    inner.starts_with(outer)
}

pub(crate) fn join(base: &[String], rest: &[String]) -> Path {
    base.iter().chain(rest).cloned().collect()
}

pub(crate) fn ascii(name: &str) -> String {
    name.to_ascii_lowercase()
}

fn decompose(name: &str) -> String {
    name.nfd().collect()
}

/// Full case folding, and what some file systems take for the same besides.
fn fold_fully(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        match c {
            'ı' => out.push('i'),
            // Characters that HFS+ leaves out of a comparison.
            '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}' => {}
            other => out.push_str(&folded(other)),
        }
    }
    out
}

fn folded(c: char) -> String {
    unicase::UniCase::unicode(c.to_string()).to_folded_case()
}

/// The part of a Windows name that the file system looks at: no stream, no trailing dots and blanks.
fn without_tail(name: &str) -> &str {
    let name = name.split(':').next().unwrap_or(name);
    name.trim_end_matches(['.', ' '])
}

/// `PROGRA~1`: this may be another name of anything.
pub(crate) fn may_be_short(name: &str) -> bool {
    let bytes = name.as_bytes();
    bytes.iter().zip(bytes.iter().skip(1)).any(|(a, b)| *a == b'~' && b.is_ascii_digit())
}

fn exact_name(rule: Rule, name: &str) -> String {
    // One to one, and no character that some file systems keep apart from its like (Kelvin sign, long s, sharp s).
    let fold = |c: char| {
        let (folded, kept) = (folded(c), matches!(c, '\u{212a}' | '\u{212b}' | '\u{2126}'));
        let mut one = folded.chars();
        match (one.next(), one.next()) {
            (Some(lower), None) if c.is_uppercase() && !kept => lower,
            _ => c,
        }
    };
    let name = if rule.case == Known::Same { name.chars().map(fold).collect() } else { name.to_owned() };
    // HFS+ leaves some characters composed that have a decomposition, so those are kept apart for grants.
    let composed = |c: &char| ('\u{2000}'..='\u{2fff}').contains(c);
    if rule.normalization != Known::Same || name.chars().any(|c| composed(&c)) {
        name
    } else {
        decompose(&name)
    }
}

pub(crate) fn wide_name(system: System, rule: Rule, name: &str) -> String {
    let name = if system == System::Windows { without_tail(name) } else { name };
    if rule.case != Known::Apart {
        decompose(&fold_fully(&decompose(name)))
    } else if rule.normalization != Known::Apart {
        decompose(name)
    } else {
        name.to_owned()
    }
}

impl Names {
    pub(crate) fn new(system: System, mut volumes: Vec<Volume>, mut aliases: Vec<(Path, Path)>) -> Self {
        if system == System::Macos {
            let split = |text: &str| text.split('/').map(str::to_owned).collect::<Path>();
            for name in ["tmp", "var", "etc"] {
                aliases.push((split(name), split(&format!("private/{name}"))));
            }
            for name in
                ["Applications", "Library", "Users", "Volumes", "private", "opt", "cores", "usr/local"]
            {
                aliases.push((split(&format!("System/Volumes/Data/{name}")), split(name)));
            }
        }
        let mut names = Self { system, volumes: Vec::new(), aliases: Vec::new() };
        // A volume is found by keys that depend on the volumes above it only.
        volumes.sort_by_key(|volume| volume.path.len());
        for volume in volumes {
            let rule = Rule { case: volume.case, normalization: volume.normalization };
            let (exact, wide) = (names.exact(&volume.path), names.wide(&volume.path));
            names.volumes.push((exact, wide, rule));
        }
        for (from, to) in aliases {
            let (from_keys, to_keys) = (names.keys_as_written(&from), names.keys_as_written(&to));
            names.aliases.push(Alias { from, from_keys, to, to_keys });
        }
        names
    }

    /// The rule of a directory by its exact key: that of the deepest volume around it.
    fn rule(&self, directory: &[String]) -> Rule {
        let around = self.volumes.iter().rfind(|(exact, _, _)| within(exact, directory));
        around.map_or(Rule { case: Known::Unknown, normalization: Known::Unknown }, |(_, _, rule)| *rule)
    }

    /// The same by a wide key.
    fn wide_rule(&self, directory: &[String]) -> Rule {
        let holds = |wide: &[Wide; 2]| wide.iter().any(|wide| within(&wide.names, directory));
        let around = self.volumes.iter().rfind(|(_, wide, _)| holds(wide));
        around.map_or(Rule { case: Known::Unknown, normalization: Known::Unknown }, |(_, _, rule)| *rule)
    }

    /// The exact key of a path as it is spelled.
    pub(crate) fn exact(&self, path: &[String]) -> Path {
        let mut key = Path::new();
        for (at, name) in path.iter().enumerate() {
            if at == 0 && self.system == System::Windows {
                // Drives are upper case already; shares compare without case.
                key.push(ascii(name));
            } else {
                let rule = self.rule(&key);
                key.push(exact_name(rule, name));
            }
        }
        key
    }

    /// The wide keys of a path as it is spelled.
    pub(crate) fn wide(&self, path: &[String]) -> [Wide; 2] {
        let exact = self.exact(path);
        [false, true].map(|take_for_a_volume| {
            let mut wide = Wide { names: Path::new(), directories: Vec::new() };
            for at in 0..=path.len() {
                let rule = if take_for_a_volume {
                    self.wide_rule(&wide.names)
                } else {
                    self.rule(exact.get(..at).unwrap_or_default())
                };
                wide.directories.push(rule);
                if let Some(name) = path.get(at) {
                    let top = at == 0 && self.system == System::Windows;
                    wide.names.push(if top { ascii(name) } else { wide_name(self.system, rule, name) });
                }
            }
            wide
        })
    }

    /// Follows the longest alias that applies under one of the keys.
    fn follow_once(&self, path: &[String], wide: bool) -> Option<Path> {
        if self.aliases.is_empty() {
            return None;
        }
        let keys = self.keys_as_written(path);
        let applies = |alias: &&Alias| {
            let exactly = within(&alias.from_keys.exact, &keys.exact);
            if wide { Self::widely_within(&alias.from_keys.wide, &keys.wide) } else { exactly }
        };
        let alias = self.aliases.iter().filter(applies).max_by_key(|alias| alias.from.len())?;
        Some(join(&alias.to, path.get(alias.from.len()..).unwrap_or_default()))
    }

    /// Follows aliases until none applies, under one of the keys.
    pub(crate) fn follow(&self, path: &[String], wide: bool) -> Path {
        let mut path = path.to_vec();
        for _ in 0..16 {
            let Some(next) = self.follow_once(&path, wide) else { break };
            path = next;
        }
        path
    }

    /// The keys of a path as it is spelled.
    fn keys_as_written(&self, path: &[String]) -> Keys {
        Keys { written: path.to_vec(), exact: self.exact(path), wide: self.wide(path) }
    }

    /// The keys of where a path really is.
    pub(crate) fn keys(&self, path: &[String]) -> Keys {
        self.keys_as_written(&self.follow(path, false))
    }

    /// A path as it is spelled and as aliases spell it on the way to where it is, under one of the keys.
    pub(crate) fn on_the_way(&self, path: &[String], wide: bool) -> Vec<Path> {
        let next = |path: &Path| self.follow_once(path, wide);
        std::iter::successors(Some(path.to_vec()), next).take(16).collect()
    }

    /// A path under each name under which it is judged. Grants count for where it really is, so the exact key is
    /// the same in all of them; denials count for each name on the way there, and also for where an alias may lead
    /// that is spelled a little otherwise.
    pub(crate) fn readings(&self, path: &[String]) -> Vec<Keys> {
        let really = self.keys(path);
        let mut all = vec![really.clone()];
        for path in [false, true].iter().flat_map(|wide| self.on_the_way(path, *wide)) {
            let keys = Keys { wide: self.wide(&path), written: path, exact: really.exact.clone() };
            if !all.contains(&keys) {
                all.push(keys);
            }
        }
        all
    }

    /// The keys of every name that a place has.
    pub(crate) fn all_keys(&self, place: &[String]) -> Vec<Keys> {
        let mut all = vec![self.keys(place)];
        for spelling in self.spellings(place) {
            let keys = self.keys_as_written(&spelling);
            if !all.contains(&keys) {
                all.push(keys);
            }
        }
        all
    }

    /// Where a place really is that lies in a mirror of the whole tree: as its own place there.
    pub(crate) fn shown(&self, place: &[String]) -> Option<Path> {
        let mut found = None;
        for _ in 0..40 {
            let here = self.follow(found.as_deref().unwrap_or(place), false);
            let Some(Mirror::Shows(shown)) = mirror(self.system, &here) else { break };
            found = Some(shown);
        }
        found
    }

    /// Whether two wide names may be one: equal, or one of them is a short-name form.
    pub(crate) fn wide_same(&self, rule: &str, asked: &str) -> bool {
        rule == asked || (self.system == System::Windows && (may_be_short(asked) || may_be_short(rule)))
    }

    fn one_within(&self, outer: &[String], inner: &[String]) -> bool {
        outer.len() <= inner.len()
            && outer.iter().zip(inner).all(|(outer, inner)| self.wide_same(outer, inner))
    }

    /// Whether the one place may be the other, or may be above it.
    pub(crate) fn wide_within(&self, outer: &[Wide; 2], inner: &[Wide; 2]) -> bool {
        outer.iter().any(|outer| inner.iter().any(|inner| self.one_within(&outer.names, &inner.names)))
    }

    /// The same without short names, for aliases.
    fn widely_within(outer: &[Wide; 2], inner: &[Wide; 2]) -> bool {
        outer.iter().any(|outer| inner.iter().any(|inner| within(&outer.names, &inner.names)))
    }

    pub(crate) fn alias_names(&self) -> Vec<Path> {
        self.aliases.iter().map(|alias| alias.from.clone()).collect()
    }

    /// Every other spelling of a path that an alias gives it.
    pub(crate) fn spellings(&self, path: &[String]) -> Vec<Path> {
        let mut all = vec![path.to_vec(), self.follow(path, false), self.follow(path, true)];
        let really = [false, true].map(|wide| self.follow(path, wide));
        // Where a deeper alias leads elsewhere, the spelling is no name of the place.
        let leads_here =
            |other: &Path| [false, true].iter().any(|wide| really.contains(&self.follow(other, *wide)));
        let mut at = 0;
        while let Some(path) = all.get(at).cloned() {
            let keys = self.wide(&path);
            for alias in &self.aliases {
                if all.len() < 8 && Self::widely_within(&alias.to_keys.wide, &keys) {
                    let other = join(&alias.from, path.get(alias.to.len()..).unwrap_or_default());
                    if !all.contains(&other) && leads_here(&other) {
                        all.push(other);
                    }
                }
            }
            at += 1;
        }
        all
    }

    pub(crate) fn show(&self, path: &[String]) -> String {
        if self.system != System::Windows {
            return format!("/{}", path.join("/"));
        }
        match path.split_first() {
            None => r"\\?\".to_owned(),
            Some((root, rest)) if root.ends_with('\\') => format!("{root}{}", rest.join("\\")),
            Some((_, _)) => path.join("\\"),
        }
    }
}

/// What a path names that leads through a directory which shows other places (N-7).
pub(crate) enum Mirror {
    /// The whole tree again: this place.
    Shows(Path),
    /// Whatever it is for whoever asks.
    Depends,
}

/// The directories through which a process shows its root and what it works on, and those that show what it has open.
pub(crate) fn mirror(system: System, path: &[String]) -> Option<Mirror> {
    let name = |at: usize| path.get(at).map_or("", String::as_str);
    let number = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_digit());
    let open = |name: &str| ["fd", "stdin", "stdout", "stderr"].contains(&name);
    match system {
        System::Windows => None,
        System::Macos => {
            // In any case: in doubt it is one.
            let (first, second) = (ascii(name(0)), ascii(name(1)));
            let top = [".vol", ".nofollow", ".resolve"].contains(&first.as_str());
            (top || first == "dev" && open(&second)).then_some(Mirror::Depends)
        }
        System::Linux if name(0) == "dev" => open(name(1)).then_some(Mirror::Depends),
        System::Linux => {
            let process = number(name(1)) || ["self", "thread-self"].contains(&name(1));
            let at = if name(2) == "task" && number(name(3)) { 4 } else { 2 };
            match name(at) {
                "root" if name(0) == "proc" && process => {
                    let shown = path.get(at + 1..).unwrap_or_default();
                    Some(mirror(system, shown).unwrap_or(Mirror::Shows(shown.to_vec())))
                }
                "cwd" | "exe" | "fd" | "map_files" if name(0) == "proc" && process => Some(Mirror::Depends),
                _ => None,
            }
        }
    }
}

/// Whether there are mirrors somewhere below a path that leads through none.
pub(crate) fn holds_mirrors(system: System, path: &[String]) -> bool {
    let below = ["proc/1/root", "1/root", "root", "1/cwd", "dev/fd", "fd"];
    let is_one = |rest: &str| {
        let rest: Path = rest.split('/').map(str::to_owned).collect();
        mirror(system, &join(path, &rest)).is_some()
    };
    mirror(system, path).is_none() && below.iter().any(|rest| is_one(rest))
}

/// Reads a native path that is already known to be good, such as one of the executor's facts.
pub(crate) fn native(system: System, text: &str) -> Option<Path> {
    let names =
        |text: &str| text.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect::<Path>();
    if system != System::Windows {
        return text.starts_with('/').then(|| names(text));
    }
    let text = text.replace('\\', "/");
    let text = match text.strip_prefix("//?/UNC/") {
        Some(rest) => format!("//{rest}"),
        None => text.strip_prefix("//?/").unwrap_or(&text).to_owned(),
    };
    if text.is_empty() {
        return Some(Path::new());
    }
    if let Some(rest) = text.strip_prefix("//") {
        let mut all = names(rest).into_iter();
        let (host, share) = (all.next()?, all.next()?);
        return Some(std::iter::once(format!(r"\\{}\{share}", ascii(&host))).chain(all).collect());
    }
    let mut characters = text.chars();
    let (letter, colon) = (characters.next()?, characters.next()?);
    if !letter.is_ascii_alphabetic() || colon != ':' || characters.next() != Some('/') {
        return None;
    }
    let drive = format!("{}:\\", letter.to_ascii_uppercase());
    Some(std::iter::once(drive).chain(names(text.get(3..)?)).collect())
}

/// Reads a queried path; `None` if it names no file (D-6).
pub(crate) fn query(system: System, text: &str) -> Option<Path> {
    if text.contains('\0') {
        return None;
    }
    let path = native(system, text)?;
    if path.iter().any(|name| name == "." || name == "..") {
        return None;
    }
    if system == System::Windows {
        if path.is_empty() {
            return None;
        }
        let reserved = |c: char| "<>\"|?*".contains(c) || c < ' ';
        let names = path.get(1..).unwrap_or_default();
        if names
            .iter()
            .any(|name| name.contains(reserved) || is_device(name) || without_tail(name).is_empty())
        {
            return None;
        }
        let root = path.first().map(|root| ascii(root)).unwrap_or_default();
        if let Some((host, share)) = root.strip_prefix("\\\\").and_then(|root| root.split_once('\\')) {
            let this_machine =
                host == "localhost" || host.starts_with("127.") || [".", "?", ".."].contains(&host);
            if this_machine || share.ends_with('$') {
                return None;
            }
        }
    }
    Some(path)
}

pub(crate) fn is_device(name: &str) -> bool {
    let stem = name.split(['.', ':']).next().unwrap_or(name).trim_end_matches(' ').to_ascii_uppercase();
    if ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(&stem.as_str()) {
        return true;
    }
    let digit = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT"));
    digit
        .is_some_and(|rest| ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³"].contains(&rest))
}
