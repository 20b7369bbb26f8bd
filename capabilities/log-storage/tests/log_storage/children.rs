//! Columns that children make.

use crate::house::{House, ids, tenant};
use signet_children::{Children, Program};
use signet_log_engine::{TableSource as _, TimeSpan};
use signet_log_storage::{Maker, StorageOptions};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

const SOON: StorageOptions = StorageOptions { enough: 4, patience: Duration::MAX, small_files: 3, small_rows: 1_000 };

fn program() -> PathBuf {
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.join("examples/column-worker")
}

fn children(program: &str, arguments: &[&str]) -> Maker {
    let arguments = arguments.iter().map(Into::into).collect();
    Maker::Children(Arc::new(Children::new(Program { program: program.into(), arguments }, 1)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_makes_what_threads_of_this_process_make() {
    let house = House::new();
    let (record, storage) = house.open_with(SOON, children(program().to_str().unwrap(), &[]));
    let mut wanted = Vec::new();
    for number in 0..12 {
        wanted.push(house.append(&record, 1, number).await);
        let parts = storage.parts(tenant(1), "AuditLogs", TimeSpan::ALWAYS).await.unwrap();
        let mut found = ids(&parts);
        found.sort_by_key(|id| wanted.iter().position(|known| known == id));
        assert_eq!(found, wanted, "as soon as it is durable");
        if number % 2 == 1 {
            storage.tend(tenant(1)).await.unwrap();
        }
    }
    assert_eq!(storage.figures().unwrap().tail, 0);
    assert_eq!(storage.figures().unwrap().rows, 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_that_ends_in_the_middle_leaves_nothing_and_loses_nothing() {
    let house = House::new();
    let flag = house.segments().with_extension("flag");
    let (shown, program) = (flag.display(), program());
    let script = format!("if [ -e {shown} ]; then exec {}; fi; : > {shown}; exit 1", program.display());
    let (record, storage) = house.open_with(SOON, children("/bin/sh", &["-c", &script]));
    let wanted = house.append(&record, 1, 1).await;
    storage.parts(tenant(1), "AuditLogs", TimeSpan::ALWAYS).await.unwrap_err();
    assert_eq!(house.files(), 0);
    let parts = storage.parts(tenant(1), "AuditLogs", TimeSpan::ALWAYS).await.unwrap();
    assert_eq!(ids(&parts), [wanted]);
}
