//! Concurrent duplicate requests, executed as the HTTP adapter does: lock the key, look up the reply, execute the
//! command, and look up the reply again after any failure.

use futures::future::join_all;
use incident_application::kernel::ReplyError;
use incident_domain::{identity::Role, kernel::Outcome};

use crate::{
    command_cases::CommandCase,
    failure::Failure,
    process::{KEY, Ports, Process},
    recording_store::FaultMode,
    world::{Subjects, World},
};

const REQUESTS: usize = 200;

async fn answer(
    case: CommandCase,
    process: &Process,
    on: &Subjects,
    key: &str,
    body: &str,
) -> Result<Vec<u8>, Failure> {
    let request = process.request(&on.caller, key, body);
    let _lock = process.replies.lock(&request).await;
    if let Some(kept) = process.replies.find(&request).await? {
        return Ok(kept);
    }
    match case.execute(process, on, Some(&request)).await {
        Ok(reply) => Ok(reply),
        Err(failure) => process.replies.find(&request).await?.ok_or(failure),
    }
}

/// Sends duplicate requests concurrently, distributed over several processes, and checks that there is one effect.
async fn check_one_effect(case: CommandCase, processes: usize, yields_before_commit: impl Fn(usize) -> usize) {
    let world = World::new();
    let on = world.subjects().await;
    let actions_before = world.actions().await.len();
    let processes: Vec<Process> = (0..processes)
        .map(|index| Process::with(&world, Ports::yielding(&world, yields_before_commit(index))))
        .collect();
    let sent = (0..REQUESTS).map(|index| answer(case, &processes[index % processes.len()], &on, KEY, "do it"));
    let answers = join_all(sent).await;

    let first = answers[0].as_ref().expect("an answer");
    for answer in &answers {
        assert_eq!(answer.as_ref().expect("an answer"), first, "{case:?} in {} processes", processes.len());
    }
    let actions = world.actions().await;
    assert_eq!(actions.len(), actions_before + 1, "{case:?} in {} processes", processes.len());
    assert_eq!((actions[0].kind.as_str(), &actions[0].outcome), (case.action_kind(), &Outcome::Done));
    let tried: Vec<usize> = processes.iter().map(|process| process.store.take_commits().len()).collect();
    if let [tried] = tried.as_slice() {
        assert_eq!(*tried, 1, "{case:?}: the others waited for the first");
    }
}

#[tokio::test]
async fn concurrent_duplicate_requests_have_one_effect_and_get_the_same_reply() {
    for case in CommandCase::ALL {
        check_one_effect(case, 1, |_| 3).await;
    }
}

#[tokio::test]
async fn concurrent_duplicate_requests_to_several_processes_have_one_effect_and_get_the_same_reply() {
    for case in CommandCase::ALL {
        // First all processes decide before any of them commits, then some decide after others have committed.
        for processes in [2, 5, REQUESTS] {
            check_one_effect(case, processes, |_| 1).await;
            check_one_effect(case, processes, |index| index % 7).await;
        }
    }
}

#[tokio::test]
async fn when_the_first_duplicate_fails_the_next_one_is_executed() {
    for case in CommandCase::ALL {
        let world = World::new();
        let on = world.subjects().await;
        let process = Process::with(&world, Ports::yielding(&world, 3));
        process.store.set_fault_mode(FaultMode::UnavailableOnce);
        let answers = join_all((0..REQUESTS).map(|_| answer(case, &process, &on, KEY, "do it"))).await;
        let (failed, done): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_err);
        assert!(matches!(failed.as_slice(), [Err(failure)] if failure.is_unavailable()), "{case:?}: {failed:?}");
        let first = done[0].as_ref().expect("an answer");
        assert!(done.iter().all(|answer| answer.as_ref().expect("an answer") == first), "{case:?}");
        assert_eq!(process.store.take_commits().len(), 2, "{case:?}");
    }
}

#[tokio::test]
async fn an_effect_whose_confirmation_was_lost_is_answered_and_not_repeated() {
    for case in CommandCase::ALL {
        let world = World::new();
        let (process, on) = (Process::of(&world), world.subjects().await);
        process.store.set_fault_mode(FaultMode::LosesReplyOnce);
        let reply = answer(case, &process, &on, KEY, "do it").await.expect("it was stored");
        let again = answer(case, &process, &on, KEY, "do it").await.expect("it was stored");
        assert_eq!(reply, again, "{case:?}");
        assert_eq!(process.store.take_commits().len(), 1, "{case:?}");
    }
}

#[tokio::test]
async fn a_key_belongs_to_the_first_request_that_used_it() {
    for case in CommandCase::ALL {
        let world = World::new();
        let (process, on) = (Process::of(&world), world.subjects().await);
        let first = answer(case, &process, &on, KEY, "do it").await.expect("done");
        let (facts, actions) = (world.facts().await, world.actions().await);
        let other = answer(case, &process, &on, KEY, "do something else").await.expect_err("refused");
        assert!(matches!(other, Failure::Reply(ReplyError::KeyReused)), "{case:?}: {other:?}");
        assert_eq!((world.facts().await, world.actions().await), (facts, actions), "{case:?}");
        assert_eq!(answer(case, &process, &on, KEY, "do it").await.expect("kept"), first, "{case:?}");
    }
}

#[tokio::test]
async fn of_concurrent_different_requests_with_one_key_one_is_executed_and_the_others_are_refused() {
    for processes in [1, REQUESTS] {
        let world = World::new();
        let on = world.subjects().await;
        let processes: Vec<Process> =
            (0..processes).map(|index| Process::with(&world, Ports::yielding(&world, index % 7))).collect();
        let bodies: Vec<String> = (0..REQUESTS).map(|index| format!("do it {index}")).collect();
        let opened = world.facts().await;
        let sent = bodies.iter().enumerate().map(|(index, body)| {
            answer(CommandCase::OpenIncident, &processes[index % processes.len()], &on, KEY, body)
        });
        let (done, refused): (Vec<_>, Vec<_>) = join_all(sent).await.into_iter().partition(Result::is_ok);
        assert_eq!(done.len(), 1, "in {} processes", processes.len());
        assert!(
            refused.iter().all(|answer| matches!(answer, Err(Failure::Reply(ReplyError::KeyReused)))),
            "{refused:?}"
        );
        assert_eq!(world.facts().await.incidents.len(), opened.incidents.len() + 1);
    }
}

#[tokio::test]
async fn equal_keys_of_different_users_are_independent() {
    let world = World::new();
    let process = Process::of(&world);
    let (first, second) = (world.subjects().await, world.subjects().await);
    let before = world.facts().await.incidents.len();
    let of_first = answer(CommandCase::OpenIncident, &process, &first, KEY, "do it").await.expect("done");
    let of_second = answer(CommandCase::OpenIncident, &process, &second, KEY, "do it").await.expect("done");
    assert_ne!(of_first, of_second);
    assert_eq!(world.facts().await.incidents.len(), before + 2);
    assert_eq!(answer(CommandCase::OpenIncident, &process, &first, KEY, "do it").await.expect("kept"), of_first);
    assert_eq!(answer(CommandCase::OpenIncident, &process, &second, KEY, "do it").await.expect("kept"), of_second);
    let viewer = Subjects { caller: world.caller(Role::Viewer).await, ..first };
    let refused = answer(CommandCase::OpenIncident, &process, &viewer, KEY, "do it").await.expect_err("refused");
    assert!(refused.is_forbidden(), "another user's reply is not returned: {refused:?}");
}
