//! Commands whose caller or assignee changes or disappears just before the commit.

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
    command_cases::{CommandCase, new_task},
    failure::Failure,
    no_op::{NO_OP_CHANGES, execute_no_op},
    process::{KEY, Process},
    world::{Subjects, World, id_of, name, new_incident},
};

/// Commits a change of another administrator; the in-memory store completes without waiting.
fn store(memory: &MemoryStore, changes: ChangeSet) {
    memory.commit(changes).now_or_never().expect("at once").expect("stored");
}

fn remove(memory: &MemoryStore, id: UserId) {
    let user = Repository::<User>::find(memory, id).now_or_never().expect("at once").expect("readable").expect("there");
    store(memory, ChangeSet::new().delete(&user));
}

#[tokio::test]
async fn an_unrelated_concurrent_change_to_the_callers_account_does_not_fail_the_command() {
    for case in CommandCase::ALL {
        let world = World::new();
        let (process, on) = (Process::of(&world), world.subjects().await);
        let user = Repository::<User>::find(&*world.memory, id_of(&on.caller)).await.expect("readable").expect("there");
        let patch = UserPatch { name: Some(name("Augusta")), ..UserPatch::default() };
        let renamed = user.patched(&patch, world.clock.now());
        process.store.before_next_commit(move |memory| {
            store(memory, ChangeSet::new().update(renamed, user.version));
        });
        let request = process.request(&on.caller, KEY, "do it");
        let reply = case.execute(&process, &on, Some(&request)).await;
        let reply = reply.unwrap_or_else(|failure| panic!("{case:?}: {failure:?}"));
        assert_eq!(process.replies.find(&request).await.expect("readable"), Some(reply), "{case:?}");
    }
}

/// Subjects whose caller is an administrator without incidents, so that the account can be deleted.
async fn removable_subjects(world: &World) -> Subjects {
    let caller = world.caller(Role::Admin).await;
    Subjects { caller, ..world.subjects().await }
}

#[tokio::test]
async fn a_command_of_a_caller_deleted_concurrently_is_refused_without_effect() {
    for case in CommandCase::ALL {
        let world = World::new();
        let (process, on) = (Process::of(&world), removable_subjects(&world).await);
        let (id, events) = (id_of(&on.caller), world.facts().await.events);
        process.store.before_next_commit(move |memory| remove(memory, id));
        let request = process.request(&on.caller, KEY, "do it");
        let failure = case.execute(&process, &on, Some(&request)).await.expect_err("refused");
        assert!(failure.is_missing_caller(), "{case:?}: {failure:?}");
        assert_eq!(world.facts().await.events, events, "{case:?}");
        let action = world.actions().await.remove(0);
        assert_eq!(
            (action.kind.as_str(), action.outcome.kind()),
            (case.action_kind(), OutcomeKind::Refused),
            "{case:?}"
        );
    }
    for case in NO_OP_CHANGES {
        let world = World::new();
        let (process, on) = (Process::of(&world), removable_subjects(&world).await);
        let id = id_of(&on.caller);
        process.store.before_next_commit(move |memory| remove(memory, id));
        let request = process.request(&on.caller, KEY, "do it");
        let failure = execute_no_op(case, &process, &on, Some(&request)).await.expect_err("refused");
        assert!(failure.is_missing_caller(), "{case}: {failure:?}");
    }
}

/// The commands that set an assignee.
#[derive(Clone, Copy, Debug)]
enum Assigning {
    OpenIncident,
    ChangeIncident,
    ChangeIncidents,
    CreateTask,
    ChangeTask,
}

async fn assign(case: Assigning, process: &Process, on: &Subjects, assignee: UserId) -> Result<(), Failure> {
    let (caller, none) = (&on.caller, Precondition::None);
    let patch = IncidentPatch { assigned_to: Patch::Set(assignee), ..IncidentPatch::default() };
    let change = IncidentChange { patch, ..IncidentChange::default() };
    match case {
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
async fn an_assignee_deleted_concurrently_is_an_unknown_user() {
    use Assigning::{ChangeIncident, ChangeIncidents, ChangeTask, CreateTask, OpenIncident};
    for case in [OpenIncident, ChangeIncident, ChangeIncidents, CreateTask, ChangeTask] {
        let world = World::new();
        let (process, on) = (Process::of(&world), world.subjects().await);
        let assignee = world.user(Role::Responder).await.id;
        process.store.before_next_commit(move |memory| remove(memory, assignee));
        let failure = assign(case, &process, &on, assignee).await.expect_err("refused");
        assert_eq!(failure.rule(), Some("unknown_user"), "{case:?}: {failure:?}");
    }
}
