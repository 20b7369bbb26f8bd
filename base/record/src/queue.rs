//! What waits for the writer, and the barrier that a change which takes a right away waits at.

use crate::entry::Entry;
use crate::error::AppendError;
use crate::frame::Position;
use crate::record::{Guard, Receipt};
use parking_lot::{Condvar, Mutex};
use signet_kernel::TenantId;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::oneshot;

/// A record and who waits for it.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) entry: Entry,
    pub(crate) guard: Option<Guard>,
    pub(crate) answer: oneshot::Sender<Result<Receipt, AppendError>>,
}

/// What the writer does between batches.
#[derive(Debug)]
pub(crate) enum Order {
    Checkpoint {
        answer: oneshot::Sender<Result<usize, AppendError>>,
    },
    Forget {
        answer: oneshot::Sender<Result<usize, AppendError>>,
    },
    Erase {
        tenant: TenantId,
        at: Vec<Position>,
        fields: Vec<String>,
        answer: oneshot::Sender<Result<usize, AppendError>>,
    },
    Remove {
        tenant: TenantId,
        frames: Vec<i64>,
        answer: oneshot::Sender<Result<usize, AppendError>>,
    },
}

/// What the writer does next.
#[derive(Debug)]
pub(crate) enum Next {
    /// The batch was filled; [`Queue::finished`] must follow.
    Batch,
    Order(Order),
    /// Nothing came in the given time.
    Idle,
    /// Stopped, and nothing is left.
    End,
}

/// A batch of as many records shows that more are likely to come at once.
const BUSY: usize = 4;

/// How batches are cut.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// Records in one batch at most.
    pub(crate) limit: usize,
    /// How long a batch waits for company when the last one had some.
    pub(crate) gather: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Running,
    Stopping,
    Closed,
}

#[derive(Debug)]
struct State {
    waiting: VecDeque<Job>,
    orders: VecDeque<Order>,
    phase: Phase,
    /// The writer sleeps and must be woken.
    parked: bool,
    /// A batch was taken and has not ended.
    writing: bool,
    /// Records in the last batch.
    last_batch: usize,
    settling: Vec<oneshot::Sender<()>>,
}

/// The bounded queue to the writer.
#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<State>,
    wake: Condvar,
    capacity: usize,
}

impl Queue {
    pub(crate) fn new(capacity: usize) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            orders: VecDeque::new(),
            phase: Phase::Running,
            parked: false,
            writing: false,
            last_batch: 0,
            settling: Vec::new(),
        };
        Self { state: Mutex::new(state), wake: Condvar::new(), capacity }
    }

    /// Hands in a record; never waits.
    pub(crate) fn submit(&self, job: Job) -> Result<(), AppendError> {
        self.push(|state, capacity| {
            if state.waiting.len() >= capacity {
                return Err(AppendError::Full);
            }
            state.waiting.push_back(job);
            Ok(())
        })
    }

    /// Hands in an order; never waits.
    pub(crate) fn order(&self, order: Order) -> Result<(), AppendError> {
        self.push(|state, capacity| {
            if state.orders.len() >= capacity {
                return Err(AppendError::Full);
            }
            state.orders.push_back(order);
            Ok(())
        })
    }

    fn push(&self, put: impl FnOnce(&mut State, usize) -> Result<(), AppendError>) -> Result<(), AppendError> {
        let mut state = self.state.lock();
        if state.phase != Phase::Running {
            return Err(AppendError::Stopped);
        }
        put(&mut state, self.capacity)?;
        let parked = std::mem::take(&mut state.parked);
        drop(state);
        if parked {
            self.wake.notify_one();
        }
        Ok(())
    }

    /// Takes what waits, at most `limit` records; sleeps for `patience`, or for as long as it takes, if nothing does.
    pub(crate) fn next(&self, batch: &mut Vec<Job>, pace: Pace, patience: Option<Duration>) -> Next {
        let mut state = self.state.lock();
        let mut gathered = pace.gather.is_zero() || state.last_batch < BUSY;
        loop {
            if let Some(order) = state.orders.pop_front() {
                return Next::Order(order);
            }
            if !state.waiting.is_empty() {
                if !gathered && state.waiting.len() < pace.limit && state.phase == Phase::Running {
                    gathered = true;
                    self.wake.wait_for(&mut state, pace.gather);
                    continue;
                }
                let count = state.waiting.len().min(pace.limit);
                state.last_batch = count;
                batch.extend(state.waiting.drain(..count));
                // INVARIANT: set under the lock that `settled` takes, and before any guard of the batch is checked.
                state.writing = true;
                return Next::Batch;
            }
            if state.phase != Phase::Running {
                return Next::End;
            }
            state.parked = true;
            match patience {
                None => self.wake.wait(&mut state),
                Some(patience) => {
                    if self.wake.wait_for(&mut state, patience).timed_out() {
                        state.parked = false;
                        return Next::Idle;
                    }
                }
            }
        }
    }

    /// The batch that was taken has been committed or dropped, and everyone in it answered.
    pub(crate) fn finished(&self) {
        let settling = {
            let mut state = self.state.lock();
            state.writing = false;
            std::mem::take(&mut state.settling)
        };
        for waiter in settling {
            let _ = waiter.send(());
        }
    }

    /// What to wait for until every batch taken before this call has ended; `None` if none is under way.
    ///
    /// A batch taken after this call checks its guards after it too, so it needs no waiting for: whatever the
    /// caller raised before is seen there.
    pub(crate) fn settled(&self) -> Option<oneshot::Receiver<()>> {
        let mut state = self.state.lock();
        if !state.writing {
            return None;
        }
        let (waiter, ended) = oneshot::channel();
        state.settling.push(waiter);
        Some(ended)
    }

    /// Takes nothing more; the writer ends once it has done what is here.
    pub(crate) fn stop(&self) {
        let mut state = self.state.lock();
        if state.phase == Phase::Running {
            state.phase = Phase::Stopping;
        }
        state.parked = false;
        drop(state);
        self.wake.notify_one();
    }

    /// The writer is gone: whoever still waits learns it by the dropped answers.
    pub(crate) fn close(&self) {
        let (waiting, orders, settling) = {
            let mut state = self.state.lock();
            state.phase = Phase::Closed;
            state.writing = false;
            let State { waiting, orders, settling, .. } = &mut *state;
            (std::mem::take(waiting), std::mem::take(orders), std::mem::take(settling))
        };
        drop((waiting, orders, settling));
    }

    /// Records that wait.
    pub(crate) fn depth(&self) -> usize {
        self.state.lock().waiting.len()
    }
}
