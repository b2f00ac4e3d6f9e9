//! Managing accounts as an administrator, and one's own.

use incident_domain::{
    ChangeSet, Email, ListCursor, Page, PageRequest, Password, PersonName, Role, User, UserFilter, UserId, UserPatch,
    UserSort,
};

use super::{AccountError, Accounts};
use crate::{
    Caller, Command, Forbidden, Precondition, audit, command::COMMIT_ATTEMPTS_MAX, new_password::require_hard_to_guess,
    published,
};

/// A user to be made.
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

fn target(id: UserId) -> String {
    format!("user:{id}")
}

impl Accounts {
    /// Makes a user.
    pub async fn create(&self, command: Command<'_, User>, new: NewUser) -> Result<User, AccountError> {
        let work = self.create_for(&command, new);
        self.audit().attempt(&command, "user.create", "users", work).await
    }

    async fn create_for(&self, command: &Command<'_, User>, new: NewUser) -> Result<User, AccountError> {
        let caller = command.caller();
        caller.require(Role::Admin)?;
        require_hard_to_guess(&new.password, &new.email, &new.name)?;
        let hash = self.hash(new.password).await?;
        let user = self.new_user(new.email, new.name, new.role, hash);
        for _ in 0..COMMIT_ATTEMPTS_MAX {
            let action = audit::of_caller(caller, "user.create", target(user.id), user.created_at, &*self.ports.ids);
            let changes = self.insist_on(caller, user.id, self.changes_of_new(&user, action)).await?;
            match self.commit(command.with_reply(changes, &user)?).await {
                Ok(()) => return Ok(user),
                Err(error) if error.is_stale() => {}
                Err(error) => return Err(error),
            }
        }
        Err(AccountError::Contended)
    }

    /// A page of users.
    pub async fn list(
        &self,
        caller: &Caller,
        filter: &UserFilter,
        sort: UserSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<User>, AccountError> {
        caller.require(Role::Admin)?;
        Ok(self.ports.users.list(filter, sort, page).await?)
    }

    /// One user.
    pub async fn get(&self, caller: &Caller, id: UserId) -> Result<User, AccountError> {
        caller.require(Role::Admin)?;
        self.find(id).await
    }

    /// Changes a user. Making them inactive, or giving them another password, ends their sessions.
    pub async fn update(
        &self,
        command: Command<'_, User>,
        id: UserId,
        change: UserChange,
        precondition: &Precondition,
    ) -> Result<User, AccountError> {
        let work = self.update_for(&command, id, change, precondition);
        self.audit().attempt(&command, UPDATE, target(id), work).await
    }

    async fn update_for(
        &self,
        command: &Command<'_, User>,
        id: UserId,
        change: UserChange,
        precondition: &Precondition,
    ) -> Result<User, AccountError> {
        let caller = command.caller();
        caller.require(Role::Admin)?;
        let mut patch = UserPatch {
            email: change.email,
            name: change.name,
            role: change.role,
            is_active: change.is_active,
            password_hash: None,
        };
        let user = self.find(id).await?;
        let takes_power = patch.role.is_some_and(|role| role != user.role) || patch.is_active == Some(false);
        if id == caller.user_id && (takes_power || change.password.is_some()) {
            return Err(Forbidden::OwnAccount.into());
        }
        if let Some(password) = change.password {
            let email = patch.email.as_ref().unwrap_or(&user.email);
            require_hard_to_guess(&password, email, patch.name.as_ref().unwrap_or(&user.name))?;
            patch.password_hash = Some(self.hash(password).await?);
        }
        self.patch(command, id, &patch, precondition).await
    }

    /// Changes the caller's own name.
    pub async fn rename_self(
        &self,
        command: Command<'_, User>,
        name: PersonName,
        precondition: &Precondition,
    ) -> Result<User, AccountError> {
        let own = command.caller().user_id;
        let work = async {
            command.caller().require_session()?;
            let patch = UserPatch { name: Some(name), ..UserPatch::default() };
            self.patch(&command, own, &patch, precondition).await
        };
        self.audit().attempt(&command, UPDATE, target(own), work).await
    }

    async fn patch(
        &self,
        command: &Command<'_, User>,
        id: UserId,
        patch: &UserPatch,
        precondition: &Precondition,
    ) -> Result<User, AccountError> {
        let caller = command.caller();
        for _ in 0..COMMIT_ATTEMPTS_MAX {
            let user = self.find(id).await?;
            if !precondition.holds(user.version) {
                return Err(AccountError::PreconditionFailed);
            }
            let now = self.ports.clock.now();
            let (patched, changes) = self.changes_of(&user, patch, now);
            let committed = if patched.version == user.version {
                self.acting(caller, id).await?;
                command.keep_reply(&*self.ports.store, &patched).await.map_err(Into::into)
            } else {
                let action = audit::of_caller(caller, UPDATE, target(id), now, &*self.ports.ids);
                let changes = self.insist_on(caller, id, changes.insert(action)).await?;
                self.commit(command.with_reply(changes, &patched)?).await
            };
            match committed {
                Ok(()) => return Ok(patched),
                Err(error) if error.is_stale() => {}
                Err(error) => return Err(error),
            }
        }
        Err(AccountError::Contended)
    }

    /// Removes a user whom no incident and no task names, with their sessions and tokens.
    pub async fn delete(
        &self,
        command: Command<'_, ()>,
        id: UserId,
        precondition: &Precondition,
    ) -> Result<(), AccountError> {
        let work = self.delete_for(&command, id, precondition);
        self.audit().attempt(&command, "user.delete", target(id), work).await
    }

    async fn delete_for(
        &self,
        command: &Command<'_, ()>,
        id: UserId,
        precondition: &Precondition,
    ) -> Result<(), AccountError> {
        let caller = command.caller();
        caller.require(Role::Admin)?;
        if id == caller.user_id {
            return Err(Forbidden::OwnAccount.into());
        }
        for _ in 0..COMMIT_ATTEMPTS_MAX {
            let user = self.find(id).await?;
            if !precondition.holds(user.version) {
                return Err(AccountError::PreconditionFailed);
            }
            let (now, ids) = (self.ports.clock.now(), &*self.ports.ids);
            let changes = ChangeSet::new()
                .delete(&user)
                .insert(audit::of_caller(caller, "user.delete", target(id), now, ids))
                .insert_all([published::of_deleted_user(&user, now, ids)]);
            let changes = self.insist_on(caller, id, changes).await?;
            match self.commit(command.with_reply(changes, &())?).await {
                Err(error) if error.is_stale() => {}
                answered => return answered,
            }
        }
        Err(AccountError::Contended)
    }

    /// Lets a change of somebody else's account be stored only while the caller is the administrator that they
    /// were when it was decided: of two who remove one another at the same moment, one stays.
    async fn insist_on(&self, caller: &Caller, whom: UserId, changes: ChangeSet) -> Result<ChangeSet, AccountError> {
        Ok(match self.acting(caller, whom).await? {
            Some(acting) => changes.expect(&acting),
            None => changes,
        })
    }

    /// The administrator who changes somebody else's account; `None` if it is the caller's own.
    async fn acting(&self, caller: &Caller, whom: UserId) -> Result<Option<User>, AccountError> {
        if whom == caller.user_id {
            return Ok(None);
        }
        let acting = self.ports.users.find(caller.user_id).await?;
        let is_administrator = |user: &User| user.is_active && user.role >= Role::Admin;
        let acting = acting.filter(is_administrator).ok_or(Forbidden::Role { needed: Role::Admin })?;
        Ok(Some(acting))
    }
}
