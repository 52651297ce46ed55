//! Whether a directory ignores case, told by names that exist in it.

use crate::native::key::CaseRule;

/// The name with every ASCII letter in the other case; `None` if it has none.
pub(super) fn flipped(name: &str) -> Option<String> {
    let flip = |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    name.bytes().any(|byte| byte.is_ascii_alphabetic()).then(|| name.chars().map(flip).collect())
}

/// The rule of a directory in which `name` was looked up, then its [`flipped`] spelling, then `name` again. Each is
/// an object and whether it has one name only; `None` where nothing was found.
///
/// Two names of one object say nothing if it can have two, and a name that is gone the second time says nothing
/// either: someone may be busy in this directory.
pub(super) fn judge<I: PartialEq>(
    first: Option<&(I, bool)>,
    other: Option<&(I, bool)>,
    again: Option<&(I, bool)>,
) -> Option<CaseRule> {
    let (object, single) = first.filter(|first| again.is_some_and(|again| again.0 == first.0))?;
    match other {
        Some((other, _)) if other == object && *single => Some(CaseRule::Insensitive),
        Some((other, _)) if other == object => None,
        Some(_) | None => Some(CaseRule::Sensitive),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flipped_name_tells_only_if_nothing_else_explains_it() {
        assert_eq!(flipped("aB-1ß").as_deref(), Some("Ab-1ß"));
        assert_eq!(flipped("1-ß"), None);
        let (a, b) = (Some(&(1, true)), Some(&(2, true)));
        assert_eq!(judge(a, a, a), Some(CaseRule::Insensitive));
        assert_eq!(judge(a, b, a), Some(CaseRule::Sensitive));
        assert_eq!(judge(a, None, a), Some(CaseRule::Sensitive));
        let two_names = Some(&(1, false));
        assert_eq!(judge(two_names, two_names, two_names), None, "a hard link");
        assert_eq!(judge(a, None, None), None, "it was removed meanwhile");
        assert_eq!(judge(a, None, b), None, "it was replaced meanwhile");
        assert_eq!(judge::<u8>(None, None, None), None);
    }
}
