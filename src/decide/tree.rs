//! What is not allowed below a path whose own answer is allow (D-7).

use super::Access;
use crate::executor::ProtectedScope;
use crate::policy::Inner;
use crate::policy::index::{Below, Found};
use std::collections::BTreeSet;

/// The places, protected names and patterns below the end of a walk that are denied what is asked for, sorted.
pub(super) fn under(policy: &Inner, found: &Found, access: Access) -> Vec<String> {
    let mut under: BTreeSet<String> = BTreeSet::new();
    let place = |rule: u32| policy.facts.rules.get(rule as usize).map(|rule| rule.place.path().as_str());
    let pattern = |id: usize| pattern(policy, id);
    under.extend(pending(policy, found));
    for Below { top, winner, inherited, writable, patterns, explicit, .. } in policy.index.below(&found.end) {
        let open = inherited.is_none_or(|access_above| access.is_met_by(access_above));
        if let Some((rule, own)) = winner {
            if open && !access.is_met_by(own) && !top {
                under.extend(place(rule).map(str::to_owned));
                continue;
            }
        }
        if !open && winner.is_none() {
            continue;
        }
        under.extend(patterns.into_iter().filter_map(pattern));
        if !access.is_write() {
            continue;
        }
        let Some(base) = writable.and_then(place) else { continue };
        match policy.index.protected_scope() {
            ProtectedScope::Root => {
                let names = policy.index.protected_names().iter().filter(|name| !explicit.contains(name));
                under.extend(names.map(|name| joined(policy, base, name)));
            }
            ProtectedScope::AnyDepth => {}
        }
    }
    if access.is_write() && policy.index.protected_scope() == ProtectedScope::AnyDepth {
        under.extend(policy.index.protected_names().iter().map(|name| joined(policy, "**", name)));
    }
    under.into_iter().collect()
}

/// The patterns that lie above the end of a walk and could match below it.
pub(super) fn pending<'a>(policy: &'a Inner, found: &'a Found) -> impl Iterator<Item = String> + 'a {
    found.pending.iter().filter_map(|id| pattern(policy, *id))
}

fn pattern(policy: &Inner, id: usize) -> Option<String> {
    let pattern = policy.facts.patterns.get(id)?;
    let base = pattern.base.path().as_str();
    Some(if pattern.tail.is_some() { joined(policy, base, pattern.tail()) } else { base.to_owned() })
}

fn joined(policy: &Inner, base: &str, tail: &str) -> String {
    let separator = policy.facts.os.separator();
    if base.ends_with(separator) { format!("{base}{tail}") } else { format!("{base}{separator}{tail}") }
}
