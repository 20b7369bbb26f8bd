//! What the server and the child that answers a query say to one another.
//!
//! The server sends a job: its header, rows that are in no file, documents, the word to go. The child sends rows, then that
//! it is done or why it is not.

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
};

use arrow::{
    ipc::{reader::StreamReader, writer::StreamWriter},
    record_batch::RecordBatch,
};
use serde::{Deserialize, Serialize};
use signet_children::{Pipes, read_message, write_message};
use signet_kql::{Column, Row, RunError, Type};

use crate::{Segment, TableParts, TimeSpan, codec};

/// A query and all that it may read.
#[derive(Debug)]
pub struct Job {
    /// The query.
    pub text: String,
    /// When it is, in hundreds of nanoseconds since the year 1.
    pub now: i64,
    /// Rows outside of this are not there.
    pub window: TimeSpan,
    /// Rows of the answer.
    pub rows: usize,
    /// Bytes that may be held at once.
    pub memory: usize,
    /// Columns and parts of the tables that it reads: of one tenant.
    pub tables: KnownTables,
    /// What `externaldata` reads, by address.
    pub documents: BTreeMap<String, String>,
}

/// Columns and parts of tables.
pub(crate) type KnownTables = BTreeMap<String, (Vec<Column>, TableParts)>;

/// The first message of a job.
#[derive(Serialize, Deserialize)]
pub(crate) struct Header {
    text: String,
    now: i64,
    window: TimeSpan,
    rows: usize,
    memory: usize,
    tables: BTreeMap<String, (Columns, Vec<Segment>)>,
}

/// Names and types.
type Columns = Vec<(String, String)>;

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Job,
    Hot,
    Document,
    Go,
    Rows,
    Done,
    Failed,
}

const KINDS: [(u8, Kind); 7] = [
    (b'J', Kind::Job),
    (b'H', Kind::Hot),
    (b'X', Kind::Document),
    (b'G', Kind::Go),
    (b'R', Kind::Rows),
    (b'D', Kind::Done),
    (b'F', Kind::Failed),
];

impl Kind {
    pub(crate) fn byte(self) -> u8 {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or(0, |(byte, _)| *byte)
    }

    pub(crate) fn of(byte: u8) -> Option<Self> {
        KINDS.iter().find(|(known, _)| *known == byte).map(|(_, kind)| *kind)
    }
}

fn wrong(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.to_owned())
}

/// The next message; none at the end.
fn read(from: &mut impl Read) -> io::Result<Option<(Kind, Vec<u8>)>> {
    let Some((kind, body)) = read_message(from)? else { return Ok(None) };
    Ok(Some((known(kind)?, body)))
}

/// What a message is, by its byte.
pub(crate) fn known(kind: u8) -> io::Result<Kind> {
    Kind::of(kind).ok_or_else(|| wrong("a message of an unknown kind"))
}

impl Job {
    /// Sends the messages of this.
    pub(crate) fn send(&self, to: &mut Pipes) -> io::Result<()> {
        let columns = |columns: &[Column]| {
            columns.iter().map(|column| (column.name.clone(), column.ty.name().to_owned())).collect()
        };
        let tables = self.tables.iter();
        let header = Header {
            text: self.text.clone(),
            now: self.now,
            window: self.window,
            rows: self.rows,
            memory: self.memory,
            tables: tables
                .map(|(name, (known, parts))| (name.clone(), (columns(known), parts.segments.clone())))
                .collect(),
        };
        to.send(Kind::Job.byte(), &serde_json::to_vec(&header)?)?;
        for (name, (_, parts)) in &self.tables {
            for batch in &parts.hot {
                to.send(Kind::Hot.byte(), &hot(name, batch)?)?;
            }
        }
        for document in &self.documents {
            to.send(Kind::Document.byte(), &serde_json::to_vec(&document)?)?;
        }
        to.send(Kind::Go.byte(), &[])
    }

    /// Reads a job; none at the end.
    pub(crate) fn read(from: &mut impl Read) -> io::Result<Option<Self>> {
        let mut job = match read(from)? {
            None => return Ok(None),
            Some((Kind::Job, body)) => Self::of(serde_json::from_slice(&body)?)?,
            Some(_) => return Err(wrong("a job begins otherwise")),
        };
        loop {
            match read(from)? {
                Some((Kind::Hot, body)) => {
                    let (name, batches) = cooled(&body)?;
                    let table = job.tables.get_mut(&name).ok_or_else(|| wrong("rows of a table that is not read"))?;
                    table.1.hot.extend(batches);
                }
                Some((Kind::Document, body)) => {
                    let (address, document) = serde_json::from_slice(&body)?;
                    job.documents.insert(address, document);
                }
                Some((Kind::Go, _)) => return Ok(Some(job)),
                _ => return Err(wrong("a job ends early")),
            }
        }
    }

    fn of(header: Header) -> io::Result<Self> {
        let mut tables = BTreeMap::new();
        for (name, (columns, segments)) in header.tables {
            let mut known = Vec::new();
            for (column, ty) in columns {
                let ty = Type::named(&ty).ok_or_else(|| wrong("a column of an unknown type"))?;
                known.push(Column::new(column, ty));
            }
            tables.insert(name, (known, TableParts { segments, ..TableParts::default() }));
        }
        let Header { text, now, window, rows, memory, .. } = header;
        Ok(Self { text, now, window, rows, memory, tables, documents: BTreeMap::new() })
    }
}

/// Rows of a table, and its name before them.
fn hot(name: &str, batch: &RecordBatch) -> io::Result<Vec<u8>> {
    let length = u8::try_from(name.len()).map_err(|_| wrong("a table's name is too long"))?;
    let mut body = vec![length];
    body.extend_from_slice(name.as_bytes());
    let mut writer = StreamWriter::try_new(&mut body, &batch.schema()).map_err(io::Error::other)?;
    writer.write(batch).and_then(|()| writer.finish()).map_err(io::Error::other)?;
    drop(writer);
    Ok(body)
}

fn cooled(body: &[u8]) -> io::Result<(String, Vec<RecordBatch>)> {
    let short = || wrong("rows end early");
    let (length, rest) = body.split_first().ok_or_else(short)?;
    let (name, rest) = rest.split_at_checked(usize::from(*length)).ok_or_else(short)?;
    let name = std::str::from_utf8(name).map_err(|_| wrong("a table's name is no text"))?;
    let reader = StreamReader::try_new(rest, None).map_err(io::Error::other)?;
    let batches = reader.collect::<Result<_, _>>().map_err(io::Error::other)?;
    Ok((name.to_owned(), batches))
}

/// Why a query stopped, in a message.
#[derive(Serialize, Deserialize)]
pub(crate) enum Stopped {
    Rows(usize),
    Memory(usize),
    Time,
    Source(String, String),
    Assertion(String),
}

impl Stopped {
    pub(crate) fn of(error: &RunError) -> Self {
        match error {
            RunError::Rows(limit) => Self::Rows(*limit),
            RunError::Memory(limit) => Self::Memory(*limit),
            RunError::Time => Self::Time,
            RunError::Source { table, why } => Self::Source(table.clone(), why.clone()),
            RunError::Unsupported(error) | RunError::Refused(error) => {
                Self::Source("the query".to_owned(), error.to_string())
            }
            RunError::Assertion(why) => Self::Assertion(why.clone()),
        }
    }

    pub(crate) fn error(self) -> RunError {
        match self {
            Self::Rows(limit) => RunError::Rows(limit),
            Self::Memory(limit) => RunError::Memory(limit),
            Self::Time => RunError::Time,
            Self::Source(table, why) => RunError::Source { table, why },
            Self::Assertion(why) => RunError::Assertion(why),
        }
    }
}

/// Rows on their way to the server, a message at a time.
pub(crate) struct Sender<W: Write> {
    to: W,
    rows: Vec<u8>,
}

impl<W: Write> Sender<W> {
    pub(crate) fn new(to: W) -> Self {
        Self { to, rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, row: &Row) -> io::Result<()> {
        codec::put_row(row, &mut self.rows);
        if self.rows.len() > 1 << 16 { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        let rows = std::mem::take(&mut self.rows);
        if rows.is_empty() { Ok(()) } else { write_message(&mut self.to, Kind::Rows.byte(), &rows) }
    }

    pub(crate) fn end(mut self, how: Result<(), RunError>) -> io::Result<()> {
        self.flush()?;
        match how {
            Ok(()) => write_message(&mut self.to, Kind::Done.byte(), &[])?,
            Err(error) => {
                write_message(&mut self.to, Kind::Failed.byte(), &serde_json::to_vec(&Stopped::of(&error))?)?;
            }
        }
        self.to.flush()
    }
}

/// The rows of a message.
pub(crate) fn rows(body: &[u8], into: &mut Vec<Row>) -> io::Result<()> {
    let mut reader = codec::Reader(body);
    while !reader.0.is_empty() {
        into.push(reader.row().ok_or_else(|| wrong("rows end early"))?);
    }
    Ok(())
}
