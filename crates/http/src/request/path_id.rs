//! Ids in paths.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde_json::json;

use crate::{
    openapi::{Input, Inputs, text_parameter},
    problem::{Problem, ProblemCode},
    response::PathId,
};

/// The id that the path names. A malformed one names nothing, which is 404 like an id that does not exist.
pub(crate) struct Id<T>(pub(crate) T);

impl<T: PathId> FromRequest for Id<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let id = request.match_info().query(T::PARAMETER).parse().ok();
        let unknown = || Problem::new(ProblemCode::NotFound, format!("there is no such {}", T::KIND));
        ready(id.map(Self).ok_or_else(unknown))
    }
}

impl<T: PathId> Input for Id<T> {
    fn describe(inputs: &mut Inputs) {
        let description = format!("The {}'s id.", T::KIND);
        inputs.parameters.push(text_parameter(T::PARAMETER, "path", &description, json!({ "format": "uuid" })));
        inputs.problems.push(ProblemCode::NotFound);
    }
}
