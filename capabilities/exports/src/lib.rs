//! The record, handed on: to a SIEM, a collector, a message bus, a mailbox.
//!
//! Words: a *sink* is one entry of the configuration: where to, in which [`Format`], which tenants, which tables. An
//! *event* is one record on its way. A *cursor* says how far a sink has come in a tenant. A *dead letter* is an event that
//! the receiver refused for what it is; it names the record, which stays where it was.
//!
//! Invariants:
//! - at least once: a cursor moves on only after the receiver took what lies before it, or after a dead letter was
//!   written, in the same commit; a receiver tells repetitions by the event's id;
//! - one node at a time sends to a sink ([`signet_jobs::Worker`]); should two do, a cursor moves on for one of them;
//! - a receiver that is slow or gone delays its own sink and nothing else: whoever writes records never waits here;
//! - nothing is sent but through [`signet_fetch`], within its rules for addresses; no secret stands in the
//!   configuration.
//!
//! Start with [`SinkConfig`] and [`Exports`]; [`Format`] says what an event looks like. Absent: transformations,
//! sampling, and receivers that pull.

mod config;
mod cursor;
mod dead_letter;
mod deliver;
mod event;
mod exports;
mod format;
mod meter;
mod pump;
mod secret;
mod sink;

pub use config::{Mail, SinkConfig, Target};
pub use cursor::ExportCursor;
pub use dead_letter::{DeadLetter, DeadLetters, EXPORT_DEAD_LETTER};
pub use event::Event;
pub use exports::{Exports, Outside};
pub use format::Format;
pub use meter::{Meter, Reading};
pub use secret::{Secret, SecretError};
pub use sink::{SignedPost, Sink, Undelivered};
