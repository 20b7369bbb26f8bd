//! Frames leave the file, and of each stays what its chain needs.

use super::Sqlite;
use crate::entry::span_of_keys;
use crate::error::StorageError;
use rusqlite::{OptionalExtension as _, params};
use signet_kernel::TenantId;

const NOTE: &str = "INSERT INTO removed (tenant, number, id, table_name, writer, seq, at, first, count, prev, hash, from_at, until_at)
    SELECT tenant, (SELECT coalesce(max(number), 0) + 1 FROM removed WHERE tenant = ?1), id, table_name, writer, seq, at, first,
    count, prev, hash, ?3, ?4 FROM frames WHERE id = ?2";

impl Sqlite {
    /// Removes frames of a tenant in one transaction; how many were there.
    pub(super) fn remove_frames(&mut self, tenant: TenantId, frames: &[i64]) -> Result<usize, StorageError> {
        let mut bytes = 0;
        let removed = self.in_transaction(|sqlite| {
            let mut removed = 0;
            for frame in frames {
                if let Some(length) = sqlite.remove_one(tenant, *frame)? {
                    (removed, bytes) = (removed + 1, bytes + length);
                }
            }
            Ok::<_, StorageError>(removed)
        })?;
        // What is deleted is overwritten, and the log has every page of it.
        self.log_bytes += bytes;
        Ok(removed)
    }

    fn remove_one(&self, tenant: TenantId, frame: i64) -> Result<Option<usize>, StorageError> {
        let mut find = self
            .connection
            .prepare_cached("SELECT keys, length(body) + length(personal) FROM frames WHERE id = ?1 AND tenant = ?2")?;
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, usize>(1)?));
        let Some((keys, length)) = find.query_row(params![frame, tenant.as_bytes()], read).optional()? else {
            return Ok(None);
        };
        let (from, until) = span_of_keys(&keys);
        self.connection.prepare_cached(NOTE)?.execute(params![tenant.as_bytes(), frame, from, until])?;
        self.connection.prepare_cached("DELETE FROM frames WHERE id = ?1")?.execute([frame])?;
        Ok(Some(length + keys.len()))
    }

    /// Notes that personal values of a tenant were erased.
    pub(super) fn note_erasure(&self, tenant: TenantId) -> Result<(), StorageError> {
        let mut note = self.connection.prepare_cached(
            "INSERT INTO erasures (tenant, number) VALUES (?1, 1) ON CONFLICT DO UPDATE SET number = number + 1",
        )?;
        note.execute([tenant.as_bytes()])?;
        Ok(())
    }
}
