//! Columns of text that fit a width, by wrapping and never by cutting.

use super::out::{BOLD, printable};
use anstyle::Style;
use std::fmt::Write as _;

/// A text and how it looks.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    pub(super) fn new(text: &str, style: Style) -> Self {
        Self { text: printable(text).into_owned(), style }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::new(text, Style::new())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

/// The narrowest that a column gets, and the space between two.
const NARROW: usize = 12;
const GAP: usize = 2;

/// Rows under a header, wrapped to `width` where there is one.
pub(super) fn columns<const N: usize>(
    header: [&str; N],
    rows: Vec<[Cell; N]>,
    width: Option<usize>,
) -> String {
    let header = header.map(|text| Cell::new(text, BOLD));
    let rows: Vec<[Cell; N]> = std::iter::once(header).chain(rows).collect();
    let mut widths = [0; N];
    for row in &rows {
        for (cell, wide) in row.iter().zip(&mut widths) {
            *wide = (*wide).max(cell.text.chars().count());
        }
    }
    if let Some(room) = width.map(|width| width.saturating_sub(GAP * N.saturating_sub(1))) {
        if widths.iter().sum::<usize>() > room {
            squeeze(&mut widths, room);
        }
    }
    let mut out = String::new();
    for row in &rows {
        let cells: Vec<(Vec<&str>, &Cell)> =
            row.iter().zip(widths).map(|(cell, wide)| (wrap(&cell.text, wide), cell)).collect();
        let height = cells.iter().map(|(lines, _)| lines.len()).max().unwrap_or(0);
        for line in 0..height {
            let mut blanks = 0;
            for ((lines, cell), wide) in cells.iter().zip(widths) {
                let text = lines.get(line).copied().unwrap_or_default().trim_end();
                if !text.is_empty() {
                    out.extend(std::iter::repeat_n(' ', blanks));
                    blanks = 0;
                    let _ = write!(out, "{}{text}{:#}", cell.style, cell.style);
                }
                blanks += wide.saturating_sub(text.chars().count()) + GAP;
            }
            out.push('\n');
        }
    }
    out
}

/// Makes the widest columns narrower, all to the same bound, until they fit or are as narrow as they get.
fn squeeze(widths: &mut [usize], room: usize) {
    let fits = |bound: &usize| widths.iter().map(|wide| wide.min(bound)).sum::<usize>() <= room;
    let widest = widths.iter().copied().max().unwrap_or(0).min(room);
    let bound = (NARROW..=widest).rev().find(fits).unwrap_or(NARROW);
    for wide in widths.iter_mut() {
        *wide = (*wide).min(bound);
    }
    // What dividing left over goes to the last column, which holds the longest texts.
    let used: usize = widths.iter().sum();
    if let Some(last) = widths.last_mut().filter(|last| **last == bound) {
        *last += room.saturating_sub(used);
    }
}

/// Cuts a text into lines of at most `width` characters: after a separator or a blank where one is near the end,
/// so that nothing is lost when the lines are put together again.
fn wrap(text: &str, width: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while let Some((end, _)) = rest.char_indices().nth(width.max(1)) {
        let (line, _) = rest.split_at(end);
        let good = line.rfind(['/', '\\', ' ', ',']).map(|at| at + 1).filter(|at| *at > end / 2);
        let (line, more) = rest.split_at(good.unwrap_or(end));
        lines.push(line);
        rest = more;
    }
    lines.push(rest);
    lines
}

/// A label, then a text that is wrapped beside it.
pub(super) fn labelled(label: &str, indent: usize, cell: &Cell, width: Option<usize>) -> String {
    let blanks = " ".repeat(indent);
    let lines = match width {
        Some(width) => wrap(&cell.text, width.saturating_sub(indent)),
        None => vec![cell.text.as_str()],
    };
    let mut out = String::new();
    for (i, line) in lines.iter().enumerate() {
        let start = if i == 0 { format!("{label:indent$}") } else { blanks.clone() };
        let _ = writeln!(out, "{start}{}{}{:#}", cell.style, line.trim_end(), cell.style);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn columns_are_as_wide_as_their_cells_where_nothing_bounds_them() {
        let rows = vec![["1".into(), "a/b".into()], ["22".into(), "c".into()]];
        assert_eq!(plain(&columns(["#", "path"], rows, None)), "#   path\n1   a/b\n22  c\n");
    }

    #[test]
    fn wrapping_breaks_after_separators_and_loses_nothing() {
        let text = "/srv/agent/workspace/some-long-name/x.rs";
        let lines = wrap(text, 16);
        assert_eq!(lines, ["/srv/agent/", "workspace/", "some-long-name/", "x.rs"]);
        assert_eq!(lines.concat(), text);
        assert_eq!(wrap("", 10), [""]);
        assert_eq!(wrap("éééé", 2), ["éé", "éé"]);
    }

    #[test]
    fn a_table_fits_its_width() {
        let long = "/a/very/long/path".repeat(8);
        let rows = vec![["write".into(), long.as_str().into(), long.as_str().into()]];
        for width in 40..100 {
            let table = plain(&columns(["access", "entry", "became"], rows.clone(), Some(width)));
            let widest = table.lines().map(|line| line.chars().count()).max();
            assert!(widest <= Some(width), "{width}: {table}");
        }
    }

    #[test]
    fn what_could_move_the_cursor_is_written_out() {
        let rows = vec![["a\u{1b}[2J\nb\u{202e}c".into()]];
        let table = plain(&columns(["path"], rows, None));
        assert_eq!(table, "path\na\\u{1b}[2J\\u{a}b\\u{202e}c\n");
    }
}
