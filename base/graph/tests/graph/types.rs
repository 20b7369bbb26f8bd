//! Documents, of which some are reports and some are drafts; people; boxes, which are things; log entries.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use signet_graph::{
    Access, Action, ActionResult, Answer, Call, ComplexType, Contained, Entity, EntityType, JsonMap, Page, PageRequest,
    Parameter, Property, PropertyType, Relation, SetAction, Signature,
};
use signet_kernel::{Failure, Fault, ObjectId};
use signet_odata::object_reference;
use signet_store::{Conflict, Id, IndexEntries, IndexKey, Kind, Row, UniqueKeys};
use std::marker::PhantomData;
use std::sync::Arc;
use uuid::Uuid;

/// The keys of documents, wherever they are kept.
fn keys(members: &JsonMap, keys: &mut UniqueKeys) {
    if let Some(code) = members.get("code").and_then(Value::as_str).and_then(|code| code.parse::<Uuid>().ok()) {
        keys.in_tenant("document.code", IndexKey::uuid(code));
    }
    if let Some(serial) = members.get("serial").and_then(Value::as_str) {
        keys.everywhere("document.serial", IndexKey::text(serial));
    }
    if let Some(name) = members.get("uniqueName").and_then(Value::as_str) {
        keys.in_tenant("document.uniqueName", IndexKey::text(name));
    }
}

macro_rules! kind {
    ($kind:ident, $name:literal) => {
        #[derive(Debug, Clone, Default, Serialize, Deserialize)]
        pub(crate) struct $kind {
            #[serde(flatten)]
            members: JsonMap,
        }

        impl Kind for $kind {
            const NAME: &'static str = $name;

            fn unique(&self, unique: &mut UniqueKeys) {
                keys(&self.members, unique);
            }

            fn index(&self, index: &mut IndexEntries) {
                if let Some(colour) = self.members.get("colour").and_then(Value::as_str) {
                    index.add("colour", IndexKey::text(colour));
                }
                if let Some(label) = self.members.get("label").and_then(Value::as_str) {
                    index.add("label", IndexKey::text(label));
                }
                for tag in self.members.get("tags").and_then(Value::as_array).into_iter().flatten() {
                    index.add("tag", IndexKey::text(tag.as_str().unwrap_or_default()));
                }
            }
        }

        impl From<JsonMap> for $kind {
            fn from(members: JsonMap) -> Self {
                Self { members }
            }
        }

        impl AsRef<JsonMap> for $kind {
            fn as_ref(&self) -> &JsonMap {
                &self.members
            }
        }
    };
}

kind!(Document, "document");
kind!(Report, "report");
kind!(Draft, "draft");
kind!(Person, "person");
kind!(Crate, "box");

const PROPERTIES: &[Property] = &[
    Property::new("title", PropertyType::String(20)).searched(),
    Property::new("label", PropertyType::String(300)).indexed().ordered(),
    Property::new("code", PropertyType::Guid),
    Property::new("uniqueName", PropertyType::String(64)),
    Property::new("serial", PropertyType::String(64)),
    Property::new("size", PropertyType::Int32),
    Property::new("tags", PropertyType::Strings).indexed_as("tag"),
    Property::new("enabled", PropertyType::Boolean).writable_with(&["Document.Switch"]),
    Property::new("secret", PropertyType::String(64)).only_selected(),
    Property::new("createdBy", PropertyType::String(64)).read_only().computed(),
    Property::new("colour", PropertyType::String(64)).indexed(),
    Property::new("due", PropertyType::DateTime),
    Property::new("blob", PropertyType::Binary),
    Property::new("layout", PropertyType::Complex("layout")),
    Property::new("related", PropertyType::Guids),
    Property::new("pages", PropertyType::Complexes("page")),
];

const NOBODY: &[&str] = &[];

const DOCUMENT: EntityType = EntityType {
    name: "document",
    base: None,
    set: "documents",
    kind: Some("document"),
    properties: PROPERTIES,
    incompatible: &[],
    incompatible_code: "",
    alternate_keys: &[("code", "document.code"), ("uniqueName", "document.uniqueName"), ("serial", "document.serial")],
    access: Access {
        read: &["Document.Read"],
        create: &["Document.Create"],
        update: &["Document.Write"],
        delete: &["Document.Delete"],
    },
    beta_only: false,
};

const REPORT: EntityType = EntityType {
    name: "report",
    base: Some("document"),
    kind: Some("report"),
    properties: &[
        Property::new("title", PropertyType::String(20)).writable_with(&["Report.Title"]).searched(),
        Property::new("author", PropertyType::Guid),
    ],
    incompatible: &["colour"],
    incompatible_code: "Report_IncompatibleProperty",
    access: Access {
        read: &["Report.Read", "Report.ReadOwn", "Document.Read"],
        create: &["Report.Create"],
        update: &["Report.Write"],
        delete: &["Report.Delete"],
    },
    ..DOCUMENT
};

/// Only in beta; once made it stays as it is.
const DRAFT: EntityType = EntityType {
    name: "draft",
    base: Some("document"),
    kind: Some("draft"),
    properties: &[],
    access: Access { read: &["Document.Read"], create: &["Document.Create"], update: NOBODY, delete: NOBODY },
    beta_only: true,
    ..DOCUMENT
};

const PERSON: EntityType = EntityType {
    name: "person",
    set: "people",
    kind: Some("person"),
    properties: &[Property::new("displayName", PropertyType::String(64)), Property::new("salary", PropertyType::Int32)],
    alternate_keys: &[],
    access: Access { read: &["Person.Read"], create: &["Person.Create"], update: NOBODY, delete: NOBODY },
    ..DOCUMENT
};

/// There are no things as such.
const THING: EntityType = EntityType {
    name: "thing",
    set: "things",
    kind: None,
    properties: &[Property::new("displayName", PropertyType::String(64))],
    alternate_keys: &[],
    access: Access { read: &["Thing.All"], create: &["Thing.All"], update: NOBODY, delete: NOBODY },
    ..DOCUMENT
};

const BOX: EntityType = EntityType { name: "box", base: Some("thing"), kind: Some("box"), properties: &[], ..THING };

const ENTRY: EntityType = EntityType {
    name: "entry",
    set: "logs/entries",
    kind: None,
    properties: &[],
    alternate_keys: &[],
    access: Access { read: &["Log.Read"], create: NOBODY, update: NOBODY, delete: NOBODY },
    ..DOCUMENT
};

/// Every type of these tests.
pub(crate) fn types() -> Vec<Arc<dyn Entity>> {
    vec![
        Arc::new(Toy::<Document>::new(&DOCUMENT)),
        Arc::new(Toy::<Report>::new(&REPORT)),
        Arc::new(Toy::<Draft>::new(&DRAFT)),
        Arc::new(Toy::<Person>::new(&PERSON)),
        Arc::new(Toy::<Crate>::new(&THING)),
        Arc::new(Toy::<Crate>::new(&BOX)),
        Arc::new(Entries),
    ]
}

struct Toy<K> {
    declaration: &'static EntityType,
    kind: PhantomData<fn() -> K>,
}

impl<K> Toy<K> {
    fn new(declaration: &'static EntityType) -> Self {
        Self { declaration, kind: PhantomData }
    }
}

fn stale() -> Failure {
    Failure::new(Fault::Precondition, "Request_PreconditionFailed", "changed meanwhile")
}

#[async_trait]
impl<K: Kind + From<JsonMap> + AsRef<JsonMap>> Entity for Toy<K> {
    fn declaration(&self) -> &'static EntityType {
        self.declaration
    }

    fn required(&self) -> &'static [&'static str] {
        if self.declaration.name == "person" { &["displayName"] } else { &[] }
    }

    fn complex_types(&self) -> &'static [ComplexType] {
        const LINE: &[Property] = &[Property::new("text", PropertyType::String(5))];
        const PAGE: &[Property] =
            &[Property::new("number", PropertyType::Int32), Property::new("lines", PropertyType::Complexes("line"))];
        &[ComplexType { name: "page", properties: PAGE }, ComplexType { name: "line", properties: LINE }]
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        serde_json::from_slice(&row.body).map_err(Failure::bug)
    }

    async fn complete(&self, _call: &Call, _row: &Row, view: &mut JsonMap) -> Result<(), Failure> {
        if self.declaration.name == "document" {
            view.insert("createdBy".to_owned(), "the press".into());
        }
        Ok(())
    }

    /// Who may only read its own reports sees those it is the author of.
    fn visible(&self, call: &Call, row: &Row) -> bool {
        let own =
            || self.view(row).is_ok_and(|view| view.get("author") == Some(&json!(call.caller.object.to_string())));
        row.kind != "report" || call.caller.holds_any(&["Report.Read", "Document.Read"]) || own()
    }

    fn hides(&self, call: &Call) -> bool {
        !call.caller.holds_any(&["Report.Read", "Document.Read"])
    }

    async fn create(&self, call: &Call, mut body: JsonMap) -> Result<ObjectId, Failure> {
        let bound = body.shift_remove("readers@odata.bind");
        let id = Id::<K>::of(call.store.context().new_object_id());
        let mut unit = call.store.unit();
        unit.create(id, &K::from(body));
        for reader in bound.iter().filter_map(Value::as_array).flatten() {
            unit.link(id.object(), "readers", reader.as_str().and_then(object_reference).unwrap());
        }
        call.store.commit(unit).await?;
        Ok(id.object())
    }

    async fn update(&self, call: &Call, id: ObjectId, body: JsonMap) -> Result<(), Failure> {
        let seen = call.store.find(Id::<K>::of(id)).await?.ok_or_else(stale)?;
        if call.if_match.is_some_and(|version| version != seen.version) {
            return Err(stale());
        }
        let mut members = seen.body.as_ref().clone();
        members.extend(body);
        let mut unit = call.store.unit();
        unit.update(&*seen, &K::from(members));
        call.store.commit(unit).await?;
        Ok(())
    }

    async fn delete(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        let seen = call.store.find(Id::<K>::of(id)).await?.ok_or_else(stale)?;
        let mut unit = call.store.unit();
        unit.delete(&*seen, call.store.context().new_uuid());
        call.store.commit(unit).await?;
        Ok(())
    }

    async fn restore(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        let mut unit = call.store.unit();
        unit.restore(id);
        call.store.commit(unit).await?;
        Ok(())
    }

    async fn purge(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        let mut unit = call.store.unit();
        unit.purge(id);
        call.store.commit(unit).await?;
        Ok(())
    }

    fn relations(&self) -> Vec<Box<dyn Relation>> {
        match self.declaration.name {
            "document" => vec![Box::new(Readers { closed: false }), Box::new(Editor)],
            "person" => vec![Box::new(Reads)],
            "report" => vec![Box::new(Readers { closed: true })],
            _ => Vec::new(),
        }
    }

    fn contained(&self) -> Vec<Box<dyn Contained>> {
        if self.declaration.name == "document" { vec![Box::new(Notes), Box::new(Mentions)] } else { Vec::new() }
    }

    fn set_actions(&self) -> Vec<Box<dyn SetAction>> {
        if self.declaration.name == "document" {
            vec![Box::new(Check(false)), Box::new(Check(true))]
        } else {
            Vec::new()
        }
    }

    fn actions(&self) -> Vec<Box<dyn Action>> {
        if self.declaration.name == "document" {
            vec![Box::new(Stamp), Box::new(Forget), Box::new(Weight)]
        } else {
            Vec::new()
        }
    }
}

/// Leads to one object at most.
struct Editor;

#[async_trait]
impl Relation for Editor {
    fn name(&self) -> &'static str {
        "editor"
    }

    fn single(&self) -> bool {
        true
    }

    async fn add(&self, call: &Call, source: ObjectId, target: ObjectId) -> Result<(), Failure> {
        let mut unit = call.store.unit();
        for link in &call.store.links_from(source, "editor").await?.links {
            unit.unlink(source, "editor", link.target);
        }
        unit.link(source, "editor", target);
        call.store.commit(unit).await?;
        Ok(())
    }

    async fn remove(&self, call: &Call, source: ObjectId, target: ObjectId) -> Result<(), Failure> {
        let mut unit = call.store.unit();
        unit.unlink(source, "editor", target);
        call.store.commit(unit).await?;
        Ok(())
    }
}

/// What one is a reader of: it follows from the readers of documents.
struct Reads;

#[async_trait]
impl Relation for Reads {
    fn name(&self) -> &'static str {
        "reads"
    }

    fn read_only(&self) -> bool {
        true
    }

    async fn ends(&self, call: &Call, source: ObjectId) -> Result<Vec<ObjectId>, Failure> {
        Ok(call.store.links_to(source, "readers").await?.links.iter().map(|link| link.source).collect())
    }
}

/// Nobody is added to those of a report.
struct Readers {
    closed: bool,
}

#[async_trait]
impl Relation for Readers {
    fn name(&self) -> &'static str {
        "readers"
    }

    fn writable_with(&self) -> &'static [&'static str] {
        &["Document.Link"]
    }

    async fn add(&self, call: &Call, source: ObjectId, target: ObjectId) -> Result<(), Failure> {
        if self.closed {
            return Err(Failure::new(Fault::Input, "Report_Closed", "no readers"));
        }
        let mut unit = call.store.unit();
        unit.link(source, "readers", target);
        call.store.commit(unit).await?;
        Ok(())
    }

    async fn remove(&self, call: &Call, source: ObjectId, target: ObjectId) -> Result<(), Failure> {
        let mut unit = call.store.unit();
        unit.unlink(source, "readers", target);
        call.store.commit(unit).await?;
        Ok(())
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Note {
    document: ObjectId,
    name: String,
    text: String,
}

impl Kind for Note {
    const NAME: &'static str = "note";

    fn parent(&self) -> Option<ObjectId> {
        Some(self.document)
    }

    fn index(&self, index: &mut IndexEntries) {
        index.add("document", IndexKey::uuid(self.document.uuid()));
    }
}

/// The note that every document has without keeping it.
pub(crate) const IMPRINT: &str = "00000000-0000-8000-8000-00000000000a";

struct Notes;

fn text(body: &JsonMap, name: &str) -> String {
    body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[async_trait]
impl Contained for Notes {
    fn name(&self) -> &'static str {
        "notes"
    }

    fn type_name(&self) -> &'static str {
        "note"
    }

    fn stored(&self) -> (&'static str, &'static str) {
        ("note", "document")
    }

    fn key(&self) -> &'static str {
        "name"
    }

    fn readable_with(&self) -> &'static [&'static str] {
        &["Note.Read"]
    }

    fn writable_with(&self) -> &'static [&'static str] {
        &["Note.Write"]
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        let note: Note = serde_json::from_slice(&row.body).map_err(Failure::bug)?;
        let view = json!({"id": row.id, "name": note.name, "text": note.text});
        Ok(view.as_object().cloned().unwrap_or_default())
    }

    async fn complete(&self, _call: &Call, _row: &Row, view: &mut JsonMap) -> Result<(), Failure> {
        let length = text(view, "text").len();
        view.insert("length".to_owned(), length.into());
        Ok(())
    }

    async fn derived(&self, _call: &Call, _parent: ObjectId) -> Result<Vec<JsonMap>, Failure> {
        let view = json!({"id": IMPRINT, "name": "imprint", "text": "printed here"});
        Ok(view.as_object().cloned().into_iter().collect())
    }

    async fn create(&self, call: &Call, parent: ObjectId, body: JsonMap) -> Result<ObjectId, Failure> {
        let id = Id::of(call.store.context().new_object_id());
        let mut unit = call.store.unit();
        unit.create(id, &Note { document: parent, name: text(&body, "name"), text: text(&body, "text") });
        call.store.commit(unit).await?;
        Ok(id.object())
    }

    async fn update(&self, call: &Call, _parent: ObjectId, id: ObjectId, body: JsonMap) -> Result<(), Failure> {
        let found = call.store.find(Id::<Note>::of(id)).await?;
        let seen = found.ok_or_else(|| Failure::new(Fault::Input, "Note_Inherent", "the imprint stays"))?;
        let mut unit = call.store.unit();
        unit.update(&*seen, &Note { text: text(&body, "text"), ..seen.body.clone() });
        call.store.commit(unit).await?;
        Ok(())
    }

    async fn delete(&self, call: &Call, _parent: ObjectId, id: ObjectId) -> Result<(), Failure> {
        let found = call.store.find(Id::<Note>::of(id)).await?;
        let seen = found.ok_or_else(|| Failure::new(Fault::Input, "Note_Inherent", "the imprint stays"))?;
        let mut unit = call.store.unit();
        unit.delete(&*seen, call.store.context().new_uuid());
        call.store.commit(unit).await?;
        Ok(())
    }
}

/// The notes of a document, and one more for every report.
struct Mentions;

/// The id under which a report mentions every document, and the other way round.
pub(crate) fn mention(id: ObjectId) -> ObjectId {
    ObjectId::from_uuid(Uuid::from_u128(id.uuid().as_u128() ^ (0xf << 76)))
}

#[async_trait]
impl Contained for Mentions {
    fn name(&self) -> &'static str {
        "mentions"
    }

    fn type_name(&self) -> &'static str {
        "note"
    }

    fn stored(&self) -> (&'static str, &'static str) {
        ("note", "document")
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        let id = if row.kind == "report" { mention(row.id) } else { row.id };
        Ok(JsonMap::from_iter([("id".to_owned(), id.to_string().into()), ("by".to_owned(), row.kind.as_str().into())]))
    }

    async fn also(&self, _call: &Call, _parent: ObjectId) -> Result<Vec<&'static str>, Failure> {
        Ok(vec!["report"])
    }

    fn stands_for(&self, id: ObjectId) -> Option<ObjectId> {
        Some(mention(id))
    }

    async fn create(&self, _call: &Call, _parent: ObjectId, _body: JsonMap) -> Result<ObjectId, Failure> {
        Err(Failure::new(Fault::Input, "Mention_Inherent", "mentions follow"))
    }

    async fn delete(&self, _call: &Call, _parent: ObjectId, _id: ObjectId) -> Result<(), Failure> {
        Err(Failure::new(Fault::Input, "Mention_Inherent", "mentions follow"))
    }
}

struct Stamp;

#[async_trait]
impl Action for Stamp {
    fn name(&self) -> &'static str {
        "stamp"
    }

    fn callable_with(&self) -> &'static [&'static str] {
        &["Document.Stamp"]
    }

    fn signature(&self) -> Option<Signature> {
        const IMPRINT: ComplexType =
            ComplexType { name: "imprint", properties: &[Property::new("stamped", PropertyType::Guid)] };
        const INK: Parameter = Parameter::required("ink", PropertyType::String(10));
        Some(Signature::answering(Answer::Complex(&IMPRINT)).taking(&[INK]))
    }

    async fn call(&self, _call: &Call, id: ObjectId, body: JsonMap) -> Result<ActionResult, Failure> {
        let answer = json!({"stamped": id, "with": body});
        Ok(ActionResult::Object(answer.as_object().cloned().unwrap_or_default()))
    }
}

/// Its object is somebody else's by the time it is done.
struct Forget;

#[async_trait]
impl Action for Forget {
    fn name(&self) -> &'static str {
        "forget"
    }

    fn signature(&self) -> Option<Signature> {
        Some(Signature::answering(Answer::Nothing))
    }

    async fn call(&self, _call: &Call, id: ObjectId, _body: JsonMap) -> Result<ActionResult, Failure> {
        if id == ObjectId::from_uuid(Uuid::nil()) {
            Err(Conflict::NotAlive(id).into())
        } else {
            Ok(ActionResult::Nothing)
        }
    }
}

/// Changes nothing.
struct Weight;

#[async_trait]
impl Action for Weight {
    fn name(&self) -> &'static str {
        "weight"
    }

    fn signature(&self) -> Option<Signature> {
        Some(Signature::answering(Answer::Collection(PropertyType::Strings)))
    }

    fn is_function(&self) -> bool {
        true
    }

    async fn call(&self, _call: &Call, _id: ObjectId, _body: JsonMap) -> Result<ActionResult, Failure> {
        Ok(ActionResult::Object(JsonMap::from_iter([("value".to_owned(), json!([1, 2]))])))
    }
}

/// Of the set, or of all objects.
struct Check(bool);

#[async_trait]
impl SetAction for Check {
    fn name(&self) -> &'static str {
        "check"
    }

    fn callable_with(&self) -> &'static [&'static str] {
        &["Document.Check"]
    }

    fn of_all_objects(&self) -> bool {
        self.0
    }

    async fn call(&self, _call: &Call, body: JsonMap) -> Result<ActionResult, Failure> {
        if body.is_empty() { Ok(ActionResult::Nothing) } else { Ok(ActionResult::Object(body)) }
    }
}

/// Ten entries, numbered, kept nowhere.
struct Entries;

fn entry(number: usize) -> JsonMap {
    json!({"id": number.to_string(), "line": format!("line {number}")}).as_object().cloned().unwrap_or_default()
}

#[async_trait]
impl Entity for Entries {
    fn declaration(&self) -> &'static EntityType {
        &ENTRY
    }

    fn view(&self, _row: &Row) -> Result<JsonMap, Failure> {
        Err(Failure::bug("entries are in no row"))
    }

    async fn page(&self, _call: &Call, request: &PageRequest) -> Option<Result<Page, Failure>> {
        let first = request.after.as_ref().map_or(0, |after| after.parse::<usize>().unwrap());
        let wanted = (first..10).filter(|number| request.filter.is_none() || number % 2 == 0).map(entry);
        let items: Vec<JsonMap> = wanted.take(request.top).collect();
        let last = items.last().and_then(|item| item.get("id")?.as_str()?.parse::<usize>().ok());
        Some(Ok(Page { next: last.filter(|last| *last < 8).map(|last| (last + 1).to_string()), items }))
    }

    async fn item(&self, _call: &Call, id: &str) -> Option<Result<JsonMap, Failure>> {
        let number = id.parse::<usize>().ok().filter(|number| *number < 10)?;
        Some(Ok(entry(number)))
    }
}
