//! `deletionPreview` of a blueprint, its principal or an agent: all that a delete of it would take along.

use crate::{AppRoleAssignment, DelegatedGrant, InheritablePermission};
use async_trait::async_trait;
use serde_json::{Value, json};
use signet_agents::{AGENT_IDENTITY, AgentIdentity, AgentUser};
use signet_blueprints::{AGENT_IDENTITY_BLUEPRINT, AGENT_IDENTITY_BLUEPRINT_PRINCIPAL, Blueprint, BlueprintPrincipal};
use signet_directory::body::{denied, not_found};
use signet_graph::{
    Action, ActionResult, Answer, Call, ComplexType, EntityType, JsonMap, Property, PropertyType, Signature,
};
use signet_kernel::{AppId, Failure, ObjectId};
use signet_store::{IndexKey, IndexMatch, Kind, ListQuery, Liveness, Row};
use std::collections::BTreeMap;

/// So many objects are looked at; a larger subtree is told in part, and says so.
const MOST: usize = 10_000;
/// Rows read at a time.
const CHUNK: usize = 250;

/// What hangs off what: the parent's kind, the child's, and the child's indexed field that holds the parent's id.
const BRANCHES: &[(&str, &str, &str)] = &[
    (Blueprint::NAME, InheritablePermission::NAME, InheritablePermission::BLUEPRINT),
    (Blueprint::NAME, "federatedIdentityCredential", "holder"),
    (BlueprintPrincipal::NAME, AppRoleAssignment::NAME, AppRoleAssignment::PRINCIPAL),
    (BlueprintPrincipal::NAME, DelegatedGrant::NAME, DelegatedGrant::CLIENT),
    (AgentIdentity::NAME, AgentUser::NAME, AgentUser::PARENT),
    (AgentIdentity::NAME, AppRoleAssignment::NAME, AppRoleAssignment::PRINCIPAL),
    (AgentIdentity::NAME, DelegatedGrant::NAME, DelegatedGrant::CLIENT),
];

/// What a preview answers.
const PREVIEW: ComplexType = ComplexType {
    name: "deletionPreview",
    properties: &[
        Property::new("isComplete", PropertyType::Boolean),
        Property::new("count", PropertyType::Int32),
        Property::new("countByType", PropertyType::Complex("deletionCounts")),
        Property::new("value", PropertyType::Complexes("deletionPreviewItem")),
    ],
};

/// One object that would go.
const ITEM: ComplexType = ComplexType {
    name: "deletionPreviewItem",
    properties: &[
        Property::new("id", PropertyType::String(64)),
        Property::new("displayName", PropertyType::String(256)),
    ],
};

/// The preview, for objects of one type.
#[derive(Debug, Clone, Copy)]
struct DeletionPreview(&'static EntityType);

/// The function, to hang off blueprints.
pub fn blueprint_deletion_preview() -> Box<dyn Action> {
    Box::new(DeletionPreview(&AGENT_IDENTITY_BLUEPRINT))
}

/// The function, to hang off blueprint principals.
pub fn principal_deletion_preview() -> Box<dyn Action> {
    Box::new(DeletionPreview(&AGENT_IDENTITY_BLUEPRINT_PRINCIPAL))
}

/// The function, to hang off agent identities.
pub fn agent_deletion_preview() -> Box<dyn Action> {
    Box::new(DeletionPreview(&AGENT_IDENTITY))
}

#[async_trait]
impl Action for DeletionPreview {
    fn name(&self) -> &'static str {
        "deletionPreview"
    }

    fn signature(&self) -> Option<Signature> {
        Some(Signature::answering(Answer::Complex(&PREVIEW)).with_types(&[ITEM]))
    }

    fn callable_with(&self) -> &'static [&'static str] {
        self.0.access.delete
    }

    fn is_function(&self) -> bool {
        true
    }

    /// WHY: it names agents to whoever asks, so reading the root alone does not suffice.
    fn only_callable_with(&self) -> bool {
        true
    }

    fn previews_delete(&self) -> bool {
        true
    }

    /// WHY: it names agents to whoever asks, so reading the root alone does not suffice.
    async fn call(&self, call: &Call, id: ObjectId, _body: JsonMap) -> Result<ActionResult, Failure> {
        let needed = self.0.access.delete;
        if !call.caller.holds_any(needed) {
            return Err(denied(format!("Seeing what a delete takes along needs one of: {}.", needed.join(", "))));
        }
        let root = call.store.read_row(id).await?.filter(|row| row.deleted.is_none());
        Ok(ActionResult::Object(Subtree::of(call, root.ok_or_else(|| not_found(id))?).await?.told()))
    }
}

/// A list of children that is not read to its end.
struct Branch {
    kind: &'static str,
    field: &'static str,
    key: IndexKey,
    after: Option<ObjectId>,
}

#[derive(Default)]
struct Subtree {
    items: Vec<Value>,
    counts: BTreeMap<String, u64>,
    open: Vec<Branch>,
}

impl Subtree {
    async fn of(call: &Call, root: Row) -> Result<Self, Failure> {
        let mut tree = Self::default();
        tree.add(call, &root).await?;
        while tree.items.len() < MOST {
            let Some(mut branch) = tree.open.pop() else { break };
            let query = ListQuery {
                kinds: vec![branch.kind],
                liveness: Liveness::Live,
                after: branch.after,
                limit: CHUNK,
                index: Some(IndexMatch { field: branch.field, key: branch.key.clone() }),
            };
            let page = call.store.list(query).await?;
            branch.after = page.next;
            tree.open.extend(branch.after.is_some().then_some(branch));
            for row in &page.items {
                tree.add(call, row).await?;
            }
        }
        Ok(tree)
    }

    async fn add(&mut self, call: &Call, row: &Row) -> Result<(), Failure> {
        let body: JsonMap = serde_json::from_slice(&row.body).map_err(Failure::bug)?;
        *self.counts.entry(row.kind.clone()).or_default() += 1;
        let name = body.get("displayName").or_else(|| body.get("name"));
        self.items.push(json!({
            "@odata.type": format!("#microsoft.graph.{}", row.kind),
            "id": row.id.to_string(),
            "displayName": name,
        }));
        let branches = BRANCHES.iter().filter(|(parent, ..)| *parent == row.kind);
        let key = IndexKey::uuid(row.id.uuid());
        self.open.extend(branches.map(|(_, kind, field)| Branch { kind, field, key: key.clone(), after: None }));
        let app_id = body.get("appId").and_then(Value::as_str).and_then(|id| id.parse::<AppId>().ok());
        let Some(app_id) = app_id else { return Ok(()) };
        if row.kind == BlueprintPrincipal::NAME {
            let (kind, field, key) = (AgentIdentity::NAME, AgentIdentity::BLUEPRINT, IndexKey::uuid(app_id.uuid()));
            self.open.push(Branch { kind, field, key, after: None });
        }
        if row.kind == Blueprint::NAME
            && let Some(principal) = BlueprintPrincipal::find_by_app_id(&call.store, app_id).await?
            && let Some(row) = call.store.read_row(principal.id.object()).await?
        {
            Box::pin(self.add(call, &row)).await?;
        }
        Ok(())
    }

    fn told(self) -> JsonMap {
        let mut answer = JsonMap::new();
        answer.insert("isComplete".to_owned(), self.open.is_empty().into());
        answer.insert("count".to_owned(), self.items.len().into());
        let counts = self.counts.into_iter().map(|(kind, count)| (kind, count.into()));
        answer.insert("countByType".to_owned(), Value::Object(counts.collect()));
        answer.insert("value".to_owned(), self.items.into());
        answer
    }
}
