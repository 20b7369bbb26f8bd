//! Permissions of an agent as they are told: where each comes from, or why it gives nothing.

use crate::given::{Chain, Given, Supposed, Verdict};
use crate::{InheritablePermission, InheritableRoles, InheritableScopes, Judged, JudgedScope, Provenance, Resource};
use serde_json::{Value, json};
use signet_graph::{Call, ComplexType, JsonMap, Property, PropertyType};
use signet_kernel::Failure;

/// All that one permission tells, part by part.
pub(super) const TYPES: &[ComplexType] = &[
    PERMISSION,
    ComplexType {
        name: "agentPermissionInheritance",
        properties: &[
            Property::new("blueprintId", PropertyType::Guid),
            Property::new("inheritablePermission", PropertyType::Guid),
            Property::new("kind", PropertyType::String(64)),
        ],
    },
    ComplexType {
        name: "agentPermissionWithheld",
        properties: &[
            Property::new("code", PropertyType::String(64)),
            Property::new("message", PropertyType::String(1024)),
        ],
    },
];

/// One permission as it is told.
pub(super) const PERMISSION: ComplexType = ComplexType {
    name: "agentPermission",
    properties: &[
        Property::new("permissionType", PropertyType::String(64)),
        Property::new("value", PropertyType::String(256)),
        Property::new("appRoleId", PropertyType::Guid),
        Property::new("assignmentId", PropertyType::String(64)),
        Property::new("consentType", PropertyType::String(64)),
        Property::new("principalId", PropertyType::Guid),
        Property::new("grantId", PropertyType::String(64)),
        Property::new("resourceId", PropertyType::Guid),
        Property::new("resourceAppId", PropertyType::Guid),
        Property::new("resourceDisplayName", PropertyType::String(256)),
        Property::new("isEffective", PropertyType::Boolean),
        Property::new("source", PropertyType::String(64)),
        Property::new("assignedTo", PropertyType::Complex("identity")),
        Property::new("inheritedThrough", PropertyType::Complex("agentPermissionInheritance")),
        Property::new("withheld", PropertyType::Complex("agentPermissionWithheld")),
        Property::new("change", PropertyType::String(64)),
    ],
};

/// All that was given to the agent, or is supposed, resource by resource.
pub(super) async fn permissions(
    call: &Call,
    chain: &Chain,
    given: &Given<'_>,
    supposed: &Supposed,
) -> Result<Vec<JsonMap>, Failure> {
    let mut all = Vec::new();
    for resource in given.resources(&call.store, supposed).await? {
        given.judge(&resource, supposed, |verdict, rule| all.push(shown(chain, &resource, given, verdict, rule)));
    }
    Ok(all)
}

fn shown(
    chain: &Chain,
    resource: &Resource,
    given: &Given<'_>,
    verdict: Verdict<'_>,
    rule: Option<&InheritablePermission>,
) -> JsonMap {
    let (what, provenance, withheld) = match verdict {
        Verdict::Role(judged) => (role(given, &judged), judged.provenance, judged.withheld),
        Verdict::Scope(judged) => (scope(given, &judged), judged.provenance, judged.withheld),
    };
    let (source, holder, name) = match provenance {
        Provenance::Own => ("own", chain.agent.id.object(), &chain.agent.body.display_name),
        Provenance::Inherited => ("inherited", chain.principal.id.object(), &chain.principal.body.display_name),
    };
    let through = (provenance == Provenance::Inherited).then(|| {
        json!({
            "blueprintId": chain.blueprint.id.to_string(),
            "inheritablePermission": resource.app_id.to_string(),
            "kind": rule.map(|rule| kind(rule, verdict)),
        })
    });
    let from = json!({
        "resourceId": resource.id.to_string(),
        "resourceAppId": resource.app_id.to_string(),
        "resourceDisplayName": resource.display_name,
        "isEffective": withheld.is_none(),
        "source": source,
        "assignedTo": {"id": holder.to_string(), "displayName": name},
        "inheritedThrough": through,
        "withheld": withheld.map(|why| json!({"code": why.code(), "message": why.sentence()})),
    });
    [what, from]
        .into_iter()
        .filter_map(|part| if let Value::Object(part) = part { Some(part) } else { None })
        .flatten()
        .collect()
}

fn role(given: &Given<'_>, judged: &Judged<'_>) -> Value {
    json!({
        "permissionType": "application",
        "value": judged.value,
        "appRoleId": judged.assignment.app_role_id.to_string(),
        "assignmentId": given.assignment_id(judged.assignment).map(|id| id.to_string()),
    })
}

fn scope(given: &Given<'_>, judged: &JudgedScope<'_>) -> Value {
    json!({
        "permissionType": "delegated",
        "value": judged.value,
        "consentType": judged.grant.consent_type,
        "principalId": judged.grant.principal_id.map(|id| id.to_string()),
        "grantId": given.grant_id(judged.grant).map(|id| id.to_string()),
    })
}

/// How much the rule passes on.
fn kind(rule: &InheritablePermission, verdict: Verdict<'_>) -> &'static str {
    match verdict {
        Verdict::Role(_) => match &rule.inheritable_roles {
            InheritableRoles::AllAllowed => "allAllowed",
            InheritableRoles::Enumerated { .. } => "enumerated",
            InheritableRoles::None => "none",
        },
        Verdict::Scope(_) => match &rule.inheritable_scopes {
            InheritableScopes::AllAllowed => "allAllowed",
            InheritableScopes::Enumerated { .. } => "enumerated",
            InheritableScopes::None => "none",
        },
    }
}
