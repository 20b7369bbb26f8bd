//! What was removed, by right, is still proved.

use crate::house::{House, checkpoint, gather, tenant};
use signet_tlog::{Hash, parse_bundle};
use signet_transparency_log::{LogProblem, Unburied};

fn outside(house: &House, file: &str) -> rusqlite::Connection {
    rusqlite::Connection::open(house.path().join(file)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_in_the_middle_leaves_every_proof_and_the_whole_log_verifies() {
    let house = House::files().await;
    let (record, logs) = (house.record().await, house.logs());
    house.append(&record, tenant(1), 0..8).await;
    gather(&logs).await;
    let before = checkpoint(&logs, tenant(1)).await;
    let tombstones = logs.bury(tenant(1), vec![3, 4, 6]).await.unwrap();
    let ranges: Vec<_> = tombstones.iter().map(|range| (range.first_leaf, range.count)).collect();
    assert_eq!(ranges, [(2, 2), (5, 1)]);
    assert_eq!(logs.bury(tenant(1), vec![3, 4, 6]).await.unwrap(), tombstones, "again, after a crash");
    let removed = outside(&house, "records.db").execute("DELETE FROM frames WHERE id IN (3, 4, 6)", ()).unwrap();
    assert_eq!(removed, 3);
    house.append(&record, tenant(1), 8..9).await;
    gather(&logs).await;
    let report = house.verify_with(tenant(1), vec![before]).await.unwrap();
    assert_eq!((report.leaves, report.removed, report.frames, report.outside), (9, 3, 6, Some(8)));
    let log = logs.log(tenant(1)).unwrap().unwrap();
    for leaf in 0..9 {
        let proof = logs.prove_leaf(tenant(1), leaf).await.unwrap();
        let entry = proof.extra.clone().unwrap();
        proof.verify(&Hash::leaf(&entry), &log).unwrap();
    }
    let address: signet_tlog::BundleAddress = "tile/entries/000.p/9".parse().unwrap();
    let bundle = logs.bundle(tenant(1), address).await.unwrap().unwrap();
    let tile = logs.tile(tenant(1), address.tile()).await.unwrap().unwrap();
    let tile = signet_tlog::Tile::parse(address.tile(), &tile).unwrap();
    assert_eq!(parse_bundle(&tile, &bundle).unwrap().len(), 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_of_a_removed_frame_cannot_be_changed() {
    let house = House::files().await;
    let (record, logs) = (house.record().await, house.logs());
    house.append(&record, tenant(1), 0..5).await;
    gather(&logs).await;
    logs.bury(tenant(1), vec![2, 4]).await.unwrap();
    outside(&house, "records.db").execute("DELETE FROM frames WHERE id IN (2, 4)", ()).unwrap();
    record.shutdown().await;
    house.verify(tenant(1)).await.unwrap();
    let log = outside(&house, "record-log.db");
    let kept: Vec<(i64, Vec<u8>)> = log
        .prepare("SELECT first_leaf, entries FROM log_entries")
        .unwrap()
        .query_map((), |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let put = "UPDATE log_entries SET entries = ?2 WHERE first_leaf = ?1";
    for (leaf, entries) in kept {
        for at in 0..entries.len() {
            let mut changed = entries.clone();
            changed[at] ^= 1;
            log.execute(put, (leaf, &changed)).unwrap();
            let found = house.verify(tenant(1)).await;
            assert!(found.is_err(), "byte {at} of leaf {leaf}: {}", String::from_utf8_lossy(&changed));
        }
        log.execute(put, (leaf, &entries)).unwrap();
    }
    house.verify(tenant(1)).await.unwrap();
    log.execute("DELETE FROM log_entries WHERE first_leaf = 1", ()).unwrap();
    assert!(matches!(house.verify(tenant(1)).await, Err(LogProblem::Dropped(2))));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_in_the_log_yet_may_not_be_removed() {
    let house = House::files().await;
    let (record, logs) = (house.record().await, house.logs());
    house.append(&record, tenant(1), 0..2).await;
    assert!(matches!(logs.bury(tenant(1), vec![1]).await, Err(Unburied::NotYet(1))));
}
