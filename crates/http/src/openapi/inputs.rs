//! What a handler reads from a request, derived from the types of its arguments.

use actix_web::{HttpRequest, web::Data};
use serde_json::{Value, json};

use super::components::Content;
use crate::problem::ProblemCode;

/// A type that handlers take as an argument, which can describe what it reads and how it fails.
pub(crate) trait Input {
    fn describe(_inputs: &mut Inputs) {}
}

/// What a handler reads from a request, and the problems that reading it can cause.
#[derive(Default)]
pub(crate) struct Inputs {
    pub(crate) parameters: Vec<Value>,
    pub(crate) body: Option<Content>,
    pub(crate) problems: Vec<ProblemCode>,
}

/// Documents a parameter in `path` or `header` that is a text with these constraints.
pub(crate) fn text_parameter(name: &str, place: &str, description: &str, mut constraints: Value) -> Value {
    constraints["type"] = json!("string");
    json!({ "name": name, "in": place, "required": place == "path", "description": description, "schema": constraints })
}

impl<T> Input for Data<T> {}

impl Input for HttpRequest {}

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
