//! Assertions that an application wants accepted once only.

use moka::sync::Cache;
use parking_lot::Mutex;
use signet_jose::Claims;
use signet_kernel::Timestamp;
use signet_oauth::TokenError;
use signet_record::Once;
use std::time::Duration;
use uuid::Uuid;

/// How long an assertion is remembered beyond its end: longer than nodes' clocks differ.
const MEMORY: Duration = Duration::from_mins(10);

/// The assertions seen, by application and `jti`, until they expire.
///
/// What this node has seen is refused before anything else is looked at. What any node has let a token out for is refused
/// by the record's commit, which takes each name once.
#[derive(Debug)]
pub(crate) struct Replays {
    seen: Cache<(String, String), Use>,
    admission: Mutex<()>,
}

/// Which request used an assertion, and until when that matters.
#[derive(Debug, Clone, Copy)]
struct Use {
    request: Uuid,
    until: Timestamp,
}

impl Replays {
    const REMEMBERED: u64 = 1_000_000;

    /// Nothing seen yet.
    pub(crate) fn new() -> Self {
        Self { seen: Cache::new(Self::REMEMBERED), admission: Mutex::new(()) }
    }

    /// Accepts an assertion of `app` unless another request used one with its `jti` before. The same request may use
    /// it again: it is decided again when a right was taken away meanwhile. Answers what the record must take once.
    ///
    /// SPEC: RFC 7523 3: the server may ensure that assertions are not replayed by the `jti` values it has seen
    pub(crate) fn accept(&self, app: &str, claims: &Claims, now: Timestamp, request: Uuid) -> Result<Once, TokenError> {
        let (Some(id), Some(expires)) = (claims.id.clone(), claims.expires) else {
            return Err(TokenError::MissingField { name: "jti".to_owned() });
        };
        let once = Once::of("assertion", &[app, &id], expires.plus(MEMORY));
        let key = (app.to_owned(), id);
        let _one_at_a_time = self.admission.lock();
        if self.seen.get(&key).is_some_and(|used| now < used.until && used.request != request) {
            return Err(TokenError::AssertionReplayed { app: app.to_owned() });
        }
        self.seen.insert(key, Use { request, until: expires });
        Ok(once)
    }
}

impl Default for Replays {
    fn default() -> Self {
        Self::new()
    }
}
