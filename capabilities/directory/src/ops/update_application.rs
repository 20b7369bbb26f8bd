//! Changes an application.

use super::load;
use crate::body::JsonMap;
use crate::responsibility::Thing;
use crate::{Application, audit_change};
use signet_alerts::Raised;
use signet_credentials::OwnAddresses;
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_store::UnitOfWork;

/// Writes `patch` over the application `id`.
pub async fn update_application(call: &Call, own: &OwnAddresses, id: ObjectId, patch: JsonMap) -> Result<(), Failure> {
    let (raised, _) = call.store.run(|| attempt(call, own, id, patch.clone())).await?;
    if let Some(raised) = raised {
        raised.tell();
    }
    Ok(())
}

async fn attempt(
    call: &Call,
    own: &OwnAddresses,
    id: ObjectId,
    patch: JsonMap,
) -> Result<(UnitOfWork, Option<Raised>), Failure> {
    let found = load::<Application>(call, id).await?;
    let thing = Thing::of(&found);
    let change = found.body.change(call, own, &thing, patch).await?;

    let mut unit = call.store.unit();
    unit.update(&found, &change.application);
    change.void_tokens(&mut unit, id);
    let raised = audit_change(call, &mut unit, &thing, &found.body, &change.application).await?;
    Ok((unit, raised))
}
