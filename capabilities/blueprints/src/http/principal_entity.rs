//! `agentIdentityBlueprintPrincipal` in the directory API.

use super::declarations::AGENT_IDENTITY_BLUEPRINT_PRINCIPAL;
use crate::{Blueprint, BlueprintPrincipal, NewPrincipal, create_principal, update_principal};
use async_trait::async_trait;
use serde_json::Value;
use signet_directory::attributes::{self, with_attributes};
use signet_directory::body::{bad_request, bound, wire};
use signet_directory::http::{Computed, Owners, Sponsors, show_definition};
use signet_directory::ops;
use signet_directory::responsibility::{OWNERS, SPONSORS};
use signet_graph::{Action, Call, Contained, Entity, EntityType, JsonMap, Relation};
use signet_kernel::{Failure, ObjectId};
use signet_store::{Id, Row};

/// Members of the stored body that are nobody's business.
const INTERNAL: &[&str] = &["blueprint"];

/// `agentIdentityBlueprintPrincipal`, with the collections that other capabilities hang off it.
#[derive(Debug, Clone, Default)]
pub struct BlueprintPrincipalEntity {
    contained: Vec<fn() -> Box<dyn Contained>>,
    actions: Vec<fn() -> Box<dyn Action>>,
}

impl BlueprintPrincipalEntity {
    /// The type, with these collections under it.
    pub fn new(contained: Vec<fn() -> Box<dyn Contained>>) -> Self {
        Self { contained, actions: Vec::new() }
    }

    /// The same, with these actions and functions besides its own.
    #[must_use]
    pub fn with_actions(mut self, actions: Vec<fn() -> Box<dyn Action>>) -> Self {
        self.actions = actions;
        self
    }
}

#[async_trait]
impl Entity for BlueprintPrincipalEntity {
    fn declaration(&self) -> &'static EntityType {
        &AGENT_IDENTITY_BLUEPRINT_PRINCIPAL
    }

    fn required(&self) -> &'static [&'static str] {
        &["appId"]
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        wire(row, INTERNAL)
    }

    /// Adds what the blueprint says; its tags come before the principal's own.
    async fn complete(&self, call: &Call, row: &Row, view: &mut JsonMap) -> Result<(), Failure> {
        attributes::complete(call, row, view).await?;
        let Some(blueprint) = row.parent else { return Ok(()) };
        let Some(blueprint) = call.store.find_any(Id::<Blueprint>::of(blueprint)).await? else { return Ok(()) };
        let application = &blueprint.body.application;
        show_definition(view, application, call.store.id());
        view.insert("tags".to_owned(), union(application.other.get("tags"), view.get("tags")));
        Ok(())
    }

    async fn create(&self, call: &Call, mut body: JsonMap) -> Result<ObjectId, Failure> {
        attributes::refuse_at_create(&body)?;
        let app_id = body.shift_remove("appId");
        let app_id = app_id.as_ref().and_then(Value::as_str).and_then(|id| id.parse().ok());
        let new = NewPrincipal {
            app_id: app_id.ok_or_else(|| bad_request("appId", "'appId' is the client id of a blueprint."))?,
            sponsors: bound(&mut body, SPONSORS)?.unwrap_or_default(),
            owners: bound(&mut body, OWNERS)?.unwrap_or_default(),
            members: body,
        };
        create_principal(call, new).await
    }

    async fn update(&self, call: &Call, id: ObjectId, body: JsonMap) -> Result<(), Failure> {
        with_attributes(call, id, body, async |body| update_principal(call, id, body).await).await
    }

    async fn delete(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::delete::<BlueprintPrincipal>(call, id).await
    }

    async fn restore(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::restore::<BlueprintPrincipal>(call, id).await
    }

    async fn purge(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::purge::<BlueprintPrincipal>(call, id).await
    }

    fn relations(&self) -> Vec<Box<dyn Relation>> {
        use Computed::{CreatedObjects, MemberOf, OwnedObjects, TransitiveMemberOf};
        let own: [Box<dyn Relation>; 2] =
            [Box::new(Owners::<BlueprintPrincipal>::new(&[])), Box::new(Sponsors::<BlueprintPrincipal>::new(&[]))];
        own.into_iter().chain(Computed::boxed([OwnedObjects, CreatedObjects, MemberOf, TransitiveMemberOf])).collect()
    }

    fn contained(&self) -> Vec<Box<dyn Contained>> {
        self.contained.iter().map(|make| make()).collect()
    }

    fn actions(&self) -> Vec<Box<dyn Action>> {
        self.actions.iter().map(|make| make()).collect()
    }
}

/// Both lists, each value once.
fn union(first: Option<&Value>, second: Option<&Value>) -> Value {
    let mut all: Vec<Value> = Vec::new();
    for tag in [first, second].into_iter().flatten().filter_map(Value::as_array).flatten() {
        if !all.contains(tag) {
            all.push(tag.clone());
        }
    }
    Value::Array(all)
}
