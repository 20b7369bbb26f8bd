//! One issuer's keys over time: fresh, stale, failed.

use super::discovery::key_set;
use super::{KeyError, Source};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;

/// What is known of one issuer. All times are monotonic.
pub(super) struct Issuer<T> {
    name: String,
    state: Mutex<State<T>>,
    /// Held while the issuer is asked, so that it is asked once for all who wait.
    asking: tokio::sync::Mutex<()>,
}

struct State<T> {
    known: Option<Known<T>>,
    failed: Option<Failed>,
    asked_for_kid: Option<Duration>,
}

struct Known<T> {
    keys: Arc<T>,
    fresh_until: Duration,
    stale_until: Duration,
    /// Rises with every fetch.
    fetches: u64,
}

struct Failed {
    error: KeyError,
    until: Duration,
}

impl<T> Issuer<T> {
    pub(super) fn new(name: String) -> Self {
        let state = State { known: None, failed: None, asked_for_kid: None };
        Self { name, state: Mutex::new(state), asking: tokio::sync::Mutex::new(()) }
    }

    pub(super) async fn keys(&self, source: &Source<T>) -> Result<Arc<T>, KeyError> {
        if let Some(settled) = self.state.lock().settled(source.context.monotonic()) {
            return settled;
        }
        let asking = match self.asking.try_lock() {
            Ok(asking) => asking,
            Err(_) => {
                // Somebody asks already: what is a little old serves until he is back.
                let stale = self.state.lock().stale(source.context.monotonic());
                if let Some(keys) = stale {
                    return Ok(keys);
                }
                self.asking.lock().await
            }
        };
        if let Some(settled) = self.state.lock().settled(source.context.monotonic()) {
            return settled;
        }
        let asked = self.ask(source).await;
        drop(asking);
        asked.or_else(|error| self.state.lock().stale(source.context.monotonic()).ok_or(error))
    }

    pub(super) async fn refresh_for_unknown_kid(&self, source: &Source<T>) -> Result<Arc<T>, KeyError> {
        let before = self.state.lock().fetches();
        let asking = self.asking.lock().await;
        let may_ask = self.state.lock().may_ask_for_kid(source, before);
        if may_ask {
            let _ = self.ask(source).await;
        }
        drop(asking);
        // The issuer being out of reach takes nothing away from the keys at hand.
        self.keys(source).await
    }

    /// Asks the issuer and notes what came of it. The caller holds `asking`.
    async fn ask(&self, source: &Source<T>) -> Result<Arc<T>, KeyError> {
        let found = match key_set(source, &self.name).await {
            Ok(fetched) => (source.parse)(&fetched.body).map_err(KeyError::Keys).map(|keys| (keys, fetched.max_age)),
            Err(error) => Err(error),
        };
        let now = source.context.monotonic();
        let mut state = self.state.lock();
        match found {
            Ok((keys, max_age)) => Ok(state.learn(Arc::new(keys), source.age(max_age), source.settings.stale, now)),
            Err(error) => {
                state.failed = Some(Failed { error: error.clone(), until: now + source.settings.failure });
                Err(error)
            }
        }
    }
}

impl<T> Source<T> {
    fn age(&self, max_age: Option<Duration>) -> Duration {
        let settings = &self.settings;
        max_age.unwrap_or(settings.default_age).min(settings.greatest_age).max(settings.least_age)
    }
}

impl<T> State<T> {
    /// What can be answered without asking: fresh keys; or, shortly after a failure, stale ones or the failure.
    fn settled(&self, now: Duration) -> Option<Result<Arc<T>, KeyError>> {
        if let Some(known) = self.known.as_ref().filter(|known| now < known.fresh_until) {
            return Some(Ok(known.keys.clone()));
        }
        let failed = self.failed.as_ref().filter(|failed| now < failed.until)?;
        Some(self.stale(now).ok_or_else(|| failed.error.clone()))
    }

    fn stale(&self, now: Duration) -> Option<Arc<T>> {
        self.known.as_ref().filter(|known| now < known.stale_until).map(|known| known.keys.clone())
    }

    fn fetches(&self) -> u64 {
        self.known.as_ref().map_or(0, |known| known.fetches)
    }

    /// Whether the issuer may be asked for an unknown key id now; if so, notes that it was.
    fn may_ask_for_kid(&mut self, source: &Source<T>, fetches_before: u64) -> bool {
        let now = source.context.monotonic();
        let waiting = self.asked_for_kid.is_some_and(|asked| now < asked + source.settings.refresh_every);
        // Whoever waited while another one fetched has fresh keys already.
        if waiting || self.fetches() != fetches_before {
            return false;
        }
        self.asked_for_kid = Some(now);
        true
    }

    fn learn(&mut self, keys: Arc<T>, age: Duration, stale: Duration, now: Duration) -> Arc<T> {
        let fresh_until = now + age;
        let fetches = self.fetches() + 1;
        self.known = Some(Known { keys: keys.clone(), fresh_until, stale_until: fresh_until + stale, fetches });
        self.failed = None;
        keys
    }
}
