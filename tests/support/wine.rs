//! What Wine gets wrong: the one gate, with its reasons. A test that is gated runs on a real Windows.

use crate::not_here::not_run_here;

/// A fault of Wine 10.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Links,
    ShortNames,
    LongPaths,
    Streams,
    Surrogates,
    TrailingDots,
    CaseFlags,
    #[cfg_attr(not(feature = "cli"), expect(dead_code, reason = "the program alone is started on a share"))]
    CurrentShare,
}

impl Fault {
    /// The words of the list in docs/testing.md.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::Links => "Wine makes no links, and follows those of the host without reporting them",
            Self::ShortNames => "Wine makes short names by a rule of its own, with letters behind the `~`",
            Self::LongPaths => "Wine gives no canonical path longer than about 260 characters",
            Self::Streams => "Wine has no streams",
            Self::Surrogates => "Wine makes no names with unpaired surrogates",
            Self::TrailingDots => "Wine strips dots and blanks at the end of a verbatim name",
            Self::CaseFlags => "Wine has no directories with a case rule of their own",
            Self::CurrentShare => "Wine starts no program in a directory on a share",
        }
    }
}

/// Is this Wine, so that a test which meets this fault must end here?
#[expect(
    clippy::disallowed_methods,
    reason = "Wine tells its programs by variables, and nothing else is safe code"
)]
pub(crate) fn wine_fails(fault: Fault) -> bool {
    let wine = std::env::var_os("WINECONFIGDIR").is_some();
    if wine {
        not_run_here(fault.reason());
    }
    wine
}
