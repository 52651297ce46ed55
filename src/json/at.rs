//! A value of a document that is read, with its pointer, and the fields of an object.

use super::{MAX_INTEGER, Tree, child, push_token};
use crate::error::{Code, Input, Refusal};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::rc::Rc;
use std::sync::Arc;

/// A value and where it stands: what a reader holds. Its pointer is only written when it is asked for, which is when
/// something is wrong.
#[derive(Clone, Debug)]
pub(crate) struct At<'a> {
    pub(crate) json: &'a Tree<'a>,
    /// The object or array that it stands in.
    above: Option<Rc<Above<'a>>>,
    token: Token<'a>,
    pub(crate) input: Input,
}

/// An object or array on the way to a value.
#[derive(Debug)]
struct Above<'a> {
    above: Option<Rc<Above<'a>>>,
    token: Token<'a>,
}

impl Above<'_> {
    /// Documents nest only so deep.
    fn put(&self, pointer: &mut String) {
        if let Some(above) = &self.above {
            above.put(pointer);
        }
        self.token.put(pointer);
    }
}

/// The last step of the way to a value.
#[derive(Clone, Copy, Debug)]
enum Token<'a> {
    /// The whole pointer to where a document begins.
    Start(&'a str),
    Key(&'a str),
    Index(usize),
}

impl Token<'_> {
    fn put(self, pointer: &mut String) {
        match self {
            Self::Start(text) => pointer.push_str(text),
            Self::Key(key) => push_token(pointer, key),
            // Writing to a String cannot fail.
            Self::Index(index) => _ = write!(pointer, "/{index}"),
        }
    }
}

impl<'a> At<'a> {
    pub(crate) fn root(json: &'a Tree<'a>, input: Input) -> Self {
        Self::part(json, "", input)
    }

    /// A document that stands in another one, at this pointer.
    pub(crate) fn part(json: &'a Tree<'a>, pointer: &'a str, input: Input) -> Self {
        Self { json, above: None, token: Token::Start(pointer), input }
    }

    /// The JSON Pointer of the value.
    pub(crate) fn pointer(&self) -> String {
        let mut pointer = String::with_capacity(40);
        if let Some(above) = &self.above {
            above.put(&mut pointer);
        }
        self.token.put(&mut pointer);
        pointer
    }

    /// The pointer of a field, there or not.
    pub(crate) fn pointer_of(&self, name: &str) -> String {
        child(&self.pointer(), name)
    }

    /// This value as what others stand in.
    fn here(&self) -> Rc<Above<'a>> {
        Rc::new(Above { above: self.above.clone(), token: self.token })
    }

    /// The values in this one: of an array or object.
    pub(crate) fn parts(&self) -> impl Iterator<Item = Self> + use<'a> {
        let (items, pairs) = match self.json {
            Tree::Array(items) => (&items[..], &[][..]),
            Tree::Object(pairs) => (&[][..], &pairs[..]),
            Tree::Null | Tree::Bool(_) | Tree::Int(_) | Tree::Float(_) | Tree::String(_) => {
                (&[][..], &[][..])
            }
        };
        let (above, input) = (self.here(), self.input);
        let items = items.iter().enumerate().map(|(i, json)| (Token::Index(i), json));
        let pairs = pairs.iter().map(|(key, json)| (Token::Key(key), json));
        items.chain(pairs).map(move |(token, json)| Self { json, above: Some(above.clone()), token, input })
    }

    /// A refusal of this value.
    pub(crate) fn refuse(&self, code: Code, value: impl AsRef<str>, message: impl Into<String>) -> Refusal {
        Refusal::new(self.input, code, self.pointer(), value, message)
    }

    fn wrong(&self, wanted: &str) -> Refusal {
        let shown = if let Tree::String(text) = self.json {
            text.clone().into_owned()
        } else {
            self.json.kind().to_owned()
        };
        self.refuse(Code::WrongType, shown, format!("expected {wanted}, found {}", self.json.kind()))
    }

    /// `None` for `null`.
    pub(crate) fn non_null(self) -> Option<Self> {
        (*self.json != Tree::Null).then_some(self)
    }

    pub(crate) fn string(&self) -> Result<&'a str, Refusal> {
        let Tree::String(text) = self.json else { return Err(self.wrong("a string")) };
        Ok(text)
    }

    pub(crate) fn boolean(&self) -> Result<bool, Refusal> {
        let Tree::Bool(value) = self.json else { return Err(self.wrong("a boolean")) };
        Ok(*value)
    }

    /// An integer from 0 to 2^53.
    pub(crate) fn unsigned(&self) -> Result<u64, Refusal> {
        match self.json {
            Tree::Int(value) if (0..=MAX_INTEGER).contains(value) => Ok(value.unsigned_abs()),
            Tree::Int(value) => Err(self.refuse(
                Code::NumberOutOfRange,
                value.to_string(),
                format!("`{value}` is not from 0 to 2^53"),
            )),
            Tree::Float(value) => Err(self.refuse(
                Code::NumberOutOfRange,
                value.to_string(),
                format!("`{value}` is not an integer from 0 to 2^53"),
            )),
            Tree::Null | Tree::Bool(_) | Tree::String(_) | Tree::Array(_) | Tree::Object(_) => {
                Err(self.wrong("an integer"))
            }
        }
    }

    pub(crate) fn array(&self) -> Result<Vec<Self>, Refusal> {
        let Tree::Array(items) = self.json else { return Err(self.wrong("an array")) };
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let (above, input) = (self.here(), self.input);
        let at = |(i, json)| Self { json, above: Some(above.clone()), token: Token::Index(i), input };
        Ok(items.iter().enumerate().map(at).collect())
    }

    /// The strings of an array, if it is one of nothing else, each kept as `keep` says.
    pub(crate) fn strings(&self, mut keep: impl FnMut(&str) -> Arc<str>) -> Option<Box<[Arc<str>]>> {
        let Tree::Array(items) = self.json else { return None };
        let mut string = |item: &Tree<'_>| match item {
            Tree::String(text) => Some(keep(text)),
            Tree::Null | Tree::Bool(_) | Tree::Int(_) | Tree::Float(_) | Tree::Array(_) | Tree::Object(_) => {
                None
            }
        };
        let mut strings = Vec::with_capacity(items.len());
        for item in items {
            strings.push(string(item)?);
        }
        Some(strings.into())
    }

    pub(crate) fn object(&self) -> Result<Fields<'a>, Refusal> {
        let Tree::Object(pairs) = self.json else { return Err(self.wrong("an object")) };
        Ok(Fields { pairs, at: self.clone(), here: self.here(), known: Known::default(), found: 0, next: 0 })
    }
}

/// The fields of an object: each is asked for by its exact name, and what nobody asked for is reported.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    pairs: &'a [(Cow<'a, str>, Tree<'a>)],
    pub(crate) at: At<'a>,
    here: Rc<Above<'a>>,
    known: Known,
    /// Of the first 64 fields, those that were asked for.
    found: u64,
    /// The place behind the last one that was asked for.
    next: usize,
}

/// The bit of a field by its place; of those further on, none.
fn bit(place: usize) -> u64 {
    u32::try_from(place).ok().and_then(|place| 1_u64.checked_shl(place)).unwrap_or(0)
}

/// The names that were asked for: mostly few.
#[derive(Debug, Default)]
struct Known {
    first: [&'static str; 16],
    count: usize,
    more: Vec<&'static str>,
}

impl Known {
    fn push(&mut self, name: &'static str) {
        match self.first.get_mut(self.count) {
            Some(slot) => *slot = name,
            None => self.more.push(name),
        }
        self.count += 1;
    }

    fn iter(&self) -> impl Iterator<Item = &'static str> {
        self.first.iter().take(self.count).chain(&self.more).copied()
    }
}

impl<'a> Fields<'a> {
    /// The field of this name, `null` included.
    pub(crate) fn get(&mut self, name: &'static str) -> Option<At<'a>> {
        self.known.push(name);
        // From behind the last one that was asked for: documents are written and read in one order.
        let at = |i: usize| self.pairs.get(i).filter(|(key, _)| key == name).map(|pair| (i, pair));
        let (i, (key, json)) =
            (self.next..self.pairs.len()).find_map(at).or_else(|| (0..self.next).find_map(at))?;
        self.next = i + 1;
        self.found |= bit(i);
        Some(At { json, above: Some(self.here.clone()), token: Token::Key(key), input: self.at.input })
    }

    /// The field of this name, unless it is absent or `null`.
    pub(crate) fn value(&mut self, name: &'static str) -> Option<At<'a>> {
        self.get(name).and_then(At::non_null)
    }

    /// The field of this name, or a refusal of the object that lacks it.
    pub(crate) fn required(&mut self, name: &'static str) -> Result<At<'a>, Refusal> {
        self.get(name)
            .ok_or_else(|| self.at.refuse(Code::MissingField, name, format!("the field `{name}` is missing")))
    }

    /// Does the object have this key? Asks without counting it as known.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.pairs.iter().any(|(key, _)| key == name)
    }

    /// What nobody asked for: a field that is a known one in another spelling (other case, `_` or `-`) is a
    /// refusal, because ignoring `subPath` or `sandBox` would widen the policy (G-1); any other is returned.
    pub(crate) fn unknown(&self, refusals: &mut Vec<Refusal>) -> Vec<String> {
        let squeeze = |name: &str| -> String {
            name.chars().filter(|c| *c != '_' && *c != '-').map(|c| c.to_ascii_lowercase()).collect()
        };
        let mut unknown = Vec::new();
        for (i, (key, _)) in self.pairs.iter().enumerate() {
            if self.found & bit(i) != 0 || self.known.iter().any(|known| known == key) {
                continue;
            }
            let pointer = self.at.pointer_of(key);
            let squeezed = squeeze(key);
            if let Some(meant) = self.known.iter().find(|name| squeeze(name) == squeezed) {
                refusals.push(Refusal::new(
                    self.at.input,
                    Code::MisspelledField,
                    pointer,
                    key,
                    format!("the field `{}` is another spelling of `{meant}`", crate::error::clip(key)),
                ));
            } else {
                unknown.push(pointer);
            }
        }
        unknown
    }
}
