//! What an intent may come to, below, at and above each bound: with small bounds where the real one takes half a
//! gigabyte, which `benches/core` measures.

use super::{Binder, Binding, Bounds};
use crate::executor::Executor;
use crate::intent::limits;
use crate::native::Os;
use crate::observe::{FsView, RecordedFs};
use crate::policy::BoundPolicy;

const FACTS: &str = r#"{"id":"l","os":"linux","workspace_roots":[
    {"id":"a","path":"/w/a"},{"id":"b","path":"/w/b"},{"id":"c","path":"/w/c"}]}"#;

fn intent(entries: &[String]) -> String {
    let entries = entries.join(",");
    format!(
        r#"{{"permissions":{{"type":"managed","network":"restricted","file_system":{{"type":"restricted","entries":[{entries}]}}}}}}"#
    )
}

fn entry(path: &str, access: &str) -> String {
    format!(r#"{{"path":"{path}","access":"{access}"}}"#)
}

fn pattern(glob: &str) -> String {
    format!(r#"{{"path":{{"glob":"{glob}"}},"access":"deny"}}"#)
}

/// The codes with which entries are refused under these bounds; none if they are bound.
fn codes(bounds: Bounds, entries: &[String], view: Option<&dyn FsView>) -> Vec<&'static str> {
    let executor = Executor::from_json(FACTS.as_bytes()).unwrap();
    let binder = Binder { executor: &executor, view, bounds };
    let refusals = binder.bind_json(intent(entries).as_bytes()).err();
    refusals.iter().flat_map(|refusals| refusals.iter()).map(|refusal| refusal.code().as_str()).collect()
}

fn policy(entries: &[String]) -> BoundPolicy {
    let executor = Executor::from_json(FACTS.as_bytes()).unwrap();
    match Binder::new(&executor).bind_json(intent(entries).as_bytes()) {
        Ok(Binding::Restricted(policy)) => policy,
        other => panic!("{other:?}"),
    }
}

#[test]
fn entries_times_roots_may_be_as_many_places_as_the_bound_says() {
    let mut entries: Vec<String> = (0..4).map(|n| entry(&format!(":workspace_roots/{n}"), "read")).collect();
    for (literal, count) in [("file:///x", 13), ("file:///y", 14)] {
        entries.push(entry(literal, "deny"));
        for (places, refused) in [(count - 1, true), (count, false), (count + 1, false)] {
            let wanted: &[&str] = if refused { &["too_many_places"] } else { &[] };
            assert_eq!(
                codes(Bounds { places, ..Bounds::USUAL }, &entries, None),
                wanted,
                "{count} of {places}"
            );
        }
    }
    // Patterns are places, too.
    entries.push(pattern(":workspace_roots/*.key"));
    assert_eq!(codes(Bounds { places: 17, ..Bounds::USUAL }, &entries, None), [""; 0]);
    assert_eq!(codes(Bounds { places: 16, ..Bounds::USUAL }, &entries, None), ["too_many_places"]);
}

/// The smallest bound under which entries are bound.
fn bytes_of(entries: &[String]) -> usize {
    let fits = |place_bytes| codes(Bounds { place_bytes, ..Bounds::USUAL }, entries, None).is_empty();
    let (mut below, mut at) = (0, 1 << 20);
    assert!(fits(at) && !fits(below));
    while at - below > 1 {
        let middle = usize::midpoint(below, at);
        if fits(middle) { at = middle } else { below = middle }
    }
    assert_eq!(codes(Bounds { place_bytes: below, ..Bounds::USUAL }, entries, None), ["too_many_places"]);
    assert!(fits(at + 1));
    at
}

#[test]
fn places_may_have_as_much_text_as_the_bound_says() {
    let one = |name: &str| entry(&format!(":workspace_roots/{name}"), "read");
    let (short, long) = (bytes_of(&[one("n")]), bytes_of(&[one(&"n".repeat(101))]));
    // Three places, each told as written, as bound and in two steps; every byte of a name counts each time.
    assert_eq!(short, bytes_of(&[one("m")]));
    assert_eq!((long - short) % (3 * 100), 0, "{short} {long}");
    assert!(long - short >= 2 * 3 * 100, "{short} {long}");
    assert_eq!(bytes_of(&[one("n"), one("m")]), 2 * short);
    // Of two texts as long, the one with a name more counts that name, too.
    assert_eq!(bytes_of(&[one("n/n")]) - bytes_of(&[one("nnn")]), 3 * 48);
    // A policy holds at least that, and no text that is not counted but the audit's own words.
    let text: usize =
        policy(&[one("n")]).rules().iter().map(|rule| 2 * rule.place.path().as_str().len()).sum();
    assert!(short >= text, "{short} {text}");
}

/// What the patterns of a policy cost, by base.
fn cost(policy: &BoundPolicy, base: &str) -> usize {
    let patterns = policy.deny_patterns().iter().filter(|pattern| pattern.base().path().as_str() == base);
    patterns.map(|pattern| pattern.tail.as_ref().unwrap().cost()).sum()
}

#[test]
fn patterns_above_one_path_may_cost_as_much_as_the_bound_says() {
    let entries = [
        pattern("/d/**/?*x?y"),
        pattern("/d/e/{a?,b*c}*[0-9]/z?"),
        pattern("/d/e/f/*?*?*.key"),
        // Beside the others: no path lies below both.
        pattern("/g/?a?b"),
    ];
    let policy = policy(&entries);
    let above: usize = ["/d", "/d/e", "/d/e/f"].iter().map(|base| cost(&policy, base)).sum();
    assert!(cost(&policy, "/g") > 1);
    for (pattern_cost, refused) in [(above - 1, true), (above, false), (above + 1, false)] {
        let wanted: &[&str] = if refused { &["pattern_too_complex"] } else { &[] };
        assert_eq!(codes(Bounds { pattern_cost, ..Bounds::USUAL }, &entries, None), wanted);
    }
}

/// The same at the bound that is in force: patterns of four kilobytes, and two that fill up to the last step.
#[test]
fn patterns_may_cost_as_much_as_the_limit_says() {
    // No two are alike, or they were one pattern.
    let name = |n: usize| char::from(b'a' + u8::try_from(n).unwrap());
    let large = |n: usize| pattern(&format!("/d/?{}{}", "{?,*a}".repeat(600), name(n)));
    // Each `?b` takes five steps, each `c` one; the group keeps it from being matched in a quicker way.
    let filler = |n: usize, steps: usize| {
        pattern(&format!("/d/{{?x,*{}}}{}{}*", name(n), "?b".repeat(steps / 5), "c".repeat(steps % 5)))
    };
    let entries: Vec<String> = (0..26).map(large).collect();
    let (one, least) = (cost(&policy(&[large(0)]), "/d"), cost(&policy(&[filler(0, 0)]), "/d"));
    assert_eq!(cost(&policy(&[filler(0, 37)]), "/d"), least + 37);
    let count = (limits::MAX_PATTERN_COST - 2 * least) / one;
    let left = limits::MAX_PATTERN_COST - count * one - 2 * least;
    assert!(count > 4 && left < 10_000, "{count} {left}");
    for (steps, refused) in [(left - 1, false), (left, false), (left + 1, true)] {
        let fill = [filler(0, steps / 2), filler(1, steps - steps / 2)];
        let all = [&entries[..count], &fill].concat();
        let wanted: &[&str] = if refused { &["pattern_too_complex"] } else { &[] };
        assert_eq!(codes(Bounds::USUAL, &all, None), wanted, "{steps} of {left}");
    }
}

/// Denials that are repeated under the other name of a tree count as places, too.
#[test]
fn twins_may_be_as_many_as_the_bound_says() {
    let fs = RecordedFs::builder(Os::Linux)
        .complete()
        .dir("/a")
        .dir("/a/x")
        .dir("/b")
        .dir("/b/x")
        .identity("/a", "v", "1")
        .identity("/b", "v", "1")
        .identity("/a/x", "v", "2")
        .identity("/b/x", "v", "2")
        .build()
        .unwrap();
    let entries = [entry("file:///a", "write"), entry("file:///b", "write"), entry("file:///a/x", "deny")];
    for (places, refused) in [(3, true), (4, false), (5, false)] {
        let wanted: &[&str] = if refused { &["too_many_places"] } else { &[] };
        assert_eq!(codes(Bounds { places, ..Bounds::USUAL }, &entries, Some(&fs)), wanted, "{places}");
    }
}
