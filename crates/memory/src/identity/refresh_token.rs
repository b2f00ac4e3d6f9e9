//! Refresh tokens.

use async_trait::async_trait;
use incident_domain::{
    identity::{RefreshToken, RefreshTokenId, RefreshTokenRepository, Spending, TokenHash},
    kernel::{
        Conflict::{self, Missing, Stale},
        Record as _, Reference, StoreError, Timestamp, UniqueValue,
    },
};

use crate::{state::State, store::MemoryStore};

impl State {
    /// Spends a token that is unspent.
    pub(crate) fn spend_refresh_token(
        &mut self,
        id: RefreshTokenId,
        spending: Spending,
        at: Timestamp,
    ) -> Result<(), Conflict> {
        let stored = self.of::<RefreshToken>().get(&id).ok_or(Missing(RefreshToken::KIND))?;
        if !stored.is_living() {
            return Err(Stale);
        }
        let spent = RefreshToken { spent: Some((spending, at)), ..stored.clone() };
        self.put(spent);
        Ok(())
    }
}

#[async_trait]
impl RefreshTokenRepository for MemoryStore {
    async fn find_by_hash(&self, hash: &TokenHash) -> Result<Option<RefreshToken>, StoreError> {
        let value = UniqueValue::new(RefreshToken::TOKEN_HASH, [hash.as_bytes()]);
        Ok(self.state().of::<RefreshToken>().with_value(&value).cloned())
    }

    async fn successors(&self, of: RefreshTokenId) -> Result<Vec<RefreshToken>, StoreError> {
        Ok(self.state().of::<RefreshToken>().referring(Reference::weak(of)).cloned().collect())
    }
}
