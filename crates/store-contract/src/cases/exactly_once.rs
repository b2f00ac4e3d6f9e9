//! An effect and the reply to the request for it are stored together, once.

use std::sync::Arc;

use incident_domain::{
    identity::User,
    incidents::{Incident, Revision},
    kernel::{
        Action,
        Conflict::{self, Duplicate, Missing, Stale},
        Event, IdempotencyKey, Record as _, StoredReply, UserId,
    },
    write::ChangeSet,
};

use crate::{
    Harness, Ports,
    scene::{Scene, at_once, conflict, idempotency_key},
};

const TAKEN: Conflict = Duplicate(StoredReply::KEY);

/// How many send the same request at once.
const SENDERS: usize = 64;

/// One request that was done: everything that "open an incident" stores, all of it about one incident.
struct Done {
    incident: Incident,
    revision: Revision,
    action: Action,
    event: Event,
    reply: StoredReply,
}

impl Done {
    fn new(scene: &Scene, user: UserId, key: &IdempotencyKey) -> Self {
        let revision = scene.plain();
        let incident = revision.incident().clone();
        let subject = format!("incident:{}", incident.id);
        let action = Action { target: subject.clone(), ..scene.action() };
        let reply = StoredReply { sealed: subject.clone().into_bytes(), ..scene.reply_with_key(user, key) };
        Self { incident, revision, action, event: scene.event_about(&subject), reply }
    }

    /// The set; the reply comes last, or first.
    fn set(&self, is_reply_first: bool) -> ChangeSet {
        let start = if is_reply_first { ChangeSet::new().insert(self.reply.clone()) } else { ChangeSet::new() };
        let effect = start.revise(self.revision.clone()).insert(self.action.clone());
        let effect = effect.insert_all([self.event.clone()]);
        if is_reply_first { effect } else { effect.insert(self.reply.clone()) }
    }

    /// Demands that all of it is stored, or nothing.
    async fn assert_is_whole(&self, scene: &Scene, is_stored: bool) {
        let incident = scene.incident(self.incident.id).await;
        assert_eq!(incident.as_ref(), is_stored.then_some(&self.incident));
        assert_eq!(scene.timeline(self.incident.id).await.len(), usize::from(is_stored), "entries");
        let actions = scene.actions().await.into_iter().filter(|action| *action == self.action).count();
        let events = scene.events().await.into_iter().filter(|logged| logged.event == self.event).count();
        assert_eq!((actions, events), (usize::from(is_stored), usize::from(is_stored)), "actions and events");
        let reply = scene.read_reply(self.reply.user_id, &self.reply.key).await;
        assert_eq!(reply.as_ref() == Some(&self.reply), is_stored, "{reply:?}");
    }
}

/// The incident, its entry, the action and the event: without the reply, nobody would know of them.
pub async fn a_refused_reply_leaves_nothing_of_the_effect(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.stored_user().await.id;
    let key = idempotency_key("a key");
    let first = Done::new(&scene, user, &key);
    scene.commit(first.set(false)).await;
    for is_reply_first in [false, true] {
        let second = Done::new(&scene, user, &key);
        assert_eq!(scene.refusal(second.set(is_reply_first)).await, TAKEN);
        second.assert_is_whole(&scene, false).await;
        let to_nobody = Done::new(&scene, UserId::new(scene.uuid()), &key);
        assert_eq!(scene.refusal(to_nobody.set(is_reply_first)).await, Missing(User::KIND));
        to_nobody.assert_is_whole(&scene, false).await;
    }
    first.assert_is_whole(&scene, true).await;
}

/// A repetition of what was refused is a first request.
pub async fn a_refused_effect_leaves_no_reply(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.stored_user().await.id;
    let read = scene.stored_incident().await;
    scene.store(scene.comment(&read)).await;
    let key = idempotency_key("a key");
    for is_reply_first in [false, true] {
        let refused = Done::new(&scene, user, &key);
        let stale = refused.set(is_reply_first).revise(scene.comment(&read));
        assert_eq!(scene.refusal(stale).await, Stale);
        refused.assert_is_whole(&scene, false).await;
        assert_eq!(scene.read_reply(user, &key).await, None);
    }
    let done = Done::new(&scene, user, &key);
    scene.commit(done.set(true)).await;
    done.assert_is_whole(&scene, true).await;
}

/// Whichever of them it is, its effect and its reply are those of one request, and of the others there is nothing.
/// The repetitions come through two openings of the store, those of several keys at the same time.
pub async fn of_many_sets_with_one_key_exactly_one_is_stored_and_it_is_whole(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let other = harness.open().await;
    let users = [scene.stored_user().await.id, scene.stored_user().await.id];
    for round in 0..3 {
        // Two users call their requests the same, and one of them has two requests.
        let keys = [idempotency_key(&format!("key {round}")), idempotency_key(&format!("Key {round}"))];
        let requests = [(users[0], &keys[0]), (users[1], &keys[0]), (users[0], &keys[1])];
        let sent: Vec<_> = (0..SENDERS)
            .map(|sender| {
                let (user, key) = requests[sender % requests.len()];
                Done::new(&scene, user, key)
            })
            .collect();
        let outcomes = commit_at_once(&scene, &other, &sent).await;

        for (user, key) in requests {
            let of_this = |done: &Done| done.reply.user_id == user && done.reply.key == *key;
            let ended: Vec<_> = sent.iter().zip(&outcomes).filter(|(done, _)| of_this(done)).collect();
            let won = ended.iter().filter(|(_, outcome)| outcome.is_none()).count();
            assert_eq!(won, 1, "round {round}: {outcomes:?}");
            for (done, outcome) in ended {
                assert!(matches!(outcome, None | Some(TAKEN)), "round {round}: {outcome:?}");
                done.assert_is_whole(&scene, outcome.is_none()).await;
            }
        }
    }
}

/// Nobody waits for, or loses to, somebody who does something else.
pub async fn sets_with_different_keys_all_get_in(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let other = harness.open().await;
    let shared = idempotency_key("the same");
    let ada = scene.stored_user().await.id;
    let mut sent = Vec::new();
    for sender in 0..SENDERS {
        // Half of them are one user's requests, the others give the same key to a request of their own.
        let is_hers = sender % 2 == 0;
        let user = if is_hers { ada } else { scene.stored_user().await.id };
        let key = if is_hers { idempotency_key(&sender.to_string()) } else { shared.clone() };
        sent.push(Done::new(&scene, user, &key));
    }
    let outcomes = commit_at_once(&scene, &other, &sent).await;
    assert!(outcomes.iter().all(Option::is_none), "{outcomes:?}");
    for done in sent {
        done.assert_is_whole(&scene, true).await;
    }
}

/// Every second one through the other opening, with the reply at either end of the set.
async fn commit_at_once(scene: &Arc<Scene>, other: &Ports, sent: &[Done]) -> Vec<Option<Conflict>> {
    let commits = sent.iter().enumerate().map(|(place, done)| {
        let store = if place % 2 == 0 { scene.ports.store.clone() } else { other.store.clone() };
        let changes = done.set(place % 4 < 2);
        async move { conflict(store.commit(changes).await) }
    });
    at_once(commits).await
}
