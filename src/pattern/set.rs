//! Many tails below one base.
//!
//! Every answer is the precise matcher's. In front of it stands what leaves few tails to compare: how the last
//! component of each begins or ends ([`Ends`]), and for the tails of which that says nothing, if they are enough to
//! pay for it, one `GlobSet` of globs that match *at least* what the tails match.
//!
//! What is known about `globset` and kept away from it: it works on bytes and folds ASCII only (so `?` and
//! negated classes become `?*`, and every spelling of a literal is written out); it takes a `\` for a
//! separator on Windows hosts, in globs and candidates (so a `\` is a NUL in both, which no path holds);
//! nested braces exhaust its stack (so tails are parsed, bounded and written anew); and `compile_matcher`
//! panics (so there is only `GlobSetBuilder`, and a set that it refuses is matched without it).

use super::ends::Ends;
use super::parse::{Class, Node};
use super::program::spellings;
use super::{Reading, Tail, WideComponent};
use globset::{Candidate, GlobBuilder, GlobSet, GlobSetBuilder};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// What one tail costs to compare, in tens of nanoseconds: one that is compared as bytes, and one that is run.
/// One question to `globset` costs ten to forty, and hardly more for a large set.
const COST: (usize, usize) = (1, 10);
/// The cheapest set for which `globset` is asked first.
const PREFILTER_COST: usize = 24;
/// How many queries a set answers tail by tail before it builds its `GlobSet`. Building takes 15 to 25 µs a
/// tail, as long as this many comparisons, so neither one query nor a million pay much for the wrong choice.
const PREFILTER_AFTER: u32 = 256;

/// Many tails below one base.
#[derive(Debug, Default)]
pub(crate) struct TailSet {
    tails: Box<[Tail]>,
    ends: Ends,
    /// The tails that [`Ends`] says nothing of.
    always: Box<[Tail]>,
    /// Built by a query, never by binding. `None` inside: `globset` refused.
    prefilter: OnceLock<Option<GlobSet>>,
    /// Queries until then; of no meaning for any answer.
    asked: AtomicU32,
}

impl TailSet {
    /// A set; the index of a tail is its place in the list.
    pub(crate) fn new(tails: Vec<Tail>) -> Self {
        let ends = Ends::new(&tails);
        let always: Box<[Tail]> = ends.always().filter_map(|id| tails.get(id).cloned()).collect();
        let cost =
            always.iter().map(|tail| if tail.quick.is_some() { COST.0 } else { COST.1 }).sum::<usize>();
        let prefilter = OnceLock::new();
        if cost < PREFILTER_COST {
            // The lock is new, so this sets it.
            let _: Result<(), _> = prefilter.set(None);
        }
        Self { tails: tails.into(), ends, always, prefilter, asked: AtomicU32::new(0) }
    }

    /// The tails.
    #[cfg(test)]
    pub(crate) fn tails(&self) -> &[Tail] {
        &self.tails
    }

    /// The lowest index of a tail that matches the path, or an ancestor of it below the base, by either key.
    pub(crate) fn matches(&self, exact: &[&[u8]], wide: &[WideComponent<'_>]) -> Option<usize> {
        let apart = !same(exact, wide);
        let is_match = |tail: &Tail| tail.matches_exact(exact) || (apart && tail.matches_wide(wide));
        // A component that may be any name is no text to search in.
        if wide.iter().any(|component| component.reading == Reading::Any) {
            return self.tails.iter().position(is_match);
        }
        let is_at = |id: usize| self.tails.get(id).is_some_and(is_match);
        let wides = wide.iter().filter(|_| apart).map(|component| component.bytes);
        let found = self.ends.lowest(exact.iter().copied().chain(wides), is_at);
        let other = if let Some(prefilter) = self.prefilter() {
            let mut found = prefilter.matches_candidate(&Candidate::from_bytes(&join(exact.iter().copied())));
            if apart {
                let wide = join(wide.iter().map(|component| component.bytes));
                found.extend(prefilter.matches_candidate(&Candidate::from_bytes(&wide)));
                found.sort_unstable();
            }
            found.into_iter().find(|index| self.always.get(*index).is_some_and(is_match))
        } else {
            self.always.iter().position(is_match)
        };
        let other = other.and_then(|index| self.ends.always().nth(index));
        found.into_iter().chain(other).min()
    }

    /// The lowest index of a tail that matches the path or could match something below it, by either key.
    pub(crate) fn could_match_below(&self, exact: &[&[u8]], wide: &[WideComponent<'_>]) -> Option<usize> {
        let apart = !same(exact, wide);
        self.tails.iter().position(|tail| {
            tail.could_match_below_exact(exact) || (apart && tail.could_match_below_wide(wide))
        })
    }

    fn prefilter(&self) -> Option<&GlobSet> {
        if let Some(built) = self.prefilter.get() {
            return built.as_ref();
        }
        // Relaxed: a lost count only puts the building off.
        if self.asked.fetch_add(1, Ordering::Relaxed) < PREFILTER_AFTER {
            return None;
        }
        self.prefilter.get_or_init(|| build(&self.always)).as_ref()
    }

    /// As if it had been asked often.
    #[cfg(test)]
    pub(super) fn warm(self) -> Self {
        self.asked.store(PREFILTER_AFTER, Ordering::Relaxed);
        self
    }
}

/// Are the wide components the exact ones again? They are on volumes that keep all names apart.
fn same(exact: &[&[u8]], wide: &[WideComponent<'_>]) -> bool {
    exact.len() == wide.len()
        && exact.iter().zip(wide).all(|(bytes, wide)| wide.reading == Reading::Exact && wide.bytes == *bytes)
}

/// Components as `globset` may see them.
fn join<'a>(components: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    for (index, component) in components.enumerate() {
        if index > 0 {
            out.push(b'/');
        }
        out.extend(component.iter().map(|byte| if *byte == b'\\' { 0 } else { *byte }));
    }
    out
}

/// `None` where `globset` refuses; then every tail is compared.
pub(super) fn build(tails: &[Tail]) -> Option<GlobSet> {
    let mut builder = GlobSetBuilder::new();
    for tail in tails {
        let glob = GlobBuilder::new(&glob(tail))
            .literal_separator(true)
            .backslash_escape(true)
            .empty_alternates(true)
            .case_insensitive(false)
            .allow_unclosed_class(false)
            .build()
            .ok()?;
        builder.add(glob);
    }
    builder.build().ok()
}

/// A glob that matches the joined components of everything that the tail matches, in every reading.
pub(super) fn glob(tail: &Tail) -> String {
    if tail.program.fuzzy {
        return "**".to_owned();
    }
    let mut out = Writer { out: String::with_capacity(tail.text.len() + 8), star: false };
    out.sequence(&tail.nodes, tail);
    // What is below a match is denied too.
    out.raw("{,/**}");
    out.out
}

struct Writer {
    out: String,
    /// The last thing written was a `*`; another one right after it would make a `**`.
    star: bool,
}

impl Writer {
    fn raw(&mut self, text: &str) {
        self.out.push_str(text);
        self.star = false;
    }

    fn star(&mut self) {
        if !self.star {
            self.out.push('*');
            self.star = true;
        }
    }

    /// Recursion is as deep as groups nest, at most four.
    fn sequence(&mut self, nodes: &[Node], tail: &Tail) {
        let mut rest = nodes;
        while let [node, after @ ..] = rest {
            rest = after;
            match node {
                Node::Literal(text) => self.spelled(text, after.first() == Some(&Node::Star), tail),
                Node::Star => self.star(),
                Node::One => {
                    // One character is one byte or more; a folded one may be several characters.
                    if !self.star {
                        self.raw("?");
                    }
                    self.star();
                }
                Node::Class(class) => self.class(*class),
                Node::Separator => self.raw("/"),
                Node::Globstar => {
                    if after.is_empty() {
                        self.star();
                    } else {
                        self.raw("**");
                    }
                }
                Node::Group(alternatives) => {
                    for (index, alternative) in alternatives.iter().enumerate() {
                        self.raw(if index == 0 { "{" } else { "," });
                        self.sequence(alternative, tail);
                    }
                    self.raw("}");
                }
            }
        }
    }

    fn spelled(&mut self, text: &str, before_star: bool, tail: &Tail) {
        let mut spelled = spellings(text, tail.folds).to_vec();
        spelled.dedup();
        if before_star {
            // Marks at the end have slack in the program; here the `*` that follows takes them.
            for text in &mut spelled {
                let kept = text.trim_end_matches(|c| super::program::extends(u32::from(c))).len();
                text.truncate(kept);
            }
        }
        if let [text] = spelled.as_slice() {
            return self.literal(text);
        }
        for (index, text) in spelled.iter().enumerate() {
            self.raw(if index == 0 { "{" } else { "," });
            self.literal(text);
        }
        self.raw("}");
    }

    fn literal(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '?' | '*' | '[' | ']' | '{' | '}' | ',' => {
                    self.out.push('[');
                    self.out.push(c);
                    self.out.push(']');
                }
                '\\' => self.out.push('\0'),
                c => self.out.push(c),
            }
            self.star = false;
        }
    }

    fn class(&mut self, class: Class) {
        let members = class.members | class.folded().members;
        let listed = (0..128u8).filter(|byte| members & (1 << byte) != 0).map(char::from);
        // Only what no reader of globs could take for anything else is written as a class.
        if !class.negated && listed.clone().all(|c| c.is_ascii_alphanumeric()) {
            self.raw("[");
            listed.for_each(|c| self.out.push(c));
            self.raw("]");
        } else {
            if !self.star {
                self.raw("?");
            }
            self.star();
        }
    }
}
