//! A set is stored whole or not at all, in its order.

use chrono::TimeDelta;
use incident_domain::{
    identity::{
        ApiToken, ApiTokenSelection, RefreshToken, RefreshTokenId, Revocation, RevocationReason, Role, Session,
        SessionSelection, Spending, User,
    },
    incidents::{Incident, IncidentId},
    kernel::{ApiTokenId, Conflict::Missing, Job, JobId, Record as _, SessionId, TaskId, UserId},
    work::{Category, CategoryId, SavedView, SavedViewId, Task},
    write::{Change, ChangeSet},
};

use crate::{
    Harness,
    scene::{Scene, note},
    standard::Specimen as _,
};

/// How many entries make a large set.
const LARGE_SET: usize = 500;

/// Whether the contradiction comes first or last.
pub async fn a_refused_set_ends_touches_purges_and_spends_nothing(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.stored_user().await;
    let (session, api_token) = (scene.stored_session(user.id).await, scene.stored_api_token(user.id).await);
    let refresh_token = scene.stored_refresh_token(session.id).await;
    let reply = scene.stored_reply(user.id).await;
    let (later, at) = (session.expires_at + TimeDelta::days(1), scene.now());
    let revocation = Revocation { at, because: RevocationReason::UserDeactivated };
    let good = ChangeSet::new()
        .spend_refresh_token(refresh_token.id, Spending::Used, at)
        .with(Change::TouchSession { id: session.id, seen_at: at })
        .revoke_sessions(SessionSelection::OfUser(user.id), revocation)
        .with(Change::TouchApiToken { id: api_token.id, used_at: at })
        .revoke_api_tokens(ApiTokenSelection::OfUser(user.id), at)
        .with(Change::PurgeReplies { expired_before: later, replies_max: 10 });
    let purged = good.clone().with(Change::PurgeSessions { ended_before: later, sessions_max: 10 });
    for good in [good, purged] {
        let orphan = ChangeSet::new().insert(scene.session_of(UserId::new(scene.uuid())));
        for sets in [[&good, &orphan], [&orphan, &good]] {
            let set = sets.into_iter().flat_map(|set| set.changes().iter().cloned()).collect();
            assert_eq!(scene.refusal(set).await, Missing(User::KIND));
            session.assert_is_stored(&scene.ports).await;
            refresh_token.assert_is_stored(&scene.ports).await;
            api_token.assert_is_stored(&scene.ports).await;
            reply.assert_is_stored(&scene.ports).await;
        }
    }
}

/// Ids are unique for each kind of record only.
pub async fn records_of_different_kinds_may_have_the_same_id(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let shared = scene.uuid();
    let user = User { id: UserId::new(shared), ..scene.user() };
    let session = Session { id: SessionId::new(shared), ..scene.session_of(user.id) };
    let refresh_token = RefreshToken { id: RefreshTokenId::new(shared), ..scene.refresh_token_of(session.id) };
    let api_token = ApiToken { id: ApiTokenId::new(shared), ..scene.api_token_of(user.id) };
    let view = SavedView { id: SavedViewId::new(shared), ..scene.saved_view_of(user.id, "any") };
    let category = Category { id: CategoryId::new(shared), ..scene.category("any") };
    let task = Task { id: TaskId::new(shared), ..scene.task_by(user.id) };
    let job = Job { id: JobId::new(shared), ..scene.job("any") };
    let mut incident = scene.plain().incident().clone().into_record();
    incident.id = IncidentId::new(shared);
    let incident = Incident::restore(incident);
    let set = ChangeSet::new().insert(user.clone()).insert(session.clone()).insert(refresh_token.clone());
    let set = set.insert(api_token.clone()).insert(view.clone()).insert(category.clone()).insert(task.clone());
    scene.commit(set.insert(job.clone()).insert(incident.clone())).await;
    user.assert_is_stored(&scene.ports).await;
    session.assert_is_stored(&scene.ports).await;
    refresh_token.assert_is_stored(&scene.ports).await;
    api_token.assert_is_stored(&scene.ports).await;
    view.assert_is_stored(&scene.ports).await;
    category.assert_is_stored(&scene.ports).await;
    task.assert_is_stored(&scene.ports).await;
    job.assert_is_stored(&scene.ports).await;
    incident.assert_is_stored(&scene.ports).await;
}

/// However large it is.
pub async fn a_set_of_five_hundred_entries_is_stored_whole_or_not_at_all(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let mut revision = scene.plain();
    while revision.entries().len() < LARGE_SET {
        revision = revision.comment(note("word ".repeat(100)), &scene.stamp());
    }
    let (incident, entries) = (revision.incident().clone(), revision.entries().to_vec());
    let set = ChangeSet::new().revise(revision);

    let unknown = UserId::new(scene.uuid());
    let refused = set.clone().insert(scene.session_of(unknown));
    assert_eq!(scene.refusal(refused).await, Missing(User::KIND));
    assert_eq!(scene.incident(incident.id).await, None);
    assert_eq!(scene.timeline(incident.id).await, []);

    scene.commit(set).await;
    assert_eq!(scene.incident(incident.id).await, Some(incident.clone()));
    assert_eq!(scene.timeline(incident.id).await, entries);
}

/// As an import does.
pub async fn a_set_may_insert_five_hundred_incidents(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let mut set = ChangeSet::new();
    let mut opened = Vec::new();
    for _ in 0..LARGE_SET {
        let revision = scene.plain();
        opened.push((revision.incident().clone(), revision.entries().to_vec()));
        set = set.revise(revision).insert(scene.event()).insert(scene.action());
    }
    scene.commit(set).await;

    for (incident, entries) in opened {
        assert_eq!(scene.timeline(incident.id).await, entries);
        assert_eq!(scene.incident(incident.id).await, Some(incident));
    }
    assert_eq!((scene.events().await.len(), scene.actions().await.len()), (LARGE_SET, LARGE_SET));
}

/// A later record may refer to an earlier one of the set.
pub async fn a_set_may_insert_an_incident_and_its_duplicate(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let original = scene.plain().incident().clone();
    let mut duplicate = scene.plain().incident().clone().into_record();
    duplicate.duplicate_of = Some(original.id);
    let duplicate = Incident::restore(duplicate);
    let inserts = [original, duplicate.clone()].map(|incident| Change::Insert(incident.into()));
    scene.commit(inserts.into_iter().collect()).await;

    assert_eq!(scene.incident(duplicate.id).await, Some(duplicate));
}

/// A change of the password ends all sessions and signs in again in one set.
pub async fn a_revocation_ends_what_its_set_inserted_before_it_and_nothing_after(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.stored_user().await.id;
    let revocation = Revocation { at: scene.now(), because: RevocationReason::PasswordChanged };
    let stored = (scene.stored_session(user).await, scene.stored_api_token(user).await);
    let before = (scene.session_of(user), scene.api_token_of(user));
    let after = (scene.session_of(user), scene.api_token_of(user));
    let insert = |set: ChangeSet, (session, api_token): &(Session, ApiToken)| {
        set.insert(session.clone()).insert(api_token.clone())
    };
    let set = insert(ChangeSet::new(), &before)
        .revoke_sessions(SessionSelection::OfUser(user), revocation)
        .revoke_api_tokens(ApiTokenSelection::OfUser(user), revocation.at);
    scene.commit(insert(set, &after)).await;

    for (session, api_token) in [stored, before] {
        let ended = Session { revocation: Some(revocation), ..session };
        assert_eq!(scene.read_session(ended.id).await, Some(ended));
        let ended = ApiToken { revoked_at: Some(revocation.at), ..api_token };
        assert_eq!(scene.read_api_token(ended.id).await, Some(ended));
    }
    let (session, api_token) = after;
    assert_eq!(scene.read_session(session.id).await, Some(session));
    assert_eq!(scene.read_api_token(api_token.id).await, Some(api_token));
}

/// Also after it deleted records with the same ids.
pub async fn a_set_may_touch_and_spend_what_it_inserts(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.user();
    let session = scene.session_of(user.id);
    let first = scene.refresh_token_of(session.id);
    let (successor, api_token) = (scene.successor_of(&first), scene.api_token_of(user.id));
    let promoted = User { role: Role::Admin, version: user.version.next(), ..user.clone() };
    let later = scene.now();
    let set = ChangeSet::new()
        .insert(user.clone())
        .update(promoted.clone(), user.version)
        .expect(&promoted)
        .insert(session.clone())
        .with(Change::TouchSession { id: session.id, seen_at: later })
        .insert(first.clone())
        .spend_refresh_token(first.id, Spending::Used, later)
        .insert(successor.clone())
        .insert(api_token.clone())
        .with(Change::TouchApiToken { id: api_token.id, used_at: later });
    scene.commit(set.clone()).await;

    assert_eq!(scene.read_session(session.id).await, Some(Session { last_seen_at: later, ..session.clone() }));
    assert_eq!(scene.read_refresh_token(first.id).await.and_then(|token| token.spent), Some((Spending::Used, later)));
    assert_eq!(scene.read_refresh_token(successor.id).await, Some(successor));
    let touched = ApiToken { last_used_at: Some(later), ..api_token };
    assert_eq!(scene.read_api_token(touched.id).await, Some(touched));

    let deletion = ChangeSet::new().delete(&promoted);
    scene.commit(set.into_changes().into_iter().fold(deletion, ChangeSet::with)).await;
    assert_eq!(scene.read_user(user.id).await, Some(promoted));
    let purge = Change::PurgeSessions { ended_before: session.expires_at + TimeDelta::days(1), sessions_max: 10 };
    scene.commit(ChangeSet::new().with(purge).insert(session.clone())).await;
    assert_eq!(scene.read_session(session.id).await, Some(session));
    assert_eq!(scene.read_refresh_token(first.id).await, None);
}
