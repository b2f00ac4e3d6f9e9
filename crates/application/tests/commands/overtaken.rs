//! What happens to the caller's own account just before a command is stored.

use futures::FutureExt;
use incident_domain::{
    ChangeSet, OutcomeKind, Role, UserId, UserPatch,
    ports::{Clock, Store, UserRepository},
};
use incident_memory::MemoryStore;

use crate::{
    nothing_new::{SAYING_NOTHING_NEW, say_nothing_new},
    process::{KEY, Process},
    what::What,
    world::{Subjects, World, name},
};

/// What another administrator does to the caller; the store in memory never waits.
fn store(memory: &MemoryStore, changes: ChangeSet) {
    memory.commit(changes).now_or_never().expect("at once").expect("stored");
}

fn remove(memory: &MemoryStore, id: UserId) {
    let user = UserRepository::find(memory, id).now_or_never().expect("at once").expect("readable").expect("there");
    store(memory, ChangeSet::new().with_user_deleted(&user));
}

#[tokio::test]
async fn a_caller_whose_account_is_changed_otherwise_meanwhile_is_served_all_the_same() {
    for what in What::ALL {
        let world = World::new();
        let (process, on) = (Process::of(&world), world.subjects().await);
        let user = UserRepository::find(&*world.memory, on.caller.user_id).await.expect("readable").expect("there");
        let patch = UserPatch { name: Some(name("Augusta")), ..UserPatch::default() };
        let renamed = user.patched(&patch, world.clock.now());
        process.store.meanwhile(move |memory| {
            store(memory, ChangeSet::new().with_user_updated(renamed, user.version));
        });
        let request = process.request(&on.caller, KEY, "do it");
        let reply = what.give(&process, &on, Some(&request)).await;
        let reply = reply.unwrap_or_else(|failure| panic!("{what:?}: {failure:?}"));
        assert_eq!(process.replies.find(&request).await.expect("readable"), Some(reply), "{what:?}");
    }
}

/// An administrator whom no incident names, so that they can be removed.
async fn by_removable(world: &World) -> Subjects {
    let caller = world.caller(Role::Admin).await;
    Subjects { caller, ..world.subjects().await }
}

#[tokio::test]
async fn a_caller_whose_account_is_removed_meanwhile_is_refused_and_nothing_is_done_for_them() {
    for what in What::ALL {
        let world = World::new();
        let (process, on) = (Process::of(&world), by_removable(&world).await);
        let (id, events) = (on.caller.user_id, world.facts().await.events);
        process.store.meanwhile(move |memory| remove(memory, id));
        let request = process.request(&on.caller, KEY, "do it");
        let failure = what.give(&process, &on, Some(&request)).await.expect_err("refused");
        assert!(failure.is_of_nobody(), "{what:?}: {failure:?}");
        assert_eq!(world.facts().await.events, events, "{what:?}");
        let action = world.actions().await.remove(0);
        assert_eq!((action.kind.as_str(), action.outcome.kind()), (what.audited(), OutcomeKind::Refused), "{what:?}");
    }
    for what in SAYING_NOTHING_NEW {
        let world = World::new();
        let (process, on) = (Process::of(&world), by_removable(&world).await);
        let id = on.caller.user_id;
        process.store.meanwhile(move |memory| remove(memory, id));
        let request = process.request(&on.caller, KEY, "do it");
        let failure = say_nothing_new(what, &process, &on, Some(&request)).await.expect_err("refused");
        assert!(failure.is_of_nobody(), "{what}: {failure:?}");
    }
}
