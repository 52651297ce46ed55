//! Executor facts of the machine that this runs on.

use super::{Executor, MAX_FACTS, WorkspaceRoot};
use crate::error::{Code, Input, Refusal, Refusals};
use crate::native::alias::Aliases;
use crate::native::key::{CaseRule, NormRule, Volume};
use crate::native::path::{NativePath, RootKind};
use crate::observe::host::{HostFacts, mounted};
use crate::observe::walk::Walker;
use crate::observe::{FsView, HostFs};
use std::collections::{BTreeMap, BTreeSet};

impl Executor {
    /// The facts of the machine that this runs on: its OS, the host name if the environment tells, home,
    /// temporary directories and platform defaults, and the current directory as the one workspace root, named
    /// `cwd`; and what looking at these places tells: the volumes on which they lie, the links that lead to them, as
    /// aliases, and on Windows their drives. Where other volumes are mounted, nothing is claimed but what their kind
    /// alone guarantees.
    ///
    /// This is the only function of the library that reads the environment and the current directory. Everything
    /// that it cannot use is left out, and its [notes](Self::notes), which end up in every policy that is bound
    /// with it, say so. For a service, facts that somebody wrote down are the better choice.
    ///
    /// # Errors
    /// An OS that is not Linux, macOS or Windows.
    pub fn of_this_machine() -> Result<Self, Refusals> {
        let facts = HostFacts::of_this_machine().map_err(|os| {
            let message = format!("this machine's OS, `{os}`, is not linux, macos or windows");
            Refusal::new(Input::Executor, Code::UnknownWord, "/os", os, message)
        })?;
        Self::of(facts, &HostFs, mounted())
    }

    fn of(
        host: HostFacts,
        view: &dyn FsView,
        mounted: Vec<(NativePath, CaseRule, NormRule)>,
    ) -> Result<Self, Refusals> {
        let mut builder = Self::builder(host.os, host.id);
        let facts = &mut builder.facts;
        facts.notes.push(match &host.cwd {
            Some(cwd) => format!(
                "the facts of this machine are used, with the current directory `{cwd}` as the one workspace root"
            ),
            None => "the facts of this machine are used, without a workspace root".to_owned(),
        });
        facts.notes.extend(host.notes);
        facts.roots = host.cwd.clone().map(|path| vec![WorkspaceRoot { id: "cwd".to_owned(), path }]);
        facts.cwd = host.cwd;
        facts.home = host.home;
        facts.temp_dirs = host.temp_dirs;
        facts.slash_tmp = host.slash_tmp;
        facts.platform_defaults = (!host.platform_defaults.is_empty()).then_some(host.platform_defaults);
        // What a machine says about itself needs nobody's leave.
        let hosts: Vec<String> =
            facts.all_paths().iter().filter_map(|(_, path)| path.unc_host().map(str::to_owned)).collect();
        facts.unc_hosts.extend(hosts);
        facts.look(view, mounted);
        builder.build()
    }

    /// Adds what looking at the places of these facts tells.
    fn look(&mut self, view: &dyn FsView, mounted: Vec<(NativePath, CaseRule, NormRule)>) {
        let places: BTreeSet<NativePath> =
            self.all_paths().into_iter().map(|(_, path)| path).chain(&self.slash_tmp).cloned().collect();
        let mut walker = Walker::new(view, &self.unc_hosts);
        let mut volumes: BTreeMap<NativePath, (CaseRule, NormRule)> = BTreeMap::new();
        let mut links: BTreeMap<NativePath, NativePath> = BTreeMap::new();
        for place in &places {
            let found = walker.walk(place);
            if found.kind().is_some() {
                links.extend(found.links.into_iter().map(|link| (link.at, link.to)));
            }
            if let Some(fact) = walker.volume(place) {
                let known = volumes.entry(fact.root).or_insert((fact.case, fact.normalization));
                // One directory can tell what another one could not.
                if known.0 == CaseRule::Unknown {
                    known.0 = fact.case;
                }
                if known.1 == NormRule::Unknown {
                    known.1 = fact.normalization;
                }
            }
            self.drives.extend(place.as_str().chars().next().filter(|_| place.kind() == RootKind::Drive));
        }
        drop(walker);
        // What is said of a volume must not be taken for true of another one that is mounted somewhere in it.
        let mut mounted = mounted;
        mounted.sort();
        for (at, case, normalization) in mounted {
            let around = volumes.iter().filter(|(root, _)| root.contains(&at));
            let around = around.max_by_key(|(root, _)| root.depth());
            if around.is_some_and(|(root, rule)| *root != at && *rule != (case, normalization)) {
                volumes.insert(at, (case, normalization));
            }
        }
        if volumes.len() > MAX_FACTS {
            let count = volumes.len();
            self.notes.push(format!("{count} volumes are too many to list, so nothing is claimed about any"));
        } else {
            let volume = |(path, (case, normalization))| Volume { path, case, normalization };
            self.volume_list.extend(volumes.into_iter().map(volume));
        }
        let links: Vec<(NativePath, NativePath)> =
            links.into_iter().filter(|(from, to)| from != to).collect();
        let aliases = Aliases::new(self.os, &links, &self.volumes);
        if links.len() > MAX_FACTS || aliases.find_loop(&self.volumes, &links).is_some() {
            self.notes.push("the links on the way to these places are left out".to_owned());
        } else {
            self.alias_list.extend(links);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::native::Os;
    use crate::observe::RecordedFs;

    fn host(os: Os, cwd: Option<&str>) -> HostFacts {
        HostFacts {
            os,
            id: "this-machine".to_owned(),
            cwd: cwd.map(|cwd| NativePath::parse(os, cwd).unwrap()),
            home: None,
            temp_dirs: Some(Vec::new()),
            slash_tmp: None,
            platform_defaults: Vec::new(),
            notes: vec!["left out".to_owned()],
        }
    }

    fn of(host: HostFacts) -> Executor {
        let nothing = RecordedFs::builder(host.os).build().unwrap();
        Executor::of(host, &nothing, Vec::new()).unwrap()
    }

    #[test]
    fn the_current_directory_is_the_one_root_and_the_notes_say_so() {
        let executor = of(host(Os::Linux, Some("/srv/ws")));
        let roots = executor.workspace_roots().unwrap();
        assert_eq!((roots.len(), roots[0].id(), roots[0].path().as_str()), (1, "cwd", "/srv/ws"));
        assert!(executor.notes()[0].contains("`/srv/ws` as the one workspace root"));
        assert_eq!(executor.notes()[1], "left out");
    }

    #[test]
    fn without_a_current_directory_the_roots_are_not_known() {
        let executor = of(host(Os::Linux, None));
        assert!(executor.workspace_roots().is_none());
    }

    #[test]
    fn a_current_directory_on_a_share_allows_its_host() {
        let executor = of(host(Os::Windows, Some(r"\\nas\dev\ws")));
        assert!(executor.unc_hosts.contains("nas"));
    }

    #[test]
    fn looking_tells_volumes_links_and_other_mounts() {
        use CaseRule::{Insensitive, Sensitive, Unknown};
        let path = |text: &str| NativePath::parse(Os::Linux, text).unwrap();
        let view = RecordedFs::builder(Os::Linux)
            .complete()
            .dir("/usr/bin")
            .link("/bin", "usr/bin")
            .link("/gone", "none")
            .dir("/data/home")
            .link("/home", "/data/home")
            .dir("/data/home/dev/ws")
            .volume("/", Sensitive, NormRule::Preserving, "8:1")
            .volume("/data", Insensitive, NormRule::Unknown, "8:2")
            .build()
            .unwrap();
        let mut host = host(Os::Linux, Some("/data/home/dev/ws"));
        host.home = Some(path("/home/dev"));
        host.platform_defaults = vec![path("/bin"), path("/gone")];
        let mounted = vec![
            (path("/"), Unknown, NormRule::Unknown),
            (path("/proc"), Sensitive, NormRule::Preserving),
            (path("/mnt/usb"), Unknown, NormRule::Unknown),
            (path("/mnt/usb/in"), Unknown, NormRule::Unknown),
            (path("/data"), Unknown, NormRule::Unknown),
        ];
        let executor = Executor::of(host, &view, mounted).unwrap();
        let volumes: Vec<_> =
            executor.volume_list.iter().map(|volume| (volume.path.as_str(), volume.case)).collect();
        assert_eq!(volumes, [("/", Sensitive), ("/data", Insensitive), ("/mnt/usb", Unknown)]);
        let aliases: Vec<_> =
            executor.alias_list.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
        assert_eq!(aliases, [("/bin", "/usr/bin"), ("/home", "/data/home")], "no link to nothing");
        let again = Executor::from_json(executor.to_json().as_bytes()).unwrap();
        assert_eq!(again.to_json(), executor.to_json());
    }

    #[test]
    fn on_windows_the_drives_of_the_places_are_named() {
        let mut host = host(Os::Windows, Some(r"D:\ws"));
        host.home = Some(NativePath::parse(Os::Windows, r"C:\Users\dev").unwrap());
        let executor = of(host);
        assert_eq!(executor.drives, BTreeSet::from(['C', 'D']));
    }

    #[test]
    fn the_machine_that_runs_the_tests_has_facts() {
        let executor = Executor::of_this_machine().unwrap();
        assert_eq!(executor.os().as_str(), std::env::consts::OS);
        let again = Executor::from_json(executor.to_json().as_bytes()).unwrap();
        assert_eq!(again.to_json(), executor.to_json());
    }
}
