//! What is read: a tree that borrows its texts from the document, without duplicate keys and not too deep.

use super::{
    Json, MAX_BYTES, MAX_DEPTH, MAX_POLICY_BYTES, Out, ToJson, canonical, first_escaped, push_token,
    write_string,
};
use crate::error::{Code, Input, Refusal, Refusals};
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::cell::Cell;

/// A JSON value that was read: it keeps the order and the repetition of keys. Texts without an escape are the
/// document's own.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tree<'a> {
    Null,
    Bool(bool),
    /// An integer that fits, in range or not of [`MAX_INTEGER`].
    Int(i64),
    /// Any other number. Never written: nothing that is bound holds one.
    Float(f64),
    String(Cow<'a, str>),
    Array(Vec<Tree<'a>>),
    Object(Vec<(Cow<'a, str>, Tree<'a>)>),
}

impl Tree<'_> {
    /// The name of the value's type, for messages.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int(_) | Self::Float(_) => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }

    /// The canonical text (RFC 8785 for what is held here): sorted keys, no blanks.
    pub(crate) fn to_canonical(&self) -> String {
        canonical(self)
    }

    /// The same value, that does not need the document any more.
    pub(crate) fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(value) => Json::Bool(*value),
            Self::Int(value) => Json::Int(*value),
            Self::Float(value) => Json::Float(*value),
            Self::String(text) => Json::String(text.clone().into_owned()),
            Self::Array(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            Self::Object(pairs) => Json::Object(
                pairs.iter().map(|(key, value)| (key.clone().into_owned(), value.to_json())).collect(),
            ),
        }
    }

    /// If `text`, which is canonical, begins with this value: the rest of it. Nothing is written for that. Of a value
    /// whose keys are not sorted, `None` says nothing. `without` are keys that do not count, at this level only.
    pub(crate) fn strip_from<'t>(&self, text: &'t str, without: &[&str]) -> Option<&'t str> {
        match self {
            Self::Null => text.strip_prefix("null"),
            Self::Bool(value) => text.strip_prefix(if *value { "true" } else { "false" }),
            Self::Int(_) | Self::Float(_) => text.strip_prefix(canonical(self).as_str()),
            Self::String(string) => strip_string(string, text),
            Self::Array(items) => {
                let mut rest = text.strip_prefix('[')?;
                for (i, item) in items.iter().enumerate() {
                    rest = if i == 0 { rest } else { rest.strip_prefix(',')? };
                    rest = item.strip_from(rest, &[])?;
                }
                rest.strip_prefix(']')
            }
            Self::Object(pairs) => {
                let mut rest = text.strip_prefix('{')?;
                for (i, (key, value)) in covered(pairs, without).enumerate() {
                    rest = if i == 0 { rest } else { rest.strip_prefix(',')? };
                    rest = strip_string(key, rest)?.strip_prefix(':')?;
                    rest = value.strip_from(rest, &[])?;
                }
                rest.strip_prefix('}')
            }
        }
    }
}

/// The fields of an object without those of these names.
pub(crate) fn covered<'p, 'a>(
    pairs: &'p [(Cow<'a, str>, Tree<'a>)],
    without: &[&str],
) -> impl Iterator<Item = (&'p str, &'p Tree<'a>)> {
    pairs.iter().filter(|(key, _)| !without.contains(&&**key)).map(|(key, value)| (&**key, value))
}

/// If `text` begins with this string as RFC 8785 writes it: the rest of it.
fn strip_string<'t>(string: &str, text: &'t str) -> Option<&'t str> {
    if first_escaped(string.as_bytes()).is_some() {
        let mut written = String::with_capacity(string.len() + 8);
        write_string(&mut written, string);
        return text.strip_prefix(written.as_str());
    }
    text.strip_prefix('"')?.strip_prefix(string)?.strip_prefix('"')
}

impl ToJson for Tree<'_> {
    fn put(&self, out: &mut Out<'_>) {
        match self {
            Self::Null => out.text.push_str("null"),
            Self::Bool(value) => value.put(out),
            Self::Int(value) => out.text.push_str(&value.to_string()),
            Self::Float(value) => out.text.push_str(&value.to_string()),
            Self::String(text) => (**text).put(out),
            Self::Array(items) => out.list(items),
            Self::Object(pairs) => out.pairs(covered(pairs, &[]).collect()),
        }
    }
}

/// Reads one document. Every duplicate key is reported at once; a text that is no JSON is one error.
pub(crate) fn parse(bytes: &[u8], input: Input) -> Result<Tree<'_>, Refusals> {
    let fail = |code, message: String| Refusals::from(Refusal::new(input, code, "", "", message));
    let limit = if input == Input::Policy { MAX_POLICY_BYTES } else { MAX_BYTES };
    if bytes.len() > limit {
        return Err(fail(
            Code::TooLarge,
            format!("the document has {} bytes, the limit is {limit}", bytes.len()),
        ));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        fail(Code::NotUtf8, format!("the document is not UTF-8 after byte {}", error.valid_up_to()))
    })?;
    let seen = Seen::default();
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = Node { depth: 0, seen: &seen }.deserialize(&mut reader);
    let tree = read.and_then(|tree| reader.end().map(|()| tree)).map_err(|error| {
        if seen.too_deep.get() {
            fail(
                Code::TooDeep,
                format!("the document nests deeper than {MAX_DEPTH} at line {}", error.line()),
            )
        } else {
            fail(Code::NotJson, format!("the document is not JSON: {error}"))
        }
    })?;
    if seen.repeated.get() {
        let mut refusals = Vec::new();
        find_duplicates(&tree, &mut String::new(), input, &mut refusals);
        Refusals::check(refusals)?;
    }
    Ok(tree)
}

fn find_duplicates(tree: &Tree<'_>, pointer: &mut String, input: Input, refusals: &mut Vec<Refusal>) {
    let length = pointer.len();
    match tree {
        Tree::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                push_token(pointer, &i.to_string());
                find_duplicates(item, pointer, input, refusals);
                pointer.truncate(length);
            }
        }
        Tree::Object(pairs) => {
            let mut keys: Vec<&str> = pairs.iter().map(|(key, _)| &**key).collect();
            keys.sort_unstable();
            for pair in keys.windows(2) {
                let [a, b] = pair else { continue };
                if a == b {
                    push_token(pointer, a);
                    refusals.push(Refusal::new(
                        input,
                        Code::DuplicateKey,
                        pointer.clone(),
                        a,
                        format!("the key `{}` stands twice in one object", crate::error::clip(a)),
                    ));
                    pointer.truncate(length);
                }
            }
            for (key, value) in pairs {
                push_token(pointer, key);
                find_duplicates(value, pointer, input, refusals);
                pointer.truncate(length);
            }
        }
        Tree::Null | Tree::Bool(_) | Tree::Int(_) | Tree::Float(_) | Tree::String(_) => {}
    }
}

struct Node<'c> {
    depth: usize,
    seen: &'c Seen,
}

/// What is noticed while a document is read.
#[derive(Debug, Default)]
struct Seen {
    too_deep: Cell<bool>,
    /// Is there an object that has a key twice?
    repeated: Cell<bool>,
    /// How many fields the last object of about the same depth had, up to a few: the next one will mostly have as many.
    fields: [Cell<usize>; 8],
    /// The same of arrays.
    items: [Cell<usize>; 8],
}

/// Does a key stand twice? Of a few, each is compared with each.
fn has_repeated(pairs: &[(Cow<'_, str>, Tree<'_>)]) -> bool {
    let mut rest = pairs;
    if pairs.len() <= 8 {
        while let Some(((key, _), after)) = rest.split_first() {
            if after.iter().any(|(other, _)| other == key) {
                return true;
            }
            rest = after;
        }
        return false;
    }
    let mut keys: Vec<&str> = pairs.iter().map(|(key, _)| &**key).collect();
    keys.sort_unstable();
    keys.windows(2).any(|pair| matches!(pair, [a, b] if a == b))
}

/// Does a key stand after the one before it? Mostly its first letter says so.
#[inline]
fn is_after(key: &str, before: &str) -> bool {
    match (key.as_bytes(), before.as_bytes()) {
        ([a, ..], [b, ..]) if a != b => a > b,
        (a, b) => a > b,
    }
}

impl Node<'_> {
    fn deeper<E: serde::de::Error>(&self) -> Result<Self, E>
    where
        Self: Sized,
    {
        if self.depth >= MAX_DEPTH {
            self.seen.too_deep.set(true);
            return Err(E::custom("too deep"));
        }
        Ok(Self { depth: self.depth + 1, seen: self.seen })
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Tree<'de>;
    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Tree<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Tree<'de>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Tree<'de>, E> {
        Ok(Tree::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Tree<'de>, E> {
        Ok(Tree::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Tree<'de>, E> {
        Ok(Tree::Int(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Tree<'de>, E> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a number past i64 is only ever reported as out of range"
        )]
        Ok(i64::try_from(value).map_or(Tree::Float(value as f64), Tree::Int))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Tree<'de>, E> {
        Ok(Tree::Float(value))
    }
    fn visit_str<E>(self, value: &str) -> Result<Tree<'de>, E> {
        Ok(Tree::String(value.to_owned().into()))
    }
    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Tree<'de>, E> {
        Ok(Tree::String(value.into()))
    }
    fn visit_string<E>(self, value: String) -> Result<Tree<'de>, E> {
        Ok(Tree::String(value.into()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tree<'de>, A::Error> {
        let usual = self.seen.items.get(self.depth % 8);
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(self.deeper()?)? {
            if items.is_empty() {
                items.reserve(usual.map_or(0, Cell::get));
            }
            items.push(item);
        }
        if let Some(usual) = usual.filter(|_| !items.is_empty()) {
            usual.set(items.len().min(16));
        }
        Ok(Tree::Array(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree<'de>, A::Error> {
        let usual = self.seen.fields.get(self.depth % 8);
        let mut pairs: Vec<(Cow<'de, str>, Tree<'de>)> = Vec::with_capacity(usual.map_or(0, Cell::get));
        let mut ascending = true;
        while let Some(key) = map.next_key_seed(KeyOf)? {
            ascending &= pairs.last().is_none_or(|(before, _)| is_after(&key, before));
            pairs.push((key, map.next_value_seed(self.deeper()?)?));
        }
        if !ascending && has_repeated(&pairs) {
            self.seen.repeated.set(true);
        }
        if let Some(usual) = usual {
            usual.set(pairs.len().min(16));
        }
        Ok(Tree::Object(pairs))
    }
}

/// Reads a key, which is the document's own text unless it has an escape.
struct KeyOf;

impl<'de> DeserializeSeed<'de> for KeyOf {
    type Value = Cow<'de, str>;
    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for KeyOf {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a key")
    }
    fn visit_str<E>(self, value: &str) -> Result<Cow<'de, str>, E> {
        Ok(value.to_owned().into())
    }
    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(value.into())
    }
    fn visit_string<E>(self, value: String) -> Result<Cow<'de, str>, E> {
        Ok(value.into())
    }
}
