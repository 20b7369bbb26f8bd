//! One handler for the whole directory: authenticate, understand the path, do what the method asks.

use crate::catalog::Catalog;
use crate::entity::{Call, Entity};
use crate::page_token::PageTokens;
use crate::place::locate;
use crate::serve::{Request, Serving};
use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, Response, Uri, header};
use signet_kernel::{Caller, Failure, Fault, Origin};
use signet_store::TenantStore;
use signet_web::{Arrival, RequestOrigin, dialect};
use std::sync::Arc;

/// A request that opens no door, and what its sender is told to do.
#[derive(Debug, Clone)]
pub struct Unauthenticated {
    /// The answer.
    pub failure: Failure,
    /// The challenge.
    pub www_authenticate: String,
}

/// Who lets callers in.
#[async_trait]
pub trait Authenticate: Send + Sync + 'static {
    /// The caller, and the only part of the store that it can see.
    async fn authenticate(&self, headers: &HeaderMap, origin: Origin)
    -> Result<(Caller, TenantStore), Unauthenticated>;
}

/// A write that was refused, for the audit trail.
#[derive(Debug, Clone)]
pub struct RefusedWrite<'a> {
    /// Who tried.
    pub caller: &'a Caller,
    /// The method.
    pub method: &'a Method,
    /// The path.
    pub path: &'a str,
    /// Why not.
    pub failure: &'a Failure,
}

/// What the router needs besides the types.
pub struct GraphOptions {
    /// The URL that clients use, without a trailing slash: the start of every link.
    pub public_url: String,
    /// Authenticates page tokens. Fresh at every start: page tokens do not outlive the process.
    pub page_token_key: [u8; 32],
    /// Who lets callers in.
    pub authenticate: Arc<dyn Authenticate>,
    /// Told of every write that is refused to somebody who was let in.
    pub on_refused_write: Arc<dyn Fn(RefusedWrite<'_>) + Send + Sync>,
}

pub(crate) struct Graph {
    pub(crate) catalog: Catalog,
    pub(crate) tokens: PageTokens,
    options: GraphOptions,
}

/// The directory API under `/v1.0` and `/beta`.
pub fn router(entities: Vec<Arc<dyn Entity>>, options: GraphOptions) -> Router {
    let tokens = PageTokens::new(&options.page_token_key);
    let graph = Arc::new(Graph { catalog: Catalog::new(entities), tokens, options });
    Router::new()
        .route("/v1.0/{*path}", axum::routing::any(handle))
        .route("/beta/{*path}", axum::routing::any(handle))
        .with_state(graph)
}

async fn handle(
    State(graph): State<Arc<Graph>>,
    method: Method,
    uri: Uri,
    arrival: Arrival,
    RequestOrigin(origin): RequestOrigin,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    match graph.options.authenticate.authenticate(&headers, origin.clone()).await {
        Err(refused) => {
            let mut response = dialect::graph(&refused.failure, &origin, arrival.at);
            if let Ok(value) = HeaderValue::try_from(refused.www_authenticate) {
                response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
            }
            response
        }
        Ok((caller, store)) => {
            let answer = serve(&graph, (caller.clone(), store), &method, &uri, &headers, body).await;
            answer.unwrap_or_else(|failure| {
                if !method.is_safe() && failure.fault != Fault::Method {
                    let refused =
                        RefusedWrite { caller: &caller, method: &method, path: uri.path(), failure: &failure };
                    (graph.options.on_refused_write)(refused);
                }
                let mut response = dialect::graph(&failure, &origin, arrival.at);
                if failure.fault == Fault::Method {
                    dialect::set_allow(
                        response.headers_mut(),
                        &[Method::GET, Method::POST, Method::PATCH, Method::DELETE],
                    );
                }
                response
            })
        }
    }
}

async fn serve(
    graph: &Graph,
    (caller, store): (Caller, TenantStore),
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response<Body>, Failure> {
    let (version, path) = uri.path().trim_start_matches('/').split_once('/').unwrap_or(("v1.0", ""));
    let beta = version == "beta";
    let place = locate(&graph.catalog, path, beta)?;
    let call = Call {
        caller,
        store,
        base_url: format!("{}/{version}", graph.options.public_url),
        if_match: if_match(headers)?,
    };
    let request = Request { method, path, query: uri.query().unwrap_or(""), headers, beta };
    Serving { graph, call, request }.serve(place, body).await
}

/// The version in `If-Match`; none for `*` and for no header.
fn if_match(headers: &HeaderMap) -> Result<Option<u64>, Failure> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let version = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).and_then(|text| text.parse().ok());
    version.map(Some).ok_or_else(|| {
        Failure::new(
            Fault::Input,
            "Request_BadRequest",
            "If-Match holds an ETag that this API has answered, in quotes.",
        )
        .with_target("If-Match")
    })
}
