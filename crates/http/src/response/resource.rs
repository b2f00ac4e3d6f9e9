//! Records that the API shows under a path of their own, with an entity tag.

use std::{fmt::Display, str::FromStr};

use actix_web::http::{
    StatusCode,
    header::{self, EntityTag},
};
use incident_domain::kernel::Version;
use serde::Serialize;
use utoipa::ToSchema;

use super::CommandResponse;

/// The id of a record as a segment of a path.
pub(crate) trait PathId: FromStr + Display {
    /// What the record is called in messages and documentation.
    const NOUN: &'static str;
    /// The name of the path parameter.
    const PARAMETER: &'static str = "id";
    /// What messages say does not exist.
    const UNKNOWN: &'static str = Self::NOUN;
}

/// A record that is read, created and changed under a path of its own.
pub(crate) trait Resource: Clone {
    type Id: PathId;
    /// How the API shows it.
    type Body: From<Self> + Serialize + ToSchema;
    /// The path of the collection; `Location` adds the id.
    const PATH: &'static str;
    /// What the documentation says about the entity tag.
    const ETAG: &'static str = "Its version, for `If-Match`.";

    fn id(&self) -> Self::Id;

    fn etag(&self) -> EntityTag;
}

/// Responds with a new record: 201, its path and its entity tag.
pub(crate) fn created<R: Resource>(record: &R) -> CommandResponse {
    shown(StatusCode::CREATED, record).with_header(&header::LOCATION, location(record))
}

/// Responds with a record that existed before the command: 200, its path and its entity tag.
pub(crate) fn existing<R: Resource>(record: &R) -> CommandResponse {
    shown(StatusCode::OK, record).with_header(&header::LOCATION, location(record))
}

fn location<R: Resource>(record: &R) -> String {
    format!("{}/{}", R::PATH, record.id())
}

/// Responds with a changed record: 200 and its entity tag.
pub(crate) fn changed<R: Resource>(record: &R) -> CommandResponse {
    shown(StatusCode::OK, record)
}

fn shown<R: Resource>(status: StatusCode, record: &R) -> CommandResponse {
    let body = R::Body::from(record.clone());
    CommandResponse::json(status, &body).with_header(&header::ETAG, record.etag().to_string())
}

/// The strong entity tag of a version (RFC 9110, section 8.8.3).
pub(crate) fn etag(version: Version) -> EntityTag {
    EntityTag::new_strong(version.get().to_string())
}

/// The entity tag of a record that also shows a part of another record: `3.2`.
pub(crate) fn etag_with(version: Version, shown: Option<Version>) -> EntityTag {
    match shown {
        Some(shown) => EntityTag::new_strong(format!("{}.{}", version.get(), shown.get())),
        None => etag(version),
    }
}
