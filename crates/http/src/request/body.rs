//! JSON bodies.

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, error::PayloadError, web};
use futures::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::{Object, body_wait::wait_for_body};
use crate::problem::{Problem, ProblemCode, ProblemItem};

/// The largest body that is read: 1 MiB.
pub(crate) const BODY_BYTES_MAX: usize = 1024 * 1024;

/// A JSON body of this shape.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = matches!(request.mime_type(), Ok(Some(mime)) if mime.essence_str() == "application/json");
        let bytes = wait_for_body(request, web::Bytes::from_request(request, payload));
        Box::pin(async move {
            if !is_json {
                let detail = "the Content-Type must be application/json";
                return Err(Problem::new(ProblemCode::UnsupportedMediaType, detail));
            }
            let bytes = bytes.await?.map_err(|error| unreadable(&error))?;
            parse(&bytes).map(Self)
        })
    }
}

pub(super) fn unreadable(error: &actix_web::Error) -> Problem {
    match error.as_error::<PayloadError>() {
        Some(PayloadError::Overflow) => {
            Problem::new(ProblemCode::BodyTooLarge, format!("the body may have at most {BODY_BYTES_MAX} bytes"))
        }
        _ => Problem::new(ProblemCode::BadRequest, "the body could not be read"),
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let Object(value) = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let pointer = pointer(error.path());
        refuse(&pointer, error.inner())
    })?;
    json.end().map_err(|error| refuse("", &error))?;
    Ok(value)
}

fn refuse(pointer: &str, error: &serde_json::Error) -> Problem {
    let message = error.to_string();
    match error.classify() {
        Category::Io | Category::Syntax | Category::Eof => Problem::new(ProblemCode::MalformedJson, message),
        Category::Data => {
            let detail = message.rsplit_once(" at line ").map_or(message.as_str(), |(detail, _)| detail);
            let item =
                ProblemItem { pointer: pointer.to_owned(), code: code(detail).to_owned(), detail: detail.to_owned() };
            Problem::invalid(vec![item])
        }
    }
}

/// Serde tells its kinds of errors apart only by how the message begins.
fn code(detail: &str) -> &'static str {
    const CODES: &[(&str, &str)] = &[
        ("unknown field", "unknown_field"),
        ("missing field", "required"),
        ("duplicate field", "duplicate_field"),
        ("invalid type", "wrong_type"),
    ];
    CODES.iter().find(|(start, _)| detail.starts_with(start)).map_or("invalid_value", |(_, code)| code)
}

/// The JSON Pointer (RFC 6901) to a path.
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;

    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Map { key } => {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Segment::Seq { index } => {
                pointer.push('/');
                pointer.push_str(&index.to_string());
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Outer {
        title: String,
        inner: Option<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Inner {
        count: u32,
    }

    fn refused(json: &str) -> String {
        let problem = parse::<Outer>(json.as_bytes()).expect_err(json);
        let body = problem.into_response("r").into_body();
        let bytes = actix_web::body::MessageBody::try_into_bytes(body).expect("a body in memory");
        let body: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
        let error = &body["errors"][0];
        format!("{} {} {}", body["status"], error["pointer"], error["code"])
    }

    #[test]
    fn what_is_not_json_is_400_and_what_does_not_fit_is_422_with_its_place() {
        assert_eq!(refused("{"), "400 null null");
        assert_eq!(refused("{} {}"), r#"422 "" "required""#);
        assert_eq!(refused(r#"{"title":"t"} x"#), "400 null null");
        assert_eq!(refused(r#"{"title":1}"#), r#"422 "/title" "wrong_type""#);
        assert_eq!(refused(r#"{"title":"t","x":1}"#), r#"422 "/x" "unknown_field""#);
        assert_eq!(refused(r#"{"title":"t","inner":{"count":-1}}"#), r#"422 "/inner/count" "invalid_value""#);
        assert_eq!(refused(r#"{"title":"t","inner":{"count":1,"a/b":1}}"#), r#"422 "/inner/a~1b" "unknown_field""#);
        assert_eq!(refused("[]"), r#"422 "" "wrong_type""#);
        assert_eq!(refused(r#"["t",null]"#), r#"422 "" "wrong_type""#);
        assert_eq!(refused("1"), r#"422 "" "wrong_type""#);
    }
}
