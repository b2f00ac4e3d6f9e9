//! API tokens.

use incident_domain::{
    ApiToken, ApiTokenId, ApiTokenSelection, Timestamp, UserId,
    ports::{Conflict, Reference, UniqueKey},
};

use super::{free, known};
use crate::state::State;

impl State {
    pub(super) fn insert_api_token(&mut self, token: ApiToken) -> Result<(), Conflict> {
        free(!self.api_tokens.contains_key(&token.id), UniqueKey::ID)?;
        free(!self.api_tokens_by_hash.contains_key(&token.hash), ApiToken::TOKEN_HASH)?;
        known(self.users.contains_key(&token.user_id), User::KIND)?;

        self.api_tokens_by_hash.put(token.hash, token.id);
        self.api_tokens.put(token.id, token);
        Ok(())
    }

    pub(super) fn revoke_api_tokens(&mut self, selection: &ApiTokenSelection, at: Timestamp) {
        let is_to_end = |token: &&ApiToken| token.revoked_at.is_none() && selection.matches(token);
        let selected: Vec<_> = self.api_tokens.values().filter(is_to_end).cloned().collect();
        for token in selected {
            self.api_tokens.put(token.id, ApiToken { revoked_at: Some(at), ..token });
        }
    }

    pub(super) fn touch_api_token(&mut self, id: ApiTokenId, used_at: Timestamp) {
        let Some(stored) = self.api_tokens.get(&id) else { return };
        if stored.last_used_at.is_none_or(|last| last < used_at) {
            let touched = ApiToken { last_used_at: Some(used_at), ..stored.clone() };
            self.api_tokens.put(id, touched);
        }
    }

    pub(super) fn delete_api_tokens_of(&mut self, user: UserId) {
        let tokens = self.api_tokens.values().filter(|token| token.user_id == user);
        let tokens: Vec<_> = tokens.map(|token| (token.id, token.hash)).collect();
        for (id, hash) in tokens {
            self.api_tokens.remove(&id);
            self.api_tokens_by_hash.remove(&hash);
        }
    }
}
