//! The router with what surrounds every request.

use crate::arrival::{Arrival, CLIENT_REQUEST_ID, Peer};
use crate::dialect::{self, Wording};
use crate::traffic::Traffic;
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use bytes::Bytes;
use futures_util::FutureExt;
use signet_kernel::{Context, Failure, Origin};
use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tower::Service;
use tracing::{Instrument, Span};
use uuid::Uuid;

static REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// Headers that every answer gets, at most, and the `Date` that the connection adds.
const STAMPED: usize = 6;

/// A router ready to be served: gives each request its [`Arrival`] and each answer its ids and security headers.
#[derive(Clone)]
pub struct Front {
    router: Router,
    context: Context,
    traffic: Option<Traffic>,
    wording: Arc<Wording>,
    spans: Option<Arc<SpanOf>>,
}

/// Makes the span that a request runs in, from what is known when it arrives. The front records
/// `http.response.status_code` in it, and `otel.status_code` if that is a 5xx.
pub type SpanOf = dyn Fn(&Arrival, &Method, &HeaderMap) -> Span + Send + Sync;

/// What a connection adds to the answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    /// How long a handler may take.
    pub(crate) within: Duration,
    /// Whether to tell browsers to stay with TLS.
    pub(crate) strict_transport: bool,
}

impl std::fmt::Debug for Front {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Front").field("router", &self.router).finish_non_exhaustive()
    }
}

impl Front {
    /// Serves `router`, whose unknown paths and methods are answered in the directory API's dialect.
    pub fn new(router: Router, context: Context) -> Self {
        Self {
            router: dialect::with_fallbacks(router),
            context,
            traffic: None,
            wording: Arc::new(|_, failure, origin, now| dialect::graph(failure, origin, now)),
            spans: None,
        }
    }

    /// Runs each request in a span. Without it there is none, and nothing is spent on it.
    #[must_use]
    pub fn with_spans(mut self, of: Arc<SpanOf>) -> Self {
        self.spans = Some(of);
        self
    }

    /// Words what no handler has answered in the dialect of the path: handlers that took too long or panicked.
    #[must_use]
    pub fn with_wording(mut self, wording: Arc<Wording>) -> Self {
        self.wording = wording;
        self
    }

    /// Counts and times requests.
    #[must_use]
    pub fn with_traffic(mut self, traffic: Traffic) -> Self {
        self.traffic = Some(traffic);
        self
    }

    /// Answers one request as a listener would: for tests that need no socket.
    pub async fn answer(&self, request: Request<Body>, peer: Peer) -> Response<Body> {
        let manner = Manner { within: Duration::from_secs(30), strict_transport: false };
        self.handle(request, peer, manner).await
    }

    /// Answers one request.
    pub(crate) fn handle<B>(
        &self,
        mut request: Request<B>,
        peer: Peer,
        manner: Manner,
    ) -> impl Future<Output = Response<Body>> + Send + use<B>
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<axum::BoxError>,
    {
        let arrival = Arrival::new(&self.context, request.headers(), peer);
        request.extensions_mut().insert(arrival);
        let of = |make: &Arc<SpanOf>| make(&arrival, request.method(), request.headers());
        let span = self.spans.as_ref().map_or_else(Span::none, of);
        let watch = self.traffic.as_ref().map(|traffic| traffic.start(&self.context, request.uri().path()));
        let unanswered = Unanswered { wording: self.wording.clone(), uri: request.uri().clone(), arrival };
        let mut router = self.router.clone();
        // The call belongs inside: a layer may panic before it makes its future.
        let handler =
            AssertUnwindSafe(async move { router.call(request).await }).catch_unwind().instrument(span.clone());
        async move {
            let mut response = match tokio::time::timeout(manner.within, handler).await {
                Ok(Ok(Ok(response))) => response,
                Ok(Err(panic)) => {
                    if let Some(watch) = &watch {
                        watch.panicked();
                    }
                    unanswered.panicked(panic.as_ref())
                }
                Err(_) => unanswered.too_slow(),
            };
            stamp(response.headers_mut(), &arrival, manner);
            end(&span, response.status());
            if let Some(watch) = watch {
                watch.stop(response.status());
            }
            response
        }
    }
}

/// Tells the span how its request ended.
fn end(span: &Span, status: StatusCode) {
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
}

/// A request that its handler has not answered.
struct Unanswered {
    wording: Arc<Wording>,
    uri: Uri,
    arrival: Arrival,
}

impl Unanswered {
    fn too_slow(&self) -> Response<Body> {
        self.answer(&Failure::busy("the handler did not answer within the request time limit"))
    }

    /// The handler's own state went with it; what it shares is guarded by locks that a panic does not poison.
    fn panicked(&self, panic: &(dyn Any + Send)) -> Response<Body> {
        let said = panic.downcast_ref::<&str>().copied();
        let said = said.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
        self.answer(&Failure::bug(format!("the handler panicked: {said}")))
    }

    fn answer(&self, failure: &Failure) -> Response<Body> {
        let origin: Origin = self.arrival.origin(&HeaderMap::new());
        (self.wording)(self.uri.path(), failure, &origin, self.arrival.at)
    }
}

fn stamp(headers: &mut HeaderMap, arrival: &Arrival, manner: Manner) {
    headers.reserve(STAMPED);
    headers.insert(&REQUEST_ID, id_value(arrival.request_id));
    headers.insert(&CLIENT_REQUEST_ID, id_value(arrival.correlation_id));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if manner.strict_transport {
        // SPEC: RFC 6797 7.1
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
}

fn id_value(id: Uuid) -> HeaderValue {
    let mut buffer = [0; uuid::fmt::Hyphenated::LENGTH];
    HeaderValue::from_str(id.hyphenated().encode_lower(&mut buffer)).unwrap_or(HeaderValue::from_static(""))
}

/// Forbids every cache to keep this answer: for tokens and whatever carries a secret.
pub fn no_store(headers: &mut HeaderMap) {
    // SPEC: RFC 6749 5.1
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
}
