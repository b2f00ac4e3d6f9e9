//! Signing in while somebody changes the account.

use std::sync::Arc;

use incident_domain::{
    identity::{Revocation, RevocationReason, SessionSelection, User},
    incidents::NewIncident,
    kernel::{
        Conflict::{self, InUse, Missing, Stale},
        Record as _,
    },
    write::ChangeSet,
};

use crate::{
    Harness, Ports,
    scene::{Scene, at_once, conflict, untold},
};

/// How often each race is run: who comes first differs from one to the next.
const RACES: usize = 20;

/// Two administrators who have read the same do not both believe that they were the last to write.
pub async fn of_many_changes_of_one_user_exactly_one_succeeds(harness: &dyn Harness) {
    const WRITERS: u32 = 32;
    let scene = Scene::set(harness).await;
    let mut user = scene.stored_user().await;
    for round in 0..3 {
        let writers = at_once((0..WRITERS).map(|_| {
            let written = User { email: scene.user().email, version: user.version.next(), ..user.clone() };
            let set = ChangeSet::new().update(written.clone(), user.version);
            let store = scene.ports.store.clone();
            async move { (written, conflict(store.commit(set).await)) }
        }));
        let (won, lost): (Vec<_>, Vec<_>) = writers.await.into_iter().partition(|(_, conflict)| conflict.is_none());
        assert_eq!(won.len(), 1, "round {round}");
        assert!(lost.iter().all(|(_, conflict)| *conflict == Some(Stale)), "round {round}");
        user = won[0].0.clone();
        assert_eq!(scene.read_user(user.id).await, Some(user.clone()), "round {round}");
    }
}

/// Who signs in expects the user whom they have read, and who makes a user inactive ends their sessions:
/// whichever comes first, no session is left that lets the user in.
pub async fn a_sign_in_and_a_deactivation_that_race_leave_no_living_session(harness: &dyn Harness) {
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

/// Whichever comes first, nothing is left that names somebody who is gone.
pub async fn a_deletion_of_a_user_and_what_names_them_that_race_leave_no_orphan(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let other = harness.open().await;
    for race in 0..RACES {
        let user = scene.stored_user().await;
        let opened = scene.opened(NewIncident { assigned_to: Some(user.id), ..untold() });
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

/// Commits both at once, through two openings of the store; in every second race the second one is started
/// first.
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
