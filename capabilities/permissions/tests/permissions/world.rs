//! A tenant with an administrator, a person, a blueprint with its principal and one agent, and a resource.

use serde_json::{Value, json};
use signet_agents::{AgentIdentity, NewAgent, create_agent};
use signet_blueprints::{Blueprint, BlueprintPrincipal, BlueprintRules, NewBlueprint, create_blueprint};
use signet_credentials::OwnAddresses;
use signet_directory::body::typed;
use signet_directory::{Application, DIRECTORY_APP_ID, ServicePrincipal, User};
use signet_graph::{Call, JsonMap};
use signet_kernel::{
    AppId, Caller, Context, MockClock, ObjectId, Origin, Revocation, RevocationCounters, SeededRandomness, Timestamp,
};
use signet_permissions::blocked_permission;
use signet_store::{Id, Kind, Object, SqliteBackend, SqliteOptions, Store, StoreOptions, TenantStore};
use std::sync::Arc;
use uuid::Uuid;

/// The resource's roles.
pub const READ: u128 = 0x10;
pub const WRITE: u128 = 0x11;
pub const FOR_PEOPLE: u128 = 0x12;
pub const OFF: u128 = 0x13;

pub struct World {
    pub whole: Store,
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
    _files: tempfile::TempDir,
}

pub fn members(value: Value) -> JsonMap {
    value.as_object().cloned().unwrap_or_default()
}

impl World {
    pub async fn new() -> Self {
        let files = tempfile::tempdir().unwrap();
        let clock = Arc::new(MockClock::at(Timestamp::from_seconds(1_795_255_200)));
        let context = Context::new(clock, Arc::new(SeededRandomness::new(1)));
        let options = SqliteOptions::at(files.path().join("directory.db"));
        let counters = Arc::new(RevocationCounters::new());
        let open = |observer| SqliteBackend::open(&options, observer);
        let whole = Store::open(StoreOptions::default(), context.clone(), counters, Arc::new(()), open).await.unwrap();
        let store = whole.tenant(context.new_tenant_id());
        let nobody = ObjectId::from_uuid(Uuid::nil());
        let mut world = Self {
            whole,
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
            _files: files,
        };
        world.fill().await;
        world
    }

    async fn fill(&mut self) {
        let person = json!({"displayName": "Ada", "userPrincipalName": "ada@contoso.test", "accountEnabled": true});
        self.person = self.put::<User>(person).await;
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
        let rules = BlueprintRules { own: OwnAddresses::new([]), blocked: blocked_permission };
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

    pub async fn agent_named(&self, name: &str) -> ObjectId {
        let new = NewAgent {
            blueprint: self.blueprint_app,
            sponsors: vec![self.person],
            owners: Vec::new(),
            members: members(json!({ "displayName": name })),
        };
        create_agent(&self.call(), new).await.unwrap()
    }

    pub async fn put<K: Kind>(&self, body: Value) -> ObjectId {
        let id = self.store.context().new_object_id();
        let mut unit = self.store.unit();
        unit.create(Id::of(id), &typed::<K>(members(body)).unwrap());
        self.store.commit(unit).await.unwrap();
        id
    }

    pub async fn put_principal(&self, app_id: AppId, application: Option<ObjectId>, name: &str) -> ObjectId {
        let body = json!({"appId": app_id, "application": application, "displayName": name, "accountEnabled": true,
            "servicePrincipalType": "Application"});
        self.put::<ServicePrincipal>(body).await
    }

    /// The administrator, who holds every permission that these operations ask for.
    pub fn call(&self) -> Call {
        self.call_with(&["AppRoleAssignment.ReadWrite.All", "AgentIdentity.Create.All"])
    }

    pub fn call_with(&self, roles: &[&str]) -> Call {
        let caller = Caller {
            tenant: self.store.id(),
            object: self.admin,
            kind: ServicePrincipal::NAME,
            app: AppId::from_uuid(Uuid::from_u128(7)),
            display_name: "Admin".to_owned(),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            parent: None,
            origin: Origin::internal(Uuid::from_u128(8)),
        };
        Call { caller, store: self.store.clone(), base_url: "https://id.test/v1.0".to_owned(), if_match: None }
    }

    /// The same permissions in the hands of the blueprint, or of its agent.
    pub fn call_as(&self, kind: &'static str) -> Call {
        let mut call = self.call();
        call.caller.object = if kind == BlueprintPrincipal::NAME { self.principal } else { self.agent };
        call.caller.kind = kind;
        call.caller.parent = Some(self.blueprint);
        call
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

    /// The audit entries that wait to be copied, oldest first.
    pub async fn trail(&self) -> Vec<Value> {
        let entries = self.whole.outbox(1_000).await.unwrap();
        entries.iter().map(|entry| serde_json::from_slice(&entry.body).unwrap()).collect()
    }
}

fn application(app_id: AppId, name: &str, roles: Value) -> Value {
    json!({"appId": app_id, "displayName": name, "signInAudience": "AzureADMyOrg", "appRoles": roles})
}
