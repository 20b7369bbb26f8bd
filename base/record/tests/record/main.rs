//! What the record promises, tested through its front and by looking at the files from outside.

#![expect(clippy::unwrap_used, clippy::panic, reason = "these are tests throughout")]

mod chain;
mod durability;
mod guard;
mod house;
mod once;
mod reading;
