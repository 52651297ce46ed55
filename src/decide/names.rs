//! The names of a queried path: as it was asked, through aliases, and through directories that mirror others.

use super::{Access, Answer, Cause, Verdict, Via, tree};
use crate::intent::EntryAccess;
use crate::native::alias::{MAX_HOPS, Rewritten};
use crate::native::key;
use crate::native::path::{NativePath, RootRef};
use crate::native::query::{Components, parse_query};
use crate::native::{Magic, posix};
use crate::policy::Inner;
use crate::policy::index::Collect;
use std::collections::BTreeSet;

/// A spelling of a query.
struct Renamed {
    text: Vec<u8>,
    /// The first alias on the way to it.
    alias: String,
    /// How many components at its end are as they were asked.
    kept: usize,
}

/// A name of the queried path, ready to be walked.
pub(super) struct Name<'q> {
    pub(super) root: RootRef<'q>,
    pub(super) components: Components<'q>,
}

/// Another name that a path may have, where only the wide key finds an alias.
#[derive(Clone, Copy)]
struct Possibly<'q> {
    name: &'q [u8],
    /// How many components at its end are those of the canonical name.
    kept: usize,
}

/// Through how many mirrors a path is followed. Behind an alias there can be one more every time, as behind the link
/// `/w/l` to `/proc/self/root/w/l`; and behind each, up to two names are judged.
const MAX_MIRRORS: usize = 4;

/// A question, on its way through the names of its path.
struct Question {
    access: Access,
    /// Through how many more mirrors the path may lead.
    mirrors: usize,
    /// Of a tree, every name that was met: what lies in it lies below one of them.
    names: Vec<Vec<u8>>,
}

impl Question {
    const fn new(access: Access) -> Self {
        Self { access, mirrors: MAX_MIRRORS, names: Vec::new() }
    }

    fn meet(&mut self, name: &[u8]) {
        if self.access.is_tree() {
            self.names.push(name.to_vec());
        }
    }
}

impl Inner {
    pub(super) fn decide(&self, path: &[u8], access: Access) -> Verdict {
        let os = self.facts.os;
        // Nearly every path has one name.
        if self.index.aliases.is_empty() {
            if let Ok(query) = parse_query(os, path) {
                let name = Name { root: query.root(), components: query.components() };
                let first = name.components.clone().next();
                if !first.is_some_and(|first| posix::may_be_magic(os, first)) {
                    return self.judge(&name, access, None, None);
                }
            }
        }
        self.decide_slowly(path, access)
    }

    /// Decides on a path that may have several names.
    #[inline(never)]
    fn decide_slowly(&self, path: &[u8], access: Access) -> Verdict {
        let mut question = Question::new(access);
        let mut verdict = self.decide_by_names(path, &mut question);
        if access.is_tree() && verdict.answer != Answer::Deny {
            self.look_at_mirrors(&question.names, access, &mut verdict);
            if !self.index.aliases.is_empty() {
                self.look_through_aliases(question.names, access, &mut verdict);
            }
        }
        verdict
    }

    /// Decides by every name of a path; of a tree, without the aliases that lie in it.
    fn decide_by_names(&self, path: &[u8], question: &mut Question) -> Verdict {
        let os = self.facts.os;
        let query = match parse_query(os, path) {
            Ok(query) => query,
            Err(error) => return Verdict::new(Answer::Deny, Cause::Query(error), Via::None),
        };
        question.meet(path);
        if let Some(verdict) = self.through_mirror(path, &query.components(), question) {
            return verdict;
        }
        let name = Name { root: query.root(), components: query.components() };
        let aliases = &self.index.aliases;
        if aliases.is_empty() || !aliases.may_hold(&self.index.volumes, name.root, name.components.clone()) {
            return self.judge(&name, question.access, None, None);
        }
        self.judge_names(path, &name, question)
    }

    /// Judges a path that may have several names. What it is allowed, it is allowed by its canonical name; a denial
    /// holds under every name that it was asked or written by (N-6, O-4).
    fn judge_names(&self, path: &[u8], name: &Name<'_>, question: &mut Question) -> Verdict {
        let exact = self.rename(name, false);
        let wide = self.rename(name, true);
        exact.iter().chain(&wide).for_each(|renamed| question.meet(&renamed.text));
        let canonical = exact.last().map_or(path, |renamed| &renamed.text);
        let own = exact.last().map_or(usize::MAX, |renamed| renamed.kept);
        let possibly = wide.last().filter(|renamed| renamed.text != canonical);
        let possibly = possibly.map(|renamed| Possibly { name: &renamed.text, kept: own.min(renamed.kept) });
        let mut verdict = self.judge_renamed(name, question, exact.last(), possibly);
        let steps = |names: &[Renamed]| names.len().saturating_sub(1);
        let between = exact.iter().take(steps(&exact)).chain(wide.iter().take(steps(&wide)));
        let asked = (!exact.is_empty() || !wide.is_empty()).then_some(path);
        for other in asked.into_iter().chain(between.map(|renamed| renamed.text.as_slice())) {
            if self.is_written_denial(&verdict) {
                break;
            }
            if let Some(denied) = self.denied_as_named(other, canonical, question.access) {
                verdict = self.stricter(verdict, denied);
            }
        }
        // Where it may lead is known as little as whether it does, so nothing is granted there.
        let volumes = &self.index.volumes;
        for first in self.index.aliases.rewrite_by_short_names(volumes, name.root, &name.components) {
            let further = parse_query(self.facts.os, &first.text).map_or_else(
                |_| Vec::new(),
                |query| self.rename(&Name { root: query.root(), components: query.components() }, true),
            );
            let last =
                further.last().map_or((&first.text, first.kept), |renamed| (&renamed.text, renamed.kept));
            let (text, kept) = last;
            question.meet(text);
            let possibly = Possibly { name: text, kept: own.min(first.kept).min(kept) };
            let other = self.judge_renamed(name, question, exact.last(), Some(possibly));
            verdict = self.stricter(verdict, other);
        }
        verdict
    }

    /// The stricter of two; where the first only lacks a grant, a denial that someone wrote says more.
    fn stricter(&self, first: Verdict, second: Verdict) -> Verdict {
        let lacks = first.answer == Answer::Deny && !self.is_written_denial(&first);
        if lacks && self.is_written_denial(&second) { second } else { first.stricter(second) }
    }

    /// Is the answer what an entry denies, and not only what none grants?
    fn is_written_denial(&self, verdict: &Verdict) -> bool {
        let access = |rule: u32| self.facts.rules.get(rule as usize).map(|rule| rule.access);
        match verdict.cause {
            Cause::Rule(rule) => access(rule) == Some(EntryAccess::Deny),
            Cause::Pattern(_) => true,
            Cause::Protected(_) | Cause::Nothing | Cause::Query(_) | Cause::Mirror | Cause::Unseen(_) => {
                false
            }
        }
    }

    /// A denial that holds for a path under one of its names and says nothing about its canonical one: a rule that
    /// contains only this name, a pattern, or a protected name.
    fn denied_as_named(&self, text: &[u8], canonical: &[u8], access: Access) -> Option<Verdict> {
        let os = self.facts.os;
        let query = parse_query(os, text).ok()?;
        let found = self.index.walk(query.root(), &query.components(), Collect::Rules);
        let mut verdict = Self::answer(&found, access);
        if verdict.answer != Answer::Deny {
            return None;
        }
        let real = parse_query(os, canonical).ok()?;
        match verdict.cause {
            Cause::Rule(rule) => {
                let there = self.index.walk(real.root(), &real.components(), Collect::Rules);
                // A rule that contains both names was weighed with everything else there.
                if there.all.iter().any(|(other, _)| *other == rule) {
                    return None;
                }
            }
            Cause::Protected(_) => {
                // The protected name's own place under its canonical name: an entry that names it opens it.
                let depth = found.cap.map_or(0, |cap| cap.depth as usize);
                let drive = usize::from(!matches!(query.root(), RootRef::Posix | RootRef::Namespace));
                let components = query.components().take(depth.saturating_sub(drive));
                let volumes = &self.index.volumes;
                let named = self.index.aliases.rewrite(os, volumes, query.root(), components.clone(), false);
                let place = match named {
                    Some(named) => {
                        let named = parse_query(os, &named.text).ok()?;
                        volumes.query_keys(named.root(), named.components()).exact
                    }
                    None => volumes.query_keys(query.root(), components).exact,
                };
                let there = self.index.walk(real.root(), &real.components(), Collect::Answer);
                let opened = there.exact.and_then(|hit| self.facts.rules.get(hit.rule as usize));
                let opened = opened.filter(|rule| rule.access == EntryAccess::Write);
                if opened.is_some_and(|rule| place.contains(&volumes.keys(rule.place.resolved()).exact)) {
                    return None;
                }
            }
            Cause::Pattern(_) => {}
            Cause::Nothing | Cause::Query(_) | Cause::Mirror | Cause::Unseen(_) => return None,
        }
        verdict.name = Some(text.to_vec());
        Some(verdict)
    }

    /// Adds to a tree's answer the mirrors in it, which show other places: unless everything is allowed (N-7).
    fn look_at_mirrors(&self, names: &[Vec<u8>], access: Access, verdict: &mut Verdict) {
        let mut under: BTreeSet<String> = verdict.under.drain(..).collect();
        let queries = names.iter().filter_map(|name| parse_query(self.facts.os, name).ok());
        under.extend(queries.filter_map(|query| self.mirror_below(&query.components(), access)));
        verdict.under = under.into_iter().collect();
        if !verdict.under.is_empty() {
            verdict.answer = Answer::Partial;
        }
    }

    fn mirror_below(&self, components: &Components<'_>, access: Access) -> Option<String> {
        let full = if access.is_write() { self.view.full_write } else { self.view.full_read };
        let below = if full { None } else { posix::magic_below(self.facts.os, components.clone()) };
        below.map(str::to_owned)
    }

    /// Adds to a tree's answer what is not allowed below the aliases in it, whose places are parts of the tree, and
    /// what patterns could match below any of its names.
    fn look_through_aliases(&self, names: Vec<Vec<u8>>, access: Access, verdict: &mut Verdict) {
        let (os, volumes) = (self.facts.os, &self.index.volumes);
        let mut open = names;
        let mut met: BTreeSet<Vec<u8>> = BTreeSet::new();
        let mut seen: BTreeSet<&NativePath> = BTreeSet::new();
        let mut under: BTreeSet<String> = verdict.under.drain(..).collect();
        while let Some(name) = open.pop() {
            let Ok(query) = parse_query(os, &name) else { continue };
            let (tree, components) =
                (volumes.query_keys(query.root(), query.components()), query.components());
            if !met.insert(name.clone()) {
                continue;
            }
            let found = self.index.walk(query.root(), &components, Collect::Tree);
            under.extend(tree::pending(self, &found));
            under.extend(self.mirror_below(&components, access));
            for (from, keys) in self.index.aliases.iter() {
                let lies_in = tree.may_contain(keys) || {
                    let names = from.segments().map(str::as_bytes);
                    key::may_contain_by_short_names(os, (&tree, components.clone()), (keys, names))
                };
                // An alias that may be the tree itself was followed already.
                if !lies_in || tree.may_be(keys) || !seen.insert(from) {
                    continue;
                }
                let mut question = Question::new(access);
                if self.decide_by_names(from.as_str().as_bytes(), &mut question).answer != Answer::Allow {
                    under.insert(from.as_str().to_owned());
                }
                open.append(&mut question.names);
            }
        }
        verdict.under = under.into_iter().collect();
        if !verdict.under.is_empty() {
            verdict.answer = Answer::Partial;
        }
    }

    /// The spellings of a query behind the one that was asked, each with the first alias on the way: the last is
    /// the canonical one. Empty if the query is canonical.
    fn rename(&self, name: &Name<'_>, wide: bool) -> Vec<Renamed> {
        let (os, volumes) = (self.facts.os, &self.index.volumes);
        let mut names: Vec<Renamed> = Vec::new();
        let first = self.index.aliases.rewrite(os, volumes, name.root, name.components.clone(), wide);
        let Some(Rewritten { text, alias, kept }) = first else { return names };
        let alias = alias.as_str().to_owned();
        names.push(Renamed { text, alias: alias.clone(), kept });
        for _ in 1..MAX_HOPS {
            let Some(last) = names.last() else { break };
            let Ok(query) = parse_query(os, &last.text) else { break };
            match self.index.aliases.rewrite(os, volumes, query.root(), query.components(), wide) {
                Some(next) if names.iter().all(|name| name.text != next.text) => {
                    let kept = last.kept.min(next.kept);
                    names.push(Renamed { text: next.text, alias: alias.clone(), kept });
                }
                Some(_) | None => break,
            }
        }
        names
    }

    fn judge_renamed(
        &self,
        asked: &Name<'_>,
        question: &mut Question,
        renamed: Option<&Renamed>,
        possibly: Option<Possibly<'_>>,
    ) -> Verdict {
        let access = question.access;
        // Where only the wide key finds an alias: where the path may lead.
        let mut other = None;
        if let Some(Possibly { name: text, kept }) = possibly {
            let Ok(query) = parse_query(self.facts.os, text) else {
                return Verdict::new(Answer::Deny, Cause::Mirror, Via::None);
            };
            if let Some(verdict) = self.through_mirror(text, &query.components(), question) {
                return self.judge_renamed(asked, question, renamed, None).stricter(verdict);
            }
            other = Some((query, kept));
        }
        let other = other.as_ref().map(|(query, kept)| {
            let name = Name { root: query.root(), components: query.components() };
            (name, *kept)
        });
        let Some(Renamed { text, alias, .. }) = renamed else {
            return self.judge(asked, access, None, other);
        };
        let Ok(query) = parse_query(self.facts.os, text) else {
            return Verdict::new(Answer::Deny, Cause::Mirror, Via::None);
        };
        // A renamed path may lead through a mirror that the written one hid. Where else it may lead, it is denied what
        // is denied there.
        if let Some(verdict) = self.through_mirror(text, &query.components(), question) {
            let denied = possibly.and_then(|possibly| self.denied_as_named(possibly.name, text, access));
            return denied.map_or(verdict.clone(), |denied| self.stricter(verdict, denied));
        }
        let name = Name { root: query.root(), components: query.components() };
        let mut verdict = self.judge(&name, access, Some(asked), other);
        if verdict.via == Via::Alias {
            verdict.alias = Some(alias.clone());
        }
        verdict.name = Some(text.clone());
        verdict
    }

    /// Paths such as `/proc/self/root/x` (N-7): judged as written and as the place they show, or, where that
    /// depends on the process that asks, allowed only if everything is.
    #[inline]
    fn through_mirror(
        &self,
        path: &[u8],
        components: &Components<'_>,
        question: &mut Question,
    ) -> Option<Verdict> {
        if !components.clone().next().is_some_and(|first| posix::may_be_magic(self.facts.os, first)) {
            return None;
        }
        self.through_magic(path, components, question)
    }

    /// [`through_mirror`](Self::through_mirror) of a path that begins like one.
    #[cold]
    fn through_magic(
        &self,
        path: &[u8],
        components: &Components<'_>,
        question: &mut Question,
    ) -> Option<Verdict> {
        let access = question.access;
        match posix::magic(self.facts.os, components.clone())? {
            Magic::Root { rest_index } if question.mirrors > 0 => {
                let mut rest: Vec<u8> = Vec::with_capacity(path.len());
                for component in components.clone().skip(rest_index) {
                    rest.push(b'/');
                    rest.extend_from_slice(component);
                }
                if rest.is_empty() {
                    rest.push(b'/');
                }
                question.mirrors -= 1;
                let mut shown = self.decide_by_names(&rest, question);
                question.mirrors += 1;
                let written = Name { root: RootRef::Posix, components: components.clone() };
                let written = self.judge(&written, access, None, None);
                if written.answer <= shown.answer {
                    return Some(written);
                }
                shown.name = Some(rest);
                Some(shown)
            }
            Magic::Opaque | Magic::Root { .. } => {
                let full = if access.is_write() { self.view.full_write } else { self.view.full_read };
                (!full).then(|| Verdict::new(Answer::Deny, Cause::Mirror, Via::None))
            }
        }
    }
}
