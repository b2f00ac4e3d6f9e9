//! `GET /search`: incidents by words, the best first.

use actix_web::{HttpResponse, web::Data};
use incident_application::{Found, Highlight};
use incident_domain::{FoundIn, Fragment, PageSize, SEARCH_HITS_MAX};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    incidents::{body::IncidentBody, conditions::words},
    names,
    problem::{Problem, ProblemBody, SignedInProblems, Validation},
    request::{Parameters, SignedIn},
    services::Services,
};

/// What to look for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchQuery {
    /// Words, all of which must be there; a `*` at the end of one stands for any end. Case and accents do not count.
    #[param(value_type = String, required = true, min_length = 1, max_length = 200, example = "checkout 50*")]
    q: Option<String>,
    /// The page, from 1. A search leads to 1,000 incidents at the most.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000)]
    page: Option<String>,
    /// How many to a page, from 1 to 200; 50 if not given.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    page_size: Option<String>,
}

/// What was found.
#[derive(Serialize, ToSchema)]
#[schema(as = SearchResults)]
pub(crate) struct ResultsBody {
    /// The incidents, the best first: those with all words in the title, then in title and description together, then
    /// in one comment; among equals the newest.
    items: Vec<ResultBody>,
    /// Which page this is, from 1.
    page: u32,
    /// How many a page has at the most.
    page_size: u32,
    /// Whether there are others after these.
    has_more: bool,
}

/// An incident that was found.
#[derive(Serialize, ToSchema)]
#[schema(as = SearchResult)]
pub(crate) struct ResultBody {
    incident: IncidentBody,
    /// The best place that has all the words.
    #[schema(value_type = names::FoundInName)]
    found_in: &'static str,
    /// The texts that have some of the words, around the first of them.
    highlights: Vec<HighlightBody>,
}

/// A text in which words were found.
#[derive(Serialize, ToSchema)]
#[schema(as = Highlight)]
pub(crate) struct HighlightBody {
    #[schema(value_type = names::FoundInName)]
    field: &'static str,
    /// The text in parts, as it is written: nothing in it is markup.
    fragments: Vec<FragmentBody>,
}

/// A part of a text.
#[derive(Serialize, ToSchema)]
#[schema(as = Fragment)]
pub(crate) struct FragmentBody {
    text: String,
    /// Whether it is one of the words that were looked for.
    is_match: bool,
}

impl From<Found> for ResultBody {
    fn from(found: Found) -> Self {
        Self {
            incident: IncidentBody::from(found.incident),
            found_in: found.found_in.as_str(),
            highlights: found.highlights.into_iter().map(HighlightBody::from).collect(),
        }
    }
}

impl From<Highlight> for HighlightBody {
    fn from(highlight: Highlight) -> Self {
        let fragment = |Fragment { text, is_match }| FragmentBody { text, is_match };
        Self {
            field: FoundIn::as_str(highlight.field),
            fragments: highlight.fragments.into_iter().map(fragment).collect(),
        }
    }
}

/// Find incidents by the words of their titles, descriptions and comments, the best first.
#[utoipa::path(
    get,
    path = "/api/v1/search",
    tag = "incidents",
    operation_id = "search_incidents",
    security(("bearer" = [])),
    params(SearchQuery),
    responses(
        (status = 200, description = "A page of what was found.", body = ResultsBody),
        (status = 422, description = "Some parameters do not fit.", body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    SignedIn(caller): SignedIn,
    Parameters(query): Parameters<SearchQuery>,
) -> Result<HttpResponse, Problem> {
    let mut check = Validation::new();
    // Without words there is none to look for, as the domain says.
    let text = words(&mut check, Some(query.q.as_deref().unwrap_or_default()));
    let size =
        query.page_size.as_deref().map_or(Ok(PageSize::DEFAULT), |text| PageSize::parse(text.parse().unwrap_or(0)));
    let size = check.take("?page_size", size);
    let page = query.page.as_deref().map_or(Ok(1), str::parse::<u32>);
    let page = page.ok().filter(|page| (1..=SEARCH_HITS_MAX).contains(page));
    if page.is_none() {
        check.refuse("?page", "out_of_range", &format!("must be between 1 and {SEARCH_HITS_MAX}"));
    }
    let (text, page, size) = check.finish(|| Some((text?, page?, size?)))?;
    let found = services.incidents.search(&caller, &text, page, size).await?;
    let items = found.items.into_iter().map(ResultBody::from).collect();
    let body = ResultsBody { items, page, page_size: size.get(), has_more: found.has_more };
    Ok(HttpResponse::Ok().json(body))
}
