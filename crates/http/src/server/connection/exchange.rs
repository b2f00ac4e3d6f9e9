//! A request of hyper becomes one of actix-web, and its response one of hyper. Both use different releases of the crate
//! `http`, so that heads are copied.

use std::{convert::Infallible, net::SocketAddr, rc::Rc};

use actix_http::{Payload, Request as ActixRequest};
use actix_web::{
    HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    http::{
        Method, Uri, Version,
        header::{HeaderName, HeaderValue},
    },
};
use bytes::Bytes;
use hyper::{Request, Response, StatusCode, body::Incoming, header, http::request::Parts};

use super::{
    progress::{Exchange, Progress},
    request_body::RequestBody,
    response_body::ResponseBody,
};
use crate::{
    problem::{Problem, ProblemCode},
    server::context::Worker,
};

/// Whose requests a connection brings.
pub(super) struct Client {
    pub(super) worker: Rc<Worker>,
    pub(super) progress: Rc<Progress>,
    pub(super) peer: SocketAddr,
}

/// Answers a request.
pub(super) async fn answer(
    client: Rc<Client>,
    request: Request<Incoming>,
) -> Result<Response<ResponseBody>, Infallible> {
    let exchange = Rc::new(Exchange::begin(client.progress.clone()));
    let (head, incoming) = request.into_parts();
    let waits_for_continue = head.headers.contains_key(header::EXPECT);
    let body = RequestBody::of(incoming, waits_for_continue, &client.worker);
    let payload = body.as_ref().map_or(Payload::None, |body| body.payload(exchange.clone(), client.worker.clone()));
    let is_head = head.method == hyper::Method::HEAD;
    let is_http1 = head.version < hyper::Version::HTTP_2;

    let response = if let Some(request) = actix_request(&head, payload, client.peer) {
        match (client.worker.application)(request).await {
            Ok(served) => served.into_parts().1,
            Err(error) => error.error_response(),
        }
    } else {
        let id = client.worker.shared.state.ids.next_id().to_string();
        Problem::new(ProblemCode::BadRequest, "the request line or a header is malformed").into_response(&id)
    };
    let has_arrived = match &body {
        Some(body) if is_http1 => body.read_rest().await,
        _ => true,
    };
    let mut response = hyper_response(response, is_head, exchange);
    if !has_arrived {
        // The rest of the body must not be read as the next request.
        client.progress.note_unread_request();
        response.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
    }
    Ok(response)
}

fn actix_request(head: &Parts, payload: Payload, peer: SocketAddr) -> Option<ActixRequest> {
    let mut request = ActixRequest::with_payload(payload);
    let target = request.head_mut();
    target.method = Method::from_bytes(head.method.as_str().as_bytes()).ok()?;
    target.uri = match (head.uri.scheme(), head.uri.authority(), head.uri.path_and_query()) {
        (None, None, Some(path)) => Uri::from_maybe_shared(Bytes::copy_from_slice(path.as_str().as_bytes())).ok()?,
        _ => head.uri.to_string().parse().ok()?,
    };
    target.version = match head.version {
        hyper::Version::HTTP_10 => Version::HTTP_10,
        hyper::Version::HTTP_2 => Version::HTTP_2,
        _ => Version::HTTP_11,
    };
    target.peer_addr = Some(peer);
    for (name, value) in &head.headers {
        let name = HeaderName::from_bytes(name.as_str().as_bytes()).ok()?;
        target.headers.append(name, HeaderValue::from_bytes(value.as_bytes()).ok()?);
    }
    Some(request)
}

fn hyper_response(response: HttpResponse<BoxBody>, is_head: bool, exchange: Rc<Exchange>) -> Response<ResponseBody> {
    let (head, body) = response.into_parts();
    let status = StatusCode::from_u16(head.status().as_u16()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let size = body.size();
    let body = if is_head { ResponseBody::none(exchange) } else { ResponseBody::new(body, exchange) };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in head.headers() {
        let name = header::HeaderName::from_bytes(name.as_str().as_bytes());
        let value = header::HeaderValue::from_bytes(value.as_bytes());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    // hyper knows the length of a body, but not that of a body which HEAD leaves out.
    if let (true, BodySize::Sized(bytes)) = (is_head, size) {
        headers.insert(header::CONTENT_LENGTH, bytes.into());
    }
    response
}
