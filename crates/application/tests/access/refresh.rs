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
async fn reuse_ends_the_session_for_whoever_holds_a_part_of_it() {
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
async fn a_client_that_lost_the_answer_asks_again_and_goes_on() {
    let scene = Scene::new();
    let first = signed_in(&scene).await;
    let lost = refresh(&scene, &first).await.expect("refreshed, but nobody heard");
    scene.clock.advance(TimeDelta::seconds(29));
    let second = refresh(&scene, &first).await.expect("an honest retry");
    assert!(!stored(&scene, &lost).await.is_living(), "at most one successor lives");
    let third = refresh(&scene, &second).await.expect("it goes on with what it got");
    scene.recognise(&third).await.expect("recognised");
    // From now on the lost answer is a copy in somebody's hands.
    let copy = refresh(&scene, &lost).await;
    assert!(matches!(copy, Err(AuthError::Rule(AuthRule::RefreshTokenReused))), "{copy:?}");
    scene.recognise(&third).await.expect_err("the session has ended");
}

#[tokio::test]
async fn asking_again_after_the_grace_is_reuse() {
    let scene = Scene::new();
    let first = signed_in(&scene).await;
    refresh(&scene, &first).await.expect("refreshed");
    scene.clock.advance(TimeDelta::seconds(30));
    let late = refresh(&scene, &first).await;
    assert!(matches!(late, Err(AuthError::Rule(AuthRule::RefreshTokenReused))), "{late:?}");
}

#[tokio::test]
async fn what_was_never_given_is_no_refresh_token() {
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

/// 50 at once, 100 times: the store decides, whichever way the tasks take.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_that_use_one_token_at_once_at_most_one_successor_lives() {
    const RACERS: usize = 50;
    const ROUNDS: usize = 100;
    let scene = Arc::new(Scene::new());
    // A second replica takes half of them, so that lining up in one process is not what saves the day.
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
