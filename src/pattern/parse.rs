//! Text of a tail to nodes: the dialect of rule P-3, and every way not to be in it.
//!
//! One pass from left to right over at most [`MAX_BYTES`] bytes; open groups are a list, not recursion, so a
//! pattern of nothing but braces costs a few steps and is refused at the fifth.

use super::PatternError;
use crate::native::Os;

/// The longest pattern, in bytes of its text.
pub(super) const MAX_BYTES: usize = 4096;
/// How deep groups may nest.
pub(super) const MAX_DEPTH: usize = 4;

/// A piece of a tail. A `Vec<Node>` is a sequence; its literals are merged, and in a run of wildcards every
/// `?` stands before one `*` (`*?*` and `?*` say the same), which keeps the matcher's work small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// Characters that stand for themselves.
    Literal(String),
    /// `?`: exactly one character of a component.
    One,
    /// `*`: any characters of a component.
    Star,
    /// `[...]`: one character of a component.
    Class(Class),
    /// The boundary between two components.
    Separator,
    /// `**` as a whole component: zero or more components, or one or more where it ends the tail.
    Globstar,
    /// `{a,b}`: one of the sequences. Never holds a [`Node::Globstar`].
    Group(Vec<Vec<Node>>),
}

/// A class of ASCII characters; never holds a separator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Class {
    /// `[!...]`: any one character but these.
    pub(super) negated: bool,
    /// Bit `n` is the ASCII character `n`.
    pub(super) members: u128,
}

impl Class {
    /// The class over case-folded text: every upper-case member as lower case.
    pub(super) fn folded(self) -> Self {
        let mut members = self.members;
        for upper in b'A'..=b'Z' {
            if members & (1 << upper) != 0 {
                members &= !(1 << upper);
                members |= 1 << upper.to_ascii_lowercase();
            }
        }
        Self { negated: self.negated, members }
    }

    /// Does `members` list this character?
    pub(super) fn lists(self, unit: u32) -> bool {
        unit < 128 && self.members & (1 << unit) != 0
    }
}

/// Is this a character that no name on this OS holds? Separators are not asked about.
pub(super) fn is_forbidden(os: Os, c: char) -> bool {
    match os {
        Os::Linux | Os::Macos => c == '\0',
        Os::Windows => c < ' ' || matches!(c, '<' | '>' | ':' | '"' | '|'),
    }
}

/// Reads a tail.
///
/// # Errors
/// Everything that [`PatternError`] says about text; what only the whole can tell (empty and dot components
/// reached through groups) is for the program to find.
pub(super) fn parse(os: Os, text: &str) -> Result<Vec<Node>, PatternError> {
    if text.is_empty() {
        return Err(PatternError::Empty);
    }
    if text.len() > MAX_BYTES {
        return Err(PatternError::TooLong { bytes: text.len() });
    }
    let mut parser = Parser { os, text, chars: text.char_indices(), nodes: Vec::new(), open: Vec::new() };
    parser.run()?;
    match parser.open.last() {
        Some(open) => Err(PatternError::UnclosedBrace { text: parser.from(open.start) }),
        None => Ok(parser.nodes),
    }
}

/// A group whose `}` has not been met yet.
struct Open {
    /// Where its `{` is.
    start: usize,
    /// What stood before it in the sequence around it.
    before: Vec<Node>,
    /// Its finished alternatives.
    done: Vec<Vec<Node>>,
}

struct Parser<'a> {
    os: Os,
    text: &'a str,
    chars: std::str::CharIndices<'a>,
    /// The sequence being read: the innermost open alternative, or the tail itself.
    nodes: Vec<Node>,
    open: Vec<Open>,
}

impl Parser<'_> {
    fn run(&mut self) -> Result<(), PatternError> {
        while let Some((at, c)) = self.chars.next() {
            match c {
                c if self.os.is_separator(c) => self.nodes.push(Node::Separator),
                '*' => self.star(at)?,
                '?' => self.one(),
                '[' => {
                    let class = self.class(at)?;
                    self.nodes.push(Node::Class(class));
                }
                '{' => {
                    if self.open.len() == MAX_DEPTH {
                        return Err(PatternError::TooDeep { text: self.from(at) });
                    }
                    let before = std::mem::take(&mut self.nodes);
                    self.open.push(Open { start: at, before, done: Vec::new() });
                }
                '}' => {
                    let Some(mut open) = self.open.pop() else {
                        return Err(PatternError::UnopenedBrace { text: self.from(at) });
                    };
                    open.done.push(std::mem::replace(&mut self.nodes, open.before));
                    self.nodes.push(Node::Group(open.done));
                }
                ',' => match self.open.last_mut() {
                    Some(open) => open.done.push(std::mem::take(&mut self.nodes)),
                    None => self.literal(at, ',')?,
                },
                '\\' => {
                    // On Windows it was a separator, above.
                    let c = self.escaped(at)?;
                    self.literal(at, c)?;
                }
                c => self.literal(at, c)?,
            }
        }
        Ok(())
    }

    /// `*`, or a `**` that must be a whole component outside groups.
    fn star(&mut self, at: usize) -> Result<(), PatternError> {
        if self.peek() == Some('*') {
            self.chars.next();
            let starts =
                self.open.is_empty() && self.nodes.last().is_none_or(|node| *node == Node::Separator);
            if !starts || self.peek().is_some_and(|c| !self.os.is_separator(c)) {
                return Err(PatternError::PartialGlobstar { text: self.from(at) });
            }
            self.nodes.push(Node::Globstar);
        } else if self.nodes.last() != Some(&Node::Star) {
            self.nodes.push(Node::Star);
        }
        Ok(())
    }

    fn one(&mut self) {
        if self.nodes.last() == Some(&Node::Star) {
            self.nodes.pop();
            self.nodes.push(Node::One);
            self.nodes.push(Node::Star);
        } else {
            self.nodes.push(Node::One);
        }
    }

    fn literal(&mut self, at: usize, c: char) -> Result<(), PatternError> {
        if is_forbidden(self.os, c) {
            return Err(PatternError::ForbiddenCharacter { text: self.from(at), character: c });
        }
        if let Some(Node::Literal(text)) = self.nodes.last_mut() {
            text.push(c);
        } else {
            self.nodes.push(Node::Literal(c.to_string()));
        }
        Ok(())
    }

    /// The character after a backslash that was met at `at`.
    fn escaped(&mut self, at: usize) -> Result<char, PatternError> {
        match self.chars.next() {
            // `a\/b` ends a component in a backslash: half an escape.
            Some((_, c)) if !self.os.is_separator(c) => Ok(c),
            Some(_) | None => Err(PatternError::DanglingEscape { text: self.from(at) }),
        }
    }

    fn class(&mut self, at: usize) -> Result<Class, PatternError> {
        let negated = matches!(self.peek(), Some('!' | '^'));
        if negated {
            self.chars.next();
        }
        let bracket_first = self.peek() == Some(']');
        let mut members = 0u128;
        let mut first = true;
        loop {
            let Some((_, c)) = self.chars.next() else {
                let text = self.from(at);
                return Err(if bracket_first {
                    PatternError::EmptyClass { text }
                } else {
                    PatternError::UnclosedClass { text }
                });
            };
            if c == ']' && !first {
                return Ok(Class { negated, members });
            }
            first = false;
            if c == '[' {
                self.refuse_named(at)?;
            }
            let low = self.member(at, c)?;
            // A hyphen makes a range unless the class ends right after it.
            let mut ahead = self.chars.clone();
            let hyphen = ahead.next().is_some_and(|(_, c)| c == '-');
            match ahead.next() {
                Some((_, end)) if hyphen && end != ']' => {
                    self.chars = ahead;
                    let high = self.member(at, end)?;
                    if high < low {
                        return Err(PatternError::ClassRange { text: self.from(at) });
                    }
                    for byte in low..=high {
                        if self.os.is_separator(char::from(byte)) {
                            return Err(PatternError::ClassSeparator { text: self.from(at) });
                        }
                        members |= 1 << byte;
                    }
                }
                Some(_) | None => members |= 1 << low,
            }
        }
    }

    /// `[[:alpha:]]` would be read as the letters of `[:alph` and a literal `]`: not what it says anywhere.
    fn refuse_named(&self, at: usize) -> Result<(), PatternError> {
        let rest = self.chars.as_str();
        for (open, close) in [(':', ":]"), ('.', ".]"), ('=', "=]")] {
            if rest.starts_with(open) && rest.contains(close) {
                return Err(PatternError::ClassNamed { text: self.from(at) });
            }
        }
        Ok(())
    }

    /// One member of the class that starts at `at`; `c` has been taken.
    fn member(&mut self, at: usize, c: char) -> Result<u8, PatternError> {
        let c = if c == '\\' && !self.os.is_separator(c) {
            match self.chars.next() {
                Some((_, c)) => c,
                None => return Err(PatternError::UnclosedClass { text: self.from(at) }),
            }
        } else {
            c
        };
        if self.os.is_separator(c) {
            return Err(PatternError::ClassSeparator { text: self.from(at) });
        }
        match u8::try_from(c) {
            Ok(0) => Err(PatternError::ForbiddenCharacter { text: self.from(at), character: c }),
            Ok(byte) if byte.is_ascii() => Ok(byte),
            Ok(_) | Err(_) => Err(PatternError::ClassNotAscii { text: self.from(at) }),
        }
    }

    fn peek(&self) -> Option<char> {
        self.chars.as_str().chars().next()
    }

    /// The text from a place on, for an error.
    fn from(&self, at: usize) -> String {
        self.text.get(at..).unwrap_or(self.text).to_owned()
    }
}
