//! One deployment with one seeded tenant, over real files, with a clock that stands still.

use crate::seed::{RESOURCE, Seed, seed};
use async_trait::async_trait;
use axum::body::Body;
use axum::http::Request;
use base64::{Engine as _, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use signet_credentials::FederatedIdentityCredential;
use signet_fetch::{Fetch, FetchError, FetchOptions, Fetched, KeyCache, KeyCacheSettings};
use signet_graph::Authenticate;
use signet_jose::{Algorithm, Encoder, JwkSet, KeyError, SigningKey};
use signet_kernel::{
    AppId, Caller, Context, MockClock, Origin, RevocationCounters, SystemRandomness, TenantId, Timestamp,
};
use signet_record::{CheckpointSigner, Query, Record, RecordOptions};
use signet_signing_keys::{KeyPairs, KeySettings, MasterKey, SigningKeys};
use signet_store::{Id, Kind, SqliteBackend, SqliteOptions, Store, StoreOptions};
use signet_testkit::SweptAtEnd;
use signet_tokens::{AuthorizationServer, Parts, PublicUrl, routes};
use signet_web::{Front, Peer};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};
use url::Url;

pub struct World {
    _end: SweptAtEnd,
    pub store: Store,
    pub seed: Seed,
    pub clock: Arc<MockClock>,
    server: AuthorizationServer,
    signing_keys: SigningKeys,
    record: Record,
    front: Front,
    outside: Arc<Outside>,
    _directory: tempfile::TempDir,
}

struct NoSigner;

impl CheckpointSigner for NoSigner {
    fn key_id(&self) -> String {
        "test".to_owned()
    }

    fn sign(&self, _: &[u8]) -> Vec<u8> {
        Vec::new()
    }
}

/// One RSA pair for the whole run: making one takes longer than most tests.
struct OnePair;

impl KeyPairs for OnePair {
    fn take(&self, algorithm: Algorithm) -> Result<SigningKey, KeyError> {
        static RSA: LazyLock<Vec<u8>> =
            LazyLock::new(|| SigningKey::generate(Algorithm::Rs256).unwrap().to_pkcs8().unwrap().to_vec());
        match algorithm {
            Algorithm::Rs256 => SigningKey::from_pkcs8(Algorithm::Rs256, &RSA),
            other => SigningKey::generate(other),
        }
    }
}

/// The rest of the world: documents by address.
#[derive(Default)]
struct Outside(Mutex<HashMap<String, Value>>);

#[async_trait]
impl Fetch for Outside {
    async fn get_json(&self, url: &Url, _: &FetchOptions) -> Result<Fetched, FetchError> {
        let documents = self.0.lock().unwrap();
        let document = documents.get(url.as_str()).ok_or(FetchError::Status(404))?;
        Ok(Fetched { body: document.to_string().into(), max_age: None })
    }
}

/// An issuer that nobody here runs.
pub struct OutsideIssuer {
    pub issuer: String,
    key: rcgen::KeyPair,
}

impl OutsideIssuer {
    pub fn sign(&self, claims: &Value) -> String {
        sign(&self.key, claims, &[])
    }
}

pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn signer(key: &rcgen::KeyPair) -> SigningKey {
    SigningKey::from_pkcs8(Algorithm::Es256, &key.serialize_der()).unwrap()
}

pub fn sign(key: &rcgen::KeyPair, claims: &Value, _: &[u8]) -> String {
    Encoder::new(Arc::new(signer(key)), "JWT").unwrap().encode(claims).unwrap()
}

pub fn assertion_form(assertion: &str, scope: &str) -> Vec<(&'static str, String)> {
    vec![
        ("grant_type", "client_credentials".to_owned()),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned()),
        ("client_assertion", assertion.to_owned()),
        ("scope", scope.to_owned()),
    ]
}

impl World {
    pub async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(MockClock::at(Timestamp::from_seconds(1_795_255_200)));
        let context = Context::new(clock.clone(), Arc::new(SystemRandomness));
        let counters = Arc::new(RevocationCounters::new());
        let options = RecordOptions::new("test", Arc::new(NoSigner));
        let record = Record::open(directory.path(), options, context.clone(), counters.clone()).unwrap();
        let sqlite = SqliteOptions::at(directory.path().join("directory.db"));
        let store =
            Store::open(StoreOptions::default(), context.clone(), counters, Arc::new(record.clone()), |observer| {
                SqliteBackend::open(&sqlite, observer)
            })
            .await
            .unwrap();
        let master = MasterKey::load_or_create(&directory.path().join("master.key"), &context).unwrap();
        let signing_keys = SigningKeys::new(store.clone(), master, Arc::new(OnePair), KeySettings::default());
        let outside = Arc::new(Outside::default());
        let parse = |bytes: &[u8]| JwkSet::parse(bytes).map_err(|error| error.to_string());
        let outside_keys = KeyCache::new(outside.clone(), parse, KeyCacheSettings::default(), context.clone());
        let parts = Parts {
            store: store.clone(),
            record: record.clone(),
            signing_keys: signing_keys.clone(),
            outside_keys,
            public_url: PublicUrl::new("https://id.example"),
        };
        let server = AuthorizationServer::new(parts, true);
        let front = Front::new(routes(server.clone()), context);
        let seed = seed(&store, "contoso.example").await;
        let end = SweptAtEnd::new(store.clone());
        let end = end.by(|store| Box::pin(async move { signet_agents::sweep(&store).await }));
        let world =
            Self { _end: end, store, seed, clock, server, signing_keys, record, front, outside, _directory: directory };
        world.prepare_keys(world.seed.tenant).await;
        world
    }

    pub async fn prepare_keys(&self, tenant: TenantId) {
        let scoped = self.store.tenant(tenant);
        let mut unit = scoped.unit();
        self.signing_keys.prepare(tenant, &mut unit).await.unwrap();
        scoped.commit(unit).await.unwrap();
    }

    pub fn now(&self) -> i64 {
        self.store.context().now().seconds()
    }

    pub fn path(&self, endpoint: &str) -> String {
        format!("/{}/oauth2/v2.0/{endpoint}", self.seed.tenant)
    }

    pub fn endpoint(&self, name: &str) -> String {
        format!("https://id.example{}", self.path(name))
    }

    pub async fn raw(&self, path: &str, body: &[u8], headers: &[(&str, &str)]) -> (u16, Value) {
        let mut request = Request::post(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.answer(request.body(Body::from(body.to_vec())).unwrap()).await
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        self.answer(Request::get(path).body(Body::empty()).unwrap()).await
    }

    async fn answer(&self, request: Request<Body>) -> (u16, Value) {
        let peer = Peer::Network("192.0.2.7:4711".parse().unwrap());
        let response = self.front.answer(request, peer).await;
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        assert!(status < 500, "{status} {}", String::from_utf8_lossy(&bytes));
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)], authorization: Option<&str>) -> (u16, Value) {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in form {
            body.append_pair(name, value);
        }
        let mut headers = vec![("content-type", "application/x-www-form-urlencoded")];
        headers.extend(authorization.map(|value| ("authorization", value)));
        self.raw(path, body.finish().as_bytes(), &headers).await
    }

    pub async fn secret_token(
        &self,
        client: AppId,
        secret: &str,
        scope: &str,
        further: &[(&str, &str)],
    ) -> (u16, Value) {
        let client = client.to_string();
        let mut form = vec![
            ("grant_type", "client_credentials"),
            ("client_id", &*client),
            ("client_secret", secret),
            ("scope", scope),
        ];
        form.extend_from_slice(further);
        self.post(&self.path("token"), &form, None).await
    }

    pub async fn token_with_secret(&self, scope: &str, further: &[(&str, &str)]) -> (u16, Value) {
        self.secret_token(self.seed.blueprint_app, &self.seed.secret, scope, further).await
    }

    pub async fn t1(&self) -> String {
        let path = [("fmi_path", &*self.seed.agent.to_string())];
        let (status, answer) = self.token_with_secret("api://AzureADTokenExchange/.default", &path).await;
        assert_eq!(status, 200, "{answer}");
        answer["access_token"].as_str().unwrap().to_owned()
    }

    pub async fn token_as(&self, client: &str, assertion: &str, resource: &str) -> (u16, Value) {
        let mut form = assertion_form(assertion, &format!("{resource}/.default"));
        form.push(("client_id", client.to_owned()));
        let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.post(&self.path("token"), &form, None).await
    }

    pub async fn agent_token(&self, t1: &str, resource: &str) -> (u16, Value) {
        self.token_as(&self.seed.agent.to_string(), t1, resource).await
    }

    pub async fn access_token(&self) -> String {
        let t1 = self.t1().await;
        let (status, answer) = self.agent_token(&t1, RESOURCE).await;
        assert_eq!(status, 200, "{answer}");
        answer["access_token"].as_str().unwrap().to_owned()
    }

    pub fn signed(&self, claims: &Value) -> String {
        sign(&self.seed.key, claims, &self.seed.certificate)
    }

    pub fn sign_typed(&self, typ: &str, claims: &Value) -> String {
        Encoder::new(Arc::new(signer(&self.seed.key)), typ).unwrap().encode(claims).unwrap()
    }

    pub async fn with_assertion(&self, assertion: &str) -> (u16, Value) {
        self.with_assertion_as(self.seed.blueprint_app, assertion).await
    }

    pub async fn with_assertion_as(&self, client: AppId, assertion: &str) -> (u16, Value) {
        self.token_as(&client.to_string(), assertion, "https://id.example").await
    }

    fn part(answer: &Value, index: usize) -> Value {
        let token = answer["access_token"].as_str().unwrap();
        let part = token.split('.').nth(index).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    }

    pub fn claims(&self, answer: &Value) -> Value {
        Self::part(answer, 1)
    }

    pub fn header(&self, answer: &Value) -> Value {
        Self::part(answer, 0)
    }

    pub async fn introspect(&self, token: &str) -> Value {
        let client = self.seed.resource_app.to_string();
        let form = [("client_id", &*client), ("client_secret", &*self.seed.resource_secret), ("token", token)];
        let (status, answer) = self.post(&self.path("introspect"), &form, None).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// Lets a token in at the directory's door, or not.
    pub async fn admit(&self, token: &str) -> Result<Caller, String> {
        let mut headers = axum::http::HeaderMap::new();
        headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
        let origin = Origin::internal(self.store.context().new_uuid());
        let admitted = self.server.authenticate(&headers, origin).await;
        admitted.map(|(caller, _)| caller).map_err(|refused| refused.www_authenticate)
    }

    pub async fn change<K: Kind>(&self, id: Id<K>, change: impl Fn(&mut K)) {
        let store = self.store.tenant(self.seed.tenant);
        let seen = store.find(id).await.unwrap().unwrap();
        let mut body = seen.body.clone();
        change(&mut body);
        let mut unit = store.unit();
        // Every test that changes something takes a right away or gives it back: as operations do, it is noted.
        unit.update(&seen, &body).revoke(id.object());
        store.commit(unit).await.unwrap();
    }

    async fn create<K: Kind>(&self, body: &K) -> Id<K> {
        let store = self.store.tenant(self.seed.tenant);
        let id = Id::of(store.context().new_object_id());
        let mut unit = store.unit();
        unit.create(id, body);
        store.commit(unit).await.unwrap();
        id
    }

    /// Lets a subject of an outside issuer speak for the blueprint.
    pub async fn trust(
        &self,
        outside: &OutsideIssuer,
        subject: &str,
        audience: &str,
    ) -> Id<FederatedIdentityCredential> {
        self.create(&FederatedIdentityCredential {
            holder: self.seed.blueprint,
            name: subject.to_owned(),
            issuer: outside.issuer.clone(),
            subject: subject.to_owned(),
            audiences: vec![audience.to_owned()],
            description: None,
            shared: false,
            other: serde_json::Map::new(),
        })
        .await
    }

    pub async fn resource_asks_for(&self, version: Option<u32>, minutes: Option<u32>) {
        self.change(Id::<signet_directory::Application>::of(self.seed.resource_application), |body| {
            body.api.requested_access_token_version = version;
            body.access_token_lifetime_minutes = minutes;
        })
        .await;
    }

    /// Which further claims the resource asks for (`optionalClaims`).
    pub async fn resource_wants_claims(&self, claims: Value) {
        self.change(Id::<signet_directory::Application>::of(self.seed.resource_application), |body| {
            body.other.insert("optionalClaims".to_owned(), claims.clone());
        })
        .await;
    }

    pub async fn outside_issuer(&self) -> OutsideIssuer {
        let issuer = "https://outside.example".to_owned();
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        let keys = JwkSet::new(vec![signer(&key).public_jwk()]).unwrap();
        let mut documents = self.outside.0.lock().unwrap();
        documents.insert(
            format!("{issuer}/.well-known/openid-configuration"),
            json!({"issuer": issuer, "jwks_uri": format!("{issuer}/keys")}),
        );
        documents.insert(format!("{issuer}/keys"), serde_json::to_value(keys).unwrap());
        OutsideIssuer { issuer, key }
    }

    /// All sign-in records, newest first.
    pub async fn sign_ins(&self) -> Vec<Value> {
        self.record.caught_up().await;
        self.record.query(Query::new(self.seed.tenant, signet_logs::SIGN_INS)).await.unwrap().records
    }

    /// Those that ended so.
    pub async fn sign_ins_of(&self, result: &str) -> Vec<Value> {
        self.record.caught_up().await;
        let query = Query {
            outcome: Some(result.to_owned()),
            limit: 1_000,
            ..Query::new(self.seed.tenant, signet_logs::SIGN_INS)
        };
        self.record.query(query).await.unwrap().records
    }

    pub async fn record_counts(&self) {
        self.server.record_counts(true).await.unwrap();
    }
}
