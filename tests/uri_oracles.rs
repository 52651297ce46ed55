//! What our reader accepts, `url` (WHATWG) and `fluent-uri` (RFC 3986) read as the same host and the same
//! names. Neither may repair, drop or refuse a part of it, except for the quirks listed here:
//!
//! - `url` keeps the case of a drive's letter, and its spelling as `C%3A`; ours is upper-case and `C:`.
//! - `url`'s conversion to a native path appends a slash after a tail such as `x:` or `x|`, on POSIX too.
//! - `fluent-uri` does not know the raw `[ ] ^ |` that `url` writes; it is given them encoded.
//! - both keep the trailing slash that ours drops, as an empty last segment.

use bindery::FileUri;
use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};
use std::cell::Cell;

/// Decodes each `%XX` once. The text is well-formed wherever this is used.
fn decode(segment: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = segment.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'%', [high, low, tail @ ..]) => {
                out.push(digit(*high) << 4 | digit(*low));
                rest = tail;
            }
            _ => out.push(*first),
        }
    }
    out
}

fn digit(byte: u8) -> u8 {
    if byte.is_ascii_digit() { byte - b'0' } else { (byte | 0x20) - b'a' + 10 }
}

/// The names of a value, the drive as the first of them.
fn names(uri: &FileUri) -> Vec<Vec<u8>> {
    let drive = uri.drive().map(|letter| format!("{letter}:").into_bytes());
    drive.into_iter().chain(uri.segments().iter().map(|segment| segment.as_bytes().to_vec())).collect()
}

/// Another reader's names in our terms: without a trailing slash, a drive in upper case.
fn in_our_terms<'a>(segments: impl Iterator<Item = &'a str>, host: Option<&str>) -> Vec<Vec<u8>> {
    let mut names: Vec<_> = segments.map(decode).collect();
    if names.last().is_some_and(Vec::is_empty) {
        names.pop();
    }
    match names.first_mut().map(Vec::as_mut_slice) {
        Some([letter, b':']) if host.is_none() => letter.make_ascii_uppercase(),
        _ => {}
    }
    names
}

fn whatwg_agrees(text: &str, ours: &FileUri) -> Result<(), TestCaseError> {
    let url = url::Url::parse(text).map_err(|error| TestCaseError::fail(format!("url: {error}")))?;
    prop_assert_eq!(url.scheme(), "file");
    prop_assert_eq!(url.host_str(), ours.host());
    prop_assert_eq!((url.username(), url.password(), url.port()), ("", None, None));
    prop_assert_eq!((url.query(), url.fragment()), (None, None));
    let segments = url.path_segments().ok_or_else(|| TestCaseError::fail("url: no segments"))?;
    prop_assert_eq!(in_our_terms(segments, ours.host()), names(ours));
    Ok(())
}

/// `url`'s own conversion on a POSIX host, which is what a receiver written with it would open.
#[cfg(unix)]
fn whatwg_opens_the_same_path(text: &str, ours: &FileUri) -> Result<(), TestCaseError> {
    use std::os::unix::ffi::OsStrExt as _;
    let url = url::Url::parse(text).map_err(|error| TestCaseError::fail(format!("url: {error}")))?;
    let Ok(path) = url.to_file_path() else {
        prop_assert!(ours.host().is_some(), "url: no path");
        return Ok(());
    };
    let mut opened = path.as_os_str().as_bytes().to_vec();
    let drive_like_tail =
        matches!(opened.as_slice(), [.., letter, b':' | b'|', b'/'] if letter.is_ascii_alphabetic());
    if text.ends_with('/') || drive_like_tail {
        opened.pop();
    }
    if let (Some(_), [b'/', letter, b':', ..]) = (ours.drive(), opened.as_mut_slice()) {
        letter.make_ascii_uppercase();
    }
    let expected: Vec<u8> = names(ours).iter().flat_map(|name| [b"/", name.as_slice()].concat()).collect();
    prop_assert_eq!(opened, expected);
    Ok(())
}

fn rfc_agrees(text: &str, ours: &FileUri) -> Result<(), TestCaseError> {
    let encoded: String = text
        .chars()
        .map(|c| if "[]^|".contains(c) { format!("%{:02X}", u32::from(c)) } else { c.to_string() })
        .collect();
    let uri = fluent_uri::Uri::parse(encoded.as_str())
        .map_err(|error| TestCaseError::fail(format!("rfc: {error}")))?;
    prop_assert!(uri.scheme().as_str().eq_ignore_ascii_case("file"));
    let authority = uri.authority().ok_or_else(|| TestCaseError::fail("rfc: no authority"))?;
    let host = authority.host().to_ascii_lowercase();
    let host = (!host.is_empty() && host != "localhost").then_some(host);
    prop_assert_eq!(host.as_deref(), ours.host());
    prop_assert!(authority.userinfo().is_none() && authority.port().is_none());
    prop_assert!(uri.query().is_none() && uri.fragment().is_none());
    let path = uri.path().as_str();
    prop_assert!(path.starts_with('/'));
    prop_assert_eq!(in_our_terms(path.split('/').skip(1), ours.host()), names(ours));
    Ok(())
}

fn all_agree(text: &str, ours: &FileUri) -> Result<(), TestCaseError> {
    whatwg_agrees(text, ours)?;
    // On other hosts `url` converts by their rules, which the names above do not follow.
    #[cfg(unix)]
    whatwg_opens_the_same_path(text, ours)?;
    rfc_agrees(text, ours)
}

/// One segment: mostly names, sometimes what parsers stumble over.
fn segment() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "[a-zA-Z0-9._~-]{1,6}",
        3 => "[a-z]{0,2}[\\[\\]^|:;=@!$&'()*+,]{1,2}[a-z]{0,2}",
        3 => "[a-z]{0,2}%(20|25|23|3F|3a|3A|5B|5c|41|7C|2e|C3%A9|E2%98%83)[a-z0-9]{0,2}",
        2 => "[a-zA-Z](:|%3A|%3a|%7C)",
        1 => "(%[46][0-9a-f]|%25){1,3}(%3A)?",
        1 => prop_oneof![
            "[a-z]?(%2F|%2f|%00|%FF|%C0%AF|%ED%A0%80|%zz|%|%4)[a-z]?",
            "(\\.|%2e|%2E){1,3}",
            "[a-zA-Z]\\|",
            "[a-z]?[ \\\\?#{}<>\"`\\t\\n\u{e9}\u{2112}][a-z]?",
            Just(String::new()),
        ],
    ]
}

/// What stands before the path, without its first slash.
fn start() -> impl Strategy<Value = String> {
    prop_oneof![
        12 => prop_oneof![Just("file://"), Just("FILE://"), Just("file://localhost"), Just("File://LocalHost")]
            .prop_map(str::to_owned),
        4 => "file://(nas|NAS-1|a_b\\.example|10\\.0\\.0\\.5|wsl\\$|wsl\\.localhost|1\\.nas|0xfg|ab--c)",
        2 => "file://[a-zA-Z0-9._$-]{1,7}",
        1 => "(file|file:|file:/|file:///| file://|fi\\tle://|http://)",
        1 => "file://([a-z]:|[a-z]\\||u@h|h:80|h:|\\[::1\\]|\\.|\\.\\.|127\\.1|0x7f\\.1|2130706433|xn--a|xn--bcher-kva|%6eas|h%2e)",
    ]
}

fn text() -> impl Strategy<Value = String> {
    let pieces =
        (start(), prop::collection::vec(segment(), 0..5), prop_oneof![3 => Just(""), 1 => Just("/")])
            .prop_map(|(start, segments, tail)| format!("{start}/{}{tail}", segments.join("/")));
    prop_oneof![
        9 => pieces,
        1 => "file:(//)?[a-cA-C:|/%.\\[0-9xEF@$_~^ -]{0,16}",
    ]
}

#[test]
fn what_is_accepted_is_read_alike_by_both_oracles() {
    const CASES: u32 = 8192;
    let config = ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() };
    let (accepted, on_a_host, on_a_drive) = (Cell::new(0_u32), Cell::new(0_u32), Cell::new(0_u32));
    let result = TestRunner::new(config).run(&text(), |text| {
        let Ok(ours) = FileUri::parse(&text) else { return Ok(()) };
        accepted.set(accepted.get() + 1);
        on_a_host.set(on_a_host.get() + u32::from(ours.host().is_some()));
        on_a_drive.set(on_a_drive.get() + u32::from(ours.drive().is_some()));
        all_agree(&text, &ours)?;
        // The canonical form is another text for them; it has to say the same, and to need no encoding.
        let canonical = ours.to_string();
        prop_assert!(!canonical.contains(['[', ']', '^', '|']));
        all_agree(&canonical, &ours)
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(reason, text)) => panic!("{text:?}: {reason}"),
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
    // A reader that accepts nothing agrees with everybody.
    let shares = (accepted.get(), on_a_host.get(), on_a_drive.get());
    assert!(
        shares.0 > CASES * 2 / 5 && shares.1 > CASES / 20 && shares.2 > CASES / 50,
        "{shares:?} of {CASES}"
    );
}

/// What an orchestrator built on `url` sends for a native POSIX path is read as that path.
#[cfg(unix)]
#[test]
fn what_url_writes_for_a_native_path_is_read_as_that_path() {
    let config = ProptestConfig { cases: 2048, failure_persistence: None, ..ProptestConfig::default() };
    let names = prop::collection::vec(
        prop_oneof!["[ -.0-~]{1,6}", "[a-z]\\PC{0,3}".prop_map(|name| name.replace('/', "")), "[a-z]:"],
        0..5,
    );
    let read = Cell::new(0_u32);
    let result = TestRunner::new(config).run(&names, |names| {
        let is_dots = |name: &String| name == "." || name == "..";
        prop_assume!(!names.iter().any(is_dots));
        let path = format!("/{}", names.join("/"));
        let url = url::Url::from_file_path(&path).map_err(|()| TestCaseError::fail("url: not absolute"))?;
        match FileUri::parse(url.as_str()) {
            Ok(ours) => {
                read.set(read.get() + 1);
                let said: Vec<u8> =
                    ours.segments().iter().flat_map(|s| [b"/", s.as_bytes()].concat()).collect();
                match ours.drive() {
                    // `/C:/x` on POSIX: what it means is refused once the target is known (U-8).
                    Some(_) => prop_assert!(names[0].len() == 2 && names[0].ends_with(':')),
                    None => {
                        prop_assert_eq!(
                            if said.is_empty() { b"/".to_vec() } else { said },
                            path.into_bytes()
                        );
                    }
                }
            }
            // Only `x|` is refused, which `url` itself takes for a drive when it stands first.
            Err(error) => prop_assert_eq!(error.code(), bindery::Code::UriDrivePipe, "{}", url),
        }
        Ok(())
    });
    assert_eq!(result.map_err(|error| error.to_string()), Ok(()));
    assert!(read.get() > 1900, "{}", read.get());
}

/// The rows on which the two oracles, or either of them and a file system, disagree: none may be accepted.
#[test]
fn where_the_oracles_disagree_nothing_is_accepted() {
    let rows = [
        "file://C:/x",
        "file:///C|/x",
        "file://C|/x",
        "file:////C:/x",
        "file:////host/share/x",
        "file://host/C:/x",
        "file://local%68ost/x",
        "file://\u{2112}ocalhost/x",
        "file://0x7f.1/s",
        "file://./pipe/x",
        "file:///a%2F..%2Fb",
        "file:///a/..\\..\\etc",
        "file:///x%00y",
        "file:///%C0%AF",
        "fi\nle:///x",
        "file:///a/.\t./b",
        " file:///x",
        "file:///w/a/%2e%2e/b",
        "file:///C:/../x",
        "file:///C%3a/../x",
        "file:x",
        "file:/x",
        "file:",
        "file:///x?q",
        "file:///x#f",
        "file://user@host/s",
        "file://host:80/s",
        "file:///a%zz",
        "file:///\u{e9}",
    ];
    for row in rows {
        assert!(FileUri::parse(row).is_err(), "{row:?}");
    }
}
