//! A command's effect and its reply are committed in one change set.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::TimeDelta;
use incident_application::kernel::Principal;
use incident_domain::{
    identity::Role,
    kernel::{Clock, MockReplySeal, Origin, Outcome, ReplySeal, SecretGeneratorError},
    write::{AnyRecord, Change, ChangeSet},
};
use incident_memory::PlainSeal;

use crate::{
    command_cases::CommandCase,
    no_op::{NO_OP_CHANGES, execute_no_op},
    process::{KEY, LIFETIME, Ports, Process},
    world::{Subjects, World, id_of},
};

/// Counts the functions in these sources that take a command.
fn commands_in(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("readable").path());
    let count = |path: PathBuf| {
        if path.is_dir() {
            return commands_in(&path);
        }
        fs::read_to_string(&path).expect("a source").matches("command: Command<'_").count()
    };
    entries.map(count).sum()
}

#[test]
fn every_command_of_the_crate_is_in_the_table() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    assert_eq!(commands_in(&sources), CommandCase::ALL.len(), "each command needs a variant of `CommandCase`");
}

#[tokio::test]
async fn the_effect_of_each_command_and_its_reply_are_one_change_set() {
    for case in CommandCase::ALL {
        let world = World::new();
        let (process, on) = (Process::of(&world), world.subjects().await);
        let before = world.facts().await;
        let request = process.request(&on.caller, KEY, "do it");
        let reply = case.execute(&process, &on, Some(&request)).await.expect("done");

        let commits = process.store.take_commits();
        assert_eq!(commits.len(), 1, "{case:?}: {commits:?}");
        let (mut replies, mut actions, mut events, mut effects) = (Vec::new(), Vec::new(), 0, 0);
        for change in commits[0].changes() {
            match change {
                Change::Insert(AnyRecord::StoredReply(reply)) => replies.push(reply),
                Change::Insert(AnyRecord::Action(action)) => actions.push(action),
                Change::Insert(AnyRecord::Event(_)) => events += 1,
                Change::Expect { .. } => {}
                _ => effects += 1,
            }
        }
        assert!(effects > 0 && events > 0, "{case:?}: {commits:?}");
        let [action] = actions.as_slice() else { panic!("{case:?}: {actions:?}") };
        assert_eq!((action.kind.as_str(), &action.outcome), (case.action_kind(), &Outcome::Done));
        let [kept] = replies.as_slice() else { panic!("{case:?} keeps {} replies", replies.len()) };
        let now = world.clock.now();
        let lifetime = TimeDelta::from_std(LIFETIME).expect("not long");
        assert_eq!((kept.user_id, kept.key.as_str()), (id_of(&on.caller), KEY), "{case:?}");
        assert_eq!((kept.created_at, kept.expires_at), (now, now + lifetime), "{case:?}");
        assert_eq!(PlainSeal.open(&kept.fingerprint, &kept.sealed).as_ref(), Some(&reply), "{case:?}");
        assert_eq!(process.replies.find(&request).await.expect("readable"), Some(reply), "{case:?}");
        assert_ne!(world.facts().await, before, "{case:?} has no effect");
    }
}

#[tokio::test]
async fn a_command_without_a_key_keeps_no_reply() {
    for case in CommandCase::ALL {
        let world = World::new();
        let (process, on) = (Process::of(&world), world.subjects().await);
        case.execute(&process, &on, None).await.expect("done");
        let commits = process.store.take_commits();
        let is_reply = |change: &Change| matches!(change, Change::Insert(AnyRecord::StoredReply(_)));
        assert!(!commits.iter().flat_map(ChangeSet::changes).any(is_reply), "{case:?}: {commits:?}");
    }
}

#[tokio::test]
async fn an_effect_whose_key_already_has_a_reply_is_not_stored() {
    for case in CommandCase::ALL {
        let world = World::new();
        let (process, on) = (Process::of(&world), world.subjects().await);
        let request = process.request(&on.caller, KEY, "do it");
        let answered = world.reply_from_another_process(&on.caller, KEY, "do it").await;
        let (facts, actions) = (world.facts().await, world.actions().await);

        let failure = case.execute(&process, &on, Some(&request)).await.expect_err("the key is taken");
        assert!(failure.is_key_taken(), "{case:?}: {failure:?}");
        assert_eq!((world.facts().await, world.actions().await), (facts, actions), "{case:?}");
        assert_eq!(process.store.take_commits().len(), 1, "{case:?}: a retry cannot succeed");
        assert_eq!(process.replies.find(&request).await.expect("readable"), Some(answered), "{case:?}");
    }
}

#[tokio::test]
async fn a_change_that_changes_nothing_keeps_its_reply_and_nothing_else() {
    for case in NO_OP_CHANGES {
        let world = World::new();
        let (process, on) = (Process::of(&world), world.subjects().await);
        let (facts, actions) = (world.facts().await, world.actions().await);
        let unkept = execute_no_op(case, &process, &on, None).await.expect("fine");
        assert!(process.store.take_commits().is_empty(), "{case}");

        let request = process.request(&on.caller, KEY, "do it");
        let reply = execute_no_op(case, &process, &on, Some(&request)).await.expect("fine");
        assert_eq!(reply, unkept, "{case}");
        let commits = process.store.take_commits();
        assert!(
            matches!(commits.as_slice(), [set] if matches!(set.changes(), [Change::Insert(AnyRecord::StoredReply(_))])),
            "{case}: {commits:?}"
        );
        assert_eq!(process.replies.find(&request).await.expect("readable"), Some(reply), "{case}");
        assert_eq!((world.facts().await, world.actions().await), (facts, actions), "{case}");

        let again = execute_no_op(case, &process, &on, Some(&request)).await.expect_err("the key is taken");
        assert!(again.is_key_taken(), "{case}: {again:?}");
    }
}

#[tokio::test]
async fn a_refused_command_keeps_no_reply_and_can_be_retried() {
    for case in CommandCase::role_restricted() {
        let world = World::new();
        let (process, able) = (Process::of(&world), world.subjects().await);
        // The same user with a role that permits almost nothing.
        let origin = Origin { session_id: None, ..able.caller.origin.clone() };
        let caller = Principal::user(id_of(&able.caller), Role::Viewer, origin);
        let on = Subjects { caller, ..able };
        let request = process.request(&on.caller, KEY, "do it");
        let refused = case.execute(&process, &on, Some(&request)).await.expect_err("refused");
        assert!(refused.is_forbidden(), "{case:?}: {refused:?}");
        assert_eq!(process.replies.find(&request).await.expect("readable"), None, "{case:?}");

        let on = Subjects { caller: able.caller, ..on };
        let reply = case.execute(&process, &on, Some(&request)).await.expect("done");
        assert_eq!(process.replies.find(&request).await.expect("readable"), Some(reply), "{case:?}");
    }
}

fn failing_seal() -> MockReplySeal {
    let mut seal = MockReplySeal::new();
    seal.expect_retired_fingerprints().returning(|_| Vec::new());
    seal.expect_fingerprint().returning(|parts| PlainSeal.fingerprint(parts));
    seal.expect_seal().returning(|_, _| Err(SecretGeneratorError));
    seal
}

#[tokio::test]
async fn a_command_whose_reply_cannot_be_sealed_stores_nothing() {
    for case in CommandCase::ALL {
        let world = World::new();
        let on = world.subjects().await;
        let process = Process::with(&world, Ports { seal: Arc::new(failing_seal()), ..Ports::over(&world) });
        let request = process.request(&on.caller, KEY, "do it");
        let failure = case.execute(&process, &on, Some(&request)).await.expect_err("not done");
        assert!(failure.is_unavailable(), "{case:?}: {failure:?}");
        assert!(process.store.take_commits().is_empty(), "{case:?}");
        case.execute(&process, &on, None).await.expect("a command without a kept reply needs no seal");
    }
    for case in NO_OP_CHANGES {
        let world = World::new();
        let on = world.subjects().await;
        let process = Process::with(&world, Ports { seal: Arc::new(failing_seal()), ..Ports::over(&world) });
        let request = process.request(&on.caller, KEY, "do it");
        let failure = execute_no_op(case, &process, &on, Some(&request)).await.expect_err("not done");
        assert!(failure.is_unavailable(), "{case}: {failure:?}");
        assert!(process.store.take_commits().is_empty(), "{case}");
    }
}
