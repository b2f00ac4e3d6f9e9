//! The repositories: what is stored, read back.

use std::ops::Bound::{Excluded, Included};

use async_trait::async_trait;
use incident_domain::{
    Action, Email, ExternalName, Incident, IncidentFilter, IncidentId, IncidentNumber, LoggedEvent, Page, PageRequest,
    Session, SessionId, TimelineEntry, User, UserId,
    ports::{
        ActionRepository, EventLog, IncidentRepository, SessionRepository, StoreError, TimelineRepository,
        UserRepository,
    },
};

use crate::{MemoryStore, state::whole_timeline};

#[async_trait]
impl IncidentRepository for MemoryStore {
    async fn find(&self, id: IncidentId) -> Result<Option<Incident>, StoreError> {
        Ok(self.state().incidents.get(&id).cloned())
    }

    async fn find_by_number(&self, number: IncidentNumber) -> Result<Option<Incident>, StoreError> {
        let state = self.state();
        let id = state.incidents_by_number.get(&number);
        Ok(id.and_then(|id| state.incidents.get(id)).cloned())
    }

    async fn list(&self, filter: &IncidentFilter, page: PageRequest<IncidentId>) -> Result<Page<Incident>, StoreError> {
        let state = self.state();
        let newest_first = state.incidents.values().rev().filter(|incident| filter.matches(incident));
        let size = to_usize(page.size().get());
        let (mut wanted, total): (Box<dyn Iterator<Item = &Incident>>, _) = match page {
            PageRequest::Numbered { page, .. } => {
                let total = newest_first.clone().count();
                let skipped = to_usize(page.saturating_sub(1)).saturating_mul(size);
                (Box::new(newest_first.skip(skipped)), u64::try_from(total).ok())
            }
            PageRequest::After { cursor, .. } => {
                let is_after = move |incident: &&Incident| cursor.is_none_or(|cursor| incident.id < cursor);
                (Box::new(newest_first.filter(is_after)), None)
            }
        };
        let items = wanted.by_ref().take(size).cloned().collect();
        let has_more = wanted.next().is_some();
        Ok(Page { items, total, has_more })
    }

    async fn known_external(
        &self,
        source: &ExternalName,
        numbers: &[ExternalName],
    ) -> Result<Vec<ExternalName>, StoreError> {
        let state = self.state();
        let is_known = |number: &&ExternalName| {
            state.incidents_by_external.contains_key(&(source.to_string(), number.to_string()))
        };
        Ok(numbers.iter().filter(is_known).cloned().collect())
    }
}

#[async_trait]
impl TimelineRepository for MemoryStore {
    async fn entries(&self, incident: IncidentId, after: u32, limit: u32) -> Result<Vec<TimelineEntry>, StoreError> {
        let state = self.state();
        let rest = (Excluded((incident, after)), Included((incident, u32::MAX)));
        let wanted = state.entries.range(rest).take(to_usize(limit));
        Ok(wanted.map(|(_, entry)| entry.clone()).collect())
    }

    async fn latest_entries(
        &self,
        incidents: &[IncidentId],
        limit_each: u32,
    ) -> Result<Vec<TimelineEntry>, StoreError> {
        let state = self.state();
        let mut latest = Vec::new();
        for incident in incidents {
            let newest_first = state.entries.range(whole_timeline(*incident)).rev().map(|(_, entry)| entry.clone());
            let mut wanted: Vec<_> = newest_first.take(to_usize(limit_each)).collect();
            wanted.reverse();
            latest.append(&mut wanted);
        }
        Ok(latest)
    }
}

#[async_trait]
impl UserRepository for MemoryStore {
    async fn find(&self, id: UserId) -> Result<Option<User>, StoreError> {
        Ok(self.state().users.get(&id).cloned())
    }

    async fn find_by_emails(&self, emails: &[Email]) -> Result<Vec<User>, StoreError> {
        let state = self.state();
        let mut ids: Vec<_> = emails.iter().filter_map(|email| state.users_by_email.get(email.key())).collect();
        ids.sort_unstable();
        ids.dedup();
        Ok(ids.into_iter().filter_map(|id| state.users.get(id)).cloned().collect())
    }
}

#[async_trait]
impl SessionRepository for MemoryStore {
    async fn find(&self, id: SessionId) -> Result<Option<(Session, User)>, StoreError> {
        let state = self.state();
        let session = state.sessions.get(&id);
        Ok(session.and_then(|session| Some((session.clone(), state.users.get(&session.user_id)?.clone()))))
    }
}

#[async_trait]
impl EventLog for MemoryStore {
    async fn after(&self, position: u64, limit: u32) -> Result<Vec<LoggedEvent>, StoreError> {
        let Some(next) = position.checked_add(1) else { return Ok(Vec::new()) };
        let state = self.state();
        let wanted = state.events.range(next..).take(to_usize(limit));
        Ok(wanted.map(|(position, event)| LoggedEvent { position: *position, event: event.clone() }).collect())
    }
}

#[async_trait]
impl ActionRepository for MemoryStore {
    async fn newest(&self, limit: u32) -> Result<Vec<Action>, StoreError> {
        Ok(self.state().actions.values().rev().take(to_usize(limit)).cloned().collect())
    }
}

/// No machine that runs this has addresses of fewer than 32 bits; on one that did, a limit that does not
/// fit is no limit.
fn to_usize(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
