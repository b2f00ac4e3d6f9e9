//! Ids in paths.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use utoipa::openapi::{KnownFormat, ObjectBuilder, SchemaFormat, Type, path::ParameterIn};

use crate::{
    openapi::{Input, Inputs, string_parameter},
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
        let unknown = || Problem::new(ProblemCode::NotFound, format!("there is no such {}", T::UNKNOWN));
        ready(id.map(Self).ok_or_else(unknown))
    }
}

impl<T: PathId> Input for Id<T> {
    fn describe(inputs: &mut Inputs) {
        let uuid =
            ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)));
        let description = format!("The {}'s id.", T::NOUN);
        let parameter = string_parameter(T::PARAMETER, ParameterIn::Path, &description).schema(Some(uuid));
        inputs.parameters.push(parameter.build());
        inputs.problems.push(ProblemCode::NotFound);
    }
}
