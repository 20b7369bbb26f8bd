//! Secrets, certificates and federated credentials: who holds them, until when, and what may be said of them.
//!
//! Words: a *holder* is an application or a blueprint; an agent identity never is one. A password is shown once
//! and kept as a hash. A certificate proves possession of a key by a signed assertion. A federated credential
//! trusts one subject of one outside issuer.
//!
//! Invariants: 6 (an agent identity holds no credential: no type here can be attached to one) and 12 (secrets are
//! shown once, stored hashed, compared in constant time, never logged).

mod certificate;
mod federated;
mod holder;
mod password;
mod thing;

pub use certificate::{CertificateError, KeyCredential};
pub use federated::FederatedIdentityCredential;
pub use holder::Holder;
pub use password::PasswordCredential;
pub use thing::{Described, Naming, Thing};
