//! Tables of native paths, for every OS on any host.

use super::path::RootRef;
use super::*;

fn parse(os: Os, text: &str) -> Result<String, &'static str> {
    NativePath::parse(os, text).map(|path| path.as_str().to_owned()).map_err(|error| error.code().as_str())
}

fn path(os: Os, text: &str) -> NativePath {
    NativePath::parse(os, text).expect(text)
}

#[track_caller]
fn check(os: Os, cases: &[(&str, Result<&str, &str>)]) {
    for (text, want) in cases {
        assert_eq!(parse(os, text).as_deref(), want.as_deref(), "{os}: {text:?}");
    }
}

#[test]
fn a_posix_path_is_absolute_and_normal() {
    for os in [Os::Linux, Os::Macos] {
        check(
            os,
            &[
                ("/", Ok("/")),
                ("//", Ok("/")),
                ("///", Ok("/")),
                ("/a", Ok("/a")),
                ("/a/b/", Ok("/a/b")),
                ("/a//b///c//", Ok("/a/b/c")),
                ("//srv", Ok("/srv")),
                ("//srv/share", Ok("/srv/share")),
                ("/a\\b", Ok("/a\\b")),
                ("/\\", Ok("/\\")),
                ("/C:/x", Ok("/C:/x")),
                ("/C:\\x", Ok("/C:\\x")),
                ("/con/nul/a./b ", Ok("/con/nul/a./b ")),
                ("/a:stream", Ok("/a:stream")),
                ("/...", Ok("/...")),
                ("/a\n\u{7f}b", Ok("/a\n\u{7f}b")),
                ("/é", Ok("/é")),
                ("/e\u{301}", Ok("/e\u{301}")),
                ("/%2e%2e", Ok("/%2e%2e")),
                ("/*?[x]{y}", Ok("/*?[x]{y}")),
                ("/~", Ok("/~")),
                ("", Err("path_empty")),
                (".", Err("path_relative")),
                ("a", Err("path_relative")),
                ("a/b", Err("path_relative")),
                ("~/x", Err("path_relative")),
                (" /a", Err("path_relative")),
                ("file:///a", Err("path_relative")),
                ("\\a", Err("path_relative")),
                ("C:", Err("path_relative")),
                ("C:x", Err("path_relative")),
                ("é:/x", Err("path_relative")),
                ("1:/x", Err("path_relative")),
                ("C:\\x", Err("foreign_path")),
                ("c:/x", Err("foreign_path")),
                ("\\\\h\\s", Err("foreign_path")),
                ("\\\\?\\C:\\x", Err("foreign_path")),
                ("/.", Err("path_dot_segment")),
                ("/..", Err("path_dot_segment")),
                ("/tmp/../etc", Err("path_dot_segment")),
                ("/a/./b", Err("path_dot_segment")),
                ("/a/b/..", Err("path_dot_segment")),
                ("/a\0b", Err("path_nul")),
                ("\0", Err("path_nul")),
            ],
        );
    }
}

#[test]
fn a_windows_path_has_a_drive_or_a_share() {
    check(
        Os::Windows,
        &[
            ("C:\\", Ok("C:\\")),
            ("c:/", Ok("C:\\")),
            ("c:\\a", Ok("C:\\a")),
            ("c:/a\\b//c\\\\", Ok("C:\\a\\b\\c")),
            ("C:\\\\a", Ok("C:\\a")),
            ("z:\\Ä b\\.git", Ok("Z:\\Ä b\\.git")),
            ("C:\\%2e%2e", Ok("C:\\%2e%2e")),
            ("C:\\PROGRA~1", Ok("C:\\PROGRA~1")),
            ("\\\\NAS\\Share", Ok("\\\\nas\\Share")),
            ("\\\\nas\\Share\\", Ok("\\\\nas\\Share")),
            ("//NAS/Share//a/", Ok("\\\\nas\\Share\\a")),
            ("\\/nas/s", Ok("\\\\nas\\s")),
            ("\\\\wsl$\\Ubuntu\\home", Ok("\\\\wsl$\\Ubuntu\\home")),
            ("\\\\WSL.localhost\\D\\home", Ok("\\\\wsl.localhost\\D\\home")),
            ("\\\\10.0.0.5\\s", Ok("\\\\10.0.0.5\\s")),
            ("\\\\?\\", Ok("\\\\?\\")),
            ("\\\\?\\c:\\", Ok("C:\\")),
            ("\\\\?\\C:\\x\\", Ok("C:\\x")),
            ("\\\\?\\UNC\\H\\S\\x", Ok("\\\\h\\S\\x")),
            ("\\\\?\\UNC\\h\\s", Ok("\\\\h\\s")),
            ("", Err("path_empty")),
            ("C:\\a\0", Err("path_nul")),
            ("a", Err("path_relative")),
            ("a\\b", Err("path_relative")),
            (".\\c:", Err("path_relative")),
            ("é:\\x", Err("path_relative")),
            ("1:\\x", Err("path_relative")),
            ("C:", Err("path_drive_relative")),
            ("C:x", Err("path_drive_relative")),
            ("c:..\\x", Err("path_drive_relative")),
            ("\\", Err("path_root_relative")),
            ("\\x", Err("path_root_relative")),
            ("/", Err("foreign_path")),
            ("/x", Err("foreign_path")),
            ("/home/me", Err("foreign_path")),
            ("C:\\a\\..\\b", Err("path_dot_segment")),
            ("C:\\.", Err("path_dot_segment")),
            ("\\\\h\\s\\..", Err("path_dot_segment")),
            ("\\\\h\\..", Err("path_dot_segment")),
            ("\\\\?\\C:\\a\\..\\b", Err("path_dot_segment")),
            ("\\??\\C:\\w", Err("path_namespace")),
            ("/??/C:/w", Err("path_namespace")),
            ("\\??", Err("path_namespace")),
            ("\\\\.\\C:\\w", Err("path_namespace")),
            ("\\\\.\\COM1", Err("path_namespace")),
            ("\\\\.\\PhysicalDrive0", Err("path_namespace")),
            ("//./pipe/x", Err("path_namespace")),
            ("\\\\?", Err("path_namespace")),
            ("//?/", Err("path_namespace")),
            ("//?/C:/x", Err("path_namespace")),
            ("\\\\?/C:/x", Err("path_namespace")),
            ("\\/?\\C:\\x", Err("path_namespace")),
            ("\\\\?\\C:", Err("path_namespace")),
            ("\\\\?\\C:x", Err("path_namespace")),
            ("\\\\?\\C:/x", Err("path_namespace")),
            ("\\\\?\\\\C:\\x", Err("path_namespace")),
            ("\\\\?\\GLOBALROOT\\Device\\HarddiskVolume3\\w", Err("path_namespace")),
            ("\\\\?\\Volume{01234567-89ab-cdef-0123-456789abcdef}\\w", Err("path_namespace")),
            ("\\\\?\\unc\\h\\s", Err("path_namespace")),
            ("\\\\?\\UNC", Err("path_namespace")),
            ("\\\\h\\pipe\\x", Err("path_namespace")),
            ("\\\\?\\UNC\\?\\UNC\\?\\C:\\", Err("path_unc_malformed")),
            ("\\\\?\\UNC\\..\\s", Err("path_unc_malformed")),
            ("\\\\?\\UNC\\.\\s", Err("path_unc_malformed")),
            ("\\\\?\\UNC\\srv", Err("path_unc_malformed")),
            ("\\\\?\\UNC\\srv\\..\\x", Err("path_dot_segment")),
            ("\\\\?\\UNC\\h/s\\x", Err("path_unc_malformed")),
            ("\\\\?\\UNC\\localhost\\s", Err("path_loopback")),
            ("\\\\localhost\\s", Err("path_loopback")),
            ("\\\\127.0.0.1\\C$\\w", Err("path_loopback")),
            ("\\\\0x7f000001\\s", Err("path_loopback")),
            ("\\\\host\\C$", Err("path_admin_share")),
            ("\\\\host\\c$\\w", Err("path_admin_share")),
            ("\\\\host\\ADMIN$", Err("path_admin_share")),
            ("\\\\wsl$\\C$", Err("path_admin_share")),
            ("\\\\host\\data$\\x", Err("path_admin_share")),
            ("\\\\host", Err("path_unc_malformed")),
            ("\\\\host\\", Err("path_unc_malformed")),
            ("\\\\host\\\\share", Err("path_unc_malformed")),
            ("\\\\\\host\\share", Err("path_unc_malformed")),
            ("\\\\", Err("path_unc_malformed")),
            ("\\\\host@SSL\\share", Err("path_unc_malformed")),
            ("\\\\bücher\\s", Err("path_unc_malformed")),
            ("\\\\h\\a:b", Err("segment_reserved_character")),
            ("\\\\h\\s.\\x", Err("segment_trailing")),
            ("\\\\h\\nul", Err("segment_device_name")),
            ("C:\\a<", Err("segment_reserved_character")),
            ("C:\\a|b", Err("segment_reserved_character")),
            ("C:\\w:stream", Err("segment_reserved_character")),
            ("C:\\x\\D:\\y", Err("segment_reserved_character")),
            ("C:\\a\tb", Err("segment_reserved_character")),
            ("\\\\?\\C:\\a/b", Err("segment_reserved_character")),
            ("C:\\w.", Err("segment_trailing")),
            ("C:\\w \\x", Err("segment_trailing")),
            ("C:\\...", Err("segment_trailing")),
            ("\\\\?\\C:\\w.", Err("segment_trailing")),
            ("C:\\w\\NUL", Err("segment_device_name")),
            ("C:\\nul.txt", Err("segment_device_name")),
            ("C:\\COM1 .log", Err("segment_device_name")),
            ("C:\\LPT²\\x", Err("segment_device_name")),
            // A prefix strip that knows only ASCII digits would pass this one on (dunce 1.0.5).
            ("\\\\?\\C:\\COM¹", Err("segment_device_name")),
            ("C:\\conin$", Err("segment_device_name")),
        ],
    );
}

/// What Windows makes of the beginning of a text. Retold from the data of Wine's conformance test of
/// `RtlDetermineDosPathNameType_U` (dlls/ntdll/tests/path.c): each text with the type that it has there, and what
/// that type means here.
#[test]
fn the_types_that_windows_gives_to_paths_are_told_apart() {
    const UNC: u8 = 1;
    const DRIVE_ABSOLUTE: u8 = 2;
    const DRIVE_RELATIVE: u8 = 3;
    const ROOTED: u8 = 4;
    const RELATIVE: u8 = 5;
    const DEVICE: u8 = 6;
    const ROOT_DEVICE: u8 = 7;
    let cases = [
        ("\\\\foo", UNC),
        ("//foo", UNC),
        ("\\/foo", UNC),
        ("/\\foo", UNC),
        ("\\\\", UNC),
        ("//", UNC),
        ("c:\\foo", DRIVE_ABSOLUTE),
        ("c:/foo", DRIVE_ABSOLUTE),
        ("c://foo", DRIVE_ABSOLUTE),
        ("c:\\", DRIVE_ABSOLUTE),
        ("c:/", DRIVE_ABSOLUTE),
        ("c:foo", DRIVE_RELATIVE),
        ("c:f\\oo", DRIVE_RELATIVE),
        ("c:foo/bar", DRIVE_RELATIVE),
        ("\\foo", ROOTED),
        ("/foo", ROOTED),
        ("\\", ROOTED),
        ("/", ROOTED),
        ("foo", RELATIVE),
        ("", RELATIVE),
        ("\\\\.\\foo", DEVICE),
        ("//./foo", DEVICE),
        ("/\\./foo", DEVICE),
        ("\\\\.foo", UNC),
        ("//.foo", UNC),
        ("\\\\.", ROOT_DEVICE),
        ("//.", ROOT_DEVICE),
        ("\\\\?\\foo", DEVICE),
        ("//?/foo", DEVICE),
        ("/\\?/foo", DEVICE),
        ("\\\\?foo", UNC),
        ("//?foo", UNC),
        ("\\\\?", ROOT_DEVICE),
        ("//?", ROOT_DEVICE),
        ("CONIN$", RELATIVE),
        ("CONOUT$", RELATIVE),
        ("CONERR$", RELATIVE),
        ("\\\\.\\CONIN$", DEVICE),
        ("\\\\.\\CONOUT$", DEVICE),
    ];
    for (text, kind) in cases {
        let got = parse(Os::Windows, text);
        let want: &[Result<&str, &str>] = match kind {
            // Each of these lacks a share.
            UNC => &[Err("path_unc_malformed")],
            DRIVE_ABSOLUTE => &[Ok("C:\\foo"), Ok("C:\\")],
            DRIVE_RELATIVE => &[Err("path_drive_relative")],
            ROOTED => &[Err("path_root_relative"), Err("foreign_path")],
            RELATIVE => &[Err("path_relative"), Err("path_empty")],
            _ => &[Err("path_namespace")],
        };
        let got = got.as_deref().map_err(|code| *code);
        assert!(want.contains(&got), "{text:?} has type {kind}, and is {got:?}");
    }
}

/// Texts that `RtlGetFullPathName_U` changes or leaves the directory with, retold from the same file: none of
/// them is taken for what it looks like.
#[test]
fn what_windows_would_rewrite_is_refused_and_never_rewritten() {
    check(
        Os::Windows,
        &[
            ("c:/test     ", Err("segment_trailing")),
            ("c:/test.", Err("segment_trailing")),
            ("c:/test  ....   ..   ", Err("segment_trailing")),
            ("c:/test/  ....   ..   ", Err("segment_trailing")),
            ("c:/test/..", Err("path_dot_segment")),
            ("c:/test/.. ", Err("segment_trailing")),
            ("c:/test./file", Err("segment_trailing")),
            ("c:/test.. /file", Err("segment_trailing")),
            ("c:/test/././file", Err("path_dot_segment")),
            ("c:///test\\.\\.\\file//", Err("path_dot_segment")),
            ("c:.", Err("path_drive_relative")),
            ("c:./foo", Err("path_drive_relative")),
            ("\\windows\\nul", Err("path_root_relative")),
            ("C:\\nonexistent\\nul", Err("segment_device_name")),
            ("C:\\con\\con", Err("segment_device_name")),
            ("C:NUL.", Err("path_drive_relative")),
            ("//foo/", Err("path_unc_malformed")),
            ("//.//", Err("path_namespace")),
            ("//?//", Err("path_namespace")),
            ("\\??\\foo", Err("path_namespace")),
        ],
    );
}

/// Retold from the data of Go's `path/filepath` tests (`wincleantests`, `winsplittests`, `winjointests`,
/// `TestIssue52476`, and the cases of CVE-2023-45283): what its `Clean` folds is refused here, and what its `Join`
/// could make of two harmless halves cannot be made.
#[test]
fn windows_paths_that_other_libraries_fold_are_refused() {
    check(
        Os::Windows,
        &[
            ("c:", Err("path_drive_relative")),
            ("c:\\", Ok("C:\\")),
            ("c:\\abc", Ok("C:\\abc")),
            ("c:abc\\..\\..\\.\\.\\..\\def", Err("path_drive_relative")),
            ("c:\\abc\\def\\..\\..", Err("path_dot_segment")),
            ("c:\\..\\abc", Err("path_dot_segment")),
            ("c:..\\abc", Err("path_drive_relative")),
            ("\\", Err("path_root_relative")),
            ("/", Err("foreign_path")),
            ("\\\\i\\..\\c$", Err("path_dot_segment")),
            ("\\\\i\\..\\i\\c$", Err("path_dot_segment")),
            ("\\\\host\\share\\foo\\..\\bar", Err("path_dot_segment")),
            ("//host/share/foo/../baz", Err("path_dot_segment")),
            ("\\\\host\\share\\foo\\..\\..\\..\\..\\bar", Err("path_dot_segment")),
            ("\\\\.\\C:\\a\\..\\..\\..\\..\\bar", Err("path_namespace")),
            ("\\\\.\\C:\\\\\\\\a", Err("path_namespace")),
            ("\\\\a\\b\\..\\c", Err("path_dot_segment")),
            ("\\\\a\\b", Ok("\\\\a\\b")),
            (".\\c:\\foo", Err("path_relative")),
            ("//abc", Err("path_unc_malformed")),
            ("///abc", Err("path_unc_malformed")),
            ("//abc//", Err("path_unc_malformed")),
            ("c:/foo/bar", Ok("C:\\foo\\bar")),
            ("//host/share/", Ok("\\\\host\\share")),
            ("//host/share/foo", Ok("\\\\host\\share\\foo")),
            ("\\a\\..\\??\\b", Err("path_root_relative")),
            ("\\??\\b", Err("path_namespace")),
            ("\\\\?\\c:\\*", Err("segment_reserved_character")),
            ("C:\\dollar$", Ok("C:\\dollar$")),
        ],
    );
    let drive = path(Os::Windows, "C:\\");
    for segment in ["C:", "\\a", "??", "..", ".", "", "a\\b", "a/b", ":"] {
        assert!(drive.join_segment(segment).is_err(), "{segment:?}");
    }
    assert_eq!(drive.join_segment("Windows").unwrap().as_str(), "C:\\Windows");
    let share = path(Os::Windows, "//host/share");
    assert_eq!(share.join_segment("foo").unwrap().as_str(), "\\\\host\\share\\foo");
}

#[test]
fn a_segment_is_joined_as_one_name_or_not_at_all() {
    let base = path(Os::Linux, "/w");
    assert_eq!(base.join_segment("a\\..\\b").unwrap().as_str(), "/w/a\\..\\b");
    assert_eq!(base.join_segment("C:").unwrap().as_str(), "/w/C:");
    for (segment, code) in [
        ("", "path_not_normal"),
        ("a/b", "path_not_normal"),
        ("/etc", "path_not_normal"),
        ("..", "path_dot_segment"),
        ("a\0", "path_nul"),
    ] {
        assert_eq!(base.join_segment(segment).unwrap_err().code().as_str(), code, "{segment:?}");
    }
    let all = NativePath::root(Os::Windows);
    assert_eq!(all.join_segment("C").unwrap_err().code().as_str(), "path_namespace");
    assert_eq!(all.join_segment("C:").unwrap_err().code().as_str(), "segment_reserved_character");
}

#[test]
fn roots_are_built_from_checked_parts() {
    assert_eq!(NativePath::root(Os::Linux).as_str(), "/");
    assert_eq!(NativePath::root(Os::Macos).as_str(), "/");
    assert_eq!(NativePath::root(Os::Windows).as_str(), "\\\\?\\");
    assert_eq!(NativePath::drive('c').unwrap().as_str(), "C:\\");
    for letter in ['1', 'é', '\\', 'ſ', '\u{212A}', '\0'] {
        assert_eq!(NativePath::drive(letter), None, "{letter:?}");
    }
    assert_eq!(NativePath::unc("NAS", "S").unwrap().as_str(), "\\\\nas\\S");
    for (host, share) in
        [("h", ""), ("", "s"), ("h", "a\\b"), ("h\\s", "x"), ("localhost", "s"), ("h", "C$"), ("h", "..")]
    {
        assert!(NativePath::unc(host, share).is_err(), "{host:?} {share:?}");
    }
}

#[test]
fn a_path_tells_its_parts() {
    let cases: &[(Os, &str, RootKind, &str, &[&str])] = &[
        (Os::Linux, "/", RootKind::Posix, "/", &[]),
        (Os::Macos, "/a/b", RootKind::Posix, "/", &["a", "b"]),
        (Os::Windows, "\\\\?\\", RootKind::Namespace, "\\\\?\\", &[]),
        (Os::Windows, "C:\\", RootKind::Drive, "C:\\", &[]),
        (Os::Windows, "C:\\a\\b", RootKind::Drive, "C:\\", &["a", "b"]),
        (Os::Windows, "\\\\h\\s", RootKind::Unc, "\\\\h\\s", &[]),
        (Os::Windows, "\\\\h\\s\\a\\b", RootKind::Unc, "\\\\h\\s", &["a", "b"]),
    ];
    for (os, text, kind, root, segments) in cases {
        let path = path(*os, text);
        assert_eq!(path.os(), *os);
        assert_eq!(path.kind(), *kind, "{text}");
        assert_eq!(path.root_text(), *root, "{text}");
        assert_eq!(path.segments().collect::<Vec<_>>(), *segments, "{text}");
        assert_eq!(path.depth(), segments.len(), "{text}");
        assert_eq!(path.is_root(), segments.is_empty(), "{text}");
        assert_eq!(path.file_name(), segments.last().copied(), "{text}");
        assert_eq!(path.parent().is_none(), segments.is_empty(), "{text}");
        assert_eq!(path.to_string(), *text);
        assert_eq!(serde_json::to_value(&path).unwrap(), *text);
    }
    assert_eq!(path(Os::Linux, "/a").parent(), Some(NativePath::root(Os::Linux)));
    assert_eq!(path(Os::Windows, "C:\\a").parent(), NativePath::drive('C'));
    assert_eq!(path(Os::Windows, "\\\\h\\s\\a").parent(), NativePath::unc("h", "s").ok());
    let unc = path(Os::Windows, "\\\\H\\S\\a");
    assert_eq!(unc.root_ref(), RootRef::Unc { host: b"h", share: b"S" });
    assert_eq!(path(Os::Windows, "d:\\x").root_ref(), RootRef::Drive(b'D'));
    assert_eq!(format!("{unc:?}"), "windows:\\\\h\\S\\a");
}

#[test]
fn the_order_puts_a_path_directly_before_what_lies_below_it() {
    let sorted = |os, texts: &[&str]| {
        let mut paths: Vec<_> = texts.iter().rev().map(|text| path(os, text)).collect();
        paths.sort();
        assert_eq!(paths.iter().map(NativePath::as_str).collect::<Vec<_>>(), texts);
    };
    // Names of eight bytes and more, of which the first share no bit.
    sorted(Os::Linux, &["/0bcdefgh", "/@acdefgh", "/@acdefgh/i"]);
    sorted(Os::Linux, &["/", "/a", "/a/b", "/a/b/c", "/a/z", "/a b", "/a-b", "/a.b", "/b"]);
    sorted(
        Os::Windows,
        &[
            "\\\\?\\",
            "C:\\",
            "C:\\a",
            "C:\\a\\b",
            "C:\\a-b",
            "D:\\",
            "\\\\a\\s",
            "\\\\a\\s\\x",
            "\\\\a\\s-1",
            "\\\\b\\s",
        ],
    );
}

#[test]
fn a_message_is_one_line_with_the_offending_text_in_backticks() {
    let message = |os, text: &str| NativePath::parse(os, text).unwrap_err().to_string();
    assert_eq!(message(Os::Linux, "a/b"), "`a/b` is not an absolute path");
    assert_eq!(
        message(Os::Windows, "C:\\a\\b\tc"),
        "the segment `b\\u{9}c` holds `\\u{9}`, which no Windows name may hold"
    );
    assert_eq!(
        message(Os::Windows, "C:\\a\"b"),
        "the segment `a\"b` holds `\"`, which no Windows name may hold"
    );
    assert!(message(Os::Linux, "a\0").contains("`a\\u{0}`"));
    assert!(message(Os::Linux, &"x".repeat(100_000)).len() < 1_000);
    let error = NativePath::parse(Os::Windows, "C:\\a\\nul.txt").unwrap_err();
    assert_eq!(error.value(), "nul.txt");
    assert_eq!(NativePath::parse(Os::Windows, "/x").unwrap_err().value(), "/x");
}

#[test]
fn aliases_are_normal_paths_and_no_alias_leads_to_its_own_inside() {
    assert!(aliases(Os::Linux).is_empty() && aliases(Os::Windows).is_empty());
    let pairs = aliases(Os::Macos);
    for (from, to) in pairs {
        assert_eq!(path(Os::Macos, from).as_str(), *from);
        assert_eq!(path(Os::Macos, to).as_str(), *to);
        assert!(!to.starts_with(&format!("{from}/")), "{from}");
        assert_eq!(pairs.iter().filter(|(other, _)| other == from).count(), 1, "{from}");
    }
    for (from, to) in [("/tmp", "/private/tmp"), ("/System/Volumes/Data/Users", "/Users")] {
        assert!(pairs.contains(&(from, to)), "{from}");
    }
}

#[test]
fn system_directories_are_told_from_what_lies_in_them() {
    for (os, text) in [
        (Os::Linux, "/etc"),
        (Os::Linux, "/usr/bin"),
        (Os::Macos, "/private/etc"),
        (Os::Macos, "/users"),
        (Os::Windows, "C:\\Windows"),
        (Os::Windows, "d:\\windows\\SYSTEM32"),
        (Os::Windows, "C:\\Program Files (x86)"),
    ] {
        assert!(is_system_directory(&path(os, text)), "{text}");
    }
    for (os, text) in [
        (Os::Linux, "/"),
        (Os::Linux, "/Etc"),
        (Os::Linux, "/etc/app"),
        (Os::Linux, "/tmp"),
        (Os::Linux, "/opt/app"),
        (Os::Macos, "/private/tmp"),
        (Os::Macos, "/Users/me"),
        (Os::Windows, "\\\\?\\"),
        (Os::Windows, "C:\\"),
        (Os::Windows, "C:\\Users\\me"),
        (Os::Windows, "\\\\nas\\s\\Windows"),
    ] {
        assert!(!is_system_directory(&path(os, text)), "{text}");
    }
    for os in Os::ALL {
        for directory in system_directories(os) {
            let text = if os == Os::Windows { format!("C:\\{directory}") } else { (*directory).to_owned() };
            assert_eq!(path(os, &text).as_str(), text, "{directory}");
        }
    }
}

#[test]
fn hashes_tell_paths_apart() {
    use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
    let hasher: BuildHasherDefault<DefaultHasher> = BuildHasherDefault::default();
    let paths =
        [path(Os::Linux, "/a"), path(Os::Linux, "/b"), path(Os::Macos, "/a"), path(Os::Windows, "C:\\a")];
    let told: std::collections::BTreeSet<u64> = paths.iter().map(|path| hasher.hash_one(path)).collect();
    assert_eq!(told.len(), paths.len());
}

#[test]
fn one_place_contains_another_by_whole_names_below_one_root() {
    let all = NativePath::root(Os::Windows);
    assert!(all.contains(&path(Os::Windows, "C:\\a")) && all.contains(&all));
    assert!(!all.contains(&path(Os::Linux, "/a")));
    assert!(!path(Os::Windows, "C:\\").contains(&all));
    let place = path(Os::Linux, "/a/b");
    for (inner, contained) in
        [("/a/b", true), ("/a/b/c", true), ("/a", false), ("/a/bc", false), ("/", false)]
    {
        assert_eq!(place.contains(&path(Os::Linux, inner)), contained, "{inner}");
    }
}
