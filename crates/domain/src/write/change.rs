//! The changes of a change set.

use super::{AnyRecord, EditableId, EditableRecord};
use crate::{
    identity::{ApiTokenSelection, RefreshTokenId, Revocation, SessionSelection, Spending},
    incidents::{Expected, Incident, IncidentId},
    kernel::{ApiTokenId, SessionId, Timestamp, Version},
};

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Inserts a record.
    Insert(AnyRecord),
    /// Replaces all fields of a record if the stored version is the expected one.
    Update {
        /// The record to store.
        record: EditableRecord,
        /// The version that was read.
        expected: Version,
    },
    /// Deletes a record and the records that it owns if the stored version is the expected one and no other record
    /// refers to it.
    Delete {
        /// The record.
        id: EditableId,
        /// The version that was read.
        expected: Version,
    },
    /// Changes nothing, and refuses the whole set unless the stored version is the expected one.
    Expect {
        /// The record.
        id: EditableId,
        /// The version that was read.
        expected: Version,
    },
    /// Replaces all fields of an incident if the stored state is the expected one.
    UpdateIncident {
        /// The incident to store.
        incident: Box<Incident>,
        /// The state that was read.
        expected: Expected,
    },
    /// Deletes an incident with its timeline and tasks if the stored version is the expected one.
    DeleteIncident {
        /// The incident.
        id: IncidentId,
        /// The version that was read.
        expected: Version,
    },
    /// Revokes the selected sessions that are not revoked yet; a selection without sessions is accepted.
    RevokeSessions {
        /// The sessions.
        selection: SessionSelection,
        /// The time and reason.
        revocation: Revocation,
    },
    /// Moves the time of a session's last use forwards. An earlier time than the stored one and an unknown session are
    /// accepted and change nothing.
    TouchSession {
        /// The session.
        id: SessionId,
        /// The time of the use.
        seen_at: Timestamp,
    },
    /// Deletes sessions that ended before a time, by expiry or revocation, with their refresh tokens.
    PurgeSessions {
        /// The time.
        ended_before: Timestamp,
        /// The most sessions to delete, those with the smallest ids first.
        sessions_max: u32,
    },
    /// Spends a refresh token if it is unspent.
    SpendRefreshToken {
        /// The token.
        id: RefreshTokenId,
        /// The way in which it is spent.
        spending: Spending,
        /// The time.
        at: Timestamp,
    },
    /// Revokes the selected API tokens that are not revoked yet; a selection without tokens is accepted.
    RevokeApiTokens {
        /// The tokens.
        selection: ApiTokenSelection,
        /// The time.
        at: Timestamp,
    },
    /// Moves the time of an API token's last use forwards. An earlier time than the stored one and an unknown token are
    /// accepted and change nothing.
    TouchApiToken {
        /// The token.
        id: ApiTokenId,
        /// The time of the use.
        used_at: Timestamp,
    },
    /// Deletes stored replies that expired before a time.
    PurgeReplies {
        /// The time.
        expired_before: Timestamp,
        /// The most replies to delete, those that expired first.
        replies_max: u32,
    },
    /// Changes nothing, and refuses the whole set as stale unless the lease has this fence, so that a former holder
    /// writes nothing.
    HoldsLease {
        /// The lease.
        name: String,
        /// The fence with which it was acquired.
        fence: u64,
    },
}
