//! Whether a connection is silent: everything that came on it has been answered, and nothing moves.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// How often what is not silent is looked at, however short the silence that is waited for.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// What moves on one connection. Only the connection's own task reads and writes it, so no order is needed.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    beats: AtomicU64,
    owing: AtomicBool,
}

impl Pulse {
    /// Bytes came, or a request was read out of them: the client is owed an answer.
    pub(super) fn heard(&self) {
        self.beats.fetch_add(1, Relaxed);
        self.owing.store(true, Relaxed);
    }

    /// What was owed is about to be sent.
    pub(super) fn answered(&self) {
        self.owing.store(false, Relaxed);
    }

    /// Bytes left.
    pub(super) fn sent(&self) {
        self.beats.fetch_add(1, Relaxed);
    }

    /// Ends when the connection has been silent for so long. Whoever waits polls the connection before this.
    pub(super) async fn silence(&self, grace: Duration) {
        loop {
            let beat = self.beat();
            tokio::time::sleep(grace.max(LOOK_EVERY)).await;
            // What has come by the time that the timer fired is read before this is polled again.
            tokio::task::yield_now().await;
            if self.is_silent_since(beat) {
                return;
            }
        }
    }

    /// To compare with later.
    fn beat(&self) -> u64 {
        self.beats.load(Relaxed)
    }

    /// Whether nothing is owed and nothing has moved since `beat`.
    fn is_silent_since(&self, beat: u64) -> bool {
        !self.owing.load(Relaxed) && self.beat() == beat
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_owed_an_answer_is_not_silent_however_long_nothing_moves() {
        let pulse = Pulse::default();
        assert!(pulse.is_silent_since(pulse.beat()));
        pulse.heard();
        assert!(!pulse.is_silent_since(pulse.beat()));
        pulse.answered();
        assert!(pulse.is_silent_since(pulse.beat()));
    }

    #[test]
    fn an_answer_that_is_still_being_sent_is_not_silence() {
        let pulse = Pulse::default();
        let before = pulse.beat();
        pulse.heard();
        pulse.answered();
        pulse.sent();
        assert!(!pulse.is_silent_since(before));
    }
}
