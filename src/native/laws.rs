//! Laws of native paths and queries, tried on texts that are paths, are almost paths, or are anything.

use super::path::RootRef;
use super::query::parse_query;
use super::*;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::cmp::Ordering;

fn path(os: Os, text: &str) -> NativePath {
    NativePath::parse(os, text).expect(text)
}

fn any_os() -> impl Strategy<Value = Os> {
    proptest::sample::select(Os::ALL.to_vec())
}

/// Texts that are likely to be almost a path: pieces that mean something to one reader or another.
fn path_like() -> impl Strategy<Value = String> {
    let piece = proptest::sample::select(vec![
        "/",
        "\\",
        "//",
        "\\\\",
        "C:",
        "c:\\",
        "D:/",
        "\\\\?\\",
        "\\\\?\\C:\\",
        "\\\\?\\UNC\\",
        "\\\\.\\",
        "\\??\\",
        "//?/",
        "host",
        "\\\\Host\\Share",
        "localhost",
        "127.0.0.1",
        "share",
        "C$",
        "wsl$",
        ".",
        "..",
        "...",
        "a",
        "B",
        "b.c",
        "x y",
        " ",
        "nul",
        "COM¹",
        "é",
        "e\u{301}",
        ":",
        "a:b",
        "GIT~1",
        "\0",
        "\n",
        "*",
        "\u{1F600}",
        "~",
    ]);
    proptest::collection::vec(piece, 0..9).prop_map(|pieces| pieces.concat())
}

/// Texts that are paths, in one of their spellings.
fn path_text() -> impl Strategy<Value = (Os, String)> {
    let segment = proptest::sample::select(vec!["a", "B", "a-b", "a b", ".git", "é", "x.y", "~", "ß", "0"]);
    let segments = proptest::collection::vec((segment, 1..3usize, any::<bool>()), 0..6);
    let root = proptest::sample::select(vec![
        (Os::Linux, "/"),
        (Os::Macos, "//"),
        (Os::Windows, "c:\\"),
        (Os::Windows, "D:/"),
        (Os::Windows, "\\\\?\\C:\\"),
        (Os::Windows, "\\\\?\\UNC\\Host\\S\\"),
        (Os::Windows, "//HOST/s/"),
    ]);
    (root, segments).prop_map(|((os, root), segments)| {
        let mut text = root.to_owned();
        for (segment, repeat, slash) in segments {
            let separator =
                if os != Os::Windows || (slash && !root.starts_with("\\\\?\\")) { "/" } else { "\\" };
            text.push_str(segment);
            text.push_str(&separator.repeat(repeat));
        }
        (os, text)
    })
}

fn any_text() -> impl Strategy<Value = (Os, String)> {
    prop_oneof![(any_os(), path_like()), path_text(), (any_os(), any::<String>())]
}

/// Reads a query and holds it against the path of the same text.
fn agrees(os: Os, text: &str) {
    let query = parse_query(os, text.as_bytes());
    if let Ok(path) = NativePath::parse(os, text) {
        let query = query.unwrap_or_else(|error| panic!("{text:?}: {error}"));
        let components: Vec<_> = query.components().collect();
        assert_eq!(components, path.segments().map(str::as_bytes).collect::<Vec<_>>(), "{text:?}");
        match (query.root(), path.root_ref()) {
            (RootRef::Unc { host, share }, RootRef::Unc { host: canonical, share: same }) => {
                assert!(host.eq_ignore_ascii_case(canonical) && share == same, "{text:?}");
            }
            (asked, written) => assert_eq!(asked, written, "{text:?}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(33), ..ProptestConfig::default() })]

    #[test]
    fn printing_is_canonical_and_reading_it_back_gives_the_same_path((os, text) in any_text()) {
        if let Ok(path) = NativePath::parse(os, &text) {
            let again = NativePath::parse(os, path.as_str());
            prop_assert_eq!(again.as_ref(), Ok(&path));
            let mut rebuilt = NativePath::parse(os, path.root_text()).unwrap();
            prop_assert!(rebuilt.is_root());
            for segment in path.segments() {
                rebuilt = rebuilt.join_segment(segment).unwrap();
            }
            prop_assert_eq!(&rebuilt, &path);
            let separator = os.separator();
            prop_assert!(path.is_root() || !path.as_str().ends_with(separator));
            let body = path.as_str().strip_prefix(path.root_text()).unwrap();
            let doubled: String = [separator, separator].iter().collect();
            prop_assert!(!body.contains(&doubled));
        }
    }

    #[test]
    fn every_spelling_made_of_names_is_a_path((os, text) in path_text()) {
        prop_assert!(NativePath::parse(os, &text).is_ok(), "{}", text);
    }

    #[test]
    fn a_query_reads_every_path_with_the_same_segments((os, text) in any_text()) {
        agrees(os, &text);
    }

    #[test]
    fn any_bytes_are_read_or_refused_without_a_panic(os in any_os(), bytes in any::<Vec<u8>>()) {
        if let Ok(query) = parse_query(os, &bytes) {
            for component in query.components() {
                prop_assert!(!component.is_empty());
            }
            let _ = crate::native::posix::magic(os, query.components());
        }
    }

    #[test]
    fn joining_never_leaves_the_base((os, text) in path_text(), segment in prop_oneof![path_like(), any::<String>()]) {
        let base = path(os, &text);
        if let Ok(joined) = base.join_segment(&segment) {
            prop_assert_eq!(joined.parent(), Some(base.clone()));
            prop_assert_eq!(joined.file_name(), Some(segment.as_str()));
            prop_assert_eq!(joined.depth(), base.depth() + 1);
            prop_assert!(base.segments().eq(joined.segments().take(base.depth())));
            prop_assert_eq!(joined.root_text(), base.root_text());
            prop_assert!(base < joined);
            prop_assert_eq!(NativePath::parse(os, joined.as_str()), Ok(joined));
        } else {
            prop_assert!(check_segment(os, &segment).is_err());
        }
    }

    #[test]
    fn the_order_is_total_and_agrees_with_equality(
        (a, b, c) in (path_text(), path_text(), path_text())
    ) {
        let [a, b, c] = [a, b, c].map(|(os, text)| path(os, &text));
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert_eq!(a.cmp(&b) == Ordering::Equal, a == b);
        prop_assert_eq!(a == b, a.os() == b.os() && a.as_str() == b.as_str());
        if a <= b && b <= c {
            prop_assert!(a <= c);
        }
        // Nothing that is not below `a` stands between `a` and something below it.
        let inside = |path: &NativePath| {
            path.os() == a.os() && path.root_text() == a.root_text() && a.segments().eq(path.segments().take(a.depth()))
        };
        if a < b && b < c && inside(&c) {
            prop_assert!(inside(&b));
        }
    }

    #[test]
    fn what_lies_below_a_path_stands_before_its_later_siblings(
        (os, text) in path_text(), child in "[a-z]{1,3}", suffix in "[ !-.0-9a-z]{0,2}[!-,0-9a-z-]"
    ) {
        let path = path(os, &text);
        if let (Some(parent), Some(name)) = (path.parent(), path.file_name()) {
            if let (Ok(child), Ok(sibling)) =
                (path.join_segment(&child), parent.join_segment(&format!("{name}{suffix}")))
            {
                prop_assert!(parent < path && path < child && child < sibling);
            }
        }
    }
}
