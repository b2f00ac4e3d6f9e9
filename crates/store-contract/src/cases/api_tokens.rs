//! Listing, ending and touching API tokens.

use chrono::TimeDelta;
use incident_domain::{
    identity::{ApiToken, ApiTokenSelection, User},
    kernel::{ApiTokenId, Conflict::Missing, Record as _, UserId},
    write::{Change, ChangeSet},
};

use crate::{Harness, pages::assert_pages, scene::Scene};

/// A user's own, the newest first; expired ones are among them, revoked ones are not.
pub async fn api_tokens_are_listed_in_pages_without_the_revoked(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (ada, bob) = (scene.stored_user().await.id, scene.stored_user().await.id);
    let mut listed = Vec::new();
    for index in 0..40 {
        let user = if index % 3 == 0 { bob } else { ada };
        let mut token = ApiToken { id: ApiTokenId::new(scene.scattered_uuid(index)), ..scene.api_token_of(user) };
        match index % 5 {
            0 => token.revoked_at = Some(scene.now()),
            // An end that lies ahead is an end all the same.
            1 => token.revoked_at = Some(token.expires_at),
            2 => token.expires_at = token.created_at,
            _ => {}
        }
        scene.commit(ChangeSet::new().insert(token.clone())).await;
        listed.push(token);
    }
    listed.retain(|token| token.user_id == ada && token.revoked_at.is_none());
    listed.sort_by_key(|token| std::cmp::Reverse(token.id));

    let list_of = |user| {
        let scene = &scene;
        move |page| {
            let tokens = scene.ports.api_tokens.clone();
            async move { tokens.list(user, page).await }
        }
    };
    assert_pages(&listed, |token| token.id, list_of(ada)).await;
    assert_pages(&[], |token: &ApiToken| token.id, list_of(UserId::new(scene.uuid()))).await;
}

/// A token is somebody's.
pub async fn an_api_token_belongs_to_a_user_that_exists(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    scene.stored_user().await;
    let token = scene.api_token_of(UserId::new(scene.uuid()));
    assert_eq!(scene.refusal(ChangeSet::new().insert(token.clone())).await, Missing(User::KIND));
    assert_eq!(scene.read_api_token(token.id).await, None);
}

/// Not one too many and not one too few; what was ended before keeps its time, and nothing to end is no
/// contradiction.
pub async fn a_revocation_ends_exactly_the_selected_api_tokens(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (ada, bob) = (scene.stored_user().await.id, scene.stored_user().await.id);
    let mut tokens = Vec::new();
    for user_id in [ada, ada, bob, ada, bob] {
        tokens.push(scene.stored_api_token(user_id).await);
        let ended = ApiToken { revoked_at: Some(scene.now()), ..scene.api_token_of(user_id) };
        scene.commit(ChangeSet::new().insert(ended.clone())).await;
        tokens.push(ended);
    }
    let (one, ended) = (tokens[0].id, tokens[1].id);
    for selection in [
        ApiTokenSelection::One(ApiTokenId::new(scene.uuid())),
        ApiTokenSelection::OfUser(UserId::new(scene.uuid())),
        ApiTokenSelection::One(ended),
        ApiTokenSelection::One(one),
        ApiTokenSelection::OfUser(ada),
        ApiTokenSelection::OfUser(ada),
    ] {
        let at = scene.now();
        scene.commit(ChangeSet::new().revoke_api_tokens(selection, at)).await;
        for token in &mut tokens {
            if selection.matches(token) {
                token.revoked_at = token.revoked_at.or(Some(at));
            }
            assert_eq!(scene.read_api_token(token.id).await.as_ref(), Some(&*token), "{selection:?}");
        }
    }
}

/// What arrives late, or is about what is gone, does no harm.
pub async fn a_touch_of_an_api_token_moves_its_time_forwards_only(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.stored_user().await.id;
    let (mut touched, bystander) = (scene.stored_api_token(user).await, scene.stored_api_token(user).await);
    let created_at = touched.created_at;
    for microseconds in [0, -1, 1, 60_000_000, 59_999_999, 60_000_001, 60_000_001, -60_000_000] {
        let used_at = created_at + TimeDelta::microseconds(microseconds);
        let unknown = Change::TouchApiToken { id: ApiTokenId::new(scene.uuid()), used_at };
        let touch = Change::TouchApiToken { id: touched.id, used_at };
        scene.commit(ChangeSet::new().with(unknown).with(touch)).await;
        touched.last_used_at = touched.last_used_at.max(Some(used_at));
        assert_eq!(scene.read_api_token(touched.id).await.as_ref(), Some(&touched), "{microseconds}");
    }
    assert_eq!(scene.read_api_token(bystander.id).await, Some(bystander));
}
