//! Recomputing a log from the record, with nothing believed but the keys that are named.

pub(crate) mod kept;
mod purges;

use crate::entry::entries_of;
use crate::logs::tree_head;
use crate::name::LogName;
use crate::problem::LogProblem;
use crate::purge::StatedPurge;
use kept::Kept;
use purges::Purges;
use signet_kernel::TenantId;
use signet_record::{ChainTip, FoundFrame, LogHead, LogSnapshot, LogSpan, StoredCheckpoint, WriterId};
use signet_tlog::{Hash, Log, SignedCheckpoint, Tile, TileAddress, Tree, TreeHead, UnverifiedCheckpoint, VerifierKey};
use std::collections::{BTreeMap, HashMap};

/// Spans read at once, with their frames.
const SPANS: usize = 64;

/// Whom a verification believes.
pub struct Trust<'t> {
    /// What is trusted of the log of this name; `None` if nothing is.
    pub log: &'t (dyn Fn(&str) -> Option<Log> + Send + Sync),
    /// Witnesses whose lines must be true where they stand.
    pub witnesses: Vec<VerifierKey>,
    /// Checkpoints that were kept outside.
    pub outside: Vec<Vec<u8>>,
}

/// What was looked at, all of it sound.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogReport {
    /// Records in the log.
    pub leaves: u64,
    /// Frames that they lie in.
    pub frames: u64,
    /// Frames that were removed, and whose entries were kept.
    pub removed: u64,
    /// Personal values that were erased.
    pub erased: u64,
    /// Tiles.
    pub tiles: u64,
    /// Checkpoints kept with the log.
    pub checkpoints: u64,
    /// Of those, and of those from outside, what the largest that a trusted witness cosigned states.
    pub cosigned: Option<u64>,
    /// What the largest checkpoint from outside states: what follows could be rewritten by whoever has all keys.
    pub outside: Option<u64>,
    /// Records in the log that no checkpoint states.
    pub unsigned: u64,
    /// Frames that are not in the log yet.
    pub waiting: u64,
    /// What was removed by right, as the record states it.
    pub purges: Vec<StatedPurge>,
    /// Records that are gone though no purge states it: somebody removed them.
    pub untold: u64,
}

/// Verifies the log of one tenant as it is in `snapshot`.
pub async fn verify(
    snapshot: &LogSnapshot,
    (tenant, head): (TenantId, LogHead),
    trust: &Trust<'_>,
) -> Result<LogReport, LogProblem> {
    let mut report = LogReport::default();
    let stated = stated(snapshot, tenant, trust, &mut report).await?;
    let mut pass = Pass {
        tree: Tree::new(),
        tips: HashMap::new(),
        stated,
        sound: 0,
        filled: Vec::new(),
        purges: Purges::default(),
        report,
    };
    let largest = pass.stated.keys().next_back().copied().unwrap_or(0);
    pass.report.unsigned = head.size.saturating_sub(largest);
    let mut last = None;
    loop {
        // From the last span that was taken, so that none is passed over.
        let from = last.map_or(0, |span: LogSpan| span.first_leaf);
        let mut spans = snapshot.spans(tenant, from, SPANS).await?;
        spans.drain(..spans.len().min(usize::from(last.is_some())));
        last = spans.last().copied();
        if last.is_none() {
            break;
        }
        pass.take(snapshot, tenant, &spans).await?;
        pass.check_filled(snapshot, tenant).await?;
    }
    pass.finish(snapshot, tenant, tree_head(Some(head))).await
}

/// The trees that checkpoints state, by size.
type Stated = BTreeMap<u64, Vec<Hash>>;

async fn stated(
    snapshot: &LogSnapshot,
    tenant: TenantId,
    trust: &Trust<'_>,
    report: &mut LogReport,
) -> Result<Stated, LogProblem> {
    let mut stated = Stated::new();
    for StoredCheckpoint { epoch, size, note, .. } in snapshot.checkpoints(tenant).await? {
        let checkpoint = believed(&note, trust, report)?;
        let name = LogName::new("", tenant, epoch).to_string();
        let named = UnverifiedCheckpoint::parse(&note).is_ok_and(|said| said.origin().ends_with(&name));
        if checkpoint.size != size || !named {
            return Err(LogProblem::Misplaced(size));
        }
        stated.entry(size).or_default().push(checkpoint.root);
        report.checkpoints += 1;
    }
    let prefix = format!("/{tenant}/log");
    for note in &trust.outside {
        let said = UnverifiedCheckpoint::parse(note);
        // Those of other tenants are for other logs.
        if said.as_ref().is_ok_and(|said| !said.origin().contains(&prefix)) {
            continue;
        }
        let checkpoint = believed(note, trust, report)?;
        stated.entry(checkpoint.size).or_default().push(checkpoint.root);
        report.outside = report.outside.max(Some(checkpoint.size));
    }
    Ok(stated)
}

fn believed(note: &[u8], trust: &Trust<'_>, report: &mut LogReport) -> Result<TreeHead, LogProblem> {
    let said = UnverifiedCheckpoint::parse(note).map_err(|problem| LogProblem::Checkpoint { size: 0, problem })?;
    let size = said.size();
    let log = (trust.log)(said.origin()).ok_or_else(|| LogProblem::NoKey(said.origin().to_owned()))?;
    let checkpoint = said.verify(&log).map_err(|problem| LogProblem::Checkpoint { size, problem })?;
    if is_cosigned(&checkpoint, &trust.witnesses)? {
        report.cosigned = report.cosigned.max(Some(size));
    }
    Ok(checkpoint.head())
}

fn is_cosigned(checkpoint: &SignedCheckpoint, witnesses: &[VerifierKey]) -> Result<bool, LogProblem> {
    let wrong = |problem| LogProblem::Cosignature { size: checkpoint.head().size, problem };
    Ok(!checkpoint.cosignatures(witnesses).map_err(wrong)?.is_empty())
}

/// One pass over the log.
struct Pass {
    tree: Tree,
    tips: HashMap<(String, WriterId), ChainTip>,
    stated: Stated,
    /// What the last checkpoint stated that was met.
    sound: u64,
    filled: Vec<(TileAddress, Tile)>,
    purges: Purges,
    report: LogReport,
}

impl Pass {
    async fn take(&mut self, snapshot: &LogSnapshot, tenant: TenantId, spans: &[LogSpan]) -> Result<(), LogProblem> {
        let wanted: Vec<i64> = spans.iter().map(|span| span.frame).collect();
        let frames = snapshot.frames(tenant, &wanted).await?;
        let frames: HashMap<i64, FoundFrame> = frames.into_iter().map(|frame| (frame.number, frame)).collect();
        let gone: Vec<u64> =
            spans.iter().filter(|span| !frames.contains_key(&span.frame)).map(|span| span.first_leaf).collect();
        let kept = snapshot.kept_entries(tenant, &gone).await?;
        for span in spans {
            if span.first_leaf != self.tree.size() {
                return Err(LogProblem::Span(self.tree.size()));
            }
            let entries = match frames.get(&span.frame) {
                Some(frame) => self.of_frame(frame)?,
                None => {
                    let stored = kept.iter().find(|kept| kept.first_leaf == span.first_leaf);
                    let stored = stored.ok_or(LogProblem::Dropped(span.frame))?;
                    let kept = Kept::read(stored).ok_or(LogProblem::Kept(span.frame))?;
                    self.purges.removed(span.first_leaf, u64::from(span.count));
                    self.of_kept(span.frame, kept)?
                }
            };
            if u32::try_from(entries.len()) != Ok(span.count) {
                return Err(LogProblem::Span(span.first_leaf));
            }
            self.append(&entries)?;
        }
        Ok(())
    }

    fn of_frame(&mut self, frame: &FoundFrame) -> Result<Vec<String>, LogProblem> {
        let wrong = |problem| LogProblem::Frame { place: frame.place(), problem };
        let tip = self.tips.entry((frame.table.clone(), frame.writer)).or_default();
        *tip = frame.follow(tip).map_err(wrong)?;
        let (_, erased) = frame.check_records().map_err(wrong)?;
        self.report.frames += 1;
        self.report.erased += erased;
        self.purges.frame(frame);
        Ok(entries_of(frame).collect())
    }

    fn of_kept(&mut self, number: i64, kept: Kept) -> Result<Vec<String>, LogProblem> {
        let tip = self.tips.entry((kept.table.clone(), kept.writer)).or_default();
        if !kept.follows(tip) {
            return Err(LogProblem::Kept(number));
        }
        *tip = kept.tip;
        self.report.removed += 1;
        Ok(kept.entries)
    }

    fn append(&mut self, entries: &[String]) -> Result<(), LogProblem> {
        for entry in entries {
            self.filled.extend(self.tree.append(Hash::leaf(entry.as_bytes())));
            let TreeHead { size, root } = self.tree.head();
            if let Some(roots) = self.stated.remove(&size) {
                if roots.iter().any(|stated| *stated != root) {
                    return Err(LogProblem::Rewritten { stated: size, sound: self.sound });
                }
                self.sound = size;
            }
        }
        Ok(())
    }

    async fn check_filled(&mut self, snapshot: &LogSnapshot, tenant: TenantId) -> Result<(), LogProblem> {
        let wanted: Vec<(u8, u64)> =
            self.filled.iter().map(|(address, _)| (address.level(), address.index())).collect();
        let stored = snapshot.tiles(tenant, &wanted).await?;
        for (address, tile) in self.filled.drain(..) {
            let found = stored.iter().find(|tile| (tile.level, tile.index) == (address.level(), address.index()));
            if found.is_none_or(|found| found.hashes != tile.to_bytes()) {
                return Err(LogProblem::Tile(address));
            }
            self.report.tiles += 1;
        }
        Ok(())
    }

    async fn finish(
        mut self,
        snapshot: &LogSnapshot,
        tenant: TenantId,
        committed: TreeHead,
    ) -> Result<LogReport, LogProblem> {
        let head = self.tree.head();
        if committed.size > head.size {
            return Err(LogProblem::Cut { stated: committed.size, size: head.size });
        }
        if committed != head {
            return Err(LogProblem::Root);
        }
        if let Some(stated) = self.stated.keys().next_back() {
            return Err(LogProblem::Cut { stated: *stated, size: head.size });
        }
        self.filled = self.tree.edge().collect();
        self.check_filled(snapshot, tenant).await?;
        let found = snapshot.tile_count(tenant).await?;
        if found != self.report.tiles {
            return Err(LogProblem::TileCount { size: head.size, found, expected: self.report.tiles });
        }
        self.check_tips(snapshot, tenant).await?;
        (self.report.purges, self.report.untold) = self.purges.check(snapshot, tenant).await?;
        self.report.leaves = head.size;
        self.report.waiting = snapshot.frame_count(tenant).await?.saturating_sub(self.report.frames);
        Ok(self.report)
    }

    async fn check_tips(&self, snapshot: &LogSnapshot, tenant: TenantId) -> Result<(), LogProblem> {
        let said = snapshot.tips(tenant).await?;
        let other = |(chain, tip): &(&(String, WriterId), &ChainTip)| self.tips.get(*chain) != Some(*tip);
        let wrong = said.iter().find(other).map(|(chain, _)| chain);
        match wrong.or_else(|| self.tips.keys().find(|chain| !said.contains_key(*chain))) {
            None => Ok(()),
            Some((table, writer)) => Err(LogProblem::Tip { table: table.clone(), writer: writer.to_string() }),
        }
    }
}
