//! What this node has told its observer, so that every commit is told once and in order, whoever made it.
//!
//! The writer tells of its own commits before it answers, and first of what came before them in the tenant: a
//! counter may never be raised to a commit while an earlier one's effect is still unknown here. The follower
//! tells of what other nodes committed. Whoever comes second finds it told.

use super::touched::everything;
use crate::backend::{BackendError, CommitObserver, Head, Position, Touched};
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
    /// A tenant of which the database held less than was told, and the epoch in which it did.
    went_back: Mutex<Option<(TenantId, Revocation)>>,
}

impl Feed {
    /// Starts at `heads`, of which nothing older is kept anywhere in this process; they were asked for `at`.
    pub(super) fn starting(heads: &[Head], at: Duration, context: Context, observer: Arc<dyn CommitObserver>) -> Self {
        let told = heads.iter().map(|head| (head.tenant, head.position)).collect();
        let (told, current, awaiting) = (Mutex::new(told), Mutex::new(at), AtomicBool::new(false));
        Self { observer, context, told, current, awaiting, went_back: Mutex::new(None) }
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
            let start = epoch_of(head.position).as_u64();
            let expected = last.map_or(start, |last| last.0) + 1;
            let touched = if head.position.0 == expected { touched } else { everything() };
            self.observer.committed(head.tenant, head, &touched);
            told.insert(head.tenant, head.position);
        }
    }

    /// Refuses a database that holds less of a tenant than was `told`: it was restored, or has failed over to a server
    /// that lacked commits. What this node keeps in memory is then of another past, until a new epoch makes all of it
    /// stale; and it stays so, whatever is committed meanwhile: the places of what was lost are given a second time.
    pub(super) fn refuses_the_past(
        &self,
        told: &HashMap<TenantId, Position>,
        heads: &[Head],
        epoch: u32,
    ) -> Result<(), BackendError> {
        let found: HashMap<TenantId, Position> = heads.iter().map(|head| (head.tenant, head.position)).collect();
        let begins = Revocation::start_of(epoch);
        for (tenant, told) in told {
            match found.get(tenant) {
                // It is not in what was restored.
                None if epoch_of(*told) < begins => self.forgets(*tenant, begins),
                found => self.holds(*tenant, *told, found.copied().unwrap_or_default())?,
            }
        }
        let mut went_back = self.went_back.lock();
        match *went_back {
            Some((tenant, since)) if begins <= since => Err(BackendError::WentBack(tenant)),
            _ => {
                *went_back = None;
                Ok(())
            }
        }
    }

    /// The same of one tenant that a commit has locked, and of every tenant before.
    pub(super) fn refuses_past_of(&self, tenant: TenantId, found: Position) -> Result<(), BackendError> {
        self.holds(tenant, self.told(tenant), found)?;
        match *self.went_back.lock() {
            Some((tenant, since)) if epoch_of(found) <= since => Err(BackendError::WentBack(tenant)),
            _ => Ok(()),
        }
    }

    fn holds(&self, tenant: TenantId, told: Position, found: Position) -> Result<(), BackendError> {
        if told <= found {
            return Ok(());
        }
        *self.went_back.lock() = Some((tenant, epoch_of(told)));
        Err(BackendError::WentBack(tenant))
    }

    /// Of a tenant that is no more, everything is stale.
    fn forgets(&self, tenant: TenantId, begins: Revocation) {
        let mut told = self.told.lock();
        let head = Head { tenant, position: Position(begins.as_u64()), revocation: begins };
        self.observer.committed(tenant, head, &everything());
        told.remove(&tenant);
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

fn epoch_of(position: Position) -> Revocation {
    Revocation::from_u64(position.0).epoch_start()
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
    fn a_database_that_went_back_is_refused_until_a_new_epoch_whatever_is_committed_meanwhile() {
        let at = |epoch, place| Position(Revocation::start_of(epoch).as_u64() + place);
        let head = |position: Position| entry(position.0).head;
        let tenant = entry(0).head.tenant;
        let feed = Feed::starting(&[head(at(1, 5))], Duration::ZERO, Context::system(), Arc::new(Notes::default()));
        let looks = |position, epoch| feed.refuses_the_past(&feed.told_of_all(), &[head(position)], epoch).is_ok();
        assert!(looks(at(1, 5), 1) && feed.refuses_past_of(tenant, at(1, 6)).is_ok());
        assert!(feed.refuses_past_of(tenant, at(1, 4)).is_err(), "a commit finds it first");
        for place in [4, 5, 6] {
            assert!(!looks(at(1, place), 1) && feed.refuses_past_of(tenant, at(1, place)).is_err(), "{place}");
        }
        assert!(feed.refuses_past_of(tenant, at(2, 0)).is_ok(), "whoever has locked a new epoch's head knows of it");
        assert!(looks(at(2, 0), 2));
        feed.tell([entry(at(2, 1).0)]);
        assert!(looks(at(2, 1), 2) && feed.refuses_past_of(tenant, at(2, 1)).is_ok());
    }

    #[test]
    fn a_tenant_that_is_not_in_what_was_restored_is_stale_and_forgotten() {
        let notes = Arc::new(Notes::default());
        let start = Revocation::start_of(1).as_u64();
        let feed = Feed::starting(&[entry(start + 1).head], Duration::ZERO, Context::system(), notes.clone());
        assert!(feed.refuses_the_past(&feed.told_of_all(), &[], 1).is_err());
        assert!(feed.refuses_the_past(&feed.told_of_all(), &[], 2).is_ok());
        assert_eq!(*notes.0.lock(), [(Revocation::start_of(2).as_u64(), true)]);
        assert!(feed.told_of_all().is_empty());
    }

    #[test]
    fn the_first_commit_of_a_new_tenant_is_no_gap() {
        let notes = Arc::new(Notes::default());
        let feed = Feed::starting(&[], Duration::ZERO, Context::system(), notes.clone());
        feed.tell([entry(Revocation::start_of(1).next().as_u64())]);
        assert_eq!(notes.0.lock().pop().map(|(_, everything)| everything), Some(false));
    }
}
