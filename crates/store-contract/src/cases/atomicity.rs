//! All of a set is stored, or none of it.

use chrono::TimeDelta;
use incident_domain::{
    identity::{
        ApiToken, ApiTokenSelection, Revocation, RevocationReason, Role, Session, SessionSelection, Spending, User,
    },
    incidents::{ExternalReference, Incident, NewIncident},
    kernel::{Conflict::Missing, ExternalName, Record as _, UserId},
    write::{Change, ChangeSet},
};

use crate::{
    Harness,
    refusal::{Stored, Trace},
    scene::{Scene, note, untold},
};

/// How many entries make a large set.
const LARGE_SET: usize = 500;

/// Whatever is wrong, and wherever in the set it stands, nothing of the set is stored.
pub async fn a_refused_set_leaves_no_trace(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let stored = Stored::new(&scene).await;
    let good = stored.good_set(&scene);
    let before = Trace::of(&scene, &stored, &good).await;

    for (index, (guilty, expected)) in stored.guilty_changes(&scene).into_iter().enumerate() {
        // At either end, and somewhere between.
        for place in [0, index % good.len(), good.len()] {
            let mut changes = good.clone();
            changes.insert(place, guilty.clone());
            assert_eq!(scene.refusal(changes.into_iter().collect()).await, expected, "{guilty:?} at {place}");
            assert_eq!(Trace::of(&scene, &stored, &good).await, before, "{guilty:?} at {place}");
        }
    }

    // It was really the one change that the store refused.
    scene.commit(good.iter().cloned().collect()).await;
    assert_ne!(Trace::of(&scene, &stored, &good).await, before);
}

/// However large it is.
pub async fn a_set_of_five_hundred_entries_is_stored_all_or_not_at_all(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let mut revision = scene.plain();
    while revision.entries().len() < LARGE_SET {
        revision = revision.comment(note("word ".repeat(100)), &scene.stamp());
    }
    let (incident, entries) = (revision.incident().clone(), revision.entries().to_vec());
    let set = ChangeSet::new().revise(revision);

    let nobody = UserId::new(scene.uuid());
    let guilty = set.clone().insert(scene.session_of(nobody));
    assert_eq!(scene.refusal(guilty).await, Missing(User::KIND));
    assert_eq!(scene.incident(incident.id).await, None);
    assert_eq!(scene.timeline(incident.id).await, []);

    scene.commit(set).await;
    assert_eq!(scene.incident(incident.id).await, Some(incident.clone()));
    assert_eq!(scene.timeline(incident.id).await, entries);
}

/// However many incidents it opens, as an import does.
pub async fn a_set_may_insert_five_hundred_incidents(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let mut set = ChangeSet::new();
    let mut opened = Vec::new();
    for _ in 0..LARGE_SET {
        let revision = scene.plain();
        opened.push((revision.incident().clone(), revision.entries().to_vec()));
        set = set.revise(revision).insert_all([scene.event()]).insert(scene.action());
    }
    scene.commit(set).await;

    for (incident, entries) in opened {
        assert_eq!(scene.timeline(incident.id).await, entries);
        assert_eq!(scene.incident(incident.id).await, Some(incident));
    }
    assert_eq!((scene.events().await.len(), scene.actions().await.len()), (LARGE_SET, LARGE_SET));
}

/// A change sees what the ones before it in the set have done.
pub async fn a_set_may_change_the_incident_that_it_inserts(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.user();
    let opened = scene.plain();
    let assigned = opened.incident().clone().revise().assign(Some(user.id), &scene.stamp());
    let commented = scene.comment(assigned.incident());
    let last = commented.incident().clone();
    let revisions = ChangeSet::new().insert(user).revise(opened).revise(assigned);
    scene.commit(revisions.revise(commented)).await;

    assert_eq!(scene.incident(last.id).await, Some(last.clone()));
    assert_eq!(scene.timeline(last.id).await.len(), 3);
}

/// What comes first is referred to by what follows.
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

/// What a set has deleted is out of the way of what it inserts after that.
pub async fn a_set_may_replace_an_imported_incident(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let name = |text: &str| ExternalName::parse(text).expect("a name");
    let external = Some(ExternalReference { source: name("servicenow"), number: name("INC0000045") });
    let imported = || scene.opened(NewIncident { external: external.clone(), ..untold() });
    let first = scene.store(imported()).await;

    let second = imported();
    let replacement = second.incident().clone();
    scene.commit(ChangeSet::new().delete_incident(&first).revise(second)).await;
    assert_eq!(scene.incident(first.id).await, None);
    assert_eq!(scene.incident(replacement.id).await, Some(replacement));
}

/// Who changes a password is signed in anew by the set that ends all their sessions: what comes after the end
/// lives, what came before it does not.
pub async fn a_revocation_ends_what_the_set_made_before_it_and_nothing_after(harness: &dyn Harness) {
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

/// A session, its first token, the use of that and its successor, and the end of it all.
pub async fn a_set_may_change_the_session_and_the_token_that_it_inserts(harness: &dyn Harness) {
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

    // What a set has deleted is out of the way of what it inserts after that.
    let deletion = ChangeSet::new().delete(&promoted);
    scene.commit(set.into_changes().into_iter().fold(deletion, ChangeSet::with)).await;
    assert_eq!(scene.read_user(user.id).await, Some(promoted));
    let purge = Change::PurgeSessions { ended_before: session.expires_at + TimeDelta::days(1), sessions_max: 10 };
    scene.commit(ChangeSet::new().with(purge).insert(session.clone())).await;
    assert_eq!(scene.read_session(session.id).await, Some(session));
    assert_eq!(scene.read_refresh_token(first.id).await, None);
}
