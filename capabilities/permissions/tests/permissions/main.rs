//! What the crate promises.

mod rights;
