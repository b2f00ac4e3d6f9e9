//! Doing a request once, however often it is sent: what is kept of the answer to the first.

use std::fmt;

use super::{Record, RecordKey, RecordKind, Reference, SecretGeneratorError, StoreError, Timestamp, UniqueKey, UserId};
use async_trait::async_trait;
use thiserror::Error;

/// What a client calls a request, so that a repetition is recognised: 1 to 255 characters of printable ASCII.
/// It is the user's own: another user's equal key is another key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdempotencyKey(String);

/// A text that cannot be an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("must have 1 to {} characters of printable ASCII", IdempotencyKey::CHARS_MAX)]
pub struct IdempotencyKeyError;

impl IdempotencyKey {
    /// The most characters.
    pub const CHARS_MAX: usize = 255;

    /// Takes a key as it is.
    pub fn parse(text: impl Into<String>) -> Result<Self, IdempotencyKeyError> {
        let text = text.into();
        let is_printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if text.is_empty() || text.len() > Self::CHARS_MAX || !is_printable {
            return Err(IdempotencyKeyError);
        }
        Ok(Self(text))
    }

    /// The key itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a request was, without telling it: equal for equal requests only. A request may hold a password, so it is
/// made with a key of the server and not by a bare hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequestFingerprint([u8; 32]);

impl RequestFingerprint {
    /// Wraps stored bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bare bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The answer to a request that was done, kept for its repetitions. It is stored in the change set that holds the
/// effect of the request, so that there is never one without the other.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredReply {
    /// Whose request it was.
    pub user_id: UserId,
    /// What they called it; unique for each user.
    pub key: IdempotencyKey,
    /// What it was.
    pub fingerprint: RequestFingerprint,
    /// The answer, sealed: it may hold a secret that is shown once.
    pub sealed: Vec<u8>,
    /// When it was given.
    pub created_at: Timestamp,
    /// Until when it is kept at least.
    pub expires_at: Timestamp,
}

impl StoredReply {
    /// A user has one reply for each of their keys.
    pub const KEY: UniqueKey = UniqueKey::new("idempotency key");
}

impl fmt::Debug for StoredReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { user_id, key, expires_at, .. } = self;
        write!(f, "StoredReply({user_id}, {key:?}, kept until {expires_at}, sealed)")
    }
}

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
