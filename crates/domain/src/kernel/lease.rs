//! Leases for work that only one replica may do at a time.

use async_trait::async_trait;

use super::{StoreError, Timestamp};

/// The exclusive right to do some work until a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The name of the work: `events.checkpoint`.
    pub name: String,
    /// The holder.
    pub holder: String,
    /// The fencing token, raised when the lease passes to another holder, so that writes of the former holder are
    /// refused.
    pub fence: u64,
    /// The time after which another holder may acquire the lease.
    pub expires_at: Timestamp,
}

/// Acquires and releases leases.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait LeaseRepository: Send + Sync {
    /// Acquires or renews a lease until `expires_at`; returns `None` while another holder has it.
    ///
    /// - MUST give the fence 1 to a lease that was never held before.
    /// - MUST keep the fence when the present holder renews, even after expiry if no other holder acquired it.
    /// - MUST raise the fence by one when a lease that expired at or before `now` passes to another holder.
    /// - MUST give an expired lease to only one of several concurrent callers.
    async fn acquire(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Option<Lease>, StoreError>;

    /// Expires a lease now if it is still held with this fence.
    async fn release(&self, lease: &Lease, now: Timestamp) -> Result<(), StoreError>;
}
