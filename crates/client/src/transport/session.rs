//! Somebody who has signed in, for as long as the session lasts.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use reqwest::Method;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::{Answer, Call, Wire};
use crate::{error::ClientError, secret::Secret};

/// How long before its end an access token is renewed at the latest, so that none expires on its way.
const RENEWED_BEFORE_END_MAX: Duration = Duration::from_secs(30);

/// An access token that says it is good for longer is renewed all the same.
const ACCESS_TIME_MAX: Duration = Duration::from_hours(24);

/// Tokens as the server gives them.
#[derive(Deserialize)]
struct Granted {
    access_token: Secret,
    refresh_token: Secret,
    expires_in: u64,
}

struct Tokens {
    access: Secret,
    refresh: Secret,
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
    pub(crate) async fn begin(wire: Wire, email: &str, password: &Secret) -> Result<Self, ClientError> {
        #[derive(Serialize)]
        struct Login<'a> {
            email: &'a str,
            password: &'a Secret,
        }
        let call = Call::new(Method::POST, wire.url(&["auth", "login"])?).with_body(&Login { email, password });
        let granted: Granted = wire.send::<Answer>(&call, None).await?.json()?;
        Ok(Self { wire, tokens: Arc::new(Mutex::new(granted.into())) })
    }

    /// An access token that is good for a while.
    pub(super) async fn access_token(&self) -> Result<Secret, ClientError> {
        let tokens = self.tokens.lock().await;
        if Instant::now() < tokens.renew_at {
            return Ok(tokens.access.clone());
        }
        let expiring = tokens.access.clone();
        drop(tokens);
        self.renewed(&expiring).await
    }

    /// The access token after this one.
    pub(super) async fn renewed(&self, expired: &Secret) -> Result<Secret, ClientError> {
        let mut tokens = Arc::clone(&self.tokens).lock_owned().await;
        if tokens.access != *expired {
            // Somebody else was faster.
            return Ok(tokens.access.clone());
        }
        let wire = self.wire.clone();
        // A refresh token is good once. Whoever gives up waiting must not leave a spent one behind.
        let renewing = tokio::spawn(async move {
            #[derive(Serialize)]
            struct Refresh<'a> {
                refresh_token: &'a Secret,
            }
            let body = Refresh { refresh_token: &tokens.refresh };
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
