//! Secrets, certificates and federated credentials: who holds them, until when, and what may be said of them.
//!
//! Words: a *holder* is an application or a blueprint; an agent identity never is one. A password is shown once
//! and kept as a hash. A certificate, or a bare public key in its place, proves possession of a key by a signed
//! assertion. A federated credential trusts one subject of one outside issuer.
//!
//! Invariants: 6 (an agent identity holds no credential: no type here can be attached to one) and 12 (secrets are
//! shown once, stored hashed, compared in constant time, never logged).
//!
//! Start with [`Holder`], then `ops`: one verb per file, for holders of every kind. [`http`] is the wire side of
//! them. Who may do it is in `authority`, beyond what permissions say.

pub mod app_management;
pub mod approval;
mod authority;
mod certificate;
mod federated;
mod holder;
pub mod http;
pub mod ops;
mod own_addresses;
mod password;
mod proof;
mod refusal;
mod thing;
pub mod trail;

pub use authority::{Means, check_authority};
pub use certificate::{CertificateError, KeyCredential, KeyEntry, claim_certificates, replace_certificates};
pub use federated::{FederatedIdentityCredential, FederatedTerms};
pub use holder::Holder;
pub use own_addresses::OwnAddresses;
pub use password::{NewPassword, PasswordCredential};
pub use refusal::CredentialRefused;
pub use thing::{Described, Naming, SPONSORS, Thing};
