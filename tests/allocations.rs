//! What a decision allocates, and what a policy keeps: numbers that no machine's speed changes.

#[cfg(test)]
mod allocations {
    use allocation_counter::{AllocationInfo, measure};
    use bindery::{Access, Binder, Binding, BoundPolicy, CaseRule, Executor, Intent, NormRule, Os, Place};
    use std::collections::BTreeMap;

    const RESTRICTED: &str = r#"{"permissions": {"type": "managed", "network": "restricted", "file_system": {"type": "restricted", "entries": ["#;

    /// Where the workspace root of an executor stands, as a native text and in a URI.
    fn root(os: Os) -> (&'static str, &'static str) {
        match os {
            Os::Linux | Os::Macos => ("/srv/agent/ws", "file:///srv/agent/ws"),
            Os::Windows => (r"C:\srv\agent\ws", "file:///C:/srv/agent/ws"),
        }
    }

    fn executor(os: Os, volumes: &[(CaseRule, NormRule)]) -> Executor {
        let mut builder = Executor::builder(os, "build-7").workspace_root("ws", root(os).0).unwrap();
        for (case, normalization) in volumes {
            builder = builder.volume(root(os).0, *case, *normalization).unwrap();
        }
        builder.build().unwrap()
    }

    /// An intent of `count` literal entries below the workspace root, and these patterns.
    fn intent(os: Os, count: usize, patterns: &[&str]) -> Intent {
        let mut entries = vec![
            r#"{"path": ":root", "access": "read"}"#.to_owned(),
            r#"{"path": ":workspace_roots", "access": "write"}"#.to_owned(),
        ];
        for i in entries.len()..count {
            let access = ["read", "deny", "write"][i % 3];
            let uri = root(os).1;
            entries.push(format!(r#"{{"path": "{uri}/dir{}/sub{i}/f", "access": "{access}"}}"#, i % 7));
        }
        for pattern in patterns {
            entries.push(format!(
                r#"{{"path": {{"glob": ":workspace_roots/**/{pattern}"}}, "access": "deny"}}"#
            ));
        }
        Intent::from_json(format!("{RESTRICTED}{}]}}}}}}", entries.join(","))).unwrap()
    }

    fn bind(executor: &Executor, intent: &Intent) -> BoundPolicy {
        let Binding::Restricted(policy) = Binder::new(executor).bind(intent).unwrap() else { panic!() };
        policy
    }

    /// What a closure allocates, and what it gives.
    fn measured<T>(make: impl FnOnce() -> T) -> (AllocationInfo, T) {
        let mut value = None;
        let info = measure(|| value = Some(make()));
        (info, value.unwrap())
    }

    #[test]
    fn allowing_an_ascii_path_allocates_nothing() {
        let kept_apart = (CaseRule::Sensitive, NormRule::Preserving);
        let folded = (CaseRule::Insensitive, NormRule::Insensitive);
        for os in Os::ALL {
            for volumes in [&[][..], &[kept_apart], &[folded]] {
                for patterns in [&[][..], &["*.key", ".env", "secret*", "cache/*.[a-f]?"]] {
                    let policy = bind(&executor(os, volumes), &intent(os, 200, patterns));
                    let separator = os.separator();
                    for below in ["", "/src/main.rs", "/dir5/sub5/f/a/b/c.rs", "/Some/Where Else/README.md"] {
                        let path = format!("{}{}", root(os).0, below.replace('/', &separator.to_string()));
                        for access in [Access::Read, Access::Write] {
                            let (info, allowed) = measured(|| policy.decide(&path, access).is_allowed());
                            assert!(allowed, "{os} {path}");
                            assert_eq!(info.count_total, 0, "{os} {path} {volumes:?} {patterns:?}");
                        }
                    }
                }
            }
        }
    }
    /// How many bytes of texts are held by the audit alone: most of its texts are those of places, and held by rules. Those
    /// of pointers to entries are the intent's.
    fn texts_of_the_audit(policy: &BoundPolicy) -> usize {
        let is_place = |text: &str| {
            let of = |place: &Place| [place.path().as_str().as_ptr(), place.resolved().as_str().as_ptr()];
            policy.rules().iter().any(|rule| of(rule.place()).contains(&text.as_ptr()))
        };
        let mut texts = BTreeMap::new();
        for record in policy.audit() {
            let steps = record.steps().iter().flat_map(|step| [&*step.before, &*step.after]);
            let lists = [record.paths(), record.shadows(), record.shadowed_by()];
            let all = steps.chain(lists.into_iter().flatten().map(|text| &**text)).chain(record.root());
            texts.extend(all.chain([record.said()]).map(|text| (text.as_ptr(), text)));
        }
        // Two counts stand before each.
        let held = |text: &str| (text.len() + 2 * size_of::<usize>()).next_multiple_of(align_of::<usize>());
        texts.into_values().filter(|text| !is_place(text)).map(held).sum()
    }

    #[test]
    fn a_policy_of_fifty_rules_keeps_at_most_32_kib_beyond_its_audit() {
        for os in Os::ALL {
            let (executor, intent) = (executor(os, &[]), intent(os, 50, &[]));
            let (whole, policy) = measured(|| bind(&executor, &intent));
            assert_eq!(policy.rules().len(), 50, "{os}");
            let (audit, _kept) = measured(|| policy.audit().to_vec());
            let texts = i64::try_from(texts_of_the_audit(&policy)).unwrap();
            let beyond = whole.bytes_current - audit.bytes_current - texts;
            assert!(audit.bytes_current > 0 && texts > 0 && beyond <= 32 * 1024, "{os}: {beyond} bytes");
        }
    }
}
