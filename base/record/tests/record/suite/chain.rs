//! What verification finds.

use crate::house::{AUDITS, House, SIGN_INS, hex, tenant};
use signet_record::{CheckpointProblem, FrameProblem, VerifyError, VerifyReport};

/// The first chain is the only one with a second frame, and more.
const SECOND: &str = "WHERE seq = 1";

/// Two tenants, two tables, six frames in the first chain, checkpoints after the third and at the end.
async fn write(house: &House) {
    let record = house.open().await.record;
    for number in 0..6 {
        record.append(house.entry(tenant(1), SIGN_INS, number), None).await.unwrap();
        if number == 2 {
            record.append(house.entry(tenant(1), AUDITS, 100), None).await.unwrap();
            record.append(house.entry(tenant(2), SIGN_INS, 101), None).await.unwrap();
            record.checkpoint().await.unwrap();
        }
    }
    record.shutdown().await;
}

/// A record of its own, with one row changed.
async fn changed(like: &House, change: &str) -> House {
    let house = like.another().await;
    write(&house).await;
    assert_eq!(house.change(change).await, 1, "{change}");
    house
}

async fn problem(house: &House) -> (u64, FrameProblem) {
    match house.verify().await {
        Err(VerifyError::Frame { place, problem }) => (place.seq, problem),
        other => panic!("{other:?}"),
    }
}

async fn checkpoint_problem(house: &House) -> (u64, CheckpointProblem) {
    match house.verify().await {
        Err(VerifyError::Checkpoint { sequence, problem, .. }) => (sequence, problem),
        other => panic!("{other:?}"),
    }
}

async fn put(house: &House, column: &str, bytes: &[u8]) {
    house.change(&format!("UPDATE frames SET {column} = unhex('{}') {SECOND}", hex(bytes))).await;
}

async fn stored(house: &House, column: &str) -> Vec<u8> {
    house.bytes(&format!("SELECT hex({column}) FROM frames {SECOND}")).await
}

fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    assert!(text.contains(from), "{text}");
    text.replace(from, to).into_bytes()
}

pub(super) async fn any_changed_byte_of_a_body_or_of_its_keys_is_found(house: House) {
    write(&house).await;
    for column in ["body", "keys"] {
        let before = stored(&house, column).await;
        for at in 0..before.len() {
            let mut changed = before.clone();
            changed[at] ^= 1;
            put(&house, column, &changed).await;
            assert_eq!(problem(&house).await, (1, FrameProblem::Changed), "{column}, byte {at}");
        }
        put(&house, column, &before).await;
    }
    house.verify().await.unwrap();
}

pub(super) async fn any_changed_header_is_found(house: House) {
    write(&house).await;
    let prev = hex(&stored(&house, "prev").await);
    for (change, back) in [
        ("at = at + 1", "at = at - 1"),
        ("count = 2", "count = 1"),
        ("first = first + 1", "first = first - 1"),
        ("table_name = 'x'", "table_name = 'SignIns'"),
        (&format!("prev = unhex('{}')", "00".repeat(32)), &format!("prev = unhex('{prev}')")),
    ] {
        house.change(&format!("UPDATE frames SET {change} {SECOND}")).await;
        assert!(matches!(house.verify().await, Err(VerifyError::Frame { .. })), "{change}");
        house.change(&format!("UPDATE frames SET {back} {SECOND}")).await;
        house.verify().await.unwrap();
    }
    house.change(&format!("UPDATE frames SET seq = 7 {SECOND}")).await;
    assert!(matches!(house.verify().await, Err(VerifyError::Frame { .. })));
    house.change("UPDATE frames SET seq = 1 WHERE seq = 7").await;
    house.change("DELETE FROM writers WHERE id IN (SELECT writer FROM frames)").await;
    assert!(matches!(house.verify().await, Err(VerifyError::Row(_))));
}

pub(super) async fn a_dropped_frame_is_found(house: House) {
    let house = changed(&house, "DELETE FROM frames WHERE id = (SELECT min(id) FROM frames)").await;
    assert_eq!(problem(&house).await, (1, FrameProblem::Gap { expected: 0 }));
    let house = changed(&house, "DELETE FROM frames WHERE seq = 1").await;
    assert_eq!(problem(&house).await, (2, FrameProblem::Gap { expected: 1 }));
}

pub(super) async fn frames_that_changed_places_are_found(house: House) {
    write(&house).await;
    let first = house.count("SELECT min(id) FROM frames").await;
    let second = house.count("SELECT id FROM frames WHERE seq = 1").await;
    for (from, to) in [(first, -1), (second, first), (-1, second)] {
        house.change(&format!("UPDATE frames SET id = {to} WHERE id = {from}")).await;
    }
    assert_eq!(problem(&house).await, (1, FrameProblem::Gap { expected: 0 }));
}

pub(super) async fn a_chain_cut_after_a_checkpoint_is_found(house: House) {
    let house = changed(&house, "DELETE FROM frames WHERE id = (SELECT max(id) FROM frames)").await;
    assert_eq!(problem(&house).await, (5, FrameProblem::Cut { sequence: 1 }));
    let house = changed(&house, "DELETE FROM frames WHERE table_name = 'Audits'").await;
    assert_eq!(problem(&house).await, (0, FrameProblem::Cut { sequence: 0 }));
}

pub(super) async fn a_changed_personal_value_is_found(house: House) {
    write(&house).await;
    let personal = stored(&house, "personal").await;
    put(&house, "personal", &replaced(&personal, "192.0.2.1", "192.0.2.9")).await;
    let field = "IPAddress".to_owned();
    assert_eq!(problem(&house).await, (1, FrameProblem::Personal { record: 0, field }));
}

pub(super) async fn a_changed_or_missing_checkpoint_is_found(house: House) {
    write(&house).await;
    let last = "WHERE sequence = 1";
    let statement = house.bytes(&format!("SELECT hex(statement) FROM checkpoints {last}")).await;
    let put = async |statement: &[u8]| {
        house.change(&format!("UPDATE checkpoints SET statement = unhex('{}') {last}", hex(statement))).await;
    };
    put(&replaced(&statement, "\"seq\":5", "\"seq\":4")).await;
    assert_eq!(checkpoint_problem(&house).await, (1, CheckpointProblem::Signature));
    put(&statement).await;
    house.verify().await.unwrap();

    house.change(&format!("UPDATE checkpoints SET sequence = 2 {last}")).await;
    assert_eq!(checkpoint_problem(&house).await, (2, CheckpointProblem::Statement));

    let house = house.another().await;
    write(&house).await;
    house.change("DELETE FROM checkpoints WHERE sequence = 0").await;
    assert_eq!(checkpoint_problem(&house).await, (1, CheckpointProblem::Unlinked));
}

pub(super) async fn a_record_left_alone_verifies_also_while_it_is_written(house: House) {
    write(&house).await;
    let all =
        VerifyReport { frames: 8, records: 8, chains: 3, checkpoints: 3, personal: 16, ..VerifyReport::default() };
    assert_eq!(house.verify().await.unwrap(), all);
    let record = house.open().await.record;
    record.append(house.entry(tenant(1), SIGN_INS, 6), None).await.unwrap();
    let more = VerifyReport { frames: 9, records: 9, chains: 4, personal: 18, uncovered: 1, ..all };
    assert_eq!(house.verify().await.unwrap(), more);
}

pub(super) async fn erased_values_are_gone_and_the_chain_stands(house: House) {
    write(&house).await;
    let record = house.open().await.record;
    let personal = async || String::from_utf8(stored(&house, "personal").await).unwrap();
    assert!(personal().await.contains("192.0.2.1"));
    let erase = |of, table, id| record.erase(tenant(of), table, id, &["IPAddress"]);
    assert_eq!(erase(2, SIGN_INS, "record-1").await.unwrap(), 0, "another tenant's");
    assert_eq!(erase(1, AUDITS, "record-1").await.unwrap(), 0, "another table's");
    assert_eq!(erase(1, SIGN_INS, "record-1").await.unwrap(), 1);
    assert_eq!(erase(1, SIGN_INS, "record-1").await.unwrap(), 0, "already erased");
    record.shutdown().await;
    assert!(!personal().await.contains("192.0.2.1"));
    let report = house.verify().await.unwrap();
    assert_eq!((report.erased, report.personal), (1, 15));
}
