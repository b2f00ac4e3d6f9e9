//! JSON bodies.

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    error::PayloadError,
    http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH},
    web::{Bytes, BytesMut},
};
use futures::{StreamExt, future::LocalBoxFuture};
use serde::{Deserialize, de::DeserializeOwned};
use thiserror::Error;
use utoipa::ToSchema;

use super::{authentication::Authenticated, body_wait::wait_for_body, json::Json};
use crate::{
    openapi::{Input, Inputs, json_content},
    problem::{Problem, ProblemCode, Validate, Validation},
};

/// The largest body of a caller with a token: 1 MiB.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// The largest body of a request that needs no token, such as a sign-in: 16 KiB. Anyone can send it, so it must not take
/// much memory.
const ANONYMOUS_BODY_BYTES_MAX: usize = 16 * 1024;

/// Why the server stopped to read a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum BodyFailure {
    /// The bodies of all requests together take as much memory as they may.
    #[error("too many bodies are being received")]
    NoBudget,
    /// Nothing has arrived for too long, or the server stops.
    #[error("the body made no progress")]
    NoProgress,
}

const JSON: &str = "application/json";
/// JSON Merge Patch (RFC 7396), which is how a PATCH treats absent members, `null` and values.
const MERGE_PATCH: &str = "application/merge-patch+json";
/// The byte order mark that some programs write before UTF-8; RFC 8259, section 8.1, lets parsers ignore it.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A JSON body of this shape with valid values.
pub(crate) struct Body<T: Validate>(pub(crate) T::Valid);

/// The same for a PATCH, which must name at least one field.
pub(crate) struct PatchBody<T: Validate>(pub(crate) T::Valid);

/// A password or a token in a body. It cannot be printed.
#[derive(Deserialize)]
pub(crate) struct SecretText(String);

impl SecretText {
    pub(crate) fn into_exposed(self) -> String {
        self.0
    }
}

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = read(request, payload, &[JSON]);
        Box::pin(async move { parse::<T>(&bytes.await?, false).and_then(Validation::run).map(Self) })
    }
}

impl<T: DeserializeOwned + Validate + 'static> FromRequest for PatchBody<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = read(request, payload, &[JSON, MERGE_PATCH]);
        Box::pin(async move { parse::<T>(&bytes.await?, true).and_then(Validation::run).map(Self) })
    }
}

impl<T: Validate + ToSchema> Input for Body<T> {
    fn describe(inputs: &mut Inputs) {
        inputs.body = Some(json_content::<T>);
        inputs.problems.extend([
            ProblemCode::MalformedJson,
            ProblemCode::RequestTimeout,
            ProblemCode::BodyTooLarge,
            ProblemCode::UnsupportedMediaType,
            ProblemCode::ValidationFailed,
        ]);
    }
}

impl<T: Validate + ToSchema> Input for PatchBody<T> {
    fn describe(inputs: &mut Inputs) {
        Body::<T>::describe(inputs);
        inputs.problems.push(ProblemCode::EmptyPatch);
    }
}

fn read(
    request: &HttpRequest,
    payload: &mut Payload,
    types: &[&str],
) -> impl Future<Output = Result<Bytes, Problem>> + use<> {
    let is_json = matches!(request.mime_type(), Ok(Some(mime)) if types.contains(&mime.essence_str()));
    let bytes = read_bytes(request, payload);
    async move {
        if !is_json {
            let detail = "the Content-Type must be application/json";
            return Err(Problem::new(ProblemCode::UnsupportedMediaType, detail));
        }
        bytes.await
    }
}

/// Reads a whole body, of whatever type. Nothing is read of a body that is too large or coded.
pub(super) fn read_bytes(
    request: &HttpRequest,
    payload: &mut Payload,
) -> impl Future<Output = Result<Bytes, Problem>> + use<> {
    let has_token = request.extensions().contains::<Authenticated>();
    let bytes_max = if has_token { BODY_BYTES_MAX } else { ANONYMOUS_BODY_BYTES_MAX };
    let refused = refuse_coding(request).and_then(|()| refuse_length(request, bytes_max)).err();
    let bytes = wait_for_body(request, collect(payload.take(), bytes_max));
    async move {
        match refused {
            Some(problem) => Err(problem),
            None => bytes.await?,
        }
    }
}

/// Refuses compressed bodies, and says that they must not be (RFC 9110, section 12.5.3).
fn refuse_coding(request: &HttpRequest) -> Result<(), Problem> {
    let codings =
        request.headers().get_all(CONTENT_ENCODING).flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    let mut names = codings.map(|coding| String::from_utf8_lossy(coding.trim_ascii()).to_ascii_lowercase());
    match names.find(|name| !name.is_empty() && name != "identity") {
        None => Ok(()),
        Some(coding) => {
            let detail = format!("bodies with the Content-Encoding `{coding}` are not accepted; send it without");
            Err(Problem::new(ProblemCode::UnsupportedMediaType, detail).with_header(ACCEPT_ENCODING, "identity"))
        }
    }
}

fn refuse_length(request: &HttpRequest, bytes_max: usize) -> Result<(), Problem> {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: usize| length > bytes_max) { Err(too_large(bytes_max)) } else { Ok(()) }
}

fn too_large(bytes_max: usize) -> Problem {
    Problem::new(ProblemCode::BodyTooLarge, format!("the body may have at most {bytes_max} bytes"))
}

async fn collect(mut payload: Payload, bytes_max: usize) -> Result<Bytes, Problem> {
    // Most bodies arrive in one part, which needs no copy.
    let Some(first) = payload.next().await.transpose().map_err(|error| unreadable(&error))? else {
        return Ok(Bytes::new());
    };
    let mut all = BytesMut::new();
    let mut only = Some(first);
    loop {
        let received = only.as_ref().map_or(all.len(), Bytes::len);
        if received > bytes_max {
            return Err(too_large(bytes_max));
        }
        let Some(part) = payload.next().await.transpose().map_err(|error| unreadable(&error))? else {
            return Ok(only.unwrap_or_else(|| all.freeze()));
        };
        if let Some(first) = only.take() {
            all.extend_from_slice(&first);
        }
        all.extend_from_slice(&part);
    }
}

fn unreadable(error: &PayloadError) -> Problem {
    let failure = match error {
        PayloadError::Io(error) => error.get_ref().and_then(|error| error.downcast_ref::<BodyFailure>()),
        _ => None,
    };
    match failure {
        Some(failure @ BodyFailure::NoBudget) => Problem::new(ProblemCode::Overloaded, format!("{failure}; try again")),
        Some(failure @ BodyFailure::NoProgress) => Problem::new(ProblemCode::RequestTimeout, failure.to_string()),
        None => Problem::new(ProblemCode::BadRequest, "the body could not be read"),
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8], is_patch: bool) -> Result<T, Problem> {
    let malformed = |error: serde_json::Error| Problem::new(ProblemCode::MalformedJson, error.to_string());
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let mut parser = serde_json::Deserializer::from_slice(bytes);
    let json = Json::deserialize(&mut parser).map_err(malformed)?;
    let is_empty = matches!(&json, Json::Object(members) if members.is_empty());
    let body = json.read().map_err(|mismatch| Problem::invalid(vec![mismatch]))?;
    parser.end().map_err(malformed)?;
    if is_patch && is_empty {
        return Err(Problem::new(ProblemCode::EmptyPatch, "name at least one field to change"));
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Outer {
        title: String,
        inner: Option<Inner>,
        map: Option<BTreeMap<String, u8>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Inner {
        count: u32,
    }

    fn body_of(problem: Problem) -> serde_json::Value {
        let body = problem.into_response("r").into_body();
        let bytes = actix_web::body::MessageBody::try_into_bytes(body).expect("a body in memory");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    fn refused(json: &str) -> String {
        let body = body_of(parse::<Outer>(json.as_bytes(), false).expect_err(json));
        let error = &body["errors"][0];
        format!("{} {} {}", body["status"], error["pointer"], error["code"])
    }

    #[test]
    fn malformed_json_is_400_and_a_mismatch_is_422_with_its_pointer() {
        assert_eq!(refused("{"), "400 null null");
        assert_eq!(refused("{} {}"), r#"422 "" "required""#);
        assert_eq!(refused(r#"{"title":"t"} x"#), "400 null null");
        assert_eq!(refused(r#"{"title":1}"#), r#"422 "/title" "wrong_type""#);
        assert_eq!(refused(r#"{"title":"t","x":1}"#), r#"422 "/x" "unknown_field""#);
        assert_eq!(refused(r#"{"title":"t","title":"u"}"#), r#"422 "" "duplicate_field""#);
        assert_eq!(refused(r#"{"title":"t","map":{"a":1,"b":2,"a":1}}"#), r#"422 "/map" "duplicate_field""#);
        assert_eq!(refused(r#"{"title":"t","inner":{"count":-1}}"#), r#"422 "/inner/count" "invalid_value""#);
        assert_eq!(refused(r#"{"title":"t","inner":{"count":1,"a/b":1}}"#), r#"422 "/inner/a~1b" "unknown_field""#);
        assert_eq!(refused(r#"{"title":"t","inner":[1]}"#), r#"422 "/inner" "wrong_type""#);
        assert_eq!(refused("[]"), r#"422 "" "wrong_type""#);
        assert_eq!(refused(r#"["t",null]"#), r#"422 "" "wrong_type""#);
        assert_eq!(refused("1"), r#"422 "" "wrong_type""#);
    }

    #[test]
    fn messages_never_repeat_a_value() {
        #[derive(Deserialize)]
        #[expect(dead_code, reason = "only its shape matters")]
        struct Secret {
            password: SecretText,
        }
        for value in ["4711", "[4711]", "{\"a\": 4711}", "true", "null"] {
            let json = format!("{{\"password\": {value}}}");
            let problem = parse::<Secret>(json.as_bytes(), false).err().expect(value);
            assert!(!body_of(problem).to_string().contains("4711"), "{value}");
        }
    }
}
