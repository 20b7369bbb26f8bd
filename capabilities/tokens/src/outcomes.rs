//! How many token requests ended how, for whoever watches the server.

use parking_lot::Mutex;
use signet_oauth::TokenError;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// Token requests since the process began. The numbers are few: those of the one table of refusals.
#[derive(Debug, Default)]
pub(crate) struct Outcomes {
    issued: AtomicU64,
    refused: Mutex<BTreeMap<u32, u64>>,
}

impl Outcomes {
    pub(crate) fn issued(&self) {
        self.issued.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn refused(&self, error: &TokenError) {
        *self.refused.lock().entry(error.number()).or_default() += 1;
    }

    /// Tokens issued, and refusals by their number.
    pub(crate) fn read(&self) -> (u64, BTreeMap<u32, u64>) {
        (self.issued.load(Ordering::Relaxed), self.refused.lock().clone())
    }
}
