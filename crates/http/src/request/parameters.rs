//! Query parameters.

use std::{
    future::{Ready, ready},
    mem,
    str::FromStr,
};

use actix_web::{
    Error, FromRequest, HttpRequest,
    body::MessageBody,
    dev::{Payload, ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Query,
};
use incident_domain::kernel::{ListCursor, PageRequest, PageSize, Sort, SortKey, UnknownName};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, Visitor},
    forward_to_deserialize_any,
};
use serde_json::json;
use utoipa::IntoParams;

use super::json::{Json, Mismatch};
use crate::{
    openapi::{Input, Inputs},
    problem::{Problem, ProblemCode, Validation},
};

/// The highest page number. Cursors reach further, at the same cost for any depth.
const PAGE_MAX: u32 = 100_000;

/// The parameter that may be given several times, which is the same as its values separated by commas.
const REPEATABLE: &str = "label";

/// The query parameters of a request, each given once, before they are read into a type.
pub(crate) struct RawParameters(pub(crate) Vec<(String, String)>);

/// One or several structs that share the query parameters of a request.
pub(crate) trait ParameterSet: Sized {
    /// Takes the parameters of this set and leaves the others.
    fn take(rest: &mut Vec<(String, Json)>) -> Result<Self, Mismatch>;

    fn describe(inputs: &mut Inputs);
}

/// The query parameters in this shape; unknown ones are refused.
pub(crate) struct Parameters<T>(pub(crate) T);

impl RawParameters {
    /// The value of a parameter.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// Reads all parameters into a set; unknown ones are refused.
    pub(crate) fn read<T: ParameterSet>(self) -> Result<T, Problem> {
        let mut rest = self.0.into_iter().map(|(name, value)| (name, Json::String(value))).collect();
        let set = T::take(&mut rest).map_err(|Mismatch { code, detail }| Problem::invalid_value("?", code, &detail))?;
        match rest.first() {
            Some((name, _)) => {
                let detail = format!("there is no parameter `{name}`");
                Err(Problem::invalid_value(&format!("?{name}"), "unknown_parameter", &detail))
            }
            None => Ok(set),
        }
    }
}

impl FromRequest for RawParameters {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(raw(request.query_string()).map(Self))
    }
}

fn raw(query: &str) -> Result<Vec<(String, String)>, Problem> {
    let malformed = |_| Problem::new(ProblemCode::BadRequest, "the query cannot be read");
    let given = Query::<Vec<(String, String)>>::from_query(query).map_err(malformed)?.into_inner();
    let mut pairs: Vec<(String, String)> = Vec::with_capacity(given.len());
    for (name, value) in given {
        match pairs.iter_mut().find(|(before, _)| *before == name) {
            None => pairs.push((name, value)),
            Some((_, values)) if name == REPEATABLE => {
                values.push(',');
                values.push_str(&value);
            }
            Some(_) => {
                let pointer = format!("?{name}");
                return Err(Problem::invalid_value(&pointer, "invalid_value", "is given more than once"));
            }
        }
    }
    Ok(pairs)
}

impl<T: ParameterSet> FromRequest for Parameters<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(raw(request.query_string()).and_then(|pairs| RawParameters(pairs).read()).map(Self))
    }
}

impl<T: ParameterSet> Input for Parameters<T> {
    fn describe(inputs: &mut Inputs) {
        T::describe(inputs);
        inputs.problems.push(ProblemCode::ValidationFailed);
    }
}

/// For operations without parameters: refuses all.
pub(crate) async fn refuse_parameters(
    given: RawParameters,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let () = given.read()?;
    next.call(request).await
}

/// Reads one struct of a set, and leaves the parameters that it does not declare.
struct Declared<'a>(&'a mut Vec<(String, Json)>);

impl<'de> Deserializer<'de> for Declared<'_> {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Mismatch> {
        Err(Mismatch::custom("parameters are read into structs"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        let is_declared = |(name, _): &(String, Json)| fields.contains(&name.as_str());
        let (declared, rest) = mem::take(self.0).into_iter().partition(is_declared);
        *self.0 = rest;
        Json::Object(declared).deserialize_struct(name, fields, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

impl ParameterSet for () {
    fn take(_rest: &mut Vec<(String, Json)>) -> Result<Self, Mismatch> {
        Ok(())
    }

    fn describe(_inputs: &mut Inputs) {}
}

macro_rules! parameter_sets {
    ($(($($part:ident),+);)+) => {
        $(
            impl<$($part: DeserializeOwned + IntoParams),+> ParameterSet for ($($part,)+) {
                fn take(rest: &mut Vec<(String, Json)>) -> Result<Self, Mismatch> {
                    Ok(($($part::deserialize(Declared(rest))?,)+))
                }

                fn describe(inputs: &mut Inputs) {
                    $(inputs.parameters.extend($part::into_params(|| None).iter().map(|parameter| json!(parameter)));)+
                }
            }
        )+
    };
}

parameter_sets! {
    (A);
    (A, B);
    (A, B, C);
}

/// Which page of a list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageParameters {
    /// The page, from 1; the answer counts all items.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100_000)]
    page: Option<String>,
    /// The number of items of a page, from 1 to 200; the default is 50.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    page_size: Option<String>,
    /// Instead of `page`: the `next_cursor` of the previous answer, or empty to start. The items are not counted, and
    /// the cost is the same at any depth.
    cursor: Option<String>,
}

impl PageParameters {
    /// The requested page of a list with cursors that are ids or numbers.
    pub(crate) fn request<C: FromStr>(&self) -> Result<PageRequest<C>, Problem> {
        let mut validation = Validation::default();
        let request = self.parse(&mut validation, |text| text.parse().ok());
        validation.finish(request)
    }

    /// The requested page of a list with a choice of orders. A cursor is valid for the order that it comes from only.
    pub(crate) fn sorted<K>(
        &self,
        sort: Option<&str>,
        validation: &mut Validation,
    ) -> Option<(Sort<K>, PageRequest<ListCursor>)>
    where
        K: SortKey + FromStr<Err = UnknownName>,
        Sort<K>: Default,
    {
        let sort = validation.check("?sort", sort.map_or_else(|| Ok(Sort::default()), str::parse));
        let is_of_this_order = |cursor: &ListCursor| sort.as_ref().is_none_or(|sort| sort.has(cursor));
        let request = self.parse(validation, |text| text.parse().ok().filter(is_of_this_order));
        sort.zip(request)
    }

    /// The requested page, with a parser of the list's cursors.
    pub(crate) fn parse<C>(
        &self,
        validation: &mut Validation,
        parse_cursor: impl FnOnce(&str) -> Option<C>,
    ) -> Option<PageRequest<C>> {
        let size = page_size(validation, "?page_size", self.page_size.as_deref())?;
        match (self.page.as_deref(), self.cursor.as_deref()) {
            (Some(_), Some(_)) => {
                validation.reject("?cursor", "does_not_fit", "give either page or cursor");
                None
            }
            (None, None) => Some(PageRequest::Numbered { page: 1, size }),
            (Some(text), None) => {
                let page = page_number(validation, text, PAGE_MAX)?;
                Some(PageRequest::Numbered { page, size })
            }
            (None, Some("")) => Some(PageRequest::After { cursor: None, size }),
            (None, Some(text)) => {
                let cursor = parse_cursor(text);
                if cursor.is_none() {
                    let detail = "must be the next_cursor of an earlier page, or empty";
                    validation.reject("?cursor", "invalid_value", detail);
                }
                cursor.map(|cursor| PageRequest::After { cursor: Some(cursor), size })
            }
        }
    }
}

/// A number of items.
pub(crate) fn page_size(validation: &mut Validation, pointer: &str, text: Option<&str>) -> Option<PageSize> {
    let size = text.map_or(Ok(PageSize::DEFAULT), |text| PageSize::parse(text.parse().unwrap_or(0)));
    validation.check(pointer, size)
}

/// A page number from 1 to a maximum.
pub(crate) fn page_number(validation: &mut Validation, text: &str, max: u32) -> Option<u32> {
    let page = text.parse().ok().filter(|page| (1..=max).contains(page));
    if page.is_none() {
        validation.reject("?page", "out_of_range", format!("must be between 1 and {max}"));
    }
    page
}
