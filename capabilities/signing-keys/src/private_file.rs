//! Files that appear whole or not at all, that only their owner can read, and that survive a power loss.

use std::fs::{self, File, OpenOptions};
use std::io::{Error, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Makes the file; an existing one is never touched.
pub(crate) fn create(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let staged = stage(path, bytes)?;
    // WHY: a rename would replace what another process has made in between; a link does not.
    let linked = fs::hard_link(&staged, path);
    fs::remove_file(&staged)?;
    linked?;
    sync_parent(path)
}

/// Makes the file or replaces it.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    fs::rename(stage(path, bytes)?, path)?;
    sync_parent(path)
}

/// Writes the bytes under another name beside `path`.
fn stage(path: &Path, bytes: &[u8]) -> Result<PathBuf, Error> {
    let staged = path.with_added_extension("new");
    match fs::remove_file(&staged) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        // Nothing there, or what a crash has left.
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&staged)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(staged)
}

/// The name must survive a power loss too.
fn sync_parent(path: &Path) -> Result<(), Error> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_exists_is_not_overwritten_and_what_a_crash_left_does_not_matter() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.key");
        fs::write(directory.path().join("a.key.new"), "half").unwrap();
        create(&path, b"first").unwrap();
        assert_eq!(create(&path, b"second").unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"first");
        replace(&path, b"third").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"third");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
