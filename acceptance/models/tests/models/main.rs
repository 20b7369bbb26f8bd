//! Every rule that is kept holds in all states; every one that is broken is found out.

mod barrier;
mod feed;
mod keys;
mod leases;
mod revocation;

use signet_models::{Small, counterexample, explore};

/// The rule holds, in at least as many states: a model that stops early shows nothing.
fn holds(model: impl Small, states: usize) {
    let explored = explore(model);
    println!("{explored:?}");
    assert!(explored.as_ref().is_ok_and(|count| *count >= states), "{explored:?}");
}

/// Some run breaks the property.
fn breaks(model: impl Small, property: &'static str) {
    let run = counterexample(model, property);
    println!("{run:?}");
    assert!(run.is_some(), "no run breaks: {property}");
}
