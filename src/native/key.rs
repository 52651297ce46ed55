//! When two spellings are one place: the one definition of sameness and containment (N-8, N-9).
//!
//! Every path has two keys. By the *exact* key two paths are the same only if the executor's facts say so; grants
//! match by it. By the *wide* key they are the same if no fact says that they differ; everything that takes
//! access away matches by it. Paths with equal exact keys have equal wide keys.
//!
//! What a name is compared by depends on the directory that holds it, so the keys of a path are made in one walk
//! from its root ([`Cursor`]) that knows which volume it is in. A mount point's own name belongs to the volume
//! that it is mounted in.
//!
//! # Where two keys are not enough
//!
//! With a volume `/work` that keeps case apart, in a directory of which that is not known, `/WORK` may be that
//! volume or another directory. "May be the same" is not transitive there: `/work/A` and `/WORK/A` may be one
//! file, so may `/WORK/A` and `/WORK/a`, but `/work/A` and `/work/a` are two. No single key can say that. So the
//! keys of `/WORK/A` follow what both possibilities leave known (the exact key is the narrower, the wide key the
//! wider of the two), and such a path has a third key, [`Keys::alias`], that takes it for the volume (of several
//! that it may be, the one that keeps most apart; the wide key does for the others). Two paths may be the same if
//! one's wide or alias key is one of the other's.

use super::few::{Bytes, Few};
use super::path::{NativePath, RootKind, RootRef};
use super::{Os, fold, windows};
use fold::{ExactForm, WideForm};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

pub use fold::UNICODE;

/// Does a volume hold names that differ only in case for one name?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaseRule {
    /// `A` and `a` are two names.
    Sensitive,
    /// `A` and `a` are one name, and so is every such pair of letters. For a volume that folds ASCII alone
    /// (Linux's `vfat` with `utf8`), [`Unknown`](Self::Unknown) is the safe word.
    Insensitive,
    /// Nothing is known: grants keep the two apart, denials do not.
    #[default]
    Unknown,
}

impl CaseRule {
    /// The word used on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sensitive => "sensitive",
            Self::Insensitive => "insensitive",
            Self::Unknown => "unknown",
        }
    }
}

/// Does a volume hold names that differ only in Unicode normalization for one name?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NormRule {
    /// `é` as one character and as two are two names.
    Preserving,
    /// They are one name.
    Insensitive,
    /// Nothing is known: grants keep the two apart, denials do not.
    #[default]
    Unknown,
}

impl NormRule {
    /// The word used on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Preserving => "preserving",
            Self::Insensitive => "insensitive",
            Self::Unknown => "unknown",
        }
    }
}

/// A fact about the executor: how names below a place are compared, down to the next volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Volume {
    /// Where the volume begins: its mount point, or any directory with rules of its own.
    pub path: NativePath,
    /// Case.
    pub case: CaseRule,
    /// Normalization.
    pub normalization: NormRule,
}

/// How the names in one directory are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct NameRule {
    pub(crate) case: CaseRule,
    pub(crate) normalization: NormRule,
}

impl NameRule {
    /// What two facts about one directory leave known: nothing where they disagree. So the exact key of the
    /// result is the narrower one and the wide key the wider one, in whatever order they are told.
    fn join(self, other: Self) -> Self {
        Self {
            case: if self.case == other.case { self.case } else { CaseRule::Unknown },
            normalization: if self.normalization == other.normalization {
                self.normalization
            } else {
                NormRule::Unknown
            },
        }
    }

    /// What grants may take for the same.
    pub(crate) const fn exact_form(self) -> ExactForm {
        ExactForm {
            fold: matches!(self.case, CaseRule::Insensitive),
            decompose: matches!(self.normalization, NormRule::Insensitive),
        }
    }

    /// What denials must take for the same.
    pub(crate) const fn wide_form(self) -> WideForm {
        match (self.case, self.normalization) {
            (CaseRule::Insensitive | CaseRule::Unknown, _) => WideForm::Folded,
            (CaseRule::Sensitive, NormRule::Insensitive | NormRule::Unknown) => WideForm::Decomposed,
            (CaseRule::Sensitive, NormRule::Preserving) => WideForm::Raw,
        }
    }
}

/// One key of a path: equality, order, hash and containment in one value.
///
/// The bytes are the keys of the components, each closed by a NUL, which no name holds. So a key is a prefix of
/// another exactly where one path contains the other by whole components, and in sorted order a path stands
/// directly before everything below it. A drive (`C:`) or a share (`\\host\share`) is the first component below
/// the Windows namespace; `/` and the namespace itself are the empty key and contain everything.
///
/// Keys are comparable if they come from the same [`Volumes`] and are of the same kind, exact or wide.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Box<[u8]>);

impl Key {
    /// Does this place contain `other`, or is it the same place? By whole components, below the same root (N-9).
    pub fn contains(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }

    /// Does one of the two contain the other?
    pub fn overlaps(&self, other: &Self) -> bool {
        self.contains(other) || other.contains(self)
    }

    /// The number of components, a drive or share included.
    pub fn depth(&self) -> usize {
        self.components().count()
    }

    /// The keys of this place and of everything around it, deepest first; the last is empty and contains everything.
    pub(crate) fn outwards(&self) -> impl Iterator<Item = &[u8]> {
        let key = &*self.0;
        let ends = key.iter().enumerate().rev().filter(|(_, byte)| **byte == END);
        ends.filter_map(move |(end, _)| key.get(..=end))
            .chain(std::iter::once(key.get(..0).unwrap_or_default()))
    }

    /// The key's bytes, to look it up by [`outwards`](Self::outwards).
    pub(crate) const fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The keys of the components, outermost first. One that Windows reads as nothing (`...`) is there and empty.
    pub(crate) fn components(&self) -> impl Iterator<Item = &[u8]> + Clone {
        self.0.split_inclusive(|byte| *byte == END).map(|part| part.strip_suffix(&[END]).unwrap_or(part))
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(")?;
        for component in self.components() {
            write!(f, "/{}", component.escape_ascii())?;
        }
        f.write_str(")")
    }
}

/// What closes a component in a [`Key`].
pub(super) const END: u8 = 0;

/// The keys of one path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Keys {
    /// What grants match by.
    pub exact: Key,
    /// What denials, narrowings and protected names match by.
    pub wide: Key,
    /// A second wide key, where the path leads through what may be another spelling of a volume's name. Hardly
    /// ever there; whatever matches by the wide key must match by this one, too.
    pub alias: Option<Key>,
}

impl Keys {
    /// The wide key, and the second one if there is one.
    pub fn wides(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.wide).chain(&self.alias)
    }

    /// May this be the place of `other`, or contain it? What denials ask.
    pub fn may_contain(&self, other: &Self) -> bool {
        self.wides().any(|key| other.wides().any(|inner| key.contains(inner)))
    }

    /// May these be one place? What denials ask.
    pub fn may_be(&self, other: &Self) -> bool {
        self.wides().any(|key| other.wides().any(|inner| key == inner))
    }
}

/// What is known of an executor's volumes, ready to make keys. Where no volume covers a place, nothing is known.
/// Cloning shares it.
#[derive(Clone, Debug)]
pub struct Volumes {
    os: Os,
    /// The tree of all prefixes of the volumes' paths. The first is `/` or the Windows namespace.
    nodes: Arc<Vec<Node>>,
}

/// The number of a [`Node`].
type At = usize;

/// `/` or the Windows namespace.
const TOP: At = 0;

/// A place on the way to a volume, or a volume.
#[derive(Clone, Debug, Default)]
struct Node {
    /// Does a volume begin here?
    volume: bool,
    /// How names in this directory are compared.
    rule: NameRule,
    /// The same for the wide key of a volume: what it and every volume whose name may be the same leave known.
    wide_rule: NameRule,
    /// The places one component below, by exact key.
    exact: BTreeMap<Box<[u8]>, At>,
    /// The same by wide key. Several may share one.
    wide: BTreeMap<Box<[u8]>, Vec<At>>,
    /// The same by the widest key, for a walk that knows less about this directory than `rule` does.
    widest: BTreeMap<Box<[u8]>, Vec<At>>,
}

/// No volumes, on Linux: something to leave behind where the real ones are moved out.
impl Default for Volumes {
    fn default() -> Self {
        Self::new(Os::Linux, Vec::new())
    }
}

impl Volumes {
    /// The volumes of an executor that runs `os`, in any order.
    ///
    /// Several facts about one place leave known only what they agree on. A fact about another OS is none. On
    /// Windows the namespace can be a volume, too: what is known of every drive and share without its own facts.
    pub fn new(os: Os, mut volumes: Vec<Volume>) -> Self {
        let mut new = Self { os, nodes: Arc::new(vec![Node::default()]) };
        volumes.retain(|volume| volume.path.os() == os);
        // From the outside in: a name's key follows from the volumes above it.
        volumes.sort_by_key(|volume| (volume.path.kind() != RootKind::Namespace, volume.path.depth()));
        for Volume { path, case, normalization } in volumes {
            new.add(&path, NameRule { case, normalization });
        }
        new.widen_collisions();
        new
    }

    /// Gives volumes that one spelling may name (`/SECRET` and `/ſecret` in a directory of which nothing is known)
    /// one rule for the wide key. Otherwise a path through that spelling would need a key for each of them.
    fn widen_collisions(&mut self) {
        let mut by_widest: BTreeMap<Vec<u8>, Vec<At>> = BTreeMap::new();
        let mut open: Vec<(At, Vec<u8>)> = vec![(TOP, Vec::new())];
        while let Some((at, key)) = open.pop() {
            let Some(node) = self.nodes.get(at) else { continue };
            for (name, children) in &node.widest {
                let mut key = key.clone();
                key.extend_from_slice(name);
                key.push(END);
                open.extend(children.iter().map(|child| (*child, key.clone())));
            }
            if node.volume {
                by_widest.entry(key).or_default().push(at);
            }
        }
        for volumes in by_widest.into_values() {
            let rules = volumes.iter().filter_map(|at| self.nodes.get(*at)).map(|node| node.rule);
            let Some(rule) = rules.reduce(NameRule::join) else { continue };
            for at in volumes {
                if let Some(node) = Arc::make_mut(&mut self.nodes).get_mut(at) {
                    node.wide_rule = rule;
                }
            }
        }
    }

    fn add(&mut self, path: &NativePath, rule: NameRule) {
        let os = self.os;
        let (mut exact, mut wide, mut widest) = (Vec::new(), Vec::new(), Vec::new());
        let mut at = TOP;
        if root_component(path.root_ref(), &mut exact, &mut wide) {
            at = self.child(at, &exact, &wide, &wide);
        }
        for segment in path.segments() {
            let name = segment.as_bytes();
            let rule = self.rule(at);
            [&mut exact, &mut wide, &mut widest].into_iter().for_each(Vec::clear);
            fold::exact(name, rule.exact_form(), &mut exact);
            fold::wide(os, name, rule.wide_form(), &mut wide);
            fold::widest(os, name, &mut widest);
            at = self.child(at, &exact, &wide, &widest);
        }
        if let Some(node) = Arc::make_mut(&mut self.nodes).get_mut(at) {
            node.rule = if node.volume { node.rule.join(rule) } else { rule };
            node.volume = true;
        }
    }

    fn rule(&self, at: At) -> NameRule {
        self.nodes.get(at).map(|node| node.rule).unwrap_or_default()
    }

    /// The place below `at` with this exact key, made if needed.
    fn child(&mut self, at: At, exact: &[u8], wide: &[u8], widest: &[u8]) -> At {
        let nodes = Arc::make_mut(&mut self.nodes);
        let new = nodes.len();
        let Some(node) = nodes.get_mut(at) else { return TOP };
        if let Some(child) = node.exact.get(exact) {
            return *child;
        }
        node.exact.insert(exact.into(), new);
        node.wide.entry(wide.into()).or_default().push(new);
        node.widest.entry(widest.into()).or_default().push(new);
        let rule = node.rule;
        nodes.push(Node { rule, ..Node::default() });
        new
    }

    /// The keys of a path. Made from `self`'s OS, which must be the path's.
    pub fn keys(&self, path: &NativePath) -> Keys {
        self.query_keys(path.root_ref(), path.segments().map(str::as_bytes))
    }

    /// The keys of a queried path: components as they were written, below a root.
    pub(crate) fn query_keys<'q>(
        &self,
        root: RootRef<'q>,
        components: impl Iterator<Item = &'q [u8]> + Clone,
    ) -> Keys {
        let (exact, wide, contested) = walk(self.cursor(root), root, components.clone());
        let alias = contested.then(|| walk(self.alias_cursor(root), root, components).1);
        Keys { alias: alias.filter(|alias| *alias != wide), exact, wide }
    }

    /// Whose volumes these are.
    pub(super) const fn os(&self) -> Os {
        self.os
    }

    /// How the names in the directory `path` are compared, so far as it is known. Where the directory may be a
    /// volume under another spelling, that is what both possibilities agree on.
    pub fn rule_at(&self, path: &NativePath) -> (CaseRule, NormRule) {
        let cursor = self.cursor_at(path);
        (cursor.exact.case, cursor.exact.normalization)
    }

    /// A walk that has come to `path`.
    pub(crate) fn cursor_at(&self, path: &NativePath) -> Cursor<'_> {
        let mut cursor = self.cursor(path.root_ref());
        if !cursor.may_change() {
            return cursor;
        }
        let (mut exact, mut wide) = (Few::<u8, 128>::new(), Few::<u8, 128>::new());
        for segment in path.segments() {
            // Below the last volume every directory is as the one above.
            if !cursor.may_change() {
                break;
            }
            exact.clear();
            wide.clear();
            cursor.step(segment.as_bytes(), &mut exact, &mut wide);
        }
        cursor
    }

    /// A walk from `root`, one component at a time.
    pub(crate) fn cursor(&self, root: RootRef<'_>) -> Cursor<'_> {
        Cursor::new(self, root, false)
    }

    /// The same walk for the second wide key ([`Keys::alias`]): to be taken if the first one ended
    /// [`contested`](Cursor::is_contested). Its exact keys are the same again.
    pub(crate) fn alias_cursor(&self, root: RootRef<'_>) -> Cursor<'_> {
        Cursor::new(self, root, true)
    }
}

/// Both keys of a path, and whether its wide key is contested.
fn walk<'q>(
    mut cursor: Cursor<'_>,
    root: RootRef<'_>,
    components: impl Iterator<Item = &'q [u8]>,
) -> (Key, Key, bool) {
    let (mut exact, mut wide) = (Vec::with_capacity(128), Vec::with_capacity(128));
    if root_component(root, &mut exact, &mut wide) {
        exact.push(END);
        wide.push(END);
    }
    for component in components {
        cursor.step(component, &mut exact, &mut wide);
        exact.push(END);
        wide.push(END);
    }
    (Key(exact.into()), Key(wide.into()), cursor.contested)
}

/// A component that a [`Cursor`] passed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Passed<'n> {
    pub(crate) wide: &'n [u8],
    /// How the wide key was made.
    pub(crate) form: WideForm,
    /// Is the exact key the same bytes?
    pub(crate) same: bool,
}

/// A walk along a path that makes the keys of its components.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'v> {
    volumes: &'v Volumes,
    /// Where the walk is by exact keys, while a volume can still lie ahead.
    at: Option<At>,
    /// Where else it may be: places whose names are the same by the wide key only.
    aliases: Vec<At>,
    /// How names here are compared, so far as it is known whatever volume this is.
    exact: NameRule,
    /// The same, unless the walk is [`trusting`](Self::trusting).
    wide: NameRule,
    /// Is what may be a volume under another spelling taken for that volume? Then the walk that does not, which makes
    /// the exact keys: what can be met further on follows from the wide keys, and those differ.
    trusting: Option<Box<Self>>,
    contested: bool,
}

impl<'v> Cursor<'v> {
    fn new(volumes: &'v Volumes, root: RootRef<'_>, trusting: bool) -> Self {
        let rule = volumes.rule(TOP);
        let at = (volumes.nodes.len() > 1).then_some(TOP);
        let trusting = trusting.then(|| Box::new(Self::new(volumes, root, false)));
        let mut new =
            Self { volumes, at, aliases: Vec::new(), exact: rule, wide: rule, trusting, contested: false };
        match root {
            RootRef::Posix | RootRef::Namespace => {}
            RootRef::Drive(letter) => {
                let drive = drive_component(letter);
                new.enter(&drive, &drive, None);
            }
            RootRef::Unc { .. } if new.at.is_none() => {}
            RootRef::Unc { .. } => {
                let (mut exact, mut wide) = (Few::<u8, 128>::new(), Few::<u8, 128>::new());
                root_component(root, &mut exact, &mut wide);
                new.enter(exact.as_slice(), wide.as_slice(), None);
            }
        }
        new
    }

    /// Appends the exact and the wide key of the next component and goes there. Says how the wide key was made.
    ///
    /// `raw` is one component as written, without separators; any bytes will do.
    #[inline]
    pub(crate) fn step(&mut self, raw: &[u8], exact: &mut impl Bytes, wide: &mut impl Bytes) -> WideForm {
        if self.trusting.is_some() {
            return self.step_trusting(raw, exact, wide);
        }
        let (exact_from, wide_from) = (exact.bytes().len(), wide.bytes().len());
        fold::exact(raw, self.exact.exact_form(), exact);
        let form = self.wide.wide_form();
        fold::wide(self.volumes.os, raw, form, wide);
        if self.may_change() {
            let exact = exact.bytes().get(exact_from..).unwrap_or_default();
            let wide = wide.bytes().get(wide_from..).unwrap_or_default();
            self.enter(exact, wide, Some(raw));
        }
        form
    }

    /// The same of a walk that takes what may be a volume for it.
    #[cold]
    fn step_trusting(&mut self, raw: &[u8], exact: &mut impl Bytes, wide: &mut impl Bytes) -> WideForm {
        if let Some(plain) = &mut self.trusting {
            plain.step(raw, exact, &mut Few::<u8, 128>::new());
        }
        let (os, wide_from, form) = (self.volumes.os, wide.bytes().len(), self.wide.wide_form());
        fold::wide(os, raw, form, wide);
        if self.may_change() {
            let mut own = Few::<u8, 128>::new();
            fold::exact(raw, self.exact.exact_form(), &mut own);
            let wide = wide.bytes().get(wide_from..).unwrap_or_default();
            self.enter(own.as_slice(), wide, Some(raw));
        }
        form
    }

    /// Is every name from here on its own key, both the exact and the wide one?
    pub(crate) fn keeps_names(&self) -> bool {
        !self.may_change()
            && self.wide.wide_form() == WideForm::Raw
            && self.exact.exact_form() == ExactForm::default()
    }

    /// Goes to the next component as [`step`](Self::step) does, and gives its wide key and whether its exact key is
    /// the same bytes. Of a usual name nothing is copied; what has to be made is made in `room`.
    #[inline]
    pub(crate) fn pass<'n>(&mut self, raw: &'n [u8], room: &'n mut Few<u8, 128>) -> Passed<'n> {
        let form = self.wide.wide_form();
        let exact = self.exact.exact_form();
        let name = fold::meant(self.volumes.os, raw);
        let folded = form == WideForm::Folded;
        let usual = !self.may_change()
            && if folded {
                room.clear();
                room.put_lower(name)
            } else {
                form == WideForm::Raw && exact == ExactForm::default()
            };
        if !usual {
            return self.pass_slowly(raw, room);
        }
        let wide = if folded { room.as_slice() } else { name };
        // A fold of ASCII is one fold. Who drops the end of a name has another exact key.
        let same = wide.len() == raw.len() && (!folded || exact.fold || wide == name);
        Passed { wide, form, same }
    }

    /// [`pass`](Self::pass) of a name that is not usual, or near a volume.
    #[inline(never)]
    fn pass_slowly<'n>(&mut self, raw: &[u8], room: &'n mut Few<u8, 128>) -> Passed<'n> {
        let mut exact = Few::<u8, 128>::new();
        room.clear();
        let form = self.step(raw, &mut exact, room);
        let wide = room.as_slice();
        Passed { wide, form, same: exact.as_slice() == wide }
    }

    /// Can a volume still lie ahead?
    #[inline]
    pub(super) fn may_change(&self) -> bool {
        self.at.is_some() || !self.aliases.is_empty()
    }

    /// Has the walk met what may be a volume under another spelling, so that a second walk by
    /// [`Volumes::alias_cursor`] may make other wide keys?
    pub(crate) const fn is_contested(&self) -> bool {
        self.contested
    }

    /// Goes to the place below with these keys. `name` is what they were made from, or `None` for a root, which
    /// has one wide key whatever is known.
    fn enter(&mut self, exact: &[u8], wide: &[u8], name: Option<&[u8]>) {
        if !self.may_change() {
            return;
        }
        let volumes = self.volumes;
        let node = |at: &At| volumes.nodes.get(*at);
        let here = self.at.as_ref().and_then(node);
        // Where less is known than the place's own rule says, its exact keys say too much.
        let known = here.filter(|here| here.rule == self.exact);
        let next = known.and_then(|here| here.exact.get(exact)).copied();
        let mut aliases: Vec<At> = Vec::new();
        for place in here.into_iter().chain(self.aliases.iter().filter_map(node)) {
            if place.wide.is_empty() {
                continue;
            }
            let same = match name {
                Some(name) if place.rule.wide_form() != self.wide.wide_form() => {
                    let mut widest = Few::<u8, 128>::new();
                    fold::widest(volumes.os, name, &mut widest);
                    place.widest.get(widest.as_slice())
                }
                Some(_) | None => place.wide.get(wide),
            };
            aliases.extend(same.into_iter().flatten().copied().filter(|child| Some(*child) != next));
        }
        let entered = next.as_ref().and_then(node).filter(|node| node.volume);
        if let Some(volume) = entered {
            (self.exact, self.wide) = (volume.rule, volume.wide_rule);
        } else {
            let mut likely: Option<NameRule> = None;
            for volume in aliases.iter().filter_map(node).filter(|node| node.volume) {
                self.exact = self.exact.join(volume.rule);
                self.wide = self.wide.join(volume.wide_rule);
                likely = likely
                    .filter(|rule| rule.wide_form() < volume.wide_rule.wide_form())
                    .or(Some(volume.wide_rule));
            }
            if let Some(rule) = likely {
                self.contested |= self.wide.wide_form() != rule.wide_form();
                if self.trusting.is_some() {
                    self.wide = rule;
                }
            }
        }
        (self.at, self.aliases) = (next, aliases);
    }
}

/// Appends the two keys of the component that stands for a drive or share; `false` for a root that has none.
///
/// A share's name ignores ASCII case by the protocol, so its exact key does, too.
pub(crate) fn root_component(root: RootRef<'_>, exact: &mut impl Bytes, wide: &mut impl Bytes) -> bool {
    match root {
        RootRef::Posix | RootRef::Namespace => false,
        RootRef::Drive(letter) => {
            let drive = drive_component(letter);
            exact.put(&drive);
            wide.put(&drive);
            true
        }
        RootRef::Unc { host, share } => {
            fn put_lower(key: &mut impl Bytes, text: &[u8]) {
                if !key.put_lower(text) {
                    for byte in text {
                        key.put(&[byte.to_ascii_lowercase()]);
                    }
                }
            }
            fn put_host(key: &mut impl Bytes, host: &[u8]) {
                key.put(br"\\");
                put_lower(key, host);
                key.put(br"\");
            }
            put_host(exact, host);
            put_host(wide, host);
            put_lower(exact, share);
            wide_share(share, wide);
            true
        }
    }
}

const fn drive_component(letter: u8) -> [u8; 2] {
    [letter.to_ascii_uppercase(), b':']
}

/// Appends the wide key of a share's name. It belongs to a server, so nothing is known of how it compares names.
pub(crate) fn wide_share(share: &[u8], wide: &mut impl Bytes) {
    fold::widest(Os::Windows, share, wide);
}

/// May this component be the short (8.3) name of any other one in its directory (N-5)? No key can say of which.
pub(crate) fn may_be_short_name(os: Os, raw: &[u8]) -> bool {
    match os {
        Os::Linux | Os::Macos => false,
        Os::Windows => windows::is_short_name_form(raw),
    }
}

/// May a place contain another one, if a name that may be a short one stands for any name (N-5)? Each with its names as
/// they were written, below its drive or share.
pub(crate) fn may_contain_by_short_names<'o, 'i>(
    os: Os,
    (outer, above): (&Keys, impl Iterator<Item = &'o [u8]> + Clone),
    (inner, below): (&Keys, impl Iterator<Item = &'i [u8]> + Clone),
) -> bool {
    if os != Os::Windows {
        return false;
    }
    let short = |name: Option<&[u8]>| name.is_some_and(|name| may_be_short_name(os, name));
    let leads = |outer: &Key, inner: &Key| {
        // The first component is the drive or share, which is no name.
        let mut above = std::iter::once(None).chain(above.clone().map(Some));
        let mut below = std::iter::once(None).chain(below.clone().map(Some));
        let mut inner = inner.components();
        outer.components().all(|name| {
            let is_short = short(above.next().flatten()) | short(below.next().flatten());
            inner.next().is_some_and(|other| is_short || name == other)
        })
    };
    outer.wides().any(|outer| inner.wides().any(|inner| leads(outer, inner)))
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
