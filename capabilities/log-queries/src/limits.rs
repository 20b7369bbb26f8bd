//! What a query may take, and how many run at once.

use parking_lot::Mutex;
use signet_kernel::TenantId;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// What queries may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryLimits {
    /// How long one may take at most, whatever it asks for.
    pub longest: Duration,
    /// How long one may take that does not say.
    pub usual: Duration,
    /// Rows of one answer; what is beyond is left out, and the answer says so.
    pub rows: usize,
    /// Bytes that one may hold at once, about.
    pub memory: usize,
    /// Queries of one tenant at once.
    pub at_once: usize,
}

impl Default for QueryLimits {
    fn default() -> Self {
        Self {
            longest: Duration::from_mins(10),
            usual: Duration::from_mins(3),
            rows: 500_000,
            memory: 256 << 20,
            at_once: 5,
        }
    }
}

/// Counts the queries that each tenant runs.
#[derive(Debug, Clone, Default)]
pub(crate) struct AtWork(Arc<Mutex<HashMap<TenantId, usize>>>);

/// One query at work; ends when dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    of: AtWork,
    tenant: TenantId,
}

impl AtWork {
    /// Lets one more in, if there is room.
    pub(crate) fn enter(&self, tenant: TenantId, at_once: usize) -> Option<Turn> {
        let mut counts = self.0.lock();
        let count = counts.entry(tenant).or_default();
        if *count >= at_once {
            return None;
        }
        *count += 1;
        drop(counts);
        Some(Turn { of: self.clone(), tenant })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut counts = self.of.0.lock();
        if let Some(count) = counts.get_mut(&self.tenant) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.tenant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_tenant_that_runs_as_many_as_it_may_waits_and_another_does_not() {
        let (work, one, other) = (AtWork::default(), tenant(1), tenant(2));
        let first = work.enter(one, 1).unwrap();
        assert!(work.enter(one, 1).is_none());
        assert!(work.enter(other, 1).is_some());
        drop(first);
        assert!(work.enter(one, 1).is_some());
        assert!(work.0.lock().is_empty(), "who runs nothing is forgotten");
    }

    fn tenant(number: u128) -> TenantId {
        TenantId::from_uuid(Uuid::from_u128(number))
    }
}
