//! The directory API: one router and one OData for every kind, driven by what each kind declares.
//!
//! A capability hands over an [`Entity`] per type: its [`EntityType`] declaration, how a stored row looks on the
//! wire, and the operations that have rules. Everything else (paths, casts, keys, paging, `$select`, permissions,
//! ETags, error envelopes) is done here, once. This crate knows no kind and holds no rule.
//!
//! Words:
//! - *Type*: an [`Entity`] with what it inherits. A *derived* type shares its base's set and has its properties;
//!   relations, contained collections and actions are not inherited, each type lists its own.
//! - *Place*: what a path names. *Scope*: the types that a place reaches in the version asked for.
//!
//! Invariants:
//! - Nothing is said of any object, and no body is looked at, before the caller is known and holds some permission, or
//!   other right, that could suffice at this place.
//! - A query option is obeyed or refused, never ignored.
//! - Every 405 names what is allowed; every 403 names permissions that would do.
//! - A page token works for the tenant, path and query it was made for, and for no other.
//! - An index narrows a list; an evaluator over the stored body, or over the view, decides. A request looks through
//!   objects for a bounded time: then a list says where to go on, and a count or an order is refused.
//!
//! Start with [`GraphRouter`]; then `place.rs` (path to place), `serve.rs` (what a method does there), `selection.rs`
//! (which objects a list wants) and `listing.rs` (in which pages). Absent: indexes by range, prefix or word, so that
//! `$search`, `$orderby` and comparisons other than equality look at every object of the list.

mod admission;
mod answered;
mod batch;
mod body_check;
mod catalog;
mod deadline;
mod declaration;
mod describe;
mod entity;
mod expand;
mod listing;
mod lookup;
mod operations;
mod page_token;
mod place;
mod precondition;
mod preferences;
mod refusal;
mod request;
mod respond;
mod rights;
mod router;
mod selection;
mod serve;
mod shape;
mod signature;
mod version;
mod view;

pub use answered::{Answered, OnAnswered};
pub use declaration::{Access, EntityType, Property, PropertyType};
pub use entity::{
    Action, ActionResult, Call, Contained, Entity, JsonMap, Page, PageRequest, Relation, SetAction, Write,
};
pub use operations::{Operation, OperationKind};
pub use rights::{Deed, HeldRights, OtherRights, OtherWays};
pub use router::{Authenticate, GraphOptions, GraphRouter, OnWriteRefused, Unauthenticated, WriteAttempt};
pub use signature::{Answer, ComplexType, Parameter, Signature};
