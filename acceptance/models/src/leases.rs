//! Background work of one tenant under a lease with fencing: two workers, pauses, expiry.
//!
//! Stands for the design's `base/jobs`: a lease row with a number that every taking raises ([`Action::Take`]), an expiry
//! by the database's clock ([`Action::Expire`]), and the commit of a piece of work, whose transaction holds the lease
//! row, compares the number, and moves the cursor with the work ([`Action::Act`]). The order of locks is that of
//! `signet-store`'s `postgres::load::LOCK`: a transaction that is checked under a lock commits under it.
//!
//! Left out: renewal, which is a taking by the same worker, and giving back, which is an early expiry.

use stateright::{Model, Property};

/// Pieces of work.
const PIECES: u8 = 3;
/// Expiries in one run.
const EXPIRIES: u8 = 3;

/// What the store does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// As designed.
    Kept,
    /// Whoever once held the lease may act.
    NoFencing,
    /// Taking the lease does not raise its number.
    NumberReused,
    /// The number is compared before the transaction, not in it.
    CheckedBeforeWriteOnly,
    /// The cursor moves in a transaction after that of the work.
    CursorMovedApart,
}

/// A worker; wherever it stands it may pause for as long as it likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Worker {
    Idle,
    /// Took the lease and knows the next piece.
    Holding {
        number: u8,
        piece: u8,
    },
    /// The number was found good outside the transaction.
    Checked {
        number: u8,
        piece: u8,
    },
    /// The work is done, the cursor still to be moved.
    Done {
        number: u8,
        piece: u8,
    },
}

/// All there is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    /// Who holds the lease, while it has not expired.
    holder: Option<usize>,
    number: u8,
    cursor: u8,
    expiries: u8,
    workers: Vec<Worker>,
    /// How often each piece was done.
    done: Vec<u8>,
    /// A worker acted that no longer held the lease, and another had taken it since.
    late: bool,
    takings: u8,
    /// For each worker, which taking was its own.
    own: Vec<u8>,
}

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the page of the module says what each stands for")]
pub enum Action {
    Take(usize),
    Expire,
    Check(usize),
    Act(usize),
    MoveCursor(usize),
}

/// The model under one rule.
#[derive(Debug, Clone, Copy)]
pub struct Leases(pub Rule);

impl Leases {
    fn take(self, next: &mut State, at: usize) {
        next.number += u8::from(self.0 != Rule::NumberReused);
        next.takings += 1;
        next.own[at] = next.takings;
        next.holder = Some(at);
        next.workers[at] = Worker::Holding { number: next.number, piece: next.cursor };
    }

    /// The work's transaction; a worker that is refused starts over.
    fn act(self, next: &mut State, at: usize) {
        let (number, piece, checked) = match next.workers[at] {
            Worker::Holding { number, piece } => (number, piece, false),
            Worker::Checked { number, piece } => (number, piece, true),
            Worker::Idle | Worker::Done { .. } => return,
        };
        next.workers[at] = Worker::Idle;
        if !checked && self.0 != Rule::NoFencing && number != next.number {
            return;
        }
        next.late |= next.own[at] != next.takings;
        next.done[usize::from(piece)] += 1;
        if self.0 == Rule::CursorMovedApart {
            next.workers[at] = Worker::Done { number, piece };
        } else {
            Self::move_cursor(next, at, number, piece);
        }
    }

    /// Goes on to the next piece under the same lease, if one is left.
    fn move_cursor(next: &mut State, at: usize, number: u8, piece: u8) {
        next.cursor = piece + 1;
        next.workers[at] =
            if next.cursor < PIECES { Worker::Holding { number, piece: next.cursor } } else { Worker::Idle };
    }
}

impl Model for Leases {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            holder: None,
            number: 0,
            cursor: 0,
            expiries: 0,
            workers: vec![Worker::Idle; 2],
            done: vec![0; usize::from(PIECES)],
            late: false,
            takings: 0,
            own: vec![0; 2],
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.holder.is_some() && state.expiries < EXPIRIES {
            actions.push(Action::Expire);
        }
        for (at, worker) in state.workers.iter().enumerate() {
            match worker {
                // Whoever holds it and has forgotten so takes it again.
                Worker::Idle if state.cursor < PIECES && state.holder.is_none_or(|holder| holder == at) => {
                    actions.push(Action::Take(at));
                }
                Worker::Idle => {}
                Worker::Holding { .. } if self.0 == Rule::CheckedBeforeWriteOnly => actions.push(Action::Check(at)),
                Worker::Holding { .. } | Worker::Checked { .. } => actions.push(Action::Act(at)),
                Worker::Done { .. } => actions.push(Action::MoveCursor(at)),
            }
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        match action {
            Action::Take(at) => self.take(&mut next, at),
            Action::Expire => (next.holder, next.expiries) = (None, state.expiries + 1),
            Action::Check(at) => {
                let Worker::Holding { number, piece } = state.workers[at] else { return None };
                let good = number == state.number;
                next.workers[at] = if good { Worker::Checked { number, piece } } else { Worker::Idle };
            }
            Action::Act(at) => self.act(&mut next, at),
            Action::MoveCursor(at) => {
                let Worker::Done { number, piece } = state.workers[at] else { return None };
                next.workers[at] = Worker::Idle;
                if number == state.number {
                    Self::move_cursor(&mut next, at, number, piece);
                }
            }
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(ONCE, |_, state: &State| state.done.iter().all(|times| *times <= 1)),
            Property::always(NOT_LATE, |_, state: &State| !state.late),
            Property::always(DONE, |model, state: &State| {
                !crate::is_the_end(model, state) || state.done.iter().all(|times| *times >= 1)
            }),
            Property::sometimes("both workers work", |_, state: &State| {
                state.own.iter().all(|own| *own > 0) && state.cursor == PIECES
            }),
        ]
    }
}

/// No piece is done twice.
pub const ONCE: &str = "nothing done twice";
/// A worker whose lease another has taken does nothing more.
pub const NOT_LATE: &str = "nobody acts late";
/// In the end every piece is done.
pub const DONE: &str = "all is done in the end";
