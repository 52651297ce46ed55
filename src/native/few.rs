//! A list that stays on the stack while it is short, so that a usual question allocates nothing.

/// Up to `N` items in place, more of them on the heap.
#[derive(Clone, Debug)]
pub(crate) struct Few<T, const N: usize> {
    inline: [T; N],
    /// How many are in place. Meaningless while `more` holds them.
    len: usize,
    /// All items, once they are more than `N`.
    more: Vec<T>,
}

impl<T: Copy + Default, const N: usize> Few<T, N> {
    pub(crate) fn new() -> Self {
        Self { inline: [T::default(); N], len: 0, more: Vec::new() }
    }

    #[inline]
    pub(crate) fn as_slice(&self) -> &[T] {
        if self.more.is_empty() { self.inline.get(..self.len).unwrap_or_default() } else { &self.more }
    }

    pub(crate) fn push(&mut self, item: T) {
        match self.inline.get_mut(self.len) {
            Some(slot) if self.more.is_empty() => {
                *slot = item;
                self.len += 1;
            }
            Some(_) | None => self.spilled().push(item),
        }
    }

    #[inline]
    pub(crate) fn clear(&mut self) {
        self.len = 0;
        self.more.clear();
    }

    fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
        self.more.truncate(len);
    }

    /// `count` new items at the end, to be overwritten; `None` if there is no place for them here.
    #[inline]
    fn room(&mut self, count: usize) -> Option<&mut [T]> {
        let end = self.len + count;
        let room = self.inline.get_mut(self.len..end).filter(|_| self.more.is_empty())?;
        self.len = end;
        Some(room)
    }

    #[cold]
    fn spilled(&mut self) -> &mut Vec<T> {
        if self.more.is_empty() {
            self.more.reserve(2 * N);
            self.more.extend(self.inline.iter().take(self.len));
        }
        &mut self.more
    }
}

/// Where the bytes of a key are written: on the heap where they stay, on the stack where they are only compared.
pub(crate) trait Bytes {
    fn put(&mut self, bytes: &[u8]);
    /// Adds ASCII in lower case. Says whether it was ASCII; of other bytes, nothing is added.
    fn put_lower(&mut self, bytes: &[u8]) -> bool;
    fn bytes(&self) -> &[u8];
    fn cut(&mut self, len: usize);
}

impl Bytes for Vec<u8> {
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
    fn put_lower(&mut self, bytes: &[u8]) -> bool {
        let is_ascii = bytes.is_ascii();
        if is_ascii {
            self.extend(bytes.iter().map(u8::to_ascii_lowercase));
        }
        is_ascii
    }
    fn bytes(&self) -> &[u8] {
        self
    }
    fn cut(&mut self, len: usize) {
        self.truncate(len);
    }
}

impl<const N: usize> Bytes for Few<u8, N> {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        match self.room(bytes.len()) {
            Some(room) => room.copy_from_slice(bytes),
            None => self.spilled().put(bytes),
        }
    }
    #[inline]
    fn put_lower(&mut self, bytes: &[u8]) -> bool {
        let Some(room) = self.room(bytes.len()) else {
            return self.spilled().put_lower(bytes);
        };
        // In one pass: most names are short, and starting a loop costs as much as running it.
        let mut seen = 0;
        for (to, from) in room.iter_mut().zip(bytes) {
            seen |= from;
            *to = from.to_ascii_lowercase();
        }
        if !seen.is_ascii() {
            self.len -= bytes.len();
        }
        seen.is_ascii()
    }
    #[inline]
    fn bytes(&self) -> &[u8] {
        self.as_slice()
    }
    fn cut(&mut self, len: usize) {
        self.truncate(len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_the_same_list_on_the_stack_and_beyond() {
        let mut few: Few<u8, 4> = Few::new();
        let mut vec: Vec<u8> = Vec::new();
        for round in 0..3 {
            for part in [b"ab".as_slice(), b"", b"C", b"D\xFF", b"DEFg", b"h"] {
                few.put(part);
                vec.put(part);
                assert_eq!(few.put_lower(part), part.is_ascii());
                assert_eq!(vec.put_lower(part), part.is_ascii());
                few.push(b'/');
                vec.push(b'/');
                assert_eq!(few.as_slice(), vec);
            }
            for len in [9, 5, 4, 3, 1] {
                few.cut(len);
                vec.cut(len);
                assert_eq!(few.as_slice(), vec);
                few.put(b"xy");
                vec.put(b"xy");
                assert_eq!(few.as_slice(), vec, "{round} {len}");
                few.cut(1);
                vec.cut(1);
                few.push(b'z');
                vec.push(b'z');
                assert_eq!(few.as_slice(), vec, "{round} {len}");
            }
            few.clear();
            vec.clear();
            assert!(few.as_slice().is_empty());
        }
    }
}
