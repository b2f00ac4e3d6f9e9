//! Applying one change of a set.

use incident_domain::{
    incidents::{Expected, Incident},
    kernel::Conflict::{self, Stale},
    match_editable, match_editable_id, match_record,
    write::{AnyRecord, Change},
};

use crate::state::State;

impl State {
    /// Applies a change, or returns how it contradicts what is stored. The caller undoes what earlier changes of the
    /// set wrote.
    pub(crate) fn apply(&mut self, change: Change) -> Result<(), Conflict> {
        match change {
            Change::Insert(AnyRecord::Event(event)) => self.append_event(*event)?,
            Change::Insert(record) => match_record!(record, record => self.insert(*record))?,
            Change::Update { record, expected } => match_editable!(record, record => self.update(*record, expected))?,
            Change::Delete { id, expected } => {
                match_editable_id!(id, (id, Kind) => self.delete_expected::<Kind>(id, expected))?;
            }
            Change::Expect { id, expected } => {
                match_editable_id!(id, (id, Kind) => self.expect::<Kind>(id, expected).map(|_| ()))?;
            }
            Change::UpdateIncident { incident, expected } => self.update_incident(*incident, expected)?,
            Change::DeleteIncident { id, expected } => self.delete_expected::<Incident>(id, expected)?,
            Change::RevokeSessions { selection, revocation } => self.revoke_sessions(&selection, revocation),
            Change::TouchSession { id, seen_at } => self.touch_session(id, seen_at),
            Change::PurgeSessions { ended_before, sessions_max } => self.purge_sessions(ended_before, sessions_max)?,
            Change::SpendRefreshToken { id, spending, at } => self.spend_refresh_token(id, spending, at)?,
            Change::RevokeApiTokens { selection, at } => self.revoke_api_tokens(&selection, at),
            Change::TouchApiToken { id, used_at } => self.touch_api_token(id, used_at),
            Change::PurgeReplies { expired_before, replies_max } => self.purge_replies(expired_before, replies_max)?,
            Change::HoldsLease { name, fence } => self.expect_lease(&name, fence)?,
        }
        Ok(())
    }

    fn update_incident(&mut self, incident: Incident, expected: Expected) -> Result<(), Conflict> {
        let stored = self.expect::<Incident>(incident.id, expected.version)?;
        if stored.timeline_length != expected.timeline_length {
            return Err(Stale);
        }
        self.put_checked(incident)
    }
}
