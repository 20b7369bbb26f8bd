//! The directory API: one router and one OData for every kind, driven by what each kind declares.
//!
//! A capability hands over an [`Entity`] per type: its [`EntityType`] declaration, how a stored row looks on the
//! wire, and the operations that have rules. Everything else (paths, casts, keys, paging, `$select`, permissions,
//! ETags, error envelopes) is done here, once. This crate knows no kind and holds no rule.
//!
//! Start with [`router`]; a request becomes a [`place::Place`], and `serve.rs` does what its method asks there.

mod catalog;
mod checks;
mod declaration;
mod entity;
mod page_token;
mod place;
mod respond;
mod rights;
mod router;
mod serve;

pub use catalog::Catalog;
pub use declaration::{Access, EntityType, Property, PropertyType};
pub use entity::{Action, ActionResult, Call, Contained, Entity, JsonMap, Page, PageRequest, Relation};
pub use router::{Authenticate, GraphOptions, RefusedWrite, Unauthenticated, router};
