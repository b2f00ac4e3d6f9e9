//! Seeing and ending sessions.

use incident_application::{
    identity::{AuthError, SessionScope, SignedIn},
    kernel::{Command, Forbidden, Principal},
};
use incident_domain::{
    identity::{RevocationReason, Role, Session, SessionRepository, User},
    kernel::{IdGenerator, PageRequest, PageSize, Record, SessionId, UserId},
};

use crate::scene::{Scene, as_machine, id_of, session_of};

const FIRST_PAGE: PageRequest<SessionId> = PageRequest::Numbered { page: 1, size: PageSize::DEFAULT };

/// Creates a user with three sessions, and a caller with the first of them.
async fn with_three_sessions(scene: &Scene, role: Role) -> (Principal, Vec<SignedIn>) {
    let user = scene.user(role).await;
    let mut signed_in = Vec::new();
    for _ in 0..3 {
        signed_in.push(scene.sign_in(&user).await);
    }
    (scene.recognise(&signed_in[0]).await.expect("recognised"), signed_in)
}

async fn are_valid(scene: &Scene, signed_in: &[SignedIn]) -> Vec<bool> {
    let mut are_valid = Vec::new();
    for one in signed_in {
        are_valid.push(scene.recognise(one).await.is_ok());
    }
    are_valid
}

async fn because(scene: &Scene, id: SessionId) -> Option<RevocationReason> {
    scene.session(id).await.revocation.map(|end| end.because)
}

#[tokio::test]
async fn a_user_lists_and_ends_their_own_sessions() {
    let scene = Scene::new();
    let (caller, signed_in) = with_three_sessions(&scene, Role::Viewer).await;
    let (bystander, _) = with_three_sessions(&scene, Role::Viewer).await;
    let page = scene.auth.sessions(&caller, id_of(&caller), FIRST_PAGE).await.expect("sessions");
    let mut newest_first: Vec<SessionId> = page.items.iter().map(|session| session.id).collect();
    assert_eq!((page.total, newest_first.last().copied()), (Some(3), Some(session_of(&caller))));

    let newest = newest_first.remove(0);
    scene.auth.end_session(Command::new(&caller), id_of(&caller), newest).await.expect("ended");
    assert_eq!(are_valid(&scene, &signed_in).await, [true, true, false]);
    assert_eq!(because(&scene, newest).await, Some(RevocationReason::EndedByUser));
    let again = scene.auth.end_session(Command::new(&caller), id_of(&caller), newest).await;
    assert!(matches!(again, Err(AuthError::NotFound(Session::KIND))), "{again:?}");

    scene.auth.end_sessions(Command::new(&caller), id_of(&caller), SessionScope::Others).await.expect("ended");
    assert_eq!(are_valid(&scene, &signed_in).await, [true, false, false]);
    scene.auth.end_sessions(Command::new(&caller), id_of(&caller), SessionScope::All).await.expect("ended");
    assert_eq!(are_valid(&scene, &signed_in).await, [false, false, false]);
    assert_eq!(scene.live(id_of(&bystander)).await.len(), 3, "other users keep their sessions");
}

#[tokio::test]
async fn signing_out_ends_the_callers_session() {
    let scene = Scene::new();
    let (caller, signed_in) = with_three_sessions(&scene, Role::Viewer).await;
    scene.auth.sign_out(Command::new(&caller)).await.expect("signed out");
    assert_eq!(are_valid(&scene, &signed_in).await, [false, true, true]);
    assert_eq!(because(&scene, session_of(&caller)).await, Some(RevocationReason::SignedOut));
}

#[tokio::test]
async fn an_administrator_lists_and_ends_the_sessions_of_any_user() {
    let scene = Scene::new();
    let admin = scene.caller(Role::Admin).await;
    let (caller, signed_in) = with_three_sessions(&scene, Role::Manager).await;
    let page = scene.auth.sessions(&admin, id_of(&caller), FIRST_PAGE).await.expect("sessions");
    assert_eq!(page.total, Some(3));
    scene.auth.end_session(Command::new(&admin), id_of(&caller), session_of(&caller)).await.expect("ended");
    assert_eq!(are_valid(&scene, &signed_in).await, [false, true, true]);
    assert_eq!(because(&scene, session_of(&caller)).await, Some(RevocationReason::EndedByAdmin));
    scene.auth.end_sessions(Command::new(&admin), id_of(&caller), SessionScope::All).await.expect("ended");
    assert_eq!(are_valid(&scene, &signed_in).await, [false, false, false]);

    let unknown = UserId::new(scene.ids.next_id());
    let refused = scene.auth.end_sessions(Command::new(&admin), unknown, SessionScope::All).await;
    assert!(matches!(refused, Err(AuthError::NotFound(User::KIND))), "{refused:?}");
}

#[tokio::test]
async fn other_users_cannot_list_or_end_them() {
    let scene = Scene::new();
    let (victim, signed_in) = with_three_sessions(&scene, Role::Viewer).await;
    let manager = scene.caller(Role::Manager).await;
    let (of, id) = (id_of(&victim), session_of(&victim));
    let forbidden = |error| matches!(error, AuthError::Forbidden(Forbidden::Role { needed: Role::Admin }));
    assert!(forbidden(scene.auth.sessions(&manager, of, FIRST_PAGE).await.expect_err("refused").into()));
    assert!(forbidden(scene.auth.end_session(Command::new(&manager), of, id).await.expect_err("refused")));
    assert!(forbidden(
        scene.auth.end_sessions(Command::new(&manager), of, SessionScope::All).await.expect_err("refused")
    ));
    // Claiming another user's session as their own fails too.
    let refused = scene.auth.end_session(Command::new(&manager), id_of(&manager), id).await;
    assert!(matches!(refused, Err(AuthError::NotFound(Session::KIND))), "{refused:?}");
    assert_eq!(are_valid(&scene, &signed_in).await, [true, true, true]);
}

#[tokio::test]
async fn an_api_token_ends_no_session_of_its_user() {
    let scene = Scene::new();
    let (caller, signed_in) = with_three_sessions(&scene, Role::Admin).await;
    let machine = as_machine(&caller);
    let of = id_of(&caller);
    let needs_session = |error| matches!(error, AuthError::Forbidden(Forbidden::SessionNeeded));
    assert!(needs_session(scene.auth.sign_out(Command::new(&machine)).await.expect_err("refused")));
    assert!(needs_session(
        scene.auth.end_session(Command::new(&machine), of, session_of(&caller)).await.expect_err("refused")
    ));
    assert!(needs_session(
        scene.auth.end_sessions(Command::new(&machine), of, SessionScope::All).await.expect_err("refused")
    ));
    assert_eq!(are_valid(&scene, &signed_in).await, [true, true, true]);
}

#[tokio::test]
async fn ended_sessions_are_kept_for_a_month_and_then_purged() {
    let scene = Scene::new();
    let (caller, _) = with_three_sessions(&scene, Role::Viewer).await;
    scene.auth.sign_out(Command::new(&caller)).await.expect("signed out");
    let is_kept = async || {
        scene.auth.purge_sessions(&Principal::system()).await.expect("purged");
        scene.store.find_with_user(session_of(&caller)).await.expect("readable").is_some()
    };
    scene.clock.advance(chrono::TimeDelta::days(30));
    assert!(is_kept().await);
    scene.clock.advance(chrono::TimeDelta::microseconds(1));
    assert!(!is_kept().await);
}
