//! Offline verification finds whatever was done to what lies there.

use crate::house::{House, checkpoint, gather, tenant};
use rusqlite::Connection;
use rusqlite::types::Value;
use signet_transparency_log::{Anchored, DirectorySink, LogProblem};

/// A small log: two chains, five frames, seven records.
async fn small() -> House {
    let house = House::files().await;
    let (record, logs) = (house.record().await, house.logs());
    house.append(&record, tenant(1), 0..2).await;
    gather(&logs).await;
    house.append(&record, tenant(1), 2..4).await;
    house.append_together(&record, tenant(1), 4..7).await;
    gather(&logs).await;
    record.shutdown().await;
    house.verify(tenant(1)).await.unwrap();
    house
}

fn open(house: &House, file: &str) -> Connection {
    let connection = Connection::open(house.path().join(file)).unwrap();
    connection.pragma_update(None, "synchronous", "OFF").unwrap();
    connection
}

/// One value of one row, changed in every way that is tried, and put back.
async fn flip_every_byte(house: &House, file: &str, table: &str, column: &str, key: &str) -> usize {
    let outside = open(house, file);
    let rows: Vec<(Value, Value)> = {
        let mut select = outside.prepare(&format!("SELECT {key}, {column} FROM {table}")).unwrap();
        let rows = select.query_map((), |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    };
    let update = format!("UPDATE {table} SET {column} = ?2 WHERE {key} = ?1");
    let mut flips = 0;
    for (at, value) in rows {
        for changed in flipped(&value) {
            // Two rows of one key are no change that a database takes.
            if outside.execute(&update, (&at, &changed)).is_err() {
                continue;
            }
            let found = house.verify(tenant(1)).await;
            assert!(found.is_err(), "{table}.{column} of {at:?} as {changed:?} passes for sound");
            let back = if key == column { changed.clone() } else { at.clone() };
            outside.execute(&update, (&back, &value)).unwrap();
            flips += 1;
        }
    }
    house.verify(tenant(1)).await.unwrap();
    flips
}

fn flipped(value: &Value) -> Vec<Value> {
    match value {
        Value::Blob(bytes) => (0..bytes.len())
            .map(|at| {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << (at % 8);
                Value::Blob(changed)
            })
            .collect(),
        Value::Integer(number) => vec![Value::Integer(number + 1), Value::Integer(number ^ 4)],
        Value::Text(text) => (0..text.len())
            .map(|at| {
                let mut changed = text.clone().into_bytes();
                changed[at] ^= 1;
                Value::Text(String::from_utf8(changed).unwrap())
            })
            .collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_flipped_byte_of_any_frame_is_found() {
    let house = small().await;
    let mut flips = 0;
    for column in
        ["keys", "personal", "body", "prev", "hash", "writer", "tenant", "table_name", "seq", "at", "first", "count"]
    {
        flips += flip_every_byte(&house, "records.db", "frames", column, "id").await;
    }
    assert!(flips > 1000, "{flips}");
}

#[tokio::test(flavor = "multi_thread")]
async fn any_flipped_byte_of_any_table_of_the_log_is_found() {
    let house = small().await;
    for column in ["hashes", "level", "idx", "tenant"] {
        assert!(flip_every_byte(&house, "record-log.db", "log_tiles", column, "rowid").await > 0, "{column}");
    }
    for column in ["frame", "count"] {
        assert!(flip_every_byte(&house, "record-log.db", "log_spans", column, "first_leaf").await > 0, "{column}");
    }
    for column in ["size", "root"] {
        assert!(flip_every_byte(&house, "record-log.db", "log_heads", column, "tenant").await > 0, "{column}");
    }
    for column in ["next_seq", "next_first", "hash", "writer"] {
        assert!(flip_every_byte(&house, "record-log.db", "log_cursors", column, "table_name").await > 0, "{column}");
    }
    for column in ["note", "epoch"] {
        assert!(flip_every_byte(&house, "record-log.db", "log_checkpoints", column, "size").await > 0, "{column}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_flipped_byte_of_a_full_tile_is_found() {
    let house = House::files().await;
    let (record, logs) = (house.record().await, house.logs());
    house.append_together(&record, tenant(1), 0..260).await;
    gather(&logs).await;
    record.shutdown().await;
    let outside = open(&house, "record-log.db");
    let select = "SELECT rowid, hashes FROM log_tiles ORDER BY level, idx";
    let tiles: Vec<(i64, Vec<u8>)> = outside
        .prepare(select)
        .unwrap()
        .query_map((), |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(tiles.iter().map(|(_, hashes)| hashes.len() / 32).collect::<Vec<_>>(), [256, 4, 1]);
    let put = "UPDATE log_tiles SET hashes = ?2 WHERE rowid = ?1";
    for (tile, hashes) in &tiles {
        // A byte of every hash: each hash is compared as a whole.
        for at in (0..hashes.len()).step_by(31) {
            let mut changed = hashes.clone();
            changed[at] ^= 0x10;
            outside.execute(put, (tile, &changed)).unwrap();
            let found = house.verify(tenant(1)).await;
            assert!(matches!(found, Err(LogProblem::Tile(_))), "byte {at}: {found:?}");
        }
        outside.execute(put, (tile, hashes)).unwrap();
    }
    house.verify(tenant(1)).await.unwrap();
}

async fn after(change: &[(&str, &str)], outside: Vec<Vec<u8>>) -> LogProblem {
    let house = small().await;
    for (file, sql) in change {
        assert!(open(&house, file).execute(sql, ()).unwrap() > 0, "{sql}");
    }
    house.verify_with(tenant(1), outside).await.unwrap_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_frame_is_found() {
    for id in 1..=5 {
        let found = after(&[("records.db", &format!("DELETE FROM frames WHERE id = {id}"))], Vec::new()).await;
        assert!(matches!(found, LogProblem::Dropped(number) if number == id), "{found}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_frame_whose_span_was_dropped_too_is_found() {
    let drop_both =
        [("records.db", "DELETE FROM frames WHERE id = 2"), ("record-log.db", "DELETE FROM log_spans WHERE frame = 2")];
    let found = after(&drop_both, Vec::new()).await;
    assert!(matches!(found, LogProblem::Span(1)), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_that_changed_places_are_found() {
    let swap = "UPDATE frames SET id = CASE id WHEN 1 THEN -3 ELSE -1 END WHERE id IN (1, 3)";
    let swapped = [("records.db", swap), ("records.db", "UPDATE frames SET id = -id WHERE id < 0")];
    let found = after(&swapped, Vec::new()).await;
    assert!(matches!(found, LogProblem::Frame { .. }), "{found}");
    let spans = "UPDATE log_spans SET frame = CASE frame WHEN 1 THEN -2 ELSE -1 END WHERE frame IN (1, 2)";
    let back = "UPDATE log_spans SET frame = -frame WHERE frame < 0";
    let found = after(&[("record-log.db", spans), ("record-log.db", back)], Vec::new()).await;
    assert!(
        matches!(found, LogProblem::Rewritten { stated: 2, sound: 0 } | LogProblem::Root | LogProblem::Tile(_)),
        "{found}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_end_is_found_by_a_checkpoint_kept_here_or_outside() {
    let house = small().await;
    let kept = checkpoint(&house.logs(), tenant(1)).await;
    let cut = [
        "DELETE FROM log_spans WHERE first_leaf >= 2",
        "DELETE FROM log_cursors",
        "DELETE FROM log_tiles",
        "DELETE FROM log_heads",
        "UPDATE log_reached SET frame = 0",
        "DELETE FROM log_spans",
    ];
    for sql in cut {
        open(&house, "record-log.db").execute(sql, ()).unwrap();
    }
    open(&house, "records.db").execute("DELETE FROM frames WHERE id > 2", ()).unwrap();
    // Whoever has all keys gathers and signs what is left.
    let logs = house.logs();
    gather(&logs).await;
    let found = house.verify(tenant(1)).await.unwrap_err();
    assert!(matches!(found, LogProblem::Cut { stated: 7, size: 2 }), "{found}");
    open(&house, "record-log.db").execute("DELETE FROM log_checkpoints WHERE size = 7", ()).unwrap();
    house.verify(tenant(1)).await.unwrap();
    let found = house.verify_with(tenant(1), vec![kept]).await.unwrap_err();
    assert!(matches!(found, LogProblem::Cut { stated: 7, size: 2 }), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_rewritten_with_all_keys_is_found_by_a_checkpoint_kept_outside() {
    let house = small().await;
    let kept = checkpoint(&house.logs(), tenant(1)).await;
    let other = small().await;
    let logs = other.logs();
    assert_eq!(logs.checkpoint(tenant(1)).await.unwrap().unwrap().size, 7);
    other.verify(tenant(1)).await.unwrap();
    let found = other.verify_with(tenant(1), vec![kept.clone()]).await.unwrap_err();
    assert!(matches!(found, LogProblem::Rewritten { stated: 7, .. }), "{found}");
    let report = house.verify_with(tenant(1), vec![kept]).await.unwrap();
    assert_eq!(report.outside, Some(7));
}

/// Puts a copy of what lies in `from` in the place of what lies here.
fn replace(here: &House, from: &House) {
    for file in ["records.db", "record-log.db"] {
        for beside in ["", "-wal", "-shm"] {
            // Some are there and some are not.
            drop(std::fs::remove_file(here.path().join(format!("{file}{beside}"))));
        }
        open(from, file).execute("VACUUM INTO ?1", [here.path().join(file).display().to_string()]).unwrap();
    }
    // Where records lie is derived.
    drop(std::fs::remove_file(here.path().join("record-rows.db")));
}

async fn anchored(house: &House, anchors: &std::path::Path) -> Vec<u8> {
    let put = house.logs().anchor(tenant(1), &DirectorySink::new(anchors), true).await.unwrap();
    let Anchored::Put { name } = put else { panic!("{put:?}") };
    std::fs::read(anchors.join(tenant(1).to_string()).join(name)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_rewritten_and_signed_again_by_who_holds_every_key_is_found_by_anchors_that_say_from_where_on() {
    let (house, anchors) = (House::files().await, tempfile::tempdir().unwrap());
    let mut kept = Vec::new();
    // What the attacker goes on from is a copy of the first four records, such as a backup.
    let forged = House::files().await;
    for until in [2_i64, 4, 6] {
        let record = house.record().await;
        house.append(&record, tenant(1), until - 2..until).await;
        gather(&house.logs()).await;
        record.shutdown().await;
        kept.push(anchored(&house, anchors.path()).await);
        if until == 4 {
            replace(&forged, &house);
        }
    }
    house.verify_with(tenant(1), kept.clone()).await.unwrap();
    let record = forged.record().await;
    forged.append(&record, tenant(1), 300..304).await;
    gather(&forged.logs()).await;
    record.shutdown().await;
    replace(&house, &forged);
    house.verify(tenant(1)).await.expect("by itself it is without a fault: every hash and signature is right");
    house.verify_with(tenant(1), kept[..2].to_vec()).await.expect("what was anchored before is there");
    let found = house.verify_with(tenant(1), kept).await.unwrap_err();
    assert!(matches!(found, LogProblem::Rewritten { stated: 6, sound: 4 }), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_of_another_key_or_tenant_is_not_believed() {
    let house = small().await;
    let mut note = checkpoint(&house.logs(), tenant(1)).await;
    let end = note.len() - 4;
    note[end] = if note[end] == b'A' { b'B' } else { b'A' };
    let found = house.verify_with(tenant(1), vec![note]).await.unwrap_err();
    assert!(matches!(found, LogProblem::Checkpoint { .. }), "{found}");
    let other = house.logs();
    let record = house.record().await;
    house.append(&record, tenant(2), 0..1).await;
    gather(&other).await;
    record.shutdown().await;
    let of_another = checkpoint(&other, tenant(2)).await;
    assert_eq!(house.verify_with(tenant(1), vec![of_another]).await.unwrap().outside, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_value_leaves_the_log_as_it_is() {
    let house = small().await;
    let record = house.record().await;
    assert_eq!(record.erase(tenant(1), "SigninLogs", "record-2", &["IPAddress"]).await.unwrap(), 1);
    record.shutdown().await;
    let report = house.verify(tenant(1)).await.unwrap();
    assert_eq!((report.leaves, report.erased), (7, 1));
}
