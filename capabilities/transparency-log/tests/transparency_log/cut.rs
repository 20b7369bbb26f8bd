//! A gatherer that dies: between any two of the messages that it sends to the database, and at its answers.

use crate::house::{Beside, HOST, House, TABLES, gather, keys, tenant};
use signet_record::{LogStore, Scope};
use signet_store::PostgresOptions;
use signet_transparency_log::{FIRST_EPOCH, TransparencyLogs};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};

const SOCKET: &str = ".s.PGSQL.5432";

/// A socket before the server's that lets so many pieces through, either way, and then none.
struct Cutting {
    directory: tempfile::TempDir,
}

fn socket_of(url: &str) -> &str {
    url.split("host=").nth(1).and_then(|rest| rest.split('&').next()).unwrap()
}

impl Cutting {
    fn before(url: &str, pieces: i64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(directory.path().join(SOCKET)).unwrap();
        let (server, left) = (PathBuf::from(socket_of(url)).join(SOCKET), Arc::new(AtomicI64::new(pieces)));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(forward(client, server.clone(), left.clone()));
            }
        });
        Self { directory }
    }

    fn through(&self, url: &str) -> String {
        url.replace(socket_of(url), &self.directory.path().display().to_string())
    }
}

async fn forward(mut client: UnixStream, server: PathBuf, left: Arc<AtomicI64>) {
    let Ok(mut server) = UnixStream::connect(server).await else { return };
    let (mut up, mut down) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        let (count, from_client) = tokio::select! {
            read = client.read(&mut up) => (read.unwrap_or(0), true),
            read = server.read(&mut down) => (read.unwrap_or(0), false),
        };
        if count == 0 || left.fetch_sub(1, Ordering::SeqCst) <= 0 {
            return;
        }
        let sent = match from_client {
            true => server.write_all(&up[..count]).await,
            false => client.write_all(&down[..count]).await,
        };
        if sent.is_err() {
            return;
        }
    }
}

/// One round behind a connection that is cut; whether it came to its end all the same.
async fn one_round(house: &House, url: &str, pieces: i64) -> bool {
    let cutting = Cutting::before(url, pieces);
    let mut options = PostgresOptions::at(&cutting.through(url)).unwrap();
    options.migrate = false;
    let store = LogStore::postgres(Arc::new(Beside(options)));
    let logs = TransparencyLogs::new(store, HOST, keys(), house.alarms.clone(), house.context.clone());
    logs.know([(tenant(1), FIRST_EPOCH)]);
    logs.gather(Scope::Tenant(tenant(1))).await.is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_round_that_is_cut_anywhere_leaves_a_log_that_another_goes_on_with() {
    let house = House::postgres().await;
    let (record, honest) = (house.record().await, house.logs());
    let url = house.url().to_owned();
    let (mut cut, mut whole, mut number) = (0, 0, 0);
    while whole < 3 {
        for _ in 0..2 {
            record.append(house.entry(tenant(1), TABLES[0], number), None).await.unwrap();
            number += 1;
        }
        if one_round(&house, &url, cut).await {
            whole += 1;
        }
        honest.forget();
        gather(&honest).await;
        let report = house.verify(tenant(1)).await.unwrap();
        assert_eq!(
            (report.leaves, report.waiting, report.unsigned),
            (u64::try_from(number).unwrap(), 0, 0),
            "after {cut}"
        );
        cut += 1;
    }
    assert!(cut > 20, "a round has more messages than {cut}");
    assert!(house.alarms.kinds().is_empty(), "{}", house.alarms.last());
}
