//! What the audit trail says of these operations.

use crate::{AppRoleAssignment, InheritablePermission, Resource};
use signet_blueprints::Blueprint;
use signet_directory::AppRole;
use signet_graph::Call;
use signet_kernel::Failure;
use signet_store::{AuditEntry, Object};

pub(crate) async fn assigned(
    _call: &Call,
    _principal: &Resource,
    _resource: &Resource,
    _role: Option<&AppRole>,
) -> Result<AuditEntry, Failure> {
    Ok(AuditEntry { body: Vec::new() })
}

pub(crate) async fn unassigned(
    _call: &Call,
    _assignment: &AppRoleAssignment,
    _principal: Option<&Resource>,
    _resource: Option<&Resource>,
) -> Result<AuditEntry, Failure> {
    Ok(AuditEntry { body: Vec::new() })
}

pub(crate) async fn inheritance_added(
    _call: &Call,
    _blueprint: &Object<Blueprint>,
    _rule: &InheritablePermission,
) -> Result<AuditEntry, Failure> {
    Ok(AuditEntry { body: Vec::new() })
}

pub(crate) async fn inheritance_changed(
    _call: &Call,
    _blueprint: &Object<Blueprint>,
    _old: &InheritablePermission,
    _new: &InheritablePermission,
) -> Result<AuditEntry, Failure> {
    Ok(AuditEntry { body: Vec::new() })
}

pub(crate) async fn inheritance_removed(
    _call: &Call,
    _blueprint: &Object<Blueprint>,
    _rule: &InheritablePermission,
) -> Result<AuditEntry, Failure> {
    Ok(AuditEntry { body: Vec::new() })
}
