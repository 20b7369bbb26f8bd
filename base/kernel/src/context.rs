//! What an operation may use of the world: a clock and randomness.

use crate::{AppId, Clock, ObjectId, SystemClock, TenantId, Timestamp};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Where random bytes come from.
pub trait Randomness: Send + Sync + 'static {
    /// Fills `bytes` with randomness fit for keys.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    #[expect(
        clippy::expect_used,
        clippy::disallowed_methods,
        reason = "without randomness nothing may go on; the one place that draws it"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("the operating system provides randomness");
    }
}

/// Repeatable bytes for tests: SplitMix64 from a seed. Never fit for keys that matter.
#[derive(Debug)]
pub struct SeededRandomness(Mutex<u64>);

impl SeededRandomness {
    /// The sequence that `seed` stands for.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl Randomness for SeededRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.lock();
        for chunk in bytes.chunks_mut(8) {
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut word = *state;
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            word ^= word >> 31;
            for (to, from) in chunk.iter_mut().zip(word.to_le_bytes()) {
                *to = from;
            }
        }
    }
}

/// The clock and the randomness of this process, handed to whatever needs them.
#[derive(Clone)]
pub struct Context {
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
}

impl Context {
    /// The machine's clock and randomness.
    pub fn system() -> Self {
        Self::new(Arc::new(SystemClock::new()), Arc::new(SystemRandomness))
    }

    /// A context of the given parts.
    pub fn new(clock: Arc<dyn Clock>, randomness: Arc<dyn Randomness>) -> Self {
        Self { clock, randomness }
    }

    /// The wall clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Time that no clock adjustment moves.
    pub fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    /// `N` random bytes.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.randomness.fill(&mut bytes);
        bytes
    }

    /// A fresh UUIDv7 (RFC 9562 5.7): ordered by creation, 74 random bits.
    pub fn new_uuid(&self) -> Uuid {
        let millis = u64::try_from(self.now().micros() / 1_000).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &self.random::<10>()).into_uuid()
    }

    /// A fresh object id.
    pub fn new_object_id(&self) -> ObjectId {
        ObjectId::from_uuid(self.new_uuid())
    }

    /// A fresh client id.
    pub fn new_app_id(&self) -> AppId {
        AppId::from_uuid(self.new_uuid())
    }

    /// A fresh tenant id.
    pub fn new_tenant_id(&self) -> TenantId {
        TenantId::from_uuid(self.new_uuid())
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MockClock;

    #[test]
    fn ids_are_ordered_by_creation_and_repeat_with_the_seed() {
        let context = |seed| {
            let clock = Arc::new(MockClock::at(Timestamp::from_seconds(1_795_255_200)));
            (Context::new(clock.clone(), Arc::new(SeededRandomness::new(seed))), clock)
        };
        let (one, clock) = context(7);
        let first = one.new_uuid();
        clock.advance(Duration::from_millis(1));
        assert!(one.new_uuid() > first);
        assert_eq!(context(7).0.new_uuid(), first);
        assert_eq!(first.get_version_num(), 7);
    }
}
