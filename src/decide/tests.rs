//! What only the library's own interface can be asked.

use crate::{Access, Binder, BoundPolicy, Code, Executor, Intent, Os};

fn policy() -> BoundPolicy {
    let executor = Executor::builder(Os::Linux, "m").build().unwrap();
    let intent = br#"{"permissions": {"type": "managed", "network": "restricted", "file_system": {"type": "restricted",
        "entries": [{"path": "file:///w", "access": "read"}]}}}"#;
    let binding = Binder::new(&executor).bind(&Intent::from_json(intent).unwrap()).unwrap();
    binding.policy().unwrap().clone()
}

#[test]
fn a_question_is_refused_for_everything_that_it_is_not() {
    let policy = policy();
    let codes = |text: &str| -> Vec<Code> {
        policy.decide_json(text.as_bytes()).err().iter().flatten().map(crate::Refusal::code).collect()
    };
    assert_eq!(codes(r#"{"path": "/w", "access": "read"}"#), []);
    assert_eq!(codes(r#"{"path_hex": "2f77", "access": "read"}"#), []);
    assert_eq!(codes(r#"{"path": "/w", "access": "read", "later": 1}"#), []);
    assert_eq!(codes(r#"{"path": "/w", "access": "read", "Path": "/x"}"#), [Code::MisspelledField]);
    assert_eq!(codes(r#"{"path": "/w", "access": "execute"}"#), [Code::UnknownWord]);
    assert_eq!(codes(r#"{"path": 1, "access": 2}"#), [Code::WrongType; 2]);
    assert_eq!(codes("{}"), [Code::MissingField; 2]);
    for hex in ["2", "2f7", "2g", "+f", " f"] {
        assert_eq!(
            codes(&format!(r#"{{"path_hex": "{hex}", "access": "read"}}"#)),
            [Code::WrongType],
            "{hex}"
        );
    }
}

#[test]
fn a_path_of_the_standard_library_is_asked_about_by_its_bytes() {
    let policy = policy();
    for (path, allowed) in [("/w/x", true), ("/x", false)] {
        let decision = policy.decide_os(std::ffi::OsStr::new(path), Access::Read);
        assert_eq!((decision.is_allowed(), decision.path()), (allowed, path.as_bytes()));
    }
}
