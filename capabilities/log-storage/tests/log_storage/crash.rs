//! SIGKILL at any moment of appending, flushing, merging and removing: nothing is lost, nothing is there twice, and what was
//! removed does not come back.

use crate::house::{self, ids, tenant};
use rustix::process::{Pid, Signal, kill_process};
use signet_kernel::Context;
use signet_log_engine::{TableSource as _, TimeSpan};
use signet_log_storage::StorageOptions;
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const FOLDER: &str = "SIGNET_CRASH_FOLDER";
const ROUNDS: usize = 12;
const TINY: StorageOptions = StorageOptions { enough: 3, patience: Duration::ZERO, small_files: 3, small_rows: 1_000 };

/// The process that is killed: appends, says what was acknowledged, and tends its segments all the while.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "started, and killed, by the test below"]
async fn the_process_that_is_killed() {
    let folder = std::env::var_os(FOLDER).unwrap();
    let (record, storage) = house::open(Path::new(&folder), TINY);
    let tended = tokio::spawn(async move {
        loop {
            storage.tend(tenant(1)).await.unwrap();
        }
    });
    let context = Context::system();
    let mut second = 0;
    while !tended.is_finished() {
        let ids: Vec<String> = (0..4).map(|_| context.new_uuid().to_string()).collect();
        for (number, id) in ids.iter().enumerate() {
            let frame = record.append(house::entry(1, id, second), None).await.unwrap().frame;
            second += 1;
            println!("acknowledged {id}");
            std::io::stdout().flush().unwrap();
            if number == 2 {
                println!("removing {id}");
                std::io::stdout().flush().unwrap();
                record.remove(tenant(1), vec![frame]).await.unwrap();
                println!("removed {id}");
                std::io::stdout().flush().unwrap();
            }
        }
    }
    tended.await.unwrap();
}

/// What a process said before it died.
#[derive(Default)]
struct Said {
    acknowledged: BTreeSet<String>,
    removing: BTreeSet<String>,
    removed: BTreeSet<String>,
}

/// Runs the process and kills it after so many acknowledgements; what it said goes to what others said.
fn run_and_kill(folder: &Path, after: usize, said: &mut Said) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::the_process_that_is_killed", "--nocapture", "--ignored"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut acknowledged = 0;
    let mut killed = false;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let Ok(line) = line else { break };
        for (what, ids) in [("removing ", &mut said.removing), ("removed ", &mut said.removed)] {
            ids.extend(line.split_once(what).map(|(_, id)| id.to_owned()));
        }
        let Some((_, id)) = line.split_once("acknowledged ") else { continue };
        said.acknowledged.insert(id.to_owned());
        acknowledged += 1;
        // What it still says before it dies was acknowledged too.
        if acknowledged >= after && !killed {
            let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
            kill_process(pid, Signal::KILL).unwrap();
            killed = true;
        }
    }
    let status = child.wait().unwrap();
    assert!(killed && !status.success(), "it ran until it was killed: {status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sigkill_while_appending_flushing_merging_and_removing_loses_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut said = Said::default();
    for round in 0..ROUNDS {
        // Every round dies elsewhere in the work.
        run_and_kill(folder.path(), 1 + round * 7 % 23, &mut said);
        let (record, storage) = house::open(folder.path(), TINY);
        storage.tend(tenant(1)).await.unwrap();
        let parts = storage.parts(tenant(1), "AuditLogs", TimeSpan::ALWAYS).await.unwrap();
        let found = ids(&parts);
        let once: BTreeSet<String> = found.iter().cloned().collect();
        assert_eq!(once.len(), found.len(), "round {round}: something is there twice");
        let back: Vec<_> = said.removed.intersection(&once).collect();
        assert!(back.is_empty(), "round {round}: {back:?} was removed and is there");
        let mut lost: Vec<_> = said.acknowledged.difference(&once).collect();
        lost.retain(|id| !said.removing.contains(*id));
        assert!(lost.is_empty(), "round {round}: {lost:?} was acknowledged and is lost");
        record.shutdown().await;
    }
}
