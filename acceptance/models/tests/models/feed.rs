use crate::{breaks, holds};
use signet_models::feed::{Feed, GAPLESS, ONCE, Rule, SEEN};

#[test]
fn a_head_raised_before_its_row_is_there_makes_a_gap() {
    breaks(Feed(Rule::HeadRaisedFirst), GAPLESS);
}

#[test]
fn a_writer_that_tells_only_of_itself_makes_a_gap() {
    breaks(Feed(Rule::OwnCommitToldAlone), GAPLESS);
}

#[test]
fn a_lost_notification_hides_a_commit_for_good_when_nobody_polls() {
    breaks(Feed(Rule::NotificationsOnly), SEEN);
}

#[test]
fn a_blind_retry_after_a_lost_answer_applies_a_unit_twice() {
    breaks(Feed(Rule::RetriedBlindly), ONCE);
}

#[test]
fn a_look_that_does_not_wait_for_the_transaction_applies_a_unit_twice() {
    breaks(Feed(Rule::LookedUpUnlocked), ONCE);
}

#[test]
fn kept_positions_are_gapless_in_commit_order_and_all_seen_in_the_end() {
    holds(Feed(Rule::Kept), 300_000);
}
