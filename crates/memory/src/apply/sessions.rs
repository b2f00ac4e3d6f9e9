//! Sessions, and the refresh tokens that renew them.

use std::collections::BTreeSet;

use incident_domain::{
    RefreshToken, RefreshTokenId, Revocation, Session, SessionId, SessionSelection, Spending, Timestamp,
    ports::{
        Conflict::{self, Missing, Stale},
        Reference, UniqueKey,
    },
};

use super::{free, known};
use crate::state::{State, to_usize};

impl State {
    pub(super) fn insert_session(&mut self, session: Session) -> Result<(), Conflict> {
        free(!self.sessions.contains_key(&session.id), UniqueKey::ID)?;
        known(self.users.contains_key(&session.user_id), User::KIND)?;

        self.sessions.put(session.id, session);
        Ok(())
    }

    pub(super) fn revoke_sessions(&mut self, selection: &SessionSelection, revocation: Revocation) {
        let is_to_end = |session: &&Session| session.revocation.is_none() && selection.matches(session);
        let selected: Vec<_> = self.sessions.values().filter(is_to_end).cloned().collect();
        for session in selected {
            self.sessions.put(session.id, Session { revocation: Some(revocation), ..session });
        }
    }

    pub(super) fn touch_session(&mut self, id: SessionId, seen_at: Timestamp) {
        let Some(stored) = self.sessions.get(&id) else { return };
        if stored.last_seen_at < seen_at {
            let touched = Session { last_seen_at: seen_at, ..stored.clone() };
            self.sessions.put(id, touched);
        }
    }

    pub(super) fn purge_sessions(&mut self, ended_before: Timestamp, sessions_max: u32) {
        let has_ended = |session: &Session| {
            let was_revoked = session.revocation.is_some_and(|revocation| revocation.at < ended_before);
            was_revoked || session.expires_at < ended_before
        };
        self.delete_sessions(has_ended, to_usize(sessions_max));
    }

    /// Takes away the sessions for which this is true, at most so many, those that were made first before
    /// others, and their refresh tokens with them.
    pub(super) fn delete_sessions(&mut self, is_doomed: impl Fn(&Session) -> bool, sessions_max: usize) {
        let doomed = self.sessions.values().filter(|session| is_doomed(session)).map(|session| session.id);
        let doomed: BTreeSet<_> = doomed.take(sessions_max).collect();
        let tokens = self.refresh_tokens.values().filter(|token| doomed.contains(&token.session_id));
        let tokens: Vec<_> = tokens.map(|token| (token.id, token.hash)).collect();
        for (id, hash) in tokens {
            self.refresh_tokens.remove(&id);
            self.refresh_tokens_by_hash.remove(&hash);
        }
        for id in doomed {
            self.sessions.remove(&id);
        }
    }

    pub(super) fn insert_refresh_token(&mut self, token: RefreshToken) -> Result<(), Conflict> {
        free(!self.refresh_tokens.contains_key(&token.id), UniqueKey::ID)?;
        free(!self.refresh_tokens_by_hash.contains_key(&token.hash), ApiToken::TOKEN_HASH)?;
        known(self.sessions.contains_key(&token.session_id), Session::KIND)?;
        if let Some(predecessor) = token.predecessor_id {
            known(self.refresh_tokens.contains_key(&predecessor), RefreshToken::KIND)?;
        }

        self.refresh_tokens_by_hash.put(token.hash, token.id);
        self.refresh_tokens.put(token.id, token);
        Ok(())
    }

    pub(super) fn spend_refresh_token(
        &mut self,
        id: RefreshTokenId,
        spending: Spending,
        at: Timestamp,
    ) -> Result<(), Conflict> {
        let stored = self.refresh_tokens.get(&id).ok_or(Missing(RefreshToken::KIND))?;
        if !stored.is_living() {
            return Err(Stale);
        }

        let spent = RefreshToken { spent: Some((spending, at)), ..stored.clone() };
        self.refresh_tokens.put(id, spent);
        Ok(())
    }
}
