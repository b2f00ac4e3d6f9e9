//! Listing, ending, touching and purging sessions.

use chrono::TimeDelta;
use incident_domain::{
    identity::{LiveSessions, Revocation, RevocationReason, Session, SessionSelection},
    kernel::{PageRequest, PageSize, SessionId, Timestamp, UserId},
    write::{Change, ChangeSet},
};

use crate::{Harness, pages::assert_pages, scene::Scene};

const MICROSECOND: TimeDelta = TimeDelta::microseconds(1);

/// To the microsecond at either boundary.
pub async fn a_list_contains_exactly_the_live_sessions_of_a_user(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (ada, bob) = (scene.stored_user().await.id, scene.stored_user().await.id);
    let (now, idle_max) = (scene.now(), TimeDelta::minutes(30));
    let alter = [
        |_: &mut Session, _: Timestamp| {},
        |session: &mut Session, now| session.expires_at = now,
        |session: &mut Session, now| session.expires_at = now + MICROSECOND,
        |session: &mut Session, now| session.expires_at = now - MICROSECOND,
        |session: &mut Session, now| session.last_seen_at = now - TimeDelta::minutes(30),
        |session: &mut Session, now| session.last_seen_at = now - TimeDelta::minutes(30) + MICROSECOND,
        |session: &mut Session, now| session.last_seen_at = now - TimeDelta::minutes(30) - MICROSECOND,
        |session: &mut Session, now| session.last_seen_at = now + TimeDelta::minutes(1),
        |session: &mut Session, now| {
            session.revocation = Some(Revocation { at: now, because: RevocationReason::EndedByUser });
        },
        // An end that lies ahead is an end all the same.
        |session: &mut Session, now| {
            let at = now + TimeDelta::hours(1);
            session.revocation = Some(Revocation { at, because: RevocationReason::EndedByAdmin });
        },
    ];
    let mut newest_first = Vec::new();
    for user in [ada, bob] {
        for alter in alter {
            let mut session = scene.session_of(user);
            alter(&mut session, now);
            scene.commit(ChangeSet::new().insert(session.clone())).await;
            newest_first.insert(0, session);
        }
    }

    for user_id in [ada, bob, UserId::new(scene.uuid())] {
        let filter = LiveSessions { user_id, now, idle_max };
        let expected: Vec<_> = newest_first.iter().filter(|session| filter.matches(session)).cloned().collect();
        let size = PageSize::parse(PageSize::MAX).expect("a size");
        for page in [PageRequest::After { cursor: None, size }, PageRequest::Numbered { page: 1, size }] {
            let listed = scene.ports.sessions.list(&filter, page).await.expect("sessions can be read");
            assert_eq!(listed.items, expected, "{page:?}");
            let total = matches!(page, PageRequest::Numbered { .. }).then_some(expected.len());
            assert_eq!(listed.total, total.and_then(|total| u64::try_from(total).ok()), "{page:?}");
        }
    }
}

/// The newest first, whatever the order in which they came, and others' and ended ones between them.
pub async fn live_sessions_are_listed_in_pages(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (ada, bob) = (scene.stored_user().await.id, scene.stored_user().await.id);
    let mut newest_first = Vec::new();
    for index in 0..40 {
        let user = if index % 3 == 0 { bob } else { ada };
        let mut session = Session { id: SessionId::new(scene.scattered_uuid(index)), ..scene.session_of(user) };
        if index % 5 == 0 {
            session.expires_at = session.created_at;
        }
        scene.commit(ChangeSet::new().insert(session.clone())).await;
        newest_first.push(session);
    }
    let filter = LiveSessions { user_id: ada, now: scene.now(), idle_max: TimeDelta::days(1) };
    newest_first.retain(|session| filter.matches(session));
    newest_first.sort_by_key(|session| std::cmp::Reverse(session.id));

    let list = |page| {
        let sessions = scene.ports.sessions.clone();
        async move { sessions.list(&filter, page).await }
    };
    assert_pages(&newest_first, |session| session.id, list).await;
}

/// Not one too many and not one too few; who was ended before keeps the time and the reason.
pub async fn a_revocation_ends_exactly_the_selected_sessions(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    for because in [RevocationReason::RefreshTokenReused, RevocationReason::PasswordChanged] {
        let (ada, bob) = (scene.stored_user().await.id, scene.stored_user().await.id);
        let eve = scene.stored_user().await.id;
        let mut sessions = Vec::new();
        for user_id in [ada, ada, bob, eve, ada, bob, eve, ada] {
            sessions.push(scene.stored_session(user_id).await);
            let earlier = Some(Revocation { at: scene.now(), because: RevocationReason::SignedOut });
            let ended = Session { revocation: earlier, ..scene.session_of(user_id) };
            scene.commit(ChangeSet::new().insert(ended.clone())).await;
            sessions.push(ended);
        }
        let (one, kept, ended) = (sessions[0].id, sessions[2].id, sessions[1].id);
        for selection in [
            SessionSelection::One(ended),
            SessionSelection::One(one),
            SessionSelection::OfUser(bob),
            SessionSelection::OthersOfUser { user_id: ada, kept },
            SessionSelection::OfUser(ada),
            SessionSelection::OfUser(ada),
            SessionSelection::All,
        ] {
            let revocation = Revocation { at: scene.now(), because };
            scene.commit(ChangeSet::new().revoke_sessions(selection, revocation)).await;
            for session in &mut sessions {
                if selection.matches(session) {
                    session.revocation = session.revocation.or(Some(revocation));
                }
                assert_eq!(scene.read_session(session.id).await.as_ref(), Some(&*session), "{selection:?}");
            }
        }
    }
}

/// Neither when nobody is selected, nor when there is nobody at all.
pub async fn a_revocation_that_selects_nothing_is_no_contradiction(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (nobody, nothing) = (UserId::new(scene.uuid()), SessionId::new(scene.uuid()));
    let nothing_selected = [
        SessionSelection::One(nothing),
        SessionSelection::OfUser(nobody),
        SessionSelection::OthersOfUser { user_id: nobody, kept: nothing },
    ];
    let revocation = Revocation { at: scene.now(), because: RevocationReason::EndedByAdmin };
    for selection in nothing_selected.into_iter().chain([SessionSelection::All]) {
        let set = ChangeSet::new().revoke_sessions(selection, revocation).insert_all([scene.event()]);
        scene.commit(set).await;
    }
    let session = scene.stored_session(scene.stored_user().await.id).await;
    let alone = SessionSelection::OthersOfUser { user_id: session.user_id, kept: session.id };
    for selection in nothing_selected.into_iter().chain([alone]) {
        scene.commit(ChangeSet::new().revoke_sessions(selection, revocation)).await;
    }
    assert_eq!(scene.read_session(session.id).await, Some(session));
    assert_eq!(scene.events().await.len(), 4);
}

/// What arrives late, or is about what is gone, does no harm.
pub async fn a_touch_of_a_session_moves_its_time_forwards_only(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.stored_user().await.id;
    let (mut touched, bystander) = (scene.stored_session(user).await, scene.stored_session(user).await);
    let seen_at = |session: &Session, microseconds| session.created_at + TimeDelta::microseconds(microseconds);
    for microseconds in [-1, 0, 1, 60_000_000, 59_999_999, 60_000_001, 60_000_001, -60_000_000] {
        let seen_at = seen_at(&touched, microseconds);
        let unknown = Change::TouchSession { id: SessionId::new(scene.uuid()), seen_at };
        let touch = Change::TouchSession { id: touched.id, seen_at };
        scene.commit(ChangeSet::new().with(unknown).with(touch)).await;
        touched.last_seen_at = touched.last_seen_at.max(seen_at);
        assert_eq!(scene.read_session(touched.id).await.as_ref(), Some(&touched), "{microseconds}");
    }
    assert_eq!(scene.read_session(bystander.id).await, Some(bystander));
}

/// Those that ended by themselves and those that were ended, to the microsecond, and their refresh tokens.
pub async fn a_purge_takes_exactly_the_sessions_that_ended_before(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.stored_user().await.id;
    let ended_before = scene.now() + TimeDelta::hours(1);
    let far = ended_before + TimeDelta::days(1);
    let ends = [
        // When it ends by itself, when it was ended, and whether it stays.
        (ended_before - MICROSECOND, None, false),
        (ended_before, None, true),
        (ended_before + MICROSECOND, None, true),
        (far, Some(ended_before - MICROSECOND), false),
        (far, Some(ended_before), true),
        (far, Some(ended_before + MICROSECOND), true),
        (ended_before - MICROSECOND, Some(ended_before + MICROSECOND), false),
        (ended_before - MICROSECOND, Some(ended_before - MICROSECOND), false),
        (far, None, true),
    ];
    let mut stored = Vec::new();
    for (expires_at, revoked_at, stays) in ends {
        let revocation = revoked_at.map(|at| Revocation { at, because: RevocationReason::SignedOut });
        let session = Session { expires_at, revocation, ..scene.session_of(user) };
        let token = scene.refresh_token_of(session.id);
        let successor = scene.successor_of(&token);
        let tokens = [token, successor];
        let set = ChangeSet::new().insert(session.clone());
        scene.commit(set.insert_all(tokens.iter().cloned())).await;
        stored.push((session, tokens, stays));
    }

    let purge = Change::PurgeSessions { ended_before, sessions_max: 100 };
    scene.commit(ChangeSet::new().with(purge)).await;
    for (session, tokens, stays) in stored {
        for token in tokens {
            let expected = stays.then(|| token.clone());
            assert_eq!(scene.read_refresh_token(token.id).await, expected, "of {session:?}");
            let by_hash = scene.ports.refresh_tokens.find_by_hash(&token.hash).await;
            assert_eq!(by_hash.expect("refresh tokens can be read"), expected, "of {session:?}");
        }
        assert_eq!(scene.read_session(session.id).await, stays.then_some(session));
    }
}

/// Those that were made first, by their ids, however they ended and whatever the order in which they came.
pub async fn a_purge_takes_so_many_sessions_the_oldest_first(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.stored_user().await.id;
    let ended_before = scene.now() + TimeDelta::hours(1);
    let mut oldest_first = Vec::new();
    let mut living = Vec::new();
    for index in 0..21 {
        let mut session = Session { id: SessionId::new(scene.scattered_uuid(index)), ..scene.session_of(user) };
        // The later it was made, the earlier it ended.
        let end = ended_before - TimeDelta::seconds(1 + i64::try_from(index).expect("a small number"));
        match index % 3 {
            0 => session.expires_at = end,
            1 => session.revocation = Some(Revocation { at: end, because: RevocationReason::SignedOut }),
            _ => living.push(session.id),
        }
        scene.commit(ChangeSet::new().insert(session.clone())).await;
        if index % 3 < 2 {
            oldest_first.push(session.id);
        }
    }
    oldest_first.sort_unstable();
    let mut gone = 0;
    for sessions_max in [0, 1, 5, 5, 10] {
        scene.commit(ChangeSet::new().with(Change::PurgeSessions { ended_before, sessions_max })).await;
        gone = oldest_first.len().min(gone + usize::try_from(sessions_max).expect("a small number"));
        for (place, id) in oldest_first.iter().enumerate() {
            assert_eq!(scene.read_session(*id).await.is_some(), place >= gone, "place {place}, {gone} gone");
        }
    }
    for id in living {
        assert!(scene.read_session(id).await.is_some());
    }
}
