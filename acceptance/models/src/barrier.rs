//! The kill switch of one tenant on the embedded store: one writer of records, one change that takes a right away.
//!
//! Stands for, in `signet-record`: `queue::Queue::{next, settled, finished}` ([`Action::Take`], [`Action::Ask`],
//! [`Action::Finish`]), `writer::Batch::form` ([`Action::Check`]), `ledger::Ledger::write` ([`Action::Write`]); and
//! `signet-store`'s `sqlite::writer::answer` with `store::TenantStore::commit` ([`Action::Raise`], [`Action::Ask`],
//! [`Action::Acknowledge`]). A record here is decided before the change; that nothing decided with the counter raised
//! stands on old facts is [`crate::revocation`]'s matter.

use stateright::{Model, Property};

/// Records, each a batch of its own.
const RECORDS: u8 = 3;

/// What the writer and the change do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// As built.
    Kept,
    /// The change is acknowledged without waiting for the batch in flight.
    AcknowledgedUnsettled,
    /// The change asks for the batch in flight before it raises the counter.
    SettledBeforeRaised,
    /// A batch counts as in flight only once its guards were checked.
    WritingSetAfterCheck,
}

/// Where the writer's batch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Batch {
    None,
    Taken,
    Checked,
    Written,
}

/// Where the change stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Change {
    raised: bool,
    asked: bool,
    /// The batch that it waits for has not ended.
    waits: bool,
    acknowledged: bool,
}

/// All there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct State {
    waiting: u8,
    batch: Batch,
    writing: bool,
    change: Change,
    issued: u8,
    refused: u8,
    late: u8,
}

/// One step of the writer's or the change's thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the page of the module says which item each stands for")]
pub enum Action {
    Take,
    Check,
    Write,
    Finish,
    Raise,
    Ask,
    Acknowledge,
}

/// The model under one rule.
#[derive(Debug, Clone, Copy)]
pub struct Barrier(pub Rule);

impl Barrier {
    fn change_step(self, change: Change) -> Option<Action> {
        let ask_first = self.0 == Rule::SettledBeforeRaised;
        match change {
            Change { acknowledged: true, .. } => None,
            Change { asked: false, .. } if ask_first => Some(Action::Ask),
            Change { raised: false, .. } => Some(Action::Raise),
            Change { asked: false, .. } => Some(Action::Ask),
            Change { waits: true, .. } if self.0 != Rule::AcknowledgedUnsettled => None,
            Change { .. } => Some(Action::Acknowledge),
        }
    }
}

impl Model for Barrier {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let change = Change { raised: false, asked: false, waits: false, acknowledged: false };
        vec![State { waiting: RECORDS, batch: Batch::None, writing: false, change, issued: 0, refused: 0, late: 0 }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        actions.extend(self.change_step(state.change));
        match state.batch {
            Batch::None if state.waiting > 0 => actions.push(Action::Take),
            Batch::None => {}
            Batch::Taken => actions.push(Action::Check),
            Batch::Checked => actions.push(Action::Write),
            Batch::Written => actions.push(Action::Finish),
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = *state;
        match action {
            Action::Take => {
                (next.waiting, next.batch) = (state.waiting - 1, Batch::Taken);
                next.writing = self.0 != Rule::WritingSetAfterCheck;
            }
            Action::Check if state.change.raised => (next.batch, next.refused) = (Batch::Written, state.refused + 1),
            Action::Check => (next.batch, next.writing) = (Batch::Checked, self.0 != Rule::WritingSetAfterCheck),
            Action::Write => {
                (next.batch, next.writing, next.issued) = (Batch::Written, true, state.issued + 1);
                next.late += u8::from(state.change.acknowledged);
            }
            Action::Finish => (next.batch, next.writing, next.change.waits) = (Batch::None, false, false),
            Action::Raise => next.change.raised = true,
            Action::Ask => (next.change.asked, next.change.waits) = (true, state.writing),
            Action::Acknowledge => next.change.acknowledged = true,
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(NOT_LATE, |_, state: &State| state.late == 0),
            Property::always(ENDS, |model, state: &State| {
                let all = state.change.acknowledged && state.issued + state.refused == RECORDS;
                !crate::is_the_end(model, state) || all
            }),
            Property::sometimes("some records are issued, some refused", |_, state: &State| {
                state.issued > 0 && state.refused > 0
            }),
        ]
    }
}

/// No record decided before the change is written after its acknowledgement.
pub const NOT_LATE: &str = "no record of the old state after the acknowledgement";
/// The change is acknowledged and every record answered.
pub const ENDS: &str = "all is answered in the end";
