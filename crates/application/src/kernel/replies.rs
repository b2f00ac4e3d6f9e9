//! Carrying out a request once, however often it is sent.
//!
//! A client names a request by an idempotency key. The answer is stored in the change set that holds the effect, so that
//! there is never one without the other; the same request later gets that answer and has no effect. Of equal requests at
//! the same time one does the work: those of one process wait for a lock; of those in several processes the store refuses
//! all but one, whose answer the others give too.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use incident_domain::{
    kernel::{
        Clock, IdempotencyKey, ReplyRepository, ReplySeal, RequestFingerprint, SecretGeneratorError, StoreError,
        StoredReply, UserId,
    },
    write::{Change, ChangeSet, Store},
};
use thiserror::Error;
use tokio::sync::MutexGuard;

use super::{CommandError, Forbidden, KeyedLocks, NoRule, Permission, Principal};

/// How many replies are deleted at a time, so that other writers do not wait long.
const PURGED_REPLIES_MAX: u32 = 500;

/// How often that is repeated: once a minute, 10,000 are more than a server is sent keys.
const PURGES_MAX: u32 = 20;

/// What keeping replies needs.
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
    locks: KeyedLocks,
}

/// A request with the key that its user gave it.
#[derive(Clone, Debug)]
pub struct KeyedRequest {
    user_id: UserId,
    key: IdempotencyKey,
    fingerprint: RequestFingerprint,
    /// Those that earlier keys of the server gave the request.
    retired_fingerprints: Vec<RequestFingerprint>,
}

/// The lock of a request, held until it is dropped.
#[must_use = "without it, equal requests are carried out at the same time"]
pub struct RequestLock<'a>(#[expect(dead_code, reason = "it is there to be held")] MutexGuard<'a, ()>);

/// Why a kept reply cannot be given.
#[derive(Debug, Error)]
pub enum ReplyError {
    /// The key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The request was carried out, but its reply was sealed with another key of the server.
    #[error("the reply kept for the idempotency key cannot be read any more")]
    Unreadable,
    /// The store does not answer.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
}

impl Replies {
    /// Makes a service that keeps each reply for at least `lifetime`.
    pub fn new(ports: ReplyPorts, lifetime: Duration) -> Self {
        let lifetime = TimeDelta::from_std(lifetime).unwrap_or(TimeDelta::MAX);
        Self { ports, lifetime, locks: KeyedLocks::new() }
    }

    /// Names a request of a user by its key; `parts` are all that tells it from other requests.
    pub fn request(
        &self,
        caller: &Principal,
        key: IdempotencyKey,
        mut parts: Vec<Vec<u8>>,
    ) -> Result<KeyedRequest, Forbidden> {
        // An answer may hold what only a signed-in session is given, so an API token must not get it by repetition.
        let sent_by: &[u8] = if caller.origin.session_id.is_some() { b"session" } else { b"api_token" };
        parts.push(sent_by.to_vec());
        let fingerprint = self.ports.seal.fingerprint(&parts);
        let retired_fingerprints = self.ports.seal.retired_fingerprints(&parts);
        Ok(KeyedRequest { user_id: caller.require_user()?, key, fingerprint, retired_fingerprints })
    }

    /// Waits until no equal request is being carried out in this process.
    pub async fn lock(&self, request: &KeyedRequest) -> RequestLock<'_> {
        RequestLock(self.locks.lock((request.user_id, &request.key)).await)
    }

    /// Returns the reply that is kept for a request, if it was carried out before.
    pub async fn find(&self, request: &KeyedRequest) -> Result<Option<Vec<u8>>, ReplyError> {
        let Some(kept) = self.kept(request).await? else { return Ok(None) };
        // It is opened first: with another key of the server every request has another fingerprint too, and the client
        // would be answered that the key was used for another request.
        let reply = self.ports.seal.open(&kept.fingerprint, &kept.sealed).ok_or(ReplyError::Unreadable)?;
        let is_same =
            kept.fingerprint == request.fingerprint || request.retired_fingerprints.contains(&kept.fingerprint);
        if is_same { Ok(Some(reply)) } else { Err(ReplyError::KeyReused) }
    }

    /// Deletes replies that have expired, a limited number at a time. A key whose reply is deleted can be used again.
    pub async fn purge(&self, caller: &Principal) -> Result<(), CommandError<NoRule>> {
        caller.require(Permission::RunMaintenance)?;
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
