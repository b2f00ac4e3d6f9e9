//! What handlers contribute to the OpenAPI document: the schemas of their bodies and the inputs that they read.

mod components;
mod inputs;

pub(crate) use components::{Components, Content, JSON, array_content, content, json_content, text_content};
pub(crate) use inputs::{Input, Inputs, text_parameter};
