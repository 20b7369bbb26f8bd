//! Whether a connection is silent: everything that came on it has been answered, and nothing moves.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

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

    /// To compare with later.
    pub(super) fn beat(&self) -> u64 {
        self.beats.load(Relaxed)
    }

    /// Whether nothing is owed and nothing has moved since `beat`.
    pub(super) fn is_silent_since(&self, beat: u64) -> bool {
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
