//! Heavy work with segments, said so that another process can do it: records and files in, files out.
//!
//! Whoever asks for it sends a [`Job`] and frames, and hears what was made or why nothing was. A job names all that it needs:
//! whoever does it knows neither the record nor the list of segments.

use crate::error::StorageError;
use crate::gone::Gone;
use crate::segment;
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use serde::{Deserialize, Serialize};
use signet_children::{Pipes, read_message, write_message};
use signet_kernel::TenantId;
use signet_log_engine::batch;
use signet_logs::tables::{Held, Received, Table, table, tables};
use signet_record::{Followed, FollowedFrame, SegmentFile};
use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::PathBuf;

const JOB: u8 = b'J';
const FRAME: u8 = b'F';
const GO: u8 = b'G';
const MADE: u8 = b'M';
const FAILED: u8 = b'X';

/// Whether a file has to outlive the process that asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kept {
    /// It is durable when the work is done.
    Durably,
    /// Nobody looks for it after a start.
    ForNow,
}

/// One segment of a table is to be made of others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Wanted {
    /// The table.
    pub(crate) table: String,
    /// The files that it is made of.
    pub(crate) files: Vec<String>,
    /// Rows that are left out.
    pub(crate) without: Gone,
}

/// What is to be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Job {
    /// Whose.
    pub(crate) tenant: TenantId,
    /// Where the files lie.
    pub(crate) folder: PathBuf,
    /// What the names of new files begin with; nobody else's do.
    pub(crate) prefix: String,
    /// How long they are kept.
    pub(crate) kept: Kept,
    /// Of which files. What frames hold comes into the segments of their tables.
    pub(crate) wanted: Vec<Wanted>,
}

/// What became of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Made {
    /// The table.
    pub(crate) table: String,
    /// The new file; none if no row is left.
    pub(crate) file: Option<SegmentFile>,
    /// Rows that were left out.
    pub(crate) left_out: usize,
}

impl Job {
    /// Does it here.
    pub(crate) fn run(&self, frames: &[FollowedFrame]) -> Result<Vec<Made>, StorageError> {
        let mut rows = rows_of(self.tenant, frames)?;
        let mut made = Vec::new();
        for wanted in &self.wanted {
            let Some(known) = table(&wanted.table) else { continue };
            let new = rows.remove(known.name);
            made.extend(self.make(known, wanted, new, made.len())?);
        }
        for (name, new) in rows {
            let Some(known) = table(name) else { continue };
            let alone = Wanted { table: name.to_owned(), files: Vec::new(), without: Gone::default() };
            made.extend(self.make(known, &alone, Some(new), made.len())?);
        }
        Ok(made)
    }

    fn make(
        &self,
        table: &'static Table,
        wanted: &Wanted,
        new: Option<RecordBatch>,
        number: usize,
    ) -> Result<Option<Made>, StorageError> {
        let mut rows = Vec::new();
        for file in &wanted.files {
            rows.extend(segment::read(&self.folder.join(file), table)?);
        }
        rows.extend(new);
        let before: usize = rows.iter().map(RecordBatch::num_rows).sum();
        let rest = rows.iter().map(|rows| wanted.without.without(rows)).collect::<Result<Vec<_>, _>>()?;
        let left: usize = rest.iter().map(RecordBatch::num_rows).sum();
        // Where rows may go and none does, the files stay as they are.
        if before == left && !wanted.without.is_empty() {
            return Ok(None);
        }
        let file = if left == 0 {
            None
        } else {
            let unique = format!("{}-{number}", self.prefix);
            Some(segment::write(&self.folder, &unique, self.tenant, table, &rest, self.kept)?)
        };
        Ok(Some(Made { table: table.name.to_owned(), file, left_out: before - left }))
    }

    /// Has it done by a child.
    pub(crate) fn send(&self, frames: &[FollowedFrame], pipes: &mut Pipes) -> io::Result<Result<Vec<Made>, String>> {
        pipes.send(JOB, &serde_json::to_vec(self)?)?;
        for frame in frames {
            pipes.send(FRAME, &frame.to_bytes()?)?;
        }
        pipes.send(GO, &[])?;
        match pipes.receive()? {
            (MADE, body) => Ok(Ok(serde_json::from_slice(&body)?)),
            (FAILED, body) => Ok(Err(String::from_utf8_lossy(&body).into_owned())),
            _ => Err(io::Error::other("a message that no worker sends")),
        }
    }
}

/// Does jobs until there are no more: what a child does.
pub fn serve(mut from: impl Read, mut to: impl Write) -> io::Result<()> {
    let early = || io::Error::new(io::ErrorKind::InvalidData, "a job ends early");
    while let Some((kind, body)) = read_message(&mut from)? {
        let job: Job = if kind == JOB { serde_json::from_slice(&body)? } else { return Err(early()) };
        let mut frames = Vec::new();
        loop {
            match read_message(&mut from)? {
                Some((FRAME, body)) => frames.push(FollowedFrame::from_bytes(&body)?),
                Some((GO, _)) => break,
                _ => return Err(early()),
            }
        }
        match job.run(&frames) {
            Ok(made) => write_message(&mut to, MADE, &serde_json::to_vec(&made)?)?,
            Err(error) => write_message(&mut to, FAILED, error.to_string().as_bytes())?,
        }
        to.flush()?;
    }
    Ok(())
}

/// Records as the rows of every table that shows them.
fn rows_of(tenant: TenantId, frames: &[FollowedFrame]) -> Result<BTreeMap<&'static str, RecordBatch>, StorageError> {
    let mut records: BTreeMap<&str, Vec<Followed>> = BTreeMap::new();
    for frame in frames {
        records.entry(&frame.table).or_default().extend(frame.read()?);
    }
    let mut rows = BTreeMap::new();
    for table in tables() {
        let Held::Record(stored, _) = table.held else { continue };
        let Some(records) = records.get(stored) else { continue };
        rows.insert(table.name, of_table(table, tenant, records)?);
    }
    Ok(rows)
}

fn of_table(table: &Table, tenant: TenantId, records: &[Followed]) -> Result<RecordBatch, ArrowError> {
    let row = |record: &Followed| table.row(record.columns.clone(), Received { tenant, at: record.committed });
    let rows: Vec<Vec<_>> = records.iter().map(row).collect();
    batch(&table.columns, &rows)
}
