//! Conditional requests (RFC 9110, section 13).

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::header::{self, EntityTag, HeaderName},
};
use incident_application::kernel::Precondition;
use incident_domain::kernel::Version;
use serde_json::json;

use crate::{
    openapi::{Input, Inputs, text_parameter},
    problem::{Problem, ProblemCode},
    response::{Resource, etag},
};

/// The entity tags that a header names.
enum Tags {
    Any,
    These(Vec<EntityTag>),
}

/// `If-Match`: a command takes effect only if the record still has one of these entity tags. `VERSIONS` is the number of
/// versions in the record's tags; the first one is its own, and the others do not matter here.
pub(crate) struct IfMatch<const VERSIONS: usize = 1>(pub(crate) Precondition);

/// `If-None-Match`: the record is sent only if the client does not have this version.
pub(crate) struct IfNoneMatch(Option<Tags>);

impl<const VERSIONS: usize> IfMatch<VERSIONS> {
    fn precondition(tags: Option<Tags>) -> Precondition {
        let Some(Tags::These(tags)) = tags else { return Precondition::None };
        // A weak tag never matches here, and a tag that this server never makes, such as `01`, matches nothing.
        let version_of = |tag: &EntityTag| {
            let tag_of_own = tag.tag().splitn(VERSIONS, '.').next()?;
            let version = tag_of_own.parse().ok().map(Version::new)?;
            (!tag.weak && etag(version).tag() == tag_of_own).then_some(version)
        };
        Precondition::Versions(tags.iter().filter_map(version_of).collect())
    }
}

impl IfNoneMatch {
    /// Responds with the record, or with 304 if the client has this version.
    pub(crate) fn respond<R: Resource>(&self, record: R) -> HttpResponse {
        let current = record.etag();
        let is_known = match &self.0 {
            None => false,
            Some(Tags::Any) => true,
            Some(Tags::These(tags)) => tags.iter().any(|tag| tag.weak_eq(&current)),
        };
        if is_known {
            return HttpResponse::NotModified().insert_header(header::ETag(current)).finish();
        }
        HttpResponse::Ok().insert_header(header::ETag(current)).json(R::Body::from(record))
    }
}

impl<const VERSIONS: usize> FromRequest for IfMatch<VERSIONS> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(tags(request, &header::IF_MATCH).map(Self::precondition).map(Self))
    }
}

impl FromRequest for IfNoneMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(tags(request, &header::IF_NONE_MATCH).map(Self))
    }
}

impl<const VERSIONS: usize> Input for IfMatch<VERSIONS> {
    fn describe(inputs: &mut Inputs) {
        describe(inputs, "If-Match", "Have an effect only if this is still the entity tag.");
        inputs.problems.push(ProblemCode::PreconditionFailed);
    }
}

impl Input for IfNoneMatch {
    fn describe(inputs: &mut Inputs) {
        describe(
            inputs,
            "If-None-Match",
            "The entity tag that you have; the answer is 304 if it is still the current one.",
        );
    }
}

fn describe(inputs: &mut Inputs, name: &str, description: &str) {
    const TAG: &str = r#"(W/)?"[!#-+\--~]*""#;
    let pattern = format!(r"^(\*|{TAG}(, {TAG})*)$");
    let mut parameter = text_parameter(name, "header", description, json!({ "pattern": pattern }));
    parameter["example"] = json!("\"3\"");
    inputs.parameters.push(parameter);
}

fn tags(request: &HttpRequest, name: &HeaderName) -> Result<Option<Tags>, Problem> {
    let malformed = || Problem::new(ProblemCode::BadHeader, format!("{name} must be `*` or a list of entity tags"));
    let mut found = Vec::new();
    for value in request.headers().get_all(name) {
        let value = value.to_str().map_err(|_| malformed())?.trim();
        if value == "*" {
            return Ok(Some(Tags::Any));
        }
        for tag in value.split(',') {
            found.push(tag.trim().parse().map_err(|_| malformed())?);
        }
    }
    Ok(if found.is_empty() { None } else { Some(Tags::These(found)) })
}
