//! Reading the audit and the event log.

use std::sync::Arc;

use incident_domain::{
    Action, ActionFilter, ActionId, Direction, LoggedEvent, Page, PageRequest, PageSize, Role,
    ports::{ActionRepository, EventLog, StoreError},
};
use thiserror::Error;

use crate::{Caller, Forbidden, published};

/// Why the audit or the event log cannot be read.
#[derive(Debug, Error)]
pub enum LogError {
    /// The caller may not read this.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The store does not answer.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
}

/// A page of the event log.
#[derive(Clone, Debug)]
pub struct EventPage {
    /// The events that the caller may see, in the order in which they became true.
    pub events: Vec<LoggedEvent>,
    /// Where to go on: no later page holds anything of what lies before it.
    pub next_after: u64,
    /// Whether there are events after these already.
    pub has_more: bool,
}

/// Reads the audit and the event log.
pub struct Logs {
    actions: Arc<dyn ActionRepository>,
    events: Arc<dyn EventLog>,
}

impl Logs {
    /// A service over these ports.
    pub const fn new(actions: Arc<dyn ActionRepository>, events: Arc<dyn EventLog>) -> Self {
        Self { actions, events }
    }

    /// A page of actions: everybody's for an administrator, their own for others.
    pub async fn actions(
        &self,
        caller: &Caller,
        mut filter: ActionFilter,
        direction: Direction,
        page: PageRequest<ActionId>,
    ) -> Result<Page<Action>, LogError> {
        if caller.require(Role::Admin).is_err() {
            match filter.actor {
                Some(other) => caller.require_own_or_admin(other)?,
                None => filter.actor = Some(caller.user_id),
            }
        }
        Ok(self.actions.list(&filter, direction, page).await?)
    }

    /// The events after a position: all of them for an administrator, those about incidents and tasks for others. A page looks
    /// at `size` events at the most, however few of them the caller may see.
    pub async fn events(&self, caller: &Caller, after: u64, size: PageSize) -> Result<EventPage, LogError> {
        caller.require(Role::Viewer)?;
        let size = size.get();
        let mut events = self.events.after(after, size + 1).await?;
        let has_more = events.len() > size as usize;
        events.truncate(size as usize);
        let next_after = events.last().map_or(after, |last| last.position);
        if caller.require(Role::Admin).is_err() {
            events.retain(|logged| published::is_about_work(&logged.event));
        }
        Ok(EventPage { events, next_after, has_more })
    }
}
