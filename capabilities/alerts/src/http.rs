//! `alert` in the directory API.

use crate::Alert;
use async_trait::async_trait;
use serde_json::Value;
use signet_graph::{Access, Call, Entity, EntityType, JsonMap, Property, PropertyType};
use signet_kernel::{Failure, Fault, ObjectId};
use signet_logs::audit::{self, Activity, OperationType, Target};
use signet_store::{Id, Kind, Row};

/// The permissions over alerts and over what raises them and hands them on: name, what it allows, and the id that the
/// vendor published, where it did.
#[rustfmt::skip]
pub const PERMISSIONS: &[(&str, &str, Option<u128>)] = &[
    ("CustomDetection.Read.All", "Read alert rules", Some(0x673a007a_9e0f_4c97_b066_3c0164486909)),
    ("CustomDetection.ReadWrite.All", "Write what alerts are raised by: rules, functions, watchlists; and see through them what is in the logs", Some(0xe0fd9c8d_a12e_4cc9_9827_20c8c3cd6fb8)),
    ("LogExport.ReadWrite.All", "Read, send again and drop what receivers of exports refused", None),
    ("SecurityEvents.Read.All", "Read alerts", Some(0xbf394140_e372_4bf9_a898_299cfc7564e5)),
    ("SecurityEvents.ReadWrite.All", "Read alerts and say what became of them", Some(0xd903a879_88e0_4c09_b0c9_82f6a1333f84)),
];

const READ: &[&str] = &["SecurityEvents.Read.All", "SecurityEvents.ReadWrite.All"];
const WRITE: &[&str] = &["SecurityEvents.ReadWrite.All"];

const UPDATE: Activity = Activity {
    name: "Update alert",
    category: crate::CATEGORY,
    operation: OperationType::Update,
    service: "Agent Identity",
};

const PROPERTIES: &[Property] = &[
    Property::new("title", PropertyType::String(256)).read_only().searched(),
    Property::new("description", PropertyType::String(1024)).read_only().searched(),
    Property::new("category", PropertyType::String(64)).read_only().indexed(),
    Property::new("severity", PropertyType::String(16)).read_only(),
    Property::new("status", PropertyType::String(16)),
    Property::new(Alert::SUBJECT, PropertyType::Guid).read_only().indexed(),
    Property::new("actor", PropertyType::Guid).read_only(),
    Property::new("createdDateTime", PropertyType::DateTime).read_only(),
];

/// `alert`.
pub const ALERT: EntityType = EntityType {
    name: Alert::NAME,
    base: None,
    set: "security/alerts",
    kind: Some(Alert::NAME),
    properties: PROPERTIES,
    incompatible: &[],
    incompatible_code: "Request_BadRequest",
    alternate_keys: &[],
    access: Access { read: READ, create: &[], update: WRITE, delete: &[] },
    beta_only: false,
};

/// Alerts, as a type of the directory.
#[derive(Debug, Clone, Copy)]
pub struct Alerts;

#[async_trait]
impl Entity for Alerts {
    fn declaration(&self) -> &'static EntityType {
        &ALERT
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        let mut view: JsonMap = serde_json::from_slice(&row.body).map_err(Failure::bug)?;
        view.insert("id".to_owned(), row.id.to_string().into());
        view.insert("createdDateTime".to_owned(), row.created.to_string().into());
        Ok(view)
    }

    async fn update(&self, call: &Call, id: ObjectId, body: JsonMap) -> Result<(), Failure> {
        let Some(status) = body.get("status") else { return Ok(()) };
        set_status(call, id, status).await
    }
}

async fn set_status(call: &Call, id: ObjectId, status: &Value) -> Result<(), Failure> {
    if call.caller.parent.is_some() {
        let message = "A blueprint and its agents do not say what becomes of an alert; somebody else has to.";
        return Err(Failure::new(Fault::Rights, "Authorization_RequestDenied", message));
    }
    let wrong = |_| {
        let message = "'status' is newAlert, inProgress or resolved.";
        Failure::new(Fault::Input, "Request_BadRequest", message).with_target("status")
    };
    let status = serde_json::from_value(status.clone()).map_err(wrong)?;
    let attempt = || async {
        let found = call.store.find(Id::<Alert>::of(id)).await?;
        let found = found.ok_or_else(|| {
            let message = format!("Resource '{id}' does not exist.");
            Failure::new(Fault::NotFound, "Request_ResourceNotFound", message)
        })?;
        let alert = Alert { status, ..found.body.clone() };
        let mut unit = call.store.unit();
        unit.update(&found, &alert);
        let map = |alert: &Alert| JsonMap::from_iter([("status".to_owned(), serde_json::json!(alert.status))]);
        let modified = audit::modified(Some(&map(&found.body)), Some(&map(&alert)), &[]);
        let target = Target::new(Alert::NAME, id, alert.title).with_modified(modified);
        let context = call.store.context();
        unit.audit(audit::success(&call.caller, context.now(), context.new_uuid(), &UPDATE, vec![target], &[]));
        Ok::<_, Failure>((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}
