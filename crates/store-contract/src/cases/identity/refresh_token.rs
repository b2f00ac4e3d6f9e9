//! Refresh tokens.

use std::collections::BTreeSet;

use async_trait::async_trait;
use incident_domain::{
    identity::{RefreshToken, RefreshTokenId, Spending, TokenHash},
    kernel::{
        Conflict::{Missing, Stale},
        Record as _, Repository, SessionId, UniqueKey,
    },
    write::ChangeSet,
};
use uuid::Uuid;

use crate::{
    Harness, Ports,
    extremes::{before_1970, end_of_time},
    scene::{Scene, at_once, conflict},
    standard::{Findable, Specimen, World},
};

#[async_trait]
impl Specimen for RefreshToken {
    /// With and without a predecessor; spent in each way.
    fn specimens(scene: &Scene, world: &World) -> Vec<Self> {
        let plain = || scene.refresh_token_of(world.session.id);
        let full = Self {
            predecessor_id: Some(world.refresh_token.id),
            created_at: before_1970(),
            spent: Some((Spending::Superseded, end_of_time())),
            ..plain()
        };
        let spent = Spending::ALL.iter().map(|spending| Self { spent: Some((*spending, scene.now())), ..plain() });
        [full, plain()].into_iter().chain(spent).collect()
    }

    fn with_value_of(self, key: UniqueKey, other: &Self) -> Self {
        match key {
            Self::TOKEN_HASH => Self { hash: other.hash, ..self },
            _ => Self { id: other.id, ..self },
        }
    }

    fn with_reference(self, index: usize, id: Uuid) -> Self {
        match index {
            0 => Self { session_id: SessionId::new(id), ..self },
            _ => Self { predecessor_id: Some(RefreshTokenId::new(id)), ..self },
        }
    }

    async fn read(&self, ports: &Ports) -> Option<Self> {
        ports.refresh_tokens.find(self.id).await.expect("refresh tokens can be read")
    }
}

impl Findable for RefreshToken {
    fn repository(ports: &Ports) -> &dyn Repository<Self> {
        &*ports.refresh_tokens
    }
}

/// Spent or not, with every field.
pub async fn a_token_is_found_by_its_hash(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let tokens = RefreshToken::specimens(&scene, &World::stored(&scene).await);
    scene.commit(ChangeSet::new().insert_all(tokens.clone())).await;
    let find = async |hash: &TokenHash| {
        scene.ports.refresh_tokens.find_by_hash(hash).await.expect("refresh tokens can be read")
    };
    for token in tokens {
        assert_eq!(find(&token.hash).await, Some(token));
    }
    assert_eq!(find(&TokenHash::new([0; 32])).await, None);
}

/// How many callers spend the same token at once.
const SPENDERS: usize = 64;

/// The first spending stays as it was stored; a second is stale.
pub async fn a_token_is_spent_once(harness: &dyn Harness) {
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

/// It is missing, not stale.
pub async fn a_token_that_does_not_exist_cannot_be_spent(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let session = scene.stored_session(scene.stored_user().await.id).await;
    scene.stored_refresh_token(session.id).await;
    let unknown = RefreshTokenId::new(scene.uuid());
    let set = ChangeSet::new().spend_refresh_token(unknown, Spending::Used, scene.now());
    assert_eq!(scene.refusal(set).await, Missing(RefreshToken::KIND));
}

/// Through two openings of the store. One successor is stored; the others are stale.
pub async fn of_many_spendings_of_one_token_exactly_one_succeeds(harness: &dyn Harness) {
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

/// All of them and no other; in the order of their ids, not of their inserts.
pub async fn the_successors_of_a_token_are_found_by_id(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let session = scene.stored_session(scene.stored_user().await.id).await;
    let (first, other) = (scene.stored_refresh_token(session.id).await, scene.stored_refresh_token(session.id).await);
    let spent = Some((Spending::Superseded, scene.now()));
    let made: Vec<_> = (0..5).map(|_| RefreshToken { spent, ..scene.successor_of(&first) }).collect();
    for index in [3, 0, 4, 2, 1] {
        let of_other = scene.successor_of(&other);
        let set = ChangeSet::new().insert(made[index].clone()).insert(of_other);
        scene.commit(set).await;
    }
    let grandchild = scene.successor_of(&made[1]);
    scene.commit(ChangeSet::new().insert(grandchild.clone())).await;

    assert_eq!(successors(&scene, first.id).await, made);
    assert_eq!(successors(&scene, made[1].id).await, [grandchild]);
    assert_eq!(successors(&scene, made[0].id).await, []);
    let of_other = successors(&scene, other.id).await;
    assert_eq!(of_other.iter().map(|token| token.id).collect::<BTreeSet<_>>().len(), 5);
}

async fn successors(scene: &Scene, of: RefreshTokenId) -> Vec<RefreshToken> {
    scene.ports.refresh_tokens.successors(of).await.expect("refresh tokens can be read")
}
