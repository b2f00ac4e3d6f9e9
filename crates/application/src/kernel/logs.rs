//! Reading the audit and the event log.

use std::sync::Arc;

use incident_domain::kernel::{
    Action, ActionFilter, ActionId, ActionRepository, Audience, Direction, EventLog, LoggedEvent, Page, PageRequest,
    PageSize, Role,
};

use super::{Permission, Principal, QueryError};

/// A page of the event log.
#[derive(Clone, Debug)]
pub struct EventPage {
    /// The events that the caller may see, in the order in which they became true.
    pub events: Vec<LoggedEvent>,
    /// The position after which the next page begins.
    pub next_after: u64,
    /// Whether there are events after it already.
    pub has_more: bool,
}

/// Reads the audit and the event log.
pub struct Logs {
    actions: Arc<dyn ActionRepository>,
    events: Arc<dyn EventLog>,
}

impl Logs {
    /// Makes a service over these ports.
    pub const fn new(actions: Arc<dyn ActionRepository>, events: Arc<dyn EventLog>) -> Self {
        Self { actions, events }
    }

    /// Returns a page of actions: all of them for an administrator, their own for other users.
    pub async fn actions(
        &self,
        caller: &Principal,
        mut filter: ActionFilter,
        direction: Direction,
        page: PageRequest<ActionId>,
    ) -> Result<Page<Action>, QueryError> {
        if caller.require(Role::Admin).is_err() {
            let own = caller.require_user()?;
            caller.require_own_or_admin(*filter.actor.get_or_insert(own))?;
        }
        Ok(self.actions.list(&filter, direction, page).await?)
    }

    /// Returns the events after a position that the caller may see: all of them for an administrator, those for members
    /// otherwise. A page covers at most `size` events, however few of them the caller may see.
    pub async fn events(&self, caller: &Principal, after: u64, size: PageSize) -> Result<EventPage, QueryError> {
        caller.require(Permission::ReadEvents)?;
        let size = size.get();
        let mut events = self.events.after(after, size + 1).await?;
        let has_more = events.len() > size as usize;
        events.truncate(size as usize);
        let next_after = events.last().map_or(after, |last| last.position);
        if caller.require(Role::Admin).is_err() {
            events.retain(|logged| logged.event.audience == Audience::Members);
        }
        Ok(EventPage { events, next_after, has_more })
    }
}
