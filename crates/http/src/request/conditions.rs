//! Entity tags and conditional requests (RFC 9110, sections 8.8.3 and 13).

use actix_web::{
    HttpRequest,
    http::header::{self, EntityTag, HeaderName},
};
use incident_application::Precondition;
use incident_domain::Version;

use crate::problem::{Problem, ProblemCode};

/// The strong entity tag of a version.
pub(crate) fn etag(version: Version) -> EntityTag {
    EntityTag::new_strong(version.get().to_string())
}

/// The same of something that shows a part of something else, which has a version too: `3.2`.
pub(crate) fn etag_with(version: Version, shown: Option<Version>) -> EntityTag {
    match shown {
        Some(shown) => EntityTag::new_strong(format!("{}.{}", version.get(), shown.get())),
        None => etag(version),
    }
}

/// What `If-Match` insists on.
pub(crate) fn if_match(request: &HttpRequest) -> Result<Precondition, Problem> {
    precondition(request, |tag| tag)
}

/// The same of something with a tag of two versions: a change of what it shows does not stand in the way of its own.
pub(crate) fn if_match_first(request: &HttpRequest) -> Result<Precondition, Problem> {
    precondition(request, |tag| tag.split_once('.').map_or(tag, |(own, _)| own))
}

fn precondition(request: &HttpRequest, own: fn(&str) -> &str) -> Result<Precondition, Problem> {
    let tags = match tags(request, &header::IF_MATCH)? {
        None | Some(Tags::Any) => return Ok(Precondition::None),
        Some(Tags::These(tags)) => tags,
    };
    // A weak tag never matches here, and a tag that is none of ours, such as `01`, matches nothing.
    let version_of = |tag: &EntityTag| {
        let version = own(tag.tag()).parse().ok().map(Version::new)?;
        (!tag.weak && etag(version).tag() == own(tag.tag())).then_some(version)
    };
    Ok(Precondition::Versions(tags.iter().filter_map(version_of).collect()))
}

/// Whether `If-None-Match` names what the client would get.
pub(crate) fn is_not_modified(request: &HttpRequest, current: &EntityTag) -> Result<bool, Problem> {
    Ok(match tags(request, &header::IF_NONE_MATCH)? {
        None => false,
        Some(Tags::Any) => true,
        Some(Tags::These(tags)) => tags.iter().any(|tag| tag.weak_eq(current)),
    })
}

enum Tags {
    Any,
    These(Vec<EntityTag>),
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
