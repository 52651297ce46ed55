//! A second opinion: what an intent means on an executor, and what follows for a path, written from the rules
//! alone, without a look at the engine and without a line shared with it.
//!
//! It is slow and obvious on purpose: lists of names, linear scans, recursion. It binds by text, and with a recording
//! by what that tells (`observed.rs`); it reads documents that the engine accepts or refuses for reasons of meaning (not of JSON), and
//! knows a handful of characters beyond ASCII.

pub(crate) mod bind;
pub(crate) mod path;
pub(crate) mod pattern;

use path::{Keys, Mirror, Names, Path, System, Wide, within};
use pattern::Tail;
use serde_json::Value;

/// A field of an object; null where there is none.
pub(crate) fn at<'v>(value: &'v Value, field: &str) -> &'v Value {
    value.get(field).unwrap_or(&Value::Null)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Access {
    Read,
    Write,
    Deny,
}

/// An entry at one of its places.
pub(crate) struct Rule {
    pub(crate) access: Access,
    pub(crate) place: Path,
    /// Under every name that the place has: first where it really is.
    pub(crate) keys: Vec<Keys>,
    pub(crate) entry: usize,
    /// Says nothing about what lies below: a file that is granted, a link that must stay.
    pub(crate) alone: bool,
}

/// A deny pattern at one of its bases.
pub(crate) struct Pattern {
    pub(crate) base: Path,
    pub(crate) keys: Vec<Keys>,
    pub(crate) tail: Tail,
    pub(crate) entry: usize,
}

/// A bound policy, as the model sees it.
pub(crate) struct World {
    pub(crate) names: Names,
    pub(crate) rules: Vec<Rule>,
    pub(crate) patterns: Vec<Pattern>,
    pub(crate) protected: Vec<String>,
    pub(crate) any_depth: bool,
    pub(crate) platform_defaults: bool,
    /// The platform's own places are denied, whichever they are.
    pub(crate) minimal_denied: bool,
    /// For each entry, why it grants and denies nothing, if so.
    pub(crate) inert: Vec<Option<&'static str>>,
    /// Where the entries stand in the intent.
    pub(crate) pointer: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    Read,
    Write,
    ReadTree,
    WriteTree,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Allow,
    Deny,
    Partial,
}

/// An answer, the rule it follows from, and every entry (with its place) that may be named for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) answer: Answer,
    pub(crate) rule: &'static str,
    pub(crate) by: Vec<(usize, Path)>,
}

impl World {
    /// At one place the strongest word holds (D-2), under every spelling of it; the others say nothing.
    pub(crate) fn silence(&mut self) {
        let really = |rule: &Rule| rule.keys.first().map(|keys| keys.exact.clone());
        let stronger = |rule: &Rule, other: &Rule| {
            let beats = match rule.access {
                Access::Read => other.access != Access::Read,
                Access::Write => other.access == Access::Deny,
                Access::Deny => false,
            };
            // A link that must stay leaves to the other what lies below; a file that may be written has nothing below.
            let left = other.alone && !rule.alone && other.access != Access::Write;
            beats && really(rule) == really(other) && !left
        };
        let silent: Vec<bool> =
            self.rules.iter().map(|rule| self.rules.iter().any(|other| stronger(rule, other))).collect();
        let mut silent = silent.into_iter();
        self.rules.retain(|_| silent.next() != Some(true));
    }

    /// How deep a rule's place is, if it contains the path by the exact key: where both really are.
    fn exact_depth(rule: &Rule, asked: &Keys) -> Option<usize> {
        let reaches = |keys: &&Keys| !rule.alone || keys.exact.len() == asked.exact.len();
        rule.keys.first().filter(|keys| within(&keys.exact, &asked.exact)).filter(reaches).map(Keys::depth)
    }

    /// The same by the wide key; what contains exactly contains widely.
    fn wide_depth(&self, rule: &Rule, asked: &Keys) -> Option<usize> {
        let reaches = |keys: &&Keys| !rule.alone || keys.depth() == asked.depth();
        let containing =
            rule.keys.iter().filter(reaches).filter(|keys| self.names.wide_within(&keys.wide, &asked.wide));
        containing.map(Keys::depth).max().max(Self::exact_depth(rule, asked))
    }

    /// D-2: the deepest rules; of those, the ones with the strongest word (deny, write, read).
    fn top<'a>(rules: &[(usize, &'a Rule)]) -> Vec<&'a Rule> {
        let strength = |rule: &Rule| match rule.access {
            Access::Deny => 3,
            Access::Write => 2,
            Access::Read => 1,
        };
        let best = rules.iter().map(|(depth, rule)| (*depth, strength(rule))).max();
        let same = |(depth, rule): &&(usize, &Rule)| Some((*depth, strength(rule))) == best;
        rules.iter().filter(same).map(|(_, rule)| *rule).collect()
    }

    /// The readings of a path in which it lies at or below a place, as what is left of each below the place.
    fn rests<'a>(&self, base: &Keys, asked: &'a Keys) -> Vec<(&'a Wide, &'a [String])> {
        let depth = base.depth();
        let readings = asked.wide.iter().filter(|reading| {
            let reading = [Wide::clone(reading), Wide::clone(reading)];
            self.names.wide_within(&base.wide, &reading)
        });
        readings.map(|reading| (reading, reading.names.get(depth..).unwrap_or_default())).collect()
    }

    /// Whether a pattern matches the path or a directory above it (D-3).
    fn pattern_matches(&self, pattern: &Pattern, asked: &Keys) -> bool {
        pattern.keys.iter().any(|base| {
            let depth = base.depth();
            self.rests(base, asked).into_iter().any(|(reading, rest)| {
                let fold = |at: usize, text: &str| reading.fold(depth + at, text);
                pattern.tail.iter().any(|tail| pattern::matches(self.names.system, tail, rest, &fold, 0))
            })
        })
    }

    /// Whether a pattern could match something strictly below the path.
    fn pattern_could_match_below(&self, pattern: &Pattern, asked: &Keys) -> bool {
        pattern.keys.iter().any(|base| {
            let depth = base.depth();
            if depth > asked.depth() {
                return self.names.wide_within(&asked.wide, &base.wide);
            }
            self.rests(base, asked).into_iter().any(|(reading, rest)| {
                let fold = |at: usize, text: &str| reading.fold(depth + at, text);
                pattern
                    .tail
                    .iter()
                    .any(|tail| pattern::could_match_below(self.names.system, tail, rest, &fold, 0))
            })
        })
    }

    /// Whether the name at `at` may be a protected one.
    fn is_protected_name(&self, asked: &Keys, at: usize) -> bool {
        asked.wide.iter().any(|reading| {
            let same = |name: &String| {
                self.protected
                    .iter()
                    .any(|protected| self.names.wide_same(&reading.fold(at, protected), name))
            };
            reading.names.get(at).is_some_and(same)
        })
    }

    /// How deep a place's own names stand. The namespace of Windows is every drive and share, so that its own
    /// names are those at the top of each.
    fn top_of(&self, depth: usize) -> usize {
        if self.names.system == System::Windows { depth.max(1) } else { depth }
    }

    /// D-4: the writable places whose protected names the path lies in, unless an entry opens them.
    pub(crate) fn protectors(&self, asked: &Keys) -> Vec<&Rule> {
        if self.full_write() && !self.any_depth {
            return Vec::new();
        }
        let depth_asked = asked.depth();
        let writes = || self.rules.iter().filter(|rule| rule.access == Access::Write);
        let mut found = Vec::new();
        // A file has no names in it.
        for root in writes().filter(|root| !root.alone) {
            let tops = root.keys.iter().filter(|keys| self.names.wide_within(&keys.wide, &asked.wide));
            let protects = tops.map(|keys| self.top_of(keys.depth())).any(|top| {
                let last = if self.any_depth { depth_asked } else { depth_asked.min(top + 1) };
                (top..last).any(|at| {
                    // The protected place is the path up to and with this name; an entry at or below it opens it:
                    // as they are spelled, or where both really are.
                    let place = self.names.keys(asked.written.get(..=at).unwrap_or_default());
                    let opens = |write: &Rule| {
                        let names = |keys: &Keys| self.names.wide_within(&keys.wide, &asked.wide);
                        let spelled = || write.keys.iter().any(|keys| names(keys) && keys.depth() > at);
                        let there =
                            || write.keys.first().is_some_and(|keys| within(&place.exact, &keys.exact));
                        Self::exact_depth(write, asked).is_some() && (spelled() || there())
                    };
                    let opened = || writes().any(opens);
                    self.is_protected_name(asked, at) && !opened()
                })
            });
            if protects {
                found.push(root);
            }
        }
        found
    }

    fn full(&self, write: bool) -> bool {
        if write { self.full_write() } else { self.full_read() }
    }

    fn point(&self, path: &[String], write: bool) -> Verdict {
        self.point_through(path, write, 4)
    }

    /// N-7: a path that leads through a mirror is judged as it is written and as what is shown there, up to so many
    /// mirrors one behind another; where it is not known what is shown, it is allowed only if everything is.
    fn point_through(&self, path: &[String], write: bool, mirrors: usize) -> Verdict {
        let written = self.point_by_names(path, write);
        let ways = [false, true].map(|wide| self.names.on_the_way(path, wide));
        let mut shown: Vec<Verdict> = Vec::new();
        for name in ways.iter().flatten() {
            let surely = ways.first().is_some_and(|way| way.contains(name));
            match path::mirror(self.names.system, name) {
                None => {}
                Some(_) if self.full(write) => {}
                Some(Mirror::Shows(place)) if mirrors > 0 => {
                    let verdict = self.point_through(&place, write, mirrors - 1);
                    // Where it is not known whether an alias leads there, a grant that is missing there takes nothing away.
                    if surely || verdict.rule != "D-5" {
                        shown.push(verdict);
                    }
                }
                Some(Mirror::Shows(_) | Mirror::Depends) => {
                    let denied = Verdict { answer: Answer::Deny, rule: "D-6", by: Vec::new() };
                    if surely {
                        return denied;
                    }
                    shown.push(denied);
                }
            }
        }
        // The stricter counts; of two as strict, the one that was asked.
        let denied = shown.into_iter().find(|verdict| verdict.answer == Answer::Deny);
        denied.filter(|_| written.answer == Answer::Allow).unwrap_or(written)
    }

    /// D-1 to D-5 for reading or writing one path: the strictest answer under any of its names.
    fn point_by_names(&self, path: &[String], write: bool) -> Verdict {
        let readings = self.names.readings(path);
        let verdicts: Vec<Verdict> = readings.iter().map(|asked| self.point_as(asked, write)).collect();
        let first = |rule: &str, answer: Answer| {
            verdicts
                .iter()
                .find(|verdict| verdict.answer == answer && (rule.is_empty() || verdict.rule == rule))
        };
        let denies = |verdict: &&Verdict| {
            // An explicit denial is told before one that is only a lack of rules.
            let explicit = |(entry, place): &(usize, Path)| {
                self.rules.iter().any(|r| r.access == Access::Deny && r.entry == *entry && r.place == *place)
            };
            verdict.answer == Answer::Deny && verdict.rule == "D-2" && verdict.by.iter().any(explicit)
        };
        let chosen = verdicts.iter().find(denies);
        let chosen = chosen.or_else(|| first("D-3", Answer::Deny)).or_else(|| first("", Answer::Deny));
        chosen.or(verdicts.first()).cloned().unwrap_or(Verdict {
            answer: Answer::Deny,
            rule: "D-5",
            by: Vec::new(),
        })
    }

    fn point_as(&self, asked: &Keys, write: bool) -> Verdict {
        let verdict = |answer, rule, by: Vec<&Rule>| Verdict {
            answer,
            rule,
            by: by.iter().map(|rule| (rule.entry, rule.place.clone())).collect(),
        };
        let exact: Vec<(usize, &Rule)> =
            self.rules.iter().filter_map(|rule| Some((Self::exact_depth(rule, asked)?, rule))).collect();
        let wide = self.rules.iter().filter_map(|rule| {
            let depth = match rule.access {
                Access::Write => Self::exact_depth(rule, asked).and_then(|_| self.wide_depth(rule, asked)),
                Access::Read | Access::Deny => self.wide_depth(rule, asked),
            };
            Some((depth?, rule))
        });
        let (exact, wide) = (Self::top(&exact), Self::top(&wide.collect::<Vec<_>>()));
        let says = |rules: &[&Rule], access| rules.first().is_some_and(|rule| rule.access == access);
        if says(&exact, Access::Deny) {
            return verdict(Answer::Deny, "D-2", exact);
        }
        if says(&wide, Access::Deny) {
            return verdict(Answer::Deny, "D-2", wide);
        }
        let matching: Vec<&Pattern> =
            self.patterns.iter().filter(|pattern| self.pattern_matches(pattern, asked)).collect();
        if !matching.is_empty() {
            let by = matching.iter().map(|pattern| (pattern.entry, pattern.base.clone())).collect();
            return Verdict { answer: Answer::Deny, rule: "D-3", by };
        }
        if exact.is_empty() {
            return verdict(Answer::Deny, "D-5", exact);
        }
        if write {
            // A link that must stay, asked about by its own name (O-4).
            let guard = |rule: &&Rule| {
                rule.alone && rule.access == Access::Read && Self::exact_depth(rule, asked).is_none()
            };
            let guards: Vec<&Rule> = self
                .rules
                .iter()
                .filter(guard)
                .filter(|rule| self.wide_depth(rule, asked).is_some())
                .collect();
            if !guards.is_empty() {
                return verdict(Answer::Deny, "D-2", guards);
            }
            if says(&exact, Access::Read) {
                return verdict(Answer::Deny, "D-2", exact);
            }
            if says(&wide, Access::Read) {
                return verdict(Answer::Deny, "D-2", wide);
            }
            let protectors = self.protectors(asked);
            if !protectors.is_empty() {
                return verdict(Answer::Deny, "D-4", protectors);
            }
        }
        // Both allow; the rule that allows less of the two is the one to name.
        let narrower = says(&exact, Access::Write) && says(&wide, Access::Read);
        verdict(Answer::Allow, "D-2", if narrower { wide } else { exact })
    }

    /// Every place strictly below the path, spelled from the path, at which something may narrow it.
    fn narrowings_below(&self, path: &[String], write: bool) -> Vec<Path> {
        let mut places: Vec<Path> = Vec::new();
        for rule in &self.rules {
            match rule.access {
                // Where it really is may be a place that no alias leads to: one that a mirror shows.
                Access::Deny => places.extend(rule.keys.first().map(|keys| keys.written.clone())),
                Access::Read | Access::Write => {}
            }
            match rule.access {
                Access::Deny => places.push(rule.place.clone()),
                Access::Read if write => places.push(rule.place.clone()),
                Access::Read | Access::Write => {}
            }
            if rule.access == Access::Write && write {
                let mut tops = vec![rule.place.clone()];
                if self.any_depth {
                    tops.push(path.to_vec());
                }
                if self.top_of(rule.place.len()) > rule.place.len() {
                    tops.extend(path.first().map(|drive| vec![drive.clone()]));
                }
                for top in &tops {
                    places.extend(
                        self.protected.iter().map(|name| path::join(top, std::slice::from_ref(name))),
                    );
                }
            }
        }
        // Where an alias leads may not be granted at all.
        places.extend(self.names.alias_names());
        let mut below = Vec::new();
        let tops = [path.to_vec(), self.names.follow(path, false), self.names.follow(path, true)];
        for place in places {
            for spelling in self.names.spellings(&place) {
                for top in &tops {
                    let (outer, inner) = (self.names.wide(top), self.names.wide(&spelling));
                    if top.len() < spelling.len() && self.names.wide_within(&outer, &inner) {
                        // As it is spelled, as its wide keys spell it, and in capitals: where case is not kept
                        // apart, one of them is not a name that a grant holds exactly.
                        let [one, two] = &inner;
                        let capitals: Path = spelling.iter().map(|name| name.to_ascii_uppercase()).collect();
                        let rests = [&spelling, &one.names, &two.names, &capitals];
                        let rests = rests.map(|names| names.get(top.len()..).unwrap_or_default());
                        below.extend(rests.map(|rest| path::join(path, rest)));
                    }
                }
            }
        }
        below
    }

    /// D-7: the whole tree at a path.
    fn tree(&self, path: &[String], write: bool) -> Verdict {
        let mut verdict = self.point(path, write);
        if verdict.answer == Answer::Allow && self.is_narrowed(path, write, &mut Vec::new()) {
            verdict.answer = Answer::Partial;
            verdict.rule = "D-7";
        }
        verdict
    }

    /// Whether something strictly below a path is not allowed. What a mirror shows, and what an alias in the tree leads
    /// to, is a part of it; each is looked at once.
    fn is_narrowed(&self, path: &[String], write: bool, looked_at: &mut Vec<Path>) -> bool {
        if self.full(write) || looked_at.iter().any(|other| other == path) {
            return false;
        }
        looked_at.push(path.to_vec());
        let readings = self.names.readings(path);
        let could = |pattern| readings.iter().any(|asked| self.pattern_could_match_below(pattern, asked));
        let narrows = |place: &Path| self.point(place, write).answer != Answer::Allow;
        let system = self.names.system;
        if self.patterns.iter().any(could)
            || self.narrowings_below(path, write).iter().any(narrows)
            || readings.iter().any(|name| path::holds_mirrors(system, &name.written))
        {
            return true;
        }
        let mut parts: Vec<Path> = Vec::new();
        for name in &readings {
            if let Some(Mirror::Shows(place)) = path::mirror(system, &name.written) {
                parts.push(place);
            }
            let lies_in = |alias: &Path| {
                alias.len() > name.depth() && self.names.wide_within(&name.wide, &self.names.wide(alias))
            };
            parts.extend(self.names.alias_names().into_iter().filter(lies_in));
        }
        parts.iter().any(|part| narrows(part) || self.is_narrowed(part, write, looked_at))
    }

    pub(crate) fn decide(&self, text: &str, question: Question) -> Verdict {
        let Some(path) = path::query(self.names.system, text) else {
            return Verdict { answer: Answer::Deny, rule: "D-6", by: Vec::new() };
        };
        self.decide_path(&path, question)
    }

    pub(crate) fn decide_path(&self, path: &[String], question: Question) -> Verdict {
        match question {
            Question::Read => self.point(path, false),
            Question::Write => self.point(path, true),
            Question::ReadTree => self.tree(path, false),
            Question::WriteTree => self.tree(path, true),
        }
    }

    fn at_root(&self, access: Access) -> bool {
        self.rules
            .iter()
            .any(|rule| rule.access == access && rule.keys.iter().any(|keys| keys.exact.is_empty()))
    }

    fn denies_anything(&self) -> bool {
        self.minimal_denied
            || !self.patterns.is_empty()
            || self.rules.iter().any(|rule| rule.access == Access::Deny)
    }

    /// D-8: everything may be read.
    pub(crate) fn full_read(&self) -> bool {
        (self.at_root(Access::Read) || self.at_root(Access::Write)) && !self.denies_anything()
    }

    /// D-8: everything may be written.
    pub(crate) fn full_write(&self) -> bool {
        let narrows = |rule: &Rule| rule.access == Access::Read;
        self.at_root(Access::Write)
            && !self.denies_anything()
            && !self.rules.iter().any(narrows)
            && (!self.any_depth || self.protected.is_empty())
    }
}

impl System {
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        match word {
            "linux" => Some(Self::Linux),
            "macos" => Some(Self::Macos),
            "windows" => Some(Self::Windows),
            _ => None,
        }
    }
}
