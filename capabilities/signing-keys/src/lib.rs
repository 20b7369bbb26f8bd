//! The platform's own keys: what seals, what signs tokens, and how they change without a gap.
//!
//! Words: the *master key* lies in a file outside every database and wraps *tenant keys*; a tenant key seals what
//! belongs to its tenant. A *signing key* is published, then signs, then is superseded, then retired; which of
//! these it is follows from its times alone, so no node has to be awake for a key to come or go. The *record key*
//! signs checkpoints of the durable record.
//!
//! Invariants: 12 (nothing private is stored unsealed) and 13 (no moment without a valid key, no token that no
//! published key verifies; a compromised key is the one exception, withdrawn at once with its tokens).
//!
//! Start with [`SigningKeys`]; the rules of time are in [`schedule`].
//!
//! Deliberately absent: HTTP (the token endpoint's crate publishes the keys), what audit entries say (the caller
//! hands them in), and a clock of its own (`maintain` is called by the program).

mod master_key;
mod pairs;
mod private_file;
mod record_key;
pub mod schedule;
mod service;
mod signing_key;
mod tenant_key;
mod tenant_keys;

pub use master_key::{MasterKey, MasterKeyError};
pub use pairs::{KeyPairs, RsaPool};
pub use record_key::{RecordKey, RecordKeyError, RecordVerifier};
pub use schedule::{JWKS_MAX_AGE, KeySettings, LONGEST_TOKEN};
pub use service::SigningKeys;
pub use signing_key::SigningKey;
pub use tenant_key::{MasterRing, TenantKey, rotate_master};
pub use tenant_keys::TenantKeys;
