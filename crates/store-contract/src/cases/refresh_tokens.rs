//! Refresh tokens: each is good for one use.

use std::collections::HashSet;

use incident_domain::{
    identity::{RefreshToken, RefreshTokenId, Session, Spending},
    kernel::{
        Conflict::{Missing, Stale},
        Record as _, SessionId,
    },
    write::ChangeSet,
};

use crate::{
    Harness,
    scene::{Scene, at_once, conflict},
};

/// How many show the same token.
const SPENDERS: usize = 64;

/// The first use stays as it was told; the second is told that it came too late.
pub async fn a_refresh_token_is_spent_once(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let session = scene.stored_session(scene.stored_user().await.id).await;
    let bystander = scene.stored_refresh_token(session.id).await;
    for spending in Spending::ALL {
        let mut token = scene.stored_refresh_token(session.id).await;
        let at = scene.now();
        scene.commit(ChangeSet::new().spend_refresh_token(token.id, *spending, at)).await;
        token.spent = Some((*spending, at));
        assert_eq!(scene.read_refresh_token(token.id).await.as_ref(), Some(&token));

        for again in Spending::ALL {
            let successor = scene.successor_of(&token);
            let set = ChangeSet::new().insert(successor.clone());
            let set = set.spend_refresh_token(token.id, *again, scene.now());
            assert_eq!(scene.refusal(set).await, Stale);
            assert_eq!(scene.read_refresh_token(token.id).await.as_ref(), Some(&token));
            assert_eq!(scene.read_refresh_token(successor.id).await, None);
        }
    }
    assert_eq!(scene.read_refresh_token(bystander.id).await, Some(bystander));
}

/// What is not there is missing, and not spent.
pub async fn a_refresh_token_that_does_not_exist_cannot_be_spent(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let session = scene.stored_session(scene.stored_user().await.id).await;
    scene.stored_refresh_token(session.id).await;
    let unknown = RefreshTokenId::new(scene.uuid());
    let set = ChangeSet::new().spend_refresh_token(unknown, Spending::Used, scene.now());
    assert_eq!(scene.refusal(set).await, Missing(RefreshToken::KIND));
}

/// Through whichever opening of the store they come: there is one successor, and the others are told.
pub async fn of_many_spenders_of_one_refresh_token_exactly_one_succeeds(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let other = harness.open().await;
    let session = scene.stored_session(scene.stored_user().await.id).await;
    let mut token = scene.stored_refresh_token(session.id).await;
    for round in 0..3 {
        let outcomes = at_once((0..SPENDERS).map(|spender| {
            let successor = scene.successor_of(&token);
            let store = if spender % 2 == 0 { scene.ports.store.clone() } else { other.store.clone() };
            let set = ChangeSet::new().spend_refresh_token(token.id, Spending::Used, scene.now());
            let set = set.insert(successor.clone());
            async move { (successor, conflict(store.commit(set).await)) }
        }));
        let (won, lost): (Vec<_>, Vec<_>) = outcomes.await.into_iter().partition(|(_, conflict)| conflict.is_none());
        assert_eq!(won.len(), 1, "round {round}");
        assert!(lost.iter().all(|(_, conflict)| *conflict == Some(Stale)), "round {round}: {lost:?}");
        assert_eq!(successors(&scene, token.id).await, [won[0].0.clone()], "round {round}");
        token = won[0].0.clone();
    }
}

/// At the insertion: a session that exists, and, if there was one, a predecessor that exists.
pub async fn a_refresh_token_belongs_to_what_exists(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let session = scene.stored_session(scene.stored_user().await.id).await;
    scene.stored_refresh_token(session.id).await;
    let nobodys = scene.refresh_token_of(SessionId::new(scene.uuid()));
    let orphan = scene.successor_of(&scene.refresh_token_of(session.id));
    for (token, missing) in [(nobodys, Session::KIND), (orphan, RefreshToken::KIND)] {
        let insert = ChangeSet::new().insert(token.clone());
        assert_eq!(scene.refusal(insert).await, Missing(missing));
        assert_eq!(scene.read_refresh_token(token.id).await, None);
    }
}

/// All of one, and none of others; in the order in which they were made, not that in which they came.
pub async fn successors_are_those_of_one_token_in_the_order_of_their_making(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let session = scene.stored_session(scene.stored_user().await.id).await;
    let (first, other) = (scene.stored_refresh_token(session.id).await, scene.stored_refresh_token(session.id).await);
    let spent = Some((Spending::Superseded, scene.now()));
    let made: Vec<_> = (0..5).map(|_| RefreshToken { spent, ..scene.successor_of(&first) }).collect();
    for place in [3, 0, 4, 2, 1] {
        let of_other = scene.successor_of(&other);
        let set = ChangeSet::new().insert(made[place].clone()).insert(of_other);
        scene.commit(set).await;
    }
    let grandchild = scene.successor_of(&made[1]);
    scene.commit(ChangeSet::new().insert(grandchild.clone())).await;

    assert_eq!(successors(&scene, first.id).await, made);
    assert_eq!(successors(&scene, made[1].id).await, [grandchild]);
    assert_eq!(successors(&scene, made[0].id).await, []);
    let of_other = successors(&scene, other.id).await;
    assert_eq!(of_other.iter().map(|token| token.id).collect::<HashSet<_>>().len(), 5);
}

async fn successors(scene: &Scene, of: RefreshTokenId) -> Vec<RefreshToken> {
    scene.ports.refresh_tokens.successors(of).await.expect("refresh tokens can be read")
}
