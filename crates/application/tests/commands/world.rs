//! The state that all processes of a platform share, and its fixtures.

use std::sync::Arc;

use chrono::TimeDelta;
use incident_application::{
    incidents::IncidentRef,
    kernel::{Command, Principal},
};
use incident_domain::{
    catalog::ServiceId,
    identity::{
        ApiToken, ApiTokenRepository, Email, LiveSessions, PasswordHash, Role, SecretKind, Session, SessionRepository,
        TokenSecret, User, UserFilter, UserSort,
    },
    incidents::{
        Incident, IncidentFilter, IncidentRepository, IncidentSort, Labels, NewIncident, Priority, TimelineEntry,
        TimelineRepository,
    },
    kernel::{
        Action, ActionFilter, ActionRepository, ApiTokenId, Clock, Direction, EventLog, IdGenerator, Job, JobFilter,
        JobId, JobKind, JobQueue, JobState, Label, Listing, LoggedEvent, Origin, Page, PageRequest, PageSize,
        PersonName, SecretGenerator, SessionId, TaskId, Title, UserId, Version,
    },
    work::{CategoryId, SavedViewId},
    write::{Change, ChangeSet, Store},
};
use incident_memory::{ManualClock, MemoryStore, SequentialIds, SequentialSecrets};

use crate::{
    command_cases::{category, encode, new_task, new_view, service},
    process::Process,
};

pub(crate) const PASSWORD: &str = "correct horse battery staple";

pub(crate) struct World {
    pub(crate) memory: Arc<MemoryStore>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ids: Arc<SequentialIds>,
    pub(crate) secrets: Arc<SequentialSecrets>,
}

/// The caller of a command, and the records that commands refer to.
pub(crate) struct Subjects {
    /// An administrator with a session.
    pub(crate) caller: Principal,
    /// An incident that the caller opened.
    pub(crate) incident: IncidentRef,
    /// A user other than the caller.
    pub(crate) other: UserId,
    /// A session of `other`.
    pub(crate) session: SessionId,
    /// An API token of `other`.
    pub(crate) token: ApiTokenId,
    /// A task that the caller created.
    pub(crate) task: TaskId,
    /// A category without tasks.
    pub(crate) category: CategoryId,
    pub(crate) service: ServiceId,
    /// A saved view of the caller.
    pub(crate) view: SavedViewId,
    /// A dead job.
    pub(crate) job: JobId,
}

/// Everything that is stored, except the audit log and kept replies.
#[derive(Debug, PartialEq)]
pub(crate) struct Facts {
    users: Vec<User>,
    sessions: Vec<Session>,
    api_tokens: Vec<ApiToken>,
    pub(crate) incidents: Vec<Incident>,
    entries: Vec<TimelineEntry>,
    pub(crate) events: Vec<LoggedEvent>,
    jobs: Vec<Job>,
}

impl World {
    pub(crate) fn new() -> Self {
        let now = "2026-01-31T12:00:00Z".parse().expect("a time");
        Self {
            memory: Arc::new(MemoryStore::new()),
            clock: Arc::new(ManualClock::at(now)),
            ids: Arc::new(SequentialIds::new()),
            secrets: Arc::new(SequentialSecrets::new()),
        }
    }

    pub(crate) async fn user(&self, role: Role) -> User {
        let id = UserId::new(self.ids.next_id());
        let user = User {
            id,
            email: Email::parse(format!("{id}@example.org")).expect("an address"),
            name: name("Ada"),
            role,
            is_active: true,
            password_hash: Some(PasswordHash::new(PASSWORD)),
            created_at: self.clock.now(),
            updated_at: self.clock.now(),
            version: Version::FIRST,
        };
        self.memory.commit(ChangeSet::new().insert(user.clone())).await.expect("stored");
        user
    }

    pub(crate) async fn session_of(&self, user: UserId) -> SessionId {
        let (id, now) = (SessionId::new(self.ids.next_id()), self.clock.now());
        let session = Session {
            id,
            user_id: user,
            user_agent: None,
            ip: None,
            created_at: now,
            last_seen_at: now,
            expires_at: now + TimeDelta::days(30),
            revocation: None,
        };
        self.memory.commit(ChangeSet::new().insert(session)).await.expect("stored");
        id
    }

    /// Creates a user of this role with a session.
    pub(crate) async fn caller(&self, role: Role) -> Principal {
        let user_id = self.user(role).await.id;
        let origin = Origin {
            session_id: Some(self.session_of(user_id).await),
            api_token_id: None,
            ip: Some("192.0.2.7".to_owned()),
            request_id: Some("request-1".to_owned()),
        };
        Principal::user(user_id, role, origin)
    }

    /// Creates a viewer who calls with an API token, which every role-restricted command refuses.
    pub(crate) async fn unprivileged_caller(&self) -> Principal {
        let mut machine = self.caller(Role::Viewer).await;
        machine.origin.session_id = None;
        machine.origin.api_token_id = Some(self.api_token_of(id_of(&machine)).await);
        machine
    }

    pub(crate) async fn api_token_of(&self, user: UserId) -> ApiTokenId {
        let (id, now) = (ApiTokenId::new(self.ids.next_id()), self.clock.now());
        let secret = TokenSecret::new(SecretKind::ApiToken, &self.secrets.secret().expect("a secret"));
        let token = ApiToken {
            id,
            user_id: user,
            name: Label::parse("deploy script").expect("a name"),
            role: Role::Viewer,
            hash: secret.hash(),
            created_at: now,
            expires_at: now + TimeDelta::days(30),
            last_used_at: None,
            revoked_at: None,
        };
        self.memory.commit(ChangeSet::new().insert(token)).await.expect("stored");
        id
    }

    async fn dead_job(&self) -> JobId {
        let (id, now) = (JobId::new(self.ids.next_id()), self.clock.now());
        let kind = JobKind::parse("webhook.deliver").expect("a kind");
        let job = Job { state: JobState::Dead, attempts: 10, ..Job::new(id, kind, "{}".to_owned(), now, now) };
        self.memory.commit(ChangeSet::new().insert(job)).await.expect("stored");
        id
    }

    /// Creates the records that commands refer to.
    pub(crate) async fn subjects(&self) -> Subjects {
        let caller = self.caller(Role::Admin).await;
        let process = Process::of(self);
        let opened = process.incidents.open(Command::new(&caller), new_incident()).await.expect("opened");
        let task = process.tasks.create(Command::new(&caller), new_task()).await.expect("made").task.id;
        let named = process.categories.name(Command::new(&caller), category("Calls")).await.expect("named");
        let view = process.views.save(Command::new(&caller), new_view("Open incidents")).await.expect("saved").id;
        let category = named.category.id;
        let payments = |id, now| service(&format!("payments-{id}"), id, now);
        let service = process.records.create(Command::new(&caller), payments).await.expect("created").id;
        let other = self.user(Role::Viewer).await.id;
        let (session, token) = (self.session_of(other).await, self.api_token_of(other).await);
        let job = self.dead_job().await;
        let incident = IncidentRef::Id(opened.id);
        Subjects { caller, incident, other, session, token, task, category, service, view, job }
    }

    /// Answers a request of this caller in another process. That process executes a different command, so that the two
    /// replies differ.
    pub(crate) async fn reply_from_another_process(&self, caller: &Principal, key: &str, body: &str) -> Vec<u8> {
        let elsewhere = Process::of(self);
        let request = elsewhere.request(caller, key, body);
        let able = Principal::user(id_of(caller), Role::Admin, caller.origin.clone());
        let command = Command::keeping_reply(&able, &elsewhere.replies, &request, &encode);
        encode(&elsewhere.incidents.open(command, new_incident()).await.expect("opened"))
    }

    pub(crate) async fn store(&self, change: Change) {
        self.memory.commit(ChangeSet::new().with(change)).await.expect("stored");
    }

    /// Returns all actions, newest first; they fit on one page.
    pub(crate) async fn actions(&self) -> Vec<Action> {
        whole(
            ActionRepository::list(&*self.memory, &ActionFilter::default(), Direction::Descending, all())
                .await
                .expect("readable"),
        )
    }

    pub(crate) async fn facts(&self) -> Facts {
        let memory = &*self.memory;
        let users = whole(
            Listing::<User>::list(memory, &UserFilter::default(), UserSort::default(), all()).await.expect("readable"),
        );
        let (mut sessions, mut api_tokens, mut entries) = (Vec::new(), Vec::new(), Vec::new());
        for user in &users {
            let live = LiveSessions { user_id: user.id, now: self.clock.now(), idle_max: TimeDelta::days(7) };
            sessions.append(&mut whole(SessionRepository::list(memory, &live, all()).await.expect("readable")));
            api_tokens.append(&mut whole(ApiTokenRepository::list(memory, user.id, all()).await.expect("readable")));
        }
        let incidents =
            IncidentRepository::list(memory, &IncidentFilter::default(), IncidentSort::default(), all()).await;
        let incidents = whole(incidents.expect("readable"));
        for incident in &incidents {
            entries.append(&mut memory.entries(incident.id, 0, u32::MAX).await.expect("readable"));
        }
        let events = memory.after(0, u32::MAX).await.expect("readable");
        let jobs = whole(JobQueue::list(memory, &JobFilter::default(), all()).await.expect("readable"));
        Facts { users, sessions, api_tokens, incidents, entries, events, jobs }
    }
}

/// Returns the caller's user ID.
pub(crate) fn id_of(caller: &Principal) -> UserId {
    caller.require_user().expect("a user")
}

pub(crate) fn new_incident() -> NewIncident {
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
        assigned_to: None,
        external: None,
    }
}

pub(crate) fn name(text: &str) -> PersonName {
    PersonName::parse(text).expect("a name")
}

fn all<C>() -> PageRequest<C> {
    PageRequest::After { cursor: None, size: PageSize::parse(PageSize::MAX).expect("a size") }
}

fn whole<T>(page: Page<T>) -> Vec<T> {
    assert!(!page.has_more, "the records do not fit on one page");
    page.items
}
