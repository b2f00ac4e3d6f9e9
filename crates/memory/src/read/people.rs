//! Users and what lets them in, read back.

use async_trait::async_trait;
use incident_domain::{
    ApiToken, ApiTokenId, Email, ListCursor, LiveSessions, Page, PageRequest, RefreshToken, RefreshTokenId, Session,
    SessionId, TokenHash, User, UserFilter, UserId, UserSort,
    ports::{ApiTokenRepository, RefreshTokenRepository, SessionRepository, StoreError, UserRepository},
};

use super::page::{newest_first, sorted};
use crate::MemoryStore;

#[async_trait]
impl UserRepository for MemoryStore {
    async fn find(&self, id: UserId) -> Result<Option<User>, StoreError> {
        Ok(self.state().users.get(&id).cloned())
    }

    async fn find_by_emails(&self, emails: &[Email]) -> Result<Vec<User>, StoreError> {
        let state = self.state();
        let mut ids: Vec<_> = emails.iter().filter_map(|email| state.users_by_email.get(email.key())).collect();
        ids.sort_unstable();
        ids.dedup();
        Ok(ids.into_iter().filter_map(|id| state.users.get(id)).cloned().collect())
    }

    async fn list(
        &self,
        filter: &UserFilter,
        sort: UserSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<User>, StoreError> {
        let state = self.state();
        let listed = state.users.values().filter(|user| filter.matches(user));
        Ok(sorted(listed, sort, |user| user.id.as_uuid(), page))
    }
}

#[async_trait]
impl SessionRepository for MemoryStore {
    async fn find(&self, id: SessionId) -> Result<Option<(Session, User)>, StoreError> {
        let state = self.state();
        let session = state.sessions.get(&id);
        Ok(session.and_then(|session| Some((session.clone(), state.users.get(&session.user_id)?.clone()))))
    }

    async fn list(&self, filter: &LiveSessions, page: PageRequest<SessionId>) -> Result<Page<Session>, StoreError> {
        let state = self.state();
        let listed = state.sessions.values().filter(|session| filter.matches(session));
        Ok(newest_first(listed, |session| session.id, page))
    }
}

#[async_trait]
impl RefreshTokenRepository for MemoryStore {
    async fn find(&self, id: RefreshTokenId) -> Result<Option<RefreshToken>, StoreError> {
        Ok(self.state().refresh_tokens.get(&id).cloned())
    }

    async fn find_by_hash(&self, hash: &TokenHash) -> Result<Option<RefreshToken>, StoreError> {
        let state = self.state();
        let id = state.refresh_tokens_by_hash.get(hash);
        Ok(id.and_then(|id| state.refresh_tokens.get(id)).cloned())
    }

    async fn successors(&self, of: RefreshTokenId) -> Result<Vec<RefreshToken>, StoreError> {
        let state = self.state();
        let successors = state.refresh_tokens.values().filter(|token| token.predecessor_id == Some(of));
        Ok(successors.cloned().collect())
    }
}

#[async_trait]
impl ApiTokenRepository for MemoryStore {
    async fn find(&self, id: ApiTokenId) -> Result<Option<ApiToken>, StoreError> {
        Ok(self.state().api_tokens.get(&id).cloned())
    }

    async fn find_by_hash(&self, hash: &TokenHash) -> Result<Option<(ApiToken, User)>, StoreError> {
        let state = self.state();
        let token = state.api_tokens_by_hash.get(hash).and_then(|id| state.api_tokens.get(id));
        Ok(token.and_then(|token| Some((token.clone(), state.users.get(&token.user_id)?.clone()))))
    }

    async fn list(&self, user: UserId, page: PageRequest<ApiTokenId>) -> Result<Page<ApiToken>, StoreError> {
        let state = self.state();
        let is_listed = |token: &&ApiToken| token.user_id == user && token.revoked_at.is_none();
        let listed = state.api_tokens.values().filter(is_listed);
        Ok(newest_first(listed, |token| token.id, page))
    }
}
