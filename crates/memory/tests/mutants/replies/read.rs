//! Faults in what is found.

use async_trait::async_trait;
use incident_domain::{
    IdempotencyKey, StoredReply, UserId,
    ports::{ReplyRepository, StoreError, UserRepository},
};

use super::ReplyFault;
use crate::mutant::Mutant;

#[async_trait]
impl ReplyRepository for Mutant {
    async fn find(&self, user_id: UserId, key: &IdempotencyKey) -> Result<Option<StoredReply>, StoreError> {
        let found = ReplyRepository::find(&*self.memory, user_id, key).await?;
        let Some(fault) = self.reply_fault() else { return Ok(found) };
        let is_user_gone = UserRepository::find(&*self.memory, user_id).await?.is_none();
        let place = (user_id, key.clone());
        let mut notes = self.noted();
        let notes = &mut notes.replies;
        if let Some(overwriting) = notes.overwritten.get(&place) {
            return Ok(Some(overwriting.clone()));
        }
        let given = |is: &dyn Fn(&StoredReply) -> bool| notes.given.iter().find(|reply| is(reply)).cloned();
        Ok(match fault {
            _ if notes.hidden.contains(&place) => None,
            ReplyFault::KeepsRepliesToDeletedUsers if is_user_gone => {
                given(&|reply| reply.user_id == user_id && reply.key == *key)
            }
            ReplyFault::TakesKeysForEqual(likeness) => {
                let is_alike = |reply: &StoredReply| reply.key != *key && likeness.are_alike(&reply.key, key);
                found.or_else(|| given(&|reply| reply.user_id == user_id && is_alike(reply)))
            }
            ReplyFault::FindsByTheKeyAlone => {
                found.or_else(|| given(&|reply| reply.key == *key && reply.user_id != user_id))
            }
            ReplyFault::HidesExpired => found.filter(|reply| reply.created_at <= reply.expires_at),
            ReplyFault::TakesEmptyRepliesForNone => found.filter(|reply| !reply.sealed.is_empty()),
            ReplyFault::RemembersThatThereIsNone => {
                if found.is_none() {
                    notes.absent.insert(place.clone());
                }
                found.filter(|_| !notes.absent.contains(&place))
            }
            _ => found,
        })
    }
}
