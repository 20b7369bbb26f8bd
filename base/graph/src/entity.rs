//! What a capability implements for a type of the directory.

use crate::declaration::{EntityType, Property};
use crate::signature::{ComplexType, Signature};
use async_trait::async_trait;
use serde_json::{Map, Value};
use signet_kernel::{Caller, Failure, Fault, ObjectId};
use signet_store::{Row, TenantStore};

/// A JSON object in the order it was written.
pub type JsonMap = Map<String, Value>;

/// One authenticated request to the directory.
#[derive(Debug, Clone)]
pub struct Call {
    /// Who asks.
    pub caller: Caller,
    /// The caller's tenant, the only one this request can see.
    pub store: TenantStore,
    /// `{public_url}/v1.0` or `/beta`: the start of every link in the answer.
    pub base_url: String,
    /// The version named by `If-Match`, if there was one.
    pub if_match: Option<u64>,
}

/// Which page of a list that is not kept in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// `$filter`, as sent.
    pub filter: Option<String>,
    /// At most so many.
    pub top: usize,
    /// What the previous page gave as `next`.
    pub after: Option<String>,
}

/// A page of wire objects.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// The objects.
    pub items: Vec<JsonMap>,
    /// Where the next page starts.
    pub next: Option<String>,
}

/// What an action answers.
#[derive(Debug, Clone, PartialEq)]
pub enum ActionResult {
    /// 200 with this body; `@odata.context` is added. A collection is an object with `value`.
    Object(JsonMap),
    /// 204.
    Nothing,
}

/// A type of the directory: how it looks and what may be done with it. The router has checked the caller's
/// permissions, the body's property names and types, and `If-Match`, before any operation is called.
#[async_trait]
pub trait Entity: Send + Sync + 'static {
    /// The declaration.
    fn declaration(&self) -> &'static EntityType;

    /// The stored object as it looks on the wire, without `@odata.*` members. Secrets and hashes never appear.
    fn view(&self, row: &Row) -> Result<JsonMap, Failure>;

    /// Adds members that are derived from other objects when asked, never kept. Called after [`view`](Self::view)
    /// wherever the router answers an object of this type.
    async fn complete(&self, _call: &Call, _row: &Row, _view: &mut JsonMap) -> Result<(), Failure> {
        Ok(())
    }

    /// Whether this caller may see this object: for permissions to read that reach only some objects of a type. The
    /// router leaves the others out of lists, and answers a GET of them as if they did not exist. Writes are decided
    /// by the operation.
    fn visible(&self, _call: &Call, _row: &Row) -> bool {
        true
    }

    /// Whether [`visible`](Self::visible) may say no to this caller: such objects are counted one by one.
    fn hides(&self, _call: &Call) -> bool {
        false
    }

    /// Members without which the router refuses to create one.
    fn required(&self) -> &'static [&'static str] {
        &[]
    }

    /// Creates an object; the router reads it back for the answer.
    async fn create(&self, _call: &Call, _body: JsonMap) -> Result<ObjectId, Failure> {
        Err(no_such_operation("created"))
    }

    /// Changes the members that `body` names.
    async fn update(&self, _call: &Call, _id: ObjectId, _body: JsonMap) -> Result<(), Failure> {
        Err(no_such_operation("changed"))
    }

    /// Soft-deletes an object and what hangs off it.
    async fn delete(&self, _call: &Call, _id: ObjectId) -> Result<(), Failure> {
        Err(no_such_operation("deleted"))
    }

    /// Brings a deleted object back, with what went with it.
    async fn restore(&self, _call: &Call, _id: ObjectId) -> Result<(), Failure> {
        Err(no_such_operation("restored"))
    }

    /// Removes a deleted object for good.
    async fn purge(&self, _call: &Call, _id: ObjectId) -> Result<(), Failure> {
        Err(no_such_operation("purged"))
    }

    /// The types of values that its properties name. The router checks what bodies hold of them.
    fn complex_types(&self) -> &'static [ComplexType] {
        &[]
    }

    /// Relations that `$ref` changes.
    fn relations(&self) -> Vec<Box<dyn Relation>> {
        Vec::new()
    }

    /// Collections of objects that hang off one object of this type.
    fn contained(&self) -> Vec<Box<dyn Contained>> {
        Vec::new()
    }

    /// Actions on one object: `POST …/{id}/{name}`.
    fn actions(&self) -> Vec<Box<dyn Action>> {
        Vec::new()
    }

    /// Actions on the set: `POST /{set}/{name}`.
    fn set_actions(&self) -> Vec<Box<dyn SetAction>> {
        Vec::new()
    }

    /// Whether nothing ever hangs off its objects, so that one which is gone for good took nothing along.
    fn is_alone(&self) -> bool {
        false
    }

    /// Whether its set holds one object in each tenant, which its path names: `policies/authorizationPolicy`. GET shows
    /// [`item`](Self::item); PATCH is [`update`](Self::update), with the tenant's own object for its version.
    fn is_singleton(&self) -> bool {
        false
    }

    /// Of a type whose set holds one object, whether `/beta` shows that set as a list of one, with the object at
    /// `{set}/{id}`: Graph has some of them both ways. [`page`](Self::page) then answers the list.
    fn is_listed_in_beta(&self) -> bool {
        false
    }

    /// Lists objects that do not live in the store, such as log records. `None` for all others.
    async fn page(&self, _call: &Call, _request: &PageRequest) -> Option<Result<Page, Failure>> {
        None
    }

    /// Finds one object that does not live in the store. `None` for types that do.
    async fn item(&self, _call: &Call, _id: &str) -> Option<Result<JsonMap, Failure>> {
        None
    }
}

/// Links of one name from objects to others: `owners`, `sponsors`. Listed by the router; changed by `$ref`, and by
/// `name@odata.bind` in a create's body, which [`Entity::create`] reads itself.
#[async_trait]
pub trait Relation: Send + Sync + 'static {
    /// Its name on the wire and in the store.
    fn name(&self) -> &'static str;

    /// Permissions that suffice to change it, besides those that allow any update of the type.
    fn writable_with(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether the type's `update` does not suffice to change it, so that only [`writable_with`](Self::writable_with)
    /// does.
    fn only_writable_with(&self) -> bool {
        false
    }

    /// Whether it leads to one object at most: `manager`. Its `$ref` is then set by PUT and removed by DELETE.
    fn single(&self) -> bool {
        false
    }

    /// Whether no `$ref` changes it: it follows from other links, as `memberOf` and `directReports` do.
    fn read_only(&self) -> bool {
        false
    }

    /// The CSDL name of the type at its far ends.
    fn target(&self) -> &'static str {
        "directoryObject"
    }

    /// The objects at its far ends. Those of the links of this name, unless told otherwise.
    async fn ends(&self, call: &Call, source: ObjectId) -> Result<Vec<ObjectId>, Failure> {
        let links = call.store.links_from(source, self.name()).await?;
        Ok(links.links.iter().map(|link| link.target).collect())
    }

    /// Adds a link; of a [`single`](Self::single) relation, in the place of the one there is.
    async fn add(&self, _call: &Call, _source: ObjectId, _target: ObjectId) -> Result<(), Failure> {
        Err(no_such_operation("linked"))
    }

    /// Removes a link.
    async fn remove(&self, _call: &Call, _source: ObjectId, _target: ObjectId) -> Result<(), Failure> {
        Err(no_such_operation("unlinked"))
    }
}

/// What can be done to what hangs off an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    /// One is created.
    Create,
    /// One is changed.
    Update,
    /// One is removed.
    Delete,
}

/// Objects that hang off one object: `federatedIdentityCredentials`, `appRoleAssignments`. Kept in the store as
/// objects of their own kind, found by an indexed field that holds the parent's id.
#[async_trait]
pub trait Contained: Send + Sync + 'static {
    /// Its name in the path.
    fn name(&self) -> &'static str;

    /// The CSDL name of the contained type.
    fn type_name(&self) -> &'static str;

    /// What its objects have, for those who read about the API: nothing said means that nothing is known.
    fn properties(&self) -> &'static [Property] {
        &[]
    }

    /// The stored kind and the indexed field that holds the parent's id.
    fn stored(&self) -> (&'static str, &'static str);

    /// The wire name of the key in the path; `id` unless the type has another (`resourceAppId`). An item is
    /// found by its object id, or by this member of its view.
    fn key(&self) -> &'static str {
        "id"
    }

    /// Permissions that suffice to read it, besides the type's `read`.
    fn readable_with(&self) -> &'static [&'static str] {
        &[]
    }

    /// Permissions that suffice to change it, besides the type's `update`.
    fn writable_with(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether the type's `update` does not suffice to change it, so that only [`writable_with`](Self::writable_with)
    /// does: what gives rights.
    fn only_writable_with(&self) -> bool {
        false
    }

    /// What is never done here: its objects are made or changed elsewhere, or stay as they are.
    fn refuses(&self) -> &'static [Write] {
        &[]
    }

    /// Whether a PATCH answers 200 with the object instead of 204.
    fn update_answers_object(&self) -> bool {
        false
    }

    /// The stored object as it looks on the wire.
    fn view(&self, row: &Row) -> Result<JsonMap, Failure>;

    /// Adds members that are derived from other objects when asked, never kept. Called after [`view`](Self::view)
    /// wherever the router answers an object of this collection.
    async fn complete(&self, _call: &Call, _row: &Row, _view: &mut JsonMap) -> Result<(), Failure> {
        Ok(())
    }

    /// Objects of the collection that follow from what the parent is and are kept nowhere, as they look on the
    /// wire. Listed before the stored ones, on the first page; found by their `id`. A write that names one reaches
    /// [`update_derived`](Self::update_derived) or [`delete_derived`](Self::delete_derived).
    async fn derived(&self, _call: &Call, _parent: ObjectId) -> Result<Vec<JsonMap>, Failure> {
        Ok(Vec::new())
    }

    /// Kinds of which every living object stands for one more, which is kept nowhere: [`view`](Self::view) of its row
    /// shows it. Listed among the stored ones, page by page. For what would be too many to be
    /// [`derived`](Self::derived) at once.
    async fn also(&self, _call: &Call, _parent: ObjectId) -> Result<Vec<&'static str>, Failure> {
        Ok(Vec::new())
    }

    /// The object that stands for the one of this id.
    fn stands_for(&self, _id: ObjectId) -> Option<ObjectId> {
        None
    }

    /// Members without which a create is refused, for those who read about the API.
    fn required(&self) -> &'static [&'static str] {
        &[]
    }

    /// The types of values that its properties name, for those who read about the API.
    fn complex_types(&self) -> &'static [ComplexType] {
        &[]
    }

    /// Creates one; the router reads it back for the answer.
    async fn create(&self, call: &Call, parent: ObjectId, body: JsonMap) -> Result<ObjectId, Failure>;

    /// Changes the members that `body` names.
    async fn update(&self, _call: &Call, _parent: ObjectId, _id: ObjectId, _body: JsonMap) -> Result<(), Failure> {
        Err(no_such_operation("changed"))
    }

    /// Removes one.
    async fn delete(&self, call: &Call, parent: ObjectId, id: ObjectId) -> Result<(), Failure>;

    /// Creates one that is part of its parent, as it then looks on the wire. `None` where each is an object of its
    /// own, which [`create`](Self::create) makes.
    async fn create_derived(
        &self,
        _call: &Call,
        _parent: ObjectId,
        _body: &JsonMap,
    ) -> Option<Result<JsonMap, Failure>> {
        None
    }

    /// Changes a derived one, given as it looks now. Unless told otherwise, [`update`](Self::update) is asked, which
    /// says why that is refused.
    async fn update_derived(
        &self,
        call: &Call,
        parent: ObjectId,
        view: &JsonMap,
        body: JsonMap,
    ) -> Result<(), Failure> {
        self.update(call, parent, id_of(view)?, body).await
    }

    /// Removes a derived one. Unless told otherwise, [`delete`](Self::delete) is asked, which says why that is
    /// refused.
    async fn delete_derived(&self, call: &Call, parent: ObjectId, view: &JsonMap) -> Result<(), Failure> {
        self.delete(call, parent, id_of(view)?).await
    }
}

fn id_of(view: &JsonMap) -> Result<ObjectId, Failure> {
    let id = view.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok());
    id.ok_or_else(|| no_such_operation("changed"))
}

/// An action on one object.
#[async_trait]
pub trait Action: Send + Sync + 'static {
    /// Its name in the path: `addPassword`.
    fn name(&self) -> &'static str;

    /// Permissions of which any one suffices, besides the type's `update`; of a function, besides its `read`.
    fn callable_with(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether the type's `update` or `read` does not suffice, so that only [`callable_with`](Self::callable_with)
    /// does.
    fn only_callable_with(&self) -> bool {
        false
    }

    /// Whether it changes nothing and is called by GET, without a body: `effectivePermissions`.
    fn is_function(&self) -> bool {
        false
    }

    /// Whether it changes nothing and `read` suffices, though it is called by POST: `checkMemberGroups`.
    fn only_reads(&self) -> bool {
        self.is_function()
    }

    /// What it takes and answers, for those who read about the API: nothing said means that nothing is known.
    fn signature(&self) -> Option<Signature> {
        None
    }

    /// Whether it answers what a delete of the object would take along: what `DELETE …?preview=true` is answered with.
    fn previews_delete(&self) -> bool {
        false
    }

    /// Does it.
    async fn call(&self, call: &Call, id: ObjectId, body: JsonMap) -> Result<ActionResult, Failure>;
}

/// An action on a set, or on all objects: `validateProperties`.
#[async_trait]
pub trait SetAction: Send + Sync + 'static {
    /// Its name in the path.
    fn name(&self) -> &'static str;

    /// Permissions of which any one suffices.
    fn callable_with(&self) -> &'static [&'static str];

    /// Whether it is called under `directoryObjects`, not under the type's own set.
    fn of_all_objects(&self) -> bool {
        false
    }

    /// What it takes and answers, for those who read about the API: nothing said means that nothing is known.
    fn signature(&self) -> Option<Signature> {
        None
    }

    /// Does it.
    async fn call(&self, call: &Call, body: JsonMap) -> Result<ActionResult, Failure>;
}

fn no_such_operation(verb: &str) -> Failure {
    Failure::new(Fault::Method, "Request_BadRequest", format!("Objects of this type cannot be {verb} here."))
}
