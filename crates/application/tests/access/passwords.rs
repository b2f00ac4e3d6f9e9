//! Changing one's own password.

use std::sync::atomic::Ordering;

use incident_application::{
    identity::{AuthError, AuthRule},
    kernel::{Command, Forbidden},
};
use incident_domain::identity::{Password, RevocationReason, Role};

use crate::scene::{PASSWORD, Scene, as_machine};

const NEW: &str = "unlikely pelican orbit";

fn new_password(text: &str) -> Password {
    Password::parse(text).expect("a password")
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions_and_keeps_this_one() {
    let scene = Scene::new();
    let user = scene.user(Role::Viewer).await;
    let (here, elsewhere) = (scene.sign_in(&user).await, scene.sign_in(&user).await);
    let caller = scene.recognise(&here).await.expect("recognised");
    let there = scene.recognise(&elsewhere).await.expect("recognised");
    scene.auth.change_password(Command::new(&caller), PASSWORD.to_owned(), new_password(NEW)).await.expect("changed");
    scene.recognise(&here).await.expect("still in");
    scene.recognise(&elsewhere).await.expect_err("ended");
    let session = scene.session(crate::scene::session_of(&there)).await;
    assert_eq!(session.revocation.map(|end| end.because), Some(RevocationReason::PasswordChanged));
    scene.try_sign_in(&user, PASSWORD).await.expect_err("the old password is refused");
    scene.try_sign_in(&user, NEW).await.expect("signed in");
}

#[tokio::test]
async fn the_current_password_is_required() {
    let scene = Scene::new();
    let user = scene.user(Role::Viewer).await;
    let caller = scene.recognise(&scene.sign_in(&user).await).await.expect("recognised");
    let refused = scene.auth.change_password(Command::new(&caller), "wrong".to_owned(), new_password(NEW)).await;
    assert!(matches!(refused, Err(AuthError::Rule(AuthRule::WrongPassword))), "{refused:?}");
    let machine = as_machine(&caller);
    let refused = scene.auth.change_password(Command::new(&machine), PASSWORD.to_owned(), new_password(NEW)).await;
    assert!(matches!(refused, Err(AuthError::Forbidden(Forbidden::SessionNeeded))), "{refused:?}");
    let guessable = new_password("password1234");
    let refused = scene.auth.change_password(Command::new(&caller), PASSWORD.to_owned(), guessable).await;
    assert!(matches!(refused, Err(AuthError::Rule(AuthRule::GuessablePassword(_)))), "{refused:?}");
    assert_eq!(scene.current(&user).await, user);
}

#[tokio::test]
async fn of_two_concurrent_changes_one_succeeds() {
    let scene = Scene::new();
    let user = scene.user(Role::Viewer).await;
    let caller = scene.recognise(&scene.sign_in(&user).await).await.expect("recognised");
    let (first, second) = tokio::join!(
        scene.auth.change_password(Command::new(&caller), PASSWORD.to_owned(), new_password(NEW)),
        scene.auth.change_password(Command::new(&caller), PASSWORD.to_owned(), new_password("another pelican orbit")),
    );
    assert!(first.is_ok() ^ second.is_ok(), "{first:?} {second:?}");
    assert_eq!(scene.hasher.verified.load(Ordering::SeqCst), 3);
}
