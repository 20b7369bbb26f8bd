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
use signet_logs::put_in_place;
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

/// Records that become rows at a time: what is made of more falls out of the processor's caches.
const AT_ONCE: usize = 500;

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

/// What stands for the files of one table now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Made {
    /// The new file; none if no row is left.
    pub(crate) file: Option<SegmentFile>,
}

impl Job {
    /// Does it here.
    pub(crate) fn run(&self, frames: &[FollowedFrame]) -> Result<Vec<Made>, StorageError> {
        let mut rows = Rows::of(self.tenant);
        for frame in frames {
            rows.add(frame)?;
        }
        self.finish(rows)
    }

    fn finish(&self, rows: Rows) -> Result<Vec<Made>, StorageError> {
        let mut rows = rows.finish()?;
        let mut made = Vec::new();
        for wanted in &self.wanted {
            let Some(known) = table(&wanted.table) else { continue };
            let new = rows.remove(known.name).unwrap_or_default();
            made.extend(self.make(known, wanted, new, made.len())?);
        }
        for (name, new) in rows {
            let Some(known) = table(name) else { continue };
            let alone = Wanted { table: name.to_owned(), files: Vec::new(), without: Gone::default() };
            made.extend(self.make(known, &alone, new, made.len())?);
        }
        Ok(made)
    }

    fn make(
        &self,
        table: &'static Table,
        wanted: &Wanted,
        new: Vec<RecordBatch>,
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
        Ok(Some(Made { file }))
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
    while let Some((kind, body)) = read_message(&mut from)? {
        let job: Job = if kind == JOB { serde_json::from_slice(&body)? } else { return Err(early()) };
        match read_rows(&mut from, job.tenant)?.and_then(|rows| job.finish(rows)) {
            Ok(made) => write_message(&mut to, MADE, &serde_json::to_vec(&made)?)?,
            Err(error) => write_message(&mut to, FAILED, error.to_string().as_bytes())?,
        }
        to.flush()?;
    }
    Ok(())
}

/// What the frames of a job come to. All of them are read, also after one that comes to nothing.
fn read_rows(from: &mut impl Read, tenant: TenantId) -> io::Result<Result<Rows, StorageError>> {
    let mut rows = Ok(Rows::of(tenant));
    loop {
        match read_message(from)? {
            Some((FRAME, body)) => {
                rows = rows.and_then(|mut rows| rows.add(&FollowedFrame::from_bytes(&body)?).map(|()| rows));
            }
            Some((GO, _)) => return Ok(rows),
            _ => return Err(early()),
        }
    }
}

fn early() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a job ends early")
}

/// Records on their way to the rows of every table that shows them.
struct Rows {
    tenant: TenantId,
    records: BTreeMap<String, Vec<Followed>>,
    rows: BTreeMap<&'static str, Vec<RecordBatch>>,
}

impl Rows {
    fn of(tenant: TenantId) -> Self {
        Self { tenant, records: BTreeMap::new(), rows: BTreeMap::new() }
    }

    fn add(&mut self, frame: &FollowedFrame) -> Result<(), StorageError> {
        let records = self.records.entry(frame.table.clone()).or_default();
        records.extend(frame.read()?);
        if records.len() < AT_ONCE {
            return Ok(());
        }
        let records = std::mem::take(records);
        self.convert(&frame.table, records)
    }

    fn finish(mut self) -> Result<BTreeMap<&'static str, Vec<RecordBatch>>, StorageError> {
        for (table, records) in std::mem::take(&mut self.records) {
            if !records.is_empty() {
                self.convert(&table, records)?;
            }
        }
        Ok(self.rows)
    }

    fn convert(&mut self, stored: &str, mut records: Vec<Followed>) -> Result<(), StorageError> {
        records.iter_mut().for_each(|record| put_in_place(&mut record.columns));
        for table in tables() {
            if matches!(table.held, Held::Record(name, _) if name == stored) {
                self.rows.entry(table.name).or_default().push(of_table(table, self.tenant, &records)?);
            }
        }
        Ok(())
    }
}

fn of_table(table: &Table, tenant: TenantId, records: &[Followed]) -> Result<RecordBatch, ArrowError> {
    let row = |record: &Followed| table.row_of(&record.columns, Received { tenant, at: record.committed });
    let rows: Vec<Vec<_>> = records.iter().map(row).collect();
    batch(&table.columns, &rows)
}
