//! Somebody who has signed in, for as long as the session lasts.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::{Answer, Call, Wire};
use crate::error::ClientError;

/// How long before its end an access token is renewed at the latest, so that none expires on its way.
const RENEWED_BEFORE_END_MAX: Duration = Duration::from_secs(30);

/// An access token that says it is good for longer is renewed all the same.
const ACCESS_TIME_MAX: Duration = Duration::from_hours(24);

/// Tokens as the server gives them.
#[derive(Deserialize)]
struct Granted {
    access_token: SecretString,
    refresh_token: SecretString,
    expires_in: u64,
}

struct Tokens {
    access: SecretString,
    refresh: SecretString,
    renew_at: Instant,
}

impl From<Granted> for Tokens {
    fn from(granted: Granted) -> Self {
        let lasts = Duration::from_secs(granted.expires_in).min(ACCESS_TIME_MAX);
        let renew_at = Instant::now() + lasts.saturating_sub(RENEWED_BEFORE_END_MAX).max(lasts * 9 / 10);
        Self { access: granted.access_token, refresh: granted.refresh_token, renew_at }
    }
}

/// Somebody who has signed in. Of all calls that find the access token expired one renews it, and the others wait.
pub(crate) struct Session {
    wire: Wire,
    tokens: Arc<Mutex<Tokens>>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

impl Session {
    /// Signs in. The password is not kept.
    pub(crate) async fn begin(wire: Wire, email: &str, password: &SecretString) -> Result<Self, ClientError> {
        #[derive(Serialize)]
        struct Login<'a> {
            email: &'a str,
            password: &'a str,
        }
        let login = Login { email, password: password.expose_secret() };
        let call = Call::new(Method::POST, wire.url(&["auth", "login"])?).with_body(&login);
        let granted: Granted = wire.send::<Answer>(&call, None).await?.json()?;
        Ok(Self { wire, tokens: Arc::new(Mutex::new(granted.into())) })
    }

    /// An access token that is good for a while.
    pub(super) async fn access_token(&self) -> Result<SecretString, ClientError> {
        let tokens = self.tokens.lock().await;
        if Instant::now() < tokens.renew_at {
            return Ok(tokens.access.clone());
        }
        let expiring = tokens.access.clone();
        drop(tokens);
        self.renewed(&expiring).await
    }

    /// The access token after this one.
    pub(super) async fn renewed(&self, expired: &SecretString) -> Result<SecretString, ClientError> {
        let mut tokens = Arc::clone(&self.tokens).lock_owned().await;
        if tokens.access.expose_secret() != expired.expose_secret() {
            // Somebody else was faster.
            return Ok(tokens.access.clone());
        }
        let wire = self.wire.clone();
        // A refresh token is good once. Whoever gives up waiting must not leave a spent one behind.
        let renewing = tokio::spawn(async move {
            #[derive(Serialize)]
            struct Refresh<'a> {
                refresh_token: &'a str,
            }
            let body = Refresh { refresh_token: tokens.refresh.expose_secret() };
            // A client that lost the answer may show the same refresh token once more.
            let call = Call::new(Method::POST, wire.url(&["auth", "refresh"])?).with_body(&body).safe_to_repeat();
            let granted: Granted = wire.send::<Answer>(&call, None).await?.json()?;
            *tokens = granted.into();
            Ok(tokens.access.clone())
        });
        match renewing.await {
            Ok(renewed) => renewed,
            Err(ended) => std::panic::resume_unwind(ended.into_panic()),
        }
    }
}
