//! Keeping replies and finding them.

use incident_domain::{
    identity::User,
    kernel::{
        Conflict::{Duplicate, Missing},
        IdempotencyKey, Record as _, StoredReply, UserId,
    },
    write::ChangeSet,
};

use crate::{
    Harness, full,
    scene::{Scene, idempotency_key, timestamp},
};

const TAKEN: incident_domain::ports::Conflict = Duplicate(StoredReply::KEY);

/// Every byte of the answer, or none at all; whatever the key may be, and whatever the times.
pub async fn a_reply_is_read_as_it_was_committed(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.stored_user().await.id;
    let mut replies = full::replies(&scene, user);
    replies.push(scene.reply_to(user));
    for reply in &replies {
        scene.commit(ChangeSet::new().insert(reply.clone())).await;
    }
    for reply in replies {
        let read = scene.read_reply(user, &reply.key).await;
        // A reply does not tell its bytes when it is printed, and a million would help nobody.
        let bytes = read.as_ref().map(|read| read.sealed.len());
        assert_eq!(bytes, Some(reply.sealed.len()), "bytes of {reply:?}");
        assert_eq!(read, Some(reply));
    }
    assert_eq!(scene.read_reply(user, &idempotency_key("unknown")).await, None);
}

/// The effect of a request may be that there was nothing to do.
pub async fn a_set_may_be_a_reply_alone(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.stored_user().await.id;
    let reply = scene.stored_reply(user).await;
    assert_eq!(scene.read_reply(user, &reply.key).await, Some(reply));
    assert_eq!((scene.events().await.len(), scene.actions().await.len()), (0, 0));
}

/// Not to the case, nor to blanks at either end, nor to the first two hundred characters.
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

/// Another user's equal key is another key, and says nothing about the first.
pub async fn a_key_is_its_users_own(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let [ada, bob, eve] = [scene.stored_user().await.id, scene.stored_user().await.id, scene.stored_user().await.id];
    let to_ada = scene.stored_reply(ada).await;
    let key = &to_ada.key;
    assert_eq!(scene.read_reply(bob, key).await, None);

    // Alone and together with somebody else's.
    let (to_bob, to_eve) = (scene.reply_with_key(bob, key), scene.reply_with_key(eve, key));
    let both = ChangeSet::new().insert(to_bob.clone()).insert(to_eve.clone());
    scene.commit(both).await;
    for reply in [to_ada.clone(), to_bob, to_eve] {
        assert_eq!(scene.read_reply(reply.user_id, key).await, Some(reply));
    }
    assert_eq!(scene.read_reply(UserId::new(scene.uuid()), key).await, None);
}

/// Neither in the store nor in one set, whatever else is different; the first reply stays what it was.
pub async fn a_key_is_taken_once_by_each_user(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (ada, bob) = (scene.stored_user().await.id, scene.stored_user().await.id);
    let first = scene.reply_to(ada);
    let again = StoredReply { created_at: scene.now(), ..first.clone() };
    let other = scene.reply_with_key(ada, &first.key);
    for second in [first.clone(), again, other] {
        let both = ChangeSet::new().insert(first.clone()).insert(second.clone());
        assert_eq!(scene.refusal(both).await, TAKEN, "{second:?} in one set");
        assert_eq!(scene.read_reply(ada, &first.key).await, None);
    }
    scene.commit(ChangeSet::new().insert(first.clone())).await;
    for second in [first.clone(), scene.reply_with_key(ada, &first.key)] {
        // What would be kept for others is not kept either.
        let to_bob = scene.reply_with_key(bob, &first.key);
        let set = ChangeSet::new().insert(to_bob).insert(second.clone());
        assert_eq!(scene.refusal(set).await, TAKEN, "{second:?}");
        assert_eq!(scene.read_reply(ada, &first.key).await.as_ref(), Some(&first));
        assert_eq!(scene.read_reply(bob, &first.key).await, None);
    }
}

/// Nobody is told that a request was never done because time has passed.
pub async fn an_expired_reply_holds_until_it_is_purged(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.stored_user().await.id;
    // By any clock, that of the database too.
    let expired = StoredReply { expires_at: timestamp(1), ..scene.reply_to(user) };
    scene.commit(ChangeSet::new().insert(expired.clone())).await;
    assert_eq!(scene.read_reply(user, &expired.key).await.as_ref(), Some(&expired));
    let again = ChangeSet::new().insert(scene.reply_with_key(user, &expired.key));
    assert_eq!(scene.refusal(again).await, TAKEN);
    assert_eq!(scene.read_reply(user, &expired.key).await, Some(expired));
}

/// Who was told that there is none is told of one as soon as its commit is answered, on every opening of the store.
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

/// A reply is somebody's: neither of one who never was nor of one who is gone.
pub async fn a_reply_belongs_to_a_user_that_exists(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (never, gone) = (scene.user(), scene.stored_user().await);
    scene.commit(ChangeSet::new().delete(&gone)).await;
    for user in [never, gone] {
        let reply = scene.reply_to(user.id);
        let set = ChangeSet::new().insert_all([scene.event()]).insert(reply.clone());
        assert_eq!(scene.refusal(set).await, Missing(User::KIND));
        assert_eq!(scene.read_reply(user.id, &reply.key).await, None);
    }
    assert_eq!(scene.events().await, []);
}

/// All of their own, and nobody else's; whoever gets their id finds none of them.
pub async fn a_deleted_user_takes_along_the_replies_to_them(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (doomed, kept) = (scene.stored_user().await, scene.stored_user().await);
    let mut replies = Vec::new();
    for _ in 0..3 {
        let reply = scene.stored_reply(doomed.id).await;
        let same_key = scene.reply_with_key(kept.id, &reply.key);
        scene.commit(ChangeSet::new().insert(same_key.clone())).await;
        replies.extend([reply, same_key]);
    }
    let deletion = ChangeSet::new().delete(&doomed);
    scene.commit(deletion.clone()).await;
    for reply in &replies {
        let expected = (reply.user_id == kept.id).then(|| reply.clone());
        assert_eq!(scene.read_reply(reply.user_id, &reply.key).await, expected);
    }

    // What a set has deleted is out of the way of what it inserts after that.
    let again = |set: ChangeSet| set.insert(doomed.clone()).insert(replies[0].clone());
    scene.commit(again(ChangeSet::new())).await;
    assert_eq!(scene.read_reply(doomed.id, &replies[2].key).await, None);
    scene.commit(again(deletion)).await;
    assert_eq!(scene.read_reply(doomed.id, &replies[0].key).await.as_ref(), Some(&replies[0]));
}
