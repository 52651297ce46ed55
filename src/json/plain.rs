//! The short way through a document. Plain JSON is read here, in one pass over its bytes; whatever is not plain is left
//! to `serde_json`, whose word every refusal is (docs/adr/0032-nothing-is-built-to-be-written.md).

use super::tree::{has_repeated, is_after};
use super::{MAX_DEPTH, Tree, first_escaped};
use std::borrow::Cow;

/// The value of a document that is plain: no string has an escape, every number is an integer of a few digits, no key
/// stands twice in one object, and it is JSON and not too deep. `None` says nothing of a document.
pub(super) fn read(text: &str) -> Option<Tree<'_>> {
    let mut reader = Reader { text, at: 0, fields: [0; 8], items: [0; 8] };
    reader.blanks();
    let tree = reader.value(0)?;
    reader.blanks();
    (reader.at == text.len()).then_some(tree)
}

/// The largest integer that is read here has this many digits; with more it may not fit.
const DIGITS: usize = 15;

struct Reader<'a> {
    text: &'a str,
    /// How many bytes are read.
    at: usize,
    /// How many fields the last object of about the same depth had, up to a few: the next one will mostly have as many.
    fields: [usize; 8],
    /// The same of arrays.
    items: [usize; 8],
}

impl<'a> Reader<'a> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Goes past this byte, if it is the next one.
    fn passes(&mut self, byte: u8) -> bool {
        let is = self.byte() == Some(byte);
        self.at += usize::from(is);
        is
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.byte() {
            self.at += 1;
            // A line of a document for people begins with many.
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            if rest.first_chunk() == Some(b"    ") {
                self.at += 4;
            }
        }
    }

    fn value(&mut self, depth: usize) -> Option<Tree<'a>> {
        match self.byte()? {
            b'"' => self.string().map(|text| Tree::String(Cow::Borrowed(text))),
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'0'..=b'9' => self.number(),
            b't' => self.word("true", Tree::Bool(true)),
            b'f' => self.word("false", Tree::Bool(false)),
            b'n' => self.word("null", Tree::Null),
            _ => None,
        }
    }

    fn word(&mut self, word: &str, value: Tree<'a>) -> Option<Tree<'a>> {
        let is = self.text.get(self.at..)?.starts_with(word);
        self.at += word.len();
        is.then_some(value)
    }

    fn number(&mut self) -> Option<Tree<'a>> {
        let rest = self.text.get(self.at..)?;
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let digits = rest.get(..digits).filter(|digits| digits.len() <= DIGITS)?;
        let plain = digits == "0" || !digits.starts_with('0');
        self.at += digits.len();
        digits.parse().ok().filter(|_| plain).map(Tree::Int)
    }

    /// A string with its quotes.
    fn string(&mut self) -> Option<&'a str> {
        let rest = self.text.get(self.at..)?.strip_prefix('"')?;
        let end = first_escaped(rest.as_bytes())?;
        let (string, after) = rest.split_at_checked(end)?;
        self.at += end + 2;
        after.starts_with('"').then_some(string)
    }

    fn array(&mut self, depth: usize) -> Option<Tree<'a>> {
        if depth >= MAX_DEPTH {
            return None;
        }
        self.at += 1;
        self.blanks();
        if self.passes(b']') {
            return Some(Tree::Array(Vec::new()));
        }
        let mut items = Vec::with_capacity(self.items.get(depth % 8).copied().unwrap_or(0));
        loop {
            items.push(self.value(depth + 1)?);
            self.blanks();
            if !self.passes(b',') {
                break;
            }
            self.blanks();
        }
        if let Some(usual) = self.items.get_mut(depth % 8) {
            *usual = items.len().min(16);
        }
        self.passes(b']').then_some(Tree::Array(items))
    }

    fn object(&mut self, depth: usize) -> Option<Tree<'a>> {
        if depth >= MAX_DEPTH {
            return None;
        }
        self.at += 1;
        self.blanks();
        if self.passes(b'}') {
            return Some(Tree::Object(Vec::new()));
        }
        let usual = self.fields.get(depth % 8).copied().unwrap_or(0);
        let mut pairs: Vec<(Cow<'a, str>, Tree<'a>)> = Vec::with_capacity(usual);
        let mut ascending = true;
        loop {
            let key = self.string()?;
            ascending &= pairs.last().is_none_or(|(before, _)| is_after(key, before));
            self.blanks();
            if !self.passes(b':') {
                return None;
            }
            self.blanks();
            pairs.push((Cow::Borrowed(key), self.value(depth + 1)?));
            self.blanks();
            if !self.passes(b',') {
                break;
            }
            self.blanks();
        }
        if let Some(usual) = self.fields.get_mut(depth % 8) {
            *usual = pairs.len().min(32);
        }
        let whole = self.passes(b'}') && (ascending || !has_repeated(&pairs));
        whole.then_some(Tree::Object(pairs))
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::error::Input;
    use crate::json::tree::slowly;
    use crate::json::{Json, MAX_DEPTH};
    use proptest::prelude::*;

    fn json() -> impl Strategy<Value = Json> {
        let text = prop_oneof![
            "[a-z/ :.,{}\\[\\]]{0,12}",
            any::<String>(),
            Just("é\u{10ffff}\u{7f}\u{2028}".to_owned()),
            Just("\\\"\u{1f}\n".to_owned()),
        ];
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::Bool),
            any::<i64>().prop_map(Json::Int),
            (0..1000_i64).prop_map(Json::Int),
            text.clone().prop_map(Json::String),
        ];
        leaf.prop_recursive(5, 60, 14, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..14).prop_map(Json::Array),
                prop::collection::vec((text.clone(), inner), 0..14).prop_map(Json::Object),
            ]
        })
    }

    /// What is read on the short way is what is read on the long one.
    fn agrees(text: &str) -> Result<bool, TestCaseError> {
        let Some(short) = read(text) else { return Ok(false) };
        let long = slowly(text, Input::Intent);
        prop_assert!(long.is_ok(), "{text:?} is refused: {long:?}");
        prop_assert_eq!(&short, &long.unwrap(), "{:?}", text);
        Ok(true)
    }

    proptest! {
        #[test]
        fn what_the_short_way_reads_the_long_way_reads_as_the_same(value in json()) {
            agrees(&value.to_canonical())?;
            agrees(&value.to_pretty())?;
        }

        #[test]
        fn and_so_it_is_with_any_bytes_between(
            value in json(),
            edits in prop::collection::vec((any::<prop::sample::Index>(), 0..3_u8,
                prop::sample::select(b"{}[]\",:0123456789.eE+-truefalsn \n\r\t\\\x00\x0b\x1f\x7fx/".to_vec())), 1..4),
            pretty in any::<bool>(),
        ) {
            let text = if pretty { value.to_pretty() } else { value.to_canonical() };
            let mut bytes = text.into_bytes();
            for (at, kind, byte) in edits {
                let at = at.index(bytes.len() + 1);
                match (kind, at < bytes.len()) {
                    (0, true) => drop(bytes.remove(at)),
                    (1, true) => bytes[at] = byte,
                    _ => bytes.insert(at, byte),
                }
            }
            if let Ok(text) = std::str::from_utf8(&bytes) {
                agrees(text)?;
            }
        }

        #[test]
        fn a_text_of_what_json_is_made_of_is_read_as_serde_json_reads_it(
            text in "(\\{|\\}|\\[|\\]|\"|\"a\"|\"b\"|:|,|0|1|-|1.5|1e3|01|true|false|null|nul| |\\n|\\\\){0,9}",
        ) {
            agrees(&text)?;
        }
    }

    #[test]
    fn plain_documents_take_the_short_way() {
        for text in
            ["{}", " [ ] ", "[1,0,true,false,null,\"é\"]\n", "{\"b\":{\"x\":[{}]},\"a\":999999999999999}"]
        {
            assert!(agrees(text).unwrap(), "{text}");
        }
        let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(agrees(&deep(MAX_DEPTH)).unwrap());
    }

    #[test]
    fn all_else_takes_the_long_way() {
        let deep = format!("{}{}", "[".repeat(MAX_DEPTH + 1), "]".repeat(MAX_DEPTH + 1));
        for text in [
            "",
            " ",
            "{",
            "[",
            "\"",
            "[1",
            "[1,",
            "[1,]",
            "{\"a\"",
            "{\"a\":",
            "{\"a\":1",
            "{\"a\":1,}",
            "{,}",
            "[,]",
            "{\"a\" 1}",
            "{a:1}",
            "{\"a\":1,\"a\":2}",
            "{\"b\":1,\"a\":1,\"b\":2}",
            "[] []",
            "[]x",
            "nul",
            "tru",
            "01",
            "-1",
            "1.5",
            "1e3",
            "1000000000000000",
            "[\"\\n\"]",
            "[\"\n\"]",
            "[\"\u{0}\"]",
            "\u{feff}{}",
            "\u{a0}{}",
            "\u{b}{}",
            "'a'",
            "[1}",
            "{\"a\":1]",
            &deep,
        ] {
            assert!(read(text).is_none(), "{text:?}");
        }
    }
}
