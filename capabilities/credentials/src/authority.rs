//! Who may change credentials, beyond what permissions say: a blueprint does not arm itself.

use crate::refusal::CredentialRefused;
use crate::{Naming, Thing};
use signet_kernel::Caller;

/// How a caller would change credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// By its permission alone.
    Permission,
    /// By adding a key, with proof of a certificate that the holder has already.
    AddKeyWithProof,
}

/// Refuses agent identities whatever they ask; refuses a blueprint that would change its own credentials, unless it
/// adds a key with proof; and refuses it that for any other holder.
pub fn check_authority(caller: &Caller, holder: &Thing, means: Means) -> Result<(), CredentialRefused> {
    let Some(blueprint) = caller.parent else { return Ok(()) };
    if caller.kind == Naming::AGENT_IDENTITY {
        return Err(CredentialRefused::CallerIsAgent);
    }
    match (holder.blueprint == Some(blueprint), means) {
        (true, Means::AddKeyWithProof) | (false, Means::Permission) => Ok(()),
        (true, Means::Permission) => Err(CredentialRefused::OwnCredentials),
        (false, Means::AddKeyWithProof) => Err(CredentialRefused::NotItself),
    }
}
