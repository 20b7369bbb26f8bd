//! What the record forgets is gone from segments and tails.

use crate::house::{House, column, entry, ids, tenant};
use signet_kernel::TenantId;
use signet_log_engine::{TableParts, TableSource as _, TimeSpan};
use signet_log_storage::{LogStorage, StorageOptions};
use signet_logs::AUDITS;
use signet_record::{Record, RecordBuilder, RowKeys};
use std::time::Duration;

const EAGER: StorageOptions =
    StorageOptions { enough: 1_000, patience: Duration::ZERO, small_files: 100, small_rows: 1_000 };
const LAZY: StorageOptions = StorageOptions { enough: 100, patience: Duration::MAX, ..EAGER };

async fn append(record: &Record, of: u128, id: &str, second: i64) -> i64 {
    record.append(entry(of, id, second), None).await.unwrap().frame
}

async fn parts(storage: &LogStorage, of: TenantId) -> TableParts {
    storage.parts(of, AUDITS, TimeSpan::ALWAYS).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_removed_is_gone_from_segments_and_from_the_tail_and_nothing_else_is() {
    for options in [EAGER, LAZY] {
        let house = House::new();
        let (record, storage) = house.open(options);
        let mut frames = Vec::new();
        for (number, id) in ["a", "b", "c", "d"].into_iter().enumerate() {
            frames.push(append(&record, 1, id, i64::try_from(number).unwrap()).await);
            append(&record, 2, id, i64::try_from(number).unwrap()).await;
            if number == 1 {
                storage.tend(tenant(1)).await.unwrap();
            }
        }
        storage.tend(tenant(1)).await.unwrap();
        storage.tend(tenant(2)).await.unwrap();
        record.remove(tenant(1), vec![frames[0], frames[2], frames[3]]).await.unwrap();
        storage.tend(tenant(1)).await.unwrap();
        storage.tend(tenant(2)).await.unwrap();
        assert_eq!(ids(&parts(&storage, tenant(1)).await), ["b"]);
        assert_eq!(ids(&parts(&storage, tenant(2)).await), ["a", "b", "c", "d"]);
        assert_eq!(house.files(), 2, "an empty segment is none");
        append(&record, 1, "e", 9).await;
        storage.tend(tenant(1)).await.unwrap();
        assert_eq!(ids(&parts(&storage, tenant(1)).await), ["b", "e"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_removed_while_nobody_looked_is_gone_after_a_start() {
    let house = House::new();
    let frame = {
        let (record, storage) = house.open(EAGER);
        let frame = append(&record, 1, "a", 0).await;
        append(&record, 1, "b", 1).await;
        storage.tend(tenant(1)).await.unwrap();
        record.remove(tenant(1), vec![frame]).await.unwrap();
        record.shutdown().await;
        frame
    };
    let (record, storage) = house.open(EAGER);
    storage.tend(tenant(1)).await.unwrap();
    assert_eq!(ids(&parts(&storage, tenant(1)).await), ["b"]);
    assert_eq!(record.removed(tenant(1), 0, 9).await.unwrap()[0].frame, frame);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_erased_is_gone_from_the_files() {
    let house = House::new();
    let (record, storage) = house.open(EAGER);
    let context = signet_kernel::Context::system();
    let mut new = RecordBuilder::new(&context, tenant(1), AUDITS);
    new.text("Id", "a").time("TimeGenerated", signet_kernel::Timestamp::from_micros(crate::house::at(1)));
    new.personal("Identity", "Ada Lovelace");
    let at = signet_kernel::Timestamp::from_micros(crate::house::at(1));
    record.append(new.finish(RowKeys { at, id: "a", about: None, outcome: None }), None).await.unwrap();
    storage.tend(tenant(1)).await.unwrap();
    let contains = || {
        let files = std::fs::read_dir(house.segments().join("segments")).unwrap();
        let bytes: Vec<Vec<u8>> = files.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect();
        (bytes.len(), bytes.iter().any(|file| file.windows(12).any(|part| part == b"Ada Lovelace")))
    };
    let before = parts(&storage, tenant(1)).await;
    assert_eq!((ids(&before), contains().0), (vec!["a".to_owned()], 1));
    drop(before);
    assert_eq!(record.erase(tenant(1), AUDITS, "a", &["Identity"]).await.unwrap(), 1);
    storage.tend(tenant(1)).await.unwrap();
    let after = parts(&storage, tenant(1)).await;
    assert_eq!((ids(&after), column(&after, "Identity")), (vec!["a".to_owned()], vec![String::new()]));
    assert_eq!(contains(), (1, false));
}
