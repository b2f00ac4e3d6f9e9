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

/// A user with three sessions, as a caller from the first.
async fn with_three(scene: &Scene, role: Role) -> (Principal, Vec<SignedIn>) {
    let user = scene.user(role).await;
    let mut signed_in = Vec::new();
    for _ in 0..3 {
        signed_in.push(scene.sign_in(&user).await);
    }
    (scene.recognise(&signed_in[0]).await.expect("recognised"), signed_in)
}

async fn are_in(scene: &Scene, signed_in: &[SignedIn]) -> Vec<bool> {
    let mut are_in = Vec::new();
    for one in signed_in {
        are_in.push(scene.recognise(one).await.is_ok());
    }
    are_in
}

async fn because(scene: &Scene, id: SessionId) -> Option<RevocationReason> {
    scene.session(id).await.revocation.map(|end| end.because)
}

#[tokio::test]
async fn a_user_sees_and_ends_their_own_sessions() {
    let scene = Scene::new();
    let (caller, signed_in) = with_three(&scene, Role::Viewer).await;
    let (bystander, _) = with_three(&scene, Role::Viewer).await;
    let page = scene.auth.sessions(&caller, id_of(&caller), FIRST_PAGE).await.expect("sessions");
    let mut newest_first: Vec<SessionId> = page.items.iter().map(|session| session.id).collect();
    assert_eq!((page.total, newest_first.last().copied()), (Some(3), Some(session_of(&caller))));

    let newest = newest_first.remove(0);
    scene.auth.end_session(Command::new(&caller), id_of(&caller), newest).await.expect("ended");
    assert_eq!(are_in(&scene, &signed_in).await, [true, true, false]);
    assert_eq!(because(&scene, newest).await, Some(RevocationReason::EndedByUser));
    let again = scene.auth.end_session(Command::new(&caller), id_of(&caller), newest).await;
    assert!(matches!(again, Err(AuthError::NotFound(Session::KIND))), "{again:?}");

    scene.auth.end_sessions(Command::new(&caller), id_of(&caller), SessionScope::Others).await.expect("ended");
    assert_eq!(are_in(&scene, &signed_in).await, [true, false, false]);
    scene.auth.end_sessions(Command::new(&caller), id_of(&caller), SessionScope::All).await.expect("ended");
    assert_eq!(are_in(&scene, &signed_in).await, [false, false, false]);
    assert_eq!(scene.live(id_of(&bystander)).await.len(), 3, "nobody else is concerned");
}

#[tokio::test]
async fn signing_out_ends_the_session_that_asks() {
    let scene = Scene::new();
    let (caller, signed_in) = with_three(&scene, Role::Viewer).await;
    scene.auth.sign_out(Command::new(&caller)).await.expect("signed out");
    assert_eq!(are_in(&scene, &signed_in).await, [false, true, true]);
    assert_eq!(because(&scene, session_of(&caller)).await, Some(RevocationReason::SignedOut));
}

#[tokio::test]
async fn an_administrator_sees_and_ends_anybodys_sessions() {
    let scene = Scene::new();
    let admin = scene.caller(Role::Admin).await;
    let (caller, signed_in) = with_three(&scene, Role::Manager).await;
    let page = scene.auth.sessions(&admin, id_of(&caller), FIRST_PAGE).await.expect("sessions");
    assert_eq!(page.total, Some(3));
    scene.auth.end_session(Command::new(&admin), id_of(&caller), session_of(&caller)).await.expect("ended");
    assert_eq!(are_in(&scene, &signed_in).await, [false, true, true]);
    assert_eq!(because(&scene, session_of(&caller)).await, Some(RevocationReason::EndedByAdmin));
    scene.auth.end_sessions(Command::new(&admin), id_of(&caller), SessionScope::All).await.expect("ended");
    assert_eq!(are_in(&scene, &signed_in).await, [false, false, false]);

    let nobody = UserId::new(scene.ids.next_id());
    let refused = scene.auth.end_sessions(Command::new(&admin), nobody, SessionScope::All).await;
    assert!(matches!(refused, Err(AuthError::NotFound(User::KIND))), "{refused:?}");
}

#[tokio::test]
async fn nobody_else_sees_or_ends_them() {
    let scene = Scene::new();
    let (victim, signed_in) = with_three(&scene, Role::Viewer).await;
    let manager = scene.caller(Role::Manager).await;
    let (of, id) = (id_of(&victim), session_of(&victim));
    let forbidden = |error| matches!(error, AuthError::Forbidden(Forbidden::Role { needed: Role::Admin }));
    assert!(forbidden(scene.auth.sessions(&manager, of, FIRST_PAGE).await.expect_err("refused").into()));
    assert!(forbidden(scene.auth.end_session(Command::new(&manager), of, id).await.expect_err("refused")));
    assert!(forbidden(
        scene.auth.end_sessions(Command::new(&manager), of, SessionScope::All).await.expect_err("refused")
    ));
    // Nor by calling it their own.
    let refused = scene.auth.end_session(Command::new(&manager), id_of(&manager), id).await;
    assert!(matches!(refused, Err(AuthError::NotFound(Session::KIND))), "{refused:?}");
    assert_eq!(are_in(&scene, &signed_in).await, [true, true, true]);
}

#[tokio::test]
async fn an_api_token_ends_no_session_of_its_user() {
    let scene = Scene::new();
    let (caller, signed_in) = with_three(&scene, Role::Admin).await;
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
    assert_eq!(are_in(&scene, &signed_in).await, [true, true, true]);
}

#[tokio::test]
async fn ended_sessions_are_kept_for_a_month_and_then_purged() {
    let scene = Scene::new();
    let (caller, _) = with_three(&scene, Role::Viewer).await;
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
