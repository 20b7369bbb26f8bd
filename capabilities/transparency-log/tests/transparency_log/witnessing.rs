//! A witness in other hands: what it signs, what it refuses, and what that means here.

use crate::house::{HOST, House, checkpoint, gather, log_named, tenant};
use async_trait::async_trait;
use parking_lot::Mutex;
use signet_record::WitnessStore;
use signet_tlog::{KeyKind, KeyName, Refusal, Signer as _, SigningKey, UnverifiedCheckpoint, VerifierKey};
use signet_transparency_log::{
    AlarmKind, AnchorSink as _, Anchored, DirectorySink, Submitted, TransparencyLogs, WatchedBy, Witness,
    WitnessAnswer, WitnessClient, WitnessRefusal, newest_signed, put_anchors,
};
use std::sync::Arc;
use std::time::Duration;

fn witness_key() -> SigningKey {
    SigningKey::from_seed(KeyName::new("witness.example/w").unwrap(), KeyKind::Witness, &[9; 32]).unwrap()
}

/// A witness in this process, over its own file.
struct Inside {
    witness: Witness,
    away: Mutex<bool>,
}

#[async_trait]
impl WitnessClient for Inside {
    async fn add_checkpoint(&self, body: String) -> Result<WitnessAnswer, String> {
        if *self.away.lock() {
            return Err("it is away".to_owned());
        }
        let (status, body) = match self.witness.add_checkpoint(body.as_bytes()).await {
            Ok(line) => (200, line),
            Err(WitnessRefusal::Refused(refused)) => {
                (refused.status(), refused.size_body().unwrap_or_else(|| refused.to_string()))
            }
            Err(other) => (400, other.to_string()),
        };
        Ok(WitnessAnswer { status, body: body.into_bytes() })
    }
}

struct Watched {
    _directory: tempfile::TempDir,
    client: Arc<Inside>,
    by: WatchedBy,
}

fn origin(of: u128) -> String {
    format!("{HOST}/{}/log", tenant(of))
}

fn watched(house: &House) -> Watched {
    let directory = tempfile::tempdir().unwrap();
    let store = WitnessStore::open(directory.path()).unwrap();
    let logs = [log_named(&origin(1)).unwrap()];
    let witness = Witness::new(store, witness_key(), logs, house.context.clone());
    let client = Arc::new(Inside { witness, away: Mutex::new(false) });
    let by = WatchedBy::new(witness_key().key().clone(), client.clone());
    Watched { _directory: directory, client, by }
}

async fn cosigned(logs: &TransparencyLogs) -> bool {
    let note = UnverifiedCheckpoint::parse(&checkpoint(logs, tenant(1)).await).unwrap();
    let signed = note.verify(&log_named(&origin(1)).unwrap()).unwrap();
    !signed.cosignatures(&[witness_key().key().clone()]).unwrap().is_empty()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_only_grows_is_cosigned_also_by_who_forgot_what_was_signed() {
    let house = House::files().await;
    let (record, logs, watched) = (house.record().await, house.logs(), watched(&house));
    assert_eq!(logs.submit(tenant(1), &watched.by).await.unwrap(), Submitted::Nothing);
    for round in 0..4 {
        house.append(&record, tenant(1), round * 5..round * 5 + 5).await;
        gather(&logs).await;
        assert!(!cosigned(&logs).await);
        assert_eq!(logs.submit(tenant(1), &watched.by).await.unwrap(), Submitted::Cosigned);
        assert!(cosigned(&logs).await);
    }
    house.append(&record, tenant(1), 20..22).await;
    gather(&logs).await;
    // Another process of the log asks with 0 first, and is told the size.
    let anew = WatchedBy::new(witness_key().key().clone(), watched.client.clone());
    assert_eq!(logs.submit(tenant(1), &anew).await.unwrap(), Submitted::Cosigned);
    assert!(house.alarms.kinds().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_is_refused_and_stops_the_log_until_somebody_has_looked() {
    let (house, forked) = (House::files().await, House::files().await);
    let watched = watched(&house);
    let (record, logs) = (house.record().await, house.logs());
    house.append(&record, tenant(1), 0..6).await;
    gather(&logs).await;
    assert_eq!(logs.submit(tenant(1), &watched.by).await.unwrap(), Submitted::Cosigned);
    // The same keys, another history: of the same size, larger, and smaller.
    let (record, logs) = (forked.record().await, forked.logs());
    for (until, before) in [(3, 0), (6, 3), (9, 6)] {
        forked.append(&record, tenant(1), before..until).await;
        gather(&logs).await;
        let by = WatchedBy::new(witness_key().key().clone(), watched.client.clone());
        let refused = logs.submit(tenant(1), &by).await.unwrap();
        assert!(matches!(refused, Submitted::Fork(_)), "{until}: {refused:?}");
        assert_eq!(logs.submit(tenant(1), &by).await.unwrap(), Submitted::Nothing, "it is stopped");
        forked.append(&record, tenant(1), 100..101).await;
        gather(&logs).await;
        assert_eq!(
            logs.checkpoint(tenant(1)).await.unwrap().unwrap().size,
            u64::try_from(until).unwrap() + u64::from(before > 0) + u64::from(before > 3)
        );
        assert!(logs.resume(tenant(1)).await.unwrap());
        gather(&logs).await;
    }
    assert_eq!(forked.alarms.kinds(), [AlarmKind::Fork; 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_that_stays_away_is_told_of_once_after_five_minutes() {
    let house = House::files().await;
    let (record, logs, watched) = (house.record().await, house.logs(), watched(&house));
    house.append(&record, tenant(1), 0..1).await;
    gather(&logs).await;
    *watched.client.away.lock() = true;
    for _ in 0..40 {
        let answered = logs.submit(tenant(1), &watched.by).await.unwrap();
        assert!(matches!(answered, Submitted::Unanswered(_)), "{answered:?}");
        house.clock.advance(Duration::from_secs(10));
    }
    assert_eq!(house.alarms.kinds(), [AlarmKind::Unwitnessed]);
    *watched.client.away.lock() = false;
    assert_eq!(logs.submit(tenant(1), &watched.by).await.unwrap(), Submitted::Cosigned);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_requests_at_once_the_witness_keeps_one_and_none_is_rolled_back() {
    let house = House::files().await;
    let (record, logs, watched) = (house.record().await, house.logs(), watched(&house));
    for round in 0..10 {
        house.append(&record, tenant(1), round..round + 1).await;
        gather(&logs).await;
        let one = WatchedBy::new(witness_key().key().clone(), watched.client.clone());
        let two = WatchedBy::new(witness_key().key().clone(), watched.client.clone());
        let (one, two) = tokio::join!(logs.submit(tenant(1), &one), logs.submit(tenant(1), &two));
        assert_eq!((one.unwrap(), two.unwrap()), (Submitted::Cosigned, Submitted::Cosigned));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_log_and_a_request_that_cannot_be_read_are_refused() {
    let house = House::files().await;
    let watched = watched(&house);
    let refused = watched.client.witness.add_checkpoint(b"old 0\n").await.unwrap_err();
    assert!(matches!(refused, WitnessRefusal::Malformed(_)), "{refused}");
    let (record, logs) = (house.record().await, house.logs());
    house.append(&record, tenant(2), 0..1).await;
    gather(&logs).await;
    let body = format!("old 0\n\n{}", String::from_utf8(checkpoint(&logs, tenant(2)).await).unwrap());
    let refused = watched.client.witness.add_checkpoint(body.as_bytes()).await.unwrap_err();
    assert!(matches!(refused, WitnessRefusal::Refused(Refusal::UnknownLog)), "{refused}");
    let answered = logs.submit(tenant(2), &watched.by).await.unwrap();
    assert!(matches!(answered, Submitted::Unanswered(_)), "a witness that does not know the log means no fork");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_of_another_key_is_not_taken_for_the_witnesss() {
    let house = House::files().await;
    let (record, logs, watched) = (house.record().await, house.logs(), watched(&house));
    house.append(&record, tenant(1), 0..1).await;
    gather(&logs).await;
    let other =
        SigningKey::from_seed(KeyName::new("witness.example/other").unwrap(), KeyKind::Witness, &[8; 32]).unwrap();
    let expected: VerifierKey = other.key().clone();
    let by = WatchedBy::new(expected, watched.client.clone());
    let answered = logs.submit(tenant(1), &by).await.unwrap();
    assert!(matches!(answered, Submitted::Unanswered(_)), "{answered:?}");
    assert!(!cosigned(&logs).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_anchor_is_put_once_a_day_and_stays_as_it_is() {
    let house = House::files().await;
    let (record, logs, anchors) = (house.record().await, house.logs(), tempfile::tempdir().unwrap());
    let sink = DirectorySink::new(&anchors.path().join("deep"));
    assert_eq!(logs.anchor(tenant(1), &sink, false).await.unwrap(), Anchored::Nothing);
    house.append(&record, tenant(1), 0..3).await;
    gather(&logs).await;
    let Anchored::Put { name } = logs.anchor(tenant(1), &sink, false).await.unwrap() else { panic!("not put") };
    let path = anchors.path().join("deep").join(tenant(1).to_string()).join(&name);
    assert!(name.ends_with("-3.checkpoint"), "{name}");
    let note = std::fs::read(&path).unwrap();
    assert_eq!(note, checkpoint(&logs, tenant(1)).await);
    house.append(&record, tenant(1), 3..4).await;
    gather(&logs).await;
    assert_eq!(logs.anchor(tenant(1), &sink, false).await.unwrap(), Anchored::Before);
    assert!(matches!(logs.anchor(tenant(1), &sink, true).await.unwrap(), Anchored::Put { .. }));
    house.clock.advance(Duration::from_hours(24));
    assert!(matches!(logs.anchor(tenant(1), &sink, false).await.unwrap(), Anchored::Put { .. }));
    assert_eq!(std::fs::read(&path).unwrap(), note);
    assert_eq!(house.verify_with(tenant(1), vec![note]).await.unwrap().outside, Some(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_begins_anew_after_a_restore_is_anchored_on_the_same_day_beside_the_one_before() {
    let house = House::files().await;
    let (record, logs, folder) = (house.record().await, house.logs(), tempfile::tempdir().unwrap());
    let sink = DirectorySink::new(folder.path());
    house.append(&record, tenant(1), 0..3).await;
    gather(&logs).await;
    let first = logs.anchor(tenant(1), &sink, false).await.unwrap();
    let signed = newest_signed(&house.store().snapshot().await.unwrap()).await.unwrap();
    let again = put_anchors(&sink, &signed, house.context.now()).await.unwrap();
    let day = "2026-11-21";
    assert_eq!(
        (first, again),
        (Anchored::Put { name: format!("{day}-3.checkpoint") }, vec![format!("{day}-3.checkpoint")])
    );
    logs.know([(tenant(1), 2)]);
    logs.forget();
    gather(&logs).await;
    let second = logs.anchor(tenant(1), &sink, false).await.unwrap();
    assert_eq!(second, Anchored::Put { name: format!("{day}-e2-3.checkpoint") });
    assert_eq!(logs.anchor(tenant(1), &sink, false).await.unwrap(), Anchored::Before);
    let newest = newest_signed(&house.store().snapshot().await.unwrap()).await.unwrap();
    assert_eq!(newest.iter().map(|(of, made)| (*of, made.epoch)).collect::<Vec<_>>(), [(tenant(1), 2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sink_that_takes_nothing_and_a_witness_that_stays_away_are_counted_and_grow_old() {
    let house = House::files().await;
    let (record, logs, watched) = (house.record().await, house.logs(), watched(&house));
    let folder = tempfile::tempdir().unwrap();
    let (good, bad) =
        (DirectorySink::new(folder.path()), DirectorySink::new(std::path::Path::new("/dev/null/nowhere")));
    house.append(&record, tenant(1), 0..2).await;
    gather(&logs).await;
    logs.submit(tenant(1), &watched.by).await.unwrap();
    for sink in [&good, &bad] {
        // Whether it took anything is what is looked at.
        drop(logs.anchor(tenant(1), sink, false).await);
    }
    *watched.client.away.lock() = true;
    house.append(&record, tenant(1), 2..3).await;
    gather(&logs).await;
    house.clock.advance(Duration::from_secs(30));
    logs.submit(tenant(1), &watched.by).await.unwrap();
    for sink in [&good, &bad] {
        drop(logs.anchor(tenant(1), sink, false).await);
    }
    let figures = logs.figures();
    let (good, bad) = (good.name(), bad.name());
    assert_eq!(figures.anchors, [(bad, Duration::from_secs(30)), (good, Duration::ZERO)]);
    assert_eq!(figures.witnesses.iter().map(|(_, age)| *age).collect::<Vec<_>>(), [Duration::from_secs(30)]);
    assert_eq!((figures.unanchored, figures.unwitnessed), (2, 1));
    assert_eq!((figures.logs, figures.records, figures.signed), (1, 3, Some(Duration::from_secs(30))));
    logs.rests();
    assert_eq!((logs.figures().anchors, logs.figures().witnesses), (vec![], vec![]));
    logs.know([]);
    assert_eq!(logs.figures().records, 0, "a tenant that is gone is not counted");
}
