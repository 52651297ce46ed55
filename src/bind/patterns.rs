//! Entries that are patterns: what they hang on, and what is left to match (P-1 to P-5).

use super::context::Root;
use super::expand::{Became, Draft, Expander, Way, step};
use crate::audit::Outcome;
use crate::error::Code;
use crate::executor::Fault;
use crate::intent::{Anchor, Entry, EntryAccess, PatternText, Symbol};
use crate::native::Os;
use crate::native::path::NativePath;
use crate::pattern::{self, PatternError, Split, Tail};
use crate::policy::rules::{DenyPattern, Place};
use crate::rule::Rule;
use std::sync::Arc;

impl Expander<'_, '_> {
    /// Where a pattern hangs: literal bases with the text that is left.
    fn anchors(
        &mut self,
        index: usize,
        entry: &Entry,
        text: &PatternText,
    ) -> Option<(Vec<Root>, String, Rule)> {
        let context = self.context;
        let denies = entry.access == EntryAccess::Deny;
        let single = |path: NativePath| vec![Root { id: Arc::default(), path }];
        match &text.anchor {
            Anchor::Symbol(symbol) => match self.bases(symbol) {
                Ok(bases) if !bases.is_empty() => Some((bases, text.tail.clone(), Self::rule_of(symbol))),
                Ok(_) => {
                    self.without_places(index, entry, symbol, None);
                    None
                }
                Err(code) => {
                    self.without_places(index, entry, symbol, Some(code));
                    None
                }
            },
            Anchor::Home => self.home_anchor(entry, &text.tail),
            Anchor::Text => match absolute_base(self.os(), &text.tail) {
                Ok(Some((base, rest))) => {
                    let hosts = &context.executor.unc_hosts;
                    if let Some(host) = base.unc_host().filter(|host| !hosts.contains(*host)) {
                        let message = format!("the host `{host}` is not one that this executor allows");
                        self.refuse(entry, Fault::new(Code::UncHostNotAllowed, host, message));
                        return None;
                    }
                    Some((single(base), rest.to_owned(), Rule::P2))
                }
                Ok(None) if self.os() == Os::Windows && text.tail.starts_with("~\\") => {
                    let tail = text.tail.get(2..).unwrap_or_default().to_owned();
                    self.home_anchor(entry, &tail)
                }
                // A denial counts from a cwd that is not offered, too; a grant does not (E-4).
                Ok(None) => match if denies { &context.anchor } else { &context.cwd } {
                    Ok(cwd) => Some((single(cwd.clone()), text.tail.clone(), Rule::P4)),
                    Err(code) => {
                        self.refuse_fact(entry, *code);
                        None
                    }
                },
                Err(fault) => {
                    self.refuse(entry, fault);
                    None
                }
            },
        }
    }

    fn home_anchor(&mut self, entry: &Entry, tail: &str) -> Option<(Vec<Root>, String, Rule)> {
        match &self.context.home {
            Ok(home) => {
                Some((vec![Root { id: Arc::default(), path: home.clone() }], tail.to_owned(), Rule::P4))
            }
            Err(code) => {
                self.refuse_fact(entry, *code);
                None
            }
        }
    }

    pub(super) fn deny_pattern(&mut self, index: usize, entry: &Entry, text: &PatternText) {
        let literal = self.literal_root(text);
        for (root, tail) in &literal {
            if let Ok((split, compiled)) = compile(self.os(), tail, Rule::P2) {
                self.deny_below(index, entry, text, vec![root.clone()], Rule::P2, &split, compiled.as_ref());
            }
        }
        // A malformed tail is wrong whether or not there is a place to hang it on.
        if matches!(text.anchor, Anchor::Symbol(_) | Anchor::Home) {
            if let Err(error) = compile(self.os(), &text.tail, Rule::P5) {
                return self.refuse(entry, Fault::from(error));
            }
        }
        let Some((bases, tail, rule)) = self.anchors(index, entry, text) else { return };
        match compile(self.os(), &tail, rule) {
            Ok((split, compiled)) => {
                self.deny_below(index, entry, text, bases, rule, &split, compiled.as_ref());
            }
            // What is no pattern can still be a root's own name.
            Err(_) if !literal.is_empty() => {}
            Err(error) => self.refuse(entry, Fault::from(error)),
        }
    }

    /// A known place that the text begins with and whose name holds pattern characters: what a root named
    /// `sam[1]` is when a pattern is written as an absolute path. A denial takes this reading too (P-2, G-1).
    fn literal_root(&self, text: &PatternText) -> Vec<(Root, String)> {
        if text.anchor != Anchor::Text {
            return Vec::new();
        }
        let os = self.os();
        let context = self.context;
        let one = |path: &NativePath| Root { id: Arc::default(), path: path.clone() };
        let roots = context.roots.iter().flatten().cloned();
        let facts = context.anchor.iter().chain(&context.home).map(one);
        let dirs = context.temp_dirs.iter().flatten().map(one);
        let mut found: Vec<(Root, String)> = Vec::new();
        for root in roots.chain(facts).chain(dirs) {
            if !root.path.as_str().contains(['[', ']', '{', '}', '*', '?', '\\']) || root.path.is_root() {
                continue;
            }
            let rest = text.tail.strip_prefix(root.path.as_str());
            let rest = rest.and_then(|rest| rest.strip_prefix(|c| os.is_separator(c)));
            let same = |(other, _): &(Root, String)| other.path == root.path;
            if let Some(rest) = rest.filter(|_| os != Os::Windows || root.path.as_str().contains(['[', '{']))
            {
                if !found.iter().any(same) {
                    found.push((root, rest.to_owned()));
                }
            }
        }
        found
    }

    #[expect(clippy::too_many_arguments, reason = "one pattern, taken apart")]
    fn deny_below(
        &mut self,
        index: usize,
        entry: &Entry,
        text: &PatternText,
        bases: Vec<Root>,
        rule: Rule,
        split: &Split,
        compiled: Option<&Tail>,
    ) {
        let os = self.os();
        for base in bases {
            let path = match base.path.join_segments(split.literal.iter().map(String::as_str)) {
                Ok(path) => path,
                Err(error) => {
                    let message = format!("the pattern has a component that {os} refuses: {error}");
                    return self.refuse(entry, Fault::new(Code::PatternSegment, error.value(), message));
                }
            };
            let steps = vec![step(rule, text.source.as_str(), path.as_str())];
            let root = (!base.id.is_empty()).then_some(base.id);
            let pattern = DenyPattern {
                base: Place::unsettled(path),
                tail: compiled.cloned(),
                source: text.source.clone(),
                depth: self.scan_depth,
            };
            self.push(Draft {
                entry: index,
                root,
                steps,
                outcome: Outcome::Bound,
                became: Became::Pattern(Box::new(pattern)),
                hazard: None,
                screened: false,
            });
        }
    }

    /// A grant written as a pattern: a place, or a place and `/**` for everything below it (P-1).
    pub(super) fn grant_pattern(&mut self, index: usize, entry: &Entry, text: &PatternText) {
        let os = self.os();
        let Some((bases, tail, rule)) = self.anchors(index, entry, text) else { return };
        let split = match split(os, &tail, rule) {
            Ok(split) => split,
            Err(error) => return self.refuse(entry, Fault::from(error)),
        };
        if !matches!(split.rest.as_deref(), None | Some("**")) {
            let source = crate::error::clip(&text.source);
            let message = format!("`{source}` grants by a pattern");
            return self.refuse(entry, Fault::new(Code::PatternInGrant, source, message));
        }
        let screened = match &text.anchor {
            Anchor::Symbol(symbol) => {
                matches!(symbol, Symbol::WorkspaceRoots | Symbol::Cwd | Symbol::Tmpdir)
            }
            Anchor::Home => false,
            // Below the cwd, unless it is absolute or hangs on the home.
            Anchor::Text => rule == Rule::P4 && !(os == Os::Windows && text.tail.starts_with("~\\")),
        };
        for base in bases {
            let path = match base.path.join_segments(split.literal.iter().map(String::as_str)) {
                Ok(path) => path,
                Err(error) => return self.refuse(entry, Fault::from(error)),
            };
            let steps = vec![step(rule, text.source.as_str(), path.as_str())];
            let root = (!base.id.is_empty()).then_some(base.id);
            let mut way = Way { path, root, steps, hazard: None, screened };
            if screened && !self.hazard(entry, &mut way) {
                continue;
            }
            self.place(index, entry, way);
        }
    }
}

/// A tail, split and compiled. Nothing compiled is the base and everything below it.
fn compile(os: Os, tail: &str, rule: Rule) -> Result<(Split, Option<Tail>), PatternError> {
    let split = split(os, tail, rule)?;
    let rest = split.rest.as_deref().and_then(|rest| without_subtree(os, rest));
    let compiled = rest.map(|rest| Tail::parse(os, rest, pattern::folds(os))).transpose()?;
    Ok((split, compiled))
}

/// A tail without a final `/**`, which says *and everything below*: that is what a denial means anyway, and it
/// denies the directory itself too, as a grant with `/**` grants it (docs/adr). `None` if nothing else is left.
fn without_subtree(os: Os, mut tail: &str) -> Option<&str> {
    while let Some(head) = tail.strip_suffix("**") {
        if head.is_empty() {
            return None;
        }
        let Some(head) = head.strip_suffix(|c| os.is_separator(c)) else { break };
        tail = head;
    }
    Some(tail)
}

/// The literal start of a tail and the rest. An absolute text may be a root and nothing else.
fn split(os: Os, tail: &str, rule: Rule) -> Result<pattern::Split, pattern::PatternError> {
    if tail.is_empty() && rule == Rule::P2 {
        return Ok(pattern::Split { literal: Vec::new(), rest: None });
    }
    pattern::split_literal(os, tail)
}

/// The root of an absolute pattern text and what follows it; `None` if the text is relative.
fn absolute_base(os: Os, text: &str) -> Result<Option<(NativePath, &str)>, Fault> {
    let foreign = || {
        Fault::new(
            Code::ForeignPath,
            text,
            format!("`{}` is not a pattern on {os}", crate::error::clip(text)),
        )
    };
    let bytes = text.as_bytes();
    let drive = match bytes {
        [letter, b':', ..] if letter.is_ascii_alphabetic() => Some(char::from(*letter)),
        _ => None,
    };
    let separator = |c: Option<&u8>| matches!(c, Some(b'/' | b'\\'));
    match os {
        Os::Linux | Os::Macos => {
            if (drive.is_some() && separator(bytes.get(2))) || text.starts_with("\\\\") {
                return Err(foreign());
            }
            let Some(rest) = text.strip_prefix('/') else { return Ok(None) };
            Ok(Some((NativePath::root(os), rest.trim_start_matches('/'))))
        }
        Os::Windows => absolute_windows(text),
    }
}

/// [`absolute_base`] by Windows' grammar; verbatim prefixes are simplified, never parsed as a pattern.
fn absolute_windows(text: &str) -> Result<Option<(NativePath, &str)>, Fault> {
    let shown = crate::error::clip(text);
    let separator = |c: char| c == '/' || c == '\\';
    let verbatim = text.strip_prefix(r"\\?\");
    let unc = match verbatim {
        Some(rest) => rest.strip_prefix(r"UNC\"),
        None => text.strip_prefix(r"\\").or_else(|| text.strip_prefix("//")),
    };
    if let Some(body) = unc {
        let (host, rest) = body.split_once(separator).unwrap_or((body, ""));
        let (share, rest) = rest.split_once(separator).unwrap_or((rest, ""));
        return Ok(Some((NativePath::unc(host, share)?, rest.trim_start_matches(separator))));
    }
    let body = verbatim.unwrap_or(text);
    let drive = match body.as_bytes() {
        [letter, b':', ..] if letter.is_ascii_alphabetic() => Some(char::from(*letter)),
        _ => None,
    };
    if let Some(letter) = drive {
        let rest = body.get(2..).unwrap_or_default();
        let Some(base) = NativePath::drive(letter).filter(|_| rest.starts_with(separator)) else {
            return Err(Fault::new(
                Code::PathDriveRelative,
                text,
                format!("`{shown}` depends on the drive's current directory"),
            ));
        };
        return Ok(Some((base, rest.trim_start_matches(separator))));
    }
    if verbatim.is_some() {
        return Err(Fault::new(
            Code::PathNamespace,
            text,
            format!("`{shown}` is not below a drive or a share"),
        ));
    }
    if text.starts_with('/') {
        return Err(Fault::new(Code::ForeignPath, text, format!("`{shown}` is not a pattern on windows")));
    }
    if text.starts_with('\\') {
        return Err(Fault::new(Code::PathRootRelative, text, format!("`{shown}` does not say which drive")));
    }
    Ok(None)
}
