//! What only records in PostgreSQL can do: several nodes write over one database, whose connections break.

mod fates;
mod guard;
mod rights;
mod statements;
mod upgrades;

use crate::house::{CLUSTER, Database, House, Node, Place, SIGN_INS, Seal, open_at};
use signet_kernel::TenantId;
use signet_record::{AppendError, Receipt, RecordOptions};
use signet_store::PostgresOptions;
use signet_testkit_postgres::database_of;
use std::sync::Arc;

fn database(house: &House) -> &Database {
    match &house.place {
        Place::Postgres(database) => database,
        Place::Files(_) => panic!("it lies in files"),
    }
}

/// A node that comes to the database in its own way.
async fn open_with(house: &House, options: &PostgresOptions) -> Node {
    open_at(options, RecordOptions::new("node", Arc::new(Seal)), house.context.clone()).await
}

/// Appends a record that lets a decision out.
async fn append(house: &House, node: &Node, of: TenantId, number: i64) -> Result<Receipt, AppendError> {
    node.record.append(house.entry(of, SIGN_INS, number), Some(node.guard(of))).await
}

/// What a superuser does, and reads.
fn sql(house: &House, sql: &str) -> String {
    CLUSTER.execute(database_of(&database(house).url), sql).trim().to_owned()
}
