//! A batch is handed over; what makes the receiver refuse it is found by halving.

use crate::event::Event;
use crate::sink::{Sink, Undelivered};
use std::time::Duration;

/// What the receiver refused, by its number in the batch, and why.
pub(crate) type Refused = Vec<(usize, String)>;

/// The receiver takes nothing now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotNow {
    pub(crate) reason: String,
    pub(crate) after: Option<Duration>,
}

/// Hands over a batch. When it returns, each event was taken, or is among those refused.
pub(crate) async fn deliver(sink: &dyn Sink, events: &[Event]) -> Result<Refused, NotNow> {
    let mut refused = Refused::new();
    let mut due = Vec::from([(0, events.len())]);
    while let Some((start, end)) = due.pop() {
        let some = events.get(start..end).unwrap_or_default();
        match sink.send(some).await {
            _ if some.is_empty() => {}
            Ok(()) => {}
            Err(Undelivered::NotNow { reason, after }) => return Err(NotNow { reason, after }),
            Err(Undelivered::Some(found)) => {
                refused.extend(found.into_iter().map(|(at, reason)| (start + at, reason)));
            }
            Err(Undelivered::Refused(reason)) if some.len() == 1 => refused.push((start, reason)),
            Err(Undelivered::Refused(_)) => {
                let middle = start + some.len() / 2;
                // The first half is sent first.
                due.extend([(middle, end), (start, middle)]);
            }
        }
    }
    Ok(refused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use parking_lot::Mutex;
    use signet_kernel::{TenantId, Timestamp};

    /// Refuses a batch that holds one of these, and goes away after so many.
    #[derive(Default)]
    struct Picky {
        bad: Vec<usize>,
        taken: Mutex<Vec<String>>,
        patience: Option<usize>,
    }

    #[async_trait]
    impl Sink for Picky {
        async fn send(&self, events: &[Event]) -> Result<(), Undelivered> {
            let mut taken = self.taken.lock();
            if self.patience.is_some_and(|patience| taken.len() >= patience) {
                return Err(Undelivered::NotNow { reason: "gone".to_owned(), after: None });
            }
            if events.iter().any(|event| self.bad.iter().any(|bad| event.id == bad.to_string())) {
                return Err(Undelivered::Refused("bad".to_owned()));
            }
            taken.extend(events.iter().map(|event| event.id.clone()));
            Ok(())
        }
    }

    fn events(count: usize) -> Vec<Event> {
        let tenant = TenantId::from_uuid(uuid::Uuid::nil());
        let at = Timestamp::from_seconds(0);
        let event = |number: usize| Event {
            tenant,
            table: "T".to_owned(),
            id: number.to_string(),
            at,
            committed: at,
            columns: serde_json::Map::new(),
        };
        (0..count).map(event).collect()
    }

    #[tokio::test]
    async fn each_refused_event_is_found_and_all_others_are_taken_once_in_order() {
        for bad in [vec![], vec![0], vec![3, 6], vec![0, 1, 2, 3, 4, 5, 6]] {
            let sink = Picky { bad: bad.clone(), ..Picky::default() };
            let refused = deliver(&sink, &events(7)).await.unwrap();
            assert_eq!(refused, bad.iter().map(|at| (*at, "bad".to_owned())).collect::<Refused>());
            let rest: Vec<_> = (0..7).filter(|at| !bad.contains(at)).map(|at| at.to_string()).collect();
            assert_eq!(*sink.taken.lock(), rest);
        }
        assert_eq!(deliver(&Picky::default(), &[]).await.unwrap(), []);
    }

    #[tokio::test]
    async fn a_receiver_that_goes_away_between_two_halves_fails_the_batch() {
        let sink = Picky { bad: vec![6], patience: Some(4), ..Picky::default() };
        assert_eq!(deliver(&sink, &events(8)).await.unwrap_err().reason, "gone");
    }
}
