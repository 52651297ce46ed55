//! The machine that this runs on: what it says about itself, read once, as native paths, and its file system.
//!
//! The only room of the library with I/O, and this file and those below it are the only ones that differ from host
//! to host. Nothing is opened for
//! writing (G-8), and what a machine says is never repaired: a path that is no UTF-8 or that is refused for its OS
//! is left out, with a note that says so.

#[cfg(any(target_os = "linux", test))]
mod mounts;
#[cfg(any(target_os = "linux", target_os = "macos", windows, test))]
mod probe;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod unix;

#[cfg(target_os = "linux")]
#[path = "host/linux.rs"]
mod system;
#[cfg(target_os = "macos")]
#[path = "host/macos.rs"]
mod system;
#[cfg(windows)]
#[path = "host/windows.rs"]
mod system;
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
#[path = "host/other.rs"]
mod system;

#[cfg(target_os = "linux")]
#[path = "host/hold.rs"]
mod hold;
#[cfg(not(target_os = "linux"))]
#[path = "host/no_hold.rs"]
mod hold;

pub use hold::Handle;
pub(crate) use hold::Holder;

use super::{FsView, Observation, VolumeFact};
use crate::native::key::{CaseRule, NormRule};
use crate::native::path::{NativePath, RootKind};
use crate::native::{self, Os};
use camino::{Utf8Path, Utf8PathBuf};
use std::ffi::OsString;
use std::path::PathBuf;

/// Where something is mounted on this machine, and what is known of its names without looking into it.
pub(crate) fn mounted() -> Vec<(NativePath, CaseRule, NormRule)> {
    system::mounted()
}

/// What a machine says about itself.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct HostFacts {
    pub(crate) os: Os,
    /// The host name if the environment tells, else `this-machine`.
    pub(crate) id: String,
    pub(crate) cwd: Option<NativePath>,
    pub(crate) home: Option<NativePath>,
    /// `None` if not known, empty if known to be none.
    pub(crate) temp_dirs: Option<Vec<NativePath>>,
    pub(crate) slash_tmp: Option<NativePath>,
    /// What the platform needs to be readable, as far as it exists here.
    pub(crate) platform_defaults: Vec<NativePath>,
    /// What was left out, and why.
    pub(crate) notes: Vec<String>,
}

/// The machine's answers, so that every OS can be tested on every host.
struct Machine<'m> {
    variable: &'m dyn Fn(&str) -> Option<OsString>,
    current_dir: Option<PathBuf>,
    is_directory: &'m dyn Fn(&str) -> bool,
    plain: &'m dyn Fn(Utf8PathBuf) -> Utf8PathBuf,
}

impl HostFacts {
    /// Asks this machine.
    ///
    /// # Errors
    /// The word of an OS that is none of the three.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place at which the environment and the current directory become executor facts"
    )]
    pub(crate) fn of_this_machine() -> Result<Self, &'static str> {
        let word = std::env::consts::OS;
        let os = Os::from_word(word).ok_or(word)?;
        let machine = Machine {
            variable: &|name| std::env::var_os(name),
            current_dir: std::env::current_dir().ok(),
            is_directory: &|path| Utf8Path::new(path).is_dir(),
            plain: &plain,
        };
        Ok(Self::gather(os, machine))
    }

    fn gather(os: Os, machine: Machine<'_>) -> Self {
        let Machine { variable, current_dir, is_directory, plain } = machine;
        let mut notes = Vec::new();
        let mut path = |what: &str, text: OsString| match read(os, text, plain) {
            Ok(path) => Some(path),
            Err(reason) => {
                notes.push(format!("{what} of this machine is left out: {reason}"));
                None
            }
        };
        let said = |name: &str| variable(name).filter(|text| !text.is_empty());
        let (id, home, temporary): (_, _, &[&str]) = match os {
            Os::Linux | Os::Macos => ("HOSTNAME", "HOME", &["TMPDIR"]),
            Os::Windows => ("COMPUTERNAME", "USERPROFILE", &["TEMP", "TMP"]),
        };
        let no_current_dir = current_dir.is_none();
        let cwd = current_dir.and_then(|dir| path("the current directory", dir.into_os_string()));
        let home = said(home).and_then(|text| path("the home", text));
        let mut temp_dirs = Vec::new();
        // A directory that programs use and that cannot be named here makes the list unknown: taken as empty, a
        // denial of it would be dropped (G-1).
        let mut known = true;
        for name in temporary {
            let Some(text) = said(name) else { continue };
            match path(&format!("the temporary directory {name}"), text) {
                Some(dir) if temp_dirs.contains(&dir) => {}
                Some(dir) => temp_dirs.push(dir),
                None => known = false,
            }
        }
        if no_current_dir {
            notes.push("the current directory of this machine is left out: it cannot be read".to_owned());
        }
        // Where POSIX names no directory there is none; Windows falls back to others.
        known &= os != Os::Windows || !temp_dirs.is_empty();
        let existing = |list: &[&str]| -> Vec<NativePath> {
            let existing = list.iter().filter(|path| is_directory(path));
            existing.filter_map(|path| NativePath::parse(os, path).ok()).collect()
        };
        let slash_tmp = match os {
            Os::Linux | Os::Macos => existing(&["/tmp"]).pop(),
            Os::Windows => None,
        };
        let is_id = |id: &String| id.len() <= 256 && !id.chars().any(char::is_control);
        Self {
            os,
            id: said(id)
                .and_then(|id| id.into_string().ok())
                .filter(is_id)
                .unwrap_or_else(|| "this-machine".to_owned()),
            cwd,
            home,
            temp_dirs: known.then_some(temp_dirs),
            slash_tmp,
            platform_defaults: existing(platform_defaults(os)),
            notes,
        }
    }
}

/// Places without which programs of this OS do not start.
const fn platform_defaults(os: Os) -> &'static [&'static str] {
    match os {
        Os::Linux => {
            &["/bin", "/sbin", "/usr", "/etc", "/lib", "/lib64", "/nix/store", "/run/current-system/sw"]
        }
        Os::Macos => &[
            "/bin",
            "/sbin",
            "/usr",
            "/etc",
            "/System",
            "/Library/Apple",
            "/Library/Frameworks",
            "/Applications",
        ],
        Os::Windows => &[r"C:\Windows", r"C:\Program Files", r"C:\Program Files (x86)"],
    }
}

/// A path that the machine gave, or why it cannot be used.
fn read(os: Os, text: OsString, plain: &dyn Fn(Utf8PathBuf) -> Utf8PathBuf) -> Result<NativePath, String> {
    let given = Utf8PathBuf::from_path_buf(PathBuf::from(text)).map_err(|_| "it is not UTF-8".to_owned())?;
    let parse = |text: &Utf8Path| NativePath::parse(os, text.as_str()).map_err(|error| error.to_string());
    let mut path = parse(&given)?;
    // Only a drive is asked about other spellings: asking a share would contact its host.
    if path.kind() == RootKind::Drive {
        path = parse(&plain(given))?;
    }
    if native::is_mirror(&path) {
        return Err(format!("`{path}` shows other places under another name"));
    }
    Ok(path)
}

/// A Windows path without a prefix that says nothing, and with long names in place of short ones, which `TEMP`
/// often has and which no grant may hold (N-5).
#[cfg(windows)]
fn plain(path: Utf8PathBuf) -> Utf8PathBuf {
    let short = path.as_str().contains('~');
    let long = if short { dunce::canonicalize(&path).ok() } else { None };
    let found = long.unwrap_or_else(|| dunce::simplified(path.as_std_path()).to_path_buf());
    Utf8PathBuf::from_path_buf(found).unwrap_or(path)
}

/// Elsewhere a path has one spelling.
#[cfg(not(windows))]
const fn plain(path: Utf8PathBuf) -> Utf8PathBuf {
    path
}

/// How far a path could be followed by handles.
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "no handles are held there"))]
#[derive(Debug)]
pub(crate) enum Reached {
    /// To its end, which is this.
    Place(Handle, Observation),
    /// To this directory, in which the next component is missing.
    Missing(NativePath, Handle, Observation),
    /// To this place, which is a link.
    Link(NativePath),
    /// To this place, of which no handle can be had, and why.
    Failed(NativePath, String),
}

/// The file system of the machine that this runs on.
///
/// On Linux every question begins at a held handle of the directory and names one component that is not followed,
/// so that nobody can bend the path between two questions. On macOS and Windows whole paths are asked about, whose
/// parents were found to be real directories; `docs/adr/0023-observing.md` says why.
///
/// It keeps nothing itself: each observation [begins](FsView::begin) with a view that holds handles and the list of
/// mounts. On a host that is none of the three systems every answer is
/// [`Unreadable`](Observation::Unreadable) or `None`, so no grant is bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HostFs;

/// The system that this runs on; Linux where it is none of the three, for which nothing is answered.
fn this_os() -> Os {
    Os::from_word(std::env::consts::OS).unwrap_or(Os::Linux)
}

impl FsView for HostFs {
    fn os(&self) -> Os {
        this_os()
    }

    fn begin(&self) -> Option<Box<dyn FsView + '_>> {
        Some(Box::new(Opened::new()))
    }

    fn look(&self, path: &NativePath) -> Observation {
        Opened::new().look(path)
    }

    fn read_link(&self, path: &NativePath) -> Option<Vec<u8>> {
        Opened::new().read_link(path)
    }

    fn read_pointer(&self, path: &NativePath) -> Option<Vec<u8>> {
        Opened::new().read_pointer(path)
    }

    fn volume(&self, path: &NativePath) -> Option<VolumeFact> {
        Opened::new().volume(path)
    }

    fn long_name(&self, path: &NativePath) -> Option<String> {
        Opened::new().long_name(path)
    }
}

/// This machine's file system during one observation.
#[derive(Debug)]
struct Opened {
    os: Os,
    system: system::System,
}

impl Opened {
    fn new() -> Self {
        Self { os: this_os(), system: system::System::new() }
    }

    /// A path of another OS means nothing here, and the Windows namespace is no object.
    fn is_place(&self, path: &NativePath) -> bool {
        path.os() == self.os && path.kind() != RootKind::Namespace
    }
}

impl FsView for Opened {
    fn os(&self) -> Os {
        self.os
    }

    fn look(&self, path: &NativePath) -> Observation {
        if self.is_place(path) { self.system.look(path) } else { Observation::Unreadable }
    }

    fn look_into(&self, path: &NativePath) -> Observation {
        if self.is_place(path) { self.system.look_into(path) } else { Observation::Unreadable }
    }

    fn look_through(&self, above: &NativePath, path: &NativePath, into: bool) -> Option<Observation> {
        let places = self.is_place(above) && self.is_place(path);
        places.then(|| self.system.look_through(above, path, into)).flatten()
    }

    fn read_link(&self, path: &NativePath) -> Option<Vec<u8>> {
        self.is_place(path).then(|| self.system.read_link(path)).flatten()
    }

    fn read_pointer(&self, path: &NativePath) -> Option<Vec<u8>> {
        self.is_place(path).then(|| self.system.read_pointer(path)).flatten()
    }

    fn volume(&self, path: &NativePath) -> Option<VolumeFact> {
        self.is_place(path).then(|| self.system.volume(path)).flatten()
    }

    fn long_name(&self, path: &NativePath) -> Option<String> {
        self.is_place(path).then(|| self.system.long_name(path)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    mod real;
    #[cfg(unix)]
    mod volume;
    mod walks;

    fn gather(os: Os, variables: &[(&str, &str)], cwd: Option<&str>) -> HostFacts {
        HostFacts::gather(
            os,
            Machine {
                variable: &|name| {
                    variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into())
                },
                current_dir: cwd.map(PathBuf::from),
                is_directory: &|path| !path.contains("nix") && !path.contains("x86"),
                plain: &|path| Utf8PathBuf::from(path.as_str().replace("RUNNER~1", "runneradmin")),
            },
        )
    }

    fn texts(paths: &[NativePath]) -> Vec<&str> {
        paths.iter().map(NativePath::as_str).collect()
    }

    #[test]
    fn a_posix_machine_says_who_and_where_it_is() {
        let variables = [("HOSTNAME", "build-7"), ("HOME", "/home/dev/"), ("TMPDIR", "/tmp/run-1")];
        let facts = gather(Os::Linux, &variables, Some("/srv/ws"));
        assert_eq!(facts.id, "build-7");
        assert_eq!(facts.cwd.unwrap().as_str(), "/srv/ws");
        assert_eq!(facts.home.unwrap().as_str(), "/home/dev");
        assert_eq!(texts(&facts.temp_dirs.unwrap()), ["/tmp/run-1"]);
        assert_eq!(facts.slash_tmp.unwrap().as_str(), "/tmp");
        assert_eq!(facts.platform_defaults.len(), 7, "what does not exist is not claimed");
        assert_eq!(facts.notes, [""; 0]);
    }

    #[test]
    fn a_windows_machine_gives_each_temporary_directory_once_and_in_long_names() {
        let temp = r"C:\Users\RUNNER~1\AppData\Local\Temp";
        let variables = [("USERPROFILE", r"c:\Users\runneradmin"), ("TEMP", temp), ("TMP", temp)];
        let facts = gather(Os::Windows, &variables, Some(r"\\?\D:\a\ws"));
        assert_eq!(facts.id, "this-machine");
        assert_eq!(facts.cwd.unwrap().as_str(), r"D:\a\ws");
        assert_eq!(facts.home.unwrap().as_str(), r"C:\Users\runneradmin");
        assert_eq!(texts(&facts.temp_dirs.unwrap()), [r"C:\Users\runneradmin\AppData\Local\Temp"]);
        assert_eq!(facts.slash_tmp, None);
        assert_eq!(texts(&facts.platform_defaults), [r"C:\Windows", r"C:\Program Files"]);
    }

    #[test]
    fn no_temporary_directory_is_none_on_posix_and_unknown_on_windows() {
        assert_eq!(gather(Os::Linux, &[], Some("/w")).temp_dirs, Some(Vec::new()));
        assert_eq!(gather(Os::Macos, &[("TMPDIR", "")], Some("/w")).temp_dirs, Some(Vec::new()));
        assert_eq!(gather(Os::Windows, &[], Some("C:\\w")).temp_dirs, None);
    }

    #[test]
    fn what_cannot_be_used_is_left_out_with_a_note() {
        let facts = gather(Os::Linux, &[("TMPDIR", "tmp"), ("HOME", "/home/../x")], Some("/proc/self/cwd"));
        assert_eq!((facts.cwd, facts.home, facts.temp_dirs), (None, None, None));
        assert_eq!(facts.notes.len(), 3, "{:?}", facts.notes);
        let gone = gather(Os::Linux, &[], None);
        assert_eq!(gone.cwd, None);
        assert_eq!(gone.notes.len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_not_utf8_is_left_out_with_a_note() {
        use std::os::unix::ffi::OsStringExt as _;
        let read = read(Os::Linux, OsString::from_vec(b"/srv/\xff".to_vec()), &plain);
        assert_eq!(read, Err("it is not UTF-8".to_owned()));
    }
}
