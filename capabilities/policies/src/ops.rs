//! What can be done, one file for each kind of policy.

mod app_management;
mod grant_policies;
mod tenant_policies;

pub(crate) use app_management::{create_app_management, delete_app_management, update_app_management};
pub(crate) use grant_policies::{
    Sets, add_set, change_set, create_grant_policy, delete_grant_policy, remove_set, update_grant_policy,
};
pub(crate) use tenant_policies::{update_authorization, update_default_app_management};

use serde_json::Value;
use signet_credentials::Described;
use signet_directory::body::{denied, members, not_found};
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_logs::audit::{Activity, Target};
use signet_store::{AuditEntry, Id, Kind, Object};
use std::sync::Arc;

/// WHY: policies bound blueprints and agents, whatever they were granted.
fn refuse_agents(call: &Call) -> Result<(), Failure> {
    match call.caller.parent {
        Some(_) => Err(denied("A blueprint and its agents change no policy; somebody else has to.")),
        None => Ok(()),
    }
}

async fn load<K: Kind>(call: &Call, id: ObjectId) -> Result<Arc<Object<K>>, Failure> {
    call.store.find(Id::<K>::of(id)).await?.ok_or_else(|| not_found(id))
}

/// The entry of a write to a policy.
fn entry<K: Described>(
    call: &Call,
    activity: &Activity,
    id: ObjectId,
    before: Option<&K>,
    after: Option<&K>,
) -> AuditEntry {
    let name = after.or(before).map(Described::display_name).unwrap_or_default();
    let (old, new) = (before.map(members), after.map(members));
    let changes = signet_directory::responsibility::changes(old.as_ref(), new.as_ref());
    let target = Target::new(K::NAME, id, name).with_modified(changes);
    signet_directory::responsibility::audited(call, activity, vec![target])
}

/// Without nulls, which say nothing in a create.
fn without_nulls(mut body: signet_graph::JsonMap) -> signet_graph::JsonMap {
    body.retain(|_, value| !value.is_null());
    body
}

fn text<'v>(body: &'v signet_graph::JsonMap, name: &str) -> Option<&'v str> {
    body.get(name).and_then(Value::as_str)
}
