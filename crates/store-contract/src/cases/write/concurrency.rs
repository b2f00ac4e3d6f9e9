//! Concurrent commits.

use std::sync::Arc;

use incident_domain::{
    identity::{Revocation, RevocationReason, SessionSelection, User},
    incidents::{ChainVerifier, Incident, IncidentId, IncidentPatch, NewIncident, Revision},
    kernel::{
        Conflict::{self, Duplicate, InUse, Missing, Stale},
        Record as _, StoredReply, Title, UserId,
    },
    write::{Change, ChangeSet, EditableId},
};

use crate::{
    Harness, Ports,
    scene::{Scene, at_once, conflict, plain_incident},
};

/// How many tasks write the same incident at once.
const WRITERS: u32 = 64;
/// How often each race is run; the order differs from one to the next.
const RACES: usize = 20;

/// A commit is stale only because of one that succeeded, so no writer tries more often than there are writers. The
/// timeline that they write together is whole.
pub async fn writers_that_retry_after_a_stale_commit_all_succeed(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let incident = scene.stored_incident().await;
    let writers = (0..WRITERS).map(|writer| {
        let (scene, id) = (scene.clone(), incident.id);
        async move {
            let change = |incident: &Incident| {
                if writer % 2 == 0 { scene.comment(incident) } else { retitled(&scene, incident, writer) }
            };
            write_until_stored(&scene, id, change).await;
        }
    });
    at_once(writers).await;

    let stored = scene.incident(incident.id).await.expect("it is stored");
    assert_eq!(stored.version.get(), 1 + WRITERS / 2);
    let mut verifier = ChainVerifier::new(&scene.key, stored.id);
    for entry in scene.timeline(stored.id).await {
        verifier.check(&entry).expect("each entry follows from the one before");
    }
    assert_eq!(stored.timeline_length, 1 + WRITERS);
    verifier.finish(&stored).expect("no entry is lost or too many");
}

/// Neither overwrites the other.
pub async fn a_concurrent_update_and_comment_are_both_stored(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    for _ in 0..10 {
        let id = scene.stored_incident().await.id;
        let racers = [true, false].map(|comments| {
            let scene = scene.clone();
            async move {
                let change = |incident: &Incident| {
                    if comments { scene.comment(incident) } else { retitled(&scene, incident, 1) }
                };
                write_until_stored(&scene, id, change).await;
            }
        });
        at_once(racers).await;
        let stored = scene.incident(id).await.expect("it is stored");
        assert_eq!((stored.version.get(), stored.timeline_length), (2, 3));
        assert_eq!(scene.timeline(id).await.len(), 3);
    }
}

/// No entry is left without its incident.
pub async fn a_concurrent_deletion_and_comment_leave_no_entry(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    for _ in 0..20 {
        let incident = scene.stored_incident().await;
        let deletion = ChangeSet::new().delete_incident(&incident);
        let comment = ChangeSet::new().revise(scene.comment(&incident));
        let racers = [deletion, comment].map(|set| {
            let scene = scene.clone();
            async move { conflict(scene.ports.store.commit(set).await) }
        });
        let outcomes = at_once(racers).await;
        // A comment keeps the version, so the deletion succeeds in either order.
        assert_eq!(outcomes[0], None);
        assert!(matches!(outcomes[1], None | Some(Missing(Incident::KIND))), "{outcomes:?}");
        assert_eq!(scene.incident(incident.id).await, None);
        assert_eq!(scene.timeline(incident.id).await, []);
    }
}

/// Each caller gets the answer for its own set, also when an adapter commits many sets together.
pub async fn a_refused_set_does_not_affect_those_committed_with_it(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let contested = scene.stored_incident().await;
    let user = scene.stored_user().await;
    scene.store(scene.comment(&contested)).await;
    let kept = scene.stored_reply(user.id).await;
    let stale_expectation = Change::Expect { id: EditableId::User(user.id), expected: user.version.next() };

    let (mut sets, mut expected, mut opened) = (Vec::new(), Vec::new(), Vec::new());
    for index in 0..120 {
        let revision = scene.plain();
        opened.push(revision.incident().clone());
        let good = ChangeSet::new().revise(revision).insert(scene.event()).insert(scene.action());
        let good = good.insert(scene.reply_to(user.id));
        let (set, conflict) = match index % 12 {
            3 => (good.revise(scene.comment(&contested)), Some(Stale)),
            5 => (good.insert(scene.user_with_email(user.email.as_str())), Some(Duplicate(User::EMAIL))),
            6 => (good.with(stale_expectation.clone()), Some(Stale)),
            7 => (good.insert(scene.session_of(UserId::new(scene.uuid()))), Some(Missing(User::KIND))),
            9 => {
                let again = scene.reply_with_key(user.id, &kept.key);
                (good.insert(again), Some(Duplicate(StoredReply::KEY)))
            }
            11 => {
                let entry = scene.comment(scene.plain().incident()).entries()[0].clone();
                (good.with(Change::Insert(entry.into())), Some(Missing(Incident::KIND)))
            }
            _ => (good, None),
        };
        sets.push(set);
        expected.push(conflict);
    }
    assert_eq!(commit_at_once(&scene, sets).await, expected);

    let stored = expected.iter().filter(|conflict| conflict.is_none()).count();
    assert_eq!((scene.events().await.len(), scene.actions().await.len()), (stored, stored));
    for (incident, conflict) in opened.iter().zip(expected) {
        let (is_stored, entries) = if conflict.is_none() { (Some(incident), 1) } else { (None, 0) };
        assert_eq!(scene.incident(incident.id).await.as_ref(), is_stored);
        assert_eq!(scene.timeline(incident.id).await.len(), entries);
    }
}

/// A sign-in expects the version of the user that it read, and a deactivation ends the sessions of the user.
pub async fn a_concurrent_sign_in_and_deactivation_leave_no_live_session(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let other = harness.open().await;
    for race in 0..RACES {
        let user = scene.stored_user().await;
        let session = scene.session_of(user.id);
        let sign_in = ChangeSet::new().expect(&user).insert(session.clone());
        let inactive = User { is_active: false, version: user.version.next(), ..user.clone() };
        let revocation = Revocation { at: scene.now(), because: RevocationReason::UserDeactivated };
        let deactivation = ChangeSet::new()
            .update(inactive, user.version)
            .revoke_sessions(SessionSelection::OfUser(user.id), revocation);

        let [signed_in, deactivated] = race_of(&scene, &other, race, [sign_in, deactivation]).await;
        assert_eq!(deactivated, None);
        let read = scene.read_session(session.id).await;
        match signed_in {
            None => assert_eq!(read.and_then(|session| session.revocation), Some(revocation)),
            Some(conflict) => assert_eq!((conflict, read), (Stale, None)),
        }
    }
}

/// Nothing is left that refers to a deleted user.
pub async fn a_concurrent_deletion_of_a_user_and_insert_leave_no_orphan(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let other = harness.open().await;
    for race in 0..RACES {
        let user = scene.stored_user().await;
        let opened = scene.opened(NewIncident { assigned_to: Some(user.id), ..plain_incident() });
        let id = opened.incident().id;
        let opening = ChangeSet::new().revise(opened);
        let outcome = race_of(&scene, &other, race, [opening, ChangeSet::new().delete(&user)]).await;
        let is_open = scene.incident(id).await.is_some();
        let is_there = scene.read_user(user.id).await.is_some();
        let opening_won = ([None, Some(InUse(User::KIND))], true, true);
        let deletion_won = ([Some(Missing(User::KIND)), None], false, false);
        let ended = (outcome, is_open, is_there);
        assert!(ended == opening_won || ended == deletion_won, "race {race}: {ended:?}");

        let user = scene.stored_user().await;
        let (session, api_token) = (scene.session_of(user.id), scene.api_token_of(user.id));
        let reply = scene.reply_to(user.id);
        let insert = ChangeSet::new().insert(session.clone()).insert(api_token.clone());
        let sets = [insert.insert(reply.clone()), ChangeSet::new().delete(&user)];
        let [inserted, deleted] = race_of(&scene, &other, race, sets).await;
        assert_eq!(deleted, None, "race {race}");
        assert!(matches!(inserted, None | Some(Missing(User::KIND))), "race {race}: {inserted:?}");
        assert_eq!(scene.read_session(session.id).await, None, "race {race}");
        assert_eq!(scene.read_api_token(api_token.id).await, None, "race {race}");
        assert_eq!(scene.read_reply(user.id, &reply.key).await, None, "race {race}");
    }
}

/// Commits both sets at once, through two openings of the store. In every second race the second one starts first.
async fn race_of(scene: &Arc<Scene>, other: &Ports, race: usize, sets: [ChangeSet; 2]) -> [Option<Conflict>; 2] {
    let is_second_first = race % 2 == 1;
    let mut racers: Vec<_> = sets.into_iter().zip([scene.ports.store.clone(), other.store.clone()]).collect();
    if is_second_first {
        racers.reverse();
    }
    let outcomes = racers.into_iter().map(|(set, store)| async move { conflict(store.commit(set).await) });
    let mut outcomes = at_once(outcomes).await;
    if is_second_first {
        outcomes.reverse();
    }
    outcomes.try_into().expect("there are two racers")
}

async fn commit_at_once(scene: &Arc<Scene>, sets: Vec<ChangeSet>) -> Vec<Option<Conflict>> {
    let commits = sets.into_iter().map(|set| {
        let scene = scene.clone();
        async move { conflict(scene.ports.store.commit(set).await) }
    });
    at_once(commits).await
}

/// Reads, changes and commits, again after each stale commit.
async fn write_until_stored(scene: &Scene, id: IncidentId, change: impl Fn(&Incident) -> Revision) {
    for _ in 0..WRITERS {
        let read = scene.incident(id).await.expect("it is stored");
        let outcome = scene.ports.store.commit(ChangeSet::new().revise(change(&read))).await;
        match conflict(outcome) {
            None => return,
            Some(conflict) => assert_eq!(conflict, Stale),
        }
    }
    panic!("a writer was stale more often than there are others");
}

fn retitled(scene: &Scene, incident: &Incident, writer: u32) -> Revision {
    let title = format!("{} by writer {writer}", incident.version.get());
    let patch = IncidentPatch { title: Title::stored(title).ok(), ..IncidentPatch::default() };
    incident.clone().revise().amend(&patch, None, &scene.stamp())
}
