//! Models of the rules that several nodes keep together, small enough to be explored whole.
//!
//! Words: a *model* is a state machine of nodes and what they share; a *rule* is what the code does, or one way to get
//! it wrong. Each module says which items of the code it stands for. A pause needs no action of its own: a node pauses
//! wherever another one may act first.
//!
//! Invariant: [`Rule::Kept`](feed::Rule::Kept) of every model holds in every state that can be reached, and every other
//! rule is found out. A property that only ever holds says nothing.
//!
//! Start at [`feed`] and at `tests/`. Every model only moves forward, so each run ends; "in the end" is therefore
//! checked in the states in which nothing is left to do, with no assumption but that what can go on does.
//!
//! Absent on purpose: the code itself (its own tests and the fault harness run that), several tenants (they share no
//! row), and figures.

#![expect(clippy::indexing_slicing, reason = "a model names its own nodes; a wrong number must end the run")]

pub mod barrier;
pub mod feed;
pub mod keys;
pub mod leases;
pub mod revocation;

use stateright::{Checker, HasDiscoveries, Model};
use std::fmt::Debug;
use std::hash::Hash;

/// Whether nothing is left to do.
fn is_the_end<M: Model>(model: &M, state: &M::State) -> bool {
    let mut actions = Vec::new();
    model.actions(state, &mut actions);
    actions.is_empty()
}

/// A model that can be explored.
pub trait Small:
    Model<
        State: Hash + Clone + Debug + PartialEq + Send + Sync + 'static,
        Action: Clone + Debug + PartialEq + Send + Sync + 'static,
    > + Send
    + Sync
    + 'static
{
}

impl<M> Small for M where
    M: Model<
            State: Hash + Clone + Debug + PartialEq + Send + Sync + 'static,
            Action: Clone + Debug + PartialEq + Send + Sync + 'static,
        > + Send
        + Sync
        + 'static
{
}

/// Explores the whole space and answers how many states it has, or what is wrong: the properties that some run
/// breaks, or that no run fulfils though one should.
///
/// # Errors
/// When a property does not hold: its name, and a run that shows it.
pub fn explore(model: impl Small) -> Result<usize, Vec<(&'static str, String)>> {
    let checker = model.checker().finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
    let mut wrong = Vec::new();
    for property in checker.model().properties() {
        let run = checker.discovery(property.name);
        match (run, property.expectation.discovery_is_failure()) {
            (Some(run), true) => wrong.push((property.name, format!("{:?}", run.into_actions()))),
            (None, false) => wrong.push((property.name, "no run gets there".to_owned())),
            (Some(_), false) | (None, true) => {}
        }
    }
    if wrong.is_empty() { Ok(checker.unique_state_count()) } else { Err(wrong) }
}

/// A run that breaks `property`, if one does.
pub fn counterexample(model: impl Small, property: &'static str) -> Option<String> {
    let found = HasDiscoveries::AllOf([property].into());
    let checker = model.checker().finish_when(found).spawn_bfs().join();
    checker.discovery(property).map(|run| format!("{:?}", run.into_actions()))
}
