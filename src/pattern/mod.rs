//! Deny patterns: the tail that is matched below a literal base.
//!
//! A pattern is a base and a tail (P-2). The base is a native path and never comes here; [`split_literal`]
//! moves what is literal at a tail's front into it. The tail's dialect (P-3) is small and the same on every
//! host: `*` and `?` within a component, `**` as a whole component, ASCII classes, `{a,b}` to depth 4, and
//! backslash escapes where a backslash is not a separator. What is not in it is refused (P-5).
//!
//! Two matchers work together. The one that decides is our own automaton ([`program`], [`matcher`]): it knows
//! characters, components and both keys, and has no bad case. `globset` sorts out the few candidates of a
//! large [`TailSet`] ([`set`]); it is only ever asked a question that is too wide, because its `?` is a byte,
//! its classes match `/` and its answers depend on the host (a `\` means `/` on Windows).
//!
//! Knows `native` and nothing else.

mod ends;
#[cfg(test)]
mod laws;
mod matcher;
mod parse;
mod program;
mod set;
#[cfg(test)]
mod tests;

pub(crate) use set::TailSet;

use crate::native::Os;
use crate::native::fold::{self, WideForm};
use matcher::Outcome;
use parse::Node;
use program::Program;
use std::sync::Arc;

/// Why a text is no pattern. Each variant holds the offending text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PatternError {
    /// Nothing at all.
    #[error("the pattern is empty")]
    Empty,
    /// More than 4096 bytes.
    #[error("the pattern has {bytes} bytes; the limit is {}", parse::MAX_BYTES)]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Groups in groups in groups.
    #[error("the group at `{text}` is nested more than {} deep", parse::MAX_DEPTH)]
    TooDeep {
        /// From the first group that is too deep.
        text: String,
    },
    /// A program of too many states.
    #[error("the pattern `{text}` is too complex to be matched in bounded space")]
    TooComplex {
        /// The pattern.
        text: String,
    },
    /// `[` without `]`.
    #[error("the class at `{text}` is not closed")]
    UnclosedClass {
        /// From the bracket on.
        text: String,
    },
    /// `[]` or `[!]`, and no other `]` that would close it.
    #[error("the class at `{text}` is empty")]
    EmptyClass {
        /// From the bracket on.
        text: String,
    },
    /// A separator in a class, or a range that spans one.
    #[error("the class at `{text}` holds a separator")]
    ClassSeparator {
        /// From the bracket on.
        text: String,
    },
    /// A range from the larger to the smaller character.
    #[error("the class at `{text}` holds a range that runs backwards")]
    ClassRange {
        /// From the bracket on.
        text: String,
    },
    /// A character outside ASCII in a class.
    #[error("the class at `{text}` holds a character that is not ASCII")]
    ClassNotAscii {
        /// From the bracket on.
        text: String,
    },
    /// `[[:alpha:]]` and its like.
    #[error("the class at `{text}` names a set of characters, which this dialect does not know")]
    ClassNamed {
        /// From the bracket on.
        text: String,
    },
    /// `{` without `}`.
    #[error("the group at `{text}` is not closed")]
    UnclosedBrace {
        /// From the brace on.
        text: String,
    },
    /// `}` without `{`.
    #[error("the brace at `{text}` closes no group")]
    UnopenedBrace {
        /// From the brace on.
        text: String,
    },
    /// `a**`, `***`, or a `**` in a group.
    #[error("the `**` at `{text}` is not a whole component outside groups")]
    PartialGlobstar {
        /// From the asterisks on.
        text: String,
    },
    /// A backslash with nothing to escape before the component ends.
    #[error("the backslash at `{text}` escapes nothing")]
    DanglingEscape {
        /// From the backslash on.
        text: String,
    },
    /// A component without characters, as in `a//b`, `a/`, `/a` or `a/{,b}`.
    #[error("the pattern `{text}` has a component that is empty")]
    EmptyComponent {
        /// The pattern.
        text: String,
    },
    /// `.` or `..` as a component, also through a group.
    #[error("the pattern `{text}` has a component that is `.` or `..`")]
    DotComponent {
        /// The pattern.
        text: String,
    },
    /// A character that no name of the target OS holds.
    #[error("the character U+{:04X} at `{text}` is in no file name there", u32::from(*character))]
    ForbiddenCharacter {
        /// From the character (or its class) on.
        text: String,
        /// The character.
        character: char,
    },
    /// Windows: no name ends in a dot or a blank.
    #[error("the pattern `{text}` has a component that ends in a dot or a blank")]
    TrailingDotOrBlank {
        /// The pattern.
        text: String,
    },
}

/// What stands in front of a pattern's first metacharacter, and the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Split {
    /// The leading components that are literal, unescaped. They still have to pass the OS's rules for names:
    /// join them to the base one checked segment at a time.
    pub(crate) literal: Vec<String>,
    /// What is left for [`Tail::parse`]; `None` if everything is literal.
    pub(crate) rest: Option<String>,
}

/// Splits the text after an anchor or a root. A component is literal if it has no metacharacter that is not
/// escaped (`*`, `?`, `[`, `{`, `}`), and then all components before it are too.
///
/// # Errors
/// [`PatternError::Empty`], [`PatternError::TooLong`], and in the literal part
/// [`PatternError::EmptyComponent`], [`PatternError::DotComponent`] and [`PatternError::DanglingEscape`].
pub(crate) fn split_literal(os: Os, text: &str) -> Result<Split, PatternError> {
    if text.is_empty() {
        return Err(PatternError::Empty);
    }
    if text.len() > parse::MAX_BYTES {
        return Err(PatternError::TooLong { bytes: text.len() });
    }
    let mut literal = Vec::new();
    let mut component = String::new();
    let mut start = 0;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            c if os.is_separator(c) => {
                literal.push(checked(std::mem::take(&mut component), text)?);
                start = at + c.len_utf8();
            }
            '*' | '?' | '[' | '{' | '}' => {
                return Ok(Split { literal, rest: text.get(start..).map(str::to_owned) });
            }
            '\\' => match chars.next() {
                Some((_, c)) if !os.is_separator(c) => component.push(c),
                Some(_) | None => {
                    let text = text.get(at..).unwrap_or(text).to_owned();
                    return Err(PatternError::DanglingEscape { text });
                }
            },
            c => component.push(c),
        }
    }
    literal.push(checked(component, text)?);
    Ok(Split { literal, rest: None })
}

fn checked(component: String, text: &str) -> Result<String, PatternError> {
    match component.as_str() {
        "" => Err(PatternError::EmptyComponent { text: text.to_owned() }),
        "." | ".." => Err(PatternError::DotComponent { text: text.to_owned() }),
        _ => Ok(component),
    }
}

/// How the text of a component was made, which is how a tail's literals and classes are spelled against it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Reading {
    /// The name as it is: the exact key, or the wide key where the volume keeps names apart.
    #[default]
    Exact,
    /// Canonically decomposed, case kept.
    Decomposed,
    /// Decomposed and case-folded.
    Folded,
    /// The text says nothing (a short-name form that may be any name): every component pattern matches it.
    Any,
}

impl Reading {
    /// One bit per reading; `Any` is all of them.
    const fn mask(self) -> u8 {
        match self {
            Self::Exact => 1,
            Self::Decomposed => 2,
            Self::Folded => 4,
            Self::Any => 7,
        }
    }
}

/// A component of a queried path as the wide key spells it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct WideComponent<'a> {
    /// The wide key's bytes of this component.
    pub(crate) bytes: &'a [u8],
    /// How they were made from the name.
    pub(crate) reading: Reading,
    /// The name held a character that folding makes several of (`ß` is `ss`): one `?` may stand for up to
    /// three characters. [`Folds::expand`] tells.
    pub(crate) loose: bool,
}

impl<'a> WideComponent<'a> {
    /// A component that is compared as it is.
    pub(crate) const fn exact(bytes: &'a [u8]) -> Self {
        Self { bytes, reading: Reading::Exact, loose: false }
    }
}

/// The functions that make wide keys, given by the caller so that patterns and paths are folded by the same.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Folds {
    /// Canonical decomposition.
    pub(crate) decompose: fn(&str) -> String,
    /// Decomposition, full case fold, decomposition, and whatever else the wide key does to characters.
    pub(crate) fold: fn(&str) -> String,
}

impl Folds {
    /// Does folding make several characters of one in this name, not counting marks? Bytes that are not
    /// UTF-8 stay what they are.
    pub(crate) fn expand(self, name: &[u8]) -> bool {
        !name.is_ascii()
            && name.utf8_chunks().flat_map(|chunk| chunk.valid().chars()).any(|c| {
                let folded =
                    if c.is_ascii() { String::new() } else { (self.fold)(c.encode_utf8(&mut [0; 4])) };
                folded.chars().skip(1).any(|c| !program::extends(u32::from(c)))
            })
    }
}

/// The folds of an OS's wide keys. On Windows without what Win32 drops at the end of a name: a literal is only a
/// part of one.
pub(crate) fn folds(os: Os) -> Folds {
    fn fold(os: Os, form: WideForm, text: &str) -> String {
        let mut out = Vec::with_capacity(text.len());
        fold::wide(os, text.as_bytes(), form, &mut out);
        // Folding text gives text.
        String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
    }
    match os {
        Os::Linux => Folds {
            decompose: |text| fold(Os::Linux, WideForm::Decomposed, text),
            fold: |text| fold(Os::Linux, WideForm::Folded, text),
        },
        Os::Macos | Os::Windows => Folds {
            decompose: |text| fold(Os::Macos, WideForm::Decomposed, text),
            fold: |text| fold(Os::Macos, WideForm::Folded, text),
        },
    }
}

/// A tail, ready to match.
///
/// Matching takes at most states times characters steps and allocates nothing. Common tails are compared as
/// bytes in some 10 ns, others run in some 100 ns; the worst 4 KiB of pattern (below 32,768 states) against a
/// path of 4,096 characters takes a sixth of a second.
///
/// Cloning shares it: one pattern below many roots is compiled and kept once.
#[derive(Clone, Debug)]
pub(crate) struct Tail(Arc<Compiled>);

/// What a [`Tail`] shares.
#[derive(Debug)]
pub(crate) struct Compiled {
    os: Os,
    text: Box<str>,
    nodes: Box<[Node]>,
    folds: Folds,
    program: Program,
    quick: Option<Quick>,
}

impl std::ops::Deref for Tail {
    type Target = Compiled;
    fn deref(&self) -> &Compiled {
        &self.0
    }
}

impl PartialEq for Tail {
    fn eq(&self, other: &Self) -> bool {
        (self.os, &self.text) == (other.os, &other.text)
    }
}

impl Eq for Tail {}

impl Tail {
    /// Compiles a tail for a target OS.
    ///
    /// # Errors
    /// Any [`PatternError`].
    pub(crate) fn parse(os: Os, text: &str, folds: Folds) -> Result<Self, PatternError> {
        let nodes = parse::parse(os, text)?;
        let program = Program::compile(os, text, &nodes, folds)?;
        let quick = if program.fuzzy { None } else { Quick::new(&nodes, folds) };
        let text = match os {
            Os::Linux | Os::Macos => text.into(),
            // Only separators are backslashes there, so this is the same tail.
            Os::Windows => text.replace('\\', "/").into(),
        };
        Ok(Self(Arc::new(Compiled { os, text, nodes: nodes.into(), folds, program, quick })))
    }

    /// The tail as it was written, with `/` between components on every OS. Parses to the same tail.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// What one character of a queried path costs at most, in steps (P-7).
    pub(crate) fn cost(&self) -> usize {
        if self.quick.is_some() { 1 } else { self.program.insts.len() }
    }

    /// Does the path with these names below the base, or an ancestor of it below the base, match?
    pub(crate) fn matches_exact(&self, components: &[&[u8]]) -> bool {
        self.run(components.iter().map(|bytes| WideComponent::exact(bytes))) == Outcome::Matched
    }

    /// The same question of wide-key components. Never answers no where a name of this wide key matches as it
    /// is written, but for two things that only the name as written can tell, so ask both: a negated class of
    /// letters (`[!A]` and `a`), and a wildcard that stands for a character which folding drops.
    pub(crate) fn matches_wide(&self, components: &[WideComponent<'_>]) -> bool {
        self.run(components.iter().copied()) == Outcome::Matched
    }

    /// Is there a name below this path that matches, or does the path itself? True for the base.
    pub(crate) fn could_match_below_exact(&self, components: &[&[u8]]) -> bool {
        self.run(components.iter().map(|bytes| WideComponent::exact(bytes))) != Outcome::Dead
    }

    /// The same question of wide-key components.
    pub(crate) fn could_match_below_wide(&self, components: &[WideComponent<'_>]) -> bool {
        self.run(components.iter().copied()) != Outcome::Dead
    }

    fn run<'a>(&self, components: impl Iterator<Item = WideComponent<'a>>) -> Outcome {
        match &self.quick {
            Some(quick) => quick.run(components),
            None => matcher::run(&self.program, self.os, components),
        }
    }
}

/// A tail of one component with at most one `*`, alone or after `**/`: what most deny patterns are. Compared
/// as bytes, which says the same as the program.
#[derive(Clone, Debug)]
struct Quick {
    /// `**/` stands in front.
    anywhere: bool,
    /// What the component starts with, per reading.
    prefix: [String; 3],
    /// `*` and what follows it; without, the component equals the prefix.
    suffix: Option<[String; 3]>,
}

impl Quick {
    fn new(nodes: &[Node], folds: Folds) -> Option<Self> {
        let (anywhere, nodes) = match nodes {
            [Node::Globstar, Node::Separator, rest @ ..] => (true, rest),
            rest => (false, rest),
        };
        let spelled = |text: &str| program::spellings(text, folds);
        let (prefix, suffix) = match nodes {
            [Node::Literal(text)] => (spelled(text), None),
            [Node::Star | Node::Globstar] => (spelled(""), Some(spelled(""))),
            [Node::Star, Node::Literal(after)] => (spelled(""), Some(spelled(after))),
            [Node::Literal(before), Node::Star] => (spelled(before), Some(spelled(""))),
            [Node::Literal(before), Node::Star, Node::Literal(after)] => {
                (spelled(before), Some(spelled(after)))
            }
            _ => return None,
        };
        // A mark before `*` has slack, which is more than bytes can say.
        let slack = |text: &String| text.chars().next_back().is_some_and(|c| program::extends(u32::from(c)));
        (suffix.is_none() || !prefix.iter().any(slack)).then_some(Self { anywhere, prefix, suffix })
    }

    fn run<'a>(&self, components: impl Iterator<Item = WideComponent<'a>>) -> Outcome {
        let mut alive = true;
        for component in components {
            if self.is_match(component) {
                return Outcome::Matched;
            }
            alive = self.anywhere;
            if !alive {
                break;
            }
        }
        if alive { Outcome::Alive } else { Outcome::Dead }
    }

    fn is_match(&self, component: WideComponent<'_>) -> bool {
        fn pick(spelled: &[String; 3], reading: Reading) -> Option<&[u8]> {
            let [exact, decomposed, folded] = spelled;
            match reading {
                Reading::Exact => Some(exact.as_bytes()),
                Reading::Decomposed => Some(decomposed.as_bytes()),
                Reading::Folded => Some(folded.as_bytes()),
                Reading::Any => None,
            }
        }
        let Some(prefix) = pick(&self.prefix, component.reading) else { return true };
        let Some(suffix) = &self.suffix else { return component.bytes == prefix };
        let Some(suffix) = pick(suffix, component.reading) else { return true };
        // An empty side is not even compared: its pointer points nowhere, which the vector instructions of
        // some C libraries pay dearly for (80 ns instead of 2).
        let rest =
            if prefix.is_empty() { Some(component.bytes) } else { component.bytes.strip_prefix(prefix) };
        rest.is_some_and(|rest| suffix.is_empty() || rest.ends_with(suffix))
    }
}
