//! `effectivePermissions` of an agent identity: what it holds, where each comes from, and what was given and does not
//! reach it. Computed when asked, kept nowhere.

use super::permission_views::permissions;
use super::permission_views::{PERMISSION, TYPES};
use crate::given::{Chain, Given, Supposed};
use async_trait::async_trait;
use serde_json::Value;
use signet_graph::{Action, ActionResult, Answer, Call, ComplexType, JsonMap, Property, PropertyType, Signature};
use signet_kernel::{Failure, ObjectId};

#[derive(Debug, Clone, Copy)]
struct EffectivePermissions;

/// The function, to hang off agent identities.
pub fn effective_permissions() -> Box<dyn Action> {
    Box::new(EffectivePermissions)
}

#[async_trait]
impl Action for EffectivePermissions {
    fn name(&self) -> &'static str {
        "effectivePermissions"
    }

    fn signature(&self) -> Option<Signature> {
        Some(Signature::answering(Answer::Complex(&PERMISSIONS)).with_types(TYPES))
    }

    fn is_function(&self) -> bool {
        true
    }

    async fn call(&self, call: &Call, id: ObjectId, _body: JsonMap) -> Result<ActionResult, Failure> {
        let chain = Chain::find(call, id).await?;
        let given = Given::to(&call.store, &chain).await?;
        let permissions = permissions(call, &chain, &given, &Supposed::default()).await?;
        Ok(ActionResult::Object(answer(&chain, permissions)))
    }
}

/// What an agent holds, or would hold.
pub(super) const PERMISSIONS: ComplexType = ComplexType {
    name: "agentPermissions",
    properties: &[
        Property::new("agentId", PropertyType::Guid),
        Property::new("blueprintId", PropertyType::Guid),
        Property::new("switchedOffBy", PropertyType::Strings),
        Property::new("value", PropertyType::Complexes(PERMISSION.name)),
    ],
};

/// What an answer says of the agent, with its permissions.
pub(super) fn answer(chain: &Chain, permissions: Vec<JsonMap>) -> JsonMap {
    let mut answer = JsonMap::new();
    answer.insert("agentId".to_owned(), chain.agent.id.to_string().into());
    answer.insert("blueprintId".to_owned(), chain.blueprint.id.to_string().into());
    answer.insert("switchedOffBy".to_owned(), switched_off_by(chain));
    answer.insert("value".to_owned(), permissions.into_iter().map(Value::Object).collect());
    answer
}

/// What keeps it from getting any token at all.
fn switched_off_by(chain: &Chain) -> Value {
    let parts = [
        (!chain.agent.body.account_enabled, "agentIdentity"),
        (!chain.principal.body.account_enabled, "agentIdentityBlueprintPrincipal"),
        (chain.blueprint.body.application.is_disabled, "agentIdentityBlueprint"),
    ];
    parts.into_iter().filter_map(|(off, kind)| off.then_some(kind)).collect()
}
