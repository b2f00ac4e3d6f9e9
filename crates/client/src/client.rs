//! The client, and how it is made.

use std::{fmt, sync::Arc, time::Duration};

use crate::{
    error::ClientError,
    problem::ProblemCode,
    resources::{Actions, ApiTokens, Categories, EventLog, Incidents, SavedViews, Search, Statistics, Tasks, Users},
    retries::Retries,
    secret::Secret,
    transport::{Identity, Session, Transport, Wire},
};

const CONNECT_TIME_MAX: Duration = Duration::from_secs(5);
const ANSWER_TIME_MAX: Duration = Duration::from_secs(30);

/// A client of one server, for one user or API token, or for nobody yet. Cheap to clone; clones share their connections
/// and their session.
#[derive(Clone, Debug)]
pub struct Client(Transport);

/// A client to be made.
#[must_use]
pub struct ClientBuilder {
    base_url: String,
    identity: Identity,
    retries: Retries,
    answer_time_max: Duration,
    http: Option<reqwest::Client>,
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("base_url", &self.base_url)
            .field("identity", &self.identity)
            .field("retries", &self.retries)
            .finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// Calls in the name of an API token.
    pub fn api_token(mut self, token: impl Into<Secret>) -> Self {
        self.identity = Identity::ApiToken(token.into());
        self
    }

    /// How often calls are tried.
    pub const fn retries(mut self, retries: Retries) -> Self {
        self.retries = retries;
        self
    }

    /// How long an answer may take, each time it is tried; 30 seconds unless told otherwise. Of an export, how long
    /// nothing may arrive.
    pub const fn answer_time_max(mut self, time: Duration) -> Self {
        self.answer_time_max = time;
        self
    }

    /// An HTTP client of your own, for proxies and certificates. It brings its own limits of time.
    pub fn http(mut self, http: reqwest::Client) -> Self {
        self.http = Some(http);
        self
    }

    /// Makes the client; nothing is sent yet.
    pub fn build(self) -> Result<Client, ClientError> {
        let http = match self.http {
            Some(http) => http,
            None => reqwest::Client::builder()
                .user_agent(concat!("incident-client/", env!("CARGO_PKG_VERSION")))
                // The API redirects nobody, and a token is for this server only.
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(CONNECT_TIME_MAX)
                .timeout(self.answer_time_max)
                .build()
                .map_err(ClientError::Setup)?,
        };
        let wire = Wire::new(http, &self.base_url, self.retries, self.answer_time_max)?;
        Ok(Client(Transport { wire, identity: self.identity }))
    }
}

impl Client {
    /// A client of the server at this URL, such as `https://incidents.example.org`.
    pub fn builder(base_url: impl Into<String>) -> ClientBuilder {
        ClientBuilder {
            base_url: base_url.into(),
            identity: Identity::Nobody,
            retries: Retries::default(),
            answer_time_max: ANSWER_TIME_MAX,
            http: None,
        }
    }

    /// Signs in: the client that is answered calls in the name of this user, and renews its tokens as they expire, until
    /// the session ends. The password is not kept.
    pub async fn sign_in(&self, email: &str, password: impl Into<Secret>) -> Result<Self, ClientError> {
        let wire = self.0.wire.clone();
        let session = Session::begin(wire.clone(), email, &password.into()).await?;
        Ok(Self(Transport { wire, identity: Identity::Session(Arc::new(session)) }))
    }

    /// Ends the session, for all clones of this client.
    pub async fn sign_out(&self) -> Result<(), ClientError> {
        match self.0.post_without_body(&["auth", "logout"]).await {
            // By this call, if its answer got lost, or by somebody else's: it has ended.
            Err(error) if error.code() == Some(ProblemCode::SessionEnded) => Ok(()),
            done => done,
        }
    }

    /// Incidents and their timelines.
    pub fn incidents(&self) -> Incidents {
        Incidents(self.0.clone())
    }

    /// Tasks.
    pub fn tasks(&self) -> Tasks {
        Tasks(self.0.clone())
    }

    /// Categories of tasks.
    pub fn categories(&self) -> Categories {
        Categories(self.0.clone())
    }

    /// Your saved views.
    pub fn views(&self) -> SavedViews {
        SavedViews(self.0.clone())
    }

    /// Searching by words.
    pub fn search(&self) -> Search {
        Search(self.0.clone())
    }

    /// The numbers about incidents.
    pub fn statistics(&self) -> Statistics {
        Statistics(self.0.clone())
    }

    /// Your own account, and the management of all.
    pub fn users(&self) -> Users {
        Users(self.0.clone())
    }

    /// Your API tokens.
    pub fn api_tokens(&self) -> ApiTokens {
        ApiTokens(self.0.clone())
    }

    /// What has happened, for other systems to follow.
    pub fn events(&self) -> EventLog {
        EventLog(self.0.clone())
    }

    /// The audit.
    pub fn actions(&self) -> Actions {
        Actions(self.0.clone())
    }
}
