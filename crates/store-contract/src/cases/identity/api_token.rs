//! API tokens.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_domain::{
    identity::{ApiToken, ApiTokenSelection, RefreshToken, Role, TokenHash},
    kernel::{
        ApiTokenId, Conflict::Duplicate, Direction, Label, Page, PageRequest, Repository, StoreError, UniqueKey, UserId,
    },
    write::{Change, ChangeSet},
};
use uuid::Uuid;

use crate::{
    Harness, Ports,
    extremes::{before_1970, end_of_time, odd},
    scene::{Scene, timestamp},
    standard::{Findable, List, Specimen, World},
};

#[async_trait]
impl Specimen for ApiToken {
    /// With and without what is optional; each role.
    fn specimens(scene: &Scene, world: &World) -> Vec<Self> {
        let plain = || scene.api_token_of(world.user.id);
        let full = Self {
            name: Label::stored(odd(Label::CHARS_MAX)).expect("a name"),
            role: Role::Admin,
            created_at: before_1970(),
            expires_at: end_of_time(),
            last_used_at: Some(timestamp(1)),
            revoked_at: Some(timestamp(1_772_424_306_999_999)),
            ..plain()
        };
        [full].into_iter().chain(Role::ALL.iter().map(|role| Self { role: *role, ..plain() })).collect()
    }

    fn with_value_of(self, key: UniqueKey, other: &Self) -> Self {
        match key {
            Self::TOKEN_HASH => Self { hash: other.hash, ..self },
            _ => Self { id: other.id, ..self },
        }
    }

    fn with_reference(self, _index: usize, id: Uuid) -> Self {
        Self { user_id: UserId::new(id), ..self }
    }

    async fn read(&self, ports: &Ports) -> Option<Self> {
        ports.api_tokens.find(self.id).await.expect("API tokens can be read")
    }
}

impl Findable for ApiToken {
    fn repository(ports: &Ports) -> &dyn Repository<Self> {
        &*ports.api_tokens
    }
}

/// The tokens of a user that are not revoked; expired ones are among them.
pub struct ApiTokens;

#[async_trait]
impl List for ApiTokens {
    type Item = ApiToken;
    type Filter = UserId;
    type Order = Direction;

    async fn items(scene: &Arc<Scene>) -> Vec<ApiToken> {
        let (ada, bob) = (scene.stored_user().await.id, scene.stored_user().await.id);
        let token = |index: usize| {
            let user = if index.is_multiple_of(3) { bob } else { ada };
            let mut token = ApiToken { id: ApiTokenId::new(scene.scattered_uuid(index)), ..scene.api_token_of(user) };
            match index % 5 {
                0 => token.revoked_at = Some(scene.now()),
                // A token is over from the moment that its revocation is stored, even if that names a later time.
                1 => token.revoked_at = Some(token.expires_at),
                2 => token.expires_at = token.created_at,
                _ => {}
            }
            token
        };
        (0..43).map(token).collect()
    }

    fn filters(scene: &Scene, tokens: &[ApiToken]) -> Vec<UserId> {
        vec![tokens[1].user_id, tokens[0].user_id, UserId::new(scene.uuid())]
    }

    fn matches(user: &UserId, token: &ApiToken) -> bool {
        token.user_id == *user && token.revoked_at.is_none()
    }

    fn orders() -> Vec<Direction> {
        vec![Direction::Descending]
    }

    async fn list(
        ports: &Ports,
        user: &UserId,
        _direction: Direction,
        page: PageRequest<ApiTokenId>,
    ) -> Result<Page<ApiToken>, StoreError> {
        ports.api_tokens.list(*user, page).await
    }
}

/// In one call, revoked or not, with every field of both.
pub async fn a_token_is_found_by_its_hash_with_its_user(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let world = World::stored(&scene).await;
    let tokens = ApiToken::specimens(&scene, &world);
    scene.commit(ChangeSet::new().insert_all(tokens.clone())).await;
    let find =
        async |hash: &TokenHash| scene.ports.api_tokens.find_by_hash(hash).await.expect("API tokens can be read");
    for token in tokens {
        assert_eq!(find(&token.hash).await, Some((token, world.user.clone())));
    }
    assert_eq!(find(&TokenHash::new([0; 32])).await, None);
}

/// A refresh token may have the hash of an API token. A spent or revoked token keeps its hash.
pub async fn a_hash_is_unique_for_each_kind_of_token(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let session = scene.stored_session(scene.stored_user().await.id).await;
    let refresh_token = scene.stored_refresh_token(session.id).await;
    let api_token = ApiToken { hash: refresh_token.hash, ..scene.api_token_of(session.user_id) };
    scene.commit(ChangeSet::new().insert(api_token.clone())).await;

    scene.spend(refresh_token.id).await;
    let revocation = ApiTokenSelection::One(api_token.id);
    scene.commit(ChangeSet::new().revoke_api_tokens(revocation, scene.now())).await;
    let refresh_token = RefreshToken { hash: api_token.hash, ..scene.refresh_token_of(session.id) };
    let api_token = ApiToken { hash: api_token.hash, ..scene.api_token_of(session.user_id) };
    for insert in [ChangeSet::new().insert(refresh_token), ChangeSet::new().insert(api_token)] {
        assert_eq!(scene.refusal(insert).await, Duplicate(ApiToken::TOKEN_HASH));
    }
}

/// Neither more nor fewer; tokens that ended before keep their time, and a selection of none is accepted.
pub async fn a_revocation_ends_exactly_the_selected_tokens(harness: &dyn Harness) {
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

/// An earlier time and an unknown token change nothing.
pub async fn a_touch_moves_the_time_of_a_token_forwards_only(harness: &dyn Harness) {
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
