//! What happens to the caller's own account, or to an assignee's, just before a command is stored.

use futures::FutureExt;
use incident_application::{
    incidents::{BulkChange, IncidentChange},
    kernel::{Command, Precondition},
    work::{NewTask, TaskChange},
};
use incident_domain::{
    identity::{Role, User, UserPatch},
    incidents::{IncidentPatch, NewIncident},
    kernel::{Clock, OutcomeKind, Patch, Repository, UserId},
    write::{ChangeSet, Store},
};
use incident_memory::MemoryStore;

use crate::{
    failure::Failure,
    nothing_new::{SAYING_NOTHING_NEW, say_nothing_new},
    process::{KEY, Process},
    what::{What, new_task},
    world::{Subjects, World, id_of, name, new_incident},
};

/// What another administrator does to the caller; the store in memory never waits.
fn store(memory: &MemoryStore, changes: ChangeSet) {
    memory.commit(changes).now_or_never().expect("at once").expect("stored");
}

fn remove(memory: &MemoryStore, id: UserId) {
    let user = Repository::<User>::find(memory, id).now_or_never().expect("at once").expect("readable").expect("there");
    store(memory, ChangeSet::new().delete(&user));
}

#[tokio::test]
async fn a_caller_whose_account_is_changed_otherwise_meanwhile_is_served_all_the_same() {
    for what in What::ALL {
        let world = World::new();
        let (process, on) = (Process::of(&world), world.subjects().await);
        let user = Repository::<User>::find(&*world.memory, id_of(&on.caller)).await.expect("readable").expect("there");
        let patch = UserPatch { name: Some(name("Augusta")), ..UserPatch::default() };
        let renamed = user.patched(&patch, world.clock.now());
        process.store.meanwhile(move |memory| {
            store(memory, ChangeSet::new().update(renamed, user.version));
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
        let (id, events) = (id_of(&on.caller), world.facts().await.events);
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
        let id = id_of(&on.caller);
        process.store.meanwhile(move |memory| remove(memory, id));
        let request = process.request(&on.caller, KEY, "do it");
        let failure = say_nothing_new(what, &process, &on, Some(&request)).await.expect_err("refused");
        assert!(failure.is_of_nobody(), "{what}: {failure:?}");
    }
}

/// The commands that assign somebody.
#[derive(Clone, Copy, Debug)]
enum Assigning {
    OpenIncident,
    ChangeIncident,
    ChangeIncidents,
    CreateTask,
    ChangeTask,
}

async fn assign(what: Assigning, process: &Process, on: &Subjects, assignee: UserId) -> Result<(), Failure> {
    let (caller, none) = (&on.caller, Precondition::None);
    let patch = IncidentPatch { assigned_to: Patch::Set(assignee), ..IncidentPatch::default() };
    let change = IncidentChange { patch, ..IncidentChange::default() };
    match what {
        Assigning::OpenIncident => {
            let new = NewIncident { assigned_to: Some(assignee), ..new_incident() };
            process.incidents.open(Command::new(caller), new).await?;
        }
        Assigning::ChangeIncident => {
            process.incidents.change(Command::new(caller), on.incident, &change, &none).await?;
        }
        Assigning::ChangeIncidents => {
            let change = BulkChange { change, ..BulkChange::default() };
            process.incidents.change_many(Command::new(caller), &[on.incident], &change).await?;
        }
        Assigning::CreateTask => {
            let new = NewTask { assigned_to: Some(assignee), ..new_task() };
            process.tasks.create(Command::new(caller), new).await?;
        }
        Assigning::ChangeTask => {
            let change = TaskChange { assigned_to: Patch::Set(assignee), ..TaskChange::default() };
            process.tasks.change(Command::new(caller), on.task, &change, &none).await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_assignee_whose_account_is_removed_meanwhile_is_unknown() {
    use Assigning::{ChangeIncident, ChangeIncidents, ChangeTask, CreateTask, OpenIncident};
    for what in [OpenIncident, ChangeIncident, ChangeIncidents, CreateTask, ChangeTask] {
        let world = World::new();
        let (process, on) = (Process::of(&world), world.subjects().await);
        let assignee = world.user(Role::Responder).await.id;
        process.store.meanwhile(move |memory| remove(memory, assignee));
        let failure = assign(what, &process, &on, assignee).await.expect_err("refused");
        assert_eq!(failure.rule(), Some("unknown_user"), "{what:?}: {failure:?}");
    }
}
