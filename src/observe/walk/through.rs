//! Several directories in one question, where a view can answer that (`docs/adr/0035`).

use super::{At, Below, End, Node, Seen, Walk, Walker};
use crate::native;
use crate::native::path::NativePath;
use crate::observe::walked::Why;
use crate::observe::{Kind, Observation};

/// Why several directories are not gone through at once.
pub(super) enum Through {
    /// There are not several to go through.
    NotHere,
    /// The view does not tell, or something else stands in the way.
    NotAtOnce,
}

impl Walker<'_> {
    /// Goes through several directories at once, from the directory that was reached and in which `segment` is the next
    /// name: to the last one that leads to the next path, too (`common`), or to the end. Gives where in the path that is,
    /// which is behind `segment`.
    pub(super) fn go_through(
        &mut self,
        walk: &mut Walk,
        path: &NativePath,
        (before, segment): (usize, &str),
        common: usize,
    ) -> Result<usize, Through> {
        if self.directory(walk.spot.at).is_none() || self.known(walk.spot.at, segment).is_some() {
            return Err(Through::NotHere);
        }
        // What is in it will be asked about again.
        if common == before {
            self.arrived(walk);
            if walk.spot.end.is_some() {
                return Err(Through::NotAtOnce);
            }
        }
        let base = self.asked_above(walk.spot.at);
        let begin = self.node(base).map_or(0, |node| node.end);
        let stop = if common > before { common } else { path.as_str().len() };
        let names = path.names_between(begin, stop);
        // One name is asked about where it is.
        if names.clone().nth(1).is_none() || native::may_be_magic(path) {
            return Err(Through::NotHere);
        }
        let (above, place) = (self.place(base), path.cut(stop));
        let found = self.view.view().look_through(&above, &place, stop <= common);
        let Some(found @ Observation::Exists { mount: false, .. }) = found else {
            return Err(Through::NotAtOnce);
        };
        let mounted = self.node(base).is_some_and(|node| node.mounted);
        let (mut at, mut end) = (base, begin);
        let mut names = names.peekable();
        while let Some(name) = names.next() {
            end = path.end_after(end, name);
            if let Some(known) = self.known(at, name) {
                if self.directory(known).is_none() {
                    return Err(Through::NotAtOnce);
                }
                at = known;
                continue;
            }
            let seen = match names.peek() {
                Some(_) => Seen::Through,
                None => self.seen(&place, found.clone(), Some(at)).0,
            };
            let up = Some(at);
            let (name, path, below) = (end - name.len(), path.clone(), Below::Few(Vec::new()));
            at = self.add(Node {
                up,
                path,
                name,
                end,
                below,
                seen,
                mount: false,
                mounted,
                long: None,
                volume: None,
            });
        }
        self.arrive(walk, at);
        Ok(stop)
    }

    /// Where a walk ends it is known which object that is.
    pub(super) fn arrived(&mut self, walk: &mut Walk) {
        if walk.spot.end.is_none() && self.is_through(walk.spot.at) && !self.settle(walk.spot.at) {
            walk.spot.end = Some(End::Closed(Why::NoAnswer));
        }
    }

    /// Was this directory only gone through?
    pub(super) fn is_through(&self, at: At) -> bool {
        self.node(at).is_some_and(|node| matches!(node.seen, Seen::Through))
    }

    /// The nearest directory above that was asked about itself; the one itself if it was.
    pub(super) fn asked_above(&self, at: At) -> At {
        let mut at = at;
        while let Some(up) =
            self.node(at).filter(|node| matches!(node.seen, Seen::Through)).and_then(|node| node.up)
        {
            at = up;
        }
        at
    }

    /// Asks a directory that was gone through which one it is. If it is none any more, it gives no answer.
    pub(super) fn settle(&mut self, at: At) -> bool {
        let (above, place) = (self.place(self.asked_above(at)), self.place(at));
        let view = self.view.view();
        let found = view.look_through(&above, &place, true).unwrap_or_else(|| view.look_into(&place));
        let seen = match found {
            Observation::Exists { kind: Kind::Directory, identity, links, mount: false } => {
                Seen::Object { kind: Kind::Directory, identity, links }
            }
            Observation::Exists { .. } | Observation::Missing | Observation::Unreadable => {
                Seen::Closed(Why::NoAnswer)
            }
        };
        let is_directory = matches!(seen, Seen::Object { .. });
        if let Some(node) = self.nodes.get_mut(at) {
            node.seen = seen;
        }
        is_directory
    }
}

#[cfg(test)]
mod tests;
