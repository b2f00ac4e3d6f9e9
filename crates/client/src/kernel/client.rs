//! The client and its builder.

use std::{fmt, time::Duration};

use super::{
    error::ClientError,
    retries::Retries,
    secret::Secret,
    sender::Sender,
    transport::{Credentials, Transport},
};

const CONNECT_TIME_MAX: Duration = Duration::from_secs(5);
const ANSWER_TIME_MAX: Duration = Duration::from_secs(30);

/// A client of one server, for a user, an API token, or without credentials. Cheap to clone; clones share their
/// connections and their session.
#[derive(Clone, Debug)]
pub struct Client(Transport);

/// Settings of a client.
#[must_use]
pub struct ClientBuilder {
    base_url: String,
    credentials: Credentials,
    retries: Retries,
    answer_time_max: Duration,
    http: Option<reqwest::Client>,
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("base_url", &self.base_url)
            .field("credentials", &self.credentials)
            .field("retries", &self.retries)
            .finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// Authenticates with an API token.
    pub fn api_token(mut self, token: impl Into<Secret>) -> Self {
        self.credentials = Credentials::ApiToken(token.into());
        self
    }

    /// Sets how calls are retried.
    pub const fn retries(mut self, retries: Retries) -> Self {
        self.retries = retries;
        self
    }

    /// Sets how long each attempt may take; 30 seconds by default. For an export, sets how long the server may be silent.
    pub const fn answer_time_max(mut self, time: Duration) -> Self {
        self.answer_time_max = time;
        self
    }

    /// Uses another HTTP client, for proxies and certificates. Its own timeouts apply.
    pub fn http(mut self, http: reqwest::Client) -> Self {
        self.http = Some(http);
        self
    }

    /// Builds the client; sends nothing yet.
    pub fn build(self) -> Result<Client, ClientError> {
        let http = match self.http {
            Some(http) => http,
            None => reqwest::Client::builder()
                .user_agent(concat!("incident-client/", env!("CARGO_PKG_VERSION")))
                // The API never redirects, and a token is for this server only.
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(CONNECT_TIME_MAX)
                .timeout(self.answer_time_max)
                .build()
                .map_err(ClientError::Setup)?,
        };
        let sender = Sender::new(http, &self.base_url, self.retries, self.answer_time_max)?;
        Ok(Client(Transport { sender, credentials: self.credentials }))
    }
}

impl Client {
    /// Returns a builder for the server at this URL, such as `https://incidents.example.org`.
    pub fn builder(base_url: impl Into<String>) -> ClientBuilder {
        ClientBuilder {
            base_url: base_url.into(),
            credentials: Credentials::None,
            retries: Retries::default(),
            answer_time_max: ANSWER_TIME_MAX,
            http: None,
        }
    }

    pub(crate) fn new(transport: Transport) -> Self {
        Self(transport)
    }

    pub(crate) fn transport(&self) -> &Transport {
        &self.0
    }
}
