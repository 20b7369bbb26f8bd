//! Columns as the types they stand for.

use super::feed::Entry;
use super::held::Set;
use super::touched;
use crate::backend::{BackendError, Head, Position, Row};
use crate::kind::{Deletion, KeyScope};
use signet_kernel::{ObjectId, Revocation, TenantId, Timestamp};
use tokio_postgres::types::FromSql;
use uuid::Uuid;

pub(super) fn get<'a, T: FromSql<'a>>(row: &'a tokio_postgres::Row, column: usize) -> Result<T, BackendError> {
    row.try_get(column).map_err(|error| BackendError::Corrupt(error.to_string()))
}

/// PostgreSQL's integers are signed; counters stay far below the sign bit.
pub(super) fn stored(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(super) fn number(row: &tokio_postgres::Row, column: usize) -> Result<u64, BackendError> {
    get::<i64>(row, column).map(|value| u64::try_from(value).unwrap_or(0))
}

pub(super) fn small(row: &tokio_postgres::Row, column: usize) -> Result<u32, BackendError> {
    get::<i64>(row, column).map(|value| u32::try_from(value).unwrap_or(u32::MAX))
}

pub(super) fn tenant_column(row: &tokio_postgres::Row, column: usize) -> Result<TenantId, BackendError> {
    get(row, column).map(TenantId::from_uuid)
}

pub(super) fn object_column(row: &tokio_postgres::Row, column: usize) -> Result<ObjectId, BackendError> {
    get(row, column).map(ObjectId::from_uuid)
}

/// A key's scope: the tenant, or the nil UUID for the whole deployment.
pub(super) fn scope_of(scope: KeyScope) -> Uuid {
    Uuid::from_bytes(scope.tenant_bytes())
}

pub(super) fn scope_column(row: &tokio_postgres::Row, column: usize) -> Result<KeyScope, BackendError> {
    let scope: Uuid = get(row, column)?;
    Ok(if scope.is_nil() { KeyScope::Global } else { KeyScope::Tenant(TenantId::from_uuid(scope)) })
}

/// Link sets as columns: tenant, source, relation.
pub(super) fn text_set<'a>(sets: impl Iterator<Item = &'a Set>) -> (Vec<Uuid>, Vec<Uuid>, Vec<String>) {
    let (mut tenants, mut sources, mut relations) = (Vec::new(), Vec::new(), Vec::new());
    for (tenant, source, relation) in sets {
        tenants.push(tenant.uuid());
        sources.push(source.uuid());
        relations.push(relation.clone());
    }
    (tenants, sources, relations)
}

/// Tenant, position, revocation, touched.
pub(super) fn feed_entry(row: &tokio_postgres::Row) -> Result<Entry, BackendError> {
    let tenant = tenant_column(row, 0)?;
    Ok(Entry { head: head(row)?, touched: touched::from_text(tenant, get(row, 3)?) })
}

/// Tenant, position, revocation.
pub(super) fn head(row: &tokio_postgres::Row) -> Result<Head, BackendError> {
    Ok(Head {
        tenant: tenant_column(row, 0)?,
        position: Position(number(row, 1)?),
        revocation: Revocation::from_u64(number(row, 2)?),
    })
}

/// The columns that [`object`] reads.
macro_rules! object_columns {
    () => {
        "o.id, o.kind, o.schema, o.version, o.created, o.modified, o.deleted_at, o.deletion, o.revoked, o.parent, o.body"
    };
}
pub(super) use object_columns;

/// How many they are.
pub(super) const OBJECT_COLUMNS: usize = 11;

pub(super) fn object(row: &tokio_postgres::Row) -> Result<Row, BackendError> {
    let deleted_at = get::<Option<i64>>(row, 6)?.map(Timestamp::from_micros);
    let deletion = get::<Option<Uuid>>(row, 7)?;
    Ok(Row {
        id: object_column(row, 0)?,
        kind: get(row, 1)?,
        schema: small(row, 2)?,
        version: number(row, 3)?,
        created: Timestamp::from_micros(get(row, 4)?),
        modified: Timestamp::from_micros(get(row, 5)?),
        deleted: deletion.zip(deleted_at).map(|(id, at)| Deletion { id, at }),
        revoked: Revocation::from_u64(number(row, 8)?),
        parent: get::<Option<Uuid>>(row, 9)?.map(ObjectId::from_uuid),
        body: get(row, 10)?,
    })
}
