//! What our reader accepts, `url` (WHATWG) and `fluent-uri` (RFC 3986) read as the same host and the same
//! names, and a text that says one thing only is accepted. Neither may repair, drop or refuse a part of it, except for the quirks listed here:
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

/// A URI as its parts, so that what it says is known without reading it: one part of each kind may be wrong.
#[derive(Clone, Debug)]
struct Parts {
    scheme: &'static str,
    authority: &'static str,
    host: Option<&'static str>,
    drive: Option<char>,
    names: Vec<String>,
    style: Style,
    slash_at_end: bool,
}

/// How much of a name is encoded.
#[derive(Clone, Copy, Debug)]
enum Style {
    /// What must be, in upper case.
    Needed,
    /// What must be, in lower case.
    Lower,
    /// Every byte.
    All,
    /// What must be, and every third of the other bytes.
    Mixed,
}

fn encode(name: &str, style: Style) -> String {
    let one = |(at, byte): (usize, u8)| {
        let plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        match style {
            Style::Needed | Style::Lower if plain => char::from(byte).to_string(),
            Style::Mixed if plain && at % 3 != 0 => char::from(byte).to_string(),
            Style::Lower => format!("%{byte:02x}"),
            Style::Needed | Style::All | Style::Mixed => format!("%{byte:02X}"),
        }
    };
    name.bytes().enumerate().map(one).collect()
}

impl Parts {
    fn segments(&self) -> Vec<String> {
        let drive = self.drive.map(|letter| match self.style {
            Style::Needed | Style::Lower => format!("{letter}:"),
            Style::All => format!("{letter}%3A"),
            Style::Mixed => format!("{letter}%3a"),
        });
        drive.into_iter().chain(self.names.iter().map(|name| encode(name, self.style))).collect()
    }

    fn text_of(&self, segments: &[String]) -> String {
        let end = if self.slash_at_end && !segments.is_empty() { "/" } else { "" };
        format!("{}//{}/{}{end}", self.scheme, self.authority, segments.join("/"))
    }

    fn text(&self) -> String {
        self.text_of(&self.segments())
    }

    /// The names as every reader should have them, the drive first.
    fn said(&self) -> Vec<Vec<u8>> {
        let drive = self.drive.map(|letter| format!("{}:", letter.to_ascii_uppercase()).into_bytes());
        drive.into_iter().chain(self.names.iter().map(|name| name.as_bytes().to_vec())).collect()
    }
}

/// A name that some system has: of any characters but separators, controls at its ends included.
fn name() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        5 => "[a-zA-Z0-9._~-]{1,8}",
        2 => "[ -.0-~]{1,6}",
        2 => "[a-z]?[\u{80}-\u{2ff}\u{300}\u{2112}\u{ff0f}\u{fe52}\u{202e}\u{1f600}\u{10ffff}]{1,3}",
        1 => "[\u{1}-\u{1f}\u{7f}][a-z]?",
        1 => "%[0-9a-fA-F]{2}|%25|\\.git|CON|a:b|[a-z]:|[a-z]\\||\\.{3,4}",
    ];
    name.prop_filter("a step, not a name", |name| name != "." && name != "..")
}

fn parts() -> impl Strategy<Value = Parts> {
    let scheme = prop_oneof![4 => Just("file:"), 1 => Just("FILE:"), 1 => Just("fIlE:")];
    let place = prop_oneof![
        4 => Just(("", None)),
        2 => Just(("localhost", None)),
        1 => Just(("LOCALHOST", None)),
        2 => Just(("nas", Some("nas"))),
        1 => Just(("NAS-2.Example", Some("nas-2.example"))),
        1 => Just(("10.0.0.5", Some("10.0.0.5"))),
    ];
    let style = prop_oneof![4 => Just(Style::Needed), 2 => Just(Style::Lower), 1 => Just(Style::All), 2 => Just(Style::Mixed)];
    let drive = prop_oneof![2 => Just(None), 1 => proptest::char::range('a', 'z').prop_map(Some), 1 => proptest::char::range('A', 'Z').prop_map(Some)];
    let names = prop::collection::vec(name(), 0..6);
    (scheme, place, drive, names, style, any::<bool>()).prop_filter_map(
        "a host has a share and no drive, and a first name that is no drive",
        |(scheme, (authority, host), drive, names, style, slash_at_end)| {
            let drive = drive.filter(|_| host.is_none());
            let like_a_drive =
                |name: &String| matches!(name.as_bytes(), [letter, b':'] if letter.is_ascii_alphabetic());
            let first = names.first();
            let fits =
                !(drive.is_none() && first.is_some_and(like_a_drive)) && (host.is_none() || first.is_some());
            fits.then_some(Parts { scheme, authority, host, drive, names, style, slash_at_end })
        },
    )
}

/// Every text that says one thing only is accepted, and says that: to us, to `url` and to `fluent-uri`.
#[test]
fn what_is_well_formed_is_accepted_and_says_what_was_meant() {
    let config = ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() };
    let result = TestRunner::new(config).run(&parts(), |parts| {
        let text = parts.text();
        let ours = FileUri::parse(&text).map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
        prop_assert_eq!(ours.host(), parts.host, "{}", text);
        prop_assert_eq!(ours.drive(), parts.drive.map(|letter| letter.to_ascii_uppercase()), "{}", text);
        prop_assert_eq!(names(&ours), parts.said(), "{}", text);
        whatwg_agrees(&text, &ours)?;
        rfc_agrees(&text, &ours)?;
        // What is written needs no repair by either, and is what is read again.
        let canonical = ours.to_string();
        let url = url::Url::parse(&canonical).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(url.as_str(), &canonical);
        let uri = fluent_uri::Uri::parse(canonical.as_str())
            .map_err(|error| TestCaseError::fail(format!("{canonical}: {error}")))?;
        let normal = uri.normalize();
        prop_assert_eq!(normal.as_str(), &canonical);
        prop_assert_eq!(
            FileUri::parse(&canonical).map_err(|error| TestCaseError::fail(error.to_string()))?,
            ours
        );
        Ok(())
    });
    assert_eq!(result.map_err(|error| error.to_string()), Ok(()));
}

/// One fault that is put into a text, and the codes that may be told for it.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// A segment of its own.
    Segment(&'static str, &'static [&'static str]),
    /// Inside a segment.
    Inside(&'static str, &'static [&'static str]),
    /// Before the whole text, or after it.
    Around(&'static str, &'static str, &'static [&'static str]),
    /// In place of the authority.
    Authority(&'static str, &'static [&'static str]),
}

const FAULTS: &[Fault] = &[
    Fault::Segment(".", &["uri_dot_segment"]),
    Fault::Segment("..", &["uri_dot_segment"]),
    Fault::Segment("%2e", &["uri_dot_segment"]),
    Fault::Segment("%2E.", &["uri_dot_segment"]),
    Fault::Segment(".%2e", &["uri_dot_segment"]),
    Fault::Segment("%2e%2E", &["uri_dot_segment"]),
    Fault::Segment("", &["uri_empty_segment"]),
    Fault::Segment("c|", &["uri_drive_pipe"]),
    Fault::Inside("%2F", &["uri_encoded_slash"]),
    Fault::Inside("%2f..", &["uri_encoded_slash"]),
    Fault::Inside("%00", &["uri_nul", "uri_opaque"]),
    Fault::Inside("%", &["uri_percent"]),
    Fault::Inside("%g1", &["uri_percent"]),
    Fault::Inside("%1g", &["uri_percent"]),
    Fault::Inside("%u0041", &["uri_percent"]),
    Fault::Inside("%C0%AF", &["uri_not_utf8"]),
    Fault::Inside("%ED%A0%80", &["uri_not_utf8"]),
    Fault::Inside("%ff", &["uri_not_utf8"]),
    Fault::Inside("\\", &["uri_raw_backslash"]),
    Fault::Inside("\t", &["uri_control"]),
    Fault::Inside("\n", &["uri_control"]),
    Fault::Inside("\u{7f}", &["uri_control"]),
    Fault::Inside("\u{e9}", &["uri_raw_character"]),
    Fault::Inside("\u{2024}", &["uri_raw_character"]),
    Fault::Inside("\u{ff0f}", &["uri_raw_character"]),
    Fault::Inside("<", &["uri_raw_character"]),
    Fault::Inside("\"", &["uri_raw_character"]),
    Fault::Inside("?", &["uri_query"]),
    Fault::Inside("#", &["uri_fragment"]),
    Fault::Around(" ", "", &["uri_blank"]),
    Fault::Around("", " ", &["uri_blank"]),
    Fault::Around("", "\r\n", &["uri_control"]),
    Fault::Around("", "?q=1", &["uri_query"]),
    Fault::Around("", "#f", &["uri_fragment"]),
    Fault::Around("x-", "", &["uri_scheme"]),
    Fault::Around("vscode-", "", &["uri_scheme"]),
    Fault::Authority("u@", &["uri_user_info"]),
    Fault::Authority("u:p@nas", &["uri_user_info"]),
    Fault::Authority("nas:445", &["uri_port"]),
    Fault::Authority("nas:", &["uri_port"]),
    Fault::Authority("127.0.0.1", &["uri_host"]),
    Fault::Authority("0x7f000001", &["uri_host"]),
    Fault::Authority("[::1]", &["uri_host"]),
    Fault::Authority("..", &["uri_host"]),
    Fault::Authority(".", &["uri_host"]),
    Fault::Authority("n%61s", &["uri_host"]),
    Fault::Authority("\u{ff4e}as", &["uri_host"]),
];

/// A text with one fault is refused for that fault, whatever stands around it, and whatever the oracles make of it.
#[test]
fn one_fault_is_enough_and_is_the_one_that_is_told() {
    let config = ProptestConfig { cases: 2048, failure_persistence: None, ..ProptestConfig::default() };
    let repaired = Cell::new(0_u32);
    let cases = (parts(), 0..FAULTS.len(), any::<prop::sample::Index>());
    let result = TestRunner::new(config).run(&cases, |(mut parts, fault, at)| {
        let fault = FAULTS[fault];
        let mut segments = parts.segments();
        let (text, codes) = match fault {
            Fault::Segment(segment, codes) => {
                // Behind a drive or a share, so that it is neither; an empty one needs a name behind it.
                let first = usize::from(parts.drive.is_some() || parts.host.is_some());
                segments.push("z".to_owned());
                segments.insert(first + at.index(segments.len() - first), segment.to_owned());
                (parts.text_of(&segments), codes)
            }
            Fault::Inside(inside, codes) => {
                segments.push(format!("y{inside}z"));
                (parts.text_of(&segments), codes)
            }
            Fault::Around(before, after, codes) => (format!("{before}{}{after}", parts.text()), codes),
            Fault::Authority(authority, codes) => {
                parts.drive = None;
                parts.authority = authority;
                segments = vec!["share".to_owned(), "z".to_owned()];
                (parts.text_of(&segments), codes)
            }
        };
        match FileUri::parse(&text) {
            Ok(_) => prop_assert!(false, "{text:?} is accepted"),
            Err(error) => prop_assert!(codes.contains(&error.code().as_str()), "{text:?}: {error}"),
        }
        repaired
            .set(repaired.get() + u32::from(url::Url::parse(&text).is_ok_and(|url| url.scheme() == "file")));
        Ok(())
    });
    assert_eq!(result.map_err(|error| error.to_string()), Ok(()));
    // Most of these texts `url` reads as some path, which is why there is a reader of our own.
    assert!(repaired.get() > 1024, "{}", repaired.get());
}
