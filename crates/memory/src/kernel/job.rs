//! Background jobs.

use std::collections::BTreeMap;

use async_trait::async_trait;
use incident_domain::kernel::{
    Direction, Job, JobClaim, JobCounts, JobFilter, JobId, JobQueue, JobState, Page, PageRequest, StoreError,
};

use super::page::by_id;
use crate::{state::to_usize, store::MemoryStore};

#[async_trait]
impl JobQueue for MemoryStore {
    async fn claim(&self, claim: &JobClaim) -> Result<Vec<Job>, StoreError> {
        let mut state = self.state();
        let mut due: Vec<_> = state.of::<Job>().all().filter(|job| claim.matches(job)).cloned().collect();
        due.sort_by_key(|job| (job.priority, job.run_at));
        due.truncate(to_usize(claim.jobs_max));
        let mut claimed: Vec<_> = due.iter().map(|job| job.claimed(claim.now, claim.lease_until)).collect();
        for job in &claimed {
            state.put(job.clone());
        }
        state.keep();
        claimed.retain(|job| job.state == JobState::Open);
        Ok(claimed)
    }

    async fn list(&self, filter: &JobFilter, page: PageRequest<JobId>) -> Result<Page<Job>, StoreError> {
        let state = self.state();
        let listed = state.of::<Job>().all().filter(|job| filter.matches(job));
        Ok(by_id(listed, Direction::Descending, page))
    }

    async fn counts(&self) -> Result<Vec<JobCounts>, StoreError> {
        let state = self.state();
        let mut by_kind = BTreeMap::new();
        for job in state.of::<Job>().all() {
            let counts = by_kind.entry(job.kind.clone()).or_insert_with(|| JobCounts {
                kind: job.kind.clone(),
                open: 0,
                dead: 0,
                oldest_run_at: None,
            });
            match job.state {
                JobState::Open => {
                    counts.open += 1;
                    let earlier = counts.oldest_run_at.filter(|oldest| *oldest < job.run_at);
                    counts.oldest_run_at = earlier.or(Some(job.run_at));
                }
                JobState::Dead => counts.dead += 1,
            }
        }
        Ok(by_kind.into_values().collect())
    }
}
