//! Makes and changes administrative units.

use super::change_members::check_members;
use super::load;
use crate::AdministrativeUnit;
use crate::activities::{ADD_UNIT, UPDATE_UNIT};
use crate::body::{JsonMap, bound, members, patched, typed};
use crate::membership::MEMBERS;
use crate::responsibility::{audited, changes, named_target};
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_store::Id;

/// Creates an administrative unit of a create's members, with those that `members@odata.bind` names.
pub async fn create_administrative_unit(call: &Call, body: JsonMap) -> Result<ObjectId, Failure> {
    let attempt = || async {
        let mut body = body.clone();
        let assigned = bound(&mut body, MEMBERS)?.unwrap_or_default();
        body.retain(|_, value| !value.is_null());
        let new: AdministrativeUnit = typed(body)?;
        new.check(None)?;
        let assigned = check_members(call, &new, &assigned).await?;
        let id = call.store.context().new_object_id();
        let mut unit = call.store.unit();
        unit.create(Id::of(id), &new);
        for member in assigned {
            unit.link(id, MEMBERS, member);
        }
        let target = named_target(id, &new).with_modified(changes(None, Some(&members(&new))));
        unit.audit(audited(call, &ADD_UNIT, vec![target]));
        Ok::<_, Failure>((unit, id))
    };
    call.store.run(attempt).await.map(|(id, _)| id)
}

/// Writes `patch` over the administrative unit `id`.
pub async fn update_administrative_unit(call: &Call, id: ObjectId, patch: JsonMap) -> Result<(), Failure> {
    let attempt = || async {
        let found = load::<AdministrativeUnit>(call, id).await?;
        let next = patched(&found.body, patch.clone())?;
        next.check(Some(&found.body))?;
        let mut unit = call.store.unit();
        unit.update(&found, &next);
        let modified = changes(Some(&members(&found.body)), Some(&members(&next)));
        unit.audit(audited(call, &UPDATE_UNIT, vec![named_target(id, &next).with_modified(modified)]));
        Ok((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}
