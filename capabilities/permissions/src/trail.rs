//! What the audit trail says of these operations.

use crate::{AppRoleAssignment, InheritablePermission, Resource};
use signet_blueprints::Blueprint;
use signet_directory::AppRole;
use signet_kernel::{Caller, Failure};
use signet_store::{AuditEntry, Object, TenantStore};

pub(crate) async fn assigned(
    _store: &TenantStore,
    _caller: &Caller,
    _principal: &Resource,
    _resource: &Resource,
    _role: Option<&AppRole>,
) -> Result<AuditEntry, Failure> {
    Ok(AuditEntry { body: Vec::new() })
}

pub(crate) async fn unassigned(
    _store: &TenantStore,
    _caller: &Caller,
    _assignment: &AppRoleAssignment,
    _principal: Option<&Resource>,
    _resource: Option<&Resource>,
) -> Result<AuditEntry, Failure> {
    Ok(AuditEntry { body: Vec::new() })
}

pub(crate) async fn inheritance_added(
    _store: &TenantStore,
    _caller: &Caller,
    _blueprint: &Object<Blueprint>,
    _rule: &InheritablePermission,
) -> Result<AuditEntry, Failure> {
    Ok(AuditEntry { body: Vec::new() })
}

pub(crate) async fn inheritance_changed(
    _store: &TenantStore,
    _caller: &Caller,
    _blueprint: &Object<Blueprint>,
    _old: &InheritablePermission,
    _new: &InheritablePermission,
) -> Result<AuditEntry, Failure> {
    Ok(AuditEntry { body: Vec::new() })
}

pub(crate) async fn inheritance_removed(
    _store: &TenantStore,
    _caller: &Caller,
    _blueprint: &Object<Blueprint>,
    _rule: &InheritablePermission,
) -> Result<AuditEntry, Failure> {
    Ok(AuditEntry { body: Vec::new() })
}
