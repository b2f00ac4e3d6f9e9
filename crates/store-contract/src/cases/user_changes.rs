//! Changing, expecting and deleting users.

use incident_domain::{
    identity::User,
    incidents::NewIncident,
    kernel::{
        Conflict::{Duplicate, InUse, Missing, Stale},
        Record as _, Version,
    },
    write::{Change, ChangeSet, EditableId},
};

use crate::{
    Harness, full,
    scene::{Scene, email, untold},
};

/// No column is forgotten, in either direction, and nobody else is touched.
pub async fn an_update_of_a_user_stores_every_field_anew(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (plain, bystander) = (scene.stored_user().await, scene.stored_user().await);
    let full = User { id: plain.id, ..full::user(&scene) };
    let plain_again = User { version: Version::new(7), ..plain.clone() };
    for (from, to) in [(&plain, &full), (&full, &plain_again)] {
        scene.commit(ChangeSet::new().update(to.clone(), from.version)).await;
        let read = scene.read_user(plain.id).await.expect("they are stored");
        assert_eq!(read.email.as_str(), to.email.as_str());
        assert_eq!(&read, to);
        assert_eq!(found_by(&scene, to).await.as_ref(), Some(to));
        assert_eq!(found_by(&scene, from).await, None);
    }
    assert_eq!(scene.read_user(bystander.id).await, Some(bystander));
}

/// Whoever has read an older version is told, whatever they wanted to do.
pub async fn a_change_of_a_user_that_expects_another_version_is_stale(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let read = scene.stored_user().await;
    let current = User { version: read.version.next(), is_active: false, ..read.clone() };
    scene.commit(ChangeSet::new().update(current.clone(), read.version)).await;

    for version in [0, 1, 3, u32::MAX] {
        for set in changes_of(&User { version: Version::new(version), ..read.clone() }) {
            assert_eq!(scene.refusal(set.clone()).await, Stale, "{set:?}");
            assert_eq!(scene.read_user(read.id).await.as_ref(), Some(&current), "{set:?}");
        }
    }
    for set in changes_of(&current) {
        scene.commit(set).await;
    }
}

/// Neither one who never was nor one who is gone.
pub async fn a_change_of_a_user_that_does_not_exist_is_missing(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (never, gone) = (scene.user(), scene.stored_user().await);
    scene.commit(ChangeSet::new().delete(&gone)).await;
    for user in [never, gone] {
        for set in changes_of(&user) {
            assert_eq!(scene.refusal(set.clone()).await, Missing(User::KIND), "{set:?}");
        }
        assert_eq!(scene.read_user(user.id).await, None);
    }
}

/// A user may keep their own address, and write it in another way, but not take somebody else's.
pub async fn a_user_takes_no_address_of_another_user(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (ada, bob) = (scene.user_with_email("Ada@Bücher.example"), scene.user_with_email("bob@example.org"));
    scene.commit(ChangeSet::new().insert(ada.clone()).insert(bob.clone())).await;
    for taken in ["Ada@Bücher.example", "ADA@BÜCHER.EXAMPLE", "ada@bücher.example"] {
        let update = ChangeSet::new().update(User { email: email(taken), ..bob.clone() }, bob.version);
        assert_eq!(scene.refusal(update).await, Duplicate(User::EMAIL), "{taken}");
    }
    for own in ["Ada@Bücher.example", "ADA@BÜCHER.example"] {
        let update = User { email: email(own), ..ada.clone() };
        scene.commit(ChangeSet::new().update(update, ada.version)).await;
        let read = scene.read_user(ada.id).await.expect("they are stored");
        assert_eq!(read.email.as_str(), own);
    }

    // The address that somebody gave up is free, and the one that they took is not.
    let moved = User { email: email("ada@example.org"), ..ada.clone() };
    let update = ChangeSet::new().update(moved, ada.version);
    scene.commit(update.insert(scene.user_with_email("ada@bücher.example"))).await;
    let newcomer = ChangeSet::new().insert(scene.user_with_email("ADA@example.org"));
    assert_eq!(scene.refusal(newcomer).await, Duplicate(User::EMAIL));
}

/// It guards what else is in the set, wherever it stands, and writes nothing itself.
pub async fn an_expectation_refuses_the_whole_set_and_changes_nothing(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.stored_user().await;
    let outdated = User { version: user.version.next(), ..user.clone() };
    let session = scene.session_of(user.id);
    let insert = || ChangeSet::new().insert(session.clone());
    for refused in [
        ChangeSet::new().expect(&outdated).insert(session.clone()),
        insert().expect(&outdated),
        insert().expect(&user).expect(&outdated),
    ] {
        assert_eq!(scene.refusal(refused).await, Stale);
        assert_eq!(scene.read_session(session.id).await, None);
    }

    scene.commit(insert().expect(&user)).await;
    assert_eq!(scene.read_session(session.id).await, Some(session));
    assert_eq!(scene.read_user(user.id).await, Some(user));
}

/// Whoever reported an incident or works on it stays, as long as the incident says so.
pub async fn a_user_whom_an_incident_names_is_not_deleted(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (ada, bob) = (scene.stored_user().await, scene.stored_user().await);
    let session = scene.stored_session(ada.id).await;
    let by_ada = scene.opened(NewIncident { reported_by: Some(ada.id), ..untold() });
    let for_bob = scene.opened(NewIncident { assigned_to: Some(bob.id), ..untold() });
    let (by_ada, for_bob) = (scene.store(by_ada).await, scene.store(for_bob).await);
    for user in [&ada, &bob] {
        let deletion = ChangeSet::new().delete(user);
        assert_eq!(scene.refusal(deletion).await, InUse(User::KIND));
        assert_eq!(scene.read_user(user.id).await.as_ref(), Some(user));
    }
    assert_eq!(scene.read_session(session.id).await, Some(session));

    let for_nobody = for_bob.revise().assign(None, &scene.stamp());
    let set = ChangeSet::new().revise(for_nobody).delete(&bob);
    scene.commit(set.delete_incident(&by_ada).delete(&ada)).await;
    for user in [ada, bob] {
        assert_eq!(scene.read_user(user.id).await, None);
    }
}

/// All that lets them in, and nothing that lets others in; what was unique about them is free again.
pub async fn a_deleted_user_takes_along_what_lets_them_in(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (doomed, kept) = (scene.stored_user().await, scene.stored_user().await);
    let (mut sessions, mut refresh_tokens, mut api_tokens) = (Vec::new(), Vec::new(), Vec::new());
    for user in [&doomed, &doomed, &kept] {
        let session = scene.stored_session(user.id).await;
        let first = scene.stored_refresh_token(session.id).await;
        let successor = scene.successor_of(&first);
        scene.commit(ChangeSet::new().insert(successor.clone())).await;
        api_tokens.push(scene.stored_api_token(user.id).await);
        refresh_tokens.extend([first, successor]);
        sessions.push(session);
    }
    scene.commit(ChangeSet::new().delete(&doomed)).await;

    assert_eq!(scene.read_user(doomed.id).await, None);
    assert_eq!(found_by(&scene, &doomed).await, None);
    for session in sessions {
        let expected = (session.user_id == kept.id).then(|| session.clone());
        assert_eq!(scene.read_session(session.id).await, expected);
    }
    for (place, token) in refresh_tokens.into_iter().enumerate() {
        let expected = (place >= 4).then(|| token.clone());
        assert_eq!(scene.read_refresh_token(token.id).await, expected);
        let by_hash = scene.ports.refresh_tokens.find_by_hash(&token.hash).await;
        assert_eq!(by_hash.expect("refresh tokens can be read"), expected);
        let successors = scene.ports.refresh_tokens.successors(token.id).await.expect("refresh tokens can be read");
        assert_eq!(successors.len(), usize::from(place == 4));
    }
    for token in api_tokens {
        let expected = (token.user_id == kept.id).then(|| token.clone());
        assert_eq!(scene.read_api_token(token.id).await, expected);
        let by_hash = scene.ports.api_tokens.find_by_hash(&token.hash).await.expect("API tokens can be read");
        assert_eq!(by_hash.map(|(token, _)| token), expected);
    }
    scene.commit(ChangeSet::new().insert(doomed)).await;
}

/// One set for each kind of change to a user, the deletion last.
fn changes_of(user: &User) -> [ChangeSet; 3] {
    [
        ChangeSet::new().with(Change::Expect { id: EditableId::User(user.id), expected: user.version }),
        ChangeSet::new().update(user.clone(), user.version),
        ChangeSet::new().delete(user),
    ]
}

/// The user whom this one's address finds.
async fn found_by(scene: &Scene, user: &User) -> Option<User> {
    let emails = std::slice::from_ref(&user.email);
    scene.ports.users.find_by_emails(emails).await.expect("users can be read").pop()
}
