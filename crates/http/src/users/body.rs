//! A user, as the API shows them.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
};
use chrono::{DateTime, Utc};
use incident_domain::User;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    answer::Answer,
    names,
    problem::Problem,
    request::{etag, is_not_modified},
};

/// A user, without anything secret.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub(crate) struct UserBody {
    id: Uuid,
    #[schema(format = "email", max_length = 254)]
    email: String,
    #[schema(min_length = 1, max_length = 128)]
    name: String,
    #[schema(value_type = names::RoleName)]
    role: &'static str,
    /// An inactive user can do nothing.
    is_active: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// Counts its changes.
    version: u32,
}

impl From<User> for UserBody {
    fn from(user: User) -> Self {
        Self {
            id: user.id.as_uuid(),
            email: user.email.to_string(),
            name: user.name.into(),
            role: user.role.as_str(),
            is_active: user.is_active,
            created_at: user.created_at,
            updated_at: user.updated_at,
            version: user.version.get(),
        }
    }
}

/// An answer with one user and their entity tag.
pub(super) fn answer(status: StatusCode, user: &User) -> Answer {
    let body = UserBody::from(user.clone());
    Answer::json(status, &body).with_header(&header::ETAG, etag(user.version).to_string())
}

/// The same, unless the client has it already.
pub(super) fn respond_if_new(request: &HttpRequest, user: &User) -> Result<HttpResponse, Problem> {
    let current = etag(user.version);
    if is_not_modified(request, &current)? {
        return Ok(HttpResponse::NotModified().insert_header(header::ETag(current)).finish());
    }
    answer(StatusCode::OK, user).into_response()
}
