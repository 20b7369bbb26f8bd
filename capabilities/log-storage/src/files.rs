//! The folder of segments: which files are read, and which are there for nothing.

use parking_lot::Mutex;
use std::collections::{BTreeSet, HashMap};
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

/// What unfinished files end in.
pub(crate) const UNFINISHED: &str = "unfinished";
pub(crate) const FINISHED: &str = "parquet";

/// The folder.
#[derive(Debug)]
pub(crate) struct Files {
    folder: PathBuf,
    open: Mutex<HashMap<String, Weak<OpenFile>>>,
}

/// A file that somebody reads. One that no longer counts goes with its last reader.
#[derive(Debug)]
pub(crate) struct OpenFile {
    path: PathBuf,
    goes: AtomicBool,
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        if self.goes.load(Ordering::SeqCst) {
            remove(&self.path);
        }
    }
}

impl Files {
    /// Opens the folder and removes what the list does not name: a process ended before it could.
    pub(crate) fn open(folder: PathBuf, named: &BTreeSet<String>) -> io::Result<Self> {
        std::fs::create_dir_all(&folder)?;
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            let extension = path.extension().and_then(OsStr::to_str);
            let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
            if extension == Some(UNFINISHED) || (extension == Some(FINISHED) && !named.contains(name)) {
                std::fs::remove_file(&path)?;
            }
        }
        Ok(Self { folder, open: Mutex::default() })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where a file of this name lies.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Keeps a file where it is for as long as the answer is held.
    pub(crate) fn hold(&self, name: &str) -> Arc<OpenFile> {
        let mut open = self.open.lock();
        if let Some(held) = open.get(name).and_then(Weak::upgrade) {
            return held;
        }
        open.retain(|_, held| held.strong_count() > 0);
        let held = Arc::new(OpenFile { path: self.path(name), goes: AtomicBool::new(false) });
        open.insert(name.to_owned(), Arc::downgrade(&held));
        held
    }

    /// Removes what work that failed has left: every file whose name begins so.
    pub(crate) fn remove_all(&self, prefix: &str) {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return };
        for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix)) {
            remove(&entry.path());
        }
    }

    /// Removes files that no longer count, those that are read once they are not.
    pub(crate) fn discard<'n>(&self, names: impl IntoIterator<Item = &'n String>) {
        let mut open = self.open.lock();
        for name in names {
            match open.remove(name).and_then(|held| held.upgrade()) {
                Some(held) => held.goes.store(true, Ordering::SeqCst),
                None => remove(&self.path(name)),
            }
        }
    }
}

fn remove(path: &Path) {
    if let Err(error) = std::fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, path = %path.display(), "a segment that no longer counts could not be removed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_list_does_not_name_goes_at_the_start_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.parquet", "b.parquet", "c.unfinished", "d.txt"] {
            std::fs::write(folder.path().join(name), name).unwrap();
        }
        let files = Files::open(folder.path().to_owned(), &BTreeSet::from(["a.parquet".to_owned()])).unwrap();
        let there = |name: &str| files.path(name).exists();
        assert_eq!(["a.parquet", "b.parquet", "c.unfinished", "d.txt"].map(there), [true, false, false, true]);
    }

    #[test]
    fn a_file_that_is_read_goes_with_its_last_reader() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(folder.path().to_owned(), &BTreeSet::new()).unwrap();
        let name = "a.parquet".to_owned();
        std::fs::write(files.path(&name), "x").unwrap();
        let (one, other) = (files.hold(&name), files.hold(&name));
        files.discard([&name]);
        drop(one);
        assert!(files.path(&name).exists());
        drop(other);
        assert!(!files.path(&name).exists());
    }
}
