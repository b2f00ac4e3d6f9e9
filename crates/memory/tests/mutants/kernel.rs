//! Faults of events, the audit, replies, jobs, leases and health.

use async_trait::async_trait;
use incident_domain::{
    incidents::Incident,
    kernel::{
        Action, ActionFilter, ActionId, ActionRepository, Direction, EventLog, HealthCheck, HealthError,
        IdempotencyKey, Job, JobClaim, JobCounts, JobFilter, JobId, JobQueue, JobState, Lease, LeaseRepository,
        LoggedEvent, Page, PageRequest, PageSize, ReplyRepository, Repository, StoreError, StoredReply, Timestamp,
        UserId,
    },
};

use crate::{commit::lower, fault::Fault, lists::empty, mutant::Mutant};

#[async_trait]
impl HealthCheck for Mutant {
    async fn check(&self) -> Result<(), HealthError> {
        if self.has(Fault::CannotServe) {
            return Err(HealthError::Schema { advice: "migrate".to_owned() });
        }
        self.memory.check().await
    }
}

#[async_trait]
impl EventLog for Mutant {
    async fn after(&self, position: u64, limit: u32) -> Result<Vec<LoggedEvent>, StoreError> {
        let limit = if self.has(Fault::LimitsAreIgnored) { u32::MAX } else { limit };
        let mut events = self.memory.after(position, limit).await?;
        if self.has(Fault::EventsAppearLate) {
            let late = &mut self.notes().late_positions;
            events.retain(|logged| logged.position % 5 > 0 || !late.insert(logged.position));
        }
        if self.has(Fault::DeletesEventsOfIncidents) {
            let incidents: Vec<_> = self.notes().all::<Incident>().map(|incident| incident.id).collect();
            let stored = Repository::<Incident>::find_many(&*self.memory, &incidents).await?;
            let is_deleted = |subject: &str| {
                let subject_of = |id| format!("incident:{id}") == subject;
                incidents.iter().any(subject_of) && !stored.iter().map(|incident| &incident.id).any(subject_of)
            };
            events.retain(|logged| !is_deleted(&logged.event.subject));
        }
        Ok(events)
    }
}

#[async_trait]
impl ActionRepository for Mutant {
    async fn list(
        &self,
        filter: &ActionFilter,
        direction: Direction,
        page: PageRequest<ActionId>,
    ) -> Result<Page<Action>, StoreError> {
        let Some(page) = self.request(page, |id| id.as_uuid()) else { return Ok(empty()) };
        Ok(self.page(ActionRepository::list(&*self.memory, &self.filter(filter), direction, page).await?))
    }
}

#[async_trait]
impl ReplyRepository for Mutant {
    async fn find(&self, user_id: UserId, key: &IdempotencyKey) -> Result<Option<StoredReply>, StoreError> {
        let key = if self.has(Fault::KeysIgnoreCase) { lower(key) } else { key.clone() };
        let stored = ReplyRepository::find(&*self.memory, user_id, &key).await?;
        let found = self.found(&(user_id, key.clone()), stored);
        let absent = &mut self.notes().absent_replies;
        let place = (user_id, key.as_str().to_owned());
        Ok(match self.fault {
            Some(Fault::HidesExpiredReplies) => found.filter(|reply| reply.created_at <= reply.expires_at),
            Some(Fault::RemembersThatThereIsNoReply) if found.is_none() || absent.contains(&place) => {
                absent.insert(place);
                None
            }
            _ => found,
        })
    }
}

#[async_trait]
impl JobQueue for Mutant {
    async fn claim(&self, claim: &JobClaim) -> Result<Vec<Job>, StoreError> {
        let mut claim = claim.clone();
        match self.fault {
            Some(Fault::ClaimsJobsOfBusyPartitions) => claim.busy_partitions.clear(),
            Some(Fault::LimitsAreIgnored) => claim.jobs_max = u32::MAX,
            Some(Fault::ConcurrentCallersAllSucceed) => {
                let (claimed, is_concurrent) = self.overlapping(self.memory.claim(&claim)).await;
                let claimed = claimed?;
                let last = self.notes().claimed.replace(claimed.clone());
                return Ok(last.filter(|_| is_concurrent && claimed.is_empty()).unwrap_or(claimed));
            }
            _ => {}
        }
        let mut claimed = self.memory.claim(&claim).await?;
        if self.has(Fault::ReturnsDeadJobs) {
            let (filter, size) = (JobFilter { state: Some(JobState::Dead), kind: None }, PageSize::DEFAULT);
            let page = PageRequest::After { cursor: None, size };
            claimed.extend(JobQueue::list(&*self.memory, &filter, page).await?.items);
        }
        Ok(claimed)
    }

    async fn list(&self, filter: &JobFilter, page: PageRequest<JobId>) -> Result<Page<Job>, StoreError> {
        let Some(page) = self.request(page, |id| id.as_uuid()) else { return Ok(empty()) };
        Ok(self.page(JobQueue::list(&*self.memory, &self.filter(filter), page).await?))
    }

    async fn counts(&self) -> Result<Vec<JobCounts>, StoreError> {
        let mut counts = self.memory.counts().await?;
        if self.has(Fault::CountsNoDeadJobs) {
            for counts in &mut counts {
                counts.dead = 0;
            }
        }
        Ok(counts)
    }
}

#[async_trait]
impl LeaseRepository for Mutant {
    async fn acquire(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        let asked_at = if self.has(Fault::LeasesExpireEarly) { now + (expires_at - now) } else { now };
        let acquire = self.memory.acquire(name, holder, asked_at, expires_at);
        if self.has(Fault::ConcurrentCallersAllSucceed) {
            let (acquired, is_concurrent) = self.overlapping(acquire).await;
            let lease = Lease { name: name.to_owned(), holder: holder.to_owned(), fence: 1, expires_at };
            return Ok(acquired?.or(is_concurrent.then_some(lease)));
        }
        let mut acquired = acquire.await?;
        if let Some(lease) = acquired.as_mut().filter(|_| self.has(Fault::RenewalsRaiseTheFence)) {
            let renewals = &mut self.notes().renewals;
            lease.fence += *renewals;
            *renewals += 1;
        }
        Ok(acquired)
    }

    async fn release(&self, lease: &Lease, now: Timestamp) -> Result<(), StoreError> {
        if self.has(Fault::IgnoresReleases) { Ok(()) } else { self.memory.release(lease, now).await }
    }
}
