//! Where PostgreSQL's programs lie: on the path, or where Debian keeps each version's.

use std::path::{Path, PathBuf};

/// The newest version of a program.
pub(crate) fn program(name: &str) -> PathBuf {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin").join(name))))
        .filter(|(_, path)| path.exists())
        .collect();
    versions.sort();
    versions.pop().map(|(_, path)| path).or_else(|| on_path(name)).unwrap_or_else(|| {
        panic!("{name} is missing: install PostgreSQL's server (Debian: apt-get install postgresql)")
    })
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| Path::exists(path))
}
