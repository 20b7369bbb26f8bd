//! `administrativeUnit`.

use super::{Members, ScopedRoleMembers};
use crate::body::{not_found, wire};
use crate::membership;
use crate::{AdministrativeUnit, ops};
use async_trait::async_trait;
use signet_graph::{Access, Call, Contained, Entity, EntityType, JsonMap, Property, PropertyType, Relation};
use signet_kernel::{Failure, ObjectId};
use signet_store::{Id, Kind, Row};

const READ: &[&str] = &[
    "AdministrativeUnit.Read.All",
    "AdministrativeUnit.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const WRITE: &[&str] = &["AdministrativeUnit.ReadWrite.All", "Directory.ReadWrite.All"];

const PROPERTIES: &[Property] = &[
    Property::new("displayName", PropertyType::String(256)).indexed().ordered(),
    Property::new("description", PropertyType::String(1024)),
    Property::new("visibility", PropertyType::String(64)),
    Property::new("isMemberManagementRestricted", PropertyType::Boolean),
    // Known so that they are refused with the reason.
    Property::new("membershipRule", PropertyType::String(3072)),
    Property::new("membershipRuleProcessingState", PropertyType::String(16)),
    Property::new("membershipType", PropertyType::String(16)),
];

/// `administrativeUnit`.
pub const ADMINISTRATIVE_UNIT: EntityType = EntityType {
    name: AdministrativeUnit::NAME,
    base: None,
    set: "directory/administrativeUnits",
    kind: Some(AdministrativeUnit::NAME),
    properties: PROPERTIES,
    incompatible: &[],
    incompatible_code: "Request_BadRequest",
    alternate_keys: &[],
    access: Access { read: READ, create: WRITE, update: WRITE, delete: WRITE },
    beta_only: false,
};

/// Administrative units, as a type of the directory.
#[derive(Debug, Clone, Copy)]
pub struct AdministrativeUnits;

#[async_trait]
impl Entity for AdministrativeUnits {
    fn declaration(&self) -> &'static EntityType {
        &ADMINISTRATIVE_UNIT
    }

    fn required(&self) -> &'static [&'static str] {
        &["displayName"]
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        wire(row, &[])
    }

    async fn create(&self, call: &Call, body: JsonMap) -> Result<ObjectId, Failure> {
        ops::create_administrative_unit(call, body).await
    }

    async fn update(&self, call: &Call, id: ObjectId, body: JsonMap) -> Result<(), Failure> {
        ops::update_administrative_unit(call, id, body).await
    }

    async fn delete(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::delete::<AdministrativeUnit>(call, id).await
    }

    async fn restore(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::restore::<AdministrativeUnit>(call, id).await
    }

    async fn purge(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::purge::<AdministrativeUnit>(call, id).await
    }

    fn relations(&self) -> Vec<Box<dyn Relation>> {
        vec![Box::new(UnitMembers(Members::new(WRITE)))]
    }

    fn contained(&self) -> Vec<Box<dyn Contained>> {
        vec![Box::new(ScopedRoleMembers)]
    }
}

/// The members of a unit, which it may hide.
struct UnitMembers(Members<AdministrativeUnit>);

#[async_trait]
impl Relation for UnitMembers {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn writable_with(&self) -> &'static [&'static str] {
        self.0.writable_with()
    }

    async fn ends(&self, call: &Call, source: ObjectId) -> Result<Vec<ObjectId>, Failure> {
        let found = call.store.find(Id::<AdministrativeUnit>::of(source)).await?.ok_or_else(|| not_found(source))?;
        found.body.check_visible(&call.caller)?;
        membership::members(&call.store, source).await
    }

    async fn add(&self, call: &Call, source: ObjectId, target: ObjectId) -> Result<(), Failure> {
        self.0.add(call, source, target).await
    }

    async fn remove(&self, call: &Call, source: ObjectId, target: ObjectId) -> Result<(), Failure> {
        self.0.remove(call, source, target).await
    }
}
