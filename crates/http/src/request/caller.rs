//! Who sends the request.

use std::future::{Ready, ready};

use actix_web::{
    Error, FromRequest, HttpMessage, HttpRequest,
    body::MessageBody,
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::header::{self, HeaderName},
    middleware::Next,
    web,
};
use incident_application::{Caller, Device};

use super::RequestId;
use crate::{
    problem::{Problem, ProblemCode},
    services::Services,
};

/// The signed-in user who sends the request. Only routes that [`recognise`] callers have one.
pub(crate) struct SignedIn(pub(crate) Caller);

impl FromRequest for SignedIn {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let caller = request.extensions_mut().remove::<Caller>();
        let not_asked = || Problem::new(ProblemCode::Internal, "the route does not ask who calls");
        ready(caller.map(Self).ok_or_else(not_asked))
    }
}

/// Lets callers pass who are recognised. It stands before the route, and not among what a handler takes: those
/// are read at the same time, and a stranger would be told what is wrong with their body.
pub(crate) async fn recognise(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let caller = caller_of(request.request()).await?;
    request.extensions_mut().insert(caller);
    next.call(request).await
}

async fn caller_of(request: &HttpRequest) -> Result<Caller, Problem> {
    let token = bearer_token(request)?;
    let services = services(request)?;
    let ip = client_ip(request, services);
    let mut caller = services.auth.authenticate(token, ip.as_deref()).await?;
    if let Some(limited) = services.auth.admit(&caller).await? {
        // For the boundary, which tells it with whatever is answered.
        request.extensions_mut().insert(limited);
    }
    caller.origin.ip = ip;
    caller.origin.request_id = RequestId::of(request);
    Ok(caller)
}

/// Where a request comes from that nobody has signed yet.
pub(crate) fn device(request: &HttpRequest, services: &Services) -> Device {
    let user_agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    Device {
        user_agent: user_agent.map(str::to_owned),
        ip: client_ip(request, services),
        request_id: RequestId::of(request),
    }
}

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The client's address: who is at the other end of the connection, or whom the proxies there name.
fn client_ip(request: &HttpRequest, services: &Services) -> Option<String> {
    let peer = request.peer_addr()?.ip();
    let forwarded = request.headers().get_all(X_FORWARDED_FOR).map(header::HeaderValue::as_bytes);
    Some(services.trusted_proxies.client(peer, forwarded).to_string())
}

fn services(request: &HttpRequest) -> Result<&web::Data<Services>, Problem> {
    let services = request.app_data::<web::Data<Services>>();
    services.ok_or_else(|| Problem::new(ProblemCode::Internal, "the server is not wired"))
}

/// The token of `Authorization: Bearer …` (RFC 6750, section 2.1).
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
