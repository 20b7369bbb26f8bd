//! `addKey` and `removeKey`.

use super::read;
use crate::refusal::CredentialRefused;
use crate::{Described, Holder, KeyEntry, ops};
use async_trait::async_trait;
use serde::Deserialize;
use serde_json::Value;
use signet_graph::{Action, ActionResult, Call, JsonMap};
use signet_kernel::{Failure, ObjectId};
use std::marker::PhantomData;
use uuid::Uuid;

/// `POST …/{id}/addKey`.
#[derive(Debug)]
pub struct AddKey<H> {
    permissions: &'static [&'static str],
    holder: PhantomData<fn() -> H>,
}

/// `POST …/{id}/removeKey`.
#[derive(Debug)]
pub struct RemoveKey<H> {
    permissions: &'static [&'static str],
    holder: PhantomData<fn() -> H>,
}

impl<H> AddKey<H> {
    /// The action, callable with any of `permissions`.
    pub fn new(permissions: &'static [&'static str]) -> Self {
        Self { permissions, holder: PhantomData }
    }
}

impl<H> RemoveKey<H> {
    /// The action, callable with any of `permissions`.
    pub fn new(permissions: &'static [&'static str]) -> Self {
        Self { permissions, holder: PhantomData }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AddKeyBody {
    key_credential: KeyEntry,
    #[serde(default)]
    password_credential: Option<Value>,
    proof: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RemoveKeyBody {
    key_id: Uuid,
    proof: String,
}

#[async_trait]
impl<H: Holder + Described> Action for AddKey<H> {
    fn name(&self) -> &'static str {
        "addKey"
    }

    fn callable_with(&self) -> &'static [&'static str] {
        self.permissions
    }

    async fn call(&self, call: &Call, id: ObjectId, body: JsonMap) -> Result<ActionResult, Failure> {
        let body: AddKeyBody = read("keyCredential with a proof", body)?;
        if body.password_credential.is_some() {
            let why = "certificates with private keys are not taken; leave it null.";
            return Err(CredentialRefused::NotSettable("passwordCredential", why).into());
        }
        let added = ops::add_key::<H>(call, id, &body.key_credential, &body.proof).await?;
        let view = serde_json::to_value(&added).map_err(Failure::bug)?;
        let mut view = view.as_object().cloned().unwrap_or_default();
        show(&mut view);
        Ok(ActionResult::Object(view))
    }
}

#[async_trait]
impl<H: Holder + Described> Action for RemoveKey<H> {
    fn name(&self) -> &'static str {
        "removeKey"
    }

    fn callable_with(&self) -> &'static [&'static str] {
        self.permissions
    }

    async fn call(&self, call: &Call, id: ObjectId, body: JsonMap) -> Result<ActionResult, Failure> {
        let body: RemoveKeyBody = read("keyId with a proof", body)?;
        ops::remove_key::<H>(call, id, body.key_id, &body.proof).await?;
        Ok(ActionResult::Nothing)
    }
}

/// What is on the wire of a certificate: all but what only the store needs.
pub(super) fn show(certificate: &mut JsonMap) {
    certificate.shift_remove("shared");
}
