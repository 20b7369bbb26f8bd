//! Who acts when the owner of the data directory does: the audit trail's name for local administration.

use signet_kernel::{AppId, Caller, Context, ObjectId, Origin, TenantId};
use signet_logs::audit::{Activity, Target, activities, success};
use signet_store::AuditEntry;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The operator as the caller of one command.
pub(crate) fn operator(context: &Context, tenant: TenantId) -> Caller {
    Caller {
        tenant,
        object: ObjectId::from_uuid(Uuid::nil()),
        kind: "operator",
        app: AppId::from_uuid(Uuid::nil()),
        display_name: "operator of this deployment".to_owned(),
        roles: BTreeSet::new(),
        parent: None,
        origin: Origin::internal(context.new_uuid()),
    }
}

/// The audit entry for something that the operator, or the program by itself, does to `targets`.
pub(crate) fn audit(context: &Context, tenant: TenantId, activity: &Activity, targets: Vec<Target>) -> AuditEntry {
    let caller = operator(context, tenant);
    success(&caller, context.now(), caller.origin.request_id, activity, targets, &[])
}

/// The audit entry for a tenant's key that was wrapped under another master key.
pub(crate) fn master_key_rotated(context: &Context, tenant: TenantId) -> AuditEntry {
    let target = Target::other(tenant.to_string(), "tenant key, by a new master key");
    audit(context, tenant, &activities::ROTATE_SIGNING_KEY, vec![target])
}
