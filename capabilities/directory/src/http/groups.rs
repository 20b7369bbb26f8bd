//! `group`.

use super::group_properties::PROPERTIES;
use super::values;
use super::{Computed, Members, Owners, membership_actions};
use crate::body::wire;
use crate::{Group, ops};
use async_trait::async_trait;
use serde_json::json;
use signet_graph::{Access, Action, Call, ComplexType, Entity, EntityType, JsonMap, Relation};
use signet_kernel::{Failure, ObjectId};
use signet_store::{Kind, Row};

const READ: &[&str] = &[
    "Group.Read.All",
    "Group.ReadWrite.All",
    "GroupMember.Read.All",
    "GroupMember.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const WRITE: &[&str] = &["Group.ReadWrite.All", "Directory.ReadWrite.All"];
const CREATE: &[&str] = &["Group.Create", "Group.ReadWrite.All", "Directory.ReadWrite.All"];
const MEMBER_WRITE: &[&str] = &["GroupMember.ReadWrite.All"];

/// `group`.
pub const GROUP: EntityType = EntityType {
    name: Group::NAME,
    base: None,
    set: "groups",
    kind: Some(Group::NAME),
    properties: PROPERTIES,
    incompatible: &[],
    incompatible_code: "Request_BadRequest",
    alternate_keys: &[("uniqueName", Group::UNIQUE_NAME)],
    access: Access { read: READ, create: CREATE, update: WRITE, delete: WRITE },
    beta_only: false,
};

/// Groups, as a type of the directory.
#[derive(Debug, Clone, Copy)]
pub struct Groups;

/// A group as it looks on the wire.
pub fn show_group(row: &Row) -> Result<JsonMap, Failure> {
    let mut view = wire(row, &[])?;
    // CSDL: this collection is never null.
    view.entry("proxyAddresses").or_insert_with(|| json!([]));
    Ok(view)
}

#[async_trait]
impl Entity for Groups {
    fn declaration(&self) -> &'static EntityType {
        &GROUP
    }

    fn required(&self) -> &'static [&'static str] {
        &["displayName", "mailEnabled", "mailNickname", "securityEnabled"]
    }

    fn complex_types(&self) -> &'static [ComplexType] {
        values::OF_GROUPS
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        show_group(row)
    }

    async fn create(&self, call: &Call, body: JsonMap) -> Result<ObjectId, Failure> {
        ops::create_group(call, body).await
    }

    async fn update(&self, call: &Call, id: ObjectId, body: JsonMap) -> Result<(), Failure> {
        ops::update_group(call, id, body).await
    }

    async fn delete(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::delete_group(call, id).await
    }

    async fn restore(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::restore::<Group>(call, id).await
    }

    async fn purge(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::purge::<Group>(call, id).await
    }

    fn relations(&self) -> Vec<Box<dyn Relation>> {
        use Computed::{MemberOf, TransitiveMemberOf, TransitiveMembers};
        let own: [Box<dyn Relation>; 2] =
            [Box::new(Members::<Group>::new(MEMBER_WRITE)), Box::new(Owners::<Group>::new(WRITE))];
        own.into_iter().chain(Computed::boxed([TransitiveMembers, MemberOf, TransitiveMemberOf])).collect()
    }

    fn actions(&self) -> Vec<Box<dyn Action>> {
        membership_actions(READ)
    }
}
