//! Signing what is committed, and nothing else.

use crate::logs::{TransparencyLogs, tree_head};
use signet_kernel::{Failure, TenantId};
use signet_record::{Scope, StoredCheckpoint};
use signet_tlog::{Checkpoint, SignedCheckpoint, TreeHead};

/// Checkpoints that stay, besides those that were anchored: some hours of them.
const CHECKPOINTS: usize = 10_000;
/// How many are signed before they are thinned out.
const THIN_EVERY: u64 = 256;

impl TransparencyLogs {
    /// Signs the tree of every tenant in `scope` that is committed and was not signed: a node may have ended in between.
    pub(crate) async fn sign_committed(&self, scope: Scope) -> Result<(), Failure> {
        let tenants = match scope {
            Scope::All => self.tenants(),
            Scope::Tenant(tenant) => vec![tenant],
        };
        for tenant in tenants {
            let Some(epoch) = self.epoch(tenant) else { continue };
            let known = self.inner.signed.lock().get(&tenant).is_some_and(|(signed_in, _)| *signed_in == epoch);
            if known {
                continue;
            }
            let head = tree_head(self.inner.store.head(tenant).await?);
            let newest = self.inner.store.newest_checkpoint(tenant, epoch).await?;
            if head.size > 0 && newest.is_none_or(|newest| newest.size < head.size) {
                self.sign(tenant, head).await?;
            } else {
                self.inner.signed.lock().insert(tenant, (epoch, head.size));
            }
        }
        Ok(())
    }

    /// Signs a committed tree. Two nodes that sign one write the same bytes.
    pub(crate) async fn sign(&self, tenant: TenantId, head: TreeHead) -> Result<(), Failure> {
        // A tenant that is gone from the directory, or that this node has not heard of yet.
        let Some(epoch) = self.epoch(tenant) else { return Ok(()) };
        if self.inner.store.stopped().await?.contains_key(&tenant) {
            return Ok(());
        }
        let key = self.key(tenant, epoch)?;
        let origin = self.name_in(tenant, epoch).to_string();
        let checkpoint = Checkpoint::new(origin, head).map_err(Failure::bug)?;
        let note = SignedCheckpoint::sign(checkpoint, &[&key]).map_err(Failure::bug)?.to_string().into_bytes();
        self.inner.store.put_checkpoint(tenant, StoredCheckpoint { epoch, size: head.size, note, kept: false }).await?;
        self.inner.meter.signed(tenant, head.size, self.inner.context.monotonic());
        let signed = {
            let mut signed = self.inner.signed.lock();
            let count = signed.entry(tenant).or_insert((epoch, 0));
            *count = (epoch, count.1 + 1);
            count.1
        };
        if signed.is_multiple_of(THIN_EVERY) {
            self.inner.store.thin_checkpoints(tenant, epoch, CHECKPOINTS).await?;
        }
        Ok(())
    }
}
