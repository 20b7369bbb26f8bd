//! What verification finds.

use crate::house::{AUDITS, House, SIGN_INS, tenant};
use rusqlite::params;
use signet_record::{CheckpointProblem, FrameProblem, VerifyError, VerifyReport};

/// Two tenants, two tables, six frames in the first chain, checkpoints after the third and at the end.
async fn written() -> House {
    let house = House::new();
    let record = house.open();
    for number in 0..6 {
        record.append(house.entry(tenant(1), SIGN_INS, number), None).await.unwrap();
        if number == 2 {
            record.append(house.entry(tenant(1), AUDITS, 100), None).await.unwrap();
            record.append(house.entry(tenant(2), SIGN_INS, 101), None).await.unwrap();
            record.checkpoint().await.unwrap();
        }
    }
    record.shutdown().await;
    house
}

fn problem(house: &House) -> (u64, FrameProblem) {
    match house.verify() {
        Err(VerifyError::Frame { place, problem }) => (place.seq, problem),
        other => panic!("{other:?}"),
    }
}

fn checkpoint_problem(house: &House) -> (u64, CheckpointProblem) {
    match house.verify() {
        Err(VerifyError::Checkpoint { sequence, problem, .. }) => (sequence, problem),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_changed_byte_of_a_body_or_of_its_keys_is_found() {
    let house = written().await;
    let outside = house.outside();
    for column in ["body", "keys"] {
        let stored: Vec<u8> =
            outside.query_row(&format!("SELECT {column} FROM frames WHERE id = 2"), (), |row| row.get(0)).unwrap();
        let update = format!("UPDATE frames SET {column} = ?1 WHERE id = 2");
        for at in 0..stored.len() {
            let mut changed = stored.clone();
            changed[at] ^= 1;
            outside.execute(&update, params![changed]).unwrap();
            assert_eq!(problem(&house), (1, FrameProblem::Changed), "{column}, byte {at}");
        }
        outside.execute(&update, params![stored]).unwrap();
    }
    house.verify().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn any_changed_header_is_found() {
    for change in
        ["at = at + 1", "count = 2", "first = first + 1", "seq = 7", "prev = zeroblob(32)", "table_name = 'x'"]
    {
        let house = written().await;
        house.outside().execute(&format!("UPDATE frames SET {change} WHERE id = 2"), ()).unwrap();
        assert!(matches!(house.verify(), Err(VerifyError::Frame { .. })), "{change}");
    }
    let house = written().await;
    house.outside().execute("UPDATE frames SET writer = randomblob(16) WHERE id = 2", ()).unwrap();
    assert!(matches!(house.verify(), Err(VerifyError::Row(2))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_frame_is_found() {
    for (dropped, expected) in [(1, 0), (2, 1)] {
        let house = written().await;
        house.outside().execute("DELETE FROM frames WHERE id = ?1", [dropped]).unwrap();
        assert_eq!(problem(&house), (expected + 1, FrameProblem::Gap { expected }));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_that_changed_places_are_found() {
    let house = written().await;
    let swap = "UPDATE frames SET id = -1 WHERE id = 1; UPDATE frames SET id = 1 WHERE id = 2;
        UPDATE frames SET id = 2 WHERE id = -1;";
    house.outside().execute_batch(swap).unwrap();
    assert_eq!(problem(&house), (1, FrameProblem::Gap { expected: 0 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_cut_after_a_checkpoint_is_found() {
    let house = written().await;
    house.outside().execute("DELETE FROM frames WHERE id = (SELECT max(id) FROM frames)", ()).unwrap();
    assert_eq!(problem(&house), (5, FrameProblem::Cut { sequence: 1 }));

    let house = written().await;
    house.outside().execute("DELETE FROM frames WHERE table_name = ?1", [AUDITS]).unwrap();
    assert_eq!(problem(&house), (0, FrameProblem::Cut { sequence: 0 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_personal_value_is_found() {
    let house = written().await;
    let change = "UPDATE frames SET personal = CAST(replace(CAST(personal AS TEXT), '192.0.2.1', '192.0.2.9') AS BLOB)
        WHERE id = 2";
    house.outside().execute(change, ()).unwrap();
    let field = "IPAddress".to_owned();
    assert_eq!(problem(&house), (1, FrameProblem::Personal { record: 0, field }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_or_missing_checkpoint_is_found() {
    let house = written().await;
    let change =
        "UPDATE checkpoints SET statement = CAST(replace(CAST(statement AS TEXT), '\"seq\":2', '\"seq\":1') AS BLOB)
        WHERE sequence = 0 AND tenant = (SELECT min(tenant) FROM checkpoints)";
    assert_eq!(house.outside().execute(change, ()).unwrap(), 1);
    assert_eq!(checkpoint_problem(&house), (0, CheckpointProblem::Signature));

    let house = written().await;
    house.outside().execute("DELETE FROM checkpoints WHERE sequence = 0", ()).unwrap();
    assert_eq!(checkpoint_problem(&house), (1, CheckpointProblem::Unlinked));

    let house = written().await;
    house.outside().execute("UPDATE checkpoints SET sequence = sequence + 1 WHERE sequence = 1", ()).unwrap();
    assert_eq!(checkpoint_problem(&house), (2, CheckpointProblem::Statement));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_left_alone_verifies_also_while_it_is_written() {
    let house = written().await;
    let all = VerifyReport { frames: 8, records: 8, chains: 3, checkpoints: 3, personal: 16, erased: 0, uncovered: 0 };
    assert_eq!(house.verify().unwrap(), all);
    let record = house.open();
    record.append(house.entry(tenant(1), SIGN_INS, 6), None).await.unwrap();
    let more = VerifyReport { frames: 9, records: 9, chains: 4, personal: 18, uncovered: 1, ..all };
    assert_eq!(house.verify().unwrap(), more);
}

#[tokio::test(flavor = "multi_thread")]
async fn erased_values_are_gone_and_the_chain_stands() {
    let house = written().await;
    let record = house.open();
    let holds = |what: &str| {
        let bytes = std::fs::read(house.directory.path().join("records.db")).unwrap();
        bytes.windows(what.len()).any(|window| window == what.as_bytes())
    };
    assert!(holds("192.0.2.4"));
    let erase = |of, table, id| record.erase(tenant(of), table, id, &["IPAddress"]);
    assert_eq!(erase(2, SIGN_INS, "record-4").await.unwrap(), 0, "another tenant's");
    assert_eq!(erase(1, AUDITS, "record-4").await.unwrap(), 0, "another table's");
    assert_eq!(erase(1, SIGN_INS, "record-4").await.unwrap(), 1);
    assert_eq!(erase(1, SIGN_INS, "record-4").await.unwrap(), 0, "already erased");
    record.shutdown().await;
    assert!(!holds("192.0.2.4"), "the value is still in the file");
    let report = house.verify().unwrap();
    assert_eq!((report.erased, report.personal), (1, 15));
}
