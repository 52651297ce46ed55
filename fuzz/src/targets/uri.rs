//! `file:` URIs: what is accepted has one canonical form, means the same to two other readers, and binds to the
//! path that it names.

use super::check;
use bindery::{Access, Binder, Binding, Executor, FileUri, Os};
use serde_json::json;
use std::sync::LazyLock;

pub(crate) fn uri(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match FileUri::parse(text) {
        Err(error) => {
            assert!(!error.message().is_empty() && error.value().len() <= 300);
            assert_eq!(bindery::Code::from_word(error.code().as_str()), Some(error.code()));
        }
        Ok(uri) => {
            accepted(&uri);
            agrees_with_whatwg(text, &uri);
            agrees_with_rfc(text, &uri);
            let canonical = uri.to_string();
            agrees_with_whatwg(&canonical, &uri);
            agrees_with_rfc(&canonical, &uri);
        }
    }
    bound(text);
}

fn accepted(uri: &FileUri) {
    let canonical = uri.to_string();
    assert!(canonical.bytes().all(|byte| byte.is_ascii_graphic()), "{canonical}");
    assert_eq!(FileUri::parse(&canonical).as_ref(), Ok(uri), "{canonical}");
    let parts = FileUri::from_parts(uri.host(), uri.drive(), uri.segments().iter().map(|segment| &**segment));
    assert_eq!(parts.as_ref(), Ok(uri), "{canonical}");
    assert!(uri.host().is_none() || uri.drive().is_none());
    for segment in uri.segments() {
        assert!(!segment.is_empty() && !matches!(&**segment, "." | "..") && !segment.contains(['/', '\0']));
    }
}

/// Decodes each `%XX` once.
fn decode(segment: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = segment.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'%', [high, low, tail @ ..]) => {
                let digit = |byte: u8| char::from(byte).to_digit(16).expect("the text is well-formed");
                out.push(u8::try_from(digit(*high) * 16 + digit(*low)).expect("two digits are a byte"));
                rest = tail;
            }
            _ => out.push(*first),
        }
    }
    out
}

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
    if let (Some([letter, b':']), None) = (names.first_mut().map(Vec::as_mut_slice), host) {
        letter.make_ascii_uppercase();
    }
    names
}

fn agrees_with_whatwg(text: &str, ours: &FileUri) {
    let url = match url::Url::parse(text) {
        Ok(url) => url,
        Err(error) => panic!("url refuses {text:?}: {error}"),
    };
    assert_eq!(url.scheme(), "file", "{text:?}");
    assert_eq!(url.host_str(), ours.host(), "{text:?}");
    assert_eq!((url.username(), url.password(), url.port()), ("", None, None), "{text:?}");
    assert_eq!((url.query(), url.fragment()), (None, None), "{text:?}");
    let segments = url.path_segments().expect("a file URL has segments");
    assert_eq!(in_our_terms(segments, ours.host()), names(ours), "{text:?}");
}

fn agrees_with_rfc(text: &str, ours: &FileUri) {
    // It does not know the raw `[ ] ^ |` that `url` writes.
    let encoded: String = text
        .chars()
        .map(|c| if "[]^|".contains(c) { format!("%{:02X}", u32::from(c)) } else { c.to_string() })
        .collect();
    let uri = match fluent_uri::Uri::parse(encoded.as_str()) {
        Ok(uri) => uri,
        Err(error) => panic!("fluent-uri refuses {text:?}: {error}"),
    };
    let authority = uri.authority().expect("there is an authority");
    let host = authority.host().to_ascii_lowercase();
    let host = (!host.is_empty() && host != "localhost").then_some(host);
    assert_eq!(host.as_deref(), ours.host(), "{text:?}");
    assert!(authority.userinfo().is_none() && authority.port().is_none(), "{text:?}");
    assert!(uri.query().is_none() && uri.fragment().is_none(), "{text:?}");
    assert_eq!(in_our_terms(uri.path().as_str().split('/').skip(1), ours.host()), names(ours), "{text:?}");
}

static EXECUTORS: LazyLock<Vec<Executor>> = LazyLock::new(|| {
    let facts = |os: Os| {
        check::executor(&json!({
            "schema": "bindery.executor/1", "id": "fuzz", "os": os.as_str(), "unc_hosts": if os == Os::Windows { json!(["nas"]) } else { json!([]) },
        }))
    };
    Os::ALL.map(facts).into()
});

/// A grant and a denial of the URI on each system: the path that is bound has the URI's names and nothing else.
fn bound(text: &str) {
    for executor in EXECUTORS.iter() {
        for access in ["read", "deny"] {
            let intent = check::intent(&[(json!(text), access)]);
            match Binder::new(executor).bind_json(&intent) {
                Err(refusals) => check::refused(&refusals, &[bindery::Input::Intent]),
                Ok(Binding::Restricted(policy)) => {
                    // A symbol is no URI; of a URI, there is one rule.
                    let Ok(uri) = FileUri::parse(text) else { continue };
                    let [rule] = policy.rules() else { panic!("{text:?} has not one rule") };
                    let path = rule.place().path();
                    check::normal(executor.os(), path);
                    assert_eq!(check::uri_of(path).as_ref(), Some(&uri), "{text:?} is bound to {path}");
                    let found = policy.decide(path.as_str(), Access::Read);
                    assert_eq!(found.is_allowed(), access == "read", "{}", found.to_json());
                    check::policy(&policy);
                }
                Ok(other) => panic!("{text:?} is {}", other.outcome()),
            }
        }
    }
}
