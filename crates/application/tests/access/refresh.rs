//! Refreshing: rotation, reuse, lost answers and races.

use std::sync::Arc;

use chrono::TimeDelta;
use incident_application::identity::{AuthError, AuthRule, SignedIn};
use incident_domain::identity::{
    RefreshToken, RefreshTokenRepository, RevocationReason, Role, SecretKind, TokenError, TokenSecret,
};
use tokio::task::JoinSet;

use crate::scene::{Scene, device, id_of};

async fn refresh(scene: &Scene, signed_in: &SignedIn) -> Result<SignedIn, AuthError> {
    scene.auth.refresh(signed_in.refresh_token.expose(), device()).await
}

async fn signed_in(scene: &Scene) -> SignedIn {
    scene.sign_in(&scene.user(Role::Responder).await).await
}

async fn stored(scene: &Scene, signed_in: &SignedIn) -> RefreshToken {
    scene.store.find_by_hash(&signed_in.refresh_token.hash()).await.expect("readable").expect("there")
}

#[tokio::test]
async fn each_refresh_gives_a_new_pair_and_spends_the_old_token() {
    let scene = Scene::new();
    let first = signed_in(&scene).await;
    let mut current = first.clone();
    for _ in 0..5 {
        scene.clock.advance(TimeDelta::minutes(10));
        let next = refresh(&scene, &current).await.expect("refreshed");
        assert_ne!(next.refresh_token, current.refresh_token);
        assert!(!stored(&scene, &current).await.is_living());
        assert!(stored(&scene, &next).await.is_living());
        scene.recognise(&next).await.expect("the new access token is good");
        current = next;
    }
    let used_again = refresh(&scene, &first).await;
    assert!(matches!(used_again, Err(AuthError::Rule(AuthRule::RefreshTokenReused))), "{used_again:?}");
}

#[tokio::test]
async fn reuse_of_a_refresh_token_ends_the_session_for_all_holders() {
    let scene = Scene::new();
    let stolen = signed_in(&scene).await;
    let user = id_of(&scene.recognise(&stolen).await.expect("recognised"));
    let honest = refresh(&scene, &stolen).await.expect("refreshed");
    let honest = refresh(&scene, &honest).await.expect("refreshed");
    let thief = refresh(&scene, &stolen).await;
    assert!(matches!(thief, Err(AuthError::Rule(AuthRule::RefreshTokenReused))), "{thief:?}");
    let refused = scene.recognise(&honest).await;
    assert!(matches!(refused, Err(AuthError::CallerGone)), "{refused:?}");
    let refused = refresh(&scene, &honest).await;
    assert!(matches!(refused, Err(AuthError::CallerGone)), "{refused:?}");
    assert!(scene.live(user).await.is_empty());
    let session = scene.session(stored(&scene, &stolen).await.session_id).await;
    assert_eq!(session.revocation.map(|end| end.because), Some(RevocationReason::RefreshTokenReused));
}

#[tokio::test]
async fn a_client_that_lost_the_response_may_retry_and_continue() {
    let scene = Scene::new();
    let first = signed_in(&scene).await;
    let lost = refresh(&scene, &first).await.expect("refreshed, but the response is lost");
    scene.clock.advance(TimeDelta::seconds(29));
    let second = refresh(&scene, &first).await.expect("an honest retry");
    assert!(!stored(&scene, &lost).await.is_living(), "at most one successor lives");
    let third = refresh(&scene, &second).await.expect("the client continues with the new token");
    scene.recognise(&third).await.expect("recognised");
    // Using the token of the lost response now counts as reuse.
    let copy = refresh(&scene, &lost).await;
    assert!(matches!(copy, Err(AuthError::Rule(AuthRule::RefreshTokenReused))), "{copy:?}");
    scene.recognise(&third).await.expect_err("the session has ended");
}

#[tokio::test]
async fn a_retry_after_the_grace_period_is_reuse() {
    let scene = Scene::new();
    let first = signed_in(&scene).await;
    refresh(&scene, &first).await.expect("refreshed");
    scene.clock.advance(TimeDelta::seconds(30));
    let late = refresh(&scene, &first).await;
    assert!(matches!(late, Err(AuthError::Rule(AuthRule::RefreshTokenReused))), "{late:?}");
}

#[tokio::test]
async fn a_superseded_token_is_accepted_after_the_grace_period_while_its_replacement_is_unused() {
    let scene = Scene::new();
    let first = signed_in(&scene).await;
    let superseded = refresh(&scene, &first).await.expect("refreshed");
    let replacement = refresh(&scene, &first).await.expect("the other tab");
    scene.clock.advance(TimeDelta::minutes(15));
    let again = refresh(&scene, &superseded).await.expect("its holder was given it and did not use it");
    assert!(!stored(&scene, &replacement).await.is_living(), "at most one successor lives");
    scene.clock.advance(TimeDelta::minutes(15));
    let used = refresh(&scene, &again).await.expect("refreshed");
    let copy = refresh(&scene, &replacement).await;
    assert!(matches!(copy, Err(AuthError::Rule(AuthRule::RefreshTokenReused))), "{copy:?}");
    scene.recognise(&used).await.expect_err("the session has ended");
}

#[tokio::test]
async fn an_unknown_text_is_not_a_refresh_token() {
    let scene = Scene::new();
    let signed_in = signed_in(&scene).await;
    let unknown = TokenSecret::new(SecretKind::RefreshToken, &[7; 32]);
    let as_api_token = signed_in.refresh_token.expose().replace("ipr_", "ipt_");
    for token in ["", "nonsense", unknown.expose(), &as_api_token, signed_in.access_token.expose()] {
        let refused = scene.auth.refresh(token, device()).await;
        assert!(matches!(refused, Err(AuthError::Rule(AuthRule::Token(TokenError::Invalid)))), "{token}: {refused:?}");
    }
    scene.recognise(&signed_in).await.expect("nothing happened to the session");
}

/// Runs 100 rounds of 50 concurrent refreshes; the store decides, whatever the order of the tasks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_refreshes_with_one_token_leave_one_living_successor() {
    const RACERS: usize = 50;
    const ROUNDS: usize = 100;
    let scene = Arc::new(Scene::new());
    // A second replica serves half of them, so that locks within one process cannot hide a race.
    let replica = Arc::new(scene.replica());
    let user = scene.user(Role::Responder).await;
    let mut refreshed = 0;
    for _ in 0..ROUNDS {
        let signed_in = scene.sign_in(&user).await;
        let mut racers = JoinSet::new();
        for racer in 0..RACERS {
            let (scene, replica) = (scene.clone(), replica.clone());
            let token = signed_in.refresh_token.clone();
            racers.spawn(async move {
                let auth = if racer % 2 == 0 { &scene.auth } else { &*replica };
                auth.refresh(token.expose(), device()).await
            });
        }
        let answers = racers.join_all().await;
        let first = stored(&scene, &signed_in).await;
        let successors = scene.store.successors(first.id).await.expect("readable");
        let living = successors.iter().filter(|successor| successor.is_living()).count();
        let won = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(living, 1, "{won} of {RACERS} were refreshed");
        assert_eq!(successors.len(), won, "every answer is one successor");
        assert!(won >= 1);
        refreshed += won;
    }
    println!("{refreshed} of {} were refreshed, with one living successor in each of {ROUNDS} rounds", RACERS * ROUNDS);
}
