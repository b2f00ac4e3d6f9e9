//! The import of the real event log, compared with a second, simpler parser of the file, and the databases compared with
//! the in-memory store, to the byte.

use std::{collections::HashMap, path::Path, sync::Arc};

use chrono::NaiveDateTime;
use incident_application::work::{AdjustmentKind, Replay, ReplayEnd, ReplayOutcome, ReplayPorts};
use incident_domain::{
    identity::{User, UserRepository},
    incidents::{
        ChainVerifier, Incident, IncidentFilter, IncidentNumbers, IncidentRepository, IncidentSort, Status,
        TimelineEntry, TimelineRepository,
    },
    kernel::{Actor, Label, ListCursor, PageRequest, PageSize, Repository, SortPosition, Timestamp, UserId},
    write::Store,
};
use incident_memory::{ManualClock, MemoryStore, SequentialIds};
use incident_server::import::{
    ImportFile,
    servicenow::{self, Options},
};
use incident_store_seaorm::{SeaOrmStore, StoreOptions};
use incident_test_support::PostgresDatabase;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::scene::key;

pub(crate) const INCIDENTS: usize = 2_000;
const ROWS: usize = 14_041;

fn event_log() -> String {
    let file = "../../../shared/data/incident-event-log/incident_event_log.csv";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    assert!(path.exists(), "the event log is not at {}: this test needs it", path.display());
    path.display().to_string()
}

pub(crate) fn read() -> ImportFile {
    servicenow::read(Path::new(&event_log()), &Options::default()).expect("a whole file")
}

/// The contents of a store after an import.
pub(crate) struct Stored {
    outcome: ReplayOutcome,
    incidents: Vec<(Incident, Vec<TimelineEntry>)>,
}

pub(crate) async fn import<S>(store: Arc<S>, file: &ImportFile) -> Stored
where
    S: Store + IncidentRepository + IncidentNumbers + TimelineRepository + UserRepository + 'static,
{
    let ports = ReplayPorts {
        store: store.clone(),
        incidents: store.clone(),
        numbers: store.clone(),
        users: store.clone(),
        clock: Arc::new(ManualClock::default()),
        ids: Arc::new(SequentialIds::new()),
    };
    let replay = Replay::new(ports, key());
    let outcome = replay.run(&file.log, &CancellationToken::new(), &|_| ()).await;
    assert!(matches!(outcome.end, ReplayEnd::Complete), "{:?}", outcome.end);
    let again = replay.run(&file.log, &CancellationToken::new(), &|_| ()).await;
    assert_eq!((again.imported, again.entries, again.people_added), (0, 0, 0), "a second run adds nothing");
    assert_eq!((again.already_there, again.updates_already_there), (INCIDENTS, ROWS));

    let mut incidents = Vec::new();
    let mut cursor = None;
    loop {
        let page = PageRequest::After { cursor, size: PageSize::parse(PageSize::MAX).unwrap() };
        let page =
            IncidentRepository::list(&*store, &IncidentFilter::default(), IncidentSort::default(), page).await.unwrap();
        cursor = page.items.last().map(|incident| ListCursor { position: SortPosition::Id, id: incident.id.as_uuid() });
        for incident in page.items {
            let entries = store.entries(incident.id, 0, 10_000).await.unwrap();
            incidents.push((incident, entries));
        }
        if !page.has_more {
            return Stored { outcome, incidents };
        }
    }
}

/// A row of the file, by the names of its columns.
pub(crate) type Row = HashMap<String, String>;

/// Returns the rows of each incident, split at commas, because the file has no quotes.
pub(crate) fn rows_by_number() -> HashMap<String, Vec<Row>> {
    let text = std::fs::read_to_string(event_log()).expect("the file can be read");
    assert!(!text.contains('"'));
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let mut incidents: HashMap<String, Vec<Row>> = HashMap::new();
    for line in lines {
        let row: Row = header.iter().map(|name| (*name).to_owned()).zip(line.split(',').map(str::to_owned)).collect();
        incidents.entry(row["number"].clone()).or_default().push(row);
    }
    incidents
}

pub(crate) fn time(text: &str) -> Timestamp {
    NaiveDateTime::parse_from_str(text, "%d/%m/%Y %H:%M").expect("a time").and_utc()
}

pub(crate) fn is_over(row: &Row) -> bool {
    ["Resolved", "Closed"].contains(&row["incident_state"].as_str())
}

/// Returns the time since which all rows fulfil a condition.
pub(crate) fn start_of_last_run(
    rows: &[Row],
    times: &[Timestamp],
    condition: impl Fn(&Row) -> bool,
) -> Option<Timestamp> {
    let run = rows.iter().rev().take_while(|row| condition(row)).count();
    times.get(rows.len() - run).copied()
}

fn known(value: &str) -> Option<&str> {
    (value != "?").then_some(value)
}

#[tokio::test]
#[ignore = "needs the event log in ../shared/data"]
async fn every_imported_incident_matches_the_real_log() {
    let file = read();
    assert_eq!((file.rows, file.skipped.len(), file.ignored.len()), (ROWS, 0, 0));
    let memory = Arc::new(MemoryStore::new());
    let Stored { outcome, incidents } = import(memory.clone(), &file).await;
    assert_eq!((outcome.imported, outcome.updates_imported), (INCIDENTS, ROWS));
    assert_eq!((outcome.already_there, outcome.remaining, incidents.len()), (0, 0, INCIDENTS));
    let is_known = |kind: &AdjustmentKind| matches!(kind, AdjustmentKind::TimeWentBack | AdjustmentKind::BeginsOver(_));
    assert!(outcome.adjustments.iter().all(|adjustment| is_known(&adjustment.kind)));

    let logged = rows_by_number();
    let (mut entries_total, mut begin_over) = (0, 0);
    for (incident, entries) in &incidents {
        let number = incident.external.as_ref().unwrap().number.as_str();
        let rows = &logged[number];
        begin_over += usize::from(is_over(&rows[0]));
        entries_total += entries.len();
        check_incident(incident, rows, number, &memory).await;
        check_timeline(incident, entries, rows, number, &memory).await;
    }
    assert_eq!(entries_total, outcome.entries);
    let reported = outcome.adjustments.iter().filter(|found| matches!(found.kind, AdjustmentKind::BeginsOver(_)));
    assert_eq!(reported.count(), begin_over);
}

async fn check_incident(incident: &Incident, rows: &[Row], number: &str, memory: &MemoryStore) {
    let last = rows.last().unwrap();
    assert_eq!(incident.status, Status::Closed, "{number}");
    assert_eq!(incident.opened_at, time(&last["opened_at"]), "{number}");
    assert_eq!(incident.category.as_ref().map(Label::as_str), known(&last["category"]), "{number}");
    let assignee = name_of(memory, incident.assigned_to).await;
    assert_eq!(assignee.as_deref(), known(&last["assigned_to"]), "{number}");
    let reporter = name_of(memory, incident.reported_by).await;
    assert_eq!(reporter.as_deref(), known(&last["caller_id"]), "{number}");
    let priority = match last["priority"].as_str() {
        "1 - Critical" => "critical",
        "2 - High" => "high",
        "3 - Moderate" => "medium",
        "4 - Low" => "low",
        other => panic!("{number}: {other}"),
    };
    assert_eq!(incident.priority.as_str(), priority, "{number}");

    let times = times_of(rows);
    let is_closed = |row: &Row| row["incident_state"] == "Closed";
    assert_eq!(incident.closed_at, start_of_last_run(rows, &times, is_closed), "{number}");
    assert_eq!(incident.resolved_at, start_of_last_run(rows, &times, is_over), "{number}");
    let reopened = rows.windows(2).filter(|pair| is_over(&pair[0]) && !is_over(&pair[1])).count();
    assert_eq!(usize::try_from(incident.reopen_count).unwrap(), reopened, "{number}");
}

async fn check_timeline(
    incident: &Incident,
    entries: &[TimelineEntry],
    rows: &[Row],
    number: &str,
    memory: &MemoryStore,
) {
    let key = key();
    let mut verifier = ChainVerifier::new(&key, incident.id);
    let mut authors: Vec<(Timestamp, String)> = Vec::new();
    for entry in entries {
        verifier.check(entry).unwrap_or_else(|fault| panic!("{number}: {fault}"));
        authors.push((entry.at, author_of(memory, &entry.actor).await));
    }
    verifier.finish(incident).unwrap_or_else(|fault| panic!("{number}: {fault}"));
    assert!(entries.is_sorted_by_key(|entry| entry.at), "{number}");

    // The opening and its import, and then at least one entry for each row, by the author of the row.
    assert!(entries.len() >= rows.len() + 2, "{number}");
    for (row, at) in rows.iter().zip(times_of(rows)) {
        let has_entry = authors.iter().any(|(then, who)| {
            *then == at && (*who == row["sys_updated_by"] || (is_over(row) && *who == row["resolved_by"]))
        });
        assert!(has_entry, "{number}: no entry for {row:?}");
    }
    let resolver = known(&rows[0]["resolved_by"]);
    assert!(resolver.is_none_or(|resolver| authors.iter().any(|(_, who)| who == resolver)), "{number}: {resolver:?}");
}

/// Returns the times of an incident's rows, none before the opening or the previous row.
pub(crate) fn times_of(rows: &[Row]) -> Vec<Timestamp> {
    let later = |latest: &mut Timestamp, row: &Row| {
        *latest = time(&row["sys_updated_at"]).max(*latest);
        Some(*latest)
    };
    rows.iter().scan(time(&rows[0]["opened_at"]), later).collect()
}

async fn author_of(memory: &MemoryStore, actor: &Actor) -> String {
    name_of(memory, actor.user()).await.or(actor.reference()).unwrap_or_default()
}

async fn name_of(memory: &MemoryStore, user: Option<UserId>) -> Option<String> {
    let user = Repository::<User>::find(memory, user?).await.unwrap()?;
    assert!(!user.is_active && user.password_hash.is_none());
    Some(user.name.to_string())
}

/// Checks that a database contains the same as the in-memory store. Ids and times are the same in every import here, so
/// all fields must be equal, except the incidents' numbers: each store assigns consecutive ones from its own beginning.
async fn assert_same_as_memory(store: Arc<SeaOrmStore>) {
    let file = read();
    let in_memory = import(Arc::new(MemoryStore::new()), &file).await;
    let in_database = import(store, &file).await;
    assert_eq!(in_database.outcome.entries, in_memory.outcome.entries);
    assert_eq!(in_database.incidents.len(), INCIDENTS);
    for ((found, its_entries), (expected, entries)) in in_database.incidents.iter().zip(&in_memory.incidents) {
        let mut expected = expected.clone().into_record();
        expected.number = found.number;
        assert_eq!(**found, expected);
        assert!(its_entries == entries, "the timelines of {} differ", found.number);
    }
    let numbers = in_database.incidents.iter().map(|(incident, _)| incident.number);
    assert!(numbers.is_sorted_by(|newer, older| newer.get() == older.get() + 1), "a number is missing");
}

/// Runs a test on an empty SQLite database.
pub(crate) async fn on_sqlite(work: impl AsyncFnOnce(Arc<SeaOrmStore>)) {
    let folder = TempDir::new().expect("a temporary folder");
    let url = format!("sqlite://{}", folder.path().join("incidents.db").display());
    incident_migrations::up(&url).await.expect("the schema");
    let store = Arc::new(SeaOrmStore::build(&StoreOptions::new(url)).expect("a store"));
    work(store.clone()).await;
    store.close().await;
}

/// Runs a test on an empty PostgreSQL database.
pub(crate) async fn on_postgresql(work: impl AsyncFnOnce(Arc<SeaOrmStore>)) {
    let database = PostgresDatabase::create().await;
    incident_migrations::up(database.url()).await.expect("the schema");
    let store = Arc::new(SeaOrmStore::build(&StoreOptions::new(database.url())).expect("a store"));
    work(store.clone()).await;
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the event log in ../shared/data"]
async fn the_imported_log_is_the_same_on_sqlite_as_in_memory() {
    on_sqlite(assert_same_as_memory).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the event log in ../shared/data, and PostgreSQL: set TEST_POSTGRES_URL"]
async fn the_imported_log_is_the_same_on_postgresql_as_in_memory() {
    on_postgresql(assert_same_as_memory).await;
}
