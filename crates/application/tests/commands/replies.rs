//! The effect and its reply are one value.

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
    nothing_new::{SAYING_NOTHING_NEW, say_nothing_new},
    process::{KEY, LIFETIME, Ports, Process},
    what::What,
    world::{Subjects, World, id_of},
};

/// How many functions of these sources take a command.
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
    assert_eq!(commands_in(&sources), What::ALL.len(), "each one needs its row in `What`");
}

#[tokio::test]
async fn the_effect_of_each_command_and_its_reply_are_one_change_set() {
    for what in What::ALL {
        let world = World::new();
        let (process, on) = (Process::of(&world), world.subjects().await);
        let before = world.facts().await;
        let request = process.request(&on.caller, KEY, "do it");
        let reply = what.give(&process, &on, Some(&request)).await.expect("done");

        let handed = process.store.handed();
        assert_eq!(handed.len(), 1, "{what:?}: {handed:?}");
        let (mut replies, mut actions, mut events, mut effects) = (Vec::new(), Vec::new(), 0, 0);
        for change in handed[0].changes() {
            match change {
                Change::Insert(AnyRecord::StoredReply(reply)) => replies.push(reply),
                Change::Insert(AnyRecord::Action(action)) => actions.push(action),
                Change::Insert(AnyRecord::Event(_)) => events += 1,
                Change::Expect { .. } => {}
                _ => effects += 1,
            }
        }
        assert!(effects > 0 && events > 0, "{what:?}: {handed:?}");
        let [action] = actions.as_slice() else { panic!("{what:?}: {actions:?}") };
        assert_eq!((action.kind.as_str(), &action.outcome), (what.audited(), &Outcome::Done));
        let [kept] = replies.as_slice() else { panic!("{what:?} keeps {} replies", replies.len()) };
        let now = world.clock.now();
        let lifetime = TimeDelta::from_std(LIFETIME).expect("not long");
        assert_eq!((kept.user_id, kept.key.as_str()), (id_of(&on.caller), KEY), "{what:?}");
        assert_eq!((kept.created_at, kept.expires_at), (now, now + lifetime), "{what:?}");
        assert_eq!(PlainSeal.open(&kept.fingerprint, &kept.sealed).as_ref(), Some(&reply), "{what:?}");
        assert_eq!(process.replies.find(&request).await.expect("readable"), Some(reply), "{what:?}");
        assert_ne!(world.facts().await, before, "{what:?} has no effect");
    }
}

#[tokio::test]
async fn a_command_without_a_key_keeps_no_reply() {
    for what in What::ALL {
        let world = World::new();
        let (process, on) = (Process::of(&world), world.subjects().await);
        what.give(&process, &on, None).await.expect("done");
        let handed = process.store.handed();
        let is_reply = |change: &Change| matches!(change, Change::Insert(AnyRecord::StoredReply(_)));
        assert!(!handed.iter().flat_map(ChangeSet::changes).any(is_reply), "{what:?}: {handed:?}");
    }
}

#[tokio::test]
async fn nothing_remains_of_an_effect_whose_key_has_a_reply_already() {
    for what in What::ALL {
        let world = World::new();
        let (process, on) = (Process::of(&world), world.subjects().await);
        let request = process.request(&on.caller, KEY, "do it");
        let answered = world.answer_elsewhere(&on.caller, KEY, "do it").await;
        let (facts, actions) = (world.facts().await, world.actions().await);

        let failure = what.give(&process, &on, Some(&request)).await.expect_err("the key is taken");
        assert!(failure.is_key_taken(), "{what:?}: {failure:?}");
        assert_eq!((world.facts().await, world.actions().await), (facts, actions), "{what:?}");
        assert_eq!(process.store.handed().len(), 1, "{what:?}: deciding anew would not help");
        assert_eq!(process.replies.find(&request).await.expect("readable"), Some(answered), "{what:?}");
    }
}

#[tokio::test]
async fn a_change_that_changes_nothing_keeps_its_reply_and_nothing_else() {
    for what in SAYING_NOTHING_NEW {
        let world = World::new();
        let (process, on) = (Process::of(&world), world.subjects().await);
        let (facts, actions) = (world.facts().await, world.actions().await);
        let unkept = say_nothing_new(what, &process, &on, None).await.expect("fine");
        assert!(process.store.handed().is_empty(), "{what}");

        let request = process.request(&on.caller, KEY, "do it");
        let reply = say_nothing_new(what, &process, &on, Some(&request)).await.expect("fine");
        assert_eq!(reply, unkept, "{what}");
        let handed = process.store.handed();
        assert!(
            matches!(handed.as_slice(), [set] if matches!(set.changes(), [Change::Insert(AnyRecord::StoredReply(_))])),
            "{what}: {handed:?}"
        );
        assert_eq!(process.replies.find(&request).await.expect("readable"), Some(reply), "{what}");
        assert_eq!((world.facts().await, world.actions().await), (facts, actions), "{what}");

        let again = say_nothing_new(what, &process, &on, Some(&request)).await.expect_err("the key is taken");
        assert!(again.is_key_taken(), "{what}: {again:?}");
    }
}

#[tokio::test]
async fn a_refused_command_keeps_no_reply_so_that_it_can_be_sent_again() {
    for what in What::guarded() {
        let world = World::new();
        let (process, able) = (Process::of(&world), world.subjects().await);
        // The same user with next to no rights.
        let origin = Origin { session_id: None, ..able.caller.origin.clone() };
        let caller = Principal::user(id_of(&able.caller), Role::Viewer, origin);
        let on = Subjects { caller, ..able };
        let request = process.request(&on.caller, KEY, "do it");
        let refused = what.give(&process, &on, Some(&request)).await.expect_err("refused");
        assert!(refused.is_forbidden(), "{what:?}: {refused:?}");
        assert_eq!(process.replies.find(&request).await.expect("readable"), None, "{what:?}");

        let on = Subjects { caller: able.caller, ..on };
        let reply = what.give(&process, &on, Some(&request)).await.expect("done");
        assert_eq!(process.replies.find(&request).await.expect("readable"), Some(reply), "{what:?}");
    }
}

fn failing_seal() -> MockReplySeal {
    let mut seal = MockReplySeal::new();
    seal.expect_fingerprint().returning(|parts| PlainSeal.fingerprint(parts));
    seal.expect_seal().returning(|_, _| Err(SecretGeneratorError));
    seal
}

#[tokio::test]
async fn nothing_is_stored_whose_reply_cannot_be_sealed() {
    for what in What::ALL {
        let world = World::new();
        let on = world.subjects().await;
        let process = Process::with(&world, Ports { seal: Arc::new(failing_seal()), ..Ports::over(&world) });
        let request = process.request(&on.caller, KEY, "do it");
        let failure = what.give(&process, &on, Some(&request)).await.expect_err("not done");
        assert!(failure.is_unavailable(), "{what:?}: {failure:?}");
        assert!(process.store.handed().is_empty(), "{what:?}");
        what.give(&process, &on, None).await.expect("what keeps no reply needs no seal");
    }
    for what in SAYING_NOTHING_NEW {
        let world = World::new();
        let on = world.subjects().await;
        let process = Process::with(&world, Ports { seal: Arc::new(failing_seal()), ..Ports::over(&world) });
        let request = process.request(&on.caller, KEY, "do it");
        let failure = say_nothing_new(what, &process, &on, Some(&request)).await.expect_err("not done");
        assert!(failure.is_unavailable(), "{what}: {failure:?}");
        assert!(process.store.handed().is_empty(), "{what}");
    }
}
