//! Sessions.

use async_trait::async_trait;
use incident_domain::{
    identity::{LiveSessions, Revocation, Session, SessionRepository, SessionSelection, User},
    kernel::{Conflict, Direction, Page, PageRequest, SessionId, StoreError, Timestamp},
};

use crate::{
    kernel::page::by_id,
    state::{State, to_usize},
    store::MemoryStore,
};

impl State {
    /// Ends the selected sessions that have not ended.
    pub(crate) fn revoke_sessions(&mut self, selection: &SessionSelection, revocation: Revocation) {
        let is_to_end = |session: &Session| session.revocation.is_none() && selection.matches(session);
        self.change_all(is_to_end, |session| Session { revocation: Some(revocation), ..session });
    }

    /// Moves the time at which a session was last used forwards.
    pub(crate) fn touch_session(&mut self, id: SessionId, seen_at: Timestamp) {
        let stored = self.of::<Session>().get(&id).filter(|session| session.last_seen_at < seen_at);
        if let Some(session) = stored {
            let touched = Session { last_seen_at: seen_at, ..session.clone() };
            self.put(touched);
        }
    }

    /// Deletes sessions that ended before a time, those with the smallest ids first.
    pub(crate) fn purge_sessions(&mut self, ended_before: Timestamp, sessions_max: u32) -> Result<(), Conflict> {
        let has_ended = |session: &&Session| {
            let was_revoked = session.revocation.is_some_and(|revocation| revocation.at < ended_before);
            was_revoked || session.expires_at < ended_before
        };
        let ended = self.of::<Session>().all().filter(has_ended).take(to_usize(sessions_max));
        let ended: Vec<_> = ended.cloned().collect();
        ended.iter().try_for_each(|session| self.delete(session))
    }
}

#[async_trait]
impl SessionRepository for MemoryStore {
    async fn find_with_user(&self, id: SessionId) -> Result<Option<(Session, User)>, StoreError> {
        let state = self.state();
        let session = state.of::<Session>().get(&id);
        Ok(session.and_then(|session| Some((session.clone(), state.of::<User>().get(&session.user_id)?.clone()))))
    }

    async fn list(&self, filter: &LiveSessions, page: PageRequest<SessionId>) -> Result<Page<Session>, StoreError> {
        let state = self.state();
        let listed = state.of::<Session>().all().filter(|session| filter.matches(session));
        Ok(by_id(listed, Direction::Descending, page))
    }
}
