//! What each type declares against what Microsoft Graph publishes: each published property and relation is there with
//! its type, or is named below as deliberately absent; nothing is named below that is there.

use signet_agents::{AgentEntity, AgentUsers};
use signet_blueprints::{BlueprintEntity, BlueprintPrincipalEntity, BlueprintRules};
use signet_credentials::OwnAddresses;
use signet_directory::http::{AdministrativeUnits, Applications, Groups, ServicePrincipals, Users};
use signet_graph::{Entity, EntityType, PropertyType};
use signet_logs::{DIRECTORY_AUDIT, SIGN_IN};
use signet_permissions::{
    DelegatedGrants, app_role_assigned_to, app_role_assignments, blocked_permission, inheritable_permissions,
    oauth2_permission_grants,
};
use std::collections::{BTreeMap, BTreeSet};

const PUBLISHED: &str = include_str!("../data/graph-v1.0.csdl");

/// By type: what is absent, and why.
#[rustfmt::skip]
const ABSENT: &[(&str, &str, &[&str])] = &[
    ("application", "no SAML, no encrypted or device-bound tokens", &[
        "samlMetadataUrl", "isDeviceOnlyAuthSupported", "requestSignatureVerification",
    ]),
    ("application", "decides nothing here", &[
        "addIns", "authenticationBehaviors", "logo", "managerApplications", "nativeAuthenticationApisEnabled",
        "oauth2RequirePostResponse", "parentalControlSettings", "servicePrincipalLockConfiguration",
    ]),
    ("application", "the creator is in createdByAppId and in the audit trail", &["createdOnBehalfOf"]),
    ("servicePrincipal", "no SAML", &[
        "preferredSingleSignOnMode", "preferredTokenSigningKeyThumbprint", "samlSingleSignOnSettings",
    ]),
    ("servicePrincipal", "decides nothing here", &["addIns", "resourceSpecificApplicationPermissions"]),
    ("servicePrincipal", "its application holds the credentials", &["federatedIdentityCredentials"]),
    ("user", "roles are assigned to service principals alone; a person's grants are found by $filter on principalId", &[
        "appRoleAssignments", "oauth2PermissionGrants",
    ]),
    ("user", "no devices", &["ownedDevices", "registeredDevices"]),
    ("group", "no mail, no licences", &["acceptedSenders", "rejectedSenders", "membersWithLicenseErrors"]),
    ("group", "roles are assigned to service principals alone", &["appRoleAssignments"]),
    ("group", "the creator is in the audit trail", &["createdOnBehalfOf"]),
    ("signIn", "no risk is scored yet", &[
        "riskDetail", "riskEventTypes", "riskEventTypes_v2", "riskLevelAggregated", "riskLevelDuringSignIn", "riskState",
    ]),
    ("signIn", "people do not sign in yet", &[
        "authenticationAppDeviceDetails", "clientAppUsed", "deviceDetail", "location", "userDisplayName",
        "userPrincipalName",
    ]),
];

fn entities() -> Vec<Box<dyn Entity>> {
    let own = OwnAddresses::new([]);
    let assignments: Vec<fn() -> _> = vec![app_role_assignments, app_role_assigned_to, oauth2_permission_grants];
    let rules = BlueprintRules { own: own.clone(), blocked: blocked_permission };
    vec![
        Box::new(Applications::new(own)),
        Box::new(ServicePrincipals::new(|| &[], assignments.clone())),
        Box::new(BlueprintEntity::new(rules, vec![inheritable_permissions])),
        Box::new(BlueprintPrincipalEntity::new(assignments.clone())),
        Box::new(AgentEntity::new(assignments)),
        Box::new(AgentUsers),
        Box::new(DelegatedGrants),
        Box::new(Users),
        Box::new(Groups),
        Box::new(AdministrativeUnits),
    ]
}

/// A published type: its properties by name, and its relations.
#[derive(Default)]
struct Published {
    base: Option<&'static str>,
    properties: BTreeMap<&'static str, &'static str>,
    relations: BTreeSet<&'static str>,
}

fn attribute(line: &'static str, name: &str) -> Option<&'static str> {
    let (_, rest) = line.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

fn published() -> BTreeMap<&'static str, Published> {
    let (mut all, mut current) = (BTreeMap::<&str, Published>::new(), "");
    for line in PUBLISHED.lines() {
        let Some(name) = attribute(line, "Name") else { continue };
        if line.starts_with("<EntityType") {
            current = name;
            all.entry(name).or_default().base =
                attribute(line, "BaseType").and_then(|base| base.strip_prefix("graph."));
        } else if line.contains("<NavigationProperty") {
            all.entry(current).or_default().relations.insert(name);
        } else {
            all.entry(current).or_default().properties.insert(name, attribute(line, "Type").unwrap());
        }
    }
    all
}

fn absent(kind: &str) -> BTreeSet<&'static str> {
    let of_kind = ABSENT.iter().filter(|(name, ..)| *name == kind);
    of_kind.flat_map(|(_, _, names)| names.iter().copied()).collect()
}

/// Whether a declared type stands for a published one. Enumerations and complex types go by their own names.
fn is(declared: PropertyType, published: &str) -> bool {
    let complex = published.strip_prefix("graph.");
    let complexes = published.strip_prefix("Collection(graph.").and_then(|name| name.strip_suffix(')'));
    match declared {
        PropertyType::String(_) => published == "Edm.String" || complex.is_some(),
        PropertyType::Guid => matches!(published, "Edm.String" | "Edm.Guid"),
        PropertyType::Boolean => published == "Edm.Boolean",
        PropertyType::Int32 => published == "Edm.Int32",
        PropertyType::DateTime => published == "Edm.DateTimeOffset",
        PropertyType::Binary => published == "Edm.Binary",
        PropertyType::Complex(name) => complex == Some(name),
        PropertyType::Complexes(name) => complexes == Some(name),
        PropertyType::Strings => published == "Collection(Edm.String)",
        PropertyType::Guids => matches!(published, "Collection(Edm.String)" | "Collection(Edm.Guid)"),
        #[allow(unreachable_patterns, reason = "types that only some declarations need")]
        _ => true,
    }
}

fn compare_properties(declaration: &EntityType, published: &Published, wrong: &mut Vec<String>) {
    let absent = absent(declaration.name);
    let everywhere = ["id", "createdDateTime", "deletedDateTime"];
    for (name, kind) in &published.properties {
        let declared = declaration.properties.iter().find(|property| property.name == *name);
        match (declared, absent.contains(name)) {
            (Some(_), true) => wrong.push(format!("{}.{name} is there, but is called absent", declaration.name)),
            (None, false) if !everywhere.contains(name) => {
                wrong.push(format!("{}.{name} ({kind}) is neither there nor called absent", declaration.name));
            }
            (Some(property), false) if !is(property.kind, kind) => {
                wrong.push(format!("{}.{name} is {:?}, not {kind}", declaration.name, property.kind));
            }
            _ => {}
        }
    }
}

#[test]
fn every_published_property_is_declared_with_its_type_or_is_deliberately_absent() {
    let (all, mut wrong) = (published(), Vec::new());
    let entities = entities();
    let declared = entities.iter().map(|entity| entity.declaration()).chain([&SIGN_IN, &DIRECTORY_AUDIT]);
    let mut seen = BTreeSet::new();
    for declaration in declared {
        let Some(published) = all.get(declaration.name) else { continue };
        seen.insert(declaration.name);
        assert_eq!(declaration.base, published.base.filter(|base| all.contains_key(base)), "{}", declaration.name);
        compare_properties(declaration, published, &mut wrong);
    }
    assert_eq!(seen, all.keys().copied().collect(), "each published type is declared");
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_published_relation_is_there_or_is_deliberately_absent() {
    let (all, mut wrong) = (published(), Vec::new());
    for entity in entities() {
        let name = entity.declaration().name;
        let mut there: BTreeSet<&str> = entity.relations().iter().map(|relation| relation.name()).collect();
        there.extend(entity.contained().iter().map(|contained| contained.name()));
        let (mut next, mut wanted) = (Some(name), BTreeSet::new());
        while let Some(of) = next {
            let gone = absent(of);
            let Some(published) = all.get(of) else { break };
            wanted.extend(published.relations.iter().filter(|relation| !gone.contains(*relation)));
            next = published.base;
        }
        wrong.extend(wanted.difference(&there).map(|relation| format!("{name}/{relation}")));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn nothing_is_called_absent_that_is_not_published() {
    let all = published();
    for (kind, _, names) in ABSENT {
        for name in *names {
            let published = &all[kind];
            assert!(published.properties.contains_key(name) || published.relations.contains(name), "{kind}.{name}");
        }
    }
}
