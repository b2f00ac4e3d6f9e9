//! Refused commands are audited; failed ones are not.

use std::{sync::Arc, time::Duration};

use incident_application::{
    identity::{AccountRule, UserChange},
    kernel::{CommandError, Precondition},
};
use incident_domain::{
    identity::{MockPasswordHasher, MockUserRepository, PasswordHasherError},
    incidents::MockIncidentRepository,
    kernel::{Actor, Clock, MockReplyRepository, Outcome, StoreError},
    write::{AnyRecord, Change},
};

use crate::{
    command_cases::{CommandCase, keyed, new_password},
    failure::Failure,
    process::{KEY, Ports, Process},
    recording_store::FaultMode,
    world::{Subjects, World, id_of},
};

/// Subjects whose caller may not execute any role-restricted command.
async fn unprivileged_subjects(world: &World) -> Subjects {
    let caller = world.unprivileged_caller().await;
    Subjects { caller, ..world.subjects().await }
}

#[tokio::test]
async fn each_refused_command_leaves_one_action_and_nothing_else() {
    for case in CommandCase::role_restricted() {
        for has_key in [false, true] {
            let world = World::new();
            let (process, on) = (Process::of(&world), unprivileged_subjects(&world).await);
            let (facts, actions) = (world.facts().await, world.actions().await);
            let request = process.request(&on.caller, KEY, "do it");
            let refused = case.execute(&process, &on, has_key.then_some(&request)).await.expect_err("refused");
            assert!(refused.is_forbidden(), "{case:?}: {refused:?}");

            let commits = process.store.take_commits();
            assert!(
                matches!(commits.as_slice(), [set] if matches!(set.changes(), [Change::Insert(AnyRecord::Action(_))])),
                "{case:?}: {commits:?}"
            );
            assert_eq!(world.facts().await, facts, "{case:?}");
            let mut actions_now = world.actions().await;
            let action = actions_now.remove(0);
            assert_eq!(actions_now, actions, "{case:?}");
            assert_eq!(action.actor, Actor::User(id_of(&on.caller)), "{case:?}");
            assert_eq!((action.kind.as_str(), action.target), (case.action_kind(), case.target(&on)), "{case:?}");
            assert_eq!((action.origin, action.at), (on.caller.origin.clone(), world.clock.now()), "{case:?}");
            let because = if case.needs_session() { "session_required" } else { "forbidden" };
            assert_eq!(action.outcome, Outcome::Refused { because: because.to_owned() }, "{case:?}");
        }
    }
}

#[tokio::test]
async fn a_refusal_that_cannot_be_audited_is_reported_as_unavailable() {
    for case in CommandCase::role_restricted() {
        let world = World::new();
        let (process, on) = (Process::of(&world), unprivileged_subjects(&world).await);
        let (facts, actions) = (world.facts().await, world.actions().await);
        process.store.set_fault_mode(FaultMode::UnavailableForRefusals);
        let failure = case.execute(&process, &on, None).await.expect_err("not done");
        assert!(failure.is_unavailable(), "{case:?}: {failure:?}");
        assert_eq!((world.facts().await, world.actions().await), (facts, actions), "{case:?}");
    }
}

#[tokio::test]
async fn a_refusal_is_not_audited_when_a_duplicate_request_was_answered_concurrently() {
    for case in CommandCase::role_restricted() {
        let world = World::new();
        let (process, on) = (Process::of(&world), unprivileged_subjects(&world).await);
        let request = process.request(&on.caller, KEY, "do it");
        let answered = world.reply_from_another_process(&on.caller, KEY, "do it").await;
        let actions = world.actions().await;
        let refused = case.execute(&process, &on, Some(&request)).await.expect_err("refused");
        assert!(refused.is_forbidden(), "{case:?}: {refused:?}");
        assert!(process.store.take_commits().is_empty(), "{case:?}");
        assert_eq!(world.actions().await, actions, "{case:?}");
        assert_eq!(process.replies.find(&request).await.expect("readable"), Some(answered), "{case:?}");
    }
}

#[tokio::test]
async fn a_refusal_is_not_reported_when_the_reply_to_a_duplicate_request_cannot_be_looked_up() {
    for case in CommandCase::role_restricted() {
        let world = World::new();
        let on = unprivileged_subjects(&world).await;
        let mut replies = MockReplyRepository::new();
        replies.expect_find().times(1).returning(|_, _| Err(StoreError::unavailable("down")));
        let process = Process::with(&world, Ports { replies: Arc::new(replies), ..Ports::over(&world) });
        let request = process.request(&on.caller, KEY, "do it");
        let failure = case.execute(&process, &on, Some(&request)).await.expect_err("not done");
        assert!(failure.is_unavailable(), "{case:?}: {failure:?}");
        assert!(process.store.take_commits().is_empty(), "{case:?}");
    }
}

#[tokio::test]
async fn an_unavailable_store_is_a_failure_and_not_a_refusal() {
    for case in CommandCase::ALL {
        let world = World::new();
        let (process, on) = (Process::of(&world), world.subjects().await);
        let actions = world.actions().await;
        process.store.set_fault_mode(FaultMode::Unavailable);
        let failure = case.execute(&process, &on, None).await.expect_err("not done");
        assert!(failure.is_unavailable(), "{case:?}: {failure:?}");
        assert_eq!(process.store.take_commits().len(), 1, "{case:?}: only the effect is attempted");
        process.store.set_fault_mode(FaultMode::Healthy);
        assert_eq!(world.actions().await, actions, "{case:?}");
    }
}

#[tokio::test]
async fn endless_conflicts_are_a_failure_and_not_a_refusal() {
    // The other commands have no precondition that a concurrent change could break.
    for case in [
        CommandCase::ChangeIncident,
        CommandCase::CommentIncident,
        CommandCase::DeleteIncident,
        CommandCase::CreateUser,
        CommandCase::UpdateUser,
        CommandCase::RenameSelf,
        CommandCase::DeleteUser,
        CommandCase::ChangePassword,
    ] {
        let world = World::new();
        let (process, on) = (Process::of(&world), world.subjects().await);
        process.store.set_fault_mode(FaultMode::Stale);
        let failure = case.execute(&process, &on, None).await.expect_err("not done");
        assert!(failure.is_contended(), "{case:?}: {failure:?}");
        for set in process.store.take_commits() {
            assert!(!set.changes().iter().any(is_refusal), "{case:?}: {set:?}");
        }
    }
}

fn is_refusal(change: &Change) -> bool {
    matches!(change, Change::Insert(AnyRecord::Action(action)) if matches!(action.outcome, Outcome::Refused { .. }))
}

fn busy_hasher() -> MockPasswordHasher {
    let busy = || PasswordHasherError::Busy { retry_after: Duration::from_secs(1) };
    let mut hasher = MockPasswordHasher::new();
    hasher.expect_hash().returning(move |_| Err(busy()));
    hasher.expect_verify().returning(move |_, _| Err(busy()));
    hasher
}

#[tokio::test]
async fn a_busy_hasher_is_a_failure_and_not_a_refusal() {
    let world = World::new();
    let on = world.subjects().await;
    let process = Process::with(&world, Ports { hasher: Arc::new(busy_hasher()), ..Ports::over(&world) });
    for case in [CommandCase::CreateUser, CommandCase::ChangePassword] {
        let failure = case.execute(&process, &on, None).await.expect_err("not done");
        assert!(
            matches!(&failure, Failure::Command(CommandError::Rule(rule)) if rule.code.is_none()),
            "{case:?}: {failure:?}"
        );
    }
    let change = UserChange { password: Some(new_password()), ..UserChange::default() };
    let command = keyed(&process, &on.caller, None);
    let failure = process.accounts.update(command, on.other, change, &Precondition::None).await;
    assert!(matches!(failure, Err(CommandError::Rule(AccountRule::Hasher(_)))), "{failure:?}");
    assert!(process.store.take_commits().is_empty());
}

#[tokio::test]
async fn an_unavailable_repository_is_a_failure_and_not_a_refusal() {
    let world = World::new();
    let on = world.subjects().await;
    let mut incidents = MockIncidentRepository::new();
    incidents.expect_find().returning(|_| Err(StoreError::unavailable("down")));
    let mut users = MockUserRepository::new();
    users.expect_find().returning(|_| Err(StoreError::unavailable("down")));
    let ports = Ports { incidents: Arc::new(incidents), users: Arc::new(users), ..Ports::over(&world) };
    let process = Process::with(&world, ports);
    let readers = [
        CommandCase::ChangeIncident,
        CommandCase::CommentIncident,
        CommandCase::DeleteIncident,
        CommandCase::CreateUser,
        CommandCase::UpdateUser,
        CommandCase::RenameSelf,
        CommandCase::DeleteUser,
        CommandCase::EndSessions,
        CommandCase::ChangePassword,
    ];
    for case in readers {
        let failure = case.execute(&process, &on, None).await.expect_err("not done");
        assert!(failure.is_unavailable(), "{case:?}: {failure:?}");
    }
    assert!(process.store.take_commits().is_empty());
}
