//! Simple implementations of hashing, tokens and rate limits.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use incident_domain::{
    identity::{AccessClaims, Password, PasswordHash, PasswordHasher, PasswordHasherError, TokenError, TokenIssuer},
    kernel::{Admission, Clock, Quota, RateKey, RateLimiter, SessionId, Timestamp, UserId},
};
use incident_memory::ManualClock;

/// Stores passwords as plain text.
pub(crate) struct PlainHasher;

#[async_trait]
impl PasswordHasher for PlainHasher {
    async fn hash(&self, password: Password) -> Result<PasswordHash, PasswordHasherError> {
        Ok(PasswordHash::new(password.into_exposed()))
    }

    async fn verify(&self, password: String, hash: Option<PasswordHash>) -> Result<bool, PasswordHasherError> {
        Ok(hash.is_some_and(|hash| hash.expose() == password))
    }

    fn is_outdated(&self, _hash: &PasswordHash) -> bool {
        false
    }
}

/// Writes claims into tokens as plain text.
pub(crate) struct PlainTokens;

impl TokenIssuer for PlainTokens {
    fn issue(&self, claims: &AccessClaims) -> Result<String, TokenError> {
        let AccessClaims { user_id, session_id, issued_at, expires_at } = claims;
        Ok(format!("{user_id}.{session_id}.{}.{}", issued_at.timestamp_micros(), expires_at.timestamp_micros()))
    }

    fn check(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenError> {
        let parts: Vec<&str> = token.split('.').collect();
        let claims = match parts[..] {
            [user_id, session_id, issued_at, expires_at] => claims([user_id, session_id, issued_at, expires_at]),
            _ => None,
        };
        let claims = claims.ok_or(TokenError::Invalid)?;
        if now < claims.expires_at { Ok(claims) } else { Err(TokenError::Expired) }
    }
}

fn claims([user_id, session_id, issued_at, expires_at]: [&str; 4]) -> Option<AccessClaims> {
    let time = |text: &str| Timestamp::from_timestamp_micros(text.parse().ok()?);
    Some(AccessClaims {
        user_id: user_id.parse::<UserId>().ok()?,
        session_id: session_id.parse::<SessionId>().ok()?,
        issued_at: time(issued_at)?,
        expires_at: time(expires_at)?,
    })
}

/// Limits rates by the test's clock.
pub(crate) struct CountingLimiter {
    clock: Arc<ManualClock>,
    full_at: Mutex<HashMap<RateKey, Timestamp>>,
}

impl CountingLimiter {
    pub(crate) fn new(clock: Arc<ManualClock>) -> Self {
        Self { clock, full_at: Mutex::default() }
    }
}

#[async_trait]
impl RateLimiter for CountingLimiter {
    async fn admit(&self, key: &RateKey, quota: &Quota) -> Admission {
        let mut full_at = self.full_at.lock().expect("no panic before");
        let (admission, then) = quota.admit(full_at.get(key).copied(), self.clock.now());
        full_at.insert(*key, then);
        admission
    }
}
