use crate::{breaks, holds};
use signet_models::leases::{Leases, NOT_LATE, ONCE, Rule};

#[test]
fn without_fencing_a_paused_worker_acts_late_and_a_piece_is_done_twice() {
    breaks(Leases(Rule::NoFencing), NOT_LATE);
    breaks(Leases(Rule::NoFencing), ONCE);
}

#[test]
fn a_number_that_is_not_raised_fences_nobody_off() {
    breaks(Leases(Rule::NumberReused), NOT_LATE);
}

#[test]
fn a_number_compared_outside_the_transaction_fences_nobody_off() {
    breaks(Leases(Rule::CheckedBeforeWriteOnly), NOT_LATE);
}

#[test]
fn a_cursor_moved_in_another_transaction_has_a_piece_done_twice() {
    breaks(Leases(Rule::CursorMovedApart), ONCE);
}

#[test]
fn kept_nothing_is_done_twice_and_nobody_acts_late() {
    holds(Leases(Rule::Kept), 100);
}
