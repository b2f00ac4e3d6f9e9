//! API tokens.

use async_trait::async_trait;
use incident_domain::{
    identity::{ApiToken, ApiTokenRepository, ApiTokenSelection, TokenHash, User},
    kernel::{ApiTokenId, Direction, Page, PageRequest, Reference, StoreError, Timestamp, UniqueValue, UserId},
};

use crate::{kernel::page::by_id, state::State, store::MemoryStore};

impl State {
    /// Ends the selected tokens that have not ended.
    pub(crate) fn revoke_api_tokens(&mut self, selection: &ApiTokenSelection, at: Timestamp) {
        let is_to_end = |token: &ApiToken| token.revoked_at.is_none() && selection.matches(token);
        self.change_all(is_to_end, |token| ApiToken { revoked_at: Some(at), ..token });
    }

    /// Moves the time at which a token was last used forwards.
    pub(crate) fn touch_api_token(&mut self, id: ApiTokenId, used_at: Timestamp) {
        let is_later = |token: &&ApiToken| token.last_used_at.is_none_or(|last| last < used_at);
        if let Some(token) = self.of::<ApiToken>().get(&id).filter(is_later) {
            let touched = ApiToken { last_used_at: Some(used_at), ..token.clone() };
            self.put(touched);
        }
    }
}

#[async_trait]
impl ApiTokenRepository for MemoryStore {
    async fn find_by_hash(&self, hash: &TokenHash) -> Result<Option<(ApiToken, User)>, StoreError> {
        let state = self.state();
        let token = state.of::<ApiToken>().with_value(&UniqueValue::new(ApiToken::TOKEN_HASH, [hash.as_bytes()]));
        Ok(token.and_then(|token| Some((token.clone(), state.of::<User>().get(&token.user_id)?.clone()))))
    }

    async fn list(&self, user: UserId, page: PageRequest<ApiTokenId>) -> Result<Page<ApiToken>, StoreError> {
        let state = self.state();
        let tokens = state.of::<ApiToken>().referring(Reference::to_owner(user));
        Ok(by_id(tokens.filter(|token| token.revoked_at.is_none()), Direction::Descending, page))
    }
}
