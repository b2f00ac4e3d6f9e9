//! The documentation of successful responses.

use actix_web::http::StatusCode;
use utoipa::ToSchema;

use crate::{
    openapi::BodySchema,
    response::{Resource, page_schema, page_with_fields_schema},
};

/// A successful response of an operation.
pub(super) struct SuccessDocs {
    pub(super) status: StatusCode,
    pub(super) description: String,
    /// The bodies by their media types.
    pub(super) bodies: Vec<(&'static str, BodyDocs)>,
    /// Names and descriptions of headers.
    pub(super) headers: Vec<(&'static str, &'static str)>,
}

/// The body of a response.
#[derive(Clone)]
pub(super) enum BodyDocs {
    /// A JSON value with this schema.
    Json(BodySchema),
    /// A JSON array of values with this schema.
    JsonArray(BodySchema),
    /// A page of items. The first schema is the page's, the second the items'.
    Page(BodySchema, BodySchema),
    Text,
}

pub(super) const JSON: &str = "application/json";

impl SuccessDocs {
    pub(super) fn new(status: StatusCode, description: impl Into<String>) -> Self {
        Self { status, description: description.into(), bodies: Vec::new(), headers: Vec::new() }
    }

    pub(super) fn with_body(mut self, media_type: &'static str, body: BodyDocs) -> Self {
        self.bodies.push((media_type, body));
        self
    }

    pub(super) fn json<T: ToSchema>(status: StatusCode, description: &str) -> Self {
        Self::new(status, description).with_body(JSON, BodyDocs::Json(BodySchema::of::<T>()))
    }

    /// A record with its entity tag.
    pub(super) fn record<R: Resource>(status: StatusCode, description: &str) -> Self {
        let mut success = Self::json::<R::Body>(status, description);
        success.headers.push(("ETag", R::ETAG));
        success
    }

    /// A record with its entity tag and its path.
    pub(super) fn located<R: Resource>(status: StatusCode, description: &str) -> Self {
        let mut success = Self::record::<R>(status, description);
        success.headers.push(("Location", "Its path."));
        success
    }

    pub(super) fn page<T: ToSchema>(description: &str) -> Self {
        let body = BodyDocs::Page(page_schema::<T>(), BodySchema::of::<T>());
        Self::new(StatusCode::OK, description).with_body(JSON, body)
    }

    pub(super) fn page_with_fields<T: ToSchema>(description: &str) -> Self {
        let body = BodyDocs::Page(page_with_fields_schema::<T>(), BodySchema::of::<T>());
        Self::new(StatusCode::OK, description).with_body(JSON, body)
    }
}
