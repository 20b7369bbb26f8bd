//! A tenant with holders in it, and certificates to give them.

use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, SignatureAlgorithm, date_time_ymd};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use signet_credentials::{Described, Holder, KeyCredential, KeyEntry, OwnAddresses, PasswordCredential};
use signet_graph::Call;
use signet_jose::{Algorithm, Encoder, SigningKey};
use signet_kernel::{AppId, Failure, Fault, ObjectId};
use signet_store::{Id, Kind, UniqueKeys};
use signet_tenants::Tenant;
use signet_testkit::TestTenant;
use std::sync::Arc;

/// A holder, as much of one as credentials need.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Application {
    pub app_id: AppId,
    pub display_name: String,
    pub password_credentials: Vec<PasswordCredential>,
    pub key_credentials: Vec<KeyCredential>,
}

impl Kind for Application {
    // As a blueprint it is both a holder and something that must not arm itself.
    const NAME: &'static str = "agentIdentityBlueprint";

    fn unique(&self, keys: &mut UniqueKeys) {
        KeyCredential::declare_unique(&self.key_credentials, keys);
    }
}

impl Described for Application {
    fn display_name(&self) -> &str {
        &self.display_name
    }

    fn blueprint(&self, id: ObjectId) -> Option<ObjectId> {
        Some(id)
    }
}

impl Holder for Application {
    fn app_id(&self) -> AppId {
        self.app_id
    }

    fn display_name(&self) -> &str {
        &self.display_name
    }

    fn passwords(&self) -> &[PasswordCredential] {
        &self.password_credentials
    }

    fn passwords_mut(&mut self) -> &mut Vec<PasswordCredential> {
        &mut self.password_credentials
    }

    fn certificates(&self) -> &[KeyCredential] {
        &self.key_credentials
    }

    fn certificates_mut(&mut self) -> &mut Vec<KeyCredential> {
        &mut self.key_credentials
    }
}

pub struct House {
    pub tenant: TestTenant,
    pub own: OwnAddresses,
}

impl House {
    pub async fn open() -> Self {
        let tenant = TestTenant::start().await;
        tenant.put_as(Tenant::id(tenant.id()), &Tenant::new("Contoso", None).unwrap()).await;
        Self { tenant, own: OwnAddresses::new(["https://id.example"]) }
    }

    pub fn call(&self) -> Call {
        self.tenant.call(&[])
    }

    pub async fn holder(&self) -> ObjectId {
        let body = Application {
            app_id: self.tenant.store.context().new_app_id(),
            display_name: "HR".to_owned(),
            password_credentials: Vec::new(),
            key_credentials: Vec::new(),
        };
        self.tenant.put(&body).await.object()
    }

    /// Gives a holder a certificate without any operation.
    pub async fn give(&self, holder: ObjectId, pair: &Pair) -> KeyCredential {
        let certificate = pair.entry().admit(self.tenant.store.context()).unwrap();
        self.hold(holder, vec![certificate.clone()]).await;
        certificate
    }

    /// Gives a holder these credentials more, without any operation.
    pub async fn hold(&self, holder: ObjectId, more: Vec<KeyCredential>) {
        let found = self.tenant.store.find(Id::<Application>::of(holder)).await.unwrap().unwrap();
        let mut body = found.body.clone();
        body.key_credentials.extend(more);
        let mut unit = self.tenant.store.unit();
        unit.update(&found, &body);
        self.tenant.store.commit(unit).await.unwrap();
    }

    pub async fn body(&self, holder: ObjectId) -> Application {
        self.tenant.body(Id::of(holder)).await
    }

    pub async fn allow_sharing(&self) {
        let found = self.tenant.store.find(Tenant::id(self.tenant.id())).await.unwrap().unwrap();
        let mut unit = self.tenant.store.unit();
        unit.update(&found, &Tenant { allow_shared_credentials: true, ..found.body.clone() });
        self.tenant.store.commit(unit).await.unwrap();
    }

    pub fn now(&self) -> i64 {
        self.tenant.store.context().now().seconds()
    }

    /// A proof as Graph documents it, about `holder`, with these claims written over.
    pub fn proof(&self, holder: ObjectId, pair: &Pair, more: Value) -> String {
        let mut claims = json!({
            "aud": "00000002-0000-0000-c000-000000000000",
            "iss": holder.to_string(),
            "nbf": self.now(),
            "exp": self.now() + 600,
        });
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        Encoder::new(pair.signer(), "JWT").unwrap().encode(&claims).unwrap()
    }
}

/// A certificate with its private key, valid from 2026 to 2028.
pub struct Pair {
    pub key: KeyPair,
    pub der: Vec<u8>,
}

impl Pair {
    pub fn new() -> Self {
        Self::of(&PKCS_ECDSA_P256_SHA256, 2026, 2028)
    }

    pub fn of(algorithm: &'static SignatureAlgorithm, from: i32, to: i32) -> Self {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(to, 1, 1);
        let der = params.self_signed(&key).unwrap().der().to_vec();
        Self { key, der }
    }

    pub fn signer(&self) -> Arc<SigningKey> {
        Arc::new(SigningKey::from_pkcs8(Algorithm::Es256, self.key.serialized_der()).unwrap())
    }

    pub fn base64(&self) -> String {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        STANDARD.encode(&self.der)
    }

    pub fn entry(&self) -> KeyEntry {
        KeyEntry {
            kind: Some("AsymmetricX509Cert".to_owned()),
            usage: Some("Verify".to_owned()),
            key: Some(self.base64()),
            ..KeyEntry::default()
        }
    }
}

/// Who is at fault, and where.
pub fn blame(failure: &Failure) -> (Fault, Option<&str>) {
    (failure.fault, failure.target.as_deref())
}
