//! Integrations, agents and the system as callers: their permissions, and how audit, timelines and events name them.

use incident_application::{
    incidents::{IncidentChange, IncidentError, IncidentRef},
    kernel::{Command, CommandError, Forbidden, Logs, Permission, Precondition, Principal, QueryError},
};
use incident_domain::{
    identity::Role,
    incidents::{Incident, IncidentFilter, IncidentPatch, IncidentSort, Status, TimelineRepository},
    kernel::{
        Action, ActionFilter, Actor, Audience, Direction, EventLog, ExternalName, Note, Origin, Outcome, PageRequest,
        PageSize, Patch, Title,
    },
};

use crate::{
    daily::{Daily, new_task},
    scene::{Scene, id_of, new_incident, to},
};

const NONE: Precondition = Precondition::None;

fn name(text: &str) -> ExternalName {
    ExternalName::parse(text).expect("a name")
}

fn integration(permissions: &[Permission]) -> Principal {
    Principal::integration(name("checkmk"), permissions.iter().copied().collect(), Origin::default())
}

fn agent(permissions: &[Permission], on_behalf_of: Option<(&Principal, Role)>) -> Principal {
    let on_behalf_of = on_behalf_of.map(|(user, role)| (id_of(user), role));
    Principal::agent(name("summariser"), permissions.iter().copied().collect(), on_behalf_of, Origin::default())
}

/// The operations, each with the permission that it requires.
const NEEDED: &[(&str, Permission)] = &[
    ("read an incident", Permission::ReadIncidents),
    ("list incidents", Permission::ReadIncidents),
    ("read a timeline", Permission::ReadIncidents),
    ("verify a timeline", Permission::ReadIncidents),
    ("open", Permission::OpenIncidents),
    ("amend", Permission::ChangeIncidents),
    ("acknowledge", Permission::ChangeIncidents),
    ("resolve", Permission::ChangeIncidents),
    ("comment", Permission::CommentIncidents),
    ("read a task", Permission::ReadTasks),
    ("list categories", Permission::ReadTasks),
    ("read events", Permission::ReadEvents),
];

/// The operations that only users may perform.
const FOR_USERS: &[&str] = &[
    "open for another user",
    "assign",
    "close",
    "delete",
    "create a task",
    "save a view",
    "list views",
    "read the audit",
];

/// Why an operation failed.
#[derive(Debug)]
enum Failure {
    Forbidden(Forbidden),
    Other(#[expect(dead_code, reason = "it is shown when a test fails")] String),
}

impl<R: std::fmt::Debug> From<CommandError<R>> for Failure {
    fn from(error: CommandError<R>) -> Self {
        match error {
            CommandError::Forbidden(forbidden) => Self::Forbidden(forbidden),
            other => Self::Other(format!("{other:?}")),
        }
    }
}

impl From<QueryError> for Failure {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Forbidden(forbidden) => Self::Forbidden(forbidden),
            other => Self::Other(format!("{other:?}")),
        }
    }
}

async fn attempt(scene: &Scene, caller: &Principal, what: &str) -> Result<(), Failure> {
    let (incidents, daily) = (&scene.incidents, Daily::of(scene));
    let first = PageRequest::After { cursor: None, size: PageSize::DEFAULT };
    let change = async |status, change: IncidentChange| {
        let incident = scene.at(status).await;
        incidents.change(Command::new(caller), incident, &change, &NONE).await.map(drop)
    };
    let amend = |patch| IncidentChange { patch, ..IncidentChange::default() };
    let other = scene.user(Role::Responder, true).await.id;
    match what {
        "read an incident" => drop(incidents.get(caller, scene.at(Status::Open).await).await?),
        "list incidents" => {
            drop(incidents.list(caller, &IncidentFilter::default(), IncidentSort::default(), first).await?);
        }
        "read a timeline" => drop(incidents.timeline(caller, scene.at(Status::Open).await, 0, 1).await?),
        "verify a timeline" => drop(incidents.verify(caller, scene.at(Status::Open).await).await?),
        "open" => drop(incidents.open(Command::new(caller), new_incident(None)).await?),
        "open for another user" => drop(incidents.open(Command::new(caller), new_incident(Some(other))).await?),
        "amend" => {
            let title = Some(Title::parse("another").expect("a title"));
            change(Status::Open, amend(IncidentPatch { title, ..IncidentPatch::default() })).await?;
        }
        "assign" => {
            let assigned_to = Patch::Set(other);
            change(Status::Open, amend(IncidentPatch { assigned_to, ..IncidentPatch::default() })).await?;
        }
        "acknowledge" => change(Status::Open, to(Status::Investigating)).await?,
        "resolve" => change(Status::Investigating, to(Status::Resolved)).await?,
        "close" => change(Status::Resolved, to(Status::Closed)).await?,
        "comment" => {
            let text = Note::parse("hello").expect("a remark");
            incidents.comment(Command::new(caller), scene.at(Status::Open).await, &text).await?;
        }
        "delete" => incidents.delete(Command::new(caller), scene.at(Status::Open).await, &NONE).await?,
        "read a task" => {
            let admin = scene.caller(Role::Admin).await;
            let task = daily.tasks.create(Command::new(&admin), new_task(None)).await?.task.id;
            drop(daily.tasks.get(caller, task).await?);
        }
        "create a task" => drop(daily.tasks.create(Command::new(caller), new_task(None)).await?),
        "list categories" => {
            drop(daily.categories.list(caller, PageRequest::After { cursor: None, size: PageSize::DEFAULT }).await?);
        }
        "save a view" => drop(daily.view(caller, "Open incidents").await?),
        "list views" => drop(daily.views.list(caller).await?),
        "read events" => drop(logs(scene).events(caller, 0, PageSize::DEFAULT).await?),
        "read the audit" => {
            let page = PageRequest::After { cursor: None, size: PageSize::DEFAULT };
            let filter = ActionFilter::default();
            drop(logs(scene).actions(caller, filter, Direction::Descending, page).await?);
        }
        other => panic!("unknown operation: {other}"),
    }
    Ok(())
}

fn logs(scene: &Scene) -> Logs {
    Logs::new(scene.store.clone(), scene.store.clone())
}

#[tokio::test]
async fn integrations_and_agents_may_do_exactly_what_their_permissions_allow() {
    let scene = Scene::new();
    for permission in Permission::ALL {
        let user = scene.caller(Role::Admin).await;
        let callers =
            [integration(&[permission]), agent(&[permission], None), agent(&[permission], Some((&user, Role::Admin)))];
        for caller in &callers {
            for (what, needed) in NEEDED {
                match attempt(&scene, caller, what).await {
                    Ok(()) => assert_eq!(*needed, permission, "{caller:?} may not {what}"),
                    Err(Failure::Forbidden(forbidden)) => {
                        assert_ne!(*needed, permission, "{caller:?} may {what}");
                        assert_eq!(forbidden, Forbidden::Permission { needed: *needed }, "{what}");
                    }
                    Err(failure) => panic!("{caller:?} tries to {what}: {failure:?}"),
                }
            }
        }
    }
    let everything = [integration(&Permission::ALL), agent(&Permission::ALL, None)];
    for (caller, what) in everything.iter().flat_map(|caller| FOR_USERS.iter().map(move |what| (caller, what))) {
        let outcome = attempt(&scene, caller, what).await;
        assert!(matches!(outcome, Err(Failure::Forbidden(Forbidden::UserNeeded))), "{caller:?}, {what}: {outcome:?}");
    }
}

#[tokio::test]
async fn an_agent_is_limited_to_the_role_of_the_user_it_acts_for() {
    let scene = Scene::new();
    for role in Role::ALL {
        let user = scene.caller(*role).await;
        let caller = agent(&Permission::ALL, Some((&user, *role)));
        for (what, needed) in NEEDED {
            let least = needed.least_role().expect("a role");
            match attempt(&scene, &caller, what).await {
                Ok(()) => assert!(*role >= least, "on behalf of a {role} it may not {what}"),
                Err(Failure::Forbidden(forbidden)) => {
                    assert!(*role < least, "on behalf of a {role} it may {what}");
                    assert_eq!(forbidden, Forbidden::Role { needed: least }, "{what}");
                }
                Err(failure) => panic!("on behalf of a {role} it tries to {what}: {failure:?}"),
            }
        }
    }
}

#[tokio::test]
async fn the_system_may_do_everything_and_only_it_may_run_maintenance() {
    let scene = Scene::new();
    let system = Principal::system();
    for (what, _) in NEEDED {
        attempt(&scene, &system, what).await.unwrap_or_else(|failure| panic!("{what}: {failure:?}"));
    }
    let admin = scene.caller(Role::Admin).await;
    system.require(Permission::RunMaintenance).expect("allowed");
    for caller in [&admin, &integration(&[Permission::RunMaintenance]), &agent(&[Permission::RunMaintenance], None)] {
        let needed = Permission::RunMaintenance;
        assert_eq!(caller.require(needed), Err(Forbidden::Permission { needed }), "{caller:?}");
    }
}

async fn open(scene: &Scene, caller: &Principal) -> Result<Incident, IncidentError> {
    scene.incidents.open(Command::new(caller), new_incident(None)).await
}

async fn last_action(scene: &Scene) -> Action {
    scene.actions().await.remove(0)
}

#[tokio::test]
async fn an_incident_opened_by_an_integration_has_the_integration_as_author_and_no_reporter() {
    let scene = Scene::new();
    let caller = integration(&[Permission::OpenIncidents]);
    let incident = open(&scene, &caller).await.expect("opened");
    let actor = Actor::Integration(name("checkmk"));
    assert_eq!(incident.reported_by, None);
    let entries = scene.store.entries(incident.id, 0, 10).await.expect("readable");
    assert_eq!(entries.iter().map(|entry| &entry.actor).collect::<Vec<_>>(), [&actor]);
    let action = last_action(&scene).await;
    assert_eq!((action.actor, action.kind.as_str(), action.outcome), (actor, "incident.open", Outcome::Done));
    let event = scene.store.after(0, 1).await.expect("readable").remove(0).event;
    assert!(event.payload.contains(r#""actor":{"kind":"integration","reference":"checkmk"}"#), "{}", event.payload);
}

#[tokio::test]
async fn an_integration_without_the_permission_is_refused_and_audited() {
    let scene = Scene::new();
    let caller = integration(&[Permission::ReadIncidents, Permission::CommentIncidents]);
    let refused = open(&scene, &caller).await;
    let needed = Permission::OpenIncidents;
    assert!(matches!(refused, Err(IncidentError::Forbidden(Forbidden::Permission { needed: n })) if n == needed));
    let action = last_action(&scene).await;
    assert_eq!((action.actor, action.target.as_str()), (Actor::Integration(name("checkmk")), "incidents"));
    assert_eq!(action.outcome, Outcome::Refused { because: "forbidden".to_owned() });
    assert_eq!(scene.store.after(0, 1).await.expect("readable"), []);
}

#[tokio::test]
async fn an_agent_acts_in_its_own_name_and_reports_for_its_user() {
    let scene = Scene::new();
    let user = scene.caller(Role::Responder).await;
    let caller = agent(&[Permission::OpenIncidents, Permission::ChangeIncidents], Some((&user, Role::Responder)));
    let opened = open(&scene, &caller).await.expect("opened");
    assert_eq!(opened.reported_by, user.user_id());
    let incident = IncidentRef::Id(opened.id);
    let taken = scene.incidents.change(Command::new(&caller), incident, &to(Status::Investigating), &NONE).await;
    assert_eq!(taken.expect("acknowledged").assigned_to, None, "agents are not assigned to incidents");
    assert_eq!(last_action(&scene).await.actor, Actor::Agent(name("summariser")));
    let entries = scene.store.entries(opened.id, 0, 10).await.expect("readable");
    assert!(entries.iter().all(|entry| entry.actor == Actor::Agent(name("summariser"))), "{entries:?}");

    let alone = open(&scene, &agent(&[Permission::OpenIncidents], None)).await.expect("opened");
    assert_eq!(alone.reported_by, None);
}

#[tokio::test]
async fn an_integration_reads_only_events_for_members() {
    let scene = Scene::new();
    let admin = scene.caller(Role::Admin).await;
    open(&scene, &admin).await.expect("opened");
    Daily::of(&scene).view(&admin, "Open incidents").await.expect("saved");
    let everything = logs(&scene).events(&admin, 0, PageSize::DEFAULT).await.expect("readable");
    assert_eq!(everything.events.len(), 2);
    let caller = integration(&[Permission::ReadEvents]);
    let page = logs(&scene).events(&caller, 0, PageSize::DEFAULT).await.expect("readable");
    let audiences: Vec<Audience> = page.events.iter().map(|logged| logged.event.audience).collect();
    assert_eq!((audiences.as_slice(), page.next_after), (&[Audience::Members][..], everything.next_after));
}
