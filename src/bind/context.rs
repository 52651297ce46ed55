//! What the symbols of one request stand for on one executor: facts and request, weighed by the root
//! authority (E-3, E-4).

use crate::error::{Code, Input, Refusal};
use crate::executor::{Executor, RootAuthority, native_of};
use crate::intent::entry::Named;
use crate::intent::{Intent, Note};
use crate::native;
use crate::native::path::NativePath;
use std::sync::Arc;

/// A root that `:workspace_roots` binds to, with the id that the audit shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Root {
    pub(super) id: Arc<str>,
    pub(super) path: NativePath,
}

/// Why a symbol has no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    Roots,
    TempDirs,
    Home,
    Cwd,
    CwdNotOffered,
    /// Nobody knows the symbol.
    Symbol,
    /// The request named it, and that was refused where it stands: saying so again at every entry helps nobody.
    Refused,
}

impl Missing {
    /// The code of the entry's own refusal.
    pub(super) const fn code(self) -> Option<Code> {
        match self {
            Self::Roots => Some(Code::RootsNotKnown),
            Self::TempDirs => Some(Code::TempDirsNotKnown),
            Self::Home => Some(Code::HomeNotKnown),
            Self::Cwd => Some(Code::CwdNotKnown),
            Self::CwdNotOffered => Some(Code::CwdNotOffered),
            Self::Symbol => Some(Code::UnknownSymbol),
            Self::Refused => None,
        }
    }

    /// The reason in words, for the end of a sentence.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Roots => "the executor's workspace roots are not known",
            Self::TempDirs => "the executor's temporary directories are not known",
            Self::Home => "the executor's home is not known",
            Self::Cwd => "the working directory is not known",
            Self::CwdNotOffered => "the request's cwd is outside every root that the executor offers",
            Self::Symbol => "no such symbol is known",
            Self::Refused => "what the request says about it was refused",
        }
    }
}

/// A fact, or why it is missing.
pub(super) type Fact<T> = Result<T, Missing>;

/// What symbols and anchors stand for.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) executor: &'a Executor,
    pub(super) roots: Fact<Vec<Root>>,
    /// What `:cwd` is.
    pub(super) cwd: Fact<NativePath>,
    /// What relative denials anchor at: the intent's policy cwd, even outside every root.
    pub(super) anchor: Fact<NativePath>,
    pub(super) home: Fact<NativePath>,
    pub(super) temp_dirs: Fact<Vec<NativePath>>,
    pub(super) notes: Vec<Note>,
}

impl<'a> Context<'a> {
    pub(super) fn new(executor: &'a Executor, intent: &Intent, refusals: &mut Vec<Refusal>) -> Self {
        let mut weigh = Weigh { executor, refusals, notes: Vec::new() };
        let roots = weigh.roots(intent);
        let temp_dirs = weigh.temp_dirs(intent);
        let home = weigh.home(intent);
        let (cwd, anchor) = weigh.cwd(intent, &roots);
        let notes = weigh.notes;
        Self { executor, roots, cwd, anchor, home, temp_dirs, notes }
    }
}

/// Every place that the facts and the request name as a root, cwd, home or temporary directory.
pub(super) fn places(executor: &Executor, intent: &Intent) -> Vec<NativePath> {
    let roots = executor.roots.iter().flatten().map(|root| root.path().clone());
    let facts = executor.cwd.iter().chain(&executor.home).chain(executor.temp_dirs.iter().flatten()).cloned();
    let named = intent.roots.iter().flatten().chain(intent.temp_dirs.iter().flatten());
    let named = named.chain(&intent.home).chain(&intent.cwd);
    // What cannot be named here is refused where it is weighed.
    let named = named.filter_map(|named| native_of(executor.os, &named.uri, Some(&executor.unc_hosts)).ok());
    roots.chain(facts).chain(named).collect()
}

/// Does `outer` contain `inner`, as a grant would see it: by the exact key, where both really are?
pub(super) fn contains(executor: &Executor, outer: &NativePath, inner: &NativePath) -> bool {
    let key = |path: &NativePath| {
        let real = executor.aliases.canonical(&executor.volumes, path, false);
        executor.volumes.keys(&real.path).exact
    };
    key(outer).contains(&key(inner))
}

struct Weigh<'a, 'r> {
    executor: &'a Executor,
    refusals: &'r mut Vec<Refusal>,
    notes: Vec<Note>,
}

impl Weigh<'_, '_> {
    fn unused(&mut self, named: &Named, what: &str) {
        let text = format!("the request's {what} `{}` is recorded and not used (executor_only)", named.uri);
        self.notes.push(Note { pointer: named.pointer.clone(), text });
    }

    fn native(&mut self, named: &Named) -> Option<NativePath> {
        match native_of(self.executor.os, &named.uri, Some(&self.executor.unc_hosts)) {
            Ok(path) => Some(path),
            Err(fault) => {
                self.refusals.push(Refusal::new(
                    Input::Intent,
                    fault.code,
                    named.pointer.clone(),
                    fault.value,
                    fault.message,
                ));
                None
            }
        }
    }

    fn refuse(&mut self, named: &Named, code: Code, message: String) {
        self.refusals.push(Refusal::new(
            Input::Intent,
            code,
            named.pointer.clone(),
            named.uri.to_string(),
            message,
        ));
    }

    /// A root that the request names, unless it only shows other places (N-7).
    fn requested_root(&mut self, named: &Named) -> Option<NativePath> {
        let path = self.native(named)?;
        if native::is_mirror(&path) {
            let message = format!("`{path}` shows other places and can never be a root");
            self.refuse(named, Code::RootForbidden, message);
            return None;
        }
        Some(path)
    }

    fn own_roots(&self) -> Fact<Vec<Root>> {
        let roots = self.executor.roots.as_ref().ok_or(Missing::Roots)?;
        Ok(roots.iter().map(|root| Root { id: root.id().into(), path: root.path().clone() }).collect())
    }

    fn roots(&mut self, intent: &Intent) -> Fact<Vec<Root>> {
        let requested = intent.roots.as_deref();
        let executor = self.executor;
        match executor.authority {
            RootAuthority::ExecutorOnly => {
                for named in requested.unwrap_or_default() {
                    self.unused(named, "root");
                }
                self.own_roots()
            }
            RootAuthority::AdoptRequested => {
                let mut roots = Vec::new();
                for named in requested.unwrap_or_default() {
                    let Some(path) = self.requested_root(named) else { continue };
                    let own = executor.roots.iter().flatten().find(|root| *root.path() == path);
                    let id = own.map_or("requested", |root| root.id()).into();
                    if own.is_none() {
                        let text = format!("the root `{path}` is adopted from the request (adopt_requested)");
                        self.notes.push(Note { pointer: named.pointer.clone(), text });
                    }
                    roots.push(Root { id, path });
                }
                Ok(roots)
            }
            RootAuthority::Offered => {
                let Some(requested) = requested else { return self.own_roots() };
                let mut roots = Vec::new();
                let offered = executor.roots.as_deref();
                for named in requested {
                    let Some(path) = self.requested_root(named) else { continue };
                    let Some(offered) = offered else { continue };
                    let own = offered
                        .iter()
                        .filter(|root| contains(executor, root.path(), &path))
                        .max_by_key(|root| root.path().depth());
                    let Some(own) = own else {
                        let message =
                            format!("the root `{path}` is not inside a root that the executor offers");
                        self.refuse(named, Code::RootNotOffered, message);
                        continue;
                    };
                    let id = if *own.path() == path {
                        own.id().into()
                    } else {
                        format!("{}: {path}", own.id()).into()
                    };
                    roots.push(Root { id, path });
                }
                if offered.is_none() { Err(Missing::Roots) } else { Ok(roots) }
            }
        }
    }

    fn temp_dirs(&mut self, intent: &Intent) -> Fact<Vec<NativePath>> {
        let executor = self.executor;
        let own = executor.temp_dirs.clone().ok_or(Missing::TempDirs);
        let Some(requested) = intent.temp_dirs.as_deref() else { return own };
        match executor.authority {
            RootAuthority::ExecutorOnly => {
                for named in requested {
                    self.unused(named, "temporary directory");
                }
                own
            }
            RootAuthority::AdoptRequested => {
                Ok(requested.iter().filter_map(|named| self.native(named)).collect())
            }
            RootAuthority::Offered => {
                let mut dirs = Vec::new();
                for named in requested {
                    let Some(path) = self.native(named) else { continue };
                    let Ok(own) = &own else { continue };
                    if own.iter().any(|dir| contains(executor, dir, &path)) {
                        dirs.push(path);
                    } else {
                        let message = format!(
                            "the temporary directory `{path}` is not inside one that the executor offers"
                        );
                        self.refuse(named, Code::TempDirNotOffered, message);
                    }
                }
                own.map(|_| dirs)
            }
        }
    }

    fn home(&mut self, intent: &Intent) -> Fact<NativePath> {
        let executor = self.executor;
        let own = executor.home.clone().ok_or(Missing::Home);
        let Some(named) = intent.home.as_ref() else { return own };
        match executor.authority {
            RootAuthority::ExecutorOnly => {
                self.unused(named, "home");
                own
            }
            RootAuthority::AdoptRequested => self.native(named).ok_or(Missing::Refused),
            RootAuthority::Offered => {
                let path = self.native(named).ok_or(Missing::Refused)?;
                let own = own?;
                if contains(executor, &own, &path) {
                    return Ok(path);
                }
                self.refuse(
                    named,
                    Code::HomeNotOffered,
                    format!("the home `{path}` is not inside the executor's home"),
                );
                Err(Missing::Refused)
            }
        }
    }

    fn cwd(&mut self, intent: &Intent, roots: &Fact<Vec<Root>>) -> (Fact<NativePath>, Fact<NativePath>) {
        let executor = self.executor;
        let own = executor.cwd.clone().ok_or(Missing::Cwd);
        let Some(named) = intent.cwd.as_ref() else { return (own.clone(), own) };
        match executor.authority {
            RootAuthority::ExecutorOnly => {
                self.unused(named, "cwd");
                (own.clone(), own)
            }
            RootAuthority::AdoptRequested => {
                let cwd = self.native(named).ok_or(Missing::Refused);
                (cwd.clone(), cwd)
            }
            RootAuthority::Offered => {
                let Some(path) = self.native(named) else {
                    return (Err(Missing::Refused), Err(Missing::Refused));
                };
                let offered = executor.roots.iter().flatten().map(|root| root.path().clone());
                let granted = roots.iter().flatten().map(|root| root.path.clone());
                let inside =
                    offered.chain(granted).chain(own.ok()).any(|place| contains(executor, &place, &path));
                if !inside {
                    let text = format!(
                        "the request's cwd `{path}` is outside every offered root and grants nothing"
                    );
                    self.notes.push(Note { pointer: named.pointer.clone(), text });
                }
                (if inside { Ok(path.clone()) } else { Err(Missing::CwdNotOffered) }, Ok(path))
            }
        }
    }
}
