//! Floods: above a rate, what could be a record each becomes counts, in bounded memory.

use parking_lot::Mutex;
use signet_kernel::{Context, TenantId, Timestamp};
use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

/// When counting begins and how much may be remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FloodOptions {
    /// Refusals per interval that are still recorded one by one.
    pub recorded: u32,
    /// How long a count runs.
    pub interval: Duration,
    /// Sources told apart within one interval; what comes from others is counted without its source.
    pub sources: usize,
}

impl Default for FloodOptions {
    fn default() -> Self {
        Self { recorded: 600, interval: Duration::from_secs(60), sources: 4096 }
    }
}

/// What to do with one refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noted {
    /// Record it.
    Record,
    /// It was counted, and will come out of [`Flood::due`].
    Counted,
}

/// How often one thing happened while it was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FloodCount {
    /// The tenant.
    pub tenant: TenantId,
    /// From where; `None` for the sources beyond those that are told apart.
    pub source: Option<IpAddr>,
    /// Why it was refused.
    pub reason: &'static str,
    /// How often.
    pub count: u64,
    /// The first time.
    pub first: Timestamp,
    /// The last time.
    pub last: Timestamp,
}

type Key = (TenantId, Option<IpAddr>, &'static str);

#[derive(Debug)]
struct Interval {
    began: Duration,
    recorded: u32,
    counts: HashMap<Key, FloodCount>,
}

/// Tells a trickle of refusals from a flood.
///
/// Tenants and reasons must come from bounded sets (tenants that exist, reasons in the code): only sources are
/// unbounded, and only they are limited here.
#[derive(Debug)]
pub struct Flood {
    context: Context,
    options: FloodOptions,
    interval: Mutex<Interval>,
}

impl Flood {
    /// Nothing counted yet.
    pub fn new(context: Context, options: FloodOptions) -> Self {
        let interval = Interval { began: context.monotonic(), recorded: 0, counts: HashMap::new() };
        Self { context, options, interval: Mutex::new(interval) }
    }

    /// Notes one refusal.
    pub fn note(&self, tenant: TenantId, source: IpAddr, reason: &'static str) -> Noted {
        let now = self.context.now();
        let mut interval = self.interval.lock();
        if self.is_over(&interval) && interval.counts.is_empty() {
            self.restart(&mut interval);
        }
        if interval.recorded < self.options.recorded {
            interval.recorded += 1;
            return Noted::Record;
        }
        let known = interval.counts.contains_key(&(tenant, Some(source), reason));
        let source = (known || interval.counts.len() < self.options.sources).then_some(source);
        let fresh = FloodCount { tenant, source, reason, count: 0, first: now, last: now };
        let count = interval.counts.entry((tenant, source, reason)).or_insert(fresh);
        count.count += 1;
        count.last = now;
        Noted::Counted
    }

    /// The counts of an interval that is over; nothing before that.
    pub fn due(&self) -> Vec<FloodCount> {
        let mut interval = self.interval.lock();
        if self.is_over(&interval) { self.restart(&mut interval) } else { Vec::new() }
    }

    /// The counts so far, whatever the time: for the end of the process.
    pub fn drain(&self) -> Vec<FloodCount> {
        self.restart(&mut self.interval.lock())
    }

    fn is_over(&self, interval: &Interval) -> bool {
        self.context.monotonic().saturating_sub(interval.began) >= self.options.interval
    }

    fn restart(&self, interval: &mut Interval) -> Vec<FloodCount> {
        let fresh = Interval { began: self.context.monotonic(), recorded: 0, counts: HashMap::new() };
        std::mem::replace(interval, fresh).counts.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use signet_kernel::{MockClock, SystemRandomness};
    use std::sync::Arc;
    use uuid::Uuid;

    fn flood(recorded: u32, sources: usize) -> (Flood, Arc<MockClock>) {
        let clock = Arc::new(MockClock::at(Timestamp::from_seconds(1_795_255_200)));
        let context = Context::new(clock.clone(), Arc::new(SystemRandomness));
        (Flood::new(context, FloodOptions { recorded, sources, interval: Duration::from_secs(60) }), clock)
    }

    fn source(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn a_trickle_is_recorded_and_a_flood_is_counted() {
        let tenant = TenantId::from_uuid(Uuid::from_u128(1));
        let (flood, clock) = flood(2, 100);
        let noted: Vec<_> = (0..5).map(|_| flood.note(tenant, source(1), "unknown client")).collect();
        assert_eq!(noted, [Noted::Record, Noted::Record, Noted::Counted, Noted::Counted, Noted::Counted]);
        assert_eq!(flood.due(), [], "the interval is not over");
        clock.advance(Duration::from_secs(60));
        let due = flood.due();
        assert_eq!(
            due.iter().map(|c| (c.source, c.reason, c.count)).collect::<Vec<_>>(),
            [(Some(source(1)), "unknown client", 3)]
        );
        assert_eq!(flood.due(), []);
        assert_eq!(flood.note(tenant, source(1), "unknown client"), Noted::Record);
    }

    #[test]
    fn sources_beyond_the_bound_share_one_count() {
        let tenant = TenantId::from_uuid(Uuid::from_u128(1));
        let (flood, _clock) = flood(0, 2);
        for last in 0..=255 {
            assert_eq!(flood.note(tenant, source(last), "malformed"), Noted::Counted);
        }
        let counts = flood.drain();
        assert_eq!(counts.len(), 3);
        assert_eq!(counts.iter().find(|count| count.source.is_none()).map(|count| count.count), Some(254));
        assert_eq!(counts.iter().map(|count| count.count).sum::<u64>(), 256);
    }

    #[test]
    fn an_uncollected_interval_keeps_its_counts() {
        let tenant = TenantId::from_uuid(Uuid::from_u128(1));
        let (flood, clock) = flood(0, 2);
        flood.note(tenant, source(1), "malformed");
        clock.advance(Duration::from_secs(600));
        flood.note(tenant, source(1), "malformed");
        assert_eq!(flood.due().first().map(|count| count.count), Some(2));
    }
}
