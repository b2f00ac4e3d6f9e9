//! Authentication: the caller of a request.

use std::future::{Ready, ready};

use actix_web::{
    Error, FromRequest, HttpMessage, HttpRequest,
    body::MessageBody,
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::header::{self, HeaderName},
    middleware::Next,
    web::Data,
};
use incident_application::{identity::Device, kernel::Principal};

use super::request_id::RequestId;
use crate::{
    app_state::AppState,
    openapi::Input,
    problem::{Problem, ProblemCode},
};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// What a query needs of its request. Only routes behind [`authenticate`] have a caller.
pub(crate) struct QueryContext {
    pub(crate) state: Data<AppState>,
    pub(crate) caller: Principal,
}

/// The device that an unauthenticated request comes from.
pub(crate) struct ClientDevice(pub(crate) Device);

impl FromRequest for QueryContext {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

impl QueryContext {
    pub(super) fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let state = app_state(request)?.clone();
        let caller = request.extensions_mut().remove::<Principal>().ok_or_else(not_authenticated)?;
        Ok(Self { state, caller })
    }
}

impl Input for QueryContext {}

/// The problem of a route without [`authenticate`] that needs the caller.
pub(super) fn not_authenticated() -> Problem {
    Problem::new(ProblemCode::Internal, "the route does not authenticate callers")
}

impl FromRequest for ClientDevice {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let user_agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let device = |state: &Data<AppState>| Device {
            user_agent: user_agent.map(str::to_owned),
            ip: client_ip(request, state),
            request_id: RequestId::of(request),
        };
        ready(app_state(request).map(device).map(Self))
    }
}

impl Input for ClientDevice {}

/// Stays in a request after its caller was taken.
pub(super) struct Authenticated;

/// Lets only authenticated requests through. It runs before the handler's arguments are read, because those are read
/// together, and an unauthenticated client must not learn what is wrong with its body.
pub(crate) async fn authenticate(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let caller = caller_of(request.request()).await?;
    request.extensions_mut().insert(caller);
    request.extensions_mut().insert(Authenticated);
    next.call(request).await
}

async fn caller_of(request: &HttpRequest) -> Result<Principal, Problem> {
    let token = bearer_token(request)?;
    let state = app_state(request)?;
    let ip = client_ip(request, state);
    let mut caller = state.auth.authenticate(token, ip.as_deref()).await?;
    if let Some(limited) = state.auth.admit(&caller).await? {
        // The outermost middleware adds it to the response.
        request.extensions_mut().insert(limited);
    }
    caller.origin.ip = ip;
    caller.origin.request_id = RequestId::of(request);
    Ok(caller)
}

/// The client's address: the peer of the connection, or the address that trusted proxies report.
fn client_ip(request: &HttpRequest, state: &AppState) -> Option<String> {
    let peer = request.peer_addr()?.ip();
    let forwarded = request.headers().get_all(X_FORWARDED_FOR).map(header::HeaderValue::as_bytes);
    Some(state.trusted_proxies.client(peer, forwarded).to_string())
}

fn app_state(request: &HttpRequest) -> Result<&Data<AppState>, Problem> {
    let state = request.app_data::<Data<AppState>>();
    state.ok_or_else(|| Problem::new(ProblemCode::Internal, "the server has no application state"))
}

/// Returns the token of `Authorization: Bearer …` (RFC 6750, section 2.1).
pub(crate) fn bearer_token(request: &HttpRequest) -> Result<&str, Problem> {
    let Some(value) = request.headers().get(header::AUTHORIZATION) else {
        return Err(Problem::new(ProblemCode::NotSignedIn, "send `Authorization: Bearer` and an access token"));
    };
    let (scheme, token) = value.to_str().ok().and_then(|value| value.split_once(' ')).unwrap_or_default();
    let token = token.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
        return Err(Problem::new(ProblemCode::InvalidToken, "send `Authorization: Bearer` and an access token"));
    }
    Ok(token)
}
