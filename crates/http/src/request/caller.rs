//! Who sends the request.

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web};
use futures::future::LocalBoxFuture;
use incident_application::Caller;

use super::RequestId;
use crate::{
    problem::{Problem, ProblemCode},
    services::Services,
};

/// The signed-in user who sends the request.
pub(crate) struct SignedIn(pub(crate) Caller);

impl FromRequest for SignedIn {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let token = bearer_token(&request)?;
            let services = services(&request)?;
            let mut caller = services.auth.authenticate(token).await?;
            caller.origin.ip = client_ip(&request);
            caller.origin.request_id = RequestId::of(&request);
            Ok(Self(caller))
        })
    }
}

/// The address of whoever is at the other end of the connection.
pub(crate) fn client_ip(request: &HttpRequest) -> Option<String> {
    request.peer_addr().map(|address| address.ip().to_string())
}

fn services(request: &HttpRequest) -> Result<&web::Data<Services>, Problem> {
    let services = request.app_data::<web::Data<Services>>();
    services.ok_or_else(|| Problem::new(ProblemCode::Internal, "the server is not wired"))
}

/// The token of `Authorization: Bearer …` (RFC 6750, section 2.1).
fn bearer_token(request: &HttpRequest) -> Result<&str, Problem> {
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
