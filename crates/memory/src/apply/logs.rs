//! The audit and the event log.

use incident_domain::{
    Action, Event,
    ports::{Conflict, UniqueKey},
};

use super::free;
use crate::state::State;

impl State {
    pub(super) fn insert_action(&mut self, action: Action) -> Result<(), Conflict> {
        free(!self.actions.contains_key(&action.id), UniqueKey::ID)?;

        self.actions.put(action.id, action);
        Ok(())
    }

    pub(super) fn insert_event(&mut self, event: Event) -> Result<(), Conflict> {
        free(!self.event_ids.contains_key(&event.id), UniqueKey::ID)?;

        // Commits are serialised by the store's lock, so the order of insertion is the order of commits.
        let last_position = self.events.last_key_value().map_or(0, |(position, _)| *position);
        self.event_ids.put(event.id, ());
        self.events.put(last_position + 1, event);
        Ok(())
    }
}
