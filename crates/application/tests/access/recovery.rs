//! Account recovery by the operator of the server, without signing in.

use incident_application::{
    identity::{AccountError, AccountRule, ApiTokens, NewApiToken, UserChange},
    kernel::{Command, Precondition},
};
use incident_domain::{
    identity::{Email, Password, RevocationReason, Role, User},
    kernel::{Label, PersonName, Record},
};

use crate::scene::{PASSWORD, Scene, session_of};

fn new_password() -> Password {
    Password::parse("unlikely pelican orbit").expect("a password")
}

#[tokio::test]
async fn the_first_administrator_is_created_without_signing_in() {
    let scene = Scene::new();
    let email = Email::parse("root@example.org").expect("an address");
    let name = PersonName::parse("Root").expect("a name");
    let user = scene.accounts.create_admin(email.clone(), name.clone(), new_password()).await.expect("made");
    scene.try_sign_in(&user, new_password().expose()).await.expect("signed in");
    let refused = scene.accounts.create_admin(email, name, new_password()).await;
    assert!(matches!(refused, Err(AccountError::Rule(AccountRule::EmailTaken))), "{refused:?}");
}

#[tokio::test]
async fn a_password_reset_ends_every_session_and_keeps_api_tokens_only_on_request() {
    for (api_tokens, is_good) in [(ApiTokens::Keep, true), (ApiTokens::Revoke, false)] {
        let scene = Scene::new();
        let user = scene.user(Role::Responder).await;
        let signed_in = scene.sign_in(&user).await;
        let caller = scene.recognise(&signed_in).await.expect("recognised");
        let name = Label::parse("deploy script").expect("a name");
        let new = NewApiToken { name, role: Role::Viewer, lifetime_days: 1 };
        let (_, secret) = scene.auth.create_api_token(Command::new(&caller), new).await.expect("made");
        scene.accounts.reset_password(&user.email, new_password(), api_tokens).await.expect("reset");
        scene.recognise(&signed_in).await.expect_err("ended");
        scene.try_sign_in(&user, PASSWORD).await.expect_err("the old password is refused");
        scene.try_sign_in(&user, new_password().expose()).await.expect("signed in");
        assert_eq!(scene.auth.authenticate(secret.expose(), None).await.is_ok(), is_good, "{api_tokens:?}");
    }
}

#[tokio::test]
async fn a_new_activation_does_not_bring_back_api_tokens() {
    for is_new_password in [false, true] {
        let scene = Scene::new();
        let (admin, user) = (scene.user(Role::Admin).await, scene.user(Role::Responder).await);
        let admin = scene.recognise(&scene.sign_in(&admin).await).await.expect("recognised");
        let caller = scene.recognise(&scene.sign_in(&user).await).await.expect("recognised");
        let name = Label::parse("deploy script").expect("a name");
        let new = NewApiToken { name, role: Role::Viewer, lifetime_days: 1 };
        let (_, secret) = scene.auth.create_api_token(Command::new(&caller), new).await.expect("made");
        let change = |is_active: Option<bool>| UserChange {
            is_active,
            password: is_new_password.then(new_password),
            ..UserChange::default()
        };
        for change in [change((!is_new_password).then_some(false)), change(Some(true))] {
            let changed = scene.accounts.update(Command::new(&admin), user.id, change, &Precondition::None).await;
            changed.expect("changed");
        }
        scene.auth.authenticate(secret.expose(), None).await.expect_err("revoked");
    }
}

#[tokio::test]
async fn a_deactivated_account_is_refused_at_once() {
    let scene = Scene::new();
    let user = scene.user(Role::Admin).await;
    let signed_in = scene.sign_in(&user).await;
    let caller = scene.recognise(&signed_in).await.expect("recognised");
    scene.accounts.deactivate(&user.email).await.expect("deactivated");
    scene.recognise(&signed_in).await.expect_err("ended");
    scene.try_sign_in(&user, PASSWORD).await.expect_err("inactive");
    let session = scene.session(session_of(&caller)).await;
    assert_eq!(session.revocation.map(|end| end.because), Some(RevocationReason::UserDeactivated));
    scene.accounts.deactivate(&user.email).await.expect("the account is already inactive");
    let unknown = Email::parse("nobody@example.org").expect("an address");
    let refused = scene.accounts.deactivate(&unknown).await;
    assert!(matches!(refused, Err(AccountError::NotFound(User::KIND))), "{refused:?}");
}

#[tokio::test]
async fn all_sessions_of_one_account_or_of_all_accounts_can_be_ended() {
    let scene = Scene::new();
    let (ada, grace) = (scene.user(Role::Viewer).await, scene.user(Role::Viewer).await);
    let (of_ada, of_grace) = (scene.sign_in(&ada).await, scene.sign_in(&grace).await);
    scene.accounts.revoke_sessions(Some(&ada.email)).await.expect("ended");
    scene.recognise(&of_ada).await.expect_err("ended");
    scene.recognise(&of_grace).await.expect("not affected");
    scene.accounts.revoke_sessions(None).await.expect("ended");
    scene.recognise(&of_grace).await.expect_err("ended");
    let actions = scene.actions().await;
    let kinds: Vec<_> = actions.iter().take(2).map(|action| (action.kind.as_str(), action.actor.kind())).collect();
    assert_eq!(kinds, [("session.revoke", "system"); 2]);
}
