//! Each limit of a document below, at and above it, where a case would be too long to write down or to run often.
//!
//! The limits are read from docs/reference.md, so that a changed number changes what is asked here.

#[cfg(test)]
mod limits {
    use bindery::{Access, Binder, Binding, BoundPolicy, Executor, Os, RecordedFs, Refusals};
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

    /// The codes with which an intent is refused on an executor; none if it is bound.
    fn codes(intent: &str, facts: &str) -> Vec<String> {
        told(bind(intent, facts).err().as_ref())
    }

    fn told(refusals: Option<&Refusals>) -> Vec<String> {
        refusals.into_iter().flatten().map(|refusal| refusal.code().as_str().to_owned()).collect()
    }

    /// A row of the table of limits whose name stands in several rows.
    fn limit_in(name: &str, file: &str) -> Outcome<usize> {
        let page = include_str!("../docs/reference.md");
        let starts =
            |row: &&str| row.starts_with(&format!("| `{name}` |")) && row.contains(&format!("[{file}]"));
        let value = page.lines().find(starts).and_then(|row| row.split('|').nth(2)?.trim().parse().ok());
        value.ok_or_else(|| format!("{name} of {file} has no row in docs/reference.md"))
    }

    fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, wanted: &T) -> Outcome {
        if found == wanted { Ok(()) } else { fail(format!("{what}: {found:?}, not {wanted:?}")) }
    }

    /// Below, at and above a limit: what is found there, and what should be.
    fn around(limit: usize, find: impl Fn(usize) -> Vec<String>, above: &str) -> Outcome {
        same("below the limit", &find(limit - 1), &Vec::new())?;
        same("at the limit", &find(limit), &Vec::new())?;
        same("above the limit", &find(limit + 1), &vec![above.to_owned()])
    }

    #[test]
    fn a_document_is_read_up_to_its_limit() -> Outcome {
        let text = intent(&[entry(r#"":root""#, "read")], "");
        let padded = |n: usize| format!("{text}{}", " ".repeat(n - text.len()));
        around(limit_in("MAX_BYTES", "src/json/mod.rs")?, |n| codes(&padded(n), FACTS), "too_large")
    }

    #[test]
    fn a_policy_is_read_back_up_to_its_limit() -> Outcome {
        let limit = limit("MAX_POLICY_BYTES")?;
        // Nothing but zeros, which no system keeps in memory: up to the limit they are read, and are no JSON.
        for (n, code) in [(limit - 1, "not_json"), (limit, "not_json"), (limit + 1, "too_large")] {
            same(
                "a policy",
                &told(BoundPolicy::from_json(&vec![0; n]).err().as_ref()),
                &vec![code.to_owned()],
            )?;
        }
        Ok(())
    }

    #[test]
    fn nesting_is_read_up_to_its_limit() -> Outcome {
        // An unknown field is ignored, however deep it is; the object around it is a level of its own.
        let nested = |n: usize| {
            let rest = format!(r#","x":{}{}"#, "[".repeat(n - 1), "]".repeat(n - 1));
            intent(&[entry(r#"":root""#, "read")], &rest)
        };
        around(limit_in("MAX_DEPTH", "src/json/mod.rs")?, |n| codes(&nested(n), FACTS), "too_deep")
    }

    #[test]
    fn integers_are_read_up_to_their_limit() -> Outcome {
        let with = |n: usize| {
            let list = format!(r#""type":"restricted","glob_scan_max_depth":{n},"entries""#);
            intent(&[entry(r#"":root""#, "read")], "").replace(r#""type":"restricted","entries""#, &list)
        };
        around(limit("MAX_INTEGER")?, |n| codes(&with(n), FACTS), "number_out_of_range")
    }

    #[test]
    fn notes_are_listed_up_to_their_limit_and_counted_from_there_on() -> Outcome {
        let limit = limit("MAX_NOTES")?;
        for n in [limit - 1, limit, limit + 1, limit + 7] {
            let fields = each(n, |n| format!(r#","x{n}":1"#)).concat();
            let text = intent(&[entry(r#"":root""#, "read")], &fields);
            let intent = bindery::Intent::from_json(text).map_err(|refusals| refusals.to_string())?;
            let last = intent.notes().last().map(|note| note.text().to_owned()).unwrap_or_default();
            let counted = format!("{} more were met; {limit} are listed", n.saturating_sub(limit));
            same("notes", &intent.notes().len(), &(n.min(limit) + usize::from(n > limit)))?;
            same("the last note counts", &(last == counted), &(n > limit))?;
            let facts = FACTS.replacen('{', &format!("{{{},", fields.trim_start_matches(',')), 1);
            let executor = Executor::from_json(facts.as_bytes()).map_err(|refusals| refusals.to_string())?;
            let last = executor.notes().last().map_or("", String::as_str);
            same("notes of facts", &executor.notes().len(), &(n.min(limit) + usize::from(n > limit)))?;
            same("the last note tells of more", &last.contains("more unknown fields"), &(n > limit))?;
        }
        Ok(())
    }

    #[test]
    fn repositories_are_looked_up_to_their_limit_and_a_note_says_where_that_ends() -> Outcome {
        let limit = limit("MAX_REPOSITORIES")?;
        for n in [limit - 1, limit, limit + 1] {
            let fs =
                (0..n).fold(RecordedFs::builder(Os::Linux).complete(), |fs, n| fs.dir(&format!("/d/{n}")));
            let fs = fs.build().map_err(|refusals| refusals.to_string())?;
            let entries = each(n, |n| entry(&format!(r#""file:///d/{n}""#), "write"));
            let executor = Executor::from_json(FACTS.as_bytes()).map_err(|refusals| refusals.to_string())?;
            let bound = Binder::new(&executor).observe(&fs).bind_json(intent(&entries, "").as_bytes());
            let Ok(Binding::Restricted(policy)) = bound else { return fail("the intent binds to no policy") };
            let text =
                format!("of {n} writable directories the first {limit} were searched for repositories");
            let said = policy.notes().iter().any(|note| note.text() == text);
            same("the note", &said, &(n > limit))?;
        }
        Ok(())
    }

    /// Whoever makes a file system can give all of its directories one identity. Then each place has the names of all.
    #[test]
    fn places_that_are_one_object_have_names_up_to_a_limit() -> Outcome {
        let limit = limit("MAX_PLACES")?;
        let names = |n: usize| n * (n - 1);
        let n = (2..limit).take_while(|n| names(*n) <= limit).last().unwrap_or(2);
        for n in [n, n + 1] {
            let dirs = each(n, |n| format!("/x/{n}"));
            let fs = dirs.iter().fold(RecordedFs::builder(Os::Linux).complete(), |fs, dir| {
                fs.dir(dir).identity(dir, "8:1", "7")
            });
            let fs = fs.build().map_err(|refusals| refusals.to_string())?;
            let entries = each(n, |n| entry(&format!(r#""file:///x/{n}""#), "read"));
            let executor = Executor::from_json(FACTS.as_bytes()).map_err(|refusals| refusals.to_string())?;
            let bound = Binder::new(&executor).observe(&fs).bind_json(intent(&entries, "").as_bytes());
            let wanted = if names(n) > limit { vec!["too_many_places".to_owned()] } else { Vec::new() };
            same("codes", &told(bound.err().as_ref()), &wanted)?;
        }
        Ok(())
    }

    #[test]
    fn aliases_are_followed_up_to_their_limit() -> Outcome {
        let chain = |n: usize| {
            let aliases = each(n, |n| format!(r#"{{"from":"/a{n}","to":"/a{}"}}"#, n + 1)).join(",");
            format!(r#"{{"id":"l","os":"linux","aliases":[{aliases}]}}"#)
        };
        let codes = |n: usize| codes(&intent(&[entry(r#""file:///a0/f""#, "read")], ""), &chain(n));
        around(limit("MAX_HOPS")?, codes, "alias_loop")
    }

    /// Each alias leads to the next one through a mirror: followed up to the limit, and from there on nobody knows where.
    #[test]
    fn mirrors_are_followed_up_to_their_limit() -> Outcome {
        let find = |n: usize| {
            let alias = |n: usize| format!(r#"{{"from":"/a{n}","to":"/proc/self/root/a{}"}}"#, n + 1);
            let facts = format!(r#"{{"id":"l","os":"linux","aliases":[{}]}}"#, each(n, alias).join(","));
            let entries = [entry(r#"":root""#, "read"), entry(r#""file:///secret""#, "deny")];
            let Ok(Binding::Restricted(policy)) = bind(&intent(&entries, ""), &facts) else {
                return vec!["no policy".to_owned()];
            };
            let decision = policy.decide("/a0/f", Access::Read);
            let fault = decision.query_fault().or((!decision.is_allowed()).then_some("denied"));
            fault.into_iter().map(str::to_owned).collect()
        };
        around(limit("MAX_MIRRORS")?, find, "mirror")
    }

    /// A recording with these fields in its one entry, or at its top.
    fn recording(entry: &str, top: &str) -> Vec<String> {
        let text = format!(
            r#"{{"schema":"bindery.recording/1","os":"linux","entries":[{{"path":"/w","kind":"file"{entry}}}]{top}}}"#
        );
        told(RecordedFs::from_json(text.as_bytes()).err().as_ref())
    }

    #[test]
    fn texts_of_a_recording_are_read_up_to_their_limit() -> Outcome {
        let target = |n: usize| {
            let text = format!(r#"{{"path":"/l","kind":"symlink","target":"{}"}}"#, "t".repeat(n));
            let text = format!(r#"{{"schema":"bindery.recording/1","os":"linux","entries":[{text}]}}"#);
            told(RecordedFs::from_json(text.as_bytes()).err().as_ref())
        };
        around(limit("MAX_TEXT")?, target, "too_long")
    }

    #[test]
    fn files_of_a_recording_are_read_up_to_their_limit() -> Outcome {
        let pointer = |n: usize| recording(&format!(r#","pointer":"{}""#, "p".repeat(n)), "");
        around(limit("MAX_POINTER")?, pointer, "recording_malformed")
    }

    #[test]
    fn volumes_of_a_recording_are_read_up_to_their_limit() -> Outcome {
        let volume = |n: usize| {
            format!(r#"{{"root":"/v{n}","case":"sensitive","normalization":"preserving","id":"{n}"}}"#)
        };
        let volumes = |n: usize| recording("", &format!(r#","volumes":[{}]"#, each(n, volume).join(",")));
        around(limit("MAX_VOLUMES")?, volumes, "recording_malformed")
    }

    #[test]
    fn groups_of_a_pattern_nest_up_to_their_limit() -> Outcome {
        let nested = |n: usize| {
            let glob = format!(r#"{{"glob":"/d/*{}x{}"}}"#, "{a,".repeat(n), "}".repeat(n));
            codes(&intent(&[entry(&glob, "deny")], ""), FACTS)
        };
        around(limit_in("MAX_DEPTH", "src/pattern/parse.rs")?, nested, "pattern_too_deep")
    }

    #[test]
    fn a_uri_is_read_up_to_its_limit() -> Outcome {
        let long = |n: usize| {
            let uri = format!(r#""file:///{}""#, "x".repeat(n - "file:///".len()));
            codes(&intent(&[entry(&uri, "read")], ""), FACTS)
        };
        around(limit_in("MAX_BYTES", "src/intent/uri.rs")?, long, "too_long")
    }

    /// Where each limit is asked about below, at and above it: its name, its file, and a test, in `tests/limits.rs` where no
    /// other file is named.
    const ASKED: &str = "
        MAX_BYTES src/json/mod.rs a_document_is_read_up_to_its_limit
        MAX_POLICY_BYTES src/json/mod.rs a_policy_is_read_back_up_to_its_limit
        MAX_DEPTH src/json/mod.rs nesting_is_read_up_to_its_limit
        MAX_INTEGER src/json/mod.rs integers_are_read_up_to_their_limit
        MAX_ENTRIES src/intent/limits.rs entries_are_bound_up_to_their_limit
        MAX_ROOTS src/intent/limits.rs roots_of_a_request_are_bound_up_to_their_limit
        MAX_TEMP_DIRS src/intent/limits.rs temporary_directories_of_a_request_are_bound_up_to_their_limit
        MAX_TEXT_BYTES src/intent/limits.rs a_subpath_is_bound_up_to_its_limit
        MAX_PATTERN_BYTES src/intent/limits.rs a_pattern_is_bound_up_to_its_limit
        MAX_PATTERNS src/intent/limits.rs patterns_are_bound_up_to_their_limit
        MAX_PATTERN_BYTES_IN_SUM src/intent/limits.rs patterns_are_bound_up_to_the_limit_of_their_sum
        MAX_REPOSITORIES src/intent/limits.rs repositories_are_looked_up_to_their_limit_and_a_note_says_where_that_ends
        MAX_PLACES src/intent/limits.rs entries_times_roots_may_be_as_many_places_as_the_bound_says src/bind/tests.rs
        MAX_PLACE_BYTES src/intent/limits.rs places_may_have_as_much_text_as_the_bound_says src/bind/tests.rs
        MAX_PATTERN_COST src/intent/limits.rs patterns_may_cost_as_much_as_the_limit_says src/bind/tests.rs
        MAX_QUERY_BYTES src/native/query.rs a_question_is_judged_up_to_its_limit
        MAX_NOTES src/intent/limits.rs notes_are_listed_up_to_their_limit_and_counted_from_there_on
        MAX_BYTES src/intent/uri.rs a_uri_is_read_up_to_its_limit
        MAX_BYTES src/pattern/parse.rs a_tail_is_read_up_to_its_limits src/pattern/tests.rs
        MAX_DEPTH src/pattern/parse.rs groups_of_a_pattern_nest_up_to_their_limit
        MAX_STATES src/pattern/program.rs a_tail_is_read_up_to_its_limits src/pattern/tests.rs
        MAX_FACTS src/executor/mod.rs facts_of_a_kind_are_read_up_to_their_limit
        MAX_ID src/executor/mod.rs ids_are_read_up_to_their_limit
        MAX_HOPS src/native/alias.rs aliases_are_followed_up_to_their_limit
        MAX_MIRRORS src/decide/names.rs mirrors_are_followed_up_to_their_limit
        MAX_LINKS src/observe/walked.rs circles_and_long_chains_end src/observe/tests.rs
        MAX_WALKED_BYTES src/observe/walked.rs what_is_asked_about_has_paths_up_to_a_limit src/observe/tests.rs
        MAX_TARGET src/observe/target.rs a_target_longer_than_any_system_stores_is_not_followed src/observe/target.rs
        MAX_POINTER src/observe/mod.rs files_of_a_recording_are_read_up_to_their_limit
        MAX_HANDLES src/observe/host/linux.rs more_directories_than_handles_can_be_asked_about src/observe/host/tests/real.rs
        MAX_TEXT src/observe/recording.rs texts_of_a_recording_are_read_up_to_their_limit
        MAX_VOLUMES src/observe/recording.rs volumes_of_a_recording_are_read_up_to_their_limit
    ";

    #[test]
    fn every_limit_of_the_reference_is_asked_about() -> Outcome {
        let page = include_str!("../docs/reference.md");
        let mut asked: Vec<Vec<&str>> =
            ASKED.trim().lines().map(|line| line.split_whitespace().collect()).collect();
        for row in page.lines().filter(|row| row.starts_with("| `MAX_")) {
            let of_row = |words: &Vec<&str>| {
                row.starts_with(&format!("| `{}` |", words[0])) && row.contains(&format!("[{}]", words[1]))
            };
            let Some(at) = asked.iter().position(of_row) else {
                return fail(format!("no test is listed for {row}"));
            };
            let words = asked.remove(at);
            let (name, place) = (words[2], words.get(3).unwrap_or(&"tests/limits.rs"));
            let path = format!("{}/{place}", env!("CARGO_MANIFEST_DIR"));
            let source = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
            if !source.contains(&format!("#[test]\n    fn {name}()"))
                && !source.contains(&format!("#[test]\nfn {name}()"))
            {
                return fail(format!("{place} has no such test: {name}"));
            }
        }
        if asked.is_empty() { Ok(()) } else { fail(format!("no row of the reference: {asked:?}")) }
    }
}
