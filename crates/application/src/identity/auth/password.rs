//! Changing one's own password.

use incident_domain::{
    identity::{Password, Revocation, RevocationReason, SessionSelection, User, UserPatch},
    kernel::Record as _,
};

use super::{Auth, AuthError, AuthRule};
use crate::{
    identity::{new_password::require_hard_to_guess, published::sessions_revoked},
    kernel::{Command, Decision, Principal, target},
};

impl Auth {
    /// Gives the caller a new password, if they know the current one, and ends their other sessions.
    pub async fn change_password(
        &self,
        command: Command<'_, ()>,
        current: String,
        new: Password,
    ) -> Result<(), AuthError> {
        let own = command.principal().user_id();
        let own = own.map_or_else(|| User::KIND.as_str().to_owned(), target);
        let changed = self.runner.run(&command, "user.change_password", own, |run| async move {
            let kept = run.principal().require_session()?;
            let user = self.me_now(run.principal()).await?;
            // Guessing is slowed down here as it is when signing in.
            self.admit_password(&user.email, run.principal().origin.ip.as_deref()).await?;
            let verified = &user.password_hash;
            if !self.ports.hasher.verify(current, verified.clone()).await.map_err(AuthRule::from)? {
                return Err(AuthRule::WrongPassword.into());
            }
            require_hard_to_guess(&new, &user.email, &user.name).map_err(AuthRule::from)?;
            let hash = self.ports.hasher.hash(new).await.map_err(AuthRule::from)?;
            let patch = &UserPatch { password_hash: Some(hash), ..UserPatch::default() };
            let mut first = Some(user.clone());
            run.commit(|now| {
                let first = first.take();
                async move {
                    let user = match first {
                        Some(user) => user,
                        None => self.me_now(run.principal()).await?,
                    };
                    // The password may have been changed since it was verified.
                    if user.password_hash != *verified {
                        return Err(AuthRule::WrongPassword.into());
                    }
                    let selection = SessionSelection::OthersOfUser { user_id: user.id, kept };
                    let revocation = Revocation { at: now, because: RevocationReason::PasswordChanged };
                    let changes = self
                        .runner
                        .changed(&user, &user.patched(patch, now), "updated", now)
                        .revoke_sessions(selection, revocation)
                        .insert(sessions_revoked(&selection, &revocation, self.runner.ids()));
                    Ok(Decision::done(target(user.id), changes, ()))
                }
            })
            .await
        });
        changed.await.inspect(|()| self.callers.clear())
    }

    /// Reads the caller's account from the store.
    pub(super) async fn me_now(&self, caller: &Principal) -> Result<User, AuthError> {
        let user = self.ports.users.find(caller.require_user()?).await?;
        user.filter(|user| user.is_active).ok_or(AuthError::CallerGone)
    }
}
