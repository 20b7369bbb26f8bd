//! Checkpoint, tiles and entry bundles: `checkpoint`, `tile/<level>/<place>`, `tile/entries/<place>`.

use super::access::{Readable, Refused, not_found};
use super::{Api, Keep, answer};
use crate::prove::ProveError;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response};
use signet_kernel::{Failure, Origin};
use signet_tlog::{BundleAddress, Signer as _, TileAddress};
use signet_web::{Arrival, RequestOrigin};

const TEXT: &str = "text/plain; charset=utf-8";
const OCTETS: &str = "application/octet-stream";

pub(super) async fn checkpoint(
    State(api): State<Api>,
    Path(tenant): Path<String>,
    arrival: Arrival,
    RequestOrigin(origin): RequestOrigin,
    headers: HeaderMap,
) -> Response<Body> {
    let found = async {
        let readable = api.access.admit(&api.logs, &tenant, (&headers, &origin)).await?;
        let stored = api.logs.checkpoint(readable.tenant).await.map_err(Failure::from)?;
        let stored = stored.ok_or_else(|| Failure::from(ProveError::Unsigned))?;
        Ok::<_, Refused>(answer(stored.note, TEXT, Keep::No, readable.published))
    };
    found.await.unwrap_or_else(|refused| refused.answer(&origin, arrival.at))
}

pub(super) async fn key(
    State(api): State<Api>,
    Path(tenant): Path<String>,
    arrival: Arrival,
    RequestOrigin(origin): RequestOrigin,
    headers: HeaderMap,
) -> Response<Body> {
    let found = async {
        let readable = api.access.admit(&api.logs, &tenant, (&headers, &origin)).await?;
        let epoch = api.logs.epoch(readable.tenant).ok_or_else(not_found)?;
        let key = api.logs.key(readable.tenant, epoch)?;
        Ok::<_, Refused>(answer(format!("{}\n", key.key()), TEXT, Keep::No, readable.published))
    };
    found.await.unwrap_or_else(|refused| refused.answer(&origin, arrival.at))
}

pub(super) async fn tile(
    State(api): State<Api>,
    Path((tenant, path)): Path<(String, String)>,
    arrival: Arrival,
    RequestOrigin(origin): RequestOrigin,
    headers: HeaderMap,
) -> Response<Body> {
    find(&api, &tenant, &path, (&headers, &origin)).await.unwrap_or_else(|refused| refused.answer(&origin, arrival.at))
}

async fn find(api: &Api, tenant: &str, path: &str, who: (&HeaderMap, &Origin)) -> Result<Response<Body>, Refused> {
    let Readable { tenant, published } = api.access.admit(&api.logs, tenant, who).await?;
    let path = format!("tile/{path}");
    let found = if let Ok(address) = path.parse::<BundleAddress>() {
        api.logs.bundle(tenant, address).await.map_err(Failure::from)?
    } else {
        let address: TileAddress = path.parse().map_err(|_| not_found())?;
        api.logs.tile(tenant, address).await.map_err(Failure::from)?
    };
    Ok(answer(found.ok_or_else(not_found)?, OCTETS, Keep::Forever, published))
}
