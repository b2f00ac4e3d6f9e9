//! Copies that are taken during writes.

#![expect(clippy::expect_used, reason = "a test fails by a panic")]

mod databases;

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use incident_domain::{
    incidents::{ChainVerifier, Incident, IncidentFilter, IncidentId, IncidentSort, Revision},
    kernel::{Action, ActionFilter, Direction, PageRequest, PageSize, UserId},
    write::ChangeSet,
};
use incident_store_contract::{
    Ports,
    scene::{Scene, idempotency_key},
};
use incident_store_seaorm::{SeaOrmStore, StoreOptions};

use databases::SqliteDatabase;

const WRITERS: usize = 8;
/// How many entries each timeline gets.
const LENGTH: u32 = 4;
/// The most copies that are taken until three of them have overlapped with commits.
const COPIES_MAX: usize = 200;

/// The lengths of the timelines whose commits were answered.
type Acknowledged = Arc<Mutex<BTreeMap<IncidentId, u32>>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_copy_holds_every_set_acknowledged_before_and_later_sets_whole_or_not_at_all() {
    let database = SqliteDatabase::create().await;
    let scene = Scene::set(&database).await;
    let user = scene.stored_user().await.id;
    let (acknowledged, is_over) = (Acknowledged::default(), Arc::new(AtomicBool::new(false)));
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..WRITERS {
        writers.spawn(write(Arc::clone(&scene), user, Arc::clone(&acknowledged), Arc::clone(&is_over)));
    }
    let store = database.open();
    let mut overlaps = 0;
    for number in 0..COPIES_MAX {
        let before = acknowledged.lock().expect("the acknowledged").clone();
        let file = database.folder().join(format!("copy {number}.db"));
        store.back_up(&file).await.expect("a copy");
        let after = acknowledged.lock().expect("the acknowledged").clone();
        overlaps += usize::from(!before.is_empty() && after.len() > before.len());
        assert_is_consistent(&file, &before, &scene, user).await;
        if overlaps == 3 {
            break;
        }
    }
    is_over.store(true, Ordering::SeqCst);
    writers.join_all().await;
    assert_eq!(overlaps, 3, "too few copies overlapped with commits");
}

/// Opens and comments incidents until it is over, each set with everything that a request stores.
async fn write(scene: Arc<Scene>, user: UserId, acknowledged: Acknowledged, is_over: Arc<AtomicBool>) {
    while !is_over.load(Ordering::SeqCst) {
        let mut revision = scene.plain();
        loop {
            let incident = revision.incident().clone();
            scene.commit(request(&scene, user, revision)).await;
            acknowledged.lock().expect("the acknowledged").insert(incident.id, incident.timeline_length);
            if incident.timeline_length == LENGTH {
                break;
            }
            revision = scene.comment(&incident);
        }
    }
}

fn subject(incident: IncidentId) -> String {
    format!("incident:{incident}")
}

fn key(incident: IncidentId, length: u32) -> String {
    format!("{incident} {length}")
}

fn request(scene: &Scene, user: UserId, revision: Revision) -> ChangeSet {
    let incident = revision.incident();
    let subject = subject(incident.id);
    let reply = scene.reply_with_key(user, &idempotency_key(&key(incident.id, incident.timeline_length)));
    let action = Action { target: subject.clone(), ..scene.action() };
    let event = scene.event_about(&subject);
    ChangeSet::new().revise(revision).insert(action).insert_all([event]).insert(reply)
}

/// Asserts that there are as many actions, events and replies as timeline entries: each set has added one of each.
async fn assert_is_consistent(file: &Path, before: &BTreeMap<IncidentId, u32>, scene: &Scene, user: UserId) {
    let store = SeaOrmStore::build(&StoreOptions::new(format!("sqlite://{}", file.display()))).expect("a store");
    let ports = Ports::all_of(Arc::new(store.clone()));
    let incidents = incidents(&ports).await;
    let mut events: BTreeMap<String, u32> = BTreeMap::new();
    for logged in ports.events.after(0, u32::MAX).await.expect("the events") {
        *events.entry(logged.event.subject).or_default() += 1;
    }
    assert_eq!(events.len(), incidents.len());
    for incident in &incidents {
        let (id, length) = (incident.id, incident.timeline_length);
        let mut verifier = ChainVerifier::new(&scene.key, id);
        for entry in ports.timeline.entries(id, 0, u32::MAX).await.expect("a timeline") {
            verifier.check(&entry).expect("an entry that fits");
        }
        verifier.finish(incident).expect("a whole timeline");
        assert_eq!(events.get(&subject(id)), Some(&length));
        let filter = ActionFilter { target: Some(subject(id)), ..ActionFilter::default() };
        let page = PageRequest::Numbered { page: 1, size: PageSize::DEFAULT };
        let actions = ports.actions.list(&filter, Direction::Descending, page).await.expect("the actions");
        assert_eq!(actions.total, Some(u64::from(length)));
        for reply in 1..=LENGTH {
            let found = ports.replies.find(user, &idempotency_key(&key(id, reply))).await.expect("a read");
            assert_eq!(found.is_some(), reply <= length, "reply {reply} of {length}");
        }
    }
    for (id, length) in before {
        let copied = incidents.iter().find(|incident| incident.id == *id).map(|incident| incident.timeline_length);
        assert!(copied.is_some_and(|copied| copied >= *length), "{id}: {length} acknowledged, {copied:?} copied");
    }
    store.close().await;
}

async fn incidents(ports: &Ports) -> Vec<Incident> {
    let size = PageSize::parse(PageSize::MAX).expect("a size");
    let (filter, sort) = (IncidentFilter::default(), IncidentSort::default());
    let mut incidents: Vec<Incident> = Vec::new();
    loop {
        let cursor = incidents.last().map(|incident| sort.cursor_of(incident, incident.id.as_uuid()));
        let page = PageRequest::After { cursor, size };
        let page = ports.incidents.list(&filter, sort, page).await.expect("a page");
        incidents.extend(page.items);
        if !page.has_more {
            return incidents;
        }
    }
}
