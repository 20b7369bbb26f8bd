//! How much a reader has before it.

use super::{Place, Tables};
use crate::ledger::BLOCK_BITS;
use crate::query::{ReadError, Reader};
use crate::record::{Reading, Record};
use signet_kernel::{Failure, TenantId};
use tokio_postgres::Client;

const IN_FILES: &str = "SELECT table_name, sum(count) FROM frames WHERE id > ?1 AND tenant = ?2 GROUP BY table_name";
const IN_POSTGRES: &str = "SELECT coalesce(sum(r.count), 0)::bigint \
    FROM unnest($2::bigint[], $3::bigint[]) AS b(after, until) CROSS JOIN LATERAL ( \
        SELECT count FROM record_frames WHERE tenant = $1 AND id > b.after AND id < b.until \
        AND ($4::text[] IS NULL OR table_name = ANY ($4)) \
    ) AS r";

impl Record {
    /// How many records of a tenant lie after `place`. Looks at each of their commits: not to be asked all the time.
    pub async fn behind(&self, tenant: TenantId, tables: &Tables, place: &Place) -> Result<u64, Failure> {
        let (place, tables) = (place.clone(), tables.clone());
        match &self.inner.reading {
            Reading::Files { readers, .. } => {
                readers.with(move |reader| in_files(reader, tenant, &tables, &place)).await
            }
            Reading::Postgres(readers) => {
                readers.with(async |client| in_postgres(client, tenant, &tables, &place).await).await
            }
        }
    }
}

fn in_files(reader: &Reader, tenant: TenantId, tables: &Tables, place: &Place) -> Result<u64, ReadError> {
    let mut select = reader.frames.prepare_cached(IN_FILES)?;
    let mut counted = select.query((place.after, tenant.as_bytes()))?;
    let mut sum = 0;
    while let Some(row) = counted.next()? {
        if tables.wants(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?) {
            sum += u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0);
        }
    }
    Ok(sum)
}

async fn in_postgres(client: &Client, tenant: TenantId, tables: &Tables, place: &Place) -> Result<u64, ReadError> {
    let next: i64 = client.query_one(super::postgres::BLOCKS, &[]).await?.try_get(0)?;
    let blocks = (place.after >> BLOCK_BITS)..next;
    let (afters, untils): (Vec<i64>, Vec<i64>) = super::postgres::spans(place, blocks);
    let only = super::postgres::only(tables);
    let row = client.query_one(IN_POSTGRES, &[&tenant.uuid(), &afters, &untils, &only]).await?;
    Ok(u64::try_from(row.try_get::<_, i64>(0)?).unwrap_or(0))
}
