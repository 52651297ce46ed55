//! Nodes to a program: a Thompson automaton whose silent steps only go forward.
//!
//! Because of that, one ascending pass over a set of states follows all its silent steps, and matching needs
//! neither a stack nor recursion. The program knows every [`Reading`] at once: a literal character holds its
//! three spellings where they line up, and a whole run stands in the program once per spelling where they do
//! not (`É` is one character as written and two when decomposed).

use super::parse::{Class, Node};
use super::{Folds, PatternError, Reading};
use crate::native::Os;
use std::iter;
use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The most states of a program. Four kilobytes of any text stay below it with the folds of `native::key`.
pub(super) const MAX_STATES: usize = 32 * 1024;

/// A state. `s` is its own number; "silent" is a step that takes no character.
#[derive(Clone, Copy, Debug)]
pub(super) enum Inst {
    /// Takes one character, given per reading, to `s + 1`. With `slack`, marks may stand before it.
    Char { spelled: [u32; 3], slack: bool },
    /// `?`: takes any character to `s + 1`, where [`Inst::More`] follows.
    One,
    /// After `?`: silent to `s + left`; takes marks here; in a loose component, takes a character to `s + 1`.
    More { left: u8 },
    /// Takes a member to `s + 1`. The pair is the class as written and case-folded.
    Class(usize),
    /// Takes what is not a member to `s + 2`; a member goes to [`Inst::Need`] at `s + 1`.
    Not(usize),
    /// After a member of a negated class: takes a mark to `s + 1`, because the two may be one character.
    Need,
    /// `*`: takes any character and stays; silent to `s + 1`.
    Star,
    /// `**` at the start of a component: silent to `s + 2`, or takes a character of it to `s + 1`.
    Hop,
    /// Inside a component of `**`: takes any character and stays; a separator goes back to `s - 1`.
    Within,
    /// Takes the separator to `s + 1`.
    Separator,
    /// Silent to `s + 1` and to the target.
    Split(usize),
    /// Silent to the target.
    Jump(usize),
    /// Silent to `s + 1` in the readings of the mask.
    Guard(u8),
    /// The end: matches if a component ends here.
    Match,
}

/// A compiled tail.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) insts: Vec<Inst>,
    /// Every class as written and case-folded.
    pub(super) classes: Vec<[Class; 2]>,
    /// A mark of a literal meets a wildcard, so normalization may have moved it to the wildcard's side:
    /// outside [`Reading::Exact`] marks do not count at all in this tail.
    pub(super) fuzzy: bool,
}

impl Program {
    /// Compiles.
    ///
    /// # Errors
    /// [`PatternError::TooComplex`], and what only the whole can tell: components that can be empty, `.` or
    /// `..`, and on Windows ones that can end in a dot or a blank.
    pub(super) fn compile(os: Os, text: &str, nodes: &[Node], folds: Folds) -> Result<Self, PatternError> {
        let mut builder = Builder { insts: Vec::new(), classes: Vec::new(), folds };
        if builder.sequence(nodes).is_none() || builder.push(Inst::Match).is_none() {
            return Err(PatternError::TooComplex { text: text.to_owned() });
        }
        let mut program = Self { insts: builder.insts, classes: builder.classes, fuzzy: false };
        program.check_names(os, text)?;
        program.fuzzy = program.has_open_marks() || text.nfd().any(|c| c == '\u{345}');
        Ok(program)
    }

    pub(super) fn get(&self, state: usize) -> Inst {
        // Every target of the builder is a state; the fallback only spares a panic path.
        self.insts.get(state).copied().unwrap_or(Inst::Match)
    }

    /// Refuses components that no name can be. A wildcard can always be something else, so only paths
    /// through literals, groups and boundaries count.
    fn check_names(&self, os: Os, text: &str) -> Result<(), PatternError> {
        let starts = iter::once(0).chain(self.after(|inst| matches!(inst, Inst::Separator)));
        let starts = self.spread(starts);
        if self.ends(&starts) {
            return Err(PatternError::EmptyComponent { text: text.to_owned() });
        }
        let mut seen = starts;
        for _ in 0..2 {
            let dots = self.after(|inst| is_char(inst, &['.'])).filter(|next| holds(&seen, next - 1));
            seen = self.spread(dots.collect::<Vec<_>>().into_iter());
            if self.ends(&seen) {
                return Err(PatternError::DotComponent { text: text.to_owned() });
            }
        }
        if os == Os::Windows && self.ends(&self.spread(self.after(|inst| is_char(inst, &['.', ' '])))) {
            return Err(PatternError::TrailingDotOrBlank { text: text.to_owned() });
        }
        Ok(())
    }

    /// The states right after those that `wanted` picks.
    fn after<'a>(&'a self, wanted: impl Fn(Inst) -> bool + 'a) -> impl Iterator<Item = usize> + 'a {
        (1..).zip(&self.insts).filter(move |(_, inst)| wanted(**inst)).map(|(next, _)| next)
    }

    /// Everything that silent steps reach in the exact reading, except past a `*`.
    fn spread(&self, from: impl Iterator<Item = usize>) -> Vec<bool> {
        let mut set = vec![false; self.insts.len()];
        from.for_each(|state| mark(&mut set, state));
        for (state, inst) in (0..).zip(&self.insts) {
            let stays = match *inst {
                Inst::Star => true,
                Inst::Guard(mask) => mask & Reading::Exact.mask() == 0,
                Inst::Char { .. }
                | Inst::One
                | Inst::More { .. }
                | Inst::Class(_)
                | Inst::Not(_)
                | Inst::Need
                | Inst::Hop
                | Inst::Within
                | Inst::Separator
                | Inst::Split(_)
                | Inst::Jump(_)
                | Inst::Match => false,
            };
            if holds(&set, state) && !stays {
                let (one, two) = self.silent(state);
                one.into_iter().chain(two).for_each(|target| mark(&mut set, target));
            }
        }
        set
    }

    /// Can a component end in one of these states?
    fn ends(&self, set: &[bool]) -> bool {
        self.insts.iter().zip(set).any(|(inst, held)| *held && matches!(inst, Inst::Separator | Inst::Match))
    }

    /// Does a literal's mark stand next to something that can match a mark? Normalization sorts marks, so a
    /// mark that the wildcard should take may end up before the literal's own, or the other way round.
    fn has_open_marks(&self) -> bool {
        // What silent steps reach from each state, found from the back because they only go forward.
        let mut marks = vec![false; self.insts.len()];
        let mut wild = marks.clone();
        for (state, inst) in (0..self.insts.len()).zip(&self.insts).rev() {
            let (own_mark, own_wild) =
                (is_mark(*inst), matches!(inst, Inst::One | Inst::Not(_) | Inst::Star));
            let (one, two) = self.silent(state);
            let reach =
                |set: &[bool]| one.is_some_and(|s| holds(set, s)) || two.is_some_and(|s| holds(set, s));
            if own_mark || reach(&marks) {
                mark(&mut marks, state);
            }
            if own_wild || reach(&wild) {
                mark(&mut wild, state);
            }
        }
        (0..).zip(&self.insts).any(|(state, inst)| match *inst {
            Inst::Char { slack, .. } if is_mark(*inst) && !is_mark(self.get(state + 1)) => {
                // With slack, exactly the `*` that follows is dealt with.
                let next = if slack { self.landing(state + 1) + 1 } else { state + 1 };
                holds(&marks, next) || holds(&wild, next)
            }
            Inst::One | Inst::Star => holds(&marks, state + 1),
            Inst::Not(_) => holds(&marks, state + 2),
            Inst::Char { .. }
            | Inst::More { .. }
            | Inst::Class(_)
            | Inst::Need
            | Inst::Hop
            | Inst::Within
            | Inst::Separator
            | Inst::Split(_)
            | Inst::Jump(_)
            | Inst::Guard(_)
            | Inst::Match => false,
        })
    }

    /// The silent steps of a state, in any reading.
    fn silent(&self, state: usize) -> (Option<usize>, Option<usize>) {
        match self.get(state) {
            Inst::Split(target) => (Some(state + 1), Some(target)),
            Inst::Jump(target) => (Some(target), None),
            Inst::Guard(_) | Inst::Star => (Some(state + 1), None),
            Inst::More { left } => (Some(state + usize::from(left)), None),
            Inst::Hop => (Some(state + 2), None),
            Inst::Char { .. }
            | Inst::One
            | Inst::Class(_)
            | Inst::Not(_)
            | Inst::Need
            | Inst::Within
            | Inst::Separator
            | Inst::Match => (None, None),
        }
    }

    /// Where a run that ends right before `state` comes out.
    fn landing(&self, state: usize) -> usize {
        if let Inst::Jump(target) = self.get(state) { target } else { state }
    }
}

/// Is this a literal's mark in a reading where text is decomposed?
fn is_mark(inst: Inst) -> bool {
    matches!(inst, Inst::Char { spelled: [_, decomposed, folded], .. } if extends(decomposed) || extends(folded))
}

fn holds(set: &[bool], state: usize) -> bool {
    set.get(state).copied().unwrap_or(false)
}

fn mark(set: &mut [bool], state: usize) {
    if let Some(held) = set.get_mut(state) {
        *held = true;
    }
}

fn is_char(inst: Inst, wanted: &[char]) -> bool {
    matches!(inst, Inst::Char { spelled: [exact, ..], .. } if wanted.iter().any(|c| u32::from(*c) == exact))
}

/// Does this character only continue the one before it? Combining marks, and the few others that a canonical
/// decomposition has after its first (Hangul vowels and finals, two-part vowel signs of Indic scripts).
pub(super) fn extends(unit: u32) -> bool {
    if unit < 0x300 {
        return false;
    }
    char::from_u32(unit).is_some_and(|c| {
        canonical_combining_class(c) != 0
            || is_nfc_quick(iter::once(c)) == IsNormalized::Maybe
            // The two of Tibetan that never compose again.
            || matches!(c, '\u{fb5}' | '\u{fb7}')
    })
}

/// A literal as it stands in text of each reading: as written, decomposed, case-folded.
pub(super) fn spellings(text: &str, folds: Folds) -> [String; 3] {
    if text.is_ascii() {
        return [text.to_owned(), text.to_owned(), text.to_ascii_lowercase()];
    }
    [text.to_owned(), (folds.decompose)(text), (folds.fold)(text)]
}

struct Builder {
    insts: Vec<Inst>,
    classes: Vec<[Class; 2]>,
    folds: Folds,
}

/// Building stops with `None` when there are too many states.
impl Builder {
    fn push(&mut self, inst: Inst) -> Option<usize> {
        let state = self.insts.len();
        (state < MAX_STATES).then(|| {
            self.insts.push(inst);
            state
        })
    }

    /// Points the steps at `states` to the next state.
    fn land(&mut self, states: impl IntoIterator<Item = usize>) {
        let here = self.insts.len();
        for state in states {
            if let Some(Inst::Split(target) | Inst::Jump(target)) = self.insts.get_mut(state) {
                *target = here;
            }
        }
    }

    /// Recursion is as deep as groups nest, at most four.
    fn sequence(&mut self, nodes: &[Node]) -> Option<()> {
        let mut rest = nodes;
        while let [node, after @ ..] = rest {
            rest = after;
            match node {
                Node::Literal(text) => self.literal(text, after.first() == Some(&Node::Star))?,
                Node::One => {
                    self.push(Inst::One)?;
                    self.more()?;
                }
                Node::Star => {
                    self.push(Inst::Star)?;
                }
                Node::Class(class) => {
                    let index = self.classes.len();
                    self.classes.push([*class, class.folded()]);
                    if class.negated {
                        self.push(Inst::Not(index))?;
                        self.push(Inst::Need)?;
                        self.more()?;
                    } else {
                        self.push(Inst::Class(index))?;
                    }
                }
                Node::Separator => {
                    self.push(Inst::Separator)?;
                }
                Node::Globstar => {
                    if let [Node::Separator, after @ ..] = after {
                        rest = after;
                        self.push(Inst::Hop)?;
                        self.push(Inst::Within)?;
                    } else {
                        // At the end: one component is enough, what is below it matches by its ancestor.
                        self.push(Inst::Star)?;
                    }
                }
                Node::Group(alternatives) => {
                    let (last, init) = alternatives.split_last()?;
                    let mut ends = Vec::with_capacity(alternatives.len());
                    for alternative in init {
                        let split = self.push(Inst::Split(0))?;
                        self.sequence(alternative)?;
                        ends.push(self.push(Inst::Jump(0))?);
                        self.land([split]);
                    }
                    self.sequence(last)?;
                    // Also the last one jumps, so that two literals never touch unless they are one run.
                    ends.push(self.push(Inst::Jump(0))?);
                    self.land(ends);
                }
            }
        }
        Some(())
    }

    /// Up to three characters of the folded text may be one character as written.
    fn more(&mut self) -> Option<()> {
        for left in [3, 2, 1] {
            self.push(Inst::More { left })?;
        }
        Some(())
    }

    fn literal(&mut self, text: &str, before_star: bool) -> Option<()> {
        let spelled = spellings(text, self.folds);
        let [exact, decomposed, folded] = &spelled;
        let count = exact.chars().count();
        if decomposed.chars().count() == count && folded.chars().count() == count {
            let rows = exact.chars().zip(decomposed.chars()).zip(folded.chars());
            let rows = rows.map(|((a, b), c)| [a.into(), b.into(), c.into()]).collect::<Vec<[u32; 3]>>();
            return self.run(&rows, before_star);
        }
        let all = [Reading::Exact, Reading::Decomposed, Reading::Folded];
        let mut variants: Vec<(u8, &str)> = Vec::with_capacity(3);
        for (reading, text) in all.into_iter().zip(&spelled) {
            match variants.iter_mut().find(|(_, seen)| *seen == text.as_str()) {
                Some((mask, _)) => *mask |= reading.mask(),
                None => variants.push((reading.mask(), text)),
            }
        }
        let mut ends = Vec::with_capacity(3);
        let mut split = None;
        for (index, (mask, text)) in variants.iter().enumerate() {
            self.land(split);
            split = if index + 1 < variants.len() { Some(self.push(Inst::Split(0))?) } else { None };
            self.push(Inst::Guard(*mask))?;
            let rows = text.chars().map(|c| [c.into(); 3]).collect::<Vec<[u32; 3]>>();
            self.run(&rows, before_star)?;
            ends.push(self.push(Inst::Jump(0))?);
        }
        self.land(ends);
        Some(())
    }

    /// The characters of one run; the marks that end it have slack where `*` follows.
    fn run(&mut self, rows: &[[u32; 3]], before_star: bool) -> Option<()> {
        let is_mark = |row: &[u32; 3]| row.iter().skip(1).any(|unit| extends(*unit));
        let marks = rows.iter().rev().take_while(|row| is_mark(row)).count();
        for (index, row) in rows.iter().enumerate() {
            let slack = before_star && index + marks >= rows.len();
            self.push(Inst::Char { spelled: *row, slack })?;
        }
        Some(())
    }
}
