//! When a key is published, signs, and leaves: pure functions of the times of a tenant's keys.
//!
//! Nothing here is triggered: a key activates and retires because its time has come, on every node alike.

use signet_kernel::Timestamp;
use std::time::Duration;

/// How long anybody may keep a copy of the published keys.
pub const JWKS_MAX_AGE: Duration = Duration::from_mins(10);
/// How old the copy may be that another node answers from.
pub const STALENESS: Duration = Duration::from_secs(2);
/// The longest a token lives, and some leeway for clocks.
pub const LONGEST_TOKEN: Duration = Duration::from_mins(65);

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

/// The times of one key. All keys given to one function are of one tenant and one algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// Signs from here on, unless a later key does.
    pub activates: Timestamp,
    /// Whether it was withdrawn as compromised.
    pub compromised: bool,
}

impl Times {
    /// Of a tenant's first key, or of one that replaces a compromised key: signs at once.
    pub fn at_once(now: Timestamp) -> Self {
        Self { activates: now, compromised: false }
    }

    /// Of a successor: signs once every copy of the published keys holds it.
    pub fn after_publication(now: Timestamp) -> Self {
        Self { activates: now.plus(JWKS_MAX_AGE).plus(STALENESS), compromised: false }
    }
}

/// Which key signs at `now`: of those whose time has come, the last.
pub fn signer(keys: &[Times], now: Timestamp) -> Option<usize> {
    let active = keys.iter().enumerate().filter(|(_, key)| !key.compromised && key.activates <= now);
    active.max_by_key(|(_, key)| key.activates).map(|(index, _)| index)
}

/// When the key leaves the published keys: after the last token it signed has expired. `None` while nothing
/// supersedes it.
pub fn retires(keys: &[Times], key: Times) -> Option<Timestamp> {
    let superseded = keys.iter().filter(|later| !later.compromised && later.activates > key.activates);
    superseded.map(|later| later.activates).min().map(|superseded| superseded.plus(LONGEST_TOKEN))
}

/// Whether the key is published at `now`: from its making until it retires, unless compromised.
pub fn is_published(keys: &[Times], key: Times, now: Timestamp) -> bool {
    !key.compromised && retires(keys, key).is_none_or(|retires| now < retires)
}

/// Whether it is time to make a successor: the newest key has signed for its period.
pub fn successor_due(keys: &[Times], settings: KeySettings, now: Timestamp) -> bool {
    let newest = keys.iter().filter(|key| !key.compromised).map(|key| key.activates).max();
    newest.is_none_or(|activates| activates.plus(settings.rotation) <= now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Clone)]
    enum Step {
        Wait(u64),
        Rotate,
        Issue,
        Fetch,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![(1_u64..4_000).prop_map(Step::Wait), Just(Step::Rotate), Just(Step::Issue), Just(Step::Fetch),]
    }

    proptest! {
        /// Any interleaving of rotations, issues and verifications, by a resource whose copy of the keys is as old
        /// as it may be, finds neither a moment without a key nor a token that no published key verifies.
        #[test]
        fn invariant_13_no_gap(steps in prop::collection::vec(step(), 1..60)) {
            let mut now = Timestamp::from_seconds(1_000_000);
            let mut keys = vec![Times::at_once(now)];
            let mut tokens: Vec<(usize, Timestamp)> = Vec::new();
            let mut copy = (now, vec![0_usize]);
            let published = |keys: &[Times], now| (0..keys.len()).filter(|key| is_published(keys, keys[*key], now)).collect::<Vec<_>>();
            for step in steps {
                match step {
                    Step::Wait(seconds) => now = now.plus(Duration::from_secs(seconds)),
                    Step::Rotate => keys.push(Times::after_publication(now)),
                    Step::Issue => {
                        let key = signer(&keys, now);
                        prop_assert!(key.is_some());
                        tokens.push((key.unwrap(), now.plus(Duration::from_hours(1))));
                    }
                    Step::Fetch => copy = (now, published(&keys, now)),
                }
                if now.since(copy.0) >= JWKS_MAX_AGE {
                    copy = (now, published(&keys, now));
                }
                for (key, expires) in &tokens {
                    prop_assert!(now >= *expires || is_published(&keys, keys[*key], now), "verified by our own keys");
                    prop_assert!(now >= *expires || copy.1.contains(key), "verified by a copy from {:?}", copy.0);
                }
            }
        }
    }

    #[test]
    fn a_compromised_key_neither_signs_nor_stays() {
        let now = Timestamp::from_seconds(1_000);
        let mut keys = vec![Times::at_once(now)];
        keys[0].compromised = true;
        assert_eq!(signer(&keys, now), None);
        assert!(!is_published(&keys, keys[0], now));
        keys.push(Times::at_once(now));
        assert_eq!(signer(&keys, now), Some(1));
    }

    #[test]
    fn a_successor_is_made_when_the_period_is_over_and_once() {
        let start = Timestamp::from_seconds(1_000);
        let settings = KeySettings { rotation: Duration::from_hours(1) };
        let mut keys = vec![Times::at_once(start)];
        let later = start.plus(Duration::from_hours(1));
        assert!(!successor_due(&keys, settings, start) && successor_due(&keys, settings, later));
        keys.push(Times::after_publication(later));
        assert!(!successor_due(&keys, settings, later));
        assert_eq!(signer(&keys, later), Some(0), "the old key signs until every copy holds the new one");
    }
}
