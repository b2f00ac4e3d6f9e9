//! Kept replies.

use async_trait::async_trait;
use incident_domain::kernel::{Conflict, IdempotencyKey, ReplyRepository, StoreError, StoredReply, Timestamp, UserId};

use crate::{
    state::{State, to_usize},
    store::MemoryStore,
};

impl State {
    /// Deletes replies that expired before a time, those that expired first before others.
    pub(crate) fn purge_replies(&mut self, expired_before: Timestamp, replies_max: u32) -> Result<(), Conflict> {
        let expired = self.of::<StoredReply>().all().filter(|reply| reply.expires_at < expired_before);
        let mut expired: Vec<_> = expired.cloned().collect();
        expired.sort_by_key(|reply| reply.expires_at);
        expired.iter().take(to_usize(replies_max)).try_for_each(|reply| self.delete(reply))
    }
}

#[async_trait]
impl ReplyRepository for MemoryStore {
    async fn find(&self, user_id: UserId, key: &IdempotencyKey) -> Result<Option<StoredReply>, StoreError> {
        Ok(self.state().of::<StoredReply>().get(&(user_id, key.clone())).cloned())
    }
}
