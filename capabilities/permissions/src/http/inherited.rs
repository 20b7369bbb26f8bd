//! `inheritedAppRoleAssignments` and `inheritedOauth2PermissionGrants` of an agent identity: of what its blueprint's
//! principal was given, the part that reaches it. Read-only, without query options or pages, as in Entra.

use super::app_role_assignments::app_role_assignments;
use super::delegated_grants::shown_grant;
use crate::given::{Chain, Given, Supposed, Verdict};
use crate::{DelegatedGrant, Provenance};
use async_trait::async_trait;
use serde_json::Value;
use signet_graph::{Action, ActionResult, Answer, Call, JsonMap, PropertyType, Signature};
use signet_kernel::{Failure, ObjectId};
use std::collections::BTreeMap;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inherited {
    Roles,
    Scopes,
}

/// Application permissions, as a function to hang off agent identities.
pub fn inherited_app_role_assignments() -> Box<dyn Action> {
    Box::new(Inherited::Roles)
}

/// Delegated permissions, as a function to hang off agent identities.
pub fn inherited_oauth2_permission_grants() -> Box<dyn Action> {
    Box::new(Inherited::Scopes)
}

#[async_trait]
impl Action for Inherited {
    fn name(&self) -> &'static str {
        match self {
            Self::Roles => "inheritedAppRoleAssignments",
            Self::Scopes => "inheritedOauth2PermissionGrants",
        }
    }

    fn signature(&self) -> Option<Signature> {
        let kind = match self {
            Self::Roles => PropertyType::Complexes("appRoleAssignment"),
            Self::Scopes => PropertyType::Complexes("oAuth2PermissionGrant"),
        };
        Some(Signature::answering(Answer::Collection(kind)))
    }

    fn is_function(&self) -> bool {
        true
    }

    async fn call(&self, call: &Call, id: ObjectId, _body: JsonMap) -> Result<ActionResult, Failure> {
        let chain = Chain::find(call, id).await?;
        let given = Given::to(&call.store, &chain).await?;
        let value = match self {
            Self::Roles => roles(call, &given).await?,
            Self::Scopes => scopes(call, &given).await?,
        };
        Ok(ActionResult::Object(JsonMap::from_iter([("value".to_owned(), Value::Array(value))])))
    }
}

/// The assignments of the principal that reach the agent, as they are shown there.
async fn roles(call: &Call, given: &Given<'_>) -> Result<Vec<Value>, Failure> {
    let (nothing, mut ids) = (Supposed::default(), Vec::new());
    for resource in given.resources(&call.store, &nothing).await? {
        given.judge(&resource, &nothing, |verdict, _| match verdict {
            Verdict::Role(judged) if judged.withheld.is_none() && judged.provenance == Provenance::Inherited => {
                ids.extend(given.assignment_id(judged.assignment));
            }
            Verdict::Role(_) | Verdict::Scope(_) => {}
        });
    }
    let (shown, mut all) = (app_role_assignments(), Vec::with_capacity(ids.len()));
    for row in call.store.read_rows(&ids).await? {
        let mut view = shown.view(&row)?;
        shown.complete(call, &row, &mut view).await?;
        all.push(Value::Object(view));
    }
    Ok(all)
}

/// The grants of the principal that reach the agent, each with those of its scopes that do.
async fn scopes(call: &Call, given: &Given<'_>) -> Result<Vec<Value>, Failure> {
    let (nothing, mut parts) = (Supposed::default(), BTreeMap::<ObjectId, DelegatedGrant>::new());
    for resource in given.resources(&call.store, &nothing).await? {
        given.judge(&resource, &nothing, |verdict, _| match verdict {
            Verdict::Scope(judged) if judged.withheld.is_none() && judged.provenance == Provenance::Inherited => {
                let Some(id) = given.grant_id(judged.grant) else { return };
                let none = || DelegatedGrant { scope: String::new(), ..judged.grant.clone() };
                parts.entry(id).or_insert_with(none).add(judged.value);
            }
            Verdict::Role(_) | Verdict::Scope(_) => {}
        });
    }
    Ok(parts.iter().map(|(id, part)| Value::Object(shown_grant(*id, part))).collect())
}
