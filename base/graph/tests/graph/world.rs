//! A server without sockets: two tenants, callers by the permissions they hold.

use crate::types::types;
use async_trait::async_trait;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use signet_graph::{Authenticate, GraphOptions, GraphRouter, Operation, OtherRights, Unauthenticated, WriteAttempt};
use signet_kernel::{
    AppId, Caller, Context, Failure, Fault, MockClock, ObjectId, Origin, RevocationCounters, SeededRandomness,
    TenantId, Timestamp,
};
use signet_store::{SqliteBackend, SqliteOptions, Store, StoreOptions, TenantStore};
use signet_testkit::SweptAtEnd;
use signet_web::{Front, Peer};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use uuid::Uuid;

pub(crate) const BASE: &str = "https://id.test";
/// Everything that anyone may do with documents and reports.
pub(crate) const ALL: &str = "Document.Read,Document.Create,Document.Write,Document.Delete,Report.Read,Report.Create,\
                       Report.Write,Report.Delete,Person.Read,Person.Create";

/// The object that every caller of these tests is.
pub(crate) fn caller_object() -> ObjectId {
    ObjectId::from_uuid(Uuid::from_u128(0xca11))
}

/// `Authorization: Toy {tenant} {permissions}`.
struct ByHeader(Store);

#[async_trait]
impl Authenticate for ByHeader {
    async fn authenticate(
        &self,
        headers: &HeaderMap,
        origin: Origin,
    ) -> Result<(Caller, TenantStore), Unauthenticated> {
        let unknown =
            |failure| Unauthenticated { failure, www_authenticate: "Toy realm=\"x\", claims=\"e30=\"".into() };
        let text = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if text == "busy" {
            return Err(unknown(Failure::busy("test")));
        }
        let Some((tenant, permissions)) = text.strip_prefix("Toy ").and_then(|rest| rest.split_once(' ')) else {
            let failure = Failure::new(Fault::Unauthenticated, "InvalidAuthenticationToken", "Say who you are.");
            return Err(unknown(failure));
        };
        let tenant: TenantId = tenant.parse().unwrap();
        let caller = Caller {
            tenant,
            object: caller_object(),
            kind: "robot",
            app: AppId::from_uuid(Uuid::nil()),
            display_name: "Robot".to_owned(),
            roles: permissions.split(',').map(str::to_owned).collect(),
            parent: None,
            origin,
        };
        Ok((caller, self.0.tenant(tenant)))
    }
}

pub(crate) struct World {
    _end: SweptAtEnd,
    front: Front,
    deployment: Store,
    clock: Arc<MockClock>,
    pub(crate) tenant: TenantId,
    pub(crate) other: TenantId,
    pub(crate) operations: Vec<Operation>,
    /// What was told of refused writes: method, path, type, code.
    pub(crate) refused: Arc<Mutex<Vec<String>>>,
    _dir: tempfile::TempDir,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status and error code.
    pub(crate) fn error(&self) -> (u16, &str) {
        (self.status.as_u16(), self.body["error"]["code"].as_str().unwrap_or("no error"))
    }

    /// Status, error code, and what is at fault.
    pub(crate) fn fault(&self) -> (u16, &str, &str) {
        let (status, code) = self.error();
        (status, code, self.body["error"]["target"].as_str().unwrap_or(""))
    }

    pub(crate) fn message(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap()
    }

    /// One member of each item of a list.
    pub(crate) fn each(&self, name: &str) -> Vec<String> {
        let items = self.body["value"].as_array().unwrap_or_else(|| panic!("no list: {}", self.body));
        items.iter().map(|item| item[name].as_str().unwrap_or("-").to_owned()).collect()
    }

    /// Path and query of the next page's link, after the server's address.
    pub(crate) fn next(&self) -> Option<String> {
        let link = self.body.get("@odata.nextLink")?.as_str().unwrap();
        Some(link.strip_prefix(BASE).unwrap_or_else(|| panic!("{link} is elsewhere")).to_owned())
    }

    pub(crate) fn id(&self) -> String {
        assert!(self.status.is_success(), "{}", self.body);
        self.body["id"].as_str().unwrap().to_owned()
    }
}

/// A request being put together.
pub(crate) struct Ask<'w> {
    world: &'w World,
    request: axum::http::request::Builder,
    body: Vec<u8>,
    tenant: TenantId,
    permissions: String,
}

impl Ask<'_> {
    pub(crate) fn with(mut self, permissions: &str) -> Self {
        self.permissions = permissions.to_owned();
        self
    }

    pub(crate) fn in_tenant(mut self, tenant: TenantId) -> Self {
        self.tenant = tenant;
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.text("application/json", &body.to_string())
    }

    pub(crate) fn text(mut self, media_type: &str, body: &str) -> Self {
        self.request = self.request.header(header::CONTENT_TYPE, media_type);
        self.body = body.as_bytes().to_vec();
        self
    }

    pub(crate) async fn send(self) -> Reply {
        let known = self.request.headers_ref().is_some_and(|headers| headers.contains_key(header::AUTHORIZATION));
        let authorization = format!("Toy {} {}", self.tenant, self.permissions);
        let request = if known { self.request } else { self.request.header(header::AUTHORIZATION, authorization) };
        let request: Request<Body> = request.body(Body::from(self.body)).unwrap();
        let peer = Peer::Network("192.0.2.1:1".parse().unwrap());
        let response = self.world.front.answer(request, peer).await;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = || Value::from(String::from_utf8_lossy(&bytes));
        let body =
            if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap_or_else(|_| text()) };
        Reply { status: parts.status, headers: parts.headers, body }
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with_work_limit(None).await
    }

    pub(crate) async fn with_work_limit(limit: Option<Duration>) -> Self {
        Self::with(limit, None).await
    }

    /// With rights besides permissions.
    pub(crate) async fn with_rights(rights: Arc<dyn OtherRights>) -> Self {
        Self::with(None, Some(rights)).await
    }

    async fn with(limit: Option<Duration>, other_rights: Option<Arc<dyn OtherRights>>) -> Self {
        let clock = Arc::new(MockClock::at(Timestamp::from_seconds(1_795_255_200)));
        let context = Context::new(clock.clone(), Arc::new(SeededRandomness::new(1)));
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("directory.db");
        let open = |observer| SqliteBackend::open(&SqliteOptions::at(path), observer);
        let counters = Arc::new(RevocationCounters::new());
        let store = Store::open(StoreOptions::default(), context.clone(), counters, Arc::new(()), open).await.unwrap();
        let refused = Arc::new(Mutex::new(Vec::new()));
        let told = refused.clone();
        let note = move |caller: &Caller, attempt: &WriteAttempt, failure: &Failure| {
            let WriteAttempt { method, path, entity } = attempt;
            let line = format!("{} {method} {path} {} {}", caller.display_name, entity.unwrap_or("-"), failure.code);
            told.lock().unwrap().push(line);
        };
        let options = GraphOptions {
            public_url: format!("{BASE}/"),
            token_key: [7; 32],
            authenticate: Arc::new(ByHeader(store.clone())),
            other_rights,
            on_write_refused: Some(Arc::new(note)),
            on_answered: None,
        };
        let router = GraphRouter::new(&types(), options);
        let router = if let Some(limit) = limit { router.with_work_limit(limit) } else { router };
        let operations = router.operations().collect();
        let (tenant, other) = (context.new_tenant_id(), context.new_tenant_id());
        let front = Front::new(router.into_router(), context);
        let deployment = store.clone();
        Self { _end: SweptAtEnd::new(store), front, deployment, clock, tenant, other, operations, refused, _dir: dir }
    }

    /// The tenant's own part of the store.
    pub(crate) fn store(&self) -> TenantStore {
        self.deployment.tenant(self.tenant)
    }

    /// A request, a millisecond after the one before: ids are ordered by creation.
    pub(crate) fn ask(&self, method: Method, path: &str) -> Ask<'_> {
        self.clock.advance(Duration::from_millis(1));
        let request = Request::builder().method(method).uri(path);
        Ask { world: self, request, body: Vec::new(), tenant: self.tenant, permissions: ALL.to_owned() }
    }

    pub(crate) fn get(&self, path: &str) -> Ask<'_> {
        self.ask(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Ask<'_> {
        self.ask(Method::POST, path).json(body)
    }

    pub(crate) fn patch(&self, path: &str, body: &Value) -> Ask<'_> {
        self.ask(Method::PATCH, path).json(body)
    }

    pub(crate) fn delete(&self, path: &str) -> Ask<'_> {
        self.ask(Method::DELETE, path)
    }

    /// The id of a new document of this title.
    pub(crate) async fn document(&self, title: &str) -> String {
        self.post("/v1.0/documents", &json!({"title": title})).send().await.id()
    }

    /// The id of a new report of this title.
    pub(crate) async fn report(&self, title: &str) -> String {
        self.post("/v1.0/documents/microsoft.graph.report", &json!({"title": title})).send().await.id()
    }

    /// The id of a new person of this name.
    pub(crate) async fn person(&self, name: &str) -> String {
        self.post("/v1.0/people", &json!({"displayName": name, "salary": 7})).send().await.id()
    }
}
