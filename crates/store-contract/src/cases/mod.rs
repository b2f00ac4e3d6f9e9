//! The cases, one file for each record or port, and the table of all of them. A case is an async function whose name is
//! the sentence that it checks; it panics when the sentence is not true of the adapter.

/// The catalog.
pub mod catalog {
    pub mod service;
}
pub mod identity;
pub mod incidents;
pub mod kernel;
pub mod work;
pub mod write;

use incident_domain::{
    catalog::Service,
    identity::{ApiToken, RefreshToken, Session, User},
    incidents::{Incident, TimelineEntry},
    kernel::{Action, Event, Job, StoredReply},
    work::{Category, SavedView, Task},
};

use self::{
    catalog::service::Services,
    identity::{api_token::ApiTokens, session::Sessions, user::Users},
    incidents::incident_list::Incidents,
    kernel::{action::Audit, job::Jobs},
    work::{category::Categories, task::Tasks},
};
use crate::{run::Case, standard::CaseGroups};

/// Calls a macro with each module of the table of cases: its name, the type of its record or list if it has standard
/// cases, the groups of standard cases that apply, and its own cases.
///
/// A record has the groups `record` and, as its declaration in the domain says, `unique`, `referring`, `restricted`,
/// `owned` and `weak` (the three things that the deletion of a target does), `changeable`, `editable`,
/// `changeable_unique`, `changeable_referring` and `findable`.
#[doc(hidden)]
#[macro_export]
macro_rules! for_every_module {
    ($make:path, $context:tt) => {
        $make! { $context kernel::health {
            a_store_that_can_serve_says_so,
        } }
        $make! { $context kernel::action: Action [record] {} }
        $make! { $context kernel::action: Audit as action_list [list] {} }
        $make! { $context kernel::event: Event [record] {
            positions_follow_the_order_of_commits_and_of_the_set,
            the_event_log_is_read_from_any_position,
            readers_that_resume_miss_no_event_while_many_write,
        } }
        $make! { $context kernel::job: Job [record unique changeable editable changeable_unique findable] {
            a_claim_takes_exactly_the_jobs_that_match,
            a_claim_takes_up_to_a_limit_in_order,
            a_job_is_given_to_one_of_many_concurrent_callers,
            a_job_is_finished_only_by_the_worker_that_claimed_it_last,
            a_job_whose_attempts_are_used_up_becomes_dead,
            of_jobs_with_one_key_one_can_be_open,
            jobs_are_counted_by_kind,
        } }
        $make! { $context kernel::job: Jobs as job_list [list] {} }
        $make! { $context kernel::lease {
            a_lease_that_was_never_held_has_the_fence_1,
            a_lease_is_held_by_one_holder_until_it_expires,
            a_holder_that_renews_keeps_the_fence,
            an_expired_lease_is_given_to_one_of_many_concurrent_callers,
            a_released_lease_expires_at_once,
            a_set_is_stored_only_while_its_lease_is_held,
        } }
        $make! { $context kernel::reply: StoredReply [record referring owned] {
            keys_that_differ_in_one_character_are_different_keys,
            a_key_belongs_to_one_user,
            an_expired_reply_is_found_until_it_is_purged,
            a_reply_is_found_as_soon_as_its_commit_is_answered,
            a_purge_deletes_exactly_the_replies_that_expired_before,
            a_purge_deletes_up_to_a_limit_the_first_expired_first,
            a_purge_deletes_what_its_set_inserted_before_it_and_nothing_after,
        } }
        $make! { $context identity::user: User [record unique changeable editable changeable_unique findable] {
            an_address_is_unique_without_case,
            users_are_found_by_address_without_case,
            five_hundred_users_are_found_at_once,
            a_user_is_deleted_with_the_tokens_of_the_sessions,
        } }
        $make! { $context identity::user: Users as user_list [list] {} }
        $make! { $context identity::session: Session [record referring owned] {
            a_session_is_found_with_its_user,
            a_revocation_ends_exactly_the_selected_sessions,
            a_revocation_that_selects_no_session_is_accepted,
            a_touch_moves_the_time_of_a_session_forwards_only,
            a_purge_deletes_exactly_the_sessions_that_ended_before,
            a_purge_deletes_up_to_a_limit_the_smallest_ids_first,
        } }
        $make! { $context identity::session: Sessions as session_list [list] {} }
        $make! { $context identity::refresh_token: RefreshToken [record unique referring owned weak findable] {
            a_token_is_found_by_its_hash,
            a_token_is_spent_once,
            a_token_that_does_not_exist_cannot_be_spent,
            of_many_spendings_of_one_token_exactly_one_succeeds,
            the_successors_of_a_token_are_found_by_id,
        } }
        $make! { $context identity::api_token: ApiToken [record unique referring owned findable] {
            a_token_is_found_by_its_hash_with_its_user,
            a_hash_is_unique_for_each_kind_of_token,
            a_revocation_ends_exactly_the_selected_tokens,
            a_touch_moves_the_time_of_a_token_forwards_only,
        } }
        $make! { $context identity::api_token: ApiTokens as api_token_list [list] {} }
        $make! { $context catalog::service: Service [record unique changeable editable changeable_unique findable] {} }
        $make! { $context catalog::service: Services as service_list [list] {} }
        $make! { $context incidents::incident: Incident
            [record unique referring restricted weak changeable changeable_unique changeable_referring findable] {
            incidents_are_found_by_their_numbers,
            an_update_that_expects_another_timeline_length_is_stale,
            a_comment_keeps_the_version_and_lengthens_the_timeline,
            a_comment_does_not_make_a_deletion_stale,
            an_external_reference_is_unique_by_source_and_number,
            external_numbers_that_exist_are_those_of_their_source,
            the_events_and_actions_of_a_deleted_incident_stay,
        } }
        $make! { $context incidents::incident_list: Incidents [list] {
            ids_are_those_of_the_list_without_a_filter,
            incidents_are_listed_by_words,
            words_are_combined_with_other_conditions,
        } }
        $make! { $context incidents::number {
            an_incident_number_is_given_once,
            no_number_is_repeated_after_the_store_is_opened_again,
        } }
        $make! { $context incidents::timeline: TimelineEntry as timeline_entry [record unique referring owned] {
            a_timeline_is_read_in_pages_by_sequence,
            the_timeline_of_an_unknown_incident_is_empty,
            the_latest_entries_of_many_are_those_of_each_alone,
            the_latest_entries_of_unknown_incidents_are_none,
        } }
        $make! { $context incidents::timeline_key {
            the_check_values_are_those_that_were_added_in_their_order,
            a_check_value_is_not_added_after_others_than_the_caller_knows,
            of_many_concurrent_first_check_values_one_is_added,
        } }
        $make! { $context incidents::search {
            a_search_finds_what_the_domain_finds,
            a_search_skips_and_limits_its_hits,
            the_best_part_comes_first_and_of_one_part_the_newest,
            all_words_must_be_in_one_text,
            an_incident_is_found_once_with_its_latest_comment,
            new_words_are_found_and_overwritten_ones_are_not,
            a_deleted_incident_is_not_found,
            a_set_may_change_the_words_that_it_inserts,
            words_of_a_refused_set_are_not_found,
            only_the_comments_of_a_timeline_are_searched,
            the_last_word_of_a_long_text_and_a_long_word_are_found,
        } }
        $make! { $context incidents::statistics {
            the_times_are_those_of_the_incidents_that_a_filter_matches,
            times_are_read_after_any_position_up_to_a_limit,
            the_status_steps_are_those_of_the_timelines,
        } }
        $make! { $context incidents::overview {
            incidents_are_counted_by_status,
            a_changed_or_deleted_incident_is_counted_by_its_present_status,
            live_sessions_are_counted,
        } }
        $make! { $context work::task: Task
            [record referring restricted owned changeable editable changeable_referring findable] {
            the_last_tasks_of_many_incidents_are_found,
        } }
        $make! { $context work::task: Tasks as task_list [list] {} }
        $make! { $context work::category: Category
            [record unique changeable editable changeable_unique findable] {
            a_category_is_found_by_its_name_without_case,
            a_name_is_unique_without_case,
            of_many_inserts_of_one_name_the_first_is_found,
        } }
        $make! { $context work::category: Categories as category_list [list] {} }
        $make! { $context work::saved_view: SavedView
            [record unique referring owned changeable editable changeable_unique changeable_referring findable] {
            the_views_of_a_user_are_found_by_id,
            a_name_is_unique_as_it_is_written,
        } }
        $make! { $context write::atomicity {
            a_refused_set_ends_touches_purges_and_spends_nothing,
            records_of_different_kinds_may_have_the_same_id,
            a_set_of_five_hundred_entries_is_stored_whole_or_not_at_all,
            a_set_may_insert_five_hundred_incidents,
            a_set_may_insert_an_incident_and_its_duplicate,
            a_revocation_ends_what_its_set_inserted_before_it_and_nothing_after,
            a_set_may_touch_and_spend_what_it_inserts,
        } }
        $make! { $context write::visibility {
            a_commit_is_seen_through_every_opening_of_the_store,
            an_empty_set_is_accepted,
        } }
        $make! { $context write::concurrency {
            writers_that_retry_after_a_stale_commit_all_succeed,
            a_concurrent_update_and_comment_are_both_stored,
            a_concurrent_deletion_and_comment_leave_no_entry,
            a_refused_set_does_not_affect_those_committed_with_it,
            a_concurrent_sign_in_and_deactivation_leave_no_live_session,
            a_concurrent_deletion_of_a_user_and_insert_leave_no_orphan,
        } }
        $make! { $context write::exactly_once {
            of_many_sets_with_one_key_exactly_one_is_stored_whole,
            sets_with_different_keys_are_all_stored,
        } }
    };
}

/// Calls a macro with the cases of a group: the file in `standard` and their names.
#[doc(hidden)]
#[macro_export]
macro_rules! for_group {
    (record, $make:path, $context:tt) => {
        $make! { @group $context inserts {
            every_field_is_read_as_it_was_committed,
            an_id_is_used_once,
            a_refused_set_leaves_no_trace_of_it,
            of_many_inserts_of_one_id_exactly_one_succeeds,
        } }
    };
    (unique, $make:path, $context:tt) => {
        $make! { @group $context inserts {
            a_unique_value_is_used_once,
            of_many_inserts_of_one_unique_value_exactly_one_succeeds,
        } }
    };
    (findable, $make:path, $context:tt) => {
        $make! { @group $context inserts { the_records_that_were_asked_for_are_found } }
    };
    (referring, $make:path, $context:tt) => {
        $make! { @group $context references { a_reference_to_what_does_not_exist_is_refused } }
    };
    (restricted, $make:path, $context:tt) => {
        $make! { @group $context references { a_record_that_it_refers_to_is_not_deleted } }
    };
    (owned, $make:path, $context:tt) => {
        $make! { @group $context references { it_is_deleted_with_its_owner } }
    };
    (weak, $make:path, $context:tt) => {
        $make! { @group $context references { a_reference_to_a_deleted_record_is_emptied } }
    };
    (changeable, $make:path, $context:tt) => {
        $make! { @group $context changes {
            an_update_stores_every_field,
            a_change_that_expects_another_version_is_stale,
            a_change_of_what_does_not_exist_is_missing,
            a_deletion_frees_the_id_and_the_unique_values,
            each_change_builds_on_those_before_it,
            of_many_changes_of_one_version_exactly_one_succeeds,
            a_refused_change_leaves_no_trace,
        } }
    };
    (editable, $make:path, $context:tt) => {
        $make! { @group $context changes { an_expectation_guards_a_set_and_changes_nothing } }
    };
    (changeable_unique, $make:path, $context:tt) => {
        $make! { @group $context changes { an_update_takes_no_unique_value_of_another } }
    };
    (changeable_referring, $make:path, $context:tt) => {
        $make! { @group $context references { an_update_refers_only_to_what_exists } }
    };
    (list, $make:path, $context:tt) => {
        $make! { @group $context lists {
            a_list_contains_exactly_what_its_filter_matches,
            a_list_is_read_in_pages_in_every_order,
            a_cursor_needs_no_item,
        } }
    };
}

macro_rules! collect {
    (@group [$cases:ident $module:ident $kind:ident] $file:ident { $($case:ident),+ $(,)? }) => {
        $($cases.push(Case {
            name: concat!(stringify!($module), "::", stringify!($case)),
            run: |harness| Box::pin(crate::standard::$file::$case::<$kind>(harness)),
        });)+
    };
    ([$cases:ident] $folder:ident::$file:ident: $kind:ident $(as $module:ident)? [$($group:ident)+] $own:tt) => {
        collect!(@named [$cases] $folder $file ($($module)? $file) $kind [$($group)+] $own);
    };
    ([$cases:ident] $folder:ident::$file:ident $own:tt) => {
        collect!(@own [$cases] $folder $file $file $own);
    };
    (@named [$cases:ident] $folder:ident $file:ident ($module:ident $($_file:ident)?) $kind:ident [$($group:ident)+] $own:tt) => {
        $(for_group!($group, collect, [$cases $module $kind]);)+
        collect!(@own [$cases] $folder $file $module $own);
    };
    (@own [$cases:ident] $folder:ident $file:ident $module:ident { $($case:ident),* $(,)? }) => {
        $($cases.push(Case {
            name: concat!(stringify!($module), "::", stringify!($case)),
            run: |harness| Box::pin($folder::$file::$case(harness)),
        });)*
    };
}

macro_rules! list_groups {
    ([] $folder:ident::$file:ident: $kind:ident $(as $module:ident)? [$($group:ident)+] $own:tt) => {
        impl CaseGroups for $kind {
            const GROUPS: &'static [&'static str] = &[$(stringify!($group)),+];
        }
    };
    ([] $folder:ident::$file:ident $own:tt) => {};
}

for_every_module!(list_groups, []);

/// Returns every case, for programs that run them in their own way.
pub fn all_cases() -> Vec<Case> {
    let mut cases = Vec::with_capacity(300);
    for_every_module!(collect, [cases]);
    cases
}

/// Returns the case of this name.
///
/// # Panics
///
/// When there is none.
pub fn case_named(name: &str) -> Case {
    all_cases().into_iter().find(|case| case.name == name).expect("the table has the case")
}
