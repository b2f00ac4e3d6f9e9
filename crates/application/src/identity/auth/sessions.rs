//! Reading and ending sessions.

use incident_domain::{
    identity::{LiveSessions, Revocation, RevocationReason, Role, Session, SessionSelection},
    kernel::{Page, PageRequest, Record as _, SessionId, Timestamp, UserId},
    write::ChangeSet,
};

use super::{Auth, AuthError};
use crate::{
    identity::published::{sessions_revoked, sessions_target},
    kernel::{Command, Decision, Forbidden, Principal, QueryError, existing},
};

const REVOKE: &str = "session.revoke";

/// Which of a user's sessions to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionScope {
    /// All of them.
    All,
    /// All but the caller's.
    Others,
}

impl Auth {
    /// Returns a page of a user's live sessions, the newest first: one's own, or any user's for an administrator.
    pub async fn sessions(
        &self,
        caller: &Principal,
        of: UserId,
        page: PageRequest<SessionId>,
    ) -> Result<Page<Session>, QueryError> {
        self.require_access_to(caller, of).await?;
        let filter = LiveSessions { user_id: of, now: self.runner.now(), idle_max: self.idle_max() };
        Ok(self.ports.sessions.list(&filter, page).await?)
    }

    /// Ends the caller's session.
    pub async fn sign_out(&self, command: Command<'_, ()>) -> Result<(), AuthError> {
        let own = command.principal().origin.session_id.map_or(SessionSelection::All, SessionSelection::One);
        let ended = self.runner.execute(&command, REVOKE, sessions_target(&own), |caller, now| async move {
            Ok(self.revoked(SessionSelection::One(caller.require_session()?), RevocationReason::SignedOut, now))
        });
        ended.await.inspect(|()| self.callers.clear())
    }

    /// Ends one session of a user. A session that has ended already is not found.
    pub async fn end_session(&self, command: Command<'_, ()>, of: UserId, id: SessionId) -> Result<(), AuthError> {
        let selection = SessionSelection::One(id);
        let ended = self.runner.execute(&command, REVOKE, sessions_target(&selection), |caller, now| async move {
            let because = reason_of(caller, of)?;
            let found = self.ports.sessions.find_with_user(id).await?;
            let idle_max = self.idle_max();
            let is_theirs = |(session, _): &(Session, _)| session.user_id == of && session.is_live(now, idle_max);
            found.filter(is_theirs).ok_or(QueryError::NotFound(Session::KIND))?;
            Ok(self.revoked(selection, because, now))
        });
        ended.await.inspect(|()| self.callers.clear())
    }

    /// Ends sessions of a user: all, or all but the caller's. It is fine if none is left to end.
    pub async fn end_sessions(
        &self,
        command: Command<'_, ()>,
        of: UserId,
        scope: SessionScope,
    ) -> Result<(), AuthError> {
        let all = SessionSelection::OfUser(of);
        let ended = self.runner.execute(&command, REVOKE, sessions_target(&all), |caller, now| async move {
            let because = reason_of(caller, of)?;
            self.require_access_to(caller, of).await?;
            let selection = match scope {
                SessionScope::All => all,
                SessionScope::Others => SessionSelection::OthersOfUser { user_id: of, kept: caller.require_session()? },
            };
            Ok(self.revoked(selection, because, now))
        });
        ended.await.inspect(|()| self.callers.clear())
    }

    fn revoked(&self, selection: SessionSelection, because: RevocationReason, at: Timestamp) -> Decision<()> {
        let revocation = Revocation { at, because };
        let event = sessions_revoked(&selection, &revocation, self.runner.ids());
        let changes = ChangeSet::new().revoke_sessions(selection, revocation).insert(event);
        Decision::done(sessions_target(&selection), changes, ())
    }

    /// Passes if the caller may see a user's sessions and tokens, which are their own or of a user who exists.
    pub(super) async fn require_access_to(&self, caller: &Principal, user: UserId) -> Result<(), QueryError> {
        caller.require_own_or_admin(user)?;
        if caller.user_id() != Some(user) {
            existing(self.ports.users.find(user).await?)?;
        }
        Ok(())
    }
}

/// Passes if the caller may end a user's sessions: their own, if they have a session themselves, or any as an
/// administrator. Returns the reason to store.
fn reason_of(caller: &Principal, of: UserId) -> Result<RevocationReason, Forbidden> {
    if caller.user_id() == Some(of) {
        caller.require_session()?;
        return Ok(RevocationReason::EndedByUser);
    }
    caller.require(Role::Admin)?;
    Ok(RevocationReason::EndedByAdmin)
}
