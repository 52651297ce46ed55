//! Binding by what a real file system says: how much is asked, what verifying notices, what handles hold. Linux
//! only, because `pin` is; what other systems answer is tested with recordings, on every host.

#[cfg(target_os = "linux")]
#[path = "support/counting.rs"]
mod counting;
#[cfg(target_os = "linux")]
#[path = "support/tree.rs"]
mod tree;

#[cfg(target_os = "linux")]
mod on_linux {
    use super::counting::Counting;
    use bindery::{
        Binder, BoundPolicy, ChangeKind, Changes, EntryAccess, Executor, HostFs, NativePath, Os, RecordedFs,
        Recorder, Refusals,
    };

    use super::tree::Tree;
    use std::collections::BTreeSet;
    use std::fs;
    use std::os::fd::{AsFd as _, AsRawFd as _};
    use std::os::unix::fs::MetadataExt as _;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

    fn native(text: &str) -> Outcome<NativePath> {
        Ok(NativePath::parse(Os::Linux, text)?)
    }

    /// An intent with these entries; a path that begins with `/` stands in the tree.
    fn intent(tree: &Tree, entries: &[(&str, &str)]) -> Vec<u8> {
        let entries: Vec<String> = entries
            .iter()
            .map(|(access, path)| {
                let path =
                    if path.starts_with('/') { format!("file://{}", tree.at(path)) } else { (*path).into() };
                format!(r#"{{"access":"{access}","path":"{path}"}}"#)
            })
            .collect();
        let entries = entries.join(",");
        format!(
        r#"{{"permissions":{{"type":"managed","network":"restricted","file_system":{{"type":"restricted","entries":[{entries}]}}}}}}"#
    )
    .into_bytes()
    }

    /// The facts of a machine with `/ws` of the tree as its one root.
    fn executor(tree: &Tree) -> Outcome<Executor> {
        Ok(Executor::builder(Os::Linux, "here").workspace_root("ws", &tree.at("/ws"))?.build()?)
    }

    fn policy(binding: Result<bindery::Binding, Refusals>) -> Outcome<BoundPolicy> {
        Ok(binding?.policy().cloned().ok_or("no policy")?)
    }

    fn bind(tree: &Tree, entries: &[(&str, &str)]) -> Outcome<BoundPolicy> {
        policy(Binder::new(&executor(tree)?).observe(&HostFs).bind_json(&intent(tree, entries)))
    }

    /// Changes as `kind path-in-the-tree`.
    fn shown(tree: &Tree, changes: &Changes) -> Vec<String> {
        let place =
            |path: &NativePath| path.as_str().strip_prefix(tree.base()).unwrap_or_default().to_owned();
        changes.iter().map(|change| format!("{} {}", change.kind(), place(change.place()))).collect()
    }

    fn verified(tree: &Tree, policy: &BoundPolicy) -> Vec<String> {
        match policy.verify(&HostFs) {
            Ok(unchanged) => vec![unchanged.to_json()],
            Err(changes) => shown(tree, &changes),
        }
    }

    const UNCHANGED: &str = r#"{"verified":"unchanged"}"#;

    fn workspace() -> Outcome<Tree> {
        let tree = Tree::new()?;
        tree.dir("/ws/sub/deep")?
            .dir("/ws/.git")?
            .file("/ws/f", "x")?
            .dir("/out")?
            .file("/out/secret", "x")?;
        Ok(tree)
    }

    const ENTRIES: &[(&str, &str)] = &[
        ("write", ":workspace_roots"),
        ("read", "/ws/sub"),
        ("deny", "/ws/f"),
        ("read", "/out"),
        ("deny", "/out/none"),
    ];

    #[test]
    fn what_nobody_touched_is_unchanged_also_after_reading_the_policy_back() -> Outcome {
        let tree = workspace()?;
        let policy = bind(&tree, ENTRIES)?;
        assert!(policy.is_observed());
        assert_eq!(verified(&tree, &policy), [UNCHANGED]);
        tree.file("/ws/sub/new", "x")?.dir("/ws/another")?.file("/out/secret", "y")?;
        assert_eq!(verified(&tree, &policy), [UNCHANGED], "what is in places comes and goes");
        let again = BoundPolicy::from_json(policy.to_json().as_bytes())?;
        assert_eq!(verified(&tree, &again), [UNCHANGED]);
        Ok(())
    }

    #[test]
    fn every_change_of_a_real_tree_is_named() -> Outcome {
        let check = |change: &dyn Fn(&Tree) -> std::io::Result<()>, want: &[&str]| -> Outcome {
            let tree = workspace()?;
            let policy = bind(&tree, ENTRIES)?;
            change(&tree)?;
            assert_eq!(verified(&tree, &policy), want);
            let pinned = policy.pin().err().map(|changes| shown(&tree, &changes)).unwrap_or_default();
            assert!(!pinned.is_empty(), "{want:?} is noticed by pin");
            Ok(())
        };
        check(
            &|tree| {
                tree.rename("/ws/sub", "/ws/old")?.link("/ws/sub", "/out")?;
                Ok(())
            },
            &["became_link /ws/sub"],
        )?;
        check(
            &|tree| {
                tree.rename("/ws/sub", "/ws/old")?.dir("/ws/sub")?;
                Ok(())
            },
            &["object_replaced /ws/sub"],
        )?;
        check(
            &|tree| {
                tree.rename("/ws/f", "/ws/old")?.dir("/ws/f")?;
                Ok(())
            },
            &["kind_changed /ws/f"],
        )?;
        check(
            &|tree| {
                tree.rename("/ws/f", "/ws/old")?;
                Ok(())
            },
            &["disappeared /ws/f"],
        )?;
        check(
            &|tree| {
                tree.file("/out/none", "x")?;
                Ok(())
            },
            &["appeared /out/none"],
        )?;
        check(
            &|tree| {
                tree.rename("/out", "/old")?.dir("/out")?;
                Ok(())
            },
            &["object_replaced /out"],
        )?;
        check(
            &|tree| {
                tree.hard_link("/ws/f", "/out/name")?;
                Ok(())
            },
            &["links_added /ws/f"],
        )?;
        check(
            &|tree| {
                tree.rename("/ws/.git", "/ws/old")?.file("/ws/.git", "gitdir: /elsewhere\n")?;
                Ok(())
            },
            // Its own walk, and what follows for the repository.
            &["git_changed /ws", "kind_changed /ws/.git"],
        )
    }

    #[test]
    fn a_policy_that_was_bound_by_text_alone_cannot_be_said_to_be_unchanged() -> Outcome {
        let tree = workspace()?;
        let lexical = policy(Binder::new(&executor(&tree)?).bind_json(&intent(&tree, ENTRIES)))?;
        for changes in [lexical.verify(&HostFs).err(), lexical.pin().err()] {
            let kinds: Vec<ChangeKind> = changes.iter().flatten().map(bindery::Change::kind).collect();
            assert_eq!(kinds, [ChangeKind::NotObserved]);
        }
        let windows = RecordedFs::builder(Os::Windows).build()?;
        let changes = bind(&tree, ENTRIES)?.verify(&windows);
        assert!(
            changes
                .is_err_and(|changes| changes.iter().all(|change| change.kind() == ChangeKind::NotObserved))
        );
        Ok(())
    }

    #[test]
    fn a_recording_of_this_machine_binds_to_the_same_bytes() -> Outcome {
        let tree = workspace()?;
        tree.link("/to-ws", "/ws")?.link("/ws/inner", "sub")?.file("/ws/wt", "x")?;
        let entries =
            [ENTRIES, &[("read", "/to-ws/sub/deep"), ("deny", "/ws/inner/x"), ("deny", "/none/a")]].concat();
        let (executor, intent) = (executor(&tree)?, intent(&tree, &entries));
        let direct = policy(Binder::new(&executor).observe(&HostFs).bind_json(&intent))?;
        let tape = Recorder::new(&HostFs);
        let taped = policy(Binder::new(&executor).observe(&tape).bind_json(&intent))?;
        let recording = RecordedFs::from_json(tape.finish().to_json().as_bytes())?;
        let replayed = policy(Binder::new(&executor).observe(&recording).bind_json(&intent))?;
        assert_eq!(direct.to_json(), taped.to_json());
        assert_eq!(direct.to_json(), replayed.to_json());
        assert_eq!(direct.digest(), replayed.digest());
        assert!(replayed.verify(&recording).is_ok() && replayed.verify(&HostFs).is_ok());
        Ok(())
    }

    #[test]
    fn what_is_asked_grows_with_components_and_not_with_entries() -> Outcome {
        let tree = workspace()?;
        let mut entries: Vec<(&str, String)> = vec![("write", ":workspace_roots".to_owned())];
        for i in 0..2000 {
            let folder = format!("/ws/many/d{}", i % 20);
            if i < 20 {
                tree.dir(&folder)?;
            }
            tree.file(&format!("{folder}/f{i}"), "x")?;
            entries.push((if i % 2 == 0 { "read" } else { "deny" }, format!("{folder}/f{i}")));
        }
        let entries: Vec<(&str, &str)> =
            entries.iter().map(|(access, path)| (*access, path.as_str())).collect();
        let (executor, intent) = (executor(&tree)?, intent(&tree, &entries));
        let counting = Counting::new(&HostFs);
        let policy = policy(Binder::new(&executor).observe(&counting).bind_json(&intent))?;
        assert_eq!(policy.rules().len(), 2001);
        let asked = counting.asked();
        let (mut looks, mut times) = (0, 0);
        for ((question, path), count) in &asked {
            assert_eq!(*count, 1, "{question} {path} is asked once");
            looks += usize::from(*question == "look");
            times += count;
        }
        // Every component of the 2,001 places, and besides them only what stands at `.git` and at protected names.
        let mut components = BTreeSet::new();
        for rule in policy.rules() {
            let mut at = Some(rule.place().path().clone());
            while let Some(path) = at {
                at = path.parent();
                components.insert(path);
            }
        }
        println!("{looks} looks, {times} questions in all, {} components", components.len());
        assert!(looks <= components.len() + 40, "{looks} looks at {} components", components.len());
        assert!(times <= looks + 100, "{times} questions");
        // Verifying asks no more.
        let counting = Counting::new(&HostFs);
        assert!(policy.verify(&counting).is_ok());
        let again = counting.asked();
        assert!(again.values().all(|count| *count == 1));
        assert!(again.len() <= times, "{} questions to verify, {times} to bind", again.len());
        Ok(())
    }

    fn same_file(handle: &bindery::Handle, path: &str) -> Outcome<bool> {
        let held = handle.as_fd().try_clone_to_owned()?;
        let held = fs::File::from(held).metadata()?;
        let there = fs::symlink_metadata(path)?;
        Ok((held.dev(), held.ino()) == (there.dev(), there.ino()))
    }

    /// Where what a handle holds is named now.
    fn named(handle: &bindery::Handle) -> Outcome<String> {
        let link = format!("/proc/self/fd/{}", handle.as_fd().as_raw_fd());
        let name = fs::read_link(&link)?;
        name.into_os_string().into_string().map_err(|_| "not UTF-8".into())
    }

    /// A link on the way to a denied place, in a place that can be written, is a rule of its own, of a link.
    #[test]
    fn a_link_that_a_rule_is_about_is_verified_and_not_held() -> Outcome {
        let tree = workspace()?;
        tree.dir("/ws/data")?.file("/ws/data/key", "k")?.link("/ws/way", "/ws/data")?;
        let entries = [("write", ":workspace_roots"), ("deny", "/ws/way/key")];
        let policy = bind(&tree, &entries)?;
        let link = native(&tree.at("/ws/way"))?;
        assert!(!policy.decide(link.as_str(), bindery::Access::Write).is_allowed());
        assert!(policy.decide(&tree.at("/ws/data/other"), bindery::Access::Write).is_allowed());
        let pinned = policy.pin()?;
        assert!(pinned.unheld().any(|unheld| *unheld == link));
        assert!(pinned.get(&native(&tree.at("/ws/data/key"))?).is_some());
        fs::remove_file(link.as_str())?;
        tree.link("/ws/way", "/out")?;
        let changes = policy.pin().err().ok_or("pinned although a link was replaced")?;
        assert!(shown(&tree, &changes).iter().any(|change| change.contains("link_moved")), "{changes:?}");
        Ok(())
    }

    #[test]
    fn a_handle_stays_with_the_object_that_was_observed() -> Outcome {
        let tree = workspace()?;
        tree.link("/to-out", "/out")?;
        let entries = [ENTRIES, &[("read", "/to-out/secret"), ("deny", "/ws/sub/x/y")]].concat();
        let policy = bind(&tree, &entries)?;
        let pinned = policy.pin()?;
        for rule in policy.rules() {
            let place = rule.place().resolved();
            match pinned.get(place) {
                Some(handle) => assert!(same_file(handle, place.as_str())?, "{place}"),
                None => assert!(pinned.missing().any(|(missing, ..)| missing == place), "{place}"),
            }
        }
        assert!(pinned.get(&native(&tree.at("/out/secret"))?).is_some(), "where a link leads is held");
        assert!(pinned.get(&native(&tree.at("/to-out/secret"))?).is_none());
        let nearest: Vec<_> =
            pinned.missing().map(|(path, nearest, _)| (path.as_str(), nearest.as_str())).collect();
        let (none, y) = (tree.at("/out/none"), tree.at("/ws/sub/x/y"));
        let (out, sub) = (tree.at("/out"), tree.at("/ws/sub"));
        assert_eq!(nearest, [(none.as_str(), out.as_str()), (y.as_str(), sub.as_str())]);
        assert_eq!(pinned.unheld().count(), 0);
        tree.rename("/ws/sub", "/ws/moved")?.link("/ws/sub", "/out")?;
        let handle = pinned.get(&native(&sub)?).ok_or("not held")?;
        assert!(same_file(handle, &tree.at("/ws/moved"))?);
        Ok(())
    }

    /// Swaps `/ws/d`, a directory, for a link that leads out, again and again, until told to stop; between two swaps
    /// it waits while `hold` is set.
    fn attack(
        tree: &Tree,
        stop: &AtomicBool,
        hold: &AtomicBool,
        waiting: &AtomicBool,
        swaps: &AtomicUsize,
    ) -> std::io::Result<()> {
        let (real, kept, out) = (tree.at("/ws/d"), tree.at("/ws/kept"), tree.at("/out"));
        let mut rest = 1_u32;
        while !stop.load(Ordering::SeqCst) {
            let wait = |spins: u32| {
                for _ in 0..spins {
                    std::hint::spin_loop();
                }
                if hold.load(Ordering::SeqCst) {
                    waiting.store(true, Ordering::SeqCst);
                    while hold.load(Ordering::SeqCst) && !stop.load(Ordering::SeqCst) {
                        std::thread::yield_now();
                    }
                    waiting.store(false, Ordering::SeqCst);
                }
            };
            rest = rest.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            fs::rename(&real, &kept)?;
            std::os::unix::fs::symlink(&out, &real)?;
            swaps.fetch_add(1, Ordering::SeqCst);
            wait((rest >> 8) % 20_000);
            fs::remove_file(&real)?;
            fs::rename(&kept, &real)?;
            swaps.fetch_add(1, Ordering::SeqCst);
            wait((rest >> 8) % 100_000);
        }
        Ok(())
    }

    #[derive(Debug, Default)]
    struct Seen {
        refused: usize,
        unchanged: usize,
        changed: usize,
        pinned: usize,
        not_pinned: usize,
    }

    impl Seen {
        /// What most rounds end in. That a swap falls right between binding and pinning is rare.
        fn has_usual(&self) -> bool {
            [self.refused, self.unchanged, self.pinned].iter().all(|n| *n >= 1)
        }

        fn has_all(&self) -> bool {
            self.has_usual() && self.changed >= 1 && self.not_pinned >= 1
        }
    }

    /// One round of binding, verifying and pinning while the attacker runs.
    fn round(
        tree: &Tree,
        entries: &[(&str, &str)],
        (stop, hold, waiting): (&AtomicBool, &AtomicBool, &AtomicBool),
        seen: &mut Seen,
    ) -> Outcome {
        let Ok(policy) = bind(tree, entries) else {
            seen.refused += 1;
            return Ok(());
        };
        let is_inside = |text: &str| text == tree.at("/ws") || text.starts_with(&tree.at("/ws/"));
        let grants: Vec<&NativePath> = policy
            .rules()
            .iter()
            .filter(|rule| rule.access() != EntryAccess::Deny)
            .map(|rule| rule.place().resolved())
            .collect();
        if let Ok(pinned) = policy.pin() {
            seen.pinned += 1;
            for place in &grants {
                // The directory can be on its way at both times; then what it will be in is held.
                let above =
                    pinned.missing().find(|(missing, ..)| missing == place).map(|(.., handle)| handle);
                let name = pinned.get(place).or(above).map(named).transpose()?;
                if !name.as_deref().is_some_and(is_inside) {
                    return Err(format!("the handle of {place} is outside: {name:?}").into());
                }
            }
        } else {
            seen.not_pinned += 1;
        }
        // The attacker rests: what verifying says must now be exactly what is there.
        hold.store(true, Ordering::SeqCst);
        while !waiting.load(Ordering::SeqCst) && !stop.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        let is_link = fs::symlink_metadata(tree.at("/ws/d"))?.is_symlink();
        let verified = policy.verify(&HostFs);
        hold.store(false, Ordering::SeqCst);
        while waiting.load(Ordering::SeqCst) && !stop.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        let bound_inside = grants.iter().all(|place| is_inside(place.as_str()));
        match verified {
            Ok(_) if is_link => return Err("a swap was not noticed".into()),
            Ok(_) if !bound_inside => return Err(format!("a grant outside: {grants:?}").into()),
            Ok(_) => seen.unchanged += 1,
            Err(_) => seen.changed += 1,
        }
        Ok(())
    }

    /// What the race meets by chance, made by hand: bound, then swapped.
    fn swapped_by_hand(tree: &Tree, entries: &[(&str, &str)]) -> Outcome {
        let policy = bind(tree, entries)?;
        policy.verify(&HostFs).map_err(|changes| format!("nothing moved: {changes:?}"))?;
        policy.pin().map_err(|changes| format!("nothing moved: {changes:?}"))?;
        tree.rename("/ws/d", "/ws/kept")?.link("/ws/d", "/out")?;
        assert!(policy.verify(&HostFs).is_err(), "a swap was not noticed");
        assert!(policy.pin().is_err(), "pinned although the directory is a link");
        assert!(bind(tree, entries).is_err(), "bound through the link");
        Ok(())
    }

    /// At most this many rounds, and a hundred at least; on two cores each outcome has as a rule come up by then.
    const ROUNDS: usize = 600;

    #[test]
    fn no_grant_leads_out_while_a_directory_is_swapped_for_a_link() -> Outcome {
        let tree = workspace()?;
        tree.dir("/ws/d/e")?.dir("/out/e")?;
        let entries = &[("write", ":workspace_roots"), ("read", "/ws/d/e"), ("deny", "/ws/d/e/x")];
        let (stop, hold, waiting) = (AtomicBool::new(false), AtomicBool::new(false), AtomicBool::new(false));
        let swaps = AtomicUsize::new(0);
        let mut seen = Seen::default();
        let outcome = std::thread::scope(|scope| {
            let attacker = scope.spawn(|| {
                let outcome = attack(&tree, &stop, &hold, &waiting, &swaps);
                // Whoever waits for an attacker that failed must not wait for ever.
                stop.store(true, Ordering::SeqCst);
                outcome
            });
            let mut outcome = Ok(());
            for count in 0..ROUNDS {
                outcome = round(&tree, entries, (&stop, &hold, &waiting), &mut seen);
                if outcome.is_err() || count >= 100 && seen.has_all() {
                    break;
                }
            }
            stop.store(true, Ordering::SeqCst);
            attacker.join().map_err(|_| "the attacker panicked")??;
            outcome
        });
        outcome?;
        println!("{seen:?} with {} swaps", swaps.load(Ordering::SeqCst));
        assert!(seen.has_usual(), "{seen:?}");
        swapped_by_hand(&tree, entries)
    }
}
