//! The tokens of a session, which the client renews.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use reqwest::Method;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::{
    error::ClientError,
    fields::Fields,
    secret::Secret,
    sender::{CompleteResponse, Sender},
};

/// How long before its end an access token is renewed at the latest, so that none expires on its way.
const RENEWED_BEFORE_END_MAX: Duration = Duration::from_secs(30);

/// An access token is renewed after this time, even if it is valid for longer.
const ACCESS_TIME_MAX: Duration = Duration::from_hours(24);

/// The response of the token endpoints.
#[derive(Deserialize)]
struct TokenResponse {
    access_token: Secret,
    refresh_token: Secret,
    expires_in: u64,
}

#[derive(Debug)]
struct Tokens {
    access: Secret,
    refresh: Secret,
    renew_at: Instant,
}

impl From<TokenResponse> for Tokens {
    fn from(response: TokenResponse) -> Self {
        let lifetime = Duration::from_secs(response.expires_in).min(ACCESS_TIME_MAX);
        let renew_at = Instant::now() + lifetime.saturating_sub(RENEWED_BEFORE_END_MAX).max(lifetime * 9 / 10);
        Self { access: response.access_token, refresh: response.refresh_token, renew_at }
    }
}

/// A session. Of all calls that find the access token expired one renews it, and the others wait.
#[derive(Debug)]
pub(crate) struct Session {
    sender: Sender,
    tokens: Arc<Mutex<Tokens>>,
}

/// Requests tokens from an endpoint below `/auth`.
async fn request_tokens(sender: &Sender, endpoint: &str, body: &impl Serialize) -> Result<Tokens, ClientError> {
    let path = ["auth".to_owned(), endpoint.to_owned()];
    let call = sender.call(Method::POST, &path, &Fields::default())?.with_body(body);
    // A client that lost the response may send the same refresh token once more.
    let call = if endpoint == "refresh" { call.safe_to_repeat() } else { call };
    let response: TokenResponse = sender.send::<CompleteResponse>(&call, None).await?.json()?;
    Ok(response.into())
}

impl Session {
    /// Signs in. The password is not kept.
    pub(crate) async fn begin(sender: Sender, email: &str, password: &Secret) -> Result<Self, ClientError> {
        #[derive(Serialize)]
        struct Login<'a> {
            email: &'a str,
            password: &'a Secret,
        }
        let tokens = request_tokens(&sender, "login", &Login { email, password }).await?;
        Ok(Self { sender, tokens: Arc::new(Mutex::new(tokens)) })
    }

    /// Returns an access token that is valid for a while.
    pub(super) async fn access_token(&self) -> Result<Secret, ClientError> {
        let tokens = self.tokens.lock().await;
        if Instant::now() < tokens.renew_at {
            return Ok(tokens.access.clone());
        }
        let expiring = tokens.access.clone();
        drop(tokens);
        self.renew(&expiring).await
    }

    /// Returns the access token that follows an expired one; renews it unless another call already has.
    pub(super) async fn renew(&self, expired: &Secret) -> Result<Secret, ClientError> {
        let mut tokens = Arc::clone(&self.tokens).lock_owned().await;
        if tokens.access != *expired {
            return Ok(tokens.access.clone());
        }
        let sender = self.sender.clone();
        // A refresh token can be used once. A task of its own stores the new one even if the caller is cancelled.
        let renewing = tokio::spawn(async move {
            #[derive(Serialize)]
            struct Refresh<'a> {
                refresh_token: &'a Secret,
            }
            *tokens = request_tokens(&sender, "refresh", &Refresh { refresh_token: &tokens.refresh }).await?;
            Ok(tokens.access.clone())
        });
        match renewing.await {
            Ok(renewed) => renewed,
            Err(ended) => std::panic::resume_unwind(ended.into_panic()),
        }
    }
}
