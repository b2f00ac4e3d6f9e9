//! `GET /search`: full-text search of incidents.

use actix_web::HttpResponse;
use incident_application::incidents::{Found, Highlight};
use incident_domain::incidents::{Fragment, SEARCH_HITS_MAX};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{body::IncidentBody, conditions::words, names::FoundInName};
use crate::{
    operation::{Access, Routes, get},
    problem::Validation,
    request::{Parameters, QueryContext, page_number, page_size},
    response::Response,
    shown::body_of,
};

/// The words to search for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SearchQuery {
    /// Words to find; a trailing `*` matches any ending. Case and accents do not matter. A text must contain all of up to
    /// 10 different words; of more, 6 of the 10 longest.
    #[param(value_type = String, required = true, min_length = 1, max_length = 2000, example = "checkout 50*")]
    q: Option<String>,
    /// The page, from 1. A search finds at most 1,000 incidents.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000)]
    page: Option<String>,
    /// The number of items of a page, from 1 to 200; the default is 50.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    page_size: Option<String>,
}

/// A page of search results.
#[derive(Serialize, ToSchema)]
#[schema(as = SearchResults)]
struct ResultsBody {
    /// The incidents by relevance: those with the words in the title, then in title and description together, then in
    /// one comment; equal ones by age, the newest first.
    items: Vec<ResultBody>,
    /// The number of this page, from 1.
    page: u32,
    /// The maximum number of items of a page.
    page_size: u32,
    /// Whether there are items after these.
    has_more: bool,
}

body_of! {
    /// An incident that was found.
    #[schema(as = SearchResult)]
    struct ResultBody from found: Found {
        incident: IncidentBody = found.incident.into(),
        /// The most relevant text that contains the words.
        found_in: FoundInName,
        /// Extracts of the texts that contain some of the words.
        highlights: Vec<HighlightBody>,
    }
}

body_of! {
    /// A text in which words were found.
    #[schema(as = Highlight)]
    struct HighlightBody from highlight: Highlight {
        field: FoundInName,
        /// The text in parts. It contains no markup.
        fragments: Vec<FragmentBody>,
    }
}

body_of! {
    /// A part of a text.
    #[schema(as = Fragment)]
    struct FragmentBody from fragment: Fragment {
        text: String,
        /// Whether it is one of the words.
        is_match: bool,
    }
}

pub(super) fn routes() -> Routes {
    Routes::tagged("incidents").operations([get("/api/v1/search", Access::VIEWER, search)
        .documented("search_incidents", "Search titles, descriptions and comments of incidents by relevance.")
        .returns::<ResultsBody>("A page of search results.")])
}

async fn search(context: QueryContext, Parameters((query,)): Parameters<(SearchQuery,)>) -> Response {
    let mut validation = Validation::default();
    // The domain refuses an absent `q` as it does an empty one.
    let text = words(&mut validation, Some(query.q.as_deref().unwrap_or_default()));
    let size = page_size(&mut validation, "?page_size", query.page_size.as_deref());
    let page = page_number(&mut validation, query.page.as_deref().unwrap_or("1"), SEARCH_HITS_MAX);
    let ((text, size), page) = validation.finish(text.zip(size).zip(page))?;
    let found = context.state.incidents.search(&context.caller, &text, page, size).await?;
    let items = found.items.into_iter().map(ResultBody::from).collect();
    let body = ResultsBody { items, page, page_size: size.get(), has_more: found.has_more };
    Ok(HttpResponse::Ok().json(body))
}
