//! When a key is published, signs, and leaves: pure functions of the times of a tenant's keys.
//!
//! Nothing here is triggered: a key activates and retires because its time has come, on every node alike. What has
//! once happened stays so, whatever happens to other keys later.

use signet_kernel::Timestamp;
use std::time::Duration;

#[cfg(test)]
mod tests;

/// How long anybody may keep a copy of the published keys.
pub const JWKS_MAX_AGE: Duration = Duration::from_mins(10);
/// What the commit of a new key may take, how stale a node may be that publishes, and how far nodes' clocks may
/// differ, together.
pub const MARGIN: Duration = Duration::from_mins(1);
/// The longest that any token lives.
pub const LONGEST_TOKEN: Duration = Duration::from_mins(60);
/// How much longer than its life resources may accept a token, because clocks differ.
pub const LEEWAY: Duration = Duration::from_mins(5);

/// How keys change.
#[derive(Debug, Clone, Copy)]
pub struct KeySettings {
    /// How long a key signs before its successor is made.
    pub rotation: Duration,
}

impl Default for KeySettings {
    fn default() -> Self {
        Self { rotation: Duration::from_hours(90 * 24) }
    }
}

/// The times of one key. The keys given to one function are all those of one tenant and one algorithm, in an order that
/// every node sees alike; a key is named by its place among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// Signs from here on, until a later key does.
    pub activates: Timestamp,
    /// When it was withdrawn as compromised.
    pub withdrawn: Option<Timestamp>,
}

impl Times {
    /// Of a tenant's first key, or of one that replaces a compromised key: signs at once.
    pub fn at_once(now: Timestamp) -> Self {
        Self { activates: now, withdrawn: None }
    }

    /// Of a successor: signs once every copy of the published keys holds it.
    pub fn after_publication(now: Timestamp) -> Self {
        Self { activates: now.plus(JWKS_MAX_AGE).plus(MARGIN), withdrawn: None }
    }

    /// Whether it signs at some time; a key withdrawn before never does.
    fn ever_signs(self) -> bool {
        self.withdrawn.is_none_or(|withdrawn| withdrawn > self.activates)
    }
}

/// Where a key stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Published, so that everybody knows it before it signs.
    Coming {
        /// From when it signs.
        activates: Timestamp,
    },
    /// Signs.
    Signing,
    /// Signs no more; tokens that it signed still live.
    Superseded {
        /// From when no token of it lives.
        retires: Timestamp,
    },
    /// Gone from the published keys; every token that it signed has expired.
    Retired,
    /// Compromised: gone from the published keys at once, and its tokens are void.
    Withdrawn,
}

impl Stage {
    /// Whether the key is among the published ones.
    pub fn is_published(self) -> bool {
        matches!(self, Self::Coming { .. } | Self::Signing | Self::Superseded { .. })
    }
}

/// Where `key` stands at `now`.
pub fn stage(keys: &[Times], key: usize, now: Timestamp) -> Stage {
    let Some(times) = keys.get(key).filter(|times| times.withdrawn.is_none()) else { return Stage::Withdrawn };
    match superseded(keys, key).filter(|superseded| *superseded <= now) {
        Some(superseded) => {
            let retires = superseded.plus(LONGEST_TOKEN).plus(LEEWAY);
            if now < retires { Stage::Superseded { retires } } else { Stage::Retired }
        }
        None if signer(keys, now) == Some(key) => Stage::Signing,
        None => Stage::Coming { activates: times.activates },
    }
}

/// Which key signs at `now`: of those whose time has come, the last.
pub fn signer(keys: &[Times], now: Timestamp) -> Option<usize> {
    let usable = || keys.iter().enumerate().filter(|(_, times)| times.withdrawn.is_none());
    let order = |(key, times): &(usize, &Times)| (times.activates, *key);
    let active = usable().filter(|(_, times)| times.activates <= now).max_by_key(order);
    // A clock that was set back finds no key whose time has come: the first one signs all the same.
    active.or_else(|| usable().min_by_key(order)).map(|(key, _)| key)
}

/// Whether it is time to make a successor: the newest key has signed for its period.
pub fn successor_due(keys: &[Times], settings: KeySettings, now: Timestamp) -> bool {
    let newest = keys.iter().filter(|times| times.withdrawn.is_none()).map(|times| times.activates).max();
    newest.is_none_or(|activates| activates.plus(settings.rotation) <= now)
}

/// When a later key takes over from `key`. A later key that is withdrawn afterwards has taken over all the same:
/// otherwise a retired key would come back.
fn superseded(keys: &[Times], key: usize) -> Option<Timestamp> {
    let own = keys.get(key).map(|times| (times.activates, key))?;
    let later = keys.iter().enumerate().filter(|(other, times)| (times.activates, *other) > own && times.ever_signs());
    later.map(|(_, times)| times.activates).min()
}
