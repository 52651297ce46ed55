//! Paths that an intent writes as text: `file:` URIs, the string form (I-9), patterns (P-4). No target is
//! known here; what only a target's grammar can tell (a drive, `~\x`, a subpath's segments) is left to bind.

use super::entry::{Anchor, EntryPath, PatternText, Symbol};
use super::limits::{MAX_PATTERN_BYTES, MAX_TEXT_BYTES};
use super::uri::{FileUri, UriError};
use super::wire::path as word;
use crate::error::{Code, clip};

/// Why a text is no path; whoever read the text knows where it stands.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) code: Code,
    pub(super) value: String,
    pub(super) message: String,
}

impl Problem {
    /// `what` follows the offending text in the sentence.
    pub(super) fn new(code: Code, value: &str, what: &str) -> Self {
        let value = clip(value);
        Self { code, message: format!("`{value}` {what}"), value }
    }
}

impl From<UriError> for Problem {
    fn from(error: UriError) -> Self {
        Self { code: error.code(), value: error.value().to_owned(), message: error.message().to_owned() }
    }
}

/// What was met on the way and changes nothing, in one sentence.
pub(super) type Remark = Option<&'static str>;

pub(super) const OLD_PROJECT_ROOTS: &str = "`:project_roots` is the older spelling of `:workspace_roots`";
const LITERAL_STAR: &str =
    "a path written as one string is never a pattern; its `*` and `?` are part of a name";

/// A literal path: a `file:` URI. Native paths get a code of their own, because they are what people try.
pub(super) fn uri(text: &str) -> Result<FileUri, Problem> {
    if is_native(text) {
        return Err(Problem::new(Code::PathNotPortable, text, "is not a file: URI"));
    }
    Ok(FileUri::parse(text)?)
}

/// Is this no URI of any scheme, but some machine's path? A scheme of one letter is a drive.
fn is_native(text: &str) -> bool {
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    scheme.len() < 2 || !scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-. \t".contains(&b))
}

/// A path written as one string: a symbol with an optional subpath, or a `file:` URI (I-9).
pub(super) fn string_form(text: &str) -> Result<(EntryPath, Remark), Problem> {
    if !text.starts_with(':') {
        return Ok((EntryPath::Literal(uri(text)?), None));
    }
    within(text, MAX_TEXT_BYTES, Code::TooLong, "a path")?;
    let (token, subpath) = match text.split_once('/') {
        Some((token, subpath)) => (token, Some(subpath)),
        None => (text, None),
    };
    let (symbol, mut remark) = symbol(token)?;
    if remark.is_none() && subpath.is_some_and(|subpath| subpath.contains(['*', '?'])) {
        remark = Some(LITERAL_STAR);
    }
    Ok((EntryPath::Symbol { symbol, subpath: subpath.map(str::to_owned) }, remark))
}

/// The symbol of a token that keeps the grammar of tokens.
fn symbol(token: &str) -> Result<(Symbol, Remark), Problem> {
    if !is_token(token) {
        return Err(Problem::new(Code::SymbolMalformed, token, "is not a symbol"));
    }
    Ok((Symbol::from_token(token), (token == word::OLD_WORKSPACE_ROOTS).then_some(OLD_PROJECT_ROOTS)))
}

fn is_token(text: &str) -> bool {
    text.strip_prefix(':').is_some_and(|name| {
        !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
    })
}

/// Is this token, in the newer or the older spelling, one of bindery's own? No executor may give it places.
pub(crate) fn is_own_symbol(token: &str) -> bool {
    match Symbol::from_token(token) {
        Symbol::Root
        | Symbol::Minimal
        | Symbol::WorkspaceRoots
        | Symbol::Cwd
        | Symbol::Home
        | Symbol::Tmpdir
        | Symbol::SlashTmp => true,
        Symbol::Other(_) => false,
    }
}

/// The symbol of a token that came as a field of its own. Tokens of newer peers must survive, so one outside
/// the grammar is carried as it is: no executor can name it, so it is an unknown symbol.
pub(super) fn carried_token(token: &str) -> Result<(Symbol, Remark), Problem> {
    if is_token(token) {
        return symbol(token);
    }
    if token.len() < 2 || !token.starts_with(':') || token.chars().any(char::is_control) {
        return Err(Problem::new(Code::SymbolMalformed, token, "is not a symbol"));
    }
    Ok((Symbol::Other(token.to_owned()), Some("the token is in no known form and is carried as unknown")))
}

/// A pattern, split into what it hangs on and the rest (P-4). The rest is compiled when it is bound.
pub(super) fn pattern(text: &str) -> Result<(PatternText, Remark), Problem> {
    within(text, MAX_PATTERN_BYTES, Code::PatternTooLong, "a pattern")?;
    let mut remark = None;
    let (anchor, tail) = if let Some(tail) = text.strip_prefix(word::PROJECT_ROOTS_SCHEME) {
        (Anchor::Symbol(Symbol::WorkspaceRoots), tail)
    } else if text.starts_with(':') {
        let (token, tail) = text.split_once('/').unwrap_or((text, ""));
        let (symbol, older) = symbol(token)?;
        remark = older;
        match symbol {
            // Its places are a flag and the platform's own; nothing hangs below it.
            Symbol::Minimal => {
                return Err(Problem::new(Code::PatternAnchor, token, "cannot carry a pattern"));
            }
            Symbol::Root
            | Symbol::WorkspaceRoots
            | Symbol::Cwd
            | Symbol::Home
            | Symbol::Tmpdir
            | Symbol::SlashTmp
            | Symbol::Other(_) => (Anchor::Symbol(symbol), tail),
        }
    } else if text == "~" {
        (Anchor::Home, "")
    } else if let Some(tail) = text.strip_prefix("~/") {
        (Anchor::Home, tail)
    } else if is_uri(text) {
        return Err(Problem::new(Code::PatternIsUri, text, "is a URI, not a pattern"));
    } else {
        return match text {
            "" => Err(Problem::new(Code::PatternEmpty, text, "is an empty pattern")),
            _ => Ok((parts(text, Anchor::Text, text), None)),
        };
    };
    if tail.is_empty() {
        return Err(Problem::new(Code::PatternEmpty, text, "has no pattern after its anchor"));
    }
    if tail.starts_with('/') {
        return Err(Problem::new(Code::PatternSegment, text, "has an empty component after its anchor"));
    }
    Ok((parts(text, anchor, tail), remark))
}

fn parts(source: &str, anchor: Anchor, tail: &str) -> PatternText {
    PatternText { source: source.to_owned(), anchor, tail: tail.to_owned() }
}

/// `file:` in any form, or any other scheme with an authority. Read as a relative pattern it would match
/// nothing, and a denial would be lost without a word.
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    scheme.eq_ignore_ascii_case("file")
        || (rest.starts_with("//")
            && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)))
}

/// A text within its limit, or a refusal that names both numbers.
pub(super) fn within(text: &str, limit: usize, code: Code, what: &str) -> Result<(), Problem> {
    if text.len() <= limit {
        return Ok(());
    }
    let shown = format!("is {what} of {} bytes; the limit is {limit}", text.len());
    Err(Problem::new(code, text, &shown))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn code<T: std::fmt::Debug>(result: Result<T, Problem>) -> Code {
        result.unwrap_err().code
    }

    #[rstest]
    #[case("")]
    #[case("/srv/x")]
    #[case("C:\\x")]
    #[case("C:/x")]
    #[case("\\\\host\\share")]
    #[case("~/x")]
    #[case("src/lib.rs")]
    #[case("./x")]
    #[case("/a:b")]
    #[case(":workspace_roots")]
    fn a_native_path_is_no_literal_place(#[case] text: &str) {
        assert_eq!(code(uri(text)), Code::PathNotPortable);
    }

    #[rstest]
    #[case("http://host/x", Code::UriScheme)]
    #[case("codex-env:x", Code::UriScheme)]
    #[case("file:x", Code::UriAuthority)]
    #[case(" file:///x", Code::UriBlank)]
    #[case("\tfile:///x", Code::UriControl)]
    fn another_uri_keeps_the_code_of_the_uri_reader(#[case] text: &str, #[case] expected: Code) {
        assert_eq!(code(uri(text)), expected);
    }

    #[test]
    fn a_string_is_a_symbol_or_a_uri_and_never_a_pattern() {
        let symbol = |text| match string_form(text).unwrap() {
            (EntryPath::Symbol { symbol, subpath }, remark) => (symbol, subpath, remark.is_some()),
            other => panic!("{other:?}"),
        };
        assert_eq!(symbol(":workspace_roots"), (Symbol::WorkspaceRoots, None, false));
        assert_eq!(symbol(":project_roots/.git"), (Symbol::WorkspaceRoots, Some(".git".into()), true));
        assert_eq!(symbol(":cwd/"), (Symbol::Cwd, Some(String::new()), false));
        assert_eq!(symbol(":home//x"), (Symbol::Home, Some("/x".into()), false));
        assert_eq!(symbol(":tool-chains_2"), (Symbol::Other(":tool-chains_2".into()), None, false));
        assert_eq!(
            symbol(":workspace_roots/**/.env"),
            (Symbol::WorkspaceRoots, Some("**/.env".into()), true)
        );
        assert!(matches!(string_form("file:///a%2A").unwrap().0, EntryPath::Literal(_)));
    }

    #[rstest]
    #[case(":")]
    #[case(":/x")]
    #[case(":Home")]
    #[case("::home")]
    #[case(":home\\x")]
    #[case(":home x")]
    #[case(":hömé")]
    #[case(":home:x/y")]
    fn a_symbol_outside_the_grammar_is_refused(#[case] text: &str) {
        assert_eq!(code(string_form(text)), Code::SymbolMalformed);
        assert_eq!(code(pattern(&format!("{text}/**"))), Code::SymbolMalformed);
    }

    #[test]
    fn own_symbols_are_known_in_both_spellings() {
        assert!(Symbol::OWN.into_iter().all(is_own_symbol) && is_own_symbol(":project_roots"));
        assert!(!is_own_symbol(":toolchains") && !is_own_symbol("home"));
    }

    #[test]
    fn a_token_of_a_newer_peer_survives() {
        assert_eq!(carried_token(":home").unwrap().0, Symbol::Home);
        assert_eq!(carried_token(":Future.Place").unwrap().0, Symbol::Other(":Future.Place".into()));
        for text in ["", ":", "home", ":a\u{7}b"] {
            assert_eq!(code(carried_token(text)), Code::SymbolMalformed, "{text}");
        }
    }

    #[rstest]
    #[case("codex-project-roots://**/*.env", Anchor::Symbol(Symbol::WorkspaceRoots), "**/*.env")]
    #[case(":workspace_roots/**/.env", Anchor::Symbol(Symbol::WorkspaceRoots), "**/.env")]
    #[case(":root/**/x", Anchor::Symbol(Symbol::Root), "**/x")]
    #[case(":tmpdir/*", Anchor::Symbol(Symbol::Tmpdir), "*")]
    #[case(":slash_tmp/*", Anchor::Symbol(Symbol::SlashTmp), "*")]
    #[case(":tools/bin/*", Anchor::Symbol(Symbol::Other(":tools".into())), "bin/*")]
    #[case("~/x/*.key", Anchor::Home, "x/*.key")]
    #[case("~\\x\\*", Anchor::Text, "~\\x\\*")]
    #[case("~someone/x", Anchor::Text, "~someone/x")]
    #[case("**/.env", Anchor::Text, "**/.env")]
    #[case("/srv/**", Anchor::Text, "/srv/**")]
    #[case("C:\\x\\**", Anchor::Text, "C:\\x\\**")]
    #[case("C:/x/**", Anchor::Text, "C:/x/**")]
    #[case("a:b/*", Anchor::Text, "a:b/*")]
    fn a_pattern_hangs_on_its_anchor(#[case] text: &str, #[case] anchor: Anchor, #[case] tail: &str) {
        let (read, _) = pattern(text).unwrap();
        assert_eq!((read.anchor, read.tail.as_str(), read.source.as_str()), (anchor, tail, text));
    }

    #[rstest]
    #[case("", Code::PatternEmpty)]
    #[case("~", Code::PatternEmpty)]
    #[case("~/", Code::PatternEmpty)]
    #[case(":home", Code::PatternEmpty)]
    #[case("codex-project-roots://", Code::PatternEmpty)]
    #[case("~//x", Code::PatternSegment)]
    #[case("codex-project-roots:///x", Code::PatternSegment)]
    #[case(":minimal/*", Code::PatternAnchor)]
    #[case("file:///srv/*", Code::PatternIsUri)]
    #[case("FILE:x", Code::PatternIsUri)]
    #[case("Codex-project-roots://x", Code::PatternIsUri)]
    fn a_pattern_that_would_match_nothing_is_refused(#[case] text: &str, #[case] expected: Code) {
        assert_eq!(code(pattern(text)), expected);
    }

    #[test]
    fn limits_hold_at_and_above() {
        assert!(pattern(&"x".repeat(MAX_PATTERN_BYTES)).is_ok());
        assert_eq!(code(pattern(&"x".repeat(MAX_PATTERN_BYTES + 1))), Code::PatternTooLong);
        let text = format!(":cwd/{}", "x".repeat(MAX_TEXT_BYTES - 5));
        assert!(string_form(&text).is_ok());
        assert_eq!(code(string_form(&format!("{text}x"))), Code::TooLong);
    }
}
