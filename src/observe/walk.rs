//! Where a path really is, link by link, and what it crosses on the way.
//!
//! The walk is the kernel's: components are looked up one at a time, a link is replaced by its text, and `..` in
//! a link's text leaves the directory that was really reached. Each distinct component is asked about once,
//! whatever the number of walks, and each link's text is followed once (O-1). Nothing here recurses, and a walk
//! ends after [`MAX_LINKS`] links.

mod shared;
mod through;

use super::target::{self, Grammar, Start, Step};
use super::walked::{Link, LongName, MAX_LINKS, MAX_WALKED_BYTES, State, Walked, Why};
use super::{Begun, FsView, Identity, Kind, Observation, VolumeFact};
use crate::native::path::NativePath;
use crate::native::{self, Os, windows};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use through::Through;

/// The number of a [`Node`].
type At = usize;

/// A name in a directory, asked about once.
#[derive(Debug)]
struct Node {
    /// The directory that holds it; `None` for a root.
    up: Option<At>,
    /// A path that begins with that of the node, where the node's name begins in it, and where it ends.
    path: NativePath,
    name: usize,
    end: usize,
    below: Below,
    seen: Seen,
    mount: bool,
    /// Is a mount point on the way to it, or is it one?
    mounted: bool,
    /// The same place under its long name.
    long: Option<At>,
    /// How names in it are compared, if that was asked.
    volume: Option<Volume>,
}

impl Node {
    fn name(&self) -> &str {
        self.path.as_str().get(self.name..self.end).unwrap_or_default()
    }
}

/// What the view said of a volume.
#[derive(Debug)]
struct Volume {
    fact: Option<Box<VolumeFact>>,
    /// Was it given away with a walk?
    given: bool,
}

/// The names in a directory that were asked about. Most directories have few.
#[derive(Debug)]
enum Below {
    Few(Vec<At>),
    Many(BTreeMap<Box<str>, At>),
}

/// How many names are looked through one by one.
const FEW: usize = 8;

#[derive(Debug)]
enum Seen {
    /// A directory that was gone through, and not asked which one it is: the only one of its name on the mount of the
    /// nearest directory above it that was asked, and compared like it.
    Through,
    Object {
        kind: Kind,
        identity: Option<Identity>,
        links: Option<u64>,
    },
    Link {
        kind: Kind,
        text: Result<Rc<str>, Why>,
        followed: Option<Rc<Followed>>,
    },
    Missing,
    Closed(Why),
}

/// Where following a link's text led, from whatever path.
#[derive(Debug)]
struct Followed {
    crossed: Vec<Crossed>,
    spot: Spot,
}

/// A link, or a short name, that the walk replaced.
#[derive(Clone, Debug)]
struct Crossed {
    node: At,
    to: Spot,
    is_link: bool,
}

/// Where a walk stands: at a node, or at a place below one that does not exist.
#[derive(Clone, Debug)]
struct Spot {
    at: At,
    /// Names below the node that were not asked about, because the walk had ended.
    tail: Vec<Box<str>>,
    /// There was a `..` after the end: where it would lead is not known, so nothing more is added.
    lost: bool,
    end: Option<End>,
}

impl Spot {
    const fn new(at: At) -> Self {
        Self { at, tail: Vec::new(), lost: false, end: None }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Missing,
    Dangling { link: At },
    Loop { link: At },
    Closed(Why),
    NotADirectory,
}

/// What is left to do, last first.
#[derive(Debug)]
enum Part {
    Step(Step),
    /// All of this link's text has been followed.
    Close {
        crossed: usize,
    },
}

/// One walk.
#[derive(Debug)]
struct Walk {
    spot: Spot,
    crossed: Vec<Crossed>,
    /// Links whose text is being followed, outermost first.
    open: Vec<At>,
    parts: Vec<Part>,
}

impl Walk {
    fn new(spot: Spot) -> Self {
        Self { spot, crossed: Vec::new(), open: Vec::new(), parts: Vec::new() }
    }

    fn links(&self) -> impl Iterator<Item = &Crossed> {
        self.crossed.iter().filter(|crossed| crossed.is_link)
    }
}

/// Walks paths of one view and remembers every answer.
///
/// Made for one bind: the answers grow old.
#[derive(Debug)]
pub(crate) struct Walker<'v> {
    view: Begun<'v>,
    hosts: &'v BTreeSet<String>,
    nodes: Vec<Node>,
    roots: BTreeMap<Box<str>, At>,
    pointers: BTreeMap<NativePath, Option<Vec<u8>>>,
    /// How many bytes of paths may still be asked about.
    pub(super) left: usize,
}

impl<'v> Walker<'v> {
    /// A walker that has asked nothing yet. `hosts` are the UNC hosts that may be touched, in lower case.
    pub(crate) fn new(view: &'v dyn FsView, hosts: &'v BTreeSet<String>) -> Self {
        Self {
            view: Begun::new(view),
            hosts,
            nodes: Vec::new(),
            roots: BTreeMap::new(),
            pointers: BTreeMap::new(),
            left: MAX_WALKED_BYTES,
        }
    }

    /// The UNC hosts that may be touched.
    pub(crate) const fn hosts(&self) -> &'v BTreeSet<String> {
        self.hosts
    }

    /// The OS whose paths can be walked.
    pub(crate) fn os(&self) -> Os {
        self.view.view().os()
    }

    /// Finds out where `path` really is. A path on a host that is not allowed is not touched.
    pub(crate) fn walk(&mut self, path: &NativePath) -> Walked {
        match self.go(path, None) {
            Ok(walk) => self.walked(Some(path), &walk),
            Err(why) => untouched(path, why),
        }
    }

    /// `next` is walked next.
    fn go(&mut self, path: &NativePath, next: Option<&NativePath>) -> Result<Walk, Why> {
        if path.os() != self.os() {
            return Err(Why::Foreign);
        }
        if path.unc_host().is_some_and(|host| !self.hosts.contains(host)) {
            return Err(Why::Host);
        }
        let root = self.root(path.root_text());
        let mut walk = Walk::new(self.enter(root));
        let mut segments = path.segments().peekable();
        let mut end = path.root_text().len();
        let common = next.map_or(0, |next| path.common(next));
        let (mut through, mut reached) = (true, 0);
        while let Some(segment) = segments.next() {
            let before = end;
            end = path.end_after(end, segment);
            if end <= reached {
                continue;
            }
            if through && walk.crossed.is_empty() && walk.spot.end.is_none() {
                match self.go_through(&mut walk, path, (before, segment), common) {
                    Ok(end) => {
                        reached = end;
                        self.run(&mut walk);
                        continue;
                    }
                    Err(Through::NotHere) => {}
                    Err(Through::NotAtOnce) => through = false,
                }
            }
            // As long as nothing was replaced, the path as written is that of every node on the way.
            let written = walk.crossed.is_empty().then_some((path, end));
            let more = segments.peek().is_some() || end <= common;
            self.name(&mut walk, segment, written, more);
            self.run(&mut walk);
        }
        self.arrived(&mut walk);
        Ok(walk)
    }

    /// Finds out where a text leads that a program reads as a path, from the directory `from`; `None` if it names
    /// no place that can be asked about.
    pub(crate) fn walk_text(&mut self, from: &NativePath, text: &str) -> Option<Walked> {
        let from = self.walk(from);
        from.kind().filter(|kind| kind.is_directory())?;
        let target = target::parse(self.os(), text, Grammar::Program)?;
        let base = self.start(&target.start, &from.real).ok()?;
        let mut walk = Walk::new(base);
        walk.parts.extend(target.steps.into_iter().rev().map(Part::Step));
        self.run(&mut walk);
        self.arrived(&mut walk);
        Some(self.walked(None, &walk))
    }

    /// What is in the small file that is really at `path`. Asked once.
    pub(crate) fn pointer(&mut self, path: &NativePath) -> Option<Vec<u8>> {
        let walked = self.walk(path);
        walked.kind().filter(|kind| *kind == Kind::File)?;
        if !self.pointers.contains_key(&walked.real) {
            let found = self.view.view().read_pointer(&walked.real);
            self.pointers.insert(walked.real.clone(), found);
        }
        self.pointers.get(&walked.real).cloned().flatten()
    }

    /// How the names in the directory that is really at `path` are compared; where there is none, those in the
    /// nearest directory above it. Asked once.
    pub(crate) fn volume(&mut self, path: &NativePath) -> Option<VolumeFact> {
        let walk = self.go(path, None).ok()?;
        self.volume_of(&walk)?.fact.as_deref().cloned()
    }

    /// Both at once; the fact of a directory with the first walk that is told it. Of what cannot be seen the volume is
    /// not asked either. `next` is walked next, if that is known.
    pub(crate) fn walk_with_volume(
        &mut self,
        path: &NativePath,
        next: Option<&NativePath>,
    ) -> (Walked, Option<VolumeFact>) {
        let walk = match self.go(path, next) {
            Ok(walk) => walk,
            Err(why) => return (untouched(path, why), None),
        };
        let seen = !matches!(walk.spot.end, Some(End::Closed(_) | End::Loop { .. }));
        let volume = if seen { self.volume_of(&walk) } else { None };
        let fact = match volume {
            Some(volume) if !volume.given => {
                volume.given = true;
                volume.fact.as_deref().cloned()
            }
            Some(_) | None => None,
        };
        (self.walked(Some(path), &walk), fact)
    }

    fn volume_of(&mut self, walk: &Walk) -> Option<&mut Volume> {
        if let Some(End::Closed(Why::Host | Why::Foreign | Why::Mirror)) = walk.spot.end {
            return None;
        }
        // Above whatever a walk stands at there are directories only.
        let mut at = walk.spot.at;
        while self.directory(at).is_none() || self.is_through(at) {
            at = self.node(at)?.up?;
        }
        if self.node(at)?.volume.is_none() {
            let place = self.place(at);
            let known = place != NativePath::root(Os::Windows);
            let fact = if known { self.view.view().volume(&place).map(Box::new) } else { None };
            self.nodes.get_mut(at)?.volume = Some(Volume { fact, given: false });
        }
        self.nodes.get_mut(at)?.volume.as_mut()
    }

    /// Follows what is left of a walk.
    fn run(&mut self, walk: &mut Walk) {
        while let Some(part) = walk.parts.pop() {
            match part {
                Part::Close { crossed } => self.close(walk, crossed),
                Part::Step(Step::Name(name)) => {
                    let more = matches!(walk.parts.last(), Some(Part::Step(_)));
                    self.name(walk, &name, None, more);
                }
                Part::Step(Step::Up) if walk.spot.end.is_some() => walk.spot.lost = true,
                Part::Step(Step::Stay) if walk.spot.end.is_some() => {}
                Part::Step(Step::Stay) => _ = self.in_directory(walk),
                Part::Step(Step::Up) => {
                    if self.in_directory(walk) {
                        let up = self.node(walk.spot.at).and_then(|node| node.up);
                        // There is nothing above a root.
                        walk.spot.at = up.unwrap_or(walk.spot.at);
                    }
                }
            }
        }
    }

    /// Goes to a name in the directory that was reached. `written`: a path that begins with the place, and where it
    /// ends there. `more`: there are names behind it.
    fn name(&mut self, walk: &mut Walk, name: &str, written: Option<(&NativePath, usize)>, more: bool) {
        if walk.spot.end.is_none() && self.known(walk.spot.at, name).is_none() {
            self.arrived(walk);
        }
        if walk.spot.end.is_some() || !self.in_directory(walk) {
            if !walk.spot.lost {
                walk.spot.tail.push(name.into());
            }
            return;
        }
        let at = self.child(walk.spot.at, name, written, more);
        self.arrive(walk, at);
    }

    /// Stands at a node that may be a link or another name.
    fn arrive(&mut self, walk: &mut Walk, at: At) {
        walk.spot.at = at;
        let Some(node) = self.node(at) else { return };
        match &node.seen {
            Seen::Through => {}
            Seen::Object { .. } => {
                if let Some(long) = node.long {
                    walk.crossed.push(Crossed { node: at, to: Spot::new(long), is_link: false });
                    walk.spot.at = long;
                }
            }
            Seen::Missing => {
                let link = walk.open.last();
                walk.spot.end = Some(link.map_or(End::Missing, |link| End::Dangling { link: *link }));
            }
            Seen::Closed(why) => walk.spot.end = Some(End::Closed(*why)),
            Seen::Link { text, followed, .. } => {
                let (text, followed) = (text.clone(), followed.clone());
                self.follow(walk, at, text, followed);
            }
        }
    }

    /// Replaces the link that was reached by its text.
    fn follow(
        &mut self,
        walk: &mut Walk,
        at: At,
        text: Result<Rc<str>, Why>,
        followed: Option<Rc<Followed>>,
    ) {
        let before = walk.links().count();
        if before >= MAX_LINKS {
            walk.spot.end = Some(End::Loop { link: at });
            return;
        }
        // Where the limit comes before its end, the text is followed again, so that a walk says the same whatever
        // was walked before.
        let behind = |followed: &Followed| followed.crossed.iter().filter(|crossed| crossed.is_link).count();
        if let Some(followed) = followed.filter(|followed| before + behind(followed) <= MAX_LINKS) {
            walk.crossed.extend(followed.crossed.iter().cloned());
            walk.spot = followed.spot.clone();
            return;
        }
        let text = match text {
            Ok(text) => text,
            Err(why) => {
                walk.spot.end = Some(End::Closed(why));
                return;
            }
        };
        let target = target::parse(self.os(), &text, Grammar::Link).ok_or(Why::LinkText);
        let start = target.and_then(|target| {
            let holder = self.node(at).and_then(|node| node.up).unwrap_or(at);
            let holder = self.place(holder);
            let spot = self.start(&target.start, &holder)?;
            Ok((spot, target.steps))
        });
        match start {
            Ok((spot, steps)) => {
                walk.parts.push(Part::Close { crossed: walk.crossed.len() });
                walk.crossed.push(Crossed { node: at, to: Spot::new(at), is_link: true });
                walk.open.push(at);
                walk.spot = spot;
                if walk.spot.end == Some(End::Missing) {
                    walk.spot.end = Some(End::Dangling { link: at });
                }
                walk.parts.extend(steps.into_iter().rev().map(Part::Step));
            }
            Err(why) => walk.spot.end = Some(End::Closed(why)),
        }
    }

    /// Where a text begins that stands in the directory `holder`, which is real.
    fn start(&mut self, start: &Start, holder: &NativePath) -> Result<Spot, Why> {
        let root = match start {
            Start::Here => {
                let mut at = self.root(holder.root_text());
                for segment in holder.segments() {
                    at = self.child(at, segment, None, true);
                }
                return Ok(Spot::new(at));
            }
            // What this is relative to on a volume that has no drive of its own is not known.
            Start::OwnRoot if self.crosses_mount(holder) => return Err(Why::LinkText),
            Start::OwnRoot => self.root(holder.root_text()),
            Start::Root(root) if root.unc_host().is_some_and(|host| !self.hosts.contains(host)) => {
                return Err(Why::Host);
            }
            Start::Root(root) => self.root(root.as_str()),
        };
        Ok(self.enter(root))
    }

    fn crosses_mount(&mut self, place: &NativePath) -> bool {
        let mut at = self.root(place.root_text());
        place.segments().any(|segment| {
            at = self.child(at, segment, None, true);
            self.node(at).is_some_and(|node| node.mount)
        })
    }

    /// A link's text has been followed to its end: what came of it holds for every later walk.
    fn close(&mut self, walk: &mut Walk, index: usize) {
        walk.open.pop();
        let spot = walk.spot.clone();
        let Some(crossed) = walk.crossed.get_mut(index) else { return };
        crossed.to = spot.clone();
        let node = crossed.node;
        // Behind other links the limit comes earlier, so this end is not the link's own.
        if index > 0 && matches!(spot.end, Some(End::Loop { .. })) {
            return;
        }
        let crossed = walk.crossed.get(index..).unwrap_or_default().to_vec();
        if let Some(Node { seen: Seen::Link { followed, .. }, .. }) = self.nodes.get_mut(node) {
            *followed = Some(Rc::new(Followed { crossed, spot }));
        }
    }

    /// Is this a directory? If not, the walk ends.
    fn in_directory(&self, walk: &mut Walk) -> bool {
        let is_directory = self.directory(walk.spot.at).is_some();
        if !is_directory {
            walk.spot.end = Some(End::NotADirectory);
        }
        is_directory
    }

    /// The node, if it is a directory.
    fn directory(&self, at: At) -> Option<&Node> {
        self.node(at).filter(|node| match &node.seen {
            Seen::Through => true,
            Seen::Object { kind, .. } => kind.is_directory(),
            Seen::Link { .. } | Seen::Missing | Seen::Closed(_) => false,
        })
    }

    fn node(&self, at: At) -> Option<&Node> {
        self.nodes.get(at)
    }

    /// Which object a node is.
    fn identity(&self, at: At) -> Option<&Identity> {
        match &self.node(at)?.seen {
            Seen::Object { identity, .. } => identity.as_ref(),
            Seen::Through | Seen::Link { .. } | Seen::Missing | Seen::Closed(_) => None,
        }
    }

    /// A walk that stands at a root.
    fn enter(&self, root: At) -> Spot {
        let mut spot = Spot::new(root);
        spot.end = self.node(root).and_then(|node| match &node.seen {
            Seen::Through | Seen::Object { .. } => None,
            Seen::Missing => Some(End::Missing),
            Seen::Closed(why) => Some(End::Closed(*why)),
            // A root is never a link.
            Seen::Link { .. } => Some(End::Closed(Why::NoAnswer)),
        });
        spot
    }

    /// The node of a root, by its spelling. The host has been screened.
    fn root(&mut self, text: &str) -> At {
        if let Some(at) = self.roots.get(text) {
            return *at;
        }
        let os = self.os();
        let parsed = NativePath::parse(os, text);
        let (seen, mount) = match &parsed {
            // Not an object: what holds every drive and share.
            Ok(path) if *path == NativePath::root(Os::Windows) => {
                (Seen::Object { kind: Kind::Directory, identity: None, links: None }, false)
            }
            Ok(path) => self.ask(path, None, false),
            Err(_) => (Seen::Closed(Why::NoAnswer), false),
        };
        let at = self.nodes.len();
        let path = parsed.unwrap_or_else(|_| NativePath::root(os));
        let end = path.as_str().len();
        self.nodes.push(Node {
            up: None,
            path,
            name: end,
            end,
            below: Below::Few(Vec::new()),
            seen,
            mount,
            mounted: mount,
            long: None,
            volume: None,
        });
        self.roots.insert(text.into(), at);
        at
    }

    /// The node of a name in a directory, if it was asked about.
    fn known(&self, up: At, name: &str) -> Option<At> {
        match &self.node(up)?.below {
            Below::Few(few) => {
                few.iter().rev().find(|at| self.node(**at).is_some_and(|node| node.name() == name)).copied()
            }
            Below::Many(many) => many.get(name).copied(),
        }
    }

    /// Adds a node, in the directory that it says.
    fn add(&mut self, node: Node) -> At {
        let at = self.nodes.len();
        let up = node.up;
        self.nodes.push(node);
        let Some(up) = up else { return at };
        if let Some(Below::Few(few)) = self.nodes.get_mut(up).map(|up| &mut up.below) {
            few.push(at);
            if few.len() <= FEW {
                return at;
            }
            let few = std::mem::take(few);
            let named = few.into_iter().filter_map(|at| Some((self.node(at)?.name().into(), at)));
            let many = Below::Many(named.collect());
            if let Some(up) = self.nodes.get_mut(up) {
                up.below = many;
            }
            return at;
        }
        let name = self.node(at).map(|node| Box::from(node.name()));
        if let (Some(name), Some(Below::Many(many))) = (name, self.nodes.get_mut(up).map(|up| &mut up.below))
        {
            many.insert(name, at);
        }
        at
    }

    /// The node of a name in the directory `up`, asked about if it is new. `written`: a path that begins with its place,
    /// and where that ends in it, if there is one. `more`: names in it will be asked about.
    fn child(&mut self, up: At, name: &str, written: Option<(&NativePath, usize)>, more: bool) -> At {
        if let Some(at) = self.known(up, name) {
            return at;
        }
        let at = self.new_child(up, name, written, more);
        let is_object = self.node(at).is_some_and(|node| matches!(node.seen, Seen::Object { .. }));
        if is_object && may_be_short(self.os(), name) {
            self.lengthen(up, at, name);
        }
        at
    }

    fn new_child(&mut self, up: At, name: &str, written: Option<(&NativePath, usize)>, more: bool) -> At {
        let path = match written {
            Some((path, end)) => path.cut(end),
            None => self.below(up, std::iter::once(name)),
        };
        let left = self.left.checked_sub(path.as_str().len());
        self.left = left.unwrap_or_default();
        let (seen, mount) = if is_mirror(&path) {
            (Seen::Closed(Why::Mirror), false)
        } else if left.is_none() {
            (Seen::Closed(Why::TooMuch), false)
        } else {
            self.ask(&path, Some(up), more)
        };
        let mounted = mount || self.node(up).is_some_and(|up| up.mounted);
        let end = path.as_str().len();
        let name = end - name.len();
        let below = Below::Few(Vec::new());
        self.add(Node {
            up: Some(up),
            path,
            name,
            end,
            below,
            seen,
            mount,
            mounted,
            long: None,
            volume: None,
        })
    }

    /// Finds the long name of what may be a short one.
    fn lengthen(&mut self, up: At, at: At, name: &str) {
        let path = self.place(at);
        let Some(long_name) = self.view.view().long_name(&path) else { return };
        if native::check_segment(Os::Windows, &long_name).is_err() {
            return;
        }
        let known = self.known(up, &long_name);
        let long = if long_name == name {
            at
        } else if let Some(known) = known {
            known
        } else {
            self.new_child(up, &long_name, None, false)
        };
        if !self.node(long).is_some_and(|node| matches!(node.seen, Seen::Object { .. })) {
            return;
        }
        // What the file system calls a long name is one, also if it looks like a short one.
        for at in [at, long] {
            if at != long || may_be_short(Os::Windows, &long_name) {
                if let Some(node) = self.nodes.get_mut(at) {
                    node.long = Some(long);
                }
            }
        }
    }

    /// Asks the view about a place, `up` being the directory that holds it.
    fn ask(&self, path: &NativePath, up: Option<At>, more: bool) -> (Seen, bool) {
        let view = self.view.view();
        self.seen(path, if more { view.look_into(path) } else { view.look(path) }, up)
    }

    /// What an answer about a place comes to, and whether something is mounted there.
    fn seen(&self, path: &NativePath, found: Observation, up: Option<At>) -> (Seen, bool) {
        match found {
            Observation::Missing => (Seen::Missing, false),
            Observation::Unreadable => (Seen::Closed(Why::NoAnswer), false),
            Observation::Exists { kind, .. } if kind.is_link() && up.is_some() => {
                let text = self.view.view().read_link(path).ok_or(Why::LinkUnread);
                let text = text.and_then(|text| match std::str::from_utf8(&text) {
                    Ok(text) => Ok(Rc::from(text)),
                    Err(_) => Err(Why::LinkNotUtf8),
                });
                (Seen::Link { kind, text, followed: None }, false)
            }
            Observation::Exists { kind, identity, links, mount } => {
                let holder = up.and_then(|up| self.identity(up));
                // Some stacked file systems give files the device of the layer that they come from.
                let other_volume = kind.is_directory()
                    && identity.as_ref().zip(holder).is_some_and(|(own, holder)| own.volume != holder.volume);
                let mount = up.is_some() && (mount || other_volume || kind == Kind::MountPoint);
                (Seen::Object { kind, identity, links }, mount)
            }
        }
    }

    /// The path of names below a node.
    fn below<'n>(&self, at: At, names: impl IntoIterator<Item = &'n str>) -> NativePath {
        let path = self.place(at);
        // Names were segments of a path, or checked when a link's text was read.
        path.join_segments(names).unwrap_or(path)
    }

    /// The path of a node.
    fn place(&self, at: At) -> NativePath {
        self.node(at).map_or_else(|| NativePath::root(self.os()), |node| node.path.cut(node.end))
    }

    fn spot_path(&self, spot: &Spot) -> NativePath {
        if spot.tail.is_empty() {
            return self.place(spot.at);
        }
        self.below(spot.at, spot.tail.iter().map(|name| &**name))
    }

    fn walked(&self, written: Option<&NativePath>, walk: &Walk) -> Walked {
        let Walk { spot, crossed, .. } = walk;
        let real = match written {
            Some(written) if crossed.is_empty() => written.clone(),
            Some(_) | None => self.spot_path(spot),
        };
        let mut links = Vec::new();
        let mut long_names = Vec::new();
        for Crossed { node, to, is_link } in crossed {
            let (at, to) = (self.place(*node), self.spot_path(to));
            match self.node(*node).map(|node| &node.seen) {
                Some(Seen::Link { kind, text: Ok(text), .. }) if *is_link => {
                    links.push(Link { at, to, text: text.as_ref().into(), kind: *kind });
                }
                Some(_) | None => long_names.push(LongName { at, to }),
            }
        }
        Walked {
            written: written.unwrap_or(&real).clone(),
            links,
            long_names,
            mounts: self.mounts(walk),
            state: self.state(walk),
            real,
        }
    }

    /// Every mount point above the end and above each link.
    fn mounts(&self, walk: &Walk) -> Vec<NativePath> {
        let mut found = BTreeSet::new();
        for at in walk.crossed.iter().map(|crossed| crossed.node).chain([walk.spot.at]) {
            let mut at = Some(at);
            while let Some(node) = at.and_then(|at| self.node(at)).filter(|node| node.mounted) {
                if node.mount {
                    found.extend(at);
                }
                at = node.up;
            }
        }
        let mut mounts: Vec<NativePath> = found.into_iter().map(|at| self.place(at)).collect();
        mounts.sort();
        mounts
    }

    fn state(&self, walk: &Walk) -> State {
        let at = walk.spot.at;
        let path = |at| self.place(at);
        match walk.spot.end {
            Some(End::Missing) => {
                let up = self.node(at).and_then(|node| node.up);
                State::Missing {
                    nearest: up.map_or_else(|| NativePath::root(self.os()), path),
                    identity: up.and_then(|up| self.identity(up)).cloned(),
                }
            }
            Some(End::Dangling { link }) => {
                let target = walk.crossed.iter().rfind(|crossed| crossed.node == link);
                let target = target.map_or_else(|| path(at), |crossed| self.spot_path(&crossed.to));
                State::Dangling { link: path(link), target }
            }
            Some(End::Loop { link }) => State::Loop { link: path(link) },
            Some(End::Closed(why)) => State::Unreadable { at: path(at), why },
            Some(End::NotADirectory) => State::NotADirectory { at: path(at) },
            None => match self.node(at).map(|node| &node.seen) {
                Some(Seen::Object { kind, identity, links }) => {
                    State::Exists { kind: *kind, identity: identity.clone(), links: *links }
                }
                // A walk that has not ended stands at an object.
                Some(Seen::Through | Seen::Link { .. } | Seen::Missing | Seen::Closed(_)) | None => {
                    State::Unreadable { at: path(at), why: Why::NoAnswer }
                }
            },
        }
    }
}

fn untouched(path: &NativePath, why: Why) -> Walked {
    Walked {
        written: path.clone(),
        real: path.clone(),
        links: Vec::new(),
        mounts: Vec::new(),
        long_names: Vec::new(),
        state: State::Unreadable { at: path.clone(), why },
    }
}

/// Must this place not be asked about, because the answer is about another place, or about whoever asks (N-7)?
fn is_mirror(path: &NativePath) -> bool {
    let mut segments = path.segments();
    let of_whoever_asks = path.os() == Os::Linux
        && segments.next() == Some("proc")
        && matches!(segments.next(), Some("self" | "thread-self"));
    of_whoever_asks || native::magic(path).is_some()
}

/// May this name be the short one of another (N-5)?
fn may_be_short(os: Os, name: &str) -> bool {
    os == Os::Windows && windows::is_short_name_form(name.as_bytes())
}
