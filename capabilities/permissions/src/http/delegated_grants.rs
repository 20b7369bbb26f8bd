//! `oauth2PermissionGrants`: a set of its own, and a list under each client.

use super::body::{id, optional_id};
use crate::{ConsentType, DelegatedGrant, DelegatedRefused, change_delegated, grant_delegated, remove_delegated};
use async_trait::async_trait;
use serde_json::Value;
use signet_graph::{Access, Call, Contained, Entity, EntityType, JsonMap, Property, PropertyType, Write};
use signet_kernel::{Failure, Fault, ObjectId};
use signet_store::{Kind, Row};

const WRITE: &[&str] = &["DelegatedPermissionGrant.ReadWrite.All"];
const READ: &[&str] =
    &["DelegatedPermissionGrant.Read.All", "DelegatedPermissionGrant.ReadWrite.All", "Directory.Read.All"];

const PROPERTIES: &[Property] = &[
    Property::new("clientId", PropertyType::Guid).indexed(),
    Property::new("consentType", PropertyType::String(32)),
    Property::new("principalId", PropertyType::Guid),
    Property::new("resourceId", PropertyType::Guid).indexed(),
    Property::new("scope", PropertyType::String(8192)),
];

/// `oAuth2PermissionGrant`.
pub const OAUTH2_PERMISSION_GRANT: EntityType = EntityType {
    name: DelegatedGrant::NAME,
    base: None,
    set: "oauth2PermissionGrants",
    kind: Some(DelegatedGrant::NAME),
    properties: PROPERTIES,
    incompatible: &[],
    incompatible_code: "Request_BadRequest",
    alternate_keys: &[],
    access: Access { read: READ, create: WRITE, update: WRITE, delete: WRITE },
    beta_only: false,
};

/// Delegated grants, as a type of the directory.
#[derive(Debug, Clone, Copy)]
pub struct DelegatedGrants;

fn shown(row: &Row) -> Result<JsonMap, Failure> {
    Ok(shown_grant(row.id, &serde_json::from_slice(&row.body).map_err(Failure::bug)?))
}

/// A grant as it looks on the wire.
pub(super) fn shown_grant(id: ObjectId, grant: &DelegatedGrant) -> JsonMap {
    let mut view = signet_directory::body::members(grant);
    view.insert("id".to_owned(), id.to_string().into());
    view
}

#[async_trait]
impl Entity for DelegatedGrants {
    fn declaration(&self) -> &'static EntityType {
        &OAUTH2_PERMISSION_GRANT
    }

    fn required(&self) -> &'static [&'static str] {
        &["clientId", "consentType", "resourceId", "scope"]
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        shown(row)
    }

    async fn create(&self, call: &Call, mut body: JsonMap) -> Result<ObjectId, Failure> {
        body.retain(|_, value| !value.is_null());
        let new = DelegatedGrant {
            client_id: id(&body, "clientId")?,
            consent_type: consent_type(&body)?,
            principal_id: optional_id(&body, "principalId")?,
            resource_id: id(&body, "resourceId")?,
            scope: scope(&body)?,
            other: serde_json::Map::new(),
        };
        grant_delegated(call, new).await
    }

    async fn update(&self, call: &Call, id: ObjectId, body: JsonMap) -> Result<(), Failure> {
        match body.keys().find(|name| *name != "scope") {
            Some(other) => Err(DelegatedRefused::OnlyScope(other.clone()).into()),
            None => change_delegated(call, id, scope(&body)?).await,
        }
    }

    async fn delete(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        remove_delegated(call, id).await
    }
}

pub(super) fn consent_type(body: &JsonMap) -> Result<ConsentType, DelegatedRefused> {
    let value = body.get("consentType").cloned().unwrap_or_default();
    serde_json::from_value(value).map_err(|_| DelegatedRefused::ConsentType)
}

pub(super) fn scope(body: &JsonMap) -> Result<String, DelegatedRefused> {
    body.get("scope").and_then(Value::as_str).map(str::to_owned).ok_or(DelegatedRefused::Scope)
}

#[derive(Debug, Clone, Copy)]
struct OfClient;

/// What a client of any type may do for people.
pub fn oauth2_permission_grants() -> Box<dyn Contained> {
    Box::new(OfClient)
}

#[async_trait]
impl Contained for OfClient {
    fn name(&self) -> &'static str {
        "oauth2PermissionGrants"
    }

    fn type_name(&self) -> &'static str {
        DelegatedGrant::NAME
    }

    fn stored(&self) -> (&'static str, &'static str) {
        (DelegatedGrant::NAME, DelegatedGrant::CLIENT)
    }

    fn refuses(&self) -> &'static [Write] {
        &[Write::Create, Write::Update, Write::Delete]
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        shown(row)
    }

    async fn create(&self, _call: &Call, _parent: ObjectId, _body: JsonMap) -> Result<ObjectId, Failure> {
        Err(elsewhere())
    }

    async fn delete(&self, _call: &Call, _parent: ObjectId, _id: ObjectId) -> Result<(), Failure> {
        Err(elsewhere())
    }
}

fn elsewhere() -> Failure {
    Failure::new(Fault::Method, "Request_BadRequest", "Grants are changed under /oauth2PermissionGrants.")
}
