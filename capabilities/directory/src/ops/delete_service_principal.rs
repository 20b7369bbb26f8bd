//! Takes an application's presence out of the tenant.

use super::lifecycle::delete_in;
use super::load;
use crate::ServicePrincipal;
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};

/// Soft-deletes the service principal `id`; never the directory API's own.
pub async fn delete_service_principal(call: &Call, id: ObjectId) -> Result<(), Failure> {
    let attempt = || async {
        let found = load::<ServicePrincipal>(call, id).await?;
        found.body.refuse_if_directory()?;
        let mut unit = call.store.unit();
        delete_in(call, &mut unit, &found).await?;
        Ok((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}
