//! Signing in and being recognised, with a hasher and tokens that tests decide about.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use incident_application::{Auth, AuthError, AuthPorts, Device};
use incident_domain::{
    ChangeSet, Role, Session, SessionId, Timestamp,
    ports::{AccessClaims, Clock, IdGenerator, MockPasswordHasher, MockTokenIssuer, Store, TokenError},
};

use crate::scene::Scene;

const HOUR: Duration = Duration::from_hours(1);

/// The password is always right; a token is its claims, and good for as long as it says.
fn auth(scene: &Scene) -> Auth {
    let mut hasher = MockPasswordHasher::new();
    hasher.expect_verify().returning(|_, _| Ok(true));
    let issued: Arc<std::sync::Mutex<Option<AccessClaims>>> = Arc::default();
    let mut tokens = MockTokenIssuer::new();
    let remember = issued.clone();
    tokens.expect_issue().returning(move |claims| {
        *remember.lock().expect("not poisoned") = Some(*claims);
        Ok("token".to_owned())
    });
    tokens.expect_check().returning(move |_, now| {
        let claims = issued.lock().expect("not poisoned").ok_or(TokenError::Invalid)?;
        if now < claims.expires_at { Ok(claims) } else { Err(TokenError::Expired) }
    });
    auth_with(scene, hasher, tokens)
}

fn auth_with(scene: &Scene, hasher: MockPasswordHasher, tokens: MockTokenIssuer) -> Auth {
    let ports = AuthPorts {
        store: scene.store.clone(),
        users: scene.store.clone(),
        sessions: scene.store.clone(),
        hasher: Arc::new(hasher),
        tokens: Arc::new(tokens),
        clock: scene.clock.clone(),
        ids: scene.ids.clone(),
    };
    Auth::new(ports, HOUR, 2 * HOUR)
}

async fn sign_in(scene: &Scene, auth: &Auth, is_active: bool) -> Result<String, AuthError> {
    let user = scene.user(Role::Responder, is_active).await;
    let signed_in = auth.sign_in(&user.email, "right".to_owned(), Device::default()).await?;
    Ok(signed_in.access_token)
}

#[tokio::test]
async fn who_signed_in_is_recognised_until_the_token_expires() {
    let scene = Scene::new();
    let auth = auth(&scene);
    let token = sign_in(&scene, &auth, true).await.expect("signed in");
    let caller = auth.authenticate(&token).await.expect("recognised");
    assert_eq!(caller.role, Role::Responder);
    scene.clock.advance(TimeDelta::hours(1));
    let later = auth.authenticate(&token).await;
    assert!(matches!(later, Err(AuthError::Token(TokenError::Expired))), "{later:?}");
}

#[tokio::test]
async fn an_inactive_user_cannot_sign_in_even_with_the_right_password() {
    let scene = Scene::new();
    let refused = sign_in(&scene, &auth(&scene), false).await;
    assert!(matches!(refused, Err(AuthError::WrongCredentials)), "{refused:?}");
}

/// A caller whose token is good, with a session and a user that are as told.
async fn authenticate_with(is_active: bool, change: impl FnOnce(&mut Session, Timestamp)) -> Result<(), AuthError> {
    let scene = Scene::new();
    let user = scene.user(Role::Responder, is_active).await;
    let now = scene.clock.now();
    let mut session = Session {
        id: SessionId::new(scene.ids.next_id()),
        user_id: user.id,
        user_agent: None,
        ip: None,
        created_at: now,
        expires_at: now + TimeDelta::hours(2),
        revoked_at: None,
    };
    change(&mut session, now);
    scene.store.commit(ChangeSet::new().with_session(session.clone())).await.expect("stored");
    let expires_at = now + TimeDelta::hours(1);
    let claims = AccessClaims { user_id: user.id, session_id: session.id, issued_at: now, expires_at };
    let mut tokens = MockTokenIssuer::new();
    tokens.expect_check().returning(move |_, _| Ok(claims));
    auth_with(&scene, MockPasswordHasher::new(), tokens).authenticate("token").await.map(drop)
}

#[tokio::test]
async fn a_good_token_lets_nobody_in_whose_session_or_account_has_ended() {
    assert!(authenticate_with(true, |_, _| {}).await.is_ok(), "nothing has ended");
    let ended = [
        ("revoked", authenticate_with(true, |session, now| session.revoked_at = Some(now)).await),
        ("expired", authenticate_with(true, |session, now| session.expires_at = now).await),
        ("inactive", authenticate_with(false, |_, _| {}).await),
    ];
    for (what, outcome) in ended {
        assert!(matches!(outcome, Err(AuthError::SessionEnded)), "{what}: {outcome:?}");
    }
}
