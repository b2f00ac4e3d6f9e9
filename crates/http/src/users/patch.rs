//! `PATCH /users/{id}`: change a user.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use incident_application::UserChange;
use incident_domain::{Email, Password, Patch, PersonName, Role};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::{UserBody, answer};
use crate::{
    names,
    problem::{BodyProblems, LookUpProblems, Problem, ProblemBody, ProblemCode, SignedInProblems, Validation},
    request::{Body, Commander, SecretText, UserPath, if_match, patch, present, present_as},
    services::Services,
};

/// What is to change about a user: an absent field stays, a value sets.
#[derive(Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PatchUser, min_properties = 1)]
pub(crate) struct PatchBody {
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = String, required = false, format = "email", max_length = 254)]
    email: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 128)]
    name: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = names::RoleName, required = false)]
    role: Patch<String>,
    /// An inactive user can do nothing, and all their sessions end.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = bool, required = false)]
    is_active: Patch<bool>,
    /// 12 to 72 bytes of UTF-8 that nobody guesses. All their sessions end.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = String, required = false, format = "password", min_length = 3, max_length = 72)]
    password: Patch<SecretText>,
}

impl PatchBody {
    fn validate(self) -> Result<UserChange, Problem> {
        if self == Self::default() {
            return Err(Problem::new(ProblemCode::EmptyPatch, "name at least one field to change"));
        }
        let mut check = Validation::new();
        let email = present_as(&mut check, "/email", self.email, Email::parse);
        let name = present_as(&mut check, "/name", self.name, PersonName::parse);
        let role = present_as(&mut check, "/role", self.role, |name| name.parse::<Role>());
        let is_active = present(&mut check, "/is_active", self.is_active);
        let password = self.password.map(SecretText::into_exposed);
        let password = present_as(&mut check, "/password", password, Password::parse);
        check.finish(|| Some(UserChange { email, name, role, is_active, password }))
    }
}

/// Change a user, as an administrator. Your own role, activity and password are for others to change.
#[utoipa::path(
    patch,
    path = "/api/v1/users/{id}",
    tag = "users",
    operation_id = "patch_user",
    security(("bearer" = [])),
    params(
        ("id" = uuid::Uuid, Path, description = "The user's id."),
        ("If-Match" = Option<String>, Header, description = "Change them only if this is still their entity tag."),
    ),
    request_body = PatchBody,
    responses(
        (status = 200, description = "The user as they are now.", body = UserBody, headers(
            ("ETag" = String, description = "Their version, for `If-Match`."),
        )),
        (status = 409, description = "Another user has this email.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "They have changed since you read them.",
            body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
        LookUpProblems,
        BodyProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    request: HttpRequest,
    commander: Commander,
    UserPath(user): UserPath,
    Body(body): Body<PatchBody>,
) -> Result<HttpResponse, Problem> {
    let (change, precondition) = (body.validate()?, if_match(&request)?);
    commander
        .give(
            &services,
            |user| answer(StatusCode::OK, user),
            async |command| services.accounts.update(command, user, change, &precondition).await,
        )
        .await
}
