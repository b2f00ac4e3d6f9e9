//! The incident services over an in-memory store, and fixtures.

use std::sync::Arc;

use incident_application::{
    incidents::{IncidentChange, IncidentPorts, IncidentRef, Incidents},
    kernel::{Command, CommandPorts, CommandRunner, Principal},
};
use incident_domain::{
    identity::{Email, Role, User},
    incidents::{Incident, Labels, NewIncident, Priority, Resolution, ResolutionCode, Status, TimelineKey},
    kernel::{
        Action, ActionFilter, ActionRepository, Clock, Direction, IdGenerator, Note, Origin, PageRequest, PageSize,
        PersonName, Title, UserId, Version,
    },
    write::{ChangeSet, Store},
};
use incident_memory::{ManualClock, MemoryStore, SequentialIds};

pub(crate) const KEY: &[u8] = b"a key that only tests know of";

pub(crate) struct Scene {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ids: Arc<SequentialIds>,
    pub(crate) runner: Arc<CommandRunner>,
    pub(crate) incidents: Incidents,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        let now = "2026-01-31T12:00:00Z".parse().expect("a time");
        let (clock, ids) = (Arc::new(ManualClock::at(now)), Arc::new(SequentialIds::new()));
        let ports = CommandPorts { store: store.clone(), clock: clock.clone(), ids: ids.clone() };
        let runner = Arc::new(CommandRunner::new(ports));
        let incidents = Incidents::new(runner.clone(), Self::ports(&store), TimelineKey::new(KEY));
        Self { store, clock, ids, runner, incidents }
    }

    /// Creates a runner that shares the clock and IDs but commits to another store.
    pub(crate) fn runner_over(&self, store: Arc<dyn Store>) -> Arc<CommandRunner> {
        let (clock, ids) = (self.clock.clone(), self.ids.clone());
        Arc::new(CommandRunner::new(CommandPorts { store, clock, ids }))
    }

    pub(crate) fn ports(store: &Arc<MemoryStore>) -> IncidentPorts {
        IncidentPorts {
            incidents: store.clone(),
            numbers: store.clone(),
            timeline: store.clone(),
            search: store.clone(),
            users: store.clone(),
        }
    }

    /// Creates an active user of this role and returns them as a caller.
    pub(crate) async fn caller(&self, role: Role) -> Principal {
        let user = self.user(role, true).await;
        Principal::user(user.id, role, Origin::default())
    }

    pub(crate) async fn user(&self, role: Role, is_active: bool) -> User {
        let id = UserId::new(self.ids.next_id());
        let user = User {
            id,
            email: Email::parse(format!("{id}@example.org")).expect("an address"),
            name: PersonName::parse("Ada").expect("a name"),
            role,
            is_active,
            password_hash: None,
            created_at: self.clock.now(),
            updated_at: self.clock.now(),
            version: Version::FIRST,
        };
        self.store.commit(ChangeSet::new().insert(user.clone())).await.expect("stored");
        user
    }

    pub(crate) async fn open(&self, caller: &Principal) -> Incident {
        self.incidents.open(Command::new(caller), new_incident(None)).await.expect("opened")
    }

    /// Returns all actions, newest first; they fit on one page.
    pub(crate) async fn actions(&self) -> Vec<Action> {
        let page = PageRequest::After { cursor: None, size: PageSize::parse(PageSize::MAX).expect("a size") };
        let page = ActionRepository::list(&*self.store, &ActionFilter::default(), Direction::Descending, page)
            .await
            .expect("readable");
        assert!(!page.has_more, "the actions do not fit on one page");
        page.items
    }

    /// Creates an incident in this status, as an administrator.
    pub(crate) async fn at(&self, status: Status) -> IncidentRef {
        let admin = self.caller(Role::Admin).await;
        let incident = IncidentRef::Id(self.open(&admin).await.id);
        let route: &[Status] = match status {
            Status::Open => &[],
            Status::Investigating => &[Status::Investigating],
            Status::Resolved => &[Status::Investigating, Status::Resolved],
            Status::Closed => &[Status::Investigating, Status::Resolved, Status::Closed],
            other => panic!("no route to {other}"),
        };
        for step in route {
            let none = incident_application::kernel::Precondition::None;
            self.incidents.change(Command::new(&admin), incident, &to(*step), &none).await.expect("a step");
        }
        incident
    }
}

/// Returns the caller's user ID.
pub(crate) fn id_of(caller: &Principal) -> UserId {
    caller.require_user().expect("a user")
}

pub(crate) fn new_incident(assigned_to: Option<UserId>) -> NewIncident {
    NewIncident {
        title: Title::parse("checkout answers 500").expect("a title"),
        description: None,
        priority: Priority::High,
        impact: None,
        urgency: None,
        service: None,
        category: None,
        labels: Labels::default(),
        reported_by: None,
        assigned_to,
        external: None,
    }
}

/// Builds a transition with every field that some transition requires.
pub(crate) fn to(status: Status) -> IncidentChange {
    let resolution = (status == Status::Resolved).then_some(Resolution { code: ResolutionCode::Fixed, note: None });
    let reason = Some(Note::parse("because").expect("a reason"));
    IncidentChange { status: Some(status), resolution, reason, ..IncidentChange::default() }
}
