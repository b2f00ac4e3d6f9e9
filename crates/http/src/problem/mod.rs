//! Problems: error responses in the format of RFC 9457.

mod body;
mod codes;
mod examples;
mod from_application;
mod validation;

pub(crate) use body::{PROBLEM_JSON, Problem, ProblemBody, ProblemItem, SEE_LOG};
pub(crate) use codes::ProblemCode;
pub(crate) use examples::problem_examples;
pub(crate) use validation::{Invalid, Validate, Validation};
