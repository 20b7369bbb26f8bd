//! One page of a list, newest first.

use super::filter::{Filterable, RecordFilter};
use super::record_id::stretches;
use crate::copier::AuditCopier;
use async_trait::async_trait;
use serde_json::Value;
use signet_graph::{Call, Entity, EntityType, JsonMap, Page, PageRequest};
use signet_kernel::{Failure, Fault, TenantId};
use signet_record::{Cursor, Query, Record};
use signet_store::{Row, TenantStore};

/// Records looked at for one page at most. A page that ends there may be short, and says where to go on.
const LOOKED_AT: usize = 20_000;
/// Records read at a time when most may not be wanted.
const BATCH: usize = 500;

/// A table of the record as a type of the directory API that is read alone.
#[derive(Debug, Clone)]
pub struct RecordList {
    pub(super) listing: &'static Listing,
    pub(super) record: Record,
    /// Who carries what was done to the record, where that is listed.
    pub(super) copier: Option<AuditCopier>,
}

impl RecordList {
    /// Everything that was done before this is listed.
    async fn catch_up(&self) -> Result<(), Failure> {
        match &self.copier {
            Some(copier) => copier.caught_up().await,
            None => {
                self.record.caught_up().await;
                Ok(())
            }
        }
    }

    async fn read_page(&self, call: &Call, request: &PageRequest) -> Result<Page, Failure> {
        self.catch_up().await?;
        self.listing.page(&self.record, &call.store, request).await
    }

    async fn read_item(&self, call: &Call, id: &str) -> Result<JsonMap, Failure> {
        self.catch_up().await?;
        self.listing.item(&self.record, call.store.id(), id).await
    }
}

#[async_trait]
impl Entity for RecordList {
    fn declaration(&self) -> &'static EntityType {
        self.listing.declaration
    }

    fn view(&self, _row: &Row) -> Result<JsonMap, Failure> {
        Err(Failure::bug("records are not kept in the store"))
    }

    async fn page(&self, call: &Call, request: &PageRequest) -> Option<Result<Page, Failure>> {
        Some(self.read_page(call, request).await)
    }

    async fn item(&self, call: &Call, id: &str) -> Option<Result<JsonMap, Failure>> {
        Some(self.read_item(call, id).await)
    }
}

/// A table as a list of the directory API.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listing {
    /// Its type there.
    pub(super) declaration: &'static EntityType,
    /// The table.
    pub(super) table: &'static str,
    /// What it can be filtered by.
    pub(super) filterable: &'static [Filterable],
    /// A record as it looks there.
    pub(super) view: fn(JsonMap) -> JsonMap,
}

impl Listing {
    /// One page.
    pub(super) async fn page(
        &self,
        record: &Record,
        store: &TenantStore,
        request: &PageRequest,
    ) -> Result<Page, Failure> {
        let mut query = Query::new(store.id(), self.table);
        let now = store.context().now();
        let filter = RecordFilter::parse(request.filter.as_deref(), now, self.filterable, &mut query)?;
        query.after = request.after.as_deref().map(read_cursor).transpose()?;
        query.limit = if request.filter.is_some() { BATCH.max(request.top) } else { request.top };
        let mut page = Page::default();
        for _ in 0..LOOKED_AT.div_ceil(query.limit.max(1)) {
            let found = record.query(query.clone()).await?;
            let ended = found.next.is_none();
            let last = found.places.last().copied();
            for (stored, place) in found.records.into_iter().zip(found.places) {
                let view = self.look(stored);
                if !filter.matches(&view)? {
                    continue;
                }
                page.items.push(view);
                if page.items.len() >= request.top.max(1) {
                    let more = !ended || last != Some(place);
                    page.next = more.then(|| write_cursor(place)).transpose()?;
                    return Ok(page);
                }
            }
            query.after = found.next;
            if ended {
                break;
            }
        }
        page.next = query.after.map(write_cursor).transpose()?;
        Ok(page)
    }

    /// One record by its id.
    pub(super) async fn item(&self, record: &Record, tenant: TenantId, id: &str) -> Result<JsonMap, Failure> {
        for (from, to) in stretches(id) {
            let query = Query { id: Some(id.to_owned()), from, to, limit: 1, ..Query::new(tenant, self.table) };
            if let Some(stored) = record.query(query).await?.records.pop() {
                return Ok(self.look(stored));
            }
        }
        let message =
            format!("Resource '{id}' does not exist or one of its queried reference-property objects are not present.");
        Err(Failure::new(Fault::NotFound, "Request_ResourceNotFound", message))
    }

    fn look(&self, stored: Value) -> JsonMap {
        let mut record = if let Value::Object(record) = stored { record } else { JsonMap::new() };
        crate::put_in_place(&mut record);
        (self.view)(record)
    }
}

fn write_cursor(place: Cursor) -> Result<String, Failure> {
    serde_json::to_string(&place).map_err(Failure::bug)
}

fn read_cursor(text: &str) -> Result<Cursor, Failure> {
    serde_json::from_str(text).map_err(|_| {
        let message = "The skip token is not one that this list gave.";
        Failure::new(Fault::Input, "Request_BadRequest", message).with_target("$skiptoken")
    })
}
