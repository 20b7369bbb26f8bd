//! `exportDeadLetter` in the directory API.

use super::{DeadLetter, ops};
use async_trait::async_trait;
use signet_graph::{
    Access, Action, ActionResult, Answer, Call, Entity, EntityType, JsonMap, Property, PropertyType, Signature,
};
use signet_kernel::{Failure, ObjectId};
use signet_store::{Kind, Row};

/// The reason may quote the record.
const READ: &[&str] = &["AuditLog.Read.All", WRITE];
const WRITE: &str = "LogExport.ReadWrite.All";

const PROPERTIES: &[Property] = &[
    Property::new(DeadLetter::SINK, PropertyType::String(64)).read_only().indexed(),
    Property::new("table", PropertyType::String(64)).read_only(),
    Property::new("record", PropertyType::String(128)).read_only(),
    Property::new("reason", PropertyType::String(1024)).read_only(),
    Property::new("isResendRequested", PropertyType::Boolean).read_only(),
    Property::new("createdDateTime", PropertyType::DateTime).read_only(),
];

/// `exportDeadLetter`.
pub const EXPORT_DEAD_LETTER: EntityType = EntityType {
    name: DeadLetter::NAME,
    base: None,
    set: "security/exportDeadLetters",
    kind: Some(DeadLetter::NAME),
    properties: PROPERTIES,
    incompatible: &[],
    incompatible_code: "Request_BadRequest",
    alternate_keys: &[],
    access: Access { read: READ, create: &[], update: &[], delete: &[] },
    beta_only: false,
};

/// Dead letters, as a type of the directory.
#[derive(Debug, Clone, Copy)]
pub struct DeadLetters;

#[async_trait]
impl Entity for DeadLetters {
    fn declaration(&self) -> &'static EntityType {
        &EXPORT_DEAD_LETTER
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        let mut view: JsonMap = serde_json::from_slice(&row.body).map_err(Failure::bug)?;
        view.retain(|name, _| PROPERTIES.iter().any(|property| property.name == name));
        view.insert("id".to_owned(), row.id.to_string().into());
        view.insert("createdDateTime".to_owned(), row.created.to_string().into());
        Ok(view)
    }

    fn is_alone(&self) -> bool {
        true
    }

    fn actions(&self) -> Vec<Box<dyn Action>> {
        vec![Box::new(Settle("resend", Way::SendAgain)), Box::new(Settle("drop", Way::Forget))]
    }
}

/// What becomes of a dead letter.
#[derive(Clone, Copy)]
enum Way {
    /// The node that sends to the sink sends it again. A letter that is taken is gone.
    SendAgain,
    /// It is given up. The record stays where it is.
    Forget,
}

struct Settle(&'static str, Way);

#[async_trait]
impl Action for Settle {
    fn name(&self) -> &'static str {
        self.0
    }

    fn callable_with(&self) -> &'static [&'static str] {
        &[WRITE]
    }

    fn only_callable_with(&self) -> bool {
        true
    }

    fn signature(&self) -> Option<Signature> {
        Some(Signature::answering(Answer::Nothing))
    }

    async fn call(&self, call: &Call, id: ObjectId, _: JsonMap) -> Result<ActionResult, Failure> {
        match self.1 {
            Way::SendAgain => ops::resend(call, id).await?,
            Way::Forget => ops::forget(call, id).await?,
        }
        Ok(ActionResult::Nothing)
    }
}
