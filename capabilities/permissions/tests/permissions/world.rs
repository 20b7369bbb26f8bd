//! A tenant with an administrator, a person, a blueprint with its principal and one agent, and a resource.

use serde_json::{Value, json};
use signet_agents::{AgentIdentity, NewAgent, create_agent, sweep};
use signet_blueprints::{Blueprint, BlueprintPrincipal, BlueprintRules, NewBlueprint, create_blueprint};
use signet_credentials::OwnAddresses;
use signet_directory::body::typed;
use signet_directory::{Application, DIRECTORY_APP_ID, ServicePrincipal, User};
use signet_graph::{Call, JsonMap};
use signet_kernel::{AppId, ObjectId, Revocation};
use signet_permissions::blocked_permission;
use signet_store::{Id, IndexKey, Kind, Object, TenantStore};
use signet_testkit::{TestCaller, TestTenant};
use std::sync::Arc;
use uuid::Uuid;

/// The resource's roles.
pub const READ: u128 = 0x10;
pub const WRITE: u128 = 0x11;
pub const FOR_PEOPLE: u128 = 0x12;
pub const OFF: u128 = 0x13;

pub struct World {
    pub tenant: TestTenant,
    pub store: TenantStore,
    pub person: ObjectId,
    pub admin: ObjectId,
    pub directory: ObjectId,
    pub resource: ObjectId,
    pub resource_app: AppId,
    pub blueprint: ObjectId,
    pub blueprint_app: AppId,
    pub principal: ObjectId,
    pub agent: ObjectId,
}

pub fn members(value: Value) -> JsonMap {
    value.as_object().cloned().unwrap_or_default()
}

impl World {
    pub async fn new() -> Self {
        let tenant = TestTenant::start().await.swept_by(|store| Box::pin(async move { sweep(&store).await }));
        let store = tenant.store.clone();
        let context = store.context().clone();
        let nobody = ObjectId::from_uuid(Uuid::nil());
        let mut world = Self {
            tenant,
            store,
            person: nobody,
            admin: nobody,
            directory: nobody,
            resource: nobody,
            resource_app: context.new_app_id(),
            blueprint: nobody,
            blueprint_app: context.new_app_id(),
            principal: nobody,
            agent: nobody,
        };
        world.fill().await;
        world
    }

    async fn fill(&mut self) {
        self.person = self.user("ada").await;
        self.directory = self.put_principal(DIRECTORY_APP_ID, None, "Directory").await;
        let client = self.store.context().new_app_id();
        let admin = self.put::<Application>(application(client, "Admin", json!([]))).await;
        self.admin = self.put_principal(client, Some(admin), "Admin").await;
        let roles = json!([
            {"id": Uuid::from_u128(READ), "value": "Orders.Read", "allowedMemberTypes": ["Application"]},
            {"id": Uuid::from_u128(WRITE), "value": "Orders.Write", "allowedMemberTypes": ["Application", "User"]},
            {"id": Uuid::from_u128(FOR_PEOPLE), "value": "Orders.Approve", "allowedMemberTypes": ["User"]},
            {"id": Uuid::from_u128(OFF), "value": "Orders.Old", "allowedMemberTypes": ["Application"], "isEnabled": false},
        ]);
        let resource = self.put::<Application>(application(self.resource_app, "Orders", roles)).await;
        self.resource = self.put_principal(self.resource_app, Some(resource), "Orders").await;
        let rules = self.rules();
        let new = NewBlueprint {
            sponsors: vec![self.person],
            owners: Vec::new(),
            with_principal: true,
            members: members(json!({"displayName": "Desk"})),
        };
        self.blueprint = create_blueprint(&self.call(), &rules, new).await.unwrap();
        self.blueprint_app = self.object::<Blueprint>(self.blueprint).await.body.application.app_id;
        let principal = BlueprintPrincipal::find_by_app_id(&self.store, self.blueprint_app).await.unwrap();
        self.principal = principal.unwrap().id.object();
        self.agent = self.agent_named("order-bot").await;
    }

    pub fn rules(&self) -> BlueprintRules {
        BlueprintRules { own: OwnAddresses::new([]), blocked: blocked_permission }
    }

    pub async fn user(&self, name: &str) -> ObjectId {
        let upn = format!("{name}@contoso.test");
        let body = json!({"displayName": name, "userPrincipalName": upn, "accountEnabled": true});
        self.put::<User>(body).await
    }

    pub async fn agent_named(&self, name: &str) -> ObjectId {
        let new = NewAgent {
            blueprint: self.blueprint_app,
            sponsors: vec![self.person],
            owners: Vec::new(),
            members: members(json!({ "displayName": name })),
        };
        create_agent(&self.call(), new).await.unwrap()
    }

    async fn put<K: Kind>(&self, body: Value) -> ObjectId {
        self.tenant.put(&typed::<K>(members(body)).unwrap()).await.object()
    }

    async fn put_principal(&self, app_id: AppId, application: Option<ObjectId>, name: &str) -> ObjectId {
        let body = json!({"appId": app_id, "application": application, "displayName": name, "accountEnabled": true,
            "servicePrincipalType": "Application"});
        self.put::<ServicePrincipal>(body).await
    }

    /// The administrator, who holds every permission that these operations ask for.
    pub fn call(&self) -> Call {
        self.call_with(&["AppRoleAssignment.ReadWrite.All", "AgentIdentity.Create.All"])
    }

    pub fn call_with(&self, roles: &[&str]) -> Call {
        self.tenant.call_by(TestCaller::of_kind(ServicePrincipal::NAME, self.admin).with_roles(roles))
    }

    /// The same permissions in the hands of the blueprint, or of its agent.
    pub fn call_as(&self, kind: &'static str) -> Call {
        let object = if kind == BlueprintPrincipal::NAME { self.principal } else { self.agent };
        let caller = TestCaller::of_kind(kind, object).below(self.blueprint);
        self.tenant.call_by(caller.with_roles(&["AppRoleAssignment.ReadWrite.All"]))
    }

    /// An id as the indexes have it.
    pub fn key(&self, id: ObjectId) -> IndexKey {
        IndexKey::uuid(id.uuid())
    }

    pub async fn object<K: Kind>(&self, id: ObjectId) -> Arc<Object<K>> {
        self.store.find(Id::<K>::of(id)).await.unwrap().unwrap()
    }

    /// What was issued to the agent or under its blueprint before this counter is void.
    pub async fn revoked(&self) -> Revocation {
        let agent = self.object::<AgentIdentity>(self.agent).await.revoked;
        let principal = self.object::<BlueprintPrincipal>(self.principal).await.revoked;
        agent.max(principal).max(self.object::<Blueprint>(self.blueprint).await.revoked)
    }
}

fn application(app_id: AppId, name: &str, roles: Value) -> Value {
    json!({"appId": app_id, "displayName": name, "signInAudience": "AzureADMyOrg", "appRoles": roles})
}
