//! Frames → entries → tree.

use crate::alarm::AlarmKind;
use crate::entry::entries_of;
use crate::logs::{TransparencyLogs, tree_head};
use crate::problem::LogProblem;
use signet_kernel::{Failure, TenantId};
use signet_record::{ChainTip, FoundFrame, LogError, LogHead, LogRound, LogSpan, LogTile, Scope, WriterId};
use signet_tlog::{Hash, Tile, TileAddress, TileError, Tree, TreeHead, VerifiedTiles};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What one piece of gathering did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Gathered {
    /// Records taken into logs.
    pub records: u64,
    /// Whether there may be more right now.
    pub more: bool,
}

/// A round that is not committed yet, and the tree after it.
struct Prepared {
    round: LogRound,
    tree: Tree,
}

impl TransparencyLogs {
    /// Takes what is new in `scope` into the log and signs what was committed: one piece, of some megabytes at most.
    pub async fn gather(&self, scope: Scope) -> Result<Gathered, Failure> {
        let found = self.inner.store.find(scope).await?;
        let more = found.more;
        if !found.reached.moves() {
            self.sign_committed(scope).await?;
            return Ok(Gathered::default());
        }
        let stopped = self.inner.store.stopped().await?;
        if matches!(scope, Scope::Tenant(tenant) if stopped.contains_key(&tenant)) {
            return Ok(Gathered::default());
        }
        let mut prepared = Vec::new();
        for (tenant, frames) in by_tenant(found.frames) {
            if stopped.contains_key(&tenant) {
                continue;
            }
            match self.prepare(tenant, frames).await {
                Ok(made) => prepared.extend(made),
                Err(LogProblem::Unreadable(error)) => return Err(error.into()),
                Err(problem) => {
                    self.stop(tenant, AlarmKind::Damaged, problem.to_string()).await?;
                    if matches!(scope, Scope::Tenant(_)) {
                        return Ok(Gathered::default());
                    }
                }
            }
        }
        let (rounds, trees): (Vec<_>, Vec<_>) = prepared.into_iter().map(|made| (made.round, made.tree)).unzip();
        let records = rounds.iter().map(|round| round.after.size - round.before).sum();
        let tenants: Vec<TenantId> = rounds.iter().map(|round| round.tenant).collect();
        if !self.inner.store.commit(found.reached, rounds).await? {
            // Another was first. What it did is read again the next time.
            self.forget();
            return Ok(Gathered { records: 0, more: true });
        }
        let committed: Vec<(TenantId, Tree)> = tenants.into_iter().zip(trees).collect();
        self.inner.trees.lock().extend(committed.iter().cloned());
        for (tenant, tree) in committed {
            if let Err(failure) = self.sign(tenant, tree.head()).await {
                // What is committed and unsigned is looked for the next time.
                self.inner.signed.lock().remove(&tenant);
                return Err(failure);
            }
        }
        Ok(Gathered { records, more })
    }

    async fn prepare(&self, tenant: TenantId, frames: Vec<FoundFrame>) -> Result<Option<Prepared>, LogProblem> {
        let mut tree = self.tree(tenant).await?;
        let mut known = self.tips(tenant, &frames).await?;
        let (before, mut tiles) = (tree.head(), BTreeMap::new());
        let (mut spans, mut tips) = (Vec::new(), HashMap::new());
        for frame in &frames {
            let chain = (frame.table.clone(), frame.writer);
            let tip = known.entry(chain.clone()).or_default();
            if frame.seq < tip.next_seq && self.inner.store.span_of(tenant, frame.number).await?.is_some() {
                // It was looked at again after the log had been stopped.
                continue;
            }
            let wrong = |problem| LogProblem::Frame { place: frame.place(), problem };
            *tip = frame.follow(tip).map_err(wrong)?;
            tips.insert(chain, *tip);
            spans.push(LogSpan { first_leaf: tree.size(), frame: frame.number, count: frame.count });
            for entry in entries_of(frame) {
                tiles.extend(tree.append(Hash::leaf(entry.as_bytes())));
            }
        }
        if spans.is_empty() {
            return Ok(None);
        }
        let unchanged: BTreeSet<TileAddress> = TileAddress::edge(before.size).collect();
        tiles.extend(tree.edge().filter(|(address, _)| !unchanged.contains(address)));
        let head = tree.head();
        let round = LogRound {
            tenant,
            before: before.size,
            after: LogHead { size: head.size, root: *head.root.as_bytes() },
            tiles: tiles.iter().map(|(address, tile)| stored(*address, tile)).collect(),
            spans,
            tips: tips.into_iter().collect(),
        };
        Ok(Some(Prepared { round, tree }))
    }

    /// The tree as it is committed: in memory if this node committed it, else of the tiles of its right edge.
    async fn tree(&self, tenant: TenantId) -> Result<Tree, LogProblem> {
        let head = tree_head(self.inner.store.head(tenant).await?);
        let remembered = self.inner.trees.lock().get(&tenant).filter(|tree| tree.head() == head).cloned();
        if let Some(tree) = remembered {
            return Ok(tree);
        }
        let tiles = self.verified_tiles(tenant, head, TileAddress::edge(head.size)).await?;
        Ok(Tree::resume(&tiles)?)
    }

    async fn tips(
        &self,
        tenant: TenantId,
        frames: &[FoundFrame],
    ) -> Result<HashMap<(String, WriterId), ChainTip>, LogError> {
        let chains: BTreeSet<_> = frames.iter().map(|frame| (frame.table.clone(), frame.writer)).collect();
        self.inner.store.tips(tenant, chains.into_iter().collect()).await
    }

    /// Tiles of a tree, verified against its root. A tile that grew since stands for what it was.
    pub(crate) async fn verified_tiles(
        &self,
        tenant: TenantId,
        head: TreeHead,
        wanted: impl IntoIterator<Item = TileAddress>,
    ) -> Result<VerifiedTiles, LogProblem> {
        let wanted: Vec<TileAddress> = wanted.into_iter().collect();
        let places = wanted.iter().map(|address| (address.level(), address.index())).collect();
        let found = self.inner.store.tiles(tenant, places).await?;
        Ok(verified(head, &wanted, &found)?)
    }
}

/// What was stored of tiles, as those of a tree.
pub(crate) fn verified(head: TreeHead, wanted: &[TileAddress], found: &[LogTile]) -> Result<VerifiedTiles, TileError> {
    let tiles = wanted.iter().filter_map(|address| {
        let stored = found.iter().find(|tile| (tile.level, tile.index) == (address.level(), address.index()))?;
        let bytes = stored.hashes.get(..usize::from(address.width()) * Hash::LENGTH)?;
        Some((*address, Tile::parse(*address, bytes).ok()?))
    });
    VerifiedTiles::verify(head, tiles)
}

fn stored(address: TileAddress, tile: &Tile) -> LogTile {
    LogTile { level: address.level(), index: address.index(), hashes: tile.to_bytes() }
}

/// The frames of each tenant, in the order in which they were found.
fn by_tenant(frames: Vec<FoundFrame>) -> BTreeMap<TenantId, Vec<FoundFrame>> {
    let mut tenants: BTreeMap<TenantId, Vec<FoundFrame>> = BTreeMap::new();
    for frame in frames {
        tenants.entry(frame.tenant).or_default().push(frame);
    }
    tenants
}
