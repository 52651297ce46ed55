//! The room's tests by example: the dialect, the findings about `globset`, the field's failures.

use super::set::glob;
use super::*;
use crate::error::Code;
use unicase::UniCase;
use unicode_normalization::UnicodeNormalization;

pub(super) const FOLDS: Folds = Folds { decompose: |text| text.nfd().collect(), fold: wide_text };

/// As the wide key spells text: decomposed, folded, decomposed, without a difference between ı and i.
fn wide_text(text: &str) -> String {
    let once: String = text.nfd().collect();
    let folded = UniCase::unicode(once).to_folded_case();
    folded.nfd().map(|c| if c == 'ı' { 'i' } else { c }).collect()
}

pub(super) fn tail(text: &str) -> Tail {
    Tail::parse(Os::Linux, text, FOLDS).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn code(os: Os, text: &str) -> Code {
    Tail::parse(os, text, FOLDS).map(|tail| tail.as_str().to_owned()).expect_err(text).code()
}

/// Whole folded path, as on a volume whose rules are not known.
pub(super) fn wide(path: &str) -> Vec<(String, bool)> {
    path.split('/').map(|name| (wide_text(name), FOLDS.expand(name.as_bytes()))).collect()
}

pub(super) fn read(folded: &[(String, bool)]) -> Vec<WideComponent<'_>> {
    folded
        .iter()
        .map(|(text, loose)| WideComponent {
            bytes: text.as_bytes(),
            reading: Reading::Folded,
            loose: *loose,
        })
        .collect()
}

pub(super) fn exact(tail: &Tail, path: &str) -> bool {
    let components: Vec<&[u8]> = path.split('/').map(str::as_bytes).collect();
    let direct = tail.matches_exact(&components);
    let run =
        matcher::run(&tail.program, tail.os, components.iter().map(|bytes| WideComponent::exact(bytes)));
    assert_eq!(direct, run == Outcome::Matched, "direct comparison of {} with {path}", tail.text);
    direct
}

pub(super) fn folded(tail: &Tail, path: &str) -> bool {
    let wide = wide(path);
    let components = read(&wide);
    let direct = tail.matches_wide(&components);
    let run = matcher::run(&tail.program, tail.os, components.iter().copied());
    assert_eq!(direct, run == Outcome::Matched, "direct comparison of {} with {path}", tail.text);
    direct
}

#[track_caller]
fn check(text: &str, yes: &[&str], no: &[&str]) {
    let tail = tail(text);
    for path in yes {
        assert!(exact(&tail, path), "{text} should match {path}");
    }
    for path in no {
        assert!(!exact(&tail, path), "{text} should not match {path}");
    }
}

#[track_caller]
fn check_wide(text: &str, yes: &[&str], no: &[&str]) {
    let tail = tail(text);
    for path in yes {
        assert!(folded(&tail, path), "{text} should match {path} by the wide key");
    }
    for path in no {
        assert!(!folded(&tail, path), "{text} should not match {path} by the wide key");
    }
}

// The dialect, P-3.

#[test]
fn a_wildcard_stays_in_its_component_and_dotfiles_match() {
    check("*.key", &["a.key", ".key", ".a.key"], &["d/a.key", "a.keys"]);
    check("**/*.key", &["a.key", "d/a.key", ".d/.a.key", "d/e/f.key/below"], &["d/a.kex"]);
    check("a?c", &["abc", "a.c", "aéc"], &["ac", "abbc", "a/c"]);
    check("*?*", &["a", ".x"], &[]);
    check("x?*", &["xa", "xab"], &["x"]);
}

#[test]
fn a_trailing_globstar_is_what_is_below_and_not_the_directory() {
    check("dir/**", &["dir/a", "dir/a/b"], &["dir", "dire/a"]);
    check("**", &["a", "a/b"], &[]);
    check("a/**/b", &["a/b", "a/x/b", "a/x/y/b", "a/x/y/b/c"], &["a/x", "ab", "a/bx"]);
    check("**/**/x", &["x", "a/x"], &["a"]);
    check("a/**/**", &["a/b"], &["a"]);
}

#[test]
fn a_pattern_that_matches_an_ancestor_denies_what_is_below() {
    check("secrets/*", &["secrets/a", "secrets/a/b/c"], &["secrets", "x/secrets/a"]);
    check("**/.git", &[".git", ".git/config", "a/.git/hooks/x"], &[".gitignore", "a/.github"]);
}

#[test]
fn groups_nest_hold_separators_and_empty_alternatives() {
    check("secrets/{a,b}.key", &["secrets/a.key", "secrets/b.key"], &["secrets/{a,b}.key", "secrets/c.key"]);
    check("x{,.{bak,old{,~}}}", &["x", "x.bak", "x.old", "x.old~"], &["x.", "x.bak~"]);
    check("{a/b,c}/d", &["a/b/d", "c/d"], &["a/d", "b/d"]);
    check("a/{,b/}c", &["a/c", "a/b/c"], &["a/b"]);
    check("a{{{{b,c},d},e},f}", &["ab", "ac", "ad", "ae", "af"], &["a", "abc"]);
    check("a,b", &["a,b"], &["a", "b"]);
    check("a{}b", &["ab"], &[]);
    assert_eq!(code(Os::Linux, "{{{{{a}}}}}"), Code::PatternTooDeep);
}

#[test]
fn classes_are_ascii_and_take_one_character() {
    check("[a-c]", &["a", "c"], &["d", "ab", "A"]);
    check("[!a]", &["b", "é", "."], &["a", "bb"]);
    check("[^a]", &["b"], &["a"]);
    check("[]x]", &["]", "x"], &["y"]);
    check("[!]]", &["x"], &["]"]);
    check("[a-]", &["a", "-"], &["b"]);
    check("[-a]", &["a", "-"], &["b"]);
    check("[\\]\\-a]", &["]", "-", "a"], &["\\"]);
    check("[!-~]", &["a", "."], &["-", "~"]);
    check("[[]x]", &["[x]"], &["x"]);
    check("a]b", &["a]b"], &[]);
    check("x[*?{}]", &["x*", "x{"], &["x", "xa"]);
}

#[test]
fn a_backslash_escapes_on_posix_and_separates_on_windows() {
    check("\\*\\{\\\\", &["*{\\"], &["a{\\"]);
    check("a\\b*", &["ab", "abc"], &["a\\b", "a/b"]);
    let windows = Tail::parse(Os::Windows, "**\\x\\*.pem", FOLDS).unwrap();
    assert_eq!(windows.as_str(), "**/x/*.pem");
    assert!(exact(&windows, "a/x/b.pem"));
    assert_eq!(Tail::parse(Os::Windows, windows.as_str(), FOLDS).unwrap(), windows);
    assert_eq!(code(Os::Linux, "a*\\"), Code::PatternDanglingEscape);
    assert_eq!(code(Os::Linux, "*a\\/b"), Code::PatternDanglingEscape);
}

#[test]
fn what_is_not_in_the_dialect_is_refused_with_its_own_code() {
    for (text, expected) in [
        ("", Code::PatternEmpty),
        ("x[", Code::PatternUnclosedClass),
        ("[a", Code::PatternUnclosedClass),
        ("[a\\", Code::PatternUnclosedClass),
        ("[]", Code::PatternEmptyClass),
        ("[!]a", Code::PatternEmptyClass),
        ("[a/b]", Code::PatternClassSeparator),
        ("[.-0]", Code::PatternClassSeparator),
        ("[ -~]", Code::PatternClassSeparator),
        ("[z-a]", Code::PatternClassRange),
        ("**/[z-a]", Code::PatternClassRange),
        ("[é]", Code::PatternClassNotAscii),
        ("[a-é]", Code::PatternClassNotAscii),
        ("[[:alpha:]]", Code::PatternClassNamed),
        ("{a", Code::PatternUnclosedBrace),
        ("a}", Code::PatternUnopenedBrace),
        ("a**", Code::PatternPartialGlobstar),
        ("**b", Code::PatternPartialGlobstar),
        ("***", Code::PatternPartialGlobstar),
        ("{**/a,b}", Code::PatternPartialGlobstar),
        ("{a/}**", Code::PatternPartialGlobstar),
        ("a//*", Code::PatternSegment),
        ("/*", Code::PatternSegment),
        ("*/", Code::PatternSegment),
        ("**/", Code::PatternSegment),
        ("a/{,*}", Code::PatternSegment),
        ("{,a}", Code::PatternSegment),
        ("a{/,}/b", Code::PatternSegment),
        ("*/.", Code::PatternSegment),
        ("../*", Code::PatternSegment),
        ("*/.{.,x}", Code::PatternSegment),
        ("{\\.,x}/*", Code::PatternSegment),
        ("*\0", Code::PatternSegment),
        ("[\0]", Code::PatternSegment),
    ] {
        assert_eq!(code(Os::Linux, text), expected, "{text:?}");
    }
    assert_eq!(code(Os::Linux, &"a".repeat(4097)), Code::PatternTooLong);
    assert!(Tail::parse(Os::Linux, &"a".repeat(4096), FOLDS).is_ok());
}

#[test]
fn windows_names_bound_what_a_tail_may_spell() {
    for text in ["**/a:b", "*<", "x|*", "*\u{1}", "*.", "a? ", "{a.,b}/*", "**/x ./y", "**/.{.,x}"] {
        assert_eq!(code(Os::Windows, text), Code::PatternSegment, "{text:?}");
        if !text.ends_with("x}") {
            assert!(Tail::parse(Os::Linux, text, FOLDS).is_ok(), "{text:?}");
        }
    }
    assert_eq!(code(Os::Windows, "*[\\]"), Code::PatternClassSeparator);
    assert_eq!(code(Os::Windows, "*[A-z]"), Code::PatternClassSeparator);
    for text in ["*.*", "foo.*", "[[]*[]]", "a. b*", "*\\.env"] {
        assert!(Tail::parse(Os::Windows, text, FOLDS).is_ok(), "{text:?}");
    }
}

#[test]
fn errors_say_where_in_backticks() {
    let error = Tail::parse(Os::Linux, "a/x[z-a]", FOLDS).unwrap_err();
    assert_eq!(error.to_string(), "the class at `[z-a]` holds a range that runs backwards");
    assert_eq!(error.value(), "[z-a]");
}

#[test]
fn literal_leading_components_become_the_base() {
    let split = |os, text: &str| split_literal(os, text).map(|split| (split.literal.join("|"), split.rest));
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(split(Os::Linux, "secrets/*.pem"), Ok(("secrets".into(), some("*.pem"))));
    assert_eq!(split(Os::Linux, "a/b"), Ok(("a|b".into(), None)));
    assert_eq!(split(Os::Linux, "a\\[1\\]/\\*/b{c"), Ok(("a[1]|*".into(), some("b{c"))));
    assert_eq!(split(Os::Linux, "a\\\\b"), Ok(("a\\b".into(), None)));
    assert_eq!(split(Os::Windows, "a\\b/c*\\d"), Ok(("a|b".into(), some("c*\\d"))));
    assert_eq!(split(Os::Linux, "**"), Ok((String::new(), some("**"))));
    assert_eq!(split(Os::Linux, "a]/x!,^"), Ok(("a]|x!,^".into(), None)));
    assert_eq!(split(Os::Linux, "a/}"), Ok(("a".into(), some("}"))));
    for (text, expected) in [
        ("", Code::PatternEmpty),
        ("/a", Code::PatternSegment),
        ("a//b", Code::PatternSegment),
        ("a/", Code::PatternSegment),
        ("./a", Code::PatternSegment),
        ("a/../*", Code::PatternSegment),
        ("\\./*", Code::PatternSegment),
        ("a\\", Code::PatternDanglingEscape),
        ("a\\/b", Code::PatternDanglingEscape),
    ] {
        assert_eq!(split_literal(Os::Linux, text).unwrap_err().code(), expected, "{text:?}");
    }
}

// What is known about globset, by finding.

#[test]
fn f7_question_mark_and_negated_classes_take_a_whole_character() {
    check("a?b", &["aéb", "a한b", "a😀b"], &["aééb", "ab"]);
    check("[!x]", &["é", "한"], &["éé"]);
    check_wide("a?b", &["aéb", "a한b", "AÉB", "aßb", "a\u{e9}\u{323}b"], &["aééb", "ab", "acsb"]);
    check_wide("*.É", &["x.é", "X.E\u{301}"], &["x.e"]);
    assert_eq!(code(Os::Linux, "[é]"), Code::PatternClassNotAscii);
}

#[test]
fn f8_classes_never_match_a_separator_and_dir_globstar_is_below() {
    check("ws[!a]b", &["wsxb"], &["ws/b"]);
    check("x?b", &[], &["x/b"]);
    assert_eq!(code(Os::Linux, "ws[/]b"), Code::PatternClassSeparator);
    assert_eq!(code(Os::Linux, "ws[.-0]b"), Code::PatternClassSeparator);
    assert_eq!(code(Os::Linux, "a/**b"), Code::PatternPartialGlobstar);
    // A set asks globset first, and still says no.
    let tails = (0..40).map(|i| tail(&format!("ws[!a]b{i}"))).collect();
    assert_eq!(TailSet::new(tails).warm().matches(&[b"ws", b"b7"], &[]), None);
}

#[test]
fn f9_a_posix_name_with_a_backslash_is_one_component_on_every_host() {
    check("a\\\\*", &["a\\b", "a\\"], &["a/b", "ab"]);
    check("*", &["a\\b"], &[]);
    let tails = (0..40).map(|i| tail(&format!("a\\\\{i}*"))).collect();
    let set = TailSet::new(tails).warm();
    let name: &[u8] = b"a\\7x";
    assert_eq!(set.matches(&[name], &[WideComponent::exact(name)]), Some(7));
    assert_eq!(set.matches(&[b"a", b"7x"], &[]), None);
    for tail in set.tails() {
        assert!(!glob(tail).contains('\\'), "no backslash ever reaches globset");
    }
}

#[test]
fn f10_thousands_of_braces_are_refused_at_once() {
    let nested = "{".repeat(16_000) + "a" + &"}".repeat(16_000);
    assert_eq!(code(Os::Linux, &nested), Code::PatternTooLong);
    let nested = "{".repeat(2_000) + "a" + &"}".repeat(2_000);
    assert_eq!(code(Os::Linux, &nested), Code::PatternTooDeep);
    assert_eq!(code(Os::Linux, &"{".repeat(4_096)), Code::PatternTooDeep);
}

#[test]
fn f11_literals_that_need_an_escape_match_themselves_in_a_large_set() {
    let odd = ["a\\b", "[x]", "{y}", "a*b", "w?", "p,q", "!", "^", "-]", "a\\", "é{", "\u{7f}\n"];
    let escaped = |text: &str| text.chars().flat_map(|c| ['\\', c]).collect::<String>();
    let mut tails: Vec<Tail> = odd.iter().map(|text| tail(&format!("{}*", escaped(text)))).collect();
    tails.extend((0..40).map(|i| tail(&format!("filler{i}"))));
    let set = TailSet::new(tails).warm();
    for (index, text) in odd.iter().enumerate() {
        assert_eq!(set.matches(&[text.as_bytes()], &[]), Some(index), "{text:?}");
    }
}

#[test]
fn f12_a_broken_pattern_is_an_error_and_never_just_false() {
    for text in ["a{", "a[", "a{b,c", "a/[b"] {
        assert!(Tail::parse(Os::Linux, text, FOLDS).is_err(), "{text}");
    }
}

// Failure classes of the field, G.

#[test]
fn g1_metacharacters_of_the_base_never_come_here() {
    // The base `/w/project[1]{a,b}*?` is a native path; the tail sees only what is below it.
    check("**/.env", &[".env", "a/.env"], &["project1/env"]);
}

#[test]
fn g2_one_dialect_for_dots_and_separators() {
    check("*.key", &["a.key"], &["d/a.key"]);
    check("**/*.key", &["a.key", "d/a.key", ".d/.a.key"], &[]);
}

#[test]
fn g3_groups_are_alternatives_in_every_matcher() {
    let tails: Vec<Tail> = (0..40).map(|i| tail(&format!("secrets/{{a{i},b{i}}}.key"))).collect();
    let set = TailSet::new(tails).warm();
    assert_eq!(set.matches(&[b"secrets", b"b33.key"], &[]), Some(33));
    assert_eq!(set.matches(&[b"secrets", b"{a1,b1}.key"], &[]), None);
}

#[test]
fn g9_denials_ignore_case_where_the_volume_may() {
    check_wide("**/.env", &[".ENV", "a/.Env/x"], &[".envrc"]);
    check_wide("**/ID_RSA*", &["id_rsa.pub"], &["id_rs"]);
    check_wide("**/[A-C]x", &["aX", "Bx"], &["dx"]);
    check_wide("[!A]x", &["bx"], &["Ax", "ax"]);
    // Where names are known to be kept apart the wide key is the name itself.
    let upper = tail("**/SECRET");
    assert!(upper.matches_wide(&[WideComponent::exact(b"SECRET")]));
    assert!(!upper.matches_wide(&[WideComponent::exact(b"secret")]));
    // And a path may cross from one kind of volume into the other.
    let mount = WideComponent { bytes: b"secret", reading: Reading::Folded, loose: false };
    assert!(upper.matches_wide(&[WideComponent::exact(b"secret"), mount]));
}

// The host system's own cases, as far as a tail can say.

#[test]
fn upstream_77_and_78_a_name_denies_its_subtree_and_no_sibling() {
    check("{denied,x}", &["denied", "denied/a/b"], &["denied2", "deni"]);
}

#[test]
fn upstream_79_a_question_mark_takes_a_byte_that_is_not_utf8() {
    let tail = tail("private/secret?.txt");
    assert!(tail.matches_exact(&[b"private", b"secret1.txt"]));
    assert!(tail.matches_exact(&[b"private", b"secret\xff.txt"]));
    assert!(!tail.matches_exact(&[b"private", b"secret\xff\xff.txt"]));
    let odd = WideComponent { bytes: b"secret\xff.txt", reading: Reading::Folded, loose: false };
    assert!(tail.matches_wide(&[WideComponent::exact(b"private"), odd]));
    // A lone surrogate is one character of a Windows name.
    let windows = Tail::parse(Os::Windows, "a?b", FOLDS).unwrap();
    assert!(windows.matches_exact(&[b"a\xed\xa0\x80b"]));
}

#[test]
fn upstream_80_to_83_and_94() {
    check(
        "*/file[0-9]?.txt",
        &["app/file42.txt"],
        &["app/nested/file42.txt", "app/file4.txt", "app/fileab.txt"],
    );
    check("**/*.env", &[".env", "app/.env"], &["notes"]);
    // Two differ: an unclosed class is refused here and a literal there.
    assert_eq!(code(Os::Linux, "["), Code::PatternUnclosedClass);
    assert_eq!(code(Os::Linux, "[*.env"), Code::PatternUnclosedClass);
    assert_eq!(code(Os::Linux, "**/[z-a]"), Code::PatternClassRange);
    assert_eq!(code(Os::Linux, "secrets/[z-a]"), Code::PatternClassRange);
}

// The wide key's characters.

#[test]
fn a_question_mark_is_wide_only_where_folding_made_it_so() {
    check_wide("stra?e", &["straße", "STRAẞE", "strase"], &["strasse", "strae"]);
    check_wide("straße", &["STRASSE", "straße"], &["strase"]);
    check_wide("[!x]", &["ß", "ﬁ", "é", "한"], &["ab", "x", "X"]);
    check_wide("[!f]", &["ﬁ"], &["f"]);
    check_wide("[!e]", &["é", "É"], &["e", "E"]);
    check_wide("a?c", &["abc", "ABC"], &["abbc", "ac"]);
}

#[test]
fn a_mark_next_to_a_wildcard_matches_wherever_normalization_moved_it() {
    check_wide(
        "resumé*",
        &["resumé.txt", "RESUME\u{301}", "resume\u{323}\u{301}x"],
        &["resume", "resum\u{301}e"],
    );
    check_wide("**/*é.txt", &["é.txt", "caf\u{e9}.TXT"], &["cafe.txt"]);
    check_wide("é?", &["e\u{323}\u{301}", "éx", "\u{1eb9}\u{301}"], &["x"]);
    check_wide("*\u{301}.txt", &["e\u{301}\u{323}.txt", "e\u{301}.txt"], &["x"]);
    check_wide("ᾳ*", &["ᾴ"], &["x"]);
    check_wide("{é,à}.txt", &["É.txt", "à.TXT"], &["e.txt", "a.txt"]);
}

#[test]
fn a_mark_is_looked_for_beside_every_kind_of_wildcard() {
    // Each of the names matches as it is written, and decomposed its marks stand in another order.
    for (text, name) in [
        ("?\u{323}", "é\u{323}"),
        ("?\u{323}é", "é\u{323}é"),
        ("?{a,\u{323}}", "é\u{323}"),
        ("[!a]\u{323}", "é\u{323}"),
        ("e\u{301}{a,\u{323}}", "e\u{301}\u{323}"),
        ("e\u{301}{*,a}", "e\u{301}\u{323}"),
        ("\u{301}[!a]", "\u{301}\u{323}"),
        ("secrete\u{301}[!a]", "secrete\u{301}\u{323}"),
        ("é*?", "é\u{323}"),
        ("e\u{301}*?", "e\u{301}\u{323}"),
    ] {
        check(text, &[name], &[]);
        check_wide(text, &[name], &[]);
    }
    // Right before a `*` a mark has room already, so it still counts.
    check_wide("e\u{301}*", &["e\u{323}\u{301}"], &["e"]);
    check_wide("re\u{301}*", &["re\u{323}\u{301}"], &["re"]);
}

#[test]
fn everything_after_the_first_character_of_a_decomposition_extends_it() {
    let pieces = (char::MIN..=char::MAX).flat_map(|c| c.nfd().skip(1));
    let missed: Vec<char> = pieces.filter(|piece| !program::extends(u32::from(*piece))).collect();
    assert!(missed.is_empty(), "{missed:?}");
    assert!(!FOLDS.expand("é한İ".as_bytes()));
    assert!(FOLDS.expand("ß".as_bytes()) && FOLDS.expand(b"\xff\xc3\x9f") && !FOLDS.expand(b"\xff"));
}

#[test]
fn a_component_that_may_be_any_name_matches_every_component() {
    let any = WideComponent { bytes: b"SECRET~1", reading: Reading::Any, loose: false };
    let a = WideComponent { bytes: b"a", reading: Reading::Folded, loose: false };
    for (text, path, expected) in [
        ("**/.env", &[any][..], true),
        ("*/secret[0-9]?", &[a, any], true),
        ("{a,b}/x/y", &[a, any], false),
        ("{a/b,c}/d", &[a, any, any], true),
        ("{b/b,c}/d", &[a, any, any], false),
        ("**/É/[!x]?", &[a, any, a], false),
        ("**/É/[!x]", &[a, any, any], true),
    ] {
        assert_eq!(tail(text).matches_wide(path), expected, "{text}");
        let set = TailSet::new(vec![tail(text); 40]).warm();
        assert_eq!(set.matches(&[b"zz"], path), expected.then_some(0), "{text}");
    }
}

#[test]
fn trees_are_asked_what_could_be_below() {
    for (text, path, expected) in [
        ("a/*/c", "a", true),
        ("a/*/c", "a/b", true),
        ("a/*/c", "b", false),
        ("a/*/c", "a/b/d", false),
        ("a/*/c", "a/b/c/d", true),
        ("**/x", "q/r", true),
        ("{a/b,c}/d", "a", true),
        ("{a/b,c}/d", "c/e", false),
        ("x", "y", false),
        ("x*", "xy", true),
    ] {
        let tail = tail(text);
        let components: Vec<&[u8]> = path.split('/').map(str::as_bytes).collect();
        assert_eq!(tail.could_match_below_exact(&components), expected, "{text} below {path}");
        let wide = wide(path);
        assert_eq!(tail.could_match_below_wide(&read(&wide)), expected, "{text} below {path}");
        let set = TailSet::new(vec![tail]).warm();
        assert_eq!(set.could_match_below(&components, &read(&wide)), expected.then_some(0));
    }
    assert!(tail("x/y").could_match_below_exact(&[]), "the base");
    assert!(!tail("x*").matches_exact(&[]) && !tail("**").matches_exact(&[]), "the base never matches");
}

#[test]
fn the_lowest_matching_tail_is_named() {
    for filler in [0, 60] {
        let mut tails = vec![tail("a*"), tail("{ab,B}"), tail("abc")];
        tails.extend((0..filler).map(|i| tail(&format!("none{i}"))));
        let set = TailSet::new(tails).warm();
        assert_eq!(set.matches(&[b"abc"], &[]), Some(0));
        assert_eq!(set.matches(&[b"B"], &[]), Some(1));
        // The wide key alone can find an earlier one.
        assert_eq!(set.matches(&[b"B"], &read(&wide("AB"))), Some(0));
        assert_eq!(set.matches(&[b"none"], &read(&wide("none"))), None);
        assert_eq!(set.matches(&[], &[]), None);
    }
}

#[test]
fn a_program_of_too_many_states_is_refused() {
    let folds = Folds { fold: |text| text.repeat(20), ..FOLDS };
    let error = Tail::parse(Os::Linux, &"é".repeat(2_000), folds).unwrap_err();
    assert_eq!(error.code(), Code::PatternTooComplex);
}

/// Text of four kilobytes never makes too many states with the usual folds, so it takes a fold that repeats much.
#[test]
fn a_tail_is_read_up_to_its_limits() {
    for (bytes, expected) in [(4095, None), (4096, None), (4097, Some(Code::PatternTooLong))] {
        let found = Tail::parse(Os::Linux, &"a".repeat(bytes), FOLDS).err().map(|error| error.code());
        assert_eq!(found, expected, "{bytes}");
    }
    let folds =
        Folds { fold: |text| if text.is_ascii() { text.to_owned() } else { text.repeat(20) }, ..FOLDS };
    let states = |text: &str| Tail::parse(Os::Linux, text, folds).map(|tail| tail.program.insts.len());
    let many = "é*".repeat(1000);
    let (most, one) = (32 * 1024, states(&many).unwrap());
    let fits = |n: usize| states(&format!("{many}{}", "a".repeat(n)));
    let room = most - one;
    assert!(room < 4096 - many.len(), "{one}");
    for n in [0, room - 1, room] {
        assert_eq!(fits(n).unwrap(), one + n);
    }
    assert_eq!(fits(room + 1).unwrap_err().code(), Code::PatternTooComplex);
}

#[test]
fn the_worst_patterns_stay_in_their_bounds() {
    let long = "a".repeat(300);
    for text in [
        "*a".repeat(2048),
        "?".repeat(4096),
        "?*".repeat(2048),
        "{,a}".repeat(1023) + "b",
        "{*,?}".repeat(800),
        "ΐ?".repeat(1300),
        "[!a]".repeat(1024),
        "{É*,{ﬃ?,}}".repeat(240) + "x",
        "**/".repeat(1365) + "x",
        "a/".repeat(2047) + "b*",
    ] {
        let tail = tail(&text);
        assert!(tail.program.insts.len() <= 32 * 1024);
        exact(&tail, &long);
        folded(&tail, &format!("{long}/é{long}"));
    }
}

/// The steps that a run takes, by both keys.
fn steps(text: &str, path: &str) -> usize {
    let tail = tail(text);
    assert!(tail.quick.is_none(), "{text}");
    let before = matcher::STEPS.get();
    assert!(!exact(&tail, path) && !folded(&tail, path), "{text}");
    matcher::STEPS.get() - before
}

/// Each doubling costs at most two and a half times the doubling before; squares would cost four times as much.
fn linear(what: &str, first: usize, count: impl Fn(usize) -> usize) {
    let counts: Vec<usize> = (0..4).map(|power| count(first << power)).collect();
    println!("{what}: {counts:?}");
    let more: Vec<usize> = counts.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(more.iter().all(|more| *more >= first), "{what}: {counts:?}");
    assert!(more.windows(2).all(|pair| pair[1] * 2 <= pair[0] * 5), "{what}: {counts:?}");
}

#[test]
fn matching_takes_steps_as_the_pattern_and_the_path_are_long_and_no_more() {
    for piece in ["?", "*a", "[a-z]", "[!q]", "{?,*a}", "{a,b?}", "*/"] {
        // What keeps most states alive: the pattern may begin anywhere, and what it ends in never comes.
        let (unit, start) = if piece.contains('/') { ("a/", "**/") } else { ("a", "*a") };
        let text = |n: usize| format!("{start}{}b*c", piece.repeat(n));
        let path = |n: usize| format!("{}x", unit.repeat(n));
        linear(&format!("states of {piece}"), 10, |n| tail(&text(n)).program.insts.len());
        linear(&format!("steps of {piece}, by the pattern"), 10, |n| steps(&text(n), &path(400)));
        linear(&format!("steps of {piece}, by the path"), 100, |n| steps(&text(20), &path(n)));
    }
}

#[test]
fn tails_are_equal_by_their_text_and_their_system() {
    let windows = Tail::parse(Os::Windows, "*.pem", FOLDS).unwrap();
    assert_eq!(tail("*.pem"), tail("*.pem"));
    assert_ne!(tail("*.pem"), tail("*.key"));
    assert_ne!(tail("*.pem"), windows);
}
