//! What is done to policies, under the names of the vendor where it has some.

use signet_logs::audit::{Activity, OperationType};

const fn policy(name: &'static str, operation: OperationType) -> Activity {
    Activity { name, category: "Policy", operation, service: "Core Directory" }
}

pub(crate) const ADD_POLICY: Activity = policy("Add policy", OperationType::Add);
pub(crate) const UPDATE_POLICY: Activity = policy("Update policy", OperationType::Update);
pub(crate) const DELETE_POLICY: Activity = policy("Delete policy", OperationType::Delete);
pub(crate) const UPDATE_AUTHORIZATION_POLICY: Activity =
    Activity { category: "AuthorizationPolicy", ..policy("Update authorization policy", OperationType::Update) };
