//! Authentication of requests: its cost, and how soon it reflects ended sessions.

use std::sync::atomic::Ordering;

use chrono::TimeDelta;
use incident_application::{
    identity::{AuthError, AuthRule},
    kernel::Command,
};
use incident_domain::{
    identity::{Role, UserPatch},
    kernel::Clock,
    write::{ChangeSet, Store},
};

use crate::scene::{IDLE_DAYS, SESSION_DAYS, Scene, role_of, session_of};

#[tokio::test]
async fn a_cached_caller_needs_no_store_access() {
    let scene = Scene::new();
    let signed_in = scene.sign_in(&scene.user(Role::Viewer).await).await;
    for _ in 0..100 {
        let caller = scene.recognise(&signed_in).await.expect("recognised");
        scene.auth.me(&caller).await.expect("an account");
    }
    assert_eq!(scene.sessions.found.load(Ordering::SeqCst), 1);
    scene.clock.advance(TimeDelta::milliseconds(500));
    scene.recognise(&signed_in).await.expect("recognised");
    assert_eq!(scene.sessions.found.load(Ordering::SeqCst), 2, "after half a second the store is read again");
}

#[tokio::test]
async fn a_malformed_token_needs_no_store_access() {
    let scene = Scene::new();
    let signed_in = scene.sign_in(&scene.user(Role::Viewer).await).await;
    for token in ["", "nonsense", "ipt_", "ipt_nonsense", signed_in.refresh_token.expose()] {
        let refused = scene.auth.authenticate(token, None).await;
        assert!(matches!(refused, Err(AuthError::Rule(AuthRule::Token(_)))), "{token}: {refused:?}");
    }
    scene.clock.advance(TimeDelta::hours(1));
    scene.recognise(&signed_in).await.expect_err("expired");
    assert_eq!(scene.sessions.found.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_ended_session_is_refused_here_at_once_and_on_other_replicas_within_a_second() {
    let scene = Scene::new();
    let replica = scene.replica();
    let signed_in = scene.sign_in(&scene.user(Role::Viewer).await).await;
    let token = signed_in.access_token.expose();
    replica.authenticate(token, None).await.expect("recognised there");
    let caller = scene.recognise(&signed_in).await.expect("recognised here");
    scene.auth.sign_out(Command::new(&caller)).await.expect("signed out");

    let here = scene.recognise(&signed_in).await;
    assert!(matches!(here, Err(AuthError::CallerGone)), "{here:?}");
    scene.clock.advance(TimeDelta::milliseconds(999));
    let there = replica.authenticate(token, None).await;
    assert!(matches!(there, Err(AuthError::CallerGone)), "{there:?}");
}

#[tokio::test]
async fn a_clock_that_was_set_back_does_not_keep_an_ended_session_alive() {
    let scene = Scene::new();
    let replica = scene.replica();
    let signed_in = scene.sign_in(&scene.user(Role::Viewer).await).await;
    replica.authenticate(signed_in.access_token.expose(), None).await.expect("recognised there");
    let caller = scene.recognise(&signed_in).await.expect("recognised here");
    scene.auth.sign_out(Command::new(&caller)).await.expect("signed out");
    scene.clock.advance(TimeDelta::seconds(-5));
    let there = replica.authenticate(signed_in.access_token.expose(), None).await;
    assert!(matches!(there, Err(AuthError::CallerGone)), "{there:?}");
}

#[tokio::test]
async fn role_changes_and_deactivation_take_effect_at_once() {
    let scene = Scene::new();
    let admin = scene.caller(Role::Admin).await;
    let user = scene.user(Role::Viewer).await;
    let signed_in = scene.sign_in(&user).await;
    assert_eq!(role_of(&scene.recognise(&signed_in).await.expect("recognised")), Some(&Role::Viewer));
    let none = incident_application::kernel::Precondition::None;
    let update =
        async |change| scene.accounts.update(Command::new(&admin), user.id, change, &none).await.expect("changed");
    let promote = incident_application::identity::UserChange { role: Some(Role::Manager), ..Default::default() };
    update(promote).await;
    assert_eq!(role_of(&scene.recognise(&signed_in).await.expect("recognised")), Some(&Role::Manager));
    update(incident_application::identity::UserChange { is_active: Some(false), ..Default::default() }).await;
    let refused = scene.recognise(&signed_in).await;
    assert!(matches!(refused, Err(AuthError::CallerGone)), "{refused:?}");
    assert!(scene.live(user.id).await.is_empty());
    // Reactivating the account does not revive its old sessions.
    update(incident_application::identity::UserChange { is_active: Some(true), ..Default::default() }).await;
    scene.recognise(&signed_in).await.expect_err("the session has ended");
}

#[tokio::test]
async fn a_session_ends_after_its_idle_time_and_after_its_lifetime() {
    let scene = Scene::new();
    let user = scene.user(Role::Viewer).await;
    let (busy, silent) = (scene.sign_in(&user).await, scene.sign_in(&user).await);
    let mut busy_refresh = busy.refresh_token;
    for day in 1..SESSION_DAYS {
        scene.clock.advance(TimeDelta::days(1));
        let refreshed = scene.auth.refresh(busy_refresh.expose(), crate::scene::device()).await.expect("still in");
        busy_refresh = refreshed.refresh_token;
        let live = scene.live(user.id).await.len();
        assert_eq!(live, if day < IDLE_DAYS { 2 } else { 1 }, "day {day}");
    }
    let refused = scene.auth.refresh(silent.refresh_token.expose(), crate::scene::device()).await;
    assert!(matches!(refused, Err(AuthError::CallerGone)), "{refused:?}");
    scene.clock.advance(TimeDelta::days(1));
    let refused = scene.auth.refresh(busy_refresh.expose(), crate::scene::device()).await;
    assert!(matches!(refused, Err(AuthError::CallerGone)), "{refused:?}");
}

#[tokio::test]
async fn requests_write_nothing_and_last_seen_is_flushed_with_minute_precision() {
    let scene = Scene::new();
    let user = scene.user(Role::Viewer).await;
    let signed_in = scene.sign_in(&user).await;
    let caller = scene.recognise(&signed_in).await.expect("recognised");
    let seen = async || {
        scene.auth.flush_last_seen().await.expect("written");
        scene.session(session_of(&caller)).await.last_seen_at
    };
    let signed_in_at = scene.clock.now();
    scene.clock.advance(TimeDelta::seconds(59));
    scene.recognise(&signed_in).await.expect("recognised");
    assert_eq!(seen().await, signed_in_at, "below the write threshold");
    scene.clock.advance(TimeDelta::seconds(1));
    scene.recognise(&signed_in).await.expect("recognised");
    assert_eq!(scene.session(session_of(&caller)).await.last_seen_at, signed_in_at, "a request writes nothing");
    assert_eq!(seen().await, signed_in_at + TimeDelta::seconds(60));
}

#[tokio::test]
async fn a_token_that_names_another_users_session_is_refused() {
    let scene = Scene::new();
    let (user, other) = (scene.user(Role::Viewer).await, scene.user(Role::Admin).await);
    let signed_in = scene.sign_in(&user).await;
    let mixed = signed_in.access_token.expose().replace(&user.id.to_string(), &other.id.to_string());
    let refused = scene.auth.authenticate(&mixed, None).await;
    assert!(matches!(refused, Err(AuthError::CallerGone)), "{refused:?}");
}

#[tokio::test]
async fn an_account_deactivated_directly_in_the_store_is_refused() {
    let scene = Scene::new();
    let user = scene.user(Role::Viewer).await;
    let signed_in = scene.sign_in(&user).await;
    let off = UserPatch { is_active: Some(false), ..UserPatch::default() };
    let changes = ChangeSet::new().update(user.patched(&off, scene.clock.now()), user.version);
    scene.store.commit(changes).await.expect("stored");
    let refused = scene.recognise(&signed_in).await;
    assert!(matches!(refused, Err(AuthError::CallerGone)), "{refused:?}");
}
