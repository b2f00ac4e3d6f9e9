//! Compression of long responses.

use actix_http::encoding::Encoder;
use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BodySize, EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, AcceptEncoding, ContentEncoding, Encoding, HeaderValue},
    middleware::Next,
};

/// Shorter responses fit into one packet uncompressed.
const COMPRESSED_BYTES_MIN: u64 = 1024;

/// The supported encodings, the preferred one first.
const OFFERED: [Encoding; 2] = [Encoding::identity(), Encoding::gzip()];

/// Compresses a response if it is long and the client accepts it. Problems are rendered outside of this middleware, as
/// they are short. Stored replies are not compressed, so that each repetition is sent as its own request accepts it.
pub(crate) async fn compress<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<Encoder<B>, B>>, Error> {
    let accepted = request.get_header::<AcceptEncoding>();
    let negotiated = accepted.and_then(|accepted| accepted.negotiate(OFFERED.iter()));
    let mut response = next.call(request).await?;
    if !is_compressible(response.response()) {
        return Ok(response.map_into_right_body());
    }
    if negotiated != Some(Encoding::gzip()) {
        // Other clients get the same resource in another encoding.
        response.headers_mut().append(header::VARY, HeaderValue::from_static("accept-encoding"));
        return Ok(response.map_into_right_body());
    }
    Ok(response.map_body(|head, body| EitherBody::left(Encoder::response(ContentEncoding::Gzip, head, body))))
}

/// Whether a response is long and has neither an entity tag nor a secret. A strong tag identifies the exact bytes (RFC
/// 9110, section 8.8.3.3), and `If-Match` accepts no weak one. The compressed length of a secret beside text that an
/// attacker chooses would reveal the secret (the BREACH attack).
fn is_compressible(response: &HttpResponse<impl MessageBody>) -> bool {
    let is_long = match response.body().size() {
        BodySize::None => false,
        BodySize::Sized(bytes) => bytes >= COMPRESSED_BYTES_MIN,
        BodySize::Stream => true,
    };
    let headers = response.headers();
    let is_secret = headers.get(header::CACHE_CONTROL).is_some_and(|value| value == "no-store");
    is_long && !is_secret && !headers.contains_key(header::ETAG) && !headers.contains_key(header::CONTENT_ENCODING)
}
