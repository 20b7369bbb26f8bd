//! Rights besides permissions: who asks for them, when, and what they open.

use crate::world::World;
use async_trait::async_trait;
use serde_json::json;
use signet_graph::{Call, Deed, HeldRights, OtherRights, OtherWays};
use signet_kernel::{Failure, ObjectId};
use signet_store::Row;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const DENIED: (u16, &str) = (403, "Authorization_RequestDenied");

/// Deeds on objects of a kind.
type Granted = (&'static str, Deed);

#[derive(Clone, Default)]
struct Toy {
    everywhere: &'static [Granted],
    /// On objects with this title.
    titled: Option<(&'static str, &'static [Granted])>,
    barred: &'static [&'static str],
    asked: Arc<AtomicUsize>,
}

#[async_trait]
impl OtherRights for Toy {
    fn declared(&self, kind: &str, deed: Deed) -> OtherWays {
        OtherWays { actions: vec![format!("{kind} {deed:?}")], relations: Vec::new() }
    }

    async fn held(&self, _call: &Call) -> Result<Box<dyn HeldRights>, Failure> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(self.clone()))
    }
}

#[async_trait]
impl HeldRights for Toy {
    fn everywhere(&self, kind: &str, deed: Deed) -> bool {
        self.everywhere.contains(&(kind_of(kind), deed))
    }

    fn partly(&self, kind: &str, deed: Deed) -> bool {
        self.titled.is_some_and(|(_, granted)| granted.contains(&(kind_of(kind), deed)))
    }

    fn by_links(&self, _kind: &str, _deed: Deed) -> bool {
        false
    }

    async fn here(&self, _call: &Call, row: &Row, deed: Deed) -> Result<bool, Failure> {
        let body: serde_json::Value = serde_json::from_slice(&row.body).unwrap();
        let titled = self.titled.is_some_and(|(title, _)| body["title"] == title);
        Ok(titled && self.partly(&row.kind, deed))
    }

    fn may_stand_for(&self, permission: &str) -> bool {
        !self.barred.contains(&permission)
    }
}

fn kind_of(kind: &str) -> &'static str {
    ["document", "report", "person"].into_iter().find(|known| *known == kind).unwrap_or("other")
}

#[tokio::test]
async fn other_rights_are_asked_for_once_and_only_where_permissions_do_not_suffice() {
    let toy = Toy { everywhere: &[("document", Deed::Read)], ..Toy::default() };
    let asked = toy.asked.clone();
    let world = World::with_rights(Arc::new(toy)).await;
    let (one, _) = (world.document("a").await, world.document("b").await);
    world.patch(&format!("/v1.0/documents/{one}"), &json!({"title": "c"})).send().await;
    assert_eq!(world.get("/v1.0/documents").send().await.each("title"), ["c", "b"]);
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    assert_eq!(world.get("/v1.0/documents").with("None").send().await.each("title"), ["c", "b"]);
    assert_eq!(asked.load(Ordering::Relaxed), 1, "once for a list of many");
    assert_eq!(world.delete(&format!("/v1.0/documents/{one}")).with("None").send().await.error(), DENIED);
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_right_that_reaches_some_objects_tells_nothing_of_the_others() {
    const GRANTED: &[Granted] = &[("document", Deed::Read), ("document", Deed::Update("title"))];
    let world = World::with_rights(Arc::new(Toy { titled: Some(("mine", GRANTED)), ..Toy::default() })).await;
    let (mine, other) = (world.document("mine").await, world.document("other").await);
    let missing = ObjectId::from_uuid(uuid::Uuid::from_u128(9)).to_string();
    for id in [other.as_str(), &missing, "no-id"] {
        let path = format!("/v1.0/documents/{id}");
        assert_eq!(world.get(&path).with("None").send().await.error(), DENIED, "{id}");
        let reply = world.patch(&path, &json!({"title": "x"})).with("None").send().await;
        assert_eq!(reply.error(), DENIED, "{id}");
    }
    let path = format!("/v1.0/documents/{mine}");
    assert_eq!(world.get(&path).with("None").send().await.status, 200);
    assert_eq!(world.get("/v1.0/documents").with("None").send().await.each("id"), [mine.as_str()]);
    let reply = world.patch(&path, &json!({"title": "mine", "size": 1})).with("None").send().await;
    assert_eq!(reply.fault(), (403, "Authorization_RequestDenied", "size"));
    assert_eq!(world.patch(&path, &json!({"title": "mine"})).with("None").send().await.status, 204);
}

#[tokio::test]
async fn what_a_caller_may_never_hold_it_gains_by_no_other_right() {
    const GRANTED: &[Granted] = &[("document", Deed::Delete), ("document", Deed::Create)];
    let toy = Toy { everywhere: GRANTED, barred: &["Document.Delete"], ..Toy::default() };
    let world = World::with_rights(Arc::new(toy)).await;
    let id = world.document("a").await;
    assert_eq!(world.delete(&format!("/v1.0/documents/{id}")).with("None").send().await.error(), DENIED);
    let made = world.post("/v1.0/documents", &json!({"title": "b"})).with("None").send().await;
    assert_eq!(made.status, 201);
}

#[tokio::test]
async fn operations_tell_which_other_rights_open_them() {
    let world = World::with_rights(Arc::new(Toy::default())).await;
    let of = |method: &str, path: &str| {
        let found = world.operations.iter().find(|one| one.method == *method && one.path == path).unwrap();
        found.actions.clone()
    };
    assert_eq!(of("GET", "/documents"), ["document Read"]);
    assert_eq!(of("POST", "/documents/{id}/readers/$ref"), ["document ChangePart(\"readers\")"]);
    let update = of("PATCH", "/documents/{id}");
    assert!(update.contains(&"document Turn(\"enabled\", false)".to_owned()), "{update:?}");
    assert!(world.operations.iter().all(|operation| !operation.actions.is_empty()));
}
