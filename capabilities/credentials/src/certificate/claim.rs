//! A certificate speaks for one holder, unless the tenant allows it to be shared.

use super::KeyCredential;
use crate::refusal::CredentialRefused;
use signet_kernel::{Failure, ObjectId};
use signet_store::{IndexKey, TenantStore};
use signet_tenants::Tenant;

/// Makes sure that no other holder has one of `certificates`; where the tenant allows it, marks those as shared.
///
/// INVARIANT: two claims at once meet at the store's unique key, and the later one is refused.
pub async fn claim_certificates(
    store: &TenantStore,
    holder: ObjectId,
    certificates: &mut [KeyCredential],
) -> Result<(), Failure> {
    for certificate in certificates.iter_mut().filter(|certificate| !certificate.shared) {
        let key = IndexKey::bytes(certificate.x5t_s256());
        let owner = store.find_key(KeyCredential::UNIQUE, &key).await?;
        if owner.is_none_or(|owner| owner == holder) {
            continue;
        }
        if !allows_sharing(store).await? {
            return Err(CredentialRefused::CertificateTaken.into());
        }
        certificate.shared = true;
    }
    Ok(())
}

/// Whether the tenant allows two holders the same certificate, or the same outside subject.
pub(crate) async fn allows_sharing(store: &TenantStore) -> Result<bool, Failure> {
    let tenant = store.find(Tenant::id(store.id())).await?;
    Ok(tenant.is_some_and(|tenant| tenant.body.allow_shared_credentials))
}
