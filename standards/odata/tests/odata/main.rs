//! What clients of Graph send, read and applied.

mod differential;
mod filter;
mod generated;
mod naive;
mod narrowing;
mod plain;
mod refusal;
mod shapes;
