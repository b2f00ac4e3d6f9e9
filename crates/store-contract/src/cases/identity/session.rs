//! Sessions.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_domain::{
    identity::{LiveSessions, Revocation, RevocationReason, Session, SessionSelection},
    kernel::{Direction, Page, PageRequest, SessionId, StoreError, Timestamp, UniqueKey, UserId},
    write::{Change, ChangeSet},
};
use uuid::Uuid;

use crate::{
    Harness, Ports,
    extremes::{end_of_time, odd},
    scene::{Scene, timestamp},
    standard::{List, Specimen, World},
};

const MICROSECOND: TimeDelta = TimeDelta::microseconds(1);
/// How long a session may be unused.
const IDLE_MAX: TimeDelta = TimeDelta::minutes(30);

#[async_trait]
impl Specimen for Session {
    /// With and without what is optional; revoked for each reason.
    fn specimens(scene: &Scene, world: &World) -> Vec<Self> {
        let plain = || scene.session_of(world.user.id);
        let full = Self {
            user_agent: Some(odd(Self::USER_AGENT_CHARS_MAX)),
            ip: Some("2001:db8:85a3::8a2e:370:7334".to_owned()),
            created_at: timestamp(1),
            last_seen_at: timestamp(1_772_424_305_999_999),
            expires_at: end_of_time(),
            ..plain()
        };
        let revoked = RevocationReason::ALL.iter().map(|because| {
            let revocation = Some(Revocation { at: scene.now(), because: *because });
            Self { revocation, ..plain() }
        });
        [full, plain()].into_iter().chain(revoked).collect()
    }

    fn with_value_of(self, _key: UniqueKey, other: &Self) -> Self {
        Self { id: other.id, ..self }
    }

    fn with_reference(self, _index: usize, id: Uuid) -> Self {
        Self { user_id: UserId::new(id), ..self }
    }

    async fn read(&self, ports: &Ports) -> Option<Self> {
        let found = ports.sessions.find_with_user(self.id).await.expect("sessions can be read");
        found.map(|(session, _)| session)
    }
}

/// The live sessions of a user.
pub struct Sessions;

/// Makes sessions that end at this time in every way, to the microsecond, and some that do not.
pub(crate) fn sessions_around(scene: &Scene, now: Timestamp, users: &[UserId]) -> Vec<Session> {
    let alterations = [
        |_: &mut Session, _: Timestamp| {},
        |session: &mut Session, now| session.expires_at = now,
        |session: &mut Session, now| session.expires_at = now + MICROSECOND,
        |session: &mut Session, now| session.expires_at = now - MICROSECOND,
        |session: &mut Session, now| session.last_seen_at = now - IDLE_MAX,
        |session: &mut Session, now| session.last_seen_at = now - IDLE_MAX + MICROSECOND,
        |session: &mut Session, now| session.last_seen_at = now - IDLE_MAX - MICROSECOND,
        |session: &mut Session, now| session.last_seen_at = now + TimeDelta::minutes(1),
        |session: &mut Session, now| {
            session.revocation = Some(Revocation { at: now, because: RevocationReason::EndedByUser });
        },
        // A session is over from the moment that its revocation is stored, even if that names a later time.
        |session: &mut Session, now| {
            let at = now + TimeDelta::hours(1);
            session.revocation = Some(Revocation { at, because: RevocationReason::EndedByAdmin });
        },
    ];
    let mut sessions = Vec::new();
    for (index, user) in users.iter().cycle().take(users.len() * 3).enumerate() {
        for alter in alterations {
            let id = SessionId::new(scene.scattered_uuid(sessions.len()));
            let mut session = Session { id, ..scene.session_of(*user) };
            session.last_seen_at = now - TimeDelta::seconds(i64::try_from(index).expect("a small number"));
            alter(&mut session, now);
            sessions.push(session);
        }
    }
    sessions
}

#[async_trait]
impl List for Sessions {
    type Item = Session;
    type Filter = LiveSessions;
    type Order = Direction;

    async fn items(scene: &Arc<Scene>) -> Vec<Session> {
        let users = [scene.stored_user().await.id, scene.stored_user().await.id];
        sessions_around(scene, scene.now(), &users)
    }

    fn filters(scene: &Scene, sessions: &[Session]) -> Vec<LiveSessions> {
        let now = sessions[1].expires_at;
        let of = |user_id| LiveSessions { user_id, now, idle_max: IDLE_MAX };
        let other = sessions.last().expect("there are some").user_id;
        vec![of(sessions[0].user_id), of(other), of(UserId::new(scene.uuid()))]
    }

    fn matches(filter: &LiveSessions, session: &Session) -> bool {
        filter.matches(session)
    }

    fn orders() -> Vec<Direction> {
        vec![Direction::Descending]
    }

    async fn list(
        ports: &Ports,
        filter: &LiveSessions,
        _direction: Direction,
        page: PageRequest<SessionId>,
    ) -> Result<Page<Session>, StoreError> {
        ports.sessions.list(filter, page).await
    }
}

/// In one call; neither without the other.
pub async fn a_session_is_found_with_its_user(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (user, other) = (scene.stored_user().await, scene.stored_user().await);
    let sessions = [scene.stored_session(user.id).await, scene.stored_session(other.id).await];
    for (session, user) in sessions.into_iter().zip([user, other]) {
        let found = scene.ports.sessions.find_with_user(session.id).await;
        assert_eq!(found.expect("sessions can be read"), Some((session, user)));
    }
}

/// Neither more nor fewer; sessions that ended before keep their time and reason.
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

/// Neither if no stored session is selected, nor if none is stored.
pub async fn a_revocation_that_selects_no_session_is_accepted(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (unknown_user, unknown) = (UserId::new(scene.uuid()), SessionId::new(scene.uuid()));
    let unknown_selections = [
        SessionSelection::One(unknown),
        SessionSelection::OfUser(unknown_user),
        SessionSelection::OthersOfUser { user_id: unknown_user, kept: unknown },
    ];
    let revocation = Revocation { at: scene.now(), because: RevocationReason::EndedByAdmin };
    for selection in unknown_selections.into_iter().chain([SessionSelection::All]) {
        let set = ChangeSet::new().revoke_sessions(selection, revocation).insert(scene.event());
        scene.commit(set).await;
    }
    let session = scene.stored_session(scene.stored_user().await.id).await;
    let alone = SessionSelection::OthersOfUser { user_id: session.user_id, kept: session.id };
    for selection in unknown_selections.into_iter().chain([alone]) {
        scene.commit(ChangeSet::new().revoke_sessions(selection, revocation)).await;
    }
    assert_eq!(scene.read_session(session.id).await, Some(session));
    assert_eq!(scene.events().await.len(), 4);
}

/// An earlier time and an unknown session change nothing.
pub async fn a_touch_moves_the_time_of_a_session_forwards_only(harness: &dyn Harness) {
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

/// Expired ones and revoked ones, to the microsecond, with their refresh tokens.
pub async fn a_purge_deletes_exactly_the_sessions_that_ended_before(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.stored_user().await.id;
    let ended_before = scene.now() + TimeDelta::hours(1);
    let far = ended_before + TimeDelta::days(1);
    let ends = [
        // The expiry, the time of the revocation, and whether the session stays.
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

/// By their ids, however and whenever they ended.
pub async fn a_purge_deletes_up_to_a_limit_the_smallest_ids_first(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.stored_user().await.id;
    let ended_before = scene.now() + TimeDelta::hours(1);
    let mut oldest_first = Vec::new();
    let mut living = Vec::new();
    for index in 0..21 {
        let mut session = Session { id: SessionId::new(scene.scattered_uuid(index)), ..scene.session_of(user) };
        // The greater the index, the earlier it ended.
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
    let mut deleted = 0;
    for sessions_max in [0, 1, 5, 5, 10] {
        scene.commit(ChangeSet::new().with(Change::PurgeSessions { ended_before, sessions_max })).await;
        deleted = oldest_first.len().min(deleted + usize::try_from(sessions_max).expect("a small number"));
        for (index, id) in oldest_first.iter().enumerate() {
            assert_eq!(scene.read_session(*id).await.is_some(), index >= deleted, "index {index}, {deleted} deleted");
        }
    }
    for id in living {
        assert!(scene.read_session(id).await.is_some());
    }
}
