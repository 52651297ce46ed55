//! Strict JSON: a tree that keeps what serde would lose, and one canonical writer.
//!
//! `serde_json` does the parsing; this room sees what derived readers hide (dependencies F13): duplicate keys,
//! arrays in place of objects, trailing text, depth. What is read borrows its texts from the document ([`Tree`]), and
//! every value can tell its JSON Pointer. What is made to be written is a [`Json`]. The writer sorts keys
//! itself, because another crate in an embedder's build may switch on `serde_json/preserve_order` (G-4).

mod at;
mod tree;

pub(crate) use at::{At, Fields};
use std::sync::Arc;
pub(crate) use tree::{Tree, covered, parse};

/// The largest document that is read, in bytes: 20,000 entries with long paths fit four times over.
pub(crate) const MAX_BYTES: usize = 16 * 1024 * 1024;
/// The largest bound policy that is read back, in bytes: binding made it, so it is larger than the intent was, by
/// its audit most of all.
pub(crate) const MAX_POLICY_BYTES: usize = 1024 * 1024 * 1024;
/// The deepest nesting of arrays and objects. A real request nests nine deep.
pub(crate) const MAX_DEPTH: usize = 64;
/// The largest integer that every JSON reader keeps: 2^53 (dependencies F17).
pub(crate) const MAX_INTEGER: i64 = 1 << 53;

/// A JSON value that owns what it holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// An integer.
    Int(i64),
    /// Any other number. Never written: nothing that is bound holds one.
    Float(f64),
    String(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl<T: Into<Json>> From<Vec<T>> for Json {
    fn from(items: Vec<T>) -> Self {
        Self::Array(items.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// An object from its pairs, in the order in which they will be written.
pub(crate) fn object<const N: usize>(mut pairs: [(&str, Json); N]) -> Json {
    pairs.sort_by(|a, b| a.0.cmp(b.0));
    Json::Object(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

impl Json {
    /// The canonical text (RFC 8785 for what is held here): sorted keys, no blanks.
    pub(crate) fn to_canonical(&self) -> String {
        canonical(self)
    }

    /// The same text with line breaks and two blanks of indentation, for people.
    pub(crate) fn to_pretty(&self) -> String {
        let mut text = String::new();
        Out::new(&mut text, Some(INDENT), 0).value(self);
        text
    }
}

impl Json {
    /// The same value, to be read.
    pub(crate) fn as_tree(&self) -> Tree<'_> {
        match self {
            Self::Null => Tree::Null,
            Self::Bool(value) => Tree::Bool(*value),
            Self::Int(value) => Tree::Int(*value),
            Self::Float(value) => Tree::Float(*value),
            Self::String(text) => Tree::String(text.into()),
            Self::Array(items) => Tree::Array(items.iter().map(Self::as_tree).collect()),
            Self::Object(pairs) => {
                Tree::Object(pairs.iter().map(|(key, value)| (key.into(), value.as_tree())).collect())
            }
        }
    }
}

/// A value that can be written without being a tree first: a large policy has hundreds of thousands of them.
pub(crate) trait ToJson {
    fn put(&self, out: &mut Out<'_>);
}

/// The canonical text of a value.
pub(crate) fn canonical(value: &(impl ToJson + ?Sized)) -> String {
    let mut text = String::new();
    Out::new(&mut text, None, 0).value(value);
    text
}

/// Where a document is written: canonical (RFC 8785) without an indentation, for people with one.
pub(crate) struct Out<'o> {
    text: &'o mut String,
    indent: Option<&'static str>,
    level: usize,
    /// Called now and then with what is written so far, which it may take away.
    flush: Option<&'o mut dyn FnMut(&mut String)>,
}

/// How much text is gathered before it may be taken away, in bytes.
const CHUNK: usize = 16 * 1024;

impl<'o> Out<'o> {
    pub(crate) fn new(text: &'o mut String, indent: Option<&'static str>, level: usize) -> Self {
        Self { text, indent, level, flush: None }
    }

    /// A canonical document that is taken away in parts.
    pub(crate) fn flushed(text: &'o mut String, flush: &'o mut dyn FnMut(&mut String)) -> Self {
        text.reserve(CHUNK + CHUNK / 4);
        Self { text, indent: None, level: 0, flush: Some(flush) }
    }

    pub(crate) fn value(&mut self, value: &(impl ToJson + ?Sized)) {
        value.put(self);
    }

    /// An object. Its fields are to be given in the order of their keys.
    pub(crate) fn object(&mut self, fields: impl FnOnce(&mut FieldsOut<'_, 'o>)) {
        self.text.push('{');
        self.level += 1;
        let mut all = FieldsOut { out: self, last: None };
        fields(&mut all);
        let empty = all.last.is_none();
        self.close(empty, '}');
    }

    /// An array.
    pub(crate) fn list<T: ToJson>(&mut self, items: impl IntoIterator<Item = T>) {
        self.text.push('[');
        self.level += 1;
        let mut empty = true;
        for item in items {
            if !empty {
                self.text.push(',');
            }
            empty = false;
            self.new_line();
            item.put(self);
            self.relieve();
        }
        self.close(empty, ']');
    }

    /// An object of pairs in any order.
    pub(crate) fn pairs<T: ToJson>(&mut self, mut pairs: Vec<(&str, &T)>) {
        let order = |a: &str, b: &str| {
            if a.is_ascii() && b.is_ascii() { a.cmp(b) } else { a.encode_utf16().cmp(b.encode_utf16()) }
        };
        pairs.sort_by(|a, b| order(a.0, b.0));
        self.text.push('{');
        self.level += 1;
        for (i, (key, value)) in pairs.iter().enumerate() {
            self.separate(i == 0);
            write_string(self.text, key);
            self.colon();
            value.put(self);
        }
        self.close(pairs.is_empty(), '}');
    }

    fn close(&mut self, empty: bool, bracket: char) {
        self.level -= 1;
        if !empty {
            self.new_line();
        }
        self.text.push(bracket);
    }

    fn relieve(&mut self) {
        if let Some(flush) = self.flush.as_mut().filter(|_| self.text.len() >= CHUNK) {
            flush(self.text);
        }
    }

    fn new_line(&mut self) {
        if let Some(indent) = self.indent {
            self.text.push('\n');
            for _ in 0..self.level {
                self.text.push_str(indent);
            }
        }
    }

    fn separate(&mut self, first: bool) {
        if !first {
            self.text.push(',');
        }
        self.new_line();
    }

    fn colon(&mut self) {
        self.text.push_str(if self.indent.is_some() { ": " } else { ":" });
    }
}

/// The fields of an object that is being written.
pub(crate) struct FieldsOut<'a, 'o> {
    out: &'a mut Out<'o>,
    last: Option<&'static str>,
}

impl FieldsOut<'_, '_> {
    /// The next field: its key sorts after the one before, and is plain ASCII.
    pub(crate) fn put(&mut self, key: &'static str, value: &(impl ToJson + ?Sized)) {
        debug_assert!(self.last.is_none_or(|last| last < key), "`{key}` does not come next");
        self.out.separate(self.last.is_none());
        self.last = Some(key);
        self.out.text.push('"');
        self.out.text.push_str(key);
        self.out.text.push('"');
        self.out.colon();
        value.put(self.out);
    }
}

impl<T: ToJson + ?Sized> ToJson for &T {
    fn put(&self, out: &mut Out<'_>) {
        (**self).put(out);
    }
}

impl ToJson for str {
    fn put(&self, out: &mut Out<'_>) {
        write_string(out.text, self);
    }
}

impl ToJson for String {
    fn put(&self, out: &mut Out<'_>) {
        self.as_str().put(out);
    }
}

impl ToJson for Arc<str> {
    fn put(&self, out: &mut Out<'_>) {
        (**self).put(out);
    }
}

impl ToJson for bool {
    fn put(&self, out: &mut Out<'_>) {
        out.text.push_str(if *self { "true" } else { "false" });
    }
}

impl ToJson for u64 {
    fn put(&self, out: &mut Out<'_>) {
        out.text.push_str(&self.to_string());
    }
}

impl<T: ToJson> ToJson for Option<T> {
    fn put(&self, out: &mut Out<'_>) {
        match self {
            Some(value) => value.put(out),
            None => out.text.push_str("null"),
        }
    }
}

impl<T: ToJson> ToJson for [T] {
    fn put(&self, out: &mut Out<'_>) {
        out.list(self);
    }
}

impl<T: ToJson> ToJson for Vec<T> {
    fn put(&self, out: &mut Out<'_>) {
        out.list(self);
    }
}

/// A canonical text that is one value already.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Canonical<'a>(pub(crate) &'a str);

impl ToJson for Canonical<'_> {
    fn put(&self, out: &mut Out<'_>) {
        out.text.push_str(self.0);
    }
}

impl ToJson for Json {
    fn put(&self, out: &mut Out<'_>) {
        match self {
            Self::Null => out.text.push_str("null"),
            Self::Bool(value) => value.put(out),
            Self::Int(value) => out.text.push_str(&value.to_string()),
            Self::Float(value) => out.text.push_str(&value.to_string()),
            Self::String(text) => text.put(out),
            Self::Array(items) => out.list(items),
            Self::Object(pairs) => {
                out.pairs(pairs.iter().map(|(key, value)| (key.as_str(), value)).collect());
            }
        }
    }
}

/// The value of one field of a large document, made when it is written.
pub(crate) type Part<'a> = Box<dyn Fn(&mut Out<'_>) + 'a>;

/// The fields of a large document.
pub(crate) type Parts<'a> = Vec<(&'static str, Part<'a>)>;

/// A field with this value.
pub(crate) fn part<'a>(value: impl ToJson + 'a) -> Part<'a> {
    Box::new(move |out| value.put(out))
}

/// The canonical text of one field's value.
pub(crate) fn part_text(part: &Part<'_>) -> String {
    let mut text = String::new();
    part(&mut Out::new(&mut text, None, 0));
    text
}

/// Writes an object of parts with sorted keys.
pub(crate) fn write_parts(mut parts: Parts<'_>, out: &mut Out<'_>) {
    parts.sort_by(|a, b| a.0.cmp(b.0));
    out.object(|fields| {
        for (key, part) in &parts {
            fields.put(key, &Written(part));
        }
    });
}

struct Written<'p, 'a>(&'p Part<'a>);

impl ToJson for Written<'_, '_> {
    fn put(&self, out: &mut Out<'_>) {
        self.0(out);
    }
}

/// The indentation of documents for people.
pub(crate) const INDENT: &str = "  ";

/// Is the byte, which is then a character, written with a backslash?
const fn is_escaped(byte: u8) -> bool {
    byte < 0x20 || matches!(byte, b'"' | b'\\')
}

/// Where the first byte stands that is written with a backslash. Hardly any text has one, so eight are looked at at once.
fn first_escaped(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = ONES << 7;
    // The highest bit of every byte that is zero; above such a byte perhaps of others, too.
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    let mut at = 0;
    let mut rest = bytes;
    while let Some((chunk, after)) = rest.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*chunk);
        // Below a blank: the subtraction borrows, and the byte's own highest bit is not set.
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
        let found =
            control | zeros(word ^ (ONES * u64::from(b'"'))) | zeros(word ^ (ONES * u64::from(b'\\')));
        if found != 0 {
            // The lowest bit is that of a byte that is meant.
            return Some(at + (found.trailing_zeros() / 8) as usize);
        }
        at += 8;
        rest = after;
    }
    rest.iter().position(|byte| is_escaped(*byte)).map(|found| at + found)
}

/// Writes a JSON string as RFC 8785 does: only quotes, backslashes and control characters are escaped.
fn write_string(out: &mut String, text: &str) {
    use std::fmt::Write as _;
    out.push('"');
    let mut rest = text;
    // What needs no escape is copied in one piece; a byte that needs one is a character of its own.
    while let Some(at) = first_escaped(rest.as_bytes()) {
        let (plain, after) = rest.split_at_checked(at).unwrap_or_default();
        out.push_str(plain);
        let mut chars = after.chars();
        match chars.next().unwrap_or_default() {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

/// Appends one token to an RFC 6901 pointer.
pub(crate) fn push_token(pointer: &mut String, token: &str) {
    pointer.push('/');
    for c in token.chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            c => pointer.push(c),
        }
    }
}

/// A pointer with one more token.
pub(crate) fn child(pointer: &str, token: &str) -> String {
    let mut out = pointer.to_owned();
    push_token(&mut out, token);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Code, Input, Refusal};

    fn code(text: &str) -> Code {
        parse(text.as_bytes(), Input::Intent).unwrap_err().as_slice()[0].code()
    }

    #[test]
    fn what_derived_readers_hide_is_an_error() {
        assert_eq!(code(r#"{"a":1,"a":2}"#), Code::DuplicateKey);
        assert_eq!(code(r#"{"a":1} x"#), Code::NotJson);
        assert_eq!(code(""), Code::NotJson);
        assert_eq!(code(&"[".repeat(100_000)), Code::TooDeep);
        assert_eq!(code("\u{feff}{}"), Code::NotJson);
        assert_eq!(parse(b"\xff", Input::Intent).unwrap_err().as_slice()[0].code(), Code::NotUtf8);
    }

    #[test]
    fn every_duplicate_is_reported_with_its_pointer() {
        let errors = parse(br#"{"a":[{"x/y":1,"x/y":2}],"b":1,"b":2}"#, Input::Intent).unwrap_err();
        let pointers: Vec<&str> = errors.iter().map(Refusal::pointer).collect();
        assert_eq!(pointers, ["/a/0/x~1y", "/b"]);
    }

    #[test]
    fn depth_is_allowed_up_to_the_limit() {
        let at = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(parse(at(MAX_DEPTH).as_bytes(), Input::Intent).is_ok());
        assert_eq!(code(&at(MAX_DEPTH + 1)), Code::TooDeep);
    }

    #[test]
    fn the_writer_sorts_keys_by_utf16_and_escapes_little() {
        let tree =
            parse("{\"\u{e000}\":1,\"\u{10000}\":2,\"a\":\"x\\u0001\\n/é\"}".as_bytes(), Input::Intent)
                .unwrap();
        assert_eq!(tree.to_canonical(), "{\"a\":\"x\\u0001\\n/é\",\"\u{10000}\":2,\"\u{e000}\":1}");
    }
}
