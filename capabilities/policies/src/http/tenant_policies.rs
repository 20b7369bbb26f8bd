//! `tenantAppManagementPolicy` and `authorizationPolicy`: one in each tenant.

use super::app_management::{READ, WRITE};
use crate::AuthorizationPolicy;
use crate::ops::{update_authorization, update_default_app_management};
use async_trait::async_trait;
use serde_json::{Value, json};
use signet_credentials::app_management::{DEFAULT_POLICY, DefaultAppManagementPolicy};
use signet_directory::body::bad_request;
use signet_graph::{Access, Call, Entity, EntityType, JsonMap, Page, PageRequest, Property, PropertyType};
use signet_kernel::{Failure, ObjectId};
use signet_store::Row;
use signet_tenants::Tenant;

const fn declared(
    name: &'static str,
    set: &'static str,
    properties: &'static [Property],
    read: &'static [&'static str],
    update: &'static [&'static str],
) -> EntityType {
    EntityType {
        name,
        base: None,
        set,
        kind: None,
        properties,
        incompatible: &[],
        incompatible_code: "Request_BadRequest",
        alternate_keys: &[],
        access: Access { read, create: &[], update, delete: &[] },
        beta_only: false,
    }
}

const DEFAULT_APP_MANAGEMENT: EntityType = declared(
    "tenantAppManagementPolicy",
    "policies/defaultAppManagementPolicy",
    &[
        Property::new("displayName", PropertyType::String(256)).read_only(),
        Property::new("description", PropertyType::String(1024)).read_only(),
        Property::new("isEnabled", PropertyType::Boolean),
        Property::new("applicationRestrictions", PropertyType::Complex("appManagementApplicationConfiguration")),
        Property::new(
            "servicePrincipalRestrictions",
            PropertyType::Complex("appManagementServicePrincipalConfiguration"),
        ),
    ],
    READ,
    WRITE,
);

const AUTHORIZATION: EntityType = declared(
    "authorizationPolicy",
    "policies/authorizationPolicy",
    &[
        Property::new("displayName", PropertyType::String(256)).read_only(),
        Property::new("description", PropertyType::String(1024)).read_only(),
        // Signet's own: which permission grant policies bound grants to agents; null means none does.
        Property::new("agentPermissionGrantPoliciesAssigned", PropertyType::Strings),
    ],
    &["Policy.Read.All", "Policy.ReadWrite.Authorization"],
    &["Policy.ReadWrite.Authorization"],
);

/// The tenant's default app management policy.
#[derive(Debug, Clone, Copy)]
pub struct DefaultAppManagement;

/// The tenant's authorization policy.
#[derive(Debug, Clone, Copy)]
pub struct AuthorizationPolicies;

fn named(
    id: &str,
    name: &str,
    description: &str,
    policy: Result<Value, serde_json::Error>,
) -> Result<JsonMap, Failure> {
    let mut view = JsonMap::from_iter([
        ("id".to_owned(), json!(id)),
        ("displayName".to_owned(), json!(name)),
        ("description".to_owned(), json!(description)),
    ]);
    if let Value::Object(members) = policy.map_err(Failure::bug)? {
        view.extend(members);
    }
    Ok(view)
}

async fn default_policy(call: &Call) -> Result<JsonMap, Failure> {
    let tenant = call.store.find(Tenant::id(call.store.id())).await?;
    let kept = tenant.and_then(|tenant| tenant.body.other.get(DEFAULT_POLICY).cloned());
    let policy: DefaultAppManagementPolicy = match kept {
        Some(kept) => serde_json::from_value(kept).map_err(Failure::bug)?,
        None => DefaultAppManagementPolicy::default(),
    };
    named(
        "00000000-0000-0000-0000-000000000000",
        "Default app management tenant policy",
        "Binds applications and blueprints that no other policy is assigned to.",
        serde_json::to_value(policy),
    )
}

#[async_trait]
impl Entity for DefaultAppManagement {
    fn declaration(&self) -> &'static EntityType {
        &DEFAULT_APP_MANAGEMENT
    }

    fn view(&self, _row: &Row) -> Result<JsonMap, Failure> {
        Err(Failure::bug("the default app management policy is in no row"))
    }

    fn is_singleton(&self) -> bool {
        true
    }

    async fn item(&self, call: &Call, _id: &str) -> Option<Result<JsonMap, Failure>> {
        Some(default_policy(call).await)
    }

    async fn update(&self, call: &Call, _id: ObjectId, body: JsonMap) -> Result<(), Failure> {
        update_default_app_management(call, body).await
    }
}

async fn authorization(call: &Call) -> Result<JsonMap, Failure> {
    let policy = AuthorizationPolicy::of(&call.store).await?;
    let description = "Says which permission grant policies bound grants to agents.";
    named(AuthorizationPolicy::MEMBER, "Authorization Policy", description, serde_json::to_value(policy))
}

async fn listed(call: &Call, request: &PageRequest) -> Result<Page, Failure> {
    if request.filter.is_some() {
        return Err(bad_request("$filter", "This list holds one policy and is not filtered."));
    }
    Ok(Page { items: vec![authorization(call).await?], next: None })
}

#[async_trait]
impl Entity for AuthorizationPolicies {
    fn declaration(&self) -> &'static EntityType {
        &AUTHORIZATION
    }

    fn view(&self, _row: &Row) -> Result<JsonMap, Failure> {
        Err(Failure::bug("the authorization policy is in no row"))
    }

    fn is_singleton(&self) -> bool {
        true
    }

    /// SPEC: Graph: a single object in v1.0, a collection with one in beta.
    fn is_listed_in_beta(&self) -> bool {
        true
    }

    async fn page(&self, call: &Call, request: &PageRequest) -> Option<Result<Page, Failure>> {
        Some(listed(call, request).await)
    }

    async fn item(&self, call: &Call, id: &str) -> Option<Result<JsonMap, Failure>> {
        let is_its = id.is_empty() || id == AuthorizationPolicy::MEMBER;
        if is_its { Some(authorization(call).await) } else { None }
    }

    async fn update(&self, call: &Call, _id: ObjectId, body: JsonMap) -> Result<(), Failure> {
        update_authorization(call, body).await
    }
}
