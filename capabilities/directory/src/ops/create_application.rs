//! Registers an application.

use crate::Application;
use crate::body::{JsonMap, bound, members};
use crate::responsibility::{OWNERS, Thing, audited, changes, check_owners, link_people, target_with};
use signet_credentials::OwnAddresses;
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_logs::audit::activities::ADD_APPLICATION;
use signet_store::{Id, UnitOfWork};

/// Creates an application of a create's members, owned by those that `owners@odata.bind` names.
pub async fn create_application(call: &Call, own: &OwnAddresses, body: JsonMap) -> Result<ObjectId, Failure> {
    call.store.run(|| attempt(call, own, body.clone())).await.map(|(id, _)| id)
}

async fn attempt(call: &Call, own: &OwnAddresses, mut body: JsonMap) -> Result<(UnitOfWork, ObjectId), Failure> {
    let owners = bound(&mut body, OWNERS)?.unwrap_or_default();
    let owners = check_owners(&call.store, &owners).await?;
    let id = call.store.context().new_object_id();
    let application = Application::create(call, own, id, body).await?;

    let mut unit = call.store.unit();
    unit.create(Id::of(id), &application);
    link_people(&mut unit, id, &[], &owners);
    let target = target_with(&Thing::new(id, &application), []);
    unit.audit(audited(
        call,
        &ADD_APPLICATION,
        vec![target.with_modified(changes(None, Some(&members(&application))))],
    ));
    Ok((unit, id))
}
