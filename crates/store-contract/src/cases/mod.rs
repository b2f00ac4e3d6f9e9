//! The cases, one file for each subject. A case is an async function whose name is the sentence it
//! proves; it panics when the sentence is not true of the adapter.

pub mod actions;
pub mod api_tokens;
pub mod atomicity;
pub mod categories;
pub mod concurrency;
pub mod durability;
pub mod exactly_once;
pub mod fidelity;
pub mod health;
pub mod incident_lists;
pub mod incidents;
pub mod keys;
pub mod logs;
pub mod numbers;
pub mod overview;
pub mod references;
pub mod refresh_tokens;
pub mod replies;
pub mod reply_purges;
pub mod saved_views;
pub mod search;
pub mod sessions;
pub mod sign_in_races;
pub mod statistics;
pub mod task_lists;
pub mod tasks;
pub mod timeline;
pub mod user_changes;
pub mod user_lists;
pub mod users;
pub mod versions;

/// The list of all cases, by file, handed to a macro that makes something of each.
#[doc(hidden)]
#[macro_export]
macro_rules! for_every_case {
    ($make:path, $context:tt) => {
        $make! { $context
            health {
                a_store_that_can_serve_says_so,
            }
            durability {
                what_was_committed_is_there_for_who_opens_the_store_anew,
                what_one_opening_has_committed_the_others_see,
                an_empty_set_is_stored,
            }
            atomicity {
                a_refused_set_leaves_no_trace,
                a_set_of_five_hundred_entries_is_stored_all_or_not_at_all,
                a_set_may_insert_five_hundred_incidents,
                a_set_may_change_the_incident_that_it_inserts,
                a_set_may_insert_an_incident_and_its_duplicate,
                a_set_may_replace_an_imported_incident,
                a_revocation_ends_what_the_set_made_before_it_and_nothing_after,
                a_set_may_change_the_session_and_the_token_that_it_inserts,
            }
            versions {
                an_update_that_expects_another_version_is_stale,
                an_update_that_expects_another_timeline_length_is_stale,
                a_deletion_that_expects_another_version_is_stale,
                a_change_of_what_does_not_exist_is_missing_and_not_stale,
                what_is_deleted_twice_is_missing_the_second_time,
                an_update_stores_every_field_anew,
                a_comment_keeps_the_version_and_lengthens_the_timeline,
                a_comment_does_not_make_a_deletion_stale,
                of_two_comments_on_one_reading_the_second_is_stale,
            }
            keys {
                an_id_is_taken_once_by_each_kind_of_thing,
                an_email_is_taken_in_whatever_case,
                an_incident_number_is_taken_once,
                an_external_reference_is_taken_once,
                a_place_in_a_timeline_is_taken_once,
                the_external_reference_of_a_deleted_incident_is_free_again,
                a_token_hash_is_taken_once_by_each_kind_of_token,
                different_kinds_of_things_may_share_an_id,
            }
            references {
                an_incident_names_only_users_that_exist,
                an_incident_is_a_duplicate_only_of_one_that_exists,
                a_session_belongs_to_a_user_that_exists,
                an_entry_belongs_to_an_incident_that_exists,
                a_deleted_incident_takes_its_timeline_along,
                a_deleted_incident_leaves_its_events_and_actions,
                a_deleted_incident_leaves_its_duplicates,
            }
            concurrency {
                of_many_writers_that_expect_the_same_exactly_one_succeeds,
                writers_that_read_again_after_losing_all_succeed,
                an_update_and_a_comment_that_race_both_get_in,
                a_deletion_and_a_comment_that_race_leave_no_orphan,
                of_many_that_take_one_key_exactly_one_succeeds,
                a_refused_set_harms_none_of_those_committed_with_it,
            }
            fidelity {
                an_incident_with_every_field_is_read_as_it_was_committed,
                an_incident_without_what_is_optional_is_read_as_it_was_committed,
                every_name_of_an_incident_is_read_as_it_was_committed,
                a_user_is_read_as_they_were_committed,
                a_session_is_read_with_its_user_as_both_were_committed,
                a_refresh_token_is_read_as_it_was_committed,
                an_api_token_is_read_with_its_user_as_both_were_committed,
                a_timeline_entry_is_read_as_it_was_committed,
                an_action_is_read_as_it_was_committed,
                an_event_is_read_as_it_was_committed,
            }
            incidents {
                an_unknown_incident_is_not_found,
                a_list_contains_exactly_what_the_filter_matches,
                pages_by_cursor_neither_overlap_nor_leave_anything_out,
                numbered_pages_neither_overlap_nor_leave_anything_out,
                a_page_beyond_the_end_is_empty,
                a_cursor_needs_no_incident_that_still_exists,
                ids_are_those_of_the_list_without_a_filter,
                existing_external_numbers_numbers_are_those_of_their_source,
            }
            numbers {
                a_number_is_never_given_twice,
                a_number_is_not_given_again_after_a_restart,
            }
            overview {
                every_status_is_told_with_its_incidents,
                a_changed_or_deleted_incident_is_counted_where_it_is_now,
                live_sessions_are_counted_whosoever_they_are,
            }
            timeline {
                a_timeline_is_read_in_pages_by_sequence,
                the_timeline_of_an_unknown_incident_is_empty,
                the_latest_entries_of_many_are_those_of_each_alone,
                the_latest_entries_of_unknown_incidents_are_none,
            }
            users {
                users_are_found_by_their_addresses_in_whatever_case,
                only_the_users_that_were_asked_for_are_found,
                five_hundred_users_are_found_at_a_time,
                users_are_listed_in_pages,
            }
            user_changes {
                an_update_of_a_user_stores_every_field_anew,
                a_change_of_a_user_that_expects_another_version_is_stale,
                a_change_of_a_user_that_does_not_exist_is_missing,
                a_user_takes_no_address_of_another_user,
                an_expectation_refuses_the_whole_set_and_changes_nothing,
                a_user_whom_an_incident_names_is_not_deleted,
                a_deleted_user_takes_along_what_lets_them_in,
            }
            sessions {
                a_list_contains_exactly_the_live_sessions_of_a_user,
                live_sessions_are_listed_in_pages,
                a_revocation_ends_exactly_the_selected_sessions,
                a_revocation_that_selects_nothing_is_no_contradiction,
                a_touch_of_a_session_moves_its_time_forwards_only,
                a_purge_takes_exactly_the_sessions_that_ended_before,
                a_purge_takes_so_many_sessions_the_oldest_first,
            }
            refresh_tokens {
                a_refresh_token_is_spent_once,
                a_refresh_token_that_does_not_exist_cannot_be_spent,
                of_many_spenders_of_one_refresh_token_exactly_one_succeeds,
                a_refresh_token_belongs_to_what_exists,
                successors_are_those_of_one_token_in_the_order_of_their_making,
            }
            api_tokens {
                api_tokens_are_listed_in_pages_without_the_revoked,
                an_api_token_belongs_to_a_user_that_exists,
                a_revocation_ends_exactly_the_selected_api_tokens,
                a_touch_of_an_api_token_moves_its_time_forwards_only,
            }
            sign_in_races {
                of_many_changes_of_one_user_exactly_one_succeeds,
                a_sign_in_and_a_deactivation_that_race_leave_no_living_session,
                a_deletion_of_a_user_and_what_names_them_that_race_leave_no_orphan,
            }
            logs {
                positions_follow_the_order_of_commits_and_of_the_set,
                the_event_log_is_read_from_any_position,
                readers_that_resume_miss_no_event_while_many_write,
            }
            actions {
                a_list_of_actions_contains_exactly_what_the_filter_matches,
                actions_are_listed_in_pages_the_newest_first,
                a_cursor_needs_no_action_that_the_filter_matches,
                actions_are_listed_the_oldest_first_when_that_is_asked_for,
            }
            tasks {
                a_task_is_read_as_it_was_committed,
                an_update_of_a_task_stores_every_field_anew,
                a_change_of_a_task_that_expects_another_version_is_stale,
                a_change_of_a_task_that_does_not_exist_is_missing,
                an_id_of_a_task_is_taken_once,
                a_task_names_only_what_exists,
                a_user_whom_a_task_names_is_not_deleted,
                a_category_of_a_task_is_not_deleted,
                a_deleted_incident_takes_its_tasks_along,
                a_set_may_make_all_that_a_task_names_and_take_it_away,
                of_many_changes_of_one_task_exactly_one_succeeds,
            }
            task_lists {
                a_list_of_tasks_contains_exactly_what_the_filter_matches,
                tasks_are_listed_in_every_order,
                a_cursor_in_a_list_of_tasks_needs_no_task,
                whatever_is_asked_of_the_tasks_is_answered_as_the_domain_has_it,
                the_tasks_of_many_incidents_are_the_last_of_each,
            }
            categories {
                a_category_is_read_as_it_was_committed,
                a_category_is_found_by_its_name_in_whatever_case,
                the_categories_that_were_asked_for_are_found,
                a_category_name_is_taken_once_in_whatever_case,
                a_category_name_that_is_given_up_is_free_again,
                a_change_of_a_category_expects_what_is_stored,
                of_many_that_make_one_category_exactly_one_succeeds,
                categories_are_listed_by_name_code_point_by_code_point,
            }
            saved_views {
                a_saved_view_is_read_as_it_was_committed,
                the_saved_views_of_a_user_are_theirs_the_oldest_first,
                a_name_of_a_saved_view_is_taken_once_by_each_user,
                an_update_of_a_saved_view_stores_every_field_anew,
                a_change_of_a_saved_view_expects_what_is_stored,
                a_saved_view_belongs_to_a_user_and_goes_with_them,
            }
            incident_lists {
                incidents_are_listed_by_all_of_their_labels,
                incidents_are_listed_by_spans_of_time,
                incidents_are_listed_in_every_order,
                a_cursor_in_any_order_needs_no_incident,
                whatever_is_asked_of_the_incidents_is_answered_as_the_domain_has_it,
                the_incidents_that_were_asked_for_are_found,
                the_incidents_whose_numbers_were_asked_for_are_found,
                incidents_are_listed_by_words,
                words_and_other_conditions_hold_together,
            }
            user_lists {
                a_list_of_users_contains_exactly_what_the_filter_matches,
                users_are_listed_in_every_order,
            }
            search {
                whatever_is_looked_for_is_found_where_the_domain_finds_it,
                a_search_leaves_out_so_many_hits_and_answers_so_many,
                the_best_place_comes_first_and_of_one_place_the_newest,
                all_words_must_stand_in_one_text,
                an_incident_is_found_once_with_its_latest_comment,
                what_is_overwritten_is_found_no_more_and_what_is_new_is_found_at_once,
                what_is_deleted_is_found_no_more,
                a_set_may_change_the_words_that_it_brings,
                words_of_a_refused_set_are_not_found,
                only_comments_are_searched_of_a_timeline,
                the_last_word_of_a_long_text_and_a_very_long_word_are_found,
            }
            statistics {
                times_are_those_of_what_the_filter_matches,
                times_are_read_from_any_place_on,
                status_steps_are_those_that_the_timelines_tell,
            }
            replies {
                a_reply_is_read_as_it_was_committed,
                a_set_may_be_a_reply_alone,
                keys_that_differ_in_one_character_are_different_keys,
                a_key_is_its_users_own,
                a_key_is_taken_once_by_each_user,
                an_expired_reply_holds_until_it_is_purged,
                a_reply_is_found_as_soon_as_its_commit_is_answered,
                a_reply_belongs_to_a_user_that_exists,
                a_deleted_user_takes_along_the_replies_to_them,
            }
            reply_purges {
                a_purge_takes_exactly_the_replies_that_expired_before,
                a_purge_takes_so_many_replies_the_first_expired_first,
                a_purge_takes_what_the_set_kept_before_it_and_nothing_after,
            }
            exactly_once {
                a_refused_reply_leaves_nothing_of_the_effect,
                a_refused_effect_leaves_no_reply,
                of_many_sets_with_one_key_exactly_one_is_stored_and_it_is_whole,
                sets_with_different_keys_all_get_in,
            }
        }
    };
}

macro_rules! list {
    ([] $($file:ident { $($case:ident),+ $(,)? })+) => {
        /// Every case, for programs that want to run them in their own way.
        pub const CASES: &[Case] = &[$($(crate::case!($file, $case)),+),+];
    };
}

use crate::Case;

for_every_case!(list, []);
