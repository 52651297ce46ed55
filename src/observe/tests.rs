//! Walks on recorded trees, of every OS on every host.

use super::recorded::{RecordedFs, Recorder};
use super::walk::Walker;
use super::walked::{MAX_LINKS, MAX_WALKED_BYTES, State, Walked, Why, same_object};
use super::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

fn path(os: Os, text: &str) -> NativePath {
    NativePath::parse(os, text).unwrap()
}

fn hosts(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|host| (*host).to_owned()).collect()
}

/// A state as one line.
pub(super) fn shown(state: &State) -> String {
    match state {
        State::Exists { kind, .. } => format!("exists {}", kind.as_str()),
        State::Missing { nearest, .. } => format!("missing below {nearest}"),
        State::Dangling { link, target } => format!("dangling {link} -> {target}"),
        State::Loop { link } => format!("loop {link}"),
        State::Unreadable { at, why } => format!("unreadable {at} {}", why.as_str()),
        State::NotADirectory { at } => format!("not a directory {at}"),
    }
}

fn links(walked: &Walked) -> Vec<String> {
    walked.links.iter().map(|link| format!("{} -> {}", link.at, link.to)).collect()
}

fn walk(view: &dyn FsView, text: &str) -> Walked {
    Walker::new(view, &BTreeSet::new()).walk(&path(view.os(), text))
}

/// Real place, state and links of one walk.
fn check(view: &dyn FsView, text: &str, real: &str, state: &str, crossed: &[&str]) {
    let walked = walk(view, text);
    assert_eq!(walked.written.as_str(), text);
    assert_eq!((walked.real.as_str(), shown(&walked.state).as_str()), (real, state), "{text}");
    assert_eq!(links(&walked), crossed, "{text}");
}

/// Counts the questions of each kind for each path.
#[derive(Debug)]
struct Counting<'v> {
    view: &'v dyn FsView,
    asked: Mutex<BTreeMap<(&'static str, NativePath), usize>>,
}

impl<'v> Counting<'v> {
    fn new(view: &'v dyn FsView) -> Self {
        Self { view, asked: Mutex::new(BTreeMap::new()) }
    }
    fn count(&self, what: &'static str, path: &NativePath) {
        *self.asked.lock().unwrap().entry((what, path.clone())).or_default() += 1;
    }
    fn asked(self) -> BTreeMap<(&'static str, NativePath), usize> {
        self.asked.into_inner().unwrap()
    }
}

impl FsView for Counting<'_> {
    fn os(&self) -> Os {
        self.view.os()
    }
    fn look(&self, path: &NativePath) -> Observation {
        self.count("look", path);
        self.view.look(path)
    }
    fn read_link(&self, path: &NativePath) -> Option<Vec<u8>> {
        self.count("read_link", path);
        self.view.read_link(path)
    }
    fn read_pointer(&self, path: &NativePath) -> Option<Vec<u8>> {
        self.count("read_pointer", path);
        self.view.read_pointer(path)
    }
    fn volume(&self, path: &NativePath) -> Option<VolumeFact> {
        self.count("volume", path);
        self.view.volume(path)
    }
    fn long_name(&self, path: &NativePath) -> Option<String> {
        self.count("long_name", path);
        self.view.long_name(path)
    }
}

fn posix() -> RecordedFs {
    RecordedFs::builder(Os::Linux)
        .complete()
        .file("/etc/passwd")
        .dir("/w/a/b")
        .link("/w/out", "/etc")
        .link("/w/in", "a")
        .link("/w/a/up", "../a/./b/")
        .link("/w/a/through", "../in/b/../../other")
        .dir("/w/other")
        .link("/w/new", "/etc/newfile")
        .link("/w/deep", "/gone/x/y")
        .link("/w/second", "new")
        .link("/w/back", "/gone/../etc")
        .link("/w/circle", "/w/round")
        .link("/w/round", "circle")
        .link("/w/file", "/etc/passwd")
        .link("/w/slash", "/etc/passwd/")
        .link("/w/above", "../../../..")
        .link("/w/bytes", b"/srv/\xff")
        .link("/w/empty", "")
        .unreadable("/locked/in")
        .link("/w/closed", "/locked/in/x")
        .build()
        .unwrap()
}

#[test]
fn a_path_without_links_is_where_it_is_written() {
    let fs = posix();
    check(&fs, "/", "/", "exists directory", &[]);
    check(&fs, "/w/a/b", "/w/a/b", "exists directory", &[]);
    check(&fs, "/etc/passwd", "/etc/passwd", "exists file", &[]);
}

#[test]
fn links_are_followed_to_where_they_really_lead() {
    let fs = posix();
    check(&fs, "/w/out/passwd", "/etc/passwd", "exists file", &["/w/out -> /etc"]);
    check(&fs, "/w/in/b", "/w/a/b", "exists directory", &["/w/in -> /w/a"]);
    check(&fs, "/w/a/up", "/w/a/b", "exists directory", &["/w/a/up -> /w/a/b"]);
    check(&fs, "/w/above/etc", "/etc", "exists directory", &["/w/above -> /"]);
    check(&fs, "/w/file", "/etc/passwd", "exists file", &["/w/file -> /etc/passwd"]);
}

#[test]
fn a_step_up_in_a_target_leaves_the_directory_that_was_really_reached() {
    // `../in/b/..` is `/w/a`, not `/w/in`, so the next step up is `/w`.
    check(
        &posix(),
        "/w/a/through",
        "/w/other",
        "exists directory",
        &["/w/a/through -> /w/other", "/w/in -> /w/a"],
    );
}

#[test]
fn missing_is_not_dangling() {
    let fs = posix();
    check(&fs, "/w/a/none/x", "/w/a/none/x", "missing below /w/a", &[]);
    check(&fs, "/w/in/none/x", "/w/a/none/x", "missing below /w/a", &["/w/in -> /w/a"]);
    check(&fs, "/w/new", "/etc/newfile", "dangling /w/new -> /etc/newfile", &["/w/new -> /etc/newfile"]);
    check(&fs, "/w/deep/z", "/gone/x/y/z", "dangling /w/deep -> /gone/x/y", &["/w/deep -> /gone/x/y"]);
    check(
        &fs,
        "/w/second",
        "/etc/newfile",
        "dangling /w/new -> /etc/newfile",
        &["/w/second -> /etc/newfile", "/w/new -> /etc/newfile"],
    );
    // What is above something that is not there is not known.
    check(&fs, "/w/back/x", "/gone", "dangling /w/back -> /gone", &["/w/back -> /gone"]);
}

#[test]
fn circles_and_long_chains_end() {
    let fs = posix();
    let walked = walk(&fs, "/w/circle/x");
    assert_eq!(shown(&walked.state), "loop /w/circle");
    assert_eq!(walked.links.len(), MAX_LINKS);

    let chain = |length: usize| {
        let chain = RecordedFs::builder(Os::Linux).complete().dir("/end");
        (0..length)
            .fold(chain, |chain, i| {
                let next = if i + 1 == length { "/end".to_owned() } else { format!("l{}", i + 1) };
                chain.link(&format!("/l{i}"), next)
            })
            .build()
            .unwrap()
    };
    for length in [MAX_LINKS - 1, MAX_LINKS] {
        assert_eq!(shown(&walk(&chain(length), "/l0/x").state), "missing below /end");
    }
    assert_eq!(shown(&walk(&chain(MAX_LINKS + 1), "/l0/x").state), "loop /l40");
}

#[test]
fn a_walk_says_the_same_whatever_was_walked_before() {
    let chain = (0..60).fold(RecordedFs::builder(Os::Linux).complete().dir("/end"), |chain, i| {
        chain.link(&format!("/l{i}"), if i == 59 { "/end/x/y".to_owned() } else { format!("/l{}", i + 1) })
    });
    let chain = chain.link("/l7", "/l8/../l9").build().unwrap();
    for fs in [posix(), chain] {
        let paths: Vec<NativePath> = fs.entries.keys().cloned().collect();
        let none = BTreeSet::new();
        let alone: Vec<Walked> = paths.iter().map(|path| Walker::new(&fs, &none).walk(path)).collect();
        let mut walker = Walker::new(&fs, &none);
        for _ in 0..2 {
            let together: Vec<Walked> = paths.iter().rev().map(|path| walker.walk(path)).collect();
            assert!(together.iter().rev().eq(&alone));
        }
        let mut walker = Walker::new(&fs, &none);
        assert_eq!(paths.iter().map(|path| walker.walk(path)).collect::<Vec<_>>(), alone);
    }
}

#[test]
fn a_file_in_the_middle_is_no_directory() {
    let fs = posix();
    check(&fs, "/etc/passwd/x/y", "/etc/passwd/x/y", "not a directory /etc/passwd", &[]);
    check(&fs, "/w/slash", "/etc/passwd", "not a directory /etc/passwd", &["/w/slash -> /etc/passwd"]);
    // Nor does a step up lead out of a file.
    let fs =
        RecordedFs::builder(Os::Linux).complete().file("/f").dir("/d").link("/l", "f/../d").build().unwrap();
    let walked = walk(&fs, "/l");
    assert_eq!(shown(&walked.state), "not a directory /f");
}

#[test]
fn what_cannot_be_known_is_unreadable_with_the_reason() {
    let fs = posix();
    check(&fs, "/locked/in/x", "/locked/in/x", "unreadable /locked/in no_answer", &[]);
    check(
        &fs,
        "/w/closed",
        "/locked/in/x",
        "unreadable /locked/in no_answer",
        &["/w/closed -> /locked/in/x"],
    );
    check(&fs, "/w/bytes/x", "/w/bytes/x", "unreadable /w/bytes link_not_utf8", &[]);
    check(&fs, "/w/empty", "/w/empty", "unreadable /w/empty link_text", &[]);
    let no_target = RecordedFs::builder(Os::Linux).complete().object("/l", Kind::Symlink).build().unwrap();
    check(&no_target, "/l", "/l", "unreadable /l link_unread", &[]);
}

#[test]
fn places_that_show_others_are_not_asked_about() {
    let linux = posix();
    let counting = Counting::new(&linux);
    for (text, at) in [
        ("/proc/self/root/etc", "/proc/self"),
        ("/proc/self/environ", "/proc/self"),
        ("/proc/thread-self/x", "/proc/thread-self"),
        ("/dev/fd/3", "/dev/fd"),
        ("/dev/stdin", "/dev/stdin"),
    ] {
        let walked = walk(&counting, text);
        assert!(
            matches!(&walked.state, State::Unreadable { .. } | State::Missing { .. }),
            "{text}: {:?}",
            walked.state
        );
        assert!(
            !counting.asked.lock().unwrap().keys().any(|(_, path)| path.as_str().starts_with(at)),
            "{text}"
        );
    }
    let macos = RecordedFs::builder(Os::Macos).complete().dir("/.vol/1/2").build().unwrap();
    check(&macos, "/.vol/1/2", "/.vol/1/2", "unreadable /.vol mirror", &[]);
    let proc = RecordedFs::builder(Os::Linux).complete().link("/proc/7/root", "/").build().unwrap();
    check(&proc, "/proc/7/root/etc", "/proc/7/root/etc", "unreadable /proc/7/root mirror", &[]);
    check(&linux, "/w", "/w", "exists directory", &[]);
}

#[test]
fn a_path_of_another_os_is_not_touched() {
    let fs = posix();
    let counting = Counting::new(&fs);
    let walked = Walker::new(&counting, &BTreeSet::new()).walk(&path(Os::Windows, r"C:\w"));
    assert_eq!(shown(&walked.state), r"unreadable C:\w foreign");
    assert!(counting.asked().is_empty());
}

fn windows() -> RecordedFs {
    RecordedFs::builder(Os::Windows)
        .complete()
        .dir(r"C:\w\sub")
        .dir(r"D:\real\x")
        .junction(r"C:\w\box", r"\??\D:\real")
        .link(r"C:\w\rel", r"..\w\sub")
        .link(r"C:\w\own", r"\w\sub")
        .link(r"C:\w\slash", "sub/x")
        .link(r"C:\w\evil", r"\\evil\s\x")
        .link(r"C:\w\nas", r"\??\UNC\NAS\s\dir")
        .junction(r"C:\w\volume", r"\??\Volume{0b}\dir")
        .dir(r"\\nas\s\dir")
        .dir(r"\\evil\s\x")
        .object(r"C:\mnt", Kind::MountPoint)
        .dir(r"C:\mnt\x")
        .link(r"C:\mnt\own", r"\x")
        .link(r"C:\w\gone", r"E:\x")
        .dir(r"C:\Program Files\Git")
        .dir(r"C:\PROGRA~1")
        .long_name(r"C:\PROGRA~1", "Program Files")
        .dir(r"C:\w\report~2024")
        .long_name(r"C:\w\report~2024", "report~2024")
        .dir(r"C:\w\UNKNOW~1")
        .object(r"C:\cloud", Kind::ReparseDirectory)
        .file(r"C:\cloud\f")
        .build()
        .unwrap()
}

#[test]
fn junctions_and_windows_links_are_followed_by_their_own_grammar() {
    let fs = windows();
    check(&fs, r"C:\w\box\x", r"D:\real\x", "exists directory", &[r"C:\w\box -> D:\real"]);
    check(&fs, r"C:\w\rel", r"C:\w\sub", "exists directory", &[r"C:\w\rel -> C:\w\sub"]);
    check(&fs, r"C:\w\own", r"C:\w\sub", "exists directory", &[r"C:\w\own -> C:\w\sub"]);
    check(&fs, r"C:\w\slash", r"C:\w\slash", r"unreadable C:\w\slash link_text", &[]);
    check(&fs, r"C:\w\volume", r"C:\w\volume", r"unreadable C:\w\volume link_text", &[]);
    check(&fs, r"C:\w\gone\y", r"E:\x\y", r"dangling C:\w\gone -> E:\x", &[r"C:\w\gone -> E:\x"]);
    check(&fs, r"E:\x", r"E:\x", r"missing below \\?\", &[]);
    check(&fs, r"C:\cloud\f", r"C:\cloud\f", "exists file", &[]);
    check(&fs, r"\\?\", r"\\?\", "exists directory", &[]);
    let kinds: Vec<Kind> = walk(&fs, r"C:\w\box").links.iter().map(|link| link.kind).collect();
    assert_eq!(kinds, [Kind::Junction]);
}

#[test]
fn a_mount_point_is_a_directory_and_is_told() {
    let fs = windows();
    check(&fs, r"C:\mnt\x", r"C:\mnt\x", "exists directory", &[]);
    assert_eq!(walk(&fs, r"C:\mnt\x").mounts, [path(Os::Windows, r"C:\mnt")]);
    // `\x` begins at a volume that has no drive: where that is, no path says.
    check(&fs, r"C:\mnt\own", r"C:\mnt\own", r"unreadable C:\mnt\own link_text", &[]);

    let posix = RecordedFs::builder(Os::Linux)
        .complete()
        .dir("/")
        .identity("/", "8:1", "2")
        .dir("/data")
        .identity("/data", "8:2", "2")
        .dir("/data/x")
        .identity("/data/x", "8:2", "7")
        .mount("/data/x/bind")
        .link("/data/l", "/srv")
        .dir("/srv")
        .build()
        .unwrap();
    assert_eq!(walk(&posix, "/data/x").mounts, [path(Os::Linux, "/data")]);
    assert_eq!(walk(&posix, "/data/x/bind/f").mounts.len(), 2);
    assert_eq!(walk(&posix, "/data/l").mounts, [path(Os::Linux, "/data")], "the link is behind a mount");
    assert!(walk(&posix, "/srv").mounts.is_empty());
}

#[test]
fn a_host_that_is_not_allowed_is_never_touched() {
    let fs = windows();
    let counting = Counting::new(&fs);
    let allowed = hosts(&["nas"]);
    let mut walker = Walker::new(&counting, &allowed);
    let mut state = |text: &str| shown(&walker.walk(&path(Os::Windows, text)).state);
    assert_eq!(state(r"\\evil\s\x"), r"unreadable \\evil\s\x host_not_allowed");
    assert_eq!(state(r"C:\w\evil\y"), r"unreadable C:\w\evil host_not_allowed");
    assert_eq!(state(r"C:\w\nas"), "exists directory");
    assert_eq!(state(r"\\NAS\s\dir"), "exists directory");
    assert_eq!(walker.volume(&path(Os::Windows, r"\\evil\s\x")), None);
    assert_eq!(walker.pointer(&path(Os::Windows, r"\\evil\s\x")), None);
    let evil = path(Os::Windows, r"\\evil\s\x");
    assert_eq!(walker.chain(&evil), []);
    drop(walker);
    assert!(!counting.asked().keys().any(|(_, path)| path.unc_host() == Some("evil")));
    // Nor where objects with several names are looked for.
    let (a, b) = (path(Os::Windows, r"C:\a"), path(Os::Windows, r"C:\b"));
    let fs = RecordedFs::builder(Os::Windows).complete().dir(r"C:\a").identity(r"C:\a", "1", "7");
    let fs = fs.dir(r"C:\b").identity(r"C:\b", "1", "7").dir(r"\\evil\s\x").build().unwrap();
    let counting = Counting::new(&fs);
    let mut walker = Walker::new(&counting, &allowed);
    for place in [&a, &b] {
        walker.walk(place);
    }
    assert_eq!(walker.shared([&a, &b, &evil].into_iter()).len(), 1);
    drop(walker);
    assert!(!counting.asked().keys().any(|(_, path)| path.unc_host() == Some("evil")));
}

#[test]
fn short_names_are_replaced_where_the_view_knows_the_long_one() {
    let fs = windows();
    let walked = walk(&fs, r"C:\PROGRA~1\Git");
    assert_eq!(walked.real.as_str(), r"C:\Program Files\Git");
    assert_eq!(walked.long_names.len(), 1);
    assert_eq!(walked.long_names[0].to.as_str(), r"C:\Program Files");
    let walked = walk(&fs, r"C:\w\report~2024\x");
    assert_eq!((walked.real.as_str(), walked.long_names.len()), (r"C:\w\report~2024\x", 1));
    let walked = walk(&fs, r"C:\w\UNKNOW~1");
    assert_eq!((walked.real.as_str(), walked.long_names.len()), (r"C:\w\UNKNOW~1", 0));
    // A long name that is no name, or names nothing, is no long name.
    for long in [r"..\etc", "NUL", "", "None"] {
        let fs = RecordedFs::builder(Os::Windows).complete().dir(r"C:\A~1").long_name(r"C:\A~1", long);
        let walked = walk(&fs.build().unwrap(), r"C:\A~1");
        assert_eq!((walked.real.as_str(), walked.long_names.len()), (r"C:\A~1", 0), "{long}");
    }
    // Chains of short names, as only data can hold them, end.
    let chain = (0..5000).fold(RecordedFs::builder(Os::Windows).complete(), |chain, i| {
        let at = format!(r"C:\a~{i}");
        chain.dir(&at).long_name(&at, &format!("a~{}", i + 1))
    });
    assert_eq!(walk(&chain.build().unwrap(), r"C:\a~0").real.as_str(), r"C:\a~1");
}

#[test]
fn objects_are_told_apart_by_identity_and_not_by_text() {
    let fs = RecordedFs::builder(Os::Macos)
        .complete()
        .file("/w/Secret")
        .identity("/w/Secret", "16777220", "9")
        .file("/w/SECRET")
        .identity("/w/SECRET", "16777220", "9")
        .file("/w/other")
        .identity("/w/other", "16777220", "10")
        .file("/w/unknown")
        .build()
        .unwrap();
    let same = |a: &str, b: &str| same_object(&walk(&fs, a), &walk(&fs, b));
    assert_eq!(same("/w/Secret", "/w/SECRET"), Some(true));
    assert_eq!(same("/w/Secret", "/w/other"), Some(false));
    assert_eq!(same("/w/Secret", "/w/unknown"), None);
    assert_eq!(same("/w/unknown", "/w/unknown"), Some(true));
    assert_eq!(same("/w/none", "/w/none"), None);
}

#[test]
fn what_is_asked_about_has_paths_up_to_a_limit() {
    let fs = RecordedFs::builder(Os::Linux).complete().dir("/w/a/bc").link("/w/l", "a/bc").build().unwrap();
    // `/w`, `/w/l`, `/w/a` and `/w/a/bc`.
    let bytes = 2 + 4 + 4 + 7;
    for (left, wanted) in [
        (bytes - 1, "unreadable /w/a/bc too_much"),
        (bytes, "exists directory"),
        (bytes + 1, "exists directory"),
        (5, "unreadable /w/l too_much"),
        (0, "unreadable /w too_much"),
    ] {
        let none = BTreeSet::new();
        let mut walker = Walker::new(&fs, &none);
        assert_eq!(walker.left, MAX_WALKED_BYTES);
        walker.left = left;
        for _ in 0..2 {
            assert_eq!(shown(&walker.walk(&path(Os::Linux, "/w/l")).state), wanted, "{left}");
        }
        // Nothing that comes behind is asked about either.
        let more = shown(&walker.walk(&path(Os::Linux, "/none")).state);
        assert_eq!(more.contains("too_much"), left < bytes + 5, "{left}: {more}");
    }
}

#[test]
fn each_component_is_asked_once_whatever_the_number_of_walks() {
    let fs = (0..2000)
        .fold(RecordedFs::builder(Os::Linux).complete().link("/srv/current", "/data/ws/v7"), |fs, i| {
            fs.file(&format!("/data/ws/v7/d{}/f{i}", i % 10))
        })
        .build()
        .unwrap();
    let counting = Counting::new(&fs);
    let none = BTreeSet::new();
    let mut walker = Walker::new(&counting, &none);
    for i in 0..2000 {
        let file = path(Os::Linux, &format!("/srv/current/d{}/f{i}", i % 10));
        assert_eq!(walker.walk(&file).kind(), Some(Kind::File));
        walker.volume(&file);
        walker.pointer(&file);
    }
    drop(walker);
    let asked = counting.asked();
    let looks = asked.keys().filter(|(what, _)| *what == "look").count();
    // The root, /srv, the link, /data, ws, v7, ten directories, 2,000 files.
    assert_eq!(looks, 6 + 10 + 2000);
    assert_eq!(asked.keys().filter(|(what, _)| *what == "read_link").count(), 1);
    assert_eq!(asked.keys().filter(|(what, _)| *what == "volume").count(), 10);
    assert!(asked.values().all(|times| *times == 1), "nothing is asked twice");
}

#[test]
fn the_chain_of_a_place_names_every_object_above_it_and_asks_nothing_again() {
    let fs = RecordedFs::builder(Os::Linux)
        .complete()
        .dir("/")
        .identity("/", "8:1", "2")
        .dir("/w")
        .link("/l", "w")
        .dir("/w/a")
        .identity("/w/a", "8:1", "7")
        .file("/w/a/f")
        .identity("/w/a/f", "8:1", "9")
        .build()
        .unwrap();
    let counting = Counting::new(&fs);
    let none = BTreeSet::new();
    let mut walker = Walker::new(&counting, &none);
    let real = walker.walk(&path(Os::Linux, "/l/a/f")).real;
    let mut chain = |text: &str| -> Vec<String> {
        let chain = walker.chain(&path(Os::Linux, text));
        chain.into_iter().map(|(path, identity)| format!("{path} {}", identity.object)).collect()
    };
    assert_eq!(chain(real.as_str()), ["/ 2", "/w/a 7", "/w/a/f 9"]);
    assert_eq!(chain("/w/a/f/x"), ["/ 2", "/w/a 7", "/w/a/f 9"]);
    assert_eq!(chain("/l/a"), ["/ 2"], "a link is no place");
    assert_eq!(chain("/w/none/x"), ["/ 2"]);
    drop(walker);
    let asked = counting.asked();
    assert!(asked.values().all(|times| *times == 1));
    // The root, the link, w, a, f, none.
    assert_eq!(asked.keys().filter(|(what, _)| *what == "look").count(), 6);
}

#[test]
fn a_volume_is_asked_for_at_the_nearest_directory() {
    let fs = RecordedFs::builder(Os::Macos)
        .complete()
        .dir("/w/a")
        .link("/w/l", "/v/x")
        .file("/v/x/f")
        .volume("/", CaseRule::Insensitive, NormRule::Insensitive, "1")
        .volume("/v", CaseRule::Sensitive, NormRule::Insensitive, "2")
        .build()
        .unwrap();
    let none = BTreeSet::new();
    let mut walker = Walker::new(&fs, &none);
    let mut id = |text: &str| walker.volume(&path(Os::Macos, text)).unwrap().id;
    assert_eq!(id("/w/a"), "1");
    assert_eq!(id("/w/a/none/there"), "1");
    assert_eq!(id("/w/l/f"), "2");
    assert_eq!(id("/v"), "2");
    assert_eq!(id("/"), "1");
}

#[test]
fn a_text_that_a_program_reads_is_walked_from_a_real_directory() {
    let fs = windows();
    let none = BTreeSet::new();
    let mut walker = Walker::new(&fs, &none);
    let mut text = |from: &str, text: &str| {
        walker.walk_text(&path(Os::Windows, from), text).map(|walked| walked.real.to_string())
    };
    assert_eq!(text(r"C:\w\box", "../real/x").as_deref(), Some(r"D:\real\x"));
    assert_eq!(text(r"C:\w", "C:/w/rel").as_deref(), Some(r"C:\w\sub"));
    assert_eq!(text(r"C:\w", "//evil/s"), None);
    assert_eq!(text(r"C:\w\none", "x"), None);
}

#[test]
fn what_a_recording_does_not_hold_is_never_missing() {
    let open = RecordedFs::builder(Os::Linux).dir("/").dir("/w").missing("/w/none").build().unwrap();
    check(&open, "/w/none/x", "/w/none/x", "missing below /w", &[]);
    check(&open, "/w/other", "/w/other", "unreadable /w/other no_answer", &[]);
    assert_eq!(open.volume(&path(Os::Linux, "/w")), None);
    assert_eq!(
        RecordedFs::builder(Os::Linux).build().unwrap().look(&NativePath::root(Os::Linux)),
        Observation::Unreadable
    );
}

#[test]
fn what_was_recorded_walks_the_same_and_survives_json() {
    for fs in [posix(), windows()] {
        let allowed = hosts(&["nas"]);
        let tape = Recorder::new(&fs);
        let paths: Vec<NativePath> = fs.entries.keys().cloned().collect();
        let mut walker = Walker::new(&tape, &allowed);
        let first: Vec<_> =
            paths.iter().map(|path| (walker.walk(path), walker.volume(path), walker.pointer(path))).collect();
        drop(walker);
        let recorded = tape.finish();
        let read = RecordedFs::from_json(recorded.to_json().as_bytes()).unwrap();
        assert_eq!(read, recorded);
        assert_eq!(RecordedFs::from_json(recorded.to_json_pretty().as_bytes()).unwrap(), recorded);
        let mut walker = Walker::new(&read, &allowed);
        let again: Vec<_> =
            paths.iter().map(|path| (walker.walk(path), walker.volume(path), walker.pointer(path))).collect();
        assert_eq!(first, again);
        let whole = RecordedFs::from_json(fs.to_json().as_bytes()).unwrap();
        assert_eq!(whole, fs);
    }
}

#[test]
fn a_recording_that_is_not_as_described_is_refused() {
    let refused = |text: &str| -> Vec<String> {
        let refusals = RecordedFs::from_json(text.as_bytes()).unwrap_err();
        refusals.iter().map(|refusal| format!("{} {}", refusal.code(), refusal.pointer())).collect()
    };
    let linux =
        |entries: &str| format!(r#"{{"schema":"bindery.recording/1","os":"linux","entries":[{entries}]}}"#);
    assert_eq!(refused(r#"{"schema":"bindery.recording/2"}"#), ["unknown_schema /schema"]);
    assert_eq!(refused(r#"{"schema":"bindery.recording/1","os":"beos"}"#), ["unknown_word /os"]);
    assert_eq!(refused(r#"{"schema":"bindery.recording/1","os":"linux"}"#), ["missing_field "]);
    for (entries, want) in [
        (r#"{"kind":"file"}"#, "missing_field /entries/0"),
        (r#"{"path":"w"}"#, "path_relative /entries/0/path"),
        (r#"{"path":"/w/"}"#, "recording_malformed /entries/0/path"),
        (r#"{"path":"/w"},{"path":"/w"}"#, "recording_malformed /entries/1"),
        (r#"{"path":"/w","kind":"dir"}"#, "unknown_word /entries/0/kind"),
        (r#"{"path":"/w","colour":1}"#, "recording_malformed /entries/0/colour"),
        (r#"{"path":"/w","Kind":"file"}"#, "misspelled_field /entries/0/Kind"),
        (r#"{"path":"/w","kind":"file","target":"x"}"#, "recording_malformed /entries/0"),
        (r#"{"path":"/w","kind":"directory","pointer":"x"}"#, "recording_malformed /entries/0"),
        (r#"{"path":"/w","kind":"missing","links":1}"#, "recording_malformed /entries/0"),
        (r#"{"path":"/w","mount":true}"#, "recording_malformed /entries/0"),
        (r#"{"path":"/w","kind":"file","identity":["1"]}"#, "recording_malformed /entries/0/identity"),
        (r#"{"path":"/w","kind":"file","links":-1}"#, "number_out_of_range /entries/0/links"),
        (r#"{"path":"/w","kind":"symlink","target_hex":"61"}"#, "recording_malformed /entries/0/target_hex"),
        (r#"{"path":"/w","kind":"symlink","target_hex":"fff"}"#, "recording_malformed /entries/0/target_hex"),
        (
            r#"{"path":"/w","kind":"symlink","target_hex":"ff","target":"x"}"#,
            "recording_malformed /entries/0",
        ),
        (
            r#"{"path":"/w","volume":{"root":"/","case":"maybe","normalization":"unknown","id":""}}"#,
            "unknown_word /entries/0/volume/case",
        ),
    ] {
        assert_eq!(refused(&linux(entries)), [want], "{entries}");
    }
    let long = format!(r#"{{"path":"/w","kind":"file","pointer":"{}"}}"#, "x".repeat(MAX_POINTER + 1));
    assert_eq!(refused(&linux(&long)), ["recording_malformed /entries/0"]);
    // All at once.
    assert_eq!(refused(&linux(r#"{"path":"w"},{"path":"/x","kind":"y"}"#)).len(), 2);
}

#[test]
fn every_word_is_its_own() {
    let kinds: BTreeSet<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(kinds.len(), Kind::ALL.len());
    assert!(Kind::ALL.iter().all(|kind| Kind::from_word(kind.as_str()) == Some(*kind)));
    let reasons: BTreeSet<&str> = Why::ALL.iter().map(|why| why.as_str()).collect();
    assert_eq!(reasons.len(), Why::ALL.len());
    assert!(Why::ALL.iter().all(|why| !why.sentence().is_empty()));
}
