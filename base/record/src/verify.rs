//! Recomputing everything: every chain, every commitment to a personal value, every checkpoint.

use crate::checkpoint::{Checkpoint, CheckpointVerifier, KIND};
use crate::database::{open_read_only, records_path};
use crate::frame::{FrameHeader, Hash, WriterId};
use crate::personal::{Kept, Personal};
use removed::{Removed, Sorted};
use rusqlite::{Connection, Row};
use serde_json::{Map, Value};
use signet_kernel::{TenantId, Timestamp};
use std::collections::{HashMap, HashSet};
use std::path::Path;

mod postgres;
mod removed;
mod report;

pub use postgres::verify_postgres;
pub use report::{CheckpointProblem, FramePlace, FrameProblem, VerifyError, VerifyReport};

/// Verifies the record in `directory`, whether or not it is being written.
///
/// What follows the last checkpoint could be cut unnoticed, and so could the newest checkpoints together with all
/// that they cover, unless a copy of a statement was kept elsewhere.
pub fn verify(directory: &Path, verifier: &dyn CheckpointVerifier) -> Result<VerifyReport, VerifyError> {
    let connection = open_read_only(&records_path(directory))?;
    // One read transaction: frames and checkpoints of the same moment.
    let moment = connection.unchecked_transaction()?;
    let mut verification = Verification::default();
    read_checkpoints(&moment, verifier, &mut verification)?;
    read_frames(&moment, &mut verification)?;
    verification.finish()
}

fn read_checkpoints(
    connection: &Connection,
    verifier: &dyn CheckpointVerifier,
    verification: &mut Verification,
) -> Result<(), VerifyError> {
    let mut select = connection
        .prepare("SELECT tenant, sequence, statement, key_id, signature FROM checkpoints ORDER BY tenant, sequence")?;
    let mut rows = select.query(())?;
    while let Some(row) = rows.next()? {
        let tenant = TenantId::from_slice(row.get_ref(0)?.as_blob().unwrap_or_default());
        verification.checkpoint(
            verifier,
            &StoredCheckpoint {
                tenant: tenant.ok_or(VerifyError::Row(0))?,
                sequence: row.get::<_, i64>(1)?.cast_unsigned(),
                statement: row.get(2)?,
                key_id: row.get(3)?,
                signature: row.get(4)?,
            },
        )?;
    }
    Ok(())
}

/// A checkpoint as it lies in the database.
struct StoredCheckpoint {
    tenant: TenantId,
    sequence: u64,
    statement: Vec<u8>,
    key_id: String,
    signature: Vec<u8>,
}

/// Checkpoints by tenant and sequence first, then frames in the order of their numbers.
#[derive(Default)]
struct Verification {
    before: Option<(Checkpoint, Hash)>,
    stated: Stated,
    tips: HashMap<(TenantId, String, WriterId), Tip>,
    report: VerifyReport,
}

impl Verification {
    fn checkpoint(&mut self, verifier: &dyn CheckpointVerifier, stored: &StoredCheckpoint) -> Result<(), VerifyError> {
        let (checkpoint, hash) = stored.read(verifier)?;
        let same_tenant = self.before.take().filter(|(last, _)| last.tenant == checkpoint.tenant);
        check_follows(same_tenant.as_ref(), &checkpoint)?;
        self.stated.note(&checkpoint)?;
        self.before = Some((checkpoint, hash));
        self.report.checkpoints += 1;
        Ok(())
    }

    fn frame(&mut self, frame: &Frame<'_>) -> Result<(), VerifyError> {
        let place = frame.place();
        let wrong = |problem| VerifyError::Frame { place: place.clone(), problem };
        let chain = (place.tenant, place.table.clone(), place.writer);
        self.report.uncovered += u64::from(!self.stated.covers(&chain, place.seq));
        let tip = self.tips.entry(chain).or_insert(Tip { next_seq: 0, next_first: 0, hash: Hash::NONE });
        frame.check_link(tip).map_err(wrong)?;
        let kept = frame.check_records().map_err(wrong)?;
        self.stated.meet(&place, frame.hash).map_err(wrong)?;
        *tip = frame.tip();
        self.report.frames += 1;
        self.report.records += u64::from(frame.header.count);
        self.report.personal += kept.present;
        self.report.erased += kept.erased;
        Ok(())
    }

    fn removed(&mut self, removed: Removed) -> Result<(), VerifyError> {
        let Removed { place, tip, before } = removed;
        let chain = (place.tenant, place.table.clone(), place.writer);
        self.report.uncovered += u64::from(!self.stated.covers(&chain, place.seq));
        let at = self.tips.entry(chain).or_insert(Tip { next_seq: 0, next_first: 0, hash: Hash::NONE });
        let wrong = |problem| VerifyError::Frame { place: place.clone(), problem };
        before.check(at).map_err(wrong)?;
        self.stated.meet(&place, tip.hash).map_err(wrong)?;
        *at = tip;
        self.report.removed += 1;
        Ok(())
    }

    fn finish(mut self) -> Result<VerifyReport, VerifyError> {
        self.stated.none_left()?;
        self.report.chains = self.tips.len() as u64;
        Ok(self.report)
    }
}

/// What the checkpoints say must be there.
#[derive(Default)]
struct Stated {
    heads: HashMap<FramePlace, (Hash, u64)>,
    /// The last frame stated of each chain.
    covered: HashMap<(TenantId, String, WriterId), u64>,
}

impl Stated {
    fn covers(&self, chain: &(TenantId, String, WriterId), seq: u64) -> bool {
        self.covered.get(chain).is_some_and(|last| seq <= *last)
    }

    fn note(&mut self, checkpoint: &Checkpoint) -> Result<(), VerifyError> {
        for head in &checkpoint.heads {
            let last = self.covered.entry((checkpoint.tenant, head.table.clone(), head.writer)).or_default();
            *last = head.seq.max(*last);
            let place =
                FramePlace { tenant: checkpoint.tenant, table: head.table.clone(), writer: head.writer, seq: head.seq };
            let (known, sequence) = *self.heads.entry(place.clone()).or_insert((head.hash, checkpoint.sequence));
            if known != head.hash {
                return Err(VerifyError::Frame { place, problem: FrameProblem::Cut { sequence } });
            }
        }
        Ok(())
    }

    fn meet(&mut self, place: &FramePlace, hash: Hash) -> Result<(), FrameProblem> {
        match self.heads.remove(place) {
            Some((stated, sequence)) if stated != hash => Err(FrameProblem::Cut { sequence }),
            _ => Ok(()),
        }
    }

    fn none_left(self) -> Result<(), VerifyError> {
        let first = self.heads.into_iter().min_by_key(|(place, (_, sequence))| (*sequence, place.seq));
        first.map_or(Ok(()), |(place, (_, sequence))| {
            Err(VerifyError::Frame { place, problem: FrameProblem::Cut { sequence } })
        })
    }
}

impl StoredCheckpoint {
    fn read(&self, verifier: &dyn CheckpointVerifier) -> Result<(Checkpoint, Hash), VerifyError> {
        let Self { tenant, sequence, .. } = *self;
        let wrong = |problem| VerifyError::Checkpoint { tenant, sequence, problem };
        if !verifier.verify(&self.key_id, &self.statement, &self.signature) {
            return Err(wrong(CheckpointProblem::Signature));
        }
        let said: Checkpoint =
            serde_json::from_slice(&self.statement).map_err(|_| wrong(CheckpointProblem::Statement))?;
        if said.kind != KIND || said.tenant != tenant || said.sequence != sequence {
            return Err(wrong(CheckpointProblem::Statement));
        }
        Ok((said, Hash::of(&self.statement)))
    }
}

fn check_follows(before: Option<&(Checkpoint, Hash)>, next: &Checkpoint) -> Result<(), VerifyError> {
    let wrong = |problem| VerifyError::Checkpoint { tenant: next.tenant, sequence: next.sequence, problem };
    let (sequence, previous) = before.map_or((0, None), |(last, hash)| (last.sequence + 1, Some(*hash)));
    if next.sequence != sequence || next.previous != previous {
        return Err(wrong(CheckpointProblem::Unlinked));
    }
    let heads: HashMap<_, _> = next.heads.iter().map(|head| ((&head.table, head.writer), head.seq)).collect();
    let mut earlier = before.iter().flat_map(|(last, _)| &last.heads);
    let kept = earlier.all(|head| heads.get(&(&head.table, head.writer)).is_some_and(|seq| *seq >= head.seq));
    if kept { Ok(()) } else { Err(wrong(CheckpointProblem::Shrunk)) }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Tip {
    pub(crate) next_seq: u64,
    pub(crate) next_first: u64,
    pub(crate) hash: Hash,
}

fn read_frames(connection: &Connection, verification: &mut Verification) -> Result<(), VerifyError> {
    let writers = writers(connection)?;
    let mut select = connection.prepare(
        "SELECT id, tenant, table_name, writer, seq, at, first, count, prev, hash, keys, personal, body
         FROM frames ORDER BY id",
    )?;
    let mut rows = select.query(())?;
    let mut gone = Sorted::new();
    while let Some(row) = rows.next()? {
        while let Some(removed) = gone.next(connection, row.get(0)?)? {
            verification.removed(removed)?;
        }
        let frame = Frame::read(row)?.filter(|frame| writers.contains(&frame.header.writer));
        verification.frame(&frame.ok_or(VerifyError::Row(row.get(0)?))?)?;
    }
    while let Some(removed) = gone.next(connection, i64::MAX)? {
        verification.removed(removed)?;
    }
    Ok(())
}

fn writers(connection: &Connection) -> Result<HashSet<WriterId>, VerifyError> {
    let mut select = connection.prepare("SELECT id FROM writers")?;
    let ids = select.query_map((), |row| Ok(WriterId::from_slice(row.get_ref(0)?.as_blob()?)))?;
    Ok(ids.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

/// One stored frame.
pub(crate) struct Frame<'r> {
    pub(crate) header: FrameHeader<'r>,
    pub(crate) hash: Hash,
    pub(crate) keys: &'r [u8],
    pub(crate) personal: &'r [u8],
    pub(crate) body: &'r [u8],
}

impl<'r> Frame<'r> {
    fn read(row: &'r Row<'_>) -> Result<Option<Self>, rusqlite::Error> {
        let blob = |at| Ok::<_, rusqlite::Error>(row.get_ref(at)?.as_blob()?);
        let (tenant, writer) = (TenantId::from_slice(blob(1)?), WriterId::from_slice(blob(3)?));
        let (prev, hash) = (Hash::from_slice(blob(8)?), Hash::from_slice(blob(9)?));
        let (Some(tenant), Some(writer), Some(prev), Some(hash)) = (tenant, writer, prev, hash) else {
            return Ok(None);
        };
        let header = FrameHeader {
            tenant,
            table: row.get_ref(2)?.as_str()?,
            writer,
            seq: row.get::<_, i64>(4)?.cast_unsigned(),
            at: Timestamp::from_micros(row.get(5)?),
            first: row.get::<_, i64>(6)?.cast_unsigned(),
            count: row.get(7)?,
            prev,
        };
        Ok(Some(Self { header, hash, keys: blob(10)?, personal: blob(11)?, body: blob(12)? }))
    }

    fn place(&self) -> FramePlace {
        let FrameHeader { tenant, table, writer, seq, .. } = self.header;
        FramePlace { tenant, table: table.to_owned(), writer, seq }
    }

    fn tip(&self) -> Tip {
        Tip {
            next_seq: self.header.seq + 1,
            next_first: self.header.first + u64::from(self.header.count),
            hash: self.hash,
        }
    }

    pub(crate) fn check_link(&self, tip: &Tip) -> Result<(), FrameProblem> {
        if self.header.seq != tip.next_seq {
            return Err(FrameProblem::Gap { expected: tip.next_seq });
        }
        if self.header.prev != tip.hash || self.header.first != tip.next_first {
            return Err(FrameProblem::Unlinked);
        }
        if self.header.hash(self.keys, self.body) != self.hash {
            return Err(FrameProblem::Changed);
        }
        Ok(())
    }

    pub(crate) fn check_records(&self) -> Result<Kept, FrameProblem> {
        let lines = |of: &'r [u8]| of.split(|byte| *byte == b'\n');
        let count = usize::try_from(self.header.count).unwrap_or(usize::MAX);
        if [self.keys, self.personal, self.body].into_iter().any(|part| lines(part).count() != count) {
            return Err(FrameProblem::Miscounted);
        }
        let mut sum = Kept::default();
        for (record, (body, personal)) in lines(self.body).zip(lines(self.personal)).enumerate() {
            let body: Map<String, Value> =
                serde_json::from_slice(body).map_err(|_| FrameProblem::NotJson { record })?;
            let personal = Personal::parse(personal)
                .map_err(|_| FrameProblem::Personal { record, field: "(unreadable)".to_owned() })?;
            let kept = personal.check(&body).map_err(|field| FrameProblem::Personal { record, field })?;
            sum.present += kept.present;
            sum.erased += kept.erased;
        }
        Ok(sum)
    }
}
