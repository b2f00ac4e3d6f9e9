//! A problem and the response that reports it.

use std::{error::Error, fmt, sync::Arc};

use actix_web::{
    HttpResponse, HttpResponseBuilder, ResponseError,
    http::{StatusCode, header},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::codes::{ProblemCode, ProblemCodeName};

/// A problem that ends a request. It is boxed to keep every `Result` small.
#[derive(Clone, Debug)]
pub(crate) struct Problem(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    code: ProblemCode,
    detail: String,
    errors: Vec<ProblemItem>,
    transition: Option<RefusedTransition>,
    headers: Vec<(header::HeaderName, String)>,
    /// Logged, never sent.
    cause: Option<Arc<dyn Error + Send + Sync>>,
}

#[derive(Clone, Debug, Serialize)]
struct RefusedTransition {
    from: &'static str,
    to: &'static str,
    allowed: Vec<&'static str>,
}

/// One invalid value.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ProblemError)]
pub(crate) struct ProblemItem {
    /// Its place: a JSON Pointer (RFC 6901) into the body, or `?name` for a query parameter.
    #[schema(example = "/title")]
    pub(crate) pointer: String,
    /// What is wrong, for programs.
    #[schema(example = "too_long")]
    pub(crate) code: String,
    /// What is wrong, for people.
    #[schema(example = "must have at most 200 characters, has 10000")]
    pub(crate) detail: String,
}

/// An error response (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody {
    /// The kind of problem as a URI, equivalent to `code`.
    #[serde(rename = "type")]
    #[schema(example = "urn:incident-platform:problem:validation_failed")]
    kind: String,
    /// The kind of problem, for people.
    #[schema(example = "Some values do not fit")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 422)]
    status: u16,
    /// What is wrong with this request.
    detail: String,
    /// The kind of problem, for programs; stable.
    code: ProblemCodeName,
    /// Finds the request in the server's log.
    request_id: String,
    /// Every invalid value, when the code is `validation_failed`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<ProblemItem>,
    /// The status of the incident or task, when the code is `transition_refused`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    from: Option<&'static str>,
    /// The requested status, when the code is `transition_refused`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    to: Option<&'static str>,
    /// The statuses it can change to, when the code is `transition_refused`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<String>, required = false)]
    allowed: Option<Vec<&'static str>>,
}

impl Problem {
    pub(crate) fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            transition: None,
            headers: Vec::new(),
            cause: None,
        }))
    }

    /// A problem of the server. The cause is logged and not sent to the client.
    pub(crate) fn caused_by(code: ProblemCode, detail: &str, cause: impl Error + Send + Sync + 'static) -> Self {
        let mut problem = Self::new(code, detail);
        problem.0.cause = Some(Arc::new(cause));
        problem
    }

    /// An internal error. The cause is logged and not sent to the client.
    pub(crate) fn internal(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::caused_by(ProblemCode::Internal, SEE_LOG, cause)
    }

    pub(crate) fn invalid(errors: Vec<ProblemItem>) -> Self {
        let detail = match errors.as_slice() {
            [only] => format!("{}: {}", only.pointer, only.detail),
            several => format!("{} values do not fit", several.len()),
        };
        let mut problem = Self::new(ProblemCode::ValidationFailed, detail);
        problem.0.errors = errors;
        problem
    }

    /// A problem about one invalid value.
    pub(crate) fn invalid_value(pointer: &str, code: &str, detail: &str) -> Self {
        let item = ProblemItem { pointer: pointer.to_owned(), code: code.to_owned(), detail: detail.to_owned() };
        Self::invalid(vec![item])
    }

    pub(crate) fn transition_refused(
        detail: String,
        from: &'static str,
        to: &'static str,
        allowed: Vec<&'static str>,
    ) -> Self {
        let mut problem = Self::new(ProblemCode::TransitionRefused, detail);
        problem.0.transition = Some(RefusedTransition { from, to, allowed });
        problem
    }

    pub(crate) fn with_header(mut self, name: header::HeaderName, value: impl Into<String>) -> Self {
        self.0.headers.push((name, value.into()));
        self
    }

    pub(crate) fn code(&self) -> ProblemCode {
        self.0.code
    }

    /// The cause to log. It must not be sent to the client.
    pub(crate) fn cause(&self) -> Option<&(dyn Error + Send + Sync)> {
        self.0.cause.as_deref()
    }

    /// Renders the response to the request with this id.
    pub(crate) fn into_response(self, request_id: &str) -> HttpResponse {
        let Parts { code, detail, errors, transition, headers, cause: _ } = *self.0;
        let status = code.status();
        let mut response = HttpResponseBuilder::new(status);
        if status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        if status == StatusCode::REQUEST_TIMEOUT {
            // The rest of the body, if it still arrives, must not be read as the next request.
            response.force_close();
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.insert_header((header::RETRY_AFTER, RETRY_AFTER_SECONDS));
        }
        // The problem's own headers override the defaults above.
        for header in headers {
            response.insert_header(header);
        }
        let body = ProblemBody {
            kind: format!("urn:incident-platform:problem:{}", code.as_str()),
            title: code.title(),
            status: status.as_u16(),
            detail,
            code: code.into(),
            request_id: request_id.to_owned(),
            errors,
            from: transition.as_ref().map(|refused| refused.from),
            to: transition.as_ref().map(|refused| refused.to),
            allowed: transition.map(|refused| refused.allowed),
        };
        response.content_type(PROBLEM_JSON).body(serde_json::to_vec(&body).unwrap_or_default())
    }
}

/// The media type of problems (RFC 9457, section 6.1).
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// The detail of internal errors.
pub(crate) const SEE_LOG: &str = "the log of the server knows more under the request id";

/// The default of `Retry-After` in responses with 503, in seconds.
const RETRY_AFTER_SECONDS: &str = "1";

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.detail)
    }
}

/// Carries the problem to the outermost middleware, which knows the request's id and renders the response.
impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.code.status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(self.0.code.status());
        response.extensions_mut().insert(self.clone());
        response
    }
}
