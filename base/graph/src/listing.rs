//! Pages of lists: where they start, which objects match, where the next one starts.

use crate::catalog::Scope;
use crate::entity::JsonMap;
use crate::lookup::{in_scope, index_key, key_spaces};
use crate::page_token::PageTokens;
use crate::request::Request;
use crate::view::{Naming, check_names, selected, whole};
use signet_kernel::{Failure, Fault, ObjectId};
use signet_odata::{Comparison, Filter, Literal, QueryOptions};
use signet_store::{ListQuery, Liveness, Row};

/// The size of a page when the client does not say.
pub(crate) const DEFAULT_TOP: usize = 100;
/// Rows read at a time while looking for some that match.
const CHUNK: usize = 250;
/// Rows looked at for one page of matches. What is left comes with the next page, which may start empty.
const MOST_LOOKED_AT: usize = 5_000;

/// The items of a page, and what comes after which the next one starts.
pub(crate) type PageOf<A> = (Vec<JsonMap>, Option<A>);

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

    /// What the page starts after, if it is not the first.
    pub(crate) fn after(&self) -> Result<Option<String>, Failure> {
        let Some(token) = &self.request.options.skip_token else { return Ok(None) };
        self.tokens.read(self.request.call.store.id(), &self.bound_to(), token).map(Some)
    }

    /// The object that the page starts after, if it is not the first.
    pub(crate) fn after_object(&self) -> Result<Option<ObjectId>, Failure> {
        let parsed = self.after()?.map(|id| id.parse()).transpose();
        parsed.map_err(|error| Failure::bug(format!("a page token of ours holds no id: {error}")))
    }

    /// The link to the page after `after`: the request's own, with another token.
    pub(crate) fn next_link(&self, after: impl ToString) -> String {
        let Request { call, path, query, .. } = self.request;
        let token = self.tokens.make(call.store.id(), &self.bound_to(), &after.to_string());
        let is_token = |pair: &str| QueryOptions::sets(pair, "$skiptoken");
        let kept = query.split('&').filter(|pair| !pair.is_empty() && !is_token(pair));
        let pairs: Vec<String> = kept.map(str::to_owned).chain([format!("$skiptoken={token}")]).collect();
        format!("{}/{path}?{}", call.base_url, pairs.join("&"))
    }

    /// What a page token is good for: this path with these options, however they are escaped.
    fn bound_to(&self) -> String {
        let options = &self.request.options;
        serde_json::json!([self.request.path, options.select, options.top, options.filter]).to_string()
    }
}

/// `$filter`, read, and its properties checked against what the types of a list have.
pub(crate) fn filter(request: &Request, scope: &Scope) -> Result<Option<Filter>, Failure> {
    let Some(filter) = parsed_filter(request)? else { return Ok(None) };
    check_names(scope, "$filter", filter.properties())?;
    Ok(Some(filter))
}

/// `$filter`, read.
pub(crate) fn parsed_filter(request: &Request) -> Result<Option<Filter>, Failure> {
    let Some(text) = &request.options.filter else { return Ok(None) };
    Filter::parse(text).map(Some).map_err(|error| {
        Failure::new(Fault::Input, "Request_UnsupportedQuery", format!("Invalid filter clause: {error}."))
            .with_target("$filter")
    })
}

/// A list of stored objects of some kinds.
pub(crate) struct Scan<'s> {
    pub(crate) request: &'s Request,
    pub(crate) scope: &'s Scope,
    pub(crate) kinds: Vec<&'static str>,
    pub(crate) state: Liveness,
    pub(crate) filter: Option<Filter>,
}

impl Scan<'_> {
    /// At most `top` matching objects after `after`.
    pub(crate) async fn page(&self, mut after: Option<ObjectId>, top: usize) -> Result<PageOf<ObjectId>, Failure> {
        if let Some(row) = self.only_candidate().await? {
            let fits = row.filter(|row| after.is_none_or(|after| row.id > after));
            return Ok((self.matching(fits).await?.into_iter().collect(), None));
        }
        let (mut items, mut looked_at) = (Vec::new(), 0);
        loop {
            // Without a filter the first rows are the page, unless some are not for this caller to see.
            let limit = if self.filter.is_none() && looked_at == 0 { top } else { CHUNK };
            let query = ListQuery { kinds: self.kinds.clone(), liveness: self.state, after, limit, index: None };
            let page = self.request.call.store.list(query).await?;
            for row in page.items {
                if items.len() >= top {
                    return Ok((items, after));
                }
                after = Some(row.id);
                looked_at += 1;
                items.extend(self.matching(Some(row)).await?);
            }
            if page.next.is_none() {
                return Ok((items, None));
            }
            if items.len() >= top || looked_at >= MOST_LOOKED_AT {
                return Ok((items, after));
            }
        }
    }

    /// The object as it is listed, if the caller may see it and the filter holds for it.
    async fn matching(&self, row: Option<Row>) -> Result<Option<JsonMap>, Failure> {
        let call = &self.request.call;
        let row = row.filter(|row| self.kinds.contains(&row.kind.as_str()));
        let Some((one, row)) = row.and_then(|row| in_scope(self.scope, row, self.state)) else { return Ok(None) };
        if !self.request.sees(&one, &row) {
            return Ok(None);
        }
        let naming = if self.scope.is_polymorphic() { Naming::Always } else { Naming::WhenDerived };
        let view = whole(call, &one, &row, naming).await?;
        let holds = self.filter.as_ref().is_none_or(|filter| filter.matches(&view));
        Ok(holds.then(|| selected(view, &one, &self.request.options.select)))
    }

    /// The one object that can match at all, where the filter demands a unique key: no need to look at others.
    async fn only_candidate(&self) -> Result<Option<Option<Row>>, Failure> {
        let store = &self.request.call.store;
        for condition in self.filter.iter().flat_map(Filter::conjuncts) {
            let Filter::Compare { property, comparison: Comparison::Equal, literal: Literal::Text(value) } = condition
            else {
                continue;
            };
            let [name] = property.as_slice() else { continue };
            let id = if name == "id" {
                value.parse().ok()
            } else if let [(space, kind)] = key_spaces(self.scope, name).as_slice() {
                let Some(key) = index_key(*kind, value) else { return Ok(Some(None)) };
                store.find_key_anywhere(space, &key).await?
            } else {
                continue;
            };
            let Some(id) = id else { return Ok(Some(None)) };
            return Ok(Some(store.read_row(id).await?));
        }
        Ok(None)
    }
}
