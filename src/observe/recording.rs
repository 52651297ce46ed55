//! The recording format, `bindery.recording/1`: strict to read, canonical to write. `fixtures/recordings/README.md`
//! describes it for people who write or send one.

use super::recorded::{Answer, Answers, RecordedFs};
use super::{Identity, Kind, MAX_POINTER, Observation, VolumeFact};
use crate::error::{Code, Input, Refusal, Refusals, clip};
use crate::json::{self, At, Fields, Json, MAX_INTEGER};
use crate::native::Os;
use crate::native::key::{CaseRule, NormRule};
use crate::native::path::NativePath;
use std::collections::BTreeMap;

/// The name and version of the format.
pub(super) const SCHEMA: &str = "bindery.recording/1";

/// The longest path, target or name, in bytes.
const MAX_TEXT: usize = 128 * 1024;

/// The most facts about volumes: as many as an executor has.
const MAX_VOLUMES: usize = 256;

/// Where nothing is, and where there was no answer: in the place of a [`Kind`].
const MISSING: &str = "missing";
const UNREADABLE: &str = "unreadable";

pub(super) const CASES: [CaseRule; 3] = [CaseRule::Sensitive, CaseRule::Insensitive, CaseRule::Unknown];

pub(super) const fn norm_word(rule: NormRule) -> &'static str {
    match rule {
        NormRule::Preserving => "preserving",
        NormRule::Insensitive => "insensitive",
        NormRule::Unknown => "unknown",
    }
}

pub(super) const NORMS: [NormRule; 3] = [NormRule::Preserving, NormRule::Insensitive, NormRule::Unknown];

pub(super) fn write(recorded: &RecordedFs) -> Json {
    let entries = recorded.entries.iter().map(|(path, answers)| write_entry(path, answers));
    let mut pairs = vec![
        ("complete".to_owned(), recorded.complete.into()),
        ("entries".to_owned(), Json::Array(entries.collect())),
        ("os".to_owned(), recorded.os.as_str().into()),
        ("schema".to_owned(), SCHEMA.into()),
    ];
    if !recorded.volumes.is_empty() {
        let volumes = recorded.volumes.iter().map(write_volume);
        pairs.push(("volumes".to_owned(), Json::Array(volumes.collect())));
    }
    Json::Object(pairs)
}

fn write_entry(path: &NativePath, answers: &Answers) -> Json {
    let mut pairs = vec![("path".to_owned(), Json::from(path.as_str()))];
    let mut put = |name: &str, value: Json| pairs.push((name.to_owned(), value));
    match &answers.look {
        None => {}
        Some(Observation::Missing) => put("kind", MISSING.into()),
        Some(Observation::Unreadable) => put("kind", UNREADABLE.into()),
        Some(Observation::Exists { kind, identity, links, mount }) => {
            put("kind", kind.as_str().into());
            if let Some(Identity { volume, object }) = identity {
                put("identity", vec![volume.as_str(), object.as_str()].into());
            }
            if let Some(links) = links {
                put("links", Json::Int(i64::try_from(*links).map_or(MAX_INTEGER, |n| n.min(MAX_INTEGER))));
            }
            if *mount {
                put("mount", true.into());
            }
        }
    }
    for (name, hex, bytes) in
        [("target", "target_hex", &answers.target), ("pointer", "pointer_hex", &answers.pointer)]
    {
        match bytes {
            Answer::NotAsked => {}
            Answer::Nothing => put(name, Json::Null),
            Answer::Told(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => put(name, text.into()),
                Err(_) => put(hex, to_hex(bytes).into()),
            },
        }
    }
    match &answers.volume {
        Answer::NotAsked => {}
        Answer::Nothing => put("volume", Json::Null),
        Answer::Told(volume) => put("volume", write_volume(volume)),
    }
    match &answers.long_name {
        Answer::NotAsked => {}
        Answer::Nothing => put("long_name", Json::Null),
        Answer::Told(name) => put("long_name", name.as_str().into()),
    }
    Json::Object(pairs)
}

pub(super) fn write_volume(volume: &VolumeFact) -> Json {
    json::object([
        ("case", volume.case.as_str().into()),
        ("id", volume.id.as_str().into()),
        ("normalization", norm_word(volume.normalization).into()),
        ("root", volume.root.as_str().into()),
    ])
}

/// What is read, and everything that is wrong with it.
struct Reader {
    os: Os,
    refusals: Vec<Refusal>,
}

pub(super) fn read(bytes: &[u8]) -> Result<RecordedFs, Refusals> {
    let tree = json::parse(bytes, Input::Recording)?;
    let at = At::root(&tree, Input::Recording);
    let mut fields = at.object()?;
    let schema = fields.required("schema")?;
    if schema.string()? != SCHEMA {
        let message = format!("the recording is not `{SCHEMA}`");
        return Err(schema.refuse(Code::UnknownSchema, schema.string()?, message).into());
    }
    let os_at = fields.required("os")?;
    let word = os_at.string()?;
    let os = Os::from_word(word).ok_or_else(|| unknown_word(&os_at, word))?;
    let mut reader = Reader { os, refusals: Vec::new() };
    let mut recorded = RecordedFs { os, complete: false, entries: BTreeMap::new(), volumes: Vec::new() };
    if let Some(complete) = fields.get("complete") {
        recorded.complete = reader.take(complete.boolean()).unwrap_or_default();
    }
    let entries = fields.required("entries").and_then(|at| at.array());
    for at in reader.take(entries).unwrap_or_default() {
        if let Some((path, answers)) = reader.entry(&at) {
            if recorded.entries.insert(path.clone(), answers).is_some() {
                reader.malformed(&at, path.as_str(), "is listed twice");
            }
        }
    }
    let volumes = fields.get("volumes").map(|at| at.array());
    for at in volumes.and_then(|list| reader.take(list)).unwrap_or_default() {
        let Some(volume) = reader.volume(&at) else { continue };
        if recorded.volumes.iter().any(|other| other.root == volume.root) {
            reader.malformed(&at, volume.root.as_str(), "is listed twice");
        } else if recorded.volumes.len() == MAX_VOLUMES {
            reader.malformed(&at, volume.root.as_str(), "is one volume too many");
            break;
        } else {
            recorded.volumes.push(volume);
        }
    }
    recorded.volumes.sort_by(|a, b| a.root.cmp(&b.root));
    reader.strict(&fields);
    Refusals::check(reader.refusals)?;
    Ok(recorded)
}

fn unknown_word(at: &At<'_>, word: &str) -> Refusal {
    at.refuse(Code::UnknownWord, word, format!("`{}` is no word of this field", clip(word)))
}

impl Reader {
    fn take<T>(&mut self, result: Result<T, Refusal>) -> Option<T> {
        result.map_err(|refusal| self.refusals.push(refusal)).ok()
    }

    fn malformed(&mut self, at: &At<'_>, value: &str, fault: &str) {
        let message = format!("`{}` {fault}", clip(value));
        self.refusals.push(at.refuse(Code::RecordingMalformed, value, message));
    }

    /// Refuses every field that nobody asked for.
    fn strict(&mut self, fields: &Fields<'_>) {
        for pointer in fields.unknown(&mut self.refusals) {
            let message = format!("a recording has no field at `{}`", clip(&pointer));
            let refusal =
                Refusal::new(Input::Recording, Code::RecordingMalformed, pointer.clone(), &pointer, message);
            self.refusals.push(refusal);
        }
    }

    fn text<'a>(&mut self, at: &At<'a>) -> Option<&'a str> {
        let text = self.take(at.string())?;
        if text.len() > MAX_TEXT {
            let message = format!("{} bytes, the limit is {MAX_TEXT}", text.len());
            self.refusals.push(at.refuse(Code::TooLong, text, message));
            return None;
        }
        Some(text)
    }

    fn path(&mut self, at: &At<'_>) -> Option<NativePath> {
        let text = self.text(at)?;
        let path = NativePath::parse(self.os, text);
        let path = self.take(path.map_err(|error| at.refuse(error.code(), text, error.to_string())))?;
        if path.as_str() != text {
            // Two spellings of one path would be two answers to one question.
            self.malformed(at, text, &format!("is not the canonical spelling `{}`", clip(path.as_str())));
            return None;
        }
        Some(path)
    }

    fn entry(&mut self, at: &At<'_>) -> Option<(NativePath, Answers)> {
        let mut fields = self.take(at.object())?;
        let path = self.take(fields.required("path"));
        let path = path.and_then(|at| self.path(&at));
        let answers = Answers {
            look: self.look(at, &mut fields),
            target: self.bytes(at, &mut fields, "target", "target_hex", MAX_TEXT),
            pointer: self.bytes(at, &mut fields, "pointer", "pointer_hex", MAX_POINTER),
            volume: fields
                .get("volume")
                .map_or(Answer::NotAsked, |at| Answer::of(at.non_null().and_then(|at| self.volume(&at)))),
            long_name: fields.get("long_name").map_or(Answer::NotAsked, |at| {
                Answer::of(at.non_null().and_then(|at| self.text(&at)).map(str::to_owned))
            }),
        };
        let link = matches!(&answers.look, Some(Observation::Exists { kind, .. }) if kind.is_link());
        let file = matches!(&answers.look, Some(Observation::Exists { kind: Kind::File, .. }));
        let shown = path.as_ref().map(|path| path.as_str().to_owned()).unwrap_or_default();
        if matches!(answers.target, Answer::Told(_)) && !link {
            self.malformed(at, &shown, "has a target and is no link");
        }
        if matches!(answers.pointer, Answer::Told(_)) && !file {
            self.malformed(at, &shown, "has a content and is no file");
        }
        self.strict(&fields);
        path.map(|path| (path, answers))
    }

    fn look(&mut self, at: &At<'_>, fields: &mut Fields<'_>) -> Option<Observation> {
        let kind_at = fields.get("kind");
        let identity = fields.get("identity").and_then(|at| self.identity(&at));
        let links = fields.get("links").and_then(|at| self.take(at.unsigned()));
        let mount = fields.get("mount").and_then(|at| self.take(at.boolean()));
        let of_an_object = identity.is_some() || links.is_some() || mount.is_some();
        let word = kind_at.as_ref().and_then(|at| self.take(at.string()));
        let nothing = match word {
            Some(MISSING) => Some(Observation::Missing),
            Some(UNREADABLE) => Some(Observation::Unreadable),
            Some(_) | None => None,
        };
        if of_an_object && (nothing.is_some() || kind_at.is_none()) {
            self.malformed(at, "identity, links or mount", "is said of an object only");
        }
        if nothing.is_some() {
            return nothing;
        }
        let (word, kind_at) = word.zip(kind_at)?;
        let Some(kind) = Kind::from_word(word) else {
            self.refusals.push(unknown_word(&kind_at, word));
            return None;
        };
        Some(Observation::Exists { kind, identity, links, mount: mount.unwrap_or_default() })
    }

    fn identity(&mut self, at: &At<'_>) -> Option<Identity> {
        let items = self.take(at.array())?;
        let [volume, object] = items.as_slice() else {
            self.malformed(at, "identity", "is not a volume and an object");
            return None;
        };
        let volume = self.text(volume)?.to_owned();
        Some(Identity { volume, object: self.text(object)?.to_owned() })
    }

    /// Bytes as text or as hexadecimal digits; the text can be `null`.
    fn bytes(
        &mut self,
        at: &At<'_>,
        fields: &mut Fields<'_>,
        text: &'static str,
        hex: &'static str,
        limit: usize,
    ) -> Answer<Vec<u8>> {
        let bytes = match (fields.get(text), fields.get(hex)) {
            (None, None) => return Answer::NotAsked,
            (Some(_), Some(_)) => {
                self.malformed(at, hex, "stands beside the same as text");
                return Answer::NotAsked;
            }
            (Some(at), None) => {
                at.non_null().and_then(|at| self.text(&at)).map(|text| text.as_bytes().to_vec())
            }
            (None, Some(at)) => self.text(&at).and_then(|digits| {
                let bytes = from_hex(digits).filter(|bytes| std::str::from_utf8(bytes).is_err());
                if bytes.is_none() {
                    self.malformed(&at, digits, "is not bytes that are no UTF-8, as hexadecimal digits");
                }
                bytes
            }),
        };
        if let Some(count) = bytes.as_ref().map(Vec::len).filter(|count| *count > limit) {
            self.malformed(at, text, &format!("has {count} bytes, the limit is {limit}"));
        }
        Answer::of(bytes)
    }

    fn volume(&mut self, at: &At<'_>) -> Option<VolumeFact> {
        let mut fields = self.take(at.object())?;
        let root = self.take(fields.required("root"));
        let root = root.and_then(|at| self.path(&at));
        let case = self.take(fields.required("case"));
        let case = case.and_then(|at| self.word(&at, &CASES, CaseRule::as_str));
        let normalization = self.take(fields.required("normalization"));
        let normalization = normalization.and_then(|at| self.word(&at, &NORMS, norm_word));
        let id = self.take(fields.required("id"));
        let id = id.and_then(|at| self.text(&at)).map(str::to_owned);
        self.strict(&fields);
        Some(VolumeFact { root: root?, case: case?, normalization: normalization?, id: id? })
    }

    fn word<T: Copy>(&mut self, at: &At<'_>, all: &[T], word: fn(T) -> &'static str) -> Option<T> {
        let text = self.take(at.string())?;
        let found = all.iter().copied().find(|value| word(*value) == text);
        if found.is_none() {
            self.refusals.push(unknown_word(at, text));
        }
        found
    }
}

fn to_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, byte| {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// Bytes of lower-case hexadecimal digits, two a byte.
fn from_hex(digits: &str) -> Option<Vec<u8>> {
    if digits.len() % 2 != 0 || digits.bytes().any(|digit| !matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let pairs = digits.as_bytes().chunks_exact(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}
