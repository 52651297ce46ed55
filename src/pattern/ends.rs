//! Which tails of a set a path can match at all: by how the last component of each begins or ends.
//!
//! A tail matches a path if its last component matches one of the path's. Where that one ends in plain text, so does
//! the path's component, in every reading; where it begins with it, likewise. So a path is compared with the few
//! tails that share two bytes with one of its components, and with those of which nothing can be said.

use super::Tail;
use super::parse::Node;

/// Tails by a small number that a component of a path gives, too.
#[derive(Clone, Debug, Default)]
struct Table {
    /// Which numbers any tail has: nearly always the answer.
    taken: [u64; 4],
    /// Sorted.
    list: Box<[(u8, u32)]>,
}

impl Table {
    fn new(mut list: Vec<(u8, u32)>) -> Self {
        list.sort_unstable();
        let mut taken = [0; 4];
        for (number, _) in &list {
            if let Some(word) = taken.get_mut(usize::from(number / 64)) {
                *word |= 1 << (number % 64);
            }
        }
        Self { taken, list: list.into() }
    }

    fn of(&self, number: u8) -> &[(u8, u32)] {
        if self.taken.get(usize::from(number / 64)).is_none_or(|word| word & (1 << (number % 64)) == 0) {
            return &[];
        }
        let start = self.list.partition_point(|(other, _)| *other < number);
        let end = self.list.partition_point(|(other, _)| *other <= number);
        self.list.get(start..end).unwrap_or_default()
    }
}

/// The numbers that were met.
#[derive(Default)]
struct Numbers([u64; 4]);

impl Numbers {
    /// Notes a number; `true` the first time.
    fn is_new(&mut self, number: u8) -> bool {
        let bit = 1 << (number % 64);
        self.0.get_mut(usize::from(number / 64)).is_some_and(|word| {
            let new = *word & bit == 0;
            *word |= bit;
            new
        })
    }
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct Ends {
    /// By the last two bytes.
    by_last: Table,
    /// By the first two bytes.
    by_first: Table,
    /// Tails of which nothing can be said.
    always: Box<[u32]>,
}

/// Two bytes in any case.
fn number(a: u8, b: u8) -> u8 {
    a.to_ascii_lowercase().wrapping_mul(29) ^ b.to_ascii_lowercase()
}

fn last_two(bytes: &[u8]) -> Option<u8> {
    bytes.last_chunk::<2>().map(|[a, b]| number(*a, *b))
}

fn first_two(bytes: &[u8]) -> Option<u8> {
    bytes.first_chunk::<2>().map(|[a, b]| number(*a, *b))
}

/// What a node is by itself. Text outside ASCII is spelled in several ways.
fn plain(node: &Node) -> Option<&[u8]> {
    match node {
        Node::Literal(text) => Some(text.as_bytes()).filter(|text| text.is_ascii()),
        Node::One | Node::Star | Node::Class(_) | Node::Separator | Node::Globstar | Node::Group(_) => None,
    }
}

impl Ends {
    pub(super) fn new<'t>(tails: &'t [Tail]) -> Self {
        let (mut ends, mut starts, mut always) = (Vec::new(), Vec::new(), Vec::new());
        for (id, tail) in (0_u32..).zip(tails) {
            let last = tail.nodes.rsplit(|node| *node == Node::Separator).next().unwrap_or_default();
            // A group may hold a separator, and what stands before it then begins another component.
            let first = last.first().filter(|_| !last.iter().any(|node| matches!(node, Node::Group(_))));
            // Where marks may be left out, no byte is sure to be there.
            let sure = |node: Option<&'t Node>| node.filter(|_| !tail.program.fuzzy);
            let (first, end) = (sure(first), sure(last.last()));
            if let Some(number) = end.and_then(plain).and_then(last_two) {
                ends.push((number, id));
            } else if let Some(number) = first.and_then(plain).and_then(first_two) {
                starts.push((number, id));
            } else {
                always.push(id);
            }
        }
        Self { by_last: Table::new(ends), by_first: Table::new(starts), always: always.into() }
    }

    /// Of the tails that these components can match, the lowest that `is_match` says yes to.
    pub(super) fn lowest<'a>(
        &self,
        components: impl Iterator<Item = &'a [u8]>,
        is_match: impl Fn(usize) -> bool,
    ) -> Option<usize> {
        let mut lowest: Option<u32> = None;
        // Each tail has one number, and is asked about the whole path: once is enough, however many components have
        // that number.
        let (mut ended, mut begun) = (Numbers::default(), Numbers::default());
        for component in components {
            let ends = last_two(component).filter(|number| ended.is_new(*number));
            let ends = ends.map_or(&[][..], |number| self.by_last.of(number));
            let starts = first_two(component).filter(|number| begun.is_new(*number));
            let starts = starts.map_or(&[][..], |number| self.by_first.of(number));
            for (_, id) in ends.iter().chain(starts) {
                if lowest.is_none_or(|lowest| *id < lowest) && is_match(*id as usize) {
                    lowest = Some(*id);
                }
            }
        }
        lowest.map(|id| id as usize)
    }

    /// The tails of which nothing can be said, lowest first.
    pub(super) fn always(&self) -> impl Iterator<Item = usize> + '_ {
        self.always.iter().map(|id| *id as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::native::Os;
    use crate::pattern::folds;
    use std::cell::Cell;

    /// However deep the path, a tail is held against it once: each time costs the whole path.
    #[test]
    fn a_tail_is_asked_about_once_for_a_path() {
        let tails = ["**/01*x", "**/02*yz", "**/01*ab?", "**/?"];
        let tails: Vec<Tail> =
            tails.iter().map(|tail| Tail::parse(Os::Linux, tail, folds(Os::Linux)).unwrap()).collect();
        let ends = Ends::new(&tails);
        for depth in [1, 2, 100, 400] {
            let asked = Cell::new(0);
            let path = [&b"01yz"[..], b"01ab", b"02yz"].into_iter().cycle().take(3 * depth);
            let found = ends.lowest(path, |_| {
                asked.set(asked.get() + 1);
                false
            });
            assert_eq!((found, asked.get()), (None, 3), "{depth}");
        }
    }
}
