//! The authorization server: token requests, introspection, metadata, keys, and the door to the directory API.
//!
//! A token request is an ordered list of steps, each needing what the one before it made, so that none can be
//! skipped: [`TokenRequest`] -> [`AuthenticatedClient`] -> [`Target`] -> [`Facts`] -> [`Permitted`] -> signed ->
//! recorded -> [`IssuedToken`]. Start with `ops/issue_token.rs`.
//!
//! Words, as in Entra: *T1* is a blueprint's word for one of its agents (`fmi_path`), a client assertion of that
//! agent and nothing else; *T2* is an agent's own exchange token. Neither opens any door.
//!
//! Invariants: 1 and 2 (no token leaves unless its record committed against the revocation counter that its
//! decision saw), 4 (the record names the whole chain), 6, 11, 14.
//!
//! Absent on purpose: people, consent, refresh tokens, and any test-only route.

mod agent_subject;
mod authenticate;
mod bearer;
mod certificates;
mod claims;
mod client;
mod credential;
mod decide;
mod http;
mod issuer;
mod metadata;
mod mint;
mod ops;
mod outcomes;
mod own_token;
mod request;
mod server;
mod single_use;
mod target;
mod trail;

pub use agent_subject::AgentSubject;
pub use authenticate::AuthenticatedClient;
pub use claims::{AGENT_IDENTITY_FACET, AGENT_USER_FACET, TokenClaims};
pub use client::{Absent, AgentClient, ApplicationClient, BlueprintClient, Client, Credentials};
pub use credential::{Credential, CredentialKind};
pub use decide::{Facts, Permitted, decide};
pub use http::routes;
pub use issuer::PublicUrl;
pub use metadata::metadata;
pub use mint::{AGENT_LIFETIME, EXCHANGE_LIFETIME, LONGEST_LIFETIME, SHORTEST_LIFETIME};
pub use ops::introspect::introspect;
pub use ops::issue_token::{IssuedToken, issue_token};
pub use own_token::{NotOurs, VerifiedToken, verify};
pub use request::{PresentedClient, Proof, TokenRequest};
pub use server::{AuthorizationServer, Parts, ServerError};
pub use target::{Asked, Target};
