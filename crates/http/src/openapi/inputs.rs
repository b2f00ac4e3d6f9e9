//! What a handler reads from a request, derived from the types of its arguments.

use actix_web::{HttpRequest, web::Data};
use utoipa::openapi::{
    ObjectBuilder, Required, Type,
    path::{Parameter, ParameterBuilder, ParameterIn},
};

use super::schemas::BodySchema;
use crate::problem::ProblemCode;

/// A type that handlers take as an argument, which can describe what it reads and how it fails.
pub(crate) trait Input {
    fn describe(inputs: &mut Inputs);
}

/// What a handler reads from a request, and the problems that reading it can cause.
#[derive(Default)]
pub(crate) struct Inputs {
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<BodySchema>,
    pub(crate) problems: Vec<ProblemCode>,
}

/// A parameter that is a string of a pattern.
pub(crate) fn string_parameter(name: &str, parameter_in: ParameterIn, description: &str) -> ParameterBuilder {
    let required = if parameter_in == ParameterIn::Path { Required::True } else { Required::False };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(parameter_in)
        .required(required)
        .description(Some(description))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
}

impl<T> Input for Data<T> {
    fn describe(_inputs: &mut Inputs) {}
}

impl Input for HttpRequest {
    fn describe(_inputs: &mut Inputs) {}
}

macro_rules! describe_tuples {
    ($(($($argument:ident),*);)+) => {
        $(
            impl<$($argument: Input),*> Input for ($($argument,)*) {
                fn describe(_inputs: &mut Inputs) {
                    $($argument::describe(_inputs);)*
                }
            }
        )+
    };
}

describe_tuples! {
    ();
    (A);
    (A, B);
    (A, B, C);
    (A, B, C, D);
    (A, B, C, D, E);
    (A, B, C, D, E, F);
}
