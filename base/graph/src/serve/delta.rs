//! `delta`: a list, then what changed since.
//!
//! The feed names the root of what was deleted or brought back, and the rows themselves say what went with it. What was
//! purged in the same window in which it was deleted left no trace but its root: the client starts again, unless nothing
//! could hang off it.

use super::set::{readable, stored};
use crate::body_check::bad;
use crate::catalog::Scope;
use crate::entity::JsonMap;
use crate::listing::{Mark, PageOf, Paging, Source};
use crate::lookup::in_scope;
use crate::page_token::PageTokens;
use crate::place::nothing_here;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::respond;
use crate::selection::Selection;
use crate::view::{Naming, check_names, selected, type_annotation, whole};
use axum::body::Body;
use axum::http::{HeaderValue, Response, header};
use serde_json::{Value, json};
use signet_kernel::{Failure, Fault, ObjectId, Timestamp};
use signet_store::{Change, ChangeOperation, Liveness, Position, Row};
use std::collections::BTreeMap;

/// Commits looked at for one answer.
const WINDOW: usize = 500;
/// Rows read at a time.
const CHUNK: usize = 1_000;
/// A position's place within its epoch.
const WITHIN_EPOCH: u64 = (1 << 40) - 1;

/// How far a client is.
enum Progress {
    /// It is reading the list as it was at a position or later.
    Listing(Position, Mark),
    /// It knows everything up to a position.
    Since(Position),
    /// The same, and what changed up to a second one, of the objects up to this.
    Within(Position, Position, ObjectId),
}

impl Progress {
    fn text(&self) -> String {
        match self {
            Self::Listing(from, mark) => json!(["listing", from, mark.text()]),
            Self::Since(position) => json!(["since", position]),
            Self::Within(from, to, after) => json!(["within", from, to, after]),
        }
        .to_string()
    }

    fn parse(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let (kind, position) = (value.get(0)?.as_str()?, |index| value.get(index)?.as_u64().map(Position));
        Some(match kind {
            "listing" => Self::Listing(position(1)?, Mark::parse(value.get(2)?.as_str()?)?),
            "since" => Self::Since(position(1)?),
            _ => Self::Within(position(1)?, position(2)?, value.get(3)?.as_str()?.parse().ok()?),
        })
    }
}

/// GET.
pub(super) async fn changes(tokens: &PageTokens, request: &Request, scope: &Scope) -> Result<Response<Body>, Failure> {
    request.require_list(&scope.types.iter().flat_map(|one| one.reading()).collect::<Vec<_>>()).await?;
    if !scope.is_stored() {
        return Err(nothing_here());
    }
    request.obeys(&["$select", "$filter", "$top", "$skiptoken", "$deltatoken"])?;
    check_names(scope, "$select", request.options.select.iter().map(String::as_str))?;
    let kinds = readable(request, scope).await?;
    let paging = Paging::of(request, tokens);
    let selection = Selection::of(request, scope, &request.options)?;
    let delta = Delta { request, scope, kinds, paging, selection };
    delta.answer().await
}

struct Delta<'r> {
    request: &'r Request,
    scope: &'r Scope,
    kinds: Vec<&'static str>,
    paging: Paging<'r>,
    selection: Selection,
}

/// What is answered, and how far the client is then.
struct Step {
    items: Vec<JsonMap>,
    then: Progress,
    /// Whether there is more to fetch at once.
    more: bool,
}

impl Delta<'_> {
    async fn answer(&self) -> Result<Response<Body>, Failure> {
        let step = match self.progress().await? {
            Progress::Listing(from, mark) => Some(self.list(from, mark).await?),
            Progress::Since(position) => self.window(position).await?,
            Progress::Within(from, to, after) => self.within(from, to, Some(after)).await?,
        };
        let Some(Step { items, then, more }) = step else { return Ok(self.start_again()) };
        let token = if more { "$skiptoken" } else { "$deltatoken" };
        let link = self.paging.link_with(token, &then.text());
        let context = format!("{}/$metadata#{}/$delta", self.request.call.base_url, self.scope.context());
        Ok(respond::delta(context, items, more, link))
    }

    async fn progress(&self) -> Result<Progress, Failure> {
        let options = &self.request.options;
        let now = async || Ok::<_, Failure>(self.request.call.store.position().await?);
        match (&options.skip_token, &options.delta_token) {
            (Some(_), Some(_)) => Err(bad("$deltatoken", "`$skiptoken` and `$deltatoken` do not go together.")),
            (None, Some(latest)) if latest.eq_ignore_ascii_case("latest") => Ok(Progress::Since(now().await?)),
            (None, None) => Ok(Progress::Listing(now().await?, Mark::default())),
            (Some(token), None) | (None, Some(token)) => {
                let text = self.paging.read(token)?;
                let parsed = Progress::parse(&text);
                parsed.ok_or_else(|| Failure::bug(format!("a delta token of ours holds no progress: {text}")))
            }
        }
    }

    /// A page of the list.
    async fn list(&self, from: Position, mark: Mark) -> Result<Step, Failure> {
        let list = stored(self.request, self.scope, self.kinds.clone(), Liveness::Live).await?;
        let PageOf { items, next, .. } = list.page(mark, self.paging.top, false).await?;
        let more = next.is_some();
        let then = next.map_or(Progress::Since(from), |mark| Progress::Listing(from, mark));
        Ok(Step { items, then, more })
    }

    /// What the next commits changed; nothing if they are not known any more.
    async fn window(&self, from: Position) -> Result<Option<Step>, Failure> {
        let changes = self.changes(from, WINDOW).await?;
        match changes.as_deref() {
            None => Ok(None),
            Some([]) => Ok(Some(Step { items: Vec::new(), then: Progress::Since(from), more: false })),
            Some([.., last]) => self.within(from, last.position, None).await,
        }
    }

    /// The commits after a position; nothing if some of them are gone, or the position is of another epoch.
    async fn changes(&self, from: Position, limit: usize) -> Result<Option<Vec<Change>>, Failure> {
        let store = &self.request.call.store;
        let changes = store.changes(from, limit).await?;
        let follows = match changes.first() {
            Some(first) if from == Position::default() => first.position.0 & WITHIN_EPOCH == 1,
            Some(first) => first.position.0 == from.0 + 1,
            None => store.position().await? == from,
        };
        Ok(follows.then_some(changes))
    }

    /// What changed between two positions, of the objects after one.
    async fn within(&self, from: Position, to: Position, after: Option<ObjectId>) -> Result<Option<Step>, Failure> {
        let Some(mut changes) = self.changes(from, WINDOW).await? else { return Ok(None) };
        changes.retain(|change| change.position <= to);
        let Some(touched) = self.touched(&changes).await? else { return Ok(None) };
        let mut rest = touched.into_iter().filter(|(id, _)| after.is_none_or(|after| *id > after)).peekable();
        let page: Vec<(ObjectId, String)> = rest.by_ref().take(self.paging.top).collect();
        let last = page.last().map(|(id, _)| *id).filter(|_| rest.peek().is_some());
        let items = self.shown(page).await?;
        let head = self.request.call.store.position().await?;
        Ok(Some(match last {
            Some(last) => Step { items, then: Progress::Within(from, to, last), more: true },
            None => Step { items, then: Progress::Since(to), more: head > to },
        }))
    }

    /// The objects that the changes touched, with their kinds. Nothing if that cannot be told.
    async fn touched(&self, changes: &[Change]) -> Result<Option<BTreeMap<ObjectId, String>>, Failure> {
        let (mut touched, mut deleted, mut restored) = (BTreeMap::new(), Vec::new(), Vec::new());
        for (at, changed) in changes.iter().flat_map(|change| change.changed.iter().map(|changed| (change.at, changed)))
        {
            let id = ObjectId::from_uuid(changed.id);
            if self.kinds.contains(&changed.kind.as_str()) {
                touched.insert(id, changed.kind.clone());
            }
            match changed.operation {
                ChangeOperation::Deleted if self.may_take_along(&changed.kind) => deleted.push((at, id)),
                ChangeOperation::Restored => restored.push(at),
                _ => {}
            }
        }
        let roots: Vec<ObjectId> = deleted.iter().map(|(_, id)| *id).collect();
        let known = self.request.call.store.read_rows(&roots).await?;
        if roots.iter().any(|root| known.iter().all(|row| row.id != *root)) {
            return Ok(None);
        }
        let since = [
            (Liveness::Deleted, deleted.iter().map(|(at, _)| *at).min()),
            (Liveness::Live, restored.iter().copied().min()),
        ];
        for (state, earliest) in since {
            let Some(earliest) = earliest else { continue };
            if !self.written_since(state, earliest, &mut touched).await? {
                return Ok(None);
            }
        }
        Ok(Some(touched))
    }

    /// Whether something that the API shows may hang off an object of this kind: not off what it does not show itself.
    fn may_take_along(&self, kind: &str) -> bool {
        self.request.everything.of_kind(kind).is_some_and(|one| !one.entity.is_alone())
    }

    /// Adds every object that was deleted, or brought back, at a moment or later; more than that do no harm. False if
    /// there was no time for it.
    async fn written_since(
        &self,
        state: Liveness,
        earliest: Timestamp,
        touched: &mut BTreeMap<ObjectId, String>,
    ) -> Result<bool, Failure> {
        let source = Source::Stored { kinds: self.kinds.clone(), state, index: None };
        let mut after = None;
        loop {
            let batch = source.batch(&self.request.call.store, after, CHUNK).await?;
            let late = batch.rows.into_iter().filter(|row| row.modified >= earliest);
            touched.extend(late.map(|row| (row.id, row.kind)));
            after = batch.next;
            if after.is_none() || self.request.deadline.passed() {
                return Ok(after.is_none());
            }
        }
    }

    /// Each object as it is now, or that it is not there.
    async fn shown(&self, page: Vec<(ObjectId, String)>) -> Result<Vec<JsonMap>, Failure> {
        let ids: Vec<ObjectId> = page.iter().map(|(id, _)| *id).collect();
        let rows = self.request.call.store.read_rows(&ids).await?;
        let mut rows: BTreeMap<ObjectId, Row> = rows.into_iter().map(|row| (row.id, row)).collect();
        let mut items = Vec::with_capacity(page.len());
        for (id, kind) in page {
            match rows.remove(&id) {
                None => items.push(self.removed(id, &kind, "deleted")),
                Some(row) if row.deleted.is_some() => {
                    let Some(one) = self.scope.of_kind(&kind) else { continue };
                    let visible = self.request.sees(one, &row).await?;
                    items.extend(visible.then(|| self.removed(id, &kind, "changed")));
                }
                Some(row) => items.extend(self.present(row).await?),
            }
        }
        Ok(items)
    }

    async fn present(&self, row: Row) -> Result<Option<JsonMap>, Failure> {
        let Request { call, everything, options, .. } = self.request;
        let Some((one, row)) = in_scope(self.scope, row, Liveness::Live) else { return Ok(None) };
        if !self.request.sees(&one, &row).await? {
            return Ok(None);
        }
        if self.selection.judge_stored(call, &one, &row, true, everything).await?.is_none() {
            return Ok(Some(self.removed(row.id, &row.kind, "changed")));
        }
        let naming = if self.scope.is_polymorphic() { Naming::Always } else { Naming::WhenDerived };
        Ok(Some(selected(whole(call, &one, &row, naming).await?, &one, &options.select)))
    }

    fn removed(&self, id: ObjectId, kind: &str, reason: &str) -> JsonMap {
        let mut item = JsonMap::new();
        if let Some(one) = self.scope.of_kind(kind).filter(|_| self.scope.is_polymorphic()) {
            item.insert("@odata.type".to_owned(), type_annotation(one));
        }
        item.insert("id".to_owned(), id.to_string().into());
        item.insert("@removed".to_owned(), json!({ "reason": reason }));
        item
    }

    /// 410: the client reads the list again.
    fn start_again(&self) -> Response<Body> {
        let link = self.paging.link_without_token();
        let message = format!(
            "What changed since this token was given is not known any more; read everything again from {link}."
        );
        let failure = Failure::new(Fault::Gone, "resyncRequired", message).with_target("$deltatoken");
        let call = &self.request.call;
        let mut response = Refusal::from(failure).answer(&call.caller.origin, call.store.context().now());
        // SPEC: OData 4.01 part 1, 11.4: 410 with the address from which to start again.
        if let Ok(link) = HeaderValue::try_from(link) {
            response.headers_mut().insert(header::LOCATION, link);
        }
        response
    }
}
