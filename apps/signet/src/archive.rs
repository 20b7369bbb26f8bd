//! The archive as this deployment has it.

use crate::command_error::CommandError;
use crate::config::Config;
use crate::outbound;
use async_trait::async_trait;
use bytes::Bytes;
use signet_kernel::TenantId;
use signet_object_storage::Objects;
use signet_transparency_log::AnchorSink;

/// Where what leaves goes, if the configuration says so.
pub(crate) fn objects(config: &Config) -> Result<Option<Objects>, CommandError> {
    let Some(place) = config.archive.place() else { return Ok(None) };
    let out = outbound::exchange(&config.fetch)?;
    Objects::open(&place, out).map(Some).map_err(|error| CommandError::usage(format!("archive.url: {error}")))
}

/// Anchors in the archive's place: best where what is written there cannot be changed for a while.
pub(crate) struct Anchors(pub(crate) Objects);

fn folder(tenant: TenantId) -> String {
    format!("anchors/{tenant}")
}

#[async_trait]
impl AnchorSink for Anchors {
    fn name(&self) -> String {
        format!("{}/anchors", self.0.place().trim_end_matches('/'))
    }

    async fn has(&self, tenant: TenantId, beginning: &str) -> Result<bool, String> {
        let listed = self.0.list(&folder(tenant)).await.map_err(|error| error.to_string())?;
        let of_day = |name: &str| name.rsplit('/').next().is_some_and(|name| name.starts_with(beginning));
        Ok(listed.iter().any(|listed| of_day(&listed.name)))
    }

    async fn put(&self, tenant: TenantId, name: &str, note: &[u8]) -> Result<(), String> {
        let name = format!("{}/{name}", folder(tenant));
        let failed = |error: signet_object_storage::ObjectsError| error.to_string();
        if self.0.get(&name).await.map_err(failed)?.is_some() {
            return Ok(());
        }
        self.0.put(&name, Bytes::copy_from_slice(note)).await.map_err(failed)
    }
}
