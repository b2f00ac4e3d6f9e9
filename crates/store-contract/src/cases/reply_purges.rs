//! Taking expired replies away.

use chrono::TimeDelta;
use incident_domain::{
    kernel::{StoredReply, Timestamp},
    write::{Change, ChangeSet},
};

use crate::{Harness, scene::Scene};

const MICROSECOND: TimeDelta = TimeDelta::microseconds(1);

/// To the microsecond, whosever they are; their keys are free again.
pub async fn a_purge_takes_exactly_the_replies_that_expired_before(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (ada, bob) = (scene.stored_user().await.id, scene.stored_user().await.id);
    let expired_before = scene.now() + TimeDelta::hours(1);
    let mut stored = Vec::new();
    for user in [ada, bob] {
        for (expires_at, stays) in [
            (expired_before - MICROSECOND, false),
            (expired_before, true),
            (expired_before + MICROSECOND, true),
            (expired_before - TimeDelta::days(20_000), false),
            (expired_before + TimeDelta::days(20_000), true),
        ] {
            let reply = StoredReply { expires_at, ..scene.reply_to(user) };
            scene.commit(ChangeSet::new().insert(reply.clone())).await;
            stored.push((reply, stays));
        }
        // When it was given says nothing.
        let created_at = expired_before + TimeDelta::days(1);
        let given_later = StoredReply { created_at, expires_at: expired_before - MICROSECOND, ..scene.reply_to(user) };
        scene.commit(ChangeSet::new().insert(given_later.clone())).await;
        stored.push((given_later, false));
    }

    scene.commit(purge(expired_before, u32::MAX)).await;
    for (reply, stays) in stored {
        let expected = stays.then(|| reply.clone());
        assert_eq!(scene.read_reply(reply.user_id, &reply.key).await, expected, "{reply:?}");
        if !stays {
            let again = scene.reply_with_key(reply.user_id, &reply.key);
            scene.commit(ChangeSet::new().insert(again.clone())).await;
            assert_eq!(scene.read_reply(again.user_id, &again.key).await, Some(again));
        }
    }
}

/// Those that expired first, whatever their keys, whosever they are, whenever they were given and whatever the order
/// in which they came.
pub async fn a_purge_takes_so_many_replies_the_first_expired_first(harness: &dyn Harness) {
    const EXPIRED: usize = 22;
    let scene = Scene::set(harness).await;
    let (ada, bob) = (scene.stored_user().await.id, scene.stored_user().await.id);
    let now = scene.now();
    let expired_before = now + TimeDelta::hours(1);
    let (mut first_expired_first, mut living) = (Vec::new(), Vec::new());
    for index in 0..EXPIRED {
        let user = if index % 3 == 0 { bob } else { ada };
        // A step that has no divisor in common with their number: neither the order of their making nor its reverse.
        let seconds = i64::try_from(index * 7 % EXPIRED).expect("a small number");
        let expired = StoredReply { expires_at: now + TimeDelta::seconds(seconds), ..scene.reply_to(user) };
        let alive = scene.reply_to(user);
        let set = ChangeSet::new().insert(expired.clone()).insert(alive.clone());
        scene.commit(set).await;
        first_expired_first.push(expired);
        living.push(alive);
    }
    first_expired_first.sort_unstable_by_key(|reply| reply.expires_at);

    let mut gone = 0;
    for replies_max in [0, 1, 5, 5, 1, 20] {
        scene.commit(purge(expired_before, replies_max)).await;
        gone = EXPIRED.min(gone + usize::try_from(replies_max).expect("a small number"));
        for (place, reply) in first_expired_first.iter().enumerate() {
            let expected = (place >= gone).then(|| reply.clone());
            let read = scene.read_reply(reply.user_id, &reply.key).await;
            assert_eq!(read, expected, "place {place}, {gone} gone");
        }
    }
    for reply in living {
        assert_eq!(scene.read_reply(reply.user_id, &reply.key).await, Some(reply));
    }
}

/// What a set has purged is out of the way of what it keeps after that, and what it keeps after that stays.
pub async fn a_purge_takes_what_the_set_kept_before_it_and_nothing_after(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.stored_user().await.id;
    let expired_before = scene.now();
    let expired = || StoredReply { expires_at: expired_before - MICROSECOND, ..scene.reply_to(user) };
    let (stored, before, after) = (expired(), expired(), expired());
    scene.commit(ChangeSet::new().insert(stored.clone())).await;
    let again = StoredReply { key: stored.key.clone(), ..expired() };
    let set = ChangeSet::new().insert(before.clone());
    let set = purge(expired_before, 10).into_changes().into_iter().fold(set, ChangeSet::with);
    scene.commit(set.insert(after.clone()).insert(again.clone())).await;

    assert_eq!(scene.read_reply(user, &before.key).await, None);
    for kept in [after, again] {
        assert_eq!(scene.read_reply(user, &kept.key).await, Some(kept));
    }

    // One that finds nothing is no contradiction, and neither does it take the place of what else is in its set.
    let reply = scene.reply_to(user);
    let set = purge(expired_before - TimeDelta::days(1), 10);
    scene.commit(set.insert(reply.clone()).insert_all([scene.event()])).await;
    assert_eq!(scene.read_reply(user, &reply.key).await, Some(reply));
    assert_eq!(scene.events().await.len(), 1);
}

fn purge(expired_before: Timestamp, replies_max: u32) -> ChangeSet {
    ChangeSet::new().with(Change::PurgeReplies { expired_before, replies_max })
}
