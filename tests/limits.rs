//! Each limit of a document below, at and above it, where a case would be too long to write down or to run often.
//!
//! The limits are read from docs/reference.md, so that a changed number changes what is asked here.

#[cfg(test)]
mod limits {
    use bindery::{Access, Binder, Binding, BoundPolicy, Executor, Refusals};
    use std::fmt::Write as _;

    type Outcome<T = ()> = Result<T, String>;

    fn fail<T>(text: impl Into<String>) -> Outcome<T> {
        Err(text.into())
    }

    /// A row of the table of limits: a name that stands in one row only.
    fn limit(name: &str) -> Outcome<usize> {
        let page = include_str!("../docs/reference.md");
        let row = page.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        let value = row.and_then(|row| row.split('|').nth(2)?.trim().parse().ok());
        value.ok_or_else(|| format!("{name} has no row in docs/reference.md"))
    }

    fn intent(entries: &[String], rest: &str) -> String {
        let entries = entries.join(",");
        format!(
            r#"{{"permissions":{{"type":"managed","network":"restricted","file_system":{{"type":"restricted","entries":[{entries}]}}}}{rest}}}"#
        )
    }

    fn entry(path: &str, access: &str) -> String {
        format!(r#"{{"path":{path},"access":"{access}"}}"#)
    }

    fn bind(intent: &str, facts: &str) -> Result<Binding, Refusals> {
        let executor = Executor::from_json(facts.as_bytes())?;
        Binder::new(&executor).bind_json(intent.as_bytes())
    }

    /// Bound up to the limit, refused with the one code from there on.
    fn edge(name: &str, code: &str, make: impl Fn(usize) -> (String, String)) -> Outcome {
        let limit = limit(name)?;
        for n in [limit - 1, limit] {
            let (intent, facts) = make(n);
            if let Err(refusals) = bind(&intent, &facts) {
                return fail(format!("{n} of {name} ({limit}) are refused:\n{refusals}"));
            }
        }
        let (intent, facts) = make(limit + 1);
        match bind(&intent, &facts) {
            Ok(_) => fail(format!("{} of {name} ({limit}) are bound", limit + 1)),
            Err(refusals) if refusals.iter().all(|refusal| refusal.code().as_str() == code) => Ok(()),
            Err(refusals) => fail(format!("more than {name} is refused with\n{refusals}")),
        }
    }

    const FACTS: &str = r#"{"id":"l","os":"linux","workspace_roots":[{"id":"w","path":"/w"}]}"#;

    fn each(n: usize, what: impl Fn(usize) -> String) -> Vec<String> {
        (0..n).map(what).collect()
    }

    #[test]
    fn entries_are_bound_up_to_their_limit() -> Outcome {
        edge("MAX_ENTRIES", "too_many_entries", |n| {
            let entries = each(n, |n| entry(&format!(r#""file:///d/{n}""#), "read"));
            (intent(&entries, ""), FACTS.to_owned())
        })
    }

    #[test]
    fn roots_of_a_request_are_bound_up_to_their_limit() -> Outcome {
        edge("MAX_ROOTS", "too_many_roots", |n| {
            let roots = each(n, |n| format!(r#""file:///w/r{n}""#)).join(",");
            let entries = [entry(r#"":workspace_roots""#, "read")];
            (intent(&entries, &format!(r#","workspaceRoots":[{roots}]"#)), FACTS.to_owned())
        })
    }

    #[test]
    fn temporary_directories_of_a_request_are_bound_up_to_their_limit() -> Outcome {
        edge("MAX_TEMP_DIRS", "too_many_facts", |n| {
            let dirs = each(n, |n| format!(r#""file:///t/d{n}""#)).join(",");
            let facts = r#"{"id":"l","os":"linux","temp_dirs":["/t"]}"#;
            let entries = [entry(r#"":tmpdir""#, "read")];
            (intent(&entries, &format!(r#","temporaryDirectories":[{dirs}]"#)), facts.to_owned())
        })
    }

    #[test]
    fn facts_of_a_kind_are_read_up_to_their_limit() -> Outcome {
        edge("MAX_FACTS", "too_many_facts", |n| {
            let roots = each(n, |n| format!(r#"{{"id":"r{n}","path":"/w/{n}"}}"#)).join(",");
            let facts = format!(r#"{{"id":"l","os":"linux","workspace_roots":[{roots}]}}"#);
            (intent(&[entry(r#"":workspace_roots""#, "read")], ""), facts)
        })
    }

    #[test]
    fn ids_are_read_up_to_their_limit() -> Outcome {
        edge("MAX_ID", "id_malformed", |n| {
            let facts = format!(r#"{{"id":"{}","os":"linux"}}"#, "i".repeat(n));
            (intent(&[entry(r#"":root""#, "read")], ""), facts)
        })
    }

    #[test]
    fn patterns_are_bound_up_to_their_limit() -> Outcome {
        edge("MAX_PATTERNS", "too_many_patterns", |n| {
            let entries = each(n, |n| entry(&format!(r#"{{"glob":"/d/{n}*.key"}}"#), "deny"));
            (intent(&entries, ""), FACTS.to_owned())
        })
    }

    #[test]
    fn a_pattern_is_bound_up_to_its_limit() -> Outcome {
        edge("MAX_PATTERN_BYTES", "pattern_too_long", |n| {
            let glob = format!(r#"{{"glob":"/d/*{}"}}"#, "x".repeat(n - 4));
            (intent(&[entry(&glob, "deny")], ""), FACTS.to_owned())
        })
    }

    #[test]
    fn a_relative_pattern_is_bound_up_to_its_limit() -> Outcome {
        edge("MAX_PATTERN_BYTES", "pattern_too_long", |n| {
            let glob = format!(r#"{{"glob":"*{}"}}"#, "x".repeat(n - 1));
            (intent(&[entry(&glob, "deny")], ""), r#"{"id":"l","os":"linux","cwd":"/w"}"#.to_owned())
        })
    }

    #[test]
    fn patterns_are_bound_up_to_the_limit_of_their_sum() -> Outcome {
        edge("MAX_PATTERN_BYTES_IN_SUM", "too_many_patterns", |n| {
            let full = |n: usize, length: usize| {
                let start = format!("/d{n}/*");
                let glob = format!(r#"{{"glob":"{start}{}"}}"#, "x".repeat(length - start.len()));
                entry(&glob, "deny")
            };
            let (count, rest) = (n / 4000, n % 4000);
            let mut entries = each(count, |n| full(n, 4000));
            entries.push(full(count, rest.max(8)));
            (intent(&entries, ""), FACTS.to_owned())
        })
    }

    /// The patterns of a base and of all bases above it count together, those of other bases do not.
    #[test]
    fn patterns_above_one_place_are_bound_up_to_what_they_cost() -> Outcome {
        edge("MAX_PATTERN_COST", "pattern_too_complex", |n| {
            // `?` costs four steps, each letter one, and the end one.
            let costing = |base: &str, n: usize, cost: usize| {
                let name = format!("{n:03}");
                let glob = format!(r#"{{"glob":"{base}/?{name}{}"}}"#, "x".repeat(cost - 5 - name.len()));
                entry(&glob, "deny")
            };
            let full = 4000;
            let (count, rest) = (n / full - 1, n % full + full);
            let half = rest / 2;
            let mut entries = each(count, |n| costing(if n % 2 == 0 { "/d" } else { "/d/e" }, n, full));
            entries.push(costing("/d", count, half));
            entries.push(costing("/d/e/f", count, rest - half));
            entries.extend(["/d/b", "/d/g", "/z"].map(|base| costing(base, count, full)));
            (intent(&entries, ""), FACTS.to_owned())
        })
    }

    #[test]
    fn a_subpath_is_bound_up_to_its_limit() -> Outcome {
        edge("MAX_TEXT_BYTES", "too_long", |n| {
            let path = format!(
                r#"{{"type":"special","value":{{"kind":"project_roots","subpath":"{}"}}}}"#,
                "x".repeat(n)
            );
            (intent(&[entry(&path, "read")], ""), FACTS.to_owned())
        })
    }

    /// A question of as many bytes as any system opens is judged, and one of a byte more is not.
    #[test]
    fn a_question_is_judged_up_to_its_limit() -> Outcome {
        let limit = limit("MAX_QUERY_BYTES")?;
        let bound = bind(&intent(&[entry(r#"":root""#, "read")], ""), FACTS);
        let policy: BoundPolicy = match bound {
            Ok(Binding::Restricted(policy)) => policy,
            Ok(_) | Err(_) => return fail("the intent binds to no policy"),
        };
        for (n, fault) in [(limit - 1, None), (limit, None), (limit + 1, Some("too_long"))] {
            let mut path = "/".to_owned();
            while path.len() + 128 < n {
                let _ = write!(path, "{}/", "x".repeat(100));
            }
            path.push_str(&"y".repeat(n - path.len()));
            let decision = policy.decide(&path, Access::Read);
            if decision.query_fault() != fault || decision.is_allowed() != fault.is_none() {
                return fail(format!("a question of {n} bytes: {:?}", decision.query_fault()));
            }
        }
        Ok(())
    }
}
