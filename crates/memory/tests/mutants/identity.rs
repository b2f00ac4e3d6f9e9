//! Faults of users, sessions and tokens.

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_domain::{
    identity::{
        ApiToken, ApiTokenRepository, Email, LiveSessions, RefreshToken, RefreshTokenId, RefreshTokenRepository,
        Session, SessionRepository, TokenHash, User, UserRepository,
    },
    kernel::{ApiTokenId, Page, PageRequest, SessionId, StoreError, UserId},
};

use crate::{fault::Fault, lists::empty, mutant::Mutant};

#[async_trait]
impl UserRepository for Mutant {
    async fn find_by_emails(&self, emails: &[Email]) -> Result<Vec<User>, StoreError> {
        let mut users = self.found_many(self.memory.find_by_emails(emails).await?);
        if self.has(Fault::FindsByCase) {
            users.retain(|user| emails.iter().any(|email| email.as_str() == user.email.as_str()));
        }
        Ok(users)
    }
}

#[async_trait]
impl SessionRepository for Mutant {
    async fn find_with_user(&self, id: SessionId) -> Result<Option<(Session, User)>, StoreError> {
        let stored = self.memory.find_with_user(id).await?;
        let (session, user) = stored.unzip();
        let Some(session) = self.found(&id, session) else { return Ok(None) };
        let user_id = session.user_id;
        let Some(user) = self.found(&user_id, user) else { return Ok(None) };
        let first = self.notes().all::<User>().next().cloned();
        let user = first.filter(|_| self.has(Fault::FindsTheWrongUserOfASession)).unwrap_or(user);
        Ok(Some((session, user)))
    }

    async fn list(&self, filter: &LiveSessions, page: PageRequest<SessionId>) -> Result<Page<Session>, StoreError> {
        let Some(page) = self.request(page, |id| id.as_uuid()) else { return Ok(empty()) };
        let mut filter = *filter;
        if self.has(Fault::IgnoresFilters) {
            filter.idle_max += TimeDelta::microseconds(1);
        }
        Ok(self.page(SessionRepository::list(&*self.memory, &filter, page).await?))
    }
}

#[async_trait]
impl RefreshTokenRepository for Mutant {
    async fn find_by_hash(&self, hash: &TokenHash) -> Result<Option<RefreshToken>, StoreError> {
        let found = RefreshTokenRepository::find_by_hash(&*self.memory, hash).await?;
        Ok(found.filter(|token| !self.has(Fault::FindsLiveTokensOnly) || token.is_living()))
    }

    async fn successors(&self, of: RefreshTokenId) -> Result<Vec<RefreshToken>, StoreError> {
        Ok(self.found_many(self.memory.successors(of).await?))
    }
}

#[async_trait]
impl ApiTokenRepository for Mutant {
    async fn find_by_hash(&self, hash: &TokenHash) -> Result<Option<(ApiToken, User)>, StoreError> {
        let found = ApiTokenRepository::find_by_hash(&*self.memory, hash).await?;
        Ok(found.filter(|(token, _)| !self.has(Fault::FindsLiveTokensOnly) || token.revoked_at.is_none()))
    }

    async fn list(&self, user: UserId, page: PageRequest<ApiTokenId>) -> Result<Page<ApiToken>, StoreError> {
        let Some(page) = self.request(page, |id| id.as_uuid()) else { return Ok(empty()) };
        Ok(self.page(ApiTokenRepository::list(&*self.memory, user, page).await?))
    }
}
