//! How the work grows with the input: twice the input may take twice the work, and little more. Counted, not timed: what is
//! allocated on the way, which no machine's speed changes.

#[cfg(test)]
mod growth {
    use allocation_counter::measure;
    use bindery::{Access, Binder, Binding, BoundPolicy, Executor, Intent, Os, RecordedFs};
    use serde_json::{Value, json};

    fn executor(roots: usize) -> Executor {
        let roots: Vec<Value> =
            (0..roots).map(|n| json!({"id": n.to_string(), "path": format!("/w/{n}")})).collect();
        let facts = json!({"id": "x", "os": "linux", "workspace_roots": roots,
            "volumes": [{"path": "/", "case": "insensitive", "normalization": "insensitive"}]});
        Executor::from_json(facts.to_string().as_bytes()).unwrap()
    }

    fn document(entries: &[Value]) -> String {
        json!({"permissions": {"type": "managed", "network": "restricted",
            "file_system": {"type": "restricted", "entries": entries}}})
        .to_string()
    }

    fn entry(path: impl Into<Value>, access: &str) -> Value {
        json!({"path": path.into(), "access": access})
    }

    fn entries(n: usize) -> Vec<Value> {
        let access = |n: usize| ["write", "read", "deny"][n % 3];
        (0..n)
            .map(|n| entry(format!("file:///w/0/d{}/e{n}", n % 9), access(n)))
            .chain([entry("file:///w/0", "write")])
            .collect()
    }

    fn bind(executor: &Executor, text: &str) -> BoundPolicy {
        let Binding::Restricted(policy) = Binder::new(executor).bind_json(text.as_bytes()).unwrap() else {
            panic!()
        };
        policy
    }

    /// What is allocated at four sizes, each twice the one before: calls and bytes. Each step to the next size may take up
    /// to two and a half times the one before.
    fn linear(what: &str, start: usize, work: impl Fn(usize) -> Box<dyn FnOnce()>) {
        let counts: Vec<[u64; 2]> = (0..4)
            .map(|power| {
                let run = work(start << power);
                let info = measure(run);
                [info.count_total, info.bytes_total]
            })
            .collect();
        for kind in [0, 1] {
            let steps: Vec<u64> = counts.windows(2).map(|pair| pair[1][kind] - pair[0][kind]).collect();
            assert!(steps[0] > 0, "{what}: {counts:?}");
            // Twice as much is linear. A vector that doubles may do so once more, and sorting is by the logarithm;
            // squares would take four times as much.
            println!("{what}: {counts:?}");
            assert!(steps.windows(2).all(|pair| pair[1] * 2 <= pair[0] * 5), "{what}: {counts:?}");
        }
    }

    #[test]
    fn binding_grows_with_the_entries_as_they_do() {
        linear("entries", 250, |n| {
            let (executor, text) = (executor(1), document(&entries(n)));
            Box::new(move || drop(bind(&executor, &text)))
        });
    }

    #[test]
    fn binding_grows_with_the_roots_as_they_do() {
        linear("roots", 16, |n| {
            let symbolic: Vec<Value> = (0..20)
                .map(|n| entry(format!(":workspace_roots/d{n}"), if n % 2 == 0 { "write" } else { "deny" }))
                .collect();
            let (executor, text) = (executor(n), document(&symbolic));
            Box::new(move || drop(bind(&executor, &text)))
        });
    }

    #[test]
    fn binding_grows_with_the_depth_of_paths_as_it_does() {
        linear("depth", 64, |n| {
            let deep = |n: usize, last: &str| format!("file:///w/0/{}{last}", "d/".repeat(n));
            let all =
                [entry(deep(n, "a"), "write"), entry(deep(n, "b"), "deny"), entry(deep(n / 2, "c"), "read")];
            let (executor, text) = (executor(1), document(&all));
            Box::new(move || drop(bind(&executor, &text)))
        });
        linear("depth of a subpath", 500, |n| {
            let all = [entry(format!(":workspace_roots/{}a", "d/".repeat(n)), "write")];
            let (executor, text) = (executor(1), document(&all));
            Box::new(move || drop(bind(&executor, &text)))
        });
    }

    #[test]
    fn a_question_grows_with_its_depth_where_it_must_allocate() {
        let facts = json!({"id": "x", "os": "linux", "aliases": [{"from": "/mnt", "to": "/w"}]});
        let executor = Executor::from_json(facts.to_string().as_bytes()).unwrap();
        let policy =
            bind(&executor, &document(&[entry("file:///w", "write"), entry("file:///w/d/x", "deny")]));
        for (start, name) in [("/mnt", "d"), ("/w", "\u{c9}"), ("/proc/self/root/mnt", "D")] {
            linear(start, 64, |n| {
                let (policy, path) = (policy.clone(), format!("{start}/{}f", format!("{name}/").repeat(n)));
                Box::new(move || drop(policy.decide(&path, Access::Write).to_json()))
            });
        }
    }

    #[test]
    fn binding_grows_with_the_length_of_a_pattern_as_it_does() {
        for piece in ["a", "?", "*a", "[a-z]", "{a,b?}", "d/", "**/x/", "\u{e9}*", "[!q]"] {
            linear(piece, 4000 / piece.len() / 8, |n| {
                let glob = format!(":workspace_roots/{}?z", piece.repeat(n));
                let text = document(&[entry(json!({"glob": glob}), "deny")]);
                let executor = executor(1);
                Box::new(move || drop(bind(&executor, &text)))
            });
        }
    }

    #[test]
    fn binding_grows_with_the_number_of_patterns_as_it_does() {
        linear("patterns", 64, |n| {
            let all: Vec<Value> = (0..n)
                .map(|n| entry(json!({"glob": format!(":workspace_roots/**/n{n}*.key")}), "deny"))
                .collect();
            let (executor, text) = (executor(1), document(&all));
            Box::new(move || drop(bind(&executor, &text)))
        });
    }

    #[test]
    fn looking_grows_with_what_is_there_as_it_does() {
        linear("observed entries", 100, |n| {
            let fs = (0..n).fold(RecordedFs::builder(Os::Linux).complete(), |fs, n| {
                fs.dir(&format!("/w/0/d{}/e{n}", n % 9))
            });
            let fs = fs.build().unwrap();
            let (executor, text) = (executor(1), document(&entries(n)));
            Box::new(move || drop(Binder::new(&executor).observe(&fs).bind_json(text.as_bytes()).unwrap()))
        });
    }

    #[test]
    fn documents_grow_with_the_entries_as_they_do() {
        linear("an intent read", 250, |n| {
            let text = document(&entries(n));
            Box::new(move || drop(Intent::from_json(text).unwrap()))
        });
        linear("a policy written", 250, |n| {
            let policy = bind(&executor(1), &document(&entries(n)));
            Box::new(move || drop(policy.to_json()))
        });
        linear("a policy read back", 250, |n| {
            let text = bind(&executor(1), &document(&entries(n))).to_json();
            Box::new(move || drop(BoundPolicy::from_json(text.as_bytes()).unwrap()))
        });
    }

    #[test]
    fn a_list_of_what_a_tree_leaves_out_grows_with_the_list() {
        linear("what a tree leaves out", 250, |n| {
            let policy = bind(&executor(1), &document(&entries(n)));
            Box::new(move || {
                let decision = policy.decide("/w/0", Access::WriteTree);
                assert!(decision.under().len() > n / 2, "{}", decision.under().len());
            })
        });
    }
}
