//! What can be done: one verb per file, for holders of every kind.

mod add_federated_credential;
mod add_key;
mod add_password;
mod assign_policy;
mod change_federated_credential;
mod decide_change;
mod remove_federated_credential;
mod remove_key;
mod remove_password;

pub use add_federated_credential::add_federated_credential;
pub use add_key::add_key;
pub use add_password::add_password;
pub use assign_policy::{ASSIGN_POLICIES, assign_policy, unassign_policy};
pub use change_federated_credential::change_federated_credential;
pub use decide_change::{Verdict, decide_change};
pub use remove_federated_credential::remove_federated_credential;
pub use remove_key::remove_key;
pub use remove_password::remove_password;

use crate::refusal::CredentialRefused;
use crate::{Holder, KeyCredential, PasswordCredential};
use signet_alerts::Raised;
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_store::{Id, Kind, Object, TenantStore};
use std::sync::Arc;

/// Says in the log that an alert was raised, now that it is durable.
fn tell(raised: Option<Raised>) {
    if let Some(raised) = raised {
        raised.tell();
    }
}

/// What a holder has.
fn held<H: Holder>(holder: &H) -> (&[PasswordCredential], &[KeyCredential]) {
    (holder.passwords(), holder.certificates())
}

/// The living object of this id and kind.
async fn load<K: Kind>(store: &TenantStore, id: ObjectId) -> Result<Arc<Object<K>>, Failure> {
    Ok(store.find(Id::of(id)).await?.ok_or(CredentialRefused::NoSuchObject(id))?)
}

/// Refuses to write over another version than the one that `If-Match` names. The router compares first; an operation
/// that runs again after a race compares what it reads then.
pub fn check_if_match<K>(call: &Call, object: &Object<K>) -> Result<(), Failure> {
    match call.if_match {
        Some(version) if version != object.version => Err(CredentialRefused::VersionMismatch.into()),
        _ => Ok(()),
    }
}
