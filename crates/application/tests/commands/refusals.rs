//! Refused commands are written down, and failed ones are not.

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
    failure::Failure,
    process::{KEY, Ports, Process},
    watched::Mood,
    what::{What, keeping, new_password},
    world::{Subjects, World, id_of},
};

/// What each command is about, given by a machine that may not give any of them.
async fn by_lowly(world: &World) -> Subjects {
    let caller = world.lowly().await;
    Subjects { caller, ..world.subjects().await }
}

#[tokio::test]
async fn each_refused_command_leaves_one_action_and_nothing_else() {
    for what in What::guarded() {
        for has_key in [false, true] {
            let world = World::new();
            let (process, on) = (Process::of(&world), by_lowly(&world).await);
            let (facts, actions) = (world.facts().await, world.actions().await);
            let request = process.request(&on.caller, KEY, "do it");
            let refused = what.give(&process, &on, has_key.then_some(&request)).await.expect_err("refused");
            assert!(refused.is_forbidden(), "{what:?}: {refused:?}");

            let handed = process.store.handed();
            assert!(
                matches!(handed.as_slice(), [set] if matches!(set.changes(), [Change::Insert(AnyRecord::Action(_))])),
                "{what:?}: {handed:?}"
            );
            assert_eq!(world.facts().await, facts, "{what:?}");
            let mut actions_now = world.actions().await;
            let action = actions_now.remove(0);
            assert_eq!(actions_now, actions, "{what:?}");
            assert_eq!(action.actor, Actor::User(id_of(&on.caller)), "{what:?}");
            assert_eq!((action.kind.as_str(), action.target), (what.audited(), what.target(&on)), "{what:?}");
            assert_eq!((action.origin, action.at), (on.caller.origin.clone(), world.clock.now()), "{what:?}");
            let because = if what.needs_session() { "session_required" } else { "forbidden" };
            assert_eq!(action.outcome, Outcome::Refused { because: because.to_owned() }, "{what:?}");
        }
    }
}

#[tokio::test]
async fn a_refusal_that_cannot_be_written_down_is_no_answer() {
    for what in What::guarded() {
        let world = World::new();
        let (process, on) = (Process::of(&world), by_lowly(&world).await);
        let (facts, actions) = (world.facts().await, world.actions().await);
        process.store.set_mood(Mood::AwayForRefusals);
        let failure = what.give(&process, &on, None).await.expect_err("not done");
        assert!(failure.is_unavailable(), "{what:?}: {failure:?}");
        assert_eq!((world.facts().await, world.actions().await), (facts, actions), "{what:?}");
    }
}

#[tokio::test]
async fn a_refusal_is_not_written_down_when_an_equal_request_was_answered_meanwhile() {
    for what in What::guarded() {
        let world = World::new();
        let (process, on) = (Process::of(&world), by_lowly(&world).await);
        let request = process.request(&on.caller, KEY, "do it");
        let answered = world.answer_elsewhere(&on.caller, KEY, "do it").await;
        let actions = world.actions().await;
        let refused = what.give(&process, &on, Some(&request)).await.expect_err("refused");
        assert!(refused.is_forbidden(), "{what:?}: {refused:?}");
        assert!(process.store.handed().is_empty(), "{what:?}");
        assert_eq!(world.actions().await, actions, "{what:?}");
        assert_eq!(process.replies.find(&request).await.expect("readable"), Some(answered), "{what:?}");
    }
}

#[tokio::test]
async fn nobody_is_told_of_a_refusal_when_it_is_not_known_whether_an_equal_request_was_answered() {
    for what in What::guarded() {
        let world = World::new();
        let on = by_lowly(&world).await;
        let mut replies = MockReplyRepository::new();
        replies.expect_find().times(1).returning(|_, _| Err(StoreError::unavailable("down")));
        let process = Process::with(&world, Ports { replies: Arc::new(replies), ..Ports::over(&world) });
        let request = process.request(&on.caller, KEY, "do it");
        let failure = what.give(&process, &on, Some(&request)).await.expect_err("not done");
        assert!(failure.is_unavailable(), "{what:?}: {failure:?}");
        assert!(process.store.handed().is_empty(), "{what:?}");
    }
}

#[tokio::test]
async fn a_store_that_is_away_is_a_failure_and_no_refusal() {
    for what in What::ALL {
        let world = World::new();
        let (process, on) = (Process::of(&world), world.subjects().await);
        let actions = world.actions().await;
        process.store.set_mood(Mood::Away);
        let failure = what.give(&process, &on, None).await.expect_err("not done");
        assert!(failure.is_unavailable(), "{what:?}: {failure:?}");
        assert_eq!(process.store.handed().len(), 1, "{what:?}: nothing is tried but the effect");
        process.store.set_mood(Mood::Well);
        assert_eq!(world.actions().await, actions, "{what:?}");
    }
}

#[tokio::test]
async fn others_being_faster_for_ever_is_a_failure_and_no_refusal() {
    // The others expect nothing that somebody else could change.
    for what in [
        What::ChangeIncident,
        What::CommentIncident,
        What::DeleteIncident,
        What::CreateUser,
        What::UpdateUser,
        What::RenameSelf,
        What::DeleteUser,
        What::ChangePassword,
    ] {
        let world = World::new();
        let (process, on) = (Process::of(&world), world.subjects().await);
        process.store.set_mood(Mood::Stale);
        let failure = what.give(&process, &on, None).await.expect_err("not done");
        assert!(failure.is_contended(), "{what:?}: {failure:?}");
        for set in process.store.handed() {
            assert!(!set.changes().iter().any(is_refusal), "{what:?}: {set:?}");
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
async fn a_busy_hasher_is_a_failure_and_no_refusal() {
    let world = World::new();
    let on = world.subjects().await;
    let process = Process::with(&world, Ports { hasher: Arc::new(busy_hasher()), ..Ports::over(&world) });
    for what in [What::CreateUser, What::ChangePassword] {
        let failure = what.give(&process, &on, None).await.expect_err("not done");
        assert!(
            matches!(&failure, Failure::Command(CommandError::Rule(rule)) if rule.code.is_none()),
            "{what:?}: {failure:?}"
        );
    }
    let change = UserChange { password: Some(new_password()), ..UserChange::default() };
    let command = keeping(&process, &on.caller, None);
    let failure = process.accounts.update(command, on.other, change, &Precondition::None).await;
    assert!(matches!(failure, Err(CommandError::Rule(AccountRule::Hasher(_)))), "{failure:?}");
    assert!(process.store.handed().is_empty());
}

#[tokio::test]
async fn what_cannot_be_read_is_a_failure_and_no_refusal() {
    let world = World::new();
    let on = world.subjects().await;
    let mut incidents = MockIncidentRepository::new();
    incidents.expect_find().returning(|_| Err(StoreError::unavailable("down")));
    let mut users = MockUserRepository::new();
    users.expect_find().returning(|_| Err(StoreError::unavailable("down")));
    let ports = Ports { incidents: Arc::new(incidents), users: Arc::new(users), ..Ports::over(&world) };
    let process = Process::with(&world, ports);
    let readers = [
        What::ChangeIncident,
        What::CommentIncident,
        What::DeleteIncident,
        What::CreateUser,
        What::UpdateUser,
        What::RenameSelf,
        What::DeleteUser,
        What::EndSessions,
        What::ChangePassword,
    ];
    for what in readers {
        let failure = what.give(&process, &on, None).await.expect_err("not done");
        assert!(failure.is_unavailable(), "{what:?}: {failure:?}");
    }
    assert!(process.store.handed().is_empty());
}
