//! Access tokens as JSON Web Tokens (RFC 7519), of the type that RFC 9068 gives to access tokens. They have no
//! `jti`: nothing asks for one, since what can be ended is their session.

use incident_domain::{
    identity::{AccessClaims, TokenError, TokenIssuer},
    kernel::Timestamp,
};
use jsonwebtoken::{Header, Validation};
use serde::{Deserialize, Serialize};

use crate::{CheckingKey, SigningKey, known_tokens::KnownTokens};

/// The longest token that is looked at. One of ours has some 400 bytes; whoever sends more gets no work done.
pub const TOKEN_BYTES_MAX: usize = 4_096;

/// The type of an access token (RFC 9068, section 2.1), so that a token made for another purpose is none.
const TOKEN_TYPE: &str = "at+jwt";

/// The names that every token carries and must carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenNames {
    /// Who makes the tokens: `iss`.
    pub issuer: String,
    /// Whom they are for: `aud`.
    pub audience: String,
}

/// Makes and checks signed access tokens.
///
/// Times are whole seconds in a token: what [`issue`](TokenIssuer::issue) is given is rounded down, so that
/// no token lives longer than it was meant to. There is no leeway: a token ends at its `exp`, judged by the
/// `now` that [`check`](TokenIssuer::check) is given. `iat` tells, and is not compared with `now`: the
/// clocks of two replicas may differ by more than the time a client needs to come back.
#[derive(Debug)]
pub struct JwtIssuer {
    names: TokenNames,
    current: SigningKey,
    retired: Vec<CheckingKey>,
    known: KnownTokens,
}

/// The body of a token.
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
    /// Signs with this key, and accepts what it signed.
    pub fn new(names: TokenNames, current: SigningKey) -> Self {
        Self { names, current, retired: Vec::new(), known: KnownTokens::new() }
    }

    /// Also accepts what an earlier key signed, so that a key can be replaced without signing anybody out. It
    /// may be of another algorithm, and checks tokens of that one only.
    #[must_use]
    pub fn accepting(mut self, retired: impl Into<CheckingKey>) -> Self {
        self.retired.push(retired.into());
        self
    }

    /// The key that a token claims to be signed with; whether it was, only its signature tells.
    fn key_for(&self, header: &Header) -> Option<&CheckingKey> {
        let id = header.kid.as_deref()?;
        std::iter::once(self.current.checking()).chain(&self.retired).find(|key| key.id() == id)
    }

    fn read(&self, token: &str) -> Option<AccessClaims> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        // What `crit` lists would have to be understood (RFC 7515, section 4.1.11); none of ours has it.
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

/// Lets the library check the signature, by the key's own algorithm, and nothing else: it would read the wall clock for `exp`, and
/// accept lists of issuers and audiences where only our own single names will do.
fn signature_only(key: &CheckingKey) -> Validation {
    let mut validation = Validation::new(key.algorithm().in_library());
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
            ..Header::new(self.current.algorithm().in_library())
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
        let claims = self.known.claims(token, || self.read(token)).ok_or(TokenError::Invalid)?;
        if now >= claims.expires_at {
            return Err(TokenError::Expired);
        }
        Ok(claims)
    }
}
