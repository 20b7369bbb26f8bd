//! The read side, as tlog-tiles lays it out, with proofs beside it. Only for readers of the tenant's audit records, since
//! sizes tell what a tenant does; a tenant's log that is published is for everybody.

mod access;
mod proofs;
mod tiles;

pub use access::Access;

use crate::logs::TransparencyLogs;
use access::{Readable, Refused};
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, RawQuery};
use axum::http::{HeaderMap, HeaderValue, Response, header};
use axum::routing::get;
use serde::Deserialize;
use signet_record::Record;
use signet_web::{Arrival, RequestOrigin};
use std::sync::Arc;

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct Api {
    logs: TransparencyLogs,
    record: Record,
    access: Arc<Access>,
}

/// What a request names, and who asks.
pub(crate) type Asked = (Path<Named>, RawQuery, Arrival, RequestOrigin, HeaderMap);

/// The parts of a path that are not fixed.
#[derive(Debug, Deserialize)]
pub(crate) struct Named {
    tenant: String,
    /// Of a tile.
    #[serde(default)]
    path: String,
}

/// What is asked for, of a log that may be read.
struct Wanted {
    readable: Readable,
    path: String,
    query: Option<String>,
}

impl Api {
    /// Answers who may read the log with what is found, and everybody else without looking.
    async fn answer<F>(self, asked: Asked, find: impl FnOnce(Self, Wanted) -> F + Send) -> Response<Body>
    where
        F: Future<Output = Result<Response<Body>, Refused>> + Send,
    {
        let (Path(named), RawQuery(query), arrival, RequestOrigin(origin), headers) = asked;
        let found = match self.access.admit(&self.logs, &named.tenant, (&headers, &origin)).await {
            Ok(readable) => find(self.clone(), Wanted { readable, path: named.path, query }).await,
            Err(refused) => Err(refused),
        };
        found.unwrap_or_else(|refused| refused.answer(&origin, arrival.at))
    }
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
