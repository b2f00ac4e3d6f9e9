//! Test doubles for hashing, tokens and rate limits.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use async_trait::async_trait;
use incident_domain::{
    identity::{
        AccessClaims, LiveSessions, Password, PasswordHash, PasswordHasher, PasswordHasherError, Session,
        SessionRepository, TokenError, TokenIssuer, User,
    },
    kernel::{Admission, Clock, Page, PageRequest, Quota, RateKey, RateLimiter, SessionId, StoreError, Timestamp},
};
use incident_memory::{ManualClock, MemoryStore};

/// A concurrent change that runs while a password is being verified.
pub(crate) type DuringVerification = Box<dyn FnOnce(&MemoryStore) + Send>;

/// A hasher whose hash consists of the cost and the plaintext password.
pub(crate) struct PlaintextHasher {
    pub(crate) cost: AtomicU32,
    pub(crate) verified: AtomicU32,
    pub(crate) during_verification: Mutex<Option<DuringVerification>>,
    pub(crate) store: Arc<MemoryStore>,
}

impl PlaintextHasher {
    pub(crate) fn new(store: Arc<MemoryStore>) -> Self {
        let (cost, verified) = (AtomicU32::new(10), AtomicU32::new(0));
        Self { cost, verified, during_verification: Mutex::new(None), store }
    }

    pub(crate) fn made(&self, password: &str) -> PasswordHash {
        PasswordHash::new(format!("{}:{password}", self.cost.load(Ordering::SeqCst)))
    }
}

#[async_trait]
impl PasswordHasher for PlaintextHasher {
    async fn hash(&self, password: Password) -> Result<PasswordHash, PasswordHasherError> {
        Ok(self.made(password.expose()))
    }

    async fn verify(&self, password: String, hash: Option<PasswordHash>) -> Result<bool, PasswordHasherError> {
        self.verified.fetch_add(1, Ordering::SeqCst);
        let during_verification = self.during_verification.lock().expect("not poisoned").take();
        if let Some(during_verification) = during_verification {
            during_verification(&self.store);
        }
        Ok(hash.is_some_and(|hash| hash.expose().split_once(':').is_some_and(|(_, hashed)| hashed == password)))
    }

    fn is_outdated(&self, hash: &PasswordHash) -> bool {
        let cost = hash.expose().split_once(':').and_then(|(cost, _)| cost.parse().ok());
        cost.is_some_and(|cost: u32| cost < self.cost.load(Ordering::SeqCst))
    }
}

/// A token issuer whose tokens are the plaintext claims.
pub(crate) struct PlaintextTokens;

impl TokenIssuer for PlaintextTokens {
    fn issue(&self, claims: &AccessClaims) -> Result<String, TokenError> {
        let (from, until) = (claims.issued_at.timestamp(), claims.expires_at.timestamp());
        Ok(format!("{}/{}/{from}/{until}", claims.user_id, claims.session_id))
    }

    fn check(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenError> {
        let parts: Vec<&str> = token.split('/').collect();
        let [user, session, from, until] = parts.as_slice() else { return Err(TokenError::Invalid) };
        let time = |text: &str| text.parse().ok().and_then(Timestamp::from_timestamp_secs).ok_or(TokenError::Invalid);
        let claims = AccessClaims {
            user_id: user.parse().map_err(|_| TokenError::Invalid)?,
            session_id: session.parse().map_err(|_| TokenError::Invalid)?,
            issued_at: time(from)?,
            expires_at: time(until)?,
        };
        if now < claims.expires_at { Ok(claims) } else { Err(TokenError::Expired) }
    }
}

/// A rate limiter with the domain's arithmetic and the manual clock.
pub(crate) struct ManualClockLimiter {
    pub(crate) clock: Arc<ManualClock>,
    buckets: Mutex<HashMap<RateKey, Timestamp>>,
}

impl ManualClockLimiter {
    pub(crate) fn new(clock: Arc<ManualClock>) -> Self {
        Self { clock, buckets: Mutex::default() }
    }
}

#[async_trait]
impl RateLimiter for ManualClockLimiter {
    async fn admit(&self, key: &RateKey, quota: &Quota) -> Admission {
        let mut buckets = self.buckets.lock().expect("not poisoned");
        let (admission, full_at) = quota.admit(buckets.get(key).copied(), self.clock.now());
        buckets.insert(*key, full_at);
        admission
    }
}

/// A session repository that counts its lookups.
pub(crate) struct CountingSessions {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) found: AtomicU32,
}

#[async_trait]
impl SessionRepository for CountingSessions {
    async fn find_with_user(&self, id: SessionId) -> Result<Option<(Session, User)>, StoreError> {
        self.found.fetch_add(1, Ordering::SeqCst);
        self.store.find_with_user(id).await
    }

    async fn list(&self, filter: &LiveSessions, page: PageRequest<SessionId>) -> Result<Page<Session>, StoreError> {
        SessionRepository::list(&*self.store, filter, page).await
    }
}
