//! The lock that makes one process the owner of a data directory.

use crate::command_error::CommandError;
use crate::data_dir::DataDir;
use rustix::fs::{FlockOperation, flock};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;

/// Held until it is dropped, or the process ends however it does.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, or says which process holds it.
    pub(crate) fn take(data: &DataDir) -> Result<Self, CommandError> {
        let path = data.lock();
        let cannot = |error: std::io::Error| CommandError::failed(format!("cannot lock {}: {error}", path.display()));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(&path).map_err(cannot)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(held(&mut file, data)),
            Err(error) => return Err(cannot(error.into())),
        }
        file.set_len(0).and_then(|()| write!(file, "{}", std::process::id())).map_err(cannot)?;
        Ok(Self { _file: file })
    }
}

fn held(file: &mut File, data: &DataDir) -> CommandError {
    let mut holder = String::new();
    let read = file.rewind().and_then(|()| file.read_to_string(&mut holder));
    let holder = match read {
        Ok(_) if !holder.is_empty() => format!("the process {holder}"),
        _ => "another process".to_owned(),
    };
    let path = data.path().display();
    CommandError::unavailable(format!(
        "{holder} owns {path}, and one process may: end it, or wait until its server answers local commands"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command_error::Exit;

    #[test]
    fn a_second_owner_is_refused_and_told_who_the_first_is() {
        let directory = tempfile::tempdir().unwrap();
        let data = DataDir::at(directory.path());
        let first = Lock::take(&data).unwrap();
        let refused = Lock::take(&data).unwrap_err();
        assert_eq!(refused.exit, Exit::Unavailable);
        assert!(refused.to_string().starts_with(&format!("the process {} owns ", std::process::id())), "{refused}");
        drop(first);
        assert!(Lock::take(&data).is_ok());
    }
}
