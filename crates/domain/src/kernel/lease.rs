//! Leases: work that only one replica may do at a time.

use async_trait::async_trait;

use super::{StoreError, Timestamp};

/// The right to do something alone until a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// What it is about: `events.checkpoint`.
    pub name: String,
    /// Who holds it.
    pub holder: String,
    /// Raised whenever the lease passes to another holder, so that a former holder can be told from the present one.
    pub fence: u64,
    /// When it may pass to another holder.
    pub expires_at: Timestamp,
}

/// Hands out leases.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait LeaseRepository: Send + Sync {
    /// Takes or renews a lease until `expires_at`; returns `None` while another holder has it.
    ///
    /// - MUST give a lease that nobody has held before the fence 1.
    /// - MUST keep the fence when the present holder renews, also after it expired if nobody else took it.
    /// - MUST raise the fence by one when a lease that expired at or before `now` passes to another holder.
    /// - MUST give an expired lease to one of several concurrent callers.
    async fn acquire(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Option<Lease>, StoreError>;

    /// Lets a lease expire now, if it is still held with this fence.
    async fn release(&self, lease: &Lease, now: Timestamp) -> Result<(), StoreError>;
}
