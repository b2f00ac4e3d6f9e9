//! Reading the event log and the audit.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use incident_domain::{ChangeSet, Event, LoggedEvent};

use crate::{
    Harness, Ports,
    scene::{Scene, at_once},
};

/// Who writes events while somebody reads them.
const WRITERS: usize = 8;
/// How many sets each of them commits, each of `EVENTS_PER_SET` events.
const SETS_PER_WRITER: usize = 25;
const EVENTS_PER_SET: usize = 2;

/// What was committed later stands later, and within a set the set's order counts.
pub async fn positions_follow_the_order_of_commits_and_of_the_set(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let mut events: Vec<Event> = (0..9).map(|_| scene.event()).collect();
    // The order of ids and of times says nothing.
    events.reverse();
    for set in events.chunks(3) {
        scene.commit(ChangeSet::new().with_events(set.iter().cloned())).await;
    }
    let logged = scene.events().await;
    assert_ascending(&logged);
    assert!(logged[0].position >= 1, "positions begin at 1");
    let read: Vec<_> = logged.into_iter().map(|logged| logged.event).collect();
    assert_eq!(read, events);
}

/// From any position on, as many as wanted.
pub async fn the_event_log_is_read_from_any_position(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let events = |position, limit| {
        let log = scene.ports.events.clone();
        async move { log.after(position, limit).await.expect("events can be read") }
    };
    assert_eq!(events(0, 10).await, []);
    scene.commit(ChangeSet::new().with_events((0..10).map(|_| scene.event()))).await;
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

/// Who resumes from the last position they saw has in the end seen everything, in order, while many write
/// through two openings of the store.
pub async fn a_reader_that_resumes_misses_no_event(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let other = harness.open().await;
    let writing = Arc::new(AtomicUsize::new(WRITERS));
    let writers = (0..WRITERS).map(|writer| {
        let ports = if writer % 2 == 0 { scene.ports.clone() } else { other.clone() };
        let (scene, writing) = (scene.clone(), writing.clone());
        async move {
            write_events(&scene, &ports, writer).await;
            writing.fetch_sub(1, Ordering::SeqCst);
        }
    });
    let (seen, _) = tokio::join!(follow(&other, &writing), at_once(writers));

    assert_ascending(&seen);
    assert_eq!(seen.len(), WRITERS * SETS_PER_WRITER * EVENTS_PER_SET);
    assert_eq!(seen, scene.events().await);
    for writer in 0..WRITERS {
        let own: Vec<_> = seen.iter().filter(|logged| logged.event.subject == format!("writer:{writer}")).collect();
        let places: Vec<usize> = own.iter().filter_map(|logged| logged.event.payload.parse().ok()).collect();
        assert_eq!(places, (0..SETS_PER_WRITER * EVENTS_PER_SET).collect::<Vec<_>>(), "writer {writer}");
    }
}

/// By id, not by the time or the order of commits.
pub async fn the_newest_actions_come_first(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let mut actions: Vec<_> = (0..10).map(|_| scene.action()).collect();
    for place in [7, 2, 9, 0, 5, 1, 8, 3, 6, 4] {
        scene.commit(ChangeSet::new().with_action(actions[place].clone())).await;
    }
    actions.reverse();
    assert_eq!(scene.actions().await, actions);
    for limit in [0_usize, 1, 4, 10, 11] {
        let wanted = u32::try_from(limit).expect("a small limit");
        let newest = scene.ports.actions.newest(wanted).await.expect("actions can be read");
        assert_eq!(newest, actions[..limit.min(10)], "{limit}");
    }
}

async fn write_events(scene: &Scene, ports: &Ports, writer: usize) {
    for set in 0..SETS_PER_WRITER {
        let first = set * EVENTS_PER_SET;
        let events = (first..first + EVENTS_PER_SET).map(|place| {
            let event = scene.event_about(&format!("writer:{writer}"));
            Event { payload: place.to_string(), ..event }
        });
        let committed = ports.store.commit(ChangeSet::new().with_events(events)).await;
        committed.expect("events contradict nothing");
    }
}

/// Reads on until nobody writes any more and nothing is left.
async fn follow(ports: &Ports, writing: &AtomicUsize) -> Vec<LoggedEvent> {
    const A_FEW: u32 = 7;
    let mut seen: Vec<LoggedEvent> = Vec::new();
    loop {
        // Asked before reading: what was written before the last writer ended is then there to be read.
        let nobody_writes = writing.load(Ordering::SeqCst) == 0;
        let position = seen.last().map_or(0, |last| last.position);
        let new = ports.events.after(position, A_FEW).await.expect("events can be read");
        if new.is_empty() && nobody_writes {
            return seen;
        }
        seen.extend(new);
        tokio::task::yield_now().await;
    }
}

fn assert_ascending(logged: &[LoggedEvent]) {
    let ascending = logged.is_sorted_by(|earlier, later| earlier.position < later.position);
    assert!(ascending, "{:?}", logged.iter().map(|logged| logged.position).collect::<Vec<_>>());
}
