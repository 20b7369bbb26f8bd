//! Adds a person.

use crate::User;
use crate::body::{JsonMap, members, typed};
use crate::creation::sign;
use crate::responsibility::{Thing, audited, changes, target_with};
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_logs::audit::activities::ADD_USER;
use signet_store::{Id, UnitOfWork};

/// Creates a user of a create's members. That the sign-in name is free, the store checks.
pub async fn create_user(call: &Call, body: JsonMap) -> Result<ObjectId, Failure> {
    call.store.run(|| attempt(call, &body)).await.map(|(id, _)| id)
}

async fn attempt(call: &Call, body: &JsonMap) -> Result<(UnitOfWork, ObjectId), Failure> {
    User::refuse_password(body)?;
    let mut body = body.clone();
    body.retain(|_, value| !value.is_null());
    sign(&mut body, &call.caller);
    let user: User = typed(body)?;
    user.check()?;

    let id = call.store.context().new_object_id();
    let mut unit = call.store.unit();
    unit.create(Id::of(id), &user);
    let target = target_with(&Thing::new(id, &user), []).with_user_principal_name(&user.user_principal_name);
    unit.audit(audited(call, &ADD_USER, vec![target.with_modified(changes(None, Some(&members(&user))))]));
    Ok((unit, id))
}
