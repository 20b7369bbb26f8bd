//! The wire: `/v1/workspaces/{tenant}/query`, `/metadata` and `/v1/$batch`, as azure-monitor-query sends them.

mod batch;
mod errors;
mod metadata;
mod query;

pub(crate) use errors::status;

use crate::ask::LogQueries;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use axum::routing::{get, post};
use errors::Refused;
use serde_json::Value;
use signet_kernel::{Caller, Origin};
use signet_store::TenantStore;
use signet_web::{Arrival, body, no_store};

/// What it takes to read the logs.
const READ: &str = "AuditLog.Read.All";
/// How much of the body of a caller that is not known is received.
const PASSED_OVER: usize = 16 << 10;

/// The routes.
pub fn routes(queries: LogQueries) -> Router {
    Router::new()
        .route("/v1/workspaces/{tenant}/query", post(ask).get(ask))
        .route("/v1/workspaces/{tenant}/metadata", get(describe).post(describe))
        .route("/v1/$batch", post(ask_many))
        .with_state(queries)
}

/// Who asks, and the tenant's part of the store.
struct Known {
    caller: Caller,
    store: TenantStore,
}

impl Known {
    /// INVARIANT 11: a workspace is the caller's own tenant; of any other nobody learns whether it exists.
    fn may_read(&self, workspace: &str) -> Result<(), Refused> {
        let own = workspace.parse() == Ok(self.caller.tenant);
        if own && self.caller.holds_any(&[READ]) { Ok(()) } else { Err(Refused::no_access()) }
    }
}

/// Finds out who asks. What it sent is read either way, so that it can come back on the same connection.
async fn known(
    queries: &LogQueries,
    headers: &HeaderMap,
    origin: Origin,
    sent: Body,
) -> Result<(Known, Result<bytes::Bytes, signet_kernel::Failure>), Refused> {
    match queries.authenticate.authenticate(headers, origin).await {
        Ok((caller, store)) => Ok((Known { caller, store }, body::read(sent, body::DEFAULT_LIMIT).await)),
        Err(unknown) => {
            let _ = body::read(sent, PASSED_OVER).await;
            Err(Refused::unknown(unknown))
        }
    }
}

async fn ask(
    State(queries): State<LogQueries>,
    Path(workspace): Path<String>,
    RawQuery(parameters): RawQuery,
    arrival: Arrival,
    request: Request<Body>,
) -> Response<Body> {
    let (parts, sent) = request.into_parts();
    let origin = arrival.origin(&parts.headers);
    let done = async {
        let (known, sent) = known(&queries, &parts.headers, origin.clone(), sent).await?;
        known.may_read(&workspace)?;
        let wanted = query::Wanted::of(&parts.headers);
        let question = match parts.method {
            Method::GET => query::from_parameters(parameters.as_deref().unwrap_or_default())?,
            _ => query::from_body(&sent?, &known.caller)?,
        };
        query::answer(&queries, &known, question, wanted).await
    };
    answered(done.await, &origin)
}

async fn describe(
    State(queries): State<LogQueries>,
    Path(workspace): Path<String>,
    arrival: Arrival,
    request: Request<Body>,
) -> Response<Body> {
    let (parts, sent) = request.into_parts();
    let origin = arrival.origin(&parts.headers);
    let done = async {
        let (known, _) = known(&queries, &parts.headers, origin.clone(), sent).await?;
        known.may_read(&workspace)?;
        Ok(metadata::of(known.caller.tenant))
    };
    answered(done.await, &origin)
}

async fn ask_many(State(queries): State<LogQueries>, arrival: Arrival, request: Request<Body>) -> Response<Body> {
    let (parts, sent) = request.into_parts();
    let origin = arrival.origin(&parts.headers);
    let done = async {
        let (known, sent) = known(&queries, &parts.headers, origin.clone(), sent).await?;
        batch::answer(&queries, &known, &sent?, &origin).await
    };
    answered(done.await, &origin)
}

fn answered(done: Result<Value, Refused>, origin: &Origin) -> Response<Body> {
    match done {
        Ok(answer) => json(StatusCode::OK, &answer),
        Err(refused) => refused.answer(origin),
    }
}

fn json(status: StatusCode, answer: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(serde_json::to_vec(answer).unwrap_or_default()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    no_store(response.headers_mut());
    response
}
