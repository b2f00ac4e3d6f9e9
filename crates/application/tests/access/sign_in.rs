//! Opening a session.

use std::sync::atomic::Ordering;

use chrono::TimeDelta;
use futures::FutureExt;
use incident_application::identity::{AuthError, AuthRule};
use incident_domain::{
    identity::{Email, PasswordHash, Role, Session, TokenError, UserPatch, UserRepository},
    kernel::{Actor, Clock, OutcomeKind},
    write::{ChangeSet, Store},
};
use incident_memory::MemoryStore;

use crate::scene::{PASSWORD, SESSION_DAYS, Scene, TOKEN_MINUTES, device, id_of, role_of, session_of};

#[tokio::test]
async fn a_signed_in_user_is_authenticated_until_the_token_expires() {
    let scene = Scene::new();
    let user = scene.user(Role::Responder).await;
    let signed_in = scene.sign_in(&user).await;
    let caller = scene.recognise(&signed_in).await.expect("recognised");
    assert_eq!(id_of(&caller), user.id);
    assert_eq!(role_of(&caller), Some(&Role::Responder));
    scene.clock.advance(TimeDelta::minutes(TOKEN_MINUTES));
    let later = scene.recognise(&signed_in).await;
    assert!(matches!(later, Err(AuthError::Rule(AuthRule::Token(TokenError::Expired)))), "{later:?}");
}

#[tokio::test]
async fn a_session_records_its_device_and_expiry() {
    let scene = Scene::new();
    let caller = scene.caller(Role::Viewer).await;
    let session = scene.session(session_of(&caller)).await;
    let now = scene.clock.now();
    let expected = Session {
        id: session_of(&caller),
        user_id: id_of(&caller),
        user_agent: device().user_agent,
        ip: device().ip,
        created_at: now,
        last_seen_at: now,
        expires_at: now + TimeDelta::days(SESSION_DAYS),
        revocation: None,
    };
    assert_eq!(session, expected);
    let actions = scene.actions().await;
    let signed_in: Vec<_> = actions.iter().filter(|action| action.kind == "auth.sign_in").collect();
    assert_eq!(signed_in.len(), 1);
    assert_eq!(signed_in[0].origin.ip, device().ip);
    assert_eq!(signed_in[0].origin.request_id, device().request_id);
}

#[tokio::test]
async fn unknown_inactive_and_wrong_credentials_are_refused_alike_after_the_same_work() {
    let scene = Scene::new();
    let (user, inactive) = (scene.user(Role::Responder).await, scene.user(Role::Responder).await);
    let off = UserPatch { is_active: Some(false), ..UserPatch::default() };
    let changed = inactive.patched(&off, scene.clock.now());
    scene.store.commit(ChangeSet::new().update(changed, inactive.version)).await.expect("stored");
    let unknown = Email::parse("nobody@example.org").expect("an address");
    for (email, password) in [(&user.email, "wrong"), (&inactive.email, PASSWORD), (&unknown, PASSWORD)] {
        let before = scene.hasher.verified.load(Ordering::SeqCst);
        let refused = scene.auth.sign_in(email, password.to_owned(), device()).await;
        assert!(matches!(refused, Err(AuthError::Rule(AuthRule::WrongCredentials))), "{email}: {refused:?}");
        assert_eq!(scene.hasher.verified.load(Ordering::SeqCst), before + 1, "{email}");
    }
}

#[tokio::test]
async fn a_raised_cost_rehashes_the_password_at_the_next_sign_in_and_only_then() {
    let scene = Scene::new();
    let user = scene.user(Role::Responder).await;
    scene.sign_in(&user).await;
    assert_eq!(scene.current(&user).await, user, "the cost has not changed");
    scene.hasher.cost.store(12, Ordering::SeqCst);
    scene.try_sign_in(&user, "wrong").await.expect_err("refused");
    assert_eq!(scene.current(&user).await, user, "the password was not verified");
    scene.sign_in(&user).await;
    let rehashed = scene.current(&user).await;
    assert_eq!(rehashed.password_hash, Some(PasswordHash::new(format!("12:{PASSWORD}"))));
    scene.sign_in(&user).await;
    assert_eq!(scene.current(&user).await, rehashed);
    assert_eq!(scene.live(user.id).await.len(), 3, "it ends no session");
}

/// Changes a user while their password is being verified.
fn change_during_verification(scene: &Scene, email: Email, patch: UserPatch) {
    let now = scene.clock.now();
    let change = move |store: &MemoryStore| {
        // The in-memory store completes without waiting.
        let found = store.find_by_emails(std::slice::from_ref(&email)).now_or_never();
        let user = found.expect("at once").expect("readable").remove(0);
        let changes = ChangeSet::new().update(user.patched(&patch, now), user.version);
        store.commit(changes).now_or_never().expect("at once").expect("stored");
    };
    *scene.hasher.during_verification.lock().expect("not poisoned") = Some(Box::new(change));
}

#[tokio::test]
async fn an_account_closed_or_given_another_password_during_sign_in_is_refused() {
    let closed = UserPatch { is_active: Some(false), ..UserPatch::default() };
    let other_password = UserPatch { password_hash: Some(PasswordHash::new("10:another")), ..UserPatch::default() };
    for patch in [closed, other_password] {
        let scene = Scene::new();
        let user = scene.user(Role::Responder).await;
        change_during_verification(&scene, user.email.clone(), patch.clone());
        let refused = scene.try_sign_in(&user, PASSWORD).await;
        assert!(matches!(refused, Err(AuthError::Rule(AuthRule::WrongCredentials))), "{patch:?}: {refused:?}");
        assert!(scene.live(user.id).await.is_empty(), "{patch:?}");
        let actions = scene.actions().await;
        let [action] = actions.as_slice() else { panic!("{patch:?}: {actions:?}") };
        assert_eq!((&action.actor, &action.target), (&Actor::User(user.id), &format!("user:{}", user.id)));
        assert_eq!(action.outcome.kind(), OutcomeKind::Refused, "{patch:?}");
    }
}

#[tokio::test]
async fn an_unrelated_change_during_sign_in_does_not_fail_it() {
    let scene = Scene::new();
    let user = scene.user(Role::Responder).await;
    let promoted = UserPatch { role: Some(Role::Manager), ..UserPatch::default() };
    change_during_verification(&scene, user.email.clone(), promoted);
    let signed_in = scene.try_sign_in(&user, PASSWORD).await.expect("signed in");
    assert_eq!(role_of(&scene.recognise(&signed_in).await.expect("recognised")), Some(&Role::Manager));
}
