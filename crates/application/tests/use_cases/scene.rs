//! A platform in memory with a user of every role.

use std::sync::Arc;

use incident_application::{Caller, Command, IncidentChange, IncidentPorts, IncidentRef, Incidents};
use incident_domain::{
    Action, ActionFilter, ChangeSet, Direction, Email, Incident, Labels, NewIncident, Note, Origin, PageRequest,
    PageSize, PersonName, Priority, Resolution, ResolutionCode, Role, Status, TimelineKey, Title, User, UserId,
    Version,
    ports::{ActionRepository, Clock, IdGenerator, Store},
};
use incident_memory::{ManualClock, MemoryStore, SequentialIds};

pub(crate) const KEY: &[u8] = b"a key that only tests know of";

pub(crate) struct Scene {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ids: Arc<SequentialIds>,
    pub(crate) incidents: Incidents,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        let now = "2026-01-31T12:00:00Z".parse().expect("a time");
        let (clock, ids) = (Arc::new(ManualClock::at(now)), Arc::new(SequentialIds::new()));
        let ports = Self::ports(&store, &clock, &ids);
        let incidents = Incidents::new(ports, TimelineKey::new(KEY));
        Self { store, clock, ids, incidents }
    }

    pub(crate) fn ports(store: &Arc<MemoryStore>, clock: &Arc<ManualClock>, ids: &Arc<SequentialIds>) -> IncidentPorts {
        IncidentPorts {
            store: store.clone(),
            incidents: store.clone(),
            numbers: store.clone(),
            timeline: store.clone(),
            tasks: store.clone(),
            categories: store.clone(),
            search: store.clone(),
            users: store.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
        }
    }

    /// A new active user of this role, as a caller.
    pub(crate) async fn caller(&self, role: Role) -> Caller {
        let user = self.user(role, true).await;
        Caller { user_id: user.id, role, origin: Origin::default() }
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

    pub(crate) async fn open(&self, caller: &Caller) -> Incident {
        self.incidents.open(Command::new(caller), new_incident(None)).await.expect("opened")
    }

    /// All actions, the newest first; no test makes more than a page of them.
    pub(crate) async fn actions(&self) -> Vec<Action> {
        let page = PageRequest::After { cursor: None, size: PageSize::parse(PageSize::MAX).expect("a size") };
        let page = ActionRepository::list(&*self.store, &ActionFilter::default(), Direction::Descending, page)
            .await
            .expect("readable");
        assert!(!page.has_more, "there are more than a page");
        page.items
    }

    /// An incident that was brought to this status by somebody who may do everything.
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
            let none = incident_application::Precondition::None;
            self.incidents.change(Command::new(&admin), incident, &to(*step), &none).await.expect("a step");
        }
        incident
    }
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

/// A step with all that any step may require.
pub(crate) fn to(status: Status) -> IncidentChange {
    let resolution = (status == Status::Resolved).then_some(Resolution { code: ResolutionCode::Fixed, note: None });
    let reason = Some(Note::parse("because").expect("a reason"));
    IncidentChange { status: Some(status), resolution, reason, ..IncidentChange::default() }
}
