//! `federatedIdentityCredentials`.

use super::read;
use crate::{Described, FederatedIdentityCredential, Holder, OwnAddresses, ops};
use async_trait::async_trait;
use serde_json::json;
use signet_graph::{Call, Contained, JsonMap, Property, PropertyType};
use signet_kernel::{Failure, ObjectId};
use signet_store::{Kind, Row};
use std::marker::PhantomData;

/// The federated credentials of one type of holder.
#[derive(Debug)]
pub struct FederatedCredentials<H> {
    own: OwnAddresses,
    permissions: &'static [&'static str],
    holder: PhantomData<fn() -> H>,
}

impl<H> FederatedCredentials<H> {
    /// The collection, in the deployment at `own`, changed with any of `permissions`.
    pub fn new(own: OwnAddresses, permissions: &'static [&'static str]) -> Self {
        Self { own, permissions, holder: PhantomData }
    }
}

#[async_trait]
impl<H: Holder + Described> Contained for FederatedCredentials<H> {
    fn name(&self) -> &'static str {
        "federatedIdentityCredentials"
    }

    fn type_name(&self) -> &'static str {
        FederatedIdentityCredential::NAME
    }

    fn properties(&self) -> &'static [Property] {
        const PROPERTIES: &[Property] = &[
            Property::new("name", PropertyType::String(120)),
            Property::new("issuer", PropertyType::String(600)),
            Property::new("subject", PropertyType::String(600)),
            Property::new("description", PropertyType::String(600)),
            Property::new("audiences", PropertyType::Strings),
            Property::new("warnings", PropertyType::Strings).read_only(),
        ];
        PROPERTIES
    }

    fn stored(&self) -> (&'static str, &'static str) {
        (FederatedIdentityCredential::NAME, FederatedIdentityCredential::HOLDER)
    }

    fn key(&self) -> &'static str {
        "name"
    }

    fn writable_with(&self) -> &'static [&'static str] {
        self.permissions
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        let credential: FederatedIdentityCredential = serde_json::from_slice(&row.body).map_err(Failure::bug)?;
        let view = json!({
            "id": row.id,
            "name": credential.name,
            "issuer": credential.issuer,
            "subject": credential.subject,
            "description": credential.description,
            "audiences": credential.audiences,
        });
        let mut view = view.as_object().cloned().unwrap_or_default();
        if credential.has_shared_audience() {
            view.insert("warnings".to_owned(), json!([FederatedIdentityCredential::SHARED_AUDIENCE_WARNING]));
        }
        Ok(view)
    }

    async fn create(&self, call: &Call, parent: ObjectId, body: JsonMap) -> Result<ObjectId, Failure> {
        let terms = read(FederatedIdentityCredential::NAME, body)?;
        ops::add_federated_credential::<H>(call, &self.own, parent, &terms).await
    }

    async fn update(&self, call: &Call, parent: ObjectId, id: ObjectId, body: JsonMap) -> Result<(), Failure> {
        let terms = read(FederatedIdentityCredential::NAME, body)?;
        ops::change_federated_credential::<H>(call, &self.own, parent, id, &terms).await
    }

    async fn delete(&self, call: &Call, parent: ObjectId, id: ObjectId) -> Result<(), Failure> {
        ops::remove_federated_credential::<H>(call, parent, id).await
    }
}
