//! `POST /users`: make a user.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web::Data,
};
use incident_application::NewUser;
use incident_domain::{Email, Password, PersonName, Role, User};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::{UserBody, answer};
use crate::{
    answer::Answer,
    names,
    problem::{BodyProblems, Problem, ProblemBody, SignedInProblems, Validation},
    request::{Body, Commander, SecretText},
    services::Services,
};

/// The user to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateUser)]
pub(crate) struct CreateBody {
    /// Unique; upper and lower case are the same.
    #[schema(format = "email", max_length = 254, example = "grace@example.org")]
    email: String,
    #[schema(min_length = 1, max_length = 128, example = "Grace Hopper")]
    name: String,
    #[schema(value_type = names::RoleName)]
    role: String,
    /// 12 to 72 bytes of UTF-8 that nobody guesses.
    #[schema(value_type = String, format = "password", min_length = 3, max_length = 72)]
    password: SecretText,
}

impl CreateBody {
    fn validate(self) -> Result<NewUser, Problem> {
        let mut check = Validation::new();
        let email = check.take("/email", Email::parse(self.email));
        let name = check.take("/name", PersonName::parse(self.name));
        let role = check.take("/role", self.role.parse::<Role>());
        let password = check.take("/password", Password::parse(self.password.into_exposed()));
        check.finish(|| Some(NewUser { email: email?, name: name?, role: role?, password: password? }))
    }
}

/// Make a user, as an administrator.
#[utoipa::path(
    post,
    path = "/api/v1/users",
    tag = "users",
    operation_id = "create_user",
    security(("bearer" = [])),
    request_body = CreateBody,
    responses(
        (status = 201, description = "The new user.", body = UserBody, headers(
            ("ETag" = String, description = "Their version, for `If-Match`."),
            ("Location" = String, description = "Their path."),
        )),
        (status = 409, description = "Another user has this email.", body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
        BodyProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    commander: Commander,
    Body(body): Body<CreateBody>,
) -> Result<HttpResponse, Problem> {
    let new = body.validate()?;
    commander.give(&services, created, async |command| services.accounts.create(command, new).await).await
}

fn created(user: &User) -> Answer {
    answer(StatusCode::CREATED, user).with_header(&header::LOCATION, format!("/api/v1/users/{}", user.id))
}
