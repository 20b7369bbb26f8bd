//! What the documented rights let a node do with the record's tables, and what they do not. The suite runs under them.

use super::{append, database, sql};
use crate::house::{Beside, CLUSTER, House, SIGN_INS, Seal, options_at, tenant};
use signet_record::{OpenError, Record, RecordOptions};
use signet_store::{BackendError, PostgresBackend};
use std::sync::Arc;

/// What would rewrite history, or change what the tables are.
const REFUSED: [&str; 17] = [
    "UPDATE record_frames SET body = body",
    "UPDATE record_frames SET hash = hash",
    "UPDATE record_frames SET tenant = tenant",
    "DELETE FROM record_frames",
    "TRUNCATE record_frames",
    "UPDATE record_writers SET id = id",
    "DELETE FROM record_writers",
    "UPDATE record_rows SET about = about",
    "DELETE FROM record_rows",
    "UPDATE record_removed SET hash = hash",
    "DELETE FROM record_removed",
    "UPDATE record_checkpoints SET statement = statement",
    "DELETE FROM record_checkpoints",
    "UPDATE record_schema SET version = version",
    "DROP TABLE record_frames",
    "ALTER TABLE record_frames ADD COLUMN x int",
    "CREATE TABLE of_mine ()",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_node_may_not_rewrite_the_record_nor_change_a_schema() {
    let house = House::postgres().await;
    let node = house.open().await;
    append(&house, &node, tenant(1), 0).await.unwrap();
    let client = database(&house).options().connect().await.unwrap();
    let more =
        ["DROP TABLE objects", "TRUNCATE changes", "CREATE TEMPORARY TABLE revocations ()", "CREATE SCHEMA of_mine"];
    for statement in REFUSED.iter().chain(&more) {
        let refused = client.batch_execute(statement).await.expect_err(statement);
        let code = refused.code().unwrap();
        assert_eq!(code, &tokio_postgres::error::SqlState::INSUFFICIENT_PRIVILEGE, "{statement}: {refused}");
    }
    assert_eq!(node.record.erase(tenant(1), SIGN_INS, "record-0", &["IPAddress"]).await.unwrap(), 1);
    assert_eq!(house.verify().await.unwrap().records, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_whose_entries_are_not_kept_is_not_removed() {
    let house = House::postgres().await;
    let node = house.open().await;
    let frame = append(&house, &node, tenant(1), 0).await.unwrap().frame;
    assert_eq!(node.record.remove(tenant(1), vec![frame]).await.unwrap(), 0);
    house.keep_entries(tenant(1)).await;
    assert_eq!(node.record.remove(tenant(2), vec![frame]).await.unwrap(), 0, "another tenant's");
    assert_eq!(node.record.remove(tenant(1), vec![frame]).await.unwrap(), 1);
    assert_eq!(house.verify().await.unwrap().removed, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_without_rights_is_told_what_to_read() {
    let house = House::postgres().await;
    sql(&house, "CREATE ROLE stranger LOGIN");
    let stranger = CLUSTER.url(signet_testkit_postgres::database_of(&database(&house).url), "stranger");
    let (beside, names) = (Beside(options_at(&stranger)), RecordOptions::new("node", Arc::new(Seal)));
    let error = Record::open_postgres(Arc::new(beside), names, house.context.clone()).await.err().unwrap();
    assert!(matches!(&error, OpenError::Postgres(said) if said.contains("permission denied")), "{error}");
    assert!(error.to_string().contains("docs/operations/postgresql.md"), "{error}");
    let error = PostgresBackend::check(&options_at(&stranger)).await.unwrap_err();
    assert!(matches!(&error, BackendError::Rights(said) if said.contains("permission denied")), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_told_from_one_that_refuses() {
    let (house, nowhere) = (House::files().await, tempfile::tempdir().unwrap());
    let url = format!("postgresql:///signet?host={}&user=signet", nowhere.path().display());
    let (beside, names) = (Beside(options_at(&url)), RecordOptions::new("node", Arc::new(Seal)));
    let error = Record::open_postgres(Arc::new(beside), names, house.context.clone()).await.err().unwrap();
    assert!(matches!(error, OpenError::Unreachable(_)), "{error}");
}
