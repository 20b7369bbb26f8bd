//! Child processes of the same program that do heavy work for a server: work that must not slow its answers, and may be ended.
//!
//! Words: a *piece of work* is what a child is asked for, from the first message to it to the last one from it; a child is
//! *idle* between two of them.
//!
//! Invariants:
//! - a child has one piece of work at a time, and one that failed, or that nobody waits for any more, is ended;
//! - a child gives way to everything else on the machine and holds no more memory than it may ([`confine`]);
//! - no child outlives its server for longer than a moment, whatever ends that.
//!
//! The server starts with [`Children`], the child with [`confine`]; both speak in messages ([`read_message`]). What the
//! messages say is their own business.

mod child;
mod confine;
mod message;

pub use child::{ChildError, Children, Pipes, Program};
pub use confine::{Files, confine};
pub use message::{read_message, write_message};
