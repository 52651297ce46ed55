//! Reads a plan as whoever mounts would act on it: one step after the other, the last that covers a path wins.

use crate::support::{Failure, Outcome, fail, parse};
use bindery::{
    Access, BoundPolicy, CaseRule, Key, NativePath, NormRule, Os, PlanOp, PlanStep, Scope, Volume, Volumes,
};
use serde_json::Value;
use std::collections::BTreeSet;

/// What may be done at a path: read, write.
type Level = (bool, bool);

/// A policy with what reading its plan needs.
struct Reader<'p> {
    policy: &'p BoundPolicy,
    volumes: Volumes,
    /// The builder adds readable places that the policy does not know.
    adds_defaults: bool,
    /// A protected name is one by its letters only, whatever is known of the volume.
    by_letters: bool,
}

impl<'p> Reader<'p> {
    fn new(policy: &'p BoundPolicy) -> Outcome<Self> {
        let document: Value = parse(policy.to_json().as_bytes(), "a printed policy")?;
        let mut volumes = Vec::new();
        for volume in document.get("volumes").and_then(Value::as_array).into_iter().flatten() {
            let path = volume["path"].as_str().unwrap_or_default();
            let path = NativePath::parse(policy.os(), path).map_err(|fault| Failure(fault.to_string()))?;
            let case = match volume["case"].as_str() {
                Some("sensitive") => CaseRule::Sensitive,
                Some("insensitive") => CaseRule::Insensitive,
                _ => CaseRule::Unknown,
            };
            let normalization = match volume["normalization"].as_str() {
                Some("preserving") => NormRule::Preserving,
                Some("insensitive") => NormRule::Insensitive,
                _ => NormRule::Unknown,
            };
            volumes.push(Volume { path, case, normalization });
        }
        Ok(Self {
            policy,
            volumes: Volumes::new(policy.os(), volumes),
            adds_defaults: policy.platform_defaults()
                && document.get("minimal_known") == Some(&Value::Bool(false)),
            by_letters: false,
        })
    }

    /// What a step says at a path, if it covers it. Keys are made once: every path meets every step many times.
    fn covers(step: &Step<'_>, path: &Probe) -> bool {
        match step.step.scope() {
            Scope::Tree => step.place.contains(&path.key),
            Scope::File => step.place == path.key,
        }
    }

    /// Is one of these components a name of the step?
    fn is_name<'s>(
        &self,
        step: &PlanStep,
        path: &NativePath,
        mut components: impl Iterator<Item = &'s str>,
    ) -> bool {
        let exactly = self.by_letters || self.volumes.rule_at(path).0 == CaseRule::Sensitive;
        components.any(|component| {
            step.names()
                .iter()
                .any(|name| name == component || !exactly && name.eq_ignore_ascii_case(component))
        })
    }

    fn read<'s, 'q: 's>(&self, steps: impl Iterator<Item = &'s Step<'q>>, probe: &Probe) -> Outcome<Level> {
        let mut level = (self.adds_defaults, false);
        let path = &probe.path;
        for step in steps.filter(|step| Self::covers(step, probe)).map(|step| step.step) {
            let depth = step.place().resolved().depth();
            match step.op() {
                PlanOp::ReadOnly => level = (true, false),
                PlanOp::ReadWrite => level = (true, true),
                PlanOp::Mask => level = (false, false),
                PlanOp::Protect => level.1 = false,
                PlanOp::ProtectEachDrive => level.1 &= !self.is_name(step, path, path.segments().take(1)),
                PlanOp::ProtectAnyDepth => level.1 &= !self.is_name(step, path, path.segments().skip(depth)),
                PlanOp::DenyPattern => {
                    if matches(step, path.segments().skip(depth), self.policy.os()) {
                        level = (false, false);
                    }
                }
                _ => return fail(format!("{} is a step that this test does not know", step.op().as_str())),
            }
        }
        Ok(level)
    }

    /// Paths at which a plan may show a difference: at, below and beside the place of each step.
    fn probes(&self) -> Vec<Probe> {
        let mut out = BTreeSet::new();
        let protected: Vec<&str> = self.policy.protected_names().names().collect();
        for step in self.policy.plan() {
            let place = step.place().resolved();
            let mut bases = vec![place.clone()];
            // The Windows namespace has no names of its own.
            if place.is_root() && self.policy.os() == Os::Windows {
                bases.extend(NativePath::drive('Q'));
            }
            for base in bases {
                let names = protected.iter().map(|name| vec![*name]);
                let deep = protected.iter().map(|name| vec!["zz", *name]);
                for below in [vec![], vec!["zz"], vec!["zz", "zz"]].into_iter().chain(names).chain(deep) {
                    out.extend(join(&base, below.into_iter()));
                }
                for sample in samples(step.tail().unwrap_or_default(), self.policy.os()) {
                    out.extend(join(&base, sample.split('/').filter(|name| !name.is_empty())));
                }
            }
        }
        out.into_iter().map(|path| Probe { key: self.volumes.keys(&path).exact, path }).collect()
    }

    fn steps(&self) -> Vec<Step<'p>> {
        let keyed = |step| Step { step, place: self.volumes.keys(step.place().resolved()).exact };
        self.policy.plan().iter().map(keyed).collect()
    }
}

/// A path with its exact key.
struct Probe {
    path: NativePath,
    key: Key,
}

/// A step with the exact key of its place.
struct Step<'p> {
    step: &'p PlanStep,
    place: Key,
}

fn join<'s>(base: &NativePath, mut below: impl Iterator<Item = &'s str>) -> Option<NativePath> {
    below.try_fold(base.clone(), |path, name| path.join_segment(name).ok())
}

/// Does the step's pattern match one of the places from its base down to the path?
fn matches<'s>(step: &PlanStep, below: impl Iterator<Item = &'s str>, os: Os) -> bool {
    let below: Vec<&str> = below.collect();
    alternatives(step.tail().unwrap_or_default(), os).iter().any(|tail| {
        let tail: Vec<&str> = tail.split('/').collect();
        (1..=below.len()).any(|depth| below.get(..depth).is_some_and(|names| match_names(&tail, names, os)))
    })
}

fn match_names(tail: &[&str], names: &[&str], os: Os) -> bool {
    match (tail.split_first(), names.split_first()) {
        (None, None) => true,
        (Some((&"**", tail)), None) => match_names(tail, names, os),
        (Some((&"**", below)), Some((_, rest))) => {
            match_names(below, names, os) || match_names(tail, rest, os)
        }
        (Some((name, tail)), Some((found, names))) => {
            match_name(name, found, os) && match_names(tail, names, os)
        }
        (None, Some(_)) | (Some(_), None) => false,
    }
}

fn match_name(pattern: &str, name: &str, os: Os) -> bool {
    let (mut rest, mut found) = (pattern.chars(), name.chars());
    match rest.next() {
        None => name.is_empty(),
        Some('*') => {
            match_name(rest.as_str(), name, os)
                || found.next().is_some() && match_name(pattern, found.as_str(), os)
        }
        Some(c) => {
            let Some(next) = found.next() else { return false };
            let fits = match c {
                '?' => true,
                '[' => in_class(&mut rest, next, os),
                '\\' if os != Os::Windows => rest.next() == Some(next),
                c => c == next,
            };
            fits && match_name(rest.as_str(), found.as_str(), os)
        }
    }
}

/// Reads a class up to its end: does it hold the character?
fn in_class(class: &mut std::str::Chars<'_>, found: char, os: Os) -> bool {
    let negated = class.as_str().starts_with(['!', '^']);
    if negated {
        class.next();
    }
    let (mut holds, mut first) = (false, true);
    while let Some(c) = class.next() {
        if c == ']' && !first {
            break;
        }
        first = false;
        let escapes = |c: char, class: &mut std::str::Chars<'_>| {
            if c == '\\' && os != Os::Windows { class.next().unwrap_or(c) } else { c }
        };
        let low = escapes(c, class);
        let mut ahead = class.clone();
        let high = match (ahead.next(), ahead.next()) {
            (Some('-'), Some(high)) if high != ']' => {
                *class = ahead;
                escapes(high, class)
            }
            _ => low,
        };
        holds |= (low..=high).contains(&found);
    }
    holds != negated
}

/// A tail without its braces: every text that they stand for.
fn alternatives(tail: &str, os: Os) -> Vec<String> {
    let (mut open, mut from, mut escaped, mut class) = (0_usize, Vec::new(), false, false);
    let (mut start, mut end) = (None, None);
    for (at, c) in tail.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if os != Os::Windows => escaped = true,
            ']' => class = false,
            _ if class => {}
            '[' => class = true,
            '{' => {
                open += 1;
                if open == 1 {
                    start = Some(at);
                    from.push(at + 1);
                }
            }
            ',' if open == 1 => from.push(at + 1),
            '}' if open == 1 => {
                end = Some(at);
                break;
            }
            '}' => open -= 1,
            _ => {}
        }
    }
    let (Some(start), Some(end)) = (start, end) else { return vec![tail.to_owned()] };
    let ends = from.iter().skip(1).map(|next| next - 1).chain([end]);
    let part = |from: usize, to: usize| tail.get(from..to).unwrap_or_default();
    let each = from.iter().zip(ends).map(|(from, to)| part(*from, to));
    each.flat_map(|one| alternatives(&format!("{}{one}{}", part(0, start), part(end + 1, tail.len())), os))
        .collect()
}

/// Some texts that a tail matches, with nothing and with something for `**`.
fn samples(tail: &str, os: Os) -> Vec<String> {
    let mut out = Vec::new();
    for tail in alternatives(tail, os) {
        for many in ["", "zz/"] {
            let tail = tail.replace("**/", many);
            let (mut text, mut chars) = (String::new(), tail.chars());
            while let Some(c) = chars.next() {
                match c {
                    '\\' if os != Os::Windows => text.extend(chars.next()),
                    '[' => {
                        let class = chars.clone();
                        let fits = |c: &char| in_class(&mut class.clone(), *c, os);
                        text.extend(('0'..='z').chain([']', '-', '!', 'ä']).find(fits));
                        in_class(&mut chars, 'z', os);
                    }
                    '*' | '?' => text.push('z'),
                    c => text.push(c),
                }
            }
            out.push(text);
        }
    }
    out
}

/// The most steps that are left out one by one. A larger plan has more steps, not others.
const MAX_STEPS: usize = 300;
/// The most alternatives of a pattern that are written out. One with more shows what a matcher bears, not plans.
const MAX_COMMAS: usize = 16;

/// What is wrong with the plan of a policy (B-4): where it says another thing than decisions, and the steps without
/// which it would say the same.
pub(crate) fn faults(policy: &BoundPolicy) -> Outcome<Vec<String>> {
    let commas = |step: &PlanStep| step.tail().unwrap_or_default().matches(',').count();
    if policy.plan().len() > MAX_STEPS || policy.plan().iter().any(|step| commas(step) > MAX_COMMAS) {
        return Ok(Vec::new());
    }
    let reader = Reader::new(policy)?;
    // What a builder adds may be little: a step that only shows without it is needed too.
    let mut bare = Reader::new(policy)?;
    bare.adds_defaults = false;
    // A builder may know the names by their letters only.
    let mut literal = Reader::new(policy)?;
    literal.by_letters = true;
    let (plan, probes) = (reader.steps(), reader.probes());
    let mut out = Vec::new();
    // A list of literal paths cannot say what a volume of unknown rules takes for one name, what the builder adds, or
    // where links that were seen lead.
    let unknown = policy.residual_risks().iter().any(|risk| risk.code() == "volume_rules_unknown");
    let compared = !unknown && !reader.adds_defaults && !policy.is_observed();
    for probe in probes.iter().filter(|_| compared) {
        let (said, path) = (reader.read(plan.iter(), probe)?, &probe.path);
        let decided = (
            policy.decide(path.as_str(), Access::Read).is_allowed(),
            policy.decide(path.as_str(), Access::Write).is_allowed(),
        );
        if said != decided {
            out.push(format!("{path}: the plan says {said:?}, decisions {decided:?}"));
        }
    }
    for (at, Step { step, .. }) in plan.iter().enumerate() {
        // A pattern is expanded into what exists, so it does not stand in for a step that names a place; and into what
        // exists near its place, if it has a depth, so it does not stand in for another pattern.
        let counts = |other: &Step<'_>| {
            let bounded = other.step.depth().is_some() && !std::ptr::eq(other.step, *step);
            other.step.op() != PlanOp::DenyPattern || step.op() == PlanOp::DenyPattern && !bounded
        };
        let all = || plan.iter().filter(|step| counts(step));
        let others = || {
            plan.iter()
                .enumerate()
                .filter(|(n, _)| *n != at)
                .map(|(_, step)| step)
                .filter(|step| counts(step))
        };
        let mut needed = false;
        for path in &probes {
            needed = reader.read(all(), path)? != reader.read(others(), path)?
                || bare.read(all(), path)? != bare.read(others(), path)?
                || literal.read(all(), path)? != literal.read(others(), path)?;
            if needed {
                break;
            }
        }
        if !needed {
            let tail = step.tail().unwrap_or_default();
            out.push(format!("{} {} {tail} changes nothing", step.op().as_str(), step.place().path()));
        }
    }
    Ok(out)
}
