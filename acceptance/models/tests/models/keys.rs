use crate::{breaks, holds};
use signet_models::keys::{Keys, Rule, VERIFIABLE, WITHDRAWN};

#[test]
fn a_successor_that_signs_at_once_makes_tokens_that_a_copy_does_not_verify() {
    breaks(Keys(Rule::SignAtOnce), VERIFIABLE);
}

#[test]
fn a_successor_that_waits_without_a_margin_meets_a_copy_taken_just_before_it() {
    breaks(Keys(Rule::NoMargin), VERIFIABLE);
}

#[test]
fn a_key_retired_with_its_last_token_leaves_tokens_that_no_key_verifies() {
    breaks(Keys(Rule::RetiredWithItsLastToken), VERIFIABLE);
}

#[test]
fn a_compromised_key_that_stays_published_is_found() {
    breaks(Keys(Rule::PublishedThoughWithdrawn), WITHDRAWN);
}

#[test]
fn kept_every_living_token_verifies_and_some_key_always_signs() {
    holds(Keys(Rule::Kept), 10_000);
}
