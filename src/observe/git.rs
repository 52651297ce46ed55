//! What belongs to the repository of a working directory, and what of it is believed.
//!
//! Everything in a working directory is text that whoever works there can write. A `.git` file there can name any
//! place; it is believed only if that place is a repository, names the working directory in return (O-7), and does not
//! lie where the same hands can write. What is not believed grants nothing.

use super::walk::Walker;
use super::walked::{State, Walked};
use super::{Identity, Kind};
use crate::native::Os;
use crate::native::key::Volumes;
use crate::native::path::NativePath;
use crate::native::windows::is_short_name_form;
use std::collections::BTreeSet;

/// How a working directory is joined to its repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum GitShape {
    /// `.git` is a directory.
    Directory,
    /// `.git` is a link, or something else that git does not make.
    Other,
    /// `.git` is a file that names the directory of a linked working tree in another repository.
    Worktree,
    /// `.git` is a file that names a directory below the `.git/modules` of a directory above.
    Submodule,
    /// `.git` is a file that names a repository anywhere else.
    Separate,
    /// `.git` is a file that names no place.
    Malformed,
}

impl GitShape {
    /// Every shape.
    pub(crate) const ALL: [Self; 6] =
        [Self::Directory, Self::Other, Self::Worktree, Self::Submodule, Self::Separate, Self::Malformed];

    /// The word used in audits.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::Other => "other",
            Self::Worktree => "worktree",
            Self::Submodule => "submodule",
            Self::Separate => "separate",
            Self::Malformed => "malformed",
        }
    }
}

/// Why a repository is believed to belong to a working directory, or is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum GitWhy {
    /// It is a directory in the working directory, with all of its parts inside.
    Inside,
    /// The back-pointer, or the working tree that its configuration names, is this directory.
    NamesThisDirectory,
    /// `.git` is a link.
    Link,
    /// `.git` is no directory and no small file.
    NoFile,
    /// The pointer is not `gitdir: ` and a path.
    NoPointer,
    /// Where the pointer leads is no directory.
    NoDirectory,
    /// There is no back-pointer that can be read.
    NoBackPointer,
    /// The back-pointer names another place.
    OtherBackPointer,
    /// Whoever can write the pointer can also write what it names, which proves nothing.
    InTheSameHands,
    /// It is no repository: without objects or references.
    NotARepository,
    /// A common directory is named that does not hold this one where git puts it.
    CommonElsewhere,
}

impl GitWhy {
    /// Every reason.
    pub(crate) const ALL: [Self; 11] = [
        Self::Inside,
        Self::NamesThisDirectory,
        Self::Link,
        Self::NoFile,
        Self::NoPointer,
        Self::NoDirectory,
        Self::NoBackPointer,
        Self::OtherBackPointer,
        Self::InTheSameHands,
        Self::NotARepository,
        Self::CommonElsewhere,
    ];

    /// Is it a reason to believe?
    pub(crate) const fn is_verified(self) -> bool {
        matches!(self, Self::Inside | Self::NamesThisDirectory)
    }

    /// The word used in audits.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Inside => "inside",
            Self::NamesThisDirectory => "names_this_directory",
            Self::Link => "link",
            Self::NoFile => "no_file",
            Self::NoPointer => "no_pointer",
            Self::NoDirectory => "no_directory",
            Self::NoBackPointer => "no_back_pointer",
            Self::OtherBackPointer => "other_back_pointer",
            Self::InTheSameHands => "in_the_same_hands",
            Self::NotARepository => "not_a_repository",
            Self::CommonElsewhere => "common_elsewhere",
        }
    }

    /// The reason as a sentence.
    pub(crate) const fn sentence(self) -> &'static str {
        match self {
            Self::Inside => "The repository lies in the directory itself.",
            Self::NamesThisDirectory => "The repository names this directory in return.",
            Self::Link => "`.git` is a link.",
            Self::NoFile => "`.git` is neither a directory nor a small file.",
            Self::NoPointer => "The `.git` file does not name a place.",
            Self::NoDirectory => "The `.git` file names a place that is no directory.",
            Self::NoBackPointer => "The repository does not name this directory in return.",
            Self::OtherBackPointer => "The repository names another directory in return.",
            Self::InTheSameHands => "The repository lies where whoever writes the pointer can write, too.",
            Self::NotARepository => "The `.git` file names a place that is no repository.",
            Self::CommonElsewhere => "The repository names a common directory that does not hold it.",
        }
    }
}

/// What git does with a part of a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum GitNeed {
    /// Git reads it for every command.
    Read,
    /// Git writes it when it stages, commits or fetches.
    Write,
    /// It says which programs git runs and where it looks: nobody in a sandbox needs to write it.
    Keep,
}

impl GitNeed {
    /// The word used in audits.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Keep => "keep",
        }
    }
}

/// A part of a repository, existing or not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct GitPart {
    pub(crate) path: NativePath,
    pub(crate) need: GitNeed,
}

/// The repository of one working directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GitFacts {
    /// The `.git` of the working directory.
    pub(crate) at: NativePath,
    /// How the two are joined.
    pub(crate) shape: GitShape,
    /// The text of the pointer, if there is one that can be read.
    pub(crate) pointer: Option<String>,
    /// Where the repository of this working directory really is, or would be. Attackers' text until `verified`.
    pub(crate) git_dir: Option<NativePath>,
    /// The directory that several working trees share; the same as `git_dir` if there is one working tree.
    /// Attackers' text until `verified`.
    pub(crate) common_dir: Option<NativePath>,
    /// Is it certain that both belong to the working directory?
    pub(crate) verified: bool,
    /// Why it is, or is not.
    pub(crate) why: GitWhy,
}

impl GitFacts {
    fn unverified(at: NativePath, shape: GitShape, why: GitWhy) -> Self {
        Self { at, shape, pointer: None, git_dir: None, common_dir: None, verified: false, why }
    }

    /// What git does with which part, sorted; empty unless `verified`. It follows from everything else.
    pub(crate) fn parts(&self) -> Vec<GitPart> {
        match (&self.git_dir, &self.common_dir) {
            (Some(git_dir), Some(common)) if self.verified => {
                let pointer = (self.shape != GitShape::Directory).then_some(&self.at);
                parts(pointer, git_dir, common)
            }
            (_, _) => Vec::new(),
        }
    }
}

/// What git reads or writes in the directory that all working trees share. Locks stand beside what they lock, so
/// whoever writes `packed-refs` also creates `packed-refs.lock`.
const COMMON: &[(&str, GitNeed)] = &[
    ("objects", GitNeed::Write),
    ("refs", GitNeed::Write),
    ("logs", GitNeed::Write),
    ("packed-refs", GitNeed::Write),
    ("packed-refs.lock", GitNeed::Write),
    ("info", GitNeed::Keep),
    ("config", GitNeed::Keep),
    ("hooks", GitNeed::Keep),
    ("modules", GitNeed::Keep),
    ("worktrees", GitNeed::Keep),
];

/// The same for the directory of one working tree.
const OWN: &[(&str, GitNeed)] = &[
    ("HEAD", GitNeed::Write),
    ("HEAD.lock", GitNeed::Write),
    ("index", GitNeed::Write),
    ("index.lock", GitNeed::Write),
    ("logs", GitNeed::Write),
    ("refs", GitNeed::Write),
    ("COMMIT_EDITMSG", GitNeed::Write),
    ("FETCH_HEAD", GitNeed::Write),
    ("MERGE_HEAD", GitNeed::Write),
    ("MERGE_MSG", GitNeed::Write),
    ("ORIG_HEAD", GitNeed::Write),
    ("gitdir", GitNeed::Keep),
    ("commondir", GitNeed::Keep),
    ("config.worktree", GitNeed::Keep),
];

/// The repository of the working directory `root`, given by its real path; `None` if it has no `.git`.
///
/// A directory named `.git` is the working directory's own; everything else must be named in return. `writable` are
/// the real paths of every place that the same hands can write, besides `root`: a repository there vouches for
/// nothing.
pub(crate) fn git_facts(
    walker: &mut Walker<'_>,
    root: &NativePath,
    writable: &[NativePath],
) -> Option<GitFacts> {
    let at = root.join_segment(".git").ok()?;
    let found = walker.walk(&at);
    if !found.links.is_empty() {
        return Some(GitFacts {
            git_dir: Some(found.real),
            ..GitFacts::unverified(at, GitShape::Other, GitWhy::Link)
        });
    }
    match found.state {
        State::Missing { .. } | State::NotADirectory { .. } => None,
        State::Exists { kind, .. } if kind.is_directory() => Some(directory(walker, at)),
        State::Exists { kind: Kind::File, .. } => Some(file(walker, root, &found, writable)),
        State::Exists { .. } | State::Dangling { .. } | State::Loop { .. } | State::Unreadable { .. } => {
            Some(GitFacts::unverified(at, GitShape::Other, GitWhy::NoFile))
        }
    }
}

/// The nearest directory above `root` (a real path) that has a `.git`: making one in `root` would split that
/// repository.
pub(crate) fn parent_repository(walker: &mut Walker<'_>, root: &NativePath) -> Option<NativePath> {
    let mut above = root.parent();
    while let Some(directory) = above {
        let found = directory.join_segment(".git").ok().map(|at| walker.walk(&at));
        if found.is_some_and(|found| found.kind().is_some()) {
            return Some(directory);
        }
        above = directory.parent();
    }
    None
}

/// A `.git` directory. It can name a common directory elsewhere, which only the back-pointer of a linked working
/// tree would confirm, and here there is none.
fn directory(walker: &mut Walker<'_>, at: NativePath) -> GitFacts {
    let common = common_dir(walker, &at);
    let inside = matches!(&common, Common::None);
    let common_dir = match common {
        Common::None => Some(at.clone()),
        Common::At(place) => Some(place),
        Common::Unclear => None,
    };
    GitFacts {
        shape: GitShape::Directory,
        pointer: None,
        git_dir: Some(at.clone()),
        verified: inside,
        why: if inside { GitWhy::Inside } else { GitWhy::CommonElsewhere },
        common_dir,
        at,
    }
}

/// A `.git` file.
fn file(walker: &mut Walker<'_>, root: &NativePath, file: &Walked, writable: &[NativePath]) -> GitFacts {
    let at = file.real.clone();
    let Some(content) = walker.pointer(&at) else {
        return GitFacts::unverified(at, GitShape::Malformed, GitWhy::NoFile);
    };
    let Some(text) = pointer_text(&content) else {
        return GitFacts::unverified(at, GitShape::Malformed, GitWhy::NoPointer);
    };
    let pointer = Some(text.to_owned());
    let Some(led) = walker.walk_text(root, text) else {
        return GitFacts { pointer, ..GitFacts::unverified(at, GitShape::Malformed, GitWhy::NoPointer) };
    };
    let git_dir = led.real.clone();
    let shape = shape(root, &git_dir);
    let facts = GitFacts {
        pointer,
        git_dir: Some(git_dir.clone()),
        ..GitFacts::unverified(at, shape, GitWhy::NoDirectory)
    };
    if !led.kind().is_some_and(Kind::is_directory) {
        return facts;
    }
    let common = common_dir(walker, &git_dir);
    let common_dir = match &common {
        Common::None => Some(git_dir.clone()),
        Common::At(place) => Some(place.clone()),
        Common::Unclear => None,
    };
    let facts = GitFacts { common_dir: common_dir.clone(), ..facts };
    let mut why = confirm(walker, root, file, &git_dir, shape);
    if why == GitWhy::NamesThisDirectory {
        let holds = match &common {
            Common::None => shape != GitShape::Worktree,
            Common::At(place) => holds_worktree(place, &git_dir),
            Common::Unclear => false,
        };
        if !holds {
            why = GitWhy::CommonElsewhere;
        } else if !common_dir.as_ref().is_some_and(|common| is_repository(walker, common)) {
            why = GitWhy::NotARepository;
        } else if may_be_held(walker, writable.iter().chain([root]), &git_dir) {
            why = GitWhy::InTheSameHands;
        }
    }
    GitFacts { verified: why.is_verified(), why, ..facts }
}

/// What the place itself says of its kind; nothing is believed for it.
fn shape(root: &NativePath, git_dir: &NativePath) -> GitShape {
    if git_dir.parent().is_some_and(|parent| parent.file_name() == Some("worktrees")) {
        return GitShape::Worktree;
    }
    if superproject(root, git_dir).is_some() { GitShape::Submodule } else { GitShape::Separate }
}

/// The directory above `root` in whose `.git/modules` a repository lies.
fn superproject(root: &NativePath, git_dir: &NativePath) -> Option<NativePath> {
    let mut above = root.parent();
    while let Some(directory) = above {
        let modules = directory.join_segments([".git", "modules"]).ok()?;
        if is_below(git_dir, &modules) {
            return Some(directory);
        }
        above = directory.parent();
    }
    None
}

fn is_below(path: &NativePath, outer: &NativePath) -> bool {
    let mut segments = path.segments();
    path.root_text() == outer.root_text()
        && outer.segments().all(|outer| segments.next() == Some(outer))
        && segments.next().is_some()
}

/// Does git put the directory of a linked working tree there: `COMMON/worktrees/NAME`?
fn holds_worktree(common: &NativePath, git_dir: &NativePath) -> bool {
    let parent = git_dir.parent().filter(|parent| parent.file_name() == Some("worktrees"));
    parent.and_then(|parent| parent.parent()).as_ref() == Some(common)
}

/// Does git take this for a repository?
fn is_repository(walker: &mut Walker<'_>, common: &NativePath) -> bool {
    ["objects", "refs"].into_iter().all(|name| {
        let found = common.join_segment(name).map(|path| walker.walk(&path));
        found.is_ok_and(|found| found.kind().is_some_and(Kind::is_directory))
    })
}

/// May `path` be one of these places, or be below it? Two spellings that some volume takes for one count, and so does
/// one object under two names.
fn may_be_held<'p>(
    walker: &mut Walker<'_>,
    places: impl Iterator<Item = &'p NativePath>,
    path: &NativePath,
) -> bool {
    let may_be_short = |segment: &str| path.os() == Os::Windows && is_short_name_form(segment.as_bytes());
    if path.segments().any(may_be_short) {
        return true;
    }
    let nothing_known = Volumes::new(path.os(), Vec::new());
    let keys = nothing_known.keys(path);
    let above: BTreeSet<Identity> = walker.chain(path).into_iter().map(|(_, identity)| identity).collect();
    for place in places {
        let found = walker.walk(place);
        if found.identity().is_some_and(|identity| above.contains(identity)) {
            return true;
        }
        // The place as written and where it really is.
        if [place, &found.real].into_iter().any(|place| nothing_known.keys(place).may_contain(&keys)) {
            return true;
        }
    }
    false
}

/// Does a repository name the working directory in return?
fn confirm(
    walker: &mut Walker<'_>,
    root: &NativePath,
    file: &Walked,
    git_dir: &NativePath,
    shape: GitShape,
) -> GitWhy {
    match shape {
        GitShape::Worktree => {
            let content = small_file(walker, git_dir, "gitdir");
            let Some(text) = content.as_deref().and_then(one_line) else { return GitWhy::NoBackPointer };
            match walker.walk_text(git_dir, text) {
                Some(back) if is_this_file(&back, file) => GitWhy::NamesThisDirectory,
                Some(_) | None => GitWhy::OtherBackPointer,
            }
        }
        GitShape::Submodule => {
            // The `.git` above must be one, and not a way to another place.
            let above = superproject(root, git_dir).and_then(|above| above.join_segment(".git").ok());
            if !above.is_some_and(|above| walker.walk(&above).is_plain_directory()) {
                return GitWhy::NoBackPointer;
            }
            by_configuration(walker, root, git_dir)
        }
        GitShape::Separate => by_configuration(walker, root, git_dir),
        GitShape::Directory | GitShape::Other | GitShape::Malformed => GitWhy::NoBackPointer,
    }
}

/// Is this the `.git` file itself? By its place, or as the same object: a hard link elsewhere is the same object,
/// too, so the object must have one name.
fn is_this_file(back: &Walked, file: &Walked) -> bool {
    let single = matches!(&file.state, State::Exists { links: Some(1), .. });
    let same = back.identity().is_some() && back.identity() == file.identity();
    back.kind() == Some(Kind::File) && (back.real == file.real || single && same)
}

/// Does a repository's own configuration name this working directory?
fn by_configuration(walker: &mut Walker<'_>, root: &NativePath, git_dir: &NativePath) -> GitWhy {
    let worktree = |content: Option<Vec<u8>>| content.as_deref().map(configured_worktree);
    let found = match worktree(small_file(walker, git_dir, "config.worktree")) {
        Some(Configured::Nothing) | None => worktree(small_file(walker, git_dir, "config")),
        found @ Some(Configured::Unclear | Configured::At(_)) => found,
    };
    let Some(Configured::At(text)) = found else { return GitWhy::NoBackPointer };
    match walker.walk_text(git_dir, &text) {
        Some(back) if back.kind().is_some_and(Kind::is_directory) && back.real == *root => {
            GitWhy::NamesThisDirectory
        }
        Some(_) | None => GitWhy::OtherBackPointer,
    }
}

/// The content of a small file that is really in this directory, not behind a link.
fn small_file(walker: &mut Walker<'_>, directory: &NativePath, name: &str) -> Option<Vec<u8>> {
    let path = directory.join_segment(name).ok()?;
    if walker.walk(&path).real != path {
        return None;
    }
    walker.pointer(&path)
}

/// What the file `commondir` says.
enum Common {
    /// There is none.
    None,
    /// A directory.
    At(NativePath),
    /// It leads nowhere, or cannot be read.
    Unclear,
}

fn common_dir(walker: &mut Walker<'_>, git_dir: &NativePath) -> Common {
    let Ok(at) = git_dir.join_segment("commondir") else { return Common::Unclear };
    if let State::Missing { .. } = walker.walk(&at).state {
        return Common::None;
    }
    let content = small_file(walker, git_dir, "commondir");
    let led = content.as_deref().and_then(one_line).and_then(|text| walker.walk_text(git_dir, text));
    match led {
        Some(led) if led.kind().is_some_and(Kind::is_directory) => Common::At(led.real),
        Some(_) | None => Common::Unclear,
    }
}

/// The path in a `.git` file, read as git reads it: exactly `gitdir: `, and line ends taken off the end.
fn pointer_text(content: &[u8]) -> Option<&str> {
    one_line(content)?.strip_prefix("gitdir: ").filter(|path| !path.is_empty())
}

/// One line of text.
fn one_line(content: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(content).ok()?.trim_end_matches(['\n', '\r']);
    (!text.is_empty() && !text.contains(['\n', '\r', '\0'])).then_some(text)
}

/// What a configuration says of its working tree.
#[derive(Debug, PartialEq, Eq)]
enum Configured {
    Nothing,
    At(String),
    /// It is said in a way that is not read here.
    Unclear,
}

/// Reads `core.worktree`. Quotes, escapes and continued lines are not read: where one stands in the value, nothing
/// is known.
fn configured_worktree(content: &[u8]) -> Configured {
    let Ok(text) = std::str::from_utf8(content) else { return Configured::Unclear };
    let mut core = false;
    let mut found = Configured::Nothing;
    for line in text.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            let Some((section, rest)) = section.split_once(']') else { return Configured::Unclear };
            // Another file may say something else.
            let is = |name: &str| section.trim().eq_ignore_ascii_case(name);
            if is("include")
                || section.trim_start().get(..9).is_some_and(|start| start.eq_ignore_ascii_case("includeif"))
            {
                return Configured::Unclear;
            }
            core = is("core");
            if !rest.trim().is_empty() {
                return Configured::Unclear;
            }
            continue;
        }
        if line.starts_with(['#', ';']) {
            continue;
        }
        if line.ends_with('\\') {
            return Configured::Unclear;
        }
        let Some((name, value)) = line.split_once('=') else { continue };
        if core && name.trim().eq_ignore_ascii_case("worktree") {
            let value = value.trim();
            if value.is_empty() || value.contains(['"', '\\', '#', ';']) {
                return Configured::Unclear;
            }
            found = Configured::At(value.to_owned());
        }
    }
    found
}

fn parts(pointer: Option<&NativePath>, git_dir: &NativePath, common: &NativePath) -> Vec<GitPart> {
    let keep = |path: &NativePath| GitPart { path: path.clone(), need: GitNeed::Keep };
    let read = |path: &NativePath| GitPart { path: path.clone(), need: GitNeed::Read };
    let list = |directory: &NativePath, mut names: Vec<&(&str, GitNeed)>| -> Vec<GitPart> {
        // Short texts are sorted faster than the paths that they become.
        names.sort_unstable();
        let join = |(name, need): &(&str, GitNeed)| Some((directory.join_segment(name).ok()?, *need));
        names.into_iter().filter_map(join).map(|(path, need)| GitPart { path, need }).collect()
    };
    let mut parts: Vec<GitPart> = pointer.map(keep).into_iter().collect();
    if common == git_dir {
        parts.push(read(common));
        parts.extend(list(common, COMMON.iter().chain(OWN).collect()));
    } else {
        parts.extend([read(common), read(git_dir)]);
        parts.extend(list(common, COMMON.iter().collect()));
        parts.extend(list(git_dir, OWN.iter().collect()));
    }
    // In one list they are in their order already.
    if pointer.is_some() || common != git_dir {
        parts.sort();
    }
    // One directory can be both; where the two lists differ, the stricter need stands last.
    parts.reverse();
    parts.dedup_by(|a, b| a.path == b.path);
    parts.reverse();
    parts
}

#[cfg(test)]
mod tests;
