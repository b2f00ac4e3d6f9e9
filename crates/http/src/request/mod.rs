//! What handlers read from requests, checked before a handler runs.

mod authentication;
mod body;
mod body_wait;
mod command_context;
mod concurrency;
mod conditions;
mod idempotency;
mod json;
mod parameters;
mod patch_field;
mod path_id;
mod request_id;
mod values;

pub(crate) use authentication::{ClientDevice, QueryContext, authenticate, bearer_token};
pub(crate) use body::{BYTE_ORDER_MARK, Body, BodyFailure, PatchBody, SecretText};
pub(crate) use body_wait::BodyWait;
pub(crate) use command_context::CommandContext;
pub(crate) use concurrency::{ConcurrencyLimit, Permit};
pub(crate) use conditions::{IfMatch, IfNoneMatch};
pub(crate) use idempotency::{answer_once, idempotency_key_parameter};
pub(crate) use json::escaped;
pub(crate) use parameters::{
    PageParameters, ParameterSet, Parameters, RawParameters, page_number, page_size, refuse_parameters,
};
pub(crate) use patch_field::PatchField;
pub(crate) use path_id::Id;
pub(crate) use request_id::{RequestId, X_REQUEST_ID};
pub(crate) use values::{flag, names, time, time_range, user};
