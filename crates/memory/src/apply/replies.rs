//! Kept replies.

use incident_domain::{
    StoredReply, Timestamp, UserId,
    ports::{Conflict, Reference, UniqueKey},
};

use super::{free, known};
use crate::state::{ReplyKey, State, reply_key, to_usize};

impl State {
    pub(super) fn insert_reply(&mut self, reply: StoredReply) -> Result<(), Conflict> {
        let key = reply_key(reply.user_id, &reply.key);
        free(!self.replies.contains_key(&key), StoredReply::KEY)?;
        known(self.users.contains_key(&reply.user_id), User::KIND)?;

        self.replies.put(key, reply);
        Ok(())
    }

    pub(super) fn purge_replies(&mut self, expired_before: Timestamp, replies_max: u32) {
        let expired = self.replies.iter().filter(|(_, reply)| reply.expires_at < expired_before);
        let mut expired: Vec<_> = expired.map(|(key, reply)| (reply.expires_at, key.clone())).collect();
        expired.sort_unstable();
        for (_, key) in expired.into_iter().take(to_usize(replies_max)) {
            self.replies.remove(&key);
        }
    }

    pub(super) fn delete_replies_to(&mut self, user: UserId) {
        let keys = self.replies.range((user, String::new())..).map(|(key, _)| key.clone());
        let keys: Vec<ReplyKey> = keys.take_while(|(owner, _)| *owner == user).collect();
        for key in keys {
            self.replies.remove(&key);
        }
    }
}
