//! The people of a log, and concurrent imports of the same log.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use incident_application::work::{ReplayEnd, Standing};
use incident_domain::{
    identity::{Role, User},
    incidents::MockIncidentRepository,
    kernel::EventLog,
    write::{AnyRecord, Change, ChangeSet, CommitError, MockStore, Store},
};
use incident_memory::MemoryStore;

use crate::scene::{Log, Scene};

#[tokio::test]
async fn people_become_inactive_users() {
    let scene = Scene::new();
    let mut log = Log::new();
    log.add("L1", &[Standing::Open]);
    scene.replay(&log.log).await;

    let ute = scene.user("Ute").await;
    assert_eq!((ute.name.as_str(), ute.email.as_str()), ("Ute", "ute@legacy.invalid"));
    assert_eq!((ute.is_active, ute.role, ute.password_hash), (false, Role::Viewer, None));
}

#[tokio::test]
async fn everything_that_is_added_leaves_an_audit_record_and_events() {
    let scene = Scene::new();
    let mut log = Log::new();
    log.add("L1", &[Standing::Investigating]);
    let outcome = scene.replay(&log.log).await;

    let actions: Vec<String> = scene.actions().await.into_iter().map(|action| action.kind).collect();
    assert_eq!(actions, ["incident.import", "user.import", "user.import"]);
    let events = scene.memory.after(0, 100).await.unwrap();
    let of_incidents = events.iter().filter(|logged| logged.event.kind.starts_with("incident.")).count();
    let of_users = events.iter().filter(|logged| logged.event.kind == "user.created.v1").count();
    assert_eq!((of_incidents, of_users), (outcome.entries, 2));
}

#[tokio::test]
async fn a_second_run_adds_nothing_and_a_longer_log_adds_what_is_new() {
    let mut scene = Scene::new();
    let mut log = Log::new();
    log.add("L1", &[Standing::Closed]);
    log.add("L2", &[Standing::Open, Standing::Investigating]);
    let first = scene.replay(&log.log).await;
    assert_eq!((first.imported, first.updates_imported, first.people_added), (2, 3, 2));
    let stored = scene.incidents().await;
    let actions = scene.actions().await;

    // No commit is attempted: a mock without expectations fails when it is called.
    scene.ports.store = Arc::new(MockStore::new());
    let second = scene.replay(&log.log).await;
    scene.ports.store = scene.memory.clone();
    assert!(matches!(second.end, ReplayEnd::Complete));
    assert_eq!((second.imported, second.entries, second.people_added), (0, 0, 0));
    assert_eq!((second.already_there, second.updates_already_there, second.remaining), (2, 3, 0));
    assert_eq!(scene.incidents().await, stored);
    assert_eq!(scene.actions().await, actions);

    log.add("L3", &[Standing::Open]);
    let third = scene.replay(&log.log).await;
    assert_eq!((third.imported, third.already_there, third.people_added), (1, 2, 0));
}

/// A store in which another import commits its users just before the first commit.
struct OvertakenStore {
    memory: Arc<MemoryStore>,
    others: Mutex<Option<Vec<User>>>,
}

#[async_trait]
impl Store for OvertakenStore {
    async fn commit(&self, changes: ChangeSet) -> Result<(), CommitError> {
        let others = self.others.lock().unwrap().take();
        if let Some(others) = others {
            self.memory.commit(ChangeSet::new().insert_all(others)).await?;
        }
        self.memory.commit(changes).await
    }
}

#[tokio::test]
async fn a_concurrent_import_may_add_the_same_people_first() {
    let elsewhere = Scene::new();
    let mut log = Log::new();
    log.add("L1", &[Standing::Open]);
    elsewhere.replay(&log.log).await;
    let ute = elsewhere.user("Ute").await;

    let mut scene = Scene::new();
    // The IDs of this process must differ from those of the other one.
    for _ in 0..1_000 {
        scene.ports.ids.next_id();
    }
    let others = Mutex::new(Some(vec![ute.clone()]));
    scene.ports.store = Arc::new(OvertakenStore { memory: scene.memory.clone(), others });
    let outcome = scene.replay(&log.log).await;

    assert!(matches!(outcome.end, ReplayEnd::Complete), "{outcome:?}");
    assert_eq!((outcome.imported, outcome.people_added), (1, 1));
    assert_eq!(scene.user("Ute").await, ute);
    let (_, entries) = scene.only().await;
    assert_eq!(entries.last().unwrap().actor.user(), Some(ute.id));
}

#[tokio::test]
async fn an_incident_added_by_a_concurrent_import_counts_as_already_there() {
    let mut scene = Scene::new();
    let mut log = Log::new();
    log.add("L1", &[Standing::Open]);
    scene.replay(&log.log).await;

    // Simulates that the other import adds the incident after this one has looked for it.
    let mut incidents = MockIncidentRepository::new();
    incidents.expect_existing_external_numbers().returning(|_, _| Ok(Vec::new()));
    scene.ports.incidents = Arc::new(incidents);
    let outcome = scene.replay(&log.log).await;

    assert!(matches!(outcome.end, ReplayEnd::Complete), "{outcome:?}");
    assert_eq!((outcome.imported, outcome.already_there, outcome.updates_already_there), (0, 1, 1));
    assert_eq!(scene.incidents().await.len(), 1);
}

#[tokio::test]
async fn a_person_is_one_user_regardless_of_case_and_number_of_mentions() {
    let mut log = Log::new();
    let first = log.person("Ute");
    assert_eq!(log.person("UTE"), first);
    assert_eq!(log.log.people.get(first).unwrap().name.as_str(), "Ute");
    assert_ne!(log.person("Uta"), first);
}

#[tokio::test]
async fn users_are_inserted_before_the_incidents_that_name_them() {
    /// A store that records the kinds of inserted records in order.
    struct KindRecorder {
        memory: Arc<MemoryStore>,
        kinds: Mutex<Vec<&'static str>>,
    }

    #[async_trait]
    impl Store for KindRecorder {
        async fn commit(&self, changes: ChangeSet) -> Result<(), CommitError> {
            let kind = |change: &Change| match change {
                Change::Insert(AnyRecord::User(_)) => Some("user"),
                Change::Insert(AnyRecord::Incident(_)) => Some("incident"),
                _ => None,
            };
            self.kinds.lock().unwrap().extend(changes.changes().iter().filter_map(kind));
            self.memory.commit(changes).await
        }
    }

    let mut scene = Scene::new();
    let mut log = Log::new();
    for number in 0..1_200 {
        let name = format!("Caller{number}");
        let caller = log.person(&name);
        log.add(&format!("L{number}"), &[Standing::Open]).reported_by = Some(caller);
    }
    let recorder = Arc::new(KindRecorder { memory: scene.memory.clone(), kinds: Mutex::default() });
    scene.ports.store = recorder.clone();
    let outcome = scene.replay(&log.log).await;

    assert_eq!((outcome.imported, outcome.people_added), (1_200, 1_202));
    let kinds = recorder.kinds.lock().unwrap();
    let users = kinds.iter().take_while(|kind| **kind == "user").count();
    assert_eq!((users, kinds.len()), (1_202, 1_202 + 1_200));
}
