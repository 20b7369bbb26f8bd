//! `organization`: the tenant, as a Graph client sees it.

use super::values;
use crate::agent_naming;
use crate::body::wire;
use crate::ops;
use async_trait::async_trait;
use serde_json::{Value, json};
use signet_credentials::approval::ApprovalSetting;
use signet_graph::{Access, Call, ComplexType, Entity, EntityType, JsonMap, Property, PropertyType};
use signet_kernel::{Failure, ObjectId};
use signet_store::{Kind, Row};
use signet_tenants::Tenant;

const READ: &[&str] =
    &["Organization.Read.All", "Organization.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];
const WRITE: &[&str] = &["Organization.ReadWrite.All"];

const PROPERTIES: &[Property] = &[
    Property::new("displayName", PropertyType::String(256)),
    Property::new("tenantType", PropertyType::String(16)).read_only().computed(),
    Property::new("verifiedDomains", PropertyType::Complexes("verifiedDomain")).read_only(),
    Property::new("directorySizeQuota", PropertyType::Complex("directorySizeQuota")),
    Property::new("resourceQuotas", PropertyType::Complexes("resourceQuota")),
    // Signet's own: what agents may be called, where their blueprint says nothing; null means anything.
    Property::new(agent_naming::MEMBER, PropertyType::Complex("agentNaming")),
    // Signet's own: whether a change of a blueprint's credentials needs a second approver.
    Property::new(ApprovalSetting::MEMBER, PropertyType::Complex("credentialChangeApproval")),
];

/// `organization`.
pub const ORGANIZATION: EntityType = EntityType {
    name: "organization",
    base: None,
    set: "organization",
    kind: Some(Tenant::NAME),
    properties: PROPERTIES,
    incompatible: &[],
    incompatible_code: "Request_BadRequest",
    alternate_keys: &[],
    access: Access { read: READ, create: &[], update: WRITE, delete: &[] },
    beta_only: false,
};

/// The tenant, as a type of the directory: one object.
#[derive(Debug, Clone, Copy)]
pub struct Organizations;

/// Members of a tenant that clients see.
const SHOWN: [&str; 8] = [
    "id",
    "displayName",
    "createdDateTime",
    "deletedDateTime",
    "directorySizeQuota",
    "resourceQuotas",
    agent_naming::MEMBER,
    ApprovalSetting::MEMBER,
];

#[async_trait]
impl Entity for Organizations {
    fn declaration(&self) -> &'static EntityType {
        &ORGANIZATION
    }

    fn complex_types(&self) -> &'static [ComplexType] {
        values::OF_ORGANIZATIONS
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        let stored = wire(row, &[])?;
        let domains = stored.get("verifiedDomains").and_then(Value::as_array).cloned().unwrap_or_default();
        let show = |(index, domain): (usize, &Value)| {
            let first = index == 0;
            json!({"name": domain.get("name"), "isDefault": first, "isInitial": first, "type": "Managed"})
        };
        let domains: Vec<Value> = domains.iter().enumerate().map(show).collect();
        let mut view: JsonMap = stored.into_iter().filter(|(name, _)| SHOWN.contains(&name.as_str())).collect();
        view.insert("tenantType".to_owned(), "AAD".into());
        view.insert("verifiedDomains".to_owned(), domains.into());
        view.entry("resourceQuotas").or_insert_with(|| json!([]));
        Ok(view)
    }

    async fn update(&self, call: &Call, id: ObjectId, body: JsonMap) -> Result<(), Failure> {
        ops::update_organization(call, id, body).await
    }
}
