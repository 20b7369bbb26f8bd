//! Rounds of a pump over a real store and a real record, to receivers that behave in every way.

mod house;

use super::*;
use house::{House, Receiver, tenant};
use std::sync::Arc;

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

async fn fails(pump: &Pump, mind: &mut Mind) {
    let halt = pump.round(mind).await.unwrap_err();
    assert!(matches!(halt, Halt::Receiver(_)), "{halt:?}");
    pump.learn(mind, Err(halt));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_never_answers_holds_one_batch_and_no_writer() {
    let house = House::new().await;
    let receiver = Arc::new(Receiver { silent: true, ..Receiver::default() });
    house.happen(1, 1_000).await;
    let pump = house.pump(&receiver);
    let stuck = tokio::spawn(async move { pump.round(&mut Mind::default()).await });
    receiver.asked.notified().await;
    // Whoever writes goes on, and nothing of it is read ahead.
    house.happen(1, 1_000).await;
    assert_eq!(*receiver.handed.lock(), [10]);
    stuck.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_of_a_batch_is_not_handed_over_again_and_nothing_is_left_out() {
    let house = House::new().await;
    let receiver = Arc::new(Receiver { patience: Mutex::new(Some(14)), ..Receiver::default() });
    let (mut wanted, other) = (house.happen(1, 25).await, house.happen(2, 3).await);
    wanted.extend(other);
    let (pump, mut mind) = (house.pump(&receiver), Mind::default());
    fails(&pump, &mut mind).await;
    *receiver.patience.lock() = None;
    receiver.bad.lock().push("nothing".to_owned());
    pump.round(&mut mind).await.unwrap();
    assert_eq!(sorted(receiver.got.lock().clone()), sorted(wanted));
    let reading = pump.meter.read(house.context.now());
    assert_eq!((reading.delivered, reading.dead, reading.failures), (28, 0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_wait_are_counted_until_they_are_taken() {
    let house = House::new().await;
    let receiver = Arc::new(Receiver { patience: Mutex::new(Some(0)), ..Receiver::default() });
    house.happen(1, 25).await;
    let (pump, mut mind) = (house.pump(&receiver), Mind::default());
    let round = pump.round(&mut mind).await;
    pump.measure(&mind, &round).await;
    assert_eq!(pump.meter.read(house.context.now()).depth, 25);
    house.clock.advance(Duration::from_secs(30));
    assert_eq!(pump.meter.read(house.context.now()).lag, Duration::from_secs(30));
    *receiver.patience.lock() = None;
    let round = pump.round(&mut mind).await;
    pump.measure(&mind, &round).await;
    let reading = pump.meter.read(house.context.now());
    assert_eq!((reading.depth, reading.lag), (0, Duration::ZERO));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_nodes_that_send_one_moves_the_cursor_and_the_other_goes_on_from_there() {
    let house = House::new().await;
    let receivers = [Arc::<Receiver>::default(), Arc::default()];
    let [one, other] = [&receivers[0], &receivers[1]].map(|receiver| house.pump(receiver));
    let (mut first, mut second) = (Mind::default(), Mind::default());
    one.round(&mut first).await.unwrap();
    other.round(&mut second).await.unwrap();
    let wanted = house.happen(1, 5).await;
    one.round(&mut first).await.unwrap();
    // It has not seen that the cursor moved, so the same is sent once more, and its own move is refused.
    let halt = other.round(&mut second).await.unwrap_err();
    assert!(matches!(halt, Halt::Own(_)), "{halt:?}");
    other.learn(&mut second, Err(halt));
    other.round(&mut second).await.unwrap();
    let later = house.happen(1, 2).await;
    other.round(&mut second).await.unwrap();
    assert_eq!(*receivers[0].got.lock(), wanted);
    assert_eq!(receivers[1].got.lock()[5..], later);
    // Whoever comes next begins where they were.
    let next = Arc::<Receiver>::default();
    house.pump(&next).round(&mut Mind::default()).await.unwrap();
    assert_eq!(next.got.lock().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_sent_again_when_it_is_asked_for_and_gone_once_it_is_taken() {
    let house = House::new().await;
    let receiver = Arc::<Receiver>::default();
    let ids = house.happen(1, 3).await;
    receiver.bad.lock().push(ids[1].clone());
    let (pump, mut mind) = (house.pump(&receiver), Mind::default());
    pump.round(&mut mind).await.unwrap();
    let letters = house.letters(1).await;
    assert_eq!(letters.iter().map(|letter| letter.body.record.clone()).collect::<Vec<_>>(), [ids[1].clone()]);
    assert_eq!(*receiver.got.lock(), [ids[0].clone(), ids[2].clone()]);

    house.ask_again(1).await;
    house.clock.advance(RESEND_EVERY);
    mind.changed.insert(tenant(1));
    pump.round(&mut mind).await.unwrap();
    let [letter] = &house.letters(1).await[..] else { panic!("it was refused again, and stays") };
    assert!(!letter.body.is_resend_requested);

    receiver.bad.lock().clear();
    house.ask_again(1).await;
    house.clock.advance(RESEND_EVERY);
    mind.changed.insert(tenant(1));
    pump.round(&mut mind).await.unwrap();
    assert_eq!(house.letters(1).await.len(), 0);
    assert_eq!(receiver.got.lock().last(), Some(&ids[1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_whose_record_is_gone_says_so() {
    let house = House::new().await;
    let receiver = Arc::<Receiver>::default();
    house.letter(tenant(1), "siem").await;
    house.ask_again(1).await;
    house.pump(&receiver).round(&mut Mind::default()).await.unwrap();
    let [letter] = &house.letters(1).await[..] else { panic!("it stays") };
    assert_eq!(
        (letter.body.reason.as_str(), letter.body.is_resend_requested),
        ("the record is not kept any more", false)
    );
    assert_eq!(receiver.handed.lock().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_with_too_many_dead_letters_waits_and_holds_up_no_other() {
    let house = House::new().await;
    let receiver = Arc::<Receiver>::default();
    let (bad, good) = (house.happen(1, 20).await, house.happen(2, 2).await);
    receiver.bad.lock().extend(bad);
    let (pump, mut mind) = (house.pump(&receiver), Mind::default());
    pump.round(&mut mind).await.unwrap();
    assert_eq!(*receiver.got.lock(), good);
    assert_eq!(house.letters(1).await.len(), 10, "one batch, after which there were too many");
    let asked = receiver.handed.lock().len();
    pump.round(&mut mind).await.unwrap();
    assert_eq!(receiver.handed.lock().len(), asked, "it is left alone");

    let store = house.store.tenant(tenant(1));
    let mut unit = store.unit();
    for letter in house.letters(1).await {
        unit.remove(&letter, house.context.new_uuid());
    }
    store.commit(unit).await.unwrap();
    house.clock.advance(LONGEST);
    pump.round(&mut mind).await.unwrap();
    assert_eq!(house.letters(1).await.len(), 10, "the next batch");
}
