//! What is kept, and who sees it.

use incident_domain::write::ChangeSet;

use crate::{Harness, scene::Scene};

/// Durable before `Ok`: another process finds it.
pub async fn what_was_committed_is_there_for_who_opens_the_store_anew(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.user();
    let session = scene.session_of(user.id);
    let (refresh_token, api_token) = (scene.refresh_token_of(session.id), scene.api_token_of(user.id));
    let opened = scene.plain();
    let (incident, entries) = (opened.incident().clone(), opened.entries().to_vec());
    let (action, event, reply) = (scene.action(), scene.event(), scene.reply_to(user.id));
    let set = ChangeSet::new().insert(user.clone()).insert(session.clone()).revise(opened);
    let set = set.insert(refresh_token.clone()).insert(api_token.clone());
    let set = set.insert(reply.clone());
    scene.commit(set.insert(action.clone()).insert_all([event.clone()])).await;
    drop(scene);

    let anew = Scene::set(harness).await;
    let user_id = user.id;
    assert_eq!(anew.read_user(user_id).await, Some(user.clone()));
    assert_eq!(
        anew.ports.sessions.find_with_user(session.id).await.expect("sessions can be read"),
        Some((session, user))
    );
    assert_eq!(anew.read_refresh_token(refresh_token.id).await, Some(refresh_token));
    assert_eq!(anew.read_api_token(api_token.id).await, Some(api_token));
    assert_eq!(anew.incident(incident.id).await, Some(incident.clone()));
    assert_eq!(anew.timeline(incident.id).await, entries);
    assert_eq!(anew.actions().await, [action]);
    assert_eq!(anew.read_reply(user_id, &reply.key).await, Some(reply));
    let events: Vec<_> = anew.events().await.into_iter().map(|logged| logged.event).collect();
    assert_eq!(events, [event]);
}

/// A commit is seen by every call after its answer, on every opening of the store.
pub async fn what_one_opening_has_committed_the_others_see(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let other = harness.open().await;
    let mut incident = scene.stored_incident().await;
    for _ in 0..10 {
        let seen = other.incidents.find(incident.id).await.expect("incidents can be read");
        assert_eq!(seen.as_ref(), Some(&incident));

        let revision = scene.comment(&incident);
        incident = revision.incident().clone();
        other.store.commit(ChangeSet::new().revise(revision)).await.expect("it was read as it is stored");
        assert_eq!(scene.incident(incident.id).await.as_ref(), Some(&incident));
    }
}

/// Nothing to store is stored without complaint.
pub async fn an_empty_set_is_stored(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    scene.commit(ChangeSet::new()).await;
    assert_eq!(scene.events().await, []);
    assert_eq!(scene.actions().await, []);
}
