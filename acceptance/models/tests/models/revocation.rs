use crate::{breaks, holds};
use signet_models::revocation::{NOT_LATE, NOT_REVIVED, Revocation, Rule};

#[test]
fn a_counter_that_is_looked_at_but_not_held_lets_a_token_out_late() {
    breaks(Revocation(Rule::CounterCheckedBeforeCommitOnly), NOT_LATE);
}

#[test]
fn a_counter_read_after_the_facts_lets_a_token_out_late() {
    breaks(Revocation(Rule::CounterReadAfterFacts), NOT_LATE);
}

#[test]
fn a_counter_raised_here_before_the_facts_are_forgotten_lets_a_token_out_late() {
    breaks(Revocation(Rule::RaisedBeforeForgotten), NOT_LATE);
}

#[test]
fn a_counter_raised_in_an_earlier_transaction_lets_a_token_out_late() {
    breaks(Revocation(Rule::CounterRaisedApart), NOT_LATE);
}

#[test]
fn without_a_note_on_the_object_re_enabling_revives() {
    breaks(Revocation(Rule::NothingNoted), NOT_REVIVED);
}

#[test]
fn kept_no_token_is_late_and_none_revived() {
    holds(Revocation(Rule::Kept), 500);
}
