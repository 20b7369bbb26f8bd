//! Lists: pages, filters, next links.

use super::Serving;
use crate::entity::{Entity, JsonMap, PageRequest};
use crate::place::nothing_here;
use crate::respond::json;
use crate::rights::require;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use serde_json::Value;
use signet_kernel::{Failure, Fault, ObjectId};
use signet_odata::{Filter, QueryOptions};
use signet_store::{ListQuery, Liveness, Row};
use std::sync::Arc;

/// Objects on a page unless `$top` says otherwise.
const DEFAULT_TOP: usize = 100;
/// Rows read at a time.
const CHUNK: usize = 200;
/// Rows looked through for one page before the rest is left to the next.
const LOOKED_THROUGH: usize = 20_000;

/// A page being gathered.
pub(super) struct Gathered {
    pub(super) items: Vec<JsonMap>,
    pub(super) next: Option<String>,
}

impl Serving<'_> {
    pub(super) async fn list(&self, entity: &Arc<dyn Entity>) -> Result<Response<Body>, Failure> {
        require(&self.call.caller, &[entity.declaration().access.read])?;
        let options = self.options()?;
        let gathered = match self.outside_page(entity.as_ref(), &options).await? {
            Some(page) => page,
            None => self.stored_page(entity, Liveness::Live, &options).await?,
        };
        Ok(self.answer_list(entity.declaration().set, gathered))
    }

    /// A page of what does not lie in the store.
    async fn outside_page(&self, entity: &dyn Entity, options: &QueryOptions) -> Result<Option<Gathered>, Failure> {
        let request = PageRequest {
            filter: options.filter.clone(),
            top: options.top.unwrap_or(DEFAULT_TOP),
            after: self.after(options)?,
        };
        let Some(page) = entity.page(&self.call, &request).await else { return Ok(None) };
        let mut page = page?;
        if !options.select.is_empty() {
            self.check_select(entity, &options.select)?;
            for item in &mut page.items {
                item.retain(|name, _| name == "id" || options.select.iter().any(|wanted| wanted == name));
            }
        }
        let next = page.next.map(|after| self.next_link(&after));
        Ok(Some(Gathered { items: page.items, next }))
    }

    pub(super) async fn stored_page(
        &self,
        entity: &Arc<dyn Entity>,
        liveness: Liveness,
        options: &QueryOptions,
    ) -> Result<Gathered, Failure> {
        let kinds = self.graph.catalog.kinds(entity.declaration(), self.request.beta);
        self.gather(kinds, liveness, options).await
    }

    /// Reads rows until the page is full. A filter may drop what was read; the place to go on is where reading ended.
    pub(super) async fn gather(
        &self,
        kinds: Vec<&'static str>,
        liveness: Liveness,
        options: &QueryOptions,
    ) -> Result<Gathered, Failure> {
        let top = options.top.unwrap_or(DEFAULT_TOP);
        let filter = options.filter.as_deref().map(parse_filter).transpose()?;
        let after =
            self.after(options)?.map(|after| after.parse::<ObjectId>().map_err(|_| nothing_here())).transpose()?;
        let mut query = ListQuery { kinds, liveness, after, limit: CHUNK.min(top), index: None };
        let (mut items, mut looked) = (Vec::new(), 0);
        loop {
            let page = self.call.store.list(query.clone()).await?;
            looked += page.items.len();
            for row in page.items {
                query.after = Some(row.id);
                if let Some(item) = self.shown(&row, filter.as_ref(), options).await? {
                    items.push(item);
                }
                if items.len() == top {
                    break;
                }
            }
            if page.next.is_none() && items.len() < top {
                return Ok(Gathered { items, next: None });
            }
            if items.len() == top || looked >= LOOKED_THROUGH {
                let more = self.has_more(&query).await?;
                let next = query.after.filter(|_| more).map(|after| self.next_link(&after.to_string()));
                return Ok(Gathered { items, next });
            }
        }
    }

    async fn has_more(&self, query: &ListQuery) -> Result<bool, Failure> {
        let one = ListQuery { limit: 1, ..query.clone() };
        Ok(!self.call.store.list(one).await?.items.is_empty())
    }

    async fn shown(
        &self,
        row: &Row,
        filter: Option<&Filter>,
        options: &QueryOptions,
    ) -> Result<Option<JsonMap>, Failure> {
        let Some(entity) = self.graph.catalog.by_kind(&row.kind) else { return Ok(None) };
        if !entity.visible(&self.call, row) {
            return Ok(None);
        }
        if let Some(filter) = filter {
            let mut whole = entity.view(row)?;
            entity.complete(&self.call, row, &mut whole).await?;
            if !filter.matches(&whole) {
                return Ok(None);
            }
        }
        self.view(entity.as_ref(), row, &options.select).await.map(Some)
    }

    /// Where the page that the client asks for starts.
    fn after(&self, options: &QueryOptions) -> Result<Option<String>, Failure> {
        let tenant = self.call.caller.tenant;
        options
            .skip_token
            .as_deref()
            .map(|token| self.graph.tokens.read(tenant, &self.bound_query(), token))
            .transpose()
    }

    fn next_link(&self, after: &str) -> String {
        let token = self.graph.tokens.make(self.call.caller.tenant, &self.bound_query(), after);
        let query = self.query_without_token();
        let joint = if query.is_empty() { "" } else { "&" };
        format!("{}/{}?{query}{joint}$skiptoken={token}", self.call.base_url, self.request.path)
    }

    /// What a page token is bound to: the path and the query as they were sent.
    fn bound_query(&self) -> String {
        format!("{}?{}", self.request.path, self.query_without_token())
    }

    fn query_without_token(&self) -> String {
        let is_token =
            |pair: &&str| pair.starts_with("$skiptoken=") || pair.to_ascii_lowercase().starts_with("%24skiptoken=");
        self.request.query.split('&').filter(|pair| !is_token(pair)).collect::<Vec<_>>().join("&")
    }

    pub(super) fn answer_list(&self, context: &str, gathered: Gathered) -> Response<Body> {
        let mut body = JsonMap::new();
        body.insert("@odata.context".to_owned(), format!("{}/$metadata#{context}", self.call.base_url).into());
        if let Some(next) = gathered.next {
            body.insert("@odata.nextLink".to_owned(), next.into());
        }
        body.insert("value".to_owned(), Value::Array(gathered.items.into_iter().map(Value::Object).collect()));
        json(StatusCode::OK, body)
    }
}

fn parse_filter(text: &str) -> Result<Filter, Failure> {
    Filter::parse(text)
        .map_err(|error| Failure::new(Fault::Input, "Request_BadRequest", format!("{error}.")).with_target("$filter"))
}
