//! What is recorded beside the answers, which do not wait for it. What waits is bounded, and written before the orderly
//! stop ends.

use futures_util::future::join_all;
use signet_record::{Entry, Record};
use signet_web::Stop;
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Entries that wait at most; each is a kilobyte or two.
pub(super) const WAITING: usize = 4096;
/// Entries handed to the record together, so that they share its commit.
pub(super) const TOGETHER: usize = 256;

/// Writes entries; ends at the stop with nothing left.
#[derive(Debug)]
pub(super) struct Recorder {
    waiting: Receiver<Entry>,
    record: Record,
    gather: Duration,
}

/// The two ends of a queue. What comes waits for company for as long as `gather`: whoever appends for an answer shares
/// the disk with fewer commits.
pub(super) fn recorder(record: Record, gather: Duration) -> (Sender<Entry>, Recorder) {
    let (sender, waiting) = channel(WAITING);
    (sender, Recorder { waiting, record, gather })
}

impl Recorder {
    /// Writes until `stop`, then what still waits. Whoever could note more must have ended before.
    pub(super) async fn run(mut self, mut stop: Stop) {
        let mut batch = Vec::with_capacity(TOGETHER);
        loop {
            tokio::select! {
                biased;
                _ = self.waiting.recv_many(&mut batch, TOGETHER) => {}
                () = stop.requested() => self.waiting.close(),
            }
            if batch.is_empty() && self.waiting.is_closed() {
                return;
            }
            if batch.len() < TOGETHER && !self.waiting.is_closed() {
                self.gather(&mut batch, &mut stop).await;
            }
            self.write(batch.drain(..)).await;
        }
    }

    async fn gather(&mut self, batch: &mut Vec<Entry>, stop: &mut Stop) {
        tokio::select! {
            () = tokio::time::sleep(self.gather) => {}
            () = stop.requested() => {}
        }
        while batch.len() < TOGETHER {
            let Ok(entry) = self.waiting.try_recv() else { return };
            batch.push(entry);
        }
    }

    async fn write(&self, batch: impl Iterator<Item = Entry>) {
        let written = join_all(batch.map(|entry| self.record.append(entry, None))).await;
        for error in written.into_iter().filter_map(Result::err) {
            tracing::warn!(%error, "an entry could not be recorded");
        }
    }
}
