//! Laws of keys, tried on paths whose names have several spellings, in volumes within volumes.

use super::*;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

/// Names, each with spellings that one volume or another holds for the same.
const NAMES: &[&[&str]] = &[
    &["secret", "SECRET", "Secret", "ſecret", "se\u{200C}cret"],
    &["é", "e\u{301}", "É", "E\u{301}"],
    &["straße", "strasse", "STRASSE", "STRAẞE"],
    &["k", "K", "\u{212A}"],
    &["å", "Å", "\u{212B}", "a\u{30A}"],
    &[".git", ".GIT", ".g\u{200C}it", ".g\u{AD}it", "GIT~1"],
    &["테", "\u{1110}\u{1166}"],
    &["i", "I", "ı", "İ", "i\u{307}"],
    &["σ", "ς", "Σ"],
    &["\u{B5}", "μ", "Μ"],
    &["ა", "Ა", "Ⴀ", "ⴀ"],
    &["α\u{345}", "ᾳ", "αι", "ΑΙ"],
    &["𐐀", "𐐨"],
    &["a", "A"],
    &["b"],
];

/// What a query on Windows may add to a name.
const SUFFIXES: &[&str] = &["", "", "", ".", " . ", ":s", "::$DATA", ". :x"];

fn any_os() -> impl Strategy<Value = Os> {
    proptest::sample::select(Os::ALL.to_vec())
}

fn any_rule() -> impl Strategy<Value = NameRule> {
    let case = proptest::sample::select(vec![CaseRule::Sensitive, CaseRule::Insensitive, CaseRule::Unknown]);
    let norm = proptest::sample::select(vec![NormRule::Preserving, NormRule::Insensitive, NormRule::Unknown]);
    (case, norm).prop_map(|(case, normalization)| NameRule { case, normalization })
}

/// A name and which of its spellings. The first names come up more often, so that paths meet volumes.
fn spelling() -> impl Strategy<Value = (usize, usize)> {
    (prop_oneof![3 => 0..2_usize, 1 => 0..NAMES.len()], 0..8_usize)
}

fn spelled((name, spelling): (usize, usize)) -> &'static str {
    let spellings = NAMES[name];
    spellings[spelling % spellings.len()]
}

fn root(os: Os, which: usize) -> NativePath {
    match (os, which) {
        (Os::Linux | Os::Macos, _) | (_, 7) => NativePath::root(os),
        (Os::Windows, 0..=3) => NativePath::drive('c').unwrap(),
        (Os::Windows, 4) => NativePath::drive('D').unwrap(),
        (Os::Windows, 5) => NativePath::unc("h", "Share").unwrap(),
        (Os::Windows, _) => NativePath::unc("h", "sharE").unwrap(),
    }
}

fn build(os: Os, which: usize, names: &[(usize, usize)]) -> NativePath {
    let mut path = root(os, which);
    if path.kind() != RootKind::Namespace {
        for name in names {
            path = path.join_segment(spelled(*name)).unwrap();
        }
    }
    path
}

fn any_path(os: Os) -> impl Strategy<Value = NativePath> {
    (0..8_usize, proptest::collection::vec(spelling(), 0..5))
        .prop_map(move |(which, names)| build(os, which, &names))
}

/// Two paths that are often the same, by one key or another.
fn two_paths(os: Os) -> impl Strategy<Value = (NativePath, NativePath)> {
    let names = proptest::collection::vec((spelling(), 0..8_usize, any::<bool>()), 0..5);
    (0..8_usize, names, 0..3_usize, any_path(os)).prop_map(move |(which, names, related, other)| {
        let a: Vec<_> = names.iter().map(|(name, ..)| *name).collect();
        let b: Vec<_> =
            names.iter().map(|(name, other, same)| (name.0, if *same { name.1 } else { *other })).collect();
        let b = if related == 0 { other } else { build(os, which, &b) };
        (build(os, which, &a), b)
    })
}

fn any_volumes(os: Os) -> impl Strategy<Value = Vec<Volume>> {
    let names = proptest::collection::vec(spelling(), 0..4);
    proptest::collection::vec((0..8_usize, names, any_rule()), 0..6).prop_map(move |list| {
        let volume = |(which, names, rule): (usize, Vec<(usize, usize)>, NameRule)| Volume {
            path: build(os, which, &names),
            case: rule.case,
            normalization: rule.normalization,
        };
        list.into_iter().map(volume).collect()
    })
}

/// An OS, its volumes, and two paths.
fn scene() -> impl Strategy<Value = (Volumes, NativePath, NativePath)> {
    any_os().prop_flat_map(|os| {
        (any_volumes(os), two_paths(os)).prop_map(move |(volumes, (a, b))| (Volumes::new(os, volumes), a, b))
    })
}

fn hash(key: &Key) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(key)
}

/// The three keys of a walk over raw components, which the second walk must extend where the first one says so.
fn walked<'q>(
    volumes: &Volumes,
    root: RootRef<'_>,
    raw: &(impl Iterator<Item = &'q [u8]> + Clone),
) -> (Key, Key, Key) {
    let keys = |mut cursor: Cursor<'_>| {
        let (mut exact, mut wide) = (Vec::new(), Vec::new());
        let (mut exact_part, mut wide_part) = (Vec::new(), Vec::new());
        if root_component(root, &mut exact, &mut wide) {
            exact.push(END);
            wide.push(END);
        }
        for component in raw.clone() {
            exact_part.clear();
            wide_part.clear();
            let step = cursor.step(component, &mut exact_part, &mut wide_part);
            let mut wide_again = Vec::new();
            fold::wide(volumes.os, component, step, &mut wide_again);
            assert_eq!(wide_again, wide_part);
            exact.extend_from_slice(&exact_part);
            wide.extend_from_slice(&wide_part);
            exact.push(END);
            wide.push(END);
        }
        (Key(exact.into()), Key(wide.into()), cursor.is_contested())
    };
    let (exact, wide, contested) = keys(volumes.cursor(root));
    let (second_exact, alias, _) = keys(volumes.alias_cursor(root));
    assert_eq!(exact, second_exact);
    assert!(contested || alias == wide);
    (exact, wide, alias)
}

/// Three volumes, of which the last may lie in either of the others: the second walk meets others than the first, and
/// makes the same exact keys.
#[test]
fn the_second_walk_makes_the_exact_keys_of_the_first() {
    let path = |text: &str| NativePath::parse(Os::Linux, text).unwrap();
    let at = |text, case| Volume { path: path(text), case, normalization: NormRule::Preserving };
    let volumes = Volumes::new(
        Os::Linux,
        vec![
            at("/SECRET", CaseRule::Sensitive),
            at("/Secret/Secret", CaseRule::Insensitive),
            at("/SECRET/secret/secret", CaseRule::Unknown),
        ],
    );
    let asked = path("/Secret/Secret/secret/SECRET");
    walked(&volumes, asked.root_ref(), &asked.segments().map(str::as_bytes));
}

/// A way in which a real volume may compare names.
#[derive(Clone, Copy, Debug)]
enum Truth {
    Bytes,
    OldDecomposition,
    Decomposition,
    Pairs,
    OldDecompositionAndPairs,
    Everything,
}

impl Truth {
    /// What a volume may really do, given what is known of it.
    fn within(rule: NameRule) -> &'static [Self] {
        use Truth::{Bytes, Decomposition, Everything, OldDecomposition, OldDecompositionAndPairs, Pairs};
        match (rule.case, rule.normalization) {
            (CaseRule::Sensitive, NormRule::Preserving) => &[Bytes],
            (CaseRule::Sensitive, NormRule::Insensitive) => &[OldDecomposition, Decomposition],
            (CaseRule::Sensitive, NormRule::Unknown) => &[Bytes, OldDecomposition, Decomposition],
            (CaseRule::Insensitive, NormRule::Preserving) => &[Pairs],
            (CaseRule::Insensitive, NormRule::Insensitive) => &[OldDecompositionAndPairs, Everything],
            (CaseRule::Insensitive, NormRule::Unknown) => &[Pairs, OldDecompositionAndPairs, Everything],
            (CaseRule::Unknown, NormRule::Preserving) => &[Bytes, Pairs],
            (CaseRule::Unknown, NormRule::Insensitive) => {
                &[OldDecomposition, Decomposition, OldDecompositionAndPairs, Everything]
            }
            (CaseRule::Unknown, NormRule::Unknown) => {
                &[Bytes, OldDecomposition, Decomposition, Pairs, OldDecompositionAndPairs, Everything]
            }
        }
    }

    fn name(self, os: Os, name: &str) -> Vec<u8> {
        let mut out = Vec::new();
        let exact = |fold, decompose, out: &mut Vec<u8>| {
            fold::exact(name.as_bytes(), ExactForm { fold, decompose }, out);
        };
        match self {
            Self::Bytes => out.extend_from_slice(name.as_bytes()),
            Self::OldDecomposition => exact(false, true, &mut out),
            Self::Decomposition => fold::wide(os, name.as_bytes(), WideForm::Decomposed, &mut out),
            Self::Pairs => exact(true, false, &mut out),
            Self::OldDecompositionAndPairs => exact(true, true, &mut out),
            Self::Everything => fold::widest(os, name.as_bytes(), &mut out),
        }
        out
    }
}

/// A machine that the facts allow: how each volume really compares names. It knows which object a path is.
struct Machine {
    os: Os,
    top: Truth,
    /// The object that each volume's root is, and its truth.
    volumes: Vec<(Vec<Vec<u8>>, Truth)>,
}

impl Machine {
    /// `None` where two facts are about one object of this machine: then they say less than either.
    fn new(os: Os, mut volumes: Vec<Volume>, choices: &[prop::sample::Index]) -> Option<Self> {
        let truth = |rule, at: usize| *choices[at].get(Truth::within(rule));
        let mut new = Self { os, top: truth(NameRule::default(), 0), volumes: Vec::new() };
        volumes.sort_by_key(|volume| (volume.path.kind() != RootKind::Namespace, volume.path.depth()));
        for (at, volume) in volumes.iter().enumerate() {
            let object = new.object(&volume.path);
            if new.volumes.iter().any(|(other, _)| *other == object) {
                return None;
            }
            let rule = NameRule { case: volume.case, normalization: volume.normalization };
            new.volumes.push((object, truth(rule, at + 1)));
        }
        Some(new)
    }

    fn truth(&self, object: &[Vec<u8>]) -> Option<Truth> {
        self.volumes.iter().find(|(at, _)| at == object).map(|(_, truth)| *truth)
    }

    fn object(&self, path: &NativePath) -> Vec<Vec<u8>> {
        let mut object = Vec::new();
        let mut truth = self.truth(&object).unwrap_or(self.top);
        let (mut root, mut unused) = (Vec::new(), Vec::new());
        if root_component(path.root_ref(), &mut root, &mut unused) {
            object.push(root);
            truth = self.truth(&object).unwrap_or(truth);
        }
        for segment in path.segments() {
            object.push(truth.name(self.os, segment));
            truth = self.truth(&object).unwrap_or(truth);
        }
        object
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, rng_seed: RngSeed::Fixed(33), ..ProptestConfig::default() })]

    #[test]
    fn exact_key_is_an_equivalence_and_so_is_the_wide_key((volumes, a, b) in scene(), again in any::<bool>()) {
        let (x, y) = (volumes.keys(&a), volumes.keys(&b));
        let z = volumes.keys(if again { &a } else { &b });
        for (x, y, z) in [(&x.exact, &y.exact, &z.exact), (&x.wide, &y.wide, &z.wide)] {
            prop_assert!(x == x);
            prop_assert_eq!(x == y, y == x);
            prop_assert!(!(x == y && y == z) || x == z);
        }
        prop_assert!(a != b || x == y, "identical paths have identical keys");
        prop_assert_eq!(x.may_be(&y), y.may_be(&x));
        prop_assert!(x.may_be(&x));
    }

    #[test]
    fn exact_equal_implies_wide_equal((volumes, a, b) in scene()) {
        let (a, b) = (volumes.keys(&a), volumes.keys(&b));
        if a.exact == b.exact {
            prop_assert_eq!(&a.wide, &b.wide);
            prop_assert!(a.may_be(&b));
        }
        if a.exact.contains(&b.exact) {
            prop_assert!(a.wide.contains(&b.wide));
            prop_assert!(a.may_contain(&b));
        }
    }

    #[test]
    fn containment_is_a_partial_order((volumes, a, b) in scene(), cut in 0..5_usize) {
        let mut c = a.clone();
        for _ in 0..cut {
            c = c.parent().unwrap_or(c);
        }
        let (x, y, z) = (volumes.keys(&a), volumes.keys(&b), volumes.keys(&c));
        for (x, y, z) in [(&x.exact, &y.exact, &z.exact), (&x.wide, &y.wide, &z.wide)] {
            prop_assert!(x.contains(x));
            prop_assert!(!(x.contains(y) && y.contains(x)) || x == y);
            prop_assert!(!(z.contains(x) && x.contains(y)) || z.contains(y));
            prop_assert!(!(z.contains(y) && y.contains(x)) || z.contains(x));
            prop_assert!(z.contains(x), "a parent contains");
            prop_assert!(!x.contains(y) || (x.depth() <= y.depth() && x <= y));
            prop_assert_eq!(x.contains(y) && x.depth() == y.depth(), x == y);
            prop_assert_eq!(x.overlaps(y), y.overlaps(x));
        }
        prop_assert!(z.may_contain(&x));
        prop_assert_eq!(x.exact.depth(), x.wide.depth());
        prop_assert_eq!(x.exact.depth(), a.depth() + usize::from(matches!(a.kind(), RootKind::Drive | RootKind::Unc)));
    }

    #[test]
    fn hash_agrees_with_equality_and_so_does_order((volumes, a, b) in scene()) {
        let (a, b) = (volumes.keys(&a), volumes.keys(&b));
        for (a, b) in [(&a.exact, &b.exact), (&a.wide, &b.wide)] {
            prop_assert!(a != b || hash(a) == hash(b));
            prop_assert_eq!(a == b, a.cmp(b).is_eq());
            prop_assert_eq!(a.cmp(b), a.components().cmp(b.components()), "order is by components");
        }
    }

    /// A component's key, taken as a name in the same directory, has itself as its key.
    #[test]
    fn keys_are_idempotent((volumes, a, _) in scene(), suffix in proptest::sample::select(SUFFIXES)) {
        let mut cursor = volumes.cursor(a.root_ref());
        for segment in a.segments() {
            let raw = [segment, suffix].concat().into_bytes();
            let keys = |raw: &[u8]| {
                let (mut exact, mut wide) = (Vec::new(), Vec::new());
                cursor.clone().step(raw, &mut exact, &mut wide);
                (exact, wide)
            };
            let (exact, wide) = keys(&raw);
            prop_assert_eq!(&keys(&exact), &(exact.clone(), wide.clone()));
            prop_assert_eq!(&keys(&wide).1, &wide);
            cursor.step(segment.as_bytes(), &mut Vec::new(), &mut Vec::new());
        }
    }

    #[test]
    fn known_sensitive_volume_makes_wide_equal_exact(
        os in proptest::sample::select(vec![Os::Linux, Os::Macos]),
        mounts in proptest::collection::vec(proptest::collection::vec(spelling(), 0..4), 0..4),
        names in proptest::collection::vec(spelling(), 0..6),
        parent in any_rule(),
    ) {
        let volume = |path, rule: NameRule| Volume { path, case: rule.case, normalization: rule.normalization };
        let known = NameRule { case: CaseRule::Sensitive, normalization: NormRule::Preserving };
        let mut list: Vec<Volume> = mounts.iter().map(|names| volume(build(os, 0, names), known)).collect();
        list.push(volume(NativePath::root(os), known));
        let path = build(os, 0, &names);
        let keys = Volumes::new(os, list).keys(&path);
        prop_assert_eq!(&keys.exact, &keys.wide);
        prop_assert_eq!(&keys.alias, &None);
        // And within one such volume, whatever holds it.
        let top = build(os, 0, names.get(..1).unwrap_or_default());
        let volumes = Volumes::new(os, vec![volume(NativePath::root(os), parent), volume(top.clone(), known)]);
        if top.depth() == 1 {
            let (top, keys) = (volumes.keys(&top), volumes.keys(&path));
            prop_assert_eq!(keys.exact.0.strip_prefix(&*top.exact.0), keys.wide.0.strip_prefix(&*top.wide.0));
            prop_assert_eq!(&keys.alias, &None);
        }
    }

    #[test]
    fn cursor_and_keys_agree((volumes, a, _) in scene()) {
        let keys = volumes.keys(&a);
        let (exact, wide, alias) = walked(&volumes, a.root_ref(), &a.segments().map(str::as_bytes));
        prop_assert_eq!(&keys.exact, &exact);
        prop_assert_eq!(&keys.wide, &wide);
        prop_assert_eq!(keys.alias.as_ref().unwrap_or(&wide), &alias);
    }

    /// Any bytes can be walked, and a spelling from which Windows drops something shares a wide key with the rest.
    #[test]
    fn a_query_has_a_wide_key_of_what_it_opens(
        (volumes, a, _) in scene(),
        suffixes in proptest::collection::vec(proptest::sample::select(SUFFIXES), 5),
        junk in proptest::collection::vec(any::<u8>(), 0..6),
    ) {
        let segments: Vec<&[u8]> = a.segments().map(str::as_bytes).chain([junk.as_slice()]).collect();
        let (_, wide, alias) = walked(&volumes, a.root_ref(), &segments.iter().copied());
        if a.os() == Os::Windows {
            let raw: Vec<Vec<u8>> = segments
                .iter()
                .zip(suffixes.iter().cycle())
                .map(|(name, suffix)| [name, suffix.as_bytes()].concat())
                .collect();
            let (_, other_wide, other_alias) = walked(&volumes, a.root_ref(), &raw.iter().map(Vec::as_slice));
            prop_assert!([&wide, &alias].iter().any(|key| [&other_wide, &other_alias].contains(key)));
        }
    }

    #[test]
    fn the_order_of_the_facts_does_not_matter(
        (os, list, a, turn) in any_os().prop_flat_map(|os| (Just(os), any_volumes(os), any_path(os), 0..6_usize)),
    ) {
        let volumes = Volumes::new(os, list.clone());
        let mut turned = list;
        let len = turned.len();
        turned.rotate_left(if len == 0 { 0 } else { turn % len });
        turned.reverse();
        let turned = Volumes::new(os, turned);
        prop_assert_eq!(volumes.keys(&a), turned.keys(&a));
        prop_assert_eq!(volumes.rule_at(&a), turned.rule_at(&a));
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4000,
        rng_seed: RngSeed::Fixed(33),
        max_global_rejects: 100_000,
        ..ProptestConfig::default()
    })]

    /// On every machine that the facts allow: equal exact keys are one object, and one object has wide keys in
    /// common. This is what grants and denials rest on.
    #[test]
    fn exact_equal_paths_are_one_object_and_one_object_is_wide_equal(
        (os, list, (a, b)) in any_os().prop_flat_map(|os| (Just(os), any_volumes(os), two_paths(os))),
        choices in proptest::collection::vec(any::<prop::sample::Index>(), 7),
    ) {
        let machine = Machine::new(os, list.clone(), &choices);
        prop_assume!(machine.is_some());
        let machine = machine.unwrap();
        let volumes = Volumes::new(os, list);
        let same = machine.object(&a) == machine.object(&b);
        let (a, b) = (volumes.keys(&a), volumes.keys(&b));
        if a.exact == b.exact {
            prop_assert!(same, "granted although it is another object: {:?} {:?}", a, b);
        }
        if same {
            prop_assert!(a.may_be(&b), "not denied although it is the same object: {:?} {:?}", a, b);
        }
    }
}
