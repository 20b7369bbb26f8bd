//! The directory API over types made up for the purpose, on a real store, through the real front.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "these are tests throughout")]

mod actions;
mod batch;
mod bodies;
mod callers;
mod contained;
mod deleted;
mod delta;
mod describe;
mod differential;
mod expand;
mod items;
mod lists;
mod operations;
mod other_rights;
mod paths;
mod queries;
mod relations;
mod rights;
mod types;
mod world;
