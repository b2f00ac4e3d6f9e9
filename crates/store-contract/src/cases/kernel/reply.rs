//! Kept replies.

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_domain::{
    kernel::{
        Conflict::{self, Duplicate},
        IdempotencyKey, RequestFingerprint, StoredReply, Timestamp, UniqueKey, UserId,
    },
    write::{Change, ChangeSet},
};
use uuid::Uuid;

use crate::{
    Harness, Ports,
    extremes::{before_1970, bytes, end_of_time},
    scene::{Scene, idempotency_key, timestamp},
    standard::{Specimen, World},
};

const MICROSECOND: TimeDelta = TimeDelta::microseconds(1);
const KEY_IS_TAKEN: Conflict = Duplicate(StoredReply::KEY);

#[async_trait]
impl Specimen for StoredReply {
    /// With the longest key; with no bytes, bytes that are not a text, and every byte very often; one that expired
    /// before it was stored.
    fn specimens(scene: &Scene, world: &World) -> Vec<Self> {
        let plain = || scene.reply_to(world.user.id);
        let unique = scene.uuid().to_string();
        let longest: String = (' '..='~').rev().cycle().take(IdempotencyKey::CHARS_MAX - unique.len()).collect();
        let every_byte = (0..=u8::MAX).cycle().take(1 << 20).collect();
        vec![
            plain(),
            Self {
                key: idempotency_key(&format!("{unique}{longest}")),
                fingerprint: RequestFingerprint::new(bytes(0)),
                sealed: every_byte,
                created_at: end_of_time(),
                expires_at: timestamp(1),
                ..plain()
            },
            Self {
                fingerprint: RequestFingerprint::new([0; 32]),
                sealed: Vec::new(),
                created_at: before_1970(),
                expires_at: end_of_time(),
                ..plain()
            },
            Self {
                fingerprint: RequestFingerprint::new([0xFF; 32]),
                sealed: vec![0, 0xFF, 0xC3, 0x28, b'\'', 0],
                ..plain()
            },
        ]
    }

    fn with_value_of(self, _key: UniqueKey, other: &Self) -> Self {
        Self { user_id: other.user_id, key: other.key.clone(), ..self }
    }

    fn with_reference(self, _index: usize, id: Uuid) -> Self {
        Self { user_id: UserId::new(id), ..self }
    }

    async fn read(&self, ports: &Ports) -> Option<Self> {
        ports.replies.find(self.user_id, &self.key).await.expect("replies can be read")
    }
}

/// Case, spaces at either end and characters beyond the first two hundred count.
pub async fn keys_that_differ_in_one_character_are_different_keys(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.stored_user().await.id;
    let long = |last: &str| format!("{}{last}", "k".repeat(IdempotencyKey::CHARS_MAX - 1));
    let (long_a, long_b, long_space) = (long("a"), long("b"), long(" "));
    let keys = ["key", "Key", "KEY", "key ", " key", "key  ", "k_y", "k%", "k'y", "k\\y", "0", "00", "0.0", "null"];
    let mut stored = Vec::new();
    for key in keys.into_iter().chain([long_a.as_str(), long_b.as_str(), long_space.as_str()]) {
        let reply = scene.reply_with_key(user, &idempotency_key(key));
        scene.commit(ChangeSet::new().insert(reply.clone())).await;
        stored.push(reply);
    }
    for reply in stored {
        assert_eq!(scene.read_reply(user, &reply.key).await, Some(reply));
    }
    let long_shorter = long("")[1..].to_owned();
    for unknown in ["kEy", " key ", "kay", "%", "ke", "keyy", "k''y", "k\\\\y", "000", "NULL", long_shorter.as_str()] {
        assert_eq!(scene.read_reply(user, &idempotency_key(unknown)).await, None, "{unknown}");
    }
}

/// The same key of another user is a different key.
pub async fn a_key_belongs_to_one_user(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let [ada, bob, eve] = [scene.stored_user().await.id, scene.stored_user().await.id, scene.stored_user().await.id];
    let to_ada = scene.stored_reply(ada).await;
    let key = &to_ada.key;
    assert_eq!(scene.read_reply(bob, key).await, None);

    // Alone and in one set.
    let (to_bob, to_eve) = (scene.reply_with_key(bob, key), scene.reply_with_key(eve, key));
    let both = ChangeSet::new().insert(to_bob.clone()).insert(to_eve.clone());
    scene.commit(both).await;
    for reply in [to_ada.clone(), to_bob, to_eve] {
        assert_eq!(scene.read_reply(reply.user_id, key).await, Some(reply));
    }
    assert_eq!(scene.read_reply(UserId::new(scene.uuid()), key).await, None);
}

/// A repeated request is recognised even after the reply expired.
pub async fn an_expired_reply_is_found_until_it_is_purged(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.stored_user().await.id;
    // It expired by any clock, including that of the database.
    let expired = StoredReply { expires_at: timestamp(1), ..scene.reply_to(user) };
    scene.commit(ChangeSet::new().insert(expired.clone())).await;
    assert_eq!(scene.read_reply(user, &expired.key).await.as_ref(), Some(&expired));
    let again = ChangeSet::new().insert(scene.reply_with_key(user, &expired.key));
    assert_eq!(scene.refusal(again).await, KEY_IS_TAKEN);
    assert_eq!(scene.read_reply(user, &expired.key).await, Some(expired));
}

/// Also by a reader that found none before, through every opening of the store.
pub async fn a_reply_is_found_as_soon_as_its_commit_is_answered(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let other = harness.open().await;
    let user = scene.stored_user().await.id;
    for round in 0..10 {
        let reply = scene.reply_to(user);
        let set = ChangeSet::new().insert(reply.clone());
        let (writer, reader) = if round % 2 == 0 { (&scene.ports, &other) } else { (&other, &scene.ports) };
        for ports in [writer, reader] {
            let before = ports.replies.find(user, &reply.key).await;
            assert_eq!(before.expect("replies can be read"), None, "round {round}");
        }
        writer.store.commit(set).await.expect("a new key contradicts nothing");
        for ports in [reader, writer] {
            let after = ports.replies.find(user, &reply.key).await;
            assert_eq!(after.expect("replies can be read").as_ref(), Some(&reply), "round {round}");
        }
    }
}

/// To the microsecond, of all users; their keys are free again.
pub async fn a_purge_deletes_exactly_the_replies_that_expired_before(harness: &dyn Harness) {
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
        // The time at which it was stored does not count.
        let created_at = expired_before + TimeDelta::days(1);
        let stored_later = StoredReply { created_at, expires_at: expired_before - MICROSECOND, ..scene.reply_to(user) };
        scene.commit(ChangeSet::new().insert(stored_later.clone())).await;
        stored.push((stored_later, false));
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

/// By the times at which they expired, not by their keys, users and times of storing.
pub async fn a_purge_deletes_up_to_a_limit_the_first_expired_first(harness: &dyn Harness) {
    const EXPIRED: usize = 22;
    let scene = Scene::set(harness).await;
    let (ada, bob) = (scene.stored_user().await.id, scene.stored_user().await.id);
    let now = scene.now();
    let expired_before = now + TimeDelta::hours(1);
    let (mut first_expired_first, mut living) = (Vec::new(), Vec::new());
    for index in 0..EXPIRED {
        let user = if index % 3 == 0 { bob } else { ada };
        // A step without a common divisor with the count: neither the order of storing nor its reverse.
        let seconds = i64::try_from(index * 7 % EXPIRED).expect("a small number");
        let expired = StoredReply { expires_at: now + TimeDelta::seconds(seconds), ..scene.reply_to(user) };
        let alive = scene.reply_to(user);
        let set = ChangeSet::new().insert(expired.clone()).insert(alive.clone());
        scene.commit(set).await;
        first_expired_first.push(expired);
        living.push(alive);
    }
    first_expired_first.sort_unstable_by_key(|reply| reply.expires_at);

    let mut deleted = 0;
    for replies_max in [0, 1, 5, 5, 1, 20] {
        scene.commit(purge(expired_before, replies_max)).await;
        deleted = EXPIRED.min(deleted + usize::try_from(replies_max).expect("a small number"));
        for (index, reply) in first_expired_first.iter().enumerate() {
            let expected = (index >= deleted).then(|| reply.clone());
            let read = scene.read_reply(reply.user_id, &reply.key).await;
            assert_eq!(read, expected, "index {index}, {deleted} deleted");
        }
    }
    for reply in living {
        assert_eq!(scene.read_reply(reply.user_id, &reply.key).await, Some(reply));
    }
}

/// Keys that a set purges are free for its later inserts, and those stay.
pub async fn a_purge_deletes_what_its_set_inserted_before_it_and_nothing_after(harness: &dyn Harness) {
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

    // A purge that finds nothing is no contradiction, and the rest of its set is stored.
    let reply = scene.reply_to(user);
    let set = purge(expired_before - TimeDelta::days(1), 10);
    scene.commit(set.insert(reply.clone()).insert(scene.event())).await;
    assert_eq!(scene.read_reply(user, &reply.key).await, Some(reply));
    assert_eq!(scene.events().await.len(), 1);
}

fn purge(expired_before: Timestamp, replies_max: u32) -> ChangeSet {
    ChangeSet::new().with(Change::PurgeReplies { expired_before, replies_max })
}
