//! Faults that need to know what is stored.

use incident_domain::{
    ApiTokenSelection, Change, Email, Session, SessionSelection, Timestamp, User,
    ports::{
        ApiTokenRepository, CommitError,
        Conflict::{Duplicate, Missing, Stale},
        Reference, RefreshTokenRepository, UniqueKey, UserRepository,
    },
};

use super::{AccessFault, AccessNotes, rewrite::rewritten};
use crate::{fault::Fault, mutant::Mutant};

impl Mutant {
    /// The changes as this mutant understands them, or why it refuses them.
    pub(crate) async fn misunderstand(&self, changes: Vec<Change>) -> Result<Vec<Change>, CommitError> {
        let Some(Fault::Access(fault)) = self.fault else { return Ok(changes) };
        for change in &changes {
            self.noted().access.take(fault, change)?;
        }
        let mut understood = Vec::new();
        for change in rewritten(fault, changes) {
            understood.extend(self.misunderstand_one(fault, change).await?);
        }
        Ok(understood)
    }

    async fn misunderstand_one(&self, fault: AccessFault, change: Change) -> Result<Option<Change>, CommitError> {
        Ok(match change {
            Change::ExpectUser { .. } | Change::UpdateUser { .. } | Change::DeleteUser { .. } => {
                self.misunderstand_user(fault, change).await?
            }
            Change::SpendRefreshToken { id, .. } => {
                let is_spent = async || {
                    let token = RefreshTokenRepository::find(&*self.memory, id).await?;
                    Ok::<_, CommitError>(token.is_some_and(|token| !token.is_living()))
                };
                if fault == AccessFault::SpendsTooEarly {
                    if is_spent().await? {
                        return Err(Stale.into());
                    }
                    self.let_others_in().await;
                }
                let accepts = matches!(fault, AccessFault::SpendsTooEarly | AccessFault::AcceptsSpentTokens);
                if accepts && is_spent().await? { None } else { Some(change) }
            }
            Change::RevokeSessions { selection: SessionSelection::OfUser(user_id), revocation }
                if fault == AccessFault::RevokesOneSessionTooFew =>
            {
                let noted = self.noted();
                let is_kept = |session: &&Session| session.user_id == user_id && session.revocation.is_none();
                let kept = noted.access.sessions.iter().rfind(is_kept);
                let selection = kept.map(|kept| SessionSelection::OthersOfUser { user_id, kept: kept.id });
                selection.map(|selection| Change::RevokeSessions { selection, revocation })
            }
            Change::RevokeApiTokens { selection, at } => {
                let selection = match (fault, selection) {
                    (AccessFault::RevokesMoreApiTokens, ApiTokenSelection::One(id)) => {
                        let token = ApiTokenRepository::find(&*self.memory, id).await?;
                        token.map_or(selection, |token| ApiTokenSelection::OfUser(token.user_id))
                    }
                    (AccessFault::RevokesOneApiTokenTooFew, ApiTokenSelection::OfUser(user)) => {
                        let noted = self.noted();
                        let first = noted.access.api_tokens.iter().find(|token| token.user_id == user);
                        first.map_or(selection, |first| ApiTokenSelection::One(first.id))
                    }
                    _ => selection,
                };
                Some(Change::RevokeApiTokens { selection, at })
            }
            Change::PurgeSessions { ended_before, sessions_max } if fault == AccessFault::PurgesTheYoungestFirst => {
                self.noted().access.purge_the_youngest(ended_before, sessions_max);
                None
            }
            _ => Some(change),
        })
    }

    async fn misunderstand_user(&self, fault: AccessFault, mut change: Change) -> Result<Option<Change>, CommitError> {
        let (Change::ExpectUser { id, .. } | Change::DeleteUser { id, .. }) = &change else {
            let Change::UpdateUser { user, expected } = &mut change else { return Ok(Some(change)) };
            let Some(stored) = UserRepository::find(&*self.memory, user.id).await? else { return Ok(Some(change)) };
            match fault {
                AccessFault::UserUpdatesIgnoreVersions => *expected = stored.version,
                AccessFault::UserUpdatesForgetThePasswordHash => user.password_hash.clone_from(&stored.password_hash),
                AccessFault::UserUpdatesTakeAnyEmail => {
                    let found = self.memory.find_by_emails(std::slice::from_ref(&user.email)).await?;
                    if found.iter().any(|holder| holder.id != user.id) {
                        user.email = Email::parse(format!("{}@other.example", user.id)).expect("an address");
                    }
                }
                AccessFault::RefusesOwnEmailInOtherCase
                    if user.email == stored.email && user.email.as_str() != stored.email.as_str() =>
                {
                    return Err(Duplicate(User::EMAIL).into());
                }
                _ => {}
            }
            return Ok(Some(change));
        };
        let Some(stored) = UserRepository::find(&*self.memory, *id).await? else { return Ok(Some(change)) };
        match (fault, &mut change) {
            (AccessFault::UserDeletionsIgnoreVersions, Change::DeleteUser { expected, .. }) => {
                *expected = stored.version;
            }
            (AccessFault::ExpectationsRaiseTheVersion, Change::ExpectUser { expected, .. }) => {
                let raised = User { version: stored.version.next(), ..stored };
                return Ok(Some(Change::UpdateUser { user: Box::new(raised), expected: *expected }));
            }
            (AccessFault::ExpectsTooEarly, Change::ExpectUser { expected, .. }) if *expected == stored.version => {
                self.let_others_in().await;
                return Ok(None);
            }
            _ => {}
        }
        Ok(Some(change))
    }
}

impl AccessNotes {
    /// Remembers what the fault needs, and refuses by what it remembers.
    fn take(&mut self, fault: AccessFault, change: &Change) -> Result<(), CommitError> {
        match change {
            Change::InsertUser(user) => self.users.push(User::clone(user)),
            Change::InsertSession(session) => self.sessions.push(Session::clone(session)),
            Change::InsertRefreshToken(token) => {
                self.refresh_tokens.push(token.as_ref().clone());
                self.hashes.insert(token.hash);
            }
            Change::InsertApiToken(token) => {
                let is_shared = fault == AccessFault::SharesHashesBetweenKinds && self.hashes.contains(&token.hash);
                if is_shared {
                    return Err(Duplicate(ApiToken::TOKEN_HASH).into());
                }
                self.api_tokens.push(token.as_ref().clone());
            }
            Change::RevokeSessions { selection, revocation } => {
                let selected: Vec<_> = self.sessions.iter().filter(|session| selection.matches(session)).collect();
                if fault == AccessFault::RefusesToRevokeNothing && selected.is_empty() {
                    return Err(Missing(Session::KIND).into());
                }
                self.ends.extend(selected.iter().map(|session| (session.id, *revocation)));
            }
            Change::RevokeApiTokens { selection, at } => {
                let selected = self.api_tokens.iter().filter(|token| selection.matches(token));
                self.api_token_ends.extend(selected.map(|token| (token.id, *at)));
            }
            Change::TouchSession { id, seen_at } => {
                let is_known = self.sessions.iter().any(|session| session.id == *id);
                if fault == AccessFault::RefusesToTouchTheUnknown && !is_known {
                    return Err(Missing(Session::KIND).into());
                }
                self.seen_at.insert(*id, *seen_at);
            }
            Change::TouchApiToken { id, used_at } => {
                self.used_at.insert(*id, *used_at);
            }
            _ => {}
        }
        Ok(())
    }

    fn purge_the_youngest(&mut self, ended_before: Timestamp, sessions_max: u32) {
        let has_ended = |session: &&Session| {
            let was_revoked = session.revocation.is_some_and(|revocation| revocation.at < ended_before);
            was_revoked || session.expires_at < ended_before
        };
        let mut ended: Vec<_> = self.sessions.iter().filter(has_ended).map(|session| session.id).collect();
        ended.retain(|id| !self.purged.contains(id));
        ended.sort_unstable_by_key(|id| std::cmp::Reverse(*id));
        ended.truncate(usize::try_from(sessions_max).expect("it fits"));
        self.purged.extend(ended);
    }
}
