//! A copy of a small table: whole, gone on with, and found to differ.

#![expect(clippy::unwrap_used, reason = "these are tests throughout")]

use rusqlite::Connection;
use signet_testkit_postgres::Cluster;
use signet_transfer::{Column, ColumnType, Derived, Table, TransferError, Value, transfer};
use std::sync::LazyLock;
use tokio_postgres::{Client, NoTls};

static CLUSTER: LazyLock<Cluster> = LazyLock::new(Cluster::start);

const fn column(name: &'static str, kind: ColumnType) -> Column {
    Column { name, kind, from: name }
}

const THINGS: Table = Table {
    source: "things",
    target: "things",
    columns: &[
        column("owner", ColumnType::Uuid),
        column("name", ColumnType::Text),
        column("size", ColumnType::Integer),
        column("body", ColumnType::Bytes),
        column("level", ColumnType::Integer),
        column("kept", ColumnType::Flag),
    ],
    key: 2,
    derived: Some(Derived {
        target: "words",
        columns: &[column("word", ColumnType::Text)],
        rows: |row| match row.get(1) {
            Some(Value::Text(Some(name))) => {
                Ok(name.split(' ').map(|word| vec![Value::Text(Some(word.into()))]).collect())
            }
            _ => Err("no name".to_owned()),
        },
    }),
};

fn source(rows: usize) -> Connection {
    let source = Connection::open_in_memory().unwrap();
    source
        .execute_batch(
            "CREATE TABLE things (owner BLOB, name TEXT, size INTEGER, body BLOB, level INTEGER, kept INTEGER)",
        )
        .unwrap();
    let mut insert = source.prepare("INSERT INTO things VALUES (?1, ?2, ?3, ?4, ?3 % 7, ?5)").unwrap();
    for number in 0..rows {
        // Beyond ASCII, so that the order of texts is seen to be that of their bytes.
        let owner = [u8::try_from(number % 3).unwrap(); 16];
        let name = format!("Ünder {} {number}", char::from(b'A' + u8::try_from(number % 40).unwrap()));
        let size = (number % 2 == 0).then_some(number);
        insert.execute((owner, name, size, (number % 5 > 0).then_some([7_u8; 3]), number % 3)).unwrap();
    }
    drop(insert);
    source
}

async fn target() -> Client {
    let (client, connection) = tokio_postgres::connect(&CLUSTER.create_database(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let create = "CREATE TABLE things (owner uuid, name text COLLATE \"C\", size bigint, body bytea, \
        level smallint, kept boolean, PRIMARY KEY (owner, name)); \
        CREATE TABLE words (word text)";
    client.batch_execute(create).await.unwrap();
    client
}

async fn rows(client: &Client, table: &str) -> i64 {
    client.query_one(&format!("SELECT count(*) FROM {table}"), &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn every_row_and_what_is_made_of_it_arrives_once() {
    let (source, mut target) = (source(5_000), target().await);
    let mut seen = Vec::new();
    let counts = transfer(&source, &mut target, &[THINGS], |now| seen.push(now)).await.unwrap();
    assert_eq!(counts, [("things", 5_000)]);
    assert_eq!((rows(&target, "things").await, rows(&target, "words").await), (5_000, 15_000));
    assert!(seen.iter().any(|now| now.comparing) && seen.iter().all(|now| now.rows <= now.of));
    transfer(&source, &mut target, &[THINGS], |_| ()).await.unwrap();
    assert_eq!(rows(&target, "words").await, 15_000);
}

#[tokio::test]
async fn the_planner_knows_what_arrived() {
    let (source, mut target) = (source(500), target().await);
    transfer(&source, &mut target, &[THINGS], |_| {}).await.unwrap();
    let planned = "SELECT reltuples::bigint FROM pg_class WHERE relname = $1";
    for (table, rows) in [("things", 500_i64), ("words", 1_500)] {
        assert_eq!(target.query_one(planned, &[&table]).await.unwrap().get::<_, i64>(0), rows);
    }
}

#[tokio::test]
async fn a_copy_that_was_cut_goes_on_where_it_ended() {
    let (short, long, mut target) = (source(3), source(4_100), target().await);
    // Of the long source's first page only: the keys that come first.
    short.execute_batch("DELETE FROM things WHERE owner <> zeroblob(16)").unwrap();
    transfer(&short, &mut target, &[THINGS], |_| ()).await.unwrap();
    long.execute_batch("DELETE FROM things WHERE owner = zeroblob(16) AND name <> 'Ünder A 0'").unwrap();
    let left: i64 = long.query_row("SELECT count(*) FROM things", (), |row| row.get(0)).unwrap();
    transfer(&long, &mut target, &[THINGS], |_| ()).await.unwrap();
    assert_eq!(rows(&target, "things").await, left);
}

#[tokio::test]
async fn a_row_that_differs_or_is_too_many_is_found() {
    for change in [
        "UPDATE things SET size = size + 1 WHERE name = 'Ünder A 0'",
        "UPDATE things SET kept = NOT kept WHERE name = 'Ünder A 0'",
        "UPDATE things SET kept = NULL WHERE name = 'Ünder A 0'",
        "UPDATE things SET level = level + 1 WHERE name = 'Ünder A 0'",
        "UPDATE things SET body = NULL WHERE name = 'Ünder B 1'",
        "DELETE FROM things WHERE name = 'Ünder A 0'",
        "INSERT INTO things (owner, name) VALUES ('00000000-0000-0000-0000-000000000000', 'A')",
        "INSERT INTO words VALUES ('too many')",
    ] {
        let (source, mut target) = (source(50), target().await);
        transfer(&source, &mut target, &[THINGS], |_| ()).await.unwrap();
        target.batch_execute(change).await.unwrap();
        let refused = transfer(&source, &mut target, &[THINGS], |_| ()).await.unwrap_err();
        assert!(matches!(refused, TransferError::Differs { .. }), "{change}: {refused}");
    }
}

#[tokio::test]
async fn a_row_of_the_source_that_is_not_what_the_table_says_is_named() {
    let (source, mut target) = (source(3), target().await);
    source.execute_batch("UPDATE things SET owner = x'00' WHERE name = 'Ünder B 1'").unwrap();
    let refused = transfer(&source, &mut target, &[THINGS], |_| ()).await.unwrap_err();
    assert!(refused.to_string().contains("a row of things") && refused.to_string().contains("owner"), "{refused}");
    assert_eq!(rows(&target, "things").await, 0);
}

#[tokio::test]
async fn a_target_says_that_it_is_not_whole_until_the_end() {
    let target = target().await;
    assert!(!signet_transfer::is_unfinished(&target).await.unwrap());
    signet_transfer::begin(&target).await.unwrap();
    signet_transfer::begin(&target).await.unwrap();
    assert!(signet_transfer::is_unfinished(&target).await.unwrap());
    signet_transfer::finish(&target).await.unwrap();
    assert!(!signet_transfer::is_unfinished(&target).await.unwrap());
}
