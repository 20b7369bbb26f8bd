//! A tenant with an administrator, two people, and a blueprint with its principal.

use serde_json::{Value, json};
use signet_agents::{AgentEntity, AgentIdentity, sweep};
use signet_blueprints::{Blueprint, BlueprintEntity, BlueprintPrincipal, BlueprintPrincipalEntity, BlueprintRules};
use signet_credentials::OwnAddresses;
use signet_directory::body::typed;
use signet_directory::{Application, ServicePrincipal, User};
use signet_graph::{Call, Entity, JsonMap};
use signet_kernel::{AppId, Failure, ObjectId};
use signet_store::{Id, Kind, Object};
use signet_tenants::Tenant;
use signet_testkit::{TestCaller, TestTenant};
use std::sync::Arc;

/// Creates agents anywhere.
pub const CREATE: &str = "AgentIdentity.Create.All";
/// Creates agents of one's own blueprint.
pub const CREATE_AS_MANAGER: &str = "AgentIdentity.CreateAsManager";

pub struct World {
    pub tenant: TestTenant,
    pub ada: ObjectId,
    pub grace: ObjectId,
    pub blueprint: ObjectId,
    pub app_id: AppId,
    pub principal: ObjectId,
}

pub fn members(value: Value) -> JsonMap {
    value.as_object().cloned().unwrap_or_default()
}

impl World {
    pub async fn new() -> Self {
        let tenant = TestTenant::start().await.swept_by(|store| Box::pin(async move { sweep(&store).await }));
        tenant.put_as(Tenant::id(tenant.id()), &Tenant::new("Contoso", None).unwrap()).await;
        let ada = person(&tenant, "ada").await;
        let grace = person(&tenant, "grace").await;
        let (blueprint, app_id, principal) = blueprint(&tenant, ada).await;
        Self { tenant, ada, grace, blueprint, app_id, principal }
    }

    /// The administrator.
    pub fn call(&self) -> Call {
        self.tenant.call(&[CREATE])
    }

    /// A blueprint's principal, with the one permission of its own token.
    pub fn call_as(&self, blueprint: ObjectId, app_id: AppId, principal: ObjectId) -> Call {
        let mut caller = TestCaller::of_kind(BlueprintPrincipal::NAME, principal).below(blueprint);
        caller.app = app_id;
        self.tenant.call_by(caller.with_roles(&[CREATE_AS_MANAGER]))
    }

    /// A second blueprint, as a caller.
    pub async fn call_as_another_blueprint(&self) -> Call {
        let (blueprint, app_id, principal) = blueprint(&self.tenant, self.ada).await;
        self.call_as(blueprint, app_id, principal)
    }

    /// A create's members: the blueprint, a name and a sponsor.
    pub fn body(&self) -> Value {
        self.body_under(self.app_id)
    }

    pub fn body_under(&self, blueprint: AppId) -> Value {
        json!({
            "displayName": "order-bot",
            "agentIdentityBlueprintId": blueprint,
            "sponsors@odata.bind": [format!("https://graph.microsoft.com/v1.0/users/{}", self.ada)],
        })
    }

    pub async fn agent(&self) -> ObjectId {
        create(&self.call(), self.body()).await.unwrap()
    }

    /// Changes what the organization says.
    pub async fn organization(&self, patch: Value) -> Result<(), Failure> {
        let id = Tenant::id(self.tenant.id()).object();
        signet_directory::ops::update_organization(&self.call(), id, members(patch)).await
    }

    pub async fn update(&self, agent: ObjectId, patch: Value) -> Result<(), Failure> {
        agents().update(&self.call(), agent, members(patch)).await
    }

    pub async fn switch_principal(&self, on: bool) {
        let patch = members(json!({ "accountEnabled": on }));
        BlueprintPrincipalEntity::new(Vec::new()).update(&self.call(), self.principal, patch).await.unwrap();
    }

    pub async fn object<K: Kind>(&self, id: ObjectId) -> Arc<Object<K>> {
        self.tenant.store.find(Id::<K>::of(id)).await.unwrap().unwrap()
    }

    pub async fn any_agent(&self, id: ObjectId) -> Option<Arc<Object<AgentIdentity>>> {
        self.tenant.store.find_any(Id::of(id)).await.unwrap()
    }

    /// The agent as the directory API shows it, without what the router adds.
    pub async fn shown(&self, id: ObjectId) -> Value {
        let row = self.tenant.store.read_row(id).await.unwrap().unwrap();
        Value::Object(agents().view(&row).unwrap())
    }
}

pub fn agents() -> AgentEntity {
    AgentEntity::new(Vec::new())
}

pub fn blueprints() -> BlueprintEntity {
    BlueprintEntity::new(BlueprintRules { own: OwnAddresses::new([]), blocked: |_, _| None }, Vec::new())
}

pub async fn create(call: &Call, body: Value) -> Result<ObjectId, Failure> {
    agents().create(call, members(body)).await
}

async fn put<K: Kind>(tenant: &TestTenant, body: Value) -> ObjectId {
    tenant.put(&typed::<K>(members(body)).unwrap()).await.object()
}

async fn person(tenant: &TestTenant, name: &str) -> ObjectId {
    let upn = format!("{name}@contoso.test");
    put::<User>(tenant, json!({"displayName": name, "userPrincipalName": upn, "accountEnabled": true})).await
}

async fn blueprint(tenant: &TestTenant, sponsor: ObjectId) -> (ObjectId, AppId, ObjectId) {
    let body = members(json!({
        "displayName": "Desk",
        "createPrincipal": true,
        "sponsors@odata.bind": [format!("/users/{sponsor}")],
    }));
    let id = blueprints().create(&tenant.call(&[]), body).await.unwrap();
    let app_id = tenant.body(Id::<Blueprint>::of(id)).await.application.app_id;
    let principal = BlueprintPrincipal::find_by_app_id(&tenant.store, app_id).await.unwrap().unwrap();
    (id, app_id, principal.id.object())
}

/// A blueprint without a principal.
pub async fn bare_blueprint(world: &World) -> AppId {
    let body = members(json!({"displayName": "Bare", "sponsors@odata.bind": [format!("/users/{}", world.ada)]}));
    let id = blueprints().create(&world.call(), body).await.unwrap();
    world.object::<Blueprint>(id).await.body.application.app_id
}

/// An ordinary application with its service principal.
pub async fn ordinary_application(world: &World) -> AppId {
    let app_id = world.tenant.store.context().new_app_id();
    let body = json!({"appId": app_id, "displayName": "Orders", "signInAudience": "AzureADMyOrg"});
    let application = put::<Application>(&world.tenant, body).await;
    let body = json!({"appId": app_id, "application": application, "displayName": "Orders", "accountEnabled": true,
        "servicePrincipalType": "Application"});
    put::<ServicePrincipal>(&world.tenant, body).await;
    app_id
}
