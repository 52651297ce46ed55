use super::*;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rstest::rstest;

fn parse(text: &str) -> FileUri {
    FileUri::parse(text).unwrap_or_else(|error| panic!("{}: {error}", error.code()))
}

fn code(text: &str) -> Code {
    match FileUri::parse(text) {
        Ok(uri) => panic!("{} was read as {}", clip(text), clip(&uri.to_string())),
        Err(error) => {
            assert!(error.message().contains(&format!("`{}`", error.value())), "{error}");
            error.code()
        }
    }
}

/// `//host`, `C:` and the segments, in a form that no spelling of a URI can be mistaken for.
fn parts(uri: &FileUri) -> Vec<String> {
    let mut parts = Vec::new();
    parts.extend(uri.host().map(|host| format!("//{host}")));
    parts.extend(uri.drive().map(|letter| format!("{letter}:")));
    parts.extend(uri.segments().iter().map(ToString::to_string));
    parts
}

#[rstest]
// the scheme and the authority (U-1)
#[case("file:///", &[], "file:///")]
#[case("file:///workspace/src", &["workspace", "src"], "file:///workspace/src")]
#[case("FILE:///workspace/src", &["workspace", "src"], "file:///workspace/src")]
#[case("file://localhost/workspace/src", &["workspace", "src"], "file:///workspace/src")]
#[case("file://LOCALHOST/workspace/src", &["workspace", "src"], "file:///workspace/src")]
#[case("file://localhost/", &[], "file:///")]
#[case("file://localhost/C:/x", &["C:", "x"], "file:///C:/x")]
#[case("file://server/share/src", &["//server", "share", "src"], "file://server/share/src")]
#[case("file://SERVER/Share", &["//server", "Share"], "file://server/Share")]
#[case("file://server/share/", &["//server", "share"], "file://server/share")]
#[case("file://a-b_c.example/s", &["//a-b_c.example", "s"], "file://a-b_c.example/s")]
#[case("file://10.0.0.5/s", &["//10.0.0.5", "s"], "file://10.0.0.5/s")]
#[case("file://1.nas/s", &["//1.nas", "s"], "file://1.nas/s")]
#[case("file://0xfg/s", &["//0xfg", "s"], "file://0xfg/s")]
#[case("file://WSL$/Ubuntu/home", &["//wsl$", "Ubuntu", "home"], "file://wsl$/Ubuntu/home")]
#[case("file://wsl.localhost/Ubuntu", &["//wsl.localhost", "Ubuntu"], "file://wsl.localhost/Ubuntu")]
// decoding happens once (U-2)
#[case("file:///C:/Users/Alice%20Smith", &["C:", "Users", "Alice Smith"], "file:///C:/Users/Alice%20Smith")]
#[case("file:///tmp/100%25/file", &["tmp", "100%", "file"], "file:///tmp/100%25/file")]
#[case("file:///tmp/a%3Fb%23c%25d", &["tmp", "a?b#c%d"], "file:///tmp/a%3Fb%23c%25d")]
#[case("file:///tmp/a%252Fb", &["tmp", "a%2Fb"], "file:///tmp/a%252Fb")]
#[case("file:///w/%252e%252e/x", &["w", "%2e%2e", "x"], "file:///w/%252e%252e/x")]
#[case("file:///%70rivate", &["private"], "file:///private")]
#[case("file:///d:/x/%E2%98%83", &["D:", "x", "☃"], "file:///D:/x/%E2%98%83")]
#[case("file:///w/%c3%a9", &["w", "é"], "file:///w/%C3%A9")]
#[case("file:///w/e%CC%81", &["w", "e\u{301}"], "file:///w/e%CC%81")]
#[case("file:///w/a%20", &["w", "a "], "file:///w/a%20")]
#[case("file:///w/a%0Ab%09", &["w", "a\nb\t"], "file:///w/a%0Ab%09")]
#[case("file:///w/...", &["w", "..."], "file:///w/...")]
#[case("file:///w/.git/..a", &["w", ".git", "..a"], "file:///w/.git/..a")]
// a backslash is a name's byte until the target says otherwise (U-3)
#[case("file:///w/a%5Cb", &["w", "a\\b"], "file:///w/a%5Cb")]
#[case("file:///%5c%5cevil/share", &["\\\\evil", "share"], "file:///%5C%5Cevil/share")]
#[case("file:///C:/ws/..%5C..%5CWindows", &["C:", "ws", "..\\..\\Windows"], "file:///C:/ws/..%5C..%5CWindows")]
// what an orchestrator leaves unescaped (U-5)
#[case("file:///srv/we%20ird%20[x]%20%231", &["srv", "we ird [x] #1"], "file:///srv/we%20ird%20%5Bx%5D%20%231")]
#[case("file:///app/[slug]/a^b/a|b", &["app", "[slug]", "a^b", "a|b"], "file:///app/%5Bslug%5D/a%5Eb/a%7Cb")]
#[case("file:///!$&'()*+,;=:@~-._/x", &["!$&'()*+,;=:@~-._", "x"], "file:///%21%24%26%27%28%29%2A%2B%2C%3B%3D%3A%40~-._/x")]
#[case("file:///a:b/x", &["a:b", "x"], "file:///a%3Ab/x")]
#[case("file:///ab|/x", &["ab|", "x"], "file:///ab%7C/x")]
#[case("file:///C%7C/x", &["C|", "x"], "file:///C%7C/x")]
// drives
#[case("file:///c:/Users/x", &["C:", "Users", "x"], "file:///C:/Users/x")]
#[case("file:///c%3A/Users", &["C:", "Users"], "file:///C:/Users")]
#[case("file:///D%3a/x", &["D:", "x"], "file:///D:/x")]
#[case("file:///%63%3A/project", &["C:", "project"], "file:///C:/project")]
#[case("file:///C:", &["C:"], "file:///C:/")]
#[case("file:///C:/", &["C:"], "file:///C:/")]
#[case("file:///C:/tmp/", &["C:", "tmp"], "file:///C:/tmp")]
#[case("file:///C:x", &["C:x"], "file:///C%3Ax")]
#[case("file:///_:/p", &["_:", "p"], "file:///_%3A/p")]
#[case("file:///1:/p", &["1:", "p"], "file:///1%3A/p")]
#[case("file:///C:/a%3Fb", &["C:", "a?b"], "file:///C:/a%3Fb")]
#[case("file:///C:/f:stream", &["C:", "f:stream"], "file:///C:/f%3Astream")]
// a name that looks like a drive is a name everywhere but at the start
#[case("file:///a/foo:", &["a", "foo:"], "file:///a/foo%3A")]
#[case("file:///a/C:", &["a", "C:"], "file:///a/C%3A")]
#[case("file:///C:/D:/y", &["C:", "D:", "y"], "file:///C:/D%3A/y")]
#[case("file://server/share/C:/x", &["//server", "share", "C:", "x"], "file://server/share/C%3A/x")]
// one trailing slash says nothing (U-7)
#[case("file:///w/", &["w"], "file:///w")]
// only the exact opaque form is opaque
#[case("file:///bad/path/L3RtcA", &["bad", "path", "L3RtcA"], "file:///bad/path/L3RtcA")]
fn a_uri_is_read_as_its_parts_and_written_in_one_form(
    #[case] text: &str,
    #[case] expected: &[&str],
    #[case] canonical: &str,
) {
    let uri = parse(text);
    assert_eq!(parts(&uri), expected);
    // The drive of `parts` cannot be told from a segment; the writer can.
    assert_eq!(uri.to_string(), canonical);
    assert_eq!(parse(canonical), uri);
    assert_eq!(text.parse::<FileUri>().unwrap(), uri);
}

#[rstest]
// the scheme
#[case("", Code::UriScheme)]
#[case("file", Code::UriScheme)]
#[case("/native/abs", Code::UriScheme)]
#[case("C:\\x", Code::UriScheme)]
#[case("src/lib.rs", Code::UriScheme)]
#[case("http://host/x", Code::UriScheme)]
#[case("https://host/x", Code::UriScheme)]
#[case("ssh://host/x", Code::UriScheme)]
#[case("artifact:x", Code::UriScheme)]
#[case("vscode-remote://ssh/x", Code::UriScheme)]
#[case("codex-env:x", Code::UriScheme)]
#[case("untitled:x", Code::UriScheme)]
#[case("file+x:///a", Code::UriScheme)]
#[case("ﬁle:///x", Code::UriScheme)]
// the authority
#[case("file:", Code::UriAuthority)]
#[case("file:x", Code::UriAuthority)]
#[case("file:/x", Code::UriAuthority)]
#[case("file:/workspace/src", Code::UriAuthority)]
#[case("file://", Code::UriAuthority)]
#[case("file://localhost", Code::UriAuthority)]
#[case("file://C:/x", Code::UriAuthority)]
#[case("file://c|/x", Code::UriAuthority)]
#[case("file://C:", Code::UriAuthority)]
#[case("file://user@host/s", Code::UriUserInfo)]
#[case("file://user:pw@host/s", Code::UriUserInfo)]
#[case("file://@/x", Code::UriUserInfo)]
#[case("file://host:80/s", Code::UriPort)]
#[case("file://host:/s", Code::UriPort)]
#[case("file://localhost:80/x", Code::UriPort)]
#[case("file://:80/x", Code::UriPort)]
#[case("file://./pipe/x", Code::UriHost)]
#[case("file://./PhysicalDrive0", Code::UriHost)]
#[case("file://../share", Code::UriHost)]
#[case("file://host./s", Code::UriHost)]
#[case("file://.host/s", Code::UriHost)]
#[case("file://a..b/s", Code::UriHost)]
#[case("file://localhost./x", Code::UriHost)]
#[case("file://foo.localhost/x", Code::UriHost)]
#[case("file://local%68ost/x", Code::UriHost)]
#[case("file://ℒocalhost/x", Code::UriHost)]
#[case("file://bücher/s", Code::UriHost)]
#[case("file://xn--bcher-kva/s", Code::UriHost)]
#[case("file://a.XN--p1ai/s", Code::UriHost)]
#[case("file://%43%3A/x", Code::UriHost)]
#[case("file://[::1]/x", Code::UriHost)]
#[case("file://[fe80::1]:80/x", Code::UriHost)]
#[case("file://--1.ipv6-literal.net/x", Code::UriHost)]
#[case("file://0x7f.1/s", Code::UriHost)]
#[case("file://0x7f000001/s", Code::UriHost)]
#[case("file://0x/s", Code::UriHost)]
#[case("file://2130706433/s", Code::UriHost)]
#[case("file://127.1/s", Code::UriHost)]
#[case("file://127.0.0.1/s", Code::UriHost)]
#[case("file://127.9.8.7/s", Code::UriHost)]
#[case("file://127.0.0.1//host", Code::UriHost)]
#[case("file://0.0.0.0/s", Code::UriHost)]
#[case("file://010.0.0.1/s", Code::UriHost)]
#[case("file://10.0.0.256/s", Code::UriHost)]
#[case("file://10.0.0.1.2/s", Code::UriHost)]
#[case("file://nas.7/s", Code::UriHost)]
#[case("file://nas$/s", Code::UriHost)]
#[case("file://ho st/s", Code::UriHost)]
#[case("file://a*b/s", Code::UriHost)]
#[case("file://server", Code::UriNoShare)]
#[case("file://server/", Code::UriNoShare)]
#[case("file://server//s", Code::UriEmptySegment)]
#[case("file://server//", Code::UriEmptySegment)]
#[case("file://host/C:/x", Code::UriHostAndDrive)]
#[case("file://host/c%3a/x", Code::UriHostAndDrive)]
#[case("file://127.0.0.2/C:/x", Code::UriHost)]
// query and fragment
#[case("file:///x?q", Code::UriQuery)]
#[case("file:///x?", Code::UriQuery)]
#[case("file:///x#f", Code::UriFragment)]
#[case("file:///x#f?q", Code::UriFragment)]
#[case("file://host?x/y", Code::UriQuery)]
// drive pipes
#[case("file:///C|/x", Code::UriDrivePipe)]
#[case("file:///c|", Code::UriDrivePipe)]
#[case("file:///a/C|/x", Code::UriDrivePipe)]
#[case("file://host/C|/x", Code::UriDrivePipe)]
// empty segments
#[case("file:////C:/x", Code::UriEmptySegment)]
#[case("file:////host/share/x", Code::UriEmptySegment)]
#[case("file:////", Code::UriEmptySegment)]
#[case("file://///host/share", Code::UriEmptySegment)]
#[case("file:///a//b", Code::UriEmptySegment)]
#[case("file:///a//", Code::UriEmptySegment)]
#[case("file:///C://", Code::UriEmptySegment)]
// encoded separators, NUL, malformed encodings
#[case("file:///tmp/a%2Fb", Code::UriEncodedSlash)]
#[case("file:///a%2F..%2Fb", Code::UriEncodedSlash)]
#[case("file:///C%3A/x%2f..%2Foutside", Code::UriEncodedSlash)]
#[case("file:///%2F%2Fhost/share", Code::UriEncodedSlash)]
#[case("file:///tmp/%00", Code::UriNul)]
#[case("file:///%00/other/YQ", Code::UriNul)]
#[case("file:///%00/bad/path/", Code::UriNul)]
#[case("file:///%00/bad/path", Code::UriNul)]
#[case("file:///%00/bad/path/not*base64", Code::UriNul)]
#[case("file:///%00/bad/path/YQ==", Code::UriNul)]
#[case("file:///%00/bad/path/YQ/extra", Code::UriNul)]
#[case("file://host/%00/bad/path/YQ", Code::UriNul)]
#[case("file:///%00/bad/path/L3RtcC9udWxsLQAt_y1ieXRl", Code::UriOpaque)]
#[case("file://localhost/%00/bad/path/YQ", Code::UriOpaque)]
#[case("file:///a%zz", Code::UriPercent)]
#[case("file:///a%", Code::UriPercent)]
#[case("file:///a%4", Code::UriPercent)]
#[case("file:///a%4/1", Code::UriPercent)]
#[case("file:///a%+1", Code::UriPercent)]
#[case("file:///a%é1", Code::UriPercent)]
#[case("file:///tmp/non-utf8-%FF", Code::UriNotUtf8)]
#[case("file:///%C0%AF", Code::UriNotUtf8)]
#[case("file:///%C0%AE%C0%AE/x", Code::UriNotUtf8)]
#[case("file:///%ED%A0%80", Code::UriNotUtf8)]
// dot segments
#[case("file:///w/a/../b", Code::UriDotSegment)]
#[case("file:///w/./b", Code::UriDotSegment)]
#[case("file:///w/%2e%2e/b", Code::UriDotSegment)]
#[case("file:///w/.%2E/b", Code::UriDotSegment)]
#[case("file:///w/%2e", Code::UriDotSegment)]
#[case("file:///..", Code::UriDotSegment)]
#[case("file:///../", Code::UriDotSegment)]
#[case("file:///C:/../x", Code::UriDotSegment)]
#[case("file:///C%3a/../x", Code::UriDotSegment)]
#[case("file://host/../x", Code::UriDotSegment)]
#[case("file://host/share/..", Code::UriDotSegment)]
// characters
#[case("file:///a/..\\..\\etc", Code::UriRawBackslash)]
#[case("file:\\\\host\\share", Code::UriRawBackslash)]
#[case("file:///\\\\evil\\share", Code::UriRawBackslash)]
#[case("file:///C:\\x", Code::UriRawBackslash)]
#[case("fi\nle:///x", Code::UriControl)]
#[case("file:///a/.\t./b", Code::UriControl)]
#[case("file:///x\r", Code::UriControl)]
#[case("\tfile:///x", Code::UriControl)]
#[case("file:///x\0", Code::UriControl)]
#[case("file:///x\u{7f}", Code::UriControl)]
#[case("file:///x\u{85}", Code::UriControl)]
#[case(" file:///x", Code::UriBlank)]
#[case("file:///x ", Code::UriBlank)]
#[case("  ", Code::UriBlank)]
#[case("file:///a b", Code::UriRawCharacter)]
#[case("file:///é", Code::UriRawCharacter)]
#[case("file:///a\u{202e}b", Code::UriRawCharacter)]
#[case("file:///a\"b", Code::UriRawCharacter)]
#[case("file:///a<b", Code::UriRawCharacter)]
#[case("file:///a>b", Code::UriRawCharacter)]
#[case("file:///a`b", Code::UriRawCharacter)]
#[case("file:///a{b", Code::UriRawCharacter)]
#[case("file:///a}b", Code::UriRawCharacter)]
fn a_text_that_readers_disagree_on_is_refused_with_its_own_code(#[case] text: &str, #[case] expected: Code) {
    assert_eq!(code(text), expected, "{text:?}");
}

#[rstest]
#[case(" fi\nle:/C|\\..?#", Code::UriControl)]
#[case(" x:/C|\\..?#", Code::UriBlank)]
#[case("x:/C|\\..?#", Code::UriScheme)]
#[case("file:/C|\\..?#", Code::UriRawBackslash)]
#[case("file:/C|/..?#\\", Code::UriQuery)]
#[case("file:/C|/..", Code::UriAuthority)]
#[case("file://u@h:1/C|/..", Code::UriUserInfo)]
#[case("file://h:1/C|/..", Code::UriPort)]
#[case("file://[h]/C|/..", Code::UriHost)]
#[case("file:///a//C|/..", Code::UriEmptySegment)]
#[case("file:///C|/..//%zz", Code::UriDrivePipe)]
#[case("file:///..//C|/%zz", Code::UriDotSegment)]
#[case("file:///%2F%00%zz{", Code::UriEncodedSlash)]
#[case("file:///%00%zz{%2F", Code::UriNul)]
#[case("file:///%zz{%2F%00", Code::UriPercent)]
#[case("file:///{%2F%00%zz", Code::UriRawCharacter)]
#[case("file:///%FF{", Code::UriRawCharacter)]
fn the_first_problem_is_the_one_that_is_reported(#[case] text: &str, #[case] expected: Code) {
    assert_eq!(code(text), expected, "{text:?}");
}

#[test]
fn an_error_names_the_segment_that_is_at_fault() {
    let error = FileUri::parse("file:///w/%2E./b").unwrap_err();
    assert_eq!((error.code(), error.value()), (Code::UriDotSegment, "%2E."));
    assert_eq!(error.message(), "`%2E.` is a dot segment");
    assert_eq!(error.to_string(), error.message());
    let error = FileUri::parse("file:///w/a\u{a0}b/c").unwrap_err();
    assert_eq!(error.message(), "`a\u{a0}b` holds the raw character U+00A0");
    let error = FileUri::parse("file:///x\n").unwrap_err();
    assert_eq!(error.message(), "`file:///x\\u{a}` holds the control character \\u{a}");
    let error = FileUri::parse("file://nas/c:/x").unwrap_err();
    assert_eq!(error.message(), "`c:` is a drive after the host `nas`");
}

#[test]
fn a_long_text_is_refused_before_anything_else_is_looked_at() {
    let name = "a".repeat(MAX_BYTES - "file:///".len());
    assert_eq!(parse(&format!("file:///{name}")).segments().len(), 1);
    let error = FileUri::parse(&format!(" file:///{name}")).unwrap_err();
    assert_eq!(error.code(), Code::TooLong);
    assert!(error.message().ends_with("is a URI of 32769 bytes; the limit is 32768"), "{error}");
    assert!(error.value().len() < 300);
}

#[test]
fn a_text_whose_canonical_form_would_be_too_long_is_refused() {
    let fits = "[".repeat((MAX_BYTES - "file:///".len()) / 3);
    let uri = parse(&format!("file:///{fits}"));
    assert_eq!(parse(&uri.to_string()), uri);
    assert_eq!(code(&format!("file:///{fits}[")), Code::TooLong);
    for start in ["file:///C:/", "file:///", "file://nas/"] {
        let uri = parse(&format!("{start}{}", "a".repeat(MAX_BYTES - start.len())));
        assert_eq!(uri.to_string().len(), MAX_BYTES, "{start}");
        assert_eq!(code(&format!("{start}{}[", "a".repeat(MAX_BYTES - start.len() - 2))), Code::TooLong);
    }
}

#[test]
fn spellings_of_one_place_are_equal_and_order_as_one() {
    let spellings = [
        "file:///C:/Users/A",
        "file:///c%3A/Users/A",
        "file:///C%3a/Users/A/",
        "FILE://LocalHost/%43:/%55sers/A",
    ];
    for spelling in spellings {
        assert_eq!(parse(spelling), parse("file:///C:/Users/A"));
        assert_eq!(parse(spelling).cmp(&parse("file:///C:/Users/A")), std::cmp::Ordering::Equal);
    }
    assert_ne!(parse("file:///c"), parse("file:///C"));
    assert_ne!(parse("file:///w/%C3%A9"), parse("file:///w/e%CC%81"));
}

#[test]
fn parts_make_the_value_that_reading_the_text_makes() {
    let made =
        |host, drive, segments: &[&str]| FileUri::from_parts(host, drive, segments.iter().copied()).unwrap();
    assert_eq!(made(None, None, &[]), parse("file:///"));
    assert_eq!(
        made(None, None, &["a b", "[x]", "c\\d", "%41", "é"]),
        parse("file:///a%20b/[x]/c%5Cd/%2541/%C3%A9")
    );
    assert_eq!(made(None, Some('c'), &["Users"]), parse("file:///C:/Users"));
    assert_eq!(made(None, Some('C'), &["D:"]), parse("file:///C:/D%3A"));
    assert_eq!(made(Some("NAS"), None, &["share", "x"]), parse("file://nas/share/x"));
}

#[rstest]
#[case(None, None, &["a", ""], Code::UriEmptySegment)]
#[case(None, None, &["a/b"], Code::UriEncodedSlash)]
#[case(None, None, &["a\0b"], Code::UriNul)]
#[case(None, None, &["a", ".."], Code::UriDotSegment)]
#[case(None, None, &["."], Code::UriDotSegment)]
#[case(None, None, &["C:", "secret"], Code::ForeignPath)]
#[case(None, Some('1'), &[], Code::DriveMalformed)]
#[case(None, Some('é'), &[], Code::DriveMalformed)]
#[case(Some("nas"), None, &[], Code::UriNoShare)]
#[case(Some("nas"), None, &["C:"], Code::UriHostAndDrive)]
#[case(Some("nas"), Some('C'), &["x"], Code::UriHostAndDrive)]
#[case(Some(""), None, &["x"], Code::UriHost)]
// Reading drops `localhost`; a share on this machine must not become a path by that.
#[case(Some("localhost"), None, &["share"], Code::UriHost)]
#[case(Some("127.0.0.1"), None, &["share"], Code::UriHost)]
#[case(Some("?"), None, &["C"], Code::UriHost)]
fn parts_that_would_be_read_otherwise_are_refused(
    #[case] host: Option<&str>,
    #[case] drive: Option<char>,
    #[case] segments: &[&str],
    #[case] expected: Code,
) {
    let error = FileUri::from_parts(host, drive, segments.iter().copied()).unwrap_err();
    assert_eq!(error.code(), expected);
}

#[test]
fn parts_whose_canonical_form_would_be_too_long_are_refused() {
    let name = "é".repeat(MAX_BYTES / 6);
    assert_eq!(FileUri::from_parts(None, None, [name.as_str()]).unwrap_err().code(), Code::TooLong);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1024,
        rng_seed: RngSeed::Fixed(33),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_name_that_can_be_written_is_read_back(
        start in prop_oneof![
            3 => Just((None, None)),
            1 => "[a-zA-Z]".prop_map(|text| (None, text.chars().next())),
            1 => Just((Some("nas"), None)),
        ],
        segments in prop::collection::vec(prop_oneof!["[A-Za-z]:", "[ -~]{1,6}", "\\PC{1,4}", any::<String>()], 0..5),
    ) {
        let (host, drive) = start;
        if let Ok(uri) = FileUri::from_parts(host, drive, segments.iter().map(String::as_str)) {
            let text = uri.to_string();
            prop_assert!(text.bytes().all(|byte| is_unreserved(byte) || matches!(byte, b'/' | b':' | b'%')));
            prop_assert_eq!(FileUri::parse(&text).unwrap(), uri.clone());
            prop_assert!(segments.iter().map(String::as_str).eq(uri.segments().iter().map(|segment| &**segment)));
        } else {
            let odd = |s: &String| s.is_empty() || s.contains(['/', '\0', ':']) || s == "." || s == "..";
            prop_assert!(segments.iter().any(odd) || (host.is_some() && segments.is_empty()));
        }
    }

    #[test]
    fn no_text_is_read_in_a_way_that_writing_changes(text in "(file:///?)?[ -~\\n/%:.|Cc]{0,24}|\\PC{0,12}") {
        if let Ok(uri) = FileUri::parse(&text) {
            prop_assert_eq!(FileUri::parse(&uri.to_string()).unwrap(), uri);
        }
    }
}
