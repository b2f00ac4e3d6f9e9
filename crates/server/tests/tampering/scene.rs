//! Incidents with many kinds of entries, by the use cases and by an import.

use std::fmt::Write;

use incident_application::{
    incidents::{IncidentChange, IncidentRef, Incidents, Timelines},
    kernel::{Command, Precondition, Principal},
    work::{Replay, ReplayEnd},
};
use incident_domain::{
    identity::{Email, UserRepository},
    incidents::{
        HoldReason, Incident, IncidentFilter, IncidentId, IncidentPatch, IncidentRepository, IncidentSort, Labels,
        NewIncident, Priority, Resolution, ResolutionCode, Status, TimelineEntry, TimelineKey, TimelineRepository,
    },
    kernel::{Label, Note, Origin, PageRequest, PageSize, Patch, PersonName, Role, Title},
};
use incident_server::{
    Adapters,
    config::{Config, Layers},
    import::servicenow::{self, DateOrder, Options},
};
use tokio_util::sync::CancellationToken;

use crate::database::Database;

const KEY: &str = "a timeline key that only tests know";

/// How many incidents the use cases create, and how many the import.
const INCIDENTS_EACH: usize = 4;

pub(crate) struct Scene {
    pub(crate) database: Database,
    pub(crate) service: Timelines,
    pub(crate) timelines: Vec<Timeline>,
    adapters: Adapters,
}

/// An incident and its timeline before tampering.
pub(crate) struct Timeline {
    pub(crate) incident: Incident,
    pub(crate) entries: Vec<TimelineEntry>,
}

impl Scene {
    pub(crate) async fn set(mut database: Database) -> Self {
        let layers = Layers::default()
            .with_flag("DATABASE_URL", database.url.clone())
            .with_flag("SECRET_KEY", "a secret key that only tests know of")
            .with_flag("TIMELINE_KEY", KEY)
            .with_flag("BCRYPT_COST", "4");
        let config = Config::from_layers(&layers).expect("a good configuration");
        incident_migrations::up(&database.url).await.expect("the schema");
        let adapters = Adapters::new(&config).expect("adapters");
        create_incidents(&adapters, &config).await;
        import(&adapters).await;
        let timelines = read_all(&adapters).await;
        assert_eq!(timelines.len(), 2 * INCIDENTS_EACH);
        assert!(timelines.iter().all(|timeline| timeline.entries.len() >= 4));
        database.intrude().await;
        let service = Timelines::new(adapters.timeline_ports(), TimelineKey::new(KEY.as_bytes()));
        Self { database, service, timelines, adapters }
    }

    pub(crate) async fn close(self) {
        self.adapters.store.close().await;
    }
}

async fn read_all(adapters: &Adapters) -> Vec<Timeline> {
    let page = PageRequest::After { cursor: None, size: PageSize::parse(PageSize::MAX).expect("a size") };
    let listed =
        IncidentRepository::list(&*adapters.store, &IncidentFilter::default(), IncidentSort::default(), page).await;
    let mut timelines = Vec::new();
    for incident in listed.expect("readable").items {
        let entries = adapters.store.entries(incident.id, 0, 1_000).await.expect("readable");
        timelines.push(Timeline { incident, entries });
    }
    timelines
}

fn note(text: &str) -> Note {
    Note::parse(text).expect("a note")
}

async fn create_incidents(adapters: &Adapters, config: &Config) {
    let email = Email::parse("ada@example.org").expect("an address");
    let name = PersonName::parse("Ada").expect("a name");
    incident_server::create_admin(adapters, email.clone(), name).await.expect("an administrator");
    let users = adapters.store.find_by_emails(&[email]).await.expect("readable");
    let caller = Principal::user(users[0].id, Role::Admin, Origin::default());
    let incidents = adapters.services(config).expect("services").incidents;
    let mut previous = None;
    for _ in 0..INCIDENTS_EACH {
        previous = Some(IncidentRef::Id(create_incident(&incidents, &caller, previous).await));
    }
}

/// Opens an incident and changes it in every way.
async fn create_incident(incidents: &Incidents, caller: &Principal, original: Option<IncidentRef>) -> IncidentId {
    let label = |text: &str| Label::parse(text).expect("a label");
    let new = NewIncident {
        title: Title::parse("checkout answers 500").expect("a title"),
        description: None,
        priority: Priority::High,
        impact: None,
        urgency: None,
        service: Some(label("checkout")),
        category: None,
        labels: Labels::default(),
        reported_by: None,
        assigned_to: caller.user_id(),
        external: None,
    };
    let id = incidents.open(Command::new(caller), new).await.expect("opened").id;
    let incident = IncidentRef::Id(id);
    let to = |status| IncidentChange {
        status: Some(status),
        reason: Some(note("größer als gedacht")),
        ..Default::default()
    };
    let fixed = Resolution { code: ResolutionCode::Fixed, note: Some(note("replaced the disk")) };
    let patch = IncidentPatch {
        title: Some(Title::parse("checkout is slow").expect("a title")),
        service: Patch::Clear,
        category: Patch::Set(label("payments")),
        assigned_to: Patch::Clear,
        ..IncidentPatch::default()
    };
    let mut changes = vec![
        to(Status::Investigating),
        IncidentChange { patch, ..Default::default() },
        IncidentChange { hold_reason: Some(HoldReason::AwaitingVendor), ..to(Status::OnHold) },
    ];
    changes.extend(match original {
        None => {
            let resolved = IncidentChange { resolution: Some(fixed), ..to(Status::Resolved) };
            vec![to(Status::Investigating), to(Status::Mitigated), resolved, to(Status::Closed)]
        }
        original => {
            let duplicate = Some(Resolution { code: ResolutionCode::Duplicate, note: None });
            vec![IncidentChange { duplicate_of: original, resolution: duplicate, ..to(Status::Cancelled) }]
        }
    });
    for (place, change) in changes.iter().enumerate() {
        let step = incidents.change(Command::new(caller), incident, change, &Precondition::None).await;
        step.expect("a step that is allowed");
        let comment = note(&format!("comment {place}: 3:1, \"…\""));
        incidents.comment(Command::new(caller), incident, &comment).await.expect("a comment");
    }
    id
}

async fn import(adapters: &Adapters) {
    let mut sheet =
        "number,incident_state,opened_at,opened_by,sys_updated_by,sys_updated_at,assigned_to,category\n".to_owned();
    for number in 0..INCIDENTS_EACH {
        let steps =
            [("New", 1), ("Active", 2), ("Awaiting User Info", 3), ("Active", 4), ("Resolved", 5), ("Closed", 6)];
        for (state, hour) in steps {
            let row = format!("INC{number},{state},1/3/2016 00:30,Opened by {number},Updated by {hour}");
            writeln!(sheet, "{row},1/3/2016 0{hour}:00,Resolver {},Category 7", hour % 3).expect("a text");
        }
    }
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("log.csv");
    std::fs::write(&path, sheet).expect("written");
    let options = Options { date_order: Some(DateOrder::DayFirst), ..Options::default() };
    let log = servicenow::read(&path, &options).expect("a log").log;
    let outcome = Replay::new(adapters.replay_ports(), TimelineKey::new(KEY.as_bytes()));
    let outcome = outcome.run(&log, &CancellationToken::new(), &|_| ()).await;
    assert!(matches!(outcome.end, ReplayEnd::Complete) && outcome.imported == INCIDENTS_EACH, "{outcome:?}");
}
