//! Strict JSON: a tree that keeps what serde would lose, and one canonical writer.
//!
//! `serde_json` does the parsing; this room sees what derived readers hide (dependencies F13): duplicate keys,
//! arrays in place of objects, trailing text, depth. Every value knows its JSON Pointer. The writer sorts keys
//! itself, because another crate in an embedder's build may switch on `serde_json/preserve_order` (G-4).

use crate::error::{Code, Input, Refusal, Refusals};
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use std::cell::Cell;

/// The largest document that is read, in bytes: 20,000 entries with long paths fit four times over.
pub(crate) const MAX_BYTES: usize = 16 * 1024 * 1024;
/// The largest bound policy that is read back, in bytes: binding made it, so it is larger than the intent was, by
/// its audit most of all.
pub(crate) const MAX_POLICY_BYTES: usize = 1024 * 1024 * 1024;
/// The deepest nesting of arrays and objects. A real request nests nine deep.
pub(crate) const MAX_DEPTH: usize = 64;
/// The largest integer that every JSON reader keeps: 2^53 (dependencies F17).
pub(crate) const MAX_INTEGER: i64 = 1 << 53;

/// A JSON value that keeps the order and the repetition of keys.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// An integer that fits, in range or not of [`MAX_INTEGER`].
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

    /// The same text with line breaks and two blanks of indentation, for people.
    pub(crate) fn to_pretty(&self) -> String {
        let mut text = String::new();
        Out::new(&mut text, Some(INDENT), 0).value(self);
        text
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
    pub(crate) fn pairs(&mut self, mut pairs: Vec<&(String, Json)>) {
        let order = |a: &str, b: &str| {
            if a.is_ascii() && b.is_ascii() { a.cmp(b) } else { a.encode_utf16().cmp(b.encode_utf16()) }
        };
        pairs.sort_by(|a, b| order(&a.0, &b.0));
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
            Self::Object(pairs) => out.pairs(pairs.iter().collect()),
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

/// Writes a JSON string as RFC 8785 does: only quotes, backslashes and control characters are escaped.
fn write_string(out: &mut String, text: &str) {
    use std::fmt::Write as _;
    out.push('"');
    let mut rest = text;
    // What needs no escape is copied in one piece; a byte that needs one is a character of its own.
    while let Some(at) = rest.bytes().position(|byte| byte < 0x20 || matches!(byte, b'"' | b'\\')) {
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

/// Reads one document. Every duplicate key is reported at once; a text that is no JSON is one error.
pub(crate) fn parse(bytes: &[u8], input: Input) -> Result<Json, Refusals> {
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
    let too_deep = Cell::new(false);
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = Node { depth: 0, too_deep: &too_deep }.deserialize(&mut reader);
    let tree = read.and_then(|tree| reader.end().map(|()| tree)).map_err(|error| {
        if too_deep.get() {
            fail(
                Code::TooDeep,
                format!("the document nests deeper than {MAX_DEPTH} at line {}", error.line()),
            )
        } else {
            fail(Code::NotJson, format!("the document is not JSON: {error}"))
        }
    })?;
    let mut refusals = Vec::new();
    find_duplicates(&tree, &mut String::new(), input, &mut refusals);
    Refusals::check(refusals)?;
    Ok(tree)
}

fn find_duplicates(tree: &Json, pointer: &mut String, input: Input, refusals: &mut Vec<Refusal>) {
    let length = pointer.len();
    match tree {
        Json::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                push_token(pointer, &i.to_string());
                find_duplicates(item, pointer, input, refusals);
                pointer.truncate(length);
            }
        }
        Json::Object(pairs) => {
            let mut keys: Vec<&str> = pairs.iter().map(|(key, _)| key.as_str()).collect();
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
        Json::Null | Json::Bool(_) | Json::Int(_) | Json::Float(_) | Json::String(_) => {}
    }
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

struct Node<'c> {
    depth: usize,
    too_deep: &'c Cell<bool>,
}

impl Node<'_> {
    fn deeper<E: serde::de::Error>(&self) -> Result<Self, E>
    where
        Self: Sized,
    {
        if self.depth >= MAX_DEPTH {
            self.too_deep.set(true);
            return Err(E::custom("too deep"));
        }
        Ok(Self { depth: self.depth + 1, too_deep: self.too_deep })
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Json;
    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Int(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a number past i64 is only ever reported as out of range"
        )]
        Ok(i64::try_from(value).map_or(Json::Float(value as f64), Json::Int))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Float(value))
    }
    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::String(value.to_owned()))
    }
    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::String(value))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        loop {
            match seq.next_element_seed(self.deeper()?)? {
                Some(item) => items.push(item),
                None => return Ok(Json::Array(items)),
            }
        }
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut pairs = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            pairs.push((key, map.next_value_seed(self.deeper()?)?));
        }
        Ok(Json::Object(pairs))
    }
}

/// A value and where it stands: what a reader holds.
#[derive(Clone, Debug)]
pub(crate) struct At<'a> {
    pub(crate) json: &'a Json,
    pub(crate) pointer: String,
    pub(crate) input: Input,
}

impl<'a> At<'a> {
    pub(crate) fn root(json: &'a Json, input: Input) -> Self {
        Self { json, pointer: String::new(), input }
    }

    /// A refusal of this value.
    pub(crate) fn refuse(&self, code: Code, value: impl AsRef<str>, message: impl Into<String>) -> Refusal {
        Refusal::new(self.input, code, self.pointer.clone(), value, message)
    }

    fn wrong(&self, wanted: &str) -> Refusal {
        let shown =
            if let Json::String(text) = self.json { text.clone() } else { self.json.kind().to_owned() };
        self.refuse(Code::WrongType, shown, format!("expected {wanted}, found {}", self.json.kind()))
    }

    /// `None` for `null`.
    pub(crate) fn non_null(self) -> Option<Self> {
        (*self.json != Json::Null).then_some(self)
    }

    pub(crate) fn string(&self) -> Result<&'a str, Refusal> {
        let Json::String(text) = self.json else { return Err(self.wrong("a string")) };
        Ok(text)
    }

    pub(crate) fn boolean(&self) -> Result<bool, Refusal> {
        let Json::Bool(value) = self.json else { return Err(self.wrong("a boolean")) };
        Ok(*value)
    }

    /// An integer from 0 to 2^53.
    pub(crate) fn unsigned(&self) -> Result<u64, Refusal> {
        match self.json {
            Json::Int(value) if (0..=MAX_INTEGER).contains(value) => Ok(value.unsigned_abs()),
            Json::Int(value) => Err(self.refuse(
                Code::NumberOutOfRange,
                value.to_string(),
                format!("`{value}` is not from 0 to 2^53"),
            )),
            Json::Float(value) => Err(self.refuse(
                Code::NumberOutOfRange,
                value.to_string(),
                format!("`{value}` is not an integer from 0 to 2^53"),
            )),
            Json::Null | Json::Bool(_) | Json::String(_) | Json::Array(_) | Json::Object(_) => {
                Err(self.wrong("an integer"))
            }
        }
    }

    pub(crate) fn array(&self) -> Result<Vec<Self>, Refusal> {
        let Json::Array(items) = self.json else { return Err(self.wrong("an array")) };
        Ok(items
            .iter()
            .enumerate()
            .map(|(i, json)| Self { json, pointer: child(&self.pointer, &i.to_string()), input: self.input })
            .collect())
    }

    pub(crate) fn object(&self) -> Result<Fields<'a>, Refusal> {
        let Json::Object(pairs) = self.json else { return Err(self.wrong("an object")) };
        Ok(Fields { pairs, at: self.clone(), known: Vec::new() })
    }
}

/// The fields of an object: each is asked for by its exact name, and what nobody asked for is reported.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    pairs: &'a [(String, Json)],
    pub(crate) at: At<'a>,
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// The field of this name, `null` included.
    pub(crate) fn get(&mut self, name: &'static str) -> Option<At<'a>> {
        self.known.push(name);
        self.pairs.iter().find(|(key, _)| key == name).map(|(key, json)| At {
            json,
            pointer: child(&self.at.pointer, key),
            input: self.at.input,
        })
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
        for (key, _) in self.pairs {
            if self.known.contains(&key.as_str()) {
                continue;
            }
            let pointer = child(&self.at.pointer, key);
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

#[cfg(test)]
mod tests {
    use super::*;

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
