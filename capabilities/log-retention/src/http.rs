//! What tenants say, in the directory API.

mod holds;
mod tables;

pub use holds::{LEGAL_HOLD, LegalHolds};
pub use tables::{LOG_TABLE, LogTables};

use serde_json::Value;
use signet_directory::body::{JsonMap, denied, members, not_found};
use signet_graph::{Access, Call, Property};
use signet_kernel::{Failure, ObjectId};
use signet_logs::audit::{Activity, OperationType, Target, modified, success};
use signet_store::{AuditEntry, Id, Kind, Object, Row};
use std::sync::Arc;

const READ: &[&str] = &["LogRetention.Read.All", "LogRetention.ReadWrite.All"];
const WRITE: &[&str] = &["LogRetention.ReadWrite.All"];
const ACCESS: Access = Access { read: READ, create: WRITE, update: WRITE, delete: WRITE };

const fn activity(name: &'static str, operation: OperationType) -> Activity {
    Activity { name, category: "Policy", operation, service: "Agent Identity" }
}

/// WHY: whom the logs watch does not decide how long they are kept.
fn admit(call: &Call) -> Result<(), Failure> {
    let message = "A blueprint and its agents do not decide how long logs are kept; somebody else has to.";
    if call.caller.parent.is_some() { Err(denied(message)) } else { Ok(()) }
}

async fn load<K: Kind>(call: &Call, id: ObjectId) -> Result<Arc<Object<K>>, Failure> {
    call.store.find(Id::<K>::of(id)).await?.ok_or_else(|| not_found(id))
}

fn entry<K: Kind>(
    call: &Call,
    activity: &Activity,
    (id, name): (ObjectId, &str),
    (old, new): (Option<&K>, Option<&K>),
) -> AuditEntry {
    let (old, new) = (old.map(members), new.map(members));
    let target = Target::new(K::NAME, id, name).with_modified(modified(old.as_ref(), new.as_ref(), &[]));
    let context = call.store.context();
    success(&call.caller, context.now(), context.new_uuid(), activity, vec![target], &[])
}

fn view(row: &Row, properties: &[Property]) -> Result<JsonMap, Failure> {
    let mut view: JsonMap = serde_json::from_slice(&row.body).map_err(Failure::bug)?;
    view.retain(|name, _| properties.iter().any(|property| property.name == name));
    view.insert("id".to_owned(), row.id.to_string().into());
    view.insert("createdDateTime".to_owned(), Value::from(row.created.to_string()));
    Ok(view)
}
