//! Everything the store holds.

use std::ops::RangeInclusive;

use incident_domain::{
    Action, ActionId, ApiToken, ApiTokenId, Category, CategoryId, EntryId, Event, EventId, ExternalReference,
    IdempotencyKey, Incident, IncidentId, IncidentNumber, RefreshToken, RefreshTokenId, SavedView, SavedViewId,
    Session, SessionId, StoredReply, Task, TaskId, TimelineEntry, TokenHash, User, UserId,
};

use crate::table::{Table, Undo};

/// An incident's number in the system it came from: the source's name, then the number there.
pub(crate) type ExternalKey = (String, String);

/// Whose request a kept reply is to, then what they called it.
pub(crate) type ReplyKey = (UserId, String);

/// Whose view it is, then what they call it.
pub(crate) type ViewKey = (UserId, String);

/// The stored things by their ids, and an index for every other unique key.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) users: Table<UserId, User>,
    pub(crate) users_by_email: Table<String, UserId>,
    pub(crate) sessions: Table<SessionId, Session>,
    pub(crate) refresh_tokens: Table<RefreshTokenId, RefreshToken>,
    pub(crate) refresh_tokens_by_hash: Table<TokenHash, RefreshTokenId>,
    pub(crate) api_tokens: Table<ApiTokenId, ApiToken>,
    pub(crate) api_tokens_by_hash: Table<TokenHash, ApiTokenId>,
    pub(crate) incidents: Table<IncidentId, Incident>,
    pub(crate) incidents_by_number: Table<IncidentNumber, IncidentId>,
    pub(crate) incidents_by_external: Table<ExternalKey, IncidentId>,
    /// The duplicates of an incident: the original's id, then the duplicate's.
    pub(crate) duplicates: Table<(IncidentId, IncidentId), ()>,
    pub(crate) tasks: Table<TaskId, Task>,
    pub(crate) categories: Table<CategoryId, Category>,
    pub(crate) categories_by_name: Table<String, CategoryId>,
    pub(crate) saved_views: Table<SavedViewId, SavedView>,
    pub(crate) saved_views_by_name: Table<ViewKey, SavedViewId>,
    pub(crate) entries: Table<(IncidentId, u32), TimelineEntry>,
    pub(crate) entry_ids: Table<EntryId, ()>,
    /// By position, from 1.
    pub(crate) events: Table<u64, Event>,
    pub(crate) event_ids: Table<EventId, ()>,
    pub(crate) actions: Table<ActionId, Action>,
    pub(crate) replies: Table<ReplyKey, StoredReply>,
}

impl State {
    /// Makes everything that was applied lasting.
    pub(crate) fn keep(&mut self) {
        self.tables().into_iter().for_each(Undo::keep);
    }

    /// Takes back everything that was applied since it was last kept.
    pub(crate) fn undo(&mut self) {
        self.tables().into_iter().for_each(Undo::undo);
    }

    fn tables(&mut self) -> [&mut dyn Undo; 22] {
        [
            &mut self.users,
            &mut self.users_by_email,
            &mut self.sessions,
            &mut self.refresh_tokens,
            &mut self.refresh_tokens_by_hash,
            &mut self.api_tokens,
            &mut self.api_tokens_by_hash,
            &mut self.incidents,
            &mut self.incidents_by_number,
            &mut self.incidents_by_external,
            &mut self.duplicates,
            &mut self.tasks,
            &mut self.categories,
            &mut self.categories_by_name,
            &mut self.saved_views,
            &mut self.saved_views_by_name,
            &mut self.entries,
            &mut self.entry_ids,
            &mut self.events,
            &mut self.event_ids,
            &mut self.actions,
            &mut self.replies,
        ]
    }
}

/// The form in which an external reference is looked up.
pub(crate) fn external_key(external: &ExternalReference) -> ExternalKey {
    (external.source.to_string(), external.number.to_string())
}

/// The form in which a kept reply is looked up.
pub(crate) fn reply_key(user: UserId, key: &IdempotencyKey) -> ReplyKey {
    (user, key.as_str().to_owned())
}

/// The form in which a view's name is looked up.
pub(crate) fn view_key(view: &SavedView) -> ViewKey {
    (view.user_id, view.name.to_string())
}

/// The keys of one incident's timeline.
pub(crate) const fn whole_timeline(id: IncidentId) -> RangeInclusive<(IncidentId, u32)> {
    (id, 0)..=(id, u32::MAX)
}

/// No machine that runs this has addresses of fewer than 32 bits; on one that did, a limit that does not
/// fit is no limit.
pub(crate) fn to_usize(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
