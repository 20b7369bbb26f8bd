//! Records in PostgreSQL, written by nodes that have the documented rights and no more.

use super::{Node, Seal};
use signet_kernel::{Context, RevocationCounters};
use signet_record::{Connect, Record, RecordOptions, VerifyError, VerifyReport};
use signet_store::{PostgresBackend, PostgresOptions, Store, StoreOptions};
use signet_testkit_postgres::{Cluster, USER, database_of};
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use tokio_postgres::{Client, SimpleQueryMessage};

/// One server for the process, a database for each test.
pub(crate) static CLUSTER: LazyLock<Cluster> = LazyLock::new(Cluster::start);

/// The names and functions that the file has, for whoever looks from outside.
const OUTSIDE: &str = "CREATE SCHEMA outside;
    CREATE VIEW outside.frames AS SELECT * FROM record_frames;
    CREATE VIEW outside.checkpoints AS SELECT * FROM record_checkpoints;
    CREATE VIEW outside.writers AS SELECT * FROM record_writers;
    CREATE VIEW outside.removed AS SELECT * FROM record_removed;
    CREATE VIEW outside.used AS SELECT * FROM record_used;
    CREATE FUNCTION outside.hex(bytea) RETURNS text LANGUAGE sql AS $$ SELECT encode($1, 'hex') $$;
    CREATE FUNCTION outside.hex(uuid) RETURNS text LANGUAGE sql AS $$ SELECT $1::text $$;
    CREATE FUNCTION outside.unhex(text) RETURNS bytea LANGUAGE sql AS $$ SELECT decode($1, 'hex') $$;
    SET search_path = outside, public;";
const REFUSE: &str = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$;
    CREATE TRIGGER refused_frame BEFORE INSERT ON record_frames EXECUTE FUNCTION refuse();
    CREATE TRIGGER refused_probe BEFORE UPDATE ON record_writers EXECUTE FUNCTION refuse();";
const ACCEPT: &str = "DROP FUNCTION refuse CASCADE";

pub(crate) struct Database {
    /// As the nodes reach it.
    pub(crate) url: String,
    outside: Client,
}

impl Database {
    pub(super) async fn new() -> Self {
        let owner = CLUSTER.create_owned_database();
        let options = PostgresOptions::at(&owner).unwrap();
        PostgresBackend::migrate(&options).await.unwrap();
        signet_record::migrate_postgres(&options.connect().await.unwrap()).await.unwrap();
        let url = CLUSTER.grant_to_node(&owner);
        let outside = superuser(&url).await;
        outside.batch_execute(OUTSIDE).await.unwrap();
        Self { url, outside }
    }

    pub(crate) fn options(&self) -> PostgresOptions {
        options_at(&self.url)
    }

    pub(super) async fn open(&self, options: RecordOptions, context: Context) -> Node {
        open_at(&self.options(), options, context).await
    }

    pub(super) async fn verify(&self) -> Result<VerifyReport, VerifyError> {
        signet_record::verify_postgres(&mut self.options().connect().await.unwrap(), &Seal).await
    }

    pub(super) async fn change(&self, sql: &str) -> u64 {
        let said = self.outside.simple_query(sql).await.unwrap();
        let count = |said: &SimpleQueryMessage| match said {
            SimpleQueryMessage::CommandComplete(count) => Some(*count),
            _ => None,
        };
        said.iter().filter_map(count).sum()
    }

    pub(super) async fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        let said = self.outside.simple_query(sql).await.unwrap();
        let row = |said: SimpleQueryMessage| match said {
            SimpleQueryMessage::Row(row) => Some((0..row.len()).map(|at| row.get(at).unwrap().to_owned()).collect()),
            _ => None,
        };
        said.into_iter().filter_map(row).collect()
    }

    pub(super) async fn hold(&self) -> Client {
        let client = superuser(&self.url).await;
        client.batch_execute("BEGIN; LOCK TABLE record_frames IN SHARE MODE").await.unwrap();
        client
    }

    pub(super) async fn refuse(&self, refused: bool) {
        self.outside.batch_execute(if refused { REFUSE } else { ACCEPT }).await.unwrap();
    }
}

/// How a node reaches the database that an address names: it changes no schema.
pub(crate) fn options_at(url: &str) -> PostgresOptions {
    let mut options = PostgresOptions::at(url).unwrap();
    options.migrate = false;
    options
}

async fn superuser(url: &str) -> Client {
    options_at(&CLUSTER.url(database_of(url), USER)).connect().await.unwrap()
}

/// The record's connections.
pub(crate) struct Beside(pub(crate) PostgresOptions);

impl Connect for Beside {
    fn connect(&self) -> Pin<Box<dyn Future<Output = Result<Client, String>> + Send + '_>> {
        Box::pin(async { self.0.connect().await.map_err(|error| error.to_string()) })
    }
}

/// A directory and a record, as one process has them.
pub(crate) async fn open_at(at: &PostgresOptions, options: RecordOptions, context: Context) -> Node {
    let counters = Arc::new(RevocationCounters::new());
    let (caches, backend) = (StoreOptions { cached_reads: 100 }, context.clone());
    let open = |observer| PostgresBackend::open(at, backend, observer);
    let store = Store::connect(caches, context.clone(), counters.clone(), Arc::new(()), open).await.unwrap();
    let record = Record::open_postgres(Arc::new(Beside(at.clone())), options.in_postgres(), context).await.unwrap();
    Node { record, counters, store: Some(store) }
}
