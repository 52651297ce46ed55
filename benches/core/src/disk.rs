//! A world that is really there: its files on this machine, and a view that counts what is asked about them.

use crate::world::World;
use bindery::{FsView, HostFs, NativePath, Observation, Os, VolumeFact};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

static NEXT: AtomicUsize = AtomicUsize::new(0);

/// The files of a world, in a temporary folder that goes away with this.
#[derive(Debug)]
pub struct Disk {
    pub world: World,
    folder: PathBuf,
}

impl Disk {
    /// Makes every place that the world's entries name.
    pub fn new(world: World) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("bindery-bench-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
        let folder = folder.canonicalize().expect("it is there");
        let name: &'static str = Box::leak(folder.to_str().expect("it is UTF-8").into());
        let world = World { folder: Some(name), ..world };
        for root in 0..world.roots {
            for name in [".git", ".agents", ".codex"] {
                std::fs::create_dir_all(world.below(root, name)).expect("a folder can be made");
            }
        }
        for at in 0..world.literals() {
            let (root, rest) = world.literal(at);
            let path = world.below(root, &rest);
            std::fs::create_dir_all(Path::new(&path).parent().expect("it has a parent"))
                .expect("a folder can be made");
            std::fs::write(&path, "x").expect("a file can be made");
        }
        Self { world, folder }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// What one observation asked: each path with how often its metadata was asked for, and how many other questions.
#[derive(Debug, Default)]
pub struct Asked {
    pub looks: BTreeMap<String, usize>,
    pub others: usize,
}

/// The file system of this machine, counted.
#[derive(Debug, Default)]
pub struct CountingFs(Mutex<Asked>);

impl CountingFs {
    /// What was asked so far.
    pub fn asked(self) -> Asked {
        self.0.into_inner().expect("nobody panicked")
    }

    fn count(&self, change: impl FnOnce(&mut Asked)) {
        change(&mut self.0.lock().expect("nobody panicked"));
    }
}

impl FsView for CountingFs {
    fn os(&self) -> Os {
        HostFs.os()
    }
    fn begin(&self) -> Option<Box<dyn FsView + '_>> {
        HostFs.begin().map(|inner| Box::new(Counted { counts: self, inner }) as Box<dyn FsView + '_>)
    }
    fn look(&self, path: &NativePath) -> Observation {
        HostFs.look(path)
    }
    fn read_link(&self, path: &NativePath) -> Option<Vec<u8>> {
        HostFs.read_link(path)
    }
    fn read_pointer(&self, path: &NativePath) -> Option<Vec<u8>> {
        HostFs.read_pointer(path)
    }
    fn volume(&self, path: &NativePath) -> Option<VolumeFact> {
        HostFs.volume(path)
    }
    fn long_name(&self, path: &NativePath) -> Option<String> {
        HostFs.long_name(path)
    }
}

/// One observation of it.
#[derive(Debug)]
struct Counted<'c> {
    counts: &'c CountingFs,
    inner: Box<dyn FsView + 'c>,
}

impl Counted<'_> {
    fn looked(&self, path: &NativePath) {
        self.counts.count(|asked| *asked.looks.entry(path.as_str().to_owned()).or_default() += 1);
    }
}

impl FsView for Counted<'_> {
    fn os(&self) -> Os {
        self.inner.os()
    }
    fn look(&self, path: &NativePath) -> Observation {
        self.looked(path);
        self.inner.look(path)
    }
    fn look_into(&self, path: &NativePath) -> Observation {
        self.looked(path);
        self.inner.look_into(path)
    }
    fn look_through(&self, above: &NativePath, path: &NativePath, into: bool) -> Option<Observation> {
        let answer = self.inner.look_through(above, path, into);
        match answer {
            Some(_) => self.looked(path),
            None => self.counts.count(|asked| asked.others += 1),
        }
        answer
    }
    fn read_link(&self, path: &NativePath) -> Option<Vec<u8>> {
        self.counts.count(|asked| asked.others += 1);
        self.inner.read_link(path)
    }
    fn read_pointer(&self, path: &NativePath) -> Option<Vec<u8>> {
        self.counts.count(|asked| asked.others += 1);
        self.inner.read_pointer(path)
    }
    fn volume(&self, path: &NativePath) -> Option<VolumeFact> {
        self.counts.count(|asked| asked.others += 1);
        self.inner.volume(path)
    }
    fn long_name(&self, path: &NativePath) -> Option<String> {
        self.counts.count(|asked| asked.others += 1);
        self.inner.long_name(path)
    }
}
