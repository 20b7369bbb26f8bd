//! What tests of operations need: a store of its own, a clock that is moved, callers of any kind.
//!
//! For `dev-dependencies` alone. Start with [`TestTenant`]; a test with a world of its own holds a [`SweptAtEnd`].
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod audits;
mod caller;
mod sweep;
mod tenant;

pub use audits::Audit;
pub use caller::TestCaller;
pub use sweep::{Sweep, SweptAtEnd};
pub use tenant::TestTenant;
