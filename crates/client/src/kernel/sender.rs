//! Requests to one server, with retries.

use std::{fmt, time::Duration};

use reqwest::{Method, RequestBuilder, Response, StatusCode, Url, header::RETRY_AFTER};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::{
    call::Call,
    error::ClientError,
    fields::Fields,
    problem::{Problem, ProblemCode},
    retries::Retries,
    secret::Secret,
};

const API: [&str; 2] = ["api", "v1"];

/// Sends requests to one server, and repeats them when that is safe.
#[derive(Clone)]
pub(crate) struct Sender {
    http: reqwest::Client,
    base: Url,
    retries: Retries,
    silence_max: Duration,
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("base", &self.base.as_str())
            .field("retries", &self.retries)
            .finish_non_exhaustive()
    }
}

/// A response of 2xx that has been read completely.
pub(crate) struct CompleteResponse {
    status: StatusCode,
    body: Vec<u8>,
}

/// A response of 2xx that is read while it arrives.
#[derive(Debug)]
pub(crate) struct StreamedResponse {
    response: Response,
    silence_max: Duration,
}

/// A response of 2xx, read in one way or the other.
pub(crate) trait FromResponse: Sized + Send {
    /// Sends a call once.
    fn attempt(
        sender: &Sender,
        call: &Call,
        token: Option<&Secret>,
    ) -> impl Future<Output = Result<Self, Failure>> + Send;
}

/// Why one attempt failed.
pub(crate) struct Failure {
    error: ClientError,
    can_retry: bool,
    retry_after: Option<Duration>,
}

impl CompleteResponse {
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, ClientError> {
        serde_json::from_slice(&self.body).map_err(|source| self.unexpected(source))
    }

    fn unexpected(&self, source: serde_json::Error) -> ClientError {
        ClientError::UnexpectedAnswer { status: self.status.as_u16(), source: Some(source) }
    }
}

impl FromResponse for CompleteResponse {
    async fn attempt(_sender: &Sender, call: &Call, token: Option<&Secret>) -> Result<Self, Failure> {
        let response = request(call, token).send().await.map_err(|error| no_response(call, error))?;
        let response = check_status(call, response).await?;
        let status = response.status();
        let body = response.bytes().await.map_err(|error| no_response(call, error))?.to_vec();
        Ok(Self { status, body })
    }
}

impl FromResponse for StreamedResponse {
    async fn attempt(sender: &Sender, call: &Call, token: Option<&Secret>) -> Result<Self, Failure> {
        // The whole response may take any time, as long as something arrives.
        let sent = request(call, token).timeout(Duration::MAX).send();
        let stalled = Failure { error: ClientError::Stalled, can_retry: call.is_safe_to_repeat, retry_after: None };
        let response = timeout(sender.silence_max, sent).await.map_err(|_| stalled)?;
        let response = check_status(call, response.map_err(|error| no_response(call, error))?).await?;
        Ok(Self { response, silence_max: sender.silence_max })
    }
}

impl StreamedResponse {
    /// Returns the next piece, or none at the end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Vec<u8>>, ClientError> {
        let chunk = timeout(self.silence_max, self.response.chunk()).await.map_err(|_| ClientError::Stalled)?;
        Ok(chunk.map_err(ClientError::Transport)?.map(Vec::from))
    }
}

impl Sender {
    /// Creates a sender for the server at a URL, with or without a path. A streamed response may be silent for at most
    /// `silence_max`.
    pub(crate) fn new(
        http: reqwest::Client,
        base: &str,
        retries: Retries,
        silence_max: Duration,
    ) -> Result<Self, ClientError> {
        let invalid = || ClientError::BaseUrl(base.to_owned());
        let base = Url::parse(base).map_err(|_| invalid())?;
        // A user name or password in the URL would end up in errors and logs.
        let is_plain = base.username().is_empty() && base.password().is_none() && base.query().is_none();
        if !["http", "https"].contains(&base.scheme()) || !base.has_host() || !is_plain {
            return Err(invalid());
        }
        Ok(Self { http, base, retries, silence_max })
    }

    /// Returns the URL of a path below `/api/v1`.
    fn url(&self, path: &[String]) -> Result<Url, ClientError> {
        // URLs drop such segments: a call for one record would go to the list of all.
        if let Some(segment) = path.iter().find(|segment| ["", ".", ".."].contains(&segment.trim())) {
            return Err(ClientError::Name(segment.clone()));
        }
        let mut url = self.base.clone();
        let mut segments = url.path_segments_mut().map_err(|()| ClientError::BaseUrl(self.base.to_string()))?;
        segments.pop_if_empty().extend(API).extend(path);
        drop(segments);
        Ok(url)
    }

    /// Sends a call until it succeeds, fails for good, or has been tried as often as allowed.
    pub(crate) async fn send<R: FromResponse>(&self, call: &Call, token: Option<&Secret>) -> Result<R, ClientError> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let failure = match R::attempt(self, call, token).await {
                Ok(response) => return Ok(response),
                Err(failure) => failure,
            };
            let wait = self.retries.wait(attempts, failure.retry_after, fastrand::f64());
            match wait.filter(|_| failure.can_retry) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => return Err(failure.error),
            }
        }
    }

    /// Begins a call to a path below `/api/v1`.
    pub(crate) fn call(&self, method: Method, path: &[String], query: &Fields) -> Result<Call, ClientError> {
        let mut url = self.url(path)?;
        if *query != Fields::default() {
            url.query_pairs_mut().extend_pairs(query.parameters());
        }
        Ok(Call::new(self.http.request(method, url)))
    }
}

/// Copies a request for one attempt.
#[expect(clippy::expect_used, reason = "only a request with a streamed body cannot be copied")]
fn request(call: &Call, token: Option<&Secret>) -> RequestBuilder {
    let request = call.request.try_clone().expect("a request without a streamed body");
    match token {
        // This marks the header as sensitive, so that `Debug` does not show it.
        Some(token) => request.bearer_auth(token.expose()),
        None => request,
    }
}

fn no_response(call: &Call, error: reqwest::Error) -> Failure {
    // A request that was never sent can be repeated in any case.
    let can_retry = call.is_safe_to_repeat || error.is_connect();
    Failure { can_retry, retry_after: None, error: ClientError::Transport(error) }
}

/// Returns a response of 2xx; turns any other one into a failure.
async fn check_status(call: &Call, response: Response) -> Result<Response, Failure> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let body = response.bytes().await.map_err(|error| no_response(call, error))?.to_vec();
    let response = CompleteResponse { status, body };
    let error = match serde_json::from_slice::<Problem>(&response.body) {
        Ok(problem) => ClientError::Problem(Box::new(problem)),
        Err(source) => response.unexpected(source),
    };
    let can_retry = match status {
        StatusCode::TOO_MANY_REQUESTS => true,
        // The server did nothing, unless it says that it does not know.
        StatusCode::SERVICE_UNAVAILABLE => call.is_safe_to_repeat || error.code() != Some(ProblemCode::TimedOut),
        // A proxy lost the response; the command may have been executed.
        StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => call.is_safe_to_repeat,
        _ => false,
    };
    Err(Failure { error, can_retry, retry_after: retry_after.map(Duration::from_secs) })
}
