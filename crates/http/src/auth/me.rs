//! `GET /users/me`: your own account.

use actix_web::{HttpResponse, web::Data};
use chrono::{DateTime, Utc};
use incident_domain::User;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    names,
    problem::{Problem, SignedInProblems},
    request::SignedIn,
    services::Services,
};

/// A user, without anything secret.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub(crate) struct UserBody {
    id: Uuid,
    #[schema(format = "email")]
    email: String,
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

/// Read your own account.
#[utoipa::path(
    get,
    path = "/api/v1/users/me",
    tag = "auth",
    operation_id = "get_me",
    security(("bearer" = [])),
    responses((status = 200, description = "Your account.", body = UserBody), SignedInProblems)
)]
pub(crate) async fn handle(services: Data<Services>, SignedIn(caller): SignedIn) -> Result<HttpResponse, Problem> {
    let user = services.auth.me(&caller).await?;
    Ok(HttpResponse::Ok().json(UserBody::from(user)))
}
