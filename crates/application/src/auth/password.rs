//! Changing one's own password.

use incident_domain::{
    ChangeSet, Password, Revocation, RevocationReason, SessionSelection, User, UserPatch, ports::CommitError,
};

use super::{Auth, AuthError, sign_in::is_stale};
use crate::{Caller, Command, audit, command::COMMIT_ATTEMPTS_MAX, new_password::require_hard_to_guess, published};

const KIND: &str = "user.change_password";

impl Auth {
    /// Gives the caller a new password, if they know the current one, and ends their other sessions.
    pub async fn change_password(
        &self,
        command: Command<'_, ()>,
        current: String,
        new: Password,
    ) -> Result<(), AuthError> {
        let target = format!("user:{}", command.caller().user_id);
        let work = self.change_password_for(&command, current, new);
        self.audit().attempt(&command, KIND, target, work).await
    }

    async fn change_password_for(
        &self,
        command: &Command<'_, ()>,
        current: String,
        new: Password,
    ) -> Result<(), AuthError> {
        let caller = command.caller();
        let kept = caller.require_session()?;
        let mut user = self.current(caller).await?;
        // Guessing is slowed down here as it is at the door.
        self.admit_password(&user.email, caller.origin.ip.as_deref()).await?;
        let proved = user.password_hash.clone();
        if !self.ports.hasher.verify(current, proved.clone()).await? {
            return Err(AuthError::WrongPassword);
        }
        require_hard_to_guess(&new, &user.email, &user.name)?;
        let hash = self.ports.hasher.hash(new).await?;
        let patch = UserPatch { password_hash: Some(hash), ..UserPatch::default() };
        let selection = SessionSelection::OthersOfUser { user_id: user.id, kept };
        for _ in 0..COMMIT_ATTEMPTS_MAX {
            match self.store_password(command, &user, &patch, selection).await {
                Ok(()) => return Ok(()),
                Err(error) if is_stale(&error) => {}
                Err(error) => return Err(error.into()),
            }
            user = self.current(caller).await?;
            if user.password_hash != proved {
                return Err(AuthError::WrongPassword);
            }
        }
        Err(AuthError::Contended)
    }

    async fn store_password(
        &self,
        command: &Command<'_, ()>,
        user: &User,
        patch: &UserPatch,
        selection: SessionSelection,
    ) -> Result<(), CommitError> {
        let (now, ids) = (self.ports.clock.now(), &*self.ports.ids);
        let patched = user.patched(patch, now);
        let revocation = Revocation { at: now, because: RevocationReason::PasswordChanged };
        let target = format!("user:{}", user.id);
        let events =
            [published::of_updated_user(&patched, ids), published::of_sessions_revoked(&selection, &revocation, ids)];
        let changes = ChangeSet::new()
            .update(patched, user.version)
            .revoke_sessions(selection, revocation)
            .insert(audit::of_caller(command.caller(), KIND, target, now, ids))
            .insert_all(events);
        self.ports.store.commit(command.with_reply(changes, &())?).await?;
        self.recognised.forget();
        Ok(())
    }

    /// The caller's account as it is stored now.
    async fn current(&self, caller: &Caller) -> Result<User, AuthError> {
        let user = self.ports.users.find(caller.user_id).await?;
        user.filter(|user| user.is_active).ok_or(AuthError::SessionEnded)
    }
}
