//! How file systems hold two spellings of one name to be the same: the folds behind both keys.
//!
//! Two folds, never one (N-8). The *exact* fold is an under-approximation: it equates only what every file
//! system that ignores case (or normalization) is known to equate. The *wide* fold is an over-approximation:
//! it equates whatever some file system equates. What lies between them is never granted and always denied.
//!
//! Nothing here depends on the compiler's tables: the exact fold is frozen data, the wide fold is `unicase`'s
//! full fold and `unicode-normalization`'s decomposition, whose Unicode version is [`UNICODE`].

use super::Os;
use super::few::Bytes;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::{canonical_combining_class, decompose_canonical};

/// The Unicode version of the tables behind the wide key, such as `17.0.0`. Written into every audit, because
/// a later table may hold more names to be the same.
pub const UNICODE: &str = version_text(&VERSION);

/// [`UNICODE`] with its length: at most three digits and a dot for each of the three numbers.
const VERSION: ([u8; 12], usize) = version_bytes(unicode_normalization::UNICODE_VERSION);

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated at compile time, where a wrong index is a build error"
)]
const fn version_bytes(version: (u8, u8, u8)) -> ([u8; 12], usize) {
    let numbers = [version.0, version.1, version.2];
    let (mut bytes, mut len, mut at) = ([0; 12], 0, 0);
    while at < numbers.len() {
        if at > 0 {
            bytes[len] = b'.';
            len += 1;
        }
        let mut unit = if numbers[at] < 10 {
            1
        } else if numbers[at] < 100 {
            10
        } else {
            100
        };
        while unit > 0 {
            bytes[len] = b'0' + numbers[at] / unit % 10;
            len += 1;
            unit /= 10;
        }
        at += 1;
    }
    (bytes, len)
}

const fn version_text(version: &'static ([u8; 12], usize)) -> &'static str {
    match std::str::from_utf8(version.0.split_at(version.1).0) {
        Ok(text) => text,
        Err(_) => "",
    }
}

/// Which names the exact key holds to be the same besides equal bytes. All `false` unless a volume is known to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ExactForm {
    /// The volume is known to ignore case.
    pub(crate) fold: bool,
    /// The volume is known to ignore normalization.
    pub(crate) decompose: bool,
}

/// Which names the wide key holds to be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum WideForm {
    /// Equal bytes: the volume is known to keep case and normalization apart.
    Raw,
    /// Equal canonical decompositions: the volume is known to keep case apart, and nothing more.
    Decomposed,
    /// Everything that any file system is known to hold for the same.
    Folded,
}

/// Appends the exact key of a name. A name that is not UTF-8 is its own key: a file system that folds Unicode
/// compares such names byte by byte, or cannot hold them.
#[inline]
pub(crate) fn exact(name: &[u8], form: ExactForm, out: &mut impl Bytes) {
    if !form.fold && !form.decompose {
        return out.put(name);
    }
    fold_exactly(name, form, out);
}

fn fold_exactly(name: &[u8], form: ExactForm, out: &mut impl Bytes) {
    if !form.fold && name.is_ascii() {
        return out.put(name);
    }
    if out.put_lower(name) {
        return;
    }
    if let Ok(text) = std::str::from_utf8(name) {
        let fold = |c| if form.fold { fold_exact(c) } else { c };
        if form.decompose {
            decompose_exact(text, |c| push(out, fold(c)));
        } else {
            text.chars().for_each(|c| push(out, fold(c)));
        }
    } else {
        out.put(name);
    }
}

/// Appends the wide key of a name of `os`: folded as `form` says, on Windows also without what Win32 drops.
///
/// Idempotent. A name that is pure ASCII costs one copy. Of a name that is not UTF-8, the parts that are get
/// folded and the rest is kept; nothing is dropped from it, since file systems that ignore characters compare such
/// a name byte by byte or cannot hold it.
#[inline]
pub(crate) fn wide(os: Os, name: &[u8], form: WideForm, out: &mut impl Bytes) {
    let name = meant(os, name);
    match form {
        // Nothing is dropped from it, so nothing can be left at its end either.
        WideForm::Raw => return out.put(name),
        WideForm::Decomposed if name.is_ascii() => return out.put(name),
        WideForm::Decomposed => {}
        WideForm::Folded => {
            if out.put_lower(name) {
                return;
            }
        }
    }
    fold_widely(os, name, form, out);
}

/// [`wide`] of a name that is not ASCII.
#[inline(never)]
fn fold_widely(os: Os, name: &[u8], form: WideForm, out: &mut impl Bytes) {
    let start = out.bytes().len();
    match form {
        WideForm::Raw => out.put(name),
        WideForm::Decomposed => {
            for chunk in name.utf8_chunks() {
                chunk.valid().nfd().for_each(|c| push(out, c));
                out.put(chunk.invalid());
            }
        }
        WideForm::Folded => {
            if let Ok(text) = std::str::from_utf8(name) {
                fold_wide(text.chars().filter(|c| !is_ignorable(os, *c)), out);
            } else {
                for chunk in name.utf8_chunks() {
                    fold_wide(chunk.valid().chars(), out);
                    out.put(chunk.invalid());
                }
            }
        }
    }
    // A dropped ignorable can leave a dot or a blank at the end.
    let kept = out.bytes().get(start..).map_or(0, |key| meant(os, key).len());
    out.cut(start + kept);
}

/// The widest key that a name can have, whatever its volume is said to do.
pub(crate) fn widest(os: Os, name: &[u8], out: &mut impl Bytes) {
    wide(os, name, WideForm::Folded, out);
}

/// The name that Win32 opens for a spelling: without a stream suffix, then without trailing dots and blanks
/// (N-8). The other systems open what is written.
#[inline]
pub(super) fn meant(os: Os, name: &[u8]) -> &[u8] {
    let plain = || !name.contains(&b':') && !matches!(name.last(), Some(b'.' | b' '));
    if os != Os::Windows || plain() {
        return name;
    }
    let file = name.split(|byte| *byte == b':').next().unwrap_or_default();
    let kept = file.iter().rposition(|byte| !matches!(byte, b'.' | b' ')).map_or(0, |last| last + 1);
    file.get(..kept).unwrap_or_default()
}

fn push(out: &mut impl Bytes, c: char) {
    out.put(c.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Decomposition, full case fold, the few pairs below, decomposition.
fn fold_wide(chars: impl Iterator<Item = char>, out: &mut impl Bytes) {
    let decomposed: String = chars.nfd().collect();
    let folded = unicase::UniCase::unicode(decomposed).to_folded_case();
    folded.chars().map(fold_beyond_unicode).nfd().for_each(|c| push(out, c));
}

/// Pairs that some file system or library holds for one letter although Unicode's fold does not.
fn fold_beyond_unicode(c: char) -> char {
    match c {
        // Upper-casing maps dotless i to I, so whoever compares upper-cased names takes it for i.
        'ı' => 'i',
        // HFS+ folds the old Georgian capitals to Mkhedruli, Unicode folds them to Nuskhuri: one letter of each.
        '\u{2D00}'..='\u{2D25}' => char::from_u32(u32::from(c) - 0x2D00 + 0x10D0).unwrap_or(c),
        other => other,
    }
}

/// Is `c` dropped before names are compared? By HFS+ (the list that Git's `is_hfs_dotgit` has, too); on Linux
/// also by case-folding ext4 and f2fs directories, which drop every default ignorable code point.
fn is_ignorable(os: Os, c: char) -> bool {
    let hfs = matches!(c,
        '\u{200C}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{206A}'..='\u{206F}' | '\u{FEFF}');
    hfs || match os {
        Os::Linux => is_default_ignorable(c),
        Os::Macos | Os::Windows => false,
    }
}

/// Unicode's `Default_Ignorable_Code_Point`, unassigned ones included.
const fn is_default_ignorable(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}')
}

/// Canonical decomposition of what every file system that ignores normalization decomposes.
///
/// Apple's HFS+ leaves three ranges whole (among them the Kelvin and Angstrom signs and the compatibility
/// ideographs) and knows only Unicode 3.2, so what is younger (Balinese, and all beyond the BMP) stays whole, too.
fn decompose_exact(text: &str, mut emit: impl FnMut(char)) {
    let mut marks: Vec<(u8, char)> = Vec::new();
    let mut place = |c: char| match canonical_combining_class(c) {
        0 => {
            flush(&mut marks, &mut emit);
            emit(c);
        }
        class => marks.push((class, c)),
    };
    for c in text.chars() {
        if stays_whole(c) { place(c) } else { decompose_canonical(c, &mut place) }
    }
    flush(&mut marks, &mut emit);
}

/// Emits pending combining marks in canonical order.
fn flush(marks: &mut Vec<(u8, char)>, emit: &mut impl FnMut(char)) {
    marks.sort_by_key(|(class, _)| *class);
    marks.drain(..).for_each(|(_, c)| emit(c));
}

/// See [`decompose_exact`].
const fn stays_whole(c: char) -> bool {
    matches!(c,
        '\u{1B00}'..='\u{1B7F}' | '\u{2000}'..='\u{2FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{10000}'..)
}

/// The other letter of a pair that every case-ignoring file system holds for one letter: capital to small.
/// Everything else is itself.
pub(crate) fn fold_exact(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    let code = u32::from(c);
    let at = PAIRS.partition_point(|run| run.last < code);
    match PAIRS.get(at) {
        Some(run) if run.first <= code && (code - run.first) % run.step == 0 => {
            code.checked_add_signed(run.shift).and_then(char::from_u32).unwrap_or(c)
        }
        Some(_) | None => c,
    }
}

/// Capitals `first`, `first + step`, … `last`, each of which is `shift` below its small letter.
struct Run {
    first: u32,
    last: u32,
    step: u32,
    shift: i32,
}

const fn run(first: u32, last: u32, step: u32, shift: i32) -> Run {
    Run { first, last, step, shift }
}

/// The pairs of the exact fold, ascending.
///
/// An intersection, so that no volume is taken to fold more than it does: a one-to-one pair of Unicode's full
/// fold (APFS, ext4, f2fs) that NTFS's upper-case table has held since Windows XP in both directions (a volume
/// keeps the table that it was formatted with), and that HFS+ folds after decomposition. So the further members
/// of a class (Kelvin and Angstrom signs, long s, micro sign, final sigma, title-case digraphs, …), the letters
/// younger than that table (Cherokee, Mtavruli, Glagolitic, …) and everything beyond the BMP are left alone.
/// Frozen: a newer Unicode version adds nothing here.
const PAIRS: &[Run] = &[
    run(0x0041, 0x005A, 1, 32),
    run(0x00C0, 0x00D6, 1, 32),
    run(0x00D8, 0x00DE, 1, 32),
    run(0x0100, 0x012E, 2, 1),
    run(0x0132, 0x0136, 2, 1),
    run(0x0139, 0x0147, 2, 1),
    run(0x014A, 0x0176, 2, 1),
    run(0x0178, 0x0178, 1, -121),
    run(0x0179, 0x017D, 2, 1),
    run(0x0181, 0x0181, 1, 210),
    run(0x0182, 0x0184, 2, 1),
    run(0x0186, 0x0186, 1, 206),
    run(0x0187, 0x0187, 1, 1),
    run(0x0189, 0x018A, 1, 205),
    run(0x018B, 0x018B, 1, 1),
    run(0x018E, 0x018E, 1, 79),
    run(0x018F, 0x018F, 1, 202),
    run(0x0190, 0x0190, 1, 203),
    run(0x0191, 0x0191, 1, 1),
    run(0x0193, 0x0193, 1, 205),
    run(0x0194, 0x0194, 1, 207),
    run(0x0196, 0x0196, 1, 211),
    run(0x0197, 0x0197, 1, 209),
    run(0x0198, 0x0198, 1, 1),
    run(0x019C, 0x019C, 1, 211),
    run(0x019D, 0x019D, 1, 213),
    run(0x019F, 0x019F, 1, 214),
    run(0x01A0, 0x01A4, 2, 1),
    run(0x01A7, 0x01A7, 1, 1),
    run(0x01A9, 0x01A9, 1, 218),
    run(0x01AC, 0x01AC, 1, 1),
    run(0x01AE, 0x01AE, 1, 218),
    run(0x01AF, 0x01AF, 1, 1),
    run(0x01B1, 0x01B2, 1, 217),
    run(0x01B3, 0x01B5, 2, 1),
    run(0x01B7, 0x01B7, 1, 219),
    run(0x01B8, 0x01B8, 1, 1),
    run(0x01BC, 0x01BC, 1, 1),
    run(0x01C4, 0x01C4, 1, 2),
    run(0x01C7, 0x01C7, 1, 2),
    run(0x01CA, 0x01CA, 1, 2),
    run(0x01CD, 0x01DB, 2, 1),
    run(0x01DE, 0x01EE, 2, 1),
    run(0x01F1, 0x01F1, 1, 2),
    run(0x01F4, 0x01F4, 1, 1),
    run(0x01FA, 0x0216, 2, 1),
    run(0x0386, 0x0386, 1, 38),
    run(0x0388, 0x038A, 1, 37),
    run(0x038C, 0x038C, 1, 64),
    run(0x038E, 0x038F, 1, 63),
    run(0x0391, 0x03A1, 1, 32),
    run(0x03A3, 0x03AB, 1, 32),
    run(0x03E2, 0x03EE, 2, 1),
    run(0x0401, 0x040C, 1, 80),
    run(0x040E, 0x040F, 1, 80),
    run(0x0410, 0x042F, 1, 32),
    run(0x0460, 0x0480, 2, 1),
    run(0x0490, 0x04BE, 2, 1),
    run(0x04C1, 0x04C3, 2, 1),
    run(0x04C7, 0x04C7, 1, 1),
    run(0x04CB, 0x04CB, 1, 1),
    run(0x04D0, 0x04D2, 2, 1),
    run(0x04D6, 0x04D6, 1, 1),
    run(0x04DC, 0x04DE, 2, 1),
    run(0x04E2, 0x04E6, 2, 1),
    run(0x04EE, 0x04F4, 2, 1),
    run(0x04F8, 0x04F8, 1, 1),
    run(0x0531, 0x0556, 1, 48),
    run(0x1E00, 0x1E94, 2, 1),
    run(0x1EA0, 0x1EF8, 2, 1),
    run(0x1F08, 0x1F0F, 1, -8),
    run(0x1F18, 0x1F1D, 1, -8),
    run(0x1F28, 0x1F2F, 1, -8),
    run(0x1F38, 0x1F3F, 1, -8),
    run(0x1F48, 0x1F4D, 1, -8),
    run(0x1F59, 0x1F5F, 2, -8),
    run(0x1F68, 0x1F6F, 1, -8),
    run(0x1FB8, 0x1FB9, 1, -8),
    run(0x1FBA, 0x1FBB, 1, -74),
    run(0x1FC8, 0x1FCB, 1, -86),
    run(0x1FD8, 0x1FD9, 1, -8),
    run(0x1FDA, 0x1FDB, 1, -100),
    run(0x1FE8, 0x1FE9, 1, -8),
    run(0x1FEA, 0x1FEB, 1, -112),
    run(0x1FEC, 0x1FEC, 1, -7),
    run(0x1FF8, 0x1FF9, 1, -128),
    run(0x1FFA, 0x1FFB, 1, -126),
    run(0x2160, 0x216F, 1, 16),
    run(0xFF21, 0xFF3A, 1, 32),
];

#[cfg(test)]
mod tests;
