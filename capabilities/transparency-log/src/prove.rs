//! Proofs, tiles and entry bundles of what was signed.

use crate::entry::entries_of;
use crate::logs::TransparencyLogs;
use crate::problem::LogProblem;
use crate::verify::kept::Kept;
use serde::Serialize;
use signet_kernel::{Failure, Fault, TenantId};
use signet_record::{LogSpan, Query, Record};
use signet_tlog::{
    BundleAddress, ConsistencyProof, Hash, InclusionProof, ProofFile, TileAddress, TreeHead, UnverifiedCheckpoint,
    write_entry,
};
use std::collections::HashMap;

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// The tenant has no log, or nothing is in it yet.
    #[error("nothing of this log has been signed yet")]
    Unsigned,
    /// There is no such record or leaf.
    #[error("there is no such record")]
    NoSuchRecord,
    /// The record is durable and not in the log yet.
    #[error("the record is not in the log yet; ask again in a moment")]
    NotYet,
    /// The sizes are none of this log.
    #[error("the log has {0} leaves; name sizes up to there, the smaller one first")]
    Sizes(u64),
    /// The log is damaged.
    #[error(transparent)]
    Damaged(#[from] LogProblem),
    /// Something failed.
    #[error("{0}")]
    Failed(Failure),
}

impl From<Failure> for ProveError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<signet_record::LogError> for ProveError {
    fn from(error: signet_record::LogError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<ProveError> for Failure {
    fn from(error: ProveError) -> Self {
        match error {
            ProveError::Failed(failure) => failure,
            ProveError::NotYet => Self { message: error.to_string(), ..Self::busy("not gathered yet") },
            ProveError::Sizes(_) => Self::new(Fault::Input, "Request_BadRequest", error.to_string()),
            ProveError::Unsigned | ProveError::NoSuchRecord => {
                Self::new(Fault::NotFound, "Request_ResourceNotFound", error.to_string())
            }
            ProveError::Damaged(problem) => Self::bug(problem),
        }
    }
}

/// A proof that one tree of a log grew out of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Consistency {
    /// Leaves of the earlier tree.
    pub from: u64,
    /// Leaves of the later tree.
    pub to: u64,
    /// The hashes of the proof, in base64.
    pub path: Vec<String>,
    /// The newest checkpoint: of the later tree, if that is the newest.
    pub checkpoint: String,
}

impl TransparencyLogs {
    /// Proves the place of the record `id`. The proof's `extra` is the entry.
    pub async fn prove(
        &self,
        record: &Record,
        tenant: TenantId,
        (table, id): (&str, &str),
    ) -> Result<ProofFile, ProveError> {
        record.caught_up().await;
        let page = record.query(Query { id: Some(id.to_owned()), limit: 1, ..Query::new(tenant, table) }).await?;
        let place = page.places.first().ok_or(ProveError::NoSuchRecord)?;
        let span = self.inner.store.span_of(tenant, place.frame()).await?.ok_or(ProveError::NotYet)?;
        self.prove_leaf(tenant, span.first_leaf + place.line()).await
    }

    /// Proves that a leaf is in the log.
    pub async fn prove_leaf(&self, tenant: TenantId, leaf: u64) -> Result<ProofFile, ProveError> {
        let (checkpoint, head) = self.signed_head(tenant).await?;
        if leaf >= head.size {
            let committed = self.inner.store.head(tenant).await?.map_or(0, |head| head.size);
            return Err(if leaf < committed { ProveError::NotYet } else { ProveError::NoSuchRecord });
        }
        let wanted = InclusionProof::tiles(leaf, head.size).map_err(LogProblem::from)?;
        let tiles = self.verified_tiles(tenant, head, wanted).await?;
        let inclusion = InclusionProof::build(leaf, &tiles).map_err(LogProblem::from)?;
        let mut entries = self.entries(tenant, leaf, leaf + 1).await?;
        let extra = entries.pop().map(String::into_bytes);
        Ok(ProofFile { extra, inclusion, checkpoint })
    }

    /// Proves that the log of `to` leaves grew out of that of `from`. Without `to`: the newest.
    pub async fn prove_consistency(
        &self,
        tenant: TenantId,
        from: u64,
        to: Option<u64>,
    ) -> Result<Consistency, ProveError> {
        let (checkpoint, newest) = self.signed_head(tenant).await?;
        let to = to.unwrap_or(newest.size);
        if from > to || to > newest.size {
            return Err(ProveError::Sizes(newest.size));
        }
        let proof = self.consistency_proof(tenant, newest, (from, to)).await?;
        let path = proof.path.iter().map(Hash::to_string).collect();
        Ok(Consistency { from, to, path, checkpoint: checkpoint.to_string() })
    }

    /// The proof between two sizes of a tree, of the newest one's tiles, which are verified.
    pub(crate) async fn consistency_proof(
        &self,
        tenant: TenantId,
        newest: TreeHead,
        (from, to): (u64, u64),
    ) -> Result<ConsistencyProof, ProveError> {
        let wanted = ConsistencyProof::tiles_between(from, to, newest.size).map_err(LogProblem::from)?;
        let tiles = self.verified_tiles(tenant, newest, wanted).await?;
        Ok(ConsistencyProof::build_between(from, to, &tiles).map_err(LogProblem::from)?)
    }

    /// The bytes of a tile; `None` if there is none so wide.
    pub async fn tile(&self, tenant: TenantId, address: TileAddress) -> Result<Option<Vec<u8>>, ProveError> {
        let found = self.inner.store.tiles(tenant, vec![(address.level(), address.index())]).await?;
        let bytes = usize::from(address.width()) * Hash::LENGTH;
        Ok(found.first().and_then(|tile| tile.hashes.get(..bytes)).map(<[u8]>::to_vec))
    }

    /// The bytes of an entry bundle; `None` if there is none so wide.
    pub async fn bundle(&self, tenant: TenantId, address: BundleAddress) -> Result<Option<Vec<u8>>, ProveError> {
        const WIDTH: u64 = 256;
        let tile = address.tile();
        let first = tile.index().saturating_mul(WIDTH);
        let end = first.saturating_add(u64::from(tile.width()));
        if self.inner.store.head(tenant).await?.is_none_or(|head| head.size < end) {
            return Ok(None);
        }
        let mut bundle = Vec::new();
        for entry in self.entries(tenant, first, end).await? {
            write_entry(&mut bundle, entry.as_bytes()).map_err(Failure::bug)?;
        }
        Ok(Some(bundle))
    }

    /// The newest signed tree.
    pub(crate) async fn signed_head(&self, tenant: TenantId) -> Result<(UnverifiedCheckpoint, TreeHead), ProveError> {
        let stored = self.checkpoint(tenant).await?.ok_or(ProveError::Unsigned)?;
        let log = self.log_in(tenant, stored.epoch)?;
        let wrong = |problem| LogProblem::Checkpoint { size: stored.size, problem };
        let checkpoint = UnverifiedCheckpoint::parse(&stored.note).map_err(wrong)?;
        let head = checkpoint.clone().verify(&log).map_err(wrong)?.head();
        Ok((checkpoint, head))
    }

    /// The entries of leaves from `first` up to `end`.
    async fn entries(&self, tenant: TenantId, first: u64, end: u64) -> Result<Vec<String>, ProveError> {
        const SPANS: usize = 64;
        let mut entries: Vec<String> = Vec::new();
        let mut next = first;
        while next < end {
            let spans = self.inner.store.spans(tenant, next, SPANS).await?;
            let before = next;
            for (span, of_span) in self.entries_of_spans(tenant, &spans, end).await? {
                let skip = usize::try_from(next.saturating_sub(span.first_leaf)).unwrap_or(usize::MAX);
                let take = usize::try_from(end - next).unwrap_or(usize::MAX);
                let here = of_span.into_iter().skip(skip).take(take);
                entries.extend(here);
                next = first + entries.len() as u64;
                if next >= end {
                    break;
                }
            }
            if next == before {
                return Err(LogProblem::Span(next).into());
            }
        }
        Ok(entries)
    }

    async fn entries_of_spans(
        &self,
        tenant: TenantId,
        spans: &[LogSpan],
        end: u64,
    ) -> Result<Vec<(LogSpan, Vec<String>)>, ProveError> {
        let spans: Vec<LogSpan> = spans.iter().copied().filter(|span| span.first_leaf < end).collect();
        let frames = self.inner.store.frames(tenant, spans.iter().map(|span| span.frame).collect()).await?;
        let frames: HashMap<i64, _> = frames.into_iter().map(|frame| (frame.number, frame)).collect();
        let gone = spans.iter().filter(|span| !frames.contains_key(&span.frame)).map(|span| span.first_leaf);
        let kept = self.inner.store.kept_entries(tenant, gone.collect()).await?;
        let mut found = Vec::new();
        for span in spans {
            let entries = match frames.get(&span.frame) {
                Some(frame) => entries_of(frame).collect(),
                None => {
                    let stored = kept.iter().find(|kept| kept.first_leaf == span.first_leaf);
                    let stored = stored.ok_or(LogProblem::Dropped(span.frame))?;
                    Kept::read(stored).ok_or(LogProblem::Kept(span.frame))?.entries
                }
            };
            found.push((span, entries));
        }
        Ok(found)
    }
}
