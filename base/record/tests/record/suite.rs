//! What every ledger must do, written against the front alone. A new ledger is one more line at the end.

mod appending;
mod chain;
mod following;
mod guard;
mod once;
mod reading;
mod retention;

use crate::house::House;

macro_rules! conformance {
    ($ledger:ident) => {
        conformance!(@ $ledger,
            appending::a_full_queue_refuses_at_once,
            appending::an_append_is_durable_before_it_returns,
            appending::a_record_is_written_though_its_caller_leaves,
            appending::a_commit_writes_one_frame_per_tenant_and_table,
            appending::shutdown_writes_what_waits_and_refuses_what_follows,
            appending::a_restart_continues_in_a_chain_of_its_own,
            appending::a_checkpoint_is_stated_once_per_interval,
            appending::what_the_storage_refuses_is_not_answered_as_written_and_leaves_no_gap,
            chain::any_changed_byte_of_a_body_or_of_its_keys_is_found,
            chain::any_changed_header_is_found,
            chain::a_dropped_frame_is_found,
            chain::frames_that_changed_places_are_found,
            chain::a_chain_cut_after_a_checkpoint_is_found,
            chain::a_changed_personal_value_is_found,
            chain::a_changed_or_missing_checkpoint_is_found,
            chain::a_record_left_alone_verifies_also_while_it_is_written,
            chain::erased_values_are_gone_and_the_chain_stands,
            following::invariant_11_a_follower_gets_each_record_of_its_tenant_once_and_no_other,
            following::a_follower_of_one_table_passes_the_others_over,
            following::a_follower_misses_nothing_of_writers_side_by_side_nor_over_a_restart,
            following::what_was_erased_is_not_handed_on,
            following::after_the_end_come_only_records_that_are_written_later_and_there_is_news_of_them,
            guard::invariant_1_a_decision_on_the_old_counter_is_refused_and_leaves_no_record,
            guard::invariant_1_no_old_decision_commits_after_the_acknowledgement_under_load,
            once::what_was_used_is_refused_also_after_a_restart_and_leaves_no_record,
            once::what_is_decided_again_may_be_used_by_the_same_request,
            once::what_nobody_can_use_any_more_is_forgotten,
            once::of_many_that_race_one_wins_each_thing,
            reading::invariant_11_nothing_of_another_tenant_or_table_is_found,
            reading::records_are_found_by_time_about_outcome_and_id,
            reading::records_of_one_moment_come_newest_first_in_the_order_of_their_appends,
            reading::pages_neither_repeat_nor_lose_records_while_new_ones_arrive,
            reading::a_reader_that_stops_early_goes_on_after_any_record,
            reading::a_record_comes_back_as_it_was_written_with_its_personal_values,
            reading::what_serializes_to_an_object_can_be_a_record_and_nothing_else,
            retention::what_is_removed_is_found_nowhere_and_the_chains_stand,
            retention::a_place_of_a_removed_frame_that_was_changed_or_dropped_is_found,
            retention::no_number_is_given_twice_though_the_last_frames_were_removed,
            retention::what_is_removed_as_soon_as_it_is_written_is_waited_for_by_nobody,
            retention::old_frames_are_those_of_the_tenant_that_were_committed_before,
            retention::erasing_is_counted_for_who_derives,
        );
    };
    (@ $ledger:ident, $($place:ident::$law:ident,)+) => {
        mod $ledger {
            use super::*;

            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $law() {
                    $place::$law(House::$ledger().await).await;
                }
            )+
        }
    };
}

conformance!(files);
conformance!(postgres);
