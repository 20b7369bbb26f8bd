//! The bridge between a change that takes a right away and the record that lets tokens out.
//!
//! Each tenant has a revocation counter that only rises. A decision notes the counter before it reads any fact;
//! the record that would let its token out is refused if the counter has moved since. A change raises the
//! counter after its effect is visible to new decisions, then waits until every record batch that was checked
//! against the old counter has ended. After that wait no token decided on the old state can leave.

use crate::{TenantId, Timestamp};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};

/// A tenant's revocation counter. The high 24 bits are the deployment's epoch, so that a restored backup starts
/// above everything it ever issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Revocation(u64);

impl Revocation {
    const EPOCH_SHIFT: u32 = 40;
    /// 2026-01-01, from which the time of epochs counts.
    const EPOCHS_FROM: Timestamp = Timestamp::from_seconds(1_767_225_600);
    /// Storage is signed: 23 of the 24 bits, which last for 79 years.
    const EPOCH_SECONDS: u64 = 5 * 60;

    /// The epoch to begin at `now` where `previous` was the last. Of two restores of one backup the second knows nothing
    /// of the first, and must not give its numbers again: so an epoch is not the next number but a time.
    pub fn epoch_after(previous: u32, now: Timestamp) -> u32 {
        let time = now.since(Self::EPOCHS_FROM).as_secs() / Self::EPOCH_SECONDS;
        u32::try_from(time).unwrap_or(0).max(previous + 1)
    }

    /// The first value of `epoch`.
    pub const fn start_of(epoch: u32) -> Self {
        Self((epoch as u64) << Self::EPOCH_SHIFT)
    }

    /// The first value of the epoch this one belongs to: what was issued before it was issued by another past.
    #[must_use]
    pub const fn epoch_start(self) -> Self {
        Self((self.0 >> Self::EPOCH_SHIFT) << Self::EPOCH_SHIFT)
    }

    /// The counter stored or carried as `value`.
    pub const fn from_u64(value: u64) -> Self {
        Self(value)
    }

    /// The counter as a number, for storage and for tokens.
    pub const fn as_u64(self) -> u64 {
        self.0
    }

    /// The next value.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// The counters as this process sees them. They never go back.
#[derive(Debug, Default)]
pub struct RevocationCounters {
    tenants: papaya::HashMap<TenantId, AtomicU64>,
}

impl RevocationCounters {
    /// No tenant known yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The tenant's counter; a tenant never seen stands at zero.
    pub fn current(&self, tenant: TenantId) -> Revocation {
        let tenants = self.tenants.pin();
        Revocation(tenants.get(&tenant).map_or(0, |counter| counter.load(Ordering::SeqCst)))
    }

    /// Moves the tenant's counter up to `to`; a lower value changes nothing.
    pub fn raise(&self, tenant: TenantId, to: Revocation) {
        let tenants = self.tenants.pin();
        tenants.get_or_insert_with(tenant, || AtomicU64::new(0)).fetch_max(to.0, Ordering::SeqCst);
    }
}

/// What a change that takes a right away waits for before it is acknowledged.
pub trait Issuance: Send + Sync + 'static {
    /// Resolves when every batch of records that was checked before this call has been committed or dropped.
    fn settled(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// For a process that issues nothing.
impl Issuance for () {
    fn settled(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::ready(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use uuid::Uuid;

    #[test]
    fn two_restores_of_one_backup_begin_different_epochs() {
        let now = Timestamp::from_seconds(1_795_255_200);
        let (first, second) =
            (Revocation::epoch_after(1, now), Revocation::epoch_after(1, now.plus(Duration::from_mins(5))));
        assert!(1 < first && first < second);
        assert_eq!(Revocation::epoch_after(second, now), second + 1, "a clock that was set back");
        assert_eq!(Revocation::epoch_after(1, Timestamp::default()), 2, "a clock that was never set");
        let last = Revocation::epoch_after(1, Timestamp::from_seconds(1_767_225_600 + 79 * 31_556_952));
        assert!(i64::try_from(Revocation::start_of(last).as_u64()).is_ok());
    }

    #[test]
    fn a_counter_never_goes_back() {
        let counters = RevocationCounters::new();
        let tenant = TenantId::from_uuid(Uuid::from_u128(1));
        let high = Revocation::start_of(2).next();
        counters.raise(tenant, high);
        counters.raise(tenant, Revocation::start_of(1));
        assert_eq!(counters.current(tenant), high);
        assert!(Revocation::start_of(2) > Revocation::start_of(1).next());
        assert_eq!(high.epoch_start(), Revocation::start_of(2));
    }
}
