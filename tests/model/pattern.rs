//! Deny patterns, matched the slow way (semantics 7): every alternative is written out, every `**` is tried with
//! every number of directories.

use super::path::{Path, System, may_be_short};
use unicode_normalization::UnicodeNormalization as _;

/// One component of a pattern without alternatives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Component {
    /// `**`: any number of directories.
    Any,
    Name(Vec<Piece>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Literal(char),
    One,
    Many,
    Class { negated: bool, ranges: Vec<(char, char)> },
}

/// A tail as the list of tails that its alternatives stand for.
pub(crate) type Tail = Vec<Vec<Component>>;

/// Writes out the alternatives of `{a,b}`; a text without braces is its own only one. `None`: unbalanced.
fn alternatives(system: System, text: &[char], nested: usize) -> Option<Vec<Vec<char>>> {
    if nested > 64 {
        return None;
    }
    let escapes = system != System::Windows;
    let (mut depth, mut start, mut options, mut in_class) = (0, 0, Vec::new(), false);
    let mut at = 0;
    while let Some(c) = text.get(at) {
        match c {
            '\\' if escapes => at += 1,
            '[' if !in_class => {
                in_class = true;
                // A bracket right after the start is a member.
                at += usize::from(matches!(text.get(at + 1), Some('!' | '^')));
                at += usize::from(text.get(at + 1) == Some(&']'));
            }
            ']' if in_class => in_class = false,
            _ if in_class => {}
            '{' => {
                depth += 1;
                if depth == 1 {
                    start = at;
                    options.push(at + 1);
                }
            }
            ',' if depth == 1 => options.push(at + 1),
            '}' => {
                depth -= 1;
                if depth == 0 {
                    let mut all = Vec::new();
                    let after = alternatives(system, text.get(at + 1..)?, nested + 1)?;
                    let ends = options.iter().skip(1).map(|next| next - 1).chain([at]);
                    for (from, to) in options.iter().zip(ends) {
                        for inner in alternatives(system, text.get(*from..to)?, nested + 1)? {
                            for after in &after {
                                if all.len() > 4096 {
                                    return None;
                                }
                                all.push(
                                    text.get(..start)?.iter().chain(&inner).chain(after).copied().collect(),
                                );
                            }
                        }
                    }
                    return Some(all);
                }
            }
            _ => {}
        }
        at += 1;
    }
    (depth == 0 && !in_class).then(|| vec![text.to_vec()])
}

fn class(text: &[char], escapes: bool) -> Option<(Piece, usize)> {
    let mut at = 1;
    let negated = matches!(text.get(at), Some('!' | '^'));
    at += usize::from(negated);
    let mut ranges = Vec::new();
    let first = at;
    loop {
        let mut c = *text.get(at)?;
        if c == ']' && at > first {
            return Some((Piece::Class { negated, ranges }, at + 1));
        }
        if c == '\\' && escapes {
            at += 1;
            c = *text.get(at)?;
        }
        if c == '/' || !c.is_ascii() {
            return None;
        }
        match (text.get(at + 1), text.get(at + 2)) {
            (Some('-'), Some(end)) if *end != ']' => {
                let end = if *end == '\\' && escapes {
                    at += 1;
                    text.get(at + 2)?
                } else {
                    end
                };
                if c > *end || !end.is_ascii() {
                    return None;
                }
                ranges.push((c, *end));
                at += 3;
            }
            _ => {
                ranges.push((c, c));
                at += 1;
            }
        }
    }
}

fn component(system: System, text: &[char]) -> Option<Component> {
    if text == ['*', '*'] {
        return Some(Component::Any);
    }
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(c) = text.get(at) {
        match c {
            '\\' if system != System::Windows => {
                at += 1;
                pieces.push(Piece::Literal(*text.get(at)?));
            }
            '*' if text.get(at + 1) == Some(&'*') => return None,
            '*' => pieces.push(Piece::Many),
            '?' => pieces.push(Piece::One),
            '[' => {
                let (piece, length) = class(text.get(at..)?, system != System::Windows)?;
                pieces.push(piece);
                at += length - 1;
            }
            other => pieces.push(Piece::Literal(*other)),
        }
        at += 1;
    }
    Some(Component::Name(pieces))
}

/// `**` is a whole component, and so never stands inside a group.
fn globstar_in_group(system: System, text: &[char]) -> bool {
    let (mut depth, mut before) = (0_usize, ' ');
    let mut characters = text.iter();
    while let Some(c) = characters.next() {
        match c {
            '\\' if system != System::Windows => {
                characters.next();
            }
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '*' if before == '*' && depth > 0 => return true,
            _ => {}
        }
        before = *c;
    }
    false
}

/// Reads a tail. `None`: it cannot be compiled.
pub(crate) fn parse(system: System, text: &str) -> Option<Tail> {
    let text: Vec<char> =
        text.chars().map(|c| if system == System::Windows && c == '\\' { '/' } else { c }).collect();
    if globstar_in_group(system, &text) {
        return None;
    }
    let mut all = Vec::new();
    for option in alternatives(system, &text, 0)? {
        let mut components = Vec::new();
        let mut from = 0;
        let mut at = 0;
        loop {
            match option.get(at) {
                Some('\\') if system != System::Windows => at += 1,
                Some('/') | None => {
                    let text = option.get(from..at)?;
                    if text.is_empty() || text == ['.'] || text == ['.', '.'] {
                        return None;
                    }
                    components.push(component(system, text)?);
                    from = at + 1;
                }
                Some(_) => {}
            }
            if at >= option.len() {
                break;
            }
            at += 1;
        }
        all.push(components);
    }
    Some(all)
}

/// The literal names before the first component with a metacharacter, and whether anything is left.
pub(crate) fn is_literal(components: &[Component]) -> Option<Path> {
    components
        .iter()
        .map(|component| match component {
            Component::Any => None,
            Component::Name(pieces) => pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Literal(c) => Some(*c),
                    Piece::One | Piece::Many | Piece::Class { .. } => None,
                })
                .collect(),
        })
        .collect()
}

/// The names with which every alternative begins, without a metacharacter in any of them: they belong to the base, so
/// that the pattern holds under every name that they have.
pub(crate) fn literal_start(tail: &Tail) -> Path {
    let mut start = Path::new();
    loop {
        let mut next = tail.iter().map(|components| {
            let component = components.get(start.len()).map(std::slice::from_ref)?;
            is_literal(component)?.pop()
        });
        match next.next().flatten() {
            Some(name) if next.all(|other| other.as_ref() == Some(&name)) => start.push(name),
            Some(_) | None => return start,
        }
    }
}

/// Whether the pieces match a whole name. `fold` is applied to both sides.
fn matches_pieces(pieces: &[Piece], name: &[char], fold: &dyn Fn(&str) -> String) -> bool {
    match (pieces.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((Piece::Many, rest)), _) => {
            matches_pieces(rest, name, fold)
                || name.split_first().is_some_and(|(_, name)| matches_pieces(pieces, name, fold))
        }
        (Some((Piece::Literal(wanted), rest)), _) => {
            // Folding may make several characters of one.
            let wanted: Vec<char> = fold(&wanted.to_string()).chars().collect();
            name.strip_prefix(wanted.as_slice()).is_some_and(|name| matches_pieces(rest, name, fold))
        }
        (None, Some(_)) | (Some(_), None) => false,
        (Some((piece, rest)), Some((c, name))) => {
            let fits = match piece {
                Piece::Class { negated, ranges } => {
                    let spellings = [*c, c.to_ascii_lowercase(), c.to_ascii_uppercase()];
                    let folded = fold(&c.to_string());
                    let mut same = spellings.iter().filter(|s| fold(&s.to_string()) == folded);
                    // What might be in the class is in it: a denial is kept on doubt.
                    same.any(|c| ranges.iter().any(|(from, to)| from <= c && c <= to) != *negated)
                }
                Piece::One | Piece::Many | Piece::Literal(_) => true,
            };
            fits && matches_pieces(rest, name, fold)
        }
    }
}

/// The same where the volume may know other spellings of the name: a short name is any name, and where
/// normalization is not kept apart, `?` is a whole letter with its accents.
fn matches_name(system: System, pieces: &[Piece], name: &str, fold: &dyn Fn(&str) -> String) -> bool {
    if system == System::Windows && may_be_short(name) {
        return true;
    }
    let characters: Vec<char> = name.chars().collect();
    if matches_pieces(pieces, &characters, fold) {
        return true;
    }
    // Does the directory tell an accented letter from its two parts?
    if fold("e\u{301}") == fold("\u{e9}") {
        let composed: Vec<char> = name.nfc().collect();
        let literal = |piece: &Piece| match piece {
            Piece::Literal(c) => Some(*c),
            Piece::One | Piece::Many | Piece::Class { .. } => None,
        };
        // Compose what stands side by side in the pattern, too.
        let mut pieces_composed = Vec::new();
        for group in pieces.chunk_by(|a, b| literal(a).is_some() && literal(b).is_some()) {
            if group.iter().all(|piece| literal(piece).is_some()) {
                let text: String = group.iter().filter_map(literal).collect();
                pieces_composed.extend(fold(&text).nfc().map(Piece::Literal));
            } else {
                pieces_composed.extend(group.iter().cloned());
            }
        }
        let fold = |text: &str| fold(text).nfc().collect::<String>();
        return matches_pieces(&pieces_composed, &composed, &fold);
    }
    false
}

/// Whether the components match the names exactly, or (with `ancestors`) a prefix of them. `folds` says for each
/// name which characters its directory keeps apart.
pub(crate) fn matches(
    system: System,
    tail: &[Component],
    names: &[String],
    fold: &dyn Fn(usize, &str) -> String,
    at: usize,
) -> bool {
    let Some((first, rest)) = tail.split_first() else {
        // D-3: the path itself, or a directory above it.
        return true;
    };
    match first {
        Component::Any => {
            matches(system, rest, names, fold, at)
                || names.split_first().is_some_and(|(_, names)| matches(system, tail, names, fold, at + 1))
        }
        Component::Name(pieces) => names.split_first().is_some_and(|(name, names)| {
            let fits = matches_name(system, pieces, name, &|text| fold(at, text));
            fits && matches(system, rest, names, fold, at + 1)
        }),
    }
}

/// Whether the components could match something strictly below the names.
pub(crate) fn could_match_below(
    system: System,
    tail: &[Component],
    names: &[String],
    fold: &dyn Fn(usize, &str) -> String,
    at: usize,
) -> bool {
    let Some((first, rest)) = tail.split_first() else {
        return false;
    };
    let Some((name, names)) = names.split_first() else {
        // Every component that is left has a name that it matches.
        return true;
    };
    match first {
        Component::Any => {
            could_match_below(system, tail, names, fold, at + 1) || {
                let mut all = vec![name.clone()];
                all.extend(names.iter().cloned());
                could_match_below(system, rest, &all, fold, at)
            }
        }
        Component::Name(pieces) => {
            let fits = matches_name(system, pieces, name, &|text| fold(at, text));
            fits && could_match_below(system, rest, names, fold, at + 1)
        }
    }
}
