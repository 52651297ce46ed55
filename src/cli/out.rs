//! Printing: data to standard output, messages to standard error, and a closed pipe is no error.

use super::Status;
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use bindery::{Changes, Input, Refusal, Refusals};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, BufWriter, IsTerminal as _, Write as _};

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const MIXED: Style = AnsiColor::Yellow.on_default();
const HINT: Style = AnsiColor::Cyan.on_default();

/// Why a command cannot answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// The call or a file could not be used: one sentence, and what to do.
    Call { message: String, help: Option<&'static str> },
    /// A document was refused. The name is how the call named it.
    Refused { document: String, refusals: Refusals },
}

impl Failure {
    pub(super) const fn call(message: String) -> Self {
        Self::Call { message, help: None }
    }

    pub(super) const fn status(&self) -> Status {
        match self {
            Self::Call { .. } => Status::Unusable,
            Self::Refused { .. } => Status::No,
        }
    }
}

/// Standard output. After its reader went away everything is dropped, and the call ends with the status that it
/// would have had.
pub(super) struct Out {
    stream: BufWriter<io::Stdout>,
    closed: bool,
}

impl Out {
    pub(super) fn new() -> Self {
        Self { stream: BufWriter::new(io::stdout()), closed: false }
    }

    /// Has the reader gone away?
    pub(super) const fn is_closed(&self) -> bool {
        self.closed
    }

    fn keep(&mut self, result: io::Result<()>) -> Result<(), Failure> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => self.closed = true,
            Err(error) => return Err(Failure::call(format!("cannot write to standard output: {error}"))),
            Ok(()) => {}
        }
        Ok(())
    }

    /// Prints bytes as they are.
    pub(super) fn data(&mut self, text: &str) -> Result<(), Failure> {
        if self.closed {
            return Ok(());
        }
        let result = self.stream.write_all(text.as_bytes());
        self.keep(result)
    }

    /// Prints bytes as they are, and ends the line.
    pub(super) fn line(&mut self, text: &str) -> Result<(), Failure> {
        self.data(text)?;
        self.data("\n")
    }

    /// Prints styled text; the styles show on a terminal only.
    pub(super) fn text(&mut self, text: &str) -> Result<(), Failure> {
        if AutoStream::choice(&io::stdout()) == ColorChoice::Never {
            return self.data(&anstream::adapter::strip_str(text).to_string());
        }
        self.flush()?;
        if self.closed {
            return Ok(());
        }
        let result = anstream::stdout().write_all(text.as_bytes());
        self.keep(result)
    }

    pub(super) fn flush(&mut self) -> Result<(), Failure> {
        if self.closed {
            return Ok(());
        }
        let result = self.stream.flush();
        self.keep(result)
    }

    /// Flushes what is left. What a closed pipe did not take is dropped without another try.
    pub(super) fn finish(mut self) -> Result<(), Failure> {
        self.flush()?;
        drop(self.stream.into_parts());
        Ok(())
    }
}

/// Is standard output a terminal?
pub(super) fn on_terminal() -> bool {
    io::stdout().is_terminal()
}

/// How wide a table may be: as `COLUMNS` says, else as the terminal; without bound when piped, so that every row
/// stays on its line.
#[expect(clippy::disallowed_methods, reason = "how wide to print is no input of the library")]
pub(super) fn width() -> Option<usize> {
    let columns = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok()).filter(|width| *width > 0);
    let terminal =
        || on_terminal().then(|| terminal_size::terminal_size().map_or(80, |(width, _)| width.0.into()));
    columns.or_else(terminal).map(|width: usize| width.max(40))
}

/// A text for people: what could move the cursor or reorder the line is written out.
pub(super) fn printable(text: &str) -> Cow<'_, str> {
    let hidden = |c: char| {
        let reorders =
            matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        c.is_control() || reorders
    };
    if !text.contains(hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if hidden(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    Cow::Owned(out)
}

fn message(text: &str) {
    // There is nobody left to tell.
    let _ = anstream::stderr().write_all(text.as_bytes());
}

/// Says something that does not change the answer.
pub(super) fn note(text: &str) {
    message(&format!("{HINT}note{HINT:#}: {}\n", printable(text)));
}

/// Says what reading met.
pub(super) fn notes(notes: &[String]) {
    for text in notes {
        note(text);
    }
}

/// Says why a command cannot answer.
pub(super) fn report(failure: &Failure) {
    match failure {
        Failure::Call { message: text, help } => {
            let mut out = format!("{BAD}error{BAD:#}: {}\n", printable(text));
            if let Some(help) = help {
                let _ = writeln!(out, "  {HINT}help{HINT:#}  {help}");
            }
            message(&out);
        }
        Failure::Refused { document, refusals } => refused(refusals, |_| document.clone()),
    }
}

/// Lists every refusal; `name` is what the call calls a document.
pub(super) fn refused(refusals: &Refusals, name: impl Fn(Input) -> String) {
    let mut out = String::new();
    for refusal in refusals {
        out.push_str(&one_refusal(refusal, &name(refusal.input())));
    }
    let count = refusals.as_slice().len();
    let errors = if count == 1 { "error" } else { "errors" };
    let _ = writeln!(out, "{BAD}refused{BAD:#}: {count} {errors}");
    message(&out);
}

/// Lists every change: how, where, what was before and what is now.
pub(super) fn changed(changes: &Changes) {
    let mut out = String::new();
    for change in changes {
        let _ = write!(
            out,
            "{BAD}changed{BAD:#}: {BOLD}{}{BOLD:#} [{}]\n  at      {}\n  before  {}\n  now     {}\n\n",
            change.kind().sentence(),
            change.kind(),
            printable(change.place().as_str()),
            printable(change.before()),
            printable(change.after()),
        );
    }
    let count = changes.as_slice().len();
    let changes = if count == 1 { "change" } else { "changes" };
    let _ = writeln!(out, "{BAD}changed{BAD:#}: {count} {changes}");
    message(&out);
}

fn one_refusal(refusal: &Refusal, document: &str) -> String {
    let place = match refusal.pointer() {
        "" => document.to_owned(),
        pointer => format!("{pointer} in {document}"),
    };
    format!(
        "{BAD}error{BAD:#}: {BOLD}{}{BOLD:#} [{}]\n  at    {}\n  rule  {}\n  {HINT}help{HINT:#}  {}\n\n",
        printable(refusal.message()),
        refusal.code(),
        printable(&place),
        refusal.rule(),
        refusal.help(),
    )
}
