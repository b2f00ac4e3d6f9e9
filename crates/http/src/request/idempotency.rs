//! Idempotent commands: `Idempotency-Key`.

use std::rc::Rc;

use actix_web::{
    Error, HttpMessage, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::header::HeaderName,
    middleware::Next,
    web::Data,
};
use incident_application::kernel::{KeyedRequest, Principal};
use incident_domain::kernel::{IdempotencyKey, IdempotencyKeyError};
use serde_json::{Value, json};

use super::{authentication::not_authenticated, body::read_bytes};
use crate::{
    app_state::AppState,
    openapi::text_parameter,
    problem::{Problem, ProblemCode},
    response::CommandResponse,
};

/// Names a request, so that a repetition is recognised.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The documentation of the header.
pub(crate) fn idempotency_key_parameter() -> Value {
    // As written in the header: bare, or in quotes with `"` and `\` escaped.
    let pattern = r#"^([!#-~][ -~]{0,254}|"([ !#-\[\]-~]|\\["\\]){1,255}")$"#;
    let description = "Your name for this request, 1 to 255 characters, quoted or bare. A repetition with the same key \
                       has no further effect and gets the same answer.";
    text_parameter("Idempotency-Key", "header", description, json!({ "pattern": pattern }))
}

/// Sends the stored response to a repeated request. It runs after authentication, because keys belong to users, and
/// before the handler, which does not know of keys.
pub(crate) async fn answer_once(
    state: Data<AppState>,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(key) = key_of(request.request())? else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let keyed = Rc::new(keyed(&state, &mut request, key).await?);
    let _lock = state.replies.lock(&keyed).await;
    if let Some(response) = stored(&state, &keyed).await? {
        return Ok(request.into_response(response.replayed()?));
    }
    request.extensions_mut().insert(keyed.clone());
    let response = next.call(request).await?;
    if !response.status().is_success() {
        // Another process may have executed the same request meanwhile, so that it was refused here.
        if let Some(stored) = stored(&state, &keyed).await? {
            return Ok(response.into_response(stored.replayed()?));
        }
    }
    Ok(response.map_into_boxed_body())
}

async fn stored(state: &AppState, request: &KeyedRequest) -> Result<Option<CommandResponse>, Problem> {
    state.replies.find(request).await?.map(|reply| CommandResponse::from_bytes(&reply)).transpose()
}

/// Identifies a request by its method, path and body. The body is read for that and put back.
async fn keyed(state: &AppState, request: &mut ServiceRequest, key: IdempotencyKey) -> Result<KeyedRequest, Error> {
    let (http_request, payload) = request.parts_mut();
    let body = read_bytes(http_request, payload).await?;
    request.set_payload(Payload::from(body.clone()));
    let path = request.uri().path_and_query().map_or_else(|| request.path(), |path| path.as_str());
    let parts = vec![request.method().as_str().as_bytes().to_vec(), path.as_bytes().to_vec(), body.to_vec()];
    let extensions = request.extensions();
    let caller = extensions.get::<Principal>().ok_or_else(not_authenticated)?;
    Ok(state.replies.request(caller, key, parts).map_err(Problem::from)?)
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

/// Reads a string of structured headers (RFC 9651, section 3.3.3), or a bare text.
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
