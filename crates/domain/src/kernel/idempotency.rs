//! Idempotency: a request that is sent several times takes effect once, and repetitions get the stored reply.

use std::fmt;

use async_trait::async_trait;
use thiserror::Error;

use super::{Record, RecordKey, RecordKind, Reference, SecretGeneratorError, StoreError, Timestamp, UniqueKey, UserId};

/// The client's name for a request, by which repetitions are recognised: 1 to 255 characters of printable ASCII. Keys
/// are scoped to a user.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdempotencyKey(String);

/// A text that is not an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("must have 1 to {} characters of printable ASCII", IdempotencyKey::CHARS_MAX)]
pub struct IdempotencyKeyError;

impl IdempotencyKey {
    /// The most characters of a key.
    pub const CHARS_MAX: usize = 255;

    /// Parses a key.
    pub fn parse(text: impl Into<String>) -> Result<Self, IdempotencyKeyError> {
        let text = text.into();
        let is_printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if text.is_empty() || text.len() > Self::CHARS_MAX || !is_printable {
            return Err(IdempotencyKeyError);
        }
        Ok(Self(text))
    }

    /// Returns the key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A hash that is equal only for equal requests. It is keyed with a server secret, because a request may contain a
/// password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequestFingerprint([u8; 32]);

impl RequestFingerprint {
    /// Wraps stored bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The reply to a completed request, stored for repetitions in the change set with the request's effect, so that
/// neither exists without the other.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredReply {
    /// The user who sent the request.
    pub user_id: UserId,
    /// The idempotency key; unique for each user.
    pub key: IdempotencyKey,
    /// The fingerprint of the request.
    pub fingerprint: RequestFingerprint,
    /// The reply, sealed because it may hold a secret that is shown once.
    pub sealed: Vec<u8>,
    /// The time of the reply.
    pub created_at: Timestamp,
    /// The time until which the reply is kept at least.
    pub expires_at: Timestamp,
}

impl StoredReply {
    /// The unique key: user and idempotency key.
    pub const KEY: UniqueKey = UniqueKey::new("idempotency key");
}

impl fmt::Debug for StoredReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { user_id, key, expires_at, .. } = self;
        write!(f, "StoredReply({user_id}, {key:?}, kept until {expires_at}, sealed)")
    }
}

/// Reads stored replies.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ReplyRepository: Send + Sync {
    /// Returns the reply to a user's key, expired or not: it is valid until it is purged.
    ///
    /// - MUST return every field exactly as it was committed.
    /// - MUST see every commit that completed before the call.
    async fn find(&self, user_id: UserId, key: &IdempotencyKey) -> Result<Option<StoredReply>, StoreError>;
}

/// Seals requests and replies against readers of the store.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait ReplySeal: Send + Sync {
    /// Returns the fingerprint of a request.
    ///
    /// - MUST be equal for equal parts, also after a restart, and differ for others, however the bytes are split into
    ///   parts.
    /// - MUST reveal nothing about the parts without the server's key.
    fn fingerprint(&self, parts: &[Vec<u8>]) -> RequestFingerprint;

    /// Returns the fingerprints that earlier keys of the server gave the same request.
    fn retired_fingerprints(&self, parts: &[Vec<u8>]) -> Vec<RequestFingerprint> {
        let _ = parts;
        Vec::new()
    }

    /// Seals a reply for a request.
    ///
    /// - MUST reveal nothing but the length without the server's key.
    fn seal(&self, request: &RequestFingerprint, reply: &[u8]) -> Result<Vec<u8>, SecretGeneratorError>;

    /// Opens a reply that was sealed for this request, also after a restart.
    ///
    /// - MUST return `None` for bytes that were sealed with a key that is not the server's, now or earlier, or for another request, or were changed.
    fn open(&self, request: &RequestFingerprint, sealed: &[u8]) -> Option<Vec<u8>>;
}

/// No record refers to a reply.
impl RecordKey for (UserId, IdempotencyKey) {
    fn referent(&self) -> Option<uuid::Uuid> {
        None
    }
}

impl Record for StoredReply {
    type Id = (UserId, IdempotencyKey);
    const KIND: RecordKind = RecordKind::new("reply");
    const ID_KEY: UniqueKey = Self::KEY;

    fn id(&self) -> (UserId, IdempotencyKey) {
        (self.user_id, self.key.clone())
    }

    fn references(&self) -> Vec<Reference> {
        vec![Reference::to_owner(self.user_id)]
    }
}

#[cfg(test)]
mod tests {
    use super::{IdempotencyKey, IdempotencyKeyError};

    #[test]
    fn a_key_is_printable_ascii_of_bounded_length() {
        let longest = "k".repeat(255);
        for good in ["k", "8e03978e-40d5-43dd-bc93-6894a57f9324", "a b", "~", longest.as_str()] {
            assert_eq!(IdempotencyKey::parse(good).as_ref().map(IdempotencyKey::as_str), Ok(good));
        }
        let too_long = "k".repeat(256);
        for bad in ["", "a\nb", "a\0b", "schlüssel", "\u{7f}", too_long.as_str()] {
            assert_eq!(IdempotencyKey::parse(bad), Err(IdempotencyKeyError), "{bad:?}");
        }
    }
}
