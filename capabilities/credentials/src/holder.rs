//! What holds credentials.

use crate::{KeyCredential, PasswordCredential};
use signet_kernel::{AppId, Timestamp};
use signet_store::{IndexKey, Kind, UniqueKeys};
use uuid::Uuid;

/// How many secrets, and how many certificates, a holder has at most.
pub(crate) const MOST_KEYS: usize = 50;

/// An application or a blueprint. Not implemented by agent identities.
pub trait Holder: Kind {
    /// Its client id.
    fn app_id(&self) -> AppId;
    /// What people call it.
    fn display_name(&self) -> &str;
    /// Its secrets.
    fn passwords(&self) -> &[PasswordCredential];
    /// Its secrets, to change.
    fn passwords_mut(&mut self) -> &mut Vec<PasswordCredential>;
    /// Its certificates.
    fn certificates(&self) -> &[KeyCredential];
    /// Its certificates, to change.
    fn certificates_mut(&mut self) -> &mut Vec<KeyCredential>;

    /// Whether it holds a secret or certificate of this id that is within its time.
    fn holds_current(&self, key: Uuid, now: Timestamp) -> bool {
        self.passwords().iter().any(|password| password.key_id == key && password.is_current(now))
            || self.certificates().iter().any(|certificate| certificate.key_id == key && certificate.is_current(now))
    }
}

impl KeyCredential {
    /// The key space of certificates that one holder has for itself.
    pub(crate) const UNIQUE: &'static str = "certificate";

    /// Declares a holder's certificates as unique in the tenant, except those that were added as shared.
    pub fn declare_unique(certificates: &[KeyCredential], keys: &mut UniqueKeys) {
        for certificate in certificates.iter().filter(|certificate| !certificate.shared) {
            keys.in_tenant(Self::UNIQUE, IndexKey::bytes(certificate.x5t_s256()));
        }
    }
}
