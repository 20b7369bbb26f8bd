//! Checkpoint, tiles and entry bundles: `checkpoint`, `tile/<level>/<place>`, `tile/entries/<place>`.

use super::access::not_found;
use super::{Api, Asked, Keep, answer};
use crate::prove::ProveError;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use signet_kernel::Failure;
use signet_tlog::{BundleAddress, Signer as _, TileAddress};

const TEXT: &str = "text/plain; charset=utf-8";
const OCTETS: &str = "application/octet-stream";

pub(super) async fn checkpoint(State(api): State<Api>, asked: Asked) -> Response<Body> {
    api.answer(asked, |api, wanted| async move {
        let stored = api.logs.checkpoint(wanted.readable.tenant).await.map_err(Failure::from)?;
        let stored = stored.ok_or_else(|| Failure::from(ProveError::Unsigned))?;
        Ok(answer(stored.note, TEXT, Keep::No, wanted.readable.published))
    })
    .await
}

pub(super) async fn key(State(api): State<Api>, asked: Asked) -> Response<Body> {
    api.answer(asked, |api, wanted| async move {
        let epoch = api.logs.epoch(wanted.readable.tenant).ok_or_else(not_found)?;
        let key = api.logs.key(wanted.readable.tenant, epoch)?;
        Ok(answer(format!("{}\n", key.key()), TEXT, Keep::No, wanted.readable.published))
    })
    .await
}

pub(super) async fn tile(State(api): State<Api>, asked: Asked) -> Response<Body> {
    api.answer(asked, |api, wanted| async move {
        let (tenant, path) = (wanted.readable.tenant, format!("tile/{}", wanted.path));
        let found = if let Ok(address) = path.parse::<BundleAddress>() {
            api.logs.bundle(tenant, address).await.map_err(Failure::from)?
        } else {
            let address: TileAddress = path.parse().map_err(|_| not_found())?;
            api.logs.tile(tenant, address).await.map_err(Failure::from)?
        };
        Ok(answer(found.ok_or_else(not_found)?, OCTETS, Keep::Forever, wanted.readable.published))
    })
    .await
}
