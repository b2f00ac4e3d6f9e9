//! One thing that a command changes.

use crate::{
    Action, ApiToken, ApiTokenId, ApiTokenSelection, Category, CategoryId, Event, Expected, Incident, IncidentId,
    RefreshToken, RefreshTokenId, Revocation, SavedView, SavedViewId, Session, SessionId, SessionSelection, Spending,
    StoredReply, Task, TaskId, TimelineEntry, Timestamp, User, UserId, Version,
};

/// One typed change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A new user.
    InsertUser(Box<User>),
    /// All fields of a user anew, if the stored version is the expected one.
    UpdateUser {
        /// The user as they are to be.
        user: Box<User>,
        /// What the writer has read.
        expected: Version,
    },
    /// No change to a user: the whole set is refused unless the stored version is the expected one.
    ExpectUser {
        /// Who.
        id: UserId,
        /// What the writer has read.
        expected: Version,
    },
    /// A user away, and with them their sessions, refresh tokens and API tokens, if the stored version is the
    /// expected one and no incident names them.
    DeleteUser {
        /// Who.
        id: UserId,
        /// What the writer has read.
        expected: Version,
    },
    /// A new session.
    InsertSession(Box<Session>),
    /// The end of every selected session that has not been ended before. None at all is no contradiction.
    RevokeSessions {
        /// Which ones.
        selection: SessionSelection,
        /// When and why.
        revocation: Revocation,
    },
    /// A session was heard of. An earlier time than the stored one changes nothing, and a session that does not
    /// exist is no contradiction.
    TouchSession {
        /// Which one.
        id: SessionId,
        /// When.
        seen_at: Timestamp,
    },
    /// Sessions away that ended before a time, by themselves or by being revoked, and their refresh tokens with
    /// them.
    PurgeSessions {
        /// The time.
        ended_before: Timestamp,
        /// The most that are taken away by this change, those that were made first.
        sessions_max: u32,
    },
    /// A new refresh token.
    InsertRefreshToken(Box<RefreshToken>),
    /// The end of a refresh token, if it is living.
    SpendRefreshToken {
        /// Which one.
        id: RefreshTokenId,
        /// How.
        spending: Spending,
        /// When.
        at: Timestamp,
    },
    /// A new API token.
    InsertApiToken(Box<ApiToken>),
    /// The end of every selected API token that has not been ended before. None at all is no contradiction.
    RevokeApiTokens {
        /// Which ones.
        selection: ApiTokenSelection,
        /// When.
        at: Timestamp,
    },
    /// An API token was used. An earlier time than the stored one changes nothing, and a token that does not
    /// exist is no contradiction.
    TouchApiToken {
        /// Which one.
        id: ApiTokenId,
        /// When.
        used_at: Timestamp,
    },
    /// A new incident.
    InsertIncident(Box<Incident>),
    /// All fields of an incident anew, if the stored one is as expected.
    UpdateIncident {
        /// The incident as it is to be.
        incident: Box<Incident>,
        /// What the writer has read.
        expected: Expected,
    },
    /// An incident away, and its timeline and tasks with it, if the stored one is as expected.
    DeleteIncident {
        /// Which one.
        id: IncidentId,
        /// What the writer has read.
        expected: Version,
    },
    /// A new line of a timeline.
    InsertEntry(Box<TimelineEntry>),
    /// A new category.
    InsertCategory(Box<Category>),
    /// All fields of a category anew, if the stored version is the expected one.
    UpdateCategory {
        /// The category as it is to be.
        category: Box<Category>,
        /// What the writer has read.
        expected: Version,
    },
    /// A category away, if the stored version is the expected one and no task is of it.
    DeleteCategory {
        /// Which one.
        id: CategoryId,
        /// What the writer has read.
        expected: Version,
    },
    /// A new task.
    InsertTask(Box<Task>),
    /// All fields of a task anew, if the stored version is the expected one.
    UpdateTask {
        /// The task as it is to be.
        task: Box<Task>,
        /// What the writer has read.
        expected: Version,
    },
    /// A task away, if the stored version is the expected one.
    DeleteTask {
        /// Which one.
        id: TaskId,
        /// What the writer has read.
        expected: Version,
    },
    /// A new saved view.
    InsertSavedView(Box<SavedView>),
    /// All fields of a saved view anew, if the stored version is the expected one.
    UpdateSavedView {
        /// The view as it is to be.
        view: Box<SavedView>,
        /// What the writer has read.
        expected: Version,
    },
    /// A saved view away, if the stored version is the expected one.
    DeleteSavedView {
        /// Which one.
        id: SavedViewId,
        /// What the writer has read.
        expected: Version,
    },
    /// A new audit record.
    InsertAction(Box<Action>),
    /// A new event at the end of the log.
    InsertEvent(Box<Event>),
    /// The reply to the request that this set is the effect of.
    InsertReply(Box<StoredReply>),
    /// Kept replies away that expired before a time.
    PurgeReplies {
        /// The time.
        expired_before: Timestamp,
        /// The most that are taken away by this change, those that expired first.
        replies_max: u32,
    },
}
