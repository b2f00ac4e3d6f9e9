//! What handlers contribute to the OpenAPI document: the schemas of their bodies and the inputs that they read.

mod inputs;
mod schemas;

pub(crate) use inputs::{Input, Inputs, string_parameter};
pub(crate) use schemas::{BodySchema, Schemas};
