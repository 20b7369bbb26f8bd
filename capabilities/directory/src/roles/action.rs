//! Actions: `{namespace}/{entity}/{task}` and `{namespace}/{entity}/{property set}/{task}`.

/// The namespace of the directory.
const NAMESPACE: &str = "microsoft.directory";

/// Stored kinds and the entities that actions name. Agents have entities of their own.
const ENTITIES: &[(&str, &str)] = &[
    ("user", "users"),
    ("group", "groups"),
    ("application", "applications"),
    ("servicePrincipal", "servicePrincipals"),
    ("agentIdentityBlueprint", "agentIdentityBlueprints"),
    ("agentIdentityBlueprintPrincipal", "agentIdentityBlueprintPrincipals"),
    ("agentIdentity", "agentIdentities"),
    ("agentUser", "agentUsers"),
    ("administrativeUnit", "administrativeUnits"),
    ("unifiedRoleDefinition", "roleDefinitions"),
    ("directoryRole", "roleDefinitions"),
    ("unifiedRoleAssignment", "roleAssignments"),
    ("oAuth2PermissionGrant", "oAuth2PermissionGrants"),
    ("appManagementPolicy", "policies"),
    ("tenantAppManagementPolicy", "policies"),
    ("permissionGrantPolicy", "permissionGrantPolicies"),
    ("authorizationPolicy", "authorizationPolicy"),
    ("credentialChangeRequest", "credentialChangeRequests"),
    ("orphanedObject", "orphanedObjects"),
    ("alert", "securityAlerts"),
    ("alertRule", "detectionRules"),
    ("logFunction", "detectionRules"),
    ("watchlist", "detectionRules"),
    ("logTable", "logRetention"),
    ("legalHold", "legalHolds"),
    ("attributeSet", "attributeSets"),
    ("customSecurityAttributeDefinition", "customSecurityAttributeDefinitions"),
    ("tenant", "organization"),
    ("exportDeadLetter", "exportDeadLetters"),
    ("directoryAudit", "auditLogs"),
    ("signIn", "signInReports"),
];

/// What actions call a stored kind.
pub fn entity_of(kind: &str) -> Option<&'static str> {
    ENTITIES.iter().find(|(known, _)| *known == kind).map(|(_, entity)| *entity)
}

/// Whether a custom role may list this action.
pub(crate) fn check_action(action: &str) -> Result<(), &'static str> {
    let parts: Vec<&str> = action.split('/').collect();
    let (namespace, entity) = (parts.first().copied(), parts.get(1).copied());
    if !matches!(parts.len(), 3 | 4) || namespace != Some(NAMESPACE) {
        return Err("it is of the form microsoft.directory/{entity}/{properties}/{task}");
    }
    if !ENTITIES.iter().any(|(_, known)| Some(*known) == entity) {
        return Err("there is no such entity");
    }
    let word = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    if parts.iter().skip(1).all(word) { Ok(()) } else { Err("its parts are words of letters and digits") }
}

/// Properties that `allProperties` does not stand for: what objects are given as attributes, whose administrators are
/// others; and the rights that they are given, of which whoever administers objects of one kind is no judge.
const GUARDED: [&str; 2] = ["customSecurityAttributes", APP_ROLES];
const APP_ROLES: &str = "appRoleAssignedTo";

/// Whether an action that a role lists covers one that is asked for. `allEntities`, `allProperties` and `allTasks`
/// stand for any; the last two do not stand for what is guarded.
pub fn covers(listed: &str, asked: &str) -> bool {
    let (Some(listed), Some(asked)) = (Parts::of(listed), Parts::of(asked)) else { return false };
    let all_tasks = listed.task == "allTasks";
    let over_all = listed.entity == "allEntities" && asked.properties == Some(APP_ROLES);
    let guarded = asked.properties.is_some_and(|set| GUARDED.contains(&set)) && !over_all;
    let fits = |listed: &str, wildcard: &str, asked: &str| listed == wildcard || listed == asked;
    listed.namespace == asked.namespace
        && fits(listed.entity, "allEntities", asked.entity)
        && (all_tasks || listed.task == asked.task)
        && match (listed.properties, asked.properties) {
            (Some("allProperties"), _) => !guarded,
            (None, None) => true,
            (None, Some(_)) => all_tasks && !guarded,
            (listed, asked) => listed == asked,
        }
}

struct Parts<'a> {
    namespace: &'a str,
    entity: &'a str,
    properties: Option<&'a str>,
    task: &'a str,
}

impl<'a> Parts<'a> {
    fn of(action: &'a str) -> Option<Self> {
        let parts: Vec<&str> = action.split('/').collect();
        match parts.as_slice() {
            [namespace, entity, task] => Some(Self { namespace, entity, properties: None, task }),
            [namespace, entity, properties, task] => {
                Some(Self { namespace, entity, properties: Some(properties), task })
            }
            _ => None,
        }
    }
}
