//! The read side, as tlog-tiles lays it out, with proofs beside it. Only for readers of the tenant's audit records, since
//! sizes tell what a tenant does; a tenant's log that is published is for everybody.

mod access;
mod proofs;
mod tiles;

pub use access::Access;

use crate::logs::TransparencyLogs;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Response, header};
use axum::routing::get;
use signet_record::Record;
use std::sync::Arc;

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct Api {
    logs: TransparencyLogs,
    record: Record,
    access: Arc<Access>,
}

/// The routes of every tenant's log.
pub fn routes(logs: TransparencyLogs, record: Record, access: Access) -> Router {
    Router::new()
        .route("/{tenant}/log/checkpoint", get(tiles::checkpoint))
        .route("/{tenant}/log/key", get(tiles::key))
        .route("/{tenant}/log/tile/{*path}", get(tiles::tile))
        .route("/{tenant}/log/proof", get(proofs::inclusion))
        .route("/{tenant}/log/consistency", get(proofs::consistency))
        .with_state(Api { logs, record, access: Arc::new(access) })
}

/// How long an answer may be kept.
#[derive(Clone, Copy)]
enum Keep {
    /// It never changes.
    Forever,
    /// It is asked for again.
    No,
}

fn answer(body: impl Into<Body>, media_type: &'static str, keep: Keep, published: bool) -> Response<Body> {
    let mut response = Response::new(body.into());
    let kept = match (keep, published) {
        (Keep::No, _) => "no-cache",
        // SPEC: tlog-tiles, parameters: tiles are immutable
        (Keep::Forever, true) => "public, max-age=31536000, immutable",
        (Keep::Forever, false) => "private, max-age=31536000, immutable",
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}
