//! A tenant with an administrator and two people.

use serde_json::{Value, json};
use signet_blueprints::{Blueprint, BlueprintEntity, BlueprintPrincipal, BlueprintPrincipalEntity, BlueprintRules};
use signet_credentials::OwnAddresses;
use signet_directory::body::typed;
use signet_directory::responsibility::SPONSORS;
use signet_directory::{Application, ServicePrincipal, User};
use signet_graph::{Call, Entity, JsonMap};
use signet_kernel::{AppId, Failure, ObjectId};
use signet_store::{Id, Kind, NeededLink, Object};
use signet_testkit::{TestCaller, TestTenant};
use std::sync::Arc;
use uuid::Uuid;

/// The one permission that agents may never hold here.
pub const BLOCKED: Uuid = Uuid::from_u128(0xb10c);

pub struct World {
    pub tenant: TestTenant,
    pub ada: ObjectId,
    pub grace: ObjectId,
    pub admin: ObjectId,
}

pub fn members(value: Value) -> JsonMap {
    value.as_object().cloned().unwrap_or_default()
}

impl World {
    pub async fn new() -> Self {
        let tenant = TestTenant::start().await.swept_by(|store| {
            // INVARIANT 7: no blueprint without a sponsor.
            let sponsored = [NeededLink { kind: Blueprint::NAME, relation: SPONSORS }];
            Box::pin(async move { Ok(store.contradictions(&sponsored).await?) })
        });
        let ada = person(&tenant, "ada").await;
        let grace = person(&tenant, "grace").await;
        let admin = client(&tenant, "Admin").await.0;
        Self { tenant, ada, grace, admin }
    }

    pub fn call(&self) -> Call {
        self.tenant.call_by(TestCaller::of_kind(ServicePrincipal::NAME, self.admin))
    }

    /// The blueprint itself as the caller.
    pub async fn call_as_blueprint(&self, blueprint: ObjectId) -> Call {
        let principal = self.principal_of(blueprint).await.id.object();
        self.tenant.call_by(TestCaller::of_kind(BlueprintPrincipal::NAME, principal).below(blueprint))
    }

    /// A create's members with `ada` as the sponsor.
    pub fn sponsored(&self, value: Value) -> JsonMap {
        let mut members = members(value);
        let reference = format!("https://graph.microsoft.com/v1.0/users/{}", self.ada);
        members.insert("sponsors@odata.bind".to_owned(), json!([reference]));
        members
    }

    /// A blueprint with its principal.
    pub async fn blueprint(&self) -> ObjectId {
        self.create(json!({"displayName": "Desk", "createPrincipal": true})).await.unwrap()
    }

    pub async fn create(&self, body: Value) -> Result<ObjectId, Failure> {
        blueprints().create(&self.call(), self.sponsored(body)).await
    }

    pub async fn update(&self, blueprint: ObjectId, patch: Value) -> Result<(), Failure> {
        blueprints().update(&self.call(), blueprint, members(patch)).await
    }

    pub async fn app_id(&self, blueprint: ObjectId) -> AppId {
        self.object::<Blueprint>(blueprint).await.body.application.app_id
    }

    pub async fn principal_of(&self, blueprint: ObjectId) -> Arc<Object<BlueprintPrincipal>> {
        let app_id = self.app_id(blueprint).await;
        BlueprintPrincipal::find_by_app_id(&self.tenant.store, app_id).await.unwrap().unwrap()
    }

    pub async fn object<K: Kind>(&self, id: ObjectId) -> Arc<Object<K>> {
        self.tenant.store.find(Id::<K>::of(id)).await.unwrap().unwrap()
    }

    pub async fn linked(&self, from: ObjectId, relation: &'static str) -> Vec<ObjectId> {
        let links = self.tenant.store.links_from(from, relation).await.unwrap();
        links.links.iter().map(|link| link.target).collect()
    }

    /// An object as the directory API shows it, without what the router adds.
    pub async fn shown(&self, entity: &dyn Entity, id: ObjectId) -> Value {
        let row = self.tenant.store.read_row(id).await.unwrap().unwrap();
        let mut view = entity.view(&row).unwrap();
        entity.complete(&self.call(), &row, &mut view).await.unwrap();
        Value::Object(view)
    }

    /// The names of what was done since `before` entries.
    pub async fn activities(&self, before: usize) -> Vec<String> {
        self.tenant.audits().await.iter().skip(before).map(|audit| audit.activity().to_owned()).collect()
    }
}

async fn put<K: Kind>(tenant: &TestTenant, body: Value) -> ObjectId {
    tenant.put(&typed::<K>(members(body)).unwrap()).await.object()
}

async fn person(tenant: &TestTenant, name: &str) -> ObjectId {
    let upn = format!("{name}@contoso.test");
    put::<User>(tenant, json!({"displayName": name, "userPrincipalName": upn, "accountEnabled": true})).await
}

/// An ordinary application's service principal, and its client id.
pub async fn client(tenant: &TestTenant, name: &str) -> (ObjectId, AppId) {
    let app_id = tenant.store.context().new_app_id();
    let body = json!({"appId": app_id, "displayName": name, "signInAudience": "AzureADMyOrg"});
    let application = put::<Application>(tenant, body).await;
    let body = json!({"appId": app_id, "application": application, "displayName": name, "accountEnabled": true,
        "servicePrincipalType": "Application"});
    (put::<ServicePrincipal>(tenant, body).await, app_id)
}

pub fn blueprints() -> BlueprintEntity {
    let blocked = |_, id| if id == BLOCKED { Some("User.ReadWrite.All") } else { None };
    BlueprintEntity::new(BlueprintRules { own: OwnAddresses::new(["https://id.example"]), blocked }, Vec::new())
}

pub fn principals() -> BlueprintPrincipalEntity {
    BlueprintPrincipalEntity::new(Vec::new())
}
