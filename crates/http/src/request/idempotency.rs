//! Doing a request once, however often it is sent: `Idempotency-Key`.

use std::rc::Rc;

use actix_web::{
    Error, HttpMessage, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::header::HeaderName,
    middleware::Next,
    web::{Bytes, Data},
};
use incident_application::{Caller, KeyedRequest};
use incident_domain::{IdempotencyKey, IdempotencyKeyError};

use super::{body::unreadable, body_wait::wait_for_body};
use crate::{
    answer::Answer,
    problem::{Problem, ProblemCode},
    services::Services,
};

/// Names a request, so that its repetition is recognised.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Answers a request that was done before with the answer that it got then. Stands between [`recognise`], since a key
/// is its user's own, and the route, which need not know.
///
/// [`recognise`]: super::recognise
pub(crate) async fn answer_once(
    services: Data<Services>,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(key) = key_of(request.request())? else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let keyed = Rc::new(keyed(&services, &mut request, key).await?);
    let _lock = services.replies.lock(&keyed).await;
    if let Some(answer) = kept(&services, &keyed).await? {
        return Ok(request.into_response(answer.replayed()?));
    }
    request.extensions_mut().insert(keyed.clone());
    let response = next.call(request).await?;
    if !response.status().is_success() {
        // Another process may have done the same request meanwhile, which then looks refused to this one.
        if let Some(answer) = kept(&services, &keyed).await? {
            return Ok(response.into_response(answer.replayed()?));
        }
    }
    Ok(response.map_into_boxed_body())
}

async fn kept(services: &Services, request: &KeyedRequest) -> Result<Option<Answer>, Problem> {
    services.replies.find(request).await?.map(|reply| Answer::from_bytes(&reply)).transpose()
}

/// The method, the path and the body make a request what it is; its body is read here, and put back.
async fn keyed(services: &Services, request: &mut ServiceRequest, key: IdempotencyKey) -> Result<KeyedRequest, Error> {
    let extracted = request.extract::<Bytes>();
    let body = wait_for_body(request.request(), extracted).await?.map_err(|error| unreadable(&error))?;
    request.set_payload(Payload::from(body.clone()));
    let path = request.uri().path_and_query().map_or_else(|| request.path(), |path| path.as_str());
    let parts = vec![request.method().as_str().as_bytes().to_vec(), path.as_bytes().to_vec(), body.to_vec()];
    let extensions = request.extensions();
    let caller = extensions.get::<Caller>();
    let caller = caller.ok_or_else(|| Problem::new(ProblemCode::Internal, "the route does not ask who calls"))?;
    Ok(services.replies.request(caller, key, parts).map_err(Problem::from)?)
}

fn key_of(request: &HttpRequest) -> Result<Option<IdempotencyKey>, Problem> {
    let malformed = |detail: String| Problem::new(ProblemCode::BadHeader, format!("Idempotency-Key {detail}"));
    let mut values = request.headers().get_all(&IDEMPOTENCY_KEY);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(malformed("must be given once".to_owned()));
    }
    let text = value.to_str().map_err(|_| malformed(IdempotencyKeyError.to_string()))?;
    let key = unquoted(text).ok_or_else(|| malformed("has quotes that do not match".to_owned()))?;
    IdempotencyKey::parse(key).map(Some).map_err(|error| malformed(error.to_string()))
}

/// The text of a string as structured headers quote it (RFC 9651, section 3.3.3), or of a bare one.
fn unquoted(text: &str) -> Option<String> {
    let Some(quoted) = text.strip_prefix('"') else { return Some(text.to_owned()) };
    let mut chars = quoted.strip_suffix('"')?.chars();
    let mut key = String::with_capacity(quoted.len());
    while let Some(char) = chars.next() {
        match char {
            '"' => return None,
            '\\' => key.push(chars.next().filter(|escaped| matches!(escaped, '"' | '\\'))?),
            plain => key.push(plain),
        }
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::unquoted;

    #[test]
    fn a_key_is_the_same_quoted_and_bare() {
        for (text, key) in [
            ("abc", Some("abc")),
            (r#""abc""#, Some("abc")),
            (r#""a\"b\\c""#, Some(r#"a"b\c"#)),
            (r#"a"b"#, Some(r#"a"b"#)),
            (r#""""#, Some("")),
            (r#"""#, None),
            (r#""abc"#, None),
            (r#""a"b""#, None),
            (r#""abc\""#, None),
            (r#""a\bc""#, None),
        ] {
            assert_eq!(unquoted(text).as_deref(), key, "{text}");
        }
    }
}
