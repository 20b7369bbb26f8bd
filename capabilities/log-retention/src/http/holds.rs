//! `legalHold` in the directory API.

use super::{ACCESS, activity, admit, entry, load, view};
use crate::hold::LegalHold;
use async_trait::async_trait;
use signet_directory::body::{JsonMap, bad_request, patched, typed};
use signet_directory::check_if_match;
use signet_graph::{Call, Entity, EntityType, Property, PropertyType};
use signet_kernel::{Failure, Fault, ObjectId};
use signet_logs::audit::{Activity, OperationType};
use signet_store::{Id, Kind, Liveness, Row};

const SET: Activity = activity("Set legal hold", OperationType::Add);
const UPDATE: Activity = activity("Update legal hold", OperationType::Update);
const RELEASE: Activity = activity("Release legal hold", OperationType::Delete);
/// What may be said anew of a hold: nothing of what it holds.
const WORDS: [&str; 2] = ["displayName", "reason"];

const PROPERTIES: &[Property] = &[
    Property::new("displayName", PropertyType::String(256)).indexed(),
    Property::new("caseId", PropertyType::String(128)).indexed(),
    Property::new("reason", PropertyType::String(1024)),
    Property::new("tables", PropertyType::Strings),
    Property::new("principalId", PropertyType::Guid),
    Property::new("fromDateTime", PropertyType::DateTime),
    Property::new("toDateTime", PropertyType::DateTime),
    Property::new("setBy", PropertyType::Guid).read_only(),
    Property::new("createdDateTime", PropertyType::DateTime).read_only(),
];

/// `legalHold`.
pub const LEGAL_HOLD: EntityType = EntityType {
    name: LegalHold::NAME,
    base: None,
    set: "security/legalHolds",
    kind: Some(LegalHold::NAME),
    properties: PROPERTIES,
    incompatible: &[],
    incompatible_code: "Request_BadRequest",
    alternate_keys: &[],
    access: ACCESS,
    beta_only: false,
};

/// Legal holds, as a type of the directory.
#[derive(Debug, Clone, Copy)]
pub struct LegalHolds;

#[async_trait]
impl Entity for LegalHolds {
    fn declaration(&self) -> &'static EntityType {
        &LEGAL_HOLD
    }

    fn required(&self) -> &'static [&'static str] {
        &["displayName", "caseId", "reason"]
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        view(row, PROPERTIES)
    }

    async fn create(&self, call: &Call, mut body: JsonMap) -> Result<ObjectId, Failure> {
        admit(call)?;
        body.retain(|_, value| !value.is_null());
        let new = LegalHold { set_by: Some(call.caller.object), ..typed(body)? };
        new.check()?;
        if call.store.count(&[LegalHold::NAME], Liveness::Live).await? >= LegalHold::MOST as u64 {
            let message = format!("A tenant has at most {} legal holds.", LegalHold::MOST);
            return Err(Failure::new(Fault::Conflict, "Directory_QuotaExceeded", message));
        }
        let attempt = || async {
            let id = call.store.context().new_object_id();
            let mut unit = call.store.unit();
            new.set(&call.store, &mut unit, Id::of(id)).await?;
            unit.audit(entry(call, &SET, (id, &new.display_name), (None, Some(&new))));
            Ok::<_, Failure>((unit, id))
        };
        call.store.run(attempt).await.map(|(id, _)| id)
    }

    async fn update(&self, call: &Call, id: ObjectId, patch: JsonMap) -> Result<(), Failure> {
        admit(call)?;
        if let Some(name) = patch.keys().find(|name| !WORDS.contains(&name.as_str())) {
            let message = "What a hold holds is not changed: set another, then release this one.";
            return Err(bad_request(name, message));
        }
        let attempt = || async {
            let found = load::<LegalHold>(call, id).await?;
            check_if_match(call, &found)?;
            let new: LegalHold = patched(&found.body, patch.clone())?;
            new.check()?;
            let mut unit = call.store.unit();
            unit.update(&found, &new);
            unit.audit(entry(call, &UPDATE, (id, &new.display_name), (Some(&found.body), Some(&new))));
            Ok::<_, Failure>((unit, ()))
        };
        call.store.run(attempt).await.map(drop)
    }

    /// Releases it: from here on what it held leaves as its table's records do.
    async fn delete(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        admit(call)?;
        let attempt = || async {
            let found = load::<LegalHold>(call, id).await?;
            check_if_match(call, &found)?;
            let mut unit = call.store.unit();
            unit.delete(&found, call.store.context().new_uuid()).purge(id);
            unit.audit(entry(call, &RELEASE, (id, &found.body.display_name), (Some(&found.body), None)));
            Ok::<_, Failure>((unit, ()))
        };
        call.store.run(attempt).await.map(drop)
    }
}
