//! The table of the index's edges (docs/adr/0031-hashing-the-index-fast.md).

use super::NONE;

/// The largest distance from its own slot at which an edge may stand under the fast hash. At a load of one half
/// a million names that nobody chose stand less than this far.
const FAR: usize = 128;

/// Which hash a table uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mixer {
    /// Two multiplications for a usual name. Names that collide can be written by hand.
    Fast,
    /// `SipHash`, for names that collided under the other one.
    Sip,
}

/// A hash table of nodes with open addressing. Its order is never looked at, so it cannot leak into results.
#[derive(Debug)]
pub(super) struct Table {
    slots: Vec<(u32, u32)>,
    used: usize,
    /// The largest distance of an edge from its own slot: no search goes on longer.
    farthest: usize,
    mixer: Mixer,
}

/// An odd number without a pattern: the golden ratio's digits.
const MIX: u64 = 0x9E37_79B9_7F4A_7C15;
/// Another one.
const SEED: u64 = 0xD1B5_4A32_D192_ED03;

#[expect(clippy::cast_possible_truncation, reason = "both halves of the product are meant")]
#[inline]
fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product >> 64) as u64 ^ product as u64
}

/// The last bytes of a name, up to eight, as one number. Names of different length are told apart by their length.
#[inline]
fn tail(bytes: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        return u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last));
    }
    bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

#[inline]
fn fast(parent: u32, name: &[u8]) -> u64 {
    let mut hash = SEED ^ u64::from(parent) << 32 ^ name.len() as u64;
    let mut rest = name;
    while let Some((word, after)) = rest.split_first_chunk::<8>() {
        hash = mix(hash ^ u64::from_le_bytes(*word), MIX);
        rest = after;
    }
    mix(hash ^ tail(rest), MIX)
}

fn sip(parent: u32, name: &[u8]) -> u64 {
    use std::hash::Hasher as _;
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write_u32(parent);
    hasher.write(name);
    hasher.finish()
}

impl Mixer {
    #[expect(clippy::cast_possible_truncation, reason = "any 32 bits of a hash will do")]
    #[inline]
    fn hash(self, parent: u32, name: &[u8]) -> u32 {
        match self {
            Self::Fast => fast(parent, name) as u32,
            Self::Sip => sip(parent, name) as u32,
        }
    }
}

impl Table {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        let slots = vec![(0, NONE); (capacity * 2).next_power_of_two().max(16)];
        Self { slots, used: 0, farthest: 0, mixer: Mixer::Fast }
    }

    fn mask(&self) -> usize {
        self.slots.len() - 1
    }

    pub(super) fn hash(&self, parent: u32, name: &[u8]) -> u32 {
        self.mixer.hash(parent, name)
    }

    /// Adds an edge. `edge` gives the parent and name of any node, should the table have to hash them all anew.
    pub(super) fn insert<'n>(&mut self, hash: u32, node: u32, edge: impl Fn(u32) -> (u32, &'n [u8])) {
        if (self.used + 1) * 2 > self.slots.len() {
            let larger = self.slots.len() * 2;
            self.refill(larger, |hash, _| hash);
        }
        if self.put(hash, node) > FAR && self.mixer == Mixer::Fast {
            self.mixer = Mixer::Sip;
            self.refill(self.slots.len(), |_, node| {
                let (parent, name) = edge(node);
                Mixer::Sip.hash(parent, name)
            });
        }
    }

    fn refill(&mut self, size: usize, hash: impl Fn(u32, u32) -> u32) {
        let old = std::mem::replace(&mut self.slots, vec![(0, NONE); size]);
        (self.used, self.farthest) = (0, 0);
        for (was, node) in old.into_iter().filter(|(_, node)| *node != NONE) {
            self.put(hash(was, node), node);
        }
    }

    /// Takes the first free slot, and says how far it is from the hash's own.
    fn put(&mut self, hash: u32, node: u32) -> usize {
        let mask = self.mask();
        let mut distance = 0;
        while let Some(slot) = self.slots.get_mut((hash as usize + distance) & mask) {
            if slot.1 == NONE {
                *slot = (hash, node);
                self.used += 1;
                self.farthest = self.farthest.max(distance);
                break;
            }
            distance += 1;
        }
        distance
    }

    #[inline]
    pub(super) fn find(&self, hash: u32, is: impl Fn(u32) -> bool) -> Option<u32> {
        let mask = self.mask();
        for distance in 0..=self.farthest {
            let &(slot, node) = self.slots.get((hash as usize + distance) & mask)?;
            if node == NONE {
                return None;
            }
            if slot == hash && is(node) {
                return Some(node);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table of the children of node 0, and how it was built.
    fn table(names: &[Vec<u8>]) -> Table {
        let mut table = Table::with_capacity(4);
        for (id, name) in (0..).zip(names) {
            let hash = table.hash(0, name);
            table.insert(hash, id, |node| (0, names[node as usize].as_slice()));
        }
        table
    }

    fn find(table: &Table, names: &[Vec<u8>], name: &[u8]) -> Option<u32> {
        table.find(table.hash(0, name), |node| names[node as usize] == name)
    }

    #[test]
    fn names_that_nobody_chose_stand_near_their_slot_under_the_fast_hash() {
        let names: Vec<Vec<u8>> = (0..200_000).map(|i| format!("file{i}.rs").into_bytes()).collect();
        let table = table(&names);
        assert_eq!(table.mixer, Mixer::Fast);
        assert!(table.farthest < FAR, "{}", table.farthest);
        for (id, name) in (0..).zip(&names) {
            assert_eq!(find(&table, &names, name), Some(id));
        }
        assert_eq!(find(&table, &names, b"file"), None);
    }

    #[test]
    fn names_that_were_made_to_collide_are_hashed_by_siphash_and_found() {
        // All of them want one of 64 slots out of thousands.
        let mut names: Vec<Vec<u8>> = Vec::new();
        for i in 0_u32.. {
            let name = format!("{i:x}").into_bytes();
            if Mixer::Fast.hash(0, &name) % 8192 < 64 {
                names.push(name);
            }
            if names.len() == 1000 {
                break;
            }
        }
        let table = table(&names);
        assert_eq!(table.mixer, Mixer::Sip);
        assert!(table.farthest < FAR, "{}", table.farthest);
        for (id, name) in (0..).zip(&names) {
            assert_eq!(find(&table, &names, name), Some(id));
        }
        assert_eq!(find(&table, &names, b"none"), None);
    }

    #[test]
    fn a_hash_looks_at_every_byte_of_a_name_and_at_its_parent() {
        for length in 0..20 {
            let name = vec![b'a'; length];
            let hash = Mixer::Fast.hash(7, &name);
            assert_ne!(Mixer::Fast.hash(8, &name), hash, "{length}");
            assert_ne!(Mixer::Fast.hash(7, &[name.as_slice(), b"a"].concat()), hash, "{length}");
            for at in 0..length {
                let mut other = name.clone();
                other[at] = b'b';
                assert_ne!(Mixer::Fast.hash(7, &other), hash, "{length} {at}");
            }
        }
    }
}
