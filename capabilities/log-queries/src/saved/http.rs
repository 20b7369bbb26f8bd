//! `logFunction` and `watchlist` in the directory API.

use super::expand::MOST;
use super::{LogFunction, Watchlist};
use async_trait::async_trait;
use signet_directory::body::{JsonMap, denied, members, not_found, patched, typed, wire};
use signet_directory::check_if_match;
use signet_graph::{Access, Call, Entity, EntityType, Property, PropertyType};
use signet_kernel::{Failure, Fault, ObjectId};
use signet_logs::audit::{Activity, OperationType, Target, modified, success};
use signet_store::{AuditEntry, Id, Kind, Liveness, Object, Row};
use std::marker::PhantomData;
use std::sync::Arc;

const READ: &[&str] = &["AuditLog.Read.All"];
// What rules find depends on them.
const WRITE: &[&str] = &["CustomDetection.ReadWrite.All"];
const ACCESS: Access = Access { read: READ, create: WRITE, update: WRITE, delete: WRITE };

/// `logFunction`.
pub const LOG_FUNCTION: EntityType = EntityType {
    name: LogFunction::NAME,
    base: None,
    set: "security/logFunctions",
    kind: Some(LogFunction::NAME),
    properties: &[
        Property::new("displayName", PropertyType::String(LogFunction::LONGEST_NAME)).indexed(),
        Property::new("description", PropertyType::String(1024)),
        Property::new("parameters", PropertyType::String(1024)),
        Property::new("query", PropertyType::String(LogFunction::LONGEST_QUERY)),
        Property::new("createdDateTime", PropertyType::DateTime).read_only(),
    ],
    incompatible: &[],
    incompatible_code: "Request_BadRequest",
    alternate_keys: &[],
    access: ACCESS,
    beta_only: false,
};

/// `watchlist`.
pub const WATCHLIST: EntityType = EntityType {
    name: Watchlist::NAME,
    base: None,
    set: "security/watchlists",
    kind: Some(Watchlist::NAME),
    properties: &[
        Property::new("displayName", PropertyType::String(64)).indexed(),
        Property::new("description", PropertyType::String(1024)),
        Property::new("itemsSearchKey", PropertyType::String(256)),
        Property::new("rawContent", PropertyType::String(Watchlist::LONGEST)),
        Property::new("createdDateTime", PropertyType::DateTime).read_only(),
    ],
    incompatible: &[],
    incompatible_code: "Request_BadRequest",
    alternate_keys: &[],
    access: ACCESS,
    beta_only: false,
};

/// What is kept for queries.
trait Saved: Kind + Clone {
    const TYPE: &'static EntityType;
    const REQUIRED: &'static [&'static str];
    const ADD: Activity;
    const UPDATE: Activity;
    const DELETE: Activity;

    fn name(&self) -> &str;
    fn check(&self) -> Result<(), Failure>;
}

const fn activity(name: &'static str, operation: OperationType) -> Activity {
    Activity { name, category: "Policy", operation, service: "Agent Identity" }
}

impl Saved for LogFunction {
    const TYPE: &'static EntityType = &LOG_FUNCTION;
    const REQUIRED: &'static [&'static str] = &["displayName", "query"];
    const ADD: Activity = activity("Add log function", OperationType::Add);
    const UPDATE: Activity = activity("Update log function", OperationType::Update);
    const DELETE: Activity = activity("Delete log function", OperationType::Delete);

    fn name(&self) -> &str {
        &self.display_name
    }

    fn check(&self) -> Result<(), Failure> {
        Self::check(self)
    }
}

impl Saved for Watchlist {
    const TYPE: &'static EntityType = &WATCHLIST;
    const REQUIRED: &'static [&'static str] = &["displayName", "itemsSearchKey", "rawContent"];
    const ADD: Activity = activity("Add watchlist", OperationType::Add);
    const UPDATE: Activity = activity("Update watchlist", OperationType::Update);
    const DELETE: Activity = activity("Delete watchlist", OperationType::Delete);

    fn name(&self) -> &str {
        &self.display_name
    }

    fn check(&self) -> Result<(), Failure> {
        Self::check(self)
    }
}

/// WHY: what rules and people ask goes through these, so whom they watch does not change them.
fn admit(call: &Call) -> Result<(), Failure> {
    let message = "A blueprint and its agents do not change what the logs are asked; somebody else has to.";
    if call.caller.parent.is_some() { Err(denied(message)) } else { Ok(()) }
}

async fn create<S: Saved>(call: &Call, mut body: JsonMap) -> Result<ObjectId, Failure> {
    admit(call)?;
    body.retain(|_, value| !value.is_null());
    let new: S = typed(body)?;
    new.check()?;
    if call.store.count(&[S::NAME], Liveness::Live).await? >= MOST as u64 {
        let message = format!("A tenant has at most {MOST} objects of type {}.", S::NAME);
        return Err(Failure::new(Fault::Conflict, "Directory_QuotaExceeded", message));
    }
    let attempt = || async {
        let id = call.store.context().new_object_id();
        let mut unit = call.store.unit();
        unit.create(Id::of(id), &new);
        unit.audit(entry(call, &S::ADD, id, (None, Some(&new))));
        Ok::<_, Failure>((unit, id))
    };
    call.store.run(attempt).await.map(|(id, _)| id)
}

async fn update<S: Saved>(call: &Call, id: ObjectId, patch: JsonMap) -> Result<(), Failure> {
    admit(call)?;
    let attempt = || async {
        let found = load::<S>(call, id).await?;
        check_if_match(call, &found)?;
        let new: S = patched(&found.body, patch.clone())?;
        new.check()?;
        let mut unit = call.store.unit();
        unit.update(&found, &new);
        unit.audit(entry(call, &S::UPDATE, id, (Some(&found.body), Some(&new))));
        Ok::<_, Failure>((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}

async fn delete<S: Saved>(call: &Call, id: ObjectId) -> Result<(), Failure> {
    admit(call)?;
    let attempt = || async {
        let found = load::<S>(call, id).await?;
        check_if_match(call, &found)?;
        let mut unit = call.store.unit();
        // Its name is free at once: it has no place in the deleted items.
        unit.delete(&found, call.store.context().new_uuid()).purge(id);
        unit.audit(entry(call, &S::DELETE, id, (Some(&found.body), None)));
        Ok::<_, Failure>((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}

async fn load<S: Saved>(call: &Call, id: ObjectId) -> Result<Arc<Object<S>>, Failure> {
    call.store.find(Id::<S>::of(id)).await?.ok_or_else(|| not_found(id))
}

fn entry<S: Saved>(call: &Call, activity: &Activity, id: ObjectId, (old, new): (Option<&S>, Option<&S>)) -> AuditEntry {
    let name = new.or(old).map(|one| one.name().to_owned()).unwrap_or_default();
    let (old, new) = (old.map(members), new.map(members));
    // A list can be long: that it changed is recorded, not what is in it.
    let changed = modified(old.as_ref(), new.as_ref(), &["rawContent"]);
    let target = Target::new(S::NAME, id, name).with_modified(changed);
    let context = call.store.context();
    success(&call.caller, context.now(), context.new_uuid(), activity, vec![target], &[])
}

fn view(row: &Row) -> Result<JsonMap, Failure> {
    let mut view = wire(row, &[])?;
    view.shift_remove("deletedDateTime");
    Ok(view)
}

/// What is kept for queries, as a type of the directory.
#[derive(Debug)]
pub struct SavedType<S>(PhantomData<fn() -> S>);

/// Functions that queries call.
pub type LogFunctions = SavedType<LogFunction>;

/// Lists that queries compare with.
pub type Watchlists = SavedType<Watchlist>;

impl<S> Default for SavedType<S> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

#[async_trait]
impl<S: Saved> Entity for SavedType<S> {
    fn declaration(&self) -> &'static EntityType {
        S::TYPE
    }

    fn required(&self) -> &'static [&'static str] {
        S::REQUIRED
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        view(row)
    }

    async fn create(&self, call: &Call, body: JsonMap) -> Result<ObjectId, Failure> {
        create::<S>(call, body).await
    }

    async fn update(&self, call: &Call, id: ObjectId, body: JsonMap) -> Result<(), Failure> {
        update::<S>(call, id, body).await
    }

    async fn delete(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        delete::<S>(call, id).await
    }
}
