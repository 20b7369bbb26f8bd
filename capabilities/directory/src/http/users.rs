//! `user`.

use super::user_properties::PROPERTIES;
use super::values;
use super::{Computed, Managers, Sponsors, membership_actions};
use crate::attributes;
use crate::attributes::with_attributes;
use crate::body::wire;
use crate::{User, ops};
use async_trait::async_trait;
use serde_json::json;
use signet_graph::{Access, Action, Call, ComplexType, Entity, EntityType, JsonMap, Relation};
use signet_kernel::{Failure, ObjectId};
use signet_store::{Kind, Row};

const READ: &[&str] = &["User.Read.All", "User.ReadWrite.All", "Directory.Read.All"];
const WRITE: &[&str] = &["User.ReadWrite.All"];

/// `user`.
pub const USER: EntityType = EntityType {
    name: User::NAME,
    base: None,
    set: "users",
    kind: Some(User::NAME),
    properties: PROPERTIES,
    incompatible: &[],
    incompatible_code: "Request_BadRequest",
    alternate_keys: &[("userPrincipalName", User::USER_PRINCIPAL_NAME)],
    access: Access { read: READ, create: WRITE, update: WRITE, delete: WRITE },
    beta_only: false,
};

/// People, as a type of the directory.
#[derive(Debug, Clone, Copy)]
pub struct Users;

/// A person, or what derives from one, as it looks on the wire.
pub fn show_user(row: &Row) -> Result<JsonMap, Failure> {
    let mut view = wire(row, &[])?;
    // CSDL: these collections are never null.
    for name in ["businessPhones", "otherMails", "proxyAddresses"] {
        view.entry(name).or_insert_with(|| json!([]));
    }
    view.entry("userType").or_insert_with(|| json!(User::MEMBER));
    Ok(view)
}

#[async_trait]
impl Entity for Users {
    fn declaration(&self) -> &'static EntityType {
        &USER
    }

    fn required(&self) -> &'static [&'static str] {
        &["displayName", "userPrincipalName", "accountEnabled"]
    }

    fn complex_types(&self) -> &'static [ComplexType] {
        values::OF_PEOPLE
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        show_user(row)
    }

    async fn complete(&self, call: &Call, row: &Row, view: &mut JsonMap) -> Result<(), Failure> {
        attributes::complete(call, row, view).await
    }

    async fn create(&self, call: &Call, body: JsonMap) -> Result<ObjectId, Failure> {
        attributes::refuse_at_create(&body)?;
        ops::create_user(call, body).await
    }

    async fn update(&self, call: &Call, id: ObjectId, body: JsonMap) -> Result<(), Failure> {
        with_attributes(call, id, body, async |body| ops::update_user(call, id, body).await).await
    }

    async fn delete(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::delete_user(call, id).await
    }

    async fn restore(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::restore::<User>(call, id).await
    }

    async fn purge(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::purge::<User>(call, id).await
    }
    fn relations(&self) -> Vec<Box<dyn Relation>> {
        use Computed::{CreatedObjects, DirectReports, MemberOf, OwnedObjects, SponsorOf, TransitiveMemberOf};
        let own: [Box<dyn Relation>; 2] = [Box::new(Managers::new(WRITE)), Box::new(Sponsors::<User>::new(WRITE))];
        let computed = [DirectReports, SponsorOf, OwnedObjects, CreatedObjects, MemberOf, TransitiveMemberOf];
        own.into_iter().chain(Computed::boxed(computed)).collect()
    }

    fn actions(&self) -> Vec<Box<dyn Action>> {
        membership_actions(READ)
    }
}
