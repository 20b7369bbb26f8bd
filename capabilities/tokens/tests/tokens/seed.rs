//! A tenant with everything a token request needs, written straight into the store: the operations that create these
//! things have their own tests.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use signet_agents::AgentIdentity;
use signet_blueprints::{Blueprint, BlueprintPrincipal};
use signet_credentials::{KeyCredential, PasswordCredential};
use signet_directory::User;
use signet_directory::responsibility::SPONSORS;
use signet_directory::{Application, DIRECTORY_APP_ID, ServicePrincipal, ServicePrincipalType};
use signet_kernel::{AppId, ClientSecret, ObjectId, SecretHash, SecretKind, TenantId};
use signet_permissions::{AppRoleAssignment, InheritablePermission, InheritableRoles, InheritableScopes};
use signet_store::{Id, Kind, OtherMembers, Store, TenantStore, UnitOfWork};
use signet_tenants::Tenant;
use std::time::Duration;
use uuid::Uuid;

/// The ids and secrets of a seeded tenant.
pub struct Seed {
    pub tenant: TenantId,
    pub blueprint: ObjectId,
    pub blueprint_app: AppId,
    pub secret: String,
    pub secret_id: Uuid,
    pub principal: ObjectId,
    pub agent: AppId,
    pub sibling: AppId,
    pub stranger: AppId,
    pub stranger_secret: String,
    pub resource: ObjectId,
    pub resource_application: ObjectId,
    pub resource_app: AppId,
    pub resource_secret: String,
    pub key: rcgen::KeyPair,
    pub certificate: Vec<u8>,
}

pub const RESOURCE: &str = "api://orders";
const READ: Uuid = Uuid::from_u128(0x11);
const WRITE: Uuid = Uuid::from_u128(0x12);

pub fn application(app_id: AppId, name: &str) -> Application {
    serde_json::from_value(json!({"appId": app_id, "displayName": name, "signInAudience": "AzureADMyOrg"})).unwrap()
}

pub fn password(store: &TenantStore) -> (PasswordCredential, String) {
    let context = store.context();
    let secret = ClientSecret::generate(context, SecretKind::Client);
    let kept = PasswordCredential {
        key_id: context.new_uuid(),
        display_name: None,
        start_date_time: context.now(),
        end_date_time: context.now().plus(Duration::from_hours(24)),
        hint: secret.hint(),
        hash: SecretHash::of(secret.reveal()),
    };
    (kept, secret.reveal().to_owned())
}

pub fn certificate(from: (i32, u8, u8), to: (i32, u8, u8)) -> (rcgen::KeyPair, Vec<u8>) {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let mut params = rcgen::CertificateParams::new(vec![]).unwrap();
    params.not_before = rcgen::date_time_ymd(from.0, from.1, from.2);
    params.not_after = rcgen::date_time_ymd(to.0, to.1, to.2);
    let der = params.self_signed(&key).unwrap().der().to_vec();
    (key, der)
}

fn create<K: Kind>(store: &TenantStore, unit: &mut UnitOfWork, body: &K) -> ObjectId {
    let id = store.context().new_object_id();
    unit.create(Id::of(id), body);
    id
}

fn service_principal(app_id: AppId, application: Option<ObjectId>, name: &str) -> ServicePrincipal {
    ServicePrincipal {
        app_id,
        application,
        display_name: name.to_owned(),
        account_enabled: true,
        app_role_assignment_required: false,
        service_principal_type: ServicePrincipalType::Application,
        other: serde_json::Map::new(),
    }
}

fn agent(blueprint: AppId, principal: ObjectId, app_id: AppId, name: &str) -> AgentIdentity {
    AgentIdentity {
        app_id,
        display_name: name.to_owned(),
        agent_identity_blueprint_id: blueprint,
        principal,
        account_enabled: true,
        app_role_assignment_required: false,
        service_principal_type: ServicePrincipalType::ServiceIdentity,
        created_by_app_id: blueprint,
        other: OtherMembers::default(),
    }
}

pub fn assignment(principal: ObjectId, resource: ObjectId, role: Uuid) -> AppRoleAssignment {
    AppRoleAssignment {
        principal_id: principal,
        resource_id: resource,
        app_role_id: role,
        other: serde_json::Map::new(),
    }
}

/// A blueprint with its principal; the agent `Orders.Read` is assigned to inherits `Orders.Write`.
#[allow(clippy::too_many_lines, reason = "a list of what exists")]
pub async fn seed(store: &Store, domain: &str) -> Seed {
    let context = store.context();
    let tenant = context.new_tenant_id();
    let scoped = store.tenant(tenant);
    let mut unit = scoped.unit();
    unit.create(Tenant::id(tenant), &Tenant::new("Contoso", Some(domain)).unwrap());
    create(&scoped, &mut unit, &service_principal(DIRECTORY_APP_ID, None, "Signet"));

    let sponsor =
        json!({"displayName": "Sponsor", "userPrincipalName": format!("sponsor@{domain}"), "accountEnabled": true});
    let sponsor = create(&scoped, &mut unit, &serde_json::from_value::<User>(sponsor).unwrap());

    let resource_app = context.new_app_id();
    let mut api = application(resource_app, "Orders");
    api.identifier_uris = vec![RESOURCE.to_owned()];
    api.api.requested_access_token_version = Some(2);
    api.app_roles = serde_json::from_value(json!([
        {"id": READ, "value": "Orders.Read", "allowedMemberTypes": ["Application"], "isEnabled": true},
        {"id": WRITE, "value": "Orders.Write", "allowedMemberTypes": ["Application"], "isEnabled": true},
    ]))
    .unwrap();
    let (kept, resource_secret) = password(&scoped);
    api.password_credentials.push(kept);
    let resource_application = create(&scoped, &mut unit, &api);
    let resource = create(&scoped, &mut unit, &service_principal(resource_app, Some(resource_application), "Orders"));

    let (key, der) = certificate((2026, 1, 1), (2027, 1, 1));
    let blueprint_app = context.new_app_id();
    let (kept, secret) = password(&scoped);
    let secret_id = kept.key_id;
    let mut body = application(blueprint_app, "HR");
    body.password_credentials.push(kept);
    body.key_credentials
        .push(KeyCredential::from_certificate(context.new_uuid(), None, &STANDARD.encode(&der)).unwrap());
    let blueprint = create(&scoped, &mut unit, &Blueprint { permission_ceiling: None, application: body });
    let principal = create(&scoped, &mut unit, &blueprint_principal(blueprint_app, blueprint));
    let (agent_id, sibling) = (context.new_app_id(), context.new_app_id());
    for (app_id, name) in [(agent_id, "Agent-One"), (sibling, "Agent-Two")] {
        let id = ObjectId::from_uuid(app_id.uuid());
        unit.create(Id::of(id), &agent(blueprint_app, principal, app_id, name));
        unit.link(id, SPONSORS, sponsor);
    }
    unit.link(blueprint, SPONSORS, sponsor);
    let object = ObjectId::from_uuid(agent_id.uuid());
    create(&scoped, &mut unit, &assignment(object, resource, READ));
    create(&scoped, &mut unit, &assignment(principal, resource, WRITE));
    create(
        &scoped,
        &mut unit,
        &InheritablePermission {
            blueprint,
            resource_app_id: resource_app,
            inheritable_scopes: InheritableScopes::None,
            inheritable_roles: InheritableRoles::AllAllowed,
            other: serde_json::Map::new(),
        },
    );

    let other_app = context.new_app_id();
    let (kept, stranger_secret) = password(&scoped);
    let mut other = application(other_app, "Another blueprint");
    other.password_credentials.push(kept);
    let other = create(&scoped, &mut unit, &Blueprint { permission_ceiling: None, application: other });
    unit.link(other, SPONSORS, sponsor);
    create(&scoped, &mut unit, &blueprint_principal(other_app, other));
    scoped.commit(unit).await.unwrap();
    Seed {
        tenant,
        blueprint,
        blueprint_app,
        secret,
        secret_id,
        principal,
        agent: agent_id,
        sibling,
        stranger: other_app,
        stranger_secret,
        resource,
        resource_application,
        resource_app,
        resource_secret,
        key,
        certificate: der,
    }
}

fn blueprint_principal(app_id: AppId, blueprint: ObjectId) -> BlueprintPrincipal {
    BlueprintPrincipal {
        app_id,
        blueprint,
        display_name: "HR".to_owned(),
        account_enabled: true,
        app_role_assignment_required: false,
        service_principal_type: ServicePrincipalType::Application,
        other: serde_json::Map::new(),
    }
}
