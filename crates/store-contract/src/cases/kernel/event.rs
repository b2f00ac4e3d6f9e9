//! The event log.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use incident_domain::{
    kernel::{Audience, Conflict::Duplicate, Event, LoggedEvent, UniqueKey},
    write::ChangeSet,
};

use crate::{
    Harness, Ports,
    extremes::{before_1970, odd},
    scene::{EVERYTHING, Scene, at_once, conflict},
    standard::{Specimen, World},
};

/// How many tasks write events while others read them.
const WRITERS: usize = 24;
/// How many events are in each set that a writer commits; each writer starts at another index.
const SET_SIZES: &[usize] = &[1, 1, 60, 2, 1, 150, 1, 7, 1, 3];

#[async_trait]
impl Specimen for Event {
    /// For each audience. The payload is JSON that parsing and writing it again would change: spaces, unordered and
    /// repeated members, escapes, and a number that ends with a zero.
    fn specimens(scene: &Scene, _world: &World) -> Vec<Self> {
        let payload = || {
            let long = "x".repeat(20_000);
            format!("{{ \"b\": 1.10,\n\t\"a\":\"\\u00e9é\\/\" , \"b\":null,\"long\":\"{long}\"}}")
        };
        let event = |audience: &Audience| Self {
            subject: odd(100),
            audience: *audience,
            occurred_at: before_1970(),
            payload: payload(),
            ..scene.event()
        };
        Audience::ALL.iter().map(event).chain([scene.event()]).collect()
    }

    fn with_value_of(self, _key: UniqueKey, other: &Self) -> Self {
        Self { id: other.id, ..self }
    }

    async fn read(&self, ports: &Ports) -> Option<Self> {
        let logged = ports.events.after(0, EVERYTHING).await.expect("events can be read");
        logged.into_iter().map(|logged| logged.event).find(|event| event.id == self.id)
    }
}

/// Neither the ids nor the times decide.
pub async fn positions_follow_the_order_of_commits_and_of_the_set(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let mut events: Vec<Event> = (0..9).map(|_| scene.event()).collect();
    // Neither in the order of their ids nor in that of their times.
    events.reverse();
    for set in events.chunks(3) {
        scene.commit(ChangeSet::new().insert_all(set.iter().cloned())).await;
    }
    let logged = scene.events().await;
    assert_ascending(&logged);
    assert!(logged[0].position >= 1, "positions begin at 1");
    let read: Vec<_> = logged.into_iter().map(|logged| logged.event).collect();
    assert_eq!(read, events);
}

/// Up to a limit, and from positions without an event.
pub async fn the_event_log_is_read_from_any_position(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let events = |position, limit| {
        let log = scene.ports.events.clone();
        async move { log.after(position, limit).await.expect("events can be read") }
    };
    assert_eq!(events(0, 10).await, []);
    scene.commit(ChangeSet::new().insert_all((0..10).map(|_| scene.event()))).await;
    let all = scene.events().await;
    assert_eq!(all.len(), 10);

    for (index, logged) in all.iter().enumerate() {
        assert_eq!(events(logged.position, 100).await, all[index + 1..]);
        assert_eq!(events(logged.position - 1, 1).await, all[index..=index]);
    }
    assert_eq!(events(0, 4).await, all[..4]);
    assert_eq!(events(0, 0).await, []);
    let last = all[9].position;
    for beyond in [last, last + 1, u64::from(u32::MAX) * 2, u64::MAX - 1, u64::MAX] {
        assert_eq!(events(beyond, 100).await, [], "after {beyond}");
    }
}

/// Readers that continue from the last position that they saw read every event in the order of commits, while many
/// tasks write through two openings of the store. Large sets alternate with single events, which overtake them in a
/// store that assigns positions before the commit or in blocks.
pub async fn readers_that_resume_miss_no_event_while_many_write(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let [first, second, third] = [scene.ports.clone(), harness.open().await, harness.open().await];
    let clock = Arc::new(AtomicU64::new(0));
    let writing = Arc::new(AtomicUsize::new(WRITERS));
    let writers = (0..WRITERS).map(|writer| {
        let ports = if writer % 2 == 0 { first.clone() } else { second.clone() };
        let (scene, clock, writing) = (scene.clone(), clock.clone(), writing.clone());
        async move {
            let written = write_events(&scene, &ports, writer, &clock).await;
            writing.fetch_sub(1, Ordering::SeqCst);
            written
        }
    });
    let (few, some, many, written) = tokio::join!(
        follow(&first, 20, &writing),
        follow(&second, 100, &writing),
        follow(&third, 1_000, &writing),
        at_once(writers)
    );

    let log = scene.events().await;
    assert_ascending(&log);
    for seen in [few, some, many] {
        assert_ascending(&seen);
        assert_eq!(seen.len(), log.len(), "a reader missed some");
        assert_eq!(seen, log);
    }
    let written: Vec<Written> = written.into_iter().flatten().collect();
    assert_eq!(log.len(), written.iter().map(|set| set.events.len()).sum::<usize>());
    assert_in_order_of_commits(&log, &written);
}

/// A stored set, with the times at which its commit began and was answered.
struct Written {
    began: u64,
    answered: u64,
    events: Vec<Event>,
}

/// Commits sets of all sizes one after the other, with refused ones between them.
async fn write_events(scene: &Scene, ports: &Ports, writer: usize, clock: &AtomicU64) -> Vec<Written> {
    let mut written = Vec::new();
    for set in 0..SET_SIZES.len() {
        let size = SET_SIZES[(set + writer) % SET_SIZES.len()];
        let events: Vec<_> = (0..size).map(|_| scene.event()).collect();
        if set % 3 == writer % 3 {
            let twice = scene.event();
            let refused = ChangeSet::new().insert_all([scene.event(), twice.clone(), twice]);
            assert_eq!(conflict(ports.store.commit(refused).await), Some(Duplicate(UniqueKey::ID)));
        }
        let began = clock.fetch_add(1, Ordering::SeqCst);
        let committed = ports.store.commit(ChangeSet::new().insert_all(events.clone())).await;
        committed.expect("events contradict nothing");
        written.push(Written { began, answered: clock.fetch_add(1, Ordering::SeqCst), events });
    }
    written
}

/// Reads until no task writes and no event is left.
async fn follow(ports: &Ports, limit: u32, writing: &AtomicUsize) -> Vec<LoggedEvent> {
    let mut seen: Vec<LoggedEvent> = Vec::new();
    loop {
        // Checked before reading, so that a last read finds what the last writer wrote.
        let is_over = writing.load(Ordering::SeqCst) == 0;
        let position = seen.last().map_or(0, |last| last.position);
        let new = ports.events.after(position, limit).await.expect("events can be read");
        if new.is_empty() && is_over {
            return seen;
        }
        seen.extend(new);
        tokio::task::yield_now().await;
    }
}

/// Requires that the events of a set are in its order, after those of every set whose commit was answered before this
/// one's began.
fn assert_in_order_of_commits(log: &[LoggedEvent], written: &[Written]) {
    let position_of: HashMap<_, _> = log.iter().map(|logged| (logged.event.id, logged.position)).collect();
    let mut ranges = Vec::new();
    for set in written {
        let positions: Vec<u64> = set.events.iter().map(|event| position_of[&event.id]).collect();
        assert!(positions.is_sorted(), "the events of one set are at {positions:?}");
        ranges.push((set, positions[0], positions[positions.len() - 1]));
    }
    for (earlier, _, last) in &ranges {
        let later = ranges.iter().filter(|(set, ..)| set.began > earlier.answered);
        for (_, first, _) in later {
            assert!(last < first, "a later commit is at {first}, before {last}");
        }
    }
}

fn assert_ascending(logged: &[LoggedEvent]) {
    let ascending = logged.is_sorted_by(|earlier, later| earlier.position < later.position);
    assert!(ascending, "{:?}", logged.iter().map(|logged| logged.position).collect::<Vec<_>>());
}
