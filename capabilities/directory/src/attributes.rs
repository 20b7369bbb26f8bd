//! Custom security attributes: sets, definitions, allowed values, and what objects were given.
//!
//! What an object was given is kept beside it, never in its body: who reads an object, or filters by its properties,
//! learns nothing of them without [`READ`]. It goes with the object and comes back with it.

mod definition;
mod given;

pub use definition::{AllowedValue, AttributeDefinition, AttributeSet};
pub use given::{GivenAttributes, complete, give, split};

use crate::body::{JsonMap, bad_request};
use crate::ops::give_attributes;
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};

/// Permissions that show what objects were given.
pub const READ: &[&str] = &["CustomSecAttributeAssignment.Read.All", "CustomSecAttributeAssignment.ReadWrite.All"];
/// The permission to give attributes to objects.
pub const WRITE: &[&str] = &["CustomSecAttributeAssignment.ReadWrite.All"];
/// The member that holds them on the wire.
pub const MEMBER: &str = "customSecurityAttributes";

/// The id under which something with a name is kept: the same name, the same id, in a tenant.
pub(crate) fn name_key(parts: &[&str]) -> signet_store::IndexKey {
    signet_store::IndexKey::text(&parts.join("_"))
}

/// Refuses attributes in a create's body: an object is given them once it is there.
pub fn refuse_at_create(body: &JsonMap) -> Result<(), Failure> {
    if body.contains_key(MEMBER) {
        return Err(bad_request(MEMBER, format!("Create the object first, then give it '{MEMBER}' by PATCH.")));
    }
    Ok(())
}

/// Changes an object with `update`, and gives it the attributes that its patch holds. Refuses both before either is
/// done where the caller may not give attributes, or may do nothing but that.
pub async fn with_attributes(
    call: &Call,
    id: ObjectId,
    mut body: JsonMap,
    update: impl AsyncFnOnce(JsonMap) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let Some(patch) = split(call, &mut body)? else { return update(body).await };
    if !body.is_empty() {
        let message = format!("Change '{MEMBER}' in a PATCH of its own: it is a change of its own in the record.");
        return Err(bad_request(MEMBER, message));
    }
    give_attributes(call, id, &patch).await
}
