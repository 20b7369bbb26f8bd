//! Moves the write-ahead log into the file beside the writer, so that an append waits for what came meanwhile alone.

use crate::database::{self, records_path};
use crate::error::OpenError;
use rusqlite::Connection;
use std::path::Path;
use std::sync::mpsc;
use std::thread::JoinHandle;

type Moved = Result<(), rusqlite::Error>;

/// A thread with a connection of its own. What it runs into is told to the writer, which decides what it means.
pub(crate) struct LogMover {
    orders: Option<mpsc::SyncSender<()>>,
    ended: mpsc::Receiver<Moved>,
    thread: Option<JoinHandle<()>>,
    moving: bool,
}

impl LogMover {
    pub(crate) fn start(directory: &Path) -> Result<Self, OpenError> {
        let connection = database::open_mover(&records_path(directory))?;
        let (orders, ordered) = mpsc::sync_channel(1);
        let (end, ended) = mpsc::sync_channel(1);
        let work = move || {
            while ordered.recv().is_ok() && end.send(move_what_can_be(&connection)).is_ok() {}
        };
        let thread = std::thread::Builder::new().name("record-log".to_owned()).spawn(work)?;
        Ok(Self { orders: Some(orders), ended, thread: Some(thread), moving: false })
    }

    pub(crate) fn is_moving(&self) -> bool {
        self.moving
    }

    /// Begins to move what the log holds now; whether there is a thread to do it.
    pub(crate) fn order(&mut self) -> bool {
        self.moving = self.orders.as_ref().is_some_and(|orders| orders.try_send(()).is_ok());
        self.moving
    }

    /// How the move ended; `None` while it goes on.
    pub(crate) fn ended(&mut self) -> Option<Moved> {
        let ended = self.ended.try_recv().ok()?;
        self.moving = false;
        Some(ended)
    }

    /// Waits for the move under way, if one is.
    pub(crate) fn settle(&mut self) -> Moved {
        if !std::mem::take(&mut self.moving) {
            return Ok(());
        }
        // A thread that is gone moves nothing any more.
        self.ended.recv().unwrap_or(Ok(()))
    }
}

impl Drop for LogMover {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            // A panic there has been reported by the panic hook.
            drop(thread.join());
        }
    }
}

/// Everything committed so far, unless somebody still reads an older state.
pub(crate) fn move_what_can_be(connection: &Connection) -> Moved {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", (), |_| Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::ffi;

    fn mover(says: Moved) -> LogMover {
        let (orders, ordered) = mpsc::sync_channel(1);
        let (end, ended) = mpsc::sync_channel(1);
        let thread = std::thread::spawn(move || {
            if ordered.recv().is_ok() {
                end.send(says).unwrap();
            }
        });
        LogMover { orders: Some(orders), ended, thread: Some(thread), moving: false }
    }

    fn failed_sync() -> rusqlite::Error {
        rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_IOERR_FSYNC), None)
    }

    #[test]
    fn a_failed_sync_beside_the_writer_reaches_the_writer() {
        let mut waited = mover(Err(failed_sync()));
        assert!(waited.order() && waited.is_moving());
        assert_eq!(waited.settle(), Err(failed_sync()));
        let mut asked = mover(Err(failed_sync()));
        assert!(asked.order());
        let ended = loop {
            if let Some(ended) = asked.ended() {
                break ended;
            }
            std::thread::yield_now();
        };
        assert_eq!((ended, asked.is_moving()), (Err(failed_sync()), false));
    }

    #[test]
    fn a_mover_that_is_gone_says_so_and_lets_nobody_wait() {
        let mut mover = mover(Ok(()));
        assert!(mover.order());
        assert_eq!(mover.settle(), Ok(()));
        mover.thread.take().unwrap().join().unwrap();
        assert!(!mover.order() && !mover.is_moving());
        assert_eq!(mover.settle(), Ok(()));
    }
}
