//! Seeing and ending sessions.

use incident_domain::{
    ChangeSet, LiveSessions, Page, PageRequest, Revocation, RevocationReason, Role, Session, SessionId,
    SessionSelection, UserId,
};

use super::{Auth, AuthError, target_of};
use crate::{Caller, Command, audit, published};

const REVOKE: &str = "session.revoke";

/// Which of somebody's sessions to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionScope {
    /// All of them.
    All,
    /// All but the one that asks.
    Others,
}

impl Auth {
    /// A page of somebody's live sessions, the newest first: one's own, or anybody's for an administrator.
    pub async fn sessions(
        &self,
        caller: &Caller,
        of: UserId,
        page: PageRequest<SessionId>,
    ) -> Result<Page<Session>, AuthError> {
        caller.require_own_or_admin(of)?;
        self.require_user(caller, of).await?;
        let filter = LiveSessions { user_id: of, now: self.ports.clock.now(), idle_max: self.idle_max() };
        Ok(self.ports.sessions.list(&filter, page).await?)
    }

    /// Ends the session that asks.
    pub async fn sign_out(&self, command: Command<'_, ()>) -> Result<(), AuthError> {
        let own = command.caller().origin.session_id.map(SessionSelection::One);
        let work = async {
            let selection = SessionSelection::One(command.caller().require_session()?);
            self.revoke(&command, selection, RevocationReason::SignedOut).await
        };
        let target = own.as_ref().map_or_else(|| "sessions".to_owned(), target_of);
        self.audit().attempt(&command, REVOKE, target, work).await
    }

    /// Ends one session of somebody. One that has ended already is not there any more.
    pub async fn end_session(&self, command: Command<'_, ()>, of: UserId, id: SessionId) -> Result<(), AuthError> {
        let selection = SessionSelection::One(id);
        let work = async {
            let because = require_ending(command.caller(), of)?;
            let found = self.ports.sessions.find(id).await?;
            let now = self.ports.clock.now();
            let is_theirs =
                |(session, _): &(Session, _)| session.user_id == of && session.is_live(now, self.idle_max());
            found.filter(is_theirs).ok_or(AuthError::NotFound)?;
            self.revoke(&command, selection, because).await
        };
        self.audit().attempt(&command, REVOKE, target_of(&selection), work).await
    }

    /// Ends sessions of somebody: all, or all but the one that asks. That none is left to end is fine.
    pub async fn end_sessions(
        &self,
        command: Command<'_, ()>,
        of: UserId,
        scope: SessionScope,
    ) -> Result<(), AuthError> {
        let work = async {
            let caller = command.caller();
            let because = require_ending(caller, of)?;
            self.require_user(caller, of).await?;
            let selection = match scope {
                SessionScope::All => SessionSelection::OfUser(of),
                SessionScope::Others => SessionSelection::OthersOfUser { user_id: of, kept: caller.require_session()? },
            };
            self.revoke(&command, selection, because).await
        };
        self.audit().attempt(&command, REVOKE, target_of(&SessionSelection::OfUser(of)), work).await
    }

    async fn revoke(
        &self,
        command: &Command<'_, ()>,
        selection: SessionSelection,
        because: RevocationReason,
    ) -> Result<(), AuthError> {
        let (now, ids) = (self.ports.clock.now(), &*self.ports.ids);
        let revocation = Revocation { at: now, because };
        let changes = ChangeSet::new()
            .revoke_sessions(selection, revocation)
            .insert(audit::of_caller(command.caller(), REVOKE, target_of(&selection), now, ids))
            .insert_all([published::of_sessions_revoked(&selection, &revocation, ids)]);
        self.commit(command.with_reply(changes, &())?).await
    }

    /// Others than oneself have to exist.
    pub(super) async fn require_user(&self, caller: &Caller, user: UserId) -> Result<(), AuthError> {
        if user != caller.user_id {
            caller.require(Role::Admin)?;
            self.ports.users.find(user).await?.ok_or(AuthError::NotFound)?;
        }
        Ok(())
    }
}

/// Lets callers end their own sessions, if they have signed in themselves, and administrators anybody's.
fn require_ending(caller: &Caller, of: UserId) -> Result<RevocationReason, AuthError> {
    if caller.user_id == of {
        caller.require_session()?;
        return Ok(RevocationReason::EndedByUser);
    }
    caller.require(Role::Admin)?;
    Ok(RevocationReason::EndedByAdmin)
}
