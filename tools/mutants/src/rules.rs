//! Mutants made by hand, each without one rule: `rules.txt` says what and where.

use crate::plant::SWITCH;
use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

/// A mutant: changes of some places, as text, behind one switch.
#[derive(Clone, Debug)]
pub struct Lacking {
    pub id: u32,
    pub rule: String,
    pub what: String,
    changes: Vec<Change>,
}

#[derive(Clone, Debug)]
struct Change {
    file: String,
    find: String,
    put: String,
}

/// Reads the list. Numbers count from 1.
pub fn read(text: &str) -> io::Result<Vec<Lacking>> {
    let blocks =
        text.split("\n\n").map(str::trim).filter(|block| !block.starts_with('#') && !block.is_empty());
    blocks
        .zip(1..)
        .map(|(block, id)| {
            let wrong = || io::Error::other(format!("not as it must be: {block}"));
            let lines: Vec<&str> = block.lines().collect();
            let [head, rest @ ..] = lines.as_slice() else { return Err(wrong()) };
            let (rule, what) = head.split_once(' ').ok_or_else(wrong)?;
            let changes: Option<Vec<Change>> = rest
                .chunks(3)
                .map(|change| match change {
                    [file, find, put] => Some(Change {
                        file: (*file).to_owned(),
                        find: find.strip_prefix("< ")?.to_owned(),
                        put: put.strip_prefix("> ")?.to_owned(),
                    }),
                    _ => None,
                })
                .collect();
            let changes = changes.filter(|changes| !changes.is_empty()).ok_or_else(wrong)?;
            Ok(Lacking { id, rule: rule.to_owned(), what: what.to_owned(), changes })
        })
        .collect()
}

/// The text with the switch for each word `ON`.
fn switched(put: &str, id: u32) -> String {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let switch = format!("crate::mutant::on({id})");
    put.split_inclusive(|c| !is_word(c))
        .map(|word| match word.trim_end_matches(|c| !is_word(c)) {
            "ON" => word.replacen("ON", &switch, 1),
            _ => word.to_owned(),
        })
        .collect()
}

/// Where `find` stands in `text`, whatever the blanks of both; an error unless it stands there once.
fn find(text: &str, find: &str) -> Result<(usize, usize), usize> {
    let solid = |text: &str| -> Vec<(usize, char)> {
        text.char_indices().filter(|(_, c)| !c.is_whitespace()).collect()
    };
    let (text, find) = (solid(text), solid(find));
    let is_here = |at: &usize| text[*at..].iter().zip(&find).all(|((_, a), (_, b))| a == b);
    let places: Vec<usize> = (0..=text.len().saturating_sub(find.len())).filter(is_here).collect();
    match places.as_slice() {
        [at] => {
            let (last, c) = text[at + find.len() - 1];
            Ok((text[*at].0, last + c.len_utf8()))
        }
        _ => Err(places.len()),
    }
}

/// Plants the mutants in `tree/src`, but for those that touch the place of another one: these are given back.
pub fn plant<'d>(tree: &Path, all: &[&'d Lacking]) -> io::Result<Vec<&'d Lacking>> {
    let mut by_file: BTreeMap<&str, Vec<(usize, usize, String)>> = BTreeMap::new();
    let (mut later, mut wrong) = (Vec::new(), Vec::new());
    for &lacking in all {
        let mut places = Vec::new();
        for change in &lacking.changes {
            let text = fs::read_to_string(tree.join(&change.file)).unwrap_or_default();
            match find(&text, &change.find) {
                Ok((start, end)) => places.push((change, start, end)),
                Err(count) => {
                    let Lacking { rule, what, .. } = lacking;
                    wrong.push(format!("{rule} {what}: found {count} times in {}", change.file));
                }
            }
        }
        let is_taken = |(change, start, end): &(&Change, usize, usize)| {
            let taken = by_file.get(change.file.as_str()).map(Vec::as_slice).unwrap_or_default();
            taken.iter().any(|(other, other_end, _)| start < other_end && other < end)
        };
        if places.iter().any(is_taken) {
            later.push(lacking);
            continue;
        }
        for (change, start, end) in places {
            by_file.entry(&change.file).or_default().push((start, end, switched(&change.put, lacking.id)));
        }
    }
    if !wrong.is_empty() {
        return Err(io::Error::other(wrong.join("\n")));
    }
    for (file, mut changes) in by_file {
        let path = tree.join(file);
        let mut text = fs::read_to_string(&path)?;
        changes.sort_by_key(|(start, ..)| std::cmp::Reverse(*start));
        for (start, end, put) in changes {
            text.replace_range(start..end, &put);
        }
        fs::write(&path, text)?;
    }
    let lib = tree.join("src/lib.rs");
    let text = fs::read_to_string(&lib)?;
    fs::write(&lib, text + SWITCH)?;
    Ok(later)
}
