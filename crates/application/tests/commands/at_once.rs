//! Many equal requests at the same time, carried out as an adapter for HTTP does it: line up, find, do, and whatever
//! goes wrong, find again.

use futures::future::join_all;
use incident_application::kernel::ReplyError;
use incident_domain::{identity::Role, kernel::Outcome};

use crate::{
    failure::Failure,
    process::{KEY, Ports, Process},
    watched::Mood,
    what::What,
    world::{Subjects, World},
};

const REQUESTS: usize = 200;

async fn answer(what: What, process: &Process, on: &Subjects, key: &str, body: &str) -> Result<Vec<u8>, Failure> {
    let request = process.request(&on.caller, key, body);
    let _lock = process.replies.lock(&request).await;
    if let Some(kept) = process.replies.find(&request).await? {
        return Ok(kept);
    }
    match what.give(process, on, Some(&request)).await {
        Ok(reply) => Ok(reply),
        Err(failure) => process.replies.find(&request).await?.ok_or(failure),
    }
}

/// Sends equal requests at once, in turn to these processes, and checks that one did the work.
async fn check_one_effect(what: What, processes: usize, turns_waited: impl Fn(usize) -> usize) {
    let world = World::new();
    let on = world.subjects().await;
    let actions_before = world.actions().await.len();
    let processes: Vec<Process> =
        (0..processes).map(|index| Process::with(&world, Ports::waiting(&world, turns_waited(index)))).collect();
    let sent = (0..REQUESTS).map(|index| answer(what, &processes[index % processes.len()], &on, KEY, "do it"));
    let answers = join_all(sent).await;

    let first = answers[0].as_ref().expect("an answer");
    for answer in &answers {
        assert_eq!(answer.as_ref().expect("an answer"), first, "{what:?} in {} processes", processes.len());
    }
    let actions = world.actions().await;
    assert_eq!(actions.len(), actions_before + 1, "{what:?} in {} processes", processes.len());
    assert_eq!((actions[0].kind.as_str(), &actions[0].outcome), (what.audited(), &Outcome::Done));
    let tried: Vec<usize> = processes.iter().map(|process| process.store.handed().len()).collect();
    if let [tried] = tried.as_slice() {
        assert_eq!(*tried, 1, "{what:?}: the others waited");
    }
}

#[tokio::test]
async fn of_many_equal_requests_at_once_one_does_the_work_and_all_get_the_same_answer() {
    for what in What::ALL {
        check_one_effect(what, 1, |_| 3).await;
    }
}

#[tokio::test]
async fn of_equal_requests_to_several_processes_at_once_one_does_the_work_and_all_get_the_same_answer() {
    for what in What::ALL {
        // They all decide before any of them has stored something, or some of them after others have.
        for processes in [2, 5, REQUESTS] {
            check_one_effect(what, processes, |_| 1).await;
            check_one_effect(what, processes, |index| index % 7).await;
        }
    }
}

#[tokio::test]
async fn when_the_first_fails_the_next_in_the_line_does_the_work() {
    for what in What::ALL {
        let world = World::new();
        let on = world.subjects().await;
        let process = Process::with(&world, Ports::waiting(&world, 3));
        process.store.set_mood(Mood::AwayOnce);
        let answers = join_all((0..REQUESTS).map(|_| answer(what, &process, &on, KEY, "do it"))).await;
        let (failed, done): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_err);
        assert!(matches!(failed.as_slice(), [Err(failure)] if failure.is_unavailable()), "{what:?}: {failed:?}");
        let first = done[0].as_ref().expect("an answer");
        assert!(done.iter().all(|answer| answer.as_ref().expect("an answer") == first), "{what:?}");
        assert_eq!(process.store.handed().len(), 2, "{what:?}");
    }
}

#[tokio::test]
async fn an_effect_whose_confirmation_was_lost_is_answered_all_the_same_and_not_repeated() {
    for what in What::ALL {
        let world = World::new();
        let (process, on) = (Process::of(&world), world.subjects().await);
        process.store.set_mood(Mood::LosesAnAnswer);
        let reply = answer(what, &process, &on, KEY, "do it").await.expect("it was stored");
        let again = answer(what, &process, &on, KEY, "do it").await.expect("it was stored");
        assert_eq!(reply, again, "{what:?}");
        assert_eq!(process.store.handed().len(), 1, "{what:?}");
    }
}

#[tokio::test]
async fn a_key_means_the_request_that_came_first_and_no_other() {
    for what in What::ALL {
        let world = World::new();
        let (process, on) = (Process::of(&world), world.subjects().await);
        let first = answer(what, &process, &on, KEY, "do it").await.expect("done");
        let (facts, actions) = (world.facts().await, world.actions().await);
        let other = answer(what, &process, &on, KEY, "do something else").await.expect_err("refused");
        assert!(matches!(other, Failure::Reply(ReplyError::KeyReused)), "{what:?}: {other:?}");
        assert_eq!((world.facts().await, world.actions().await), (facts, actions), "{what:?}");
        assert_eq!(answer(what, &process, &on, KEY, "do it").await.expect("kept"), first, "{what:?}");
    }
}

#[tokio::test]
async fn of_different_requests_under_one_key_at_once_one_is_done_and_the_others_are_told() {
    for processes in [1, REQUESTS] {
        let world = World::new();
        let on = world.subjects().await;
        let processes: Vec<Process> =
            (0..processes).map(|index| Process::with(&world, Ports::waiting(&world, index % 7))).collect();
        let bodies: Vec<String> = (0..REQUESTS).map(|index| format!("do it {index}")).collect();
        let opened = world.facts().await;
        let sent = bodies
            .iter()
            .enumerate()
            .map(|(index, body)| answer(What::OpenIncident, &processes[index % processes.len()], &on, KEY, body));
        let (done, told): (Vec<_>, Vec<_>) = join_all(sent).await.into_iter().partition(Result::is_ok);
        assert_eq!(done.len(), 1, "in {} processes", processes.len());
        assert!(told.iter().all(|answer| matches!(answer, Err(Failure::Reply(ReplyError::KeyReused)))), "{told:?}");
        assert_eq!(world.facts().await.incidents.len(), opened.incidents.len() + 1);
    }
}

#[tokio::test]
async fn another_users_equal_key_is_another_key() {
    let world = World::new();
    let process = Process::of(&world);
    let (first, second) = (world.subjects().await, world.subjects().await);
    let before = world.facts().await.incidents.len();
    let of_first = answer(What::OpenIncident, &process, &first, KEY, "do it").await.expect("done");
    let of_second = answer(What::OpenIncident, &process, &second, KEY, "do it").await.expect("done");
    assert_ne!(of_first, of_second);
    assert_eq!(world.facts().await.incidents.len(), before + 2);
    assert_eq!(answer(What::OpenIncident, &process, &first, KEY, "do it").await.expect("kept"), of_first);
    assert_eq!(answer(What::OpenIncident, &process, &second, KEY, "do it").await.expect("kept"), of_second);
    let nobody = Subjects { caller: world.caller(Role::Viewer).await, ..first };
    let refused = answer(What::OpenIncident, &process, &nobody, KEY, "do it").await.expect_err("refused");
    assert!(refused.is_forbidden(), "others' replies are not theirs: {refused:?}");
}
