//! `credentialChangeRequest`: Signet's own.

use crate::approval::CredentialChangeRequest;
use crate::ops::{Verdict, decide_change};
use async_trait::async_trait;
use serde_json::json;
use signet_graph::{
    Access, Action, ActionResult, Answer, Call, Entity, EntityType, JsonMap, Property, PropertyType, Signature,
};
use signet_kernel::{Failure, ObjectId};
use signet_store::{Kind, Row};

const READ: &[&str] = &[
    "AgentIdentityBlueprint.AddRemoveCreds.All",
    "AgentIdentityBlueprint.ReadWrite.All",
    "AgentIdentityBlueprint.Read.All",
    "Directory.Read.All",
];
const DECIDE: &[&str] = &["AgentIdentityBlueprint.AddRemoveCreds.All", "AgentIdentityBlueprint.ReadWrite.All"];

const PROPERTIES: &[Property] = &[
    Property::new("blueprintId", PropertyType::Guid).read_only().indexed_as(CredentialChangeRequest::HOLDER),
    Property::new("blueprintDisplayName", PropertyType::String(256)).read_only().computed(),
    Property::new("action", PropertyType::String(64)).read_only().computed(),
    Property::new("details", PropertyType::Complex("credentialChangeDetails")).read_only().computed(),
    Property::new("requestedBy", PropertyType::Guid).read_only().computed(),
    Property::new("requestedByDisplayName", PropertyType::String(256)).read_only().computed(),
    Property::new("status", PropertyType::String(16)).read_only().computed(),
    Property::new("decidedBy", PropertyType::Guid).read_only().computed(),
    Property::new("decidedDateTime", PropertyType::DateTime).read_only().computed(),
    Property::new("createdDateTime", PropertyType::DateTime).read_only(),
    Property::new("expirationDateTime", PropertyType::DateTime).read_only().computed(),
];

/// `credentialChangeRequest`.
pub const CREDENTIAL_CHANGE_REQUEST: EntityType = EntityType {
    name: CredentialChangeRequest::NAME,
    base: None,
    set: "directory/credentialChangeRequests",
    kind: Some(CredentialChangeRequest::NAME),
    properties: PROPERTIES,
    incompatible: &[],
    incompatible_code: "Request_BadRequest",
    alternate_keys: &[],
    access: Access { read: READ, create: &[], update: &[], delete: &[] },
    beta_only: false,
};

/// Requests to change the credentials of blueprints, as a type of the directory.
#[derive(Debug, Clone, Copy)]
pub struct CredentialChangeRequests;

#[async_trait]
impl Entity for CredentialChangeRequests {
    fn declaration(&self) -> &'static EntityType {
        &CREDENTIAL_CHANGE_REQUEST
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        let request: CredentialChangeRequest = serde_json::from_slice(&row.body).map_err(Failure::bug)?;
        let decided = request.state.decided();
        let view = json!({
            "id": row.id,
            "blueprintId": request.holder,
            "blueprintDisplayName": request.holder_name,
            "action": request.change.kind,
            "details": request.change.details,
            "requestedBy": request.requester,
            "requestedByDisplayName": request.requester_name,
            "status": request.state.name(),
            "decidedBy": decided.map(|decided| decided.by),
            "decidedDateTime": decided.map(|decided| decided.at),
            "createdDateTime": row.created,
            "expirationDateTime": request.expires,
        });
        Ok(view.as_object().cloned().unwrap_or_default())
    }

    fn actions(&self) -> Vec<Box<dyn Action>> {
        vec![Box::new(Decide("approve", Verdict::Approve)), Box::new(Decide("deny", Verdict::Deny))]
    }
}

struct Decide(&'static str, Verdict);

#[async_trait]
impl Action for Decide {
    fn name(&self) -> &'static str {
        self.0
    }

    fn callable_with(&self) -> &'static [&'static str] {
        DECIDE
    }

    fn signature(&self) -> Option<Signature> {
        Some(Signature::answering(Answer::Nothing))
    }

    async fn call(&self, call: &Call, id: ObjectId, _body: JsonMap) -> Result<ActionResult, Failure> {
        decide_change(call, id, self.1).await?;
        Ok(ActionResult::Nothing)
    }
}
