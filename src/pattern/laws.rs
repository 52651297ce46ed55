//! Laws: the automaton, the direct comparison and the `GlobSet` against a naive matcher that shares no line with
//! them, on thousands of patterns and paths that are the same on every run.

use super::set::{build, glob};
use super::tests::{FOLDS, exact, folded, read, wide};
use super::{Os, Reading, Tail, TailSet, WideComponent};
use globset::GlobSet;
use unicode_normalization::UnicodeNormalization as _;

/// Where a group began or ended, so that two `*` do not make a `**`.
const SEAM: char = '\u{1}';

/// Every text that the groups of a pattern stand for.
fn expansions(pattern: &[char]) -> Vec<Vec<char>> {
    let (mut depth, mut open, mut cuts, mut at) = (0, 0, Vec::new(), 0);
    while at < pattern.len() {
        match pattern[at] {
            '\\' => at += 1,
            '[' => at = class_end(pattern, at),
            '{' => {
                if depth == 0 {
                    open = at;
                    cuts.push(at);
                }
                depth += 1;
            }
            ',' if depth == 1 => cuts.push(at),
            '}' => {
                depth -= 1;
                if depth == 0 {
                    cuts.push(at);
                    let mut all = Vec::new();
                    for pair in cuts.windows(2) {
                        let part = &pattern[pair[0] + 1..pair[1]];
                        let text = [&pattern[..open], &[SEAM], part, &[SEAM], &pattern[at + 1..]].concat();
                        all.extend(expansions(&text));
                    }
                    return all;
                }
            }
            _ => {}
        }
        at += 1;
    }
    vec![pattern.to_vec()]
}

/// Where the class that opens at `at` closes.
fn class_end(pattern: &[char], at: usize) -> usize {
    let mut end = at + 1;
    if pattern[end] == '!' {
        end += 1;
    }
    end += 1;
    while pattern[end] != ']' {
        end += 1;
    }
    end
}

fn name_matches(pattern: &[char], name: &[char]) -> bool {
    match pattern.first() {
        None => name.is_empty(),
        Some(&SEAM) => name_matches(&pattern[1..], name),
        Some('*') => (0..=name.len()).any(|taken| name_matches(&pattern[1..], &name[taken..])),
        Some('?') => !name.is_empty() && name_matches(&pattern[1..], &name[1..]),
        Some('[') => {
            let end = class_end(pattern, 0);
            let negated = pattern[1] == '!';
            let members = &pattern[if negated { 2 } else { 1 }..end];
            let listed = |c: char| {
                if let [low, '-', high] = members {
                    (*low..=*high).contains(&c)
                } else {
                    members.contains(&c)
                }
            };
            !name.is_empty() && listed(name[0]) != negated && name_matches(&pattern[end + 1..], &name[1..])
        }
        Some('\\') => name.first() == pattern.get(1) && name_matches(&pattern[2..], &name[1..]),
        Some(c) => name.first() == Some(c) && name_matches(&pattern[1..], &name[1..]),
    }
}

fn names_match(pattern: &[&[char]], names: &[Vec<char>]) -> bool {
    match pattern.split_first() {
        None => names.is_empty(),
        Some((&['*', '*'], [])) => !names.is_empty(),
        Some((&['*', '*'], rest)) => (0..=names.len()).any(|skipped| names_match(rest, &names[skipped..])),
        Some((first, rest)) => {
            !names.is_empty() && name_matches(first, &names[0]) && names_match(rest, &names[1..])
        }
    }
}

fn naive(pattern: &str, path: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let names: Vec<Vec<char>> = path.split('/').map(|name| name.chars().collect()).collect();
    expansions(&pattern).iter().any(|text| {
        let parts: Vec<&[char]> = text.split(|c| *c == '/').collect();
        (1..=names.len()).any(|length| names_match(&parts, &names[..length]))
    })
}

/// Numbers that are the same on every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    fn path(&mut self) -> String {
        let names = 1 + self.below(4);
        let name = |numbers: &mut Self| {
            let length = 1 + numbers.below(4);
            (0..length).map(|_| numbers.pick(NAMES)).collect::<String>()
        };
        (0..names).map(|_| name(self)).collect::<Vec<_>>().join("/")
    }

    fn sequence(&mut self, depth: usize) -> String {
        (0..=self.below(4)).map(|_| self.piece(depth)).collect()
    }

    fn piece(&mut self, depth: usize) -> String {
        match self.below(20) {
            0..8 => self.pick(NAMES).into(),
            8..11 => "*".into(),
            11..13 => "?".into(),
            13 => self.pick(&["[ab]", "[!a]", "[a-c]", "[!b-c]", "[.]", "[!.]", "[AB]"]).into(),
            14 => "/".into(),
            15 => self.pick(&["\\*", "\\a", "\\\\", "\\{", "\\,"]).into(),
            16 if depth > 0 => "/".into(),
            16 | 17 => self.pick(&["/**/", "**/", "/**", "/"]).into(),
            _ if depth == 3 => "b".into(),
            _ => {
                let parts = 1 + self.below(3);
                let parts: Vec<String> = (0..parts)
                    .map(|_| if self.below(4) == 0 { String::new() } else { self.sequence(depth + 1) })
                    .collect();
                format!("{{{}}}", parts.join(","))
            }
        }
    }

    /// A tail of the dialect; most drafts are not one.
    fn tail(&mut self) -> Tail {
        loop {
            let text = self.sequence(0);
            if expansions(&text.chars().collect::<Vec<_>>()).len() > 200 {
                continue;
            }
            if let Ok(tail) = Tail::parse(Os::Linux, &text, FOLDS) {
                return tail;
            }
        }
    }
}

/// What names and literals are made of. What is special in a pattern is special there, too.
const NAMES: &[&str] = &[
    "a", "a", "a", "b", "b", "c", ".", "A", "B", "é", "e", "s", "e\u{301}", "\u{301}", "\u{323}", "ß",
    "\u{212a}", "한", "ﬁ", "f", "*", "\\", "{", ",", "ΐ",
];

#[test]
fn the_automaton_agrees_with_the_naive_matcher() {
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    let (mut yes, mut no) = (0, 0);
    for _ in 0..4_000 {
        let tail = numbers.tail();
        for _ in 0..12 {
            let path = numbers.path();
            let found = exact(&tail, &path);
            assert_eq!(found, naive(&tail.text, &path), "{} and {path:?}", tail.text);
            if found { yes += 1 } else { no += 1 }
        }
    }
    assert!(yes > 4_000 && no > 4_000, "{yes} {no}");
}

#[test]
fn a_path_that_matches_as_written_matches_by_its_wide_key() {
    let mut numbers = Numbers(0x0123_4567_89AB_CDEF);
    let mut seen = 0;
    while seen < 6_000 {
        let tail = numbers.tail();
        // `[!a]` and `A`: two readings that contradict each other; the exact key holds the other one.
        if tail.text.contains("[!a") || tail.text.contains("[!b") {
            continue;
        }
        for _ in 0..12 {
            let path = numbers.path();
            if exact(&tail, &path) {
                seen += 1;
                assert!(folded(&tail, &path), "{} ({}) and {path:?}", tail.text, tail.text.escape_unicode());
                let composed: String = path.nfc().collect();
                assert!(folded(&tail, &composed), "{} and {composed:?}", tail.text);
            }
        }
    }
}

#[test]
fn a_path_that_matches_as_written_matches_decomposed() {
    let mut numbers = Numbers(0x0F1E_2D3C_4B5A_6978);
    let mut seen = 0;
    while seen < 6_000 {
        let tail = numbers.tail();
        for _ in 0..12 {
            let path = numbers.path();
            if exact(&tail, &path) {
                seen += 1;
                let spelled: String = path.nfd().collect();
                let component =
                    |name| WideComponent { reading: Reading::Decomposed, ..WideComponent::exact(name) };
                let components: Vec<_> = spelled.split('/').map(str::as_bytes).map(component).collect();
                assert!(tail.matches_wide(&components), "{} and {path:?}", tail.text);
            }
        }
    }
}

#[test]
fn globset_never_misses_what_the_automaton_matches() {
    fn sees(set: &GlobSet, text: &str) -> Vec<usize> {
        set.matches_candidate(&globset::Candidate::from_bytes(&text.replace('\\', "\0")))
    }
    let mut numbers = Numbers(0xDEAD_BEEF_1234_5678);
    let (mut asked, mut found) = (0, 0);
    for _ in 0..60 {
        let tails: Vec<Tail> = (0..40).map(|_| numbers.tail()).collect();
        let globs = build(&tails).expect("globset takes every glob that is written for it");
        let set = TailSet::new(tails.clone()).warm();
        let fresh = TailSet::new(tails.clone());
        for _ in 0..60 {
            let path = numbers.path();
            let spelled = wide(&path);
            let wide = read(&spelled);
            let names: Vec<&[u8]> = path.split('/').map(str::as_bytes).collect();
            let by_exact = sees(&globs, &path);
            let by_wide =
                sees(&globs, &spelled.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join("/"));
            let mut lowest = None;
            for (index, tail) in tails.iter().enumerate() {
                let (exact, folded) = (tail.matches_exact(&names), tail.matches_wide(&wide));
                assert!(!exact || by_exact.contains(&index), "{} and {path:?}: {}", tail.text, glob(tail));
                assert!(!folded || by_wide.contains(&index), "{} and {path:?}: {}", tail.text, glob(tail));
                if exact || folded {
                    found += 1;
                    lowest = lowest.or(Some(index));
                }
            }
            asked += by_exact.len();
            assert_eq!(set.matches(&names, &wide), lowest, "{path:?} with globset");
            assert_eq!(fresh.matches(&names, &wide), lowest, "{path:?} without");
        }
    }
    assert!(found > 1_000 && asked < 60 * 60 * 40, "{found} {asked}");
}
