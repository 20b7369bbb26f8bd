//! What this node has told its observer, so that every commit is told once and in order, whoever made it.
//!
//! The writer tells of its own commits before it answers, and first of what came before them in the tenant: a
//! counter may never be raised to a commit while an earlier one's effect is still unknown here. The follower
//! tells of what other nodes committed. Whoever comes second finds it told.

use super::touched::everything;
use crate::backend::{CommitObserver, Head, Position, Touched};
use parking_lot::Mutex;
use signet_kernel::{Context, Revocation, TenantId};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// One commit of the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) head: Head,
    pub(super) touched: Touched,
}

/// The feed as far as this node has told of it.
pub(super) struct Feed {
    observer: Arc<dyn CommitObserver>,
    context: Context,
    told: Mutex<HashMap<TenantId, Position>>,
    /// When it was last known that every commit before that moment was told.
    current: Mutex<Duration>,
    /// Whether the database was restored and the operator has not yet said that it may be used.
    awaiting: AtomicBool,
}

impl Feed {
    /// Starts at `heads`, of which nothing older is kept anywhere in this process; they were asked for `at`.
    pub(super) fn starting(heads: &[Head], at: Duration, context: Context, observer: Arc<dyn CommitObserver>) -> Self {
        let told = heads.iter().map(|head| (head.tenant, head.position)).collect();
        let (told, current, awaiting) = (Mutex::new(told), Mutex::new(at), AtomicBool::new(false));
        Self { observer, context, told, current, awaiting }
    }

    /// The clock's monotonic time.
    pub(super) fn now(&self) -> Duration {
        self.context.monotonic()
    }

    /// The last position told of a tenant.
    pub(super) fn told(&self, tenant: TenantId) -> Position {
        self.told.lock().get(&tenant).copied().unwrap_or_default()
    }

    /// The last positions told of all tenants.
    pub(super) fn told_of_all(&self) -> HashMap<TenantId, Position> {
        self.told.lock().clone()
    }

    /// Tells of commits in order; what was told already is passed over. A gap means that what lies in it is no
    /// longer to be had: everything is stale then.
    pub(super) fn tell(&self, entries: impl IntoIterator<Item = Entry>) {
        // INVARIANT: held while the observer is called, so that whoever finds a commit told finds it done.
        let mut told = self.told.lock();
        for Entry { head, touched } in entries {
            let last = told.get(&head.tenant).copied();
            if last.is_some_and(|last| last >= head.position) {
                continue;
            }
            let start = Revocation::from_u64(head.position.0).epoch_start().as_u64();
            let expected = last.map_or(start, |last| last.0) + 1;
            let touched = if head.position.0 == expected { touched } else { everything() };
            self.observer.committed(head.tenant, head, &touched);
            told.insert(head.tenant, head.position);
        }
    }

    /// Every commit before `moment` was told.
    pub(super) fn is_current_as_of(&self, moment: Duration) {
        let mut current = self.current.lock();
        *current = moment.max(*current);
    }

    pub(super) fn current_as_of(&self) -> Duration {
        *self.current.lock()
    }

    /// Notes whether a restore waits to be confirmed.
    pub(super) fn awaits_confirmation(&self, awaits: bool) {
        self.awaiting.store(awaits, Ordering::SeqCst);
    }

    pub(super) fn is_awaiting_confirmation(&self) -> bool {
        self.awaiting.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[derive(Default)]
    struct Notes(Mutex<Vec<(u64, bool)>>);

    impl CommitObserver for Notes {
        fn committed(&self, _: TenantId, head: Head, touched: &Touched) {
            self.0.lock().push((head.position.0, touched.everything));
        }
    }

    fn entry(position: u64) -> Entry {
        let tenant = TenantId::from_uuid(Uuid::from_u128(1));
        let head = Head { tenant, position: Position(position), revocation: Revocation::from_u64(0) };
        Entry { head, touched: Touched::default() }
    }

    #[test]
    fn each_commit_is_told_once_in_order_and_a_gap_makes_everything_stale() {
        let notes = Arc::new(Notes::default());
        let feed = Feed::starting(&[entry(1).head], Duration::ZERO, Context::system(), notes.clone());
        feed.tell([entry(1), entry(2)]);
        feed.tell([entry(2), entry(3)]);
        feed.tell([entry(6)]);
        feed.tell([entry(4), entry(7)]);
        assert_eq!(*notes.0.lock(), [(2, false), (3, false), (6, true), (7, false)]);
    }

    #[test]
    fn the_first_commit_of_a_new_tenant_is_no_gap() {
        let notes = Arc::new(Notes::default());
        let feed = Feed::starting(&[], Duration::ZERO, Context::system(), notes.clone());
        feed.tell([entry(Revocation::start_of(1).next().as_u64())]);
        assert_eq!(notes.0.lock().pop().map(|(_, everything)| everything), Some(false));
    }
}
