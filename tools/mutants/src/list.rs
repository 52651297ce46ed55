//! The mutants, as cargo-mutants lists them.

use serde::Deserialize;

/// One change of one place. Its number is its position in the list, from 1.
#[derive(Clone, Debug, Deserialize)]
pub struct Mutant {
    #[serde(skip)]
    pub id: u32,
    pub file: String,
    pub genre: String,
    pub name: String,
    pub replacement: String,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Span {
    pub start: Start,
}

/// Lines and columns from 1.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
pub struct Start {
    pub line: usize,
    pub column: usize,
}

impl Mutant {
    /// The folder or file directly in `src`.
    pub fn room(&self) -> &str {
        let inside = self.file.strip_prefix("src/").unwrap_or(&self.file);
        inside.split('/').next().unwrap_or(inside).trim_end_matches(".rs")
    }
}

pub fn read(text: &str) -> Result<Vec<Mutant>, serde_json::Error> {
    let mut all: Vec<Mutant> = serde_json::from_str(text)?;
    for (id, mutant) in (1..).zip(&mut all) {
        mutant.id = id;
    }
    Ok(all)
}
