//! Walks on real trees in temporary directories.

use super::*;
use crate::native::key::CaseRule;
use crate::observe::observed::Observed;
use crate::observe::walk::Walker;
use crate::observe::walked::{State, Walked, Why, same_object};
use crate::observe::{Kind, MAX_POINTER, RecordedFs, Recorder};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

/// A real tree and its place.
struct Tree {
    _held: tempfile::TempDir,
    base: String,
}

impl Tree {
    fn new() -> Self {
        let held = tempfile::tempdir().unwrap();
        // Where the temporary directory really is: on macOS it is named through a link.
        let base = canonical(held.path().to_str().unwrap());
        Self { _held: held, base }
    }
    fn at(&self, rest: &str) -> String {
        format!("{}{rest}", self.base)
    }
    fn dir(&self, rest: &str) -> &Self {
        fs::create_dir_all(self.at(rest)).unwrap();
        self
    }
    fn file(&self, rest: &str, content: &str) -> &Self {
        fs::write(self.at(rest), content).unwrap();
        self
    }
    /// A link; a target that begins with `/` begins at the base.
    fn link(&self, rest: &str, target: &str) -> &Self {
        let target = if target.starts_with('/') { self.at(target) } else { target.to_owned() };
        symlink(target, self.at(rest)).unwrap();
        self
    }
    fn path(&self, rest: &str) -> NativePath {
        native(&self.at(rest))
    }
}

#[expect(clippy::disallowed_methods, reason = "the system's own answer is what a walk is compared with")]
fn canonical(path: &str) -> String {
    fs::canonicalize(path).unwrap().to_str().unwrap().to_owned()
}

/// What the kernel finds behind all links, or its error number.
#[expect(clippy::disallowed_methods, reason = "the system's own answer is what a walk is compared with")]
fn kernel(path: &str) -> Result<fs::Metadata, i32> {
    fs::metadata(path).map_err(|error| error.raw_os_error().unwrap_or_default())
}

fn native(text: &str) -> NativePath {
    NativePath::parse(host().os(), text).unwrap()
}

fn host() -> HostFs {
    HostFs
}

fn walk(tree: &Tree, rest: &str) -> Walked {
    Walker::new(&host(), &BTreeSet::new()).walk(&tree.path(rest))
}

fn runs_as_root() -> bool {
    let tree = Tree::new();
    tree.dir("/closed/in");
    fs::set_permissions(tree.at("/closed"), fs::Permissions::from_mode(0o000)).unwrap();
    let readable = fs::symlink_metadata(tree.at("/closed/in")).is_ok();
    fs::set_permissions(tree.at("/closed"), fs::Permissions::from_mode(0o700)).unwrap();
    readable
}

#[test]
fn links_in_and_out_are_followed() {
    let tree = Tree::new();
    tree.dir("/ws/a/b").dir("/out").file("/out/f", "x");
    tree.link("/ws/in", "a").link("/ws/out", "/out").link("/ws/a/up", "../../out/./f").link("/root", "/ws");
    let walked = walk(&tree, "/root/in/up");
    assert_eq!(walked.real, tree.path("/out/f"));
    assert_eq!(walked.kind(), Some(Kind::File));
    let links: Vec<_> = walked.links.iter().map(|link| (link.at.clone(), link.to.clone())).collect();
    let link = |at, to| (tree.path(at), tree.path(to));
    assert_eq!(links, [link("/root", "/ws"), link("/ws/in", "/ws/a"), link("/ws/a/up", "/out/f")]);
    assert_eq!(walk(&tree, "/ws/out/f").identity(), walk(&tree, "/out/f").identity());
}

#[test]
fn every_state_is_told_from_the_others() {
    let tree = Tree::new();
    tree.dir("/ws").file("/ws/f", "x").link("/ws/gone", "/none/x").link("/ws/a", "b").link("/ws/b", "/ws/a");
    let identity = walk(&tree, "/ws").identity().cloned();
    assert!(identity.is_some());
    let missing = State::Missing { nearest: tree.path("/ws"), identity };
    assert_eq!(walk(&tree, "/ws/x/y").state, missing);
    let dangling = State::Dangling { link: tree.path("/ws/gone"), target: tree.path("/none/x") };
    assert_eq!(walk(&tree, "/ws/gone/y").state, dangling);
    assert_eq!(walk(&tree, "/ws/gone/y").real, tree.path("/none/x/y"));
    assert!(matches!(walk(&tree, "/ws/a").state, State::Loop { .. }));
    assert_eq!(walk(&tree, "/ws/f/y").state, State::NotADirectory { at: tree.path("/ws/f") });
    let long = format!("/ws/{}", "x".repeat(300));
    let unreadable = State::Unreadable { at: tree.path(&long), why: Why::NoAnswer };
    assert_eq!(walk(&tree, &long).state, unreadable, "a name that is too long for any file");
}

#[test]
fn forty_links_are_followed_and_one_more_is_not() {
    let tree = Tree::new();
    tree.dir("/end");
    for i in 0..41 {
        tree.link(&format!("/l{i}"), if i == 0 { "end".to_owned() } else { format!("l{}", i - 1) }.as_str());
    }
    assert_eq!(walk(&tree, "/l39").real, tree.path("/end"));
    assert_eq!(walk(&tree, "/l40").state, State::Loop { link: tree.path("/l0") });
}

#[test]
fn a_link_that_is_not_utf8_says_so() {
    let tree = Tree::new();
    symlink(OsStr::from_bytes(b"caf\xe9"), tree.at("/l")).unwrap();
    let state = State::Unreadable { at: tree.path("/l"), why: Why::LinkNotUtf8 };
    assert_eq!(walk(&tree, "/l/x").state, state);
}

#[test]
fn what_may_not_be_searched_is_unreadable() {
    if runs_as_root() {
        // Past the capture of output, in the words that .ci/run counts.
        let thread = std::thread::current();
        let line =
            format!("test not run here: {}: root may search every directory\n", thread.name().unwrap());
        std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes()).unwrap();
        return;
    }
    let tree = Tree::new();
    tree.dir("/closed/in");
    fs::set_permissions(tree.at("/closed"), fs::Permissions::from_mode(0o000)).unwrap();
    let state = walk(&tree, "/closed/in/x").state;
    fs::set_permissions(tree.at("/closed"), fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(state, State::Unreadable { at: tree.path("/closed/in"), why: Why::NoAnswer });
}

#[test]
fn two_names_of_one_object_have_one_identity() {
    let tree = Tree::new();
    tree.file("/a", "x").file("/c", "x");
    fs::hard_link(tree.at("/a"), tree.at("/b")).unwrap();
    let (a, b, c) = (walk(&tree, "/a"), walk(&tree, "/b"), walk(&tree, "/c"));
    assert_eq!(same_object(&a, &b), Some(true));
    assert_eq!(same_object(&a, &c), Some(false));
    assert!(matches!(a.state, State::Exists { links: Some(2), .. }));
    assert!(matches!(c.state, State::Exists { links: Some(1), .. }));
}

#[test]
fn a_pointer_is_a_small_regular_file() {
    let tree = Tree::new();
    tree.file("/.git", "gitdir: x\n").file("/full", &"x".repeat(MAX_POINTER));
    tree.file("/large", &"x".repeat(MAX_POINTER + 1)).link("/link", ".git").dir("/dir");
    let pipe = std::process::Command::new("mkfifo").arg(tree.at("/pipe")).status().unwrap();
    assert!(pipe.success());
    let host = host();
    assert_eq!(host.read_pointer(&tree.path("/.git")).as_deref(), Some(&b"gitdir: x\n"[..]));
    assert_eq!(host.read_pointer(&tree.path("/full")).map(|content| content.len()), Some(MAX_POINTER));
    for none in ["/large", "/link", "/dir", "/pipe", "/none"] {
        assert_eq!(host.read_pointer(&tree.path(none)), None, "{none}");
    }
    assert_eq!(walk(&tree, "/pipe").kind(), Some(Kind::Other));
}

#[test]
fn a_directory_that_becomes_a_link_is_not_followed() {
    let tree = Tree::new();
    tree.dir("/d").file("/d/f", "own").dir("/evil").file("/evil/f", "other");
    let all = host();
    let host = all.begin().unwrap();
    let before = host.look(&tree.path("/d/f"));
    fs::rename(tree.at("/d"), tree.at("/moved")).unwrap();
    tree.link("/d", "/evil");
    if host.os() == Os::Linux {
        assert_eq!(
            host.look(&tree.path("/d/f")),
            before,
            "the handle is that of the directory that was found"
        );
        assert_eq!(all.look(&tree.path("/d/f")), Observation::Unreadable);
        assert_eq!(all.read_pointer(&tree.path("/d/f")), None);
        assert_eq!(all.volume(&tree.path("/d")), None);
    }
    assert_eq!(Walker::new(&all, &BTreeSet::new()).walk(&tree.path("/d/f")).real, tree.path("/evil/f"));
}

#[test]
fn a_directory_on_the_way_that_becomes_a_link_gives_no_answer() {
    let tree = Tree::new();
    tree.dir("/d/e/f").file("/d/e/f/one", "own").file("/d/e/f/two", "own").dir("/evil/f");
    tree.file("/evil/f/one", "other").file("/evil/f/two", "other").file("/evil/f/three", "other");
    let (host, none) = (host(), BTreeSet::new());
    let mut walker = Walker::new(&host, &none);
    assert_eq!(walker.walk(&tree.path("/d/e/f/one")).kind(), Some(Kind::File));
    fs::rename(tree.at("/d/e"), tree.at("/moved")).unwrap();
    tree.link("/d/e", "/evil");
    let other = walker.walk(&tree.path("/d/e/f/three"));
    assert_eq!(other.kind(), None, "it is in the other directory only: {other:?}");
    if host.os() == Os::Linux {
        // Of the directory that was found, or nothing.
        let two = walker.walk(&tree.path("/d/e/f/two"));
        let own = fs::symlink_metadata(tree.at("/moved/f/two")).unwrap().ino().to_string();
        let identity = two.identity().map(|identity| identity.object.clone());
        assert!(identity.is_none_or(|found| found == own), "{two:?}");
    }
    assert_eq!(Walker::new(&host, &none).walk(&tree.path("/d/e/f/two")).real, tree.path("/evil/f/two"));
}

#[test]
fn what_is_asked_at_once_and_what_is_asked_name_by_name_is_the_same() {
    let mut numbers = Numbers(0x2545_F491_4F6C_DD1D);
    let (mut exist, mut not) = (0, 0);
    for round in 0..150 {
        let tree = random_tree(&mut numbers);
        for _ in 0..6 {
            // Fails where a file or a link is in the way.
            let _ = fs::create_dir_all(tree.at(&numbers.chain(5)));
        }
        let mut places: Vec<NativePath> = (0..40).map(|_| tree.path(&numbers.chain(5))).collect();
        if round % 3 > 0 {
            places.sort();
        }
        let (host, none) = (host(), BTreeSet::new());
        let look =
            |view: &dyn FsView| Observed::look(&mut Walker::new(view, &none), &places, &BTreeSet::new(), &[]);
        let found = look(&host);
        // A recorder hands no question on that is about several names.
        assert_eq!(found, look(&Recorder::new(&host)));
        let there = found.walks.iter().filter(|walk| walk.kind().is_some()).count();
        exist += there;
        not += found.walks.len() - there;
    }
    assert!(exist > 500 && not > 500, "{exist} exist, {not} do not");
}

#[test]
fn more_directories_than_handles_can_be_asked_about() {
    let tree = Tree::new();
    let dirs: Vec<String> = (0..300).map(|i| format!("/d{}/e{i}/f", i % 7)).collect();
    for dir in &dirs {
        tree.dir(dir);
    }
    // Below, at and above what is held open (128), and far above it.
    for count in [127, 128, 129, 300] {
        let (host, none) = (host(), BTreeSet::new());
        let mut walker = Walker::new(&host, &none);
        for dir in dirs[..count].iter().chain(&dirs[..count]) {
            assert!(walker.walk(&tree.path(dir)).is_plain_directory());
        }
    }
}

#[test]
fn the_volume_of_a_directory_is_found_without_writing() {
    let tree = Tree::new();
    tree.dir("/ws").file("/ws/Name", "x");
    let host = host();
    let before: Vec<_> =
        fs::read_dir(tree.at("/ws")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    let fact = host.volume(&tree.path("/ws")).unwrap();
    let after: Vec<_> =
        fs::read_dir(tree.at("/ws")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(before, after);
    assert!(tree.path("/ws").segments().zip(fact.root.segments()).all(|(own, root)| own == root));
    let ignores_case = fs::symlink_metadata(tree.at("/ws/nAME")).is_ok();
    match fact.case {
        CaseRule::Sensitive => assert!(!ignores_case),
        CaseRule::Insensitive => assert!(ignores_case),
        CaseRule::Unknown => println!("nothing is known of the volume of the temporary directory: {fact:?}"),
    }
    if host.os() == Os::Linux {
        let proc = host.volume(&native("/proc/sys")).unwrap();
        assert_eq!((proc.root, proc.case), (native("/proc"), CaseRule::Sensitive));
        assert!(matches!(host.look(&native("/proc")), Observation::Exists { mount: true, .. }));
    }
}

/// Numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % end
    }
    fn name(&mut self) -> &'static str {
        ["a", "b", "c", "d"][self.below(4)]
    }
    fn chain(&mut self, most: usize) -> String {
        (0..=self.below(most)).flat_map(|_| ["/", self.name()]).collect()
    }
}

/// A tree of directories, files and links that lead anywhere in it.
fn random_tree(numbers: &mut Numbers) -> Tree {
    let tree = Tree::new();
    for _ in 0..30 {
        let at = tree.at(&numbers.chain(3));
        // Most of these fail, for want of a parent or because the name is taken.
        let _ = match numbers.below(5) {
            0 | 1 => fs::create_dir(at),
            2 => fs::write(at, "x"),
            _ => {
                let mut target = String::new();
                for _ in 0..=numbers.below(4) {
                    target += match numbers.below(6) {
                        0 | 1 => "..",
                        2 => ".",
                        _ => numbers.name(),
                    };
                    target += "/";
                }
                let kept = target.len() - usize::from(numbers.below(5) > 0);
                let target = &target[..kept];
                let absolute = numbers.below(3) == 0;
                symlink(if absolute { tree.at(&format!("/{target}")) } else { target.to_owned() }, at)
            }
        };
    }
    tree
}

#[test]
fn walks_agree_with_the_kernel_and_with_their_recording() {
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    let mut seen = [0_usize; 5];
    for _ in 0..150 {
        let tree = random_tree(&mut numbers);
        let (host, none) = (host(), BTreeSet::new());
        let tape = Recorder::new(&host);
        let mut walker = Walker::new(&tape, &none);
        let mut walks = Vec::new();
        for _ in 0..60 {
            let rest = numbers.chain(4);
            let found = walker.walk(&tree.path(&rest));
            let kernel = kernel(&tree.at(&rest));
            let kind = match (&found.state, kernel) {
                (State::Exists { identity, .. }, Ok(_)) => {
                    assert_eq!(found.real.as_str(), canonical(&tree.at(&rest)), "{rest}");
                    assert!(identity.is_some());
                    0
                }
                (State::Missing { .. }, Err(2)) => 1,
                (State::Dangling { .. }, Err(2)) => 2,
                // ELOOP is 40 on Linux and 62 on macOS, which also gives up earlier.
                (State::Loop { .. }, Err(40 | 62)) => 3,
                (State::NotADirectory { .. }, Err(20)) => 4,
                (state, kernel) => {
                    panic!("{rest}: {state:?} and {:?}", kernel.map(|found| found.file_type()))
                }
            };
            seen[kind] += 1;
            if let State::Exists { .. } = found.state {
                for link in &found.links {
                    assert!(fs::symlink_metadata(link.at.as_str()).unwrap().is_symlink());
                    assert_eq!(canonical(link.at.as_str()), link.to.as_str());
                }
            }
            walks.push(found);
        }
        drop(walker);
        let recorded = RecordedFs::from_json(tape.finish().to_json().as_bytes()).unwrap();
        let mut walker = Walker::new(&recorded, &none);
        for found in walks.iter().rev() {
            assert_eq!(&walker.walk(&found.written), found);
        }
    }
    assert!(seen.iter().all(|count| *count > 50), "{seen:?}");
}
