//! Kept replies, read back.

use async_trait::async_trait;
use incident_domain::{
    IdempotencyKey, StoredReply, UserId,
    ports::{ReplyRepository, StoreError},
};

use crate::{MemoryStore, state::reply_key};

#[async_trait]
impl ReplyRepository for MemoryStore {
    async fn find(&self, user_id: UserId, key: &IdempotencyKey) -> Result<Option<StoredReply>, StoreError> {
        Ok(self.state().replies.get(&reply_key(user_id, key)).cloned())
    }
}
