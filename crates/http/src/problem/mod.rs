//! What goes wrong, as RFC 9457 tells it.

mod body;
mod codes;
mod from_application;
mod responses;
mod validation;

pub(crate) use body::{PROBLEM_JSON, Problem, ProblemBody, ProblemItem};
pub(crate) use codes::ProblemCode;
pub(crate) use responses::{BodyProblems, CommandProblems, LookUpProblems, SignedInProblems, SigningInProblems};
pub(crate) use validation::{Invalid, Validation};
