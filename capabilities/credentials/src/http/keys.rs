//! `addKey` and `removeKey`.

use super::passwords::PASSWORD_CREDENTIAL;
use super::{KEY_ID, read};
use crate::refusal::CredentialRefused;
use crate::{Described, Holder, KeyEntry, ops};
use async_trait::async_trait;
use serde::Deserialize;
use serde_json::Value;
use signet_graph::{
    Action, ActionResult, Answer, Call, ComplexType, JsonMap, Parameter, Property, PropertyType, Signature,
};
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

/// A certificate or a bare public key.
pub(super) const KEY_CREDENTIAL: ComplexType = ComplexType {
    name: "keyCredential",
    properties: &[
        Property::new("customKeyIdentifier", PropertyType::String(128)),
        Property::new("displayName", PropertyType::String(256)),
        Property::new("endDateTime", PropertyType::DateTime),
        Property::new("key", PropertyType::Binary),
        Property::new("keyId", PropertyType::Guid),
        Property::new("startDateTime", PropertyType::DateTime),
        Property::new("type", PropertyType::String(64)),
        Property::new("usage", PropertyType::String(64)),
    ],
};

/// A token signed with a key that the holder has.
const PROOF: Parameter = Parameter::required("proof", PropertyType::String(MOST_PROOF));
/// Longer proofs carry more than their claims.
const MOST_PROOF: usize = 8 << 10;

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

    fn signature(&self) -> Option<Signature> {
        const TAKES: &[Parameter] = &[
            Parameter::required("keyCredential", PropertyType::Complex(KEY_CREDENTIAL.name)),
            Parameter::optional("passwordCredential", PropertyType::Complex(PASSWORD_CREDENTIAL.name)),
            PROOF,
        ];
        let signature = Signature::answering(Answer::Complex(&KEY_CREDENTIAL)).taking(TAKES);
        Some(signature.with_types(&[PASSWORD_CREDENTIAL]))
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

    fn signature(&self) -> Option<Signature> {
        Some(Signature::answering(Answer::Nothing).taking(&[KEY_ID, PROOF]))
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
