//! Frames become a tree, whoever gathers them and whenever.

use crate::house::{House, TABLES, checkpoint, gather, log_named, tenant};
use signet_tlog::{ConsistencyProof, Hash, UnverifiedCheckpoint};
use signet_transparency_log::{AlarmKind, ProveError};

macro_rules! over_both {
    ($($law:ident),+ $(,)?) => {
        mod files {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $law() {
                super::$law(crate::house::House::files().await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $law() {
                super::$law(crate::house::House::postgres().await).await;
            })+
        }
    };
}

over_both!(
    every_record_is_proved_and_nothing_else_is,
    any_two_trees_of_a_log_are_consistent,
    a_restart_goes_on_where_the_log_stands,
    what_was_committed_and_not_signed_is_signed_later,
    invariant_11_a_log_holds_nothing_of_another_tenant,
    of_two_that_gather_at_once_none_forks_and_nothing_is_lost_or_doubled,
    a_frame_that_was_changed_stops_the_log_until_somebody_has_looked,
    a_damaged_tile_stops_the_log,
);

async fn every_record_is_proved_and_nothing_else_is(house: House) {
    let (record, logs) = (house.record().await, house.logs());
    house.append(&record, tenant(1), 0..7).await;
    house.append_together(&record, tenant(1), 10..20).await;
    let id = "record-3";
    let early = logs.prove(&record, tenant(1), (TABLES[1], id)).await;
    assert!(matches!(early, Err(ProveError::NotYet)), "{early:?}");
    assert_eq!(gather(&logs).await, 17);
    let log = logs.log(tenant(1)).unwrap().unwrap();
    for number in (0..7).chain(10..20) {
        let table = if number < 7 { TABLES[usize::try_from(number % 2).unwrap()] } else { TABLES[0] };
        let proof = logs.prove(&record, tenant(1), (table, &format!("record-{number}"))).await.unwrap();
        let entry = String::from_utf8(proof.extra.clone().unwrap()).unwrap();
        let lines: Vec<&str> = entry.split('\n').collect();
        assert_eq!((lines.len(), lines[0], lines[1], lines[5]), (6, "signet-record-entry-v1", table, ""));
        let text = proof.to_string();
        let again = signet_tlog::ProofFile::parse(text.as_bytes()).unwrap();
        again.clone().verify(&Hash::leaf(entry.as_bytes()), &log).unwrap();
        let other = entry.replace(table, "OtherLogs");
        again.verify(&Hash::leaf(other.as_bytes()), &log).unwrap_err();
    }
    for (of, table, id) in [(1, TABLES[0], "record-99"), (1, "OtherLogs", id), (2, TABLES[1], id)] {
        let none = logs.prove(&record, tenant(of), (table, id)).await;
        assert!(matches!(none, Err(ProveError::NoSuchRecord)), "{none:?}");
    }
    let report = house.verify(tenant(1)).await.unwrap();
    assert_eq!((report.leaves, report.waiting, report.erased), (17, 0, 0));
}

async fn any_two_trees_of_a_log_are_consistent(house: House) {
    let (record, logs) = (house.record().await, house.logs());
    let mut heads = Vec::new();
    for round in 0..6 {
        house.append(&record, tenant(1), round * 3..round * 3 + 3).await;
        gather(&logs).await;
        let note = UnverifiedCheckpoint::parse(&checkpoint(&logs, tenant(1)).await).unwrap();
        let origin = note.origin().to_owned();
        heads.push(note.verify(&log_named(&origin).unwrap()).unwrap().head());
    }
    for (at, old) in heads.iter().enumerate() {
        for new in &heads[at..] {
            let proof = logs.prove_consistency(tenant(1), old.size, Some(new.size)).await.unwrap();
            let path: Vec<Hash> = proof.path.iter().map(|hash| hash.parse().unwrap()).collect();
            let proof = ConsistencyProof { path };
            proof.verify(old, new).unwrap();
            if old.size < new.size {
                proof.verify(new, old).unwrap_err();
            }
        }
    }
    let beyond = logs.prove_consistency(tenant(1), 3, Some(19)).await;
    assert!(matches!(beyond, Err(ProveError::Sizes(18))), "{beyond:?}");
}

async fn a_restart_goes_on_where_the_log_stands(house: House) {
    for start in 0..3 {
        let (record, logs) = (house.record().await, house.logs());
        for number in start * 100..(start + 1) * 100 {
            house.append_together(&record, tenant(1), number * 3..(number + 1) * 3).await;
        }
        gather(&logs).await;
        record.shutdown().await;
    }
    let report = house.verify(tenant(1)).await.unwrap();
    // Three full tiles of leaves, one that is not, and what is above them.
    assert_eq!((report.leaves, report.tiles, report.checkpoints), (900, 5, report.checkpoints));
}

async fn what_was_committed_and_not_signed_is_signed_later(house: House) {
    let (record, logs) = (house.record().await, house.logs());
    house.append(&record, tenant(1), 0..3).await;
    // Nobody told it of the tenant: it commits, and does not sign.
    logs.know([]);
    for scope in house.store().scopes([tenant(1)]) {
        logs.gather(scope).await.unwrap();
    }
    let again = house.logs();
    assert_eq!(again.checkpoint(tenant(1)).await.unwrap(), None);
    assert_eq!(gather(&again).await, 0);
    assert_eq!(again.checkpoint(tenant(1)).await.unwrap().unwrap().size, 3);
}

async fn invariant_11_a_log_holds_nothing_of_another_tenant(house: House) {
    let (record, logs) = (house.record().await, house.logs());
    house.append(&record, tenant(1), 0..3).await;
    house.append(&record, tenant(2), 0..5).await;
    house.append(&record, tenant(1), 3..4).await;
    gather(&logs).await;
    for (number, leaves) in [(1, 4), (2, 5)] {
        assert_eq!(house.verify(tenant(number)).await.unwrap().leaves, leaves);
    }
    let mine = checkpoint(&logs, tenant(1)).await;
    let theirs = logs.log(tenant(2)).unwrap().unwrap();
    UnverifiedCheckpoint::parse(&mine).unwrap().verify(&theirs).unwrap_err();
}

async fn of_two_that_gather_at_once_none_forks_and_nothing_is_lost_or_doubled(house: House) {
    let record = house.record().await;
    let gatherers = [house.logs(), house.logs()];
    for round in 0..20 {
        house.append_together(&record, tenant(1), round * 10..(round + 1) * 10).await;
        let [one, two] = &gatherers;
        tokio::join!(gather(one), gather(two));
    }
    let report = house.verify(tenant(1)).await.unwrap();
    assert_eq!((report.leaves, report.waiting), (200, 0));
    assert!(house.alarms.kinds().is_empty());
}

async fn change(house: &House, files: &str, postgres: &str) {
    if house.store().is_shared() {
        house.sql(postgres);
    } else {
        for file in ["records.db", "record-log.db"] {
            let outside = rusqlite::Connection::open(house.path().join(file)).unwrap();
            let has = |table: &str| outside.prepare(&format!("SELECT 1 FROM {table}")).is_ok();
            if has(files.split(' ').nth(1).unwrap()) {
                outside.execute(files, ()).unwrap();
            }
        }
    }
}

async fn a_frame_that_was_changed_stops_the_log_until_somebody_has_looked(house: House) {
    let (record, logs) = (house.record().await, house.logs());
    house.append(&record, tenant(1), 0..2).await;
    gather(&logs).await;
    house.append(&record, tenant(1), 2..6).await;
    house.append(&record, tenant(2), 0..2).await;
    change(
        &house,
        "UPDATE frames SET at = at + 1 WHERE seq = 2 AND table_name = 'SigninLogs'",
        "UPDATE record_frames SET at = at + 1 WHERE seq = 2 AND table_name = 'SigninLogs'",
    )
    .await;
    gather(&logs).await;
    gather(&logs).await;
    assert_eq!(house.alarms.kinds(), [AlarmKind::Damaged]);
    assert!(house.alarms.last().contains("frame 2"), "{}", house.alarms.last());
    assert_eq!(logs.checkpoint(tenant(1)).await.unwrap().unwrap().size, 2, "nothing more is signed");
    assert_eq!(house.verify(tenant(2)).await.unwrap().leaves, 2, "and nobody else is held up");
    change(
        &house,
        "UPDATE frames SET at = at - 1 WHERE seq = 2 AND table_name = 'SigninLogs'",
        "UPDATE record_frames SET at = at - 1 WHERE seq = 2 AND table_name = 'SigninLogs'",
    )
    .await;
    assert!(logs.resume(tenant(1)).await.unwrap());
    gather(&logs).await;
    let report = house.verify(tenant(1)).await.unwrap();
    assert_eq!((report.leaves, report.waiting), (6, 0));
    assert_eq!(house.verify(tenant(2)).await.unwrap().leaves, 2);
}

async fn a_damaged_tile_stops_the_log(house: House) {
    let record = house.record().await;
    house.append(&record, tenant(1), 0..3).await;
    gather(&house.logs()).await;
    change(
        &house,
        "UPDATE log_tiles SET hashes = zeroblob(length(hashes))",
        "UPDATE record_log_tiles SET hashes = decode(repeat('00', length(hashes)), 'hex')",
    )
    .await;
    house.append(&record, tenant(1), 3..4).await;
    let logs = house.logs();
    gather(&logs).await;
    assert_eq!(house.alarms.kinds(), [AlarmKind::Damaged]);
    assert_eq!(logs.checkpoint(tenant(1)).await.unwrap().unwrap().size, 3);
}
