//! Applying one change to the state: all checks first, in the words of the port.

mod api_tokens;
mod categories;
mod incidents;
mod logs;
mod replies;
mod saved_views;
mod sessions;
mod tasks;
mod users;

use incident_domain::{
    Change,
    ports::{
        Conflict::{self, Duplicate, Missing},
        Reference, UniqueKey,
    },
};

use crate::state::State;

impl State {
    /// Applies a change, or says why it cannot be; what earlier changes of the set wrote stays until the
    /// caller undoes it.
    pub(crate) fn apply(&mut self, change: Change) -> Result<(), Conflict> {
        match change {
            Change::InsertUser(user) => self.insert_user(*user)?,
            Change::UpdateUser { user, expected } => self.update_user(*user, expected)?,
            Change::ExpectUser { id, expected } => {
                self.expect_user(id, expected)?;
            }
            Change::DeleteUser { id, expected } => self.delete_user(id, expected)?,
            Change::InsertSession(session) => self.insert_session(*session)?,
            Change::RevokeSessions { selection, revocation } => self.revoke_sessions(&selection, revocation),
            Change::TouchSession { id, seen_at } => self.touch_session(id, seen_at),
            Change::PurgeSessions { ended_before, sessions_max } => self.purge_sessions(ended_before, sessions_max),
            Change::InsertRefreshToken(token) => self.insert_refresh_token(*token)?,
            Change::SpendRefreshToken { id, spending, at } => self.spend_refresh_token(id, spending, at)?,
            Change::InsertApiToken(token) => self.insert_api_token(*token)?,
            Change::RevokeApiTokens { selection, at } => self.revoke_api_tokens(&selection, at),
            Change::TouchApiToken { id, used_at } => self.touch_api_token(id, used_at),
            Change::InsertIncident(incident) => self.insert_incident(*incident)?,
            Change::UpdateIncident { incident, expected } => self.update_incident(*incident, expected)?,
            Change::DeleteIncident { id, expected } => self.delete_incident(id, expected)?,
            Change::InsertEntry(entry) => self.insert_entry(*entry)?,
            Change::InsertCategory(category) => self.insert_category(*category)?,
            Change::UpdateCategory { category, expected } => self.update_category(*category, expected)?,
            Change::DeleteCategory { id, expected } => self.delete_category(id, expected)?,
            Change::InsertTask(task) => self.insert_task(*task)?,
            Change::UpdateTask { task, expected } => self.update_task(*task, expected)?,
            Change::DeleteTask { id, expected } => self.delete_task(id, expected)?,
            Change::InsertSavedView(view) => self.insert_saved_view(*view)?,
            Change::UpdateSavedView { view, expected } => self.update_saved_view(*view, expected)?,
            Change::DeleteSavedView { id, expected } => self.delete_saved_view(id, expected)?,
            Change::InsertAction(action) => self.insert_action(*action)?,
            Change::InsertEvent(event) => self.insert_event(*event)?,
            Change::InsertReply(reply) => self.insert_reply(*reply)?,
            Change::PurgeReplies { expired_before, replies_max } => self.purge_replies(expired_before, replies_max),
        }
        Ok(())
    }
}

const fn free(is_free: bool, key: UniqueKey) -> Result<(), Conflict> {
    if is_free { Ok(()) } else { Err(Duplicate(key)) }
}

const fn known(is_known: bool, reference: Reference) -> Result<(), Conflict> {
    if is_known { Ok(()) } else { Err(Missing(reference)) }
}
