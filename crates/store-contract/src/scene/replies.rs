//! Kept replies: made, stored and read.

use chrono::TimeDelta;
use incident_domain::{
    kernel::{IdempotencyKey, RequestFingerprint, StoredReply, UserId},
    write::ChangeSet,
};
use uuid::Uuid;

use super::Scene;

/// How long replies are kept unless a case says otherwise: longer than any case.
const LIFETIME: TimeDelta = TimeDelta::days(30);

impl Scene {
    /// A reply that is not stored, to a request with a key of its own.
    pub fn reply_to(&self, user_id: UserId) -> StoredReply {
        let (id, created_at) = (self.uuid(), self.now());
        StoredReply {
            user_id,
            key: idempotency_key(&id.to_string()),
            fingerprint: fingerprint(id),
            sealed: format!("the reply to {id}").into_bytes(),
            created_at,
            expires_at: created_at + LIFETIME,
        }
    }

    /// A reply that is not stored, to a request with this key.
    pub fn reply_with_key(&self, user_id: UserId, key: &IdempotencyKey) -> StoredReply {
        StoredReply { key: key.clone(), ..self.reply_to(user_id) }
    }

    /// A reply that is stored.
    pub async fn stored_reply(&self, user_id: UserId) -> StoredReply {
        let reply = self.reply_to(user_id);
        self.commit(ChangeSet::new().insert(reply.clone())).await;
        reply
    }

    /// Reads a kept reply.
    pub async fn read_reply(&self, user_id: UserId, key: &IdempotencyKey) -> Option<StoredReply> {
        self.ports.replies.find(user_id, key).await.expect("replies can be read")
    }
}

/// What a client calls a request.
pub fn idempotency_key(text: &str) -> IdempotencyKey {
    IdempotencyKey::parse(text).expect("a key")
}

/// The fingerprint of the request with this id: another for every id, with zeros and high bytes.
fn fingerprint(id: Uuid) -> RequestFingerprint {
    let mut bytes = [0xF1; 32];
    bytes[..16].copy_from_slice(id.as_bytes());
    bytes[31] = 0;
    RequestFingerprint::new(bytes)
}
