//! Leases.

use chrono::TimeDelta;
use incident_domain::{
    kernel::{Conflict::Stale, Lease, Timestamp},
    write::{Change, ChangeSet},
};

use crate::{
    Harness, Ports,
    scene::{Scene, at_once},
};

const MINUTE: TimeDelta = TimeDelta::minutes(1);
const MICROSECOND: TimeDelta = TimeDelta::microseconds(1);
const NAME: &str = "maintenance.purge_sessions";

async fn acquire(ports: &Ports, name: &str, holder: &str, now: Timestamp) -> Option<Lease> {
    ports.leases.acquire(name, holder, now, now + MINUTE).await.expect("leases can be acquired")
}

fn lease(holder: &str, fence: u64, now: Timestamp) -> Lease {
    Lease { name: NAME.to_owned(), holder: holder.to_owned(), fence, expires_at: now + MINUTE }
}

/// Each name by itself.
pub async fn a_lease_that_was_never_held_has_the_fence_1(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let now = scene.now();
    assert_eq!(acquire(&scene.ports, NAME, "a", now).await, Some(lease("a", 1, now)));
    let other = acquire(&scene.ports, "maintenance", "b", now).await.expect("another name is another lease");
    assert_eq!((other.holder.as_str(), other.fence), ("b", 1));
}

/// To the microsecond, through every opening of the store.
pub async fn a_lease_is_held_by_one_holder_until_it_expires(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let other = harness.open().await;
    let now = scene.now();
    acquire(&scene.ports, NAME, "a", now).await;
    for early in [now - MINUTE, now, now + MINUTE - MICROSECOND] {
        assert_eq!(acquire(&other, NAME, "b", early).await, None, "{early}");
    }
    let expired = now + MINUTE;
    assert_eq!(acquire(&other, NAME, "b", expired).await, Some(lease("b", 2, expired)));
    assert_eq!(acquire(&scene.ports, NAME, "a", expired).await, None);
    let later = expired + MINUTE * 2;
    assert_eq!(acquire(&scene.ports, NAME, "a", later).await, Some(lease("a", 3, later)));
}

/// Before it expires and after, if no other holder took it.
pub async fn a_holder_that_renews_keeps_the_fence(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let start = scene.now();
    for now in [start, start + MICROSECOND, start + MINUTE, start + MINUTE * 10] {
        assert_eq!(acquire(&scene.ports, NAME, "a", now).await, Some(lease("a", 1, now)));
        assert_eq!(acquire(&scene.ports, NAME, "b", now).await, None);
    }
}

/// Through two openings of the store.
pub async fn an_expired_lease_is_given_to_one_of_many_concurrent_callers(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let other = harness.open().await;
    let mut now = scene.now();
    for round in 1..4 {
        let callers: Vec<_> = (0..16)
            .map(|index| {
                let ports = if index % 2 == 0 { scene.ports.clone() } else { other.clone() };
                async move { acquire(&ports, NAME, &format!("{round}/{index}"), now).await }
            })
            .collect();
        let acquired: Vec<_> = at_once(callers).await.into_iter().flatten().collect();
        assert_eq!(acquired.len(), 1, "round {round}: {acquired:?}");
        assert_eq!(acquired[0].fence, round);
        now += MINUTE;
    }
}

/// With the fence of the present holder only; the next holder has a greater one.
pub async fn a_released_lease_expires_at_once(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let now = scene.now();
    let first = acquire(&scene.ports, NAME, "a", now).await.expect("it is free");
    let release = async |lease: &Lease, now| {
        scene.ports.leases.release(lease, now).await.expect("leases can be released");
    };
    release(&first, now).await;
    assert_eq!(acquire(&scene.ports, NAME, "b", now).await, Some(lease("b", 2, now)));
    release(&first, now).await;
    release(&Lease { name: "unknown".to_owned(), ..first }, now).await;
    assert_eq!(acquire(&scene.ports, NAME, "c", now).await, None, "a former holder releases nothing");

    // A release makes no lease last longer.
    let second = lease("b", 2, now);
    release(&second, now + MINUTE * 2).await;
    let expired = now + MINUTE;
    assert_eq!(acquire(&scene.ports, NAME, "c", expired).await, Some(lease("c", 3, expired)));
}

/// A former holder writes nothing; neither does one whose lease never existed.
pub async fn a_set_is_stored_only_while_its_lease_is_held(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let now = scene.now();
    let first = acquire(&scene.ports, NAME, "a", now).await.expect("it is free");
    scene.commit(ChangeSet::new().insert(scene.event()).while_held(&first)).await;
    // It expired, but no other holder took it.
    let second = acquire(&scene.ports, NAME, "b", now + MINUTE).await.expect("it expired");
    scene.commit(ChangeSet::new().while_held(&second).insert(scene.event())).await;
    let unknown = Lease { name: "unknown".to_owned(), ..second.clone() };
    let future = Lease { fence: 3, ..second };
    for lost in [first, unknown, future] {
        let hold = Change::HoldsLease { name: lost.name.clone(), fence: lost.fence };
        for set in [ChangeSet::new().insert(scene.event()).with(hold), ChangeSet::new().while_held(&lost)] {
            assert_eq!(scene.refusal(set).await, Stale, "{lost:?}");
        }
    }
    assert_eq!(scene.events().await.len(), 2);
}
