//! `inheritablePermissions` of a blueprint.

use super::body::{id, optional_id, refuse_unknown};
use crate::{
    InheritablePermission, InheritablePermissionChange, InheritableRoles, InheritableScopes, NewInheritablePermission,
    add_inheritable_permission, change_inheritable_permission, remove_inheritable_permission,
};
use async_trait::async_trait;
use signet_graph::{Call, ComplexType, Contained, JsonMap, Property, PropertyType};
use signet_kernel::{Failure, ObjectId};
use signet_store::{Kind, Row};

pub(super) const MEMBERS: &[&str] = &["resourceAppId", "inheritableScopes", "inheritableRoles"];

#[derive(Debug, Clone, Copy)]
struct InheritablePermissions;

/// What a blueprint passes on, by resource.
pub fn inheritable_permissions() -> Box<dyn Contained> {
    Box::new(InheritablePermissions)
}

#[async_trait]
impl Contained for InheritablePermissions {
    fn name(&self) -> &'static str {
        "inheritablePermissions"
    }

    fn type_name(&self) -> &'static str {
        InheritablePermission::NAME
    }

    fn properties(&self) -> &'static [Property] {
        const PROPERTIES: &[Property] = &[
            Property::new("resourceAppId", PropertyType::Guid),
            Property::new("inheritableScopes", PropertyType::Complex("inheritableScopes")),
            Property::new("inheritableRoles", PropertyType::Complex("inheritableRoles")),
        ];
        PROPERTIES
    }

    fn required(&self) -> &'static [&'static str] {
        &["resourceAppId"]
    }

    fn complex_types(&self) -> &'static [ComplexType] {
        const KIND: Property = Property::new("kind", PropertyType::String(64));
        const TYPES: &[ComplexType] = &[
            ComplexType {
                name: "inheritableScopes",
                properties: &[KIND, Property::new("scopes", PropertyType::Strings)],
            },
            ComplexType {
                name: "inheritableRoles",
                properties: &[KIND, Property::new("roles", PropertyType::Strings)],
            },
        ];
        TYPES
    }

    fn stored(&self) -> (&'static str, &'static str) {
        (InheritablePermission::NAME, InheritablePermission::BLUEPRINT)
    }

    fn key(&self) -> &'static str {
        "resourceAppId"
    }

    fn writable_with(&self) -> &'static [&'static str] {
        &["AgentIdentityBlueprint.UpdateAuthProperties.All"]
    }

    fn update_answers_object(&self) -> bool {
        true
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        let rule: InheritablePermission = serde_json::from_slice(&row.body).map_err(Failure::bug)?;
        let mut view = JsonMap::new();
        view.insert("resourceAppId".to_owned(), rule.resource_app_id.to_string().into());
        view.insert("inheritableScopes".to_owned(), rule.inheritable_scopes.to_wire());
        view.insert("inheritableRoles".to_owned(), rule.inheritable_roles.to_wire());
        if let Some(warning) = rule.warning() {
            view.insert("@signet.warning".to_owned(), warning.into());
        }
        Ok(view)
    }

    async fn create(&self, call: &Call, parent: ObjectId, body: JsonMap) -> Result<ObjectId, Failure> {
        refuse_unknown(&body, MEMBERS)?;
        let new = NewInheritablePermission {
            resource_app_id: id(&body, "resourceAppId")?,
            scopes: scopes(&body)?.unwrap_or(InheritableScopes::None),
            roles: roles(&body)?.unwrap_or(InheritableRoles::None),
        };
        add_inheritable_permission(call, parent, new).await
    }

    async fn update(&self, call: &Call, parent: ObjectId, id: ObjectId, body: JsonMap) -> Result<(), Failure> {
        refuse_unknown(&body, MEMBERS)?;
        let change = InheritablePermissionChange {
            resource_app_id: optional_id(&body, "resourceAppId")?,
            scopes: scopes(&body)?,
            roles: roles(&body)?,
        };
        change_inheritable_permission(call, parent, id, change).await
    }

    async fn delete(&self, call: &Call, parent: ObjectId, id: ObjectId) -> Result<(), Failure> {
        remove_inheritable_permission(call, parent, id).await
    }
}

pub(super) fn scopes(body: &JsonMap) -> Result<Option<InheritableScopes>, Failure> {
    body.get("inheritableScopes").map(InheritableScopes::from_wire).transpose()
}

pub(super) fn roles(body: &JsonMap) -> Result<Option<InheritableRoles>, Failure> {
    body.get("inheritableRoles").map(InheritableRoles::from_wire).transpose()
}
