//! Tokens that were checked a moment ago: who sends a hundred requests sends one token, whose signature need not be
//! checked a hundred times.

use std::fmt;

use incident_domain::identity::AccessClaims;
use moka::sync::Cache;
use sha2::{Digest, Sha256};

/// How many are known at most, at some 200 bytes each.
const TOKENS_MAX: u64 = 20_000;

/// What tokens say that were found to be good, by their SHA-256, so that no token lies about. What is known of one does
/// not change: its keys are those that the process was started with, and whether it is over is asked each time anew.
pub(crate) struct KnownTokens(Cache<[u8; 32], AccessClaims>);

impl KnownTokens {
    pub(crate) fn new() -> Self {
        Self(Cache::new(TOKENS_MAX))
    }

    /// What a token says; `read` tells if it is not known, and answers nothing to one that is no good.
    pub(crate) fn claims(&self, token: &str, read: impl FnOnce() -> Option<AccessClaims>) -> Option<AccessClaims> {
        let hash: [u8; 32] = Sha256::digest(token).into();
        if let Some(known) = self.0.get(&hash) {
            return Some(known);
        }
        let claims = read()?;
        self.0.insert(hash, claims);
        Some(claims)
    }
}

impl fmt::Debug for KnownTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KnownTokens")
    }
}
