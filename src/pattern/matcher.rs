//! Running a program over components: every live state at once, never back.
//!
//! Time is at most states times characters of the candidate, whatever the pattern; space is two bit sets on
//! the stack. Nothing is allocated.

use super::program::{Inst, Program, extends};
use super::{Reading, WideComponent};
use crate::native::Os;

/// What a run says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The path or one of its ancestors matches.
    Matched,
    /// Not so, but something below the path could.
    Alive,
    /// Neither.
    Dead,
}

/// Runs a program over the components below the base.
pub(super) fn run<'a>(
    program: &Program,
    os: Os,
    components: impl Iterator<Item = WideComponent<'a>>,
) -> Outcome {
    match program.insts.len() {
        0..=64 => run_sized::<1>(program, os, components),
        65..=512 => run_sized::<8>(program, os, components),
        _ => run_sized::<512>(program, os, components),
    }
}

#[cfg(test)]
thread_local! {
    /// How often a state was looked for: the steps of all runs.
    pub(super) static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// A set of states, `W` words wide.
#[derive(Clone, Copy)]
struct Bits<const W: usize>([u64; W]);

impl<const W: usize> Bits<W> {
    const EMPTY: Self = Self([0; W]);

    fn insert(&mut self, state: usize) {
        if let Some(word) = self.0.get_mut(state / 64) {
            *word |= 1 << (state % 64);
        }
    }

    fn contains(&self, state: usize) -> bool {
        self.0.get(state / 64).is_some_and(|word| word & (1 << (state % 64)) != 0)
    }

    fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// The first state at or after `from`.
    fn next(&self, from: usize) -> Option<usize> {
        #[cfg(test)]
        STEPS.set(STEPS.get() + 1);
        let mut index = from / 64;
        let mut word = self.0.get(index)? & (u64::MAX << (from % 64));
        while word == 0 {
            index += 1;
            word = *self.0.get(index)?;
        }
        Some(index * 64 + word.trailing_zeros() as usize)
    }
}

fn run_sized<'a, const W: usize>(
    program: &Program,
    os: Os,
    components: impl Iterator<Item = WideComponent<'a>>,
) -> Outcome {
    let end = program.insts.len().saturating_sub(1);
    let mut set = Bits::<W>::EMPTY;
    set.insert(0);
    let mut first = true;
    for component in components {
        if !first {
            set = cross(program, &set);
        }
        first = false;
        if set.is_empty() {
            return Outcome::Dead;
        }
        close(program, &mut set, component);
        match component.reading {
            Reading::Any => spread(program, &mut set),
            Reading::Exact | Reading::Decomposed | Reading::Folded => {
                for unit in Units::new(os, component.bytes) {
                    let mark = component.reading != Reading::Exact && extends(unit);
                    if mark && program.fuzzy {
                        continue;
                    }
                    set = step(program, &set, unit, mark, component);
                    close(program, &mut set, component);
                }
            }
        }
        if set.contains(end) {
            return Outcome::Matched;
        }
    }
    if first || !cross(program, &set).is_empty() { Outcome::Alive } else { Outcome::Dead }
}

/// Takes one character.
fn step<const W: usize>(
    program: &Program,
    set: &Bits<W>,
    unit: u32,
    mark: bool,
    component: WideComponent<'_>,
) -> Bits<W> {
    let mut out = Bits::EMPTY;
    let mut from = 0;
    while let Some(state) = set.next(from) {
        from = state + 1;
        match program.get(state) {
            Inst::Char { spelled: [exact, decomposed, folded], slack } => {
                let wanted = match component.reading {
                    Reading::Exact | Reading::Any => exact,
                    Reading::Decomposed => decomposed,
                    Reading::Folded => folded,
                };
                if unit == wanted {
                    out.insert(state + 1);
                }
                if slack && mark {
                    out.insert(state);
                }
            }
            Inst::One | Inst::Hop => out.insert(state + 1),
            Inst::More { left } => {
                if mark {
                    out.insert(state);
                } else if left > 1 && component.loose {
                    out.insert(state + 1);
                }
            }
            Inst::Class(index) => {
                if lists(program, index, unit, component) {
                    out.insert(state + 1);
                }
            }
            Inst::Not(index) => {
                if !lists(program, index, unit, component) || component.loose {
                    out.insert(state + 2);
                } else if component.reading != Reading::Exact {
                    out.insert(state + 1);
                }
            }
            Inst::Need => {
                if mark {
                    out.insert(state + 1);
                }
            }
            Inst::Star | Inst::Within => out.insert(state),
            Inst::Separator | Inst::Split(_) | Inst::Jump(_) | Inst::Guard(_) | Inst::Match => {}
        }
    }
    out
}

/// Is the character listed in a class, as the component is read?
fn lists(program: &Program, index: usize, unit: u32, component: WideComponent<'_>) -> bool {
    let Some([written, folded]) = program.classes.get(index) else { return false };
    match component.reading {
        Reading::Exact | Reading::Decomposed | Reading::Any => written.lists(unit),
        Reading::Folded => folded.lists(unit),
    }
}

/// Takes one separator.
fn cross<const W: usize>(program: &Program, set: &Bits<W>) -> Bits<W> {
    let mut out = Bits::EMPTY;
    let mut from = 0;
    while let Some(state) = set.next(from) {
        from = state + 1;
        match program.get(state) {
            Inst::Separator => out.insert(state + 1),
            Inst::Within => out.insert(state.saturating_sub(1)),
            Inst::Hop => out.insert(state),
            Inst::Char { .. }
            | Inst::One
            | Inst::More { .. }
            | Inst::Class(_)
            | Inst::Not(_)
            | Inst::Need
            | Inst::Star
            | Inst::Split(_)
            | Inst::Jump(_)
            | Inst::Guard(_)
            | Inst::Match => {}
        }
    }
    out
}

/// Follows the silent steps. All of them go forward, so one ascending pass does.
fn close<const W: usize>(program: &Program, set: &mut Bits<W>, component: WideComponent<'_>) {
    let no_marks = program.fuzzy && component.reading != Reading::Exact;
    let mut from = 0;
    while let Some(state) = set.next(from) {
        from = state + 1;
        match program.get(state) {
            Inst::Split(target) => {
                set.insert(state + 1);
                set.insert(target);
            }
            Inst::Jump(target) => set.insert(target),
            Inst::Guard(mask) => {
                if mask & component.reading.mask() != 0 {
                    set.insert(state + 1);
                }
            }
            Inst::Star => set.insert(state + 1),
            Inst::More { left } => set.insert(state + usize::from(left)),
            Inst::Hop => set.insert(state + 2),
            Inst::Char { spelled: [_, decomposed, folded], .. } => {
                if no_marks && (extends(decomposed) || extends(folded)) {
                    set.insert(state + 1);
                }
            }
            // What they would take may be a mark, and marks were left out.
            Inst::One => {
                if no_marks {
                    set.insert(state + 1);
                }
            }
            Inst::Not(_) => {
                if no_marks {
                    set.insert(state + 2);
                }
            }
            Inst::Class(_) | Inst::Need | Inst::Within | Inst::Separator | Inst::Match => {}
        }
    }
}

/// Takes any name at all: every state that characters and silent steps of one component reach.
fn spread<const W: usize>(program: &Program, set: &mut Bits<W>) {
    let mut from = 0;
    while let Some(state) = set.next(from) {
        from = state + 1;
        match program.get(state) {
            Inst::Char { .. }
            | Inst::One
            | Inst::More { .. }
            | Inst::Class(_)
            | Inst::Need
            | Inst::Star
            | Inst::Guard(_) => set.insert(state + 1),
            Inst::Not(_) | Inst::Hop => {
                set.insert(state + 1);
                set.insert(state + 2);
            }
            Inst::Split(target) => {
                set.insert(state + 1);
                set.insert(target);
            }
            Inst::Jump(target) => set.insert(target),
            Inst::Within | Inst::Separator | Inst::Match => {}
        }
    }
}

/// The first unit that is no character: an invalid byte `b` is `INVALID + b`.
const INVALID: u32 = 0x11_0000;

/// The characters of a component. A byte that is not UTF-8 counts as one character of its own; on Windows,
/// where names are 16-bit units, so does a lone surrogate (three bytes of WTF-8).
#[derive(Clone)]
pub(super) struct Units<'a> {
    rest: &'a [u8],
    surrogates: bool,
}

impl<'a> Units<'a> {
    pub(super) fn new(os: Os, bytes: &'a [u8]) -> Self {
        Self { rest: bytes, surrogates: os == Os::Windows }
    }
}

impl Iterator for Units<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let (first, after) = self.rest.split_first()?;
        let length = match first {
            0..0x80 => {
                self.rest = after;
                return Some(u32::from(*first));
            }
            0xC2..0xE0 => 2,
            0xE0..0xF0 => 3,
            0xF0..0xF5 => 4,
            0x80..0xC2 | 0xF5..=0xFF => 1,
        };
        if let Some((bytes, after)) = self.rest.split_at_checked(length) {
            if let Some(c) = std::str::from_utf8(bytes).ok().and_then(|text| text.chars().next()) {
                self.rest = after;
                return Some(u32::from(c));
            }
            if let [0xED, second @ 0xA0..0xC0, third @ 0x80..0xC0] = bytes {
                if self.surrogates {
                    self.rest = after;
                    return Some(0xD000 | u32::from(second & 0x3F) << 6 | u32::from(third & 0x3F));
                }
            }
        }
        self.rest = after;
        Some(INVALID + u32::from(*first))
    }
}
