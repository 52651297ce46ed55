//! What is said of places is the same, whether directories on the way are gone through or asked one by one.

use super::*;
use crate::native::Os;
use crate::native::key::{CaseRule, NormRule};
use crate::observe::observed::Observed;
use crate::observe::walked::{State, Why};
use crate::observe::{FsView, Identity, RecordedFs, VolumeFact};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A recording that answers about several directories at once wherever a view may.
#[derive(Debug)]
struct AtOnce<'v> {
    fs: &'v RecordedFs,
    times: AtomicUsize,
}

impl FsView for AtOnce<'_> {
    fn os(&self) -> Os {
        self.fs.os()
    }
    fn look(&self, path: &NativePath) -> Observation {
        self.fs.look(path)
    }
    fn look_through(&self, above: &NativePath, path: &NativePath, _: bool) -> Option<Observation> {
        let Observation::Exists { identity: Some(holder), .. } = self.look(above) else { return None };
        let mut at = above.clone();
        for name in path.segments().skip(above.depth()) {
            let between = at != *above;
            if between && !matches!(self.look(&at), Observation::Exists { kind: Kind::Directory, .. }) {
                return None;
            }
            at = at.join_segment(name).unwrap();
            let Observation::Exists { identity: Some(identity), mount: false, .. } = self.look(&at) else {
                return None;
            };
            if identity.volume != holder.volume {
                return None;
            }
        }
        self.times.fetch_add(1, Ordering::Relaxed);
        Some(self.look(path))
    }
    fn read_link(&self, path: &NativePath) -> Option<Vec<u8>> {
        self.fs.read_link(path)
    }
    fn read_pointer(&self, path: &NativePath) -> Option<Vec<u8>> {
        self.fs.read_pointer(path)
    }
    fn volume(&self, path: &NativePath) -> Option<VolumeFact> {
        self.fs.volume(path)
    }
    fn long_name(&self, path: &NativePath) -> Option<String> {
        self.fs.long_name(path)
    }
}

/// `/s` and `/m` show one volume, `/m` from `/s/a` on; `/o` is another one. Below each: directories, files, links.
/// `told`: what is mounted says which object it is.
fn tree(told: bool) -> RecordedFs {
    let mut fs = RecordedFs::builder(Os::Linux).complete().dir("/").identity("/", "8:1", "2");
    let mut object = 10;
    let mut objects: BTreeMap<String, String> = BTreeMap::new();
    for base in ["/s", "/s/a", "/m", "/o"] {
        for rest in [
            "", "/a", "/a/b", "/a/b/c", "/a/f", "/b", "/b/a", "/b/a/c", "/b/l", "/b/up", "/c", "/c/a",
            "/c/a/a", "/c/a/a/a",
        ] {
            let path = format!("{base}{rest}");
            let volume = if base == "/o" { "8:2" } else { "8:1" };
            // What `/m` shows are the objects of `/s/a`.
            let origin = path.strip_prefix("/m").map_or_else(|| path.clone(), |rest| format!("/s/a{rest}"));
            let id = objects.entry(origin).or_insert_with(|| {
                object += 1;
                object.to_string()
            });
            fs = match rest {
                "/a/f" => fs.file(&path).links(&path, 1).identity(&path, volume, id),
                "/b/l" => fs.link(&path, "../a/b"),
                "/b/up" => fs.link(&path, "/s/b/a"),
                _ => fs.dir(&path).identity(&path, volume, id),
            };
        }
    }
    let (sensitive, bytes) = (CaseRule::Sensitive, NormRule::Preserving);
    fs = fs.mount("/m").mount("/o");
    if told {
        fs = fs.identity("/m", "8:1", &objects["/s/a"]).identity("/o", "8:2", &objects["/o"]);
    }
    fs.volume("/", sensitive, bytes, "8:1").volume("/o", sensitive, bytes, "8:2").build().unwrap()
}

/// Everything that is said of these places: what was observed, the objects with several names, and for each place which
/// of those are on the way to it.
type Said = (Observed, BTreeMap<Identity, BTreeSet<NativePath>>, Vec<Vec<NativePath>>);

fn said(view: &dyn FsView, places: &[NativePath]) -> Said {
    let hosts = BTreeSet::new();
    let mut walker = Walker::new(view, &hosts);
    let observed = Observed::look(&mut walker, places, &BTreeSet::new(), &[]);
    let reals: Vec<NativePath> = observed.walks.iter().map(|walk| walk.real.clone()).collect();
    let shared = walker.shared(reals.iter());
    let on_the_way = |real: &NativePath| {
        let chain = walker.chain(real).into_iter();
        chain.filter(|(_, identity)| shared.contains_key(identity)).map(|(path, _)| path).collect()
    };
    let chains = reals.iter().map(on_the_way).collect();
    (observed, shared, chains)
}

#[test]
fn the_same_is_said_of_places_whose_way_was_gone_through_at_once() {
    for told in [true, false] {
        same_is_said(&tree(told));
    }
}

/// A view that goes through a mirror at once is not asked to, also where nothing is mounted at `/proc`.
#[test]
fn a_mirror_is_not_gone_through_at_once() {
    let mut fs = RecordedFs::builder(Os::Linux).complete();
    for (object, path) in
        ["/", "/proc", "/proc/7", "/proc/7/root", "/proc/7/root/s", "/proc/7/task"].iter().enumerate()
    {
        fs = fs.dir(path).identity(path, "8:1", &object.to_string());
    }
    let fs = fs.volume("/", CaseRule::Sensitive, NormRule::Preserving, "8:1").build().unwrap();
    let at_once = AtOnce { fs: &fs, times: AtomicUsize::new(0) };
    for path in ["/proc/7/root/s", "/proc/7/root", "/proc/7/task"] {
        let places = [NativePath::parse(Os::Linux, path).unwrap()];
        let (by_name, found) = (said(&fs, &places), said(&at_once, &places));
        assert_eq!(by_name, found, "{path}");
        let is_mirror = matches!(found.0.walks[0].state, State::Unreadable { why: Why::Mirror, .. });
        assert_eq!(is_mirror, path.contains("root"), "{path}");
    }
}

fn same_is_said(fs: &RecordedFs) {
    let at_once = AtOnce { fs, times: AtomicUsize::new(0) };
    let mut state = 0x9E37_79B9_u32;
    let mut below = |end: u32| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state % end
    };
    let known: Vec<&NativePath> = fs.entries.keys().collect();
    let count = u32::try_from(known.len()).unwrap();
    let (mut shared, mut missing) = (0, 0);
    for round in 0..2000 {
        let mut places: Vec<NativePath> = (0..=below(12))
            .map(|_| {
                let known = known[below(count) as usize].as_str();
                let text = format!("{known}{}", ["", "", "", "/x", "/l/a/b"][below(5) as usize]);
                NativePath::parse(Os::Linux, &text).unwrap()
            })
            .collect();
        // In their order a walk knows what comes next; in any other one it is told something that does not help.
        if round % 2 == 0 {
            places.sort();
        }
        let (by_name, found) = (said(fs, &places), said(&at_once, &places));
        assert_eq!(by_name, found, "{places:?}");
        shared += found.1.len();
        missing += found.0.walks.iter().filter(|walk| walk.kind().is_none()).count();
    }
    let times = at_once.times.into_inner();
    assert!(times > 1000 && shared > 1000 && missing > 1000, "{times} {shared} {missing}");
}
