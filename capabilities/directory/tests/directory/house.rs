//! A tenant with people in it, and stand-ins for what is stamped from blueprints.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use signet_credentials::OwnAddresses;
use signet_directory::body::JsonMap;
use signet_directory::responsibility::{Described, SPONSORS, Thing, check_sponsors, link_people};
use signet_directory::{User, ops};
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_store::{Id, Kind, NeededLink};
use signet_tenants::Tenant;
use signet_testkit::TestTenant;
use std::time::Duration;

/// A blueprint as rules about people see one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Blueprint {
    pub display_name: String,
}

/// An agent identity as rules about people see one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Agent {
    pub display_name: String,
    pub blueprint: ObjectId,
}

impl Kind for Blueprint {
    const NAME: &'static str = "agentIdentityBlueprint";
}

impl Kind for Agent {
    const NAME: &'static str = "agentIdentity";

    fn parent(&self) -> Option<ObjectId> {
        Some(self.blueprint)
    }
}

impl Described for Blueprint {
    fn display_name(&self) -> &str {
        &self.display_name
    }

    fn blueprint(&self, id: ObjectId) -> Option<ObjectId> {
        Some(id)
    }
}

impl Described for Agent {
    fn display_name(&self) -> &str {
        &self.display_name
    }
}

pub struct House {
    pub tenant: TestTenant,
    pub own: OwnAddresses,
}

impl House {
    pub async fn open() -> Self {
        let tenant = TestTenant::start().await.swept_by(|store| {
            // INVARIANT 7: neither a blueprint nor an agent without a sponsor.
            let sponsored = [Blueprint::NAME, Agent::NAME].map(|kind| NeededLink { kind, relation: SPONSORS });
            Box::pin(async move { Ok(store.contradictions(&sponsored).await?) })
        });
        tenant.put_as(Tenant::id(tenant.id()), &Tenant::new("Contoso", None).unwrap()).await;
        Self { tenant, own: OwnAddresses::new(["https://id.example"]) }
    }

    pub fn call(&self) -> Call {
        self.tenant.call(&[])
    }

    /// A person; who is made first has the lower id.
    pub async fn user(&self, name: &str) -> ObjectId {
        self.tenant.clock.advance(Duration::from_millis(1));
        ops::create_user(&self.call(), user(name)).await.unwrap()
    }

    /// A group: an assigned security group, unless `more` says otherwise.
    pub async fn group(&self, name: &str, more: Value) -> ObjectId {
        self.tenant.clock.advance(Duration::from_millis(1));
        let call = self.tenant.call(&["RoleManagement.ReadWrite.Directory"]);
        ops::create_group(&call, group(name, more)).await.unwrap()
    }

    /// A blueprint with these sponsors.
    pub async fn blueprint(&self, sponsors: &[ObjectId]) -> Thing {
        let body = Blueprint { display_name: "Blueprint".to_owned() };
        let id = self.create(&body, sponsors).await.unwrap();
        Thing::new(id, &body)
    }

    /// An agent of `blueprint` with these sponsors.
    pub async fn agent(&self, blueprint: &Thing, sponsors: &[ObjectId]) -> Thing {
        let body = Agent { display_name: "Agent".to_owned(), blueprint: blueprint.id };
        let id = self.create(&body, sponsors).await.unwrap();
        Thing::new(id, &body).of_blueprint(blueprint.id)
    }

    pub async fn create<K: Kind>(&self, body: &K, sponsors: &[ObjectId]) -> Result<ObjectId, Failure> {
        let id = self.tenant.store.context().new_object_id();
        let people = check_sponsors(&self.tenant.store, sponsors).await?;
        let mut unit = self.tenant.store.unit();
        unit.create(Id::of(id), body);
        link_people(&mut unit, id, &people, &[]);
        self.tenant.store.commit(unit).await?;
        Ok(id)
    }

    pub async fn sponsors(&self, thing: &Thing) -> Vec<ObjectId> {
        let links = self.tenant.store.links_from(thing.id, SPONSORS).await.unwrap();
        links.links.iter().map(|link| link.target).collect()
    }

    pub async fn is_alive(&self, user: ObjectId) -> bool {
        self.tenant.store.find(Id::<User>::of(user)).await.unwrap().is_some()
    }
}

pub fn user(name: &str) -> JsonMap {
    map(json!({
        "displayName": name,
        "userPrincipalName": format!("{name}@contoso.example"),
        "accountEnabled": true,
    }))
}

pub fn group(name: &str, more: Value) -> JsonMap {
    let mut body = map(json!({
        "displayName": name,
        "mailNickname": name,
        "mailEnabled": false,
        "securityEnabled": true,
    }));
    body.extend(map(more));
    body
}

pub fn map(value: Value) -> JsonMap {
    value.as_object().unwrap().clone()
}

/// Who is at fault, and where.
pub fn blame(failure: &Failure) -> (signet_kernel::Fault, &str, Option<&str>) {
    (failure.fault, &failure.code, failure.target.as_deref())
}
