//! Reading an intent and an executor's facts, and binding one to the other (semantics 1, 2, 4, 7).

use super::path::{self, Keys, Known, Names, Path, System, Volume, join, may_be_short, native, within};
use super::{Access, Pattern, Rule, World, at, pattern};
use serde_json::Value;

/// What binding comes to.
pub(crate) enum Bound {
    Restricted(Box<World>),
    /// `unsandboxed`, `disabled`, `external` or `unrestricted`.
    Other(&'static str),
    /// The place in the intent at or below which something is refused, and the code of every fault that is known
    /// there. Which of several faults of one entry are told is no part of the rules.
    Refused(Vec<(String, Vec<&'static str>)>),
}

/// What becomes of one entry.
enum End {
    Places(Vec<Path>),
    Patterns(Vec<(Path, pattern::Tail)>),
    Inert(&'static str),
    /// Every fault that it has.
    Refused(Vec<&'static str>),
}

impl End {
    fn refused(code: &'static str) -> Self {
        Self::Refused(vec![code])
    }

    /// With more faults: an entry that has one is refused, whatever else it came to.
    fn with(self, mut faults: Vec<&'static str>) -> Self {
        match self {
            Self::Refused(own) => {
                faults.extend(own);
                Self::Refused(faults)
            }
            other if faults.is_empty() => other,
            Self::Places(_) | Self::Patterns(_) | Self::Inert(_) => Self::Refused(faults),
        }
    }
}

struct Facts {
    system: System,
    names: Names,
    policy_cwd: Option<Path>,
    cwd_offered: bool,
    roots: Option<Vec<Path>>,
    home: Option<Path>,
    temp: Option<Vec<Path>>,
    slash_tmp: Option<Path>,
    unc_hosts: Vec<String>,
    symbols: Vec<(String, Vec<Path>)>,
    defaults: Vec<Path>,
    broad: bool,
    unknown_grant_refused: bool,
    unknown_deny_inert: bool,
}

fn known(word: &Value) -> Known {
    match word.as_str() {
        Some("sensitive" | "preserving") => Known::Apart,
        Some("insensitive") => Known::Same,
        _ => Known::Unknown,
    }
}

fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field).and_then(Value::as_str)
}

fn list<'a>(value: &'a Value, field: &str) -> Option<&'a Vec<Value>> {
    value.get(field).and_then(Value::as_array)
}

fn paths(system: System, value: Option<&Vec<Value>>) -> Option<Vec<Path>> {
    value?.iter().map(|path| native(system, path.as_str()?)).collect()
}

fn unescape(segment: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = segment.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = after.get(2..)?;
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

/// A `file:` URI of the executor's convention.
fn uri(system: System, unc_hosts: &[String], text: &str) -> Result<Path, &'static str> {
    let scheme =
        text.split_once(':').filter(|(scheme, _)| scheme.len() > 1).map(|(scheme, _)| path::ascii(scheme));
    let rest = match scheme.as_deref() {
        Some("file") => text.get(5..).and_then(|text| text.strip_prefix("//")).ok_or("uri_authority")?,
        Some(_) => return Err("uri_scheme"),
        None => return Err("path_not_portable"),
    };
    let (host, rest) = rest.split_once('/').ok_or("uri_authority")?;
    let host = if host.eq_ignore_ascii_case("localhost") { String::new() } else { path::ascii(host) };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let mut names = Path::new();
    for segment in rest.split('/').filter(|_| !rest.is_empty()) {
        if segment.is_empty() {
            return Err("uri_empty_segment");
        }
        let name = unescape(segment).ok_or("uri_percent")?;
        match name.as_str() {
            "." | ".." => return Err("uri_dot_segment"),
            name if name.contains('/') => return Err("uri_encoded_slash"),
            name if name.contains('\0') => return Err("uri_nul"),
            _ => names.push(name),
        }
    }
    let letters: Vec<char> = names.first().map(|name| name.chars().collect()).unwrap_or_default();
    let drive = match letters.as_slice() {
        [letter, ':'] if letter.is_ascii_alphabetic() => Some(format!("{}:\\", letter.to_ascii_uppercase())),
        _ => None,
    };
    match (system, drive) {
        (System::Windows, Some(drive)) if host.is_empty() => {
            Ok(join(&[drive], names.get(1..).unwrap_or_default()))
        }
        (System::Windows, None) if unc_hosts.contains(&host) => {
            let share = names.first().ok_or("uri_no_share")?;
            Ok(join(&[format!(r"\\{host}\{share}")], names.get(1..).unwrap_or_default()))
        }
        (System::Windows, _) if !host.is_empty() => Err("unc_host_not_allowed"),
        (System::Windows, _) | (_, Some(_)) => Err("foreign_path"),
        _ if !host.is_empty() => Err("foreign_path"),
        _ => Ok(names),
    }
}

fn bad_names_on_windows(name: &str) -> Vec<&'static str> {
    let faults = [
        ("segment_reserved_character", name.contains(|c: char| "<>:\"/\\|?*".contains(c) || c < ' ')),
        ("segment_trailing", name.ends_with(['.', ' '])),
        ("segment_device_name", path::is_device(name)),
    ];
    faults.iter().filter(|(_, found)| *found).map(|(code, _)| *code).collect()
}

fn unc_hosts(executor: &Value) -> Vec<String> {
    let hosts = list(executor, "unc_hosts").into_iter().flatten();
    hosts.filter_map(|host| Some(path::ascii(host.as_str()?))).collect()
}

impl Facts {
    fn read(
        executor: &Value,
        intent: &Value,
        prefix: &str,
        refused: &mut Vec<(String, Vec<&'static str>)>,
    ) -> Option<Self> {
        let system = System::from_word(text(executor, "os")?)?;
        let fact = |field: &str| text(executor, field).and_then(|path| native(system, path));
        let volumes = list(executor, "volumes").into_iter().flatten().filter_map(|volume| {
            Some(Volume {
                path: native(system, text(volume, "path")?)?,
                case: known(at(volume, "case")),
                normalization: known(at(volume, "normalization")),
            })
        });
        let aliases = list(executor, "aliases").into_iter().flatten().filter_map(|alias| {
            Some((native(system, text(alias, "from")?)?, native(system, text(alias, "to")?)?))
        });
        let names = Names::new(system, volumes.collect(), aliases.collect());
        let offered: Option<Vec<Path>> = list(executor, "workspace_roots")
            .map(|roots| roots.iter().filter_map(|root| native(system, text(root, "path")?)).collect());
        let authority = text(executor, "root_authority").unwrap_or("offered");
        let hosts = unc_hosts(executor);
        let own_home = fact("home");
        let own_temp = paths(system, list(executor, "temp_dirs"));
        let asks = authority != "executor_only";
        let offers = authority == "offered";
        let mut read_uri = |value: Option<&Value>, pointer: String| {
            let text = value.filter(|_| asks).and_then(Value::as_str)?;
            uri(system, &hosts, text)
                .map_err(|code| refused.push((format!("{prefix}{pointer}"), vec![code])))
                .ok()
        };
        let (context, within_context) = match intent.get("policyContext").filter(|context| !context.is_null())
        {
            Some(context) => (context, "/policyContext"),
            None => (intent, ""),
        };
        let cwd = read_uri(context.get("cwd"), format!("{within_context}/cwd"));
        let mut lists = |value: &Value, field: &str, at: &str| {
            let all = list(value, field).filter(|_| asks)?;
            let one = |(n, value)| read_uri(Some(value), format!("{at}/{field}/{n}")).map(|path| (n, path));
            Some(all.iter().enumerate().filter_map(one).collect::<Vec<_>>())
        };
        let requested = lists(context, "workspaceRoots", within_context);
        let requested = requested.or_else(|| (!within_context.is_empty() && asks).then(Vec::new));
        let requested_temp = lists(intent, "temporaryDirectories", "");
        let requested_home = read_uri(intent.get("userHomeDir"), "/userHomeDir".to_owned());
        let lies_in = |outer: &[Path], path: &Path| {
            outer.iter().any(|outer| within(&names.keys(outer).exact, &names.keys(path).exact))
        };
        let at_roots = format!("{within_context}/workspaceRoots");
        // N-7: `/proc` and what shows other places is never a root.
        let may_be_root = |(n, path): &(usize, Path)| {
            let proc = system == System::Linux && path.first().is_some_and(|name| name == "proc");
            let forbidden = proc || path::mirror(system, path).is_some();
            if forbidden {
                refused.push((format!("{prefix}{at_roots}/{n}"), vec!["root_forbidden", "root_not_offered"]));
            }
            !forbidden
        };
        let requested: Option<Vec<_>> = requested.map(|all| all.into_iter().filter(may_be_root).collect());
        // What is not offered is refused, and nothing more is said about it.
        let mut admitted = |own: Option<&[Path]>, path: &Path, code: &'static str, pointer: String| {
            let admitted = !offers || own.is_none_or(|own| lies_in(own, path));
            if !admitted {
                refused.push((format!("{prefix}{pointer}"), vec![code]));
            }
            admitted
        };
        let mut keep = |list: Option<Vec<(usize, Path)>>, own: Option<&[Path]>, code, at: &str| {
            let list = list?.into_iter();
            Some(list.filter(|(n, path)| admitted(own, path, code, format!("{at}/{n}"))).collect::<Vec<_>>())
        };
        let requested = keep(requested, offered.as_deref(), "root_not_offered", &at_roots);
        let requested_temp =
            keep(requested_temp, own_temp.as_deref(), "temp_dir_not_offered", "/temporaryDirectories");
        let requested_home = requested_home.filter(|home| {
            let own = own_home.as_ref().map(std::slice::from_ref);
            admitted(own, home, "home_not_offered", "/userHomeDir".to_owned())
        });
        let only = |list: Option<Vec<(usize, Path)>>| -> Option<Vec<Path>> {
            list.map(|list| list.into_iter().map(|(_, path)| path).collect())
        };
        let requested = only(requested);
        let around: Vec<Path> = offered.iter().flatten().cloned().chain(fact("cwd")).collect();
        let cwd_offered = !offers || cwd.as_ref().is_none_or(|cwd| lies_in(&around, cwd));
        let roots = match authority {
            "adopt_requested" => Some(requested.unwrap_or_default()),
            "executor_only" => offered.clone(),
            _ => offered.clone().map(|own| requested.unwrap_or(own)),
        };
        let temp = only(requested_temp).filter(|_| !offers || own_temp.is_some()).or(own_temp);
        let home = requested_home.filter(|_| !offers || own_home.is_some()).or(own_home);
        let policy_cwd = cwd.or_else(|| fact("cwd"));
        let symbols = executor.get("symbols").and_then(Value::as_object).into_iter().flatten();
        let symbols = symbols.filter_map(|(name, at)| Some((name.clone(), paths(system, at.as_array())?)));
        let unknown = executor.get("unknown_symbols");
        Some(Self {
            policy_cwd,
            cwd_offered,
            roots,
            home,
            temp,
            slash_tmp: fact("slash_tmp").or_else(|| native(system, "/tmp")),
            symbols: symbols.collect(),
            defaults: paths(system, list(executor, "platform_defaults")).unwrap_or_default(),
            broad: *at(executor, "allow_broad_root") == true,
            unknown_grant_refused: unknown.and_then(|u| text(u, "grant")) == Some("refuse"),
            unknown_deny_inert: unknown.and_then(|u| text(u, "deny")) == Some("inert"),
            unc_hosts: unc_hosts(executor),
            system,
            names,
        })
    }

    /// S-11 for a place that comes from a symbol.
    fn hazard(&self, place: &Path) -> Option<&'static str> {
        // On doubt a place is the hazard that it may be.
        let may_hold = |outer: &Path, inner: &Path| {
            let inner = self.names.readings(inner);
            let holds =
                |outer: &Keys| inner.iter().any(|inner| self.names.wide_within(&outer.wide, &inner.wide));
            self.names.readings(outer).iter().any(holds)
        };
        let may_be = |one: &Path, two: &Path| may_hold(one, two) && may_hold(two, one);
        let directories: &[&str] = match self.system {
            System::Linux => {
                &["/etc", "/usr", "/bin", "/sbin", "/lib", "/boot", "/var", "/dev", "/proc", "/sys"]
            }
            System::Macos => &[
                "/etc",
                "/usr",
                "/bin",
                "/var",
                "/private",
                "/System",
                "/System/Library",
                "/Library",
                "/Applications",
            ],
            System::Windows => &[
                "C:\\Windows",
                "C:\\Windows\\System32",
                "C:\\Program Files",
                "C:\\Program Files (x86)",
                "C:\\ProgramData",
                "C:\\Users",
            ],
        };
        if place.is_empty() {
            Some("root_is_file_system_root")
        } else if self.system == System::Windows && place.len() == 1 {
            // A whole share is what people mount to work in.
            place.first().filter(|root| root.ends_with('\\')).map(|_| "root_is_drive_root")
        } else if self.home.as_ref().is_some_and(|home| may_be(place, home)) {
            Some("root_is_home")
        } else if self.home.as_ref().is_some_and(|home| may_hold(place, home)) {
            Some("root_is_home_ancestor")
        } else if directories.iter().any(|d| native(self.system, d).is_some_and(|d| may_be(place, &d))) {
            Some("root_is_system_directory")
        } else {
            None
        }
    }

    /// The names of a subpath, and everything that is wrong with it.
    fn subpath(&self, subpath: Option<&str>, access: Access) -> (Path, Vec<&'static str>) {
        let Some(subpath) = subpath else { return (Path::new(), Vec::new()) };
        let windows = self.system == System::Windows;
        let separator = |c: char| c == '/' || (windows && c == '\\');
        let names: Path = subpath.split(separator).map(str::to_owned).collect();
        let any = |fault: &dyn Fn(&String) -> bool| names.iter().any(fault);
        let faults = [
            ("subpath_absolute", subpath.starts_with(separator)),
            ("subpath_empty_segment", any(&String::is_empty)),
            ("subpath_dot_segment", any(&|name| name == "." || name == "..")),
            ("subpath_home", access == Access::Deny && names.first().is_some_and(|name| name == "~")),
            ("subpath_drive", windows && any(&|name| name.contains(':'))),
            ("subpath_segment", windows && any(&|name| !bad_names_on_windows(name).is_empty())),
        ];
        let faults = faults.iter().filter(|(_, found)| *found).map(|(code, _)| *code).collect();
        (names, faults)
    }

    /// The bases of a symbol: places, or how the entry ends.
    fn bases(&self, symbol: &str, access: Access) -> End {
        let grant = access != Access::Deny;
        match symbol {
            ":root" => End::Places(vec![Path::new()]),
            ":minimal" if access == Access::Write => End::refused("minimal_write"),
            ":minimal" => End::Places(self.defaults.clone()),
            ":workspace_roots" | ":project_roots" => match &self.roots {
                None => End::refused("roots_not_known"),
                Some(roots) if roots.is_empty() => End::Inert("no_roots"),
                Some(roots) => End::Places(roots.clone()),
            },
            ":cwd" if !self.cwd_offered => End::refused("cwd_not_offered"),
            ":cwd" => {
                self.policy_cwd.clone().map_or(End::refused("cwd_not_known"), |cwd| End::Places(vec![cwd]))
            }
            ":home" => {
                self.home.clone().map_or(End::refused("home_not_known"), |home| End::Places(vec![home]))
            }
            ":tmpdir" => match &self.temp {
                None if grant => End::Inert("temp_dirs_not_known"),
                None => End::refused("temp_dirs_not_known"),
                Some(temp) if temp.is_empty() => End::Inert("no_temp_dirs"),
                Some(temp) => End::Places(temp.clone()),
            },
            ":slash_tmp" if self.system == System::Windows => End::Inert("undefined_on_windows"),
            ":slash_tmp" => End::Places(self.slash_tmp.iter().cloned().collect()),
            other => match self.symbols.iter().find(|(name, _)| name == other) {
                Some((_, places)) if places.is_empty() => End::Inert("no_paths"),
                Some((_, places)) => End::Places(places.clone()),
                None if grant && self.unknown_grant_refused => End::refused("unknown_symbol"),
                None if !grant && !self.unknown_deny_inert => End::refused("unknown_symbol"),
                None => End::Inert("unknown_symbol"),
            },
        }
    }

    fn symbol(&self, symbol: &str, subpath: Option<&str>, access: Access) -> End {
        // Whether a subpath is well formed has nothing to do with the places of its symbol.
        let (below, mut faults) = self.subpath(subpath, access);
        if subpath.is_some() && [":root", ":minimal", ":tmpdir", ":slash_tmp"].contains(&symbol) {
            faults.push("subpath_not_allowed");
        }
        match self.bases(symbol, access) {
            End::Places(bases) => {
                // What a short name stands for is a matter of the places, if there are any.
                let windows = self.system == System::Windows;
                if windows && access != Access::Deny && below.iter().any(|name| may_be_short(name)) {
                    faults.push("short_name_in_grant");
                }
                self.granted(symbol, bases.iter().map(|base| join(base, &below)).collect(), access)
            }
            other @ (End::Patterns(_) | End::Inert(_) | End::Refused(_)) => other,
        }
        .with(faults)
    }

    /// The places of a symbol, unless one of them is too broad to be written.
    fn granted(&self, symbol: &str, places: Vec<Path>, access: Access) -> End {
        let mirrors = |place: &Path| path::mirror(self.system, place).is_some();
        let magic = access != Access::Deny && places.iter().any(mirrors);
        let faults = if magic { vec!["magic_path"] } else { Vec::new() };
        let hazardous = [":workspace_roots", ":project_roots", ":cwd", ":tmpdir"].contains(&symbol);
        if hazardous && access == Access::Write && !self.broad {
            let hazards: Vec<&str> = places.iter().filter_map(|place| self.hazard(place)).collect();
            return End::Places(places).with(hazards).with(faults);
        }
        End::Places(places).with(faults)
    }

    fn literal(&self, place: Path, access: Access) -> End {
        let names = place.get(1..).filter(|_| self.system == System::Windows).unwrap_or_default();
        let mut faults: Vec<&str> = names.iter().flat_map(|name| bad_names_on_windows(name)).collect();
        if access != Access::Deny && names.iter().any(|name| may_be_short(name)) {
            faults.push("short_name_in_grant");
        }
        if access != Access::Deny && path::mirror(self.system, &place).is_some() {
            faults.push("magic_path");
        }
        End::Places(vec![place]).with(faults)
    }

    /// P-4: where a pattern hangs, and what is left of it.
    fn anchor<'t>(&self, glob: &'t str) -> (End, &'t str) {
        if let Some(rest) = glob.strip_prefix("codex-project-roots://") {
            return (self.bases(":workspace_roots", Access::Deny), rest.trim_start_matches('/'));
        }
        let home = glob.strip_prefix("~/");
        let home = home.or_else(|| glob.strip_prefix("~\\").filter(|_| self.system == System::Windows));
        if let Some(rest) = home.or((glob == "~").then_some("")) {
            return (self.bases(":home", Access::Deny), rest);
        }
        if glob.starts_with(':') {
            let (symbol, rest) = glob.split_once('/').unwrap_or((glob, ""));
            return match symbol {
                ":root" | ":minimal" | ":slash_tmp" | ":tmpdir" => (End::refused("pattern_anchor"), rest),
                _ => (self.bases(symbol, Access::Deny), rest),
            };
        }
        if let Some(rest) = glob.strip_prefix('/').filter(|_| self.system != System::Windows) {
            return (End::Places(vec![Path::new()]), rest);
        }
        if self.system == System::Windows {
            if let Some(drive) = glob.get(..3).and_then(|drive| native(self.system, drive)) {
                return (End::Places(vec![drive]), glob.get(3..).unwrap_or_default());
            }
        }
        if let Some(share) = glob.strip_prefix(r"\\") {
            let mut parts = share.splitn(3, '\\');
            let (host, share, rest) = (parts.next(), parts.next(), parts.next().unwrap_or_default());
            let host = path::ascii(host.unwrap_or_default());
            return match (self.system, share) {
                (System::Windows, Some(share)) if self.unc_hosts.contains(&host) => {
                    (End::Places(vec![vec![format!(r"\\{host}\{share}")]]), rest)
                }
                (System::Windows, _) => (End::refused("unc_host_not_allowed"), rest),
                _ => (End::refused("foreign_path"), glob),
            };
        }
        let mut characters = glob.chars();
        let drive =
            characters.next().is_some_and(|c| c.is_ascii_alphabetic()) && characters.next() == Some(':');
        if glob.starts_with('/') || drive && matches!(characters.next(), Some('/' | '\\')) {
            return (End::refused("foreign_path"), glob);
        }
        let cwd = match &self.policy_cwd {
            None => End::refused("cwd_not_known"),
            Some(cwd) => End::Places(vec![cwd.clone()]),
        };
        (cwd, glob)
    }

    fn glob(&self, glob: &str, access: Access) -> End {
        if glob == "/" && access == Access::Deny && self.system != System::Windows {
            return End::Patterns(vec![(Path::new(), vec![Vec::new()])]);
        }
        let (bases, tail) = self.anchor(glob);
        // Only what counts from the cwd is left as it was written (E-4: no grant where that is not offered).
        let relative = tail.len() == glob.len() && matches!(bases, End::Places(_));
        let unoffered = relative && access != Access::Deny && !self.cwd_offered;
        let bases = if unoffered { End::refused("cwd_not_offered") } else { bases };
        // Whether a tail is well formed has nothing to do with the places that it hangs on.
        let (tail, faults) = match pattern::parse(self.system, tail) {
            _ if tail.is_empty() => (Vec::new(), vec!["pattern_empty"]),
            Some(tail) => (tail, Vec::new()),
            None => (Vec::new(), vec!["pattern"]),
        };
        let literal = match tail.as_slice() {
            [only] => match only.split_last() {
                Some((pattern::Component::Any, before)) => pattern::is_literal(before),
                _ => pattern::is_literal(only),
            },
            _ => None,
        };
        if access == Access::Deny || !faults.is_empty() {
            return match bases {
                End::Places(bases) => {
                    let start = pattern::literal_start(&tail);
                    let rest = |components: &Vec<pattern::Component>| {
                        components.get(start.len()..).unwrap_or_default().to_vec()
                    };
                    let tail: pattern::Tail = tail.iter().map(rest).collect();
                    End::Patterns(bases.iter().map(|base| (join(base, &start), tail.clone())).collect())
                }
                other @ (End::Patterns(_) | End::Inert(_) | End::Refused(_)) => other,
            }
            .with(faults);
        }
        let Some(names) = literal else { return bases.with(vec!["pattern_in_grant"]) };
        let End::Places(bases) = bases else { return bases };
        let symbol = glob.split('/').next().unwrap_or_default();
        let symbol = if glob.starts_with("codex-project-roots:") { ":workspace_roots" } else { symbol };
        let symbol = if relative { ":cwd" } else { symbol };
        self.granted(symbol, bases.iter().map(|base| join(base, &names)).collect(), access)
    }

    fn special(&self, value: &Value, access: Access) -> End {
        let kind = text(value, "kind").unwrap_or_default();
        let symbol = match kind {
            "root" => ":root".to_owned(),
            "minimal" => ":minimal".to_owned(),
            "project_roots" | "current_working_directory" => ":workspace_roots".to_owned(),
            "tmpdir" => ":tmpdir".to_owned(),
            "slash_tmp" => ":slash_tmp".to_owned(),
            "unknown" => text(value, "path").unwrap_or_default().to_owned(),
            other => format!(":{other}"),
        };
        self.symbol(&symbol, text(value, "subpath"), access)
    }

    fn entry(&self, entry: &Value) -> (Access, End, bool) {
        let access = match text(entry, "access") {
            Some("read") => Access::Read,
            Some("write") => Access::Write,
            Some("deny" | "none") => Access::Deny,
            _ => return (Access::Deny, End::refused("unknown_access"), false),
        };
        let path = at(entry, "path");
        let mut minimal = false;
        let end = match (path.as_str(), text(path, "type")) {
            (Some(symbol), _) if symbol.starts_with(':') => {
                minimal = symbol == ":minimal";
                match symbol.split_once('/') {
                    Some((symbol, subpath)) => self.symbol(symbol, Some(subpath), access),
                    None => self.symbol(symbol, None, access),
                }
            }
            (Some(written), _) if path::ascii(written).starts_with("file:") => {
                match uri(self.system, &self.unc_hosts, written) {
                    Ok(place) => self.literal(place, access),
                    Err(code) => End::refused(code),
                }
            }
            (Some(_), _) => End::refused("path_not_portable"),
            (None, Some("path")) => {
                match uri(self.system, &self.unc_hosts, text(path, "path").unwrap_or_default()) {
                    Ok(place) => self.literal(place, access),
                    Err(code) => End::refused(code),
                }
            }
            (None, Some("special")) => {
                minimal = text(at(path, "value"), "kind") == Some("minimal");
                self.special(at(path, "value"), access)
            }
            (None, Some("glob_pattern")) => self.glob(text(path, "pattern").unwrap_or_default(), access),
            (None, _) => self.glob(text(path, "glob").unwrap_or_default(), access),
        };
        (access, end, minimal)
    }
}

/// Binds. `None` where the documents are not of a shape that the model reads.
pub(crate) fn bind(intent: &Value, executor: &Value) -> Option<Bound> {
    let mut bound = bind_all(intent, executor)?;
    if let Bound::Restricted(world) = &mut bound {
        world.silence();
    }
    Some(bound)
}

/// Binds, and keeps the rules that a stronger one at their place overrules.
pub(crate) fn bind_all(intent: &Value, executor: &Value) -> Option<Bound> {
    let (context, prefix) = if intent.get("permissions").is_some() {
        (intent.clone(), "")
    } else if intent.get("method").is_some() {
        (at(at(intent, "params"), "sandbox").clone(), "/params/sandbox")
    } else {
        (at(intent, "sandbox").clone(), "/sandbox")
    };
    if context.is_null() {
        return Some(Bound::Other("unsandboxed"));
    }
    let permissions = at(&context, "permissions");
    match text(permissions, "type")? {
        "disabled" => return Some(Bound::Other("disabled")),
        "external" => return Some(Bound::Other("external")),
        _ => {}
    }
    if text(at(permissions, "file_system"), "type")? == "unrestricted" {
        return Some(Bound::Other("unrestricted"));
    }
    let mut refused = Vec::new();
    let facts = Facts::read(executor, &context, prefix, &mut refused)?;
    let pointer = format!("{prefix}/permissions/file_system/entries");
    let protected = executor.get("protected_names");
    let names = protected.and_then(|protected| list(protected, "names"));
    let names = names.map(|names| names.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    let mut rules = Vec::new();
    let mut patterns = Vec::new();
    let mut inert = Vec::new();
    let (mut minimal_read, mut minimal_denied) = (false, false);
    let entries = list(at(permissions, "file_system"), "entries")?;
    for (number, entry) in entries.iter().enumerate() {
        let mut why = None;
        match facts.entry(entry) {
            (_, End::Refused(codes), _) => refused.push((format!("{pointer}/{number}"), codes)),
            (_, End::Inert(reason), _) => why = Some(reason),
            (access, End::Places(places), minimal) => {
                minimal_read |= minimal && access == Access::Read;
                minimal_denied |= minimal && access == Access::Deny;
                for place in places {
                    let keys = facts.names.all_keys(&place);
                    // N-7: what is denied in a mirror is denied where it really is, too.
                    if let Some(shown) = facts.names.shown(&place).filter(|_| access == Access::Deny) {
                        let (keys, place) = (facts.names.all_keys(&shown), place.clone());
                        rules.push(Rule { access, place, keys, entry: number, alone: false });
                    }
                    rules.push(Rule { access, place, keys, entry: number, alone: false });
                }
            }
            (_, End::Patterns(all), _) => {
                for (base, tail) in all {
                    let keys = facts.names.all_keys(&base);
                    if let Some(shown) = facts.names.shown(&base) {
                        let (keys, base, tail) = (facts.names.all_keys(&shown), base.clone(), tail.clone());
                        patterns.push(Pattern { base, keys, tail, entry: number });
                    }
                    patterns.push(Pattern { base, keys, tail, entry: number });
                }
            }
        }
        inert.push(why);
    }
    if !refused.is_empty() {
        return Some(Bound::Refused(refused));
    }
    Some(Bound::Restricted(Box::new(World {
        names: facts.names,
        rules,
        patterns,
        protected: names
            .unwrap_or_else(|| [".git", ".agents", ".codex"].into_iter().map(str::to_owned).collect()),
        any_depth: protected.and_then(|p| text(p, "scope")) == Some("any_depth"),
        // At one place a denial beats a grant.
        platform_defaults: minimal_read && !minimal_denied,
        minimal_denied,
        inert,
        pointer,
    })))
}

/// What the engine refuses otherwise: every place at which the model knows a fault must be refused, and nothing else,
/// each for a fault that the model knows there. An entry that has two may be refused for either or for both.
pub(crate) fn about_refusals(
    expected: &[(String, Vec<&'static str>)],
    found: &[(&str, &str)],
) -> Vec<String> {
    let at = |place: &str, pointer: &str| {
        pointer.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    // The model does not say what is wrong with a pattern.
    let same = |code: &str, its: &str| its == code || (code == "pattern" && its.starts_with("pattern"));
    let mut faults = Vec::new();
    for (place, _) in expected {
        if !found.iter().any(|(_, pointer)| at(place, pointer)) {
            faults.push(format!("nothing is refused at {place}"));
        }
    }
    for (its, pointer) in found {
        let known = expected.iter().filter(|(place, _)| at(place, pointer));
        if !known.flat_map(|(_, codes)| codes).any(|code| same(code, its)) {
            faults.push(format!("{its} at {pointer} is no fault"));
        }
    }
    if !faults.is_empty() {
        faults.push(format!("the model refuses {expected:?}, the engine {found:?}"));
    }
    faults
}
