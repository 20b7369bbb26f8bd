//! `addPassword` and `removePassword`.

use super::{KEY_ID, read};
use crate::{Described, Holder, NewPassword, ops};
use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};
use signet_graph::{
    Action, ActionResult, Answer, Call, ComplexType, JsonMap, Parameter, Property, PropertyType, Signature,
};
use signet_kernel::{Failure, ObjectId};
use std::marker::PhantomData;
use uuid::Uuid;

/// `POST …/{id}/addPassword`: answers the secret, once.
#[derive(Debug)]
pub struct AddPassword<H> {
    permissions: &'static [&'static str],
    holder: PhantomData<fn() -> H>,
}

/// `POST …/{id}/removePassword`.
#[derive(Debug)]
pub struct RemovePassword<H> {
    permissions: &'static [&'static str],
    holder: PhantomData<fn() -> H>,
}

impl<H> AddPassword<H> {
    /// The action, callable with any of `permissions`.
    pub fn new(permissions: &'static [&'static str]) -> Self {
        Self { permissions, holder: PhantomData }
    }
}

impl<H> RemovePassword<H> {
    /// The action, callable with any of `permissions`.
    pub fn new(permissions: &'static [&'static str]) -> Self {
        Self { permissions, holder: PhantomData }
    }
}

/// A secret, as it is shown: its text only in the answer to `addPassword`.
pub(super) const PASSWORD_CREDENTIAL: ComplexType = ComplexType {
    name: "passwordCredential",
    properties: &[
        Property::new("customKeyIdentifier", PropertyType::Binary),
        Property::new("displayName", PropertyType::String(256)),
        Property::new("endDateTime", PropertyType::DateTime),
        Property::new("hint", PropertyType::String(3)),
        Property::new("keyId", PropertyType::Guid),
        Property::new("secretText", PropertyType::String(256)),
        Property::new("startDateTime", PropertyType::DateTime),
    ],
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AddPasswordBody {
    #[serde(default)]
    password_credential: NewPassword,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RemovePasswordBody {
    key_id: Uuid,
}

#[async_trait]
impl<H: Holder + Described> Action for AddPassword<H> {
    fn name(&self) -> &'static str {
        "addPassword"
    }

    fn signature(&self) -> Option<Signature> {
        const NEW: Parameter =
            Parameter::optional("passwordCredential", PropertyType::Complex(PASSWORD_CREDENTIAL.name));
        Some(Signature::answering(Answer::Complex(&PASSWORD_CREDENTIAL)).taking(&[NEW]))
    }

    fn callable_with(&self) -> &'static [&'static str] {
        self.permissions
    }

    async fn call(&self, call: &Call, id: ObjectId, body: JsonMap) -> Result<ActionResult, Failure> {
        let body: AddPasswordBody = read("passwordCredential", body)?;
        let (password, secret) = ops::add_password::<H>(call, id, &body.password_credential).await?;
        let view = json!({
            "customKeyIdentifier": null,
            "displayName": password.display_name,
            "endDateTime": password.end_date_time,
            "hint": password.hint,
            "keyId": password.key_id,
            "secretText": secret.reveal(),
            "startDateTime": password.start_date_time,
        });
        Ok(ActionResult::Object(view.as_object().cloned().unwrap_or_default()))
    }
}

#[async_trait]
impl<H: Holder + Described> Action for RemovePassword<H> {
    fn name(&self) -> &'static str {
        "removePassword"
    }

    fn signature(&self) -> Option<Signature> {
        Some(Signature::answering(Answer::Nothing).taking(&[KEY_ID]))
    }

    fn callable_with(&self) -> &'static [&'static str] {
        self.permissions
    }

    async fn call(&self, call: &Call, id: ObjectId, body: JsonMap) -> Result<ActionResult, Failure> {
        let body: RemovePasswordBody = read("passwordCredential", body)?;
        ops::remove_password::<H>(call, id, body.key_id).await?;
        Ok(ActionResult::Nothing)
    }
}

/// INVARIANT 12: what is kept of a secret stays in the house; its text was shown once.
pub(super) fn show(password: &mut JsonMap) {
    password.shift_remove("hash");
    password.insert("secretText".to_owned(), Value::Null);
    password.insert("customKeyIdentifier".to_owned(), Value::Null);
}
