//! One server, and how often it is asked.

use std::{fmt, time::Duration};

use reqwest::{
    RequestBuilder, Response, StatusCode, Url,
    header::{IF_MATCH, RETRY_AFTER},
};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::call::{Call, Expected};
use crate::{
    error::ClientError,
    problem::{Problem, ProblemCode},
    retries::Retries,
    secret::Secret,
};

const API: [&str; 2] = ["api", "v1"];

/// One server, and how often it is asked.
#[derive(Clone)]
pub(crate) struct Wire {
    http: reqwest::Client,
    base: Url,
    retries: Retries,
    silence_max: Duration,
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire")
            .field("base", &self.base.as_str())
            .field("retries", &self.retries)
            .finish_non_exhaustive()
    }
}

/// An answer of 2xx, read whole.
pub(crate) struct Answer {
    status: StatusCode,
    body: Vec<u8>,
}

/// An answer of 2xx, read as it arrives.
pub(crate) struct Body {
    response: Response,
    silence_max: Duration,
}

/// An answer of 2xx, whichever way it is read.
pub(crate) trait Arriving: Sized + Send {
    /// Sends a call once.
    fn attempt(wire: &Wire, call: &Call, token: Option<&Secret>) -> impl Future<Output = Result<Self, Failure>> + Send;
}

/// Why one attempt came to nothing.
pub(crate) struct Failure {
    error: ClientError,
    may_pass: bool,
    retry_after: Option<Duration>,
}

impl Answer {
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, ClientError> {
        serde_json::from_slice(&self.body).map_err(|source| self.unexpected(Some(source)))
    }

    fn unexpected(&self, source: Option<serde_json::Error>) -> ClientError {
        ClientError::UnexpectedAnswer { status: self.status.as_u16(), source }
    }
}

impl Arriving for Answer {
    async fn attempt(wire: &Wire, call: &Call, token: Option<&Secret>) -> Result<Self, Failure> {
        let response = wire.request(call, token).send().await.map_err(|error| no_answer(call, error))?;
        let response = said(call, response).await?;
        let status = response.status();
        let body = response.bytes().await.map_err(|error| no_answer(call, error))?.to_vec();
        Ok(Self { status, body })
    }
}

impl Arriving for Body {
    async fn attempt(wire: &Wire, call: &Call, token: Option<&Secret>) -> Result<Self, Failure> {
        // However long it takes as a whole, as long as something arrives.
        let sent = wire.request(call, token).timeout(Duration::MAX).send();
        let stalled = Failure { error: ClientError::Stalled, may_pass: call.is_safe_to_repeat, retry_after: None };
        let response = timeout(wire.silence_max, sent).await.map_err(|_| stalled)?;
        let response = said(call, response.map_err(|error| no_answer(call, error))?).await?;
        Ok(Self { response, silence_max: wire.silence_max })
    }
}

impl Body {
    /// The next piece; none at the end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Vec<u8>>, ClientError> {
        let chunk = timeout(self.silence_max, self.response.chunk()).await.map_err(|_| ClientError::Stalled)?;
        Ok(chunk.map_err(ClientError::Transport)?.map(Vec::from))
    }
}

impl Wire {
    /// A server by its URL, with or without a path. An answer that is read as it arrives may be silent for so long.
    pub(crate) fn new(
        http: reqwest::Client,
        base: &str,
        retries: Retries,
        silence_max: Duration,
    ) -> Result<Self, ClientError> {
        let wrong = || ClientError::BaseUrl(base.to_owned());
        let base = Url::parse(base).map_err(|_| wrong())?;
        // A name or password in it would end up in errors and logs.
        let is_plain = base.username().is_empty() && base.password().is_none() && base.query().is_none();
        if !["http", "https"].contains(&base.scheme()) || !base.has_host() || !is_plain {
            return Err(wrong());
        }
        Ok(Self { http, base, retries, silence_max })
    }

    /// The URL of a path below `/api/v1`.
    pub(crate) fn url(&self, path: &[&str]) -> Result<Url, ClientError> {
        // URLs have no such names: what was meant for one thing would go to the list of all.
        if let Some(name) = path.iter().find(|name| ["", ".", ".."].contains(&name.trim())) {
            return Err(ClientError::Name((*name).to_owned()));
        }
        let mut url = self.base.clone();
        let mut segments = url.path_segments_mut().map_err(|()| ClientError::BaseUrl(self.base.to_string()))?;
        segments.pop_if_empty().extend(API).extend(path);
        drop(segments);
        Ok(url)
    }

    /// Sends a call until an answer comes that says something, or it has been tried often enough.
    pub(crate) async fn send<A: Arriving>(&self, call: &Call, token: Option<&Secret>) -> Result<A, ClientError> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let failure = match A::attempt(self, call, token).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let wait = self.retries.wait(attempts, failure.retry_after, fastrand::f64());
            match wait.filter(|_| failure.may_pass) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => return Err(failure.error),
            }
        }
    }

    fn request(&self, call: &Call, token: Option<&Secret>) -> RequestBuilder {
        let mut request = self.http.request(call.method.clone(), call.url.clone());
        if let Some(token) = token {
            // The header is marked as sensitive, so that `Debug` does not show it.
            request = request.bearer_auth(token.expose());
        }
        if let Some(key) = call.key {
            request = request.header("Idempotency-Key", format!("\"{key}\""));
        }
        if let Expected::Version(version) = call.expected {
            request = request.header(IF_MATCH, format!("\"{version}\""));
        }
        match &call.body {
            Some(body) => request.json(body),
            None => request,
        }
    }
}

fn no_answer(call: &Call, error: reqwest::Error) -> Failure {
    // What was never sent can be sent in any case.
    let may_pass = call.is_safe_to_repeat || error.is_connect();
    Failure { may_pass, retry_after: None, error: ClientError::Transport(error) }
}

/// An answer of 2xx; of any other one, what it says.
async fn said(call: &Call, response: Response) -> Result<Response, Failure> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let body = response.bytes().await.map_err(|error| no_answer(call, error))?.to_vec();
    let answer = Answer { status, body };
    let error = match serde_json::from_slice::<Problem>(&answer.body) {
        Ok(problem) => ClientError::Problem(Box::new(problem)),
        Err(source) => answer.unexpected(Some(source)),
    };
    let may_pass = match status {
        StatusCode::TOO_MANY_REQUESTS => true,
        // The server did nothing, unless it says that it does not know.
        StatusCode::SERVICE_UNAVAILABLE => call.is_safe_to_repeat || error.code() != Some(ProblemCode::TimedOut),
        // A proxy lost the answer, whether something was done or not.
        StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => call.is_safe_to_repeat,
        _ => false,
    };
    Err(Failure { error, may_pass, retry_after: retry_after.map(Duration::from_secs) })
}
