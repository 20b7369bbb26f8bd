//! How much one party may ask for.

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use signet_kernel::{Context, Failure, Fault};
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

type Limiter = RateLimiter<NotKeyed, InMemoryState, Ticks, NoOpMiddleware<Duration>>;

/// An allowance: `burst` at once, refilled evenly over `per`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many at once.
    pub burst: NonZeroU32,
    /// How long an empty allowance takes to refill.
    pub per: Duration,
}

/// An allowance for each key, such as (tenant, client). Keeps at most a given number of keys; the one least recently
/// seen is forgotten first, and begins anew with a full allowance.
pub struct RateLimit<K> {
    rate: Rate,
    context: Context,
    limiters: Cache<K, Arc<Limiter>>,
}

impl<K: Hash + Eq + Clone + Send + Sync + 'static> RateLimit<K> {
    /// `rate` for each of at most `keys` keys.
    pub fn new(rate: Rate, keys: u64, context: Context) -> Self {
        Self { rate, context, limiters: bounded(keys) }
    }

    /// Takes one from the key's allowance, or says when there is one.
    pub fn check(&self, key: &K) -> Result<(), Failure> {
        self.take(key).map_err(throttled)
    }

    fn take(&self, key: &K) -> Result<(), Duration> {
        let limiter = match self.limiters.get(key) {
            Some(limiter) => limiter,
            None => self.limiters.get_with_by_ref(key, || Arc::new(self.limiter())),
        };
        limiter.check().map_err(|refused| refused.wait_time_from(Ticks(self.context.clone()).now()))
    }

    fn limiter(&self) -> Limiter {
        // A period too short to divide is no limit to speak of.
        let quota = Quota::with_period(self.rate.per / self.rate.burst.get())
            .unwrap_or(Quota::per_second(NonZeroU32::MAX))
            .allow_burst(self.rate.burst);
        RateLimiter::direct_with_clock(quota, Ticks(self.context.clone()))
    }
}

/// Refuses a source that failed too often, before its next request costs anything.
pub struct FailureLimit {
    failures: RateLimit<Source>,
    refused_until: Cache<Source, Duration>,
}

impl FailureLimit {
    /// Each of at most `sources` sources may fail at `rate`.
    pub fn new(rate: Rate, sources: u64, context: Context) -> Self {
        Self { failures: RateLimit::new(rate, sources, context), refused_until: bounded(sources) }
    }

    /// Whether the source may try. Trying costs nothing.
    pub fn check(&self, source: Source) -> Result<(), Failure> {
        let Some(until) = self.refused_until.get(&source) else { return Ok(()) };
        match until.checked_sub(self.failures.context.monotonic()) {
            Some(wait) if !wait.is_zero() => Err(throttled(wait)),
            _ => {
                self.refused_until.invalidate(&source);
                Ok(())
            }
        }
    }

    /// Notes that the source failed.
    pub fn failed(&self, source: Source) {
        if let Err(wait) = self.failures.take(&source) {
            self.refused_until.insert(source, self.failures.context.monotonic() + wait);
        }
    }
}

/// Whom an address stands for: itself in IPv4, its /64 in IPv6, since that is what one host is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Source(IpAddr);

impl From<IpAddr> for Source {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
            v4 @ IpAddr::V4(_) => v4,
        })
    }
}

fn bounded<K: Hash + Eq + Send + Sync + 'static, V: Clone + Send + Sync + 'static>(keys: u64) -> Cache<K, V> {
    Cache::builder().max_capacity(keys).eviction_policy(EvictionPolicy::lru()).build()
}

fn throttled(wait: Duration) -> Failure {
    let mut failure = Failure::new(
        Fault::Throttled,
        "TooManyRequests",
        "Too many requests; wait for the time in Retry-After before trying again.",
    );
    failure.retry_after = Some(wait);
    failure
}

/// The kernel's monotonic time as governor wants it.
#[derive(Clone)]
struct Ticks(Context);

impl Clock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.monotonic()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use signet_kernel::{MockClock, SeededRandomness, Timestamp};

    fn mock() -> (Context, Arc<MockClock>) {
        let clock = Arc::new(MockClock::at(Timestamp::from_seconds(1_795_255_200)));
        (Context::new(clock.clone(), Arc::new(SeededRandomness::new(1))), clock)
    }

    fn rate(burst: u32, seconds: u64) -> Rate {
        Rate { burst: NonZeroU32::new(burst).unwrap(), per: Duration::from_secs(seconds) }
    }

    #[test]
    fn a_key_that_used_up_its_allowance_waits_alone() {
        let (context, clock) = mock();
        let limit = RateLimit::new(rate(2, 10), 100, context);
        assert!(limit.check(&"a").is_ok() && limit.check(&"a").is_ok());
        let refused = limit.check(&"a").unwrap_err();
        assert_eq!((refused.fault, refused.retry_after), (Fault::Throttled, Some(Duration::from_secs(5))));
        assert!(limit.check(&"b").is_ok());
        clock.advance(Duration::from_secs(5));
        assert!(limit.check(&"a").is_ok());
        assert!(limit.check(&"a").is_err());
    }

    #[test]
    fn only_failures_count_against_a_source() {
        let (context, clock) = mock();
        let limit = FailureLimit::new(rate(1, 60), 100, context);
        let source = Source::from("192.0.2.1".parse::<IpAddr>().unwrap());
        limit.failed(source);
        assert!(limit.check(source).is_ok() && limit.check(source).is_ok());
        limit.failed(source);
        assert_eq!(limit.check(source).unwrap_err().retry_after, Some(Duration::from_secs(60)));
        assert!(limit.check("192.0.2.2".parse::<IpAddr>().unwrap().into()).is_ok());
        clock.advance(Duration::from_secs(60));
        assert!(limit.check(source).is_ok());
    }

    #[test]
    fn the_number_of_keys_is_bounded() {
        let (context, _) = mock();
        let limit = RateLimit::new(rate(1, 1), 10, context);
        for key in 0..1_000 {
            let _ = limit.check(&key);
        }
        limit.limiters.run_pending_tasks();
        assert!(limit.limiters.entry_count() <= 10);
    }

    #[test]
    fn hosts_of_one_ipv6_network_are_one_source() {
        let source = |text: &str| Source::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(source("2001:db8:0:1::1"), source("2001:db8:0:1:ffff::"));
        assert_ne!(source("2001:db8:0:1::1"), source("2001:db8:0:2::1"));
        assert_ne!(source("192.0.2.1"), source("192.0.2.2"));
        assert_eq!(source("::ffff:192.0.2.1"), source("192.0.2.1"));
    }
}
