//! Query parameters.

use std::{
    future::{Ready, ready},
    str::FromStr,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use incident_domain::{ListCursor, PageRequest, PageSize, Sort, SortKey, UnknownName};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::IntoParams;

use crate::problem::{Problem, ProblemItem, Validation};

/// The query parameters, in this shape; unknown ones are refused.
pub(crate) struct Parameters<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest for Parameters<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let parsed = web::Query::<T>::from_query(request.query_string());
        ready(parsed.map(|query| Self(query.into_inner())).map_err(|error| {
            let detail = match &error {
                actix_web::error::QueryPayloadError::Deserialize(error) => error.to_string(),
                other => other.to_string(),
            };
            let name = detail.split('`').nth(1).unwrap_or_default();
            let unknown = detail.starts_with("unknown field");
            let code = if unknown { "unknown_parameter" } else { "invalid_value" };
            Problem::invalid(vec![ProblemItem { pointer: format!("?{name}"), code: code.to_owned(), detail }])
        }))
    }
}

/// Which page of a list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageParameters {
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

impl PageParameters {
    /// The page that is asked for.
    pub(crate) fn page_request<C: FromStr>(&self) -> Result<PageRequest<C>, Problem> {
        self.page_request_of(|text| text.parse().ok())
    }

    /// The same, where not every cursor is one of the list.
    pub(crate) fn page_request_of<C>(
        &self,
        parse_cursor: impl FnOnce(&str) -> Option<C>,
    ) -> Result<PageRequest<C>, Problem> {
        let (page, size, cursor) = (self.page.as_deref(), self.page_size.as_deref(), self.cursor.as_deref());
        let mut check = Validation::new();
        let asked = page_request(page, size, cursor, parse_cursor, &mut check);
        check.finish(|| asked)
    }
}

/// Which page `page`, `page_size` and `cursor` ask for.
pub(crate) fn page_request<C>(
    page: Option<&str>,
    page_size: Option<&str>,
    cursor: Option<&str>,
    parse_cursor: impl FnOnce(&str) -> Option<C>,
    check: &mut Validation,
) -> Option<PageRequest<C>> {
    let size = match page_size {
        None => PageSize::DEFAULT,
        Some(text) => check.take("?page_size", PageSize::parse(text.parse().unwrap_or(0)))?,
    };
    let number = |text: &str| text.parse::<u32>().ok().filter(|page| (1..=PAGE_MAX).contains(page));
    match (page, cursor) {
        (Some(_), Some(_)) => {
            check.refuse("?cursor", "does_not_fit", "give either page or cursor");
            None
        }
        (None, None) => Some(PageRequest::Numbered { page: 1, size }),
        (Some(text), None) => {
            let page = number(text);
            if page.is_none() {
                check.refuse("?page", "out_of_range", &format!("must be between 1 and {PAGE_MAX}"));
            }
            page.map(|page| PageRequest::Numbered { page, size })
        }
        (None, Some("")) => Some(PageRequest::After { cursor: None, size }),
        (None, Some(text)) => {
            let cursor = parse_cursor(text);
            if cursor.is_none() {
                check.refuse("?cursor", "invalid_value", "must be the next_cursor of an earlier page, or empty");
            }
            cursor.map(|cursor| PageRequest::After { cursor: Some(cursor), size })
        }
    }
}

/// Which page of which order `sort`, `page`, `page_size` and `cursor` ask for; a cursor is good for the order that it
/// comes from only.
pub(crate) fn sorted_page_request<K>(
    sort: Option<&str>,
    page: Option<&str>,
    page_size: Option<&str>,
    cursor: Option<&str>,
    check: &mut Validation,
) -> Option<(Sort<K>, PageRequest<ListCursor>)>
where
    K: SortKey + FromStr<Err = UnknownName>,
    Sort<K>: Default,
{
    let sort = check.take("?sort", sort.map_or_else(|| Ok(Sort::default()), str::parse));
    let of_this_order = |cursor: &ListCursor| sort.as_ref().is_none_or(|sort| sort.has(cursor));
    let page = page_request(page, page_size, cursor, |text| text.parse().ok().filter(of_this_order), check);
    sort.zip(page)
}

/// The highest page number; who wants to go deeper takes cursors, which cost the same at any depth.
const PAGE_MAX: u32 = 100_000;
