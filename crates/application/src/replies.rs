//! Doing a request once, however often it is sent.
//!
//! A client names a request by an idempotency key. The answer is stored in the change set that holds the effect, so
//! that there is never one without the other; whoever sends the request again gets the answer and causes nothing.
//! Of equal requests at the same time one does the work: in one process they line up; of those in several processes
//! the store refuses all but one, whose answer the others give too.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use incident_domain::{
    Change, ChangeSet, IdempotencyKey, RequestFingerprint, StoredReply, UserId,
    ports::{Clock, CommitError, ReplyRepository, ReplySeal, SecretGeneratorError, Store, StoreError},
};
use thiserror::Error;
use tokio::sync::MutexGuard;

use crate::{Caller, line_up::Queues};

/// How many kept replies go at a time, so that nobody waits long for the store meanwhile.
const PURGED_REPLIES_MAX: u32 = 500;

/// How many times in a row some go: taken once a minute, 10,000 are more than a server is sent keys.
const PURGES_MAX: u32 = 20;

/// What keeping replies needs from the world.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port that its type names")]
pub struct ReplyPorts {
    pub store: Arc<dyn Store>,
    pub replies: Arc<dyn ReplyRepository>,
    pub seal: Arc<dyn ReplySeal>,
    pub clock: Arc<dyn Clock>,
}

/// Keeps the replies to requests that have a key.
pub struct Replies {
    ports: ReplyPorts,
    lifetime: TimeDelta,
    queues: Queues,
}

/// A request with the key that its user gave it.
#[derive(Clone, Debug)]
pub struct KeyedRequest {
    user_id: UserId,
    key: IdempotencyKey,
    fingerprint: RequestFingerprint,
}

/// The right to do a request, until it is dropped.
#[must_use = "without it, equal requests are done at the same time"]
pub struct Turn<'a>(#[expect(dead_code, reason = "it is there to be held")] MutexGuard<'a, ()>);

/// Why a kept reply cannot be given.
#[derive(Debug, Error)]
pub enum ReplyError {
    /// The key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The request was done, but its reply was sealed with another key of the server.
    #[error("the reply kept for the idempotency key cannot be read any more")]
    Unreadable,
    /// The store does not answer.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
}

impl Replies {
    /// Keeps each reply for `lifetime` at least.
    pub fn new(ports: ReplyPorts, lifetime: Duration) -> Self {
        let lifetime = TimeDelta::from_std(lifetime).unwrap_or(TimeDelta::MAX);
        Self { ports, lifetime, queues: Queues::new() }
    }

    /// What a caller calls by this key; `parts` are all that makes the request what it is.
    pub fn request(&self, caller: &Caller, key: IdempotencyKey, mut parts: Vec<Vec<u8>>) -> KeyedRequest {
        // An answer may hold what only somebody who has signed in is given: no API token gets it by repeating.
        let sent_by: &[u8] = if caller.origin.session_id.is_some() { b"session" } else { b"api_token" };
        parts.push(sent_by.to_vec());
        KeyedRequest { user_id: caller.user_id, key, fingerprint: self.ports.seal.fingerprint(&parts) }
    }

    /// Waits until nobody of this process does the same request.
    pub async fn line_up(&self, request: &KeyedRequest) -> Turn<'_> {
        Turn(self.queues.line_up((request.user_id, &request.key)).await)
    }

    /// The reply that is kept for a request, if it was done before.
    pub async fn find(&self, request: &KeyedRequest) -> Result<Option<Vec<u8>>, ReplyError> {
        let Some(kept) = self.kept(request).await? else { return Ok(None) };
        // It is opened first: with another key of the server every request has another fingerprint too, and the client
        // would be told that they used the key for something else.
        let reply = self.ports.seal.open(&kept.fingerprint, &kept.sealed).ok_or(ReplyError::Unreadable)?;
        if kept.fingerprint == request.fingerprint { Ok(Some(reply)) } else { Err(ReplyError::KeyReused) }
    }

    /// Takes away replies that were kept long enough, a limited number at a time. To be called every minute. A key
    /// whose reply is not there any more can be used anew.
    pub async fn purge(&self) -> Result<(), CommitError> {
        let purge = Change::PurgeReplies { expired_before: self.ports.clock.now(), replies_max: PURGED_REPLIES_MAX };
        for _ in 0..PURGES_MAX {
            self.ports.store.commit(ChangeSet::new().with(purge.clone())).await?;
        }
        Ok(())
    }

    pub(crate) async fn is_kept(&self, request: &KeyedRequest) -> Result<bool, StoreError> {
        Ok(self.kept(request).await?.is_some())
    }

    pub(crate) fn seal(&self, request: &KeyedRequest, reply: &[u8]) -> Result<StoredReply, SecretGeneratorError> {
        let now = self.ports.clock.now();
        Ok(StoredReply {
            user_id: request.user_id,
            key: request.key.clone(),
            fingerprint: request.fingerprint,
            sealed: self.ports.seal.seal(&request.fingerprint, reply)?,
            created_at: now,
            expires_at: now + self.lifetime,
        })
    }

    async fn kept(&self, request: &KeyedRequest) -> Result<Option<StoredReply>, StoreError> {
        self.ports.replies.find(request.user_id, &request.key).await
    }
}
