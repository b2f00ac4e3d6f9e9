//! A write is a value: everything one command changes, to be stored all or not at all.

use crate::{
    Action, ApiToken, ApiTokenSelection, Category, Change, Event, Incident, RefreshToken, RefreshTokenId, Revision,
    Revocation, SavedView, Session, SessionSelection, Spending, StoredReply, Task, Timestamp, User, Version,
};

/// Everything one command changes, in order: what is referred to comes before what refers to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "a change set does nothing until it is committed"]
pub struct ChangeSet(Vec<Change>);

impl ChangeSet {
    /// An empty set.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds one change.
    pub fn with(mut self, change: Change) -> Self {
        self.0.push(change);
        self
    }

    /// Adds a new user.
    pub fn with_user(self, user: User) -> Self {
        self.with(Change::InsertUser(Box::new(user)))
    }

    /// Adds all fields of a user anew, as changed since this version.
    pub fn with_user_updated(self, user: User, expected: Version) -> Self {
        self.with(Change::UpdateUser { user: Box::new(user), expected })
    }

    /// Lets the set be refused unless the user is still as they were read.
    pub fn with_user_expected(self, user: &User) -> Self {
        self.with(Change::ExpectUser { id: user.id, expected: user.version })
    }

    /// Adds the removal of a user.
    pub fn with_user_deleted(self, user: &User) -> Self {
        self.with(Change::DeleteUser { id: user.id, expected: user.version })
    }

    /// Adds a new session.
    pub fn with_session(self, session: Session) -> Self {
        self.with(Change::InsertSession(Box::new(session)))
    }

    /// Adds the end of sessions.
    pub fn with_sessions_revoked(self, selection: SessionSelection, revocation: Revocation) -> Self {
        self.with(Change::RevokeSessions { selection, revocation })
    }

    /// Adds a new refresh token.
    pub fn with_refresh_token(self, token: RefreshToken) -> Self {
        self.with(Change::InsertRefreshToken(Box::new(token)))
    }

    /// Adds the end of a refresh token.
    pub fn with_refresh_token_spent(self, id: RefreshTokenId, spending: Spending, at: Timestamp) -> Self {
        self.with(Change::SpendRefreshToken { id, spending, at })
    }

    /// Adds a new API token.
    pub fn with_api_token(self, token: ApiToken) -> Self {
        self.with(Change::InsertApiToken(Box::new(token)))
    }

    /// Adds the end of API tokens.
    pub fn with_api_tokens_revoked(self, selection: ApiTokenSelection, at: Timestamp) -> Self {
        self.with(Change::RevokeApiTokens { selection, at })
    }

    /// Adds an incident as it was opened or changed, with its new timeline entries.
    pub fn with_revision(mut self, revision: Revision) -> Self {
        let (expected, incident, entries) = revision.into_parts();
        let incident = Box::new(incident);
        self.0.push(match expected {
            None => Change::InsertIncident(incident),
            Some(expected) => Change::UpdateIncident { incident, expected },
        });
        self.0.extend(entries.into_iter().map(|entry| Change::InsertEntry(Box::new(entry))));
        self
    }

    /// Adds the removal of an incident.
    pub fn with_incident_deleted(self, incident: &Incident) -> Self {
        self.with(Change::DeleteIncident { id: incident.id, expected: incident.version })
    }

    /// Adds a new category.
    pub fn with_category(self, category: Category) -> Self {
        self.with(Change::InsertCategory(Box::new(category)))
    }

    /// Adds all fields of a category anew, as changed since this version.
    pub fn with_category_updated(self, category: Category, expected: Version) -> Self {
        self.with(Change::UpdateCategory { category: Box::new(category), expected })
    }

    /// Adds the removal of a category.
    pub fn with_category_deleted(self, category: &Category) -> Self {
        self.with(Change::DeleteCategory { id: category.id, expected: category.version })
    }

    /// Adds a new task.
    pub fn with_task(self, task: Task) -> Self {
        self.with(Change::InsertTask(Box::new(task)))
    }

    /// Adds all fields of a task anew, as changed since this version.
    pub fn with_task_updated(self, task: Task, expected: Version) -> Self {
        self.with(Change::UpdateTask { task: Box::new(task), expected })
    }

    /// Adds the removal of a task.
    pub fn with_task_deleted(self, task: &Task) -> Self {
        self.with(Change::DeleteTask { id: task.id, expected: task.version })
    }

    /// Adds a new saved view.
    pub fn with_saved_view(self, view: SavedView) -> Self {
        self.with(Change::InsertSavedView(Box::new(view)))
    }

    /// Adds all fields of a saved view anew, as changed since this version.
    pub fn with_saved_view_updated(self, view: SavedView, expected: Version) -> Self {
        self.with(Change::UpdateSavedView { view: Box::new(view), expected })
    }

    /// Adds the removal of a saved view.
    pub fn with_saved_view_deleted(self, view: &SavedView) -> Self {
        self.with(Change::DeleteSavedView { id: view.id, expected: view.version })
    }

    /// Adds an audit record.
    pub fn with_action(self, action: Action) -> Self {
        self.with(Change::InsertAction(Box::new(action)))
    }

    /// Adds events.
    pub fn with_events(mut self, events: impl IntoIterator<Item = Event>) -> Self {
        self.0.extend(events.into_iter().map(|event| Change::InsertEvent(Box::new(event))));
        self
    }

    /// Adds the reply to the request that this set is the effect of.
    pub fn with_reply(self, reply: StoredReply) -> Self {
        self.with(Change::InsertReply(Box::new(reply)))
    }

    /// The changes, in order.
    pub fn changes(&self) -> &[Change] {
        &self.0
    }

    /// The changes, in order, to keep.
    pub fn into_changes(self) -> Vec<Change> {
        self.0
    }
}

impl FromIterator<Change> for ChangeSet {
    fn from_iter<I: IntoIterator<Item = Change>>(changes: I) -> Self {
        Self(changes.into_iter().collect())
    }
}
