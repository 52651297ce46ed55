//! The table of the index's edges.

use super::NONE;

/// A hash of one edge. `SipHash`, so that whoever writes the intent cannot make names that all collide; its
/// value never leaves the table.
pub(super) fn hash(parent: u32, name: &[u8]) -> u64 {
    use std::hash::Hasher as _;
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write_u32(parent);
    hasher.write(name);
    hasher.finish()
}

/// A hash table of nodes with open addressing. Its order is never looked at, so it cannot leak into results.
#[derive(Debug)]
pub(super) struct Table {
    slots: Vec<(u64, u32)>,
    used: usize,
}

impl Table {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self { slots: vec![(0, NONE); (capacity * 2).next_power_of_two().max(16)], used: 0 }
    }

    fn mask(&self) -> usize {
        self.slots.len() - 1
    }

    #[expect(clippy::cast_possible_truncation, reason = "only the low bits pick a slot")]
    pub(super) fn insert(&mut self, hash: u64, node: u32) {
        if (self.used + 1) * 2 > self.slots.len() {
            let old = std::mem::take(&mut self.slots);
            self.slots = vec![(0, NONE); old.len() * 2];
            self.used = 0;
            for (hash, node) in old.into_iter().filter(|(_, node)| *node != NONE) {
                self.insert(hash, node);
            }
        }
        let mask = self.mask();
        let mut at = hash as usize & mask;
        while let Some(slot) = self.slots.get_mut(at) {
            if slot.1 == NONE {
                *slot = (hash, node);
                self.used += 1;
                return;
            }
            at = (at + 1) & mask;
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "only the low bits pick a slot")]
    pub(super) fn find(&self, hash: u64, is: impl Fn(u32) -> bool) -> Option<u32> {
        let mask = self.mask();
        let mut at = hash as usize & mask;
        loop {
            let &(slot, node) = self.slots.get(at)?;
            if node == NONE {
                return None;
            }
            if slot == hash && is(node) {
                return Some(node);
            }
            at = (at + 1) & mask;
        }
    }
}
