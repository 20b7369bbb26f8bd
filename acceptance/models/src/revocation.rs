//! The kill switch of one tenant on PostgreSQL: two nodes issue while a third transaction disables, and re-enables.
//!
//! Stands for `signet-store`'s `write::RAISE_COUNTERS` and `Work::revoke` ([`Action::Disable`]), `TenantStore::commit`
//! ([`Action::Acknowledge`]), the observer of `store::Store` that forgets what a commit touched and then raises
//! `signet_kernel::RevocationCounters` ([`Action::Forget`], [`Action::Raise`]), the order in which `signet-tokens`
//! reads (`RevocationCounters::current`, then facts: [`Action::ReadCounter`], [`Action::Decide`]), introspection's
//! `claims().revocation() < revoked` ([`State::is_active`]), and the record's transaction on PostgreSQL as the design
//! has it: it holds the row of `revocations` shared from its look until its commit ([`Action::Hold`],
//! [`Action::Record`]). The embedded record has a barrier instead: [`crate::barrier`].

use stateright::{Model, Property};

/// What the nodes do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// As built.
    Kept,
    /// The record's transaction looks at the counter and does not hold it.
    CounterCheckedBeforeCommitOnly,
    /// A decision reads facts, then the counter.
    CounterReadAfterFacts,
    /// A node raises its counter before it forgets what the commit touched.
    RaisedBeforeForgotten,
    /// The counter is raised in a transaction of its own, before the one that disables.
    CounterRaisedApart,
    /// Disabling leaves no note of the counter on the object.
    NothingNoted,
}

/// How far a node is with its one token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Request {
    Asked,
    Counted {
        counter: u8,
    },
    Known {
        since: Facts,
    },
    Decided {
        counter: u8,
        facts: Facts,
    },
    /// Looked at the counter; where the rule is kept, holds it.
    Holding {
        counter: u8,
        facts: Facts,
    },
    Issued(Token),
    Refused,
}

/// The agent as one commit left it: commits are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Facts {
    enabled: bool,
    /// Whether it had been disabled by then.
    after_disable: bool,
}

/// A token whose record is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token {
    counter: u8,
    facts: Facts,
    /// The disable was acknowledged before.
    late: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Node {
    /// What it keeps of the agent; none when it must read through.
    facts: Option<Facts>,
    counter: u8,
    request: Request,
}

/// How far the change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Change {
    Wanted,
    /// Only where the counter is raised apart.
    Raised,
    Disabled,
    Acknowledged,
    Enabled,
}

/// All there is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    facts: Facts,
    counter: u8,
    /// The counter as the object noted it.
    noted: u8,
    change: Change,
    nodes: Vec<Node>,
}

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the page of the module says which item each stands for")]
pub enum Action {
    RaiseApart,
    Disable,
    Acknowledge,
    Enable,
    Forget(usize),
    Raise(usize),
    ReadCounter(usize),
    Decide(usize),
    Hold(usize),
    Record(usize),
}

/// The model under one rule.
#[derive(Debug, Clone, Copy)]
pub struct Revocation(pub Rule);

impl State {
    /// A transaction that raises the counter waits for those that hold it.
    fn may_raise(&self, rule: Rule) -> bool {
        let holds = |node: &Node| matches!(node.request, Request::Holding { .. });
        rule == Rule::CounterCheckedBeforeCommitOnly || !self.nodes.iter().any(holds)
    }

    /// Whether introspection says that it is active, now or after whatever is still to come.
    fn is_active(&self, token: Token) -> bool {
        self.facts.enabled && token.counter >= self.noted
    }

    fn tokens(&self) -> impl Iterator<Item = Token> {
        self.nodes.iter().filter_map(|node| if let Request::Issued(token) = node.request { Some(token) } else { None })
    }
}

impl Revocation {
    /// What the node tells its observer of: it forgets, then raises; wrongly, the other way round.
    fn telling(self, state: &State, at: usize, actions: &mut Vec<Action>) {
        let node = &state.nodes[at];
        let stale = node.facts.is_some_and(|facts| facts != state.facts);
        let behind = node.counter < state.counter;
        if stale && (self.0 != Rule::RaisedBeforeForgotten || !behind) {
            actions.push(Action::Forget(at));
        }
        if behind && (self.0 == Rule::RaisedBeforeForgotten || !stale) {
            actions.push(Action::Raise(at));
        }
    }

    fn request(self, node: &Node, state: &State, action: Action) -> Request {
        let facts = node.facts.unwrap_or(state.facts);
        let counter_last = self.0 == Rule::CounterReadAfterFacts;
        match (action, node.request) {
            (Action::ReadCounter(_), Request::Asked) => Request::Counted { counter: node.counter },
            (Action::ReadCounter(_), Request::Known { since: facts }) => {
                Request::Decided { counter: node.counter, facts }
            }
            (Action::Decide(_), Request::Asked | Request::Counted { .. }) if !facts.enabled => Request::Refused,
            (Action::Decide(_), Request::Asked) if counter_last => Request::Known { since: facts },
            (Action::Decide(_), Request::Counted { counter }) => Request::Decided { counter, facts },
            // One that has moved is decided again.
            (Action::Hold(_), Request::Decided { counter, .. }) if counter != state.counter => Request::Asked,
            (Action::Hold(_), Request::Decided { counter, facts }) => Request::Holding { counter, facts },
            (Action::Record(_), Request::Holding { counter, facts }) => {
                Request::Issued(Token { counter, facts, late: state.change >= Change::Acknowledged })
            }
            (_, as_it_was) => as_it_was,
        }
    }
}

impl Model for Revocation {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let facts = Facts { enabled: true, after_disable: false };
        let node = Node { facts: Some(facts), counter: 0, request: Request::Asked };
        vec![State { facts, counter: 0, noted: 0, change: Change::Wanted, nodes: vec![node; 2] }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        match state.change {
            Change::Wanted if self.0 == Rule::CounterRaisedApart => {
                actions.extend(state.may_raise(self.0).then_some(Action::RaiseApart));
            }
            Change::Wanted => actions.extend(state.may_raise(self.0).then_some(Action::Disable)),
            Change::Raised => actions.push(Action::Disable),
            Change::Disabled => actions.push(Action::Acknowledge),
            Change::Acknowledged => actions.push(Action::Enable),
            Change::Enabled => {}
        }
        for (at, node) in state.nodes.iter().enumerate() {
            self.telling(state, at, actions);
            let counter_last = self.0 == Rule::CounterReadAfterFacts;
            match node.request {
                Request::Asked if counter_last => actions.push(Action::Decide(at)),
                Request::Asked | Request::Known { .. } => actions.push(Action::ReadCounter(at)),
                Request::Counted { .. } => actions.push(Action::Decide(at)),
                // The refusal waits until the node knows the counter that refuses it.
                Request::Decided { counter, .. } if counter != state.counter && node.counter != state.counter => {}
                Request::Decided { .. } => actions.push(Action::Hold(at)),
                Request::Holding { .. } => actions.push(Action::Record(at)),
                Request::Issued(_) | Request::Refused => {}
            }
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        match action {
            Action::RaiseApart => (next.counter, next.change) = (state.counter + 1, Change::Raised),
            Action::Disable => {
                next.facts = Facts { enabled: false, after_disable: true };
                next.counter = state.counter + u8::from(state.change == Change::Wanted);
                next.noted = if self.0 == Rule::NothingNoted { 0 } else { next.counter };
                next.change = Change::Disabled;
            }
            Action::Acknowledge => next.change = Change::Acknowledged,
            Action::Enable => (next.facts.enabled, next.change) = (true, Change::Enabled),
            Action::Forget(at) => next.nodes[at].facts = None,
            Action::Raise(at) => next.nodes[at].counter = state.counter,
            Action::ReadCounter(at) | Action::Decide(at) | Action::Hold(at) | Action::Record(at) => {
                next.nodes[at].request = self.request(&state.nodes[at], state, action);
            }
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(NOT_LATE, |_, state: &State| {
                state.tokens().all(|token| !token.late || token.facts.after_disable)
            }),
            Property::always(NOT_REVIVED, |_, state: &State| {
                let old = |token: &Token| !token.facts.after_disable;
                state.change < Change::Acknowledged || !state.tokens().filter(old).any(|token| state.is_active(token))
            }),
            Property::always(ANSWERED, |model, state: &State| {
                let answered = |node: &Node| matches!(node.request, Request::Issued(_) | Request::Refused);
                !crate::is_the_end(model, state) || state.nodes.iter().all(answered)
            }),
            Property::sometimes("a token is issued and then dead", |_, state: &State| {
                state.change == Change::Enabled && state.tokens().any(|token| !state.is_active(token))
            }),
            Property::sometimes("a token is issued after re-enabling", |_, state: &State| {
                state.tokens().any(|token| token.facts.after_disable && state.is_active(token))
            }),
        ]
    }
}

/// Nothing decided on the state before the disable is issued after its acknowledgement.
pub const NOT_LATE: &str = "no token of the old state after the acknowledgement";
/// Nothing decided on the state before the disable is active after it, also when the agent is enabled again.
pub const NOT_REVIVED: &str = "nothing revived by re-enabling";
/// Every request is answered.
pub const ANSWERED: &str = "every request is answered in the end";
