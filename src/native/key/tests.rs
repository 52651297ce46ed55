//! Tables of keys, for every OS on any host.

use super::*;
use rstest::rstest;

const SENSITIVE: (CaseRule, NormRule) = (CaseRule::Sensitive, NormRule::Preserving);
const INSENSITIVE: (CaseRule, NormRule) = (CaseRule::Insensitive, NormRule::Insensitive);
const NTFS: (CaseRule, NormRule) = (CaseRule::Insensitive, NormRule::Preserving);
const UNKNOWN: (CaseRule, NormRule) = (CaseRule::Unknown, NormRule::Unknown);

fn path(os: Os, text: &str) -> NativePath {
    NativePath::parse(os, text).expect(text)
}

fn volumes(os: Os, facts: &[(&str, (CaseRule, NormRule))]) -> Volumes {
    let volume = |(text, rule): &(&str, (CaseRule, NormRule))| Volume {
        path: path(os, text),
        case: rule.0,
        normalization: rule.1,
    };
    Volumes::new(os, facts.iter().map(volume).collect())
}

/// The wide key of any bytes as one component directly below a root.
fn wide_below(volumes: &Volumes, root: RootRef<'_>, raw: &[u8]) -> Vec<u8> {
    let (mut exact, mut wide) = (Vec::new(), Vec::new());
    volumes.cursor(root).step(raw, &mut exact, &mut wide);
    wide
}

#[track_caller]
fn check(volumes: &Volumes, a: &str, b: &str, exact: bool, wide: bool) {
    let (a, b) = (path(volumes.os, a), path(volumes.os, b));
    let keys = (volumes.keys(&a), volumes.keys(&b));
    assert_eq!(keys.0.exact == keys.1.exact, exact, "exact: {a} and {b}");
    assert_eq!(keys.0.may_be(&keys.1), wide, "wide: {a} and {b}");
}

/// D1: a case variant of a protected name.
#[rstest]
#[case(Os::Macos, &[], "/w/.git", "/w/.GIT", false, true)]
#[case(Os::Macos, &[], "/w/.git", "/w/.gitignore", false, false)]
#[case(Os::Macos, &[("/", INSENSITIVE)], "/w/.git", "/w/.Git", true, true)]
#[case(Os::Linux, &[], "/w/.git", "/w/.GIT", false, true)]
#[case(Os::Linux, &[("/", SENSITIVE)], "/w/.git", "/w/.GIT", false, false)]
#[case(Os::Windows, &[("C:\\", NTFS)], r"C:\w\.git", r"C:\w\.GIT", true, true)]
// D2: folding on a volume that keeps case apart.
#[case(Os::Linux, &[("/", SENSITIVE)], "/w/Data", "/w/data", false, false)]
#[case(Os::Macos, &[("/", (CaseRule::Sensitive, NormRule::Insensitive))], "/w/Data", "/w/data", false, false)]
#[case(Os::Linux, &[], "/w/Data", "/w/data", false, true)]
// D3: normalization and full folds.
#[case(Os::Macos, &[], "/s/passwörter.txt", "/s/passwo\u{308}rter.txt", false, true)]
#[case(Os::Macos, &[], "/s/passwörter.txt", "/s/PASSWÖRTER.TXT", false, true)]
#[case(Os::Macos, &[("/", INSENSITIVE)], "/w/테스트", "/w/\u{1110}\u{1166}\u{1109}\u{1173}\u{1110}\u{1173}", true, true)]
#[case(Os::Macos, &[("/", (CaseRule::Sensitive, NormRule::Insensitive))], "/w/é", "/w/e\u{301}", true, true)]
#[case(Os::Macos, &[("/", (CaseRule::Sensitive, NormRule::Unknown))], "/w/é", "/w/e\u{301}", false, true)]
#[case(Os::Macos, &[("/", (CaseRule::Insensitive, NormRule::Unknown))], "/w/é", "/w/E\u{301}", false, true)]
#[case(Os::Linux, &[("/", SENSITIVE)], "/w/테", "/w/\u{1110}\u{1166}", false, false)]
#[case(Os::Macos, &[("/", INSENSITIVE)], "/w/straße", "/w/STRASSE", false, true)]
#[case(Os::Windows, &[("C:\\", NTFS)], "C:\\w\\K", "C:\\w\\\u{212A}", false, true)]
// D4: what HFS+ ignores.
#[case(Os::Macos, &[], "/w/.git", "/w/.g\u{200C}it", false, true)]
#[case(Os::Macos, &[("/", INSENSITIVE)], "/w/.git", "/w/.git\u{200D}", false, true)]
#[case(Os::Linux, &[("/", SENSITIVE)], "/w/.git", "/w/.g\u{200C}it", false, false)]
// C14: the rule is the directory's, not the OS's.
#[case(Os::Linux, &[("/", SENSITIVE), ("/mnt/c", NTFS)], "/mnt/c/Harness/a", "/mnt/c/harness/a", true, true)]
#[case(Os::Linux, &[("/", SENSITIVE), ("/mnt/c", UNKNOWN)], "/mnt/c/Harness", "/mnt/c/harness", false, true)]
#[case(Os::Linux, &[("/", SENSITIVE), ("/mnt/c", NTFS)], "/mnt/c", "/mnt/C", false, false)]
#[case(Os::Linux, &[("/", SENSITIVE), ("/mnt/c", NTFS)], "/mnt/C/a", "/mnt/C/A", false, false)]
#[case(Os::Windows, &[("C:\\", NTFS), (r"C:\wsl", SENSITIVE)], r"C:\WSL\a", r"C:\wsl\a", true, true)]
#[case(Os::Windows, &[("C:\\", NTFS), (r"C:\wsl", SENSITIVE)], r"C:\WSL\a", r"C:\wsl\A", false, false)]
#[case(Os::Windows, &[("C:\\", NTFS)], r"D:\a", r"D:\A", false, true)]
#[case(Os::Windows, &[(r"\\?\", NTFS)], r"D:\a", r"D:\A", true, true)]
#[case(Os::Windows, &[(r"\\?\", NTFS), ("D:\\", SENSITIVE)], r"D:\a", r"D:\A", false, false)]
#[case(Os::Windows, &[(r"\\?\", NTFS)], r"\\nas\s\a", r"\\nas\s\A", true, true)]
#[case(Os::Windows, &[(r"\\nas\S", SENSITIVE)], r"\\nas\s\a", r"\\nas\s\A", false, false)]
// C4, C11: another drive is another place; a share's name ignores case by the protocol.
#[case(Os::Windows, &[], r"\\nas\S\a", r"\\nas\s\a", true, true)]
#[case(Os::Windows, &[], r"\\nas\Ä", r"\\nas\ä", false, true)]
#[case(Os::Windows, &[], r"\\nas\s\a", r"\\nas\t\a", false, false)]
#[case(Os::Windows, &[], r"C:\a", r"D:\a", false, false)]
fn two_spellings(
    #[case] os: Os,
    #[case] facts: &[(&str, (CaseRule, NormRule))],
    #[case] a: &str,
    #[case] b: &str,
    #[case] exact: bool,
    #[case] wide: bool,
) {
    check(&volumes(os, facts), a, b, exact, wide);
}

/// C8, C9: streams, trailing dots and blanks of a query, whatever is known of the volume.
#[rstest]
#[case(b".git. . ", b".git")]
#[case(b".git::$INDEX_ALLOCATION", b".git")]
#[case(b".env::$DATA", b".env")]
#[case(b".env:x", b".env")]
#[case(b"...", b"")]
fn win32_spellings_have_the_wide_key_of_what_they_open(#[case] raw: &[u8], #[case] meant: &[u8]) {
    for rule in [SENSITIVE, NTFS, UNKNOWN] {
        let volumes = volumes(Os::Windows, &[("C:\\", rule)]);
        assert_eq!(wide_below(&volumes, RootRef::Drive(b'C'), raw), meant);
    }
    for os in [Os::Linux, Os::Macos] {
        assert_ne!(wide_below(&volumes(os, &[]), RootRef::Posix, raw), meant);
    }
}

/// C7: what Windows opens a device for is an ordinary name elsewhere, and has a key like any other.
#[test]
fn device_names_have_keys_like_other_names() {
    for name in ["NUL", "nul.txt", "LPT²", "COM1 .log", "aux:x"] {
        let linux = volumes(Os::Linux, &[("/", SENSITIVE)]);
        assert_eq!(wide_below(&linux, RootRef::Posix, name.as_bytes()), name.as_bytes());
        check(&linux, &format!("/w/{name}"), &format!("/w/{name}"), true, true);
    }
    let windows = volumes(Os::Windows, &[]);
    assert_eq!(wide_below(&windows, RootRef::Drive(b'C'), b"aux:x"), b"aux");
}

#[test]
fn a_short_name_is_one_on_windows_only() {
    for raw in ["GIT~1", "git~1", "GI7EBA~1", "a~9b.txt"] {
        assert!(may_be_short_name(Os::Windows, raw.as_bytes()));
        assert!(!may_be_short_name(Os::Linux, raw.as_bytes()));
        assert!(!may_be_short_name(Os::Macos, raw.as_bytes()));
    }
    assert!(!may_be_short_name(Os::Windows, b"git~"));
    assert!(!may_be_short_name(Os::Windows, b"a~b1"));
}

#[test]
fn containment_is_by_whole_components_below_one_root() {
    for (os, outer, inner, contains) in [
        (Os::Linux, "/", "/w", true),
        (Os::Linux, "/w/p", "/w/p", true),
        (Os::Linux, "/w/p", "/w/p/a/b", true),
        (Os::Linux, "/w/p", "/w/p-evil/x", false),
        (Os::Linux, "/w/p", "/w/p2", false),
        (Os::Linux, "/w/p/a", "/w/p", false),
        (Os::Windows, r"\\?\", r"C:\a", true),
        (Os::Windows, r"\\?\", r"\\h\s\a", true),
        (Os::Windows, r"C:\", r"C:\a", true),
        (Os::Windows, r"C:\a", r"D:\a\b", false),
        (Os::Windows, r"\\h\s", r"\\h\s\a", true),
        (Os::Windows, r"\\h\s", r"\\h\s2\a", false),
        (Os::Windows, r"\\h\s", r"\\h2\s\a", false),
    ] {
        let volumes = volumes(os, &[]);
        let (outer, inner) = (volumes.keys(&path(os, outer)), volumes.keys(&path(os, inner)));
        assert_eq!(outer.exact.contains(&inner.exact), contains, "{outer:?} {inner:?}");
        assert_eq!(outer.wide.contains(&inner.wide), contains, "{outer:?} {inner:?}");
        assert_eq!(outer.may_contain(&inner), contains, "{outer:?} {inner:?}");
        assert_eq!(outer.exact.overlaps(&inner.exact), contains || inner.exact.contains(&outer.exact));
    }
}

#[test]
fn a_key_counts_a_drive_or_share_as_a_component() {
    let volumes = volumes(Os::Windows, &[]);
    for (text, depth, shown) in [
        (r"\\?\", 0, "Key()"),
        (r"C:\", 1, "Key(/C:)"),
        (r"\\h\S\A", 2, r"Key(/\\\\h\\s/A)"),
        (r"C:\a b\c", 3, "Key(/C:/a b/c)"),
    ] {
        let key = volumes.keys(&path(Os::Windows, text)).exact;
        assert_eq!((key.depth(), format!("{key:?}")), (depth, shown.to_owned()));
    }
}

#[test]
fn a_component_that_windows_reads_as_nothing_is_still_a_component() {
    let key = Key(b"C:\0\0a\0".as_slice().into());
    assert_eq!(key.components().collect::<Vec<_>>(), [b"C:".as_slice(), b"", b"a"]);
}

#[test]
fn keys_sort_a_place_directly_before_what_is_below_it() {
    let volumes = volumes(Os::Linux, &[("/", SENSITIVE)]);
    let mut keys = ["/a!", "/a/b", "/", "/a-b", "/a", "/a/b!", "/b"]
        .map(|text| volumes.keys(&path(Os::Linux, text)).exact);
    keys.sort();
    assert_eq!(format!("{keys:?}"), "[Key(), Key(/a), Key(/a/b), Key(/a/b!), Key(/a!), Key(/a-b), Key(/b)]");
}

#[test]
fn a_mount_point_is_named_in_the_volume_that_holds_it() {
    let volumes = volumes(Os::Macos, &[("/", INSENSITIVE), ("/Volumes/Case", SENSITIVE)]);
    check(&volumes, "/volumes/CASE", "/Volumes/Case", true, true);
    check(&volumes, "/volumes/CASE/a", "/Volumes/Case/a", true, true);
    check(&volumes, "/volumes/CASE/A", "/Volumes/Case/a", false, false);
    assert_eq!(volumes.rule_at(&path(Os::Macos, "/Volumes")), INSENSITIVE);
    assert_eq!(volumes.rule_at(&path(Os::Macos, "/VOLUMES/case/x")), SENSITIVE);
}

#[test]
fn volumes_in_volumes_each_judge_their_own_names() {
    let volumes = volumes(Os::Linux, &[("/m/n/o", SENSITIVE), ("/", SENSITIVE), ("/m", INSENSITIVE)]);
    check(&volumes, "/m/n/o/a", "/m/N/O/a", true, true);
    check(&volumes, "/m/n/o/a", "/m/n/o/A", false, false);
    check(&volumes, "/m/n/p/a", "/m/N/P/A", true, true);
    check(&volumes, "/m/n", "/M/n", false, false);
}

/// The case that the module's second section is about.
#[test]
fn a_volume_is_met_under_every_spelling_of_its_name_and_stays_precise_under_its_own() {
    let volumes = volumes(Os::Linux, &[("/work", SENSITIVE)]);
    check(&volumes, "/work/A", "/work/a", false, false);
    check(&volumes, "/work/A", "/WORK/A", false, true);
    check(&volumes, "/work/a", "/WORK/A", false, true);
    check(&volumes, "/WORK/a", "/WORK/A", false, true);
    check(&volumes, "/WORK/é", "/work/E\u{301}", false, false);
    check(&volumes, "/WORK", "/work", false, true);
    let outer = volumes.keys(&path(Os::Linux, "/work/A"));
    let inner = volumes.keys(&path(Os::Linux, "/WORK/A/b"));
    assert!(outer.may_contain(&inner) && !outer.exact.contains(&inner.exact));
    assert_eq!(volumes.rule_at(&path(Os::Linux, "/work")), SENSITIVE);
    assert_eq!(volumes.rule_at(&path(Os::Linux, "/WORK")), UNKNOWN);
    assert_eq!(volumes.keys(&path(Os::Linux, "/work/A")).alias, None);
    assert_eq!(volumes.keys(&path(Os::Linux, "/other/A")).alias, None);
}

#[test]
fn a_walk_says_when_it_needs_a_second_one() {
    let volumes = volumes(Os::Linux, &[("/work", SENSITIVE)]);
    let (mut exact, mut wide) = (Vec::new(), Vec::new());
    for (name, contested) in [(b"work".as_slice(), false), (b"other", false), (b"WORK", true)] {
        let mut cursor = volumes.cursor(RootRef::Posix);
        let step = cursor.step(name, &mut exact, &mut wide);
        assert_eq!(step, NameRule::default().wide_form());
        assert_eq!(cursor.is_contested(), contested);
    }
    let mut cursor = volumes.alias_cursor(RootRef::Posix);
    cursor.step(b"WORK", &mut exact, &mut wide);
    wide.clear();
    let step = cursor.step(b"A", &mut exact, &mut wide);
    assert_eq!((wide.as_slice(), step), (b"A".as_slice(), WideForm::Raw));
}

#[test]
fn several_facts_about_one_place_leave_known_what_they_agree_on() {
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
        let facts =
            [("/w", SENSITIVE), ("/w", (CaseRule::Insensitive, NormRule::Preserving)), ("/w", SENSITIVE)];
        let volumes = volumes(Os::Linux, &order.map(|at| facts[at]));
        let rule = volumes.rule_at(&path(Os::Linux, "/w"));
        assert_eq!(rule, (CaseRule::Unknown, NormRule::Preserving));
        check(&volumes, "/w/A", "/w/a", false, true);
    }
}

#[test]
fn a_fact_about_another_os_is_none() {
    let other = Volume {
        path: path(Os::Macos, "/"),
        case: CaseRule::Insensitive,
        normalization: NormRule::Insensitive,
    };
    let volumes = Volumes::new(Os::Linux, vec![other]);
    assert_eq!(volumes.rule_at(&path(Os::Linux, "/")), UNKNOWN);
}

#[test]
fn a_step_appends_and_says_what_it_followed() {
    let volumes = volumes(Os::Linux, &[("/", SENSITIVE), ("/u", UNKNOWN)]);
    let mut cursor = volumes.cursor(RootRef::Posix);
    let (mut exact, mut wide) = (b"x".to_vec(), b"y".to_vec());
    let step = cursor.step(b"u", &mut exact, &mut wide);
    assert_eq!(step, WideForm::Raw);
    assert_eq!((exact.as_slice(), wide.as_slice()), (b"xu".as_slice(), b"yu".as_slice()));
    let step = cursor.step(b"A\xFF", &mut exact, &mut wide);
    assert_eq!(step, WideForm::Folded);
    assert_eq!((exact.as_slice(), wide.as_slice()), (b"xuA\xFF".as_slice(), b"yua\xFF".as_slice()));
}

#[test]
fn the_words_are_the_wire_words() {
    for (case, word) in [
        (CaseRule::Sensitive, "sensitive"),
        (CaseRule::Insensitive, "insensitive"),
        (CaseRule::Unknown, "unknown"),
    ] {
        assert_eq!(serde_json::to_string(&case).unwrap(), format!("{word:?}"));
        assert_eq!(serde_json::from_str::<CaseRule>(&format!("{word:?}")).unwrap(), case);
        assert_eq!(case.as_str(), word);
    }
    for (norm, word) in [
        (NormRule::Preserving, "preserving"),
        (NormRule::Insensitive, "insensitive"),
        (NormRule::Unknown, "unknown"),
    ] {
        assert_eq!(serde_json::to_string(&norm).unwrap(), format!("{word:?}"));
        assert_eq!(serde_json::from_str::<NormRule>(&format!("{word:?}")).unwrap(), norm);
        assert_eq!(norm.as_str(), word);
    }
    assert!(serde_json::from_str::<CaseRule>("\"Sensitive\"").is_err());
}
