//! Access tokens as JSON Web Tokens (RFC 7519) of the type of RFC 9068. They have no `jti`, because sessions are ended, not
//! single tokens.

use std::fmt;

use incident_domain::{
    identity::{AccessClaims, TokenError, TokenIssuer},
    kernel::Timestamp,
};
use jsonwebtoken::{Header, Validation};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::signing_key::{CheckingKey, SigningKey};

/// The maximum length of a token. A valid one has about 400 bytes.
pub const TOKEN_BYTES_MAX: usize = 4_096;

/// The maximum number of cached tokens, at about 200 bytes each.
const CACHED_TOKENS_MAX: u64 = 20_000;

/// The type of an access token (RFC 9068, section 2.1). A token for another purpose has another type.
const TOKEN_TYPE: &str = "at+jwt";

/// The issuer and the audience of every token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenNames {
    /// The issuer, `iss`.
    pub issuer: String,
    /// The audience, `aud`.
    pub audience: String,
}

/// Issues and verifies signed access tokens.
///
/// Times in a token are whole seconds, rounded down by [`issue`](TokenIssuer::issue), so that no token is valid longer than
/// intended. A token expires exactly at its `exp`, compared with the `now` of [`check`](TokenIssuer::check). `iat` is not
/// compared with `now`, because the clocks of two replicas may differ.
pub struct JwtIssuer {
    names: TokenNames,
    current: SigningKey,
    retired: Vec<CheckingKey>,
    /// The claims of verified tokens, by the SHA-256 of the token. A client sends the same token with many requests, and
    /// its signature stays valid; only the expiry is checked each time.
    verified: Cache<[u8; 32], AccessClaims>,
}

/// The payload of a token.
#[derive(Serialize, Deserialize)]
struct Body {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    iat: i64,
    exp: i64,
}

impl JwtIssuer {
    /// Creates an issuer that signs with this key, and accepts the tokens that it signed.
    pub fn new(names: TokenNames, current: SigningKey) -> Self {
        Self { names, current, retired: Vec::new(), verified: Cache::new(CACHED_TOKENS_MAX) }
    }

    /// Also accepts tokens that an earlier key signed, so that users stay signed in when a key is replaced. The earlier key
    /// may have another algorithm, and verifies only tokens of that algorithm.
    #[must_use]
    pub fn accepting(mut self, retired: impl Into<CheckingKey>) -> Self {
        self.retired.push(retired.into());
        self
    }

    /// Returns the key that a token names. Whether it signed the token is not verified yet.
    fn key_for(&self, header: &Header) -> Option<&CheckingKey> {
        let id = header.kid.as_deref()?;
        std::iter::once(self.current.checking()).chain(&self.retired).find(|key| key.id() == id)
    }

    /// Returns the claims of a token if its signature is valid.
    fn verify(&self, token: &str) -> Option<AccessClaims> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        // A verifier must understand what `crit` lists (RFC 7515, section 4.1.11). Our tokens do not have it.
        if header.typ.as_deref() != Some(TOKEN_TYPE) || header.crit.is_some() {
            return None;
        }
        let key = self.key_for(&header)?;
        let decoded = jsonwebtoken::decode::<Body>(token, key.decoding(), &signature_only(key)).ok()?;
        let body = decoded.claims;
        if body.iss != self.names.issuer || body.aud != self.names.audience {
            return None;
        }
        Some(AccessClaims {
            user_id: body.sub.parse().ok()?,
            session_id: body.sid.parse().ok()?,
            issued_at: Timestamp::from_timestamp_secs(body.iat)?,
            expires_at: Timestamp::from_timestamp_secs(body.exp)?,
        })
    }
}

/// Lets the library verify only the signature, by the key's own algorithm. For `exp` it would read the wall clock, and it
/// would accept lists of issuers and audiences.
fn signature_only(key: &CheckingKey) -> Validation {
    let mut validation = Validation::new(key.algorithm().into());
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}

impl TokenIssuer for JwtIssuer {
    fn issue(&self, claims: &AccessClaims) -> Result<String, TokenError> {
        let header = Header {
            typ: Some(TOKEN_TYPE.to_owned()),
            kid: Some(self.current.id().to_owned()),
            ..Header::new(self.current.algorithm().into())
        };
        let body = Body {
            iss: self.names.issuer.clone(),
            aud: self.names.audience.clone(),
            sub: claims.user_id.to_string(),
            sid: claims.session_id.to_string(),
            iat: claims.issued_at.timestamp(),
            exp: claims.expires_at.timestamp(),
        };
        jsonwebtoken::encode(&header, &body, self.current.encoding()).map_err(|_| TokenError::Invalid)
    }

    fn check(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::Invalid);
        }
        let hash = Sha256::digest(token).into();
        let claims = self.verified.optionally_get_with(hash, || self.verify(token)).ok_or(TokenError::Invalid)?;
        if now >= claims.expires_at {
            return Err(TokenError::Expired);
        }
        Ok(claims)
    }
}

impl fmt::Debug for JwtIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { names, current, retired, verified: _ } = self;
        let mut debug = f.debug_struct("JwtIssuer");
        debug.field("names", names).field("current", current).field("retired", retired).finish_non_exhaustive()
    }
}
