//! The actions on credentials, which exist on every service principal and are always refused to an agent identity.

use crate::refusal::AgentRefused;
use async_trait::async_trait;
use signet_graph::{Action, ActionResult, Answer, Call, JsonMap, Signature};
use signet_kernel::{Failure, ObjectId};

/// Their names.
pub(super) const ACTIONS: [&str; 4] = ["addPassword", "removePassword", "addKey", "removeKey"];

/// An action that an agent identity does not have. INVARIANT 6.
pub(super) struct Refused(pub(super) &'static str);

#[async_trait]
impl Action for Refused {
    fn name(&self) -> &'static str {
        self.0
    }

    fn signature(&self) -> Option<Signature> {
        Some(Signature::answering(Answer::Nothing))
    }

    async fn call(&self, _call: &Call, _id: ObjectId, _body: JsonMap) -> Result<ActionResult, Failure> {
        Err(AgentRefused::CredentialsNotSupported.into())
    }
}
