//! `appRoleAssignments` of a principal and `appRoleAssignedTo` of a resource: the same objects from either end.

use super::body::{id, refuse_unknown};
use crate::authority::ASSIGN;
use crate::catalogue::{inherent_assignee, inherent_assignment_id, inherent_role};
use crate::{AppRoleAssignment, NewAssignment, Resource, Side, assign_app_role, remove_app_role_assignment};
use async_trait::async_trait;
use serde_json::Value;
use signet_blueprints::BlueprintPrincipal;
use signet_directory::{DIRECTORY_APP_ID, body};
use signet_graph::{Call, Contained, JsonMap, Property, PropertyType, Write};
use signet_kernel::{Failure, ObjectId};
use signet_store::{Kind, Row, TenantStore};
use uuid::Uuid;

/// The assignments that have the object in the path at one end.
#[derive(Debug, Clone, Copy)]
struct AppRoleAssignments {
    side: Side,
}

/// What a principal of any type holds.
pub fn app_role_assignments() -> Box<dyn Contained> {
    Box::new(AppRoleAssignments { side: Side::Principal })
}

/// Who holds roles of a resource: of the directory API, also every blueprint principal by being one.
pub fn app_role_assigned_to() -> Box<dyn Contained> {
    Box::new(AppRoleAssignments { side: Side::Resource })
}

#[async_trait]
impl Contained for AppRoleAssignments {
    fn name(&self) -> &'static str {
        match self.side {
            Side::Principal => "appRoleAssignments",
            Side::Resource => "appRoleAssignedTo",
        }
    }

    fn type_name(&self) -> &'static str {
        "appRoleAssignment"
    }

    fn properties(&self) -> &'static [Property] {
        const PROPERTIES: &[Property] = &[
            Property::new("appRoleId", PropertyType::Guid),
            Property::new("principalId", PropertyType::Guid),
            Property::new("resourceId", PropertyType::Guid),
            Property::new("principalDisplayName", PropertyType::String(256)).read_only(),
            Property::new("principalType", PropertyType::String(64)).read_only(),
            Property::new("resourceDisplayName", PropertyType::String(256)).read_only(),
            Property::new("createdDateTime", PropertyType::DateTime).read_only(),
            Property::new("deletedDateTime", PropertyType::DateTime).read_only(),
        ];
        PROPERTIES
    }

    fn required(&self) -> &'static [&'static str] {
        &["appRoleId", "principalId", "resourceId"]
    }

    fn stored(&self) -> (&'static str, &'static str) {
        (AppRoleAssignment::NAME, self.side.field())
    }

    fn writable_with(&self) -> &'static [&'static str] {
        &[ASSIGN]
    }

    /// WHY: whoever may change a principal may not thereby give it rights.
    fn only_writable_with(&self) -> bool {
        true
    }

    fn refuses(&self) -> &'static [Write] {
        &[Write::Update]
    }

    /// A blueprint principal stands for the permission that it holds by being one.
    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        if row.kind == BlueprintPrincipal::NAME { Ok(inherent(row)) } else { body::wire(row, &[]) }
    }

    async fn complete(&self, call: &Call, row: &Row, view: &mut JsonMap) -> Result<(), Failure> {
        if row.kind == BlueprintPrincipal::NAME {
            let directory = Resource::find_by_app_id(&call.store, DIRECTORY_APP_ID).await?;
            view.insert("resourceId".to_owned(), directory.map(|resource| resource.id.to_string()).into());
        }
        let principal = name_of(&call.store, view.get("principalId")).await?;
        let resource = name_of(&call.store, view.get("resourceId")).await?;
        view.insert("principalDisplayName".to_owned(), principal);
        view.insert("principalType".to_owned(), "ServicePrincipal".into());
        view.insert("resourceDisplayName".to_owned(), resource);
        Ok(())
    }

    async fn derived(&self, call: &Call, parent: ObjectId) -> Result<Vec<JsonMap>, Failure> {
        if self.side == Side::Resource {
            return Ok(Vec::new());
        }
        let row = call.store.read_row(parent).await?.filter(|row| row.kind == BlueprintPrincipal::NAME);
        let Some(row) = row.filter(|row| row.deleted.is_none()) else { return Ok(Vec::new()) };
        let mut view = self.view(&row)?;
        self.complete(call, &row, &mut view).await?;
        Ok(vec![view])
    }

    async fn also(&self, call: &Call, parent: ObjectId) -> Result<Vec<&'static str>, Failure> {
        let resource = if self.side == Side::Resource { Resource::find(&call.store, parent).await? } else { None };
        Ok(if resource.is_some_and(|found| found.is_directory()) { vec![BlueprintPrincipal::NAME] } else { Vec::new() })
    }

    fn stands_for(&self, id: ObjectId) -> Option<ObjectId> {
        (self.side == Side::Resource).then(|| inherent_assignee(id))
    }

    async fn create(&self, call: &Call, parent: ObjectId, body: JsonMap) -> Result<ObjectId, Failure> {
        refuse_unknown(&body, &["principalId", "resourceId", "appRoleId"])?;
        let new = NewAssignment {
            principal: id(&body, "principalId")?,
            resource: id(&body, "resourceId")?,
            role: id::<ObjectId>(&body, "appRoleId")?.uuid(),
        };
        let (end, member) = match self.side {
            Side::Principal => (new.principal, "principalId"),
            Side::Resource => (new.resource, "resourceId"),
        };
        if end != parent {
            return Err(body::bad_request(member, format!("'{member}' is not the id in the path, '{parent}'.")));
        }
        assign_app_role(call, new).await
    }

    async fn delete(&self, call: &Call, parent: ObjectId, id: ObjectId) -> Result<(), Failure> {
        remove_app_role_assignment(call, (self.side, parent), id).await
    }
}

/// What a blueprint principal holds by being one.
fn inherent(principal: &Row) -> JsonMap {
    let members = [
        ("id", Value::from(inherent_assignment_id(principal.id).to_string())),
        ("deletedDateTime", Value::Null),
        ("createdDateTime", principal.created.to_string().into()),
        ("principalId", principal.id.to_string().into()),
        ("appRoleId", inherent_role().unwrap_or(Uuid::nil()).to_string().into()),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What the service principal with the id in a view is called, also while it lies in the deleted items.
async fn name_of(store: &TenantStore, id: Option<&Value>) -> Result<Value, Failure> {
    let Some(id) = id.and_then(Value::as_str).and_then(|id| id.parse().ok()) else { return Ok(Value::Null) };
    let Some(row) = store.read_row(id).await? else { return Ok(Value::Null) };
    let body: JsonMap = serde_json::from_slice(&row.body).map_err(Failure::bug)?;
    Ok(body.get("displayName").cloned().unwrap_or_default())
}
