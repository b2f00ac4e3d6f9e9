//! Change sets: all changes of one command as a value.

use super::{AnyRecord, Change, Editable};
use crate::{
    identity::{ApiTokenSelection, RefreshTokenId, Revocation, SessionSelection, Spending},
    incidents::{Incident, Revision},
    kernel::{Lease, Timestamp, Version},
};

/// The changes of one command, stored all or not at all. A record comes before the records that refer to it.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "a change set does nothing until it is committed"]
pub struct ChangeSet(Vec<Change>);

impl ChangeSet {
    /// Makes an empty set.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a change.
    pub fn with(mut self, change: Change) -> Self {
        self.0.push(change);
        self
    }

    /// Inserts a record.
    pub fn insert(self, record: impl Into<AnyRecord>) -> Self {
        self.with(Change::Insert(record.into()))
    }

    /// Inserts records, in order.
    pub fn insert_all(mut self, records: impl IntoIterator<Item = impl Into<AnyRecord>>) -> Self {
        self.0.extend(records.into_iter().map(|record| Change::Insert(record.into())));
        self
    }

    /// Replaces all fields of a record if its stored version is `expected`.
    pub fn update(self, record: impl Editable, expected: Version) -> Self {
        self.with(Change::Update { record: record.into_editable(), expected })
    }

    /// Deletes a record if it has not changed since it was read.
    pub fn delete<R: Editable>(self, record: &R) -> Self {
        self.with(Change::Delete { id: R::editable_id(record.id()), expected: record.version() })
    }

    /// Refuses the set if a record has changed since it was read.
    pub fn expect<R: Editable>(self, record: &R) -> Self {
        self.with(Change::Expect { id: R::editable_id(record.id()), expected: record.version() })
    }

    /// Inserts or updates the incident of a revision, with its new timeline entries.
    pub fn revise(mut self, revision: Revision) -> Self {
        let (expected, incident, entries) = revision.into_parts();
        self.0.push(match expected {
            None => Change::Insert(incident.into()),
            Some(expected) => Change::UpdateIncident { incident: Box::new(incident), expected },
        });
        self.insert_all(entries)
    }

    /// Deletes an incident if it has not changed since it was read.
    pub fn delete_incident(self, incident: &Incident) -> Self {
        self.with(Change::DeleteIncident { id: incident.id, expected: incident.version })
    }

    /// Revokes sessions.
    pub fn revoke_sessions(self, selection: SessionSelection, revocation: Revocation) -> Self {
        self.with(Change::RevokeSessions { selection, revocation })
    }

    /// Spends a refresh token.
    pub fn spend_refresh_token(self, id: RefreshTokenId, spending: Spending, at: Timestamp) -> Self {
        self.with(Change::SpendRefreshToken { id, spending, at })
    }

    /// Revokes API tokens.
    pub fn revoke_api_tokens(self, selection: ApiTokenSelection, at: Timestamp) -> Self {
        self.with(Change::RevokeApiTokens { selection, at })
    }

    /// Refuses the set unless the lease is still held.
    pub fn while_held(self, lease: &Lease) -> Self {
        self.with(Change::HoldsLease { name: lease.name.clone(), fence: lease.fence })
    }

    /// Returns the changes, in order.
    pub fn changes(&self) -> &[Change] {
        &self.0
    }

    /// Returns the changes by value, in order.
    pub fn into_changes(self) -> Vec<Change> {
        self.0
    }
}

impl FromIterator<Change> for ChangeSet {
    fn from_iter<I: IntoIterator<Item = Change>>(changes: I) -> Self {
        Self(changes.into_iter().collect())
    }
}
