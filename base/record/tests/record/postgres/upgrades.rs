//! Tables that another version has made or brought up to date.

use super::{append, database, open_with, sql};
use crate::house::{Beside, CLUSTER, House, Seal, options_at, tenant};
use signet_record::{OpenError, Record, RecordOptions, check_postgres, migrate_postgres, needs_upgrade_postgres};
use signet_store::{PostgresBackend, PostgresOptions};
use signet_testkit_postgres::{USER, database_of};
use std::sync::Arc;

async fn migrate(options: &PostgresOptions) -> Result<(), OpenError> {
    migrate_postgres(&options.connect().await.unwrap()).await
}

async fn check(options: &PostgresOptions) -> Result<(), OpenError> {
    check_postgres(&options.connect().await.unwrap()).await
}

async fn open(house: &House, options: &PostgresOptions) -> Result<Record, OpenError> {
    let names = RecordOptions::new("node", Arc::new(Seal));
    Record::open_postgres(Arc::new(Beside(options.clone())), names, house.context.clone()).await
}

fn superuser(house: &House) -> PostgresOptions {
    options_at(&CLUSTER.url(database_of(&database(house).url), USER))
}

#[tokio::test(flavor = "multi_thread")]
async fn opening_makes_no_table_and_says_what_does() {
    let house = House::files().await;
    let owner = PostgresOptions::at(&CLUSTER.create_owned_database()).unwrap();
    PostgresBackend::migrate(&owner).await.unwrap();
    let refused = open(&house, &owner).await.err().unwrap();
    assert!(matches!(refused, OpenError::Older { found: 0, .. }), "{refused}");
    assert!(refused.to_string().contains("signet database migrate"), "{refused}");
    let client = owner.connect().await.unwrap();
    assert!(client.query("SELECT FROM pg_tables WHERE tablename LIKE 'record%'", &[]).await.unwrap().is_empty());
    assert!(!needs_upgrade_postgres(&client).await.unwrap(), "there is nothing to change");
    migrate(&owner).await.unwrap();
    migrate(&owner).await.unwrap();
    open(&house, &owner).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn newer_tables_are_used_only_if_they_say_that_this_version_may_also_by_a_node_that_runs() {
    let house = House::postgres().await;
    let node = open_with(&house, &database(&house).options()).await;
    append(&house, &node, tenant(1), 0).await.unwrap();
    sql(&house, "UPDATE record_schema SET version = 9, usable_from = 9");
    let options = superuser(&house);
    for refused in [check(&options).await, migrate(&options).await, open(&house, &options).await.map(drop)] {
        assert!(matches!(refused, Err(OpenError::Newer { found: 9, .. })), "{refused:?}");
    }
    CLUSTER.cut_connections(database_of(&database(&house).url));
    append(&house, &node, tenant(1), 1).await.expect_err("its next connection meets tables that it may not use");
    assert!(!node.record.healthy());
    sql(&house, "UPDATE record_schema SET usable_from = 2");
    check(&options).await.unwrap();
    append(&house, &node, tenant(1), 2).await.unwrap();
    migrate(&options).await.unwrap();
    assert_eq!(sql(&house, "SELECT version FROM record_schema"), "9", "what a newer version did is not taken back");
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_wait_to_be_brought_up_to_date_are_named_and_a_migration_states_who_may_use_them() {
    let house = House::postgres().await;
    let later = "DROP FUNCTION record_remove; DROP TABLE record_removed, record_erasures, record_writer_blocks, record_log_heads, record_log_tiles, record_log_spans, record_log_cursors, \
        record_log_reached, record_log_checkpoints, record_log_entries, record_log_stops CASCADE; \
        ALTER TABLE record_writers DROP COLUMN seen CASCADE, DROP COLUMN ended CASCADE;";
    let first = "DROP TABLE record_used CASCADE; ALTER TABLE record_schema DROP COLUMN usable_from; \
        UPDATE record_schema SET version = 1";
    sql(&house, &format!("{later} {first}"));
    let options = superuser(&house);
    let refused = check(&options).await.unwrap_err();
    assert!(refused.to_string().contains("schema 1"), "{refused}");
    let client = options.connect().await.unwrap();
    assert!(needs_upgrade_postgres(&client).await.unwrap());
    migrate(&options).await.unwrap();
    assert!(!needs_upgrade_postgres(&client).await.unwrap());
    assert_eq!(sql(&house, "SELECT version || ' ' || usable_from FROM record_schema"), "4 2");
}
