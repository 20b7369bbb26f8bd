//! When a record lies that has a certain id. Ids are made while what they name happens and hold their own time
//! (RFC 9562 5.7), and records are kept in the order of time: so one is found by its id without a search.

use signet_kernel::Timestamp;
use std::time::Duration;
use uuid::Uuid;

/// What most ids of a record differ from its time by at most: a request takes seconds.
const NEAR: Duration = Duration::from_secs(5);
/// What any does: counted refusals are written after they end, and a clock may be set meanwhile.
const FAR: Duration = Duration::from_secs(3_600);
/// What the ids of audit records start with.
const AUDIT: &str = "Directory_";

/// A stretch of time: from, and before, where they are known.
pub(super) type Stretch = (Option<Timestamp>, Option<Timestamp>);

/// Where to look for the record of this id, one after the other. An id that holds no time can lie anywhere.
pub(super) fn stretches(id: &str) -> Vec<Stretch> {
    match made(id) {
        Some(made) => vec![around(made, NEAR), around(made, FAR)],
        None => vec![(None, None)],
    }
}

/// The one stretch in which the record of this id lies.
pub(super) fn stretch(id: &str) -> Stretch {
    made(id).map_or((None, None), |made| around(made, FAR))
}

fn around(made: Timestamp, far: Duration) -> Stretch {
    (Some(made.minus(far)), Some(made.plus(far)))
}

fn made(id: &str) -> Option<Timestamp> {
    let id = Uuid::try_parse(id.strip_prefix(AUDIT).unwrap_or(id)).ok()?;
    let millis = i64::try_from(id.as_u128() >> 80).ok()?;
    (id.get_version_num() == 7).then(|| Timestamp::from_micros(millis.saturating_mul(1_000)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_without_a_time_is_looked_for_everywhere() {
        for id in ["", "x", "Directory_x", "0199a4b0-0000-4000-8000-000000000001"] {
            assert_eq!(stretches(id), [(None, None)], "{id}");
        }
    }

    #[test]
    fn an_id_with_a_time_is_looked_for_around_it_first_near_then_far() {
        // SPEC: RFC 9562 A.6: this one is of 2022-02-22T19:22:22Z.
        let example = "017F22E2-79B0-7CC3-98C4-DC0C0C07398F";
        let at = |seconds: i64| Some(Timestamp::from_seconds(1_645_557_742 + seconds));
        let both = [(at(-5), at(5)), (at(-3_600), at(3_600))];
        assert_eq!(stretches(example), both);
        assert_eq!(stretches(&format!("Directory_{example}")), both);
        assert_eq!(stretch(example), both[1]);
    }
}
