//! Users.

use incident_domain::{
    User, UserId, Version,
    ports::{
        Conflict::{self, InUse, Missing, Stale},
        Reference, UniqueKey,
    },
};

use super::free;
use crate::state::State;

impl State {
    pub(super) fn insert_user(&mut self, user: User) -> Result<(), Conflict> {
        free(!self.users.contains_key(&user.id), UniqueKey::ID)?;
        free(!self.users_by_email.contains_key(user.email.key()), User::EMAIL)?;

        self.put_user(user);
        Ok(())
    }

    pub(super) fn update_user(&mut self, user: User, expected: Version) -> Result<(), Conflict> {
        let stored = self.expect_user(user.id, expected)?;
        let stored_key = stored.email.key().to_owned();
        let holder = self.users_by_email.get(user.email.key());
        free(holder.is_none_or(|holder| *holder == user.id), User::EMAIL)?;

        self.users_by_email.remove(&stored_key);
        self.put_user(user);
        Ok(())
    }

    /// The user as they are stored, if that is what the writer has read.
    pub(super) fn expect_user(&self, id: UserId, expected: Version) -> Result<&User, Conflict> {
        let stored = self.users.get(&id).ok_or(Missing(User::KIND))?;
        if stored.version == expected { Ok(stored) } else { Err(Stale) }
    }

    pub(super) fn delete_user(&mut self, id: UserId, expected: Version) -> Result<(), Conflict> {
        let email_key = self.expect_user(id, expected)?.email.key().to_owned();
        let is_named = self.incidents.values().any(|incident| {
            let people = [incident.reported_by, incident.assigned_to];
            people.contains(&Some(id))
        });
        let has_tasks = self.tasks.values().any(|task| task.created_by == id || task.assigned_to == Some(id));
        if is_named || has_tasks {
            return Err(InUse(User::KIND));
        }

        self.delete_sessions(|session| session.user_id == id, usize::MAX);
        self.delete_api_tokens_of(id);
        self.delete_saved_views_of(id);
        self.delete_replies_to(id);
        self.users_by_email.remove(&email_key);
        self.users.remove(&id);
        Ok(())
    }

    fn put_user(&mut self, user: User) {
        self.users_by_email.put(user.email.key().to_owned(), user.id);
        self.users.put(user.id, user);
    }
}
