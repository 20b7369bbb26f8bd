//! Recomputing everything: every chain, every commitment to a personal value, every checkpoint.

use crate::checkpoint::{Checkpoint, CheckpointVerifier, KIND};
use crate::database::{open_read_only, records_path};
use crate::frame::{FrameHeader, Hash, WriterId};
use crate::personal::{Kept, Personal};
use rusqlite::{Connection, Row};
use serde_json::{Map, Value};
use signet_kernel::{TenantId, Timestamp};
use std::collections::{HashMap, HashSet};
use std::path::Path;

mod report;

pub use report::{CheckpointProblem, FramePlace, FrameProblem, VerifyError, VerifyReport};

/// Verifies the record in `directory`, whether or not it is being written.
///
/// What follows the last checkpoint could be cut unnoticed, and so could the newest checkpoints together with all
/// that they cover, unless a copy of a statement was kept elsewhere.
pub fn verify(directory: &Path, verifier: &dyn CheckpointVerifier) -> Result<VerifyReport, VerifyError> {
    let connection = open_read_only(&records_path(directory))?;
    // One read transaction: frames and checkpoints of the same moment.
    let moment = connection.unchecked_transaction()?;
    let mut stated = Stated::default();
    let mut report = VerifyReport { checkpoints: stated.read(&moment, verifier)?, ..VerifyReport::default() };
    verify_frames(&moment, &mut stated, &mut report)?;
    stated.none_left()?;
    Ok(report)
}

/// What the checkpoints say must be there.
#[derive(Default)]
struct Stated {
    heads: HashMap<FramePlace, (Hash, u64)>,
    covered: i64,
}

impl Stated {
    fn read(&mut self, connection: &Connection, verifier: &dyn CheckpointVerifier) -> Result<u64, VerifyError> {
        let mut select = connection.prepare(
            "SELECT tenant, sequence, frame, statement, key_id, signature FROM checkpoints ORDER BY tenant, sequence",
        )?;
        let mut rows = select.query(())?;
        let mut before: Option<(Checkpoint, Hash)> = None;
        let mut count = 0;
        while let Some(row) = rows.next()? {
            let (checkpoint, hash) = read_checkpoint(row, verifier)?;
            let same_tenant = before.take().filter(|(last, _)| last.tenant == checkpoint.tenant);
            check_follows(same_tenant.as_ref(), &checkpoint)?;
            self.covered = self.covered.max(row.get(2)?);
            self.note(&checkpoint)?;
            before = Some((checkpoint, hash));
            count += 1;
        }
        Ok(count)
    }

    fn note(&mut self, checkpoint: &Checkpoint) -> Result<(), VerifyError> {
        for head in &checkpoint.heads {
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

fn read_checkpoint(row: &Row<'_>, verifier: &dyn CheckpointVerifier) -> Result<(Checkpoint, Hash), VerifyError> {
    let tenant = TenantId::from_slice(row.get_ref(0)?.as_blob().unwrap_or_default());
    let tenant = tenant.ok_or(VerifyError::Row(0))?;
    let sequence = row.get::<_, i64>(1)?.cast_unsigned();
    let wrong = |problem| VerifyError::Checkpoint { tenant, sequence, problem };
    let (statement, signature): (Vec<u8>, Vec<u8>) = (row.get(3)?, row.get(5)?);
    if !verifier.verify(&row.get::<_, String>(4)?, &statement, &signature) {
        return Err(wrong(CheckpointProblem::Signature));
    }
    let said: Checkpoint = serde_json::from_slice(&statement).map_err(|_| wrong(CheckpointProblem::Statement))?;
    if said.kind != KIND || said.tenant != tenant || said.sequence != sequence {
        return Err(wrong(CheckpointProblem::Statement));
    }
    Ok((said, Hash::of(&statement)))
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
struct Tip {
    next_seq: u64,
    next_first: u64,
    hash: Hash,
}

fn verify_frames(connection: &Connection, stated: &mut Stated, report: &mut VerifyReport) -> Result<(), VerifyError> {
    let writers = writers(connection)?;
    let mut tips: HashMap<(TenantId, String, WriterId), Tip> = HashMap::new();
    let mut select = connection.prepare(
        "SELECT id, tenant, table_name, writer, seq, at, first, count, prev, hash, keys, personal, body
         FROM frames ORDER BY id",
    )?;
    let mut rows = select.query(())?;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let frame = Frame::read(row)?.filter(|frame| writers.contains(&frame.header.writer));
        let frame = frame.ok_or(VerifyError::Row(id))?;
        let place = frame.place();
        let wrong = |problem| VerifyError::Frame { place: place.clone(), problem };
        let tip = tips.entry((place.tenant, place.table.clone(), place.writer)).or_insert(Tip {
            next_seq: 0,
            next_first: 0,
            hash: Hash::NONE,
        });
        frame.check_link(tip).map_err(wrong)?;
        let kept = frame.check_records().map_err(wrong)?;
        stated.meet(&place, frame.hash).map_err(wrong)?;
        *tip = frame.tip();
        report.frames += 1;
        report.records += u64::from(frame.header.count);
        report.personal += kept.present;
        report.erased += kept.erased;
        report.uncovered += u64::from(id > stated.covered);
    }
    report.chains = tips.len() as u64;
    Ok(())
}

fn writers(connection: &Connection) -> Result<HashSet<WriterId>, VerifyError> {
    let mut select = connection.prepare("SELECT id FROM writers")?;
    let ids = select.query_map((), |row| Ok(WriterId::from_slice(row.get_ref(0)?.as_blob()?)))?;
    Ok(ids.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

/// One stored frame.
struct Frame<'r> {
    header: FrameHeader<'r>,
    hash: Hash,
    keys: &'r [u8],
    personal: &'r [u8],
    body: &'r [u8],
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

    fn check_link(&self, tip: &Tip) -> Result<(), FrameProblem> {
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

    fn check_records(&self) -> Result<Kept, FrameProblem> {
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
