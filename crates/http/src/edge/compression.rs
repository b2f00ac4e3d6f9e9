//! Answers that are long enough to be worth it go out compressed, to those who can read that.

use actix_http::encoding::Encoder;
use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BodySize, EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, AcceptEncoding, ContentEncoding, Encoding, HeaderValue},
    middleware::Next,
};

/// Shorter answers fit into a packet as they are.
const WORTH_BYTES_MIN: u64 = 1024;

/// What we can send, the simplest first.
const OFFERED: [Encoding; 2] = [Encoding::identity(), Encoding::gzip()];

/// Stands around the routes, and inside of what writes out problems, which are short. What is kept for an idempotency key
/// is the answer before it comes here, so that each repetition is sent as its own request wants it.
pub(crate) async fn compress<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<Encoder<B>, B>>, Error> {
    let accepted = request.get_header::<AcceptEncoding>();
    let negotiated = accepted.and_then(|accepted| accepted.negotiate(OFFERED.iter()));
    let mut response = next.call(request).await?;
    if !is_worth_it(response.response()) {
        return Ok(response.map_into_right_body());
    }
    if negotiated != Some(Encoding::gzip()) {
        // The same address has an answer of another form for others.
        response.headers_mut().append(header::VARY, HeaderValue::from_static("accept-encoding"));
        return Ok(response.map_into_right_body());
    }
    Ok(response.map_body(|head, body| EitherBody::left(Encoder::response(ContentEncoding::Gzip, head, body))))
}

/// Long answers, unless they have an entity tag or are for nobody's eyes. A strong tag stands for the very bytes (RFC
/// 9110, section 8.8.3.3), and a client hands it back in `If-Match`, where no other kind counts. And beside a secret,
/// text that somebody else has chosen would tell by its length whether it is alike.
fn is_worth_it(response: &HttpResponse<impl MessageBody>) -> bool {
    let is_long = match response.body().size() {
        BodySize::None => false,
        BodySize::Sized(bytes) => bytes >= WORTH_BYTES_MIN,
        BodySize::Stream => true,
    };
    let headers = response.headers();
    let is_secret = headers.get(header::CACHE_CONTROL).is_some_and(|value| value == "no-store");
    is_long && !is_secret && !headers.contains_key(header::ETAG) && !headers.contains_key(header::CONTENT_ENCODING)
}
