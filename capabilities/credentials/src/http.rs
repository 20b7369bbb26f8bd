//! The wire side: actions and the contained collection that every holder's type offers. No rule is here.

mod change_requests;
mod federated;
mod keys;
mod passwords;
mod policies;

pub use change_requests::{CREDENTIAL_CHANGE_REQUEST, CredentialChangeRequests};
pub use federated::FederatedCredentials;
pub use keys::{AddKey, RemoveKey};
pub use passwords::{AddPassword, RemovePassword};
pub use policies::AssignedPolicies;

use crate::refusal::CredentialRefused;
use crate::{Described, Holder};
use serde::de::DeserializeOwned;
use serde_json::Value;
use signet_graph::{Action, JsonMap, Parameter, PropertyType};

/// Permissions that suffice to change the credentials of a type of holder, besides its `update`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CredentialAccess {
    /// To change them.
    pub change: &'static [&'static str],
    /// To add a key with proof of another one: also what the holder's own token carries.
    pub add_key: &'static [&'static str],
}

/// Which secret or key.
const KEY_ID: Parameter = Parameter::required("keyId", PropertyType::Guid);

/// The four actions on credentials.
pub fn credential_actions<H: Holder + Described>(access: CredentialAccess) -> Vec<Box<dyn Action>> {
    vec![
        Box::new(AddPassword::<H>::new(access.change)),
        Box::new(RemovePassword::<H>::new(access.change)),
        Box::new(AddKey::<H>::new(access.add_key)),
        Box::new(RemoveKey::<H>::new(access.change)),
    ]
}

/// Makes a holder's view fit to leave the house: no hash, no secret, nothing internal.
pub fn show_credentials(view: &mut JsonMap) {
    let entries = |view: &mut JsonMap, name: &str, show: fn(&mut JsonMap)| {
        let list = view.get_mut(name).and_then(Value::as_array_mut);
        list.into_iter().flatten().filter_map(Value::as_object_mut).for_each(show);
    };
    entries(view, "passwordCredentials", passwords::show);
    entries(view, "keyCredentials", keys::show);
}

/// Reads the body of an action or of a contained object; annotations and nulls say nothing.
fn read<T: DeserializeOwned>(what: &'static str, mut body: JsonMap) -> Result<T, CredentialRefused> {
    body.retain(|name, value| !name.contains('@') && !value.is_null());
    serde_json::from_value(Value::Object(body)).map_err(|error| CredentialRefused::Malformed(what, error.to_string()))
}
