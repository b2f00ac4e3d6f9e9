//! A write is a value: everything one command changes, to be stored all or not at all.

use super::{AnyRecord, Change, Editable};
use crate::{
    identity::{ApiTokenSelection, RefreshTokenId, Revocation, SessionSelection, Spending},
    incidents::{Incident, Revision},
    kernel::{Lease, Timestamp, Version},
};

/// Everything one command changes, in order: what is referred to comes before what refers to it.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "a change set does nothing until it is committed"]
pub struct ChangeSet(Vec<Change>);

impl ChangeSet {
    /// Makes an empty set.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds one change.
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

    /// Replaces all fields of a record that was read with this version.
    pub fn update(self, record: impl Editable, expected: Version) -> Self {
        self.with(Change::Update { record: record.into_editable(), expected })
    }

    /// Deletes a record as it was read.
    pub fn delete<R: Editable>(self, record: &R) -> Self {
        self.with(Change::Delete { id: R::editable_id(record.id()), expected: record.version() })
    }

    /// Refuses the set unless a record is still as it was read.
    pub fn expect<R: Editable>(self, record: &R) -> Self {
        self.with(Change::Expect { id: R::editable_id(record.id()), expected: record.version() })
    }

    /// Inserts or updates an incident as a revision left it, with its new timeline entries.
    pub fn revise(mut self, revision: Revision) -> Self {
        let (expected, incident, entries) = revision.into_parts();
        self.0.push(match expected {
            None => Change::Insert(incident.into()),
            Some(expected) => Change::UpdateIncident { incident: Box::new(incident), expected },
        });
        self.insert_all(entries)
    }

    /// Deletes an incident as it was read.
    pub fn delete_incident(self, incident: &Incident) -> Self {
        self.with(Change::DeleteIncident { id: incident.id, expected: incident.version })
    }

    /// Ends sessions.
    pub fn revoke_sessions(self, selection: SessionSelection, revocation: Revocation) -> Self {
        self.with(Change::RevokeSessions { selection, revocation })
    }

    /// Spends a refresh token.
    pub fn spend_refresh_token(self, id: RefreshTokenId, spending: Spending, at: Timestamp) -> Self {
        self.with(Change::SpendRefreshToken { id, spending, at })
    }

    /// Ends API tokens.
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

    /// Takes the changes out, in order.
    pub fn into_changes(self) -> Vec<Change> {
        self.0
    }
}

impl FromIterator<Change> for ChangeSet {
    fn from_iter<I: IntoIterator<Item = Change>>(changes: I) -> Self {
        Self(changes.into_iter().collect())
    }
}
