//! `agentIdentityBlueprint` in the directory API.

use super::declarations::{AGENT_IDENTITY_BLUEPRINT, CREDENTIALS, SPONSORING};
use crate::{Blueprint, BlueprintRules, NewBlueprint, create_blueprint, update_blueprint};
use async_trait::async_trait;
use serde_json::Value;
use signet_credentials::http::{AssignedPolicies, CredentialAccess, FederatedCredentials, credential_actions};
use signet_directory::attributes::{self, with_attributes};
use signet_directory::body::bound;
use signet_directory::http::{Owners, Sponsors, VerifiedPublisher, complete_publisher, show_application};
use signet_directory::ops;
use signet_directory::responsibility::{OWNERS, SPONSORS};
use signet_graph::{Action, ActionResult, Call, Contained, Entity, EntityType, JsonMap, Relation, Signature};
use signet_kernel::{Failure, ObjectId};
use signet_store::Row;

/// With proof of a certificate it holds, a blueprint adds another by its own token, which carries
/// `AgentIdentity.CreateAsManager` and nothing more.
const CREDENTIAL_ACCESS: CredentialAccess = CredentialAccess {
    change: CREDENTIALS,
    add_key: &["AgentIdentityBlueprint.AddRemoveCreds.All", "AgentIdentity.CreateAsManager"],
};

/// `agentIdentityBlueprint`, with the collections that other capabilities hang off it.
#[derive(Debug, Clone)]
pub struct BlueprintEntity {
    rules: BlueprintRules,
    contained: Vec<fn() -> Box<dyn Contained>>,
    actions: Vec<fn() -> Box<dyn Action>>,
}

impl BlueprintEntity {
    /// The type under these rules, with these collections under it besides its federated credentials.
    pub fn new(rules: BlueprintRules, contained: Vec<fn() -> Box<dyn Contained>>) -> Self {
        Self { rules, contained, actions: Vec::new() }
    }

    /// The same, with these actions and functions besides its own.
    #[must_use]
    pub fn with_actions(mut self, actions: Vec<fn() -> Box<dyn Action>>) -> Self {
        self.actions = actions;
        self
    }
}

#[async_trait]
impl Entity for BlueprintEntity {
    fn declaration(&self) -> &'static EntityType {
        &AGENT_IDENTITY_BLUEPRINT
    }

    fn required(&self) -> &'static [&'static str] {
        &["displayName"]
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        show_application(row)
    }

    async fn complete(&self, call: &Call, row: &Row, view: &mut JsonMap) -> Result<(), Failure> {
        complete_publisher(call, view).await?;
        attributes::complete(call, row, view).await
    }

    async fn create(&self, call: &Call, mut body: JsonMap) -> Result<ObjectId, Failure> {
        attributes::refuse_at_create(&body)?;
        let new = NewBlueprint {
            sponsors: bound(&mut body, SPONSORS)?.unwrap_or_default(),
            owners: bound(&mut body, OWNERS)?.unwrap_or_default(),
            with_principal: body.shift_remove("createPrincipal") == Some(Value::Bool(true)),
            members: body,
        };
        create_blueprint(call, &self.rules, new).await
    }

    async fn update(&self, call: &Call, id: ObjectId, body: JsonMap) -> Result<(), Failure> {
        with_attributes(call, id, body, async |body| update_blueprint(call, &self.rules, id, body).await).await
    }

    async fn delete(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::delete::<Blueprint>(call, id).await
    }

    async fn restore(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::restore::<Blueprint>(call, id).await
    }

    async fn purge(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::purge::<Blueprint>(call, id).await
    }

    fn relations(&self) -> Vec<Box<dyn Relation>> {
        vec![
            Box::new(Owners::<Blueprint>::new(&[])),
            Box::new(Sponsors::<Blueprint>::new(SPONSORING)),
            Box::new(AssignedPolicies::<Blueprint>::default()),
        ]
    }

    fn contained(&self) -> Vec<Box<dyn Contained>> {
        let federated = FederatedCredentials::<Blueprint>::new(self.rules.own.clone(), CREDENTIALS);
        let others = self.contained.iter().map(|make| make());
        std::iter::once(Box::new(federated) as Box<dyn Contained>).chain(others).collect()
    }

    fn actions(&self) -> Vec<Box<dyn Action>> {
        let others = self.actions.iter().map(|make| make());
        let publisher = |action| Box::new(PublisherAction { action, rules: self.rules.clone() }) as Box<dyn Action>;
        let own = credential_actions::<Blueprint>(CREDENTIAL_ACCESS).into_iter();
        own.chain(VerifiedPublisher::BOTH.map(publisher)).chain(others).collect()
    }
}

struct PublisherAction {
    action: VerifiedPublisher,
    rules: BlueprintRules,
}

#[async_trait]
impl Action for PublisherAction {
    fn name(&self) -> &'static str {
        self.action.name()
    }

    fn signature(&self) -> Option<Signature> {
        Some(self.action.signature())
    }

    async fn call(&self, call: &Call, id: ObjectId, body: JsonMap) -> Result<ActionResult, Failure> {
        let patch = self.action.patch(call, &body).await?;
        update_blueprint(call, &self.rules, id, patch).await?;
        Ok(ActionResult::Nothing)
    }
}
