//! What clients of Graph send, read and applied.

mod filter;
mod refusal;
mod shapes;
