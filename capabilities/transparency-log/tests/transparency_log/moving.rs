//! A log that is moved from files into a database is the same log there.

use crate::house::{House, checkpoint, tenant};
use signet_kernel::Timestamp;
use signet_tlog::{Hash, UnverifiedCheckpoint};
use signet_transparency_log::{LogProblem, TransparencyLogs};

/// As whoever gathers does: blocks of numbers that no program noted are taken over first.
async fn gather(logs: &TransparencyLogs) -> u64 {
    logs.store().tend(Timestamp::from_seconds(0)).await.unwrap();
    crate::house::gather(logs).await
}

/// Eight frames in the log, of which three were removed, and the ninth not gathered.
async fn with_removed_frames() -> (House, Vec<u8>) {
    let house = House::files().await;
    let (record, logs) = (house.record().await, house.logs());
    house.append(&record, tenant(1), 0..8).await;
    gather(&logs).await;
    logs.bury(tenant(1), vec![3, 4, 8]).await.unwrap();
    let frames = rusqlite::Connection::open(house.path().join("records.db")).unwrap();
    assert_eq!(frames.execute("DELETE FROM frames WHERE id IN (3, 4, 8)", ()).unwrap(), 3);
    let signed = checkpoint(&logs, tenant(1)).await;
    house.append(&record, tenant(1), 8..9).await;
    record.shutdown().await;
    (house, signed)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moved_log_grows_out_of_what_was_signed_before_though_frames_are_gone() {
    let (files, signed) = with_removed_frames().await;
    let moved = files.moved().await;
    let (record, logs) = (moved.record().await, moved.logs());
    assert_eq!(checkpoint(&logs, tenant(1)).await, signed, "nothing is signed anew");
    moved.append(&record, tenant(1), 9..12).await;
    assert_eq!(gather(&logs).await, 4, "what waited, and what is new");
    let report = moved.verify_with(tenant(1), vec![signed.clone()]).await.unwrap();
    assert_eq!((report.leaves, report.removed, report.outside, report.waiting), (12, 3, Some(8), 0));

    let now = checkpoint(&logs, tenant(1)).await;
    let log = logs.log(tenant(1)).unwrap().unwrap();
    let head = |note: &[u8]| UnverifiedCheckpoint::parse(note).unwrap().verify(&log).unwrap().head();
    let (before, after) = (head(&signed), head(&now));
    let proof = logs.prove_consistency(tenant(1), 8, None).await.unwrap();
    let path = proof.path.iter().map(|hash| hash.parse().unwrap()).collect();
    signet_tlog::ConsistencyProof { path }.verify(&before, &after).unwrap();
    for leaf in 0..12 {
        let proof = logs.prove_leaf(tenant(1), leaf).await.unwrap();
        let entry = proof.extra.clone().unwrap();
        proof.verify(&Hash::leaf(&entry), &log).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_of_removed_frames_is_nowhere_else() {
    let (files, _) = with_removed_frames().await;
    let moved = files.moved().await;
    moved.sql("DELETE FROM record_log_entries");
    let found = moved.verify(tenant(1)).await.unwrap_err();
    assert!(matches!(found, LogProblem::Dropped(3)), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_of_frames_that_were_removed_are_not_given_again() {
    let (files, _) = with_removed_frames().await;
    let far = 5_i64 << 20;
    let log = rusqlite::Connection::open(files.path().join("record-log.db")).unwrap();
    log.execute("UPDATE log_spans SET frame = ?1 WHERE frame = 8", [far]).unwrap();
    let moved = files.moved().await;
    let record = moved.record().await;
    let receipt = record.append(moved.entry(tenant(1), "SigninLogs", 20), None).await.unwrap();
    assert!(receipt.frame >= 6 << 20, "{}", receipt.frame);
    assert_eq!(gather(&moved.logs()).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_stopped_stays_so() {
    let (files, _) = with_removed_frames().await;
    files.logs().store().stop(tenant(1), "somebody looked".to_owned(), files.context.now()).await.unwrap();
    let moved = files.moved().await;
    let logs = moved.logs();
    assert_eq!(gather(&logs).await, 0);
    assert!(logs.resume(tenant(1)).await.unwrap());
    assert_eq!(gather(&logs).await, 1);
    moved.verify(tenant(1)).await.unwrap();
}
