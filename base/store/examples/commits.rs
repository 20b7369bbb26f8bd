//! How many commits a second each backend makes: `commits sqlite PATH | postgres URL [CLIENTS] [COMMITS]`.
#![allow(clippy::unwrap_used, reason = "a measurement ends where something fails")]

use serde::{Deserialize, Serialize};
use signet_kernel::{Context, RevocationCounters};
use signet_store::{
    Id, IndexEntries, IndexKey, Kind, PostgresBackend, PostgresOptions, SqliteBackend, SqliteOptions, Store,
    StoreOptions, UniqueKeys,
};
use std::sync::Arc;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Thing {
    name: String,
    padding: String,
}

impl Kind for Thing {
    const NAME: &'static str = "thing";
    fn index(&self, index: &mut IndexEntries) {
        index.add("name", IndexKey::text(&self.name));
        index.add("size", IndexKey::integer(800));
    }
    fn unique(&self, keys: &mut UniqueKeys) {
        keys.in_tenant("name", IndexKey::text(&self.name));
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let word = |at: usize, default: &str| words.get(at).cloned().unwrap_or_else(|| default.to_owned());
    let (clients, commits) = (word(2, "64").parse::<usize>().unwrap(), word(3, "20000").parse::<usize>().unwrap());
    let (context, counters) = (Context::system(), Arc::new(RevocationCounters::new()));
    let options = StoreOptions::default();
    let store = if word(0, "") == "postgres" {
        let postgres = PostgresOptions::at(&word(1, "")).unwrap();
        let open = |observer| PostgresBackend::open(&postgres, context.clone(), observer);
        Store::connect(options, context.clone(), counters, Arc::new(()), open).await.unwrap()
    } else {
        let sqlite = SqliteOptions::at(word(1, "directory.db"));
        let open = |observer| SqliteBackend::open(&sqlite, observer);
        Store::open(options, context.clone(), counters, Arc::new(()), open).await.unwrap()
    };
    let tenant = context.new_tenant_id();
    let started = context.monotonic();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..clients {
        let store = store.tenant(tenant);
        tasks.spawn(async move {
            for _ in 0..commits / clients {
                let id = Id::of(store.context().new_object_id());
                let mut unit = store.unit();
                unit.create(id, &Thing { name: id.to_string(), padding: "x".repeat(700) });
                store.commit(unit).await.unwrap();
            }
        });
    }
    tasks.join_all().await;
    let took = context.monotonic() - started;
    let rate = commits as f64 / took.as_secs_f64();
    println!("{} with {clients} clients: {rate:.0} commits a second", word(0, "sqlite"));
}
