//! Tables that another version has made or brought up to date.

use crate::nodes::{CLUSTER, Node, options, sql};
use signet_record::{OpenError, check_postgres, migrate_postgres};
use signet_store::PostgresOptions;

async fn migrate(url: &str) -> Result<(), OpenError> {
    migrate_postgres(&options(url).connect().await.unwrap()).await
}

async fn check(options: &PostgresOptions) -> Result<(), OpenError> {
    check_postgres(&options.connect().await.unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn newer_tables_are_used_only_if_they_say_that_this_version_may() {
    let url = CLUSTER.create_database();
    drop(Node::start(&options(&url)).await);
    check(&options(&url)).await.unwrap();
    sql(&url, "UPDATE record_schema SET version = 9, usable_from = 9");
    for refused in [check(&options(&url)).await, migrate(&url).await] {
        assert!(matches!(refused, Err(OpenError::Newer { found: 9, .. })), "{refused:?}");
    }
    sql(&url, "UPDATE record_schema SET usable_from = 2");
    check(&options(&url)).await.unwrap();
    drop(Node::start(&options(&url)).await);
    assert_eq!(sql(&url, "SELECT version FROM record_schema"), "9", "what a newer version did is not taken back");
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_wait_to_be_brought_up_to_date_are_named_and_a_migration_states_who_may_use_them() {
    let url = CLUSTER.create_database();
    let refused = check(&options(&url)).await.unwrap_err();
    assert!(refused.to_string().contains("signet database migrate"), "{refused}");
    drop(Node::start(&options(&url)).await);
    sql(
        &url,
        "DROP TABLE record_used; ALTER TABLE record_schema DROP COLUMN usable_from; UPDATE record_schema SET version = 1",
    );
    let refused = check(&options(&url)).await.unwrap_err();
    assert!(refused.to_string().contains("schema 1"), "{refused}");
    migrate(&url).await.unwrap();
    assert_eq!(sql(&url, "SELECT version || ' ' || usable_from FROM record_schema"), "2 2");
}
