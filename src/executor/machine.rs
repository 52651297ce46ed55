//! Executor facts of the machine that this runs on.

use super::{Executor, WorkspaceRoot};
use crate::error::{Code, Input, Refusal, Refusals};
use crate::observe::host::HostFacts;

impl Executor {
    /// The facts of the machine that this runs on: its OS, the host name if the environment tells, home,
    /// temporary directories and platform defaults, and the current directory as the one workspace root, named
    /// `cwd`. Nothing is claimed about volumes.
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
        Self::of(facts)
    }

    fn of(host: HostFacts) -> Result<Self, Refusals> {
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
        builder.build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::native::Os;
    use crate::native::path::NativePath;

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

    #[test]
    fn the_current_directory_is_the_one_root_and_the_notes_say_so() {
        let executor = Executor::of(host(Os::Linux, Some("/srv/ws"))).unwrap();
        let roots = executor.workspace_roots().unwrap();
        assert_eq!((roots.len(), roots[0].id(), roots[0].path().as_str()), (1, "cwd", "/srv/ws"));
        assert!(executor.notes()[0].contains("`/srv/ws` as the one workspace root"));
        assert_eq!(executor.notes()[1], "left out");
    }

    #[test]
    fn without_a_current_directory_the_roots_are_not_known() {
        let executor = Executor::of(host(Os::Linux, None)).unwrap();
        assert!(executor.workspace_roots().is_none());
    }

    #[test]
    fn a_current_directory_on_a_share_allows_its_host() {
        let executor = Executor::of(host(Os::Windows, Some(r"\\nas\dev\ws"))).unwrap();
        assert!(executor.unc_hosts.contains("nas"));
    }

    #[test]
    fn the_machine_that_runs_the_tests_has_facts() {
        let executor = Executor::of_this_machine().unwrap();
        assert_eq!(executor.os().as_str(), std::env::consts::OS);
        let again = Executor::from_json(executor.to_json().as_bytes()).unwrap();
        assert_eq!(again.to_json(), executor.to_json());
    }
}
