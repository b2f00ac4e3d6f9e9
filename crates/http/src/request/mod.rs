//! What requests carry, read and checked before a handler sees it.

mod body;
mod caller;
mod conditions;
mod id;
mod object;
mod parameters;
mod patch;
mod path;

pub(crate) use body::{BODY_BYTES_MAX, Body};
pub(crate) use caller::{SignedIn, client_ip};
pub(crate) use conditions::{etag, if_match, is_not_modified};
pub(crate) use id::{RequestId, X_REQUEST_ID};
pub(crate) use object::Object;
pub(crate) use parameters::{Parameters, page_request};
pub(crate) use patch::patch;
pub(crate) use path::{IncidentPath, incident_ref};
