//! The folds over every character, and the lists of what the exact fold leaves alone.

use super::*;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rstest::rstest;
use std::collections::BTreeMap;

/// Capitals of classes of three or more, and everything else in them that is not the pair that the exact fold
/// equates: ascending.
const EXTRA_MEMBERS: &[char] = &[
    '\u{B5}', '\u{17F}', '\u{1C5}', '\u{1C8}', '\u{1CB}', '\u{1F2}', '\u{345}', '\u{3C2}', '\u{3D0}',
    '\u{3D1}', '\u{3D5}', '\u{3D6}', '\u{3F0}', '\u{3F1}', '\u{3F4}', '\u{3F5}', '\u{1C80}', '\u{1C81}',
    '\u{1C82}', '\u{1C83}', '\u{1C84}', '\u{1C85}', '\u{1C86}', '\u{1C87}', '\u{1C88}', '\u{1E9B}',
    '\u{1FBE}', '\u{2126}', '\u{212A}', '\u{212B}', '\u{A64A}',
];

/// Capitals of two-member classes that some case-ignoring volume may keep apart from their small letters: not in
/// the upper-case table that Windows XP wrote into a volume, or not folded by HFS+. Ascending, gaps of one closed.
const NOT_EVERYWHERE: &[(char, char)] = &[
    ('\u{1A6}', '\u{1A6}'),
    ('\u{1F6}', '\u{1F8}'),
    ('\u{218}', '\u{232}'),
    ('\u{23A}', '\u{23E}'),
    ('\u{241}', '\u{24E}'),
    ('\u{370}', '\u{372}'),
    ('\u{376}', '\u{376}'),
    ('\u{37F}', '\u{37F}'),
    ('\u{3CF}', '\u{3CF}'),
    ('\u{3D8}', '\u{3E0}'),
    ('\u{3F7}', '\u{3FA}'),
    ('\u{3FD}', '\u{400}'),
    ('\u{40D}', '\u{40D}'),
    ('\u{48A}', '\u{48E}'),
    ('\u{4C0}', '\u{4C0}'),
    ('\u{4C5}', '\u{4C5}'),
    ('\u{4C9}', '\u{4C9}'),
    ('\u{4CD}', '\u{4CD}'),
    ('\u{4D4}', '\u{4D4}'),
    ('\u{4D8}', '\u{4DA}'),
    ('\u{4E0}', '\u{4E0}'),
    ('\u{4E8}', '\u{4EC}'),
    ('\u{4F6}', '\u{4F6}'),
    ('\u{4FA}', '\u{52E}'),
    ('\u{10A0}', '\u{10C7}'),
    ('\u{10CD}', '\u{10CD}'),
    ('\u{13F8}', '\u{13FD}'),
    ('\u{1C89}', '\u{1C89}'),
    ('\u{1C90}', '\u{1CBA}'),
    ('\u{1CBD}', '\u{1CBF}'),
    ('\u{1EFA}', '\u{1EFE}'),
    ('\u{2132}', '\u{2132}'),
    ('\u{2183}', '\u{2183}'),
    ('\u{24B6}', '\u{24CF}'),
    ('\u{2C00}', '\u{2C2F}'),
    ('\u{2C60}', '\u{2C64}'),
    ('\u{2C67}', '\u{2C72}'),
    ('\u{2C75}', '\u{2C75}'),
    ('\u{2C7E}', '\u{2CE2}'),
    ('\u{2CEB}', '\u{2CED}'),
    ('\u{2CF2}', '\u{2CF2}'),
    ('\u{A640}', '\u{A648}'),
    ('\u{A64C}', '\u{A66C}'),
    ('\u{A680}', '\u{A69A}'),
    ('\u{A722}', '\u{A72E}'),
    ('\u{A732}', '\u{A76E}'),
    ('\u{A779}', '\u{A786}'),
    ('\u{A78B}', '\u{A78D}'),
    ('\u{A790}', '\u{A792}'),
    ('\u{A796}', '\u{A7DD}'),
    ('\u{A7E2}', '\u{A7E2}'),
    ('\u{A7F5}', '\u{A7F5}'),
    ('\u{AB6C}', '\u{AB6D}'),
    ('\u{AB70}', '\u{ABBF}'),
    ('\u{10400}', '\u{10427}'),
    ('\u{104B0}', '\u{104D3}'),
    ('\u{10570}', '\u{10595}'),
    ('\u{10C80}', '\u{10CB2}'),
    ('\u{10D50}', '\u{10D65}'),
    ('\u{118A0}', '\u{118BF}'),
    ('\u{16E40}', '\u{16E5F}'),
    ('\u{16EA0}', '\u{16EB8}'),
    ('\u{1DF40}', '\u{1DF40}'),
    ('\u{1DF48}', '\u{1DF4A}'),
    ('\u{1DF4D}', '\u{1DF4D}'),
    ('\u{1DF51}', '\u{1DF51}'),
    ('\u{1DF68}', '\u{1DF6E}'),
    ('\u{1DF72}', '\u{1DF7E}'),
    ('\u{1E900}', '\u{1E921}'),
];

fn scalars() -> impl Iterator<Item = char> {
    (0..=0x10_FFFF).filter_map(char::from_u32)
}

/// `unicase`'s full fold of one character.
fn full(c: char) -> String {
    unicase::UniCase::unicode(c.to_string()).to_folded_case()
}

fn wide_of(os: Os, form: WideForm, name: impl AsRef<[u8]>) -> Vec<u8> {
    let mut out = Vec::new();
    wide(os, name.as_ref(), form, &mut out);
    out
}

fn widest_of(os: Os, name: impl AsRef<[u8]>) -> String {
    String::from_utf8(wide_of(os, WideForm::Folded, name)).unwrap()
}

fn exact_of(fold: bool, decompose: bool, name: impl AsRef<[u8]>) -> Vec<u8> {
    let mut out = Vec::new();
    exact(name.as_ref(), ExactForm { fold, decompose }, &mut out);
    out
}

const FORMS: [WideForm; 3] = [WideForm::Raw, WideForm::Decomposed, WideForm::Folded];

#[test]
fn the_unicode_version_is_the_tables() {
    let (major, minor, update) = unicode_normalization::UNICODE_VERSION;
    assert_eq!(UNICODE, format!("{major}.{minor}.{update}"));
    for version in [(0, 0, 0), (9, 10, 99), (100, 255, 101)] {
        let (bytes, len) = version_bytes(version);
        assert_eq!(bytes[..len], *format!("{}.{}.{}", version.0, version.1, version.2).as_bytes());
    }
}

#[test]
fn the_exact_fold_is_made_of_pairs_that_the_full_fold_equates() {
    let mut folded_to: BTreeMap<char, Vec<char>> = BTreeMap::new();
    for c in scalars() {
        let small = fold_exact(c);
        assert_eq!(fold_exact(small), small, "{c:?}: idempotent");
        if small != c {
            assert_eq!(full(c), small.to_string(), "{c:?}: a one-to-one pair of the full fold");
            assert!(u32::from(c) <= 0xFFFF && u32::from(small) <= 0xFFFF, "{c:?}: in the BMP");
            assert_eq!(stays_whole(c), stays_whole(small), "{c:?}");
            folded_to.entry(small).or_default().push(c);
        }
    }
    assert!(folded_to.values().all(|capitals| capitals.len() == 1), "no class has more than two members");
    assert_eq!(folded_to.len(), 603, "the table is frozen");
    assert!(PAIRS.windows(2).all(|two| two[0].last < two[1].first), "the table is ascending");
}

#[test]
fn folding_a_decomposed_name_leaves_it_decomposed() {
    for c in scalars() {
        let mut decomposed = Vec::new();
        decompose_exact(&c.to_string(), |part| decomposed.push(fold_exact(part)));
        let once: String = decomposed.iter().collect();
        let mut twice = String::new();
        decompose_exact(&once, |part| twice.push(fold_exact(part)));
        assert_eq!(once, twice, "{c:?}");
    }
}

/// Derives the two lists above again: what a newer Unicode version adds has to be looked at and put into one.
#[test]
fn every_pair_of_the_full_fold_is_folded_exactly_or_listed_as_left_alone() {
    let mut classes: BTreeMap<String, Vec<char>> = BTreeMap::new();
    for c in scalars() {
        classes.entry(full(c)).or_default().push(c);
    }
    let (mut extra, mut apart) = (Vec::new(), Vec::new());
    for (folded, class) in &classes {
        if folded.chars().count() == 1 {
            let left = class.iter().copied().filter(|c| fold_exact(*c) == *c && folded != &c.to_string());
            if class.len() > 2 { extra.extend(left) } else { apart.extend(left) }
        }
    }
    extra.sort_unstable();
    apart.sort_unstable();
    let mut ranges: Vec<(char, char)> = Vec::new();
    for c in apart {
        match ranges.last_mut() {
            Some((_, last)) if u32::from(c) - u32::from(*last) <= 2 => *last = c,
            _ => ranges.push((c, c)),
        }
    }
    assert_eq!(extra, EXTRA_MEMBERS);
    assert_eq!(ranges, NOT_EVERYWHERE);
}

#[test]
fn the_wide_fold_of_every_character_is_stable_and_equates_what_the_exact_fold_does() {
    // The planes between have no characters.
    for c in
        scalars().filter(|c| !c.is_ascii() && !('\u{34000}'..'\u{E0000}').contains(c) && *c < '\u{F0000}')
    {
        let text = c.to_string();
        for os in Os::ALL {
            let key = widest_of(os, &text);
            assert_eq!(widest_of(os, &key), key, "{c:?} on {os}");
            assert_eq!(widest_of(os, fold_exact(c).to_string()), key, "{c:?} on {os}");
            assert_eq!(widest_of(os, exact_of(true, true, &text)), key, "{c:?} on {os}");
        }
        let decomposed = wide_of(Os::Macos, WideForm::Decomposed, &text);
        assert_eq!(
            wide_of(Os::Macos, WideForm::Decomposed, exact_of(false, true, &text)),
            decomposed,
            "{c:?}"
        );
    }
}

#[rstest]
#[case::ascii("Secret", "SECRET")]
#[case::latin("Passwört", "PASSWÖRT")]
#[case::greek("Ά", "ά")]
#[case::cyrillic("Ёж", "ёЖ")]
#[case::armenian("Ա", "ա")]
#[case::full_width("Ａ", "ａ")]
#[case::vietnamese("Ễ", "ễ")]
fn the_exact_fold_equates(#[case] a: &str, #[case] b: &str) {
    assert_eq!(exact_of(true, false, a), exact_of(true, false, b));
    assert_ne!(exact_of(false, false, a), exact_of(false, false, b));
}

#[rstest]
#[case::kelvin("\u{212A}", "k")]
#[case::angstrom("\u{212B}", "å")]
#[case::long_s("ſ", "s")]
#[case::ohm("\u{2126}", "ω")]
#[case::micro("\u{B5}", "μ")]
#[case::final_sigma("ς", "σ")]
#[case::title_case("ǅ", "ǆ")]
#[case::theta_symbol("ϑ", "θ")]
#[case::sharp_s("ß", "ss")]
#[case::capital_sharp_s("ẞ", "ß")]
#[case::slavonic("\u{1C80}", "в")]
#[case::cherokee("Ꭰ", "ꭰ")]
#[case::mtavruli("Ა", "ა")]
#[case::deseret("𐐀", "𐐨")]
#[case::dotless("ı", "i")]
#[case::dotless_capital("ı", "I")]
#[case::ligature("ﬁ", "fi")]
#[case::iota("ᾳ", "αι")]
#[case::khutsuri_on_hfs("Ⴀ", "ა")]
fn the_wide_fold_equates_what_the_exact_fold_does_not(#[case] a: &str, #[case] b: &str) {
    for decompose in [false, true] {
        assert_ne!(exact_of(true, decompose, a), exact_of(true, decompose, b));
    }
    for os in Os::ALL {
        assert_eq!(widest_of(os, a), widest_of(os, b));
    }
}

#[rstest]
#[case::compatibility("ﬀ", "FG")]
#[case::full_width_is_no_ascii("ａ", "a")]
#[case::accent("é", "e")]
#[case::cyrillic_looks("а", "a")]
#[case::superscript("²", "2")]
fn even_the_wide_fold_keeps_apart(#[case] a: &str, #[case] b: &str) {
    for os in Os::ALL {
        assert_ne!(widest_of(os, a), widest_of(os, b));
    }
}

/// The list in Git's `next_hfs_char`, and no other character.
#[test]
fn macos_drops_exactly_the_ignorables_of_hfs() {
    let dropped: Vec<char> = scalars().filter(|c| widest_of(Os::Macos, c.to_string()).is_empty()).collect();
    let hfs: Vec<char> = ('\u{200C}'..='\u{200F}')
        .chain('\u{202A}'..='\u{202E}')
        .chain('\u{206A}'..='\u{206F}')
        .chain(['\u{FEFF}'])
        .collect();
    assert_eq!(dropped, hfs);
    assert!(hfs.iter().all(|c| widest_of(Os::Linux, format!(".g{c}it")) == ".git"));
}

#[test]
fn linux_also_drops_what_a_case_folding_directory_drops() {
    for ignorable in ["\u{AD}", "\u{34F}", "\u{200B}", "\u{2060}", "\u{FE0F}", "\u{E0001}", "\u{115F}"] {
        assert_eq!(widest_of(Os::Linux, format!(".g{ignorable}it")), ".git");
        assert_ne!(widest_of(Os::Macos, format!(".g{ignorable}it")), ".git");
    }
}

#[test]
fn ignorables_are_kept_where_the_volume_is_known_to_keep_case_apart() {
    for form in [WideForm::Raw, WideForm::Decomposed] {
        assert_eq!(wide_of(Os::Macos, form, ".g\u{200C}it"), ".g\u{200C}it".as_bytes());
    }
}

#[rstest]
#[case(".git. . ", ".git")]
#[case(".git::$INDEX_ALLOCATION", ".git")]
#[case(".env:secret", ".env")]
#[case(".env . :x. ", ".env")]
#[case(".env.\u{200C}", ".env")]
#[case("É. ", "É")]
#[case("...", "")]
#[case(" ", "")]
#[case(":x", "")]
#[case("a b.c", "a b.c")]
#[case(" a", " a")]
fn windows_drops_streams_and_trailing_dots_and_blanks(#[case] name: &str, #[case] meant: &str) {
    assert_eq!(widest_of(Os::Windows, name), widest_of(Os::Windows, meant));
    if !name.contains('\u{200C}') {
        for form in FORMS {
            assert_eq!(wide_of(Os::Windows, form, name), wide_of(Os::Windows, form, meant));
        }
    }
    for os in [Os::Linux, Os::Macos] {
        assert!(name == meant || name.contains('\u{200C}') || widest_of(os, name) != widest_of(os, meant));
    }
}

#[test]
fn bytes_that_are_not_utf8_are_kept_and_the_rest_is_folded() {
    assert_eq!(wide_of(Os::Linux, WideForm::Folded, b"\xFFA\xC3\x89\xC3"), b"\xFFae\xCC\x81\xC3");
    assert_eq!(exact_of(true, true, b"\xFFA\xC3\x89"), b"\xFFA\xC3\x89");
    // Dropping the whole ignorable in the middle would make one of the halves around it.
    let nested = b"\xE2\x80\xE2\x80\x8C\x8C";
    assert_eq!(wide_of(Os::Macos, WideForm::Folded, nested), nested);
}

#[test]
fn what_hfs_leaves_whole_is_left_whole_by_the_exact_key() {
    for whole in
        ["\u{212A}", "\u{212B}", "\u{2126}", "\u{2260}", "\u{F900}", "\u{1B06}", "\u{1D15E}", "\u{2F800}"]
    {
        assert_eq!(exact_of(false, true, whole), whole.as_bytes());
        assert_ne!(wide_of(Os::Macos, WideForm::Decomposed, whole), whole.as_bytes());
    }
}

#[test]
fn the_exact_key_orders_combining_marks() {
    assert_eq!(exact_of(false, true, "a\u{301}\u{323}"), exact_of(false, true, "\u{1EA1}\u{301}"));
    assert_eq!(exact_of(false, true, "각"), exact_of(false, true, "\u{1100}\u{1161}\u{11A8}"));
    assert_ne!(exact_of(false, true, "a\u{301}\u{300}"), exact_of(false, true, "a\u{300}\u{301}"));
}

#[test]
fn a_megabyte_of_marks_is_ordered_in_no_time() {
    let marks = "\u{301}\u{323}\u{345}".repeat(150_000);
    assert_eq!(exact_of(true, true, &marks).len(), marks.len());
    assert!(!widest_of(Os::Macos, &marks).is_empty());
}

/// Texts in which case, marks, ignorables and what Windows drops meet.
pub(crate) fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => proptest::sample::select(vec![
            "a", "A", "é", "E", "\u{301}", "\u{323}", "\u{345}", "\u{308}", "ß", "ſ", "ı", "İ", "K", "\u{212A}", "Å",
            "\u{212B}", "\u{200C}", "\u{FEFF}", "\u{34F}", "\u{AD}", "\u{1100}", "\u{1161}", "\u{11A8}", "가", "각",
            "Ⴀ", "ⴀ", "ა", "ᾳ", "Ω", "\u{1FBE}", "ΐ", "ŉ", "\u{1E9B}", ".", " ", ":", "Ǆ", "ǅ", "𐐀", "\u{F900}",
        ]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn name() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        3 => text().prop_map(String::into_bytes),
        1 => (text(), proptest::collection::vec(any::<u8>(), 0..4), text())
            .prop_map(|(a, b, c)| [a.as_bytes(), &b, c.as_bytes()].concat()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, rng_seed: RngSeed::Fixed(33), ..ProptestConfig::default() })]

    #[test]
    fn keys_of_names_are_idempotent(name in name()) {
        for os in Os::ALL {
            for form in FORMS {
                let key = wide_of(os, form, &name);
                prop_assert_eq!(wide_of(os, form, &key), key, "{} {:?}", os, form);
            }
        }
        for (fold, decompose) in [(false, false), (false, true), (true, false), (true, true)] {
            let key = exact_of(fold, decompose, &name);
            prop_assert_eq!(exact_of(fold, decompose, &key), key);
        }
    }

    /// What a form holds for the same, every wider form does, and the wide key of an exact key is the wide key.
    #[test]
    fn every_wider_form_equates_at_least_as_much(name in name()) {
        for os in Os::ALL {
            let key = wide_of(os, WideForm::Folded, &name);
            prop_assert_eq!(&wide_of(os, WideForm::Folded, wide_of(os, WideForm::Decomposed, &name)), &key);
            for (fold, decompose) in [(false, true), (true, false), (true, true)] {
                prop_assert_eq!(&wide_of(os, WideForm::Folded, exact_of(fold, decompose, &name)), &key);
            }
            let key = wide_of(os, WideForm::Decomposed, &name);
            prop_assert_eq!(wide_of(os, WideForm::Decomposed, exact_of(false, true, &name)), key);
        }
    }

    #[test]
    fn no_key_holds_a_nul_or_a_separator_that_the_name_did_not(name in name()) {
        for byte in [0, b'/', b'\\'] {
            if !name.contains(&byte) {
                prop_assert!(Os::ALL.iter().all(|os| !wide_of(*os, WideForm::Folded, &name).contains(&byte)));
                prop_assert!(!exact_of(true, true, &name).contains(&byte));
            }
        }
    }
}
