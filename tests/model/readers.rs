//! A policy's plan and root lists, read as whoever builds a sandbox from them reads them.

use crate::model::path::{Names, System, native, within};
use crate::model::pattern;
use bindery::{BoundPolicy, PlanOp, ProtectedScope};

fn inside(names: &Names, place: &str, path: &[String]) -> Option<usize> {
    let place = names.keys(&native(names.system, place)?).exact;
    within(&place, &names.keys(path).exact).then_some(place.len())
}

/// Whether a pattern denies the path, read from what the policy says about it.
fn by_pattern(names: &Names, base: &str, tail: &str, path: &[String]) -> bool {
    let Some(depth) = inside(names, base, path) else { return false };
    let keys = names.keys(path);
    let [wide, _] = &keys.wide;
    let rest = wide.names.get(depth..).unwrap_or_default();
    let fold = |at: usize, text: &str| wide.fold(depth + at, text);
    if tail.is_empty() {
        return true;
    }
    pattern::parse(names.system, tail)
        .is_none_or(|tails| tails.iter().any(|tail| pattern::matches(names.system, tail, rest, &fold, 0)))
}

/// Reads the plan as a list of mounts: the last step that covers the path counts.
pub(crate) fn by_plan(policy: &BoundPolicy, names: &Names, path: &[String]) -> (bool, bool) {
    let (mut read, mut write) = (false, false);
    for step in policy.plan() {
        let place = step.place().path().as_str();
        let Some(depth) = inside(names, place, path) else { continue };
        match step.op() {
            PlanOp::ReadOnly => (read, write) = (true, false),
            PlanOp::ReadWrite => (read, write) = (true, true),
            PlanOp::Mask => (read, write) = (false, false),
            PlanOp::Protect => write = false,
            PlanOp::ProtectAnyDepth | PlanOp::ProtectEachDrive => {
                let [wide, _] = names.keys(path).wide;
                let (first, count) =
                    if step.op() == PlanOp::ProtectEachDrive { (1, 1) } else { (depth, usize::MAX) };
                let mut below = wide.names.iter().enumerate().skip(first).take(count);
                let protected = |(at, name): (usize, &String)| {
                    step.names().iter().any(|protected| wide.fold(at, protected) == *name)
                };
                write &= !below.any(protected);
            }
            PlanOp::DenyPattern => {
                let open = !by_pattern(names, place, step.tail().unwrap_or_default(), path);
                (read, write) = (read && open, write && open);
            }
            _ => {}
        }
    }
    (read, write)
}

/// Reads the root lists: the deepest place that covers the path counts.
pub(crate) fn by_lists(policy: &BoundPolicy, names: &Names, path: &[String]) -> (bool, bool) {
    let patterns = policy.deny_patterns().iter();
    let matches = |p: &bindery::DenyPattern| by_pattern(names, p.base().path().as_str(), p.tail(), path);
    if patterns.into_iter().any(matches) {
        return (false, false);
    }
    let deepest = |places: &mut dyn Iterator<Item = &bindery::Place>| {
        places.filter_map(|place| inside(names, place.path().as_str(), path)).max()
    };
    let roots = policy.writable_roots();
    let readable = deepest(&mut policy.readable_roots().iter());
    let writable = deepest(&mut roots.iter().map(bindery::WritableRoot::place));
    let denied = deepest(&mut policy.denied().iter());
    let read_only = deepest(&mut roots.iter().flat_map(bindery::WritableRoot::read_only));
    let masked = deepest(&mut roots.iter().flat_map(bindery::WritableRoot::denied));
    let denied = denied.max(masked);
    let read = readable.max(writable).max(read_only) > denied;
    let mut write = writable.is_some() && writable > denied && writable > read_only && writable >= readable;
    let [wide, _] = names.keys(path).wide;
    for root in roots {
        let Some(depth) = inside(names, root.place().path().as_str(), path) else { continue };
        let top = if names.system == System::Windows { depth.max(1) } else { depth };
        let any_depth = policy.protected_names().scope() == ProtectedScope::AnyDepth;
        let last = if any_depth { wide.names.len() } else { wide.names.len().min(top + 1) };
        for at in top..last {
            let protected =
                root.protected_names().iter().any(|name| Some(&wide.fold(at, name)) == wide.names.get(at));
            // Opened by a writable place at the name or below it.
            write &= !(protected && writable <= Some(at));
        }
    }
    (read, write)
}
