//! The bridge between a change that takes a right away and the record that lets tokens out.
//!
//! Each tenant has a revocation counter that only rises. A decision notes the counter before it reads any fact;
//! the record that would let its token out is refused if the counter has moved since. A change raises the
//! counter after its effect is visible to new decisions, then waits until every record batch that was checked
//! against the old counter has ended. After that wait no token decided on the old state can leave.

use crate::TenantId;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};

/// A tenant's revocation counter. The high 24 bits are the deployment's epoch, so that a restored backup starts
/// above everything it ever issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Revocation(u64);

impl Revocation {
    const EPOCH_SHIFT: u32 = 40;

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
    use uuid::Uuid;

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
