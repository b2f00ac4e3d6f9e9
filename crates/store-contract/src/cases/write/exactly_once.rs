//! The effect of a request and the reply to it are stored together, once.

use std::sync::Arc;

use incident_domain::{
    incidents::{Incident, Revision},
    kernel::{
        Action,
        Conflict::{self, Duplicate},
        Event, IdempotencyKey, StoredReply, UserId,
    },
    write::ChangeSet,
};

use crate::{
    Harness, Ports,
    scene::{Scene, at_once, conflict, idempotency_key},
};

const KEY_IS_TAKEN: Conflict = Duplicate(StoredReply::KEY);

/// How many callers send the same request at once.
const SENDERS: usize = 64;

/// Everything that a request to open an incident stores.
struct Request {
    incident: Incident,
    revision: Revision,
    action: Action,
    event: Event,
    reply: StoredReply,
}

impl Request {
    fn new(scene: &Scene, user: UserId, key: &IdempotencyKey) -> Self {
        let revision = scene.plain();
        let incident = revision.incident().clone();
        let subject = format!("incident:{}", incident.id);
        let action = Action { target: subject.clone(), ..scene.action() };
        let reply = StoredReply { sealed: subject.clone().into_bytes(), ..scene.reply_with_key(user, key) };
        Self { incident, revision, action, event: scene.event_about(&subject), reply }
    }

    /// Returns the set, with the reply first or last.
    fn set(&self, is_reply_first: bool) -> ChangeSet {
        let start = if is_reply_first { ChangeSet::new().insert(self.reply.clone()) } else { ChangeSet::new() };
        let effect = start.revise(self.revision.clone()).insert(self.action.clone());
        let effect = effect.insert(self.event.clone());
        if is_reply_first { effect } else { effect.insert(self.reply.clone()) }
    }

    /// Requires that all of it is stored, or nothing.
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

/// Its effect and its reply belong together; nothing of the others is stored. The repetitions come through two openings
/// of the store, with several keys at the same time.
pub async fn of_many_sets_with_one_key_exactly_one_is_stored_whole(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let other = harness.open().await;
    let users = [scene.stored_user().await.id, scene.stored_user().await.id];
    for round in 0..3 {
        // Two users send the same key, and one of them sends two keys.
        let keys = [idempotency_key(&format!("key {round}")), idempotency_key(&format!("Key {round}"))];
        let requests = [(users[0], &keys[0]), (users[1], &keys[0]), (users[0], &keys[1])];
        let sent: Vec<_> = (0..SENDERS)
            .map(|sender| {
                let (user, key) = requests[sender % requests.len()];
                Request::new(&scene, user, key)
            })
            .collect();
        let outcomes = commit_at_once(&scene, &other, &sent).await;

        for (user, key) in requests {
            let of_this = |request: &Request| request.reply.user_id == user && request.reply.key == *key;
            let ended: Vec<_> = sent.iter().zip(&outcomes).filter(|(request, _)| of_this(request)).collect();
            let won = ended.iter().filter(|(_, outcome)| outcome.is_none()).count();
            assert_eq!(won, 1, "round {round}: {outcomes:?}");
            for (request, outcome) in ended {
                assert!(matches!(outcome, None | Some(KEY_IS_TAKEN)), "round {round}: {outcome:?}");
                request.assert_is_whole(&scene, outcome.is_none()).await;
            }
        }
    }
}

/// Requests with other keys are not affected.
pub async fn sets_with_different_keys_are_all_stored(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let other = harness.open().await;
    let shared = idempotency_key("the same");
    let ada = scene.stored_user().await.id;
    let mut sent = Vec::new();
    for sender in 0..SENDERS {
        // Half of them are requests of one user; the others are of other users, with the same key.
        let is_of_ada = sender % 2 == 0;
        let user = if is_of_ada { ada } else { scene.stored_user().await.id };
        let key = if is_of_ada { idempotency_key(&sender.to_string()) } else { shared.clone() };
        sent.push(Request::new(&scene, user, &key));
    }
    let outcomes = commit_at_once(&scene, &other, &sent).await;
    assert!(outcomes.iter().all(Option::is_none), "{outcomes:?}");
    for request in sent {
        request.assert_is_whole(&scene, true).await;
    }
}

/// Commits them at once through two openings of the store, with the reply at either end of the set.
async fn commit_at_once(scene: &Arc<Scene>, other: &Ports, sent: &[Request]) -> Vec<Option<Conflict>> {
    let commits = sent.iter().enumerate().map(|(index, request)| {
        let store = if index % 2 == 0 { scene.ports.store.clone() } else { other.store.clone() };
        let changes = request.set(index % 4 < 2);
        async move { conflict(store.commit(changes).await) }
    });
    at_once(commits).await
}
