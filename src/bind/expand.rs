//! One entry, every place that it stands for: bound, inert, or refused (B-1, S-10).

use super::context::{Context, Fact, Missing, Root};
use super::hazard;
use crate::audit::{Inert, Outcome, Step};
use crate::error::{Code, Input, Refusal};
use crate::executor::{Fault, UnknownSymbol, native_of};
use crate::intent::{Entry, EntryAccess, EntryPath, Symbol};
use crate::native::path::{NativePath, PathError};
use crate::native::{self, Os};
use crate::policy::rules::{BoundRule, DenyPattern, Place, Scope};
use crate::rule::Rule;
use std::sync::Arc;

/// What one entry became at one place, before rules are merged and sorted.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) entry: usize,
    pub(super) root: Option<Arc<str>>,
    pub(super) steps: Vec<Step>,
    pub(super) outcome: Outcome,
    pub(super) became: Became,
    pub(super) hazard: Option<Code>,
    /// Does a root that is too broad refuse this place (S-11)?
    pub(super) screened: bool,
}

/// What a draft adds to the policy. Places are only written until they are settled (`settle`).
#[derive(Debug)]
pub(super) enum Became {
    Rule(BoundRule),
    Pattern(Box<DenyPattern>),
    /// The platform-default flag, granted or denied.
    Minimal(EntryAccess),
    /// Nothing; what was seen at these places is recorded.
    Seen(Box<[Arc<str>]>),
    Nothing,
}

/// Expands entries; collects drafts and refusals.
pub(super) struct Expander<'c, 'a> {
    pub(super) context: &'c Context<'a>,
    pub(super) scan_depth: Option<u64>,
    pub(super) drafts: Vec<Draft>,
    pub(super) refusals: Vec<Refusal>,
}

/// A place on its way, with what happened to it so far.
pub(super) struct Way {
    pub(super) path: NativePath,
    pub(super) root: Option<Arc<str>>,
    pub(super) steps: Vec<Step>,
    pub(super) hazard: Option<Code>,
    /// Has it been screened for hazards?
    pub(super) screened: bool,
}

pub(super) fn step(rule: Rule, before: impl Into<Arc<str>>, after: impl Into<Arc<str>>) -> Step {
    Step { rule, before: before.into(), after: after.into() }
}

impl Expander<'_, '_> {
    pub(super) fn expand(&mut self, index: usize, entry: &Entry) {
        match &entry.path {
            EntryPath::Symbol { symbol, subpath } => self.symbol(index, entry, symbol, subpath.as_deref()),
            EntryPath::Literal(uri) => {
                let executor = self.context.executor;
                match native_of(executor.os, uri, Some(&executor.unc_hosts)) {
                    Ok(path) => {
                        let steps = vec![step(Rule::U8, uri.to_text(), path.shared())];
                        self.place(
                            index,
                            entry,
                            Way { path, root: None, steps, hazard: None, screened: false },
                        );
                    }
                    Err(fault) => self.refuse(entry, fault),
                }
            }
            EntryPath::Pattern(text) => match entry.access {
                EntryAccess::Deny => self.deny_pattern(index, entry, text),
                EntryAccess::Read | EntryAccess::Write => self.grant_pattern(index, entry, text),
            },
        }
    }

    pub(super) fn os(&self) -> Os {
        self.context.executor.os
    }

    /// A place of this OS, to try a text on.
    fn any_place(&self) -> NativePath {
        let root = NativePath::root(self.os());
        match self.os() {
            Os::Linux | Os::Macos => root,
            Os::Windows => NativePath::drive('C').unwrap_or(root),
        }
    }

    pub(super) fn refuse(&mut self, entry: &Entry, fault: Fault) {
        let pointer = format!("{}/path", entry.pointer);
        self.refusals.push(Refusal::new(Input::Intent, fault.code, pointer, fault.value, fault.message));
    }

    pub(super) fn refuse_fact(&mut self, entry: &Entry, missing: Missing) {
        let Some(code) = missing.code() else { return };
        let said = entry.said();
        let message = format!("`{}` has no place: {}", crate::error::clip(&said), missing.words());
        self.refuse(entry, Fault::new(code, said, message));
    }

    fn inert(&mut self, index: usize, entry: &Entry, reason: Inert) {
        let steps = vec![step(reason.rule(), entry.said(), reason.as_str())];
        self.push(Draft {
            entry: index,
            root: None,
            steps,
            outcome: Outcome::Inert(reason),
            became: Became::Nothing,
            hazard: None,
            screened: false,
        });
    }

    pub(super) fn push(&mut self, draft: Draft) {
        self.drafts.push(draft);
    }

    /// The places of a symbol, before any subpath. `Err` is a missing fact.
    pub(super) fn bases(&self, symbol: &Symbol) -> Fact<Vec<Root>> {
        let one = |path: &NativePath| Root { id: Arc::default(), path: path.clone() };
        let many = |list: &[NativePath]| list.iter().map(one).collect();
        let context = self.context;
        let executor = context.executor;
        match symbol {
            Symbol::Root => Ok(vec![one(&NativePath::root(executor.os))]),
            Symbol::Minimal => Ok(many(executor.platform_defaults.as_deref().unwrap_or_default())),
            Symbol::WorkspaceRoots => context.roots.clone(),
            Symbol::Cwd => Ok(vec![one(context.cwd.as_ref().map_err(|code| *code)?)]),
            Symbol::Home => Ok(vec![one(context.home.as_ref().map_err(|code| *code)?)]),
            Symbol::Tmpdir => context.temp_dirs.as_ref().map(|dirs| many(dirs)).map_err(|code| *code),
            Symbol::SlashTmp => Ok(self.slash_tmp().iter().map(one).collect()),
            Symbol::Other(token) => {
                executor.symbols.get(token).map(|paths| many(paths)).ok_or(Missing::Symbol)
            }
        }
    }

    fn slash_tmp(&self) -> Option<NativePath> {
        let executor = self.context.executor;
        match executor.os {
            Os::Windows => None,
            Os::Linux | Os::Macos => match &executor.slash_tmp {
                Some(path) => Some(path.clone()),
                None => NativePath::root(executor.os).join_segment("tmp").ok(),
            },
        }
    }

    pub(super) const fn rule_of(symbol: &Symbol) -> Rule {
        match symbol {
            Symbol::Root => Rule::S1,
            Symbol::Minimal => Rule::S2,
            Symbol::WorkspaceRoots => Rule::S3,
            Symbol::Cwd | Symbol::Home => Rule::S4,
            Symbol::Tmpdir => Rule::S5,
            Symbol::SlashTmp => Rule::S6,
            Symbol::Other(_) => Rule::S7,
        }
    }

    /// Why a symbol without places is inert, or the refusal that it is instead.
    pub(super) fn without_places(
        &mut self,
        index: usize,
        entry: &Entry,
        symbol: &Symbol,
        fact: Option<Missing>,
    ) {
        let deny = entry.access == EntryAccess::Deny;
        match (symbol, fact) {
            (Symbol::Tmpdir, Some(Missing::TempDirs)) if !deny => {
                self.inert(index, entry, Inert::TempDirsNotKnown);
            }
            (Symbol::Other(token), Some(_)) => {
                let executor = self.context.executor;
                match if deny { executor.unknown_deny } else { executor.unknown_grant } {
                    UnknownSymbol::Inert => self.inert(index, entry, Inert::UnknownSymbol),
                    UnknownSymbol::Refuse => {
                        let mut known: Vec<&str> = Symbol::OWN.to_vec();
                        known.extend(executor.symbols.keys().map(String::as_str));
                        let token = crate::error::clip(token);
                        let message = format!(
                            "`{token}` is not a symbol of this executor, which knows {}",
                            known.join(" ")
                        );
                        self.refuse(entry, Fault::new(Code::UnknownSymbol, token, message));
                    }
                }
            }
            (_, Some(missing)) => self.refuse_fact(entry, missing),
            (Symbol::WorkspaceRoots, None) => self.inert(index, entry, Inert::NoRoots),
            (Symbol::Tmpdir, None) => self.inert(index, entry, Inert::NoTempDirs),
            (Symbol::SlashTmp, None) => self.inert(index, entry, Inert::UndefinedOnWindows),
            (Symbol::Root | Symbol::Minimal | Symbol::Cwd | Symbol::Home | Symbol::Other(_), None) => {
                self.inert(index, entry, Inert::NoPaths);
            }
        }
    }

    fn symbol(&mut self, index: usize, entry: &Entry, symbol: &Symbol, subpath: Option<&str>) {
        if let (Some(subpath), Symbol::Root | Symbol::Minimal | Symbol::Tmpdir | Symbol::SlashTmp) =
            (subpath, symbol)
        {
            let message = format!("`{}` takes no subpath", symbol.token());
            self.refuse(entry, Fault::new(Code::SubpathNotAllowed, subpath, message));
            return;
        }
        if *symbol == Symbol::Minimal {
            if entry.access == EntryAccess::Write {
                let message = "`:minimal` can be read, not written".to_owned();
                self.refuse(entry, Fault::new(Code::MinimalWrite, ":minimal", message));
                return;
            }
            let known = if self.context.executor.platform_defaults.is_some() {
                "flag and paths"
            } else {
                "flag only: platform defaults are not known"
            };
            self.push(Draft {
                entry: index,
                root: None,
                steps: vec![step(Rule::S2, ":minimal", known)],
                outcome: Outcome::Bound,
                became: Became::Minimal(entry.access),
                hazard: None,
                screened: false,
            });
        }
        // A malformed subpath is wrong whether or not there is a place to join it to.
        if let Some(fault) =
            subpath.and_then(|subpath| self.join(&self.any_place(), subpath, entry.access).err())
        {
            self.refuse(entry, fault);
            return;
        }
        let bases = match self.bases(symbol) {
            Ok(bases) if bases.is_empty() && *symbol == Symbol::Minimal => return,
            Ok(bases) if bases.is_empty() => return self.without_places(index, entry, symbol, None),
            Ok(bases) => bases,
            Err(code) => return self.without_places(index, entry, symbol, Some(code)),
        };
        let said: Arc<str> = entry.said().into();
        let token = if subpath.is_none() { said.clone() } else { symbol.token().into() };
        for base in bases {
            let mut path = base.path;
            let mut steps = Vec::with_capacity(1 + usize::from(subpath.is_some()));
            steps.push(step(Self::rule_of(symbol), token.clone(), path.shared()));
            if let Some(subpath) = subpath {
                match self.join(&path, subpath, entry.access) {
                    Ok(joined) => path = joined,
                    Err(fault) => {
                        // The same subpath is wrong below every root of one OS: say it once.
                        self.refuse(entry, fault);
                        return;
                    }
                }
                steps.push(step(Rule::S9, said.clone(), path.shared()));
            }
            let root = (!base.id.is_empty()).then_some(base.id);
            let screened = matches!(symbol, Symbol::WorkspaceRoots | Symbol::Cwd | Symbol::Tmpdir);
            let mut way = Way { path, root, steps, hazard: None, screened };
            if screened && !self.hazard(entry, &mut way) {
                continue;
            }
            self.place(index, entry, way);
        }
    }

    /// Checks a symbol's place for hazards (S-11). `false` if it was refused.
    pub(super) fn hazard(&mut self, entry: &Entry, way: &mut Way) -> bool {
        let executor = self.context.executor;
        let Some(code) = hazard::of(executor, &way.path) else { return true };
        way.steps.push(step(Rule::S11, way.path.shared(), code.as_str()));
        way.hazard = Some(code);
        if entry.access == EntryAccess::Write && !executor.allow_broad_root {
            self.refuse(entry, hazard::fault(entry, &way.path, code));
            return false;
        }
        true
    }

    fn join(&self, base: &NativePath, subpath: &str, access: EntryAccess) -> Result<NativePath, Fault> {
        let os = self.os();
        let fault = |code, segment: &str, what: &str| {
            let message = format!("the subpath `{}` {what}", crate::error::clip(subpath));
            Err(Fault::new(code, segment, message))
        };
        if subpath.starts_with(|c| os.is_separator(c)) {
            return fault(Code::SubpathAbsolute, subpath, "starts with a separator");
        }
        let refused = |error: &PathError| {
            fault(Code::SubpathSegment, error.value(), &format!("has a segment that {os} refuses: {error}"))
        };
        for (i, segment) in subpath.split(|c| os.is_separator(c)).enumerate() {
            match segment {
                "" => return fault(Code::SubpathEmptySegment, subpath, "has an empty segment"),
                "." | ".." => {
                    return fault(Code::SubpathDotSegment, segment, &format!("has the segment `{segment}`"));
                }
                "~" if i == 0 && access == EntryAccess::Deny => {
                    return fault(Code::SubpathHome, segment, "starts with `~`, which could mean the home");
                }
                _ => {}
            }
            if os == Os::Windows && segment.contains(':') {
                return fault(
                    Code::SubpathDrive,
                    segment,
                    &format!("has a drive or stream in `{}`", crate::error::clip(segment)),
                );
            }
            if let Err(error) = native::check_segment(os, segment) {
                return refused(&error);
            }
        }
        // At once: one by one, each would copy all before it.
        base.join_segments(subpath.split(|c| os.is_separator(c))).or_else(|error| refused(&error))
    }

    /// A literal place becomes a rule.
    pub(super) fn place(&mut self, index: usize, entry: &Entry, way: Way) {
        let Way { path, root, steps, hazard, screened } = way;
        if entry.access != EntryAccess::Deny && native::magic(&path).is_some() {
            let message = format!("`{path}` shows other places under another name");
            self.refuse(entry, Fault::new(Code::MagicPath, path.as_str(), message));
            return;
        }
        let rule = BoundRule {
            place: Place::unsettled(path),
            access: entry.access,
            scope: Scope::Tree,
            materialize: !entry.skip_missing,
        };
        let became = Became::Rule(rule);
        self.push(Draft { entry: index, root, steps, outcome: Outcome::Bound, became, hazard, screened });
    }
}
