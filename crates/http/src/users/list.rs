//! `GET /users`: users in pages.

use actix_web::{HttpResponse, web::Data};
use incident_domain::{Label, ListCursor, PageRequest, User, UserFilter, UserSort};
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::UserBody;
use crate::{
    list::ListBody,
    problem::{Problem, ProblemBody, SignedInProblems, Validation},
    request::{Parameters, SignedIn, flag, names, sorted_page_request},
    services::Services,
};

/// Which users, in which order, and which page of them. Conditions are joined by "and"; several roles, separated by
/// commas, by "or".
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Roles.
    #[param(example = "responder,manager")]
    role: Option<String>,
    #[param(value_type = Option<bool>)]
    is_active: Option<String>,
    /// A part of the email address; upper and lower case are the same.
    #[param(example = "@example.org")]
    q: Option<String>,
    /// `created_at`, `updated_at` or `email`, with a `-` before it for the other way round; `-created_at` if not given.
    #[param(example = "email")]
    sort: Option<String>,
    /// The page, from 1; the answer counts all.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100_000)]
    page: Option<String>,
    /// How many to a page, from 1 to 200; 50 if not given.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    page_size: Option<String>,
    /// Instead of `page`: the `next_cursor` of the last answer, or empty to start. Counts nothing, and
    /// costs the same at any depth.
    cursor: Option<String>,
}

impl ListQuery {
    fn validate(&self) -> Result<(UserFilter, UserSort, PageRequest<ListCursor>), Problem> {
        let mut check = Validation::new();
        let roles = names(&mut check, "?role", self.role.as_deref());
        let is_active = flag(&mut check, "?is_active", self.is_active.as_deref());
        let email_contains = check.take_some("?q", self.q.clone(), Label::parse).map(String::from);
        let (sort, page, size) = (self.sort.as_deref(), self.page.as_deref(), self.page_size.as_deref());
        let asked = sorted_page_request(sort, page, size, self.cursor.as_deref(), &mut check);
        check.finish(|| {
            let (sort, page) = asked?;
            Some((UserFilter { roles: roles?, is_active, email_contains }, sort, page))
        })
    }
}

/// List users, the newest first if you ask for nothing else, as an administrator.
#[utoipa::path(
    get,
    path = "/api/v1/users",
    tag = "users",
    operation_id = "list_users",
    security(("bearer" = [])),
    params(ListQuery),
    responses(
        (status = 200, description = "A page of users.", body = ListBody<UserBody>),
        (status = 422, description = "Some parameters do not fit.", body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    SignedIn(caller): SignedIn,
    Parameters(query): Parameters<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let (filter, sort, asked) = query.validate()?;
    let page = services.accounts.list(&caller, &filter, sort, asked.clone()).await?;
    let place = |user: &User| sort.cursor_of(user, user.id.as_uuid()).to_string();
    Ok(HttpResponse::Ok().json(ListBody::new(page, &asked, place, UserBody::from)))
}
