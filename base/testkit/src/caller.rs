//! Callers of any kind.

use signet_kernel::{AppId, Caller, ObjectId, Origin, TenantId};
use uuid::Uuid;

/// A caller that no token made.
#[derive(Debug, Clone)]
pub struct TestCaller {
    /// Its own object.
    pub object: ObjectId,
    /// The kind of that object.
    pub kind: &'static str,
    /// Its client.
    pub app: AppId,
    /// The blueprint (its object id) that it is, or is stamped from.
    pub parent: Option<ObjectId>,
    roles: Vec<String>,
}

impl TestCaller {
    /// An application that holds nothing, under a service principal that no store has.
    pub fn application() -> Self {
        Self::of_kind("servicePrincipal", ObjectId::from_uuid(Uuid::from_u128(0xca11e2)))
    }

    /// The object of this kind and id, as a caller that holds nothing.
    pub fn of_kind(kind: &'static str, object: ObjectId) -> Self {
        Self { object, kind, app: AppId::from_uuid(object.uuid()), parent: None, roles: Vec::new() }
    }

    /// The same, being or stamped from the blueprint of this object id.
    #[must_use]
    pub fn below(mut self, parent: ObjectId) -> Self {
        self.parent = Some(parent);
        self
    }

    /// The same, holding these permissions.
    #[must_use]
    pub fn with_roles(mut self, roles: &[&str]) -> Self {
        self.roles = roles.iter().map(|role| (*role).to_owned()).collect();
        self
    }

    /// The caller in this tenant.
    pub fn of(self, tenant: TenantId) -> Caller {
        Caller {
            tenant,
            object: self.object,
            kind: self.kind,
            app: self.app,
            display_name: "Test caller".to_owned(),
            roles: self.roles.into_iter().collect(),
            parent: self.parent,
            origin: Origin::internal(Uuid::from_u128(7)),
        }
    }
}
