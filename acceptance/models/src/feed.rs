//! The change feed of one tenant on PostgreSQL: two nodes commit, tell their observers, and follow each other.
//!
//! Stands for, in `signet-store`: `postgres::load::LOCK` and `begin` ([`Action::Begin`]), `postgres::write::feed` and
//! `batch::commit` ([`Action::Send`], then [`Action::Commit`] by the server), `writer::Tools::{tell, persist, look_up}`
//! and `writer::was_committed` ([`Action::Answer`], [`Action::LookUp`]), `follower::{Crier, hear}` ([`Action::Hear`]),
//! `Follower::{follow_all, follow}` ([`Action::SeeHead`], [`Action::ReadRows`], [`Action::Tell`]), `Feed::tell`
//! ([`Told::tell`]) and `Feed::starting` ([`Action::Restart`]). SQLite has one writer and no follower: the case of one
//! node without faults.
//!
//! A notification is heard whenever a node is behind, or never: it says nothing but that there is something to read.
//!
//! Left out: pages, retention and epochs, which make gaps on purpose; several units in one batch.

mod steps;

use stateright::{Model, Property};

/// Units that each node commits.
const UNITS: [u8; 2] = [2, 1];
/// Crashes, lost answers and rollbacks in one run.
const FAULTS: u8 = 2;

/// What the nodes do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// As built.
    Kept,
    /// The head is raised in a transaction of its own, before the change row is there.
    HeadRaisedFirst,
    /// The writer tells of its own commit, not of those before it.
    OwnCommitToldAlone,
    /// Nobody polls.
    NotificationsOnly,
    /// A commit whose answer was lost is tried again without a look.
    RetriedBlindly,
    /// The look at what became of a commit does not wait for its transaction.
    LookedUpUnlocked,
}

/// One try of one unit; its name is in its change row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Batch {
    node: usize,
    unit: u8,
    attempt: u8,
}

/// A transaction in the server; it holds the tenant's head.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Transaction {
    batch: Batch,
    place: usize,
    sent: bool,
}

/// A commit under way as its node knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Outcome {
    batch: Batch,
    place: usize,
    missed_from: usize,
}

/// Where a node's writer stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Writer {
    Ready,
    Holding(Outcome),
    Sent(Outcome),
    Lost(Outcome),
    Dead,
}

/// Where a node's follower stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Follower {
    Idle,
    Saw { head: usize },
    Read { rows: Vec<(usize, Batch)>, head: Option<usize> },
}

/// What a node has told its observer since it started.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Told {
    next: usize,
    /// So far each commit, in order, was told as what it is; not so after a gap, where everything is taken for stale.
    right: bool,
}

impl Told {
    fn starting(head: usize) -> Self {
        Self { next: head, right: true }
    }

    fn tell(&mut self, place: usize, batch: Option<Batch>, committed: &[Batch]) {
        if place >= self.next {
            self.right &= place == self.next && batch.as_ref() == committed.get(place) && batch.is_some();
            self.next = place + 1;
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Node {
    writer: Writer,
    unit: u8,
    attempt: u8,
    acknowledged: Vec<u8>,
    told: Told,
    follower: Follower,
}

/// All there is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    /// Change rows by position; the head is one past the last. Only a broken rule leaves a row out.
    rows: Vec<Option<Batch>>,
    /// What became durable, in the order in which it did.
    committed: Vec<Batch>,
    running: Vec<Transaction>,
    nodes: Vec<Node>,
    faults: u8,
}

/// One step of a node, or of the server (`Commit`, `RollBack`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the page of the module says which item each stands for")]
pub enum Action {
    Begin(usize),
    Send(usize),
    Commit(Batch),
    RollBack(Batch),
    Answer(usize),
    LoseAnswer(usize),
    LookUp(usize),
    Die(usize),
    Restart(usize),
    Hear(usize),
    SeeHead(usize),
    ReadRows(usize),
    Tell(usize),
}

/// The model under one rule.
#[derive(Debug, Clone, Copy)]
pub struct Feed(pub Rule);

impl Feed {
    fn begin(self, state: &mut State, at: usize) {
        let place = state.rows.len();
        let node = &mut state.nodes[at];
        let batch = Batch { node: at, unit: node.unit, attempt: node.attempt };
        let missed_from = if self.0 == Rule::OwnCommitToldAlone { place } else { node.told.next };
        node.writer = Writer::Holding(Outcome { batch, place, missed_from });
        if self.0 == Rule::HeadRaisedFirst {
            state.rows.push(None);
        }
        state.running.push(Transaction { batch, place, sent: false });
    }

    /// Whether a transaction may take the tenant's head now.
    fn head_is_free(self, state: &State) -> bool {
        state.running.is_empty() || self.0 == Rule::HeadRaisedFirst
    }

    fn writer_actions(self, state: &State, at: usize, actions: &mut Vec<Action>) {
        let node = &state.nodes[at];
        let fault = state.faults < FAULTS;
        match &node.writer {
            Writer::Ready if node.unit < UNITS[at] && self.head_is_free(state) => actions.push(Action::Begin(at)),
            Writer::Ready => {}
            Writer::Holding(_) => actions.push(Action::Send(at)),
            Writer::Sent(outcome) => {
                if !state.is_running(outcome.batch) {
                    actions.push(Action::Answer(at));
                }
                if fault {
                    actions.push(Action::LoseAnswer(at));
                }
            }
            Writer::Lost(_) => {
                let unlocked = matches!(self.0, Rule::LookedUpUnlocked | Rule::RetriedBlindly);
                if unlocked || self.head_is_free(state) {
                    actions.push(Action::LookUp(at));
                }
            }
            Writer::Dead => actions.push(Action::Restart(at)),
        }
        if fault && node.writer != Writer::Dead && node.writer != Writer::Ready {
            actions.push(Action::Die(at));
        }
    }

    /// Nothing is left to do but to hear, and every notification may be lost.
    fn is_the_end(self, state: &State) -> bool {
        let mut actions = Vec::new();
        self.actions(state, &mut actions);
        actions.iter().all(|action| matches!(action, Action::Hear(_)))
    }

    fn follower_actions(self, state: &State, at: usize, actions: &mut Vec<Action>) {
        let node = &state.nodes[at];
        if node.writer == Writer::Dead {
            return;
        }
        match node.follower {
            Follower::Idle if node.told.next == state.rows.len() => {}
            Follower::Idle => {
                actions.push(Action::Hear(at));
                if self.0 != Rule::NotificationsOnly {
                    actions.push(Action::SeeHead(at));
                }
            }
            Follower::Saw { .. } => actions.push(Action::ReadRows(at)),
            Follower::Read { .. } => actions.push(Action::Tell(at)),
        }
    }
}

impl Model for Feed {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let node = Node {
            writer: Writer::Ready,
            unit: 0,
            attempt: 0,
            acknowledged: Vec::new(),
            told: Told::starting(0),
            follower: Follower::Idle,
        };
        let nodes = vec![node; UNITS.len()];
        vec![State { rows: Vec::new(), committed: Vec::new(), running: Vec::new(), nodes, faults: 0 }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for at in 0..state.nodes.len() {
            self.writer_actions(state, at, actions);
            self.follower_actions(state, at, actions);
        }
        for transaction in state.running.iter().filter(|transaction| transaction.sent) {
            actions.push(Action::Commit(transaction.batch));
            if state.faults < FAULTS {
                actions.push(Action::RollBack(transaction.batch));
            }
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        if matches!(action, Action::Die(_) | Action::LoseAnswer(_) | Action::RollBack(_)) {
            next.faults += 1;
        }
        match (action, state.nodes.get(action.node())?) {
            (Action::Begin(at), _) => self.begin(&mut next, at),
            (Action::Send(at), Node { writer: Writer::Holding(outcome), .. }) => {
                next.nodes[at].writer = Writer::Sent(*outcome);
                next.running.iter_mut().filter(|other| other.batch == outcome.batch).for_each(|own| own.sent = true);
            }
            (Action::Commit(batch), _) => next.end(batch, true),
            (Action::RollBack(batch), _) => next.end(batch, false),
            (Action::LoseAnswer(at), Node { writer: Writer::Sent(outcome), .. }) => {
                next.nodes[at].writer = Writer::Lost(*outcome);
            }
            (Action::Answer(at), Node { writer: Writer::Sent(outcome), .. }) => {
                next.learn(at, *outcome, state.is_committed(*outcome));
            }
            (Action::LookUp(at), Node { writer: Writer::Lost(outcome), .. }) => {
                next.learn(at, *outcome, self.0 != Rule::RetriedBlindly && state.is_committed(*outcome));
            }
            (Action::Die(at), _) => next.die(at),
            (Action::Restart(at), _) => {
                next.nodes[at].writer = Writer::Ready;
                next.nodes[at].told = Told::starting(state.rows.len());
            }
            (Action::Hear(at), _) => next.read_rows(at, None),
            (Action::SeeHead(at), _) => next.nodes[at].follower = Follower::Saw { head: state.rows.len() },
            (Action::ReadRows(at), Node { follower: Follower::Saw { head }, .. }) => next.read_rows(at, Some(*head)),
            (Action::Tell(at), _) => next.tell(at),
            _ => return None,
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(GAPLESS, |_, state: &State| state.nodes.iter().all(|node| node.told.right)),
            Property::always(ONCE, |_, state: &State| {
                let unit = |batch: &Batch| (batch.node, batch.unit);
                let count = |wanted| state.committed.iter().filter(|batch| unit(batch) == wanted).count();
                state.committed.iter().all(|batch| count(unit(batch)) == 1)
                    && state
                        .nodes
                        .iter()
                        .enumerate()
                        .all(|(at, node)| node.acknowledged.iter().all(|unit| count((at, *unit)) == 1))
            }),
            Property::always(SEEN, |model, state: &State| {
                let head = state.rows.len();
                !model.is_the_end(state) || state.nodes.iter().all(|node| node.told.next == head)
            }),
            Property::sometimes("all is committed in spite of every fault", |_, state: &State| {
                state.faults == FAULTS
                    && state.committed.len() == UNITS.iter().map(|units| usize::from(*units)).sum::<usize>()
            }),
        ]
    }
}

/// Every node tells positions without a gap, in the order of the commits.
pub const GAPLESS: &str = "told without a gap, in commit order";
/// No unit is applied twice, and what was acknowledged was applied.
pub const ONCE: &str = "each unit applied once, each acknowledged one applied";
/// In the end every node has told of every commit.
pub const SEEN: &str = "all is seen in the end";

impl Action {
    fn node(self) -> usize {
        match self {
            Self::Begin(at) | Self::Send(at) | Self::Answer(at) | Self::LoseAnswer(at) | Self::LookUp(at) => at,
            Self::Die(at) | Self::Restart(at) | Self::Hear(at) => at,
            Self::SeeHead(at) | Self::ReadRows(at) | Self::Tell(at) => at,
            Self::Commit(batch) | Self::RollBack(batch) => batch.node,
        }
    }
}
