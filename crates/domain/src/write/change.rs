//! One thing that a command changes.

use super::{AnyRecord, EditableId, EditableRecord};
use crate::{
    identity::{ApiTokenSelection, RefreshTokenId, Revocation, SessionSelection, Spending},
    incidents::{Expected, Incident, IncidentId},
    kernel::{ApiTokenId, SessionId, Timestamp, Version},
};

/// One typed change.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Inserts a record.
    Insert(AnyRecord),
    /// Replaces all fields of a record, if the stored version is the expected one.
    Update {
        /// The record as it is to be stored.
        record: EditableRecord,
        /// The version that was read.
        expected: Version,
    },
    /// Deletes a record, and what belongs to it, if the stored version is the expected one and no other record refers
    /// to it.
    Delete {
        /// The record.
        id: EditableId,
        /// The version that was read.
        expected: Version,
    },
    /// Changes nothing: the whole set is refused unless the stored version is the expected one.
    Expect {
        /// The record.
        id: EditableId,
        /// The version that was read.
        expected: Version,
    },
    /// Replaces all fields of an incident, if the stored one is as expected.
    UpdateIncident {
        /// The incident as it is to be stored.
        incident: Box<Incident>,
        /// What was read.
        expected: Expected,
    },
    /// Deletes an incident with its timeline and tasks, if the stored version is the expected one.
    DeleteIncident {
        /// The incident.
        id: IncidentId,
        /// The version that was read.
        expected: Version,
    },
    /// Ends every selected session that has not ended before. Selecting none is no contradiction.
    RevokeSessions {
        /// Which sessions.
        selection: SessionSelection,
        /// When and why.
        revocation: Revocation,
    },
    /// Moves the time at which a session was last used forwards. An earlier time than the stored one changes nothing,
    /// and a session that does not exist is no contradiction.
    TouchSession {
        /// The session.
        id: SessionId,
        /// When it was used.
        seen_at: Timestamp,
    },
    /// Deletes sessions that ended before a time, by expiry or revocation, with their refresh tokens.
    PurgeSessions {
        /// The time.
        ended_before: Timestamp,
        /// The most sessions that this change deletes, those with the smallest ids first.
        sessions_max: u32,
    },
    /// Spends a refresh token, if it is unspent.
    SpendRefreshToken {
        /// The token.
        id: RefreshTokenId,
        /// How it is spent.
        spending: Spending,
        /// When.
        at: Timestamp,
    },
    /// Ends every selected API token that has not ended before. Selecting none is no contradiction.
    RevokeApiTokens {
        /// Which tokens.
        selection: ApiTokenSelection,
        /// When.
        at: Timestamp,
    },
    /// Moves the time at which an API token was last used forwards. An earlier time than the stored one changes
    /// nothing, and a token that does not exist is no contradiction.
    TouchApiToken {
        /// The token.
        id: ApiTokenId,
        /// When it was used.
        used_at: Timestamp,
    },
    /// Deletes kept replies that expired before a time.
    PurgeReplies {
        /// The time.
        expired_before: Timestamp,
        /// The most replies that this change deletes, those that expired first.
        replies_max: u32,
    },
    /// Changes nothing: the whole set is refused as stale unless the lease has this fence, so that a former holder
    /// writes nothing.
    HoldsLease {
        /// The lease.
        name: String,
        /// The fence with which it was acquired.
        fence: u64,
    },
}
