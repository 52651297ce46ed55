//! Patterns in the slow and obvious way: every alternative is written out, every `**` tried with every number of
//! directories. Shares no line with the engine.

/// A component of a pattern without groups.
#[derive(Clone, Debug)]
enum Part {
    Any,
    Name(Vec<Piece>),
}

#[derive(Clone, Debug)]
enum Piece {
    Itself(char),
    One,
    Many,
    Class { negated: bool, members: Vec<(char, char)> },
}

/// A pattern as the list of patterns that its groups stand for.
#[derive(Debug)]
pub(crate) struct Naive(Vec<Vec<Part>>);

/// The most texts that groups are written out to.
const MOST: usize = 256;

/// Where a group began or ended: what meets there is no `**`.
const SEAM: char = '\u{E000}';

/// One character of a pattern; what a backslash stood before is only itself.
type Token = (char, bool);

impl Naive {
    /// `None`: no pattern, or too many alternatives to be written out.
    pub(crate) fn read(text: &str, windows: bool) -> Option<Self> {
        let mut tokens: Vec<Token> = Vec::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match c {
                SEAM => return None,
                '\\' if windows => tokens.push(('/', false)),
                '\\' => tokens.push((chars.next()?, true)),
                other => tokens.push((other, false)),
            }
        }
        let mut all = Vec::new();
        write_out(&tokens, &mut all)?;
        all.iter().map(|tokens| parts(tokens)).collect::<Option<_>>().map(Self)
    }

    /// Does the pattern match the path or a directory above it?
    pub(crate) fn denies(&self, names: &[&str]) -> bool {
        let names: Vec<Vec<char>> = names.iter().map(|name| name.chars().collect()).collect();
        self.0.iter().any(|parts| {
            // Each `**` at the end says what a denial means anyway.
            let last = parts.iter().rposition(|part| !matches!(part, Part::Any)).map_or(0, |last| last + 1);
            matches(parts.get(..last).unwrap_or_default(), &names)
        })
    }
}

/// The end of the class that begins at `at`, behind its bracket.
fn end_of_class(tokens: &[Token], at: usize) -> Option<usize> {
    let mut end = at + 1;
    end += usize::from(matches!(tokens.get(end)?, ('!' | '^', false)));
    end += 1;
    while *tokens.get(end)? != (']', false) {
        end += 1;
    }
    Some(end + 1)
}

fn write_out(tokens: &[Token], all: &mut Vec<Vec<Token>>) -> Option<()> {
    let (mut at, mut depth, mut cuts) = (0, 0_usize, Vec::new());
    while let Some(token) = tokens.get(at) {
        match token {
            ('[', false) => {
                at = end_of_class(tokens, at)?;
                continue;
            }
            ('{', false) => {
                depth += 1;
                if depth == 1 {
                    cuts.push(at);
                }
            }
            (',', false) if depth == 1 => cuts.push(at),
            ('}', false) => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    cuts.push(at);
                    for pair in cuts.windows(2) {
                        let (Some(from), Some(to)) = (pair.first(), pair.last()) else { continue };
                        let seam = [(SEAM, false)];
                        let before = tokens.get(..*cuts.first()?)?;
                        let text = [before, &seam, tokens.get(from + 1..*to)?, &seam, tokens.get(at + 1..)?]
                            .concat();
                        write_out(&text, all)?;
                    }
                    return Some(());
                }
            }
            _ => {}
        }
        at += 1;
    }
    all.push(tokens.to_vec());
    (depth == 0 && all.len() <= MOST).then_some(())
}

/// The components of a text without groups.
fn parts(tokens: &[Token]) -> Option<Vec<Part>> {
    let mut all = Vec::new();
    let mut at = 0;
    let mut pieces = Vec::new();
    while let Some(token) = tokens.get(at) {
        match token {
            ('/', false) => all.push(Part::Name(std::mem::take(&mut pieces))),
            ('*', false) if tokens.get(at + 1) == Some(&('*', false)) => {
                let ends = |token: Option<&Token>| token.is_none_or(|token| *token == ('/', false));
                if !pieces.is_empty() || !ends(tokens.get(at + 2)) {
                    return None;
                }
                all.push(Part::Any);
                // The separator behind it ends no further component.
                at += 3;
                if tokens.len() == at {
                    return None;
                }
                if tokens.len() < at {
                    return Some(all);
                }
                continue;
            }
            ('*', false) => pieces.push(Piece::Many),
            ('?', false) => pieces.push(Piece::One),
            ('[', false) => {
                let end = end_of_class(tokens, at)?;
                pieces.push(class(tokens.get(at + 1..end - 1)?)?);
                at = end;
                continue;
            }
            (SEAM, false) => {}
            (c, _) => pieces.push(Piece::Itself(*c)),
        }
        at += 1;
    }
    all.push(Part::Name(pieces));
    all.iter().all(|part| !matches!(part, Part::Name(pieces) if pieces.is_empty())).then_some(all)
}

fn class(inside: &[Token]) -> Option<Piece> {
    let negated = matches!(inside.first(), Some(('!' | '^', false)));
    let mut members = Vec::new();
    let mut at = usize::from(negated);
    while let Some((low, _)) = inside.get(at) {
        if let (Some(('-', false)), Some((high, _))) = (inside.get(at + 1), inside.get(at + 2)) {
            members.push((*low, *high));
            at += 3;
        } else {
            members.push((*low, *low));
            at += 1;
        }
    }
    (!members.is_empty()).then_some(Piece::Class { negated, members })
}

/// Does the pattern match a path of one name or more, or a directory above it?
fn matches(parts: &[Part], names: &[Vec<char>]) -> bool {
    match parts.split_first() {
        None => true,
        // At the end it needs a name: `**` alone does not match the base.
        Some((Part::Any, [])) => !names.is_empty(),
        Some((Part::Any, rest)) => {
            (0..=names.len()).any(|skipped| names.get(skipped..).is_some_and(|names| matches(rest, names)))
        }
        Some((Part::Name(pieces), rest)) => names
            .split_first()
            .is_some_and(|(name, below)| name_matches(pieces, name) && matches(rest, below)),
    }
}

fn name_matches(pieces: &[Piece], name: &[char]) -> bool {
    match (pieces.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((Piece::Many, rest)), None) => name_matches(rest, name),
        (Some((Piece::Many, rest)), Some((_, shorter))) => {
            name_matches(rest, name) || name_matches(pieces, shorter)
        }
        (Some((piece, rest)), Some((c, shorter))) => {
            let fits = match piece {
                Piece::Itself(wanted) => wanted == c,
                Piece::One | Piece::Many => true,
                Piece::Class { negated, members } => {
                    members.iter().any(|(low, high)| low <= c && c <= high) != *negated
                }
            };
            fits && name_matches(rest, shorter)
        }
        (None, Some(_)) | (Some(_), None) => false,
    }
}
