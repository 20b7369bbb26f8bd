//! Pages of lists: where they start, which objects match, where the next one starts.

mod narrow;
mod ordered;
mod source;

use crate::catalog::{DirectoryType, Scope};
use crate::entity::{Contained, JsonMap};
use crate::expand;
use crate::lookup::in_scope;
use crate::page_token::PageTokens;
use crate::request::Request;
use crate::selection::Selection;
use crate::view::{Naming, contained_view, named, only, selected, whole};
pub(crate) use narrow::narrowed;
use serde_json::{Value, json};
use signet_kernel::{Failure, Fault, ObjectId};
use signet_odata::{QueryOptions, SortKey};
use signet_store::{Liveness, Row};
pub(crate) use source::Source;
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// The size of a page when the client does not say.
pub(crate) const DEFAULT_TOP: usize = 100;
/// Rows read at first while looking for some that match, and at most.
const CHUNKS: (usize, usize) = (250, 4_000);
/// Rows read at first where most belong in the list.
const FEW: usize = 8;
/// How far `$skip` goes in a list that has to be put in order.
const MOST_SKIPPED: usize = 10_000;

/// Where a page starts.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Mark {
    /// After this object, in a list in the order of ids.
    pub(crate) after: Option<ObjectId>,
    /// After so many more.
    pub(crate) skip: usize,
    /// After the object that stands here, in a list in another order.
    pub(crate) key: Option<Vec<String>>,
}

impl Mark {
    /// After an object.
    pub(crate) fn after(id: ObjectId) -> Self {
        Self { after: Some(id), ..Self::default() }
    }

    pub(crate) fn text(&self) -> String {
        json!([self.after, self.skip, self.key]).to_string()
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (after, skip, key) = serde_json::from_str(text).ok()?;
        Some(Self { after, skip, key })
    }
}

/// A page of a list.
pub(crate) struct PageOf {
    pub(crate) items: Vec<JsonMap>,
    pub(crate) next: Option<Mark>,
    /// How many there are in all, if that was asked.
    pub(crate) count: Option<usize>,
}

/// Which page of which list.
pub(crate) struct Paging<'r> {
    request: &'r Request,
    tokens: &'r PageTokens,
    pub(crate) top: usize,
}

impl<'r> Paging<'r> {
    pub(crate) fn of(request: &'r Request, tokens: &'r PageTokens) -> Self {
        Self { request, tokens, top: request.options.top.unwrap_or(DEFAULT_TOP) }
    }

    /// Whether it is the first page.
    pub(crate) fn is_first(&self) -> bool {
        self.request.options.skip_token.is_none()
    }

    /// What the token says that the page starts after, if it is not the first.
    pub(crate) fn after(&self) -> Result<Option<String>, Failure> {
        self.request.options.skip_token.as_deref().map(|token| self.read(token)).transpose()
    }

    /// What a token of this list holds.
    pub(crate) fn read(&self, token: &str) -> Result<String, Failure> {
        self.tokens.read(self.request.call.store.id(), &self.bound_to(), token)
    }

    /// Where the page starts.
    pub(crate) fn mark(&self) -> Result<Mark, Failure> {
        let Some(text) = self.after()? else {
            return Ok(Mark { skip: self.request.options.skip.unwrap_or_default(), ..Mark::default() });
        };
        Mark::parse(&text).ok_or_else(|| Failure::bug(format!("a page token of ours holds no place: {text}")))
    }

    /// The link to the page that starts at a mark.
    pub(crate) fn link(&self, next: Option<Mark>) -> Option<String> {
        next.map(|next| self.next_link(&next.text()))
    }

    /// The link to the page after `after`: the request's own, with another token.
    pub(crate) fn next_link(&self, after: &str) -> String {
        self.link_with("$skiptoken", after)
    }

    /// The request's own link, with this option for its token.
    pub(crate) fn link_with(&self, option: &str, after: &str) -> String {
        let token = self.tokens.make(self.request.call.store.id(), &self.bound_to(), after);
        self.own_link(Some(format!("{option}={token}")))
    }

    /// The request's own link, without a token.
    pub(crate) fn link_without_token(&self) -> String {
        self.own_link(None)
    }

    fn own_link(&self, token: Option<String>) -> String {
        let Request { call, path, query, .. } = self.request;
        let is_token = |pair: &str| ["$skiptoken", "$deltatoken"].iter().any(|name| QueryOptions::sets(pair, name));
        let kept = query.split('&').filter(|pair| !pair.is_empty() && !is_token(pair));
        let pairs: Vec<String> = kept.map(str::to_owned).chain(token).collect();
        let mark = if pairs.is_empty() { "" } else { "?" };
        format!("{}/{path}{mark}{}", call.base_url, pairs.join("&"))
    }

    /// What a page token is good for: this path with these options, however they are escaped.
    fn bound_to(&self) -> String {
        let QueryOptions { select, expand, filter, order_by, search, count, top, skip, .. } = &self.request.options;
        let expand = format!("{expand:?}");
        json!([self.request.path, select, expand, filter, order_by, search, count, top, skip]).to_string()
    }
}

/// What the rows of a list are, and how they are shown.
pub(crate) enum Content<'s> {
    /// Objects of types in a scope, as far as the caller may read them.
    Objects(&'s Scope, Liveness),
    /// The same at the far ends of links, where what the caller may not read is named.
    FarEnds(&'s Scope),
    /// What hangs off one object.
    Contained(&'s dyn Contained),
}

/// What belongs in a list.
enum Item {
    /// An object; `readable` if the caller may see more than its name.
    Object { one: Arc<DirectoryType>, row: Row, readable: bool },
    /// An object that hangs off another.
    Contained(Row),
    /// The same, kept nowhere.
    Derived(JsonMap),
}

impl Item {
    /// Where a page starts that goes on after it; nowhere, after what is kept nowhere.
    fn mark(&self, key: Option<&SortKey>) -> Option<Mark> {
        match (self, key) {
            (Self::Derived(_), _) => None,
            (_, Some(key)) => Some(Mark { key: Some(key.parts()), ..Mark::default() }),
            (Self::Object { row, .. } | Self::Contained(row), None) => Some(Mark::after(row.id)),
        }
    }
}

/// An item and where it stands.
type Placed = (Item, Option<SortKey>);

/// The items of a page, where the next one starts, and how many there are in all, if that was asked.
type Found = (Vec<Placed>, Option<Mark>, Option<usize>);

/// A list.
pub(crate) struct List<'s> {
    pub(crate) request: &'s Request,
    pub(crate) options: &'s QueryOptions,
    pub(crate) content: Content<'s>,
    pub(crate) source: Source,
    pub(crate) selection: Selection,
    /// Objects that are kept nowhere: before all others, where the list is in the order of ids.
    pub(crate) derived: Vec<JsonMap>,
}

impl List<'_> {
    /// One page of at most `top`; on the first one, with the number of all if that is asked.
    pub(crate) async fn page(&self, mark: Mark, top: usize, first: bool) -> Result<PageOf, Failure> {
        let counts = first && self.options.count == Some(true);
        let (items, next, count) = match self.selection.order() {
            Some(_) => match self.along_index(&mark, top, counts).await? {
                Some(page) => page,
                None => self.in_order(mark, top, counts).await?,
            },
            None => self.by_id(mark, top, counts).await?,
        };
        let (mut shown, mut next, total) = (Vec::with_capacity(items.len()), next, items.len());
        for (item, key) in items {
            let place = item.mark(key.as_ref());
            shown.push(self.shown(item).await?);
            let expands = !self.options.expand.is_empty();
            if expands && shown.len() < total && place.is_some() && self.request.deadline.passed() {
                next = place;
                break;
            }
        }
        Ok(PageOf { items: shown, next, count })
    }

    /// How many there are after one, or in all.
    pub(crate) async fn count(&self, mut after: Option<ObjectId>) -> Result<usize, Failure> {
        let (mut count, mut chunk) = (0, CHUNKS.0);
        if after.is_none() {
            if let Some(total) = self.total().await? {
                return Ok(total);
            }
            count = self.judged_derived()?.len();
        }
        loop {
            let batch = self.source.batch(&self.request.call.store, after, chunk).await?;
            for row in batch.rows {
                count += usize::from(self.judged(row).await?.is_some());
            }
            let Some(next) = batch.next else { return Ok(count) };
            if self.request.deadline.passed() {
                return Err(self.too_many("counted"));
            }
            after = Some(next);
            chunk = larger(chunk);
        }
    }

    /// How many there are in all, where every row is in the list and none is hidden from this caller.
    async fn total(&self) -> Result<Option<usize>, Failure> {
        let Content::Objects(scope, Liveness::Live) = &self.content else { return Ok(None) };
        let Request { call, .. } = self.request;
        let whole =
            |one: &Arc<DirectoryType>| call.caller.holds_any(one.declaration.access.read) && !one.entity.hides(call);
        if !scope.types.iter().all(whole) || !self.selection.wants_all() || !self.derived.is_empty() {
            return Ok(None);
        }
        self.source.total(&self.request.call.store).await
    }

    /// How many rows to read at first for so many items: without conditions the first rows are the page, unless some
    /// are not for this caller to see, and of what an index or a key names most belong in the list.
    fn first_chunk(&self, wanted: usize) -> usize {
        match (&self.source, self.selection.wants_all()) {
            (_, true) => wanted.min(CHUNKS.1),
            (Source::Stored { index: None, .. }, false) => CHUNKS.0,
            (_, false) => wanted.saturating_add(1).clamp(FEW, CHUNKS.0),
        }
    }

    async fn by_id(&self, Mark { mut after, mut skip, .. }: Mark, top: usize, counts: bool) -> Result<Found, Failure> {
        let (mut items, mut passed_over) = (Vec::new(), 0);
        if after.is_none() && !self.derived.is_empty() {
            items = self.judged_derived()?;
            passed_over = skip.min(items.len());
            items.drain(..passed_over);
            skip -= passed_over;
            // The first id of all: what follows starts at the first stored object.
            after = Some(ObjectId::from_uuid(Uuid::nil()));
        }
        let mut chunk = self.first_chunk(top.saturating_add(skip));
        let next = 'pages: loop {
            let batch = self.source.batch(&self.request.call.store, after, chunk).await?;
            for row in batch.rows {
                if items.len() >= top {
                    break 'pages Some(Mark { after, ..Mark::default() });
                }
                after = Some(row.id);
                if let Some(item) = self.judged(row).await? {
                    if skip > 0 {
                        skip -= 1;
                        passed_over += 1;
                    } else {
                        items.push(item);
                    }
                }
            }
            let Some(next) = batch.next else { break None };
            after = Some(next);
            if items.len() >= top || self.request.deadline.passed() {
                break Some(Mark { after, skip, key: None });
            }
            chunk = larger(chunk);
        };
        let count = match &next {
            _ if !counts => None,
            None => Some(passed_over + items.len()),
            Some(mark) => match self.total().await? {
                Some(total) => Some(total),
                None => Some(passed_over + items.len() + self.count(mark.after).await?),
            },
        };
        Ok((items, next, count))
    }

    /// All rows are looked at, and no more are kept than the page needs.
    async fn in_order(&self, Mark { skip, key, .. }: Mark, top: usize, counts: bool) -> Result<Found, Failure> {
        check_skip(skip)?;
        let after = key.as_ref().and_then(|parts| self.selection.order()?.key_of(parts));
        let (wanted, mut best, mut count) = (skip.saturating_add(top), BTreeMap::<SortKey, Item>::new(), 0);
        let (mut place, mut chunk) = (None, CHUNKS.0);
        let mut judged = self.judged_derived()?;
        loop {
            let batch = self.source.batch(&self.request.call.store, place, chunk).await?;
            for row in batch.rows {
                judged.extend(self.judged(row).await?);
            }
            for (item, key) in judged.drain(..) {
                let Some(key) = key else { continue };
                count += 1;
                if after.as_ref().is_some_and(|after| key <= *after) {
                    continue;
                }
                // One more than the page tells whether there is another.
                if best.len() <= wanted || best.last_key_value().is_some_and(|(last, _)| key < *last) {
                    best.insert(key, item);
                }
                if best.len() > wanted.saturating_add(1) {
                    best.pop_last();
                }
            }
            let Some(next) = batch.next else { break };
            if self.request.deadline.passed() {
                return Err(self.too_many("put in order"));
            }
            place = Some(next);
            chunk = larger(chunk);
        }
        let more = best.len() > wanted;
        let page: Vec<(SortKey, Item)> = best.into_iter().take(wanted).skip(skip).collect();
        let last = page.last().map(|(key, _)| key.parts()).filter(|_| more);
        let next = last.map(|key| Mark { key: Some(key), ..Mark::default() });
        Ok((page.into_iter().map(|(key, item)| (item, Some(key))).collect(), next, counts.then_some(count)))
    }

    /// The row as an item of the list, with where it stands, if it belongs in it.
    async fn judged(&self, row: Row) -> Result<Option<Placed>, Failure> {
        let Request { call, everything, .. } = self.request;
        let (one, row, readable) = match &self.content {
            Content::Contained(contained) => {
                let key = if self.selection.is_everything() {
                    Some(None)
                } else {
                    let view = contained_view(call, *contained, &row).await?;
                    self.selection.judge(&view, &row.id.to_string())?
                };
                return Ok(key.map(|key| (Item::Contained(row), key)));
            }
            Content::Objects(scope, state) => {
                let Some((one, row)) = in_scope(scope, row, *state) else { return Ok(None) };
                if !self.request.sees(&one, &row).await? {
                    return Ok(None);
                }
                (one, row, true)
            }
            Content::FarEnds(scope) => {
                let Some((one, row)) = in_scope(scope, row, Liveness::Live) else { return Ok(None) };
                let readable = self.request.sees(&one, &row).await?;
                (one, row, readable)
            }
        };
        let call = self.request.call_to_show(&one, &row).await?;
        let key = self.selection.judge_stored(&call, &one, &row, readable, everything).await?;
        Ok(key.map(|key| (Item::Object { one, row, readable }, key)))
    }

    fn judged_derived(&self) -> Result<Vec<Placed>, Failure> {
        let mut judged = Vec::new();
        for view in &self.derived {
            let id = view.get("id").and_then(Value::as_str).unwrap_or_default();
            let key = self.selection.judge(view, id)?;
            judged.extend(key.map(|key| (Item::Derived(view.clone()), key)));
        }
        Ok(judged)
    }

    async fn shown(&self, item: Item) -> Result<JsonMap, Failure> {
        let (call, select) = (&self.request.call, &self.options.select);
        let naming = match &self.content {
            Content::Objects(scope, _) if !scope.is_polymorphic() => Naming::WhenDerived,
            _ => Naming::Always,
        };
        match (item, &self.content) {
            (Item::Object { one, row, readable: true }, _) => {
                let call = self.request.call_to_show(&one, &row).await?;
                let mut view = selected(whole(&call, &one, &row, naming).await?, &one, select);
                expand::add(self.request, &one, &row, &self.options.expand, &mut view).await?;
                Ok(view)
            }
            (Item::Object { one, row, .. }, _) => Ok(only(named(&one, &row)?, select)),
            (Item::Contained(row), Content::Contained(contained)) => {
                Ok(only(contained_view(call, *contained, &row).await?, select))
            }
            (Item::Derived(view), _) => Ok(only(view, select)),
            (Item::Contained(_), _) => Err(Failure::bug("a list of objects holds what hangs off one")),
        }
    }

    fn too_many(&self, done: &str) -> Failure {
        let message = format!(
            "There are more objects than could be {done} in the {} ms that one request may work; narrow them by a \
             `$filter` on an indexed property.",
            self.request.deadline.budget().as_millis()
        );
        Failure::new(Fault::Input, "Directory_ResultSizeLimitExceeded", message)
    }
}

fn check_skip(skip: usize) -> Result<(), Failure> {
    if skip <= MOST_SKIPPED {
        return Ok(());
    }
    let message = format!("`$skip` goes up to {MOST_SKIPPED} with `$orderby`; follow @odata.nextLink instead.");
    Err(crate::body_check::bad("$skip", message))
}

fn larger(chunk: usize) -> usize {
    chunk.saturating_mul(2).clamp(CHUNKS.0, CHUNKS.1)
}
