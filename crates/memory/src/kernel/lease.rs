//! Leases.

use async_trait::async_trait;
use incident_domain::kernel::{
    Conflict::{self, Stale},
    Lease, LeaseRepository, StoreError, Timestamp,
};

use crate::{state::State, store::MemoryStore};

impl State {
    /// Refuses the change set unless a lease has this fence.
    pub(crate) fn expect_lease(&self, name: &str, fence: u64) -> Result<(), Conflict> {
        let is_held = self.leases.get(name).is_some_and(|lease| lease.fence == fence);
        if is_held { Ok(()) } else { Err(Stale) }
    }
}

#[async_trait]
impl LeaseRepository for MemoryStore {
    async fn acquire(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        let mut state = self.state();
        let fence = match state.leases.get(name) {
            None => 1,
            Some(lease) if lease.holder == holder => lease.fence,
            Some(lease) if lease.expires_at <= now => lease.fence + 1,
            Some(_) => return Ok(None),
        };
        let lease = Lease { name: name.to_owned(), holder: holder.to_owned(), fence, expires_at };
        state.leases.put(name.to_owned(), lease.clone());
        state.keep();
        Ok(Some(lease))
    }

    async fn release(&self, lease: &Lease, now: Timestamp) -> Result<(), StoreError> {
        let mut state = self.state();
        if let Some(stored) = state.leases.get(&lease.name).filter(|stored| stored.fence == lease.fence) {
            let released = Lease { expires_at: stored.expires_at.min(now), ..stored.clone() };
            state.leases.put(lease.name.clone(), released);
            state.keep();
        }
        Ok(())
    }
}
