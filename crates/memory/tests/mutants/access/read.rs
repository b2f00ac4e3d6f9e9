//! Faults in what is read of users and what lets them in.

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_domain::{
    ApiToken, ApiTokenId, Email, ListCursor, LiveSessions, Page, PageRequest, RefreshToken, RefreshTokenId, Session,
    SessionId, TokenHash, User, UserFilter, UserId, UserSort,
    ports::{ApiTokenRepository, RefreshTokenRepository, SessionRepository, StoreError, UserRepository},
};
use uuid::Uuid;

use super::{AccessFault, AccessNotes, List};
use crate::{fault::Fault, mutant::Mutant};

const MICROSECOND: TimeDelta = TimeDelta::microseconds(1);

#[async_trait]
impl UserRepository for Mutant {
    async fn find(&self, id: UserId) -> Result<Option<User>, StoreError> {
        UserRepository::find(&*self.memory, id).await
    }

    async fn find_by_emails(&self, emails: &[Email]) -> Result<Vec<User>, StoreError> {
        let mut users = self.memory.find_by_emails(emails).await?;
        let written = |user: &User| emails.iter().any(|email| email.as_str() == user.email.as_str());
        let in_ascii =
            |user: &User| emails.iter().any(|email| email.as_str().eq_ignore_ascii_case(user.email.as_str()));
        match self.fault {
            Some(Fault::FindsEmailsByCase) => users.retain(written),
            Some(Fault::FindsEmailsByAsciiCase) => users.retain(in_ascii),
            Some(Fault::FindsUsersTwice) if emails.len() > users.len() => users.extend(users.clone()),
            Some(Fault::FindsTooFewUsers) => users.truncate(100),
            _ => {}
        }
        Ok(users)
    }

    async fn list(
        &self,
        filter: &UserFilter,
        sort: UserSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<User>, StoreError> {
        if let Some(Fault::Work(fault)) = self.fault {
            return self.users_listed_wrongly(fault, filter, sort, page).await;
        }
        let moved = |cursor: &ListCursor, id| ListCursor { id, ..cursor.clone() };
        let page = self.misread_request(List::Users, page, |cursor| cursor.id, moved);
        let listed = UserRepository::list(&*self.memory, filter, sort, page).await?;
        Ok(self.misread_page(List::Users, listed))
    }
}

#[async_trait]
impl SessionRepository for Mutant {
    async fn find(&self, id: SessionId) -> Result<Option<(Session, User)>, StoreError> {
        let found = SessionRepository::find(&*self.memory, id).await?;
        let noted = self.noted();
        let Some(Fault::Access(fault)) = self.fault else { return Ok(found) };
        Ok(match found {
            None => noted.access.forgotten_session(fault, id),
            Some(_) if noted.access.purged.contains(&id) => None,
            Some((mut session, user)) => {
                let (end, seen_at) = (noted.access.ends.get(&id), noted.access.seen_at.get(&id));
                match (fault, end, seen_at) {
                    (AccessFault::OverwritesEarlierEnds, Some(end), _) => session.revocation = Some(*end),
                    (AccessFault::SessionsGoBackwards, _, Some(seen_at)) => session.last_seen_at = *seen_at,
                    _ => {}
                }
                Some((session, user))
            }
        })
    }

    async fn list(&self, filter: &LiveSessions, page: PageRequest<SessionId>) -> Result<Page<Session>, StoreError> {
        let page = self.misread_request(List::Sessions, page, |id| id.as_uuid(), |_, id| SessionId::new(id));
        let mut misread = *filter;
        match self.access_fault() {
            Some(AccessFault::ListsExpiredSessions) => {
                misread.now -= MICROSECOND;
                misread.idle_max -= MICROSECOND;
            }
            Some(AccessFault::ListsSilentSessions) => misread.idle_max += MICROSECOND,
            _ => {}
        }
        let mut listed = SessionRepository::list(&*self.memory, &misread, page).await?;
        let noted = self.noted();
        let sessions = noted.access.sessions.iter();
        match self.access_fault() {
            Some(AccessFault::ListsRevokedSessions) => {
                let unrevoked =
                    |session: &&Session| filter.matches(&Session { revocation: None, ..(*session).clone() });
                listed.items = sessions.rev().filter(unrevoked).cloned().collect();
            }
            Some(AccessFault::ListsEverybodysSessions) => {
                let is_live = |session: &&Session| session.is_live(filter.now, filter.idle_max);
                listed.items = sessions.rev().filter(is_live).cloned().collect();
            }
            _ => {}
        }
        Ok(self.misread_page(List::Sessions, listed))
    }
}

#[async_trait]
impl RefreshTokenRepository for Mutant {
    async fn find(&self, id: RefreshTokenId) -> Result<Option<RefreshToken>, StoreError> {
        let found = RefreshTokenRepository::find(&*self.memory, id).await?;
        let keeps = self.access_fault() == Some(AccessFault::KeepsRefreshTokensOfWhatIsGone);
        if found.is_some() || !keeps {
            return Ok(found);
        }
        Ok(self.noted().access.refresh_tokens.iter().find(|token| token.id == id).cloned())
    }

    async fn find_by_hash(&self, hash: &TokenHash) -> Result<Option<RefreshToken>, StoreError> {
        let found = RefreshTokenRepository::find_by_hash(&*self.memory, hash).await?;
        let finds_living_only = self.access_fault() == Some(AccessFault::FindsLivingRefreshTokensOnly);
        Ok(found.filter(|token| !finds_living_only || token.is_living()))
    }

    async fn successors(&self, of: RefreshTokenId) -> Result<Vec<RefreshToken>, StoreError> {
        let mut successors = self.memory.successors(of).await?;
        match self.access_fault() {
            Some(AccessFault::SuccessorsInOrderOfCommits) => {
                let noted = self.noted();
                let place = |token: &RefreshToken| noted.access.refresh_tokens.iter().position(|t| t.id == token.id);
                successors.sort_by_key(place);
            }
            Some(AccessFault::OneSuccessorOnly) => successors.truncate(1),
            _ => {}
        }
        Ok(successors)
    }
}

#[async_trait]
impl ApiTokenRepository for Mutant {
    async fn find(&self, id: ApiTokenId) -> Result<Option<ApiToken>, StoreError> {
        let mut found = ApiTokenRepository::find(&*self.memory, id).await?;
        let noted = self.noted();
        let (end, used_at) = (noted.access.api_token_ends.get(&id), noted.access.used_at.get(&id));
        match (self.access_fault(), &mut found) {
            (Some(AccessFault::KeepsApiTokensOfDeletedUsers), None) => {
                found = noted.access.api_tokens.iter().find(|token| token.id == id).cloned();
            }
            (Some(AccessFault::OverwritesEarlierEndsOfApiTokens), Some(token)) => {
                token.revoked_at = end.copied().or(token.revoked_at);
            }
            (Some(AccessFault::ApiTokensGoBackwards), Some(token)) => {
                token.last_used_at = used_at.copied().or(token.last_used_at);
            }
            _ => {}
        }
        Ok(found)
    }

    async fn find_by_hash(&self, hash: &TokenHash) -> Result<Option<(ApiToken, User)>, StoreError> {
        let found = ApiTokenRepository::find_by_hash(&*self.memory, hash).await?;
        let finds_living_only = self.access_fault() == Some(AccessFault::FindsLivingApiTokensOnly);
        Ok(found.filter(|(token, _)| !finds_living_only || token.revoked_at.is_none()))
    }

    async fn list(&self, user: UserId, page: PageRequest<ApiTokenId>) -> Result<Page<ApiToken>, StoreError> {
        let page = self.misread_request(List::ApiTokens, page, |id| id.as_uuid(), |_, id| ApiTokenId::new(id));
        let mut listed = ApiTokenRepository::list(&*self.memory, user, page).await?;
        let noted = self.noted();
        let newest_first = noted.access.api_tokens.iter().rev();
        match self.access_fault() {
            Some(AccessFault::ListsRevokedApiTokens) => {
                listed.items = newest_first.filter(|token| token.user_id == user).cloned().collect();
            }
            Some(AccessFault::ListsEverybodysApiTokens) => {
                listed.items = newest_first.filter(|token| token.revoked_at.is_none()).cloned().collect();
            }
            // What was never live is expired by whatever clock.
            Some(AccessFault::HidesExpiredApiTokens) => {
                listed.items.retain(|token| token.created_at < token.expires_at);
            }
            _ => {}
        }
        Ok(self.misread_page(List::ApiTokens, listed))
    }
}

impl AccessNotes {
    /// A session that the memory store has given up, and this one has not.
    fn forgotten_session(&self, fault: AccessFault, id: SessionId) -> Option<(Session, User)> {
        let session = self.sessions.iter().find(|session| session.id == id)?;
        let keeps = match fault {
            AccessFault::KeepsSessionsOfDeletedUsers => true,
            AccessFault::PurgesNoRevoked => session.revocation.is_some(),
            AccessFault::PurgesNoExpired => session.revocation.is_none(),
            _ => false,
        };
        let user = self.users.iter().find(|user| user.id == session.user_id)?;
        keeps.then(|| (session.clone(), user.clone()))
    }
}

impl Mutant {
    fn access_fault(&self) -> Option<AccessFault> {
        match self.fault {
            Some(Fault::Access(fault)) => Some(fault),
            _ => None,
        }
    }

    /// The page that is looked for instead of the wanted one.
    pub(crate) fn misread_request<C>(
        &self,
        list: List,
        page: PageRequest<C>,
        uuid_of: impl Fn(&C) -> Uuid,
        moved: impl Fn(&C, Uuid) -> C,
    ) -> PageRequest<C> {
        match page {
            PageRequest::After { cursor: Some(cursor), size }
                if self.access_fault() == Some(AccessFault::PagesOverlap(list)) =>
            {
                let inclusive = Uuid::from_u128(uuid_of(&cursor).as_u128() + 1);
                PageRequest::After { cursor: Some(moved(&cursor, inclusive)), size }
            }
            _ => page,
        }
    }

    /// The page that is answered instead of the right one.
    pub(crate) fn misread_page<T>(&self, list: List, mut page: Page<T>) -> Page<T> {
        let fault = self.access_fault();
        let on_page = u64::try_from(page.items.len()).ok();
        if fault == Some(AccessFault::OldestFirst(list)) {
            page.items.reverse();
        }
        if fault == Some(AccessFault::CountsOnlyThePage(list)) {
            page.total = page.total.and(on_page);
        }
        if fault == Some(AccessFault::CountsByCursorToo(list)) {
            page.total = page.total.or(on_page);
        }
        if fault == Some(AccessFault::NeverHasMore(list)) {
            page.has_more = false;
        }
        page
    }
}
