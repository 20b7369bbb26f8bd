//! A collection of objects that hang off one object.

use super::set::read_back;
use super::{list_context, location, permitted};
use crate::admission::Admitted;
use crate::body_check::drop_annotations;
use crate::catalog::DirectoryType;
use crate::entity::{Contained, JsonMap};
use crate::listing::{Content, List, Paging, Source};
use crate::lookup::not_found;
use crate::page_token::PageTokens;
use crate::place::{Target, nothing_here};
use crate::request::Request;
use crate::respond;
use crate::rights::{Way, holds_one};
use crate::selection::Selection;
use crate::view::{contained_view, only};
use axum::body::Body;
use axum::http::{Response, StatusCode};
use serde_json::Value;
use signet_kernel::{Failure, ObjectId};
use signet_odata::Key;
use signet_store::{IndexKey, IndexMatch, ListQuery, Liveness, Row};
use uuid::Uuid;

/// What hangs off an object leads nowhere itself: nothing to expand.
const WITHOUT_RELATIONS: &[&str] =
    &["$select", "$filter", "$orderby", "$search", "$count", "$top", "$skip", "$skiptoken"];
/// Rows read at a time while looking for one.
const CHUNK: usize = 250;

/// The collection named `name` under one object.
pub(super) struct Collection<'r> {
    pub(super) request: &'r Request,
    pub(super) owner: &'r Target,
    pub(super) name: &'r str,
}

/// An object of the collection.
enum Member {
    Stored(Row),
    /// It follows from what the parent is.
    Derived(JsonMap),
}

impl Collection<'_> {
    /// GET.
    pub(super) async fn list(&self, tokens: &PageTokens) -> Result<Response<Body>, Failure> {
        self.request.obeys(WITHOUT_RELATIONS)?;
        let paging = Paging::of(self.request, tokens);
        let Admitted { one, row: parent, .. } = self.readable().await?;
        let list = self.listed(self.contained(&one)?, parent.id).await?;
        let page = list.page(paging.mark()?, paging.top, paging.is_first()).await?;
        Ok(respond::list(self.list_context(&one, &parent), page.count, page.items, paging.link(page.next)))
    }

    /// GET `$count`.
    pub(super) async fn count(&self) -> Result<Response<Body>, Failure> {
        self.request.obeys(&["$filter", "$search"])?;
        let Admitted { one, row: parent, .. } = self.readable().await?;
        let list = self.listed(self.contained(&one)?, parent.id).await?;
        Ok(respond::number(list.count(None).await?))
    }

    async fn listed<'l>(&'l self, contained: &'l dyn Contained, parent: ObjectId) -> Result<List<'l>, Failure> {
        let request = self.request;
        let selection = Selection::undeclared(request, &request.options)?;
        let source = Source::of_contained(&request.call, contained, parent).await?;
        let derived = contained.derived(&request.call, parent).await?;
        Ok(List {
            request,
            options: &request.options,
            content: Content::Contained(contained),
            source,
            selection,
            derived,
        })
    }

    /// Stored objects of the collection after one of them.
    async fn rows(
        &self,
        contained: &dyn Contained,
        parent: ObjectId,
        after: ObjectId,
        limit: usize,
    ) -> Result<Vec<Row>, Failure> {
        let (kind, field) = contained.stored();
        let query = ListQuery {
            kinds: vec![kind],
            liveness: Liveness::Live,
            after: Some(after),
            limit,
            index: Some(IndexMatch { field, key: IndexKey::uuid(parent.uuid()) }),
        };
        Ok(self.request.call.store.list(query).await?.items)
    }

    async fn view(&self, contained: &dyn Contained, row: &Row) -> Result<JsonMap, Failure> {
        contained_view(&self.request.call, contained, row).await
    }

    /// POST.
    pub(super) async fn create(&self) -> Result<Response<Body>, Failure> {
        self.request.refuse_options()?;
        let Admitted { one, row: parent, call, .. } = self.changeable().await?;
        let contained = self.contained(&one)?;
        let body = self.body().await?;
        if let Some(view) = contained.create_derived(&call, parent.id, &body).await {
            let view = view?;
            let key = view.get(contained.key()).and_then(Value::as_str).unwrap_or_default();
            let owner = location(self.request, &one, &parent.id.to_string());
            let address = format!("{owner}/{}/{}", self.name, path_part(key));
            return Ok(respond::created(&address, self.item_context(&one, &parent), view));
        }
        let id = contained.create(&call, parent.id, body).await?;
        let view = self.view(contained, &read_back(self.request, id).await?).await?;
        // A key that is a GUID needs no escaping; by its id an object is found under any key.
        let key = view.get(contained.key()).and_then(Value::as_str).and_then(|key| key.parse().ok()).unwrap_or(id);
        let address = format!("{}/{}/{key}", location(self.request, &one, &parent.id.to_string()), self.name);
        Ok(respond::created(&address, self.item_context(&one, &parent), view))
    }

    /// GET of one.
    pub(super) async fn get(&self, key: &str) -> Result<Response<Body>, Failure> {
        self.request.refuse_list_options()?;
        let Admitted { one, row: parent, .. } = self.readable().await?;
        let contained = self.contained(&one)?;
        let view = match self.member(contained, parent.id, key).await? {
            Member::Stored(row) => self.view(contained, &row).await?,
            Member::Derived(view) => view,
        };
        let view = only(view, &self.request.options.select);
        Ok(respond::object(StatusCode::OK, self.item_context(&one, &parent), view))
    }

    /// PATCH of one.
    pub(super) async fn update(&self, key: &str) -> Result<Response<Body>, Failure> {
        self.request.refuse_options()?;
        let Admitted { one, row: parent, call, .. } = self.changeable().await?;
        let contained = self.contained(&one)?;
        let row = match self.member(contained, parent.id, key).await? {
            Member::Stored(row) => row,
            Member::Derived(view) => {
                contained.update_derived(&call, parent.id, &view, self.body().await?).await?;
                return Ok(respond::nothing());
            }
        };
        let body = self.body().await?;
        contained.update(&self.request.conditioned(call, &row)?, parent.id, row.id, body).await?;
        let preferred = self.request.preferences.representation && self.may_read(&one);
        if !contained.update_answers_object() && !preferred {
            return Ok(respond::nothing());
        }
        let view = self.view(contained, &read_back(self.request, row.id).await?).await?;
        let context = self.item_context(&one, &parent);
        Ok(if preferred {
            respond::representation(context, view)
        } else {
            respond::object(StatusCode::OK, context, view)
        })
    }

    /// DELETE of one.
    pub(super) async fn delete(&self, key: &str) -> Result<Response<Body>, Failure> {
        self.request.refuse_options()?;
        let Admitted { one, row: parent, call, .. } = self.changeable().await?;
        let contained = self.contained(&one)?;
        match self.member(contained, parent.id, key).await? {
            Member::Stored(row) => contained.delete(&self.request.conditioned(call, &row)?, parent.id, row.id).await?,
            Member::Derived(view) => contained.delete_derived(&call, parent.id, &view).await?,
        }
        Ok(respond::nothing())
    }

    /// The object of the collection with this id, or with this value in the member that is its key.
    async fn member(&self, contained: &dyn Contained, parent: ObjectId, key: &str) -> Result<Member, Failure> {
        if let Some(row) = self.by_id(contained, parent, key).await? {
            return Ok(Member::Stored(row));
        }
        let is_it = |view: &JsonMap, member: &str| {
            view.get(member).and_then(Value::as_str).is_some_and(|value| value.eq_ignore_ascii_case(key))
        };
        let derived = contained.derived(&self.request.call, parent).await?;
        if let Some(view) = derived.into_iter().find(|view| is_it(view, "id") || is_it(view, contained.key())) {
            return Ok(Member::Derived(view));
        }
        if let Some(view) = self.stood_for(contained, parent, key).await? {
            return Ok(Member::Derived(view));
        }
        let mut after = ObjectId::from_uuid(Uuid::nil());
        while contained.key() != "id" {
            let rows = self.rows(contained, parent, after, CHUNK).await?;
            let more = rows.len() == CHUNK;
            for row in rows {
                after = row.id;
                if is_it(&contained.view(&row)?, contained.key()) {
                    return Ok(Member::Stored(row));
                }
            }
            if !more {
                break;
            }
        }
        Err(not_found(&Key::Id(key.to_owned())))
    }

    /// What another object stands for, if this is the id of it.
    async fn stood_for(
        &self,
        contained: &dyn Contained,
        parent: ObjectId,
        key: &str,
    ) -> Result<Option<JsonMap>, Failure> {
        let call = &self.request.call;
        let Some(id) = key.parse().ok().and_then(|id| contained.stands_for(id)) else { return Ok(None) };
        let kinds = contained.also(call, parent).await?;
        let row = call.store.read_row(id).await?.filter(|row| row.deleted.is_none());
        match row.filter(|row| kinds.contains(&row.kind.as_str())) {
            Some(row) => self.view(contained, &row).await.map(Some),
            None => Ok(None),
        }
    }

    /// The stored object with this id, if it is in the collection: the index says so, not the path.
    async fn by_id(&self, contained: &dyn Contained, parent: ObjectId, key: &str) -> Result<Option<Row>, Failure> {
        let Ok(id) = key.parse::<ObjectId>() else { return Ok(None) };
        let before = ObjectId::from_uuid(Uuid::from_u128(id.uuid().as_u128().saturating_sub(1)));
        let first = self.rows(contained, parent, before, 1).await?.pop();
        Ok(first.filter(|row| row.id == id))
    }

    async fn body(&self) -> Result<JsonMap, Failure> {
        let mut body = self.request.object().await?;
        drop_annotations(&mut body);
        Ok(body)
    }

    /// The parent, for a caller that may read the collection.
    async fn readable(&self) -> Result<Admitted, Failure> {
        let admitted = permitted(self.request, self.owner, &|one| self.reading(one)).await?;
        let (one, row) = (&admitted.one, &admitted.row);
        let own = one.contained(self.name).is_some_and(|contained| self.request.holds(contained.readable_with()));
        if !admitted.otherwise && !own && !self.request.sees(one, row).await? {
            return Err(not_found(&self.owner.key));
        }
        Ok(admitted)
    }

    fn reading(&self, one: &DirectoryType) -> Vec<Way> {
        one.contained(self.name).map_or_else(Vec::new, |contained| one.reading_part(contained))
    }

    fn may_read(&self, one: &DirectoryType) -> bool {
        holds_one(&self.request.call.caller, &self.reading(one))
    }

    /// The parent, for a caller that may change the collection.
    async fn changeable(&self) -> Result<Admitted, Failure> {
        let ways = |one: &DirectoryType| {
            one.contained(self.name).map_or_else(Vec::new, |contained| one.changing_part(contained))
        };
        permitted(self.request, self.owner, &ways).await
    }

    fn contained<'o>(&self, one: &'o DirectoryType) -> Result<&'o dyn Contained, Failure> {
        one.contained(self.name).ok_or_else(nothing_here)
    }

    fn list_context(&self, one: &DirectoryType, parent: &Row) -> String {
        list_context(self.request, &format!("{}('{}')/{}", one.declaration.set, parent.id, self.name))
    }

    fn item_context(&self, one: &DirectoryType, parent: &Row) -> String {
        format!("{}/$entity", self.list_context(one, parent))
    }
}

/// A text as one part of a path.
fn path_part(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let escape = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(escape).collect()
}
