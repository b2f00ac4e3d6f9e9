//! Everything the store holds.

use std::ops::RangeInclusive;

use incident_domain::{
    Action, ActionId, EntryId, Event, EventId, ExternalReference, Incident, IncidentId, IncidentNumber, Session,
    SessionId, TimelineEntry, User, UserId,
};

use crate::table::{Table, Undo};

/// An incident's number in the system it came from: the source's name, then the number there.
pub(crate) type ExternalKey = (String, String);

/// The stored things by their ids, and an index for every other unique key.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) users: Table<UserId, User>,
    pub(crate) users_by_email: Table<String, UserId>,
    pub(crate) sessions: Table<SessionId, Session>,
    pub(crate) incidents: Table<IncidentId, Incident>,
    pub(crate) incidents_by_number: Table<IncidentNumber, IncidentId>,
    pub(crate) incidents_by_external: Table<ExternalKey, IncidentId>,
    /// The duplicates of an incident: the original's id, then the duplicate's.
    pub(crate) duplicates: Table<(IncidentId, IncidentId), ()>,
    pub(crate) entries: Table<(IncidentId, u32), TimelineEntry>,
    pub(crate) entry_ids: Table<EntryId, ()>,
    /// By position, from 1.
    pub(crate) events: Table<u64, Event>,
    pub(crate) event_ids: Table<EventId, ()>,
    pub(crate) actions: Table<ActionId, Action>,
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

    fn tables(&mut self) -> [&mut dyn Undo; 12] {
        [
            &mut self.users,
            &mut self.users_by_email,
            &mut self.sessions,
            &mut self.incidents,
            &mut self.incidents_by_number,
            &mut self.incidents_by_external,
            &mut self.duplicates,
            &mut self.entries,
            &mut self.entry_ids,
            &mut self.events,
            &mut self.event_ids,
            &mut self.actions,
        ]
    }
}

/// The form in which an external reference is looked up.
pub(crate) fn external_key(external: &ExternalReference) -> ExternalKey {
    (external.source.to_string(), external.number.to_string())
}

/// The keys of one incident's timeline.
pub(crate) const fn whole_timeline(id: IncidentId) -> RangeInclusive<(IncidentId, u32)> {
    (id, 0)..=(id, u32::MAX)
}
