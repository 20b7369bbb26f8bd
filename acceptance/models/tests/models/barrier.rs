use crate::{breaks, holds};
use signet_models::barrier::{Barrier, NOT_LATE, Rule};

#[test]
fn a_change_that_does_not_wait_for_the_batch_in_flight_lets_a_record_out_late() {
    breaks(Barrier(Rule::AcknowledgedUnsettled), NOT_LATE);
}

#[test]
fn a_change_that_asks_before_it_raises_lets_a_record_out_late() {
    breaks(Barrier(Rule::SettledBeforeRaised), NOT_LATE);
}

#[test]
fn a_batch_that_is_in_flight_unseen_lets_a_record_out_late() {
    breaks(Barrier(Rule::WritingSetAfterCheck), NOT_LATE);
}

#[test]
fn kept_no_record_is_late() {
    holds(Barrier(Rule::Kept), 40);
}
