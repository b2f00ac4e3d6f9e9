//! Managing accounts as an administrator, and one's own.

use incident_domain::{
    identity::{Email, Password, Role, User, UserFilter, UserPatch, UserSort},
    kernel::{ListCursor, Page, PageRequest, PersonName, UserId},
    write::ChangeSet,
};

use super::{AccountError, AccountRule, Accounts, ApiTokens};
use crate::{
    identity::new_password::require_hard_to_guess,
    kernel::{Command, Decision, Execution, Forbidden, Precondition, Principal, Published, QueryError, target},
};

/// A user to be created.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Their address.
    pub email: Email,
    /// What they are called.
    pub name: PersonName,
    /// What they may do.
    pub role: Role,
    /// Their first password.
    pub password: Password,
}

/// What an administrator wants changed about a user.
#[derive(Clone, Debug, Default)]
pub struct UserChange {
    /// A new address.
    pub email: Option<Email>,
    /// A new name.
    pub name: Option<PersonName>,
    /// Another role.
    pub role: Option<Role>,
    /// Whether they can do anything at all.
    pub is_active: Option<bool>,
    /// A new password.
    pub password: Option<Password>,
}

const UPDATE: &str = "user.update";

impl Accounts {
    /// Creates a user.
    pub async fn create(&self, command: Command<'_, User>, new: NewUser) -> Result<User, AccountError> {
        let created = self.runner.run(&command, "user.create", User::COLLECTION, |run| async move {
            run.principal().require(Role::Admin)?;
            require_hard_to_guess(&new.password, &new.email, &new.name).map_err(AccountRule::from)?;
            let hash = self.hash(new.password).await?;
            let user = &self.new_user(new.email, new.name, new.role, hash);
            run.commit(|now| async move {
                let changes = self.while_administrator(run.principal(), user.id, self.runner.created(user, now));
                Ok(Decision::done(target(user.id), changes.await?, user.clone()))
            })
            .await
        });
        created.await
    }

    /// Returns a page of users.
    pub async fn list(
        &self,
        caller: &Principal,
        filter: &UserFilter,
        sort: UserSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<User>, QueryError> {
        caller.require(Role::Admin)?;
        Ok(self.users.list(filter, sort, page).await?)
    }

    /// Returns one user.
    pub async fn get(&self, caller: &Principal, id: UserId) -> Result<User, QueryError> {
        caller.require(Role::Admin)?;
        self.find(id).await
    }

    /// Changes a user. Their sessions and API tokens end if they become inactive or get another password.
    pub async fn update(
        &self,
        command: Command<'_, User>,
        id: UserId,
        change: UserChange,
        precondition: &Precondition,
    ) -> Result<User, AccountError> {
        let updated = self.runner.run(&command, UPDATE, target(id), |run| async move {
            run.principal().require(Role::Admin)?;
            let mut patch = UserPatch {
                email: change.email,
                name: change.name,
                role: change.role,
                is_active: change.is_active,
                password_hash: None,
            };
            let user = self.find(id).await?;
            let takes_rights = patch.role.is_some_and(|role| role != user.role) || patch.is_active == Some(false);
            if run.principal().user_id() == Some(id) && (takes_rights || change.password.is_some()) {
                return Err(Forbidden::OwnAccount.into());
            }
            if let Some(password) = change.password {
                let email = patch.email.as_ref().unwrap_or(&user.email);
                let name = patch.name.as_ref().unwrap_or(&user.name);
                require_hard_to_guess(&password, email, name).map_err(AccountRule::from)?;
                patch.password_hash = Some(self.hash(password).await?);
            }
            self.patch(run, id, &patch, precondition).await
        });
        updated.await
    }

    /// Changes the caller's own name.
    pub async fn rename_self(
        &self,
        command: Command<'_, User>,
        name: PersonName,
        precondition: &Precondition,
    ) -> Result<User, AccountError> {
        let own = command.principal().user_id().map_or_else(|| User::COLLECTION.to_owned(), target);
        let renamed = self.runner.run(&command, UPDATE, own, |run| async move {
            run.principal().require_session()?;
            let patch = UserPatch { name: Some(name), ..UserPatch::default() };
            self.patch(run, run.principal().require_user()?, &patch, precondition).await
        });
        renamed.await
    }

    async fn patch(
        &self,
        run: Execution<'_, User>,
        id: UserId,
        patch: &UserPatch,
        precondition: &Precondition,
    ) -> Result<User, AccountError> {
        run.commit(|now| async move {
            let user = self.find(id).await?;
            precondition.check(&user)?;
            let (patched, changes) = self.patched(&user, patch, ApiTokens::Revoke, now);
            let changes = self.while_administrator(run.principal(), id, changes).await?;
            if patched.version == user.version {
                return Ok(Decision::unchanged(patched));
            }
            Ok(Decision::done(target(id), changes, patched))
        })
        .await
        .inspect(|_| self.callers.clear())
    }

    /// Deletes a user whom no incident and no task names, with their sessions and tokens.
    pub async fn delete(
        &self,
        command: Command<'_, ()>,
        id: UserId,
        precondition: &Precondition,
    ) -> Result<(), AccountError> {
        let deleted = self.runner.execute(&command, "user.delete", target(id), |caller, now| async move {
            caller.require(Role::Admin)?;
            if caller.user_id() == Some(id) {
                return Err(Forbidden::OwnAccount.into());
            }
            let user = self.find(id).await?;
            precondition.check(&user)?;
            let changes = self.while_administrator(caller, id, self.runner.deleted(&user, now)).await?;
            Ok(Decision::done(target(id), changes, ()))
        });
        deleted.await.inspect(|()| self.callers.clear())
    }

    /// Stores a change of another user's account only while the caller is the administrator that they were when it was
    /// decided: of two who delete one another at the same moment, one stays.
    async fn while_administrator(
        &self,
        caller: &Principal,
        user_id: UserId,
        changes: ChangeSet,
    ) -> Result<ChangeSet, AccountError> {
        match caller.user_id() {
            Some(own) if own != user_id => {
                let user = self.users.find(own).await?;
                let user = user.filter(|user| user.is_active && user.role >= Role::Admin);
                Ok(changes.expect(&user.ok_or(Forbidden::Role { needed: Role::Admin })?))
            }
            Some(_) | None => Ok(changes),
        }
    }
}
