//! `GET /users`: users in pages.

use std::sync::LazyLock;

use actix_web::{HttpResponse, web::Data};
use incident_domain::{Label, ListCursor, PageRequest, User, UserFilter, UserSort};
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::UserBody;
use crate::{
    list::{Fields, ListBody, Members, members_of},
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
    /// The members to show of each user, besides their id.
    #[param(example = "name,email")]
    fields: Option<String>,
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

/// What is asked for, checked.
struct Asked {
    filter: UserFilter,
    sort: UserSort,
    page: PageRequest<ListCursor>,
    fields: Option<Fields>,
}

static MEMBERS: Members = LazyLock::new(members_of::<UserBody>);

impl ListQuery {
    fn validate(&self) -> Result<Asked, Problem> {
        let mut check = Validation::new();
        let roles = names(&mut check, "?role", self.role.as_deref());
        let is_active = flag(&mut check, "?is_active", self.is_active.as_deref());
        let email_contains = check.take_some("?q", self.q.clone(), Label::parse).map(String::from);
        let (sort, page, size) = (self.sort.as_deref(), self.page.as_deref(), self.page_size.as_deref());
        let asked = sorted_page_request(sort, page, size, self.cursor.as_deref(), &mut check);
        let fields = Fields::parse(self.fields.as_deref(), &MEMBERS, &mut check);
        check.finish(|| {
            let (sort, page) = asked?;
            Some(Asked { filter: UserFilter { roles: roles?, is_active, email_contains }, sort, page, fields })
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
        (status = 200, description = "A page of users; with `fields`, of parts of them.", body = ListBody<UserBody>),
        (status = 422, description = "Some parameters do not fit.", body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    SignedIn(caller): SignedIn,
    Parameters(query): Parameters<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let Asked { filter, sort, page: wanted, fields } = query.validate()?;
    let page = services.accounts.list(&caller, &filter, sort, wanted.clone()).await?;
    let place = |user: &User| sort.cursor_of(user, user.id.as_uuid()).to_string();
    let shown = |user| Fields::of(fields.as_ref(), UserBody::from(user));
    Ok(HttpResponse::Ok().json(ListBody::new(page, &wanted, place, shown)))
}
