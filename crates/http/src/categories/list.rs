//! `GET /categories`: all categories in pages, by name.

use actix_web::{HttpResponse, web::Data};
use incident_domain::{Category, ListCursor, SortPosition};

use super::body::CategoryBody;
use crate::{
    list::ListBody,
    problem::{Problem, ProblemBody, SignedInProblems},
    request::{PageParameters, Parameters, SignedIn},
    services::Services,
};

/// List all categories by name.
#[utoipa::path(
    get,
    path = "/api/v1/categories",
    tag = "categories",
    operation_id = "list_categories",
    security(("bearer" = [])),
    params(PageParameters),
    responses(
        (status = 200, description = "A page of categories.", body = ListBody<CategoryBody>),
        (status = 422, description = "Some parameters do not fit.", body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    SignedIn(caller): SignedIn,
    Parameters(query): Parameters<PageParameters>,
) -> Result<HttpResponse, Problem> {
    let by_name = |cursor: &ListCursor| matches!(cursor.position, SortPosition::Text(_));
    let asked = query.page_request_of(|text| text.parse().ok().filter(by_name))?;
    let page = services.categories.list(&caller, asked.clone()).await?;
    let place = |category: &Category| {
        let position = SortPosition::Text(category.name.key().to_owned());
        ListCursor { position, id: category.id.as_uuid() }.to_string()
    };
    Ok(HttpResponse::Ok().json(ListBody::new(page, &asked, place, CategoryBody::from)))
}
