//! API tokens.

use chrono::TimeDelta;
use incident_application::{
    identity::{API_TOKEN_LIFETIME_DAYS_MAX, API_TOKENS_PER_USER_MAX, AuthError, AuthRule, NewApiToken, UserChange},
    kernel::{Command, Forbidden, Precondition, Principal, QueryError},
};
use incident_domain::{
    identity::{ApiToken, Role, TokenError, TokenSecret},
    kernel::{ApiTokenId, Clock, IdGenerator, Label, PageRequest, PageSize, Record, Repository},
};

use crate::scene::{Scene, id_of, role_of};

const FIRST_PAGE: PageRequest<ApiTokenId> = PageRequest::Numbered { page: 1, size: PageSize::DEFAULT };

fn new(role: Role) -> NewApiToken {
    NewApiToken { name: Label::parse("deploy script").expect("a name"), role, lifetime_days: 90 }
}

async fn made(scene: &Scene, caller: &Principal, role: Role) -> (ApiToken, TokenSecret) {
    scene.auth.create_api_token(Command::new(caller), new(role)).await.expect("made")
}

async fn recognised(scene: &Scene, secret: &TokenSecret) -> Result<Principal, AuthError> {
    scene.auth.authenticate(secret.expose(), Some("192.0.2.9")).await
}

#[tokio::test]
async fn a_token_authenticates_with_its_role_until_it_expires() {
    let scene = Scene::new();
    let manager = scene.caller(Role::Manager).await;
    let (token, secret) = made(&scene, &manager, Role::Responder).await;
    let machine = recognised(&scene, &secret).await.expect("recognised");
    assert_eq!(id_of(&machine), id_of(&manager));
    assert_eq!(role_of(&machine), Some(&Role::Responder));
    assert_eq!((machine.origin.api_token_id, machine.origin.session_id), (Some(token.id), None));
    scene.clock.advance(TimeDelta::days(90));
    let refused = recognised(&scene, &secret).await;
    assert!(matches!(refused, Err(AuthError::Rule(AuthRule::ApiTokenEnded))), "{refused:?}");
}

#[tokio::test]
async fn a_token_is_limited_to_the_role_of_its_user() {
    let scene = Scene::new();
    let admin = scene.caller(Role::Admin).await;
    let manager = scene.caller(Role::Manager).await;
    let refused = scene.auth.create_api_token(Command::new(&manager), new(Role::Admin)).await;
    assert!(matches!(refused, Err(AuthError::Rule(AuthRule::RoleTooHigh))), "{refused:?}");

    let (_, secret) = made(&scene, &manager, Role::Manager).await;
    assert_eq!(role_of(&recognised(&scene, &secret).await.expect("recognised")), Some(&Role::Manager));
    let none = Precondition::None;
    let demote = UserChange { role: Some(Role::Viewer), ..UserChange::default() };
    scene.accounts.update(Command::new(&admin), id_of(&manager), demote, &none).await.expect("demoted");
    assert_eq!(role_of(&recognised(&scene, &secret).await.expect("recognised")), Some(&Role::Viewer));
    let close = UserChange { is_active: Some(false), ..UserChange::default() };
    scene.accounts.update(Command::new(&admin), id_of(&manager), close, &none).await.expect("closed");
    let refused = recognised(&scene, &secret).await;
    assert!(matches!(refused, Err(AuthError::Rule(AuthRule::ApiTokenEnded))), "{refused:?}");
}

#[tokio::test]
async fn a_revoked_token_is_refused_at_once_and_no_longer_listed() {
    let scene = Scene::new();
    let caller = scene.caller(Role::Responder).await;
    let (token, secret) = made(&scene, &caller, Role::Responder).await;
    let (kept, kept_secret) = made(&scene, &caller, Role::Viewer).await;
    recognised(&scene, &secret).await.expect("recognised");
    scene.auth.revoke_api_token(Command::new(&caller), id_of(&caller), token.id).await.expect("revoked");
    let refused = recognised(&scene, &secret).await;
    assert!(matches!(refused, Err(AuthError::Rule(AuthRule::ApiTokenEnded))), "{refused:?}");
    recognised(&scene, &kept_secret).await.expect("the other token is still valid");
    let listed = scene.auth.api_tokens(&caller, id_of(&caller), FIRST_PAGE).await.expect("tokens");
    assert_eq!(listed.items, [kept]);
    let again = scene.auth.revoke_api_token(Command::new(&caller), id_of(&caller), token.id).await;
    assert!(matches!(again, Err(AuthError::NotFound(ApiToken::KIND))), "{again:?}");
}

#[tokio::test]
async fn only_administrators_list_and_revoke_the_tokens_of_other_users() {
    let scene = Scene::new();
    let (owner, manager, admin) =
        (scene.caller(Role::Viewer).await, scene.caller(Role::Manager).await, scene.caller(Role::Admin).await);
    let (token, secret) = made(&scene, &owner, Role::Viewer).await;
    let of = id_of(&owner);
    let seen = scene.auth.api_tokens(&manager, of, FIRST_PAGE).await;
    assert!(matches!(seen, Err(QueryError::Forbidden(_))), "{seen:?}");
    let refused = scene.auth.revoke_api_token(Command::new(&manager), of, token.id).await;
    assert!(matches!(refused, Err(AuthError::Forbidden(_))), "{refused:?}");
    let as_own = scene.auth.revoke_api_token(Command::new(&manager), id_of(&manager), token.id).await;
    assert!(matches!(as_own, Err(AuthError::NotFound(ApiToken::KIND))), "{as_own:?}");
    recognised(&scene, &secret).await.expect("still good");

    let seen = scene.auth.api_tokens(&admin, of, FIRST_PAGE).await.expect("tokens");
    assert_eq!(seen.items.len(), 1);
    scene.auth.revoke_api_token(Command::new(&admin), of, token.id).await.expect("revoked");
    recognised(&scene, &secret).await.expect_err("revoked");
}

#[tokio::test]
async fn a_token_cannot_create_or_revoke_tokens() {
    let scene = Scene::new();
    let admin = scene.caller(Role::Admin).await;
    let (token, secret) = made(&scene, &admin, Role::Admin).await;
    let machine = recognised(&scene, &secret).await.expect("recognised");
    let refused = scene.auth.create_api_token(Command::new(&machine), new(Role::Viewer)).await;
    assert!(matches!(refused, Err(AuthError::Forbidden(Forbidden::SessionNeeded))), "{refused:?}");
    let refused = scene.auth.revoke_api_token(Command::new(&machine), id_of(&admin), token.id).await;
    assert!(matches!(refused, Err(AuthError::Forbidden(Forbidden::SessionNeeded))), "{refused:?}");
}

#[tokio::test]
async fn lifetimes_and_numbers_have_limits() {
    let scene = Scene::new();
    let caller = scene.caller(Role::Viewer).await;
    for (lifetime_days, is_good) in [(0, false), (1, true), (366, true), (API_TOKEN_LIFETIME_DAYS_MAX + 1, false)] {
        let made = scene
            .auth
            .create_api_token(Command::new(&caller), NewApiToken { lifetime_days, ..new(Role::Viewer) })
            .await;
        assert_eq!(made.is_ok(), is_good, "{lifetime_days}: {made:?}");
    }
    for _ in 2..API_TOKENS_PER_USER_MAX {
        made(&scene, &caller, Role::Viewer).await;
    }
    let refused = scene.auth.create_api_token(Command::new(&caller), new(Role::Viewer)).await;
    assert!(matches!(refused, Err(AuthError::Rule(AuthRule::TooManyApiTokens))), "{refused:?}");
}

#[tokio::test]
async fn only_a_hash_of_the_secret_is_stored_and_last_use_has_minute_precision() {
    let scene = Scene::new();
    let caller = scene.caller(Role::Viewer).await;
    let (token, secret) = made(&scene, &caller, Role::Viewer).await;
    assert!(!format!("{token:?}").contains(&secret.expose()[4..]));
    let last_used = async || {
        scene.auth.flush_last_seen().await.expect("written");
        let stored = Repository::<ApiToken>::find(&*scene.store, token.id).await.expect("readable").expect("there");
        stored.last_used_at
    };
    assert_eq!(last_used().await, None);
    recognised(&scene, &secret).await.expect("recognised");
    let first = scene.clock.now();
    assert_eq!(last_used().await, Some(first));
    scene.clock.advance(TimeDelta::seconds(59));
    recognised(&scene, &secret).await.expect("recognised");
    assert_eq!(last_used().await, Some(first));
    scene.clock.advance(TimeDelta::seconds(1));
    recognised(&scene, &secret).await.expect("recognised");
    assert_eq!(last_used().await, Some(first + TimeDelta::seconds(60)));
}

#[tokio::test]
async fn an_unknown_token_is_refused() {
    let scene = Scene::new();
    let unknown = format!("ipt_{}", "0".repeat(64));
    let refused = scene.auth.authenticate(&unknown, None).await;
    assert!(matches!(refused, Err(AuthError::Rule(AuthRule::Token(TokenError::Invalid)))), "{refused:?}");
    let unknown_id = ApiTokenId::new(scene.ids.next_id());
    let caller = scene.caller(Role::Viewer).await;
    let refused = scene.auth.revoke_api_token(Command::new(&caller), id_of(&caller), unknown_id).await;
    assert!(matches!(refused, Err(AuthError::NotFound(ApiToken::KIND))), "{refused:?}");
}
