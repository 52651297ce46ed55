//! Deciding with a look at where the queried path leads (O-3, O-4): the name that is asked about and the place behind
//! it must both be allowed, and so must every other name of an object on the way that the policy knows.

use super::{Access, Answer, Cause, Decision, Verdict, Via};
use crate::native;
use crate::native::path::NativePath;
use crate::observe::FsView;
use crate::observe::walk::Walker;
use crate::observe::walked::{State, Walked, Why};
use crate::policy::{BoundPolicy, Inner};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Why it is not known where a path leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unseen {
    /// No [`NativePath`] can say it, so nobody can be asked.
    Name,
    /// The view is one of another OS.
    OtherOs,
    /// The file system gave no answer, or it must not be asked.
    Unreadable,
    /// Links lead round in a circle.
    Loop,
}

impl Unseen {
    /// Every reason.
    #[cfg(test)]
    const ALL: [Self; 4] = [Self::Name, Self::OtherOs, Self::Unreadable, Self::Loop];

    /// The stable word, one of those of [`Decision::query_fault`].
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Name => "unseen_name",
            Self::OtherOs => "unseen_other_os",
            Self::Unreadable => "unseen_unreadable",
            Self::Loop => "unseen_loop",
        }
    }

    pub(super) const fn sentence(self) -> &'static str {
        match self {
            Self::Name => {
                "the file system cannot be asked about this name, so it is not known where it leads"
            }
            Self::OtherOs => "the file system is one of another operating system than the policy's",
            Self::Unreadable => "the file system does not tell where the path leads",
            Self::Loop => "the path leads through links that go round in a circle",
        }
    }
}

impl BoundPolicy {
    /// Decides on a path and on the place to which it really leads, as the file system says now: what is asked for
    /// must be allowed under both names, and under every name that the policy knows for an object on the way.
    ///
    /// Stricter than [`decide`](Self::decide) and never wider. Where it cannot be known where the path leads, the
    /// answer is no, by the rule O-2. What a policy is asked can change right after; only a handle that is held
    /// settles it.
    pub fn decide_observed<'a>(
        &'a self,
        path: &'a (impl AsRef<[u8]> + ?Sized),
        access: Access,
        view: &dyn FsView,
    ) -> Decision<'a> {
        let path = path.as_ref();
        let verdict = self.0.decide_observed(path, access, view);
        Decision { policy: &self.0, path: Cow::Borrowed(path), access, verdict }
    }

    /// Answers one query as JSON, as [`decide_json`](Self::decide_json) does, with a look at the file system.
    ///
    /// # Errors
    /// A document that is no query.
    pub fn decide_json_observed(
        &self,
        bytes: &[u8],
        view: &dyn FsView,
    ) -> Result<Decision<'_>, crate::error::Refusals> {
        let decision = self.decide_json(bytes)?;
        let verdict = self.0.decide_observed(&decision.path, decision.access, view);
        Ok(Decision { verdict, ..decision })
    }
}

fn unseen(why: Unseen) -> Verdict {
    Verdict::new(Answer::Deny, Cause::Unseen(why), Via::None)
}

impl Inner {
    fn decide_observed(&self, path: &[u8], access: Access, view: &dyn FsView) -> Verdict {
        let written = self.decide(path, access);
        if written.answer == Answer::Deny {
            return written;
        }
        let os = self.facts.os;
        if view.os() != os {
            return unseen(Unseen::OtherOs);
        }
        let query = std::str::from_utf8(path).ok().and_then(|text| NativePath::parse(os, text).ok());
        let Some(query) = query else { return unseen(Unseen::Name) };
        // A policy that was bound by text alone allows no share to be asked about.
        let hosts: BTreeSet<String> =
            self.facts.observations.iter().flat_map(|seen| seen.hosts.iter().cloned()).collect();
        let mut walker = Walker::new(view, &hosts);
        let found = walker.walk(&query);
        match &found.state {
            State::Exists { .. }
            | State::Missing { .. }
            | State::Dangling { .. }
            | State::NotADirectory { .. } => {}
            State::Unreadable { why: Why::Mirror, .. } if found.links.is_empty() => {
                return self.behind_mirror(&query, written, access, view);
            }
            State::Unreadable { .. } => return unseen(Unseen::Unreadable),
            State::Loop { .. } => return unseen(Unseen::Loop),
        }
        let mut verdict = written;
        if found.real != query {
            let real = self.at(&found.real, access, &found);
            verdict = verdict.stricter(real);
        }
        if verdict.answer != Answer::Deny {
            if let Some(denied) = self.under_other_names(&mut walker, &found, access) {
                verdict = denied;
            }
        }
        verdict
    }

    /// What a mirror shows that shows the whole tree again can be looked at (N-7). All else of that kind is judged by its
    /// name alone: what it shows depends on who asks.
    fn behind_mirror(
        &self,
        query: &NativePath,
        written: Verdict,
        access: Access,
        view: &dyn FsView,
    ) -> Verdict {
        let Some(shown) = native::shown(query) else { return written };
        let mut there = self.decide_observed(shown.as_str().as_bytes(), access, view);
        there.name.get_or_insert_with(|| shown.as_str().as_bytes().to_vec());
        written.stricter(there)
    }

    /// The verdict on another name of what was asked about.
    fn at(&self, place: &NativePath, access: Access, walked: &Walked) -> Verdict {
        let mut verdict = self.decide(place.as_str().as_bytes(), access);
        if verdict.via == Via::Exact {
            verdict.via = Via::Alias;
        }
        if verdict.alias.is_none() {
            verdict.alias = walked.links.first().map(|link| link.at.as_str().to_owned());
        }
        verdict.name.get_or_insert_with(|| place.as_str().as_bytes().to_vec());
        verdict
    }

    /// What the policy says under another name of an object on the way, if that takes away: one file has as many
    /// names as it has spellings, mounts and hard links, and only its identity tells.
    fn under_other_names(&self, walker: &mut Walker<'_>, found: &Walked, access: Access) -> Option<Verdict> {
        let real = &found.real;
        let mut chain = walker.chain(real);
        if let Some(identity) = found.identity() {
            if chain.last().is_none_or(|(at, _)| at != real) {
                chain.push((real.clone(), identity.clone()));
            }
        }
        for (above, identity) in chain {
            for other in self.objects.get(&identity).into_iter().flatten().filter(|other| **other != above) {
                let Ok(name) = other.join_segments(real.segments().skip(above.depth())) else { continue };
                let mut verdict = self.decide(name.as_str().as_bytes(), access);
                let takes_away =
                    matches!(verdict.cause, Cause::Rule(_) | Cause::Pattern(_) | Cause::Protected(_));
                if verdict.answer == Answer::Deny && takes_away {
                    verdict.alias = Some(above.as_str().to_owned());
                    verdict.name = Some(name.as_str().as_bytes().to_vec());
                    if verdict.via == Via::Exact {
                        verdict.via = Via::Alias;
                    }
                    return Some(verdict);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::Unseen;
    use std::collections::BTreeSet;

    #[test]
    fn every_reason_has_a_word_and_a_sentence_of_its_own() {
        let words: BTreeSet<_> = Unseen::ALL.iter().map(|unseen| unseen.word()).collect();
        let sentences: BTreeSet<_> = Unseen::ALL.iter().map(|unseen| unseen.sentence()).collect();
        assert_eq!((words.len(), sentences.len()), (Unseen::ALL.len(), Unseen::ALL.len()));
        assert!(words.iter().all(|word| word.starts_with("unseen_")));
    }
}
