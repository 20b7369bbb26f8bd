//! The door: from an HTTP request to a caller, a place and an answer.

use crate::admission::Rights;
use crate::answered::{Answered, OnAnswered};
use crate::batch;
use crate::catalog::Catalog;
use crate::deadline::Deadline;
use crate::describe::{Description, ROOT_OPENAPI};
use crate::entity::{Call, Entity};
use crate::operations::{Operation, operations};
use crate::page_token::PageTokens;
use crate::place::{Place, locate};
use crate::preferences::Preferences;
use crate::refusal::Refusal;
use crate::request::{Request, options};
use crate::respond;
use crate::rights::{OtherRights, no_such_operation};
use crate::serve::serve;
use crate::version::Version;
use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Response};
use axum::routing::any;
use bytes::Bytes;
use signet_kernel::{Caller, Failure, Fault, Origin};
use signet_store::TenantStore;
use signet_web::{Arrival, body};
use std::sync::Arc;
use std::time::Duration;

/// Finds out who asks, from the headers of a request.
#[async_trait]
pub trait Authenticate: Send + Sync + 'static {
    /// The caller, and its tenant's part of the store.
    async fn authenticate(&self, headers: &HeaderMap, origin: Origin)
    -> Result<(Caller, TenantStore), Unauthenticated>;
}

/// A request whose caller is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unauthenticated {
    /// What is wrong.
    pub failure: Failure,
    /// The challenge of the 401: how to come back.
    pub www_authenticate: String,
}

/// A write that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteAttempt {
    /// How.
    pub method: Method,
    /// Where, as it was sent.
    pub path: String,
    /// The type that the path names, as far as it can be read.
    pub entity: Option<&'static str>,
}

/// Told of every write by a known caller that was not done, before it is answered.
pub type OnWriteRefused = Arc<dyn Fn(&Caller, &WriteAttempt, &Failure) + Send + Sync>;

/// What the router needs besides the types.
#[derive(Clone)]
pub struct GraphOptions {
    /// Where clients find this server: the start of every link.
    pub public_url: String,
    /// Authenticates page tokens. The same on every node, and kept.
    pub token_key: [u8; 32],
    /// Who asks.
    pub authenticate: Arc<dyn Authenticate>,
    /// What callers may do besides what their permissions say.
    pub other_rights: Option<Arc<dyn OtherRights>>,
    /// Who is told of refused writes.
    pub on_write_refused: Option<OnWriteRefused>,
    /// Who is told of every call.
    pub on_answered: Option<OnAnswered>,
}

/// How long one request may look through objects, unless told otherwise.
const WORK_LIMIT: Duration = Duration::from_secs(2);

/// How much of the body of a caller that is not known is received.
const PASSED_OVER: usize = 16 << 10;
/// The path of a batch.
const BATCH: &str = "$batch";

/// The directory API.
pub struct GraphRouter(Graph);

struct Graph {
    catalog: Catalog,
    tokens: PageTokens,
    public_url: String,
    authenticate: Arc<dyn Authenticate>,
    other_rights: Option<Arc<dyn OtherRights>>,
    on_write_refused: Option<OnWriteRefused>,
    on_answered: Option<OnAnswered>,
    work_limit: Duration,
    descriptions: Vec<Description>,
}

impl std::fmt::Debug for GraphRouter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.0.catalog.types().iter().map(|one| one.declaration.name);
        f.debug_tuple("GraphRouter").field(&names.collect::<Vec<_>>()).finish()
    }
}

impl GraphRouter {
    /// The API over these types. A derived type comes with its base.
    pub fn new(entities: &[Arc<dyn Entity>], options: GraphOptions) -> Self {
        let (catalog, public_url) = (Catalog::new(entities), options.public_url.trim_end_matches('/').to_owned());
        Self(Graph {
            descriptions: Description::all(),
            catalog,
            tokens: PageTokens::new(&options.token_key),
            public_url,
            authenticate: options.authenticate,
            other_rights: options.other_rights,
            on_write_refused: options.on_write_refused,
            on_answered: options.on_answered,
            work_limit: WORK_LIMIT,
        })
    }

    /// The same, with another limit of how long one request may look through objects: 2 s unless told. A list that
    /// reaches it answers what it found and where to go on; a count is refused.
    #[must_use]
    pub fn with_work_limit(mut self, limit: Duration) -> Self {
        self.0.work_limit = limit;
        self
    }

    /// Every operation there is.
    pub fn operations(&self) -> impl Iterator<Item = Operation> {
        let other = self.0.other_rights.clone();
        operations(&self.0.catalog).into_iter().map(move |operation| match &other {
            Some(other) => operation.with(other.as_ref()),
            None => operation,
        })
    }

    /// The routes under `/v1.0` and `/beta`, and OpenAPI at the root.
    pub fn into_router(self) -> Router {
        let root = Router::new().route(ROOT_OPENAPI, any(answer));
        let routes = [Version::V1, Version::Beta]
            .into_iter()
            .map(Version::prefix)
            .flat_map(|prefix| [prefix.to_owned(), format!("{prefix}/"), format!("{prefix}/{{*path}}")])
            .fold(root, |router, path| router.route(&path, any(answer)));
        routes.with_state(Arc::new(self.0))
    }
}

async fn answer(
    State(graph): State<Arc<Graph>>,
    arrival: Arrival,
    request: axum::http::Request<Body>,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let origin = arrival.origin(&parts.headers);
    match graph.answer(parts, body, origin.clone()).await {
        Ok(response) => response,
        Err(refusal) => refusal.answer(&origin, arrival.at),
    }
}

impl Graph {
    async fn answer(&self, parts: Parts, body: Body, origin: Origin) -> Result<Response<Body>, Refusal> {
        // It is for everybody: it says nothing of any object.
        if let Some(description) = self.description(&parts) {
            let allow = vec![Method::GET];
            let read = takes(&allow, &parts.method);
            return if read { Ok(description) } else { Err(Refusal { allow, ..no_such_operation().into() }) };
        }
        let (caller, store) = match self.authenticate.authenticate(&parts.headers, origin).await {
            Ok(known) => known,
            Err(unknown) => {
                // What a small body holds is passed over, so that the client can come back on the same connection.
                let _ = body::read(body, PASSED_OVER).await;
                let www_authenticate = Some(unknown.www_authenticate);
                return Err(Refusal { www_authenticate, ..Refusal::from(unknown.failure) });
            }
        };
        let Some((version, path)) = Version::split(parts.uri.path()) else {
            return Err(Failure::bug("a path without a version reached the directory API").into());
        };
        if path == BATCH {
            return self.answer_batch((caller, store), version, &parts, body).await;
        }
        let headers = parts.headers.clone();
        Ok(self.answer_told((caller, store), version, (parts, body), (&headers, false)).await)
    }

    /// One request, answered whatever becomes of it.
    async fn answer_told(
        &self,
        (caller, store): (Caller, TenantStore),
        version: Version,
        (parts, body): (Parts, Body),
        (headers, in_batch): (&HeaderMap, bool),
    ) -> Response<Body> {
        let context = store.context().clone();
        let (began, origin) = (context.monotonic(), caller.origin.clone());
        let told =
            self.on_answered.as_ref().map(|told| (told, caller.clone(), parts.method.clone(), parts.uri.clone()));
        let done = self.answer_one((caller, store), version, parts, body).await;
        let response = done.unwrap_or_else(|refusal| refusal.answer(&origin, context.now()));
        if let Some((told, caller, method, uri)) = told {
            told(Answered {
                caller: &caller,
                headers,
                in_batch,
                method: &method,
                uri: &format!("{}{uri}", self.public_url),
                version: version.prefix().trim_start_matches('/'),
                status: response.status(),
                size: axum::body::HttpBody::size_hint(response.body()).exact(),
                duration: context.monotonic().saturating_sub(began),
            });
        }
        response
    }

    /// What describes the API, if the request is for that.
    fn description(&self, parts: &Parts) -> Option<Response<Body>> {
        let path = parts.uri.path().replace("%24", "$");
        let found = self.descriptions.iter().find(|known| known.is_at(&path))?;
        Some(found.answer(&self.catalog, &self.public_url))
    }

    /// Every request of a batch, one by one.
    async fn answer_batch(
        &self,
        (caller, store): (Caller, TenantStore),
        version: Version,
        parts: &Parts,
        body: Body,
    ) -> Result<Response<Body>, Refusal> {
        if parts.method != Method::POST {
            return Err(Refusal { allow: vec![Method::POST], ..Refusal::from(batch::only_post()) });
        }
        let (caller, store, headers) = (&caller, &store, &parts.headers);
        let one = async |request: axum::http::Request<Body>| {
            let (parts, body) = request.into_parts();
            self.answer_told((caller.clone(), store.clone()), version, (parts, body), (headers, true)).await
        };
        let root = batch::Root { public_url: &self.public_url, prefix: version.prefix() };
        let answers = batch::answer(&parts.headers, body, root, one).await?;
        Ok(respond::plain(&answers))
    }

    async fn answer_one(
        &self,
        (caller, store): (Caller, TenantStore),
        version: Version,
        parts: Parts,
        body: Body,
    ) -> Result<Response<Body>, Refusal> {
        let path = parts.uri.path().strip_prefix(version.prefix()).unwrap_or_default();
        let path = path.strip_prefix('/').unwrap_or(path);
        let place = locate(&self.catalog, path, version);
        // Also for what is refused: the client may send its next request on the same connection.
        let body = body::read(body, body::DEFAULT_LIMIT).await;
        let told = self.told_of(&caller, &parts, place.as_ref().ok());
        let base_url = format!("{}{}", self.public_url, version.prefix());
        let call = Call { caller, store, base_url, if_match: None };
        let done = match place {
            Ok(place) => self.serve(call, &place, &parts, (version, path, body)).await,
            Err(failure) => Err(failure.into()),
        };
        done.inspect_err(|refusal| {
            if let Some(told) = told {
                told(&refusal.failure);
            }
        })
    }

    async fn serve(
        &self,
        call: Call,
        place: &Place,
        parts: &Parts,
        (version, path, body): (Version, &str, Result<Bytes, Failure>),
    ) -> Result<Response<Body>, Refusal> {
        let mut methods = place.methods();
        let done = if takes(&methods, &parts.method) {
            self.serve_method(call, place, parts, (version, path, body)).await
        } else {
            Err(no_such_operation())
        };
        done.map_err(|failure| {
            // A type at this place may take fewer methods than the place.
            methods.retain(|method| *method != parts.method);
            let allow = if failure.fault == Fault::Method { methods } else { Vec::new() };
            Refusal { allow, ..Refusal::from(failure) }
        })
    }

    async fn serve_method(
        &self,
        call: Call,
        place: &Place,
        parts: &Parts,
        (version, path, body): (Version, &str, Result<Bytes, Failure>),
    ) -> Result<Response<Body>, Failure> {
        let query = parts.uri.query().unwrap_or_default();
        let everything = self.catalog.everything(version);
        let deadline = Deadline::after(call.store.context(), self.work_limit);
        let request = Request {
            call,
            path: path.to_owned(),
            query: query.to_owned(),
            options: options(query)?,
            preferences: Preferences::of(&parts.headers),
            headers: parts.headers.clone(),
            body: body?,
            everything,
            deadline,
            rights: Rights::of(self.other_rights.clone()),
        };
        serve(&self.tokens, &request, &parts.method, place).await
    }

    /// What to call with the failure, should a write fail.
    fn told_of(
        &self,
        caller: &Caller,
        parts: &Parts,
        place: Option<&Place>,
    ) -> Option<impl FnOnce(&Failure) + Send + use<>> {
        let tell = self.on_write_refused.clone().filter(|_| !parts.method.is_safe())?;
        let entity = place.and_then(|place| place.scope().head.as_ref()).map(|head| head.declaration.name);
        let attempt = WriteAttempt { method: parts.method.clone(), path: parts.uri.path().to_owned(), entity };
        let caller = caller.clone();
        Some(move |failure: &Failure| tell(&caller, &attempt, failure))
    }
}

/// SPEC: RFC 9110 9.3.2: HEAD is GET without the body, which the connection leaves out.
fn takes(methods: &[Method], method: &Method) -> bool {
    methods.contains(method) || (method == Method::HEAD && methods.contains(&Method::GET))
}
