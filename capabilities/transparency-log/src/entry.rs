//! What a leaf is the hash of.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use signet_record::FoundFrame;

/// The first line of every entry.
const KIND: &str = "signet-record-entry-v1";

/// The entries of a frame's records, in their order. Whoever holds a record and a proof makes the entry again of the key
/// line and the body line.
pub fn entries_of(frame: &FoundFrame) -> impl Iterator<Item = String> {
    let writer = frame.writer.to_string();
    (0..).zip(frame.lines()).map(move |(line, record)| entry_of(&frame.table, (&writer, frame.seq, line), record))
}

/// The entry of a record.
pub(crate) fn entry_of(table: &str, (writer, seq, line): (&str, u64, u64), (keys, body): (&[u8], &[u8])) -> String {
    format!("{KIND}\n{table}\n{writer} {seq} {line}\n{}\n{}\n", hash(keys), hash(body))
}

/// Whether an entry is of this line of this frame.
pub(crate) fn is_at(entry: &str, table: &str, place: &str, line: usize) -> bool {
    let mut lines = entry.split('\n');
    let begins = lines.next() == Some(KIND) && lines.next() == Some(table);
    begins && lines.next() == Some(format!("{place} {line}").as_str()) && lines.count() == 3
}

fn hash(bytes: &[u8]) -> String {
    STANDARD.encode(digest(&SHA256, bytes))
}
