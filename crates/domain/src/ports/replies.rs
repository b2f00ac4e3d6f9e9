//! Answers kept for requests that are sent again.

use async_trait::async_trait;

use super::StoreError;
use crate::{IdempotencyKey, RequestFingerprint, StoredReply, UserId, machine::SecretGeneratorError};

/// Reads kept replies.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ReplyRepository: Send + Sync {
    /// The reply that is kept for a user's key, expired or not: it holds until it is purged.
    ///
    /// - MUST answer every field exactly as it was committed.
    /// - MUST see every commit that was answered before the call.
    async fn find(&self, user_id: UserId, key: &IdempotencyKey) -> Result<Option<StoredReply>, StoreError>;
}

/// Keeps requests and replies from whoever reads the store.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait ReplySeal: Send + Sync {
    /// What a request was.
    ///
    /// - MUST be equal for equal parts, after a restart too, and differ for others, whichever way they are split.
    /// - MUST tell nothing about the parts to whoever does not hold the server's key.
    fn fingerprint(&self, parts: &[Vec<u8>]) -> RequestFingerprint;

    /// Seals a reply for a request.
    ///
    /// - MUST tell nothing but the length to whoever does not hold the server's key.
    fn seal(&self, request: &RequestFingerprint, reply: &[u8]) -> Result<Vec<u8>, SecretGeneratorError>;

    /// Opens what was sealed for this request, after a restart too.
    ///
    /// - MUST answer `None` for what was not sealed with the server's key, or for another request, or was changed.
    fn open(&self, request: &RequestFingerprint, sealed: &[u8]) -> Option<Vec<u8>>;
}
