//! `previewPermissions` of an agent identity: what it would hold if an assignment, a grant or a rule of inheritance
//! were there. Nothing is written; whoever may read the agent may ask.

use super::body::{id, optional_id, refuse_unknown};
use super::delegated_grants::{consent_type, scope};
use super::effective_permissions::{PERMISSIONS, answer};
use super::inheritable_permissions::{roles, scopes};
use super::permission_views::{TYPES, permissions};
use crate::given::{Chain, Given, Supposed};
use crate::{AppRoleAssignment, DelegatedGrant, InheritablePermission, InheritableRoles, InheritableScopes};
use async_trait::async_trait;
use serde_json::{Map, Value};
use signet_directory::body::bad_request;
use signet_graph::{Action, ActionResult, Answer, Call, JsonMap, Parameter, PropertyType, Signature};
use signet_kernel::{Failure, ObjectId};

const ROLES: &str = "appRoleAssignments";
const SCOPES: &str = "oauth2PermissionGrants";
const RULES: &str = "inheritablePermissions";
const CEILING: &str = "permissionCeiling";
/// Things that may be supposed at once, of each sort.
const MOST: usize = 100;

#[derive(Debug, Clone, Copy)]
struct PreviewPermissions;

/// The action, to hang off agent identities.
pub fn preview_permissions() -> Box<dyn Action> {
    Box::new(PreviewPermissions)
}

#[async_trait]
impl Action for PreviewPermissions {
    fn name(&self) -> &'static str {
        "previewPermissions"
    }

    fn signature(&self) -> Option<Signature> {
        const TAKES: &[Parameter] = &[
            Parameter::optional(ROLES, PropertyType::Complexes("appRoleAssignment")),
            Parameter::optional(SCOPES, PropertyType::Complexes("oAuth2PermissionGrant")),
            Parameter::optional(RULES, PropertyType::Complexes("inheritablePermission")),
            Parameter::optional(CEILING, PropertyType::Strings),
        ];
        Some(Signature::answering(Answer::Complex(&PERMISSIONS)).taking(TAKES).with_types(TYPES))
    }

    fn only_reads(&self) -> bool {
        true
    }

    async fn call(&self, call: &Call, id: ObjectId, body: JsonMap) -> Result<ActionResult, Failure> {
        let chain = Chain::find(call, id).await?;
        let supposed = supposed(&chain, body)?;
        let given = Given::to(&call.store, &chain).await?;
        let before = permissions(call, &chain, &given, &Supposed::default()).await?;
        let after = permissions(call, &chain, &given, &supposed).await?;
        Ok(ActionResult::Object(answer(&chain, compared(&before, after))))
    }
}

/// Reads what shall be supposed. What names no principal or client is supposed of the agent itself.
fn supposed(chain: &Chain, body: JsonMap) -> Result<Supposed, Failure> {
    refuse_unknown(&body, &[ROLES, SCOPES, RULES, CEILING])?;
    let ceiling = body.get(CEILING).cloned().map(serde_json::from_value).transpose();
    Ok(Supposed {
        roles: each(&body, ROLES, |one| assignment(chain, one))?,
        scopes: each(&body, SCOPES, |one| grant(chain, one))?,
        rules: each(&body, RULES, |one| rule(chain, one))?,
        ceiling: ceiling.map_err(|_| bad_request(CEILING, format!("'{CEILING}' is null or a list of strings.")))?,
    })
}

fn each<T>(body: &JsonMap, member: &str, read: impl Fn(&JsonMap) -> Result<T, Failure>) -> Result<Vec<T>, Failure> {
    let wrong = || bad_request(member, format!("'{member}' is a list of at most {MOST} objects."));
    let Some(list) = body.get(member).filter(|list| !list.is_null()) else { return Ok(Vec::new()) };
    let list = list.as_array().filter(|list| list.len() <= MOST).ok_or_else(wrong)?;
    list.iter().map(|one| read(one.as_object().ok_or_else(wrong)?)).collect()
}

/// The agent or its blueprint's principal: what others are given does not reach the agent.
fn holder(chain: &Chain, body: &JsonMap, member: &str) -> Result<ObjectId, Failure> {
    let (agent, principal) = (chain.agent.id.object(), chain.principal.id.object());
    let named = optional_id(body, member)?.unwrap_or(agent);
    if named == agent || named == principal {
        return Ok(named);
    }
    let message = format!("'{member}' is the agent, '{agent}', or its blueprint's principal, '{principal}'.");
    Err(bad_request(member, message))
}

fn assignment(chain: &Chain, body: &JsonMap) -> Result<AppRoleAssignment, Failure> {
    refuse_unknown(body, &["principalId", "resourceId", "appRoleId"])?;
    Ok(AppRoleAssignment {
        principal_id: holder(chain, body, "principalId")?,
        resource_id: id(body, "resourceId")?,
        app_role_id: id::<ObjectId>(body, "appRoleId")?.uuid(),
        other: Map::new(),
    })
}

fn grant(chain: &Chain, body: &JsonMap) -> Result<DelegatedGrant, Failure> {
    refuse_unknown(body, &["clientId", "consentType", "principalId", "resourceId", "scope"])?;
    Ok(DelegatedGrant {
        client_id: holder(chain, body, "clientId")?,
        consent_type: consent_type(body)?,
        principal_id: optional_id(body, "principalId")?,
        resource_id: id(body, "resourceId")?,
        scope: scope(body)?,
        other: Map::new(),
    })
}

fn rule(chain: &Chain, body: &JsonMap) -> Result<InheritablePermission, Failure> {
    refuse_unknown(body, super::inheritable_permissions::MEMBERS)?;
    Ok(InheritablePermission {
        blueprint: chain.blueprint.id.object(),
        resource_app_id: id(body, "resourceAppId")?,
        inheritable_scopes: scopes(body)?.unwrap_or(InheritableScopes::None),
        inheritable_roles: roles(body)?.unwrap_or(InheritableRoles::None),
        other: Map::new(),
    })
}

/// What identifies a permission whether it is effective or not.
const SAME: [&str; 7] = ["permissionType", "value", "appRoleId", "principalId", "resourceId", "source", "assignedTo"];

/// The permissions after, each with what the supposition does to it.
fn compared(before: &[JsonMap], after: Vec<JsonMap>) -> Vec<JsonMap> {
    let is_effective = |one: &JsonMap| one.get("isEffective") == Some(&Value::Bool(true));
    let compare = |mut one: JsonMap| {
        let same = |other: &&JsonMap| SAME.iter().all(|name| other.get(*name) == one.get(*name));
        let was = before.iter().filter(same).any(is_effective);
        let change = match (was, is_effective(&one)) {
            (false, true) => "gained",
            (true, false) => "lost",
            _ => "none",
        };
        one.insert("change".to_owned(), change.into());
        one
    };
    after.into_iter().map(compare).collect()
}
