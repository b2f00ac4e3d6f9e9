//! What requests carry, read and checked before a handler sees it.

mod body;
mod body_wait;
mod caller;
mod commander;
mod conditions;
mod id;
mod idempotency;
mod object;
mod parameters;
mod patch;
mod path;
mod place;
mod secret;
mod values;

pub(crate) use body::{BODY_BYTES_MAX, Body};
pub(crate) use body_wait::BodyWait;
pub(crate) use caller::{SignedIn, bearer_token, device, recognise};
pub(crate) use commander::Commander;
pub(crate) use conditions::{etag, etag_with, if_match, if_match_first, is_not_modified};
pub(crate) use id::{RequestId, X_REQUEST_ID};
pub(crate) use idempotency::answer_once;
pub(crate) use object::Object;
pub(crate) use parameters::{PageParameters, Parameters, page_request, sorted_page_request};
pub(crate) use patch::{nullable_as, patch, present, present_as};
pub(crate) use path::{
    ApiTokenPath, CategoryPath, IncidentPath, SavedViewPath, SessionPath, TaskPath, UserPath, incident_ref,
};
pub(crate) use place::{Place, Places};
pub(crate) use secret::SecretText;
pub(crate) use values::{flag, names, time, time_range, user};
