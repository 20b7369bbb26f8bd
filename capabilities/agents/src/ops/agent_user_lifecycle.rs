//! Deleting, restoring and purging an agent user by itself; with its agent identity it goes and comes back unasked.

use super::agent_user_trail::target;
use crate::{AgentUser, reach};
use signet_directory::body::not_found;
use signet_directory::check_if_match;
use signet_directory::responsibility::audited;
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_logs::audit::activities::{DELETE_USER, HARD_DELETE_USER, RESTORE_USER};
use signet_store::{Id, Object};
use std::sync::Arc;

/// Soft-deletes it, and voids what was issued to it.
pub async fn delete_agent_user(call: &Call, id: ObjectId) -> Result<(), Failure> {
    let attempt = || async {
        let found = call.store.find(Id::<AgentUser>::of(id)).await?.ok_or_else(|| not_found(id))?;
        reach::require(&call.caller, found.body.blueprint_app_id)?;
        check_if_match(call, &found)?;
        let mut unit = call.store.unit();
        unit.delete(&found, call.store.context().new_uuid());
        unit.audit(audited(call, &DELETE_USER, vec![target(call, &found).await?]));
        Ok((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}

/// Brings it back under its living agent identity. No token is revived.
pub async fn restore_agent_user(call: &Call, id: ObjectId) -> Result<(), Failure> {
    let attempt = || async {
        let found = deleted(call, id).await?;
        let mut unit = call.store.unit();
        unit.restore(id);
        unit.audit(audited(call, &RESTORE_USER, vec![target(call, &found).await?]));
        Ok((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}

/// Removes it for good. Its agent identity may then have another.
pub async fn purge_agent_user(call: &Call, id: ObjectId) -> Result<(), Failure> {
    let attempt = || async {
        let found = deleted(call, id).await?;
        let mut unit = call.store.unit();
        unit.purge(id);
        unit.audit(audited(call, &HARD_DELETE_USER, vec![target(call, &found).await?]));
        Ok((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}

async fn deleted(call: &Call, id: ObjectId) -> Result<Arc<Object<AgentUser>>, Failure> {
    let found = call.store.find_any(Id::<AgentUser>::of(id)).await?.filter(|found| found.deleted.is_some());
    let found = found.ok_or_else(|| not_found(id))?;
    reach::require(&call.caller, found.body.blueprint_app_id)?;
    Ok(found)
}
