//! Relations that are read from their other end, or through others: computed when asked, kept nowhere.

use super::show_user;
use crate::User;
use crate::responsibility::{MANAGER, OWNERS, SPONSORS};
use async_trait::async_trait;
use serde_json::Value;
use signet_graph::{Call, Contained, JsonMap};
use signet_kernel::{Failure, Fault, ObjectId};
use signet_store::{Kind, LinkSet, Row, TenantStore};

/// What is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// Who reports to a person.
    DirectReports,
    /// What somebody answers for.
    SponsorOf,
    /// What a principal may change because it owns it.
    OwnedObjects,
}

impl View {
    const fn name(self) -> &'static str {
        match self {
            Self::DirectReports => "directReports",
            Self::SponsorOf => "sponsorOf",
            Self::OwnedObjects => "ownedObjects",
        }
    }

    /// The ids of the far ends, in their order.
    async fn ids(self, store: &TenantStore, of: ObjectId) -> Result<Vec<ObjectId>, Failure> {
        let sources = |links: &LinkSet| links.links.iter().map(|link| link.source).collect();
        Ok(match self {
            Self::DirectReports => sources(&*store.links_to(of, MANAGER).await?),
            Self::SponsorOf => sources(&*store.links_to(of, SPONSORS).await?),
            Self::OwnedObjects => sources(&*store.links_to(of, OWNERS).await?),
        })
    }
}

/// A read-only collection of objects of any type.
#[derive(Debug, Clone, Copy)]
pub struct Computed(View);

impl Computed {
    /// The collection, to hang off a type.
    pub fn boxed(view: View) -> Box<dyn Contained> {
        Box::new(Self(view))
    }
}

#[async_trait]
impl Contained for Computed {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn type_name(&self) -> &'static str {
        "directoryObject"
    }

    /// A kind that nothing is kept under.
    fn stored(&self) -> (&'static str, &'static str) {
        ("computed", "of")
    }

    fn view(&self, _row: &Row) -> Result<JsonMap, Failure> {
        Ok(JsonMap::new())
    }

    async fn derived(&self, call: &Call, parent: ObjectId) -> Result<Vec<JsonMap>, Failure> {
        let ids = self.0.ids(&call.store, parent).await?;
        let mut rows = call.store.read_rows(&ids).await?;
        rows.retain(|row| row.deleted.is_none());
        rows.sort_unstable_by_key(|row| row.id);
        rows.iter().map(|row| show(call, row)).collect()
    }

    async fn create(&self, _call: &Call, _parent: ObjectId, _body: JsonMap) -> Result<ObjectId, Failure> {
        Err(read_only(self.0))
    }

    async fn delete(&self, _call: &Call, _parent: ObjectId, _id: ObjectId) -> Result<(), Failure> {
        Err(read_only(self.0))
    }
}

fn read_only(view: View) -> Failure {
    let message = format!("'{}' follows from other objects; change it there.", view.name());
    Failure::new(Fault::Method, "Request_BadRequest", message)
}

/// An object by its type and name; whole where the caller may read all of that type.
pub(super) fn show(call: &Call, row: &Row) -> Result<JsonMap, Failure> {
    let body: JsonMap = serde_json::from_slice(&row.body).map_err(Failure::bug)?;
    let mut view = JsonMap::new();
    view.insert("@odata.type".to_owned(), format!("#microsoft.graph.{}", row.kind).into());
    view.insert("id".to_owned(), row.id.to_string().into());
    view.insert("displayName".to_owned(), body.get("displayName").cloned().unwrap_or(Value::Null));
    if row.kind == User::NAME && call.caller.holds_any(super::users::READ) {
        view.extend(show_user(row)?);
    }
    Ok(view)
}
