//! What can be done: one verb per file; deleting, restoring and purging are the same for every kind.

mod administrative_units;
mod attributes;
mod change_members;
mod create_application;
mod create_group;
mod create_service_principal;
mod create_user;
mod delete_group;
mod delete_service_principal;
mod delete_user;
mod lifecycle;
mod role_assignments;
mod role_definitions;
mod set_manager;
mod update_application;
mod update_group;
mod update_organization;
mod update_service_principal;
mod update_user;

pub use administrative_units::{create_administrative_unit, update_administrative_unit};
pub use attributes::{
    allow_value, create_attribute_set, define_attribute, give_attributes, update_attribute, update_attribute_set,
};
pub use change_members::{add_member, remove_member};
pub use create_application::create_application;
pub use create_group::create_group;
pub use create_service_principal::create_service_principal;
pub use create_user::create_user;
pub use delete_group::delete_group;
pub use delete_service_principal::delete_service_principal;
pub use delete_user::delete_user;
pub use lifecycle::{delete, purge, restore};
pub use role_assignments::{assign_role, unassign_role};
pub use role_definitions::{
    add_built_in_roles, create_role_definition, delete_role_definition, seed_built_in_roles, update_role_definition,
};
pub use set_manager::{remove_manager, set_manager};
pub use update_application::update_application;
pub use update_group::update_group;
pub use update_organization::update_organization;
pub use update_service_principal::update_service_principal;
pub use update_user::update_user;

use crate::body::not_found;
use crate::check_if_match;
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_store::{Id, Kind, Object};
use std::sync::Arc;

/// The living object of this id, at the version that `If-Match` names.
async fn load<K: Kind>(call: &Call, id: ObjectId) -> Result<Arc<Object<K>>, Failure> {
    let found = call.store.find(Id::<K>::of(id)).await?.ok_or_else(|| not_found(id))?;
    check_if_match(call, &found)?;
    Ok(found)
}
